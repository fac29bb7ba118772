//! The policy in the filter: what becomes of events, by the decisions of Kubernetes' own code
//! (`tests/vectors/PROVENANCE.md`) and by hand.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking, in its helpers too"
)]

use auditveil_core::{Fault, Filter, Outcome, Settings, config, policy};
use serde_json::{Value, json};
use std::path::PathBuf;

fn vectors(name: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors").join(name);
    let packed = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = Vec::new();
    lzma_rs::xz_decompress(&mut packed.as_slice(), &mut text).unwrap();
    text.split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

fn filter(policy: &str) -> Filter {
    let loaded = policy::load(policy.as_bytes()).unwrap_or_else(|error| panic!("{policy}\n{error}"));
    Filter::with_settings(Settings::from_policy(&loaded.policy))
}

/// The answer without its stamp; none if the record is dropped.
fn answer(filter: &mut Filter, event: &str) -> Option<String> {
    let mut out = Vec::new();
    match filter.process(event.as_bytes(), &mut out) {
        Outcome::Dropped => {
            assert_eq!(out, b"", "{event}");
            None
        }
        Outcome::Emitted => {
            let text = String::from_utf8(out.clone()).unwrap();
            serde_json::from_str::<Value>(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let mut again = Vec::new();
            assert_eq!(filter.process(&out, &mut again), Outcome::Emitted, "{text}");
            assert_eq!(String::from_utf8(again).unwrap(), text, "the second pass over {event}");
            let stamp = text.rfind(",\"auditveil\":").unwrap();
            Some(text[..stamp].to_owned() + "}")
        }
        Outcome::Stubbed(reason) => panic!("{event}: {reason:?}"),
    }
}

/// The bodies that the server would have logged: a list with a Table's rows beside, as no server has it.
fn with_bodies(event: &Value, stage: &str) -> Value {
    let managed = json!([{ "manager": "kubectl", "fieldsV1": { "f:metadata": {} } }]);
    let object = |name: &str| json!({ "metadata": { "name": name, "managedFields": managed } });
    let mut event = event.clone();
    event["level"] = json!("RequestResponse");
    event["stage"] = json!(stage);
    let mut request = object("a");
    request["kind"] = json!("Pod");
    event["requestObject"] = request;
    event["responseObject"] = json!({ "kind": "PodList", "items": [object("b"), object("c")] });
    event
}

#[test]
fn keeps_of_an_event_what_kubernetes_would_have_logged() {
    let mut seen = [0_u32; 4];
    for file in ["v1.36/policy-vectors.jsonl.xz", "v1.20/policy-vectors.jsonl.xz"] {
        for vector in vectors(file) {
            let id = &vector["id"];
            let mut filter = filter(vector["policy"].as_str().unwrap());
            let omitted: Vec<&Value> = vector["omitStages"].as_array().into_iter().flatten().collect();
            for stage in ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"] {
                let event = with_bodies(&vector["event"], stage);
                let found = answer(&mut filter, &event.to_string());
                // White space takes another way to the same decision than what an apiserver writes.
                let spread = answer(&mut filter, &serde_json::to_string_pretty(&event).unwrap());
                let value = |text: &Option<String>| text.as_ref().map(|text| text.parse::<Value>().unwrap());
                assert_eq!(value(&spread), value(&found), "{file} {id} {stage}");
                let level = vector["level"].as_str().unwrap();
                if level == "None" || omitted.contains(&&json!(stage)) {
                    assert_eq!(found, None, "{file} {id} {stage}");
                    seen[0] += 1;
                    continue;
                }
                let mut expected = event.clone();
                let members = expected.as_object_mut().unwrap();
                members.insert("level".to_owned(), json!(level));
                if level != "RequestResponse" {
                    members.remove("responseObject");
                }
                if level == "Metadata" {
                    members.remove("requestObject");
                }
                if vector["omitManagedFields"] == json!(true) {
                    let remove = |object: &mut Value| {
                        object["metadata"].as_object_mut().unwrap().remove("managedFields").unwrap();
                    };
                    if event["verb"] != json!("patch") {
                        members.get_mut("requestObject").map(remove);
                    }
                    if let Some(list) = members.get_mut("responseObject") {
                        list["items"].as_array_mut().unwrap().iter_mut().for_each(remove);
                        seen[3] += 1;
                    }
                }
                // Secrets among them are for other tests.
                if event["objectRef"]["resource"] == json!("secrets") {
                    seen[1] += 1;
                    let found: Value = serde_json::from_str(&found.unwrap()).unwrap();
                    for member in ["requestObject", "responseObject"] {
                        assert_eq!(
                            found.get(member).is_some(),
                            expected.get(member).is_some(),
                            "{file} {id}"
                        );
                    }
                    assert_eq!(found["level"], expected["level"], "{file} {id}");
                    continue;
                }
                assert_eq!(found, Some(expected.to_string()), "{file} {id} {stage}");
                seen[2] += 1;
            }
        }
    }
    assert!(seen.iter().all(|&count| count > 100), "{seen:?}");
}

const HEAD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

#[test]
fn deciding_fields_are_read_wherever_and_however_they_stand() {
    let policy = format!(
        "{HEAD}rules:\n\
         - {{level: None, users: [alice]}}\n\
         - {{level: Metadata, resources: [{{group: apps, resources: [deployments/scale]}}]}}\n\
         - {{level: Request, userGroups: [admins], namespaces: [prod]}}\n\
         - {{level: None, nonResourceURLs: [/healthz*]}}\n\
         - {{level: RequestResponse}}\n"
    );
    let bodies = r#""requestObject":{"kind":"Pod","a":1},"responseObject":{"kind":"Pod","b":2}"#;
    let mut filter = filter(&policy);
    let rest = r#""level":"RequestResponse","stage":"ResponseComplete","verb":"update","requestURI":"/x""#;
    let (both, request, none) =
        (Some(["requestObject", "responseObject"].as_slice()), Some(&["requestObject"][..]), Some(&[][..]));
    for (fields, expected) in [
        (r#""user":{"username":"alice","groups":["a"]},"objectRef":{"resource":"pods"}"#, None),
        (r#""User":{"Username":"\u0061lice"},"objectRef":{"resource":"pods"}"#, None),
        (r#""user":{"username":"bob"},"objectRef":{"resource":"pods"}"#, both),
        (r#""user":{},"objectRef":{"resource":"pods"}"#, both),
        (
            r#""user":{"username":"bob"},"objectRef":{"apiGroup":"apps","resource":"deployments","subresource":"scale"}"#,
            none,
        ),
        (
            r#""user":{"username":"bob"},"ObjectRef":{"APIGroup":"apps","Resource":"deployments","Subresource":"scale"}"#,
            none,
        ),
        (
            r#""user":{"username":"bob","groups":["x","adm\u0069ns"]},"objectRef":{"resource":"pods","namespace":"prod"}"#,
            request,
        ),
        (r#""user":{"username":"bob"},"requestURI":"/x""#, both),
        // What cannot be relied on: kept, at Metadata.
        (r#""objectRef":{"resource":"pods"}"#, none),
        (r#""user":{"username":"alice","username":"bob"},"objectRef":{"resource":"pods"}"#, none),
        (r#""user":{"username":"bob"},"user":{"username":"alice"},"objectRef":{"resource":"pods"}"#, none),
        (r#""user":{"username":["bob"]},"objectRef":{"resource":"pods"}"#, none),
        (r#""user":"bob","objectRef":{"resource":"pods"}"#, none),
        (
            r#""user":{"username":"bob","groups":"admins"},"objectRef":{"resource":"pods","namespace":"prod"}"#,
            none,
        ),
        (r#""user":{"username":"bob"},"objectRef":{}"#, none),
        (r#""user":{"username":"bob"},"objectRef":[]"#, none),
        (
            r#""user":{"username":"bob"},"objectRef":{"resource":"pods"},"objectRef":{"resource":"nodes"}"#,
            none,
        ),
        // The same twice is the same.
        (
            r#""user":{"username":"bob"},"objectRef":{"resource":"pods"},"objectRef":{"resource":"pods"}"#,
            both,
        ),
    ] {
        for event in [format!("{{{rest},{fields},{bodies}}}"), format!("{{{bodies},{fields},{rest}}}")] {
            let found = answer(&mut filter, &event);
            let Some(expected) = expected else {
                assert_eq!(found, None, "{event}");
                continue;
            };
            let found = found.unwrap_or_else(|| panic!("dropped: {event}"));
            let left: Vec<&str> = ["requestObject", "responseObject"]
                .into_iter()
                .filter(|name| found.contains(&format!("\"{name}\"")))
                .collect();
            assert_eq!(left, expected, "{event}\n{found}");
            let level = ["Metadata", "Request", "RequestResponse"][left.len()];
            assert!(found.contains(&format!("\"level\":\"{level}\"")), "{event}\n{found}");
        }
    }
}

#[test]
fn a_cut_record_is_neither_dropped_nor_kept_whole_for_what_it_does_not_tell() {
    let mut filter = filter(&format!(
        "{HEAD}rules:\n- {{level: None, nonResourceURLs: ['*']}}\n- {{level: None, resources: [{{resources: [leases]}}]}}\n"
    ));
    let event = concat!(
        r#"{"kind":"Event","level":"RequestResponse","auditID":"a","stage":"ResponseComplete","#,
        r#""requestURI":"/api/v1/pods","verb":"get","user":{"username":"bob","groups":["x"]},"#,
        r#""objectRef":{"resource":"pods","namespace":"prod"},"responseObject":{"kind":"Pod"}}"#
    );
    // Whole: no rule matches.
    assert_eq!(answer(&mut filter, event), None);
    for end in 60..event.find("\"responseObject\"").unwrap() {
        let found = answer(&mut filter, &event[..end]);
        if end <= event.find("\"namespace\"").unwrap() {
            let found = found.unwrap_or_else(|| panic!("dropped: {}", &event[..end]));
            assert!(found.contains("\"level\":\"Metadata\""), "{found}");
        }
    }
}

#[test]
fn the_level_is_never_raised() {
    let mut filter = filter(&format!("{HEAD}rules: [{{level: RequestResponse}}]\n"));
    let event = |level: &str| {
        format!(
            r#"{{"level":{level},"verb":"get","auditID":"a","requestObject":{{"a":1}},"requestURI":"/x"}}"#
        )
    };
    for (level, kept) in [
        ("\"Metadata\"", false),
        ("\"Request\"", true),
        ("\"RequestResponse\"", true),
        (r#""Meta\u0064ata""#, false),
    ] {
        let found = answer(&mut filter, &event(level)).unwrap();
        assert_eq!(found.contains("requestObject"), kept, "{found}");
        let found: Value = serde_json::from_str(&found).unwrap();
        assert_eq!(found["level"], serde_json::from_str::<Value>(level).unwrap());
    }
    // The least of several counts.
    let found = answer(&mut filter, &event(r#""RequestResponse","Level":"Metadata""#)).unwrap();
    assert_eq!(
        found,
        r#"{"level":"Metadata","Level":"Metadata","verb":"get","auditID":"a","requestURI":"/x"}"#
    );
}

#[test]
fn managed_fields_leave_metadata_and_nothing_else() {
    let mut filter = filter(&format!("{HEAD}omitManagedFields: true\nrules: [{{level: RequestResponse}}]\n"));
    let event = |verb: &str, name: &str, body: &str| {
        format!(
            r#"{{"level":"RequestResponse","verb":"{verb}","requestURI":"/api/v1/pods","objectRef":{{"resource":"pods"}},"{name}":{body}}}"#
        )
    };
    let m = r#""managedFields":[{"a":"}],{"}]"#;
    for (body, expected) in [
        (format!(r#"{{"metadata":{{{m}}}}}"#), r#"{"metadata":{}}"#.to_owned()),
        (format!(r#"{{"metadata":{{{m},"a":1}}}}"#), r#"{"metadata":{"a":1}}"#.to_owned()),
        (format!(r#"{{"metadata":{{"a":1,{m}}}}}"#), r#"{"metadata":{"a":1}}"#.to_owned()),
        (format!(r#"{{"metadata":{{"a":1,{m},"b":2}}}}"#), r#"{"metadata":{"a":1,"b":2}}"#.to_owned()),
        (format!(r#"{{"metadata":{{{m},{m},"b":2,{m},{m}}}}}"#), r#"{"metadata":{"b":2}}"#.to_owned()),
        (format!(r#"{{"metadata":{{{m},{m}}},"x":1}}"#), r#"{"metadata":{},"x":1}"#.to_owned()),
        (format!(r#"{{ "metadata" : {{ "a" : 1 , {m} }} }}"#), r#"{ "metadata" : { "a" : 1 } }"#.to_owned()),
        (
            r#"{"metadata":{"managed\u0046ields":null,"b":2}}"#.to_owned(),
            r#"{"metadata":{"b":2}}"#.to_owned(),
        ),
        (
            format!(
                r#"{{"items":[{{"metadata":{{{m}}}}},[],{{}},{{"metadata":{{"a":1,{m}}}}}],"kind":"PodList"}}"#
            ),
            r#"{"items":[{"metadata":{}},[],{},{"metadata":{"a":1}}],"kind":"PodList"}"#.to_owned(),
        ),
        (
            format!(r#"{{"kind":"Table","rows":[{{"cells":["x"],"object":{{"metadata":{{{m}}}}}}}]}}"#),
            r#"{"kind":"Table","rows":[{"cells":["x"],"object":{"metadata":{}}}]}"#.to_owned(),
        ),
    ] {
        let expected = event("get", "responseObject", &expected);
        assert_eq!(answer(&mut filter, &event("get", "responseObject", &body)), Some(expected), "{body}");
    }
    let last_applied = format!(r#"{{"metadata":{{{}}}}}"#, m).replace('\\', r"\\").replace('"', r#"\""#);
    for (verb, name, body) in [
        ("patch", "requestObject", format!(r#"{{"metadata":{{{m}}}}}"#)),
        ("update", "requestObject", format!(r#"{{"spec":{{"template":{{"metadata":{{{m}}}}}}}}}"#)),
        ("update", "requestObject", format!(r#"{{"metadata":{{"annotations":{{{m}}}}}}}"#)),
        (
            "update",
            "requestObject",
            format!(
                r#"{{"metadata":{{"annotations":{{"kubectl.kubernetes.io/last-applied-configuration":"{last_applied}"}}}}}}"#
            ),
        ),
        (
            "get",
            "responseObject",
            format!(r#"{{"kind":"Rows","rows":[{{"object":{{"metadata":{{{m}}}}}}}]}}"#),
        ),
        ("get", "responseObject", format!(r#"{{{m}}}"#)),
        ("get", "responseObject", format!(r#"[{{"metadata":{{{m}}}}}]"#)),
    ] {
        let event = event(verb, name, &body);
        assert_eq!(answer(&mut filter, &event), Some(event.clone()), "{body}");
    }
}

/// A Secret's metadata is hidden in parts; removals and masks lie side by side, inside and around.
#[test]
fn managed_fields_beside_secrets() {
    let mut filter = filter(&format!("{HEAD}omitManagedFields: true\nrules: [{{level: RequestResponse}}]\n"));
    let event = r#"{"level":"RequestResponse","verb":"list","requestURI":"/api/v1/secrets","objectRef":{"resource":"secrets","apiVersion":"v1"},"responseObject":{"kind":"SecretList","items":[{"metadata":{"annotations":{"x":"hunter2"},"managedFields":[{"manager":7,"hunter3":"hunter4"}],"hunter5":1},"data":{"p":"aHVudGVyMg=="}}]}}"#;
    let found = answer(&mut filter, event).unwrap();
    assert!(!found.contains("managedFields") && !found.contains("hunter"), "{found}");
    assert!(found.contains(r#""data":{"p":"[REDACTED]"}"#), "{found}");
}

#[test]
fn a_body_that_goes_is_neither_seen_nor_counted() {
    let mut filter = filter(&format!("{HEAD}rules: [{{level: Metadata}}]\n"));
    let mut out = Vec::new();
    let deep = "[".repeat(60) + &"]".repeat(60);
    let event = format!(
        r#"{{"level":"RequestResponse","verb":"create","objectRef":{{"resource":"secrets"}},"requestObject":{{"kind":"Secret","data":{{"p":"aHVudGVyMg==","q":{deep}}}}}}}"#
    );
    filter.process(event.as_bytes(), &mut out);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        r#"{"level":"Metadata","verb":"create","objectRef":{"resource":"secrets"},"auditveil":{"version":"1"}}"#
    );
}

/// Clients have numbers by which they are remembered; these begin anew when a filter gives its memory back.
#[test]
fn who_asked_is_told_of_no_other_event() {
    let event = |client: &str| {
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{{"username":"system:serviceaccount:{client}:{client}","groups":["system:authenticated"]}},"sourceIPs":["10.0.0.7"],"userAgent":"agent-of-{client}/v1 (linux/amd64) kubernetes/0123456","objectRef":{{"resource":"pods","apiVersion":"v1"}},"responseStatus":{{"metadata":{{}},"code":200}}}}"#
        )
    };
    let mut filter = Filter::with_settings(Settings::unconfigured());
    let mut out = Vec::new();
    for round in 0..3 {
        // More than are remembered, each as often as it takes to be given a number and to be met by it.
        for client in (0..200).map(|client| format!("c{}", client * (round + 1))) {
            for _ in 0..3 {
                filter.process(event(&client).as_bytes(), &mut out);
                let answer = String::from_utf8(out.clone()).unwrap();
                let told = format!(
                    r#""actor":{{"class":"service-account","namespace":"{client}","name":"{client}"}}"#
                );
                assert!(answer.contains(&told), "{answer}");
            }
        }
        filter.release();
    }
    // One that is read member by member behind one that was met before.
    let known = event("c1");
    let other = known.replace("system:serviceaccount:c1:c1", "system:node:n").replace("\"list\"", "\"get\"");
    for (record, class) in [(&known, "service-account"), (&known, "service-account"), (&other, "node")] {
        filter.process(record.as_bytes(), &mut out);
        let answer = String::from_utf8(out.clone()).unwrap();
        assert!(answer.contains(&format!(r#""actor":{{"class":"{class}""#)), "{answer}");
    }
}

#[test]
fn an_invalid_configuration_keeps_everything_at_metadata_and_says_so() {
    for (fault, id, prepared) in [
        (Fault::Invalid, "invalid", true),
        (Fault::Unreadable, "unreadable", true),
        (Fault::Unreadable, "unreadable", false),
    ] {
        let mut filter = if prepared {
            Filter::with_settings(Settings::strictest(fault))
        } else {
            Filter::strictest(fault)
        };
        filter.release();
        // One that is not prepared has nothing to find facts and detections with.
        let added = |facts: &'static str| if prepared { facts } else { "" };
        let fires = r#","action":"get","detections":["audit.configuration"],"severity":"high""#;
        let cut =
            r#","action":"get","detections":["audit.unreadable","audit.configuration"],"severity":"high""#;
        let stamp = |facts: &str| format!(r#""auditveil":{{"version":"1","configuration":"{id}"{facts}}}"#);
        for (record, expected) in [
            (
                r#"{"level":"RequestResponse","verb":"get","stage":"RequestReceived","requestObject":{}}"#,
                format!(
                    r#"{{"level":"Metadata","verb":"get","stage":"RequestReceived",{}}}"#,
                    stamp(added(r#","action":"get""#))
                ),
            ),
            // A stamp of a filter that was configured does not hide that this one is not.
            (
                r#"{"level":"Metadata","verb":"get","auditveil":{"version":"1"}}"#,
                format!(r#"{{"level":"Metadata","verb":"get",{}}}"#, stamp(added(fires))),
            ),
            (
                &format!(
                    r#"{{"level":"Metadata","verb":"get","auditveil":{{"version":"1","configuration":"invalid","cut":true{}}}}}"#,
                    added(cut)
                ),
                match fault {
                    Fault::Invalid => format!(
                        r#"{{"level":"Metadata","verb":"get","auditveil":{{"version":"1","configuration":"invalid","cut":true{}}}}}"#,
                        added(cut)
                    ),
                    Fault::Unreadable => {
                        format!(r#"{{"level":"Metadata","verb":"get",{}}}"#, stamp(added(fires)))
                    }
                },
            ),
        ] {
            let mut out = Vec::new();
            assert_eq!(filter.process(record.as_bytes(), &mut out), Outcome::Emitted);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
        let mut out = Vec::new();
        assert!(matches!(filter.process(b"x", &mut out), Outcome::Stubbed(_)));
        assert!(String::from_utf8(out).unwrap().contains(&format!(r#""configuration":"{id}""#)));
    }
}

#[test]
fn other_records_are_dropped_if_asked_for() {
    let config = config::load(b"input: {other: drop}").unwrap().config;
    let mut filter = Filter::with_settings(Settings::from_config(&config).unwrap());
    let mut out = Vec::new();
    assert_eq!(filter.process(br#"{"message":"x"}"#, &mut out), Outcome::Dropped);
    assert_eq!(out, b"");
    // Damaged: it may have been an event. No object: a stub, which nothing drops. So both a second time.
    let mut again = Vec::new();
    assert_eq!(filter.process(br#"{"message":"x""#, &mut out), Outcome::Emitted);
    assert_eq!(filter.process(&out, &mut again), Outcome::Emitted);
    assert!(matches!(filter.process(b"x", &mut out), Outcome::Stubbed(_)));
    assert_eq!(filter.process(&out, &mut again), Outcome::Emitted);
    assert_eq!(out, again);
    assert_eq!(filter.process(br#"{"auditID":"x","verb":"get"}"#, &mut out), Outcome::Emitted);
}

#[test]
fn what_is_not_supported_is_refused_by_its_key() {
    for (text, key) in [
        ("redact: {hmac: {key_id: k1, key_file: key}}", "redact.hmac.key_file"),
        ("policy_file: a.yaml", "policy_file"),
    ] {
        let config = config::load(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}")).config;
        let unsupported = Settings::from_config(&config).unwrap_err();
        assert_eq!(unsupported.key(), key);
        assert!(unsupported.to_string().starts_with(key), "{unsupported}");
    }
    assert!(Settings::from_config(&config::Config::default()).is_ok());
}
