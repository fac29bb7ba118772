//! Cold: what a string's text says, for the few strings whose text decides something.

use super::carriers;
use super::edits::MASK;
use super::message::{next_byte, quotes_secret};
use crate::json::{find, text};
use alloc::vec::Vec;

/// `raw` without its escapes; itself if it has none.
fn decoded<'a>(raw: &'a [u8], buffer: &'a mut Vec<u8>) -> &'a [u8] {
    if find::byte(raw, 0, b'\\') < raw.len() && text::unescape(raw, buffer) { buffer } else { raw }
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

/// Whether the text may be JSON: white space aside, it begins with a brace, a bracket or a quote, however
/// these are escaped.
pub(crate) fn may_be_json(raw: &[u8]) -> bool {
    let mut raw = raw;
    loop {
        let (first, rest) = match raw {
            [b'\\', b'n' | b'r' | b't', rest @ ..] => ('\n', rest),
            [b'\\', ..] => match text::escaped(raw, 0) {
                Some((first, length)) => (first, raw.get(length..).unwrap_or_default()),
                None => return false,
            },
            [first, rest @ ..] => (char::from(*first), rest),
            [] => return false,
        };
        match first {
            // What was hidden at the beginning of a text makes no array of it.
            '[' => return !raw.starts_with(MASK),
            '{' | '"' => return true,
            ' ' | '\t' | '\n' | '\r' => raw = rest,
            _ => return false,
        }
    }
}

/// Whether JSON may begin somewhere in a string that does not begin with it: a brace, perhaps blanks, and an
/// escaped quote.
pub(crate) fn holds_json(raw: &[u8]) -> bool {
    let mut rest = raw;
    while let Some((_, behind)) = next_byte(rest, 0, b'{').and_then(|at| rest.split_at_checked(at)) {
        rest = behind.get(1..).unwrap_or_default();
        let mut text = rest;
        loop {
            text = match text {
                [b'\\', b'"' | b'\\' | b'u', ..] => return true,
                [b'\\', b'n' | b'r' | b't', text @ ..] | [b' ', text @ ..] => text,
                _ => break,
            };
        }
    }
    false
}

/// Whether a brace is spelled `\u007b` somewhere: no apiserver spells it so, but a client may in a text of its own. The
/// digit is looked for, because backslashes are many.
pub(crate) fn holds_escaped_brace(raw: &[u8]) -> bool {
    let mut at = 0;
    loop {
        at = find::byte(raw, at, b'7');
        let spelled = at.checked_sub(4).and_then(|start| raw.get(start..at.wrapping_add(2)));
        match spelled {
            Some([b'\\', b'u', b'0', b'0', b'7', b'b' | b'B']) => return true,
            _ if at >= raw.len() => return false,
            _ => at = at.wrapping_add(1),
        }
    }
}

/// Whether a string may hold YAML of a Secret: several lines, of which one begins with a `kind` that says so. In a
/// text that holds JSON a `kind` in quotes is part of that.
#[inline]
pub(crate) fn may_hold_secret(raw: &[u8], holds_json: bool) -> bool {
    raw.len() >= SHORTEST_SECRET && has_secret_kind(raw, holds_json)
}

/// `kind: Secret`, `data:` and a key with a value.
const SHORTEST_SECRET: usize = 28;

/// What may stand between a `kind` and the word behind it: quotes with their escapes, a tag, an anchor.
const LONGEST_KIND: usize = 32;

#[inline(never)]
fn has_secret_kind(raw: &[u8], holds_json: bool) -> bool {
    let mut at = 0;
    while let Some(found) = next_byte(raw, at, b'S') {
        at = found.wrapping_add(1);
        if raw.get(at..).is_some_and(|rest| rest.starts_with(b"ecret")) {
            let start = found.saturating_sub(LONGEST_KIND);
            let before = raw.get(start..found).unwrap_or_default();
            let kind = before.windows(4).rposition(|word| word == b"kind");
            let between = kind.and_then(|kind| before.get(kind..)).unwrap_or_default();
            let other_line =
                between.windows(3).any(|line| matches!(line, [b'\\', b'n', first] if *first != b' '));
            if !other_line
                && kind.is_some_and(|kind| begins_line(raw.get(..start.wrapping_add(kind)), holds_json))
            {
                return raw.windows(2).any(|escape| escape == b"\\n");
            }
        }
    }
    false
}

/// Whether what follows `before` begins a line, perhaps behind dashes and a quote.
fn begins_line(before: Option<&[u8]>, holds_json: bool) -> bool {
    let mut rest = before.unwrap_or_default();
    if !holds_json {
        rest = rest.strip_suffix(b"\\\"").or_else(|| rest.strip_suffix(b"'")).unwrap_or(rest);
    }
    while let Some((b' ' | b'-', before)) = rest.split_last() {
        rest = before;
    }
    rest.is_empty() || rest.ends_with(b"\\n") || rest.ends_with(b"\\r") || rest.ends_with(b"\\t")
}

/// What becomes of a text that seemed to be JSON and is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It is a copy of something that was cut, or it may hold a Secret.
    Hidden,
    /// It is written as JSON, but for a comma or a comment.
    Read,
    /// It is none, as `[INFO] started`.
    Kept,
}

