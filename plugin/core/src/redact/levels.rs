//! Cold: the way into texts in texts, level by level, and back.
//!
//! A level is a text that stands in a string, or in something that carries it, of the level above. It is walked or
//! read once, what is noted of it is settled one after another, and the positions of what was settled become
//! positions of the level above. What does not hold a position is written anew there.

use super::actions::{Actor, Digest};
use super::carriers::{self, Carrier, Code, Found, Written};
use super::edits::{Edit, MASK, Put, position};
use super::joined::{join, keep, take_from};
use super::places::Place;
use super::reading::{self, Reading};
use super::rows::Row;
use super::walk::{Broken, Walker};
use super::{Redactor, message, percent, strings, yaml_text};
use crate::json::text::{self, Map};
use crate::json::{skip, skip_space};
use crate::limits;
use crate::memory::{append, push};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// JSON text found in a string, one level of text in text.
#[derive(Debug, Default)]
pub(super) struct Level {
    /// The string's text.
    text: Vec<u8>,
    /// What the walk over it noted.
    pub(super) noted: Vec<Edit>,
    /// The next of `noted` to be looked at.
    next: usize,
    /// What a reader noted of one of its strings in which something carries a text; the next of it.
    pending: Vec<Edit>,
    next_pending: usize,
    /// How it is written in the level above.
    code: Code,
    /// It was searched and then read, so what is settled is in order by parts.
    read: bool,
    /// What is settled, in positions of this level.
    settled: Vec<Edit>,
    /// The digests among them.
    digests: Vec<Digest>,
    /// Where JSON begins in the text of which anything was noted.
    starts: Vec<u32>,
    /// The string, or what carries it, in positions of the level above.
    start: u32,
    end: u32,
}

impl Level {
    /// With nothing in it.
    pub(super) const NEW: Level = Level {
        text: Vec::new(),
        noted: Vec::new(),
        next: 0,
        pending: Vec::new(),
        next_pending: 0,
        code: Code::Plain,
        read: false,
        settled: Vec::new(),
        digests: Vec::new(),
        starts: Vec::new(),
        start: 0,
        end: 0,
    };
}

impl Level {
    /// The next of what was noted.
    fn take(&mut self) -> Option<Edit> {
        if let Some(&edit) = self.pending.get(self.next_pending) {
            self.next_pending = self.next_pending.wrapping_add(1);
            return Some(edit);
        }
        let edit = self.noted.get(self.next).copied();
        self.next = self.next.wrapping_add(usize::from(edit.is_some()));
        edit
    }

    /// Begins with the text that stands in `edit` from `start` on.
    fn begin(&mut self, start: u32, end: u32, code: Code) {
        self.start = start;
        self.end = end;
        self.code = code;
        self.next = 0;
        self.next_pending = 0;
        self.read = false;
        self.pending.clear();
        self.settled.clear();
        self.digests.clear();
        self.starts.clear();
        self.noted.clear();
    }
}

/// What became of something that was to be opened.
enum Opened {
    /// It is the level at this depth now.
    Level,
    /// It is no such thing.
    Unopened,
    /// It is settled by this.
    Settled(Edit),
    /// There is nothing to hide.
    Nothing,
}

