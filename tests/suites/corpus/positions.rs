//! At which positions of an event a secret can be, and what may become of a value there. A second reading of
//! the rules that docs/leak-surface.md tells, on paths of names: no code of the core, no care for speed.

use auditveil_tests::{Error, json};

/// What surrounds a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A Secret, or the body, status or annotations of a request for one.
    Secret,
    Elsewhere,
}

/// What the filter may do to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    Nothing,
    /// Replace it by the mask of its type.
    Whole,
    /// Replace spans of a text.
    Parts,
    /// Replace values of a URI, but no name and no separator.
    Values,
    /// Replace string literals of an expression.
    Literals,
    /// Change what the text holds as JSON, by the rules for that.
    JsonText,
    /// That if it is JSON; otherwise replace spans of it.
    Text,
}

/// Members of a complete Secret that are never a secret.
pub(crate) const KEPT: [&str; 4] = ["kind", "apiVersion", "type", "immutable"];

/// The same of its `metadata`.
pub(crate) const KEPT_METADATA: [&str; 10] = [
    "name",
    "generateName",
    "namespace",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "labels",
    "ownerReferences",
    "finalizers",
    "managedFields",
];

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Whether the event holds a position that may change, told by words: rather too often than too rarely.
///
/// # Errors
///
/// The line is no JSON object.
pub(crate) fn has_any(line: &str) -> Result<bool, Error> {
    let members = json::members(line)?;
    let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
    // Any spelling of a Secret manifest, in text in text too, has this word in it.
    let manifest = has(&["Secret\"", "Secret\\", "SecretList", "stringData", LAST_APPLIED]);
    let member = has(&["\"token\"", "token\\\"", "\"nonResourceAttributes\"", "\"LS0tLS1C"])
        || has(&["xpression\"", "\"x-kubernetes-validations\"", "\"expressionWarnings\""]);
    let uri = json::member(&members, "requestURI").map(json::unescape).unwrap_or_default();
    let agent = json::member(&members, "userAgent").unwrap_or_default();
    let client = agent.contains(['=', '@']) || agent.contains(": ") || has(&["eyJ", "\"impersonatedUser\""]);
    Ok(is_about_secrets(&members)?
        || names_credentials(line)
        || texts_may_hold_credentials(line)
        || manifest
        || client
        || member
        || uri_may_hold_credentials(&uri)
        || looks_like_one(line)
        || annotations_may_quote(&members)?
        || messages_may_quote(line))
}

