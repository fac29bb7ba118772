//! Where pods and their containers stand in a body, whatever has them: found once for all conditions that ask.

use super::event::{Items, Text, Texts, text_of};
use crate::json::members::{Member, Members};
use crate::json::text;
use crate::memory::push;
use alloc::vec::Vec;

/// A name for places in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The spec of a pod: of a Pod, of what has a template of one, of a CronJob.
    Pod,
    /// Each of its containers, of any sort.
    Container,
}

/// A pod or a container, and where in [`Pods`] its members are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner {
    place: Place,
    text: Text,
    start: usize,
    end: usize,
    members: (usize, usize),
}

/// The pods of an event's body, and their containers: conditions ask for one member of each after the other, so these are
/// listed once. The lists keep their memory from one event to the next.
#[derive(Debug, Default)]
pub(super) struct Pods {
    looked: bool,
    owners: Vec<Owner>,
    members: Vec<Member>,
}

impl Pods {
    pub(super) const NONE: Pods = Pods { looked: false, owners: Vec::new(), members: Vec::new() };

    /// Forgets those of the event before.
    pub(super) fn begin(&mut self) {
        self.looked = false;
        self.owners.clear();
        self.members.clear();
    }

    /// Whether those of the event were looked for.
    pub(super) const fn are_found(&self) -> bool {
        self.looked
    }

    /// Finds those of the `bodies`: texts, and where in them a body begins and ends.
    #[inline(never)]
    pub(super) fn find<'a>(&mut self, bodies: impl Iterator<Item = (Text, &'a [u8], usize, usize)>) {
        self.looked = true;
        let mut unescaped = Vec::new();
        for (text, bytes, start, end) in bodies {
            let body = Body { text, bytes };
            for member in Members::new(bytes.get(..end).unwrap_or_default(), start) {
                if body.inner(&member, &mut unescaped) == Some(Inner::Spec)
                    && !self.add_spec(body, &member, &mut unescaped)
                {
                    return;
                }
            }
        }
    }

    /// Adds what `spec` may be: a pod's own, or that of what makes pods, whose template or job may have another. Each is read once,
    /// and what is of interest in it is found among its members.
    fn add_spec(&mut self, body: Body<'_>, spec: &Member, unescaped: &mut Vec<u8>) -> bool {
        let Some(outer) = self.add_pod(body, spec, unescaped) else { return false };
        for at in outer.0..outer.1 {
            let Some(member) = self.members.get(at).copied() else { continue };
            let added = match body.inner(&member, unescaped) {
                Some(Inner::Template) => self.add_template(body, &member, unescaped),
                Some(Inner::JobTemplate) => self.add_job(body, &member, unescaped),
                _ => true,
            };
            if !added {
                return false;
            }
        }
        true
    }

    fn add_template(&mut self, body: Body<'_>, template: &Member, unescaped: &mut Vec<u8>) -> bool {
        body.members(template).all(|member| {
            body.inner(&member, unescaped) != Some(Inner::Spec)
                || self.add_pod(body, &member, unescaped).is_some()
        })
    }

    fn add_job(&mut self, body: Body<'_>, job: &Member, unescaped: &mut Vec<u8>) -> bool {
        for spec in body.members(job) {
            if body.inner(&spec, unescaped) != Some(Inner::Spec) {
                continue;
            }
            for template in body.members(&spec) {
                if body.inner(&template, unescaped) == Some(Inner::Template)
                    && !self.add_template(body, &template, unescaped)
                {
                    return false;
                }
            }
        }
        true
    }

    /// Adds a pod and its containers; gives where its members are.
    fn add_pod(&mut self, body: Body<'_>, spec: &Member, unescaped: &mut Vec<u8>) -> Option<(usize, usize)> {
        let members = self.add(Place::Pod, body, spec.value_start, spec.value_end)?;
        for at in members.0..members.1 {
            let Some(member) = self.members.get(at).copied() else { continue };
            if body.inner(&member, unescaped) != Some(Inner::Containers) {
                continue;
            }
            let start = member.value_start;
            let mut items = Items::new(body.bytes.get(start..member.value_end).unwrap_or_default());
            while let Some((from, to)) = items.next_span() {
                self.add(Place::Container, body, start.wrapping_add(from), start.wrapping_add(to))?;
            }
        }
        Some(members)
    }

    /// Adds a pod or a container and its members, and gives where these are; `None` if there is no memory.
    fn add(&mut self, place: Place, body: Body<'_>, start: usize, end: usize) -> Option<(usize, usize)> {
        let first = self.members.len();
        for member in Members::new(body.bytes.get(..end).unwrap_or_default(), start) {
            if !push(&mut self.members, member) {
                return None;
            }
        }
        let members = (first, self.members.len());
        push(&mut self.owners, Owner { place, text: body.text, start, end, members }).then_some(members)
    }

    /// Those at a place.
    pub(super) fn at(&self, place: Place) -> impl Iterator<Item = &Owner> {
        self.owners.iter().filter(move |owner| owner.place == place)
    }

    /// The value of one, and its members: their names as they stand, and their values.
    pub(super) fn value<'a>(
        &self,
        owner: &Owner,
        texts: Texts<'a>,
    ) -> (&'a [u8], impl Iterator<Item = (&'a [u8], &'a [u8])>) {
        let bytes = text_of(texts, owner.text);
        let members = self.members.get(owner.members.0..owner.members.1).unwrap_or_default();
        let part = move |start: usize, end: usize| bytes.get(start..end).unwrap_or_default();
        let members = members.iter().map(move |member| {
            (part(member.name_start, member.name_end), part(member.value_start, member.value_end))
        });
        (part(owner.start, owner.end), members)
    }
}

