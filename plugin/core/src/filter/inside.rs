//! Cold: events inside of envelopes that stay. Each is read, asked about and redacted as any event is; what is found
//! in it is replaced in the envelope, in the place of what a walk has found there that knew of no event.

use crate::answer::stamp::Facts;
use crate::event::fields::Field;
use crate::json::members::Members;
use crate::json::skip_space;
use crate::memory::push;
use crate::policy::Decision;
use crate::record::decide::Decider;
use crate::record::document::{Document, Role, Shape as DocumentShape};
use crate::record::learned::Learned;
use crate::record::managed_fields::Finder;
use crate::record::member::{Fate, Member};
use crate::redact::Redactor;
use crate::redact::actions::Digest;
use crate::redact::edits::{Edit, Put, Region, position};
use crate::redact::rows::Row;
use crate::redact::strings;
use crate::redact::walk::LimitHits;
use crate::shape::envelope::{Content, OF_RANCHER};
use crate::shape::slots::{Element, Slot, Slots};
use crate::shape::view::{View, gone, is_empty};
use crate::shape::{self, Shape};
use alloc::vec::Vec;

/// What events are filtered with.
#[derive(Debug)]
pub(super) struct Tools<'a> {
    pub(super) redactor: &'a mut Redactor,
    pub(super) decider: &'a mut Decider,
    pub(super) managed_fields: &'a mut Finder,
}

/// What was found in an envelope; the buffers are reused.
#[derive(Debug, Default)]
pub(super) struct Inside {
    slots: Slots,
    view: View,
    event: Document,
    /// Of the event that was read last, in its own positions.
    own: Vec<Edit>,
    /// Of all events, in positions of the record.
    edits: Vec<Edit>,
    digests: Vec<Digest>,
    /// The parts of the record that events were made of.
    spans: Vec<(u32, u32)>,
    /// What in them is too deep or too wide to be emitted, in positions of the record.
    regions: Vec<Region>,
    hits: LimitHits,
    merged: Vec<Edit>,
    merged_digests: Vec<Digest>,
    /// The shape of the envelope, if it holds events and is none itself.
    pub(super) shape: Option<Shape>,
    /// The policy drops all that it holds.
    pub(super) dropped: bool,
    /// What it holds is compressed.
    pub(super) compressed: bool,
    /// Parts of events in texts that were no valid JSON, and whether one was cut.
    damaged: u32,
    cut: bool,
}

impl Inside {
    /// With empty buffers.
    pub(super) const fn new() -> Self {
        Inside {
            slots: Slots::new(),
            view: View::new(),
            event: Document::new(),
            own: Vec::new(),
            edits: Vec::new(),
            digests: Vec::new(),
            spans: Vec::new(),
            regions: Vec::new(),
            hits: LimitHits::NONE,
            merged: Vec::new(),
            merged_digests: Vec::new(),
            shape: None,
            dropped: false,
            compressed: false,
            damaged: 0,
            cut: false,
        }
    }

    /// Forgets what was found.
    pub(super) fn clear(&mut self) {
        self.edits.clear();
        self.digests.clear();
        self.spans.clear();
        self.regions.clear();
        self.hits = LimitHits::NONE;
        self.shape = None;
        self.dropped = false;
        self.compressed = false;
        self.damaged = 0;
        self.cut = false;
    }

    /// Finds where events stand in a document that was read, whose text is `record`; `None` if there is no memory.
    /// `false`: the document is damaged, and they are hidden.
    #[inline(never)]
    pub(super) fn find(&mut self, record: &[u8], document: &Document) -> Option<bool> {
        self.clear();
        if !self.slots.find(record) {
            return None;
        }
        // The text of the event itself, if this is what stood beside it.
        let source = document.members.iter().find(|member| member.fate == Fate::Gone);
        let source = source.map(|member| member.value as usize);
        self.slots.slots.retain(|slot| Some(slot.start) != source);
        for &(start, end) in &self.slots.excess {
            if !note(&mut self.spans, &mut self.edits, record, (position(start), position(end))) {
                return None;
            }
        }
        let packed = |slot: &&Slot| slot.envelope.content == Content::Packed;
        for slot in self.slots.slots.iter().filter(packed) {
            let text = record.get(slot.start.wrapping_add(1)..slot.end.wrapping_sub(1)).unwrap_or_default();
            self.compressed |= shape::is_compressed(text);
            let span = (position(slot.start), position(slot.end));
            if !strings::may_be_json(text) && !note(&mut self.spans, &mut self.edits, record, span) {
                return None;
            }
        }
        if document.learned.is_strict() || document.cut || document.damaged > 0 {
            return self.hide_all(record).then_some(false);
        }
        Some(true)
    }

