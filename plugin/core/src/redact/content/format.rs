//! Cold: what a format asks for: lengths, characters, structure, checksums.
//!
//! Every function gets a text, where a prefix of its format is in it and where the body behind that begins, and
//! tells which part of the text is the credential. A body is as long as it can be: one that is longer than its format
//! has them is something else. No function reads more of a text than its format is long, but [`jwt`] and [`private_key`], which
//! no text makes read twice.
//!
//! **Wrong checksums.** A body whose checksum is wrong is a placeholder (`ghp_xxxx…`), or a token of a format that has changed,
//! as GitHub's did. The former looks like one: it stays only if it is of few characters or of one case.

use super::Span;
use super::charset::Charset;
use super::digest::{base62, crc32, hex, is_bech32};
use super::table::Detector;
use crate::json::members::Members;
use crate::json::skip;
use crate::redact::base64;
use crate::redact::message::find;
use alloc::vec::Vec;

/// A prefix and so many characters of a kind.
pub(super) fn plain(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    _: &mut Vec<u8>,
) -> Option<Span> {
    let span = bounded(detector, text, at, body)?;
    // What is looked at is the longer part.
    let random = if detector.ahead > detector.longest { span.start..at } else { body..span.end };
    is_varied(text.get(random)?).then_some(span)
}

/// The same behind a prefix that stays: the host of a URL, a name.
pub(super) fn behind_prefix(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    scratch: &mut Vec<u8>,
) -> Option<Span> {
    let span = plain(detector, text, at, body, scratch)?;
    let padding = Charset::run_of(b'=', text.get(span.end..)?, 2);
    Some(Span { start: body, end: span.end.saturating_add(padding) })
}

/// The same with `==` behind it.
pub(super) fn padded(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    scratch: &mut Vec<u8>,
) -> Option<Span> {
    let span = plain(detector, text, at, body, scratch)?;
    let end = span.end.saturating_add(2);
    (text.get(span.end..end) == Some(b"==")).then_some(Span { end, ..span })
}

/// The same with `=` behind it.
pub(super) fn equals(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    scratch: &mut Vec<u8>,
) -> Option<Span> {
    let span = plain(detector, text, at, body, scratch)?;
    let rest = text.get(span.end..)?;
    let end = span.end.saturating_add(1);
    (Charset::run_of(b'=', rest, 2) == 1).then_some(Span { end, ..span })
}

/// The same with `==` behind it, or without.
pub(super) fn maybe_padded(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    scratch: &mut Vec<u8>,
) -> Option<Span> {
    let span = plain(detector, text, at, body, scratch)?;
    let padding = Charset::run_of(b'=', text.get(span.end..)?, 2);
    Some(Span { end: span.end.saturating_add(padding), ..span })
}

/// A prefix that might be a word, and so many characters that look random.
pub(super) fn mixed(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    _: &mut Vec<u8>,
) -> Option<Span> {
    let span = bounded(detector, text, at, body)?;
    is_random(text.get(body..span.end)?).then_some(span)
}

/// Telegram's: the number of a bot, `:AA`, 33 characters.
pub(super) fn telegram(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    _: &mut Vec<u8>,
) -> Option<Span> {
    const NUMBER: core::ops::RangeInclusive<usize> = 8..=10;
    let before = text.get(..at)?;
    let number = before.iter().rev().take(11).take_while(|byte| byte.is_ascii_digit()).count();
    let start = at.checked_sub(number)?;
    let length = detector.body.run(text.get(body..)?, detector.longest.saturating_add(1));
    let end = body.saturating_add(length);
    let sound = NUMBER.contains(&number)
        && length == detector.longest
        && begins(text, start, Charset::ALPHANUMERIC)
        && is_varied(text.get(body..end)?);
    sound.then_some(Span { start, end })
}

/// K3s': a digest in hex, `::`, and what follows that.
pub(super) fn k3s(detector: &Detector, text: &[u8], at: usize, body: usize, _: &mut Vec<u8>) -> Option<Span> {
    let digits = detector.body.run(text.get(body..)?, detector.longest.saturating_add(1));
    let colons = body.saturating_add(digits);
    let start = colons.saturating_add(2);
    if digits != detector.longest
        || text.get(colons..start) != Some(b"::")
        || !begins(text, at, Charset::WORD)
        || !is_varied(text.get(body..colons)?)
    {
        return None;
    }
    let belongs = |byte: &u8| Charset::DOTTED.has(*byte) || *byte == b':';
    let length = text.get(start..)?.iter().take_while(|byte| belongs(byte)).count();
    (length >= 6).then(|| Span { start: at, end: start.saturating_add(length) })
}

