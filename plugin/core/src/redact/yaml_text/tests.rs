//! Files as they stand in ConfigMaps, Helm values and cloud-init, with fake secrets, and what stays of them.

use super::yaml;
use crate::redact::hide::checked::Masked;
use crate::redact::key_names::is_sensitive;
use alloc::string::String;
use alloc::vec::Vec;
use proptest::prelude::*;

fn pass(text: &str) -> (String, usize, bool) {
    let mut masked = Masked { text, out: String::new(), at: 0, spans: 0 };
    let looks = yaml(text.as_bytes(), is_sensitive, &mut masked);
    let rest = text.get(masked.at..).expect("a span cuts a character");
    (masked.out + rest, masked.spans, looks)
}

fn masked(text: &str) -> String {
    let once = pass(text).0;
    let (twice, spans, _) = pass(&once);
    assert_eq!((twice.as_str(), spans), (once.as_str(), 0), "a second pass hides more");
    once
}

/// Nothing is hidden in these.
const HARMLESS: &[&str] = &[
    "",
    "replicas: 3\nimage: nginx:1.27\n",
    "secretName: db\nsecretKeyRef:\n  name: db\n  key: password\n",
    "automountServiceAccountToken: true\nmaxTokens: 5\n",
    "url: https://example.com/a?b=c\n# see https://example.com\n",
    "kind: ConfigMap\ndata:\n  a: b\n",
    "kind: SecretStore\ndata:\n  a: b\n",
    "[server]\nport=8080\n; a comment\npath = /data\n",
    "- a\n- b: {c: d, e: [f]}\n",
    "passwordFile: /run/secrets/x\npassword:\n",
    "- name: LEVEL\n  value: debug\n",
];

#[test]
fn harmless_texts_stay() {
    for text in HARMLESS {
        assert_eq!(masked(text), *text);
    }
}

#[test]
fn values_of_sensitive_keys_go() {
    for (text, expected) in [
        // Scalars.
        ("password: hunter2", "password: [REDACTED]"),
        ("a: b\npassword: \"hunter2\" # x\nc: d\n", "a: b\npassword: [REDACTED]\nc: d\n"),
        ("'password' : hunter2\r\nc: d\r\n", "'password' : [REDACTED]\r\nc: d\r\n"),
        ("db:\n  password:\n    hunter2\n  host: h\n", "db:\n  password:\n    [REDACTED]\n  host: h\n"),
        ("password: hunter\n  two\nc: d", "password: [REDACTED]\nc: d"),
        ("password: \"hunter\ntwo\"\nc: d", "password: [REDACTED]\nc: d"),
        ("- token: hunter2\n  name: x\n", "- token: [REDACTED]\n  name: x\n"),
        ("- - token: hunter2\n", "- - token: [REDACTED]\n"),
        // Block scalars.
        (
            "tls:\n  private_key: |-\n    hunter\n\n    two\n  cert: c\n",
            "tls:\n  private_key: [REDACTED]\n  cert: c\n",
        ),
        ("password: >\n  hunter2\n\n\nc: d\n", "password: [REDACTED]\n\n\nc: d\n"),
        // Collections.
        ("passwords:\n- hunter\n- two\nc: d\n", "passwords:\n[REDACTED]\nc: d\n"),
        ("password:\n  a: hunter\n  b:\n    c: two\nc: d\n", "password:\n  [REDACTED]\nc: d\n"),
        ("password: [hunter,\n two]\nc: d\n", "password: [REDACTED]\nc: d\n"),
        ("db: {user: bob, password: hunter2}\nc: d\n", "db: [REDACTED]\nc: d\n"),
        ("db: {user: bob,\n  \"password\": hunter2,\n}\nc: d\n", "db: [REDACTED]\nc: d\n"),
        ("- {password: hunter2}\n- x\n", "- [REDACTED]\n- x\n"),
        ("password:\n# hunter2\n- hunter2\n#c\nc: d\n", "password:\n[REDACTED]\n#c\nc: d\n"),
        // Pairs.
        (
            "- name: DB_PASSWORD\n  value: hunter2\n- name: A\n  value: b\n",
            "- name: DB_PASSWORD\n  value: [REDACTED]\n- name: A\n  value: b\n",
        ),
        (
            "- value: hunter2\n  name: DB_PASSWORD\n- value: b\n  name: A\n",
            "- value: [REDACTED]\n  name: DB_PASSWORD\n- value: b\n  name: A\n",
        ),
        (
            "- name: DB_PASSWORD\n  from:\n    name: x\n  value: hunter2\n",
            "- name: DB_PASSWORD\n  from:\n    name: x\n  value: [REDACTED]\n",
        ),
        // Files of other kinds.
        ("user=bob\npassword=hunter2 x\n", "user=bob\npassword=[REDACTED]\n"),
        ("spring.datasource.password = hunter2\n", "spring.datasource.password = [REDACTED]\n"),
        ("spring.datasource.password:hunter2\n", "spring.datasource.password:[REDACTED]\n"),
        ("export API_TOKEN=hunter2\nA=b", "export API_TOKEN=[REDACTED]\nA=b"),
        ("password=hunter\\\n  two\nc=d\n", "password=[REDACTED]\nc=d\n"),
        ("PRIVATE_KEY=\"hunter\ntwo\"\nc=d\n", "PRIVATE_KEY=[REDACTED]\nc=d\n"),
        (
            "environment:\n- \"PASSWORD=hunter2\"\n- TOKEN=hunter2\n",
            "environment:\n- \"PASSWORD=[REDACTED]\"\n- TOKEN=[REDACTED]\n",
        ),
        ("args:\n- --password=hunter2\n- -v\n", "args:\n- --password=[REDACTED]\n- -v\n"),
        ("#password: hunter2\n# token=hunter2\n", "#password: [REDACTED]\n# token=[REDACTED]\n"),
        // Text in a block scalar of a key that is not sensitive.
        (
            "app.conf: |\n  [db]\n  password = hunter2\n  host = h\n",
            "app.conf: |\n  [db]\n  password = [REDACTED]\n  host = h\n",
        ),
        // URLs.
        ("upstream: postgres://bob:hunter2@db/x\n", "upstream: postgres://bob:[REDACTED]@db/x\n"),
        (
            "- redis://:hunter2@r\n# https://u:hunter2@h/\n",
            "- redis://:[REDACTED]@r\n# https://u:[REDACTED]@h/\n",
        ),
        // kubeconfig.
        (
            "users:\n- name: admin\n  user:\n    client-key-data: aHVudGVyMg==\n    token: hunter2\n",
            "users:\n- name: admin\n  user:\n    client-key-data: [REDACTED]\n    token: [REDACTED]\n",
        ),
    ] {
        assert_eq!(masked(text), expected);
    }
}

