//! `auditveil filter`: records from files or standard input, one a line, through the core.

use crate::command::{is_standard, name, reason, same_file, say, shown};
use crate::configuration;
use crate::exit::Exit;
#[cfg(unix)]
use crate::follow;
use crate::lines::Lines;
use crate::parallel::Output;
use crate::records::{Count, LONGEST_RECORD};
use crate::selection::{Selection, lists, summary};
use crate::workers::{Threads, Workers};
use auditveil_core::config::Config;
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

    /// Go on with what is written to the files, however they are rotated, until SIGTERM or Ctrl-C. A file that is not
    /// there yet is waited for. Filters on one thread, if not told otherwise, and appends to `--output`
    #[arg(short = 'F', long)]
    follow: bool,

    /// With `--follow`: keep in this file up to where the files were answered, and go on from there when started again
    #[arg(long, value_name = "FILE", requires = "follow")]
    checkpoint: Option<PathBuf>,

    /// With `--follow`: leave out what a file holds that is there at the start and not in the checkpoint
    #[arg(long, requires = "follow")]
    from_end: bool,
}

/// Filters every input.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let standard_input = [PathBuf::from("-")];
    let inputs = if arguments.inputs.is_empty() { &standard_input[..] } else { &arguments.inputs };
    if arguments.config.as_deref().is_some_and(is_standard) && inputs.iter().any(|input| is_standard(input)) {
        say("standard input is configuration and records at once; name a file for one of them");
        return Exit::Usage;
    }
    let Some(lists) = lists(&arguments.lists) else { return Exit::Usage };
    let (settings, config) = match configuration::settings(arguments.config.as_deref(), lists) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    let selects = arguments.condition.is_some() || arguments.detect;
    if !selects && !arguments.lists.is_empty() {
        say("a list is for a condition: `--where` or `--detect` is missing");
        return Exit::Usage;
    }
    let selection = if selects {
        match Selection::new(arguments.condition.as_deref(), arguments.detect, &config) {
            None => return Exit::Usage,
            selection => selection,
        }
    } else {
        None
    };
    let to = arguments.output.as_deref().filter(|path| !is_standard(path));
    if let Some(refused) = refuse(arguments, inputs, to) {
        return refused;
    }
    let file = match to.map(|path| open(path, arguments.follow).map_err(|error| (path, error))).transpose() {
        Ok(file) => file,
        Err((path, error)) => {
            say(format_args!("cannot write `{}`: {}", shown(path), reason(&error)));
            return Exit::Failed;
        }
    };
    let kept = file.as_ref().and_then(|file| file.try_clone().ok());
    let output: Output = match file {
        Some(file) => Box::new(file),
        None => Box::new(io::stdout()),
    };

    let to = arguments.output.clone().unwrap_or_else(|| PathBuf::from("-"));
    let failed = move |error: &io::Error| {
        if error.kind() == ErrorKind::BrokenPipe {
            return Exit::Done;
        }
        say(format_args!("cannot write {}: {}", name(&to, "standard output"), reason(error)));
        Exit::Failed
    };
    let mut workers = Workers::new(settings, selection, threads(arguments), output, failed.clone());
    let done = if arguments.follow {
        follow_all(arguments, inputs, kept.as_ref(), &mut workers)
    } else {
        read_all(inputs, &mut workers)
    };
    let exit = match done {
        Ok(exit) => exit,
        Err(error) => return failed(&error),
    };
    match workers.end() {
        Ok(count) if selects => tell_of_selection(&count, &config),
        Ok(count) => tell_of_stubs(&count),
        Err(error) => return failed(&error),
    }
    exit
}