impl Redactor {
    /// Opens what stands at `edit` of the record, and all texts inside it, as levels from `first` on; `false` if it
    /// is a string that holds no readable JSON.
    pub(super) fn open(
        &mut self,
        record: &[u8],
        edit: Edit,
        place: Option<Place>,
        first: usize,
        settled: &mut Vec<Edit>,
    ) -> Result<bool, Broken> {
        match self.enter(record, edit, place, first) {
            Opened::Unopened => return Ok(false),
            Opened::Settled(edit) => return keep(settled, edit).map(|()| true),
            Opened::Nothing => return Ok(true),
            Opened::Level => {}
        }
        let mut depth = first;
        loop {
            let level = self.levels.get_mut(depth).ok_or(Broken::NoMemory)?;
            match level.take() {
                Some(inner) if !inner.put.is_open() => keep(&mut level.settled, inner)?,
                Some(inner) => {
                    let (place, reading) = inner.put.opened_as(&level.text, inner);
                    // The text and what is settled are lent: the walk fills the level below.
                    let text = core::mem::take(&mut level.text);
                    let mut settled_here = core::mem::take(&mut level.settled);
                    let opened = self.enter(&text, inner, place, depth.wrapping_add(1));
                    let done = match opened {
                        Opened::Level | Opened::Nothing => Ok(()),
                        Opened::Settled(edit) => keep(&mut settled_here, edit),
                        Opened::Unopened => self
                            .settle_unopened(&text, inner, reading, &mut settled_here)
                            .and_then(|()| self.close(&text, inner, true, &mut settled_here)),
                    };
                    if let Some(level) = self.levels.get_mut(depth) {
                        level.text = text;
                        level.settled = settled_here;
                        if matches!(opened, Opened::Unopened) && self.buffers.carriers {
                            level.next_pending = 0;
                            take_from(&mut level.settled, inner.start, &mut level.pending)?;
                        }
                    }
                    done?;
                    depth = depth.wrapping_add(usize::from(matches!(opened, Opened::Level)));
                }
                None => {
                    if level.read {
                        self.join_read(depth)?;
                    }
                    let level = self.levels.get_mut(depth).ok_or(Broken::NoMemory)?;
                    act(&mut self.actor, level)?;
                    if depth == first {
                        return self.leave(record, depth, settled, None).map(|()| true);
                    }
                    let above = depth.wrapping_sub(1);
                    let level = self.levels.get_mut(above).ok_or(Broken::NoMemory)?;
                    let text = core::mem::take(&mut level.text);
                    let mut settled_above = core::mem::take(&mut level.settled);
                    let done = self.leave(&text, depth, &mut settled_above, Some(above));
                    if let Some(level) = self.levels.get_mut(above) {
                        level.text = text;
                        level.settled = settled_above;
                    }
                    done?;
                    depth = above;
                }
            }
        }
    }

    /// Makes what stands at `edit` of `above` the level at `depth`.
    #[inline(always)]
    fn enter(&mut self, above: &[u8], edit: Edit, place: Option<Place>, depth: usize) -> Opened {
        if let Put::Decode(carrier) = edit.put {
            // Two steps, one after the other: together they would need more of the stack in the walk.
            return match self.decode_level(above, edit, carrier, depth) {
                Opened::Level => self.read_level(edit, carrier, depth),
                done => done,
            };
        }
        if depth >= self.levels.len() && matches!(edit.put, Put::Json(_)) {
            return Opened::Settled(Edit { put: Put::Mask, ..edit });
        }
        match place {
            Some(place) if self.walk_level(above, edit, place, depth) => Opened::Level,
            _ => Opened::Unopened,
        }
    }

    /// Decodes what stands at `edit` of `above` into the level at `depth`.
    #[inline(never)]
    fn decode_level(&mut self, above: &[u8], edit: Edit, carrier: Carrier, depth: usize) -> Opened {
        let hidden = |at: usize| {
            let start = edit.start.wrapping_add(position(at));
            Opened::Settled(Edit { start, put: Put::Mask, ..edit })
        };
        let raw = above.get(edit.start as usize..edit.end as usize).unwrap_or_default();
        let Some(level) = self.levels.get_mut(depth) else {
            return if raw == MASK { Opened::Nothing } else { hidden(0) };
        };
        match carriers::read(carrier, raw, &mut self.decoded, &mut level.text) {
            Found::Text(start, code) => {
                level.begin(edit.start.wrapping_add(position(start)), edit.end, code);
                Opened::Level
            }
            Found::Compressed(start) => hidden(start),
            Found::Unreadable(start) if carrier != Carrier::Likely => hidden(start),
            Found::Unreadable(_) | Found::Nothing => Opened::Nothing,
        }
    }

