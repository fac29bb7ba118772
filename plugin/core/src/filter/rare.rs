//! Cold: records that are neither an event nor a list, nor hold one as text under the field that is configured, or
//! that have members of an envelope.

use super::{Filter, Outcome, Parts, StubReason, trim};
use crate::answer::stamp::Facts;
use crate::list::{self, Where};
use crate::record::document::{Role, Shape};
use crate::record::learned::Learned;
use crate::record::member::Fate;
use crate::shape::text::{Unwrapped, Unwrapper};
use alloc::vec::Vec;

impl Filter {
    /// Goes on with a record whose parts are read.
    #[cold]
    #[inline(never)]
    pub(super) fn rare(&mut self, parts: &Parts<'_>, out: &mut Vec<u8>) -> Option<Outcome> {
        let mut unwrapper = core::mem::take(&mut self.unwrapper);
        let outcome = match self.unwrap(parts, &mut unwrapper) {
            Unwrapped::No => self.emit(parts, Facts::NONE, out),
            Unwrapped::Yes => self.innermost(parts, &unwrapper, out),
            Unwrapped::NoMemory => None,
        };
        self.unwrapper = unwrapper;
        outcome
    }

    /// Filters a record that has text in the field that the configuration names; `None` if it has none.
    #[cold]
    #[inline(never)]
    pub(super) fn configured_field(
        &mut self,
        parts: &Parts<'_>,
        out: &mut Vec<u8>,
    ) -> Option<Option<Outcome>> {
        let mut unwrapper = core::mem::take(&mut self.unwrapper);
        unwrapper.begin();
        let outcome = match unwrapper.take_configured(parts.event, self.input.field()) {
            Unwrapped::No => None,
            Unwrapped::Yes => {
                self.event.clear();
                Some(self.innermost(parts, &unwrapper, out))
            }
            Unwrapped::NoMemory => Some(None),
        };
        self.unwrapper = unwrapper;
        outcome
    }

    /// Looks for an event as text in the fields of what was read as one.
    #[inline(never)]
    fn unwrap(&mut self, parts: &Parts<'_>, unwrapper: &mut Unwrapper) -> Unwrapped {
        if self.event.shape != Shape::Other {
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

    /// Filters the event that was found, and what stood around it.
    #[inline(always)]
    fn innermost(&mut self, parts: &Parts<'_>, found: &Unwrapper, out: &mut Vec<u8>) -> Option<Outcome> {
        self.container |= found.prefixed;
        let mut told = Learned::UNTOLD;
        // What is rebuilt has lost its end; what is damaged in its members is found again.
        if !found.whole || (!parts.beside.is_empty() && self.beside.cut) {
            self.damaged_beside = true;
            told.be_strict();
        }
        let (redactor, decider) = (&mut self.redactor, &mut self.decider);
        if !found.beside.is_empty() && !self.beside.read(&found.beside, Role::Beside, told, redactor, decider)
        {
            return None;
        }
        let event = trim(found.event());
        let parts = Parts { event, beside: &found.beside, record_length: event.len(), ..*parts };
        if event.len() > self.max_record_bytes {
            return self.too_large(parts, out);
        }
        if list::is_list(event, Where::Inside) {
            return self.list(&parts, told, out);
        }
        if !self.event.read(event, Role::Event, told, redactor, decider) {
            return self.stub(&parts, StubReason::NotAnObject, out);
        }
        self.emit(&parts, Facts::NONE, out)
    }
}
