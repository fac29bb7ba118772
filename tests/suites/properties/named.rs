//! Where names decide: of bodies made at random just those texts stay that a second, slow reading keeps, and
//! whatever stands in them, an answer is left alone by a second pass.

use crate::actions::filter;
use crate::node::{Dice, Node};
use crate::{answer, answer_of, config};
use proptest::prelude::*;

/// Names of credentials, and names that say nothing.
const SENSITIVE: [&str; 4] = ["password", "apiKey", "admin_token", "DB-PASSWORD"];
const ORDINARY: [&str; 5] = ["a", "colour", "shape", "spec", "list"];

/// Names that mean something to some rule.
const ANY: [&str; 44] = [
    "password",
    "apiKey",
    "auth",
    "tokens",
    "passwordSecretRef",
    "name",
    "key",
    "value",
    "env",
    "args",
    "command",
    "httpHeaders",
    "httpGet",
    "path",
    "op",
    "from",
    "data",
    "stringData",
    "binaryData",
    "values",
    "contents",
    "source",
    "tls",
    "userData",
    "url",
    "annotations",
    "labels",
    "metadata",
    "managedFields",
    "fieldsV1",
    "f:a",
    "kind",
    "type",
    "token",
    "message",
    "columnDefinitions",
    "rows",
    "cells",
    "openAPIV3Schema",
    "encryptedData",
    "secretKey",
    "kubectl.kubernetes.io/last-applied-configuration",
    "valueFrom",
    "a",
];

const TEXTS: [&str; 30] = [
    "",
    "x",
    "Secret",
    "ConfigMap",
    "Opaque",
    "password",
    "DB_PASSWORD",
    "--token",
    "--token=x1",
    "-px1",
    "mysql",
    "curl",
    "-u",
    "u:p1",
    "https://u:p1@h/?token=x",
    "password: x1\na: b\n",
    "a=b\npassword=x1",
    "#!/bin/sh\nTOKEN=x1 run\n",
    "{\"password\":\"x1\",\"a\":[\"b\"]}",
    "x {\"password\": \"x1\"} y",
    "kind: Secret\ndata:\n  a: x1\n",
    "data:,x1",
    "cGFzc3dvcmQ6IHgxCg==",
    "H4sIAAAAAAAAA0vKz0kEAA==",
    "/spec/password",
    "/data/a",
    "/env/0/value",
    "/",
    "{\"a\":",
    "[REDACTED]",
];

/// A body in which every text is told from every other.
fn told(dice: &mut Dice, depth: usize, count: &mut usize) -> Node {
    match dice.below(if depth == 0 { 2 } else { 6 }) {
        0 | 1 => {
            *count += 1;
            Node::Text(format!("t{count}x"))
        }
        2 => Node::Array((0..dice.below(4)).map(|_| told(dice, depth - 1, count)).collect()),
        _ => {
            let members = (0..dice.below(5)).map(|_| {
                let name = match dice.below(8) {
                    0 | 1 => return (String::from("name"), Node::Text(word(dice))),
                    2 => "value",
                    3 | 4 => pick(dice, &SENSITIVE),
                    _ => pick(dice, &ORDINARY),
                };
                (name.to_owned(), told(dice, depth - 1, count))
            });
            Node::Object(members.collect())
        }
    }
}

