//! What becomes of a hidden value by the configuration: removed, signed, kept. Every answer is filtered again.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use auditveil_core::{Filter, Key, Outcome, Settings, config};

const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

fn filter(configuration: &str) -> Filter {
    let mut config = config::load(configuration.as_bytes()).unwrap_or_else(|error| panic!("{error}")).config;
    // What is added to events is tested elsewhere.
    (config.enrich.facts, config.enrich.detections) = (false, config::Detections::None);
    Filter::with_settings(Settings::with_key(&config, Some(&Key::from_file(KEY).unwrap())).unwrap())
}

/// The answer without its stamp, and the stamp.
fn answer(configuration: &str, record: &str) -> (String, String) {
    let mut filter = filter(configuration);
    let (mut out, mut again) = (Vec::new(), Vec::new());
    assert_eq!(filter.process(record.as_bytes(), &mut out), Outcome::Emitted, "{record}");
    filter.process(&out, &mut again);
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text, String::from_utf8(again).unwrap(), "a second pass; {configuration}: {record}");
    let _: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let (event, stamp) = text.rsplit_once("\"auditveil\":").unwrap();
    (event.trim_end_matches(',').to_owned() + "}", stamp.strip_suffix('}').unwrap().to_owned())
}

/// The body of a request about a Secret, as it comes out.
fn secret(configuration: &str, body: &str) -> String {
    body_of(configuration, r#"{"resource":"secrets","namespace":"prod","name":"s"}"#, body)
}

fn body_of(configuration: &str, object: &str, body: &str) -> String {
    let head = format!(r#"{{"auditID":"a","verb":"create","objectRef":{object}"#);
    let (event, _) = answer(configuration, &format!(r#"{head},"requestObject":{body}}}"#));
    let rest = event.strip_prefix(&head).unwrap_or_else(|| panic!("{event}")).trim_start_matches(',');
    let rest = rest.strip_prefix("\"requestObject\":").unwrap_or(rest);
    rest.strip_suffix('}').unwrap_or(rest).to_owned()
}

const REMOVE: &str = "redact: {action: remove}";
const HMAC: &str = "redact: {action: hmac, hmac: {key_id: k1, key_file: key}}";
const LABELLED: &str = "redact: {action: hmac, hmac: {key_id: k1, key_file: key, per_namespace: true}}";

#[test]
fn remove_takes_the_member_and_one_comma() {
    for (body, left) in [
        (r#"{"kind":"Secret","data":{"a":"eA==","b":"eQ=="}}"#, r#"{"kind":"Secret","data":{}}"#),
        (r#"{"kind":"Secret","x":1,"data":{}}"#, r#"{"kind":"Secret","data":{}}"#),
        (r#"{"x":{"y":1},"kind":"Secret"}"#, r#"{"kind":"Secret"}"#),
        (r#"{"kind":"Secret","x":[1]}"#, r#"{"kind":"Secret"}"#),
        (r#"{"x":1,"kind":"Secret","y":"2","z":null}"#, r#"{"kind":"Secret"}"#),
        (r#"{"x":1,"y":2}"#, "{}"),
        (r#"{ "x" : 1 , "kind" : "Secret" , "y" : 2 }"#, r#"{ "kind" : "Secret" }"#),
        (
            r#"{"metadata":{"name":"s","hunter2":"x","labels":{"a":"b","c":1}}}"#,
            r#"{"metadata":{"name":"s","labels":{"a":"b"}}}"#,
        ),
        // What an object is recognised by stays, as a mask.
        (r#"{"data":"x","kind":"Secret"}"#, r#"{"data":"[REDACTED]","kind":"Secret"}"#),
        (r#"{"stringData":[1],"metadata":3}"#, r#"{"stringData":[],"metadata":null}"#),
        // In an array the mask, so that what is behind it stays where it was.
        (
            r#"{"metadata":{"finalizers":["a",1,{"b":2},"c"]}}"#,
            r#"{"metadata":{"finalizers":["a",null,{},"c"]}}"#,
        ),
    ] {
        assert_eq!(secret(REMOVE, body), left, "{body}");
    }
}

#[test]
fn remove_inside_of_text_in_text() {
    let annotations = |text: &str| {
        let text = serde_json::to_string(text).unwrap();
        format!(
            r#"{{"metadata":{{"annotations":{{"kubectl.kubernetes.io/last-applied-configuration":{text},"x":"y"}}}}}}"#
        )
    };
    for (copy, left) in [
        (r#"{"data":{"a":"x","b":"y"},"kind":"Secret"}"#, r#"{"data":{},"kind":"Secret"}"#),
        (
            "{\"data\":{\"a\":\"\\u0022\\n\"},\n\"kind\":\"Secret\"}\n",
            "{\"data\":{},\n\"kind\":\"Secret\"}\n",
        ),
    ] {
        let left = annotations(left).replace(r#","x":"y""#, "");
        assert_eq!(secret(REMOVE, &annotations(copy)), left, "{copy}");
    }
    // Three levels.
    let manifest = r#"{"kind":"Secret","data":{"a":"x"},"y":{"b":"c"},"type":"Opaque"}"#;
    let hidden = r#"{"kind":"Secret","data":{},"type":"Opaque"}"#;
    let nested = |text: &str| {
        let quote = |text: &str| serde_json::to_string(text).unwrap();
        let inner = quote(&format!(r#"{{"m":{},"k":"v"}}"#, quote(text)));
        format!(r#"{{"spec":{{"t":{inner},"u":1}}}}"#)
    };
    let found = body_of(REMOVE, r#"{"resource":"configmaps"}"#, &nested(manifest));
    assert_eq!(found, nested(hidden));
}

/// JSON amid prose is opened too, wherever it begins.
#[test]
fn actions_reach_into_prose() {
    let manifest = r#"{"kind":"Secret","data":{"a":"aHVudGVyMg=="},"stringData":{"b":"hunter2"}}"#;
    let text = |first: &str, second: &str| {
        format!(
            r#"{{"motd":{}}}"#,
            serde_json::to_string(&format!("see \"this\": {first} and {second}.")).unwrap()
        )
    };
    let record = text(manifest, manifest);
    let object = r#"{"resource":"configmaps"}"#;
    let removed = r#"{"kind":"Secret","data":{},"stringData":{}}"#;
    assert_eq!(body_of(REMOVE, object, &record), text(removed, removed));
    let signed = "hmac:k1:3920d54ec70f500ee54e1da041d2364a";
    let signed = format!(r#"{{"kind":"Secret","data":{{"a":"{signed}"}},"stringData":{{"b":"{signed}"}}}}"#);
    assert_eq!(body_of(HMAC, object, &record), text(&signed, &signed));
    // Lines of JSON.
    let lines = |lines: &str| {
        format!(r#"{{"motd":{}}}"#, serde_json::to_string(&lines.replace("\\n", "\n")).unwrap())
    };
    let of = |manifest: &str| lines(&format!(r#"{{"note":"x"}}\n{manifest}\n{manifest}"#));
    assert_eq!(body_of(REMOVE, object, &of(manifest)), of(removed));
    assert_eq!(body_of(HMAC, object, &of(manifest)), of(&signed));
    // What is cut there is masked.
    let cut = manifest.get(..20).unwrap();
    let found = body_of(REMOVE, object, &text(manifest, cut));
    assert!(found.contains(r#"{\"kind\":\"Secret\",\"data\":{},"#) && !found.contains("hunter2"), "{found}");
}

/// Numbers that no double holds become strings, whatever else is done.
#[test]
fn numbers_beyond_a_double_are_no_hindrance() {
    let found = body_of(
        REMOVE,
        r#"{"resource":"configmaps"}"#,
        r#"{"a":1e400,"kind":"Secret","data":{"p":"eA=="},"b":[1e999,{"c":1e400}]}"#,
    );
    assert!(!found.contains("eA=="), "{found}");
    let found = body_of(
        REMOVE,
        r#"{"resource":"configmaps"}"#,
        r#"{"a":1e400,"m":{"kind":"Secret","data":{"p":"eA=="}},"b":[1e999]}"#,
    );
    assert_eq!(found, r#"{"a":"1e400","m":{"kind":"Secret","data":{}},"b":["1e999"]}"#);
}

#[test]
fn whole_bodies_go_and_what_tells_of_the_event_stays() {
    let object = r#"{"resource":"oauthaccesstokens","apiGroup":"oauth.openshift.io","name":"s3cret-token"}"#;
    assert_eq!(body_of(REMOVE, r#"{"resource":"secrets"}"#, r#""hunter2""#), "");
    let record = format!(
        r#"{{"auditID":"a","verb":"get","requestURI":"/x?token=hunter2&y=1","objectRef":{object},"responseObject":{{"a":"b"}},"stage":"ResponseComplete"}}"#
    );
    let (event, stamp) = answer(REMOVE, &record);
    assert_eq!(
        event,
        r#"{"auditID":"a","verb":"get","requestURI":"/x?token=[REDACTED]&y=1","objectRef":{"resource":"oauthaccesstokens","apiGroup":"oauth.openshift.io","name":"[REDACTED]"},"stage":"ResponseComplete"}"#
    );
    assert_eq!(
        stamp,
        r#"{"version":"1","redacted":{"uri":1,"oauth_token":2},"actions":{"oauth_token":"remove"}}"#
    );
}

/// What the policy takes away and what is removed share no comma.
#[test]
fn remove_beside_managed_fields() {
    let configuration = "redact: {action: remove}\npolicy:\n  apiVersion: audit.k8s.io/v1\n  omitManagedFields: true\n  rules: [{level: RequestResponse}]\n";
    for (metadata, left) in [
        (r#"{"a":1,"managedFields":[],"x":"hunter2"}"#, "{}"),
        (r#"{"name":"n","x":"hunter2","managedFields":[]}"#, r#"{"name":"n"}"#),
        (r#"{"name":"n","managedFields":[],"x":"hunter2"}"#, r#"{"name":"n"}"#),
        (r#"{"x":"hunter2","managedFields":[],"name":"n"}"#, r#"{"name":"n"}"#),
        (
            r#"{"managedFields":[],"x":"hunter2","managedFields":[{}],"name":"n","y":{"z":1}}"#,
            r#"{"name":"n"}"#,
        ),
        (r#"{"managedFields":[],"name":"n","managedFields":[{"manager":"m","x":1}]}"#, r#"{"name":"n"}"#),
    ] {
        let record = format!(
            r#"{{"auditID":"a","level":"RequestResponse","verb":"create","objectRef":{{"resource":"secrets"}},"requestObject":{{"metadata":{metadata}}}}}"#
        );
        let (event, _) = answer(configuration, &record);
        let left = record.replace(metadata, left);
        assert_eq!(event, left);
    }
}

#[test]
fn equal_values_have_equal_digests_however_they_are_spelled() {
    // printf hunter2 | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
    let found_digest = "hmac:k1:3920d54ec70f500ee54e1da041d2364a";
    let found = secret(HMAC, r#"{"data":{"p":"aHVudGVyMg=="},"stringData":{"p":"hunter2"}}"#);
    assert_eq!(
        found,
        format!(r#"{{"data":{{"p":"{found_digest}"}},"stringData":{{"p":"{found_digest}"}}}}"#)
    );
    let spelled =
        secret(HMAC, r#"{"d\u0061ta":{"p":"aHVudGVy\u004dg=="},"stringData":{"p":"\u0068unter2"}}"#);
    assert_eq!(spelled.matches(found_digest).count(), 2, "{spelled}");
    let operations = r#"[{"op":"add","path":"/data/p","value":"aHVudGVyMg=="},{"value":"hunter2","path":"/stringData/p","op":"add"}]"#;
    let patch = format!(
        r#"{{"auditID":"a","verb":"patch","objectRef":{{"resource":"secrets"}},"requestObject":{operations}}}"#
    );
    let (event, stamp) = answer(HMAC, &patch);
    assert_eq!(event.matches(found_digest).count(), 2, "{event}");
    assert_eq!(stamp, r#"{"version":"1","redacted":{"secret.patch":2},"actions":{"secret.patch":"hmac"}}"#);
    // Types stay what they are.
    let typed = secret(HMAC, r#"{"data":{"p":1,"q":null},"x":{"y":1},"z":[1]}"#);
    let name = "hmac:k1:";
    assert_eq!(typed.matches(name).count(), 2, "{typed}");
    assert!(
        typed.contains(r#""p":null,"q":null"#) && typed.contains(":{},") && typed.ends_with(":[]}"),
        "{typed}"
    );
}

/// What digests an event has.
fn digests(event: &str) -> Vec<&str> {
    event.match_indices("hmac:k1:").filter_map(|(at, _)| event.get(at..at + 40)).collect()
}

#[test]
fn a_label_is_the_namespace_of_the_request_or_what_the_server_says() {
    const SECRET: &str = r#"{"data":{"p":"aHVudGVyMg=="}}"#;
    let of = |member: &str, object: &str, body: &str| {
        let record = format!(r#"{{"auditID":"a","verb":"get","objectRef":{object},"{member}":{body}}}"#);
        let (event, _) = answer(LABELLED, &record);
        let found: Vec<String> = digests(&event).into_iter().map(str::to_owned).collect();
        found
    };
    let (request, response) = ("requestObject", "responseObject");
    let in_namespace = |name: &str| format!(r#"{{"resource":"secrets","namespace":"{name}"}}"#);
    let all = r#"{"resource":"secrets"}"#;
    // printf hunter2 | openssl dgst -sha256 -hmac $KEY -binary | { printf 'prod\0'; cat; } | openssl dgst -sha256 -hmac $KEY
    let in_prod = of(request, &in_namespace("prod"), SECRET);
    assert_eq!(in_prod, ["hmac:k1:4ff66d216b70f34fd3c909ba2bcf9653"]);
    let in_test = of(request, &in_namespace("test"), SECRET);
    let nowhere = of(request, all, SECRET);
    assert!(in_prod != in_test && in_prod != nowhere && in_test != nowhere);
    // What a client writes decides nothing.
    let claimed = SECRET.replace("{\"data", r#"{"metadata":{"namespace":"prod"},"data"#);
    assert_eq!(of(request, all, &claimed), nowhere);
    assert_eq!(of(request, &in_namespace("test"), &claimed), in_test);
    assert_eq!(of(response, &in_namespace("test"), &claimed), in_test);
    assert_eq!(of(response, all, &claimed), in_prod);
    let nested = r#"{"spec":{"kind":"Secret","metadata":{"namespace":"prod"},"data":{"p":"aHVudGVyMg=="}}}"#;
    assert_eq!(of(response, r#"{"resource":"widgets","apiGroup":"x"}"#, nested), nowhere);
    // A list of all namespaces, in which `metadata` stands behind `data` in some items, and a copy in a text.
    let copy = serde_json::to_string(SECRET).unwrap();
    let annotations =
        format!(r#""annotations":{{"kubectl.kubernetes.io/last-applied-configuration":{copy}}}"#);
    let list = format!(
        r#"{{"kind":"SecretList","items":[{{"data":{{"p":"aHVudGVyMg=="}},"metadata":{{"namespace":"prod",{annotations}}}}},{SECRET},{{"metadata":{{"namespace":"test"}},"stringData":{{"p":"hunter2"}}}}]}}"#
    );
    let expected = [&in_prod, &in_prod, &nowhere, &in_test].map(|digests| digests[0].clone());
    assert_eq!(of(response, all, &list), expected);
    let table = r#"{"kind":"Table","rows":[{"object":{"data":{"p":"aHVudGVyMg=="},"metadata":{"namespace":"prod"}}}]}"#;
    assert_eq!(of(response, all, table), in_prod);
}

#[test]
fn classes_say_otherwise() {
    let record = r#"{"auditID":"a","verb":"get","requestURI":"/x?token=hunter2","objectRef":{"resource":"secrets"},"responseObject":{"data":{"p":"eA=="}}}"#;
    let (event, stamp) = answer("redact: {action: remove, classes: {uri: keep}}", record);
    assert!(event.contains("token=hunter2") && event.contains(r#""data":{}"#), "{event}");
    assert_eq!(
        stamp,
        r#"{"version":"1","redacted":{"secret.data.*":1},"actions":{"secret.data.*":"remove"},"kept":{"uri":1}}"#
    );
    let (event, _) = answer("redact: {classes: {uri: hmac}, hmac: {key_id: k1, key_file: key}}", record);
    assert!(event.contains("/x?token=hmac:k1:") && event.contains(r#""p":"[REDACTED]""#), "{event}");
    let (event, _) =
        answer("redact: {action: hmac, classes: {uri: auto}, hmac: {key_id: k1, key_file: key}}", record);
    assert_eq!(event.matches("hmac:k1:").count(), 2, "{event}");
    // A percent sign spells the same token.
    let digest = |uri: &str| {
        let (event, _) = answer(
            "redact: {classes: {uri: hmac}, hmac: {key_id: k1, key_file: key}}",
            &format!(r#"{{"auditID":"a","verb":"get","requestURI":"{uri}"}}"#),
        );
        event.split_once("hmac:k1:").unwrap().1.to_owned()
    };
    assert_eq!(digest("/x?token=hunter2"), digest("/x?token=h%75nter2"));
}

#[test]
fn exceptions_stay_and_are_told() {
    let configuration = r#"
redact:
  keep:
  - {resource: events, path: message, namespace: prod, reason: "rollouts are read from them"}
  - {resource: pods/status, path: status.conditions.*.message, reason: "probes"}
  - {resource: widgets.example.com, path: 'items\.x.0.message', reason: "a name with a point"}
"#;
    let text = r#"Invalid value: \"hunter2\": no"#;
    let event = |object: &str, body: String| {
        format!(
            r#"{{"auditID":"a","verb":"update","objectRef":{object},"requestObject":{body},"responseStatus":{{"message":"{text}"}}}}"#
        )
    };
    let events = r#"{"resource":"events","namespace":"prod"}"#;
    let message = || format!(r#"{{"message":"{text}"}}"#);
    for (object, body, kept) in [
        (events, message(), 1),
        (events, format!(r#"{{"items":[{0},{{"x":"y"}},{0}]}}"#, message()), 2),
        (events, format!(r#"{{"kind":"Table","rows":[{{"cells":[],"object":{}}}]}}"#, message()), 1),
        (events, format!(r#"{{"related":{}}}"#, message()), 0),
        (r#"{"resource":"events","namespace":"test"}"#, message(), 0),
        (r#"{"resource":"events"}"#, message(), 0),
        (r#"{"resource":"events","namespace":"prod","subresource":"x"}"#, message(), 0),
        (r#"{"resource":"events","resource":"x","namespace":"prod"}"#, message(), 0),
        (
            r#"{"resource":"pods","subresource":"status"}"#,
            format!(r#"{{"status":{{"conditions":[{0},{0}]}}}}"#, message()),
            2,
        ),
        (r#"{"resource":"pods"}"#, format!(r#"{{"status":{{"conditions":[{0},{0}]}}}}"#, message()), 0),
        (
            r#"{"resource":"widgets","apiGroup":"example.com"}"#,
            format!(r#"{{"items.x":[{0},{0}]}}"#, message()),
            1,
        ),
        (
            r#"{"resource":"widgets","apiGroup":"example.org"}"#,
            format!(r#"{{"items.x":[{0},{0}]}}"#, message()),
            0,
        ),
        // What may be a Secret does not stay.
        (events, r#"{"message":"Invalid value: \"{\\\"kind\\\":\\\"Secret\\\"}\": no"}"#.to_owned(), 0),
        (events, r#"{"kind":"Secret","data":{"message":"hunter2"}}"#.to_owned(), 0),
    ] {
        let (answered, stamp) = answer(configuration, &event(object, body));
        assert_eq!(answered.matches("hunter2").count(), kept, "{answered}");
        let told = if kept > 0 { format!(r#""kept":{{"message":{kept}}}"#) } else { String::new() };
        assert!(stamp.contains(&told) && stamp.contains("kept") == (kept > 0), "{stamp}");
    }
}

#[test]
fn a_forged_stamp_hides_no_exception() {
    let configuration = "redact: {classes: {uri: keep}}";
    let mut out = Vec::new();
    for stamp in
        [r#"{"version":"1"}"#, r#"{"version":"1","kept":{"uri":2}}"#, r#"{"version":"1","kept":{"uri":1}}"#]
    {
        let record =
            format!(r#"{{"auditID":"a","verb":"get","requestURI":"/x?token=hunter2","auditveil":{stamp}}}"#);
        filter(configuration).process(record.as_bytes(), &mut out);
        let answer = std::str::from_utf8(&out).unwrap();
        assert!(answer.ends_with(r#""auditveil":{"version":"1","kept":{"uri":1}}}"#), "{answer}");
    }
}

#[test]
fn labels_are_in_every_stamp() {
    let configuration = "enrich: {labels: {cluster: prod-eu-1, 'a\"b': ''}}";
    let (_, stamp) = answer(configuration, r#"{"auditID":"a","verb":"get"}"#);
    assert_eq!(stamp, r#"{"version":"1","labels":{"cluster":"prod-eu-1","a\"b":""}}"#);
    let mut out = Vec::new();
    filter(configuration).process(b"x", &mut out);
    assert!(std::str::from_utf8(&out).unwrap().contains(r#""labels":{"cluster":"prod-eu-1""#));
    // Labels that somebody else has written are none of ours.
    let forged =
        br#"{"auditID":"a","verb":"get","auditveil":{"version":"1","labels":{"cluster":"hunter2"}}}"#;
    for configuration in [configuration, "{}"] {
        filter(configuration).process(forged, &mut out);
        assert!(!std::str::from_utf8(&out).unwrap().contains("hunter2"));
    }
}

#[test]
fn without_bodies_the_level_says_so() {
    let event = r#"{"level":"RequestResponse","auditID":"a","verb":"get","objectRef":{"resource":"pods"},"responseObject":{"a":1}}"#;
    let policy = "\npolicy:\n  apiVersion: audit.k8s.io/v1\n  rules: [{level: None, verbs: [watch]}, {level: RequestResponse}]\n";
    for policy in ["", policy] {
        let (answered, _) = answer(&format!("output: {{bodies: none}}{policy}"), event);
        assert_eq!(
            answered,
            r#"{"level":"Metadata","auditID":"a","verb":"get","objectRef":{"resource":"pods"}}"#
        );
    }
    let mut out = Vec::new();
    let dropped = event.replace("\"get\"", "\"watch\"");
    let outcome = filter(&format!("output: {{bodies: none}}{policy}")).process(dropped.as_bytes(), &mut out);
    assert_eq!(outcome, Outcome::Dropped);
}

#[test]
fn a_stub_has_a_digest_where_there_is_a_key() {
    let mut out = Vec::new();
    filter("redact: {hmac: {key_id: k1, key_file: key}}").process(b"not an event", &mut out);
    let stub = String::from_utf8(out.clone()).unwrap();
    assert!(stub.contains(r#""stub":{"reason":"not_an_object","length":1024,"digest":"hmac:k1:"#), "{stub}");
    let mut again = Vec::new();
    filter("redact: {hmac: {key_id: k1, key_file: key}}").process(&out, &mut again);
    assert_eq!(out, again);
    filter(REMOVE).process(b"not an event", &mut out);
    assert!(!std::str::from_utf8(&out).unwrap().contains("digest"));
}

#[test]
fn nothing_tells_the_key() {
    let config = config::load(HMAC.as_bytes()).unwrap().config;
    let key = Key::from_file(KEY).unwrap();
    let settings = Settings::with_key(&config, Some(&key)).unwrap();
    let shown = format!("{key:?} {settings:?} {:?}", Filter::with_settings(settings.clone()));
    let listed = KEY.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    assert!(!shown.contains("0123456789abcdef") && !shown.contains(listed.get(..20).unwrap()), "{shown}");
    assert!(Settings::with_key(&config, None).unwrap_err().to_string().contains("key"));
}
