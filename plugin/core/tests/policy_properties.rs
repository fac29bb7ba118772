//! The compiled plan against the rules tried one by one, and the loader against arbitrary bytes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use auditveil_core::policy::{
    self, Attributes, Decision, DropCause, GroupResources, Level, Object, Plan, Policy, Request, Rule, Stage,
    Target,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Whether something matches, as far as a record tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    No,
    Maybe,
    Yes,
}

fn known(matches: bool) -> Match {
    if matches { Match::Yes } else { Match::No }
}

/// The naive twin: `ruleMatches` of checker.go with a third answer.
fn rule_matches(rule: &Rule, request: &Ask) -> Match {
    let listed = |list: &[String], value: &str, attribute| {
        if list.is_empty() {
            Match::Yes
        } else if request.missing.contains(attribute) {
            Match::Maybe
        } else {
            known(list.iter().any(|one| one == value))
        }
    };
    let user = match &request.username {
        Some(name) => listed(&rule.users, name, Attributes::USERNAME),
        None if rule.users.is_empty() => Match::Yes,
        None if request.missing.contains(Attributes::USERNAME) => Match::Maybe,
        None => Match::No,
    };
    let groups = if rule.user_groups.is_empty() {
        Match::Yes
    } else if request.missing.contains(Attributes::GROUPS) {
        Match::Maybe
    } else {
        known(request.groups.iter().any(|group| rule.user_groups.contains(group)))
    };
    let verb = listed(&rule.verbs, &request.verb, Attributes::VERB);
    let target = match &request.target {
        _ if rule.namespaces.is_empty() && rule.resources.is_empty() && rule.non_resource_urls.is_empty() => {
            Match::Yes
        }
        None => Match::Maybe,
        Some(Err(path)) => {
            if !rule.namespaces.is_empty() || !rule.resources.is_empty() {
                Match::No
            } else if request.missing.contains(Attributes::PATH) {
                Match::Maybe
            } else {
                known(rule.non_resource_urls.iter().any(|url| {
                    url == "*"
                        || url == path
                        || (url.ends_with('*') && path.starts_with(url.trim_end_matches('*')))
                }))
            }
        }
        Some(Ok(object)) => {
            if rule.namespaces.is_empty() && rule.resources.is_empty() {
                Match::No
            } else {
                let namespace = listed(&rule.namespaces, &object.namespace, Attributes::NAMESPACE);
                let resources = if rule.resources.is_empty() {
                    Match::Yes
                } else {
                    rule.resources.iter().map(|group| resources_match(group, object, request)).max().unwrap()
                };
                namespace.min(resources)
            }
        }
    };
    user.min(groups).min(verb).min(target)
}

fn resources_match(resources: &GroupResources, object: &Names, request: &Ask) -> Match {
    let group = if resources.group == "*" {
        Match::Yes
    } else if request.missing.contains(Attributes::API_GROUP) {
        Match::Maybe
    } else {
        known(resources.group == object.api_group)
    };
    if resources.resources.is_empty() {
        return group;
    }
    let create = request.verb == "create" && object.subresource.is_empty();
    let name = if create { "" } else { object.name.as_str() };
    let names = if resources.resource_names.is_empty() {
        Match::Yes
    } else if request.missing.contains(Attributes::NAME) {
        Match::Maybe
    } else {
        known(resources.resource_names.iter().any(|one| one == name))
    };
    let combined = if object.subresource.is_empty() {
        object.resource.clone()
    } else {
        format!("{}/{}", object.resource, object.subresource)
    };
    let pattern = |pattern: &String| {
        if pattern == "*" {
            Match::Yes
        } else if request.missing.contains(Attributes::RESOURCE) {
            Match::Maybe
        } else {
            known(
                *pattern == combined
                    || (!object.subresource.is_empty()
                        && pattern.strip_prefix("*/") == Some(&object.subresource))
                    || pattern.strip_suffix("/*") == Some(&object.resource),
            )
        }
    };
    let patterns = resources.resources.iter().map(pattern).max().unwrap();
    group.min(names).min(patterns)
}

