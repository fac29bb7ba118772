//! What should come out: the native core's answer to each line.

use crate::failure::{Failure, Result};
use auditveil_core::{Filter, Outcome, Settings};
use auditveil_tests::msgpack::{self, Answer};
use auditveil_tests::{json, well_formed};

/// What should come out for each line of a log, in order; drops are left out.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) answers: Vec<Answer>,
    /// Lines that a policy drops.
    pub(super) dropped: usize,
}

/// How the host hands a line over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Envelope {
    /// `event_format msgpack`, raw lines
    Msgpack,
    /// `event_format json`, raw lines: the line as a string in `log`
    Json,
}

/// Asks the core about every line that `tail` would make a record of.
pub(super) fn expected(log: &[u8], envelope: Envelope, settings: Settings) -> Result<Expected> {
    let mut filter = Filter::with_settings(settings);
    let mut out = Vec::new();
    let mut expected = Expected { answers: Vec::new(), dropped: 0 };
    let lines = log.strip_suffix(b"\n").unwrap_or(log);
    for (number, line) in lines.split(|byte| *byte == b'\n').enumerate() {
        let outcome = match envelope {
            Envelope::Msgpack => filter.process(&msgpack::log_record(line), &mut out),
            Envelope::Json => filter.process(&json_record(line), &mut out),
        };
        if outcome == Outcome::Dropped {
            expected.dropped = expected.dropped.saturating_add(1);
            continue;
        }
        let answer = match envelope {
            Envelope::Msgpack => msgpack::read_answer(&out).transpose(),
            Envelope::Json => Some(well_formed(&out).map(whole)),
        };
        let answer = answer.unwrap_or_else(|| Err(auditveil_tests::Error::new("an empty answer")));
        expected.answers.push(answer.map_err(|error| {
            Failure::new(
                format!("line {}: the native core's answer is malformed: {error}", number.saturating_add(1)),
                "mend the core first: cargo test -p auditveil-tests",
            )
        })?);
    }
    Ok(expected)
}

/// A raw line as Fluent Bit writes it into a JSON record: each byte that is not UTF-8 becomes a
/// character of a private area (`flb_utils_write_str`).
fn json_record(line: &[u8]) -> Vec<u8> {
    let mut text = String::new();
    for chunk in line.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().filter_map(|byte| char::from_u32(0xe000 | u32::from(*byte))));
    }
    format!("{{\"log\":{}}}", json::escape(&text)).into_bytes()
}

fn whole(event: &str) -> Answer {
    Answer { text: event.to_owned(), moved: Vec::new() }
}
