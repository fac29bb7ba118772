//! Audit policies of any length, for what measures their cost. None of their rules meets an event of the logs.

use std::fmt::Write as _;

const HEAD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";

/// Keeps every event as it is, by one rule.
pub fn keep_all() -> String {
    format!("{HEAD}- level: RequestResponse\n")
}

/// Drops every event, by one rule.
pub fn drop_all() -> String {
    format!("{HEAD}- level: None\n")
}

/// Rules of every kind before the one that keeps all.
pub fn rules(count: usize) -> String {
    before_keep_all(|text| {
        for rule in 0..count {
            let condition = match rule % 5 {
                0 => format!("users: [somebody-{rule}@example.com]"),
                1 => format!("userGroups: [team-{rule}]\n  verbs: [get, list, watch]"),
                2 => {
                    let resources = "[things, things/*, '*/part']";
                    format!("resources: [{{group: g{rule}.example.com, resources: {resources}}}]")
                }
                3 => {
                    let named = format!("resources: ['*'], resourceNames: [n{rule}]");
                    format!("namespaces: [team-{rule}]\n  resources: [{{group: '', {named}}}]")
                }
                _ => format!("nonResourceURLs: [/path-{rule}/*]"),
            };
            let _ = writeln!(text, "- level: Metadata\n  {condition}");
        }
    })
}

/// Rules that every event about a resource meets but for the name that each asks for.
pub fn almost_matching(count: usize) -> String {
    before_keep_all(|text| {
        for rule in 0..count {
            let _ = writeln!(
                text,
                "- level: Metadata\n  verbs: [get, list, watch, create, update, patch, delete, deletecollection]\n  \
                 userGroups: ['system:authenticated', 'system:unauthenticated', 'system:serviceaccounts']\n  \
                 resources: [{{group: '*', resources: ['*', '*/status'], resourceNames: [n{rule}]}}]"
            );
        }
    })
}

/// One rule that lists so many users, groups, namespaces, resources and names.
pub fn names(count: usize) -> String {
    let list = |of: &str| (0..count).map(|number| format!("{of}-{number}")).collect::<Vec<_>>().join(", ");
    before_keep_all(|text| {
        let _ = writeln!(
            text,
            "- level: Metadata\n  users: [{}]\n  userGroups: [{}]\n  namespaces: [{}]\n  \
             resources: [{{group: '', resources: [{}], resourceNames: [{}]}}]",
            list("user"),
            list("group"),
            list("namespace"),
            list("thing"),
            list("name")
        );
    })
}

fn before_keep_all(write: impl FnOnce(&mut String)) -> String {
    let mut text = String::from(HEAD);
    write(&mut text);
    text.push_str("- level: RequestResponse\n");
    text
}
