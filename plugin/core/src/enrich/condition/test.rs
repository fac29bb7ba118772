//! A comparison, made: what a field or a fact holds, held against what a condition says of it.

use super::super::event::{Event, Items, is_null, quoted};
use super::super::facts::{KnownText, time};
use super::super::pods::Place;
use super::names::Fact;
use super::needle::{Needle, Pattern};
use super::path::{Open, Step, Walk};
use super::{Condition, Op, Run, Truth};
use crate::event::fields::Field;
use crate::json::text;
use alloc::vec::Vec;

/// What the filter writes in place of a text.
const HIDDEN: &[u8] = b"[REDACTED]";

/// A comparison.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Test {
    pub(super) subject: Subject,
    pub(super) check: Check,
    /// What [`Check::Any`] says of one item at least.
    pub(super) items: Option<ItemCondition>,
    pub(super) negated: bool,
}

/// A condition whose subjects are of an item. It is a type of its own, so that there are no items of items in it, and
/// nothing that asks, copies or drops a condition calls itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ItemCondition {
    tests: Vec<ItemTest>,
    program: Vec<Op>,
}

/// A comparison of what a path leads to from an item.
#[derive(Clone, Debug, PartialEq)]
struct ItemTest {
    steps: Vec<Step>,
    check: Check,
    negated: bool,
}

impl ItemCondition {
    /// Its steps.
    pub(super) fn program(&self) -> &[Op] {
        &self.program
    }

    /// A test: what it looks at, what it says, and whether it says the opposite.
    pub(super) fn test(&self, index: usize) -> Option<(&[Step], &Check, bool)> {
        self.tests.get(index).map(|test| (test.steps.as_slice(), &test.check, test.negated))
    }
}

impl From<Condition> for ItemCondition {
    fn from(condition: Condition) -> Self {
        let item = |test: Test| {
            let steps = if let Subject::Item(steps) = test.subject { steps } else { Vec::new() };
            ItemTest { steps, check: test.check, negated: test.negated }
        };
        ItemCondition { tests: condition.tests.into_iter().map(item).collect(), program: condition.program }
    }
}

/// What is compared.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Subject {
    /// What a path leads to from the value of a field.
    Field {
        field: Field,
        steps: Vec<Step>,
        /// Kubernetes leaves it out where it is empty, and it is text.
        empty_if_missing: bool,
        /// The facts know it already, if it is spelled as usual.
        known: Option<KnownText>,
    },
    /// What a path leads to from each pod, or from each container of one.
    Place { place: Place, steps: Vec<Step> },
    /// A fact, or one item of it.
    Fact(Fact, Option<usize>),
    /// What a path leads to from the item that is looked at.
    Item(Vec<Step>),
}

/// What is said of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Check {
    /// It is there, and not `null`.
    Exists,
    /// It is one of these.
    Equals {
        /// In ascending order.
        texts: Vec<Vec<u8>>,
        numbers: Vec<f64>,
        flags: Vec<bool>,
        /// Or it is there as `null`.
        nulls: bool,
    },
    StartsWith(Vec<Vec<u8>>),
    EndsWith(Vec<Vec<u8>>),
    Contains(Vec<Needle>),
    /// It is an item for which a condition holds: the [`items`](Test::items) of the test.
    Any,
    Matches(Vec<Pattern>),
    Number(Order, f64),
    /// Microseconds since 1970.
    Time(Order, i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Order::Less => left < right,
            Order::LessOrEqual => left <= right,
            Order::Greater => left > right,
            Order::GreaterOrEqual => left >= right,
        }
    }
}

/// A value that is compared.
#[derive(Clone, Copy, Debug)]
enum Value<'a> {
    Text(&'a [u8]),
    Number(f64),
    Flag(bool),
    /// An object, or an array in an array.
    Container,
    /// `null`, where that is asked for.
    Null,
    /// The filter has hidden it, or it cannot be read.
    Hidden,
}

