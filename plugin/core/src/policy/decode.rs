//! From a tree whose types were checked to the fields of a policy.
//!
//! In JSON a repeated member is decoded *into* what the first one left, as encoding/json does:
//! elements of a list are reused one by one, and `null` leaves a text as it is. In YAML the tree
//! holds the last of repeated keys only, and there is nothing to decode into. One thing is not
//! followed: a list that a second member shortens and a third lengthens finds the old elements again
//! in Go's spare capacity, and empty ones here.

use super::syntax::{GroupResources, Level, Policy, Rule, Stage};
use crate::document::{Document, NodeId, Value};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A policy with its levels and stages as they were written.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) rules: Vec<DecodedRule>,
    pub(super) omit_stages: Vec<String>,
    omit_managed_fields: bool,
}

/// A rule with its level and stages as they were written; those in `rule` are not filled in.
#[derive(Debug, Default)]
pub(super) struct DecodedRule {
    pub(super) level: String,
    pub(super) omit_stages: Vec<String>,
    pub(super) rule: Rule,
}

/// Reads what has the right type and passes over the rest.
pub(super) fn decode(document: &Document, root: NodeId) -> Decoded {
    let mut policy = Decoded::default();
    members(document, root, |key, id| match key {
        "rules" => list(document, id, &mut policy.rules, rule),
        "omitStages" => texts(document, id, &mut policy.omit_stages),
        "omitManagedFields" => {
            if let Value::Bool(value) = document.node(id).value {
                policy.omit_managed_fields = value;
            }
        }
        _ => {}
    });
    policy
}

impl Decoded {
    /// The policy, once levels and stages are known to exist.
    pub(super) fn into_policy(self) -> Policy {
        let stages = |names: Vec<String>| -> Vec<Stage> {
            names.iter().filter_map(|name| Stage::from_name(name.as_bytes())).collect()
        };
        let rules = self.rules.into_iter().map(|decoded| Rule {
            level: Level::from_name(decoded.level.as_bytes()).unwrap_or_default(),
            omit_stages: stages(decoded.omit_stages),
            ..decoded.rule
        });
        Policy {
            rules: rules.collect(),
            omit_stages: stages(self.omit_stages),
            omit_managed_fields: self.omit_managed_fields,
        }
    }
}

fn rule(document: &Document, id: NodeId, decoded: &mut DecodedRule) {
    let rule = &mut decoded.rule;
    members(document, id, |key, id| match key {
        "level" => text(document, id, &mut decoded.level),
        "users" => texts(document, id, &mut rule.users),
        "userGroups" => texts(document, id, &mut rule.user_groups),
        "verbs" => texts(document, id, &mut rule.verbs),
        "resources" => list(document, id, &mut rule.resources, group_resources),
        "namespaces" => texts(document, id, &mut rule.namespaces),
        "nonResourceURLs" => texts(document, id, &mut rule.non_resource_urls),
        "omitStages" => texts(document, id, &mut decoded.omit_stages),
        "omitManagedFields" => match document.node(id).value {
            Value::Bool(value) => rule.omit_managed_fields = Some(value),
            Value::Null => rule.omit_managed_fields = None,
            _ => {}
        },
        _ => {}
    });
}

fn group_resources(document: &Document, id: NodeId, resources: &mut GroupResources) {
    members(document, id, |key, id| match key {
        "group" => text(document, id, &mut resources.group),
        "resources" => texts(document, id, &mut resources.resources),
        "resourceNames" => texts(document, id, &mut resources.resource_names),
        _ => {}
    });
}

fn members(document: &Document, id: NodeId, mut each: impl FnMut(&str, NodeId)) {
    if let Value::Map(map) = &document.node(id).value {
        for member in &map.members {
            each(&member.key, member.value);
        }
    }
}

fn text(document: &Document, id: NodeId, target: &mut String) {
    if let Value::Text(text) = &document.node(id).value {
        *target = text.to_string();
    }
}

fn texts(document: &Document, id: NodeId, target: &mut Vec<String>) {
    list(document, id, target, text);
}

fn list<T: Default>(
    document: &Document,
    id: NodeId,
    target: &mut Vec<T>,
    fill: fn(&Document, NodeId, &mut T),
) {
    match &document.node(id).value {
        Value::Null => target.clear(),
        Value::List(items) => {
            target.resize_with(items.len(), T::default);
            for (&item, slot) in items.iter().zip(target) {
                fill(document, item, slot);
            }
        }
        _ => {}
    }
}
