//! Which keys there are, and what they may hold.

use crate::document::{Field, Shape};
use crate::enrich::detections::is_id;
use crate::limits::RECORD_BYTES;

const fn field(name: &'static str, shape: &'static Shape) -> Field {
    Field::new(name, shape)
}

const TEXT: &Shape = &Shape::Such(|text| !text.is_empty(), "a text that is not empty");

pub(super) const CONFIG: Shape = Shape::Object(&[
    field("version", &Shape::Choice(&["1"])),
    field("policy", &Shape::Elsewhere),
    field("policy_file", TEXT),
    field("input", INPUT),
    field("redact", REDACT),
    field("enrich", ENRICH),
    field("output", OUTPUT),
    field("limits", LIMITS),
]);

pub(super) const SHAPES: &[&str] = &[
    "auto",
    "event",
    "event_list",
    "text",
    "cri",
    "eks",
    "gke",
    "aks",
    "rancher",
    "admission_review",
    "nested",
];

const INPUT: &Shape = &Shape::Object(&[
    field("shape", &Shape::Choice(SHAPES)),
    field("field", TEXT),
    field("other", &Shape::Choice(&["keep", "drop"])),
]);

const REDACT: &Shape = &Shape::Object(&[
    field("action", &Shape::Choice(&["mask", "remove", "hmac"])),
    field("hmac", HMAC),
    field("classes", CLASSES),
    field("tokens", &Shape::List(TOKEN)),
    field("keep", &Shape::List(EXCEPTION)),
]);

const HMAC: &Shape = &Shape::Object(&[
    Field::required(
        "key_id",
        // Somebody may have put the key itself here.
        &Shape::Hidden(is_key_id, "1 to 32 letters, digits, `-`, `_` or `.`, a letter or digit first"),
    ),
    Field::required("key_file", TEXT),
    field("per_namespace", &Shape::Bool),
]);

const CLASS: &Shape = &Shape::Choice(&["mask", "remove", "hmac", "keep", "auto"]);

const CLASSES: &Shape = &Shape::Object(&[
    field("config_map", CLASS),
    field("env", CLASS),
    field("args", CLASS),
    field("custom_resource", CLASS),
    field("uri", CLASS),
    field("error_text", CLASS),
    field("content", CLASS),
]);

const TOKEN: &Shape = &Shape::Object(&[
    Field::required("name", TEXT),
    Field::required(
        "prefix",
        &Shape::Such(
            is_prefix,
            "3 to 32 letters, digits and signs of ASCII, no quote or backslash, with a capital letter or `_` behind the first",
        ),
    ),
    Field::required(
        "charset",
        &Shape::Choice(&[
            "hex",
            "lower_alphanumeric",
            "upper_alphanumeric",
            "alphanumeric",
            "word",
            "base64",
            "base64url",
        ]),
    ),
    Field::required("min_length", &Shape::Number(8, LONGEST_TOKEN)),
    Field::required("max_length", &Shape::Number(8, LONGEST_TOKEN)),
]);

/// The most characters behind a prefix.
const LONGEST_TOKEN: i64 = 4096;

const EXCEPTION: &Shape = &Shape::Object(&[
    Field::required(
        "resource",
        &Shape::Such(
            is_exceptional,
            "a resource such as `configmaps`, `deployments.apps` or `pods/status`, and not `secrets`, whose values never stay",
        ),
    ),
    Field::required(
        "path",
        &Shape::Such(
            is_path,
            "names with a `.` between them, `*` for any, `[*]` and `[0]` for elements; a `\\` before a `.` or a `[` \
             that is part of a name",
        ),
    ),
    field("namespace", &Shape::Text),
    Field::required("reason", TEXT),
]);

const ENRICH: &Shape = &Shape::Object(&[
    field(
        "key",
        &Shape::Such(
            |text| text == "auditveil",
            "`auditveil`: a gate behind the filter, a second filter and who reads the stamp know it by this name only",
        ),
    ),
    field("facts", &Shape::Bool),
    field("labels", &Shape::Map(&Shape::Text)),
    field("detections", &Shape::Choice(&["default", "none"])),
    field("except", &Shape::List(TEXT)),
    field("own", &Shape::List(DETECTION)),
    field("lists", &Shape::Map(&Shape::List(&Shape::Text))),
    field("dropped_bodies", &Shape::Bool),
]);

const DETECTION: &Shape = &Shape::Object(&[
    Field::required(
        "id",
        &Shape::Such(
            is_id,
            "words of small letters, digits and `-` with points between, such as `shop.exec`",
        ),
    ),
    Field::required("severity", &Shape::Choice(&["info", "low", "medium", "high", "critical"])),
    Field::required("title", TEXT),
    Field::required("condition", TEXT),
]);

