//! HOT: writes stretches of a document, with its edits made and its regions turned into strings.
//!
//! What lies between two edits is one copy. The same walk counts bytes instead of writing them where a
//! length must be known first.

use crate::memory::append;
use crate::record::msgpack::{escapes_length, write_escaped};
use crate::redact::actions::{Digest, digest_at};
use crate::redact::carriers::Written;
use crate::redact::edits::{Edit, Put, Region};
use alloc::vec::Vec;

/// Where written bytes go.
pub(crate) trait Sink {
    /// Takes `bytes` as they are; `false` if there is no memory for them.
    fn put(&mut self, bytes: &[u8]) -> bool;
    /// Takes `bytes` with the escapes of a JSON string.
    fn put_escaped(&mut self, bytes: &[u8]) -> bool;
}

impl Sink for Vec<u8> {
    #[inline(always)]
    fn put(&mut self, bytes: &[u8]) -> bool {
        append(self, bytes)
    }

    fn put_escaped(&mut self, bytes: &[u8]) -> bool {
        write_escaped(bytes, self)
    }
}

/// Counts what would be written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count(pub(crate) usize);

impl Sink for Count {
    #[inline(always)]
    fn put(&mut self, bytes: &[u8]) -> bool {
        self.0 = self.0.saturating_add(bytes.len());
        true
    }

    fn put_escaped(&mut self, bytes: &[u8]) -> bool {
        let length = bytes.len().saturating_add(escapes_length(bytes));
        self.0 = self.0.saturating_add(length);
        true
    }
}

/// Writes stretches of one document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writer<'a> {
    bytes: &'a [u8],
    edits: &'a [Edit],
    regions: &'a [Region],
    digests: &'a [Digest],
    written: &'a Written,
}

impl<'a> Writer<'a> {
    /// A writer of the document `bytes`.
    pub(crate) fn new(
        bytes: &'a [u8],
        edits: &'a [Edit],
        regions: &'a [Region],
        digests: &'a [Digest],
        written: &'a Written,
    ) -> Self {
        Writer { bytes, edits, regions, digests, written }
    }

    /// The length of `start..end` once written.
    pub(crate) fn length(self, start: usize, end: usize) -> usize {
        let mut count = Count(0);
        self.write(start, end, false, &mut count);
        count.0
    }

    /// Writes `start..end`; `escaped` as part of a string. `false` if there is no memory.
    pub(crate) fn write(self, start: usize, end: usize, escaped: bool, sink: &mut impl Sink) -> bool {
        if self.regions.is_empty() || escaped {
            return self.write_plain(start, end, escaped, sink);
        }
        let first = self.regions.partition_point(|region| (region.start as usize) < start);
        let mut at = start;
        for region in self.regions.get(first..).unwrap_or_default() {
            if region.end as usize > end {
                break;
            }
            let written = self.write_plain(at, region.start as usize, false, sink)
                && sink.put(b"\"")
                && self.write_plain(region.start as usize, region.end as usize, true, sink)
                && sink.put(b"\"");
            if !written {
                return false;
            }
            at = region.end as usize;
        }
        self.write_plain(at, end, false, sink)
    }

    fn write_plain(self, start: usize, end: usize, escaped: bool, sink: &mut impl Sink) -> bool {
        let first = self.edits.partition_point(|edit| (edit.start as usize) < start);
        let mut at = start;
        for edit in self.edits.get(first..).unwrap_or_default() {
            if edit.start as usize >= end {
                break;
            }
            let before = self.bytes.get(at..edit.start as usize).unwrap_or_default();
            let instead = match edit.put {
                Put::Digest => digest_at(self.digests, edit.start),
                Put::Written(number) => self.written.get(number),
                put => put.bytes(),
            };
            if !put(before, escaped, sink) || !put(instead, escaped, sink) {
                return false;
            }
            at = edit.end as usize;
        }
        put(self.bytes.get(at..end).unwrap_or_default(), escaped, sink)
    }
}

#[inline(always)]
fn put(bytes: &[u8], escaped: bool, sink: &mut impl Sink) -> bool {
    if escaped { sink.put_escaped(bytes) } else { sink.put(bytes) }
}