    /// Takes what was found about events out of the edits of their document; `false` if there is no memory.
    #[inline(never)]
    pub(super) fn finish(&mut self, document: &mut Document) -> bool {
        let emptied = self.slots.elements.iter().all(Element::goes);
        self.dropped &= emptied;
        if document.shape == DocumentShape::Event && self.shape.is_some() {
            // The record has fields of an event, and is an envelope all the same.
            document.decision = None;
        }
        self.remove_elements() && self.take_out(document)
    }

    /// Whether an event in a text was damaged or cut.
    pub(super) fn is_damaged(&self) -> bool {
        self.cut || self.damaged > 0
    }

    /// Hides all that may be an event: the record is damaged, so that nobody knows what it says.
    #[inline(never)]
    fn hide_all(&mut self, record: &[u8]) -> bool {
        let slots = core::mem::take(&mut self.slots.slots);
        let hidden = slots.iter().all(|&slot| {
            let content = slot.envelope.content;
            let text = matches!(content, Content::Text | Content::Packed);
            let raw = record.get(slot.start.wrapping_add(1)..slot.end.wrapping_sub(1)).unwrap_or_default();
            if text && !strings::may_be_json(raw) {
                return true;
            }
            // What the event is made of may stand elsewhere, too.
            let viewed = !text && shape::view(&mut self.view, record, slot) == Some(true);
            if content == Content::Event && !viewed {
                return true;
            }
            if viewed {
                let pieces = self.view.spans();
                let noted =
                    pieces.into_iter().all(|span| note(&mut self.spans, &mut self.edits, record, span));
                if !noted {
                    return false;
                }
            }
            self.hide_slot(record, slot)
        });
        self.slots.slots = slots;
        hidden
    }

    /// Hides the value of a slot, or of one that is the record itself what tells that it is Rancher's.
    #[inline(never)]
    fn hide_slot(&mut self, record: &[u8], slot: Slot) -> bool {
        let whole = (position(slot.start), position(slot.end));
        match slot.envelope.content {
            Content::Rancher => OF_RANCHER.iter().all(|name| self.hide_named(record, name.as_bytes())),
            Content::Dotted => true,
            // What webhooks did stands in the labels of the entry.
            Content::Gke => {
                note(&mut self.spans, &mut self.edits, record, whole) && self.hide_named(record, b"labels")
            }
            _ => note(&mut self.spans, &mut self.edits, record, whole),
        }
    }

    /// Hides the members of the record of this name.
    fn hide_named(&mut self, record: &[u8], name: &[u8]) -> bool {
        let mut members = Members::new(record, skip_space(record, 0));
        members.all(|member| {
            record.get(member.name_start..member.name_end) != Some(name) || {
                let span = (position(member.value_start), position(member.value_end));
                note(&mut self.spans, &mut self.edits, record, span)
            }
        })
    }

    /// Filters the events of all slots, which never overlap: no two rows begin with the same name. `false` if there
    /// is no memory.
    ///
    /// `beside`: the event of the record was found elsewhere, and nothing is decided by what stands here.
    #[inline(never)]
    pub(super) fn filter_all(&mut self, record: &[u8], beside: bool, tools: &mut Tools<'_>) -> bool {
        let slots = core::mem::take(&mut self.slots.slots);
        let mut kept = false;
        let looked = slots.iter().all(|&slot| {
            match shape::view(&mut self.view, record, slot) {
                None => return true,
                Some(made) if !made => return false,
                Some(_) if self.view.too_much => return self.hide_slot(record, slot),
                Some(_) => {}
            }
            let aside = slot.envelope.copy || beside;
            let Some(stays) = self.filter(record, aside, tools) else { return false };
            if !aside && self.event.shape == DocumentShape::Event {
                self.shape.get_or_insert(slot.envelope.shape);
                kept |= stays;
                self.dropped |= !stays;
            }
            if let Some(element) = slot.element.and_then(|at| self.slots.elements.get_mut(at)) {
                element.kept |= stays;
                element.dropped |= !stays;
            }
            true
        });
        self.slots.slots = slots;
        self.dropped &= !kept;
        looked
    }

