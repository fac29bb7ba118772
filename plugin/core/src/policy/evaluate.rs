//! The decision about one event. Hot: no allocation, no formatting, no look at a body.
//!
//! ```text
//! for each attribute: the clauses without a condition on it, and those that list its value
//! for each word of clauses: intersect, until none is left; the lowest that is left is the first match
//! ```
//!
//! Ordinary events tell everything, and take [`Plan::certain`]; an event that does not takes
//! [`Plan::doubtful`], which also knows what it might have met.
//!
//! Tried and not kept: rules one after another, each with sorted lists. It is as fast for ten rules,
//! and grows with every rule where this grows with every sixty-fourth.

use super::compile::{Free, Plan, StageSet};
use super::request::{Attributes, Request, Target};
use super::syntax::Level;
use super::table::{Posting, Table, usize_of};

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
    /// The clauses without a condition on an attribute and those that list its value, which may be missing.
    fn new(surely: u64, missing: bool) -> Met {
        Met { surely, maybe: if missing { u64::MAX } else { surely } }
    }

    fn and(self, other: Met) -> Met {
        Met { surely: self.surely & other.surely, maybe: self.maybe & other.maybe }
    }
}

/// The bits of a word; words are asked for in ascending order.
#[inline(always)]
fn advance(postings: &mut &[Posting], word: usize) -> u64 {
    while let [first, rest @ ..] = *postings {
        // The word of a posting is below the number of words, which is a usize.
        let at = usize_of(first.word);
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
    rows: [&'a [Posting]; GROUPS],
    rest: Option<G>,
    table: &'a Table,
}

/// How many groups *that the policy lists* are looked up once only. More are looked up once for each
/// 64 clauses.
const GROUPS: usize = 8;

impl<'a, 'r, G: Iterator<Item = &'r [u8]> + Clone> Groups<'a, G> {
    fn new(table: &'a Table, groups: &G, missing: bool) -> Groups<'a, G> {
        let mut found = Groups { rows: [&[]; GROUPS], rest: None, table };
        if missing || table.is_empty() {
            return found;
        }
        let mut groups = groups.clone();
        for row in &mut found.rows {
            // The next group that is listed at all.
            match groups.by_ref().map(|group| table.get(group)).find(|row| !row.is_empty()) {
                Some(listed) => *row = listed,
                None => return found,
            }
        }
        found.rest = Some(groups);
        found
    }

    /// The clauses that list one of the groups.
    #[inline(always)]
    fn listed(&mut self, word: usize) -> u64 {
        let mut listed = 0;
        for row in &mut self.rows {
            if row.is_empty() {
                break;
            }
            listed |= advance(row, word);
        }
        if let Some(rest) = &self.rest {
            for group in rest.clone() {
                listed |= advance(&mut self.table.get(group), word);
            }
        }
        listed
    }
}

/// The clauses that list what a request tells, by attribute.
struct Listed<'a, G> {
    user: &'a [Posting],
    groups: Groups<'a, G>,
    verb: &'a [Posting],
    namespace: &'a [Posting],
    api_group: &'a [Posting],
    name: &'a [Posting],
    resource: &'a [Posting],
    any_resource: &'a [Posting],
    any_subresource: &'a [Posting],
    path: &'a [Posting],
    prefix: &'a [Posting],
}

impl<'a, 'r, G: Iterator<Item = &'r [u8]> + Clone> Listed<'a, G> {
    fn new(plan: &'a Plan, request: &Request<'r, G>) -> Listed<'a, G> {
        let missing = |attribute| request.missing.contains(attribute);
        let find = |table: &'a Table, text: &[u8], attribute| -> &'a [Posting] {
            if missing(attribute) { &[] } else { table.get(text) }
        };
        let none: &[Posting] = &[];
        let mut listed = Listed {
            user: request.username.map_or(none, |name| find(&plan.users, name, Attributes::USERNAME)),
            groups: Groups::new(&plan.groups, &request.groups, missing(Attributes::GROUPS)),
            verb: find(&plan.verbs, request.verb, Attributes::VERB),
            namespace: none,
            api_group: none,
            name: none,
            resource: none,
            any_resource: none,
            any_subresource: none,
            path: none,
            prefix: none,
        };
        match &request.target {
            Target::Resource(object) => {
                let (resource, subresource) = (object.resource, object.subresource);
                let unnamed = request.verb == b"create" && subresource.is_empty();
                let name: &[u8] = if unnamed { b"" } else { object.name };
                listed.namespace = find(&plan.namespaces, object.namespace, Attributes::NAMESPACE);
                listed.api_group = find(&plan.api_groups, object.api_group, Attributes::API_GROUP);
                listed.name = find(&plan.names, name, Attributes::NAME);
                if !missing(Attributes::RESOURCE) {
                    listed.resource = plan.resources.get_pair(resource, subresource);
                    listed.any_subresource = plan.any_subresource.get(resource);
                    if !subresource.is_empty() {
                        listed.any_resource = plan.any_resource.get(subresource);
                    }
                }
            }
            Target::Path(path) => {
                listed.path = find(&plan.paths, path, Attributes::PATH);
                if !missing(Attributes::PATH) {
                    listed.prefix = plan.prefixes.get(path);
                }
            }
            Target::Unknown => {}
        }
        listed
    }

    #[inline(always)]
    fn resource(&mut self, word: usize) -> u64 {
        advance(&mut self.resource, word)
            | advance(&mut self.any_resource, word)
            | advance(&mut self.any_subresource, word)
    }

    #[inline(always)]
    fn path(&mut self, word: usize) -> u64 {
        advance(&mut self.path, word) | advance(&mut self.prefix, word)
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
        let mut listed = Listed::new(self, request);
        match request.target {
            Target::Resource(_) if request.missing == Attributes::NONE => {
                self.certain(request, &mut listed, |free, listed, word| {
                    let met = free.for_resources & (free.resources | listed.resource(word));
                    if met == 0 {
                        return 0;
                    }
                    let met = met & (free.names | advance(&mut listed.name, word));
                    let met = met & (free.namespaces | advance(&mut listed.namespace, word));
                    met & (free.api_groups | advance(&mut listed.api_group, word))
                })
            }
            Target::Path(_) if request.missing == Attributes::NONE => {
                self.certain(request, &mut listed, |free, listed, word| {
                    free.for_paths & (free.paths | listed.path(word))
                })
            }
            _ => self.doubtful(request, &mut listed),
        }
    }

    /// The decision about an event that tells everything; `target` gives the clauses of a word that its target
    /// meets.
    #[inline(always)]
    fn certain<'a, 'r, G: Iterator<Item = &'r [u8]> + Clone>(
        &'a self,
        request: &Request<'r, G>,
        listed: &mut Listed<'a, G>,
        target: impl Fn(&Free, &mut Listed<'a, G>, usize) -> u64,
    ) -> Decision {
        for (word, free) in self.free.iter().enumerate() {
            let mut met = target(free, listed, word);
            if met == 0 {
                continue;
            }
            met &= free.users | advance(&mut listed.user, word);
            met &= free.verbs | advance(&mut listed.verb, word);
            if met == 0 {
                continue;
            }
            met &= free.groups | listed.groups.listed(word);
            if met != 0 {
                return self.decide(self.rule_at(word, met.trailing_zeros()), false, request);
            }
        }
        self.decide(None, false, request)
    }

    /// The decision about an event that does not tell everything.
    #[cold]
    #[inline(never)]
    fn doubtful<'a, 'r, G: Iterator<Item = &'r [u8]> + Clone>(
        &'a self,
        request: &Request<'r, G>,
        listed: &mut Listed<'a, G>,
    ) -> Decision {
        let missing = |attribute| request.missing.contains(attribute);
        let mut passed_over = None;
        for (word, free) in self.free.iter().enumerate() {
            let of_target = match request.target {
                Target::Resource(_) => {
                    let possible = Met::new(free.for_resources, false);
                    let resource =
                        Met::new(free.resources | listed.resource(word), missing(Attributes::RESOURCE));
                    let namespace = free.namespaces | advance(&mut listed.namespace, word);
                    let api_group = free.api_groups | advance(&mut listed.api_group, word);
                    let name = free.names | advance(&mut listed.name, word);
                    possible
                        .and(resource)
                        .and(Met::new(namespace, missing(Attributes::NAMESPACE)))
                        .and(Met::new(api_group, missing(Attributes::API_GROUP)))
                        .and(Met::new(name, missing(Attributes::NAME)))
                }
                Target::Path(_) => Met::new(free.for_paths, false)
                    .and(Met::new(free.paths | listed.path(word), missing(Attributes::PATH))),
                // Only a rule that says nothing about the target is sure to match.
                Target::Unknown => Met { surely: free.for_resources & free.for_paths, maybe: u64::MAX },
            };
            let user = free.users | advance(&mut listed.user, word);
            let verb = free.verbs | advance(&mut listed.verb, word);
            let groups = free.groups | listed.groups.listed(word);
            let met = of_target
                .and(Met::new(user, missing(Attributes::USERNAME)))
                .and(Met::new(verb, missing(Attributes::VERB)))
                .and(Met::new(groups, missing(Attributes::GROUPS)));
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
        let clause = word.wrapping_mul(64).wrapping_add(usize_of(bit));
        self.rule_of.get(clause).copied()
    }

    fn decide<G>(&self, rule: Option<u32>, undecided: bool, request: &Request<'_, G>) -> Decision {
        let omits = |stages: StageSet| request.stage.is_some_and(|stage| stages.contains(stage));
        if undecided {
            if omits(self.omit_stages) {
                return Decision::Drop { rule: None, cause: DropCause::Stage };
            }
            let level = Level::Metadata.min(request.level);
            return Decision::Keep { level, omit_managed_fields: false, rule: None };
        }
        let matched = rule.and_then(|rule| self.rules.get(usize_of(rule)));
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
