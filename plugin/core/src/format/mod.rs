//! Cold: the answer in another form: bodies as texts, or the whole event in the words of another schema.
//!
//! ```text
//! the answer as JSON, redacted, with its stamp
//!   -> what it is: an event, an envelope of one or several, a list, something else
//!   -> Document: the table of the schema, row by row; bodies in one piece
//!   -> JSON text, or a msgpack map whose largest members stand beside the text
//! ```
//!
//! Nothing of a record is looked at here but what comes out of the filter, so a form cannot tell more than the event
//! does. A filter whose answers are events as Kubernetes writes them never comes here.
//!
//! | file | what |
//! |---|---|
//! | `ecs`, `ocsf` | the tables: data only |
//! | `table` | what a table is made of |
//! | `derive` | what follows from an event, as a schema writes it |
//! | `document` | an event by a table |
//! | `parts` | the members of an answer, and those that leave its text |
//! | `bodies` | bodies as texts, and back |

mod bodies;
mod derive;
mod document;
mod ecs;
mod ocsf;
mod parts;
mod table;

pub(crate) use bodies::reopen;
pub use ecs::VERSION as ECS_VERSION;
pub use ocsf::VERSION as OCSF_VERSION;
pub use table::Row;

use crate::answer::writer::{Count, Sink};
use crate::answer::{assemble, pack};
use crate::config::{self, Output};
use crate::enrich::{Event, Reader, member};
use crate::event::fields::{BEYOND_LIMIT, Field, STAMP};
use crate::json::members::Members;
use crate::limits::MSGPACK_TEXT;
use crate::list::{self, Where};
use crate::memory::{append, reset};
use crate::shape::Events;
use alloc::vec::Vec;
use bodies::{Bodied, is_body};
use document::{Document, separate};
use parts::{Key, Moved, Part};
use table::Schema;

/// The fields of a schema, in the order in which a document has them; none for [`config::Format::Audit`].
pub fn fields(format: config::Format) -> &'static [Row] {
    schema(format).map_or(&[], |schema| schema.rows)
}

const fn schema(format: config::Format) -> Option<&'static Schema> {
    match format {
        config::Format::Audit => None,
        config::Format::Ecs => Some(&ecs::SCHEMA),
        config::Format::Ocsf => Some(&ocsf::SCHEMA),
    }
}

/// Room for what stands behind the text in an answer.
const ROOM_BEHIND: usize = 512;

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// It is written member by member, with bodies as the configuration wants them.
    Members,
    /// An event, in `event` if it is not the answer itself.
    Event { alone: bool },
    /// Several events, in `documents`.
    List,
}

/// Writes answers in another form, one after another, in buffers that are reused.
///
/// ```
/// use auditveil_core::{Formatter, config::{Bodies, Format, Output}};
///
/// let event = br#"{"auditID":"7f","verb":"get","userAgent":"kubectl","auditveil":{"version":"1"}}"#;
/// let mut formatter = Formatter::new(Output { format: Format::Ecs, bodies: Bodies::Objects }).unwrap();
/// let mut document = Vec::new();
/// assert!(formatter.write(event, &mut document));
/// let document = String::from_utf8(document).unwrap();
/// assert!(document.contains(r#""user_agent":{"original":"kubectl"},"auditveil":{"version":"1"}}"#));
/// ```
#[derive(Debug)]
pub struct Formatter {
    schema: Option<&'static Schema>,
    bodies: Bodied,
    reader: Reader,
    events: Events,
    parts: Vec<Part>,
    /// Where bodies stand in the answer.
    found: Vec<(usize, usize)>,
    /// An event that an envelope holds, with what stands beside it.
    event: Vec<u8>,
    /// The documents of a list, with commas between them.
    documents: Vec<u8>,
    scratch: Vec<u8>,
    lengths: Vec<u32>,
}

impl Formatter {
    /// A formatter for what a configuration asks for; `None` if that is the answer as it is.
    pub fn new(output: Output) -> Option<Self> {
        let plain = output.format == config::Format::Audit && output.bodies != config::Bodies::Text;
        (!plain).then(|| Formatter {
            schema: schema(output.format),
            bodies: Bodied::new(output.bodies),
            reader: Reader::default(),
            events: Events::default(),
            parts: Vec::new(),
            found: Vec::new(),
            event: Vec::new(),
            documents: Vec::new(),
            scratch: Vec::new(),
            lengths: Vec::new(),
        })
    }

    /// Gives back the memory that answers took.
    pub(crate) fn release(&mut self) {
        let Formatter { schema, bodies, .. } = *self;
        *self = Formatter {
            schema,
            bodies,
            reader: Reader::default(),
            events: Events::default(),
            parts: Vec::new(),
            found: Vec::new(),
            event: Vec::new(),
            documents: Vec::new(),
            scratch: Vec::new(),
            lengths: Vec::new(),
        };
    }

