//! The Open Cybersecurity Schema Framework: every document is valid by a table that was written from the published
//! schema.
//!
//! Source: ocsf/ocsf-schema 1.8.0 (commit 3dcb905): `events/base_event.json`, `events/application/api_activity.json`, the
//! objects named below, and `dictionary.json` for types and enumerations. No profile is applied, so attributes of
//! profiles are not in it. There is no package for Rust that holds the schema of this version; crates with its types
//! have every field optional, which validates nothing.

use super::{answer, filter, records, report};
use auditveil_core::config::Format;
use auditveil_core::format::{self, OCSF_VERSION};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// What an attribute holds.
enum Type {
    Text,
    Number,
    /// A number that the schema enumerates.
    OneOf(&'static [i64]),
    /// A text that the schema enumerates.
    Word(&'static [&'static str]),
    Address,
    /// Any JSON.
    Json,
    /// An object of any attributes.
    Open,
    Object(&'static Object),
    Addresses,
    Objects(&'static Object),
}

/// An attribute, and whether it is required.
struct Attribute(&'static str, bool, Type);

struct Object {
    attributes: &'static [Attribute],
    /// Attributes of which one has to be there.
    at_least_one: &'static [&'static str],
}

use Type::{Address, Addresses, Json, Number, Objects, OneOf, Open, Text, Word};

const REQUIRED: bool = true;
const MAY_BE: bool = false;

const NAMED: &Object = &Object {
    attributes: &[Attribute("name", MAY_BE, Text), Attribute("uid", MAY_BE, Text)],
    at_least_one: &["name", "uid"],
};

const USER: &Object = &Object {
    attributes: &[
        Attribute("groups", MAY_BE, Objects(NAMED)),
        Attribute("name", MAY_BE, Text),
        Attribute("type_id", MAY_BE, OneOf(&[0, 1, 2, 3, 4, 99])),
        Attribute("uid", MAY_BE, Text),
    ],
    at_least_one: &["account", "name", "uid"],
};

const ACTOR: &Object = &Object {
    attributes: &[
        Attribute(
            "authorizations",
            MAY_BE,
            Objects(&Object { attributes: &[Attribute("decision", MAY_BE, Text)], at_least_one: &[] }),
        ),
        Attribute("user", MAY_BE, Type::Object(USER)),
    ],
    at_least_one: &["process", "user", "invoked_by", "session", "app_name", "app_uid"],
};

const REQUEST: &Object = &Object {
    attributes: &[Attribute("data", MAY_BE, Json), Attribute("uid", REQUIRED, Text)],
    at_least_one: &[],
};

const RESPONSE: &Object = &Object {
    attributes: &[
        Attribute("code", MAY_BE, Number),
        Attribute("data", MAY_BE, Json),
        Attribute("error", MAY_BE, Text),
        Attribute("message", MAY_BE, Text),
    ],
    at_least_one: &[],
};

const API: &Object = &Object {
    attributes: &[
        Attribute("group", MAY_BE, Type::Object(NAMED)),
        Attribute("operation", REQUIRED, Text),
        Attribute("request", MAY_BE, Type::Object(REQUEST)),
        Attribute("response", MAY_BE, Type::Object(RESPONSE)),
        Attribute("service", MAY_BE, Type::Object(NAMED)),
        Attribute("version", MAY_BE, Text),
    ],
    at_least_one: &[],
};

const URL: &Object = &Object {
    attributes: &[
        Attribute("path", MAY_BE, Text),
        Attribute("query_string", MAY_BE, Text),
        Attribute("url_string", MAY_BE, Text),
    ],
    at_least_one: &["url_string", "path"],
};

const HTTP_REQUEST: &Object = &Object {
    attributes: &[
        Attribute(
            "http_method",
            MAY_BE,
            Word(&["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"]),
        ),
        Attribute("url", MAY_BE, Type::Object(URL)),
        Attribute("user_agent", MAY_BE, Text),
        Attribute("x_forwarded_for", MAY_BE, Addresses),
    ],
    at_least_one: &[],
};

const PRODUCT: &Object = &Object {
    attributes: &[Attribute("name", MAY_BE, Text), Attribute("vendor_name", MAY_BE, Text)],
    at_least_one: &["name", "uid"],
};

const METADATA: &Object = &Object {
    attributes: &[
        Attribute("correlation_uid", MAY_BE, Text),
        Attribute("log_level", MAY_BE, Text),
        Attribute("log_name", MAY_BE, Text),
        Attribute("log_version", MAY_BE, Text),
        Attribute("original_event_uid", MAY_BE, Text),
        Attribute("original_time", MAY_BE, Text),
        Attribute("product", REQUIRED, Type::Object(PRODUCT)),
        Attribute("version", REQUIRED, Word(&[OCSF_VERSION])),
    ],
    at_least_one: &[],
};

const ENDPOINT: &Object = &Object {
    attributes: &[
        Attribute("ip", MAY_BE, Address),
        Attribute("name", MAY_BE, Text),
        Attribute("svc_name", MAY_BE, Text),
    ],
    at_least_one: &[
        "ip",
        "uid",
        "name",
        "hostname",
        "svc_name",
        "instance_uid",
        "interface_uid",
        "interface_name",
        "domain",
    ],
};

/// The types are those of the dictionary: an address, the name of a user, a URL, a user agent; of `user`, its `uid`; of
/// `resource_details`, its `name`.
const OBSERVABLE: &Object = &Object {
    attributes: &[
        Attribute("name", MAY_BE, Text),
        Attribute("type_id", REQUIRED, OneOf(&[2, 4, 6, 16, 31, 38])),
        Attribute("value", MAY_BE, Text),
    ],
    at_least_one: &[],
};

const RESOURCE: &Object = &Object {
    attributes: &[
        Attribute("name", MAY_BE, Text),
        Attribute("namespace", MAY_BE, Text),
        Attribute("type", MAY_BE, Text),
        Attribute("uid", MAY_BE, Text),
        Attribute("version", MAY_BE, Text),
    ],
    at_least_one: &["name", "uid"],
};

const API_ACTIVITY: &Object = &Object {
    attributes: &[
        Attribute("activity_id", REQUIRED, OneOf(&[0, 1, 2, 3, 4, 99])),
        Attribute("activity_name", MAY_BE, Text),
        Attribute("actor", REQUIRED, Type::Object(ACTOR)),
        Attribute("api", REQUIRED, Type::Object(API)),
        Attribute("category_name", MAY_BE, Word(&["Application Activity"])),
        Attribute("category_uid", REQUIRED, OneOf(&[6])),
        Attribute("class_name", MAY_BE, Word(&["API Activity"])),
        Attribute("class_uid", REQUIRED, OneOf(&[6003])),
        Attribute("dst_endpoint", MAY_BE, Type::Object(ENDPOINT)),
        Attribute("duration", MAY_BE, Number),
        Attribute("http_request", MAY_BE, Type::Object(HTTP_REQUEST)),
        Attribute(
            "http_response",
            MAY_BE,
            Type::Object(&Object { attributes: &[Attribute("code", REQUIRED, Number)], at_least_one: &[] }),
        ),
        Attribute("message", MAY_BE, Text),
        Attribute("metadata", REQUIRED, Type::Object(METADATA)),
        Attribute("observables", MAY_BE, Objects(OBSERVABLE)),
        Attribute("resources", MAY_BE, Objects(RESOURCE)),
        Attribute(
            "severity",
            MAY_BE,
            Word(&["Unknown", "Informational", "Low", "Medium", "High", "Critical", "Fatal", "Other"]),
        ),
        Attribute("severity_id", REQUIRED, OneOf(&[0, 1, 2, 3, 4, 5, 6, 99])),
        Attribute("src_endpoint", REQUIRED, Type::Object(ENDPOINT)),
        Attribute("start_time", MAY_BE, Number),
        Attribute("status", MAY_BE, Word(&["Unknown", "Success", "Failure", "Other"])),
        Attribute("status_code", MAY_BE, Text),
        Attribute("status_detail", MAY_BE, Text),
        Attribute("status_id", MAY_BE, OneOf(&[0, 1, 2, 99])),
        Attribute("time", REQUIRED, Number),
        Attribute("timezone_offset", MAY_BE, OneOf(&[0])),
        Attribute("type_uid", REQUIRED, OneOf(&[600_300, 600_301, 600_302, 600_303, 600_304, 600_399])),
        Attribute("unmapped", MAY_BE, Open),
    ],
    at_least_one: &[],
};

/// What is wrong with an object, and which attributes were there.
fn check(object: &Object, value: &Value, way: &str, seen: &mut BTreeSet<String>) -> Result<(), String> {
    let members = value.as_object().ok_or_else(|| format!("{way} is no object"))?;
    for name in members.keys() {
        if !object.attributes.iter().any(|attribute| attribute.0 == name) {
            return Err(format!("{way}{name} is no attribute"));
        }
    }
    if !object.at_least_one.is_empty() && !object.at_least_one.iter().any(|name| members.contains_key(*name))
    {
        return Err(format!("{way} has none of {:?}", object.at_least_one));
    }
    for Attribute(name, required, kind) in object.attributes {
        let Some(value) = members.get(*name) else {
            if *required {
                return Err(format!("{way}{name} is missing"));
            }
            continue;
        };
        let path = format!("{way}{name}");
        let wrong = || Err(format!("{path} is {value}"));
        let is_address = |value: &Value| value.as_str().is_some_and(|text| text.parse::<IpAddr>().is_ok());
        let items = value.as_array();
        let right = match kind {
            Text => value.is_string(),
            Number => value.as_u64().is_some(),
            OneOf(numbers) => value.as_i64().is_some_and(|number| numbers.contains(&number)),
            Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            Address => is_address(value),
            Addresses => items.is_some_and(|items| !items.is_empty() && items.iter().all(is_address)),
            Json => true,
            Open => value.is_object(),
            Type::Object(inner) => {
                check(inner, value, &format!("{path}."), seen)?;
                true
            }
            Objects(inner) => {
                for item in items.into_iter().flatten() {
                    check(inner, item, &format!("{path}[]."), seen)?;
                }
                items.is_some_and(|items| !items.is_empty())
            }
        };
        if !right {
            return wrong();
        }
        seen.insert(path);
    }
    Ok(())
}

/// What the table cannot say.
fn check_together(document: &Value) -> Result<(), String> {
    let number = |name: &str| document[name].as_i64().unwrap_or(-1);
    if number("type_uid") != number("class_uid") * 100 + number("activity_id") {
        return Err("type_uid is not made of class_uid and activity_id".to_owned());
    }
    // `activity_name` says what an activity is that the schema has no number for.
    if (number("activity_id") == 99) != document.get("activity_name").is_some() {
        return Err("activity_name".to_owned());
    }
    let captions = ["Unknown", "Informational", "Low", "Medium", "High", "Critical"];
    if document["severity"] != captions[number("severity_id").clamp(0, 5) as usize] {
        return Err("severity is not that of severity_id".to_owned());
    }
    // An observable is the value at the way that it names.
    for observable in document["observables"].as_array().into_iter().flatten() {
        let mut found = vec![document];
        for step in observable["name"].as_str().unwrap_or_default().split('.') {
            let name = step.trim_end_matches("[]");
            found = found
                .into_iter()
                .flat_map(|value| match value.get(name) {
                    Some(Value::Array(items)) => items.iter().collect(),
                    Some(value) => vec![value],
                    None => Vec::new(),
                })
                .collect();
        }
        if !found.contains(&&observable["value"]) {
            return Err(format!("an observable that is nowhere: {observable}"));
        }
    }
    // Milliseconds: of the years 2001 to 2286 these have thirteen digits.
    if !(number("time") == 0 || (1_000_000_000_000..10_000_000_000_000).contains(&number("time"))) {
        return Err(format!("time is {}", number("time")));
    }
    let unmapped = document["unmapped"].as_object().ok_or("no unmapped")?;
    if unmapped
        .keys()
        .any(|name| ["requestobject", "responseobject"].contains(&name.to_ascii_lowercase().as_str()))
    {
        return Err("a body in unmapped".to_owned());
    }
    if document["unmapped"]["auditveil"]["version"] != "1" {
        return Err("no stamp in unmapped".to_owned());
    }
    Ok(())
}

#[test]
fn every_document_is_valid() {
    let (mut findings, mut seen, mut valid) = (Vec::new(), BTreeSet::new(), 0);
    for form in ["output: {format: ocsf}", "output: {format: ocsf, bodies: text}"] {
        let mut filter = filter(form);
        for (name, record) in records().unwrap() {
            let document = answer(&mut filter, &record);
            let Ok(document) = serde_json::from_slice::<Value>(&document) else { continue };
            let documents = match document.get("events").and_then(Value::as_array) {
                Some(events) if document.get("class_uid").is_none() => {
                    // The stamp of a list is that of all its events.
                    let with_stamp = |event: &Value| {
                        let mut event = event.clone();
                        event["unmapped"]["auditveil"] = document["auditveil"].clone();
                        event
                    };
                    events.iter().map(with_stamp).collect()
                }
                // What is no audit event stays what it is.
                _ if document["auditveil"]["shape"] == "other" => continue,
                _ => vec![document],
            };
            for document in &documents {
                let result =
                    check(API_ACTIVITY, document, "", &mut seen).and_then(|()| check_together(document));
                match result {
                    Ok(()) => valid += 1,
                    Err(error) => findings.push(format!("{form}, {name}: {error}\n  {document:.600}")),
                }
            }
        }
    }
    report(&findings);
    assert!(valid > 5000, "{valid}");
    // Every row of the table was seen, so that none is wrong unnoticed.
    let rows: BTreeSet<String> = format::fields(Format::Ocsf).iter().map(|row| row.path.to_owned()).collect();
    let unseen: Vec<&String> = rows.difference(&seen).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}

#[test]
fn what_is_done_decides_the_activity() {
    let mut filter = filter("output: {format: ocsf}");
    for (verb, object, code, activity, status) in [
        ("create", json!({"resource": "pods"}), 201, 1, 1),
        ("get", json!({"resource": "pods"}), 200, 2, 1),
        ("watch", json!({"resource": "pods"}), 403, 2, 2),
        ("patch", json!({"resource": "pods"}), 200, 3, 1),
        ("patch", json!({"resource": "pods"}), 201, 1, 1),
        ("deletecollection", json!({"resource": "pods"}), 500, 4, 2),
        ("get", json!({"resource": "pods", "subresource": "exec"}), 101, 99, 1),
        ("create", json!({"resource": "pods", "subresource": "eviction"}), 404, 4, 2),
    ] {
        let event = json!({"auditID": "a", "verb": verb, "objectRef": object, "responseStatus": {"code": code},
            "sourceIPs": ["10.0.0.7", "203.0.113.9"], "stageTimestamp": "2026-11-20T07:39:11.366620Z"});
        let document: Value =
            serde_json::from_slice(&answer(&mut filter, event.to_string().as_bytes())).unwrap();
        let found = (document["activity_id"].as_i64(), document["status_id"].as_i64());
        assert_eq!(found, (Some(activity), Some(status)), "{verb} {object}");
        assert_eq!(document["time"], 1_795_160_351_366_i64);
        assert_eq!(document["src_endpoint"]["ip"], "203.0.113.9");
        assert_eq!(document["http_request"]["x_forwarded_for"], json!(["10.0.0.7"]));
        assert_eq!(document["api"]["operation"], verb);
        assert_eq!(document["timezone_offset"], 0);
        assert_eq!(
            document["observables"],
            json!([
                {"name": "src_endpoint.ip", "type_id": 2, "value": "203.0.113.9"},
                {"name": "http_request.x_forwarded_for", "type_id": 2, "value": "10.0.0.7"},
            ])
        );
    }
}

#[test]
fn lists_and_envelopes() {
    let mut filter = filter("output: {format: ocsf}");
    let mut document =
        |record: &str| -> Value { serde_json::from_slice(&answer(&mut filter, record.as_bytes())).unwrap() };
    let event = r#"{"auditID":"a","verb":"get","stage":"ResponseComplete"}"#;
    let list = document(&format!(
        r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{{}},"items":[{event},{event}]}}"#
    ));
    assert_eq!(list["events"].as_array().unwrap().len(), 2);
    assert_eq!(list["events"][1]["api"]["operation"], "get");
    assert_eq!(list["auditveil"]["version"], "1");

