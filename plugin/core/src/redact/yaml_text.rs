//! Cold: credentials in YAML, properties, ini and env files that stand in a string.
//!
//! Line by line and cautious: nothing is parsed, because half of these texts are templates, cut or not YAML at
//! all. Where a key is sensitive its value goes, up to the line where something else begins:
//!
//! ```text
//! for each document (between "---" lines):
//!     is there a kind: Secret in it, wherever?
//!     for each line:
//!         key: value, "key": value, - key: value, key=value, export key = value
//!             sensitive key                        the value with all its lines goes
//!             data, stringData, annotations of a   the value of each key in it goes
//!               document with a Secret
//!             {name: x, value: y} over two lines   y goes if x is sensitive
//!             {…} or […] with such a key in it     goes whole
//!             a URL                                its password goes
//! ```
//!
//! A line inside a block scalar is read like any other, so that files within files are seen.

mod extent;
mod line;
#[cfg(test)]
mod tests;

use super::argv::Argv;
use super::carriers::{self, Carrier};
use super::hide::Hide;
use super::key_names::{KeyName, classify};
use super::message::{is_mask, url_in};
use super::{base64, uri, values};
pub(super) use extent::says_secret;
use extent::{document_end, ends_with_backslash, flow_end, quoted_end};
use line::{Line, Pair, Separator};

/// Hides credentials in `text`; `sensitive` judges a key. Tells whether the text reads like one of the formats
/// this module knows: at least every other line has a key.
///
/// Best effort, except for one thing: in a document that says `kind: Secret` in plain YAML, no value of `data`,
/// `stringData` and `annotations` stays.
///
/// # Complexity
///
/// Linear, if `sensitive` is.
pub(crate) fn yaml(text: &[u8], sensitive: impl Fn(&[u8]) -> bool, hide: &mut impl Hide) -> bool {
    let mut reader = Reader {
        text,
        sensitive,
        hide,
        names: [(0, false); NAMES],
        named: 0,
        holds_secret: false,
        unclosed: false,
        keys: 0,
        others: 0,
    };
    let mut start = 0;
    while start < text.len() {
        let end = document_end(text, start);
        reader.document(start, end);
        start = end;
    }
    reader.keys > 0 && reader.others <= reader.keys
}

/// Names of `{name, value}` pairs that are remembered at a time: one for each level of nesting.
const NAMES: usize = 8;
/// Lines behind a `value` that are searched for its `name`.
const LINES_OF_A_PAIR: usize = 8;

/// Lines in which the value of every key goes.
#[derive(Clone, Copy)]
struct All {
    /// The column of the key above them.
    column: usize,
    /// The column of the keys in them, once there was one.
    keys: Option<usize>,
}

struct Reader<'a, 'h, S, H> {
    text: &'a [u8],
    sensitive: S,
    hide: &'h mut H,
    /// Columns of the names in force, and whether what they name is sensitive.
    names: [(usize, bool); NAMES],
    named: usize,
    /// This document says that it holds a Secret.
    holds_secret: bool,
    /// A flow collection in this document does not close.
    unclosed: bool,
    /// Lines with a key, and lines with something else.
    keys: usize,
    others: usize,
}

impl<S: Fn(&[u8]) -> bool, H: Hide> Reader<'_, '_, S, H> {
    fn document(&mut self, start: usize, end: usize) {
        self.holds_secret = says_secret(self.text.get(start..end).unwrap_or_default());
        if self.holds_secret && self.is_unusual(start, end) {
            return self.whole(start, end);
        }
        // The column of the key whose values all go.
        let mut all: Option<All> = None;
        self.named = 0;
        self.unclosed = false;
        let mut at = start;
        while at < end {
            let line = Line::new(self.text, at, end);
            at = line.next;
            if line.is_comment(self.text) {
                self.comment(&line.uncommented(self.text), all.is_some());
                continue;
            }
            if line.is_blank(self.text) {
                continue;
            }
            // A sequence may stand right below its key.
            let ends = |all: All| line.indent < all.column || (line.indent == all.column && !line.is_element);
            if all.is_some_and(ends) {
                all = None;
            }
            if let Some(all) = &mut all
                && *all.keys.get_or_insert(line.column) != line.column
            {
                // No key that the object has: a value that was not understood.
                self.hide(line.content, line.end);
                continue;
            }
            if let Some(next) = self.line(&line, end, &mut all) {
                at = next;
            }
        }
    }

