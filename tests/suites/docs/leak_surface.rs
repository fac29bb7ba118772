//! `docs/leak-surface.md` names the rows that there are, is no surer of them than it may be, and its list of
//! what is not covered is true.

use super::stamp::row_ids;
use super::{file, table};
use auditveil_core::Filter;
use std::collections::BTreeSet;

const PAGE: &str = "docs/leak-surface.md";

/// The text in backquotes at the beginning of a cell.
fn quoted(cell: &str) -> Option<&str> {
    cell.strip_prefix('`')?.split('`').next()
}

#[test]
fn every_row_has_its_line() {
    let page = file(PAGE).unwrap();
    let lines = table(&page, "## Covered");
    let stated: Vec<&str> = lines.iter().filter_map(|line| quoted(line[0])).collect();
    let rows: BTreeSet<String> = stated.iter().map(|row| (*row).to_owned()).collect();
    assert_eq!(rows, row_ids().unwrap(), "left: {PAGE}; right: docs/stamp.schema.json");
    assert_eq!(stated.len(), rows.len(), "a row has two lines");
    let stamp = file("docs/stamp.md").unwrap();
    let stamp = table(&stamp, "## Rows");
    for line in &lines {
        let [row, place, what, sure, evidence] = line.as_slice() else { panic!("five cells: {line:?}") };
        assert!(!place.is_empty() && !what.is_empty() && !evidence.is_empty(), "{row} says too little");
        let decided = stamp.iter().find(|line| line[0] == *row).map(|line| line[2]);
        assert_eq!(decided, Some(*sure), "{row}: docs/stamp.md says otherwise what decides");
    }
}

#[test]
fn what_is_not_covered_comes_out() {
    let page = file(PAGE).unwrap();
    let lines = table(&page, "## Not covered yet");
    assert!(lines.len() > 10, "the table was not found");
    let mut answer = Vec::new();
    for line in lines {
        let members = line[1].trim_matches('`');
        let event = format!(
            r#"{{"auditID":"a","verb":"create","requestURI":"/apis/example.com/v1/things","objectRef":{{"resource":"things","apiGroup":"example.com"}},{members}}}"#
        );
        let _: serde_json::Value =
            serde_json::from_str(&event).unwrap_or_else(|error| panic!("{members}: {error}"));
        // The example of base64 holds the word in base64.
        assert!(event.contains("FAKE") || event.contains("GQUtF"), "{members}");
        Filter::new().process(event.as_bytes(), &mut answer);
        let answer = std::str::from_utf8(&answer).unwrap();
        assert!(answer.contains(members), "covered now, so take it off {PAGE}: {members}\n{answer}");
    }
}
