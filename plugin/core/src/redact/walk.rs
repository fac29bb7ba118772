//! HOT: one pass over a JSON value that checks its grammar and notes what is to be replaced.
//!
//! ```text
//! value:   by its first byte and the rules of its place: keep, mask, or push a frame and go in
//! behind:  , -> the next member's name decides the next place    } ] -> pop    nothing open -> done
//! ```
//!
//! Nothing is copied, nothing recurses; the open containers are on a stack of twelve bytes each.
//!
//! **Secrets whose `kind` comes late.** In sorted JSON `data` stands before `kind`. An object that turns out
//! to be a Secret after some of its members have been passed is marked, and the walk goes on; the caller
//! then walks once more, and marked objects are Secrets from their first byte. INVARIANT (two-walks): the
//! second walk meets no unmarked Secret, because both walks look at the same names in the same order, so no
//! record is walked more than twice.
//!
//! Tried and not kept: going back to the object's start at once. Nested objects that all name their kind
//! last then cost a walk for each level.

use super::edits::{Edit, MASK, Put, Region, position};
use super::names::{self, Name};
use super::places::{Container, Names, Place, Rules, Scalar, Text};
use super::rows::Row;
use super::strings;
use crate::json::{scan, skip_space, utf8};
use crate::limits;
use crate::memory::{append_many, push};
use alloc::vec::Vec;

/// Why a value could not be walked to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The text ends inside it.
    Cut,
    /// It is no JSON, or more of it is damaged than can be noted.
    Damaged,
    /// There is no memory to go on.
    NoMemory,
}

/// An open container.
#[derive(Clone, Copy, Debug)]
struct Frame {
    start: u32,
    /// Members seen so far, or 0 for an array.
    keys: u16,
    flags: u16,
    place: Place,
}

const ARRAY: u16 = 1 << 0;
/// Some member other than `apiVersion`, `kind` and `type` was passed.
const PASSED: u16 = 1 << 1;
/// The object says `kind: Secret` or `kind: SecretList`.
const SECRET_KIND: u16 = 1 << 2;
/// The object has a `type` that only Secrets have.
const SECRET_TYPE: u16 = 1 << 3;
/// The object has `data` or `stringData`.
const HAS_DATA: u16 = 1 << 4;
/// The object has `metadata` or `items`.
const HAS_METADATA: u16 = 1 << 5;
/// The container is emitted as text: too deep.
const DEEP: u16 = 1 << 6;
/// The object is emitted as text: too many members.
const WIDE: u16 = 1 << 7;
/// The object may turn out to be a Secret.
const WATCHED: u16 = 1 << 8;
/// The container is hidden as a whole; what is in it is only checked.
const HIDDEN: u16 = 1 << 9;
/// The names of the object's members do not matter.
const IGNORED: u16 = 1 << 10;

/// Whether what is known of an object makes it a Secret.
///
/// `kind: Secret` alone does not: references (`{"kind":"Secret","name":"x"}`) say so too.
const fn is_secret(flags: u16) -> bool {
    (flags & SECRET_KIND != 0 && flags & (HAS_DATA | HAS_METADATA) != 0)
        || (flags & SECRET_TYPE != 0 && flags & HAS_DATA != 0)
}

/// The first position at or after `at` that is not white space; there is hardly ever any.
#[inline(always)]
fn past_space(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(&byte) if byte <= b' ' => skip_space(bytes, at),
        _ => at,
    }
}

/// Whether the text ends at `at`, where something else than what is there was expected.
#[cold]
fn cut_or_damaged(bytes: &[u8], at: usize) -> Broken {
    if at >= bytes.len() { Broken::Cut } else { Broken::Damaged }
}

/// How often the limits of what is emitted were hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LimitHits {
    pub(crate) nesting: u32,
    pub(crate) keys: u32,
}

/// How much a walker had noted at some point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noted {
    edits: usize,
    regions: usize,
    hits: LimitHits,
    damaged: u32,
}

