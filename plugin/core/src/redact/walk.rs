//! HOT: one pass over a JSON value that checks its grammar and notes what is to be replaced.
//!
//! ```text
//! value:   by its first byte and the rules of its place: keep, mask, or push a frame and go in
//! behind:  , -> the next member's name decides the next place    } ] -> pop    nothing open -> done
//! ```
//!
//! Nothing is copied, nothing recurses; the open containers are on a stack of sixteen bytes each. It is one loop, because the
//! engine pays for each call what it pays for thirty steps: that is why the file is long.
//!
//! Nearly every member has a name that no rule knows and plain text or `{}` behind it. These go from name to name without
//! leaving the innermost loop; so do `kind`, `type` and `metadata` of what is no Secret, and the plain texts of an array.
//! Every other value takes the way round, through `'value`; `tests` compares the two. What is rare is in [`rare`].
//!
//! **Secrets whose `kind` comes late.** In sorted JSON `data` stands before `kind`. An object that turns out to be a Secret
//! after some of its members have been passed is marked, and the walk goes on; the caller then walks once more, and marked
//! objects are Secrets from their first byte. INVARIANT (two-walks): the second walk at the same places meets no unmarked
//! Secret, because both look at the same names in the same order. A record may be walked again for other reasons, a fixed
//! number of times: see `record::document`.
//!
//! Tried and not kept: going back to the object's start at once. Nested objects that all name their kind last then cost a
//! walk for each level. A position in the text instead of what is left of it: each look then costs an addition and a
//! comparison more. The number of members in the state: to see it pass the limit costs three instructions more for each.

mod fields_v1;
mod inside;
mod keyed;
mod pointer;
mod rare;
mod repeated;
#[cfg(test)]
mod tests;

use super::content;
use super::edits::{Edit, Region, position};
use super::judged::Judged;
use super::names::{self, Likely, Name};
use super::places::{self, Place, Text};
use super::remembered::Remembered;
use super::strings;
use crate::json::{scan, skip_space};
use crate::limits;
use crate::memory::push;
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

/// An open container: where it begins, and its state, which is the index of its place and its flags in one
/// number, so that it stays in one local.
///
/// For an array the place is that of its elements.
#[derive(Clone, Copy, Debug)]
struct Frame {
    start: u32,
    state: u32,
}

/// An open container that others stand in.
#[derive(Clone, Copy, Debug)]
struct Outer {
    frame: Frame,
    /// How many members it has so far.
    members: u32,
    /// The names that have to be looked at.
    likely: &'static Likely,
}

/// The bits of a state that hold the index of a place.
const PLACE: u32 = 0xff;
/// The container is an array: eight bits above what `]` and `}` differ in.
pub(crate) const ARRAY: u32 = (b']' ^ b'}') as u32 * 0x100;
/// Some member was passed that does not stand before everything else.
const PASSED: u32 = 1 << 9;
/// The object says `kind: Secret` or `kind: SecretList`.
const SECRET_KIND: u32 = 1 << 10;
/// The object has a `type` that only Secrets have.
const SECRET_TYPE: u32 = 1 << 11;
/// The object has `data` or `stringData`.
const HAS_DATA: u32 = 1 << 12;
/// The object has `metadata` or `items`.
const HAS_METADATA: u32 = 1 << 14;
/// The container is emitted as text: too deep.
const DEEP: u32 = 1 << 15;
/// The object may turn out to be a Secret.
pub(crate) const WATCHED: u32 = 1 << 16;
/// The container is hidden as a whole; what is in it is only checked.
pub(crate) const HIDDEN: u32 = 1 << 17;
/// The names of the object's members do not matter.
pub(crate) const IGNORED: u32 = 1 << 18;
/// Under a name that no rule knows, text that cannot be JSON and empty objects stay as they are. Where they
/// do not, every name is looked at.
pub(crate) const EASY: u32 = 1 << 19;
/// The container is [remembered](super::remembered) if nothing is found in it.
const PENDING: u32 = 1 << 20;
/// Under a name that no rule knows, text is not looked at for what it looks like.
pub(crate) const QUIET: u32 = 1 << 21;

