//! wasmtime hosts that treat the built guests as the real hosts do, and checks of the built modules.
//!
//! A guest is loaded as a file, as its host would; no front-end crate is ever linked. [`fluent_bit`]
//! is the host of the module, [`component`] and [`worker`] that of the component, [`command`] that of the WASI command, [`artifact`] finds or builds the file, [`frames`] says what it needs of the engine's operand stack,
//! [`front_ends`] is the table of all, [`data`] what memory it begins with, [`sizes`] what it consists of. [`wasi`] is what a guest may import.

pub mod artifact;
pub mod command;
pub mod component;
pub mod data;
mod error;
pub mod fluent_bit;
pub mod frames;
pub mod front_ends;
pub mod policies;
pub mod sizes;
pub mod wasi;
pub mod worker;

pub use error::Error;
