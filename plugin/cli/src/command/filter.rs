//! `auditveil filter`: records from files or standard input, one a line, through the core.

use crate::command::{is_standard, name, reason, same_file, say, shown};
use crate::configuration;
use crate::exit::Exit;
use crate::lines::Lines;
use crate::parallel::{Output, Pool};
use crate::records::{Count, LONGEST_RECORD, Records};
use crate::selection::{Selection, summary};
use auditveil_core::Settings;
use clap::Args;
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal as _, Read, Write as _};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

/// From this much input on, threads are worth their start.
const WORTH_THREADS: usize = 8 * 1024 * 1024;

/// Strip secrets out of audit events, one JSON record a line
///
/// Every line in gives exactly one line out, in the same order: the event without its secrets, or, where
/// the line is no event that can be read, a stub that says why. A list of events (an EventList or an array)
/// gives a line for each of its events. Only an audit policy, or a condition given with `--where`, drops events. Lines without content are skipped. A byte order mark and
/// the CR of CRLF are taken off; the last line needs no newline.
#[derive(Debug, Args)]
#[command(after_help = crate::exit::help())]
pub(crate) struct Arguments {
    /// Files to read, one after another; `-` or none is standard input
    #[arg(value_name = "FILE")]
    inputs: Vec<PathBuf>,

    /// A configuration, or an audit policy as the API server reads it; told apart by what it holds
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Write here instead of standard output; what the file held before is lost
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Filter on so many threads; without, on as many as there are cores, once the input turns out to be long. What
    /// comes out, and in which order, is the same with any number
    #[arg(short, long, value_name = "N")]
    threads: Option<NonZero<usize>>,

    /// Write only the records for which this condition is true, such as `action == "exec" and outcome == "denied"`. It
    /// sees what comes out of the filter: what is hidden is unknown. The language is in docs/conditions.md
    #[arg(short = 'w', long = "where", value_name = "CONDITION")]
    condition: Option<String>,

    /// Write only the records in which a detection fires, and tell at the end how often each did; docs/detections.md has
    /// them. With `--where`, of those records for which the condition is true
    #[arg(long)]
    detect: bool,

    /// A list that the condition or a detection names as `@NAME`; may be given more than once
    #[arg(long = "list", value_name = "NAME=VALUE,VALUE")]
    lists: Vec<String>,
}

/// Filters every input. An input that cannot be read does not keep the others from being filtered.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let standard_input = [PathBuf::from("-")];
    let inputs = if arguments.inputs.is_empty() { &standard_input[..] } else { &arguments.inputs };
    if arguments.config.as_deref().is_some_and(is_standard) && inputs.iter().any(|input| is_standard(input)) {
        say("standard input is configuration and records at once; name a file for one of them");
        return Exit::Usage;
    }
    let settings = match arguments.config.as_deref().map(configuration::settings) {
        None => Settings::new(),
        Some(Ok(settings)) => settings,
        Some(Err(exit)) => return exit,
    };
    let selects = arguments.condition.is_some() || arguments.detect;
    if !selects && !arguments.lists.is_empty() {
        say("a list is for a condition: `--where` or `--detect` is missing");
        return Exit::Usage;
    }
    let selection = if selects {
        match Selection::new(arguments.condition.as_deref(), arguments.detect, &arguments.lists) {
            None => return Exit::Usage,
            selection => selection,
        }
    } else {
        None
    };
    let output: Output = match &arguments.output {
        Some(path) if !is_standard(path) => {
            if let Some(input) = inputs.iter().find(|input| same_file(input, path)) {
                say(format_args!(
                    "`{}` is input and output at once; write to another file, then rename it",
                    shown(input)
                ));
                return Exit::Usage;
            }
            match File::create(path) {
                Ok(file) => Box::new(file),
                Err(error) => {
                    say(format_args!("cannot write `{}`: {}", shown(path), reason(&error)));
                    return Exit::Failed;
                }
            }
        }
        _ => Box::new(io::stdout()),
    };

    let to = arguments.output.clone().unwrap_or_else(|| PathBuf::from("-"));
    let failed = move |error: &io::Error| {
        if error.kind() == ErrorKind::BrokenPipe {
            return Exit::Done;
        }
        say(format_args!("cannot write {}: {}", name(&to, "standard output"), reason(error)));
        Exit::Failed
    };
    let mut run = Run::new(settings, selection, arguments.threads, output, failed.clone());
    let mut exit = Exit::Done;
    for input in inputs {
        match run.input(input) {
            Ok(()) => {}
            Err(Stop::Input(message)) => {
                say(message);
                exit = Exit::Failed;
            }
            Err(Stop::Output(error)) => return failed(&error),
        }
    }
    match run.end() {
        Ok(count) if selects => tell_of_selection(&count),
        Ok(count) => tell_of_stubs(&count),
        Err(error) => return failed(&error),
    }
    exit
}

