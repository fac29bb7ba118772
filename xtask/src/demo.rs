//! `cargo xtask demo`: the first thing a newcomer types.
//!
//! Prepares and builds what is missing, then shows the module at work. The wasmtime host is an
//! example of the crate that tests guests, so that the other tasks need not build wasmtime.

use crate::failure::Result;
use crate::target::Options;
use crate::{build, command, workspace};

/// Builds the module and runs it in wasmtime over the committed logs.
pub(crate) fn run(options: &Options) -> Result<()> {
    let module = build::module(options)?;
    eprintln!("building the wasmtime host; the first time, this takes a few minutes");
    let mut cargo = command::cargo();
    cargo
        .current_dir(workspace::root())
        // The profile of `cargo xtask test`, so that wasmtime is built once for both.
        .args(["run", "--locked", "--profile", "ci", "--package", "auditveil-host-test"])
        .args(["--example", "demo", "--"])
        .arg(module);
    command::run(&mut cargo, "if the host did not build, mend that; otherwise read what it found")
}
