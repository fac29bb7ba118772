//! Cold: credentials in base64, alone or amid other text, wherever in its groups they begin.
//!
//! Where the base64 of a prefix occurs, all of the base64 around it is decoded, once for each of the four ways in which
//! groups can lie in it, and searched. If there is a credential in it, all of it goes: what is cut out of base64 leaves
//! what nobody can decode.

use super::charset::Charset;
use super::literals::{self, Kind, Literal};
use super::{Content, Span, aws};
use crate::memory::{push, reset};
use alloc::vec::Vec;

/// The stretch of base64 that was looked into last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Runs {
    start: usize,
    end: usize,
    /// In which ways it was decoded, one bit each.
    decoded: u8,
}

impl Runs {
    pub(super) const NEW: Runs = Runs { start: 0, end: 0, decoded: 0 };
}

/// Shorter lines are no part of one text in many lines.
const LINE: usize = 60;

/// The base64 around the literal at `at`, if there is a credential in it.
pub(super) fn around(
    text: &[u8],
    at: usize,
    literal: &Literal,
    runs: &mut Runs,
    buffers: &mut Content,
) -> Option<Span> {
    if at >= runs.end {
        let length = Charset::BASE64_ANY.run(text.get(at..)?, usize::MAX);
        let before = Charset::BASE64_ANY.run_before(text.get(runs.end..at)?, usize::MAX);
        *runs = Runs { start: at.saturating_sub(before), end: at.saturating_add(length), decoded: 0 };
    }
    // Where the group begins that the literal is in, counted from the beginning of the run.
    let way = at.saturating_sub(runs.start).wrapping_sub(usize::from(literal.lead)) & 3;
    let bit = 1_u8.wrapping_shl(way as u32);
    if runs.decoded & bit != 0 {
        return None;
    }
    runs.decoded |= bit;
    let run = text.get(runs.start.saturating_add(way)..runs.end)?;
    let holds = decode(run, &mut buffers.decoded) && holds(&buffers.decoded, &mut buffers.header);
    holds.then(|| Span { start: runs.start, end: end_of(text, *runs) })
}

/// Decodes what is only of characters of base64, of either alphabet; bits behind the last byte do not count.
fn decode(text: &[u8], out: &mut Vec<u8>) -> bool {
    if !reset(out, text.len()) {
        return false;
    }
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in text {
        let digit = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
            b'+' | b'-' => 62,
            _ => 63,
        };
        bits = bits << 6 | u32::from(digit);
        count = count.wrapping_add(6);
        if count >= 8 {
            count = count.wrapping_sub(8);
            if !push(out, bits.wrapping_shr(count) as u8) {
                return false;
            }
        }
    }
    true
}

/// Whether there is a credential in what was decoded.
fn holds(text: &[u8], header: &mut Vec<u8>) -> bool {
    let mut from = 0;
    let mut access_key_id = false;
    while let Some(at) = literals::next(text, from) {
        for literal in literals::at(text, at) {
            access_key_id |= literal.kind == Kind::AccessKeyId;
            let detector = literal.detector();
            let body = at.saturating_add(literal.length());
            if literal.kind == Kind::Plain && (detector.format)(detector, text, at, body, header).is_some() {
                return true;
            }
        }
        from = at.saturating_add(1);
    }
    access_key_id && aws::next(text, 0).is_some()
}

/// The end of the run with what belongs to it: padding, and the lines that go on with it.
fn end_of(text: &[u8], run: Runs) -> usize {
    let mut end = run.end;
    let mut length = run.end.saturating_sub(run.start);
    loop {
        let rest = text.get(end..).unwrap_or_default();
        let padding = Charset::run_of(b'=', rest, 2);
        end = end.saturating_add(padding);
        let line = match rest {
            [b'\n', line @ ..] | [b'\r', b'\n', line @ ..] if length >= LINE => line,
            _ => return end,
        };
        length = Charset::BASE64_ANY.run(line, usize::MAX);
        let behind = line.get(length);
        if padding > 0 || length == 0 || !matches!(behind, None | Some(b'=' | b'\n' | b'\r')) {
            return end;
        }
        end = text.len().saturating_sub(line.len()).saturating_add(length);
    }
}
