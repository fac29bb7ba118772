//! From a policy to the tables that decide in the hot path.
//!
//! A rule becomes one clause for each of its resource groups, or one clause in all. A clause is a
//! conjunction of independent conditions, one per attribute, so a set of clauses is a bit set and
//! the clauses that a request meets are the intersection of one set per attribute: those without a
//! condition on the attribute, and those that list its value. The lowest clause that is left belongs
//! to the first rule that matches.
//!
//! # Complexity
//! With C clauses, an evaluation costs one hash look-up per attribute and group of the user, three
//! for the resource, a binary search for the path, and at most C/64 steps over machine words, ending
//! at the first match; a step looks at the next attribute only while any of its 64 clauses is left.
//! It does not depend on how many users, groups, verbs, namespaces, names and resources the rules
//! list. Memory is linear in the policy's length times the resource groups per rule, over 64.

use super::syntax::{GroupResources, Level, Policy, Rule, Stage};
use super::table::{Posting, Row, Table, TableBuilder, append, index, position, slice, usize_of};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// A policy that is ready to be asked: immutable, and never allocating again.
///
/// # Examples
/// ```
/// use auditveil_core::policy::{self, Attributes, Decision, Level, Object, Plan, Request, Stage, Target};
///
/// let loaded = policy::load(b"\
/// apiVersion: audit.k8s.io/v1
/// rules:
/// - level: Metadata
///   resources: [{group: '', resources: [secrets]}]
/// - level: RequestResponse
/// ").unwrap();
/// let plan = Plan::new(&loaded.policy);
/// let groups: [&[u8]; 1] = [b"system:authenticated"];
/// let request = Request {
///     username: Some(b"alice"),
///     groups: groups.into_iter(),
///     verb: b"get",
///     target: Target::Resource(Object { resource: b"secrets", namespace: b"prod", ..Object::default() }),
///     stage: Some(Stage::ResponseComplete),
///     level: Level::RequestResponse,
///     missing: Attributes::NONE,
/// };
/// assert_eq!(
///     plan.evaluate(&request),
///     Decision::Keep { level: Level::Metadata, omit_managed_fields: false, rule: Some(0) },
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The clauses without a condition, 64 of them in each.
    pub(super) free: Box<[Free]>,
    pub(super) users: Table,
    pub(super) groups: Table,
    pub(super) verbs: Table,
    pub(super) namespaces: Table,
    pub(super) api_groups: Table,
    pub(super) names: Table,
    /// By resource and subresource: `pods`, `pods/log`.
    pub(super) resources: Table,
    /// By subresource: `*/log`. By resource: `pods/*`.
    pub(super) any_resource: Table,
    pub(super) any_subresource: Table,
    pub(super) paths: Table,
    pub(super) prefixes: Prefixes,
    /// The rule of each clause, in the order of the rules.
    pub(super) rule_of: Box<[u32]>,
    pub(super) rules: Box<[Outcome]>,
    /// Without a match.
    pub(super) omit_stages: StageSet,
}

/// What a rule decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) level: Level,
    pub(super) omit_stages: StageSet,
    pub(super) omit_managed_fields: bool,
}

/// A set of stages, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct StageSet(u8);

impl StageSet {
    fn of(stages: &[Stage]) -> StageSet {
        StageSet(stages.iter().fold(0, |set, &stage| set | StageSet::bit(stage)))
    }

    fn union(self, other: StageSet) -> StageSet {
        StageSet(self.0 | other.0)
    }

    pub(super) fn contains(self, stage: Stage) -> bool {
        self.0 & StageSet::bit(stage) != 0
    }

    fn bit(stage: Stage) -> u8 {
        match stage {
            Stage::RequestReceived => 1,
            Stage::ResponseStarted => 2,
            Stage::ResponseComplete => 4,
            Stage::Panic => 8,
        }
    }
}

/// One word of each set of clauses, side by side, since a request asks for all of them together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Free {
    /// The clauses that a resource request, and a non-resource one, can meet at all.
    pub(super) for_resources: u64,
    pub(super) for_paths: u64,
    /// The clauses without a condition on the attribute.
    pub(super) users: u64,
    pub(super) groups: u64,
    pub(super) verbs: u64,
    pub(super) namespaces: u64,
    pub(super) api_groups: u64,
    pub(super) names: u64,
    pub(super) resources: u64,
    pub(super) paths: u64,
}

