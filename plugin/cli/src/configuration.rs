//! Configurations and policies from files, for every command that takes one.

use crate::command::{name, reason, say, shown};
use crate::exit::Exit;
use crate::report::{Severity, report};
use auditveil_core::config::{Config, PolicySource};
use auditveil_core::policy::{self, Error, Rejected};
use auditveil_core::{Key, Settings, Source};
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
    /// What `redact.hmac.key_file` holds.
    pub(crate) key: Option<Key>,
    pub(crate) warnings: usize,
    /// The file.
    pub(crate) text: Vec<u8>,
}

/// Whether a configuration is of use without its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// No.
    Needed,
    /// Yes: it is looked at where it will not run, and keys are only where they have to be.
    IfThere,
}

/// Reads and checks a file, and the `policy_file` and the key that it names. Tells of everything that is wrong, or worth
/// a look, on standard error.
///
/// # Errors
///
/// How the command is to end.
pub(crate) fn read(path: &Path, keys: Keys) -> Result<Read, Exit> {
    let text = content(path)?;
    // Told apart by what they hold, not by their names: both may be called anything.
    let source = Source::of(&text);
    let loaded = source.load(&text).map_err(|rejected| refuse(path, &text, &rejected))?;
    warn(path, &text, &loaded.warnings);
    let warnings = loaded.warnings.len();
    let mut read = Read { source, config: loaded.config, key: None, warnings, text };
    let mut absent = false;
    let text = read.text.as_slice();
    let key = source.key(text, &read.config, |file| {
        let file = beside(path, file);
        absent = file.try_exists().is_ok_and(|exists| !exists);
        key_file(&file)
    });
    match key {
        Ok(key) => read.key = key,
        Err(rejected) if absent && keys == Keys::IfThere => {
            warn(path, text, &rejected.errors);
            read.warnings += rejected.errors.len();
        }
        Err(rejected) => return Err(refuse(path, text, &rejected)),
    }
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

/// What a file asks the filter for, or no file, with more lists for conditions.
///
/// # Errors
///
/// As [`read`].
pub(crate) fn settings(
    path: Option<&Path>,
    lists: Vec<(String, Vec<String>)>,
) -> Result<(Settings, Config), Exit> {
    let (mut config, key) = match path {
        None => (Config::default(), None),
        Some(path) => read(path, Keys::Needed).map(|read| (read.config, read.key))?,
    };
    config.enrich.lists.extend(lists);
    let settings = Settings::with_key(&config, key.as_ref()).map_err(|unsupported| {
        let path = path.unwrap_or(Path::new("-"));
        say(format_args!("{}: {unsupported}", name(path, "standard input")));
        Exit::Refused
    })?;
    Ok((settings, config))
}

/// Refuses a configuration for the value of a key, because a front end follows but one value of it.
pub(crate) fn refuse_key(
    path: &Path,
    read: &Read,
    key: &str,
    instead: &'static str,
    by: &'static str,
) -> Exit {
    refuse(path, &read.text, &read.source.refuse(&read.text, key, instead, by))
}

/// A relative path stands in a file, so it begins where that file is.
fn beside(path: &Path, file: &str) -> PathBuf {
    path.parent().map_or_else(|| PathBuf::from(file), |folder| folder.join(file))
}

/// What the file of a key holds, or why that cannot be told.
fn key_file(path: &Path) -> Result<Vec<u8>, String> {
    let longest = Key::LONGEST as u64 + 16;
    let mut content = Vec::new();
    File::open(path)
        .and_then(|file| file.take(longest).read_to_end(&mut content))
        .map_err(|error| format!("{}: {}", shown(path), reason(&error)))?;
    Ok(content)
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
    report(Severity::Error, path, text, &rejected.errors);
    Exit::Refused
}

fn warn(path: &Path, text: &[u8], warnings: &[Error]) {
    report(Severity::Warning, path, text, warnings);
}
