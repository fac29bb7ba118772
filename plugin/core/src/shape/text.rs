//! Records that hold their event as JSON text in a field, perhaps in another record of that kind.
//!
//! ```text
//! {"message":"{\"kind\":\"Event\",…}","host":"node-1"}
//! {"log":"{\"log\":\"{\\\"kind\\\":…}\\n\",\"stream\":\"stdout\",\"time\":\"…\"}"}
//! ```
//!
//! A record is taken apart only for an event: text that is something else stays where it is.

use super::{Held, Input, Shape, holds_events, prefix};
use crate::json::members::{Member, Members};
use crate::json::{skip_space, text};
use crate::limits::TEXT_LEVELS;
use crate::memory::append;
use crate::redact::edits::MASK;
use alloc::vec::Vec;

/// The fields that hold an event as text, beside the one that is configured, in the order in which they are asked.
pub(crate) const FIELDS: [&str; 4] = ["log", "message", "@message", "msg"];

/// Takes records apart; the buffers are reused.
#[derive(Debug, Default)]
pub(crate) struct Unwrapper {
    /// The text of the event that was found, from `start` on.
    text: Vec<u8>,
    start: usize,
    /// What stands beside it, as one object; empty if nothing does.
    pub(crate) beside: Vec<u8>,
    next: Vec<u8>,
    probe: Vec<u8>,
    held: Held,
    /// The text stood behind what a container runtime writes before a line.
    pub(crate) prefixed: bool,
    /// The records that were taken apart had all their ends.
    pub(crate) whole: bool,
}

/// What became of a record that may hold its event as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unwrapped {
    /// It holds none.
    No,
    /// [`Unwrapper::text`] is the event, [`Unwrapper::beside`] all else.
    Yes,
    /// There is no memory.
    NoMemory,
}

impl Unwrapper {
    /// An unwrapper with empty buffers.
    pub(crate) const fn new() -> Self {
        Unwrapper {
            text: Vec::new(),
            start: 0,
            beside: Vec::new(),
            next: Vec::new(),
            probe: Vec::new(),
            held: Held::new(),
            prefixed: false,
            whole: true,
        }
    }

    /// Begins with a record.
    pub(crate) fn begin(&mut self) {
        self.beside.clear();
        self.prefixed = false;
        self.whole = true;
    }

    /// The event that was found.
    pub(crate) fn event(&self) -> &[u8] {
        self.text.get(self.start..).unwrap_or_default()
    }

    /// Adds a member to what stands beside the event; `false` if there is no memory.
    pub(crate) fn add_beside(&mut self, member: &[u8]) -> bool {
        (!self.beside.is_empty() || append(&mut self.beside, b"{"))
            && append(&mut self.beside, member)
            && append(&mut self.beside, b",")
    }

    /// Looks for an event in the fields of `record`; what stands beside that record was [added](Self::add_beside).
    pub(crate) fn unwrap(&mut self, record: &[u8], input: &Input) -> Unwrapped {
        let mut found = Unwrapped::No;
        for _ in 0..TEXT_LEVELS {
            let text = core::mem::take(&mut self.text);
            let object = match found {
                Unwrapped::No => record,
                _ => text.get(self.start..).unwrap_or_default(),
            };
            let Some(source) = self.source(object, input) else {
                self.text = text;
                break;
            };
            if !self.take(object, source) {
                return Unwrapped::NoMemory;
            }
            self.text = core::mem::replace(&mut self.next, text);
            self.start = self.behind_prefix();
            found = Unwrapped::Yes;
        }
        self.finish(found)
    }

    /// Takes the text in the field called `name`, whatever it is.
    pub(crate) fn take_configured(&mut self, record: &[u8], name: &[u8]) -> Unwrapped {
        let Some(member) = text_member(record, name) else { return Unwrapped::No };
        if !text::unescape_lossy(text_of(record, member), &mut self.next) || !self.take(record, member) {
            return Unwrapped::NoMemory;
        }
        core::mem::swap(&mut self.text, &mut self.next);
        self.start = self.behind_prefix();
        self.finish(Unwrapped::Yes)
    }

