//! Who filters: this thread, or several once there is enough to do.

use crate::exit::Exit;
use crate::parallel::{Output, Pool};
use crate::records::{Count, Records};
use crate::selection::Selection;
use auditveil_core::Settings;
use std::io;
use std::num::NonZero;

/// How many threads there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Threads {
    /// As many as there will be.
    pub(crate) number: NonZero<usize>,
    /// Those beside this one wait for so many bytes of input.
    pub(crate) after: usize,
}

/// Whoever filters and writes. `failed` is told, once, that the output cannot be written, and says how the command is to end.
#[derive(Debug)]
pub(crate) struct Workers<F> {
    who: Who,
    settings: Settings,
    selection: Option<Selection>,
    threads: Threads,
    failed: F,
}

enum Who {
    /// What it does not need to keep of the output is written before more is read.
    Alone {
        records: Box<Records>,
        answers: Vec<u8>,
        output: Output,
    },
    Many(Pool),
    /// Only while one of them takes the other's place.
    Neither,
}

impl std::fmt::Debug for Who {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Who::Alone { .. } => "Alone",
            Who::Many(_) => "Many",
            Who::Neither => "Neither",
        })
    }
}

impl<F: Fn(&io::Error) -> Exit + Clone + Send + 'static> Workers<F> {
    /// Nothing is started yet.
    pub(crate) fn new(
        settings: Settings,
        selection: Option<Selection>,
        threads: Threads,
        output: Output,
        failed: F,
    ) -> Self {
        let records = Box::new(Records::new(settings.clone(), selection.clone()));
        let who = Who::Alone { records, answers: Vec::new(), output };
        Workers { who, settings, selection, threads, failed }
    }

    /// Filters whole lines. Their answers are written, or on their way, before more is read: reading may wait for long.
    ///
    /// # Errors
    ///
    /// The output cannot be written.
    pub(crate) fn lines(&mut self, block: &[u8]) -> io::Result<()> {
        if block.is_empty() {
            return Ok(());
        }
        if self.threads.number.get() > 1 && self.threads.after < block.len() {
            self.start_threads();
        }
        self.threads.after = self.threads.after.saturating_sub(block.len());
        match &mut self.who {
            Who::Alone { records, answers, output } => {
                answers.clear();
                records.filter(block, answers);
                output.write_all(answers).and_then(|()| output.flush())
            }
            Who::Many(pool) => pool.filter(block),
            Who::Neither => Ok(()),
        }
    }

    fn start_threads(&mut self) {
        self.who = match std::mem::replace(&mut self.who, Who::Neither) {
            Who::Alone { records, output, .. } => {
                let others = (1..self.threads.number.get())
                    .map(|_| Records::new(self.settings.clone(), self.selection.clone()));
                let records = std::iter::once(*records).chain(others).collect();
                let failed = self.failed.clone();
                Who::Many(Pool::start(records, output, move |error| {
                    // The thread that reads may wait for long, and nobody is left to read for.
                    std::process::exit(failed(&error) as i32)
                }))
            }
            started => started,
        };
    }

    /// Waits until the answers to all that was given are written.
    ///
    /// # Errors
    ///
    /// A thread ended early.
    pub(crate) fn settle(&self) -> io::Result<()> {
        match &self.who {
            Who::Many(pool) => pool.settle(),
            Who::Alone { .. } | Who::Neither => Ok(()),
        }
    }

    /// Waits for the last answer to be written.
    ///
    /// # Errors
    ///
    /// A thread ended early.
    pub(crate) fn end(self) -> io::Result<Count> {
        match self.who {
            Who::Alone { records, .. } => Ok(records.count()),
            Who::Many(pool) => pool.end(),
            Who::Neither => Ok(Count::default()),
        }
    }
}
