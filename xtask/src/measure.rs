//! What a program costs: CPU time and peak memory of one child, as the kernel counted them.
//!
//! The kernel adds up all children of a process and keeps the largest memory among them, so each
//! measurement takes a process of its own: a task starts itself with the hidden subcommand
//! `measure`, which has one child only.

use crate::failure::{Failure, Result};
use clap::Args;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How often a running child is looked at.
const TICK: Duration = Duration::from_millis(20);

/// What to run.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Kill the program after this many seconds
    #[arg(long)]
    seconds: u64,
    /// The program and its arguments; its standard output is discarded
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

/// What a program cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// User and system time, in seconds.
    pub(crate) cpu: f64,
    /// The largest resident set, in bytes.
    pub(crate) peak_memory: u64,
}

/// The hidden subcommand: runs the program and writes its cost as one line.
pub(crate) fn run(options: &Options) -> Result<()> {
    let [program, arguments @ ..] = options.command.as_slice() else {
        return Err(Failure::new("no program to measure", "name one after `--`"));
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| Failure::file(Path::new(program), &error))?;
    let status = wait(&mut child, Duration::from_secs(options.seconds), || ())?;
    let cost = of_children()?;
    println!("{} {}", cost.cpu, cost.peak_memory);
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("the program ended with {status}"), "read what it wrote above"))
}

impl Cost {
    /// Reads the line that [`run`] writes.
    pub(crate) fn parse(line: &str) -> Option<Cost> {
        let (cpu, peak_memory) = line.trim().split_once(' ')?;
        Some(Cost { cpu: cpu.parse().ok()?, peak_memory: peak_memory.parse().ok()? })
    }
}

/// Waits for a child, calling `tick` now and then, and kills it after `limit`.
pub(crate) fn wait(child: &mut Child, limit: Duration, mut tick: impl FnMut()) -> Result<ExitStatus> {
    let gone = |error: std::io::Error| Failure::new(format!("lost a child process: {error}"), "run it again");
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(gone)? {
            return Ok(status);
        }
        if start.elapsed() > limit {
            child.kill().map_err(gone)?;
            child.wait().map_err(gone)?;
            return Err(Failure::new(
                format!("the program did not end within {} s and was killed", limit.as_secs()),
                "read what it wrote, and run it alone",
            ));
        }
        tick();
        std::thread::sleep(TICK);
    }
}

#[cfg(unix)]
fn of_children() -> Result<Cost> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;

    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)
        .map_err(|error| Failure::new(format!("getrusage: {error}"), "run this on Linux or macOS"))?;
    let time = usage.user_time() + usage.system_time();
    // Linux counts kibibytes, macOS bytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    Ok(Cost {
        cpu: Duration::from_micros(u64::try_from(time.num_microseconds()).unwrap_or_default()).as_secs_f64(),
        peak_memory: u64::try_from(usage.max_rss()).unwrap_or_default().saturating_mul(unit),
    })
}

#[cfg(not(unix))]
fn of_children() -> Result<Cost> {
    Err(Failure::new("what a program cost is measured on Unix only", "run this on Linux or macOS"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_between_the_two_processes() {
        let cost = Cost::parse("1.25 4096\n").unwrap();
        assert_eq!((cost.cpu, cost.peak_memory), (1.25, 4096));
        assert!(Cost::parse("error").is_none());
    }
}
