//! The committed logs of real API servers, against the native core: nothing planted comes out,
//! nothing else is touched.

mod altered;
mod envelopes;
mod lists;
mod oracle;
mod ordinary;
mod positions;

use altered::{is_untouchable, unexpected_changes};
use auditveil_core::Filter;
use auditveil_tests::corpus::{self, Canary, Coverage, Server, lines};
use auditveil_tests::{Error, msgpack, same_event, well_formed};
use memchr::memmem;
use std::collections::BTreeSet;

/// At most this many findings are told: a broken filter breaks every line.
const TOLD: usize = 20;

fn answers(log: &[u8]) -> Vec<Vec<u8>> {
    let mut filter = Filter::new();
    lines(log)
        .map(|line| {
            let mut answer = Vec::new();
            filter.process(line, &mut answer);
            answer
        })
        .collect()
}

fn logs() -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut logs = vec![("v1.20/traffic".to_owned(), corpus::traffic()?)];
    for server in Server::ALL {
        logs.push((format!("{}/audit", server.name()), corpus::audit(server)?));
    }
    Ok(logs)
}

/// Runs `check` over every line of every log with its answer, and fails with what it found.
fn every_line(mut check: impl FnMut(&[u8], &[u8], &mut Filter) -> Result<(), Error>) -> Result<(), Error> {
    let mut findings = Vec::new();
    let mut filter = Filter::new();
    for (name, log) in logs()? {
        for (number, (line, answer)) in lines(&log).zip(answers(&log)).enumerate() {
            if let Err(error) = check(line, &answer, &mut filter) {
                findings.push(error.at(format!("{name} line {}", number + 1)).to_string());
            }
        }
    }
    report(&findings)
}

fn report(findings: &[String]) -> Result<(), Error> {
    if findings.is_empty() {
        return Ok(());
    }
    let told: Vec<&str> = findings.iter().take(TOLD).map(String::as_str).collect();
    Err(Error::new(format!("{} findings, the first of them:\n{}", findings.len(), told.join("\n"))))
}

/// The canaries that have to be gone: `must_redact`, and each of their positions covered.
fn covered(server: Server) -> Result<Vec<Canary>, Error> {
    let coverage = Coverage::load()?;
    let mut covered = Vec::new();
    for canary in corpus::canaries(server)?.into_iter().filter(|canary| canary.must_redact) {
        let paths: Result<Vec<bool>, Error> =
            canary.found_paths.iter().map(|path| coverage.covers(path)).collect();
        let paths = paths.map_err(|error| error.at(&canary.id))?;
        if !paths.is_empty() && !paths.contains(&false) {
            covered.push(canary);
        }
    }
    Ok(covered)
}

fn contains(text: &[u8], canary: &Canary) -> bool {
    canary.needles.iter().any(|needle| memmem::find(text, needle.as_bytes()).is_some())
}

/// `least`: how many covered canaries the log holds at least; fewer, and the test has lost its subject.
fn no_needle_in(server: Server, least: usize) -> Result<(), Error> {
    let log = corpus::audit(server)?;
    let canaries = covered(server)?;
    let planted = canaries.iter().filter(|canary| contains(&log, canary)).count();
    assert!(planted >= least, "only {planted} covered canaries are in the log");

    let output = answers(&log).join(&b'\n');
    let mut findings = Vec::new();
    for canary in canaries.iter().filter(|canary| contains(&output, canary)) {
        let at = lines(&output).position(|line| contains(line, canary)).map_or(0, |at| at + 1);
        findings.push(format!("{} line {at}: {} ({})", server.name(), canary.id, canary.planted));
    }
    report(&findings)
}

#[test]
fn no_covered_canary_of_v1_20() -> Result<(), Error> {
    no_needle_in(Server::V1_20, 179)
}

#[test]
fn no_covered_canary_of_v1_36() -> Result<(), Error> {
    no_needle_in(Server::V1_36, 198)
}

/// What an operator may want to see: gone all the same, but for what `corpus/comes_out.txt` lists.
#[test]
fn what_comes_out_is_listed() -> Result<(), Error> {
    let listed = corpus::comes_out()?;
    let mut seen = BTreeSet::new();
    let mut gone = 0;
    for server in Server::ALL {
        let log = corpus::audit(server)?;
        let output = answers(&log).join(&b'\n');
        for canary in corpus::canaries(server)? {
            if canary.must_redact || !contains(&log, &canary) {
                continue;
            }
            if contains(&output, &canary) {
                seen.insert(canary.planted);
            } else {
                gone += 1;
            }
        }
    }
    assert_eq!(seen, listed, "left: what comes out; right: corpus/comes_out.txt");
    assert!(gone > 180, "only {gone} are gone");
    Ok(())
}

#[test]
fn no_covered_canary_in_event_lists() -> Result<(), Error> {
    let mut findings = Vec::new();
    for server in Server::ALL {
        let canaries = covered(server)?;
        for (name, list) in corpus::event_lists(server)? {
            let answer = answers(&list).join(&b'\n');
            well_formed(&answer).map_err(|error| error.at(&name))?;
            for canary in canaries.iter().filter(|canary| contains(&answer, canary)) {
                findings.push(format!("{}/{name}: {} ({})", server.name(), canary.id, canary.planted));
            }
        }
    }
    report(&findings)
}

#[test]
fn answers_are_well_formed() -> Result<(), Error> {
    every_line(|_, answer, _| well_formed(answer).map(drop))
}

#[test]
fn no_answer_depends_on_the_records_before() -> Result<(), Error> {
    every_line(|line, answer, _| {
        let mut alone = Vec::new();
        Filter::new().process(line, &mut alone);
        if alone == answer {
            Ok(())
        } else {
            Err(Error::new("a filter that has read nothing else answers otherwise"))
        }
    })
}

#[test]
fn second_pass_changes_nothing() -> Result<(), Error> {
    every_line(|_, answer, filter| {
        let mut again = Vec::new();
        filter.process(answer, &mut again);
        if again == answer { Ok(()) } else { Err(Error::new("a second pass changed it")) }
    })
}

#[test]
fn same_event_in_msgpack() -> Result<(), Error> {
    every_line(|line, answer, filter| {
        let mut packed = Vec::new();
        filter.process(&msgpack::log_record(line), &mut packed);
        let packed = msgpack::read_answer(&packed)?.ok_or_else(|| Error::new("dropped in msgpack"))?;
        same_event(well_formed(answer)?, &packed)
    })
}

#[test]
fn nothing_else_is_altered() -> Result<(), Error> {
    let mut untouched = 0;
    every_line(|line, answer, _| {
        let answer = well_formed(answer)?;
        let line = std::str::from_utf8(line).map_err(|_| Error::new("a line of the corpus is not UTF-8"))?;
        if !is_untouchable(line)? {
            return unexpected_changes(line, answer);
        }
        untouched += 1;
        let head = line.strip_suffix('}').unwrap_or(line);
        match answer.strip_prefix(head) {
            Some(rest) if rest.starts_with(",\"auditveil\":{") => Ok(()),
            _ => Err(Error::new("altered, although there is nothing to redact in it")),
        }
    })?;
    assert!(untouched > 3400, "only {untouched} records had nothing to redact");
    Ok(())
}
