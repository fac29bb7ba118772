//! Members whose names say what they hold: of custom resources, of patches as the client sent them, of maps
//! that anybody may fill. Called from [`rare`](super::rare), out of line.
//!
//! ```text
//! a member of a keyed object:  its name is judged by its words          -> its place
//!                              `name`: its text, and `value` goes by it  (the object's state says so)
//!                              `value` of a JSON patch: by its `path`    -> its place
//! ```
//!
//! **Pairs whose `name` comes late.** Of `{"value":…,"name":…}` the value is passed before anything is known of
//! it. Such an object is marked like a Secret whose kind comes late, one bit behind: where a container begins,
//! the next byte begins none, so that both marks have room.

use super::{Broken, Frame, PLACE, Walker, as_secret, pointer};
use crate::json::members::Members;
use crate::json::{scan, skip, skip_space, text};
use crate::limits;
use crate::redact::edits::position;
use crate::redact::key_names::{self, KeyName, ReferenceShape};
use crate::redact::names::{Likely, Name};
use crate::redact::places::Place;
use crate::redact::values;

/// The end of annotations that hold a piece of configuration: `nginx.ingress.kubernetes.io/server-snippet`.
const SNIPPET: &[u8] = b"-snippet";

/// What is known of the columns of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    /// How many were defined so far.
    count: u32,
    /// Which of the first 64 are called as credentials are.
    sensitive: u64,
}

impl Columns {
    pub(super) const NONE: Columns = Columns { count: 0, sensitive: 0 };
}

impl Walker {
    /// Where the member `name` leads, and the state of its object; `place` is what the tables say, `value` where
    /// it begins. The name's text is `bytes[start..end]`, which may have escapes.
    #[inline(never)]
    pub(super) fn keyed(
        &mut self,
        bytes: &[u8],
        (start, end): (usize, usize),
        value: usize,
        escaped: bool,
        (name, place): (Name, Place),
        top: Frame,
    ) -> (Place, u32) {
        if name == Name::Value {
            return self.value_of_a_pair(bytes, value, place, top);
        }
        if place == Place::Token && refers(bytes, value) {
            return (Place::Custom, top.state);
        }
        if place != top.place().rules().other {
            match place {
                Place::CustomColumns => self.columns = Columns::default(),
                Place::CustomCells if self.columns.sensitive != 0 && !self.mark_cells(bytes, value) => {
                    return (Place::Credential, top.state);
                }
                _ => {}
            }
            return (place, top.state);
        }
        let judged = if escaped {
            self.judge_escaped(bytes, start, end)
        } else {
            self.judged.classify(bytes, start, end)
        };
        if judged == KeyName::Ordinary {
            let snippet =
                place == Place::Custom && bytes.get(..end).is_some_and(|name| name.ends_with(SNIPPET));
            return (if snippet { Place::FreeText } else { place }, top.state);
        }
        if bytes.get(start..end) == Some(b"secretKey") && stands_for_a_remote_one(bytes, top.start as usize) {
            return (place, top.state);
        }
        (judge(bytes, value, judged, place, top.place()), top.state)
    }

    #[cold]
    #[inline(never)]
    fn judge_escaped(&mut self, bytes: &[u8], start: usize, end: usize) -> KeyName {
        let raw = bytes.get(start..end).unwrap_or_default();
        // Whoever reads it leniently may read anything.
        plain(raw, &mut self.decoded).map_or(KeyName::Secret, key_names::classify)
    }

    fn value_of_a_pair(&mut self, bytes: &[u8], value: usize, place: Place, top: Frame) -> (Place, u32) {
        let switch = |to: Place| top.state & !PLACE | to as u32;
        match top.place() {
            Place::Custom => (place, switch(Place::CustomValued)),
            Place::EnvVar => (place, switch(Place::EnvVarValued)),
            Place::CustomNamed | Place::EnvVarNamed => {
                (judge(bytes, value, KeyName::Secret, Place::Custom, top.place()), top.state)
            }
            Place::PatchOperation => (self.patched(bytes, top.start), top.state),
            _ => (place, top.state),
        }
    }

