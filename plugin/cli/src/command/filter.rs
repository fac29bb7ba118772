//! `auditveil filter`: records from files or standard input, one a line, through the core.

use crate::command::{is_standard, name, reason, same_file, say, shown};
use crate::configuration;
use crate::exit::Exit;
use crate::lines::Lines;
use auditveil_core::{Filter, Outcome, Settings, list};
use clap::Args;
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, Read, Write};
use std::path::{Path, PathBuf};

/// The longest record the core reads. More of a line is not worth memory: the answer is a stub.
const LONGEST_RECORD: usize = 64 * 1024 * 1024;

/// Strip secrets out of audit events, one JSON record a line
///
/// Every line in gives exactly one line out, in the same order: the event without its secrets, or, where
/// the line is no event that can be read, a stub that says why. A list of events (an EventList or an array)
/// gives a line for each of its events. Only an audit policy drops events. Lines without content are skipped. A byte order mark and
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
    let output: Box<dyn Write> = match &arguments.output {
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
        _ => Box::new(io::stdout().lock()),
    };

    let mut run = Run::new(settings, output);
    let mut exit = Exit::Done;
    for input in inputs {
        match run.input(input) {
            Ok(()) => {}
            Err(Stop::Input(message)) => {
                say(message);
                exit = Exit::Failed;
            }
            Err(Stop::Output(error)) if error.kind() == ErrorKind::BrokenPipe => return Exit::Done,
            Err(Stop::Output(error)) => {
                let to = arguments.output.as_deref().unwrap_or(Path::new("-"));
                say(format_args!("cannot write {}: {}", name(to, "standard output"), reason(&error)));
                return Exit::Failed;
            }
        }
    }
    run.tell_of_stubs();
    exit
}

/// Why an input was not read to its end.
enum Stop {
    Input(String),
    Output(io::Error),
}

struct Run<'a> {
    filter: Filter,
    answer: Vec<u8>,
    output: BufWriter<Box<dyn Write + 'a>>,
    records: u64,
    stubs: u64,
}

impl<'a> Run<'a> {
    fn new(settings: Settings, output: Box<dyn Write + 'a>) -> Self {
        Run {
            filter: Filter::with_settings(settings),
            answer: Vec::new(),
            output: BufWriter::with_capacity(256 * 1024, output),
            records: 0,
            stubs: 0,
        }
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
            while let Some(line) = lines.take() {
                self.line(line).map_err(Stop::Output)?;
            }
            // Reading may wait for long: nothing that is answered waits with it.
            self.output.flush().map_err(Stop::Output)?;
            let more = lines.read();
            if let Some(packed) = lines.packed().filter(|_| std::mem::take(&mut first)) {
                return Err(Stop::Input(format!(
                    "{} is {}-compressed; unpack it first: `{} … | auditveil filter`",
                    name(path, "standard input"),
                    packed.format,
                    packed.unpacker
                )));
            }
            match more {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    // What has arrived of the line is a record too, if only a cut one.
                    self.line(lines.take_last()).map_err(Stop::Output)?;
                    self.output.flush().map_err(Stop::Output)?;
                    return Err(unreadable(error));
                }
            }
        }
        self.line(lines.take_last()).map_err(Stop::Output)?;
        self.output.flush().map_err(Stop::Output)
    }

    /// Filters a line: one record, or a list whose items are each.
    fn line(&mut self, line: &[u8]) -> io::Result<()> {
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        // Of a line beyond the limit the end is gone, and nobody knows how many items with it.
        match list::items(line).filter(|_| line.len() <= LONGEST_RECORD) {
            Some(mut items) => items.try_for_each(|item| self.record(item)),
            None => self.record(line),
        }
    }

    fn record(&mut self, line: &[u8]) -> io::Result<()> {
        self.records += 1;
        let outcome = if line.first().is_some_and(|first| *first >= 0x80) {
            // No JSON begins so, but a msgpack map does, and would be answered in msgpack.
            let text = [b" ", line].concat();
            self.filter.process(&text, &mut self.answer)
        } else {
            self.filter.process(line, &mut self.answer)
        };
        match outcome {
            Outcome::Dropped => return Ok(()),
            Outcome::Stubbed(_) => self.stubs += 1,
            Outcome::Emitted => {}
        }
        self.answer.push(b'\n');
        self.output.write_all(&self.answer)
    }

    fn tell_of_stubs(&self) {
        if self.stubs == 0 {
            return;
        }
        let hint = if self.stubs == self.records {
            "one event a line is expected (`jq -c .` puts it on one)"
        } else {
            "`auditveil.stub` in each says why"
        };
        say(format_args!("{} of {} records became stubs; {hint}", self.stubs, self.records));
    }
}
