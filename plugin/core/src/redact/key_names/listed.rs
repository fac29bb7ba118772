//! Cold: the words that decide, list by list, for back-ends that are no walk.

use super::tables::{
    DOMAINS_OF_REFERENCES, HARMLESS_HEADS, HELD_IN_SECRETS, KEY_OWNERS, NAMES_OF_SECRETS, NOUNS, PAIRS,
    PRODUCTS, QUANTITIES, REFERENCES, WEAK_NOUNS,
};
use super::{DESCRIBING, NAMING, NOT_PASSWORDS, REFERRING};

/// The words by which a name says that its value is a credential. All in small letters, but for names that are compared
/// as they are spelled.
#[derive(Clone, Copy, Debug)]
pub struct KeyWords {
    /// Words that make a reference of a name, whatever the others are.
    pub references: &'static [&'static str],
    /// Words beside which `tokens` are a number.
    pub quantities: &'static [&'static str],
    /// Credentials wherever they stand in a word; beside `secret`, `token` and keys.
    pub nouns: &'static [&'static str],
    /// Credentials made of two words.
    pub pairs: &'static [(&'static str, &'static str)],
    /// What stands before `key` or `keys` to make a credential of it.
    pub key_owners: &'static [&'static str],
    /// Credentials as the last word only.
    pub weak_nouns: &'static [&'static str],
    /// What makes another word of `pass` when it stands in front.
    pub not_passwords: &'static [&'static str],
    /// Last words that make a fact about a credential out of a credential.
    pub harmless_heads: &'static [&'static str],
    /// What stands before `secret` in names of Secrets.
    pub held_in_secrets: &'static [&'static str],
    /// Products that are called by words that would be nouns.
    pub products: &'static [&'static str],
    /// Annotations of these domains give Secrets by name.
    pub domains_of_references: &'static [&'static str],
    /// Members of known types that name a Secret, as they are spelled.
    pub names_of_secrets: &'static [&'static str],
    /// Last words of members that tell which object is meant.
    pub referring: &'static [&'static str],
    /// Other such members, as they are spelled.
    pub naming: &'static [&'static str],
    /// Members that may stand beside them, as they are spelled.
    pub describing: &'static [&'static str],
}

/// The words that decide, list by list.
pub(crate) fn words() -> KeyWords {
    KeyWords {
        references: REFERENCES.words(),
        quantities: QUANTITIES.words(),
        nouns: NOUNS,
        pairs: PAIRS,
        key_owners: KEY_OWNERS.words(),
        weak_nouns: WEAK_NOUNS.words(),
        not_passwords: NOT_PASSWORDS,
        harmless_heads: HARMLESS_HEADS.words(),
        held_in_secrets: HELD_IN_SECRETS.words(),
        products: PRODUCTS.words(),
        domains_of_references: DOMAINS_OF_REFERENCES,
        names_of_secrets: NAMES_OF_SECRETS,
        referring: REFERRING,
        naming: &NAMING,
        describing: &DESCRIBING,
    }
}
