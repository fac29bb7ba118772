//! The Elastic Common Schema: the fields that Elastic's detection rules query are where these look, with the values
//! they ask for; and what the schema enumerates is spelled as it does.
//!
//! Source of the rules: `rules/integrations/kubernetes` of elastic/detection-rules 2.1.7, as of 21 August 2026 (commit
//! 14cf530). Of each its conditions on one event are here, in our words: which fields it asks for and what may stand
//! there. Its lists of exceptions (images of well-known vendors, names of managed clusters' components) are not, nor
//! what it counts over several events. Source of the values: ECS 9.4.0, `schemas/event.yml`.
//!
//! The rules are data, a row for each: that is why the file is long.

use super::{answer, corpus, filter, records, report};
use auditveil_core::config::Format;
use auditveil_core::format::{self, ECS_VERSION};
use serde_json::Value;
use std::collections::BTreeSet;

/// What a rule asks of one event.
enum Asks {
    /// One of the values stands there; `*` is any text.
    Is(&'static str, &'static [&'static str]),
    /// None of them does.
    IsNot(&'static str, &'static [&'static str]),
}

use Asks::{Is, IsNot};

/// Where an event comes from that a rule fires on.
enum On {
    /// A real API server has written one.
    Corpus,
    /// It is made up: there is none in the logs.
    Event(&'static str),
}

use On::{Corpus, Event};

struct Rule {
    name: &'static str,
    asks: &'static [Asks],
    on: On,
}

const fn rule(name: &'static str, asks: &'static [Asks], on: On) -> Rule {
    Rule { name, asks, on }
}

const DATASET: Asks = Is("data_stream.dataset", &["kubernetes.audit_logs"]);
const EVENT_DATASET: Asks = Is("event.dataset", &["kubernetes.audit_logs"]);
const ALLOWED: Asks = Is("kubernetes.audit.annotations.authorization_k8s_io/decision", &["allow"]);
const FORBIDDEN: Asks = Is("kubernetes.audit.annotations.authorization_k8s_io/decision", &["forbid"]);
const COMPLETE: Asks = Is("kubernetes.audit.stage", &["ResponseComplete"]);
const WHOLE: Asks = Is("kubernetes.audit.level", &["RequestResponse"]);
const AGENT: Asks = Is("user_agent.original", &["*"]);
const ELSEWHERE: Asks = IsNot("source.ip", &["127.0.0.1", "::1"]);
const SECRETS: Asks = Is("kubernetes.audit.objectRef.resource", &["secrets"]);
const PODS: Asks = Is("kubernetes.audit.objectRef.resource", &["pods"]);
const ROLES: Asks = Is("kubernetes.audit.objectRef.resource", &["roles", "clusterroles"]);
const CREATES: Asks = Is("kubernetes.audit.verb", &["create"]);
const WRITES: Asks = Is("kubernetes.audit.verb", &["create", "update", "patch"]);
const CHANGES: Asks = Is("kubernetes.audit.verb", &["update", "patch", "delete"]);
const EXECS: Asks = Is("kubernetes.audit.objectRef.subresource", &["exec"]);
const COMMAND: Asks = Is("kubernetes.audit.requestURI", &["*command=*"]);
const CONFIG_MAPS: Asks = Is("kubernetes.audit.objectRef.resource", &["configmaps"]);
const KUBE_SYSTEM: Asks = Is("kubernetes.audit.objectRef.namespace", &["kube-system"]);
const ANYBODY: Asks = Is("kubernetes.audit.user.username", &["system:anonymous", "system:unauthenticated"]);

const EXEC: On = Event(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"a","stage":"ResponseStarted","requestURI":"/api/v1/namespaces/shop/pods/web/exec?command=sh&container=web&stdin=true","verb":"get","user":{"username":"alice"},"sourceIPs":["203.0.113.9"],"userAgent":"kubectl/v1.36.2","objectRef":{"resource":"pods","namespace":"shop","name":"web","apiVersion":"v1","subresource":"exec"},"responseStatus":{"code":101},"stageTimestamp":"2026-11-20T08:12:01.311881Z","annotations":{"authorization.k8s.io/decision":"allow"}}"#,
);

const ELSEWHERE_GET: On = Event(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/secrets/db","verb":"get","user":{"username":"system:serviceaccount:shop:web","groups":["system:serviceaccounts"]},"sourceIPs":["203.0.113.9"],"userAgent":"curl/8.5","objectRef":{"resource":"secrets","namespace":"shop","name":"db","apiVersion":"v1"},"responseStatus":{"code":200},"annotations":{"authorization.k8s.io/decision":"allow"}}"#,
);

const ELSEWHERE_LIST: On = Event(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/secrets?limit=500","verb":"list","user":{"username":"alice"},"sourceIPs":["203.0.113.9"],"userAgent":"kubectl","objectRef":{"resource":"secrets","apiVersion":"v1"},"responseStatus":{"code":200}}"#,
);

const ELSEWHERE_PODS: On = Event(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{"username":"alice"},"sourceIPs":["203.0.113.9"],"userAgent":"kubectl","objectRef":{"resource":"pods","apiVersion":"v1"},"responseStatus":{"code":200}}"#,
);

const ELSEWHERE_ROLE: On = Event(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"a","stage":"ResponseComplete","requestURI":"/apis/rbac.authorization.k8s.io/v1/clusterroles/x","verb":"update","user":{"username":"alice"},"sourceIPs":["203.0.113.9"],"userAgent":"kubectl","objectRef":{"resource":"clusterroles","name":"x","apiGroup":"rbac.authorization.k8s.io","apiVersion":"v1"},"responseStatus":{"code":200},"requestObject":{"kind":"ClusterRole","rules":[{"verbs":["*"],"resources":["*"]}]},"responseObject":{"kind":"ClusterRole","rules":[{"verbs":["*"],"resources":["*"]}]},"annotations":{"authorization.k8s.io/decision":"allow"}}"#,
);

const ANONYMOUS_POD: On = Event(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/pods","verb":"create","user":{"username":"system:anonymous","groups":["system:unauthenticated"]},"sourceIPs":["203.0.113.9"],"userAgent":"curl/8.5","objectRef":{"resource":"pods","namespace":"shop","apiVersion":"v1"},"responseStatus":{"code":201},"requestObject":{"kind":"Pod"},"annotations":{"authorization.k8s.io/decision":"allow"}}"#,
);

const ARC: On = Event(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","verb":"get","user":{"username":"system:serviceaccount:azure-arc:proxy"},"objectRef":{"resource":"secrets","namespace":"shop","name":"db"}}"#,
);

const AWS_AUTH: On = Event(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","verb":"update","user":{"username":"alice"},"objectRef":{"resource":"configmaps","namespace":"kube-system","name":"aws-auth"},"annotations":{"authorization.k8s.io/decision":"allow"}}"#,
);

const COREDNS: On = Event(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","verb":"patch","user":{"username":"alice"},"objectRef":{"resource":"configmaps","namespace":"kube-system","name":"coredns"},"annotations":{"authorization.k8s.io/decision":"allow"}}"#,
);

/// Of a pod that asks for all that a rule may look for.
const POD: On = Event(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"a","stage":"ResponseComplete","verb":"create","user":{"username":"alice"},"objectRef":{"resource":"pods","namespace":"kube-system","name":"x"},"requestObject":{"kind":"Pod","spec":{"hostIPC":true,"hostPID":true,"hostNetwork":true,"serviceAccountName":"job-controller","containers":[{"image":"x","securityContext":{"privileged":true,"capabilities":{"add":["SYS_ADMIN"]}}}],"volumes":[{"name":"a","emptyDir":{}},{"name":"v","hostPath":{"path":"/etc/kubernetes"}}]}},"annotations":{"authorization.k8s.io/decision":"allow"}}"#,
);

const EVENTS_DELETED: On = Event(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","verb":"delete","user":{"username":"alice"},"objectRef":{"resource":"events","namespace":"shop","name":"x"}}"#,
);

const BOUND: On = Event(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"a","stage":"ResponseComplete","verb":"create","user":{"username":"alice"},"objectRef":{"resource":"rolebindings","namespace":"shop","name":"x"},"requestObject":{"kind":"RoleBinding","roleRef":{"name":"cluster-admin"},"spec":{"serviceAccountName":"x"}},"annotations":{"authorization.k8s.io/decision":"allow"}}"#,
);

