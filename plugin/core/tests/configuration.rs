//! What a configuration means when it is valid; `messages.rs` has those that are not.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use auditveil_core::config::{self, *};
use auditveil_core::policy::{Level, Policy};
use proptest::prelude::*;

fn load(text: &str) -> Config {
    config::load(text.as_bytes()).unwrap().config
}

fn policy(config: &Config) -> &Policy {
    match &config.policy {
        Some(PolicySource::Inline(policy)) => policy,
        other => panic!("expected a policy, found {other:?}"),
    }
}

#[test]
fn nothing_is_the_default() {
    for text in [
        "",
        "\n",
        "# only a comment\n",
        "---\n",
        "~",
        "{}",
        "redact:\nenrich: {}\npolicy: null\n",
        "version: '1'",
    ] {
        assert_eq!(load(text), Config::default(), "{text:?}");
    }
    let config = Config::default();
    assert_eq!(config.policy, None);
    assert_eq!(config.redact.action, Action::Mask);
    assert_eq!(config.redact.classes.env, ClassAction::Auto);
    assert_eq!(config.redact.classes.uri, ClassAction::Do(Action::Mask));
    assert_eq!(
        (config.input.shape, config.input.field.as_str(), config.input.other),
        (Shape::Auto, "log", Other::Keep)
    );
    assert_eq!((config.enrich.key.as_str(), config.enrich.dropped_bodies), ("auditveil", true));
    assert_eq!(config.limits.max_record_bytes, 64 << 20);
    assert!(!config.needs_hmac());
}

#[test]
fn every_key_is_read() {
    let text = r#"
version: "1"
policy:
  apiVersion: audit.k8s.io/v1
  kind: Policy
  omitStages: [RequestReceived]
  rules:
  - level: Request
    users: [alice]
input: {shape: aks, field: message, other: drop}
redact:
  action: remove
  hmac: {key_id: k1, key_file: /etc/key, per_namespace: true}
  classes: {config_map: keep, env: mask, args: remove, custom_resource: hmac, uri: auto, error_text: keep, content: auto}
  keep:
  - {resource: configmaps, path: data.motd, namespace: prod, reason: "it is public"}
  - {resource: pods, path: spec.containers.env, reason: "another"}
enrich: {key: auditveil, labels: {cluster: prod-eu-1, tier: ~}, detections: none, dropped_bodies: false}
output: {format: ocsf, bodies: text}
limits: {max_record_bytes: 1048576}
"#;
    let config = load(text);
    let policy = policy(&config);
    assert_eq!((policy.rules.len(), policy.omit_stages.len(), policy.rules[0].users.len()), (1, 1, 1));
    assert_eq!(config.input, Input { shape: Shape::Aks, field: "message".into(), other: Other::Drop });
    let hmac = Hmac { key_id: "k1".into(), key_file: "/etc/key".into(), per_namespace: true };
    assert_eq!((config.redact.action, config.redact.hmac.as_ref()), (Action::Remove, Some(&hmac)));
    assert_eq!(
        config.redact.classes.all().map(|(_, action)| action),
        [
            ClassAction::Keep,
            ClassAction::Do(Action::Mask),
            ClassAction::Do(Action::Remove),
            ClassAction::Do(Action::Hmac),
            ClassAction::Auto,
            ClassAction::Keep,
            ClassAction::Auto,
        ]
    );
    assert!(config.needs_hmac());
    let kept = |namespace: Option<&str>, resource: &str, path: &str, reason: &str| Exception {
        resource: resource.into(),
        path: path.into(),
        namespace: namespace.map(String::from),
        reason: reason.into(),
    };
    assert_eq!(
        config.redact.keep,
        [
            kept(Some("prod"), "configmaps", "data.motd", "it is public"),
            kept(None, "pods", "spec.containers.env", "another"),
        ]
    );
    assert_eq!(config.enrich.key, "auditveil");
    assert_eq!(
        config.enrich.labels,
        [("cluster".into(), "prod-eu-1".into()), ("tier".into(), String::new())]
    );
    assert_eq!((config.enrich.detections, config.enrich.dropped_bodies), (Detections::None, false));
    assert_eq!(config.output, Output { format: Format::Ocsf, bodies: Bodies::Text });
    assert_eq!(config.limits.max_record_bytes, 1 << 20);
    assert_eq!(
        load("policy_file: audit-policy.yaml").policy,
        Some(PolicySource::File("audit-policy.yaml".into()))
    );
}

#[test]
fn every_word_means_something_else() {
    let shapes = [
        "auto",
        "event",
        "event_list",
        "text",
        "cri",
        "eks",
        "gke",
        "aks",
        "rancher",
        "admission_review",
        "nested",
    ];
    let read: std::collections::HashSet<Shape> =
        shapes.iter().map(|shape| load(&format!("input: {{shape: {shape}}}")).input.shape).collect();
    assert_eq!(read.len(), shapes.len());
    for (word, format) in [("audit", Format::Audit), ("ecs", Format::Ecs), ("ocsf", Format::Ocsf)] {
        assert_eq!(load(&format!("output: {{format: {word}}}")).output.format, format);
    }
    for (word, bodies) in [("objects", Bodies::Objects), ("text", Bodies::Text), ("none", Bodies::None)] {
        assert_eq!(load(&format!("output: {{bodies: {word}}}")).output.bodies, bodies);
    }
    assert_eq!(load("enrich: {detections: default}").enrich.detections, Detections::Default);
}

/// A configuration may be JSON, or YAML that begins with a brace.
#[test]
fn both_notations() {
    let config = load("redact: {action: remove}");
    assert_eq!(load("{\"redact\": {\"action\": \"remove\"}}"), config);
    assert_eq!(load("{redact: {action: remove}}"), config);
}

/// What the policy says is a warning, not a reason to refuse the configuration.
#[test]
fn a_policy_inside_is_read_as_kubernetes_does() {
    let loaded = config::load(
        b"policy: {apiVersion: audit.k8s.io/v1, rules: [{level: None, level: Metadata, foo: 1}]}",
    )
    .unwrap();
    assert_eq!(loaded.warnings.len(), 2);
    let policy = policy(&loaded.config);
    assert_eq!(policy.rules[0].level, Level::Metadata);
}

#[test]
fn the_strictest_keeps_metadata_of_everything() {
    let config = Config::strictest();
    let policy = policy(&config);
    assert_eq!((policy.rules.len(), policy.rules[0].level), (1, Level::Metadata));
    assert_eq!(Config { policy: None, ..config }, Config::default());
}

proptest! {
    #[test]
    fn no_bytes_panic(text in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = config::load(&text);
    }
}
