//! Facts and detections as members of the stamp: written for an event, and compared with what an earlier filter wrote.
//!
//! ```text
//! ,"action":"get","outcome":"allowed","actor":{"class":"human"},"source":{"ip":"10.0.0.7"},"latency_ms":1.204,"target":"pods a/*"
//! ```
//!
//! Everything follows from what comes out of the filter, so a stamp tells nothing that the event does not. The one exception:
//! whether a detection that comes with the filter fires may be decided by a body that the policy takes away; only its id
//! comes out. `docs/stamp.md` has the members; they stand in the order of [`MEMBERS`].

use super::detections::{Bits, Client, Detections, Memory, Severity};
use super::event::{Event, Noted, Text, Texts};
use super::patch;
use super::write::{write_client, write_request, write_rest};
use crate::event::fields::Field;
use crate::json::members::Members;
use crate::limits::STAMP_DETECTIONS;
use crate::memory::{append, append_all};
use crate::record::msgpack::write_number;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::num::NonZeroU32;

/// What is added to events.
#[derive(Clone, Debug)]
pub(crate) struct Enrich {
    /// Facts are written.
    pub(crate) facts: bool,
    /// The detections that are looked for.
    pub(crate) detections: Option<Arc<Detections>>,
    /// Those that come with the filter see bodies that the policy takes away.
    pub(crate) dropped_bodies: bool,
}

impl Enrich {
    /// Nothing.
    pub(crate) const NONE: Enrich = Enrich { facts: false, detections: None, dropped_bodies: false };
}

/// The members in their order.
pub(crate) const MEMBERS: [&str; 13] = [
    "action",
    "outcome",
    "impersonated",
    "dry_run",
    "actor",
    "source",
    "latency_ms",
    "target",
    "command",
    "command_more",
    "detections",
    "detections_more",
    "severity",
];

/// Adds facts and detections to one event after another, in buffers that are reused.
#[derive(Debug)]
pub(crate) struct Enricher {
    enrich: Enrich,
    memory: Memory,
    reader: Noted,
    /// Members that do not come out as they came.
    copies: Vec<u8>,
    /// What a JSON Patch writes.
    patched: Vec<u8>,
    /// The detections that fire.
    found: Vec<u16>,
    /// The members for the stamp, each behind a comma.
    written: Vec<u8>,
    client: Vec<u8>,
    /// The number of who asked, as the filter counts them: the same number says the same bytes.
    number: Option<NonZeroU32>,
    /// How many events of an envelope or a list were added.
    events: u32,
}

impl Default for Enricher {
    fn default() -> Self {
        Enricher::off()
    }
}

impl Enricher {
    /// Adds nothing, and allocates nothing.
    pub(crate) const fn off() -> Self {
        Enricher {
            enrich: Enrich::NONE,
            memory: Memory::EMPTY,
            reader: Noted::EMPTY,
            copies: Vec::new(),
            patched: Vec::new(),
            found: Vec::new(),
            written: Vec::new(),
            client: Vec::new(),
            number: None,
            events: 0,
        }
    }

    /// Adds this.
    pub(crate) fn new(enrich: Enrich) -> Self {
        let used = enrich.facts || enrich.detections.is_some();
        let memory = if used { Memory::new() } else { Memory::EMPTY };
        Enricher { enrich, memory, ..Enricher::off() }
    }

    /// The same without the memory that records took.
    pub(crate) fn without_buffers(self) -> Self {
        let Enricher { enrich, mut memory, .. } = self;
        // What gives the numbers is one of the buffers.
        memory.forget_numbers();
        Enricher { enrich, memory, ..Enricher::off() }
    }

    /// Whether anything is added.
    #[inline(always)]
    pub(crate) fn is_on(&self) -> bool {
        self.enrich.facts || self.enrich.detections.is_some()
    }

    /// Whether bodies that the policy takes away are asked.
    pub(crate) fn asks_dropped_bodies(&self) -> bool {
        self.enrich.dropped_bodies && self.enrich.detections.is_some()
    }

    /// Whether a member is looked at. An answer's body can be most of a record, so one that nobody asks is not copied.
    pub(crate) fn looks_at(&self, field: Field) -> bool {
        field != Field::ResponseObject
            || self.enrich.detections.as_ref().is_some_and(|detections| detections.look_at_answers())
    }

    /// What was written last: members, each behind a comma.
    pub(crate) fn written(&self) -> &[u8] {
        &self.written
    }

