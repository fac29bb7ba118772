//! What a request was about, as far as it decides how its bodies are read.
//!
//! A body cannot be trusted to say what it is: a patch has no `kind`, or a false one. The event's own
//! `objectRef` and `requestURI` were written by the apiserver. Where they differ, or stand twice in a record,
//! the strictest reading wins.

use crate::json::members::Members;
use crate::json::{scan, text};
use crate::limits;
use alloc::vec::Vec;

/// What the bodies of an event are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// Nothing said what they are.
    #[default]
    Untold,
    /// Objects of Kubernetes' own kinds that are no Secrets of the core API group.
    Other,
    /// Objects of which nobody knows which members they have: custom resources, ConfigMaps, kinds that hold
    /// parameters for others.
    Custom,
    /// What should say it cannot be relied on.
    Unreliable,
    /// Secrets of the core API group: of a Secret only what is known stays.
    Secret,
    /// OAuth objects of OpenShift that are called by the token they stand for: nothing stays.
    TokenName,
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
    #[inline(never)]
    pub(crate) fn named(text: &[u8]) -> Verb {
        match text {
            b"create" | b"update" => Verb::Write,
            b"delete" | b"deletecollection" => Verb::Delete,
            _ => Verb::Patch,
        }
    }
}

/// What the `objectRef` that begins at `at` says.
pub(crate) fn of_object_ref(bytes: &[u8], at: usize, buffer: &mut Vec<u8>) -> Target {
    match bytes.get(at) {
        Some(b'{') => {}
        // As if there were none.
        Some(b'n') => return Target::Untold,
        // No apiserver wrote that, and whoever reads it leniently may find Secrets in it.
        _ => return Target::Unreliable,
    }
    let mut target = Target::Untold;
    let (mut group_told, mut group_is_core) = (false, false);
    let mut group = Target::Other;
    let mut tokens = false;
    let mut named_by_token = false;
    let mut named = false;
    for (index, member) in Members::new(bytes, at).enumerate() {
        // It becomes a text, which tells the next filter nothing.
        if index >= usize::from(limits::EMITTED_KEYS) {
            return Target::Unreliable;
        }
        let name = bytes.get(member.name_start..member.name_end).unwrap_or_default();
        let Some(name) = plain(name, buffer) else { return Target::Unreliable };
        let resource = name.eq_ignore_ascii_case(b"resource");
        if name.eq_ignore_ascii_case(b"name") {
            let value = bytes.get(member.value_start..member.value_end).unwrap_or_default();
            // The digest of a token is no token, and neither is what stands for a hidden one.
            named = true;
            named_by_token |= !value.starts_with(b"\"sha256~") && value != b"\"[REDACTED]\"";
            continue;
        }
        if !resource && !name.eq_ignore_ascii_case(b"apiGroup") {
            continue;
        }
        let value = bytes.get(member.value_start..member.value_end).unwrap_or_default();
        let text = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
        let Some(text) = text.and_then(|text| plain(text, buffer)) else {
            if value == b"null" {
                continue;
            }
            return Target::Unreliable;
        };
        if resource {
            let secrets = text.eq_ignore_ascii_case(b"secrets");
            tokens |= text.eq_ignore_ascii_case(b"oauthaccesstokens")
                || text.eq_ignore_ascii_case(b"oauthauthorizetokens");
            target = target.max(if secrets { Target::Secret } else { of_resource(text) });
        } else {
            group = group.max(of_group(text));
            group_told = true;
            group_is_core |= text.is_empty();
        }
    }
    if tokens && (named_by_token || !named) {
        return Target::TokenName;
    }
    match target {
        Target::Secret if group_told && !group_is_core => group,
        Target::Untold => target,
        target => target.max(group),
    }
}

/// What a resource of any group is that is neither Secrets nor OAuth tokens.
fn of_resource(name: &[u8]) -> Target {
    if name.eq_ignore_ascii_case(b"configmaps") { Target::Custom } else { Target::Other }
}

/// Whether nobody knows which members the objects of an API group have.
pub(crate) fn is_custom_group(name: &[u8]) -> bool {
    of_group(name) == Target::Custom
}