const SERVICE: On = Event(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"a","stage":"ResponseComplete","verb":"create","user":{"username":"alice"},"objectRef":{"resource":"services","namespace":"shop","name":"x"},"requestObject":{"kind":"Service","spec":{"type":"NodePort"}},"annotations":{"authorization.k8s.io/decision":"allow"}}"#,
);

const ACCOUNT_ROLE: On = Event(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","verb":"patch","user":{"username":"system:serviceaccount:shop:web"},"objectRef":{"resource":"roles","namespace":"shop","name":"x"},"annotations":{"authorization.k8s.io/decision":"allow"}}"#,
);

const SELF_REVIEW: On = Event(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","verb":"create","user":{"username":"system:serviceaccount:shop:web"},"userAgent":"curl/8.5","objectRef":{"resource":"selfsubjectrulesreviews"},"annotations":{"authorization.k8s.io/decision":"allow"}}"#,
);

const RULES: &[Rule] = &[
    rule(
        "Secret or ConfigMap Access via Azure Arc Proxy",
        &[
            Is("kubernetes.audit.user.username", &["system:serviceaccount:azure-arc:*"]),
            Is("kubernetes.audit.objectRef.resource", &["secrets", "configmaps"]),
            Is("kubernetes.audit.verb", &["get", "list", "create", "update", "patch", "delete"]),
        ],
        ARC,
    ),
    rule(
        "Secret Access via Unusual User Agent",
        &[DATASET, SECRETS, Is("kubernetes.audit.verb", &["get", "list"]), AGENT],
        Corpus,
    ),
    rule(
        "Rapid Secret GET Activity Against Multiple Objects",
        &[
            EVENT_DATASET,
            Is("event.action", &["get"]),
            SECRETS,
            Is("source.ip", &["*"]),
            Is("user.name", &["*"]),
            ELSEWHERE,
        ],
        ELSEWHERE_GET,
    ),
    rule("Pod Exec Cloud Instance Metadata Access", &[EXECS, COMMAND], Corpus),
    rule("Pod Exec Sensitive File or Credential Path Access", &[EXECS, COMMAND], Corpus),
    rule("Pod Exec with Curl or Wget to HTTPS", &[EXECS, COMMAND], Corpus),
    rule("Pod Exec Potential Reverse Shell", &[EXECS, COMMAND], Corpus),
    rule(
        "Secret get or list with Suspicious User Agent",
        &[
            DATASET,
            Is("event.action", &["get", "list"]),
            SECRETS,
            Is("user_agent.original", &["curl*", "python*", "Go-http*"]),
            Is("source.ip", &["*"]),
        ],
        Corpus,
    ),
    rule(
        "Secret get or list from Node or Pod Service Account",
        &[
            DATASET,
            Is("event.action", &["get", "list"]),
            SECRETS,
            Is("user.name", &["system:serviceaccount:*", "system:node:*"]),
            Is("source.ip", &["*"]),
            IsNot("source.ip", &["127.0.0.1"]),
            IsNot("kubernetes.audit.user.groups", &["system:serviceaccounts:kyverno"]),
        ],
        ELSEWHERE_GET,
    ),
    rule(
        "Secrets List Across Cluster or Sensitive Namespaces",
        &[
            EVENT_DATASET,
            Is("event.action", &["list"]),
            SECRETS,
            Is("kubernetes.audit.requestURI", &["/api/v1/secrets", "/api/v1/secrets?limit*"]),
            ELSEWHERE,
        ],
        ELSEWHERE_LIST,
    ),
    rule(
        "Service Account Token Created via TokenRequest API",
        &[
            DATASET,
            CREATES,
            Is("kubernetes.audit.objectRef.resource", &["serviceaccounts"]),
            Is("kubernetes.audit.objectRef.subresource", &["token"]),
            Is("user.name", &["*"]),
        ],
        Corpus,
    ),
    rule(
        "Events Deleted",
        &[
            DATASET,
            Is("kubernetes.audit.verb", &["delete"]),
            Is("kubernetes.audit.objectRef.resource", &["events"]),
            COMPLETE,
        ],
        EVENTS_DELETED,
    ),
    rule(
        "Denied Service Account Request via Unusual User Agent",
        &[DATASET, Is("kubernetes.audit.user.username", &["system:serviceaccount:*"]), FORBIDDEN, AGENT],
        Corpus,
    ),
    rule(
        "Potential Endpoint Permission Enumeration Attempt by Anonymous User Detected",
        &[
            ANYBODY,
            Is("kubernetes.audit.level", &["RequestResponse", "Request"]),
            Is("kubernetes.audit.responseStatus.code", &["*"]),
        ],
        Corpus,
    ),
    rule(
        "Potential Endpoint Permission Enumeration Attempt Detected",
        &[
            COMPLETE,
            Is("kubernetes.audit.verb", &["get", "list", "watch", "create", "update", "patch"]),
            Is("kubernetes.audit.sourceIPs", &["*"]),
        ],
        Corpus,
    ),
    rule(
        "Multi-Resource Discovery",
        &[
            EVENT_DATASET,
            Is("event.action", &["get", "list"]),
            Is("kubernetes.audit.objectRef.resource", &["namespaces", "pods", "roles"]),
            Is("user.name", &["*"]),
            ELSEWHERE,
        ],
        ELSEWHERE_PODS,
    ),
    rule(
        "Suspicious Self-Subject Review via Unusual User Agent",
        &[
            DATASET,
            ALLOWED,
            CREATES,
            Is(
                "kubernetes.audit.objectRef.resource",
                &["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
            ),
            Is("kubernetes.audit.user.username", &["system:serviceaccount:*", "system:node:*"]),
            AGENT,
        ],
        SELF_REVIEW,
    ),
    rule(
        "Anonymous User Create/Update/Patch Pods Request",
        &[DATASET, ANYBODY, Is("kubernetes.audit.level", &["RequestResponse", "Request"]), WRITES, PODS],
        ANONYMOUS_POD,
    ),
    rule("Forbidden Creation Request", &[DATASET, CREATES, COMPLETE, FORBIDDEN], Corpus),
    rule("Forbidden Request from Unusual User Agent", &[DATASET, COMPLETE, FORBIDDEN, AGENT], Corpus),
    rule("Unusual Decision by User Agent", &[DATASET, COMPLETE, AGENT], Corpus),
    rule(
        "User Exec into Pod",
        &[
            DATASET,
            Is("kubernetes.audit.verb", &["get", "create"]),
            EXECS,
            Is("kubernetes.audit.stage", &["ResponseComplete", "ResponseStarted"]),
            Is("kubernetes.audit.level", &["Request"]),
            ALLOWED,
        ],
        EXEC,
    ),
    rule(
        "CoreDNS or Kube-DNS Configuration Modified",
        &[
            DATASET,
            CONFIG_MAPS,
            Is("kubernetes.audit.objectRef.name", &["coredns", "kube-dns"]),
            KUBE_SYSTEM,
            CHANGES,
            ALLOWED,
        ],
        COREDNS,
    ),
    rule(
        "Anonymous Request Authorized by Unusual User Agent",
        &[
            DATASET,
            ALLOWED,
            ANYBODY,
            AGENT,
            IsNot("kubernetes.audit.requestURI", &["/healthz*", "/livez*", "/readyz*", "/version"]),
        ],
        ANONYMOUS_POD,
    ),
    rule(
        "Cluster-Admin Role Binding Created",
        &[
            DATASET,
            Is("kubernetes.audit.objectRef.resource", &["clusterrolebindings", "rolebindings"]),
            CREATES,
            Is("kubernetes.audit.requestObject.roleRef.name", &["cluster-admin"]),
            ALLOWED,
            WHOLE,
            COMPLETE,
        ],
        Corpus,
    ),
    rule(
        "Exposed Service Created With Type NodePort",
        &[
            DATASET,
            ALLOWED,
            Is("kubernetes.audit.objectRef.resource", &["services"]),
            WRITES,
            Is("kubernetes.audit.requestObject.spec.type", &["NodePort"]),
        ],
        SERVICE,
    ),
    rule(
        "Admission Webhook Created or Modified",
        &[
            Is(
                "kubernetes.audit.objectRef.resource",
                &["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
            ),
            WRITES,
            ALLOWED,
            Is("user.name", &["*"]),
            Is("kubernetes.audit.objectRef.name", &["*"]),
        ],
        Corpus,
    ),
    rule(
        "Client Certificate Signing Request Created or Approved",
        &[
            DATASET,
            Is("kubernetes.audit.objectRef.resource", &["certificatesigningrequests"]),
            WRITES,
            ALLOWED,
        ],
        Corpus,
    ),
    rule(
        "EKS Authentication Configuration Modified",
        &[
            DATASET,
            CONFIG_MAPS,
            Is("kubernetes.audit.objectRef.name", &["aws-auth"]),
            CHANGES,
            KUBE_SYSTEM,
            ALLOWED,
        ],
        AWS_AUTH,
    ),
    rule(
        "Creation or Modification of Sensitive Role",
        &[
            ROLES,
            WRITES,
            ALLOWED,
            WHOLE,
            COMPLETE,
            IsNot("kubernetes.audit.sourceIPs", &["127.0.0.1", "::1"]),
            Is("kubernetes.audit.requestObject.rules.verbs", &["*"]),
        ],
        ELSEWHERE_ROLE,
    ),
    rule(
        "RBAC Wildcard Elevation on Existing Role",
        &[
            ROLES,
            Is("kubernetes.audit.verb", &["update", "patch"]),
            ALLOWED,
            WHOLE,
            COMPLETE,
            Is("kubernetes.audit.responseObject.rules.verbs", &["*"]),
            Is("kubernetes.audit.responseObject.rules.resources", &["*"]),
        ],
        ELSEWHERE_ROLE,
    ),
    rule(
        "Creation of a RoleBinding Referencing a ServiceAccount",
        &[
            DATASET,
            Is("kubernetes.audit.requestObject.spec.serviceAccountName", &["*"]),
            CREATES,
            Is("kubernetes.audit.objectRef.resource", &["rolebindings", "clusterrolebindings"]),
            ALLOWED,
        ],
        BOUND,
    ),
    rule(
        "API Server Proxying Request to Kubelet",
        &[
            Is("kubernetes.audit.objectRef.subresource", &["proxy"]),
            Is("kubernetes.audit.objectRef.resource", &["nodes"]),
            IsNot("kubernetes.audit.requestURI", &["*metrics*", "*healthz*"]),
        ],
        Corpus,
    ),
    rule(
        "Container Created with Excessive Linux Capabilities",
        &[
            DATASET,
            ALLOWED,
            CREATES,
            PODS,
            Is(
                "kubernetes.audit.requestObject.spec.containers.securityContext.capabilities.add",
                &["NET_ADMIN", "SYS_ADMIN"],
            ),
        ],
        POD,
    ),
    rule(
        "API Request Impersonating Privileged Identity",
        &[
            DATASET,
            Is("kubernetes.audit.impersonatedUser.username", &["*"]),
            ALLOWED,
            Is("kubernetes.audit.impersonatedUser.groups", &["system:masters"]),
        ],
        Corpus,
    ),
    rule(
        "Ephemeral Container Added to Pod",
        &[
            DATASET,
            PODS,
            Is("kubernetes.audit.objectRef.subresource", &["ephemeralcontainers"]),
            Is("kubernetes.audit.verb", &["update", "patch"]),
            ALLOWED,
        ],
        Corpus,
    ),
    rule(
        "Pod Created With HostIPC",
        &[DATASET, ALLOWED, PODS, WRITES, Is("kubernetes.audit.requestObject.spec.hostIPC", &["true"])],
        POD,
    ),
    rule(
        "Pod Created With HostNetwork",
        &[DATASET, ALLOWED, PODS, WRITES, Is("kubernetes.audit.requestObject.spec.hostNetwork", &["true"])],
        POD,
    ),
    rule(
        "Pod Created With HostPID",
        &[DATASET, ALLOWED, PODS, WRITES, Is("kubernetes.audit.requestObject.spec.hostPID", &["true"])],
        POD,
    ),
    rule(
        "Pod Created with a Sensitive hostPath Volume",
        &[
            DATASET,
            ALLOWED,
            PODS,
            WRITES,
            Is(
                "kubernetes.audit.requestObject.spec.volumes.hostPath.path",
                &["/", "/etc", "/etc/kubernetes"],
            ),
        ],
        POD,
    ),
    rule(
        "Privileged Pod Created",
        &[
            DATASET,
            ALLOWED,
            PODS,
            CREATES,
            Is("kubernetes.audit.requestObject.spec.containers.securityContext.privileged", &["true"]),
        ],
        POD,
    ),
    rule(
        "Sensitive RBAC Change Followed by Workload Modification",
        &[DATASET, ALLOWED, ROLES, WRITES, Is("user.name", &["*"])],
        Corpus,
    ),
    rule(
        "Unusual Sensitive Workload Modification",
        &[
            DATASET,
            AGENT,
            ALLOWED,
            Is("kubernetes.audit.objectRef.resource", &["daemonsets", "deployments", "cronjobs"]),
            Is("kubernetes.audit.verb", &["create", "patch"]),
        ],
        Corpus,
    ),
    rule(
        "Service Account Modified RBAC Objects",
        &[
            DATASET,
            ALLOWED,
            Is("kubernetes.audit.user.username", &["system:serviceaccount:*"]),
            Is(
                "kubernetes.audit.objectRef.resource",
                &["clusterrolebindings", "clusterroles", "rolebindings", "roles"],
            ),
            Is("kubernetes.audit.verb", &["create", "delete", "patch", "update"]),
        ],
        ACCOUNT_ROLE,
    ),
    rule(
        "Suspicious Assignment of Controller Service Account",
        &[
            DATASET,
            ALLOWED,
            CREATES,
            PODS,
            KUBE_SYSTEM,
            Is("kubernetes.audit.requestObject.spec.serviceAccountName", &["*controller"]),
        ],
        POD,
    ),
];

/// The values of a field, as Elasticsearch sees them: through arrays, and a name with points is a way.
fn values(document: &Value, path: &str, found: &mut Vec<String>) {
    match document {
        Value::Array(items) => items.iter().for_each(|item| values(item, path, found)),
        Value::Object(members) => {
            for (name, value) in members {
                match path.strip_prefix(name.as_str()) {
                    Some("") => leaves(value, found),
                    Some(rest) => {
                        rest.strip_prefix('.').into_iter().for_each(|rest| values(value, rest, found))
                    }
                    None => {}
                }
            }
        }
        _ => {}
    }
}

fn leaves(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| leaves(item, found)),
        Value::String(text) => found.push(text.clone()),
        Value::Null | Value::Object(_) => {}
        other => found.push(other.to_string()),
    }
}

