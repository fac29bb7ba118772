//! The stamp: what the filter says it did to a record. Closed schema, in `docs/stamp.schema.json`.
//!
//! ```json
//! {"version":"1","redacted":{"secret.data.*":2},"damaged":1}
//! ```
//!
//! A stamp never holds a value, a length of a value, or a name that a client chose.

use crate::filter::StubReason;
use crate::json::members::{Member, Members};
use crate::json::skip;
use crate::limits::{STAMP_ROWS, STUB_LENGTH_STEP};
use crate::memory::append;
use crate::record::document::Document;
use crate::record::msgpack::write_number;
use crate::redact::edits::Put;
use crate::redact::rows::{self, ROWS};
use crate::settings::Fault;
use alloc::vec::Vec;

/// The stamp's version: of its schema, not of the crate. A string, because Fluent Bit's `grep` matches no numbers.
const VERSION: &[u8] = b"{\"version\":\"1\"";

/// What a stamp tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// The record is no audit event.
    pub(crate) other: bool,
    /// The record became a stub: why, and its length in bytes.
    pub(crate) stub: Option<(StubReason, usize)>,
    /// Why there was no valid configuration.
    pub(crate) fault: Option<Fault>,
    /// How often each row hid something.
    counts: [u32; rows::COUNT],
    pub(crate) too_deep: u32,
    pub(crate) too_wide: u32,
    /// Numbers that no double holds.
    pub(crate) too_large: u32,
    /// Parts that were no valid JSON.
    pub(crate) damaged: u32,
    /// The record ended too early, or more followed it.
    pub(crate) cut: bool,
    pub(crate) items: Items,
}

/// What a stamp tells of the items of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Items {
    /// Items that are no audit events.
    pub(crate) other: u32,
    /// Items that became stubs.
    pub(crate) stubs: u32,
    /// Items that the policy, or the configuration, does not want. Not told.
    pub(crate) dropped: u32,
    /// Items that stay.
    pub(crate) kept: u32,
    /// The items are not the ones that came. Not told by itself.
    pub(crate) changed: bool,
}

impl Facts {
    /// Nothing happened.
    pub(crate) const NONE: Facts = Facts {
        other: false,
        stub: None,
        fault: None,
        counts: [0; rows::COUNT],
        too_deep: 0,
        too_wide: 0,
        too_large: 0,
        damaged: 0,
        cut: false,
        items: Items { other: 0, stubs: 0, dropped: 0, kept: 0, changed: false },
    };

    /// Adds what happened to a document.
    pub(crate) fn add(&mut self, document: &Document) {
        self.too_deep = self.too_deep.saturating_add(document.hits.nesting);
        self.too_wide = self.too_wide.saturating_add(document.hits.keys);
        self.damaged = self.damaged.saturating_add(document.damaged);
        self.cut |= document.cut;
        for edit in &document.edits {
            self.too_large = self.too_large.saturating_add(u32::from(edit.put == Put::Quote));
            if edit.put.hides()
                && let Some(count) = self.counts.get_mut(edit.row as usize)
            {
                *count = count.saturating_add(1);
            }
        }
    }

    /// Writes the stamp; `false` if there is no memory for it.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> bool {
        append(out, VERSION)
            && (!self.other || append(out, b",\"shape\":\"other\""))
            && self.write_stub(out)
            && self.write_fault(out)
            && self.write_rows(out)
            && self.write_limits(out)
            && (self.damaged == 0
                || append(out, b",\"damaged\":") && write_number(u64::from(self.damaged), out))
            && counts(out, b"items", &[(b"other", self.items.other), (b"stubs", self.items.stubs)])
            && (!self.cut || append(out, b",\"cut\":true"))
            && append(out, b"}")
    }

    fn write_stub(&self, out: &mut Vec<u8>) -> bool {
        let Some((reason, length)) = self.stub else { return true };
        let steps = length.div_ceil(STUB_LENGTH_STEP);
        append(out, b",\"stub\":{\"reason\":\"")
            && append(out, reason.id().as_bytes())
            && append(out, b"\",\"length\":")
            && write_number((steps as u64).wrapping_mul(STUB_LENGTH_STEP as u64), out)
            && append(out, b"}")
    }

    fn write_fault(&self, out: &mut Vec<u8>) -> bool {
        self.fault.is_none_or(|fault| {
            append(out, b",\"configuration\":\"") && append(out, fault.id().as_bytes()) && append(out, b"\"")
        })
    }

    fn write_rows(&self, out: &mut Vec<u8>) -> bool {
        if self.counts.iter().fold(0, |any, count| any | count) == 0 {
            return true;
        }
        let mut named: usize = 0;
        let mut more: u32 = 0;
        for (&count, &(_, id, _)) in self.counts.iter().zip(ROWS).filter(|(count, _)| **count > 0) {
            if named == STAMP_ROWS {
                more = more.saturating_add(count);
                continue;
            }
            let opening: &[u8] = if named == 0 { b",\"redacted\":{\"" } else { b",\"" };
            let written = append(out, opening)
                && append(out, id.as_bytes())
                && append(out, b"\":")
                && write_number(u64::from(count), out);
            if !written {
                return false;
            }
            named = named.wrapping_add(1);
        }
        (named == 0 || append(out, b"}"))
            && (more == 0 || append(out, b",\"redacted_more\":") && write_number(u64::from(more), out))
    }

    fn write_limits(&self, out: &mut Vec<u8>) -> bool {
        let limits: [(&[u8], u32); 3] =
            [(b"nesting", self.too_deep), (b"keys", self.too_wide), (b"numbers", self.too_large)];
        counts(out, b"limits", &limits)
    }
}

