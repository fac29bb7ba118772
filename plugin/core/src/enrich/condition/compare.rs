//! One comparison, checked against what its field can be.

use super::super::facts::{KnownText, time};
use super::super::pods::Place;
use super::error::{ConditionError, Spot};
use super::lists::Lists;
use super::names::{FACTS, FIELDS, Fact, Kind, PLACES};
use super::needle::{Needle, Pattern};
use super::path::Step;
use super::test::{Check, Order, Subject};
use super::words::Word;
use crate::document::spelling::closest;
use crate::event::fields::Field;
use crate::limits::PATH_STEPS;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// A part of a path, as it is written, and where.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    Name(String, Spot),
    /// A name in which `*` stands for anything.
    Pattern(String, Spot),
    Each(Spot),
    Index(usize, Spot),
}

impl Part {
    pub(super) fn spot(&self) -> Spot {
        match self {
            Part::Name(_, spot) | Part::Pattern(_, spot) | Part::Each(spot) | Part::Index(_, spot) => *spot,
        }
    }

    fn step(&self) -> Step {
        match self {
            Part::Name(name, _) => Step::Name(name.clone()),
            Part::Pattern(pattern, _) => Step::Fits(Pattern::new(pattern)),
            Part::Each(_) => Step::Each,
            Part::Index(index, _) => Step::Index(*index),
        }
    }
}

/// A path, found.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) subject: Subject,
    pub(super) kind: Kind,
    pub(super) spot: Spot,
    /// As it is written, as far as it tells the field.
    shown: String,
}

/// A value that something is compared with, and where it is written.
#[derive(Clone, Debug)]
pub(super) struct Literal {
    pub(super) value: LiteralValue,
    pub(super) spot: Spot,
}

#[derive(Clone, Debug)]
pub(super) enum LiteralValue {
    Text(String),
    Number(f64),
    Flag(bool),
    Null,
}

/// The words that compare.
pub(super) const OPERATORS: [&str; 11] =
    ["==", "!=", "<", "<=", ">", ">=", "in", "startsWith", "endsWith", "contains", "matches"];

/// What a path leads to from an item.
///
/// # Errors
///
/// The path is too long.
pub(super) fn named_in_item(path: &[Part]) -> Result<Named, ConditionError> {
    let spot = spot_of(path)?;
    let shown = match path.first() {
        Some(Part::Name(name, _)) => name.clone(),
        _ => String::new(),
    };
    Ok(Named { subject: Subject::Item(path.iter().map(Part::step).collect()), kind: Kind::Any, spot, shown })
}

/// Where a path stands.
fn spot_of(path: &[Part]) -> Result<Spot, ConditionError> {
    let (Some(first), Some(last)) = (path.first(), path.last()) else {
        return Err(ConditionError::new(Spot { column: 1, width: 0 }, "expected a field", None));
    };
    let spot = first.spot().to(last.spot());
    if path.len() > PATH_STEPS.saturating_sub(8) {
        let message = format!("expected a path of at most {} parts", PATH_STEPS.saturating_sub(8));
        return Err(ConditionError::new(spot, message, None));
    }
    Ok(spot)
}

/// What a path leads to; if `whole`, it may end where something in it has to be named otherwise.
///
/// # Errors
///
/// There is no such field or fact, or nothing below it, or the path is too long.
pub(super) fn named(path: &[Part], whole: bool) -> Result<Named, ConditionError> {
    let spot = spot_of(path)?;
    let Some(Part::Name(first, at)) = path.first() else {
        return Err(ConditionError::new(spot, "expected a field", None));
    };
    let joined = match path.get(1) {
        Some(Part::Name(second, _)) => Some(format!("{first}.{second}")),
        _ => None,
    };
    // The longer name first: `actor.class` is a fact, `actor` is none.
    for (name, length) in joined.iter().map(|joined| (joined, 2)).chain([(first, 1)]) {
        let rest = path.get(length..).unwrap_or_default();
        let found = if let Some((_, fact, kind)) = FACTS.iter().find(|(known, ..)| known == name) {
            Some(in_fact(*fact, *kind, name, rest)?)
        } else if length == 1 && PLACES.contains(&name.as_str()) {
            Some(in_place(name, rest, spot, whole)?)
        } else if let Some(known) = FIELDS.iter().find(|known| known.path == name) {
            let own = path.get(1..length).unwrap_or_default();
            Some((in_field(known.field, known.path, own, rest), below(known.kind, name, rest)?))
        } else {
            None
        };
        if let Some((subject, kind)) = found {
            return Ok(Named { subject, kind, spot, shown: name.clone() });
        }
    }
    let names =
        FIELDS.iter().map(|known| known.path).chain(FACTS.iter().map(|(name, ..)| *name)).chain(PLACES);
    let wanted = joined.as_ref().unwrap_or(first);
    let hint = closest(wanted, names.clone()).or_else(|| closest(first, names));
    let hint = match hint {
        Some(hint) => format!("did you mean `{hint}`?"),
        None => "fields are spelled as in the event, as `objectRef.resource` or `user.username`".to_owned(),
    };
    let message = format!("expected a field or a fact, found `{first}`");
    Err(ConditionError::new(*at, message, Some(hint)))
}