    /// The state of an object whose `name` is `bytes[start..end]`.
    #[inline(never)]
    pub(super) fn pair_name(
        &mut self,
        bytes: &[u8],
        (start, end): (usize, usize),
        escaped: bool,
        top: Frame,
    ) -> Result<u32, Broken> {
        let judged = if escaped {
            self.judge_escaped(bytes, start, end)
        } else {
            self.judged.classify(bytes, start, end)
        };
        if matches!(judged, KeyName::Ordinary | KeyName::Reference) {
            return Ok(top.state);
        }
        let switch = |to: Place| Ok(top.state & !PLACE | to as u32);
        match top.place() {
            Place::Custom => switch(Place::CustomNamed),
            Place::EnvVar => switch(Place::EnvVarNamed),
            Place::CustomValued | Place::EnvVarValued => {
                self.late = true;
                self.mark(top.start.wrapping_add(1))?;
                Ok(top.state)
            }
            _ => Ok(top.state),
        }
    }

    /// The state of an object at `place`, and which of its names have to be looked at, when an earlier walk may
    /// have found out what it is.
    #[cold]
    #[inline(never)]
    pub(super) fn as_marked(
        &self,
        top: Frame,
        place: Place,
        likely: &'static Likely,
    ) -> (u32, &'static Likely) {
        if self.is_marked(top.start) {
            return as_secret(top.state, place);
        }
        let named = match place {
            Place::Custom => Place::CustomNamed,
            Place::EnvVar => Place::EnvVarNamed,
            _ => return (top.state, likely),
        };
        let is_named = self.is_marked(top.start.wrapping_add(1));
        (if is_named { top.state & !PLACE | named as u32 } else { top.state }, likely)
    }

    /// Notes the name of the next column of a table, `bytes[start..end]`.
    #[cold]
    #[inline(never)]
    pub(super) fn column(&mut self, bytes: &[u8], start: usize, end: usize) {
        let judged = self.judge_escaped(bytes, start, end);
        if !matches!(judged, KeyName::Ordinary | KeyName::Reference) && self.columns.count < u64::BITS {
            self.columns.sensitive |= 1_u64.wrapping_shl(self.columns.count);
        }
        self.columns.count = self.columns.count.saturating_add(1);
    }

    /// Marks the cells of the row at `at` that are in columns called as credentials are; `false` if there is no
    /// memory for it.
    #[cold]
    #[inline(never)]
    fn mark_cells(&mut self, bytes: &[u8], at: usize) -> bool {
        if bytes.get(at) != Some(&b'[') {
            return true;
        }
        let mut at = skip_space(bytes, at.wrapping_add(1));
        let mut columns = self.columns.sensitive;
        while columns != 0
            && let Some(end) = skip::value(bytes, at)
        {
            if columns & 1 != 0 && self.mark(position(at)).is_err() {
                return false;
            }
            columns >>= 1;
            let comma = skip_space(bytes, end);
            if bytes.get(comma) != Some(&b',') {
                break;
            }
            at = skip_space(bytes, comma.wrapping_add(1));
        }
        true
    }

    /// The place of the `value` of the operation of a JSON patch that begins at `start`.
    ///
    /// Its members may come in any order, so all are looked at before, once for each operation. Operations do
    /// not stand in one another.
    fn patched(&mut self, bytes: &[u8], start: u32) -> Place {
        if let Some((known, place)) = self.operation
            && known == start
        {
            return place;
        }
        let mut place = None;
        for member in Members::new(bytes, start as usize) {
            let name = bytes.get(member.name_start..member.name_end).unwrap_or_default();
            let is_path =
                plain(name, &mut self.decoded).is_none_or(|name| name.eq_ignore_ascii_case(b"path"));
            if !is_path {
                continue;
            }
            let value = bytes.get(member.value_start..member.value_end).unwrap_or_default();
            let text = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
            let leads = match text.and_then(|text| plain(text, &mut self.decoded)) {
                Some(path) => pointer::place(path),
                None => Place::Credential,
            };
            // Told twice: any may be the one that counts.
            place = Some(match place {
                Some(before) if before != leads => Place::Credential,
                _ => leads,
            });
        }
        let place = place.unwrap_or(Place::Custom);
        self.operation = Some((start, place));
        place
    }
}

