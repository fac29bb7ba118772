//! HOT: one pass over a JSON value that checks its grammar and notes what is to be replaced.
//!
//! ```text
//! value:   by its first byte and the rules of its place: keep, mask, or push a frame and go in
//! behind:  , -> the next member's name decides the next place    } ] -> pop    nothing open -> done
//! ```
//!
//! Nothing is copied, nothing recurses; the open containers are on a stack of eight bytes each.
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
use crate::json::{scan, skip, skip_space, utf8};
use crate::limits;
use crate::memory::push;
use alloc::vec::Vec;

/// The value is cut or no JSON; or there is no memory to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken;

/// An open container.
#[derive(Clone, Copy, Debug)]
struct Frame {
    start: u32,
    /// Members seen so far, or 0 for an array.
    keys: u16,
    place: Place,
    flags: u8,
}

const ARRAY: u8 = 1 << 0;
/// Some member other than `apiVersion`, `kind` and `type` was passed.
const PASSED: u8 = 1 << 1;
/// The object says `kind: Secret` or `kind: SecretList`.
const SECRET_KIND: u8 = 1 << 2;
/// The object has a `type` that only Secrets have.
const SECRET_TYPE: u8 = 1 << 3;
/// The object has `data` or `stringData`.
const HAS_DATA: u8 = 1 << 4;
/// The object has `metadata` or `items`.
const HAS_METADATA: u8 = 1 << 5;
/// The container is emitted as text: too deep.
const DEEP: u8 = 1 << 6;
/// The object is emitted as text: too many members.
const WIDE: u8 = 1 << 7;

/// Whether what is known of an object makes it a Secret.
///
/// `kind: Secret` alone does not: references (`{"kind":"Secret","name":"x"}`) say so too.
const fn is_secret(flags: u8) -> bool {
    (flags & SECRET_KIND != 0 && flags & (HAS_DATA | HAS_METADATA) != 0)
        || (flags & SECRET_TYPE != 0 && flags & HAS_DATA != 0)
}

