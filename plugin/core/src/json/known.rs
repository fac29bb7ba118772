//! Cold: which of a few known words a word is, in letters of any case, without comparing it with each of them.

/// The words in lists by a hash of their first and last letters and their lengths.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Index<const COUNT: usize> {
    /// The first word of each list, and the one behind each word, both by index plus one.
    first: [u8; LISTS],
    next: [u8; COUNT],
}

const LISTS: usize = 64;

impl<const COUNT: usize> Index<COUNT> {
    /// An index of at most 255 words; empty ones are in no list.
    #[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
    pub(crate) const fn of(words: &[&str; COUNT]) -> Index<COUNT> {
        assert!(COUNT < 256);
        let mut index = Index { first: [0; LISTS], next: [0; COUNT] };
        // From the end, so that each list is in the order of the words.
        let mut at = COUNT;
        while at > 0 {
            at -= 1;
            let word = words[at].as_bytes();
            if !word.is_empty() {
                let list = list(word[0], word[word.len() - 1], word.len());
                index.next[at] = index.first[list];
                index.first[list] = at as u8 + 1;
            }
        }
        index
    }

    /// Which words may be `word`, by their indexes, in ascending order.
    #[inline(always)]
    pub(crate) fn likely(&self, word: &[u8]) -> impl Iterator<Item = usize> {
        let mut index = match (word.first(), word.last()) {
            (Some(&first), Some(&last)) => {
                self.first.get(list(first, last, word.len())).copied().unwrap_or(0)
            }
            _ => 0,
        };
        core::iter::from_fn(move || {
            let here = usize::from(index).checked_sub(1)?;
            index = self.next.get(here).copied().unwrap_or(0);
            Some(here)
        })
    }
}

/// Small letters and capitals give the same.
#[inline(always)]
const fn list(first: u8, last: u8, length: usize) -> usize {
    let letters = (first as usize & 31).wrapping_mul(9) ^ (last as usize & 31).wrapping_mul(3);
    letters.wrapping_add(length) % LISTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    const WORDS: [&str; 6] = ["data", "", "kind", "DATA", "a", "stringData"];

    #[test]
    fn every_word_is_likely_and_few_others_are() {
        const INDEX: Index<6> = Index::of(&WORDS);
        let likely = |word: &str| INDEX.likely(word.as_bytes()).collect::<Vec<_>>();
        for (at, word) in WORDS.iter().enumerate().filter(|(_, word)| !word.is_empty()) {
            for word in [word.to_uppercase(), word.to_lowercase()] {
                assert!(likely(&word).contains(&at), "{word}");
            }
        }
        assert_eq!(likely("data"), [0, 3]);
        assert!(likely("").is_empty() && likely("metadata").is_empty());
    }
}
