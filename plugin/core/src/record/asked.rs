//! HOT: `user` and `objectRef` as an apiserver writes them, for the policy.
//!
//! No space, every name once and spelled as Kubernetes spells it, texts without escapes: then a name is told by
//! the eight bytes it begins with. Whatever is otherwise is none of this module's, and read member by member.

use crate::json::{scan, skip};
use crate::memory::push;
use crate::redact::edits::MASK;
use alloc::vec::Vec;

/// Where a text stands in the record, without its quotes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// `user`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct User {
    pub(super) username: Option<Span>,
}

/// `objectRef`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ObjectRef {
    pub(crate) api_group: Option<Span>,
    pub(crate) resource: Option<Span>,
    pub(crate) subresource: Option<Span>,
    pub(crate) namespace: Option<Span>,
    pub(crate) name: Option<Span>,
}

/// Up to eight bytes that a text begins with.
#[derive(Clone, Copy)]
struct Start {
    value: u64,
    mask: u64,
}

impl Start {
    const fn new(text: &[u8]) -> Start {
        let (mut value, mut mask, mut shift) = (0, 0, 0_u32);
        let mut rest = text;
        while let [first, behind @ ..] = rest {
            value |= (*first as u64).wrapping_shl(shift);
            mask |= 0xFF_u64.wrapping_shl(shift);
            shift = shift.wrapping_add(8);
            rest = behind;
        }
        Start { value, mask }
    }

    /// Whether the bytes stand at a position; not within the last eight bytes of a record.
    #[inline(always)]
    fn stands(self, bytes: &[u8], at: usize) -> bool {
        word(bytes, at).is_some_and(|word| self.is(word))
    }

    #[inline(always)]
    fn is(self, word: u64) -> bool {
        word & self.mask == self.value
    }
}

#[inline(always)]
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map(|word| u64::from_le_bytes(*word))
}

