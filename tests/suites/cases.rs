//! One named test for every folder of `cases/`, against the native core.
//!
//! `BLESS=1 cargo test -p auditveil-tests --test cases [NAME]` rewrites the expected answers.

mod configured;

use auditveil_core::Filter;
use auditveil_tests::{Case, Error, load};
use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let bless = std::env::var_os("BLESS").is_some_and(|value| value == "1");
    let cases = match load() {
        Ok(cases) if !cases.is_empty() => cases,
        Ok(_) => return refuse(&Error::new("no case found")),
        Err(error) => return refuse(&error),
    };
    let mut trials = vec![Trial::test("one-filter-for-all-cases", {
        let cases = cases.clone();
        move || one_filter_for_all(&cases)
    })];
    trials.extend(cases.into_iter().map(|case| {
        Trial::test(case.name.clone(), move || {
            let (mut filter, mut answer) = (configured::filter(&case), Vec::new());
            let mut process = |record: &[u8]| run(&mut filter, &mut answer, record);
            if bless {
                if case.check_and_bless(&mut process)? {
                    println!("blessed {}", case.name);
                }
                return Ok(());
            }
            Ok(case.check(&mut process)?)
        })
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn run(filter: &mut Filter, answer: &mut Vec<u8>, record: &[u8]) -> Vec<u8> {
    filter.process(record, answer);
    answer.clone()
}

/// A filter that lives as long as the process must answer as a fresh one does, in any order. So with the
/// default, and with every configuration that a case has.
fn one_filter_for_all(cases: &[Case]) -> Result<(), Failed> {
    let mut configurations: Vec<&Case> = Vec::new();
    for case in cases {
        let same = |known: &&Case| known.configuration == case.configuration && known.key == case.key;
        if !configurations.iter().any(same) {
            configurations.push(case);
        }
    }
    for configuration in configurations {
        let settings = configured::settings(configuration);
        let (mut shared, mut answer) = (Filter::with_settings(settings.clone()), Vec::new());
        for case in cases.iter().chain(cases.iter().rev()) {
            let fresh = run(&mut Filter::with_settings(settings.clone()), &mut Vec::new(), case.record());
            if run(&mut shared, &mut answer, case.record()) != fresh {
                let with = &configuration.name;
                return Err(
                    format!("{}: a record before it changed its answer, with {with}", case.name).into()
                );
            }
        }
    }
    Ok(())
}

fn refuse(error: &Error) -> ExitCode {
    eprintln!("the cases cannot be used:\n{error}");
    ExitCode::FAILURE
}
