//! `cargo xtask conformance`: every case in every front end, as a table.
//!
//! A cell says whether the front end answers with the bytes of the native core. What it takes is what it is compared in:
//! records of any bytes, or lines.

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

fn run() -> Result<bool, Error> {
    let cases = load().map_err(|error| Error::new(error.to_string()))?;
    let front_ends = front_ends::all()?;
    let widest = cases.iter().map(|case| case.name.len()).max().unwrap_or_default();
    let names: Vec<&str> = front_ends.iter().map(|front_end| front_end.name()).collect();
    println!("{:widest$}  native  {}", "case", names.join("  "));
    let mut differences = Vec::new();
    for case in &cases {
        let mut row = format!("{:widest$}  {:6}", case.name, "=");
        for front_end in &front_ends {
            let difference = difference(front_end.as_ref(), case)?;
            let mark = if difference.is_none() { "=" } else { "≠" };
            row.push_str(&format!("  {mark:width$}", width = front_end.name().len()));
            differences
                .extend(difference.map(|difference| (case.name.as_str(), front_end.name(), difference)));
        }
        println!("{}", row.trim_end());
    }
    for (case, front_end, difference) in &differences {
        println!("\n{case}, {front_end}:\n{difference}");
    }
    println!("\n{} cases, {} front ends, {} differences", cases.len(), front_ends.len(), differences.len());
    Ok(differences.is_empty())
}

/// What a front end says otherwise than the native core, if anything.
fn difference(front_end: &dyn FrontEnd, case: &Case) -> Result<Option<String>, Error> {
    let setup = Setup::of(case);
    let native = front_end.unit().native(&mut setup.native(), case.record());
    let answer = match front_end.start(&setup)?.answer(case.record()) {
        Ok(answer) if answer == native => return Ok(None),
        Ok(answer) => String::from_utf8_lossy(&answer).into_owned(),
        Err(error) => error.to_string(),
    };
    Ok(Some(format!("  here:   {answer}\n  native: {}", String::from_utf8_lossy(&native))))
}
