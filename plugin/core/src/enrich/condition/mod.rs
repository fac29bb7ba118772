//! The language of conditions: compiled once to a flat program, evaluated without recursion and without allocating.
//!
//! `docs/conditions.md` is its manual.
//!
//! | file | what | when |
//! |---|---|---|
//! | `words` | the text, cut into words | cold |
//! | `parse` | operators and parentheses, to a program | cold |
//! | `compare` | one comparison, checked against what its field can be | cold |
//! | `names` | the fields and facts there are | cold |
//! | `error`, `lists` | what is told of mistakes; lists with names | cold |
//! | `split` | a condition, taken apart at its `and`s | cold |
//! | `view` | a condition, for who translates it | cold |
//! | `test` | a comparison, made | once per event |
//! | `path` | the values that a path leads to | once per event |
//! | `needle` | texts in texts | once per event |

mod compare;
mod error;
mod lists;
mod names;
mod needle;
mod parse;
mod path;
mod split;
mod test;
pub mod view;
mod words;

pub use error::ConditionError;
pub use lists::Lists;
pub(super) use names::Fact;
pub(super) use needle::Pattern;
pub(super) use split::Inputs;

use super::event::Event;
use crate::limits::CONDITION_NESTING;
use alloc::vec::Vec;
use test::Test;

/// What a condition says of an event.
///
/// In this order `and` is the smaller and `or` the larger of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It does not hold.
    False,
    /// The event does not tell.
    Unknown,
    /// It holds.
    True,
}

impl Truth {
    const fn not(self) -> Truth {
        match self {
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
            Truth::True => Truth::False,
        }
    }
}

/// A condition that events are held against.
///
/// ```
/// use auditveil_core::enrich::{Condition, Lists, Reader, Truth};
///
/// let lists = Lists::new().with("admins", ["alice", "bob"]);
/// let text = r#"action == "exec" and user.username not in @admins"#;
/// let condition = Condition::compile(text, &lists).unwrap();
///
/// let mut reader = Reader::default();
/// let event = br#"{"verb":"get","objectRef":{"resource":"pods","subresource":"exec"},"user":{"username":"eve"}}"#;
/// assert_eq!(condition.evaluate(&mut reader.read(event)), Truth::True);
///
/// let error = Condition::compile("verb = 'get'", &lists).unwrap_err();
/// assert_eq!(error.to_string(), "column 6: expected an operator, found `=`; equality is `==`");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    tests: Vec<Test>,
    program: Vec<Op>,
}

/// A step of a program. Results stand on a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    /// Adds the result of this test.
    Test(usize),
    Not,
    And,
    Or,
    /// Goes on at this step if the last result is false: that of `and` is certain then.
    IfFalse(usize),
    /// The same for true and `or`.
    IfTrue(usize),
}

impl Condition {
    /// Compiles a condition.
    ///
    /// # Errors
    ///
    /// It is none, names what does not exist, or compares what cannot be compared.
    pub fn compile(text: &str, lists: &Lists) -> Result<Condition, ConditionError> {
        parse::parse(text, lists, false)
    }

    /// Compiles the condition of a detection, which may ask for no detections.
    ///
    /// # Errors
    ///
    /// As [`compile`](Self::compile).
    pub(crate) fn compile_detection(text: &str, lists: &Lists) -> Result<Condition, ConditionError> {
        parse::parse(text, lists, true)
    }

    /// What it says of an event.
    pub fn evaluate(&self, event: &mut Event<'_>) -> Truth {
        if self.tests.iter().any(Test::asks_detections) {
            event.find_detections();
        }
        event.facts();
        self.ask(event)
    }

    /// The same of an event of which all that matters to it is known: whose facts are derived, and whose detections are found.
    /// So detections themselves are asked, which must not ask for each other.
    pub(super) fn ask(&self, event: &mut Event<'_>) -> Truth {
        // Most parts of detections are one test.
        if let ([Op::Test(_)], [test]) = (self.program.as_slice(), self.tests.as_slice()) {
            return test.evaluate(event);
        }
        let mut run = Run::new(&self.program);
        while let Some(index) = run.next() {
            run.take(self.tests.get(index).map_or(Truth::Unknown, |test| test.evaluate(event)));
        }
        run.result()
    }

    /// Whether it holds: whether it is true, and not unknown.
    pub fn holds(&self, event: &mut Event<'_>) -> bool {
        self.evaluate(event) == Truth::True
    }
}

/// A condition on its way to a result. It asks for the results of tests instead of finding them, so that the same program
/// serves events and items, and nothing of either calls the other.
struct Run<'a> {
    program: &'a [Op],
    /// The results so far; every operator that waits has one operand here.
    stack: [Truth; CONDITION_NESTING + 2],
    height: usize,
    at: usize,
}

impl<'a> Run<'a> {
    const fn new(program: &'a [Op]) -> Self {
        Run { program, stack: [Truth::Unknown; CONDITION_NESTING + 2], height: 0, at: 0 }
    }

    /// The index of the test that has to be made next; none if the result is there.
    fn next(&mut self) -> Option<usize> {
        while let Some(&op) = self.program.get(self.at) {
            self.at = self.at.wrapping_add(1);
            let top = self.height.wrapping_sub(1);
            let last = self.stack.get(top).copied().unwrap_or(Truth::Unknown);
            let under = top.wrapping_sub(1);
            let (place, result) = match op {
                Op::Test(index) => return Some(index),
                Op::IfFalse(to) | Op::IfTrue(to) => {
                    let certain = if matches!(op, Op::IfFalse(_)) { Truth::False } else { Truth::True };
                    if last == certain {
                        self.at = to;
                    }
                    continue;
                }
                Op::Not => (top, last.not()),
                Op::And => (under, self.stack.get(under).copied().unwrap_or(Truth::Unknown).min(last)),
                Op::Or => (under, self.stack.get(under).copied().unwrap_or(Truth::Unknown).max(last)),
            };
            if let Some(slot) = self.stack.get_mut(place) {
                *slot = result;
            }
            self.height = place.wrapping_add(1);
        }
        None
    }

    /// Takes the result of the test that was asked for.
    fn take(&mut self, result: Truth) {
        if let Some(place) = self.stack.get_mut(self.height) {
            *place = result;
        }
        self.height = self.height.wrapping_add(1);
    }

    fn result(&self) -> Truth {
        self.stack.first().copied().unwrap_or(Truth::Unknown)
    }
}

/// Every name that a condition can begin with: fields, places in bodies, facts.
pub fn names() -> impl Iterator<Item = &'static str> {
    let fields = names::FIELDS.iter().map(|known| known.path);
    fields.chain(names::PLACES).chain(names::FACTS.iter().map(|(name, ..)| *name))
}

#[cfg(test)]
mod tests;
