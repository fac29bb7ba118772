//! False positives: what each row hides in records without any planted credential.
//!
//! These are the log of ordinary traffic, and of the scripted runs every record that holds no needle of any
//! canary. None of them holds a Secret either, so no row hides anything there. Where a new rule is right to,
//! whoever adds it looks at the records and writes the figures into [`EXPECTED`] by hand.

use crate::contains;
use auditveil_core::Filter;
use auditveil_tests::corpus::{self, Server, lines};
use auditveil_tests::{Error, json};
use std::collections::BTreeMap;

/// Log, row, how many values it hides in all these records together, and what they are. Rows that are not
/// named hide nothing.
const EXPECTED: &[(&str, &str, u64, &str)] = &[];

/// How many records each log has.
const RECORDS: [(&str, usize); 3] = [("v1.20/traffic", 3000), ("v1.20/audit", 798), ("v1.36/audit", 953)];

/// Adds the counts of the stamp of `answer` to `hits`.
fn count(answer: &[u8], hits: &mut BTreeMap<String, u64>) -> Result<(), Error> {
    let text = std::str::from_utf8(answer).map_err(|error| Error::new(error.to_string()))?;
    let event = json::members(text)?;
    let stamp = json::member(&event, "auditveil").ok_or_else(|| Error::new("no stamp"))?;
    let stamp = json::members(stamp)?;
    for row in json::members(json::member(&stamp, "redacted").unwrap_or("{}"))? {
        let hidden: u64 = row.value.parse().map_err(|_| Error::new("a count is no number"))?;
        *hits.entry(row.key()).or_default() += hidden;
    }
    Ok(())
}

#[test]
fn no_row_hides_what_is_no_secret() -> Result<(), Error> {
    let mut filter = Filter::new();
    let mut answer = Vec::new();
    for (name, records) in RECORDS {
        let (log, canaries) = match name {
            "v1.20/traffic" => (corpus::traffic()?, Vec::new()),
            "v1.20/audit" => (corpus::audit(Server::V1_20)?, corpus::canaries(Server::V1_20)?),
            _ => (corpus::audit(Server::V1_36)?, corpus::canaries(Server::V1_36)?),
        };
        let (mut total, mut hits, mut planted) = (0, BTreeMap::new(), BTreeMap::new());
        for line in lines(&log) {
            total += 1;
            filter.process(line, &mut answer);
            let mut hidden = BTreeMap::new();
            count(&answer, &mut hidden)?;
            if hidden.is_empty() {
                continue;
            }
            let holds_needle = canaries.iter().any(|canary| contains(line, canary));
            let sum = if holds_needle { &mut planted } else { &mut hits };
            for (row, hidden) in hidden {
                *sum.entry(row).or_insert(0) += hidden;
            }
        }
        assert_eq!(total, records, "{name}: records");
        let expected: BTreeMap<String, u64> = EXPECTED
            .iter()
            .filter(|(log, ..)| *log == name)
            .map(|(_, row, hidden, _)| ((*row).to_owned(), *hidden))
            .collect();
        assert_eq!(hits, expected, "{name}; left: values hidden by row, right: what should be hidden");
        // The stamps are read rightly: the other records of the scripted runs have hits.
        assert_eq!(planted.is_empty(), canaries.is_empty(), "{name}");
    }
    Ok(())
}
