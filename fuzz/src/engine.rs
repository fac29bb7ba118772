//! Tries a target on mutants of the seeds, until something is found or the time is over.
//!
//! An input of which the target tells something new joins the seeds: a poor man's coverage, but one that knows
//! what a filter is about.

use crate::mutate::Mutator;
use crate::random::Random;
use crate::seeds::Seeds;
use crate::shrink::shrink;
use crate::targets::{Finding, Target};
use auditveil_tests::Error;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// When to stop without a finding.
#[derive(Clone, Copy, Debug)]
pub enum Budget {
    /// After so many inputs: the same ones in every run.
    Runs(u64),
    /// After so long.
    Time(Duration),
}

/// What a run did.
#[derive(Debug)]
pub struct Report {
    /// How many inputs were tried.
    pub runs: u64,
    /// How long that took.
    pub time: Duration,
    /// How many of them told something that none before did.
    pub kept: usize,
    /// Inputs that failed, as small as they got, and what is wrong with each: one of a kind.
    pub findings: Vec<(Vec<u8>, Finding)>,
}

/// An input that takes longer than this is a finding: time has to be linear in a record's length.
const PATIENCE: Duration = Duration::from_secs(20);

/// More kinds of findings than this are looked for when these are mended.
const MOST: usize = 8;

/// Runs a target from a seed. `grave`: only [grave](Finding::is_grave) findings count.
pub fn run(target: &'static Target, seeds: &Seeds, budget: Budget, seed: u64, grave: bool) -> Report {
    let (start, mut random) = (Instant::now(), Random::new(seed));
    let mutator = Mutator::new(seeds);
    let watch = Watch::start(target.name);
    let (mut told, mut kept) = (BTreeSet::new(), Vec::<Vec<u8>>::new());
    let mut runs: u64 = 0;
    let is_over = |runs: u64| match budget {
        Budget::Runs(most) => runs >= most,
        Budget::Time(most) => start.elapsed() >= most,
    };
    let (mut findings, mut kinds) = (Vec::new(), BTreeSet::new());
    while !is_over(runs) && findings.len() < MOST {
        let pool = if random.one_in(2) && !kept.is_empty() { &kept } else { &seeds.records };
        let Some(record) = random.pick(pool) else { break };
        // The seeds themselves come first, each once.
        let plain = usize::try_from(runs).ok().and_then(|number| seeds.records.get(number));
        let input = plain.cloned().unwrap_or_else(|| mutator.mutate(record, &mut random));
        runs += 1;
        watch.tries(&input);
        match tried(target, &input) {
            Ok(new) if told.insert(new.clone()) => kept.push(input),
            Ok(_) => {}
            Err(found) if grave && !found.is_grave() => {}
            Err(found) if kinds.insert(kind_of(&found)) => findings.push(smallest(target, input, found)),
            Err(_) => {}
        }
    }
    Report { runs, time: start.elapsed(), kept: kept.len(), findings }
}

/// One input; a panic is a finding.
///
/// # Errors
///
/// What is wrong.
pub fn tried(target: &Target, input: &[u8]) -> Result<String, Finding> {
    catch_unwind(AssertUnwindSafe(|| target.check(input))).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().cloned();
        let message = message.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let error = Error::new(format!("panicked: {}", message.unwrap_or_default()));
        Err(Finding { error, record: input.to_vec(), absent: None })
    })
}

/// The smallest input with a finding of the same kind.
fn smallest(target: &Target, input: Vec<u8>, found: Finding) -> (Vec<u8>, Finding) {
    let kind = kind_of(&found);
    let mut fails = |input: &[u8]| tried(target, input).err().is_some_and(|found| kind_of(&found) == kind);
    // It may depend on what was tried before, and not fail again.
    if !fails(&input) {
        return (input, found);
    }
    let input = shrink(&input, &mut fails);
    let found = tried(target, &input).err().unwrap_or(found);
    (input, found)
}

/// The first words of what is wrong, up to the first figure or name.
fn kind_of(found: &Finding) -> String {
    let text = found.error.to_string();
    text.chars()
        .take_while(|letter| !letter.is_ascii_digit() && !matches!(letter, '\n' | '`' | '{'))
        .take(60)
        .collect()
}

/// Ends the process with the input if one takes too long.
struct Watch(Sender<Vec<u8>>);

impl Watch {
    fn start(target: &'static str) -> Watch {
        let (sender, receiver) = channel();
        std::thread::spawn(move || watch(target, &receiver));
        Watch(sender)
    }

    fn tries(&self, input: &[u8]) {
        // Nobody listens only when the process ends.
        drop(self.0.send(input.to_vec()));
    }
}

fn watch(target: &str, inputs: &Receiver<Vec<u8>>) {
    let mut last = Vec::new();
    loop {
        match inputs.recv_timeout(PATIENCE * 3) {
            Ok(input) => last = input,
            // Shrinking may take a while too, so patience is larger than what one input takes.
            Err(RecvTimeoutError::Timeout) => {
                eprintln!("{target}: an input takes longer than {PATIENCE:?}:\n{}", last.escape_ascii());
                std::process::exit(1);
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
