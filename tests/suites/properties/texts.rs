//! Texts of which a part is hidden, held against a reading on the tree: whoever makes an event knows which parts
//! of it are credentials, so the answer is known too, to the character, with what stays and what is counted.
//!
//! Nothing here looks for credentials, and nothing is shared with the core: texts are put together of pieces,
//! each of which stays or goes.

use crate::node::{Dice, Node};
use crate::{answer, config};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const MASK: &str = "[REDACTED]";

/// A part of a text.
#[derive(Clone, Debug)]
enum Piece {
    Stays(String),
    Goes(String),
}

/// A text in pieces.
type Text = Vec<Piece>;

fn stays(text: impl Into<String>) -> Piece {
    Piece::Stays(text.into())
}

fn goes(text: impl Into<String>) -> Piece {
    Piece::Goes(text.into())
}

fn whole(text: &Text) -> String {
    text.iter()
        .map(|piece| match piece {
            Piece::Stays(part) | Piece::Goes(part) => part.as_str(),
        })
        .collect()
}

fn masked(text: &Text) -> String {
    text.iter()
        .map(|piece| match piece {
            Piece::Stays(part) => part.as_str(),
            Piece::Goes(_) => MASK,
        })
        .collect()
}

fn gone(text: &Text) -> u64 {
    text.iter().map(|piece| u64::from(matches!(piece, Piece::Goes(_)))).sum()
}

/// A credential that needs no quotes and no escapes anywhere, and is no word.
fn word() -> impl Strategy<Value = String> {
    "s3[a-zA-Z0-9]{1,40}"
}

/// One that needs them.
fn anything() -> impl Strategy<Value = String> {
    "\\PC{0,30}".prop_map(|text| format!("s3{}", text.replace(MASK, "")))
}

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(texts).prop_map(str::to_owned)
}

/// As Go's `%q`, and as a literal of CEL.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\0'..='\x1f' | '\x7f' => out.push_str(&format!("\\x{:02x}", u32::from(character))),
            other => out.push(other),
        }
    }
    out
}

fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// The name of a parameter, one letter of it perhaps percent-encoded.
fn spelled(name: &str, at: usize) -> String {
    name.char_indices()
        .map(
            |(index, letter)| {
                if index == at { format!("%{:02x}", u32::from(letter)) } else { letter.to_string() }
            },
        )
        .collect()
}

fn parameter() -> impl Strategy<Value = Text> {
    const KEPT: &[&str] = &[
        "watch=true",
        "limit=500",
        "labelSelector=app%3Dtoken-server,password%3Dno",
        "fieldSelector=metadata.name%3Ddb",
        "container=secret-sync",
        "resourceVersion=0",
        "q=hello%20world",
        "maxTokens=5",
        "x=",
        "flag",
    ];
    const NAMES: &[&str] = &[
        "token",
        "access_token",
        "api-key",
        "password",
        "client_secret",
        "sig",
        "code",
        "X-Amz-Signature",
        "connect.sid",
        "user[password]",
    ];
    prop_oneof![
        one_of(KEPT).prop_map(|text| vec![stays(text)]),
        (one_of(NAMES), any::<prop::sample::Index>(), anything()).prop_map(|(name, at, secret)| {
            let at = at.index(name.len() * 3);
            vec![stays(format!("{}=", spelled(&name, at))), goes(percent(&secret))]
        }),
        (word(), "[a-z]{1,5}").prop_map(|(secret, user)| vec![
            stays(format!("url=https://{user}:")),
            goes(secret),
            stays("@example.com/x"),
        ]),
    ]
}

fn argument() -> impl Strategy<Value = Text> {
    const KEPT: &[&str] = &["ls", "-la", "%2Ftmp", "--user=dev", "echo", "--max-tokens=5", "%24TOKEN"];
    let argument = |text: String| stays(format!("command={text}"));
    prop_oneof![
        one_of(KEPT).prop_map(move |text| vec![argument(text)]),
        (one_of(&["--password", "--api-key", "--db.password"]), word())
            .prop_map(move |(name, secret)| vec![argument(format!("{name}%3D")), goes(secret)]),
        (one_of(&["--token", "--client-secret"]), word())
            .prop_map(move |(name, secret)| vec![argument(format!("{name}&command=")), goes(secret)]),
        (one_of(&["PGPASSWORD", "API_TOKEN"]), word())
            .prop_map(move |(name, secret)| vec![argument(format!("{name}=")), goes(secret)]),
    ]
}

fn joined(parts: Vec<Text>, first: &str, between: &str) -> Text {
    let mut text = vec![stays(first)];
    for (at, part) in parts.into_iter().enumerate() {
        text.extend((at > 0).then(|| stays(between)));
        text.extend(part);
    }
    text
}

