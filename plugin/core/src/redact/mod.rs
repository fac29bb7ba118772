//! Finding what must not get out: a walk over JSON notes edits, which somebody else writes.
//!
//! Data goes one way: [`places`] and [`rows`] say what becomes of what, [`walk`] obeys them and notes
//! [`edits`], this module opens the strings among them that hold JSON text. Nothing here knows of audit
//! events; the caller says at which place a value stands.
//!
//! - [`places`], [`rows`]: data, one row for each position
//! - [`walk`], [`names`]: HOT
//! - [`strings`]: cold, decisions on the text of few strings
//! - [`reading`]: cold, strings of which parts are hidden, by the readers that follow
//! - [`uri`], [`argv`]: what to hide in a URI and in the arguments of a command
//! - [`client_text`]: what to hide in what clients say of themselves and of users
//! - [`message`]: what to hide in error texts and other prose
//! - [`content`]: keys and tokens that only their look gives away
//! - [`expression`]: what to hide in an expression of an admission policy
//! - [`yaml_text`]: what to hide in YAML, properties and env files
//! - [`free_text`]: what to hide in text whose name says nothing
//! - [`actions`]: cold, what becomes of the edits where they are to be something else than masks
//! - [`base64`]: decoding, and encoding as it was
//! - [`key_names`]: which names say that a value is a credential
//! - [`judged`]: HOT, what names were found to say
//! - [`remembered`]: HOT, values in which nothing was found

pub(crate) mod actions;
pub(crate) mod argv;
pub(crate) mod base64;
pub(crate) mod client_text;
pub(crate) mod content;
pub(crate) mod edits;
pub(crate) mod expression;
pub(crate) mod free_text;
pub(crate) mod hide;
pub(crate) mod judged;
pub(crate) mod key_names;
pub(crate) mod message;
pub(crate) mod names;
mod percent;
pub(crate) mod places;
pub(crate) mod reading;
pub(crate) mod remembered;
pub(crate) mod rows;
pub(crate) mod strings;
pub(crate) mod uri;
pub(crate) mod values;
pub(crate) mod walk;
pub(crate) mod yaml_text;

use crate::json::skip_space;
use crate::json::text::{self, Map};
use crate::limits::{self, TEXT_LEVELS};
use crate::memory::push;
use actions::{Actor, Digest};
use alloc::boxed::Box;
use alloc::vec::Vec;
use edits::{Edit, Put, position};
use places::Place;
use reading::{Buffers, Reading};
use rows::Row;
use walk::{Broken, Walker};

/// JSON text found in a string, one level of text in text.
#[derive(Debug, Default)]
struct Level {
    /// The string's text.
    text: Vec<u8>,
    /// What the walk over it noted.
    noted: Vec<Edit>,
    /// The next of `noted` to be looked at.
    next: usize,
    /// What is settled, in positions of this level.
    settled: Vec<Edit>,
    /// The digests among them.
    digests: Vec<Digest>,
    /// Where JSON begins in the text of which anything was noted.
    starts: Vec<u32>,
    /// The string, in positions of the level above.
    start: u32,
    end: u32,
}

/// Walks records and opens the texts in them; buffers are reused.
#[derive(Debug, Default)]
pub(crate) struct Redactor {
    pub(crate) walker: Walker,
    /// The walker of texts: the other one still holds the record's edits.
    inner: Walker,
    levels: [Level; TEXT_LEVELS],
    decoded: Vec<u8>,
    buffers: Buffers,
    /// What was noted of a text that was searched and read.
    searched: Vec<Edit>,
    /// Where the configuration asks for anything but masks.
    pub(crate) actor: Option<Box<Actor>>,
    /// The digests among the edits that [`open_texts`](Self::open_texts) settled.
    pub(crate) digests: Vec<Digest>,
}

impl Level {
    const NEW: Level = Level {
        text: Vec::new(),
        noted: Vec::new(),
        next: 0,
        settled: Vec::new(),
        digests: Vec::new(),
        starts: Vec::new(),
        start: 0,
        end: 0,
    };
}

