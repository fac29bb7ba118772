//! Cold: where in a record the values stand that an envelope's row names.

use super::envelope::{Content, DOTTED, ENVELOPES, Envelope, Step};
use crate::json::members::{Member, Members};
use crate::json::{skip, skip_space};
use crate::limits::{ENVELOPE_ELEMENTS, ENVELOPE_REPEATS};
use crate::memory::push;
use alloc::vec::Vec;

/// A value that is an event, or of which one can be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) envelope: &'static Envelope,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The element of an array that it stands in, as an index of [`Slots::elements`].
    pub(crate) element: Option<usize>,
    /// In how many containers it stands.
    pub(crate) nesting: usize,
}

/// An element of an array in which events stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Where the array begins.
    pub(crate) array: usize,
    /// An event in it stays.
    pub(crate) kept: bool,
    /// An event in it is dropped.
    pub(crate) dropped: bool,
}

impl Element {
    /// Whether it leaves its array.
    pub(crate) fn goes(&self) -> bool {
        self.dropped && !self.kept
    }
}

/// A value on the way, and what of the way is left.
#[derive(Clone, Copy, Debug)]
struct Open {
    at: usize,
    end: usize,
    way: &'static [Step],
    element: Option<usize>,
    nesting: usize,
}

/// The slots of a record; the buffers are reused.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    pub(crate) slots: Vec<Slot>,
    pub(crate) elements: Vec<Element>,
    open: Vec<Open>,
    /// The members of the record with which a row begins.
    members: Vec<Member>,
    /// Values in which nothing was looked for, because there are too many of their kind.
    pub(crate) excess: Vec<(usize, usize)>,
}

impl Slots {
    /// No slots.
    pub(crate) const fn new() -> Self {
        Slots {
            slots: Vec::new(),
            elements: Vec::new(),
            open: Vec::new(),
            members: Vec::new(),
            excess: Vec::new(),
        }
    }

    /// Finds the slots of `record` by every row; `false` if there is no memory.
    ///
    /// A name may stand there several times: each is followed.
    pub(crate) fn find(&mut self, record: &[u8]) -> bool {
        self.slots.clear();
        self.elements.clear();
        self.members.clear();
        self.excess.clear();
        let start = skip_space(record, 0);
        let (mut dotted, mut end) = (false, start);
        for member in Members::new(record, start) {
            let name = record.get(member.name_start..member.name_end).unwrap_or_default();
            dotted |= name.starts_with(DOTTED);
            end = member.value_end;
            let known = ENVELOPES.iter().any(|envelope| envelope.begins_with(name));
            if !known {
                continue;
            }
            let same = |other: &&Member| record.get(other.name_start..other.name_end) == Some(name);
            let taken = if self.members.iter().filter(same).count() < ENVELOPE_REPEATS {
                push(&mut self.members, member)
            } else {
                push(&mut self.excess, (member.value_start, member.value_end))
            };
            if !taken {
                return false;
            }
        }
        ENVELOPES.iter().all(|envelope| match envelope.content {
            Content::Dotted if !dotted => true,
            Content::Dotted | Content::Rancher => {
                let whole = Slot { envelope, start, end, element: None, nesting: 0 };
                (envelope.content == Content::Rancher && self.members.is_empty())
                    || push(&mut self.slots, whole)
            }
            _ => self.follow(record, envelope),
        })
    }

    fn follow(&mut self, record: &[u8], envelope: &'static Envelope) -> bool {
        self.open.clear();
        let Some((Step::Into(first), way)) = envelope.way.split_first() else { return true };
        for member in &self.members {
            let Member { value_start: at, value_end: end, .. } = *member;
            if record.get(member.name_start..member.name_end) == Some(first.as_bytes())
                && !push(&mut self.open, Open { at, end, way, element: None, nesting: 1 })
            {
                return false;
            }
        }
        let mut next: usize = 0;
        while let Some(&open) = self.open.get(next) {
            next = next.wrapping_add(1);
            let Some((step, way)) = open.way.split_first() else {
                let Open { at: start, end, element, nesting, .. } = open;
                let begins = match envelope.content {
                    Content::Text | Content::Packed => b'"',
                    _ => b'{',
                };
                if record.get(start) == Some(&begins)
                    && !push(&mut self.slots, Slot { envelope, start, end, element, nesting })
                {
                    return false;
                }
                continue;
            };
            let nesting = open.nesting.wrapping_add(1);
            let followed = match step {
                Step::Into(name) => self.enter(record, name.as_bytes(), Open { way, nesting, ..open }),
                Step::Each => self.enter_each(record, Open { way, nesting, ..open }),
            };
            if !followed {
                return false;
            }
        }
        true
    }

    fn enter(&mut self, record: &[u8], name: &[u8], open: Open) -> bool {
        let mut named = Members::new(record, open.at)
            .filter(|member| record.get(member.name_start..member.name_end) == Some(name));
        named.all(|member| {
            push(&mut self.open, Open { at: member.value_start, end: member.value_end, ..open })
        })
    }

    fn enter_each(&mut self, record: &[u8], open: Open) -> bool {
        if record.get(open.at) != Some(&b'[') {
            return true;
        }
        let mut at = open.at.wrapping_add(1);
        loop {
            if self.elements.len() >= ENVELOPE_ELEMENTS {
                return push(&mut self.excess, (open.at, open.end));
            }
            let start = skip_space(record, at);
            let Some(end) = skip::value(record, start) else { return true };
            let element = self.elements.len();
            let pushed =
                push(&mut self.elements, Element { start, end, array: open.at, kept: false, dropped: false })
                    && push(&mut self.open, Open { at: start, end, element: Some(element), ..open });
            if !pushed {
                return false;
            }
            at = skip_space(record, end);
            if record.get(at) != Some(&b',') {
                return true;
            }
            at = at.wrapping_add(1);
        }
    }
}
