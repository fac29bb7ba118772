//! Read-only: the tables that decide, for back-ends that are no walk, such as the printer of VRL.
//!
//! Everything here is a view of the tables that the filter itself obeys, with names in place of indexes; what the filter
//! has as code is listed beside a test that holds the list to it. Nothing here is asked while a record is filtered, and a
//! module that does not name it does not hold it.
//!
//! ```
//! use auditveil_core::tables;
//!
//! let secret = tables::places().find(|place| place.name == "SecretData").unwrap();
//! assert_eq!((secret.other, secret.row), ("SecretValue", "secret.data.*"));
//! assert!(tables::key_words().nouns.contains(&"password"));
//! ```

use crate::config::{Config, Detections};
use crate::enrich::detections::{DETECTIONS, Severity};
use crate::enrich::view::{Operation, Question};
use crate::enrich::{self, Condition};
use crate::event::fields;
use crate::event::target;
use crate::limits;
use crate::redact::content;
use crate::redact::key_names;
use crate::redact::names::Name;
use crate::redact::places::{self, Container, MEMBERS};
use crate::redact::rows::IDS;
use crate::redact::{strings, uri, values};
use alloc::string::String;
use alloc::vec::Vec;

pub use crate::redact::key_names::KeyWords;
pub use crate::redact::places::{Names, Scalar};

/// A position in a record, and what becomes of the values there.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// What it is called.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Whether an object is walked into; otherwise it is hidden.
    pub enters_objects: bool,
    /// The same of an array.
    pub enters_arrays: bool,
    /// What becomes of a string.
    pub text: Text,
    /// What becomes of a number or a boolean.
    pub scalar: Scalar,
    /// How the names of an object's members are treated.
    pub names: Names,
    /// Where members lead that no row of [`members`] names.
    pub other: &'static str,
    /// Where elements lead.
    pub element: &'static str,
    /// The row that a value hidden here is told as.
    pub row: &'static str,
    /// The place of what JSON text holds that is found here.
    pub copy: &'static str,
}

/// What becomes of a string, by the place where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// It stays.
    Keep,
    /// The mask takes its place.
    Mask,
    /// JSON text is walked; a key or a token by its look goes.
    Sniff,
    /// JSON text is walked; keys and tokens are not looked for.
    Known,
    /// It has to be JSON text, which is walked at this place.
    Json(&'static str),
    /// Some of it goes, by a reader of this name.
    Read(&'static str),
    /// It goes, unless it says itself that it is no credential.
    Credential,
    /// It says what a member beside it holds.
    PairName,
    /// It names a column of a table.
    ColumnName,
    /// It goes if its column is called as credentials are.
    Cell,
    /// It stays if it is one word.
    Word,
    /// It stays if it is an identifier.
    Identifier,
    /// It stays if it is a duration, `true` or `false`.
    Measure,
    /// It stays if it is an operation of JSON Patch.
    Operation,
    /// It stays if it is a pointer to a part that a Secret has.
    Pointer,
}

impl Text {
    fn of(text: places::Text) -> Text {
        match text {
            places::Text::Keep => Text::Keep,
            places::Text::Mask => Text::Mask,
            places::Text::Sniff => Text::Sniff,
            places::Text::Known => Text::Known,
            places::Text::Json(place) => Text::Json(place.about().0),
            places::Text::Read(reading) => Text::Read(reading.name()),
            places::Text::Credential => Text::Credential,
            places::Text::PairName => Text::PairName,
            places::Text::ColumnName => Text::ColumnName,
            places::Text::Cell => Text::Cell,
            places::Text::Word => Text::Word,
            places::Text::Identifier => Text::Identifier,
            places::Text::Measure => Text::Measure,
            places::Text::Operation => Text::Operation,
            places::Text::Pointer => Text::Pointer,
        }
    }
}

/// Every place.
pub fn places() -> impl Iterator<Item = Place> {
    places::ALL.iter().map(|place| {
        let (name, about) = place.about();
        let rules = place.rules();
        Place {
            name,
            about: about.trim_ascii(),
            enters_objects: rules.object == Container::Enter,
            enters_arrays: rules.array == Container::Enter,
            text: Text::of(rules.text),
            scalar: rules.scalar,
            names: rules.names,
            other: rules.other.about().0,
            element: rules.element.about().0,
            row: IDS.get(rules.row as usize).copied().unwrap_or_default(),
            copy: rules.copy().about().0,
        }
    })
}

/// A name of a member, and the place it leads to.
pub type Member = (&'static str, &'static str);

/// Where named members lead: the place of an object, and names with the places of their values. A place may have several
/// rows, of which the last that names a member counts.
pub fn members() -> impl Iterator<Item = (&'static str, Vec<Member>)> {
    MEMBERS.iter().map(|(place, members)| {
        let members = members.iter().map(|(name, child)| (name.text(), child.about().0)).collect();
        (place.about().0, members)
    })
}

/// These words.
pub fn key_words() -> KeyWords {
    key_names::words()
}

/// The formats of keys and tokens: what each is called, begins with or has in it, and how many characters follow that at
/// least.
pub fn formats() -> impl Iterator<Item = (&'static str, &'static [&'static str], usize)> {
    content::lengths()
}

/// What formats of keys and tokens begin with or have in them where they are base64 of a text.
pub fn encoded_formats() -> impl Iterator<Item = &'static str> {
    content::encoded_literals()
}

/// Values that are a switch and no credential, in small letters; and directories below which a path is none.
pub const HARMLESS_VALUES: (&[&str], &[&str]) = (&values::SWITCHES, &values::DIRECTORIES);

/// Parameters of Kubernetes' own API, as they are spelled.
pub fn own_parameters() -> &'static [&'static str] {
    uri::own_parameters()
}