fn fits(text: &str, pattern: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return text == pattern };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        let Some((_, behind)) = left.split_once(part) else { return false };
        left = behind;
    }
    left.ends_with(last)
}

fn fires(rule: &Rule, document: &Value) -> bool {
    rule.asks.iter().all(|asks| {
        let (Is(path, patterns) | IsNot(path, patterns)) = asks;
        let mut found = Vec::new();
        values(document, path, &mut found);
        let any = found.iter().any(|text| patterns.iter().any(|pattern| fits(text, pattern)));
        any == matches!(asks, Is(..))
    })
}

#[test]
fn every_rule_finds_its_fields() {
    let mut filter = filter("output: {format: ecs}");
    let documents: Vec<Value> = corpus()
        .unwrap()
        .iter()
        .filter(|(name, _)| name.contains("/audit"))
        .map(|(_, record)| serde_json::from_slice(&answer(&mut filter, record)).unwrap())
        .collect();
    let mut findings = Vec::new();
    for rule in RULES {
        let real = documents.iter().any(|document| fires(rule, document));
        match rule.on {
            Corpus if !real => findings.push(format!("{}: no event of the corpus", rule.name)),
            Corpus => {}
            Event(_) if real => findings.push(format!("{}: the corpus has an event, too", rule.name)),
            Event(event) => {
                let document = answer(&mut filter, event.as_bytes());
                if !fires(rule, &serde_json::from_slice(&document).unwrap()) {
                    findings.push(format!("{}: {}", rule.name, String::from_utf8_lossy(&document)));
                }
            }
        }
    }
    report(&findings);
}