/// What becomes of a text that is no readable JSON.
///
/// In sorted JSON the `kind` of an object comes late, so what was cut may be a Secret.
pub(crate) fn unreadable(raw: &[u8], buffer: &mut Vec<u8>) -> Unreadable {
    if text::unescape_lossy(raw, buffer) { unreadable_text(buffer) } else { Unreadable::Hidden }
}

/// The same of a text that stands in no string.
pub(crate) fn unreadable_text(text: &[u8]) -> Unreadable {
    if quotes_secret(text) {
        return Unreadable::Hidden;
    }
    let start = text.trim_ascii_start();
    let begins_as_json = match start.split_first() {
        Some((b'{', rest)) => matches!(rest.trim_ascii_start().first(), Some(b'"' | b'/' | b'\'')),
        Some((b'[', rest)) => matches!(rest.trim_ascii_start().first(), Some(b'{' | b'[' | b'"')),
        _ => false,
    };
    let of_secret = || SECRET_TYPES.iter().any(|word| super::message::find(start, word.as_bytes()).is_some());
    match begins_as_json {
        true if !is_closed(start) || of_secret() => Unreadable::Hidden,
        true => Unreadable::Read,
        false => Unreadable::Kept,
    }
}

/// Types of Secrets, which make one of an object that has `data` and says no kind.
const SECRET_TYPES: &[&str] = &["Opaque", "kubernetes.io/", "helm.sh/release."];

/// Whether all braces and brackets of a text are closed that are not in strings, the last one at its end.
fn is_closed(text: &[u8]) -> bool {
    let (mut open, mut in_string, mut escaped) = (0_u32, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => open = open.saturating_add(1),
            b'}' | b']' if !in_string => open = open.saturating_sub(1),
            _ => {}
        }
    }
    open == 0 && !in_string && matches!(text.trim_ascii_end().last(), Some(b'}' | b']'))
}

/// What an annotation of an audit event is, as far as its name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Annotation {
    /// Written by the apiserver itself before anything else could write it, about the request and not about
    /// the object.
    Own,
    /// A word or a duration of the apiserver, if it is one: others can write it before the apiserver does.
    Measure,
    /// What a mutating webhook did, as JSON text.
    Mutation,
    /// The patch that a mutating webhook asked for, as JSON text.
    WebhookPatch,
    /// Written by a webhook or a policy, or perhaps: it may quote the object.
    Other,
}