/// Parameters that hold credentials although their names say nothing elsewhere, in small letters and without signs.
pub fn credential_parameters() -> &'static [&'static str] {
    uri::credential_parameters()
}

/// The names of members that some rule knows, wherever it stands. Where a name is masked that no rule knows, these stay.
pub fn names() -> impl Iterator<Item = &'static str> {
    Name::all()
}

/// The members of an audit event, as the apiserver writes them, and in that order.
pub fn event_fields() -> impl Iterator<Item = &'static str> {
    fields::own_names()
}

/// Two of these make an event of an object.
pub const EVENT_MARKS: [&str; 7] =
    ["auditID", "level", "objectRef", "requestURI", "stage", "stageTimestamp", "verb"];

/// API groups of which the members of all objects are known.
pub const KNOWN_API_GROUPS: [&str; 23] = [
    "",
    "apps",
    "batch",
    "autoscaling",
    "policy",
    "extensions",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "metrics.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "rbac.authorization.k8s.io",
    "scheduling.k8s.io",
    "storagemigration.k8s.io",
];

/// What the `type` of a Secret is, or begins with.
pub const SECRET_TYPES: (&str, [&str; 3]) =
    ("Opaque", ["kubernetes.io/", "helm.sh/release.", "bootstrap.kubernetes.io/"]);

/// Annotations of an event that the apiserver writes before anybody else could.
pub const OWN_ANNOTATIONS: [&str; 9] = [
    "authorization.k8s.io/decision",
    "authorization.k8s.io/reason",
    "authentication.k8s.io/legacy-token",
    "authentication.k8s.io/legacy-token-autogenerated-secret",
    "authentication.k8s.io/legacy-token-invalidated",
    "authentication.k8s.io/legacy-token-manual-secret",
    "authentication.k8s.io/stale-token",
    "k8s.io/deprecated",
    "k8s.io/removed-release",
];

/// A detection that a configuration asks for, with its condition as steps.
#[derive(Clone, Debug)]
pub struct Detection {
    /// How it is called.
    pub id: String,
    /// How much one should care.
    pub severity: Severity,
    /// It comes with the filter.
    pub built_in: bool,
    /// When it fires.
    pub condition: Vec<Operation<Question>>,
}

