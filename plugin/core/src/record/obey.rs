//! Doing what the policy decided about an event that stays.

use super::decide::Bodies;
use super::document::Document;
use super::managed_fields::Finder;
use super::member::{Fate, Member};
use crate::event::fields::Field;
use crate::memory::push;
use crate::policy::{Decision, Level};
use crate::redact::edits::{Edit, Put};
use crate::redact::rows::Row;

impl Document {
    /// Does what the policy [decided](Document::decision) about an event that stays: its bodies, its level,
    /// its `managedFields`. `false` if there is no memory.
    #[inline(always)]
    pub(crate) fn obey(&mut self, bytes: &[u8], finder: &mut Finder) -> bool {
        self.decision.is_none() || self.obey_decision(bytes, finder)
    }

    #[inline(never)]
    fn obey_decision(&mut self, bytes: &[u8], finder: &mut Finder) -> bool {
        let Some(Decision::Keep { level, omit_managed_fields, .. }) = self.decision else { return true };
        let bodies = self.decision.map_or(Bodies::ALL, Bodies::of);
        finder.clear();
        let patch = omit_managed_fields && self.may_be_patch(bytes);
        for at in 0..self.members.len() {
            let Some(member) = self.members.get_mut(at) else { break };
            if !bodies.keeps(member.field) {
                member.fate = Fate::Gone;
            }
            let member = *member;
            match member.field {
                Field::Level if !self.say_level(bytes, member, level) => return false,
                // A patch is what the client sent, and the server leaves it as it is.
                Field::RequestObject if patch => {}
                Field::RequestObject | Field::ResponseObject
                    if omit_managed_fields && member.fate == Fate::Kept =>
                {
                    // What cannot be read was replaced already.
                    let _ = finder.body(bytes, member.value as usize);
                }
                _ => {}
            }
        }
        finder.merge(&mut self.edits, &mut self.regions)
    }

    /// Whether the request may be a patch: what cannot be read may be.
    fn may_be_patch(&self, bytes: &[u8]) -> bool {
        let mut verbs = self.members.iter().filter(|member| member.field == Field::Verb).peekable();
        let read = verbs.peek().is_some();
        !read
            || verbs.any(|verb| {
                let value = bytes.get(verb.value as usize..verb.end as usize).unwrap_or_default();
                value == b"\"patch\"" || value.first() != Some(&b'"') || value.contains(&b'\\')
            })
    }

    /// Makes the event's `level` say how much of it there is.
    fn say_level(&mut self, bytes: &[u8], member: Member, level: Level) -> bool {
        let put = match level {
            Level::None | Level::Metadata => Put::LevelMetadata,
            Level::Request => Put::LevelRequest,
            Level::RequestResponse => Put::LevelRequestResponse,
        };
        if bytes.get(member.value as usize..member.end as usize) == Some(put.bytes()) {
            return true;
        }
        let edit = Edit { start: member.value, end: member.end, put, row: Row::Damaged };
        self.edits.retain(|edit| edit.start < member.value || edit.start >= member.end);
        self.regions.retain(|region| region.start < member.value || region.start >= member.end);
        let mut at = self.edits.len();
        if !push(&mut self.edits, edit) {
            return false;
        }
        // To its place: there are hardly ever more than a few behind it.
        while let Some([before, last]) = self.edits.get_mut(at.wrapping_sub(1)..=at)
            && before.start > last.start
        {
            core::mem::swap(before, last);
            at = at.wrapping_sub(1);
        }
        true
    }
}
