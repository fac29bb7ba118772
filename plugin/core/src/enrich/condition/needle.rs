//! Texts in texts, in time that is linear in both.
//!
//! Knuth, Morris and Pratt: for each length of a match a table says how long the next shorter one is that may go on.

use crate::json::find;
use alloc::string::String;
use alloc::vec::Vec;

/// A text that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Needle {
    text: Vec<u8>,
    /// For every length of a match that fails, the length of the one that is left.
    table: Vec<usize>,
}

impl Needle {
    pub(super) fn new(text: &[u8]) -> Self {
        let mut table = Vec::with_capacity(text.len());
        let mut length: usize = 0;
        for (index, byte) in text.iter().enumerate() {
            if index > 0 {
                length = grow(text, &table, length, *byte);
            }
            table.push(length);
        }
        Needle { text: text.to_vec(), table }
    }

    /// What is looked for.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The position behind the first occurrence at or after `from`.
    fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        let Some(&first) = self.text.first() else { return Some(from) };
        let mut at = from;
        let mut length: usize = 0;
        loop {
            // The search for a byte takes zeros for the end.
            if length == 0 && first != 0 {
                at = find::byte(text, at, first);
            }
            let &byte = text.get(at)?;
            length = grow(&self.text, &self.table, length, byte);
            at = at.wrapping_add(1);
            if length == self.text.len() {
                return Some(at);
            }
        }
    }

    /// Whether `text` holds it.
    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        self.find(text, 0).is_some()
    }
}

/// The length of the match that `byte` leads to from one of `length`.
fn grow(needle: &[u8], table: &[usize], length: usize, byte: u8) -> usize {
    let mut length = length;
    loop {
        if needle.get(length) == Some(&byte) {
            return length.wrapping_add(1);
        }
        match length.checked_sub(1).and_then(|last| table.get(last)) {
            Some(&shorter) => length = shorter,
            None => return 0,
        }
    }
}

/// A pattern in which `*` stands for any text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::enrich) struct Pattern {
    head: Vec<u8>,
    middle: Vec<Needle>,
    /// What stands behind the last `*`; `None` if there is none.
    tail: Option<Vec<u8>>,
}

impl Pattern {
    pub(in crate::enrich) fn new(pattern: &str) -> Self {
        let mut parts = pattern.as_bytes().split(|&byte| byte == b'*');
        let head = parts.next().unwrap_or_default().to_vec();
        let tail = parts.next_back().map(<[u8]>::to_vec);
        Pattern { head, middle: parts.map(Needle::new).collect(), tail }
    }

    /// As it was written.
    pub(super) fn written(&self) -> String {
        let mut out = Vec::from(self.head.as_slice());
        for part in self.middle.iter().map(Needle::text).chain(self.tail.as_deref()) {
            out.push(b'*');
            out.extend_from_slice(part);
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Whether all of `text` is what it stands for.
    pub(in crate::enrich) fn fits(&self, text: &[u8]) -> bool {
        let Some(rest) = text.strip_prefix(self.head.as_slice()) else { return false };
        let Some(tail) = &self.tail else { return rest.is_empty() };
        // The first occurrence of each part leaves most for the others.
        let Some(rest) = rest.strip_suffix(tail.as_slice()) else { return false };
        let mut at = 0;
        self.middle.iter().all(|needle| match needle.find(rest, at) {
            Some(end) => {
                at = end;
                true
            }
            None => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Whether a pattern fits, tried out.
    fn naive(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((b'*', rest)) => (0..=text.len()).any(|at| naive(rest, &text[at..])),
            Some((byte, rest)) => text.first() == Some(byte) && naive(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn found_where_the_standard_library_finds_it(text in "[ab]{0,40}", needle in "[ab]{0,6}") {
            prop_assert_eq!(Needle::new(needle.as_bytes()).is_in(text.as_bytes()), text.contains(&needle));
        }

        #[test]
        fn zeros_are_bytes_like_others(text in "[\0a]{0,20}", needle in "[\0a]{0,4}") {
            prop_assert_eq!(Needle::new(needle.as_bytes()).is_in(text.as_bytes()), text.contains(&needle));
        }

        #[test]
        fn patterns_fit_what_they_say(pattern in "[ab*]{0,7}", text in "[ab]{0,12}") {
            prop_assert_eq!(Pattern::new(&pattern).fits(text.as_bytes()), naive(pattern.as_bytes(), text.as_bytes()));
        }
    }

    #[test]
    fn hostile_texts_take_linear_time() {
        let text = "a".repeat(4_000_000);
        let needle: String = "a".repeat(4_000) + "b";
        assert!(!Needle::new(needle.as_bytes()).is_in(text.as_bytes()));
        assert!(!Pattern::new(&("*a".repeat(4_000) + "b*")).fits(text.as_bytes()));
    }
}
