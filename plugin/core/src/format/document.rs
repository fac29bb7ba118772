//! Writes one event by the table of a schema.
//!
//! A value is copied as one stretch, or is small. Nothing is written that the event does not hold.

use super::bodies::{Bodied, is_body};
use super::derive;
use super::parts::{Key, Moved, Part, is_renamed};
use super::table::{Row, Schema, Source};
use crate::answer::writer::Sink;
use crate::enrich::Event;
use crate::event::fields::{Field, STAMP};
use crate::json::members::Members;
use alloc::vec::Vec;

/// An event, and what is needed to write it.
#[derive(Debug)]
pub(super) struct Document<'a, 'b> {
    pub(super) schema: &'static Schema,
    /// The event as JSON text.
    pub(super) text: &'a [u8],
    pub(super) parts: &'b [Part],
    pub(super) event: &'b Event<'a>,
    pub(super) bodies: Bodied,
    pub(super) moved: &'b Moved,
}

impl Document<'_, '_> {
    /// Writes it; `false` if there is no memory. `scratch` is a buffer of the caller's.
    pub(super) fn write(&self, scratch: &mut Vec<u8>, sink: &mut dyn Sink) -> bool {
        let mut tree = Tree { sink, open: b"", first: true };
        // The fields that rows have written as a whole.
        let mut taken: u32 = 0;
        tree.sink.put(b"{")
            && self.schema.rows.iter().all(|row| self.row(row, &mut taken, scratch, &mut tree))
            && tree.enter(b"")
            && (!self.schema.open || self.rest(0, &mut tree))
            && tree.sink.put(b"}")
    }

    #[inline(never)]
    fn row(&self, row: &Row, taken: &mut u32, scratch: &mut Vec<u8>, tree: &mut Tree<'_>) -> bool {
        match row.source {
            Source::Constant(json) => tree.member(row.path) && tree.sink.put(json.as_bytes()),
            Source::Text(field) => {
                let Some(text) = derive::text(self.event.value(field)) else { return true };
                *taken |= field.bit();
                tree.member(row.path) && quote(text, tree.sink)
            }
            Source::TextIn(field, name) => match derive::text_in(self.event, field, name) {
                Some(text) => tree.member(row.path) && quote(text, tree.sink),
                None => true,
            },
            Source::Fact(fact) => {
                scratch.clear();
                match derive::write(fact, self.event, scratch) {
                    Some(written) => written && tree.member(row.path) && tree.sink.put(scratch),
                    None => true,
                }
            }
            Source::Body(field) => match self.parts.iter().rfind(|part| part.field == field) {
                Some(part) if !self.moved.has(part) => {
                    tree.member(row.path) && self.bodies.write(part.value(self.text), tree.sink)
                }
                _ => true,
            },
            Source::Event => tree.member(row.path) && self.audit(tree),
            Source::Rest => {
                if !self.parts.iter().any(|part| self.is_rest(part, *taken)) {
                    return true;
                }
                let opened = tree.member(row.path) && tree.sink.put(b"{");
                tree.first = true;
                let written = opened && self.rest(*taken, tree) && tree.sink.put(b"}");
                tree.first = false;
                written
            }
        }
    }

    /// The event as an object: its own members, under the names that Kubernetes gives them.
    fn audit(&self, tree: &mut Tree<'_>) -> bool {
        let mut first = true;
        let own = |part: &&Part| is_of_event(part.field) && !self.moved.has(part);
        tree.sink.put(b"{")
            && self.parts.iter().filter(own).all(|part| {
                let body = is_body(part.field) && self.bodies.makes_text(part.value(self.text));
                let suffix = if body { self.schema.text_suffix } else { "" };
                let value = part.value(self.text);
                separate(&mut first, tree.sink)
                    && tree.sink.put(b"\"")
                    && tree.sink.put(part.canonical(self.text))
                    && tree.sink.put(suffix.as_bytes())
                    && tree.sink.put(b"\":")
                    && match part.field {
                        Field::Annotations => without_points(value, tree.sink),
                        field if is_body(field) => self.bodies.write(value, tree.sink),
                        _ => tree.sink.put(value),
                    }
            })
            && tree.sink.put(b"}")
    }

    /// Whether a member has no row.
    fn is_rest(&self, part: &Part, taken: u32) -> bool {
        match part.field {
            Field::Version => false,
            Field::Stamp => true,
            _ if self.moved.has(part) || is_body(part.field) => false,
            field if self.schema.open => !is_of_event(field),
            field => !field.is_in(taken),
        }
    }

