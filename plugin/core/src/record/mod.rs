//! A record as it came: where its event is, and what stands beside it.
//!
//! - [`document`]: one JSON object and what is to be replaced in it
//! - [`usual`]: HOT, its members as every apiserver writes them
//! - [`member`]: its members, and what becomes of each
//! - [`learned`]: what decides about its members
//! - [`decide`]: what the policy says of it
//! - [`asked`]: HOT, what it asks for as an apiserver writes it
//! - [`obey`]: what is done about that
//! - [`act`]: removing, signing or keeping what it hides, where that is configured
//! - [`managed_fields`]: where the `managedFields` of its bodies are
//! - [`msgpack`]: reading msgpack, as far as Fluent Bit writes it

mod act;
pub(crate) mod asked;
mod beside;
pub(crate) mod decide;
pub(crate) mod document;
pub(crate) mod learned;
pub(crate) mod managed_fields;
pub(crate) mod member;
pub(crate) mod msgpack;
mod obey;
mod usual;