    /// Filters the event of the view; whether the policy keeps it. `None` if there is no memory.
    ///
    /// `aside`: it is a copy, of which nothing is told.
    #[inline(always)]
    fn filter(&mut self, record: &[u8], aside: bool, tools: &mut Tools<'_>) -> Option<bool> {
        let Tools { redactor, decider, managed_fields } = tools;
        if !self.view.spans().all(|span| push(&mut self.spans, span)) {
            return None;
        }
        let role = Role::Inside(self.view.nesting);
        let read = self.event.read(&self.view.text, role, Learned::UNTOLD, redactor, decider);
        if !read {
            // What was read before is no event of this record.
            self.event.clear();
        }
        let drop = read && matches!(self.event.decision, Some(Decision::Drop { .. }));
        let broken = aside && self.view.string.is_some() && (self.event.cut || self.event.damaged > 0);
        if !read || drop || broken {
            // Where its element goes, what hides it goes with that.
            return self.hide_view(record).then_some(!drop);
        }
        if !self.event.obey(&self.view.text, managed_fields) {
            return None;
        }
        let acted = redactor.actor.as_deref_mut().is_none_or(|actor| self.event.act(&self.view.text, actor));
        (acted && self.collect() && self.settle(record) && self.settle_regions()).then_some(true)
    }

    /// Hides all that the view stands for.
    #[inline(never)]
    fn hide_view(&mut self, record: &[u8]) -> bool {
        let text = self.view.string.is_some();
        let mut spans = self.view.spans();
        spans.all(|(start, end)| push(&mut self.edits, hide(record, start, end, text)))
    }

    /// Puts all that is to be done in the event that was read last into `own`.
    #[inline(never)]
    fn collect(&mut self) -> bool {
        let Inside { event, own, view, .. } = self;
        own.clear();
        event.set_fate(Field::Stamp, Fate::Gone);
        // In the record the number of a text that is written anew would be that of another.
        for edit in event.edits.iter_mut().filter(|edit| matches!(edit.put, Put::Written(_))) {
            edit.put = Put::MaskedText;
        }
        let mut rest = event.edits.as_slice();
        for member in &event.members {
            let before = rest.partition_point(|edit| edit.start < member.value);
            let behind = rest.partition_point(|edit| edit.start < member.end);
            if !rest.iter().take(before).all(|&edit| push(own, edit)) {
                return false;
            }
            let inside = rest.get(before..behind).unwrap_or_default();
            let kept = match member.fate {
                Fate::Gone => {
                    is_empty(member_text(view, member)) || push(own, gone(member.value, member.end))
                }
                // That nobody knows the level was said before.
                _ if member.field == Field::Level && is_empty(member_text(view, member)) => true,
                _ => inside.iter().all(|&edit| push(own, edit)),
            };
            if !kept {
                return false;
            }
            rest = rest.get(behind..).unwrap_or_default();
        }
        if !rest.iter().all(|&edit| push(own, edit)) {
            return false;
        }
        if view.string.is_some() {
            self.damaged = self.damaged.saturating_add(event.damaged);
            if event.cut {
                self.cut = true;
                let start = event.members.last().map_or(0, |member| member.end);
                let end = position(view.text.len());
                return push(own, Edit { start, end, put: Put::Brace, row: Row::Damaged });
            }
        }
        true
    }

