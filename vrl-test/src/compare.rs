//! What differs between the answers of a program and of the core, as parsed JSON.
//!
//! A program may hide more than the core, never less: a text that the core hides a part of goes whole, and a few texts go
//! that the core leaves alone. Everything else has to be equal.

use serde_json::{Map, Value};

/// What hides a text.
const MASK: &str = "[REDACTED]";

/// A place where the program hides more than the core.
#[derive(Clone, Debug, PartialEq)]
pub struct More {
    /// Where, as member names and indexes with `/` between them.
    pub path: String,
    /// What the core has there; the place of a text in a text ends in `|`.
    pub core: Value,
}

/// Everything that the program hides and the core does not.
///
/// # Errors
///
/// The place where they differ otherwise: something came out that the core hides, was lost, added or changed.
pub fn compare(core: &Value, program: &Value) -> Result<Vec<More>, String> {
    let mut more = Vec::new();
    at("", core, program, &mut more)?;
    Ok(more)
}

fn at(path: &str, core: &Value, program: &Value, more: &mut Vec<More>) -> Result<(), String> {
    match (core, program) {
        (Value::Object(core), Value::Object(program)) if !program.is_empty() || core.is_empty() => {
            members(path, core, program, more)
        }
        (Value::Array(core), Value::Array(program)) if program.len() == core.len() => core
            .iter()
            .zip(program)
            .enumerate()
            .try_for_each(|(index, (core, program))| at(&format!("{path}/{index}"), core, program, more)),
        (Value::String(core), Value::String(program)) if core == program => Ok(()),
        // The typed masks.
        (Value::String(_), Value::String(mask)) if mask == MASK => hide(path, core, more),
        (Value::String(one), Value::String(other)) => match (text(one), text(other)) {
            (Some(one), Some(other)) => at(&format!("{path}|"), &one, &other, more),
            _ => Err(format!("{path}: the texts differ")),
        },
        (Value::Object(_), Value::Object(_)) | (Value::Array(_), Value::Array(_)) => match program {
            Value::Object(empty) if empty.is_empty() => hide(path, core, more),
            Value::Array(empty) if empty.is_empty() => hide(path, core, more),
            _ => Err(format!("{path}: the containers differ")),
        },
        (Value::Number(_) | Value::Bool(_), Value::Null) => hide(path, core, more),
        (Value::Number(core), Value::Number(program)) if core.as_f64() == program.as_f64() => Ok(()),
        (core, program) if core == program => Ok(()),
        _ => Err(format!("{path}: the values differ")),
    }
}

fn hide(path: &str, core: &Value, more: &mut Vec<More>) -> Result<(), String> {
    more.push(More { path: path.to_owned(), core: core.clone() });
    Ok(())
}

fn members(
    path: &str,
    core: &Map<String, Value>,
    program: &Map<String, Value>,
    more: &mut Vec<More>,
) -> Result<(), String> {
    if let Some(name) = program.keys().find(|name| !core.contains_key(*name)) {
        return Err(format!("{path}/{name}: the core has no such member"));
    }
    for (name, value) in core {
        let path = format!("{path}/{name}");
        match program.get(name) {
            Some(program) => at(&path, value, program, more)?,
            None => return Err(format!("{path}: the member is gone")),
        }
    }
    Ok(())
}

/// What JSON text holds, if that is an object or an array.
fn text(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(|value: &Value| value.is_object() || value.is_array())
}
