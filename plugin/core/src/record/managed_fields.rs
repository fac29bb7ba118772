//! Where the `managedFields` of a body are: what `omitManagedFields` takes out.
//!
//! As `copyWithoutManagedFields` of the apiserver (pkg/audit/request.go) does, they go from the `metadata` of
//! the object itself, of each of its `items` if it is a list, and of the object of each of its `rows` if it
//! is a Table, and from nowhere else: a template's stay.
//!
//! One pass over bytes that the walk has found to be JSON. The levels are known, so nothing recurses.

use crate::json::{scan, skip, skip_space, text};
use crate::memory::push;
use crate::redact::edits::{Edit, Put, Region, position};
use crate::redact::rows::Row;
use alloc::vec::Vec;

/// A name and where its value begins.
struct Name {
    start: usize,
    end: usize,
    value: usize,
}

/// Finds them; its buffers are reused.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    decoded: Vec<u8>,
    /// What is to be removed, in ascending order.
    removals: Vec<Edit>,
    merged: Vec<Edit>,
}

impl Finder {
    /// A finder with empty buffers.
    pub(crate) const fn new() -> Self {
        Finder { decoded: Vec::new(), removals: Vec::new(), merged: Vec::new() }
    }

    /// Forgets what was found.
    pub(crate) fn clear(&mut self) {
        self.removals.clear();
    }

    /// Puts what was found among the edits and regions of the document; `false` if there is no memory.
    ///
    /// What lies inside of something that goes goes with it. What lies inside of something that is hidden is
    /// hidden already.
    pub(crate) fn merge(&mut self, edits: &mut Vec<Edit>, regions: &mut Vec<Region>) -> bool {
        if self.removals.is_empty() {
            return true;
        }
        self.merged.clear();
        let length = edits.len().saturating_add(self.removals.len());
        if self.merged.try_reserve(length).is_err() {
            return false;
        }
        let mut next = edits.iter().copied().peekable();
        // Up to here everything is hidden, or has an edit of its own.
        let mut edited: u32 = 0;
        for &removal in &self.removals {
            while let Some(edit) = next.next_if(|edit| edit.start < removal.start) {
                edited = edited.max(edit.end);
                if !push(&mut self.merged, edit) {
                    return false;
                }
            }
            if edited <= removal.start {
                while next.next_if(|edit| edit.start < removal.end).is_some() {}
                if !push(&mut self.merged, removal) {
                    return false;
                }
            }
        }
        if !next.all(|edit| push(&mut self.merged, edit)) {
            return false;
        }
        core::mem::swap(edits, &mut self.merged);
        let removals = &self.removals;
        regions.retain(|region| {
            let behind = removals.partition_point(|removal| removal.start <= region.start);
            let around = behind.checked_sub(1).and_then(|before| removals.get(before));
            around.is_none_or(|removal| removal.end < region.end)
        });
        true
    }

    /// Notes the removals of the body that begins at `at`; `None` if it cannot be read or held.
    pub(crate) fn body(&mut self, bytes: &[u8], at: usize) -> Option<()> {
        if bytes.get(at) != Some(&b'{') {
            return Some(());
        }
        let mut table = false;
        let mut of_rows = 0..0;
        let mut at = at;
        while let Some(name) = next_member(bytes, &mut at)? {
            let first = bytes.get(name.value);
            at = match (self.decode(bytes, &name), first) {
                (b"metadata", Some(b'{')) => self.metadata(bytes, name.value)?,
                (b"items", Some(b'[')) => self.elements(bytes, name.value, Finder::object)?,
                (b"rows", Some(b'[')) if of_rows.is_empty() => {
                    let start = self.removals.len();
                    let end = self.elements(bytes, name.value, Finder::row)?;
                    of_rows = start..self.removals.len();
                    end
                }
                (b"kind", Some(b'"')) => {
                    let end = skip::value(bytes, name.value)?;
                    table = bytes.get(name.value..end) == Some(b"\"Table\"");
                    end
                }
                _ => skip::value(bytes, name.value)?,
            };
        }
        if !table {
            let mut index: usize = 0;
            self.removals.retain(|_| {
                let stays = !of_rows.contains(&index);
                index = index.wrapping_add(1);
                stays
            });
        }
        Some(())
    }

