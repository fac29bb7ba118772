//! Of a Secret just those members stay that are listed here: a second reading of docs/leak-surface.md, slow
//! and on a tree, held against the core on Secrets that are partly nonsense.

use crate::actions::{CONFIGURATIONS, filter};
use crate::node::{Dice, Node};
use crate::{answer, answer_of, config};
use auditveil_tests::json;
use proptest::prelude::*;

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
const MASK: &str = "[REDACTED]";

/// What masking leaves of a value: its type. `null` says nothing.
fn mask(value: &Node) -> Node {
    match value {
        Node::Null | Node::Bool(_) | Node::Number(_) => Node::Null,
        Node::Text(_) => Node::Text(MASK.to_owned()),
        Node::Array(_) => Node::Array(Vec::new()),
        Node::Object(_) => Node::Object(Vec::new()),
    }
}

/// A text stays, but for a Secret in it; anything else is not of the API there.
fn text(value: &Node) -> Node {
    match value {
        Node::Text(content) => match serde_json::from_str::<serde_json::Value>(content) {
            Ok(copy) if copy.is_object() => Node::Text(secret(&copy.into()).compact()),
            _ => value.clone(),
        },
        other => mask(other),
    }
}

/// A number or a boolean stays.
fn number(value: &Node) -> Node {
    if matches!(value, Node::Number(_) | Node::Bool(_)) { value.clone() } else { mask(value) }
}

fn each(value: &Node, of: impl Fn(&Node) -> Node) -> Node {
    match value {
        Node::Array(items) => Node::Array(items.iter().map(of).collect()),
        other => mask(other),
    }
}

/// Every value of an object; a name that no key has goes.
fn values(value: &Node, of: impl Fn(&str, &Node) -> Node) -> Node {
    let key = |name: &String| !name.contains(['{', '"', '\\', '=', '@', ':']);
    let called = |name: &String| if key(name) { name.clone() } else { MASK.to_owned() };
    match value {
        Node::Object(members) => {
            Node::Object(members.iter().map(|(name, value)| (called(name), of(name, value))).collect())
        }
        other => mask(other),
    }
}

/// The members of an object by their names: the name of one that the API does not have goes as well.
fn members(value: &Node, of: impl Fn(&str, &Node) -> Option<Node>) -> Node {
    match value {
        Node::Object(members) => {
            let kept = members.iter().map(|(name, value)| match of(name, value) {
                Some(kept) => (name.clone(), kept),
                None => (MASK.to_owned(), mask(value)),
            });
            Node::Object(kept.collect())
        }
        other => mask(other),
    }
}

/// What stays of a Secret.
fn secret(value: &Node) -> Node {
    members(value, |name, value| match name {
        "apiVersion" | "kind" | "type" => Some(text(value)),
        "immutable" => Some(number(value)),
        "data" | "stringData" => Some(values(value, |_, value| mask(value))),
        "metadata" => Some(metadata(value)),
        _ => None,
    })
}

fn metadata(value: &Node) -> Node {
    members(value, |name, value| match name {
        "name" | "generateName" | "namespace" | "uid" | "resourceVersion" | "creationTimestamp"
        | "deletionTimestamp" | "selfLink" => Some(text(value)),
        "generation" | "deletionGracePeriodSeconds" => Some(number(value)),
        "labels" => Some(values(value, |_, value| text(value))),
        "annotations" => Some(values(value, annotation)),
        "finalizers" => Some(each(value, text)),
        "ownerReferences" => Some(each(value, |owner| {
            members(owner, |name, value| match name {
                "apiVersion" | "kind" | "name" | "uid" => Some(text(value)),
                "controller" | "blockOwnerDeletion" => Some(number(value)),
                _ => None,
            })
        })),
        "managedFields" => Some(each(value, |manager| {
            members(manager, |name, value| match name {
                "manager" | "operation" | "apiVersion" | "time" | "fieldsType" | "subresource" => {
                    Some(text(value))
                }
                "fieldsV1" => Some(fields(value)),
                _ => None,
            })
        })),
        _ => None,
    })
}

fn annotation(name: &str, value: &Node) -> Node {
    match name {
        "kubernetes.io/service-account.name" | "kubernetes.io/service-account.uid" => text(value),
        LAST_APPLIED => match value {
            Node::Text(content) => match serde_json::from_str(content) {
                Ok(copy) => Node::Text(secret(&<Node as From<serde_json::Value>>::from(copy)).compact()),
                Err(_) => mask(value),
            },
            other => mask(other),
        },
        _ => mask(value),
    }
}