/// What the values of a subject have said so far.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    holds: bool,
    /// Of at least one it cannot be told.
    unknown: bool,
    /// There was one.
    any: bool,
}

impl Seen {
    /// Adds a value; whether more of them can change anything.
    fn add(&mut self, check: &Check, value: Value<'_>) -> bool {
        self.any = true;
        match check.holds(value) {
            Some(holds) => self.holds |= holds,
            None => self.unknown = true,
        }
        !self.holds
    }

    /// Adds what a path of an event leads to.
    fn add_json(&mut self, test: &Test, value: &[u8], buffer: &mut Vec<u8>) -> bool {
        let Some(items) = &test.items else { return self.add_value(&test.check, value, buffer) };
        if value.first() == Some(&b'[') {
            return Items::new(value).all(|item| self.add_item(items, item, buffer));
        }
        self.add_item(items, value, buffer)
    }

    /// Adds a value, or the values of an array.
    fn add_value(&mut self, check: &Check, value: &[u8], buffer: &mut Vec<u8>) -> bool {
        if matches!(check, Check::Exists) {
            return is_null(value) || self.add(check, Value::Hidden);
        }
        if value.first() == Some(&b'[') {
            return Items::new(value).all(|item| self.add_scalar(check, item, buffer));
        }
        self.add_scalar(check, value, buffer)
    }

    /// Adds what a condition says of an item; whether more of them can change anything.
    fn add_item(&mut self, condition: &ItemCondition, item: &[u8], buffer: &mut Vec<u8>) -> bool {
        if is_null(item) {
            return true;
        }
        self.any = true;
        let mut run = Run::new(&condition.program);
        while let Some(index) = run.next() {
            let test = condition.tests.get(index);
            run.take(test.map_or(Truth::Unknown, |test| test.evaluate(item, buffer)));
        }
        match run.result() {
            Truth::True => self.holds = true,
            Truth::Unknown => self.unknown = true,
            Truth::False => {}
        }
        !self.holds
    }

    /// What follows from all values.
    fn truth(self, check: &Check, negated: bool) -> Truth {
        let truth = match (check, self) {
            (Check::Exists, Seen { any: true, .. }) | (_, Seen { holds: true, .. }) => Truth::True,
            (Check::Exists, _) => Truth::False,
            (_, Seen { unknown: true, .. } | Seen { any: false, .. }) => Truth::Unknown,
            _ => Truth::False,
        };
        if negated { truth.not() } else { truth }
    }

    fn add_scalar(&mut self, check: &Check, value: &[u8], buffer: &mut Vec<u8>) -> bool {
        let value = match value.first() {
            Some(b'"') => match quoted(value) {
                Some(raw) if raw.contains(&b'\\') => {
                    if text::unescape(raw, buffer) {
                        as_text(buffer)
                    } else {
                        Value::Hidden
                    }
                }
                Some(raw) => as_text(raw),
                None => Value::Hidden,
            },
            Some(b't') => Value::Flag(true),
            Some(b'f') => Value::Flag(false),
            Some(b'{' | b'[') => Value::Container,
            Some(b'-' | b'0'..=b'9') => {
                let number = crate::json::number::to_double(value);
                number.map_or(Value::Hidden, Value::Number)
            }
            Some(b'n') if matches!(check, Check::Equals { nulls: true, .. }) => Value::Null,
            // What is `null` is not there, unless somebody asks for that.
            _ => return true,
        };
        self.add(check, value)
    }
}

impl ItemTest {
    /// What it says of an item.
    fn evaluate(&self, item: &[u8], buffer: &mut Vec<u8>) -> Truth {
        let (mut seen, mut name) = (Seen::default(), Vec::new());
        let mut walk = Walk::new(item, &self.steps);
        while let Some(value) = walk.next(&mut name) {
            if !seen.add_value(&self.check, value, buffer) {
                break;
            }
        }
        seen.truth(&self.check, self.negated)
    }
}

fn as_text(text: &[u8]) -> Value<'_> {
    if text == HIDDEN { Value::Hidden } else { Value::Text(text) }
}

