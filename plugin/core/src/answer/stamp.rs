//! The stamp: what the filter says it did to a record. Closed schema, in `docs/stamp.schema.json`.
//!
//! ```json
//! {"version":"1","redacted":{"secret.data.*":2},"damaged":1}
//! ```
//!
//! What is told of redaction holds no value, no length of one, and no name that a client chose. Facts, which `enrich` writes, may
//! repeat what the event says behind it, and nothing else.

use crate::enrich::stamp::MEMBERS;
use crate::filter::StubReason;
use crate::json::members::{Member, Members};
use crate::json::skip;
use crate::limits::{STAMP_ROWS, STUB_LENGTH_STEP};
use crate::memory::append;
use crate::record::document::Document;
use crate::record::msgpack::{write_escaped, write_number};
use crate::redact::actions::{Act, Acts};
use crate::redact::edits::Put;
use crate::redact::rows::{self, IDS};
use crate::redact::values::is_own_digest;
use crate::settings::Fault;
use alloc::string::String;
use alloc::vec::Vec;

/// The version of the stamp that every answer ends with: of its schema, not of the crate.
pub const STAMP_VERSION: &str = "1";

/// The same as a stamp begins. A string, because Fluent Bit's `grep` matches no numbers.
const VERSION: &[u8] = b"{\"version\":\"1\"";

/// Where labels stand in the order of members: behind those of facts and detections.
const LABELS: usize = MEMBERS.len().wrapping_add(14);

/// What was done with a row, as the stamp spells it.
const REMOVE: &[u8] = b"\"remove\"";
const HMAC: &[u8] = b"\"hmac\"";

/// What a stamp tells of the configuration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Configured<'a> {
    /// What is done with each row, if that is not the mask for all.
    pub(crate) acts: Option<&'a Acts>,
    /// The digest of a record that became a stub, if there is a key; else empty.
    pub(crate) stub_digest: &'a [u8],
}

