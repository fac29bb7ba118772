//! HOT: what names were found to say, remembered.
//!
//! The same few names stand in every record, and judging one costs hundreds of instructions. A name is
//! compared with what is remembered byte for byte, so what is remembered never changes an answer.

use crate::json::scan;
use crate::memory::append_many;
use crate::redact::key_names::{self, KeyName};
use alloc::vec::Vec;

/// How many names are remembered: one for each value of a hash.
const NAMES: usize = 256;
const HASH_BITS: u32 = NAMES.trailing_zeros();
/// The longest name that is remembered, in words; most keys of labels and annotations are shorter.
const WORDS: usize = 6;

/// A name and what it says.
#[derive(Clone, Copy, Debug)]
struct Name {
    judged: KeyName,
    length: usize,
    /// Its last eight bytes; all of a shorter one, with zeros behind.
    last: u64,
    /// Its whole words.
    words: [u64; WORDS],
}

/// The empty name, which says nothing.
const EMPTY: Name = Name { judged: KeyName::Ordinary, length: 0, last: 0, words: [0; WORDS] };

/// Names that were judged; on the heap, because a guest's stack is small.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    names: Vec<Name>,
}

impl Judged {
    /// No names.
    pub(crate) const NEW: Judged = Judged { names: Vec::new() };

    /// Makes room, if there is none yet. Without it nothing is remembered: names are judged too deep in calls to allocate there.
    pub(crate) fn make_room(&mut self) {
        let missing = NAMES.wrapping_sub(self.names.len());
        if missing > 0 {
            // Without memory every name is judged anew.
            let _ = append_many(&mut self.names, EMPTY, missing);
        }
    }

    /// Whether a string under this name is a credential, as [`key_names::is_sensitive`] tells.
    pub(crate) fn is_sensitive(&mut self, name: &[u8]) -> bool {
        let judged = if name.len() < 8 {
            let word = name.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
            self.classify_word(name, word)
        } else {
            self.classify(name, 0, name.len())
        };
        key_names::is_credential(judged)
    }

    /// What a name shorter than eight bytes says, which is also in `word`.
    fn classify_word(&mut self, name: &[u8], word: u64) -> KeyName {
        self.remembered(name, word, word)
    }

    /// What the name `bytes[start..end]` says.
    #[inline(always)]
    pub(crate) fn classify(&mut self, bytes: &[u8], start: usize, end: usize) -> KeyName {
        let length = end.wrapping_sub(start);
        let Some(first) = scan::word(bytes, start) else {
            return key_names::classify(bytes.get(start..end).unwrap_or_default());
        };
        let last = match length {
            0 => 0,
            1..8 => {
                let unused = 64_u32.wrapping_sub((length as u32) << 3);
                first << unused >> unused
            }
            _ => scan::word(bytes, end.wrapping_sub(8)).unwrap_or(0),
        };
        let begin = if length < 8 { last } else { first };
        self.remembered(bytes.get(start..end).unwrap_or_default(), begin, last)
    }

    #[inline(always)]
    fn remembered(&mut self, name: &[u8], begin: u64, last: u64) -> KeyName {
        let mixed = (begin ^ last.rotate_left(23))
            .wrapping_add(name.len() as u64)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let slot = (mixed >> (64 - HASH_BITS)) as usize;
        if let Some(known) = self.names.get(slot)
            && known.length == name.len()
            && known.last == last
            && known.begins(name)
        {
            return known.judged;
        }
        self.classify_new(name, last, slot)
    }

    #[inline(never)]
    fn classify_new(&mut self, name: &[u8], last: u64, slot: usize) -> KeyName {
        let judged = key_names::classify(name);
        if name.len() <= WORDS << 3
            && let Some(known) = self.names.get_mut(slot)
        {
            *known = Name { judged, length: name.len(), last, words: [0; WORDS] };
            for (word, chunk) in known.words.iter_mut().zip(name.as_chunks::<8>().0) {
                *word = u64::from_le_bytes(*chunk);
            }
        }
        judged
    }
}

impl Name {
    /// Whether the whole words of `name`, which is as long as this one, are these.
    #[inline(always)]
    fn begins(&self, name: &[u8]) -> bool {
        let mut rest = name;
        for &word in &self.words {
            let Some((chunk, behind)) = rest.split_first_chunk::<8>() else { return true };
            if u64::from_le_bytes(*chunk) != word {
                return false;
            }
            rest = behind;
        }
        rest.len() < 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn name() -> impl Strategy<Value = String> {
        prop_oneof![
            3 => "[a-b]{0,4}(password|passwore|app|token|tokem|x)[a-b]{0,3}",
            1 => "[a-c./-]{0,60}",
            1 => Just("a".repeat(48)),
            1 => Just("a".repeat(49)),
            1 => Just(alloc::format!("{}token{}", "a".repeat(16), "a".repeat(20))),
        ]
    }

    proptest! {
        #[test]
        fn what_is_remembered_changes_no_answer(names in prop::collection::vec((name(), "[a-z\"]{0,9}"), 0..200)) {
            let mut judged = Judged::NEW;
            judged.make_room();
            for (name, behind) in names {
                let mut bytes = Vec::from(&b"\"x"[..]);
                bytes.extend_from_slice(name.as_bytes());
                bytes.extend_from_slice(behind.as_bytes());
                let sensitive = key_names::is_sensitive(name.as_bytes());
                prop_assert_eq!(judged.is_sensitive(name.as_bytes()), sensitive, "{}", name);
                prop_assert_eq!(judged.classify(&bytes, 2, 2 + name.len()), key_names::classify(name.as_bytes()), "{}", name);
            }
        }
    }
}
