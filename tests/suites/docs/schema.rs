//! As much of JSON Schema 2020-12 as the schemas in `docs/` use. A keyword that is not known here is an error,
//! so that no part of a schema goes unchecked.

use auditveil_tests::Error;
use serde_json::{Map, Value};

/// Checks `value` against `schema`, whose references lead into `root`.
///
/// # Errors
///
/// The first violation and where it is, or a keyword that is not known.
pub(crate) fn check(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), Error> {
    let Some(keywords) = schema.as_object() else { return fail(at, "the schema is no object") };
    for (keyword, rule) in keywords {
        let holds = match (keyword.as_str(), value) {
            ("$schema" | "title" | "description" | "default" | "$defs", _) => true,
            ("$ref", _) => {
                let target = rule.as_str().and_then(|path| root.pointer(path.trim_start_matches('#')));
                let Some(target) = target else { return fail(at, "a $ref leads nowhere") };
                check(root, target, value, at)?;
                true
            }
            ("type", _) => {
                let one = std::slice::from_ref(rule);
                let mut holds = false;
                for name in rule.as_array().map_or(one, Vec::as_slice) {
                    let Some(is) = is_of_type(value, name) else {
                        return fail(at, "a type that this check does not know");
                    };
                    holds |= is;
                }
                holds
            }
            ("const", _) => value == rule,
            ("enum", _) => rule.as_array().is_some_and(|allowed| allowed.contains(value)),
            ("minimum", Value::Number(number)) => number.as_u64() >= rule.as_u64(),
            ("maximum", Value::Number(number)) => number.as_u64() <= rule.as_u64(),
            ("multipleOf", Value::Number(number)) => {
                let step = rule.as_u64().and_then(std::num::NonZeroU64::new);
                number.as_u64().zip(step).is_some_and(|(number, step)| number % step == 0)
            }
            ("minProperties", Value::Object(members)) => Some(members.len() as u64) >= rule.as_u64(),
            ("maxProperties", Value::Object(members)) => Some(members.len() as u64) <= rule.as_u64(),
            ("required", Value::Object(members)) => rule.as_array().is_some_and(|names| {
                names.iter().all(|name| has(members, name.as_str().unwrap_or_default()))
            }),
            ("properties", Value::Object(members)) => {
                for (name, member) in members {
                    if let Some(schema) = rule.get(name) {
                        check(root, schema, member, &format!("{at}.{name}"))?;
                    }
                }
                true
            }
            ("pattern", Value::String(text)) => {
                let pattern = rule.as_str().and_then(|pattern| regex::Regex::new(pattern).ok());
                let Some(pattern) = pattern else { return fail(at, "a pattern that cannot be read") };
                pattern.is_match(text)
            }
            ("minItems", Value::Array(items)) => Some(items.len() as u64) >= rule.as_u64(),
            ("maxItems", Value::Array(items)) => Some(items.len() as u64) <= rule.as_u64(),
            ("items", Value::Array(items)) => {
                for (number, item) in items.iter().enumerate() {
                    check(root, rule, item, &format!("{at}[{number}]"))?;
                }
                true
            }
            ("minLength", Value::String(text)) => Some(text.chars().count() as u64) >= rule.as_u64(),
            ("maxLength", Value::String(text)) => Some(text.chars().count() as u64) <= rule.as_u64(),
            ("propertyNames", Value::Object(members)) => {
                for name in members.keys() {
                    check(root, rule, &Value::from(name.as_str()), at)?;
                }
                true
            }
            ("additionalProperties", Value::Object(members)) if rule.is_object() => {
                let known = schema.get("properties").and_then(Value::as_object);
                for (name, member) in
                    members.iter().filter(|(name, _)| !known.is_some_and(|known| has(known, name)))
                {
                    check(root, rule, member, &format!("{at}.{name}"))?;
                }
                true
            }
            ("additionalProperties", Value::Object(members)) if rule == &Value::Bool(false) => {
                let known = schema.get("properties").and_then(Value::as_object);
                members.keys().all(|name| known.is_some_and(|known| has(known, name)))
            }
            // Keywords for another type than the value's say nothing about it.
            ("minimum" | "maximum" | "multipleOf", _) => true,
            ("minLength" | "maxLength" | "pattern" | "items" | "minItems" | "maxItems", _) => true,
            ("minProperties" | "maxProperties" | "required" | "properties" | "propertyNames", _) => true,
            ("additionalProperties", _) if rule == &Value::Bool(false) || rule.is_object() => true,
            _ => return fail(at, &format!("`{keyword}` is a keyword that this check does not know")),
        };
        if !holds {
            return fail(at, &format!("{value} violates {keyword}: {rule}"));
        }
    }
    Ok(())
}