impl Redactor {
    /// A redactor with empty buffers.
    pub(crate) const fn new() -> Self {
        Redactor {
            walker: Walker::new(),
            inner: Walker::of_texts(),
            levels: [Level::NEW; TEXT_LEVELS],
            decoded: Vec::new(),
            buffers: Buffers::new(),
            searched: Vec::new(),
            actor: None,
            digests: Vec::new(),
        }
    }

    /// Looks for the formats of a configuration, too.
    pub(crate) fn look_for(&mut self, own: Vec<content::Own>) {
        self.walker.reads_all = !own.is_empty();
        self.inner.reads_all = !own.is_empty();
        self.buffers.content.own = own;
    }

    /// The formats that [`look_for`](Self::look_for) was told.
    pub(crate) fn forget_formats(&mut self) -> Vec<content::Own> {
        core::mem::take(&mut self.buffers.content.own)
    }

    /// Opens every string among the walker's edits that is to hold JSON text, and replaces its edit by the
    /// edits of what is in it, down to [`TEXT_LEVELS`] levels.
    ///
    /// Each text is unescaped and walked once (or twice, see [`walk`]) however the texts are nested, because
    /// a level is opened only after the one above it is settled. Positions found inside a text are translated
    /// level by level into positions of the record, so what is kept keeps its escapes.
    pub(crate) fn open_texts(&mut self, record: &[u8], settled: &mut Vec<Edit>) -> Result<(), Broken> {
        settled.clear();
        self.digests.clear();
        if !self
            .walker
            .edits
            .iter()
            .any(|edit| matches!(edit.put, Put::Json(_) | Put::Search(_) | Put::Read(_)))
        {
            core::mem::swap(settled, &mut self.walker.edits);
            return Ok(());
        }
        self.buffers.restart();
        let noted = core::mem::take(&mut self.walker.edits);
        let mut result = Ok(());
        for edit in &noted {
            let before = settled.len();
            let mut first = 0;
            let (place, reading) = edit.put.opened_as(record, *edit);
            let opened = match place {
                Some(place) => {
                    // A part that is emitted as text is one level of text by itself, the next time.
                    let regions = &self.walker.regions;
                    let next = regions.partition_point(|region| region.end <= edit.start);
                    let inside = regions.get(next).is_some_and(|region| region.start < edit.start);
                    first = usize::from(inside);
                    self.open(record, *edit, place, first, settled)
                }
                None => Ok(false),
            };
            // How deep texts stand in a text counts from where it stands itself.
            let alone = match opened {
                Ok(true) => self.levels.get(first).is_some_and(|level| level.noted.is_empty()),
                _ => true,
            };
            let done = match opened {
                Ok(true) => Ok(()),
                Ok(false) => self.settle_unopened(record, *edit, reading, settled),
                Err(broken) => Err(broken),
            };
            if done.is_err() {
                result = done;
                break;
            }
            if alone && settled.len() == before && self.actor.is_none() {
                self.walker.remember_text(record, *edit);
            }
        }
        self.walker.edits = noted;
        result
    }

    /// Settles an edit whose string was not opened: it goes to its reader, or is one of a value as it stands.
    fn settle_unopened(
        &mut self,
        text: &[u8],
        edit: Edit,
        reading: Option<Reading>,
        settled: &mut Vec<Edit>,
    ) -> Result<(), Broken> {
        let raw = text.get(edit.start as usize..edit.end as usize).unwrap_or_default();
        match (reading, edit.put) {
            (Some(reading), _)
                if reading.may_hold_objects()
                    && strings::may_be_json(raw)
                    && strings::unreadable(raw, &mut self.decoded) == strings::Unreadable::Hidden =>
            {
                keep(settled, Edit { put: Put::Mask, ..edit })
            }
            (Some(reading), _) if reading::read(text, edit, reading, &mut self.buffers, settled) => {
                if join(settled, edit.start, &mut self.searched) {
                    forget_kept(settled, edit.start);
                    Ok(())
                } else {
                    Err(Broken::NoMemory)
                }
            }
            (Some(_), _) => Err(Broken::NoMemory),
            (None, Put::Json(_) | Put::Search(_)) => self.refuse(text, edit, settled),
            (None, _) => keep(settled, edit),
        }
    }

