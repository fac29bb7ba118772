//! `docs/configuration.md` and `docs/configuration.schema.json` are true of the loader: its keys, choices and
//! defaults, and which of them this version follows.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

use super::{blocks, file, schema, table};
use auditveil_core::Source;
use auditveil_core::config::{self, Config};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const PAGE: &str = "docs/configuration.md";
const SCHEMA: &str = "docs/configuration.schema.json";
const CODE: &str = "plugin/core/src/config/schema.rs";

fn the_schema() -> Value {
    serde_json::from_str(&file(SCHEMA).unwrap()).unwrap()
}

/// A key that holds a value, and what the schema says of it.
struct Key {
    path: String,
    schema: Value,
    required: bool,
}

impl Key {
    /// The words that it can hold, if it is a choice of words.
    fn choices(&self) -> Option<Vec<String>> {
        let words = self.schema["enum"].as_array()?;
        Some(words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect())
    }
}

/// Every key but those of a policy, in the order of the schema's names.
fn keys() -> Vec<Key> {
    let root = the_schema();
    let mut keys = Vec::new();
    let mut open = vec![(String::new(), root.clone())];
    while let Some((way, schema)) = open.pop() {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        for (name, member) in schema["properties"].as_object().unwrap() {
            let mut member = member.clone();
            let reference = member["$ref"].as_str().map(str::to_owned);
            if let Some(target) = reference.as_deref().filter(|target| *target != "#/$defs/policy") {
                let target = root.pointer(target.trim_start_matches('#')).unwrap();
                for (keyword, rule) in target.as_object().unwrap() {
                    member[keyword] = rule.clone();
                }
            }
            let path = if way.is_empty() { name.clone() } else { format!("{way}.{name}") };
            if member.get("properties").is_some() {
                open.push((path, member));
                continue;
            }
            if member["items"].get("properties").is_some() {
                open.push((format!("{path}[]"), member["items"].clone()));
            }
            let required = required.iter().any(|of| of == name.as_str());
            keys.push(Key { path, schema: member, required });
        }
    }
    keys
}

/// A configuration that sets one key, and what has to stand beside it.
fn setting(path: &str, value: Value) -> Value {
    let mut root = json!({});
    if path.starts_with("redact.hmac.") || value == "hmac" {
        root["redact"] = json!({"hmac": {"key_id": "k1", "key_file": "key"}});
    }
    if path.starts_with("redact.keep[]") {
        root["redact"] =
            json!({"keep": [{"resource": "configmaps", "path": "data.motd", "reason": "public"}]});
    }
    if path.starts_with("redact.tokens[]") {
        let token =
            json!({"name": "n", "prefix": "acme_", "charset": "hex", "min_length": 32, "max_length": 32});
        root["redact"] = json!({"tokens": [token]});
    }
    if path.starts_with("enrich.own[]") {
        let own = json!({"id": "shop.exec", "severity": "low", "title": "t", "condition": "dry_run"});
        root["enrich"] = json!({"own": [own]});
    }
    let mut place = &mut root;
    for step in path.split('.') {
        place = match step.strip_suffix("[]") {
            Some(step) => &mut place[step][0],
            None => &mut place[step],
        };
    }
    *place = value;
    root
}

/// A value that is not the default, for a key that is no choice.
fn another(path: &str) -> Value {
    match path {
        "version" => json!("1"),
        "policy" => json!({"apiVersion": "audit.k8s.io/v1", "rules": [{"level": "Metadata"}]}),
        "redact.hmac.per_namespace" => json!(true),
        "redact.keep" => json!([{"resource": "configmaps", "path": "data.motd", "reason": "public"}]),
        "redact.keep[].resource" => json!("deployments.apps/status"),
        "redact.keep[].path" => json!("data.*"),
        "redact.tokens" => json!([
            {"name": "n", "prefix": "acme_", "charset": "hex", "min_length": 32, "max_length": 64}
        ]),
        "redact.tokens[].prefix" => json!("acme-T-"),
        "redact.tokens[].min_length" => json!(8),
        "redact.tokens[].max_length" => json!(4096),
        "enrich.labels" => json!({"cluster": "prod-eu-1"}),
        "enrich.facts" => json!(false),
        "enrich.key" => json!("auditveil"),
        "enrich.except" => json!(["exec.any", "secret.*"]),
        "enrich.own" => {
            json!([{"id": "shop.exec", "severity": "low", "title": "t", "condition": "action == \"exec\""}])
        }
        "enrich.own[].id" => json!("shop.other"),
        "enrich.own[].condition" => json!("impersonated"),
        "enrich.lists" => json!({"ours": ["a"], "registries": []}),
        "enrich.dropped_bodies" => json!(false),
        "limits.max_record_bytes" => json!(4096),
        _ => json!("another"),
    }
}

