//! P1: whatever a secret is, and wherever it stands, the answer says nothing of it.
//!
//! Each event is made twice, with two secrets, and the answers must be equal to the byte: then nothing of
//! either is in them, not even its length. For long secrets the answer is searched as well, plain and encoded.

use crate::elsewhere;
use crate::node::{Dice, Node};
use crate::{answer, config};
use auditveil_core::{POSITIONS as ROWS, Sure};
use auditveil_tests::json;
use proptest::prelude::*;
use serde_json::{Value, json};

pub(crate) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A guaranteed position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Position {
    /// `data` of a Secret that is created.
    Data,
    /// An annotation of such a Secret.
    Annotation,
    /// A member that Secrets do not have.
    UnknownMember,
    /// `stringData` and `data` of a merge patch, which says nothing of a kind.
    MergePatch,
    /// The value of an operation of a JSON patch.
    JsonPatch,
    /// The items of a SecretList, which say nothing of a kind.
    List,
    /// The rows of a table.
    Table,
    /// A last-applied-configuration, in a Secret or in something else.
    LastApplied,
    /// A manifest in an object of another kind.
    Embedded,
    /// The same as JSON text, and as text in text.
    Text,
    /// The status of a TokenRequest.
    TokenRequest,
    /// The spec of a TokenReview.
    TokenReview,
    /// The message of an error about a Secret.
    SecretMessage,
    /// A value that validation quotes.
    InvalidValue,
    /// A parameter of `requestURI`.
    Uri,
    /// A parameter in a path of an access review.
    ReviewedPath,
    /// The patch of a mutating webhook, of a Secret.
    WebhookPatch,
    /// What a policy says of a Secret.
    PolicyAnnotation,
    /// A literal of a mutating admission policy.
    Expression,
    /// The name of an OAuth object of OpenShift.
    OAuthToken,
    /// Under a name that says so, or beside one, where such names decide.
    Named,
    /// The attribute challengePassword of a certificate request.
    CertificateRequest,
    /// The body of an event that does not say what it is about.
    UnknownBody,
    /// A Secret in which the record ends.
    Damaged,
    /// A Secret as text that ends too early.
    HalfText,
    /// A last-applied-configuration that cannot be read.
    HalfCopy,
    /// A parameter in the name of an object.
    ObjectName,
    /// What a client calls itself.
    UserAgent,
    /// Extra information about a user.
    UserExtra,
    /// A literal of a condition.
    Condition,
    /// A value of a ConfigMap, under a name that says so, or in a text.
    ConfigMap,
    /// An argument of a container.
    Argument,
    /// A Route's key. In files of text names decide, and what is not hidden in base64 is written anew: cases hold that.
    FileContent,
    /// A cell of a table.
    Cell,
    /// Everything in an object or an array under a name that says so.
    Container,
}

const POSITIONS: [Position; 35] = [
    Position::Data,
    Position::Annotation,
    Position::UnknownMember,
    Position::MergePatch,
    Position::JsonPatch,
    Position::List,
    Position::Table,
    Position::LastApplied,
    Position::Embedded,
    Position::Text,
    Position::TokenRequest,
    Position::TokenReview,
    Position::SecretMessage,
    Position::InvalidValue,
    Position::Uri,
    Position::ReviewedPath,
    Position::WebhookPatch,
    Position::PolicyAnnotation,
    Position::Expression,
    Position::OAuthToken,
    Position::Named,
    Position::CertificateRequest,
    Position::UnknownBody,
    Position::Damaged,
    Position::HalfText,
    Position::HalfCopy,
    Position::ObjectName,
    Position::UserAgent,
    Position::UserExtra,
    Position::Condition,
    Position::ConfigMap,
    Position::Argument,
    Position::FileContent,
    Position::Cell,
    Position::Container,
];

impl Position {
    /// Whether no configuration keeps what stands there.
    pub(crate) fn is_guaranteed(self) -> bool {
        !matches!(
            self,
            Position::InvalidValue
                | Position::Uri
                | Position::ReviewedPath
                | Position::Named
                | Position::ObjectName
                | Position::UserAgent
                | Position::UserExtra
                | Position::Condition
                | Position::ConfigMap
                | Position::Argument
                | Position::FileContent
                | Position::Cell
                | Position::Container
        )
    }
}

/// Everything about an event but the secret.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) position: Position,
    /// Which of the variants that a position has.
    pub(crate) variant: usize,
    /// How many containers of another kind stand around an embedded manifest, or how often text is in text.
    pub(crate) levels: usize,
    /// Whether the event is an item of a list.
    pub(crate) listed: bool,
    pub(crate) seed: u64,
}