    /// Walks or reads the text of the level at `depth`, which stood at `edit`.
    #[inline(never)]
    fn read_level(&mut self, edit: Edit, carrier: Carrier, depth: usize) -> Opened {
        let Some(level) = self.levels.get_mut(depth) else { return Opened::Nothing };
        let hidden = Opened::Settled(Edit { start: level.start, put: Put::Mask, ..edit });
        let text = level.text.as_slice();
        self.inner.reset(text);
        if carriers::may_be_object(text) {
            if walk_whole(text, Place::Custom, true, &mut self.inner, &mut level.starts) {
                core::mem::swap(&mut level.noted, &mut self.inner.edits);
                return if level.noted.is_empty() { Opened::Nothing } else { Opened::Level };
            }
            if strings::unreadable_text(text) == strings::Unreadable::Hidden {
                return hidden;
            }
            self.inner.reset(text);
        }
        // JSON amid other text, and then that text.
        if !search_level(text, Place::Custom, &mut self.inner, &mut level.starts) {
            return hidden;
        }
        core::mem::swap(&mut level.noted, &mut self.inner.edits);
        level.read = true;
        let strict = carrier == Carrier::File;
        let row = match edit.row {
            Row::KeyName if yaml_text::says_secret(text) => Row::SecretData,
            row => row,
        };
        if !reading::read_file(text, row, strict, &mut self.buffers, &mut level.noted) {
            return hidden;
        }
        if level.noted.is_empty() { Opened::Nothing } else { Opened::Level }
    }

    /// Moves what is settled of the level at `depth` into the one above, whose text is `above`: that of the record, or
    /// of the level `to`.
    #[inline(never)]
    fn leave(
        &mut self,
        above: &[u8],
        depth: usize,
        settled: &mut Vec<Edit>,
        to: Option<usize>,
    ) -> Result<(), Broken> {
        let level = self.levels.get_mut(depth).ok_or(Broken::NoMemory)?;
        if matches!(level.code, Code::Base64(..) | Code::Lines)
            && let [first, rest @ ..] = level.settled.as_slice()
        {
            let all = rest.is_empty()
                && first.put == Put::Mask
                && (first.start, first.end as usize) == (0, level.text.len());
            if all || level.code == Code::Lines {
                return keep(
                    settled,
                    Edit { start: level.start, end: level.end, put: Put::Mask, row: first.row },
                );
            }
        }
        if let Code::Base64(spelling, signs) = level.code {
            if let Some(actor) = &mut self.actor {
                actor.finish_text(&level.text, &level.starts, &mut level.settled, &mut level.digests)?;
            }
            let (start, end) = (level.start, level.end);
            let mut row = None;
            for edit in level.settled.iter().filter(|edit| edit.put.hides() || edit.put == Put::Kept) {
                let put = if edit.put == Put::Kept { Put::Kept } else { Put::Removed };
                row = row.or((put == Put::Removed).then_some(edit.row));
                keep(settled, Edit { start, end: start, put, row: edit.row })?;
            }
            let Some(row) = row else { return Ok(()) };
            let edited = &mut self.edited;
            if !carriers::apply(&level.text, 0, &level.settled, &level.digests, &self.written, edited) {
                return Err(Broken::NoMemory);
            }
            // Of what cannot be written anew nothing stays.
            let number = self.written.add(edited, spelling, signs, &mut self.decoded);
            let put = number.map_or(Put::MaskedText, Put::Written);
            return keep(settled, Edit { start, end, put, row });
        }
        let Some(to) = to else {
            return translate(above, level, settled, &mut self.digests, &mut self.written, &mut self.decoded);
        };
        let level = core::mem::replace(level, Level::NEW);
        let mut digests =
            self.levels.get_mut(to).map(|to| core::mem::take(&mut to.digests)).unwrap_or_default();
        let done = translate(above, &level, settled, &mut digests, &mut self.written, &mut self.decoded);
        if let Some(to) = self.levels.get_mut(to) {
            to.digests = digests;
        }
        if let Some(place) = self.levels.get_mut(depth) {
            *place = level;
        }
        done
    }

    /// Puts in order what is settled of a level that was searched and then read.
    #[inline(never)]
    fn join_read(&mut self, depth: usize) -> Result<(), Broken> {
        let level = self.levels.get_mut(depth).ok_or(Broken::NoMemory)?;
        if !join(&mut level.settled, 0, &mut self.searched) {
            return Err(Broken::NoMemory);
        }
        let text = core::mem::take(&mut level.text);
        let mut settled = core::mem::take(&mut level.settled);
        let whole = Edit { start: 0, end: position(text.len()), put: Put::Mask, row: Row::TextUnreadable };
        let closed = self.close(&text, whole, false, &mut settled);
        if let Some(level) = self.levels.get_mut(depth) {
            level.text = text;
            level.settled = settled;
        }
        closed
    }

