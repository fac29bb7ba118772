//! Every message that refuses a policy or a configuration, with what was written and where.
//!
//! `INSTA_UPDATE=always cargo test -p auditveil-core --test messages` rewrites the snapshots; the
//! difference is to be read as a user would.

use auditveil_core::{config, policy};

/// A snapshot without the expression that made it.
macro_rules! same {
    ($($snapshot:expr),+) => {
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!($($snapshot),+) })
    };
}

/// A text, its messages and its warnings.
fn describe<T>(
    text: &str,
    result: Result<T, policy::Rejected>,
    warnings: impl Fn(&T) -> Vec<policy::Error>,
) -> String {
    let (errors, warnings) = match &result {
        Ok(loaded) => (Vec::new(), warnings(loaded)),
        Err(rejected) => (rejected.errors.clone(), rejected.warnings.clone()),
    };
    let visible =
        |c: char| if c.is_control() && c != '\t' { c.escape_default().to_string() } else { c.to_string() };
    let mut shown: String =
        text.lines().map(|line| format!("    {}\n", line.chars().map(visible).collect::<String>())).collect();
    for (word, list) in [("error", errors), ("warning", warnings)] {
        for error in list {
            shown += &format!("{word} ({:?}, width {}): {error}\n", error.kind(), error.width());
        }
    }
    shown + "\n"
}

fn of_policies(texts: &[&str]) -> String {
    texts
        .iter()
        .map(|text| describe(text, policy::load(text.as_bytes()), |loaded| loaded.warnings.clone()))
        .collect()
}

fn of_configurations(texts: &[&str]) -> String {
    texts
        .iter()
        .map(|text| describe(text, config::load(text.as_bytes()), |loaded| loaded.warnings.clone()))
        .collect()
}