    let gke = document(
        r#"{"protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog","serviceName":"k8s.io","methodName":"io.k8s.core.v1.pods.exec.create","resourceName":"core/v1/namespaces/shop/pods/web/exec","authenticationInfo":{"principalEmail":"a@example.com"},"requestMetadata":{"callerIp":"203.0.113.9"}},"resource":{"labels":{"cluster_name":"prod"}},"logName":"x"}"#,
    );
    assert_eq!(
        (gke["class_uid"].as_i64(), gke["activity_name"].as_str()),
        (Some(6003), Some("exec")),
        "{gke}"
    );
    assert_eq!(gke["unmapped"]["resource"]["labels"]["cluster_name"], "prod");
    assert!(gke["unmapped"].get("protoPayload").is_none(), "{gke}");

    let escaped = event.replace('"', "\\\"");
    let aks =
        document(&format!(r#"{{"category":"kube-audit","properties":{{"log":"{escaped}","pod":"x"}}}}"#));
    assert_eq!(
        (aks["api"]["operation"].as_str(), aks["unmapped"]["category"].as_str()),
        (Some("get"), Some("kube-audit")),
        "{aks}"
    );
    let records = document(&format!(
        r#"{{"records":[{{"properties":{{"log":"{escaped}"}}}},{{"properties":{{"log":"{escaped}"}}}}]}}"#
    ));
    assert_eq!(records["events"].as_array().unwrap().len(), 2, "{records}");

    let stub = document("no JSON");
    assert_eq!((stub["class_uid"].as_i64(), stub["time"].as_i64()), (Some(6003), Some(0)), "{stub}");
    let other = document(r#"{"message":"x"}"#);
    assert_eq!((other["message"].as_str(), other["auditveil"]["shape"].as_str()), (Some("x"), Some("other")));
}
