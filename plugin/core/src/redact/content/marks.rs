//! HOT: tells by a few rare bytes which texts may hold a credential at all.
//!
//! Names of objects, images and paths are made of small letters, digits and `-./:`; tokens are made of letters of both
//! cases, or have `_` or `~` in them, or stand behind `=` or before `@`. So a text without any of `= @ A-Z [ \ ] ^ _` holds
//! a credential at its very beginning, under one of a few prefixes, or none.
//!
//! ```text
//! w & (w ^ w<<1) & 0x40*8          bit 6 is set and bit 5 is not: `@` to `_`
//! (w ^ '='*8) - 1*8 & 0x80*8       the byte was `=`
//! ```
//!
//! The second also flags bytes that are not ASCII and what a borrow reaches, which only lets a few more texts through.
//!
//! Tried and not kept: a mark for `:`, which every image and every time has.

use super::charset::Charset;
use crate::json::find::short_word;

/// No shorter text is looked at, in bytes: no format has shorter tokens, and half of all texts are shorter.
pub(crate) const SHORTEST: usize = 16;

/// No shorter text is looked at in an object of a kind that Kubernetes defines: times are shorter, and so are nearly all
/// of its words; and so is no token of a format, but some of Stripe's.
pub(crate) const LONG: usize = 21;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = ONES << 7;
const CAPITALS: u64 = ONES << 6;
const EQUALS: u64 = ONES.wrapping_mul(b'=' as u64);

/// What a text begins with that holds a credential made of small letters, digits and `-` only.
const BEGINNINGS: [u32; 4] = [
    u32::from_le_bytes(*b"dapi"),
    u32::from_le_bytes(*b"pul-"),
    u32::from_le_bytes(*b"toke"),
    u32::from_le_bytes(*b"sk-o"),
];
/// The same, of which the only mark is the first letter.
const SHORT_BEGINNING: u32 = u32::from_le_bytes(*b"K10\0");
const LONG_BEGINNINGS: [u64; 2] = [u64::from_le_bytes(*b"kubeconf"), u64::from_le_bytes(*b"kubeadm ")];

/// Whether a member of an object of a kind that Kubernetes defines, whose name begins with these bytes and is so long, is a name
/// that the API server has checked, an id that it has made, or one word of the API: `name`, `namespace`, `uid`, `manager`, `apiVersion`,
/// `kind`, `reason`.
#[inline(always)]
pub(crate) const fn is_name_of_a_name(first: u64, length: usize) -> bool {
    const UID: u64 = u64::from_le_bytes(*b"uid\"\0\0\0\0");
    const MANAGER: u64 = u64::from_le_bytes(*b"manager\"");
    match length {
        3 => first as u32 == UID as u32,
        4 => first as u32 == u32::from_le_bytes(*b"name") || first as u32 == u32::from_le_bytes(*b"kind"),
        6 => first == u64::from_le_bytes(*b"reason\":"),
        7 => first == MANAGER,
        9 => first == u64::from_le_bytes(*b"namespac"),
        10 => first == u64::from_le_bytes(*b"apiVersi"),
        _ => false,
    }
}

/// Whether a text, its escapes undone or not, may hold a credential of any format.
#[inline(always)]
pub(crate) fn may_hold(text: &[u8]) -> bool {
    let Some((words, behind)) = text.split_first_chunk::<16>() else { return false };
    if is_uuid(text) {
        return false;
    }
    let words = u128::from_le_bytes(*words);
    let first = words as u64;
    // Sentences begin with a capital letter; no token has its only mark there.
    if marks(first & !0xff) | marks((words >> 64) as u64) != 0 {
        return is_no_data(text, first);
    }
    let mut rest = behind;
    while let Some((words, behind)) = rest.split_first_chunk::<16>() {
        let words = u128::from_le_bytes(*words);
        if marks(words as u64) | marks((words >> 64) as u64) != 0 {
            return is_no_data(text, first);
        }
        rest = behind;
    }
    if let Some((word, behind)) = rest.split_first_chunk::<8>() {
        if marks(u64::from_le_bytes(*word)) != 0 {
            return is_no_data(text, first);
        }
        rest = behind;
    }
    (marks(short_word(rest)) != 0
        || BEGINNINGS.contains(&(first as u32))
        || first as u32 & 0xff_ffff == SHORT_BEGINNING
        || LONG_BEGINNINGS.contains(&first))
        && is_no_data(text, first)
}