#[test]
fn secrets_in_manifests_go() {
    for (text, expected) in [
        (
            "kind: Secret\ndata:\n  a: aHVudGVyMg==\n  b: |\n    hunter2\ntype: Opaque\n",
            "kind: Secret\ndata:\n  a: [REDACTED]\n  b: [REDACTED]\ntype: Opaque\n",
        ),
        // The kind comes last, and in many spellings.
        ("stringData:\n  a: hunter2\nkind: \"Secret\"\n", "stringData:\n  a: [REDACTED]\nkind: \"Secret\"\n"),
        ("data: {a: hunter2}\nkind: !!str Secret\n", "data: [REDACTED]\nkind: !!str Secret\n"),
        ("data: {a: hunter2}\n\"kind\":\n  'Secret'\n", "data: [REDACTED]\n\"kind\":\n  'Secret'\n"),
        ("data: {a: hunter2}\nkind: \"\\x53ecret\"\n", "data: [REDACTED]\nkind: \"\\x53ecret\"\n"),
        ("x: &k Secret\ndata: *d\nkind: *k\n", "x: &k Secret\ndata: [REDACTED]\nkind: *k\n"),
        ("{kind: Secret, data: {a: hunter2}}\n", "[REDACTED]\n"),
        ("--- {kind: Secret, data: {a: hunter2}}\n", "--- [REDACTED]\n"),
        // Only in its own document.
        (
            "kind: ConfigMap\ndata:\n  a: b\n---\nkind: Secret\ndata:\n  a: hunter2\n--- # x\nkind: ConfigMap\ndata:\n  a: b\n",
            "kind: ConfigMap\ndata:\n  a: b\n---\nkind: Secret\ndata:\n  a: [REDACTED]\n--- # x\nkind: ConfigMap\ndata:\n  a: b\n",
        ),
        (
            "items:\n- kind: Secret\n  data:\n    a: hunter2\n  metadata: {name: x}\n",
            "items:\n- kind: Secret\n  data:\n    a: [REDACTED]\n  metadata: {name: x}\n",
        ),
        // What stands there is no map.
        (
            "kind: Secret\ndata:\n- hunter2\n- x: hunter2\ntype: x\n",
            "kind: Secret\ndata:\n- [REDACTED]\n- x: [REDACTED]\ntype: x\n",
        ),
        (
            "kind: Secret\ndata: # c\n  # hunter2\n  a\ntype: x\n",
            "kind: Secret\ndata: # c\n  # [REDACTED]\n  [REDACTED]\ntype: x\n",
        ),
        // Keys in unusual places.
        ("---\nkind: Secret\ndata:\n  ? a\n  : hunter2\n---\na: b\n", "---\n[REDACTED]\n---\na: b\n"),
        ("!!map {\n  ? \"kind\"\n  : !!str \"Secret\",\n  ? data : {a: hunter2}\n}\n", "[REDACTED]\n"),
        ("kind: Secret\ndata: hunter2\n  more\n", "kind: Secret\ndata: [REDACTED]\n"),
        // Annotations hold copies.
        (
            "kind: Secret\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"stringData\":{\"a\":\"hunter2\"}}\n  name: x\n",
            "kind: Secret\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: [REDACTED]\n  name: x\n",
        ),
    ] {
        assert_eq!(masked(text), expected);
    }
}

