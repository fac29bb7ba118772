//! The one error of this crate.

use std::fmt;

/// Why a guest could not be found, built, read or started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(String);

impl Error {
    /// An error with this message; what to do about it belongs into the message.
    pub fn new(message: impl Into<String>) -> Self {
        Error(message.into())
    }

    /// The same error, with what was being done in front.
    pub fn context(self, doing: impl fmt::Display) -> Self {
        Error(format!("{doing}: {}", self.0))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl From<wasmtime::Error> for Error {
    fn from(error: wasmtime::Error) -> Self {
        Error(format!("{error:#}"))
    }
}

impl From<auditveil_bake::Error> for Error {
    fn from(error: auditveil_bake::Error) -> Self {
        Error(error.to_string())
    }
}

impl From<wasmparser::BinaryReaderError> for Error {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Error(error.to_string())
    }
}
