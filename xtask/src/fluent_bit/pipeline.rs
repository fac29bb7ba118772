//! The shipped configurations, and what is left of one when steps are taken out of it.
//!
//! The pipelines a filter is compared with come from the shipped file itself, so that everything
//! else about them (buffers, storage, output) is the same and stays the same.

use crate::failure::{Failure, Result};
use crate::workspace;
use std::fs;
use std::path::{Path, PathBuf};

/// A shipped file of `configs/fluent-bit/`.
pub(super) fn shipped(name: &str) -> PathBuf {
    workspace::root().join("configs/fluent-bit").join(name)
}

/// Writes `configuration` without the filters named, and with the JSON parser on `tail` if asked.
pub(super) fn reduced(configuration: &Path, without: &[&str], parse_on_tail: bool, to: &Path) -> Result<()> {
    let text = fs::read_to_string(configuration).map_err(|error| Failure::file(configuration, &error))?;
    let mut text = without.iter().try_fold(text, |text, filter| remove(&text, filter))?;
    // A list that holds nothing is no list.
    text = text.replace("  filters:\n  outputs:", "  outputs:");
    if parse_on_tail {
        text = replace_once(&text, "      key: log\n", "      parser: audit\n")?;
    }
    fs::write(to, text).map_err(|error| Failure::file(to, &error))
}

/// Puts a Lua filter before all others of a written configuration: `function` of the script `file` beside the module.
pub(super) fn add_script(configuration: &Path, file: &str, function: &str) -> Result<()> {
    let text = fs::read_to_string(configuration).map_err(|error| Failure::file(configuration, &error))?;
    let begin = "  filters:\n";
    let text = if text.contains(begin) {
        text
    } else {
        replace_once(&text, "  outputs:\n", "  filters:\n  outputs:\n")?
    };
    let filter = format!(
        "{begin}    - name: lua\n      match: kube.audit\n      script: ${{AUDITVEIL_DIR}}/{file}\n      call: {function}\n"
    );
    fs::write(configuration, replace_once(&text, begin, &filter)?)
        .map_err(|error| Failure::file(configuration, &error))
}

/// Takes one item out of a list of plugins, with the comments and blank lines around it.
fn remove(text: &str, filter: &str) -> Result<String> {
    let start = format!("    - name: {filter}");
    let mut kept: Vec<&str> = Vec::new();
    let mut skipping = false;
    let mut found = false;
    for line in text.lines() {
        let item_or_key =
            !line.starts_with("     ") && !line.is_empty() && !line.trim_start().starts_with('#');
        if item_or_key {
            skipping = line == start;
            found |= skipping;
        }
        let decoration = line.is_empty() || line.starts_with("    #");
        if !skipping && !decoration {
            kept.push(line);
        }
    }
    if !found {
        return Err(stale(&start));
    }
    Ok(format!("{}\n", kept.join("\n")))
}

fn replace_once(text: &str, from: &str, to: &str) -> Result<String> {
    if text.matches(from).count() == 1 { Ok(text.replace(from, to)) } else { Err(stale(from.trim_end())) }
}

fn stale(line: &str) -> Failure {
    Failure::new(
        format!("the shipped configuration has no line `{line}`, or several"),
        "bring xtask/src/fluent_bit/pipeline.rs and configs/fluent-bit together again",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_can_be_taken_out_of_the_shipped_file() {
        let text = fs::read_to_string(shipped("fluent-bit.yaml")).unwrap();
        let left = remove(&remove(&text, "wasm").unwrap(), "grep").unwrap();
        assert!(!left.contains("wasm_path") && !left.contains("regex"));
        assert!(
            left.contains("key_name: log")
                && left.contains("buffer_max_size")
                && left.contains("audit.jsonl")
        );
        assert!(remove(&left, "wasm").is_err());
        let none = remove(&left, "parser").unwrap();
        assert!(none.contains("  filters:\n  outputs:"));
        assert!(replace_once(&none, "      key: log\n", "").is_ok());
    }
}
