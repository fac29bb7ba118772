//! Formats of one's own, from the configuration: a prefix, and so many characters of a kind.

use super::Span;
use super::charset::Charset;
use super::format::has_boundaries;
use crate::redact::message::find;
use alloc::vec::Vec;

/// A format of the configuration.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    prefix: Vec<u8>,
    body: Charset,
    shortest: usize,
    longest: usize,
    /// Where it occurs next in the text that is searched, and from where on that holds.
    next: Option<Span>,
    known_to: usize,
}

impl Own {
    /// A format: its prefix, the characters behind that, and how many these are.
    pub(crate) fn new(prefix: &str, body: Charset, shortest: usize, longest: usize) -> Own {
        Own { prefix: prefix.into(), body, shortest, longest, next: None, known_to: 0 }
    }

    /// Before another text is searched.
    pub(super) fn restart(&mut self) {
        self.next = None;
        self.known_to = 0;
    }

    /// The next one in `text` at or after `from`, which never goes back.
    pub(super) fn next(&mut self, text: &[u8], from: usize) -> Option<Span> {
        if let Some(span) = self.next.filter(|span| span.start >= from) {
            return Some(span);
        }
        self.next = None;
        let mut at = self.known_to.max(from);
        while let Some(found) = text.get(at..).and_then(|rest| find(rest, &self.prefix)) {
            let start = at.saturating_add(found);
            let body = start.saturating_add(self.prefix.len());
            let length = self.body.run(text.get(body..)?, self.longest.saturating_add(1));
            let end = body.saturating_add(length);
            // What was read is not read again: no prefix in a body begins another.
            at = end.max(start.saturating_add(1));
            if (self.shortest..=self.longest).contains(&length) && has_boundaries(text, start, end) {
                self.next = Some(Span { start, end });
                self.known_to = at;
                return self.next;
            }
        }
        self.known_to = text.len();
        None
    }
}
