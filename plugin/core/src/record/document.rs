//! One JSON object: its members, and what is to be replaced in them.
//!
//! The members are read in the order in which they stand. The apiserver writes `verb`, `requestURI` and
//! `objectRef` before the bodies, so one walk does; where a record has them behind, or twice, the document is
//! walked again with what was learned.

use crate::event::fields::Field;
use crate::event::target::{self, Target, Verb};
use crate::json::{scan, skip_space};
use crate::memory::push;
use crate::redact::Redactor;
use crate::redact::edits::{Edit, Put, Region, position};
use crate::redact::places::Place;
use crate::redact::rows::Row;
use crate::redact::walk::{Broken, LimitHits};
use alloc::vec::Vec;

/// A member of the object, as positions in its text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) field: Field,
    pub(crate) fate: Fate,
    /// The name's opening quote.
    pub(crate) start: u32,
    /// Behind the name's closing quote.
    pub(crate) name_end: u32,
    /// The value's first byte.
    pub(crate) value: u32,
    /// Behind the value.
    pub(crate) end: u32,
}

/// How many pairs of names are compared to find those that stand in an event and beside it.
const COMPARED_NAMES: usize = 1 << 16;

/// What becomes of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It stays where it is.
    Kept,
    /// It stays under a name with `record_` before it, because the event has a member of its name.
    Renamed,
    /// It leaves the text for a key of its own beside it.
    Moved,
    /// It leaves the object, which has too many members, for a text that holds all of these.
    SetAside,
    /// It goes.
    Gone,
}

/// What the object is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An audit event.
    Event,
    /// A record that holds its event as text under `log`.
    Wrapper,
    /// Neither.
    #[default]
    Other,
}

/// What was learned about the event while reading it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Learned {
    by_object_ref: Option<Target>,
    by_uri: Target,
    verb: Option<Verb>,
    /// A text under `log` is not where the event is.
    log_is_hidden: bool,
}

impl Learned {
    /// What the bodies are, all told.
    fn target(self) -> Target {
        self.by_object_ref.unwrap_or_default().max(self.by_uri)
    }

    fn tells_verb(&mut self, verb: Verb) {
        self.verb = match self.verb {
            Some(other) if other != verb => Some(Verb::Patch),
            _ => Some(verb),
        };
    }

    /// Notes what a member tells.
    fn learn(&mut self, bytes: &[u8], member: Member) {
        let value = bytes.get(member.value as usize..member.end as usize).unwrap_or_default();
        let text = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or_default();
        match member.field {
            Field::ObjectRef => {
                let target = target::of_object_ref(bytes, member.value as usize);
                self.by_object_ref = Some(self.by_object_ref.map_or(target, |other| other.max(target)));
            }
            Field::RequestUri => self.by_uri = self.by_uri.max(target::of_request_uri(text)),
            Field::Verb => self.tells_verb(Verb::named(text)),
            _ => {}
        }
    }

    /// At which place the value of `field` is.
    fn place(self, field: Field) -> Place {
        let target = self.target();
        match field {
            Field::RequestObject => match (target, self.verb.unwrap_or_default()) {
                (Target::Secret, Verb::Patch) => Place::SecretPatch,
                (Target::Secret, Verb::Write) => Place::Secret,
                (Target::Secret, Verb::Delete) => Place::SecretDelete,
                (Target::Token, _) => Place::TokenObject,
                (Target::Other, _) => Place::Any,
                (Target::Unknown, _) => Place::UnknownTarget,
            },
            Field::ResponseObject => match target {
                Target::Secret => Place::SecretResponse,
                Target::Token => Place::TokenObject,
                Target::Other => Place::Any,
                Target::Unknown => Place::UnknownTarget,
            },
            Field::ResponseStatus if target == Target::Secret => Place::SecretStatus,
            Field::Annotations if target == Target::Secret => Place::SecretEventAnnotations,
            Field::Log if self.log_is_hidden => Place::NestedEvent,
            Field::Annotations | Field::ResponseStatus | Field::Other => Place::Any,
            _ => Place::Kept,
        }
    }
}

/// One JSON object and what is to be replaced in it; reused from record to record.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) members: Vec<Member>,
    pub(crate) edits: Vec<Edit>,
    pub(crate) regions: Vec<Region>,
    pub(crate) shape: Shape,
    pub(crate) hits: LimitHits,
    /// Parts that were no valid JSON.
    pub(crate) damaged: u32,
    /// The object ended before its closing brace, or more than white space follows it.
    pub(crate) cut: bool,
    /// An event may be text under `log`.
    outermost: bool,
}

