//! The same rules over a text that several arguments are written in: a script, a header, JSON.
//!
//! ```text
//! white space and quotes separate words; ; | & ( ) ` and line ends begin the next command
//! a value belongs to the word before it, with its quotes, up to white space that is not quoted
//! ```
//!
//! Quotes are remembered to know where a value ends, not matched: in `sh -c "curl -H 'X-Api-Key: x'"` words
//! are found at every depth in the same pass. A quote with backslashes before it is another quote.

use super::super::carriers::{Carrier, data_url_in, may_be_base64};
use super::super::hide::Hide;
use super::super::key_names::is_sensitive;
use super::super::{base64, uri};
use super::{Argv, Next, hide_value, is_name, looks_like_password};

/// A quote, with the backslashes before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Quote {
    pub(super) sign: u8,
    /// Of the quote with its backslashes.
    pub(super) length: usize,
}

/// The quote that begins at `at`. More than [`MOST_BACKSLASHES`] backslashes make none.
#[inline(always)]
pub(super) fn quote_at(text: &[u8], at: usize) -> Option<Quote> {
    match text.get(at)? {
        sign @ (b'"' | b'\'') => Some(Quote { sign: *sign, length: 1 }),
        b'\\' => escaped_quote_at(text, at),
        _ => None,
    }
}

#[inline(never)]
fn escaped_quote_at(text: &[u8], at: usize) -> Option<Quote> {
    let rest = text.get(at..)?;
    let backslashes = rest.iter().take(MOST_BACKSLASHES).take_while(|byte| **byte == b'\\').count();
    match rest.get(backslashes) {
        Some(sign @ (b'"' | b'\'')) => Some(Quote { sign: *sign, length: backslashes.saturating_add(1) }),
        _ => None,
    }
}

/// Four levels of JSON in JSON in a script: each doubles the backslashes and adds one.
const MOST_BACKSLASHES: usize = 15;

/// Stands for the quotes that a script would have round an argument. No quote in a text equals it.
const ARGUMENT: Quote = Quote { sign: 0, length: 0 };

/// The quotes that are open, the innermost last. When there are too many the innermost is forgotten.
#[derive(Clone, Copy, Debug, Default)]
struct Quotes {
    open: [Quote; 4],
    count: usize,
}

impl Quotes {
    /// Whether the text is a script and not one argument of a command that no shell reads.
    fn is_script(&self) -> bool {
        !self.is_open(ARGUMENT)
    }

    fn is_open(&self, quote: Quote) -> bool {
        self.open.iter().take(self.count).any(|open| *open == quote)
    }

    /// Closes the quote, and those in it, or opens it.
    fn toggle(&mut self, quote: Quote) {
        match self.open.iter().take(self.count).position(|open| *open == quote) {
            Some(at) => self.count = at,
            None => {
                self.count = self.count.saturating_add(1).min(self.open.len());
                if let Some(last) = self.open.get_mut(self.count.saturating_sub(1)) {
                    *last = quote;
                }
            }
        }
    }
}

impl Argv {
    /// Judges a script word by word.
    pub(crate) fn script<H: Hide>(&mut self, text: &[u8], hide: &mut H) {
        self.words(text, Quotes::default(), usize::MAX, hide);
    }

    /// Judges one argument word by word, as a script would have it in quotes.
    pub(super) fn quoted<H: Hide>(&mut self, text: &[u8], hide: &mut H) {
        let mut quotes = Quotes::default();
        quotes.toggle(ARGUMENT);
        self.words(text, quotes, 0, hide);
    }