    /// Settles a string that should hold JSON text and does not, or cannot be opened.
    ///
    /// Where the place says that such text stands there, it is hidden. Elsewhere it only seemed to be JSON, and
    /// becomes what [`unreadable`](strings::unreadable) says.
    fn refuse(&mut self, text: &[u8], edit: Edit, settled: &mut Vec<Edit>) -> Result<(), Broken> {
        let raw = text.get(edit.start as usize..edit.end as usize).unwrap_or_default();
        if edit.row != Row::TextUnreadable {
            return keep(settled, Edit { put: Put::Mask, ..edit });
        }
        match strings::unreadable(raw, &mut self.decoded) {
            strings::Unreadable::Hidden => keep(settled, Edit { put: Put::Mask, ..edit }),
            unreadable => {
                let kept = unreadable == strings::Unreadable::Kept;
                let (reading, row) =
                    if kept { (Reading::Content, Row::Content) } else { (Reading::Message, edit.row) };
                let read = reading::read(text, Edit { row, ..edit }, reading, &mut self.buffers, settled)
                    && join(settled, edit.start, &mut self.searched);
                if read { Ok(()) } else { Err(Broken::NoMemory) }
            }
        }
    }

    /// Opens one string of the record, and all texts inside it, as levels from `first` on; `false` if it
    /// holds no readable JSON.
    fn open(
        &mut self,
        record: &[u8],
        edit: Edit,
        place: Place,
        first: usize,
        settled: &mut Vec<Edit>,
    ) -> Result<bool, Broken> {
        if !self.walk_level(record, edit, place, first) {
            return Ok(false);
        }
        let mut depth = first;
        loop {
            let Some((level, deeper)) = self.levels.get_mut(depth..).and_then(<[Level]>::split_first_mut)
            else {
                return Err(Broken::NoMemory);
            };
            match level.noted.get(level.next).copied() {
                Some(inner) => {
                    level.next = level.next.wrapping_add(1);
                    let (place, reading) = inner.put.opened_as(&level.text, inner);
                    let too_deep = deeper.is_empty();
                    if too_deep && matches!(inner.put, Put::Json(_)) {
                        keep(&mut level.settled, Edit { put: Put::Mask, ..inner })?;
                        continue;
                    }
                    // The text and what is settled are lent: the walk fills the level below.
                    let text = core::mem::take(&mut level.text);
                    let mut settled_here = core::mem::take(&mut level.settled);
                    let opened = match place {
                        Some(place) if !too_deep => {
                            self.walk_level(&text, inner, place, depth.wrapping_add(1))
                        }
                        _ => false,
                    };
                    let done = if opened {
                        Ok(())
                    } else {
                        self.settle_unopened(&text, inner, reading, &mut settled_here)
                    };
                    if let Some(level) = self.levels.get_mut(depth) {
                        level.text = text;
                        level.settled = settled_here;
                    }
                    done?;
                    depth = depth.wrapping_add(usize::from(opened));
                }
                None if depth == first => {
                    act(&mut self.actor, level)?;
                    return translate(record, level, settled, &mut self.digests).map(|()| true);
                }
                None => {
                    depth = depth.wrapping_sub(1);
                    let Some([above, level]) = self
                        .levels
                        .get_mut(depth..depth.wrapping_add(2))
                        .and_then(|two| <&mut [Level; 2]>::try_from(two).ok())
                    else {
                        return Err(Broken::NoMemory);
                    };
                    act(&mut self.actor, level)?;
                    let text = core::mem::take(&mut above.text);
                    let done = translate(&text, level, &mut above.settled, &mut above.digests);
                    above.text = text;
                    done?;
                }
            }
        }
    }