/// Values that the schema enumerates. Source: `schemas/event.yml`; of `event.type` those of the category `api`.
const ENUMERATED: &[(&str, &[&str])] = &[
    ("event.kind", &["event"]),
    ("event.category", &["api"]),
    ("event.outcome", &["success", "failure", "unknown"]),
    ("event.type", &["access", "change", "creation", "deletion", "info", "allowed", "denied"]),
    ("ecs.version", &[ECS_VERSION]),
];

/// Fields that are numbers or addresses; others are texts.
const NUMBERS: [&str; 3] = ["event.duration", "event.severity", "http.response.status_code"];
const ADDRESSES: [&str; 3] = ["client.ip", "source.ip", "related.ip"];

#[test]
fn values_are_those_of_the_schema() {
    let mut filter = filter("output: {format: ecs}");
    let (mut findings, mut seen) = (Vec::new(), BTreeSet::new());
    for (name, record) in records().unwrap() {
        let document = answer(&mut filter, &record);
        let Ok(document) = serde_json::from_slice::<Value>(&document) else { continue };
        if document["auditveil"]["shape"] == "other" || document.get("events").is_some() {
            continue;
        }
        for row in format::fields(Format::Ecs).iter().filter(|row| row.path != "kubernetes.audit") {
            let mut found = Vec::new();
            values(&document, row.path, &mut found);
            seen.extend((!found.is_empty()).then_some(row.path));
            for text in &found {
                let known = ENUMERATED.iter().find(|(path, _)| *path == row.path);
                let right = known.is_none_or(|(_, values)| values.contains(&text.as_str()))
                    && (!NUMBERS.contains(&row.path) || text.parse::<u64>().is_ok())
                    && (!ADDRESSES.contains(&row.path) || text.parse::<std::net::IpAddr>().is_ok())
                    && text.len() <= 4096;
                if !right {
                    findings.push(format!("{name}: {} is {text}", row.path));
                }
            }
        }
        for (path, _) in ENUMERATED {
            let mut found = Vec::new();
            values(&document, path, &mut found);
            if found.is_empty() {
                findings.push(format!("{name}: no {path}"));
            }
        }
    }
    report(&findings);
    // Every other row was seen, so that none is wrong unnoticed.
    let unseen: Vec<&str> =
        format::fields(Format::Ecs).iter().map(|row| row.path).filter(|path| !seen.contains(path)).collect();
    assert_eq!(unseen, ["kubernetes.audit"]);
}
