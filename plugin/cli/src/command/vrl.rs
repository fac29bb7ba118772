//! `auditveil vrl`: a configuration as a program for Vector's `remap` transform.

use crate::command::{reason, say};
use crate::configuration::{self, Keys};
use crate::exit::Exit;
use auditveil_core::config::Config;
use clap::Args;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;

/// Print a configuration as a program for Vector's `remap` transform
///
/// Vector has run no WebAssembly since its version 0.17; a program in its own language, VRL, does there what the filter
/// does elsewhere, as far as that language goes. What it cannot read goes as a whole; docs/vector.md lists it. A configuration that asks for what
/// VRL cannot do is refused.
#[derive(Debug, Args)]
#[command(after_help = crate::exit::help())]
pub(crate) struct Arguments {
    /// An auditveil.yaml or an audit policy; `-` is standard input. Without one, the default: everything is redacted, nothing is dropped
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Print unit tests for `vector test` instead, of a transform called `auditveil`
    #[arg(long)]
    tests: bool,
}

/// Prints the program, or its tests, on standard output.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let config = match &arguments.config {
        None => Config::default(),
        Some(path) => match configuration::read(path, Keys::IfThere) {
            Ok(read) => {
                if let Some(unsupported) = auditveil_vector::unsupported(&read.config) {
                    let auditveil_vector::Unsupported { key, instead } = unsupported;
                    return configuration::refuse_key(path, &read, key, instead, "a program in VRL");
                }
                read.config
            }
            Err(exit) => return exit,
        },
    };
    let printed = if arguments.tests {
        auditveil_vector::unit_tests(&config)
    } else {
        auditveil_vector::program(&config)
    };
    let text = match printed {
        Ok(text) => text,
        Err(unsupported) => {
            say(unsupported);
            return Exit::Refused;
        }
    };
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // Who closed standard output does not want to know more.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            say(format_args!("cannot write to standard output: {}", reason(&error)));
            Exit::Failed
        }
        _ => Exit::Done,
    }
}
