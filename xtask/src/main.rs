//! Project tasks: `cargo xtask help`.
//!
//! One file per task; this one only tells which. What tasks share is in [`command`] (running
//! programs), [`failure`] (errors that say what to do) and [`workspace`] (where things lie).

mod answers;
mod build;
mod command;
mod conformance;
mod demo;
mod failure;
mod fluent_bit;
mod fuzz;
mod measure;
mod target;
mod test;
mod vector;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Build, demo and test tasks of auditveil.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Prepare the WebAssembly targets, if they are missing
    Target(target::Options),
    /// Build the Fluent Bit module, the component and the WASI command: target/auditveil/*.wasm, each with its .sha256
    Build(build::Build),
    /// Build the module and show it at work on real logs, in wasmtime
    Demo(target::Options),
    /// Compare every front end with the native core, case by case
    Conformance(target::Options),
    /// Everything CI runs, or a part of it
    Test(test::Options),
    /// Try the filter on records that nobody would write
    Fuzz(fuzz::Options),
    /// Run configs/fluent-bit in a real Fluent Bit and check what comes out
    FluentBit(fluent_bit::Options),
    /// Run configs/vector in a real Vector and check what comes out
    Vector(vector::Options),
    /// Run a program and write what it cost, for the task above
    #[command(hide = true)]
    Measure(measure::Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Target(options) => target::run(&options),
        Task::Build(options) => build::run(&options),
        Task::Demo(options) => demo::run(&options),
        Task::Conformance(options) => conformance::run(&options),
        Task::Test(options) => test::run(&options),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::FluentBit(options) => fluent_bit::run(&options),
        Task::Vector(options) => vector::run(&options),
        Task::Measure(options) => measure::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
