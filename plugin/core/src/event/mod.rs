//! What an audit event says about itself: its fields, and what its bodies are about.
//!
//! Here is read what decides (`verb`, `objectRef`, `requestURI`); nothing is hidden or changed here.
//!
//! - [`fields`]: data, the fields of an event
//! - [`target`]: what the request was about

pub(crate) mod fields;
pub(crate) mod target;
