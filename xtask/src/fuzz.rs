//! `cargo xtask fuzz`: the fuzz targets, built to be quick and with arithmetic checked.
//!
//! What it is told goes to the engine in `fuzz/`, which is the one that knows targets and says what it found.

use crate::failure::Result;
use crate::{command, workspace};
use clap::Args;
use std::process::Command;

const PACKAGE: &str = "auditveil-fuzz";

/// What the engine is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// [TARGET...] [--seconds N | --runs N] [--seed S] [--grave] [--input FILE] [--keep]; see --help behind `--`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "WHAT")]
    what: Vec<String>,
}

/// Runs the targets until something is found or the time is over.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut cargo = engine("fuzz");
    cargo.args(&options.what);
    command::run(&mut cargo, "mend what was found, and keep it as a case: --keep")
}

/// The engine, built with a profile of cargo.
pub(crate) fn engine(profile: &str) -> Command {
    let mut cargo = command::cargo();
    cargo.current_dir(workspace::root());
    cargo.args(["run", "--locked", "--quiet", "--profile", profile, "--package", PACKAGE, "--"]);
    cargo
}
