//! Does the name of a member, a variable or a flag say that its value is a credential?
//!
//! For everything that is named freely: custom resources, environment variables, keys of ConfigMaps,
//! annotations, `{name, value}` pairs, headers, flags, query parameters. A best-effort rule: it looks at the
//! name alone, and the caller decides what becomes of the value.
//!
//! ```text
//! reject names that lack the letters of every noun            nearly all names end here
//! split into words: camelCase, snake_case, kebab-case, dotted, SCREAMING, digits
//! a noun anywhere (password, secret, token, api key, …)?      no: Ordinary
//! what is the last word, or what follows the noun in it?      English names a thing by its last word:
//!     a harmless one (secretName, tokenFile, passwordPolicy)  Reference
//!     none or any other                                       Secret
//! ```
//!
//! Tried and not kept: a list of harmless verbs in front (`enableToken`, `usePassword`). It let `enable_secret`
//! through, which on network gear is a password; the values of such switches say it better, see
//! [`is_harmless`](super::values::is_harmless).

mod listed;
mod tables;
mod words;

pub use listed::KeyWords;
pub(crate) use listed::words;
pub(in crate::redact) use tables::Set;
use tables::{
    DOMAINS_OF_REFERENCES, HARMLESS_HEADS, HELD_IN_SECRETS, KEY_OWNERS, NAMES_OF_SECRETS, NOUNS, PAIRS,
    PRODUCTS, QUANTITIES, REFERENCES, SECONDS, WEAK_NOUNS,
};
use words::Words;

/// What a name says about the value under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyName {
    /// Nothing about credentials.
    Ordinary,
    /// It speaks of a credential and holds none: where it is, what it is called, how long it lives. What is
    /// inside an object under it is judged by its own names.
    Reference,
    /// `tokens`: a number is a quantity, anything else is credentials.
    Count,
    /// `auth`, `cookie`, `jwt`: a string is a credential, an object or array is a group of settings, each
    /// judged by its own name.
    Group,
    /// A credential, whatever the type of the value. Two exceptions that the caller makes: a boolean is a
    /// switch, and an object all of whose members say where the credential is ([`ReferenceShape`]).
    Secret,
}

/// Whether a string under this name is a credential.
pub(crate) fn is_sensitive(name: &[u8]) -> bool {
    is_credential(classify(name))
}

/// Whether a string under a name that was judged so is a credential.
pub(crate) const fn is_credential(judged: KeyName) -> bool {
    !matches!(judged, KeyName::Ordinary | KeyName::Reference)
}

/// What `name` says about the value under it.
///
/// # Complexity
///
/// Linear. A name without the letters of a noun costs one look at each byte and a dozen comparisons.
pub(crate) fn classify(name: &[u8]) -> KeyName {
    if may_hold_a_noun(name) { classify_by_words(name) } else { KeyName::Ordinary }
}

/// Watches the members of an object under a [`KeyName::Secret`] name, to tell `{name: db, key: password}`,
/// which says where the credential is, from one that holds it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReferenceShape {
    names_something: bool,
    holds_something: bool,
}

impl ReferenceShape {
    /// Notes the name of the next member.
    pub(crate) fn member(&mut self, name: &[u8]) {
        let refers = || Words::new(name).last().is_some_and(|last| is_any(last, REFERRING));
        if spells(&NAMING, name) || refers() || classify(name) == KeyName::Reference {
            self.names_something = true;
        } else if !spells(&DESCRIBING, name) {
            self.holds_something = true;
        }
    }

    /// Whether the object noted so far only points at a credential. An empty one does not.
    pub(crate) fn is_reference(self) -> bool {
        self.names_something && !self.holds_something
    }
}

/// Members that tell which object is meant, by their last word: `serviceAccountRef`, `userName`.
const REFERRING: &[&str] = &["name", "names", "ref", "reference", "references", "refs", "selector"];

/// Others. `algorithm` and `path` stand for cert-manager's `Certificate.spec.privateKey` and for the projected
/// volume `serviceAccountToken`, which describe what is to be made; `metadata` for templates of Secrets.
const NAMING: [&str; 5] = ["algorithm", "path", "fieldPath", "metadata", "valueFrom"];

