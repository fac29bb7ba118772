//! HOT: finds the bytes that the rules for prose hang on.

use super::work;
use crate::json::find;

/// The first `:`, `=` or `B` at or after `from`; the length of `text` if there is none.
pub(super) fn next_marker(text: &[u8], from: usize) -> usize {
    let found = find::any_of(text, from, [b':', b'=', b'B']);
    work::count(found.saturating_sub(from));
    found
}

/// Whether a text may hold one of `Secret`, `stringData` and `\u00`, however these are continued.
pub(super) fn may_quote_secret(text: &[u8]) -> bool {
    let mut at = 0;
    loop {
        let found = find::any_of(text, at, [b'S', b'D', b'\\']);
        work::count(found.saturating_sub(at));
        let Some(rest) = text.get(found..).filter(|rest| !rest.is_empty()) else { return false };
        if rest.starts_with(b"Secret") || rest.starts_with(b"Data") || rest.starts_with(b"\\u00") {
            return true;
        }
        at = found.saturating_add(1);
    }
}

/// What is looked for often: which of its bytes is the rarest is known before.
#[derive(Clone, Copy, Debug)]
pub(in crate::redact) struct Needle<'a> {
    bytes: &'a [u8],
    /// The index of the byte that is looked for first.
    rarest: usize,
}

/// What prose is made of, the rarest first; anything else is rarer still.
const COMMON: &[u8] = b"zqxj\"/kv.bp:yg-wmfucldrhsnioat e";

impl<'a> Needle<'a> {
    /// A text that is not empty.
    #[expect(clippy::indexing_slicing, reason = "the bounds are those of the loops")]
    pub(in crate::redact) const fn new(bytes: &'a [u8]) -> Self {
        let (mut rarest, mut least) = (0, usize::MAX);
        let mut at = 0;
        while at < bytes.len() {
            let mut rank = COMMON.len();
            while rank > 0 && COMMON[rank.wrapping_sub(1)] != bytes[at] {
                rank = rank.wrapping_sub(1);
            }
            if rank < least {
                (rarest, least) = (at, rank);
            }
            at = at.wrapping_add(1);
        }
        Needle { bytes, rarest }
    }

    /// Where it first occurs.
    pub(in crate::redact) fn find_in(self, text: &[u8]) -> Option<usize> {
        let byte = *self.bytes.get(self.rarest)?;
        let last = text.len().checked_sub(self.bytes.len())?.saturating_add(self.rarest);
        let places = text.get(..=last)?;
        let mut at = self.rarest;
        loop {
            at = next_byte(places, at, byte)?;
            let start = at.saturating_sub(self.rarest);
            if text.get(start..)?.starts_with(self.bytes) {
                return Some(start);
            }
            at = at.saturating_add(1);
        }
    }
}

/// Where `needle`, which is not empty, first occurs.
pub(in crate::redact) fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    // Which byte is the rarest takes longer to see than a short text to search.
    let is_common = |byte: &u8| byte.is_ascii_lowercase() || *byte == b' ';
    let rarest = needle.iter().position(|byte| !is_common(byte)).unwrap_or(0);
    Needle { bytes: needle, rarest }.find_in(text)
}

/// Where `byte` occurs first at or after `from`.
pub(in crate::redact) fn next_byte(text: &[u8], from: usize, byte: u8) -> Option<usize> {
    let found = find::byte(text, from, byte);
    work::count(found.saturating_sub(from));
    (found < text.len()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn naive_marker(text: &[u8], from: usize) -> usize {
        (from..text.len()).find(|&at| b":=B".contains(&text[at])).unwrap_or(text.len())
    }

    fn naive_find(text: &[u8], needle: &[u8]) -> Option<usize> {
        (0..text.len()).find(|&at| text[at..].starts_with(needle))
    }

    proptest! {
        #[test]
        fn markers_are_where_the_naive_twin_sees_them(
            text in prop::collection::vec(prop_oneof![4 => any::<u8>(), 1 => Just(b':'), 1 => Just(b';'), 1 => Just(b'B')], 0..80),
            from in 0..90_usize,
        ) {
            prop_assert_eq!(next_marker(&text, from), naive_marker(&text, from));
        }

        #[test]
        fn needles_are_where_the_naive_twin_sees_them(
            text in prop::collection::vec(prop_oneof![Just(b'a'), Just(b'|')], 0..60),
            needle in prop::collection::vec(prop_oneof![Just(b'a'), Just(b'|')], 1..5),
        ) {
            let needle: Vec<u8> = needle;
            prop_assert_eq!(find(&text, &needle), naive_find(&text, &needle));
            prop_assert_eq!(Needle::new(&needle).find_in(&text), naive_find(&text, &needle));
        }
    }
}
