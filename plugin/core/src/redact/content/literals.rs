//! HOT: the prefixes of all formats and the ways in which base64 spells them, and where one occurs in a text.
//!
//! ```text
//! look at the second and third byte from here
//!     the end of the first three of some literal: compare these       go on by one
//!     the first two of some literal:                                  go on by one
//!     neither: no literal begins here or at the next byte             go on by two
//! ```
//!
//! This is the method of Wu and Manber with blocks of two bytes, whose tables the compiler makes. A text is searched only
//! if it has [`marks`](super::marks), so the price of six instructions for nearly every second byte is paid for few.
//!
//! Base64 spells a prefix in three ways, because it may begin at each of the three bytes of a group; what is sure of
//! each of them are the characters that hold bits of nothing else.

use super::table::{DETECTORS, Detector};

/// What the occurrence of a literal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A credential of a format may begin here.
    Plain,
    /// It may, in the base64 that this is a part of.
    Encoded,
    /// The id of an access key of AWS.
    AccessKeyId,
    /// A name that announces a credential.
    Announced,
}

/// A text that is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Literal {
    pub(super) kind: Kind,
    detector: u8,
    length: u8,
    /// How many characters of its first group stand before it, if it is base64.
    pub(super) lead: u8,
    bytes: [u8; LONGEST],
}

/// The longest literal: the hosts of webhooks.
const LONGEST: usize = 28;
/// Base64 that is compared: longer than this, chance has no part in it.
const ENCODED: usize = 24;

impl Literal {
    const NONE: Literal =
        Literal { kind: Kind::Announced, detector: 0, length: 0, lead: 0, bytes: [0; LONGEST] };

    /// The format whose prefix it is.
    pub(super) fn detector(&self) -> &'static Detector {
        DETECTORS.get(usize::from(self.detector)).unwrap_or(&FIRST)
    }

    /// Its length, in bytes.
    pub(super) fn length(&self) -> usize {
        usize::from(self.length)
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length()).unwrap_or_default()
    }
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
static FIRST: Detector = DETECTORS[0];

/// Literals that are no prefix of a format.
const OTHERS: &[(Kind, &str)] =
    &[(Kind::AccessKeyId, "AKIA"), (Kind::AccessKeyId, "ASIA"), (Kind::Announced, "rization")];

const COUNT: usize = count();
static LITERALS: All = All { at: literals() };

struct All {
    at: [Literal; COUNT],
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn count() -> usize {
    let mut count = OTHERS.len() + 2 * 3;
    let mut detector = 0;
    while detector < DETECTORS.len() {
        count += DETECTORS[detector].prefixes.len();
        let mut prefix = 0;
        while prefix < DETECTORS[detector].encoded.len() {
            if DETECTORS[detector].encoded[prefix].len() >= SHORTEST_ENCODED {
                count += 3;
            }
            prefix += 1;
        }
        detector += 1;
    }
    count
}

/// Base64 of a shorter prefix says too little.
const SHORTEST_ENCODED: usize = 4;

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn literals() -> [Literal; COUNT] {
    let mut literals = [Literal::NONE; COUNT];
    let mut at = 0;
    let mut detector = 0;
    while detector < DETECTORS.len() {
        let mut prefix = 0;
        while prefix < DETECTORS[detector].prefixes.len() {
            literals[at] = plain(Kind::Plain, detector, DETECTORS[detector].prefixes[prefix].as_bytes());
            at += 1;
            prefix += 1;
        }
        let mut prefix = 0;
        while prefix < DETECTORS[detector].encoded.len() {
            let text = DETECTORS[detector].encoded[prefix].as_bytes();
            let mut lead = 0;
            while text.len() >= SHORTEST_ENCODED && lead < 3 {
                literals[at] = in_base64(detector, text, lead);
                at += 1;
                lead += 1;
            }
            prefix += 1;
        }
        detector += 1;
    }
    let mut other = 0;
    while other < OTHERS.len() {
        let (kind, text) = OTHERS[other];
        literals[at] = plain(kind, 0, text.as_bytes());
        at += 1;
        let mut lead = 0;
        while matches!(kind, Kind::AccessKeyId) && lead < 3 {
            literals[at] = in_base64(0, text.as_bytes(), lead);
            at += 1;
            lead += 1;
        }
        other += 1;
    }
    assert!(at == COUNT);
    literals
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn plain(kind: Kind, detector: usize, text: &[u8]) -> Literal {
    let mut literal = Literal { kind, detector: detector as u8, length: text.len() as u8, ..Literal::NONE };
    assert!(text.len() >= 3 && detector < 256);
    let mut at = 0;
    while at < text.len() {
        literal.bytes[at] = text[at];
        at += 1;
    }
    literal
}

/// The characters of base64 that hold bits of `text` only, where so many bytes of a group stand before it.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn in_base64(detector: usize, text: &[u8], before: usize) -> Literal {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let first = (before * 8).div_ceil(6);
    let end = (before + text.len()) * 8 / 6;
    let mut literal =
        Literal { kind: Kind::Encoded, detector: detector as u8, lead: first as u8, ..Literal::NONE };
    let mut length = 0;
    while first + length < end && length < ENCODED {
        let mut digit = 0;
        let mut bit = (first + length) * 6;
        while bit < (first + length) * 6 + 6 {
            digit = digit << 1 | text[bit / 8 - before] >> (7 - bit % 8) & 1;
            bit += 1;
        }
        literal.bytes[length] = DIGITS[digit as usize];
        length += 1;
    }
    assert!(length >= 3);
    literal.length = length as u8;
    literal
}

/// How many pairs of two bytes there are, the second one of which counts as ASCII: the high bit of a pair is left out.
const PAIRS: usize = 1 << 15;
const LISTS: usize = 512;

/// The index of a pair.
#[inline(always)]
const fn pair(three: u32) -> usize {
    (three >> 8) as usize & (PAIRS - 1)
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn first_three(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0])
}

