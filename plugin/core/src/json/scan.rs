//! HOT: the ends of strings, numbers and literals.
//!
//! A string is looked at eight bytes at a time. A word needs a closer look when one of its bytes is a
//! quote, a backslash, a control character or not ASCII:
//!
//! ```text
//! ((w ^ 0x02*8) - 0x21*8  |  (w ^ '\'*8) - 1*8  |  w)  &  0x80*8
//! ```
//!
//! The first term finds quotes and control characters at once: `^ 0x02` makes a quote 0x20, exchanges others in
//! pairs, and moves none across 0x20. A subtraction sets a byte's high bit when the byte was too small (Mycroft's trick). It also borrows from
//! the byte above, so only the lowest flagged byte is sure to be one; that is the one used. The usual
//! `& !w` is left out: it guards against bytes that have their high bit set, and these are flagged anyway.
//!
//! Tried and not kept: a table of character classes (one load and one branch for every byte costs an
//! interpreter three times this), and two words a turn (half of all strings are shorter than 16 bytes).

use super::find::{lowest, short_word};

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;
/// What makes a quote 0x20 and leaves control characters below that, and everything else above.
const QUOTES: u64 = ONES.wrapping_mul(b'"' as u64 ^ 0x20);
const CONTROLS: u64 = ONES.wrapping_mul(0x21);
const BACKSLASHES: u64 = ONES.wrapping_mul(b'\\' as u64);

/// The string has at least one escape.
pub(crate) const ESCAPED: u8 = 1;
/// The string has a control character or an escape that JSON does not know: no reader has to accept it.
pub(crate) const UNREADABLE: u8 = 2;
/// The string has bytes that are not UTF-8.
pub(crate) const NOT_UTF8: u8 = 4;

/// Where a string ends, and what was seen on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StringEnd {
    /// The position of the closing quote.
    pub(crate) quote: usize,
    /// Any of [`ESCAPED`], [`UNREADABLE`], [`NOT_UTF8`].
    pub(crate) flags: u8,
}

/// Eight bytes beginning at `at`, the first one lowest.
#[inline(always)]
pub(crate) fn word(bytes: &[u8], at: usize) -> Option<u64> {
    match bytes.get(at..) {
        Some(rest) => rest.first_chunk::<8>().map(|chunk| u64::from_le_bytes(*chunk)),
        None => None,
    }
}

/// The closing quote of a name and the colon behind it, as the lower half of [`tail`].
pub(crate) const NAME_END: u32 = u32::from_le_bytes(*b"\":\0\0");
/// The closing quote of a text, a comma and the opening quote of the next, as the lower three bytes of [`tail`].
pub(crate) const NEXT_NAME: u32 = u32::from_le_bytes(*b"\",\"\0");
/// The closing quote of a name, the colon and the opening quote of a text, as the lower three bytes of [`tail`].
pub(crate) const NAME_AND_TEXT: u32 = u32::from_le_bytes(*b"\":\"\0");
/// The lower three bytes of [`tail`].
pub(crate) const THREE: u32 = 0x00ff_ffff;
/// An empty object, as the upper half of [`tail`].
pub(crate) const EMPTY_OBJECT: u32 = u32::from_le_bytes(*b"{}\0\0");

/// An object with a member, as the upper half of [`tail`].
pub(crate) const OBJECT: u32 = u32::from_le_bytes(*b"{\"\0\0");

/// The low five bits of a space, of `[` and `{`, and of `\`; few texts begin with what shares them.
const JSON: u32 = 1 | 1 << (b'[' & 31) | 1 << (b'\\' & 31);

/// The low five bits of `e`, with which base64 of an object begins.
const BASE64: u32 = 1 << (b'e' & 31);

/// Whether a string that holds JSON text may begin with this byte, or with an escape that stands for one.
#[inline(always)]
pub(crate) const fn may_be_first_of_json(first: u8) -> bool {
    JSON.wrapping_shr(first as u32) & 1 != 0
}

