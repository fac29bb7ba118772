//! P4: what is kept is kept exactly. The answer to an event is the event with masks in it, and nothing else.

use crate::tree::Node;
use auditveil_tests::{Error, json};

const MASK: &str = "[REDACTED]";

/// Compares an event with what came out, its stamp aside.
///
/// # Errors
///
/// A value that is neither the same to the letter nor masked.
pub(super) fn compare(event: &Node, answer: &Node) -> Result<(), Error> {
    let differ = |what: &str| {
        Err(Error::new(format!("{what}\n  of     {}\n  became {}", event.text(), answer.text())))
    };
    match (event, answer) {
        _ if event == answer => Ok(()),
        (Node::Object(members), Node::Object(kept)) => {
            if kept.is_empty() {
                return Ok(());
            }
            if members.len() != kept.len() {
                return differ("members are lost or made");
            }
            for ((key, value), (kept_key, kept_value)) in members.iter().zip(kept) {
                if key != kept_key && !is_masked(key, kept_key) {
                    return differ("another key");
                }
                compare(value, kept_value)?;
            }
            Ok(())
        }
        (Node::Array(_), Node::Array(kept)) if kept.is_empty() => Ok(()),
        (Node::Array(items), Node::Array(kept)) => {
            if items.len() != kept.len() {
                return differ("items are lost or made");
            }
            items.iter().zip(kept).try_for_each(|(item, kept)| compare(item, kept))
        }
        (Node::Plain(text), Node::Plain(kept)) => match text.as_bytes().first() {
            Some(b'"') if kept.starts_with('"') && is_masked(text, kept) => Ok(()),
            Some(b'{') if kept == "{}" => Ok(()),
            Some(b'[') if kept == "[]" => Ok(()),
            Some(b'-' | b'0'..=b'9' | b't' | b'f') if kept == "null" => Ok(()),
            _ => differ("another value"),
        },
        // Beyond the limit of nesting even an empty container would be one too many.
        (Node::Object(_) | Node::Array(_), Node::Plain(kept)) if kept == "\"[REDACTED]\"" => Ok(()),
        _ => differ("a value of another type"),
    }
}

/// Whether a string has become one with something masked in it.
fn is_masked(text: &str, kept: &str) -> bool {
    if kept.contains(MASK) {
        return true;
    }
    // In a text of JSON a container or a number may be masked instead; base64 is written anew.
    let (text, kept) = (json::unescape(text), json::unescape(kept));
    kept.contains("{}") || kept.contains("[]") || kept.contains("null") || in_base64(&text, &kept)
}

/// Whether both end in base64, which hides the mask from us.
fn in_base64(text: &str, kept: &str) -> bool {
    let is_base64 = |text: &str| {
        let run = text.bytes().filter(|byte| byte.is_ascii_alphanumeric() || b"+/=_-".contains(byte)).count();
        run >= 16
    };
    is_base64(text) && is_base64(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_and_nothing_else() {
        let compare = |event: &str, answer: &str| compare(&Node::of(event), &Node::of(answer));
        for (event, answer) in [
            (r#"{"a":1.50,"b":"\u0061"}"#, r#"{"a":1.50,"b":"\u0061"}"#),
            (r#"{"a":1.50,"b":"x","c":[1],"d":{"e":1}}"#, r#"{"a":null,"b":"[REDACTED]","c":[],"d":{}}"#),
            (r#"{"a":"p=q r"}"#, r#"{"a":"p=[REDACTED] r"}"#),
            (r#"{"a":"{\"data\":{\"b\":1}}"}"#, r#"{"a":"{\"data\":{\"b\":null}}"}"#),
        ] {
            assert_eq!(compare(event, answer), Ok(()));
        }
        for (event, answer) in [
            (r#"{"a":1.50}"#, r#"{"a":1.5}"#),
            (r#"{"a":"\u0061"}"#, r#"{"a":"a"}"#),
            (r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#),
            (r#"{"a":1}"#, r#"{"a":1,"a":1}"#),
            ("[1,2]", "[1]"),
            (r#""abc""#, "null"),
            ("{}", "[]"),
        ] {
            assert!(compare(event, answer).is_err(), "{event} {answer}");
        }
    }
}
