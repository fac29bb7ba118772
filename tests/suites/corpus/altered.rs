//! What the filter may change in an event of the corpus, decided by a slow reading of the event
//! that shares nothing with the core.
//!
//! [`is_untouchable`] finds the events in which nothing may change at all. In the others [`positions`] says
//! what may become of a value there, and everything around it must be the input's, byte for byte.

use crate::positions::{self, Allowed, KEPT, KEPT_METADATA, Place};
use auditveil_tests::{Error, json};

/// Levels of containers beyond which the answer holds text instead.
const MAX_DEPTH: usize = 48;

/// What the filter writes in place of a text, or of a part of one.
const MASK: &str = "[REDACTED]";

/// Whether nothing in the event can be a secret: it must come out byte for byte.
///
/// # Errors
///
/// The line is no JSON object.
pub(crate) fn is_untouchable(line: &str) -> Result<bool, Error> {
    let shape = json::shape(line);
    Ok(shape.depth <= MAX_DEPTH && shape.keys <= 1024 && !positions::has_any(line)?)
}

/// Compares an event with its answer, stamp aside.
///
/// # Errors
///
/// Every change at a position where no secret can be, and every change of structure.
pub(crate) fn unexpected_changes(line: &str, answer: &str) -> Result<(), Error> {
    let (before, after) = (json::members(line)?, json::members(answer)?);
    let after = after.split_last().map(|(_, others)| others).unwrap_or_default();
    let about_secrets = positions::is_about_secrets(&before)?;
    let mut findings = Vec::new();
    if before.len() != after.len() {
        return Err(Error::new(format!("{} members became {}", before.len(), after.len())));
    }
    for (before, after) in before.iter().zip(after) {
        if before.raw_key != after.raw_key {
            return Err(Error::new(format!("key {} became {}", before.raw_key, after.raw_key)));
        }
        let name = before.key();
        let place = match name.as_str() {
            "requestObject" | "responseObject" | "responseStatus" | "annotations" if about_secrets => {
                Place::Secret
            }
            _ => Place::Elsewhere,
        };
        compare(before.value, after.value, place, &mut vec![name], &mut findings)?;
    }
    if findings.is_empty() { Ok(()) } else { Err(Error::new(findings.join("; "))) }
}

fn compare(
    before: &str,
    after: &str,
    place: Place,
    path: &mut Vec<String>,
    findings: &mut Vec<String>,
) -> Result<(), Error> {
    if before == after {
        return Ok(());
    }
    // The event around the first member is the first level.
    if path.len() >= MAX_DEPTH && after.starts_with('"') {
        return Ok(());
    }
    if before.starts_with('{') && after.starts_with('{') && after != "{}" {
        return compare_objects(before, after, place, path, findings);
    }
    if before.starts_with('[') && after.starts_with('[') && after != "[]" {
        let (old, new) = (json::items(before)?, json::items(after)?);
        if old.len() != new.len() {
            findings.push(format!("items lost at {}", path.join(".")));
            return Ok(());
        }
        for (at, (old, new)) in old.iter().zip(new).enumerate() {
            path.push(at.to_string());
            compare(old, new, place, path, findings)?;
            path.pop();
        }
        return Ok(());
    }
    let allowed = positions::allowed(place, path, before);
    let fine = match allowed {
        Allowed::Nothing => false,
        Allowed::Whole => is_mask_of(before, after),
        Allowed::Parts => is_mask_of(before, after) || is_cut_out_of(before, after),
        Allowed::Values => keeps_parameters(before, after),
        Allowed::Literals => is_cut_out_of(before, after) && outside_quotes(before) == outside_quotes(after),
        Allowed::Text => {
            let (old, new) = (json::unescape(before), json::unescape(after));
            if is_json_container(&old) && is_json_container(&new) {
                return compare(old.trim(), new.trim(), place, path, findings);
            }
            is_mask_of(before, after) || is_cut_out_of(before, after)
        }
        // What the text holds is compared as if it stood there; what cannot be read is hidden whole.
        Allowed::JsonText => {
            let (old, new) = (json::unescape(before), json::unescape(after));
            if is_json_container(&old) && is_json_container(&new) {
                return compare(old.trim(), new.trim(), place, path, findings);
            }
            is_mask_of(before, after)
        }
    };
    if !fine {
        findings.push(format!("{before} became {after} at {}, allowed: {allowed:?}", path.join(".")));
    }
    Ok(())
}