/// What the resources of an API group are.
///
/// Two of Kubernetes' own groups are not among those whose members are known: `storage.k8s.io` has parameters
/// of provisioners, `resource.k8s.io` those of drivers. Source: `k8s.io/api`, the groups of its packages.
fn of_group(name: &[u8]) -> Target {
    let known = match name.strip_suffix(b".k8s.io") {
        None => matches!(name, b"" | b"apps" | b"batch" | b"autoscaling" | b"policy" | b"extensions"),
        Some(first) => matches!(
            first,
            b"admissionregistration"
                | b"apiextensions"
                | b"apiregistration"
                | b"authentication"
                | b"authorization"
                | b"certificates"
                | b"coordination"
                | b"discovery"
                | b"events"
                | b"flowcontrol.apiserver"
                | b"internal.apiserver"
                | b"metrics"
                | b"networking"
                | b"node"
                | b"rbac.authorization"
                | b"scheduling"
                | b"storagemigration"
        ),
    };
    if known { Target::Other } else { Target::Custom }
}

const API_GROUP: u64 = u64::from_le_bytes(*b"apiGroup");

/// What follows an `objectRef` that is about neither Secrets nor tokens, in which all members are usual and plain
/// texts, `resource` the first, and no text can be JSON or hold a parameter; and what it is about. `None` if it is anything else.
pub(crate) fn behind_usual_object_ref(value: &[u8]) -> Option<(Target, &[u8])> {
    const RESOURCE: u64 = u64::from_le_bytes(*b"resource");
    const CASE: u32 = u32::from_le_bytes([0x20; 4]);
    const SECRETS: u32 = u32::from_le_bytes(*b"secr");
    const OAUTH_TOKENS: u32 = u32::from_le_bytes(*b"oaut");
    let mut rest = value.strip_prefix(b"{\"")?;
    let mut target = Target::Untold;
    loop {
        let (first, behind) = scan::name(rest);
        let length = rest.len().wrapping_sub(behind.len());
        if scan::tail(behind) & scan::THREE != scan::NAME_AND_TEXT {
            return None;
        }
        let text = behind.get(3..)?;
        let start = scan::word(text, 0)?;
        // Names, too, which a client may have made of a path with parameters.
        let behind = scan::behind_word(text)?;
        let text = text.get(..text.len().wrapping_sub(behind.len()))?;
        if target == Target::Untold {
            // What begins as secrets do, or as OAuth objects, which have tokens for names.
            if length != 8 || first != RESOURCE || matches!(start as u32 | CASE, SECRETS | OAUTH_TOKENS) {
                return None;
            }
            target = of_resource(text);
        } else if !is_usual_name(length, first) || scan::may_be_first_of_json(start as u8) {
            return None;
        } else if first == API_GROUP && length == 8 {
            target = target.max(of_group(text));
        }
        rest = match behind {
            [b'"', b',', b'"', rest @ ..] => rest,
            [b'"', b'}', behind @ ..] => return Some((target, behind)),
            _ => return None,
        };
    }
}

/// Whether a member of an `objectRef` is one that every apiserver writes behind `resource`.
#[inline(always)]
fn is_usual_name(length: usize, first: u64) -> bool {
    const fn word(text: &[u8; 8]) -> u64 {
        u64::from_le_bytes(*text)
    }
    match length {
        // Of these the last letters may be others; they would mean nothing.
        9 => first == word(b"namespac"),
        10 => first == word(b"apiVersi"),
        11 => first == word(b"subresou"),
        15 => first == word(b"resource"),
        8 => first == API_GROUP,
        4 => first as u32 == u32::from_le_bytes(*b"name"),
        3 => first as u32 & 0x00ff_ffff == u32::from_le_bytes(*b"uid\0"),
        _ => false,
    }
}

/// The text of the string `raw`; `None` if that is not ASCII or holds control characters. Resources and groups
/// have none of these, so it was not written by an apiserver or was damaged.
fn plain<'a>(raw: &'a [u8], buffer: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    let text = if raw.contains(&b'\\') {
        if !text::unescape(raw, buffer) {
            return None;
        }
        buffer.as_slice()
    } else {
        raw
    };
    text.iter().all(|byte| matches!(byte, 0x20..0x7f)).then_some(text)
}

/// What a `requestURI` says that is plain ASCII without escapes, if that takes but a look at its beginning: a
/// path of another API, or of the core API written as usual.
pub(crate) fn of_plain_request_uri(uri: &[u8]) -> Option<Target> {
    let Some(rest) = uri.strip_prefix(b"/api/v1/") else {
        // Nothing else can be decoded to it.
        return uri.starts_with(b"/apis/").then_some(Target::Other);
    };
    let resource = match rest.strip_prefix(b"namespaces/") {
        // `namespaces`, its slash encoded, or `nodes`.
        None if rest.first() == Some(&b'n') => return None,
        None => rest,
        Some(rest) => {
            let end = rest.iter().position(|byte| matches!(byte, b'/' | b'%' | b'?' | b';'))?;
            rest.get(end..)?.strip_prefix(b"/")?
        }
    };
    match resource.first()? {
        b'w' | b'/' | b'%' | b'?' => None,
        // Services and service accounts, unless a letter of them is encoded.
        b's' if resource.starts_with(b"serv") => Some(Target::Other),
        b's' => None,
        _ => Some(Target::Other),
    }
}

