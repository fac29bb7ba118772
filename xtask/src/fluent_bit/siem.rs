//! The shipped configurations for a SIEM: what arrives at a sink is what the core answers, record by record, though
//! the sink is down at first.

use super::check;
use super::host::Job;
use super::oracle::{Envelope, Expected, expected};
use super::sink::{Request, Sink};
use super::{Checks, compare, event_time, pipeline};
use crate::answers::compare::Difference;
use crate::answers::findings::Needles;
use crate::answers::records::{self, Extremes};
use crate::failure::{Failure, Result};
use auditveil_core::{Settings, Source};
use auditveil_tests::json;
use auditveil_tests::msgpack::Answer;
use std::collections::{BTreeMap, VecDeque};

/// A configuration and its sink.
struct Siem {
    config: &'static str,
    /// The file of `configs/fluent-bit/` that the module finds as `auditveil.yaml`.
    beside: Option<&'static str>,
    /// The variables that it asks for, but for host and port.
    variables: &'static [(&'static str, &'static str)],
    host: &'static str,
    port: &'static str,
    /// The records in a request.
    records: fn(&Request) -> Option<Vec<String>>,
    compare: check::Compare,
}

const SIEMS: [Siem; 3] = [
    Siem {
        config: "elasticsearch.yaml",
        beside: Some("auditveil.elasticsearch.yaml"),
        variables: &[
            ("ELASTICSEARCH_USER", "auditveil"),
            ("ELASTICSEARCH_PASSWORD", "invented"),
            ("ELASTICSEARCH_TLS", "off"),
        ],
        host: "ELASTICSEARCH_HOST",
        port: "ELASTICSEARCH_PORT",
        records: of_bulk,
        compare: document,
    },
    Siem {
        config: "splunk.yaml",
        beside: None,
        variables: &[("SPLUNK_TOKEN", "00000000-0000-0000-0000-000000000000"), ("SPLUNK_TLS", "off")],
        host: "SPLUNK_HOST",
        port: "SPLUNK_PORT",
        records: of_collector,
        compare: collected,
    },
    Siem {
        config: "loki.yaml",
        beside: None,
        variables: &[("LOKI_TLS", "off")],
        host: "LOKI_HOST",
        port: "LOKI_PORT",
        records: of_push,
        compare: pushed,
    },
];

impl Checks<'_> {
    /// Each of them over the log, which the sink does not take at first, and over hostile lines.
    pub(super) fn siems(&self, log: &[u8]) -> Result<()> {
        let needles = Needles::new(records::needles()?)?;
        let hostile = records::hostile(Extremes::ALL);
        let logs = [("a sink that is down at first", log, 1), ("hostile lines", &hostile, 0)];
        for (siem, (what, log, refused)) in SIEMS.iter().flat_map(|siem| logs.map(|log| (siem, log))) {
            let sink = Sink::start(refused)?;
            let beside = match siem.beside {
                Some(file) => {
                    let text = super::read(&pipeline::shipped(file))?;
                    vec![(Source::Configuration.file_name(), String::from_utf8_lossy(&text).into_owned())]
                }
                None => Vec::new(),
            };
            let settings = match beside.first() {
                Some((_, text)) => {
                    let config = Source::Configuration.load(text.as_bytes()).map_err(stale)?.config;
                    Settings::from_config(&config).map_err(stale)?
                }
                None => Settings::unconfigured(),
            };
            let beside: Vec<(&str, &str)> =
                beside.iter().map(|(name, text)| (*name, text.as_str())).collect();
            let mut variables: Vec<(&str, String)> =
                siem.variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            variables.push((siem.host, "127.0.0.1".to_owned()));
            variables.push((siem.port, sink.port().to_string()));
            let job = Job {
                folder: &self.folder.join(siem.config),
                config: &pipeline::shipped(siem.config),
                arguments: &[],
                module: self.module,
                beside: &beside,
                variables: &variables,
                log,
            };
            let name = format!("{}, {what}", siem.config);
            let mut written = self.host.run(&name, &job)?;
            // That is what the first answer was; nothing else may be reported.
            written.errors.retain(|error| !error.contains("503"));
            let mut arrived = Vec::new();
            for request in sink.take() {
                arrived.extend((siem.records)(&request).ok_or_else(|| {
                    Failure::new(
                        format!("{name}: a request to `{}` that no sink of this kind takes", request.0),
                        "see xtask/src/fluent_bit/siem.rs for what is expected",
                    )
                })?);
            }
            let expected = in_order(&arrived, expected(log, Envelope::Msgpack, settings)?);
            written.events = arrived.join("\n").into_bytes();
            check::everything(&name, &written, &expected, &needles, siem.compare)?;
        }
        Ok(())
    }
}

/// The expected answers in the order in which they arrived: an output sends several requests at once.
fn in_order(arrived: &[String], expected: Expected) -> Expected {
    let mut waiting: BTreeMap<String, VecDeque<Answer>> = BTreeMap::new();
    for answer in expected.answers {
        waiting.entry(key(&answer.text)).or_default().push_back(answer);
    }
    let mut answers: Vec<Answer> = Vec::new();
    for record in arrived {
        answers.extend(waiting.get_mut(&key(record)).and_then(VecDeque::pop_front));
    }
    // What has not arrived is missed at the end.
    answers.extend(waiting.into_values().flatten());
    Expected { answers, ..expected }
}

