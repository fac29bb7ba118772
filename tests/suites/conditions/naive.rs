//! The language as its manual has it, on a tree.

use auditveil_core::enrich::Truth;
use serde_json::{Value, json};

/// A condition that is known to be one.
#[derive(Clone, Debug)]
pub(crate) enum Tree {
    Test {
        path: Vec<Part>,
        operator: &'static str,
        negated: bool,
        literals: Vec<Value>,
    },
    Exists(Vec<Part>),
    /// Items, and what is said of each.
    Any(Vec<Part>, Box<Tree>),
    Not(Box<Tree>),
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
}

#[derive(Clone, Debug)]
pub(crate) enum Part {
    Name(&'static str),
    Each,
    Index(usize),
}

impl Tree {
    /// As it is written, with parentheses where they are needed and, if `all`, everywhere else.
    pub(crate) fn written(&self, all: bool) -> String {
        let inner = |tree: &Tree, weak: fn(&Tree) -> bool| {
            let text = tree.written(all);
            if all || weak(tree) { format!("({text})") } else { text }
        };
        match self {
            Tree::Exists(path) => format!("exists {}", path_text(path)),
            Tree::Any(path, tree) => format!("any {} ({})", path_text(path), tree.written(all)),
            Tree::Not(tree) => {
                format!("not {}", inner(tree, |tree| matches!(tree, Tree::And(..) | Tree::Or(..))))
            }
            Tree::And(left, right) => {
                let weak: fn(&Tree) -> bool = |tree| matches!(tree, Tree::Or(..));
                format!("{} and {}", inner(left, weak), inner(right, weak))
            }
            Tree::Or(left, right) => format!("{} or {}", inner(left, |_| false), inner(right, |_| false)),
            Tree::Test { path, operator, negated, literals } => {
                let not = if *negated { "not " } else { "" };
                let mut values = literals.iter().map(Value::to_string).collect::<Vec<_>>().join(", ");
                if *operator == "in" || literals.len() > 1 {
                    values = format!("[{values}]");
                }
                format!("{} {not}{operator} {values}", path_text(path))
            }
        }
    }

