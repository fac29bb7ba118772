//! Cold: records that are neither an event nor a list, nor hold one as text under the field that is configured, or
//! that have members of an envelope.

use super::inside::Tools;
use super::{Filter, Outcome, Parts, StubReason, trim};
use crate::answer::stamp::Facts;
use crate::list::{self, Where};
use crate::record::document::{Document, Role, Shape};
use crate::record::learned::Learned;
use crate::record::member::Fate;
use crate::shape::text::{Unwrapped, Unwrapper};
use crate::shape::{self, Shape as Asked};
use alloc::vec::Vec;

/// What was found where an event was expected.
enum Found {
    /// One that is read, or anything else that is an object.
    Event,
    /// A list, and what is told of its items.
    List(Learned),
    TooLarge,
    Nothing,
    NoMemory,
}

impl Filter {
    /// Goes on with a record whose parts are read.
    #[cold]
    #[inline(never)]
    pub(super) fn rare(&mut self, parts: &Parts<'_>, out: &mut Vec<u8>) -> Option<Outcome> {
        let mut unwrapper = core::mem::take(&mut self.unwrapper);
        let outcome = match self.unwrap(parts, &mut unwrapper) {
            Unwrapped::No => self.look_inside(parts, out),
            Unwrapped::Yes => {
                let event = trim(unwrapper.event());
                let beside = unwrapper.beside.as_slice();
                let found = Parts { event, beside, record_length: event.len(), ..*parts };
                match self.read_found(parts, &found, &unwrapper) {
                    Found::Event => self.look_inside(&found, out),
                    Found::List(told) => self.list(&found, told, out),
                    Found::TooLarge => self.too_large(found, out),
                    Found::Nothing => self.stub(&found, StubReason::NotAnObject, out),
                    Found::NoMemory => None,
                }
            }
            Unwrapped::NoMemory => None,
        };
        self.unwrapper = unwrapper;
        outcome
    }

    /// Whether a record has text in the field that the configuration names; it is then [`rare`](Self::rare).
    #[cold]
    #[inline(never)]
    pub(super) fn has_configured_field(&mut self, record: &[u8]) -> bool {
        // What an earlier filter has left beside an event, or of one, stays there.
        let found = !shape::is_settled(record) && shape::text::has(record, self.input.field());
        if found {
            self.event.clear();
        }
        found
    }

    /// Looks for an event as text in the fields of what was read as one.
    #[inline(never)]
    fn unwrap(&mut self, parts: &Parts<'_>, unwrapper: &mut Unwrapper) -> Unwrapped {
        // What is left of a damaged record is not taken for another one by the next filter.
        if self.event.shape != Shape::Other || self.tells_of_damage(parts.event) {
            return Unwrapped::No;
        }
        unwrapper.begin();
        if !parts.beside.is_empty() {
            for member in self.beside.members.iter().filter(|member| member.fate != Fate::Gone) {
                let member = parts.beside.get(member.start as usize..member.end as usize);
                if !unwrapper.add_beside(member.unwrap_or_default()) {
                    return Unwrapped::NoMemory;
                }
            }
        }
        if self.input.field.is_some() {
            let taken = unwrapper.take_configured(parts.event, self.input.field());
            if taken != Unwrapped::No {
                return taken;
            }
        }
        unwrapper.unwrap(parts.event, &self.input)
    }

    /// Reads the event that was found, and what stood around it.
    #[inline(never)]
    fn read_found(&mut self, parts: &Parts<'_>, found: &Parts<'_>, unwrapper: &Unwrapper) -> Found {
        self.container |= unwrapper.prefixed;
        let mut told = Learned::UNTOLD;
        // What is rebuilt has lost its end; what is damaged in its members is found again.
        if !unwrapper.whole || (!parts.beside.is_empty() && self.beside.cut) {
            self.damaged_beside = true;
            told.be_strict();
        }
        let (redactor, decider) = (&mut self.redactor, &mut self.decider);
        if !found.beside.is_empty() && !self.beside.read(found.beside, Role::Beside, told, redactor, decider)
        {
            return Found::NoMemory;
        }
        if found.event.len() > self.max_record_bytes {
            return Found::TooLarge;
        }
        if list::is_list(found.event, Where::Inside) {
            return Found::List(told);
        }
        if !self.event.read(found.event, Role::Event, told, redactor, decider) {
            return Found::Nothing;
        }
        Found::Event
    }

    /// Filters the events that an envelope holds, and the copies beside an event, then the record.
    #[inline(never)]
    fn look_inside(&mut self, parts: &Parts<'_>, out: &mut Vec<u8>) -> Option<Outcome> {
        let broken = |document: &Document| document.cut || document.damaged > 0;
        if parts.beside.is_empty() {
            self.beside.clear();
        }
        let in_doubt = self.damaged_beside
            || broken(&self.event)
            || broken(&self.beside)
            || self.tells_of_damage(parts.event);
        let mut tools = Tools {
            redactor: &mut self.redactor,
            decider: &mut self.decider,
            managed_fields: &mut self.managed_fields,
        };
        self.looked = true;
        let mut doubt = in_doubt;
        loop {
            tools.decider.in_doubt = doubt;
            let looked = match self.inside.find(parts.event, &self.event)? {
                true => self.inside.filter_all(parts.event, false, &mut tools),
                false => true,
            };
            let beside = match self.inside_beside.find(parts.beside, &self.beside)? {
                true => self.inside_beside.filter_all(parts.beside, true, &mut tools),
                false => true,
            };
            tools.decider.in_doubt = false;
            if !looked || !beside {
                return None;
            }
            // Which of them it was that is cut, nobody can tell the next time: then none is relied on.
            if doubt || !self.inside.is_damaged() || !tools.decider.has_policy() {
                break;
            }
            doubt = true;
        }
        if !self.inside.finish(&mut self.event) || !self.inside_beside.finish(&mut self.beside) {
            return None;
        }
        if self.inside.compressed {
            return self.stub(parts, StubReason::Compressed, out);
        }
        self.emit(parts, Facts::NONE, out)
    }

    /// Whether the record is no audit event in the form that is asked for.
    #[cold]
    pub(super) fn is_other(&self) -> bool {
        let inside = self.inside.shape.filter(|_| self.looked);
        let own = match self.event.shape {
            Shape::List => Some(Asked::EventList),
            Shape::Event => Some(Asked::Event),
            Shape::Wrapper | Shape::Other => None,
        };
        match self.input.shape {
            Asked::Auto => own.is_none() && inside.is_none(),
            // A record that was taken apart is an event the next time.
            Asked::Event | Asked::Text | Asked::Cri => own.is_none() || inside.is_some(),
            Asked::EventList => own != Some(Asked::EventList),
            asked => inside != Some(asked),
        }
    }
}
