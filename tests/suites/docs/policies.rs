//! The shipped audit policies: they load without a warning, every rule of theirs decides a case, and the table
//! in `configs/policies/README.md` says what is measured.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

use super::{file, root, table};
use auditveil_core::policy::{
    self, Attributes, Decision, Level, Object, Plan, Request, Stage, Target, path_of,
};
use auditveil_core::{Filter, Outcome, Settings};
use auditveil_tests::{Case, corpus};
use serde_json::Value;
use std::collections::BTreeSet;

const FOLDER: &str = "configs/policies";
const FILE: &str = "audit-policy.yaml";

/// The names of the folders, each of which holds one policy.
fn names() -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root().join(FOLDER)).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            let files: Vec<_> =
                std::fs::read_dir(entry.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
            assert_eq!(files, [FILE], "{}", entry.path().display());
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    assert!(names.len() > 5, "{names:?}");
    names
}

fn load(name: &str) -> policy::Policy {
    let text = file(&format!("{FOLDER}/{name}/{FILE}")).unwrap();
    let loaded = policy::load(text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(loaded.warnings, [], "{name}");
    loaded.policy
}

/// What a policy says of an ordinary event, and the stage at which it is asked.
fn decide(plan: &Plan, event: &Value) -> Decision {
    let text = |value: &'static str| event[value].as_str().unwrap_or_default().as_bytes();
    let object = &event["objectRef"];
    let part = |name: &str| object[name].as_str().unwrap_or_default().as_bytes();
    let mut buffer = Vec::new();
    let target = if object.is_null() {
        Target::Path(path_of(text("requestURI"), &mut buffer).unwrap())
    } else {
        Target::Resource(Object {
            api_group: part("apiGroup"),
            resource: part("resource"),
            subresource: part("subresource"),
            namespace: part("namespace"),
            name: part("name"),
        })
    };
    let groups: Vec<&[u8]> = event["user"]["groups"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|group| group.as_str().unwrap().as_bytes())
        .collect();
    plan.evaluate(&Request {
        username: event["user"]["username"].as_str().map(str::as_bytes),
        groups: groups.iter().copied(),
        verb: text("verb"),
        target,
        stage: Stage::from_name(text("stage")),
        level: Level::RequestResponse,
        missing: Attributes::NONE,
    })
}

#[test]
fn every_rule_decides_a_case() {
    let cases: Vec<Case> = auditveil_tests::load()
        .unwrap()
        .into_iter()
        .filter(|case| case.name.starts_with("policies/"))
        .collect();
    for name in names() {
        let policy = load(&name);
        let plan = Plan::new(&policy);
        let (mut rules, mut levels) = (BTreeSet::new(), BTreeSet::new());
        let mut stages = BTreeSet::new();
        for case in cases.iter().filter(|case| case.configuration_dir.ends_with(&name)) {
            let event: Value = serde_json::from_slice(case.record()).unwrap();
            match decide(&plan, &event) {
                Decision::Drop { rule, cause: policy::DropCause::Level } => {
                    rules.insert(rule.unwrap());
                    levels.insert(Level::None);
                }
                Decision::Drop { .. } => {
                    stages.insert(event["stage"].as_str().unwrap().to_owned());
                }
                Decision::Keep { level, rule, .. } => {
                    rules.insert(rule.unwrap());
                    levels.insert(level);
                }
            }
        }
        let all: BTreeSet<u32> = (0..u32::try_from(policy.rules.len()).unwrap()).collect();
        let without: Vec<&u32> = all.difference(&rules).collect();
        assert!(without.is_empty(), "{name}: no case is decided by the rules {without:?}, counted from 0");
        let used: BTreeSet<Level> = policy.rules.iter().map(|rule| rule.level).collect();
        assert_eq!(levels, used, "{name}");
        let omitted: BTreeSet<String> = policy
            .omit_stages
            .iter()
            .chain(policy.rules.iter().flat_map(|rule| &rule.omit_stages))
            .map(|stage| stage.name().to_owned())
            .collect();
        assert_eq!(stages, omitted, "{name}: stages that cases lose, and stages that it omits");
    }
}

/// What stays of a log, in events and in bytes.
fn kept(settings: Settings, log: &[u8]) -> (usize, usize) {
    let (mut filter, mut answer) = (Filter::with_settings(settings), Vec::new());
    let (mut events, mut bytes) = (0, 0);
    for line in corpus::lines(log) {
        if filter.process(line, &mut answer) != Outcome::Dropped {
            events += 1;
            bytes += answer.len() + 1;
        }
    }
    (events, bytes)
}

#[test]
fn the_table_says_what_is_measured() {
    let readme = file(&format!("{FOLDER}/README.md")).unwrap();
    let rows = table(&readme, "# Audit policies");
    let listed: Vec<String> =
        rows.iter().map(|row| row[0].trim_start_matches('[').split(']').next().unwrap().to_owned()).collect();
    assert_eq!(
        listed.iter().cloned().collect::<BTreeSet<_>>(),
        names().into_iter().collect(),
        "left: the table"
    );
    let log = corpus::traffic().unwrap();
    let (events, bytes) = kept(Settings::new(), &log);
    for (name, row) in listed.iter().zip(rows) {
        let (kept_events, kept_bytes) = kept(Settings::from_policy(&load(name)), &log);
        for (stated, kept, all) in [(row[3], kept_events, events), (row[4], kept_bytes, bytes)] {
            let stated: f64 = stated.trim_end_matches(" %").parse().unwrap();
            let measured = 100.0 * kept as f64 / all as f64;
            // Whole numbers; and what is redacted may change a little without the table being wrong.
            assert!((stated - measured).abs() <= 1.0, "{name}: {stated} % stated, {measured:.1} % measured");
        }
    }
}
