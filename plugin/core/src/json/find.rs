//! HOT: finds single bytes, eight at a time.
//!
//! A word holds a byte where the word without that byte's pattern has a zero byte (Mycroft):
//!
//! ```text
//! x = w ^ 'c'*8        (x - 1*8) & !x & 0x80*8        the lowest flagged byte is zero
//! ```
//!
//! What is left at the end is one word with zeros behind it, so no byte is looked at alone.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The bytes of `word` that are `needle`, as the high bits of a word whose lowest one is right.
#[inline(always)]
const fn flagged(word: u64, needle: u8) -> u64 {
    let zero = word ^ ONES.wrapping_mul(needle as u64);
    zero.wrapping_sub(ONES) & !zero & HIGH
}

/// The index (0 to 7) of the lowest byte whose high bit is set in `flagged`, which has no other bits and is not zero.
///
/// The product gathers these bits in the highest byte. Fluent Bit's engine counts the zeros of a word one by one: before the
/// flags of eight bytes they are up to 63, before the gathered ones up to seven.
#[inline(always)]
pub(crate) const fn lowest(flagged: u64) -> usize {
    gathered(flagged).trailing_zeros() as usize
}

/// A bit for each byte whose high bit is set in `flagged`, which has no other bits.
#[inline(always)]
const fn gathered(flagged: u64) -> u64 {
    flagged.wrapping_mul(0x0002_0408_1020_4081) >> 56
}

/// Less than eight bytes as a word, the first one lowest, with zeros behind them.
#[inline(always)]
pub(crate) fn short_word(rest: &[u8]) -> u64 {
    let shift = |length: usize| (rest.len().wrapping_sub(length) << 3) as u32;
    if let (Some(low), Some(high)) = (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*low))
            | u64::from(u32::from_le_bytes(*high)).wrapping_shl(shift(4));
    }
    if let (Some(low), Some(high)) = (rest.first_chunk::<2>(), rest.last_chunk::<2>()) {
        return u64::from(u16::from_le_bytes(*low))
            | u64::from(u16::from_le_bytes(*high)).wrapping_shl(shift(2));
    }
    rest.first().copied().map_or(0, u64::from)
}

/// How many of the bytes stand before the first `needle`; 8 if there is none.
#[inline(always)]
pub(crate) const fn before(bytes: [u8; 8], needle: u8) -> usize {
    (gathered(flagged(u64::from_le_bytes(bytes), needle)) | 1 << 8).trailing_zeros() as usize
}

/// The first position at or after `from` where one of the `needles` is, none of which is zero; the length of
/// `text` if there is none.
#[inline(always)]
fn any<const N: usize>(text: &[u8], from: usize, needles: [u8; N]) -> usize {
    let mut rest = text.get(from..).unwrap_or_default();
    loop {
        let (word, behind) = match rest.split_first_chunk::<8>() {
            Some((word, behind)) => (u64::from_le_bytes(*word), behind),
            None => (short_word(rest), &[][..]),
        };
        let found = needles.iter().fold(0, |found, &needle| found | flagged(word, needle));
        if found != 0 {
            return text.len().wrapping_sub(rest.len()).wrapping_add(lowest(found));
        }
        if behind.is_empty() {
            return text.len();
        }
        rest = behind;
    }
}

/// The first position at or after `from` where `needle` is, which is not zero; the length of `text` if
/// there is none.
#[inline(never)]
pub(crate) fn byte(text: &[u8], from: usize, needle: u8) -> usize {
    any(text, from, [needle])
}

/// [`byte`] for loops in which a call costs more than it saves.
#[inline(always)]
pub(crate) fn byte_inline(text: &[u8], from: usize, needle: u8) -> usize {
    any(text, from, [needle])
}

/// The same for any of three bytes.
#[inline(never)]
pub(crate) fn any_of(text: &[u8], from: usize, needles: [u8; 3]) -> usize {
    any(text, from, needles)
}

