//! What was found in what a host wrote: needles, and anything that is not as it should be.

use super::records::PLANTED;
use crate::failure::{Failure, Result};
use aho_corasick::AhoCorasick;

/// How many findings of one run are worth reading.
const SHOWN: usize = 8;

/// Literals that betray a planted credential.
#[derive(Debug)]
pub(crate) struct Needles {
    automaton: AhoCorasick,
    names: Vec<String>,
}

impl Needles {
    /// Looks for all of them, and for what the hostile lines hold.
    pub(crate) fn new(mut names: Vec<String>) -> Result<Self> {
        names.push(PLANTED.to_owned());
        let automaton = AhoCorasick::new(&names).map_err(|error| {
            Failure::new(format!("the needles: {error}"), "restore tests/corpus from git")
        })?;
        Ok(Self { automaton, names })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Lines in which one stands: number of the line, and the needle.
    pub(crate) fn in_lines<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = (usize, &'a str)> {
        lines(text).enumerate().filter_map(|(at, line)| {
            let found = self.automaton.find(line)?;
            Some((at, self.names.get(found.pattern().as_usize())?.as_str()))
        })
    }
}

/// Lines, the end of the last one being no line of its own.
pub(crate) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let body = text.strip_suffix(b"\n").unwrap_or(text);
    body.split(|byte| *byte == b'\n').filter(move |_| !text.is_empty())
}

/// Whether a line has the stamp.
pub(crate) fn is_stamped(line: &[u8]) -> bool {
    const STAMP: &[u8] = br#""auditveil":{"version":"1""#;
    line.windows(STAMP.len()).any(|window| window == STAMP)
}

/// What is wrong with one run.
#[derive(Debug)]
pub(crate) struct Findings<'a> {
    name: &'a str,
    shown: Vec<String>,
    number: usize,
}

impl<'a> Findings<'a> {
    /// Of the run with this name.
    pub(crate) fn new(name: &'a str) -> Self {
        Self { name, shown: Vec::new(), number: 0 }
    }

    /// One more.
    pub(crate) fn add(&mut self, finding: String) {
        self.number = self.number.saturating_add(1);
        if self.shown.len() < SHOWN {
            self.shown.push(finding);
        }
    }

    /// There have to be so many.
    pub(crate) fn number(&mut self, what: &str, found: usize, expected: usize) {
        if found != expected {
            self.add(format!("{found} {what} came out, {expected} should have"));
        }
    }

    /// There may be so many.
    pub(crate) fn number_at_most(&mut self, what: &str, found: usize, most: usize) {
        if found > most {
            self.add(format!("{found} {what}, {most} at most should be"));
        }
    }

    /// No needle may stand in what came out.
    pub(crate) fn leaks(&mut self, events: &[u8], needles: &Needles) {
        for (at, needle) in needles.in_lines(events) {
            self.add(format!("event {}: `{needle}` got through", at.saturating_add(1)));
        }
    }

    /// Fails if there is any.
    ///
    /// # Errors
    ///
    /// The first findings.
    pub(crate) fn end(self) -> Result<()> {
        if self.number == 0 {
            return Ok(());
        }
        Err(Failure::new(
            format!("{}: {} findings\n  {}", self.name, self.number, self.shown.join("\n  ")),
            "the run's files are below target/auditveil; try the line alone with `auditveil filter`",
        ))
    }
}