    /// Forgets the record before. `client` is the number of who asks in this one, if its event is read as it stands.
    pub(crate) fn begin(&mut self, client: Option<NonZeroU32>) {
        self.number = client;
        self.reader.begin();
        self.copies.clear();
        self.found.clear();
        self.written.clear();
        self.events = 0;
    }

    /// Notes a member of the event that comes out as it stands there; `false` if there is no memory.
    #[inline(always)]
    pub(crate) fn note(&mut self, beside: bool, field: Field, start: usize, end: usize) -> bool {
        self.reader.note(field, if beside { Text::Beside } else { Text::Event }, start, end)
    }

    /// Notes a member that comes out as `write` writes it.
    #[cold]
    pub(crate) fn note_copy(&mut self, field: Field, write: impl FnOnce(&mut Vec<u8>) -> bool) -> bool {
        let start = self.copies.len();
        write(&mut self.copies) && self.reader.note(field, Text::Copy, start, self.copies.len())
    }

    /// Writes what is to be told of the event whose members were noted, and which has this stamp; `false` if there is no
    /// memory.
    ///
    /// `dropped`: a body that does not come out, and may be asked whether detections that come with the filter fire.
    pub(crate) fn write(
        &mut self,
        [text, beside, stamp]: [&[u8]; 3],
        is_event: bool,
        dropped: Option<&[u8]>,
    ) -> bool {
        let Enricher { enrich, memory, reader, copies, patched, found, written, client, number, .. } = self;
        found.clear();
        written.clear();
        if !reader.note(Field::Stamp, Text::Stamp, 0, stamp.len())
            || !reader.note_patch([text, beside, copies, stamp, b""], patched)
        {
            return false;
        }
        let mut event = reader.event([text, beside, copies, stamp, patched]);
        let told = Tools { enrich, memory, client, number: *number, dropped: dropped.is_some() }
            .tell(&mut event, is_event, stamp, found, written);
        let Some(among) = told else { return false };
        if let (Some(body), Some(detections)) = (dropped, &enrich.detections) {
            let among = detections.looking_at_bodies(among);
            if !among.is_empty() {
                let body = match patch::is_patch(body) {
                    true if patch::as_object(body, patched) => patched,
                    true => return false,
                    false => body,
                };
                if !reader.take_body(body.len()) {
                    return false;
                }
                let mut event = reader.event([text, beside, copies, stamp, body]);
                let before = found.len();
                detections.find_candidates(among, &mut event, found);
                put_in_order(found, before);
            }
        }
        self.write_detections()
    }

    /// Adds an event of an envelope, whose stamp is its last member: its detections, and of the first one the facts;
    /// `false` if there is no memory.
    pub(crate) fn add(&mut self, text: &[u8], stamp: &[u8]) -> bool {
        self.reader.begin();
        self.reader.note_all(text);
        self.add_noted([text, b"", b"", b"", b""], stamp, true)
    }

    /// Adds an item of a list: its detections.
    pub(crate) fn add_item(&mut self, text: &[u8]) -> bool {
        self.reader.begin();
        self.reader.note_all(text);
        self.add_noted([text, b"", b"", b"", b""], CALM, false)
    }

    /// Adds what the stamp of a list tells by itself, whichever item it is of.
    pub(crate) fn add_stamp(&mut self, stamp: &[u8]) -> bool {
        self.reader.begin();
        self.reader.note(Field::Stamp, Text::Stamp, 0, stamp.len())
            && self.add_noted([b"", b"", b"", stamp, b""], stamp, false)
    }

    fn add_noted(&mut self, texts: Texts<'_>, stamp: &[u8], alone: bool) -> bool {
        let Enricher { enrich, memory, reader, patched, found, written, client, events, .. } = self;
        *events = events.saturating_add(1);
        written.clear();
        let [text, beside, copies, stamped, _] = texts;
        if !reader.note_patch(texts, patched) {
            return false;
        }
        let mut event = reader.event([text, beside, copies, stamped, patched]);
        let is_event = alone && *events == 1 && event.is_audit_event();
        let before = found.len();
        let told = Tools { enrich, memory, client, number: None, dropped: false }
            .tell(&mut event, is_event, stamp, found, written);
        put_in_order(found, before);
        told.is_some()
    }

    /// Writes what was found in all events that were added.
    pub(crate) fn finish(&mut self) -> bool {
        if self.events != 1 {
            self.written.clear();
        }
        // Facts of a single one were written already.
        self.write_detections()
    }

