//! What tasks share that run the filter in a real host: which records go in, and how to tell what came out.

pub(crate) mod compare;
pub(crate) mod findings;
pub(crate) mod records;
