//! The test cases and the corpus, and what every test suite needs to use them.
//!
//! A suite brings a front end as a function from record to answer; [`Case::check`] does the rest,
//! so that the native core, the command and each guest are held to the same.
//! The format of a case is described in this folder's `README.md`.
//!
//! Everything here is slow and simple on purpose: it is the oracle. It never links the core, and
//! shares no code with it.

mod case;
mod check;
pub mod classes;
pub mod corpus;
mod error;
pub mod hex;
pub mod hostile;
pub mod json;
pub mod msgpack;
pub mod naive;
pub mod oracle;
pub mod vector;

pub use case::{Case, Expected, Input, cases_dir, load, load_from, plain_dir};
pub use check::{Process, event_text, holds, same_event, well_formed};
pub use error::Error;