    /// Writes an answer, which is JSON, into `out`, whose former content is discarded; `false` if there is no memory.
    ///
    /// What is no audit event stays as it is. What holds several events becomes an object whose `events` they are.
    #[must_use]
    pub fn write(&mut self, answer: &[u8], out: &mut Vec<u8>) -> bool {
        self.write_as(answer, false, out)
    }

    /// The same; `packed` as a msgpack map.
    pub(crate) fn write_as(&mut self, answer: &[u8], packed: bool, out: &mut Vec<u8>) -> bool {
        let event = core::mem::take(&mut self.event);
        let documents = core::mem::take(&mut self.documents);
        let written = self.write_with(answer, packed, event, documents, out);
        if !written {
            out.clear();
        }
        written
    }

    fn write_with(
        &mut self,
        answer: &[u8],
        packed: bool,
        mut event: Vec<u8>,
        mut documents: Vec<u8>,
        out: &mut Vec<u8>,
    ) -> bool {
        let form = self.look(answer, &mut event, &mut documents);
        let written = form.is_some_and(|form| {
            let alone = form == Form::Event { alone: true };
            let text = if alone { event.as_slice() } else { answer };
            (!alone || parts::find(text, &mut self.parts)) && self.put(form, text, &documents, packed, out)
        });
        (self.event, self.documents) = (event, documents);
        written
    }

    /// Finds out what an answer is, and takes apart what is no event itself; `None` if there is no memory.
    fn look(&mut self, answer: &[u8], event: &mut Vec<u8>, documents: &mut Vec<u8>) -> Option<Form> {
        self.found.clear();
        if !parts::find(answer, &mut self.parts) {
            return None;
        }
        let own = parts::make_event(&self.parts);
        let list = !own && list::is_list(answer, Where::Record);
        let Some(schema) = self.schema else {
            let texts = self.bodies.texts;
            return (!texts || bodies::find(answer, list, &mut self.found)).then_some(Form::Members);
        };
        if own {
            return Some(Form::Event { alone: false });
        }
        if self.parts.iter().any(|part| part.field == Field::Stamp && is_of_other(part.value(answer))) {
            return Some(Form::Members);
        }
        documents.clear();
        if list {
            self.parts.retain(|part| part.field != Field::Version && !is_of_list(part.name(answer)));
            let items = list::items(answer).into_iter().flatten();
            return self.each(schema, items, documents).then_some(Form::List);
        }
        self.envelope(schema, answer, event, documents)
    }

    /// Takes an envelope apart.
    fn envelope(
        &mut self,
        schema: &'static Schema,
        answer: &[u8],
        event: &mut Vec<u8>,
        documents: &mut Vec<u8>,
    ) -> Option<Form> {
        let (mut count, mut held): (usize, bool) = (0, true);
        let mut events = core::mem::take(&mut self.events);
        event.clear();
        events.each(answer, &mut |found| {
            held &= count > 0 || append(event, found);
            count = count.saturating_add(1);
        });
        let form = if !held {
            None
        } else if count == 1 {
            let beside = self.parts.iter().filter(|part| {
                !matches!(part.field, Field::Stamp | Field::Version)
                    && !events.hold(part.name(answer), part.start, part.end)
            });
            // A stub holds no event, and is what was found itself.
            let same = event.as_slice() == answer;
            let added = same || add(beside, answer, event);
            added.then_some(if same { Form::Event { alone: false } } else { Form::Event { alone: true } })
        } else {
            let mut written = true;
            events.each(answer, &mut |found| {
                let bare = without_stamp(found, event);
                written = written && self.each(schema, core::iter::once(bare), documents);
            });
            self.parts.retain(|part| {
                part.field != Field::Version && !events.hold(part.name(answer), part.start, part.end)
            });
            written.then_some(Form::List)
        };
        self.events = events;
        form
    }