/// Walks values; its buffers are reused from record to record.
#[derive(Debug, Default)]
pub(crate) struct Walker {
    stack: Vec<Frame>,
    /// One bit for each byte of the text: an object that begins there is a Secret.
    marks: Vec<u64>,
    /// A Secret was met that was not marked: the text must be walked again.
    pub(crate) late: bool,
    pub(crate) edits: Vec<Edit>,
    /// How many edits the text may have; more make a value [`Broken`], so that they never outweigh it.
    most_edits: usize,
    pub(crate) regions: Vec<Region>,
    pub(crate) hits: LimitHits,
    /// Parts that were no valid JSON.
    pub(crate) damaged: u32,
    decoded: Vec<u8>,
}

impl LimitHits {
    /// Never.
    pub(crate) const NONE: LimitHits = LimitHits { nesting: 0, keys: 0 };
}

impl Walker {
    /// A walker with empty buffers.
    pub(crate) const fn new() -> Self {
        Walker {
            stack: Vec::new(),
            marks: Vec::new(),
            late: false,
            edits: Vec::new(),
            most_edits: 0,
            regions: Vec::new(),
            hits: LimitHits::NONE,
            damaged: 0,
            decoded: Vec::new(),
        }
    }

    /// Forgets the edits, before the same text is walked again.
    pub(crate) fn restart(&mut self) {
        self.edits.clear();
        self.regions.clear();
        self.hits = LimitHits::NONE;
        self.damaged = 0;
        self.late = false;
    }

    /// How much is noted so far.
    pub(crate) fn noted(&self) -> Noted {
        Noted { edits: self.edits.len(), regions: self.regions.len(), hits: self.hits, damaged: self.damaged }
    }

    /// Forgets what was noted since, because what it is about does not stay.
    pub(crate) fn forget(&mut self, since: Noted) {
        self.edits.truncate(since.edits);
        self.regions.truncate(since.regions);
        self.hits = since.hits;
        self.damaged = since.damaged;
    }

    /// Forgets everything, before another text is walked.
    pub(crate) fn reset(&mut self) {
        self.restart();
        self.marks.clear();
        // Names are mended before the first value is walked.
        self.most_edits = limits::EDITS;
    }

