//! Every case in a printed program beside the core: a column of `cargo xtask conformance`.
//!
//! Prints a line for each case: `NAME equal`, `NAME unlike: WHY` for what the documentation says to be otherwise, `NAME none: WHY`
//! where there is no program or no line, and `NAME different: WHAT` for what nobody has explained; ends with 1 if there is one.

use auditveil_core::{Filter, Settings};
use auditveil_tests::{Error, load};
use auditveil_vrl_test::Program;
use auditveil_vrl_test::cases::{by_program, configuration, line};
use auditveil_vrl_test::judge::{Judged, judge};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("the cases cannot be run:\n{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool, Error> {
    for case in load()? {
        let why = match configuration(&case) {
            None => "its configuration is none",
            Some(config) if auditveil_vector::unsupported(&config).is_some() => {
                "its configuration asks for what no program does"
            }
            Some(_) if line(&case).is_none() => "it is no line of text",
            Some(_) => continue,
        };
        println!("{} none: {why}", case.name);
    }
    let mut explained = true;
    for (source, configurations) in by_program(load()?)? {
        let mut program = Program::compile(&source).map_err(Error::new)?;
        for (config, cases) in configurations.values() {
            let settings = Settings::from_config(config).map_err(|error| Error::new(error.to_string()))?;
            let mut filter = Filter::with_settings(settings);
            let left_out: Vec<String> =
                auditveil_vector::left_out(config).into_iter().map(|(id, _)| id).collect();
            for (case, line) in cases {
                let said = match judge(line, &mut filter, &mut program, &left_out) {
                    Ok((judged, _)) => told(&judged),
                    Err(why) => {
                        explained = false;
                        format!("different: {why}")
                    }
                };
                println!("{} {said}", case.name);
            }
        }
    }
    Ok(explained)
}

/// What became of a line, in a few words.
fn told(judged: &Judged) -> String {
    match judged {
        Judged::Same(more, unlike) => {
            let mut each: Vec<&str> = unlike.iter().map(|why| why.about()).collect();
            if !more.is_empty() {
                each.push("what it cannot read goes as a whole");
            }
            each.sort_unstable();
            each.dedup();
            if each.is_empty() { "equal".to_owned() } else { format!("unlike: {}", each.join("; ")) }
        }
        Judged::Dropped => "equal".to_owned(),
        Judged::Apart(why) => format!("unlike: {}", why.about()),
    }
}