fn load(value: &Value) -> Result<Config, String> {
    config::load(value.to_string().as_bytes()).map(|loaded| loaded.config).map_err(|error| error.to_string())
}

/// Whether this version does what the configuration asks for.
fn is_followed(value: &Value) -> bool {
    load(value).unwrap_or_else(|error| panic!("{value}: {error}"));
    Source::Configuration.load(value.to_string().as_bytes()).is_ok()
}

/// What the column *in force* has to say of a key.
fn in_force(key: &Key) -> String {
    let yes = |followed| if followed { "yes" } else { "no" };
    match key.choices().filter(|choices| choices.len() > 1) {
        // Whoever can read files reads it before the settings are made.
        _ if key.path == "policy_file" => "commands".to_owned(),
        Some(choices) => {
            let followed = choices.iter().filter(|word| is_followed(&setting(&key.path, json!(word))));
            followed.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        }
        None => yes(is_followed(&setting(&key.path, another(&key.path)))).to_owned(),
    }
}

#[test]
fn the_page_tells_every_key_its_default_and_whether_it_is_in_force() {
    let page = file(PAGE).unwrap();
    let rows: BTreeMap<String, Vec<&str>> = table(&page, "## Every key")
        .into_iter()
        .map(|row| (row[0].trim_matches('`').to_owned(), row))
        .collect();
    let keys = keys();
    let named: BTreeSet<&String> = keys.iter().map(|key| &key.path).collect();
    assert_eq!(rows.keys().collect::<BTreeSet<_>>(), named, "left: {PAGE}; right: {SCHEMA}");
    for key in &keys {
        let (path, row) = (&key.path, &rows[&key.path]);
        let default = match &key.schema["default"] {
            Value::Null if key.required => "required".to_owned(),
            Value::Null => row[2].to_owned(),
            Value::String(word) if path == "version" => format!("`\"{word}\"`"),
            Value::String(word) => format!("`{word}`"),
            other => format!("`{other}`"),
        };
        assert_eq!(row[2], default, "{PAGE}: the default of `{path}`");
        assert_eq!(row[3], in_force(key), "{PAGE}: what is in force of `{path}` (right: the loader)");
        let told = key.path.starts_with("redact.classes.") || path == "version";
        for choice in key.choices().filter(|_| !told).into_iter().flatten() {
            assert!(row[4].contains(&format!("`{choice}`")), "{PAGE}: `{path}` does not tell of `{choice}`");
        }
    }
}

/// What stands between quotes in Rust.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).step_by(2)
}

#[test]
fn the_schema_has_the_keys_and_choices_of_the_code() {
    let code = file(CODE).unwrap();
    let tables = code.split("/// Where a key that stands in the wrong mapping").next().unwrap();
    let behind = |marker: &'static str, end: char| {
        tables.split(marker).skip(1).map(move |rest| rest.split(end).next().unwrap())
    };
    let mut in_code: BTreeSet<&str> = behind("field(", ',').flat_map(quoted).collect();
    in_code.extend(behind("Field::required(", ',').flat_map(quoted));
    let keys = keys();
    let in_schema: BTreeSet<&str> =
        keys.iter().flat_map(|key| key.path.split('.')).map(|step| step.trim_end_matches("[]")).collect();
    assert_eq!(in_schema, in_code, "left: {SCHEMA}; right: {CODE}");

    let mut choices: BTreeSet<&str> = behind("Choice(&[", ']').flat_map(quoted).collect();
    choices.extend(behind("SHAPES: &[&str] = &[", ']').flat_map(quoted));
    let of_schema: Vec<String> = keys.iter().filter_map(Key::choices).flatten().collect();
    assert_eq!(of_schema.iter().map(String::as_str).collect::<BTreeSet<_>>(), choices, "left: {SCHEMA}");
}

