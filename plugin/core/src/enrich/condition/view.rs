//! A condition, for who translates it into another language: its operations, with names in place of indexes. Cold, and asked
//! by no record.
//!
//! ```text
//! verb == "get" and not dry_run   ->   Test(verb == "get"), Test(dry_run), Not, And
//! ```

use super::super::pods::Place;
use super::names::{FACTS, FIELDS};
use super::path::Step;
use super::test::{Check, Order, Subject};
use super::{Condition, Op};
use alloc::string::String;
use alloc::vec::Vec;

/// A step of a condition. Results stand on a stack: a test adds one, the others take theirs from its top.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation<T> {
    /// Adds the result of a test.
    Test(T),
    /// Negates the last result.
    Not,
    /// Takes the last two for one.
    And,
    /// The same.
    Or,
}

/// A test of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// What it looks at.
    pub about: About,
    /// What it says of that.
    pub says: Says,
    /// What [`Says::Any`] says of one item at least.
    pub items: Vec<Operation<ItemQuestion>>,
    /// It says the opposite.
    pub negated: bool,
}

/// A test of an item.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemQuestion {
    /// The way to what it looks at, from the item.
    pub way: Vec<Way>,
    /// What it says of that.
    pub says: Says,
    /// It says the opposite.
    pub negated: bool,
}

/// What a test looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum About {
    /// What stands in a member of the event.
    Field {
        /// The member's name.
        field: &'static str,
        /// The way from its value.
        way: Vec<Way>,
        /// Where it is missing from an object it is an empty text.
        empty_if_missing: bool,
    },
    /// What stands in each pod of the request's body.
    Pod(Vec<Way>),
    /// What stands in each container of these.
    Container(Vec<Way>),
    /// A fact, or one item of it.
    Fact(&'static str, Option<usize>),
}

/// A step from a value to what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// The members of this name.
    Name(String),
    /// The members whose names fit this pattern, in which `*` stands for any text.
    Fits(String),
    /// Every item.
    Each,
    /// The item of this index.
    Index(usize),
}