fn compare_objects(
    before: &str,
    after: &str,
    place: Place,
    path: &mut Vec<String>,
    findings: &mut Vec<String>,
) -> Result<(), Error> {
    let (old, new) = (json::members(before)?, json::members(after)?);
    if old.len() != new.len() {
        findings.push(format!("members lost at {}", path.join(".")));
        return Ok(());
    }
    let kind = json::member(&old, "kind").map(json::unescape).unwrap_or_default();
    let secret = kind == "Secret" || kind == "SecretList";
    let place = if secret { Place::Secret } else { place };
    for (old, new) in old.iter().zip(&new) {
        let name = old.key();
        // In a patch of a Secret, a name its API does not have may be a value in the wrong place.
        let patched = place == Place::Secret && path.first().is_some_and(|name| name == "requestObject");
        if old.raw_key != new.raw_key && !(patched && new.raw_key == "\"[REDACTED]\"") {
            findings.push(format!("key {} became {} at {}", old.raw_key, new.raw_key, path.join(".")));
            continue;
        }
        if kind == "Secret" && old.value != new.value && KEPT.contains(&name.as_str()) {
            findings.push(format!("{name} of a Secret changed at {}", path.join(".")));
        }
        if kind == "Secret" && name == "metadata" {
            kept_metadata(old.value, new.value, path, findings)?;
        }
        path.push(name);
        compare(old.value, new.value, place, path, findings)?;
        path.pop();
    }
    Ok(())
}

fn kept_metadata(old: &str, new: &str, path: &[String], findings: &mut Vec<String>) -> Result<(), Error> {
    let (old, new) = (json::members(old)?, json::members(new)?);
    for name in KEPT_METADATA {
        if json::member(&old, name) != json::member(&new, name) {
            findings.push(format!("metadata.{name} of a Secret changed at {}", path.join(".")));
        }
    }
    Ok(())
}

/// Whether `after` is what masking leaves of a value of that type.
fn is_mask_of(before: &str, after: &str) -> bool {
    let of_type = match before.as_bytes().first() {
        Some(b'"') => "\"[REDACTED]\"",
        Some(b'{') => "{}",
        Some(b'[') => "[]",
        _ => "null",
    };
    after == of_type
}

fn is_json_container(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && json::is_json(text).is_ok()
}

