//! One run of a Vector binary over one log, in a folder of its own.

use crate::answers::findings::lines;
use crate::command;
use crate::failure::{Failure, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A run that takes longer than this hangs.
const LIMIT: Duration = Duration::from_secs(600);

/// Without anything new for so long, nothing more comes.
const QUIET: Duration = Duration::from_secs(20);

/// How long Vector may take to end: its own limit is a minute.
const ENDING: Duration = Duration::from_secs(90);

const TICK: Duration = Duration::from_millis(100);

/// A Vector binary.
#[derive(Clone, Debug)]
pub(super) struct Host {
    binary: PathBuf,
    version: String,
}

/// What to run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job<'a> {
    /// The run's own folder; it is left behind, to be looked at.
    pub(super) folder: &'a Path,
    /// The text of the configuration, with the shipped paths.
    pub(super) config: &'a str,
    /// Paths in it, and where they lead in this run.
    pub(super) paths: &'a [(&'a str, PathBuf)],
    /// What the API server wrote.
    pub(super) log: &'a [u8],
    /// How many events should come out.
    pub(super) events: usize,
}

/// What a run left behind.
#[derive(Debug)]
pub(super) struct Written {
    /// The shipped output.
    pub(super) events: Vec<u8>,
    /// Lines of Vector's log that report an error.
    pub(super) errors: Vec<String>,
}

impl Host {
    /// Asks the binary for its version.
    pub(super) fn new(binary: &Path) -> Result<Self> {
        let text = command::output(
            Command::new(binary).arg("--version"),
            "name a Vector binary: cargo xtask vector PATH",
        )?;
        Ok(Self { binary: binary.to_owned(), version: text.lines().next().unwrap_or_default().to_owned() })
    }

    /// `vector 0.58…`
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Runs a configuration over a log until what should come out has come, or nothing more comes.
    pub(super) fn run(&self, job: &Job<'_>) -> Result<Written> {
        let folder = job.folder;
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
        }
        for path in [folder.join("log"), folder.join("data"), folder.join("out")] {
            fs::create_dir_all(&path).map_err(|error| Failure::file(&path, &error))?;
        }
        write(&folder.join("log/audit.log"), job.log)?;
        let config = folder.join("vector.yaml");
        write(&config, moved(job.config, job.paths)?.as_bytes())?;
        let validated = command::output(
            Command::new(&self.binary).args(["validate", "--no-environment"]).arg(&config),
            "bring configs/vector and this Vector together",
        )?;
        write(&folder.join("validated"), validated.as_bytes())?;
        self.follow(folder, &config, job.events)
    }

    fn follow(&self, folder: &Path, config: &Path, events: usize) -> Result<Written> {
        let said = folder.join("stderr");
        let to = fs::File::create(&said).map_err(|error| Failure::file(&said, &error))?;
        let mut child = Command::new(&self.binary)
            .arg("--config")
            .arg(config)
            .env("VECTOR_LOG", "warn")
            .env("VECTOR_COLOR", "never")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(to)
            .spawn()
            .map_err(|error| Failure::file(&self.binary, &error))?;
        let written = folder.join("out/audit.jsonl");
        let waited = wait_for(&mut child, &written, events);
        let ended = end(&mut child);
        waited.and(ended).map_err(|failure| {
            let said = fs::read_to_string(&said).unwrap_or_default();
            Failure::new(
                format!("{}\n{said}", failure.what()),
                format!("run it alone; its files are in {}", folder.display()),
            )
        })?;
        let said = fs::read(&said).map_err(|error| Failure::file(&said, &error))?;
        let said = String::from_utf8_lossy(&said);
        Ok(Written {
            events: fs::read(&written).unwrap_or_default(),
            errors: said.lines().filter(|line| line.contains(" ERROR ")).map(str::to_owned).collect(),
        })
    }
}

/// The configuration with this run's paths. Each has to be in it: the shipped files are what is tried.
pub(super) fn moved(config: &str, paths: &[(&str, PathBuf)]) -> Result<String> {
    paths.iter().try_fold(config.to_owned(), |text, (from, to)| {
        if text.contains(from) {
            Ok(text.replace(from, &to.to_string_lossy()))
        } else {
            Err(Failure::new(
                format!("the shipped configuration does not name `{from}`"),
                "bring xtask/src/vector and configs/vector together again",
            ))
        }
    })
}

/// Waits until so many lines are there, or no more come.
fn wait_for(child: &mut Child, written: &Path, events: usize) -> Result<()> {
    let start = Instant::now();
    let (mut length, mut grown) = (0, start);
    while start.elapsed() < LIMIT {
        let gone = child.try_wait().map_err(|error| Failure::file(written, &error))?;
        if let Some(status) = gone {
            return Err(Failure::new(format!("Vector ended with {status}"), "read what it said"));
        }
        let now = fs::metadata(written).map_or(0, |file| file.len());
        if now != length {
            (length, grown) = (now, Instant::now());
            let text = fs::read(written).map_err(|error| Failure::file(written, &error))?;
            if text.ends_with(b"\n") && lines(&text).count() >= events {
                // What comes besides has a moment to come.
                thread::sleep(TICK.saturating_mul(10));
                return Ok(());
            }
        } else if grown.elapsed() > QUIET {
            // The checks say what is missing.
            return Ok(());
        }
        thread::sleep(TICK);
    }
    Err(Failure::new("Vector did not get through the log", "give it less: --log"))
}

/// Ends it as a supervisor does.
fn end(child: &mut Child) -> Result<()> {
    let lost = |error: &dyn std::fmt::Display| Failure::new(format!("lost Vector: {error}"), "run it again");
    let id = i32::try_from(child.id()).map_err(|error| lost(&error))?;
    if child.try_wait().map_err(|error| lost(&error))?.is_some() {
        return Ok(());
    }
    kill(Pid::from_raw(id), Signal::SIGTERM).map_err(|error| lost(&error))?;
    let start = Instant::now();
    while start.elapsed() < ENDING {
        if child.try_wait().map_err(|error| lost(&error))?.is_some() {
            return Ok(());
        }
        thread::sleep(TICK);
    }
    child.kill().and_then(|()| child.wait()).map_err(|error| lost(&error))?;
    Err(Failure::new("Vector did not end on SIGTERM and was killed", "read what it said"))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).map_err(|error| Failure::file(path, &error))
}
