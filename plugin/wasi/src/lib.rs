//! The filter as a WASI command: records on standard input, one a line, answers on standard output.
//!
//! `auditveil filter` without its arguments, for runtimes that have a folder and streams to offer and nothing else. It is
//! configured by the files that the module for Fluent Bit reads, from the first folder that the runtime opens for it.
//! [`command`] is what it does, [`lines`] how its input is cut, `abi` its entry and all `unsafe`.
//!
//! On other targets the crate is a plain library, for its unit tests and for workspace-wide checks.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
extern crate alloc;

#[cfg(target_arch = "wasm32")]
mod abi;
pub mod command;
pub mod lines;