/// Rules below a head that is right.
fn of_rules(rules: &[&str]) -> String {
    let texts: Vec<String> =
        rules.iter().map(|rule| format!("apiVersion: audit.k8s.io/v1\nrules:\n{rule}")).collect();
    of_policies(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn heads_of_policies() {
    same!(of_policies(&[
        "",
        "Metadata",
        "- level: Metadata",
        "kind: Policy\nrules:\n- level: Metadata",
        "apiVersion: v1\nkind: Policy\nrules: []",
        "apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: []",
        "apiVersion: 1\nrules: []",
        "apiVersion: audit.k8s.io/v1\nkind: policy\nrules: []",
        "apiVersion: audit.k8s.io/v1\nkind: EventList\nitems: []",
        "apiVersion: audit.k8s.io/v1\nkind: Policy",
        "apiVersion: audit.k8s.io/v1\nrules: []\nomitStages: [requestReceived, Pannic, \"\"]",
        "apiVersion: audit.k8s.io/v1\nmetadata: {creationTimestamp: yesterday, generation: one, labels: {a: 1}}\nrules: []",
    ]));
}

#[test]
fn rules_of_policies() {
    same!(of_rules(&[
        "- {}",
        "- level: metadata",
        "- level: ResponseComplete\n- level: \"Metadata \"",
        "- level: true",
        "- Metadata",
        "  level: Metadata",
        "- level: None\n  verbs: [1, get, no, [list]]",
        "- level: None\n  users: alice",
        "- level: None\n  omitManagedFields: \"true\"",
        "- level: None\n  resources: [secrets]",
        "- level: None\n  resources:\n  - group: apps/v1\n  - group: Apps\n  - resourceNames: [a]",
        "- level: None\n  nonResourceURLs: [healthz, \"/a*/b\", \"\", \"*/x\", \"*\"]",
        "- level: None\n  namespaces: [a]\n  nonResourceURLs: [/healthz]",
    ]));
}

#[test]
fn warnings_of_policies() {
    same!(of_rules(&[
        "- level: None\n  resource: [{group: '', resources: [secrets]}]",
        "- level: None\n  Level: Metadata\n  usergroups: [a]\n  nonResourceUrls: [/]\n  something: [else]",
        "- level: None\n  level: Metadata",
        "- level: None\nrules:\n- level: Request",
    ]));
}

#[test]
fn syntax() {
    same!(of_rules(&[
        "-\tlevel: None",
        "- level: None\n\tusers: [a]",
        "- level: None\n   users: [a]",
        "- level: None\n users: [a]",
        "- level: None\n  users: [a",
        "- level: None\n  users: [a}",
        "- level: None\n  users: [a b: c]",
        "- level: None\n  users: {a, b c",
        "- level: None\n  users: \"a",
        "- level: None\n  users: [\"\\q\"]",
        "- level: None\n  users: [\"\\ud800\"]",
        "- level: None\n  users: [\"\\xg\"]",
        "- level: None\n  group: *",
        "- level: None\n  group: *admins",
        "- level: None\n  group: & a",
        "- level: None\n  users: [@a]",
        "- level: None\n  users: [`a]",
        "- level: None\n  users: [%a]",
        "- level: None\n  users: - a",
        "- level: None\n  users: a ? b: c",
        "- level: None\n  a: b: c",
        "- level: None\n  lonely\n  users: [a]",
        "- level: None\n  x: |0\n    a",
        "- level: None\n  x: | a",
        "- level: None\n  x: |\n  \ta",
        "- level: !!int None",
        "- level: !x!y None",
        "- level: !<x None",
        "- level: .inf",
        "- ? [a]\n  : b",
        "- ~: b",
        "- <<: a",
        "- &a\n  <<: *a",
        "- level: None\u{7}",
        "- level: None\n---\n...\n",
    ]));
    same!(
        "directives",
        of_policies(&[
            "%YAML 1.2\n---\na: b",
            "%YAML one\n---\na: b",
            "%YAML 1.1\n%YAML 1.1\n---\na: b",
            "%TAG !a! b\n%TAG !a! c\n---\na: b",
            "%FOO bar\n---\na: b",
            "%YAML 1.1\na: b",
            "---\n---\na: b",
        ])
    );
    same!(
        "json",
        of_policies(&[
            "{",
            "{\"rules\":[{\"level\":\"Metadata\"},]}",
            "{\"rules\":[1 2]}",
            "{\"rules\" 1}",
            "{rules: []}",
            "{\"a\":01}",
            "{\"a\":1.}",
            "{\"a\":tru}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\u12\"}",
            "{\"a\":\"\n\"}",
            "{} // and more",
        ])
    );
}

#[test]
fn encodings_and_limits() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..8 {
        let before = level - 1;
        bomb += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{before}"); 10].join(", "));
    }
    let texts: [Vec<u8>; 7] = [
        b"apiVersion: audit.k8s.io/v1\nx: \xff".to_vec(),
        b"\xff\xfea\x00\n\x00\x00\xd8".to_vec(),
        b"a\x00".to_vec(),
        vec![b' '; (32 << 20) + 1],
        "[".repeat(10_001).into_bytes(),
        format!("{{\"a\":{}", "[".repeat(10_001)).into_bytes(),
        bomb.into_bytes(),
    ];
    let shown: String = texts.iter().map(|text| describe("", policy::load(text), |_| Vec::new())).collect();
    same!(shown);
}

#[test]
fn configurations() {
    same!(of_configurations(&[
        "- a",
        "version: 1",
        "version: \"2\"",
        "redcat: {}",
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []",
        "key_id: k1\nlabels: {a: b}\nsomething: else",
        "redact: {actoin: mask}",
        "redact: {action: mask}\nredact: {action: remove}",
        "redact: {action: masked}",
        "redact: {action: hmac}",
        "redact: {classes: {uri: hmac}, hmac: {key_id: k1}}",
        "redact: {hmac: {key_id: 'a:b', key_file: ''}}",
        "redact: {classes: {env: off, uris: mask, content: automatic}}",
        "redact:\n  keep:\n  - resource: configmaps\n    path: data.motd\n  - reason: ~",
        "input: {shape: eventlist, field: [log], other: keeep}",
        "enrich: {key: objectRef, labels: {a: 1}, detections: all, dropped_bodies: maybe}",
        "output: {format: json, bodies: no}",
        "limits: {max_record_bytes: 64MiB}",
        "limits: {max_record_bytes: 1}",
        "limits: {max_record_bytes: 67108865}",
        "policy_file: a.yaml\npolicy:\n  apiVersion: audit.k8s.io/v1\n  rules: [{level: None}]",
        "policy:\n  rules: [{level: None}]",
        "policy:\n  apiVersion: audit.k8s.io/v1\n  rules:\n  - level: none\n  - level: None\n    user: [a]\n    user: [b]",
        "policy:\n  apiVersion: audit.k8s.io/v1\n  rules:\n  - level: None\n    user: [a]\n    user: [b]",
        "{\"redact\": {\"action\": \"hmac\"}}",
        "{redact: {action: hmac}}",
    ]));
}