/// Prefixes of paths, sorted; the clauses of each include those of the prefixes it begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Prefixes {
    entries: Box<[Prefix]>,
    postings: Box<[Posting]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Prefix {
    text: Box<[u8]>,
    /// The longest other prefix that this one begins with.
    parent: Option<u32>,
    row: Row,
}

impl Prefixes {
    /// The clauses that list a prefix of the path.
    ///
    /// Every prefix of a path sorts at or before it, and all that sorts between the two begins with
    /// that prefix: so the longest one is the last entry at or before the path, or an ancestor of it.
    pub(super) fn get(&self, path: &[u8]) -> &[Posting] {
        let after = self.entries.partition_point(|entry| &*entry.text <= path);
        let mut entry = after.checked_sub(1).and_then(|index| self.entries.get(index));
        while let Some(prefix) = entry {
            if path.starts_with(&prefix.text) {
                return slice(&self.postings, prefix.row);
            }
            entry = prefix.parent.and_then(|index| self.entries.get(usize_of(index)));
        }
        &[]
    }
}

impl Plan {
    /// Compiles a policy.
    pub fn new(policy: &Policy) -> Plan {
        let clauses = policy.rules.iter().map(|rule| rule.resources.len().max(1)).sum::<usize>();
        let mut compiler = Compiler::new(clauses);
        for (number, rule) in policy.rules.iter().enumerate() {
            if rule.resources.is_empty() {
                compiler.clause(number, rule, None);
            }
            for resources in &rule.resources {
                compiler.clause(number, rule, Some(resources));
            }
        }
        compiler.finish(policy)
    }

    /// How many rules the policy has.
    pub fn rules(&self) -> usize {
        self.rules.len()
    }
}

/// The conditions on one attribute, in the making.
struct Builder {
    /// The clauses without one.
    free: Vec<u64>,
    /// The clauses that list a value.
    table: TableBuilder,
}

impl Builder {
    fn new(words: usize) -> Builder {
        Builder { free: vec![0; words], table: TableBuilder::default() }
    }

    fn free(&mut self, clause: usize) {
        set(&mut self.free, clause);
    }

    /// A condition on the attribute, or none.
    fn list<T: AsRef<[u8]>>(&mut self, values: &[T], clause: usize) {
        if values.is_empty() {
            self.free(clause);
        }
        for value in values {
            self.table.insert(value.as_ref(), b"", clause);
        }
    }
}

fn set(words: &mut [u64], clause: usize) {
    let (word, bit) = position(clause);
    if let Some(word) = words.get_mut(word) {
        *word |= bit;
    }
}

struct Compiler {
    words: usize,
    for_resources: Vec<u64>,
    for_paths: Vec<u64>,
    users: Builder,
    groups: Builder,
    verbs: Builder,
    namespaces: Builder,
    api_groups: Builder,
    names: Builder,
    resources: Builder,
    any_resource: TableBuilder,
    any_subresource: TableBuilder,
    paths: Builder,
    prefixes: TableBuilder,
    rule_of: Vec<u32>,
}

impl Compiler {
    fn new(clauses: usize) -> Compiler {
        let words = clauses.div_ceil(64);
        let column = || Builder::new(words);
        Compiler {
            words,
            for_resources: vec![0; words],
            for_paths: vec![0; words],
            users: column(),
            groups: column(),
            verbs: column(),
            namespaces: column(),
            api_groups: column(),
            names: column(),
            resources: column(),
            any_resource: TableBuilder::default(),
            any_subresource: TableBuilder::default(),
            paths: column(),
            prefixes: TableBuilder::default(),
            rule_of: Vec::new(),
        }
    }

    fn clause(&mut self, number: usize, rule: &Rule, resources: Option<&GroupResources>) {
        let clause = self.rule_of.len();
        self.rule_of.push(index(number));
        let resources_only = resources.is_some() || !rule.namespaces.is_empty();
        let paths_only = !resources_only && !rule.non_resource_urls.is_empty();
        if !paths_only {
            set(&mut self.for_resources, clause);
        }
        if !resources_only {
            set(&mut self.for_paths, clause);
        }
        self.users.list(&rule.users, clause);
        self.groups.list(&rule.user_groups, clause);
        self.verbs.list(&rule.verbs, clause);
        self.namespaces.list(&rule.namespaces, clause);
        match resources {
            None => {
                self.api_groups.free(clause);
                self.resources.free(clause);
                self.names.free(clause);
            }
            Some(resources) => {
                match resources.group.as_str() {
                    "*" => self.api_groups.free(clause),
                    group => self.api_groups.list(&[group], clause),
                }
                self.resource_patterns(&resources.resources, clause);
                self.names.list(&resources.resource_names, clause);
            }
        }
        self.urls(&rule.non_resource_urls, clause);
    }

