//! One JSON object: its members, and what is to be replaced in them.
//!
//! The members are read in the order in which they stand. The apiserver writes `verb`, `requestURI` and
//! `objectRef` before the bodies, so one walk does; where a record has them behind, or twice, the document is
//! walked again with what was learned. What walks and what a walk writes to are one type: that is why the file is long.

use super::decide::{self, Bodies, Decider};
use super::learned::{Learned, Used};
use super::member::{Fate, Member};
use super::usual;
use crate::event::fields::{self, Field};
use crate::json::{scan, skip, skip_space, text};
use crate::memory::push;
use crate::policy::{Decision, Level};
use crate::redact::Redactor;
use crate::redact::actions::Digest;
use crate::redact::carriers::Written;
use crate::redact::edits::{Edit, MASK, Put, Region, position};
use crate::redact::places::Place;
use crate::redact::rows::Row;
use crate::redact::strings;
use crate::redact::walk::{Broken, LimitHits};
use alloc::vec::Vec;
use core::num::NonZeroU32;

/// What the object is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An audit event.
    Event,
    /// A record that holds its event as text under `log`.
    Wrapper,
    /// A list of audit events, each of them filtered before.
    List,
    /// Neither.
    #[default]
    Other,
}

/// Where a document stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Role {
    /// It is the record; its event may be text under `log`.
    #[default]
    Record,
    /// It is the event that was found in a record.
    Event,
    /// It is what stands beside that event.
    Beside,
    /// It is a list whose items are filtered.
    List,
    /// It is an item of a list.
    Item,
    /// It is an event that an envelope holds, whose members stand in this many containers of the record.
    Inside(u16),
}

impl Role {
    /// How many containers of the record its members stand in.
    const fn nesting(self) -> usize {
        match self {
            Role::Record | Role::Event | Role::Beside | Role::List => 1,
            Role::Item => 3,
            Role::Inside(nesting) => nesting as usize,
        }
    }
}

/// One JSON object and what is to be replaced in it; reused from record to record.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) members: Vec<Member>,
    pub(crate) edits: Vec<Edit>,
    pub(crate) regions: Vec<Region>,
    /// The digests among the edits.
    pub(crate) digests: Vec<Digest>,
    /// The texts among them that are written anew.
    pub(crate) written: Written,
    pub(crate) shape: Shape,
    pub(crate) hits: LimitHits,
    /// Parts that were no valid JSON.
    pub(crate) damaged: u32,
    /// The object ended before its closing brace, or more than white space follows it.
    pub(crate) cut: bool,
    /// What was learned of the event.
    pub(crate) learned: Learned,
    /// The number of who asked, where the members that say it were met before.
    pub(crate) client: Option<NonZeroU32>,
    /// What the policy says, if there is one and the object has members of an event.
    pub(crate) decision: Option<Decision>,
    role: Role,
    /// Which fields the members are, each by its bit.
    pub(super) fields: u32,
    /// In a list: where arrays begin whose items are filtered, in ascending order.
    settled: Vec<u32>,
}

/// What an earlier walk over the document has found out.
#[derive(Clone, Copy, Debug)]
struct Known {
    learned: Learned,
    bodies: Option<Bodies>,
}

impl Document {
    /// A document with nothing in it.
    pub(crate) const fn new() -> Self {
        Document {
            members: Vec::new(),
            edits: Vec::new(),
            regions: Vec::new(),
            digests: Vec::new(),
            written: Written::NONE,
            shape: Shape::Other,
            hits: LimitHits::NONE,
            damaged: 0,
            cut: false,
            learned: Learned::UNTOLD,
            client: None,
            decision: None,
            role: Role::Record,
            fields: 0,
            settled: Vec::new(),
        }
    }

    /// How many containers of the record its members stand in.
    pub(super) const fn nesting(&self) -> usize {
        self.role.nesting()
    }

    /// Reads a list of which the arrays that begin at `settled` are filtered and well-formed, otherwise as
    /// [`read`](Self::read) does. No policy is asked about a list.
    pub(crate) fn read_list(
        &mut self,
        bytes: &[u8],
        settled: &[u32],
        told: Learned,
        redactor: &mut Redactor,
        decider: &mut Decider,
    ) -> bool {
        self.settled.clear();
        settled.iter().all(|&start| push(&mut self.settled, start))
            && self.read(bytes, Role::List, told, redactor, decider)
    }