/// Where a member leads that is `judged` by its name, has its value at `value` and would lead to `other`.
/// `parent` is the place of its object.
fn judge(bytes: &[u8], value: usize, judged: KeyName, other: Place, parent: Place) -> Place {
    match judged {
        KeyName::Ordinary | KeyName::Reference => other,
        KeyName::Count => Place::CredentialCount,
        KeyName::Group => Place::CredentialGroup,
        KeyName::Secret if refers(bytes, value) => other,
        KeyName::Secret => credential(parent),
    }
}

/// The place of a credential in an object at `parent`.
pub(super) fn credential(parent: Place) -> Place {
    match parent {
        Place::Env | Place::EnvVar | Place::EnvVarNamed | Place::EnvVarValued | Place::EnvValue => {
            Place::EnvCredential
        }
        Place::Data | Place::DataValue | Place::BinaryData | Place::BinaryValue => Place::DataCredential,
        _ => Place::Credential,
    }
}

/// Whether the value at `at` is an object that only says where a credential is.
///
/// The look ahead is bounded: a reference has few parts. So a byte is looked at no more often than that bound says,
/// however references are nested.
fn refers(bytes: &[u8], at: usize) -> bool {
    if bytes.get(at) != Some(&b'{') || !has_few_parts(bytes, at) {
        return false;
    }
    let mut shape = ReferenceShape::default();
    // A Secret itself refers to none; names in it that no API has go, and it would be none the next time.
    let (mut kind, mut metadata) = (false, false);
    for member in Members::new(bytes, at) {
        let name = bytes.get(member.name_start..member.name_end).unwrap_or_default();
        let value = bytes.get(member.value_start..member.value_end).unwrap_or_default();
        shape.member(name);
        kind |= name == b"kind" && (value.starts_with(b"\"Secret") || value.contains(&b'\\'));
        metadata |= matches!(name, b"metadata" | b"items");
    }
    shape.is_reference() && !(kind && metadata)
}

/// Whether the object at `at` has a `remoteRef`, as those of the External Secrets operator that say which key of a
/// Secret stands for which secret elsewhere: `secretKey` is the name of that key.
#[cold]
fn stands_for_a_remote_one(bytes: &[u8], at: usize) -> bool {
    has_few_parts(bytes, at)
        && Members::new(bytes, at)
            .any(|member| bytes.get(member.name_start..member.name_end) == Some(b"remoteRef"))
}

/// Whether the container at `at` ends and has no more parts than a reference may have.
fn has_few_parts(bytes: &[u8], at: usize) -> bool {
    let (mut open, mut parts): (u32, u32) = (0, 0);
    let mut at = at;
    while parts <= limits::REFERENCE_PARTS {
        match bytes.get(at) {
            Some(b'"') => {
                let Some(end) = scan::string(bytes, at.wrapping_add(1)) else { return false };
                at = end.quote;
                parts = parts.wrapping_add(1);
            }
            Some(b'{' | b'[') => {
                open = open.wrapping_add(1);
                parts = parts.wrapping_add(1);
            }
            Some(b'}' | b']') => {
                open = open.wrapping_sub(1);
                if open == 0 {
                    return true;
                }
            }
            Some(_) => {}
            None => return false,
        }
        at = at.wrapping_add(1);
    }
    false
}

/// The text of `raw`, which may have escapes; `None` if they cannot be read.
fn plain<'a>(raw: &'a [u8], buffer: &'a mut alloc::vec::Vec<u8>) -> Option<&'a [u8]> {
    if !raw.contains(&b'\\') {
        return Some(raw);
    }
    text::unescape(raw, buffer).then_some(buffer.as_slice())
}

/// Whether the text of the string `bytes[start..end]` says of itself that it is no credential.
#[inline(never)]
pub(super) fn is_harmless(raw: &[u8], end: scan::StringEnd, buffer: &mut alloc::vec::Vec<u8>) -> bool {
    let sound = end.flags & !scan::ESCAPED == 0;
    sound && plain(raw, buffer).is_some_and(values::is_harmless)
}
