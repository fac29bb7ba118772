//! One line: where its content, its key and its value are.

use crate::json::find;

/// How a key and its value are separated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    /// YAML: the value goes on in lines that are indented more.
    Colon,
    /// Properties, ini, env: the value ends with the line.
    Equals,
}

/// A key and the beginning of its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    /// The key, without quotes.
    pub(super) key: (usize, usize),
    /// The first byte of the value; the line's end if there is none in this line.
    pub(super) value: usize,
    /// Behind the value's last byte in this line.
    pub(super) end: usize,
    pub(super) separator: Separator,
}

/// A line of a text, as positions in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) start: usize,
    /// The first byte that is no white space.
    pub(super) first: usize,
    /// The first byte behind indentation and the dashes of sequences.
    pub(super) content: usize,
    /// Behind the last byte that is no white space.
    pub(super) end: usize,
    /// The beginning of the next line.
    pub(super) next: usize,
    /// Columns before `first`.
    pub(super) indent: usize,
    /// Columns before `content`.
    pub(super) column: usize,
    /// There is a dash before the content.
    pub(super) is_element: bool,
}

impl Line {
    /// The line that begins at `start` of a text that ends at `limit`.
    pub(super) fn new(text: &[u8], start: usize, limit: usize) -> Self {
        let rest = text.get(start..limit).unwrap_or_default();
        let length = find::byte_inline(rest, 0, b'\n');
        let length = (length < rest.len()).then_some(length);
        let next = length.map_or(limit, |length| start.saturating_add(length).saturating_add(1));
        let line = length.and_then(|length| rest.get(..length)).unwrap_or(rest);
        let end = start.saturating_add(line.trim_ascii_end().len());
        let indent = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let first = start.saturating_add(indent).min(end);
        let mut content = first;
        if indent == 0 && line.starts_with(b"--- ") {
            content = content.saturating_add(4);
        }
        while let Some([b'-', behind @ ..]) = text.get(content..end) {
            let spaces = behind.iter().take_while(|&&byte| byte == b' ').count();
            if spaces == 0 && !behind.is_empty() {
                break;
            }
            content = content.saturating_add(1).saturating_add(spaces);
        }
        Line {
            start,
            first,
            content,
            end,
            next,
            indent,
            column: content.saturating_sub(start),
            is_element: content > first,
        }
    }

    /// Whether the line has nothing, a comment, or a marker of a document.
    pub(super) fn is_blank(&self, text: &[u8]) -> bool {
        match text.get(self.first..self.end) {
            None | Some([]) => true,
            Some(line) => self.is_comment(text) || (self.indent == 0 && matches!(line, b"---" | b"...")),
        }
    }

    pub(super) fn is_comment(&self, text: &[u8]) -> bool {
        matches!(text.get(self.first), Some(b'#' | b';')) && self.first < self.end
    }

    /// The line without the signs that make it a comment.
    pub(super) fn uncommented(&self, text: &[u8]) -> Self {
        let line = text.get(self.first..self.end).unwrap_or_default();
        let signs = line.iter().take_while(|byte| matches!(byte, b'#' | b';' | b' ' | b'\t')).count();
        Line { content: self.first.saturating_add(signs), ..*self }
    }

    /// The two words of which the line consists, as a directive and its value in the configurations of Redis and Fluent
    /// Bit: where the first is, and where the second begins. A second word of small letters only may be prose.
    pub(super) fn two_words(&self, text: &[u8]) -> Option<((usize, usize), usize)> {
        let content = text.get(self.content..self.end)?;
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        let key = content.iter().position(blank)?;
        let (name, rest) = content.split_at_checked(key)?;
        let value = rest.trim_ascii_start();
        let says_more = value.iter().any(|byte| !byte.is_ascii_lowercase());
        (is_name(name) && says_more && !value.iter().any(blank)).then_some((
            (self.content, self.content.saturating_add(key)),
            self.end.saturating_sub(value.len()),
        ))
    }