#[test]
fn formats_are_told_from_prose() {
    for (text, looks) in [
        ("a: b\n", true),
        ("a=b\n# c\n", true),
        ("[x]\na=b\n", true),
        ("- a\n- b\n", false),
        ("hello\n", false),
        ("Dear all,\nthe job is done.\nNote: it was late.\nBye\n", false),
        ("", false),
    ] {
        assert_eq!(pass(text).2, looks, "{text:?}");
    }
}

/// A key and a value, in YAML of every style, at some depth, as a member of `data`.
fn secret_manifest() -> impl Strategy<Value = String> {
    let value = prop::sample::select(
        &[
            "QzHunter2",
            "'QzHunter2'",
            "\"Qz\\\"QzHunter2\"",
            "|\n@    QzHunter2\n\n@    QzHunter2",
            ">-\n@    # QzHunter2",
            "\n@    QzHunter2",
            "{x: QzHunter2}",
            "[QzHunter2,\n@   QzHunter2]",
            "\n@    x:\n@      - QzHunter2",
            "\n@  - QzHunter2\n@  - y: QzHunter2",
            "\"a\n\n@  kind: x\n@  QzHunter2\"",
            "!!binary |\n@    QzHunter2",
            "QzHunter2 # QzHunter2\n@  # QzHunter2",
            "a: QzHunter2",
        ][..],
    );
    let key = prop::sample::select(&["a", "\"a b\"", "'a'", "a.b", "ü", "password", "? x\n@  "][..]);
    let data = prop::sample::select(&["data", "stringData", "annotations"][..]);
    let kind = prop::sample::select(
        &["kind: Secret", "kind:   'Secret'", "kind : \"Secret\" # x", "kind: SecretList"][..],
    );
    let members = prop::collection::vec((key, value), 1..4);
    (data, kind, members, 0..3_usize, any::<bool>(), any::<bool>()).prop_map(
        |(data, kind, members, depth, first, crlf)| {
            let indent = "  ".repeat(depth);
            let mut text = String::new();
            for level in 0..depth {
                text.push_str(&["  ".repeat(level), "outer:\n".into()].concat());
            }
            let mut body = [indent.as_str(), data, ":\n"].concat();
            for (key, value) in members {
                body.push_str(&["@  ", key, ": ", value, "\n"].concat().replace('@', &indent));
            }
            let kind = [indent.as_str(), kind, "\n"].concat();
            let parts = if first { [kind, body] } else { [body, kind] };
            text.push_str(&parts.concat());
            if crlf { text.replace('\n', "\r\n") } else { text }
        },
    )
}

const LINES: &[&str] = &[
    "a: b",
    "password: x",
    "password:",
    "  - y",
    "- z",
    "  b: c",
    "    d: |",
    "      text",
    "---",
    "kind: Secret",
    "kind:",
    "!a",
    "data:",
    "  k: v",
    "# c: d",
    "#password: x",
    "e={f",
    "}",
    "{",
    "[",
    "'",
    "\"",
    "password: \"x",
    "g: [1, {token: 2}]",
    "- name: TOKEN",
    "  value: v",
    "  value: [REDACTED]",
    "  name: TOKEN",
    "https://u:p@h",
    "token=x\\",
    "",
    " ",
    "\t",
    "  [REDACTED]",
    "[REDACTED]",
    "password: [REDACTED]",
    "--- {a: b}",
    "? k",
    ": v",
    "- \"PASSWORD=x\"",
    "hmac:k:00112233445566778899aabbccddeeff",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_value_of_a_secret_survives(manifest in secret_manifest(), before: bool) {
        let text = if before { ["kind: ConfigMap\ndata:\n  a: b\n---\n", &manifest].concat() } else { manifest };
        prop_assert!(!masked(&text).contains("QzHunter2"), "{}\n{}", text, masked(&text));
    }

    #[test]
    fn any_mixture_is_left_alone_the_second_time(lines in prop::collection::vec(prop::sample::select(LINES), 0..14)) {
        masked(&lines.join("\n"));
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,80}") {
        masked(&text);
    }
}

#[test]
fn hostile_repetition_takes_linear_time() {
    // Anything quadratic would take minutes here.
    for line in LINES {
        for end in ["\n", " ", ":"] {
            let text = [line, end].concat();
            masked(&text.repeat(30_000_usize.div_euclid(text.len())));
        }
    }
    let deep: Vec<String> =
        (0..400_usize).map(|level| [" ".repeat(level), "- value: x".into()].concat()).collect();
    masked(&deep.join("\n"));
}
