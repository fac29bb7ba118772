//! `cargo xtask demo`, the part that needs wasmtime: the built module over the committed logs.
//!
//! Prints what becomes of three telling events, then what became of all of them. Fails if a record
//! is lost or a planted credential gets through.

mod show;

use aho_corasick::AhoCorasick;
use auditveil_host_test::fluent_bit::{EventFormat, Frees, Guest};
use auditveil_tests::corpus::{self, Coverage, Server};
use auditveil_tests::msgpack;
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    match demo() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn demo() -> Result<(), Box<dyn Error>> {
    let module = std::env::args_os().nth(1).map(PathBuf::from).ok_or("name the module to run")?;
    let size = std::fs::metadata(&module)?.len();
    let mut guest = Guest::from_file(&module)?.start(Frees::Always)?;
    let log = log()?;
    let lines: Vec<&[u8]> = corpus::lines(&log).collect();
    println!(
        "{} events of real API servers (Kubernetes 1.20 and 1.36) through the module in wasmtime\n",
        HumanCount(lines.len() as u64)
    );

    let progress = ProgressBar::new(lines.len() as u64);
    progress.set_style(ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} events, {elapsed}")?);
    let mut answers = Vec::with_capacity(lines.len());
    let mut spent = Duration::ZERO;
    for line in &lines {
        let record = msgpack::log_record(line);
        let start = Instant::now();
        let answer = guest.filter(EventFormat::Msgpack, &record)?;
        spent = spent.saturating_add(start.elapsed());
        answers.push(answer);
        progress.inc(1);
    }
    progress.finish_and_clear();

    let events: Vec<Option<msgpack::Answer>> =
        answers.iter().map(|answer| msgpack::read_answer(answer)).collect::<Result<_, _>>()?;
    show::telling(&lines, &events);

    let dropped = events.iter().filter(|event| event.is_none()).count();
    let stubs = events.iter().flatten().filter(|event| event.text.contains("\"stub\":{")).count();
    let bytes_out: usize = answers.iter().map(Vec::len).sum();
    let needles = needles()?;
    let leaking =
        |texts: &mut dyn Iterator<Item = &[u8]>| texts.filter(|text| needles.is_match(*text)).count();
    let before = leaking(&mut lines.iter().copied());
    let after = leaking(&mut answers.iter().map(Vec::as_slice));

    let per_second = |amount: usize| (amount as f64 / spent.as_secs_f64()) as u64;
    println!(
        "records   {} in, {} out, {dropped} dropped, {stubs} of them stubs",
        HumanCount(lines.len() as u64),
        HumanCount(lines.len().saturating_sub(dropped) as u64),
    );
    println!("bytes     {} in, {} out", HumanBytes(log.len() as u64), HumanBytes(bytes_out as u64));
    println!("planted   credentials stand in {before} events before, in {after} after");
    println!(
        "speed     {} records/s, {}/s in {:.2} s of wasmtime on this machine",
        HumanCount(per_second(lines.len())),
        HumanBytes(per_second(log.len())),
        spent.as_secs_f64(),
    );
    println!("module    {}, {} of linear memory", HumanBytes(size), HumanBytes(guest.memory_bytes() as u64));
    if after > 0 {
        return Err(format!("a planted credential got through in {after} events").into());
    }
    Ok(())
}

fn log() -> Result<Vec<u8>, Box<dyn Error>> {
    let mut log = Vec::new();
    for server in Server::ALL {
        log.extend(corpus::audit(server)?);
    }
    log.extend(corpus::traffic()?);
    Ok(log)
}

/// Literals that betray a credential planted at covered positions only.
fn needles() -> Result<AhoCorasick, Box<dyn Error>> {
    let coverage = Coverage::load()?;
    let mut needles = Vec::new();
    for server in Server::ALL {
        for canary in corpus::canaries(server)? {
            let covered = |path: &String| coverage.covers(path).unwrap_or(false);
            if canary.must_redact && canary.found_paths.iter().all(covered) {
                needles.extend(canary.needles);
            }
        }
    }
    Ok(AhoCorasick::new(needles)?)
}