    /// Whether a document has keys that are not where this module looks for them: `? key`, `!!map {…}`.
    fn is_unusual(&self, start: usize, end: usize) -> bool {
        let mut at = start;
        while at < end {
            let line = Line::new(self.text, at, end);
            let content = self.text.get(line.content..line.end).unwrap_or_default();
            if matches!(content, [b'?'] | [b'?', b' ' | b'\t', ..] | [b'!', ..]) {
                return true;
            }
            at = line.next;
        }
        false
    }

    /// Hides a document but for its marker.
    fn whole(&mut self, start: usize, end: usize) {
        let document = self.text.get(start..end).unwrap_or_default();
        let body = document.strip_prefix(b"---").unwrap_or(document).trim_ascii_start();
        let from = end.saturating_sub(body.len());
        self.hide(from, from.saturating_add(body.trim_ascii_end().len()));
    }

    /// Judges what is commented out; it has no part in the structure around it.
    fn comment(&mut self, line: &Line, all: bool) {
        if all {
            return self.hide(line.content, line.end);
        }
        match line.pair(self.text) {
            Some(pair) if self.is_sensitive_pair(&pair) => self.hide(pair.value, pair.end),
            _ => self.urls(line.content, line.end),
        }
    }

    /// Judges one line; where its value has more lines that are settled with it, tells where the next begins.
    fn line(&mut self, line: &Line, end: usize, all: &mut Option<All>) -> Option<usize> {
        let content = self.text.get(line.content..line.end).unwrap_or_default();
        // What ends in padding seems to be a key without a value.
        let pair =
            line.pair(self.text).filter(|_| !(content.ends_with(b"=") && carriers::may_be_base64(content)));
        let Some(pair) = pair else {
            return self.other(line, content, end, all.is_some());
        };
        self.keys = self.keys.saturating_add(1);
        self.forget_names(line);
        let key = self.text.get(pair.key.0..pair.key.1).unwrap_or_default();
        let value = self.text.get(pair.value..pair.end).unwrap_or_default();
        let holds_values = self.holds_secret && holds_values(key);
        let goes = all.is_some()
            || key.ends_with(b"last-applied-configuration")
            || self.is_sensitive_pair(&pair)
            || (key == b"value" && self.is_named_sensitive(line, end));
        if goes || (holds_values && !starts_block(value)) {
            return Some(self.value(line, &pair, end));
        }
        if holds_values {
            *all = Some(All { column: line.column, keys: None });
            return None;
        }
        if pair.separator == Separator::Equals && may_be_command(key, value) {
            if H::ASKS {
                self.hide(pair.value, pair.end);
                return None;
            }
            return Some(self.command(line, &pair, end));
        }
        if matches!(key, b"name" | b"key") {
            let sensitive = self.is_sensitive(unquoted(value));
            self.remember_name(line.column, sensitive);
        }
        if matches!(value.first(), Some(b'{' | b'[')) {
            return self.flow(pair.value, line, end);
        }
        if !self.carried(pair.value, pair.end) {
            self.urls(pair.value, line.end);
        }
        None
    }

    /// A line without a key: an element of a sequence, a line of text, a flow collection.
    fn other(&mut self, line: &Line, content: &[u8], end: usize, all: bool) -> Option<usize> {
        if !line.is_element {
            self.others = self.others.saturating_add(1);
        }
        if all {
            self.hide(line.content, line.end);
            return None;
        }
        if matches!(content.first(), Some(b'{' | b'[')) {
            return self.flow(line.content, line, end);
        }
        if let Some(next) = self.lines_of_base64(line, end) {
            return Some(next);
        }
        if let Some((key, value)) = line.two_words(self.text)
            && self.is_sensitive(self.text.get(key.0..key.1).unwrap_or_default())
            && !is_harmless(self.text.get(value..line.end).unwrap_or_default())
        {
            self.hide(value, line.end);
            return None;
        }
        if !self.carried(line.content, line.end) {
            self.urls(line.content, line.end);
        }
        None
    }