/// Members that may stand beside them.
const DESCRIBING: [&str; 26] = [
    "key",
    "namespace",
    "optional",
    "kind",
    "apiVersion",
    "apiGroup",
    "group",
    "uid",
    "version",
    "resourceVersion",
    "property",
    "items",
    "defaultMode",
    "mode",
    "type",
    "source",
    "provider",
    "audience",
    "audiences",
    "size",
    "encoding",
    "expirationSeconds",
    "secretKey",
    "conversionStrategy",
    "decodingStrategy",
    "rotationPolicy",
];

/// `false` only for names in which [`classify_by_words`] finds nothing.
///
/// Names are told by the set of their letters, one bit each (digits and signs set bits too, which lets a few
/// more names through), and by two letters in a row: anywhere for strong nouns, at the end for weak ones.
#[inline(never)]
fn may_hold_a_noun(name: &[u8]) -> bool {
    let (letters, pairs) = letters_and_pairs(name);
    // Most names end here: they have no two letters in a row that a strong noun has, nor end as weak ones do.
    let mut hits = pairs & STRONG_PAIRS;
    while hits != 0 {
        let here = LETTERS_BY_PAIR.get(hits.trailing_zeros() as usize);
        if here.is_some_and(|nouns| nouns.iter().any(|noun| letters & noun == *noun)) {
            return true;
        }
        hits &= hits.wrapping_sub(1);
    }
    ends_as_a_weak_noun(name, letters)
}

/// The rows of [`NOUN_LETTERS`] by the bits of their pairs; all bits where there is none.
static LETTERS_BY_PAIR: [[u32; 2]; 64] = letters_by_pair(&NOUN_LETTERS);
/// Those of [`WEAK_NOUN_LETTERS`].
static WEAK_LETTERS_BY_PAIR: [[u32; 2]; 64] = letters_by_pair(&WEAK_NOUN_LETTERS);

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn letters_by_pair(rows: &[(u32, &[u8; 2])]) -> [[u32; 2]; 64] {
    let mut nouns = [[u32::MAX; 2]; 64];
    let mut row = 0;
    while row < rows.len() {
        let (letters, [first, second]) = rows[row];
        let here = &mut nouns[bit_of_pair(*first, *second).trailing_zeros() as usize];
        let free = if here[0] == u32::MAX { 0 } else { 1 };
        assert!(here[free] == u32::MAX);
        here[free] = letters;
        row += 1;
    }
    nouns
}

/// The letters of a name, and the pairs of letters in it, one bit each.
#[inline(always)]
fn letters_and_pairs(name: &[u8]) -> (u32, u64) {
    let (mut letters, mut pairs, mut before) = (0_u32, 0, 0);
    for &byte in name {
        letters |= 1_u32.wrapping_shl(u32::from(byte));
        pairs |= bit_of_pair(before, byte);
        before = byte;
    }
    (letters, pairs)
}

#[inline(always)]
const fn holds_letters(letters: u32, noun: u32) -> bool {
    letters & noun == noun
}

fn ends_as_a_weak_noun(name: &[u8], letters: u32) -> bool {
    let mut name = name;
    while let Some((last, rest)) = name.split_last()
        && !is_letter(*last)
    {
        // What stands behind the last letter, as in `DB_PASS_1`, does not count.
        name = rest;
    }
    let Some([first, second]) = name.last_chunk() else { return false };
    let here = WEAK_LETTERS_BY_PAIR.get(bit_of_pair(*first, *second).trailing_zeros() as usize);
    here.is_some_and(|nouns| nouns.iter().any(|noun| letters & noun == *noun))
}

/// One bit of 64 for two letters in a row, the same for small letters and capitals.
#[inline(always)]
const fn bit_of_pair(first: u8, second: u8) -> u64 {
    1_u64.wrapping_shl((first as u32 & 31).wrapping_mul(41).wrapping_add(second as u32 & 31))
}

const STRONG_PAIRS: u64 = bits_of_pairs(&NOUN_LETTERS);

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn bits_of_pairs(nouns: &[(u32, &[u8; 2])]) -> u64 {
    let mut bits = 0;
    let mut at = 0;
    while at < nouns.len() {
        bits |= bit_of_pair(nouns[at].1[0], nouns[at].1[1]);
        at += 1;
    }
    bits
}