/// Whether the request is about Secrets, by what the event says of it.
pub(crate) fn is_about_secrets(event: &[json::Member<'_>]) -> Result<bool, Error> {
    let Some(object_ref) = json::member(event, "objectRef") else { return Ok(false) };
    let object_ref = json::members(object_ref)?;
    let field = |name: &str| json::member(&object_ref, name).map(json::unescape).unwrap_or_default();
    Ok(field("apiGroup").is_empty() && field("resource") == "secrets")
}

/// What may become of the value `before` at `path`.
pub(crate) fn allowed(place: Place, path: &[String], before: &str) -> Allowed {
    let mut names = path.iter().rev().filter(|name| name.parse::<usize>().is_err()).map(String::as_str);
    let (name, parent) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
    let text = before.starts_with('"');
    let own_annotation = path.len() == 2 && path.first().is_some_and(|first| first == "annotations");
    if own_annotation && name.starts_with("patch.webhook.admission.k8s.io/") {
        return Allowed::JsonText;
    }
    match name {
        LAST_APPLIED if text => Allowed::JsonText,
        _ if place == Place::Secret && matches!(name, "message" | "field") => Allowed::Parts,
        _ if own_annotation && (name.ends_with(".k8s.io") || name.contains(".k8s.io/")) => {
            // The apiserver's own, but for those that its plugins let a policy write.
            match name.starts_with("validation.policy.admission.k8s.io/") {
                true => Allowed::Parts,
                false => Allowed::Nothing,
            }
        }
        _ if own_annotation => Allowed::Parts,
        _ if place == Place::Secret => Allowed::Whole,
        "token" => Allowed::Whole,
        "requestURI" if path.len() == 1 => Allowed::Values,
        "path" if parent == "nonResourceAttributes" => Allowed::Values,
        "name" if matches!(parent, "objectRef" | "details") && before.contains(';') => Allowed::Parts,
        "message" | "note" if text => Allowed::Parts,
        // The path of a field quotes the key that a client chose: `data[a key]`.
        "field" if text && path.iter().any(|name| name == "causes") => Allowed::Parts,
        "expression" | "messageExpression" | "valueExpression" | "rule" | "warning" => Allowed::Literals,
        _ if text && path.iter().any(|name| name == "impersonatedUser" || name == "extra") => Allowed::Parts,
        "userAgent" if path.len() == 1 => Allowed::Parts,
        "request" if before.starts_with("\"LS0tLS1C") => Allowed::Whole,
        "path" if parent == "httpGet" => Allowed::Values,
        // Commands, and texts that others read: files, URLs, values of variables and of ConfigMaps.
        _ if text && path.iter().any(|name| holds_text(name)) => Allowed::Text,
        _ if text && path.iter().any(|name| name == "cells") && looks_like_one(before) => Allowed::Parts,
        // The name of a column stands in the definitions of the table.
        _ if text && path.iter().any(|name| name == "cells") => Allowed::Whole,
        // The name of a variable, of a parameter, of a header stands beside its value.
        "value" => Allowed::Whole,
        _ if is_telling(name) => Allowed::Whole,
        // What a value under such a name holds, and what an array of them does.
        _ if path.iter().any(|name| is_telling(name)) => Allowed::Whole,
        _ if text && (before.contains("Secret") || names_credentials(before)) => Allowed::JsonText,
        _ if text && looks_like_one(before) => Allowed::Parts,
        _ => Allowed::Nothing,
    }
}

/// Whether there is a private key, a JSON Web Token or a password in a URL, wherever it stands.
fn looks_like_one(text: &str) -> bool {
    let token =
        |word: &str| word.starts_with("eyJ") && word.split('.').filter(|part| part.len() > 8).count() >= 3;
    let password = |rest: &str| {
        let authority = rest.split(['/', '"', '\\', ' ', '?']).next().unwrap_or_default();
        authority.split_once('@').is_some_and(|(user, _)| user.contains(':'))
    };
    text.contains("PRIVATE KEY-----")
        || text.split(['"', '\\', ' ']).any(token)
        || text.split("://").skip(1).any(password)
}

/// Members that hold commands, or texts that others read.
const TEXTS: [&str; 18] = [
    "args",
    "command",
    "env",
    "data",
    "binaryData",
    "values",
    "valuesContent",
    "content",
    "contents",
    "inline",
    "userData",
    "userDataBase64",
    "cloudConfig",
    "cloudInit",
    "preKubeadmCommands",
    "postKubeadmCommands",
    "url",
    "repoURL",
];

fn holds_text(name: &str) -> bool {
    TEXTS.contains(&name) || name.ends_with("-snippet")
}

/// Whether there is such a member in the event with a word for credentials in the line.
fn texts_may_hold_credentials(line: &str) -> bool {
    const WORDS: [&str; 12] = [
        "pass",
        "://",
        "bearer",
        "cred",
        "authorization:",
        "token=",
        "token:",
        "secret=",
        "secret:",
        "key=",
        "key:",
        "\"-",
    ];
    let member = |name: &str| line.contains(&format!("{name}\":")) || line.contains(&format!("{name}\\\":"));
    let lower =
        || line.replace("authorization.k8s.io", "").replace("kubernetes.io/credential-id", "").to_lowercase();
    TEXTS.iter().any(|name| *name != "values" && member(&format!("\"{name}")))
        && WORDS.iter().any(|word| lower().contains(word))
        || line.contains("-snippet")
}

/// Words of names under which a credential can stand.
const WORDS: [&str; 11] =
    ["pass", "pwd", "secret", "token", "cred", "key", "auth", "connection", "cookie", "kubeconfig", "docker"];

/// Names that have such a word and tell where a credential is, or speak of something else.
const OTHERS: [&str; 17] = [
    "name",
    "ref",
    "mount",
    "pullsecret",
    "policy",
    "keyselector",
    "hostkey",
    "expir",
    "authorization.k8s.io",
    "authentication.kubernetes.io",
    "authentication.k8s.io",
    "topologykey",
    "author",
    "matchlabelkeys",
    "configmap",
    "last-applied",
    "f:",
];

/// Whether a member of this name may hold a credential, whatever its value.
fn is_telling(name: &str) -> bool {
    let name = name.to_lowercase();
    name != "key"
        && WORDS.iter().any(|word| name.contains(word))
        && !OTHERS.iter().any(|word| name.contains(word))
}

/// Whether any member of the event, or of a text in it, has such a name, or a `name` beside it says so.
fn names_credentials(line: &str) -> bool {
    let parts: Vec<&str> = line.split('"').map(|part| part.trim_end_matches('\\')).collect();
    parts.windows(5).any(|window| {
        let &[first, second, third, behind, next] = window else { return false };
        // A volume is of a Secret: `"secret":{"secretName":…`.
        let object = third == "secret" && behind.starts_with(":{");
        let member = behind.starts_with(':') && !object && !behind.starts_with(":[{");
        let name = first == "name" && second == ":" && next == "value";
        (member || name) && is_telling(third)
    })
}

/// Whether a URI can hold a credential at all: an argument of a command, or a word for one, however encoded.
fn uri_may_hold_credentials(uri: &str) -> bool {
    const WORDS: [&str; 13] = [
        "command=", "cmd=", "token", "pass", "pwd", "secret", "key", "auth", "cred", "sig", "code", "jwt",
        "@",
    ];
    let uri = percent_decoded(uri).to_lowercase();
    // Names of resources and of objects stand in paths without any of these.
    let may = uri.contains(['?', '=', '@', '%']);
    may && WORDS.iter().any(|word| uri.contains(word))
}

/// The text decoded as often as it was encoded, four times at most; bytes above 0x7f do not matter here.
fn percent_decoded(uri: &str) -> String {
    let mut text = uri.to_owned();
    for _ in 0..4 {
        let mut parts = text.split('%');
        let mut decoded = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
            match byte {
                Some(byte) => {
                    decoded.push(char::from(byte));
                    decoded.push_str(part.get(2..).unwrap_or_default());
                }
                None => {
                    decoded.push('%');
                    decoded.push_str(part);
                }
            }
        }
        text = decoded;
    }
    text
}

/// Whether someone else than the apiserver wrote an annotation of the event.
fn annotations_may_quote(event: &[json::Member<'_>]) -> Result<bool, Error> {
    let Some(annotations) = json::member(event, "annotations") else { return Ok(false) };
    let harmless = |name: &str| {
        ["authorization.k8s.io/", "authentication.k8s.io/", "apiserver.latency.k8s.io/", "k8s.io/"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
    };
    Ok(json::members(annotations)?.iter().any(|annotation| !harmless(&annotation.key())))
}

/// Whether any text of the event sounds as if it quoted a value, in whatever member it stands.
fn messages_may_quote(line: &str) -> bool {
    const PHRASES: [&str; 12] = [
        "Invalid value",
        "Unsupported value",
        "Duplicate value",
        "denied the request",
        "cannot unmarshal",
        "error found in",
        "is invalid",
        "://",
        "assword",
        "uthorization:",
        "Bearer ",
        "denied request",
    ];
    (line.contains("\"message\"") || line.contains("\"note\""))
        && PHRASES.iter().any(|phrase| line.contains(phrase))
}
