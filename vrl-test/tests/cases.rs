//! Every case: nothing comes out of a program that must not, and what comes out is what the core gives or less of it.

use auditveil_core::config::Config;
use auditveil_core::{Filter, Settings};
use auditveil_tests::{Case, Error, Expected, load, plain_dir};
use auditveil_vrl_test::cases::{by_program, line};
use auditveil_vrl_test::judge::{Apart, Judged, judge};
use auditveil_vrl_test::told::Unlike;
use auditveil_vrl_test::{Answer, Program};
use std::collections::BTreeMap;

/// What was found.
#[derive(Default)]
struct Found {
    findings: Vec<String>,
    apart: BTreeMap<Apart, usize>,
    unlike: BTreeMap<Unlike, usize>,
    compared: usize,
    hidden: usize,
    programs: usize,
}

/// Runs cases of one configuration through its program.
fn run(
    config: &Config,
    cases: &[(Case, Vec<u8>)],
    program: &mut Program,
    found: &mut Found,
) -> Result<(), Error> {
    let settings = Settings::from_config(config).map_err(|error| Error::new(error.to_string()))?;
    let mut filter = Filter::with_settings(settings);
    let left_out: Vec<String> = auditveil_vector::left_out(config).into_iter().map(|(id, _)| id).collect();
    for (case, line) in cases {
        let (judged, answer) = match judge(line, &mut filter, program, &left_out) {
            Ok(judged) => judged,
            Err(why) => {
                found.findings.push(format!("{}: {why}", case.name));
                continue;
            }
        };
        let text = match &answer {
            Answer::Event(event) => event.to_string(),
            Answer::Dropped | Answer::Failed(_) => String::new(),
        };
        // What has a quote in it tells of the form of an envelope, which stays here; and no policy drops one.
        let wrapped = matches!(judged, Judged::Apart(Apart::Wrapped));
        let dropped = case.expected == Some(Expected::Dropped);
        let form = |literal: &&String| wrapped && (dropped || literal.contains('"'));
        let mut secrets = case.absent.iter().filter(|literal| !form(literal));
        if let Some(literal) = secrets.find(|literal| text.contains(literal.as_str())) {
            found.findings.push(format!("{}: `{literal}` comes out", case.name));
        }
        match judged {
            Judged::Same(more, unlike) => {
                unlike.into_iter().for_each(|why| *found.unlike.entry(why).or_default() += 1);
                found.compared += 1;
                found.hidden += more.len();
                if std::env::var_os("SHOW").is_some() {
                    more.iter().for_each(|more| println!("{} {} {}", case.name, more.path, more.core));
                }
            }
            Judged::Dropped => found.compared += 1,
            Judged::Apart(why) => *found.apart.entry(why).or_default() += 1,
        }
    }
    Ok(())
}

/// Runs the cases of the programs that cases without a configuration of their own have, or of all others.
fn run_all(without_a_configuration: bool) -> Result<Found, Error> {
    let (mut found, plain) = (Found::default(), plain_dir());
    for (source, configurations) in by_program(load()?)? {
        let mut cases = configurations.values().flat_map(|(_, cases)| cases);
        if cases.any(|(case, _)| case.configuration_dir == plain) != without_a_configuration {
            continue;
        }
        let mut program = Program::compile(&source).map_err(Error::new)?;
        found.programs += 1;
        for (config, cases) in configurations.values() {
            run(config, cases, &mut program, &mut found)?;
        }
    }
    Ok(found)
}

/// Runs the cases that have no configuration of their own with the default, which adds facts and detections.
fn run_with_the_default() -> Result<Found, Error> {
    let (mut found, plain, config) = (Found::default(), plain_dir(), Config::default());
    let source = auditveil_vector::program(&config).map_err(|error| Error::new(error.to_string()))?;
    let mut program = Program::compile(&source).map_err(Error::new)?;
    found.programs += 1;
    let cases = load()?.into_iter().filter(|case| case.configuration_dir == plain);
    let cases: Vec<(Case, Vec<u8>)> = cases.filter_map(|case| line(&case).map(|line| (case, line))).collect();
    run(&config, &cases, &mut program, &mut found)?;
    Ok(found)
}

/// Says what was found; fewer records than `least` are no test of anything.
fn report(found: &Found, least: usize) -> Result<(), Error> {
    let Found { findings, apart, unlike, compared, hidden, programs } = found;
    println!(
        "{programs} programs, {compared} compared, {hidden} values hidden besides; apart: {apart:?}; told otherwise: {unlike:?}"
    );
    if !findings.is_empty() {
        return Err(Error::new(format!("{} findings:\n{}", findings.len(), findings.join("\n"))));
    }
    assert!(*compared >= least, "only {compared} were compared");
    Ok(())
}

#[test]
fn every_case_without_a_configuration() -> Result<(), Error> {
    report(&run_all(true)?, 450)
}

#[test]
fn every_case_with_the_default() -> Result<(), Error> {
    report(&run_with_the_default()?, 450)
}

#[test]
fn every_case_with_one() -> Result<(), Error> {
    report(&run_all(false)?, 100)
}
