//! The answer as msgpack, with no zero byte in it.
//!
//! Fluent Bit measures a guest's msgpack answer with `strlen`: whatever follows a zero byte is lost, and with
//! it the chunk. So lengths are chosen whose bytes are none of them zero. INVARIANT (no-zero): every byte
//! appended here is either part of a text, which has no NUL because it is JSON, or one of the forms below.
//!
//! | form | lengths |
//! |---|---|
//! | `fixmap`, `fixstr`, `fixarray` | the header byte is never zero |
//! | `str8` | 32 to 255 |
//! | `str16` | 257 to 65,535 without the multiples of 256 |
//! | `array16` | 257 or more without the multiples of 256 |

use crate::limits::MSGPACK_TEXT;
use crate::memory::{append, append_many, push};
use alloc::vec::Vec;

/// The member beside the text by which Fluent Bit's `grep` tells what passed the filter, with its value.
pub(crate) const VERSION: &[u8] = b"\xb1auditveil_version\xa11";

/// Appends the header of a map of `keys` members (1 to 15) and the first key, `log`.
#[must_use]
pub(crate) fn begin(out: &mut Vec<u8>, keys: usize) -> bool {
    append(out, &[0x80 | (keys & 15) as u8, 0xa3]) && append(out, b"log")
}

/// Whether a string of `length` bytes has a header without a zero byte.
pub(crate) const fn has_header(length: usize) -> bool {
    length > 0 && length <= MSGPACK_TEXT && (length < 256 || length & 0xff != 0)
}

/// Appends the header of a string of `length` bytes, for which [`has_header`] holds.
#[must_use]
pub(crate) fn text_header(out: &mut Vec<u8>, length: usize) -> bool {
    let (header, used) = header(length);
    append(out, header.get(..used).unwrap_or_default())
}

/// The header of a string, and how many of its bytes are used.
const fn header(length: usize) -> ([u8; 3], usize) {
    match length {
        0..32 => ([0xa0 | length as u8, 0, 0], 1),
        32..256 => ([0xd9, length as u8, 0], 2),
        _ => ([0xda, (length >> 8) as u8, length as u8], 3),
    }
}

/// Turns what was appended to `out` since `start` into an array of strings, none cut inside a character.
///
/// `lengths` is scratch. `false` if there is no memory.
#[must_use]
pub(crate) fn split_into_pieces(out: &mut Vec<u8>, start: usize, lengths: &mut Vec<u32>) -> bool {
    let text = out.len().wrapping_sub(start);
    if !choose_pieces(out, start, lengths) {
        return false;
    }
    let headers: usize = lengths.iter().map(|&length| header(length as usize).1).sum();
    let array: &[u8] = &match lengths.len() {
        count @ 0..16 => [0x90 | count as u8, 0, 0],
        count => [0xdc, (count >> 8) as u8, count as u8],
    };
    let array = array.get(..if lengths.len() < 16 { 1 } else { 3 }).unwrap_or_default();
    let grown = headers.wrapping_add(array.len());
    if !append_many(out, 1, grown) {
        return false;
    }
    // From the last piece to the first, so that nothing is overwritten before it has moved.
    let mut from = start.wrapping_add(text);
    let mut to = out.len();
    for &length in lengths.iter().rev() {
        let length = length as usize;
        from = from.wrapping_sub(length);
        to = to.wrapping_sub(length);
        let end = from.wrapping_add(length);
        if end < from || end > out.len() || to > out.len().wrapping_sub(length) {
            return false;
        }
        out.copy_within(from..end, to);
        let (header, used) = header(length);
        to = to.wrapping_sub(used);
        if let (Some(place), Some(header)) = (out.get_mut(to..to.wrapping_add(used)), header.get(..used)) {
            place.copy_from_slice(header);
        }
    }
    if let Some(place) = out.get_mut(start..start.wrapping_add(array.len())) {
        place.copy_from_slice(array);
    }
    true
}

/// Chooses pieces whose lengths and whose number have no zero byte.
fn choose_pieces(out: &[u8], start: usize, lengths: &mut Vec<u32>) -> bool {
    let total = out.len().wrapping_sub(start);
    let mut longest = MSGPACK_TEXT;
    for attempt in 0..16 {
        if !greedy(out, start, longest, lengths) {
            return false;
        }
        let count = lengths.len();
        if count < 16 || (count > 256 && count & 0xff != 0) {
            return true;
        }
        // Between 16 and 256 pieces no array header is free of zeros: 300 and more pieces are smaller ones.
        longest = total
            .checked_div(300_usize.wrapping_add(attempt))
            .unwrap_or(total)
            .clamp(64, MSGPACK_TEXT.wrapping_sub(attempt << 8));
    }
    false
}

/// Cuts the text into pieces of at most `longest` bytes.
fn greedy(out: &[u8], start: usize, longest: usize, lengths: &mut Vec<u32>) -> bool {
    lengths.clear();
    let mut at = start;
    while at < out.len() {
        let mut end = at.wrapping_add(longest).min(out.len());
        while end > at.wrapping_add(1) {
            let inside = out.get(end).is_some_and(|&byte| byte & 0xc0 == 0x80);
            if !inside && has_header(end.wrapping_sub(at)) {
                break;
            }
            end = end.wrapping_sub(1);
        }
        if !push(lengths, end.wrapping_sub(at) as u32) {
            return false;
        }
        at = end;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The pieces of the array that `packed` is, joined.
    fn joined(packed: &[u8]) -> (usize, Vec<u8>) {
        let (count, mut at) = match packed[0] {
            0xdc => (usize::from(packed[1]) << 8 | usize::from(packed[2]), 3),
            head => (usize::from(head & 15), 1),
        };
        let mut text = Vec::new();
        for _ in 0..count {
            let (length, used) = match packed[at] {
                0xd9 => (usize::from(packed[at + 1]), 2),
                0xda => (usize::from(packed[at + 1]) << 8 | usize::from(packed[at + 2]), 3),
                head => (usize::from(head & 31), 1),
            };
            let piece = &packed[at + used..at + used + length];
            assert!(core::str::from_utf8(piece).is_ok(), "a piece is cut inside a character");
            text.extend_from_slice(piece);
            at += used + length;
        }
        assert_eq!(at, packed.len());
        (count, text)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn pieces_join_and_hold_no_zero(
            length in prop_oneof![1usize..2000, 65_000usize..140_000, 980_000usize..990_000, 1_000_000usize..20_000_000],
            unit in prop_oneof![Just("a"), Just("é"), Just("😀"), Just("ab€")],
        ) {
            let text = unit.repeat(length / unit.len() + 1);
            let mut out = b"before".to_vec();
            out.extend_from_slice(text.as_bytes());
            prop_assert!(split_into_pieces(&mut out, 6, &mut Vec::new()));
            prop_assert!(!out.contains(&0));
            prop_assert!(out.starts_with(b"before"));
            let (count, joined) = joined(&out[6..]);
            prop_assert!(!(16..=256).contains(&count));
            prop_assert_eq!(joined, text.into_bytes());
        }
    }
}