/// What tells one event from another in any form: the first values of these names.
fn key(text: &str) -> String {
    let value = |name: &str| {
        let rest = text.split_once(name).map_or("", |(_, rest)| rest);
        rest.split('"').next().unwrap_or_default()
    };
    [r#""auditID":""#, r#""stage":""#, r#""requestReceivedTimestamp":""#].map(value).join(" ")
}

/// The documents of `_bulk`, each behind a line that says where it goes.
fn of_bulk((path, body): &Request) -> Option<Vec<String>> {
    let mut lines = std::str::from_utf8(body).ok()?.lines();
    let mut documents = Vec::new();
    while let Some(action) = lines.next() {
        let to = action.starts_with(r#"{"create":{"_index":"logs-kubernetes.audit_logs-default","_id":""#);
        documents.push(lines.next().filter(|_| to)?.to_owned());
    }
    (path == "/_bulk").then_some(documents)
}

/// The events of Splunk's collector, one behind the other.
fn of_collector((path, body): &Request) -> Option<Vec<String>> {
    let text = std::str::from_utf8(body).ok()?;
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&serde_json::value::RawValue>();
    let events: Option<Vec<String>> =
        values.by_ref().map(|value| Some(value.ok()?.get().to_owned())).collect();
    events.filter(|_| path.starts_with("/services/collector/event"))
}

/// The lines of Loki's streams, each with its time in front of it, and with what the output has made labels of.
fn of_push((path, body): &Request) -> Option<Vec<String>> {
    let text = std::str::from_utf8(body).ok()?;
    let members = json::members(text).ok()?;
    let mut lines = Vec::new();
    for stream in json::items(json::member(&members, "streams")?).ok()? {
        let stream = json::members(stream).ok()?;
        let labels = json::members(json::member(&stream, "stream")?).ok()?;
        let mut own = String::new();
        for label in labels.iter().filter(|label| label.key() != "job") {
            if !["level", "stage"].contains(&label.key().as_str()) {
                return None;
            }
            own.push_str(&format!("{}:{},", label.raw_key, label.value));
        }
        for value in json::items(json::member(&stream, "values")?).ok()? {
            let [time, line] = json::items(value).ok()?[..] else { return None };
            let line = json::unescape(line);
            lines.push(format!("{} {{{own}{}", json::unescape(time), line.strip_prefix('{')?));
        }
    }
    (path == "/loki/api/v1/push").then_some(lines)
}

/// An object without a member, and what that was.
fn without(text: &str, name: &str) -> Option<(String, Option<String>)> {
    let members = json::members(text).ok()?;
    let gone = json::member(&members, name).map(json::unescape);
    let kept = members.iter().filter(|member| member.key() != name);
    let kept: Vec<String> = kept.map(|member| format!("{}:{}", member.raw_key, member.value)).collect();
    Some((format!("{{{}}}", kept.join(",")), gone))
}

/// A document with the time that the output has written: the one it had, if it had one.
fn document(line: &str, answer: &Answer) -> std::result::Result<(), Difference> {
    const TIME: &str = "@timestamp";
    let no_object = || "no JSON object".to_owned();
    let (document, time) = without(line, TIME).ok_or_else(no_object)?;
    let (text, own) = without(&answer.text, TIME).ok_or_else(no_object)?;
    let time = time.and_then(|time| event_time::parse(&time)).ok_or("no time")?;
    match own.and_then(|own| event_time::parse(&own)) {
        // The host holds the fraction as a double and cuts it.
        Some(own) if own.abs_diff(time) > 1 => return Err("not its own time".to_owned()),
        _ => {}
    }
    compare::shipped(&document, &Answer { text, moved: answer.moved.clone() })
}

/// An event of Splunk's with its time.
fn collected(line: &str, answer: &Answer) -> std::result::Result<(), Difference> {
    let members = json::members(line).map_err(|_| "no JSON object".to_owned())?;
    let member = |name: &str| json::member(&members, name).ok_or_else(|| format!("no `{name}`"));
    let time: f64 = member("time")?.parse().map_err(|_| "no time".to_owned())?;
    if let Some(own) = event_time::of_event(&answer.text)
        && (own as f64 / 1e6 - time).abs() > 1e-3
    {
        return Err("not its own time".to_owned());
    }
    if (member("sourcetype")?, member("source")?) != ("\"kube:audit\"", "\"auditveil\"") {
        return Err("another source type".to_owned());
    }
    compare::shipped(member("event")?, answer)
}

/// The members that `loki.yaml` takes out of a line.
const REMOVED: [&str; 5] = ["requestObject", "responseObject", "items", "annotations", "keys_beyond_limit"];

/// The longest line that Loki takes.
const LONGEST_LINE: usize = 256 * 1024;

/// A line of Loki's with its time.
fn pushed(line: &str, answer: &Answer) -> std::result::Result<(), Difference> {
    let (time, line) = line.split_once(' ').ok_or("no time")?;
    if line.len() > LONGEST_LINE {
        return Err("longer than Loki takes".to_owned());
    }
    let time: i64 = time.parse().map_err(|_| "no time".to_owned())?;
    match event_time::of_event(&answer.text) {
        Some(own) if own.abs_diff(time / 1000) > 1 => return Err("not its own time".to_owned()),
        _ => {}
    }
    let mut answer = answer.clone();
    answer.moved.retain(|(name, _)| !REMOVED.contains(&name.as_str()));
    compare::shipped(line, &answer)
}

fn stale(error: impl std::fmt::Display) -> Failure {
    Failure::new(error.to_string(), "mend the file beside it in configs/fluent-bit")
}
