//! From text to [`Policy`], as `LoadPolicyFromBytes` of the apiserver (pkg/audit/policy/reader.go).
//!
//! Kubernetes decodes strictly, and where that finds unknown or repeated keys it warns and decodes
//! leniently. So do we: what it warns of is a warning here, what it refuses is refused.

use super::decode::decode;
use super::schema::POLICY;
use super::syntax::Policy;
use super::validate::{Problem, validate};
use crate::document::{
    Code, Dialect, Document, Error, NodeId, Place, Rejected, Step, TEXT, Unknown, Value, check, read,
};
use alloc::vec::Vec;

/// A policy that Kubernetes would load, and what it would warn of.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The policy as the server would use it.
    pub policy: Policy,
    /// Unknown and repeated keys, in the order of the text. Each is worth a look: the typo
    /// `resource:` turns its rule into one that matches everything.
    pub warnings: Vec<Error>,
}

/// Loads a policy from the text of its file, YAML or JSON.
///
/// - A text that begins with `{` is JSON, any other YAML 1.1; only the first YAML document counts.
/// - `apiVersion` must be `audit.k8s.io/v1`; `kind` must be `Policy` or be missing.
/// - Unknown and repeated keys are warnings; the last of repeated keys counts.
/// - `null` is the same as nothing.
///
/// # Errors
/// Everything that makes the apiserver of Kubernetes 1.36 refuse to start with this file.
///
/// # Examples
/// ```
/// use auditveil_core::policy::{self, Level};
///
/// let loaded = policy::load(b"\
/// apiVersion: audit.k8s.io/v1
/// kind: Policy
/// rules:
/// - level: Metadata
///   resource: [{group: '', resources: [secrets]}]
/// ").unwrap();
/// assert_eq!(loaded.policy.rules[0].level, Level::Metadata);
/// assert_eq!(
///     loaded.warnings[0].to_string(),
///     "line 5, column 3: rules[0]: unknown key `resource`; did you mean `resources`?",
/// );
/// ```
pub fn load(text: &[u8]) -> Result<Loaded, Rejected> {
    let document = read(text, Dialect::Kubernetes)?;
    load_from(&document, document.root(), &[])
}

/// Loads the policy at a node of a document that holds more than a policy; `way` leads to the node.
pub(crate) fn load_from(document: &Document, root: NodeId, way: &[Step]) -> Result<Loaded, Rejected> {
    check_version(document, root, way)?;
    let findings = check(document, root, way, &POLICY, Unknown::Warned, &[]);
    let mut errors = findings.errors;
    let decoded = decode(document, root);
    if errors.is_empty() {
        errors.extend(validate(&decoded).into_iter().map(|Problem { path, code }| {
            let place = document.locate(root, &path);
            Error::at(place, way.iter().cloned().chain(path).collect(), code)
        }));
        errors.sort_by_key(|error| (error.line(), error.column()));
    }
    if errors.is_empty() {
        Ok(Loaded { policy: decoded.into_policy(), warnings: findings.warnings })
    } else {
        Err(Rejected { errors, warnings: findings.warnings })
    }
}

/// What `SimpleMetaFactory` and the decoder make of `apiVersion` and `kind`.
///
/// These two are found by encoding/json, which does not look at the case of a key; a key in another
/// case is unknown nevertheless, and warned of.
fn check_version(document: &Document, root: NodeId, way: &[Step]) -> Result<(), Error> {
    let node = document.node(root);
    let place = node.place;
    let map = match &node.value {
        Value::Map(map) => map,
        Value::Null => return Err(Error::at(place, way.to_vec(), Code::NoPolicy)),
        other => {
            let code = Code::wrong_type("an audit policy, a mapping", other);
            return Err(Error::at(place, way.to_vec(), code));
        }
    };
    let error = |place: Place, key: &str, code| {
        Error::at(place, way.iter().cloned().chain([Step::from(key)]).collect(), code)
    };
    let mut members: Vec<_> = map.members.iter().collect();
    if !document.json {
        // YAML reaches encoding/json with its keys sorted.
        members.sort_by(|left, right| left.key.cmp(&right.key));
    }
    let (mut version, mut kind) = (("", place), ("", place));
    for member in members {
        let (name, found) = match member.key.as_ref() {
            key if folds_to(key, "apiVersion") => ("apiVersion", &mut version),
            key if folds_to(key, "kind") => ("kind", &mut kind),
            _ => continue,
        };
        let value = document.node(member.value);
        match &value.value {
            Value::Null => {}
            Value::Text(text) => *found = (text, value.place),
            other => return Err(error(value.place, name, Code::wrong_type(TEXT, other))),
        }
    }
    match (version, kind) {
        (("", place), _) => Err(Error::at(place, way.to_vec(), Code::NoApiVersion)),
        (("audit.k8s.io/v1", _), ("" | "Policy", _)) => Ok(()),
        (("audit.k8s.io/v1", _), (word, place)) => {
            Err(error(place, "kind", Code::Kind { word: word.into() }))
        }
        ((word, place), _) => Err(error(place, "apiVersion", Code::ApiVersion { word: word.into() })),
    }
}

/// Whether encoding/json takes `key` for `name`: ASCII case aside, and with the two letters that
/// Unicode folds to `s` and `k`.
fn folds_to(key: &str, name: &str) -> bool {
    let folded = key.chars().map(|c| match c {
        '\u{17F}' => 's',
        '\u{212A}' => 'k',
        c => c.to_ascii_lowercase(),
    });
    folded.eq(name.chars().map(|c| c.to_ascii_lowercase()))
}
