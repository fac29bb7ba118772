//! Cold: what may stand in the variable parts of Kubernetes' phrases.
//!
//! The functions that return a length take a word from the front of a text and give up (0) where it is longer
//! than anything of its kind; those that return a `bool` judge a whole text.

use super::work;

fn take(text: &[u8], limit: usize, belongs: fn(u8) -> bool) -> usize {
    let length = text.iter().take(limit.saturating_add(1)).take_while(|&&byte| belongs(byte)).count();
    work::count(length);
    if length > limit { 0 } else { length }
}

fn all(text: &[u8], limit: usize, belongs: fn(u8) -> bool) -> bool {
    text.len() <= limit && text.iter().all(|&byte| belongs(byte))
}

const fn in_name(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')
}

/// A DNS-1123 subdomain, or the beginning of a generated one (`mig-`).
pub(super) fn is_name(text: &[u8]) -> bool {
    !text.is_empty() && all(text, 253, in_name) && !matches!(text.first(), Some(b'-' | b'.'))
}

pub(super) fn name(text: &[u8]) -> usize {
    take(text, 253, in_name)
}

/// `secrets`, `deployments.apps`, `pods/exec`.
pub(super) fn is_resource(text: &[u8]) -> bool {
    all(text, 253, |byte| in_name(byte) || byte == b'/')
}

pub(super) fn resource(text: &[u8]) -> usize {
    take(text, 253, in_name)
}

pub(super) fn is_group(text: &[u8]) -> bool {
    all(text, 253, in_name)
}

pub(super) fn is_version(text: &[u8]) -> bool {
    all(text, 63, |byte| in_name(byte) || byte == b'/')
}

/// `Secret`, `Job.batch`.
pub(super) fn kind(text: &[u8]) -> usize {
    take(text, 253, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

/// `/v1`, `apps/v1`.
pub(super) fn group_version(text: &[u8]) -> usize {
    take(text, 253, |byte| in_name(byte) || byte == b'/')
}

/// `namespace/name`, as server-side apply writes it.
pub(super) fn object(text: &[u8]) -> usize {
    take(text, 507, |byte| in_name(byte) || byte == b'/')
}

pub(super) fn word(text: &[u8]) -> usize {
    take(text, 32, |byte| byte.is_ascii_alphabetic())
}

pub(super) fn digits(text: &[u8]) -> usize {
    take(text, 20, |byte| byte.is_ascii_digit())
}

/// `get`, `impersonate-on:user-info:delete`.
pub(super) fn verb(text: &[u8]) -> usize {
    take(text, 64, |byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b':' | b'*'))
}

/// A user, group or role: the event names the user anyway. A quote or control character is no part of one.
pub(super) fn is_user(text: &[u8]) -> bool {
    all(text, 512, |byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\' | b'?' | b'&' | b';'))
}

/// `container.secrets.list`
pub(super) fn is_permission(text: &[u8]) -> bool {
    all(text, 128, |byte| byte.is_ascii_alphabetic() || byte == b'.')
}

/// A field manager, as clients choose it.
pub(super) fn is_manager(text: &[u8]) -> bool {
    all(text, 128, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'/'))
}

/// A non-resource path without parameters.
pub(super) fn is_path(text: &[u8]) -> bool {
    all(text, 512, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'/'))
}

/// The address of a webhook, with nothing but the time-out that the server adds.
pub(super) fn is_webhook_url(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"https://") else { return false };
    let end = rest.iter().position(|&byte| byte == b'?').unwrap_or(rest.len());
    let Some((address, query)) = rest.split_at_checked(end) else { return false };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'/' | b':');
    let timeout = match query.strip_prefix(b"?timeout=") {
        Some(value) => all(value, 16, |byte| byte.is_ascii_alphanumeric()),
        None => query.is_empty(),
    };
    timeout && all(address, 512, plain)
}

pub(super) fn address(text: &[u8]) -> usize {
    let length = take(text, 512, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':' | b'[' | b']')
    });
    // The colon that ends the phrase is not part of the address.
    match text.get(..length) {
        Some([.., b':']) => length.saturating_sub(1),
        _ => length,
    }
}

/// `cpu=1,count/secrets=2`.
pub(super) fn quota(text: &[u8]) -> usize {
    let length = take(text, 1024, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'/' | b'=' | b'_' | b',')
    });
    match text.get(..length) {
        Some([.., b',']) => length.saturating_sub(1),
        _ => length,
    }
}

/// `/registry/secrets/shop/db`.
pub(super) fn storage_key(text: &[u8]) -> usize {
    take(text, 1024, |byte| in_name(byte) || byte == b'/')
}

pub(super) fn uid(text: &[u8]) -> usize {
    take(text, 36, |byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// `Secret.stringData`, `v1.SecretList`.
pub(super) fn go_field(text: &[u8]) -> usize {
    take(text, 253, |byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

/// One name in a path of fields.
pub(super) fn api_field(text: &[u8]) -> usize {
    take(text, 63, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// `map[string][]uint8`, `map[string]interface {}`.
pub(super) fn go_type(text: &[u8]) -> usize {
    let length =
        take(text, 128, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'[' | b']' | b'*'));
    let braces = text.get(length..).is_some_and(|rest| rest.starts_with(b" {}"));
    match text.get(..length) {
        // The bracket that ends a list of errors: a type never ends with one.
        Some([.., b']']) => length.saturating_sub(1),
        _ if braces && length > 0 => length.saturating_add(3),
        _ => length,
    }
}

/// `v1.Secret.Data: `, one step of the path that json-iterator writes before its reason.
pub(super) fn go_path(text: &[u8]) -> usize {
    let length = take(text, 128, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'[' | b']'));
    let step = text.get(..length).is_some_and(|step| step.starts_with(b"v1") || step.starts_with(b"[]v1"));
    let colon = text.get(length..).is_some_and(|rest| rest.starts_with(b": "));
    if step && colon { length.saturating_add(2) } else { 0 }
}

/// `'x'`, `'\''`: one character as Go quotes it, or our mask in its place.
pub(super) fn go_char(text: &[u8]) -> usize {
    let Some(b'\'') = text.first() else { return super::value::mask(text, 0).unwrap_or(0) };
    // Behind the quote and one character, which may be an escaped quote.
    let inner = if text.get(1) == Some(&b'\\') { 3 } else { 2 };
    let rest = text.iter().skip(inner).take(12).position(|&byte| byte == b'\'');
    rest.map_or(0, |rest| rest.saturating_add(inner).saturating_add(1))
}

/// Everything before the last byte of a text that ends with a parenthesis.
pub(super) fn until_last_parenthesis(text: &[u8]) -> usize {
    match text {
        [rest @ .., b')'] => rest.len(),
        _ => 0,
    }
}

/// Nothing stays.
pub(super) fn never(_: &[u8]) -> bool {
    false
}