    /// Calls `element` for each object of the array that begins at `at`.
    fn elements(
        &mut self,
        bytes: &[u8],
        at: usize,
        element: impl Fn(&mut Finder, &[u8], usize) -> Option<usize>,
    ) -> Option<usize> {
        let mut at = skip_space(bytes, at.wrapping_add(1));
        loop {
            at = match bytes.get(at)? {
                b']' => return Some(at.wrapping_add(1)),
                b',' => at.wrapping_add(1),
                b'{' => element(self, bytes, at)?,
                _ => skip::value(bytes, at)?,
            };
            at = skip_space(bytes, at);
        }
    }

    /// A row of a Table.
    fn row(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let mut at = at;
        while let Some(name) = next_member(bytes, &mut at)? {
            at = match (self.decode(bytes, &name), bytes.get(name.value)) {
                (b"object", Some(b'{')) => self.object(bytes, name.value)?,
                _ => skip::value(bytes, name.value)?,
            };
        }
        Some(at)
    }

    /// An object with metadata.
    fn object(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let mut at = at;
        while let Some(name) = next_member(bytes, &mut at)? {
            at = match (self.decode(bytes, &name), bytes.get(name.value)) {
                (b"metadata", Some(b'{')) => self.metadata(bytes, name.value)?,
                _ => skip::value(bytes, name.value)?,
            };
        }
        Some(at)
    }

    /// The metadata: each `managedFields` goes, with one comma beside it.
    fn metadata(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let first = self.removals.len();
        // Behind the opening brace, or behind the last member that stays.
        let mut kept_end = at.wrapping_add(1);
        // Where one that goes begins and ends, while it is not known what follows.
        let mut open: Option<(usize, usize)> = None;
        let mut at = at;
        while let Some(name) = next_member(bytes, &mut at)? {
            if let Some((start, _)) = open.take() {
                self.remove(start, name.start)?;
            }
            let goes = self.decode(bytes, &name) == b"managedFields";
            at = skip::value(bytes, name.value)?;
            if goes {
                open = Some((name.start, at));
            } else {
                kept_end = at;
            }
        }
        if let Some((_, end)) = open {
            // The last member goes, and with it the comma before it.
            while self.removals.len() > first
                && self.removals.last().is_some_and(|edit| edit.start as usize >= kept_end)
            {
                self.removals.pop();
            }
            self.remove(kept_end, end)?;
        }
        Some(at)
    }

    fn remove(&mut self, start: usize, end: usize) -> Option<()> {
        let edit = Edit { start: position(start), end: position(end), put: Put::Nothing, row: Row::Damaged };
        push(&mut self.removals, edit).then_some(())
    }

    /// A name's text.
    fn decode<'a>(&'a mut self, bytes: &'a [u8], name: &Name) -> &'a [u8] {
        let raw = bytes.get(name.start.wrapping_add(1)..name.end).unwrap_or_default();
        if raw.contains(&b'\\') && text::unescape(raw, &mut self.decoded) { &self.decoded } else { raw }
    }
}

/// The next member of an object. `at` is the object's first byte or behind a member; without a further member
/// it is behind the object afterwards. The outer `None`: this is no object.
fn next_member(bytes: &[u8], at: &mut usize) -> Option<Option<Name>> {
    let mut start = skip_space(bytes, *at);
    match bytes.get(start)? {
        b'}' => {
            *at = start.wrapping_add(1);
            return Some(None);
        }
        b'{' | b',' => start = skip_space(bytes, start.wrapping_add(1)),
        _ => return None,
    }
    match bytes.get(start)? {
        b'}' => {
            *at = start.wrapping_add(1);
            Some(None)
        }
        b'"' => {
            let end = scan::string(bytes, start.wrapping_add(1))?.quote;
            let colon = skip_space(bytes, end.wrapping_add(1));
            if bytes.get(colon) != Some(&b':') {
                return None;
            }
            Some(Some(Name { start, end, value: skip_space(bytes, colon.wrapping_add(1)) }))
        }
        _ => None,
    }
}