/// What the annotation called `raw` is.
///
/// A webhook or a policy may be called as it likes, `audit.k8s.io` too, and writes annotations whose names
/// begin with its own. Nothing overwrites an annotation, so those stay the apiserver's that it writes before
/// admission.
///
/// Source: `pkg/audit`, `pkg/endpoints`, `pkg/authentication/serviceaccount` and `pkg/admission` of
/// `k8s.io/apiserver`.
#[inline(never)]
pub(crate) fn annotation(raw: &[u8], buffer: &mut Vec<u8>) -> Annotation {
    match decoded(raw, buffer) {
        b"authorization.k8s.io/decision"
        | b"authorization.k8s.io/reason"
        | b"authentication.k8s.io/legacy-token"
        | b"authentication.k8s.io/legacy-token-autogenerated-secret"
        | b"authentication.k8s.io/legacy-token-invalidated"
        | b"authentication.k8s.io/legacy-token-manual-secret"
        | b"authentication.k8s.io/stale-token"
        | b"k8s.io/deprecated"
        | b"k8s.io/removed-release" => Annotation::Own,
        b"audit.k8s.io/truncated" => Annotation::Measure,
        name if name.starts_with(b"apiserver.latency.k8s.io/") => Annotation::Measure,
        name if name.starts_with(b"mutation.webhook.admission.k8s.io/") => Annotation::Mutation,
        name if name.starts_with(b"patch.webhook.admission.k8s.io/") => Annotation::WebhookPatch,
        _ => Annotation::Other,
    }
}

/// Whether this is `true`, `false` or a duration as Go writes it: `1.5s`, `176.083µs`.
#[inline(never)]
pub(crate) fn is_measure(raw: &[u8]) -> bool {
    let in_duration = |byte: &u8| byte.is_ascii_digit() || b".hmns\xc2\xb5".contains(byte);
    matches!(raw, b"true" | b"false") || raw.len() <= 32 && raw.iter().all(in_duration)
}

/// Whether this is an identifier, as groups and UIDs are: no white space, no punctuation but `-`, `.` and `_`.
#[inline(never)]
pub(crate) fn is_identifier(raw: &[u8]) -> bool {
    raw.len() <= 253
        && raw.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
}

/// Whether a name may be one that somebody gave a key of a Secret, a label or an annotation, and not a text in its place:
/// nothing of JSON, of lines, of assignments and URLs, and no base64 of a text.
pub(crate) fn is_key(name: &[u8]) -> bool {
    let of_texts = |byte: &u8| matches!(byte, b'{' | b'"' | b'\\' | b'=' | b'@' | b':' | ..b' ');
    name.len() <= LONGEST_KEY && !name.iter().any(of_texts) && !carriers::may_be_base64(name)
}

/// A prefix, a slash and a name.
const LONGEST_KEY: usize = 317;

/// Whether a managed field of a Secret may be called so: a field, an item of a set, one that is told by its UID or its
/// name, or the object itself.
///
/// Source: `PathElement` of `sigs.k8s.io/structured-merge-diff`.
pub(crate) fn is_managed_field(name: &[u8]) -> bool {
    let quoted = |text: &[u8], end: &[u8]| text.strip_suffix(end).is_some_and(is_key);
    match name {
        b"." | MASK => true,
        [b'f', b':', key @ ..] => is_key(key),
        [b'i', b':', index @ ..] => index.iter().all(u8::is_ascii_digit),
        [b'v', b':', b'"', item @ ..] => quoted(item, b"\""),
        [b'k', b':', item @ ..] => [&b"{\"uid\":\""[..], b"{\"name\":\""]
            .iter()
            .any(|start| item.strip_prefix(*start).is_some_and(|item| quoted(item, b"\"}"))),
        _ => false,
    }
}

/// Whether this is an operation of JSON Patch (RFC 6902, section 4).
#[inline(never)]
pub(crate) fn is_operation(raw: &[u8]) -> bool {
    matches!(raw, b"add" | b"remove" | b"replace" | b"move" | b"copy" | b"test")
}

