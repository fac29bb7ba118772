//! Cases as a program gets them: a configuration that is printed, and a line.

use auditveil_core::Source;
use auditveil_core::config::Config;
use auditveil_tests::msgpack::{self, Value};
use auditveil_tests::{Case, Error, Input};
use std::collections::BTreeMap;

/// The configuration of a case as the command reads it; none if it is refused there.
pub fn configuration(case: &Case) -> Option<Config> {
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
pub fn line(case: &Case) -> Option<Vec<u8>> {
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

/// By the text of a configuration: what it is, and the cases that have it with what each gives.
pub type ByConfiguration = BTreeMap<String, (Config, Vec<(Case, Vec<u8>)>)>;

/// The cases that a program can be printed for, by the program without its head, which tells the configuration: to
/// compile one takes seconds, and what is added to events makes no other.
///
/// # Errors
///
/// One cannot be printed.
pub fn by_program(cases: Vec<Case>) -> Result<BTreeMap<String, ByConfiguration>, Error> {
    let mut all: BTreeMap<String, ByConfiguration> = BTreeMap::new();
    let mut programs: BTreeMap<String, String> = BTreeMap::new();
    for case in cases {
        let (Some(config), Some(line)) = (configuration(&case), line(&case)) else { continue };
        if auditveil_vector::unsupported(&config).is_some() {
            continue;
        }
        let text = config.to_text();
        let program = match programs.get(&text) {
            Some(program) => program.clone(),
            None => {
                let printed = auditveil_vector::program(&config);
                let printed = printed.map_err(|error| Error::new(error.to_string()))?;
                let (_, program) = printed.split_once("\n\n").unwrap_or_default();
                programs.entry(text.clone()).or_insert(program.to_owned()).clone()
            }
        };
        let (_, cases) = all.entry(program).or_default().entry(text).or_insert_with(|| (config, Vec::new()));
        cases.push((case, line));
    }
    Ok(all)
}
