//! HOT: the members of an event as every apiserver writes them: in its order, in its spelling, most of them plain
//! texts, the others with values of which a few bytes tell that nothing in them is to be hidden.
//!
//! What is written in any other way is for [`document`](super::document) and the walk, which read everything. They
//! find the same; `tests` compares.

use super::document::Document;
use super::learned::{FIXED, Learned, PLACED};
use super::member::{Fate, Member};
use crate::event::fields::{Field, Finder};
use crate::event::target;
use crate::json::scan;
use crate::memory::push;
use crate::redact::client_text;
use crate::redact::edits::position;
use crate::redact::places::Place;
use crate::redact::reading::Reading;
use crate::redact::walk::Walker;

/// The fields of which a plain text needs no look: whatever the event is about, they stand where any value may.
const PLAIN: u32 = !(PLACED | FIXED)
    & (Field::ApiVersion.bit()
        | Field::AuditId.bit()
        | Field::Kind.bit()
        | Field::Level.bit()
        | Field::RequestReceivedTimestamp.bit()
        | Field::Stage.bit()
        | Field::StageTimestamp.bit()
        | Field::Verb.bit());

/// What every event of `audit.k8s.io/v1` begins with, up to the name behind it.
const OPENING: &[u8; 46] = b"\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",";

/// Its members: where in it the name begins, where the value, and where that ends.
const OPENS: [(Field, [usize; 3]); 2] = [(Field::Kind, [0, 7, 14]), (Field::ApiVersion, [15, 28, 45])];

/// The length of the name of a member with its quotes and its colon, and of the comma before it unless it is the first.
const USER: usize = b"\"user\":".len();
const SOURCE_IPS: usize = b",\"sourceIPs\":".len();
const USER_AGENT: usize = b",\"userAgent\":".len();

/// What was read of a run of plain members.
#[derive(Debug)]
pub(super) struct Run<'a> {
    /// What follows, which is the name of another member if there is any.
    pub(super) rest: &'a [u8],
    /// The fields that were read, each by its bit.
    pub(super) fields: u32,
    /// The field of the member that follows, and the length of its name with quotes and colon, where it is
    /// spelled as usual.
    pub(super) next: Option<(Field, usize)>,
}

/// What follows the plain text that `value` is, if it is one and cannot be JSON.
#[inline(always)]
pub(super) fn behind_text(value: &[u8]) -> Option<&[u8]> {
    let Some((b'"', text)) = value.split_first() else { return None };
    if text.first().is_none_or(|&first| scan::may_be_first_of_json(first)) {
        return None;
    }
    match scan::plain(text).split_first() {
        Some((b'"', behind)) => Some(behind),
        _ => None,
    }
}

/// The plain text that `value` is, without its quotes, and what follows it.
#[inline(always)]
fn text(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let behind = behind_text(value)?;
    let length = value.len().wrapping_sub(behind.len()).wrapping_sub(2);
    Some((value.get(1..)?.get(..length)?, behind))
}

/// What follows `start` in `text`.
#[inline(always)]
fn behind<'a, const N: usize>(text: &'a [u8], start: &[u8; N]) -> Option<&'a [u8]> {
    let (first, behind) = text.split_first_chunk::<N>()?;
    are_equal(first, start).then_some(behind)
}

/// Whether both are the same, compared in words where there are eight bytes: the compiler compares bytes.
#[inline(always)]
fn are_equal<const N: usize>(one: &[u8; N], other: &[u8; N]) -> bool {
    let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    let (Some(our_end), Some(their_end)) = (one.last_chunk(), other.last_chunk()) else {
        return one == other;
    };
    let (ours, _) = one.as_chunks();
    let (theirs, _) = other.as_chunks();
    ours.iter().zip(theirs).all(|(ours, theirs)| word(ours) == word(theirs))
        && word(our_end) == word(their_end)
}

