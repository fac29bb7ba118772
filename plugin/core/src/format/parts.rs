//! The members of an answer, and those that have left its text.

use super::document::is_of_event;
use super::table::Schema;
use crate::event::fields::{Field, STAMP};
use crate::json::members::Members;
use crate::json::{skip_space, text};
use crate::limits::MSGPACK_KEYS;
use crate::memory::push;
use alloc::vec::Vec;

/// A member of an answer, as positions in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) field: Field,
    pub(super) name: (usize, usize),
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Part {
    pub(super) fn name(self, text: &[u8]) -> &[u8] {
        text.get(self.name.0..self.name.1).unwrap_or_default()
    }

    /// The name as Kubernetes spells it, if it is a member of an event.
    pub(super) fn canonical(self, text: &[u8]) -> &[u8] {
        self.field.name().map_or_else(|| self.name(text), str::as_bytes)
    }

    pub(super) fn value(self, text: &[u8]) -> &[u8] {
        text.get(self.start..self.end).unwrap_or_default()
    }

    pub(super) fn length(self) -> usize {
        self.end.wrapping_sub(self.start)
    }

    /// Whether it may leave the text when that is too long.
    pub(super) fn is_movable(self, text: &[u8]) -> bool {
        let name = self.name(text);
        !matches!(self.field, Field::Stamp | Field::Version)
            && name.len() <= 128
            && name.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'\\')
    }
}

/// Finds the members of an object; `false` if there is no memory.
pub(super) fn find(text: &[u8], parts: &mut Vec<Part>) -> bool {
    parts.clear();
    Members::new(text, skip_space(text, 0)).all(|member| {
        let name = text.get(member.name_start..member.name_end).unwrap_or_default();
        let part = Part {
            field: field(name),
            name: (member.name_start, member.name_end),
            start: member.value_start,
            end: member.value_end,
        };
        push(parts, part)
    })
}

/// The field that a name means, which may have escapes.
pub(super) fn field(name: &[u8]) -> Field {
    if !name.contains(&b'\\') {
        return Field::named(name);
    }
    let mut unescaped = Vec::new();
    if text::unescape(name, &mut unescaped) { Field::named(&unescaped) } else { Field::Other }
}

/// The most members that leave a text one by one: `log`, the version, the documents of a list and what
/// is set aside have keys of their own.
const MOST_MOVED: usize = MSGPACK_KEYS - 4;

/// A member of fewer bytes does not leave a text by itself: it is not what makes that too long.
const SMALLEST_MOVED: usize = 256;

/// The longest member that stays when all others are set aside.
const LONGEST_LEFT: usize = 512;

/// What has left a text.
#[derive(Clone, Debug, Default)]
pub(super) struct Moved {
    /// Where the values of those that left one by one begin.
    starts: [usize; MOST_MOVED],
    count: usize,
    /// All others that do not tell which event it is.
    pub(super) aside: bool,
}

impl Moved {
    /// Whether a member stands elsewhere.
    pub(super) fn has(&self, part: &Part) -> bool {
        self.by_itself(part) || self.is_aside(part)
    }

    pub(super) fn by_itself(&self, part: &Part) -> bool {
        self.starts.iter().take(self.count).any(|&start| start == part.start)
    }

    /// Whether a member is set aside with others.
    pub(super) fn is_aside(&self, part: &Part) -> bool {
        let identifies = part.field.identifies() && part.length() <= LONGEST_LEFT;
        let ours = matches!(part.field, Field::Stamp | Field::Version);
        self.aside && !identifies && !ours && !self.by_itself(part)
    }

    /// How many members have left one by one.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Moves the largest member that is left, or sets all aside; `false` if that was done before.
    pub(super) fn move_on(&mut self, text: &[u8], parts: &[Part]) -> bool {
        let left = parts.iter().filter(|part| !self.by_itself(part) && part.is_movable(text));
        let largest = left.max_by_key(|part| part.length());
        match largest {
            Some(part) if self.count < MOST_MOVED && part.length() >= SMALLEST_MOVED => {
                if let Some(place) = self.starts.get_mut(self.count) {
                    *place = part.start;
                }
                self.count = self.count.wrapping_add(1);
                true
            }
            _ => !core::mem::replace(&mut self.aside, true),
        }
    }
}

/// What a member is called when it has left the text: the prefix, and its own name if there is no other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) prefix: &'static str,
    pub(super) name: Option<&'static str>,
}

/// Whether a member that is none of the event has a name of the schema's, or one that is written with escapes.
pub(super) fn is_renamed(name: &[u8], schema: &Schema) -> bool {
    let is_point = |byte: &u8| *byte == b'.';
    let first = name.split(is_point).next().unwrap_or_default();
    let taken = |path: &str| path.as_bytes().split(is_point).next() == Some(first);
    name.contains(&b'\\') || first == STAMP || schema.rows.iter().any(|row| taken(row.path))
}

/// Whether an object with these members is an event.
pub(super) fn make_event(parts: &[Part]) -> bool {
    Field::make_event(parts.iter().fold(0, |fields, part| fields | part.field.bit()))
}

/// The fields of the event among the members, for who reads it.
pub(super) fn known(parts: &[Part]) -> impl Iterator<Item = (Field, usize, usize)> {
    let known = parts.iter().filter(|part| is_of_event(part.field) || part.field == Field::Stamp);
    known.map(|part| (part.field, part.start, part.end))
}
