//! Reading msgpack, as far as Fluent Bit writes it: one map, whose values are turned into JSON text.
//!
//! Source: the msgpack specification, `spec.md` in `msgpack/msgpack`. What JSON has no form for becomes what
//! Fluent Bit's own `flb_msgpack_to_json` makes of it or less: `bin` is text, `ext` is `null`, a number that
//! is not finite is `null`, a key that is no string is its JSON text.

use crate::json::utf8;
use crate::limits::{MSGPACK_NESTING, RECORD_BYTES};
use crate::memory::{append, push};
use alloc::vec::Vec;

/// What stands at a position.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Item<'a> {
    Nil,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    /// `str` or `bin`
    Text(&'a [u8]),
    Ext,
    Array(usize),
    Map(usize),
}

/// Reads one item after another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// A reader of `bytes`, from their beginning.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes, at: 0 }
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    /// An unsigned number of `length` bytes, most significant first.
    fn number(&mut self, length: usize) -> Option<u64> {
        Some(self.take(length)?.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    fn length(&mut self, length: usize) -> Option<usize> {
        usize::try_from(self.number(length)?).ok()
    }

    /// A signed number of `length` bytes.
    fn signed(&mut self, length: u32) -> Option<Item<'a>> {
        let unused = 64_u32.wrapping_sub(length.wrapping_mul(8));
        let number = self.number(length as usize)?;
        Some(Item::Signed((number.wrapping_shl(unused) as i64).wrapping_shr(unused)))
    }

    fn text(&mut self, length: usize) -> Option<Item<'a>> {
        self.take(length).map(Item::Text)
    }

    fn ext(&mut self, length: usize) -> Option<Item<'a>> {
        self.take(length.checked_add(1)?)?;
        Some(Item::Ext)
    }

    fn item(&mut self) -> Option<Item<'a>> {
        let head = *self.take(1)?.first()?;
        let low = usize::from(head & 0x0f);
        match head {
            0x00..0x80 => Some(Item::Unsigned(u64::from(head))),
            0x80..0x90 => Some(Item::Map(low)),
            0x90..0xa0 => Some(Item::Array(low)),
            0xa0..0xc0 => self.text(usize::from(head & 0x1f)),
            0xc0 => Some(Item::Nil),
            0xc1 => None,
            0xc2 => Some(Item::Bool(false)),
            0xc3 => Some(Item::Bool(true)),
            0xc4 | 0xd9 => self.length(1).and_then(|length| self.text(length)),
            0xc5 | 0xda => self.length(2).and_then(|length| self.text(length)),
            0xc6 | 0xdb => self.length(4).and_then(|length| self.text(length)),
            0xc7 => self.length(1).and_then(|length| self.ext(length)),
            0xc8 => self.length(2).and_then(|length| self.ext(length)),
            0xc9 => self.length(4).and_then(|length| self.ext(length)),
            0xca => self.number(4).map(|bits| Item::Float(f64::from(f32::from_bits(bits as u32)))),
            0xcb => self.number(8).map(|bits| Item::Float(f64::from_bits(bits))),
            0xcc => self.number(1).map(Item::Unsigned),
            0xcd => self.number(2).map(Item::Unsigned),
            0xce => self.number(4).map(Item::Unsigned),
            0xcf => self.number(8).map(Item::Unsigned),
            0xd0 => self.signed(1),
            0xd1 => self.signed(2),
            0xd2 => self.signed(4),
            0xd3 => self.signed(8),
            0xd4 => self.ext(1),
            0xd5 => self.ext(2),
            0xd6 => self.ext(4),
            0xd7 => self.ext(8),
            0xd8 => self.ext(16),
            0xdc => self.length(2).map(Item::Array),
            0xdd => self.length(4).map(Item::Array),
            0xde => self.length(2).map(Item::Map),
            0xdf => self.length(4).map(Item::Map),
            0xe0.. => Some(Item::Signed(i64::from(head as i8))),
        }
    }

    fn is_at_end(self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The number of keys of the map that begins here.
    pub(crate) fn map(&mut self) -> Option<usize> {
        match self.item()? {
            Item::Map(length) => Some(length),
            _ => None,
        }
    }

    /// The text that begins here; if it is something else, nothing is read.
    pub(crate) fn text_or_nothing(&mut self) -> Option<&'a [u8]> {
        let before = self.at;
        match self.item() {
            Some(Item::Text(text)) => Some(text),
            _ => {
                self.at = before;
                None
            }
        }
    }

    /// Writes the item that begins here as the name of a member; `false` if it is a container.
    fn json_key(&mut self, json: &mut Vec<u8>) -> bool {
        match self.item() {
            Some(Item::Text(text)) => write_text(text, json),
            Some(Item::Array(_) | Item::Map(_)) | None => false,
            Some(item) => append(json, b"\"") && write_scalar(item, json) && append(json, b"\""),
        }
    }

    /// Writes the item that begins here as JSON; `false` if it is cut or there is no memory.
    pub(crate) fn json(&mut self, json: &mut Vec<u8>, open: &mut Vec<Open>) -> bool {
        open.clear();
        loop {
            let Some(item) = self.item() else { return false };
            let key = open.last().is_some_and(|open| open.map && open.left & 1 == 1);
            let written = match item {
                Item::Array(_) | Item::Map(_) if open.len() >= MSGPACK_NESTING => false,
                Item::Array(length) if !key => {
                    append(json, b"[") && push(open, Open { map: false, left: length, first: true })
                }
                Item::Map(length) if !key => {
                    append(json, b"{")
                        && push(open, Open { map: true, left: length.saturating_mul(2), first: true })
                }
                // A container as a key has no form at all.
                Item::Array(_) | Item::Map(_) => false,
                Item::Text(text) => write_text(text, json),
                other if key => append(json, b"\"") && write_scalar(other, json) && append(json, b"\""),
                other => write_scalar(other, json),
            };
            if !written || json.len() > RECORD_BYTES {
                return false;
            }
            // What comes between this item and the next.
            loop {
                let Some(top) = open.last_mut() else { return true };
                if top.left == 0 {
                    if !append(json, if top.map { b"}" } else { b"]" }) {
                        return false;
                    }
                    open.pop();
                    continue;
                }
                let value_follows = top.map && top.left & 1 == 1;
                let separated = if value_follows {
                    append(json, b":")
                } else {
                    core::mem::take(&mut top.first) || append(json, b",")
                };
                top.left = top.left.wrapping_sub(1);
                if !separated {
                    return false;
                }
                break;
            }
        }
    }
}

