//! Cold: texts that are encoded inside of others: base64 and `data:` URLs. What is in them is redacted as a text of
//! its own, and put back as it was written.
//!
//! ```text
//! data:text/plain;charset=utf-8;base64,UEFTU1dPUkQ9eA%3D%3D   RFC 2397: percent-encoded, and then base64 or not
//! UEFTU1dPUkQ9eA==                                          RFC 4648: either alphabet, with or without padding
//! ```
//!
//! Positions in percent-encoded text have their positions in what it stands for, so what is kept there keeps its
//! bytes. Base64 has none: it is written anew where anything in it was hidden, and otherwise stays.

use super::actions::{Digest, digest_at};
use super::base64::{self, Spelling};
use super::edits::{Edit, MASK, Put};
use super::percent;
use crate::json::{find, text};
use crate::memory::{append, push};
use alloc::vec::Vec;

/// What carries a text, and what becomes of one that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// Base64 of a text, where a place says that such stands there. What is no text goes.
    Text,
    /// A `data:` URL. It holds a file: what is of no format that is read for credentials goes.
    File,
    /// What may be base64 by its looks. What does not read like an object, a file or a script stays.
    Likely,
}

/// How the text of a level is written in the level above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Code {
    /// As it is, but for the escapes of a JSON string.
    #[default]
    Plain,
    /// Percent-encoded.
    Percent,
    /// In base64, of which some signs may be percent-encoded.
    Base64(Spelling, Signs),
    /// In base64 over several lines of another text, of which nobody knows how they have to stand.
    Lines,
}

/// How the signs of base64 are written that mean something in a URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Signs {
    plus: Sign,
    slash: Sign,
    equals: Sign,
}

/// How one of them is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sign {
    /// As it is.
    #[default]
    Plain,
    /// `%2B`
    Upper,
    /// `%2b`
    Lower,
}

/// What was found of a carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The text begins there in the level above, and is written like this.
    Text(usize, Code),
    /// What begins there cannot be read.
    Unreadable(usize),
    /// What begins there is compressed.
    Compressed(usize),
    /// There is nothing.
    Nothing,
}

/// Reads the carrier `raw`, which may have the escapes of a JSON string, into `out`.
pub(super) fn read(carrier: Carrier, raw: &[u8], scratch: &mut Vec<u8>, out: &mut Vec<u8>) -> Found {
    let text = match find::byte(raw, 0, b'\\') < raw.len() {
        true if text::unescape(raw, scratch) => scratch.as_slice(),
        true => return Found::Unreadable(0),
        false => raw,
    };
    let Some((content, is_base64)) = content(carrier, text) else { return Found::Unreadable(0) };
    let encoded = text.get(content..).unwrap_or_default();
    if encoded.is_empty() || encoded == MASK {
        return Found::Nothing;
    }
    let start = text::Map::new(raw).raw(content);
    let code = if !is_base64 {
        if !percent::decode(encoded, out) {
            return Found::Unreadable(start);
        }
        Code::Percent
    } else {
        let signs = Signs::of(encoded);
        let mut plain = Vec::new();
        let encoded = match find::byte(encoded, 0, b'%') < encoded.len() {
            true if percent::decode(encoded, &mut plain) => plain.as_slice(),
            true => return Found::Unreadable(start),
            false => encoded,
        };
        match base64::decode(encoded, out) {
            Ok(spelling) if carrier == Carrier::Likely && spelling.line != 0 => Code::Lines,
            Ok(spelling) => Code::Base64(spelling, signs),
            Err(_) => return Found::Unreadable(start),
        }
    };
    if is_compressed(out) {
        return Found::Compressed(start);
    }
    if core::str::from_utf8(out).is_err() {
        return Found::Unreadable(start);
    }
    Found::Text(start, code)
}

/// Where the content of a carrier begins, and whether it is base64.
fn content(carrier: Carrier, text: &[u8]) -> Option<(usize, bool)> {
    if carrier != Carrier::File {
        return Some((0, true));
    }
    let comma = text.iter().position(|&byte| byte == b',')?;
    let kind = text.get(..comma).unwrap_or_default().trim_ascii_end();
    let is_base64 =
        kind.len() >= 7 && kind.get(kind.len().wrapping_sub(7)..)?.eq_ignore_ascii_case(b";base64");
    Some((comma.saturating_add(1), is_base64))
}

