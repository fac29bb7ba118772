//! What a policy says of an event: from the members of a record to a [`Decision`].
//!
//! Only what the event says of itself counts, escapes decoded. A value that cannot be relied on (of another
//! type, hidden, or there twice with two spellings) is *missing*: no rule that asks for it matches, and once
//! one was passed over the event can neither be dropped nor keep its bodies. The same holds for what a cut
//! record does not tell, because it may have stood in the part that is gone.

use super::asked::{self, Span};
use super::member::Member;

use crate::event::fields::Field;
use crate::json::members::{self, Members};
use crate::json::{scan, skip_space, text};
use crate::memory::{append, push};
use crate::policy::{Attributes, Decision, Level, Object, Plan, Request, Stage, Target, path_of};
use crate::redact::edits::{MASK, position};
use crate::redact::values::is_own_digest;
use alloc::vec::Vec;

/// Which bodies stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bodies {
    pub(crate) request: bool,
    pub(crate) response: bool,
}

impl Bodies {
    /// Both.
    pub(crate) const ALL: Bodies = Bodies { request: true, response: true };

    /// Those that a decision leaves.
    pub(crate) fn of(decision: Decision) -> Bodies {
        let level = match decision {
            Decision::Keep { level, .. } => level,
            Decision::Drop { .. } => Level::None,
        };
        Bodies { request: level >= Level::Request, response: level >= Level::RequestResponse }
    }

    /// Whether the value of `field` stays.
    pub(crate) fn keeps(self, field: Field) -> bool {
        match field {
            Field::RequestObject => self.request,
            Field::ResponseObject => self.response,
            _ => true,
        }
    }
}

/// The fields on which it depends what the policy decides, each by its bit.
pub(crate) const DECIDING: u32 = Field::Level.bit()
    | Field::ObjectRef.bit()
    | Field::RequestUri.bit()
    | Field::Stage.bit()
    | Field::User.bit()
    | Field::Verb.bit();

/// A text that an event tells.
#[derive(Clone, Copy, Debug, Default)]
enum Told {
    /// There is none.
    #[default]
    Absent,
    /// It stands in the record without escapes.
    Plain(u32, u32),
    /// It was decoded into the buffer.
    Decoded(u32, u32),
    /// There is something that cannot be relied on.
    Unreliable,
}

/// The members that a policy asks about.
#[derive(Default)]
struct Asked {
    level: Only,
    object_ref: Only,
    request_uri: Only,
    stage: Only,
    user: Only,
    verb: Only,
}

impl Asked {
    /// Several members of a field are one if they say the same.
    fn of(bytes: &[u8], members: &[Member]) -> Asked {
        let mut asked = Asked::default();
        for member in members {
            let place = match member.field {
                Field::Level => &mut asked.level,
                Field::ObjectRef => &mut asked.object_ref,
                Field::RequestUri => &mut asked.request_uri,
                Field::Stage => &mut asked.stage,
                Field::User => &mut asked.user,
                Field::Verb => &mut asked.verb,
                _ => continue,
            };
            *place = note(*place, bytes, member.value, member.end);
        }
        asked
    }
}

impl Told {
    /// What needs no closer look.
    fn of(span: Option<Span>) -> Told {
        span.map_or(Told::Absent, |span| Told::Plain(position(span.start), position(span.end)))
    }
}

/// The only member of a field.
#[derive(Clone, Copy, Debug, Default)]
enum Only {
    #[default]
    Absent,
    Member(u32, u32),
    Unreliable,
}

/// The policy, and the buffers in which its questions are put; they are reused from event to event.
#[derive(Debug, Default)]
pub(crate) struct Decider {
    plan: Option<Plan>,
    /// Every event is kept, at Metadata; no policy is asked.
    metadata: bool,
    /// What the policy keeps is kept at Metadata.
    without_bodies: bool,
    /// What an event does not tell may be missing: the list that it is in is cut.
    pub(crate) in_doubt: bool,
    decoded: Vec<u8>,
    scratch: Vec<u8>,
    path: Vec<u8>,
    groups: Vec<Told>,
    spans: Vec<Span>,
}

impl Decider {
    /// A decider without a policy.
    pub(crate) const fn new() -> Self {
        Decider {
            plan: None,
            metadata: false,
            without_bodies: false,
            in_doubt: false,
            decoded: Vec::new(),
            scratch: Vec::new(),
            path: Vec::new(),
            groups: Vec::new(),
            spans: Vec::new(),
        }
    }