    fn write_detections(&mut self) -> bool {
        let Enricher { enrich, found, written, .. } = self;
        let Some(detections) = &enrich.detections else { return true };
        if found.is_empty() {
            return true;
        }
        let mut gravest = Severity::Info;
        let mut opening: &[u8] = b",\"detections\":[\"";
        for (at, rule) in found.iter().filter_map(|&at| detections.rules().get(usize::from(at))).enumerate() {
            gravest = gravest.max(rule.severity);
            if at < STAMP_DETECTIONS {
                if !append_all(written, &[opening, rule.id.as_bytes(), b"\""]) {
                    return false;
                }
                opening = b",\"";
            }
        }
        let more = found.len().saturating_sub(STAMP_DETECTIONS);
        append(written, b"]")
            && (more == 0 || append(written, b",\"detections_more\":") && write_number(more as u64, written))
            && append(written, b",\"severity\":\"")
            && append(written, gravest.name().as_bytes())
            && append(written, b"\"")
    }

    /// Whether the facts and detections of a stamp are those that were written last.
    ///
    /// Of detections it may name more, in their order, but only such as a body can decide that is not there any more:
    /// those that come with the filter, look at a body, and were not switched off. And of a record that an earlier filter
    /// could not read whole it may tell no facts: what was no event then may look like one now.
    pub(crate) fn is_told_by(&self, stamp: &[u8]) -> bool {
        let ours = |name: &[u8]| MEMBERS.iter().any(|known| known.as_bytes() == name);
        let fact = |name: &[u8]| !matches!(name, b"detections" | b"detections_more" | b"severity");
        let open = self.written.first() == Some(&b',');
        // As an object, so that it can be read as the stamp is.
        let written = self.written.as_slice();
        let mut expected = Written { bytes: written, at: usize::from(open) };
        let mut told: Option<&[u8]> = None;
        let mut rest = 0_usize;
        let (mut facts, mut damaged) = (false, false);
        for member in Members::new(stamp, 0) {
            let name = stamp.get(member.name_start..member.name_end).unwrap_or_default();
            damaged |= matches!(name, b"cut" | b"damaged");
            if !ours(name) {
                continue;
            }
            let raw = stamp.get(member.name_start.wrapping_sub(1)..member.value_end).unwrap_or_default();
            if fact(name) {
                if expected.next() != Some(raw) {
                    return false;
                }
                facts = true;
            } else {
                told.get_or_insert(stamp.get(member.name_start.wrapping_sub(1)..).unwrap_or_default());
                rest = member.value_end;
            }
        }
        let told = told.map(|told| {
            let length = rest.wrapping_sub(stamp.len().wrapping_sub(told.len()));
            told.get(..length).unwrap_or_default()
        });
        let behind = expected.rest();
        if damaged && !facts && told.is_some_and(|told| self.may_have_been_told(told, Earlier::SawDamage)) {
            return true;
        }
        if !(behind.is_empty() || behind.starts_with(b"\"detections\"")) {
            return false;
        }
        let Some(told) = told else { return behind.is_empty() };
        told == behind || self.enrich.dropped_bodies && self.may_have_been_told(told, Earlier::SawBody)
    }

    /// Whether detections are told that an earlier filter may have found beside ours, or, where it saw damage, in place of
    /// them.
    fn may_have_been_told(&self, told: &[u8], earlier: Earlier) -> bool {
        let Some(detections) = &self.enrich.detections else { return false };
        let Some(list) = told.strip_prefix(b"\"detections\":[") else { return false };
        let mut rest = list;
        let (mut last, mut count) = (None, 0_usize);
        let mut gravest = Severity::Info;
        let mut found = self.found.as_slice();
        loop {
            let Some(quoted) = rest.strip_prefix(b"\"") else { return false };
            let end = quoted.iter().position(|&byte| byte == b'"').unwrap_or(quoted.len());
            let Some((id, behind)) = quoted.split_at_checked(end) else { return false };
            let Some(at) = detections.named(id) else { return false };
            count = count.wrapping_add(1);
            if last.is_some_and(|last| last >= at) || count > STAMP_DETECTIONS {
                return false;
            }
            last = Some(at);
            match found.split_first() {
                Some((first, others)) if *first == at => found = others,
                _ if earlier == Earlier::SawBody && !detections.looks_at_body(at) => return false,
                _ => {}
            }
            gravest =
                detections.rules().get(usize::from(at)).map_or(gravest, |rule| gravest.max(rule.severity));
            match behind.get(1..) {
                Some([b',', more @ ..]) => rest = more,
                Some([b']', more @ ..]) => {
                    rest = more;
                    break;
                }
                _ => return false,
            }
        }
        let severity = rest.strip_prefix(b",\"severity\":\"").and_then(|rest| rest.strip_suffix(b"\""));
        (found.is_empty() || earlier == Earlier::SawDamage) && severity == Some(gravest.name().as_bytes())
    }
}

