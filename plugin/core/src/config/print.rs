//! From a [`Config`] to text again: one text for one meaning.

use super::{
    Action, Bodies, ClassAction, Config, Detections, Exception, Format, Other, Own, PolicySource, Shape,
    TokenCharset, TokenFormat,
};
use crate::policy::{GroupResources, Policy, Rule, Stage};
use alloc::string::String;
use core::fmt::{Display, Write as _};

/// Every value as JSON, defaults too; one line for each part, and for each rule of the policy.
pub(super) fn print(config: &Config) -> String {
    let mut top = Object::new("{\n  ", ",\n  ");
    top.text("version", "1");
    match &config.policy {
        None => {}
        Some(PolicySource::Inline(policy)) => top.put("policy", print_policy(policy)),
        Some(PolicySource::File(path)) => top.text("policy_file", path),
    }

    let mut input = Object::inline();
    input.text("shape", shape(config.input.shape));
    input.text("field", &config.input.field);
    input.text(
        "other",
        match config.input.other {
            Other::Keep => "keep",
            Other::Drop => "drop",
        },
    );
    top.put("input", input.end("}"));

    let mut redact = Object::inline();
    redact.text("action", action(config.redact.action));
    if let Some(hmac) = &config.redact.hmac {
        let mut object = Object::inline();
        object.text("key_id", &hmac.key_id);
        object.text("key_file", &hmac.key_file);
        object.put("per_namespace", hmac.per_namespace);
        redact.put("hmac", object.end("}"));
    }
    let mut classes = Object::inline();
    for (name, class) in config.redact.classes.all() {
        classes.text(
            name,
            match class {
                ClassAction::Auto => "auto",
                ClassAction::Keep => "keep",
                ClassAction::Do(what) => action(what),
            },
        );
    }
    redact.put("classes", classes.end("}"));
    redact.put("tokens", list(config.redact.tokens.iter().map(token_format)));
    redact.put("keep", list(config.redact.keep.iter().map(exception)));
    top.put("redact", redact.end("}"));

    let mut enrich = Object::inline();
    enrich.text("key", &config.enrich.key);
    enrich.put("facts", config.enrich.facts);
    let mut labels = Object::inline();
    for (name, value) in &config.enrich.labels {
        labels.text(name, value);
    }
    enrich.put("labels", labels.end("}"));
    enrich.text(
        "detections",
        match config.enrich.detections {
            Detections::Default => "default",
            Detections::None => "none",
        },
    );
    let quoted = |texts: &[String]| {
        let mut list = Object::new("[", ", ");
        texts.iter().for_each(|text| list.item(Quoted(text)));
        list.end("]")
    };
    enrich.put("except", quoted(&config.enrich.except));
    enrich.put("own", list(config.enrich.own.iter().map(detection)));
    let mut lists = Object::inline();
    for (name, values) in &config.enrich.lists {
        lists.put(name, quoted(values));
    }
    enrich.put("lists", lists.end("}"));
    enrich.put("dropped_bodies", config.enrich.dropped_bodies);
    top.put("enrich", enrich.end("}"));

    let mut output = Object::inline();
    output.text(
        "format",
        match config.output.format {
            Format::Audit => "audit",
            Format::Ecs => "ecs",
            Format::Ocsf => "ocsf",
        },
    );
    output.text(
        "bodies",
        match config.output.bodies {
            Bodies::Objects => "objects",
            Bodies::Text => "text",
            Bodies::None => "none",
        },
    );
    top.put("output", output.end("}"));

    let mut limits = Object::inline();
    limits.put("max_record_bytes", config.limits.max_record_bytes);
    top.put("limits", limits.end("}"));
    top.end("\n}\n")
}

/// As the apiserver would read it. What is empty says nothing there, and is left out.
fn print_policy(policy: &Policy) -> String {
    let mut object = Object::new("{\n    ", ",\n    ");
    object.text("apiVersion", "audit.k8s.io/v1");
    object.text("kind", "Policy");
    object.stages(&policy.omit_stages);
    if policy.omit_managed_fields {
        object.put("omitManagedFields", true);
    }
    let mut rules = Object::new("[\n      ", ",\n      ");
    policy.rules.iter().for_each(|policy_rule| rules.item(rule(policy_rule)));
    object.put("rules", if policy.rules.is_empty() { "[]".into() } else { rules.end("\n    ]") });
    object.end("\n  }")
}