/// Whether `text` begins as a `data:` URL does.
#[inline(never)]
pub(crate) fn is_data_url(text: &[u8]) -> bool {
    text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"data:"))
}

/// The length of the `data:` URL that `text` begins with, in a text that goes on behind it; `None` if it begins with
/// none. `data: x` and `data:\n` are keys of YAML.
pub(super) fn data_url_in(text: &[u8]) -> Option<usize> {
    let kind = text.get(5..).filter(|_| is_data_url(text))?;
    let in_kind = |byte: &u8| byte.is_ascii_alphanumeric() || b"/;=+-._%".contains(byte);
    let comma = kind.iter().position(|byte| !in_kind(byte))?;
    let slash = || kind.get(..comma).is_some_and(|kind| kind.contains(&b'/'));
    let begins = kind.get(comma) == Some(&b',') && (comma == 0 || kind.starts_with(b";") || slash());
    begins.then_some(())?;
    let ends = |byte: &u8| *byte <= b' ' || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'|');
    let rest = kind.get(comma..).unwrap_or_default();
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    Some(length.saturating_add(comma).saturating_add(5))
}

/// The shortest base64 that is looked into because of its looks, in bytes.
const SHORTEST: usize = 16;

/// Whether a word looks like base64 of a text: not by its letters alone, which many words have, but by what it
/// decodes to.
#[inline]
pub(crate) fn may_be_base64(word: &[u8]) -> bool {
    // The first bit of a byte of ASCII is none, so every fourth digit is of the lower half; few words have such.
    let lower = |at: usize| matches!(word.get(at), Some(b'A'..=b'Z' | b'a'..=b'f'));
    let ascii = lower(0) && lower(4) && lower(8) && lower(12);
    (ascii || word.first_chunk().is_some_and(|head: &[u8; 4]| MARKED.contains(&head)))
        && is_base64_of_text(word)
}

/// What base64 begins with of bytes that say what follows: gzip, zstd, bzip2, zip, xz, and the mark of UTF-8.
const MARKED: [&[u8; 4]; 6] = [b"H4sI", b"KLUv", b"Qlpo", b"UEsD", b"/Td6", b"77u/"];

#[inline(never)]
fn is_base64_of_text(word: &[u8]) -> bool {
    // Certificates are many. What zlib writes begins too much like other things.
    let text_or_compressed = |head: [u8; 12]| {
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
        is_text(text) && !head.starts_with(b"-----BEGIN C")
            || is_compressed(&head) && head.first() != Some(&0x78)
    };
    let head = word.first_chunk::<SHORTEST>().and_then(base64::head);
    head.is_some_and(text_or_compressed) && base64::looks_like_base64(word)
}

/// Whether these are bytes of a text in ASCII.
fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~'))
}

/// Whether a text begins as an object of JSON does, or an array of objects.
pub(super) fn may_be_object(text: &[u8]) -> bool {
    match text.trim_ascii_start() {
        [b'{', ..] => true,
        [b'[', rest @ ..] => matches!(rest.trim_ascii_start(), [b'{' | b'[', ..]),
        _ => false,
    }
}

/// gzip, zlib, zstd, xz, bzip2 and zip, by the bytes they begin with.
pub(super) fn is_compressed(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0x1f, 0x8b, ..]
            | [0x78, 0x01 | 0x9c | 0xda, ..]
            | [0x28, 0xb5, 0x2f, 0xfd, ..]
            | [0xfd, b'7', b'z', b'X', b'Z', ..]
            | [b'B', b'Z', b'h', ..]
            | [b'P', b'K', 3, 4, ..]
    )
}

/// Texts that were written anew. Hardly any record has one.
#[derive(Debug, Default)]
pub(crate) struct Written(Vec<Vec<u8>>);

impl Written {
    /// None.
    pub(crate) const NONE: Written = Written(Vec::new());

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The text of this number.
    pub(crate) fn get(&self, number: u8) -> &[u8] {
        self.0.get(usize::from(number)).map_or(MASK, Vec::as_slice)
    }
}