#[test]
fn every_default_is_the_loaders() {
    let mut checked = 0;
    for key in keys() {
        let default = &key.schema["default"];
        // Below these, something else has to be set beside it.
        if default.is_null() || key.path.starts_with("redact.hmac.") {
            continue;
        }
        let config = load(&setting(&key.path, default.clone()));
        assert_eq!(config, Ok(Config::default()), "the default of `{}`", key.path);
        checked += 1;
    }
    let asked = |value: bool| load(&setting("redact.hmac.per_namespace", json!(value)));
    assert_eq!(asked(false), load(&setting("redact.hmac.key_id", json!("k1"))));
    assert_ne!(asked(false), asked(true));
    assert!(checked > 15, "{checked}");
}

/// The schema and the loader agree about these; `null` is the same as nothing.
#[test]
fn the_schema_allows_what_the_loader_reads() {
    let the_schema = the_schema();
    let allowed = |value: &Value| schema::check(&the_schema, &the_schema, value, "$");
    for key in keys() {
        let words = key.choices().into_iter().flatten().map(Value::from);
        for value in words.chain([another(&key.path)]).chain((!key.required).then_some(Value::Null)) {
            if key.choices().is_some() && value == "another" {
                continue;
            }
            let value = setting(&key.path, value);
            assert_eq!(allowed(&value), Ok(()), "{value}");
            assert!(load(&value).is_ok(), "{value}: {:?}", load(&value));
        }
    }
    for text in [
        r#"{}"#,
        r#"null"#,
        r#"{"redact":null,"enrich":{},"limits":{"max_record_bytes":67108864}}"#,
        r#"{"enrich":{"labels":{"a":null}},"redact":{"keep":[]}}"#,
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(allowed(&value), Ok(()), "{text}");
        assert!(load(&value).is_ok(), "{text}: {:?}", load(&value));
    }
}

