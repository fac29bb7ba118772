//! A record as it came: where its event is, and what stands beside it.
//!
//! - [`document`]: one JSON object and what is to be replaced in it
//! - [`msgpack`]: reading msgpack, as far as Fluent Bit writes it

pub(crate) mod document;
pub(crate) mod msgpack;
