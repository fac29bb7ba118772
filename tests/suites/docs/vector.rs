//! The table of `docs/vector.md` is that of the printer: written by `BLESS=1`, and otherwise only compared.

use super::file;
use super::positions::compare;
use auditveil_core::config;
use auditveil_vector::{ROWS, VRL};

const PAGE: &str = "docs/vector.md";

#[test]
fn what_goes_is_told_row_by_row() {
    const HEADING: &str = "| row | as in the filter | goes as a whole |\n|---|---|---|\n";
    let or_dash = |text: &'static str| if text.is_empty() { "–" } else { text };
    let lines: String = ROWS
        .iter()
        .map(|row| format!("| `{}` | {} | {} |\n", row.id, or_dash(row.same), or_dash(row.lost)))
        .collect();
    compare(PAGE, HEADING, "\n", &lines).unwrap();
}

/// With all lists that detections need, so that none is off.
const WITH_LISTS: &[u8] = br#"{"enrich": {"lists": {"registries": ["a/*"], "users": ["b"]}}}"#;

#[test]
fn detections_that_are_left_out_are_told() {
    const HEADING: &str = "| detection | why |\n|---|---|\n";
    let config = config::load(WITH_LISTS).unwrap().config;
    let left_out = auditveil_vector::left_out(&config);
    let lines: String = left_out.iter().map(|(id, why)| format!("| `{id}` | {why} |\n")).collect();
    compare(PAGE, HEADING, "\n", &lines).unwrap();
    let program = auditveil_vector::program(&config).unwrap();
    for (id, _) in &left_out {
        assert!(program.contains(&format!("# The detection \"{id}\" is left out")), "{id}");
    }
}

#[test]
fn the_versions_are_those_that_are_tested() {
    let (vrl, vector) = VRL;
    let page = file(PAGE).unwrap();
    assert!(page.contains(&format!("VRL {vrl}; Vector {vector},")), "{PAGE} tells other versions");
    assert!(file("Cargo.toml").unwrap().contains(&format!("vrl = {{ version = \"{vrl}\"")));
}