    /// Hides the value of the key in `line`, which begins there or in the lines below.
    fn value(&mut self, line: &Line, pair: &Pair, end: usize) -> usize {
        let start = pair.value;
        let mut last = pair.end;
        let mut next = line.next;
        let mut settled = next;
        // Where the value begins, if that is not in the key's line.
        let mut from = None;
        // Quotes and brackets may close lines later, wherever those begin.
        let closed = match self.text.get(start) {
            Some(quote @ (b'"' | b'\'')) if start < line.end => quoted_end(self.text, start, *quote, end),
            Some(b'{' | b'[') if start < line.end => flow_end(self.text, start, end).unwrap_or(end),
            _ => line.end,
        };
        while next < end {
            let below = Line::new(self.text, next, end);
            let inside = below.start < closed;
            // What looks like a comment is text in a block scalar.
            let empty = below.first == below.end;
            let deeper = below.indent > line.column && !empty;
            let continues = match pair.separator {
                _ if inside => true,
                Separator::Colon => {
                    deeper
                        || below.is_blank(self.text)
                        || (below.is_element && below.indent == line.column && start >= line.end)
                }
                Separator::Equals => ends_with_backslash(self.text.get(..last).unwrap_or_default()),
            };
            if !continues {
                break;
            }
            if inside && !deeper && !empty && self.holds_secret {
                // No value reaches back like this: a quote was taken for the beginning of a string. Keys that
                // matter may have been passed over.
                last = start
                    .saturating_add(self.text.get(start..end).unwrap_or_default().trim_ascii_end().len());
                settled = end;
                break;
            }
            if !empty && start >= line.end {
                from.get_or_insert(below.first);
            }
            if (inside || deeper || !below.is_blank(self.text)) && !empty {
                last = below.end;
                settled = below.next;
            }
            next = below.next;
        }
        let from = from.unwrap_or(start);
        if from < last {
            self.hide(from, last);
        }
        settled
    }

    /// A flow collection that begins at `start` in `line`: goes whole if any key in it is sensitive.
    fn flow(&mut self, start: usize, line: &Line, end: usize) -> Option<usize> {
        // One that does not close is looked for once, not from each of its lines.
        let limit = if self.unclosed { line.end } else { end };
        let closed = flow_end(self.text, start, limit);
        self.unclosed |= closed.is_none() && !self.unclosed;
        let close = closed.unwrap_or(limit);
        let flow = self.text.get(start..close).unwrap_or_default();
        let speaks = |at: usize| {
            let key = line::key_before(flow, at);
            self.is_sensitive(key) || (self.holds_secret && holds_values(key))
        };
        let last = Line::new(self.text, close.saturating_sub(1), end);
        if flow.iter().enumerate().any(|(at, byte)| matches!(byte, b':' | b'=') && speaks(at)) {
            // An apostrophe in an unquoted scalar looks like a quote, so the end is not sure.
            let until = if self.holds_secret { end } else { last.end };
            let part = self.text.get(start..until).unwrap_or_default();
            self.hide(start, start.saturating_add(part.trim_ascii_end().len()));
            return Some(last.next.max(until));
        }
        let until = if closed.is_some() { close } else { line.end };
        self.flow_urls(start, until);
        closed.map(|_| last.next)
    }

    /// Reads the value of the key in `line` as a shell would, and the lines in which it goes on: a directive of a unit
    /// of systemd, options in an env file.
    fn command(&mut self, line: &Line, pair: &Pair, end: usize) -> usize {
        let (mut last, mut next) = (pair.end, line.next);
        while next < end && ends_with_backslash(self.text.get(..last).unwrap_or_default()) {
            let below = Line::new(self.text, next, end);
            (last, next) = (below.end, below.next);
        }
        let value = self.text.get(pair.value..last).unwrap_or_default();
        // What systemd knows in front of a command.
        let signs = value.iter().take_while(|byte| b"@-:+!|".contains(byte)).count();
        let signs = if value.get(signs) == Some(&b'/') { signs } else { 0 };
        let start = pair.value.saturating_add(signs);
        let mut unmasked = Unmasked { text: self.text, hide: self.hide };
        let mut moved = Moved { by: start, hide: &mut unmasked };
        Argv::new().script(value.get(signs..).unwrap_or_default(), &mut moved);
        next
    }