    /// Puts what is in `own` where it stands in the record.
    #[inline(never)]
    fn settle(&mut self, record: &[u8]) -> bool {
        let Inside { view, event, own, edits, digests, .. } = self;
        view.translate(record, own, edits, &mut |edit, at| {
            if edit.put != Put::Digest {
                return true;
            }
            let found = event.digests.binary_search_by_key(&edit.start, |digest| digest.at).ok();
            found
                .and_then(|found| event.digests.get(found))
                .is_none_or(|digest| push(digests, digest.moved(at)))
        })
    }

    /// Notes what of the event is to be emitted as text.
    #[inline(never)]
    fn settle_regions(&mut self) -> bool {
        let Inside { view, event, regions, hits, .. } = self;
        if view.string.is_some() {
            return true;
        }
        hits.nesting = hits.nesting.saturating_add(event.hits.nesting);
        hits.keys = hits.keys.saturating_add(event.hits.keys);
        let translated = event.regions.iter().filter_map(|region| view.in_one_piece(region));
        translated.into_iter().all(|region| push(regions, region))
    }

    /// Puts what is too deep or too wide in the events among what else of the document is; `false` if there is no memory.
    #[inline(never)]
    fn put_regions_back(&mut self, document: &mut Document) -> bool {
        if self.regions.is_empty() {
            return true;
        }
        document.hits.nesting = document.hits.nesting.max(self.hits.nesting);
        document.hits.keys = document.hits.keys.max(self.hits.keys);
        if !self.regions.iter().all(|&region| push(&mut document.regions, region)) {
            return false;
        }
        sort(&mut document.regions, |region| (region.start, u32::MAX.wrapping_sub(region.end)));
        let mut end = 0;
        document.regions.retain(|region| {
            let outermost = region.start >= end;
            end = end.max(region.end);
            outermost
        });
        true
    }

    /// Takes the elements out whose events are dropped, each with one comma.
    #[inline(never)]
    fn remove_elements(&mut self) -> bool {
        let Inside { slots, edits, spans, .. } = self;
        let mut elements = slots.elements.iter().peekable();
        // The array that is looked at, where its last element ends, and whether one of it stays so far.
        let (mut array, mut behind, mut stays) = (usize::MAX, 0, false);
        while let Some(element) = elements.next() {
            if element.array != array {
                (array, stays) = (element.array, false);
            }
            let next = elements.peek().filter(|next| next.array == array);
            if element.goes() {
                let (start, end) = match next {
                    _ if stays => (behind, element.end),
                    Some(next) => (element.start, next.start),
                    None => (element.start, element.end),
                };
                let (start, end) = (position(start), position(end));
                let edit = Edit { start, end, put: Put::Nothing, row: Row::Damaged };
                if !push(edits, edit) || !push(spans, (start, end)) {
                    return false;
                }
            } else {
                stays = true;
            }
            behind = element.end;
        }
        true
    }

    /// Takes out of a document what it has noted of the parts that events were made of.
    #[inline(never)]
    fn take_out(&mut self, document: &mut Document) -> bool {
        sort(&mut self.spans, |&span| span);
        sort(&mut self.edits, |edit| (edit.start, u32::MAX.wrapping_sub(edit.end)));
        sort(&mut self.digests, |digest| (digest.at, 0));
        let mut last: Option<(u32, u32)> = None;
        self.spans.retain(|&(start, end)| match last {
            Some((_, behind)) if end <= behind => false,
            _ => {
                last = Some((start, end));
                true
            }
        });
        let spans = self.spans.as_slice();
        document.edits.retain(|edit| !is_in(spans, edit.start, edit.end));
        document.digests.retain(|digest| !is_in(spans, digest.at, digest.at));
        true
    }

