//! wasmtime hosts that treat the built guests as the real hosts do, and checks of the built modules.
//!
//! A guest is loaded as a file, as its host would; no front-end crate is ever linked. [`fluent_bit`]
//! is the host, [`artifact`] finds or builds the file, [`frames`] says what it needs of the engine's operand stack,
//! [`data`] what memory it begins with, [`sizes`] what it consists of. [`wasi`] is what a guest may import.

pub mod artifact;
pub mod data;
mod error;
pub mod fluent_bit;
pub mod frames;
pub mod policies;
pub mod sizes;
pub mod wasi;

pub use error::Error;