/// What a test says. Texts are of a list of which one has to fit.
#[derive(Clone, Debug, PartialEq)]
pub enum Says {
    /// It is there, and not `null`.
    Exists,
    /// It is one of these.
    Equals {
        /// Texts.
        texts: Vec<String>,
        /// Numbers.
        numbers: Vec<f64>,
        /// `true` or `false`.
        flags: Vec<bool>,
        /// Or it is there as `null`.
        nulls: bool,
    },
    /// It begins so.
    StartsWith(Vec<String>),
    /// It ends so.
    EndsWith(Vec<String>),
    /// It holds that.
    Contains(Vec<String>),
    /// All of it fits a pattern, in which `*` stands for any text.
    Matches(Vec<String>),
    /// A number that is smaller or larger: `<`, `<=`, `>` or `>=`.
    Number(&'static str, f64),
    /// A time that is earlier or later; in microseconds since 1970.
    Time(&'static str, i64),
    /// It is an item for which a condition holds.
    Any,
}

impl Condition {
    /// Its steps, in the order in which they are done.
    pub fn operations(&self) -> Vec<Operation<Question>> {
        let question = |index: usize| {
            let test = self.tests.get(index)?;
            let about = about(&test.subject);
            let items = test.items.as_ref().map(|items| {
                let item = |index: usize| {
                    let (steps, check, negated) = items.test(index)?;
                    Some(ItemQuestion { way: way(steps), says: says(check), negated })
                };
                operations(items.program(), item)
            });
            let items = items.unwrap_or_default();
            Some(Question { about, says: says(&test.check), items, negated: test.negated })
        };
        operations(&self.program, question)
    }
}

/// The steps of a program, without those that only pass over others.
fn operations<T>(program: &[Op], test: impl Fn(usize) -> Option<T>) -> Vec<Operation<T>> {
    let step = |op: &Op| match *op {
        Op::Test(index) => test(index).map(Operation::Test),
        Op::Not => Some(Operation::Not),
        Op::And => Some(Operation::And),
        Op::Or => Some(Operation::Or),
        Op::IfFalse(_) | Op::IfTrue(_) => None,
    };
    program.iter().filter_map(step).collect()
}

fn about(subject: &Subject) -> About {
    match subject {
        Subject::Field { field, steps, empty_if_missing, .. } => {
            let path = FIELDS.iter().find(|known| known.field == *field).map_or("", |known| known.path);
            let field = path.split('.').next().unwrap_or_default();
            About::Field { field, way: way(steps), empty_if_missing: *empty_if_missing }
        }
        Subject::Place { place: Place::Pod, steps } => About::Pod(way(steps)),
        Subject::Place { place: Place::Container, steps } => About::Container(way(steps)),
        Subject::Fact(fact, index) => {
            let known = FACTS.iter().find(|(_, known, _)| known == fact);
            About::Fact(known.map_or("", |(name, ..)| name), *index)
        }
        // Only items have it, and those are told as such.
        Subject::Item(_) => About::Fact("", None),
    }
}

fn way(steps: &[Step]) -> Vec<Way> {
    let step = |step: &Step| match step {
        Step::Name(name) | Step::AnyCase(name) => Way::Name(name.clone()),
        Step::Fits(pattern) => Way::Fits(pattern.written()),
        Step::Each => Way::Each,
        Step::Index(index) => Way::Index(*index),
    };
    steps.iter().map(step).collect()
}

fn says(check: &Check) -> Says {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let texts = |texts: &[Vec<u8>]| texts.iter().map(|bytes| text(bytes)).collect();
    let sign = |order: Order| match order {
        Order::Less => "<",
        Order::LessOrEqual => "<=",
        Order::Greater => ">",
        Order::GreaterOrEqual => ">=",
    };
    match check {
        Check::Exists => Says::Exists,
        Check::Equals { texts: all, numbers, flags, nulls } => {
            Says::Equals { texts: texts(all), numbers: numbers.clone(), flags: flags.clone(), nulls: *nulls }
        }
        Check::StartsWith(all) => Says::StartsWith(texts(all)),
        Check::EndsWith(all) => Says::EndsWith(texts(all)),
        Check::Contains(needles) => {
            Says::Contains(needles.iter().map(|needle| text(needle.text())).collect())
        }
        Check::Matches(patterns) => Says::Matches(patterns.iter().map(super::Pattern::written).collect()),
        Check::Number(order, number) => Says::Number(sign(*order), *number),
        Check::Time(order, time) => Says::Time(sign(*order), *time),
        Check::Any => Says::Any,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Lists;
    use super::*;
    use alloc::vec;

    fn of(text: &str) -> Vec<Operation<Question>> {
        Condition::compile(text, &Lists::new()).unwrap().operations()
    }

    #[test]
    fn operations_say_what_is_written() {
        let seen =
            of(r#"not (userAgent matches "a*b*" and pod.x[*]["c*"][2] > 3) or command[0] contains "z""#);
        let says: Vec<Option<&Says>> = seen
            .iter()
            .map(|step| match step {
                Operation::Test(question) => Some(&question.says),
                _ => None,
            })
            .collect();
        assert_eq!(
            says,
            [
                Some(&Says::Matches(vec!["a*b*".into()])),
                Some(&Says::Number(">", 3.0)),
                None,
                None,
                Some(&Says::Contains(vec!["z".into()])),
                None
            ]
        );
        assert_eq!((&seen[2], &seen[3], &seen[5]), (&Operation::And, &Operation::Not, &Operation::Or));
        let Operation::Test(Question { about: About::Pod(way), .. }) = &seen[1] else {
            panic!("{:?}", seen[1])
        };
        assert_eq!(way, &[Way::Name("x".into()), Way::Each, Way::Fits("c*".into()), Way::Index(2)]);
        let Operation::Test(Question { about, .. }) = &seen[4] else { panic!("{:?}", seen[4]) };
        assert_eq!(about, &About::Fact("command", Some(0)));
    }

    #[test]
    fn items_are_told_apart() {
        let seen = of(r#"any requestObject.rules[*] (a == null and not exists b[0])"#);
        let [Operation::Test(Question { about, says: Says::Any, items, negated: false })] = seen.as_slice()
        else {
            panic!("{seen:?}")
        };
        let way = vec![Way::Name("rules".into()), Way::Each];
        assert_eq!(about, &About::Field { field: "requestObject", way, empty_if_missing: false });
        assert_eq!(items.len(), 4);
        let none = Says::Equals { texts: vec![], numbers: vec![], flags: vec![], nulls: true };
        let first = ItemQuestion { way: vec![Way::Name("a".into())], says: none, negated: false };
        assert_eq!(items[0], Operation::Test(first));
    }
}
