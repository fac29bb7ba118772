//! A second, slow reading of docs/leak-surface.md: what must become of the values of an event, on a tree.
//!
//! Nothing of the core is used, and nothing is clever: words of names are compared with short lists, and a value of which
//! these lists do not tell surely what it is gets no ruling. So the oracle has three answers, and two of them count: a value
//! that must go and came out is a leak, one that must stay and is gone was hidden by mistake. What has no ruling is held by
//! cases, plants and the other properties.
//!
//! [`COVERED`] lists the rows it restates, [`LEFT`] those it does not, with the reason. A suite holds both lists to the
//! table of the core.

use serde_json::Value;

mod names;
mod texts;

use names::{Named, harmless, named, plain};

/// The rows that the oracle restates, by their ids.
pub const COVERED: &[&str] = &[
    "secret.data.*",
    "last_applied",
    "uri",
    "object_name",
    "user",
    "oauth_token",
    "token",
    "env.*",
    "config_map.data.*",
    "argument",
    "file_content",
    "key_name",
    "unknown_body",
];

/// The rows that it leaves to others, and why.
pub const LEFT: &[(&str, &str)] = &[
    ("secret.metadata.annotations.*", "`properties/secret` restates all of a Secret but its values"),
    ("secret.*", "the same"),
    ("secret.patch", "a path decides what a value is: plants, and the cases of `secret-patch`"),
    ("secret.message", "phrases decide: the cases of `error-text`"),
    ("user_agent", "what a text looks like decides: plants, and the cases of `client-text`"),
    ("message", "phrases decide: the cases of `error-text`, `properties/texts`"),
    ("expression", "a language of its own: plants, and the cases of `admission-policy`"),
    ("condition", "the same"),
    ("certificate_request", "DER in PEM in base64: plants, and the cases of `certificate-request`"),
    ("content", "what a text looks like decides: the suite `content`"),
    ("text", "what is cut is no tree: plants, and the suite `damage`"),
    ("damaged", "the same"),
];

/// What must become of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing of it comes out: the mask of its type, or of something it stands in.
    Hidden,
    /// It comes out as it is.
    Kept,
    /// It becomes this text.
    Becomes(String),
}

/// A step from a value to one inside of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The member of an object.
    Key(String),
    /// The element of an array.
    Index(usize),
    /// What the JSON text in a string says.
    Text,
}

/// A value of an event, and what must become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// Where it stands.
    pub path: Vec<Step>,
    /// By which row; for what is kept, the one that would hide it.
    pub row: &'static str,
    /// What must become of it.
    pub verdict: Verdict,
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Secret,
    OAuthToken,
    /// Objects with members of any name.
    Custom,
    /// Objects of Kubernetes' own kinds.
    Known,
    /// Neither `objectRef` nor `requestURI` tells.
    Nothing,
    /// Only one of them does, or it does so in an unusual way.
    Unclear,
}

/// API groups whose kinds have the members that Kubernetes gave them.
const KNOWN_GROUPS: [&str; 14] = [
    "",
    "apps",
    "batch",
    "autoscaling",
    "policy",
    "admissionregistration.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "networking.k8s.io",
    "rbac.authorization.k8s.io",
];

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Members that other rows or no row of [`COVERED`] read, in any kind.
const OTHERS: [&str; 22] = [
    "message",
    "note",
    "details",
    "request",
    "jsonPatch",
    "applyConfiguration",
    "variables",
    "validations",
    "matchConditions",
    "auditAnnotations",
    "expressionWarnings",
    "x-kubernetes-validations",
    "openAPIV3Schema",
    "managedFields",
    "rows",
    "columnDefinitions",
    "extra",
    "encryptedData",
    "requestObject",
    "responseObject",
    "requestURI",
    "binaryData",
];

/// Members of custom resources that hold a file, a script or a URL.
const FILES: [&str; 13] = [
    "values",
    "valuesContent",
    "content",
    "contents",
    "cloudConfig",
    "cloudInit",
    "userData",
    "userDataBase64",
    "url",
    "repoURL",
    "inline",
    "preKubeadmCommands",
    "postKubeadmCommands",
];

