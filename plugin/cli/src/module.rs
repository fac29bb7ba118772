//! Modules from files, for every command that takes one.

use crate::command::{reason, say, shown};
use crate::exit::Exit;
use auditveil_bake::{Error, Module};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// No module is longer; of a longer file enough is read to say so.
const LONGEST: u64 = 64 * 1024 * 1024;

/// What is in a file.
///
/// # Errors
///
/// How the command is to end.
pub(crate) fn content(path: &Path) -> Result<Vec<u8>, Exit> {
    let mut bytes = Vec::new();
    match File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes)) {
        Ok(_) => Ok(bytes),
        Err(error) => {
            say(format_args!("cannot read `{}`: {}", shown(path), reason(&error)));
            Err(Exit::Failed)
        }
    }
}

/// The module in it.
///
/// # Errors
///
/// As [`content`].
pub(crate) fn read<'a>(path: &Path, bytes: &'a [u8]) -> Result<Module<'a>, Exit> {
    Module::read(bytes).map_err(|error| refuse(path, &error))
}

/// Tells why a module is refused.
pub(crate) fn refuse(path: &Path, error: &Error) -> Exit {
    say(format_args!("`{}`: {error}", shown(path)));
    Exit::Refused
}
