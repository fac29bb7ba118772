//! README's example is what the filter does, its exit codes are the command's.

use super::{blocks, file};
use auditveil_core::{Filter, Outcome, Settings};

/// The line that a block shows broken into several: every line break in it and the indent that follows.
fn line(block: &str) -> String {
    block.lines().map(str::trim_start).collect()
}

#[test]
fn the_event_before_becomes_the_event_after() {
    let readme = file("README.md").unwrap();
    let examples: Vec<String> = blocks(&readme, "json").iter().map(|block| line(block)).collect();
    let [before, after] = examples.as_slice() else {
        panic!("README.md shows one event before and after: two `json` blocks, not {}", examples.len())
    };
    let mut answer = Vec::new();
    let mut filter = Filter::with_settings(Settings::unconfigured());
    assert_eq!(filter.process(before.as_bytes(), &mut answer), Outcome::Emitted);
    assert_eq!(String::from_utf8(answer).unwrap(), *after);
    assert!(before.contains("hunter2") && !after.contains("hunter2"));
}

#[test]
fn the_exit_codes_are_those_of_the_command() {
    let codes = |text: &str| -> Vec<String> {
        let rows = text.lines().skip_while(|line| !line.to_lowercase().contains("exit code"));
        rows.filter(|line| {
            line.strip_prefix("| ").is_some_and(|row| row.starts_with(|digit: char| digit.is_ascii_digit()))
        })
        .map(str::to_owned)
        .collect()
    };
    let command = codes(&file("plugin/cli/README.md").unwrap());
    assert!(command.len() > 2, "the table was not found");
    assert_eq!(codes(&file("README.md").unwrap()), command);
}