/// A record that is no map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoMap;

/// What a record holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Split<'a> {
    /// The text under the field; of several the first that is text.
    pub(crate) log: Option<&'a [u8]>,
    /// All else was written to `json`. What could not be read is missing there.
    pub(crate) whole: bool,
}

/// The text of a record that has nothing but a text under `log`, as a line that was read is handed over: what
/// [`split`] would find.
#[inline(always)]
pub(crate) fn only_log(record: &[u8]) -> Option<&[u8]> {
    let (head, behind) = record.split_first_chunk::<5>()?;
    if head != b"\x81\xa3log" {
        return None;
    }
    let (length, text) = match behind {
        [0xd9, length, text @ ..] => (usize::from(*length), text),
        [0xda, high, low, text @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), text),
        [0xdb, a, b, c, d, text @ ..] => (u32::from_be_bytes([*a, *b, *c, *d]) as usize, text),
        _ => return None,
    };
    (text.len() == length).then_some(text)
}

/// Takes a record apart: finds the text under `field`, and writes all else to `json` as one object.
pub(crate) fn split<'a>(
    record: Reader<'a>,
    field: &[u8],
    json: &mut Vec<u8>,
    open: &mut Vec<Open>,
) -> Result<Split<'a>, NoMap> {
    let mut record = record;
    let mut split = Split { log: None, whole: true };
    json.clear();
    let keys = record.map().ok_or(NoMap)?;
    let mut separator: &[u8] = b"{";
    for _ in 0..keys {
        let name = record.text_or_nothing();
        if split.log.is_none() && name == Some(field) {
            split.log = record.text_or_nothing();
            if split.log.is_some() {
                continue;
            }
        }
        let before = json.len();
        let named = append(json, separator)
            && match name {
                Some(name) => write_text(name, json),
                // A key that is no text is named by its JSON text.
                None => record.json_key(json),
            };
        if !named || !append(json, b":") || !record.json(json, open) {
            json.truncate(before);
            split.whole = false;
            break;
        }
        separator = b",";
    }
    if separator == b"{" {
        json.clear();
    } else if !append(json, b"}") {
        json.clear();
        split.whole = false;
    }
    split.whole &= record.is_at_end();
    Ok(split)
}