    /// Reads the object that `bytes` begins with; `false` if it begins with none, or no member is readable.
    ///
    /// `told` is what is known of the event from elsewhere. Bodies that the policy does not keep are only
    /// checked, and are [`Fate::Gone`]; the rest of its [decision](Document::decision) is [obeyed](Document::obey)
    /// later.
    pub(crate) fn read(
        &mut self,
        bytes: &[u8],
        role: Role,
        told: Learned,
        redactor: &mut Redactor,
        decider: &mut Decider,
    ) -> bool {
        redactor.walker.reset(bytes);
        self.role = role;
        let mut known = None;
        let mut turn: u32 = 0;
        // One more walk when something was learned too late, and one more for Secrets found only then.
        loop {
            redactor.walker.restart();
            let Some(used) = self.scan(bytes, redactor, decider, known, told) else { return false };
            let bodies = self.decision.map(Bodies::of);
            let other_bodies = used.bodies.is_some_and(|used| bodies.is_some_and(|bodies| bodies != used));
            let late = redactor.walker.late || used.came_too_early(self.learned) || other_bodies;
            if !late || turn == LAST_TURN {
                if let (true, Some(decision)) = (other_bodies, &mut self.decision) {
                    *decision =
                        Decision::Keep { level: Level::Metadata, omit_managed_fields: false, rule: None };
                }
                break;
            }
            turn = turn.wrapping_add(1);
            if turn == LAST_TURN {
                // A record that tells something new each time it is read is not one of an apiserver.
                self.learned.be_strict();
            }
            known = Some(Known { learned: self.learned, bodies });
        }
        if self.shape == Shape::Other && !self.walk_whole(bytes, redactor, decider) {
            return false;
        }
        if self.shape == Shape::Wrapper && !self.walk_beside(bytes, &mut redactor.walker) {
            return false;
        }
        if redactor.actor.is_some() && !self.enter_kept(bytes, redactor) {
            return false;
        }
        let opened = redactor.open_texts(bytes, &mut self.edits, &mut self.written);
        core::mem::swap(&mut self.digests, &mut redactor.digests);
        core::mem::swap(&mut self.regions, &mut redactor.walker.regions);
        self.hits = redactor.walker.hits;
        self.damaged = redactor.walker.damaged;
        opened.is_ok()
    }

