//! Detections as a filter has them: conditions in parts, and for each part the detections that hang on it.
//!
//! ```text
//! every condition   = part and part and part          a part that many have is kept once
//! what may fire     = those of this client & those of this request & those of what is rare
//! what fires        = of these few, the ones whose other parts are true
//! ```
//!
//! Each of these is a few words: [`by_value`](super::by_value) has them for facts with few values, [`remembered`](super::remembered) for
//! clients and for resources that were seen before. Of a client only what its requests leave open is asked. Which part looks at what is found out from the condition, so the same
//! holds for the ones that users write.

use super::by_value::ByValue;
use super::remembered::{Memory, Resource};
use super::{DETECTIONS, Detection, Severity};
use crate::enrich::condition::{Condition, ConditionError, Inputs, Lists, Truth};
use crate::enrich::event::{Event, Items, member, quoted};
use crate::event::fields::Field;
use crate::limits::OWN_DETECTIONS;
use crate::memory::push;
use alloc::string::String;
use alloc::vec::Vec;

/// A detection that does not come with the filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// How it is called.
    pub id: String,
    /// What has happened, in a few words.
    pub title: String,
    /// How much one should care.
    pub severity: Severity,
    /// When it fires.
    pub condition: String,
}

/// What a detection is called, and how grave it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// How it is called.
    pub id: String,
    /// How much one should care.
    pub severity: Severity,
    /// What has happened, if it is a user's own; of the others `docs/detections.md` says it.
    pub title: Option<String>,
}

impl Rule {
    /// Stands where there is none.
    pub(in crate::enrich) const NONE: Rule =
        Rule { id: String::new(), severity: Severity::Info, title: None };
}

/// Why a detection cannot be compiled: which, and what is wrong with its condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The index among the users' own, if it is one of these.
    pub own: Option<usize>,
    /// What is wrong.
    pub error: ConditionError,
}

impl core::fmt::Display for Refused {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.error.fmt(f)
    }
}

impl core::error::Error for Refused {}

impl Detection {
    /// Whether it is switched off, or can tell nothing with these lists.
    pub(crate) fn is_off(&self, lists: &Lists, off: &[String]) -> bool {
        self.needs.is_some_and(|list| lists.values(list).is_none_or(<[_]>::is_empty))
            || off.iter().any(|pattern| super::names(pattern, self.id))
    }
}

/// How many detections there can be.
const MOST: usize = 256;

const _: () = assert!(DETECTIONS.len() + OWN_DETECTIONS <= MOST, "there is a bit for every detection");

/// Detections, each by its bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::enrich) struct Bits([u64; MOST / 64]);

impl Bits {
    pub(in crate::enrich) const NONE: Bits = Bits([0; MOST / 64]);
    pub(super) const ALL: Bits = Bits([u64::MAX; MOST / 64]);

    fn set(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at >> 6) {
            *word |= 1_u64.wrapping_shl(at as u32);
        }
    }

    #[inline(always)]
    pub(in crate::enrich) fn and(self, other: Bits) -> Bits {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Bits([a & e, b & f, c & g, d & h])
    }

    #[inline(always)]
    pub(super) fn or(self, other: Bits) -> Bits {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Bits([a | e, b | f, c | g, d | h])
    }

    #[inline(always)]
    pub(super) fn without(self, other: Bits) -> Bits {
        self.and(Bits(other.0.map(|word| !word)))
    }

    pub(in crate::enrich) fn is_empty(self) -> bool {
        let [a, b, c, d] = self.0;
        a | b | c | d == 0
    }

    /// The lowest one, which is taken out.
    fn take_lowest(&mut self) -> Option<usize> {
        for (index, word) in self.0.iter_mut().enumerate() {
            if *word != 0 {
                let bit = word.trailing_zeros() as usize;
                *word &= word.wrapping_sub(1);
                return Some(index.wrapping_mul(64).wrapping_add(bit));
            }
        }
        None
    }
}

/// A part of one or more conditions.
#[derive(Clone, Debug)]
struct Part {
    condition: Condition,
    inputs: Inputs,
    group: Option<Group>,
    /// [`ByValue`] has its answers.
    by_value: bool,
    /// Where nothing is rare it is true.
    calm: bool,
    /// The detections that have it.
    of: Bits,
}

/// Parts whose answers are known for many events at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::enrich) enum Group {
    Client,
    Resource,
    /// What is rare: asked where it is there, otherwise known.
    Rare,
}