    /// Where a `data:` URL begins in `start..end`.
    fn data_url_from(&self, start: usize, end: usize) -> Option<usize> {
        let part = self.text.get(start..end)?;
        let begins = |at: usize| part.get(at..).is_some_and(|rest| carriers::data_url_in(rest).is_some());
        let colons = part.iter().enumerate().filter(|(_, byte)| **byte == b':');
        let mut starts = colons.filter_map(|(colon, _)| colon.checked_sub(4));
        starts.find(|&at| begins(at)).map(|at| start.saturating_add(at))
    }

    /// Opens a value that is a `data:` URL, or looks like base64 of a text; `false` if it is neither.
    fn carried(&mut self, start: usize, end: usize) -> bool {
        let value = self.text.get(start..end).unwrap_or_default();
        let inner = unquoted(value);
        let from = start.saturating_add(usize::from(inner.len() < value.len()));
        let (length, carrier) = match carriers::data_url_in(inner) {
            Some(length) => (length, Carrier::File),
            None if carriers::may_be_base64(inner) => (inner.len(), Carrier::Likely),
            None => return false,
        };
        self.hide.open(from, from.saturating_add(length), carrier);
        true
    }

    /// Opens base64 that begins in `line` and goes on in the lines below; gives where the next line begins.
    fn lines_of_base64(&mut self, line: &Line, end: usize) -> Option<usize> {
        let digits = |line: &Line| self.text.get(line.first..line.end).unwrap_or_default();
        if line.is_element || !carriers::may_be_base64(digits(line)) {
            return None;
        }
        let mut last = *line;
        while last.next < end {
            let below = Line::new(self.text, last.next, end);
            let goes_on = digits(&below).first_chunk().is_none_or(|head| head != b"----")
                && below.first < below.end
                && base64::is_run(digits(&below))
                && digits(&last).len() >= digits(&below).len();
            if !goes_on {
                break;
            }
            last = below;
        }
        (last.start > line.start).then(|| {
            self.hide.open(line.first, last.end, Carrier::Likely);
            last.next
        })
    }

    /// The URLs in a flow collection; not part of the way to a judged name, which is long.
    #[inline(never)]
    fn flow_urls(&mut self, start: usize, end: usize) {
        let mut from = start;
        while let Some(at) = self.data_url_from(from, end) {
            self.urls(from, at);
            let length = self.text.get(at..end).and_then(carriers::data_url_in).unwrap_or_default();
            from = at.saturating_add(length.max(1));
            self.hide.open(at, from, Carrier::File);
        }
        self.urls(from, end);
    }

    fn urls(&mut self, start: usize, end: usize) {
        let mut at = start;
        while let Some(url) = self.text.get(at..end).and_then(url_in) {
            let until = at.saturating_add(url.1);
            let mut unmasked = Unmasked { text: self.text, hide: self.hide };
            uri::embedded(self.text, at.saturating_add(url.0), until, &mut unmasked);
            at = until;
        }
    }

    /// Whether a key is sensitive and its value could be a credential.
    fn is_sensitive_pair(&self, pair: &Pair) -> bool {
        let text = |span: (usize, usize)| self.text.get(span.0..span.1).unwrap_or_default();
        let (key, value) = (text(pair.key), text((pair.value, pair.end)));
        let opens = starts_block(value) || value.starts_with(b"{");
        self.is_sensitive(key) && !is_harmless(value) && !(opens && is_group(key))
    }

    fn hide(&mut self, start: usize, end: usize) {
        Unmasked { text: self.text, hide: self.hide }.hide(start, end);
    }

    /// Whether a key is sensitive, as a whole or by its last segment: `spring.datasource.password`.
    fn is_sensitive(&self, key: &[u8]) -> bool {
        let last = key.rsplit(|byte| matches!(byte, b'.' | b'/')).next().unwrap_or(key);
        (self.sensitive)(key) || (last.len() != key.len() && (self.sensitive)(last))
    }

