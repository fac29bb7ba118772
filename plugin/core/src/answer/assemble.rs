//! Puts an answer together: the event's members, what stood beside them, the stamp.
//!
//! Members that stay are written in runs, each run one stretch of its document, so that the usual event is
//! one copy. In msgpack the text must fit one string; where it does not, the largest members leave it.

use super::pack;
use super::writer::{Count, Sink, Writer};
use crate::event::fields::{BEYOND_LIMIT, Field, STAMP};
use crate::limits::{EMITTED_KEYS, MSGPACK_KEYS, MSGPACK_TEXT};
use crate::memory::{append, reset};
use crate::record::document::Document;
use crate::record::member::{Fate, Member};
use alloc::vec::Vec;

/// The key of a moved member is the member's name and this.
const TEXT_SUFFIX: &[u8] = b"_text";

/// The smallest member that is moved out of a text, in bytes.
const SMALLEST_MOVED: usize = 256;

/// What is set aside from a text that is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aside {
    Nothing,
    /// Members that are no fields of an event.
    Unknown,
    /// Members that do not tell which event it is.
    AllButIdentity,
}

/// Room for what follows the text in an answer: the keys and headers of msgpack, a host's terminator.
pub(super) const ROOM_BEHIND: usize = 512;

/// A document and its bytes.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) document: &'a mut Document,
}

impl Source<'_> {
    fn writer(&self) -> Writer<'_> {
        let document = &self.document;
        Writer::new(self.bytes, &document.edits, &document.regions, &document.digests, &document.written)
    }

    /// The length of a member once written.
    fn length(&self, member: Member) -> usize {
        self.writer().length(member.start as usize, member.end as usize)
    }

    /// Writes the members of one fate, each after a comma unless `first`; returns whether any was written.
    fn write(&self, fate: Fate, escaped: bool, first: &mut bool, sink: &mut impl Sink) -> bool {
        let writer = self.writer();
        let members = self.document.members.as_slice();
        // The usual event: all of it stays.
        if fate == Fate::Kept && members.iter().all(|member| member.fate == Fate::Kept) {
            let all = members.first().zip(members.last());
            let run = all.map(|(first, last)| (first.start as usize, last.end as usize));
            return flush(writer, run, escaped, first, sink);
        }
        let mut run: Option<(usize, usize)> = None;
        for member in &self.document.members {
            if member.fate == fate || (fate == Fate::Kept && member.fate == Fate::Renamed) {
                if member.fate == Fate::Renamed {
                    let written = flush(writer, run.take(), escaped, first, sink)
                        && separate(first, sink)
                        && sink.put(b"\"record_")
                        && writer.write(
                            (member.start as usize).wrapping_add(1),
                            member.end as usize,
                            escaped,
                            sink,
                        );
                    if !written {
                        return false;
                    }
                } else {
                    let start = run.map_or(member.start as usize, |run| run.0);
                    run = Some((start, member.end as usize));
                }
            } else if !flush(writer, run.take(), escaped, first, sink) {
                return false;
            }
        }
        flush(writer, run, escaped, first, sink)
    }
}

fn separate(first: &mut bool, sink: &mut impl Sink) -> bool {
    core::mem::take(first) || sink.put(b",")
}

fn flush(
    writer: Writer<'_>,
    run: Option<(usize, usize)>,
    escaped: bool,
    first: &mut bool,
    sink: &mut impl Sink,
) -> bool {
    match run {
        Some((start, end)) => separate(first, sink) && writer.write(start, end, escaped, sink),
        None => true,
    }
}

/// The parts of an answer.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) event: Source<'a>,
    pub(crate) beside: Source<'a>,
    /// The stamp's value.
    pub(crate) stamp: &'a [u8],
}

