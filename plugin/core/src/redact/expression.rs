//! Cold: what to hide in an expression of the Common Expression Language (CEL).
//!
//! A MutatingAdmissionPolicy holds what it puts into an object as a literal of an expression, for example
//! `[JSONPatch{op: "add", path: "/data/password", value: "aHVudGVyMg=="}]`; other policies hold what they
//! compare with, or say. Nothing tells a value from a
//! name, so literals go, except those that can hardly be a value: JSON pointers to fields, operations of a
//! patch, users and groups of the system, API groups of Kubernetes, and words of the API. Comments go, because
//! anything may be in them. Numbers, identifiers and operators stay.
//!
//! Source of the grammar: `doc/langdef.md` in `google/cel-spec`.

use super::hide::Hide;
use super::strings;

/// Reports the contents of the string literals of an expression.
pub(crate) fn expression(text: &[u8], hide: &mut impl Hide) {
    let mut at = 0;
    while let Some(&quote) = text.get(at) {
        if quote == b'/' && text.get(at.wrapping_add(1)) == Some(&b'/') {
            at = comment(text, at.wrapping_add(2), hide);
            continue;
        }
        if quote != b'"' && quote != b'\'' {
            at = at.wrapping_add(1);
            continue;
        }
        // `r"…"` and `br"…"`; in any other word an `r` before the quote means nothing.
        let before = |count: usize| at.checked_sub(count).and_then(|place| text.get(place)).copied();
        let raw = matches!(before(1), Some(b'r' | b'R'))
            && before(2).is_none_or(|byte| matches!(byte, b'b' | b'B') || !byte.is_ascii_alphanumeric());
        let triple =
            text.get(at..at.wrapping_add(3)).is_some_and(|three| three.iter().all(|&byte| byte == quote));
        let start = at.wrapping_add(if triple { 3 } else { 1 });
        let (end, behind) = literal_end(text, start, quote, triple, raw);
        if end > start && !is_harmless(text.get(start..end).unwrap_or_default()) {
            hide.hide(start, end);
        }
        at = behind;
    }
}

/// Hides the comment whose text begins at `start`, and tells where its line ends.
fn comment(text: &[u8], start: usize, hide: &mut impl Hide) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let line =
        rest.get(..rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())).unwrap_or_default();
    let end = start.wrapping_add(line.len());
    let from = end.wrapping_sub(line.trim_ascii_start().len());
    let to = start.wrapping_add(line.trim_ascii_end().len());
    if from < to {
        hide.hide(from, to);
    }
    end
}

/// Where the text of a literal ends, and where the literal does; an unclosed one takes the rest.
fn literal_end(text: &[u8], start: usize, quote: u8, triple: bool, raw: bool) -> (usize, usize) {
    let mut at = start;
    while let Some(&byte) = text.get(at) {
        if byte == b'\\' && !raw {
            at = at.wrapping_add(2);
            continue;
        }
        if byte == quote {
            if !triple {
                return (at, at.wrapping_add(1));
            }
            let end = at.wrapping_add(3);
            if text.get(at..end).is_some_and(|three| three.iter().all(|&byte| byte == quote)) {
                return (at, end);
            }
        }
        at = at.wrapping_add(1);
    }
    (text.len(), text.len())
}

/// Whether a literal can hardly be a secret: an operation or a pointer of a JSON patch, a user, a group or an API
/// group of Kubernetes itself, or a word of the kind that names fields and resources.
fn is_harmless(literal: &[u8]) -> bool {
    strings::is_operation(literal)
        || WORDS.iter().any(|word| word.as_bytes() == literal)
        || literal.starts_with(b"/") && is_field_pointer(literal)
}

/// Literals that name things of Kubernetes itself.
const WORDS: &[&str] = &[
    "CONNECT",
    "CREATE",
    "DELETE",
    "UPDATE",
    "admissionregistration.k8s.io",
    "annotations",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "batch",
    "certificates.k8s.io",
    "configmaps",
    "coordination.k8s.io",
    "data",
    "events",
    "kube-node-lease",
    "kube-public",
    "kube-system",
    "labels",
    "leases",
    "metadata",
    "nodes",
    "pods",
    "rbac.authorization.k8s.io",
    "secrets",
    "serviceaccounts",
    "spec",
    "system:admin",
    "system:anonymous",
    "system:apiserver",
    "system:authenticated",
    "system:kube-controller-manager",
    "system:kube-scheduler",
    "system:masters",
    "system:nodes",
    "system:serviceaccounts",
    "system:unauthenticated",
];

/// A pointer into a field of the API, whose parts are short words: `/data/password`, `/metadata/labels/team~1name`.
fn is_field_pointer(literal: &[u8]) -> bool {
    const FIELDS: [&[u8]; 10] = [
        b"binaryData",
        b"data",
        b"immutable",
        b"metadata",
        b"rules",
        b"spec",
        b"status",
        b"stringData",
        b"type",
        b"webhooks",
    ];
    let mut parts = literal.split(|&byte| byte == b'/').skip(1);
    parts.next().is_some_and(|first| FIELDS.contains(&first))
        && parts.all(|part| {
            part.len() <= 63
                && part
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec::Vec;

    struct Spans(Vec<(usize, usize)>);

    impl Hide for Spans {
        fn hide(&mut self, start: usize, end: usize) {
            self.0.push((start, end));
        }
    }

    fn masked(text: &str) -> String {
        let mut spans = Spans(Vec::new());
        expression(text.as_bytes(), &mut spans);
        let mut out = String::new();
        let mut from = 0;
        for (start, end) in spans.0 {
            out.push_str(text.get(from..start).unwrap());
            out.push('#');
            from = end;
        }
        out + text.get(from..).unwrap()
    }

    #[test]
    fn literals() {
        for (text, expected) in [
            (
                r#"[JSONPatch{op: "add", path: "/data/injected", value: "aHVudGVyMg=="}]"#,
                r##"[JSONPatch{op: "add", path: "/data/injected", value: "#"}]"##,
            ),
            ("object.metadata.name == 'hunter2'", "object.metadata.name == '#'"),
            (r#"Object{stringData: {"p": "hun\"ter2"}}"#, r##"Object{stringData: {"#": "#"}}"##),
            (r#"r"C:\" + "hunter2""#, r##"r"#" + "#""##),
            (r#""""hunter "2" """ + "x""#, r##""""#""" + "#""##),
            ("'unclosed hunter2", "'#"),
            ("1 + 2 // it's a comment\n + 'x'", "1 + 2 // #\n + '#'"),
            ("1 //\n//  hunter2 \r\n+ 1", "1 //\n//  # \r\n+ 1"),
            ("'system:nodes' in request.userInfo.groups", "'system:nodes' in request.userInfo.groups"),
            (
                "request.resource.group == 'coordination.k8s.io'",
                "request.resource.group == 'coordination.k8s.io'",
            ),
            ("'system:x' + 'hunter.k8s.io' + 'hunter2'", "'#' + '#' + '#'"),
            ("''", "''"),
            ("value: \"/hunter2\"", "value: \"#\""),
            (r#"xr"a\"hunter2""#, r##"xr"#""##),
        ] {
            assert_eq!(masked(text), expected, "{text}");
        }
    }
}
