//! In which envelope a record holds its event.
//!
//! What every shipper sends, the event itself and the event as text under `log`, is known before anything here
//! is asked. Here is the rest, all of it cold: nothing changes bytes, everything found is a position.
//!
//! - [`text`]: the event is JSON text in some field, perhaps in another such record
//! - [`envelope`]: data, where envelopes that stay hold events
//! - [`slots`]: where in a record these stand
//! - [`mod@view`], [`reader`]: an event made of what stands there, and the way back into the record
//! - [`events`]: the events in what has been filtered, for who asks something of them
//! - [`prefix`]: what a container runtime writes before a line
//! - [`origin`]: whether anybody could have written the record

pub(crate) mod envelope;
mod events;
pub(crate) mod origin;
pub(crate) mod prefix;
mod reader;
pub(crate) mod slots;
pub(crate) mod text;
pub(crate) mod view;

use crate::event::fields::Field;
use crate::json::members::Members;
use crate::json::skip_space;
use crate::list::{self, Where};
use crate::redact::strings;
use alloc::boxed::Box;

pub(crate) use crate::config::Shape;
use envelope::Content;
pub use events::Events;
use slots::{Slot, Slots};
use view::View;

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

/// Makes the event of a slot of `record`; `None` if there is none in it, `Some(false)` if there is no memory.
#[inline(never)]
pub(crate) fn view(view: &mut View, record: &[u8], slot: Slot) -> Option<bool> {
    view.clear();
    let Slot { start, end, nesting, .. } = slot;
    view.nesting = u16::try_from(nesting.wrapping_add(1)).unwrap_or(u16::MAX);
    match slot.envelope.content {
        Content::Text => {
            let raw = record.get(start.wrapping_add(1)..end.wrapping_sub(1)).unwrap_or_default();
            let read = strings::may_be_json(raw) && view.set_string(record, start, end);
            (read && holds_events(&view.text)).then_some(true)
        }
        Content::Packed => None,
        Content::Object => Some(view.piece(record, start, end)),
        Content::Event => {
            let is_event = names_event(record.get(start..end).unwrap_or_default());
            is_event.then(|| view.piece(record, start, end))
        }
        Content::Gke => reader::gke(view, record, start),
        Content::Review => reader::review(view, record, start),
        Content::Rancher => reader::rancher(view, record, start),
        Content::Dotted => reader::dotted(view, record, start),
    }
}

/// Whether a text is an envelope of events, of a kind that says itself what it is; the buffers are reused.
#[derive(Debug, Default)]
pub(crate) struct Held {
    slots: Slots,
    view: View,
}

impl Held {
    /// With empty buffers.
    pub(crate) const fn new() -> Self {
        Held { slots: Slots::new(), view: View::new() }
    }

    /// Whether it is. What Rancher writes is like what others write; an event of its own says so anyway.
    #[inline(never)]
    pub(crate) fn any(&mut self, text: &[u8]) -> bool {
        text.first() == Some(&b'{')
            && self.slots.find(text)
            && self.slots.slots.iter().any(|&slot| {
                let told = !slot.envelope.copy && slot.envelope.content != Content::Rancher;
                told && view(&mut self.view, text, slot) == Some(true)
            })
    }
}

/// Whether this is what gzip makes, as it is or in base64: the beginning of a stream that is deflated.
pub(crate) fn is_compressed(text: &[u8]) -> bool {
    // Where bytes were taken for text, the second of them is lost.
    text.starts_with(b"\x1f\x8b")
        || text.starts_with("\u{1f}\u{fffd}".as_bytes())
        || text.starts_with(b"H4sI")
}

/// Whether a text begins as an audit event or a list of them does; it may be cut.
///
/// Only what is certain counts, because a record is taken apart for it.
pub(crate) fn holds_events(bytes: &[u8]) -> bool {
    is_event(bytes) || list::is_list(bytes, Where::Inside)
}

/// Whether an object has two fields of an event.
fn is_event(bytes: &[u8]) -> bool {
    has_fields(bytes, 0)
}

/// Whether an object has an `auditID` and another field of an event.
fn names_event(bytes: &[u8]) -> bool {
    has_fields(bytes, Field::AuditId.bit())
}

/// Whether an object has two fields of an event, and all of `asked`.
fn has_fields(bytes: &[u8], asked: u32) -> bool {
    let mut fields: u32 = 0;
    Members::new(bytes, skip_space(bytes, 0)).any(|member| {
        fields |= Field::named(bytes.get(member.name_start..member.name_end).unwrap_or_default()).bit();
        fields & asked == asked && Field::make_event(fields)
    })
}

/// Whether a record is an event itself, or what an earlier filter has left of one that was damaged.
pub(crate) fn is_settled(bytes: &[u8]) -> bool {
    let mut members = Members::new(bytes, skip_space(bytes, 0));
    let stamp = members
        .find(|member| bytes.get(member.name_start..member.name_end) == Some(crate::event::fields::STAMP));
    is_event(bytes) || stamp.is_some_and(|stamp| tells_of_damage(bytes, stamp.value_start))
}

/// Whether a stamp tells of damage, or of a stub. Who forges one keeps a record from being dropped or taken apart, no
/// more.
pub(crate) fn tells_of_damage(bytes: &[u8], at: usize) -> bool {
    Members::new(bytes, at).any(|member| {
        matches!(bytes.get(member.name_start..member.name_end), Some(b"damaged" | b"cut" | b"stub"))
    })
}
