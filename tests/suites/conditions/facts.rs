//! Facts beside naive ones, on every event of the corpus, before and after the filter.

use auditveil_core::Filter;
use auditveil_core::enrich::Reader;
use auditveil_tests::corpus::{self, Server};
use serde_json::Value;
use std::collections::BTreeMap;

/// The facts of an event, as a stamp would have them.
fn naive(event: &Value) -> [Option<String>; 4] {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let code = event.pointer("/responseStatus/code").and_then(Value::as_u64);
    let verb = text("/verb");
    let action = verb.map(|verb| {
        let uri = text("/requestURI").unwrap_or_default();
        let resource = text("/objectRef/resource").unwrap_or_default();
        let subresource = text("/objectRef/subresource").unwrap_or_default();
        let group = text("/objectRef/apiGroup").unwrap_or_default();
        match (verb, resource, subresource) {
            ("get" | "head", _, _) if event.get("objectRef").is_none() => "get",
            _ if event.get("objectRef").is_none() => "other",
            ("get" | "create", "pods", "exec" | "attach" | "portforward") => subresource,
            (_, "pods" | "services" | "nodes", "proxy") => "proxy",
            ("create", "pods", "eviction") => "evict",
            ("create", "serviceaccounts", "token") => "issue-token",
            ("update" | "patch", "certificatesigningrequests", "approval") => "approve",
            ("create", resource, "")
                if resource.ends_with("reviews")
                    && (group == "authorization.k8s.io" || group == "authentication.k8s.io") =>
            {
                "review"
            }
            ("patch", ..) if code == Some(201) => "create",
            ("patch", ..) => "update",
            ("watch", ..) if uri.contains("sendInitialEvents=true") => "list",
            ("watch", ..) if !uri.contains("resourceVersion=") || uri.contains("resourceVersion=0") => "list",
            (verb @ ("create" | "update" | "delete" | "deletecollection" | "get" | "list" | "watch"), ..) => {
                verb
            }
            _ => "other",
        }
    });
    let outcome = match (event.pointer("/annotations/authorization.k8s.io~1decision"), code) {
        (Some(decision), _) if decision == "forbid" => Some("denied"),
        (_, Some(401 | 403)) => Some("denied"),
        (_, Some(500..)) => Some("error"),
        (_, Some(400..)) => Some("failed"),
        (_, Some(_)) => Some("allowed"),
        _ => None,
    };
    let actor = event.get("user").map(|user| match user["username"].as_str().unwrap_or_default() {
        "" | "system:anonymous" => "anonymous",
        name if name.starts_with("system:serviceaccount:") => "service-account",
        name if name.starts_with("system:node:") => "node",
        "system:apiserver" | "system:kube-controller-manager" | "system:kube-scheduler" => "control-plane",
        "system:kube-proxy" => "control-plane",
        _ => "human",
    });
    let source = event["sourceIPs"].as_array().and_then(|all| all.last()).and_then(Value::as_str);
    [action, outcome, actor, source].map(|fact| fact.map(str::to_owned))
}

fn ours(reader: &mut Reader, event: &[u8]) -> [Option<String>; 4] {
    let mut event = reader.read(event);
    let facts = event.facts();
    let names = [
        facts.action.map(|action| action.name()),
        facts.outcome.map(|outcome| outcome.name()),
        facts.actor.map(|actor| actor.name()),
        facts.source_text().map(|text| std::str::from_utf8(text).unwrap()),
    ];
    names.map(|name| name.map(str::to_owned))
}

#[test]
fn the_facts_of_the_corpus_are_those_of_naive_ones() {
    let mut logs: Vec<Vec<u8>> = Server::ALL.iter().map(|server| corpus::audit(*server).unwrap()).collect();
    logs.push(corpus::traffic().unwrap());
    let (mut reader, mut filter, mut answer) = (Reader::default(), Filter::new(), Vec::new());
    let mut actions: BTreeMap<String, usize> = BTreeMap::new();
    let mut compared = 0;
    for line in logs.iter().flat_map(|log| corpus::lines(log)) {
        filter.process(line, &mut answer);
        let found = ours(&mut reader, line);
        assert_eq!(ours(&mut reader, &answer), found, "the filter changed a fact");
        let Ok(event) = serde_json::from_slice::<Value>(line) else { continue };
        let expected = naive(&event);
        assert_eq!(
            found,
            expected,
            "{}",
            String::from_utf8_lossy(line).chars().take(600).collect::<String>()
        );
        if let [Some(action), ..] = found {
            *actions.entry(action).or_default() += 1;
        }
        compared += 1;
    }
    assert!(compared > 4500, "{compared}");
    // Every action that the logs can have is among them.
    assert!(actions.len() >= 15, "{actions:?}");
}