/// The detections that a configuration asks for, in their order; none if one of its own cannot be compiled, as in the filter.
pub fn detections(config: &Config) -> Vec<Detection> {
    let (lists, wanted) = (config.lists(), &config.enrich);
    let built_in = DETECTIONS
        .iter()
        .filter(|row| wanted.detections == Detections::Default && !row.is_off(&lists, &wanted.except))
        .map(|row| (row.id, row.severity, row.condition, true));
    let own = wanted.own.iter().map(|own| (own.id.as_str(), own.severity, own.condition.as_str(), false));
    let all: Option<Vec<Detection>> = built_in
        .chain(own)
        .map(|(id, severity, condition, built_in)| {
            let condition = Condition::compile_detection(condition, &lists).ok()?.operations();
            Some(Detection { id: id.into(), severity, built_in, condition })
        })
        .collect();
    all.unwrap_or_default()
}

/// Names of users that are the control plane, and that come with a managed cluster: these, what begins so, and what ends so.
pub fn known_users() -> (Vec<&'static str>, Vec<&'static str>, &'static str, &'static str) {
    let texts =
        |names: &[&'static [u8]]| names.iter().filter_map(|name| core::str::from_utf8(name).ok()).collect();
    let agent = core::str::from_utf8(enrich::GKE_AGENT).unwrap_or_default();
    (texts(&enrich::CONTROL_PLANE), texts(&enrich::CLOUD), "eks:", agent)
}

/// The longest text that a fact tells, in bytes; the most arguments of a command, and the most bytes of these; the most ids
/// of detections in a stamp; the most names in a pointer of a JSON Patch that is followed.
pub const FACT_LIMITS: [usize; 5] = [
    limits::FACT_BYTES,
    limits::FACT_ARGUMENTS,
    limits::FACT_ARGUMENTS_BYTES,
    limits::STAMP_DETECTIONS,
    limits::POINTER_STEPS,
];

/// How deep text in text is opened.
pub const TEXT_LEVELS: usize = limits::TEXT_LEVELS;

/// The most strings, objects and arrays in an object that may say where a credential is.
pub const REFERENCE_PARTS: u32 = limits::REFERENCE_PARTS;

/// The length of a stub's record is rounded up to a multiple of this.
pub const STUB_LENGTH_STEP: usize = limits::STUB_LENGTH_STEP;

/// Whether an API group is one of [`KNOWN_API_GROUPS`].
pub fn is_known_api_group(name: &str) -> bool {
    !target::is_custom_group(name.as_bytes())
}

/// Whether a `type` is one that only Secrets have.
pub fn is_secret_type(name: &str) -> bool {
    strings::is_secret_type(name.as_bytes(), &mut Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::fields::Field;
    use crate::redact::strings::Annotation;

    #[test]
    fn lists_agree_with_code() {
        for group in KNOWN_API_GROUPS {
            assert!(is_known_api_group(group), "{group}");
        }
        for group in ["storage.k8s.io", "resource.k8s.io", "example.com", "appsx", "k8s.io"] {
            assert!(!is_known_api_group(group) && !KNOWN_API_GROUPS.contains(&group), "{group}");
        }
        let (exact, prefixes) = SECRET_TYPES;
        assert!(is_secret_type(exact) && prefixes.iter().all(|prefix| is_secret_type(prefix)));
        for name in OWN_ANNOTATIONS {
            assert_eq!(strings::annotation(name.as_bytes(), &mut Vec::new()), Annotation::Own, "{name}");
        }
        let bits = EVENT_MARKS.iter().fold(0, |bits, name| bits | Field::named(name.as_bytes()).bit());
        for name in event_fields() {
            let field = Field::named(name.as_bytes());
            let both = Field::make_event(field.bit() | Field::AuditId.bit());
            assert_eq!(both, field != Field::AuditId && field.is_in(bits), "{name}");
        }
    }

    #[test]
    fn places_lead_to_places() {
        let names: Vec<&str> = places().map(|place| place.name).collect();
        assert!(names.len() > 100 && places().all(|place| !place.row.is_empty()));
        for place in places() {
            assert!([place.other, place.element, place.copy].iter().all(|name| names.contains(name)));
        }
        for (place, members) in members() {
            assert!(names.contains(&place) && !members.is_empty());
            assert!(members.iter().all(|(name, child)| !name.is_empty() && names.contains(child)));
        }
    }
}
