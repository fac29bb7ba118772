//! What the slow oracle rules of each event of the logs, held against the answer.

use crate::{answers, logs, report};
use auditveil_tests::corpus::lines;
use auditveil_tests::oracle::{self, Verdict};
use auditveil_tests::{Error, well_formed};
use serde_json::Value;
use std::collections::BTreeMap;

#[test]
fn the_oracle_rules_the_same() -> Result<(), Error> {
    let mut findings = Vec::new();
    // For each row, how many values had to go and how many had to stay.
    let mut ruled: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut unread: usize = 0;
    for (name, log) in logs()? {
        for (number, (line, answer)) in lines(&log).zip(answers(&log)).enumerate() {
            let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok().filter(oracle::is_ordinary);
            let (Some(input), Some(output)) = (read(line), read(well_formed(&answer)?.as_bytes())) else {
                unread += 1;
                continue;
            };
            for ruling in oracle::rulings(&input) {
                let (gone, left) = ruled.entry(ruling.row).or_default();
                *(if ruling.verdict == Verdict::Hidden { gone } else { left }) += 1;
                if let Err(difference) = oracle::held(&ruling, &input, &output) {
                    findings.push(format!("{name} line {}: {difference}", number + 1));
                }
            }
        }
    }
    println!("{ruled:?}, {unread} events are no such tree");
    report(&findings)?;
    assert!(unread < 10, "{unread} events were not compared");
    for (row, gone, left) in [
        ("secret.data.*", 1200, 0),
        ("token", 60, 0),
        ("env.*", 180, 850),
        ("config_map.data.*", 6, 0),
        ("key_name", 40, 30_000),
        ("argument", 0, 180),
        ("uri", 0, 3200),
        ("object_name", 0, 5700),
    ] {
        let of = ruled.get(row).copied().unwrap_or_default();
        assert!(of.0 >= gone && of.1 >= left, "{row}: only {of:?} rulings");
    }
    Ok(())
}