/// Tells which files cannot be what they are named for.
fn refuse(arguments: &Arguments, inputs: &[PathBuf], to: Option<&Path>) -> Option<Exit> {
    let twice = |path: &Path| inputs.iter().find(|input| same_file(input, path));
    if let Some(input) = to.and_then(twice) {
        say(format_args!(
            "`{}` is input and output at once; write to another file, then rename it",
            shown(input)
        ));
        return Some(Exit::Usage);
    }
    if arguments.follow && inputs.iter().any(|input| is_standard(input)) {
        say(
            "standard input is not followed, it is read to its end; name files after `--follow`, or leave it out",
        );
        return Some(Exit::Usage);
    }
    let checkpoint = arguments.checkpoint.as_deref()?;
    if twice(checkpoint).is_some() || to.is_some_and(|to| same_file(checkpoint, to)) {
        say(format_args!("`{}` is the checkpoint and holds records; name another file", shown(checkpoint)));
        return Some(Exit::Usage);
    }
    None
}

/// Opens the output.
fn open(path: &Path, follow: bool) -> io::Result<File> {
    #[cfg(unix)]
    if follow {
        return follow::append(path);
    }
    let _ = follow;
    File::create(path)
}

fn threads(arguments: &Arguments) -> Threads {
    let cores = if arguments.follow { None } else { thread::available_parallelism().ok() };
    Threads {
        number: arguments.threads.or(cores).unwrap_or(NonZero::<usize>::MIN),
        after: if arguments.threads.is_some() { 0 } else { WORTH_THREADS },
    }
}

#[cfg(unix)]
fn follow_all<F: Fn(&io::Error) -> Exit + Clone + Send + 'static>(
    arguments: &Arguments,
    inputs: &[PathBuf],
    output: Option<&File>,
    workers: &mut Workers<F>,
) -> io::Result<Exit> {
    let options = follow::Options {
        files: inputs,
        checkpoint: arguments.checkpoint.as_deref(),
        begin: if arguments.from_end { follow::Begin::End } else { follow::Begin::Start },
        output,
    };
    follow::run(&options, workers)
}

#[cfg(not(unix))]
fn follow_all<F: Fn(&io::Error) -> Exit + Clone + Send + 'static>(
    _: &Arguments,
    _: &[PathBuf],
    _: Option<&File>,
    _: &mut Workers<F>,
) -> io::Result<Exit> {
    say("`--follow` tells files by their inodes, which only Unix has");
    Ok(Exit::Usage)
}

/// Reads the inputs one after another. One that cannot be read does not keep the others from being filtered.
fn read_all<F: Fn(&io::Error) -> Exit + Clone + Send + 'static>(
    inputs: &[PathBuf],
    workers: &mut Workers<F>,
) -> io::Result<Exit> {
    let mut exit = Exit::Done;
    for input in inputs {
        match read(input, workers) {
            Ok(()) => {}
            Err(Stop::Input(message)) => {
                say(message);
                exit = Exit::Failed;
            }
            Err(Stop::Output(error)) => return Err(error),
        }
    }
    Ok(exit)
}

/// Why an input was not read to its end.
enum Stop {
    Input(String),
    Output(io::Error),
}

/// Reads an input to its end.
fn read<F: Fn(&io::Error) -> Exit + Clone + Send + 'static>(
    path: &Path,
    workers: &mut Workers<F>,
) -> Result<(), Stop> {
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
        workers.lines(lines.take()).map_err(Stop::Output)?;
        match more {
            Ok(true) => {}
            Ok(false) => return workers.lines(lines.take_last()).map_err(Stop::Output),
            Err(error) => {
                // What has arrived of the line is a record too, if only a cut one.
                workers.lines(lines.take_last()).map_err(Stop::Output)?;
                return Err(unreadable(error));
            }
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

fn tell_of_selection(count: &Count, config: &Config) {
    let Count { records, stubs, selected, selected_stubs, detections } = count;
    let left_out = stubs.saturating_sub(*selected_stubs);
    let unread = match left_out {
        0 => String::new(),
        _ => format!(
            "; {left_out} that could not be read are not among them (`exists auditveil.stub` selects them)"
        ),
    };
    say(format_args!("{selected} of {records} records selected{unread}"));
    if !detections.is_empty() {
        let _ = io::stderr().write_all(summary(detections, config).as_bytes());
    }
}
