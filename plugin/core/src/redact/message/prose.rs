//! Hides what a text quotes, and leaves the text. For messages that are not about Secrets.
//!
//! Nearly every rule hangs on a colon or an equals sign; a text without them is read once, eight bytes at a
//! time:
//!
//! ```text
//! for each ':', '=' or 'B', from left to right, that is not hidden yet:
//!     "://"                              user and password of a URL
//!     "Invalid value: " and the like     the value, and its repetitions in the reason behind it
//!     "Forbidden: " and a line end       the difference between old and new object
//!     ": expected map, got "             the rest
//!     "exec: ", ": command '"            the command that failed
//!     ": parsing "                       what was to be parsed
//!     key: value, "key": value, key=value, key := value where the key names a credential
//!     {name: x, value: y}                the value
//!     "Bearer ", "Basic "                the word behind it
//! behind "cannot unmarshal "             what stands in parentheses
//! ```
//!
//! Where it is not clear where a value ends, the rest of the text goes.

use super::search::{Needle, find, next_marker};
use super::words::{
    ECHOES, HOOK, TYPES, announces, behind_blanks, field_before, is_error_kind, is_header, is_talked_about,
    is_typed_error, is_unrecognized, is_yaml_value, key_before, names_image, tells_by_its_look, url_at,
    value_start, without_blanks, word_end,
};
use super::{Parts, value, work};
use crate::redact::hide::Hide;
use crate::redact::key_names::{KeyName, classify, is_sensitive};
use crate::redact::uri;
use crate::redact::values::is_harmless;

/// Hides the echoes in `text`.
pub(super) fn hide_echoes(text: &[u8], parts: &mut Parts<'_, impl Hide>) {
    // Most texts have neither sign that is looked for.
    let signs = crate::json::find::any_of(text, 0, [b'|', b'(', b'|']) < text.len();
    let (cut, open) = if signs { (piece_in(text), body_in(text)) } else { (None, None) };
    let cut = cut.into_iter().chain(open).min();
    let prose = cut.and_then(|cut| text.get(..cut)).unwrap_or(text);
    let mut scan = Scan {
        text: prose,
        parts,
        done: 0,
        echo: (0, 0),
        repeat: 0,
        hook: None,
        url: 0,
        no_line_end: false,
        no_backtick: false,
    };
    scan.run();
    if let Some(cut) = cut {
        scan.text = text;
        // What is hidden up to the parenthesis is hidden with what is in it.
        let closed = open == Some(cut) && scan.done < cut && text.ends_with(b")");
        scan.hide(cut, text.len().saturating_sub(usize::from(closed)));
    }
}

/// Where a piece of the body begins. json-iterator cuts pieces out of it, so nothing tells where one ends.
fn piece_in(text: &[u8]) -> Option<usize> {
    const { Needle::new(b" byte of ...|") }.find_in(text).map(|at| at.saturating_add(13))
}

/// Where the first bytes of a body begin that is no object: in parentheses behind the reason.
fn body_in(text: &[u8]) -> Option<usize> {
    let unmarshal = const { Needle::new(b"cannot unmarshal ") }.find_in(text)?;
    let open = find(text.get(unmarshal..)?, b" (")?;
    Some(unmarshal.saturating_add(open).saturating_add(2))
}

struct Scan<'a, 'b, H> {
    text: &'a [u8],
    parts: &'a mut Parts<'b, H>,
    /// Everything before this is decided.
    done: usize,
    /// The value last hidden, and where it occurs next.
    echo: (usize, usize),
    repeat: usize,
    /// Where a hook's command is quoted next, once it was looked for.
    hook: Option<usize>,
    /// Where the URL looked into last ends; URLs in it are looked into with it.
    url: usize,
    /// There is no line end from here on.
    no_line_end: bool,
    /// There is no backtick from here on.
    no_backtick: bool,
}

impl<H: Hide> Scan<'_, '_, H> {
    fn run(&mut self) {
        let mut at = 0;
        if self.text.starts_with(b"userextras") {
            self.extra();
            at = self.done;
        }
        let mut marker = next_marker(self.text, at);
        loop {
            if marker < at {
                marker = next_marker(self.text, at);
            }
            let hook = self.next_hook(at);
            let repeat = self.next_repeat(at, marker.min(hook));
            if hook < marker.min(repeat) {
                let start = hook.saturating_add(HOOK.len());
                self.between(start, b"]) for ");
                at = self.done.max(start);
                continue;
            }
            if repeat < marker {
                self.repetition(repeat);
                at = self.done;
                continue;
            }
            match self.text.get(marker) {
                None => return,
                Some(b':') => self.colon(marker),
                Some(b'=') => self.assignment(marker),
                Some(_) => self.scheme(marker),
            }
            at = self.done.max(marker.saturating_add(1));
        }
    }

