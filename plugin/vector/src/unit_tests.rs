//! Unit tests for Vector's own `vector test`.

use crate::Unsupported;
use crate::quote::text;
use auditveil_core::config::Config;
use auditveil_core::{Filter, Outcome, Settings};

/// An event, and what must not come out of it.
struct Example {
    name: &'static str,
    event: &'static str,
    absent: &'static str,
}

/// One of each kind: what is hidden by position, by name and in a text, what is not JSON, what a policy may drop.
const EXAMPLES: [Example; 6] = [
    Example {
        name: "a Secret that is created loses its data",
        event: r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"00000000-0000-4000-8000-000000000001","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/secrets","verb":"create","user":{"username":"alice","groups":["system:authenticated"]},"objectRef":{"resource":"secrets","namespace":"shop","apiVersion":"v1"},"requestObject":{"kind":"Secret","apiVersion":"v1","metadata":{"name":"db"},"data":{"password":"RkFLRS1zZWNyZXQ="}}}"#,
        absent: "RkFLRS1zZWNyZXQ",
    },
    Example {
        name: "a patch of a Secret, which says no kind, loses its values",
        event: r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"00000000-0000-4000-8000-000000000002","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/secrets/db","verb":"patch","user":{"username":"alice","groups":["system:authenticated"]},"objectRef":{"resource":"secrets","namespace":"shop","name":"db","apiVersion":"v1"},"requestObject":[{"op":"replace","path":"/data/password","value":"RkFLRS1wYXRjaA=="}]}"#,
        absent: "RkFLRS1wYXRjaA",
    },
    Example {
        name: "a variable that is called as a credential loses its value",
        event: r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"00000000-0000-4000-8000-000000000003","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/pods","verb":"create","user":{"username":"alice","groups":["system:authenticated"]},"objectRef":{"resource":"pods","namespace":"shop","name":"web","apiVersion":"v1"},"requestObject":{"kind":"Pod","spec":{"containers":[{"name":"web","env":[{"name":"DB_PASSWORD","value":"FAKE-variable"}]}]}}}"#,
        absent: "FAKE-variable",
    },
    Example {
        name: "the last-applied copy of a Secret is redacted inside",
        event: r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"00000000-0000-4000-8000-000000000004","stage":"ResponseComplete","requestURI":"/apis/example.com/v1/namespaces/shop/things","verb":"create","user":{"username":"alice","groups":["system:authenticated"]},"objectRef":{"resource":"things","namespace":"shop","apiGroup":"example.com","apiVersion":"v1"},"requestObject":{"kind":"Thing","metadata":{"name":"a","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"kind\":\"Secret\",\"stringData\":{\"a\":\"FAKE-applied\"}}"}}}}"#,
        absent: "FAKE-applied",
    },
    Example {
        name: "a request for what is no resource",
        event: r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"00000000-0000-4000-8000-000000000005","stage":"ResponseComplete","requestURI":"/healthz?token=FAKE-parameter","verb":"get","user":{"username":"system:anonymous","groups":["system:unauthenticated"]}}"#,
        absent: "FAKE-parameter",
    },
    Example {
        name: "a line that is no event becomes a stub",
        event: "FAKE-line, and no JSON",
        absent: "FAKE-line",
    },
];

/// Tests as `vector test` reads them beside a configuration whose transform `auditveil` runs the program. What they
/// expect is what the core does with the same configuration.
///
/// # Errors
///
/// As [`program`](crate::program).
pub fn unit_tests(config: &Config) -> Result<String, Unsupported> {
    if let Some(unsupported) = crate::unsupported(config) {
        return Err(unsupported);
    }
    let unusable = Unsupported { key: "policy", instead: "one that the filter can follow" };
    let settings = Settings::from_config(config).map_err(|_| unusable)?;
    let mut filter = Filter::with_settings(settings);
    let mut out = format!(
        "# Unit tests of the transform `auditveil`, printed by `auditveil vrl --tests` ({}).\n\
         # vector test your-configuration.yaml these-tests.yaml\ntests:\n",
        env!("CARGO_PKG_VERSION"),
    );
    for Example { name, event, absent } in EXAMPLES {
        let dropped = filter.process(event.as_bytes(), &mut Vec::new()) == Outcome::Dropped;
        out += &format!(
            "  - name: {}\n    inputs:\n      - insert_at: auditveil\n        type: log\n        log_fields:\n          message: {}\n",
            yaml(name),
            yaml(event),
        );
        if dropped {
            out += "    no_outputs_from: [auditveil]\n";
            continue;
        }
        out += &format!(
            "    outputs:\n      - extract_from: auditveil\n        conditions:\n          - type: vrl\n            source: |\n              \
             assert_eq!(.auditveil.version, \"1\")\n              assert!(!contains(encode_json(.), {}))\n",
            text(absent),
        );
    }
    Ok(out)
}

/// A text as YAML: in apostrophes, in which only these are written twice. A `$` before a name would be a variable of the
/// environment to Vector; no example has one.
fn yaml(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
