//! Cold: a filter, made of a configuration; without what records took; and asked for another form.

use super::{Filter, Outcome, stub};
use crate::answer::stamp;
use crate::enrich::stamp::Enricher;
use crate::format::Formatter;
use crate::record::decide::Decider;
use crate::redact::actions::Actor;
use crate::settings::{Fault, Settings};
use alloc::boxed::Box;
use alloc::vec::Vec;

impl Filter {
    /// A filter that does what a configuration asks for.
    pub fn with_settings(settings: Settings) -> Self {
        let Settings {
            plan,
            drop_other,
            fault,
            actions,
            labels,
            without_bodies,
            max_record_bytes,
            input,
            tokens,
            enrich,
            output,
            reopens,
        } = settings;
        let labels = stamp::labels(&labels);
        let formatter = Formatter::new(output).map(Box::new);
        let enricher = Enricher::new(enrich);
        let mut filter = Filter {
            drop_other,
            fault,
            labels,
            max_record_bytes,
            input,
            enricher,
            formatter,
            reopens,
            ..Filter::new()
        };
        filter.decider.set_plan(plan, without_bodies);
        filter.redactor.actor = actions.map(|actions| Box::new(Actor::new(actions)));
        filter.redactor.look_for(tokens);
        filter
    }

    /// A filter as [`Settings::strictest`] makes one, without allocating; so it adds nothing to events.
    pub fn strictest(fault: Fault) -> Self {
        Filter { fault: Some(fault), decider: Decider::metadata(), ..Filter::new() }
    }

    /// Gives back the memory that records took; what is configured stays.
    ///
    /// For a host that is about to place a larger record than ever: what earlier ones took then is no hole
    /// beside it.
    pub fn release(&mut self) {
        let decider = core::mem::take(&mut self.decider).without_buffers();
        let labels = core::mem::take(&mut self.labels);
        let input = core::mem::take(&mut self.input);
        let enricher = core::mem::take(&mut self.enricher).without_buffers();
        let tokens = self.redactor.forget_formats();
        let mut actor = self.redactor.actor.take();
        if let Some(actor) = &mut actor {
            actor.release();
        }
        let mut formatter = self.formatter.take();
        if let Some(formatter) = &mut formatter {
            formatter.release();
        }
        let Filter { drop_other, fault, max_record_bytes, reopens, .. } = *self;
        *self =
            Filter { decider, drop_other, fault, labels, max_record_bytes, input, enricher, ..Filter::new() };
        (self.formatter, self.reopens) = (formatter, reopens);
        self.redactor.actor = actor;
        self.redactor.look_for(tokens);
    }

    /// Filters one record, and writes the answer in another form.
    #[cold]
    #[inline(never)]
    pub(super) fn process_and_format(&mut self, record: &[u8], packed: bool, out: &mut Vec<u8>) -> Outcome {
        let mut plain = core::mem::take(&mut self.plain);
        plain.clear();
        let outcome = if packed {
            self.process_msgpack(record, &mut plain)
        } else {
            self.process_json(record, &mut plain)
        };
        let outcome = outcome.unwrap_or_else(|| stub::out_of_memory(false, &mut plain));
        let outcome = self.format(outcome, &plain, packed, out);
        self.plain = plain;
        outcome
    }

    /// Writes an answer in another form. On its own, so that what it takes of the engine's stack is not there while the
    /// record is read.
    #[inline(never)]
    fn format(&mut self, outcome: Outcome, plain: &[u8], packed: bool, out: &mut Vec<u8>) -> Outcome {
        let written = outcome == Outcome::Dropped
            || self.formatter.as_mut().is_some_and(|formatter| formatter.write_as(plain, packed, out));
        if written { outcome } else { stub::out_of_memory(packed, out) }
    }
}