/// What the string `uri` (without its quotes) of a `requestURI` says: `/api/v1/…/secrets` is about Secrets,
/// whatever the rest. A request without an `objectRef` is for no resource: `/healthz`, `/api`, `/openapi/v3`.
pub(crate) fn of_request_uri(uri: &[u8], buffer: &mut Vec<u8>) -> Target {
    if uri.first() != Some(&b'/') {
        return Target::Untold;
    }
    let start = uri.get(..8).unwrap_or(uri);
    let spelled = |part: &[u8]| part.iter().any(|byte| matches!(byte, b'%' | b'\\' | 0..0x20 | 0x80..));
    if start != b"/api/v1/" && !spelled(start) && uri.get(1) != Some(&b'/') {
        return Target::Other;
    }
    let path = uri.split(|&byte| byte == b'?').next().unwrap_or_default();
    if !spelled(path) {
        return of_path(path);
    }
    // The apiserver decodes the path before it decides; so do we, and what cannot be decoded is not relied on.
    if !text::unescape(path, buffer) || buffer.iter().any(|&byte| matches!(byte, 0..0x20 | 0x80..)) {
        return Target::Unreliable;
    }
    percent_decode(buffer);
    of_path(buffer)
}

/// Undoes percent-encoding in place; what is no encoding stays.
fn percent_decode(text: &mut Vec<u8>) {
    let mut from = 0;
    let mut to = 0;
    while let Some(&byte) = text.get(from) {
        let digit = |at: usize| text.get(at).and_then(|&digit| char::from(digit).to_digit(16));
        let encoded = match (byte, digit(from.wrapping_add(1)), digit(from.wrapping_add(2))) {
            (b'%', Some(high), Some(low)) => Some((high << 4 | low) as u8),
            _ => None,
        };
        if let Some(place) = text.get_mut(to) {
            *place = encoded.unwrap_or(byte);
        }
        to = to.wrapping_add(1);
        from = from.wrapping_add(if encoded.is_some() { 3 } else { 1 });
    }
    text.truncate(to);
}

/// What a decoded path says. An empty part is a slash too many to some, and to others a part of its own, as the
/// namespace in `/api/v1/namespaces//secrets`; where either reading leads to Secrets, it counts.
fn of_path(path: &[u8]) -> Target {
    let parts = || path.split(|&byte| byte == b'/').skip_while(|part| part.is_empty());
    if leads_to_secrets(parts()) || leads_to_secrets(parts().filter(|part| !part.is_empty())) {
        Target::Secret
    } else {
        Target::Other
    }
}