fn uri() -> impl Strategy<Value = Text> {
    const TOKENS: &[&str] = &[
        "/apis/oauth.openshift.io/v1/oauthaccesstokens/",
        "//apis/oauth.openshift.io/v1//oauthauthorizetokens/",
        "/apis/oauth%2Eopenshift.io/v1/oauthaccesst%6fkens%2f",
        "/oapi/v1/watch/oauthaccesstokens//",
    ];
    prop_oneof![
        prop::collection::vec(parameter(), 1..6).prop_map(|parts| joined(
            parts,
            "/api/v1/namespaces/payments/services/token-server/proxy/a?",
            "&"
        )),
        prop::collection::vec(argument(), 1..6).prop_map(|parts| joined(
            parts,
            "/api/v1/namespaces/payments/pods/db/exec?",
            "&"
        )),
        (one_of(TOKENS), word()).prop_map(|(path, token)| vec![stays(path), goes(token)]),
        (one_of(TOKENS), "[0-9a-f]{8}")
            .prop_map(|(path, digest)| vec![stays(format!("{path}sha256~{digest}"))]),
        word().prop_map(|token| vec![
            stays("/apis/example.com/v1/reports/a;v=1;token="),
            goes(token),
            stays(";w=2/scale"),
        ]),
    ]
}

fn agent() -> impl Strategy<Value = Text> {
    const KEPT: &[&str] = &[
        "kubectl/v1.36.2 (linux/amd64) kubernetes/8e16b12",
        "Go-http-client/1.1",
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0)",
        "token-operator/2 (+https://example.com/tokens)",
        "kubernetes/8e16b12/system:serviceaccount:kube-system:token-cleaner",
    ];
    let part = prop_oneof![
        3 => one_of(KEPT).prop_map(|text| vec![stays(text)]),
        1 => word().prop_map(|secret| vec![stays("token="), goes(secret)]),
        1 => word().prop_map(|secret| vec![stays("https://bot:"), goes(secret), stays("@example.com/")]),
        1 => ("[a-zA-Z0-9_-]{20,30}", "[a-zA-Z0-9_-]{0,20}")
            .prop_map(|(head, tail)| vec![goes(format!("eyJ{head}.eyJ9.{tail}"))]),
    ];
    prop::collection::vec(part, 1..4).prop_map(|parts| joined(parts, "", " "))
}

fn message() -> impl Strategy<Value = Text> {
    const KEPT: &[&str] = &[
        "Back-off pulling image \"registry.example.com/token-service:1.2\"",
        "Container image \"token-service:1.2\" already present on machine",
        "MountVolume.SetUp failed for volume \"db-token\" : secret \"db-token\" not found",
        "Readiness probe failed: HTTP probe failed with statuscode: 500",
        "expected status code 200, got 404",
        "pods \"db\" is forbidden: User \"dev\" cannot get resource \"secrets\" in API group \"\"",
        "token: expired",
        "maxTokens=5",
    ];
    let part = prop_oneof![
        2 => one_of(KEPT).prop_map(|text| vec![stays(text)]),
        1 => (one_of(&["password=", "DB_PASSWORD: ", "api_key="]), word())
            .prop_map(|(name, secret)| vec![stays(name), goes(secret)]),
        1 => word().prop_map(|secret| vec![stays("postgres://app:"), goes(secret), stays("@db:5432/x")]),
        1 => anything().prop_map(|secret| vec![
            stays("spec.a: Invalid value: \""),
            goes(quoted(&secret)),
            stays("\": must be short"),
        ]),
    ];
    prop::collection::vec(part, 1..4).prop_map(|parts| joined(parts, "", ", "))
}

fn mutation() -> impl Strategy<Value = Text> {
    const KEPT: &[&str] = &["object.metadata.name", "1 / 2", "\"add\"", "\"/metadata/labels/a~1b\"", "''"];
    let part = prop_oneof![
        one_of(KEPT).prop_map(|text| vec![stays(text)]),
        anything().prop_map(|secret| vec![stays("\""), goes(quoted(&secret)), stays("\"")]),
        "[a-z]{1,9}".prop_map(|secret| vec![stays("'"), goes(format!("x{secret}")), stays("'")]),
        word().prop_map(|secret| vec![stays("1 // "), goes(secret), stays("\n")]),
    ];
    prop::collection::vec(part, 1..5).prop_map(|parts| joined(parts, "", " + "))
}

fn condition() -> impl Strategy<Value = Text> {
    const KEPT: &[&str] = &[
        "object.spec.type != 'RollingUpdate'",
        "'Pod ' + object.metadata.name + ' must have a label.'",
        "object.apiVersion in ['batch/v1beta1', 'apps/v1']",
        "has(object.spec.replicas)",
    ];
    let part = prop_oneof![
        2 => one_of(KEPT).prop_map(|text| vec![stays(text)]),
        1 => word().prop_map(|secret| vec![stays("object.spec.a != '"), goes(secret), stays("'")]),
        1 => ("[a-z]{1,9}", one_of(&["password", "spec.apiKey", "data.token"])).prop_map(|(secret, name)| vec![
            stays(format!("object.{name} == \"")),
            goes(secret),
            stays("\""),
        ]),
    ];
    prop::collection::vec(part, 1..4).prop_map(|parts| joined(parts, "", " && "))
}

