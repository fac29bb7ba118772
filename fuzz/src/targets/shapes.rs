//! P7: the same event, whatever envelope it travels in.

use super::{Finding, Target, answer, finding, is_plain_event, sound, stamp, told};
use crate::random::Random;
use crate::tree::Node;
use auditveil_core::Filter;
use auditveil_tests::{Error, json};

/// An envelope: how an event gets into it, and which value of the answer is the event, a step a word.
struct Envelope {
    name: &'static str,
    /// `EVENT` is the event, `TEXT` a string that says it, `LINE` that string behind the prefix of a line.
    record: &'static str,
    way: &'static [&'static str],
    /// It stands there as a text.
    text: bool,
}

const fn taken_apart(name: &'static str, record: &'static str) -> Envelope {
    Envelope { name, record, way: &[], text: false }
}

const ENVELOPES: &[Envelope] = &[
    taken_apart("log", r#"{"log":TEXT}"#),
    taken_apart("message", r#"{"message":TEXT}"#),
    taken_apart("@message", r#"{"@message":TEXT}"#),
    taken_apart("msg", r#"{"msg":TEXT}"#),
    taken_apart("a docker line", r#"{"log":TEXT,"stream":"stdout","time":"2026-11-20T08:12:01Z"}"#),
    taken_apart("a line of a container runtime", r#"{"log":LINE}"#),
    taken_apart("log in log", r#"{"log":INNER}"#),
    Envelope {
        name: "a list",
        record: r#"{"kind":"EventList","items":[EVENT]}"#,
        way: &["items", "0"],
        text: false,
    },
    Envelope { name: "an array", record: "[EVENT]", way: &["items", "0"], text: false },
    Envelope {
        name: "cloudwatch",
        record: r#"{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","message":TEXT}]}"#,
        way: &["logEvents", "0", "message"],
        text: true,
    },
    Envelope {
        name: "firehose",
        record: r#"{"records":[{"recordId":"1","data":TEXT}]}"#,
        way: &["records", "0", "data"],
        text: true,
    },
    Envelope {
        name: "event hub",
        record: r#"{"records":[{"category":"kube-audit","properties":{"log":TEXT}}]}"#,
        way: &["records", "0", "properties", "log"],
        text: true,
    },
    Envelope {
        name: "diagnostics",
        record: r#"{"category":"kube-audit","properties":{"log":TEXT}}"#,
        way: &["properties", "log"],
        text: true,
    },
    Envelope {
        name: "log analytics",
        record: r#"{"Category":"kube-audit","log_s":TEXT}"#,
        way: &["log_s"],
        text: true,
    },
    Envelope {
        name: "nested",
        record: r#"{"kubernetes":{"audit":EVENT}}"#,
        way: &["kubernetes", "audit"],
        text: false,
    },
    Envelope {
        name: "nested in one key",
        record: r#"{"kubernetes.audit":EVENT}"#,
        way: &["kubernetes.audit"],
        text: false,
    },
];

pub(super) fn check(target: &Target, input: &[u8]) -> Result<String, Finding> {
    let mut random = Random::of(input);
    let text = String::from_utf8_lossy(input);
    let event = text.trim();
    let Some(envelope) = random.pick(ENVELOPES) else { return Ok(String::new()) };
    let mut filter = target.filter();
    let record = wrapped(envelope, event);
    // A record that says that it is a Secret itself says so of what stands beside it only when it stands there.
    if envelope.way.is_empty() && says_secret(event) {
        return Ok(String::new());
    }
    let found = sound(&mut filter, record.as_bytes())?;
    compare(&mut filter, envelope, event, &found)
        .map_err(|error| finding(error.at(envelope.name), record.as_bytes()))?;
    Ok(format!("{} {}", envelope.name, told(&found)))
}

fn says_secret(event: &str) -> bool {
    match Node::read(event) {
        Some(Node::Object(members)) => members.iter().any(|(key, member)| {
            json::unescape(key).eq_ignore_ascii_case("kind")
                && json::unescape(&member.text()).starts_with("Secret")
        }),
        Some(_) => false,
        None => event.contains("Secret"),
    }
}

fn wrapped(envelope: &Envelope, event: &str) -> String {
    let line = format!("2026-11-20T08:12:01.123456789Z stdout F {event}");
    let inner = format!(r#"{{"log":{},"stream":"stdout"}}"#, json::escape(event));
    // Only one of them stands there, so nothing is replaced in what was put in.
    let (word, value) = [
        ("EVENT", event.to_owned()),
        ("TEXT", json::escape(event)),
        ("LINE", json::escape(&line)),
        ("INNER", json::escape(&inner)),
    ]
    .into_iter()
    .find(|(word, _)| envelope.record.contains(word))
    .unwrap_or_default();
    envelope.record.replacen(word, &value, 1)
}

/// Compares the event in an answer with the answer to the event alone, where that is an event for certain.
fn compare(filter: &mut Filter, envelope: &Envelope, event: &str, found: &[u8]) -> Result<(), Error> {
    let Some(tree @ Node::Object(_)) = Node::read(event) else { return Ok(()) };
    // What is an envelope itself is another question.
    if !is_plain_event(&tree) || tree.member("auditveil").is_some() {
        return Ok(());
    }
    let alone = answer(filter, event.as_bytes());
    let is_another = |answer: &[u8]| {
        ["\"cut\":", "\"limits\":", "\"damaged\":", "\"stub\":"]
            .iter()
            .any(|word| stamp(answer).contains(word))
    };
    if is_another(&alone) || is_another(found) {
        return Ok(());
    }
    let Some(Node::Object(mut alone)) = read(&alone) else {
        return Err(Error::new("the answer is no object"));
    };
    alone.pop();
    let mut inside = read(found).ok_or_else(|| Error::new("the answer in it is no JSON"))?;
    for step in envelope.way {
        let next = match &inside {
            Node::Array(items) => items.get(step.parse().unwrap_or(0)).cloned(),
            object => object.member(step).cloned(),
        };
        inside = next.ok_or_else(|| {
            Error::new(format!("`{step}` is missing in {}", String::from_utf8_lossy(found)))
        })?;
    }
    if envelope.text {
        inside = Node::read(&json::unescape(&inside.text())).unwrap_or(inside);
    }
    if let (true, Node::Object(members)) = (envelope.way.is_empty(), &mut inside) {
        members.retain(|(key, _)| !matches!(json::unescape(key).as_str(), "auditveil" | "stream" | "time"));
    }
    let alone = Node::Object(alone);
    if is_same(&alone, &inside) {
        return Ok(());
    }
    Err(Error::new(format!("another event\n  alone  {}\n  inside {}", alone.text(), inside.text())))
}

/// Whether two events are the same, but for base64 that was opened in the one and hidden in the other: in an envelope
/// nothing is written anew.
fn is_same(alone: &Node, inside: &Node) -> bool {
    match (alone, inside) {
        (Node::Plain(text), Node::Plain(hidden)) => {
            text == hidden || hidden.contains("[REDACTED]") && text.len() > hidden.len()
        }
        (Node::Array(one), Node::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Node::Object(one), Node::Object(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| one.0 == other.0 && is_same(&one.1, &other.1))
        }
        _ => false,
    }
}

fn read(answer: &[u8]) -> Option<Node> {
    std::str::from_utf8(answer).ok().and_then(Node::read)
}
