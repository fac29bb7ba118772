//! JSON as bytes: finding where things begin and end, without building anything.
//!
//! What lives here knows the grammar of RFC 8259 and nothing of audit events. No function recurses or
//! allocates, except [`text`], which writes into a buffer its caller owns.
//!
//! - [`scan`] HOT: strings and scalars, eight bytes at a time
//! - [`skip`] HOT: over a whole value whose content does not matter
//! - [`find`] HOT: single bytes
//! - [`known`] cold: which of a few known words a word is
//! - [`members`] cold: the members of a small object, one after another
//! - [`text`] cold: a string's text without its escapes, and the way back to its bytes
//! - [`utf8`] cold: what is not UTF-8

pub(crate) mod find;
pub(crate) mod known;
pub(crate) mod members;
pub(crate) mod number;
pub(crate) mod scan;
pub(crate) mod skip;
pub(crate) mod text;
pub(crate) mod utf8;

/// JSON's insignificant white space.
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The first position at or after `from` that is not white space.
pub(crate) fn skip_space(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while bytes.get(at).copied().is_some_and(is_space) {
        at = at.wrapping_add(1);
    }
    at
}
