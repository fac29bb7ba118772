//! The wasm32-wasip1 module that Fluent Bit's `wasm` filter loads.
//!
//! Exports `auditveil_filter` (the name for `function_name` in the configuration), `malloc` and
//! `free`, and for `auditveil bake` the address of `auditveil_baked`; imports the few functions of WASI that read a configuration. [`abi`] holds every line of `unsafe` and no logic; [`guest`] is the logic
//! and knows no pointers beyond the addresses it gave out. What a record means is none of this crate's
//! business: that is `auditveil-core`; how it is configured is `auditveil-guest`.
//!
//! On other targets the crate is a plain library, for its unit tests and for workspace-wide checks.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
extern crate alloc;

#[cfg(target_arch = "wasm32")]
mod abi;
pub mod arena;
pub mod guest;
pub mod last_resort;
