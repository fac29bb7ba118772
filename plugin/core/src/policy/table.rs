//! Look-up from a text to the clauses that list it: a hash table that is built once.
//!
//! A look-up hashes eight bytes at a time, compares the text about once, and allocates nothing; its
//! cost does not depend on how many texts the table holds. Whoever chooses the texts that are looked
//! up cannot make it slow, because how far a look-up probes depends only on the texts of the policy.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map;
use alloc::vec;
use alloc::vec::Vec;

/// 64 clauses of one word of the clause set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Posting {
    pub(super) word: u32,
    pub(super) bits: u64,
}

/// Where the postings of an entry are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Row {
    start: u32,
    end: u32,
}

/// The word and the bit of a clause.
pub(super) fn position(clause: usize) -> (usize, u64) {
    (clause >> 6, 1_u64.rotate_left(u32::try_from(clause & 63).unwrap_or_default()))
}

/// Appends the clauses, which are sorted, as postings.
pub(super) fn append(postings: &mut Vec<Posting>, clauses: &[usize]) -> Row {
    let start = index(postings.len());
    for &clause in clauses {
        let (word, bit) = position(clause);
        let word = index(word);
        match postings.get_mut(usize_of(start)..).and_then(<[Posting]>::last_mut) {
            Some(last) if last.word == word => last.bits |= bit,
            _ => postings.push(Posting { word, bits: bit }),
        }
    }
    Row { start, end: index(postings.len()) }
}

pub(super) fn slice(postings: &[Posting], row: Row) -> &[Posting] {
    postings.get(usize_of(row.start)..usize_of(row.end)).unwrap_or_default()
}

/// A text is at most [`crate::document`]'s limit long, so 32 bits count everything in it.
pub(super) fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub(super) fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Collects what a [`Table`] is made of.
#[derive(Debug, Default)]
pub(super) struct TableBuilder {
    entries: BTreeMap<(Vec<u8>, Vec<u8>), Vec<usize>>,
}

impl TableBuilder {
    /// Notes that a clause lists the pair; clauses are noted in ascending order.
    pub(super) fn insert(&mut self, first: &[u8], second: &[u8], clause: usize) {
        let clauses = self.entries.entry((first.to_vec(), second.to_vec())).or_default();
        if clauses.last() != Some(&clause) {
            clauses.push(clause);
        }
    }

    pub(super) fn build(self) -> Table {
        let mut table = Table::default();
        if self.entries.is_empty() {
            return table;
        }
        let capacity = self.entries.len().saturating_mul(2).checked_next_power_of_two().unwrap_or(usize::MAX);
        let mut slots = vec![0_u32; capacity];
        let (mut entries, mut bytes, mut postings) = (Vec::new(), Vec::new(), Vec::new());
        for ((first, second), clauses) in self.entries {
            let hash = hash(&first, &second);
            let entry = Entry {
                hash: tag(hash),
                start: index(bytes.len()),
                middle: index(bytes.len().saturating_add(first.len())),
                end: index(bytes.len().saturating_add(first.len()).saturating_add(second.len())),
                row: append(&mut postings, &clauses),
            };
            bytes.extend_from_slice(&first);
            bytes.extend_from_slice(&second);
            entries.push(entry);
            let mut slot = slot_of(hash, capacity);
            while let Some(taken) = slots.get_mut(slot) {
                if *taken == 0 {
                    *taken = index(entries.len());
                    break;
                }
                slot = slot.wrapping_add(1) & capacity.wrapping_sub(1);
            }
        }
        table.slots = slots.into();
        table.entries = entries.into();
        table.bytes = bytes.into();
        table.postings = postings.into();
        table
    }

    /// The texts and clauses, for tables of another kind.
    pub(super) fn into_entries(self) -> btree_map::IntoIter<(Vec<u8>, Vec<u8>), Vec<usize>> {
        self.entries.into_iter()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    hash: u32,
    start: u32,
    middle: u32,
    end: u32,
    row: Row,
}

/// An open-addressing table, at most half full, that is never changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Table {
    /// 0 is empty, anything else the number of an entry, counted from 1. A power of two long.
    slots: Box<[u32]>,
    entries: Box<[Entry]>,
    bytes: Box<[u8]>,
    postings: Box<[Posting]>,
}

impl Table {
    /// The clauses that list the text.
    pub(super) fn get(&self, text: &[u8]) -> &[Posting] {
        self.get_pair(text, b"")
    }

    /// The clauses that list the pair.
    pub(super) fn get_pair(&self, first: &[u8], second: &[u8]) -> &[Posting] {
        if self.slots.is_empty() {
            return &[];
        }
        let hash = hash(first, second);
        let mut slot = slot_of(hash, self.slots.len());
        // The table is at most half full, so an empty slot ends this.
        while let Some(&number) = self.slots.get(slot) {
            let Some(entry) = usize_of(number).checked_sub(1).and_then(|index| self.entries.get(index))
            else {
                break;
            };
            if entry.hash == tag(hash) && self.is(entry, first, second) {
                return slice(&self.postings, entry.row);
            }
            slot = slot.wrapping_add(1) & self.slots.len().wrapping_sub(1);
        }
        &[]
    }

    /// Whether nothing is listed.
    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    fn is(&self, entry: &Entry, first: &[u8], second: &[u8]) -> bool {
        self.bytes.get(usize_of(entry.start)..usize_of(entry.middle)) == Some(first)
            && self.bytes.get(usize_of(entry.middle)..usize_of(entry.end)) == Some(second)
    }
}

fn slot_of(hash: u64, slots: usize) -> usize {
    usize::try_from(hash & 0x7FFF_FFFF).unwrap_or_default() & slots.wrapping_sub(1)
}

fn tag(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or_default()
}

/// Multiply and rotate, eight bytes at a time.
fn hash(first: &[u8], second: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut hash = 0_u64;
    for text in [first, second] {
        let (words, tail) = text.as_chunks::<8>();
        for &word in words {
            hash = (hash ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR).rotate_left(29);
        }
        // The length takes the place of padding, so that zero bytes count.
        let tail = tail.iter().fold(text.len() as u64, |all, &byte| (all << 8) | u64::from(byte));
        hash = (hash ^ tail).wrapping_mul(FACTOR).rotate_left(29);
    }
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_listed_and_nothing_else() {
        let mut builder = TableBuilder::default();
        let texts: Vec<alloc::string::String> = (0..5_000).map(|n| alloc::format!("user-{n}")).collect();
        for (clause, text) in texts.iter().enumerate() {
            builder.insert(text.as_bytes(), b"", clause);
        }
        builder.insert(b"pods", b"log", 5_000);
        let table = builder.build();
        for (clause, text) in texts.iter().enumerate() {
            let (word, bits) = position(clause);
            assert_eq!(table.get(text.as_bytes()), [Posting { word: index(word), bits }]);
        }
        assert_eq!(table.get_pair(b"pods", b"log").len(), 1);
        for other in ["", "user-", "user-5000", "user-1\0", "podslog"] {
            assert_eq!(table.get(other.as_bytes()), []);
        }
        assert_eq!(table.get_pair(b"podsl", b"og"), []);
    }

    #[test]
    fn clauses_of_one_word_share_a_posting() {
        let mut postings = Vec::new();
        append(&mut postings, &[7]);
        let row = append(&mut postings, &[0, 3, 63, 64, 200]);
        let expected = [(0, 1 | 8 | 1 << 63), (1, 1), (3, 1 << 8)];
        assert_eq!(slice(&postings, row), expected.map(|(word, bits)| Posting { word, bits }));
    }
}
