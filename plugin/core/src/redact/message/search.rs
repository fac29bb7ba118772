//! HOT: finds the bytes that the rules for prose hang on.
//!
//! A word of eight bytes needs a closer look when one of them is a marker:
//!
//! ```text
//! zero(w) = (w - 1*8) & !w & 0x80*8                          lowest flagged byte is zero (Mycroft)
//! zero(w ^ ':'*8) | zero(w ^ '='*8) | zero(w ^ 'B'*8)
//! ```

use super::work;

/// The first `:`, `=` or `B` at or after `from`; the length of `text` if there is none.
pub(super) fn next_marker(text: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(chunk) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        work::count(8);
        let word = u64::from_le_bytes(*chunk);
        let flagged = zero_bytes(word ^ COLONS) | zero_bytes(word ^ EQUALS) | zero_bytes(word ^ CAPITAL_BS);
        if flagged != 0 {
            return at.saturating_add((flagged.trailing_zeros() >> 3) as usize);
        }
        at = at.saturating_add(8);
    }
    let rest = text.get(at..).unwrap_or_default();
    let found = rest.iter().position(|byte| matches!(byte, b':' | b'=' | b'B'));
    found.map_or(text.len(), |found| at.saturating_add(found))
}

/// Where `needle`, which is not empty, first occurs.
///
/// Looks for the needle's rarest byte: prose is made of small letters and spaces, so anything else is rarer.
pub(super) fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
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
    let bytes = ONES.wrapping_mul(u64::from(byte));
    let mut at = from;
    while let Some(chunk) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        work::count(8);
        let flagged = zero_bytes(u64::from_le_bytes(*chunk) ^ bytes);
        if flagged != 0 {
            return Some(at.saturating_add((flagged.trailing_zeros() >> 3) as usize));
        }
        at = at.saturating_add(8);
    }
    let found = text.get(at..)?.iter().position(|&other| other == byte)?;
    Some(at.saturating_add(found))
}

/// The high bit of the lowest zero byte, and perhaps bits above it (Mycroft).
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGH
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;
const COLONS: u64 = ONES.wrapping_mul(b':' as u64);
const EQUALS: u64 = ONES.wrapping_mul(b'=' as u64);
const CAPITAL_BS: u64 = ONES.wrapping_mul(b'B' as u64);

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
