//! What was probably meant by a word that does not exist.

use alloc::vec::Vec;

/// The name that was probably meant: the same but for case and punctuation, or at most two slips away.
pub(crate) fn closest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let simple = |text: &str| -> Vec<char> {
        text.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
    };
    // Longer than any name: nothing that could be a slip, and nothing to spend time on.
    if word.len() > 48 {
        return None;
    }
    let wanted = simple(word);
    let slips = if wanted.len() < 5 { 1 } else { 2 };
    names
        .map(|name| (distance(&wanted, &simple(name)), name))
        .filter(|&(distance, _)| distance <= slips)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// Levenshtein's distance, in one row.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, a) in left.iter().enumerate() {
        let mut diagonal = index;
        let mut before = index.saturating_add(1);
        if let Some(first) = row.first_mut() {
            *first = before;
        }
        for (cell, b) in row.iter_mut().skip(1).zip(right) {
            let changed = diagonal.saturating_add(usize::from(a != b));
            diagonal = *cell;
            before = changed.min(before.saturating_add(1)).min(cell.saturating_add(1));
            *cell = before;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_not_other_words() {
        let meant =
            |word| closest(word, ["level", "users", "userGroups", "resources", "env", "uri"].into_iter());
        assert_eq!(meant("Level"), Some("level"));
        assert_eq!(meant("user_groups"), Some("userGroups"));
        assert_eq!(meant("resource"), Some("resources"));
        assert_eq!(meant("lvl"), None);
        assert_eq!(meant("levle"), Some("level"));
        assert_eq!(meant("url"), Some("uri"));
        assert_eq!(meant("x"), None);
        assert_eq!(meant(""), None);
    }
}