    /// One walk over the members, by what is `known` of the event or else by what is learned on the way.
    ///
    /// Returns which places were used. `None` if nothing could be read.
    fn scan(
        &mut self,
        bytes: &[u8],
        redactor: &mut Redactor,
        decider: &mut Decider,
        known: Option<Known>,
        told: Learned,
    ) -> Option<Used> {
        self.members.clear();
        self.cut = true;
        self.learned = known.map_or(told, |known| known.learned);
        self.client = None;
        self.decision = None;
        let mut used = Used::default();
        used.bodies = known.and_then(|known| known.bodies);
        let mut told_later = false;
        let mut gave_up = false;
        let mut seen: u32 = 0;
        let mut log = None;
        let mut damaged = false;
        let mut finder = fields::Finder::default();
        let mut at = skip_space(bytes, 0);
        if bytes.get(at) != Some(&b'{') {
            return None;
        }
        at = skip_space(bytes, at.wrapping_add(1));
        if bytes.get(at) == Some(&b'}') {
            self.cut = skip_space(bytes, at.wrapping_add(1)) != bytes.len();
        }
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let run = self.read_usual(bytes, rest, &mut finder, &mut redactor.walker)?;
            seen |= run.fields;
            if Field::ObjectRef.is_in(run.fields) {
                used.note(Field::ObjectRef, Place::ObjectRef);
            }
            told_later |= run.fields & decide::DECIDING != 0;
            at = bytes.len().wrapping_sub(run.rest.len());
            if run.fields != 0 && run.rest == b"}" {
                self.cut = false;
                break;
            }

            let (mut member, field);
            let mut part = false;
            match run.next.map(|(field, length)| (field, at.wrapping_add(length))) {
                Some((usual, value)) if bytes.get(value).is_some_and(|&first| first > b' ') => {
                    field = usual;
                    let (start, value) = (position(at), position(value));
                    member = Member { field, fate: Fate::Kept, start, value, end: value };
                }
                _ => {
                    let Some((read, name)) = read_name(bytes, at) else { break };
                    member = read;
                    field = field_of(bytes, member, name, redactor, &mut finder).ok()?;
                    part = field == Field::Other && is_part_of_a_body(bytes, member, name.quote);
                }
            }
            let value = member.value as usize;
            let text = bytes.get(value) == Some(&b'"');
            // Only the first text of that name can be where the event is.
            member.field = match field {
                Field::Log if !text || log.is_some() => Field::Other,
                Field::Envelope => Field::Other,
                field => field,
            };
            seen |= field.bit() | member.field.bit();
            told_later |= field.is_in(decide::DECIDING);
            if field.is_in(BODIES) && decider.has_policy() {
                let bodies = match used.bodies {
                    Some(bodies) => bodies,
                    None if Field::make_event(seen) => {
                        told_later = false;
                        self.decision = decider.decide(bytes, &self.members, true);
                        self.decision.map_or(Bodies::ALL, Bodies::of)
                    }
                    None => Bodies::ALL,
                };
                used.bodies = Some(bodies);
                if !bodies.keeps(field) {
                    member.fate = Fate::Gone;
                }
            }
            let place = if member.fate == Fate::Gone {
                Place::Kept
            } else if field == Field::Log && text {
                if self.role == Role::Record && log.is_none() { Place::Kept } else { Place::Log }
            } else if part {
                Place::UnknownBody
            } else {
                let place = self.learned.place(member.field);
                used.note(member.field, place);
                place
            };
            // What a server says of itself, it says to everybody.
            let repeated = field.is_in(OFTEN_REPEATED)
                || field == Field::ResponseObject && !Field::ObjectRef.is_in(seen);
            match self.member_end(bytes, member, place, repeated, redactor) {
                Ok(end) => member.end = position(end),
                Err(Broken::Cut) if place == Place::Kept && member.field == Field::Log => {
                    // The record ends inside the text of its event: what there is of it is read.
                    member.end = position(bytes.len());
                    if !push(&mut self.members, member) {
                        return None;
                    }
                    log = Some(member);
                    break;
                }
                Err(broken) => {
                    damaged = broken != Broken::Cut;
                    gave_up = self.give_up(bytes, member, redactor);
                    self.learned.cannot_read(member.field);
                    break;
                }
            }
            if member.field == Field::Log {
                log = Some(member);
            }
            if !push(&mut self.members, member) {
                return None;
            }
            at = member.end as usize;
            self.learned.learn(bytes, member.field, member.value as usize, at, redactor.walker.buffer());
            if let Some([b',', b'"', ..]) = bytes.get(at..) {
                at = at.wrapping_add(1);
                continue;
            }
            at = skip_space(bytes, at);
            match bytes.get(at) {
                Some(b',') => at = skip_space(bytes, at.wrapping_add(1)),
                Some(b'}') => {
                    self.cut = skip_space(bytes, at.wrapping_add(1)) != bytes.len();
                    damaged = self.cut;
                    break;
                }
                rest => {
                    damaged = rest.is_some();
                    break;
                }
            }
        }
        self.fields = seen;
        if damaged {
            self.learned.be_strict();
        }
        if self.cut && !Field::ObjectRef.is_in(seen) {
            // It may have stood in the part that is gone, and then `requestURI` alone does not decide.
            self.learned.cannot_read(Field::RequestUri);
        }
        if self.members.is_empty() && self.cut {
            return None;
        }
        let is_event = Field::make_event(seen);
        let wraps = log.is_some_and(|log| self.role == Role::Record && holds_object(bytes, log, is_event));
        self.shape = match (wraps, is_event) {
            _ if self.role == Role::List => Shape::List,
            (true, _) => Shape::Wrapper,
            (false, true) => Shape::Event,
            (false, false) => Shape::Other,
        };
        if is_event && self.role != Role::List && (self.decision.is_none() || told_later || self.cut) {
            let readable = self.members.len().saturating_sub(usize::from(gave_up));
            let members = self.members.get(..readable).unwrap_or_default();
            self.decision = decider.decide(bytes, members, !self.cut);
        }
        if !wraps && let Some(log) = log {
            // A copy that nobody expects, or what is left of one.
            if !self.hide(bytes, log, redactor) {
                return None;
            }
        }
        Some(used)
    }

    /// The position behind the value of a member, which stands at `place`; what is to be replaced in it is noted,
    /// unless the member is gone.
    #[inline(always)]
    fn member_end(
        &self,
        bytes: &[u8],
        member: Member,
        place: Place,
        repeated: bool,
        redactor: &mut Redactor,
    ) -> Result<usize, Broken> {
        let value = member.value as usize;
        // What a walk would find where any value may stand, without its beginning and its end.
        if place == Place::Any
            && let Some(behind) = usual::behind_text(bytes.get(value..).unwrap_or_default())
        {
            return Ok(bytes.len().wrapping_sub(behind.len()));
        }
        if let Some(end) = self.settled_end(bytes, member) {
            return Ok(end);
        }
        if member.field == Field::Annotations
            && let Some(behind) = usual::behind_annotations(bytes.get(value..).unwrap_or_default())
        {
            return Ok(bytes.len().wrapping_sub(behind.len()));
        }
        let walker = &mut redactor.walker;
        let rest = bytes.get(value..).unwrap_or_default();
        if repeated && let Some(behind) = walker.behind_member(rest, place, self.role.nesting()) {
            return Ok(bytes.len().wrapping_sub(behind.len()));
        }
        let before = walker.noted();
        let end = walker.value(bytes, value, place, self.role.nesting())?;
        if repeated {
            let value = bytes.get(value..end).unwrap_or_default();
            walker.remember_member(value, place, self.role.nesting(), before);
        }
        if member.fate == Fate::Gone {
            redactor.walker.forget(before);
        }
        Ok(end)
    }

    /// The end of a value whose content is settled.
    fn settled_end(&self, bytes: &[u8], member: Member) -> Option<usize> {
        if self.role != Role::List || self.settled.binary_search(&member.value).is_err() {
            return None;
        }
        skip::container(bytes, member.value as usize)
    }

    /// Hides the text of a member that was kept so far; `false` if there is no memory.
    #[cold]
    fn hide(&mut self, bytes: &[u8], member: Member, redactor: &mut Redactor) -> bool {
        let edits = &mut redactor.walker.edits;
        let start = member.value.wrapping_add(1);
        let end = start.wrapping_add(position(member.text(bytes).len()));
        // Where the record ends in the text, its quotes are put there too.
        let whole = bytes.get(end as usize) == Some(&b'"');
        let text = match whole {
            true => Edit { start, end, put: Put::Mask, row: Row::UnknownBody },
            false => Edit { start: member.value, end, put: Put::MaskedString, row: Row::UnknownBody },
        };
        if whole && bytes.get(text.start as usize..text.end as usize) == Some(MASK) {
            return true;
        }
        edits.retain(|edit| edit.start < text.start || edit.start >= text.end);
        let before = edits.partition_point(|edit| edit.start < text.start);
        if !push(edits, text) {
            return false;
        }
        if let Some(behind) = edits.get_mut(before..).filter(|behind| !behind.is_empty()) {
            behind.rotate_right(1);
        }
        true
    }

    /// Walks an object that is no event as a whole, because it may be a Secret itself; `false` if nothing can
    /// be kept of it.
    fn walk_whole(&mut self, bytes: &[u8], redactor: &mut Redactor, decider: &mut Decider) -> bool {
        let start = skip_space(bytes, 0);
        for _ in 0..3 {
            redactor.walker.restart();
            let nesting = self.role.nesting().wrapping_sub(1);
            match redactor.walker.value(bytes, start, Place::Record, nesting) {
                Ok(_) if redactor.walker.late => {}
                Ok(_) => return true,
                Err(Broken::NoMemory) => return false,
                Err(_) => break,
            }
        }
        // Damaged, so that it is not known what it is.
        let mut strict = Learned::UNTOLD;
        strict.be_strict();
        redactor.walker.restart();
        let known = Known { learned: strict, bodies: None };
        self.scan(bytes, redactor, decider, Some(known), strict).is_some()
    }

    /// Replaces a value that could not be read to its end, and with it all that follows; whether there was one.
    #[cold]
    fn give_up(&mut self, bytes: &[u8], member: Member, redactor: &mut Redactor) -> bool {
        let walker = &mut redactor.walker;
        while walker.edits.last().is_some_and(|edit| edit.start >= member.value) {
            walker.edits.pop();
        }
        while walker.regions.last().is_some_and(|region| region.start >= member.value) {
            walker.regions.pop();
        }
        let put = match bytes.get(member.value as usize) {
            Some(b'{') => Put::EmptyObject,
            Some(b'[') => Put::EmptyArray,
            Some(b'"') => Put::MaskedString,
            Some(_) => Put::Null,
            None => return false,
        };
        walker.damaged = walker.damaged.wrapping_add(1);
        let end = bytes.len();
        if walker.edit(member.value as usize, end, put, Row::Damaged).is_err() {
            return false;
        }
        let pushed = push(&mut self.members, Member { end: position(end), ..member });
        if !pushed {
            walker.edits.pop();
        }
        pushed
    }

    /// Forgets what was read.
    pub(crate) fn clear(&mut self) {
        self.members.clear();
        self.edits.clear();
        self.regions.clear();
        self.hits = LimitHits::NONE;
        self.damaged = 0;
        self.cut = false;
        self.client = None;
        self.decision = None;
        self.shape = Shape::Other;
        self.fields = 0;
    }
}

