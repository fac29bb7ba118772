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

/// Where `needle`, which is not empty, first occurs.
///
/// Looks for the needle's rarest byte: prose is made of small letters and spaces, so anything else is rarer.
pub(in crate::redact) fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    let is_common = |byte: &u8| byte.is_ascii_lowercase() || *byte == b' ';
    let rare = needle.iter().position(|byte| !is_common(byte)).unwrap_or(0);
    let byte = *needle.get(rare)?;
    let last = text.len().checked_sub(needle.len())?.saturating_add(rare);
    let places = text.get(..=last)?;
    let mut at = rare;
    loop {
        at = next_byte(places, at, byte)?;
        let start = at.saturating_sub(rare);
        if text.get(start..)?.starts_with(needle) {
            return Some(start);
        }
        at = at.saturating_add(1);
    }
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
        }
    }
}