/// Writes a member that holds those of the counts that are not zero, or nothing if all are.
fn counts(out: &mut Vec<u8>, member: &[u8], counts: &[(&[u8], u32)]) -> bool {
    let mut written = true;
    let mut empty = true;
    for &(name, count) in counts.iter().filter(|(_, count)| *count > 0) {
        written = written
            && (!empty || append(out, b",\"") && append(out, member) && append(out, b"\":{"))
            && (empty || append(out, b","))
            && append(out, b"\"")
            && append(out, name)
            && append(out, b"\":")
            && write_number(u64::from(count), out);
        empty = false;
    }
    written && (empty || append(out, b"}"))
}

/// Whether the value at `at` is a stamp as [`Facts::write`] writes them.
///
/// This decides only whether a stamp may stay as it is when nothing changed; it switches nothing off.
pub(crate) fn is_stamp(bytes: &[u8], at: usize) -> bool {
    let Some(end) = skip::value(bytes, at) else { return false };
    let Some(rest) = bytes.get(at..end).and_then(|stamp| stamp.strip_prefix(VERSION)) else { return false };
    let mut last = 0;
    let mut length: usize = 1;
    if rest == b"}" {
        return true;
    }
    for member in Members::new(bytes, at) {
        let name = bytes.get(member.name_start..member.name_end).unwrap_or_default();
        let value = bytes.get(member.value_start..member.value_end).unwrap_or_default();
        let (order, fits) = match name {
            b"version" => (1, value == b"\"1\""),
            b"shape" => (2, value == b"\"other\""),
            b"stub" => (3, is_stub(bytes, member.value_start)),
            b"configuration" => (4, is_one_of(value, Fault::ALL.map(Fault::id))),
            b"redacted" => {
                (5, is_map(bytes, member.value_start, |name| ROWS.iter().any(|row| row.1.as_bytes() == name)))
            }
            b"redacted_more" | b"damaged" => (if name == b"damaged" { 8 } else { 6 }, is_count(value)),
            b"limits" => (
                7,
                is_map(bytes, member.value_start, |name| matches!(name, b"nesting" | b"keys" | b"numbers")),
            ),
            b"items" => (9, is_map(bytes, member.value_start, |name| matches!(name, b"other" | b"stubs"))),
            b"cut" => (10, value == b"true"),
            _ => return false,
        };
        if !fits || order <= last {
            return false;
        }
        last = order;
        length = length.wrapping_add(tight_length(&member));
    }
    // What the members do not account for is white space, which our stamps have not, or damage.
    length == end.wrapping_sub(at)
}

/// The length of a member with its quotes and the comma or brace behind it, if nothing but a colon stands
/// between name and value.
fn tight_length(member: &Member) -> usize {
    let name = member.name_end.wrapping_sub(member.name_start);
    let value = member.value_end.wrapping_sub(member.value_start);
    name.wrapping_add(value).wrapping_add(b"\"\":,".len())
}

/// A positive number without leading zeros that fits 32 bits or is as long as one that does.
fn is_count(value: &[u8]) -> bool {
    matches!(value.first(), Some(b'1'..=b'9')) && value.len() <= 10 && value.iter().all(u8::is_ascii_digit)
}

/// An object that is not empty and whose known names lead to counts, each once.
fn is_map(bytes: &[u8], at: usize, known: impl Fn(&[u8]) -> bool) -> bool {
    let mut length: usize = 1;
    let mut count: usize = 0;
    for member in Members::new(bytes, at) {
        let name = bytes.get(member.name_start..member.name_end).unwrap_or_default();
        let value = bytes.get(member.value_start..member.value_end).unwrap_or_default();
        count = count.wrapping_add(1);
        if !known(name) || !is_count(value) || count > STAMP_ROWS {
            return false;
        }
        length = length.wrapping_add(tight_length(&member));
    }
    count > 0 && skip::value(bytes, at) == Some(at.wrapping_add(length))
}

