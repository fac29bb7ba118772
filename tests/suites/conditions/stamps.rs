//! Stamps taken apart, and made of facts: slow, and sharing nothing with what writes them.

use auditveil_core::enrich::{Actor, Facts};
use auditveil_tests::json;
use serde_json::{Map, Value, json};

/// An answer without its stamp, and the stamp.
pub(crate) fn split(answer: &str) -> (String, &str) {
    let members = json::members(answer).unwrap();
    let stamp = json::member(&members, "auditveil").unwrap();
    let end = answer.len() - stamp.len() - "\"auditveil\":}".len();
    (answer[..end].to_owned(), stamp)
}

/// Whether an object has two members of an event.
pub(crate) fn is_event(event: &Value) -> bool {
    const FIELDS: [&str; 7] =
        ["auditid", "level", "objectref", "requesturi", "stage", "stagetimestamp", "verb"];
    let object = event.as_object().into_iter().flatten();
    let mut found: Vec<String> = object
        .map(|(name, _)| name.to_ascii_lowercase())
        .filter(|name| FIELDS.contains(&name.as_str()))
        .collect();
    found.sort();
    found.dedup();
    found.len() > 1
}

/// The event with its members in the order of an API server.
pub(crate) fn ordered(event: &Value) -> String {
    const ORDER: [&str; 8] =
        ["auditID", "stage", "requestURI", "verb", "user", "sourceIPs", "userAgent", "objectRef"];
    let members = event.as_object().unwrap();
    let rest = members.keys().map(String::as_str).filter(|name| !ORDER.contains(name));
    let all: Vec<String> =
        ORDER.into_iter().chain(rest).map(|name| format!("{name:?}:{}", members[name])).collect();
    format!("{{{}}}", all.join(","))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "\u{FFFD}")
}

/// The members that facts are in a stamp.
pub(crate) fn facts(facts: &Facts) -> Map<String, Value> {
    let mut stamp = Map::new();
    let mut put = |name: &str, value: Option<Value>| value.map(|value| stamp.insert(name.to_owned(), value));
    put("action", facts.action.map(|action| action.name().into()));
    put("outcome", facts.outcome.map(|outcome| outcome.name().into()));
    put("impersonated", facts.impersonated.then_some(true.into()));
    put("dry_run", facts.dry_run.then_some(true.into()));
    put(
        "actor",
        facts.actor.map(|class| {
            let mut actor = json!({"class": class.name()});
            let short = |name: Option<&[u8]>| name.filter(|name| name.len() <= 512).map(text);
            if let Some(namespace) = short(facts.actor_namespace()) {
                actor["namespace"] = namespace.into();
            }
            if matches!(class, Actor::ServiceAccount | Actor::Node)
                && let Some(name) = short(facts.actor_name())
            {
                actor["name"] = name.into();
            }
            actor
        }),
    );
    put(
        "source",
        facts.source_text().map(|ip| {
            let mut source = json!({"ip": text(ip)});
            if facts.source_is_public() == Some(true) {
                source["public"] = true.into();
            }
            source
        }),
    );
    put(
        "latency_ms",
        facts.latency_us.filter(|latency| *latency > 0).map(|latency| (latency as f64 / 1000.0).into()),
    );
    put("target", facts.target().filter(|target| target.len() <= 512).map(|target| text(target).into()));
    let (mut told, mut bytes, mut more) = (Vec::new(), 0, 0);
    for argument in facts.command() {
        bytes += argument.len();
        if more > 0 || told.len() == 32 || bytes > 1024 {
            more += 1;
        } else {
            told.push(Value::from(text(argument)));
        }
    }
    put("command", (!told.is_empty()).then_some(told.into()));
    put("command_more", (more > 0).then_some(more.into()));
    stamp
}

/// Adds the detections that fire, in their order.
pub(crate) fn add_detections(stamp: &mut Map<String, Value>, fired: &[(String, &'static str)]) {
    const SEVERITIES: [&str; 5] = ["info", "low", "medium", "high", "critical"];
    let gravest =
        fired.iter().filter_map(|(_, name)| SEVERITIES.iter().position(|known| known == name)).max();
    let Some(gravest) = gravest else { return };
    let ids: Vec<Value> = fired.iter().take(32).map(|(id, _)| id.as_str().into()).collect();
    stamp.insert("detections".to_owned(), ids.into());
    if fired.len() > 32 {
        stamp.insert("detections_more".to_owned(), (fired.len() - 32).into());
    }
    stamp.insert("severity".to_owned(), SEVERITIES[gravest].into());
}
