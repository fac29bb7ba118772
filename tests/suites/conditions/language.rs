//! Random conditions on random events say what naive ones say; nonsense is refused, and nothing panics.

use super::config;
use super::naive::{Part, Tree};
use auditveil_core::enrich::{Condition, Lists, Reader};
use auditveil_tests::corpus::{self, Server};
use proptest::prelude::*;
use serde_json::{Value, json};

fn text() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "a",
        "ab",
        "abab",
        "b",
        "get",
        "list",
        "pods",
        "exec",
        "[REDACTED]",
        "é\"\\\n",
        "a*b",
        "system:x",
    ])
}

fn literal() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => text().prop_filter("no line break is written so", |text| !text.contains('\n')).prop_map(Value::from),
        2 => prop::sample::select(vec![json!(0), json!(1), json!(403), json!(-2), json!(0.5)]),
        1 => any::<bool>().prop_map(Value::from),
    ]
}

/// A value of a body.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        5 => text().prop_map(Value::from),
        2 => prop::sample::select(vec![json!(0), json!(1), json!(1.0), json!(403), json!(-2), json!(0.5)]),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let name = prop::sample::select(vec![
            "spec",
            "template",
            "containers",
            "initContainers",
            "a",
            "b/c",
            "jobTemplate",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..4).prop_map(|members| {
                Value::from_iter(members.into_iter().map(|(name, value)| (name.to_owned(), value)))
            }),
        ]
    })
}

/// The operations of a JSON Patch, which write values of bodies along the names that paths have.
fn patch() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "spec",
        "template",
        "containers",
        "a",
        "b~1c",
        "jobTemplate",
        "0",
        "1",
        "-",
    ]);
    let ways = prop_oneof![
        2 => prop::collection::vec(name.clone(), 0..4).prop_map(|names| names.iter().map(|name| format!("/{name}")).collect::<String>()),
        1 => (prop::sample::select(vec!["/spec", "/spec/template/spec", "/spec/containers", "/spec/template/spec/containers/0"]), prop::option::of(name))
            .prop_map(|(way, name)| name.map_or(way.to_owned(), |name| format!("{way}/{name}"))),
    ];
    let op = prop::sample::select(vec!["add", "replace", "test", "remove"]);
    let operation =
        (op, ways, value()).prop_map(|(op, path, value)| json!({"op": op, "path": path, "value": value}));
    prop::collection::vec(operation, 0..4).prop_map(Value::from)
}

fn event() -> impl Strategy<Value = Value> {
    let value = || prop_oneof![2 => value(), 1 => patch()];
    let texts = || prop::collection::vec(text(), 0..3);
    let member = |present: bool, name: &str, value: Value| present.then(|| (name.to_owned(), value));
    let there = any::<[bool; 7]>();
    (there, text(), text(), text(), texts(), value(), value(), any::<bool>()).prop_map(
        move |(there, verb, user, resource, groups, body, annotation, named)| {
            let mut object = json!({"resource": resource});
            if named {
                object["namespace"] = "a".into();
            }
            let [has_verb, has_user, has_object, has_body, has_status, has_annotation, has_groups] = there;
            let mut who = json!({"username": user});
            if has_groups {
                who = json!({"groups": groups});
            }
            let members = [
                member(has_verb, "verb", verb.into()),
                member(has_user, "user", who),
                member(has_object, "objectRef", object),
                member(has_status, "responseStatus", json!({"code": 403, "message": verb})),
                member(has_body, "requestObject", body),
                member(has_annotation, "annotations", json!({"b/c": annotation})),
            ];
            Value::from_iter(members.into_iter().flatten())
        },
    )
}

fn part_in_item() -> impl Strategy<Value = Part> {
    prop_oneof![
        3 => prop::sample::select(vec!["spec", "a", "b/c"]).prop_map(Part::Name),
        1 => Just(Part::Each),
    ]
}

/// A path from an item, which has members of any form.
fn in_item() -> impl Strategy<Value = Vec<Part>> {
    prop::collection::vec(part_in_item(), 0..3)
        .prop_map(|parts| std::iter::once(Part::Name("a")).chain(parts).collect::<Vec<_>>())
}