/// Fields whose place depends on what was learned.
const DEPENDENT: [Field; 5] =
    [Field::RequestObject, Field::ResponseObject, Field::ResponseStatus, Field::Annotations, Field::Log];

impl Document {
    /// A document with nothing in it.
    pub(crate) const fn new() -> Self {
        Document {
            members: Vec::new(),
            edits: Vec::new(),
            regions: Vec::new(),
            shape: Shape::Other,
            hits: LimitHits::NONE,
            damaged: 0,
            cut: false,
            outermost: false,
        }
    }

    /// Reads the object that `bytes` begins with; `false` if it begins with none, or no member is readable.
    ///
    /// `outermost` if an event may be text under `log`; otherwise such a text is hidden.
    pub(crate) fn read(&mut self, bytes: &[u8], outermost: bool, redactor: &mut Redactor) -> bool {
        redactor.walker.reset();
        let mut known = None;
        self.outermost = outermost;
        // One more walk when something was learned too late, and one more for Secrets found only then.
        for _ in 0..3 {
            redactor.walker.restart();
            let Some((used, learned)) = self.scan(bytes, redactor, known) else { return false };
            let late = DEPENDENT.iter().any(|&field| used.place(field) != learned.place(field));
            if !late && !redactor.walker.late {
                break;
            }
            known = Some(learned);
        }
        let opened = redactor.open_texts(bytes, &mut self.edits);
        core::mem::swap(&mut self.regions, &mut redactor.walker.regions);
        self.hits = redactor.walker.hits;
        self.damaged = redactor.walker.damaged;
        opened.is_ok()
    }

    /// One walk over the members, by what is `known` of the event or else by what is learned on the way.
    ///
    /// Returns by what the first place was chosen that depends on it, and what is known at the end. `None` if
    /// nothing could be read.
    fn scan(
        &mut self,
        bytes: &[u8],
        redactor: &mut Redactor,
        known: Option<Learned>,
    ) -> Option<(Learned, Learned)> {
        self.members.clear();
        self.cut = true;
        self.shape = Shape::Other;
        let mut learned = Learned { log_is_hidden: !self.outermost, ..Learned::default() };
        let mut used = known;
        let mut seen: u32 = 0;
        let mut marks: u32 = 0;
        let mut log_is_text = false;
        let mut at = skip_space(bytes, 0);
        if bytes.get(at) != Some(&b'{') {
            return None;
        }
        at = skip_space(bytes, at.wrapping_add(1));
        while let Some((mut member, name_end)) = read_name(bytes, at) {
            let field = field_of(bytes, member, name_end, redactor).ok()?;
            member.field = field;
            if seen & field.bit() == 0 && field.marks_event() {
                marks = marks.wrapping_add(1);
            }
            seen |= field.bit();
            let value = member.value as usize;
            log_is_text |= field == Field::Log && bytes.get(value) == Some(&b'"');
            let place = if name_end.flags & scan::UNREADABLE != 0 {
                Place::SecretOther
            } else if DEPENDENT.contains(&field) {
                used.get_or_insert(learned);
                known.unwrap_or(learned).place(field)
            } else {
                learned.place(field)
            };
            match redactor.walker.value(bytes, value, place, 1) {
                Ok(end) => member.end = position(end),
                Err(Broken) => {
                    self.give_up(bytes, member, redactor);
                    break;
                }
            }
            if !push(&mut self.members, member) {
                return None;
            }
            learned.learn(bytes, member);
            at = skip_space(bytes, member.end as usize);
            if bytes.get(at) != Some(&b',') {
                break;
            }
            at = skip_space(bytes, at.wrapping_add(1));
        }
        if bytes.get(at) == Some(&b'}') {
            self.cut = skip_space(bytes, at.wrapping_add(1)) != bytes.len();
        }
        if marks >= 2 {
            self.shape = Shape::Event;
            // A copy that nobody expects.
            learned.log_is_hidden |= log_is_text;
        } else if log_is_text && self.outermost {
            self.shape = Shape::Wrapper;
        }
        let nothing = self.members.is_empty() && self.cut;
        (!nothing).then(|| (used.unwrap_or(learned), learned))
    }

