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

/// Where a pod's spec has containers.
const CONTAINERS: [&[u8]; 3] = [b"containers", b"initContainers", b"ephemeralContainers"];

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
        for (text, bytes, start, end) in bodies {
            let body = bytes.get(start..end).unwrap_or_default();
            // Values are parts of the body; nothing follows these addresses.
            let place_of = |value: &[u8]| (value.as_ptr() as usize).wrapping_sub(bytes.as_ptr() as usize);
            for spec in Named::new(body, b"spec") {
                let templates = Named::new(spec, b"template");
                let jobs = Named::new(spec, b"jobTemplate").flat_map(|job| Named::new(job, b"spec"));
                let templates = templates.chain(jobs.flat_map(|job| Named::new(job, b"template")));
                let inner = templates.flat_map(|template| Named::new(template, b"spec"));
                for spec in core::iter::once(spec).chain(inner) {
                    let added = self.add(Place::Pod, text, spec, place_of(spec))
                        && Named::any(spec, &CONTAINERS).flat_map(Items::new).all(|container| {
                            self.add(Place::Container, text, container, place_of(container))
                        });
                    if !added {
                        return;
                    }
                }
            }
        }
    }

    /// Adds a pod or a container and its members; `false` if there is no memory.
    fn add(&mut self, place: Place, text: Text, value: &[u8], start: usize) -> bool {
        let first = self.members.len();
        for member in Members::new(value, 0) {
            let Member { name_start, name_end, value_start, value_end } = member;
            let [name_start, name_end, value_start, value_end] =
                [name_start, name_end, value_start, value_end].map(|at| at.wrapping_add(start));
            if !push(&mut self.members, Member { name_start, name_end, value_start, value_end }) {
                return false;
            }
        }
        let members = (first, self.members.len());
        push(&mut self.owners, Owner { place, text, start, end: start.wrapping_add(value.len()), members })
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

/// The values of the members of an object that have one of these names.
struct Named<'a> {
    object: &'a [u8],
    members: Members<'a>,
    names: &'static [&'static [u8]],
    name: &'static [u8],
    unescaped: Vec<u8>,
}

impl<'a> Named<'a> {
    fn new(object: &'a [u8], name: &'static [u8]) -> Self {
        Named { object, members: Members::new(object, 0), names: &[], name, unescaped: Vec::new() }
    }

    fn any(object: &'a [u8], names: &'static [&'static [u8]]) -> Self {
        Named { names, ..Named::new(object, b"") }
    }

    fn is_name(&self, name: &[u8]) -> bool {
        if self.names.is_empty() { self.name == name } else { self.names.contains(&name) }
    }
}

impl<'a> Iterator for Named<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let member = self.members.next()?;
            let raw = self.object.get(member.name_start..member.name_end).unwrap_or_default();
            let fits = if raw.contains(&b'\\') {
                text::unescape(raw, &mut self.unescaped) && self.is_name(&self.unescaped)
            } else {
                self.is_name(raw)
            };
            if fits {
                return self.object.get(member.value_start..member.value_end);
            }
        }
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