    /// `userextras… "<value>" is forbidden`: the name is the value of an extra field that a client wanted to
    /// impersonate.
    fn extra(&mut self) {
        let quote = self.text.iter().position(|&byte| byte == b'"');
        let Some(start) = quote else { return };
        let end = value::string(self.text, start).map_or(self.text.len(), |end| end.saturating_sub(1));
        self.hide(start.saturating_add(1), end);
    }

    fn hide_rest(&mut self, start: usize) {
        self.hide(start, self.text.len());
        self.done = self.text.len();
    }

    fn colon(&mut self, at: usize) {
        let text = self.text;
        // What is hidden decides nothing: the next pass does not see it.
        let before = text.get(self.done..at).unwrap_or_default();
        let behind = text.get(at..).unwrap_or_default();
        let start = at.saturating_add(2);
        if behind.starts_with(b"://") {
            self.url(at);
        } else if without_blanks(before).ends_with(b"\"") {
            self.json_member(at, self.done.saturating_add(without_blanks(before).len()));
        } else if !behind.starts_with(b": ") {
            if ECHOES.iter().any(|echo| before.ends_with(echo.as_bytes())) {
                // No server writes it like that.
                self.hide_rest(at.saturating_add(1));
            } else if is_header(key_before(before)) {
                self.line(at);
            } else if announces(key_before(before)) && !names_image(before) || key_before(before) == b"Value"
            {
                self.word(at);
            }
        } else if ECHOES.iter().any(|echo| before.ends_with(echo.as_bytes())) {
            self.echo(before, at, start);
        } else if before.ends_with(b"Forbidden") {
            self.difference(start);
        } else if before.ends_with(b")") && is_unrecognized(before) {
            if let Some(open) = text.get(start..).and_then(|rest| find(rest, b" (")) {
                let from = start.saturating_add(open).saturating_add(2);
                let closed = text.last() == Some(&b')');
                self.hide(from, text.len().saturating_sub(usize::from(closed)));
                self.done = text.len();
            }
        } else if is_typed_error(behind) {
            let near = text.get(start..start.saturating_add(96).min(text.len())).unwrap_or_default();
            if let Some(got) = find(near, b", got ") {
                self.hide_rest(start.saturating_add(got).saturating_add(6));
            }
        } else if behind.starts_with(b": command '") {
            self.between(at.saturating_add(11), b"' exited with");
        } else if behind.starts_with(b": \"") && before.ends_with(b"exec") {
            self.program(at.saturating_add(3));
        } else if behind.starts_with(b": parsing \"") || behind.starts_with(b": parsing time \"") {
            self.parsed(start);
        } else if behind.starts_with(b": cannot unmarshal number ") {
            let from = at.saturating_add(26);
            if text.get(from).is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-') {
                self.hide(from, word_end(text, from));
            }
        } else if behind.starts_with(b": cannot unmarshal !!") {
            self.yaml_value(start);
        } else if is_error_kind(behind) || is_decoder(before, behind) {
            // What stands before it is a field's path.
        } else if is_header(key_before(before)) {
            self.line(at);
        } else if announces(key_before(before)) || is_yaml_value(before) {
            self.word(at);
        } else if is_talked_about(key_before(before)) {
            self.random_word(key_before(before), at);
        }
    }

    /// The URL whose scheme ends at the colon `at`.
    fn url(&mut self, at: usize) {
        if at < self.url {
            return;
        }
        let text = self.text;
        let part = text.get(self.done..).unwrap_or_default();
        let (start, end) = url_at(part, at.saturating_sub(self.done));
        let end = self.done.saturating_add(end);
        self.url = end;
        uri::embedded(text, self.done.saturating_add(start), end, self);
    }

    /// The value of a validation error whose kind ends with the colon at `at`.
    fn echo(&mut self, before: &[u8], at: usize, start: usize) {
        let text = self.text;
        let quoted = (text.get(start) == Some(&b'"'))
            .then(|| value::string(text, start))
            .flatten()
            .filter(|&end| value::ends_here(text, end));
        let Some(end) = quoted else {
            match value::unquoted(text, start) {
                Some(end)
                    if value::scalar(text, start) == Some(end) && !is_sensitive(field_before(before)) => {}
                Some(end) => self.hide(start, end),
                // A message that a rule of a custom resource computed, from whatever it liked.
                None => self.hide_rest(start),
            }
            return;
        };
        let inner = (start.saturating_add(1), end.saturating_sub(1));
        let content = text.get(inner.0..inner.1).unwrap_or_default();
        if TYPES.contains(&content) {
            // The reason is what such a rule computed, unless it is the schema's own.
            let reason = text.get(end..).unwrap_or_default();
            if reason.starts_with(b": ") && !is_schema_reason(reason, before) {
                self.hide_rest(end.saturating_add(2));
            }
            return;
        }
        if content == super::phrase::BLANKED || content.is_empty() {
            return;
        }
        // The compiler of expressions shows the lines that it refuses.
        const COMPILER: &[u8] = b": compilation failed: ";
        let refused = text.get(end..).is_some_and(|reason| reason.starts_with(COMPILER));
        // `data[<key>]: Invalid value: "<key>"` names the same text in the path.
        let path = text.get(..at).and_then(|before| before.strip_suffix(b"Invalid value"));
        if let Some(key) =
            path.and_then(|path| path.strip_suffix(b"]: ")).filter(|path| path.ends_with(content))
        {
            self.hide(key.len().saturating_sub(content.len()), key.len());
        }
        self.done = self.done.max(at);
        self.hide(inner.0, inner.1);
        self.done = end;
        if refused {
            self.hide_rest(end.saturating_add(COMPILER.len()));
            return;
        }
        self.echo = if value::is_mask(content) { (0, 0) } else { inner };
        self.repeat = end;
    }

    /// What stands behind the first line of a refusal: the old and the new object.
    fn difference(&mut self, start: usize) {
        if self.no_line_end {
            return;
        }
        match self.text.get(start..).and_then(|rest| find(rest, b"\n")) {
            Some(line_end) => self.hide_rest(start.saturating_add(line_end).saturating_add(1)),
            None => self.no_line_end = true,
        }
    }

    /// The value between backticks in an error of the YAML reader.
    fn yaml_value(&mut self, start: usize) {
        if self.no_backtick {
            return;
        }
        match self.text.get(start..).and_then(|rest| find(rest, b"`")) {
            Some(open) => self.between(start.saturating_add(open).saturating_add(1), b"` into "),
            None => self.no_backtick = true,
        }
    }

    /// What Go's parser of numbers or times was given, in the first quotes behind `start`.
    fn parsed(&mut self, start: usize) {
        let Some(quote) = find(self.text.get(start..).unwrap_or_default(), b"\"") else { return };
        let quote = start.saturating_add(quote);
        let end = value::string(self.text, quote).map_or(self.text.len(), |end| end.saturating_sub(1));
        self.hide(quote.saturating_add(1), end);
    }

    /// Everything from `start` to `end`; to the end of the text if that does not come.
    fn between(&mut self, start: usize, end: &[u8]) {
        match self.text.get(start..).and_then(|rest| find(rest, end)) {
            Some(length) => self.hide(start, start.saturating_add(length)),
            None => self.hide_rest(start),
        }
    }

    /// The program that could not be executed, in quotes: more than a path is a whole command line.
    fn program(&mut self, start: usize) {
        let Some(end) = value::string(self.text, start.saturating_sub(1)) else {
            return self.hide_rest(start);
        };
        let end = end.saturating_sub(1);
        let in_path = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
        if !self.text.get(start..end).is_some_and(|program| program.iter().all(in_path)) {
            self.hide(start, end);
        }
    }

    /// The value behind `"key"` and the colon at `at`, in JSON that may be quoted itself.
    /// The key's quotes end at `behind_key`.
    fn json_member(&mut self, at: usize, behind_key: usize) {
        let text = self.text;
        let mut end = behind_key.saturating_sub(1);
        let mut level: usize = 0;
        while end > 0 && text.get(end.saturating_sub(1)) == Some(&b'\\') {
            end = end.saturating_sub(1);
            level = level.saturating_add(1);
        }
        let key = key_before(text.get(self.done..end).unwrap_or_default());
        let data = matches!(key, b"data" | b"stringData" | b"binaryData");
        if !(data || is_sensitive(key) || matches!(key, b"value" | b"Value")) {
            return;
        }
        let start = behind_blanks(text, at.saturating_add(1));
        let opening = start.saturating_add(level);
        let quoted = text.get(start..opening).is_some_and(|run| run.iter().all(|&byte| byte == b'\\'));
        if value::mask(text, start).is_some() {
            self.hide(start, word_end(text, start));
        } else if quoted && text.get(opening) == Some(&b'"') && !data {
            let from = opening.saturating_add(1);
            self.hide(from, value::nested_string_end(text, from, level));
        } else if matches!(text.get(start), Some(b'{' | b'[')) {
            let end = value::nested_container_end(text, start, level);
            self.hide(start, word_end(text, end));
        } else if !data
            && classify(key) != KeyName::Count
            && text.get(start).is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-')
        {
            self.hide(start, word_end(text, start));
        }
    }

    /// `key=value`.
    fn assignment(&mut self, at: usize) {
        let text = self.text;
        let start = at.saturating_add(1);
        if text.get(start) == Some(&b'=')
            || matches!(at.checked_sub(1).and_then(|at| text.get(at)), Some(b'=' | b'!'))
        {
            return;
        }
        // The key comes first: looking for the word's end at every sign would read a long word over and over.
        let key = key_before(text.get(self.done..at).unwrap_or_default());
        if !is_sensitive(key) {
            return;
        }
        let word = text.get(start..word_end(text, start)).unwrap_or_default();
        // `count/secrets=5`
        let counts = classify(key) == KeyName::Count || key == b"secrets";
        let quantity = counts && word.iter().all(u8::is_ascii_digit);
        if is_header(key) {
            self.line(at);
        } else if !quantity {
            self.word(at);
        }
    }

    /// `Bearer` or `Basic` and what follows, if it does not read like a word of the sentence.
    fn scheme(&mut self, at: usize) {
        let rest = self.text.get(at..).unwrap_or_default();
        let Some(length) = [b"Bearer ".as_slice(), b"Basic "]
            .iter()
            .find(|scheme| rest.starts_with(scheme))
            .map(|scheme| scheme.len())
        else {
            return;
        };
        let start = at.saturating_add(length);
        let end = word_end(self.text, start);
        let word = self.text.get(start..end).unwrap_or_default();
        if word.len() >= 24 || word.iter().any(|byte| !byte.is_ascii_lowercase()) {
            self.hide(start, end);
        }
    }

    /// The value behind the sign at `sign`, which is quoted or ends where a word ends.
    fn word(&mut self, sign: usize) {
        let text = self.text;
        let start = value_start(text, sign);
        // YAML writes the text below, as far as it is indented.
        if matches!(text.get(start..), Some([b'|' | b'>', b'\n' | b'-' | b'+', ..])) {
            return self.hide_rest(start);
        }
        let level =
            text.get(start..).map_or(0, |rest| rest.iter().take_while(|&&byte| byte == b'\\').count());
        let opening = start.saturating_add(level);
        let from = opening.saturating_add(1);
        match text.get(opening) {
            Some(b'"') => self.hide(from, value::nested_string_end(text, from, level)),
            Some(quote @ (b'\'' | b'`')) => {
                let length = text.get(from..).and_then(|rest| rest.iter().position(|byte| byte == quote));
                self.hide(from, length.map_or(text.len(), |length| from.saturating_add(length)));
            }
            _ => {
                let end = word_end(text, start);
                let word = text.get(start..end).unwrap_or_default();
                // What was an object or an array is empty, whatever stands behind it.
                let empty = word.starts_with(b"{}") || word.starts_with(b"[]");
                if empty || is_harmless(word) || word == b"<nil>" {
                    // Keys in it are part of a path, and the next one would have it read again.
                    self.done = self.done.max(end);
                } else {
                    self.hide(start, end);
                }
            }
        }
    }

    /// The word behind a colon, if it looks like what the name before that may announce.
    fn random_word(&mut self, name: &[u8], sign: usize) {
        let start = value_start(self.text, sign);
        let quotes = usize::from(matches!(self.text.get(start), Some(b'"' | b'\'')));
        let from = start.saturating_add(quotes);
        let end = word_end(self.text, from);
        let word = self.text.get(from..end).unwrap_or_default();
        if tells_by_its_look(name, word.trim_ascii_end()) {
            self.hide(from, end);
        }
    }

    /// A header's value, up to the end of the line or of the quotes around it.
    fn line(&mut self, sign: usize) {
        let start = value_start(self.text, sign);
        if matches!(self.text.get(start), Some(b'"' | b'\'' | b'`' | b'\\')) {
            return self.word(sign);
        }
        let rest = self.text.get(start..).unwrap_or_default();
        let length = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r' | b'"' | b'\'' | b'`'));
        self.hide(start, length.map_or(self.text.len(), |length| start.saturating_add(length)));
    }

    /// Where a kubelet quotes the command of a container's hook, at or after `at`.
    fn next_hook(&mut self, at: usize) -> usize {
        if self.hook.is_none_or(|hook| hook < at) {
            let found = self.text.get(at..).and_then(|rest| const { Needle::new(HOOK) }.find_in(rest));
            let hook = found.map(|found| at.saturating_add(found)).filter(|hook| {
                // What an earlier pass hid behind the parenthesis begins with a bracket too.
                let bracket = hook.saturating_add(HOOK.len()).saturating_sub(1);
                let behind = value::mask(self.text, bracket).and_then(|end| self.text.get(end..));
                !matches!(behind, Some(b"" | b")"))
            });
            self.hook = Some(hook.unwrap_or(self.text.len()));
        }
        self.hook.unwrap_or(self.text.len())
    }

    /// Where the value hidden last occurs again, at or after `at` and before `limit`.
    ///
    /// Nothing behind the next marker is looked at: it may be the next value, and a text of many values would be
    /// read to its end for each of them.
    fn next_repeat(&mut self, at: usize, limit: usize) -> usize {
        let none = self.text.len();
        let Some(echo) =
            self.text.get(self.echo.0..self.echo.1).filter(|echo| (4..=64).contains(&echo.len()))
        else {
            return none;
        };
        let mut place = self.repeat.max(at);
        while place < limit {
            work::count(1);
            if self.text.get(place..).is_some_and(|rest| rest.starts_with(echo)) && !self.is_inside(place) {
                self.repeat = place;
                return place;
            }
            place = place.saturating_add(1);
        }
        self.repeat = place;
        none
    }

    /// Whether a letter or digit stands before `at`.
    fn is_inside(&self, at: usize) -> bool {
        at.checked_sub(1).and_then(|at| self.text.get(at)).is_some_and(u8::is_ascii_alphanumeric)
    }

    /// Hides the repetition of a value at `start`, and the rest of the word it begins.
    fn repetition(&mut self, start: usize) {
        let end = start.saturating_add(self.echo.1.saturating_sub(self.echo.0));
        let rest = self.text.get(end..).unwrap_or_default();
        let in_word = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        self.hide(start, end.saturating_add(rest.iter().take_while(in_word).count()));
    }
}

