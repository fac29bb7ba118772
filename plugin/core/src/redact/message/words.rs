//! Cold: words and URLs in prose: where they end, and what they announce.

use super::search::find;
use super::{value, work};
use crate::redact::key_names::is_sensitive;

/// Where the first URL in `text` begins and ends.
pub(in crate::redact) fn url_in(text: &[u8]) -> Option<(usize, usize)> {
    find(text, b"://").map(|colon| url_at(text, colon))
}

/// Where the URL begins and ends whose scheme ends at `colon`.
pub(super) fn url_at(text: &[u8], colon: usize) -> (usize, usize) {
    let before = text.get(..colon).unwrap_or_default();
    let in_scheme = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let start = colon.saturating_sub(before.iter().rev().take(16).take_while(in_scheme).count());
    let ends =
        |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\');
    let rest = text.get(colon..).unwrap_or_default();
    let url = rest.iter().position(ends).and_then(|end| rest.get(..end)).unwrap_or(rest);
    work::count(url.len());
    // A full stop or colon behind a URL belongs to the sentence.
    let signs = url.iter().rev().take_while(|byte| matches!(byte, b':' | b',' | b';' | b'.' | b')')).count();
    // The colon of the scheme stays.
    let length = url.len().saturating_sub(signs).max(3).min(rest.len());
    (start, colon.saturating_add(length))
}

/// The end of an unquoted value.
pub(super) fn word_end(text: &[u8], start: usize) -> usize {
    let ends = |byte: &u8| {
        byte.is_ascii_whitespace()
            || matches!(
                byte,
                b'&' | b',' | b';' | b'"' | b'\'' | b'`' | b')' | b']' | b'}' | b'|' | b'<' | b'>' | b'\\'
            )
    };
    let from = value::mask(text, start).unwrap_or(start);
    let mut end = from;
    while let Some(rest) = text.get(end..) {
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        work::count(length);
        end = end.saturating_add(length);
        let signs =
            rest.iter().skip(length).take_while(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\')).count();
        let behind = end.saturating_add(signs);
        // A quote between letters is a part of the word.
        if signs == 0 || !text.get(behind).is_some_and(u8::is_ascii_alphanumeric) || end == from {
            break;
        }
        end = behind;
    }
    end
}

/// Where the value begins behind the sign at `sign`, which may be `:`, `=`, `:=`, and the end of a line.
pub(super) fn value_start(text: &[u8], sign: usize) -> usize {
    let start = sign.saturating_add(1);
    let blank = |byte: &&u8| byte.is_ascii_whitespace() || **byte == b'=';
    let length = text.get(start..).unwrap_or_default().iter().take_while(blank).count();
    work::count(length);
    start.saturating_add(length)
}

/// `text` without the blanks at its end, spelled or escaped once.
pub(super) fn without_blanks(text: &[u8]) -> &[u8] {
    let mut text = text;
    // More than that is no JSON that somebody printed.
    for _ in 0..64 {
        text = match text {
            [rest @ .., b' ' | b'\t' | b'\n' | b'\r'] => rest,
            [rest @ .., b'\\', b't' | b'n' | b'r'] => rest,
            _ => return text,
        };
    }
    text
}

/// Behind the blanks at `at`, spelled or escaped.
pub(super) fn behind_blanks(text: &[u8], at: usize) -> usize {
    let mut at = at;
    while let Some(rest) = text.get(at..) {
        let escapes = rest.iter().take_while(|byte| **byte == b'\\').count();
        work::count(escapes.saturating_add(1));
        at = match rest.get(escapes) {
            Some(b'n' | b't' | b'r') if escapes > 0 => at.saturating_add(escapes),
            Some(b' ' | b'\t' | b'\n' | b'\r') if escapes == 0 => at,
            _ => return at,
        }
        .saturating_add(1);
    }
    at
}

/// Whether the key `value` before a colon is one of YAML or JSON without quotes: `{name: DB, value: x}`.
pub(super) fn is_yaml_value(before: &[u8]) -> bool {
    let Some(before) = before.strip_suffix(b"value").or_else(|| before.strip_suffix(b"Value")) else {
        return false;
    };
    matches!(without_blanks(before).last(), None | Some(b'{' | b',' | b'-' | b';'))
        || before.ends_with(b"\n")
        || before.iter().rev().find(|byte| **byte != b' ') == Some(&b'\n')
}

/// The name at the end of `before`, without quotes and one space.
pub(super) fn key_before(before: &[u8]) -> &[u8] {
    let before = before.strip_suffix(b" ").unwrap_or(before);
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before);
    let in_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let length = before.iter().rev().take(LONGEST_NAME).take_while(|byte| in_key(byte)).count();
    work::count(length);
    before.get(before.len().saturating_sub(length)..).unwrap_or_default()
}

/// Whether the name at the end of `before`, a colon behind it, is that of a container image, whose tag follows:
/// `registry.example.com/token-service`, `image "token-service`.
pub(super) fn names_image(before: &[u8]) -> bool {
    let Some(rest) = before.strip_suffix(key_before(before)) else { return false };
    let quoted = || rest.strip_suffix(b"\"").map(|rest| rest.strip_suffix(b"\\").unwrap_or(rest));
    rest.ends_with(b"/") || quoted().is_some_and(|rest| rest.ends_with(b"image "))
}

