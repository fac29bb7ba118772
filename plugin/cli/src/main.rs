//! The `auditveil` command: the filter for files and pipes, without a log shipper.
//!
//! Here: what the command line looks like. What a command does is in `command/`, one file each;
//! what happens to a record is in `auditveil-core`, and nowhere here.

mod command;
mod configuration;
mod exit;
#[cfg(unix)]
mod follow;
mod lines;
mod module;
mod parallel;
mod records;
mod report;
mod selection;
mod workers;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Strip secrets out of Kubernetes audit logs
#[derive(Debug, Parser)]
#[command(name = "auditveil", version, after_help = exit::help())]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Filter(command::filter::Arguments),
    Check(command::check::Arguments),
    Bake(command::bake::Arguments),
    Inspect(command::inspect::Arguments),
    Vrl(command::vrl::Arguments),
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    match command {
        Command::Filter(arguments) => command::filter::run(&arguments),
        Command::Check(arguments) => command::check::run(&arguments),
        Command::Bake(arguments) => command::bake::run(&arguments),
        Command::Inspect(arguments) => command::inspect::run(&arguments),
        Command::Vrl(arguments) => command::vrl::run(&arguments),
    }
    .into()
}