fn rule(rule: &Rule) -> String {
    let mut object = Object::inline();
    object.text("level", rule.level.name());
    object.texts("users", &rule.users);
    object.texts("userGroups", &rule.user_groups);
    object.texts("verbs", &rule.verbs);
    if !rule.resources.is_empty() {
        object.put("resources", list(rule.resources.iter().map(group_resources)));
    }
    object.texts("namespaces", &rule.namespaces);
    object.texts("nonResourceURLs", &rule.non_resource_urls);
    object.stages(&rule.omit_stages);
    if let Some(omit) = rule.omit_managed_fields {
        object.put("omitManagedFields", omit);
    }
    object.end("}")
}

fn group_resources(resources: &GroupResources) -> String {
    let mut object = Object::inline();
    object.text("group", &resources.group);
    object.texts("resources", &resources.resources);
    object.texts("resourceNames", &resources.resource_names);
    object.end("}")
}

fn exception(exception: &Exception) -> String {
    let mut object = Object::inline();
    object.text("resource", &exception.resource);
    object.text("path", &exception.path);
    if let Some(namespace) = &exception.namespace {
        object.text("namespace", namespace);
    }
    object.text("reason", &exception.reason);
    object.end("}")
}

fn detection(own: &Own) -> String {
    let mut object = Object::inline();
    object.text("id", &own.id);
    object.text("severity", own.severity.name());
    object.text("title", &own.title);
    object.text("condition", &own.condition);
    object.end("}")
}

fn token_format(format: &TokenFormat) -> String {
    let charset = TokenCharset::ALL.iter().find(|(_, charset)| *charset == format.charset);
    let mut object = Object::inline();
    object.text("name", &format.name);
    object.text("prefix", &format.prefix);
    object.text("charset", charset.map_or("", |(name, _)| *name));
    object.put("min_length", format.min_length);
    object.put("max_length", format.max_length);
    object.end("}")
}

fn shape(shape: Shape) -> &'static str {
    match shape {
        Shape::Auto => "auto",
        Shape::Event => "event",
        Shape::EventList => "event_list",
        Shape::Text => "text",
        Shape::Cri => "cri",
        Shape::Eks => "eks",
        Shape::Gke => "gke",
        Shape::Aks => "aks",
        Shape::Rancher => "rancher",
        Shape::AdmissionReview => "admission_review",
        Shape::Nested => "nested",
    }
}

fn action(action: Action) -> &'static str {
    match action {
        Action::Mask => "mask",
        Action::Remove => "remove",
        Action::Hmac => "hmac",
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    let mut list = Object::new("[", ", ");
    items.for_each(|item| list.item(item));
    list.end("]")
}

/// An object, or a list, that is being written.
struct Object {
    text: String,
    separator: &'static str,
    empty: bool,
}

impl Object {
    fn new(start: &str, separator: &'static str) -> Object {
        Object { text: start.into(), separator, empty: true }
    }

    fn inline() -> Object {
        Object::new("{", ", ")
    }

    fn item(&mut self, value: impl Display) {
        let separator = if self.empty { "" } else { self.separator };
        self.empty = false;
        // Writing to a String does not fail.
        let _ = write!(self.text, "{separator}{value}");
    }

    fn put(&mut self, key: &str, value: impl Display) {
        self.item(format_args!("{}: {value}", Quoted(key)));
    }

    fn text(&mut self, key: &str, text: &str) {
        self.put(key, Quoted(text));
    }

    /// A list of texts, unless it is empty.
    fn texts(&mut self, key: &str, texts: &[String]) {
        if !texts.is_empty() {
            let mut list = Object::new("[", ", ");
            texts.iter().for_each(|text| list.item(Quoted(text)));
            self.put(key, list.end("]"));
        }
    }

    fn stages(&mut self, stages: &[Stage]) {
        if !stages.is_empty() {
            let mut list = Object::new("[", ", ");
            stages.iter().for_each(|stage| list.item(Quoted(stage.name())));
            self.put("omitStages", list.end("]"));
        }
    }

