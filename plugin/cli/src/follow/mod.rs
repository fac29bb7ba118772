//! `filter --follow`: files that are written meanwhile, and rotated, until somebody says stop.
//!
//! ```text
//! Followed   a name: which files it led to, and where it leads now      rotation: what is beside it
//!   Part     a file: its next lines; whether it is what it was
//!     -> Workers   lines in, answers written
//!   <- Keeper      where all of them have come to, once what was read is written
//! ```
//!
//! INVARIANT (answered-then-kept): a position reaches the checkpoint only after the answers to everything before it
//! were written. So whatever ends the command, nothing is left out when it starts again; what was answered since the
//! last checkpoint is answered again.
//!
//! It looks again and again instead of asking the kernel for news: that works on any file system, costs two system
//! calls a file, four times a second, and needs no second way for when news are lost.

mod checkpoint;
mod file;
mod followed;
mod output;
mod rotation;

pub(crate) use followed::Begin;
pub(crate) use output::append;

use crate::command::{reason, say, shown};
use crate::exit::Exit;
use crate::workers::Workers;
use checkpoint::{Checkpoint, Entry, Keeper};
use followed::Followed;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait for news when there are none.
const POLL: Duration = Duration::from_millis(250);

/// How often the checkpoint is written while there is something to write. It bounds what comes twice.
const CHECKPOINT: Duration = Duration::from_secs(1);

/// What to follow.
#[derive(Debug)]
pub(crate) struct Options<'a> {
    /// Names of files.
    pub(crate) files: &'a [PathBuf],
    /// Where to keep positions.
    pub(crate) checkpoint: Option<&'a Path>,
    /// Where to begin in files that the checkpoint does not know.
    pub(crate) begin: Begin,
    /// The output, if it is a file: it is written through before the checkpoint tells what is in it.
    pub(crate) output: Option<&'a File>,
}

/// Filters until SIGTERM or SIGINT, then ends with the lines that are read.
///
/// # Errors
///
/// The output cannot be written. The checkpoint is left as it was then.
pub(crate) fn run<F: Fn(&io::Error) -> Exit + Clone + Send + 'static>(
    options: &Options<'_>,
    workers: &mut Workers<F>,
) -> io::Result<Exit> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        if let Err(error) = signal_hook::flag::register(signal, Arc::clone(&stop)) {
            say(format_args!("cannot wait for signals: {error}"));
            return Ok(Exit::Failed);
        }
    }
    let names: Vec<String> = options.files.iter().map(|path| Followed::name_of(path)).collect();
    let taken = options.checkpoint.map(|path| {
        let refuse = |doing: &str, error: &io::Error| {
            say(format_args!("cannot {doing} the checkpoint `{}`: {}", shown(path), reason(error)));
        };
        let lock = checkpoint::lock(path).inspect_err(|error| refuse("lock", error))?;
        let found = Checkpoint::read(path).inspect_err(|error| refuse("read", error))?;
        Ok::<_, io::Error>((lock, found))
    });
    let (_lock, found) = match taken.transpose() {
        Ok(Some((lock, found))) => (Some(lock), found),
        Ok(None) => (None, None),
        Err(_) => return Ok(Exit::Failed),
    };
    // A checkpoint that is damaged once knew the files: nothing of them may be left out.
    let begin = if found.is_some() { Begin::Start } else { options.begin };
    let found = found.unwrap_or_default();
    let mut files: Vec<Followed> = Vec::new();
    for (path, name) in options.files.iter().zip(&names) {
        let entry = found.files.iter().find(|entry| entry.path == *name);
        files.push(Followed::new(path, name.clone(), entry, begin));
    }
    let mut keeper = options.checkpoint.map(|path| Keeper::new(path, found, &names));
    let exit = follow(&mut files, keeper.as_mut(), options, workers, &stop)?;
    Ok(if files.iter().any(Followed::is_in_trouble) { Exit::Failed } else { exit })
}

fn follow<F: Fn(&io::Error) -> Exit + Clone + Send + 'static>(
    files: &mut [Followed],
    mut keeper: Option<&mut Keeper>,
    options: &Options<'_>,
    workers: &mut Workers<F>,
    stop: &AtomicBool,
) -> io::Result<Exit> {
    let entries = |files: &[Followed]| -> Vec<Entry> { files.iter().map(Followed::entry).collect() };
    let mut kept: Option<Instant> = None;
    loop {
        let mut news = false;
        for file in files.iter_mut() {
            if !stop.load(Ordering::Relaxed) {
                news |= file.turn(&mut |lines| workers.lines(lines))?;
            }
        }
        let stopped = stop.load(Ordering::Relaxed);
        let due = kept.is_none_or(|at| at.elapsed() >= CHECKPOINT) || stopped;
        if let Some(keeper) = keeper.as_mut().filter(|_| due) {
            let now = entries(files);
            if keeper.differs(&now) {
                workers.settle()?;
                options.output.map_or(Ok(()), output::write_through)?;
            }
            // Where the first cannot be written, none will: better now than after a month.
            if !keeper.keep(now) && (kept.is_none() || stopped) {
                return Ok(Exit::Failed);
            }
            kept = Some(Instant::now());
        }
        if stopped {
            return Ok(Exit::Done);
        }
        if !news {
            files.iter_mut().for_each(Followed::begun);
            thread::sleep(POLL);
        }
    }
}
