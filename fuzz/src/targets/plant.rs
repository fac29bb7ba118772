//! Puts a secret where none may come out, into any record that is an object.
//!
//! Only what a position decides is used, never a name or a look: what this module plants has to go whatever else
//! the record says.

use super::leak::base64;
use crate::random::Random;
use crate::tree::Node;
use auditveil_tests::json;

/// A record with a secret in it.
#[derive(Debug)]
pub(super) struct Plant {
    pub(super) record: String,
    pub(super) secret: String,
    /// Where it stands.
    pub(super) way: &'static str,
    /// It goes as well where the record is cut: no part of it says that the body is something else.
    pub(super) may_be_cut: bool,
}

type Way = (&'static str, fn(&mut Node, &str, &mut Random));

const WAYS: [Way; 9] = [
    ("in a body of a request for Secrets", in_body),
    ("in a Secret anywhere", anywhere),
    ("in a Secret as text", as_text),
    ("in a list of Secrets", in_list),
    ("in a JSON patch of a Secret", in_patch),
    ("in a merge patch of a Secret", in_merge_patch),
    ("as a token", as_token),
    ("in a last-applied-configuration", in_last_applied),
    ("in a body of which nothing is known", in_unknown),
];

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
const BODIES: [&str; 2] = ["requestObject", "responseObject"];
/// Members by which a record is an envelope, or a list.
const ENVELOPES: [&str; 22] = [
    "log",
    "message",
    "@message",
    "msg",
    "items",
    "records",
    "properties",
    "log_s",
    "logEvents",
    "awslogs",
    "kubernetes",
    "kubernetes.audit",
    "protoPayload",
    "request",
    "event",
    "event.original",
    "requestBody",
    "responseBody",
    "requestHeader",
    "responseHeader",
    "stream",
    "auditveil",
];
/// What of an event says what it is about.
const ABOUT: [&str; 2] = ["objectRef", "requestURI"];

/// Plants a secret into the event that `input` is, or is made to be.
pub(super) fn planted(input: &[u8], random: &mut Random) -> Plant {
    let text = String::from_utf8_lossy(input);
    let mut event = match Node::read(&text) {
        Some(event @ Node::Object(_)) => event,
        Some(body) => Node::Object(vec![("\"requestObject\"".to_owned(), body)]),
        None => Node::Object(Vec::new()),
    };
    // Envelopes are another target's. Two fields make an event.
    if let Some(members) = event.members() {
        members.retain(|(key, _)| !ENVELOPES.contains(&json::unescape(key).as_str()));
    }
    for (name, value) in [("auditID", "a"), ("verb", "update"), ("stage", "ResponseComplete")] {
        if event.member(name).is_none() {
            event.set(name, Node::string(value));
        }
    }
    let secret = format!("Zq7{:016X}k{:04x}", random.bits(), random.below(65_536));
    let Some(&(way, plant)) = random.pick(&WAYS) else {
        return Plant { record: event.text(), secret, way: "nowhere", may_be_cut: false };
    };
    plant(&mut event, &secret, random);
    let references =
        event.members().map_or(0, |members| members.iter().filter(|(key, _)| is_reference(key)).count());
    let may_be_cut = references <= 1 && random.one_in(2);
    if may_be_cut && is_about_secrets(&event) {
        event.set("requestURI", Node::string("/api/v1/namespaces/shop/secrets/db"));
    }
    if random.one_in(2) {
        shuffle(&mut event, random);
    }
    let every = if random.one_in(3) { 1 + random.below(12) } else { usize::MAX };
    let mut record = String::new();
    event
        .write(&mut record, &mut |_| if random.one_in(every) { random.word(&[" ", "\n", "\t"]) } else { "" });
    if random.one_in(6) {
        record = format!(r#"{{"log":{}}}"#, json::escape(&record));
    }
    Plant { record, secret, way, may_be_cut }
}

fn is_about_secrets(event: &Node) -> bool {
    let resource = event.member("objectRef").and_then(|reference| reference.member("resource"));
    resource == Some(&Node::string("secrets"))
}

fn is_reference(key: &str) -> bool {
    json::unescape(key).eq_ignore_ascii_case("objectRef")
}

fn in_body(event: &mut Node, secret: &str, random: &mut Random) {
    about(event, "secrets", "", random);
    let name = random.word(&BODIES);
    let mut body = body(event, name);
    for _ in 0..=random.below(2) {
        into_secret(&mut body, secret, random);
    }
    event.set(name, body);
}

fn anywhere(event: &mut Node, secret: &str, random: &mut Random) {
    let object = manifest(secret, random);
    insert(event, object, random);
}

fn as_text(event: &mut Node, secret: &str, random: &mut Random) {
    let mut object = manifest(secret, random);
    for _ in 0..random.below(3) {
        object = Node::Object(vec![("\"manifest\"".to_owned(), Node::string(&object.text()))]);
    }
    insert(event, Node::string(&object.text()), random);
}

fn in_list(event: &mut Node, secret: &str, random: &mut Random) {
    about(event, "secrets", "", random);
    let mut items = Vec::new();
    for _ in 0..=random.below(2) {
        let mut item = Node::of(r#"{"metadata":{"name":"db","namespace":"shop"}}"#);
        into_secret(&mut item, secret, random);
        items.push(item);
    }
    let mut list = Node::of(r#"{"apiVersion":"v1","metadata":{}}"#);
    if random.one_in(2) {
        list.set("kind", Node::string(random.word(&["SecretList", "List"])));
    }
    list.set("items", Node::Array(items));
    event.set(random.word(&BODIES), list);
}

fn in_patch(event: &mut Node, secret: &str, random: &mut Random) {
    about(event, "secrets", "", random);
    event.set("verb", Node::string("patch"));
    let path =
        random.word(&["/data/a", "/stringData", "/data", "", "/metadata/annotations/a~1b", "/x", "/data/-"]);
    let mut operations = Vec::new();
    for _ in 0..=random.below(2) {
        let mut operation = Node::Object(Vec::new());
        operation.set("op", Node::string(random.word(&["add", "replace", "test", "ADD", "x"])));
        operation.set("path", Node::string(path));
        let value = value(secret, random);
        // Below these only what a Secret does not have is hidden.
        let value = if path.is_empty() {
            Node::Object(vec![("\"data\"".to_owned(), Node::Object(vec![("\"a\"".to_owned(), value)]))])
        } else {
            value
        };
        operation.set("value", value);
        shuffle(&mut operation, random);
        operations.push(operation);
    }
    event.set("requestObject", Node::Array(operations));
}

fn in_merge_patch(event: &mut Node, secret: &str, random: &mut Random) {
    about(event, "secrets", "", random);
    event.set("verb", Node::string("patch"));
    let mut patch = Node::Object(Vec::new());
    into_secret(&mut patch, secret, random);
    event.set("requestObject", patch);
}

fn as_token(event: &mut Node, secret: &str, random: &mut Random) {
    let (resource, subresource, kind, part) = if random.one_in(2) {
        ("serviceaccounts", "token", "TokenRequest", "status")
    } else {
        ("tokenreviews", "", "TokenReview", "spec")
    };
    about(event, resource, subresource, random);
    let name = random.word(&BODIES);
    let mut body = body(event, name);
    if body.members().is_none() {
        body = Node::Object(Vec::new());
    }
    body.set("kind", Node::string(kind));
    body.set(part, Node::Object(vec![("\"token\"".to_owned(), Node::string(secret))]));
    event.set(name, body);
}

fn in_last_applied(event: &mut Node, secret: &str, random: &mut Random) {
    let text = Node::string(&manifest(secret, random).text());
    let annotations = Node::Object(vec![(json::escape(LAST_APPLIED), text)]);
    let metadata = Node::Object(vec![("\"annotations\"".to_owned(), annotations)]);
    let object = Node::Object(vec![("\"metadata\"".to_owned(), metadata)]);
    insert(event, object, random);
}

fn in_unknown(event: &mut Node, secret: &str, random: &mut Random) {
    if let Some(members) = event.members() {
        members.retain(|(key, _)| !ABOUT.iter().any(|name| json::unescape(key).eq_ignore_ascii_case(name)));
    }
    let name = random.word(&BODIES);
    let mut body = body(event, name);
    let number = random.below(body.count());
    if let Some(node) = body.find(number) {
        *node = value(secret, random);
    }
    event.set(name, body);
}

/// Makes the event one about this; what it says besides may contradict.
fn about(event: &mut Node, resource: &str, subresource: &str, random: &mut Random) {
    let mut reference = Node::Object(Vec::new());
    reference.set("resource", Node::string(resource));
    if !subresource.is_empty() {
        reference.set("subresource", Node::string(subresource));
    }
    for (name, value) in [("namespace", "shop"), ("name", "db"), ("apiVersion", "v1")] {
        if random.one_in(2) {
            reference.set(name, Node::string(value));
        }
    }
    shuffle(&mut reference, random);
    if random.one_in(6) {
        // The strictest of two wins.
        if let Some(members) = event.members() {
            members.insert(random.below(members.len()), ("\"objectRef\"".to_owned(), reference));
        }
    } else {
        event.set("objectRef", reference);
    }
}

/// The body of the event, or one of nothing.
fn body(event: &Node, name: &str) -> Node {
    event.member(name).cloned().unwrap_or_else(|| Node::Object(Vec::new()))
}

/// A Secret with the secret in it, its members in any order.
fn manifest(secret: &str, random: &mut Random) -> Node {
    let mut object = Node::of(r#"{"apiVersion":"v1","metadata":{"name":"db"}}"#);
    into_secret(&mut object, secret, random);
    // What tells it as one: `kind` with `data`, `stringData`, `metadata` or `items`.
    object.set("kind", Node::string("Secret"));
    if let (true, Some(members)) = (random.one_in(5), object.members()) {
        members.insert(0, ("\"kind\"".to_owned(), Node::string("ConfigMap")));
    }
    shuffle(&mut object, random);
    if random.one_in(4)
        && let Some(members) = object.members()
    {
        for (key, _) in members {
            if key == "\"kind\"" {
                "\"\\u006bind\"".clone_into(key);
            }
        }
    }
    object
}

/// Puts the secret into an object that is a Secret.
fn into_secret(object: &mut Node, secret: &str, random: &mut Random) {
    if object.members().is_none() {
        *object = Node::Object(Vec::new());
    }
    let hidden = value(secret, random);
    match random.below(5) {
        0 => object.set("data", Node::Object(vec![("\"a\"".to_owned(), hidden)])),
        1 => object.set(
            "stringData",
            Node::Object(vec![("\"\"".to_owned(), Node::of("1")), ("\"a\"".to_owned(), hidden)]),
        ),
        2 => {
            let annotations = Node::Object(vec![("\"example.com/a\"".to_owned(), hidden)]);
            object.set("metadata", Node::Object(vec![("\"annotations\"".to_owned(), annotations)]));
        }
        3 => object.set("spec", hidden),
        _ => {
            if let Some(members) = object.members() {
                members.push(("\"data\"".to_owned(), Node::Object(vec![("\"a\"".to_owned(), hidden)])));
            }
        }
    }
}

/// A value that tells the secret.
fn value(secret: &str, random: &mut Random) -> Node {
    let text = match random.below(7) {
        0 => base64(secret.as_bytes()),
        1 => base64(format!("user:{secret}@db").as_bytes()),
        2 => format!("a \"{secret}\" b"),
        3 => format!("{{\"a\":\"{secret}\"}}"),
        4 => {
            let escaped: String = secret.bytes().map(|byte| format!("\\u{:04x}", u32::from(byte))).collect();
            return Node::Plain(format!("\"{escaped}\""));
        }
        _ => secret.to_owned(),
    };
    let text = Node::string(&text);
    match random.below(8) {
        0 => Node::Array(vec![Node::of("null"), text]),
        1 => Node::Object(vec![
            ("\"a\"".to_owned(), Node::Array(vec![text.clone()])),
            (json::escape(secret), text),
        ]),
        _ => text,
    }
}

/// Puts a value into some container of a body, as a member or an item.
fn insert(event: &mut Node, value: Node, random: &mut Random) {
    let name = random.word(&BODIES);
    let mut body = body(event, name);
    // There the names of members are names of fields, and stay; and what else stays of metadata is of the server's own
    // making, and not opened.
    without(&mut body, &["managedFields", "metadata"]);
    let number = random.below(body.count());
    match body.find(number) {
        Some(Node::Object(members)) => {
            let name = random.word(&[
                "\"a\"",
                "\"spec\"",
                "\"\"",
                "\"data\"",
                "\"x.yaml\"",
                "\"object\"",
                "\"items\"",
            ]);
            members.insert(random.below(members.len() + 1), (name.to_owned(), value));
        }
        Some(Node::Array(items)) => items.insert(random.below(items.len() + 1), value),
        // What stays of metadata is of the API's own making, and not opened.
        _ => body = value,
    }
    event.set(name, body);
}

fn without(node: &mut Node, names: &[&str]) {
    match node {
        Node::Plain(_) => {}
        Node::Array(items) => items.iter_mut().for_each(|item| without(item, names)),
        Node::Object(members) => {
            members
                .retain(|(key, _)| !names.iter().any(|name| json::unescape(key).eq_ignore_ascii_case(name)));
            members.iter_mut().for_each(|(_, member)| without(member, names));
        }
    }
}

fn shuffle(object: &mut Node, random: &mut Random) {
    if let Some(members) = object.members() {
        for at in (1..members.len()).rev() {
            members.swap(at, random.below(at + 1));
        }
    }
}