/// The most members of an object that is emitted as one.
const MOST_MEMBERS: u32 = limits::EMITTED_KEYS as u32;

impl Frame {
    /// The place of the container, or of the elements of an array.
    fn place(self) -> Place {
        Place::at(self.state & PLACE)
    }

    /// The place of a member whose name no rule knows.
    #[inline(always)]
    fn other(self) -> Place {
        if self.state & HIDDEN == 0 { places::rules_at(self.state as u8).other } else { Place::Kept }
    }

    /// The place of an element.
    fn element(self) -> Place {
        if self.state & HIDDEN == 0 { self.place() } else { Place::Kept }
    }
}

/// Whether what is known of an object makes it a Secret.
///
/// `kind: Secret` alone does not: references (`{"kind":"Secret","name":"x"}`) say so too.
const fn is_secret(flags: u32) -> bool {
    (flags & SECRET_KIND != 0 && flags & (HAS_DATA | HAS_METADATA) != 0)
        || (flags & SECRET_TYPE != 0 && flags & HAS_DATA != 0)
}

/// `rest` without the white space it begins with; there is hardly ever any.
#[inline(always)]
fn past_space(rest: &[u8]) -> &[u8] {
    match rest.first() {
        Some(&byte) if byte <= b' ' => rest.get(skip_space(rest, 0)..).unwrap_or_default(),
        _ => rest,
    }
}

/// What stands behind the opening quote of a name.
#[inline(always)]
fn behind_quote(rest: &[u8]) -> Result<&[u8], Broken> {
    match rest.split_first() {
        Some((b'"', rest)) => Ok(rest),
        Some(_) => Err(Broken::Damaged),
        None => Err(Broken::Cut),
    }
}

/// The state of an object at `place` that is known to be a Secret, and the names that have to be looked at.
#[cold]
fn as_secret(state: u32, place: Place) -> (u32, &'static Likely) {
    let secret = place.as_secret();
    (state & !(PLACE | WATCHED | EASY) | secret as u32, &names::ALL_LIKELY)
}

