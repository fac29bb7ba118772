//! From characters to tokens.
//!
//! The algorithm is that of libyaml, which go-yaml v2 carries: YAML 1.1 with its own liberties. It
//! is followed step by step, down to the order of the checks, because a policy must be refused
//! exactly where the apiserver refuses it. What the notes of that code call a *simple key* is a key
//! without `?`: whether a token was one is known only when the `:` behind it is found, so tokens
//! wait in a queue in which `Key` can still be put before them.
//!
//! Scalars are read in `scalars`, directives, anchors and tags in `names`.

use crate::document::error::{Code, Error};
use crate::document::tree::{Place, count};
use crate::limits::CONFIGURATION_NESTING;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

/// A position: characters from the beginning, line and column counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    index: usize,
    line: usize,
    pub(super) column: usize,
}

impl Mark {
    pub(super) fn place(self) -> Place {
        Place {
            line: count(self.line).saturating_add(1),
            column: count(self.column).saturating_add(1),
            width: 1,
        }
    }

    /// The place from here to `end`, as far as it is on this line.
    pub(super) fn to(self, end: Mark) -> Place {
        let width = if self.line == end.line { end.column.saturating_sub(self.column) } else { 1 };
        Place { width: count(width).max(1), ..self.place() }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: Mark,
    pub(super) end: Mark,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    StreamEnd,
    /// `%YAML`, of version 1.1 or another.
    Version {
        known: bool,
    },
    TagDirective {
        handle: String,
        prefix: String,
    },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    Tag {
        handle: String,
        suffix: String,
    },
    Scalar {
        text: String,
        plain: bool,
    },
}

/// A token that may turn out to be a key, one per level of flow nesting.
#[derive(Debug, Clone, Copy)]
struct SimpleKey {
    possible: bool,
    /// In the block context, at the column of the mapping: nothing else can stand there.
    required: bool,
    token: usize,
    mark: Mark,
}

pub(super) struct Scanner<'a> {
    text: &'a str,
    /// Bytes of `text` that were read.
    at: usize,
    pub(super) mark: Mark,
    tokens: VecDeque<Token>,
    /// How many tokens have left the queue.
    taken: usize,
    ended: bool,
    /// The column of the innermost block collection, counted from 1; 0 outside of any.
    pub(super) indent: usize,
    indents: Vec<usize>,
    pub(super) flow: usize,
    pub(super) key_allowed: bool,
    keys: Vec<SimpleKey>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Scanner<'a> {
        let mark = Mark { index: 0, line: 0, column: 0 };
        Scanner {
            text,
            at: 0,
            mark,
            tokens: VecDeque::new(),
            taken: 0,
            ended: false,
            indent: 0,
            indents: Vec::new(),
            flow: 0,
            key_allowed: true,
            keys: [SimpleKey { possible: false, required: false, token: 0, mark }].into(),
        }
    }

    /// The next token, which stays in the queue.
    pub(super) fn peek(&mut self) -> Result<&Token, Error> {
        while self.wants_more()? {
            self.fetch()?;
        }
        let missing =
            Error::new(self.mark.place(), Code::from("expected a value, found the end of the text"));
        self.tokens.front().ok_or(missing)
    }

    /// Takes the token that was peeked at.
    pub(super) fn take(&mut self) -> Option<Token> {
        self.taken = self.taken.saturating_add(1);
        self.tokens.pop_front()
    }

    /// Whether the first token of the queue is missing, or may still become a key.
    fn wants_more(&mut self) -> Result<bool, Error> {
        if self.tokens.is_empty() {
            return Ok(!self.ended);
        }
        // The numbers never fall along the stack.
        let from = self.keys.partition_point(|key| key.token < self.taken);
        let candidates = self.keys.get(from..).unwrap_or_default();
        let found = candidates.iter().take_while(|key| key.token == self.taken).position(|key| key.possible);
        match found {
            Some(offset) => self.is_valid(from.saturating_add(offset)),
            None => Ok(false),
        }
    }

    #[cold]
    pub(super) fn error(&self, mark: Mark, problem: &str) -> Error {
        Error::new(mark.place(), Code::from(problem))
    }

    // Characters.

    /// The byte at a distance; 0 behind the end, which no text contains.
    pub(super) fn byte(&self, distance: usize) -> u8 {
        self.text.as_bytes().get(self.at.saturating_add(distance)).copied().unwrap_or_default()
    }

    fn starts_with(&self, prefix: &str) -> bool {
        self.text.get(self.at..).is_some_and(|rest| rest.starts_with(prefix))
    }

    /// Whether a line ends at a distance: CR, LF, and the three that only YAML 1.1 knows.
    pub(super) fn is_break(&self, distance: usize) -> bool {
        match self.byte(distance) {
            b'\r' | b'\n' => true,
            0xC2 => self.byte(distance.saturating_add(1)) == 0x85,
            0xE2 => {
                self.byte(distance.saturating_add(1)) == 0x80
                    && matches!(self.byte(distance.saturating_add(2)), 0xA8 | 0xA9)
            }
            _ => false,
        }
    }

    pub(super) fn is_end(&self) -> bool {
        self.byte(0) == 0
    }

    pub(super) fn is_blank(&self, distance: usize) -> bool {
        matches!(self.byte(distance), b' ' | b'\t')
    }

    /// A line's end, or the text's.
    pub(super) fn is_break_or_end(&self, distance: usize) -> bool {
        self.byte(distance) == 0 || self.is_break(distance)
    }

    pub(super) fn is_space_or_end(&self, distance: usize) -> bool {
        self.is_blank(distance) || self.is_break_or_end(distance)
    }

    /// `---` or `...` at the beginning of a line.
    pub(super) fn is_document_indicator(&self) -> bool {
        self.mark.column == 0
            && (self.starts_with("---") || self.starts_with("..."))
            && self.is_space_or_end(3)
    }

    /// Goes over one character of the line.
    pub(super) fn skip(&mut self) {
        let width = self.text.get(self.at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        self.at = self.at.saturating_add(width);
        self.mark.index = self.mark.index.saturating_add(1);
        self.mark.column = self.mark.column.saturating_add(1);
    }

    /// Goes over the end of the line.
    pub(super) fn skip_line(&mut self) {
        let crlf = self.starts_with("\r\n");
        self.skip();
        if crlf {
            self.skip();
        }
        self.mark.column = 0;
        self.mark.line = self.mark.line.saturating_add(1);
    }

    /// Copies one character of the line.
    pub(super) fn copy(&mut self, into: &mut String) {
        into.extend(self.text.get(self.at..).and_then(|rest| rest.chars().next()));
        self.skip();
    }

    /// Copies the end of the line: LS and PS as they are, all others as LF.
    pub(super) fn copy_line(&mut self, into: &mut String) {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(separator @ ('\u{2028}' | '\u{2029}')) => into.push(separator),
            _ => into.push('\n'),
        }
        self.skip_line();
    }

    pub(super) fn skip_blanks(&mut self) {
        while self.is_blank(0) {
            self.skip();
        }
    }

    /// Blanks and a comment up to the end of the line, and that.
    pub(super) fn finish_line(&mut self) -> Result<(), Error> {
        self.skip_blanks();
        if self.byte(0) == b'#' {
            while !self.is_break_or_end(0) {
                self.skip();
            }
        }
        if !self.is_break_or_end(0) {
            return Err(self.error(self.mark, "expected the end of the line, or a comment"));
        }
        if self.is_break(0) {
            self.skip_line();
        }
        Ok(())
    }

    // Tokens.

    fn push(&mut self, kind: Kind, start: Mark, end: Mark) {
        self.tokens.push_back(Token { kind, start, end });
    }

    /// Puts a token before the one of a number; at the end where that has left the queue.
    fn insert(&mut self, number: usize, kind: Kind, mark: Mark) {
        let token = Token { kind, start: mark, end: mark };
        match number.checked_sub(self.taken).filter(|&index| index <= self.tokens.len()) {
            Some(index) => self.tokens.insert(index, token),
            None => self.tokens.push_back(token),
        }
    }

    fn next_number(&self) -> usize {
        self.taken.saturating_add(self.tokens.len())
    }

    fn fetch(&mut self) -> Result<(), Error> {
        self.skip_to_token();
        self.unroll_indent(self.mark.column.saturating_add(1));
        let start = self.mark;
        if self.is_end() {
            return self.fetch_end();
        }
        if start.column == 0 && self.byte(0) == b'%' {
            return self.fetch_directive();
        }
        if self.is_document_indicator() {
            let kind = if self.byte(0) == b'-' { Kind::DocumentStart } else { Kind::DocumentEnd };
            self.unroll_indent(0);
            self.remove_key()?;
            self.key_allowed = false;
            for _ in 0..3 {
                self.skip();
            }
            self.push(kind, start, self.mark);
            return Ok(());
        }
        let flow = self.flow > 0;
        match self.byte(0) {
            b'[' => self.fetch_flow_start(Kind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(Kind::FlowMappingStart),
            b']' => self.fetch_flow_end(Kind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(Kind::FlowMappingEnd),
            b',' => {
                self.remove_key()?;
                self.key_allowed = true;
                self.fetch_indicator(Kind::FlowEntry);
                Ok(())
            }
            b'-' if self.is_space_or_end(1) => self.fetch_block_entry(),
            b'?' if flow || self.is_space_or_end(1) => self.fetch_key(),
            b':' if flow || self.is_space_or_end(1) => self.fetch_value(),
            b'*' | b'&' => {
                self.save_key()?;
                self.key_allowed = false;
                let kind = self.scan_anchor()?;
                self.push(kind, start, self.mark);
                Ok(())
            }
            b'!' => {
                self.save_key()?;
                self.key_allowed = false;
                let kind = self.scan_tag()?;
                self.push(kind, start, self.mark);
                Ok(())
            }
            b'|' | b'>' if !flow => {
                self.remove_key()?;
                self.key_allowed = true;
                let (text, end) = self.scan_block_scalar()?;
                self.push(Kind::Scalar { text, plain: false }, start, end);
                Ok(())
            }
            b'\'' | b'"' => {
                self.save_key()?;
                self.key_allowed = false;
                let text = self.scan_quoted()?;
                self.push(Kind::Scalar { text, plain: false }, start, self.mark);
                Ok(())
            }
            byte if self.can_start_plain(byte) => {
                self.save_key()?;
                self.key_allowed = false;
                let (text, end) = self.scan_plain()?;
                self.push(Kind::Scalar { text, plain: true }, start, end);
                Ok(())
            }
            b'\t' => Err(self.error(start, "expected spaces as indentation, found a tab")),
            byte => {
                let problem = match byte {
                    b'@' => "expected a value, found `@`: text that begins with it needs quotes",
                    b'`' => "expected a value, found a backquote: text that begins with it needs quotes",
                    b'%' => "expected a value, found `%`: text that begins with it needs quotes",
                    _ => "expected a value",
                };
                Err(self.error(start, problem))
            }
        }
    }

    fn can_start_plain(&self, byte: u8) -> bool {
        match byte {
            b'-' => !self.is_blank(1),
            b'?' | b':' => self.flow == 0 && !self.is_space_or_end(1),
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"'
            | b'%' | b'@' | b'`' => false,
            _ => !self.is_space_or_end(0),
        }
    }

    /// White space, comments, line ends. A tab may separate tokens but not indent them: where a key
    /// can begin, it stays and becomes an error.
    fn skip_to_token(&mut self) {
        loop {
            while self.byte(0) == b' ' || (self.byte(0) == b'\t' && (self.flow > 0 || !self.key_allowed)) {
                self.skip();
            }
            if self.byte(0) == b'#' {
                while !self.is_break_or_end(0) {
                    self.skip();
                }
            }
            if !self.is_break(0) {
                return;
            }
            self.skip_line();
            if self.flow == 0 {
                self.key_allowed = true;
            }
        }
    }

    fn fetch_indicator(&mut self, kind: Kind) {
        let start = self.mark;
        self.skip();
        self.push(kind, start, self.mark);
    }

    fn fetch_end(&mut self) -> Result<(), Error> {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line = self.mark.line.saturating_add(1);
        }
        self.unroll_indent(0);
        self.remove_key()?;
        self.key_allowed = false;
        self.ended = true;
        self.push(Kind::StreamEnd, self.mark, self.mark);
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<(), Error> {
        self.unroll_indent(0);
        self.remove_key()?;
        self.key_allowed = false;
        let start = self.mark;
        let kind = self.scan_directive()?;
        self.push(kind, start, self.mark);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: Kind) -> Result<(), Error> {
        self.save_key()?;
        if self.flow >= CONFIGURATION_NESTING {
            return Err(Error::new(self.mark.place(), Code::TooDeep { limit: CONFIGURATION_NESTING }));
        }
        let key = SimpleKey { possible: false, required: false, token: self.next_number(), mark: self.mark };
        self.keys.push(key);
        self.flow = self.flow.saturating_add(1);
        self.key_allowed = true;
        self.fetch_indicator(kind);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: Kind) -> Result<(), Error> {
        self.remove_key()?;
        if self.flow > 0 {
            self.flow = self.flow.saturating_sub(1);
            self.keys.pop();
        }
        self.key_allowed = false;
        self.fetch_indicator(kind);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), Error> {
        if self.flow == 0 {
            if !self.key_allowed {
                return Err(self.error(
                    self.mark,
                    "expected a value, found a list item: begin the list on the next line",
                ));
            }
            self.roll_indent(self.mark, None, Kind::BlockSequenceStart)?;
        }
        self.remove_key()?;
        self.key_allowed = true;
        self.fetch_indicator(Kind::BlockEntry);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), Error> {
        if self.flow == 0 {
            if !self.key_allowed {
                return Err(self
                    .error(self.mark, "expected a value, found `?`: text that begins with it needs quotes"));
            }
            self.roll_indent(self.mark, None, Kind::BlockMappingStart)?;
        }
        self.remove_key()?;
        self.key_allowed = self.flow == 0;
        self.fetch_indicator(Kind::Key);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), Error> {
        let last = self.keys.len().saturating_sub(1);
        if self.is_valid(last)?
            && let Some(key) = self.keys.get_mut(last)
        {
            key.possible = false;
            let (number, mark) = (key.token, key.mark);
            self.insert(number, Kind::Key, mark);
            self.roll_indent(mark, Some(number), Kind::BlockMappingStart)?;
            self.key_allowed = false;
        } else {
            if self.flow == 0 {
                if !self.key_allowed {
                    let problem = "expected the end of the value, found `:`: is the line indented too far, or does \
                                   its text need quotes?";
                    return Err(self.error(self.mark, problem));
                }
                self.roll_indent(self.mark, None, Kind::BlockMappingStart)?;
            }
            self.key_allowed = self.flow == 0;
        }
        self.fetch_indicator(Kind::Value);
        Ok(())
    }

    // Keys without `?`.

    /// Whether a possible key is still one: it ends on its line and within 1,024 characters.
    fn is_valid(&mut self, index: usize) -> Result<bool, Error> {
        let mark = self.mark;
        let Some(key) = self.keys.get_mut(index).filter(|key| key.possible) else {
            return Ok(false);
        };
        if key.mark.line < mark.line || key.mark.index.saturating_add(1024) < mark.index {
            if key.required {
                let start = key.mark;
                return Err(self.missing_colon(start));
            }
            key.possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    #[cold]
    fn missing_colon(&self, start: Mark) -> Error {
        self.error(start, "expected a key with `:` and a space behind it")
    }

    fn save_key(&mut self) -> Result<(), Error> {
        if !self.key_allowed {
            return Ok(());
        }
        let required = self.flow == 0 && self.indent == self.mark.column.saturating_add(1);
        self.remove_key()?;
        let key = SimpleKey { possible: true, required, token: self.next_number(), mark: self.mark };
        if let Some(last) = self.keys.last_mut() {
            *last = key;
        }
        Ok(())
    }

    fn remove_key(&mut self) -> Result<(), Error> {
        match self.keys.last_mut() {
            Some(key) if key.possible && key.required => {
                let start = key.mark;
                Err(self.missing_colon(start))
            }
            Some(key) => {
                key.possible = false;
                Ok(())
            }
            None => Ok(()),
        }
    }

    // Indentation of block collections.

    /// Begins a block collection where the column is deeper than the current one.
    fn roll_indent(&mut self, mark: Mark, number: Option<usize>, kind: Kind) -> Result<(), Error> {
        let column = mark.column.saturating_add(1);
        if self.flow > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > CONFIGURATION_NESTING {
            return Err(Error::new(mark.place(), Code::TooDeep { limit: CONFIGURATION_NESTING }));
        }
        self.insert(number.unwrap_or(usize::MAX), kind, mark);
        Ok(())
    }

    /// Ends the block collections that are deeper than a column, counted from 1.
    fn unroll_indent(&mut self, column: usize) {
        if self.flow > 0 {
            return;
        }
        while self.indent > column {
            self.push(Kind::BlockEnd, self.mark, self.mark);
            self.indent = self.indents.pop().unwrap_or_default();
        }
    }
}
