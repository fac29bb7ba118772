//! What an event means: facts that follow from it, and conditions that select events by fields and facts.
//!
//! ```text
//! event -> Reader -> Event -> Facts       what was really done, by whom, from where, how it ended
//!                          -> Condition   true, false or unknown
//! ```
//!
//! Both are asked of what comes out of the filter, so that nothing hidden can be probed: a value that was masked is
//! unknown. Nothing here recurses on its input, and a condition takes time in proportion to the event.
//!
//! | file | what |
//! |---|---|
//! | `event` | where the members of an event are |
//! | `facts/` | what follows from them |
//! | `condition/` | the language of conditions: `docs/conditions.md` |
//! | `patch` | a JSON Patch, as the object that it writes; cold |
//! | `pods` | where pods stand in a body |
//! | `stamp`, `write` | what is told in the stamp |
//! | [`detections`] | conditions that somebody should be told of: `docs/detections.md` |
//!
//! What may not live here: what is hidden, which events stay, and how an answer is written.

mod condition;
pub mod detections;
mod event;
mod facts;
mod patch;
mod pods;
pub(crate) mod stamp;
mod write;

pub use condition::{Condition, ConditionError, Lists, Truth, names, view};
pub use event::{Event, Reader};
pub(crate) use event::{Items, member, quoted};
pub(crate) use facts::time::micros;
pub use facts::{Action, Actor, Facts, RequestOutcome};
pub(crate) use facts::{CLOUD, CONTROL_PLANE, GKE_AGENT};