    /// A decider that keeps every event, at Metadata, whatever it says.
    pub(crate) const fn metadata() -> Self {
        let mut decider = Decider::new();
        decider.metadata = true;
        decider
    }

    /// Replaces the policy; `without_bodies`: whatever it says, no event keeps a body.
    pub(crate) fn set_plan(&mut self, plan: Option<Plan>, without_bodies: bool) {
        self.metadata = without_bodies && plan.is_none();
        self.without_bodies = without_bodies;
        self.plan = plan;
    }

    /// The same decider with empty buffers.
    pub(crate) fn without_buffers(self) -> Self {
        let Decider { plan, metadata, without_bodies, .. } = self;
        Decider { plan, metadata, without_bodies, ..Decider::new() }
    }

    /// Whether there is a policy.
    pub(crate) fn has_policy(&self) -> bool {
        self.plan.is_some() || self.metadata
    }

    /// Asks the policy about the event with these members; `None` without a policy.
    ///
    /// `whole`: the record is not cut, now or when it was filtered before.
    #[inline(always)]
    pub(crate) fn decide(&mut self, bytes: &[u8], members: &[Member], whole: bool) -> Option<Decision> {
        if self.has_policy() { self.ask(bytes, members, whole) } else { None }
    }

    #[inline(never)]
    fn ask(&mut self, bytes: &[u8], members: &[Member], whole: bool) -> Option<Decision> {
        if self.metadata {
            return Some(Decision::Keep { level: Level::Metadata, omit_managed_fields: false, rule: None });
        }
        self.plan.as_ref()?;
        self.decoded.clear();
        self.groups.clear();
        let whole = whole && !self.in_doubt && !tells_of_a_cut(bytes, members);
        let mut missing = Attributes::NONE;

        let asked = Asked::of(bytes, members);
        let verb = match asked.verb {
            Only::Member(start, end) => self.text(bytes, start, end),
            Only::Absent | Only::Unreliable => Told::Unreliable,
        };
        if matches!(verb, Told::Absent | Told::Unreliable) {
            missing = missing | Attributes::VERB;
        }

        let (username, user_missing) = self.user(bytes, asked.user, whole);
        missing = missing | user_missing;

        let stage = match asked.stage {
            Only::Member(start, end) => self.text(bytes, start, end),
            Only::Absent | Only::Unreliable => Told::Unreliable,
        };
        let level = self.level(bytes, asked.level, members);

        let uri = match (asked.object_ref, asked.request_uri) {
            (Only::Absent, Only::Member(start, end)) if whole => self.text(bytes, start, end),
            _ => Told::Unreliable,
        };
        let object = match asked.object_ref {
            Only::Member(start, end) => self.object_ref(bytes, start, end),
            Only::Absent | Only::Unreliable => None,
        };
        if let Some((_, object_missing)) = object {
            missing = missing | object_missing;
        }

        let Decider { plan, decoded, path, groups, .. } = self;
        let read = |told: Told| -> Option<&[u8]> {
            match told {
                Told::Plain(start, end) => bytes.get(start as usize..end as usize),
                Told::Decoded(start, end) => decoded.get(start as usize..end as usize),
                Told::Absent | Told::Unreliable => None,
            }
        };
        let or_empty = |told: Told| read(told).unwrap_or_default();
        let target = match (object, read(uri)) {
            (Some(([api_group, resource, subresource, namespace, name], _)), _) => Target::Resource(Object {
                api_group: or_empty(api_group),
                resource: or_empty(resource),
                subresource: or_empty(subresource),
                namespace: or_empty(namespace),
                name: or_empty(name),
            }),
            (None, Some(uri)) => path_of(uri, path).map_or(Target::Unknown, Target::Path),
            (None, None) => Target::Unknown,
        };
        let request = Request {
            username: read(username),
            groups: groups.iter().map(|&group| or_empty(group)),
            verb: or_empty(verb),
            target,
            stage: read(stage).and_then(Stage::from_name),
            level,
            missing,
        };
        let decision = plan.as_ref().map(|plan| plan.evaluate(&request));
        match decision {
            Some(Decision::Keep { level, omit_managed_fields, rule }) if self.without_bodies => {
                Some(Decision::Keep { level: level.min(Level::Metadata), omit_managed_fields, rule })
            }
            decision => decision,
        }
    }