fn in_fact(fact: Fact, kind: Kind, name: &str, rest: &[Part]) -> Result<(Subject, Kind), ConditionError> {
    match (kind, rest) {
        (Kind::Texts, [Part::Index(index, _)]) => Ok((Subject::Fact(fact, Some(*index)), Kind::Text)),
        (Kind::Texts, [Part::Each(_)]) => Ok((Subject::Fact(fact, None), Kind::Text)),
        _ => Ok((Subject::Fact(fact, None), below(kind, name, rest)?)),
    }
}

fn in_place(name: &str, rest: &[Part], spot: Spot, whole: bool) -> Result<(Subject, Kind), ConditionError> {
    if rest.is_empty() && !whole {
        let hint = format!("as `{name}.{}`", if name == "pod" { "hostNetwork" } else { "image" });
        return Err(ConditionError::new(spot, format!("expected a member of `{name}`"), Some(hint)));
    }
    let place = if name == "pod" { Place::Pod } else { Place::Container };
    Ok((Subject::Place { place, steps: rest.iter().map(Part::step).collect() }, Kind::Any))
}

fn in_field(field: Field, path: &str, own: &[Part], rest: &[Part]) -> Subject {
    let own = own.iter().filter_map(|part| match part {
        Part::Name(name, _) => Some(Step::AnyCase(name.clone())),
        _ => None,
    });
    let steps = own.chain(rest.iter().map(Part::step)).collect();
    // Of these Kubernetes leaves out what is empty.
    let empty_if_missing = rest.is_empty() && (path.starts_with("objectRef.") || path.ends_with(".username"));
    let known = KnownText::ALL.into_iter().find(|known| rest.is_empty() && known.path() == path);
    Subject::Field { field, steps, empty_if_missing, known }
}

/// What stands below a field.
fn below(kind: Kind, name: &str, rest: &[Part]) -> Result<Kind, ConditionError> {
    let Some(first) = rest.first() else { return Ok(kind) };
    match (kind, first) {
        (Kind::Any, _) => Ok(Kind::Any),
        (Kind::Texts, Part::Each(_) | Part::Index(..)) if rest.len() == 1 => Ok(Kind::Text),
        (Kind::Object, part) => {
            let prefix = format!("{name}.");
            let members: Vec<&'static str> =
                FIELDS.iter().filter_map(|known| known.path.strip_prefix(prefix.as_str())).collect();
            let word = match part {
                Part::Name(word, _) => word.as_str(),
                _ => "[",
            };
            let hint = match closest(word, members.iter().copied()) {
                Some(hint) => format!("did you mean `{name}.{hint}`?"),
                None => format!("it has {}", listed(&members)),
            };
            let message = format!("expected a member of `{name}`, found `{word}`");
            Err(ConditionError::new(part.spot(), message, Some(hint)))
        }
        (_, part) => {
            let what = described(kind);
            Err(ConditionError::new(part.spot(), format!("`{name}` is {what}: nothing is in it"), None))
        }
    }
}

/// What a comparison says, if it can be made.
///
/// # Errors
///
/// The field can be nothing that it says.
pub(super) fn check(
    named: &Named,
    operator: &'static str,
    at: Spot,
    literals: &[Literal],
    lists: &Lists,
) -> Result<Check, ConditionError> {
    let refused =
        |spot: Spot, message: String, hint: Option<String>| Err(ConditionError::new(spot, message, hint));
    let Named { kind, shown, .. } = named;
    if *kind == Kind::Object {
        let message = format!("`{shown}` is an object, which cannot be compared");
        return refused(named.spot, message, Some(format!("name a member of it, or ask `exists {shown}`")));
    }
    let null = literals.iter().find(|literal| matches!(literal.value, LiteralValue::Null));
    if let Some(Literal { spot, .. }) = null.filter(|_| !matches!(operator, "==" | "!=" | "in")) {
        let message = format!("expected a value behind `{operator}`, found `null`");
        return refused(*spot, message, Some("ask `exists`".to_owned()));
    }
    match operator {
        "==" | "!=" | "in" => equals(named, literals, lists),
        "<" | "<=" | ">" | ">=" => {
            let order = match operator {
                "<" => Order::Less,
                "<=" => Order::LessOrEqual,
                ">" => Order::Greater,
                _ => Order::GreaterOrEqual,
            };
            let Some(Literal { value, spot }) = literals.first() else {
                return refused(at, "expected a number or a time".to_owned(), None);
            };
            match (value, kind) {
                (LiteralValue::Number(number), Kind::Number | Kind::Any) => Ok(Check::Number(order, *number)),
                (LiteralValue::Text(text), Kind::Time | Kind::Any) => match time::micros(text.as_bytes()) {
                    Some(time) => Ok(Check::Time(order, time)),
                    None => refused(
                        *spot,
                        format!("expected a time, found the text {text:?}"),
                        Some("times are like \"2026-11-20T07:00:00Z\"".to_owned()),
                    ),
                },
                (_, Kind::Number) => refused(
                    *spot,
                    format!("`{shown}` is a number: expected one"),
                    Some("without quotes".to_owned()),
                ),
                (_, Kind::Time) => refused(*spot, format!("`{shown}` is a time: expected one"), None),
                _ => refused(at, format!("`{shown}` is {}: it has no order", described(*kind)), None),
            }
        }
        _ => {
            if matches!(kind, Kind::Number | Kind::Flag) {
                let message = format!("`{shown}` is {}: `{operator}` is for texts", described(*kind));
                return refused(at, message, None);
            }
            let mut texts = Vec::new();
            for Literal { value, spot } in literals {
                let LiteralValue::Text(text) = value else {
                    return refused(
                        *spot,
                        format!("expected a text behind `{operator}`"),
                        Some("in quotes".to_owned()),
                    );
                };
                texts.push(text);
            }
            let bytes = || texts.iter().map(|text| text.as_bytes().to_vec()).collect();
            Ok(match operator {
                "startsWith" => Check::StartsWith(bytes()),
                "endsWith" => Check::EndsWith(bytes()),
                "contains" => {
                    Check::Contains(texts.iter().map(|text| Needle::new(text.as_bytes())).collect())
                }
                _ => Check::Matches(texts.iter().map(|text| Pattern::new(text)).collect()),
            })
        }
    }
}