    /// What it says of an event.
    pub(crate) fn evaluate(&self, event: &Value) -> Truth {
        match self {
            Tree::Exists(path) => truth(Some(values(event, path).iter().any(|value| !value.is_null()))),
            Tree::Any(path, tree) => {
                let mut items: Vec<Value> = Vec::new();
                for value in values(event, path) {
                    match value {
                        Value::Array(all) => items.extend(all),
                        value => items.push(value),
                    }
                }
                let said = items.iter().filter(|item| !item.is_null()).map(|item| tree.evaluate(item));
                let said: Vec<Truth> = said.collect();
                if said.contains(&Truth::True) {
                    Truth::True
                } else if said.is_empty() || said.contains(&Truth::Unknown) {
                    Truth::Unknown
                } else {
                    Truth::False
                }
            }
            Tree::Not(tree) => not(tree.evaluate(event)),
            Tree::And(left, right) => left.evaluate(event).min(right.evaluate(event)),
            Tree::Or(left, right) => left.evaluate(event).max(right.evaluate(event)),
            Tree::Test { path, operator, negated, literals } => {
                let mut found: Vec<Value> = Vec::new();
                for value in values(event, path) {
                    match value {
                        Value::Array(items) => found.extend(items),
                        value => found.push(value),
                    }
                }
                found.retain(|value| !value.is_null() || literals.contains(value));
                if found.is_empty() && left_out(event, path) {
                    found.push(Value::from(""));
                }
                let said: Vec<Option<bool>> =
                    found.iter().map(|value| holds(value, operator, literals)).collect();
                let result = if said.contains(&Some(true)) {
                    Some(true)
                } else if said.is_empty() || said.contains(&None) {
                    None
                } else {
                    Some(false)
                };
                let result = truth(result);
                if *negated || *operator == "!=" { not(result) } else { result }
            }
        }
    }
}

fn path_text(path: &[Part]) -> String {
    let mut text = String::new();
    for part in path {
        match part {
            Part::Name(name) if name.contains('/') => text += &format!("[{name:?}]"),
            Part::Name(name) if text.is_empty() => text += name,
            Part::Name(name) => text += &format!(".{name}"),
            Part::Each => text += "[*]",
            Part::Index(index) => text += &format!("[{index}]"),
        }
    }
    text
}

fn truth(said: Option<bool>) -> Truth {
    said.map_or(Truth::Unknown, |said| if said { Truth::True } else { Truth::False })
}

fn not(truth: Truth) -> Truth {
    match truth {
        Truth::True => Truth::False,
        Truth::False => Truth::True,
        Truth::Unknown => Truth::Unknown,
    }
}

fn left_out(event: &Value, path: &[Part]) -> bool {
    let [Part::Name(first), Part::Name(second)] = path else { return false };
    event[*first].is_object() && (*first == "objectRef" || *second == "username")
}

const SPECS: [&str; 3] = ["/spec", "/spec/template/spec", "/spec/jobTemplate/spec/template/spec"];
const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// Stands in an object whose members are those of several, as what the operations of a JSON Patch write.
const SEVERAL: &str = "several\u{0}";

fn values(event: &Value, path: &[Part]) -> Vec<Value> {
    let mut found = values_in_object(event, path);
    if let Some(operations) = event["requestObject"].as_array() {
        let is_one = |operation: &&Value| operation["op"].is_string() && operation["path"].is_string();
        let written: Vec<Value> = operations.iter().take_while(is_one).filter_map(written).collect();
        if !written.is_empty() {
            let event = json!({"requestObject": {SEVERAL: written}});
            found.extend(values_in_object(&event, path));
        }
    }
    found
}

/// The object that an operation of a JSON Patch writes.
fn written(operation: &Value) -> Option<Value> {
    let (op, pointer) = (operation["op"].as_str()?, operation["path"].as_str()?);
    let value = operation.get("value").filter(|_| matches!(op, "add" | "replace"))?;
    let Some(names) = pointer.strip_prefix('/') else {
        return Some(if value.is_object() { value.clone() } else { json!({}) });
    };
    let is_place = |name: &str| name == "-" || name.parse::<u32>().is_ok();
    let names: Vec<String> =
        names.split('/').map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
    let object = names.iter().enumerate().rev().fold(value.clone(), |value, (depth, name)| {
        if depth > 0 && is_place(name) { json!([value]) } else { json!({name: value}) }
    });
    Some(object)
}

fn values_in_object(event: &Value, path: &[Part]) -> Vec<Value> {
    let along = |from: &Value, way: &str| {
        way.split('/').skip(1).fold(vec![from.clone()], |found, name| {
            found.iter().flat_map(|value| member(value, name)).collect::<Vec<Value>>()
        })
    };
    let specs = || SPECS.iter().flat_map(|spec| along(event, &format!("/requestObject{spec}")));
    let (mut found, rest) = match path {
        [Part::Name("pod"), rest @ ..] => (specs().collect(), rest),
        [Part::Name("container"), rest @ ..] => {
            let lists = specs().flat_map(|spec| CONTAINERS.map(|name| member(&spec, name)));
            let items = lists.flatten().flat_map(|list| list.as_array().cloned().unwrap_or_default());
            (items.collect(), rest)
        }
        path => (vec![event.clone()], path),
    };
    for part in rest {
        found = found.iter().flat_map(|value| step(value, part)).collect();
    }
    found
}

fn member(value: &Value, name: &str) -> Vec<Value> {
    let several = value.get(SEVERAL).and_then(Value::as_array);
    let objects = several.map_or(std::slice::from_ref(value), Vec::as_slice);
    objects.iter().filter_map(|object| object.as_object()?.get(name).cloned()).collect()
}

fn step(value: &Value, part: &Part) -> Vec<Value> {
    match (part, value) {
        (Part::Name(name), value) => member(value, name),
        (Part::Each, Value::Array(items)) => items.clone(),
        (Part::Index(index), Value::Array(items)) => items.get(*index).cloned().into_iter().collect(),
        _ => Vec::new(),
    }
}

fn holds(value: &Value, operator: &str, literals: &[Value]) -> Option<bool> {
    if value == "[REDACTED]" {
        return None;
    }
    let literal = &literals[0];
    let text = || value.as_str();
    let any = |fits: fn(&str, &str) -> bool| {
        let text = text()?;
        Some(literals.iter().filter_map(Value::as_str).any(|literal| fits(text, literal)))
    };
    match operator {
        "==" | "!=" | "in" => Some(literals.iter().any(|literal| match (value.as_f64(), literal.as_f64()) {
            (Some(left), Some(right)) => left == right,
            _ => value == literal,
        })),
        "startsWith" => any(|text, start| text.starts_with(start)),
        "endsWith" => any(|text, end| text.ends_with(end)),
        "contains" => any(|text, part| text.contains(part)),
        "matches" => any(|text, pattern| {
            let pattern: Vec<String> = pattern.split('*').map(regex::escape).collect();
            regex::Regex::new(&format!("(?s)^{}$", pattern.join(".*")))
                .is_ok_and(|regex| regex.is_match(text))
        }),
        _ => {
            let (left, right) = (value.as_f64()?, literal.as_f64()?);
            Some(match operator {
                "<" => left < right,
                "<=" => left <= right,
                ">" => left > right,
                _ => left >= right,
            })
        }
    }
}
