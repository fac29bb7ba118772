//! Cold: what to hide in an expression of the Common Expression Language (CEL).
//!
//! A MutatingAdmissionPolicy holds what it puts into an object as a literal of an expression, for example
//! `[JSONPatch{op: "add", path: "/data/password", value: "aHVudGVyMg=="}]`. Literals go, except names (the keys of
//! maps and of what is looked up, spelled as labels are: they stay in bodies too) and those that can hardly be a
//! value: JSON pointers to fields, operations of a patch, users and groups of the system, API groups, kinds and
//! resources of Kubernetes, words of the API, and what separates words. Comments go, because anything may be in
//! them. Numbers, identifiers and operators stay.
//!
//! What a policy asks for is best effort: a literal that reads like words stays there (`"RollingUpdate"`,
//! `"must have a label"`), because who reads of a changed policy wants to know what it asks for. It goes if a name
//! that says credential stands beside it (`object.data.password == "swordfish"`).
//!
//! Source of the grammar: `doc/langdef.md` in `google/cel-spec`.

use super::hide::Hide;
use super::key_names::is_sensitive;
use super::strings;

/// Reports the contents of the string literals of an expression that makes something.
#[inline(never)]
pub(crate) fn expression(text: &[u8], hide: &mut impl Hide) {
    scan(text, hide, |start, end, literal| {
        let content = text.get(start..end).unwrap_or_default();
        is_harmless(content) && !is_beside_credential(text, literal)
            || is_key(content) && names_something(text, literal)
            || is_path_of_words(content) && is_part_of_a_path(text, literal.0)
    });
}

/// Reports the contents of the string literals of an expression that asks for something, but for words.
#[inline(never)]
pub(crate) fn condition(text: &[u8], hide: &mut impl Hide) {
    scan(text, hide, |start, end, literal| {
        let content = text.get(start..end).unwrap_or_default();
        (is_harmless(content) || reads_like_words(content)) && !is_beside_credential(text, literal)
    });
}