    /// `opened` is where a quote was opened last: what begins there is one argument up to its end.
    fn words<H: Hide>(&mut self, text: &[u8], mut quotes: Quotes, mut opened: usize, hide: &mut H) {
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            let next = at.saturating_add(1);
            if is_space(*byte) {
                at = next;
            } else if text.get(at..).is_some_and(|rest| rest.starts_with(b"\\\n")) {
                // The command goes on in the next line.
                at = next.saturating_add(1);
            } else if ends_command(text, at) {
                *self = Argv::new();
                at = next;
            } else if self.expects_value() {
                let end = word_end(text, at, &quotes);
                let expected = self.next;
                let taken = end > at && self.pending(text, at, end, quotes.is_script(), hide);
                if taken {
                    self.expect_operand();
                    at = end;
                } else if end <= at {
                    // The end of a quoted part; the value is behind it.
                    self.next = expected;
                    at = pass_quote(text, at, &mut quotes, &mut opened);
                }
            } else if quote_at(text, at).is_some() {
                at = pass_quote(text, at, &mut quotes, &mut opened);
            } else {
                at = self.word(text, at, at == opened, &quotes, hide);
            }
        }
    }

    fn expects_value(&self) -> bool {
        !matches!(self.next, Next::Any | Next::Script)
    }

    /// Judges the word that begins at `start`; gives the position behind what was judged.
    fn word<H: Hide>(
        &mut self,
        text: &[u8],
        start: usize,
        opened: bool,
        quotes: &Quotes,
        hide: &mut H,
    ) -> usize {
        let script = self.next_if(Next::Script);
        let mut name = start;
        let mut at = start;
        while let Some(byte) = text.get(at) {
            let next = at.saturating_add(1);
            match byte {
                b'=' if let Some(end) = padded_end(text, name, at) => {
                    hide.open(name, end, Carrier::Likely);
                    return end;
                }
                b'=' => {
                    let is_option = name == start && text.get(start) == Some(&b'-');
                    // What is quoted from its beginning is one argument, unless it is a script.
                    let whole = opened && !script && name == start;
                    let end =
                        || if whole { quote_end(text, next, quotes) } else { word_end(text, next, quotes) };
                    if is_option {
                        let end = end();
                        if self.option(text, start, at, end, quotes.is_script(), hide) {
                            return end;
                        }
                    } else if is_sensitive(text.get(name..at).unwrap_or_default()) {
                        let end = end();
                        let value = text.get(next..end).unwrap_or_default();
                        // The padding of base64 whose letters seem to say something.
                        if value.iter().any(|byte| *byte != b'=') {
                            hide_value(text, next, end, quotes.is_script(), hide);
                        }
                        return end;
                    }
                    name = next;
                }
                // Most colons stand alone or behind a name.
                b':' if name == at => {}
                b':' if let Some(length) = text.get(name..).and_then(data_url_in) => {
                    let end = name.saturating_add(length);
                    hide.open(name, end, Carrier::File);
                    return end;
                }
                b':' if text.get(next..next.saturating_add(2)) == Some(b"//") => {
                    let end = url_end(text, next);
                    uri::embedded(text, name, end, hide);
                    self.count_operand();
                    return end;
                }
                b':' if self.is_header(text, name, at) => return header(text, next, quotes, hide),
                _ if is_name(*byte) => {}
                _ if is_space(*byte) || ends_command(text, at) => break,
                b'\\' if text.get(next) == Some(&b'\n') => break,
                _ => match quote_at(text, at) {
                    Some(quote) => {
                        if let Some(value) = quoted_name(text, name, at, at.saturating_add(quote.length)) {
                            return quoted_value(text, value, quotes.is_script(), hide);
                        }
                        if !quotes.is_open(quote) && self.attaches(text, start, at) {
                            let end = word_end(text, at, quotes);
                            self.short_option(text, start, end, quotes.is_script(), hide);
                            return end;
                        }
                        // A flag with something in quotes right behind it is another flag.
                        if quotes.is_open(quote) || text.get(start) != Some(&b'-') {
                            self.plain_word(text, start, at, quotes.is_script(), hide);
                            return open_base64(text, start, name, at, hide);
                        }
                        return at;
                    }
                    None => name = next,
                },
            }
            at = next;
        }
        self.plain_word(text, start, at, quotes.is_script(), hide);
        open_base64(text, start, name, at, hide)
    }

    /// Whether the word up to the quote at `end` is a flag whose value goes on in the quotes: `-p'a b'`.
    fn attaches(&self, text: &[u8], start: usize, end: usize) -> bool {
        let Some([b'-', flag, attached @ ..]) = text.get(start..end) else { return false };
        self.tool.map_or(*flag == b'p' && (attached.is_empty() || looks_like_password(attached)), |tool| {
            (tool.attached && tool.password.contains(flag)) || tool.user.contains(flag)
        })
    }

    /// A word without a value.
    fn plain_word<H: Hide>(&mut self, text: &[u8], start: usize, end: usize, script: bool, hide: &mut H) {
        let word = text.get(start..end).unwrap_or_default();
        if word.starts_with(b"-") {
            self.option(text, start, end, end, script, hide);
            self.expect_operand();
        } else if word.eq_ignore_ascii_case(b"bearer") {
            self.next = Next::Bearer;
        } else if word.eq_ignore_ascii_case(b"identified") || word.eq_ignore_ascii_case(b"password") {
            self.next = Next::Quoted;
        } else {
            self.stand_alone(word);
        }
    }

    /// Whether the colon at `colon` ends the name of a sensitive header, or a key as YAML has it: with white
    /// space behind it. `registry/my-token:v1` is an image.
    fn is_header(&self, text: &[u8], start: usize, colon: usize) -> bool {
        let name = text.get(start..colon).unwrap_or_default();
        let behind = text.get(colon.saturating_add(1));
        let header = || {
            name.get(..2).is_some_and(|x| x.eq_ignore_ascii_case(b"x-"))
                || HEADERS.iter().any(|header| name.eq_ignore_ascii_case(header.as_bytes()))
        };
        !name.is_empty() && is_sensitive(name) && (behind.is_some_and(|byte| is_space(*byte)) || header())
    }
}

