//! In which envelope a record holds its event.
//!
//! What every shipper sends, the event itself and the event as text under `log`, is known before anything here
//! is asked. Here is the rest, all of it cold: nothing changes bytes, everything found is a position.
//!
//! - [`text`]: the event is JSON text in some field, perhaps in another such record
//! - [`prefix`]: what a container runtime writes before a line
//! - [`origin`]: whether anybody could have written the record

pub(crate) mod origin;
pub(crate) mod prefix;
pub(crate) mod text;

use crate::event::fields::Field;
use crate::json::members::Members;
use crate::json::skip_space;
use crate::list::{self, Where};
use alloc::boxed::Box;

pub(crate) use crate::config::Shape;

/// What is configured of the records' form.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) shape: Shape,
    /// The field that holds an event as text.
    pub(crate) field: Option<Box<[u8]>>,
}

impl Input {
    /// The default: told by looking.
    pub(crate) const AUTO: Input = Input { shape: Shape::Auto, field: None };

    /// The name of the field in which an event is looked for first.
    #[inline(always)]
    pub(crate) fn field(&self) -> &[u8] {
        self.field.as_deref().unwrap_or(b"log")
    }
}

impl Default for Input {
    fn default() -> Self {
        Input::AUTO
    }
}

/// Whether a text begins as an audit event or an envelope of events does; it may be cut.
///
/// Only what is certain counts, because a record is taken apart for it: two fields of an event, a list of events.
pub(crate) fn holds_events(bytes: &[u8]) -> bool {
    let start = skip_space(bytes, 0);
    let mut fields: u32 = 0;
    let of_event = Members::new(bytes, start).any(|member| {
        fields |= Field::named(bytes.get(member.name_start..member.name_end).unwrap_or_default()).bit();
        Field::make_event(fields)
    });
    of_event || list::is_list(bytes, Where::Inside)
}
