//! Cold: base64 as it occurs in audit events, decoded leniently and put back as it was spelled.
//!
//! Both alphabets of RFC 4648, with or without padding, with or without line breaks. What is decoded is
//! redacted and encoded again, so a [`Spelling`] remembers how the text was written. No text is rejected for
//! bits behind its last byte: Go accepts them, and a reader that is stricter than the server sees less.

use crate::memory::append;
use alloc::collections::TryReserveError;
use alloc::vec::Vec;

/// How a base64 text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spelling {
    /// `-` and `_` in place of `+` and `/`.
    pub(crate) url_safe: bool,
    /// The last group is filled up with `=`.
    pub(crate) padded: bool,
    /// Characters in a line, 0 for one line only.
    pub(crate) line: usize,
}

/// Why a text was not decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// A character of neither alphabet or of both, a misplaced `=`, or a length that no text encodes to.
    NotBase64,
    /// There is no memory for the decoded bytes.
    OutOfMemory,
}

impl From<TryReserveError> for Refused {
    fn from(_: TryReserveError) -> Self {
        Refused::OutOfMemory
    }
}

/// Whether a text is long enough to hold something and has the characters of one alphabet only.
///
/// White space is not accepted here, so that prose is not taken for base64. A single word of letters is
/// (`admin123`): who asks has to look at what it decodes to.
pub(crate) fn looks_like_base64(text: &[u8]) -> bool {
    let body = unpadded(text);
    if body.len() < 8 || text.len().wrapping_sub(body.len()) > 2 {
        return false;
    }
    if body.len() & 3 == 1 || (body.len() != text.len() && text.len() & 3 != 0) {
        return false;
    }
    let seen = classes_of(body);
    seen & (OTHER | SPACE) == 0 && seen & BOTH != BOTH
}

/// Whether a text has the characters of base64 only, and something but padding.
pub(crate) fn is_run(text: &[u8]) -> bool {
    !unpadded(text).is_empty() && is_run_or_nothing(text)
}

/// Whether a text has no characters but those of base64, and padding behind them.
pub(crate) fn is_run_or_nothing(text: &[u8]) -> bool {
    classes_of(unpadded(text)) & (OTHER | SPACE) == 0
}

/// What base64 begins with that begins with these sixteen digits; `None` if one of them is none.
pub(crate) fn head(digits: &[u8; 16]) -> Option<[u8; 12]> {
    let mut bits: u128 = 0;
    for &byte in digits {
        if class(byte) & (OTHER | SPACE) != 0 {
            return None;
        }
        bits = bits << 6 | u128::from(digit(byte));
    }
    bits.to_be_bytes().last_chunk().copied()
}

/// Decodes `text` into `out`, whose former content is discarded, and tells how it was spelled.
///
/// White space is skipped wherever it stands.
///
/// # Errors
///
/// [`Refused`]; `out` is then empty.
pub(crate) fn decode(text: &[u8], out: &mut Vec<u8>) -> Result<Spelling, Refused> {
    out.clear();
    let spelling = decode_into(text, out);
    if spelling.is_err() {
        out.clear();
    }
    spelling
}

/// Encodes `bytes` behind what `out` already holds, in the spelling of the text they came from; `false` if there is no
/// memory.
#[must_use]
pub(crate) fn encode(bytes: &[u8], spelling: Spelling, out: &mut Vec<u8>) -> bool {
    let groups = bytes.len().div_ceil(3).saturating_mul(4);
    let breaks = groups.checked_div(spelling.line).unwrap_or(0);
    if out.try_reserve(groups.saturating_add(breaks)).is_err() {
        return false;
    }
    let digits = if spelling.url_safe { URL_SAFE } else { STANDARD };
    let mut column: usize = 0;
    for group in bytes.chunks(3) {
        let mut bits: u32 = 0;
        for &byte in group {
            bits = bits << 8 | u32::from(byte);
        }
        bits <<= 24_u32.wrapping_sub((group.len() as u32).wrapping_mul(8));
        for place in 0..4_usize {
            let digit = if place <= group.len() {
                let index = bits >> 18_u32.wrapping_sub((place as u32).wrapping_mul(6)) & 63;
                digits.get(index as usize).copied().unwrap_or(b'=')
            } else if spelling.padded {
                b'='
            } else {
                break;
            };
            if column != 0 && column == spelling.line {
                if !append(out, b"\n") {
                    return false;
                }
                column = 0;
            }
            if !append(out, &[digit]) {
                return false;
            }
            column = column.wrapping_add(1);
        }
    }
    true
}

