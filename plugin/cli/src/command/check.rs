//! `auditveil check`: whether files would do what they say, before anything runs with them.

use crate::command::{count, name, say, shown};
use crate::configuration::{self, Keys, Read};
use crate::exit::Exit;
use auditveil_core::config::PolicySource;
use auditveil_core::{Source, baked};
use clap::Args;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Check audit policies and configurations
///
/// A file is an audit policy if it has an `apiVersion`, a `kind` or `rules`, and a configuration otherwise, whatever
/// it is called. A policy is valid exactly when the API server of Kubernetes 1.36 would load it. What that
/// server merely warns of (unknown and repeated keys, which hardly anybody means) is a warning here too,
/// and refused with `--strict`. A `policy_file` and a key that a configuration
/// names are checked with it; a key that is not there is a warning, because it has no business where files are checked.
#[derive(Debug, Args)]
#[command(after_help = crate::exit::help())]
pub(crate) struct Arguments {
    /// Files to check; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Refuse files with warnings
    #[arg(long)]
    strict: bool,
}

/// Checks every file; the worst of them decides how the command ends.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let mut exit = Exit::Done;
    for path in &arguments.files {
        let end = match configuration::read(path, Keys::IfThere) {
            Ok(mut read) => {
                if read.text.len() > baked::LONGEST {
                    say(format_args!(
                        "{}: longer than {} MiB, so only commands read it: a module refuses it",
                        name(path, "standard input"),
                        baked::LONGEST >> 20
                    ));
                    read.warnings += 1;
                }
                let refused = arguments.strict && read.warnings > 0;
                tell(path, &read, refused);
                if refused { Exit::Refused } else { Exit::Done }
            }
            Err(exit) => {
                line(format_args!("{}: not valid", shown(path)));
                exit
            }
        };
        // A file that is refused outweighs one that could not be read: both must be looked at, but that one
        // is known to be wrong.
        if end == Exit::Refused || exit == Exit::Done {
            exit = end;
        }
    }
    exit
}

fn tell(path: &Path, read: &Read, refused: bool) {
    let what = match read.source {
        Source::Configuration => "a configuration",
        Source::Policy => "an audit policy",
    };
    let rules = match &read.config.policy {
        Some(PolicySource::Inline(policy)) => count(policy.rules.len(), "rule"),
        _ => "no policy".to_owned(),
    };
    let verdict = if refused { "refused for its warnings" } else { "valid" };
    let warnings = match read.warnings {
        0 => String::new(),
        number => format!(", {}", count(number, "warning")),
    };
    line(format_args!("{}: {verdict}: {what}, {rules}{warnings}", shown(path)));
}

fn line(text: std::fmt::Arguments<'_>) {
    // Who closed standard output does not want to know; the exit code tells all the same.
    let _ = writeln!(std::io::stdout(), "{text}");
}