/// What the filter that wrote a stamp has seen and this one does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Earlier {
    /// A body that the policy took away.
    SawBody,
    /// A record that could not be read whole.
    SawDamage,
}

/// Puts what stands from `from` on among what stands before it, each once; both are in ascending order. Without sorting, which
/// recurses.
pub(super) fn put_in_order(found: &mut Vec<u16>, from: usize) {
    let mut kept = from;
    for at in from..found.len() {
        let Some(&next) = found.get(at) else { break };
        if found.get(..kept).is_some_and(|before| before.contains(&next)) {
            continue;
        }
        let mut place = kept;
        kept = kept.wrapping_add(1);
        if let Some(last) = found.get_mut(place) {
            *last = next;
        }
        while let Some([before, last]) = found.get_mut(place.wrapping_sub(1)..=place)
            && before > last
        {
            core::mem::swap(before, last);
            place = place.wrapping_sub(1);
        }
    }
    found.truncate(kept);
}

/// The members that were written, one after another.
struct Written<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Written<'a> {
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The next member, as it is written.
    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest();
        let name = crate::json::scan::string(rest, 1)?;
        let end = crate::json::skip::value(rest, name.quote.wrapping_add(2))?;
        self.at = self.at.wrapping_add(end).wrapping_add(1);
        rest.get(..end)
    }
}

/// What facts and detections are found with.
struct Tools<'a> {
    enrich: &'a Enrich,
    memory: &'a mut Memory,
    client: &'a mut Vec<u8>,
    number: Option<NonZeroU32>,
    /// There is a body that does not come out and may be asked.
    dropped: bool,
}

impl Tools<'_> {
    /// Adds the detections that fire to `found`, and writes the facts of what is an event; gives the detections that could
    /// fire with another body. `None` if there is no memory.
    ///
    /// Its parts are called one after the other, so that none takes of the engine's stack while another one is at work.
    #[inline(always)]
    fn tell(
        &mut self,
        event: &mut Event<'_>,
        is_event: bool,
        stamp: &[u8],
        found: &mut Vec<u16>,
        out: &mut Vec<u8>,
    ) -> Option<Bits> {
        let place = self.write_facts(event, is_event, out)?;
        let Some(detections) = &self.enrich.detections else { return Some(Bits::NONE) };
        let among = detections.candidates(place, (stamp == CALM, self.dropped), self.memory, event);
        if !among.is_empty() {
            detections.find_candidates(among, event, found);
        }
        Some(among)
    }

    /// Writes the facts of what is an event; gives the place at which its client is remembered, if it is. `None` if there is no
    /// memory.
    #[inline(never)]
    fn write_facts(
        &mut self,
        event: &mut Event<'_>,
        is_event: bool,
        out: &mut Vec<u8>,
    ) -> Option<Option<usize>> {
        let facts = self.enrich.facts && is_event;
        let mut written = !facts || write_request(event.request_facts(), out);
        let client = Client::of(event, self.number);
        let mut place = None;
        match client.as_ref().and_then(|client| self.memory.client(client)) {
            Some((at, text)) => {
                place = Some(at);
                written = written && (!facts || append(out, text));
            }
            None => written = written && self.find_client(client.as_ref(), event, facts, &mut place, out),
        }
        (written && (!facts || write_rest(event.request_facts(), out))).then_some(place)
    }

    /// Finds out about a client, and remembers it.
    #[inline(never)]
    fn find_client(
        &mut self,
        client: Option<&Client<'_>>,
        event: &mut Event<'_>,
        facts: bool,
        place: &mut Option<usize>,
        out: &mut Vec<u8>,
    ) -> bool {
        self.client.clear();
        if !write_client(event.facts(), self.client) {
            return false;
        }
        *place = client.and_then(|client| self.memory.keep_client(client, self.client));
        !facts || append(out, self.client)
    }
}

/// A stamp that tells of nothing.
pub(crate) const CALM: &[u8] = b"{\"version\":\"1\"}";