/// Opens `name..end`, the last part of the word that begins at `start`, if it looks like base64, and with it the lines below
/// that go on with it; gives the position behind what was opened, or `end`.
fn open_base64<H: Hide>(text: &[u8], start: usize, name: usize, end: usize, hide: &mut H) -> usize {
    let is_flag = text.get(start) == Some(&b'-');
    if is_flag || !text.get(name..end).is_some_and(may_be_base64) {
        return end;
    }
    let mut last = end;
    let mut length = end.saturating_sub(name);
    while let Some([b'\n', rest @ ..]) = text.get(last..) {
        let digits =
            rest.iter().take_while(|byte| !is_space(**byte) && !matches!(byte, b'\n' | b'"' | b'\'')).count();
        let line = rest.get(..digits).unwrap_or_default();
        // A line is as long as the one above, or the last; a word such as `EOF` is no part of them.
        if digits > length || digits < 4 || length < SHORTEST_LINE || !base64::is_run(line) {
            break;
        }
        length = digits;
        last = last.saturating_add(digits).saturating_add(1);
    }
    hide.open(name, last, Carrier::Likely);
    last
}

/// Shorter lines of base64 do not go on in the next one: RFC 1421 has lines of 64, RFC 2045 of 76.
const SHORTEST_LINE: usize = 60;

/// Where base64 ends that begins at `start` and has its padding at `padding`, if that is the end of a word.
fn padded_end(text: &[u8], start: usize, padding: usize) -> Option<usize> {
    let rest = text.get(padding..)?;
    let end = padding.saturating_add(rest.iter().take_while(|byte| **byte == b'=').count());
    let ends = text.get(end).is_none_or(|byte| is_space(*byte))
        || ends_command(text, end)
        || quote_at(text, end).is_some();
    (ends && may_be_base64(text.get(start..end)?)).then_some(end)
}

/// Sensitive headers without an `X-`.
const HEADERS: [&str; 8] = [
    "api-key",
    "authorization",
    "cookie",
    "deploy-token",
    "job-token",
    "private-token",
    "proxy-authorization",
    "set-cookie",
];

/// The first word of an `Authorization` header, which stays.
const SCHEMES: [&str; 8] = ["ApiKey", "Basic", "Bearer", "Digest", "Negotiate", "NTLM", "OAuth", "Token"];

/// Hides the value of a header; gives the position behind it.
fn header<H: Hide>(text: &[u8], start: usize, quotes: &Quotes, hide: &mut H) -> usize {
    // Without white space behind the colon it is one word, if it is not quoted.
    let glued = text.get(start).is_some_and(|byte| !is_space(*byte));
    let mut start = skip_space(text, start);
    if quote_at(text, start).is_some_and(|quote| !quotes.is_open(quote)) {
        return quoted_value(text, start, quotes.is_script(), hide);
    }
    let quoted = quotes.count > 0;
    let end = if glued && !quoted { word_end(text, start, quotes) } else { quote_end(text, start, quotes) };
    let value = text.get(start..end).unwrap_or_default();
    let end = start.saturating_add(value.iter().position(|byte| *byte == b'\n').unwrap_or(value.len()));
    let word = value.iter().position(|byte| is_space(*byte)).unwrap_or(0);
    let scheme = value.get(..word).unwrap_or_default();
    if SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known.as_bytes())) {
        start = skip_space(text, start.saturating_add(word));
    }
    let value = text.get(start..end).unwrap_or_default();
    if quotes.is_script() && (value.starts_with(b"$(") || value.starts_with(b"`")) {
        // A command in a script: judged by itself.
        return start;
    }
    let start = start.min(end);
    hide_value(text, start, end, quotes.is_script(), hide);
    end
}

/// If a sensitive name stands in the quotes that end at `behind`, and `:` or `=` follows: where the value is.
fn quoted_name(text: &[u8], start: usize, end: usize, behind: usize) -> Option<usize> {
    if start == end {
        return None;
    }
    let sign = skip_space(text, behind);
    matches!(text.get(sign), Some(b':' | b'=')).then_some(())?;
    is_sensitive(text.get(start..end)?).then(|| skip_space(text, sign.saturating_add(1)))
}

