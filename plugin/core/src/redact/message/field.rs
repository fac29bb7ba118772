//! Cold: the members `field` and `reason` of a status' `details.causes`.
//!
//! They hold one thing each, where a message holds them between phrases: the path of a field, and a word that
//! the server chose.

use super::phrase::WELL_KNOWN_KEYS;
use super::{Parts, lexeme, value};
use crate::redact::hide::Hide;

/// Hides what a client chose in the path of a field: `data[<key>]`, `.stringData.<key>`.
///
/// Names of fields and indexes stay, and so do the keys that Kubernetes itself defines for Secrets. Everything
/// else in brackets goes, and whatever is no path. A path does not say what it is a path of, so a name that a
/// client chose where a field's name should stand is kept.
#[inline(never)]
pub(crate) fn field_path(text: &[u8], hide: &mut impl Hide) {
    let mut parts = Parts { text, hide, pending: (0, 0) };
    if text != b"<nil>" {
        judge(text, &mut parts);
    }
    parts.report();
}

/// Whether the reason of a status, or of a cause, is what servers write there: one word of ASCII letters, of at
/// most 64.
#[inline(never)]
pub(crate) fn is_reason(text: &[u8]) -> bool {
    (1..=64).contains(&text.len()) && text.iter().all(u8::is_ascii_alphabetic)
}

fn judge(text: &[u8], parts: &mut Parts<'_, impl Hide>) {
    // A path by server-side apply begins with a dot.
    let mut at = usize::from(text.starts_with(b"."));
    let mut of_keys = false;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty() && !value::is_mask(rest)) {
        let end = if let Some(inner) = rest.strip_prefix(b"[") {
            if value::is_mask(inner) {
                return;
            }
            let start = at.saturating_add(1);
            let Some(key) = key_length(inner, of_keys).and_then(|length| inner.get(..length)) else {
                parts.add(start, text.len());
                return;
            };
            let end = start.saturating_add(key.len());
            let behind = end.saturating_add(1);
            if !is_step_end(text, behind) {
                parts.add(start, text.len());
                return;
            }
            if !key.is_empty() && !WELL_KNOWN_KEYS.contains(&key) && (of_keys || !is_index(key)) {
                parts.add(start, end);
            }
            behind
        } else {
            let end = at.saturating_add(lexeme::api_field(rest));
            if of_keys || end == at || !is_step_end(text, end) {
                parts.add(at, text.len());
                return;
            }
            of_keys = text.get(at..end).is_some_and(|field| MAPS.contains(&field));
            end
        };
        at = end.saturating_add(usize::from(text.get(end) == Some(&b'.')));
    }
}

fn is_step_end(text: &[u8], at: usize) -> bool {
    matches!(text.get(at), None | Some(b'.' | b'['))
}

fn is_index(key: &[u8]) -> bool {
    key.len() < 5 && key.iter().all(u8::is_ascii_digit)
}

/// How long the key is that `inner` begins with. It may hold brackets itself, so it ends at the last one.
fn key_length(inner: &[u8], of_keys: bool) -> Option<usize> {
    let first = match value::mask(inner, 0) {
        Some(end) if inner.get(end) == Some(&b']') => return Some(end),
        _ => inner.iter().position(|&byte| byte == b']')?,
    };
    let key = inner.get(..first)?;
    if key.is_empty() || WELL_KNOWN_KEYS.contains(&key) || !of_keys && is_index(key) {
        return Some(first);
    }
    inner.iter().rposition(|&byte| byte == b']')
}

/// Fields that hold keys and values which a client chose.
pub(super) const MAPS: &[&[u8]] = &[b"annotations", b"binaryData", b"data", b"labels", b"stringData"];