    /// Forgets the names of pairs that end before `line`.
    fn forget_names(&mut self, line: &Line) {
        while let Some(&(column, _)) = self.named.checked_sub(1).and_then(|last| self.names.get(last)) {
            let ended = column > line.column || (column == line.column && line.is_element);
            if !ended {
                return;
            }
            self.named = self.named.saturating_sub(1);
        }
    }

    fn remember_name(&mut self, column: usize, sensitive: bool) {
        if let Some(name) = self.names.get_mut(self.named) {
            *name = (column, sensitive);
            self.named = self.named.saturating_add(1);
        }
    }

    /// Whether the `value` in `line` has a sensitive `name` beside it, above or below.
    fn is_named_sensitive(&self, line: &Line, end: usize) -> bool {
        let named = self.names.get(..self.named).unwrap_or_default().iter();
        if let Some(&(_, sensitive)) = named.rev().find(|name| name.0 == line.column) {
            return sensitive;
        }
        let mut at = line.next;
        for _ in 0..LINES_OF_A_PAIR {
            let below = Line::new(self.text, at, end);
            if at >= end || below.column < line.column || (below.column == line.column && below.is_element) {
                return false;
            }
            at = below.next;
            let Some(pair) = below.pair(self.text).filter(|_| below.column == line.column) else { continue };
            if matches!(self.text.get(pair.key.0..pair.key.1), Some(b"name" | b"key")) {
                return self.is_sensitive(unquoted(self.text.get(pair.value..below.end).unwrap_or_default()));
            }
        }
        false
    }
}

/// Passes on what is not hidden already.
struct Unmasked<'a, 'h, H> {
    text: &'a [u8],
    hide: &'h mut H,
}

impl<H: Hide> Hide for Unmasked<'_, '_, H> {
    const ASKS: bool = H::ASKS;

    fn hide(&mut self, start: usize, end: usize) {
        if start < end && self.text.get(start..end).is_some_and(|part| !is_mask(part)) {
            self.hide.hide(start, end);
        }
    }

    fn open(&mut self, start: usize, end: usize, carrier: Carrier) {
        self.hide.open(start, end, carrier);
    }
}

/// Passes on spans of a part of the text.
struct Moved<'h, H> {
    by: usize,
    hide: &'h mut H,
}

impl<H: Hide> Hide for Moved<'_, H> {
    const ASKS: bool = H::ASKS;

    fn hide(&mut self, start: usize, end: usize) {
        self.hide.hide(start.saturating_add(self.by), end.saturating_add(self.by));
    }

    fn open(&mut self, start: usize, end: usize, carrier: Carrier) {
        self.hide.open(start.saturating_add(self.by), end.saturating_add(self.by), carrier);
    }
}

/// Whether the value behind an equals sign may be a command, arguments of one, or assignments.
///
/// Source: `systemd.exec(5)`, `systemd.service(5)`.
fn may_be_command(key: &[u8], value: &[u8]) -> bool {
    let command = key.starts_with(b"Exec") || matches!(key, b"Environment" | b"environment" | b"command");
    command
        || value.contains(&b'=')
        || value.windows(2).any(|two| two == b" -")
        || unquoted(value).starts_with(b"-")
}

/// Whether nothing of a value stands in its key's line but what announces the lines below.
fn starts_block(value: &[u8]) -> bool {
    matches!(value.first(), None | Some(b'#' | b'&' | b'!'))
}

/// Whether a key names a group of settings when it stands over one, each judged by its own key.
fn is_group(key: &[u8]) -> bool {
    let last = key.rsplit(|byte| matches!(byte, b'.' | b'/')).next().unwrap_or(key);
    classify(last) == KeyName::Group
}

/// Whether a key of a Secret holds what nobody may see.
fn holds_values(key: &[u8]) -> bool {
    matches!(key, b"data" | b"stringData" | b"binaryData" | b"annotations")
}

/// Whether a value is no credential whatever its key, or only announces the lines below.
fn is_harmless(value: &[u8]) -> bool {
    !value.is_empty() && values::is_harmless(unquoted(value))
}

fn unquoted(value: &[u8]) -> &[u8] {
    match value {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => inner,
        _ => value,
    }
}