/// How often the limits of what is emitted were hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LimitHits {
    pub(crate) nesting: u32,
    pub(crate) keys: u32,
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

    /// Forgets everything, before another text is walked.
    pub(crate) fn reset(&mut self) {
        self.restart();
        self.marks.clear();
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
        let mut at = at;
        let mut place = place;
        let mut name = Name::Unknown;
        let mut top = Frame { start: 0, keys: 0, place, flags: ARRAY };
        'value: loop {
            let rules = place.rules();
            match bytes.get(at) {
                Some(b'"') => {
                    let start = at.wrapping_add(1);
                    let end = scan::string(bytes, start).ok_or(Broken)?;
                    if end.flags & !scan::ESCAPED != 0 || rules.text != Text::Keep {
                        self.text(bytes, start, end, rules)?;
                    }
                    if matches!(name, Name::Kind | Name::Type) && top.place.rules().names == Names::Watched {
                        self.says(bytes, start, end, name, &mut top)?;
                    }
                    at = end.quote.wrapping_add(1);
                }
                Some(&open @ (b'{' | b'[')) => {
                    let object = open == b'{';
                    let what = if object { rules.object } else { rules.array };
                    if what == Container::Mask || self.stack.len() >= limits::WALKED_NESTING {
                        at = self.mask_container(bytes, at, object, what, rules)?;
                    } else {
                        if !push(&mut self.stack, top) {
                            return Err(Broken);
                        }
                        let mut flags = if object { 0 } else { ARRAY };
                        if self.stack.len().wrapping_add(nesting) == limits::EMITTED_NESTING.wrapping_add(1) {
                            flags |= DEEP;
                        }
                        let inside = if object { place } else { rules.element };
                        top = Frame { start: position(at), keys: 0, place: inside, flags };
                        if object && self.is_marked(at) {
                            top.place = Place::Secret;
                        }
                        at = skip_space(bytes, at.wrapping_add(1));
                        let close = if object { b'}' } else { b']' };
                        if bytes.get(at) != Some(&close) {
                            if object {
                                (at, name, place) = self.name(bytes, at, &mut top)?;
                            } else {
                                name = Name::Unknown;
                                place = top.place;
                            }
                            continue 'value;
                        }
                    }
                }
                Some(_) => {
                    let (end, known) = scan::scalar(bytes, at);
                    if !known {
                        self.damaged = self.damaged.wrapping_add(1);
                        self.edit(at, end, Put::Null, Row::Damaged)?;
                    } else if rules.scalar == Scalar::Mask && bytes.get(at) != Some(&b'n') {
                        self.edit(at, end, Put::Null, rules.row)?;
                    }
                    if end == at {
                        return Err(Broken);
                    }
                    at = end;
                }
                None => return Err(Broken),
            }
            // Behind a value, or at the end of an empty container.
            loop {
                if self.stack.is_empty() {
                    return Ok(at);
                }
                match bytes.get(at) {
                    Some(b',') => {
                        at = at.wrapping_add(1);
                        if top.flags & ARRAY == 0 {
                            (at, name, place) = self.name(bytes, at, &mut top)?;
                        } else {
                            at = skip_space(bytes, at);
                            name = Name::Unknown;
                            place = top.place;
                        }
                        continue 'value;
                    }
                    Some(&close @ (b'}' | b']')) => {
                        if (close == b']') != (top.flags & ARRAY != 0) {
                            return Err(Broken);
                        }
                        at = at.wrapping_add(1);
                        if top.flags & (DEEP | WIDE) != 0 {
                            self.close_limited(at, top)?;
                        }
                        top = self.stack.pop().ok_or(Broken)?;
                    }
                    Some(&space) if crate::json::is_space(space) => at = skip_space(bytes, at),
                    _ => return Err(Broken),
                }
            }
        }
    }

    /// Reads the member name at `at` and the colon behind it; returns where the value begins, which name it
    /// was, and the place of the value.
    #[inline(always)]
    fn name(&mut self, bytes: &[u8], at: usize, top: &mut Frame) -> Result<(usize, Name, Place), Broken> {
        let at = skip_space(bytes, at);
        if bytes.get(at) != Some(&b'"') {
            return Err(Broken);
        }
        let start = at.wrapping_add(1);
        let end = scan::string(bytes, start).ok_or(Broken)?;
        let mut behind = end.quote.wrapping_add(1);
        if bytes.get(behind) != Some(&b':') {
            behind = skip_space(bytes, behind);
            if bytes.get(behind) != Some(&b':') {
                return Err(Broken);
            }
        }
        let value = skip_space(bytes, behind.wrapping_add(1));
        top.keys = top.keys.wrapping_add(1);
        if top.keys > limits::EMITTED_KEYS {
            top.flags |= WIDE;
            // Counting on would overflow; the flag is all that matters from here.
            top.keys = limits::EMITTED_KEYS;
        }
        let rules = top.place.rules();
        if end.flags & !scan::ESCAPED != 0 {
            self.mend_name(bytes, start, end)?;
            if end.flags & scan::UNREADABLE != 0 {
                return Ok((value, Name::Unknown, Place::SecretOther));
            }
        }
        let name = match rules.names {
            Names::Ignored => return Ok((value, Name::Unknown, rules.other)),
            Names::Exact | Names::Watched if end.flags & scan::ESCAPED == 0 => {
                names::lookup(bytes, start, end.quote)
            }
            names => {
                let raw = bytes.get(start..end.quote).unwrap_or_default();
                names::lookup_decoded(raw, names == Names::Folded, &mut self.decoded)
            }
        };
        match rules.names {
            Names::Watched => self.watch(top, name)?,
            // A name that the API does not have is the client's own text.
            Names::Folded if name == Name::Unknown => {
                self.mask_text(bytes, start, end.quote, rules.row)?;
            }
            Names::Exact if name == Name::Unknown && rules.other == Place::SecretOther => {
                self.mask_text(bytes, start, end.quote, rules.row)?;
            }
            _ => {}
        }
        Ok((value, name, top.place.member(name)))
    }

    /// Mends a name with bytes that are no UTF-8; hides one that no reader has to accept.
    #[cold]
    pub(crate) fn mend_name(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: scan::StringEnd,
    ) -> Result<(), Broken> {
        if end.flags & scan::UNREADABLE != 0 {
            self.damaged = self.damaged.wrapping_add(1);
            return self.edit(start, end.quote, Put::Mask, Row::Damaged);
        }
        if end.flags & scan::NOT_UTF8 != 0 {
            return self.replace_invalid(bytes, start, end.quote);
        }
        Ok(())
    }

    /// The text of a name that may have escapes.
    pub(crate) fn decoded_name(&mut self, raw: &[u8]) -> Option<&[u8]> {
        crate::json::text::unescape(raw, &mut self.decoded).then_some(self.decoded.as_slice())
    }

    /// Notes what a member's name tells about the object it belongs to.
    #[inline(always)]
    fn watch(&mut self, top: &mut Frame, name: Name) -> Result<(), Broken> {
        match name {
            Name::Unknown => top.flags |= PASSED,
            Name::Data | Name::StringData => self.completes(top, HAS_DATA)?,
            Name::Metadata | Name::Items => self.completes(top, HAS_METADATA)?,
            Name::ApiVersion | Name::Kind | Name::Type => {}
            _ => top.flags |= PASSED,
        }
        Ok(())
    }

    /// Notes a member that a Secret has; if the object is one now, and nothing was passed, it is from here on.
    fn completes(&mut self, top: &mut Frame, flag: u8) -> Result<(), Broken> {
        top.flags |= flag;
        if is_secret(top.flags) {
            if top.flags & PASSED == 0 {
                top.place = Place::Secret;
            } else {
                self.mark(top.start)?;
            }
        }
        top.flags |= PASSED;
        Ok(())
    }

    /// Notes the value of a `kind` or `type`.
    #[cold]
    fn says(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: scan::StringEnd,
        name: Name,
        top: &mut Frame,
    ) -> Result<(), Broken> {
        let raw = bytes.get(start..end.quote).unwrap_or_default();
        let flag = match name {
            Name::Kind if strings::is_secret_kind(raw, &mut self.decoded) => SECRET_KIND,
            Name::Type if strings::is_secret_type(raw, &mut self.decoded) => SECRET_TYPE,
            _ => return Ok(()),
        };
        top.flags |= flag;
        if is_secret(top.flags) {
            self.mark(top.start)?;
        }
        Ok(())
    }

    /// Marks the object at `start` as a Secret that was recognised too late.
    #[cold]
    fn mark(&mut self, start: u32) -> Result<(), Broken> {
        let word = (start >> 6) as usize;
        if self.marks.len() <= word {
            let more = word.wrapping_add(1).wrapping_sub(self.marks.len());
            if self.marks.try_reserve(more).is_err() {
                return Err(Broken);
            }
            self.marks.resize(word.wrapping_add(1), 0);
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
        let keep = match rules.text {
            Text::Keep => true,
            Text::Mask => false,
            Text::Operation => strings::is_operation(raw),
            Text::Pointer => strings::is_known_pointer(raw),
            Text::Sniff => {
                if strings::may_be_json(raw) {
                    return self.edit(start, quote, Put::Json(Place::Any), rules.row);
                }
                true
            }
            Text::Json(place) => {
                if raw != MASK {
                    return self.edit(start, quote, Put::Json(place), rules.row);
                }
                true
            }
        };
        if !keep {
            return self.mask_text(bytes, start, quote, rules.row);
        }
        if end.flags & scan::NOT_UTF8 != 0 {
            return self.replace_invalid(bytes, start, quote);
        }
        Ok(())
    }

    /// Hides a string's text, unless that is the mask already.
    fn mask_text(&mut self, bytes: &[u8], start: usize, end: usize, row: Row) -> Result<(), Broken> {
        if bytes.get(start..end) == Some(MASK) {
            return Ok(());
        }
        self.edit(start, end, Put::Mask, row)
    }

    #[cold]
    fn replace_invalid(&mut self, bytes: &[u8], start: usize, end: usize) -> Result<(), Broken> {
        let mut result = Ok(());
        utf8::for_each_invalid(bytes, start, end, |start, end| {
            if result.is_ok() {
                result = self.edit(start, end, Put::ReplacementCharacter, Row::Damaged);
            }
        });
        result
    }

    /// Passes over a container whose content is hidden; returns the position behind it.
    fn mask_container(
        &mut self,
        bytes: &[u8],
        at: usize,
        object: bool,
        what: Container,
        rules: &Rules,
    ) -> Result<usize, Broken> {
        let end = skip::container(bytes, at).ok_or(Broken)?;
        let (put, close) = if object { (Put::EmptyObject, b'}') } else { (Put::EmptyArray, b']') };
        let content = skip_space(bytes, at.wrapping_add(1));
        let empty = content.wrapping_add(1) == end && bytes.get(content) == Some(&close);
        if !empty {
            let row = if what == Container::Mask { rules.row } else { Row::TooDeep };
            self.edit(at, end, put, row)?;
        }
        Ok(end)
    }

    /// Closes a container that is too deep or too wide to be emitted as one.
    #[cold]
    fn close_limited(&mut self, end: usize, frame: Frame) -> Result<(), Broken> {
        let hits = if frame.flags & DEEP != 0 { &mut self.hits.nesting } else { &mut self.hits.keys };
        *hits = hits.wrapping_add(1);
        while self.regions.last().is_some_and(|region| region.start > frame.start) {
            self.regions.pop();
        }
        let rules = frame.place.rules();
        if matches!(rules.text, Text::Sniff | Text::Keep) {
            let region = Region { start: frame.start, end: position(end) };
            return if push(&mut self.regions, region) { Ok(()) } else { Err(Broken) };
        }
        // A secret is possible here, and a string at this place would be masked on a second pass.
        while self.edits.last().is_some_and(|edit| edit.start >= frame.start) {
            self.edits.pop();
        }
        let put = if frame.flags & ARRAY == 0 { Put::EmptyObject } else { Put::EmptyArray };
        self.edit(frame.start as usize, end, put, rules.row)
    }

    #[inline(always)]
    pub(crate) fn edit(&mut self, start: usize, end: usize, put: Put, row: Row) -> Result<(), Broken> {
        let edit = Edit { start: position(start), end: position(end), put, row };
        if push(&mut self.edits, edit) { Ok(()) } else { Err(Broken) }
    }
}