fn equals(named: &Named, literals: &[Literal], lists: &Lists) -> Result<Check, ConditionError> {
    let Named { kind, shown, .. } = named;
    let (mut texts, mut numbers, mut flags) = (Vec::new(), Vec::new(), Vec::new());
    let mut nulls = false;
    for Literal { value, spot } in literals {
        match (value, kind) {
            (LiteralValue::Text(text), Kind::OneOf(values)) if !values.contains(&text.as_str()) => {
                let hint = match closest(text, values.iter().copied()) {
                    Some(hint) => format!("did you mean \"{hint}\"?"),
                    None => format!("it is one of {}", listed(values)),
                };
                let message = format!("`{shown}` is never {text:?}");
                return Err(ConditionError::new(*spot, message, Some(hint)));
            }
            (LiteralValue::Text(text), Kind::Detection) if !lists.detections().any(|id| id == text) => {
                let hint = closest(text, lists.detections());
                let hint = match hint {
                    Some(hint) => format!("did you mean \"{hint}\"?"),
                    None => "docs/detections.md has them".to_owned(),
                };
                return Err(ConditionError::new(
                    *spot,
                    format!("there is no detection {text:?}"),
                    Some(hint),
                ));
            }
            (LiteralValue::Text(_), Kind::Number | Kind::Flag)
            | (
                LiteralValue::Number(_),
                Kind::Text | Kind::OneOf(_) | Kind::Texts | Kind::Detection | Kind::Time | Kind::Flag,
            )
            | (
                LiteralValue::Flag(_),
                Kind::Text | Kind::OneOf(_) | Kind::Texts | Kind::Detection | Kind::Time | Kind::Number,
            ) => {
                let hint = match (kind, value) {
                    (Kind::Number, _) => Some("without quotes"),
                    (Kind::Flag, _) => Some("it is true or false, without quotes"),
                    _ => Some("texts stand in quotes"),
                };
                let message = format!("`{shown}` is {}: expected one", described(*kind));
                return Err(ConditionError::new(*spot, message, hint.map(ToOwned::to_owned)));
            }
            (LiteralValue::Null, Kind::Any) => nulls = true,
            (LiteralValue::Null, _) => {
                let message = format!("`{shown}` is {}, and never `null`", described(*kind));
                return Err(ConditionError::new(*spot, message, Some(format!("ask `not exists {shown}`"))));
            }
            (LiteralValue::Text(text), _) => texts.push(text.as_bytes().to_vec()),
            (LiteralValue::Number(number), _) => numbers.push(*number),
            (LiteralValue::Flag(flag), _) => flags.push(*flag),
        }
    }
    texts.sort_unstable();
    Ok(Check::Equals { texts, numbers, flags, nulls })
}

/// A path that stands alone: whether it is true.
///
/// # Errors
///
/// It is neither true nor false.
pub(super) fn alone(named: &Named, found: &Word, at: Spot) -> Result<Check, ConditionError> {
    if matches!(named.kind, Kind::Flag | Kind::Any) {
        return Ok(Check::Equals { texts: Vec::new(), numbers: Vec::new(), flags: vec![true], nulls: false });
    }
    let hint = match found {
        Word::Name(word) => {
            closest(word, OPERATORS.into_iter()).map(|hint| format!("did you mean `{hint}`?"))
        }
        _ => None,
    };
    let hint = hint.unwrap_or_else(|| format!("the operators are {}", listed(&OPERATORS)));
    Err(ConditionError::new(at, format!("expected an operator, found {}", found.shown()), Some(hint)))
}

const fn described(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::OneOf(_) => "a text",
        Kind::Texts | Kind::Detection => "a list of texts",
        Kind::Number => "a number",
        Kind::Flag => "true or false",
        Kind::Time => "a time",
        Kind::Object => "an object",
        Kind::Any => "anything",
    }
}

/// Names, one after another.
pub(super) fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