/// What follows a status without a text: `{"metadata":{},"code":200}`.
fn behind_status(value: &[u8]) -> Option<&[u8]> {
    match behind(value, b"{\"metadata\":{},\"code\":")? {
        [b'1'..=b'9', b'0'..=b'9', b'0'..=b'9', b'}', behind @ ..] => Some(behind),
        _ => None,
    }
}

/// What follows the annotations that nearly every event has, and no others: by whom it was decided, and why.
pub(super) fn behind_annotations(value: &[u8]) -> Option<&[u8]> {
    let reason = behind_text(behind(value, b"{\"authorization.k8s.io/decision\":")?)?;
    behind(behind_text(behind(reason, b",\"authorization.k8s.io/reason\":")?)?, b"}")
}

/// What follows an array of plain texts.
fn behind_texts(value: &[u8]) -> Option<&[u8]> {
    let mut text = behind(value, b"[")?;
    loop {
        text = match behind_text(text)?.split_first()? {
            (b',', behind) => behind,
            (b']', behind) => return Some(behind),
            _ => return None,
        };
    }
}

/// The fields whose values are usual or not.
const USUAL: u32 = Field::Annotations.bit()
    | Field::ObjectRef.bit()
    | Field::RequestUri.bit()
    | Field::ResponseStatus.bit()
    | Field::SourceIps.bit()
    | Field::UserAgent.bit();

impl Learned {
    /// What follows the value of a usual field in which nothing is to be hidden, wherever it stands; what it tells
    /// is learned. `None` says nothing.
    #[inline(always)]
    pub(super) fn behind_usual<'a>(&mut self, field: Field, value: &'a [u8]) -> Option<&'a [u8]> {
        match field {
            Field::SourceIps => behind_texts(value),
            Field::UserAgent => {
                let (agent, behind) = text(value)?;
                client_text::is_ordinary(agent).then_some(behind)
            }
            Field::ResponseStatus => behind_status(value),
            Field::Annotations => behind_annotations(value),
            Field::ObjectRef if !self.names_token() => {
                let (target, behind) = target::behind_usual_object_ref(value)?;
                self.tells_object_ref(target);
                Some(behind)
            }
            Field::RequestUri => {
                let (uri, behind) = text(value)?;
                let target = target::of_plain_request_uri(uri)?;
                if !Reading::Uri.is_plain(uri) {
                    return None;
                }
                self.tells_uri(target);
                Some(behind)
            }
            _ => None,
        }
    }
}

