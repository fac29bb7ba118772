//! The error of every task: what went wrong, and what to do about it.

use std::fmt;
use std::path::Path;

/// A task's result.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// What went wrong, and what to do about it. Nobody handles one; `main` prints it.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    remedy: String,
}

impl Failure {
    /// `remedy` is an instruction: "install …", "run … to see …".
    pub(crate) fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }

    /// A file could not be read or written.
    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::new(
            format!("{}: {error}", path.display()),
            "check that the file is there, that you own it and that the disk is not full",
        )
    }

    /// What went wrong, without what to do.
    pub(crate) fn what(&self) -> &str {
        &self.what
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}\n  what to do: {}", self.what, self.remedy)
    }
}
