//! `docs/ARCHITECTURE.md` is true of the code: who uses whom in the core, which crates there are, which
//! invariants are named.

use super::{file, read, root, table, unreadable};
use auditveil_tests::Error;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const PAGE: &str = "docs/ARCHITECTURE.md";
const CORE: &str = "plugin/core/src";

/// Modules that every other may use; the page says so once.
const EVERYBODYS: [&str; 2] = ["limits", "memory"];

type Uses = BTreeMap<String, BTreeSet<String>>;

/// Every Rust file below a folder.
fn sources(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let (mut open, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = open.pop() {
        let io = |error: std::io::Error| unreadable(&folder, &error);
        for entry in std::fs::read_dir(&folder).map_err(io)? {
            let path = entry.map_err(io)?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Code without its comments, in which links may name anything.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(|line| line.split("//").next().unwrap_or_default())
}

/// What stands between `before` and the next character that no name has.
fn names_behind<'a>(text: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(before)
        .skip(1)
        .filter_map(|rest| rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next())
}

/// Which module of the core uses which others, as the code has it.
fn uses_in_code() -> Result<Uses, Error> {
    let core = root().join(CORE);
    let mut uses = Uses::new();
    for path in sources(&core)? {
        let inside = path.strip_prefix(&core).unwrap_or(&path);
        let module = inside.iter().next().unwrap_or_default().to_string_lossy();
        let module = module.trim_end_matches(".rs").to_owned();
        if module == "lib" {
            continue;
        }
        let entry = uses.entry(module.clone()).or_default();
        for line in code(&read(&path)?) {
            for name in names_behind(line, "crate::") {
                if name.is_empty() {
                    return Err(Error::new(format!("{}: one module a `use`: {line}", path.display())));
                }
                if name != module && !EVERYBODYS.contains(&name) {
                    entry.insert(name.to_owned());
                }
            }
        }
    }
    for name in EVERYBODYS {
        uses.remove(name);
    }
    Ok(uses)
}

/// The names in backquotes of a table's cell.
fn quoted(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_modules_use_what_the_page_says() {
    let page = file(PAGE).unwrap();
    let stated: Uses = table(&page, "## Inside the core")
        .iter()
        .map(|row| (quoted(row[0]).pop_first().unwrap(), quoted(row[1])))
        .collect();
    assert_eq!(stated, uses_in_code().unwrap(), "left: {PAGE}; right: {CORE}");
}

#[test]
fn the_crates_are_those_of_the_workspace() {
    let manifest = file("Cargo.toml").unwrap();
    let members = manifest.split("members = [").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
    let members: BTreeSet<String> = code(&members.replace('#', "//"))
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .map(str::to_owned)
        .collect();
    let page = file(PAGE).unwrap();
    let stated: BTreeSet<String> = table(&page, "## Crates").iter().flat_map(|row| quoted(row[0])).collect();
    assert!(members.len() > 3, "the members were not found in Cargo.toml");
    assert_eq!(stated, members, "left: {PAGE}; right: Cargo.toml");
}

#[test]
fn the_invariants_are_those_of_the_code() {
    let mut named = BTreeSet::new();
    for folder in ["plugin", "host-test/src"] {
        for path in sources(&root().join(folder)).unwrap() {
            let text = read(&path).unwrap();
            named.extend(
                text.split("INVARIANT (")
                    .skip(1)
                    .filter_map(|rest| rest.split(')').next())
                    .map(str::to_owned),
            );
        }
    }
    let page = file(PAGE).unwrap();
    let stated: BTreeSet<String> =
        table(&page, "## Invariants").iter().flat_map(|row| quoted(row[0])).collect();
    assert!(!named.is_empty(), "no INVARIANT (name) in the code");
    assert_eq!(stated, named, "left: {PAGE}; right: INVARIANT (…) in the code");
}