impl Document {
    /// Reads the members that `rest`, the end of `bytes`, begins with as long as they are usual and not the last.
    /// `None` if there is no memory.
    #[inline(always)]
    pub(super) fn read_usual<'a>(
        &mut self,
        bytes: &[u8],
        rest: &'a [u8],
        finder: &mut Finder,
        walker: &mut Walker,
    ) -> Option<Run<'a>> {
        let mut run = Run { rest, fields: 0, next: None };
        let nesting = self.nesting();
        if let Some(behind) = behind(rest, OPENING)
            && behind.first() == Some(&b'"')
            && finder.opens()
        {
            let start = bytes.len().wrapping_sub(rest.len());
            for (field, [name, value, end]) in OPENS {
                if !self.push_usual(
                    field,
                    start.wrapping_add(name),
                    start.wrapping_add(value),
                    start.wrapping_add(end),
                ) {
                    return None;
                }
                run.fields |= field.bit();
            }
            run.rest = behind;
        }
        // Where the members begin that say who asked, if they are read one by one.
        let mut client = None;
        loop {
            let Some((field, length)) = finder.expected(run.rest) else { return Some(run) };
            run.next = Some((field, length));
            let value = run.rest.get(length..).unwrap_or_default();
            let behind = if field.is_in(PLAIN) {
                behind_text(value)
            } else if field.is_in(USUAL) {
                self.learned.behind_usual(field, value)
            } else if field == Field::User {
                if let Some((behind @ [b',', b'"', ..], [user, ips], number)) = walker.behind_client(run.rest)
                {
                    self.client = number;
                    let start = bytes.len().wrapping_sub(run.rest.len());
                    let user = start.wrapping_add(usize::from(user));
                    let ips = start.wrapping_add(usize::from(ips));
                    let end = bytes.len().wrapping_sub(behind.len());
                    let pushed = self.push_usual(Field::User, start, start.wrapping_add(USER), user)
                        && self.push_usual(
                            Field::SourceIps,
                            user.wrapping_add(1),
                            user.wrapping_add(SOURCE_IPS),
                            ips,
                        )
                        && self.push_usual(
                            Field::UserAgent,
                            ips.wrapping_add(1),
                            ips.wrapping_add(USER_AGENT),
                            end,
                        );
                    if !pushed {
                        return None;
                    }
                    finder.passes(Field::UserAgent);
                    run.fields |= Field::User.bit() | Field::SourceIps.bit() | Field::UserAgent.bit();
                    run.rest = behind.get(1..).unwrap_or_default();
                    run.next = None;
                    continue;
                }
                client = Some(bytes.len().wrapping_sub(run.rest.len()));
                walker.behind_member(value, Place::User, nesting)
            } else {
                None
            };
            let Some(behind @ ([b',', b'"', ..] | [b'}'])) = behind else { return Some(run) };
            let start = bytes.len().wrapping_sub(run.rest.len());
            let value = start.wrapping_add(length);
            let end = bytes.len().wrapping_sub(behind.len());
            if !self.push_usual(field, start, value, end) {
                return None;
            }
            run.fields |= field.bit();
            run.next = None;
            if let Some(start) = client
                && field == Field::UserAgent
                && let [.., user, ips, agent] = self.members.as_slice()
                && user.start as usize == start
                && ips.field == Field::SourceIps
            {
                let members = bytes.get(start..agent.end as usize).unwrap_or_default();
                let lengths = [user.end, ips.end].map(|end| (end as usize).wrapping_sub(start));
                walker.keep_client(members, lengths);
            }
            if field.is_in(PLAIN) {
                self.learned.learn(bytes, field, value, end, walker.buffer());
            }
            run.rest = behind;
            if behind.len() == 1 {
                return Some(run);
            }
            run.rest = behind.get(1..).unwrap_or_default();
        }
    }

    /// Notes a member that stays as it is; `false` if there is no memory.
    #[inline(always)]
    fn push_usual(&mut self, field: Field, start: usize, value: usize, end: usize) -> bool {
        let (start, value, end) = (position(start), position(value), position(end));
        push(&mut self.members, Member { field, fate: Fate::Kept, start, value, end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Where a walk over the value ends that `json` begins with, if it asks for no edit at any of these places.
    fn walked(json: &[u8], places: &[Place]) -> Option<usize> {
        let mut ends = places.iter().map(|&place| {
            let mut walker = Walker::new();
            walker.reset(json);
            let end = walker.value(json, 0, place, 1).ok()?;
            let kept = walker.edits.is_empty() && walker.regions.is_empty() && !walker.late;
            kept.then_some(end)
        });
        let first = ends.next()??;
        ends.all(|end| end == Some(first)).then_some(first)
    }

    fn check(field: Field, json: &str, places: &[Place]) -> bool {
        let mut learned = Learned::UNTOLD;
        let Some(behind) = learned.behind_usual(field, json.as_bytes()) else { return false };
        // What a reader is asked about is settled behind the walk.
        assert_eq!(walked(json.as_bytes(), places), Some(json.len() - behind.len()), "{json}");
        true
    }

    const ANNOTATIONS: &[Place] = &[Place::EventAnnotations, Place::SecretEventAnnotations];
    const STATUS: &[Place] = &[Place::Any, Place::SecretStatus, Place::TokenStatus];

    #[test]
    fn what_every_apiserver_writes_is_usual() {
        for (field, json, places) in [
            (Field::SourceIps, r#"["10.0.0.1","::1"]"#, &[Place::Any][..]),
            (Field::ResponseStatus, r#"{"metadata":{},"code":200}"#, STATUS),
            (
                Field::Annotations,
                r#"{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}"#,
                &[],
            ),
            (
                Field::Annotations,
                r#"{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"RBAC: allowed by x"}"#,
                ANNOTATIONS,
            ),
            (
                Field::ObjectRef,
                r#"{"resource":"pods","namespace":"a","name":"b","uid":"c","apiVersion":"v1"}"#,
                &[Place::ObjectRef],
            ),
            (
                Field::ObjectRef,
                r#"{"resource":"services","apiGroup":"x","resourceVersion":"1","subresource":"status"}"#,
                &[Place::ObjectRef],
            ),
            (Field::RequestUri, r#""/api/v1/namespaces/a/pods/b""#, &[Place::RequestUri]),
            (Field::UserAgent, r#""kubectl/v1.36.0 (linux/amd64) kubernetes/1234567""#, &[Place::UserAgent]),
        ] {
            assert!(places.is_empty() || check(field, &[json, ",\"x\":1"].concat(), places), "{json}");
        }
    }

    #[test]
    fn what_may_hold_something_is_not_usual() {
        for (field, json) in [
            (Field::SourceIps, r#"["{}"]"#),
            (Field::SourceIps, r#"[1]"#),
            (Field::SourceIps, r#"["a" ]"#),
            (Field::ResponseStatus, r#"{"metadata":{},"code":200,"message":"x"}"#),
            (Field::ResponseStatus, r#"{"metadata":{},"code":2000}"#),
            (
                Field::Annotations,
                r#"{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"{}"}"#,
            ),
            (
                Field::Annotations,
                r#"{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"a","x":"b"}"#,
            ),
            (Field::ObjectRef, r#"{"resource":"secrets"}"#),
            (Field::ObjectRef, r#"{"resource":"SECRETS"}"#),
            (Field::ObjectRef, r#"{"resource":"oauthaccesstokens","name":"x"}"#),
            (Field::ObjectRef, r#"{"name":"x","resource":"pods"}"#),
            (Field::ObjectRef, r#"{"resource":"pods","name":"x;token=y"}"#),
            (Field::ObjectRef, r#"{"resource":"pods","token":"x"}"#),
            (Field::ObjectRef, r#"{"resource":"pods","name":"{}"}"#),
            (Field::RequestUri, r#""/api/v1/secrets""#),
            (Field::RequestUri, r#""/api/v1/pods?token=x""#),
            (Field::RequestUri, r#""/api/v1/pods;token=x""#),
            (Field::RequestUri, r#""/apis/oauth.openshift.io/v1/oauthaccesstokens/x""#),
            (Field::User, r#"{"username":"x"}"#),
        ] {
            let mut learned = Learned::UNTOLD;
            assert_eq!(learned.behind_usual(field, json.as_bytes()), None, "{json}");
        }
    }

    proptest! {
        #[test]
        fn what_is_usual_a_walk_keeps(
            parts in prop::collection::vec(prop::sample::select(&[
                "{", "}", "[", "]", ",", ":", "\"resource\"", "\"pods\"", "\"secrets\"", "\"name\"", "\"a=b\"", "\"uid\"", "\"x\"", "\"kind\"",
                "\"data\"", "\"Secret\"", "\"namespace\"", "200", "\"metadata\"", "\"code\"", "\"{}\"", " ", "\"/api/v1/pods\"",
            ]), 0..16),
            start in prop::sample::select(&[
                "", "{\"resource\":\"pods\",\"name\":", "{\"metadata\":{},\"code\":", "[\"x\",",
                "{\"authorization.k8s.io/decision\":\"allow\",\"authorization.k8s.io/reason\":",
            ]),
        ) {
            let json = [start, &parts.concat()].concat();
            check(Field::SourceIps, &json, &[Place::Any]);
            check(Field::ResponseStatus, &json, STATUS);
            check(Field::Annotations, &json, ANNOTATIONS);
            check(Field::ObjectRef, &json, &[Place::ObjectRef]);
            check(Field::RequestUri, &json, &[Place::RequestUri]);
        }
    }
}
