//! `docs/stamp.schema.json` says what stamps say: those of every case, of both logs, and no others.

use super::{blocks, file, schema};
use auditveil_core::{Filter, Settings};
use auditveil_tests::{Error, Expected, Input, corpus, event_text, json};
use serde_json::Value;
use std::collections::BTreeSet;

fn the_schema() -> Result<Value, Error> {
    serde_json::from_str(&file("docs/stamp.schema.json")?).map_err(|error| Error::new(error.to_string()))
}

/// The row ids that the schema allows.
fn ids(schema: &Value) -> BTreeSet<String> {
    let rows = schema.pointer("/properties/redacted/properties").and_then(Value::as_object);
    rows.into_iter().flat_map(|rows| rows.keys().cloned()).collect()
}

/// Checks the stamp of an event, whose text is `event`.
fn check(schema: &Value, event: &str) -> Result<Value, Error> {
    let members = json::members(event)?;
    let text = json::member(&members, "auditveil").ok_or_else(|| Error::new("no stamp"))?;
    let stamp: Value = serde_json::from_str(text).map_err(|error| Error::new(error.to_string()))?;
    // The only number that is not spelled as short as can be: it always has three digits behind the point.
    let latency = text.split_once("\"latency_ms\":").and_then(|(_, rest)| rest.split([',', '}']).next());
    let parsed = stamp.get("latency_ms").map_or(0, |number| number.to_string().len());
    let shorter = latency.map_or(0, |digits| digits.len() - parsed);
    if latency.is_some_and(|digits| digits.split('.').nth(1).map_or(0, str::len) != 3) {
        return Err(Error::new("the latency has not three digits behind its point"));
    }
    if stamp.to_string().len() + shorter != text.len() {
        return Err(Error::new("the stamp repeats a member, or has white space in it"));
    }
    schema::check(schema, schema, &stamp, "auditveil")?;
    Ok(stamp)
}

#[test]
fn every_stamp_of_every_case_fits() {
    let schema = the_schema().unwrap();
    let mut named = BTreeSet::new();
    for case in auditveil_tests::load().unwrap() {
        let Some(Expected::Answer(answer)) = &case.expected else { continue };
        let event = match case.input {
            Input::Text(_) => String::from_utf8(answer.clone()).unwrap(),
            Input::Bytes(_) => event_text(answer).unwrap().unwrap_or_default(),
        };
        let stamp = check(&schema, &event).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        named.extend(
            stamp.get("redacted").and_then(Value::as_object).into_iter().flatten().map(|row| row.0.clone()),
        );
    }
    let without_case: BTreeSet<String> = ids(&schema).difference(&named).cloned().collect();
    assert_eq!(without_case, BTreeSet::new(), "rows of the schema that no case names");
}

#[test]
fn every_stamp_of_the_corpus_fits() {
    let schema = the_schema().unwrap();
    let (mut filter, mut answer) = (Filter::with_settings(Settings::unconfigured()), Vec::new());
    for server in corpus::Server::ALL {
        let log = corpus::audit(server).unwrap();
        for (number, line) in corpus::lines(&log).enumerate() {
            filter.process(line, &mut answer);
            let event = std::str::from_utf8(&answer).unwrap();
            check(&schema, event).unwrap_or_else(|error| panic!("{} line {number}: {error}", server.name()));
        }
    }
}

/// The core replaces a stamp that names a row it does not know, and keeps one of rows it knows.
#[test]
fn the_schema_names_no_row_that_the_core_does_not_know() {
    let schema = the_schema().unwrap();
    let kept = |id: &str| {
        let event = format!(
            r#"{{"auditID":"a","verb":"get","auditveil":{{"version":"1","redacted":{{"{id}":1}}}}}}"#
        );
        let mut answer = Vec::new();
        Filter::new().process(event.as_bytes(), &mut answer);
        answer == event.as_bytes()
    };
    assert!(!kept("no_such_row"), "a row that nobody knows is kept: this test proves nothing");
    let unknown: Vec<String> = ids(&schema).into_iter().filter(|id| !kept(id)).collect();
    assert_eq!(unknown, Vec::<String>::new());
}

#[test]
fn every_example_of_the_page_fits() {
    let schema = the_schema().unwrap();
    let page = file("docs/stamp.md").unwrap();
    let examples = blocks(&page, "json");
    assert!(!examples.is_empty());
    for example in examples {
        check(&schema, example.trim()).unwrap_or_else(|error| panic!("{example}{error}"));
    }
}
