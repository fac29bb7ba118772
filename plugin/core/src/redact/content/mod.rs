//! Credentials that only their look gives away, wherever they stand: keys and tokens of known formats.
//!
//! A best-effort rule, for texts whose place does not decide. Of a text only the credential goes.
//!
//! ```text
//! marks:     has the text a byte that hardly any other text has?    nearly all end here
//! literals:  does a prefix of a format occur in it?                 and again
//! formats:   is what follows as long as it has to be, of the right characters, rightly built?
//! ```
//!
//! - [`table`] the formats, data only
//! - [`marks`] HOT
//! - [`literals`] the prefixes and their base64, and where one occurs in a text
//! - [`format`] what a format asks for beyond length and characters
//! - [`digest`] checksums that formats have
//! - [`aws`] secret access keys, which have no prefix
//! - [`encoded`] base64 of all these
//! - [`own`] formats of the configuration
//!
//! What names announce (`password=`, `Authorization:`) and passwords in URLs are found by
//! [`message`](super::message) and [`argv`](super::argv). What is public by design stays: certificates, public keys,
//! ids of access keys (`AKIA…`), publishable keys (`pk_live_…`).

mod aws;
mod charset;
mod digest;
mod encoded;
mod format;
mod literals;
mod marks;
mod own;
mod table;
#[cfg(test)]
mod tests;

use super::hide::Hide;
use super::message::Needle;
use crate::json::find;
use alloc::vec::Vec;
use encoded::Runs;
use literals::Kind;

pub(crate) use charset::Charset;
pub(crate) use marks::{LONG, SHORTEST, is_name_of_a_name, may_hold};
pub(crate) use own::Own;
pub use table::FORMATS;
pub(crate) use table::{encoded_literals, lengths};

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    start: usize,
    end: usize,
}

/// What the search of a text needs; reused from text to text.
#[derive(Debug, Default)]
pub(crate) struct Content {
    /// What was decoded of it.
    decoded: Vec<u8>,
    /// The header of a token in what was decoded.
    header: Vec<u8>,
    /// The formats of the configuration.
    pub(crate) own: Vec<Own>,
}

impl Content {
    /// Empty buffers.
    pub(crate) const NEW: Content = Content { decoded: Vec::new(), header: Vec::new(), own: Vec::new() };

    /// Hides the credentials in `text`, whose escapes are undone.
    ///
    /// # Complexity
    ///
    /// Linear: nothing is read more often than a fixed number of times, whatever occurs in the text how often.
    #[inline(never)]
    pub(crate) fn hide<H: Hide>(&mut self, text: &[u8], hide: &mut H) {
        if !may_hold(text) {
            return;
        }
        let seen = literals::seen(text);
        if !seen.prefix && self.own.is_empty() {
            return;
        }
        self.own.iter_mut().for_each(Own::restart);
        let aws = seen.access_key_id;
        let mut search = Search { text, literals: 0, runs: Runs::NEW, aws, buffers: self };
        let (mut by_literal, mut by_id, mut by_own) =
            (search.by_literal(0), search.by_id(0), search.by_own(0));
        while let Some(span) = first(first(by_literal, by_id), by_own) {
            hide.hide(span.start, span.end);
            if by_literal.is_some_and(|one| one.start < span.end) {
                by_literal = search.by_literal(span.end);
            }
            if by_id.is_some_and(|one| one.start < span.end) {
                by_id = search.by_id(span.end);
            }
            if by_own.is_some_and(|one| one.start < span.end) {
                by_own = search.by_own(span.end);
            }
        }
    }
}

/// The one of two that begins first.
fn first(one: Option<Span>, other: Option<Span>) -> Option<Span> {
    match (one, other) {
        (Some(one), Some(other)) if other.start < one.start => Some(other),
        (one, other) => one.or(other),
    }
}

/// Whether a text, as it is spelled in JSON, is worth reading: a prefix of a format occurs in it, or a sign of what a name
/// announces, or an escape that may stand for a part of one.
pub(crate) fn is_worth_reading(raw: &[u8]) -> bool {
    let raw = before_digest(raw);
    if find::any_of(raw, 0, [b'=', b'@', b'\\']) == raw.len() {
        return literals::seen(raw).any;
    }
    find::byte(raw, 0, b'=') < raw.len()
        || literals::seen(raw).any
        || escapes_letters(raw)
        || find::byte(raw, 0, b'@') < raw.len() && URL.find_in(raw).is_some()
}

const URL: Needle<'_> = Needle::new(b"://");

/// What stands before the digest of an image, `@sha256:` with 64 digits, at the end of a text that is no URL: a list of
/// images has many, and no credential is in one. Any other text as it is.
fn before_digest(raw: &[u8]) -> &[u8] {
    match raw.split_last_chunk::<64>() {
        Some((image, digits)) => match image.split_last_chunk::<8>() {
            Some((image, b"@sha256:")) if find::is_hex(digits) && URL.find_in(image).is_none() => image,
            _ => raw,
        },
        None => raw,
    }
}

/// Whether a prefix of a format occurs in a text as it is spelled in JSON, or an escape that may stand for a part of one.
pub(crate) fn holds_prefix(raw: &[u8]) -> bool {
    literals::seen(raw).prefix || escapes_letters(raw)
}

/// Whether there is an escape that may stand for a character of a token: `\u0067`, `\/`.
fn escapes_letters(raw: &[u8]) -> bool {
    let mut rest = raw;
    loop {
        // Where one escape is, others often stand beside it.
        while let [b'\\', letter, behind @ ..] = rest {
            if matches!(letter, b'u' | b'/') {
                return true;
            }
            rest = behind;
        }
        rest = match rest.get(find::byte(rest, 0, b'\\')..) {
            Some(escape @ [_, _, ..]) => escape,
            _ => return false,
        };
    }
}

/// The search of one text.
struct Search<'a, 'b> {
    text: &'a [u8],
    /// Where the next literal may begin.
    literals: usize,
    runs: Runs,
    /// There is the id of an access key.
    aws: bool,
    buffers: &'b mut Content,
}

impl Search<'_, '_> {
    /// The next credential at or after `from` that a literal gives away.
    fn by_literal(&mut self, from: usize) -> Option<Span> {
        let mut at = self.literals.max(from);
        while let Some(found) = literals::next(self.text, at) {
            at = found;
            for literal in literals::at(self.text, at) {
                let span = match literal.kind {
                    Kind::AccessKeyId | Kind::Announced => None,
                    Kind::Plain => {
                        let detector = literal.detector();
                        let body = at.saturating_add(literal.length());
                        (detector.format)(detector, self.text, at, body, &mut self.buffers.header)
                    }
                    Kind::Encoded => encoded::around(self.text, at, literal, &mut self.runs, self.buffers),
                };
                // Of base64 that a credential was found in before, the rest goes.
                let span = span.map(|span| Span { start: span.start.max(from), ..span });
                if let Some(span) = span.filter(|span| span.start < span.end) {
                    self.literals = span.end;
                    return Some(span);
                }
            }
            at = at.saturating_add(1);
        }
        self.literals = self.text.len();
        None
    }

    /// The next credential of a format of the configuration at or after `from`.
    fn by_own(&mut self, from: usize) -> Option<Span> {
        let text = self.text;
        self.buffers.own.iter_mut().filter_map(|own| own.next(text, from)).min_by_key(|span| span.start)
    }

    /// The next secret access key at or after `from` that has an id beside it.
    fn by_id(&self, from: usize) -> Option<Span> {
        if self.aws { aws::next(self.text, from) } else { None }
    }
}
