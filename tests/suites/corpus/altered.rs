//! What the filter may change in an event of the corpus, decided by a slow reading of the event
//! that shares nothing with the core.

use auditveil_tests::{Error, json};

/// Levels of containers beyond which the answer holds text instead.
const MAX_DEPTH: usize = 48;

/// Whether nothing in the event can be a secret: it must come out byte for byte.
///
/// # Errors
///
/// The line is no JSON object.
pub(crate) fn is_untouchable(line: &str) -> Result<bool, Error> {
    let members = json::members(line)?;
    let shape = json::shape(line);
    // Any spelling of a Secret manifest, in text in text too, has this word in it.
    let names_secret = line.contains("Secret\"") || line.contains("Secret\\") || line.contains("SecretList");
    let last_applied = line.contains("last-applied-configuration");
    let secrets = request(&members)?.is_some();
    let token = line.contains("\"token\"") || line.contains("token\\\"");
    Ok(!secrets && !token && !names_secret && !last_applied && shape.depth <= MAX_DEPTH && shape.keys <= 1024)
}

/// What a request is about, as far as it concerns secrets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Request {
    Secrets,
}

fn request(event: &[json::Member<'_>]) -> Result<Option<Request>, Error> {
    let Some(object_ref) = json::member(event, "objectRef") else { return Ok(None) };
    let object_ref = json::members(object_ref)?;
    let field = |name: &str| json::member(&object_ref, name).map(json::unescape).unwrap_or_default();
    let secrets = field("apiGroup").is_empty() && field("resource") == "secrets";
    Ok(secrets.then_some(Request::Secrets))
}

/// Compares an event with its answer, stamp aside.
///
/// # Errors
///
/// Every change at a position where no secret can be, and every change of structure.
pub(crate) fn unexpected_changes(line: &str, answer: &str) -> Result<(), Error> {
    let (before, after) = (json::members(line)?, json::members(answer)?);
    let after = after.split_last().map(|(_, others)| others).unwrap_or_default();
    let request = request(&before)?;
    let mut findings = Vec::new();
    if before.len() != after.len() {
        return Err(Error::new(format!("{} members became {}", before.len(), after.len())));
    }
    for (before, after) in before.iter().zip(after) {
        if before.raw_key != after.raw_key {
            return Err(Error::new(format!("key {} became {}", before.raw_key, after.raw_key)));
        }
        let name = before.key();
        let place = match (request, name.as_str()) {
            (
                Some(Request::Secrets),
                "requestObject" | "responseObject" | "responseStatus" | "annotations",
            ) => Place::Secret,
            _ => Place::Elsewhere,
        };
        compare(before.value, after.value, place, &mut vec![name], &mut findings)?;
    }
    if findings.is_empty() { Ok(()) } else { Err(Error::new(findings.join("; "))) }
}

/// What surrounds a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A Secret, or the body or status of a request for one.
    Secret,
    Elsewhere,
}

/// Members of a complete Secret that are never a secret.
const KEPT: [&str; 4] = ["kind", "apiVersion", "type", "immutable"];
const KEPT_METADATA: [&str; 10] = [
    "name",
    "generateName",
    "namespace",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "labels",
    "ownerReferences",
    "finalizers",
    "managedFields",
];

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
    let mut finding = |what: &str| findings.push(format!("{what} at {}", path.join(".")));
    // The event around the first member is the first level.
    if path.len() >= MAX_DEPTH && after.starts_with('"') {
        return Ok(());
    }
    if is_mask_of(before, after) {
        let token = path.last().is_some_and(|name| name == "token");
        match place {
            Place::Secret => {}
            Place::Elsewhere if token => {}
            Place::Elsewhere if is_last_applied(path) => {}
            _ => finding("masked"),
        }
        return Ok(());
    }
    if before.starts_with('{') && after.starts_with('{') {
        return compare_objects(before, after, place, path, findings);
    }
    if before.starts_with('[') && after.starts_with('[') {
        let (old, new) = (json::items(before)?, json::items(after)?);
        if old.len() != new.len() {
            finding("items lost");
            return Ok(());
        }
        for (at, (old, new)) in old.iter().zip(new).enumerate() {
            path.push(at.to_string());
            compare(old, new, place, path, findings)?;
            path.pop();
        }
        return Ok(());
    }
    let both_texts = before.starts_with('"') && after.starts_with('"');
    let manifest = both_texts && before.contains("Secret");
    if !(manifest || both_texts && (place == Place::Secret || is_last_applied(path))) {
        finding("changed");
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

fn is_last_applied(path: &[String]) -> bool {
    path.last().is_some_and(|name| name == "kubectl.kubernetes.io/last-applied-configuration")
}
