//! Facts as members of the stamp, each behind a comma.
//!
//! What may not live here: what follows from an event, and which members there are: [`stamp`](super::stamp) has their order.

use super::facts::{Actor, Facts};
use crate::limits::{FACT_ARGUMENTS, FACT_ARGUMENTS_BYTES, FACT_BYTES};
use crate::memory::{append, append_all, push};
use crate::record::msgpack::{write_escaped, write_number};
use alloc::vec::Vec;

/// What was done, and how it ended.
pub(super) fn write_request(facts: &Facts, out: &mut Vec<u8>) -> bool {
    if let (Some(action), Some(outcome), false, false) =
        (facts.action, facts.outcome, facts.impersonated, facts.dry_run)
    {
        let (action, outcome) = (action.name().as_bytes(), outcome.name().as_bytes());
        return append_all(out, &[b",\"action\":\"", action, b"\",\"outcome\":\"", outcome, b"\""]);
    }
    facts.action.is_none_or(|action| write_name(b",\"action\":\"", action.name(), out))
        && facts.outcome.is_none_or(|outcome| write_name(b",\"outcome\":\"", outcome.name(), out))
        && (!facts.impersonated || append(out, b",\"impersonated\":true"))
        && (!facts.dry_run || append(out, b",\"dry_run\":true"))
}

/// Who did it, and from where. Names are those of service accounts and nodes: of everybody else the event has it.
pub(super) fn write_client(facts: &Facts, out: &mut Vec<u8>) -> bool {
    let named = matches!(facts.actor, Some(Actor::ServiceAccount | Actor::Node));
    let name = facts.actor_name().filter(|name| named && name.len() <= FACT_BYTES);
    let namespace = facts.actor_namespace().filter(|name| name.len() <= FACT_BYTES);
    let actor = facts.actor.is_none_or(|actor| {
        write_name(b",\"actor\":{\"class\":\"", actor.name(), out)
            && namespace.is_none_or(|text| write_text(b",\"namespace\":\"", text, out))
            && name.is_none_or(|text| write_text(b",\"name\":\"", text, out))
            && append(out, b"}")
    });
    let public = facts.source_is_public() == Some(true);
    actor
        && facts.source_text().is_none_or(|text| {
            write_text(b",\"source\":{\"ip\":\"", text, out)
                && (!public || append(out, b",\"public\":true"))
                && append(out, b"}")
        })
}

/// How long it took, to what it was done, and what was to be executed.
pub(super) fn write_rest(facts: &Facts, out: &mut Vec<u8>) -> bool {
    facts.latency_us.is_none_or(|latency| latency == 0 || write_milliseconds(latency, out))
        && facts.target().filter(|target| target.len() <= FACT_BYTES).is_none_or(|target| {
            const BEFORE: &[u8] = b",\"target\":\"";
            if facts.target_is_plain() {
                append_all(out, &[BEFORE, target, b"\""])
            } else {
                write_text(BEFORE, target, out)
            }
        })
        && write_command(facts, out)
}

/// With three digits behind the point, so that sinks take it for the same type each time.
fn write_milliseconds(microseconds: u64, out: &mut Vec<u8>) -> bool {
    let part = (microseconds % 1000) as u16;
    let digit = |of: u16| b'0'.wrapping_add((of % 10) as u8);
    append(out, b",\"latency_ms\":")
        && write_number(microseconds / 1000, out)
        && append(out, &[b'.', digit(part / 100), digit(part / 10), digit(part)])
}

fn write_command(facts: &Facts, out: &mut Vec<u8>) -> bool {
    let (mut told, mut bytes, mut more) = (0_usize, 0_usize, 0_u64);
    let mut opening: &[u8] = b",\"command\":[\"";
    for argument in facts.command() {
        bytes = bytes.saturating_add(argument.len());
        if more > 0 || told == FACT_ARGUMENTS || bytes > FACT_ARGUMENTS_BYTES {
            more = more.saturating_add(1);
            continue;
        }
        told = told.wrapping_add(1);
        if !write_text(opening, argument, out) {
            return false;
        }
        opening = b",\"";
    }
    (told == 0 || append(out, b"]"))
        && (more == 0 || append(out, b",\"command_more\":") && write_number(more, out))
}

/// Writes what begins a member, and one of our own words with its quote.
#[inline(always)]
fn write_name(before: &[u8], name: &str, out: &mut Vec<u8>) -> bool {
    append_all(out, &[before, name.as_bytes(), b"\""])
}

/// Whether any byte is zero.
fn has_zero(text: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & ONES.wrapping_mul(0x80);
    let (words, rest) = text.as_chunks::<8>();
    words.iter().fold(0, |found, word| found | zeros(u64::from_le_bytes(*word))) != 0 || rest.contains(&0)
}

/// Writes what begins a member, and a text of the event as a string. What is not UTF-8, which a URI can encode, and what
/// would be a NUL, becomes U+FFFD.
fn write_text(before: &[u8], text: &[u8], out: &mut Vec<u8>) -> bool {
    const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();
    if !append(out, before) {
        return false;
    }
    if has_zero(text) || core::str::from_utf8(text).is_err() {
        for chunk in text.utf8_chunks() {
            let mut first = true;
            for part in chunk.valid().as_bytes().split(|&byte| byte == 0) {
                let written =
                    (core::mem::take(&mut first) || append(out, REPLACEMENT)) && write_escaped(part, out);
                if !written {
                    return false;
                }
            }
            if !chunk.invalid().is_empty() && !append(out, REPLACEMENT) {
                return false;
            }
        }
        return push(out, b'"');
    }
    write_escaped(text, out) && push(out, b'"')
}
