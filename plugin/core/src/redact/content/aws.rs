//! Secret access keys of AWS: forty characters that nothing announces but the id of the access key beside them.
//!
//! The id itself stays: it identifies and opens nothing (`user.extra.accessKeyId` has it in every event of EKS).

use super::Span;
use super::charset::Charset;
use super::format::{has_boundaries, is_mixed};

/// How far from the id the key may stand, in bytes: credentials files and scripts have both in a few lines.
const NEAR: usize = 256;
const KEY: usize = 40;
/// `AKIA` and sixteen characters.
const ID: usize = 20;

/// The next one at or after `from`.
pub(super) fn next(text: &[u8], from: usize) -> Option<Span> {
    let mut at = from;
    while at < text.len() {
        let length = Charset::BASE64.run(text.get(at..)?, usize::MAX);
        let end = at.saturating_add(length);
        let key = text.get(at..end)?;
        if length == KEY && is_mixed(key) && has_boundaries(text, at, end) && has_id_near(text, at, end) {
            return Some(Span { start: at, end });
        }
        at = end.saturating_add(1);
    }
    None
}

fn has_id_near(text: &[u8], start: usize, end: usize) -> bool {
    let window = text.get(start.saturating_sub(NEAR)..end.saturating_add(NEAR).min(text.len()));
    window.unwrap_or_default().windows(ID).any(|id| {
        let (prefix, rest) = id.split_at_checked(4).unwrap_or_default();
        // Base32: no `0`, `1`, `8` or `9`.
        matches!(prefix, b"AKIA" | b"ASIA")
            && rest.iter().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'))
    })
}
