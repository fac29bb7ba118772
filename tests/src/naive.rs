//! The same job as anybody would write it first: parse into a tree, change it, print it.
//!
//! What benchmarks compare with. It hides the values of Secrets, wherever one is, what their last-applied annotation
//! says, and tokens; nothing else, so it does far less than the core.

use crate::Error;
use serde_json::Value;

const MASK: &str = "[REDACTED]";

/// The event without its secrets, with a stamp.
///
/// # Errors
///
/// `event` is no JSON object. serde_json reads 127 levels, and no lone surrogate.
pub fn filter(event: &[u8]) -> Result<Vec<u8>, Error> {
    let failed = |error: serde_json::Error| Error::new(error.to_string());
    let mut event: Value = serde_json::from_slice(event).map_err(failed)?;
    let resource = event.pointer("/objectRef/resource").and_then(Value::as_str).unwrap_or_default();
    let (secrets, tokens) = (resource == "secrets", matches!(resource, "tokenreviews" | "serviceaccounts"));
    let mut hidden = 0;
    for name in ["requestObject", "responseObject"] {
        let Some(body) = event.get_mut(name) else { continue };
        hidden += walk(body);
        if secrets {
            hidden += secret(body);
            let items = body.get_mut("items").and_then(Value::as_array_mut);
            hidden += items.into_iter().flatten().map(secret).sum::<usize>();
        }
        for path in ["/spec/token", "/status/token"].iter().filter(|_| tokens) {
            hidden += body.pointer_mut(path).map_or(0, mask);
        }
    }
    let stamp = serde_json::json!({"version": "1", "redacted": hidden});
    event.as_object_mut().ok_or_else(|| Error::new("no object"))?.insert("auditveil".to_owned(), stamp);
    serde_json::to_vec(&event).map_err(failed)
}

/// Hides what is in Secrets at any depth; how much that was.
fn walk(value: &mut Value) -> usize {
    match value {
        Value::Array(items) => items.iter_mut().map(walk).sum(),
        Value::Object(members) => {
            let inside: usize = members.values_mut().map(walk).sum();
            let is_secret = members.get("kind").and_then(Value::as_str) == Some("Secret");
            inside + if is_secret { secret(value) } else { 0 }
        }
        _ => 0,
    }
}

/// Hides what an object holds that is known to be a Secret.
fn secret(object: &mut Value) -> usize {
    let mut hidden = 0;
    for name in ["data", "stringData"] {
        let values = object.get_mut(name).and_then(Value::as_object_mut);
        hidden += values.into_iter().flat_map(|values| values.values_mut()).map(mask).sum::<usize>();
    }
    let copy = "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration";
    hidden + object.pointer_mut(copy).map_or(0, mask)
}

fn mask(value: &mut Value) -> usize {
    *value = Value::from(MASK);
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_what_it_says_and_keeps_the_rest() {
        let event =
            br#"{"objectRef":{"resource":"secrets"},"a":1,"requestObject":{"items":[{"data":{"x":"eA=="}}]},
            "responseObject":{"spec":[{"kind":"Secret","stringData":{"y":"z"}}],"data":{"b":null}}}"#;
        let out: Value = serde_json::from_slice(&filter(event).unwrap()).unwrap();
        let expected = serde_json::json!({"objectRef": {"resource": "secrets"}, "a": 1,
            "requestObject": {"items": [{"data": {"x": MASK}}]},
            "responseObject": {"spec": [{"kind": "Secret", "stringData": {"y": MASK}}], "data": {"b": MASK}},
            "auditveil": {"version": "1", "redacted": 3}});
        assert_eq!(out, expected);
        assert!(filter(b"[]").is_err() && filter(b"{").is_err());
    }
}
