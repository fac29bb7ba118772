//! What a request was about, as far as it decides how its bodies are read.
//!
//! A body cannot be trusted to say what it is: a patch has no `kind`, or a false one. The event's own
//! `objectRef` and `requestURI` were written by the apiserver. Where they differ, or stand twice in a record,
//! the strictest reading wins.

use crate::json::members::Members;
use crate::json::scan;

/// What the bodies of an event are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// The event does not say.
    #[default]
    Unknown,
    /// Neither of the following.
    Other,
    /// A TokenRequest or a TokenReview.
    Token,
    /// Secrets of the core API group.
    Secret,
}

/// What a verb means for the body of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Not told, told twice, `patch`, or one that nobody knows: the body is what the client sent.
    #[default]
    Patch,
    /// `create` or `update`: the body is an object that the apiserver has decoded.
    Write,
    /// `delete` or `deletecollection`: the body is options.
    Delete,
}

impl Verb {
    /// The verb that the string `text` spells.
    pub(crate) fn named(text: &[u8]) -> Verb {
        match text {
            b"create" | b"update" => Verb::Write,
            b"delete" | b"deletecollection" => Verb::Delete,
            _ => Verb::Patch,
        }
    }
}

/// What the `objectRef` that begins at `at` says.
pub(crate) fn of_object_ref(bytes: &[u8], at: usize) -> Target {
    let (mut secrets, mut tokens, mut core, mut named) = (false, false, true, false);
    for member in Members::new(bytes, at) {
        let name = bytes.get(member.name_start..member.name_end).unwrap_or_default();
        let value = bytes.get(member.value_start..member.value_end).unwrap_or_default();
        let text = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or_default();
        let decides = !name.eq_ignore_ascii_case(b"name") && !name.eq_ignore_ascii_case(b"namespace");
        if decides && (member.name_flags & scan::ESCAPED != 0 || text.contains(&b'\\')) {
            // The apiserver escapes nothing here; whatever this is, it is not read as something harmless.
            return Target::Secret;
        }
        if name.eq_ignore_ascii_case(b"resource") {
            named = true;
            secrets |= text.eq_ignore_ascii_case(b"secrets");
            tokens |= text.eq_ignore_ascii_case(b"tokenreviews");
        } else if name.eq_ignore_ascii_case(b"subresource") {
            tokens |= text.eq_ignore_ascii_case(b"token");
        } else if name.eq_ignore_ascii_case(b"apiGroup") {
            core &= text.is_empty();
        }
    }
    match (secrets && core, tokens, named) {
        (true, ..) => Target::Secret,
        (_, true, _) => Target::Token,
        (.., true) => Target::Other,
        _ => Target::Unknown,
    }
}

/// What the `requestURI` whose text is `uri` says: `/api/v1/…/secrets` is about Secrets, whatever the rest.
///
/// A request without an `objectRef` is for no resource: `/healthz`, `/api`, `/openapi/v3`.
pub(crate) fn of_request_uri(uri: &[u8]) -> Target {
    let path = uri.split(|&byte| byte == b'?').next().unwrap_or_default();
    let Some(rest) = path.strip_prefix(b"/api/v1/") else {
        return if path.starts_with(b"/") { Target::Other } else { Target::Unknown };
    };
    let mut parts = rest.split(|&byte| byte == b'/').filter(|part| !part.is_empty());
    let mut part = parts.next();
    if part == Some(b"watch") {
        part = parts.next();
    }
    if part == Some(b"namespaces") {
        parts.next();
        part = parts.next();
    }
    if part.is_some_and(|part| part.split(|&byte| byte == b';').next() == Some(b"secrets")) {
        Target::Secret
    } else {
        Target::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_refs() {
        for (json, target) in [
            (r#"{"resource":"secrets","namespace":"a","name":"b","apiVersion":"v1"}"#, Target::Secret),
            (r#"{"resource":"secrets","apiGroup":""}"#, Target::Secret),
            (r#"{"Resource":"secrets","resource":"pods"}"#, Target::Secret),
            (r#"{"resource":"\u0073ecrets"}"#, Target::Secret),
            (r#"{"resource":"secrets","apiGroup":"vault.acme.example.com"}"#, Target::Other),
            (r#"{"resource":"tokenreviews","apiGroup":"authentication.k8s.io"}"#, Target::Token),
            (r#"{"resource":"serviceaccounts","subresource":"token"}"#, Target::Token),
            (r#"{"resource":"pods"}"#, Target::Other),
            (r#"{"name":"x"}"#, Target::Unknown),
            (r#"null"#, Target::Unknown),
        ] {
            assert_eq!(of_object_ref(json.as_bytes(), 0), target, "{json}");
        }
    }

    #[test]
    fn request_uris() {
        for (uri, target) in [
            ("/api/v1/namespaces/a/secrets/b?x=/secrets", Target::Secret),
            ("/api/v1/secrets", Target::Secret),
            ("/api/v1/watch/namespaces/a/secrets", Target::Secret),
            ("/api/v1/namespaces/a/secrets;token=x", Target::Secret),
            ("/api/v1/namespaces/secrets", Target::Other),
            ("/api/v1/namespaces/a/pods/secrets", Target::Other),
            ("/apis/acme.example.com/v1/secrets", Target::Other),
            ("", Target::Unknown),
        ] {
            assert_eq!(of_request_uri(uri.as_bytes()), target, "{uri}");
        }
    }
}
