//! Finding what must not get out: a walk over JSON notes edits, which somebody else writes.
//!
//! Data goes one way: [`places`] and [`rows`] say what becomes of what, [`walk`] obeys them and notes
//! [`edits`], this module opens the strings among them that hold JSON text. Nothing here knows of audit
//! events; the caller says at which place a value stands.
//!
//! - [`places`], [`rows`]: data, one row for each position
//! - [`walk`], [`names`]: HOT
//! - [`strings`]: cold, decisions on the text of few strings
//! - [`uri`], [`argv`]: what to hide in a URI and in the arguments of a command
//! - [`base64`]: decoding, and encoding as it was
//! - [`key_names`]: which names say that a value is a credential

pub(crate) mod argv;
#[cfg_attr(not(test), expect(dead_code, reason = "no place leads to it yet"))]
pub(crate) mod base64;
pub(crate) mod edits;
pub(crate) mod hide;
#[cfg_attr(not(test), expect(dead_code, reason = "no place leads to it yet"))]
pub(crate) mod key_names;
pub(crate) mod names;
mod percent;
pub(crate) mod places;
pub(crate) mod rows;
pub(crate) mod strings;
#[cfg_attr(not(test), expect(dead_code, reason = "no place leads to it yet"))]
pub(crate) mod uri;
pub(crate) mod values;
pub(crate) mod walk;

use crate::json::skip_space;
use crate::json::text::{self, Map};
use crate::limits::TEXT_LEVELS;
use crate::memory::push;
use alloc::vec::Vec;
use edits::{Edit, Put, position};
use places::Place;
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
}

impl Level {
    const NEW: Level =
        Level { text: Vec::new(), noted: Vec::new(), next: 0, settled: Vec::new(), start: 0, end: 0 };
}

impl Redactor {
    /// A redactor with empty buffers.
    pub(crate) const fn new() -> Self {
        Redactor {
            walker: Walker::new(),
            inner: Walker::new(),
            levels: [Level::NEW; TEXT_LEVELS],
            decoded: Vec::new(),
        }
    }

    /// Opens every string among the walker's edits that is to hold JSON text, and replaces its edit by the
    /// edits of what is in it, down to [`TEXT_LEVELS`] levels.
    ///
    /// Each text is unescaped and walked once (or twice, see [`walk`]) however the texts are nested, because
    /// a level is opened only after the one above it is settled. Positions found inside a text are translated
    /// level by level into positions of the record, so what is kept keeps its escapes.
    pub(crate) fn open_texts(&mut self, record: &[u8], settled: &mut Vec<Edit>) -> Result<(), Broken> {
        settled.clear();
        if !self.walker.edits.iter().any(|edit| matches!(edit.put, Put::Json(_))) {
            core::mem::swap(settled, &mut self.walker.edits);
            return Ok(());
        }
        let noted = core::mem::take(&mut self.walker.edits);
        let mut result = Ok(());
        for edit in &noted {
            let done = match edit.put {
                Put::Json(place) => self.open(record, *edit, place, settled),
                _ => keep(settled, *edit),
            };
            if done.is_err() {
                result = done;
                break;
            }
        }
        self.walker.edits = noted;
        result
    }

    /// Opens one string of the record, and all texts inside it.
    fn open(
        &mut self,
        record: &[u8],
        edit: Edit,
        place: Place,
        settled: &mut Vec<Edit>,
    ) -> Result<(), Broken> {
        if !self.walk_level(record, edit, place, 0) {
            return refuse(record, edit, settled, &mut self.decoded);
        }
        let mut depth = 0;
        loop {
            let Some((level, deeper)) = self.levels.get_mut(depth..).and_then(<[Level]>::split_first_mut)
            else {
                return Err(Broken);
            };
            match level.noted.get(level.next).copied() {
                Some(inner) => {
                    level.next = level.next.wrapping_add(1);
                    let Put::Json(place) = inner.put else {
                        keep(&mut level.settled, inner)?;
                        continue;
                    };
                    if deeper.is_empty() {
                        keep(&mut level.settled, Edit { put: Put::Mask, ..inner })?;
                        continue;
                    }
                    // The text is lent to the walk, which fills the level below.
                    let text = core::mem::take(&mut level.text);
                    let opened = self.walk_level(&text, inner, place, depth.wrapping_add(1));
                    let Some(level) = self.levels.get_mut(depth) else { return Err(Broken) };
                    if opened {
                        depth = depth.wrapping_add(1);
                    } else {
                        refuse(&text, inner, &mut level.settled, &mut self.decoded)?;
                    }
                    if let Some(level) =
                        self.levels.get_mut(if opened { depth.wrapping_sub(1) } else { depth })
                    {
                        level.text = text;
                    }
                }
                None if depth == 0 => return translate(record, level, settled),
                None => {
                    depth = depth.wrapping_sub(1);
                    let Some([above, level]) = self
                        .levels
                        .get_mut(depth..depth.wrapping_add(2))
                        .and_then(|two| <&mut [Level; 2]>::try_from(two).ok())
                    else {
                        return Err(Broken);
                    };
                    let text = core::mem::take(&mut above.text);
                    let done = translate(&text, level, &mut above.settled);
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
        level.noted.clear();
        let raw = above.get(edit.start as usize..edit.end as usize).unwrap_or_default();
        if !text::unescape(raw, &mut level.text) {
            return false;
        }
        let text = level.text.as_slice();
        let start = skip_space(text, 0);
        self.inner.reset();
        loop {
            // A text is inside a string: no host counts its nesting.
            let whole = match self.inner.value(text, start, place, NO_NESTING) {
                Ok(end) => skip_space(text, end) == text.len(),
                Err(Broken) => false,
            };
            if !whole || self.inner.damaged > 0 {
                return false;
            }
            if !self.inner.late {
                break;
            }
            self.inner.restart();
        }
        // Likewise for the width of its objects.
        core::mem::swap(&mut level.noted, &mut self.inner.edits);
        true
    }
}

/// A nesting so deep that the limit of what is emitted is never met again.
const NO_NESTING: usize = usize::MAX / 2;

/// A string that should hold JSON text and does not, or cannot be opened.
///
/// Where a copy of an object is expected it is hidden. Elsewhere the text is only suspected to be JSON: it is
/// hidden if it speaks of what Secrets have, because a cut manifest is no JSON either.
fn refuse(text: &[u8], edit: Edit, settled: &mut Vec<Edit>, decoded: &mut Vec<u8>) -> Result<(), Broken> {
    let raw = text.get(edit.start as usize..edit.end as usize).unwrap_or_default();
    if edit.row == Row::LastApplied || strings::speaks_of_secrets(raw, decoded) {
        return keep(settled, Edit { put: Put::Mask, ..edit });
    }
    Ok(())
}

fn keep(settled: &mut Vec<Edit>, edit: Edit) -> Result<(), Broken> {
    if push(settled, edit) { Ok(()) } else { Err(Broken) }
}

/// Moves what is settled of a level into the level above, whose text is `above`.
fn translate(above: &[u8], level: &Level, settled: &mut Vec<Edit>) -> Result<(), Broken> {
    let raw = above.get(level.start as usize..level.end as usize).unwrap_or_default();
    let mut map = Map::new(raw);
    for edit in &level.settled {
        let start = level.start.wrapping_add(position(map.raw(edit.start as usize)));
        let end = level.start.wrapping_add(position(map.raw(edit.end as usize)));
        keep(settled, Edit { start, end, ..*edit })?;
    }
    Ok(())
}
