//! A policy in VRL against the decisions of Kubernetes' own code: `tests/vectors/PROVENANCE.md`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use auditveil_core::policy::{self, Policy, Stage};
use auditveil_vrl_test::{Answer, Program};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

fn vectors(name: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors").join(name);
    let packed = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = Vec::new();
    lzma_rs::xz_decompress(&mut packed.as_slice(), &mut text).unwrap();
    String::from_utf8(text).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// So many policies are decided by one program: compiling one for each would take minutes.
const TOGETHER: usize = 40;

/// Every event of the vectors, at every stage, gives what the server's own code says.
#[test]
fn decides_as_kubernetes_does() {
    let mut by_policy: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for file in ["v1.36/policy-vectors.jsonl.xz", "v1.20/policy-vectors.jsonl.xz"] {
        for vector in vectors(file) {
            by_policy.entry(vector["policy"].as_str().unwrap().to_owned()).or_default().push(vector);
        }
    }
    let mut count = 0;
    let all: Vec<(String, Vec<Value>)> = by_policy.into_iter().collect();
    for chunk in all.chunks(TOGETHER) {
        let policies: Vec<Policy> =
            chunk.iter().map(|(text, _)| policy::load(text.as_bytes()).unwrap().policy).collect();
        let mut program = Program::compile(&auditveil_vector::decisions(&policies)).unwrap();
        for (number, (_, vectors)) in chunk.iter().enumerate() {
            for vector in vectors {
                count += decide(&mut program, number, vector);
            }
        }
    }
    assert_eq!(count, 4 * 1_820);
}

/// Asks about the event of a vector at every stage; how often that was.
fn decide(program: &mut Program, number: usize, vector: &Value) -> usize {
    for stage in Stage::NAMES {
        let mut event = vector["event"].as_object().cloned().unwrap_or_default();
        event.insert("stage".into(), json!(stage));
        event.insert("level".into(), json!("RequestResponse"));
        let omitted = vector["omitStages"].as_array().is_some_and(|stages| stages.contains(&json!(stage)));
        let expected = if vector["level"] == json!("None") || omitted {
            Answer::Dropped
        } else {
            let omits = vector["omitManagedFields"].as_bool().unwrap_or_default();
            Answer::Event(json!({"level": vector["level"], "omitManagedFields": omits}))
        };
        let line = Value::Object(event).to_string();
        let answer = program.run_beside(line.as_bytes(), &[("policy", json!(number))]);
        assert_eq!(answer, expected, "{} {stage}", vector["id"]);
    }
    Stage::NAMES.len()
}
