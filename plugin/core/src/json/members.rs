//! Cold: the members of a small object, one after another.

use super::{scan, skip, skip_space};

/// One member of an object, as positions in the text that holds it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    /// First byte of the name's text, behind its opening quote.
    pub(crate) name_start: usize,
    /// The name's closing quote.
    pub(crate) name_end: usize,
    /// First byte of the value.
    pub(crate) value_start: usize,
    /// Behind the value's last byte.
    pub(crate) value_end: usize,
}

/// Walks over the members of the object that begins at a position; stops early where the object is damaged.
#[derive(Debug)]
pub(crate) struct Members<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Members<'a> {
    /// The members of the object at `at`; none if there is no object.
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        let at = if bytes.get(at) == Some(&b'{') { at.wrapping_add(1) } else { bytes.len() };
        Members { bytes, at }
    }
}

impl Iterator for Members<'_> {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        let quote = skip_space(self.bytes, self.at);
        if self.bytes.get(quote) != Some(&b'"') {
            return None;
        }
        let name_start = quote.wrapping_add(1);
        let name = scan::string(self.bytes, name_start)?;
        let colon = skip_space(self.bytes, name.quote.wrapping_add(1));
        if self.bytes.get(colon) != Some(&b':') {
            return None;
        }
        let value_start = skip_space(self.bytes, colon.wrapping_add(1));
        let value_end = skip::value(self.bytes, value_start)?;
        let comma = skip_space(self.bytes, value_end);
        self.at = if self.bytes.get(comma) == Some(&b',') { comma.wrapping_add(1) } else { self.bytes.len() };
        Some(Member { name_start, name_end: name.quote, value_start, value_end })
    }
}
