//! The table of `docs/vector.md` is that of the printer: written by `BLESS=1`, and otherwise only compared.

use super::file;
use super::positions::compare;
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

#[test]
fn the_versions_are_those_that_are_tested() {
    let (vrl, vector) = VRL;
    let page = file(PAGE).unwrap();
    assert!(page.contains(&format!("VRL {vrl}; Vector {vector},")), "{PAGE} tells other versions");
    assert!(file("Cargo.toml").unwrap().contains(&format!("vrl = {{ version = \"{vrl}\"")));
}