/// The list of a pair.
const fn list(three: u32) -> usize {
    (pair(three) ^ pair(three) >> 5) % LISTS
}

/// By how much to go on at each pair.
static STEPS: [u8; PAIRS] = steps();

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn steps() -> [u8; PAIRS] {
    let mut steps = [2; PAIRS];
    let mut at = 0;
    while at < COUNT {
        let bytes = &LITERALS.at[at].bytes;
        let three = first_three(bytes);
        let (first, last) = (pair(three << 8), pair(three));
        steps[last] = 0;
        if steps[first] > 1 {
            steps[first] = 1;
        }
        at += 1;
    }
    steps
}

/// Which hashes the first three bytes of literals have, one bit each.
static BEGINNINGS: [u32; BITS / 32] = beginnings();
const BITS: usize = 8192;
const SHIFT: u32 = 32 - BITS.trailing_zeros();

#[inline(always)]
const fn hash_of_three(three: u32) -> usize {
    (three.wrapping_mul(0x9E37_79B1) >> SHIFT) as usize
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn beginnings() -> [u32; BITS / 32] {
    let mut beginnings = [0; BITS / 32];
    let mut at = 0;
    while at < COUNT {
        let bytes = &LITERALS.at[at].bytes;
        let hash = hash_of_three(first_three(bytes));
        beginnings[hash / 32] |= 1 << (hash % 32);
        at += 1;
    }
    beginnings
}

/// The first literal of each list, and the one behind each, both by index plus one.
static LISTED: Listed = listed();

struct Listed {
    first: [u16; LISTS],
    next: [u16; COUNT],
}

/// Lists of the literals by their second and third byte. Those of one prefix come in the order of the table.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn listed() -> Listed {
    let mut listed = Listed { first: [0; LISTS], next: [0; COUNT] };
    let mut at = COUNT;
    while at > 0 {
        at -= 1;
        let bytes = &LITERALS.at[at].bytes;
        let list = list(first_three(bytes));
        listed.next[at] = listed.first[list];
        listed.first[list] = at as u16 + 1;
    }
    listed
}

/// The first position at or after `from` at which a literal occurs; not the last three.
pub(super) fn next(text: &[u8], from: usize) -> Option<usize> {
    let mut rest = text.get(from..)?;
    loop {
        let three = u32::from_le_bytes(*rest.first_chunk()?);
        let step = match STEPS.get(pair(three)) {
            Some(&step) => usize::from(step),
            None => 0,
        };
        if step == 0 && may_begin(three & 0x00ff_ffff) {
            let at = text.len().wrapping_sub(rest.len());
            if self::at(text, at).next().is_some() {
                return Some(at);
            }
        }
        rest = rest.get(step.max(1)..)?;
    }
}