/// The letters of nouns, as [`may_hold_a_noun`] counts them, and two that stand side by side. Every entry of
/// [`NOUNS`] and [`PAIRS`], and every key of [`KEY_OWNERS`], has all of one row.
const NOUN_LETTERS: [(u32, &[u8; 2]); 13] = [
    (letters("pas"), b"ss"), // password, passwd, passphrase, passcode
    (letters("pwd"), b"wd"),
    (letters("secrt"), b"cr"),
    (letters("tokn"), b"ok"),
    (letters("credntial"), b"cr"),
    (letters("key"), b"ke"),
    (letters("constrig"), b"nn"), // connection string
    (letters("kubeconfig"), b"ub"),
    (letters("dockerfg"), b"ck"), // docker config, dockercfg
    (letters("sesid"), b"ss"),    // session id
    (letters("comunitysrg"), b"mm"),
    (letters("idsa"), b"sa"), // id_rsa
    (letters("jas"), b"aa"),  // JAAS configuration
];

/// The letters of [`WEAK_NOUNS`], and what they end in.
const WEAK_NOUN_LETTERS: [(u32, &[u8; 2]); 15] = [
    (letters("auth"), b"th"),
    (letters("authorizn"), b"on"),
    (letters("bear"), b"er"),
    (letters("cokie"), b"ie"),
    (letters("cokies"), b"es"),
    (letters("constr"), b"tr"), // connection str
    (letters("dsn"), b"sn"),
    (letters("ide"), b"ed"), // id_ed25519
    (letters("jwt"), b"wt"),
    (letters("mneoic"), b"ic"),
    (letters("netrc"), b"rc"),
    (letters("psk"), b"sk"),
    (letters("pw"), b"pw"),
    (letters("salt"), b"lt"),
    (letters("sas"), b"as"),
];

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn letters(noun: &str) -> u32 {
    let bytes = noun.as_bytes();
    let mut letters = 0;
    let mut at = 0;
    while at < bytes.len() {
        letters |= 1 << (bytes[at] & 31);
        at += 1;
    }
    letters
}

/// What one word, or it and the one before it, says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Noun {
    /// A credential wherever it stands.
    Strong,
    /// `secret`: a credential or the name of a Secret.
    Secret,
    /// `token` with an `s`.
    Tokens,
    /// The key under which a password is found: `passwordKey`.
    KeyOfPassword,
    /// A credential only as the last word.
    Weak,
}

fn classify_by_words(name: &[u8]) -> KeyName {
    // The working directory, set by every shell.
    if matches!(name, b"PWD" | b"OLDPWD") {
        return KeyName::Ordinary;
    }
    if NAMES_OF_SECRETS.iter().any(|known| name == known.as_bytes()) {
        return KeyName::Reference;
    }
    let (domain, name) = split_domain(name);
    match Said::by(name).map_or(KeyName::Reference, |said| said.judge(domain)) {
        KeyName::Ordinary if is_oddly_spelled(name) => classify_small(name),
        judged => judged,
    }
}

/// Whether a name changes from small letters to capitals more often than words do: `pAsSwOrD`.
fn is_oddly_spelled(name: &[u8]) -> bool {
    let rises = |two: &&[u8]| matches!(two, [b'a'..=b'z', b'A'..=b'Z']);
    name.windows(2).filter(rises).count().saturating_mul(3) >= name.len()
}

/// Judges a name as if it were spelled in small letters.
#[cold]
#[inline(never)]
fn classify_small(name: &[u8]) -> KeyName {
    let mut small = [0; 64];
    for (place, byte) in small.iter_mut().zip(name) {
        *place = byte.to_ascii_lowercase();
    }
    let small = small.get(..name.len()).unwrap_or_default();
    Said::by(small).map_or(KeyName::Reference, |said| said.judge(b""))
}