/// The labels as a stamp has them; empty if there are none, or no memory.
pub(crate) fn labels(labels: &[(String, String)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in labels {
        let separator: &[u8] = if out.is_empty() { b"{\"" } else { b",\"" };
        let written = append(&mut out, separator)
            && write_escaped(name.as_bytes(), &mut out)
            && append(&mut out, b"\":\"")
            && write_escaped(value.as_bytes(), &mut out)
            && append(&mut out, b"\"");
        if !written {
            return Vec::new();
        }
    }
    if out.is_empty() || append(&mut out, b"}") { out } else { Vec::new() }
}

/// What a stamp tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// The record is no audit event.
    pub(crate) other: bool,
    /// It came through the output of a container, where anybody can print an event.
    pub(crate) container: bool,
    /// The record became a stub: why, and its length in bytes.
    pub(crate) stub: Option<(StubReason, usize)>,
    /// Why there was no valid configuration.
    pub(crate) fault: Option<Fault>,
    /// How often each row hid something.
    counts: [u32; rows::COUNT],
    /// How often something of each row stayed because the configuration says so.
    kept: [u32; rows::COUNT],
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
        container: false,
        stub: None,
        fault: None,
        counts: [0; rows::COUNT],
        kept: [0; rows::COUNT],
        too_deep: 0,
        too_wide: 0,
        too_large: 0,
        damaged: 0,
        cut: false,
        items: Items { other: 0, stubs: 0, dropped: 0, kept: 0, changed: false },
    };

    /// These, and what happened to a document.
    pub(crate) fn with(mut self, document: &Document) -> Facts {
        self.add(document);
        self
    }

    /// Adds what happened to a document.
    pub(crate) fn add(&mut self, document: &Document) {
        self.too_deep = self.too_deep.saturating_add(document.hits.nesting);
        self.too_wide = self.too_wide.saturating_add(document.hits.keys);
        self.damaged = self.damaged.saturating_add(document.damaged);
        self.cut |= document.cut;
        for edit in &document.edits {
            self.too_large = self.too_large.saturating_add(u32::from(edit.put == Put::Quote));
            let counts = match edit.put {
                Put::Kept => &mut self.kept,
                put if put.hides() => &mut self.counts,
                _ => continue,
            };
            if let Some(count) = counts.get_mut(edit.row as usize) {
                *count = count.saturating_add(1);
            }
        }
    }

    /// Whether there is nothing to tell.
    pub(crate) fn is_calm(&self) -> bool {
        let counted = |counts: &[u32]| counts.iter().fold(0, |any, count| any | count) != 0;
        !(self.other || self.container || self.cut)
            && self.stub.is_none()
            && self.fault.is_none()
            && self.too_deep | self.too_wide | self.too_large | self.damaged == 0
            && self.items.other | self.items.stubs == 0
            && !counted(&self.counts)
            && !counted(&self.kept)
    }

    /// Writes the stamp without its end: what was done to the record. `false` if there is no memory for it.
    pub(crate) fn write(&self, configured: &Configured<'_>, out: &mut Vec<u8>) -> bool {
        if self.is_calm() {
            return append(out, VERSION);
        }
        append(out, VERSION)
            && (!self.other || append(out, b",\"shape\":\"other\""))
            && (!self.container || append(out, b",\"origin\":\"container\""))
            && self.write_stub(configured.stub_digest, out)
            && self.write_fault(out)
            && self.write_rows(out)
            && configured.acts.is_none_or(|acts| self.write_acts(acts, out) && self.write_kept(out))
            && self.write_limits(out)
            && (self.damaged == 0
                || append(out, b",\"damaged\":") && write_number(u64::from(self.damaged), out))
            && counts(out, b"items", &[(b"other", self.items.other), (b"stubs", self.items.stubs)])
            && (!self.cut || append(out, b",\"cut\":true"))
    }

    fn write_stub(&self, digest: &[u8], out: &mut Vec<u8>) -> bool {
        let Some((reason, length)) = self.stub else { return true };
        let steps = length.div_ceil(STUB_LENGTH_STEP);
        append(out, b",\"stub\":{\"reason\":\"")
            && append(out, reason.id().as_bytes())
            && append(out, b"\",\"length\":")
            && write_number((steps as u64).wrapping_mul(STUB_LENGTH_STEP as u64), out)
            && (digest.is_empty()
                || append(out, b",\"digest\":\"") && append(out, digest) && append(out, b"\""))
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
        for (&count, &id) in self.counts.iter().zip(IDS).filter(|(count, _)| **count > 0) {
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

    /// What was done with the rows that are named, where it was something else than to mask.
    #[cold]
    fn write_acts(&self, acts: &Acts, out: &mut Vec<u8>) -> bool {
        let named = self.counts.iter().zip(IDS).zip(acts).filter(|((count, _), _)| **count > 0);
        let mut empty = true;
        for ((_, &id), act) in named.take(STAMP_ROWS) {
            let word: &[u8] = match act {
                Act::Remove => REMOVE,
                Act::Hmac => HMAC,
                Act::Mask | Act::Keep => continue,
            };
            let opening: &[u8] = if empty { b",\"actions\":{\"" } else { b",\"" };
            if !append(out, opening)
                || !append(out, id.as_bytes())
                || !append(out, b"\":")
                || !append(out, word)
            {
                return false;
            }
            empty = false;
        }
        empty || append(out, b"}")
    }

    /// What stayed although a row found it.
    #[cold]
    fn write_kept(&self, out: &mut Vec<u8>) -> bool {
        let mut empty = true;
        for (&count, &id) in self.kept.iter().zip(IDS).filter(|(count, _)| **count > 0) {
            let opening: &[u8] = if empty { b",\"kept\":{\"" } else { b",\"" };
            let written = append(out, opening)
                && append(out, id.as_bytes())
                && append(out, b"\":")
                && write_number(u64::from(count), out);
            if !written {
                return false;
            }
            empty = false;
        }
        empty || append(out, b"}")
    }

    fn write_limits(&self, out: &mut Vec<u8>) -> bool {
        let limits: [(&[u8], u32); 3] =
            [(b"nesting", self.too_deep), (b"keys", self.too_wide), (b"numbers", self.too_large)];
        counts(out, b"limits", &limits)
    }
}

/// Writes the end of a stamp: `added` members, each behind a comma, and the labels.
pub(crate) fn finish(added: &[u8], labels: &[u8], out: &mut Vec<u8>) -> bool {
    append(out, added)
        && (labels.is_empty() || append(out, b",\"labels\":") && append(out, labels))
        && append(out, b"}")
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

/// Whether the value at `at` is a stamp as [`Facts::write`] and [`finish`] write them with these labels, and tells that
/// just as much was kept as `facts` say. What it tells of facts and detections is compared elsewhere; here they have to
/// be where they belong.
///
/// This decides only whether a stamp may stay as it is when nothing changed; it switches nothing off.
pub(crate) fn is_stamp(bytes: &[u8], at: usize, labels: &[u8], facts: &Facts) -> bool {
    let mut kept = Vec::new();
    let kept = if facts.write_kept(&mut kept) { kept.get(b",\"kept\":".len()..) } else { None };
    let Some(end) = skip::value(bytes, at) else { return false };
    let Some(rest) = bytes.get(at..end).and_then(|stamp| stamp.strip_prefix(VERSION)) else { return false };
    let mut last = 0;
    let mut length: usize = 1;
    let (mut labelled, mut kept_told) = (labels.is_empty(), kept.is_none());
    // A stamp may say that nobody vouches for the record, whatever it looks like; it may not leave that out.
    let mut container_told = !facts.container;
    if rest == b"}" {
        return labelled && kept_told && container_told;
    }
    for member in Members::new(bytes, at) {
        let name = bytes.get(member.name_start..member.name_end).unwrap_or_default();
        let value = bytes.get(member.value_start..member.value_end).unwrap_or_default();
        let (order, fits) = match name {
            b"version" => (1, value == b"\"1\""),
            b"shape" => (2, value == b"\"other\""),
            b"origin" => {
                container_told = value == b"\"container\"";
                (3, container_told)
            }
            b"stub" => (4, is_stub(bytes, member.value_start)),
            b"configuration" => (5, is_one_of(value, Fault::ALL.map(Fault::id))),
            b"redacted" => {
                (6, is_map(bytes, member.value_start, |name| IDS.iter().any(|id| id.as_bytes() == name)))
            }
            b"redacted_more" => (7, is_count(value)),
            b"damaged" => (11, is_count(value)),
            b"actions" => (8, are_acts(bytes, member.value_start)),
            b"kept" => {
                kept_told = Some(value) == kept;
                (9, kept_told)
            }
            b"limits" => (
                10,
                is_map(bytes, member.value_start, |name| matches!(name, b"nesting" | b"keys" | b"numbers")),
            ),
            b"items" => (12, is_map(bytes, member.value_start, |name| matches!(name, b"other" | b"stubs"))),
            b"cut" => (13, value == b"true"),
            b"labels" => {
                labelled = value == labels;
                (LABELS, labelled && !labels.is_empty())
            }
            name => match MEMBERS.iter().position(|known| known.as_bytes() == name) {
                Some(at) => (at.wrapping_add(14), true),
                None => return false,
            },
        };
        if !fits || order <= last {
            return false;
        }
        last = order;
        length = length.wrapping_add(tight_length(&member));
    }
    // What the members do not account for is white space, which our stamps have not, or damage.
    labelled && kept_told && container_told && length == end.wrapping_sub(at)
}

/// An object whose names are rows and whose values are actions, each name once.
fn are_acts(bytes: &[u8], at: usize) -> bool {
    let mut length: usize = 1;
    let mut count: usize = 0;
    for member in Members::new(bytes, at) {
        let name = bytes.get(member.name_start..member.name_end).unwrap_or_default();
        let value = bytes.get(member.value_start..member.value_end).unwrap_or_default();
        count = count.wrapping_add(1);
        if !IDS.iter().any(|id| id.as_bytes() == name)
            || !(value == REMOVE || value == HMAC)
            || count > STAMP_ROWS
        {
            return false;
        }
        length = length.wrapping_add(tight_length(&member));
    }
    count > 0 && skip::value(bytes, at) == Some(at.wrapping_add(length))
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

/// Whether a stamp tells that the record became a stub.
pub(crate) fn tells_of_a_stub(stamp: &[u8]) -> bool {
    Members::new(stamp, 0).any(|member| stamp.get(member.name_start..member.name_end) == Some(b"stub"))
}

/// Whether a stamp tells that the record came through the output of a container. Who forges one is trusted less.
pub(crate) fn tells_of_container(bytes: &[u8], at: usize) -> bool {
    Members::new(bytes, at).any(|member| bytes.get(member.name_start..member.name_end) == Some(b"origin"))
}

/// Whether the value is a string that holds just one of these ids.
fn is_one_of<const N: usize>(value: &[u8], ids: [&str; N]) -> bool {
    let id = value.strip_prefix(b"\"").and_then(|id| id.strip_suffix(b"\""));
    ids.iter().any(|known| id == Some(known.as_bytes()))
}

fn is_stub(bytes: &[u8], at: usize) -> bool {
    let mut members = Members::new(bytes, at);
    let (Some(reason), Some(length), digest, None) =
        (members.next(), members.next(), members.next(), members.next())
    else {
        return false;
    };
    let text = |start: usize, end: usize| bytes.get(start..end).unwrap_or_default();
    let id = text(reason.value_start, reason.value_end);
    let number = text(length.value_start, length.value_end);
    text(reason.name_start, reason.name_end) == b"reason"
        && is_one_of(id, StubReason::ALL.map(StubReason::id))
        && text(length.name_start, length.name_end) == b"length"
        && (is_count(number) || number == b"0")
        && digest.is_none_or(|digest| {
            let value = text(digest.value_start, digest.value_end);
            let value = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
            text(digest.name_start, digest.name_end) == b"digest" && value.is_some_and(is_own_digest)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Configured<'_> = Configured { acts: None, stub_digest: b"" };

    fn written(facts: &Facts, configured: &Configured<'_>, labels: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        assert!(facts.write(configured, &mut out) && finish(b"", labels, &mut out));
        out
    }

    fn is(stamp: &[u8], labels: &[u8], facts: &Facts) -> bool {
        is_stamp(stamp, 0, labels, facts)
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
            let stamp = written(&facts, &PLAIN, b"");
            let value: serde_json::Value = serde_json::from_slice(&stamp).unwrap();
            assert_eq!(value["version"], STAMP_VERSION);
            assert!(is(&stamp, b"", &facts), "{}", core::str::from_utf8(&stamp).unwrap());
        }
    }

    #[test]
    fn what_is_configured_is_told() {
        let mut acts = [Act::Mask; rows::COUNT];
        acts[0] = Act::Hmac;
        acts[1] = Act::Remove;
        acts[2] = Act::Keep;
        let mut facts = Facts { stub: Some((StubReason::NotAnObject, 5)), ..Facts::NONE };
        facts.counts = [2; rows::COUNT];
        facts.kept[2] = 3;
        facts.cut = true;
        let labels = labels(&[("cluster".into(), "a\"b".into()), ("tier".into(), String::new())]);
        let stub_digest = b"hmac:k1:0123456789abcdef0123456789abcdef";
        let configured = Configured { acts: Some(&acts), stub_digest };
        let stamp = written(&facts, &configured, &labels);
        let text = core::str::from_utf8(&stamp).unwrap();
        assert!(is(&stamp, &labels, &facts), "{text}");
        for part in [
            r#""digest":"hmac:k1:0123456789abcdef0123456789abcdef"}"#,
            r#""actions":{"secret.data.*":"hmac","secret.metadata.annotations.*":"remove"},"kept":{"secret.*":3}"#,
            r#""cut":true,"labels":{"cluster":"a\"b","tier":""}}"#,
        ] {
            assert!(text.contains(part), "{text}");
        }
        // Other labels, or other values kept, are not ours.
        assert!(!is(&stamp, b"", &facts));
        assert!(!is(&stamp, br#"{"cluster":"b"}"#, &facts));
        assert!(!is(&stamp, &labels, &Facts::NONE));
        let plain = written(&Facts::NONE, &PLAIN, b"");
        assert!(!is(&plain, &labels, &Facts::NONE));
        assert!(!is(&plain, b"", &facts));
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
            r#"{"version":"1","actions":{}}"#,
            r#"{"version":"1","actions":{"token":"keep"}}"#,
            r#"{"version":"1","actions":{"hunter2":"hmac"}}"#,
            r#"{"version":"1","kept":{"uri":1}}"#,
            r#"{"version":"1","labels":{"a":"hunter2"}}"#,
            r#"{"version":"1","stub":{"reason":"empty","length":0,"digest":"hunter2"}}"#,
            r#"{"version":"1","stub":{"reason":"empty","length":0,"hunter2":"hmac:k1:0123456789abcdef0123456789abcdef"}}"#,
        ] {
            assert!(!is(forged.as_bytes(), b"", &Facts::NONE), "{forged}");
        }
    }
}