impl Written {
    /// Writes `text` in base64 as it was spelled, and gives its number; `None` if there are too many, or no memory.
    ///
    /// Where it had line breaks it stands in a JSON string: nothing else that is opened has any.
    pub(super) fn add(
        &mut self,
        text: &[u8],
        spelling: Spelling,
        signs: Signs,
        scratch: &mut Vec<u8>,
    ) -> Option<u8> {
        let number = u8::try_from(self.0.len()).ok()?;
        scratch.clear();
        base64::encode(text, spelling, scratch).then_some(())?;
        let mut out = Vec::new();
        out.try_reserve(scratch.len()).ok()?;
        for &byte in scratch.iter() {
            let done = match (byte, signs.of_byte(byte)) {
                (b'\n', _) => append(&mut out, b"\\n"),
                (_, Sign::Plain) => append(&mut out, &[byte]),
                (_, Sign::Upper) => escape(byte, b"0123456789ABCDEF", &mut out),
                (_, Sign::Lower) => escape(byte, b"0123456789abcdef", &mut out),
            };
            if !done {
                return None;
            }
        }
        push(&mut self.0, out).then_some(number)
    }

    /// Escapes the text of this number once more, because the text that it stands in stands in a string; `false` if
    /// there is no memory.
    pub(super) fn lift(&mut self, number: u8) -> bool {
        let text = self.0.get_mut(usize::from(number));
        let Some(text) = text.filter(|text| text.contains(&b'\\')) else { return true };
        let mut out = Vec::new();
        for &byte in text.iter() {
            if byte == b'\\' && !append(&mut out, b"\\") || !append(&mut out, &[byte]) {
                return false;
            }
        }
        *text = out;
        true
    }
}

fn escape(byte: u8, digits: &[u8; 16], out: &mut Vec<u8>) -> bool {
    let digit = |value: u8| digits.get(usize::from(value & 15)).copied().unwrap_or(b'0');
    append(out, &[b'%', digit(byte >> 4), digit(byte)])
}

impl Signs {
    /// As they are in `encoded`; of a sign that is written in several ways the last one counts.
    fn of(encoded: &[u8]) -> Signs {
        let mut signs = Signs::default();
        let mut rest = encoded;
        while let Some((_, behind)) = rest.get(find::byte(rest, 0, b'%')..).and_then(<[u8]>::split_first) {
            rest = behind;
            match rest {
                [b'2', b'B', ..] => signs.plus = Sign::Upper,
                [b'2', b'b', ..] => signs.plus = Sign::Lower,
                [b'2', b'F', ..] => signs.slash = Sign::Upper,
                [b'2', b'f', ..] => signs.slash = Sign::Lower,
                [b'3', b'D', ..] => signs.equals = Sign::Upper,
                [b'3', b'd', ..] => signs.equals = Sign::Lower,
                _ => {}
            }
        }
        // One that did not occur, as padding may not have, is written as the others are.
        if signs == Signs::default() {
            return signs;
        }
        let other = [signs.plus, signs.slash, signs.equals].into_iter().find(|sign| *sign != Sign::Plain);
        for (sign, byte) in [(&mut signs.plus, b'+'), (&mut signs.slash, b'/'), (&mut signs.equals, b'=')] {
            if let Some(other) = other.filter(|_| !encoded.contains(&byte)) {
                *sign = other;
            }
        }
        signs
    }

    fn of_byte(self, byte: u8) -> Sign {
        match byte {
            b'+' => self.plus,
            b'/' => self.slash,
            b'=' => self.equals,
            _ => Sign::Plain,
        }
    }
}

/// Writes `text` from `from` on with its `edits` made into `out`; `false` if there is no memory.
pub(super) fn apply<'a>(
    text: &[u8],
    from: usize,
    edits: impl IntoIterator<Item = &'a Edit>,
    digests: &[Digest],
    written: &Written,
    out: &mut Vec<u8>,
) -> bool {
    out.clear();
    let mut at = from;
    for edit in edits {
        let instead = match edit.put {
            Put::Digest => digest_at(digests, edit.start),
            Put::Written(number) => written.get(number),
            put => put.bytes(),
        };
        let kept = text.get(at..edit.start as usize).unwrap_or_default();
        if !append(out, kept) || !append(out, instead) {
            return false;
        }
        at = edit.end as usize;
    }
    append(out, text.get(at..).unwrap_or_default())
}
