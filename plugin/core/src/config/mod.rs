//! The configuration: what `auditveil.yaml` says, for every front end alike.
//!
//! [`load()`] reads the text and gives a [`Config`], in which everything has a value: what the file
//! leaves out is the default, and an empty file is [`Config::default`]. Unknown keys, repeated keys
//! and values that mean nothing are refused, with their place and a hint.
//!
//! What lives here: the schema and its defaults. What may not: which file is read, and what is done
//! with a setting.
//!
//! # Examples
//! ```
//! use auditveil_core::config::{self, Action};
//!
//! let config = config::load(b"redact: {action: remove}").unwrap().config;
//! assert_eq!(config.redact.action, Action::Remove);
//!
//! let rejected = config::load(b"redact:\n  actoin: remove\n").unwrap_err();
//! assert_eq!(
//!     rejected.to_string(),
//!     "line 2, column 3: redact: unknown key `actoin`; did you mean `action`?",
//! );
//! ```

mod detections;
mod load;
mod print;
mod schema;

pub use load::{Loaded, load};

pub use crate::document::{Error, ErrorKind, Rejected};
pub use crate::enrich::detections::Own;
use crate::limits::RECORD_BYTES;
use crate::policy::{Level, Policy, Rule};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Everything that can be configured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// `policy` or `policy_file`; without one, no event is dropped and none loses a body.
    pub policy: Option<PolicySource>,
    /// `input`: what the records are.
    pub input: Input,
    /// `redact`: what becomes of a secret.
    pub redact: Redact,
    /// `enrich`: what is added.
    pub enrich: Enrich,
    /// `output`: what an event looks like in the end.
    pub output: Output,
    /// `limits`.
    pub limits: Limits,
}

impl Config {
    /// What is in force when a configuration is invalid: Metadata for everything, every default of
    /// redaction, enrichment on.
    pub fn strictest() -> Config {
        let rule = Rule { level: Level::Metadata, ..Rule::default() };
        let policy = Policy { rules: vec![rule], ..Policy::default() };
        Config { policy: Some(PolicySource::Inline(policy)), ..Config::default() }
    }

    /// The configuration as text that [`load()`] reads as this very configuration: JSON, every value, defaults too.
    ///
    /// Equal configurations have equal texts, whatever the files looked like that they were loaded from. A policy is
    /// written as the apiserver would use it: what it ignores is gone.
    ///
    /// # Examples
    /// ```
    /// use auditveil_core::config::{self, Config};
    ///
    /// let policy = b"policy: {apiVersion: audit.k8s.io/v1, rules: [{verbs: [get], level: Metadata, typo: 1}]}";
    /// let text = config::load(policy).unwrap().config.to_text();
    /// assert!(text.contains(r#"{"level": "Metadata", "verbs": ["get"]}"#));
    /// assert_eq!(config::load(text.as_bytes()).unwrap().config.to_text(), text);
    /// ```
    pub fn to_text(&self) -> String {
        print::print(self)
    }

    /// Whether anything is to be replaced by its HMAC, which needs [`Redact::hmac`].
    pub fn needs_hmac(&self) -> bool {
        let classes = &self.redact.classes;
        let auto_needs = self.redact.action == Action::Hmac;
        auto_needs || classes.all().into_iter().any(|(_, action)| action == ClassAction::Do(Action::Hmac))
    }
}

/// Where the policy comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicySource {
    /// It stands in the configuration.
    Inline(Policy),
    /// The path of a file, for front ends that read files.
    File(String),
}

/// What the records are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// `shape`: the form in which a record holds an event.
    pub shape: Shape,
    /// `field`: the field that holds an event as text.
    pub field: String,
    /// `other`: what becomes of records that are no audit events.
    pub other: Other,
}

impl Default for Input {
    fn default() -> Input {
        Input { shape: Shape::Auto, field: String::from("log"), other: Other::Keep }
    }
}