/// What must become of the values of `event`, as far as the lists here tell.
pub fn rulings(event: &Value) -> Vec<Ruling> {
    let mut oracle = Oracle { path: Vec::new(), rulings: Vec::new() };
    let about = about(event);
    for name in ["level", "stage", "verb", "auditID", "kind", "apiVersion"] {
        oracle.at(name, |oracle| oracle.rule("unknown_body", Verdict::Kept));
    }
    oracle.head(event, about);
    for name in ["requestObject", "responseObject"] {
        let Some(body) = event.get(name) else { continue };
        let patch = name == "requestObject"
            && !event.get("verb").is_some_and(|verb| verb == "create" || verb == "update");
        oracle.at(name, |oracle| match about {
            About::Nothing if !body.is_null() => oracle.rule("unknown_body", Verdict::Hidden),
            About::OAuthToken if !body.is_null() => oracle.rule("oauth_token", Verdict::Hidden),
            About::Secret => oracle.secret_body(body),
            // The operations of a JSON patch say by their path what a value is.
            About::Custom | About::Known if patch && body.is_array() => {}
            About::Known if patch => oracle.walk(body, true),
            About::Custom => oracle.walk(body, true),
            About::Known => oracle.walk(body, false),
            About::Nothing | About::OAuthToken | About::Unclear => {}
        });
    }
    oracle.rulings.retain(|ruling| find(event, &ruling.path).is_some_and(|value| !value.is_null()));
    oracle.rulings
}

/// Whether a ruling is kept by `output`.
///
/// # Errors
///
/// What stands there instead.
pub fn held(ruling: &Ruling, input: &Value, output: &Value) -> Result<(), String> {
    let before = find(input, &ruling.path).map(|value| value.into_owned());
    let after = find(output, &ruling.path);
    let masked = || is_masked_on_the_way(output, &ruling.path);
    let held = match (&ruling.verdict, &after) {
        (Verdict::Hidden, _) if masked() => true,
        (Verdict::Hidden, Some(after)) => is_mask(after),
        (Verdict::Hidden, None) => false,
        (Verdict::Kept, after) => after.as_deref() == before.as_ref(),
        (Verdict::Becomes(text), Some(after)) => after.as_str() == Some(text),
        (Verdict::Becomes(_), None) => false,
    };
    if held {
        return Ok(());
    }
    let path = ruling.path.iter().map(Step::told).collect::<Vec<String>>().join("/");
    Err(format!("{} at {path}: {:?}, and {before:?} became {after:?}", ruling.row, ruling.verdict))
}

/// Whether an event has the shape that comes out as it is, and that a tree can hold: what is deeper or wider is emitted as
/// text.
pub fn is_ordinary(event: &Value) -> bool {
    fn fits(value: &Value, levels: usize) -> bool {
        match value {
            Value::Array(items) => levels > 0 && items.iter().all(|item| fits(item, levels - 1)),
            Value::Object(members) => {
                levels > 0 && members.len() <= 1024 && members.values().all(|value| fits(value, levels - 1))
            }
            _ => true,
        }
    }
    event.get("kind").is_some_and(|kind| kind == "Event") && fits(event, 46)
}

impl Step {
    fn told(&self) -> String {
        match self {
            Step::Key(name) => name.clone(),
            Step::Index(index) => index.to_string(),
            Step::Text => "(text)".to_owned(),
        }
    }
}

fn is_mask(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text == "[REDACTED]",
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The value at `path`, read from texts where it leads through them.
fn find<'a>(value: &'a Value, path: &[Step]) -> Option<std::borrow::Cow<'a, Value>> {
    use std::borrow::Cow;
    let mut at = Cow::Borrowed(value);
    for step in path {
        at = match at {
            Cow::Borrowed(value) => match step {
                Step::Key(name) => Cow::Borrowed(value.get(name)?),
                Step::Index(index) => Cow::Borrowed(value.get(*index)?),
                Step::Text => Cow::Owned(serde_json::from_str(value.as_str()?).ok()?),
            },
            Cow::Owned(value) => Cow::Owned(match step {
                Step::Key(name) => value.get(name)?.clone(),
                Step::Index(index) => value.get(*index)?.clone(),
                Step::Text => serde_json::from_str(value.as_str()?).ok()?,
            }),
        };
    }
    Some(at)
}

