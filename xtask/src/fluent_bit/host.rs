//! One run of a Fluent Bit binary over one log, in a folder of its own.

use crate::command;
use crate::failure::{Failure, Result};
use crate::measure::{self, Cost};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A run that takes longer than this hangs.
const LIMIT: Duration = Duration::from_secs(600);

/// A Fluent Bit binary.
#[derive(Clone, Debug)]
pub(super) struct Host {
    binary: PathBuf,
    version: String,
}

impl Host {
    /// Asks the binary for its version.
    pub(super) fn new(binary: &Path) -> Result<Self> {
        let text = command::output(
            Command::new(binary).arg("--version"),
            "name a Fluent Bit binary: cargo xtask fluent-bit PATH",
        )?;
        let version = text.lines().next().unwrap_or_default().to_owned();
        Ok(Self { binary: binary.to_owned(), version })
    }

    /// `Fluent Bit v…`
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Runs a configuration over a log until all of it has been read and written, from a clean start.
    pub(super) fn run(&self, name: &str, job: &Job<'_>) -> Result<Written> {
        let folder = job.folder;
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
        }
        for path in [folder.join("state"), folder.join("out")] {
            fs::create_dir_all(&path).map_err(|error| Failure::file(&path, &error))?;
        }
        write(&folder.join(LOG), job.log)?;
        write(&folder.join("auditveil.wasm"), job.module)?;
        for (name, content) in job.beside {
            write(&folder.join(name), content.as_bytes())?;
        }
        self.run_again(name, job)
    }

    /// Runs on in the job's folder as it is: the log, the position in it, and what has been written.
    ///
    /// The variables are those of `configs/fluent-bit/README.md`.
    pub(super) fn run_again(&self, name: &str, job: &Job<'_>) -> Result<Written> {
        let folder = job.folder;
        let out = folder.join("out");
        let said = folder.join("stderr");
        let stderr = fs::File::create(&said).map_err(|error| Failure::file(&said, &error))?;
        let itself = std::env::current_exe().map_err(|error| Failure::file(Path::new("xtask"), &error))?;
        let mut measured = Command::new(itself);
        measured
            .args(["measure", "--seconds", &LIMIT.as_secs().to_string(), "--"])
            .arg(&self.binary)
            .arg("-c")
            .arg(job.config)
            .args(job.arguments)
            .env("AUDITVEIL_LOG", folder.join("audit*.log"))
            .env("AUDITVEIL_DIR", folder)
            .env("AUDITVEIL_STATE", folder.join("state"))
            .env("AUDITVEIL_OUT", &out)
            .env("AUDITVEIL_ONCE", "on")
            .envs(job.variables.iter().map(|(name, value)| (*name, value.as_str())))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr);
        let mut child = measured.spawn().map_err(|error| Failure::file(&self.binary, &error))?;

        let written = out.join("audit.jsonl");
        let progress = spinner(name);
        let status = measure::wait(&mut child, LIMIT.saturating_add(Duration::from_secs(10)), || {
            progress.set_position(fs::metadata(&written).map_or(0, |file| file.len()));
            progress.tick();
        })?;
        progress.finish_and_clear();

        let mut line = String::new();
        if let Some(mut stdout) = child.stdout.take() {
            stdout.read_to_string(&mut line).map_err(|error| Failure::file(&self.binary, &error))?;
        }
        let said = fs::read(&said).map_err(|error| Failure::file(&said, &error))?;
        let said = String::from_utf8_lossy(&said).into_owned();
        let cost = Cost::parse(&line).filter(|_| status.success()).ok_or_else(|| {
            Failure::new(
                format!("{name}: {} did not end well\n{}", self.binary.display(), tail(&said)),
                format!("run it alone; its files are in {}", folder.display()),
            )
        })?;
        Ok(Written {
            // A pipeline that drops everything writes no file.
            events: fs::read(&written).unwrap_or_default(),
            timed: fs::read(out.join(TIMED)).unwrap_or_default(),
            errors: said.lines().filter(|line| line.contains("[error]")).map(str::to_owned).collect(),
            cost,
        })
    }
}

/// What to run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job<'a> {
    /// The run's own folder; it is left behind, to be looked at.
    pub(super) folder: &'a Path,
    /// The configuration file.
    pub(super) config: &'a Path,
    /// More arguments for the binary.
    pub(super) arguments: &'a [String],
    /// The module, under the name that the configuration has for it.
    pub(super) module: &'a [u8],
    /// Files that the module finds beside it.
    pub(super) beside: &'a [(&'a str, &'a str)],
    /// More variables, beside those that every shipped file knows.
    pub(super) variables: &'a [(&'a str, String)],
    /// What the API server wrote.
    pub(super) log: &'a [u8],
}

/// What a run left behind.
#[derive(Debug)]
pub(super) struct Written {
    /// The shipped output.
    pub(super) events: Vec<u8>,
    /// The output that [`timed_output`] asks for, if it was asked for.
    pub(super) timed: Vec<u8>,
    /// Lines of the host's log that report an error.
    pub(super) errors: Vec<String>,
    /// CPU time and memory of the host.
    pub(super) cost: Cost,
}

/// The log in a job's folder.
pub(super) const LOG: &str = "audit.log";

const TIMED: &str = "timed";

/// Arguments for a second output beside the shipped one, in the format that shows each event's time.
pub(super) fn timed_output(folder: &Path) -> Vec<String> {
    let path = format!("path={}", folder.join("out").display());
    let file = format!("file={TIMED}");
    ["-o", "file", "-m", "kube.audit", "-p", &path, "-p", &file, "-p", "format=out_file"]
        .map(str::to_owned)
        .to_vec()
}

fn spinner(name: &str) -> ProgressBar {
    let progress = ProgressBar::new_spinner();
    let style = ProgressStyle::with_template("{spinner} {msg}: {binary_bytes} written, {elapsed}");
    progress.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    progress.set_message(name.to_owned());
    progress
}

/// The last lines of a log.
fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines.iter().skip(lines.len().saturating_sub(12)).copied().collect::<Vec<_>>().join("\n")
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).map_err(|error| Failure::file(path, &error))
}

/// Bytes as a person reads them.
pub(super) fn size(bytes: u64) -> String {
    HumanBytes(bytes).to_string()
}