pub(crate) fn plans() -> impl Strategy<Value = Plan> {
    (proptest::sample::select(&POSITIONS[..]), 0..8_usize, 0..6_usize, any::<bool>(), any::<u64>()).prop_map(
        |(position, variant, levels, listed, seed)| Plan { position, variant, levels, listed, seed },
    )
}

/// Secrets as people choose them, as machines make them, and as attackers would.
pub(crate) fn secrets() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "[a-zA-Z0-9+/_=-]{0,48}",
        2 => "\\PC{0,24}",
        2 => "[\"'`\\\\\\[\\]{}:,;&=%@?#/ \n\t<>a-c0-2]{0,24}",
        1 => Just(String::new()),
        1 => "[a-z]{1,2}",
        1 => "[0-9]{1,6}",
        1 => Just(r#"{"kind":"ConfigMap","data":{"a":"b"}}"#.to_owned()),
        1 => "(true|null|Opaque|Secret|not found|is forbidden)",
        1 => "-----BEGIN [A-Z]{3,8} KEY-----\n[a-zA-Z0-9+/]{8,40}\n-----END KEY-----\n",
    ]
    // What looks hidden already is not hidden again, and not counted.
    .prop_filter("the mask", |secret| !secret.contains("[REDACTED]"))
}

pub(crate) fn base64(text: &str) -> String {
    base64_of(text.as_bytes())
}

pub(crate) fn base64_of(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = (0..3).fold(0_u32, |word, at| word << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
        for at in 0..4_usize {
            let digit = (word >> (18 - 6 * at)) & 63;
            out.push(if at <= chunk.len() { char::from(DIGITS[digit as usize]) } else { '=' });
        }
    }
    out
}

pub(crate) fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// As Go's `%q`, which error texts are made with.
fn go_quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\0'..='\x1f' | '\x7f' => out.push_str(&format!("\\x{:02x}", u32::from(character))),
            other => out.push(other),
        }
    }
    out + "\""
}

pub(crate) fn object_ref(resource: &str, group: &str) -> Value {
    match group {
        "" => json!({"resource": resource, "namespace": "payments", "name": "db", "apiVersion": "v1"}),
        _ => json!({"resource": resource, "name": "db", "apiGroup": group, "apiVersion": "v1"}),
    }
}

pub(crate) fn secret(secret: &str, variant: usize) -> Value {
    let mut object = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "db", "namespace": "payments", "labels": {"team": "payments"}},
        "type": "Opaque",
    });
    match variant % 3 {
        0 => object["data"] = json!({"password": base64(secret)}),
        1 => object["stringData"] = json!({"password": secret, "user": secret}),
        _ => object["data"] = json!({"a": base64(secret), "b": base64(&format!("user:{secret}@db"))}),
    }
    object
}

/// The object inside containers of other kinds.
fn wrapped(object: Value, levels: usize, dice: &mut Dice) -> Value {
    (0..levels).fold(object, |inner, _| match dice.below(4) {
        0 => json!({"spec": inner, "kind": "Bundle"}),
        1 => json!([{"name": "first"}, inner, "last"]),
        2 => json!({"metadata": {"name": "x"}, "data": {"a": "b"}, "manifest": inner}),
        _ => json!({"status": {"atProvider": inner}}),
    })
}

/// Whether the secret is a part of a text. There an empty one has nothing to hide, and words such as `true`
/// are told apart by what they are a value of; so it is made longer.
fn in_text(position: Position) -> bool {
    use Position::{Cell, Expression, InvalidValue, PolicyAnnotation, SecretMessage};
    !position.is_guaranteed() && position != Cell
        || matches!(position, Expression | InvalidValue | PolicyAnnotation | SecretMessage)
}

