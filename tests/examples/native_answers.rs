//! What the native core answers to every case, a line of JSON each, for front ends that Rust cannot call.
//!
//! ```text
//! cargo run -p auditveil-tests --example native_answers > answers.jsonl
//! ```
//!
//! A line has the `name` of the case; its `configuration`, `policy` and `key` in hex, `null` where the case has none;
//! whether these are `refused`; and `answers`, each with the `record` in hex, the `outcome`, the `reason` of a stub, and
//! the `answer` in hex. The first is the case; then come its answer put in again, and the same text in the envelopes in which
//! it may travel. Behind the cases come, as `hostile/…`, the families of events that are to make a filter slow.

#[path = "../suites/configured.rs"]
mod configured;

use auditveil_core::{Filter, LoadedSettings, Outcome, Settings, Source};
use auditveil_tests::{Case, Error, Input, hostile, json, load, msgpack};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::process::ExitCode;

/// The length of a hostile event: long enough to be walked in all its ways, and quick to be told.
const HOSTILE_BYTES: usize = 20_000;

fn main() -> ExitCode {
    match print() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print() -> Result<(), Error> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut line = |value: Value| {
        writeln!(out, "{value}").map_err(|error| Error::new(format!("standard output: {error}")))
    };
    for case in load()? {
        line(described(&case))?;
    }
    for family in hostile::FAMILIES {
        let event = family.event(HOSTILE_BYTES);
        let name = format!("hostile/{}", family.name.replace(' ', "-"));
        line(
            json!({ "name": name, "refused": false, "answers": answers(&mut Filter::with_settings(Settings::unconfigured()), &event, true) }),
        )?;
    }
    Ok(())
}

fn described(case: &Case) -> Value {
    let file = |source: Source| {
        let file = case.configuration.iter().find(|(file, _)| *file == source.file_name());
        file.map(|(_, text)| text.as_slice())
    };
    let (configuration, policy) = (file(Source::Configuration), file(Source::Policy));
    let key = |_: &str| case.key.clone().ok_or_else(String::new);
    let refused = LoadedSettings::from_files_with_key(configuration, policy, key).is_err();
    let is_text = matches!(case.input, Input::Text(_));
    json!({
        "name": case.name,
        "configuration": configuration.map(digits),
        "policy": policy.map(digits),
        "key": case.key.as_deref().map(digits),
        "refused": refused,
        "answers": answers(&mut configured::filter(case), case.record(), is_text),
    })
}

/// The answer to a record, to that answer, and to the record as it travels elsewhere.
fn answers(filter: &mut Filter, record: &[u8], is_text: bool) -> Vec<Value> {
    let mut told = Vec::new();
    let mut ask = |record: &[u8]| {
        let mut answer = Vec::new();
        let (outcome, reason) = match filter.process(record, &mut answer) {
            Outcome::Emitted => ("emitted", None),
            Outcome::Dropped => ("dropped", None),
            Outcome::Stubbed(reason) => ("stubbed", Some(reason.id())),
        };
        told.push(json!({
            "record": digits(record), "outcome": outcome, "reason": reason, "answer": digits(&answer),
        }));
        answer
    };
    let answer = ask(record);
    if !answer.is_empty() {
        ask(&answer);
    }
    if is_text {
        ask(&msgpack::log_record(record));
        if let Ok(text) = std::str::from_utf8(record) {
            ask(format!(r#"{{"log":{}}}"#, json::escape(text)).as_bytes());
        }
    }
    told
}

/// Bytes in hex, nothing between them: for programs.
fn digits(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
