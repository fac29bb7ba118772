//! Cold: removing, signing or keeping what was found in a record, where the configuration asks for that.

use super::document::{Document, Shape};
use super::member::{Fate, Member};
use crate::event::fields::Field;
use crate::json::members::Members;
use crate::limits::TEXT_LEVELS;
use crate::memory::push;
use crate::redact::Redactor;
use crate::redact::actions::exceptions::Request;
use crate::redact::actions::{Actor, Belongs, Root, Stays};
use crate::redact::edits::{Edit, Put, position};
use crate::redact::places::Place;
use alloc::vec::Vec;

/// What may be done to the value of a member of an event: whether it may go, and whether members inside may.
///
/// By the other members it is told what the event is, and what the policy says of it: nothing in them goes.
const fn freedom(field: Field) -> (bool, bool) {
    match field {
        Field::RequestObject
        | Field::ResponseObject
        | Field::ResponseStatus
        | Field::Annotations
        | Field::Other
        | Field::Log => (true, true),
        _ => (false, false),
    }
}

/// The value of a member, and what may be done to it.
fn root(bytes: &[u8], member: Member, event: bool, without_namespace: bool) -> Root {
    let (goes, inner) = if event { freedom(member.field) } else { (false, true) };
    let name = member.start.wrapping_add(1);
    let name_end = name.wrapping_add(position(member.name(bytes).len()));
    // What the server writes says of each object in which namespace it is; what clients write may say anything.
    let written = event && member.field == Field::ResponseObject && without_namespace;
    Root {
        start: member.value,
        name: (name, name_end),
        goes,
        inner,
        body: event && matches!(member.field, Field::RequestObject | Field::ResponseObject),
        belongs: if written { Belongs::ByMetadata } else { Belongs::ByRequest },
    }
}

/// How often a container that stays may be in another, each of which was hidden as a whole.
const KEPT_LEVELS: usize = TEXT_LEVELS;

impl Document {
    /// Walks into the containers that stay by the configuration, where the walk has noted that they are hidden as a
    /// whole; `false` if there is no memory.
    ///
    /// Everything stays there but what a walk finds anywhere: Secrets, tokens, and what else has a row of its own. Where
    /// only parts of a container are to stay, its members are hidden one by one instead of all at once. A container
    /// that is damaged, too deep or too wide is hidden all the same.
    #[cold]
    #[inline(never)]
    pub(super) fn enter_kept(&self, bytes: &[u8], redactor: &mut Redactor) -> bool {
        let Some(mut actor) = redactor.actor.take_if(|actor| actor.may_keep()) else { return true };
        let entered = self.tell(bytes, &mut actor) && self.enter_containers(bytes, redactor, &mut actor);
        redactor.actor = Some(actor);
        entered
    }

    fn enter_containers(&self, bytes: &[u8], redactor: &mut Redactor, actor: &mut Actor) -> bool {
        let is_hidden = |edit: &&Edit| {
            matches!(edit.put, Put::EmptyObject | Put::EmptyArray) && Actor::may_keep_row(edit.row)
        };
        let mut entered: Vec<Edit> = Vec::new();
        for _ in 0..KEPT_LEVELS {
            let mut stay: Vec<Stays> = Vec::new();
            let walker = &mut redactor.walker;
            for member in self.members.iter().filter(|member| member.fate != Fate::Gone) {
                let mut hidden: Vec<Edit> = Vec::new();
                let inside = |edit: &&Edit| member.value <= edit.start && edit.start < member.end;
                if !walker.edits.iter().filter(is_hidden).filter(inside).all(|&edit| push(&mut hidden, edit))
                {
                    return false;
                }
                let root = root(bytes, *member, self.shape == Shape::Event, false);
                let known = if hidden.is_empty() { None } else { actor.containers(bytes, root, &hidden) };
                if !known.unwrap_or_default().iter().all(|&container| push(&mut stay, container)) {
                    return false;
                }
            }
            if stay.is_empty() {
                return true;
            }
            entered.clear();
            let mut stay = stay.iter().peekable();
            let noted = core::mem::take(&mut walker.edits);
            for edit in &noted {
                let kept = stay.next_if(|container| container.start == edit.start && is_hidden(&edit));
                let whole = kept.is_some_and(|container| container.whole);
                let walked = kept.is_some_and(|container| {
                    let nesting = self.nesting().wrapping_add(container.depth as usize);
                    let place = if whole { Place::Any } else { Place::CredentialParts };
                    walker.again(bytes, edit.start as usize, place, nesting)
                });
                let row = |inner: Edit| if whole { inner.row } else { edit.row };
                let all = match walked {
                    true if whole => push(&mut entered, Edit { end: edit.start, put: Put::Kept, ..*edit }),
                    true => true,
                    false => push(&mut entered, *edit),
                } && (!walked
                    || walker
                        .edits
                        .iter()
                        .all(|&inner| push(&mut entered, Edit { row: row(inner), ..inner })));
                if !all {
                    return false;
                }
            }
            core::mem::swap(&mut walker.edits, &mut entered);
        }
        true
    }

