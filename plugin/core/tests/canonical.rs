//! A configuration written as text and read again is the same one: with every policy of the vectors in it, with all
//! that a policy and a configuration can hold.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use auditveil_core::config::{self, Config, PolicySource};
use auditveil_core::policy::{self, GroupResources, Level, Policy, Rule, Stage};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use std::io::BufRead;
use std::path::PathBuf;

fn policies(name: &str) -> Vec<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors").join(name);
    let packed = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = Vec::new();
    if name.ends_with(".xz") {
        lzma_rs::xz_decompress(&mut packed.as_slice(), &mut text).unwrap();
    } else {
        text = packed;
    }
    let vectors = text.lines().map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    vectors.filter_map(|vector| Some(vector.get("policy")?.as_str()?.to_owned())).collect()
}

fn written_and_read(policy: Policy) {
    let config = Config { policy: Some(PolicySource::Inline(policy)), ..Config::default() };
    let text = config.to_text();
    let again = config::load(text.as_bytes()).unwrap_or_else(|rejected| panic!("{rejected}\n{text}"));
    assert_eq!(again.config, config, "{text}");
    assert!(again.warnings.is_empty(), "{text}");
    assert_eq!(again.config.to_text(), text);
}

#[test]
fn every_policy_of_the_vectors() {
    let mut loaded = 0;
    for name in ["v1.20/policy-vectors.jsonl.xz", "v1.36/policy-vectors.jsonl.xz", "v1.36/policy-edge.jsonl"]
    {
        let mut texts = policies(name);
        texts.sort();
        texts.dedup();
        for text in texts {
            if let Ok(read) = policy::load(text.as_bytes()) {
                loaded += 1;
                written_and_read(read.policy);
            }
        }
    }
    assert!(loaded > 100, "{loaded} policies");
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    // Names as they are, and everything that a string can hold.
    vec(prop_oneof!["[a-z:*/]{0,8}", any::<String>()], 0..4)
}

/// What a rule asks of a request for an object, or for a path: Kubernetes refuses both at once.
fn targets() -> impl Strategy<Value = Rule> {
    let resources =
        (prop_oneof!["[a-z.]{0,8}", Just("*".to_owned())], vec("[a-z*]{1,5}(/[a-z*]{1,4})?", 1..3));
    let resources = (resources, texts()).prop_map(|((group, resources), resource_names)| GroupResources {
        group,
        resources,
        resource_names,
    });
    prop_oneof![
        (vec(resources, 0..3), texts()).prop_map(|(resources, namespaces)| Rule {
            resources,
            namespaces,
            ..Rule::default()
        }),
        vec("(/[a-z]{1,4}){1,2}[*]?", 0..3)
            .prop_map(|non_resource_urls| Rule { non_resource_urls, ..Rule::default() }),
    ]
}

fn rules() -> impl Strategy<Value = Rule> {
    let stages =
        vec(prop::sample::select(vec![Stage::RequestReceived, Stage::ResponseStarted, Stage::Panic]), 0..3);
    let levels =
        prop::sample::select(vec![Level::None, Level::Metadata, Level::Request, Level::RequestResponse]);
    (levels, texts(), texts(), texts(), targets(), stages, any::<Option<bool>>()).prop_map(
        |(level, users, user_groups, verbs, target, omit_stages, omit_managed_fields)| Rule {
            level,
            users,
            user_groups,
            verbs,
            omit_stages,
            omit_managed_fields,
            ..target
        },
    )
}

proptest! {
    #[test]
    fn any_policy(rules in vec(rules(), 1..5), omit_managed_fields: bool) {
        let policy = Policy { rules, omit_managed_fields, omit_stages: vec![Stage::Panic] };
        let text = Config { policy: Some(PolicySource::Inline(policy.clone())), ..Config::default() }.to_text();
        // What Kubernetes refuses is not loaded, so nobody writes it either.
        prop_assume!(config::load(text.as_bytes()).is_ok());
        written_and_read(policy);
    }

    #[test]
    fn any_text(label in any::<String>(), field in "\\PC{1,20}") {
        let mut config = Config::default();
        config.enrich.labels.push(("cluster".to_owned(), label));
        config.input.field = field;
        let text = config.to_text();
        prop_assert_eq!(&config::load(text.as_bytes()).unwrap().config, &config, "{}", text);
        prop_assert!(!text.chars().any(|character| character.is_control() && character != '\n'));
    }
}
