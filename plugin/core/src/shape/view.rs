//! Cold: an event made of what an envelope holds, and the way back from it into the record.
//!
//! What is in the event is copied from the record byte for byte, in pieces, or is the text of one string; what is
//! found in it is replaced in the record where it came from, so that everything around keeps its spelling.

use crate::json::text::{self, Map};
use crate::memory::{append, push};
use crate::redact::edits::{Edit, Put, Region, position};
use crate::redact::rows::Row;
use alloc::vec::Vec;

/// A stretch of the event that stands in the record.
#[derive(Clone, Copy, Debug)]
struct Piece {
    at: u32,
    length: u32,
    /// Where it stands in the record.
    from: u32,
}

/// An event that an envelope holds; the buffers are reused.
#[derive(Debug, Default)]
pub(crate) struct View {
    /// The event as JSON text.
    pub(crate) text: Vec<u8>,
    pieces: Vec<Piece>,
    /// It is the text of the string that stands between these positions of the record, without its quotes.
    pub(crate) string: Option<(usize, usize)>,
    /// In how many containers of the record its members stand; no host counts those of a text.
    pub(crate) nesting: u16,
    /// It is not all that the envelope holds, so that the envelope has to be hidden.
    pub(crate) too_much: bool,
}

impl View {
    /// A view of nothing.
    pub(crate) const fn new() -> Self {
        View { text: Vec::new(), pieces: Vec::new(), string: None, nesting: 0, too_much: false }
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.pieces.clear();
        self.string = None;
        self.too_much = false;
    }

    /// Makes this the text of the string `start..end` of the record; `false` if it cannot be read.
    pub(crate) fn set_string(&mut self, record: &[u8], start: usize, end: usize) -> bool {
        self.clear();
        let (start, end) = (start.wrapping_add(1), end.wrapping_sub(1));
        self.string = Some((start, end));
        self.nesting = u16::MAX;
        text::unescape(record.get(start..end).unwrap_or_default(), &mut self.text)
    }

    /// Adds text that the record has not.
    pub(crate) fn put(&mut self, text: &[u8]) -> bool {
        append(&mut self.text, text)
    }

    /// Adds `start..end` of the record.
    pub(crate) fn piece(&mut self, record: &[u8], start: usize, end: usize) -> bool {
        let at = position(self.text.len());
        let bytes = record.get(start..end).unwrap_or_default();
        let piece = Piece { at, length: position(bytes.len()), from: position(start) };
        push(&mut self.pieces, piece) && append(&mut self.text, bytes)
    }

    /// The parts of the record that this stands for, each as its beginning and its end.
    pub(crate) fn spans(&self) -> impl Iterator<Item = (u32, u32)> {
        let string = self.string.map(|(start, end)| (position(start), position(end)));
        let pieces = self.pieces.iter().map(|piece| (piece.from, piece.from.wrapping_add(piece.length)));
        string.into_iter().chain(pieces)
    }

    /// Where a stretch of the event stands in the record; `None` if it was put together.
    pub(crate) fn in_one_piece(&self, region: &Region) -> Option<Region> {
        let first = self.pieces.partition_point(|piece| piece.at.wrapping_add(piece.length) < region.end);
        let piece = self.pieces.get(first).filter(|piece| piece.at <= region.start)?;
        let shift = piece.from.wrapping_sub(piece.at);
        Some(Region { start: region.start.wrapping_add(shift), end: region.end.wrapping_add(shift) })
    }

    /// Adds to `out` what the edits of the event, in ascending order, are in the record; `false` if there is no
    /// memory. `moved` is told where each goes.
    pub(crate) fn translate(
        &self,
        record: &[u8],
        edits: &[Edit],
        out: &mut Vec<Edit>,
        moved: &mut impl FnMut(Edit, u32) -> bool,
    ) -> bool {
        match self.string {
            Some((start, end)) => {
                let raw = record.get(start..end).unwrap_or_default();
                let mut map = Map::new(raw);
                edits.iter().all(|&edit| {
                    let Some(inside) = self.in_string(edit) else { return true };
                    let from = position(start.wrapping_add(map.raw(inside.start as usize)));
                    let end = position(start.wrapping_add(map.raw(inside.end as usize)));
                    moved(edit, from) && push(out, Edit { start: from, end, ..inside })
                })
            }
            None => edits.iter().all(|&edit| self.translate_one(record, edit, out, moved)),
        }
    }

    /// The edit as it is made in a string, whose quotes are escaped; `None` if a text needs none.
    fn in_string(&self, edit: Edit) -> Option<Edit> {
        let word = |put| {
            let quoted = self.text.get(edit.start as usize) == Some(&b'"')
                && self.text.get((edit.end as usize).wrapping_sub(1)) == Some(&b'"');
            let (start, end) = (edit.start.wrapping_add(1), edit.end.wrapping_sub(1));
            if quoted { Edit { start, end, put, ..edit } } else { Edit { put: Put::Null, ..edit } }
        };
        match edit.put {
            Put::LevelMetadata => Some(word(Put::WordMetadata)),
            Put::LevelRequest => Some(word(Put::WordRequest)),
            Put::LevelRequestResponse => Some(word(Put::WordRequestResponse)),
            Put::MaskedString => Some(Edit { put: Put::EscapedMask, ..edit }),
            // No host reads numbers in a text.
            Put::Quote | Put::LastDigit(_) => None,
            _ => Some(edit),
        }
    }

    fn translate_one(
        &self,
        record: &[u8],
        edit: Edit,
        out: &mut Vec<Edit>,
        moved: &mut impl FnMut(Edit, u32) -> bool,
    ) -> bool {
        let first = self.pieces.partition_point(|piece| piece.at.wrapping_add(piece.length) < edit.end);
        if let Some(piece) = self.pieces.get(first)
            && piece.at <= edit.start
        {
            let shift = piece.from.wrapping_sub(piece.at);
            let (start, end) = (edit.start.wrapping_add(shift), edit.end.wrapping_add(shift));
            return moved(edit, start) && push(out, Edit { start, end, ..edit });
        }
        // It is about what several pieces were put together to.
        let from = self.pieces.partition_point(|piece| piece.at < edit.start);
        let inside = self.pieces.get(from..).unwrap_or_default();
        inside.iter().take_while(|piece| piece.at.wrapping_add(piece.length) <= edit.end).all(|piece| {
            let put = match (edit.put, record.get(piece.from as usize)) {
                (Put::Gone, _) => Put::Gone,
                (put, _) if !put.hides() => return true,
                (_, Some(b'"')) => Put::MaskedString,
                (_, Some(b'{')) => Put::EmptyObject,
                (_, Some(b'[')) => Put::EmptyArray,
                _ => Put::Null,
            };
            let end = piece.from.wrapping_add(piece.length);
            let there = record.get(piece.from as usize..end as usize).unwrap_or_default();
            is_empty(there) || push(out, Edit { start: piece.from, end, put, ..edit })
        })
    }
}

/// Whether a value holds nothing, perhaps because an earlier filter has hidden it.
pub(crate) fn is_empty(value: &[u8]) -> bool {
    matches!(value, b"null" | b"{}" | b"[]" | b"\"[REDACTED]\"")
}

/// What stands for a value that the policy takes away.
pub(crate) fn gone(start: u32, end: u32) -> Edit {
    Edit { start, end, put: Put::Gone, row: Row::Damaged }
}
