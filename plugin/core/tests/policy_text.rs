//! What a policy's text may look like, beyond what the vectors show, and what go-yaml v2 and
//! encoding/json make of it.

#![expect(clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking, in its helpers too")]

use auditveil_core::policy::{self, ErrorKind, Level, Policy};

const HEAD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

fn load(text: &str) -> Policy {
    policy::load(text.as_bytes()).unwrap_or_else(|error| panic!("{text}\n{error}")).policy
}

fn rejected(text: &[u8]) -> ErrorKind {
    match policy::load(text) {
        Ok(loaded) => panic!("{}\n{loaded:?}", String::from_utf8_lossy(text)),
        Err(rejected) => rejected.errors[0].kind(),
    }
}

/// The users of the first rule, by the text of their list.
fn users(list: &str) -> Vec<String> {
    load(&format!("{HEAD}rules:\n- level: None\n  users: {list}\n")).rules[0].users.clone()
}

#[test]
fn yaml_1_1_scalars() {
    assert_eq!(users("['yes', \"no\", !!str on, nope]"), ["yes", "no", "on", "nope"]);
    assert_eq!(users("[~, null, '']"), ["", "", ""]);
    assert_eq!(
        users("[2020-01-01, 1.2.3.4, 1e999, a:b, a#b, -a]"),
        ["2020-01-01", "1.2.3.4", "1e999", "a:b", "a#b", "-a"]
    );
    assert_eq!(users("\n  - |\n    two\n    lines\n  - >-\n    one\n    line"), ["two\nlines\n", "one line"]);
    assert_eq!(
        users("[\"a\\\n    b\\u00e9\\x41\\N\", 'it''s',\n 'on\n\n  two']"),
        ["ab\u{e9}A\u{85}", "it's", "on\ntwo"]
    );
    assert_eq!(users("~"), [""; 0]);
    for list in [
        "[yes]",
        "[N]",
        "[1]",
        "[0x1F]",
        "[1_000]",
        "[.5]",
        "[08]",
        "[[a]]",
        "[{a: b}]",
        "{a: b}",
        "a",
        "[!!int 1]",
    ] {
        assert_eq!(
            rejected(format!("{HEAD}rules:\n- level: None\n  users: {list}\n").as_bytes()),
            ErrorKind::Type,
            "{list}"
        );
    }
    for value in ["yes", "True", "on", "!!bool y"] {
        assert!(
            load(&format!("{HEAD}omitManagedFields: {value}\nrules:\n- level: None\n")).omit_managed_fields
        );
    }
}

#[test]
fn anchors_aliases_and_merging() {
    let policy =
        load(&format!("{HEAD}rules:\n- &r\n  level: None\n  users: &u [a]\n- <<: *r\n  verbs: *u\n"));
    assert_eq!(
        (policy.rules[1].level, &policy.rules[1].users, &policy.rules[1].verbs),
        (Level::None, &vec!["a".into()], &vec!["a".into()])
    );
    // What stands later wins, be it merged or not; earlier mappings of a merged list win over later ones.
    let merged = |text: &str| {
        load(&format!("{HEAD}x: &x {{level: None}}\ny: &y {{level: Request, users: [z]}}\nrules:\n{text}"))
    };
    assert_eq!(merged("- level: Metadata\n  <<: *x\n").rules[0].level, Level::None);
    assert_eq!(merged("- <<: *x\n  level: Metadata\n").rules[0].level, Level::Metadata);
    let list = merged("- <<: [*x, *y]\n");
    assert_eq!((list.rules[0].level, &list.rules[0].users), (Level::None, &vec!["z".into()]));
    for text in ["- <<: 1\n", "- <<: [1]\n", "- <<: *z\n", "- &a [*a]\n", "- ? [a]\n  : b\n", "- ~: a\n"] {
        assert_eq!(rejected(format!("{HEAD}rules:\n{text}").as_bytes()), ErrorKind::Syntax, "{text}");
    }
}