/// Whether something that `path` leads through is a mask.
fn is_masked_on_the_way(value: &Value, path: &[Step]) -> bool {
    (1..path.len())
        .filter_map(|length| find(value, path.get(..length)?))
        .any(|value| is_mask(&value) && !value.is_null())
}

fn about(event: &Value) -> About {
    let uri = event.get("requestURI").and_then(Value::as_str);
    let Some(object_ref) = event.get("objectRef").filter(|value| !value.is_null()) else {
        return if event.get("requestURI").is_none() { About::Nothing } else { About::Unclear };
    };
    let field = |name: &str| object_ref.get(name).map_or(Some(""), Value::as_str);
    let (Some(resource), Some(group), Some(_)) = (field("resource"), field("apiGroup"), uri) else {
        return About::Unclear;
    };
    match (resource, group) {
        ("", _) => About::Unclear,
        ("secrets", "") => About::Secret,
        ("oauthaccesstokens" | "oauthauthorizetokens", _) => {
            match object_ref.get("name").and_then(Value::as_str) {
                Some(name) if name.starts_with("sha256~") || name == "[REDACTED]" => About::Unclear,
                _ => About::OAuthToken,
            }
        }
        // What is about Secrets by its path alone, or by a false group.
        _ if uri.is_some_and(|uri| uri.to_lowercase().contains("secrets")) => About::Unclear,
        ("configmaps", "") => About::Custom,
        (_, group) if KNOWN_GROUPS.contains(&group) => About::Known,
        (_, group) if group.ends_with(".k8s.io") && !group.starts_with("storage.") => About::Unclear,
        _ => About::Custom,
    }
}

struct Oracle {
    path: Vec<Step>,
    rulings: Vec<Ruling>,
}

impl Oracle {
    fn rule(&mut self, row: &'static str, verdict: Verdict) {
        self.rulings.push(Ruling { path: self.path.clone(), row, verdict });
    }

    fn at(&mut self, name: &str, then: impl FnOnce(&mut Self)) {
        self.step(Step::Key(name.to_owned()), then);
    }

    fn step(&mut self, step: Step, then: impl FnOnce(&mut Self)) {
        self.path.push(step);
        then(self);
        self.path.pop();
    }

    /// What the apiserver says of the request itself.
    fn head(&mut self, event: &Value, about: About) {
        if let Some(uri) = event.get("requestURI").and_then(Value::as_str)
            && about != About::OAuthToken
            && let Some(becomes) = texts::uri(uri)
        {
            self.at("requestURI", |oracle| oracle.rule("uri", Verdict::Becomes(becomes)));
        }
        let name = event.pointer("/objectRef/name").and_then(Value::as_str).unwrap_or_default();
        self.at("objectRef", |oracle| {
            oracle.at("name", |oracle| {
                if about == About::OAuthToken {
                    oracle.rule("oauth_token", Verdict::Hidden);
                } else if let Some(becomes) = texts::object_name(name) {
                    oracle.rule("object_name", Verdict::Becomes(becomes));
                }
            });
            oracle.at("resource", |oracle| oracle.rule("object_name", Verdict::Kept));
        });
        for user in ["user", "impersonatedUser"] {
            let extra = event.get(user).and_then(|user| user.get("extra")).and_then(Value::as_object);
            for (key, values) in extra.into_iter().flatten() {
                let sure = named(key.rsplit('/').next().unwrap_or_default()) == Named::Credential;
                for (index, value) in values.as_array().into_iter().flatten().enumerate() {
                    if sure && value.as_str().is_some_and(|value| !harmless(value)) {
                        let path = [user, "extra", key].map(|name| Step::Key(name.to_owned()));
                        let path = path.into_iter().chain([Step::Index(index)]).collect();
                        self.rulings.push(Ruling { path, row: "user", verdict: Verdict::Hidden });
                    }
                }
            }
        }
    }

    /// The body of a request for Secrets: a Secret, a list, or a patch.
    fn secret_body(&mut self, body: &Value) {
        self.secret(body);
        for (index, item) in body.get("items").and_then(Value::as_array).into_iter().flatten().enumerate() {
            self.at("items", |oracle| oracle.step(Step::Index(index), |oracle| oracle.secret(item)));
        }
    }

