//! Why a file is no module that a configuration can be baked into.

use std::fmt;

/// Why a module cannot be read, or not be written with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The bytes are no WebAssembly module.
    NotAModule(String),
    /// A module, but none of this project, or from before it could be baked: what is missing.
    NotOurs(&'static str),
    /// The descriptor does not fit the module around it.
    Damaged(&'static str),
    /// The module is of another version, which may take a configuration for something else.
    Version {
        /// Of the module.
        module: String,
        /// Of this crate.
        ours: &'static str,
    },
    /// The configuration is longer than the module reads.
    TooLong {
        /// Its bytes.
        bytes: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NotAModule(why) => {
                write!(f, "not a WebAssembly module ({why}); `cargo xtask build` makes auditveil.wasm")
            }
            Error::NotOurs(missing) => write!(
                f,
                "a WebAssembly module, but not auditveil's: {missing}; name an auditveil.wasm of this version"
            ),
            Error::Damaged(what) => {
                write!(f, "a damaged module: {what}; take auditveil.wasm as it was built")
            }
            Error::Version { module, ours } => write!(
                f,
                "a module of auditveil {module}, and this is {ours}; take command and module from one release"
            ),
            Error::TooLong { bytes } => write!(
                f,
                "the configuration takes {bytes} bytes when everything in it is written out, and a module reads \
                 at most {}",
                auditveil_core::baked::LONGEST
            ),
        }
    }
}

impl std::error::Error for Error {}

impl From<wasmparser::Error> for Error {
    fn from(error: wasmparser::Error) -> Self {
        Error::NotAModule(error.to_string())
    }
}