impl Answer<'_> {
    /// Writes the answer as JSON; `false` if there is no memory.
    pub(crate) fn write_json(&mut self, out: &mut Vec<u8>) -> bool {
        let beyond = self.set_aside_beyond_limit();
        // One allocation of the right size: growing by doubling would hold the answer twice, and as much again.
        reset(out, self.text_length(beyond).saturating_add(ROOM_BEHIND)) && self.write_text(beyond, out)
    }

    /// Writes the event as an item of a list, without a stamp; `false` if there is no memory.
    pub(crate) fn write_item(&mut self, out: &mut Vec<u8>) -> bool {
        let beyond = self.set_aside_beyond_limit();
        let mut first = true;
        out.put(b"{")
            && self.event.write(Fate::Kept, false, &mut first, out)
            && (!beyond || self.write_beyond_limit(&mut first, out))
            && out.put(b"}")
    }

    /// The event's text.
    fn write_text(&self, beyond: bool, sink: &mut impl Sink) -> bool {
        let mut first = true;
        sink.put(b"{")
            && self.event.write(Fate::Kept, false, &mut first, sink)
            && self.beside.write(Fate::Kept, false, &mut first, sink)
            && (!beyond || self.write_beyond_limit(&mut first, sink))
            && separate(&mut first, sink)
            && sink.put(b"\"")
            && sink.put(STAMP)
            && sink.put(b"\":")
            && sink.put(self.stamp)
            && sink.put(b"}")
    }

    /// What is too much for one object, as a member whose string holds it.
    fn write_beyond_limit(&self, first: &mut bool, sink: &mut impl Sink) -> bool {
        separate(first, sink)
            && sink.put(b"\"")
            && sink.put(BEYOND_LIMIT)
            && sink.put(b"\":\"")
            && self.write_set_aside(true, sink)
            && sink.put(b"\"")
    }

    fn write_set_aside(&self, escaped: bool, sink: &mut impl Sink) -> bool {
        let mut first = true;
        sink.put(b"{")
            && self.event.write(Fate::SetAside, escaped, &mut first, sink)
            && self.beside.write(Fate::SetAside, escaped, &mut first, sink)
            && sink.put(b"}")
    }

    /// Sets aside the members beyond the limit of keys; returns whether there are any, now or from before.
    ///
    /// Neither the member that holds them nor the stamp counts, so that a second pass finds nothing to do.
    pub(crate) fn set_aside_beyond_limit(&mut self) -> bool {
        let limit = usize::from(EMITTED_KEYS).saturating_sub(2);
        let members = self.event.document.members.len().saturating_add(self.beside.document.members.len());
        if members <= limit {
            return false;
        }
        let mut kept: usize = 0;
        let mut any = false;
        for member in self.members() {
            if matches!(member.fate, Fate::Kept | Fate::Renamed) && member.field != Field::BeyondLimit {
                kept = kept.wrapping_add(1);
                if kept > limit {
                    member.set_aside();
                    any = true;
                }
            }
            any |= member.fate == Fate::SetAside;
        }
        if any {
            self.members().filter(|member| member.field == Field::BeyondLimit).for_each(Member::set_aside);
        }
        any
    }

    fn members(&mut self) -> impl Iterator<Item = &mut Member> {
        self.event.document.members.iter_mut().chain(&mut self.beside.document.members)
    }

    /// Writes the answer as msgpack; `false` if there is no memory.
    pub(crate) fn write_msgpack(&mut self, out: &mut Vec<u8>, lengths: &mut Vec<u32>) -> bool {
        let mut beyond = self.set_aside_beyond_limit();
        let mut length = self.text_length(beyond);
        let whole = length;
        let mut moved: usize = 0;
        let mut aside = Aside::Nothing;
        while length > MSGPACK_TEXT {
            // `log`, the version and what is set aside have keys of their own.
            if moved < MSGPACK_KEYS.saturating_sub(3) && self.move_largest() {
                moved = moved.wrapping_add(1);
            } else {
                aside = match aside {
                    Aside::Nothing => Aside::Unknown,
                    Aside::Unknown => Aside::AllButIdentity,
                    Aside::AllButIdentity => return false,
                };
                self.set_aside(aside);
                beyond = false;
            }
            length = self.text_length(beyond);
        }
        let aside = aside != Aside::Nothing;
        let padding = usize::from(!pack::has_header(length));
        let keys = moved.wrapping_add(2).wrapping_add(usize::from(aside));
        // The header of a piece has three bytes, and pieces are longer than 192.
        reset(out, whole.saturating_add(whole >> 6).saturating_add(ROOM_BEHIND))
            && pack::begin(out, keys)
            && pack::text_header(out, length.wrapping_add(padding))
            && self.write_text(beyond, out)
            && (padding == 0 || append(out, b" "))
            && self.write_moved(out, lengths)
            && (!aside || self.write_aside(out, lengths))
            && append(out, pack::VERSION)
    }

    fn text_length(&self, beyond: bool) -> usize {
        let mut count = Count::default();
        self.write_text(beyond, &mut count);
        count.0
    }

    /// Moves the largest member out of the text; `false` if there is none that can be moved.
    fn move_largest(&mut self) -> bool {
        let largest = |source: &Source<'_>| {
            let movable = |member: &&Member| member.fate == Fate::Kept && is_movable(source.bytes, member);
            let members = source.document.members.iter().filter(movable);
            members.map(|member| (source.length(*member), member.start)).max()
        };
        let event = largest(&self.event);
        let beside = largest(&self.beside);
        let (source, largest) = match (event, beside) {
            (Some(event), Some(beside)) if beside.0 > event.0 => (&mut self.beside, beside),
            (Some(event), _) => (&mut self.event, event),
            (None, Some(beside)) => (&mut self.beside, beside),
            (None, None) => return false,
        };
        // A member smaller than this is not what makes the text too long; there are too many of them.
        if largest.0 < SMALLEST_MOVED {
            return false;
        }
        let Some(index) = source.document.members.iter().position(|member| member.start == largest.1) else {
            return false;
        };
        if let Some(member) = source.document.members.get_mut(index) {
            member.fate = Fate::Moved;
        }
        true
    }

    /// Sets members aside, because the text is too long for other reasons than its largest members.
    fn set_aside(&mut self, what: Aside) {
        for member in self.members() {
            let identity = member.field.identifies();
            if matches!(member.fate, Fate::Kept | Fate::Renamed)
                && (member.field == Field::Other || what == Aside::AllButIdentity && !identity)
            {
                member.set_aside();
            }
        }
    }

    fn write_moved(&self, out: &mut Vec<u8>, lengths: &mut Vec<u32>) -> bool {
        let sources = [&self.event, &self.beside];
        let mut names: [&[u8]; MSGPACK_KEYS] = [b""; MSGPACK_KEYS];
        let mut count: usize = 0;
        for source in sources {
            for member in source.document.members.iter().filter(|member| member.fate == Fate::Moved) {
                let name = member.name(source.bytes);
                let before = names.iter().take(count).filter(|other| **other == name).count();
                if let Some(place) = names.get_mut(count) {
                    *place = name;
                }
                count = count.wrapping_add(1);
                if !write_key(out, b"", name, before) {
                    return false;
                }
                let start = out.len();
                let written = source.writer().write(member.value as usize, member.end as usize, false, out)
                    && pack::split_into_pieces(out, start, lengths);
                if !written {
                    return false;
                }
            }
        }
        true
    }

    fn write_aside(&self, out: &mut Vec<u8>, lengths: &mut Vec<u32>) -> bool {
        let key = write_key(out, b"", BEYOND_LIMIT, 0);
        let start = out.len();
        key && self.write_set_aside(false, out) && pack::split_into_pieces(out, start, lengths)
    }
}

/// Whether the member's name can be a msgpack key as it stands.
fn is_movable(bytes: &[u8], member: &Member) -> bool {
    let name = member.name(bytes);
    !matches!(member.field, Field::Stamp | Field::BeyondLimit)
        && name.len() <= 128
        && name.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'\\')
}

/// Writes the key of a moved member; `before` members of its name have moved already, and a key is given once.
pub(crate) fn write_key(out: &mut Vec<u8>, prefix: &[u8], name: &[u8], before: usize) -> bool {
    let ordinal: &[u8] = match before {
        0 => b"",
        1 => b"_2",
        2 => b"_3",
        3 => b"_4",
        4 => b"_5",
        5 => b"_6",
        6 => b"_7",
        7 => b"_8",
        8 => b"_9",
        9 => b"_10",
        10 => b"_11",
        _ => b"_12",
    };
    let length =
        prefix.len().wrapping_add(name.len()).wrapping_add(ordinal.len()).wrapping_add(TEXT_SUFFIX.len());
    pack::text_header(out, length)
        && append(out, prefix)
        && append(out, name)
        && append(out, ordinal)
        && append(out, TEXT_SUFFIX)
}