/// The same, or base64 of an object; [`begins_word`] tells most others from the latter.
#[inline(always)]
pub(crate) const fn may_be_first_of_object(first: u8) -> bool {
    (JSON | BASE64).wrapping_shr(first as u32) & 1 != 0
}

/// Whether a text begins with `e`, and not as base64 of `{` and what follows it in JSON does.
#[inline(always)]
pub(crate) fn begins_word(text: &[u8]) -> bool {
    match text.first_chunk() {
        Some([first, second]) => first | 0x20 == b'e' && *second != b'y' && *second != b'w',
        None => false,
    }
}

/// The first four bytes, the first one lowest; zero if there are no four.
#[inline(always)]
pub(crate) fn tail(rest: &[u8]) -> u32 {
    match rest.first_chunk::<4>() {
        Some(chunk) => u32::from_le_bytes(*chunk),
        None => 0,
    }
}

/// The bytes of a word that end what is plain, as the high bits of a word whose lowest one is right.
#[inline(always)]
const fn flagged(word: u64) -> u64 {
    ((word ^ QUOTES).wrapping_sub(CONTROLS) | (word ^ BACKSLASHES).wrapping_sub(ONES) | word) & HIGH
}

/// What `rest` holds from its first quote, backslash, control character or byte that is not ASCII on.
#[inline(always)]
pub(crate) fn plain(rest: &[u8]) -> &[u8] {
    name(rest).1
}

/// [`plain`], and the first eight bytes of `rest`, or as many as there are.
#[inline(always)]
pub(crate) fn name(rest: &[u8]) -> (u64, &[u8]) {
    let Some((words, behind)) = rest.split_first_chunk::<16>() else { return plain_at_the_end(rest) };
    let (first, second) = two_words(words);
    let found = flagged(first);
    if found != 0 {
        return (first, rest.get(lowest(found)..).unwrap_or_default());
    }
    let found = flagged(second);
    if found != 0 {
        return (first, rest.get(lowest(found).wrapping_add(8)..).unwrap_or_default());
    }
    let mut rest = behind;
    while let Some((words, behind)) = rest.split_first_chunk::<16>() {
        let (one, two) = two_words(words);
        let found = flagged(one);
        if found != 0 {
            return (first, rest.get(lowest(found)..).unwrap_or_default());
        }
        let found = flagged(two);
        if found != 0 {
            return (first, rest.get(lowest(found).wrapping_add(8)..).unwrap_or_default());
        }
        rest = behind;
    }
    (first, plain_at_the_end(rest).1)
}

/// [`plain`] where long texts are as well: in the loop of a walk.
#[inline(always)]
pub(crate) fn plain_text(rest: &[u8]) -> &[u8] {
    let mut rest = rest;
    // Most end in one of these steps.
    for _ in 0..4 {
        let Some((words, behind)) = rest.split_first_chunk::<16>() else {
            return plain_at_the_end(rest).1;
        };
        let (one, two) = two_words(words);
        let found = flagged(one);
        if found != 0 {
            return rest.get(lowest(found)..).unwrap_or_default();
        }
        let found = flagged(two);
        if found != 0 {
            return rest.get(lowest(found).wrapping_add(8)..).unwrap_or_default();
        }
        rest = behind;
    }
    plain_of_long(rest)
}

/// [`plain`] behind the first 64 bytes of a text, 64 bytes at a time as long as there is no blank and no `!` either: so
/// quotes and what comes before them are told from all others without a look at each word.
#[inline(never)]
fn plain_of_long(rest: &[u8]) -> &[u8] {
    const LETTERS: u64 = ONES.wrapping_mul(b'"' as u64 + 1);
    let mut rest = rest;
    while let Some((words, behind)) = rest.split_first_chunk::<64>() {
        let (words, _) = words.as_chunks::<8>();
        let found = words.iter().fold(0, |found, word| {
            let word = u64::from_le_bytes(*word);
            found | word.wrapping_sub(LETTERS) | (word ^ BACKSLASHES).wrapping_sub(ONES) | word
        });
        if found & HIGH != 0 {
            break;
        }
        rest = behind;
    }
    plain(rest)
}