/// The token of one of Cloudflare's tunnels: base64 of an object with `a`, `t` and `s`.
pub(super) fn tunnel(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    json: &mut Vec<u8>,
) -> Option<Span> {
    let span = bounded(detector, text, at, body)?;
    let padding = Charset::run_of(b'=', text.get(span.end..)?, 2);
    let span = Span { end: span.end.saturating_add(padding), ..span };
    let read = base64::decode(text.get(span.start..span.end)?, json).is_ok();
    let has = |name: &[u8]| {
        Members::new(json, 0).any(|member| json.get(member.name_start..member.name_end) == Some(name))
    };
    (read && has(b"a") && has(b"t") && has(b"s")).then_some(span)
}

/// PuTTY's: how many lines follow, and these up to the code that ends them, or to the end of the text.
pub(super) fn putty(_: &Detector, text: &[u8], _: usize, body: usize, _: &mut Vec<u8>) -> Option<Span> {
    const MAC: &[u8] = b"Private-MAC: ";
    let lines = text.get(body..)?;
    let count = lines.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    let follows = matches!(lines.get(count), Some(b'\n' | b'\r' | b'\\'));
    if count == 0 || !follows {
        // Not behind the search, which goes to the end of the text: a line may occur in it any number of times.
        return None;
    }
    let start = body.saturating_add(count);
    let end = find(lines, MAC).map_or(text.len(), |mac| {
        let mac = body.saturating_add(mac).saturating_add(MAC.len());
        mac.saturating_add(Charset::HEX.run(text.get(mac..).unwrap_or_default(), 64))
    });
    (start < end).then_some(Span { start, end })
}

/// Slack's: the number of a workspace, or of a version.
pub(super) fn begins_with_a_digit(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    scratch: &mut Vec<u8>,
) -> Option<Span> {
    let numbered = text.get(body).is_some_and(u8::is_ascii_digit);
    let span = if numbered { plain(detector, text, at, body, scratch)? } else { return None };
    text.get(body..span.end)?.contains(&b'-').then_some(span)
}

/// A token with two points in it, as a JSON Web Token behind a prefix has.
pub(super) fn two_points(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    scratch: &mut Vec<u8>,
) -> Option<Span> {
    let span = plain(detector, text, at, body, scratch)?;
    (text.get(body..span.end)?.iter().filter(|byte| **byte == b'.').count() == 2).then_some(span)
}

/// GitHub's and npm's: thirty characters and their CRC-32 in base 62.
pub(super) fn base62_checksum(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    _: &mut Vec<u8>,
) -> Option<Span> {
    let span = bounded(detector, text, at, body)?;
    let (random, sum) = text.get(body..span.end)?.split_last_chunk::<6>()?;
    let sound = base62(sum) == Some(u64::from(crc32(&[random])));
    (sound || is_random(random)).then_some(span)
}

/// GitHub's fine-grained ones: 22 characters, `_`, 59 characters.
pub(super) fn github_pat(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    scratch: &mut Vec<u8>,
) -> Option<Span> {
    let span = plain(detector, text, at, body, scratch)?;
    let (id, secret) = text.get(body..span.end)?.split_at_checked(22)?;
    let (sign, secret) = secret.split_first()?;
    let alphanumeric = |part: &[u8]| part.iter().all(u8::is_ascii_alphanumeric);
    (*sign == b'_' && alphanumeric(id) && alphanumeric(secret)).then_some(span)
}

/// Confluent's: 54 characters and their CRC-32 in base64, its lowest byte first.
pub(super) fn base64_checksum(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    sum: &mut Vec<u8>,
) -> Option<Span> {
    let span = bounded(detector, text, at, body)?;
    let (random, stated) = text.get(body..span.end)?.split_last_chunk::<6>()?;
    let read = base64::decode(stated, sum).is_ok();
    let sound = read && sum.as_slice() == crc32(&[random]).to_le_bytes();
    (sound || is_random(random)).then_some(span)
}