    /// The text of the value `start..end`.
    fn text(&mut self, bytes: &[u8], start: u32, end: u32) -> Told {
        let value = bytes.get(start as usize..end as usize).unwrap_or_default();
        if value == b"null" {
            return Told::Absent;
        }
        let first = (start as usize).wrapping_add(1);
        let string = match value.first() {
            Some(b'"') => scan::string(bytes, first),
            _ => None,
        };
        let Some(string) = string.filter(|string| string.quote.wrapping_add(1) == end as usize) else {
            return Told::Unreliable;
        };
        let raw = bytes.get(first..string.quote).unwrap_or_default();
        if string.flags & scan::UNREADABLE != 0 || raw == MASK || is_own_digest(raw) {
            return Told::Unreliable;
        }
        if string.flags & scan::ESCAPED == 0 {
            return Told::Plain(position(first), position(string.quote));
        }
        let start = self.decoded.len();
        if !text::unescape_lossy(raw, &mut self.scratch) || !append(&mut self.decoded, &self.scratch) {
            return Told::Unreliable;
        }
        Told::Decoded(position(start), position(self.decoded.len()))
    }

    /// The least that the event claims to hold; everything, if it does not tell.
    fn level(&mut self, bytes: &[u8], only: Only, members: &[Member]) -> Level {
        match only {
            Only::Absent => Level::RequestResponse,
            Only::Member(start, end) => self.claimed(bytes, start, end),
            Only::Unreliable => {
                let levels = members.iter().filter(|member| member.field == Field::Level);
                let claimed = levels.map(|member| self.claimed(bytes, member.value, member.end));
                claimed.min().unwrap_or(Level::RequestResponse)
            }
        }
    }

    /// The level that is the value `start..end`.
    fn claimed(&mut self, bytes: &[u8], start: u32, end: u32) -> Level {
        let told = match self.text(bytes, start, end) {
            Told::Plain(start, end) => bytes.get(start as usize..end as usize),
            Told::Decoded(start, end) => self.decoded.get(start as usize..end as usize),
            Told::Absent | Told::Unreliable => None,
        };
        // No server writes an event of level None.
        let level = told.and_then(Level::from_name).filter(|&level| level > Level::None);
        level.unwrap_or(Level::RequestResponse)
    }

    /// The user's name; their groups go into the buffer.
    fn user(&mut self, bytes: &[u8], only: Only, whole: bool) -> (Told, Attributes) {
        let nothing = (Told::Unreliable, Attributes::USERNAME | Attributes::GROUPS);
        let Only::Member(start, end) = only else { return nothing };
        if let Some(user) = asked::user(bytes, start as usize, end as usize, &mut self.spans)
            && self.spans.iter().all(|&group| push(&mut self.groups, Told::of(Some(group))))
        {
            return (Told::of(user.username), Attributes::NONE);
        }
        self.groups.clear();
        if bytes.get(start as usize) != Some(&b'{') {
            return nothing;
        }
        let (mut name, mut groups) = (Only::Absent, Only::Absent);
        for member in Members::new(bytes, start as usize).take_while(|member| member.value_end < end as usize)
        {
            match self.name(bytes, &member) {
                Some(b"username") => {
                    name = note(name, bytes, position(member.value_start), position(member.value_end))
                }
                Some(b"groups") => {
                    groups = note(groups, bytes, position(member.value_start), position(member.value_end))
                }
                Some(_) => {}
                None => return nothing,
            }
        }
        if !whole && matches!((name, groups), (Only::Absent, Only::Absent)) {
            return nothing;
        }
        let mut missing = Attributes::NONE;
        let name = match name {
            Only::Absent => Told::Absent,
            Only::Member(start, end) => self.text(bytes, start, end),
            Only::Unreliable => Told::Unreliable,
        };
        if matches!(name, Told::Unreliable) {
            missing = missing | Attributes::USERNAME;
        }
        let listed = match groups {
            Only::Absent => true,
            Only::Member(start, end) => self.list_groups(bytes, start as usize, end as usize).is_some(),
            Only::Unreliable => false,
        };
        if !listed {
            missing = missing | Attributes::GROUPS;
        }
        (name, missing)
    }

