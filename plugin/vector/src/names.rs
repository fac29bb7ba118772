//! The words of names as patterns of VRL: whether a name says that its value is a credential.
//!
//! The same steps as `redact/key_names.rs` of the core, on the words of a name with one space between: ` db password `.

use crate::fill;
use crate::quote::{alternatives, one_of};
use auditveil_core::tables::{KeyWords, key_words};

/// A pattern that every name matches of which the words may say anything.
pub(crate) fn may_hold_a_noun() -> String {
    let KeyWords { nouns, pairs, weak_nouns, .. } = key_words();
    let mut each: Vec<String> =
        ["secret", "token", "key", "pass", "conn", "id[^a-z]*ed"].map(str::to_owned).to_vec();
    each.extend(nouns.iter().chain(weak_nouns).map(|noun| crate::quote::pattern(noun)));
    each.extend(pairs.iter().map(|(first, second)| format!("{first}[^a-z]*{second}")));
    format!("(?i)(?:{})", each.join("|"))
}

/// The words of a name, and what they say, as `judgement`.
pub(crate) fn classify() -> String {
    let KeyWords {
        references,
        quantities,
        nouns,
        pairs,
        key_owners,
        weak_nouns,
        not_passwords,
        harmless_heads,
        held_in_secrets,
        products,
        domains_of_references,
        names_of_secrets,
        ..
    } = key_words();
    let words = |words: &[&'static str]| alternatives(words.iter().copied());
    let pairs: Vec<String> = pairs.iter().map(|(first, second)| format!("{first} {second}")).collect();
    fill(
        include_str!("program/classify.vrl"),
        &[
            ("names_of_secrets", one_of(names_of_secrets.iter().copied())),
            ("references", words(references)),
            ("quantities", words(quantities)),
            ("nouns", words(nouns)),
            ("pairs", pairs.join("|")),
            ("key_owners", words(key_owners)),
            ("weak_nouns", words(weak_nouns)),
            ("not_passwords", words(not_passwords)),
            ("heads", words(harmless_heads)),
            ("held_in_secrets", words(held_in_secrets)),
            ("products", words(products)),
            ("domains", one_of(domains_of_references.iter().copied())),
        ],
    )
}

/// Names of members that say which object is meant: by their last word, or as they are spelled.
pub(crate) fn naming() -> String {
    let KeyWords { referring, naming, .. } = key_words();
    let last: Vec<String> = referring
        .iter()
        .map(|word| {
            let mut letters = word.chars();
            let capital: String =
                letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect();
            format!("(?:^|[^A-Za-z]){word}|{capital}|{}", word.to_ascii_uppercase())
        })
        .collect();
    format!("^(?:{})$|(?:{})[^A-Za-z]*$", alternatives(naming.iter().copied()), last.join("|"))
}

/// Names of members that may stand beside these.
pub(crate) fn describing() -> String {
    format!("^(?:{})$", alternatives(key_words().describing.iter().copied()))
}