    /// Puts what was found into the document again, whose own edits are acted on; `false` if there is no memory.
    #[inline(never)]
    pub(super) fn put_back(&mut self, document: &mut Document, facts: &mut Facts) -> bool {
        facts.damaged = facts.damaged.saturating_add(self.damaged);
        facts.cut |= self.cut;
        if !self.put_regions_back(document) {
            return false;
        }
        if self.edits.is_empty() {
            return true;
        }
        let Inside { edits, digests, merged, merged_digests, .. } = self;
        merged.clear();
        merged_digests.clear();
        let mut theirs = document.edits.iter().peekable();
        let mut ours = edits.iter().peekable();
        let mut end = 0;
        loop {
            let take_theirs = match (theirs.peek(), ours.peek()) {
                (Some(one), Some(other)) => {
                    (one.start, u32::MAX.wrapping_sub(one.end))
                        <= (other.start, u32::MAX.wrapping_sub(other.end))
                }
                (one, _) => one.is_some(),
            };
            let Some(&next) = (if take_theirs { theirs.next() } else { ours.next() }) else { break };
            // What encloses others hides them; marks of what was removed are only counted.
            let mark = next.put == Put::Removed && next.start < end;
            if !mark && next.start < end {
                continue;
            }
            let next = if mark { Edit { start: end, end, ..next } } else { next };
            end = next.end;
            if !push(merged, next) {
                return false;
            }
        }
        // Only what is written needs to be found.
        for &digest in document.digests.iter().chain(digests.iter()) {
            if !push(merged_digests, digest) {
                return false;
            }
        }
        sort(merged_digests, |digest| (digest.at, 0));
        core::mem::swap(&mut document.edits, merged);
        core::mem::swap(&mut document.digests, merged_digests);
        let edits = document.edits.as_slice();
        document.regions.retain(|region| {
            let next = edits.partition_point(|edit| edit.end < region.end);
            edits.get(next).is_none_or(|edit| edit.start > region.start)
        });
        true
    }
}

fn member_text<'a>(view: &'a View, member: &Member) -> &'a [u8] {
    view.text.get(member.value as usize..member.end as usize).unwrap_or_default()
}

/// Hides a value of the record, unless there is nothing to hide; `false` if there is no memory.
fn note(spans: &mut Vec<(u32, u32)>, edits: &mut Vec<Edit>, record: &[u8], (start, end): (u32, u32)) -> bool {
    let value = record.get(start as usize..end as usize).unwrap_or_default();
    push(spans, (start, end)) && (is_empty(value) || push(edits, hide(record, start, end, false)))
}

/// Whether `start..end` lies in one of the spans, which are in ascending order and do not overlap.
fn is_in(spans: &[(u32, u32)], start: u32, end: u32) -> bool {
    let behind = spans.partition_point(|span| span.0 <= start);
    let last = behind.checked_sub(1).and_then(|last| spans.get(last));
    last.is_some_and(|&(_, span_end)| end <= span_end)
}

fn swap<T>(items: &mut [T], one: usize, other: usize) {
    if let Ok([one, other]) = items.get_disjoint_mut([one, other]) {
        core::mem::swap(one, other);
    }
}

/// Sorts in place, without recursion: nearly always there is nothing to do.
fn sort<T>(items: &mut [T], key: impl Fn(&T) -> (u32, u32)) {
    if items.is_sorted_by_key(&key) {
        return;
    }
    let sift = |items: &mut [T], from: usize, length: usize| {
        let mut at = from;
        loop {
            let first = at.wrapping_mul(2).wrapping_add(1);
            let Some(child) = items.get(..length).and_then(|items| items.get(first)) else { return };
            let other = items.get(..length).and_then(|items| items.get(first.wrapping_add(1)));
            let larger = if other.is_some_and(|other| key(other) > key(child)) {
                first.wrapping_add(1)
            } else {
                first
            };
            if items.get(larger).map(&key) <= items.get(at).map(&key) {
                return;
            }
            swap(items, at, larger);
            at = larger;
        }
    };
    for from in (0..items.len() / 2).rev() {
        sift(items, from, items.len());
    }
    for length in (1..items.len()).rev() {
        swap(items, 0, length);
        sift(items, 0, length);
    }
}

/// What stands for a value that cannot be read, or that is not to be kept.
///
/// `text`: it stands in a string, between its quotes.
fn hide(record: &[u8], start: u32, end: u32, text: bool) -> Edit {
    let put = match record.get(start as usize) {
        _ if text => Put::Mask,
        Some(b'{') => Put::EmptyObject,
        Some(b'[') => Put::EmptyArray,
        Some(b'"') => Put::MaskedString,
        _ => Put::Null,
    };
    Edit { start, end, put, row: Row::UnknownBody }
}