/// The state of a container at the depth where some are emitted as text, and the names that have to be looked at.
#[cold]
fn at_depth(
    depth: usize,
    deepest: usize,
    place: Place,
    state: u32,
    likely: &'static Likely,
) -> (u32, &'static Likely) {
    if depth.wrapping_sub(deepest) < 2 && place != Place::Kept {
        let deep = if depth == deepest { 0 } else { DEEP };
        (state & !EASY | deep, &names::ALL_LIKELY)
    } else {
        (state, likely)
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Noted {
    edits: usize,
    regions: usize,
    hits: LimitHits,
    damaged: u32,
}

/// Walks values; its buffers are reused from record to record.
#[derive(Debug, Default)]
pub(crate) struct Walker {
    stack: Vec<Outer>,
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
    /// Where the operation of a JSON patch begins that was met last, and the place of its value.
    operation: Option<(u32, Place)>,
    judged: Judged,
    /// It walks texts in strings.
    in_text: bool,
    /// Every text with marks is read: the configuration has formats of its own.
    pub(crate) reads_all: bool,
    columns: keyed::Columns,
    remembered: Remembered,
    pending: repeated::Pending,
}

impl Noted {
    pub(crate) const NOTHING: Noted = Noted { edits: 0, regions: 0, hits: LimitHits::NONE, damaged: 0 };
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
            operation: None,
            judged: Judged::NEW,
            in_text: false,
            reads_all: false,
            columns: keyed::Columns::NONE,
            remembered: Remembered::NOTHING,
            pending: repeated::Pending::NONE,
        }
    }

    /// A walker of texts in strings.
    pub(crate) const fn of_texts() -> Self {
        let mut walker = Walker::new();
        walker.in_text = true;
        walker
    }

    /// Forgets the edits, before the same text is walked again.
    pub(crate) fn restart(&mut self) {
        self.judged.make_room();
        self.edits.clear();
        self.regions.clear();
        self.hits = LimitHits::NONE;
        self.damaged = 0;
        self.late = false;
        self.operation = None;
        self.columns = keyed::Columns::NONE;
    }

    /// How much is noted so far.
    pub(crate) fn noted(&self) -> Noted {
        Noted { edits: self.edits.len(), regions: self.regions.len(), hits: self.hits, damaged: self.damaged }
    }

    /// Whether any edit was noted since.
    pub(crate) fn has_noted(&self, since: Noted) -> bool {
        self.edits.len() > since.edits
    }

    /// Forgets what was noted since, because what it is about does not stay.
    pub(crate) fn forget(&mut self, since: Noted) {
        self.edits.truncate(since.edits);
        self.regions.truncate(since.regions);
        self.hits = since.hits;
        self.damaged = since.damaged;
    }

    /// Forgets everything, before another text is walked.
    pub(crate) fn reset(&mut self, text: &[u8]) {
        self.restart();
        self.marks.clear();
        self.most_edits = (text.len() >> 4).saturating_add(limits::EDITS);
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
        // At this depth containers are emitted whole, and what is in them is not.
        let deepest = limits::EMITTED_NESTING.wrapping_sub(nesting);
        let mut rest = bytes.get(at..).unwrap_or_default();
        let mut place = place;
        let mut name = Name::Unknown;
        // The innermost open container, in locals; the stack holds the `depth` ones around it.
        let mut top = Frame { start: 0, state: ARRAY };
        let mut members: u32 = 0;
        let mut likely = &names::NONE_LIKELY;
        let mut depth: usize = 0;
        self.pending = repeated::Pending::NONE;

        /// Opens the container that `rest` begins with.
        macro_rules! open {
            ($state:ident) => {
                if depth >= self.stack.len() {
                    self.grow()?;
                }
                if let Some(outer) = self.stack.get_mut(depth) {
                    outer.frame = top;
                    outer.members = members;
                    outer.likely = likely;
                }
                depth = depth.wrapping_add(1);
                let rules = place.rules();
                likely = rules.likely;
                members = 0;
                top.start = position(bytes.len().wrapping_sub(rest.len()));
                top.state = rules.$state;
                if depth.wrapping_add(1) > deepest {
                    (top.state, likely) = at_depth(depth, deepest, place, top.state, likely);
                }
                if !self.marks.is_empty() && top.state & WATCHED != 0 {
                    (top.state, likely) = self.as_marked(top, place, likely);
                }
            };
        }

        /// From behind a value to behind the quote of the next name, out of containers that end; or to the next
        /// element of an array.
        macro_rules! next_name {
            ($value:lifetime) => {
                loop {
                    match rest.first() {
                        Some(b',') => {
                            let after = rest.get(1..).unwrap_or_default();
                            if top.state & ARRAY == 0 {
                                rest = match after.split_first() {
                                    Some((b'"', after)) => after,
                                    _ => behind_quote(past_space(after))?,
                                };
                                break;
                            }
                            rest = past_space(after);
                            name = Name::Unknown;
                            place = top.element();
                            continue $value;
                        }
                        Some(&close) if u32::from(close) ^ (top.state & ARRAY) >> 8 == u32::from(b'}') => {
                            rest = rest.get(1..).unwrap_or_default();
                            if top.state & (HIDDEN | DEEP | PENDING) != 0 || members > MOST_MEMBERS {
                                self.close(bytes, bytes.len().wrapping_sub(rest.len()), top, members)?;
                            }
                            depth = depth.wrapping_sub(1);
                            if depth == 0 {
                                return Ok(bytes.len().wrapping_sub(rest.len()));
                            }
                            Outer { frame: top, members, likely } =
                                *self.stack.get(depth).ok_or(Broken::Damaged)?;
                        }
                        Some(&space) if crate::json::is_space(space) => rest = past_space(rest),
                        Some(_) => return Err(Broken::Damaged),
                        None => return Err(Broken::Cut),
                    }
                }
            };
        }

        'value: loop {
            'opened: {
                match rest.first() {
                    Some(b'"') => {
                        let mut text = rest.get(1..).unwrap_or_default();
                        let mut behind = scan::plain_text(text);
                        let rules = place.rules();
                        let kept = match rules.text {
                            Text::Keep => true,
                            Text::Sniff | Text::Known => {
                                !text.first().is_some_and(|&first| scan::may_be_first_of_object(first))
                            }
                            _ => false,
                        };
                        if kept && behind.first() == Some(&b'"') && !name.tells_kind() {
                            loop {
                                if text.len().wrapping_sub(behind.len()) >= content::SHORTEST
                                    && rules.text == Text::Sniff
                                {
                                    self.look(
                                        bytes,
                                        bytes.len().wrapping_sub(text.len()),
                                        bytes.len().wrapping_sub(behind.len()),
                                        place,
                                    )?;
                                }
                                // The next element is at the same place, and often plain text too.
                                let tail = scan::tail(behind);
                                if tail & scan::THREE != scan::NEXT_NAME
                                    || top.state & ARRAY == 0
                                    || depth == 0
                                    || scan::may_be_first_of_object((tail >> 24) as u8)
                                {
                                    break;
                                }
                                let next = behind.get(3..).unwrap_or_default();
                                let after = scan::plain_text(next);
                                if after.first() != Some(&b'"') {
                                    break;
                                }
                                (text, behind) = (next, after);
                            }
                            rest = behind.get(1..).unwrap_or_default();
                        } else {
                            let at;
                            (at, top.state) = self.string(bytes, text, behind, place, name, top)?;
                            rest = bytes.get(at..).unwrap_or_default();
                        }
                    }
                    Some(b'{') => {
                        open!(object_state);
                        if top.start == self.pending.start {
                            top.state |= PENDING;
                        }
                        if let [_, b'"', after @ ..] = rest {
                            rest = after;
                            break 'opened;
                        }
                        rest = past_space(rest.get(1..).unwrap_or_default());
                        if rest.first() != Some(&b'}') {
                            rest = behind_quote(rest)?;
                            break 'opened;
                        }
                    }
                    Some(b'[') => {
                        open!(array_state);
                        if top.start == self.pending.start {
                            top.state |= PENDING;
                        }
                        rest = past_space(rest.get(1..).unwrap_or_default());
                        if rest.first() != Some(&b']') {
                            name = Name::Unknown;
                            place = top.element();
                            continue 'value;
                        }
                    }
                    Some(_) => rest = bytes.get(self.scalar(bytes, rest, place)?..).unwrap_or_default(),
                    None => return Err(Broken::Cut),
                }
                if depth == 0 {
                    return Ok(bytes.len().wrapping_sub(rest.len()));
                }
                next_name!('value);
            }
            'name: loop {
                members = members.wrapping_add(1);
                name = Name::Unknown;
                let (first, behind) = scan::name(rest);
                'known: {
                    'looked_at: {
                        let Some(&tail) = behind.first_chunk::<4>() else { break 'looked_at };
                        let tail = u32::from_le_bytes(tail);
                        if tail & 0xffff != scan::NAME_END {
                            break 'looked_at;
                        }
                        let length = rest.len().wrapping_sub(behind.len());
                        if names::is_likely(likely, length, first) {
                            if top.state & (WATCHED | EASY) != WATCHED | EASY {
                                break 'looked_at;
                            }
                            // What says that it is no Secret, as nearly every object does, is like any other member.
                            match length {
                                8 if first == names::FIELDS_V1 && tail >> 16 == scan::OBJECT => {
                                    let fields = behind.get(2..).unwrap_or_default();
                                    let Some(after) = self.behind_fields(fields, deepest.wrapping_sub(depth))
                                    else {
                                        break 'looked_at;
                                    };
                                    top.state |= PASSED;
                                    rest = after;
                                    next_name!('value);
                                    continue 'name;
                                }
                                8 if first == names::METADATA && top.state & SECRET_KIND == 0 => {
                                    top.state |= HAS_METADATA;
                                }
                                4 if tail >> 16 & 0xff == u32::from(b'"') => {
                                    let text = behind.get(3..).unwrap_or_default();
                                    if first as u32 == names::KIND && !strings::may_be_secret_kind(text) {
                                        name = Name::Kind;
                                    } else if first as u32 == names::TYPE
                                        && !strings::may_be_secret_type(text)
                                    {
                                        name = Name::Type;
                                    } else {
                                        break 'looked_at;
                                    }
                                }
                                _ => {
                                    if top.place().is_keyed() {
                                        break 'looked_at;
                                    }
                                    let start = bytes.len().wrapping_sub(rest.len());
                                    name = names::lookup(bytes, start, start.wrapping_add(length));
                                    if name.makes_secret() {
                                        break 'looked_at;
                                    }
                                    if !name.opens_object() {
                                        top.state |= PASSED;
                                    }
                                    place = top.place().member(name);
                                    rest = past_space(behind.get(2..).unwrap_or_default());
                                    break 'known;
                                }
                            }
                        }
                        // Nearly every member: a name that no rule knows, and often plain text behind it.
                        top.state |= PASSED;
                        if tail >> 16 & 0xff == u32::from(b'"') {
                            let text = behind.get(3..).unwrap_or_default();
                            if !scan::may_be_first_of_object((tail >> 24) as u8) || scan::begins_word(text) {
                                let behind = scan::plain_text(text);
                                // What ends at an escape is looked at as a whole, on the way round.
                                if text.len().wrapping_sub(behind.len()) >= content::LONG
                                    && behind.first() == Some(&b'"')
                                    && top.state & QUIET == 0
                                    && !content::is_name_of_a_name(first, length)
                                {
                                    self.look(
                                        bytes,
                                        bytes.len().wrapping_sub(text.len()),
                                        bytes.len().wrapping_sub(behind.len()),
                                        top.other(),
                                    )?;
                                }
                                if let Some(&tail) = behind.first_chunk::<4>()
                                    && u32::from_le_bytes(tail) & scan::THREE == scan::NEXT_NAME
                                {
                                    rest = behind.get(3..).unwrap_or_default();
                                    continue 'name;
                                }
                                if behind.first() == Some(&b'"') {
                                    rest = behind.get(1..).unwrap_or_default();
                                    next_name!('value);
                                    continue 'name;
                                }
                            }
                        } else if tail >> 16 == scan::EMPTY_OBJECT {
                            rest = behind.get(4..).unwrap_or_default();
                            if let Some((b",\"", after)) = rest.split_first_chunk::<2>() {
                                rest = after;
                                continue 'name;
                            }
                            next_name!('value);
                            continue 'name;
                        }
                        place = top.other();
                        rest = behind.get(2..).unwrap_or_default();
                        if tail >> 16 == scan::OBJECT {
                            open!(object_state);
                            rest = behind.get(4..).unwrap_or_default();
                            continue 'name;
                        }
                        rest = past_space(rest);
                        continue 'value;
                    }
                    let at;
                    (at, name, place, top.state) = self.name(bytes, rest, behind, top)?;
                    if top.state & EASY == 0 {
                        likely = &names::ALL_LIKELY;
                    }
                    rest = bytes.get(at..).unwrap_or_default();
                }
                if name.is_often_repeated()
                    && let Some(after) = self.behind_repeated(bytes, rest, place, deepest.wrapping_sub(depth))
                {
                    rest = after;
                    next_name!('value);
                    continue 'name;
                }
                continue 'value;
            }
        }
    }

    /// Makes room on the stack for one more container.
    #[cold]
    #[inline(never)]
    fn grow(&mut self) -> Result<(), Broken> {
        if self.stack.len() >= limits::WALKED_NESTING {
            return Err(Broken::Damaged);
        }
        let frame = Frame { start: 0, state: ARRAY };
        let outer = Outer { frame, members: 0, likely: &names::NONE_LIKELY };
        if push(&mut self.stack, outer) { Ok(()) } else { Err(Broken::NoMemory) }
    }
}
