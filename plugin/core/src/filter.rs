//! The one hot entry: a record in, an answer and an [`Outcome`] out.
//!
//! ```text
//! record bytes
//!   -> where the event is: the record itself, or text in its `log`; JSON or msgpack
//!   -> list: where it is a list of events, each item by what follows
//!   -> record::document: the members, and the edits that hide what must not get out
//!   -> answer: one copy with the edits made, what stood beside the event, the stamp
//!   -> format: the same in another form, if the configuration asks for one
//! ```
//!
//! The answer has the format of the question, which its first byte tells: a msgpack map begins with a byte of
//! 0x80 or above, JSON text does not.

mod enriched;
mod inside;
mod made;
mod rare;
mod stub;

pub use stub::StubReason;

use crate::answer::assemble::{Answer, Source};
use crate::answer::stamp::{self, Configured, Facts, Items};
use crate::answer::usual;
use crate::config;
use crate::enrich::stamp::Enricher;
use crate::event::fields::Field;
use crate::format::{self, Formatter};
use crate::json::{is_space, text};
use crate::limits;
use crate::list::clean::{Cleaner, Tools};
use crate::list::{self, Where};
use crate::memory::append;
use crate::policy::Decision;
use crate::record::decide::{self, Decider};
use crate::record::document::{Document, Role, Shape};
use crate::record::learned::Learned;
use crate::record::managed_fields::Finder;
use crate::record::member::Fate;
use crate::record::msgpack::{self, Open, Reader};
use crate::redact::Redactor;
use crate::settings::Fault;
use crate::shape::text::Unwrapper;
use crate::shape::{self, Input, origin, prefix};
use alloc::boxed::Box;
use alloc::vec::Vec;
use inside::Inside;

/// What became of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The answer holds the event.
    Emitted,
    /// The policy asked for the record to be dropped; the answer is empty.
    Dropped,
    /// The record was no event, or could not be read; the answer holds a stub that tells why.
    Stubbed(StubReason),
}

/// Filters audit records, one after another, in buffers that are reused.
///
/// A filter holds nothing of a record once the next one is processed, and nothing of one record decides
/// about another.
#[derive(Debug, Default)]
pub struct Filter {
    redactor: Redactor,
    decider: Decider,
    managed_fields: Finder,
    /// Records that are no events are dropped.
    drop_other: bool,
    /// Why there is no valid configuration.
    fault: Option<Fault>,
    /// What every stamp says of where the filter runs, as JSON.
    labels: Vec<u8>,
    /// A longer record becomes a stub.
    max_record_bytes: usize,
    /// The digest of the record that becomes a stub, if there is a key.
    stub_digest: Vec<u8>,
    event: Document,
    /// What stands beside the event in the record.
    beside: Document,
    /// The text of the string that holds the event.
    unescaped: Vec<u8>,
    /// What stands beside the event in a msgpack record, as JSON.
    converted: Vec<u8>,
    open: Vec<Open>,
    list: Cleaner,
    stamp: Vec<u8>,
    lengths: Vec<u32>,
    input: Input,
    unwrapper: Unwrapper,
    /// What an envelope holds, and what holds copies beside an event; only if it was looked for.
    inside: Inside,
    inside_beside: Inside,
    looked: bool,
    /// Not all that stands beside the event could be read.
    damaged_beside: bool,
    /// The record came through the output of a container.
    container: bool,
    enricher: Enricher,
    /// Events of what is none itself, for what is told of them.
    events: shape::Events,
    /// Such a record as it comes out, but for its stamp.
    unstamped: Vec<u8>,
    /// What writes answers in another form, and the answer before that.
    formatter: Option<Box<Formatter>>,
    plain: Vec<u8>,
    /// Bodies that come as texts are filtered as what they hold, because they are written as texts.
    reopens: bool,
    reopened: Vec<u8>,
}

/// Where the parts of a record are.
struct Parts<'a> {
    event: &'a [u8],
    /// The object that stands beside the event; empty if none does.
    beside: &'a [u8],
    packed: bool,
    record_length: usize,
}

