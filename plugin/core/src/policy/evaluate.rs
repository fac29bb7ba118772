//! The decision about one event. Hot: no allocation, no formatting, no look at a body.
//!
//! ```text
//! for each attribute: the clauses without a condition on it, and those that list its value
//! for each word of clauses: intersect; the lowest bit that is left is the first match
//! ```
//!
//! Tried and not kept: rules one after another, each with sorted lists. It is as fast for ten rules,
//! and grows with every rule where this grows with every sixty-fourth.

use super::compile::{Column, Plan};
use super::request::{Attributes, Object, Request, Target};
use super::syntax::Level;
use super::table::Posting;

/// What becomes of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It goes.
    Drop {
        /// The rule that matched, counted from 0; none where no rule did.
        rule: Option<u32>,
        /// Why.
        cause: DropCause,
    },
    /// It stays.
    Keep {
        /// How much of it, never more than it came with.
        level: Level,
        /// Whether `metadata.managedFields` leaves the bodies.
        omit_managed_fields: bool,
        /// The rule that matched, counted from 0; none where a rule that could not be decided stands
        /// before it.
        rule: Option<u32>,
    },
}

/// Why an event goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropCause {
    /// The level is None: by a rule, or because no rule matched.
    Level,
    /// The stage is one of `omitStages`.
    Stage,
}

/// The clauses of one word that a request meets, and those that it might meet if it told everything.
#[derive(Clone, Copy)]
struct Met {
    surely: u64,
    maybe: u64,
}

impl Met {
    fn and(self, other: Met) -> Met {
        Met { surely: self.surely & other.surely, maybe: self.maybe & other.maybe }
    }
}

/// Walks the words of one attribute's clauses.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    free: &'a [u64],
    listed: &'a [Posting],
    missing: bool,
}

impl<'a> Cursor<'a> {
    fn new(column: &'a Column, value: &[u8], missing: bool) -> Cursor<'a> {
        let listed = if missing { &[] } else { column.table.get(value) };
        Cursor { free: &column.free, listed, missing }
    }

    fn at(&mut self, word: usize) -> Met {
        let surely = self.free.get(word).copied().unwrap_or_default() | advance(&mut self.listed, word);
        Met { surely, maybe: if self.missing { u64::MAX } else { surely } }
    }
}

/// The bits of a word; words are asked for in ascending order.
fn advance(postings: &mut &[Posting], word: usize) -> u64 {
    while let [first, rest @ ..] = *postings {
        // The word of a posting is below the number of words, which is a usize.
        let at = super::table::usize_of(first.word);
        if at > word {
            break;
        }
        *postings = rest;
        if at == word {
            return first.bits;
        }
    }
    0
}

/// The groups of a user: the rows of the first few that the policy lists, and what is left.
struct Groups<'a, G> {
    free: &'a [u64],
    rows: [&'a [Posting]; GROUPS],
    rest: Option<G>,
    column: &'a Column,
    missing: bool,
}

/// How many groups *that the policy lists* are looked up once only. More are looked up once for each
/// 64 clauses.
const GROUPS: usize = 8;

impl<'a, 'r, G: Iterator<Item = &'r [u8]> + Clone> Groups<'a, G> {
    fn new(column: &'a Column, groups: &G, missing: bool) -> Groups<'a, G> {
        let mut found = Groups { free: &column.free, rows: [&[]; GROUPS], rest: None, column, missing };
        if missing || column.table.is_empty() {
            return found;
        }
        let mut groups = groups.clone();
        for row in &mut found.rows {
            // The next group that is listed at all.
            match groups.by_ref().map(|group| column.table.get(group)).find(|row| !row.is_empty()) {
                Some(listed) => *row = listed,
                None => return found,
            }
        }
        found.rest = Some(groups);
        found
    }

    fn at(&mut self, word: usize) -> Met {
        let mut surely = self.free.get(word).copied().unwrap_or_default();
        for row in &mut self.rows {
            if row.is_empty() {
                break;
            }
            surely |= advance(row, word);
        }
        if let Some(rest) = &self.rest {
            for group in rest.clone() {
                surely |= advance(&mut self.column.table.get(group), word);
            }
        }
        Met { surely, maybe: if self.missing { u64::MAX } else { surely } }
    }
}

/// What the target of a request meets.
struct Targets<'a> {
    resource: Option<Resource<'a>>,
    path: Option<(Cursor<'a>, &'a [Posting])>,
    plan: &'a Plan,
}

struct Resource<'a> {
    namespace: Cursor<'a>,
    api_group: Cursor<'a>,
    name: Cursor<'a>,
    resource: Cursor<'a>,
    any_resource: &'a [Posting],
    any_subresource: &'a [Posting],
}

impl<'a> Targets<'a> {
    fn new(plan: &'a Plan, target: &Target<'_>, verb: &[u8], missing: Attributes) -> Targets<'a> {
        match target {
            Target::Resource(object) => {
                Targets { resource: Some(Resource::new(plan, object, verb, missing)), path: None, plan }
            }
            Target::Path(path) => {
                let unknown = missing.contains(Attributes::PATH);
                let prefixes = if unknown { &[] } else { plan.prefixes.get(path) };
                Targets {
                    resource: None,
                    path: Some((Cursor::new(&plan.paths, path, unknown), prefixes)),
                    plan,
                }
            }
            Target::Unknown => Targets { resource: None, path: None, plan },
        }
    }

    fn at(&mut self, word: usize) -> Met {
        let plan = self.plan;
        let of = |set: &[u64]| set.get(word).copied().unwrap_or_default();
        if let Some(resource) = &mut self.resource {
            let possible = of(&plan.for_resources);
            resource.at(word).and(Met { surely: possible, maybe: possible })
        } else if let Some((path, prefixes)) = &mut self.path {
            let possible = of(&plan.for_paths);
            let mut met = path.at(word);
            met.surely |= advance(prefixes, word);
            met.maybe |= met.surely;
            met.and(Met { surely: possible, maybe: possible })
        } else {
            // Only a rule that says nothing about the target is sure to match.
            Met { surely: of(&plan.for_resources) & of(&plan.for_paths), maybe: u64::MAX }
        }
    }
}