    /// Hides more of a text whose reader has hidden some of it, if whoever reads it next would: a mask that took a quote or a
    /// brace along makes another text of what stands behind it.
    ///
    /// `edit` is the text in `above`, `escaped` if it is a string of JSON there. What is left of JSON without its end goes
    /// as what was cut does; a text that its reader reads otherwise now goes whole.
    #[inline(never)]
    pub(super) fn close(
        &mut self,
        above: &[u8],
        edit: Edit,
        escaped: bool,
        settled: &mut Vec<Edit>,
    ) -> Result<(), Broken> {
        let reading = if let Put::Read(reading) = edit.put { reading } else { Reading::FreeText };
        let shaped = reading.may_hold_objects() || reading == Reading::Message;
        if !shaped || settled.last().is_none_or(|last| last.start < edit.start) {
            return Ok(());
        }
        let raw = above.get(..edit.end as usize).unwrap_or_default();
        let start = edit.start as usize;
        let first =
            settled.iter().rposition(|done| done.start < edit.start).map_or(0, |last| last.wrapping_add(1));
        let edits = settled.get(first..).unwrap_or_default();
        // What is to be opened yet keeps its letters, for all that is read here.
        let is_settled = |done: &&Edit| !matches!(done.put, Put::Decode(_));
        let disturbs = |done: &&Edit| {
            let hidden = raw.get(done.start as usize..done.end as usize).unwrap_or_default();
            is_settled(done) && done.put.hides() && hidden.iter().any(|&byte| shapes(byte))
        };
        if edits.iter().find(disturbs).is_none() {
            return Ok(());
        }
        if !carriers::apply(
            raw,
            start,
            edits.iter().filter(is_settled),
            &[],
            &Written::NONE,
            &mut self.edited,
        ) {
            return Err(Broken::NoMemory);
        }
        if escaped && !text::unescape(&self.edited, &mut self.decoded) {
            return Ok(());
        }
        let text = if escaped { self.decoded.as_slice() } else { self.edited.as_slice() };
        let whole = skip_space(text, 0);
        let begins_as_json = matches!(text.get(whole), Some(b'"' | b'{' | b'['))
            && !text.get(whole..).is_some_and(|rest| rest.starts_with(MASK));
        // It was no JSON, or it would have been opened.
        let is_json = reading.as_json().is_some()
            && skip::value(text, whole).is_some_and(|end| skip_space(text, end) == text.len());
        let cut = reading.may_hold_objects() && strings::unreadable_text(text) == strings::Unreadable::Hidden;
        if begins_as_json && (is_json || cut)
            || reading::hides_more(text, reading, &mut self.buffers, &mut self.searched)
        {
            settled.truncate(first);
            return keep(settled, Edit { put: Put::Mask, ..edit });
        }
        self.inner.reset(text);
        search_level(text, Place::Any, &mut self.inner, &mut self.searched_starts);
        let cut = |found: &&Edit| found.row == Row::TextUnreadable && found.end as usize == text.len();
        let Some(found) = self.inner.edits.last().filter(cut) else { return Ok(()) };
        let mut at = found.start as usize;
        let left = if escaped { &mut self.decoded } else { &mut self.edited };
        left.truncate(at);
        if !append(left, MASK) {
            return Err(Broken::NoMemory);
        }
        if reading::hides_more(left, reading, &mut self.buffers, &mut self.searched) {
            settled.truncate(first);
            return keep(settled, Edit { put: Put::Mask, ..edit });
        }
        if escaped {
            at = Map::new(&self.edited).raw(at);
        }
        // Where that stands in the text as it was.
        let (mut reached, mut from) = (0_usize, start);
        for done in edits.iter().filter(is_settled) {
            let kept = (done.start as usize).saturating_sub(from);
            if reached.saturating_add(kept) > at {
                break;
            }
            reached = reached.saturating_add(kept).saturating_add(done.put.bytes().len());
            from = done.end as usize;
        }
        from = from.saturating_add(at.saturating_sub(reached));
        while let Some(last) =
            settled.get(first..).and_then(<[Edit]>::last).filter(|last| last.end as usize > from)
        {
            from = from.min(last.start as usize);
            settled.pop();
        }
        keep(settled, Edit { start: position(from), put: Put::Mask, row: Row::TextUnreadable, ..edit })
    }

