//! An event as facts and conditions see it: where its members are, and what is known of it.

use super::detections::{Detection, Detections};
use super::facts::Facts;
use crate::event::fields::Field;
use crate::json::members::Members;
use crate::json::{is_space, skip_space, text};
use crate::memory::push;
use alloc::vec::Vec;

/// Reads events, one after another, in buffers that are reused.
#[derive(Debug, Default)]
pub struct Reader {
    members: Vec<Member>,
    facts: Facts,
    derived: bool,
    text: Vec<u8>,
    detections: Option<Detections>,
    found: Vec<&'static Detection>,
    /// Detections have been asked.
    asked: bool,
}

/// A member of an event that has a meaning, and where its value is.
#[derive(Clone, Copy, Debug)]
struct Member {
    field: Field,
    start: usize,
    end: usize,
}

/// One event, as JSON text.
///
/// It is read as it stands: of a text that is damaged, what stands before the damage. What an envelope holds is not
/// looked at.
#[derive(Debug)]
pub struct Event<'a> {
    bytes: &'a [u8],
    reader: &'a mut Reader,
}

impl Reader {
    /// A reader whose events know which of these detections fire.
    pub fn with_detections(detections: Detections) -> Self {
        Reader { detections: Some(detections), ..Reader::default() }
    }

    /// The event that `bytes` holds: what the filter has answered, so that nothing hidden can be asked for.
    pub fn read<'a>(&'a mut self, bytes: &'a [u8]) -> Event<'a> {
        self.members.clear();
        self.derived = false;
        self.found.clear();
        self.asked = false;
        for member in Members::new(bytes, skip_space(bytes, 0)) {
            let name = bytes.get(member.name_start..member.name_end).unwrap_or_default();
            let field = if name.contains(&b'\\') {
                if text::unescape(name, &mut self.text) { Field::named(&self.text) } else { Field::Other }
            } else {
                Field::named(name)
            };
            if field != Field::Other
                && !push(
                    &mut self.members,
                    Member { field, start: member.value_start, end: member.value_end },
                )
            {
                break;
            }
        }
        Event { bytes, reader: self }
    }
}

impl<'a> Event<'a> {
    /// What follows from the event, found once.
    pub fn facts(&mut self) -> &Facts {
        if !self.reader.derived {
            let mut facts = core::mem::take(&mut self.reader.facts);
            facts.derive(self);
            self.reader.facts = facts;
            self.reader.derived = true;
        }
        &self.reader.facts
    }

    /// The detections that fire, found once; none if the reader has none.
    pub fn detections(&mut self) -> &[&'static Detection] {
        if !self.reader.asked {
            self.reader.asked = true;
            // Taken out, so that conditions of detections see none themselves.
            if let Some(detections) = self.reader.detections.take() {
                let mut found = core::mem::take(&mut self.reader.found);
                detections.find(self, &mut found);
                self.reader.found = found;
                self.reader.detections = Some(detections);
            }
        }
        &self.reader.found
    }

    /// Whether the reader has detections.
    pub(super) fn has_detections(&self) -> bool {
        self.reader.detections.is_some()
    }

    /// The values of a member, as they stand: more than one only where the event holds it more than once.
    pub(super) fn values(&self, field: Field) -> impl Iterator<Item = &'a [u8]> {
        let bytes = self.bytes;
        let members = self.reader.members.iter().filter(move |member| member.field == field);
        members.filter_map(move |member| bytes.get(member.start..member.end))
    }

    /// The value of a member, if there is just one.
    pub(super) fn value(&self, field: Field) -> Option<&'a [u8]> {
        let mut values = self.values(field);
        values.next().filter(|_| values.next().is_none())
    }

    /// A buffer for texts, to be given back.
    pub(super) fn take_text(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.reader.text)
    }

    /// Gives back what [`take_text`](Self::take_text) took.
    pub(super) fn give_text(&mut self, text: Vec<u8>) {
        self.reader.text = text;
    }
}

/// The text between the quotes of a JSON string; `None` if the value is none.
pub(super) fn quoted(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

/// The only member of an object that is called `name`, in any case as Go's decoder has it: what an event says of the
/// request, its user and its answer. `None` if there is none or more than one.
pub(super) fn member<'a>(object: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut found = None;
    for member in Members::new(object, 0) {
        let this = object.get(member.name_start..member.name_end).unwrap_or_default();
        if this.eq_ignore_ascii_case(name) && found.replace(member).is_some() {
            return None;
        }
    }
    found.and_then(|member| object.get(member.value_start..member.value_end))
}

/// Walks over the items of a JSON array; stops early where it is damaged.
#[derive(Clone, Debug)]
pub(super) struct Items<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Items<'a> {
    /// The items of the array that `value` is; none if it is none.
    pub(super) fn new(value: &'a [u8]) -> Self {
        Items { bytes: value, at: if value.first() == Some(&b'[') { 1 } else { value.len() } }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = skip_space(self.bytes, self.at);
        let end = crate::json::skip::value(self.bytes, start)?;
        let comma = skip_space(self.bytes, end);
        self.at = if self.bytes.get(comma) == Some(&b',') { comma.wrapping_add(1) } else { self.bytes.len() };
        self.bytes.get(start..end)
    }
}

/// Whether a value is `null`.
pub(super) fn is_null(value: &[u8]) -> bool {
    value.trim_ascii_end().strip_prefix(b"null").is_some_and(|rest| rest.iter().copied().all(is_space))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_arrays() {
        let items = |text: &'static str| Items::new(text.as_bytes()).collect::<Vec<_>>();
        assert_eq!(items(r#"[1, "a]" ,{"b":[2]},[]]"#), [&b"1"[..], b"\"a]\"", b"{\"b\":[2]}", b"[]"]);
        assert!(items("[]").is_empty() && items("{}").is_empty() && items("").is_empty());
        assert_eq!(items("[1,\"cut"), [b"1"]);
    }

    #[test]
    fn members_that_stand_twice_are_none() {
        let mut reader = Reader::default();
        let event = reader.read(br#"{"verb":"get","Verb":"list","level":"Metadata","st\u0061ge":"Panic"}"#);
        assert_eq!(event.value(Field::Verb), None);
        assert_eq!(event.values(Field::Verb).count(), 2);
        assert_eq!(event.value(Field::Level), Some(&b"\"Metadata\""[..]));
        assert_eq!(event.value(Field::Stage), Some(&b"\"Panic\""[..]));
        assert_eq!(member(br#"{"a":1,"A":2,"b":3}"#, b"a"), None);
        assert_eq!(member(br#"{"a":1,"A":2,"b":3}"#, b"b"), Some(&b"3"[..]));
    }
}