impl Filter {
    /// A filter that drops nothing, redacts everything and adds nothing: what needs no configuration to be compiled.
    pub const fn new() -> Self {
        Filter {
            redactor: Redactor::new(),
            decider: Decider::new(),
            managed_fields: Finder::new(),
            drop_other: false,
            fault: None,
            labels: Vec::new(),
            max_record_bytes: limits::RECORD_BYTES,
            stub_digest: Vec::new(),
            event: Document::new(),
            beside: Document::new(),
            unescaped: Vec::new(),
            converted: Vec::new(),
            open: Vec::new(),
            list: Cleaner::new(),
            stamp: Vec::new(),
            lengths: Vec::new(),
            input: Input::AUTO,
            unwrapper: Unwrapper::new(),
            inside: Inside::new(),
            inside_beside: Inside::new(),
            looked: false,
            damaged_beside: false,
            container: false,
            enricher: Enricher::off(),
            events: shape::Events::new(),
            unstamped: Vec::new(),
            formatter: None,
            plain: Vec::new(),
            reopens: false,
            reopened: Vec::new(),
        }
    }

    /// Filters one record into `out`, whose former content is discarded.
    ///
    /// A record is JSON text (an event, a [`list`](mod@crate::list) of them, or an object with the text of either
    /// under `log`) or a msgpack map of the latter kind. A list gives one list. The answer is one JSON object,
    /// or one msgpack map, without a zero byte. Every record has an answer; only one that the policy drops has
    /// an empty one. This never panics.
    pub fn process(&mut self, record: &[u8], out: &mut Vec<u8>) -> Outcome {
        out.clear();
        self.damaged_beside = false;
        self.container = false;
        self.looked = false;
        let bytes = record.strip_prefix("\u{feff}".as_bytes()).unwrap_or(record);
        let packed = bytes.first().is_some_and(|&byte| byte >= 0x80);
        if self.formatter.is_some() {
            return self.process_and_format(bytes, packed, out);
        }
        let outcome = if packed { self.process_msgpack(bytes, out) } else { self.process_json(bytes, out) };
        match outcome {
            Some(outcome) => outcome,
            None => stub::out_of_memory(packed, out),
        }
    }

    fn process_json(&mut self, record: &[u8], out: &mut Vec<u8>) -> Option<Outcome> {
        let text = trim(record);
        if self.reopens {
            let mut reopened = core::mem::take(&mut self.reopened);
            let text = if format::reopen(text, &mut reopened) { &reopened } else { text };
            let outcome = self.process_text(text, out);
            self.reopened = reopened;
            return outcome;
        }
        self.process_text(text, out)
    }

    #[inline(always)]
    fn process_text(&mut self, text: &[u8], out: &mut Vec<u8>) -> Option<Outcome> {
        let parts = Parts { event: text, beside: b"", packed: false, record_length: text.len() };
        if text.is_empty() {
            return self.stub(&parts, StubReason::Empty, out);
        }
        // Of a record that holds its event as text, that event is measured.
        let too_long = text.len() > self.max_record_bytes;
        if text.len() > limits::RECORD_BYTES {
            return self.too_large(parts, out);
        }
        if list::is_list(text, Where::Record) {
            if too_long {
                return self.too_large(parts, out);
            }
            return self.list(&parts, Learned::UNTOLD, out);
        }
        if prefix::behind(text).is_some() {
            return self.unwrapped(parts, out);
        }
        if self.input.field.is_some() && self.has_configured_field(text) {
            return self.rare(&parts, out);
        }
        if !self.event.read(text, Role::Record, Learned::UNTOLD, &mut self.redactor, &mut self.decider) {
            return self.stub(&parts, StubReason::NotAnObject, out);
        }
        if self.event.shape != Shape::Wrapper {
            if too_long {
                return self.too_large(parts, out);
            }
            return self.read(&parts, out);
        }
        core::mem::swap(&mut self.event, &mut self.beside);
        let log = self.beside.find(Field::Log)?;
        self.beside.set_fate(Field::Log, Fate::Gone);
        let mut unescaped = core::mem::take(&mut self.unescaped);
        let outcome = if text::unescape_lossy(log.text(text), &mut unescaped) {
            self.unwrapped(Parts { event: trim(&unescaped), beside: text, ..parts }, out)
        } else {
            None
        };
        self.unescaped = unescaped;
        outcome
    }

    fn process_msgpack(&mut self, record: &[u8], out: &mut Vec<u8>) -> Option<Outcome> {
        let mut converted = core::mem::take(&mut self.converted);
        let usual = if self.input.field.is_none() { msgpack::only_log(record) } else { None };
        let split = match usual {
            Some(log) => {
                converted.clear();
                Ok(msgpack::Split { log: Some(log), whole: true })
            }
            None => self.split(record, &mut converted),
        };
        let outcome = self.split_record(record, split, &converted, out);
        self.converted = converted;
        outcome
    }