/// A key of extra information, and its value.
fn extra() -> impl Strategy<Value = (String, Text)> {
    const KEPT: &[&str] = &["sessionName", "accessKeyId", "example.com/tenant", "scopes.example.com"];
    const NAMES: &[&str] =
        &["id_token", "example.com/assertion", "user-assertion.cloud.google.com", "session"];
    prop_oneof![
        (one_of(KEPT), "[a-z]{1,9}").prop_map(|(key, text)| (key, vec![stays(text)])),
        (one_of(KEPT), word()).prop_map(|(key, secret)| (key, vec![stays("token="), goes(secret)])),
        (one_of(NAMES), anything()).prop_map(|(key, secret)| (key, vec![goes(secret)])),
    ]
}

/// An event with all of them.
#[derive(Clone, Debug)]
struct Plan {
    uri: Text,
    agent: Text,
    message: Text,
    mutation: Text,
    condition: Text,
    extra: BTreeMap<String, Text>,
    seed: u64,
}

fn plans() -> impl Strategy<Value = Plan> {
    let extra = prop::collection::vec(extra(), 0..4).prop_map(|pairs| pairs.into_iter().collect());
    (uri(), agent(), message(), mutation(), condition(), extra, any::<u64>()).prop_map(
        |(uri, agent, message, mutation, condition, extra, seed)| Plan {
            uri,
            agent,
            message,
            mutation,
            condition,
            extra,
            seed,
        },
    )
}

impl Plan {
    /// The event, each text as `write` has it.
    fn event(&self, write: fn(&Text) -> String) -> Value {
        let extra: BTreeMap<&String, Value> =
            self.extra.iter().map(|(key, text)| (key, json!([write(text)]))).collect();
        json!({
            "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Request", "auditID": "5c1d",
            "stage": "ResponseComplete", "requestURI": write(&self.uri), "verb": "create",
            "user": {"username": "dev@example.com", "extra": extra},
            "userAgent": write(&self.agent),
            "objectRef": {
                "resource": "mutatingadmissionpolicies", "apiGroup": "admissionregistration.k8s.io", "name": "a",
            },
            "responseStatus": {"message": write(&self.message), "code": 422},
            "requestObject": {"kind": "MutatingAdmissionPolicy", "spec": {
                "matchConditions": [{"name": "a", "expression": write(&self.condition)}],
                "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": write(&self.mutation)}}],
            }},
        })
    }

    /// What the stamp counts.
    fn counts(&self) -> Value {
        let extra = self.extra.values().map(gone).sum();
        // The only part of such a path that goes.
        let names_token = whole(&self.uri).contains("/v1/") && !whole(&self.uri).contains(['?', ';'])
            || whole(&self.uri).contains("/oapi/");
        let rows = [
            (if names_token { "oauth_token" } else { "uri" }, gone(&self.uri)),
            ("user_agent", gone(&self.agent)),
            ("message", gone(&self.message)),
            ("expression", gone(&self.mutation)),
            ("condition", gone(&self.condition)),
            ("user", extra),
        ];
        rows.into_iter().filter(|(_, count)| *count > 0).map(|(row, count)| (row, json!(count))).collect()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn of_texts_just_the_credentials_go(plan in plans()) {
        let mut event = Node::from(plan.event(whole));
        let mut dice = Dice::new(plan.seed);
        event.shuffle(&mut dice);
        let event = event.spelled(&mut dice);
        let answer = answer(&event);
        let Ok(answer) = answer else { return Err(TestCaseError::fail(format!("{answer:?}\n{event}"))) };
        let mut found: Value = serde_json::from_str(&answer).unwrap();
        let mut stamp = found.as_object_mut().and_then(|found| found.remove("auditveil")).unwrap_or_default();
        let counts = stamp.get_mut("redacted").map_or(json!({}), Value::take);
        prop_assert_eq!(&found, &plan.event(masked), "{}", event);
        prop_assert_eq!(counts, plan.counts(), "{}", event);
    }
}

/// Places where whatever stands there goes, in texts and beside them.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Under a key of extra information that names a credential.
    Extra,
    /// A Secret as JSON amid prose, once or in text in text.
    Prose,
    /// An annotation that a policy writes under a name that looks like one of the API server's.
    Annotation,
    /// A literal of a mutation, or a comment.
    Mutation,
}

