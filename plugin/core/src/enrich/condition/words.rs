//! A condition's text, cut into words.

use super::error::{ConditionError, Spot};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::iter::Peekable;
use core::str::Chars;

/// A word of a condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    /// A name or a word of the language.
    Name(String),
    /// A text in quotes.
    Text(String),
    /// A number, and as it is spelled.
    Number(f64, String),
    /// The name of a list, without its `@`.
    List(String),
    /// `==`, `!=`, `<`, `<=`, `>`, `>=`
    Operator(&'static str),
    /// One of `( ) [ ] , . *`
    Sign(char),
    End,
}

/// A word and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) word: Word,
    pub(super) spot: Spot,
}

impl Word {
    /// How a message calls it.
    pub(super) fn shown(&self) -> String {
        match self {
            Word::Name(name) => format!("`{name}`"),
            Word::Text(text) => format!("the text {text:?}"),
            Word::Number(_, spelled) => format!("the number {spelled}"),
            Word::List(name) => format!("`@{name}`"),
            Word::Operator(operator) => format!("`{operator}`"),
            Word::Sign(sign) => format!("`{sign}`"),
            Word::End => "the end".to_owned(),
        }
    }
}

/// Cuts a text into words; the last one is [`Word::End`].
pub(super) fn words(text: &str) -> Result<Vec<Placed>, ConditionError> {
    let mut source = Source { rest: text.chars().peekable(), column: 1 };
    let mut words = Vec::new();
    loop {
        while source.rest.peek().is_some_and(|sign| sign.is_whitespace()) {
            source.next();
        }
        let column = source.column;
        let word = source.word()?;
        let ended = word == Word::End;
        words.push(Placed { word, spot: Spot { column, width: source.column.saturating_sub(column) } });
        if ended {
            return Ok(words);
        }
    }
}

struct Source<'a> {
    rest: Peekable<Chars<'a>>,
    /// Of the next character.
    column: usize,
}

impl Source<'_> {
    fn next(&mut self) -> Option<char> {
        let sign = self.rest.next()?;
        self.column = self.column.saturating_add(1);
        Some(sign)
    }

    fn take(&mut self, expected: char) -> bool {
        let there = self.rest.peek() == Some(&expected);
        if there {
            self.next();
        }
        there
    }

    fn take_while(&mut self, into: &mut String, fits: impl Fn(char) -> bool) {
        while let Some(sign) = self.rest.peek().copied().filter(|&sign| fits(sign)) {
            into.push(sign);
            self.next();
        }
    }

    fn word(&mut self) -> Result<Word, ConditionError> {
        let column = self.column;
        let Some(first) = self.next() else { return Ok(Word::End) };
        match first {
            '(' | ')' | '[' | ']' | ',' | '.' | '*' => Ok(Word::Sign(first)),
            '"' | '\'' => self.text(first, column),
            '<' if self.take('=') => Ok(Word::Operator("<=")),
            '<' => Ok(Word::Operator("<")),
            '>' if self.take('=') => Ok(Word::Operator(">=")),
            '>' => Ok(Word::Operator(">")),
            '=' if self.take('=') => Ok(Word::Operator("==")),
            '!' if self.take('=') => Ok(Word::Operator("!=")),
            '@' => {
                let mut name = String::new();
                self.take_while(&mut name, is_in_name);
                if name.is_empty() {
                    return Err(self.refused(column, "expected the name of a list behind `@`", None));
                }
                Ok(Word::List(name))
            }
            '-' | '0'..='9' => self.number(first, column),
            _ if is_in_name(first) && first != '-' => {
                let mut name = first.to_string();
                self.take_while(&mut name, is_in_name);
                Ok(Word::Name(name))
            }
            _ => {
                let mut found = first.to_string();
                self.take_while(&mut found, |sign| matches!(sign, '=' | '~' | '&' | '|' | '!'));
                let (expected, hint) = match found.as_str() {
                    "=" | "===" => ("an operator", Some("equality is `==`")),
                    "=~" => ("an operator", Some("patterns are `matches \"a*\"`")),
                    "&&" | "&" => ("a word", Some("write `and`")),
                    "||" | "|" => ("a word", Some("write `or`")),
                    "!" => ("a word", Some("write `not`")),
                    _ => ("a word", None),
                };
                let message = format!("expected {expected}, found `{found}`");
                Err(self.refused(column, &message, hint))
            }
        }
    }

    fn text(&mut self, quote: char, column: usize) -> Result<Word, ConditionError> {
        let mut text = String::new();
        loop {
            match self.next() {
                Some(sign) if sign == quote => return Ok(Word::Text(text)),
                Some('\\') => {
                    let escape = self.column.saturating_sub(1);
                    match self.next() {
                        Some(sign @ ('\\' | '"' | '\'')) => text.push(sign),
                        _ => {
                            let message = "expected `\\\\`, `\\\"` or `\\'`, found another escape";
                            return Err(self.refused(escape, message, Some("a backslash is written twice")));
                        }
                    }
                }
                Some(sign) => text.push(sign),
                None => {
                    let message = format!("expected {quote} at the end of a text");
                    return Err(self.refused(column, &message, None));
                }
            }
        }
    }

    fn number(&mut self, first: char, column: usize) -> Result<Word, ConditionError> {
        let mut spelled = first.to_string();
        self.take_while(&mut spelled, |sign| sign.is_ascii_digit());
        if self.rest.peek() == Some(&'.') {
            self.take_while(&mut spelled, |sign| sign == '.' || sign.is_ascii_digit());
        }
        // Letters are taken along, to be refused with it.
        self.take_while(&mut spelled, is_in_name);
        let digits = spelled.strip_prefix('-').unwrap_or(&spelled);
        let plain = digits.starts_with(|digit: char| digit.is_ascii_digit())
            && digits.chars().all(|sign| sign.is_ascii_digit() || sign == '.');
        match spelled.parse::<f64>() {
            Ok(number) if plain => Ok(Word::Number(number, spelled)),
            _ => {
                let message = format!("expected a number, found `{spelled}`");
                Err(self.refused(
                    column,
                    &message,
                    Some("texts stand in quotes; numbers are like 403 or 0.5"),
                ))
            }
        }
    }

    /// An error about what stands between `column` and here.
    fn refused(&self, column: usize, message: &str, hint: Option<&str>) -> ConditionError {
        let spot = Spot { column, width: self.column.saturating_sub(column) };
        ConditionError::new(spot, message, hint.map(ToOwned::to_owned))
    }
}

fn is_in_name(sign: char) -> bool {
    sign.is_alphanumeric() || matches!(sign, '_' | '-')
}
