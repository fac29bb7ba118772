//! The audit policy of Kubernetes, applied once more.
//!
//! A file that the apiserver would read as its policy is [loaded](load()) to a [`Policy`], compiled to a
//! [`Plan`] and asked about each event: [`Plan::evaluate`] says in a [`Decision`] whether the event
//! stays, and how much of it. What it says is what the apiserver's own code says (pkg/audit/policy,
//! 1.36), on everything an event can tell.
//!
//! | file | what | when |
//! |---|---|---|
//! | `syntax` | the policy as it is written | |
//! | `load`, `schema`, `decode`, `validate` | from text to that | cold, once |
//! | `compile`, `table` | from that to tables | cold, once |
//! | `evaluate`, `request` | the decision | **hot, once per event** |
//!
//! What may not live here: how an event is read, and what happens to one that stays.

mod compile;
mod decode;
mod evaluate;
mod load;
mod request;
mod schema;
mod syntax;
mod table;
mod validate;

pub use compile::Plan;
pub use evaluate::{Decision, DropCause};
pub(crate) use load::load_from;
pub use load::{Loaded, load};
pub use request::{Attributes, Object, Request, Target, path_of};
pub use syntax::{GroupResources, Level, Policy, Rule, Stage};

pub use crate::document::{Error, ErrorKind, Rejected, is_unseen};
