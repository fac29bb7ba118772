//! Percent-encoding, for looking only: what is kept is never re-encoded.

use super::hide::Hide;
use crate::memory::push;
use alloc::vec::Vec;

/// One character of a URI, however often it was encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Char {
    /// What it reads as.
    pub(super) byte: u8,
    /// How often it has to be decoded for that: 0 for `&`, 1 for `%26`, 2 for `%2526`.
    pub(super) depth: u8,
    /// Where the next character begins.
    pub(super) end: usize,
}

/// The character at `at`, or `None` at the end. A percent sign without two hex digits stands for itself.
pub(super) fn char_at(uri: &[u8], at: usize) -> Option<Char> {
    let byte = *uri.get(at)?;
    let next = at.saturating_add(1);
    if byte != b'%' {
        return Some(Char { byte, depth: 0, end: next });
    }
    let mut depth = 0_u8;
    let mut end = next;
    loop {
        let Some(byte) = hex_pair(uri, end) else {
            return Some(Char { byte: b'%', depth, end });
        };
        depth = depth.saturating_add(1);
        end = end.saturating_add(2);
        if byte != b'%' {
            return Some(Char { byte, depth, end });
        }
    }
}

fn hex_pair(uri: &[u8], at: usize) -> Option<u8> {
    let [high, low] = *uri.get(at..at.saturating_add(2))? else { return None };
    Some(digit(high)? << 4 | digit(low)?)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(byte.wrapping_sub(b'a').wrapping_add(10)),
        b'A'..=b'F' => Some(byte.wrapping_sub(b'A').wrapping_add(10)),
        _ => None,
    }
}

/// The next character of a form value as a server reads it: decoded once, `+` is a space.
fn form_char(value: &[u8], at: usize) -> Option<(u8, usize)> {
    let next = at.saturating_add(1);
    match *value.get(at)? {
        b'+' => Some((b' ', next)),
        b'%' => Some(match hex_pair(value, next) {
            Some(byte) => (byte, next.saturating_add(2)),
            None => (b'%', next),
        }),
        byte => Some((byte, next)),
    }
}

/// Decodes once into `decoded`, and `+` stays what it is; `false` if there is no memory for it.
pub(super) fn decode(text: &[u8], decoded: &mut Vec<u8>) -> bool {
    decoded.clear();
    if decoded.try_reserve(text.len()).is_err() {
        return false;
    }
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let next = at.saturating_add(1);
        let encoded = if byte == b'%' { hex_pair(text, next) } else { None };
        if !push(decoded, encoded.unwrap_or(byte)) {
            return false;
        }
        at = if encoded.is_some() { next.saturating_add(2) } else { next };
    }
    true
}

/// Translates positions of a text that [`decode`] made into positions of the encoded one, in ascending order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Map<'a> {
    encoded: &'a [u8],
    at: usize,
    decoded: usize,
}

impl<'a> Map<'a> {
    /// A map for this encoded text.
    pub(super) fn new(encoded: &'a [u8]) -> Map<'a> {
        Map { encoded, at: 0, decoded: 0 }
    }

    /// The position of the decoded byte `decoded`; never less than the one before.
    pub(super) fn raw(&mut self, decoded: usize) -> usize {
        while self.decoded < decoded {
            let next = self.at.saturating_add(1);
            let encoded = self.encoded.get(self.at) == Some(&b'%') && hex_pair(self.encoded, next).is_some();
            self.at = if encoded { next.saturating_add(2) } else { next };
            self.decoded = self.decoded.saturating_add(1);
        }
        self.at.min(self.encoded.len())
    }
}

/// Decodes a form value once into `decoded`; `false` if there is no memory for it.
pub(super) fn decode_form(value: &[u8], decoded: &mut Vec<u8>) -> bool {
    decoded.clear();
    if decoded.try_reserve(value.len()).is_err() {
        return false;
    }
    let mut at = 0;
    while let Some((byte, end)) = form_char(value, at) {
        if !push(decoded, byte) {
            return false;
        }
        at = end;
    }
    true
}

/// Translates spans of a decoded form value into spans of the encoded one.
pub(super) struct Encoded<'a, H> {
    pub(super) value: &'a [u8],
    /// Where the value begins in the text that `hide` speaks of.
    pub(super) start: usize,
    pub(super) hide: &'a mut H,
    at: usize,
    decoded: usize,
}

impl<'a, H: Hide> Encoded<'a, H> {
    pub(super) fn new(value: &'a [u8], start: usize, hide: &'a mut H) -> Encoded<'a, H> {
        Encoded { value, start, hide, at: 0, decoded: 0 }
    }

    /// The position of the decoded byte `decoded`; asked for in ascending order.
    fn position(&mut self, decoded: usize) -> usize {
        while self.decoded < decoded {
            let Some((_, end)) = form_char(self.value, self.at) else { break };
            self.at = end;
            self.decoded = self.decoded.saturating_add(1);
        }
        self.start.saturating_add(self.at)
    }
}

impl<H: Hide> Hide for Encoded<'_, H> {
    fn hide(&mut self, start: usize, end: usize) {
        let start = self.position(start);
        let end = self.position(end);
        self.hide.hide(start, end);
    }
}