/// Whether all of `text` is ASCII and free of white space, controls and the bytes `: ; < = > ? \`.
///
/// Of ASCII a byte that is at least `c` reaches its high bit when `0x80 - c` is added; what reaches it for `:` and not
/// for `@` is between them.
#[inline(never)]
pub(crate) fn is_one_word(text: &[u8]) -> bool {
    let free = |word: u64| {
        let at_least = |least: u8| word.wrapping_add(ONES.wrapping_mul(0x80_u64.wrapping_sub(least as u64)));
        let other = (word ^ ONES.wrapping_mul(b'\\' as u64)).wrapping_add(ONES.wrapping_mul(0x7f));
        at_least(b'!') & other & !(at_least(b':') ^ at_least(b'@') | word)
    };
    let (pairs, rest) = text.as_chunks::<16>();
    for pair in pairs {
        let (words, _) = pair.as_chunks::<8>();
        let both = words.iter().fold(HIGH, |both, word| both & free(u64::from_le_bytes(*word)));
        if both != HIGH {
            return false;
        }
    }
    rest.iter().all(|&byte| byte > b' ' && byte < 0x80 && !matches!(byte, b':'..=b'?' | b'\\'))
}

/// Whether all of `text` is hexadecimal digits, as digests are written: no capital letters.
#[inline(always)]
pub(crate) fn is_hex(text: &[u8; 64]) -> bool {
    let other = |word: u64| {
        let at_least = |least: u8| word.wrapping_add(ONES.wrapping_mul(0x80_u64.wrapping_sub(least as u64)));
        !(at_least(b'0') & !at_least(b':') | at_least(b'a') & !at_least(b'g')) | word
    };
    let (words, _) = text.as_chunks::<8>();
    words.iter().fold(0, |others, word| others | other(u64::from_le_bytes(*word))) & HIGH == 0
}

/// Whether all of `text` is ASCII and free of the bytes `% = ? @ \`.
///
/// Of ASCII a byte that is not zero reaches its high bit when 0x7f is added, and none carries into the next. `=` and
/// `?` differ in one bit, which is set for both.
#[inline(never)]
pub(crate) fn is_free_of_signs(text: &[u8]) -> bool {
    const REST: u64 = ONES.wrapping_mul(0x7f);
    let free = |word: u64| {
        let other = |needle: u8, word: u64| (word ^ ONES.wrapping_mul(needle as u64)).wrapping_add(REST);
        other(b'%', word)
            & other(b'@', word)
            & other(b'\\', word)
            & other(b'?', word | ONES.wrapping_mul(b'=' as u64 ^ b'?' as u64))
            & !word
            & HIGH
            == HIGH
    };
    let mut rest = text;
    while let Some((word, behind)) = rest.split_first_chunk::<8>() {
        if !free(u64::from_le_bytes(*word)) {
            return false;
        }
        rest = behind;
    }
    free(short_word(rest))
}

#[cfg(test)]
mod tests {
    use super::{any_of, byte, is_free_of_signs, is_hex, short_word};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn found_where_a_naive_search_finds_it(
            text in prop::collection::vec(prop_oneof![4 => prop::num::u8::ANY, 1 => Just(b'?'), 1 => Just(b'>'), 1 => Just(0)], 0..40),
            from in 0..48_usize,
        ) {
            let naive = |needles: &[u8]| {
                (from..text.len()).find(|&at| needles.contains(&text[at])).unwrap_or(text.len())
            };
            prop_assert_eq!(byte(&text, from, b'?'), naive(b"?"));
            prop_assert_eq!(any_of(&text, from, [b'?', b'=', 0xff]), naive(&[b'?', b'=', 0xff]));
        }

        #[test]
        fn digits_are_told_from_what_is_beside_them(
            mut text in prop::collection::vec(prop::sample::select(b"0123456789abcdef".as_slice()), 64),
            at in 0..64_usize,
            byte in prop_oneof![prop::num::u8::ANY, prop::sample::select(b"/:`gAFG@\x80\xb0".as_slice())],
        ) {
            text[at] = byte;
            prop_assert_eq!(is_hex(text.first_chunk().unwrap()), matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        }

        #[test]
        fn signs_are_found_where_a_naive_search_finds_them(text in "[ -~é]{0,40}|[a-z/=%?@\\\\]{0,20}|[a-z0-9/.-]{0,90}") {
            let naive = text.is_ascii() && !text.contains(['%', '=', '?', '@', '\\']);
            prop_assert_eq!(is_free_of_signs(text.as_bytes()), naive);
        }

        #[test]
        fn short_words_are_their_bytes(text in prop::collection::vec(prop::num::u8::ANY, 0..8)) {
            let naive = text.iter().rev().fold(0_u64, |word, &byte| word << 8 | u64::from(byte));
            prop_assert_eq!(short_word(&text), naive);
        }
    }
}
