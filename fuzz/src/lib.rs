//! Fuzzing the filter: what is tried ([`targets`]), and an engine that tries it ([`engine`]).
//!
//! A target is a function of bytes, so other engines can drive it too. The one here needs nothing but stable Rust,
//! runs the same from the same seed, and mutates JSON as JSON; it knows nothing of coverage, and takes what the
//! stamp tells instead.

pub mod engine;
mod mutate;
mod random;
mod seeds;
mod shrink;
pub mod targets;
mod tree;

pub use mutate::Mutator;
pub use random::Random;
pub use seeds::Seeds;