fn decide(policy: &Policy, request: &Ask) -> Decision {
    let mut passed_over = false;
    let mut matched = None;
    for (index, rule) in policy.rules.iter().enumerate() {
        match rule_matches(rule, request) {
            Match::No => {}
            Match::Maybe => passed_over = true,
            Match::Yes => {
                matched = Some((u32::try_from(index).unwrap(), rule));
                break;
            }
        }
    }
    let omitted = |stages: &[Stage]| request.stage.is_some_and(|stage| stages.contains(&stage));
    if passed_over {
        return if omitted(&policy.omit_stages) {
            Decision::Drop { rule: None, cause: DropCause::Stage }
        } else {
            Decision::Keep {
                level: request.level.min(Level::Metadata),
                omit_managed_fields: false,
                rule: None,
            }
        };
    }
    match matched {
        None => Decision::Drop { rule: None, cause: DropCause::Level },
        Some((index, rule)) if rule.level == Level::None => {
            Decision::Drop { rule: Some(index), cause: DropCause::Level }
        }
        Some((index, rule)) if omitted(&rule.omit_stages) || omitted(&policy.omit_stages) => {
            Decision::Drop { rule: Some(index), cause: DropCause::Stage }
        }
        Some((index, rule)) => Decision::Keep {
            level: rule.level.min(request.level),
            omit_managed_fields: rule.omit_managed_fields.unwrap_or(policy.omit_managed_fields),
            rule: Some(index),
        },
    }
}

#[derive(Debug, Clone)]
struct Names {
    api_group: String,
    resource: String,
    subresource: String,
    namespace: String,
    name: String,
}

#[derive(Debug, Clone)]
struct Ask {
    username: Option<String>,
    groups: Vec<String>,
    verb: String,
    target: Option<Result<Names, String>>,
    stage: Option<Stage>,
    level: Level,
    missing: Attributes,
}

fn evaluate(plan: &Plan, ask: &Ask) -> Decision {
    let target = match &ask.target {
        None => Target::Unknown,
        Some(Err(path)) => Target::Path(path.as_bytes()),
        Some(Ok(names)) => Target::Resource(Object {
            api_group: names.api_group.as_bytes(),
            resource: names.resource.as_bytes(),
            subresource: names.subresource.as_bytes(),
            namespace: names.namespace.as_bytes(),
            name: names.name.as_bytes(),
        }),
    };
    plan.evaluate(&Request {
        username: ask.username.as_deref().map(str::as_bytes),
        groups: ask.groups.iter().map(String::as_bytes),
        verb: ask.verb.as_bytes(),
        target,
        stage: ask.stage,
        level: ask.level,
        missing: ask.missing,
    })
}

fn word(words: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    select(words).prop_map(String::from)
}

const GROUPS: &[&str] =
    &["g0", "g1", "g2", "g3", "g4", "g5", "g6", "g7", "g8", "g9", "g10", "g11", "g12", "g13", "", "*"];
const USERS: &[&str] = &["alice", "bob", "*", ""];
const VERBS: &[&str] = &["get", "list", "create", "*"];
const NAMESPACES: &[&str] = &["", "default", "kube-system", "*"];
const API_GROUPS: &[&str] = &["", "apps", "*"];
const RESOURCES: &[&str] = &["pods", "secrets", "deployments", "*", ""];
const SUBRESOURCES: &[&str] = &["", "log", "scale", "*"];
const PATTERNS: &[&str] =
    &["pods", "pods/log", "pods/*", "*/log", "*/*", "*", "secrets", "/", "pods/", "/*", "*/", "a/b/c"];
const NAMES: &[&str] = &["", "web", "db", "*"];
const URLS: &[&str] = &["*", "/", "/*", "/a", "/a*", "/ab*", "/abc", "/b*", "/healthz*", "/healthz/etcd"];
const PATHS: &[&str] =
    &["/", "/a", "/ab", "/abc", "/abcd", "/b", "/c", "/healthz", "/healthz/etcd", "", "/a*"];
const STAGES: &[Stage] =
    &[Stage::RequestReceived, Stage::ResponseStarted, Stage::ResponseComplete, Stage::Panic];
const LEVELS: &[Level] = &[Level::None, Level::Metadata, Level::Request, Level::RequestResponse];