/// What a body stands in.
#[derive(Clone, Copy)]
struct Body<'a> {
    text: Text,
    bytes: &'a [u8],
}

impl<'a> Body<'a> {
    /// The members of an object that is a member's value.
    fn members(self, of: &Member) -> Members<'a> {
        Members::new(self.bytes.get(..of.value_end).unwrap_or_default(), of.value_start)
    }

    /// What a member is called, if it may lead to a pod; `unescaped` is a buffer.
    #[inline(always)]
    fn inner(self, member: &Member, unescaped: &mut Vec<u8>) -> Option<Inner> {
        let raw = self.bytes.get(member.name_start..member.name_end)?;
        if raw.contains(&b'\\') {
            return text::unescape(raw, unescaped).then(|| Inner::named(unescaped)).flatten();
        }
        Inner::named(raw)
    }
}

/// Members that lead to pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inner {
    Containers,
    JobTemplate,
    Spec,
    Template,
}

impl Inner {
    #[inline(always)]
    fn named(name: &[u8]) -> Option<Inner> {
        Some(match name {
            b"spec" => Inner::Spec,
            b"template" => Inner::Template,
            b"jobTemplate" => Inner::JobTemplate,
            b"containers" | b"initContainers" | b"ephemeralContainers" => Inner::Containers,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(place: Place, body: &str) -> Vec<&str> {
        let mut pods = Pods::default();
        pods.find(core::iter::once((Text::Event, body.as_bytes(), 0, body.len())));
        let texts = [body.as_bytes(), b"", b"", b"", b""];
        let values = pods.at(place).map(|owner| pods.value(owner, texts).0);
        values.map(|value| core::str::from_utf8(value).unwrap()).collect()
    }

    #[test]
    fn pods_stand_in_whatever_makes_them() {
        let pod = r#"{"containers":[{"name":"a"},{"name":"b"}],"init\u0043ontainers":[1],"volumes":[2]}"#;
        let names = [r#"{"name":"a"}"#, r#"{"name":"b"}"#, "1"];
        for (before, after, specs) in [
            (r#"{"kind":"Pod","spec":"#, "}", 1),
            (r#"{"spec":{"template":{"spec":"#, "}}}", 2),
            (r#"{"sp\u0065c":{"jobTemplate":{"spec":{"template":{"spec":"#, "}}}}}", 2),
        ] {
            let body = [before, pod, after].concat();
            assert_eq!(found(Place::Container, &body), names, "{body}");
            let pods = found(Place::Pod, &body);
            assert_eq!((pods.len(), pods.last()), (specs, Some(&pod)), "{body}");
        }
        for body in
            ["{}", "[]", r#""spec""#, r#"{"spec":[{"containers":[1]}]}"#, r#"{"spec":{"containers":{}}}"#]
        {
            assert!(found(Place::Container, body).is_empty(), "{body}");
        }
        assert_eq!(
            found(Place::Container, r#"{"spec":{"containers":[1]},"spec":{"containers":[2]}}"#),
            ["1", "2"]
        );
    }
}