    fn secret(&mut self, secret: &Value) {
        for name in ["data", "stringData"] {
            match secret.get(name) {
                Some(Value::Object(values)) => self.at(name, |oracle| {
                    for key in values.keys() {
                        oracle.at(key, |oracle| oracle.rule("secret.data.*", Verdict::Hidden));
                    }
                }),
                Some(Value::Null) | None => {}
                Some(_) => self.at(name, |oracle| oracle.rule("secret.data.*", Verdict::Hidden)),
            }
        }
    }

    fn walk(&mut self, value: &Value, custom: bool) {
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.step(Step::Index(index), |oracle| oracle.walk(item, custom));
                }
            }
            Value::Object(members) => {
                let kind = members.get("kind").and_then(Value::as_str).unwrap_or_default();
                if kind == "Secret" || kind == "SecretList" {
                    return self.secret(value);
                }
                // Others that may be taken for a Secret, or say what they are beside what they hold.
                let by_type = members.get("type").and_then(Value::as_str).unwrap_or_default();
                if by_type == "Opaque" || by_type.starts_with("kubernetes.io/") || kind == "Event" {
                    return;
                }
                let pair = ["name", "key"].into_iter().find_map(|name| members.get(name)?.as_str());
                for (name, value) in members {
                    self.at(name, |oracle| oracle.member(name, value, custom, pair));
                }
            }
            _ => {}
        }
    }

    fn member(&mut self, name: &str, value: &Value, custom: bool, pair: Option<&str>) {
        let judged = named(name.rsplit('/').next().unwrap_or_default());
        match name {
            "stringData" => match value {
                Value::Object(values) => {
                    for key in values.keys() {
                        self.at(key, |oracle| oracle.rule("secret.data.*", Verdict::Hidden));
                    }
                }
                _ => self.rule("secret.data.*", Verdict::Hidden),
            },
            // An object or an array may say where one is instead.
            "token" if value.is_object() || value.is_array() => {}
            "token" => self.rule("token", Verdict::Hidden),
            LAST_APPLIED => self.last_applied(value, custom),
            "nonResourceAttributes" => {
                if let Some(becomes) = value.get("path").and_then(Value::as_str).and_then(texts::uri) {
                    self.at("path", |oracle| oracle.rule("uri", Verdict::Becomes(becomes)));
                }
            }
            "env" | "httpHeaders" => self.variables(value),
            "command" | "args" => self.arguments(value),
            name if OTHERS.contains(&name) => {}
            "options" | "volumeAttributes" | "clientConfig" if !custom => self.walk(value, true),
            "annotations" | "labels" if !custom => self.annotations(value),
            _ if !custom => self.ordinary(value, false),
            "data" => self.data(value),
            "tls" => self.tls(value),
            name if FILES.contains(&name) => {}
            "value" => match pair.map(named) {
                Some(Named::Credential) => self.credential(value, "key_name"),
                Some(Named::Ordinary) | None => self.ordinary(value, true),
                Some(Named::Unsure) => {}
            },
            "secret" if self.path.len() == 2 && pair.is_none() => {}
            _ => self.judged(judged, value, "key_name"),
        }
    }

    /// A value by what its name says.
    fn judged(&mut self, judged: Named, value: &Value, row: &'static str) {
        match judged {
            Named::Credential => self.credential(value, row),
            Named::Ordinary => self.ordinary(value, true),
            Named::Unsure => {}
        }
    }

    /// Annotations or labels, of which all are texts.
    fn annotations(&mut self, value: &Value) {
        for (name, value) in value.as_object().into_iter().flatten() {
            let judged = named(name.rsplit('/').next().unwrap_or_default());
            self.at(name, |oracle| match name.as_str() {
                // The copy is of the same kind as what it is in.
                LAST_APPLIED => oracle.last_applied(value, false),
                _ if value.is_string() => oracle.judged(judged, value, "key_name"),
                _ => {}
            });
        }
    }

    /// A value under a name that says it is a credential. An object or an array may say where one is instead.
    fn credential(&mut self, value: &Value, row: &'static str) {
        match value {
            Value::String(text) if !harmless(text) => self.rule(row, Verdict::Hidden),
            Value::Number(_) => self.rule(row, Verdict::Hidden),
            Value::Bool(_) => self.rule(row, Verdict::Kept),
            Value::Array(items)
                if items.iter().any(|item| item.as_str().is_some_and(|text| !harmless(text))) =>
            {
                self.rule(row, Verdict::Hidden);
            }
            Value::Object(members) if members.contains_key("value") || members.contains_key("password") => {
                self.rule(row, Verdict::Hidden);
            }
            _ => {}
        }
    }

    /// A value under a name that says nothing.
    fn ordinary(&mut self, value: &Value, custom: bool) {
        match value {
            Value::String(text) if plain(text) => self.rule("key_name", Verdict::Kept),
            Value::Number(_) | Value::Bool(_) => self.rule("key_name", Verdict::Kept),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.step(Step::Index(index), |oracle| match item {
                        Value::String(text) if plain(text) => oracle.rule("key_name", Verdict::Kept),
                        item => oracle.walk(item, custom),
                    });
                }
            }
            value => self.walk(value, custom),
        }
    }

    fn last_applied(&mut self, value: &Value, custom: bool) {
        let Some(text) = value.as_str() else { return };
        match serde_json::from_str::<Value>(text) {
            Ok(copy) if copy.is_object() => self.step(Step::Text, |oracle| oracle.walk(&copy, custom)),
            Ok(_) => {}
            // One that is cut, or none at all.
            Err(_) if !text.is_empty() => self.rule("last_applied", Verdict::Hidden),
            Err(_) => {}
        }
    }

    /// Environment variables or headers, as a list of pairs or as a map.
    fn variables(&mut self, value: &Value) {
        let ruled = |oracle: &mut Self, name: &str, value: &Value| match (named(name), value) {
            (Named::Credential, Value::String(text)) if !harmless(text) => {
                oracle.rule("env.*", Verdict::Hidden)
            }
            (Named::Ordinary, Value::String(text)) if plain(text) => oracle.rule("env.*", Verdict::Kept),
            _ => {}
        };
        for (index, variable) in value.as_array().into_iter().flatten().enumerate() {
            let Some(name) = variable.get("name").and_then(Value::as_str) else { continue };
            let Some(value) = variable.get("value") else { continue };
            self.step(Step::Index(index), |oracle| oracle.at("value", |oracle| ruled(oracle, name, value)));
        }
        for (name, value) in value.as_object().into_iter().flatten() {
            if !matches!(name.as_str(), "name" | "value" | "key") {
                self.at(name, |oracle| ruled(oracle, name, value));
            }
        }
    }

    fn arguments(&mut self, value: &Value) {
        let Some(arguments) = value.as_array() else { return };
        let arguments: Vec<&str> =
            arguments.iter().map(|argument| argument.as_str().unwrap_or("?")).collect();
        for (index, becomes) in texts::arguments(&arguments).into_iter().enumerate() {
            if let Some(becomes) = becomes {
                self.step(Step::Index(index), |oracle| oracle.rule("argument", Verdict::Becomes(becomes)));
            }
        }
    }

    /// The `data` of a ConfigMap or of a custom resource.
    fn data(&mut self, value: &Value) {
        for (key, value) in value.as_object().into_iter().flatten() {
            self.at(key, |oracle| match (named(key), value) {
                (Named::Credential, Value::String(text)) if !harmless(text) => {
                    oracle.rule("config_map.data.*", Verdict::Hidden);
                }
                (Named::Ordinary, Value::String(text)) if plain(text) => {
                    oracle.rule("config_map.data.*", Verdict::Kept);
                }
                _ => {}
            });
        }
    }

    /// The settings of TLS, as a Route has them.
    fn tls(&mut self, value: &Value) {
        for (key, value) in value.as_object().into_iter().flatten() {
            self.at(key, |oracle| match (key.as_str(), value) {
                ("key", Value::String(text)) if !harmless(text) => {
                    oracle.rule("file_content", Verdict::Hidden)
                }
                ("termination" | "insecureEdgeTerminationPolicy", Value::String(text)) if plain(text) => {
                    oracle.rule("file_content", Verdict::Kept);
                }
                _ => {}
            });
        }
    }
}
