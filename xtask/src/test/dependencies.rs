//! Dependencies point one way: nothing below a front end knows one.
//!
//! Read from the resolved graph that `cargo metadata` gives, normal and build dependencies only;
//! tests may use what they like.

use crate::failure::{Failure, Result};
use crate::workspace;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What a crate may not reach, directly or through others. `*` is every other member.
const FORBIDDEN: [(&str, &[&str]); 11] = [
    // The core stands alone: every front end is a way to reach it.
    ("auditveil-core", &["*", "serde_json", "wasmtime", "clap"]),
    // The oracle shares no code with what it judges.
    ("auditveil-tests", &["*"]),
    // Guests come from `plugin/`; a module that drags in a test engine would not fit anywhere.
    ("auditveil-guest", GUESTS),
    ("auditveil-fluent-bit", GUESTS),
    ("auditveil-wasi", GUESTS),
    // wit-bindgen reads the interface at build time, with serde; what is linked is its own runtime alone.
    (
        "auditveil-component",
        &[
            "auditveil-tests",
            "auditveil-host-test",
            "auditveil-bake",
            "auditveil-cli",
            "auditveil-fluent-bit",
            "auditveil-wasi",
        ],
    ),
    (
        "auditveil-web",
        &[
            "auditveil-fluent-bit",
            "auditveil-bake",
            "auditveil-cli",
            "auditveil-tests",
            "auditveil-host-test",
            "js-sys",
        ],
    ),
    // Reads the built module as a file.
    ("auditveil-web-pack", &["*"]),
    // What checks modules uses it too, so it knows no front end.
    ("auditveil-bake", &["auditveil-fluent-bit", "auditveil-cli", "auditveil-tests", "auditveil-host-test"]),
    // It prints text; whoever runs that is a test.
    ("auditveil-vector", &["auditveil-cli", "auditveil-tests", "auditveil-bake", "vrl", "serde_json"]),
    // Built guests are loaded as files, as a host does.
    (
        "auditveil-host-test",
        &["auditveil-fluent-bit", "auditveil-component", "auditveil-wasi", "auditveil-cli"],
    ),
];

/// What no guest reaches: tests, what reads modules, and whatever would not fit into one.
const GUESTS: &[&str] = &[
    "auditveil-tests",
    "auditveil-host-test",
    "auditveil-bake",
    "auditveil-cli",
    "auditveil-component",
    "serde_json",
];

type Graph = BTreeMap<String, BTreeSet<String>>;

/// Fails on the first dependency that points the wrong way.
pub(super) fn check() -> Result<()> {
    let metadata = workspace::metadata()?;
    let members = names(&metadata);
    let graph = graph(&metadata);
    for (from, forbidden) in FORBIDDEN {
        if !members.contains(from) {
            return Err(Failure::new(
                format!("the workspace has no member `{from}`"),
                "correct the table in xtask/src/test/dependencies.rs",
            ));
        }
        let reached = reachable(&graph, from);
        let wrong = reached.iter().find(|name| {
            forbidden.contains(&name.as_str()) || forbidden.contains(&"*") && members.contains(*name)
        });
        if let Some(wrong) = wrong {
            return Err(Failure::new(
                format!("`{from}` depends on `{wrong}`"),
                format!("see how: cargo tree -p {from} -i {wrong} -e normal,build"),
            ));
        }
    }
    Ok(())
}

fn names(metadata: &Value) -> BTreeSet<String> {
    // Packages from the workspace have no source.
    array(metadata, "packages")
        .filter(|package| package.get("source").is_some_and(Value::is_null))
        .filter_map(|package| text(package, "name"))
        .collect()
}

fn graph(metadata: &Value) -> Graph {
    let name_of: BTreeMap<String, String> = array(metadata, "packages")
        .filter_map(|package| Some((text(package, "id")?, text(package, "name")?)))
        .collect();
    let nodes = metadata.get("resolve").into_iter().flat_map(|resolve| array(resolve, "nodes"));
    let mut graph = Graph::new();
    for node in nodes {
        let Some(name) = text(node, "id").and_then(|id| name_of.get(&id).cloned()) else { continue };
        let edges = array(node, "deps").filter(|edge| {
            array(edge, "dep_kinds").any(|kind| kind.get("kind").and_then(Value::as_str) != Some("dev"))
        });
        let targets = edges.filter_map(|edge| name_of.get(&text(edge, "pkg")?).cloned());
        graph.entry(name).or_default().extend(targets);
    }
    graph
}

fn reachable(graph: &Graph, from: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(name) = open.pop() {
        for next in graph.get(&name).into_iter().flatten() {
            if reached.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    reached
}

fn array<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_normal_edges_only() {
        let metadata: Value = serde_json::from_str(
            r#"{"packages":[{"id":"1","name":"a","source":null},{"id":"2","name":"b","source":null},
                            {"id":"3","name":"c","source":"registry"},{"id":"4","name":"d","source":null}],
                "resolve":{"nodes":[
                  {"id":"1","deps":[{"pkg":"3","dep_kinds":[{"kind":null}]},{"pkg":"4","dep_kinds":[{"kind":"dev"}]}]},
                  {"id":"3","deps":[{"pkg":"2","dep_kinds":[{"kind":"build"}]}]}]}}"#,
        )
        .unwrap();
        assert_eq!(names(&metadata), ["a", "b", "d"].map(str::to_owned).into());
        assert_eq!(reachable(&graph(&metadata), "a"), ["b", "c"].map(str::to_owned).into());
    }
}
