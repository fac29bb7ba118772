//! What the documentation states and a machine can check, checked: examples, the stamp's schema, the map of
//! the code.

mod architecture;
mod conditions;
mod configuration;
mod detections;
mod embedding;
mod formats;
mod leak_surface;
mod policies;
mod policy;
mod positions;
mod readme;
mod references;
mod schema;
mod stamp;
mod vector;

use auditveil_tests::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new(".")).to_owned()
}

/// A text file of the repository.
fn file(path: &str) -> Result<String, Error> {
    read(&root().join(path))
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::new(format!("{}: {error}", path.display()))
}

/// The fenced blocks of a Markdown text whose language is `language`, without their fences.
fn blocks(markdown: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in markdown.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(tag)) => open = Some((tag == language, String::new())),
            (Some(_), Some(_)) => {
                blocks.extend(open.take().and_then(|(wanted, text)| wanted.then_some(text)))
            }
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

/// The rows of the first table behind `heading`, as cells.
fn table<'a>(page: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    page.lines()
        .skip_while(|line| *line != heading)
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

#[test]
fn blocks_are_told_by_their_language() {
    let markdown = "a\n```json\n{}\n```\n```sh\nls\n```\n```json\n[\n]\n```\n";
    assert_eq!(blocks(markdown, "json"), ["{}\n", "[\n]\n"]);
}