fn planted(place: Place, variant: usize, seed: u64, secret: &str) -> Value {
    const KEYS: [&str; 4] = ["example.com/id_token", "example.com%2fassertion", "session", "client_secret"];
    const NAMES: [&str; 6] = [
        "audit.k8s.io/seen",
        "authorization.k8s.io/seen",
        "apiserver.latency.k8s.io/total",
        "mutation.webhook.admission.k8s.io/round_0_index_0",
        "pod-security.kubernetes.io/audit-violations",
        "audit.k8s.io/truncated",
    ];
    let mut event = json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Request", "auditID": "5c1d",
        "stage": "ResponseComplete", "requestURI": "/apis/example.com/v1/bundles/a", "verb": "create",
        "objectRef": {"resource": "bundles", "apiGroup": "example.com", "name": "a"},
    });
    match place {
        Place::Extra => {
            let key = KEYS[variant % KEYS.len()];
            let user = if variant.is_multiple_of(2) { "user" } else { "impersonatedUser" };
            event[user] = json!({"username": "dev", "extra": {key: [secret, {"a": secret}]}});
        }
        Place::Prose => {
            const BEFORE: [&str; 6] =
                ["\u{feff}", "\0", "Apply this:\n", "{{ .x }} ", "# a comment\n", "1) "];
            const BEHIND: [&str; 3] = ["", "\nand wait", " {\"kind\":\"ConfigMap\"}"];
            let mut object = Node::from(match variant % 3 {
                0 => json!({"kind": "Secret", "data": {"p": secret}}),
                1 => json!({"items": [{"stringData": {"p": secret}}], "kind": "SecretList"}),
                _ => json!({"list": [{"type": "Opaque", "data": {"p": secret}, "apiVersion": "v1"}]}),
            });
            let mut dice = Dice::new(seed);
            object.shuffle(&mut dice);
            let text = format!("{}{}{}", BEFORE[variant % 6], object.spelled(&mut dice), BEHIND[variant % 3]);
            let text = if variant.is_multiple_of(5) { json!({"log": text}).to_string() } else { text };
            event["requestObject"] = json!({"kind": "Bundle", "spec": {"text": text}});
        }
        Place::Annotation => {
            event["requestURI"] = json!("/api/v1/namespaces/payments/secrets/db");
            event["objectRef"] = json!({"resource": "secrets", "namespace": "payments", "name": "db"});
            // A duration, a boolean and an identifier are what an API server writes there.
            let secret = format!("s3 {secret}");
            let mutation =
                json!({"configuration": secret, "webhook": secret, "mutated": true, "note": secret});
            let value = if variant.is_multiple_of(2) { json!(secret) } else { json!(mutation.to_string()) };
            event["annotations"] = json!({NAMES[variant % NAMES.len()]: value});
        }
        Place::Mutation => {
            let literal = quoted(&format!("s3{secret}"));
            let line: String =
                secret.chars().map(|letter| if letter == '\n' { ' ' } else { letter }).collect();
            let expression = match variant % 3 {
                0 => format!("[JSONPatch{{op: \"add\", path: \"/data/p\", value: \"{literal}\"}}]"),
                1 => format!("\"{literal}\""),
                _ => format!("[] // s3{line}x"),
            };
            event["requestObject"] = if variant.is_multiple_of(2) {
                json!({"spec": {"variables": [{"name": "a", "expression": expression}]}})
            } else {
                json!({"spec": {"mutations": [{"applyConfiguration": {"expression": expression}}]}})
            };
        }
    }
    event
}

fn secrets() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9+/_=-]{0,48}",
        "\\PC{0,24}",
        "[\"'`\\\\\\[\\]{}:,;&=%@?#/ \n\t<>a-c0-2]{0,24}",
        Just(String::new()),
        "(true|1s|null|Opaque|0.5|a)",
    ]
    .prop_filter("the mask", |secret| !secret.contains(MASK))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_answer_depends_on_what_stands_there(
        place in proptest::sample::select(&[Place::Extra, Place::Prose, Place::Annotation, Place::Mutation][..]),
        variant in 0..60_usize, seed in any::<u64>(), one in secrets(), two in secrets(),
    ) {
        let events = [one, two].map(|secret| planted(place, variant, seed, &secret).to_string());
        let [Ok(first), Ok(second)] = events.each_ref().map(|event| answer(event)) else {
            return Err(TestCaseError::fail(format!("{events:?}")));
        };
        prop_assert_eq!(first, second, "{:?}", events);
    }
}

/// The property can fail: what is no Secret shows, amid prose too.
#[test]
fn what_is_no_secret_amid_prose_shows() {
    let answers = ["one", "two"].map(|secret| {
        let event = planted(Place::Prose, 0, 3, secret).to_string().replace("Secret", "ConfigMap");
        answer(&event).unwrap()
    });
    assert_ne!(answers[0], answers[1]);
}