/// Hides a value in quotes, or one up to the next sign of JSON; gives the position behind it.
fn quoted_value<H: Hide>(text: &[u8], start: usize, script: bool, hide: &mut H) -> usize {
    let end = match quote_at(text, start) {
        Some(quote) => quoted_end(text, start.saturating_add(quote.length), quote),
        None if matches!(text.get(start), Some(b'[' | b'{')) => bracketed_end(text, start),
        None => {
            let rest = text.get(start..).unwrap_or_default();
            let length = rest.iter().position(|byte| is_space(*byte) || b",}]\n\"'".contains(byte));
            start.saturating_add(length.unwrap_or(rest.len()))
        }
    };
    hide_value(text, start, end, script, hide);
    end
}

/// The position behind the bracket that closes the one at `start`, or the end of the text. What is in quotes closes none.
fn bracketed_end(text: &[u8], start: usize) -> usize {
    let mut open: usize = 0;
    let mut at = start;
    while let Some(byte) = text.get(at) {
        match byte {
            b'[' | b'{' => open = open.saturating_add(1),
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {
                if let Some(quote) = quote_at(text, at) {
                    at = quoted_end(text, at.saturating_add(quote.length), quote);
                    continue;
                }
            }
        }
        at = at.saturating_add(1);
        if open == 0 {
            break;
        }
    }
    at
}

/// Goes past a quote; `opened` is where the text in it begins, if it opened one.
fn pass_quote(text: &[u8], at: usize, quotes: &mut Quotes, opened: &mut usize) -> usize {
    let Some(quote) = quote_at(text, at) else { return at.saturating_add(1) };
    let behind = at.saturating_add(quote.length);
    if !quotes.is_open(quote) {
        *opened = behind;
    }
    quotes.toggle(quote);
    behind
}

/// The end of the word at `start`, quoted parts included, as a shell reads it.
fn word_end(text: &[u8], start: usize, quotes: &Quotes) -> usize {
    let mut at = start;
    while let Some(byte) = text.get(at) {
        if let Some(length) = reference_at(text, at) {
            at = at.saturating_add(length);
            continue;
        }
        if is_space(*byte) || ends_command(text, at) {
            break;
        }
        match quote_at(text, at) {
            Some(quote) if quotes.is_open(quote) => break,
            Some(quote) => at = quoted_end(text, at.saturating_add(quote.length), quote),
            // An escaped character, white space perhaps.
            None if *byte == b'\\' => at = at.saturating_add(2),
            None => at = at.saturating_add(1),
        }
    }
    at.min(text.len())
}

/// The length of the `$(NAME)` at `at`, which no shell has to see: Kubernetes replaces it.
fn reference_at(text: &[u8], at: usize) -> Option<usize> {
    let name = text.get(at..)?.strip_prefix(b"$(")?;
    let length = name.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_'))?;
    (name.get(length) == Some(&b')')).then(|| length.saturating_add(3))
}

/// The position behind the quote that closes `quote`, or the end of the text.
pub(super) fn quoted_end(text: &[u8], start: usize, quote: Quote) -> usize {
    let mut at = start;
    while let Some(byte) = text.get(at) {
        match quote_at(text, at) {
            Some(found) if found == quote => return at.saturating_add(quote.length),
            Some(found) => at = at.saturating_add(found.length),
            None if *byte == b'\\' => at = at.saturating_add(2),
            None => at = at.saturating_add(1),
        }
    }
    text.len()
}

/// Where the innermost open quote is closed, or the end of the text.
fn quote_end(text: &[u8], start: usize, quotes: &Quotes) -> usize {
    let mut at = start;
    while quotes.count > 0 && at < text.len() {
        match quote_at(text, at) {
            Some(quote) if quotes.is_open(quote) => return at,
            Some(quote) => at = at.saturating_add(quote.length),
            None => at = at.saturating_add(1),
        }
    }
    text.len()
}

/// Where a URL ends: at white space, a quote or a sign that no URL has.
fn url_end(text: &[u8], start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let ends = |byte: &u8| {
        is_space(*byte) || matches!(byte, b'\n' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'|')
    };
    start.saturating_add(rest.iter().position(ends).unwrap_or(rest.len()))
}

fn skip_space(text: &[u8], start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    start.saturating_add(rest.iter().position(|byte| !is_space(*byte)).unwrap_or(rest.len()))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

/// Whether another command begins behind the byte at `at`. `&` does that only before white space or another
/// one: URLs have it too.
fn ends_command(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        Some(b';' | b'|' | b'(' | b')' | b'`' | b'\n') => true,
        Some(b'&') => {
            text.get(at.saturating_add(1)).is_none_or(|next| is_space(*next) || matches!(next, b'&' | b'\n'))
        }
        _ => false,
    }
}
