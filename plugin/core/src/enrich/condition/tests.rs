//! The language, by examples.

use super::super::Reader;
use super::Truth::{False, True, Unknown};
use super::*;
use alloc::format;
use alloc::string::{String, ToString};

const EVENT: &str = r#"{"kind":"Event","level":"RequestResponse","stage":"ResponseComplete","verb":"create",
    "requestURI":"/api/v1/namespaces/shop/pods?fieldManager=kubectl",
    "user":{"username":"alice","groups":["dev","system:authenticated"],"extra":{"a.b/c":["x"]}},
    "sourceIPs":["203.0.113.9","10.0.0.7"],"userAgent":"kubectl\/v1.36",
    "objectRef":{"resource":"pods","namespace":"shop","apiVersion":"v1"},
    "responseStatus":{"metadata":{},"code":201},
    "requestObject":{"kind":"Pod","metadata":{"name":"web","labels":{"app":"web"}},"spec":{"hostNetwork":true,
        "priority":1e2,"token":"[REDACTED]","args":["a","[REDACTED]"],"none":null,"empty":[],
        "containers":[{"image":"a.example/x:1","ports":[{"hostPort":80}]},{"image":"b.example/y:2"}],
        "initContainers":[{"image":"c.example/z:3","securityContext":{"privileged":true}}]}},
    "requestReceivedTimestamp":"2026-11-20T07:39:11.366620Z","stageTimestamp":"2026-11-20T07:39:11.867120Z",
    "annotations":{"authorization.k8s.io/decision":"allow"}}"#;

fn evaluate(text: &str) -> Truth {
    let lists = Lists::new().with("admins", ["alice", "bob"]).with("nobody", [""; 0]);
    let condition = Condition::compile(text, &lists).unwrap_or_else(|error| panic!("{text}: {error}"));
    condition.evaluate(&mut Reader::default().read(EVENT.as_bytes()))
}