    /// `ruleMatchesResource` of checker.go, turned round: under which requests a pattern is found.
    fn resource_patterns<T: AsRef<str>>(&mut self, patterns: &[T], clause: usize) {
        if patterns.is_empty() {
            self.resources.free(clause);
        }
        for pattern in patterns {
            let pattern = pattern.as_ref();
            if pattern == "*" {
                self.resources.free(clause);
                continue;
            }
            if let Some(subresource) = pattern.strip_prefix("*/")
                && !subresource.is_empty()
            {
                self.any_resource.insert(subresource.as_bytes(), b"", clause);
            }
            if let Some(resource) = pattern.strip_suffix("/*") {
                self.any_subresource.insert(resource.as_bytes(), b"", clause);
            }
            // The server compares with `resource`, or with `resource/subresource` where there is one.
            let table = &mut self.resources.table;
            table.insert(pattern.as_bytes(), b"", clause);
            for (at, _) in pattern.match_indices('/') {
                if let Some((resource, rest)) = pattern.split_at_checked(at)
                    && let Some(subresource) = rest.strip_prefix('/')
                    && !subresource.is_empty()
                {
                    table.insert(resource.as_bytes(), subresource.as_bytes(), clause);
                }
            }
        }
    }

    /// `pathMatches` of checker.go: a path exactly, or up to the stars at the end.
    fn urls<T: AsRef<str>>(&mut self, urls: &[T], clause: usize) {
        if urls.is_empty() {
            self.paths.free(clause);
        }
        for url in urls {
            let url = url.as_ref();
            self.paths.table.insert(url.as_bytes(), b"", clause);
            if url.ends_with('*') {
                self.prefixes.insert(url.trim_end_matches('*').as_bytes(), b"", clause);
            }
        }
    }

    fn finish(self, policy: &Policy) -> Plan {
        let omit_stages = StageSet::of(&policy.omit_stages);
        let outcome = |rule: &Rule| Outcome {
            level: rule.level,
            omit_stages: omit_stages.union(StageSet::of(&rule.omit_stages)),
            omit_managed_fields: rule.omit_managed_fields.unwrap_or(policy.omit_managed_fields),
        };
        let of = |set: &[u64], word: usize| set.get(word).copied().unwrap_or_default();
        let free = (0..self.words).map(|word| Free {
            for_resources: of(&self.for_resources, word),
            for_paths: of(&self.for_paths, word),
            users: of(&self.users.free, word),
            groups: of(&self.groups.free, word),
            verbs: of(&self.verbs.free, word),
            namespaces: of(&self.namespaces.free, word),
            api_groups: of(&self.api_groups.free, word),
            names: of(&self.names.free, word),
            resources: of(&self.resources.free, word),
            paths: of(&self.paths.free, word),
        });
        Plan {
            free: free.collect(),
            users: self.users.table.build(),
            groups: self.groups.table.build(),
            verbs: self.verbs.table.build(),
            namespaces: self.namespaces.table.build(),
            api_groups: self.api_groups.table.build(),
            names: self.names.table.build(),
            resources: self.resources.table.build(),
            any_resource: self.any_resource.build(),
            any_subresource: self.any_subresource.build(),
            paths: self.paths.table.build(),
            prefixes: build_prefixes(self.prefixes),
            rule_of: self.rule_of.into(),
            rules: policy.rules.iter().map(outcome).collect(),
            omit_stages,
        }
    }
}

fn build_prefixes(builder: TableBuilder) -> Prefixes {
    let mut entries: Vec<Prefix> = Vec::new();
    let mut postings = Vec::new();
    // The prefixes that the one at hand begins with, shortest first, each with all its clauses.
    let mut ancestors: Vec<(u32, Vec<usize>)> = Vec::new();
    for ((text, _), mut clauses) in builder.into_entries() {
        while let Some((parent, _)) = ancestors.last()
            && !entries.get(usize_of(*parent)).is_some_and(|entry| text.starts_with(&entry.text))
        {
            ancestors.pop();
        }
        let parent = ancestors.last().map(|(parent, inherited)| {
            clauses.extend_from_slice(inherited);
            *parent
        });
        clauses.sort_unstable();
        clauses.dedup();
        let row = append(&mut postings, &clauses);
        ancestors.push((index(entries.len()), clauses));
        entries.push(Prefix { text: text.into(), parent, row });
    }
    Prefixes { entries: entries.into(), postings: postings.into() }
}