/// What the words of a name say.
///
/// Gathered and judged by two functions side by side, because names are judged at the deepest place there is.
struct Said<'a> {
    strong: bool,
    quantity: bool,
    image: bool,
    first: &'a [u8],
    before: &'a [u8],
    last: &'a [u8],
    noun: Option<(Noun, &'a [u8])>,
    noun_before: Option<(Noun, &'a [u8])>,
}

impl<'a> Said<'a> {
    /// `None`: a word makes a reference of it, whatever the others are.
    #[inline(never)]
    fn by(name: &'a [u8]) -> Option<Said<'a>> {
        let mut said = Said {
            strong: false,
            quantity: false,
            image: false,
            first: b"",
            before: b"",
            last: b"",
            noun: None,
            noun_before: None,
        };
        for word in Words::new(name) {
            if said.first.is_empty() {
                said.first = word;
            }
            if REFERENCES.holds(word) {
                return None;
            }
            said.image |= word.eq_ignore_ascii_case(b"image");
            said.quantity |= QUANTITIES.holds(word);
            said.noun_before = said.noun;
            said.before = said.last;
            said.last = word;
            said.noun = noun_in(said.before, word);
            said.strong |= matches!(said.noun, Some((Noun::Strong | Noun::Secret | Noun::Tokens, _)));
        }
        Some(said)
    }

    #[inline(never)]
    fn judge(&self, domain: &[u8]) -> KeyName {
        if self.first.eq_ignore_ascii_case(b"checksum") {
            return KeyName::Reference;
        }
        let (noun, head) = match self.noun {
            Some((noun, rest)) => (Some(noun), rest),
            None => (None, self.last),
        };
        if noun.is_none() && !self.strong {
            return KeyName::Ordinary;
        }
        // AppRole's `secret_id` is the secret half of the pair; other ids are names.
        let secret_id = head.eq_ignore_ascii_case(b"id")
            && (matches!(self.noun_before, Some((Noun::Secret, b""))) || noun == Some(Noun::Secret));
        if is_harmless_head(head) && !secret_id {
            return KeyName::Reference;
        }
        match noun {
            Some(Noun::KeyOfPassword) => KeyName::Reference,
            Some(Noun::Secret) if head.is_empty() && is_held_in_a_secret(domain, self.before) => {
                KeyName::Reference
            }
            // OpenShift's `pullSecret` holds the credentials themselves.
            Some(Noun::Secret) if self.image && self.before.eq_ignore_ascii_case(b"pull") => {
                KeyName::Reference
            }
            Some(Noun::Tokens) if self.quantity => KeyName::Reference,
            Some(Noun::Tokens) => KeyName::Count,
            Some(Noun::Weak) => KeyName::Group,
            _ => KeyName::Secret,
        }
    }
}

/// `tlsSecret`, `passwordSecret`: the Secret in which it is, by name.
#[inline(never)]
fn is_held_in_a_secret(domain: &[u8], before: &[u8]) -> bool {
    HELD_IN_SECRETS.holds(before) || DOMAINS_OF_REFERENCES.iter().any(|known| domain == known.as_bytes())
}

/// The noun in `word`, and what follows it there.
fn noun_in<'a>(before: &[u8], word: &'a [u8]) -> Option<(Noun, &'a [u8])> {
    let is_pair = |(first, second): &(&str, &str)| {
        before.eq_ignore_ascii_case(first.as_bytes()) && word.eq_ignore_ascii_case(second.as_bytes())
    };
    if SECONDS.holds(word) && PAIRS.iter().any(is_pair) {
        return Some((Noun::Strong, b""));
    }
    if is_any(word, &["key", "keys"]) {
        if is_any(before, &["password", "passwd"]) {
            return Some((Noun::KeyOfPassword, b""));
        }
        return KEY_OWNERS.holds(before).then_some((Noun::Strong, b"".as_slice()));
    }
    if PRODUCTS.holds(word) {
        return None;
    }
    let (letters, pairs) = letters_and_pairs(word);
    if pairs & STRONG_PAIRS == 0 {
        return weak_noun_in(before, word);
    }
    if holds_letters(letters, const { self::letters("secrt") })
        && let Some(at) = find(word, b"secret")
    {
        let rest = word.get(at.saturating_add(6)..).unwrap_or_default();
        return if rest.eq_ignore_ascii_case(b"ary") {
            None
        } else {
            Some((Noun::Secret, behind_plural(rest)))
        };
    }
    for (noun, of_noun) in NOUNS.iter().zip(LETTERS_OF_NOUNS) {
        if letters & of_noun == of_noun
            && let Some(at) = find(word, noun.as_bytes())
        {
            let rest = word.get(at.saturating_add(noun.len())..).unwrap_or_default();
            return Some((Noun::Strong, behind_plural(rest)));
        }
    }
    let token = if holds_letters(letters, const { self::letters("tokn") }) { token_in(word) } else { None };
    let key = || if holds_letters(letters, const { self::letters("key") }) { key_in(word) } else { None };
    token.or_else(key).or_else(|| weak_noun_in(before, word))
}

/// The letters of each of [`NOUNS`].
const LETTERS_OF_NOUNS: [u32; NOUNS.len()] = letters_of_nouns();

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn letters_of_nouns() -> [u32; NOUNS.len()] {
    let mut all = [0; NOUNS.len()];
    let mut at = 0;
    while at < NOUNS.len() {
        all[at] = letters(NOUNS[at]);
        at += 1;
    }
    all
}

/// `token`, `authtoken`, `tokens`, `tokenfile`, but not `tokenizer`.
fn token_in(word: &[u8]) -> Option<(Noun, &[u8])> {
    let at = find(word, b"token")?;
    let rest = word.get(at.saturating_add(5)..).unwrap_or_default();
    if rest.is_empty() {
        Some((Noun::Strong, rest))
    } else if rest.eq_ignore_ascii_case(b"s") {
        Some((Noun::Tokens, b""))
    } else if at == 0 && (is_harmless_head(rest) || is_any(rest, &["value", "key", "data"])) {
        Some((Noun::Strong, rest))
    } else {
        None
    }
}

/// `apikey`, `sshkeys`, `privatekeyfile` written as one word.
fn key_in(word: &[u8]) -> Option<(Noun, &[u8])> {
    let at = find(word, b"key")?;
    let (owner, rest) = word.split_at_checked(at)?;
    let rest = rest.get(3..).unwrap_or_default();
    (!owner.is_empty() && KEY_OWNERS.holds(owner)).then_some((Noun::Strong, behind_plural(rest)))
}

/// Nouns that are credentials only as the last word, and passwords that end in `pass`.
fn weak_noun_in<'a>(before: &[u8], word: &'a [u8]) -> Option<(Noun, &'a [u8])> {
    let connection = || word.eq_ignore_ascii_case(b"str") && is_any(before, &["conn", "connection"]);
    // id_ed25519
    let key_file = || word.eq_ignore_ascii_case(b"ed") && before.eq_ignore_ascii_case(b"id");
    if WEAK_NOUNS.holds(word) || connection() || key_file() {
        return Some((Noun::Weak, b""));
    }
    let at = word.len().checked_sub(4)?;
    let (stem, tail) = word.split_at_checked(at)?;
    let pass = tail.eq_ignore_ascii_case(b"pass") && !is_any(stem, NOT_PASSWORDS);
    pass.then_some((Noun::Weak, b""))
}