#[test]
fn the_schema_refuses_what_the_loader_refuses() {
    let the_schema = the_schema();
    let allowed = |value: &Value| schema::check(&the_schema, &the_schema, value, "$").is_ok();
    for key in keys() {
        let mut wrong = vec![json!({"no": ["such"]}), json!([["list"]])];
        if key.path == "enrich.lists" {
            wrong = vec![json!({"a": "b"}), json!({"a b": []}), json!({"a": [1]})];
        }
        if key.choices().is_some() {
            wrong.extend([json!("no-such-choice"), json!(1), json!("")]);
        }
        if key.required {
            wrong.push(Value::Null);
        }
        for value in wrong.into_iter().map(|value| setting(&key.path, value)) {
            assert!(load(&value).is_err(), "the loader reads {value}");
            assert!(!allowed(&value), "the schema allows {value}");
        }
        let way = key.path.rsplit_once('.').map_or("", |(way, _)| way);
        let unknown = if way.is_empty() { "no_such_key".to_owned() } else { format!("{way}.no_such_key") };
        let value = setting(&unknown, json!("x"));
        assert!(load(&value).is_err() && !allowed(&value), "{value}");
    }
    for text in [
        "[]",
        r#"{"version":1}"#,
        r#"{"version":"2"}"#,
        r#"{"limits":{"max_record_bytes":4095}}"#,
        r#"{"limits":{"max_record_bytes":67108865}}"#,
        r#"{"limits":{"max_record_bytes":"5000"}}"#,
        r#"{"redact":{"hmac":{"key_id":"k1"}}}"#,
        r#"{"redact":{"hmac":{"key_id":"-k","key_file":"f"}}}"#,
        r#"{"redact":{"hmac":{"key_id":"a b","key_file":"f"}}}"#,
        r#"{"redact":{"hmac":{"key_id":"abcdefghijklmnopqrstuvwxyz0123456","key_file":"f"}}}"#,
        r#"{"redact":{"keep":[{"resource":"configmaps","path":"data.motd"}]}}"#,
        r#"{"redact":{"keep":[{"resource":"Config Maps","path":"data.motd","reason":"r"}]}}"#,
        r#"{"redact":{"tokens":[{"name":"n","prefix":"acme-","charset":"hex","min_length":8,"max_length":9}]}}"#,
        r#"{"redact":{"tokens":[{"name":"n","prefix":"A_","charset":"hex","min_length":8,"max_length":9}]}}"#,
        r#"{"redact":{"tokens":[{"name":"n","prefix":"a_\"","charset":"hex","min_length":8,"max_length":9}]}}"#,
        r#"{"redact":{"tokens":[{"name":"n","prefix":"a_b","charset":"hex","min_length":7,"max_length":9}]}}"#,
        r#"{"redact":{"tokens":[{"name":"n","prefix":"a_b","charset":"hex","min_length":8,"max_length":4097}]}}"#,
        r#"{"enrich":{"key":"a key"}}"#,
        r#"{"enrich":{"key":""}}"#,
        r#"{"enrich":{"key":"veil"}}"#,
        r#"{"enrich":{"labels":{"a":1}}}"#,
        r#"{"enrich":{"labels":["a"]}}"#,
        r#"{"enrich":{"own":[{"id":"shop","severity":"low","title":"t","condition":"dry_run"}]}}"#,
        r#"{"enrich":{"own":[{"id":"Shop.exec","severity":"low","title":"t","condition":"dry_run"}]}}"#,
        r#"{"enrich":{"own":[{"id":"shop.exec","severity":"low","condition":"dry_run"}]}}"#,
        r#"{"input":{"field":""}}"#,
        r#"{"policy":{"rules":[{"level":"Metadata"}]}}"#,
        r#"{"policy":{"apiVersion":"audit.k8s.io/v1","rules":[]}}"#,
        r#"{"policy":{"apiVersion":"audit.k8s.io/v1","rules":[{"level":"All"}]}}"#,
        r#"{"policy":{"apiVersion":"audit.k8s.io/v1","rules":[{"level":"None","verbs":"get"}]}}"#,
        r#"{"policy":{"apiVersion":"audit.k8s.io/v1","omitStages":["Received"],"rules":[{"level":"None"}]}}"#,
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        assert!(load(&value).is_err(), "the loader reads {text}");
        assert!(!allowed(&value), "the schema allows {text}");
    }
    // What a schema cannot say, or could only say badly.
    for text in [
        r#"{"redact":{"action":"hmac"}}"#,
        r#"{"redact":{"tokens":[{"name":"n","prefix":"a_b","charset":"hex","min_length":9,"max_length":8}]}}"#,
        r#"{"enrich":{"except":["exec.nay"]}}"#,
        r#"{"enrich":{"own":[{"id":"exec.any","severity":"low","title":"t","condition":"dry_run"}]}}"#,
        r#"{"enrich":{"own":[{"id":"shop.exec","severity":"low","title":"t","condition":"dry_run = true"}]}}"#,
        r#"{"enrich":{"own":[{"id":"shop.exec","severity":"low","title":"t","condition":"detection == \"exec.any\""}]}}"#,
        r#"{"redact":{"keep":[{"resource":"secrets","path":"data.motd","reason":"r"}]}}"#,
        r#"{"redact":{"keep":[{"resource":"configmaps","path":"data.","reason":"r"}]}}"#,
        r#"{"policy_file":"a","policy":{"apiVersion":"audit.k8s.io/v1","rules":[{"level":"None"}]}}"#,
        r#"{"policy":{"apiVersion":"audit.k8s.io/v1","rules":[{"level":"None","nonResourceURLs":["x"]}]}}"#,
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        assert!(load(&value).is_err() && allowed(&value), "{text}");
    }
}

#[test]
fn the_first_example_is_in_force() {
    let page = file(PAGE).unwrap();
    let example = blocks(&page, "yaml").remove(0);
    let loaded = Source::Configuration.load(example.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    assert!(loaded.warnings.is_empty() && loaded.config != Config::default());
}
