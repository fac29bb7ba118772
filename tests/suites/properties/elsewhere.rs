//! Events with a secret outside of Secrets: where a name decides, in texts, in what is damaged or says nothing of what
//! it is. What [`plants`](crate::plants) plants, in the other half of its positions.

use crate::plants::{LAST_APPLIED, Plan, Position, base64, base64_of, object_ref, percent, secret};
use auditveil_tests::json;
use serde_json::{Value, json};

/// What ends a record that is damaged.
pub(crate) const CUT: &str = "S3-CUT";

/// The secret as a word that needs no quotes and no escapes anywhere.
fn word(planted: &str) -> String {
    format!("s3{}", planted.bytes().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// A certificate request in PEM, in base64, with `planted` as its challengePassword (RFC 2985, section 5.4.1).
fn certificate_request(planted: &str) -> String {
    const OID: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x07";
    let length = u8::try_from(planted.len() % 128).unwrap_or_default();
    let der =
        [b"\x30\x82\x02\x00request of kilo", OID, b"\x31\x80\x0c", &[length], planted.as_bytes()].concat();
    let lines = base64_of(&der);
    base64(&format!("-----BEGIN CERTIFICATE REQUEST-----\n{lines}\n-----END CERTIFICATE REQUEST-----\n"))
}

/// Texts of files and scripts with a credential in them.
fn text(planted: &str, variant: usize) -> String {
    // A brace in quotes may begin JSON amid prose, which hides more.
    let (quoted, word) = (json::escape(&planted.replace('{', "(")), word(planted));
    match variant % 6 {
        0 => format!("host: pg\nauth:\n  password: {quoted}\nport: 5432\n"),
        1 => format!("db.host=pg\ndb.password={word}\ndb.port=5432\n"),
        2 => format!("{{\"host\":\"pg\",\"clientSecret\":{quoted},\"port\":5432}}"),
        3 => format!("#!/bin/sh\nexport API_TOKEN={word}\ncurl -u admin:{word} https://pg\n"),
        4 => format!("postgres://app:{word}@pg:5432/app"),
        _ => format!("kind: Secret\nmetadata:\n  name: db\nstringData:\n  p: {quoted}\n"),
    }
}

/// Puts `planted` into an event.
pub(crate) fn plant(plan: &Plan, planted: &str, event: &mut Value) {
    let variant = plan.variant;
    let body = if variant.is_multiple_of(2) { "requestObject" } else { "responseObject" };
    let about = |event: &mut Value, resource: &str, group: &str| {
        event["requestURI"] = json!(format!("/apis/{group}/v1/{resource}/db"));
        event["objectRef"] = object_ref(resource, group);
    };
    match plan.position {
        Position::CertificateRequest => {
            about(event, "certificatesigningrequests", "certificates.k8s.io");
            event[body] = json!({
                "kind": "CertificateSigningRequest",
                "spec": {"request": certificate_request(planted), "signerName": "example.com/signer"},
            });
        }
        Position::UnknownBody => {
            if let Some(event) = event.as_object_mut() {
                event.remove("objectRef");
                event.remove("requestURI");
            }
            event[body] = match variant % 3 {
                0 => json!({"spec": {"a": planted}}),
                1 => json!(planted),
                _ => json!([planted, {"a": planted}]),
            };
        }
        Position::Damaged => event[body] = secret(&format!("{planted}{CUT}"), 1),
        Position::HalfText => {
            about(event, "bundles", "example.com");
            let text = format!("{{\"data\":{{\"p\":{}", json::escape(planted));
            let cut = if variant.is_multiple_of(3) { text.len() } else { text.len().saturating_sub(1) };
            event[body] = json!({"kind": "Bundle", "manifest": text.get(..cut).unwrap_or(&text)});
        }
        Position::HalfCopy => {
            let resource = ["bundles", "deployments", "configmaps"][variant % 3];
            about(event, resource, ["example.com", "apps", ""][variant % 3]);
            let copy = format!("{{\"spec\":{{\"p\":{}", json::escape(planted));
            event[body] = json!({"metadata": {"annotations": {LAST_APPLIED: copy}}});
        }
        Position::ObjectName => {
            about(event, "bundles", "example.com");
            let name = ["token", "access_token", "password", "client_secret"][variant % 4];
            event["objectRef"]["name"] = json!(format!("db;{name}={};v=1", percent(planted)));
        }
        Position::UserAgent => {
            about(event, "bundles", "example.com");
            let word = word(planted);
            event["userAgent"] = json!(match variant % 3 {
                0 => format!("agent/1.0 token={word}"),
                1 => format!("agent/1.0 (+https://bot:{word}@example.com/)"),
                _ => format!("Authorization: Bearer {word}"),
            });
        }
        Position::UserExtra => {
            about(event, "bundles", "example.com");
            let user = if variant.is_multiple_of(2) { "user" } else { "impersonatedUser" };
            let key = ["example.com/id_token", "assertion", "example.com/session", "api-key"][variant % 4];
            event[user] =
                json!({"username": "dev", "extra": {key: [planted, planted], "scopes": ["user:info"]}});
        }
        Position::Condition => {
            about(event, "validatingadmissionpolicies", "admissionregistration.k8s.io");
            // A literal of CEL is spelled as one of JSON.
            let expression = format!("object.spec.password == {} || true", json::escape(planted));
            event[body] = json!({"spec": {"validations": [{"expression": expression}]}});
        }
        Position::ConfigMap => {
            about(event, "configmaps", "");
            event[body] = match variant {
                0 => json!({"kind": "ConfigMap", "data": {"db.password": planted, "db.host": "pg"}}),
                7 => json!({"kind": "ConfigMap", "binaryData": {"app.yaml": base64(&text(planted, 0))}}),
                _ => json!({"kind": "ConfigMap", "data": {"app.conf": text(planted, variant - 1)}}),
            };
            if variant == 6 {
                // A custom resource has such data too.
                about(event, "bundles", "example.com");
            }
        }
        Position::Argument => {
            about(event, "deployments", "apps");
            let word = word(planted);
            let container = match variant % 5 {
                0 => json!({"args": [format!("--db-password={planted}"), "--verbose"]}),
                1 => json!({"args": ["--token", planted, "--verbose"]}),
                2 => json!({"command": ["sh", "-c", format!("PGPASSWORD={word} psql -h pg")]}),
                3 => {
                    json!({"lifecycle": {"postStart": {"exec": {"command": ["mysql", format!("-p{word}"), "-e", "quit"]}}}})
                }
                _ => {
                    json!({"command": ["curl", "-H", format!("Authorization: Bearer {word}"), "https://pg"]})
                }
            };
            event[body] = json!({"spec": {"template": {"spec": {"initContainers": [container]}}}});
        }
        Position::FileContent => {
            about(event, "routes", "route.openshift.io");
            event[body] =
                json!({"spec": {"tls": {"termination": "edge", "key": planted, "certificate": "c"}}});
        }
        Position::Cell => {
            about(event, "databases", "example.com");
            // Words that say that there is none are told apart here, too.
            let cell = if planted.len() > 8 { planted.to_owned() } else { format!("s3{planted}") };
            event["responseObject"] = json!({
                "kind": "Table", "columnDefinitions": [{"name": "Name"}, {"name": "Admin Password"}],
                "rows": [{"cells": ["db", cell], "object": {"metadata": {"name": "db"}}}],
            });
        }
        Position::Container => {
            about(event, "databases", "example.com");
            let name = ["credentials", "clientSecrets", "private_key", "passwords"][variant % 4];
            let value = match variant % 3 {
                0 => json!({"user": planted, "n": {"a": [planted]}}),
                1 => json!([planted, [planted]]),
                _ => json!({planted: [1, 2]}),
            };
            event[body] = json!({"spec": {name: value, "colour": "blue"}});
        }
        _ => {}
    }
}