    /// Appends the documents of events.
    fn each<'a>(
        &mut self,
        schema: &'static Schema,
        items: impl Iterator<Item = &'a [u8]>,
        documents: &mut Vec<u8>,
    ) -> bool {
        let mut parts = Vec::new();
        let mut scratch = core::mem::take(&mut self.scratch);
        let mut written = true;
        for text in items {
            let mut event = match parts::find(text, &mut parts) {
                true => self.reader.read_found(text, parts::known(&parts)),
                false => return false,
            };
            event.facts();
            let document = Document {
                schema,
                text,
                parts: &parts,
                event: &event,
                bodies: self.bodies,
                moved: &Moved::default(),
            };
            written =
                (documents.is_empty() || append(documents, b",")) && document.write(&mut scratch, documents);
            if !written {
                break;
            }
        }
        self.scratch = scratch;
        written
    }

    /// Writes what was found.
    fn put(&mut self, form: Form, text: &[u8], documents: &[u8], packed: bool, out: &mut Vec<u8>) -> bool {
        let Formatter { schema, bodies, reader, parts, found, scratch, lengths, .. } = self;
        let mut event = reader.read_found(text, parts::known(parts));
        if matches!(form, Form::Event { .. }) {
            event.facts();
        }
        let mut answer = Answer {
            form,
            schema: *schema,
            text,
            parts,
            bodies: *bodies,
            found,
            documents,
            event: &event,
            moved: Moved::default(),
            apart: false,
        };
        if packed { answer.write_msgpack(scratch, lengths, out) } else { answer.write_json(scratch, out) }
    }
}

/// An answer, and how it is written.
struct Answer<'a, 'b> {
    form: Form,
    schema: Option<&'static Schema>,
    text: &'a [u8],
    parts: &'b [Part],
    bodies: Bodied,
    found: &'b [(usize, usize)],
    documents: &'b [u8],
    event: &'b Event<'a>,
    moved: Moved,
    /// The documents of a list have left the text.
    apart: bool,
}

impl Answer<'_, '_> {
    fn write_json(&self, scratch: &mut Vec<u8>, out: &mut Vec<u8>) -> bool {
        let mut count = Count::default();
        self.write(scratch, &mut count)
            && reset(out, count.0.saturating_add(ROOM_BEHIND))
            && self.write(scratch, out)
    }

    fn write_msgpack(&mut self, scratch: &mut Vec<u8>, lengths: &mut Vec<u32>, out: &mut Vec<u8>) -> bool {
        let mut whole = None;
        let length = loop {
            let mut count = Count::default();
            if !self.write(scratch, &mut count) {
                return false;
            }
            whole = whole.or(Some(count.0));
            if count.0 <= MSGPACK_TEXT {
                break count.0;
            }
            if !self.move_on() {
                return false;
            }
        };
        let aside = self.parts.iter().any(|part| self.moved.is_aside(part));
        let padding = usize::from(!pack::has_header(length));
        let keys = self.moved.count().wrapping_add(2);
        let keys = keys.wrapping_add(usize::from(aside)).wrapping_add(usize::from(self.apart));
        let whole = whole.unwrap_or(0).max(self.text.len()).max(self.documents.len());
        reset(out, whole.saturating_add(whole >> 6).saturating_add(ROOM_BEHIND))
            && pack::begin(out, keys)
            && pack::text_header(out, length.wrapping_add(padding))
            && self.write(scratch, out)
            && (padding == 0 || append(out, b" "))
            && self.write_moved(lengths, out)
            && (!aside || self.write_aside(lengths, out))
            && append(out, pack::VERSION)
    }

    /// Moves something out of the text; `false` if nothing is left that could be.
    fn move_on(&mut self) -> bool {
        if self.form == Form::List && !core::mem::replace(&mut self.apart, true) {
            return true;
        }
        self.moved.move_on(self.text, self.parts)
    }

    fn write(&self, scratch: &mut Vec<u8>, sink: &mut dyn Sink) -> bool {
        match (self.form, self.schema) {
            (Form::Event { .. }, Some(schema)) => self.document(schema).write(scratch, sink),
            (Form::List, _) => self.write_list(sink),
            _ if self.moved.count() == 0 && !self.moved.aside => self.write_span(0, self.text.len(), sink),
            _ => {
                let mut first = true;
                sink.put(b"{")
                    && self.parts.iter().filter(|part| !self.moved.has(part)).all(|part| {
                        separate(&mut first, sink)
                            && sink.put(b"\"")
                            && sink.put(part.name(self.text))
                            && sink.put(b"\":")
                            && self.write_span(part.start, part.end, sink)
                    })
                    && sink.put(b"}")
            }
        }
    }

    fn document(&self, schema: &'static Schema) -> Document<'_, '_> {
        Document {
            schema,
            text: self.text,
            parts: self.parts,
            event: self.event,
            bodies: self.bodies,
            moved: &self.moved,
        }
    }

    /// Writes a stretch of the answer, with the bodies in it as texts.
    fn write_span(&self, start: usize, end: usize, sink: &mut dyn Sink) -> bool {
        let first = self.found.partition_point(|body| body.0 < start);
        let mut at = start;
        for &(from, to) in self.found.get(first..).unwrap_or_default() {
            if from >= end {
                break;
            }
            let before = self.text.get(at..from).unwrap_or_default();
            if !sink.put(before) || !self.bodies.write(self.text.get(from..to).unwrap_or_default(), sink) {
                return false;
            }
            at = to;
        }
        sink.put(self.text.get(at..end).unwrap_or_default())
    }