/// Whether this is a JSON pointer (RFC 6901) to a part that a Secret has.
///
/// The pointer is the client's: it may name anything, a secret too. So the first part must be a field of a
/// Secret, and what follows must be what a key, a label or an annotation can be called, or an index. `~0` and
/// `~1` are escapes of a pointer.
#[inline(never)]
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
                && !carriers::may_be_base64(part)
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
        for raw in ["", "a{", "[REDACTED] x", "\\\\", "\\n", "plain text", "\\u003cunknown\\u003e"] {
            assert!(!may_be_json(raw.as_bytes()), "{raw}");
        }
    }

    #[test]
    fn unreadable_texts() {
        for (raw, unreadable_as) in [
            (r#"{"a":1,}"#, Unreadable::Read),
            (r#"{ // x\n "a": "}" }"#, Unreadable::Read),
            (r#"[{"a":1}] "#, Unreadable::Read),
            (r#"{"a":1}\n{"b":2}"#, Unreadable::Read),
            (r#"{"data":{"p":"x"}"#, Unreadable::Hidden),
            (r#"{"data":{"p":"x"},"#, Unreadable::Hidden),
            (r#"{"data":{"p":"x},}"#, Unreadable::Hidden),
            (r#"{"data":{"p":"x"},"type":"Opaque",}"#, Unreadable::Hidden),
            (r#"{"data":{"p":"x"},"kind":"Secret",}"#, Unreadable::Hidden),
            (r#"{"data":{"p":"x"},"kind":"\u0053ecret",}"#, Unreadable::Hidden),
            ("[INFO] Secret found", Unreadable::Kept),
            ("{x}", Unreadable::Kept),
        ] {
            let raw = raw.replace('"', "\\\"");
            assert_eq!(unreadable(raw.as_bytes(), &mut Vec::new()), unreadable_as, "{raw}");
        }
    }

    #[test]
    fn json_in_prose() {
        for raw in [r#"x {\"a\":1}"#, r#"x\n{\n\t \"a"#, r#"x {\\\"a\\\":1}"#, r#"{{ \"a\" }}"#, r"x {\u0022"]
        {
            assert!(holds_json(raw.as_bytes()), "{raw}");
        }
        for raw in ["", "{", "x {", r"x {\n", r"x {a}\n", r#"RBAC: allowed by \"{x}\""#, "a { b"] {
            assert!(!holds_json(raw.as_bytes()), "{raw}");
        }
    }

    #[test]
    fn yaml_of_a_secret() {
        for raw in [
            r"kind: Secret\ndata:\n  password: x",
            r"apiVersion: v1\nkind: Secret\nstringData: {a: b}",
            r"apiVersion: v1\nkind:   !!str Secret\nstringData: {a: b}",
            r#"apply\n---\r\n\"kind\": \"Secret\"\ndata: {}"#,
            r"items:\n- kind: Secret\n  data: {a: b}",
        ] {
            assert!(may_hold_secret(raw.as_bytes(), false), "{raw}");
        }
        for raw in [
            "kind: Secret data: password: x y z",
            r"The kind of this is Secret.\nIt is one.",
            r"kind: SealedThing\nof: the Secrets there are",
            r"no such kind: Secret\nand nothing else either",
        ] {
            assert!(!may_hold_secret(raw.as_bytes(), false), "{raw}");
        }
        assert!(!may_hold_secret(br#"{\n \"kind\": \"Secret\",\n \"data\": {}}"#, true));
    }

    #[test]
    fn measures() {
        for raw in ["true", "false", "176.083µs", "2.006892397s", "1h2m3s", "0s"] {
            assert!(is_measure(raw.as_bytes()), "{raw}");
        }
        for raw in ["True", "hunter2", "176.083\\u00b5s", "1234567890.1234567890.1234567890s"] {
            assert!(!is_measure(raw.as_bytes()), "{raw}");
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
