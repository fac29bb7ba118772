//! Bodies as texts, and such texts as bodies again.

use super::parts::field;
use crate::answer::writer::Sink;
use crate::config::Bodies;
use crate::event::fields::Field;
use crate::json::members::Members;
use crate::json::{is_space, scan, skip_space, text};
use crate::limits::{EMITTED_KEYS, EMITTED_NESTING};
use crate::list::Cursor;
use crate::memory::{append, push};
use alloc::vec::Vec;

/// How bodies are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bodied {
    pub(super) texts: bool,
}

impl Bodied {
    pub(super) fn new(bodies: Bodies) -> Self {
        Bodied { texts: bodies == Bodies::Text }
    }

    /// Whether a body becomes a text: one that is an object or an array. What is a string holds its text already.
    pub(super) fn makes_text(self, value: &[u8]) -> bool {
        self.texts && matches!(value.first(), Some(b'{' | b'['))
    }

    /// Writes a body.
    pub(super) fn write(self, value: &[u8], sink: &mut dyn Sink) -> bool {
        if self.makes_text(value) {
            return sink.put(b"\"") && sink.put_escaped(value) && sink.put(b"\"");
        }
        sink.put(value)
    }
}

/// Whether a member is a body.
pub(super) const fn is_body(field: Field) -> bool {
    matches!(field, Field::RequestObject | Field::ResponseObject)
}

/// Finds the values of bodies of an event, or of the items of a list; `false` if there is no memory.
pub(super) fn find(record: &[u8], list: bool, found: &mut Vec<(usize, usize)>) -> bool {
    found.clear();
    if list {
        return Cursor::new(record).all(|item| find_in(record, item.start, item.end, found));
    }
    find_in(record, skip_space(record, 0), record.len(), found)
}

fn find_in(record: &[u8], start: usize, end: usize, found: &mut Vec<(usize, usize)>) -> bool {
    let bytes = record.get(..end).unwrap_or_default();
    Members::new(bytes, start).all(|member| {
        let name = bytes.get(member.name_start..member.name_end).unwrap_or_default();
        !is_body(field(name)) || push(found, (member.value_start, member.value_end))
    })
}

/// Makes objects of the bodies that are texts, so that they are filtered as what they are; `false` if there is
/// nothing to do, or no memory: such a text is then filtered as any text is.
///
/// Where the text of a body says more than may be emitted as objects it stays a text, because it would become one
/// again.
pub(crate) fn reopen(record: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let mut found = Vec::new();
    let list = crate::list::is_list(record, crate::list::Where::Inside);
    if !find(record, list, &mut found) {
        return false;
    }
    let mut body = Vec::new();
    let (mut from, mut any) = (0, false);
    for (start, end) in found {
        let inner = record.get(start..end).and_then(crate::enrich::quoted).unwrap_or_default();
        // What cannot be an object is not looked at further.
        if !matches!(inner.first(), Some(b'{' | b'['))
            || !text::unescape(inner, &mut body)
            || !is_moderate(&body)
        {
            continue;
        }
        if !append(out, record.get(from..start).unwrap_or_default()) || !append(out, &body) {
            return false;
        }
        (from, any) = (end, true);
    }
    any && append(out, record.get(from..).unwrap_or_default())
}

/// What the grammar of JSON lets come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// A value; `closes`: or the end of the array that was opened just before.
    Value {
        closes: bool,
    },
    /// A name; `closes`: or the end of the object that was opened just before.
    Name {
        closes: bool,
    },
    Colon,
    /// A comma, or the end of what is open.
    Behind,
}