/// An id and a secret with one `_` between.
pub(super) fn two_parts(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    scratch: &mut Vec<u8>,
) -> Option<Span> {
    let span = plain(detector, text, at, body, scratch)?;
    let mut signs = text.get(body..span.end)?.iter().filter(|byte| **byte == b'_');
    (signs.next().is_some() && signs.next().is_none()).then_some(span)
}

/// Grafana's: 32 characters, `_`, CRC-32 of all before that.
pub(super) fn grafana(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    _: &mut Vec<u8>,
) -> Option<Span> {
    let span = bounded(detector, text, at, body)?;
    let (secret, sum) = text.get(body..span.end)?.split_at_checked(32)?;
    let (sign, sum) = sum.split_first()?;
    let stated = hex(sum)?.swap_bytes();
    let sound = stated == crc32(&[text.get(at..body)?, secret]);
    (*sign == b'_' && (sound || is_random(secret))).then_some(span)
}

/// SendGrid's: 22 characters, a point, 43 characters.
pub(super) fn sendgrid(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    scratch: &mut Vec<u8>,
) -> Option<Span> {
    let span = plain(detector, text, at, body, scratch)?;
    let token = text.get(body..span.end)?;
    (token.get(22) == Some(&b'.') && token.iter().filter(|byte| **byte == b'.').count() == 1).then_some(span)
}

/// OpenAI's have their maker's name in base64 in the middle.
pub(super) fn openai(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    scratch: &mut Vec<u8>,
) -> Option<Span> {
    let span = plain(detector, text, at, body, scratch)?;
    find(text.get(body..span.end)?, b"T3BlbkFJ").map(|_| span)
}

/// Databricks': 32 hex digits, and sometimes `-2` behind them.
pub(super) fn databricks(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    scratch: &mut Vec<u8>,
) -> Option<Span> {
    let span = plain(detector, text, at, body, scratch)?;
    let more = match text.get(span.end..) {
        Some([b'-', digit, rest @ ..])
            if digit.is_ascii_digit() && !rest.first().is_some_and(u8::is_ascii_alphanumeric) =>
        {
            2
        }
        _ => 0,
    };
    Some(Span { end: span.end.saturating_add(more), ..span })
}

/// Entra's client secrets: three characters, a digit, `Q~`, 31 to 34 characters; `~` may be among all.
pub(super) fn azure_client_secret(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    _: &mut Vec<u8>,
) -> Option<Span> {
    let belongs = |byte: &u8| detector.body.has(*byte) || *byte == b'~';
    let start = at.checked_sub(detector.ahead)?;
    let length = text
        .get(body..)?
        .iter()
        .take(detector.longest.saturating_add(1))
        .take_while(|byte| belongs(byte))
        .count();
    let end = body.saturating_add(length);
    let sound = (detector.shortest..=detector.longest).contains(&length)
        && text.get(start..at)?.iter().all(belongs)
        && has_boundaries(text, start, end)
        && is_varied(text.get(body..end)?);
    sound.then_some(Span { start, end })
}

/// Rancher's: behind the prefix the rest of an id, a colon, and the secret. The id stays: it is the name of an object.
pub(super) fn rancher(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    _: &mut Vec<u8>,
) -> Option<Span> {
    const LONGEST_ID: usize = 64;
    let id = Charset::BASE64_URL.run(text.get(body..)?, LONGEST_ID);
    let colon = body.saturating_add(id);
    let start = colon.saturating_add(1);
    if text.get(colon) != Some(&b':') || !begins(text, at, Charset::BASE64_URL) {
        return None;
    }
    let length = detector.body.run(text.get(start..)?, detector.longest.saturating_add(1));
    let end = start.saturating_add(length);
    (length == detector.longest && ends(text, end) && is_varied(text.get(start..end)?))
        .then_some(Span { start, end })
}