const USERNAME: (Start, Start) = (Start::new(b"username"), Start::new(br#"":""#));
const UID: Start = Start::new(br#"uid":""#);
const GROUPS: (Start, Start) = (Start::new(br#"groups":"#), Start::new(b"["));
const EXTRA: Start = Start::new(br#"extra":{"#);
const RESOURCE: (Start, Start) = (Start::new(b"resource"), Start::new(br#"":""#));
const RESOURCE_VERSION: (Start, Start) = (Start::new(br#"Version""#), Start::new(br#":""#));
const NAMESPACE: (Start, Start) = (Start::new(b"namespac"), Start::new(br#"e":""#));
const NAME: Start = Start::new(br#"name":""#);
const API_GROUP: (Start, Start) = (Start::new(b"apiGroup"), Start::new(br#"":""#));
const API_VERSION: (Start, Start) = (Start::new(b"apiVersi"), Start::new(br#"on":""#));
const SUBRESOURCE: (Start, Start) = (Start::new(b"subresou"), Start::new(br#"rce":""#));

/// The text that begins at `start`, behind its quote, if nothing in it needs a closer look.
#[inline(always)]
fn text(bytes: &[u8], start: usize) -> Option<Span> {
    let string = scan::string(bytes, start)?;
    let span = Span { start, end: string.quote };
    let plain =
        string.flags == 0 && (bytes.get(start) != MASK.first() || bytes.get(start..span.end) != Some(MASK));
    plain.then_some(span)
}

/// Puts a text into its place, unless there is one.
#[inline(always)]
fn once(place: &mut Option<Span>, span: Span) -> Option<()> {
    if place.replace(span).is_some() { None } else { Some(()) }
}

/// The `user` that is the value `start..end`, its groups into `groups`.
pub(super) fn user(bytes: &[u8], start: usize, end: usize, groups: &mut Vec<Span>) -> Option<User> {
    groups.clear();
    let mut user = User::default();
    let mut listed = false;
    let mut quote = start.wrapping_add(1);
    loop {
        if bytes.get(quote) != Some(&b'"') {
            return None;
        }
        let name = quote.wrapping_add(1);
        let first = word(bytes, name)?;
        let behind = if USERNAME.0.is(first) && USERNAME.1.stands(bytes, name.wrapping_add(8)) {
            let span = text(bytes, name.wrapping_add(11))?;
            once(&mut user.username, span)?;
            span.end.wrapping_add(1)
        } else if GROUPS.0.is(first) && GROUPS.1.stands(bytes, name.wrapping_add(8)) && !listed {
            listed = true;
            list(bytes, name.wrapping_add(8), groups)?
        } else if UID.is(first) {
            scan::string(bytes, name.wrapping_add(6))?.quote.wrapping_add(1)
        } else if EXTRA.is(first) {
            skip::container(bytes, name.wrapping_add(7))?
        } else {
            return None;
        };
        match bytes.get(behind) {
            Some(b',') => quote = behind.wrapping_add(1),
            Some(b'}') if behind.wrapping_add(1) == end => return Some(user),
            _ => return None,
        }
    }
}

/// The texts of the array whose `[` is at `start`; gives what follows it.
fn list(bytes: &[u8], start: usize, texts: &mut Vec<Span>) -> Option<usize> {
    let mut at = start;
    loop {
        let quote = at.wrapping_add(1);
        if bytes.get(quote) != Some(&b'"') {
            return None;
        }
        let span = text(bytes, quote.wrapping_add(1))?;
        if !push(texts, span) {
            return None;
        }
        at = span.end.wrapping_add(1);
        match bytes.get(at) {
            Some(b',') => {}
            Some(b']') => return Some(at.wrapping_add(1)),
            _ => return None,
        }
    }
}

/// The `objectRef` that is the value `start..end`; one has a resource.
pub(crate) fn object_ref(bytes: &[u8], start: usize, end: usize) -> Option<ObjectRef> {
    let mut object = ObjectRef::default();
    let mut quote = start.wrapping_add(1);
    loop {
        if bytes.get(quote) != Some(&b'"') {
            return None;
        }
        let name = quote.wrapping_add(1);
        let first = word(bytes, name)?;
        let rest = name.wrapping_add(8);
        let (place, value) = if RESOURCE.0.is(first) {
            if RESOURCE.1.stands(bytes, rest) {
                (Some(&mut object.resource), name.wrapping_add(11))
            } else if RESOURCE_VERSION.0.stands(bytes, rest)
                && RESOURCE_VERSION.1.stands(bytes, name.wrapping_add(16))
            {
                (None, name.wrapping_add(18))
            } else {
                return None;
            }
        } else if NAMESPACE.0.is(first) && NAMESPACE.1.stands(bytes, rest) {
            (Some(&mut object.namespace), name.wrapping_add(12))
        } else if NAME.is(first) {
            (Some(&mut object.name), name.wrapping_add(7))
        } else if API_GROUP.0.is(first) && API_GROUP.1.stands(bytes, rest) {
            (Some(&mut object.api_group), name.wrapping_add(11))
        } else if API_VERSION.0.is(first) && API_VERSION.1.stands(bytes, rest) {
            (None, name.wrapping_add(13))
        } else if SUBRESOURCE.0.is(first) && SUBRESOURCE.1.stands(bytes, rest) {
            (Some(&mut object.subresource), name.wrapping_add(14))
        } else if UID.is(first) {
            (None, name.wrapping_add(6))
        } else {
            return None;
        };
        let behind = match place {
            Some(place) => {
                let span = text(bytes, value)?;
                once(place, span)?;
                span.end
            }
            None => scan::string(bytes, value)?.quote,
        };
        match bytes.get(behind.wrapping_add(1)) {
            Some(b',') => quote = behind.wrapping_add(2),
            Some(b'}') if behind.wrapping_add(2) == end => return object.resource.map(|_| object),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn read(bytes: &[u8], span: Option<Span>) -> Option<String> {
        span.map(|span| String::from_utf8(bytes[span.start..span.end].to_vec()).unwrap())
    }

    /// A record goes on behind these members.
    const BEHIND: &str = r#","responseStatus":{"code":200}}"#;

    #[test]
    fn as_an_apiserver_writes_them() {
        let value = r#"{"resource":"pods","namespace":"shop","name":"web","uid":"7","apiGroup":"g","apiVersion":"v1","resourceVersion":"9","subresource":"log"}"#;
        let record = alloc::format!("{value}{BEHIND}").into_bytes();
        let object = object_ref(&record, 0, value.len()).unwrap();
        let told = [object.api_group, object.resource, object.subresource, object.namespace, object.name];
        assert_eq!(
            told.map(|span| read(&record, span).unwrap()),
            ["g", "pods", "log", "shop", "web"].map(String::from)
        );

        let value = r#"{"username":"alice","uid":"7","groups":["a","b"],"extra":{"a":["}"]}}"#;
        let record = alloc::format!("{value}{BEHIND}").into_bytes();
        let mut groups = Vec::new();
        let user = user(&record, 0, value.len(), &mut groups).unwrap();
        assert_eq!(read(&record, user.username).as_deref(), Some("alice"));
        assert_eq!(
            groups.iter().map(|&group| read(&record, Some(group)).unwrap()).collect::<Vec<_>>(),
            ["a", "b"]
        );
    }

    #[test]
    fn anything_else_is_left_alone() {
        for value in [
            r#"{"resource": "pods"}"#,
            r#"{"namespace":"shop"}"#,
            r#"{"resource":"pods","resource":"pods"}"#,
            r#"{"resource":"p\u006fds"}"#,
            r#"{"Resource":"pods"}"#,
            r#"{"resource":"[REDACTED]"}"#,
            r#"{"resource":"pods","other":"x"}"#,
            r#"{"resource":null}"#,
            r#"{"resources":"pods"}"#,
            r#"{"resource":"pods"]"#,
            "{\"resource\":\"p\u{e9}\u{7}\"}",
            "{}",
        ] {
            let record = alloc::format!("{value}{BEHIND}").into_bytes();
            assert_eq!(object_ref(&record, 0, value.len()), None, "{value}");
        }
        for value in [
            r#"{"username":null}"#,
            r#"{"username":"a","groups":[]}"#,
            r#"{"username":"a","groups":["b","[REDACTED]"]}"#,
            r#"{"username":"a","groups":["b"],"groups":["c"]}"#,
            r#"{"username":"a","groups":["b" ]}"#,
            r#"{"userName":"a"}"#,
            "{}",
        ] {
            let record = alloc::format!("{value}{BEHIND}").into_bytes();
            assert_eq!(user(&record, 0, value.len(), &mut Vec::new()), None, "{value}");
        }
        // Nothing behind: the last eight bytes of a record are not looked at here.
        let record = br#"{"resource":"pods"}"#;
        for length in 0..record.len() {
            let _ = object_ref(&record[..length], 0, length);
            let _ = user(&record[..length], 0, length, &mut Vec::new());
        }
    }
}