/// The event with `planted` in it.
fn event(plan: &Plan, planted: &str) -> Node {
    let longer = format!("s3{planted}");
    let planted = if in_text(plan.position) { &longer } else { planted };
    let mut dice = Dice::new(plan.seed);
    let variant = plan.variant;
    let mut event = json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse", "auditID": "5c1d",
        "stage": "ResponseComplete", "verb": "create", "user": {"username": "dev@example.com"},
        "requestURI": "/api/v1/namespaces/payments/secrets/db",
        "objectRef": object_ref("secrets", ""),
        "responseStatus": {"metadata": {}, "code": 200},
        "annotations": {"authorization.k8s.io/decision": "allow"},
    });
    let body = if variant.is_multiple_of(2) { "requestObject" } else { "responseObject" };
    let other = |event: &mut Value, resource: &str, group: &str| {
        event["requestURI"] = json!(format!("/apis/{group}/v1/{resource}/db"));
        event["objectRef"] = object_ref(resource, group);
    };
    match plan.position {
        Position::Data => event[body] = secret(planted, variant),
        Position::Annotation => {
            event[body] = secret("x", variant);
            event[body]["metadata"]["annotations"] = json!({"team.example.com/note": planted});
        }
        Position::UnknownMember => {
            event[body] = secret("x", variant);
            event[body]["spec"] = json!({"value": planted, "items": [planted]});
            event[body]["metadata"]["password"] = json!(planted);
        }
        Position::MergePatch => {
            event["verb"] = json!("patch");
            event["requestObject"] = json!({"stringData": {"p": planted}, "data": {"q": base64(planted)}});
        }
        Position::JsonPatch => {
            event["verb"] = json!("patch");
            let (path, value) = match variant % 5 {
                0 => ("/data/password", json!(base64(planted))),
                1 => ("/stringData", json!({"password": planted})),
                2 => ("", secret(planted, variant)),
                3 => ("/metadata/annotations/a~1b", json!(planted)),
                _ => ("/data", json!({"a": [planted], "b": {"c": planted}})),
            };
            event["requestObject"] = json!([
                {"op": "test", "path": path, "value": value},
                {"op": "replace", "path": path, "value": value},
            ]);
        }
        Position::List => {
            let mut item = secret(planted, variant);
            if let Some(item) = item.as_object_mut() {
                item.remove("kind");
                item.remove("apiVersion");
            }
            event["responseObject"] =
                json!({"kind": "SecretList", "apiVersion": "v1", "metadata": {}, "items": [item, item]});
        }
        Position::Table => {
            let mut object = secret(planted, variant);
            object["metadata"]["annotations"] =
                json!({LAST_APPLIED: Node::from(secret(planted, 1)).compact()});
            event["responseObject"] = json!({
                "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {},
                "columnDefinitions": [{"name": "Name", "type": "string"}],
                "rows": [{"cells": ["db", "Opaque", 1, "2d"], "object": object}],
            });
        }
        Position::LastApplied => {
            let copy = Node::from(secret(planted, variant)).spelled(&mut Dice::new(plan.seed ^ 7));
            let annotated = json!({"metadata": {"name": "db", "annotations": {LAST_APPLIED: copy}}});
            if variant.is_multiple_of(3) {
                event[body] = annotated;
                event[body]["kind"] = json!("Secret");
            } else {
                other(&mut event, "bundles", "example.com");
                event[body] = wrapped(annotated, plan.levels, &mut dice);
            }
        }
        Position::Embedded => {
            other(&mut event, "bundles", "example.com");
            event[body] = wrapped(secret(planted, variant), plan.levels, &mut dice);
        }
        Position::Text => {
            other(&mut event, "bundles", "example.com");
            let levels = plan.levels % 3;
            let text = (0..=levels).fold(secret(planted, variant), |inner, level| {
                let spelled = Node::from(inner).spelled(&mut Dice::new(plan.seed ^ level as u64));
                json!({"kind": "Bundle", "manifest": spelled})
            });
            event[body] = text;
        }
        Position::TokenRequest => {
            other(&mut event, "serviceaccounts", "authentication.k8s.io");
            event["responseObject"] =
                json!({"kind": "TokenRequest", "status": {"token": planted, "expirationTimestamp": null}});
        }
        Position::TokenReview => {
            other(&mut event, "tokenreviews", "authentication.k8s.io");
            event[body] = json!({"kind": "TokenReview", "spec": {"token": planted, "audiences": ["api"]}});
        }
        Position::SecretMessage => {
            let quoted = go_quoted(planted);
            let message = match variant % 3 {
                0 => format!("Secret \"db\" is invalid: data[p]: Invalid value: {quoted}: must be base64"),
                1 => format!("admission webhook \"hook.example.com\" denied the request: saw {planted}"),
                _ => planted.to_owned(),
            };
            let cause = json!({"reason": "FieldValueInvalid", "message": message, "field": "data[p]"});
            let status =
                json!({"status": "Failure", "message": message, "details": {"causes": [cause]}, "code": 422});
            event["responseStatus"] = status.clone();
            event["responseObject"] = status;
        }
        Position::InvalidValue => {
            other(&mut event, "databases", "db.example.com");
            let message = format!("spec.password: Invalid value: {}: too short", go_quoted(planted));
            let cause = json!({"message": format!("Invalid value: {}: too short", go_quoted(planted))});
            event["responseStatus"] =
                json!({"status": "Failure", "message": message, "details": {"causes": [cause]}, "code": 422});
        }
        Position::Uri | Position::ReviewedPath => {
            const NAMES: [&str; 8] =
                ["token", "access_token", "api_key", "password", "%74oken", "client_secret", "TOKEN", "sig"];
            let name = NAMES[variant];
            let uri = format!("/proxy/x?watch=true&{name}={}&limit=5", percent(planted));
            other(&mut event, "selfsubjectaccessreviews", "authorization.k8s.io");
            if plan.position == Position::Uri {
                event["requestURI"] = json!(uri);
            } else {
                event[body] = json!({"spec": {"nonResourceAttributes": {"path": uri, "verb": "get"}}});
            }
        }
        Position::WebhookPatch => {
            let value =
                if variant.is_multiple_of(2) { json!(base64(planted)) } else { json!({"p": planted}) };
            let patch = json!({
                "configuration": "inject", "webhook": "hook.example.com", "patchType": "JSONPatch",
                "patch": [{"op": "add", "path": "/data/p", "value": value}],
            });
            event["annotations"]["patch.webhook.admission.k8s.io/round_0_index_0"] =
                json!(Node::from(patch).compact());
        }
        Position::PolicyAnnotation => {
            event["annotations"]["vap.example.com/value"] = json!(format!("found {planted} in data"));
        }
        Position::OAuthToken => {
            let token =
                format!("s3{}", planted.bytes().map(|byte| format!("{byte:02x}")).collect::<String>());
            let path = if variant.is_multiple_of(2) { "oauthaccesstokens" } else { "oauthauthorizetokens" };
            event["requestURI"] = json!(format!("/apis/oauth.openshift.io/v1/{path}/{token}"));
            event["objectRef"] = json!({"resource": path, "apiGroup": "oauth.openshift.io", "name": token});
            event["responseStatus"] =
                json!({"message": format!("{path} \"{token}\" not found"), "code": 404});
            event[body] = json!({"metadata": {"name": token}, "userName": "dev"});
        }
        Position::Named => {
            let pair = json!({"name": "DB_PASSWORD", "value": planted});
            let pod = json!({"spec": {"containers": [{"name": "c", "env": [pair, {"name": "A", "value": "b"}, pair]}]}});
            let custom =
                json!({"adminPassword": planted, "auth": {"apiKey": planted, "params": [pair]}, "a": "b"});
            match variant {
                0 => event[body] = pod,
                1 => event[body] = json!({"spec": {"template": pod, "jobTemplate": {"spec": pod}}}),
                2 => event[body] = json!({"metadata": {"annotations": {"example.com/api-key": planted}}}),
                3 | 4 => {
                    event["verb"] = json!("patch");
                    let env = "/spec/template/spec/containers/0/env/1";
                    event["requestObject"] = json!([
                        {"op": "add", "path": "/spec", "value": custom},
                        {"op": "add", "path": "/spec/clientSecret", "value": planted},
                        {"op": "add", "path": env, "value": pair},
                        {"op": "add", "path": format!("{env}/value"), "value": planted},
                    ]);
                }
                _ => event[body] = wrapped(custom, plan.levels, &mut dice),
            }
            match variant {
                0 | 4 => other(&mut event, "pods", ""),
                1 | 2 => other(&mut event, "cronjobs", "batch"),
                _ => other(&mut event, "databases", "acme.example.com"),
            }
        }
        Position::Expression => {
            other(&mut event, "mutatingadmissionpolicies", "admissionregistration.k8s.io");
            // A literal of CEL is spelled as one of JSON.
            let literal = json::escape(planted);
            let expression = format!("[JSONPatch{{op: \"add\", path: \"/data/p\", value: {literal}}}]");
            event[body] = json!({"spec": {"mutations": [{"jsonPatch": {"expression": expression}}]}});
        }
        _ => elsewhere::plant(plan, planted, &mut event),
    }
    let mut node = Node::from(event);
    // The server writes the columns of a table before its rows.
    if plan.position != Position::Cell {
        node.shuffle(&mut dice);
    }
    node
}

