//! Cold: the events in what has been filtered, for who asks something of them.

use super::envelope::{Content, DOTTED};
use super::slots::Slots;
use super::view::View;
use super::{is_event, view};
use crate::event::fields::STAMP;
use crate::json::members::Members;
use crate::json::{skip, skip_space};
use crate::list;
use crate::memory::append;
use alloc::vec::Vec;

/// Finds the events that answers hold, in buffers that are reused.
///
/// An answer is an event itself, or an envelope that stays one: an entry of Cloud Logging, a diagnostic record of AKS, a
/// subscription of CloudWatch, what a pipeline has nested. Each event in one is given as the audit event that it stands for, with the
/// answer's stamp as its last member. `docs/shapes.md` has the envelopes.
///
/// ```
/// let entry = br#"{"protoPayload":{"serviceName":"k8s.io","methodName":"io.k8s.core.v1.pods.exec.create",
///     "resourceName":"core/v1/namespaces/shop/pods/web/exec","status":{"code":7}}}"#;
/// let mut found = Vec::new();
/// auditveil_core::Events::default().each(entry, &mut |event| found.push(String::from_utf8(event.to_vec()).unwrap()));
/// assert!(found[0].contains(r#""verb":"create","objectRef":{"resource":"pods","namespace":"shop","name":"web""#));
/// ```
#[derive(Debug, Default)]
pub struct Events {
    slots: Slots,
    view: View,
    stamped: Vec<u8>,
}

impl Events {
    /// With empty buffers.
    pub(crate) const fn new() -> Self {
        Events { slots: Slots::new(), view: View::new(), stamped: Vec::new() }
    }

    /// Calls `found` with each event of an answer, or with the answer if it holds none.
    pub fn each(&mut self, answer: &[u8], found: &mut dyn FnMut(&[u8])) {
        if is_event(answer) || !self.slots.find(answer) {
            return found(answer);
        }
        let stamp = Members::new(answer, skip_space(answer, 0))
            .find(|member| answer.get(member.name_start..member.name_end) == Some(STAMP))
            .and_then(|member| answer.get(member.value_start..member.value_end));
        let mut none = true;
        for &slot in self.slots.slots.iter().filter(|slot| !slot.envelope.copy) {
            if view(&mut self.view, answer, slot) != Some(true) {
                continue;
            }
            none = false;
            if slot.envelope.content == Content::Gke {
                add_to_gke(&mut self.view.text, answer.get(slot.start..slot.end).unwrap_or_default());
            }
            match list::items(&self.view.text) {
                Some(items) => {
                    items.for_each(|item| stamped(item, stamp, &mut self.stamped, found));
                }
                None => stamped(&self.view.text, stamp, &mut self.stamped, found),
            }
        }
        if none {
            found(answer);
        }
    }

    /// Whether a member of the answer that [`each`](Self::each) was asked about last is where its events may stand.
    pub(crate) fn hold(&self, name: &[u8], start: usize, end: usize) -> bool {
        let mut own = self.slots.slots.iter().filter(|slot| !slot.envelope.copy);
        name.starts_with(DOTTED) || own.any(|slot| slot.nesting > 0 && start <= slot.start && slot.end <= end)
    }
}

/// Adds what the filter need not know of an audit log of Google Cloud to the event that was made of it: how a request
/// ended whose status is left out, because it is `OK`, and who it was for if nobody was authenticated.
fn add_to_gke(event: &mut Vec<u8>, payload: &[u8]) {
    let status = only(payload, b"status").unwrap_or_default();
    let authorization = only(payload, b"authorizationInfo").unwrap_or_default();
    let code: &[u8] = match (only(status, b"code"), is_granted(authorization)) {
        (None, Some(true)) => br#","responseStatus":{"code":0}"#,
        (None, Some(false)) => br#","responseStatus":{"code":7}"#,
        _ => b"",
    };
    let authentication = only(payload, b"authenticationInfo").unwrap_or_default();
    let selector = match only(authentication, b"principalEmail") {
        None => only(authentication, b"authoritySelector").filter(|selector| selector.first() == Some(&b'"')),
        Some(_) => None,
    };
    if event.pop_if(|last| *last == b'}').is_none() {
        return;
    }
    let _ = append(event, code)
        && selector.is_none_or(|selector| {
            append(event, br#","user":{"username":"#) && append(event, selector) && append(event, b"}")
        });
    // Without the brace the event would be cut; without memory it is.
    let _ = append(event, b"}");
}

/// Whether every permission that was asked for is granted; `None` if none is told. What is false is left out there.
fn is_granted(authorization: &[u8]) -> Option<bool> {
    let mut granted = None;
    let mut at: usize = 1;
    while let Some(end) = skip::value(authorization, skip_space(authorization, at)) {
        let item = authorization.get(skip_space(authorization, at)..end).unwrap_or_default();
        granted = Some(granted != Some(false) && only(item, b"granted") == Some(b"true"));
        at = skip_space(authorization, end).wrapping_add(1);
    }
    granted
}

/// The value of the only member of an object that has this name.
fn only<'a>(object: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut named =
        Members::new(object, 0).filter(|member| object.get(member.name_start..member.name_end) == Some(name));
    let member = named.next()?;
    if named.next().is_some() {
        return None;
    }
    object.get(member.value_start..member.value_end)
}

