//! Every case: nothing comes out of a program that must not, and what comes out is what the core gives or less of it.

use auditveil_core::config::Config;
use auditveil_core::{Filter, Settings, Source};
use auditveil_tests::msgpack::{self, Value};
use auditveil_tests::{Case, Error, Expected, Input, load};
use auditveil_vrl_test::judge::{Apart, Judged, judge};
use auditveil_vrl_test::{Answer, Program};
use std::collections::BTreeMap;

/// The configuration of a case as the command reads it; none if it is refused there.
fn configuration(case: &Case) -> Option<Config> {
    let mut config = Config::default();
    for source in [Source::Configuration, Source::Policy] {
        let Some((_, text)) = case.configuration.iter().find(|(name, _)| *name == source.file_name()) else {
            continue;
        };
        let loaded = source.load(text).ok()?.config;
        match source {
            Source::Configuration => config = loaded,
            Source::Policy => config.policy = loaded.policy,
        }
    }
    Some(config)
}

/// The line that a `file` source would hand over; of a msgpack record the event in it.
fn line(case: &Case) -> Option<Vec<u8>> {
    match &case.input {
        Input::Text(text) => Some(text.clone()),
        Input::Bytes(bytes) => match msgpack::read(bytes) {
            Ok(Value::Map(members)) => members.into_iter().find_map(|(name, value)| match (name, value) {
                (Value::Str(name), Value::Str(text)) if name == b"log" => Some(text),
                _ => None,
            }),
            _ => None,
        },
    }
}

/// What was found.
#[derive(Default)]
struct Found {
    findings: Vec<String>,
    apart: BTreeMap<Apart, usize>,
    compared: usize,
    hidden: usize,
}

/// Runs cases of one configuration.
fn run(config: &Config, cases: &[(Case, Vec<u8>)], found: &mut Found) -> Result<(), Error> {
    let source = auditveil_vector::program(config).map_err(|error| Error::new(error.to_string()))?;
    let mut program = Program::compile(&source).map_err(Error::new)?;
    let settings = Settings::from_config(config).map_err(|error| Error::new(error.to_string()))?;
    let mut filter = Filter::with_settings(settings);
    for (case, line) in cases {
        let (judged, answer) = match judge(line, &mut filter, &mut program) {
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
            Judged::Same(more) => {
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

/// By the text of a configuration: what it is, and the cases that have it with what each gives.
type ByConfiguration = BTreeMap<String, (Config, Vec<(Case, Vec<u8>)>)>;

/// The cases that a program can be printed for, by their configuration.
fn by_configuration() -> Result<ByConfiguration, Error> {
    let mut all: ByConfiguration = BTreeMap::new();
    for case in load()? {
        if let (Some(config), Some(line)) = (configuration(&case), line(&case))
            && auditveil_vector::unsupported(&config).is_none()
        {
            let (_, cases) = all.entry(config.to_text()).or_insert_with(|| (config, Vec::new()));
            cases.push((case, line));
        }
    }
    Ok(all)
}

fn report(found: &Found, least: usize) -> Result<(), Error> {
    let Found { findings, apart, compared, hidden } = found;
    println!("{compared} compared, {hidden} values hidden besides; apart: {apart:?}");
    if findings.is_empty() {
        assert!(*compared >= least, "only {compared} were compared");
        return Ok(());
    }
    Err(Error::new(format!("{} findings:\n{}", findings.len(), findings.join("\n"))))
}

#[test]
fn every_case_without_a_configuration() -> Result<(), Error> {
    let mut found = Found::default();
    if let Some((config, cases)) = by_configuration()?.get(&Config::default().to_text()) {
        run(config, cases, &mut found)?;
    }
    report(&found, 400)
}

#[test]
fn every_case_with_one() -> Result<(), Error> {
    let mut found = Found::default();
    let default = Config::default().to_text();
    for (_, (config, cases)) in by_configuration()?.iter().filter(|(text, _)| **text != default) {
        run(config, cases, &mut found)?;
    }
    report(&found, 20)
}
