//! What is to be replaced, as positions: the result of a walk and the input of the writer.

use super::carriers::Carrier;
use super::places::Place;
use super::reading::Reading;
use super::rows::Row;
use super::strings;

/// What stands for a hidden string, between its quotes.
pub(crate) const MASK: &[u8] = b"[REDACTED]";

/// What is written instead of a stretch of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// [`MASK`], instead of a string's text.
    Mask,
    /// [`MASK`] with its quotes, instead of a string whose end is missing.
    MaskedString,
    /// `{}`, instead of an object.
    EmptyObject,
    /// `[]`, instead of an array.
    EmptyArray,
    /// `null`, instead of a number or a boolean.
    Null,
    /// U+FFFD, instead of bytes that are no UTF-8. This hides nothing and is not counted.
    ReplacementCharacter,
    /// A quote, before a number that no double holds and that becomes a string.
    Quote,
    /// The last digit of that number and a quote.
    LastDigit(u8),
    /// Nothing, instead of a member and its comma that the policy omits.
    Nothing,
    /// Nothing: here was a hidden value, and its member is gone, or the text that it was in is written anew. The
    /// stretch that goes has an edit of its own.
    Removed,
    /// Nothing: here is a value that would be hidden, and stays because the configuration says so.
    Kept,
    /// The [digest](super::actions::Digest) of a string's text, instead of that text.
    Digest,
    /// `"Metadata"`, instead of the level of an event that keeps no body.
    LevelMetadata,
    /// `"Request"`, instead of the level of an event that keeps its request only.
    LevelRequest,
    /// `"RequestResponse"`, instead of a level that is none, of an event that keeps both.
    LevelRequestResponse,
    /// `Metadata`, `Request` or `RequestResponse`, instead of the level of an event that is text in a string.
    WordMetadata,
    WordRequest,
    WordRequestResponse,
    /// [`MASK`] with quotes that are escaped, instead of a string without an end in a text.
    EscapedMask,
    /// A brace, instead of what follows the last member of an event in a text that was cut.
    Brace,
    /// `null`, instead of a body that the policy takes away where its member has to stay.
    Gone,
    /// Nothing yet: the string's text is JSON that is to be walked as this place.
    Json(Place),
    /// Nothing yet: somewhere in the string's text there is JSON, which is to be walked as this place.
    Search(Place),
    /// Nothing yet: parts of the string's text may have to be hidden.
    Read(Reading),
    /// Nothing yet: here stands something that carries a text.
    Decode(Carrier),
    /// [`MASK`], instead of a text in which something was hidden that marks in front of it tell.
    MaskedText,
    /// The [text](super::carriers::Written) of this number, instead of base64 of which something was hidden. What
    /// that was is told by marks in front of it.
    Written(u8),
}

impl Put {
    /// As what the string that `edit` marks in `text` is to be opened, and who reads it if it cannot be.
    pub(crate) fn opened_as(self, text: &[u8], edit: Edit) -> (Option<Place>, Option<Reading>) {
        match self {
            Put::Json(place) | Put::Search(place) => (Some(place), None),
            Put::Read(reading) => {
                let raw = text.get(edit.start as usize..edit.end as usize).unwrap_or_default();
                (reading.as_json().filter(|_| strings::may_be_json(raw)), Some(reading))
            }
            _ => (None, None),
        }
    }

    /// Whether it is not settled yet.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Put::Json(_) | Put::Search(_) | Put::Read(_) | Put::Decode(_))
    }

    /// The bytes that are written.
    pub(crate) const fn bytes(self) -> &'static [u8] {
        match self {
            Put::Mask => MASK,
            Put::MaskedString => b"\"[REDACTED]\"",
            Put::EmptyObject => b"{}",
            Put::EmptyArray => b"[]",
            Put::Null => b"null",
            Put::ReplacementCharacter => crate::json::utf8::REPLACEMENT,
            Put::Quote => b"\"",
            Put::LastDigit(digit) => match digit {
                b'1' => b"1\"",
                b'2' => b"2\"",
                b'3' => b"3\"",
                b'4' => b"4\"",
                b'5' => b"5\"",
                b'6' => b"6\"",
                b'7' => b"7\"",
                b'8' => b"8\"",
                b'9' => b"9\"",
                _ => b"0\"",
            },
            Put::Nothing | Put::Removed | Put::Kept => b"",
            Put::LevelMetadata => b"\"Metadata\"",
            Put::LevelRequest => b"\"Request\"",
            Put::LevelRequestResponse => b"\"RequestResponse\"",
            Put::WordMetadata => b"Metadata",
            Put::WordRequest => b"Request",
            Put::WordRequestResponse => b"RequestResponse",
            Put::EscapedMask => b"\\\"[REDACTED]\\\"",
            Put::Brace => b"}",
            Put::Gone => b"null",
            // Resolved before anything is written, or by who writes it; what was not resolved is hidden.
            Put::Json(_)
            | Put::Search(_)
            | Put::Read(_)
            | Put::Decode(_)
            | Put::Digest
            | Put::MaskedText
            | Put::Written(_) => MASK,
        }
    }

    /// Whether this hides something, which is told in the stamp under its row.
    pub(crate) const fn hides(self) -> bool {
        !matches!(
            self,
            Put::ReplacementCharacter
                | Put::Quote
                | Put::LastDigit(_)
                | Put::Nothing
                | Put::Kept
                | Put::MaskedText
                | Put::Written(_)
                | Put::LevelMetadata
                | Put::LevelRequest
                | Put::LevelRequestResponse
                | Put::WordMetadata
                | Put::WordRequest
                | Put::WordRequestResponse
                | Put::Brace
                | Put::Gone
        )
    }
}

/// One stretch of the record and what is written instead. Edits are in ascending order and do not overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) put: Put,
    pub(crate) row: Row,
}

/// A container that is emitted as a string holding its JSON text, because it is too deep or too wide.
/// Regions are in ascending order and do not overlap; edits may lie inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A position in a record, which is never longer than [`limits::RECORD_BYTES`](crate::limits::RECORD_BYTES).
#[inline(always)]
pub(crate) const fn position(at: usize) -> u32 {
    at as u32
}
