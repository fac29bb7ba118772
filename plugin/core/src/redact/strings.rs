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

/// Whether a plain text that begins so may be one for which [`is_secret_kind`] holds.
#[inline(always)]
pub(crate) fn may_be_secret_kind(text: &[u8]) -> bool {
    text.first_chunk() == Some(b"Secr")
}

/// Whether a plain text that begins so may be one for which [`is_secret_type`] holds.
#[inline(always)]
pub(crate) fn may_be_secret_type(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'O' | b'b' | b'h' | b'k'))
}

/// Whether a text that deserves [`may_be_json`] may begin with this byte.
#[inline(always)]
pub(crate) const fn may_be_first_of_json(first: u8) -> bool {
    // `[`, `\` and `{`; with them `|`, which costs nothing.
    (first | 0x20).wrapping_sub(b'{') < 2 || first == b' '
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

/// Whether a text that is no readable JSON is to be hidden: it begins as JSON does, so it is a cut or
/// damaged copy of something, or it speaks of what Secrets have.
///
/// Words that are escaped once more inside the text are taken to. What merely begins with a bracket, as
/// `[INFO] started`, is neither.
pub(crate) fn is_suspect(raw: &[u8], buffer: &mut Vec<u8>) -> bool {
    if !text::unescape_lossy(raw, buffer) {
        return true;
    }
    let start = buffer.trim_ascii_start();
    let begins_as_json = match start.split_first() {
        Some((b'{', rest)) => rest.trim_ascii_start().starts_with(b"\""),
        Some((b'[', rest)) => matches!(rest.trim_ascii_start().first(), Some(b'{' | b'[' | b'"')),
        _ => false,
    };
    begins_as_json
        || [&b"Secret"[..], b"stringData", b"\\u"]
            .iter()
            .any(|word| buffer.windows(word.len()).any(|window| window == *word))
}

/// What an annotation of an audit event is, as far as its name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Annotation {
    /// Written by the apiserver itself, about the request and not about the object.
    Harmless,
    /// The patch that a mutating webhook asked for, as JSON text.
    WebhookPatch,
    /// Written by a webhook or a policy: it may quote the object.
    Other,
}

/// The prefixes of the annotations that the apiserver writes about a request.
///
/// Source: `pkg/audit`, `pkg/endpoints/filters`, `pkg/authentication/serviceaccount` and `pkg/admission` of
/// `k8s.io/apiserver`.
const HARMLESS: [&[u8]; 9] = [
    b"apiserver.k8s.io/",
    b"apiserver.latency.k8s.io/",
    b"audit.k8s.io/",
    b"authentication.k8s.io/",
    b"authentication.kubernetes.io/",
    b"authorization.k8s.io/",
    b"k8s.io/",
    b"mutation.webhook.admission.k8s.io/",
    b"pod-security.kubernetes.io/",
];

/// What the annotation called `raw` is.
pub(crate) fn annotation(raw: &[u8], buffer: &mut Vec<u8>) -> Annotation {
    let name = decoded(raw, buffer);
    if name.starts_with(b"patch.webhook.admission.k8s.io/") {
        Annotation::WebhookPatch
    } else if HARMLESS.iter().any(|prefix| name.starts_with(prefix)) {
        Annotation::Harmless
    } else {
        Annotation::Other
    }
}

/// Whether this is an identifier, as groups and UIDs are: no white space, no punctuation but `-`, `.` and `_`.
pub(crate) fn is_identifier(raw: &[u8]) -> bool {
    raw.len() <= 253
        && raw.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
}

/// Whether this is an operation of JSON Patch (RFC 6902, section 4).
pub(crate) fn is_operation(raw: &[u8]) -> bool {
    matches!(raw, b"add" | b"remove" | b"replace" | b"move" | b"copy" | b"test")
}

/// Whether this is a JSON pointer (RFC 6901) to a part that a Secret has.
///
/// The pointer is the client's: it may name anything, a secret too. So the first part must be a field of a
/// Secret, and what follows must be what a key, a label or an annotation can be called, or an index. `~0` and
/// `~1` are escapes of a pointer.
pub(crate) fn is_known_pointer(raw: &[u8], buffer: &mut Vec<u8>) -> bool {
    let raw = decoded(raw, buffer);
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
            let plain = !raw.contains('\\');
            assert!(!plain || may_be_secret_kind(raw.as_bytes()) || !kind, "{raw}");
            assert!(!plain || may_be_secret_type(raw.as_bytes()) || !type_, "{raw}");
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
        for raw in [
            "",
            "/data",
            "/data/tls.key",
            "/d\\u0061ta/x",
            "/stringData/a~1b",
            "/metadata/labels/app",
            "/data/",
        ] {
            assert!(is_known_pointer(raw.as_bytes(), &mut Vec::new()), "{raw}");
        }
        for raw in ["data", "/hunter2", "/data/a b", "/data/\\u0020", "/spec/x", "/data/pä"] {
            assert!(!is_known_pointer(raw.as_bytes(), &mut Vec::new()), "{raw}");
        }
    }
}