#[inline(always)]
fn may_begin(three: u32) -> bool {
    let hash = hash_of_three(three);
    BEGINNINGS.get(hash / 32).is_some_and(|bits| bits.wrapping_shr(hash as u32) & 1 == 1)
}

/// The literals that occur at a position.
pub(super) fn at(text: &[u8], at: usize) -> impl Iterator<Item = &'static Literal> {
    let rest = text.get(at..).unwrap_or_default();
    let mut index = match rest {
        [first, second, third, ..] => {
            let three = u32::from_le_bytes([*first, *second, *third, 0]);
            LISTED.first.get(list(three)).copied().unwrap_or(0)
        }
        _ => 0,
    };
    core::iter::from_fn(move || {
        loop {
            let here = usize::from(index.checked_sub(1)?);
            index = LISTED.next.get(here).copied().unwrap_or(0);
            if let Some(literal) = LITERALS.at.get(here)
                && rest.starts_with(literal.bytes())
            {
                return Some(literal);
            }
        }
    })
}

/// What occurs in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Anything.
    pub(super) any: bool,
    /// A prefix of a format, or the id of an access key.
    pub(super) prefix: bool,
    /// The id of an access key.
    pub(super) access_key_id: bool,
}

/// What occurs in `text`. It goes on to the end only to see the id of an access key.
pub(super) fn seen(text: &[u8]) -> Seen {
    let mut seen = Seen::default();
    let mut from = 0;
    while let Some(found) = next(text, from) {
        seen.any = true;
        for literal in at(text, found) {
            seen.prefix |= literal.kind != Kind::Announced;
            seen.access_key_id |= literal.kind == Kind::AccessKeyId;
        }
        from = found.saturating_add(1);
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn naive(text: &[u8]) -> Vec<usize> {
        (0..text.len().saturating_sub(3))
            .filter(|&at| LITERALS.at.iter().any(|literal| text[at..].starts_with(literal.bytes())))
            .collect()
    }

    fn ours(text: &[u8]) -> Vec<usize> {
        let mut found = Vec::new();
        while let Some(at) = next(text, found.last().map_or(0, |last| last + 1)) {
            found.push(at);
        }
        found
    }

    fn piece() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            (0..COUNT).prop_map(|at| LITERALS.at[at].bytes().to_vec()),
            (0..COUNT, 1..6_usize).prop_map(|(at, end)| {
                let bytes = LITERALS.at[at].bytes();
                bytes[..end.min(bytes.len())].to_vec()
            }),
            prop::collection::vec(any::<u8>(), 0..6),
        ]
    }

    proptest! {
        #[test]
        fn literals_are_where_the_naive_twin_sees_them(pieces in prop::collection::vec(piece(), 0..12)) {
            let text = pieces.concat();
            prop_assert_eq!(ours(&text), naive(&text));
        }

        #[test]
        fn base64_of_a_prefix_is_found_in_every_alignment(before in "[ -~]{0,5}", which in 0..DETECTORS.len(), behind in "[ -~]{9}") {
            for prefix in DETECTORS[which].encoded.iter().filter(|prefix| prefix.len() >= SHORTEST_ENCODED) {
                let text = alloc::format!("{before}{prefix}{behind}");
                let spelling = crate::redact::base64::Spelling { padded: true, ..Default::default() };
                let mut encoded = Vec::new();
                assert!(crate::redact::base64::encode(text.as_bytes(), spelling, &mut encoded));
                let found = ours(&encoded).into_iter().flat_map(|found| at(&encoded, found).map(move |literal| (found, literal)));
                let hits: Vec<_> = found.filter(|(_, literal)| literal.kind == Kind::Encoded).collect();
                prop_assert!(
                    hits.iter().any(|(found, literal)| {
                        (found - usize::from(literal.lead)) / 4 * 3 == before.len() / 3 * 3
                    }),
                    "{} {:?}", text, hits
                );
            }
        }
    }
}
