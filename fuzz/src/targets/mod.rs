//! What is fuzzed. A target is a function of bytes and of nothing else, so that any engine can drive it and a
//! record reproduces what was found with it.

mod exact;
mod filter;
mod leak;
mod plant;
mod positions;
mod scanner;
mod shapes;

use crate::tree::Node;
use auditveil_core::{Fault, Filter, Key, Settings, config};
use auditveil_tests::{Error, json};

/// Something to be fuzzed.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it holds the filter to.
    pub about: &'static str,
    /// The configuration of the filter, as a file; empty is the default.
    pub configuration: &'static str,
    check: fn(&Target, &[u8]) -> Result<String, Finding>,
}

/// Something that is not as it should be.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What is wrong.
    pub error: Error,
    /// The record with which it is: some targets make one of the bytes they are given.
    pub record: Vec<u8>,
    /// What the answer must not hold.
    pub absent: Option<String>,
}

impl Finding {
    /// Whether something gets out, is lost or is made up, or the next program cannot read it.
    ///
    /// The rest is about two answers that should be the same: a second filter in a row finds more to hide, or another
    /// format of the same record is read a little stricter. With damaged records nobody has found the end of these yet.
    pub fn is_grave(&self) -> bool {
        let text = self.error.to_string();
        let first = text.lines().next().unwrap_or_default();
        !["second pass:", "in msgpack:", "in {\"log\":…}:"].iter().any(|place| first.contains(place))
    }
}

impl Target {
    /// Tries one input. What was told of it is returned, without figures: an input of which something new is
    /// told is worth another look.
    ///
    /// # Errors
    ///
    /// What is wrong with the answer.
    pub fn check(&self, input: &[u8]) -> Result<String, Finding> {
        (self.check)(self, input)
    }

    /// A filter as the target has it.
    pub fn filter(&self) -> Filter {
        if self.configuration.is_empty() {
            return Filter::new();
        }
        let key = Key::from_file(KEY).ok();
        let settings = config::load(self.configuration.as_bytes())
            .ok()
            .and_then(|loaded| Settings::with_key(&loaded.config, key.as_ref()).ok());
        settings.map_or_else(|| Filter::strictest(Fault::Invalid), Filter::with_settings)
    }
}

/// The key of configurations that sign; invented.
pub const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

/// Every target.
pub const TARGETS: &[Target] = &[
    Target {
        name: "scanner",
        about: "what is JSON is read as JSON and kept, what is not is told",
        configuration: "",
        check: scanner::check,
    },
    Target {
        name: "shapes",
        about: "an event is the same event in every envelope",
        configuration: "",
        check: shapes::check,
    },
    Target {
        name: "positions",
        about: "what is planted at a guaranteed position does not come out",
        configuration: "",
        check: positions::check,
    },
    Target {
        name: "filter",
        about: "any record: sound, kept exactly but for masks, and nothing of one record in the next",
        configuration: "",
        check: filter::check,
    },
    Target {
        name: "policy",
        about: "the same where a policy drops events and bodies",
        configuration: "policy: {apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: None, verbs: [get, watch]}, {level: Metadata, resources: [{resources: \
                        [configmaps, pods]}]}, {level: Request, users: [admin], omitManagedFields: true}, {level: \
                        RequestResponse, omitStages: [RequestReceived], omitManagedFields: true}]}\n",
        check: filter::check,
    },
    Target {
        name: "remove",
        about: "the same where what is found is removed",
        configuration: "redact: {action: remove, classes: {uri: remove, error_text: remove, content: remove}}\n",
        check: filter::check,
    },
    Target {
        name: "hmac",
        about: "the same where what is found is signed",
        configuration: "redact: {action: hmac, hmac: {key_id: k1, key_file: hmac.key, per_namespace: true}, classes: \
                        {uri: hmac, error_text: hmac, content: hmac}}\n",
        check: filter::check,
    },
];

/// Fields of an event, two of which make one.
const FIELDS: [&str; 7] = ["auditID", "level", "objectRef", "requestURI", "stage", "stageTimestamp", "verb"];

/// Members of an event that nothing else is made of.
const PLAIN: [&str; 14] = [
    "kind",
    "apiVersion",
    "user",
    "impersonatedUser",
    "sourceIPs",
    "userAgent",
    "responseStatus",
    "requestObject",
    "responseObject",
    "requestReceivedTimestamp",
    "annotations",
    "spec",
    "data",
    "auditveil",
];

/// Whether this is an event, and nothing that could be read as an envelope of one.
fn is_plain_event(node: &Node) -> bool {
    let Node::Object(members) = node else { return false };
    let names: Vec<String> = members.iter().map(|(key, _)| json::unescape(key)).collect();
    let is = |of: &[&str], name: &String| of.contains(&name.as_str());
    FIELDS.iter().filter(|field| names.iter().any(|name| name == *field)).count() >= 2
        && names.iter().all(|name| is(&FIELDS, name) || is(&PLAIN, name))
}

/// The target of this name.
pub fn named(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// The answer to a record, held to what is true of every answer.
fn sound(filter: &mut Filter, record: &[u8]) -> Result<Vec<u8>, Finding> {
    let mut process = |record: &[u8]| answer(filter, record);
    match auditveil_tests::holds(record, &mut process) {
        Ok(answer) => Ok(answer),
        // Where an event was expected, and the record ends in it, its parts are read as such; not so the next time.
        Err(error) if error.to_string().starts_with("second pass") && is_rest(&answer(filter, record)) => {
            Ok(answer(filter, record))
        }
        Err(error) => Err(finding(error, record)),
    }
}

/// Whether an answer is what is left of a record that was cut, or damaged, and is no event.
fn is_rest(answer: &[u8]) -> bool {
    let stamp = stamp(answer);
    stamp.contains("\"shape\":\"other\"") && stamp.contains("\"cut\":true")
}

fn answer(filter: &mut Filter, record: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    filter.process(record, &mut answer);
    answer
}

fn finding(error: Error, record: &[u8]) -> Finding {
    Finding { error, record: record.to_vec(), absent: None }
}

/// The stamp of an answer in JSON.
fn stamp(answer: &[u8]) -> &str {
    let text = std::str::from_utf8(answer).unwrap_or_default();
    let members = json::members(text).unwrap_or_default();
    members.last().filter(|member| member.raw_key == "\"auditveil\"").map_or("", |member| member.value)
}

/// What a stamp says, without figures.
fn told(answer: &[u8]) -> String {
    stamp(answer).chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_configured_as_it_says() {
        for target in TARGETS.iter().filter(|target| !target.configuration.is_empty()) {
            let config = config::load(target.configuration.as_bytes()).unwrap().config;
            let key = Key::from_file(KEY).unwrap();
            assert!(Settings::with_key(&config, Some(&key)).is_ok(), "{}", target.name);
        }
    }
}
