//! Cold: removing, signing or keeping what was found in a record, where the configuration asks for that.

use super::document::{Document, Shape};
use super::member::Fate;
use crate::event::fields::Field;
use crate::json::members::Members;
use crate::redact::actions::exceptions::Request;
use crate::redact::actions::{Actor, Belongs, Root};
use crate::redact::edits::position;

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

impl Document {
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
            let (goes, inner) = if event { freedom(member.field) } else { (false, true) };
            let name = member.start.wrapping_add(1);
            let name_end = name.wrapping_add(position(member.name(bytes).len()));
            // What the server writes says of each object in which namespace it is; what clients write may say anything.
            let written = event && member.field == Field::ResponseObject && without_namespace;
            let root = Root {
                start: member.value,
                name: (name, name_end),
                goes,
                inner,
                body: event && matches!(member.field, Field::RequestObject | Field::ResponseObject),
                belongs: if written { Belongs::ByMetadata } else { Belongs::ByRequest },
            };
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