    /// Replaces a value that could not be read to its end, and with it all that follows.
    #[cold]
    fn give_up(&mut self, bytes: &[u8], member: Member, redactor: &mut Redactor) {
        let walker = &mut redactor.walker;
        while walker.edits.last().is_some_and(|edit| edit.start >= member.value) {
            walker.edits.pop();
        }
        while walker.regions.last().is_some_and(|region| region.start >= member.value) {
            walker.regions.pop();
        }
        let put = match bytes.get(member.value as usize) {
            Some(b'{') => Put::EmptyObject,
            Some(b'[') => Put::EmptyArray,
            Some(b'"') => Put::MaskedString,
            Some(_) => Put::Null,
            None => return,
        };
        walker.damaged = walker.damaged.wrapping_add(1);
        let end = bytes.len();
        if walker.edit(member.value as usize, end, put, Row::Damaged).is_ok()
            && !push(&mut self.members, Member { end: position(end), ..member })
        {
            walker.edits.pop();
        }
    }

    /// Forgets what was read.
    pub(crate) fn clear(&mut self) {
        self.members.clear();
        self.edits.clear();
        self.regions.clear();
        self.hits = LimitHits::NONE;
        self.damaged = 0;
        self.cut = false;
        self.shape = Shape::Other;
    }

    /// Whether the object can be emitted byte for byte.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.edits.is_empty() && self.regions.is_empty() && !self.cut
    }

    /// Decides about the members that are `field`.
    pub(crate) fn set_fate(&mut self, field: Field, fate: Fate) {
        for member in self.members.iter_mut().filter(|member| member.field == field) {
            member.fate = fate;
        }
    }

    /// Of an event that could not be read whole, keeps what tells which event it was, where that is plain text.
    pub(crate) fn keep_only_identity(&mut self, bytes: &[u8]) {
        let edits = &self.edits;
        for member in &mut self.members {
            let identifies = matches!(
                member.field,
                Field::Kind
                    | Field::ApiVersion
                    | Field::AuditId
                    | Field::Stage
                    | Field::Verb
                    | Field::RequestReceivedTimestamp
                    | Field::StageTimestamp
            );
            let text = bytes.get(member.value as usize) == Some(&b'"');
            let edited = edits.iter().any(|edit| edit.start < member.end && edit.end > member.start);
            if !identifies || !text || edited {
                member.fate = Fate::Gone;
            }
        }
        self.edits.clear();
        self.regions.clear();
        self.cut = false;
        self.damaged = 0;
        self.hits = LimitHits::NONE;
    }

    /// Renames the members that `event`, whose text is `event_bytes`, has as well.
    pub(crate) fn rename_collisions(&mut self, bytes: &[u8], event: &Document, event_bytes: &[u8]) {
        let name = |bytes, member: &Member| -> Option<&[u8]> {
            let bytes: &[u8] = bytes;
            bytes.get(member.start as usize..member.name_end as usize)
        };
        // Every pair is compared; where that would be too many, all are renamed.
        let many = self.members.len().saturating_mul(event.members.len()) > COMPARED_NAMES;
        for member in self.members.iter_mut().filter(|member| member.fate == Fate::Kept) {
            let mine = name(bytes, member);
            if many || event.members.iter().any(|other| name(event_bytes, other) == mine) {
                member.fate = Fate::Renamed;
            }
        }
    }

    /// The first member that is `field`.
    pub(crate) fn find(&self, field: Field) -> Option<Member> {
        self.members.iter().copied().find(|member| member.field == field)
    }
}

/// The name at `at`, and where its value begins; which field it is and where it ends is not known yet.
fn read_name(bytes: &[u8], at: usize) -> Option<(Member, scan::StringEnd)> {
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let name = scan::string(bytes, at.wrapping_add(1))?;
    let colon = skip_space(bytes, name.quote.wrapping_add(1));
    if bytes.get(colon) != Some(&b':') {
        return None;
    }
    let value = position(skip_space(bytes, colon.wrapping_add(1)));
    let name_end = position(name.quote.wrapping_add(1));
    Some((
        Member { field: Field::Other, fate: Fate::Kept, start: position(at), name_end, value, end: value },
        name,
    ))
}

/// Which field a member is; a name that is damaged is mended or hidden.
fn field_of(
    bytes: &[u8],
    member: Member,
    name: scan::StringEnd,
    redactor: &mut Redactor,
) -> Result<Field, Broken> {
    let start = (member.start as usize).wrapping_add(1);
    let raw = bytes.get(start..name.quote).unwrap_or_default();
    if name.flags == 0 {
        return Ok(Field::named(raw));
    }
    redactor.walker.mend_name(bytes, start, name)?;
    Ok(redactor.walker.decoded_name(raw).map_or(Field::Other, Field::named))
}
