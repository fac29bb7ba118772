//! Operators and parentheses, to a program: Dijkstra's shunting yard, so that nothing recurses.

use super::compare::{
    Literal, LiteralValue, Named, OPERATORS, Part, alone, check, listed, named, named_in_item,
};
use super::error::{ConditionError, Spot};
use super::lists::Lists;
use super::names::{Fact, Kind};
use super::test::{Check, ItemCondition, Subject, Test};
use super::words::{Placed, Word, words};
use super::{Condition, Op};
use crate::document::spelling::closest;
use crate::limits::{CONDITION_BYTES, CONDITION_NESTING};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// The words between comparisons.
const JOINING: [&str; 2] = ["and", "or"];

/// An operator that waits for its right side.
#[derive(Clone, Copy, Debug)]
enum Waiting {
    Open(Spot),
    /// The parenthesis of a condition about items.
    Items(Spot),
    Not,
    /// Where in the program the step is that may pass over the right side.
    And(usize),
    Or(usize),
}

struct Parser<'a> {
    words: Vec<Placed>,
    at: usize,
    lists: &'a Lists,
    /// It is of a detection.
    detects: bool,
    waiting: Vec<Waiting>,
    condition: Condition,
    /// The condition around that about items, and the items.
    around: Option<(Condition, Named)>,
}

/// Compiles a condition; `detects`: it is of a detection, and cannot ask which others fire.
pub(super) fn parse(text: &str, lists: &Lists, detects: bool) -> Result<Condition, ConditionError> {
    if text.len() > CONDITION_BYTES {
        let message = format!("expected a condition of at most {CONDITION_BYTES} bytes");
        return Err(ConditionError::new(Spot { column: 1, width: 0 }, message, None));
    }
    let condition = Condition { tests: Vec::new(), program: Vec::new() };
    let mut parser =
        Parser { words: words(text)?, at: 0, lists, detects, waiting: Vec::new(), condition, around: None };
    loop {
        parser.operand()?;
        if parser.operator()? {
            return Ok(parser.condition);
        }
    }
}