pub(crate) fn spelled(plan: &Plan, planted: &str) -> String {
    let event = event(plan, planted);
    let mut dice = Dice::new(plan.seed ^ 0x5bd1);
    if plan.position == Position::Damaged {
        let event = event.compact();
        return event.split(elsewhere::CUT).next().unwrap_or_default().to_owned();
    }
    if !plan.listed {
        return event.spelled(&mut dice);
    }
    let event = event.spelled(&mut dice);
    // Whoever makes lists spells their own names plainly; with other spellings it is none.
    let plain = r#"{"auditID":"0","verb":"get","requestURI":"/healthz","stage":"ResponseComplete"}"#;
    let items = format!(r#""items":[{plain},{event},{plain}]"#);
    match dice.below(3) {
        0 => format!(r#"{{{items},"kind":"EventList","apiVersion":"audit.k8s.io/v1"}}"#),
        1 => format!(r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{{}},{items}}}"#),
        _ => format!("[{event},{plain}]"),
    }
}

/// How a secret of some length could get out: as it is, escaped, or encoded.
pub(crate) fn forms(secret: &str) -> Vec<String> {
    let escaped = json::escape(secret);
    let encoded = base64(secret);
    // The last digits depend on what follows.
    let whole = encoded.get(..encoded.len().saturating_sub(4)).unwrap_or_default().to_owned();
    vec![secret.to_owned(), escaped.trim_matches('"').to_owned(), whole, percent(secret)]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_answer_depends_on_a_secret(plan in plans(), one in secrets(), two in secrets()) {
        let (first, second) = (spelled(&plan, &one), spelled(&plan, &two));
        let answers = (answer(&first), answer(&second));
        let (Ok(first_answer), Ok(second_answer)) = answers else {
            return Err(TestCaseError::fail(format!("{answers:?}\n{first}\n{second}")));
        };
        // Stubs would be equal too.
        prop_assert!(!first_answer.contains("\"stub\":"), "{first}");
        prop_assert!(
            first_answer == second_answer,
            "the secret shows:\n{first}\n{first_answer}\n{second}\n{second_answer}"
        );
        let neutral = spelled(&plan, "");
        for needle in forms(&one).iter().filter(|needle| needle.len() > 5 && !neutral.contains(*needle)) {
            prop_assert!(!first_answer.contains(needle), "{needle} in {first_answer}");
        }
    }
}

/// Every row of the table has its plants, so that one that is new has to have some.
#[test]
fn every_row_has_a_plant() {
    let mut planted = String::new();
    for position in POSITIONS {
        for variant in 0..8 {
            let plan = Plan { position, variant, levels: 2, listed: false, seed: 5 };
            let event = spelled(&plan, "hunter2-Planted");
            let answer = answer(&event).unwrap_or_else(|error| panic!("{error}\n{event}"));
            let (_, stamp) = answer.rsplit_once("\"redacted\":").unwrap_or_else(|| panic!("{answer}"));
            let rows = stamp.split('}').next().unwrap_or_default();
            let guaranteed = ROWS
                .iter()
                .any(|row| row.class.key().is_none() && rows.contains(&format!("\"{}\":", row.id)));
            assert_eq!(guaranteed, position.is_guaranteed(), "{position:?} {variant}: {rows}");
            planted.push_str(rows);
        }
    }
    // What is told by its look alone is best effort, and has tests of its own.
    for row in ROWS.iter().filter(|row| row.sure != Sure::Look) {
        let what = if row.sure == Sure::Position { "guaranteed" } else { "covered" };
        assert!(planted.contains(&format!("\"{}\":", row.id)), "{} is {what}, and has no plant", row.id);
    }
}

/// The property can fail: what stands in an object that is no Secret shows.
#[test]
fn what_is_no_secret_shows() {
    let plan = Plan { position: Position::Embedded, variant: 0, levels: 1, listed: false, seed: 3 };
    let answers = ["one", "two"].map(|planted| {
        let mut event = event(&plan, planted);
        rename(&mut event);
        answer(&event.compact()).unwrap()
    });
    assert_ne!(answers[0], answers[1]);
    assert!(answers[0].contains(&base64("one")));
}

/// Makes every Secret a ConfigMap, and its keys names that say nothing.
fn rename(node: &mut Node) {
    match node {
        Node::Text(text) if text == "Secret" => *text = "ConfigMap".to_owned(),
        Node::Text(text) if text == "Opaque" => text.clear(),
        Node::Array(items) => items.iter_mut().for_each(rename),
        Node::Object(members) => {
            for (name, value) in members {
                *name = name.replace("password", "colour");
                rename(value);
            }
        }
        _ => {}
    }
}
