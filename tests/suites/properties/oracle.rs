//! The core against the slow oracle, on events made at random: custom resources, ConfigMaps, workloads, parameters of
//! classes and volumes, reviews of tokens, URIs, names of objects, copies of these as text, any of them in any other.

use crate::node::{Dice, Node};
use crate::plants::LAST_APPLIED;
use crate::{answer, config};
use auditveil_core::POSITIONS;
use auditveil_tests::oracle::{self, Verdict};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Names of members: of credentials, of what speaks of them, of anything else.
const NAMES: [&str; 44] = [
    "password",
    "dbPassword",
    "db_passwd",
    "DB_PWD",
    "admin-password",
    "clientSecret",
    "client.secret",
    "apiKey",
    "API_KEY",
    "private_key",
    "accessToken",
    "refresh-token",
    "ssh.passphrase",
    "webhookSecret",
    "encryptionKey",
    "token",
    "secret",
    "passwordFile",
    "secretName",
    "secretKeyRef",
    "maxTokens",
    "tokenTTL",
    "existingPassword",
    "publicKey",
    "image",
    "replicas",
    "logLevel",
    "mode",
    "size",
    "colour",
    "host",
    "port",
    "enabled",
    "items",
    "template",
    "spec",
    "stringData",
    "data",
    "tls",
    "env",
    "args",
    "command",
    "options",
    "annotations",
];

const VALUES: [&str; 22] = [
    "hunter2",
    "S3cr3t!",
    "correct.horse",
    "blue",
    "debug",
    "pg.example.com",
    "a b",
    "x=y",
    "k: v",
    "q\"z",
    "it's",
    "ü",
    "$(TOKEN)",
    "${X}",
    "/etc/db/password",
    "true",
    "none",
    "{{ .x }}",
    "vault:a/b#c",
    "",
    "a\nb",
    "[REDACTED]",
];

fn any_of<'a>(dice: &mut Dice, words: &[&'a str]) -> &'a str {
    let at = dice.below(words.len());
    words.get(at).copied().unwrap_or_default()
}

fn word(dice: &mut Dice) -> Value {
    json!(any_of(dice, &VALUES))
}

/// An object with members of such names, and objects and arrays in it.
fn object(dice: &mut Dice, levels: usize) -> Value {
    let members = (0..=dice.below(4)).map(|_| (any_of(dice, &NAMES).to_owned(), value(dice, levels)));
    Value::Object(members.collect())
}

fn value(dice: &mut Dice, levels: usize) -> Value {
    match dice.below(if levels == 0 { 6 } else { 16 }) {
        0..=3 => word(dice),
        4 => json!(dice.below(9000)),
        5 => json!(dice.below(2) == 0),
        6..=8 => object(dice, levels - 1),
        9 => Value::Array((0..dice.below(3)).map(|_| value(dice, levels - 1)).collect()),
        10 => json!({"name": any_of(dice, &NAMES), "value": word(dice)}),
        11 => json!({"value": word(dice), "name": any_of(dice, &NAMES)}),
        12 => json!({"containers": [container(dice)]}),
        13 => json!({"kind": "Secret", "data": {"a": word(dice)}, "stringData": {"b": word(dice)}}),
        14 => json!({"metadata": {"annotations": {LAST_APPLIED: copy(dice, levels - 1)}}}),
        _ => json!({"tls": {"key": word(dice), "termination": "edge", "certificate": word(dice)}}),
    }
}

/// A copy as text, now and then one that is cut.
fn copy(dice: &mut Dice, levels: usize) -> String {
    let mut copy = Node::from(object(dice, levels)).compact();
    if dice.below(6) == 0 {
        copy.pop();
    }
    copy
}

