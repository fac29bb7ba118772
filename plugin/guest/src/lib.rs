//! What guests have in common, whatever host runs them: an allocator, and the configuration as files in a folder.
//!
//! [`configuration`] finds and reads it, [`baked`] takes it from the module itself; both ask a [`configuration::System`],
//! which is WASI in a module and a fake in tests. `abi` holds every line of `unsafe` and exists in modules only: on other
//! targets the crate is a plain library.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
extern crate alloc;

#[cfg(target_arch = "wasm32")]
pub mod abi;
pub mod baked;
pub mod configuration;
#[cfg(test)]
mod fake;
