//! `docs/policy.md`: every policy in it loads, every request below one is decided as its row says.
//!
//! A request is written as `VERB RESOURCE[.GROUP][/SUBRESOURCE] [NAME] [-n NAMESPACE]` or `VERB /PATH`, with
//! `--as USER`, `--as-group GROUP` and `--stage STAGE`. It becomes an event with both bodies.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use super::file;
use auditveil_core::policy::{self, ErrorKind, Policy};
use auditveil_core::{Filter, Outcome, Settings};
use serde_json::{Value, json};

const PAGE: &str = "docs/policy.md";

/// A policy of the page, whether a console shows what is said of it, and the rows of the table below it.
#[derive(Default)]
struct Example {
    text: String,
    checked: bool,
    rows: Vec<(String, String)>,
}

fn examples() -> Vec<Example> {
    let page = file(PAGE).unwrap();
    let mut examples: Vec<Example> = Vec::new();
    let (mut inside, mut table) = (String::new(), false);
    for line in page.lines() {
        if let Some(language) = line.strip_prefix("```") {
            inside = if inside.is_empty() { language.to_owned() } else { String::new() };
            match inside.as_str() {
                "yaml" => examples.push(Example::default()),
                "console" => examples.last_mut().unwrap().checked = true,
                _ => {}
            }
        } else if inside == "yaml" {
            let text = &mut examples.last_mut().unwrap().text;
            text.push_str(line);
            text.push('\n');
        } else if line.starts_with("| request |") {
            table = true;
        } else if table && line.starts_with("| `") {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [_, request, kept, ..] = cells.as_slice() else { panic!("{line}") };
            examples
                .last_mut()
                .unwrap()
                .rows
                .push((request.trim_matches('`').to_owned(), (*kept).to_owned()));
        } else if !line.starts_with('|') {
            table = false;
        }
    }
    examples
}

/// The event of a request, with both bodies.
fn event(request: &str) -> Value {
    let mut words = request.split(' ');
    let (verb, target) = (words.next().unwrap(), words.next().unwrap());
    let (mut user, mut groups, mut stage) = ("alice", vec!["system:authenticated"], "ResponseComplete");
    let (mut namespace, mut name) = (None, None);
    while let Some(word) = words.next() {
        match word {
            "-n" => namespace = words.next(),
            "--as" => user = words.next().unwrap(),
            "--as-group" => groups.push(words.next().unwrap()),
            "--stage" => stage = words.next().unwrap(),
            word if name.is_none() && !word.starts_with('-') => name = Some(word),
            word => panic!("{request}: {word}"),
        }
    }
    let mut event = json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse", "auditID": "a",
        "stage": stage, "requestURI": target, "verb": verb, "user": {"username": user, "groups": groups},
    });
    if !target.starts_with('/') {
        let (resource, subresource) = target.split_once('/').unwrap_or((target, ""));
        let (resource, group) = resource.split_once('.').unwrap_or((resource, ""));
        let parts = [
            ("resource", Some(resource)),
            ("apiGroup", Some(group)),
            ("subresource", Some(subresource)),
            ("namespace", namespace),
            ("name", name),
        ];
        let told = parts.into_iter().filter_map(|(key, value)| Some((key, value?)));
        let object: serde_json::Map<_, _> = told
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (key.to_owned(), Value::from(value)))
            .collect();
        let members = event.as_object_mut().unwrap();
        members.insert("requestURI".to_owned(), "/api".into());
        members.insert("objectRef".to_owned(), object.into());
    }
    let members = event.as_object_mut().unwrap();
    members.insert("requestObject".to_owned(), json!({"kind": "Thing"}));
    members.insert("responseObject".to_owned(), json!({"kind": "Thing"}));
    event
}

/// What stays of the event of a request: the level that its bodies show, or `dropped`.
fn kept(policy: &Policy, request: &str) -> String {
    let mut answer = Vec::new();
    let mut filter = Filter::with_settings(Settings::from_policy(policy));
    if filter.process(event(request).to_string().as_bytes(), &mut answer) == Outcome::Dropped {
        return "dropped".to_owned();
    }
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    let level = match (answer.get("requestObject"), answer.get("responseObject")) {
        (None, None) => "Metadata",
        (Some(_), None) => "Request",
        (Some(_), Some(_)) => "RequestResponse",
        (None, Some(_)) => panic!("a response without its request: {answer}"),
    };
    assert_eq!(answer.get("level").and_then(Value::as_str), Some(level), "{answer}");
    level.to_owned()
}

#[test]
fn every_policy_loads_and_decides_as_its_table_says() {
    let (mut policies, mut requests) = (0, 0);
    for example in examples() {
        let loaded = match policy::load(example.text.as_bytes()) {
            Ok(loaded) => loaded,
            // What a console shows is held to the command's own tests.
            Err(_) if example.checked && example.rows.is_empty() => continue,
            Err(error) => panic!("{}{error}", example.text),
        };
        assert!(loaded.warnings.is_empty() || example.checked, "{}{:?}", example.text, loaded.warnings);
        assert!(!example.rows.is_empty(), "no request below\n{}", example.text);
        policies += 1;
        for (request, stated) in example.rows {
            assert_eq!(stated, kept(&loaded.policy, &request), "{request}, by\n{}", example.text);
            requests += 1;
        }
    }
    assert!(policies > 6 && requests > 30, "{policies} policies, {requests} requests");
}

/// A policy that has this key at some place.
type Sample = fn(&str) -> String;

/// The keys of the page's tables are those that a policy can have, no more and no fewer.
#[test]
fn every_key_is_told() {
    let page = file(PAGE).unwrap();
    let told = |heading: &str| -> Vec<String> {
        let rows =
            page.lines().skip_while(|line| *line != heading).skip_while(|line| !line.starts_with("| key |"));
        rows.take_while(|line| line.starts_with('|'))
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next().map(str::to_owned))
            .collect()
    };
    let entry = "And of an entry of `resources`:";
    let known = |text: String| match policy::load(text.as_bytes()) {
        Ok(loaded) => loaded.warnings.iter().all(|warning| warning.kind() != ErrorKind::UnknownKey),
        Err(rejected) => {
            let of =
                |errors: &[policy::Error]| errors.iter().all(|error| error.kind() != ErrorKind::UnknownKey);
            of(&rejected.errors) && of(&rejected.warnings)
        }
    };
    let policy: Sample =
        |key| format!("apiVersion: audit.k8s.io/v1\nrules: [{{level: None}}]\n{key}: null\n");
    let rule: Sample = |key| format!("apiVersion: audit.k8s.io/v1\nrules: [{{level: None, {key}: null}}]\n");
    let group: Sample = |key| {
        format!("apiVersion: audit.k8s.io/v1\nrules: [{{level: None, resources: [{{{key}: null}}]}}]\n")
    };
    let places = [("## The policy", policy, 6), ("## A rule", rule, 9), (entry, group, 3)];
    for (heading, text, count) in places {
        let keys = told(heading);
        assert_eq!(keys.len(), count, "{heading}: {keys:?}");
        for key in keys {
            assert!(known(text(&key)), "{heading}: `{key}` is told and not known");
        }
        assert!(!known(text("noSuchKey")), "{heading}: any key is known, so this test proves nothing");
    }
}