fn about_item() -> impl Strategy<Value = Tree> {
    let single = || {
        let equality = prop::sample::select(vec!["==", "!=", "in"]);
        let compared = (in_item(), equality, prop::collection::vec(literal(), 1..3));
        prop_oneof![
            3 => compared.prop_map(|(path, operator, literals)| test(path, operator, literals, false)),
            1 => in_item().prop_map(Tree::Exists),
        ]
    };
    (single(), single(), any::<bool>(), any::<bool>()).prop_map(|(left, right, both, not)| {
        let (left, right) = (Box::new(left), Box::new(right));
        let tree = if both { Tree::And(left, right) } else { Tree::Or(left, right) };
        if not { Tree::Not(Box::new(tree)) } else { tree }
    })
}

fn test(path: Vec<Part>, operator: &'static str, mut literals: Vec<Value>, negated: bool) -> Tree {
    let single = matches!(operator, "==" | "!=");
    if single {
        literals.truncate(1);
    }
    Tree::Test { path, operator, negated: negated && !single, literals }
}

fn tree() -> impl Strategy<Value = Tree> {
    let fixed = prop::sample::select(vec![
        vec![Part::Name("verb")],
        vec![Part::Name("user"), Part::Name("username")],
        vec![Part::Name("user"), Part::Name("groups")],
        vec![Part::Name("user"), Part::Name("groups"), Part::Index(1)],
        vec![Part::Name("objectRef"), Part::Name("resource")],
        vec![Part::Name("objectRef"), Part::Name("namespace")],
        vec![Part::Name("responseStatus"), Part::Name("message")],
    ]);
    let part = prop_oneof![
        4 => prop::sample::select(vec!["spec", "template", "containers", "a", "b/c"]).prop_map(Part::Name),
        2 => Just(Part::Each),
        1 => (0..3_usize).prop_map(Part::Index),
    ];
    let root = prop::sample::select(vec!["requestObject", "annotations", "pod", "container"]);
    let body = (root, prop::collection::vec(part, 0..5)).prop_map(|(root, parts)| {
        // Of a place a member has to be named.
        let first = matches!(root, "pod" | "container").then_some(Part::Name("a"));
        std::iter::once(Part::Name(root)).chain(first).chain(parts).collect::<Vec<_>>()
    });
    let free = prop_oneof![body.clone(), body.clone()];
    let texts = || prop::collection::vec(text().prop_filter("", |text| !text.contains('\n')), 1..4);
    let of_texts = (
        fixed.clone(),
        prop::sample::select(vec!["==", "!=", "in", "startsWith", "endsWith", "contains", "matches"]),
        texts(),
        any::<bool>(),
    );
    let of_any = (
        free.clone(),
        prop::sample::select(vec!["==", "!=", "in"]),
        prop::collection::vec(prop_oneof![9 => literal(), 1 => Just(Value::Null)], 1..4),
        any::<bool>(),
    );
    let of_body = (
        body.clone(),
        prop::sample::select(vec!["startsWith", "endsWith", "contains", "matches"]),
        texts(),
        any::<bool>(),
    );
    let ordered = (body.clone(), prop::sample::select(vec!["<", "<=", ">", ">="]), -3..3_i32);
    let values = |texts: Vec<&'static str>| texts.into_iter().map(Value::from).collect::<Vec<_>>();
    let items = (body.clone(), about_item()).prop_map(|(path, tree)| Tree::Any(path, Box::new(tree)));
    let leaf = prop_oneof![
        4 => of_texts.prop_map(move |(path, operator, texts, negated)| test(path, operator, values(texts), negated)),
        3 => of_any.prop_map(move |(path, operator, literals, negated)| test(path, operator, literals, negated)),
        2 => of_body.prop_map(move |(path, operator, texts, negated)| test(path, operator, values(texts), negated)),
        1 => ordered.prop_map(move |(path, operator, number)| test(path, operator, vec![number.into()], false)),
        2 => items,
        1 => fixed.prop_map(Tree::Exists),
        1 => body.prop_map(Tree::Exists),
    ];
    leaf.prop_recursive(5, 16, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|tree| Tree::Not(Box::new(tree))),
            (inner.clone(), inner.clone())
                .prop_map(|(left, right)| Tree::And(Box::new(left), Box::new(right))),
            (inner.clone(), inner).prop_map(|(left, right)| Tree::Or(Box::new(left), Box::new(right))),
        ]
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn random_conditions_say_what_naive_ones_say(tree in tree(), event in event(), all in any::<bool>(), pretty in any::<bool>()) {
        let written = tree.written(all);
        let condition = Condition::compile(&written, &Lists::new());
        let condition = condition.map_err(|error| TestCaseError::fail(format!("{written}\n{error}")))?;
        let text = if pretty { serde_json::to_string_pretty(&event).unwrap() } else { event.to_string() };
        let ours = condition.evaluate(&mut Reader::default().read(text.as_bytes()));
        prop_assert_eq!(ours, tree.evaluate(&event), "{}\n{}", written, text);
    }

    #[test]
    fn words_in_any_order_are_refused_or_evaluated(words in prop::collection::vec(prop::sample::select(vec![
        "verb", "objectRef", "requestObject", "command", "dry_run", "pod", ".", "[", "]", "*", "0", "-1.5", "(", ")", ",",
        "not", "and", "or", "exists", "any", "in", "==", "!=", "<", "contains", "matches", "\"a\"", "'b'", "@list", "@", "true", "é", "\\", "\"",
    ]), 0..24), spaced in any::<bool>()) {
        let text = words.join(if spaced { " " } else { "" });
        let lists = Lists::new().with("list", ["a"]);
        match Condition::compile(&text, &lists) {
            Ok(condition) => {
                condition.evaluate(&mut Reader::default().read(br#"{"verb":"a","requestObject":{"a":[1]}}"#));
            }
            Err(error) => {
                let length = text.chars().count();
                prop_assert!(error.column() >= 1 && error.column() <= length + 1, "{}: {}", text, error);
                prop_assert!(error.column() + error.width() <= length + 1, "{}: {}", text, error);
                prop_assert!(!error.message().is_empty());
            }
        }
    }

    #[test]
    fn any_text_is_refused_or_compiled(text in "\\PC{0,40}") {
        let _ = Condition::compile(&text, &Lists::new());
    }

    #[test]
    fn damaged_events_are_read_as_far_as_they_go(tree in tree(), event in event(), cut in any::<prop::sample::Index>(), byte in any::<u8>(), replace in any::<bool>()) {
        let mut text = event.to_string().into_bytes();
        let at = cut.index(text.len());
        if replace { text[at] = byte } else { text.truncate(at) }
        let condition = Condition::compile(&tree.written(false), &Lists::new()).unwrap();
        condition.evaluate(&mut Reader::default().read(&text));
    }
}

/// What people ask for is the same on every event of the corpus, asked in a tree or in the text.
#[test]
fn the_corpus_says_what_naive_conditions_say() {
    let name = |path: &[&'static str]| path.iter().map(|name| Part::Name(name)).collect::<Vec<_>>();
    let test = |path: &[&'static str], operator, literals: Vec<Value>| Tree::Test {
        path: name(path),
        operator,
        negated: false,
        literals,
    };
    let trees = [
        test(&["objectRef", "resource"], "==", vec!["secrets".into()]),
        test(&["responseStatus", "code"], "in", vec![401.into(), 403.into()]),
        test(&["user", "groups"], "==", vec!["system:masters".into()]),
        test(&["requestURI"], "contains", vec!["&".into()]),
        test(&["container", "image"], "matches", vec!["*:*".into()]),
        test(&["requestObject", "metadata", "name"], "!=", vec!["a".into()]),
        Tree::Exists(name(&["requestObject", "spec"])),
    ];
    let conditions: Vec<Condition> =
        trees.iter().map(|tree| Condition::compile(&tree.written(false), &Lists::new()).unwrap()).collect();
    let mut reader = Reader::default();
    let (mut compared, mut held) = (0, 0);
    for server in Server::ALL {
        let log = corpus::audit(server).unwrap();
        for line in corpus::lines(&log) {
            // serde_json reads neither lone surrogates nor what is nested deeply, and forgets repeated members.
            let Ok(event) = serde_json::from_slice::<Value>(line) else { continue };
            compared += 1;
            for (tree, condition) in trees.iter().zip(&conditions) {
                let said = condition.evaluate(&mut reader.read(line));
                held += usize::from(condition.holds(&mut reader.read(line)));
                assert_eq!(said, tree.evaluate(&event), "{}", tree.written(false));
            }
        }
    }
    assert!(compared > 1700 && held > 1500, "{compared} events, {held} times true");
}
