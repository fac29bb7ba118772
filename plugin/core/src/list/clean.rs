//! Writes a list with every item filtered as an event of its own.
//!
//! The text that comes out is a list again, which is then read as any document: what stands around the items
//! is filtered there, with the items settled.

use super::{Cursor, Item, State, ends};
use crate::answer::assemble::{Answer, Source};
use crate::answer::stamp::Facts;
use crate::event::fields::Field;
use crate::limits::STUB_ITEMS;
use crate::memory::{append, push};
use crate::policy::Decision;
use crate::record::decide::Decider;
use crate::record::document::{Document, Role, Shape};
use crate::record::learned::Learned;
use crate::record::managed_fields::Finder;
use crate::record::member::Fate;
use crate::redact::Redactor;
use crate::redact::edits::position;
use alloc::vec::Vec;

/// How a list begins that came as an array.
const HEAD: &[u8] = br#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":"#;

/// What stands for an item that is no object, or could not be read.
const STUB: &[u8] = br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1"}"#;

/// What items are filtered with.
#[derive(Debug)]
pub(crate) struct Tools<'a> {
    pub(crate) redactor: &'a mut Redactor,
    pub(crate) decider: &'a mut Decider,
    pub(crate) managed_fields: &'a mut Finder,
    /// Items that are no events are dropped.
    pub(crate) drop_other: bool,
    /// What is known from elsewhere, of every item.
    pub(crate) told: Learned,
}

/// The lists' own buffers, reused from record to record.
#[derive(Debug, Default)]
pub(crate) struct Cleaner {
    /// The list with its items filtered.
    pub(crate) text: Vec<u8>,
    /// Where in `text` arrays begin whose items are.
    pub(crate) settled: Vec<u32>,
    item: Document,
    /// Nothing stands beside an item.
    beside: Document,
}

impl Cleaner {
    /// A cleaner with empty buffers.
    pub(crate) const fn new() -> Self {
        Cleaner { text: Vec::new(), settled: Vec::new(), item: Document::new(), beside: Document::new() }
    }

    /// Writes the list `bytes` with its items filtered, and adds to `facts` what became of them; `false` if
    /// there is no memory.
    ///
    /// The policy is asked about every event; one that it drops leaves the list. A stub stays.
    pub(crate) fn clean(&mut self, bytes: &[u8], tools: &mut Tools<'_>, facts: &mut Facts) -> bool {
        self.text.clear();
        self.settled.clear();
        let array = bytes.first() == Some(&b'[');
        let room = bytes.len().wrapping_add(HEAD.len()).wrapping_add(STUB.len());
        if self.text.try_reserve(room).is_err() || (array && !append(&mut self.text, HEAD)) {
            return false;
        }
        let mut cursor = Cursor::new(bytes);
        // What stands before this is written; and whether anything is in the array that is being written.
        let mut from = 0;
        let mut empty = true;
        for item in cursor.by_ref() {
            let gap = bytes.get(from..item.start).unwrap_or_default();
            from = item.end;
            if item.first {
                let bracket = gap.len().wrapping_sub(item.start.wrapping_sub(item.array));
                let bracket = position(self.text.len().wrapping_add(bracket));
                if !push(&mut self.settled, bracket) || !append(&mut self.text, gap) {
                    return false;
                }
                empty = true;
            }
            let separator: &[u8] = match item {
                _ if empty => b"",
                Item { rest: true, .. } => b",",
                _ => gap,
            };
            let before = self.text.len();
            if !append(&mut self.text, separator) {
                return false;
            }
            let bytes = bytes.get(item.start..item.end).unwrap_or_default();
            match self.write_item(bytes, tools, facts) {
                Some(true) => {
                    facts.items.kept = facts.items.kept.saturating_add(1);
                    empty = false;
                }
                Some(false) => {
                    facts.items.changed = true;
                    self.text.truncate(before);
                }
                None => return false,
            }
        }
        self.finish(bytes, from, &cursor, array)
    }

    /// Writes what follows the last item, of which `bytes` up to `from` is written.
    #[inline(never)]
    fn finish(&mut self, bytes: &[u8], from: usize, cursor: &Cursor<'_>, array: bool) -> bool {
        match cursor.state() {
            // Without the brace behind it: what came was no list to its end, and the stamp says so.
            State::Open { array, first } => {
                let end = if first { array.wrapping_add(1) } else { from };
                append(&mut self.text, bytes.get(from..end).unwrap_or_default())
                    && append(&mut self.text, b"]")
            }
            _ if array => {
                let end = cursor.position();
                append(&mut self.text, bytes.get(from..end).unwrap_or_default())
                    && (!ends(bytes, end) || append(&mut self.text, b"}"))
            }
            _ => append(&mut self.text, bytes.get(from..).unwrap_or_default()),
        }
    }

    /// Writes one item; whether it stayed. `None` if there is no memory.
    ///
    /// Reading is the deepest of all that is done for a list, so it has a frame with nothing else in it.
    #[inline(never)]
    fn write_item(&mut self, bytes: &[u8], tools: &mut Tools<'_>, facts: &mut Facts) -> Option<bool> {
        let Tools { redactor, decider, told, .. } = tools;
        let read =
            bytes.first() == Some(&b'{') && self.item.read(bytes, Role::Item, *told, redactor, decider);
        self.write_read_item(bytes, read, tools, facts)
    }

    #[inline(never)]
    fn write_read_item(
        &mut self,
        bytes: &[u8],
        read: bool,
        tools: &mut Tools<'_>,
        facts: &mut Facts,
    ) -> Option<bool> {
        let Tools { redactor, managed_fields, drop_other, .. } = tools;
        if !read || bytes == STUB {
            facts.items.stubs = facts.items.stubs.saturating_add(1);
            let ours = bytes == STUB;
            facts.items.changed |= !ours;
            if !ours && facts.items.stubs > STUB_ITEMS {
                return Some(false);
            }
            return append(&mut self.text, STUB).then_some(true);
        }
        let event = self.item.shape == Shape::Event;
        let dropped = if event {
            matches!(self.item.decision, Some(Decision::Drop { .. }))
        } else {
            // What is damaged may be what is left of an event.
            *drop_other && !self.item.cut && self.item.damaged == 0
        };
        if dropped {
            facts.items.dropped = facts.items.dropped.saturating_add(1);
            return Some(false);
        }
        if !event {
            facts.items.other = facts.items.other.saturating_add(1);
        } else if !self.item.obey(bytes, managed_fields) {
            return None;
        }
        if redactor.actor.as_deref_mut().is_some_and(|actor| !self.item.act(bytes, actor)) {
            return None;
        }
        facts.add(&self.item);
        for ours in [Field::Stamp, Field::Version] {
            self.item.set_fate(ours, Fate::Gone);
        }
        self.beside.clear();
        let mut answer = Answer {
            event: Source { bytes, document: &mut self.item },
            beside: Source { bytes: b"", document: &mut self.beside },
            stamp: b"",
        };
        if !answer.write_item(&mut self.text) {
            return None;
        }
        let stays = self.item.members.iter().all(|member| member.fate == Fate::Kept);
        facts.items.changed |= !self.item.is_unchanged() || !stays;
        Some(true)
    }
}