/// Names that lead to objects; what is generated here is the name of no managed field.
fn fields(value: &Node) -> Node {
    match value {
        Node::Object(members) => {
            Node::Object(members.iter().map(|(_, value)| (MASK.to_owned(), fields(value))).collect())
        }
        other => mask(other),
    }
}

/// Any value at all.
fn anything() -> BoxedStrategy<Node> {
    let leaf = prop_oneof![
        Just(Node::Null),
        any::<bool>().prop_map(Node::Bool),
        any::<i32>().prop_map(|number| Node::Number(number.into())),
        "[ -~]{0,12}".prop_filter_map("JSON", plain_text),
        "\\PC{0,6}".prop_filter_map("JSON", plain_text),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Node::Array),
            proptest::collection::vec((names(&[]), inner), 0..4).prop_map(Node::Object),
        ]
    })
    .boxed()
}

/// A text in which nobody looks for JSON: what becomes of text that begins as JSON and is none is for others to tell.
fn plain_text(text: String) -> Option<Node> {
    let begins = text.trim_start().starts_with(['[', '"']);
    (!begins && !text.contains('{')).then_some(Node::Text(text))
}

/// A Secret as text, which somebody may write wherever a text stays.
fn quoted() -> BoxedStrategy<Node> {
    let data = proptest::collection::vec(("[a-z]{1,3}", anything()), 0..3).prop_map(Node::Object);
    let object = object(&["apiVersion", "type", "immutable"], anything());
    (object, data, any::<bool>())
        .prop_map(|(object, data, plain)| {
            let Node::Object(mut members) = object else { return object };
            members.push(("kind".to_owned(), Node::Text("Secret".to_owned())));
            members.push((if plain { "stringData" } else { "data" }.to_owned(), data));
            Node::Text(single(&Node::Object(members)).compact())
        })
        .boxed()
}

/// A name that `known` has, or one that nobody knows.
fn names(known: &'static [&'static str]) -> BoxedStrategy<String> {
    let unknown = "x-[a-z\"\\\\é ]{0,6}";
    match known {
        [] => unknown.boxed(),
        _ => prop_oneof![6 => proptest::sample::select(known).prop_map(str::to_owned), 1 => unknown].boxed(),
    }
}

/// An object whose members are of the API more often than not, each with a value that may be of any type.
fn object(known: &'static [&'static str], value: BoxedStrategy<Node>) -> BoxedStrategy<Node> {
    proptest::collection::vec((names(known), value), 0..6).prop_map(Node::Object).boxed()
}

fn list_of(item: BoxedStrategy<Node>) -> BoxedStrategy<Node> {
    prop_oneof![4 => proptest::collection::vec(item, 0..3).prop_map(Node::Array), 1 => anything()].boxed()
}

const METADATA: &[&str] = &[
    "name",
    "generateName",
    "namespace",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "deletionTimestamp",
    "selfLink",
    "generation",
    "deletionGracePeriodSeconds",
    "labels",
    "finalizers",
];

fn metadata_objects() -> BoxedStrategy<Node> {
    let texts = || prop_oneof![3 => "[ -~]{0,9}".prop_filter_map("JSON", plain_text), 1 => quoted()].boxed();
    let annotations = object(
        &["kubernetes.io/service-account.name", "kubernetes.io/service-account.uid", "a.example.com/b"],
        prop_oneof![2 => texts(), 1 => anything()].boxed(),
    );
    let owners = list_of(object(&["apiVersion", "kind", "name", "uid", "controller"], anything()));
    let managers = list_of(object(&["manager", "operation", "time", "fieldsV1"], anything()));
    let plain = object(METADATA, prop_oneof![2 => texts(), 1 => anything()].boxed());
    (plain, annotations, owners, managers, list_of(texts()))
        .prop_map(|(plain, annotations, owners, managers, finalizers)| {
            let Node::Object(mut members) = plain else { return plain };
            for (name, value) in [
                ("annotations", annotations),
                ("ownerReferences", owners),
                ("managedFields", managers),
                ("finalizers", finalizers),
            ] {
                members.push((name.to_owned(), value));
            }
            Node::Object(members)
        })
        .boxed()
}