    fn end(mut self, end: &str) -> String {
        self.text.push_str(end);
        self.text
    }
}

/// A text as a JSON string.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(f, "\\{character}")?,
                // Controls of C1 and what ends lines in Unicode are valid as they are, and break terminals.
                control if control.is_control() || matches!(control, '\u{2028}' | '\u{2029}') => {
                    write!(f, "\\u{:04x}", u32::from(control))?;
                }
                other => f.write_char(other)?,
            }
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema::CONFIG;
    use super::super::{Hmac, load};
    use super::*;
    use crate::document::Shape as Type;
    use alloc::format;
    use alloc::string::ToString as _;
    use alloc::vec::Vec;

    /// A value of every type other than the default, for every key that the schema has.
    #[test]
    fn every_key_is_written_and_read_again() {
        let mut config = Config::default();
        config.redact.hmac =
            Some(Hmac { key_id: "k1".into(), key_file: "a \"b\"\\\u{1}".into(), per_namespace: true });
        config.redact.tokens.push(TokenFormat {
            name: "ours".into(),
            prefix: "acme_".into(),
            charset: TokenCharset::Base64Url,
            min_length: 20,
            max_length: 40,
        });
        config.redact.keep.push(Exception {
            resource: "configmaps".into(),
            path: "data.x".into(),
            namespace: Some("\u{2028}é".into()),
            reason: "\u{7f}\u{85}\u{1f600}".into(),
        });
        config.enrich.labels = Vec::from([("z".into(), "1".into()), ("a".into(), "".into())]);
        config.enrich.facts = false;
        config.enrich.except = Vec::from(["exec.*".into()]);
        config.enrich.own.push(Own {
            id: "shop.exec".into(),
            title: "a \"shell\"".into(),
            severity: crate::enrich::detections::Severity::High,
            condition: "action == \"exec\" and user.username in @shop".into(),
        });
        config.enrich.lists =
            Vec::from([("shop".into(), Vec::from(["eve".into()])), ("none".into(), Vec::new())]);
        config.enrich.dropped_bodies = false;
        config.limits.max_record_bytes = 5000;
        let text = print(&config);
        assert_eq!(load(text.as_bytes()).unwrap().config, config, "{text}");

        let mut keys = Vec::from([(&CONFIG, "")]);
        while let Some((shape, key)) = keys.pop() {
            assert!(text.contains(&format!("{key}\": ")) || key.starts_with("policy"), "`{key}`: {text}");
            match shape {
                Type::Object(fields) => keys.extend(fields.iter().map(|field| (field.shape, field.name))),
                Type::List(items) | Type::Map(items) => keys.push((items, key)),
                _ => {}
            }
        }
    }

    /// Choices, one after another: a name that is not the schema's is refused, one of another value is not equal.
    #[test]
    fn every_choice_is_written_and_read_again() {
        let mut choices = Vec::new();
        let mut open = Vec::from([(&CONFIG, "".to_string(), "".to_string())]);
        while let Some((shape, before, after)) = open.pop() {
            match shape {
                Type::Object(fields) => open.extend(fields.iter().map(|field| {
                    (field.shape, format!("{before}{{\"{}\": ", field.name), format!("}}{after}"))
                })),
                Type::List(items) => open.push((items, format!("{before}["), format!("]{after}"))),
                Type::Choice(names) => {
                    choices.extend(names.iter().map(|name| format!("{before}\"{name}\"{after}")));
                }
                _ => {}
            }
        }
        assert!(choices.len() > 40, "{}", choices.len());
        for text in choices {
            let hmac = r#"{"redact": {"hmac": {"key_id": "k", "key_file": "f"}, "#;
            let token = r#"{"name": "n", "prefix": "n_n", "min_length": 8, "max_length": 9, "charset""#;
            let text = text.replacen(r#"{"charset""#, token, 1);
            let own = r#"{"id": "a.b", "title": "t", "condition": "dry_run", "severity""#;
            let text = text.replacen(r#"{"severity""#, own, 1);
            let text = text.replacen(r#"{"redact": {"#, hmac, 1);
            let config = load(text.as_bytes()).unwrap().config;
            assert_eq!(load(print(&config).as_bytes()).unwrap().config, config, "{text}");
        }
    }
}