    /// Unescapes and walks the string `edit` of `above` into the level at `depth`; `false` if it holds no
    /// readable JSON.
    fn walk_level(&mut self, above: &[u8], edit: Edit, place: Place, depth: usize) -> bool {
        let Some(level) = self.levels.get_mut(depth) else { return false };
        level.start = edit.start;
        level.end = edit.end;
        level.next = 0;
        level.settled.clear();
        level.digests.clear();
        level.starts.clear();
        level.noted.clear();
        let raw = above.get(edit.start as usize..edit.end as usize).unwrap_or_default();
        if !text::unescape(raw, &mut level.text) {
            return false;
        }
        let text = level.text.as_slice();
        self.inner.reset(text);
        if let Put::Search(place) = edit.put {
            let searched = search_level(text, place, &mut self.inner, &mut level.starts);
            core::mem::swap(&mut level.noted, &mut self.inner.edits);
            return searched;
        }
        let start = skip_space(text, 0);
        // The second turn knows the Secrets that the first found late; no text needs a third.
        for _ in 0..2 {
            // A text is inside a string: no host counts its nesting, or the width of its objects.
            let mut at = start;
            // Where nobody says that one value stands there, it may be many, line by line.
            level.starts.clear();
            let whole = loop {
                let before = self.inner.noted();
                let Ok(end) = self.inner.value(text, at, place, NO_NESTING) else { break false };
                if self.inner.has_noted(before) && !push(&mut level.starts, position(at)) {
                    break false;
                }
                at = skip_space(text, end);
                let more = edit.row == Row::TextUnreadable && matches!(text.get(at), Some(b'{' | b'['));
                if !more {
                    break at == text.len();
                }
            };
            if !whole || self.inner.damaged > 0 {
                return false;
            }
            if !self.inner.late {
                core::mem::swap(&mut level.noted, &mut self.inner.edits);
                return true;
            }
            self.inner.restart();
        }
        false
    }
}

/// Walks all JSON in a text that is not JSON itself; `false` if it cannot be told what of it has to go.
///
/// What begins as JSON and is none goes with all that follows if that speaks of a Secret.
fn search_level(text: &[u8], place: Place, walker: &mut Walker, starts: &mut Vec<u32>) -> bool {
    for _ in 0..2 {
        starts.clear();
        let mut at = 0;
        let mut failures: u32 = 0;
        while let Some(start) = json_start(text, at) {
            let before = walker.noted();
            match walker.value(text, start, place, NO_NESTING) {
                Ok(end) if walker.damaged == 0 => {
                    at = end;
                    if walker.has_noted(before) && !push(starts, position(start)) {
                        return false;
                    }
                }
                Err(Broken::NoMemory) => return false,
                // In sorted JSON the kind stands behind the data: what is cut may be a Secret.
                Err(Broken::Cut) => {
                    walker.forget(before);
                    return walker.edit(start, text.len(), Put::Mask, Row::TextUnreadable).is_ok();
                }
                _ => {
                    walker.forget(before);
                    let rest = text.get(start..).unwrap_or_default();
                    if failures == 0 && message::quotes_secret(rest) {
                        return walker.edit(start, text.len(), Put::Mask, Row::TextUnreadable).is_ok();
                    }
                    failures = failures.wrapping_add(1);
                    if failures > limits::TEXT_FAILURES {
                        break;
                    }
                    at = start.wrapping_add(1);
                }
            }
        }
        if !walker.late {
            return true;
        }
        walker.restart();
    }
    false
}

/// Where JSON may begin at or after `from`: a brace, and a name behind it, perhaps one that is escaped.
fn json_start(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at = message::next_byte(text, at, b'{')?;
        let behind = skip_space(text, at.wrapping_add(1));
        if matches!(text.get(behind), Some(b'"' | b'\\')) {
            return Some(at);
        }
        at = at.wrapping_add(1);
    }
}

/// A nesting so deep that the limit of what is emitted is never met again.
const NO_NESTING: usize = usize::MAX / 2;

