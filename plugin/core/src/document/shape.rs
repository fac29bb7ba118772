//! The check of a tree against what it may hold: types, unknown keys, repeated keys.

use super::error::{Code, Error, TEXT};
use super::tree::{Document, Map, NodeId, Step, Value};
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
    /// Not looked at: something else checks it.
    Elsewhere,
}

/// A key of a [`Shape::Object`].
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: &'static Shape,
}

/// What an unknown or a repeated key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// A warning, as for Kubernetes, which then decodes leniently.
    Warned,
    /// An error.
    Refused,
}

/// What a check found, in the order of the text.
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

/// Checks the tree below `root`, to which `way` leads. Linear in the nodes a reader would visit: a node that aliases share is checked
/// once for each of them, which [`super::read`] has bounded.
pub(crate) fn check(
    document: &Document,
    root: NodeId,
    way: &[Step],
    shape: &'static Shape,
    unknown: Unknown,
) -> Findings {
    let mut checker = Checker {
        document,
        way,
        unknown,
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
            (Shape::List(shape), Value::List(items)) => return self.items(items, shape, visit),
            (Shape::Map(shape), Value::Map(map)) => {
                self.repeated(map, visit);
                self.members(map, visit, |_| shape);
                return;
            }
            (Shape::Object(fields), Value::Map(map)) => return self.object(map, fields, visit),
            (Shape::Text | Shape::Time, _) => TEXT,
            (Shape::Bool, _) => "`true` or `false`",
            (Shape::Integer, _) => "a whole number",
            (Shape::List(Shape::Text), _) => "a list of texts",
            (Shape::List(_), _) => "a list",
            (Shape::Map(_) | Shape::Object(_), _) => "a mapping",
        };
        self.error(visit, Code::wrong_type(expected, &node.value));
    }

    fn object(&mut self, map: &Map, fields: &'static [Field], visit: &Visit) {
        self.repeated(map, visit);
        for member in &map.members {
            if fields.iter().all(|field| *field.name != *member.key) {
                let meant = closest(&member.key, fields.iter().map(|field| field.name));
                let code = Code::UnknownKey { word: member.key.clone(), meant };
                let error = Error::at(member.place, self.path(visit.trail), code);
                self.report(error);
            }
        }
        self.members(map, visit, |key| {
            let known = fields.iter().find(|field| *field.name == *key);
            known.map_or(&Shape::Any, |field| field.shape)
        });
    }

    fn repeated(&mut self, map: &Map, visit: &Visit) {
        for (key, place) in &map.repeated {
            let code = Code::RepeatedKey { word: key.clone() };
            let error = Error::at(*place, self.path(visit.trail), code);
            self.report(error);
        }
    }

    fn members(&mut self, map: &Map, visit: &Visit, shape: impl Fn(&str) -> &'static Shape) {
        for member in &map.members {
            let shape = shape(&member.key);
            if worth_visiting(shape, &self.document.node(member.value).value) {
                let trail = self.trail(visit.trail, Step::Key(member.key.to_string()));
                self.visits.push(Visit { id: member.value, shape, trail });
            }
        }
    }

    fn items(&mut self, items: &[NodeId], shape: &'static Shape, visit: &Visit) {
        for (index, &id) in items.iter().enumerate() {
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
        self.findings.errors.push(Error::at(place, self.path(visit.trail), code));
    }

    fn report(&mut self, error: Error) {
        match self.unknown {
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

/// `time.Parse(time.RFC3339, …)` of Go, which takes a fraction of any length.
fn is_rfc3339(text: &str) -> bool {
    parse_rfc3339(text.as_bytes()).is_some()
}

fn parse_rfc3339(text: &[u8]) -> Option<()> {
    let number = |digits: &[u8], highest: u32| -> Option<u32> {
        let number: u32 = core::str::from_utf8(digits)
            .ok()
            .filter(|_| digits.iter().all(u8::is_ascii_digit))?
            .parse()
            .ok()?;
        (number <= highest).then_some(number)
    };
    let (date, rest) = text.split_at_checked(10)?;
    let [y @ .., b'-', m1, m2, b'-', d1, d2] = date else { return None };
    let (year, month, day) = (number(y, 9999)?, number(&[*m1, *m2], 12)?, number(&[*d1, *d2], 31)?);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        0 => 0,
        _ => 31,
    };
    if day == 0 || day > days {
        return None;
    }
    let (time, zone) = rest.split_at_checked(9)?;
    let [b'T', h1, h2, b':', m1, m2, b':', s1, s2] = time else { return None };
    number(&[*h1, *h2], 23)?;
    number(&[*m1, *m2], 59)?;
    number(&[*s1, *s2], 59)?;
    let zone = match zone {
        [b'.' | b',', fraction @ ..] => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            fraction.get(digits..)?
        }
        zone => zone,
    };
    match zone {
        [b'Z'] => Some(()),
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            number(&[*h1, *h2], 24)?;
            number(&[*m1, *m2], 60).map(|_| ())
        }
        _ => None,
    }
}

/// The name that was probably meant: the same but for case and punctuation, or at most two slips away.
pub(crate) fn closest(word: &str, names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let simple = |text: &str| -> Vec<char> {
        text.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
    };
    // Longer than any name: nothing that could be a slip, and nothing to spend time on.
    if word.len() > 48 {
        return None;
    }
    let wanted = simple(word);
    let slips = if wanted.len() < 5 { 1 } else { 2 };
    names
        .map(|name| (distance(&wanted, &simple(name)), name))
        .filter(|&(distance, _)| distance <= slips)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// Levenshtein's distance, in one row.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, a) in left.iter().enumerate() {
        let mut diagonal = index;
        let mut before = index.saturating_add(1);
        if let Some(first) = row.first_mut() {
            *first = before;
        }
        for (cell, b) in row.iter_mut().skip(1).zip(right) {
            let changed = diagonal.saturating_add(usize::from(a != b));
            diagonal = *cell;
            before = changed.min(before.saturating_add(1)).min(cell.saturating_add(1));
            *cell = before;
        }
    }
    row.last().copied().unwrap_or_default()
}
