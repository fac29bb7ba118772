//! `cargo xtask vector`: the shipped configurations in a real Vector.
//!
//! The files of `configs/vector/` run as they are, but for their paths. What comes out is held against what the core
//! answers natively: [`check`]. [`host`] starts the binary. What goes in is what goes into Fluent Bit.

mod check;
mod host;

use crate::answers::findings::Needles;
use crate::answers::records::{self, Extremes};
use crate::command;
use crate::failure::{Failure, Result};
use crate::workspace;
use auditveil_core::{Filter, Outcome, Settings, list};
use auditveil_tests::vector::shipped;
use clap::Args;
use host::{Host, Job};
use std::path::{Path, PathBuf};

/// Which Vector, over what.
#[derive(Args, Debug, Default)]
pub(crate) struct Options {
    /// A Vector binary, 0.58 or later; without it, VECTOR or the one on the PATH
    path: Option<PathBuf>,
    /// An audit log to use instead of the committed one
    #[arg(long)]
    log: Option<PathBuf>,
}

/// Runs the checks; without a binary, says so.
pub(crate) fn run(options: &Options) -> Result<()> {
    let Some(binary) = options.path.clone().or_else(find) else {
        println!("skipped: no Vector here; name one with `cargo xtask vector PATH` or VECTOR");
        return Ok(());
    };
    let host = Host::new(&binary)?;
    println!("{}, {}", host.version(), binary.display());
    let folder = workspace::products_dir()?.join("vector");
    std::fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
    let log = match &options.log {
        Some(path) => std::fs::read(path).map_err(|error| Failure::file(path, &error))?,
        None => records::corpus()?,
    };
    let command = filter()?;
    let program = printed(&command, &folder)?;
    for (what, log) in [("the log", &log), ("hostile lines", &records::hostile(Extremes::ALL))] {
        exec(&host, &folder.join("exec"), &command, what, log)?;
        match &program {
            Some(program) => remap(&host, &folder.join("remap"), program, what, log)?,
            None => println!("skipped: remap.yaml, {what}: this `auditveil` prints no program"),
        }
    }
    Ok(())
}

/// The binary on this machine, if there is one.
fn find() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("VECTOR") {
        return Some(path.into());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("vector")).find(|file| file.is_file())
}

/// Builds the command that Vector runs.
fn filter() -> Result<PathBuf> {
    let mut cargo = command::cargo();
    cargo.current_dir(workspace::root()).args(["build", "--locked", "--release", "-p", "auditveil-cli"]);
    command::run(&mut cargo, "mend what the compiler reports above")?;
    Ok(workspace::target_dir()?.join("release/auditveil"))
}

/// What `auditveil vrl` prints, in a file; none if the command has no such thing.
fn printed(auditveil: &Path, folder: &Path) -> Result<Option<PathBuf>> {
    let help = command::output(std::process::Command::new(auditveil).arg("--help"), "build it again")?;
    if !help.lines().any(|line| line.trim_start().starts_with("vrl ")) {
        return Ok(None);
    }
    let program = command::output(
        std::process::Command::new(auditveil).arg("vrl"),
        "try it alone: cargo run -p auditveil-cli -- vrl",
    )?;
    let path = folder.join("auditveil.vrl");
    std::fs::write(&path, program).map_err(|error| Failure::file(&path, &error))?;
    Ok(Some(path))
}

fn exec(host: &Host, folder: &Path, auditveil: &Path, what: &str, log: &[u8]) -> Result<()> {
    let answers = answers(log, Lists::Split)?;
    let name = format!("exec.yaml, {what}");
    let config = shipped("exec.yaml").map_err(stale)?;
    let mut paths = paths(folder);
    paths.push(("/var/log/kubernetes/audit/audit.log", folder.join("log/audit.log")));
    paths.push(("/usr/local/bin/auditveil", auditveil.to_owned()));
    paths.push(("/var/lib/auditveil/vector.checkpoint", folder.join("data/auditveil.checkpoint")));
    let job = Job { folder, config: &config, paths: &paths, log, events: answers.len() };
    check::as_the_core(&name, &host.run(&job)?, &answers, &Needles::new(records::needles()?)?)
}