/// A container of which items are still to come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    map: bool,
    /// Items to come; of a map keys and values both, so an odd number means that a value is next.
    left: usize,
    first: bool,
}

fn write_scalar(item: Item<'_>, json: &mut Vec<u8>) -> bool {
    match item {
        Item::Bool(true) => append(json, b"true"),
        Item::Bool(false) => append(json, b"false"),
        Item::Unsigned(number) => write_number(number, json),
        Item::Signed(number) => {
            (number >= 0 || append(json, b"-")) && write_number(number.unsigned_abs(), json)
        }
        Item::Float(number) => write_float(number, json),
        _ => append(json, b"null"),
    }
}

/// Writes `number` in decimal.
pub(crate) fn write_number(number: u64, json: &mut Vec<u8>) -> bool {
    let mut digits = [0_u8; 20];
    let mut rest = number;
    let mut length: usize = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0'.wrapping_add((rest % 10) as u8);
        rest /= 10;
        length = length.wrapping_add(1);
        if rest == 0 {
            break;
        }
    }
    append(json, digits.get(20_usize.wrapping_sub(length)..).unwrap_or_default())
}

/// Writes the shortest decimal that is this float; JSON has none for infinities and NaN.
fn write_float(number: f64, json: &mut Vec<u8>) -> bool {
    if !number.is_finite() {
        return append(json, b"null");
    }
    append(json, ryu::Buffer::new().format_finite(number).as_bytes())
}

/// Writes `text` as a JSON string; what is not UTF-8 becomes U+FFFD.
pub(crate) fn write_text(text: &[u8], json: &mut Vec<u8>) -> bool {
    if !append(json, b"\"") {
        return false;
    }
    let mut written = true;
    let mut from = 0;
    utf8::for_each_invalid(text, 0, text.len(), |start, end| {
        written = written
            && write_escaped(text.get(from..start).unwrap_or_default(), json)
            && append(json, utf8::REPLACEMENT);
        from = end;
    });
    written && write_escaped(text.get(from..).unwrap_or_default(), json) && append(json, b"\"")
}

/// Writes `text`, which is UTF-8, with the escapes that JSON asks for.
///
/// What is plain is copied in one. Where an escape is needed others often follow: the eight bytes from there on are
/// written one by one.
pub(crate) fn write_escaped(text: &[u8], json: &mut Vec<u8>) -> bool {
    let mut from = 0;
    let mut at = 0;
    loop {
        at = crate::json::scan::special(text, at);
        match text.get(at) {
            None => return append(json, text.get(from..).unwrap_or_default()),
            Some(0x80..) => {
                at = at.wrapping_add(1);
                continue;
            }
            Some(_) => {}
        }
        if !append(json, text.get(from..at).unwrap_or_default()) {
            return false;
        }
        from = at.wrapping_add(8).min(text.len());
        if !write_each_escaped(text.get(at..from).unwrap_or_default(), json) {
            return false;
        }
        at = from;
    }
}

