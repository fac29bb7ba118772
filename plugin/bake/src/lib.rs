//! What a built module is, and a configuration put into it.
//!
//! [`Module::read`] finds in a module what the host asks for, what the module asks of the host, and the
//! configuration that is baked into it. [`Module::bake`] writes it anew with another one: the initial memory grows by
//! whole pages, the text goes there, and the descriptor says where it is ([`auditveil_core::baked`] is its layout).
//! All else stays as it is, custom sections too.
//!
//! What may not live here: files, and whether a configuration is valid.

mod error;
mod interface;
mod module;
#[cfg(test)]
mod tests;
mod write;

pub use error::Error;
pub use interface::{FLUENT_BIT_FEATURES, Interface, validate};
pub use module::{Baked, Module};

use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The SHA-256 of `bytes` in hexadecimal, as `sha256sum` prints it.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
