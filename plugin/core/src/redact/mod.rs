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
//! - [`carriers`]: cold, what is encoded in other texts
//! - [`levels`]: cold, the way into texts in texts and back
//! - [`actions`]: cold, what becomes of the edits where they are to be something else than masks
//! - [`base64`]: decoding, and encoding as it was
//! - [`key_names`]: which names say that a value is a credential
//! - [`judged`]: HOT, what names were found to say
//! - [`remembered`]: HOT, values in which nothing was found

pub(crate) mod actions;
pub(crate) mod argv;
pub(crate) mod base64;
pub(crate) mod carriers;
pub(crate) mod client_text;
pub(crate) mod content;
pub(crate) mod edits;
pub(crate) mod expression;
pub(crate) mod free_text;
pub(crate) mod hide;
mod joined;
pub(crate) mod judged;
pub(crate) mod key_names;
mod levels;
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

use crate::limits::TEXT_LEVELS;
use actions::{Actor, Digest};
use alloc::boxed::Box;
use alloc::vec::Vec;
use carriers::Written;
use edits::{Edit, Put};
use joined::{forget_kept, join, keep};
use levels::Level;
use reading::{Buffers, Reading};
use rows::Row;
use walk::{Broken, Walker};

/// Walks records and opens the texts in them; buffers are reused.
#[derive(Debug, Default)]
pub(crate) struct Redactor {
    pub(crate) walker: Walker,
    /// The walker of texts: the other one still holds the record's edits.
    inner: Walker,
    levels: [Level; TEXT_LEVELS],
    decoded: Vec<u8>,
    /// A text with its edits made.
    edited: Vec<u8>,
    buffers: Buffers,
    /// What was noted of a text that was searched and read.
    searched: Vec<Edit>,
    /// Where JSON begins in a text with its edits made.
    searched_starts: Vec<u32>,
    /// What a reader noted of a string of the record in which something carries a text.
    pending: Vec<Edit>,
    /// Where the configuration asks for anything but masks.
    pub(crate) actor: Option<Box<Actor>>,
    /// The digests among the edits that [`open_texts`](Self::open_texts) settled.
    pub(crate) digests: Vec<Digest>,
    /// The texts among them that were written anew.
    written: Written,
}

impl Redactor {
    /// A redactor with empty buffers.
    pub(crate) const fn new() -> Self {
        Redactor {
            walker: Walker::new(),
            inner: Walker::of_texts(),
            levels: [Level::NEW; TEXT_LEVELS],
            decoded: Vec::new(),
            edited: Vec::new(),
            buffers: Buffers::new(),
            searched: Vec::new(),
            searched_starts: Vec::new(),
            pending: Vec::new(),
            actor: None,
            digests: Vec::new(),
            written: Written::NONE,
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
    pub(crate) fn open_texts(
        &mut self,
        record: &[u8],
        settled: &mut Vec<Edit>,
        written: &mut Written,
    ) -> Result<(), Broken> {
        settled.clear();
        self.digests.clear();
        if !self.walker.edits.iter().any(|edit| edit.put.is_open()) {
            core::mem::swap(settled, &mut self.walker.edits);
            return Ok(());
        }
        self.buffers.restart();
        core::mem::swap(&mut self.written, written);
        self.written.clear();
        let noted = core::mem::take(&mut self.walker.edits);
        let mut result = Ok(());
        for edit in &noted {
            let before = settled.len();
            let alone = match self.open_text(record, *edit, settled) {
                Ok(alone) => alone,
                Err(broken) => {
                    result = Err(broken);
                    break;
                }
            };
            // What was read of a string may have become one with what was found in its JSON.
            let clean = settled.len() == before && settled.last().is_none_or(|last| last.end <= edit.start);
            if alone && clean && self.actor.is_none() {
                self.walker.remember_text(record, *edit);
            }
        }
        self.walker.edits = noted;
        core::mem::swap(&mut self.written, written);
        result
    }

    /// Settles one edit of the record; whether there was no text in the text.
    fn open_text(&mut self, record: &[u8], edit: Edit, settled: &mut Vec<Edit>) -> Result<bool, Broken> {
        if !edit.put.is_open() {
            return keep(settled, edit).map(|()| true);
        }
        // A part that is emitted as text is one level of text by itself, the next time.
        let regions = &self.walker.regions;
        let next = regions.partition_point(|region| region.end <= edit.start);
        let inside = regions.get(next).is_some_and(|region| region.start < edit.start);
        let first = usize::from(inside);
        let (place, reading) = edit.put.opened_as(record, edit);
        let opens = matches!(edit.put, Put::Decode(_)) || place.is_some();
        if opens && self.open(record, edit, place, first, settled)? {
            // How deep texts stand in a text counts from where it stands itself.
            return Ok(self.levels.get(first).is_some_and(|level| level.noted.is_empty()));
        }
        self.settle_unopened(record, edit, reading, settled)?;
        self.close(record, edit, true, settled)?;
        if !self.buffers.carriers {
            return Ok(true);
        }
        let mut pending = core::mem::take(&mut self.pending);
        let mut result = joined::take_from(settled, edit.start, &mut pending);
        for &edit in &pending {
            if result.is_err() {
                break;
            }
            result = match edit.put {
                Put::Decode(_) => self.open(record, edit, None, first, settled).map(drop),
                _ => keep(settled, edit),
            };
        }
        self.pending = pending;
        result.map(|()| false)
    }

    /// Settles an edit whose string was not opened: it goes to its reader, or is one of a value as it stands.
    fn settle_unopened(
        &mut self,
        text: &[u8],
        edit: Edit,
        reading: Option<Reading>,
        settled: &mut Vec<Edit>,
    ) -> Result<(), Broken> {
        self.buffers.carriers = false;
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
}
