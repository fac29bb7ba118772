//! `docs/conditions.md` names what can be named; its examples compile, its mistakes are told as it says.

use super::{blocks, file, table};
use auditveil_core::enrich::{self, Condition, Lists};

const PAGE: &str = "docs/conditions.md";

fn lists() -> Lists {
    Lists::new().with("admins", ["alice"])
}

#[test]
fn the_examples_compile() {
    let page = file(PAGE).unwrap();
    let examples: Vec<String> = blocks(&page, "condition")
        .iter()
        .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(examples.len() >= 5, "{examples:?}");
    for example in examples {
        Condition::compile(&example, &lists()).unwrap_or_else(|error| panic!("{example}\n{error}"));
    }
}

#[test]
fn every_name_has_its_place() {
    let page = file(PAGE).unwrap();
    let quoted: Vec<&str> = ["## Fields", "## Facts"]
        .iter()
        .flat_map(|heading| table(&page, heading))
        .flat_map(|row| row[0].split('`').skip(1).step_by(2).collect::<Vec<_>>())
        .map(|name| name.trim_end_matches("[\"…\"]"))
        .collect();
    let mut stated = quoted.clone();
    stated.sort_unstable();
    let mut known: Vec<&str> = enrich::names().collect();
    known.sort_unstable();
    assert_eq!(stated, known, "left: {PAGE}; right: the core");
}

#[test]
fn mistakes_are_told_as_the_page_says() {
    let page = file(PAGE).unwrap();
    let rows = table(&page, "## Mistakes");
    assert!(rows.len() >= 5);
    for row in rows {
        let condition = row[0].trim_matches('`');
        let error = Condition::compile(condition, &lists()).unwrap_err();
        assert_eq!(error.to_string(), row[1], "{condition}");
    }
}
