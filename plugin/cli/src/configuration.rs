//! Configurations and policies from files, for every command that takes one.

use crate::command::{name, reason, say};
use crate::exit::Exit;
use crate::report::{Severity, report};
use auditveil_core::config::{Config, PolicySource};
use auditveil_core::policy::{self, Error, Rejected};
use auditveil_core::{Settings, Source};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// No configuration is longer; of a longer file enough is read to say so.
const LONGEST: u64 = 64 * 1024 * 1024;

/// A configuration that is valid, and how much there was to warn of.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) source: Source,
    pub(crate) config: Config,
    pub(crate) warnings: usize,
}

/// Reads and checks a file, and the `policy_file` that it names. Tells of everything that is wrong, or worth
/// a look, on standard error.
///
/// # Errors
///
/// How the command is to end.
pub(crate) fn read(path: &Path) -> Result<Read, Exit> {
    let text = content(path)?;
    // Told apart by what they hold, not by their names: both may be called anything.
    let source = Source::of(&text);
    let loaded = source.load(&text).map_err(|rejected| refuse(path, &text, &rejected))?;
    warn(path, &text, &loaded.warnings);
    let mut read = Read { source, config: loaded.config, warnings: loaded.warnings.len() };
    if let Some(PolicySource::File(file)) = &read.config.policy {
        let file = beside(path, file);
        let text = content(&file)?;
        let loaded = policy::load(&text).map_err(|rejected| refuse(&file, &text, &rejected))?;
        warn(&file, &text, &loaded.warnings);
        read.warnings += loaded.warnings.len();
        read.config.policy = Some(PolicySource::Inline(loaded.policy));
    }
    Ok(read)
}

/// What a file asks the filter for.
///
/// # Errors
///
/// As [`read`].
pub(crate) fn settings(path: &Path) -> Result<Settings, Exit> {
    Settings::from_config(&read(path)?.config).map_err(|unsupported| {
        say(format_args!("{}: {unsupported}", name(path, "standard input")));
        Exit::Refused
    })
}

/// A relative path stands in a file, so it begins where that file is.
fn beside(path: &Path, file: &str) -> PathBuf {
    path.parent().map_or_else(|| PathBuf::from(file), |folder| folder.join(file))
}

fn content(path: &Path) -> Result<Vec<u8>, Exit> {
    let mut text = Vec::new();
    let read = if path.as_os_str() == "-" {
        io::stdin().lock().take(LONGEST).read_to_end(&mut text)
    } else {
        File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut text))
    };
    match read {
        Ok(_) => Ok(text),
        Err(error) => {
            say(format_args!("cannot read {}: {}", name(path, "standard input"), reason(&error)));
            Err(Exit::Failed)
        }
    }
}

fn refuse(path: &Path, text: &[u8], rejected: &Rejected) -> Exit {
    warn(path, text, &rejected.warnings);
    for error in &rejected.errors {
        report(Severity::Error, path, text, error);
    }
    Exit::Refused
}

fn warn(path: &Path, text: &[u8], warnings: &[Error]) {
    for warning in warnings {
        report(Severity::Warning, path, text, warning);
    }
}