    /// Unescapes and walks the string `edit` of `above` into the level at `depth`; `false` if it holds no
    /// readable JSON.
    #[inline(never)]
    fn walk_level(&mut self, above: &[u8], edit: Edit, place: Place, depth: usize) -> bool {
        let Some(level) = self.levels.get_mut(depth) else { return false };
        level.begin(edit.start, edit.end, Code::Plain);
        let raw = above.get(edit.start as usize..edit.end as usize).unwrap_or_default();
        if !text::unescape(raw, &mut level.text) {
            return false;
        }
        let text = level.text.as_slice();
        self.inner.reset(text);
        let walked = match edit.put {
            Put::Search(place) => search_level(text, place, &mut self.inner, &mut level.starts),
            _ => {
                let many = edit.row == Row::TextUnreadable;
                walk_whole(text, place, many, &mut self.inner, &mut level.starts)
            }
        };
        core::mem::swap(&mut level.noted, &mut self.inner.edits);
        walked
    }
}

/// Whether a byte says what becomes of those beside it: quotes, brackets, white space, the sign behind a key, and what ends
/// a line or a command.
const fn shapes(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'{' | b'}' | b'[' | b']' | b'(' | b')')
        || matches!(byte, b'=' | b';' | b'&' | b'|' | b' ' | b'\n' | b'\t')
}

/// Walks a text that is JSON; `false` if it is none. It may be `many` values, line by line, where nobody says that
/// it is one.
fn walk_whole(text: &[u8], place: Place, many: bool, walker: &mut Walker, starts: &mut Vec<u32>) -> bool {
    let start = skip_space(text, 0);
    // The second turn knows the Secrets that the first found late; no text needs a third.
    for _ in 0..2 {
        // A text is inside a string: no host counts its nesting, or the width of its objects.
        let mut at = start;
        starts.clear();
        let whole = loop {
            let before = walker.noted();
            let Ok(end) = walker.value(text, at, place, NO_NESTING) else { break false };
            if walker.has_noted(before) && !push(starts, position(at)) {
                break false;
            }
            at = skip_space(text, end);
            if !(many && matches!(text.get(at), Some(b'{' | b'['))) {
                break at == text.len();
            }
        };
        if !whole || walker.damaged > 0 {
            return false;
        }
        if !walker.late {
            return true;
        }
        walker.restart();
    }
    false
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
    written: &mut Written,
    scratch: &mut Vec<u8>,
) -> Result<(), Broken> {
    let raw = above.get(level.start as usize..level.end as usize).unwrap_or_default();
    let mut map = Map::new(raw);
    let mut encoded = None;
    if level.code == Code::Percent {
        let escaped = raw.contains(&b'\\') && text::unescape(raw, scratch);
        encoded = Some(percent::Map::new(if escaped { scratch.as_slice() } else { raw }));
    }
    let mut at = |decoded: u32| {
        let decoded = decoded as usize;
        let plain = encoded.as_mut().map_or(decoded, |map| map.raw(decoded));
        level.start.wrapping_add(position(map.raw(plain)))
    };
    for edit in &level.settled {
        let start = at(edit.start);
        let end = at(edit.end);
        keep(settled, Edit { start, end, ..*edit })?;
        match edit.put {
            Put::Digest => {
                let found = level.digests.binary_search_by_key(&edit.start, |digest| digest.at);
                let digest = found.ok().and_then(|found| level.digests.get(found)).ok_or(Broken::Damaged)?;
                if !push(digests, digest.moved(start)) {
                    return Err(Broken::NoMemory);
                }
            }
            Put::Written(number) if !written.lift(number) => return Err(Broken::NoMemory),
            _ => {}
        }
    }
    Ok(())
}
