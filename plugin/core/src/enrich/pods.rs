//! Where pods and their containers stand in a body, whatever has them: found once for all conditions that ask.

use super::event::Items;
use crate::json::members::Members;
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

/// The pods of an event's body.
#[derive(Debug, Default)]
pub(super) struct Pods<'a> {
    looked: bool,
    pods: Vec<&'a [u8]>,
    containers: Vec<&'a [u8]>,
}

impl<'a> Pods<'a> {
    /// The values at a place. `bodies` are looked through once.
    pub(super) fn at(&mut self, place: Place, bodies: impl Iterator<Item = &'a [u8]>) -> &[&'a [u8]] {
        if !core::mem::replace(&mut self.looked, true) {
            for spec in bodies.flat_map(|body| Named::new(body, b"spec")) {
                let templates = Named::new(spec, b"template");
                let jobs = Named::new(spec, b"jobTemplate").flat_map(|job| Named::new(job, b"spec"));
                let templates = templates.chain(jobs.flat_map(|job| Named::new(job, b"template")));
                let inner = templates.flat_map(|template| Named::new(template, b"spec"));
                if !core::iter::once(spec).chain(inner).all(|spec| self.add(spec)) {
                    break;
                }
            }
        }
        match place {
            Place::Pod => &self.pods,
            Place::Container => &self.containers,
        }
    }

    /// Adds a pod; `false` if there is no memory.
    fn add(&mut self, spec: &'a [u8]) -> bool {
        push(&mut self.pods, spec)
            && Named::any(spec, &CONTAINERS)
                .flat_map(Items::new)
                .all(|container| push(&mut self.containers, container))
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
        let values = pods.at(place, core::iter::once(body.as_bytes()));
        values.iter().map(|value| core::str::from_utf8(value).unwrap()).collect()
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