impl Test {
    /// Whether it is about the detections that fire.
    pub(super) const fn asks_detections(&self) -> bool {
        matches!(self.subject, Subject::Fact(Fact::Detection | Fact::Severity, _))
    }

    /// What it says of an event.
    pub(super) fn evaluate(&self, event: &mut Event<'_>) -> Truth {
        let mut seen = Seen::default();
        match &self.subject {
            Subject::Field { field, steps, empty_if_missing, known } => {
                // A part that is missing is empty, but does not exist.
                let known = known.filter(|_| self.items.is_none() && !matches!(self.check, Check::Exists));
                match known.and_then(|known| event.derived().known_text(known)) {
                    Some(text) => {
                        seen.add(&self.check, as_text(text));
                    }
                    None => self.look_at_field(event, *field, steps, *empty_if_missing, &mut seen),
                }
            }
            Subject::Place { place, steps } => self.look_at_pods(event, *place, steps, &mut seen),
            Subject::Fact(fact, index) => self.look_at_fact(event, *fact, *index, &mut seen),
            Subject::Item(_) => {}
        }
        seen.truth(&self.check, self.negated)
    }

    fn look_at_field(
        &self,
        event: &mut Event<'_>,
        field: Field,
        steps: &[Step],
        empty_if_missing: bool,
        seen: &mut Seen,
    ) {
        let mut name = event.take_text();
        let mut buffer = Vec::new();
        let mut is_object = false;
        for root in event.values(field) {
            is_object |= root.first() == Some(&b'{');
            if !self.look_along(root, steps, [&mut name, &mut buffer], seen) {
                break;
            }
        }
        event.give_text(name);
        if !seen.any && is_object && empty_if_missing && !matches!(self.check, Check::Exists) {
            seen.add(&self.check, Value::Text(b""));
        }
    }