/// The name at `at`, and where its value begins; which field it is and where it ends is not known yet.
#[inline(always)]
fn read_name(bytes: &[u8], at: usize) -> Option<(Member, scan::StringEnd)> {
    let Some([b'"', text @ ..]) = bytes.get(at..) else { return None };
    let behind = scan::plain(text);
    let tail = scan::tail(behind);
    let quote = bytes.len().wrapping_sub(behind.len());
    let first = tail >> 16 & 0xff;
    let (name, value) = if tail & 0xffff == scan::NAME_END && first > u32::from(b' ') {
        (scan::StringEnd { quote, flags: 0 }, quote.wrapping_add(2))
    } else {
        unusual_name(bytes, quote)?
    };
    let value = position(value);
    let member = Member { field: Field::Other, fate: Fate::Kept, start: position(at), value, end: value };
    Some((member, name))
}

/// The end of a name of which what is before `at` is plain, and where its value begins.
#[inline(never)]
fn unusual_name(bytes: &[u8], at: usize) -> Option<(scan::StringEnd, usize)> {
    let name = scan::string(bytes, at)?;
    let colon = skip_space(bytes, name.quote.wrapping_add(1));
    if bytes.get(colon) != Some(&b':') {
        return None;
    }
    Some((name, skip_space(bytes, colon.wrapping_add(1))))
}