fn leads_to_secrets<'a>(mut parts: impl Iterator<Item = &'a [u8]>) -> bool {
    if parts.next() != Some(b"api") || parts.next() != Some(b"v1") {
        return false;
    }
    let mut part = parts.next();
    if part == Some(b"watch") {
        part = parts.next();
    }
    if part == Some(b"namespaces") {
        parts.next();
        part = parts.next();
    }
    part.is_some_and(|part| part.split(|&byte| byte == b';').next() == Some(b"secrets"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn usual_object_refs_are_about_neither_secrets_nor_tokens() {
        let texts = [
            "",
            "pods",
            "secrets",
            "Secrets",
            "oauthaccesstokens",
            "services",
            "configmaps",
            "apps",
            "example.com",
            "core",
            "sha256~x",
            "a\\u0062",
        ];
        let names = ["resource", "apiGroup", "name", "Resource", "namespace", "apiVersion", "uid"];
        for first in names {
            for second in names {
                for one in texts {
                    for other in texts {
                        for close in ["}", "},1", " }", ""] {
                            let json = alloc::format!(r#"{{"{first}":"{one}","{second}":"{other}"{close}"#);
                            let bytes = json.as_bytes();
                            if let Some((target, behind)) = behind_usual_object_ref(bytes) {
                                assert_eq!(target, of_object_ref(bytes, 0, &mut Vec::new()), "{json}");
                                assert_eq!(bytes.len() - behind.len(), json.find('}').unwrap() + 1, "{json}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn object_refs() {
        for (json, target) in [
            (r#"{"resource":"secrets","namespace":"a","name":"b","apiVersion":"v1"}"#, Target::Secret),
            (r#"{"resource":"secrets","apiGroup":""}"#, Target::Secret),
            (r#"{"resource":"secrets","apiGroup":null}"#, Target::Secret),
            (r#"{"resource":"secrets","apiGroup":"","apiGroup":"x"}"#, Target::Secret),
            (r#"{"Resource":"secrets","resource":"pods"}"#, Target::Secret),
            (r#"{"resource":"\u0073ecrets"}"#, Target::Secret),
            (r#"{"r\u0065source":"secrets"}"#, Target::Secret),
            (r#"{"r\esource":"pods"}"#, Target::Unreliable),
            (r#"{"resource":"pods\u0000"}"#, Target::Unreliable),
            (r#"{"resource":["secrets"]}"#, Target::Unreliable),
            (r#"{"resource":"secrets","apiGroup":"vault.acme.example.com"}"#, Target::Custom),
            (r#"{"resource":"pods","apiGroup":""}"#, Target::Other),
            (r#"{"resource":"deployments","apiGroup":"apps"}"#, Target::Other),
            (r#"{"resource":"ingresses","apiGroup":"networking.k8s.io"}"#, Target::Other),
            (r#"{"resource":"gateways","apiGroup":"gateway.networking.k8s.io"}"#, Target::Custom),
            (r#"{"resource":"storageclasses","apiGroup":"storage.k8s.io"}"#, Target::Custom),
            (r#"{"resource":"x","apiGroup":"apps","apiGroup":"example.com"}"#, Target::Custom),
            (r#"{"resource":"configmaps","namespace":"a"}"#, Target::Custom),
            (r#"{"resource":"ConfigMaps","name":"\u0061"}"#, Target::Custom),
            (r#"{"resource":"pods","name":"\u0061"}"#, Target::Other),
            (r#"{"resource":"oauthaccesstokens","name":"hunter2"}"#, Target::TokenName),
            (r#"{"resource":"oauthaccesstokens"}"#, Target::TokenName),
            (r#"{"resource":"oauthaccesstokens","name":"sha256~abc"}"#, Target::Other),
            (r#"{"name":"x"}"#, Target::Untold),
            (r#"null"#, Target::Untold),
            (r#"[{"resource":"secrets"}]"#, Target::Unreliable),
            (r#""secrets""#, Target::Unreliable),
            (r#"1"#, Target::Unreliable),
        ] {
            assert_eq!(of_object_ref(json.as_bytes(), 0, &mut Vec::new()), target, "{json}");
        }
    }

    proptest! {
        #[test]
        fn plain_request_uris_agree_with_all(
            parts in prop::collection::vec(prop::sample::select(&[
                "/", "/", "/", "api", "apis", "v1", "namespaces", "watch", "secrets", "pods", "services", "%73ecrets", ";", "?", "%2f", "a",
            ]), 0..12),
            core in any::<bool>(),
        ) {
            let uri = [if core { "/api/v1/" } else { "" }, &parts.concat()].concat();
            if let Some(target) = of_plain_request_uri(uri.as_bytes()) {
                prop_assert_eq!(target, of_request_uri(uri.as_bytes(), &mut Vec::new()), "{}", uri);
            }
        }
    }

    #[test]
    fn request_uris() {
        for (uri, target) in [
            ("/api/v1/namespaces/a/secrets/b?x=/secrets", Target::Secret),
            ("/api/v1/secrets", Target::Secret),
            ("/api/v1/watch/namespaces/a/secrets", Target::Secret),
            ("/api/v1/namespaces/a/secrets;token=x", Target::Secret),
            ("/api/v1/namespaces/a/%73ecrets/b", Target::Secret),
            ("/api/v1/namespaces/a/\\u0073ecrets/b", Target::Secret),
            ("/a%70i/v1/secrets", Target::Secret),
            ("//api/v1//secrets", Target::Secret),
            ("/api/v1/namespaces//secrets", Target::Secret),
            ("/api/v1/namespaces//secrets/b", Target::Secret),
            ("/api/v1//namespaces//a/secrets", Target::Secret),
            ("/api\\/v1\\/secrets", Target::Secret),
            ("/api/v1/namespaces/secrets", Target::Other),
            ("/api/v1/namespaces/a/pods/secrets", Target::Other),
            ("/apis/acme.example.com/v1/secrets", Target::Other),
            ("/healthz", Target::Other),
            ("/api/v1/é", Target::Unreliable),
            ("", Target::Untold),
            ("[REDACTED]", Target::Untold),
        ] {
            assert_eq!(of_request_uri(uri.as_bytes(), &mut Vec::new()), target, "{uri}");
            if uri.is_ascii() && !uri.contains('\\') {
                assert!(of_plain_request_uri(uri.as_bytes()).is_none_or(|plain| plain == target), "{uri}");
            }
        }
    }
}