/// What makes another word of `pass` when it stands in front.
const NOT_PASSWORDS: &[&str] = &["by", "com", "encom", "multi", "over", "single", "sur", "tres", "under"];

fn is_harmless_head(head: &[u8]) -> bool {
    !head.is_empty() && (HARMLESS_HEADS.holds(head) || HARMLESS_HEADS.holds(without_plural(head)))
}

/// What follows a noun in its word: nothing in `secrets`.
fn behind_plural(rest: &[u8]) -> &[u8] {
    if rest.eq_ignore_ascii_case(b"s") { b"" } else { rest }
}

fn without_plural(word: &[u8]) -> &[u8] {
    match word {
        [singular @ .., b's' | b'S'] => singular,
        _ => word,
    }
}

/// An annotation's key is `domain/name`; only the name tells what the value is. `checksum/secret` has no domain.
#[inline(never)]
fn split_domain(name: &[u8]) -> (&[u8], &[u8]) {
    let slash = name.iter().position(|byte| *byte == b'/').unwrap_or(0);
    match name.split_at_checked(slash) {
        Some((domain, rest)) if domain.contains(&b'.') => (domain, rest),
        _ => (b"", name),
    }
}

fn is_any(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|entry| word.eq_ignore_ascii_case(entry.as_bytes()))
}

fn spells(list: &[&str], name: &[u8]) -> bool {
    list.iter().any(|entry| name == entry.as_bytes())
}

fn find(word: &[u8], part: &[u8]) -> Option<usize> {
    let last = word.len().checked_sub(part.len())?;
    let here = |at: usize| word.get(at..).and_then(|rest| rest.get(..part.len()));
    (0..=last).find(|&at| here(at).is_some_and(|found| found.eq_ignore_ascii_case(part)))
}

/// Bytes of other scripts are letters, so that they do not split words.
fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

#[cfg(test)]
mod tests;