    /// Puts the groups of the array `start..end` into the buffer; `None` if it is none of texts.
    fn list_groups(&mut self, bytes: &[u8], start: usize, end: usize) -> Option<()> {
        if bytes.get(start..end) == Some(b"null") {
            return Some(());
        }
        if bytes.get(start) != Some(&b'[') {
            return None;
        }
        let mut at = skip_space(bytes, start.wrapping_add(1));
        while bytes.get(at) != Some(&b']') {
            let string = scan::string(bytes, at.wrapping_add(1)).filter(|_| bytes.get(at) == Some(&b'"'))?;
            let behind = string.quote.wrapping_add(1);
            let group = self.text(bytes, position(at), position(behind));
            if matches!(group, Told::Unreliable) || !push(&mut self.groups, group) {
                return None;
            }
            at = skip_space(bytes, behind);
            if bytes.get(at) == Some(&b',') {
                at = skip_space(bytes, at.wrapping_add(1));
            }
        }
        Some(())
    }

    /// API group, resource, subresource, namespace and name; `None` if the value is no object with a resource.
    fn object_ref(&mut self, bytes: &[u8], start: u32, end: u32) -> Option<([Told; 5], Attributes)> {
        const ATTRIBUTES: [Attributes; 5] = [
            Attributes::API_GROUP,
            Attributes::RESOURCE,
            Attributes::RESOURCE,
            Attributes::NAMESPACE,
            Attributes::NAME,
        ];
        if let Some(object) = asked::object_ref(bytes, start as usize, end as usize) {
            let found =
                [object.api_group, object.resource, object.subresource, object.namespace, object.name];
            return Some((found.map(Told::of), Attributes::NONE));
        }
        if bytes.get(start as usize) != Some(&b'{') {
            return None;
        }
        let mut found = [Only::Absent; 5];
        for member in Members::new(bytes, start as usize).take_while(|member| member.value_end < end as usize)
        {
            let [api_group, resource, subresource, namespace, name] = &mut found;
            let place = match self.name(bytes, &member)? {
                b"apigroup" => api_group,
                b"resource" => resource,
                b"subresource" => subresource,
                b"namespace" => namespace,
                b"name" => name,
                _ => continue,
            };
            *place = note(*place, bytes, position(member.value_start), position(member.value_end));
        }
        if let [_, Only::Absent, ..] = found {
            return None;
        }
        let mut missing = Attributes::NONE;
        let mut told = [Told::Absent; 5];
        for ((told, found), attribute) in told.iter_mut().zip(found).zip(ATTRIBUTES) {
            *told = match found {
                Only::Absent => Told::Absent,
                Only::Member(start, end) => self.text(bytes, start, end),
                Only::Unreliable => Told::Unreliable,
            };
            if matches!(told, Told::Unreliable) {
                missing = missing | attribute;
            }
        }
        Some((told, missing))
    }

    /// The name of a member in lower case, since Go reads it in any; `None` if it cannot be read.
    ///
    /// A mask, or U+FFFD in it, is what takes the place of a name that could not be read when the event was
    /// filtered before.
    fn name(&mut self, bytes: &[u8], member: &members::Member) -> Option<&[u8]> {
        const REPLACED: &[u8] = "\u{FFFD}".as_bytes();
        let raw = bytes.get(member.name_start..member.name_end).unwrap_or_default();
        let control = raw.iter().any(|&byte| byte < 0x20);
        if control || raw == MASK || !text::unescape(raw, &mut self.scratch) {
            return None;
        }
        if !self.scratch.is_ascii() && self.scratch.windows(REPLACED.len()).any(|window| window == REPLACED) {
            return None;
        }
        self.scratch.make_ascii_lowercase();
        Some(&self.scratch)
    }
}

/// Notes one more member of a name, whose value is `start..end`.
fn note(found: Only, bytes: &[u8], start: u32, end: u32) -> Only {
    let value = |start: u32, end: u32| bytes.get(start as usize..end as usize).unwrap_or_default();
    match found {
        Only::Absent if value(start, end) == b"null" => Only::Absent,
        Only::Absent => Only::Member(start, end),
        Only::Member(first, behind) if value(first, behind) == value(start, end) => found,
        Only::Member(..) | Only::Unreliable => Only::Unreliable,
    }
}

/// Whether a stamp says that the record was cut when it was filtered before. Who forges one gets a stricter
/// reading, never a laxer one.
pub(crate) fn tells_of_a_cut(bytes: &[u8], members: &[Member]) -> bool {
    members.iter().filter(|member| member.field == Field::Stamp).any(|member| {
        let mut told = Members::new(bytes, member.value as usize)
            .take_while(|told| told.value_end < member.end as usize);
        told.any(|told| bytes.get(told.name_start..told.name_end) == Some(b"cut"))
    })
}
