//! The consoles of the documentation are what the command says.
//!
//! A console shows `$ auditveil check … FILE; echo $?` and what comes out, standard error first. The file holds the
//! `yaml` block before it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PAGES: [&str; 2] = ["docs/policy.md", "docs/configuration.md"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The blocks of a page, each with its language.
fn blocks(page: &str) -> Vec<(String, String)> {
    let (mut blocks, mut open): (Vec<(String, String)>, bool) = (Vec::new(), false);
    for line in page.lines() {
        match (line.strip_prefix("```"), open) {
            (Some(language), false) => {
                blocks.push((language.to_owned(), String::new()));
                open = true;
            }
            (Some(_), true) => open = false,
            (None, true) => {
                let (_, text) = blocks.last_mut().unwrap();
                text.push_str(line);
                text.push('\n');
            }
            (None, false) => {}
        }
    }
    blocks
}

/// Runs the command of a console in a folder that holds the file; gives what the console would show.
fn run(folder: &Path, command: &str, yaml: &str) -> String {
    let (arguments, code) = match command.strip_suffix("; echo $?") {
        Some(command) => (command, true),
        None => (command, false),
    };
    let arguments: Vec<&str> = arguments.split(' ').skip(1).collect();
    let file = arguments.last().unwrap();
    fs::write(folder.join(file), yaml).unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_auditveil")).current_dir(folder).args(&arguments).output().unwrap();
    let mut shown = String::from_utf8(output.stderr).unwrap();
    shown.push_str(&String::from_utf8(output.stdout).unwrap());
    if code {
        shown.push_str(&format!("{}\n", output.status.code().unwrap()));
    }
    shown
}

#[test]
fn every_console_is_what_the_command_says() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages");
    fs::create_dir_all(&folder).unwrap();
    for path in PAGES {
        let page = fs::read_to_string(root().join(path)).unwrap();
        let (mut yaml, mut consoles) = (String::new(), 0);
        for (language, text) in blocks(&page) {
            match language.as_str() {
                "yaml" => yaml = text,
                "console" => {
                    let (command, shown) = text.split_once('\n').unwrap();
                    let command = command.strip_prefix("$ ").unwrap_or_else(|| panic!("{path}: {command}"));
                    assert_eq!(shown, run(&folder, command, &yaml), "{path}: {command}");
                    consoles += 1;
                }
                _ => {}
            }
        }
        assert!(consoles > 0, "{path} shows no console");
    }
}
