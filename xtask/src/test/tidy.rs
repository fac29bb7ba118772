//! The tree holds the product and nothing else, in the form the project agreed on.
//!
//! What rustfmt and clippy can see is theirs; this looks at what they cannot.

use crate::failure::{Failure, Result};
use crate::{command, workspace};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Nobody reviews a file of this many lines well.
const MAX_LINES: usize = 600;
/// How a longer file says that it has a reason, in its module documentation.
const REASON: &str = "the file is long";
/// Larger files are data: the packed corpus.
const MAX_BYTES: usize = 1 << 20;
/// Not written by hand, or written to be hostile: cases and logs.
const DATA: [&str; 3] = ["tests/cases/", "tests/corpus/", "fuzz/corpus/"];
/// What builds, editors and merges leave behind.
const LEFTOVERS: [&str; 9] =
    [".wasm", ".log", ".tmp", ".bak", ".orig", ".rej", ".swp", ".profraw", ".DS_Store"];

/// Fails with every finding.
pub(super) fn check() -> Result<()> {
    let root = workspace::root();
    let files = files(&root)?;
    let mut findings = Vec::new();
    for file in &files {
        let name = file.to_string_lossy().replace('\\', "/");
        // Listed by git, but deleted in the working tree.
        let Ok(bytes) = std::fs::read(root.join(file)) else { continue };
        let mut report = |finding: &str| findings.push(format!("{name}: {finding}"));
        if LEFTOVERS.iter().any(|end| name.ends_with(end)) {
            report("made by a tool; does not belong in the tree");
        }
        if DATA.iter().any(|folder| name.starts_with(folder)) {
            continue;
        }
        if bytes.len() > MAX_BYTES {
            report("larger than 1 MiB");
        }
        let Ok(text) = String::from_utf8(bytes) else { continue };
        text_file(&text, &mut report);
        if name.ends_with(".rs") {
            rust_file(&name, &text, &mut report);
        }
        if name.ends_with("/Cargo.toml") && !text.contains("[lints]\nworkspace = true") {
            report("does not inherit the workspace's lints");
        }
        if name.ends_with(".md") {
            let folder = root.join(file).parent().map(Path::to_owned).unwrap_or_default();
            for link in links(&text).filter(|link| !folder.join(link).exists()) {
                report(&format!("links to `{link}`, which does not exist"));
            }
        }
    }
    if findings.is_empty() {
        return Ok(());
    }
    Err(Failure::new(findings.join("\n"), "mend each of these files"))
}

/// Every file that is, or would be, committed.
fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let list = command::output(&mut git, "run this in a git checkout of the project")?;
    Ok(list.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect())
}

fn text_file(text: &str, report: &mut dyn FnMut(&str)) {
    if text.contains('\r') {
        report("has a carriage return");
    }
    if !text.is_empty() && !text.ends_with('\n') {
        report("does not end with a newline");
    }
    if let Some(at) = text.lines().position(|line| line.ends_with([' ', '\t'])) {
        report(&format!("line {} ends with white space", at.saturating_add(1)));
    }
    // A path of one person's machine works on no other.
    for home in ["home", "root", "Users"] {
        let parent = format!("\"/{home}/");
        let mut below = text.split(&parent).skip(1);
        if below.any(|rest| rest.starts_with(|letter: char| letter.is_alphanumeric())) {
            report(&format!("names a path below /{home}"));
        }
    }
}

fn rust_file(name: &str, text: &str, report: &mut dyn FnMut(&str)) {
    let lines = text.lines().count();
    // Or the crate's README is its documentation.
    let header =
        text.lines().take_while(|line| line.starts_with("//!") || line.starts_with("#![doc = include_str!"));
    if lines > MAX_LINES && !header.clone().any(|line| line.contains(REASON)) {
        report(&format!("has {lines} lines; split it, or write in its header why `{REASON}`"));
    }
    if header.count() == 0 {
        report("does not begin with module documentation");
    }
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    if !name.ends_with("/abi.rs") && code.clone().any(|line| word(line, "unsafe")) {
        report("has `unsafe` outside a guest's ABI file");
    }
}

/// Whether `line` has `word` standing alone and outside a string literal.
fn word(line: &str, word: &str) -> bool {
    let outside: String = line.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let mut words = outside.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.any(|found| found == word)
}

/// Targets of Markdown links within the project, without their anchors.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#']).next())
        .filter(|link| !link.is_empty() && !link.contains(':') && !link.contains(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(check: impl Fn(&mut dyn FnMut(&str))) -> Vec<String> {
        let mut findings = Vec::new();
        check(&mut |finding: &str| findings.push(finding.to_owned()));
        findings
    }

    #[test]
    fn every_check_can_fail() {
        let text = |text: &str| findings(|report| text_file(text, report));
        assert!(text("fine\n").is_empty());
        assert_eq!(text("a\r\n").len(), 1);
        assert_eq!(text("no newline").len(), 1);
        assert_eq!(text("a \n").len(), 1);
        assert!(text("let parents = [\"/home/\"];\n").is_empty());
        assert_eq!(text(&format!("let path = \"/{}/me/x\";\n", "home")).len(), 1);

        let rust = |name: &'static str, text: String| findings(move |report| rust_file(name, &text, report));
        assert!(rust("src/a.rs", "//! Doc.\n// unsafe\n\"unsafe\"; unsafe_code\n".to_owned()).is_empty());
        assert_eq!(rust("src/a.rs", "//! Doc.\nunsafe {}\n".to_owned()).len(), 1);
        assert!(rust("src/abi.rs", "//! Doc.\nunsafe {}\n".to_owned()).is_empty());
        assert_eq!(rust("src/a.rs", "fn main() {}\n".to_owned()).len(), 1);
        let long = "let a = 1;\n".repeat(MAX_LINES);
        assert_eq!(rust("src/a.rs", format!("//! Doc.\n{long}")).len(), 1);
        assert!(rust("src/a.rs", format!("//! It is a table, that is why {REASON}.\n{long}")).is_empty());
    }

    #[test]
    fn markdown_links() {
        let text = "[a](docs/a.md#top) [b](https://example.org) [c](#here) `[x](y z)`";
        assert_eq!(links(text).collect::<Vec<_>>(), ["docs/a.md"]);
    }
}
