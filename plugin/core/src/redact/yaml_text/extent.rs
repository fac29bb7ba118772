//! Where documents, quoted scalars and flow collections end, and what a document says it is.

use super::line::Line;
use crate::json::find;

/// The end of the document that begins at `start`: before the next line that is `---` or begins with it.
pub(super) fn document_end(text: &[u8], start: usize) -> usize {
    let mut at = start;
    loop {
        at = find::byte(text, at, b'\n').saturating_add(1);
        match text.get(at..) {
            None | Some([]) => return text.len(),
            Some(rest) if !rest.starts_with(b"---") => continue,
            Some(_) => {}
        }
        let line = Line::new(text, at, text.len());
        let marker = text.get(at..line.end).unwrap_or_default();
        if matches!(marker.get(3), None | Some(b' ' | b'\t')) {
            return at;
        }
    }
}

/// Whether a document has a `kind` that is `Secret` or `SecretList`, quoted, tagged, anchored or not, in block
/// or flow style, or one that is spelled with escapes.
pub(in crate::redact) fn says_secret(document: &[u8]) -> bool {
    let mut rest = document;
    while let Some(at) = rest.windows(4).position(|four| four == b"kind") {
        rest = rest.get(at.saturating_add(4)..).unwrap_or_default();
        let quote = usize::from(matches!(rest.first(), Some(b'"' | b'\'')));
        let mut value = trim(rest.get(quote..).unwrap_or_default());
        let Some(b':') = value.first() else { continue };
        value = trim(value.get(1..).unwrap_or_default());
        // A tag, an anchor, the sign of a block scalar.
        while let Some(b'!' | b'&' | b'|' | b'>') = value.first() {
            let word = value.iter().position(u8::is_ascii_whitespace).unwrap_or(value.len());
            value = trim(value.get(word..).unwrap_or_default());
        }
        let word = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
        let length = word.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'\\').count();
        let word = word.get(..length).unwrap_or_default();
        // What is an alias or spelled with escapes may be anything.
        if matches!(word, b"Secret" | b"SecretList") || word.contains(&b'\\') || value.starts_with(b"*") {
            return true;
        }
    }
    false
}

fn trim(text: &[u8]) -> &[u8] {
    text.trim_ascii_start()
}

pub(super) fn ends_with_backslash(text: &[u8]) -> bool {
    text.iter().rev().take_while(|&&byte| byte == b'\\').count() & 1 == 1
}

/// Behind the closing quote of the scalar that begins at `start`; `end` if it does not close.
pub(super) fn quoted_end(text: &[u8], start: usize, quote: u8, end: usize) -> usize {
    let mut at = start.saturating_add(1);
    while at < end {
        match text.get(at) {
            Some(b'\\') if quote == b'"' => at = at.saturating_add(1),
            Some(&byte) if byte == quote => return at.saturating_add(1),
            _ => {}
        }
        at = at.saturating_add(1);
    }
    end
}

/// Behind the closing bracket of the flow collection that begins at `start`, if it closes before `end`.
pub(super) fn flow_end(text: &[u8], start: usize, end: usize) -> Option<usize> {
    let mut open: usize = 0;
    let mut at = start;
    while at < end {
        match text.get(at) {
            Some(quote @ (b'"' | b'\'')) => {
                at = quoted_end(text, at, *quote, end);
                continue;
            }
            Some(b'{' | b'[') => open = open.saturating_add(1),
            Some(b'}' | b']') => open = open.saturating_sub(1),
            _ => {}
        }
        at = at.saturating_add(1);
        if open == 0 {
            return Some(at);
        }
    }
    None
}
