//! pkg/apis/audit/validation/validation.go of the apiserver, 1.36.

use super::decode::{Decoded, DecodedRule};
use super::syntax::{Level, Stage};
use crate::document::{Code, Step};
use alloc::string::String;
use alloc::vec::Vec;

/// Something that is wrong with a policy, by its path.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) path: Vec<Step>,
    pub(super) code: Code,
}

/// All that is wrong with a policy; Kubernetes reports everything at once too.
pub(super) fn validate(policy: &Decoded) -> Vec<Problem> {
    let mut problems = Vec::new();
    stages(&policy.omit_stages, &[], &mut problems);
    for (index, rule) in policy.rules.iter().enumerate() {
        validate_rule(rule, &[Step::from("rules"), Step::from(index)], &mut problems);
    }
    // Kubernetes tells this only where nothing else is wrong.
    if policy.rules.is_empty() && problems.is_empty() {
        problems.push(problem(&[], &[Step::from("rules")], Code::NoRules));
    }
    problems
}

fn validate_rule(decoded: &DecodedRule, way: &[Step], problems: &mut Vec<Problem>) {
    let rule = &decoded.rule;
    if decoded.level.is_empty() {
        problems.push(problem(way, &[Step::from("level")], Code::Missing { allowed: Level::NAMES }));
    } else if Level::from_name(decoded.level.as_bytes()).is_none() {
        problems.push(problem(way, &[Step::from("level")], Code::not_one_of(&decoded.level, Level::NAMES)));
    }
    for (index, url) in rule.non_resource_urls.iter().enumerate().filter(|(_, url)| *url != "*") {
        let end = [Step::from("nonResourceURLs"), Step::from(index)];
        if !url.starts_with('/') {
            problems.push(problem(way, &end, Code::UrlStart { word: url.as_str().into() }));
        }
        let mut characters = url.chars();
        characters.next_back();
        if characters.as_str().contains('*') {
            problems.push(problem(way, &end, Code::UrlWildcard { word: url.as_str().into() }));
        }
    }
    for (index, resources) in rule.resources.iter().enumerate() {
        let at = |key: &str| [Step::from("resources"), Step::from(index), Step::from(key)];
        let group = resources.group.as_str();
        if !group.is_empty() && group != "*" && !is_dns_subdomain(group) {
            problems.push(problem(way, &at("group"), Code::GroupName { word: group.into() }));
        }
        if !resources.resource_names.is_empty() && resources.resources.is_empty() {
            problems.push(problem(way, &at("resourceNames"), Code::NamesWithoutResources));
        }
    }
    stages(&decoded.omit_stages, way, problems);
    let has_resources = !rule.resources.is_empty() || !rule.namespaces.is_empty();
    if has_resources && !rule.non_resource_urls.is_empty() {
        problems.push(problem(way, &[Step::from("nonResourceURLs")], Code::ResourcesAndUrls));
    }
}

fn stages(names: &[String], way: &[Step], problems: &mut Vec<Problem>) {
    for (index, name) in names.iter().enumerate() {
        if Stage::from_name(name.as_bytes()).is_none() {
            let end = [Step::from("omitStages"), Step::from(index)];
            problems.push(problem(way, &end, Code::not_one_of(name, Stage::NAMES)));
        }
    }
}

fn problem(way: &[Step], end: &[Step], code: Code) -> Problem {
    Problem { path: way.iter().chain(end).cloned().collect(), code }
}

/// A lower-case RFC 1123 subdomain: labels of letters, digits and inner hyphens, at most 253
/// characters. A label may be longer than in DNS; Kubernetes does not look.
fn is_dns_subdomain(name: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.len() <= 253
        && name.split('.').all(|label| {
            let bytes = label.as_bytes();
            bytes.first().is_some_and(|&byte| alphanumeric(byte))
                && bytes.last().is_some_and(|&byte| alphanumeric(byte))
                && bytes.iter().all(|&byte| alphanumeric(byte) || byte == b'-')
        })
}
