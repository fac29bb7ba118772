//! Cold: a string's text without its escapes, and the way back from the text to the string's bytes.
//!
//! What is found in the text is replaced in the string, so that everything around it keeps its spelling:
//! nothing is ever escaped again. [`Map`] translates positions of the text into positions of the string.

use super::{find, scan};
use crate::memory::{append_many, zeros};
use alloc::vec::Vec;

/// Writes the text of the string `raw` (without its quotes) into `text`, replacing what was there.
///
/// Returns `false` when the string is not readable: an unknown escape, bytes that are no UTF-8, a lone
/// surrogate, or no memory. Lone surrogates have no text; the string stays what it is, unopened.
pub(crate) fn unescape(raw: &[u8], text: &mut Vec<u8>) -> bool {
    unescape_with(raw, text, escaped) && core::str::from_utf8(text).is_ok()
}

/// Like [`unescape`] for a string that holds a whole record: what has no text becomes U+FFFD, and bytes that
/// are no UTF-8 stay, to be found where they stand in the record. `false` only if there is no memory.
#[inline(never)]
pub(crate) fn unescape_lossy(raw: &[u8], text: &mut Vec<u8>) -> bool {
    unescape_with(raw, text, |raw, at| {
        let replaced = || (char::REPLACEMENT_CHARACTER, scan::escape_length(raw, at).max(1));
        Some(escaped(raw, at).unwrap_or_else(replaced))
    })
}

/// Writes the text of `raw` into `text`, with the character that `read` finds for each escape; `false` if it finds
/// none or there is no memory.
#[inline(always)]
fn unescape_with(
    raw: &[u8],
    text: &mut Vec<u8>,
    read: impl Fn(&[u8], usize) -> Option<(char, usize)>,
) -> bool {
    if !zeros(text, raw.len()) {
        return false;
    }
    let mut rest = raw;
    let mut end: usize = 0;
    loop {
        let written;
        (rest, written) = simple_escapes(rest, text.get_mut(end..).unwrap_or_default());
        end = end.wrapping_add(written);
        if rest.is_empty() {
            text.truncate(end);
            return true;
        }
        let Some((character, length)) = read(raw, raw.len().wrapping_sub(rest.len())) else { return false };
        rest = rest.get(length..).unwrap_or_default();
        // What has no text may be longer than what stands for it.
        let after = end.wrapping_add(character.len_utf8());
        let more = after.saturating_add(rest.len()).saturating_sub(text.len());
        if more > 0 && !append_many(text, 0, more) {
            return false;
        }
        let Some(place) = text.get_mut(end..after) else { return false };
        // Four bytes hold every character, which the compiler knows; of `place` it does not, and would keep a panic.
        let mut buffer = [0; 4];
        let encoded = character.encode_utf8(&mut buffer);
        place.iter_mut().zip(encoded.bytes()).for_each(|(place, byte)| *place = byte);
        end = after;
    }
}

/// Writes the text of `raw` to the beginning of `text`, which is no shorter, up to an escape that a letter does not tell. What
/// is left, and how many bytes were written.
///
/// Tried and not kept: to look for a backslash and copy what is before it. Where JSON is in a string there is one at every
/// sixth byte, and a copy costs as much as three words.
#[inline(never)]
fn simple_escapes<'a>(raw: &'a [u8], text: &mut [u8]) -> (&'a [u8], usize) {
    let mut rest = raw;
    let mut end: usize = 0;
    while let (Some(word), Some(place)) =
        (rest.first_chunk::<8>(), text.get_mut(end..).and_then(<[u8]>::first_chunk_mut))
    {
        *place = *word;
        let plain = find::before(*word, b'\\');
        end = end.wrapping_add(plain);
        rest = rest.get(plain..).unwrap_or_default();
        if plain < 8 {
            let Some((instead, behind)) = simple_escape(rest) else { return (rest, end) };
            if let Some(place) = text.get_mut(end) {
                *place = instead;
            }
            end = end.wrapping_add(1);
            rest = behind;
        }
    }
    while let Some((&first, behind)) = rest.split_first() {
        let (byte, behind) = match first {
            b'\\' => match simple_escape(rest) {
                Some(escape) => escape,
                None => break,
            },
            _ => (first, behind),
        };
        let Some(place) = text.get_mut(end) else { break };
        *place = byte;
        end = end.wrapping_add(1);
        rest = behind;
    }
    (rest, end)
}

/// The byte that the escape stands for with which `rest` begins, if a letter tells, and what is behind it.
#[inline(always)]
fn simple_escape(rest: &[u8]) -> Option<(u8, &[u8])> {
    let (letter, behind) = rest.get(1..)?.split_first()?;
    let instead = *SIMPLE.get(usize::from(*letter))?;
    (instead != 0).then_some((instead, behind))
}

/// What the letter behind a backslash stands for; zero for `u` and for what is no escape.
static SIMPLE: [u8; 256] = simple();

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn simple() -> [u8; 256] {
    const LETTERS: [(u8, u8); 8] = [
        (b'"', b'"'),
        (b'\\', b'\\'),
        (b'/', b'/'),
        (b'b', 8),
        (b'f', 12),
        (b'n', b'\n'),
        (b'r', b'\r'),
        (b't', b'\t'),
    ];
    let mut simple = [0; 256];
    let mut at = 0;
    while at < LETTERS.len() {
        simple[LETTERS[at].0 as usize] = LETTERS[at].1;
        at += 1;
    }
    simple
}