/// Puts the edits from `start` on in order, and makes one of those that overlap: a text may have been searched for
/// JSON before it was read. Both have left edits that are in order by themselves. `false` if there is no memory.
fn join(settled: &mut Vec<Edit>, start: u32, searched: &mut Vec<Edit>) -> bool {
    let first = settled.iter().rposition(|edit| edit.start < start).map_or(0, |last| last.wrapping_add(1));
    let joined = settled.get(first..).unwrap_or_default();
    let Some(second) = joined.windows(2).position(|two| matches!(two, [one, next] if one.end > next.start))
    else {
        return true;
    };
    searched.clear();
    if !joined.iter().all(|&edit| push(searched, edit)) {
        return false;
    }
    settled.truncate(first);
    let (searched, read) = searched.split_at_checked(second.wrapping_add(1)).unwrap_or_default();
    let (mut searched, mut read) = (searched.iter().peekable(), read.iter().peekable());
    loop {
        let before = match (searched.peek(), read.peek()) {
            (Some(one), Some(other)) => (one.start, one.end) <= (other.start, other.end),
            (one, _) => one.is_some(),
        };
        let Some(&next) = (if before { searched.next() } else { read.next() }) else { return true };
        let last = settled.get_mut(first..).and_then(<[Edit]>::last_mut);
        if let Some(last) = last.filter(|last| next.start < last.end) {
            *last = united(*last, next);
        } else if !push(settled, next) {
            return false;
        }
    }
}

/// Forgets, of the edits from `start` on, marks of what stayed in a text that was searched for JSON, where the reader of
/// that text hides it.
fn forget_kept(settled: &mut Vec<Edit>, start: u32) {
    let first = settled.iter().rposition(|edit| edit.start < start).map_or(0, |last| last.wrapping_add(1));
    if !settled.get(first..).unwrap_or_default().iter().any(|edit| edit.put == Put::Kept) {
        return;
    }
    let (mut left, mut hidden) = (first, 0);
    for index in first..settled.len() {
        let Some(&edit) = settled.get(index) else { return };
        let behind = settled.get(index.wrapping_add(1)..).unwrap_or_default().iter();
        let here = |next: &&Edit| next.start == edit.start;
        let covered = edit.start < hidden || behind.take_while(here).any(|next| next.put.hides());
        if edit.put == Put::Kept && covered {
            continue;
        }
        if edit.put.hides() {
            hidden = edit.end;
        }
        if let Some(place) = settled.get_mut(left) {
            *place = edit;
            left = left.wrapping_add(1);
        }
    }
    settled.truncate(left);
}

/// One edit for two that overlap. What was removed or signed is no more for a reader to hide.
fn united(one: Edit, other: Edit) -> Edit {
    let covers = |outer: Edit, inner: Edit| outer.start <= inner.start && inner.end <= outer.end;
    let acted = |edit: Edit| matches!(edit.put, Put::Nothing | Put::Digest);
    if acted(one) && covers(one, other) {
        return one;
    }
    if acted(other) && covers(other, one) {
        return other;
    }
    let put = if covers(one, other) && covers(other, one) { one.put } else { Put::Mask };
    Edit { end: one.end.max(other.end), put, ..one }
}

fn keep(settled: &mut Vec<Edit>, edit: Edit) -> Result<(), Broken> {
    if push(settled, edit) { Ok(()) } else { Err(Broken::NoMemory) }
}

/// Acts on what is settled of a level, if anything is to be done but to mask.
fn act(actor: &mut Option<Box<Actor>>, level: &mut Level) -> Result<(), Broken> {
    match actor {
        Some(actor) => actor.text(&level.text, &level.starts, &mut level.settled, &mut level.digests),
        None => Ok(()),
    }
}

/// Moves what is settled of a level into the level above, whose text is `above`.
fn translate(
    above: &[u8],
    level: &Level,
    settled: &mut Vec<Edit>,
    digests: &mut Vec<Digest>,
) -> Result<(), Broken> {
    let raw = above.get(level.start as usize..level.end as usize).unwrap_or_default();
    let mut map = Map::new(raw);
    for edit in &level.settled {
        let start = level.start.wrapping_add(position(map.raw(edit.start as usize)));
        let end = level.start.wrapping_add(position(map.raw(edit.end as usize)));
        keep(settled, Edit { start, end, ..*edit })?;
        if edit.put == Put::Digest {
            let found = level.digests.binary_search_by_key(&edit.start, |digest| digest.at);
            let digest = found.ok().and_then(|found| level.digests.get(found)).ok_or(Broken::Damaged)?;
            if !push(digests, digest.moved(start)) {
                return Err(Broken::NoMemory);
            }
        }
    }
    Ok(())
}
