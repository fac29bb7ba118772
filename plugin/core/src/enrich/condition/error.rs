//! Why a condition was refused.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

/// Why a condition was refused: where, what was expected, what was found, and what was probably meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionError {
    inner: Box<Inner>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    spot: Spot,
    message: String,
    hint: Option<String>,
}

/// A part of a condition: its first character, the first one of the text being 1, and how many it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) column: usize,
    pub(super) width: usize,
}

impl Spot {
    /// From the beginning of this one to the end of the other.
    pub(super) fn to(self, last: Spot) -> Spot {
        let end = last.column.saturating_add(last.width);
        Spot { column: self.column, width: end.saturating_sub(self.column) }
    }
}

impl ConditionError {
    #[cold]
    pub(super) fn new(spot: Spot, message: impl Into<String>, hint: Option<String>) -> Self {
        ConditionError { inner: Box::new(Inner { spot, message: message.into(), hint }) }
    }

    /// The column of the word it is about, in characters, beginning with 1; it goes on over the lines of a condition.
    pub fn column(&self) -> usize {
        self.inner.spot.column
    }

    /// The line of that word in its condition, and its column there, both beginning with 1.
    pub fn place_in(&self, condition: &str) -> (usize, usize) {
        let before = condition.chars().take(self.column().saturating_sub(1));
        before.fold((1, 1), |(line, column), sign| match sign {
            '\n' => (line.saturating_add(1), 1),
            _ => (line, column.saturating_add(1)),
        })
    }

    /// How many characters that has; 0 where the text ended too early.
    pub fn width(&self) -> usize {
        self.inner.spot.width
    }

    /// What was expected, and what was found instead.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// What was probably meant.
    pub fn hint(&self) -> Option<&str> {
        self.inner.hint.as_deref()
    }
}

impl fmt::Display for ConditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column(), self.message())?;
        match self.hint() {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for ConditionError {}
