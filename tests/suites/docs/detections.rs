//! The tables of `docs/detections.md` are those of the core: written by `BLESS=1`, otherwise only compared.

use super::positions::compare;
use super::{file, table};
use auditveil_core::Filter;
use auditveil_core::enrich::Reader;
use auditveil_core::enrich::detections::{
    About, DETECTIONS, Detection, Detections, NOT_COVERED, default_lists,
};
use auditveil_tests::Error;
use auditveil_tests::corpus::{self, Server};
use std::collections::BTreeMap;

const PAGE: &str = "docs/detections.md";

/// How often each detection fires in a log.
fn counts(log: &[u8]) -> Result<BTreeMap<String, usize>, Error> {
    let detections = Detections::compile(&default_lists()).map_err(|error| Error::new(error.to_string()))?;
    let mut reader = Reader::with_detections(detections);
    let (mut filter, mut answer, mut counts) = (Filter::new(), Vec::new(), BTreeMap::new());
    for line in corpus::lines(log) {
        filter.process(line, &mut answer);
        for rule in reader.read(&answer).detections() {
            *counts.entry(rule.id.clone()).or_default() += 1;
        }
    }
    Ok(counts)
}

fn rows() -> Result<String, Error> {
    let mut counted = Vec::new();
    for log in [corpus::audit(Server::V1_20)?, corpus::audit(Server::V1_36)?, corpus::traffic()?] {
        counted.push(counts(&log)?);
    }
    let shown = DETECTIONS.iter().filter(|row| counted.iter().any(|counts| counts.contains_key(row.id)));
    // The script does most of what can be done.
    assert!(shown.count() > 35, "hardly any fires in the logs");
    let line = |row: &Detection| {
        let times =
            |counts: &BTreeMap<String, usize>| counts.get(row.id).map_or("–".to_owned(), usize::to_string);
        let seen: Vec<String> = counted.iter().map(times).collect();
        let About { title, techniques, controls, evidence } = row.about();
        let (id, techniques, controls) = (row.id, techniques.join(", "), controls.join(", "));
        let (severity, seen) = (row.severity.name(), seen.join(", "));
        format!("| `{id}` | {title} | {severity} | {techniques} | {controls} | {evidence} | {seen} |\n")
    };
    Ok(DETECTIONS.iter().map(line).collect())
}

#[test]
fn the_tables_are_those_of_the_core() {
    const HEADING: &str = "| detection | what has happened | severity | ATT&CK | controls | what to look at | v1.20, v1.36, traffic |\n";
    let line = |cells: usize| format!("{}|\n", "|---".repeat(cells));
    compare(PAGE, &format!("{HEADING}{}", line(7)), "\n", &rows().unwrap()).unwrap();
    let conditions: String =
        DETECTIONS.iter().map(|row| format!("| `{}` | `{}` |\n", row.id, row.condition)).collect();
    compare(PAGE, &format!("| detection | condition |\n{}", line(2)), "\n", &conditions).unwrap();
    let not: String = NOT_COVERED.iter().map(|(what, how)| format!("| {what} | {how} |\n")).collect();
    compare(PAGE, &format!("| what | how |\n{}", line(2)), "\n", &not).unwrap();
}

#[test]
fn the_lists_are_those_of_the_core() {
    let page = file(PAGE).unwrap();
    let mut stated: Vec<&str> =
        table(&page, "# Detections").iter().map(|row| row[0].trim_matches('`')).collect();
    let lists = default_lists();
    let mut known: Vec<&str> = lists.names().collect();
    stated.sort_unstable();
    known.sort_unstable();
    assert_eq!(stated, known, "left: {PAGE}; right: the core");
}
