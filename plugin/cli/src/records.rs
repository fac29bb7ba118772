//! Lines in, answers out: what the command does to each record, on whatever thread.

use crate::lines::split;
use crate::selection::Selection;
use auditveil_core::{Filter, Formatter, Outcome, Settings, list};
use std::collections::BTreeMap;

/// The longest record the core reads. More of a line is not worth memory: the answer is a stub.
pub(crate) const LONGEST_RECORD: usize = 64 * 1024 * 1024;

/// How many records there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) records: u64,
    /// Those of them that became stubs.
    pub(crate) stubs: u64,
    /// Those whose answers were written.
    pub(crate) selected: u64,
    /// Stubs whose answers were written.
    pub(crate) selected_stubs: u64,
    /// How often each detection fired in those that were written, if that is asked for.
    pub(crate) detections: BTreeMap<String, u64>,
}

impl Count {
    /// Both together.
    pub(crate) fn and(mut self, other: Count) -> Count {
        for (id, times) in other.detections {
            *self.detections.entry(id).or_default() += times;
        }
        Count {
            records: self.records + other.records,
            stubs: self.stubs + other.stubs,
            selected: self.selected + other.selected,
            selected_stubs: self.selected_stubs + other.selected_stubs,
            detections: self.detections,
        }
    }
}

/// A filter over lines.
#[derive(Debug)]
pub(crate) struct Records {
    filter: Filter,
    /// What answers have to be to be written, if not all are.
    selection: Option<Selection>,
    /// What writes an answer as it is asked for, once it was selected.
    formatter: Option<Formatter>,
    answer: Vec<u8>,
    formatted: Vec<u8>,
    count: Count,
}

impl Records {
    /// With a configuration, and with a condition if not all answers are wanted.
    pub(crate) fn new(mut settings: Settings, selection: Option<Selection>) -> Self {
        let formatter = settings.take_formatter();
        let filter = Filter::with_settings(settings);
        let (answer, formatted) = (Vec::new(), Vec::new());
        Records { filter, selection, formatter, answer, formatted, count: Count::default() }
    }

    /// The records so far.
    pub(crate) fn count(&self) -> Count {
        self.count.clone()
    }

    /// Appends the answers to whole lines, one a line.
    pub(crate) fn filter(&mut self, lines: &[u8], answers: &mut Vec<u8>) {
        for line in split(lines).filter(|line| !line.trim_ascii().is_empty()) {
            // Of a line beyond the limit the end is gone, and nobody knows how many items with it.
            match list::items(line).filter(|_| line.len() <= LONGEST_RECORD) {
                Some(items) => items.for_each(|item| self.record(item, answers)),
                None => self.record(line, answers),
            }
        }
    }

    fn record(&mut self, line: &[u8], answers: &mut Vec<u8>) {
        self.count.records += 1;
        let outcome = if line.first().is_some_and(|first| *first >= 0x80) {
            // No JSON begins so, but a msgpack map does, and would be answered in msgpack.
            let text = [b" ", line].concat();
            self.filter.process(&text, &mut self.answer)
        } else {
            self.filter.process(line, &mut self.answer)
        };
        let stub = u64::from(matches!(outcome, Outcome::Stubbed(_)));
        self.count.stubs += stub;
        let taken = self.selection.as_mut().is_none_or(|selection| selection.takes(&self.answer));
        if outcome == Outcome::Dropped || !taken {
            return;
        }
        if let Some(selection) = &mut self.selection {
            for id in selection.detected() {
                *self.count.detections.entry(id.to_owned()).or_default() += 1;
            }
        }
        self.count.selected += 1;
        self.count.selected_stubs += stub;
        let formatted = self
            .formatter
            .as_mut()
            .is_some_and(|formatter| formatter.write(&self.answer, &mut self.formatted));
        answers.extend_from_slice(if formatted { &self.formatted } else { &self.answer });
        answers.push(b'\n');
    }
}
