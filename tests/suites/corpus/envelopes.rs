//! Real events in envelopes: each is redacted there as it is as a record of its own.

use super::{logs, report};
use auditveil_core::{Filter, Outcome};
use auditveil_tests::corpus::lines;
use auditveil_tests::{Error, json, well_formed};
use serde_json::Value;

/// The deepest events that are compared: envelopes take levels of what is emitted.
const DEEPEST: usize = 44;

/// An envelope with an event in it, and the event in an answer.
struct Envelope {
    name: &'static str,
    wrap: fn(&str) -> Option<String>,
    unwrap: fn(&str, &str) -> Result<bool, Error>,
}

const ENVELOPES: &[Envelope] = &[
    Envelope {
        name: "a text in a field",
        wrap: |event| Some(format!(r#"{{"message":{},"host":"n"}}"#, json::escape(event))),
        unwrap: |answer, event| Ok(answer.starts_with(event.strip_suffix('}').unwrap_or(event))),
    },
    Envelope {
        name: "a line of a container runtime",
        wrap: |event| Some(format!("2026-11-20T08:12:01.4Z stdout F {event}")),
        unwrap: |answer, event| Ok(answer.starts_with(event.strip_suffix('}').unwrap_or(event))),
    },
    Envelope {
        name: "CloudWatch",
        wrap: |event| {
            let text = json::escape(event);
            let head = r#"{"messageType":"DATA_MESSAGE","logGroup":"/aws/eks/a/cluster""#;
            Some(format!(r#"{head},"logEvents":[{{"id":"1","timestamp":1,"message":{text}}}]}}"#))
        },
        unwrap: |answer, event| {
            let events = value(answer, &["logEvents"])?;
            let [only] = json::items(&events)?[..] else { return Ok(false) };
            Ok(text(&value(only, &["message"])?)? == event)
        },
    },
    Envelope {
        name: "a diagnostic record of AKS",
        wrap: |event| {
            let log = json::escape(&format!("{event}\n"));
            Some(format!(r#"{{"category":"kube-audit","properties":{{"log":{log},"stream":"stdout"}}}}"#))
        },
        unwrap: |answer, event| Ok(text(&value(answer, &["properties", "log"])?)?.trim_end() == event),
    },
    Envelope {
        name: "a nested event and its text",
        wrap: |event| {
            let text = json::escape(event);
            Some(format!(r#"{{"kubernetes":{{"audit":{event}}},"event":{{"original":{text}}}}}"#))
        },
        unwrap: |answer, event| {
            let copy = text(&value(answer, &["event", "original"])?)?;
            Ok(value(answer, &["kubernetes", "audit"])? == event && copy == event)
        },
    },
    Envelope {
        name: "an entry of Cloud Logging",
        wrap: as_log_entry,
        unwrap: |answer, event| {
            let members = json::members(event)?;
            for (theirs, ours) in [("request", "requestObject"), ("response", "responseObject")] {
                let payload = value(answer, &["protoPayload"])?;
                let payload = json::members(&payload)?;
                if json::member(&payload, theirs) != json::member(&members, ours) {
                    return Ok(false);
                }
            }
            Ok(true)
        },
    },
];

/// The value at the end of a way of names.
fn value(text: &str, way: &[&str]) -> Result<String, Error> {
    let mut value = text.to_owned();
    for name in way {
        let members = json::members(&value)?;
        let next = json::member(&members, name).ok_or_else(|| Error::new(format!("no {name}")))?;
        value = next.to_owned();
    }
    Ok(value)
}

fn text(raw: &str) -> Result<String, Error> {
    serde_json::from_str(raw).map_err(|error| Error::new(error.to_string()))
}

/// What Cloud Logging makes of an event that is about an object.
fn as_log_entry(event: &str) -> Option<String> {
    let told: Value = serde_json::from_str(event).ok()?;
    let object = told.get("objectRef")?;
    let part = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
    let group = if part("apiGroup").is_empty() { "core" } else { part("apiGroup") };
    let mut name = format!("{group}/{}", part("apiVersion"));
    if !part("namespace").is_empty() && part("resource") != "namespaces" {
        name += &format!("/namespaces/{}", part("namespace"));
    }
    for part in [part("resource"), part("name"), part("subresource")].iter().filter(|part| !part.is_empty()) {
        name += &format!("/{part}");
    }
    let verb = told.get("verb")?.as_str()?;
    let mut payload = format!(
        r#""serviceName":"k8s.io","methodName":"io.k8s.{group}.{}.{}.{verb}","resourceName":{}"#,
        part("apiVersion"),
        part("resource"),
        json::escape(&name),
    );
    let members = json::members(event).ok()?;
    for (theirs, ours) in [("request", "requestObject"), ("response", "responseObject")] {
        if let Some(body) = json::member(&members, ours) {
            payload += &format!(r#","{theirs}":{body}"#);
        }
    }
    Some(format!(r#"{{"insertId":"1","protoPayload":{{{payload}}},"logName":"x"}}"#))
}

#[test]
fn events_in_envelopes_are_what_they_are_as_records() -> Result<(), Error> {
    let (mut filter, mut findings) = (Filter::new(), Vec::new());
    let (mut answer, mut again) = (Vec::new(), Vec::new());
    let mut compared = [0; ENVELOPES.len()];
    for (log_name, log) in logs()? {
        for (number, line) in lines(&log).enumerate() {
            let event = std::str::from_utf8(line).map_err(|_| Error::new("not UTF-8"))?.trim();
            if json::shape(event).depth > DEEPEST {
                continue;
            }
            filter.process(event.as_bytes(), &mut answer);
            let alone = well_formed(&answer)?;
            let stamp = alone.rfind(",\"auditveil\":{").ok_or_else(|| Error::new("no stamp"))?;
            let alone = format!("{}}}", alone.get(..stamp).unwrap_or_default());
            for (envelope, compared) in ENVELOPES.iter().zip(&mut compared) {
                let Some(record) = (envelope.wrap)(event) else { continue };
                let outcome = filter.process(record.as_bytes(), &mut answer);
                let text = well_formed(&answer)?;
                filter.process(text.as_bytes(), &mut again);
                let same = outcome == Outcome::Emitted && (envelope.unwrap)(text, &alone)?;
                if !same || again != text.as_bytes() || text.contains("\"shape\":\"other\"") {
                    findings.push(format!("{log_name} line {}, in {}", number + 1, envelope.name));
                }
                *compared += 1;
            }
        }
    }
    for (envelope, compared) in ENVELOPES.iter().zip(compared) {
        assert!(compared > 1000, "{}: only {compared} events", envelope.name);
    }
    report(&findings)
}