/// Why an input was not read to its end.
enum Stop {
    Input(String),
    Output(io::Error),
}

/// Who filters: this thread, or several.
enum Workers {
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

struct Run<F> {
    workers: Workers,
    settings: Settings,
    selection: Option<Selection>,
    threads: usize,
    /// Threads wait for this much.
    alone: usize,
    failed: F,
}

impl<F: Fn(&io::Error) -> Exit + Clone + Send + 'static> Run<F> {
    fn new(
        settings: Settings,
        selection: Option<Selection>,
        threads: Option<NonZero<usize>>,
        output: Output,
        failed: F,
    ) -> Self {
        let alone = if threads.is_some() { 0 } else { WORTH_THREADS };
        let threads = threads.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZero::get);
        let records = Box::new(Records::new(settings.clone(), selection.clone()));
        let workers = Workers::Alone { records, answers: Vec::new(), output };
        Run { workers, settings, selection, threads, alone, failed }
    }

    fn input(&mut self, path: &Path) -> Result<(), Stop> {
        let unreadable = |error: io::Error| {
            Stop::Input(format!("cannot read {}: {}", name(path, "standard input"), reason(&error)))
        };
        let input: Box<dyn Read> = if is_standard(path) {
            let input = io::stdin();
            if input.is_terminal() {
                say("reading records from the terminal, one a line; Ctrl-D ends");
            }
            Box::new(input.lock())
        } else {
            Box::new(File::open(path).map_err(unreadable)?)
        };
        let mut lines = Lines::new(input, LONGEST_RECORD);
        let mut first = true;
        loop {
            let more = lines.read();
            if let Some(packed) = lines.packed().filter(|_| std::mem::take(&mut first)) {
                return Err(Stop::Input(format!(
                    "{} is {}-compressed; unpack it first: `{} … | auditveil filter`",
                    name(path, "standard input"),
                    packed.format,
                    packed.unpacker
                )));
            }
            self.lines(lines.take())?;
            match more {
                Ok(true) => {}
                Ok(false) => return self.lines(lines.take_last()),
                Err(error) => {
                    // What has arrived of the line is a record too, if only a cut one.
                    self.lines(lines.take_last())?;
                    return Err(unreadable(error));
                }
            }
        }
    }

    /// Filters whole lines. Their answers are written, or on their way, before more is read: reading may wait for long.
    fn lines(&mut self, block: &[u8]) -> Result<(), Stop> {
        if block.is_empty() {
            return Ok(());
        }
        if self.threads > 1 && self.alone < block.len() {
            self.start_threads();
        }
        self.alone = self.alone.saturating_sub(block.len());
        match &mut self.workers {
            Workers::Alone { records, answers, output } => {
                answers.clear();
                records.filter(block, answers);
                output.write_all(answers).and_then(|()| output.flush()).map_err(Stop::Output)
            }
            Workers::Many(pool) => pool.filter(block).map_err(Stop::Output),
            Workers::Neither => Ok(()),
        }
    }

    fn start_threads(&mut self) {
        self.workers = match std::mem::replace(&mut self.workers, Workers::Neither) {
            Workers::Alone { records, output, .. } => {
                let others =
                    (1..self.threads).map(|_| Records::new(self.settings.clone(), self.selection.clone()));
                let records = std::iter::once(*records).chain(others).collect();
                let failed = self.failed.clone();
                Workers::Many(Pool::start(records, output, move |error| {
                    // The thread that reads may wait for long, and nobody is left to read for.
                    std::process::exit(failed(&error) as i32)
                }))
            }
            started => started,
        };
    }

    /// Waits for the last answer to be written.
    fn end(self) -> io::Result<Count> {
        match self.workers {
            Workers::Alone { records, .. } => Ok(records.count()),
            Workers::Many(pool) => pool.end(),
            Workers::Neither => Ok(Count::default()),
        }
    }
}

fn tell_of_stubs(Count { records, stubs, .. }: &Count) {
    if *stubs == 0 {
        return;
    }
    let hint = if stubs == records {
        "one event a line is expected (`jq -c .` puts it on one)"
    } else {
        "`auditveil.stub` in each says why"
    };
    say(format_args!("{stubs} of {records} records became stubs; {hint}"));
}

fn tell_of_selection(Count { records, stubs, selected, selected_stubs, detections }: &Count) {
    let left_out = stubs.saturating_sub(*selected_stubs);
    let unread = match left_out {
        0 => String::new(),
        _ => format!(
            "; {left_out} that could not be read are not among them (`exists auditveil.stub` selects them)"
        ),
    };
    say(format_args!("{selected} of {records} records selected{unread}"));
    if !detections.is_empty() {
        let _ = io::stderr().write_all(summary(detections).as_bytes());
    }
}