fn some(words: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<String>> + Clone {
    // Half of all lists are empty, or hardly any rule would match.
    prop_oneof![Just(Vec::new()), vec(word(words), 0..=most)]
}

fn a_rule() -> impl Strategy<Value = Rule> {
    let resources = (word(API_GROUPS), vec(word(PATTERNS), 0..3), some(NAMES, 2)).prop_map(
        |(group, resources, names)| {
            // Validation asks for resources where there are names.
            let resource_names = if resources.is_empty() { Vec::new() } else { names };
            GroupResources { group, resources, resource_names }
        },
    );
    let targets = prop_oneof![
        Just((Vec::new(), Vec::new(), Vec::new())),
        (vec(resources, 0..4), some(NAMESPACES, 2)).prop_map(|(resources, namespaces)| (
            resources,
            namespaces,
            Vec::new()
        )),
        vec(word(URLS), 1..3).prop_map(|urls| (Vec::new(), Vec::new(), urls)),
    ];
    (
        select(LEVELS),
        some(USERS, 2),
        some(GROUPS, 12),
        some(VERBS, 2),
        targets,
        subsequence(STAGES, 0..=1),
        proptest::option::of(any::<bool>()),
    )
        .prop_map(|(level, users, user_groups, verbs, targets, omit_stages, omit_managed_fields)| {
            let (resources, namespaces, non_resource_urls) = targets;
            Rule {
                level,
                users,
                user_groups,
                verbs,
                resources,
                namespaces,
                non_resource_urls,
                omit_stages,
                omit_managed_fields,
            }
        })
}

fn a_policy(rules: std::ops::Range<usize>) -> impl Strategy<Value = Policy> {
    (vec(a_rule(), rules), subsequence(STAGES, 0..=1), any::<bool>()).prop_map(
        |(rules, omit_stages, omit_managed_fields)| Policy { rules, omit_stages, omit_managed_fields },
    )
}

fn a_request() -> impl Strategy<Value = Ask> {
    const ALL: &[Attributes] = &[
        Attributes::USERNAME,
        Attributes::GROUPS,
        Attributes::VERB,
        Attributes::API_GROUP,
        Attributes::RESOURCE,
        Attributes::NAMESPACE,
        Attributes::NAME,
        Attributes::PATH,
    ];
    let names = (word(API_GROUPS), word(RESOURCES), word(SUBRESOURCES), word(NAMESPACES), word(NAMES))
        .prop_map(|(api_group, resource, subresource, namespace, name)| Names {
            api_group,
            resource,
            subresource,
            namespace,
            name,
        });
    let target = prop_oneof![
        4 => names.prop_map(|names| Some(Ok(names))),
        2 => word(PATHS).prop_map(|path| Some(Err(path))),
        1 => Just(None),
    ];
    let missing = prop_oneof![
        Just(Attributes::NONE),
        subsequence(ALL, 1..=3)
            .prop_map(|some| some.into_iter().fold(Attributes::NONE, |all, one| all | one)),
    ];
    (
        proptest::option::weighted(0.9, word(USERS)),
        vec(word(GROUPS), 0..14),
        word(VERBS),
        target,
        proptest::option::weighted(0.9, select(STAGES)),
        select(LEVELS),
        missing,
    )
        .prop_map(|(username, groups, verb, target, stage, level, missing)| Ask {
            username,
            groups,
            verb,
            target,
            stage,
            level,
            missing,
        })
}

proptest! {
    #[test]
    fn a_plan_decides_as_its_rules_one_by_one(policy in a_policy(0..8), requests in vec(a_request(), 8)) {
        let plan = Plan::new(&policy);
        for request in requests {
            prop_assert_eq!(evaluate(&plan, &request), decide(&policy, &request), "{:?}", request);
        }
    }

    #[test]
    fn the_level_is_never_raised(policy in a_policy(0..8), request in a_request()) {
        if let Decision::Keep { level, .. } = evaluate(&Plan::new(&policy), &request) {
            prop_assert!(level <= request.level);
        }
    }

    #[test]
    fn no_bytes_panic(text in vec(any::<u8>(), 0..200)) {
        let _ = policy::load(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// More clauses than one machine word has bits.
    #[test]
    fn a_long_plan_decides_as_its_rules_one_by_one(policy in a_policy(60..200), requests in vec(a_request(), 8)) {
        let plan = Plan::new(&policy);
        for request in requests {
            prop_assert_eq!(evaluate(&plan, &request), decide(&policy, &request), "{:?}", request);
        }
    }

}

proptest! {
    /// Near enough to YAML to get past the first line.
    #[test]
    fn no_text_panics(parts in vec(select(PARTS), 0..40)) {
        let text: String = parts.concat();
        for text in [text.clone(), format!("apiVersion: audit.k8s.io/v1\nrules:\n{text}"), format!("{{{text}")] {
            if let Err(rejected) = policy::load(text.as_bytes()) {
                prop_assert!(!rejected.errors.is_empty());
                for error in rejected.errors {
                    prop_assert!(error.line() >= 1 && error.column() >= 1 && error.width() >= 1);
                    prop_assert!(!error.to_string().is_empty());
                }
            }
        }
    }
}

const PARTS: &[&str] = &[
    "- ",
    "level",
    ": ",
    ":",
    "Metadata",
    "\n",
    "\n  ",
    "\n    ",
    "\r\n",
    "\t",
    "#",
    " #",
    "'",
    "\"",
    "\\",
    "\\x4",
    "[",
    "]",
    "{",
    "}",
    ",",
    "? ",
    "|",
    ">",
    "|2-",
    ">+",
    "&a ",
    "*a",
    "!",
    "!!str ",
    "!!binary ",
    "!<x>",
    "%YAML 1.1",
    "%TAG ! x",
    "---",
    "...",
    "<<",
    "~",
    "yes",
    "0x1",
    "1e9",
    ".inf",
    "users",
    "resources",
    "rules",
    "metadata",
    "é",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\0",
    "@",
    "`",
];