    fn look_at_pods(&self, event: &mut Event<'_>, place: Place, steps: &[Step], seen: &mut Seen) {
        let (mut name, mut buffer) = (event.take_text(), Vec::new());
        let (pods, texts) = event.pods();
        'places: for owner in pods.at(place) {
            let (value, members) = pods.value(owner, texts);
            let Some((first, rest)) = steps.split_first().filter(|_| value.first() == Some(&b'{')) else {
                if !self.look_along(value, steps, [&mut name, &mut buffer], seen) {
                    break;
                }
                continue;
            };
            for (raw, value) in members {
                if first.fits(raw, &mut name) && !self.look_along(value, rest, [&mut name, &mut buffer], seen)
                {
                    break 'places;
                }
            }
        }
        event.give_text(name);
    }

    /// Adds the values to which steps lead; whether more of them can change anything.
    #[inline(never)]
    fn look_along(
        &self,
        root: &[u8],
        steps: &[Step],
        [name, buffer]: [&mut Vec<u8>; 2],
        seen: &mut Seen,
    ) -> bool {
        // Nearly always there are two steps at most: room for many takes longer to make than that.
        match steps {
            [] => seen.add_json(self, root, buffer),
            [step] => self.look_one_step(root, step, [name, buffer], seen),
            [first, second] => {
                let Some(mut open) = Open::new(root, first) else { return true };
                while let Some(value) = open.next(first, name) {
                    if !self.look_one_step(value, second, [name, buffer], seen) {
                        return false;
                    }
                }
                true
            }
            _ => self.look_far_along(root, steps, [name, buffer], seen),
        }
    }

    fn look_one_step(
        &self,
        root: &[u8],
        step: &Step,
        [name, buffer]: [&mut Vec<u8>; 2],
        seen: &mut Seen,
    ) -> bool {
        let Some(mut open) = Open::new(root, step) else { return true };
        while let Some(value) = open.next(step, name) {
            if !seen.add_json(self, value, buffer) {
                return false;
            }
        }
        true
    }

    #[inline(never)]
    fn look_far_along(
        &self,
        root: &[u8],
        steps: &[Step],
        [name, buffer]: [&mut Vec<u8>; 2],
        seen: &mut Seen,
    ) -> bool {
        let mut walk = Walk::new(root, steps);
        while let Some(value) = walk.next(name) {
            if !seen.add_json(self, value, buffer) {
                return false;
            }
        }
        true
    }

    fn look_at_fact(&self, event: &mut Event<'_>, fact: Fact, index: Option<usize>, seen: &mut Seen) {
        let check = &self.check;
        if matches!(fact, Fact::Detection | Fact::Severity) {
            // That none fires is known, if they are asked.
            seen.any = event.has_detections() && !matches!(check, Check::Exists);
            let found = event.known_detections();
            if fact == Fact::Detection {
                found.for_each(|rule| {
                    seen.add(check, Value::Text(rule.id.as_bytes()));
                });
            } else if let Some(severity) = found.map(|rule| rule.severity).max() {
                seen.add(check, Value::Text(severity.name().as_bytes()));
            }
            return;
        }
        let facts = event.derived();
        let name = |name: &'static str| Value::Text(name.as_bytes());
        let value = match fact {
            Fact::Action => facts.action.map(|action| name(action.name())),
            Fact::ActorClass => facts.actor.map(|actor| name(actor.name())),
            Fact::ActorName => facts.actor_name().map(as_text),
            Fact::ActorNamespace => facts.actor_namespace().map(as_text),
            Fact::DryRun => Some(Value::Flag(facts.dry_run)),
            Fact::Impersonated => Some(Value::Flag(facts.impersonated)),
            Fact::LatencyMs => facts.latency_us.map(|latency| Value::Number(latency as f64 / 1000.0)),
            Fact::Outcome => facts.outcome.map(|outcome| name(outcome.name())),
            Fact::SourceIp => facts.source_text().map(Value::Text),
            Fact::SourcePublic => facts.source_is_public().map(Value::Flag),
            Fact::Target => facts.target().map(as_text),
            Fact::Detection | Fact::Severity => None,
            Fact::Command => {
                for (at, argument) in facts.command().enumerate() {
                    if index.is_none_or(|index| index == at) {
                        seen.add(check, as_text(argument));
                    }
                }
                return;
            }
        };
        if let Some(value) = value {
            seen.add(check, value);
        }
    }
}

impl Check {
    /// Whether a value is what is said; `None` if that cannot be told.
    fn holds(&self, value: Value<'_>) -> Option<bool> {
        match (self, value) {
            (Check::Exists, _) => Some(true),
            (_, Value::Hidden) => None,
            (Check::Equals { texts, .. }, Value::Text(text)) => {
                Some(texts.binary_search_by(|known| known.as_slice().cmp(text)).is_ok())
            }
            (Check::Equals { numbers, .. }, Value::Number(number)) => Some(numbers.contains(&number)),
            (Check::Equals { flags, .. }, Value::Flag(flag)) => Some(flags.contains(&flag)),
            (Check::Equals { .. }, Value::Container) => Some(false),
            (Check::Equals { nulls, .. }, Value::Null) => Some(*nulls),
            (Check::StartsWith(texts), Value::Text(text)) => {
                Some(texts.iter().any(|start| text.starts_with(start)))
            }
            (Check::EndsWith(texts), Value::Text(text)) => Some(texts.iter().any(|end| text.ends_with(end))),
            (Check::Contains(needles), Value::Text(text)) => {
                Some(needles.iter().any(|needle| needle.is_in(text)))
            }
            (Check::Matches(patterns), Value::Text(text)) => {
                Some(patterns.iter().any(|pattern| pattern.fits(text)))
            }
            (Check::Number(order, right), Value::Number(left)) => Some(order.holds(&left, right)),
            (Check::Time(order, right), Value::Text(text)) => {
                time::micros(text).map(|left| order.holds(&left, right))
            }
            // Neither smaller nor larger, and no part of anything.
            _ => None,
        }
    }
}