    /// Tells the actor what the request was about; `false` if there is no memory.
    fn tell(&self, bytes: &[u8], actor: &mut Actor) -> bool {
        let mut request = Request::default();
        if let Some(object) = self.only(Field::ObjectRef) {
            for member in Members::new(bytes, object.value as usize) {
                let name = bytes.get(member.name_start..member.name_end).unwrap_or_default();
                let value = bytes.get(member.value_start..member.value_end).unwrap_or_default();
                let text = value.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
                // What is spelled in any unusual way is no name of Kubernetes.
                let text = text
                    .filter(|text| text.iter().all(|byte| matches!(byte, b'-'..=b'9' | b'_' | b'a'..=b'z')));
                let field = match name {
                    b"apiGroup" => &mut request.group,
                    b"resource" => &mut request.resource,
                    b"subresource" => &mut request.subresource,
                    b"namespace" => &mut request.namespace,
                    _ => continue,
                };
                // Of what stands there twice, neither counts.
                *field = if field.is_empty() { text.unwrap_or(b"?") } else { b"?" };
            }
        }
        if request.namespace == b"?" {
            request.namespace = b"";
            request.resource = b"";
        }
        actor.set_request(request)
    }

    /// Does what the configuration asks for with everything that is to be hidden; `false` if there is no memory.
    ///
    /// To be called once, when all else is decided.
    pub(crate) fn act(&mut self, bytes: &[u8], actor: &mut Actor) -> bool {
        self.edits.is_empty() || self.tell(bytes, actor) && self.act_on_members(bytes, actor).is_some()
    }

    fn act_on_members(&mut self, bytes: &[u8], actor: &mut Actor) -> Option<()> {
        actor.begin();
        let without_namespace = actor.is_without_namespace();
        let event = self.shape == Shape::Event;
        let edits = core::mem::take(&mut self.edits);
        let mut rest = edits.as_slice();
        for member in &mut self.members {
            // Names first, and what stands before them.
            while let Some((&edit, behind)) = rest.split_first().filter(|(edit, _)| edit.start < member.value)
            {
                actor.leave(edit, &self.digests).ok()?;
                rest = behind;
            }
            let count = rest.partition_point(|edit| edit.start < member.end);
            let Some((inside, behind)) =
                rest.split_at_checked(count).filter(|(inside, _)| !inside.is_empty())
            else {
                continue;
            };
            rest = behind;
            if member.fate == Fate::Gone {
                for &edit in inside {
                    actor.leave(edit, &self.digests).ok()?;
                }
                continue;
            }
            let root = root(bytes, *member, event, without_namespace);
            if actor.value(bytes, root, inside, &self.digests).ok()? {
                member.fate = Fate::Gone;
            }
        }
        for &edit in rest {
            actor.leave(edit, &self.digests).ok()?;
        }
        self.edits = edits;
        actor.finish(&mut self.edits, &mut self.digests);
        Some(())
    }
}