/// Reports comments, and the literals of which `stays` is false; it is asked with the bounds of the text of a
/// literal, and of all of it.
fn scan(text: &[u8], hide: &mut impl Hide, stays: impl Fn(usize, usize, (usize, usize)) -> bool) {
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
        if end > start && !stays(start, end, (at, behind)) {
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

/// Whether a text is made of words, of versions as Kubernetes counts them, and of signs: no digit elsewhere, and no
/// more capitals within a word than a name in camel case has.
fn reads_like_words(text: &[u8]) -> bool {
    text.len() <= LONGEST_SENTENCE
        && text.is_ascii()
        && text
            .split(|byte| !byte.is_ascii_alphanumeric())
            .all(|word| word.is_empty() || is_word(word) || is_version(word) || word == b"k8s")
}

/// Longer ones are not looked at.
const LONGEST_SENTENCE: usize = 1024;

/// Whether letters are one word, or several in camel case.
pub(super) fn is_word(word: &[u8]) -> bool {
    let humps = word.windows(2).filter(|two| matches!(two, [b'a'..=b'z', b'A'..=b'Z'])).count();
    let capitals = word.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let mixed = capitals < word.len() && capitals.wrapping_mul(2) > word.len();
    !word.is_empty()
        && word.len() <= 32
        && word.iter().all(u8::is_ascii_alphabetic)
        && !mixed
        && (humps == 0 || humps.wrapping_add(1).wrapping_mul(3) <= word.len())
}

/// `v1`, `v1beta2`.
fn is_version(word: &[u8]) -> bool {
    (2..=9).contains(&word.len())
        && word.first() == Some(&b'v')
        && word.split(u8::is_ascii_digit).all(|part| matches!(part, b"" | b"v" | b"alpha" | b"beta"))
}

/// Whether the name before or behind a literal, with operators and brackets between them but no `&&` or `||`, says
/// that it is a credential.
fn is_beside_credential(text: &[u8], (start, end): (usize, usize)) -> bool {
    const NEAR: usize = 128;
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let ends = |byte: &u8| in_name(byte) || matches!(byte, b'&' | b'|');
    let before = text.get(start.saturating_sub(NEAR)..start).unwrap_or_default();
    let name_end = before.iter().rposition(ends).map_or(0, |last| last.wrapping_add(1));
    let before = before.get(..name_end).unwrap_or_default();
    let name = before.iter().rposition(|byte| !in_name(byte)).map_or(0, |sign| sign.wrapping_add(1));
    let behind = text.get(end..end.saturating_add(NEAR).min(text.len())).unwrap_or_default();
    let first = behind.iter().position(ends).unwrap_or(behind.len());
    let behind = behind.get(first..).unwrap_or_default();
    let length = behind.iter().position(|byte| !in_name(byte)).unwrap_or(behind.len());
    is_sensitive(before.get(name..).unwrap_or_default())
        || is_sensitive(behind.get(..length).unwrap_or_default())
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
        || is_version(literal)
        || is_separator(literal)
        || WORDS.iter().any(|word| word.as_bytes() == literal)
        || literal.starts_with(b"/") && is_field_pointer(literal)
}

/// What stands between words: `", "`, `"/"`.
fn is_separator(literal: &[u8]) -> bool {
    literal.len() <= 2 && literal.iter().all(|byte| b" ,.:;/-_*@=|\n".contains(byte))
}

/// Whether a text is spelled as the keys of labels and annotations are, and those of ConfigMaps.
fn is_key(text: &[u8]) -> bool {
    let part = |part: &[u8]| {
        (1..=253).contains(&part.len())
            && part.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
    };
    let mut parts = text.split(|&byte| byte == b'/');
    parts.next().is_some_and(part) && parts.next().is_none_or(part) && parts.next().is_none()
}

/// Whether a literal stands for a name: as a key in a map, in the brackets behind what is looked up in, and as what
/// is to be a part of a JSON pointer. Behind a `?` a colon is that of a condition.
fn names_something(text: &[u8], (start, end): (usize, usize)) -> bool {
    let before = text.get(..start).unwrap_or_default().trim_ascii_end();
    let behind = text.get(end..).unwrap_or_default().trim_ascii_start();
    match (before, behind.first()) {
        ([.., b'{' | b','], Some(b':')) => true,
        ([outer @ .., b'['] | [outer @ .., b'[', b'?'], Some(b']')) => is_looked_up_in(outer),
        (call, Some(b')')) => call.ends_with(b"jsonpatch.escapeKey("),
        _ => false,
    }
}

/// Whether a text is a JSON pointer made of words and short numbers, or the rest of one.
fn is_path_of_words(text: &[u8]) -> bool {
    let is_index = |part: &[u8]| part == b"-" || part.len() <= 3 && part.iter().all(u8::is_ascii_digit);
    text.first() == Some(&b'/')
        && text.split(|&byte| byte == b'/').all(|part| part.is_empty() || is_word(part) || is_index(part))
}

/// Whether the literal at `start` is a part of what a `path` is put together of: `path: x + "/image"`.
fn is_part_of_a_path(text: &[u8], start: usize) -> bool {
    const NEAR: usize = 256;
    let before = text.get(start.saturating_sub(NEAR)..start).unwrap_or_default();
    let colon = before.iter().rposition(|byte| b",:?{}".contains(byte)).unwrap_or(0);
    let (name, rest) = before.split_at_checked(colon).unwrap_or_default();
    rest.first() == Some(&b':')
        && name
            .strip_suffix(b"path")
            .is_some_and(|before| before.last().is_some_and(|last| b"{, \n\t".contains(last)))
}

/// Whether what stands before a bracket is a value, so that the bracket opens no list.
fn is_looked_up_in(before: &[u8]) -> bool {
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    match before.last() {
        Some(b')' | b']' | b'}') => true,
        Some(last) if in_name(last) => {
            let start = before.iter().rposition(|byte| !in_name(byte)).map_or(0, |sign| sign.wrapping_add(1));
            before.get(start..) != Some(b"in")
        }
        _ => false,
    }
}

/// Literals that name things of Kubernetes itself.
const WORDS: &[&str] = &[
    "ALL",
    "AUDIT_WRITE",
    "Always",
    "CAP_NET_RAW",
    "CHOWN",
    "CONNECT",
    "CREATE",
    "ClusterIP",
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "CronJob",
    "DAC_OVERRIDE",
    "DELETE",
    "DaemonSet",
    "Deployment",
    "FOWNER",
    "FSETID",
    "Group",
    "HorizontalPodAutoscaler",
    "IfNotPresent",
    "Ingress",
    "Job",
    "KILL",
    "LimitRange",
    "LoadBalancer",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "Namespace",
    "NetworkPolicy",
    "Never",
    "Node",
    "NodePort",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Pod",
    "PodDisruptionBudget",
    "ReplicaSet",
    "ReplicationController",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "RuntimeDefault",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_ADMIN",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_PTRACE",
    "SYS_TIME",
    "Secret",
    "Service",
    "ServiceAccount",
    "StatefulSet",
    "UPDATE",
    "User",
    "admissionregistration.k8s.io",
    "annotations",
    "apiVersion",
    "apiextensions.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "clusterrolebindings",
    "clusterroles",
    "configmaps",
    "containers",
    "coordination.k8s.io",
    "cpu",
    "cronjobs",
    "daemonsets",
    "data",
    "deployments",
    "endpoints",
    "ephemeral-storage",
    "ephemeralContainers",
    "events",
    "events.k8s.io",
    "false",
    "ingresses",
    "initContainers",
    "jobs",
    "kind",
    "kube-node-lease",
    "kube-public",
    "kube-system",
    "labels",
    "leases",
    "limits",
    "memory",
    "metadata",
    "name",
    "namespace",
    "namespaces",
    "networking.k8s.io",
    "networkpolicies",
    "nodes",
    "op",
    "path",
    "persistentvolumeclaims",
    "persistentvolumes",
    "pods",
    "policy",
    "rbac.authorization.k8s.io",
    "replicasets",
    "replicationcontrollers",
    "requests",
    "resourcequotas",
    "rolebindings",
    "roles",
    "secrets",
    "serviceaccounts",
    "services",
    "spec",
    "statefulsets",
    "status",
    "storage.k8s.io",
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
    "template",
    "true",
    "type",
    "value",
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
    use crate::redact::hide::checked::Spans;
    use alloc::string::String;

    fn masked(text: &str) -> String {
        masked_by(text, expression)
    }

    fn masked_by(text: &str, read: fn(&[u8], &mut Spans)) -> String {
        let mut spans = Spans::default();
        read(text.as_bytes(), &mut spans);
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
            (r#"Object{stringData: {"p": "hun\"ter2"}}"#, r##"Object{stringData: {"p": "#"}}"##),
            (
                r#"Object{a: {"example.com/x" : "hunter2", "a b": 1, "hunter2/a/b": 1}}"#,
                r##"Object{a: {"example.com/x" : "#", "#": 1, "#": 1}}"##,
            ),
            (r#"{"a": x ? "hunter2" : "hunter3"}"#, r##"{"a": x ? "#" : "#"}"##),
            (r#"x?"hunter2":"hunter3""#, r##"x?"#":"#""##),
            (r#"[x, "hunter2"] + ["hunter2"]"#, r##"[x, "#"] + ["#"]"##),
            (r#"value: ["hunter2"], y in["hunter2"]"#, r##"value: ["#"], y in["#"]"##),
            (r#"x ? ["hunter2"] : y.z ?["hunter2"] : []"#, r##"x ? ["#"] : y.z ?["#"] : []"##),
            (
                r#"a.annotations["example.com/x"] + b[?'team'].orValue("hunter2") + f()["x"]"#,
                r##"a.annotations["example.com/x"] + b[?'team'].orValue("#") + f()["x"]"##,
            ),
            (
                r#""/metadata/labels/" + jsonpatch.escapeKey("example.com/x") + escape("hunter2")"#,
                r##""/metadata/labels/" + jsonpatch.escapeKey("example.com/x") + escape("#")"##,
            ),
            (
                r#"object.kind == "Pod" ? 'v1' : a.split(", ")"#,
                r#"object.kind == "Pod" ? 'v1' : a.split(", ")"#,
            ),
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

    #[test]
    fn literals_of_conditions() {
        for text in [
            "!(self.type != 'RollingUpdate' && has(self.rollingUpdate))",
            "object.metadata.labels['env'] == 'prod'",
            "object.apiVersion in ['batch/v1beta1', 'events.k8s.io/v1', 'v2']",
            "!container.image.endsWith(':latest')",
            "'Pod ' + object.metadata.name + ' must have the label app.kubernetes.io/name, not \"none\".'",
            "a.type == 'x' && a.password != b || 'y' == a.type || a.token == b",
            "['CAP_NET_RAW', 'ALL', 'livenessProbe', 'NodePort', 'APIService']",
        ] {
            assert_eq!(masked_by(text, condition), text);
        }
        for (text, expected) in [
            ("object.data.p != 'hunter2'", "object.data.p != '#'"),
            ("object.data.password == 'swordfish'", "object.data.password == '#'"),
            ("object.data['password'] == \"swordfish\"", "object.data['password'] == \"#\""),
            ("object.spec.token.matches('swordfish')", "object.spec.token.matches('#')"),
            ("'swordfish' == object.spec.apiKey", "'#' == object.spec.apiKey"),
            ("x == 'aHVudGVyMg' + 'QWJjRGVm'", "x == '#' + '#'"),
            ("x == 'sk_live_aBcDeFgHiJ'", "x == '#'"),
            ("x // hunter2", "x // #"),
        ] {
            assert_eq!(masked_by(text, condition), expected);
        }
    }
}
