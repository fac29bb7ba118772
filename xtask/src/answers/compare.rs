//! Whether two texts are the same event.
//!
//! A host's JSON parser and writer stand between the core's answer and what a host writes: they respell numbers and
//! escapes, sort keys, and keep one of several equal ones. So values are compared, not bytes.

use auditveil_tests::json::{self, Member};
use std::collections::BTreeMap;

/// Where two texts differ, in words; nothing of their content, which may be a secret.
pub(crate) type Difference = String;

fn value(expected: &str, found: &str, path: &str) -> Result<(), Difference> {
    if expected == found {
        return Ok(());
    }
    let parse = |text: &str| text.parse::<f64>().ok();
    let same = match expected.as_bytes().first() {
        Some(b'{') => {
            let (Ok(expected), Ok(found)) = (json::members(expected), json::members(found)) else {
                return Err(format!("{path}: an object and something else"));
            };
            return object(&expected, &found, path);
        }
        Some(b'[') => {
            let (Ok(expected), Ok(found)) = (json::items(expected), json::items(found)) else {
                return Err(format!("{path}: an array and something else"));
            };
            if expected.len() != found.len() {
                return Err(format!("{path}: {} and {} items", expected.len(), found.len()));
            }
            let mut pairs = expected.iter().zip(found).enumerate();
            return pairs
                .try_for_each(|(at, (expected, found))| value(expected, found, &format!("{path}[{at}]")));
        }
        Some(b'"') => found.starts_with('"') && json::unescape(expected) == json::unescape(found),
        _ => match (parse(expected), parse(found)) {
            // The host writes doubles with 16 digits.
            (Some(expected), Some(found)) => (expected - found).abs() <= expected.abs() * 1e-14,
            _ => false,
        },
    };
    if same { Ok(()) } else { Err(format!("{path}: another value")) }
}

/// Whether two objects have the same members, of equal keys the last one.
pub(crate) fn object(expected: &[Member<'_>], found: &[Member<'_>], path: &str) -> Result<(), Difference> {
    let by_key = |members: &[Member<'_>]| -> BTreeMap<String, String> {
        members.iter().map(|member| (member.key(), member.value.to_owned())).collect()
    };
    let (expected, found) = (by_key(expected), by_key(found));
    if let Some(extra) = found.keys().find(|key| !expected.contains_key(*key)) {
        return Err(format!("{path}: `{extra}` does not belong there"));
    }
    expected.iter().try_for_each(|(key, text)| {
        let found = found.get(key).ok_or_else(|| format!("{path}: `{key}` is missing"))?;
        value(text, found, &format!("{path}.{key}"))
    })
}