    /// What has no row, and then the stamp.
    fn rest(&self, taken: u32, tree: &mut Tree<'_>) -> bool {
        let rest = |part: &&Part| part.field != Field::Stamp && self.is_rest(part, taken);
        let stamp = self.parts.iter().rfind(|part| part.field == Field::Stamp);
        self.parts.iter().filter(rest).all(|part| {
            let name = part.name(self.text);
            let renamed = self.schema.open && is_renamed(name, self.schema);
            separate(&mut tree.first, tree.sink)
                && tree.sink.put(if renamed { b"\"record_" } else { b"\"" })
                && tree.sink.put(name)
                && tree.sink.put(b"\":")
                && tree.sink.put(part.value(self.text))
        }) && stamp.is_none_or(|stamp| {
            separate(&mut tree.first, tree.sink)
                && tree.sink.put(b"\"")
                && tree.sink.put(STAMP)
                && tree.sink.put(b"\":")
                && tree.sink.put(stamp.value(self.text))
        })
    }

    /// What a member is called when it has left the text.
    pub(super) fn key(&self, part: &Part) -> Key {
        let row = self
            .schema
            .rows
            .iter()
            .find(|row| matches!(row.source, Source::Body(field) if field == part.field));
        match row {
            Some(row) => Key { prefix: "", name: Some(row.path) },
            None if is_of_event(part.field) => {
                Key { prefix: self.schema.event_prefix, name: part.field.name() }
            }
            None => Key { prefix: self.schema.rest_prefix, name: None },
        }
    }
}

/// Whether the field is one of an audit event.
pub(super) fn is_of_event(field: Field) -> bool {
    field.name().is_some()
}

fn quote(text: &[u8], sink: &mut dyn Sink) -> bool {
    sink.put(b"\"") && sink.put(text) && sink.put(b"\"")
}

pub(super) fn separate(first: &mut bool, sink: &mut dyn Sink) -> bool {
    core::mem::take(first) || sink.put(b",")
}

/// Writes an object with the points in the names of its members as `_`: Elasticsearch takes a name with points for a
/// way.
fn without_points(value: &[u8], sink: &mut dyn Sink) -> bool {
    if value.first() != Some(&b'{') {
        return sink.put(value);
    }
    let mut first = true;
    sink.put(b"{")
        && Members::new(value, 0).all(|member| {
            let name = value.get(member.name_start..member.name_end).unwrap_or_default();
            let mut begun = false;
            separate(&mut first, sink)
                && sink.put(b"\"")
                && name
                    .split(|&byte| byte == b'.')
                    .all(|part| (!core::mem::replace(&mut begun, true) || sink.put(b"_")) && sink.put(part))
                && sink.put(b"\":")
                && sink.put(value.get(member.value_start..member.value_end).unwrap_or_default())
        })
        && sink.put(b"}")
}

/// The objects that are open.
struct Tree<'a> {
    sink: &'a mut dyn Sink,
    /// The way to the innermost of them.
    open: &'static [u8],
    /// Nothing is in it yet.
    first: bool,
}

impl Tree<'_> {
    /// Begins the member that a path leads to.
    fn member(&mut self, path: &'static str) -> bool {
        let path = path.as_bytes();
        let point = path.iter().rposition(|&byte| byte == b'.');
        let (way, name) = point.and_then(|point| path.split_at_checked(point)).unwrap_or((b"", path));
        let name = name.strip_prefix(b".").unwrap_or(name);
        self.enter(way)
            && separate(&mut self.first, self.sink)
            && self.sink.put(b"\"")
            && self.sink.put(name)
            && self.sink.put(b"\":")
    }

    /// Closes and opens objects, until the one that `way` leads to is the innermost.
    fn enter(&mut self, way: &'static [u8]) -> bool {
        if way == self.open {
            return true;
        }
        let steps = |way: &'static [u8]| way.split(|&byte| byte == b'.').filter(|step| !step.is_empty());
        let shared = steps(self.open).zip(steps(way)).take_while(|(one, other)| one == other).count();
        for step in steps(self.open).skip(shared) {
            self.first = false;
            if !self.sink.put(if matches!(step, [.., b'[', b']']) { b"}]" } else { b"}" }) {
                return false;
            }
        }
        for step in steps(way).skip(shared) {
            let (name, opening): (_, &[u8]) = match step {
                [name @ .., b'[', b']'] => (name, b"\":[{"),
                name => (name, b"\":{"),
            };
            let opened = separate(&mut self.first, self.sink)
                && self.sink.put(b"\"")
                && self.sink.put(name)
                && self.sink.put(opening);
            if !opened {
                return false;
            }
            self.first = true;
        }
        self.open = way;
        true
    }
}