fn container(dice: &mut Dice) -> Value {
    let flag = |dice: &mut Dice| {
        let name = any_of(
            dice,
            &["password", "db-password", "client-secret", "api-key", "log-level", "mode", "secret-name"],
        );
        match dice.below(3) {
            0 => vec![format!("--{name}={}", any_of(dice, &VALUES))],
            1 => vec![format!("--{name}"), any_of(dice, &VALUES).to_owned()],
            _ => vec![any_of(dice, &["serve", "run", "blue", "pg.example.com"]).to_owned()],
        }
    };
    let args: Vec<String> = (0..dice.below(4)).flat_map(|_| flag(dice)).collect();
    let env: Vec<Value> = (0..dice.below(4))
        .map(|_| match dice.below(3) {
            0 => json!({"value": word(dice), "name": any_of(dice, &NAMES)}),
            _ => json!({"name": any_of(dice, &NAMES), "value": word(dice)}),
        })
        .collect();
    let headers = json!([{"name": any_of(dice, &["X-Api-Key", "Accept"]), "value": word(dice)}]);
    json!({"name": "app", "args": args, "env": env, "livenessProbe": {"httpGet": {"path": "/healthz", "httpHeaders": headers}}})
}

fn parameters(dice: &mut Dice, between: &str) -> String {
    const PARAMETERS: [&str; 8] =
        ["token", "access_token", "password", "client_secret", "api_key", "limit", "colour", "v"];
    let parameter = |dice: &mut Dice| {
        let value = any_of(dice, &["hunter2", "S3cr3t", "a%20b", "blue", "500", "%24%28X%29", "", "a=b"]);
        format!("{}={value}", any_of(dice, &PARAMETERS))
    };
    (0..=dice.below(3)).map(|_| parameter(dice)).collect::<Vec<String>>().join(between)
}

fn event(seed: u64) -> Value {
    let mut dice = Dice::new(seed);
    let dice = &mut dice;
    let verb = any_of(dice, &["create", "update", "patch", "get"]);
    let body = if verb == "get" || dice.below(2) == 0 { "responseObject" } else { "requestObject" };
    let (resource, group) = [
        ("databases", "example.com"),
        ("applications", "argoproj.io"),
        ("configmaps", ""),
        ("deployments", "apps"),
        ("pods", ""),
        ("storageclasses", "storage.k8s.io"),
        ("routes", "route.openshift.io"),
        ("oauthclients", "oauth.openshift.io"),
        ("tokenreviews", "authentication.k8s.io"),
        ("secrets", ""),
        ("oauthaccesstokens", "oauth.openshift.io"),
    ][dice.below(11)];
    let mut value = match resource {
        "configmaps" => json!({"kind": "ConfigMap", "data": object(dice, 0)}),
        "deployments" => {
            json!({"spec": {"template": {"spec": {"initContainers": [container(dice)], "containers": [container(dice)]}}}})
        }
        "pods" => {
            json!({"spec": {"containers": [container(dice)], "volumes": [{"csi": {"volumeAttributes": object(dice, 0)}}]}})
        }
        "storageclasses" => json!({"provisioner": "example.com", "parameters": object(dice, 0)}),
        "routes" => json!({"spec": {"tls": {"key": word(dice), "termination": "edge"}}}),
        "oauthclients" => json!({"clientSecret": word(dice), "redirectURIs": ["blue"]}),
        "tokenreviews" => {
            json!({"spec": {"token": word(dice), "audiences": ["blue"]}, "status": {"token": word(dice)}})
        }
        "secrets" => json!({"kind": "Secret", "data": object(dice, 1), "stringData": object(dice, 0)}),
        _ => object(dice, 4),
    };
    if dice.below(4) == 0 && resource != "secrets" {
        value["metadata"] = json!({"name": "db", "annotations": {LAST_APPLIED: copy(dice, 2)}});
    }
    let mut event = json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse", "auditID": "5c1d",
        "stage": "ResponseComplete", "verb": verb, "user": {"username": "dev@example.com"},
        "requestURI": format!("/apis/example.com/v1/databases?{}", parameters(dice, "&")),
        "objectRef": {"resource": resource, "apiGroup": group, "name": "db", "apiVersion": "v1"},
        "responseStatus": {"metadata": {}, "code": 200},
    });
    if group.is_empty()
        && let Some(object_ref) = event["objectRef"].as_object_mut()
    {
        object_ref.remove("apiGroup");
    }
    if dice.below(6) == 0 && resource != "oauthaccesstokens" {
        event["objectRef"]["name"] = json!(format!("db;{}", parameters(dice, ";")));
    }
    if dice.below(5) == 0 {
        event["user"]["extra"] = json!({"example.com/access-token": [word(dice)], "scopes": ["user"]});
    }
    if dice.below(12) == 0
        && let Some(event) = event.as_object_mut()
    {
        event.remove("objectRef");
        event.remove("requestURI");
    }
    event[body] = value;
    event
}

