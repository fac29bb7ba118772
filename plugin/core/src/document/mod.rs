//! Reads the text of a policy or a configuration into a tree that knows where everything stood.
//!
//! What lives here: the encodings, YAML and JSON, the meaning of plain scalars, the check of a tree
//! against a [`Shape`], and [`Error`], the one way in which text is refused. What may not: anything
//! that knows what a policy or a configuration *means*.
//!
//! The reading is that of Kubernetes (sigs.k8s.io/yaml over go-yaml v2, sigs.k8s.io/json), because a
//! policy has to load exactly when the apiserver loads it: YAML 1.1 scalars (`yes` is a boolean), a
//! repeated key is no error and the last one wins, `<<` merges, only the first document counts.
//!
//! All of this is cold: it runs once, when a configuration is loaded. It allocates as it likes, but
//! it neither recurses nor panics, and its memory is bounded by the length of the text: an alias
//! shares the node it points to.

mod error;
mod json;
mod scalar;
mod shape;
pub(crate) mod spelling;
mod time;
mod tree;
mod yaml;

pub(crate) use error::{Code, TEXT};
pub use error::{Error, ErrorKind, Rejected, is_unseen};
pub(crate) use shape::{Field, Shape, Unknown, check};
pub(crate) use tree::{Document, NodeId, Place, Step, Value};

use crate::limits::CONFIGURATION_BYTES;
use alloc::borrow::Cow;
use alloc::string::String;

/// Which texts that begin with `{` are JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// All of them, as Kubernetes does: a flow mapping with YAML's liberties is refused.
    Kubernetes,
    /// Those that are well-formed JSON; anything else is YAML.
    Either,
}

/// Reads the first document of a text.
///
/// # Errors
/// What go-yaml v2 or Go's JSON refuse: encoding, syntax, a mapping as a key, an alias that
/// contains itself, excessive aliasing; and text over [`CONFIGURATION_BYTES`].
pub(crate) fn read(text: &[u8], dialect: Dialect) -> Result<Document, Error> {
    if text.len() > CONFIGURATION_BYTES {
        return Err(Error::new(Place::START, Code::TooLong { limit: CONFIGURATION_BYTES }));
    }
    if starts_with_brace(text) {
        match json::read(text) {
            Ok(document) => return Ok(document),
            Err(error) if dialect == Dialect::Kubernetes => return Err(error),
            Err(_) => {}
        }
    }
    yaml::read(&decode(text)?)
}

/// Whether Kubernetes takes the text for JSON: the first character that is no white space is `{`.
fn starts_with_brace(text: &[u8]) -> bool {
    let valid = match core::str::from_utf8(text) {
        Ok(valid) => valid,
        Err(error) => {
            text.get(..error.valid_up_to()).and_then(|head| core::str::from_utf8(head).ok()).unwrap_or("")
        }
    };
    valid.trim_start().starts_with('{')
}

/// UTF-8, or UTF-16 with a byte order mark (what PowerShell's `>` writes), as go-yaml reads them.
fn decode(text: &[u8]) -> Result<Cow<'_, str>, Error> {
    let decoded = match text {
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(decode_utf16(rest, u16::from_le_bytes)?),
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(decode_utf16(rest, u16::from_be_bytes)?),
        _ => {
            let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
            Cow::Borrowed(core::str::from_utf8(text).map_err(|error| {
                let head = text.get(..error.valid_up_to()).unwrap_or_default();
                Error::new(Place::after(&String::from_utf8_lossy(head)), Code::NotUnicode)
            })?)
        }
    };
    if let Some((at, character)) = decoded.char_indices().find(|&(_, c)| !is_printable(c)) {
        let place = Place::after(decoded.get(..at).unwrap_or_default());
        return Err(Error::new(place, Code::ControlCharacter { character }));
    }
    Ok(decoded)
}

fn decode_utf16(text: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Error> {
    let mut decoded = String::with_capacity(text.len());
    let (pairs, rest) = text.as_chunks::<2>();
    for character in char::decode_utf16(pairs.iter().map(|&pair| unit(pair))) {
        match character {
            Ok(character) => decoded.push(character),
            Err(_) => return Err(Error::new(Place::after(&decoded), Code::NotUnicode)),
        }
    }
    if rest.is_empty() { Ok(decoded) } else { Err(Error::new(Place::after(&decoded), Code::NotUnicode)) }
}

/// The characters that go-yaml v2 lets into a stream (readerc.go).
fn is_printable(character: char) -> bool {
    matches!(character,
        '\t' | '\n' | '\r' | '\u{20}'..='\u{7E}' | '\u{85}' | '\u{A0}'..='\u{D7FF}'
        | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}
