//! The policy against the decisions of Kubernetes' own code: `tests/vectors/PROVENANCE.md`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

use auditveil_core::policy::{
    self, Attributes, Decision, DropCause, Level, Loaded, Object, Plan, Policy, Request, Stage, Target,
    path_of,
};
use serde_json::{Value, json};
use std::io::BufRead;
use std::path::PathBuf;

const STAGES: [Stage; 4] =
    [Stage::RequestReceived, Stage::ResponseStarted, Stage::ResponseComplete, Stage::Panic];

fn vectors(name: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors").join(name);
    let packed = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = if name.ends_with(".xz") {
        let mut text = Vec::new();
        lzma_rs::xz_decompress(&mut packed.as_slice(), &mut text).unwrap();
        text
    } else {
        packed
    };
    text.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a [u8] {
    value[key].as_str().unwrap_or_default().as_bytes()
}

fn texts(value: &Value) -> Vec<&[u8]> {
    value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().as_bytes()).collect()
}

/// Asks for every stage: what would be kept of an event that the server logged in full.
fn ask(
    plan: &Plan,
    username: Option<&[u8]>,
    groups: &[&[u8]],
    verb: &[u8],
    target: Target<'_>,
) -> [Decision; 4] {
    STAGES.map(|stage| {
        plan.evaluate(&Request {
            username,
            groups: groups.iter().copied(),
            verb,
            target,
            stage: Some(stage),
            level: Level::RequestResponse,
            missing: Attributes::NONE,
        })
    })
}

/// What the plan should say at each stage, by what the server said.
fn expected(vector: &Value) -> [Decision; 4] {
    let level = Level::from_name(text(vector, "level")).unwrap();
    let rule = vector["matchedRule"].as_i64().and_then(|rule| u32::try_from(rule).ok());
    let omitted = texts(&vector["omitStages"]);
    STAGES.map(|stage| {
        if level == Level::None {
            Decision::Drop { rule, cause: DropCause::Level }
        } else if omitted.contains(&stage.name().as_bytes()) {
            Decision::Drop { rule, cause: DropCause::Stage }
        } else {
            let omit_managed_fields = vector["omitManagedFields"].as_bool().unwrap_or_default();
            Decision::Keep { level, omit_managed_fields, rule }
        }
    })
}

fn load(vector: &Value) -> Policy {
    let text = vector["policy"].as_str().unwrap();
    policy::load(text.as_bytes()).unwrap_or_else(|error| panic!("{text}\n{error}")).policy
}

fn from_attributes(plan: &Plan, vector: &Value) -> [Decision; 4] {
    let attributes = &vector["attributes"];
    // The edge cases have the user beside the attributes.
    let user = &attributes["user"];
    let (name, groups) = if vector["user"].is_string() {
        (&vector["user"], &vector["groups"])
    } else {
        (&user["name"], &user["groups"])
    };
    let target = if attributes["resourceRequest"] == json!(true) {
        Target::Resource(Object {
            api_group: text(attributes, "apiGroup"),
            resource: text(attributes, "resource"),
            subresource: text(attributes, "subresource"),
            namespace: text(attributes, "namespace"),
            name: text(attributes, "name"),
        })
    } else {
        Target::Path(text(attributes, "path"))
    };
    ask(plan, name.as_str().map(str::as_bytes), &texts(groups), text(attributes, "verb"), target)
}

fn from_event(plan: &Plan, vector: &Value) -> [Decision; 4] {
    let event = &vector["event"];
    let mut buffer = Vec::new();
    let target = match event.get("objectRef") {
        Some(object) => Target::Resource(Object {
            api_group: text(object, "apiGroup"),
            resource: text(object, "resource"),
            subresource: text(object, "subresource"),
            namespace: text(object, "namespace"),
            name: text(object, "name"),
        }),
        None => Target::Path(path_of(text(event, "requestURI"), &mut buffer).unwrap()),
    };
    let user = &event["user"];
    let name = user["username"].as_str().map(str::as_bytes);
    ask(plan, name, &texts(&user["groups"]), text(event, "verb"), target)
}

#[test]
fn decides_as_kubernetes_does() {
    let mut count = 0;
    for file in ["v1.36/policy-vectors.jsonl.xz", "v1.20/policy-vectors.jsonl.xz"] {
        for vector in vectors(file) {
            let id = &vector["id"];
            let policy = load(&vector);
            assert_eq!(dump(&policy), without_metadata(&vector["policyObject"]), "{file} {id}: the policy");
            let plan = Plan::new(&policy);
            assert_eq!(
                from_attributes(&plan, &vector),
                expected(&vector),
                "{file} {id}: from the attributes"
            );
            assert_eq!(from_event(&plan, &vector), expected(&vector), "{file} {id}: from the event");
            count += 1;
        }
    }
    assert_eq!(count, 1_820);
}

/// What the server logged is what we keep of it, and what it did not log we would have dropped.
#[test]
fn a_second_pass_with_the_same_policy_changes_nothing() {
    for file in ["v1.36/policy-vectors.jsonl.xz", "v1.20/policy-vectors.jsonl.xz"] {
        for vector in vectors(file).iter().filter(|vector| vector["emitted"] == json!(true)) {
            let plan = Plan::new(&load(vector));
            let stage = Stage::from_name(text(&vector["event"], "stage")).unwrap();
            let level = Level::from_name(text(&vector["event"], "level")).unwrap();
            let index = STAGES.iter().position(|&one| one == stage).unwrap();
            let decision = from_event(&plan, vector)[index];
            assert!(
                matches!(decision, Decision::Keep { level: kept, .. } if kept == level),
                "{}",
                vector["id"]
            );
        }
    }
}

