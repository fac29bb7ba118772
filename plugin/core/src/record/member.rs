//! The members of a record's object, and what becomes of each.

use super::document::{Document, Shape};
use crate::event::fields::Field;
use crate::redact::edits::Put;
use crate::redact::walk::LimitHits;

/// A member of the object, as positions in its text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) field: Field,
    pub(crate) fate: Fate,
    /// The name's opening quote.
    pub(crate) start: u32,
    /// The value's first byte.
    pub(crate) value: u32,
    /// Behind the value.
    pub(crate) end: u32,
}

/// What becomes of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It stays where it is.
    Kept,
    /// It stays under a name with `record_` before it, because the event has a member of its name.
    Renamed,
    /// It leaves the text for a key of its own beside it.
    Moved,
    /// It leaves the object, which has too many members, for a text that holds all of these.
    SetAside,
    /// It goes.
    Gone,
}

impl Member {
    /// The name as it stands between its quotes.
    pub(crate) fn name(self, bytes: &[u8]) -> &[u8] {
        let start = self.start.wrapping_add(1) as usize;
        let end = crate::json::scan::string(bytes, start).map_or(start, |end| end.quote);
        bytes.get(start..end).unwrap_or_default()
    }

    /// What stands between the quotes of a string, or behind the first if the record ends in it.
    pub(crate) fn text(self, bytes: &[u8]) -> &[u8] {
        let start = self.value.wrapping_add(1) as usize;
        let behind = self.end as usize;
        // Only at the end of the record it is not known whether a quote closes it.
        let end = if behind < bytes.len() {
            behind.wrapping_sub(1)
        } else {
            crate::json::scan::string(bytes, start).map_or(behind, |end| end.quote)
        };
        bytes.get(start..end).unwrap_or_default()
    }

    /// Takes the member out of its object, into the text that holds what is too much for it. A body in there
    /// would be one of a nested event, which nobody may read; it goes.
    pub(crate) fn set_aside(&mut self) {
        let body = matches!(self.field, Field::RequestObject | Field::ResponseObject);
        self.fate = if body { Fate::Gone } else { Fate::SetAside };
    }
}

/// The most members of a usual event: far below what is too much for one object.
const MOST_USUAL: usize = 64;

/// How many pairs of names are compared to find those that stand in an event and beside it.
const COMPARED_NAMES: usize = 1 << 16;

impl Document {
    /// Whether the object can be emitted byte for byte.
    pub(crate) fn is_unchanged(&self) -> bool {
        let kept = self.edits.iter().all(|edit| edit.put == Put::Kept);
        kept && self.regions.is_empty() && !self.cut && self.is_complete()
    }

    fn is_complete(&self) -> bool {
        self.members.iter().all(|member| member.fate == Fate::Kept)
    }

    /// From where to where the members stand, if the object is an event that is emitted byte for byte, with nothing to
    /// tell of it and no member of ours in it.
    pub(crate) fn unchanged_members(&self) -> Option<(usize, usize)> {
        const OURS: u32 =
            Field::Stamp.bit() | Field::Version.bit() | Field::BeyondLimit.bit() | Field::Envelope.bit();
        let quiet = self.edits.is_empty()
            && self.regions.is_empty()
            && !self.cut
            && self.shape == Shape::Event
            && self.fields & OURS == 0
            && self.damaged == 0
            && self.hits == LimitHits::NONE
            && self.members.len() <= MOST_USUAL
            && self.is_complete();
        let (first, last) = (self.members.first()?, self.members.last()?);
        quiet.then_some((first.start as usize, last.end as usize))
    }

    /// Whether nothing of the object is emitted.
    pub(crate) fn is_all_gone(&self) -> bool {
        let goes = |member: &Member| {
            member.fate == Fate::Gone || matches!(member.field, Field::Stamp | Field::Version)
        };
        self.members.iter().all(goes)
    }

    /// Decides about the members that are `field`.
    pub(crate) fn set_fate(&mut self, field: Field, fate: Fate) {
        if field.is_in(self.fields) {
            for member in self.members.iter_mut().filter(|member| member.field == field) {
                member.fate = fate;
            }
        }
    }

    /// Of an event that could not be read whole, keeps what tells which event it was, where that is plain text.
    pub(crate) fn keep_only_identity(&mut self, bytes: &[u8]) {
        let edits = &self.edits;
        for member in &mut self.members {
            let identifies = member.field.identifies();
            let text = bytes.get(member.value as usize) == Some(&b'"');
            let edited = edits.iter().any(|edit| edit.start < member.end && edit.end > member.start);
            if !identifies || !text || edited {
                member.fate = Fate::Gone;
            }
        }
        self.edits.clear();
        self.regions.clear();
        self.cut = false;
        self.damaged = 0;
        self.hits = LimitHits::NONE;
    }

    /// Renames the members that `event`, whose text is `event_bytes`, has as well.
    pub(crate) fn rename_collisions(&mut self, bytes: &[u8], event: &Document, event_bytes: &[u8]) {
        // Every pair is compared; where that would be too many, all are renamed.
        let many = self.members.len().saturating_mul(event.members.len()) > COMPARED_NAMES;
        for member in self.members.iter_mut().filter(|member| member.fate == Fate::Kept) {
            let mine = member.name(bytes);
            if many || event.members.iter().any(|other| other.name(event_bytes) == mine) {
                member.fate = Fate::Renamed;
            }
        }
    }

    /// Whether any member is `field`.
    #[inline(always)]
    pub(crate) fn has(&self, field: Field) -> bool {
        field.is_in(self.fields)
    }

    /// The member that is `field`, if there is just one.
    pub(crate) fn only(&self, field: Field) -> Option<Member> {
        if !field.is_in(self.fields) {
            return None;
        }
        let mut found = self.members.iter().copied().filter(|member| member.field == field);
        match (found.next(), found.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }

    /// The first member that is `field`.
    pub(crate) fn find(&self, field: Field) -> Option<Member> {
        self.members.iter().copied().find(|member| member.field == field)
    }
}
