//! The consoles of `docs/recipes.md` are what the command says of the log of a real API server.
//!
//! A console shows `$ auditveil filter … audit.log | jq -r '[PATH, …] | @tsv' | head -N` and what comes out, standard error first.
//! What of jq and head is used there is done here, so that none needs to be installed. `BLESS=1` writes the page.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use auditveil_tests::corpus::{self, Server};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PAGE: &str = "docs/recipes.md";

/// The words of a command line, and its parts between pipes; single quotes keep what is in them together.
fn parts(line: &str) -> Vec<Vec<String>> {
    let (mut parts, mut word, mut quoted) = (vec![Vec::new()], None::<String>, false);
    for sign in line.chars().chain([' ']) {
        match sign {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' | '|' if !quoted => {
                parts.last_mut().unwrap().extend(word.take());
                if sign == '|' {
                    parts.push(Vec::new());
                }
            }
            sign => word.get_or_insert_default().push(sign),
        }
    }
    assert!(!quoted, "a quote is open: {line}");
    parts
}

/// One line of `jq -r '[.a.b, .c] | @tsv'`.
fn tsv(event: &Value, paths: &str) -> String {
    let paths = paths.strip_prefix('[').and_then(|rest| rest.strip_suffix("] | @tsv"));
    let paths = paths.unwrap_or_else(|| panic!("only `[…] | @tsv` is known here"));
    let cells = paths.split(", ").map(|path| {
        let mut value = event;
        for name in path.trim_start_matches('.').split('.') {
            value = &value[name];
        }
        match value {
            Value::Null => String::new(),
            Value::String(text) => text.replace('\\', "\\\\").replace('\t', "\\t"),
            value => value.to_string(),
        }
    });
    cells.collect::<Vec<_>>().join("\t")
}

/// What a console shows.
fn run(folder: &Path, line: &str) -> String {
    let parts = parts(line);
    let mut parts = parts.iter();
    let (command, arguments) = parts.next().unwrap().split_first().unwrap();
    assert_eq!(command, "auditveil", "{line}");
    let output =
        Command::new(env!("CARGO_BIN_EXE_auditveil")).current_dir(folder).args(arguments).output().unwrap();
    let mut lines: Vec<String> =
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    for part in parts {
        match part.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["jq", "-r", paths] => {
                for line in &mut lines {
                    *line = tsv(&serde_json::from_str(line).unwrap(), paths);
                }
            }
            ["head", count] => lines.truncate(count.trim_start_matches('-').parse().unwrap()),
            other => panic!("{other:?} is not known here"),
        }
    }
    let mut shown = String::from_utf8(output.stderr).unwrap();
    for line in lines {
        shown += &line;
        shown.push('\n');
    }
    shown
}

#[test]
fn every_recipe_is_what_the_command_says() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("recipes");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("audit.log"), corpus::audit(Server::V1_36).unwrap()).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE);
    let page = fs::read_to_string(&path).unwrap();
    let (mut written, mut consoles) = (String::new(), 0);
    let mut rest = page.as_str();
    while let Some((before, console)) = rest.split_once("```console\n") {
        let (shown, behind) = console.split_once("```").unwrap();
        let (line, _) = shown.split_once('\n').unwrap();
        let command = line.strip_prefix("$ ").unwrap_or_else(|| panic!("no command: {line}"));
        written += &format!("{before}```console\n{line}\n{}```", run(&folder, command));
        consoles += 1;
        rest = behind;
    }
    written += rest;
    assert!(consoles > 10, "{PAGE} shows {consoles} consoles");
    if written != page && std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, &written).unwrap();
        return;
    }
    for (found, expected) in page.lines().zip(written.lines()) {
        assert_eq!(found, expected, "left: {PAGE}; right: the command; BLESS=1 writes it");
    }
    assert_eq!(page.len(), written.len(), "{PAGE} shows too much or too little; BLESS=1 writes it");
}
