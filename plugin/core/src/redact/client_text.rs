//! What clients say of themselves and of users: the agent of a request, an impersonated user, extra information.
//!
//! A best-effort rule. What goes:
//!
//! - whatever stands under a key of extra information that names a credential (`…/assertion`, `id_token`)
//! - what is announced as a credential, as in error texts: `token=x`, `Authorization: x`, passwords in URLs
//! - JSON Web Tokens
//!
//! Everything else stays, because detections tell tools by their agents and people by their names.
//!
//! Every event has an agent, and hardly any holds more than the name of a program. So [`is_ordinary`] looks
//! at eight bytes at a time for signs that anything worth hiding needs, before anybody reads.

use super::hide::Hide;
use super::key_names::is_sensitive;
use super::message;
use super::percent;
use super::places::Place;
use super::uri;
use crate::json::text;
use alloc::vec::Vec;

/// HOT: whether a text has none of the signs without which [`client_text`] hides nothing: any of `:;<=>?`, a
/// backslash, `@`, a capital letter, or what is not ASCII. The colons of a service account's name are none.
///
/// Tried and not kept: looking for `B`, `J` and `@` only. Agents with a capital letter are rare enough.
pub(crate) fn is_ordinary(text: &[u8]) -> bool {
    let sign = first_sign(text);
    if sign == text.len() {
        return true;
    }
    // The controllers of kube-controller-manager add whom they act as, and that is where agents end.
    let (before, behind) = text.split_at_checked(sign).unwrap_or_default();
    let Some(account) = behind.strip_prefix(b":serviceaccount:").filter(|_| before.ends_with(b"/system"))
    else {
        return false;
    };
    match account.get(first_sign(account)..) {
        Some([b':', name @ ..]) => first_sign(name) == name.len(),
        _ => false,
    }
}

/// [`is_ordinary`] for a text that is not UTF-8, whose other bytes may be anything.
pub(crate) fn is_ordinary_in_any_encoding(text: &[u8]) -> bool {
    !text.iter().any(|byte| matches!(byte, b':'..=b'_'))
}

/// Where the first sign is, or the text's length.
#[inline(always)]
fn first_sign(text: &[u8]) -> usize {
    let mut rest = text;
    while let Some((word, behind)) = rest.split_first_chunk::<8>() {
        let found = signs(u64::from_le_bytes(*word));
        if found != 0 {
            return at_first(text, rest, found);
        }
        rest = behind;
    }
    let word = match text.last_chunk::<8>() {
        // What was looked at leaves at the low end, zeros come in at the high one.
        Some(last) => match (rest.len() as u32).wrapping_mul(8) {
            0 => return text.len(),
            bits => u64::from_le_bytes(*last).wrapping_shr(64_u32.wrapping_sub(bits)),
        },
        None => rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
    };
    let found = signs(word);
    if found == 0 { text.len() } else { at_first(text, rest, found) }
}

/// The position in `text`, of which `rest` is left, of the lowest byte that `found` flags.
fn at_first(text: &[u8], rest: &[u8], found: u64) -> usize {
    text.len().wrapping_sub(rest.len()).wrapping_add((found.trailing_zeros() >> 3) as usize)
}

/// Flags the signs among the bytes of a word; only the lowest flag is sure to be one.
#[inline(always)]
const fn signs(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // `:` to `?` become less than 6; bytes that are not ASCII are flagged anyway.
    let punctuation = (word ^ ONES.wrapping_mul(b'?' as u64)).wrapping_sub(ONES.wrapping_mul(6)) & ONES << 7;
    // `@` to `_`: bit 6 is set and bit 5 is not.
    let capitals = word & !(word << 1) & ONES << 6;
    punctuation | capitals
}

/// Reports what to hide in a text that a client wrote about itself or a user.
#[inline(never)]
pub(crate) fn client_text(text: &[u8], hide: &mut impl Hide) {
    let mut gaps = Gaps { text, done: 0, hide };
    message::status_message(text, false, &mut gaps);
    gaps.tokens_before(text.len());
}

/// Hides tokens in what the rules for messages leave.
struct Gaps<'a, H> {
    text: &'a [u8],
    /// Everything before this is decided.
    done: usize,
    hide: &'a mut H,
}

impl<H: Hide> Gaps<'_, H> {
    fn tokens_before(&mut self, end: usize) {
        while let Some((start, behind)) = self.text.get(self.done..end).and_then(web_token) {
            let from = self.done.wrapping_add(start);
            self.done = self.done.wrapping_add(behind);
            self.hide.hide(from, self.done);
        }
    }
}

impl<H: Hide> Hide for Gaps<'_, H> {
    fn hide(&mut self, start: usize, end: usize) {
        self.tokens_before(start);
        self.hide.hide(start, end);
        self.done = end;
    }
}

/// The first JSON Web Token (RFC 7519): `eyJ`, which is `{"` in base64, and parts with dots between them.
fn web_token(text: &[u8]) -> Option<(usize, usize)> {
    const SHORTEST: usize = 24;
    let mut at = 0;
    while let Some(found) = text.get(at..)?.windows(3).position(|three| three == b"eyJ") {
        let start = at.wrapping_add(found);
        let rest = text.get(start..)?;
        let belongs = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'=');
        let length = rest.iter().take_while(belongs).count();
        let token = rest.get(..length)?;
        at = start.wrapping_add(length);
        if length >= SHORTEST && token.contains(&b'.') {
            return Some((start, at));
        }
    }
    None
}