/// The character that the escape at `at` stands for, and the escape's length; surrogate pairs count as one.
pub(crate) fn escaped(raw: &[u8], at: usize) -> Option<(char, usize)> {
    let letter = *raw.get(at.wrapping_add(1))?;
    if letter != b'u' {
        let character = *SIMPLE.get(usize::from(letter))?;
        return (character != 0).then_some((char::from(character), 2));
    }
    let unit = unit(raw, at)?;
    if !(0xd800..0xe000).contains(&unit) {
        return Some((char::from_u32(unit)?, 6));
    }
    let low = unit_if_escaped(raw, at.wrapping_add(6))?;
    if unit >= 0xdc00 || !(0xdc00..0xe000).contains(&low) {
        return None;
    }
    let code = 0x1_0000_u32.wrapping_add((unit & 0x3ff) << 10).wrapping_add(low & 0x3ff);
    Some((char::from_u32(code)?, 12))
}

fn unit_if_escaped(raw: &[u8], at: usize) -> Option<u32> {
    (raw.get(at..at.wrapping_add(2)) == Some(b"\\u")).then(|| unit(raw, at))?
}

/// The four hexadecimal digits of the `\u` escape at `at`.
pub(super) fn unit(raw: &[u8], at: usize) -> Option<u32> {
    let digits = raw.get(at.wrapping_add(2)..)?.first_chunk::<4>()?;
    let value = |digit: u8| HEX.get(usize::from(digit)).copied().map_or(NO_DIGIT, u32::from);
    let unit = digits.iter().fold(0, |unit, &digit| unit << 4 | value(digit));
    // What is no digit sets bits that four digits cannot.
    let odd = digits.iter().fold(0, |odd, &digit| odd | value(digit));
    (odd < 16).then_some(unit)
}

const NO_DIGIT: u32 = 0xff;

/// The value of each hexadecimal digit.
static HEX: [u8; 256] = hex();

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn hex() -> [u8; 256] {
    let mut hex = [NO_DIGIT as u8; 256];
    let mut digit = 0;
    while digit < 16 {
        hex[b"0123456789abcdef"[digit] as usize] = digit as u8;
        hex[b"0123456789ABCDEF"[digit] as usize] = digit as u8;
        digit += 1;
    }
    hex
}

/// Translates positions of a string's text into positions of the string, in ascending order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Map<'a> {
    raw: &'a [u8],
    raw_at: usize,
    text_at: usize,
    /// The first backslash at or after `raw_at`: found once, however many positions lie before it.
    backslash: usize,
}

impl<'a> Map<'a> {
    /// A map for the string `raw` (without its quotes), which [`unescape`] has accepted.
    pub(crate) fn new(raw: &'a [u8]) -> Self {
        Map::from_backslash(raw, find::byte(raw, 0, b'\\'))
    }

    /// The same, where it is known at which position the first backslash is.
    pub(crate) fn from_backslash(raw: &'a [u8], backslash: usize) -> Self {
        Map { raw, raw_at: 0, text_at: 0, backslash }
    }

    /// The position in the string of position `text` of its text; never less than the one before.
    pub(crate) fn raw(&mut self, text: usize) -> usize {
        while self.text_at < text {
            let wanted = text.wrapping_sub(self.text_at);
            let plain = self.backslash.wrapping_sub(self.raw_at);
            if plain >= wanted {
                self.raw_at = self.raw_at.wrapping_add(wanted);
                self.text_at = text;
                break;
            }
            let Some((character, length)) = escaped(self.raw, self.backslash) else {
                self.raw_at = self.raw.len();
                break;
            };
            self.raw_at = self.backslash.wrapping_add(length);
            // Where one escape is, others often stand beside it.
            self.backslash = match self.raw.get(self.raw_at) {
                Some(b'\\') => self.raw_at,
                _ => find::byte(self.raw, self.raw_at, b'\\'),
            };
            self.text_at = self.text_at.wrapping_add(plain).wrapping_add(character.len_utf8());
        }
        self.raw_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_serde_json(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            let raw = &json.as_bytes()[1..json.len() - 1];
            let mut ours = Vec::new();
            prop_assert!(unescape(raw, &mut ours));
            prop_assert_eq!(&ours, text.as_bytes());
            let mut map = Map::new(raw);
            for (at, _) in text.char_indices() {
                let mut rest = Vec::new();
                prop_assert!(unescape(&raw[map.raw(at)..], &mut rest));
                prop_assert_eq!(&rest, &text.as_bytes()[at..]);
            }
            prop_assert_eq!(map.raw(text.len()), raw.len());
        }
    }

    #[test]
    fn surrogates() {
        let mut text = Vec::new();
        assert!(unescape(br"\ud83d\ude00!", &mut text));
        assert_eq!(text, "😀!".as_bytes());
        for lone in [&br"\ud83d"[..], br"\ude00x", br"\ud83d\n", br"\ud83dA", br"\q", b"\xff"] {
            assert!(!unescape(lone, &mut text), "{lone:?}");
        }
    }
}