/// Whether a stamp tells that there was no valid configuration, for this reason.
pub(crate) fn tells_of(stamp: &[u8], fault: Fault) -> bool {
    let told = Members::new(stamp, 0)
        .find(|member| stamp.get(member.name_start..member.name_end) == Some(b"configuration"));
    let value = told.and_then(|member| stamp.get(member.value_start..member.value_end));
    value.is_some_and(|value| is_one_of(value, [fault.id()]))
}

/// Whether the stamp at `at` tells of damage, or of a stub. Who forges one keeps a record from being dropped, no more.
pub(crate) fn tells_of_damage(bytes: &[u8], at: usize) -> bool {
    Members::new(bytes, at).any(|member| {
        matches!(bytes.get(member.name_start..member.name_end), Some(b"damaged" | b"cut" | b"stub"))
    })
}

/// Whether the value is a string that holds just one of these ids.
fn is_one_of<const N: usize>(value: &[u8], ids: [&str; N]) -> bool {
    let id = value.strip_prefix(b"\"").and_then(|id| id.strip_suffix(b"\""));
    ids.iter().any(|known| id == Some(known.as_bytes()))
}

fn is_stub(bytes: &[u8], at: usize) -> bool {
    let mut members = Members::new(bytes, at);
    let (Some(reason), Some(length), None) = (members.next(), members.next(), members.next()) else {
        return false;
    };
    let text = |start: usize, end: usize| bytes.get(start..end).unwrap_or_default();
    let id = text(reason.value_start, reason.value_end);
    let number = text(length.value_start, length.value_end);
    text(reason.name_start, reason.name_end) == b"reason"
        && is_one_of(id, StubReason::ALL.map(StubReason::id))
        && text(length.name_start, length.name_end) == b"length"
        && (is_count(number) || number == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(facts: &Facts) -> Vec<u8> {
        let mut out = Vec::new();
        assert!(facts.write(&mut out));
        out
    }

    #[test]
    fn what_is_written_is_a_stamp() {
        let mut all = Facts { other: true, stub: Some((StubReason::TooLarge, 70_000_000)), ..Facts::NONE };
        all.fault = Some(Fault::Invalid);
        all.counts = [7; rows::COUNT];
        all.too_deep = 2;
        all.too_wide = 3;
        all.damaged = 4;
        all.cut = true;
        all.items = Items { other: 5, stubs: 6, ..Facts::NONE.items };
        let stubs = Facts { items: Items { stubs: 1, ..Facts::NONE.items }, ..Facts::NONE };
        let wide = Facts { too_wide: 1, ..Facts::NONE };
        let fault = Facts { fault: Some(Fault::Unreadable), ..Facts::NONE };
        for facts in [Facts::NONE, all, wide, stubs, fault, Facts { damaged: 1, ..Facts::NONE }] {
            let stamp = written(&facts);
            assert!(serde_json::from_slice::<serde_json::Value>(&stamp).is_ok());
            assert!(is_stamp(&stamp, 0), "{}", core::str::from_utf8(&stamp).unwrap());
        }
    }

    #[test]
    fn what_is_not_one() {
        for forged in [
            "{}",
            "null",
            "\"1\"",
            r#"{"version":1}"#,
            r#"{"version":"2"}"#,
            r#"{"version":"1","note":"x"}"#,
            r#"{"version":"1","redacted":{"hunter2":1}}"#,
            r#"{"version":"1","redacted":{}}"#,
            r#"{"version":"1","redacted":{"token":"x"}}"#,
            r#"{"version":"1","redacted":{"token":1 }}"#,
            r#"{"version":"1","redacted":{"token":01}}"#,
            r#"{"version":"1","damaged":-1}"#,
            r#"{"version":"1","cut":true,"cut":true}"#,
            r#"{"version":"1","cut":true,"damaged":1}"#,
            r#"{"version":"1","items":{"hunter2":1}}"#,
            r#"{"version":"1","items":2}"#,
            r#"{"version":"1","stub":{"reason":"x","length":1}}"#,
            r#"{"version":"1","configuration":"valid"}"#,
            r#"{"version":"1","configuration":invalid}"#,
            r#"{"version":"1","damaged":1,"configuration":"invalid"}"#,
            r#"{"version":"1" }"#,
            r#"{"version":"1","cut":true"#,
        ] {
            assert!(!is_stamp(forged.as_bytes(), 0), "{forged}");
        }
    }
}