/// Not zero if a byte of the word is a mark; perhaps if one is not ASCII.
#[inline(always)]
const fn marks(word: u64) -> u64 {
    word & (word ^ word << 1) & CAPITALS | (word ^ EQUALS).wrapping_sub(ONES) & HIGH
}

/// Whether a text that begins so and has marks is neither a time nor data.
#[inline(never)]
fn is_no_data(text: &[u8], first: u64) -> bool {
    !(is_time(text, first) || text.len() >= DATA && is_data(text))
}

/// Whether a text that begins so is a time as Kubernetes writes it: `2026-11-20T07:40:55Z`, with a fraction or not.
#[inline(always)]
fn is_time(text: &[u8], first: u64) -> bool {
    // The dashes of the date, and the first digit.
    const SHAPE: u64 = u64::from_le_bytes(*b"2\0\0\0-\0\0-");
    const MASK: u64 = u64::from_le_bytes(*b"\xff\0\0\0\xff\0\0\xff");
    text.len() <= LONGEST_TIME
        && first & MASK == SHAPE
        && text.get(10) == Some(&b'T')
        && text.last() == Some(&b'Z')
}

/// `2026-11-20T07:40:55.123456789Z`
const LONGEST_TIME: usize = 30;

/// Whether a text has the dashes of a UUID where a UUID has them, and its length. No format is so short and so dashed.
#[inline(always)]
fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.get(8) == Some(&b'-')
        && text.get(13) == Some(&b'-')
        && text.get(18) == Some(&b'-')
        && text.get(23) == Some(&b'-')
}

/// Of a text of at least this length, in bytes, it is asked whether it is data.
const DATA: usize = 4096;

/// Whether a text begins with a kilobyte of base64 of what is no text. It may be long, and no search of it finds anything: a
/// group that ASCII is encoded in begins with one of half of the digits.
fn is_data(text: &[u8]) -> bool {
    const LOOKED_AT: usize = 1024;
    let begin = text.get(..LOOKED_AT).unwrap_or_default();
    if Charset::BASE64_ANY.run(begin, LOOKED_AT) < LOOKED_AT {
        return false;
    }
    let of_ascii = |group: &&[u8; 4]| matches!(group, [b'A'..=b'Z' | b'a'..=b'f', ..]);
    let groups = begin.as_chunks::<4>().0;
    groups.iter().filter(of_ascii).count() < LOOKED_AT / 16 * 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use proptest::prelude::*;

    /// The obvious way: byte by byte.
    fn naive(text: &[u8]) -> bool {
        let mark = |byte: &u8| matches!(byte, b'=' | b'@'..=b'_');
        let behind = text.get(1..).unwrap_or_default();
        text.len() >= SHORTEST
            && !is_time(text, u64::from_le_bytes(*text.first_chunk().unwrap()))
            && !is_uuid(text)
            && (behind.iter().any(mark)
                || ["dapi", "pul-", "toke", "sk-o", "K10", "kubeconf", "kubeadm "]
                    .iter()
                    .any(|begin| text.starts_with(begin.as_bytes())))
    }

    proptest! {
        #[test]
        fn as_the_naive_twin(text in "(dapi|toke|sk-o|K10|kubeadm |kubeconf|2026-11-20T|[a-z0-9./:-]{0,9})[a-z0-9./:-]{0,40}[ -~]?[a-z0-9./:-]{0,40}Z?") {
            let (ours, naive) = (may_hold(text.as_bytes()), naive(text.as_bytes()));
            prop_assert!(ours || !naive, "{}", text);
            // A borrow flags `<` before `=`, `>` behind it.
            prop_assert!(naive || !ours || text.contains(['<', '>']), "{}", text);
        }

        #[test]
        fn what_is_not_ascii_hides_no_mark(text in "[a-zé€]{1,40}[@-_=][a-zé€]{0,40}") {
            prop_assert!(may_hold(text.as_bytes()) || text.len() < SHORTEST, "{}", text);
        }
    }

    #[test]
    fn what_most_texts_are() {
        for text in [
            "2026-11-20T07:40:55Z",
            "2026-11-20T07:40:55.123456Z",
            "2f1e0a54-6a8b-4c3d-9e0f-1234567890ab",
            "registry.example.com/team/app:1.2.3",
            "/api/v1/namespaces/default/pods",
            "short",
            "",
        ] {
            assert!(!may_hold(text.as_bytes()), "{text}");
        }
        let long: String = "a".repeat(16);
        for text in ["2026-11-20T07:40:55Z glpat-", "dapi000000000000", &(long.clone() + "_"), &(long + "=")]
        {
            assert!(may_hold(text.as_bytes()), "{text}");
        }
    }
}
