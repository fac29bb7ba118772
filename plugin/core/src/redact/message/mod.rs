//! Error texts: what Kubernetes says stays, what it quotes goes.
//!
//! Newer apiservers (1.36 does, 1.20 does not) write the whole text of an error into `responseStatus`, at every
//! level. A patch of a Secret that fails quotes the whole stored Secret, twice, as JSON escaped once more within
//! prose.
//!
//! - [`phrases`] what Kubernetes itself writes about a request for Secrets, as a table
//! - [`phrase`] reads a text by that table; everything else is hidden
//! - [`field`] the members of a status that hold a path or a word and nothing else
//! - [`lexeme`] what may stand in a phrase's variable parts
//! - [`prose`] texts about anything else: only what they quote is hidden
//! - [`search`] HOT: finds the bytes that the rules for prose hang on
//! - [`value`] where a quoted value ends
//! - [`words`] where words and URLs end, and what they announce
//! - [`work`] counts in tests how many bytes were looked at
//!
//! All of it works on text whose JSON escapes are undone, never recurses, allocates nothing and takes time
//! linear in the text's length. A text that was redacted once is left as it is.

mod field;
mod lexeme;
mod phrase;
mod phrases;
mod prose;
mod search;
mod value;
mod words;
mod work;

#[cfg(test)]
mod tests;

use super::hide::Hide;

pub(crate) use field::{field_path, is_reason};
pub(super) use search::{Needle, find, next_byte};
pub(super) use value::is_mask;
pub(super) use words::url_in;

/// Hides what the text of an error, a denial or an audit annotation quotes from a body.
///
/// `about_secret` is true for requests for Secrets: then nothing stays but the phrases of Kubernetes with the
/// names of objects and users in them, and a text that is none of them goes whole. A text that itself quotes a
/// Secret is treated the same. In other texts these go:
///
/// - values that validation quotes (`Invalid value: …`), except numbers, booleans and null of fields whose
///   name is harmless, and their repetitions in the reason
/// - the old and new object behind a refusal, the pieces of a body in a decoding error
/// - users and passwords in URLs, credentials announced as such (`password=…`, `Authorization: …`)
///
/// A denial by a webhook about anything but a Secret is prose and stays otherwise.
#[inline(never)]
pub(crate) fn status_message(text: &[u8], about_secret: bool, hide: &mut impl Hide) {
    if text.is_empty() {
        return;
    }
    let mut parts = Parts { text, hide, pending: (0, 0) };
    if about_secret || quotes_secret(text) {
        phrase::keep_phrases_only(text, &mut parts);
    } else {
        prose::hide_echoes(text, &mut parts);
    }
    parts.report();
}

/// Hides what names announce in a text about anything: `password=…`, `Authorization: …`, and passwords in URLs.
#[inline(never)]
pub(crate) fn announced(text: &[u8], hide: &mut impl Hide) {
    let mut parts = Parts { text, hide, pending: (0, 0) };
    prose::hide_echoes(text, &mut parts);
    parts.report();
}

/// Collects the parts of a text that are to be hidden and reports those that are not hidden yet.
///
/// A value is known by what stands behind it. Where that is to be hidden as well, the next pass would find the
/// value's end elsewhere, so the rest of the text goes.
struct Parts<'a, H> {
    text: &'a [u8],
    hide: &'a mut H,
    pending: (usize, usize),
}

impl<H: Hide> Parts<'_, H> {
    /// Takes a part, which is not empty and begins where the one before ends or behind that. Tells where it
    /// ends.
    fn add(&mut self, start: usize, end: usize) -> usize {
        if self.pending.1 == start && start > 0 {
            self.pending.1 = self.text.len();
        } else if self.pending.1 <= start {
            self.report();
            self.pending = (start, end);
        }
        self.pending.1
    }

    fn report(&mut self) {
        let (start, end) = self.pending;
        let holds = |part: &[u8]| !matches!(part, b"" | b"{}" | b"[]") && !value::is_mask(part);
        if self.text.get(start..end).is_some_and(holds) {
            self.hide.hide(start, end);
        }
    }
}

/// Whether a text holds a Secret, or a part of one, in JSON, YAML or Go syntax, escaped or not.
pub(super) fn quotes_secret(text: &[u8]) -> bool {
    if !search::may_quote_secret(text) {
        return false;
    }
    let mut rest = text;
    while let Some(at) = const { Needle::new(b"Secret") }.find_in(rest) {
        let (before, behind) = rest.split_at_checked(at).unwrap_or_default();
        let behind = behind.strip_prefix(b"Secret").unwrap_or_default();
        let named = without_glue(before);
        let kind = named.len() < before.len() && (named.ends_with(b"kind") || named.ends_with(b"Kind"));
        let whole = behind.starts_with(b"List") || !behind.first().is_some_and(u8::is_ascii_alphanumeric);
        if kind && whole || behind.starts_with(b"{") {
            return true;
        }
        rest = behind;
    }
    search::find(text, b"stringData").is_some() || escapes_a_letter(text)
}

/// `text` without what may stand between `kind` and its value, spelled or escaped.
fn without_glue(text: &[u8]) -> &[u8] {
    let mut text = text;
    for _ in 0..24 {
        text = match text {
            [rest @ .., b'\\', b'n' | b't' | b'r'] => rest,
            [rest @ .., b'"' | b'\\' | b'\'' | b':' | b'=' | b' ' | b'\n' | b'\t' | b'\r'] => rest,
            _ => return text,
        };
    }
    text
}

/// Whether a letter is written as `\u0061`: only somebody who wants to get a name past a reader does that.
fn escapes_a_letter(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = search::find(rest, b"u00") {
        let (before, behind) = rest.split_at_checked(at).unwrap_or_default();
        let behind = behind.get(3..).unwrap_or_default();
        let letter = match behind {
            [b'4' | b'6', low, ..] => low.is_ascii_hexdigit() && *low != b'0',
            [b'5' | b'7', low, ..] => matches!(low, b'0'..=b'9' | b'a' | b'A'),
            _ => false,
        };
        if letter && before.ends_with(b"\\") {
            return true;
        }
        rest = behind;
    }
    false
}