/// Bootstrap tokens: `abcdef.0123456789abcdef`, a few signs behind the word `token`. The id, which is the name of an object, stays.
pub(super) fn bootstrap(
    detector: &Detector,
    text: &[u8],
    _: usize,
    body: usize,
    _: &mut Vec<u8>,
) -> Option<Span> {
    const SIGNS: usize = 8;
    let rest = text.get(body..)?;
    let signs = rest.iter().take(SIGNS).take_while(|byte| !byte.is_ascii_alphanumeric()).count();
    let token = rest.get(signs..)?;
    let id = detector.body.run(token, 7);
    if signs == 0 || id != 6 || token.get(id) != Some(&b'.') {
        return None;
    }
    let start = body.saturating_add(signs).saturating_add(7);
    let length = detector.body.run(text.get(start..)?, detector.longest.saturating_add(1));
    let end = start.saturating_add(length);
    (length == detector.longest && ends(text, end)).then_some(Span { start, end })
}

/// OpenShift's: what begins with `sha256~` is the name of an object, unless it is announced as a token.
pub(super) fn bearer(
    detector: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    scratch: &mut Vec<u8>,
) -> Option<Span> {
    const BEFORE: usize = 12;
    let before = text.get(at.saturating_sub(BEFORE)..at)?;
    let announced = find(before, b"earer").or_else(|| find(before, b"oken"));
    let names = find(before, b"tokens/");
    let span = plain(detector, text, at, body, scratch)?;
    (announced.is_some() && names.is_none()).then_some(span)
}

/// age's: bech32 in capital letters.
pub(super) fn age(detector: &Detector, text: &[u8], at: usize, body: usize, _: &mut Vec<u8>) -> Option<Span> {
    let span = bounded(detector, text, at, body)?;
    let data = text.get(body..span.end)?;
    // Of one case by the format.
    (is_bech32(b"age-secret-key-", data) || distinct(data) >= RANDOM).then_some(span)
}

/// JSON Web Tokens: three parts in base64url, the first one JSON that says `alg`.
///
/// One that says `enc` is encrypted (RFC 7516) and tells nothing.
pub(super) fn jwt(
    detector: &Detector,
    text: &[u8],
    at: usize,
    _: usize,
    header: &mut Vec<u8>,
) -> Option<Span> {
    if !begins(text, at, detector.body) {
        return None;
    }
    let part = |from: usize, most: usize| {
        let length = detector.body.run(text.get(from..).unwrap_or_default(), most);
        from.saturating_add(length)
    };
    let point = |at: usize| text.get(at) == Some(&b'.');
    let first = part(at, detector.longest);
    if !point(first) || base64::decode(text.get(at..first)?, header).is_err() || !is_header(header) {
        return None;
    }
    let from = first.saturating_add(1);
    let second = part(from, usize::MAX);
    if second.saturating_sub(from) < detector.shortest || !point(second) {
        return None;
    }
    Some(Span { start: at, end: part(second.saturating_add(1), usize::MAX) })
}

fn is_header(json: &[u8]) -> bool {
    if skip::value(json, 0) != Some(json.len()) {
        return false;
    }
    let mut signed = false;
    for member in Members::new(json, 0) {
        match json.get(member.name_start..member.name_end) {
            Some(b"alg") => signed = true,
            Some(b"enc") => return false,
            _ => {}
        }
    }
    signed
}

/// Private keys in PEM, up to the line that ends them, or to the end of the text. Line ends may be escaped, or spaces.
pub(super) fn private_key(
    _: &Detector,
    text: &[u8],
    at: usize,
    body: usize,
    _: &mut Vec<u8>,
) -> Option<Span> {
    const LABEL: usize = 40;
    const MARKS: &[u8] = b"-----";
    let label = text.get(body..)?;
    let length = label
        .iter()
        .take(LABEL)
        .take_while(|byte| byte.is_ascii_uppercase() || matches!(byte, b' ' | b'2'))
        .count();
    let (label, behind) = label.split_at_checked(length)?;
    if !(label.ends_with(b"PRIVATE KEY") || label.ends_with(b"PRIVATE KEY BLOCK")) {
        return None;
    }
    let content = behind.strip_prefix(MARKS)?;
    // In prose the line is spoken of and nothing follows it.
    let follows = match content {
        [b'\n' | b'\r', ..] => true,
        [b'\\', ..] => {
            content.iter().find(|byte| **byte != b'\\').is_some_and(|byte| matches!(byte, b'n' | b'r'))
        }
        [b' ', rest @ ..] => Charset::BASE64.run(rest, 32) == 32,
        rest => Charset::BASE64.run(rest, 32) == 32,
    };
    if !follows || content.trim_ascii().is_empty() {
        return None;
    }
    let start_of_content = text.len().saturating_sub(content.len());
    let end = find(content, b"-----END ").map_or(text.len(), |end| {
        let end = start_of_content.saturating_add(end).saturating_add(b"-----END ".len());
        let rest = text.get(end..).unwrap_or_default();
        let label = rest
            .iter()
            .take(LABEL)
            .take_while(|byte| byte.is_ascii_uppercase() || matches!(byte, b' ' | b'2'))
            .count();
        let marks = rest.iter().skip(label).take(MARKS.len()).take_while(|byte| **byte == b'-').count();
        end.saturating_add(label).saturating_add(marks)
    });
    Some(Span { start: at, end })
}