/// Whether `after` is `before` with spans of it replaced by the mask: what stands between the masks stands
/// in `before` in the same order and spelling, at its beginning and its end too.
fn is_cut_out_of(before: &str, after: &str) -> bool {
    let pieces: Vec<&str> = after.split(MASK).collect();
    let [first, pieces @ .., last] = pieces.as_slice() else { return false };
    let Some(mut rest) = before.strip_prefix(first) else { return false };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = rest.get(at + piece.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Whether two URIs differ in nothing but values: path segments, parameters, their number, order and names.
fn keeps_parameters(before: &str, after: &str) -> bool {
    let (old_path, old_query) = before.split_once('?').unwrap_or((before, ""));
    let (new_path, new_query) = after.split_once('?').unwrap_or((after, ""));
    let segments = |path: &str| path.matches('/').count();
    let names = |query: &str| -> Vec<String> {
        query.split('&').map(|part| part.split('=').next().unwrap_or_default().to_owned()).collect()
    };
    is_cut_out_of(before, after)
        && segments(old_path) == segments(new_path)
        && (names(old_query) == names(new_query) || !old_query.contains('='))
}

/// An expression without its string literals, which may have either quote.
fn outside_quotes(raw: &str) -> String {
    let text = json::unescape(raw);
    let mut outside = String::new();
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match quote {
            None => {
                outside.push(character);
                quote = matches!(character, '"' | '\'').then_some(character);
            }
            Some(_) if character == '\\' => {
                characters.next();
            }
            Some(open) if character == open => quote = None,
            Some(_) => {}
        }
    }
    outside
}

#[test]
fn text_around_masks() {
    for (before, after, fine) in [
        ("a=1&b=2", "a=[REDACTED]&b=2", true),
        ("a=1&b=2&c=3", "a=[REDACTED]&b=[REDACTED]&c=3", true),
        ("a=1&b=2", "a=[REDACTED]&c=2", false),
        ("a=1&b=2", "a=[REDACTED]&b=", false),
        ("a=1&b=2", "=[REDACTED]&b=2", false),
        ("a=1&b=2", "b=[REDACTED]", false),
        ("a=1", "a=2", false),
        ("ab", "b[REDACTED]a", false),
    ] {
        assert_eq!(is_cut_out_of(before, after), fine, "{after}");
    }
    assert!(!keeps_parameters("/a/b?c=1&d=2", "/a/b?c=[REDACTED]"));
    assert!(!keeps_parameters("/a/b", "/[REDACTED]"));
    assert_ne!(outside_quotes(r#""a + 'b'""#), outside_quotes(r#""'b'""#));
}

#[test]
fn changes_that_are_expected_and_others() {
    let stamped = |event: &str| format!("{},\"auditveil\":{{}}}}", event.strip_suffix('}').unwrap());
    for (before, after, fine) in [
        (r#"{"requestURI":"/a?token=x&b=1"}"#, r#"{"requestURI":"/a?token=[REDACTED]&b=1"}"#, true),
        (r#"{"requestURI":"/a?token=x&b=1"}"#, r#"{"requestURI":"/a?token=[REDACTED]"}"#, false),
        (r#"{"requestURI":"/a?token=x"}"#, r#"{"requestURI":"[REDACTED]"}"#, false),
        (r#"{"verb":"get"}"#, r#"{"verb":"[REDACTED]"}"#, false),
        (
            r#"{"responseStatus":{"message":"no: x"}}"#,
            r#"{"responseStatus":{"message":"no: [REDACTED]"}}"#,
            true,
        ),
        (
            r#"{"responseStatus":{"message":"no: x"}}"#,
            r#"{"responseStatus":{"message":"NO: [REDACTED]"}}"#,
            false,
        ),
        (r#"{"responseStatus":{"reason":"x"}}"#, r#"{"responseStatus":{"reason":"[REDACTED]"}}"#, false),
        (r#"{"annotations":{"vap/a":"x y"}}"#, r#"{"annotations":{"vap/a":"x [REDACTED]"}}"#, true),
        (
            r#"{"annotations":{"authorization.k8s.io/reason":"RBAC"}}"#,
            r#"{"annotations":{"authorization.k8s.io/reason":"[REDACTED]"}}"#,
            false,
        ),
        (
            r#"{"requestObject":{"spec":{"a":"b"}}}"#,
            r#"{"requestObject":{"spec":{"a":"[REDACTED]"}}}"#,
            false,
        ),
        (
            r#"{"requestObject":{"spec":{"password":"b"}}}"#,
            r#"{"requestObject":{"spec":{"password":"[REDACTED]"}}}"#,
            true,
        ),
        (
            r#"{"requestObject":{"spec":{"args":["--password=b","--c"]}}}"#,
            r#"{"requestObject":{"spec":{"args":["--password=[REDACTED]","--d"]}}}"#,
            false,
        ),
        (
            r#"{"requestObject":{"kind":"Secret","data":{"a":"b"}}}"#,
            r#"{"requestObject":{"kind":"Secret","data":{"a":"[REDACTED]"}}}"#,
            true,
        ),
        (
            r#"{"requestObject":{"kind":"Secret","metadata":{"name":"b"}}}"#,
            r#"{"requestObject":{"kind":"Secret","metadata":{"name":"[REDACTED]"}}}"#,
            false,
        ),
        (
            r#"{"requestObject":{"a":"{\"kind\":\"Secret\",\"type\":\"b\",\"data\":{\"c\":\"d\"}}"}}"#,
            r#"{"requestObject":{"a":"{\"kind\":\"Secret\",\"type\":\"[REDACTED]\",\"data\":{\"c\":\"d\"}}"}}"#,
            false,
        ),
    ] {
        assert_eq!(unexpected_changes(before, &stamped(after)).is_ok(), fine, "{after}");
    }
}