/// Secrets, with members of wrong types, unknown ones and repeated ones.
fn objects() -> BoxedStrategy<Node> {
    let plain = object(
        &["apiVersion", "kind", "type", "immutable", "data", "stringData"],
        prop_oneof![6 => anything(), 1 => quoted()].boxed(),
    );
    (plain, metadata_objects(), any::<u64>())
        .prop_map(|(plain, metadata, seed)| {
            let Node::Object(mut members) = plain else { return plain };
            members.push(("metadata".to_owned(), metadata));
            let mut object = Node::Object(members);
            object.shuffle(&mut Dice::new(seed));
            object
        })
        .boxed()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn of_a_secret_stays_what_is_listed(object in objects(), copy in objects(), with_copy in any::<bool>()) {
        let mut object = object;
        if with_copy && let Node::Object(members) = &mut object {
            let copy = single(&copy).compact();
            let annotations = Node::Object(vec![(LAST_APPLIED.to_owned(), Node::Text(copy))]);
            let metadata = Node::Object(vec![("annotations".to_owned(), annotations)]);
            members.push(("metadata".to_owned(), metadata));
        }
        let event = format!(
            r#"{{"auditID":"a","verb":"create","objectRef":{{"resource":"secrets"}},"requestObject":{}}}"#,
            object.compact()
        );
        let answered = answer(&event).map_err(|error| TestCaseError::fail(format!("{error}\n{event}")))?;
        let all = json::members(&answered).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let left = json::member(&all, "requestObject").unwrap_or_default();
        prop_assert_eq!(left, secret(&object).compact(), "{}", event);

        let answered = answer_of(&mut filter("redact: {action: remove}"), &event)
            .map_err(|error| TestCaseError::fail(format!("{error}\n{event}")))?;
        let all = json::members(&answered).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let left = json::member(&all, "requestObject").unwrap_or_default();
        prop_assert_eq!(left, removed(&object, &secret(&object), "").compact(), "{}", event);

        for configuration in CONFIGURATIONS {
            let answered = answer_of(&mut filter(configuration), &event);
            answered.map_err(|error| TestCaseError::fail(format!("{error}\n{configuration}\n{event}")))?;
        }
    }
}

/// What removing leaves, by what masking leaves: every member goes that was masked, but for those by which an
/// object is recognised.
fn removed(node: &Node, masked: &Node, around: &str) -> Node {
    match (node, masked) {
        (Node::Object(members), Node::Object(kept)) if members.len() == kept.len() => {
            const RECOGNISED: [&str; 8] =
                ["apiversion", "kind", "type", "name", "data", "stringdata", "metadata", "items"];
            let map = matches!(around, "data" | "stringData" | "annotations");
            let left = members.iter().zip(kept).filter_map(|((name, value), (kept_name, kept))| {
                let hidden = (mask(value) == *kept && value != kept) || name != kept_name;
                let known = RECOGNISED.contains(&name.to_lowercase().as_str());
                let copy = name == LAST_APPLIED && !hidden;
                match (value, kept) {
                    _ if hidden && (map || !known) => None,
                    (Node::Text(value), Node::Text(_)) if copy => {
                        Some((name.clone(), Node::Text(removed_in(value).unwrap_or_default())))
                    }
                    _ => Some((name.clone(), removed(value, kept, name))),
                }
            });
            Node::Object(left.collect())
        }
        (Node::Array(items), Node::Array(kept)) if items.len() == kept.len() => {
            Node::Array(items.iter().zip(kept).map(|(item, kept)| removed(item, kept, "")).collect())
        }
        (Node::Text(value), Node::Text(kept)) if kept != MASK => {
            removed_in(value).map_or_else(|| masked.clone(), Node::Text)
        }
        _ => masked.clone(),
    }
}

/// What removing leaves of a Secret that is a text.
fn removed_in(text: &str) -> Option<String> {
    let tree = serde_json::from_str::<serde_json::Value>(text).ok().filter(serde_json::Value::is_object)?;
    let tree = Node::from(tree);
    Some(removed(&tree, &secret(&tree), "").compact())
}

/// The value without repeated names, members sorted: as a tree of maps reads it.
fn single(node: &Node) -> Node {
    serde_json::from_str::<serde_json::Value>(&node.compact()).map_or(Node::Null, Node::from)
}
