//! The logs of real API servers: nothing planted comes out of a program, and nothing else is lost than is said.

use auditveil_core::config::Config;
use auditveil_core::{Filter, Settings};
use auditveil_tests::Error;
use auditveil_tests::corpus::{self, Server, lines};
use auditveil_vrl_test::judge::{Judged, judge};
use auditveil_vrl_test::told::Unlike;
use auditveil_vrl_test::{Answer, Program};
use std::collections::BTreeMap;

fn check(name: &str, log: &[u8], needles: &[String]) -> Result<(), Error> {
    let config = Config::default();
    let source = auditveil_vector::program(&config).map_err(|error| Error::new(error.to_string()))?;
    let mut program = Program::compile(&source).map_err(Error::new)?;
    let settings = Settings::from_config(&config).map_err(|error| Error::new(error.to_string()))?;
    let mut filter = Filter::with_settings(settings);
    let left_out: Vec<String> = auditveil_vector::left_out(&config).into_iter().map(|(id, _)| id).collect();
    let (mut findings, mut compared) = (Vec::new(), 0_usize);
    let mut hidden: BTreeMap<String, usize> = BTreeMap::new();
    let mut told: BTreeMap<Unlike, usize> = BTreeMap::new();
    for (number, line) in lines(log).enumerate() {
        match judge(line, &mut filter, &mut program, &left_out) {
            Err(why) => findings.push(format!("{name} line {}: {why}", number + 1)),
            Ok((judged, answer)) => {
                compared += 1;
                if let Answer::Event(event) = &answer {
                    let text = event.to_string();
                    if let Some(needle) = needles.iter().find(|needle| text.contains(needle.as_str())) {
                        findings.push(format!("{name} line {}: {needle}", number + 1));
                    }
                }
                if let Judged::Same(more, unlike) = judged {
                    unlike.into_iter().for_each(|why| *told.entry(why).or_default() += 1);
                    for more in more {
                        let last = more
                            .path
                            .rsplit('/')
                            .find(|part| part.parse::<usize>().is_err())
                            .unwrap_or_default();
                        *hidden.entry(last.to_owned()).or_default() += 1;
                        if std::env::var_os("SHOW").is_some() {
                            println!("MORE {} {} {}", number + 1, more.path, more.core);
                        }
                    }
                }
            }
        }
    }
    println!("{name}: {compared} lines, hidden besides: {hidden:?}; told otherwise: {told:?}");
    if findings.is_empty() {
        return Ok(());
    }
    let told: Vec<&str> = findings.iter().take(40).map(String::as_str).collect();
    Err(Error::new(format!("{} findings, the first of them:\n{}", findings.len(), told.join("\n"))))
}

/// Literals of everything that was planted to be redacted, and that the core hides.
fn needles(server: Server, log: &[u8]) -> Result<Vec<String>, Error> {
    let mut filter = Filter::new();
    let mut all = Vec::new();
    for line in lines(log) {
        let mut answer = Vec::new();
        filter.process(line, &mut answer);
        all.extend_from_slice(&answer);
        all.push(b'\n');
    }
    let text = String::from_utf8_lossy(&all);
    let canaries = corpus::canaries(server)?.into_iter().filter(|canary| canary.must_redact);
    Ok(canaries.flat_map(|canary| canary.needles).filter(|needle| !text.contains(needle.as_str())).collect())
}

#[test]
fn v1_20() -> Result<(), Error> {
    let log = corpus::audit(Server::V1_20)?;
    check("v1.20", &log, &needles(Server::V1_20, &log)?)
}

#[test]
fn v1_36() -> Result<(), Error> {
    let log = corpus::audit(Server::V1_36)?;
    check("v1.36", &log, &needles(Server::V1_36, &log)?)
}