#[test]
fn documents_encodings_and_line_ends() {
    let policy = format!("{HEAD}rules:\n- level: Metadata\n");
    let plain = load(&policy);
    for text in [
        policy.replace('\n', "\r\n"),
        policy.replace('\n', "\r"),
        format!("\u{feff}{policy}"),
        format!("---\n{policy}"),
        format!("# first\n\n%YAML 1.1\n--- # second\n{policy}..."),
        format!("{policy}---\n!? not yaml"),
        format!("{policy}...\n[}}"),
        "{\"apiVersion\": \"audit.k8s.io/v1\", \"rules\": [{\"level\": \"Meta\\u0064ata\"}]}".to_owned(),
        "\n \t{\"rules\":[{\"level\":\"Metadata\"}],\"apiVersion\":\"audit.k8s.io/v1\"}\r\n".to_owned(),
    ] {
        assert_eq!(load(&text), plain, "{text}");
    }
    let little: Vec<u8> =
        [0xFEFF].into_iter().chain(policy.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = [0xFEFF].into_iter().chain(policy.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    for text in [&little, &big] {
        assert_eq!(policy::load(text).unwrap().policy, plain);
        assert_eq!(rejected(&text[..text.len() - 1]), ErrorKind::Encoding);
    }
    for text in ["", "\n", "# nothing\n", "---\n", "---\n---\n", "null", "~", "...\n"] {
        let kind = rejected(format!("{text}{}", if text == "---\n---\n" { &policy } else { "" }).as_bytes());
        assert!(matches!(kind, ErrorKind::Missing | ErrorKind::Syntax), "{text:?} {kind:?}");
    }
    assert_eq!(rejected(b"\0\x01"), ErrorKind::Encoding);
    assert_eq!(rejected(&[policy.as_bytes(), b"\xff"].concat()), ErrorKind::Encoding);
    assert_eq!(rejected(format!("%YAML 1.2\n---\n{policy}").as_bytes()), ErrorKind::Syntax);
}

#[test]
fn tabs_separate_but_do_not_indent() {
    load(&format!(
        "{HEAD}rules:\t\n- level:\tMetadata\t# a comment\n  users:\t[a,\tb]\n  verbs: [\n\t\tget]\n"
    ));
    for text in [
        "\t- level: Metadata\n",
        "-\tlevel: Metadata\n",
        "- level: Metadata\n\tusers: [a]\n",
        "- level: Metadata\n\t\n",
    ] {
        assert_eq!(rejected(format!("{HEAD}rules:\n{text}").as_bytes()), ErrorKind::Syntax, "{text:?}");
    }
}

/// encoding/json decodes a second member into what the first one left.
#[test]
fn repeated_members_of_json_are_merged() {
    let json = |rules: &str| {
        let loaded =
            policy::load(format!("{{\"apiVersion\":\"audit.k8s.io/v1\",{rules}}}").as_bytes()).unwrap();
        assert!(!loaded.warnings.is_empty());
        loaded.policy
    };
    let policy = json(
        r#""rules":[{"level":"None","users":["a","b"]}],"rules":[{"level":"Metadata"},{"level":"Request"}]"#,
    );
    assert_eq!(
        (policy.rules[0].level, policy.rules[0].users.len(), policy.rules.len()),
        (Level::Metadata, 2, 2)
    );
    let policy = json(
        r#""rules":[{"level":"None","level":null,"users":["a"],"users":[null,"b"],"verbs":["a"],"verbs":null}]"#,
    );
    assert_eq!(
        (policy.rules[0].level, policy.rules[0].users.join(","), policy.rules[0].verbs.len()),
        (Level::None, "a,b".into(), 0)
    );
}

/// A text that begins with a brace is JSON for Kubernetes, whatever it is.
#[test]
fn a_flow_mapping_is_no_policy() {
    for text in [
        "{apiVersion: audit.k8s.io/v1, rules: [{level: None}]}",
        "\u{a0}{\"rules\":[]}",
        "{} x",
        "{\"a\":01}",
        "{\"a\":\"\t\"}",
    ] {
        assert_eq!(rejected(text.as_bytes()), ErrorKind::Syntax, "{text}");
    }
}

#[test]
fn bombs_are_refused_and_depth_is_no_matter() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let before = level - 1;
        bomb += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{before}"); 10].join(", "));
    }
    assert_eq!(rejected(format!("{HEAD}{bomb}rules: []\n").as_bytes()), ErrorKind::Limit);
    // Aliases in a policy that a person wrote are far from that.
    let many: String = (0..50).map(|_| "- {level: None, users: *u}\n").collect();
    assert_eq!(load(&format!("{HEAD}rules:\n- level: None\n  users: &u [a, b, c]\n{many}")).rules.len(), 51);
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
        let deep = |levels: usize| {
            format!("{HEAD}x: {}{}\nrules:\n- level: None\n", open.repeat(levels), close.repeat(levels))
        };
        load(&deep(9_000));
        assert_eq!(rejected(deep(20_000).as_bytes()), ErrorKind::Limit);
    }
    let json = |levels: usize| {
        format!(
            "{{\"apiVersion\":\"audit.k8s.io/v1\",\"rules\":[{{\"level\":\"None\"}}],\"x\":{}{}}}",
            "[".repeat(levels),
            "]".repeat(levels)
        )
    };
    load(&json(9_000));
    assert_eq!(rejected(json(20_000).as_bytes()), ErrorKind::Limit);
    let block: String = (0..3_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    load(&format!("{HEAD}rules:\n- level: None\nx:\n {}", block.replace('\n', "\n ")));
}

/// Each finding holds the way to it; a deep text with one at every level must not multiply the two.
#[test]
fn findings_are_few_and_the_first_ones() {
    let deep = format!(
        "{{\"apiVersion\":\"audit.k8s.io/v1\",\"rules\":[{{\"level\":\"None\"}}],\"x\":{}1{}}}",
        "{\"a\":1,\"a\":".repeat(9_000),
        "}".repeat(9_000)
    );
    let warnings = policy::load(deep.as_bytes()).unwrap().warnings;
    assert_eq!(warnings.len(), 100);
    let wrong: String = (0..300).map(|_| "- level: none\n  verbs: [1]\n").collect();
    let rejected = policy::load(format!("{HEAD}rules:\n{wrong}").as_bytes()).unwrap_err();
    assert_eq!((rejected.errors.len(), rejected.errors[0].line()), (100, 5));
}