/// Gives an event with a stamp behind its members.
fn stamped(event: &[u8], stamp: Option<&[u8]>, buffer: &mut Vec<u8>, found: &mut dyn FnMut(&[u8])) {
    buffer.clear();
    let open = event.trim_ascii_end().strip_suffix(b"}").filter(|open| open.len() > 1);
    let written = stamp.zip(open).is_some_and(|(stamp, open)| {
        append(buffer, open)
            && append(buffer, b",\"auditveil\":")
            && append(buffer, stamp)
            && append(buffer, b"}")
    });
    found(if written { buffer } else { event });
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn events(answer: &str) -> Vec<String> {
        let mut all = Vec::new();
        Events::default().each(answer.as_bytes(), &mut |event| {
            all.push(String::from_utf8(event.to_vec()).unwrap());
        });
        all
    }

    #[test]
    fn events_of_envelopes() {
        let plain = r#"{"auditID":"a","verb":"get","auditveil":{"version":"1"}}"#;
        let other = r#"{"a":1,"auditveil":{"version":"1","shape":"other"}}"#;
        for alone in [plain, other, "{}", "", "[1]"] {
            assert_eq!(events(alone), [alone]);
        }
        let text = r#"{\"auditID\":\"a\",\"verb\":\"get\"}"#;
        let one = alloc::format!(
            r#"{{"category":"kube-audit","properties":{{"log":"{text}"}},"auditveil":{{"version":"1"}}}}"#
        );
        assert_eq!(events(&one), [plain]);
        let two = alloc::format!(
            r#"{{"logEvents":[{{"message":"{text}"}},{{"message":"I1120 started"}},{{"message":"{text}"}}],"auditveil":{{"version":"1"}}}}"#
        );
        assert_eq!(events(&two), [plain, plain]);
        let nested = r#"{"kubernetes":{"audit":{"auditID":"a","verb":"get"}},"auditveil":{"version":"1"}}"#;
        assert_eq!(events(nested), [plain]);
        let gke = |rest: &str| {
            let entry = alloc::format!(
                r#"{{"protoPayload":{{"serviceName":"k8s.io","methodName":"io.k8s.core.v1.pods.get"{rest}}}}}"#
            );
            let event = events(&entry).remove(0);
            String::from(event.split_once(r#""verb":"get""#).unwrap().1)
        };
        assert_eq!(gke(r#","status":{"code":5}"#), r#","responseStatus":{"code":5}}"#);
        assert_eq!(gke(r#","status":{}"#), r#","responseStatus":{}}"#);
        let asked = |items: &str| gke(&alloc::format!(r#","authorizationInfo":[{items}]"#));
        assert_eq!(asked(r#"{"granted":true} , {"granted": true}"#), r#","responseStatus":{"code":0}}"#);
        assert_eq!(asked(r#"{"granted":true},{"permission":"p"}"#), r#","responseStatus":{"code":7}}"#);
        assert_eq!(asked(""), "}");
        assert_eq!(
            gke(
                r#","authenticationInfo":{"authoritySelector":"system:anonymous"},"authorizationInfo":[{"granted":false}]"#
            ),
            r#","responseStatus":{"code":7},"user":{"username":"system:anonymous"}}"#
        );
        let unstamped = r#"{"log_s":"{\"auditID\":\"a\",\"verb\":\"get\"}"}"#;
        assert_eq!(events(unstamped), [r#"{"auditID":"a","verb":"get"}"#]);
    }
}
