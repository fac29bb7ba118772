//! `output.format` and `output.bodies`: every case and every log of a real API server in the other forms.
//!
//! - `texts`: bodies as texts are the bodies, and come in again unchanged
//! - `ecs`: the fields that Elastic's detection rules query are where these look
//! - `ocsf`: documents are valid by the published schema
//!
//! All of them: one JSON object for each record, the same in msgpack, and nothing planted in it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod ecs;
mod forms;
mod ocsf;
mod texts;

use auditveil_core::{Filter, Settings, config};
use auditveil_tests::corpus::{self, Server, lines};
use auditveil_tests::{Error, Input, load};

/// A filter that is configured by this text.
fn filter(configuration: &str) -> Filter {
    let config = config::load(configuration.as_bytes()).unwrap().config;
    Filter::with_settings(Settings::from_config(&config).unwrap())
}

fn answer(filter: &mut Filter, record: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    filter.process(record, &mut answer);
    answer
}

/// A name and a record.
type Record = (String, Vec<u8>);

/// The events of real API servers, and lists of such.
fn corpus() -> Result<Vec<Record>, Error> {
    let mut logs = vec![("v1.20/traffic".to_owned(), corpus::traffic()?)];
    let mut records = Vec::new();
    for server in Server::ALL {
        logs.push((format!("{}/audit", server.name()), corpus::audit(server)?));
        records.extend(corpus::event_lists(server)?);
    }
    for (name, log) in logs {
        let lines = lines(&log).enumerate();
        records.extend(lines.map(|(number, line)| (format!("{name}:{}", number + 1), line.to_vec())));
    }
    Ok(records)
}

/// These, and the records of all cases.
fn records() -> Result<Vec<Record>, Error> {
    let mut records = corpus()?;
    records.extend(load()?.into_iter().map(|case| match &case.input {
        Input::Text(text) | Input::Bytes(text) => (case.name.clone(), text.clone()),
    }));
    Ok(records)
}

/// Fails with the first of what was found.
fn report(findings: &[String]) {
    let told: Vec<&str> = findings.iter().take(10).map(String::as_str).collect();
    assert!(findings.is_empty(), "{} findings, the first of them:\n{}", findings.len(), told.join("\n"));
}
