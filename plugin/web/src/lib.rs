//! The filter for JavaScript: what `cargo xtask build --web` makes a package of, for Node, browsers and bundlers.
//!
//! | file | |
//! |---|---|
//! | [`filter`] | the class `Filter`: a record in, an answer out |
//! | [`functions`] | `check` and `version` |
//! | [`configuration`] | texts and a key, to settings or to what is wrong with them; knows nothing of JavaScript |
//! | [`arguments`] | what JavaScript passes, checked, as texts, bytes and a key |
//! | [`objects`] | answers, problems and errors as objects of JavaScript |
//! | [`javascript`] | the few functions of JavaScript that these need, each of which may throw |
//! | `types.d.ts` | the types of the objects, for TypeScript |
//! | `guest` | allocator and panic handler of the module |
//!
//! What a record means is none of this crate's business: that is `auditveil-core`. On other targets the crate is a plain
//! library, for its unit tests and for workspace-wide checks; what is JavaScript's panics there.
//!
//! # Exceptions
//!
//! An exception that leaves JavaScript through frames of the module runs no destructor and leaves a filter borrowed for
//! ever. So whatever may throw is declared with `catch`, what JavaScript passes is read through it, and no export has a
//! parameter for which wasm-bindgen allocates: that would abort where there is no memory.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

extern crate alloc;

pub mod arguments;
pub mod configuration;
pub mod filter;
pub mod functions;
#[cfg(target_arch = "wasm32")]
mod guest;
pub mod javascript;
pub mod objects;