/// What `rest` holds from its first byte on that stands neither in a name nor in a version: a quote, a backslash, any of
/// `;<=>?` and of what comes before `(` in ASCII, or what is not ASCII. `None` so near the end that eight bytes cannot be
/// read.
#[inline(always)]
pub(crate) fn behind_word(rest: &[u8]) -> Option<&[u8]> {
    let mut rest = rest;
    loop {
        let (word, behind) = rest.split_first_chunk::<8>()?;
        let found = flagged_signs(u64::from_le_bytes(*word));
        if found != 0 {
            return rest.get(lowest(found)..);
        }
        rest = behind;
    }
}

/// The bytes of a word that end what [`behind_word`] passes over, as [`flagged`] flags them.
#[inline(always)]
const fn flagged_signs(word: u64) -> u64 {
    const FIRST: u64 = ONES.wrapping_mul(b'(' as u64);
    const QUESTION_MARKS: u64 = ONES.wrapping_mul(b'?' as u64);
    const SIGNS: u64 = ONES.wrapping_mul((b'?' - b';' + 1) as u64);
    (word.wrapping_sub(FIRST)
        | (word ^ QUESTION_MARKS).wrapping_sub(SIGNS)
        | (word ^ BACKSLASHES).wrapping_sub(ONES)
        | word)
        & HIGH
}

#[inline(always)]
fn two_words(words: &[u8; 16]) -> (u64, u64) {
    let words = u128::from_le_bytes(*words);
    (words as u64, (words >> 64) as u64)
}

/// [`name`] where less than two words are left.
#[inline(never)]
fn plain_at_the_end(rest: &[u8]) -> (u64, &[u8]) {
    // The zeros behind the last bytes end what is plain, as any control character does.
    let Some((word, behind)) = rest.split_first_chunk::<8>() else {
        let word = short_word(rest);
        return (word, rest.get(lowest(flagged(word))..).unwrap_or_default());
    };
    let first = u64::from_le_bytes(*word);
    let found = flagged(first);
    if found != 0 {
        return (first, rest.get(lowest(found)..).unwrap_or_default());
    }
    (first, behind.get(lowest(flagged(short_word(behind)))..).unwrap_or_default())
}

/// The first position at or after `at` that holds a quote, a backslash, a control character or a byte that
/// is not ASCII; the length of `bytes` if there is none.
#[inline(always)]
pub(crate) fn special(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at..) {
        Some(rest) => bytes.len().wrapping_sub(plain(rest).len()),
        None => at,
    }
}

/// The end of the string whose first byte after the opening quote is at `at`; `None` if it is cut.
#[inline(always)]
pub(crate) fn string(bytes: &[u8], at: usize) -> Option<StringEnd> {
    let quote = special(bytes, at);
    match bytes.get(quote) {
        Some(b'"') => Some(StringEnd { quote, flags: 0 }),
        Some(_) => string_with_specials(bytes, quote),
        None => None,
    }
}

/// The rest of [`string`] from the first byte that is neither plain nor the closing quote.
#[inline(never)]
fn string_with_specials(bytes: &[u8], at: usize) -> Option<StringEnd> {
    let mut flags = 0;
    let mut rest = bytes.get(at..)?;
    loop {
        rest = plain(rest);
        let (&first, behind) = rest.split_first()?;
        rest = match first {
            b'"' => return Some(StringEnd { quote: bytes.len().wrapping_sub(rest.len()), flags }),
            b'\\' => {
                flags |= ESCAPED;
                match behind.split_first() {
                    Some((&escape, behind)) if is_simple_escape(escape) => behind,
                    _ => {
                        let length = escape_length(rest, 0);
                        if length == 0 {
                            flags |= UNREADABLE;
                        }
                        // `\` and whatever follows it are one pair, so that no reader finds the end earlier.
                        rest.get(length.max(2)..).unwrap_or_default()
                    }
                }
            }
            0..0x20 => {
                flags |= UNREADABLE;
                behind
            }
            _ => {
                let length = super::utf8::sequence(rest, 0).unwrap_or_else(|length| {
                    flags |= NOT_UTF8;
                    length
                });
                rest.get(length..).unwrap_or_default()
            }
        };
    }
}