/// Detections, compiled.
#[derive(Clone, Debug)]
pub struct Detections {
    rules: Vec<Rule>,
    parts: Vec<Part>,
    /// The parts of each detection, those that look at a body last; one detection behind the other.
    of: Vec<u16>,
    /// Where in that the parts of each begin and end.
    ranges: Vec<(u16, u16)>,
    all: Bits,
    /// Those that may fire where nothing is rare.
    calm: Bits,
    /// Those of the filter's own that look at a request's body.
    bodies: Bits,
    /// One of them looks at an answer's body.
    answers: bool,
    by_value: ByValue,
}

impl Detections {
    /// Compiles all that come with the filter and can tell something with these lists; [`default_lists`](super::default_lists) has those
    /// they name.
    ///
    /// # Errors
    ///
    /// A list is missing.
    pub fn compile(lists: &Lists) -> Result<Self, Refused> {
        Detections::compile_all(lists, &[], &[])
    }

    /// The same, without those that are `off`, which may be patterns with `*`, and with users' own.
    ///
    /// # Errors
    ///
    /// A list is missing, or a condition is none.
    pub fn compile_all(lists: &Lists, off: &[String], own: &[Own]) -> Result<Self, Refused> {
        let mut all = Detections {
            rules: Vec::new(),
            parts: Vec::new(),
            of: Vec::new(),
            ranges: Vec::new(),
            all: Bits::NONE,
            calm: Bits::ALL,
            bodies: Bits::NONE,
            answers: false,
            by_value: ByValue::NOTHING,
        };
        for detection in DETECTIONS.iter().filter(|detection| !detection.is_off(lists, off)) {
            let rule = Rule { id: detection.id.into(), severity: detection.severity, title: None };
            let condition = Condition::compile_detection(detection.condition, lists);
            all.add(rule, &condition.map_err(|error| Refused { own: None, error })?, true);
        }
        for (index, own) in own.iter().enumerate().take(OWN_DETECTIONS) {
            let title = Some(own.title.clone());
            let rule = Rule { id: own.id.clone(), severity: own.severity, title };
            let condition = Condition::compile_detection(&own.condition, lists);
            all.add(rule, &condition.map_err(|error| Refused { own: Some(index), error })?, false);
        }
        let mut reader = crate::enrich::Reader::default();
        let mut event = reader.read(br#"{"auditveil":{"version":"1"}}"#);
        for part in &mut all.parts {
            part.calm = part.condition.ask(&mut event) == Truth::True;
        }
        all.calm = all.left_by_what_is_rare(Inputs::NONE, all.all, &mut event);
        let mut event = reader.read(b"{}");
        for part in &mut all.parts {
            part.by_value = all.by_value.add(&part.condition, part.of, &mut event);
        }
        Ok(all)
    }

    fn add(&mut self, rule: Rule, condition: &Condition, built_in: bool) {
        let index = self.rules.len();
        self.answers |= condition.asks_response_object();
        let start = self.of.len() as u16;
        let mut bodies = Vec::new();
        for condition in condition.parts() {
            let at = self.parts.iter().position(|part| part.condition == condition);
            let inputs = condition.inputs();
            let body = inputs.has(Inputs::BODY);
            if built_in && body && condition.asks_request_object() {
                self.bodies.set(index);
            }
            let at = at.unwrap_or_else(|| {
                let group = [
                    (Inputs::CLIENT, Group::Client),
                    (Inputs::RESOURCE, Group::Resource),
                    (Inputs::RARE, Group::Rare),
                ];
                let group = group.into_iter().find(|(all, _)| inputs.are_only(*all)).map(|(_, group)| group);
                let (by_value, calm, of) = (false, false, Bits::NONE);
                self.parts.push(Part { condition, inputs, group, by_value, calm, of });
                self.parts.len().saturating_sub(1)
            });
            if let Some(part) = self.parts.get_mut(at) {
                part.of.set(index);
            }
            if body { bodies.push(at as u16) } else { self.of.push(at as u16) }
        }
        self.of.extend(bodies);
        self.ranges.push((start, self.of.len() as u16));
        self.all.set(index);
        self.rules.push(rule);
    }

    /// What each is called, in their order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Of these, those of which all parts of a group are true.
    #[inline(never)]
    fn mask(&self, group: Group, among: Bits, event: &mut Event<'_>) -> Bits {
        let mut left = match group {
            Group::Client => among.and(self.by_value.of_client(event.facts())),
            Group::Resource | Group::Rare => among,
        };
        for part in self.parts.iter().filter(|part| part.group == Some(group) && !part.by_value) {
            // Of which all are out already, nothing more can be said.
            if !left.and(part.of).is_empty() && part.condition.ask(event) != Truth::True {
                left = left.without(part.of);
            }
        }
        left
    }

    /// Of these, those that what hardly any event has leaves; `rare` says what of it the event has.
    fn left_by_what_is_rare(&self, rare: Inputs, among: Bits, event: &mut Event<'_>) -> Bits {
        let mut left = among;
        for part in self.parts.iter().filter(|part| part.group == Some(Group::Rare)) {
            if left.and(part.of).is_empty() {
                continue;
            }
            let holds =
                if part.inputs.has_any(rare) { part.condition.ask(event) == Truth::True } else { part.calm };
            if !holds {
                left = left.without(part.of);
            }
        }
        left
    }

    /// Those that fire, in their order: every condition asked by itself.
    ///
    /// None fires when a request has only been received: nothing has happened then.
    pub(in crate::enrich) fn find(&self, event: &mut Event<'_>, found: &mut Vec<u16>) {
        if event.value(Field::Stage).and_then(quoted) != Some(b"RequestReceived") {
            self.find_among(self.all, false, event, found);
        }
    }

    /// Of these, those that fire. Where they are [`candidates`](Self::candidates), parts of groups and those by value are `known` to
    /// be true.
    #[inline(never)]
    fn find_among(&self, among: Bits, known: bool, event: &mut Event<'_>, found: &mut Vec<u16>) {
        let mut left = among;
        event.request_facts();
        while let Some(index) = left.take_lowest() {
            let Some(&(start, end)) = self.ranges.get(index) else { return };
            let parts = self.of.get(usize::from(start)..usize::from(end)).unwrap_or_default();
            let mut fires = true;
            for part in parts.iter().filter_map(|&at| self.parts.get(usize::from(at))) {
                if known && (part.group.is_some() || part.by_value) {
                    continue;
                }
                if part.inputs.has(Inputs::CLIENT) {
                    event.facts();
                }
                if part.condition.ask(event) != Truth::True {
                    // Nor does any other that has this part.
                    left = left.without(part.of);
                    fires = false;
                    break;
                }
            }
            if fires && !push(found, index as u16) {
                return;
            }
        }
    }

    /// Those of which all parts are true that are asked of groups. `dropped`: one that looks at a body may be asked of one that the event does
    /// not hold.
    #[inline(never)]
    pub(in crate::enrich) fn candidates(
        &self,
        client: Option<usize>,
        (calm, dropped): (bool, bool),
        memory: &mut Memory,
        event: &mut Event<'_>,
    ) -> Bits {
        let facts = event.request_facts();
        if facts.is_received_only() {
            return Bits::NONE;
        }
        let rare = [
            (Inputs::STAMP, !calm),
            (Inputs::ANNOTATIONS, !facts.has_usual_annotations()),
            (Inputs::IMPERSONATED, event.has(Field::ImpersonatedUser)),
        ];
        let rare = rare.into_iter().filter(|(_, has)| *has).fold(Inputs::NONE, |all, (one, _)| all.with(one));
        let left = self.all.and(self.by_value.of_request(event.derived()));
        // Without a body none of them fires; one that the policy takes away is asked later.
        let left = if dropped { left } else { self.with_a_body(left, event) };
        let among = if rare == Inputs::NONE { left.and(self.calm) } else { left };
        if among.is_empty() {
            return among;
        }
        let among = match Resource::of(event.derived()) {
            None => self.mask(Group::Resource, among, event),
            Some(resource) => match memory.resource(&resource) {
                Some(left) => among.and(left),
                None => among.and(self.find_resource(memory, event)),
            },
        };
        if among.is_empty() {
            return among;
        }
        let among = self.of_client(client, among, memory, event);
        if rare == Inputs::NONE || among.is_empty() {
            return among;
        }
        self.left_by_what_is_rare(rare, among, event)
    }

    /// Those that the resource leaves, which is remembered.
    #[cold]
    #[inline(never)]
    fn find_resource(&self, memory: &mut Memory, event: &mut Event<'_>) -> Bits {
        let left = self.mask(Group::Resource, self.all, event);
        if let Some(resource) = Resource::of(event.derived()) {
            memory.keep_resource(&resource, left);
        }
        left
    }

    /// Of these, those that who asks leaves; what the memory does not know of the client at this place is added to it.
    fn of_client(
        &self,
        client: Option<usize>,
        among: Bits,
        memory: &mut Memory,
        event: &mut Event<'_>,
    ) -> Bits {
        let Some((left, asked)) = client.and_then(|at| memory.bits(at)) else {
            return self.mask(Group::Client, among, event);
        };
        let open = among.without(asked);
        if open.is_empty() {
            return among.and(left);
        }
        let found = self.mask(Group::Client, open, event);
        if let Some(at) = client {
            memory.add_bits(at, found, open);
        }
        among.and(left.or(found))
    }

    /// Of these, those that fire.
    pub(in crate::enrich) fn find_candidates(
        &self,
        among: Bits,
        event: &mut Event<'_>,
        found: &mut Vec<u16>,
    ) {
        self.find_among(self.with_a_body(among, event), true, event, found);
    }

    /// Of these, those that may fire with or without a body of the event.
    #[inline(always)]
    fn with_a_body(&self, among: Bits, event: &Event<'_>) -> Bits {
        if event.has(Field::RequestObject) { among } else { among.without(self.bodies) }
    }

    /// Of these, those of the filter's own that look at a request's body.
    pub(in crate::enrich) fn looking_at_bodies(&self, among: Bits) -> Bits {
        among.and(self.bodies)
    }

    /// Whether this is one of the filter's own that looks at a request's body.
    pub(in crate::enrich) fn looks_at_body(&self, at: u16) -> bool {
        let mut one = Bits::NONE;
        one.set(usize::from(at));
        !one.and(self.bodies).is_empty()
    }

    /// Whether one of them looks at an answer's body.
    pub(in crate::enrich) const fn look_at_answers(&self) -> bool {
        self.answers
    }

    /// The index of a detection.
    pub(in crate::enrich) fn named(&self, id: &[u8]) -> Option<u16> {
        self.rules.iter().position(|rule| rule.id.as_bytes() == id).map(|at| at as u16)
    }

    /// Adds those that a stamp names.
    pub(in crate::enrich) fn add_told(&self, stamp: &[u8], found: &mut Vec<u16>) {
        let before = found.len();
        let told = Items::new(member(stamp, b"detections").unwrap_or_default());
        for at in told.filter_map(quoted).filter_map(|id| self.named(id)) {
            if !found.contains(&at) && !push(found, at) {
                return;
            }
        }
        crate::enrich::stamp::put_in_order(found, before);
    }
}

#[cfg(test)]
mod tests {
    use super::super::default_lists;
    use super::*;