#[test]
fn comparisons() {
    for (text, expected) in [
        (r#"verb == "create""#, True),
        (r"verb == 'create'", True),
        (r#"verb != "create""#, False),
        (r#"verb in ["get", "create"]"#, True),
        (r#"verb not in ["get", "create"]"#, False),
        ("user.username in @admins", True),
        ("user.username in @nobody", False),
        ("user.username not in @nobody", True),
        (r#"user.groups == "dev""#, True),
        (r#"user.groups != "dev""#, False),
        (r#"user.groups[0] == "dev""#, True),
        (r#"user.groups[1] == "dev""#, False),
        (r#"user.groups[2] == "dev""#, Unknown),
        (r#"user.groups[*] startsWith "system:""#, True),
        (r#"user.extra["a.b/c"] == "x""#, True),
        (r#"userAgent startsWith "kubectl/""#, True),
        (r#"userAgent endsWith ["35", "36"]"#, True),
        (r#"userAgent not contains "curl""#, True),
        (r#"requestURI matches "/api/*/namespaces/*/pods?*""#, True),
        (r#"requestURI matches "/api/*/secrets*""#, False),
        ("user.username matches @admins", True),
        ("responseStatus.code == 201", True),
        ("responseStatus.code in [200, 201.0]", True),
        ("responseStatus.code >= 201 and responseStatus.code < 300", True),
        ("responseStatus.code > 201 or responseStatus.code <= 200", False),
        (r#"stageTimestamp > "2026-11-20T08:39:11.5+01:00""#, True),
        (r#"stageTimestamp startsWith "2026-11-20T07""#, True),
        ("requestObject.spec.hostNetwork", True),
        ("requestObject.spec.hostNetwork == true", True),
        ("requestObject.spec.hostNetwork != true", False),
        ("requestObject.spec.priority == 100", True),
        (r#"requestObject.spec.containers[*].image startsWith "b.""#, True),
        (r#"requestObject.spec.containers[0].image startsWith "b.""#, False),
        ("requestObject.spec.containers[*].ports[*].hostPort < 1024", True),
        (r#"requestObject["metadata"].labels.app == "web""#, True),
        ("pod.hostNetwork", True),
        ("container.securityContext.privileged", True),
        (r#"container.image startsWith "c.""#, True),
        (r#"annotations["authorization.k8s.io/decision"] == "allow""#, True),
        (r#"annotations["authorization.k8s.io/*"] == "allow""#, True),
        (r#"any requestObject.spec.containers[*] (image startsWith "a." and ports[*].hostPort == 80)"#, True),
        (r#"any requestObject.spec.containers (image startsWith "b." and ports[*].hostPort == 80)"#, Unknown),
        (r#"any container (image startsWith "b." and exists ports)"#, False),
        (r#"not any container (image startsWith "b." and exists ports) and verb == "create""#, True),
        (r#"any container (image startsWith "c." and (securityContext.privileged or image == "x"))"#, True),
        (r#"any requestObject.gone[*] (a == "b")"#, Unknown),
        ("requestObject.spec.none == null", True),
        ("requestObject.spec.none != null", False),
        (r#"requestObject.spec.none in ["a", null]"#, True),
        ("requestObject.spec.priority != null", True),
        ("requestObject.spec.gone == null", Unknown),
        ("requestObject.spec.empty == null", Unknown),
        (r#"any requestObject.spec.containers (any == "b")"#, Unknown),
    ] {
        assert_eq!(evaluate(text), expected, "{text}");
    }
}

#[test]
fn facts() {
    for (text, expected) in [
        (r#"action == "create""#, True),
        (r#"outcome == "allowed""#, True),
        (r#"actor.class == "human" and actor.name == "alice""#, True),
        (r#"actor.namespace == "x""#, Unknown),
        (r#"source.ip == "10.0.0.7""#, True),
        ("source.public", False),
        ("not source.public", True),
        ("latency_ms == 500.5", True),
        ("latency_ms > 500", True),
        (r#"target == "pods shop/*""#, True),
        ("dry_run or impersonated", False),
        (r#"command contains "x""#, Unknown),
        ("exists command", False),
        ("exists target", True),
    ] {
        assert_eq!(evaluate(text), expected, "{text}");
    }
}

#[test]
fn what_is_missing_is_unknown() {
    for (text, expected) in [
        // Missing, null, without items.
        (r#"requestObject.spec.gone == "a""#, Unknown),
        (r#"requestObject.spec.gone != "a""#, Unknown),
        (r#"not requestObject.spec.gone == "a""#, Unknown),
        (r#"requestObject.spec.none == "a""#, Unknown),
        (r#"requestObject.spec.empty == "a""#, Unknown),
        (r#"responseObject.kind == "a""#, Unknown),
        ("requestObject.spec.gone > 1", Unknown),
        // Hidden.
        (r#"requestObject.spec.token == "a""#, Unknown),
        (r#"requestObject.spec.token == "[REDACTED]""#, Unknown),
        (r#"requestObject.spec.token != "a""#, Unknown),
        (r#"requestObject.spec.args == "a""#, True),
        (r#"requestObject.spec.args == "b""#, Unknown),
        (r#"requestObject.spec.args != "b""#, Unknown),
        // Of another type.
        (r#"requestObject.spec.hostNetwork == "true""#, False),
        (r#"requestObject.spec.hostNetwork != "true""#, True),
        (r#"requestObject.spec.containers == "a""#, False),
        (r#"requestObject.spec == "a""#, False),
        (r#"requestObject.spec.hostNetwork contains "a""#, Unknown),
        ("requestObject.kind > 1", Unknown),
        // What Kubernetes leaves out because it is empty.
        (r#"objectRef.subresource == """#, True),
        (r#"objectRef.subresource != "exec""#, True),
        ("exists objectRef.subresource", False),
        (r#"impersonatedUser.username == """#, Unknown),
        (r#"user.uid == """#, Unknown),
        // Existence is never unknown.
        ("exists requestObject.spec.gone", False),
        ("exists requestObject.spec.none", False),
        ("exists requestObject.spec.empty", True),
        ("exists requestObject.spec.token", True),
        ("not exists responseObject", True),
        ("exists objectRef", True),
    ] {
        assert_eq!(evaluate(text), expected, "{text}");
    }
}

#[test]
fn three_values() {
    let (yes, no, unknown) = (r#"verb == "create""#, r#"verb == "x""#, r#"responseObject.x == "x""#);
    let all = [(yes, True), (no, False), (unknown, Unknown)];
    for (left, of_left) in all {
        assert_eq!(evaluate(&format!("not {left}")), of_left.not());
        assert_eq!(evaluate(&format!("not not ({left})")), of_left);
        for (right, of_right) in all {
            assert_eq!(evaluate(&format!("{left} and {right}")), of_left.min(of_right));
            assert_eq!(evaluate(&format!("{left} or {right}")), of_left.max(of_right));
            assert_eq!(evaluate(&format!("not ({left} and not {right})")), of_left.min(of_right.not()).not());
            for (third, of_third) in all {
                let text = format!("{left} or {right} and {third}");
                assert_eq!(evaluate(&text), of_left.max(of_right.min(of_third)), "{text}");
                let text = format!("({left} or {right}) and {third}");
                assert_eq!(evaluate(&text), of_left.max(of_right).min(of_third), "{text}");
            }
        }
    }
}

#[test]
fn mistakes() {
    let lists = Lists::new().with("admins", ["alice"]);
    for (text, expected) in [
        ("", "column 1: expected a field, a fact, `not`, `exists`, `any` or `(`, found the end"),
        ("verb = \"get\"", "column 6: expected an operator, found `=`; equality is `==`"),
        (
            "verb == get",
            "column 9: expected a value behind `==`, found `get`; texts stand in quotes: \"get\"",
        ),
        ("verb == \"get", "column 9: expected \" at the end of a text"),
        ("verb === \"get\"", "column 8: expected an operator, found `=`; equality is `==`"),
        ("verb =~ \"get\"", "column 6: expected an operator, found `=~`; patterns are `matches \"a*\"`"),
        ("verb == \"a\" && verb == \"b\"", "column 13: expected a word, found `&&`; write `and`"),
        ("!dry_run", "column 1: expected a word, found `!`; write `not`"),
        (
            "verb == \"a\" AND verb == \"b\"",
            "column 13: expected `and`, `or` or the end, found `AND`; did you mean `and`?",
        ),
        (
            "verb startswith \"a\"",
            "column 6: expected an operator, found `startswith`; did you mean `startsWith`?",
        ),
        ("verb is \"a\"", "column 6: expected an operator, found `is`; did you mean `in`?"),
        (
            "verb",
            "column 5: expected an operator, found the end; the operators are `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `startsWith`, `endsWith`, `contains`, `matches`",
        ),
        (
            "verb not \"a\"",
            "column 10: expected `in`, `startsWith`, `endsWith`, `contains`, `matches` behind `not`, found the text \"a\"",
        ),
        ("verbs == \"a\"", "column 1: expected a field or a fact, found `verbs`; did you mean `verb`?"),
        (
            "objectRef.resorce == \"a\"",
            "column 11: expected a member of `objectRef`, found `resorce`; did you mean `objectRef.resource`?",
        ),
        (
            "objectRef.x == \"a\"",
            "column 11: expected a member of `objectRef`, found `x`; it has `apiGroup`, `apiVersion`, `name`, `namespace`, `resource`, `resourceVersion`, `subresource`, `uid`",
        ),
        (
            "objectRef == \"a\"",
            "column 1: `objectRef` is an object, which cannot be compared; name a member of it, or ask `exists objectRef`",
        ),
        ("verb.x == \"a\"", "column 6: `verb` is a text: nothing is in it"),
        (
            "Password == \"a\"",
            "column 1: expected a field or a fact, found `Password`; fields are spelled as in the event, as `objectRef.resource` or `user.username`",
        ),
        ("action == \"exek\"", "column 11: `action` is never \"exek\"; did you mean \"exec\"?"),
        (
            "outcome in [\"denied\", \"forbidden\"]",
            "column 23: `outcome` is never \"forbidden\"; it is one of `allowed`, `denied`, `failed`, `error`",
        ),
        (
            "responseStatus.code == \"403\"",
            "column 24: `responseStatus.code` is a number: expected one; without quotes",
        ),
        (
            "responseStatus.code startsWith \"4\"",
            "column 21: `responseStatus.code` is a number: `startsWith` is for texts",
        ),
        ("verb == 7", "column 9: `verb` is a text: expected one; texts stand in quotes"),
        ("verb > 7", "column 6: `verb` is a text: it has no order"),
        (
            "dry_run == \"true\"",
            "column 12: `dry_run` is true or false: expected one; it is true or false, without quotes",
        ),
        (
            "stageTimestamp > \"yesterday\"",
            "column 18: expected a time, found the text \"yesterday\"; times are like \"2026-11-20T07:00:00Z\"",
        ),
        ("requestObject.x > true", "column 17: `requestObject` is anything: it has no order"),
        ("verb contains 7", "column 15: expected a text behind `contains`; in quotes"),
        ("verb == [\"a\"]", "column 9: expected a value behind `==`, found `[`; a list stands behind `in`"),
        (
            "verb in \"a\"",
            "column 9: expected a list behind `in`, found the text \"a\"; lists are `[\"a\", \"b\"]`, or `@name` for one with a name",
        ),
        ("verb in []", "column 10: expected a value, found `]`"),
        ("verb in [\"a\" \"b\"]", "column 14: expected `,` or `]`, found the text \"b\""),
        ("verb in @users", "column 9: expected the name of a list, found `@users`; there are `admins`"),
        ("verb in @", "column 9: expected the name of a list behind `@`"),
        ("(verb == \"a\"", "column 1: expected `)` for this `(`, found the end"),
        ("verb == \"a\")", "column 12: expected `and`, `or` or the end, found `)`"),
        (
            "verb == \"a\" and",
            "column 16: expected a field, a fact, `not`, `exists`, `any` or `(`, found the end",
        ),
        (
            "and verb == \"a\"",
            "column 1: expected a field, a fact, `not`, `exists`, `any` or `(`, found `and`",
        ),
        ("verb == \"a\" verb == \"b\"", "column 13: expected `and`, `or` or the end, found `verb`"),
        (
            "dry_run dry_run",
            "column 9: expected an operator, found `dry_run`; the operators are `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `startsWith`, `endsWith`, `contains`, `matches`",
        ),
        ("exists \"verb\"", "column 8: expected a field or a fact, found the text \"verb\""),
        (
            "annotations.[\"a\"] == \"b\"",
            "column 13: expected a name behind `.`, found `[`; names with other signs stand in brackets: `annotations[\"a.b/c\"]`",
        ),
        ("annotations[a] == \"b\"", "column 13: expected a name in quotes, a number or `*`, found `a`"),
        (
            "user.groups[-1] == \"b\"",
            "column 13: expected a name in quotes, a number or `*`, found the number -1",
        ),
        ("user.groups[0 == \"b\"", "column 15: expected `]`, found `==`"),
        (
            "verb == \"a\\n\"",
            "column 11: expected `\\\\`, `\\\"` or `\\'`, found another escape; a backslash is written twice",
        ),
        (
            "latency_ms > 5s",
            "column 14: expected a number, found `5s`; texts stand in quotes; numbers are like 403 or 0.5",
        ),
        ("verb == null", "column 9: `verb` is a text, and never `null`; ask `not exists verb`"),
        (
            "requestObject.a contains null",
            "column 26: expected a value behind `contains`, found `null`; ask `exists`",
        ),
        ("latency_ms > null", "column 14: expected a value behind `>`, found `null`; ask `exists`"),
        ("any requestObject.a", "column 20: expected `(` and a condition about each item, found the end"),
        (
            "any verb (a == 1)",
            "column 5: expected a path into a body; it is for what holds objects: `any requestObject.rules[*] (…)`, `any container (…)`",
        ),
        ("any container (any a (b == 1))", "column 16: expected no `any` within another"),
        ("any container (image == 1", "column 15: expected `)` for this `(`, found the end"),
        ("any container ()", "column 16: expected a field, a fact, `not`, `exists`, `any` or `(`, found `)`"),
        ("container == \"a\"", "column 1: expected a member of `container`; as `container.image`"),
        ("verb == \"é\" ¿", "column 13: expected a word, found `¿`"),
    ] {
        let error =
            Condition::compile(text, &lists).map(|_| String::new()).map_err(|error| error.to_string());
        assert_eq!(error, Err(expected.to_string()), "{text}");
    }
}

/// What the operations of a JSON Patch write is asked like any body.
#[test]
fn patches_are_asked_for_what_they_write() {
    let event = r#"{"verb":"patch","requestObject":[{"op":"test","path":"/spec/hostIPC","value":true},
        {"op":"add","path":"/spec/template/spec/hostPID","value":true},{"op":"remove","path":"/spec/paused"},
        {"op":"replace","path":"/spec/template/spec/containers/1/image","value":"a:2"},
        {"op":"add","path":"/spec/template/spec/containers/-","value":{"image":"b:1","ports":[{"hostPort":80}]}},
        {"op":"add","path":"/spec/template/spec/volumes/0/hostPath/path","value":"/etc"},
        {"op":"add","path":"/metadata/labels/a.b~1c~0d","value":"x"},{"op":"add","path":"/rules/0/verbs/-","value":"*"},
        {"op":"add","path":"/rules/1","value":{"verbs":["get"],"resources":["secrets"]}},
        {"op":"add","path":"/none","value":null},{"op":"add","path":"/token","value":"[REDACTED]"}]}"#;
    let mut reader = Reader::default();
    for (text, expected) in [
        ("pod.hostPID", True),
        ("requestObject.spec.template.spec.hostPID == true", True),
        ("pod.hostIPC", Unknown),
        (r#"requestObject.metadata == "x""#, False),
        ("exists requestObject.spec.paused", False),
        (r#"container.image == "a:2""#, True),
        (r#"container.image == "b:1""#, True),
        ("container.ports[*].hostPort == 80", True),
        // The place of an item is not what it is in the object.
        (r#"requestObject.spec.template.spec.containers[0].image startsWith "a""#, True),
        (r#"requestObject.spec.template.spec.containers[1].image startsWith "a""#, Unknown),
        (r#"any container (image == "b:1" and ports[*].hostPort == 80)"#, True),
        // As of any patch: what it does not name is not there.
        (r#"any container (image == "a:2" and ports[*].hostPort == 80)"#, Unknown),
        ("exists pod.volumes[*].hostPath", True),
        ("exists pod.volumes[*].emptyDir", False),
        (r#"pod.volumes[*].hostPath.path == "/etc""#, True),
        (r#"pod.volumes[*].hostPath == "x""#, False),
        (r#"requestObject.metadata.labels["a.b/c~d"] == "x""#, True),
        (r#"requestObject.metadata.labels["a.*"] == "x""#, True),
        (r#"requestObject.rules[*].verbs == "*""#, True),
        (r#"any requestObject.rules[*] (verbs == "*" and resources == "secrets")"#, Unknown),
        (r#"any requestObject.rules[*] (verbs == "get" and resources == "secrets")"#, True),
        ("requestObject.none == null", True),
        ("exists requestObject.none", False),
        (r#"requestObject.token == "x""#, Unknown),
        ("exists requestObject.token", True),
        (r#"requestObject[*].op == "remove""#, True),
        (r#"any requestObject[*] (op == "remove" and path == "/spec/paused")"#, True),
        ("exists requestObject[0].value", True),
    ] {
        let condition = Condition::compile(text, &Lists::new()).unwrap();
        assert_eq!(condition.evaluate(&mut reader.read(event.as_bytes())), expected, "{text}");
    }
}

#[test]
fn limits_are_told() {
    let compile = |text: String| {
        Condition::compile(&text, &Lists::new()).map(|_| ()).map_err(|error| error.to_string())
    };
    let deep = |levels: usize| format!("{}dry_run{}", "(".repeat(levels), ")".repeat(levels));
    assert_eq!(compile(deep(64)), Ok(()));
    assert!(compile(deep(65)).unwrap_err().starts_with("column 65: expected at most 64 levels"));
    assert!(compile("not ".repeat(65) + "dry_run").unwrap_err().contains("at most 64 levels"));
    assert!(compile(deep(20_000)).unwrap_err().contains("at most 16384 bytes"));
    assert!(
        compile(format!("requestObject{} == 1", ".a".repeat(40))).unwrap_err().contains("at most 24 parts")
    );
    assert_eq!(compile(format!("requestObject{} == 1", ".a".repeat(23))), Ok(()));
    assert_eq!(compile(format!("container{} == 1", ".a".repeat(23))), Ok(()));
}

#[test]
fn nesting_and_long_chains_evaluate() {
    let deep = format!("{}dry_run{}", "not (".repeat(32), ")".repeat(32));
    assert_eq!(evaluate(&deep), False);
    let mixed = format!("{}dry_run{}", r#"verb == "create" and ("#.repeat(30), ")".repeat(30));
    assert_eq!(evaluate(&mixed), False);
    let chain = ["dry_run"; 1000].join(" or ");
    assert_eq!(evaluate(&chain), False);
    assert_eq!(evaluate(&format!(r#"{chain} or verb == "create""#)), True);
}

#[test]
fn members_that_stand_twice_are_two_values() {
    let event = r#"{"verb":"get","Verb":"list","requestObject":{"a":1,"a":2},"user":{"Username":"x"}}"#;
    let evaluate = |text: &str| {
        let condition = Condition::compile(text, &Lists::new()).unwrap();
        condition.evaluate(&mut Reader::default().read(event.as_bytes()))
    };
    assert_eq!(evaluate(r#"verb == "get" and verb == "list""#), True);
    assert_eq!(evaluate("requestObject.a == 1 and requestObject.a == 2"), True);
    assert_eq!(evaluate(r#"user.username == "x""#), True);
}
