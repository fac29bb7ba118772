//! From text to [`Config`].

use super::detections;
use super::schema::{CONFIG, HOMES};
use super::{
    Action, Bodies, ClassAction, Config, Detections, Exception, Format, Hmac, Other, PolicySource, Shape,
    TokenCharset, TokenFormat,
};
use crate::document::{Code, Dialect, Document, Error, NodeId, Rejected, Step, Unknown, Value, check, read};
use crate::policy;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A configuration that is valid, and what is worth a look in its policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// What Kubernetes would warn of in the policy.
    pub warnings: Vec<Error>,
}

/// Loads a configuration from the text of its file, YAML or JSON.
///
/// - Every key is optional; `null` is the same as nothing; an empty text is the default.
/// - Below `policy` stands what the apiserver would read as its policy file, and it is read as the
///   apiserver does: there, unknown and repeated keys are warnings.
///
/// # Errors
/// Unknown keys, repeated keys, values of the wrong type or without a meaning, and what does not go
/// together; all of them at once.
pub fn load(text: &[u8]) -> Result<Loaded, Rejected> {
    let document = read(text, Dialect::Either)?;
    let root = document.root();
    let mut errors = check(&document, root, &[], &CONFIG, Unknown::Refused, HOMES).errors;
    let mut warnings = Vec::new();
    let top = Reader { document: &document, id: Some(root) };
    let mut config = Config::default();
    if let Some(id) = top.get("policy").id {
        match policy::load_from(&document, id, &[Step::from("policy")]) {
            Ok(loaded) => {
                warnings = loaded.warnings;
                config.policy = Some(PolicySource::Inline(loaded.policy));
            }
            Err(rejected) => {
                errors.extend(rejected.errors);
                warnings = rejected.warnings;
            }
        }
    }
    if errors.is_empty() {
        fill(&mut config, &top, &mut errors);
    }
    errors.sort_by_key(|error| (error.line(), error.column()));
    if errors.is_empty() { Ok(Loaded { config, warnings }) } else { Err(Rejected { errors, warnings }) }
}

/// Reads a tree that passed the check.
fn fill(config: &mut Config, top: &Reader<'_>, errors: &mut Vec<Error>) {
    let file = top.get("policy_file");
    if let Some(path) = file.text() {
        if config.policy.is_some() {
            errors.push(file.error("policy_file", Code::PolicyTwice));
        }
        config.policy = Some(PolicySource::File(path));
    }

    let input = top.get("input");
    set(&mut config.input.shape, input.get("shape").text().map(|name| shape(&name)));
    set(&mut config.input.field, input.get("field").text());
    set(
        &mut config.input.other,
        input.get("other").text().map(|name| match name.as_str() {
            "drop" => Other::Drop,
            _ => Other::Keep,
        }),
    );

    let redact = top.get("redact");
    set(&mut config.redact.action, redact.get("action").text().map(|name| action(&name)));
    let hmac = redact.get("hmac");
    config.redact.hmac =
        hmac.get("key_id").text().zip(hmac.get("key_file").text()).map(|(key_id, key_file)| Hmac {
            key_id,
            key_file,
            per_namespace: hmac.get("per_namespace").flag().unwrap_or_default(),
        });
    let classes = redact.get("classes");
    let kinds = &mut config.redact.classes;
    for (name, class) in [
        ("config_map", &mut kinds.config_map),
        ("env", &mut kinds.env),
        ("args", &mut kinds.args),
        ("custom_resource", &mut kinds.custom_resource),
        ("uri", &mut kinds.uri),
        ("error_text", &mut kinds.error_text),
        ("content", &mut kinds.content),
    ] {
        set(class, classes.get(name).text().map(|name| class_action(&name)));
    }
    for item in redact.get("tokens").items() {
        let (name, prefix, charset) =
            (item.get("name").text(), item.get("prefix").text(), item.get("charset").text());
        let known = TokenCharset::ALL.iter().find(|(name, _)| charset.as_deref() == Some(*name));
        let (min, max) = (item.get("min_length").number(), item.get("max_length").number());
        if let (Some(name), Some(prefix), Some(&(_, charset)), Some(min), Some(max)) =
            (name, prefix, known, min, max)
        {
            if min > max {
                errors.push(item.get("max_length").error("redact.tokens", Code::LengthsCrossed));
            }
            config.redact.tokens.push(TokenFormat {
                name,
                prefix,
                charset,
                min_length: min,
                max_length: max,
            });
        }
    }
    for item in redact.get("keep").items() {
        let (resource, path, reason) =
            (item.get("resource").text(), item.get("path").text(), item.get("reason").text());
        if let (Some(resource), Some(path), Some(reason)) = (resource, path, reason) {
            let namespace = item.get("namespace").text();
            config.redact.keep.push(Exception { resource, path, namespace, reason });
        }
    }
    if config.needs_hmac() && config.redact.hmac.is_none() {
        errors.push(redact.error("redact", Code::NoHmacKey));
    }

    let enrich = top.get("enrich");
    set(&mut config.enrich.key, enrich.get("key").text());
    config.enrich.labels = enrich.get("labels").texts();
    set(
        &mut config.enrich.detections,
        enrich.get("detections").text().map(|name| match name.as_str() {
            "none" => Detections::None,
            _ => Detections::Default,
        }),
    );
    set(&mut config.enrich.facts, enrich.get("facts").flag());
    detections::read(&mut config.enrich, &enrich, errors);
    set(&mut config.enrich.dropped_bodies, enrich.get("dropped_bodies").flag());

    let output = top.get("output");
    set(
        &mut config.output.format,
        output.get("format").text().map(|name| match name.as_str() {
            "ecs" => Format::Ecs,
            "ocsf" => Format::Ocsf,
            _ => Format::Audit,
        }),
    );
    set(
        &mut config.output.bodies,
        output.get("bodies").text().map(|name| match name.as_str() {
            "text" => Bodies::Text,
            "none" => Bodies::None,
            _ => Bodies::Objects,
        }),
    );

    set(&mut config.limits.max_record_bytes, top.get("limits").get("max_record_bytes").number());
}

