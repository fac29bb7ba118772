//! The check of a tree against what it may hold: types, unknown keys, repeated keys.

use super::error::{Code, Error, Found, Meant, TEXT};
use super::spelling::closest;
use super::time::is_rfc3339;
use super::tree::{Document, Map, Member, NodeId, Place, Step, Value};
use crate::limits::CONFIGURATION_FINDINGS;
use alloc::string::ToString;
use alloc::vec::Vec;

/// What a value may be. `null` is always allowed: it stands for the value that is not there.
#[derive(Debug)]
pub(crate) enum Shape {
    /// Anything at all.
    Any,
    Text,
    Bool,
    /// A whole number of 64 bits with a sign.
    Integer,
    /// A text that is an RFC 3339 time.
    Time,
    List(&'static Shape),
    /// A mapping with free keys.
    Map(&'static Shape),
    /// A mapping with known keys.
    Object(&'static [Field]),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number from one to the other.
    Number(i64, i64),
    /// A text that passes a test; the words say what is expected.
    Such(fn(&str) -> bool, &'static str),
    /// The same, of a text that errors do not show.
    Hidden(fn(&str) -> bool, &'static str),
    /// Not looked at: something else checks it.
    Elsewhere,
}

/// A key of a [`Shape::Object`].
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: &'static Shape,
    /// Whether a mapping without it is refused.
    pub(crate) required: bool,
}

impl Field {
    pub(crate) const fn new(name: &'static str, shape: &'static Shape) -> Field {
        Field { name, shape, required: false }
    }

    pub(crate) const fn required(name: &'static str, shape: &'static Shape) -> Field {
        Field { name, shape, required: true }
    }
}

/// What an unknown or a repeated key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// A warning, as for Kubernetes, which then decodes leniently.
    Warned,
    /// An error.
    Refused,
}

/// What a check found, in the order of the text: the first [`CONFIGURATION_FINDINGS`] of each.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) errors: Vec<Error>,
    pub(crate) warnings: Vec<Error>,
}

/// A node to look at, and the way to it: the step that leads here and the trail of its parent.
struct Visit {
    id: NodeId,
    shape: &'static Shape,
    trail: Option<usize>,
}

/// Checks the tree below `root`, to which `way` leads. `homes` tells where a key that is unknown here
/// has its place.
///
/// Linear in the nodes a reader would visit: a node that aliases share is checked once for each of
/// them, which [`super::read`] has bounded.
pub(crate) fn check(
    document: &Document,
    root: NodeId,
    way: &[Step],
    shape: &'static Shape,
    unknown: Unknown,
    homes: &'static [(&'static str, &'static str)],
) -> Findings {
    let mut checker = Checker {
        document,
        way,
        unknown,
        homes,
        trails: Vec::new(),
        findings: Findings::default(),
        visits: Vec::new(),
    };
    checker.visits.push(Visit { id: root, shape, trail: None });
    while let Some(visit) = checker.visits.pop() {
        checker.visit(&visit);
    }
    let mut findings = checker.findings;
    let place = |error: &Error| (error.line(), error.column());
    findings.errors.sort_by_key(place);
    findings.warnings.sort_by_key(place);
    findings
}

struct Checker<'a> {
    document: &'a Document,
    way: &'a [Step],
    unknown: Unknown,
    homes: &'static [(&'static str, &'static str)],
    trails: Vec<(Option<usize>, Step)>,
    visits: Vec<Visit>,
    findings: Findings,
}

impl Checker<'_> {
    fn visit(&mut self, visit: &Visit) {
        let document = self.document;
        let node = document.node(visit.id);
        let expected = match (visit.shape, &node.value) {
            (_, Value::Null)
            | (Shape::Elsewhere, _)
            | (Shape::Text, Value::Text(_))
            | (Shape::Bool, Value::Bool(_)) => return,
            (Shape::Any, Value::Map(map)) => {
                self.repeated(map, visit);
                self.members(map, visit, |_| &Shape::Any);
                return;
            }
            (Shape::Any, Value::List(items)) => return self.items(items, &Shape::Any, visit),
            (Shape::Any, _) => return,
            (Shape::Integer, value) if is_integer(value, document.json) => return,
            (Shape::Time, Value::Text(text)) => {
                if !is_rfc3339(text) {
                    self.error(visit, Code::NotTime { word: text.clone() });
                }
                return;
            }
            (Shape::Choice(words), Value::Text(text)) => {
                if !words.contains(&&**text) {
                    self.error(visit, Code::not_one_of(text, words));
                }
                return;
            }
            (Shape::Number(low, high), Value::Integer(number)) => {
                if !(i128::from(*low)..=i128::from(*high)).contains(number) {
                    self.error(visit, Code::OutOfRange { low: *low, high: *high, found: *number });
                }
                return;
            }
            (Shape::Such(is, expected), Value::Text(text)) => {
                if !is(text) {
                    self.error(visit, Code::NotSuch { expected, word: text.clone() });
                }
                return;
            }
            (Shape::Hidden(is, expected), Value::Text(text)) => {
                if !is(text) {
                    self.error(visit, Code::NotThat { expected });
                }
                return;
            }
            (Shape::List(shape), Value::List(items)) => return self.items(items, shape, visit),
            (Shape::Map(shape), Value::Map(map)) => {
                self.repeated(map, visit);
                self.members(map, visit, |_| shape);
                return;
            }
            (Shape::Object(fields), Value::Map(map)) => return self.object(map, fields, visit),
            (Shape::Text | Shape::Time | Shape::Choice(_) | Shape::Such(..) | Shape::Hidden(..), _) => TEXT,
            (Shape::Bool, _) => "`true` or `false`",
            (Shape::Integer | Shape::Number(..), _) => "a whole number",
            (Shape::List(Shape::Text), _) => "a list of texts",
            (Shape::List(_), _) => "a list",
            (Shape::Object([first, second, ..]), value) => {
                let found = Found::from(value);
                return self.error(visit, Code::NotMapping { keys: [first.name, second.name], found });
            }
            (Shape::Map(_) | Shape::Object(_), _) => "a mapping",
        };
        self.error(visit, Code::wrong_type(expected, &node.value));
    }