impl<'a> Resource<'a> {
    fn new(plan: &'a Plan, object: &Object<'_>, verb: &[u8], missing: Attributes) -> Resource<'a> {
        let is_missing = |attribute| missing.contains(attribute);
        let unknown = is_missing(Attributes::RESOURCE);
        let (resource, subresource) = (object.resource, object.subresource);
        let name: &[u8] = if verb == b"create" && subresource.is_empty() { b"" } else { object.name };
        let listed = if unknown { &[] } else { plan.resources.table.get_pair(resource, subresource) };
        Resource {
            namespace: Cursor::new(&plan.namespaces, object.namespace, is_missing(Attributes::NAMESPACE)),
            api_group: Cursor::new(&plan.api_groups, object.api_group, is_missing(Attributes::API_GROUP)),
            name: Cursor::new(&plan.names, name, is_missing(Attributes::NAME)),
            resource: Cursor { free: &plan.resources.free, listed, missing: unknown },
            any_resource: if unknown || subresource.is_empty() {
                &[]
            } else {
                plan.any_resource.get(subresource)
            },
            any_subresource: if unknown { &[] } else { plan.any_subresource.get(resource) },
        }
    }

    fn at(&mut self, word: usize) -> Met {
        let mut resource = self.resource.at(word);
        resource.surely |= advance(&mut self.any_resource, word) | advance(&mut self.any_subresource, word);
        resource.maybe |= resource.surely;
        resource.and(self.namespace.at(word)).and(self.api_group.at(word)).and(self.name.at(word))
    }
}

impl Plan {
    /// Decides about an event, as the server's own policy would have.
    ///
    /// - The first rule that matches decides; without one, the event goes.
    /// - The level is never raised: it is the smaller of the rule's and the event's.
    /// - A rule that needs an attribute in [`Request::missing`] does not match. If it might have,
    ///   had the record told, then neither a later None nor the absence of a match drops the event,
    ///   and no later rule keeps its bodies: it stays, at Metadata. What the whole policy omits
    ///   still goes.
    ///
    /// # Complexity
    /// Constant in what the rules list, a step for each 64 clauses; see the module `compile`. Neither
    /// allocates nor fails.
    pub fn evaluate<'a, G>(&self, request: &Request<'a, G>) -> Decision
    where
        G: Iterator<Item = &'a [u8]> + Clone,
    {
        let missing = request.missing;
        let mut user = match request.username {
            Some(name) => Cursor::new(&self.users, name, missing.contains(Attributes::USERNAME)),
            None => Cursor {
                free: &self.users.free,
                listed: &[],
                missing: missing.contains(Attributes::USERNAME),
            },
        };
        let mut groups = Groups::new(&self.groups, &request.groups, missing.contains(Attributes::GROUPS));
        let mut verb = Cursor::new(&self.verbs, request.verb, missing.contains(Attributes::VERB));
        let mut target = Targets::new(self, &request.target, request.verb, missing);
        let mut passed_over = None;
        for word in 0..self.words {
            let met = target.at(word).and(user.at(word)).and(verb.at(word)).and(groups.at(word));
            let first = met.surely.trailing_zeros();
            let before = met.maybe & !met.surely & below(first);
            if before != 0 && passed_over.is_none() {
                passed_over = self.rule_at(word, before.trailing_zeros());
            }
            if met.surely != 0 {
                let rule = self.rule_at(word, first);
                // Clauses of one rule that were passed over before another of it matched do not count.
                let undecided = passed_over.is_some_and(|passed| Some(passed) != rule);
                return self.decide(rule, undecided, request);
            }
        }
        self.decide(None, passed_over.is_some(), request)
    }

    fn rule_at(&self, word: usize, bit: u32) -> Option<u32> {
        let clause = word.wrapping_mul(64).wrapping_add(super::table::usize_of(bit));
        self.rule_of.get(clause).copied()
    }

    fn decide<G>(&self, rule: Option<u32>, undecided: bool, request: &Request<'_, G>) -> Decision {
        let omits =
            |stages: super::compile::StageSet| request.stage.is_some_and(|stage| stages.contains(stage));
        if undecided {
            if omits(self.omit_stages) {
                return Decision::Drop { rule: None, cause: DropCause::Stage };
            }
            let level = Level::Metadata.min(request.level);
            return Decision::Keep { level, omit_managed_fields: false, rule: None };
        }
        let matched = rule.and_then(|rule| self.rules.get(super::table::usize_of(rule)));
        match matched {
            None => Decision::Drop { rule: None, cause: DropCause::Level },
            Some(matched) if matched.level == Level::None => Decision::Drop { rule, cause: DropCause::Level },
            Some(matched) if omits(matched.omit_stages) => Decision::Drop { rule, cause: DropCause::Stage },
            Some(matched) => {
                let level = matched.level.min(request.level);
                Decision::Keep { level, omit_managed_fields: matched.omit_managed_fields, rule }
            }
        }
    }
}

/// The bits below one; all of them below bit 64.
fn below(bit: u32) -> u64 {
    1_u64.checked_shl(bit).map_or(u64::MAX, |bit| bit.wrapping_sub(1))
}