    #[test]
    fn one_that_needs_a_list_is_off_without() {
        let count = |lists: &Lists| Detections::compile(lists).map(|all| all.rules.len()).ok();
        let all = count(&default_lists().with("registries", ["a/*"]).with("users", ["a"]));
        assert_eq!(all, Some(DETECTIONS.len()));
        assert_eq!(count(&default_lists()), Some(DETECTIONS.len() - 2));
        assert_eq!(count(&Lists::new()), None);
    }

    #[test]
    fn single_ones_and_topics_are_switched_off() {
        let ids = |off: &[&str]| {
            let off: Vec<String> = off.iter().map(|&id| id.into()).collect();
            let all = Detections::compile_all(&default_lists(), &off, &[]).unwrap();
            all.rules.iter().map(|rule| rule.id.clone()).collect::<Vec<_>>()
        };
        let all = ids(&[]).len();
        assert_eq!(ids(&["exec.any"]).len(), all - 1);
        assert!(ids(&["exec.*"]).iter().all(|id| !id.starts_with("exec.")));
        assert!(ids(&["*"]).is_empty());
    }

    #[test]
    fn bits_are_taken_in_order() {
        let mut bits = Bits::NONE;
        [3, 64, 130, 255].into_iter().for_each(|at| bits.set(at));
        let taken: Vec<usize> = core::iter::from_fn(|| bits.take_lowest()).collect();
        assert_eq!(taken, [3, 64, 130, 255]);
        assert!(bits.is_empty());
    }