    /// Where in `text` the event begins.
    fn behind_prefix(&mut self) -> usize {
        let line = self.text.trim_ascii();
        let Some(behind) = prefix::behind(line) else { return 0 };
        self.prefixed = true;
        self.text.trim_ascii_end().len().wrapping_sub(behind.len())
    }

    /// Closes what stands beside the event.
    fn finish(&mut self, found: Unwrapped) -> Unwrapped {
        if let Some(comma) = self.beside.last_mut() {
            *comma = b'}';
        }
        found
    }

    /// The member of `object` whose text is an event; the text goes to `next`.
    fn source(&mut self, object: &[u8], input: &Input) -> Option<Member> {
        let configured = input.field();
        let others = FIELDS.iter().map(|name| name.as_bytes()).filter(|&name| name != configured);
        for name in [configured].into_iter().chain(others) {
            let Some(member) = text_member(object, name) else { continue };
            let raw = text_of(object, member);
            if !begins_as_record(raw) || !text::unescape_lossy(raw, &mut self.next) {
                continue;
            }
            let asked = name == configured && matches!(input.shape, Shape::Text | Shape::Cri);
            let held = asked
                || holds_events(line(&self.next))
                || self.holds_text(input.field())
                || self.held.any(line(&self.next));
            if held {
                return Some(member);
            }
        }
        None
    }

    /// Whether the text in `next` is a record as container runtimes write them, whose own text is an event.
    fn holds_text(&mut self, field: &[u8]) -> bool {
        let record = self.next.as_slice();
        let stream = [b"stream".as_slice(), b"time"].iter().any(|name| text_member(record, name).is_some());
        let member = text_member(record, b"log").or_else(|| text_member(record, field));
        stream
            && member.is_some_and(|member| {
                text::unescape_lossy(text_of(record, member), &mut self.probe)
                    && holds_events(line(&self.probe))
            })
    }

    /// Adds the members of `object` but one to what stands beside the event; `false` if there is no memory.
    fn take(&mut self, object: &[u8], source: Member) -> bool {
        let mut end: usize = 0;
        for member in Members::new(object, skip_space(object, 0)) {
            end = member.value_end;
            let bytes = object.get(member.name_start.wrapping_sub(1)..end).unwrap_or_default();
            if member.name_start != source.name_start && !self.add_beside(bytes) {
                return false;
            }
        }
        let brace = skip_space(object, end);
        self.whole &=
            object.get(brace) == Some(&b'}') && skip_space(object, brace.wrapping_add(1)) == object.len();
        true
    }
}

/// Whether a record has text under this name that is not hidden.
pub(crate) fn has(record: &[u8], name: &[u8]) -> bool {
    text_member(record, name).is_some()
}

/// The first member called `name` that is text, and not hidden.
fn text_member(object: &[u8], name: &[u8]) -> Option<Member> {
    Members::new(object, skip_space(object, 0)).find(|member| {
        object.get(member.name_start..member.name_end) == Some(name)
            && object.get(member.value_start) == Some(&b'"')
            && text_of(object, *member) != MASK
    })
}

/// What stands between the quotes of a member's text.
fn text_of(object: &[u8], member: Member) -> &[u8] {
    object.get(member.value_start.wrapping_add(1)..member.value_end.wrapping_sub(1)).unwrap_or_default()
}

/// A line without white space around it, and without what a container runtime writes before it.
fn line(text: &[u8]) -> &[u8] {
    let line = text.trim_ascii();
    prefix::behind(line).unwrap_or(line)
}

/// Whether a string may hold a record: JSON, or a line with a prefix.
fn begins_as_record(raw: &[u8]) -> bool {
    crate::redact::strings::may_be_json(raw) || matches!(raw.first(), Some(b'0'..=b'9'))
}
