//! Cold: what a string's text says, for the few strings whose text decides something.

use crate::json::text;
use alloc::vec::Vec;

/// `raw` without its escapes; itself if it has none.
fn decoded<'a>(raw: &'a [u8], buffer: &'a mut Vec<u8>) -> &'a [u8] {
    if text::find_backslash(raw, 0) < raw.len() && text::unescape(raw, buffer) { buffer } else { raw }
}

/// Whether this is the `kind` of a Secret or of a list of them.
pub(crate) fn is_secret_kind(raw: &[u8], buffer: &mut Vec<u8>) -> bool {
    matches!(decoded(raw, buffer), b"Secret" | b"SecretList")
}

/// Whether this is a `type` that Secrets have and other objects with `data` have not.
///
/// The built-in types are in `k8s.io/api/core/v1/types.go`; the last two are Helm's and bootstrap tokens'.
pub(crate) fn is_secret_type(raw: &[u8], buffer: &mut Vec<u8>) -> bool {
    let text = decoded(raw, buffer);
    text == b"Opaque"
        || [&b"kubernetes.io/"[..], b"helm.sh/release.", b"bootstrap.kubernetes.io/"]
            .iter()
            .any(|prefix| text.starts_with(prefix))
}

/// Whether the text may be JSON: white space aside, it begins with a brace, a bracket or a quote, however
/// these are escaped.
pub(crate) fn may_be_json(raw: &[u8]) -> bool {
    let mut raw = raw;
    loop {
        let (first, rest) = match raw {
            [b'\\', ..] => match text::escaped(raw, 0) {
                Some((first, length)) => (first, raw.get(length..).unwrap_or_default()),
                None => return false,
            },
            [first, rest @ ..] => (char::from(*first), rest),
            [] => return false,
        };
        match first {
            '{' | '[' | '"' => return true,
            ' ' | '\t' | '\n' | '\r' => raw = rest,
            _ => return false,
        }
    }
}

/// Whether a text that is no readable JSON speaks of what Secrets have.
///
/// Words that are escaped once more inside the text are taken to.
pub(crate) fn speaks_of_secrets(raw: &[u8], buffer: &mut Vec<u8>) -> bool {
    if !text::unescape_lossy(raw, buffer) {
        return true;
    }
    [&b"Secret"[..], b"stringData", b"\\u"]
        .iter()
        .any(|word| buffer.windows(word.len()).any(|window| window == *word))
}

/// Whether this is an operation of JSON Patch (RFC 6902, section 4).
pub(crate) fn is_operation(raw: &[u8]) -> bool {
    matches!(raw, b"add" | b"remove" | b"replace" | b"move" | b"copy" | b"test")
}

/// Whether this is a JSON pointer (RFC 6901) to a part that a Secret has.
///
/// The pointer is the client's: it may name anything, a secret too. So the first part must be a field of a
/// Secret, and what follows must be what a key, a label or an annotation can be called, or an index. `~0` and
/// `~1` are escapes of a pointer; a JSON escape has no place in any of these.
pub(crate) fn is_known_pointer(raw: &[u8]) -> bool {
    let Some(rest) = raw.strip_prefix(b"/") else { return raw.is_empty() };
    let mut parts = rest.split(|&byte| byte == b'/');
    let known = parts.next().is_some_and(|first| {
        matches!(
            first,
            b"data" | b"stringData" | b"metadata" | b"type" | b"immutable" | b"kind" | b"apiVersion"
        )
    });
    known
        && parts.all(|part| {
            part.len() <= 317
                && part
                    .iter()
                    .all(|byte| matches!(byte, b'-' | b'_' | b'.' | b'~') || byte.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_types() {
        let mut buffer = Vec::new();
        for (raw, kind, type_) in [
            ("Secret", true, false),
            (r"\u0053ecret", true, false),
            ("SecretList", true, false),
            ("secret", false, false),
            ("SecretStore", false, false),
            ("Opaque", false, true),
            ("kubernetes.io/tls", false, true),
            ("helm.sh/release.v1", false, true),
            ("ClusterIP", false, false),
        ] {
            assert_eq!(is_secret_kind(raw.as_bytes(), &mut buffer), kind, "{raw}");
            assert_eq!(is_secret_type(raw.as_bytes(), &mut buffer), type_, "{raw}");
        }
    }

    #[test]
    fn json_texts() {
        for raw in ["{\\\"a\\\":1}", "[1]", " \\n\\t{", "\\\"{", "\\u007b"] {
            assert!(may_be_json(raw.as_bytes()), "{raw}");
        }
        for raw in ["", "a{", "\\\\", "\\n", "plain text", "\\u003cunknown\\u003e"] {
            assert!(!may_be_json(raw.as_bytes()), "{raw}");
        }
    }

    #[test]
    fn pointers() {
        for raw in ["", "/data", "/data/tls.key", "/stringData/a~1b", "/metadata/labels/app", "/data/"] {
            assert!(is_known_pointer(raw.as_bytes()), "{raw}");
        }
        for raw in ["data", "/hunter2", "/data/a b", "/data/\\u0061", "/spec/x", "/data/pä"] {
            assert!(!is_known_pointer(raw.as_bytes()), "{raw}");
        }
    }
}