    /// Walks the value that begins at `at`, which is at `place` and inside `nesting` containers.
    ///
    /// Returns the position behind it. After `Err` edits of the part that was read remain; the caller
    /// replaces the whole value.
    pub(crate) fn value(
        &mut self,
        bytes: &[u8],
        at: usize,
        place: Place,
        nesting: usize,
    ) -> Result<usize, Broken> {
        self.stack.clear();
        self.most_edits = (bytes.len() >> 4).saturating_add(limits::EDITS);
        let mut at = at;
        let mut place = place;
        let mut name = Name::Unknown;
        // The innermost open container, in locals; the stack holds those around it.
        let mut top = Frame { start: 0, keys: 0, place, flags: ARRAY };
        'value: loop {
            let rules = place.rules();
            let mut opened = false;
            match bytes.get(at) {
                Some(b'"') => {
                    let start = at.wrapping_add(1);
                    let end = scan::string(bytes, start).ok_or(Broken::Cut)?;
                    let plain = match rules.text {
                        Text::Keep => true,
                        Text::Sniff => !strings::may_begin_json(bytes, start),
                        _ => false,
                    };
                    if !plain || end.flags & !scan::ESCAPED != 0 {
                        self.text(bytes, start, end, rules)?;
                    }
                    if name.tells_kind() && top.flags & WATCHED != 0 {
                        top.flags |= self.says(bytes, start, end, name, top.start, top.flags)?;
                    }
                    at = end.quote.wrapping_add(1);
                }
                Some(&open @ (b'{' | b'[')) => {
                    let object = open == b'{';
                    let what = if object { rules.object } else { rules.array };
                    if self.stack.len() >= limits::WALKED_NESTING {
                        return Err(Broken::Damaged);
                    }
                    if !push(&mut self.stack, top) {
                        return Err(Broken::NoMemory);
                    }
                    top = Frame { start: position(at), keys: 0, flags: 0, place };
                    if self.stack.len().wrapping_add(nesting) == limits::EMITTED_NESTING.wrapping_add(1)
                        && place != Place::Kept
                    {
                        top.flags |= DEEP;
                    }
                    if what == Container::Mask {
                        top.flags |= HIDDEN | IGNORED;
                    }
                    if !object {
                        top.flags |= ARRAY;
                        place = if what == Container::Mask { Place::Kept } else { rules.element };
                        if what != Container::Mask {
                            top.place = place;
                        }
                    } else if what != Container::Mask {
                        match rules.names {
                            Names::Watched if !self.marks.is_empty() && self.is_marked(at) => {
                                top.place = place.as_secret();
                            }
                            Names::Watched => top.flags |= WATCHED,
                            Names::Ignored => top.flags |= IGNORED,
                            Names::Exact | Names::Folded | Names::Annotations => {}
                        }
                    }
                    at = past_space(bytes, at.wrapping_add(1));
                    let close = if object { b'}' } else { b']' };
                    if bytes.get(at) != Some(&close) {
                        if !object {
                            name = Name::Unknown;
                            continue 'value;
                        }
                        opened = true;
                    }
                }
                Some(&first) => {
                    let (end, known) = scan::scalar(bytes, at);
                    if !known {
                        if end == bytes.len() {
                            return Err(Broken::Cut);
                        }
                        if end == at {
                            return Err(Broken::Damaged);
                        }
                        self.damaged = self.damaged.wrapping_add(1);
                        self.edit(at, end, Put::Null, Row::Damaged)?;
                    } else if rules.scalar == Scalar::Mask && first != b'n' {
                        self.edit(at, end, Put::Null, rules.row)?;
                    }
                    at = end;
                }
                None => return Err(Broken::Cut),
            }
            'members: loop {
                // Behind a value, or at the end of an empty container.
                while !opened {
                    if self.stack.is_empty() {
                        return Ok(at);
                    }
                    match bytes.get(at) {
                        Some(b',') => {
                            at = at.wrapping_add(1);
                            if top.flags & ARRAY != 0 {
                                at = past_space(bytes, at);
                                name = Name::Unknown;
                                place = if top.flags & HIDDEN == 0 { top.place } else { Place::Kept };
                                continue 'value;
                            }
                            at = past_space(bytes, at);
                            opened = true;
                        }
                        Some(&close @ (b'}' | b']')) => {
                            if (close == b']') != (top.flags & ARRAY != 0) {
                                return Err(Broken::Damaged);
                            }
                            at = at.wrapping_add(1);
                            if top.flags & (HIDDEN | DEEP | WIDE) != 0 {
                                // The members of a record's own object are counted by whoever writes it.
                                let outermost = matches!(top.place, Place::Record | Place::SecretRecord);
                                self.close(bytes, at, top, outermost)?;
                            }
                            top = self.stack.pop().ok_or(Broken::Damaged)?;
                        }
                        Some(&space) if crate::json::is_space(space) => at = skip_space(bytes, at),
                        Some(_) => return Err(Broken::Damaged),
                        None => return Err(Broken::Cut),
                    }
                }
                // The name of the next member, and the colon behind it.
                if bytes.get(at) != Some(&b'"') {
                    return Err(cut_or_damaged(bytes, at));
                }
                let start = at.wrapping_add(1);
                let quote = scan::special(bytes, start);
                top.keys = top.keys.saturating_add(1);
                if top.keys > limits::EMITTED_KEYS {
                    top.flags |= WIDE;
                }
                let tail = scan::tail(bytes, quote);
                let plain = tail & 0xffff == scan::NAME_END;
                if plain
                    && (top.flags & IGNORED != 0
                        || top.flags & WATCHED != 0 && !names::may_be_watched(bytes, start, quote))
                {
                    // Nearly every member: a name that no rule knows, and often plain text behind it.
                    top.flags |= PASSED;
                    name = Name::Unknown;
                    place = if top.flags & HIDDEN == 0 { top.place.rules().other } else { Place::Kept };
                    at = quote.wrapping_add(2);
                    if tail >> 16 & 0xff == u32::from(b'"') {
                        let rules = place.rules();
                        let first = (tail >> 24) as u8;
                        if rules.text == Text::Keep
                            || rules.text == Text::Sniff && !strings::may_be_first_of_json(first)
                        {
                            let end = scan::special(bytes, at.wrapping_add(1));
                            if bytes.get(end) == Some(&b'"') {
                                at = end.wrapping_add(1);
                                opened = false;
                                continue 'members;
                            }
                        }
                        continue 'value;
                    }
                    at = past_space(bytes, at);
                    continue 'value;
                }
                if plain && top.flags & WATCHED != 0 {
                    at = past_space(bytes, quote.wrapping_add(2));
                    name = names::lookup(bytes, start, quote);
                } else {
                    let end = scan::string(bytes, start).ok_or(Broken::Cut)?;
                    at = past_space(bytes, end.quote.wrapping_add(1));
                    if bytes.get(at) != Some(&b':') {
                        return Err(cut_or_damaged(bytes, at));
                    }
                    at = past_space(bytes, at.wrapping_add(1));
                    (name, place, top.flags) = self.other_name(bytes, start, end, top)?;
                    // An object that may be a Secret leads there by no name that can be read.
                    if top.flags & WATCHED == 0 || place == Place::SecretOther {
                        continue 'value;
                    }
                }
                if name.makes_secret() {
                    (top.place, top.flags) = self.watch(top, name)?;
                } else if !name.opens_object() {
                    top.flags |= PASSED;
                }
                place = top.place.member(name);
                continue 'value;
            }
        }
    }

    /// A name of an object that cannot turn out to be a Secret, or one with escapes or damage; and where its
    /// value is.
    #[inline(never)]
    fn other_name(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: scan::StringEnd,
        top: Frame,
    ) -> Result<(Name, Place, u16), Broken> {
        let mut flags = top.flags;
        let rules = top.place.rules();
        let damaged = end.flags & !scan::ESCAPED;
        if damaged != 0 && top.flags & WATCHED != 0 {
            // Whoever reads it leniently may read `kind: Secret`.
            flags |= SECRET_KIND;
            if is_secret(flags) {
                self.mark(top.start)?;
            }
        }
        if damaged & scan::UNREADABLE != 0 {
            self.damaged = self.damaged.wrapping_add(1);
            self.edit(start, end.quote, Put::Mask, Row::Damaged)?;
            return Ok((Name::Unknown, Place::SecretOther, flags | PASSED));
        }
        let names = if top.flags & IGNORED != 0 { Names::Ignored } else { rules.names };
        let name = match names {
            // No name that a rule knows has a colon there; names of managed fields have.
            _ if damaged != 0 || bytes.get(start.wrapping_add(1)) == Some(&b':') => Name::Unknown,
            Names::Ignored | Names::Annotations => Name::Unknown,
            Names::Exact | Names::Watched if end.flags == 0 => names::lookup(bytes, start, end.quote),
            names => {
                let raw = bytes.get(start..end.quote).unwrap_or_default();
                names::lookup_decoded(raw, names == Names::Folded, &mut self.decoded)
            }
        };
        // A name that the API does not have is the client's own text.
        let own = match names {
            Names::Folded => true,
            Names::Exact => rules.other == Place::SecretOther,
            Names::Ignored | Names::Watched | Names::Annotations => false,
        };
        if own && name == Name::Unknown {
            self.mask_text(bytes, start, end.quote, rules.row)?;
        } else if damaged != 0 {
            self.replace_invalid(bytes, start, end.quote, rules.row)?;
        }
        let place = match names {
            Names::Annotations => {
                let raw = bytes.get(start..end.quote).unwrap_or_default();
                match strings::annotation(raw, &mut self.decoded) {
                    strings::Annotation::Harmless => Place::Any,
                    strings::Annotation::WebhookPatch if rules.other == Place::SecretMessage => {
                        Place::SecretWebhookPatch
                    }
                    strings::Annotation::WebhookPatch => Place::Any,
                    strings::Annotation::Other => rules.other,
                }
            }
            Names::Ignored if top.flags & HIDDEN != 0 => Place::Kept,
            Names::Ignored => rules.other,
            _ => top.place.member(name),
        };
        Ok((name, place, flags))
    }

    /// Scratch, for whoever has no buffer of its own.
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.decoded
    }

    /// The text of a name that may have escapes.
    pub(crate) fn decoded_name(&mut self, raw: &[u8]) -> Option<&[u8]> {
        crate::json::text::unescape(raw, &mut self.decoded).then_some(self.decoded.as_slice())
    }

    /// Notes what a known name tells about the object it belongs to.
    #[inline(never)]
    fn watch(&mut self, top: Frame, name: Name) -> Result<(Place, u16), Broken> {
        let mut top = top;
        let has = match name {
            Name::Data | Name::StringData => HAS_DATA,
            Name::Metadata | Name::Items => HAS_METADATA,
            _ => 0,
        };
        top.flags |= has;
        if has != 0 && is_secret(top.flags) {
            if top.flags & PASSED == 0 {
                top.place = top.place.as_secret();
                top.flags &= !WATCHED;
            } else {
                self.mark(top.start)?;
            }
        }
        Ok((top.place, top.flags | PASSED))
    }

    /// What the value of a `kind` or `type` tells about the object it belongs to.
    #[cold]
    #[inline(never)]
    fn says(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: scan::StringEnd,
        name: Name,
        object: u32,
        flags: u16,
    ) -> Result<u16, Broken> {
        let raw = bytes.get(start..end.quote).unwrap_or_default();
        let flag = match name {
            // Whoever reads it leniently may read anything.
            Name::Kind if end.flags & !scan::ESCAPED != 0 => SECRET_KIND,
            Name::Kind if strings::is_secret_kind(raw, &mut self.decoded) => SECRET_KIND,
            Name::Type if strings::is_secret_type(raw, &mut self.decoded) => SECRET_TYPE,
            _ => return Ok(0),
        };
        if is_secret(flags | flag) {
            self.mark(object)?;
        }
        Ok(flag)
    }

    /// Marks the object at `start` as a Secret that was recognised too late.
    #[cold]
    fn mark(&mut self, start: u32) -> Result<(), Broken> {
        let word = (start >> 6) as usize;
        if self.marks.len() <= word {
            let more = word.wrapping_add(1).wrapping_sub(self.marks.len());
            if !append_many(&mut self.marks, 0, more) {
                return Err(Broken::NoMemory);
            }
        }
        if let Some(marks) = self.marks.get_mut(word) {
            *marks |= 1_u64.wrapping_shl(start & 63);
        }
        self.late = true;
        Ok(())
    }

    #[inline(always)]
    fn is_marked(&self, at: usize) -> bool {
        match self.marks.get(at >> 6) {
            Some(&marks) => marks & 1_u64.wrapping_shl(position(at) & 63) != 0,
            None => false,
        }
    }

    /// A string that its place does not simply keep, or that is damaged.
    fn text(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: scan::StringEnd,
        rules: &Rules,
    ) -> Result<(), Broken> {
        let quote = end.quote;
        if end.flags & scan::UNREADABLE != 0 {
            self.damaged = self.damaged.wrapping_add(1);
            return self.edit(start, quote, Put::Mask, Row::Damaged);
        }
        let raw = bytes.get(start..quote).unwrap_or_default();
        let sound = end.flags & scan::NOT_UTF8 == 0;
        let json = match rules.text {
            _ if raw == MASK => return Ok(()),
            Text::Keep => None,
            Text::Sniff if strings::may_be_json(raw) => Some(Place::Any),
            Text::Sniff => None,
            Text::Json(place) => Some(place),
            Text::Read(reading) if sound => {
                if reading.is_plain(raw) {
                    return Ok(());
                }
                return self.edit(start, quote, Put::Read(reading), rules.row);
            }
            Text::Operation if strings::is_operation(raw) => None,
            Text::Pointer if sound && strings::is_known_pointer(raw, &mut self.decoded) => None,
            Text::Mask | Text::Operation | Text::Pointer | Text::Read(_) => {
                return self.edit(start, quote, Put::Mask, rules.row);
            }
        };
        match json {
            Some(place) if sound => self.edit(start, quote, Put::Json(place), rules.row),
            // Text that is no UTF-8 is no JSON; what it seemed to be is not to be read by anybody else.
            Some(_) => self.edit(start, quote, Put::Mask, rules.row),
            None if sound => Ok(()),
            None => self.replace_invalid(bytes, start, quote, rules.row),
        }
    }

    /// Hides a string's text, unless that is the mask already.
    fn mask_text(&mut self, bytes: &[u8], start: usize, end: usize, row: Row) -> Result<(), Broken> {
        if bytes.get(start..end) == Some(MASK) {
            return Ok(());
        }
        self.edit(start, end, Put::Mask, row)
    }

    /// Mends a string's text that is not UTF-8; hides it if that takes more edits than a text is worth.
    #[cold]
    pub(crate) fn replace_invalid(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: usize,
        row: Row,
    ) -> Result<(), Broken> {
        let before = self.edits.len();
        let most = before.saturating_add(limits::REPLACEMENTS);
        let mut result = Ok(());
        utf8::for_each_invalid(bytes, start, end, |start, end| {
            if result.is_ok() && self.edits.len() <= most {
                result = self.edit(start, end, Put::ReplacementCharacter, Row::Damaged);
            }
        });
        if self.edits.len() > most {
            self.edits.truncate(before);
            return self.edit(start, end, Put::Mask, row);
        }
        result
    }

    /// Closes a container that is hidden, or too deep or too wide to be emitted as one.
    #[cold]
    fn close(&mut self, bytes: &[u8], end: usize, frame: Frame, outermost: bool) -> Result<(), Broken> {
        let hidden = frame.flags & HIDDEN != 0;
        let deep = frame.flags & DEEP != 0;
        if !hidden && !deep && outermost {
            return Ok(());
        }
        let start = frame.start as usize;
        while self.regions.last().is_some_and(|region| region.start > frame.start) {
            self.regions.pop();
        }
        if !hidden {
            let hits = if deep { &mut self.hits.nesting } else { &mut self.hits.keys };
            *hits = hits.wrapping_add(1);
        }
        let rules = frame.place.rules();
        if !hidden && matches!(rules.text, Text::Sniff | Text::Keep) {
            let region = Region { start: frame.start, end: position(end) };
            return if push(&mut self.regions, region) { Ok(()) } else { Err(Broken::NoMemory) };
        }
        // Where a secret is possible nothing is emitted as text: a second pass would mask that.
        while self.edits.last().is_some_and(|edit| edit.start >= frame.start) {
            self.edits.pop();
        }
        let empty = skip_space(bytes, start.wrapping_add(1)).wrapping_add(1) == end;
        let put = match (deep, frame.flags & ARRAY != 0) {
            // Even an empty container would be one level too many.
            (true, _) => Put::MaskedString,
            (false, _) if empty => return Ok(()),
            (false, false) => Put::EmptyObject,
            (false, true) => Put::EmptyArray,
        };
        self.edit(start, end, put, rules.row)
    }

    #[inline(always)]
    pub(crate) fn edit(&mut self, start: usize, end: usize, put: Put, row: Row) -> Result<(), Broken> {
        if self.edits.len() >= self.most_edits {
            return Err(Broken::Damaged);
        }
        let edit = Edit { start: position(start), end: position(end), put, row };
        if push(&mut self.edits, edit) { Ok(()) } else { Err(Broken::NoMemory) }
    }
}
