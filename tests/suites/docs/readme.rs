//! README's example is what the filter does.

use super::{blocks, file};
use auditveil_core::{Filter, Outcome};

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
    assert_eq!(Filter::new().process(before.as_bytes(), &mut answer), Outcome::Emitted);
    assert_eq!(String::from_utf8(answer).unwrap(), *after);
    assert!(before.contains("hunter2") && !after.contains("hunter2"));
}
