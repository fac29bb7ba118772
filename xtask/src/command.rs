//! Running other programs, with failures that name the command.

use crate::failure::{Failure, Result};
use std::process::{Command, Stdio};

/// Runs a command; it writes to this terminal, so that its progress is seen.
pub(crate) fn run(command: &mut Command, remedy: &str) -> Result<()> {
    let status = command.status().map_err(|error| missing(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` ended with {status}", shown(command)), remedy))
}

/// Runs a command and returns what it wrote to standard output. What it wrote to standard error
/// becomes part of the failure.
pub(crate) fn output(command: &mut Command, remedy: &str) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| missing(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("`{}` ended with {}\n{}", shown(command), output.status, said.trim()), remedy))
}

/// The cargo that runs this task, or the one on the path.
pub(crate) fn cargo() -> Command {
    program("CARGO", "cargo")
}

/// The compiler that cargo uses.
pub(crate) fn rustc() -> Command {
    program("RUSTC", "rustc")
}

fn program(variable: &str, name: &str) -> Command {
    Command::new(std::env::var_os(variable).unwrap_or_else(|| name.into()))
}

/// The command as one would type it, the parts that need quoting aside.
pub(crate) fn shown(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

fn missing(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(
        format!("`{}` did not start: {error}", shown(command)),
        format!("install `{}` or put it on the PATH", command.get_program().to_string_lossy()),
    )
}