    /// The key of the line, if it has one.
    pub(super) fn pair(&self, text: &[u8]) -> Option<Pair> {
        let content = text.get(self.content..self.end)?;
        let (key, behind) = match content.first()? {
            quote @ (b'"' | b'\'') => {
                let length = quoted_length(content.get(1..)?, *quote)?;
                let key =
                    (self.content.saturating_add(1), self.content.saturating_add(1).saturating_add(length));
                // `- "KEY=value"` has its key inside the quotes.
                let inner = text.get(key.0..key.1)?;
                if let Some(equals) = inner.iter().position(|&byte| byte == b'=')
                    && inner.get(..equals).is_some_and(is_name)
                {
                    let equals = key.0.saturating_add(equals);
                    let value = equals.saturating_add(1);
                    let closed = self.end == key.1.saturating_add(1);
                    let end = if closed { key.1 } else { self.end };
                    return Some(Pair { key: (key.0, equals), value, end, separator: Separator::Equals });
                }
                (key, key.1.saturating_add(1))
            }
            b'{' | b'[' | b'|' | b'>' | b'%' | b'@' | b'`' => return None,
            _ => {
                let separator = separator(content)?;
                let start = self.content;
                ((start, start.saturating_add(separator)), start.saturating_add(separator))
            }
        };
        let space = |at: usize| {
            let rest = text.get(at..self.end).unwrap_or_default();
            at.saturating_add(rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count())
        };
        let at = space(behind);
        let separator = match text.get(at)? {
            _ if at >= self.end => return None,
            b':' => Separator::Colon,
            b'=' => Separator::Equals,
            _ => return None,
        };
        let name = text.get(key.0..key.1)?.trim_ascii_end();
        let start = match name.strip_prefix(b"export ") {
            Some(_) => key.0.saturating_add(7),
            None => key.0,
        };
        let key = (start, key.0.saturating_add(name.len()));
        let value = space(at.saturating_add(1)).min(self.end);
        Some(Pair { key, value, end: self.end, separator })
    }
}

/// Where the key of a line ends: at a colon with white space behind it, or at an equals sign or colon behind a
/// name.
fn separator(content: &[u8]) -> Option<usize> {
    let of_registry = content.starts_with(b"//");
    let mut at: usize = 0;
    let mut rest = content;
    while let Some((byte, behind)) = rest.split_first() {
        let name = || {
            content
                .get(..at)
                .is_some_and(|key| is_name(key.strip_prefix(b"export ").unwrap_or(key).trim_ascii_end()))
        };
        match byte {
            _ if class(*byte) & PLAIN != 0 => {}
            b':' => match behind.first() {
                None | Some(b' ' | b'\t') => return Some(at),
                // `key:value` of properties files; `http://…` is none.
                Some(b'/') => return None,
                // `//registry.example.com/:_authToken=x`, as npm has it.
                Some(_) if of_registry => {}
                Some(_) if name() => return Some(at),
                Some(_) => {}
            },
            b'=' => return if name() || of_registry { Some(at) } else { None },
            _ => return None,
        }
        at = at.wrapping_add(1);
        rest = behind;
    }
    None
}

/// How long the quoted text is that ends with `quote`.
fn quoted_length(text: &[u8], quote: u8) -> Option<usize> {
    let mut at: usize = 0;
    loop {
        match *text.get(at)? {
            b'\\' if quote == b'"' => at = at.saturating_add(1),
            b'\'' if quote == b'\'' && text.get(at.saturating_add(1)) == Some(&b'\'') => {
                at = at.saturating_add(1)
            }
            byte if byte == quote => return Some(at),
            _ => {}
        }
        at = at.saturating_add(1);
    }
}

/// Whether a text is a name as properties, variables and flags have them.
fn is_name(text: &[u8]) -> bool {
    !text.is_empty() && text.len() <= 256 && text.iter().all(|byte| class(*byte) & NAMES != 0)
}

/// Bytes of names.
const NAMES: u8 = 1;
/// Bytes that tell nothing about where a key ends.
const PLAIN: u8 = 2;

#[inline(always)]
fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(PLAIN)
}

static CLASSES: [u8; 256] = classes();

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn classes() -> [u8; 256] {
    let mut classes = [PLAIN; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'_' | b'-' | b'.' | b'/' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => NAMES | PLAIN,
            b':' | b'=' | b'{' | b'}' => 0,
            _ => PLAIN,
        };
        byte += 1;
    }
    classes
}

/// The name before the colon or equals sign at `at` of a flow collection.
pub(super) fn key_before(flow: &[u8], at: usize) -> &[u8] {
    let before = flow.get(..at).unwrap_or_default().trim_ascii_end();
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before);
    let in_name = |byte: &u8| class(*byte) & NAMES != 0;
    let length = before.iter().rev().take(256).take_while(|byte| in_name(byte)).count();
    before.get(before.len().saturating_sub(length)..).unwrap_or_default()
}