/// The place of what stands under the key `raw` of extra information about a user.
///
/// The API server writes keys that came as a header percent-encoded where they are no header names.
#[inline(never)]
pub(crate) fn place_of_extra(raw: &[u8], buffer: &mut Vec<u8>) -> Place {
    // What the API server itself knows of a credential: its id, the pod and the node it was made for.
    if raw.starts_with(b"authentication.kubernetes.io/") {
        return Place::Any;
    }
    let mut decoded = Vec::new();
    let unreadable = !text::unescape_lossy(raw, buffer) || !percent::decode_form(buffer, &mut decoded);
    if unreadable || names_credential(&decoded) { Place::UserCredential } else { Place::UserExtraValue }
}

fn names_credential(key: &[u8]) -> bool {
    let name = key.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    // `user-assertion.cloud.google.com`: what a domain stands behind.
    let first = name.split(|&byte| byte == b'.').next().unwrap_or_default();
    is_sensitive(key)
        || uri::is_credential_parameter(name)
        || uri::is_credential_parameter(first)
        || first.last_chunk::<9>().is_some_and(|last| last.eq_ignore_ascii_case(b"assertion"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::hide::checked::Spans;
    use alloc::string::String;
    use proptest::prelude::*;

    fn spans(text: &str) -> Vec<(usize, usize)> {
        let mut spans = Spans::default();
        client_text(text.as_bytes(), &mut spans);
        spans.0
    }

    fn masked(text: &str) -> String {
        let mut out = String::new();
        let mut from = 0;
        for (start, end) in spans(text) {
            out.push_str(text.get(from..start).unwrap());
            out.push_str("[REDACTED]");
            from = end;
        }
        out + text.get(from..).unwrap()
    }

    const ORDINARY: &[&str] = &[
        "",
        "ws/1",
        "kubectl/v1.36.2 (linux/amd64) kubernetes/8e16b12",
        "kube-controller-manager/v1.36.2 (linux/amd64) kubernetes/8e16b12/system:serviceaccount:kube-system:job-controller",
        "kube-scheduler/v1.36.2 (linux/amd64) kubernetes/8e16b12/leader-election",
    ];

    const KEPT: &[&str] = &[
        "Go-http-client/1.1",
        "Prometheus/2.26.0",
        "GitOps-Toolkit/2 token-operator/1 (linux/amd64)",
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Mozilla/5.0 (compatible; bot/1; +https://example.com/bot)",
        "secret-store-csi/v1.4 (linux/amd64) system:serviceaccount:a:b",
        "eyJ/1",
    ];

    #[test]
    fn ordinary_agents_are_told_by_their_bytes() {
        for agent in ORDINARY {
            assert!(is_ordinary(agent.as_bytes()), "{agent}");
        }
        for agent in [
            "x token=y",
            "x:y",
            "a/system:serviceaccount:a:b:c",
            "system:serviceaccount:a:b",
            "Go",
            "a@b",
            "12345678=",
            "a/system:serviceaccount:a",
            "a;b",
            "pä",
        ] {
            assert!(!is_ordinary(agent.as_bytes()), "{agent}");
        }
    }

    #[test]
    fn credentials_go_and_names_stay() {
        for agent in ORDINARY.iter().chain(KEPT) {
            assert_eq!(masked(agent), *agent);
        }
        for (text, expected) in [
            ("curl/8 token=hunter2", "curl/8 token=[REDACTED]"),
            ("curl/8 Authorization: Bearer hunter2", "curl/8 Authorization: [REDACTED]"),
            ("bot (+https://u:hunter2@example.com/)", "bot (+https://u:[REDACTED]@example.com/)"),
            ("a eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln b", "a [REDACTED] b"),
            (
                "a eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0. password=x eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.",
                "a [REDACTED] password=[REDACTED] [REDACTED]",
            ),
        ] {
            assert_eq!(masked(text), expected);
            assert_eq!(masked(expected), expected);
        }
    }

    #[test]
    fn keys_of_extra_information() {
        for (key, place) in [
            ("authentication.kubernetes.io/credential-id", Place::Any),
            ("accessKeyId", Place::UserExtraValue),
            ("sessionName", Place::UserExtraValue),
            ("principalId", Place::UserExtraValue),
            ("canonicalArn", Place::UserExtraValue),
            ("scopes.authorization.openshift.io", Place::UserExtraValue),
            ("break%2dglass", Place::UserExtraValue),
            ("requesttokenid", Place::UserExtraValue),
            ("example.com/tenant", Place::UserExtraValue),
            ("example.com/session", Place::UserCredential),
            ("example.com/id_token", Place::UserCredential),
            ("example.com/%74oken", Place::UserCredential),
            (r"example.com/\u0074oken", Place::UserCredential),
            ("user-assertion.cloud.google.com", Place::UserCredential),
            ("iam.gke.io/user-assertion", Place::UserCredential),
        ] {
            assert_eq!(place_of_extra(key.as_bytes(), &mut Vec::new()), place, "{key}");
        }
    }

    proptest! {
        #[test]
        fn signs_are_where_the_naive_twin_sees_them(text in "[ -~é]{0,40}") {
            let naive = |&byte: &u8| matches!(byte, b':'..=b'_' | 0x80..);
            let first = text.as_bytes().iter().position(naive).unwrap_or(text.len());
            prop_assert_eq!(first_sign(text.as_bytes()), first);
        }

        #[test]
        fn nothing_is_hidden_in_what_is_ordinary(text in "[ -~]{0,60}") {
            if is_ordinary(text.as_bytes()) {
                prop_assert!(spans(&text).is_empty());
            }
        }

        #[test]
        fn twice_is_once(text in "(Bearer |eyJhbGciOiJub25lIn0[.]eyJzdWIiOiJhIn0|token=|[ -~]{0,8}){0,6}") {
            let once = masked(&text);
            prop_assert_eq!(masked(&once), once);
        }
    }
}
