//! The answer: what is kept in long copies, what was hidden, and the stamp.
//!
//! - [`assemble`] HOT: which members go where
//! - [`writer`] HOT: a stretch of a document with its edits
//! - [`usual`] HOT: an event of which everything stays
//! - [`stamp`]: what the filter says it did, and whether an incoming stamp is one of ours
//! - [`pack`]: the answer as msgpack without a zero byte

pub(crate) mod assemble;
pub(crate) mod pack;
pub(crate) mod stamp;
pub(crate) mod usual;
pub(crate) mod writer;
