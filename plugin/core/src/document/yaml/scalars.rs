//! Plain, quoted and block scalars.

use super::scan::{Mark, Scanner};
use crate::document::error::Error;
use alloc::string::String;

/// White space inside a scalar that may turn out to be at its end, or to be a fold.
#[derive(Default)]
struct Gap {
    /// Spaces and tabs, as long as the line goes on.
    blanks: String,
    /// The first line end, and those that follow.
    first: String,
    more: String,
    /// Whether a line ended.
    broken: bool,
}

impl Gap {
    /// Writes what the gap stands for: a single line end folds to a space.
    fn flush(&mut self, text: &mut String) {
        if self.broken {
            if !self.first.starts_with('\n') {
                text.push_str(&self.first);
                text.push_str(&self.more);
            } else if self.more.is_empty() {
                text.push(' ');
            } else {
                text.push_str(&self.more);
            }
        } else {
            text.push_str(&self.blanks);
        }
        *self = Gap::default();
    }
}

impl Scanner<'_> {
    /// Reads a blank or a line end into a gap.
    fn widen(&mut self, gap: &mut Gap) {
        if self.is_blank(0) {
            if gap.broken {
                self.skip();
            } else {
                self.copy(&mut gap.blanks);
            }
        } else if gap.broken {
            self.copy_line(&mut gap.more);
        } else {
            gap.blanks.clear();
            self.copy_line(&mut gap.first);
            gap.broken = true;
        }
    }

    /// The text, and where its last character ends.
    pub(super) fn scan_plain(&mut self) -> Result<(String, Mark), Error> {
        let mut text = String::new();
        let mut gap = Gap::default();
        let mut end = self.mark;
        let flow = self.flow > 0;
        while !self.is_document_indicator() && self.byte(0) != b'#' {
            while !self.is_space_or_end(0) {
                let byte = self.byte(0);
                if (byte == b':' && self.is_space_or_end(1))
                    || (flow && matches!(byte, b',' | b'?' | b'[' | b']' | b'{' | b'}'))
                {
                    break;
                }
                gap.flush(&mut text);
                self.copy(&mut text);
                end = self.mark;
            }
            if !(self.is_blank(0) || self.is_break(0)) {
                break;
            }
            while self.is_blank(0) || self.is_break(0) {
                if gap.broken && self.mark.column < self.indent && self.byte(0) == b'\t' {
                    return Err(self.error(self.mark, "expected spaces as indentation, found a tab"));
                }
                self.widen(&mut gap);
            }
            if !flow && self.mark.column < self.indent {
                break;
            }
        }
        if gap.broken {
            self.key_allowed = true;
        }
        Ok((text, end))
    }

    pub(super) fn scan_quoted(&mut self) -> Result<String, Error> {
        let (start, quote) = (self.mark, self.byte(0));
        self.skip();
        let mut text = String::new();
        loop {
            if self.is_document_indicator() {
                return Err(
                    self.error(self.mark, "expected the closing quote, found the end of the document")
                );
            }
            if self.is_end() {
                return Err(self.error(start, "expected a closing quote, found the end of the text"));
            }
            let mut gap = Gap::default();
            while !self.is_space_or_end(0) {
                match self.byte(0) {
                    b'\'' if quote == b'\'' && self.byte(1) == b'\'' => {
                        self.skip();
                        self.copy(&mut text);
                    }
                    byte if byte == quote => break,
                    b'\\' if quote == b'"' && self.is_break(1) => {
                        self.skip();
                        self.skip_line();
                        // The line end is gone, but the indentation behind it does not count.
                        gap.broken = true;
                        break;
                    }
                    b'\\' if quote == b'"' => self.escape(&mut text)?,
                    _ => self.copy(&mut text),
                }
            }
            if self.byte(0) == quote {
                self.skip();
                return Ok(text);
            }
            while self.is_blank(0) || self.is_break(0) {
                self.widen(&mut gap);
            }
            gap.flush(&mut text);
        }
    }

    fn escape(&mut self, text: &mut String) -> Result<(), Error> {
        let start = self.mark;
        let mut digits = 0_usize;
        match self.byte(1) {
            b'0' => text.push('\0'),
            b'a' => text.push('\u{7}'),
            b'b' => text.push('\u{8}'),
            b't' | b'\t' => text.push('\t'),
            b'n' => text.push('\n'),
            b'v' => text.push('\u{B}'),
            b'f' => text.push('\u{C}'),
            b'r' => text.push('\r'),
            b'e' => text.push('\u{1B}'),
            byte @ (b' ' | b'"' | b'\'' | b'\\') => text.push(char::from(byte)),
            b'N' => text.push('\u{85}'),
            b'_' => text.push('\u{A0}'),
            b'L' => text.push('\u{2028}'),
            b'P' => text.push('\u{2029}'),
            b'x' => digits = 2,
            b'u' => digits = 4,
            b'U' => digits = 8,
            _ => return Err(self.error(start, "expected an escape sequence of YAML behind the backslash")),
        }
        self.skip();
        self.skip();
        if digits == 0 {
            return Ok(());
        }
        let mut value = 0_u32;
        for _ in 0..digits {
            let Some(digit) = char::from(self.byte(0)).to_digit(16) else {
                return Err(self.error(start, "expected hexadecimal digits in the escape sequence"));
            };
            value = (value << 4) | digit;
            self.skip();
        }
        let Some(character) = char::from_u32(value) else {
            return Err(
                self.error(start, "expected the number of a Unicode character in the escape sequence")
            );
        };
        text.push(character);
        Ok(())
    }

    /// The text, and where its last line ends.
    pub(super) fn scan_block_scalar(&mut self) -> Result<(String, Mark), Error> {
        let literal = self.byte(0) == b'|';
        self.skip();
        let (mut chomp, mut increment) = (None, None);
        for _ in 0..2 {
            match self.byte(0) {
                byte @ (b'+' | b'-') if chomp.is_none() => chomp = Some(byte),
                b'0' if increment.is_none() => {
                    return Err(self.error(self.mark, "expected an indentation of 1 to 9"));
                }
                byte @ b'1'..=b'9' if increment.is_none() => {
                    increment = Some(usize::from(byte.wrapping_sub(b'0')));
                }
                _ => break,
            }
            self.skip();
        }
        self.finish_line()?;
        let mut end = self.mark;
        // Of the content, in columns; found by the first line that is not empty.
        let mut indent = increment.map(|increment| self.indent.saturating_sub(1).saturating_add(increment));
        let (mut text, mut leading, mut trailing) = (String::new(), String::new(), String::new());
        self.block_breaks(&mut indent, &mut trailing, &mut end)?;
        let mut after_blank = false;
        while Some(self.mark.column) == indent && !self.is_end() {
            let blank = self.is_blank(0);
            if !literal && leading.starts_with('\n') && !after_blank && !blank {
                if trailing.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(&leading);
            }
            leading.clear();
            text.push_str(&trailing);
            trailing.clear();
            after_blank = blank;
            while !self.is_break_or_end(0) {
                self.copy(&mut text);
            }
            if self.is_break(0) {
                self.copy_line(&mut leading);
            }
            self.block_breaks(&mut indent, &mut trailing, &mut end)?;
        }
        if chomp != Some(b'-') {
            text.push_str(&leading);
        }
        if chomp == Some(b'+') {
            text.push_str(&trailing);
        }
        Ok((text, end))
    }

    /// Indentation and empty lines before the next line of a block scalar.
    fn block_breaks(
        &mut self,
        indent: &mut Option<usize>,
        breaks: &mut String,
        end: &mut Mark,
    ) -> Result<(), Error> {
        *end = self.mark;
        let mut deepest = 0;
        loop {
            let inside = |scanner: &Self| indent.is_none_or(|indent| scanner.mark.column < indent);
            while inside(self) && self.byte(0) == b' ' {
                self.skip();
            }
            deepest = deepest.max(self.mark.column);
            if inside(self) && self.byte(0) == b'\t' {
                return Err(self.error(self.mark, "expected spaces as indentation, found a tab"));
            }
            if !self.is_break(0) {
                break;
            }
            self.copy_line(breaks);
            *end = self.mark;
        }
        if indent.is_none() {
            *indent = Some(deepest.max(self.indent).max(1));
        }
        Ok(())
    }
}