fn pick(dice: &mut Dice, of: &[&'static str]) -> &'static str {
    of.get(dice.below(of.len())).copied().unwrap_or_default()
}

fn word(dice: &mut Dice) -> String {
    let of: &[&str] = if dice.below(2) == 0 { &SENSITIVE } else { &ORDINARY };
    pick(dice, of).to_owned()
}

fn is_sensitive(node: &Node) -> bool {
    matches!(node, Node::Text(text) if SENSITIVE.contains(&text.as_str()))
}

/// The texts that go and those that stay, by the rules of docs/leak-surface.md.
fn judge(node: &Node, goes: bool, gone: &mut Vec<String>, kept: &mut Vec<String>) {
    match node {
        Node::Text(text) if text.starts_with('t') => {
            if goes { gone } else { kept }.push(text.clone());
        }
        Node::Array(items) => items.iter().for_each(|item| judge(item, goes, gone, kept)),
        Node::Object(members) => {
            let named = members.iter().any(|(name, value)| name == "name" && is_sensitive(value));
            for (name, value) in members {
                let credential = SENSITIVE.contains(&name.as_str()) || (name == "value" && named);
                judge(value, goes || (credential && !refers(value)), gone, kept);
            }
        }
        _ => {}
    }
}

/// Whether an object only says where a credential is: it has a name and nothing else.
fn refers(node: &Node) -> bool {
    matches!(node, Node::Object(members) if !members.is_empty() && members.iter().all(|(name, _)| name == "name"))
}

/// The event around a body: of a custom resource, or what a client patches of anything.
fn event(body: &Node, dice: &mut Dice) -> String {
    let (verb, reference) = match dice.below(6) {
        0 => ("create", r#"{"resource":"databases","apiGroup":"acme.example.com"}"#),
        1 => ("patch", r#"{"resource":"databases","apiGroup":"acme.example.com"}"#),
        2 => ("patch", r#"{"resource":"pods"}"#),
        3 => ("update", r#"{"resource":"storageclasses","apiGroup":"storage.k8s.io"}"#),
        4 => ("create", r#"{"resource":"configmaps"}"#),
        _ => ("patch", r#"{"resource":"deployments","apiGroup":"apps"}"#),
    };
    let body = if dice.below(2) == 0 { body.compact() } else { body.spelled(dice) };
    // Where the body stands before what decides, the record is read again.
    match dice.below(3) {
        0 => format!(
            r#"{{"requestObject":{body},"verb":"{verb}","auditID":"a","requestURI":"/x","objectRef":{reference}}}"#
        ),
        _ => format!(
            r#"{{"auditID":"a","requestURI":"/x","verb":"{verb}","objectRef":{reference},"requestObject":{body}}}"#
        ),
    }
}

/// A body of whatever a rule may look at.
fn anything(dice: &mut Dice, depth: usize) -> Node {
    match dice.below(if depth == 0 { 4 } else { 12 }) {
        0 => Node::Number(7),
        1 => Node::Bool(true),
        2 | 3 => Node::Text(pick(dice, &TEXTS).to_owned()),
        4..7 => Node::Array((0..dice.below(5)).map(|_| anything(dice, depth - 1)).collect()),
        _ => Node::Object(
            (0..dice.below(6)).map(|_| (pick(dice, &ANY).to_owned(), anything(dice, depth - 1))).collect(),
        ),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn just_those_texts_stay(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let mut count = 0;
        let members = (0..3).map(|_| (String::from("spec"), told(&mut dice, 5, &mut count)));
        let body = Node::Object(members.collect());
        let event = event(&body, &mut dice);
        let answer = answer(&event).map_err(|error| TestCaseError::fail(format!("{error}\n{event}")))?;
        let (mut gone, mut kept) = (Vec::new(), Vec::new());
        judge(&body, false, &mut gone, &mut kept);
        let plain = unescaped(&answer);
        for text in gone {
            prop_assert!(!plain.contains(&text), "{text} stays:\n{event}\n{answer}");
        }
        for text in kept {
            prop_assert!(plain.contains(&text), "{text} is gone:\n{event}\n{answer}");
        }
    }

    #[test]
    fn a_second_pass_changes_nothing(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let mut body = anything(&mut dice, 7);
        if !matches!(body, Node::Object(_) | Node::Array(_)) {
            body = Node::Array(vec![body]);
        }
        let mut event = event(&body, &mut dice);
        if dice.below(3) == 0 {
            // Of a kind that Kubernetes defines.
            event = event.replace("patch", "create").replace("configmaps", "pods");
        }
        answer(&event).map_err(|error| TestCaseError::fail(format!("{error}\n{event}")))?;
    }
}

/// Configurations that keep what is in such bodies, all or parts of it.
const KEPT: [&str; 5] = [
    "redact: {keep: [{resource: databases, path: '*', reason: r}, {resource: configmaps, path: '*', reason: r}]}",
    "redact: {action: remove, keep: [{resource: databases, path: 'a[*]', reason: r}, {resource: databases, path: 'password.*', reason: r}]}",
    "redact: {keep: [{resource: databases, path: '*.*.*', reason: r}, {resource: pods, path: 'env[*].value', reason: r}]}",
    "redact: {classes: {custom_resource: keep, env: keep, config_map: remove}}",
    "redact: {action: hmac, hmac: {key_id: k, key_file: k}, keep: [{resource: databases, path: 'apiKey[1]', reason: r}]}",
];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_second_pass_changes_nothing_of_what_is_kept(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let body = Node::Object((0..3).map(|_| (pick(&mut dice, &ANY).to_owned(), anything(&mut dice, 6))).collect());
        let event = event(&body, &mut dice);
        let configuration = pick(&mut dice, &KEPT);
        answer_of(&mut filter(configuration), &event)
            .map_err(|error| TestCaseError::fail(format!("{error}\n{configuration}\n{event}")))?;
    }

    /// Wherever an exception leads, and whatever is around it, nothing of a Secret stays.
    #[test]
    fn nothing_of_a_secret_is_kept(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let names: Vec<&str> = (0..dice.below(5)).map(|_| pick(&mut dice, &["password", "a", "list", "tokens", "auth", "spec"])).collect();
        let mut manifest = Node::Object(vec![
            (String::from("kind"), Node::Text(String::from("Secret"))),
            (String::from("data"), Node::Object(vec![(String::from("a"), Node::Text(String::from("s3cret")))])),
        ]);
        manifest.shuffle(&mut dice);
        if dice.below(3) == 0 {
            let copy = manifest.spelled(&mut dice);
            manifest = Node::Text(if dice.below(2) == 0 { copy } else { format!("was {copy} before") });
        }
        let beside = (String::from("b"), Node::Text(String::from("t1x")));
        let mut path = Vec::new();
        let body = names.iter().rev().fold(manifest, |inner, name| {
            let list = dice.below(4) == 0;
            path.push(format!("{name}{}", if list { "[0]" } else { "" }));
            let inner = if list { Node::Array(vec![inner]) } else { inner };
            Node::Object(vec![beside.clone(), ((*name).to_owned(), inner)])
        });
        path.reverse();
        path.truncate(dice.below(4) + 1);
        if dice.below(3) == 0 || path.is_empty() {
            path = vec![String::from("*")];
        }
        let path = path.join(".");
        let event = format!(
            r#"{{"auditID":"a","verb":"create","objectRef":{{"resource":"databases","apiGroup":"acme.example.com"}},"requestObject":{}}}"#,
            Node::Object(vec![(String::from("spec"), body)]).compact(),
        );
        let configuration = format!(
            "redact: {{keep: [{{resource: databases, path: 'spec.{path}', reason: r}}, {{resource: databases, path: spec, reason: r}}]}}"
        );
        let answered = answer_of(&mut filter(&configuration), &event)
            .map_err(|error| TestCaseError::fail(format!("{error}\n{configuration}\n{event}")))?;
        let plain = unescaped(&answered);
        prop_assert!(!plain.contains("s3cret"), "{configuration}\n{event}\n{answered}");
    }
}

/// The text with `\uXXXX` of ASCII undone, as often as texts in it are texts.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("\\u") {
        out.push_str(before);
        let code = behind.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        out.extend(code.and_then(char::from_u32));
        rest = behind.get(4..).unwrap_or_default();
    }
    out + rest
}