    fn object(&mut self, map: &Map, fields: &'static [Field], visit: &Visit) {
        self.repeated(map, visit);
        for field in fields.iter().filter(|field| field.required) {
            let is_there = |member: &Member| {
                *member.key == *field.name && self.document.node(member.value).value != Value::Null
            };
            if !map.members.iter().any(is_there) {
                self.error(visit, Code::MissingKey { key: field.name });
            }
        }
        for member in &map.members {
            if fields.iter().all(|field| *field.name != *member.key) {
                let meant = self.meant(&member.key, fields);
                self.find(self.unknown, member.place, visit.trail, || Code::UnknownKey {
                    word: member.key.clone(),
                    meant,
                });
            }
        }
        self.members(map, visit, |key| {
            let known = fields.iter().find(|field| *field.name == *key);
            known.map_or(&Shape::Any, |field| field.shape)
        });
    }

    /// A key of this mapping that is spelled alike, or the mapping that does have this key.
    fn meant(&self, key: &str, fields: &'static [Field]) -> Option<Meant> {
        let alike = closest(key, fields.iter().map(|field| field.name));
        alike
            .map(Meant::Key)
            .or_else(|| self.homes.iter().find(|(name, _)| *name == key).map(|(_, home)| Meant::Below(home)))
    }

    fn repeated(&mut self, map: &Map, visit: &Visit) {
        for (key, place) in &map.repeated {
            let refused = self.unknown == Unknown::Refused;
            self.find(self.unknown, *place, visit.trail, || Code::RepeatedKey { word: key.clone(), refused });
        }
    }

    fn members(&mut self, map: &Map, visit: &Visit, shape: impl Fn(&str) -> &'static Shape) {
        // The last is pushed first, so that what is found first stands first.
        for member in map.members.iter().rev() {
            let shape = shape(&member.key);
            if worth_visiting(shape, &self.document.node(member.value).value) {
                let trail = self.trail(visit.trail, Step::Key(member.key.to_string()));
                self.visits.push(Visit { id: member.value, shape, trail });
            }
        }
    }

    fn items(&mut self, items: &[NodeId], shape: &'static Shape, visit: &Visit) {
        for (index, &id) in items.iter().enumerate().rev() {
            if worth_visiting(shape, &self.document.node(id).value) {
                let trail = self.trail(visit.trail, Step::Index(index));
                self.visits.push(Visit { id, shape, trail });
            }
        }
    }

    fn trail(&mut self, parent: Option<usize>, step: Step) -> Option<usize> {
        self.trails.push((parent, step));
        self.trails.len().checked_sub(1)
    }

    fn path(&self, mut trail: Option<usize>) -> Vec<Step> {
        let mut path = Vec::new();
        while let Some((parent, step)) = trail.and_then(|index| self.trails.get(index)) {
            path.push(step.clone());
            trail = *parent;
        }
        path.reverse();
        self.way.iter().cloned().chain(path).collect()
    }

    fn error(&mut self, visit: &Visit, code: Code) {
        let place = self.document.node(visit.id).place;
        self.find(Unknown::Refused, place, visit.trail, || code);
    }

    /// Keeps a finding, as long as there are few.
    fn find(&mut self, as_what: Unknown, place: Place, trail: Option<usize>, code: impl FnOnce() -> Code) {
        let found = match as_what {
            Unknown::Warned => self.findings.warnings.len(),
            Unknown::Refused => self.findings.errors.len(),
        };
        if found >= CONFIGURATION_FINDINGS {
            return;
        }
        let error = Error::at(place, self.path(trail), code());
        match as_what {
            Unknown::Warned => self.findings.warnings.push(error),
            Unknown::Refused => self.findings.errors.push(error),
        }
    }
}

/// Whether there is anything to say about a value; keeps long lists of texts off the stack.
fn worth_visiting(shape: &Shape, value: &Value) -> bool {
    !matches!(
        (shape, value),
        (_, Value::Null)
            | (Shape::Text, Value::Text(_))
            | (Shape::Any, Value::Text(_) | Value::Bool(_) | Value::Integer(_) | Value::Float(_))
    )
}

/// In YAML a float without a fraction is a whole number, because it is written to JSON before the
/// types are looked at; in JSON `1.0` is none.
fn is_integer(value: &Value, json: bool) -> bool {
    match value {
        Value::Integer(number) => i64::try_from(*number).is_ok(),
        // Up to here Go writes a float without an exponent, and every such number is exact.
        Value::Float(number) if !json => {
            const EXACT: f64 = 9_007_199_254_740_992.0;
            number.is_finite() && (-EXACT..=EXACT).contains(number) && *number % 1.0 == 0.0
        }
        _ => false,
    }
}