#[test]
fn decides_the_edge_cases_as_kubernetes_does() {
    let edge = vectors("v1.36/policy-edge.jsonl");
    assert_eq!(edge.len(), 52);
    for vector in edge {
        let decisions = from_attributes(&Plan::new(&load(&vector)), &vector);
        // These vectors do not tell which rule matched.
        let blind = decisions.map(|decision| match decision {
            Decision::Drop { cause, .. } => Decision::Drop { rule: None, cause },
            Decision::Keep { level, omit_managed_fields, .. } => {
                Decision::Keep { level, omit_managed_fields, rule: None }
            }
        });
        assert_eq!(blind, expected(&vector), "{} {}", vector["id"], vector["why"]);
    }
}

/// A policy as the server's own JSON writes it.
fn dump(policy: &Policy) -> Value {
    let list = |names: &[String]| -> Value { names.iter().map(|name| json!(name)).collect() };
    let stages = |stages: &[Stage]| -> Value { stages.iter().map(|stage| json!(stage.name())).collect() };
    let rules: Vec<Value> = policy
        .rules
        .iter()
        .map(|rule| {
            let resources: Vec<Value> = rule
                .resources
                .iter()
                .map(|group| {
                    compact(json!({
                        "group": group.group,
                        "resources": list(&group.resources),
                        "resourceNames": list(&group.resource_names),
                    }))
                })
                .collect();
            let mut object = compact(json!({
                "level": rule.level.name(),
                "users": list(&rule.users),
                "userGroups": list(&rule.user_groups),
                "verbs": list(&rule.verbs),
                "resources": resources,
                "namespaces": list(&rule.namespaces),
                "nonResourceURLs": list(&rule.non_resource_urls),
                "omitStages": stages(&rule.omit_stages),
            }));
            if let Some(omit) = rule.omit_managed_fields {
                object["omitManagedFields"] = json!(omit);
            }
            object
        })
        .collect();
    let mut object = compact(json!({ "rules": rules, "omitStages": stages(&policy.omit_stages) }));
    if policy.omit_managed_fields {
        object["omitManagedFields"] = json!(true);
    }
    object
}

/// Without what Go's `omitempty` leaves out.
fn compact(object: Value) -> Value {
    let Value::Object(members) = object else { panic!() };
    members.into_iter().filter(|(_, value)| *value != json!("") && *value != json!([])).collect()
}

fn without_metadata(object: &Value) -> Value {
    let mut object = object.clone();
    for key in ["kind", "apiVersion", "metadata"] {
        object.as_object_mut().unwrap().remove(key);
    }
    object
}

#[test]
fn loads_what_kubernetes_loads_and_nothing_else() {
    let invalid = vectors("v1.36/policy-invalid.jsonl");
    assert_eq!(invalid.len(), 60);
    for vector in &invalid {
        let text = vector["policy"].as_str().unwrap();
        let about = format!("{} {}\n{text}", vector["id"], vector["why"]);
        match (vector["verdict"].as_str().unwrap(), policy::load(text.as_bytes())) {
            ("accept", Ok(Loaded { policy, warnings })) => {
                assert_eq!(dump(&policy), without_metadata(&vector["loaded"]), "{about}");
                assert_eq!(warnings, [], "{about}");
            }
            ("accept-with-warning", Ok(Loaded { policy, warnings })) => {
                assert_eq!(dump(&policy), without_metadata(&vector["loaded"]), "{about}");
                assert_ne!(warnings, [], "{about}");
            }
            ("reject", Err(rejected)) => {
                let lines = text.lines().count().max(1);
                for error in &rejected.errors {
                    assert!((1..=lines).contains(&(error.line() as usize)), "{about}\n{error}");
                    assert!(error.column() >= 1 && error.width() >= 1, "{about}\n{error}");
                }
                assert!(!rejected.errors.is_empty(), "{about}");
                // Without an apiVersion the server decodes into another type, where every key is
                // unknown; what it warns of then helps nobody.
                if vector["why"] != "apiVersion missing" {
                    assert_eq!(rejected.warnings.is_empty(), vector["warning"].is_null(), "{about}");
                }
            }
            (verdict, result) => panic!("{about}\nexpected {verdict}, found {result:?}"),
        }
    }
    for vector in vectors("v1.20/policy-invalid.jsonl") {
        policy::load(vector["policy"].as_str().unwrap().as_bytes()).unwrap_err();
    }
}

/// `configs/policies/managed-default` is the published policy in other words: the same rule decides every request
/// of every vector.
#[test]
fn the_shipped_default_of_managed_clusters_is_the_published_one() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../configs/policies/managed-default/audit-policy.yaml");
    let shipped = policy::load(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(shipped.warnings, []);
    let shipped = Plan::new(&shipped.policy);
    let vectors = vectors("v1.36/policy-vectors.jsonl.xz");
    let published =
        vectors.iter().find(|vector| vector["source"] == "gce-configure-helper-1.36.yaml").unwrap();
    let published = Plan::new(&load(published));
    assert_eq!(shipped.rules(), published.rules());
    let mut decided = std::collections::BTreeSet::new();
    for vector in &vectors {
        let decisions = from_attributes(&published, vector);
        assert_eq!(from_attributes(&shipped, vector), decisions, "{vector}");
        let (Decision::Keep { rule, .. } | Decision::Drop { rule, .. }) = decisions[0];
        decided.insert(rule);
    }
    assert!(decided.len() > 10, "the vectors meet too few rules: {decided:?}");
}
