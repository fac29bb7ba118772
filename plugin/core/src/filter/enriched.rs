//! What is added to an event that comes out: where its members are, for who derives facts from them.
//!
//! Facts are those of the answer: members that are not changed are read where they stand in the record, those that are
//! changed as they come out, and those that do not come out not at all. What is no event itself, a list or an envelope,
//! is put together once without its stamp, and its events are found in that as anybody would find them.

use super::{Filter, Parts};
use crate::answer::assemble::{Answer, Source};
use crate::answer::stamp;
use crate::answer::writer::Writer;
use crate::enrich::stamp::{CALM, Enricher};
use crate::event::fields::Field;
use crate::list;
use crate::memory::append;
use crate::record::document::{Document, Shape};
use crate::record::member::{Fate, Member};
use crate::redact::places::Place;

impl Filter {
    /// Finds what is told of an event that comes out byte for byte and has no stamp; `false` if there is no memory.
    #[inline(always)]
    pub(super) fn enrich_usual(&mut self, bytes: &[u8]) -> bool {
        if !self.enricher.is_on() {
            return true;
        }
        self.enricher.begin(self.event.client);
        for member in &self.event.members {
            if !self.enricher.note(false, member.field, member.value as usize, member.end as usize) {
                return false;
            }
        }
        self.enricher.write([bytes, b"", CALM], true, None)
    }

    /// Finds what is told beside what [`Filter::stamp`] holds so far, which gets an end for that.
    pub(super) fn enrich_new(&mut self, parts: &Parts<'_>) -> bool {
        let length = self.stamp.len();
        let mut stamp = core::mem::take(&mut self.stamp);
        let written = append(&mut stamp, b"}") && self.enrich(parts, &stamp);
        stamp.truncate(length);
        self.stamp = stamp;
        written
    }

    /// Finds what is told of a record that has this stamp; `false` if there is no memory.
    #[inline(never)]
    pub(super) fn enrich(&mut self, parts: &Parts<'_>, stamp: &[u8]) -> bool {
        self.enricher.begin(self.event.client);
        let holds = self.looked && self.inside.shape.is_some();
        if self.event.shape == Shape::List || self.event.shape != Shape::Event && holds {
            return self.enrich_events(parts, stamp);
        }
        let (event, beside) = (&self.event, &self.beside);
        if !note_all(&mut self.enricher, false, parts.event, event)
            || !parts.beside.is_empty() && !note_all(&mut self.enricher, true, parts.beside, beside)
        {
            return false;
        }
        let dropped = dropped_body(event, parts.event).filter(|_| self.enricher.asks_dropped_bodies());
        let is_event = event.shape == Shape::Event && (stamp == CALM || !stamp::tells_of_a_stub(stamp));
        self.enricher.write([parts.event, parts.beside, stamp], is_event, dropped)
    }

    /// Finds what is told of the events of a list or an envelope.
    #[cold]
    #[inline(never)]
    fn enrich_events(&mut self, parts: &Parts<'_>, stamp: &[u8]) -> bool {
        let mut told = true;
        if self.event.shape == Shape::List {
            // Items are filtered, and nothing that stands around them is of an event.
            for item in list::items(parts.event).into_iter().flatten() {
                told = told && self.enricher.add_item(item);
            }
            return told && self.enricher.add_stamp(stamp) && self.enricher.finish();
        }
        let mut answer = Answer {
            event: Source { bytes: parts.event, document: &mut self.event },
            beside: Source { bytes: parts.beside, document: &mut self.beside },
            stamp,
        };
        if !answer.write_json(&mut self.unstamped) {
            return false;
        }
        let (events, enricher) = (&mut self.events, &mut self.enricher);
        events.each(&self.unstamped, &mut |event| told = told && enricher.add(event, stamp));
        told && self.enricher.finish()
    }
}

/// Notes the members of a document that come out.
fn note_all(enricher: &mut Enricher, beside: bool, bytes: &[u8], document: &Document) -> bool {
    let Document { edits, regions, digests, written, .. } = document;
    let writer = Writer::new(bytes, edits, regions, digests, written);
    document.members.iter().filter(|member| member.fate == Fate::Kept).all(|member| {
        let (start, end) = (member.value as usize, member.end as usize);
        if !enricher.looks_at(member.field) {
            true
        } else if is_changed(document, member) {
            enricher.note_copy(member.field, |copies| writer.write(start, end, false, copies))
        } else {
            enricher.note(beside, member.field, start, end)
        }
    })
}

/// Whether the value of a member does not come out as it came.
#[inline(always)]
fn is_changed(document: &Document, member: &Member) -> bool {
    let (start, end) = (member.value, member.end);
    let edits = document.edits.as_slice();
    let regions = document.regions.as_slice();
    if edits.is_empty() && regions.is_empty() {
        return false;
    }
    let edit = edits.partition_point(|edit| edit.start < start);
    let region = regions.partition_point(|region| region.start < start);
    edits.get(edit).is_some_and(|edit| edit.start < end)
        || regions.get(region).is_some_and(|region| region.start < end)
}

/// The body of a request that changes something, if the policy has taken it away and it cannot be a Secret.
#[inline(always)]
fn dropped_body<'a>(event: &Document, bytes: &'a [u8]) -> Option<&'a [u8]> {
    let body = event.only(Field::RequestObject).filter(|body| body.fate == Fate::Gone)?;
    let place = event.learned.place(Field::RequestObject);
    let harmless = matches!(place, Place::Any | Place::Custom | Place::CustomPatch);
    (harmless && !event.cut).then(|| bytes.get(body.value as usize..body.end as usize)).flatten()
}