/// Writes at most eight bytes.
fn write_each_escaped(text: &[u8], json: &mut Vec<u8>) -> bool {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut written = [0; 48];
    let mut length: usize = 0;
    for &byte in text {
        let escape = ESCAPES.get(usize::from(byte)).copied().unwrap_or(0);
        if escape == 0 {
            if let Some(place) = written.get_mut(length) {
                *place = byte;
            }
            length = length.wrapping_add(1);
            continue;
        }
        if let Some(place) = written.get_mut(length..).and_then(<[u8]>::first_chunk_mut::<2>) {
            *place = [b'\\', escape];
        }
        length = length.wrapping_add(2);
        if escape == b'u' {
            let low = HEX.get(usize::from(byte & 15)).copied().unwrap_or(b'0');
            if let Some(place) = written.get_mut(length..).and_then(<[u8]>::first_chunk_mut::<4>) {
                *place = [b'0', b'0', b'0'.wrapping_add(byte >> 4), low];
            }
            length = length.wrapping_add(4);
        }
    }
    append(json, written.get(..length).unwrap_or_default())
}

/// The letter of the escape that JSON asks for, `u` if it has none of its own, by byte; zero for what needs none.
static ESCAPES: [u8; 256] = escapes();

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn escapes() -> [u8; 256] {
    let mut escapes = [0; 256];
    let mut control = 0;
    while control < 0x20 {
        escapes[control] = b'u';
        control += 1;
    }
    escapes[b'"' as usize] = b'"';
    escapes[b'\\' as usize] = b'\\';
    escapes[b'\n' as usize] = b'n';
    escapes[b'\r' as usize] = b'r';
    escapes[b'\t' as usize] = b't';
    escapes
}

/// By how much text gets longer by the escapes that JSON asks for.
///
/// Eight bytes at a time: of a byte without its high bit, adding 0x7f sets it if the rest is not zero.
pub(crate) fn escapes_length(text: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const REST: u64 = ONES.wrapping_mul(0x7f);
    let is_zero = |word: u64| !((word & REST).wrapping_add(REST) | word | REST);
    let each = |bytes: &[u8]| {
        bytes.iter().fold(0_usize, |length, &byte| match ESCAPES.get(usize::from(byte)) {
            None | Some(0) => length,
            Some(b'u') => length.saturating_add(5),
            Some(_) => length.saturating_add(1),
        })
    };
    let (words, rest) = text.as_chunks::<8>();
    words.iter().fold(each(rest), |length, chunk| {
        let word = u64::from_le_bytes(*chunk);
        let controls = is_zero(word & ONES.wrapping_mul(0xe0));
        if controls != 0 {
            return length.saturating_add(each(chunk));
        }
        let others =
            is_zero(word ^ ONES.wrapping_mul(b'"' as u64)) | is_zero(word ^ ONES.wrapping_mul(b'\\' as u64));
        // The sum of the eight bytes, each of them one or zero.
        length.saturating_add(((others >> 7).wrapping_mul(ONES) >> 56) as usize)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn escapes_are_those_of_serde_json(text in "[ -~é\u{0}-\u{20}\"\\\\]{0,60}|\"{0,40}|[a\n]{0,40}|[\u{0}-\u{1f}]{0,40}") {
            let json = serde_json::to_string(&text).unwrap();
            let mut ours = Vec::from(*b"\"");
            prop_assert!(write_escaped(text.as_bytes(), &mut ours));
            ours.push(b'"');
            let read: alloc::string::String = serde_json::from_slice(&ours).unwrap();
            prop_assert_eq!(&read, &text);
            prop_assert_eq!(text.len() + escapes_length(text.as_bytes()) + 2, ours.len());
            if !text.contains(['\u{8}', '\u{c}']) {
                prop_assert_eq!(json.as_bytes(), ours.as_slice());
            }
        }
    }
}