    /// Writes a list: its documents, and what stood beside it.
    fn write_list(&self, sink: &mut dyn Sink) -> bool {
        let mut first = true;
        sink.put(b"{")
            && (self.apart
                || separate(&mut first, sink)
                    && sink.put(b"\"events\":[")
                    && sink.put(self.documents)
                    && sink.put(b"]"))
            && self.parts.iter().filter(|part| !self.moved.has(part)).all(|part| {
                let name = part.name(self.text);
                separate(&mut first, sink)
                    && sink.put(if name == b"events" { b"\"record_" } else { b"\"" })
                    && sink.put(name)
                    && sink.put(b"\":")
                    && sink.put(part.value(self.text))
            })
            && sink.put(b"}")
    }

    fn write_moved(&self, lengths: &mut Vec<u32>, out: &mut Vec<u8>) -> bool {
        if self.apart {
            let key = assemble::write_key(out, b"", b"events", 0);
            let start = out.len();
            let written = append(out, b"[") && append(out, self.documents) && append(out, b"]");
            if !(key && written && pack::split_into_pieces(out, start, lengths)) {
                return false;
            }
        }
        let moved = |part: &&Part| self.moved.by_itself(part);
        self.parts.iter().filter(moved).all(|part| {
            let key = self.key(part);
            let name = key.name.map_or_else(|| part.name(self.text), str::as_bytes);
            let others = self.parts.iter().filter(moved).take_while(|other| other.start < part.start);
            let before = others.filter(|other| other.name(self.text) == part.name(self.text)).count();
            let written = assemble::write_key(out, key.prefix.as_bytes(), name, before);
            let start = out.len();
            written && self.write_value(part, out) && pack::split_into_pieces(out, start, lengths)
        })
    }

    /// What a member is called when it has left the text.
    fn key(&self, part: &Part) -> Key {
        match (self.form, self.schema) {
            (Form::Event { .. }, Some(schema)) => self.document(schema).key(part),
            _ => Key { prefix: "", name: None },
        }
    }

    /// A member's value, as an object if it is a body.
    fn write_value(&self, part: &Part, sink: &mut dyn Sink) -> bool {
        if is_body(part.field) {
            return sink.put(part.value(self.text));
        }
        self.write_span(part.start, part.end, sink)
    }

    fn write_aside(&self, lengths: &mut Vec<u32>, out: &mut Vec<u8>) -> bool {
        let key = assemble::write_key(out, b"", BEYOND_LIMIT, 0);
        let start = out.len();
        let mut first = true;
        key && append(out, b"{")
            && self.parts.iter().filter(|part| self.moved.is_aside(part)).all(|part| {
                separate(&mut first, out)
                    && append(out, b"\"")
                    && append(out, part.name(self.text))
                    && append(out, b"\":")
                    && self.write_value(part, out)
            })
            && append(out, b"}")
            && pack::split_into_pieces(out, start, lengths)
    }
}

/// Whether a stamp says that its record is no audit event.
fn is_of_other(stamp: &[u8]) -> bool {
    member(stamp, b"shape").is_some()
}

/// Whether a member is one of an `EventList`.
fn is_of_list(name: &[u8]) -> bool {
    matches!(
        name,
        b"kind" | b"Kind" | b"apiVersion" | b"APIVersion" | b"metadata" | b"Metadata" | b"items" | b"Items"
    )
}

/// An event without the stamp at its end, which is that of the record around it.
fn without_stamp<'a>(event: &'a [u8], scratch: &'a mut Vec<u8>) -> &'a [u8] {
    let found =
        Members::new(event, 0).find(|found| event.get(found.name_start..found.name_end) == Some(STAMP));
    let Some(found) = found else { return event };
    scratch.clear();
    let before = event.get(..found.name_start.wrapping_sub(2)).unwrap_or_default();
    if append(scratch, before) && append(scratch, b"}") { scratch } else { event }
}

/// Adds members that stood beside an event behind its own.
fn add<'a>(mut beside: impl Iterator<Item = &'a Part>, answer: &[u8], event: &mut Vec<u8>) -> bool {
    if event.pop_if(|last| *last == b'}').is_none() {
        return true;
    }
    beside.all(|part| {
        // A member of an event that stands beside one is none of it.
        let renamed = document::is_of_event(part.field);
        append(event, if renamed { b",\"record_" } else { b",\"" })
            && append(event, part.name(answer))
            && append(event, b"\":")
            && append(event, part.value(answer))
    }) && append(event, b"}")
}