/// The body at `body` with the prefix before it and what stands ahead of that, if it is as long as its format has
/// them and does not go on.
fn bounded(detector: &Detector, text: &[u8], at: usize, body: usize) -> Option<Span> {
    let start = at.checked_sub(detector.ahead)?;
    let mut length = detector.body.run(text.get(body..)?, detector.longest.saturating_add(2));
    // A full stop behind a token belongs to the sentence.
    while length > 0 && text.get(body.saturating_add(length).saturating_sub(1)) == Some(&b'.') {
        length = length.saturating_sub(1);
    }
    let end = body.saturating_add(length);
    let ahead = detector.body.run_before(text.get(..at)?, detector.ahead);
    let sound = (detector.shortest..=detector.longest).contains(&length)
        && ahead == detector.ahead
        && begins(text, start, detector.body)
        && !is_read_before(detector, text, start)
        && ends(text, end);
    sound.then_some(Span { start, end })
}

/// Whether what stands before `start` may belong to a body of a format whose bodies are long: all of such a text would be read
/// again from each of many prefixes in it.
fn is_read_before(detector: &Detector, text: &[u8], start: usize) -> bool {
    const SHORT: usize = 512;
    let before = text.get(..start).and_then(<[u8]>::last);
    detector.longest > SHORT && before.is_some_and(|before| detector.body.has(*before))
}

/// Whether what is at `start..end` is no part of a longer word.
pub(super) fn has_boundaries(text: &[u8], start: usize, end: usize) -> bool {
    begins(text, start, Charset::ALPHANUMERIC) && ends(text, end)
}

/// Whether a word made of `body` may begin at `start`.
///
/// Where `-` and `_` are among its characters they do not separate it from what is before.
fn begins(text: &[u8], start: usize, body: Charset) -> bool {
    let before = text.get(..start).unwrap_or_default();
    match before {
        [.., b'\\', b'n' | b'r' | b't'] => true,
        [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => true,
        [.., last] => !(last.is_ascii_alphanumeric() || matches!(last, b'-' | b'_') && body.has(*last)),
        [] => true,
    }
}

fn ends(text: &[u8], end: usize) -> bool {
    !text.get(end).is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'_')
}

/// How many different bytes a long random text has at least.
const RANDOM: u32 = 12;

/// Whether a part is of as many different characters as random text is, even in hex; placeholders are of fewer.
fn is_varied(part: &[u8]) -> bool {
    let least = match part.len() {
        0..20 => 5,
        20..40 => 7,
        _ => 10,
    };
    distinct(part) >= least
}

/// Whether a text looks random: of both cases, with digits, and of many characters.
fn is_random(text: &[u8]) -> bool {
    is_mixed(text) && distinct(text) >= RANDOM
}

/// Whether a text has letters of both cases and digits.
pub(super) fn is_mixed(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_uppercase)
        && text.iter().any(u8::is_ascii_lowercase)
        && text.iter().any(u8::is_ascii_digit)
}

/// How many different bytes a text of ASCII has.
fn distinct(text: &[u8]) -> u32 {
    let (mut low, mut high) = (0_u64, 0_u64);
    for byte in text {
        let bit = 1_u64.wrapping_shl(u32::from(*byte));
        if *byte & 64 == 0 { low |= bit } else { high |= bit }
    }
    low.count_ones().wrapping_add(high.count_ones())
}