/// Whether a backslash and this byte are an escape.
#[inline(always)]
pub(crate) const fn is_simple_escape(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')
}

/// The length of the escape whose backslash is at `at`, or 0 if JSON has no such escape.
pub(crate) fn escape_length(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at.wrapping_add(1)) {
        Some(&byte) if is_simple_escape(byte) => 2,
        Some(b'u') if super::text::unit(bytes, at).is_some() => 6,
        _ => 0,
    }
}

/// The end of the number or literal that begins at `at`, and whether it is one that JSON knows and every reader
/// can hold: no number [beyond a double](super::number::is_beyond_double).
///
/// What JSON does not know is read up to the next comma, bracket, brace or white space.
#[inline(always)]
pub(crate) fn scalar(bytes: &[u8], at: usize) -> (usize, bool) {
    let end = match bytes.get(at) {
        // A whole number, as nearly all are.
        Some(b'1'..=b'9') => {
            let end = digits(bytes, at);
            let short = end.wrapping_sub(at) <= super::number::SAFE_LENGTH;
            if short && matches!(bytes.get(end), Some(b',' | b'}' | b']')) {
                return (end, true);
            }
            number(bytes, at)
        }
        Some(b't') => literal(bytes, at, b"true"),
        Some(b'f') => literal(bytes, at, b"false"),
        Some(b'n') => literal(bytes, at, b"null"),
        _ => number(bytes, at),
    };
    match end {
        Some(end) if ends_scalar(bytes, end) => (end, true),
        _ => (garbage(bytes, at), false),
    }
}

fn literal(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    let end = at.wrapping_add(word.len());
    (bytes.get(at..end) == Some(word)).then_some(end)
}

fn ends_scalar(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at) {
        Some(&byte) => matches!(byte, b',' | b'}' | b']') || super::is_space(byte),
        // A cut record may end inside a longer number.
        None => false,
    }
}

/// The end of the digits that begin at `at`.
fn digits(bytes: &[u8], at: usize) -> usize {
    let mut at = at;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at = at.wrapping_add(1);
    }
    at
}

/// The end of the number that begins at `at`; `None` if none does, or one that is [beyond a
/// double](super::number::is_beyond_double).
fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let first = if bytes.get(at) == Some(&b'-') { at.wrapping_add(1) } else { at };
    let mut end = match bytes.get(first)? {
        b'0' => first.wrapping_add(1),
        b'1'..=b'9' => digits(bytes, first),
        _ => return None,
    };
    if bytes.get(end) == Some(&b'.') {
        let fraction = end.wrapping_add(1);
        end = digits(bytes, fraction);
        if end == fraction {
            return None;
        }
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = end.wrapping_add(1);
        let exponent = if matches!(bytes.get(sign), Some(b'+' | b'-')) { sign.wrapping_add(1) } else { sign };
        end = digits(bytes, exponent);
        if end == exponent || super::number::is_beyond_double(bytes.get(at..end).unwrap_or_default()) {
            return None;
        }
    }
    let long = end.wrapping_sub(at) > super::number::SAFE_LENGTH;
    if long && super::number::is_beyond_double(bytes.get(at..end).unwrap_or_default()) {
        return None;
    }
    Some(end)
}