fn decode_into(text: &[u8], out: &mut Vec<u8>) -> Result<Spelling, Refused> {
    out.try_reserve((text.len() / 4).saturating_mul(3).saturating_add(3))?;
    let mut spelling = Spelling::default();
    let (mut seen, mut bits, mut count, mut padding) = (0_u8, 0_u32, 0_usize, 0_usize);
    let mut rest = text;
    while let Some((&byte, behind)) = rest.split_first() {
        let class = CLASSES.get(usize::from(byte)).copied().unwrap_or(OTHER);
        if class & (OTHER | SPACE) == 0 && count & 3 == 0 && padding == 0 {
            let (groups, behind, alphabet) = decode_groups(rest, out);
            if groups != 0 {
                seen |= alphabet;
                count = count.wrapping_add(groups);
                rest = behind;
                continue;
            }
        }
        rest = behind;
        if class == 0 || class == STANDARD_ONLY || class == URL_SAFE_ONLY {
            if padding != 0 {
                return Err(Refused::NotBase64);
            }
            seen |= class;
            bits = bits << 6 | u32::from(digit(byte));
            count = count.wrapping_add(1);
            if count & 3 == 0 {
                let [_, first, second, third] = bits.to_be_bytes();
                if !append(out, &[first, second, third]) {
                    return Err(Refused::OutOfMemory);
                }
            }
        } else if class == SPACE {
            if spelling.line == 0 {
                spelling.line = count;
            }
        } else if byte == b'=' {
            padding = padding.wrapping_add(1);
        } else {
            return Err(Refused::NotBase64);
        }
    }
    let rest = count & 3;
    // What is left of an unfinished group: two digits hold one byte, three hold two, one holds none.
    let fits = match padding {
        0 => rest != 1,
        1 => rest == 3,
        2 => rest == 2,
        _ => false,
    };
    if !fits || seen == BOTH {
        return Err(Refused::NotBase64);
    }
    let appended = match rest {
        2 => append(out, &[(bits >> 4 & 0xFF) as u8]),
        3 => append(out, &[(bits >> 10 & 0xFF) as u8, (bits >> 2 & 0xFF) as u8]),
        _ => true,
    };
    if !appended {
        return Err(Refused::OutOfMemory);
    }
    // White space behind the last digit, such as the line end of `base64 < file`, is no wrapping.
    if spelling.line >= count {
        spelling.line = 0;
    }
    spelling.url_safe = seen == URL_SAFE_ONLY;
    spelling.padded = padding != 0 || rest == 0;
    Ok(spelling)
}

/// Decodes whole groups of four digits at the beginning of `text`, sixteen at most; how many digits they are, what follows
/// them, and which alphabet they are of. None if a group has anything else in it, or there is no memory.
fn decode_groups<'a>(text: &'a [u8], out: &mut Vec<u8>) -> (usize, &'a [u8], u8) {
    let mut decoded = [0; 48];
    let (mut seen, mut rest, mut length) = (0, text, 0_usize);
    while let Some(([first, second, third, fourth], behind)) = rest.split_first_chunk::<4>()
        && let Some(place) = decoded.get_mut(length..).and_then(<[u8]>::first_chunk_mut::<3>)
    {
        let digits =
            [first, second, third, fourth].map(|&byte| DIGITS.get(usize::from(byte)).copied().unwrap_or(0));
        let [first, second, third, fourth] = digits.map(u32::from);
        let classes = first | second | third | fourth;
        // Bits of both alphabets are those of no digit, too.
        if classes & NO_DIGIT == NO_DIGIT {
            break;
        }
        seen |= classes >> 8;
        let bits = (first & 63) << 18 | (second & 63) << 12 | (third & 63) << 6 | fourth & 63;
        let [_, one, two, three] = bits.to_be_bytes();
        *place = [one, two, three];
        length = length.wrapping_add(3);
        rest = behind;
    }
    let decoded = decoded.get(..length).unwrap_or_default();
    if decoded.is_empty() || !append(out, decoded) {
        return (0, text, 0);
    }
    (text.len().wrapping_sub(rest.len()), rest, seen as u8)
}

/// The value of each digit, and above it the [`class`] of its alphabet; [`NO_DIGIT`] for what is none.
static DIGITS: [u16; 256] = digits();
const NO_DIGIT: u32 = (BOTH as u32) << 8;

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn digits() -> [u16; 256] {
    let mut digits = [NO_DIGIT as u16; 256];
    let mut byte = 0;
    while byte < 256 {
        let class = class(byte as u8);
        if class & (OTHER | SPACE) == 0 {
            digits[byte] = (class as u16) << 8 | digit(byte as u8) as u16;
        }
        byte += 1;
    }
    digits
}

/// The [`class`] of each byte.
static CLASSES: [u8; 256] = classes();

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = class(byte as u8);
        byte += 1;
    }
    classes
}

/// The classes of all bytes of a text.
fn classes_of(text: &[u8]) -> u8 {
    text.iter().fold(0, |seen, &byte| seen | CLASSES.get(usize::from(byte)).copied().unwrap_or(OTHER))
}

fn unpadded(text: &[u8]) -> &[u8] {
    let mut body = text;
    while let Some((b'=', rest)) = body.split_last() {
        body = rest;
    }
    body
}

/// Which alphabet a byte belongs to: 0 for a digit of both.
const fn class(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => 0,
        b'+' | b'/' => STANDARD_ONLY,
        b'-' | b'_' => URL_SAFE_ONLY,
        b' ' | b'\t' | b'\r' | b'\n' => SPACE,
        _ => OTHER,
    }
}