impl<H: Hide> Hide for Scan<'_, '_, H> {
    /// Leaves out what is hidden already.
    fn hide(&mut self, start: usize, end: usize) {
        let start = start.max(self.done);
        let end = end.min(self.text.len());
        if start >= end {
            return;
        }
        let end = value::mask(self.text, start).map_or(end, |masked| masked.max(end));
        self.done = self.parts.add(start, end);
    }
}

/// Whether this colon stands in the way to a field of a Secret that a decoder writes, as `v1.Secret.StringData: ReadMapCB: `.
fn is_decoder(before: &[u8], behind: &[u8]) -> bool {
    const READERS: [&[u8]; 6] = [
        b": v1.",
        b": decode base64: ",
        b": ReadMapCB: ",
        b": ReadString: ",
        b": ReadArrayCB: ",
        b": readObjectStart: ",
    ];
    key_before(before).starts_with(b"v1.Secret.") && READERS.iter().any(|reader| behind.starts_with(reader))
}

/// Whether a reason behind the name of a type is the schema's own and not what a rule of the resource computed:
/// `failed rule: <rule>`, or `<path> in body …` with the path that stands `before` the error as well.
fn is_schema_reason(reason: &[u8], before: &[u8]) -> bool {
    let reason = reason.get(2..).unwrap_or_default();
    if reason.starts_with(b"failed rule: ") {
        return true;
    }
    let in_path =
        |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'[' | b']');
    let (path, behind) = reason
        .split_at_checked(reason.iter().take(LONGEST_PATH).take_while(in_path).count())
        .unwrap_or_default();
    let named = before
        .strip_suffix(b": Invalid value")
        .and_then(|before| before.strip_suffix(path))
        .is_some_and(|before| matches!(before.last(), None | Some(b' ' | b'[')));
    let own = behind.strip_prefix(b" in body ").unwrap_or_default();
    (named || path.is_empty()) && SCHEMA_REASONS.iter().any(|words| own.starts_with(words.as_bytes()))
}

/// A path in a reason that is longer is none that is looked at.
const LONGEST_PATH: usize = 512;

/// What `k8s.io/kube-openapi/pkg/validation/errors` says of a value.
const SCHEMA_REASONS: &[&str] = &["is required", "is a forbidden property", "must ", "should ", "shouldn't "];
