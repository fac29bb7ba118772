//! `cargo xtask conformance`: every case in every front end, as a table.
//!
//! A cell says whether the front end answers with the bytes of the native core: `=`, or `≠`. What it takes is what it is compared in:
//! records of any bytes, or lines. Columns that are made elsewhere are named by `AUDITVEIL_COLUMNS`, as `name=file;name=file`: a
//! line for each case, `NAME equal`, `NAME different: WHAT`, `NAME unlike: WHY` (`~`) for a difference that the documentation
//! explains, and `NAME none: WHY` (`·`) for a case that the front end cannot be asked.

use std::collections::BTreeMap;
use std::process::ExitCode;

use auditveil_host_test::Error;
use auditveil_host_test::front_ends::{self, FrontEnd, Setup};
use auditveil_tests::{Case, load};

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("the table cannot be made:\n{error}");
            ExitCode::FAILURE
        }
    }
}

/// What a front end makes of a case.
enum Cell {
    Equal,
    /// Otherwise, for a reason that is documented.
    Unlike(String),
    /// It cannot be asked.
    NoCase(String),
    Different(String),
}

impl Cell {
    const fn mark(&self) -> &'static str {
        match self {
            Cell::Equal => "=",
            Cell::Unlike(_) => "~",
            Cell::NoCase(_) => "·",
            Cell::Different(_) => "≠",
        }
    }
}

/// A column that was made elsewhere.
struct Column {
    name: String,
    /// What is said of each case.
    cells: BTreeMap<String, String>,
}

impl Column {
    /// All that the environment names.
    fn all() -> Result<Vec<Column>, Error> {
        let named = std::env::var("AUDITVEIL_COLUMNS").unwrap_or_default();
        named.split(';').filter(|column| !column.is_empty()).map(Column::read).collect()
    }

    fn read(named: &str) -> Result<Column, Error> {
        let (name, path) = named.split_once('=').unwrap_or((named, ""));
        let text =
            std::fs::read_to_string(path).map_err(|error| Error::new(format!("{name}, {path}: {error}")))?;
        let cells = text.lines().filter_map(|line| line.split_once(' '));
        let cells = cells.map(|(case, said)| (case.to_owned(), said.to_owned())).collect();
        Ok(Column { name: name.to_owned(), cells })
    }

    /// What is said of a case; one that is missing is a difference, too.
    fn cell(&self, case: &Case) -> Cell {
        let Some(said) = self.cells.get(&case.name) else {
            return Cell::Different("nothing is said of this case".to_owned());
        };
        match said.split_once(": ") {
            None if said == "equal" => Cell::Equal,
            Some(("unlike", why)) => Cell::Unlike(why.to_owned()),
            Some(("none", why)) => Cell::NoCase(why.to_owned()),
            _ => Cell::Different(said.clone()),
        }
    }
}

fn run() -> Result<bool, Error> {
    let cases = load().map_err(|error| Error::new(error.to_string()))?;
    let (front_ends, columns) = (front_ends::all()?, Column::all()?);
    let widest = cases.iter().map(|case| case.name.len()).max().unwrap_or_default();
    let names = front_ends.iter().map(|front_end| front_end.name());
    let names: Vec<&str> = names.chain(columns.iter().map(|column| column.name.as_str())).collect();
    println!("{:widest$}  native  {}", "case", names.join("  "));
    let mut differences = Vec::new();
    let mut reasons: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for case in &cases {
        let mut row = format!("{:widest$}  {:6}", case.name, "=");
        let here = front_ends.iter().map(|front_end| compare(front_end.as_ref(), case));
        let cells = here.chain(columns.iter().map(|column| Ok(column.cell(case))));
        for (name, cell) in names.iter().zip(cells) {
            let cell = cell?;
            row.push_str(&format!("  {:width$}", cell.mark(), width = name.len()));
            match cell {
                Cell::Equal => {}
                Cell::Unlike(why) | Cell::NoCase(why) => {
                    for why in why.split("; ") {
                        *reasons.entry((name, why.to_owned())).or_default() += 1;
                    }
                }
                Cell::Different(what) => differences.push((case.name.as_str(), *name, what)),
            }
        }
        println!("{}", row.trim_end());
    }
    if !reasons.is_empty() {
        println!("\n`~` and `·`, which docs/vector.md explains:");
    }
    for ((front_end, why), count) in &reasons {
        println!("{count:6}  {front_end}: {why}");
    }
    for (case, front_end, difference) in &differences {
        println!("\n{case}, {front_end}:\n{difference}");
    }
    println!("\n{} cases, {} front ends, {} differences", cases.len(), names.len(), differences.len());
    Ok(differences.is_empty())
}

/// What a front end says, beside the native core.
fn compare(front_end: &dyn FrontEnd, case: &Case) -> Result<Cell, Error> {
    let setup = Setup::of(case);
    let native = front_end.unit().native(&mut setup.native(), case.record());
    let answer = match front_end.start(&setup)?.answer(case.record()) {
        Ok(answer) if answer == native => return Ok(Cell::Equal),
        Ok(answer) => String::from_utf8_lossy(&answer).into_owned(),
        Err(error) => error.to_string(),
    };
    let native = String::from_utf8_lossy(&native);
    Ok(Cell::Different(format!("  here:   {answer}\n  native: {native}")))
}