/// The form in which a record holds an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Shape {
    /// `auto`: told by looking.
    #[default]
    Auto,
    /// `event`: the event itself.
    Event,
    /// `event_list`: an EventList, or an array of events.
    EventList,
    /// `text`: the event as JSON text in a field.
    Text,
    /// `cri`: the event behind the prefix of a CRI log line.
    Cri,
    /// `eks`: CloudWatch envelopes and Firehose records.
    Eks,
    /// `gke`: a Cloud Logging entry.
    Gke,
    /// `aks`: a diagnostic record, or a row of Log Analytics.
    Aks,
    /// `rancher`: Rancher's own audit log.
    Rancher,
    /// `admission_review`: what kube-audit-rest writes.
    AdmissionReview,
    /// `nested`: an event below `kubernetes.audit`, as objects or as dotted keys.
    Nested,
}

/// What becomes of a record that is no audit event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Other {
    /// `keep`: it is redacted by the rules that need no event, and stays.
    #[default]
    Keep,
    /// `drop`: it goes.
    Drop,
}

/// What becomes of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Redact {
    /// `action`: what is done to a value, where its class does not say otherwise.
    pub action: Action,
    /// `hmac`: the key of [`Action::Hmac`].
    pub hmac: Option<Hmac>,
    /// `classes`: what is done to values outside of Secrets.
    pub classes: Classes,
    /// `tokens`: formats of keys and tokens, beside those that come with the filter.
    pub tokens: Vec<TokenFormat>,
    /// `keep`: what stays although a rule says otherwise.
    pub keep: Vec<Exception>,
}

/// What is done to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Action {
    /// `mask`: a fixed value of the same type takes its place.
    #[default]
    Mask,
    /// `remove`: it goes, with its key.
    Remove,
    /// `hmac`: its HMAC takes its place, so that equal values can be told.
    Hmac,
}

/// The key of [`Action::Hmac`]. The key itself is never here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hmac {
    /// `key_id`: the name that stands in the output.
    pub key_id: String,
    /// `key_file`: the path of the file that holds the key.
    pub key_file: String,
    /// `per_namespace`: whether equal values of two namespaces differ.
    pub per_namespace: bool,
}

/// What is done to the values of a class, where a rule of the class finds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClassAction {
    /// `auto`: [`Redact::action`].
    Auto,
    /// `keep`: nothing; the stamp tells of it.
    Keep,
    /// `mask`, `remove` or `hmac`, whatever [`Redact::action`] is.
    Do(Action),
}

/// The classes of values outside of Secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Classes {
    /// `config_map`: values of ConfigMaps.
    pub config_map: ClassAction,
    /// `env`: values of environment variables.
    pub env: ClassAction,
    /// `args`: commands and their arguments.
    pub args: ClassAction,
    /// `custom_resource`: fields of custom resources.
    pub custom_resource: ClassAction,
    /// `uri`: parameters and segments of request URIs.
    pub uri: ClassAction,
    /// `error_text`: what messages echo.
    pub error_text: ClassAction,
    /// `content`: what looks like a credential, wherever it is.
    pub content: ClassAction,
}

impl Default for Classes {
    fn default() -> Classes {
        let mask = ClassAction::Do(Action::Mask);
        Classes {
            config_map: ClassAction::Auto,
            env: ClassAction::Auto,
            args: ClassAction::Auto,
            custom_resource: ClassAction::Auto,
            uri: mask,
            error_text: mask,
            content: mask,
        }
    }
}

impl Classes {
    /// Each class with its name in the configuration.
    pub fn all(&self) -> [(&'static str, ClassAction); 7] {
        [
            ("config_map", self.config_map),
            ("env", self.env),
            ("args", self.args),
            ("custom_resource", self.custom_resource),
            ("uri", self.uri),
            ("error_text", self.error_text),
            ("content", self.content),
        ]
    }
}

/// A format of keys or tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFormat {
    /// `name`: for whoever asks in a year.
    pub name: String,
    /// `prefix`: what a token begins with.
    pub prefix: String,
    /// `charset`: what follows that.
    pub charset: TokenCharset,
    /// `min_length`: the fewest characters behind the prefix.
    pub min_length: usize,
    /// `max_length`: the most.
    pub max_length: usize,
}