/// Whether a value is of the type of this name; none if there is no such name.
fn is_of_type(value: &Value, name: &Value) -> Option<bool> {
    Some(match name.as_str()? {
        "array" => value.is_array(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "object" => value.is_object(),
        "string" => value.is_string(),
        _ => return None,
    })
}

fn has(members: &Map<String, Value>, name: &str) -> bool {
    members.contains_key(name)
}

fn fail(at: &str, what: &str) -> Result<(), Error> {
    Err(Error::new(format!("{at}: {what}")))
}

#[test]
fn every_keyword_can_fail() {
    let root: Value = serde_json::from_str(r#"{"$defs":{"one":{"const":1}}}"#).unwrap();
    for (schema, good, bad) in [
        (r#"{"type":"object"}"#, "{}", "1"),
        (r#"{"type":"integer"}"#, "1", "1.5"),
        (r#"{"type":"number"}"#, "1.5", "\"1\""),
        (r#"{"const":"1"}"#, "\"1\"", "1"),
        (r#"{"enum":["a"]}"#, "\"a\"", "\"b\""),
        (r#"{"minimum":1}"#, "1", "0"),
        (r#"{"maximum":1}"#, "1", "2"),
        (r#"{"multipleOf":2}"#, "4", "3"),
        (r#"{"minProperties":1}"#, r#"{"a":1}"#, "{}"),
        (r#"{"maxProperties":0}"#, "{}", r#"{"a":1}"#),
        (r#"{"required":["a"]}"#, r#"{"a":1}"#, r#"{"b":1}"#),
        (r#"{"properties":{"a":{"const":1}}}"#, r#"{"a":1,"b":2}"#, r#"{"a":2}"#),
        (r#"{"properties":{"a":{}},"additionalProperties":false}"#, r#"{"a":1}"#, r#"{"b":1}"#),
        (r#"{"type":"string"}"#, "\"1\"", "1"),
        (r#"{"type":["array","null"]}"#, "[]", "{}"),
        (r#"{"type":["boolean","null"]}"#, "null", "0"),
        (r#"{"pattern":"^a+$"}"#, "\"aa\"", "\"ab\""),
        (r#"{"items":{"const":1}}"#, "[1]", "[1,2]"),
        (r#"{"minItems":1}"#, "[1]", "[]"),
        (r#"{"maxItems":1}"#, "[1]", "[1,2]"),
        (r#"{"minLength":2}"#, "\"é1\"", "\"é\""),
        (r#"{"maxLength":1}"#, "\"é\"", "\"é1\""),
        (r#"{"propertyNames":{"enum":["a"]}}"#, r#"{"a":1}"#, r#"{"b":1}"#),
        (r#"{"properties":{"a":{}},"additionalProperties":{"const":1}}"#, r#"{"a":2,"b":1}"#, r#"{"b":2}"#),
        (r##"{"$ref":"#/$defs/one"}"##, "1", "2"),
    ] {
        let schema: Value = serde_json::from_str(schema).unwrap();
        let checked = |text: &str| check(&root, &schema, &serde_json::from_str(text).unwrap(), "$");
        assert_eq!(checked(good), Ok(()), "{schema}");
        assert!(checked(bad).is_err(), "{schema}");
    }
    let unknown: Value = serde_json::from_str(r#"{"contains":"a"}"#).unwrap();
    assert!(check(&root, &unknown, &Value::Null, "$").is_err());
}