impl Parser<'_> {
    /// The next word, which stays.
    fn peek(&self) -> (&Word, Spot) {
        // The last word is the end, and nothing goes beyond it.
        let last = self.words.len().saturating_sub(1);
        match self.words.get(self.at.min(last)) {
            Some(Placed { word, spot }) => (word, *spot),
            None => (&Word::End, Spot { column: 1, width: 0 }),
        }
    }

    fn take(&mut self) -> (Word, Spot) {
        let (word, spot) = self.peek();
        let word = word.clone();
        self.at = self.at.saturating_add(1);
        (word, spot)
    }

    /// Takes the next word if it is this one.
    fn takes(&mut self, wanted: &Word) -> bool {
        let there = self.peek().0 == wanted;
        if there {
            self.at = self.at.saturating_add(1);
        }
        there
    }

    fn takes_name(&mut self, wanted: &str) -> bool {
        let there = matches!(self.peek().0, Word::Name(name) if name == wanted);
        if there {
            self.at = self.at.saturating_add(1);
        }
        there
    }

    /// Everything up to a comparison and the comparison.
    fn operand(&mut self) -> Result<(), ConditionError> {
        loop {
            let (word, spot) = self.peek();
            let waiting = match word {
                Word::Sign('(') => Waiting::Open(spot),
                Word::Name(name) if name == "not" => Waiting::Not,
                Word::Name(name) if name == "any" && self.is_word_here() => {
                    self.at = self.at.saturating_add(1);
                    self.items(spot)?;
                    continue;
                }
                Word::Name(name) if name == "exists" => {
                    self.at = self.at.saturating_add(1);
                    let named = self.path(false)?;
                    self.test(named, Check::Exists, false);
                    return Ok(());
                }
                Word::Name(name) if !JOINING.contains(&name.as_str()) => return self.comparison(),
                word => {
                    let message = format!(
                        "expected a field, a fact, `not`, `exists`, `any` or `(`, found {}",
                        word.shown()
                    );
                    return Err(ConditionError::new(spot, message, None));
                }
            };
            self.at = self.at.saturating_add(1);
            self.wait(waiting, spot)?;
        }
    }

    /// What follows a comparison; whether that is the end.
    fn operator(&mut self) -> Result<bool, ConditionError> {
        loop {
            let (word, spot) = self.take();
            match &word {
                Word::Name(name) if name == "and" => {
                    self.reduce(|waiting| matches!(waiting, Waiting::Not | Waiting::And(_)));
                    let skip = self.condition.program.len();
                    self.condition.program.push(Op::IfFalse(0));
                    self.wait(Waiting::And(skip), spot)?;
                    return Ok(false);
                }
                Word::Name(name) if name == "or" => {
                    self.reduce(|waiting| !matches!(waiting, Waiting::Open(_) | Waiting::Items(_)));
                    let skip = self.condition.program.len();
                    self.condition.program.push(Op::IfTrue(0));
                    self.wait(Waiting::Or(skip), spot)?;
                    return Ok(false);
                }
                Word::Sign(')') => {
                    self.reduce(|waiting| !matches!(waiting, Waiting::Open(_) | Waiting::Items(_)));
                    match (self.waiting.pop(), self.around.take()) {
                        (None, _) => {
                            let message = "expected `and`, `or` or the end, found `)`";
                            return Err(ConditionError::new(spot, message, None));
                        }
                        (Some(Waiting::Items(_)), Some((around, named))) => {
                            let inner = core::mem::replace(&mut self.condition, around);
                            self.add(named, Check::Any, Some(inner.into()), false);
                        }
                        (_, around) => self.around = around,
                    }
                }
                Word::End => {
                    self.reduce(|waiting| !matches!(waiting, Waiting::Open(_) | Waiting::Items(_)));
                    return match self.waiting.last() {
                        Some(Waiting::Open(open) | Waiting::Items(open)) => {
                            Err(ConditionError::new(*open, "expected `)` for this `(`, found the end", None))
                        }
                        _ => Ok(true),
                    };
                }
                word => {
                    let hint = match word {
                        Word::Name(name) => closest(name, JOINING.into_iter())
                            .or_else(|| closest(name, OPERATORS.into_iter()))
                            .map(|hint| format!("did you mean `{hint}`?")),
                        _ => None,
                    };
                    let message = format!("expected `and`, `or` or the end, found {}", word.shown());
                    return Err(ConditionError::new(spot, message, hint));
                }
            }
        }
    }

    fn wait(&mut self, waiting: Waiting, spot: Spot) -> Result<(), ConditionError> {
        if self.waiting.len() >= CONDITION_NESTING {
            let message = format!("expected at most {CONDITION_NESTING} levels of parentheses and `not`");
            return Err(ConditionError::new(spot, message, None));
        }
        self.waiting.push(waiting);
        Ok(())
    }

    /// Ends the operators that have their right side now.
    fn reduce(&mut self, ends: impl Fn(&Waiting) -> bool) {
        while let Some(waiting) = self.waiting.pop_if(|waiting| ends(waiting)) {
            let program = &mut self.condition.program;
            let (op, skip) = match waiting {
                Waiting::Open(_) | Waiting::Items(_) => return,
                Waiting::Not => (Op::Not, None),
                Waiting::And(skip) => (Op::And, Some(skip)),
                Waiting::Or(skip) => (Op::Or, Some(skip)),
            };
            program.push(op);
            let behind = program.len();
            if let Some(Op::IfFalse(to) | Op::IfTrue(to)) = skip.and_then(|skip| program.get_mut(skip)) {
                *to = behind;
            }
        }
    }

    fn test(&mut self, named: Named, check: Check, negated: bool) {
        self.add(named, check, None, negated);
    }

    fn add(&mut self, named: Named, check: Check, items: Option<ItemCondition>, negated: bool) {
        self.condition.program.push(Op::Test(self.condition.tests.len()));
        self.condition.tests.push(Test { subject: named.subject, check, items, negated });
    }

    /// Whether `any` is the word here, with a path behind it, and no member of an item that is called so.
    fn is_word_here(&self) -> bool {
        let behind = self.words.get(self.at.saturating_add(1)).map(|placed| &placed.word);
        matches!(behind, Some(Word::Name(name)) if !OPERATORS.contains(&name.as_str()) && name != "not")
    }

    /// What stands behind `any`, up to its parenthesis.
    fn items(&mut self, at: Spot) -> Result<(), ConditionError> {
        if self.around.is_some() {
            return Err(ConditionError::new(at, "expected no `any` within another", None));
        }
        let named = self.path(true)?;
        if named.kind != Kind::Any {
            let hint = "it is for what holds objects: `any requestObject.rules[*] (…)`, `any container (…)`";
            return Err(ConditionError::new(
                named.spot,
                "expected a path into a body",
                Some(hint.to_owned()),
            ));
        }
        let (word, spot) = self.take();
        if word != Word::Sign('(') {
            let message = format!("expected `(` and a condition about each item, found {}", word.shown());
            return Err(ConditionError::new(spot, message, None));
        }
        self.wait(Waiting::Items(spot), spot)?;
        let inner = Condition { tests: Vec::new(), program: Vec::new() };
        self.around = Some((core::mem::replace(&mut self.condition, inner), named));
        Ok(())
    }

    fn path(&mut self, whole: bool) -> Result<Named, ConditionError> {
        let mut parts = Vec::new();
        let (word, spot) = self.take();
        match word {
            Word::Name(name) => parts.push(Part::Name(name, spot)),
            word => {
                let message = format!("expected a field or a fact, found {}", word.shown());
                return Err(ConditionError::new(spot, message, None));
            }
        }
        loop {
            if self.takes(&Word::Sign('.')) {
                let (word, spot) = self.take();
                let Word::Name(name) = word else {
                    let hint = "names with other signs stand in brackets: `annotations[\"a.b/c\"]`";
                    let message = format!("expected a name behind `.`, found {}", word.shown());
                    return Err(ConditionError::new(spot, message, Some(hint.to_owned())));
                };
                parts.push(Part::Name(name, spot));
            } else if self.takes(&Word::Sign('[')) {
                let (word, spot) = self.take();
                parts.push(match &word {
                    Word::Text(name) if name.contains('*') => Part::Pattern(name.clone(), spot),
                    Word::Text(name) => Part::Name(name.clone(), spot),
                    Word::Sign('*') => Part::Each(spot),
                    Word::Number(_, spelled) if spelled.parse::<usize>().is_ok() => {
                        Part::Index(spelled.parse().unwrap_or_default(), spot)
                    }
                    word => {
                        let message =
                            format!("expected a name in quotes, a number or `*`, found {}", word.shown());
                        return Err(ConditionError::new(spot, message, None));
                    }
                });
                let (word, spot) = self.take();
                if word != Word::Sign(']') {
                    let message = format!("expected `]`, found {}", word.shown());
                    return Err(ConditionError::new(spot, message, None));
                }
            } else {
                if self.around.is_some() {
                    return named_in_item(&parts);
                }
                let named = named(&parts, whole)?;
                if self.detects && matches!(named.subject, Subject::Fact(Fact::Detection | Fact::Severity, _))
                {
                    let message = "the condition of a detection cannot ask for detections";
                    let hint = "write what they ask for; docs/detections.md has it".to_owned();
                    return Err(ConditionError::new(named.spot, message, Some(hint)));
                }
                return Ok(named);
            }
        }
    }

    fn comparison(&mut self) -> Result<(), ConditionError> {
        let named = self.path(false)?;
        let negated = self.takes_name("not");
        let (word, spot) = self.peek();
        let operator = match word {
            Word::Operator(operator) if !negated => Some(*operator),
            Word::Name(name) => OPERATORS.into_iter().find(|known| known == name),
            _ => None,
        };
        let Some(operator) = operator else {
            if negated {
                let words: Vec<&str> =
                    OPERATORS.into_iter().filter(|name| name.len() > 1 && !name.ends_with('=')).collect();
                let message = format!("expected {} behind `not`, found {}", listed(&words), word.shown());
                return Err(ConditionError::new(spot, message, None));
            }
            let ends = match word {
                Word::Name(name) => JOINING.contains(&name.as_str()),
                word => matches!(word, Word::End | Word::Sign(')')),
            };
            let check = alone(&named, word, spot);
            // Where a flag stands alone, what follows it is for the next step to judge.
            if ends || check.is_err() {
                self.test(named, check?, false);
                return Ok(());
            }
            let hint = format!("the operators are {}", listed(&OPERATORS));
            let hint = match word {
                Word::Name(name) => closest(name, OPERATORS.into_iter().chain(JOINING))
                    .map_or(hint, |hint| format!("did you mean `{hint}`?")),
                _ => hint,
            };
            let message = format!("expected an operator, found {}", word.shown());
            return Err(ConditionError::new(spot, message, Some(hint)));
        };
        self.at = self.at.saturating_add(1);
        let takes_list = !matches!(operator, "==" | "!=" | "<" | "<=" | ">" | ">=");
        let literals = self.literals(operator, takes_list)?;
        let check = check(&named, operator, spot, &literals, self.lists)?;
        self.test(named, check, negated || operator == "!=");
        Ok(())
    }

    /// What stands behind an operator.
    fn literals(&mut self, operator: &str, takes_list: bool) -> Result<Vec<Literal>, ConditionError> {
        let (word, spot) = self.peek();
        match word {
            Word::List(name) if takes_list => {
                let Some(values) = self.lists.values(name) else {
                    let names: Vec<&str> = self.lists.names().collect();
                    let hint = if names.is_empty() {
                        "there are no lists".to_owned()
                    } else {
                        format!("there are {}", listed(&names))
                    };
                    let message = format!("expected the name of a list, found `@{name}`");
                    return Err(ConditionError::new(spot, message, Some(hint)));
                };
                let values =
                    values.iter().map(|text| Literal { value: LiteralValue::Text(text.clone()), spot });
                let values = values.collect();
                self.at = self.at.saturating_add(1);
                Ok(values)
            }
            Word::Sign('[') if takes_list => {
                self.at = self.at.saturating_add(1);
                let mut values = vec![self.literal("a value")?];
                loop {
                    let (word, spot) = self.take();
                    match word {
                        Word::Sign(',') => values.push(self.literal("a value")?),
                        Word::Sign(']') => return Ok(values),
                        word => {
                            let message = format!("expected `,` or `]`, found {}", word.shown());
                            return Err(ConditionError::new(spot, message, None));
                        }
                    }
                }
            }
            Word::List(_) | Word::Sign('[') => {
                let message = format!("expected a value behind `{operator}`, found {}", word.shown());
                Err(ConditionError::new(spot, message, Some("a list stands behind `in`".to_owned())))
            }
            word if operator == "in" => {
                let message = format!("expected a list behind `in`, found {}", word.shown());
                let hint = "lists are `[\"a\", \"b\"]`, or `@name` for one with a name";
                Err(ConditionError::new(spot, message, Some(hint.to_owned())))
            }
            _ => Ok(vec![self.literal(&format!("a value behind `{operator}`"))?]),
        }
    }

    fn literal(&mut self, expected: &str) -> Result<Literal, ConditionError> {
        let (word, spot) = self.take();
        let value = match &word {
            Word::Text(text) => LiteralValue::Text(text.clone()),
            Word::Number(number, _) => LiteralValue::Number(*number),
            Word::Name(name) if name == "true" => LiteralValue::Flag(true),
            Word::Name(name) if name == "false" => LiteralValue::Flag(false),
            Word::Name(name) if name == "null" => LiteralValue::Null,
            word => {
                let hint = match word {
                    Word::Name(name) => Some(format!("texts stand in quotes: \"{name}\"")),
                    _ => None,
                };
                let message = format!("expected {expected}, found {}", word.shown());
                return Err(ConditionError::new(spot, message, hint));
            }
        };
        Ok(Literal { value, spot })
    }
}