/// The end of something that is no value.
#[cold]
#[inline(never)]
fn garbage(bytes: &[u8], at: usize) -> usize {
    let mut at = at;
    while let Some(&byte) = bytes.get(at) {
        if matches!(byte, b',' | b'}' | b']' | b'{' | b'[' | b'"') || super::is_space(byte) {
            break;
        }
        at = at.wrapping_add(1);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn naive_special(bytes: &[u8], at: usize) -> usize {
        let rest = bytes.get(at..).unwrap_or_default();
        let found = rest.iter().position(|&b| b == b'"' || b == b'\\' || !(0x20..0x80).contains(&b));
        at + found.unwrap_or(rest.len())
    }

    proptest! {
        #[test]
        fn special_matches_naive(
            bytes in prop::collection::vec(any::<u8>(), 0..64), at in any::<prop::sample::Index>()
        ) {
            let at = at.index(bytes.len() + 1);
            prop_assert_eq!(special(&bytes, at), naive_special(&bytes, at));
        }

        #[test]
        fn special_matches_naive_on_ordinary_text(
            mut bytes in prop::collection::vec(0x21u8..0x5c, 0..400), odd in any::<u8>(), place in any::<prop::sample::Index>()
        ) {
            if !bytes.is_empty() {
                let place = place.index(bytes.len());
                bytes[place] = odd;
            }
            prop_assert_eq!(special(&bytes, 0), naive_special(&bytes, 0));
            prop_assert_eq!(bytes.len() - plain_text(&bytes).len(), naive_special(&bytes, 0));
        }

        #[test]
        fn words_end_where_a_naive_search_says(
            mut bytes in prop::collection::vec(0x28u8..0x3b, 0..64), odd in prop::collection::vec((any::<u8>(), any::<prop::sample::Index>()), 0..4)
        ) {
            for (odd, place) in odd {
                if !bytes.is_empty() {
                    let place = place.index(bytes.len());
                    bytes[place] = odd;
                }
            }
            let ends = |&byte: &u8| byte == b'\\' || byte < b'(' || byte >= 0x80 || (b';'..=b'?').contains(&byte);
            let naive = bytes.iter().position(ends);
            match behind_word(&bytes) {
                Some(behind) => prop_assert_eq!(naive, Some(bytes.len() - behind.len())),
                None => prop_assert!(naive.is_none_or(|at| bytes.len() - at < 8)),
            }
        }

        #[test]
        fn string_agrees_with_serde_json(text in "\\PC{0,40}") {
            let mut json = serde_json::to_vec(&text).unwrap();
            json.extend_from_slice(b",1");
            let end = string(&json, 1).unwrap();
            prop_assert_eq!(end.quote, json.len() - 3);
            prop_assert_eq!(end.flags & !ESCAPED, 0);
        }

        #[test]
        fn scalar_agrees_with_serde_json(text in "[-+0-9.eEtrufalsn]{1,8}") {
            let mut json: Vec<u8> = text.clone().into_bytes();
            json.push(b',');
            let (end, known) = scalar(&json, 0);
            let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            prop_assert_eq!(known, theirs, "{}", text);
            prop_assert_eq!(end, text.len());
        }
    }

    #[test]
    fn strings_that_no_reader_has_to_accept() {
        for (json, quote, flags) in [
            (&br#"abc""#[..], 3, 0),
            (br#"a\nb""#, 4, ESCAPED),
            (br#"\u00e9\"""#, 8, ESCAPED),
            (br#"\q""#, 2, ESCAPED | UNREADABLE),
            (br#"\u12g4""#, 6, ESCAPED | UNREADABLE),
            (b"a\x00b\"", 3, UNREADABLE),
            (b"a\xffb\"", 3, NOT_UTF8),
            (b"\xc3\xa9\"", 2, 0),
            (b"\xed\xa0\x80\"", 3, NOT_UTF8),
        ] {
            assert_eq!(string(json, 0), Some(StringEnd { quote, flags }), "{json:?}");
        }
        assert_eq!(string(b"abc", 0), None);
        assert_eq!(string(b"abc\\\"", 0), None);
    }
}