fn set<T>(target: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *target = value;
    }
}

fn action(name: &str) -> Action {
    match name {
        "remove" => Action::Remove,
        "hmac" => Action::Hmac,
        _ => Action::Mask,
    }
}

fn class_action(name: &str) -> ClassAction {
    match name {
        "auto" => ClassAction::Auto,
        "keep" => ClassAction::Keep,
        name => ClassAction::Do(action(name)),
    }
}

fn shape(name: &str) -> Shape {
    match name {
        "event" => Shape::Event,
        "event_list" => Shape::EventList,
        "text" => Shape::Text,
        "cri" => Shape::Cri,
        "eks" => Shape::Eks,
        "gke" => Shape::Gke,
        "aks" => Shape::Aks,
        "rancher" => Shape::Rancher,
        "admission_review" => Shape::AdmissionReview,
        "nested" => Shape::Nested,
        _ => Shape::Auto,
    }
}

/// A node, or none where the text has nothing.
pub(super) struct Reader<'a> {
    pub(super) document: &'a Document,
    pub(super) id: Option<NodeId>,
}

impl<'a> Reader<'a> {
    pub(super) fn value(&self) -> Option<&'a Value> {
        self.id.map(|id| &self.document.node(id).value)
    }

    /// The member of a mapping; `null` is none.
    pub(super) fn get(&self, key: &str) -> Reader<'a> {
        let document = self.document;
        let id = match self.value() {
            Some(Value::Map(map)) => {
                map.members.iter().rev().find(|member| *member.key == *key).map(|member| member.value)
            }
            _ => None,
        };
        Reader { document, id: id.filter(|&id| document.node(id).value != Value::Null) }
    }

    pub(super) fn items(&self) -> impl Iterator<Item = Reader<'a>> {
        let document = self.document;
        let items = match self.value() {
            Some(Value::List(items)) => items.as_slice(),
            _ => &[],
        };
        items.iter().map(move |&id| Reader { document, id: Some(id) })
    }

    pub(super) fn text(&self) -> Option<String> {
        match self.value() {
            Some(Value::Text(text)) => Some(text.to_string()),
            _ => None,
        }
    }

    fn flag(&self) -> Option<bool> {
        match self.value() {
            Some(Value::Bool(flag)) => Some(*flag),
            _ => None,
        }
    }

    fn number(&self) -> Option<usize> {
        match self.value() {
            Some(Value::Integer(number)) => usize::try_from(*number).ok(),
            _ => None,
        }
    }

    /// The members of a mapping of texts; `null` is the empty text.
    fn texts(&self) -> Vec<(String, String)> {
        let Some(Value::Map(map)) = self.value() else { return Vec::new() };
        let text = |id| Reader { document: self.document, id: Some(id) }.text().unwrap_or_default();
        map.members.iter().map(|member| (member.key.to_string(), text(member.value))).collect()
    }

    fn error(&self, key: &str, code: Code) -> Error {
        let place = self.document.node(self.id.unwrap_or(self.document.root())).place;
        Error::at(place, [Step::from(key)].into(), code)
    }
}