    /// Parts are shared, and most are of a group; otherwise nothing would be saved.
    #[test]
    fn most_parts_are_known_for_many_events() {
        let all = Detections::compile(&default_lists()).unwrap();
        let grouped = all.parts.iter().filter(|part| part.group.is_some() || part.by_value).count();
        assert!(all.parts.len() < 230 && grouped * 2 > all.parts.len(), "{grouped} of {}", all.parts.len());
    }

    /// A body that nobody sees cannot let one fire, so what a policy takes away is all that is missing.
    #[test]
    fn what_looks_at_a_body_needs_one() {
        let all = Detections::compile(&default_lists()).unwrap();
        let (mut with, mut count) = (all.bodies, 0);
        while let Some(at) = with.take_lowest() {
            count += 1;
            let (start, end) = all.ranges[at];
            let parts = &all.of[usize::from(start)..usize::from(end)];
            let needs = parts.iter().any(|&part| {
                let mut reader = crate::enrich::Reader::default();
                let part = &all.parts[usize::from(part)];
                part.condition.inputs().has(Inputs::BODY)
                    && part.condition.evaluate(&mut reader.read(b"{}")) != Truth::True
            });
            assert!(needs, "{}", all.rules[at].id);
        }
        assert!(count > 30, "{count}");
    }
}