fn remap(host: &Host, folder: &Path, program: &Path, what: &str, log: &[u8]) -> Result<()> {
    let answers = answers(log, Lists::Whole)?;
    let name = format!("remap.yaml, {what}");
    let config = shipped("remap.yaml").map_err(stale)?;
    let mut paths = paths(folder);
    paths.push(("/var/log/kubernetes/audit/audit*.log", folder.join("log/audit*.log")));
    paths.push(("/etc/vector/auditveil.vrl", program.to_owned()));
    // `auditveil filter` passes over lines that hold nothing; the program answers each record with one.
    let blank =
        log.split_inclusive(|&byte| byte == b'\n').filter(|line| line.trim_ascii().is_empty()).count();
    let events = answers.len().saturating_add(blank);
    let job = Job { folder, config: &config, paths: &paths, log, events };
    check::hidden_as_well(&name, &host.run(&job)?, &answers, blank, &Needles::new(records::needles()?)?)
}

/// What both files name.
fn paths(folder: &Path) -> Vec<(&'static str, PathBuf)> {
    vec![
        ("/var/lib/vector", folder.join("data")),
        ("/var/log/auditveil/audit.jsonl", folder.join("out/audit.jsonl")),
    ]
}

/// What becomes of a list of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lists {
    /// A line for each event, as the command does it.
    Split,
    /// One line, as it came.
    Whole,
}

/// What the core answers to each line. Lines without content are skipped, by the command as by Vector.
fn answers(log: &[u8], lists: Lists) -> Result<Vec<String>> {
    let (mut filter, mut out, mut answers) =
        (Filter::with_settings(Settings::unconfigured()), Vec::new(), Vec::new());
    let mut add = |record: &[u8]| -> Result<()> {
        if filter.process(record, &mut out) != Outcome::Dropped {
            let text = String::from_utf8(out.clone());
            answers.push(text.map_err(|_| stale("an answer that is not UTF-8"))?);
        }
        Ok(())
    };
    for line in log.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        match list::items(line).filter(|_| lists == Lists::Split) {
            Some(mut items) => items.try_for_each(&mut add)?,
            None => add(line)?,
        }
    }
    Ok(answers)
}

fn stale(error: impl std::fmt::Display) -> Failure {
    Failure::new(error.to_string(), "restore configs/vector, or mend the core first")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_of_the_shipped_files_is_led_elsewhere() {
        let folder = Path::new("RUN");
        let mut all = paths(folder);
        all.push(("/var/log/kubernetes/audit/audit", folder.join("log")));
        for (file, own) in [
            ("exec.yaml", &["/usr/local/bin/auditveil", "/var/lib/auditveil/vector.checkpoint"][..]),
            ("remap.yaml", &["/etc/vector/auditveil.vrl"]),
        ] {
            let text = shipped(file).unwrap();
            let text: String = text
                .lines()
                .filter(|line| !line.trim_start().starts_with('#'))
                .map(|line| format!("{line}\n"))
                .collect();
            let mut paths = all.clone();
            paths.extend(own.iter().map(|path| (*path, folder.join("own"))));
            let moved = host::moved(&text, &paths).unwrap();
            assert!(
                !moved.contains("/var/") && !moved.contains("/etc/") && !moved.contains("/usr/"),
                "{moved}"
            );
            assert!(host::moved(&moved, &paths).is_err());
        }
    }

    #[test]
    fn lists_are_split_where_the_command_splits_them() {
        let event =
            r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","stage":"Panic","verb":"get"}"#;
        let log = format!("{event}\n\n[{event},{event}]\n");
        assert_eq!(answers(log.as_bytes(), Lists::Split).unwrap().len(), 3);
        assert_eq!(answers(log.as_bytes(), Lists::Whole).unwrap().len(), 2);
    }
}