/// The characters of a token behind its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenCharset {
    /// `hex`: `0-9a-f`.
    Hex,
    /// `lower_alphanumeric`: `0-9a-z`.
    LowerAlphanumeric,
    /// `upper_alphanumeric`: `0-9A-Z`.
    UpperAlphanumeric,
    /// `alphanumeric`: `0-9A-Za-z`.
    Alphanumeric,
    /// `word`: these and `_`.
    Word,
    /// `base64`: `0-9A-Za-z+/`.
    Base64,
    /// `base64url`: `0-9A-Za-z-_`.
    Base64Url,
}

impl TokenCharset {
    /// Each with its name in the configuration.
    pub const ALL: [(&'static str, TokenCharset); 7] = [
        ("hex", TokenCharset::Hex),
        ("lower_alphanumeric", TokenCharset::LowerAlphanumeric),
        ("upper_alphanumeric", TokenCharset::UpperAlphanumeric),
        ("alphanumeric", TokenCharset::Alphanumeric),
        ("word", TokenCharset::Word),
        ("base64", TokenCharset::Base64),
        ("base64url", TokenCharset::Base64Url),
    ];
}

/// A value that stays although a rule says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// `resource`: as in a policy, such as `configmaps`.
    pub resource: String,
    /// `path`: the way to the value in the object.
    pub path: String,
    /// `namespace`: only there; everywhere without it.
    pub namespace: Option<String>,
    /// `reason`: for whoever asks in a year.
    pub reason: String,
}

/// What is added to an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrich {
    /// `key`: the member that holds what is added.
    pub key: String,
    /// `facts`: whether facts are written.
    pub facts: bool,
    /// `labels`: copied into every event, in this order.
    pub labels: Vec<(String, String)>,
    /// `detections`: which of those that come with the filter are looked for.
    pub detections: Detections,
    /// `except`: which of these are not; `*` stands for any text.
    pub except: Vec<String>,
    /// `own`: others.
    pub own: Vec<Own>,
    /// `lists`: who and what is allowed, for conditions to name.
    pub lists: Vec<(String, Vec<String>)>,
    /// `dropped_bodies`: whether detections look at bodies that the policy drops.
    pub dropped_bodies: bool,
}

impl Default for Enrich {
    fn default() -> Enrich {
        Enrich {
            key: String::from("auditveil"),
            facts: true,
            labels: Vec::new(),
            detections: Detections::Default,
            except: Vec::new(),
            own: Vec::new(),
            lists: Vec::new(),
            dropped_bodies: true,
        }
    }
}

/// Which detections are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Detections {
    /// `default`: those that come with the filter.
    #[default]
    Default,
    /// `none`.
    None,
}

/// What an event looks like in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Output {
    /// `format`.
    pub format: Format,
    /// `bodies`: how request and response are written.
    pub bodies: Bodies,
}

/// The schema of what is emitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// `audit`: the event of Kubernetes.
    #[default]
    Audit,
    /// `ecs`: the Elastic Common Schema.
    Ecs,
    /// `ocsf`: the Open Cybersecurity Schema Framework.
    Ocsf,
}

/// How request and response are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Bodies {
    /// `objects`: as JSON.
    #[default]
    Objects,
    /// `text`: as one string of JSON each, against mapping explosions.
    Text,
    /// `none`: not at all.
    None,
}

/// Limits that may be lowered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// `max_record_bytes`: a longer record becomes a stub.
    pub max_record_bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { max_record_bytes: RECORD_BYTES }
    }
}