/// The value of a digit; 0 for what is none.
const fn digit(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => byte.wrapping_sub(b'A'),
        b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
        b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => 0,
    }
}

const STANDARD_ONLY: u8 = 1;
const URL_SAFE_ONLY: u8 = 2;
const BOTH: u8 = STANDARD_ONLY | URL_SAFE_ONLY;
const SPACE: u8 = 4;
const OTHER: u8 = 8;
const STANDARD: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use proptest::prelude::*;

    fn decoded(text: &str) -> Option<(Vec<u8>, Spelling)> {
        // As a buffer that is used again.
        let mut out = Vec::from(*b"before");
        decode(text.as_bytes(), &mut out).ok().map(|spelling| (out, spelling))
    }

    fn spelled(url_safe: bool, padded: bool, line: usize) -> Spelling {
        Spelling { url_safe, padded, line }
    }

    #[test]
    fn texts() {
        for (text, bytes, spelling) in [
            ("", "", spelled(false, true, 0)),
            ("Zg==", "f", spelled(false, true, 0)),
            ("Zg", "f", spelled(false, false, 0)),
            ("Zm8=", "fo", spelled(false, true, 0)),
            ("Zm9vYmFy", "foobar", spelled(false, true, 0)),
            // Bits behind the last byte: the server decodes it, so it is looked into.
            ("Zh==", "f", spelled(false, true, 0)),
            ("Zm9v\nYmFy\n", "foobar", spelled(false, true, 4)),
            ("Zm9vYmFy\n", "foobar", spelled(false, true, 0)),
            ("PDw/Pz8+Pg==", "<<???>>", spelled(false, true, 0)),
            ("PDw_Pz8-Pg==", "<<???>>", spelled(true, true, 0)),
        ] {
            assert_eq!(decoded(text), Some((bytes.as_bytes().to_vec(), spelling)), "{text}");
        }
    }

    #[test]
    fn no_base64() {
        for text in ["Z", "Zm9vY", "Zg=", "Zm9v=", "Zg===", "Z=g=", "Zg==Zg==", "Zm9!", "a+b_", "=", "Zmö="]
        {
            let mut out = Vec::from(*b"before");
            assert_eq!(decode(text.as_bytes(), &mut out), Err(Refused::NotBase64), "{text}");
            assert!(out.is_empty(), "{text}");
        }
    }

    #[test]
    fn looks() {
        for (text, looks) in [
            ("aHVudGVyMg==", true),
            ("aHVudGVyMg", true),
            ("PDw_Pz8-Pg==", true),
            ("aHVudGVyMg=", false),
            ("aHVudGVyMg===", false),
            ("aGk=", false),
            ("hello world!", false),
            ("aHVu dGVy", false),
            ("a-b+c/d_", false),
            ("", false),
            ("========", false),
        ] {
            assert_eq!(looks_like_base64(text.as_bytes()), looks, "{text}");
        }
    }

    /// The obvious encoder: one bit after another.
    fn naive_encode(bytes: &[u8], spelling: Spelling) -> String {
        let digits = if spelling.url_safe { URL_SAFE } else { STANDARD };
        let bits: Vec<u8> =
            bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
        let mut text: String = bits
            .chunks(6)
            .map(|six| {
                let value =
                    (0..6).fold(0, |value, bit| value << 1 | usize::from(*six.get(bit).unwrap_or(&0)));
                char::from(digits[value])
            })
            .collect();
        while spelling.padded && !text.len().is_multiple_of(4) {
            text.push('=');
        }
        if spelling.line == 0 {
            return text;
        }
        let lines: Vec<&str> =
            text.as_bytes().chunks(spelling.line).map(|line| core::str::from_utf8(line).unwrap()).collect();
        lines.join("\n")
    }

    proptest! {
        #[test]
        fn encodes_as_the_naive_twin_does(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            url_safe: bool,
            padded: bool,
            line in prop_oneof![Just(0_usize), 1..80_usize],
        ) {
            let spelling = spelled(url_safe, padded, line);
            let mut out = Vec::new();
            prop_assert!(encode(&bytes, spelling, &mut out));
            prop_assert_eq!(core::str::from_utf8(&out).unwrap(), naive_encode(&bytes, spelling));
        }

        #[test]
        fn comes_back_as_it_was(bytes in prop::collection::vec(any::<u8>(), 0..200), url_safe: bool, padded: bool, wrap: bool) {
            let text = naive_encode(&bytes, spelled(url_safe, padded, if wrap { 76 } else { 0 }));
            let mut back = Vec::new();
            let spelling = decode(text.as_bytes(), &mut back).unwrap();
            prop_assert_eq!(&back, &bytes);
            let mut again = Vec::new();
            prop_assert!(encode(&back, spelling, &mut again));
            prop_assert_eq!(core::str::from_utf8(&again).unwrap(), text);
        }

        #[test]
        fn never_fails_otherwise(text in prop::collection::vec(any::<u8>(), 0..60)) {
            let mut out = Vec::new();
            if looks_like_base64(&text) {
                prop_assert!(decode(&text, &mut out).is_ok());
            }
        }
    }
}
