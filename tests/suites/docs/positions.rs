//! The tables of rows in `docs/` are those of the core: written by `BLESS=1`, from
//! [`POSITIONS`](auditveil_core::POSITIONS), and otherwise only compared.

use super::{file, root};
use auditveil_core::{POSITIONS, Position, Sure, Vrl};
use auditveil_tests::Error;
use std::fs;

const fn sure(position: &Position) -> &'static str {
    match position.sure {
        Sure::Position => "position",
        Sure::Name => "name",
        Sure::Look => "look",
    }
}

fn vrl(position: &Position) -> String {
    match position.vrl {
        Vrl::Yes => "yes".to_owned(),
        Vrl::No => "no".to_owned(),
        Vrl::Part(not) => format!("not {not}"),
    }
}

/// The lines of the table under *Covered*.
fn covered() -> String {
    let line = |position: &Position| {
        let Position { id, place, goes, seen, .. } = position;
        let class = position.class.key().map_or_else(|| "–".to_owned(), |key| format!("`{key}`"));
        let action = if position.class.is_masked_by_default() { "`mask`" } else { "`redact.action`" };
        let (sure, vrl) = (sure(position), vrl(position));
        format!("| `{id}` | {place} | {goes} | {sure} | {class} | {action} | {vrl} | {seen} |\n")
    };
    POSITIONS.iter().map(line).collect()
}

/// The lines of the table of `docs/stamp.md`.
fn ids() -> String {
    let line =
        |position: &Position| format!("| `{}` | {} | {} |\n", position.id, position.what, sure(position));
    POSITIONS.iter().map(line).collect()
}

/// The members that the schema of the stamp allows in `redacted`.
fn properties() -> String {
    let property = |position: &Position| {
        let mut letters = position.what.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        let description = serde_json::Value::from(format!("{first}{}.", letters.as_str()));
        let id = position.id;
        format!(
            "        \"{id}\": {{\n          \"description\": {description},\n          \"$ref\": \"#/$defs/count\"\n        }}"
        )
    };
    POSITIONS.iter().map(property).collect::<Vec<String>>().join(",\n") + "\n"
}

/// The ids, as the schema lists them.
fn names() -> String {
    let name = |position: &Position| format!("        \"{}\"", position.id);
    POSITIONS.iter().map(name).collect::<Vec<String>>().join(",\n") + "\n"
}

/// Compares the part of a page that follows `opening` and ends before the first line that begins with `end`, or,
/// blessed, writes it.
pub(super) fn compare(path: &str, opening: &str, end: &str, expected: &str) -> Result<(), Error> {
    let page = file(path)?;
    let parts = page.split_once(opening);
    let (before, rest) = parts.ok_or_else(|| Error::new(format!("{path}: `{opening}` is not there")))?;
    let length =
        rest.split_inclusive('\n').take_while(|line| !line.starts_with(end)).map(str::len).sum::<usize>();
    let (found, behind) = rest.split_at(length);
    if found == expected {
        return Ok(());
    }
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        let written = fs::write(root().join(path), format!("{before}{opening}{expected}{behind}"));
        return written.map_err(|error| Error::new(format!("{path}: {error}")));
    }
    let lines = found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
    let (found, expected) = lines.unwrap_or(("rows that are too many or too few", ""));
    Err(Error::new(format!("{path} is not what the core says; BLESS=1 writes it\n{found}\n{expected}")))
}

#[test]
fn the_tables_are_those_of_the_core() {
    const HEADING: &str =
        "| row | where | what goes, what stays | how sure | class | by default | in VRL | seen in |\n";
    const ALLOWED: &str = concat!(
        "\"maxProperties\": 32,\n      \"additionalProperties\": false,\n",
        "      \"properties\": {\n"
    );
    const NAMED: &str = "\"description\": \"The id of a row: one of `redacted`.\",\n      \"enum\": [\n";
    let line = |cells: usize| format!("{}|\n", "|---".repeat(cells));
    let stamp = format!("| id | what was hidden | decided by |\n{}", line(3));
    compare("docs/leak-surface.md", &format!("{HEADING}{}", line(8)), "\n", &covered()).unwrap();
    compare("docs/stamp.md", &stamp, "\n", &ids()).unwrap();
    compare("docs/stamp.schema.json", ALLOWED, "      }", &properties()).unwrap();
    compare("docs/stamp.schema.json", NAMED, "      ]", &names()).unwrap();
}

#[test]
fn a_case_that_shows_a_row_is_there() {
    for position in POSITIONS {
        let cases = position.seen.split("(../").skip(1).filter_map(|rest| rest.split(')').next());
        for case in cases {
            assert!(root().join(case).is_dir(), "{}: {case} is no case", position.id);
        }
    }
}