    /// Takes a msgpack record apart that is more than a text under `log`, or has its event in another field.
    #[inline(never)]
    fn split<'a>(
        &mut self,
        record: &'a [u8],
        converted: &mut Vec<u8>,
    ) -> Result<msgpack::Split<'a>, msgpack::NoMap> {
        let reader = Reader::new(record);
        let mut split = msgpack::split(reader, self.input.field(), converted, &mut self.open);
        if self.input.field.is_some() && split.is_ok_and(|split| split.log.is_none()) {
            split = msgpack::split(reader, b"log", converted, &mut self.open);
        }
        if self.reopens && format::reopen(converted, &mut self.reopened) {
            core::mem::swap(&mut self.reopened, converted);
        }
        split
    }

    /// Filters a msgpack record that was taken apart; `converted` is what stands beside its `log`.
    fn split_record(
        &mut self,
        record: &[u8],
        split: Result<msgpack::Split<'_>, msgpack::NoMap>,
        converted: &[u8],
        out: &mut Vec<u8>,
    ) -> Option<Outcome> {
        let packed = self.formatter.is_none();
        let parts = Parts { event: b"", beside: b"", packed, record_length: record.len() };
        let Ok(split) = split else { return self.stub(&parts, StubReason::NotAnObject, out) };
        self.damaged_beside = !split.whole;
        let told = Learned::UNTOLD;
        let beside = !converted.is_empty();
        if beside && !self.beside.read(converted, Role::Beside, told, &mut self.redactor, &mut self.decider) {
            return None;
        }
        match split.log {
            Some(log) if !beside || self.beside.shape != Shape::Event || begins_object(log) => {
                let event = trim(log);
                self.unwrapped(Parts { event, beside: converted, record_length: event.len(), ..parts }, out)
            }
            None if list::is_list(converted, Where::Inside) => {
                self.list(&Parts { event: converted, ..parts }, told, out)
            }
            Some(_) | None if beside => {
                if converted.len() > self.max_record_bytes {
                    return self.too_large(Parts { event: converted, ..parts }, out);
                }
                // The record is the event itself.
                core::mem::swap(&mut self.event, &mut self.beside);
                self.damaged_beside |= split.log.is_some();
                self.read(&Parts { event: converted, ..parts }, out)
            }
            _ => self.stub(&parts, StubReason::Empty, out),
        }
    }

    /// Reads the event of a record whose other part is read already.
    fn unwrapped(&mut self, parts: Parts<'_>, out: &mut Vec<u8>) -> Option<Outcome> {
        if self.reopens {
            let mut reopened = core::mem::take(&mut self.reopened);
            let event = if format::reopen(parts.event, &mut reopened) { &reopened } else { parts.event };
            let outcome = self.unwrapped_event(Parts { event, ..parts }, out);
            self.reopened = reopened;
            return outcome;
        }
        self.unwrapped_event(parts, out)
    }

    #[inline(always)]
    fn unwrapped_event(&mut self, parts: Parts<'_>, out: &mut Vec<u8>) -> Option<Outcome> {
        let mut parts = Parts { record_length: parts.event.len(), ..parts };
        if let Some(event) = prefix::behind(parts.event) {
            self.container = true;
            parts.event = trim(event);
        }
        if parts.event.len() > self.max_record_bytes {
            return self.too_large(parts, out);
        }
        if parts.event.is_empty() {
            return self.stub(&parts, StubReason::Empty, out);
        }
        let told = if parts.beside.is_empty() { Learned::UNTOLD } else { self.beside.learned };
        if list::is_list(parts.event, Where::Inside) {
            return self.list(&parts, told, out);
        }
        if !self.event.read(parts.event, Role::Event, told, &mut self.redactor, &mut self.decider) {
            return self.stub(&parts, StubReason::NotAnObject, out);
        }
        self.read(&parts, out)
    }

    /// Goes on with a record whose parts are read: nearly always an event, and nothing else to be looked for.
    #[inline(always)]
    fn read(&mut self, parts: &Parts<'_>, out: &mut Vec<u8>) -> Option<Outcome> {
        if self.event.shape == Shape::Other
            || self.event.has(Field::Envelope)
            || (!parts.beside.is_empty() && self.beside.has(Field::Envelope))
        {
            return self.rare(parts, out);
        }
        self.emit(parts, Facts::NONE, out)
    }

    /// Filters the items of a list, then what stands around them.
    fn list(&mut self, parts: &Parts<'_>, told: Learned, out: &mut Vec<u8>) -> Option<Outcome> {
        let mut list = core::mem::take(&mut self.list);
        let read = self.read_list(parts.event, told, &mut list);
        let parts = Parts { event: &list.text, ..*parts };
        let outcome = match read {
            None => None,
            // A list that came empty, or is cut, says something; one that the policy has emptied does not.
            Some(Facts { items: Items { kept: 0, dropped: 1.., .. }, cut: false, .. }) if !self.event.cut => {
                Some(Outcome::Dropped)
            }
            Some(facts) => self.emit(&parts, facts, out),
        };
        self.list = list;
        outcome
    }

    /// Filters the items of a list into `list`, and reads what comes out; `None` if there is no memory.
    fn read_list(&mut self, bytes: &[u8], told: Learned, list: &mut Cleaner) -> Option<Facts> {
        self.decider.in_doubt = false;
        loop {
            let mut facts = Facts::NONE;
            let mut tools = Tools {
                redactor: &mut self.redactor,
                decider: &mut self.decider,
                managed_fields: &mut self.managed_fields,
                drop_other: self.drop_other,
                told,
            };
            let read = list.clean(bytes, &mut tools, &mut facts)
                && self.event.read_list(
                    &list.text,
                    &list.settled,
                    told,
                    &mut self.redactor,
                    &mut self.decider,
                );
            let cut = facts.cut || self.event.cut || decide::tells_of_a_cut(&list.text, &self.event.members);
            // Which item it was that is cut, nobody can tell the next time: then no item is relied on.
            if read && cut && self.decider.has_policy() && !self.decider.in_doubt {
                self.decider.in_doubt = true;
                continue;
            }
            self.decider.in_doubt = false;
            return read.then_some(facts);
        }
    }

    /// Writes the event, what stands beside it, and the stamp.
    fn emit(&mut self, parts: &Parts<'_>, facts: Facts, out: &mut Vec<u8>) -> Option<Outcome> {
        let mut facts = facts;
        let event = matches!(self.event.shape, Shape::Event | Shape::List);
        facts.other = !event || self.input.shape != config::Shape::Auto || self.looked;
        if facts.other {
            facts.other = self.is_other();
        }
        if facts.other {
            // What is damaged, or was before an earlier filter mended it, may be what is left of an event.
            let damaged = self.event.cut || self.event.damaged > 0 || self.damaged_beside;
            if self.drop_other && !damaged && !self.tells_of_damage(parts.event) {
                return Some(Outcome::Dropped);
            }
        }
        if matches!(self.event.decision, Some(Decision::Drop { .. })) || (self.looked && self.inside.dropped)
        {
            return Some(Outcome::Dropped);
        }
        if event && !self.event.obey(parts.event, &mut self.managed_fields) {
            return None;
        }
        if parts.packed
            && parts.beside.is_empty()
            && !facts.other
            && self.fault.is_none()
            && self.labels.is_empty()
            && !self.damaged_beside
            && !self.container
            && let Some((start, end)) = self.event.unchanged_members()
            && self.enrich_usual(parts.event)
            && usual::write(parts.event.get(start..end).unwrap_or_default(), self.enricher.written(), out)
        {
            return Some(Outcome::Emitted);
        }
        if !self.act(parts) {
            return None;
        }
        if self.looked
            && !(self.inside.put_back(&mut self.event, &mut facts)
                && self.inside_beside.put_back(&mut self.beside, &mut facts))
        {
            return None;
        }
        facts.container = self.is_of_container(parts);
        self.stamp.clear();
        let unchanged = self.event.is_unchanged() && !facts.items.changed;
        let alone = parts.beside.is_empty() || self.beside.is_all_gone();
        let mut old: Option<&[u8]> = None;
        if unchanged && alone && !self.damaged_beside {
            // A stamp that fits stays byte for byte, as the last member.
            if let Some(member) = self.event.only(Field::Stamp)
                && stamp::is_stamp(parts.event, member.value as usize, &self.labels, &facts.with(&self.event))
            {
                let value = parts.event.get(member.value as usize..member.end as usize).unwrap_or_default();
                old = Some(value).filter(|old| self.fault.is_none_or(|fault| stamp::tells_of(old, fault)));
            }
        }
        self.event.set_fate(Field::Stamp, Fate::Gone);
        self.prepare(parts);
        if let Some(old) = old {
            // The detections that tell of the filter's own work look at the stamp that is to stay.
            if self.enricher.is_on() && !self.enrich(parts, old) {
                return None;
            }
            if self.enricher.is_told_by(old) && !append(&mut self.stamp, old) {
                return None;
            }
        }
        self.assemble(parts, facts, out).then_some(Outcome::Emitted)
    }

    /// Whether the record came through the output of a container, by what it says or an earlier filter said.
    fn is_of_container(&self, parts: &Parts<'_>) -> bool {
        let told = |bytes: &[u8], document: &Document| {
            document.has(Field::Envelope)
                && document.members.iter().any(|member| {
                    let value = bytes.get(member.value as usize..member.end as usize).unwrap_or_default();
                    origin::is_told_by(member.name(bytes), value)
                })
        };
        let stamped = self.event.has(Field::Stamp)
            && self.event.members.iter().any(|member| {
                member.field == Field::Stamp && stamp::tells_of_container(parts.event, member.value as usize)
            });
        self.container
            || stamped
            || told(parts.event, &self.event)
            || !parts.beside.is_empty() && told(parts.beside, &self.beside)
    }

    /// Removes, signs or keeps what is to be hidden, where that is configured; `false` if there is no memory.
    fn act(&mut self, parts: &Parts<'_>) -> bool {
        let Some(actor) = self.redactor.actor.as_deref_mut() else { return true };
        self.event.act(parts.event, actor)
            && (parts.beside.is_empty() || self.beside.act(parts.beside, actor))
    }

    /// Whether a stamp says that the record was damaged or cut when it was filtered before.
    fn tells_of_damage(&self, bytes: &[u8]) -> bool {
        let mut stamps = self.event.members.iter().filter(|member| member.field == Field::Stamp);
        stamps.any(|stamp| shape::tells_of_damage(bytes, stamp.value as usize))
    }

    /// Decides about members for which it matters what stands on the other side, and about what is ours.
    fn prepare(&mut self, parts: &Parts<'_>) {
        if parts.beside.is_empty() {
            self.beside.clear();
        } else {
            self.beside.rename_collisions(parts.beside, &self.event, parts.event);
        }
        for document in [&mut self.event, &mut self.beside] {
            document.set_fate(Field::Version, Fate::Gone);
        }
        self.beside.set_fate(Field::Stamp, Fate::Gone);
        let mut answer = Answer {
            event: Source { bytes: parts.event, document: &mut self.event },
            beside: Source { bytes: parts.beside, document: &mut self.beside },
            stamp: b"",
        };
        // The answer does so too, and finds it done.
        let _ = answer.set_aside_beyond_limit();
    }

    /// Writes the answer, with a new stamp if there is no old one to keep; behind [`prepare`](Self::prepare).
    fn assemble(&mut self, parts: &Parts<'_>, facts: Facts, out: &mut Vec<u8>) -> bool {
        if self.stamp.is_empty() {
            let mut facts = facts;
            facts.fault = self.fault;
            facts.add(&self.event);
            facts.add(&self.beside);
            facts.damaged = facts.damaged.saturating_add(u32::from(self.damaged_beside));
            let configured = Configured {
                acts: self.redactor.actor.as_ref().map(|actor| &actor.actions.acts),
                stub_digest: &self.stub_digest,
            };
            if !facts.write(&configured, &mut self.stamp)
                || self.enricher.is_on() && !self.enrich_new(parts)
                || !stamp::finish(self.enricher.written(), &self.labels, &mut self.stamp)
            {
                return false;
            }
        }
        let mut answer = Answer {
            event: Source { bytes: parts.event, document: &mut self.event },
            beside: Source { bytes: parts.beside, document: &mut self.beside },
            stamp: &self.stamp,
        };
        if parts.packed { answer.write_msgpack(out, &mut self.lengths) } else { answer.write_json(out) }
    }
}

/// Whether a text begins as a JSON object does.
fn begins_object(text: &[u8]) -> bool {
    matches!(trim(text).first(), Some(b'{' | b'[' | b'"'))
}

/// `bytes` without a byte order mark and without white space at either end.
fn trim(bytes: &[u8]) -> &[u8] {
    let mut bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    while let [first, rest @ ..] = bytes
        && is_space(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_space(*last)
    {
        bytes = rest;
    }
    bytes
}