const OUTPUT: &Shape = &Shape::Object(&[
    field("format", &Shape::Choice(&["audit", "ecs", "ocsf"])),
    field("bodies", &Shape::Choice(&["objects", "text", "none"])),
]);

/// A limit can be lowered; below this, hardly any event would be left.
const SMALLEST_RECORD: i64 = 4 * 1024;

const LIMITS: &Shape =
    &Shape::Object(&[field("max_record_bytes", &Shape::Number(SMALLEST_RECORD, RECORD_BYTES as i64))]);

/// Where a key that stands in the wrong mapping belongs: those that exist once, and a policy's own.
pub(super) const HOMES: &[(&str, &str)] = &[
    ("apiVersion", "policy"),
    ("kind", "policy"),
    ("rules", "policy"),
    ("omitStages", "policy"),
    ("omitManagedFields", "policy"),
    ("metadata", "policy"),
    ("shape", "input"),
    ("field", "input"),
    ("other", "input"),
    ("action", "redact"),
    ("hmac", "redact"),
    ("classes", "redact"),
    ("keep", "redact"),
    ("tokens", "redact"),
    ("key_id", "redact.hmac"),
    ("key_file", "redact.hmac"),
    ("per_namespace", "redact.hmac"),
    ("config_map", "redact.classes"),
    ("env", "redact.classes"),
    ("args", "redact.classes"),
    ("custom_resource", "redact.classes"),
    ("uri", "redact.classes"),
    ("error_text", "redact.classes"),
    ("content", "redact.classes"),
    ("labels", "enrich"),
    ("facts", "enrich"),
    ("detections", "enrich"),
    ("except", "enrich"),
    ("own", "enrich"),
    ("lists", "enrich"),
    ("dropped_bodies", "enrich"),
    ("format", "output"),
    ("bodies", "output"),
    ("max_record_bytes", "limits"),
];

/// `hmac:<key id>:<32 hex>` has to be told from all else by its grammar alone.
fn is_key_id(text: &str) -> bool {
    text.len() <= 32
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// Texts without a capital letter or `_` behind their first byte are not searched, see `redact::content::marks`.
fn is_prefix(text: &str) -> bool {
    (3..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'\\'))
        && text.bytes().skip(1).any(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// As a policy names resources, with the group behind the first point.
fn is_exceptional(text: &str) -> bool {
    let (object, subresource) = text.split_once('/').unwrap_or((text, "*"));
    let (name, group) = object.split_once('.').unwrap_or((object, "x"));
    let plain = |part: &str| {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        !part.is_empty() && part.bytes().all(allowed)
    };
    plain(name) && plain(group) && (subresource == "*" || plain(subresource)) && name != "secrets"
}

/// Names with points between them, behind each perhaps elements in brackets; nothing is missing behind a backslash.
fn is_path(text: &str) -> bool {
    let mut rest = text.chars().peekable();
    loop {
        let mut empty = true;
        while let Some(character) = rest.next_if(|character| !matches!(character, '.' | '[')) {
            if character == '\\' && rest.next().is_none() {
                return false;
            }
            empty = false;
        }
        while !empty && rest.next_if_eq(&'[').is_some() {
            let any = rest.next_if_eq(&'*').is_some();
            let mut number = false;
            while rest.next_if(char::is_ascii_digit).is_some() {
                number = true;
            }
            if any == number || rest.next() != Some(']') {
                return false;
            }
        }
        match rest.next() {
            _ if empty => return false,
            None => return true,
            Some('.') => {}
            Some(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// Every key below the first level, with the mapping it stands in.
    fn keys(shape: &'static Shape, way: &str, found: &mut Vec<(&'static str, alloc::string::String)>) {
        let Shape::Object(fields) = shape else { return };
        for field in *fields {
            if !way.is_empty() {
                found.push((field.name, way.into()));
            }
            let separator = if way.is_empty() { "" } else { "." };
            keys(field.shape, &alloc::format!("{way}{separator}{}", field.name), found);
        }
    }

    #[test]
    fn every_home_is_where_the_key_is() {
        let mut known = Vec::new();
        keys(&CONFIG, "", &mut known);
        for (key, home) in HOMES.iter().filter(|(_, home)| *home != "policy") {
            assert!(known.iter().any(|(name, way)| name == key && way == home), "{home}.{key}");
        }
        // A key that stands in two places has no home; all others have one.
        for (key, way) in &known {
            let places = known.iter().filter(|(name, _)| name == key).count();
            let top =
                matches!(CONFIG, Shape::Object(fields) if fields.iter().any(|field| field.name == *key));
            let has_home = HOMES.iter().any(|(name, _)| name == key);
            assert!(has_home || places > 1 || top || *key == "key", "{way}.{key} has no home");
        }
    }
}