thread_local! {
    /// For each row, how many values had to go, or had to become another text, and how many had to stay.
    static RULED: RefCell<BTreeMap<&'static str, (usize, usize)>> = const { RefCell::new(BTreeMap::new()) };
}

fn check(seed: u64, way: u64) -> Result<(), String> {
    let mut input = Node::from(event(seed));
    input.shuffle(&mut Dice::new(way));
    // As in the events of apiservers, a time is the last.
    if let Node::Object(members) = &mut input {
        members.push(("stageTimestamp".to_owned(), Node::Text("2026-11-20T08:12:01.459869Z".to_owned())));
    }
    let told = input.compact();
    let text = answer(&told).map_err(|error| error.to_string())?;
    let read = |text: &str| serde_json::from_str::<Value>(text).map_err(|error| error.to_string());
    let (input, output) = (read(&told)?, read(&text)?);
    for ruling in oracle::rulings(&input) {
        oracle::held(&ruling, &input, &output).map_err(|difference| format!("{difference}\n{told}"))?;
        let kept = match &ruling.verdict {
            Verdict::Hidden => false,
            Verdict::Kept => true,
            Verdict::Becomes(text) => !text.contains("[REDACTED]"),
        };
        RULED.with_borrow_mut(|ruled| {
            let (gone, left) = ruled.entry(ruling.row).or_default();
            *(if kept { left } else { gone }) += 1;
        });
    }
    Ok(())
}

/// The events are the same at every run: the oracle has to have something to say of each row.
#[test]
fn the_oracle_rules_the_same_of_made_events() {
    let events: u64 =
        std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(3000);
    for number in 0..events {
        let seed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        if let Err(difference) = check(seed, seed.rotate_left(17)) {
            panic!("{difference}");
        }
    }
    RULED.with_borrow(|ruled| {
        println!("{ruled:?}");
        for row in oracle::COVERED {
            let (gone, _) = ruled.get(row).copied().unwrap_or_default();
            assert!(gone >= 20, "{row}: only {gone} values had to go");
        }
        for row in
            ["uri", "object_name", "env.*", "config_map.data.*", "argument", "file_content", "key_name"]
        {
            let (_, left) = ruled.get(row).copied().unwrap_or_default();
            assert!(left >= 20, "{row}: only {left} values had to stay");
        }
    });
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_oracle_rules_the_same_of_any_event(seed: u64, way: u64) {
        check(seed, way).map_err(TestCaseError::fail)?;
    }
}

#[test]
fn each_row_is_restated_or_left_with_a_reason() {
    let mut listed: Vec<&str> =
        oracle::COVERED.iter().copied().chain(oracle::LEFT.iter().map(|(row, _)| *row)).collect();
    let mut rows: Vec<&str> = POSITIONS.iter().map(|position| position.id).collect();
    listed.sort_unstable();
    rows.sort_unstable();
    assert_eq!(listed, rows);
    assert!(oracle::LEFT.iter().all(|(_, reason)| !reason.is_empty()));
}