/// Whether a text is a JSON object or array that may be emitted as one, as far as nesting, names and numbers go.
fn is_moderate(text: &[u8]) -> bool {
    // Of each open container how many names it has; an array has none. The event around it is a container, too.
    let mut names: [Option<u16>; EMITTED_NESTING] = [None; EMITTED_NESTING];
    let (mut open, mut at): (usize, usize) = (0, 0);
    let mut next = Next::Value { closes: false };
    loop {
        at = skip_space(text, at);
        let Some(&byte) = text.get(at) else { return false };
        match (byte, next) {
            (b'{' | b'[', Next::Value { .. }) => {
                open = open.wrapping_add(1);
                let Some(place) = names.get_mut(open) else { return false };
                let object = byte == b'{';
                *place = object.then_some(0);
                next = if object { Next::Name { closes: true } } else { Next::Value { closes: true } };
            }
            (b'}' | b']', Next::Behind | Next::Value { closes: true } | Next::Name { closes: true }) => {
                let object = names.get(open).copied().flatten().is_some();
                if object != (byte == b'}') {
                    return false;
                }
                open = open.wrapping_sub(1);
                next = Next::Behind;
                if open == 0 {
                    let behind = text.get(at.wrapping_add(1)..).unwrap_or_default();
                    return behind.iter().copied().all(is_space);
                }
            }
            (b',', Next::Behind) => {
                let object = names.get(open).copied().flatten().is_some();
                next = if object { Next::Name { closes: false } } else { Next::Value { closes: false } };
            }
            (b':', Next::Colon) => next = Next::Value { closes: false },
            (b'"', Next::Name { .. } | Next::Value { .. }) => {
                let Some(string) = scan::string(text, at.wrapping_add(1)) else { return false };
                if string.flags & (scan::UNREADABLE | scan::NOT_UTF8) != 0 {
                    return false;
                }
                at = string.quote;
                if matches!(next, Next::Name { .. }) {
                    let Some(Some(count)) = names.get_mut(open) else { return false };
                    *count = count.wrapping_add(1);
                    if *count > EMITTED_KEYS {
                        return false;
                    }
                    next = Next::Colon;
                } else {
                    next = Next::Behind;
                }
            }
            (_, Next::Value { .. }) if open > 0 => {
                let (end, known) = scan::scalar(text, at);
                if !known {
                    return false;
                }
                at = end.wrapping_sub(1);
                next = Next::Behind;
            }
            _ => return false,
        }
        at = at.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;

    fn reopened(record: &str) -> Option<String> {
        let mut out = Vec::new();
        reopen(record.as_bytes(), &mut out).then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn texts_become_what_they_hold() {
        let event =
            |body: &str| format!(r#"{{"auditID":"a","verb":"get","requestObject":{body},"level":"x"}}"#);
        assert_eq!(reopened(&event(r#""{\"a\":\"\\u00e9\\\"\"}""#)), Some(event(r#"{"a":"\u00e9\""}"#)));
        assert_eq!(reopened(&event(r#""[1, 2]""#)), Some(event("[1, 2]")));
        for same in [
            r#""[REDACTED]""#,
            r#""[1,]""#,
            r#""{\"a\"}""#,
            r#""[}""#,
            r#""{\"a\":nul}""#,
            r#""[1 2]""#,
            r#""[1e400]""#,
        ] {
            assert_eq!(reopened(&event(same)), None, "{same}");
        }
        for same in [r#""""#, r#""text""#, r#""{\"a\":""#, r#""{}}""#, "{}", "null", r#""{} x""#] {
            assert_eq!(reopened(&event(same)), None, "{same}");
        }
        let items =
            |body: &str| format!(r#"{{"kind":"EventList","items":[{},{}]}}"#, event("1"), event(body));
        assert_eq!(reopened(&items(r#""{}""#)), Some(items("{}")));
    }

    #[test]
    fn what_would_become_a_text_again_stays_one() {
        let event = |body: &str| format!(r#"{{"auditID":"a","verb":"get","requestObject":"{body}"}}"#);
        let deep = |levels: usize| event(&("[".repeat(levels) + &"]".repeat(levels)));
        assert!(reopened(&deep(EMITTED_NESTING - 1)).is_some());
        assert!(reopened(&deep(EMITTED_NESTING)).is_none());
        let wide = |keys: usize| {
            let members: Vec<String> = (0..keys).map(|key| format!(r#"\"{key}\":1"#)).collect();
            event(&format!("{{{}}}", members.join(",")))
        };
        assert!(reopened(&wide(1024)).is_some());
        assert!(reopened(&wide(1025)).is_none());
    }
}