/// The field whose value an error quotes: `spec.password` before `: Invalid value`.
pub(super) fn field_before(before: &[u8]) -> &[u8] {
    let kind = ECHOES.iter().find(|echo| before.ends_with(echo.as_bytes())).map_or(0, |echo| echo.len());
    let path = before.len().saturating_sub(kind).saturating_sub(2);
    key_before(before.get(..path).unwrap_or_default())
}

/// Whether what stands before a colon says that a body was not recognised; what follows then ends with its
/// first bytes in parentheses.
pub(super) fn is_unrecognized(before: &[u8]) -> bool {
    let near = before.get(before.len().saturating_sub(280)..).unwrap_or_default();
    find(near, b"unrecognized (must be of type ").is_some()
}

/// Whether a colon stands between a field's path and the kind of its error.
pub(super) fn is_error_kind(behind: &[u8]) -> bool {
    let kind = behind.get(2..).unwrap_or_default();
    ECHOES
        .iter()
        .chain(&["Required value", "Forbidden", "Too long", "Too many", "Internal error"])
        .any(|own| kind.starts_with(own.as_bytes()))
}

/// Whether a colon stands between a field's path and what server-side apply says of its type, the value last:
/// `: expected map, got &{…}`. Source: `typed` in `sigs.k8s.io/structured-merge-diff`.
pub(super) fn is_typed_error(behind: &[u8]) -> bool {
    let Some(expected) = behind.strip_prefix(b": expected ") else { return false };
    ["boolean", "list", "map", "null", "numeric", "scalar", "string"]
        .iter()
        .any(|own| expected.starts_with(own.as_bytes()))
}

/// Whether `name`, before a colon in prose, announces a credential. `token: ` is followed by a reason as often
/// as by a token, so a colon needs a plainer word than an equals sign or JSON.
pub(super) fn announces(name: &[u8]) -> bool {
    is_sensitive(name) && !is_talked_about(name)
}

/// Whether what follows `name` and a colon is more often a word of a language, or a name, than a credential.
pub(super) fn is_talked_about(name: &[u8]) -> bool {
    TALKED_ABOUT.iter().any(|word| name.eq_ignore_ascii_case(word.as_bytes()))
}

/// Whether `word`, behind such a name, looks like a credential.
pub(super) fn tells_by_its_look(name: &[u8], word: &[u8]) -> bool {
    let of_registry = name.eq_ignore_ascii_case(b"auth") && is_user_and_password(word);
    of_registry || word.split(|byte| !byte.is_ascii_alphanumeric()).any(is_random)
}

/// Whether letters and digits stand mixed as no word has them.
fn is_random(run: &[u8]) -> bool {
    let digits = run.iter().filter(|byte| byte.is_ascii_digit()).count();
    run.len() >= SHORTEST_RANDOM
        && digits >= 2
        && run.iter().any(u8::is_ascii_uppercase)
        && run.iter().any(u8::is_ascii_lowercase)
}

/// Whether a word is base64 of `user:password`, as the `auth` of a `.dockerconfigjson` is.
fn is_user_and_password(word: &[u8]) -> bool {
    let (groups, rest) = word.as_chunks::<4>();
    let mut colon = false;
    let readable = groups.iter().all(|group| {
        let mut bits: u32 = 0;
        for &digit in group {
            let value = match digit {
                b'A'..=b'Z' => digit.wrapping_sub(b'A'),
                b'a'..=b'z' => digit.wrapping_sub(b'a').wrapping_add(26),
                b'0'..=b'9' => digit.wrapping_sub(b'0').wrapping_add(52),
                b'+' => 62,
                b'/' => 63,
                // What stands for it is not looked at.
                b'=' => 0,
                _ => return false,
            };
            bits = bits << 6 | u32::from(value);
        }
        let [_, bytes @ ..] = bits.to_be_bytes();
        let length = 3_usize.saturating_sub(group.iter().filter(|&&digit| digit == b'=').count());
        let bytes = bytes.get(..length).unwrap_or_default();
        colon |= bytes.contains(&b':');
        bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
    });
    readable && colon && rest.is_empty() && groups.len() >= 2
}

/// Shorter ones are found by what else is known of them.
const SHORTEST_RANDOM: usize = 16;

/// Whether `name` is a header whose whole value is a credential.
pub(super) fn is_header(name: &[u8]) -> bool {
    HEADERS.iter().any(|header| name.eq_ignore_ascii_case(header.as_bytes()))
}

const TALKED_ABOUT: &[&str] = &[
    "auth",
    "certificate",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "jwt",
    "key",
    "keys",
    "secret",
    "secrets",
    "signature",
    "token",
    "tokens",
];
const HEADERS: &[&str] = &["Authorization", "Cookie", "Proxy-Authorization", "Set-Cookie"];

/// Longer names are judged by their last bytes.
const LONGEST_NAME: usize = 64;

/// What a kubelet writes before the command of a hook.
pub(super) const HOOK: &[u8] = b"lifecycle hook ([";

/// The kinds of validation errors that quote a value, as `field.ErrorType` spells them.
pub(super) const ECHOES: &[&str] = &["Invalid value", "Unsupported value", "Duplicate value", "Not found"];

/// What the schema validation of custom resources quotes in place of the value.
pub(super) const TYPES: &[&[u8]] = &[b"array", b"boolean", b"integer", b"number", b"object", b"string"];