/// The fields that often are what they were in an earlier record.
const OFTEN_REPEATED: u32 = Field::Annotations.bit() | Field::User.bit();

/// The fields that a policy may take away.
const BODIES: u32 = Field::RequestObject.bit() | Field::ResponseObject.bit();

/// How often a document is walked at most, counted from 0.
const LAST_TURN: u32 = 3;

/// Whether the text under `log` is where the event is. A text that begins as an object does is; beside the
/// members of an event any other text is not.
fn holds_object(bytes: &[u8], log: Member, is_event: bool) -> bool {
    let raw = log.text(bytes);
    raw != MASK && (!is_event || strings::may_be_json(raw))
}

/// Whether a member is a part of a body whose values stand in the event one by one, as tools flatten them: `requestObject.data.token`,
/// `requestObject_data_token`, with escapes or without. What is a whole body as text is read as such.
#[inline(always)]
fn is_part_of_a_body(bytes: &[u8], member: Member, quote: usize) -> bool {
    let start = (member.start as usize).wrapping_add(1);
    let name = bytes.get(start..quote).unwrap_or_default();
    matches!(name.first(), Some(b'r' | b'R' | b'\\')) && begins_with_a_body(name)
}

#[inline(never)]
fn begins_with_a_body(raw: &[u8]) -> bool {
    const BODIES: [&[u8]; 4] = [b"requestObject", b"responseObject", b"request_object", b"response_object"];
    let mut text = Vec::new();
    let mut name = raw;
    if raw.contains(&b'\\') {
        if !text::unescape(raw, &mut text) {
            return true;
        }
        name = &text;
    }
    BODIES.iter().any(|body| {
        name.split_at_checked(body.len()).is_some_and(|(begin, rest)| {
            begin.eq_ignore_ascii_case(body)
                && rest.first().is_some_and(|sign| !sign.is_ascii_alphanumeric())
                && !rest.eq_ignore_ascii_case(b"_text")
        })
    })
}

/// Which field a member is; a name that is damaged is mended or hidden.
fn field_of(
    bytes: &[u8],
    member: Member,
    name: scan::StringEnd,
    redactor: &mut Redactor,
    finder: &mut fields::Finder,
) -> Result<Field, Broken> {
    let start = (member.start as usize).wrapping_add(1);
    let raw = bytes.get(start..name.quote).unwrap_or_default();
    if name.flags == 0 {
        return Ok(finder.named(raw));
    }
    let walker = &mut redactor.walker;
    if name.flags & scan::UNREADABLE != 0 {
        walker.damaged = walker.damaged.wrapping_add(1);
        walker.edit(start, name.quote, Put::Mask, Row::Damaged)?;
        return Ok(Field::Damaged);
    }
    if name.flags & scan::NOT_UTF8 != 0 {
        walker.replace_invalid(bytes, start, name.quote, Row::Damaged)?;
        return Ok(Field::Damaged);
    }
    Ok(walker.decoded_name(raw).map_or(Field::Damaged, |name| finder.named(name)))
}
