//! Cold: what may stand in the variable parts of Kubernetes' phrases.
//!
//! The functions that return a length take a word from the front of a text and give up (0) where it is longer
//! than anything of its kind; those that return a `bool` judge a whole text.

use super::work;

fn take(text: &[u8], limit: usize, belongs: fn(u8) -> bool) -> usize {
    let length = text.iter().take(limit.saturating_add(1)).take_while(|&&byte| belongs(byte)).count();
    work::count(length);
    if length > limit { 0 } else { length }
}

fn all(text: &[u8], limit: usize, belongs: fn(u8) -> bool) -> bool {
    text.len() <= limit && text.iter().all(|&byte| belongs(byte))
}

const fn in_name(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')
}

/// A DNS-1123 subdomain, or the beginning of a generated one (`mig-`).
pub(super) fn is_name(text: &[u8]) -> bool {
    !text.is_empty() && all(text, 253, in_name) && !matches!(text.first(), Some(b'-' | b'.'))
}

pub(super) fn name(text: &[u8]) -> usize {
    take(text, 253, in_name)
}

/// `secrets`, `deployments.apps`, `pods/exec`.
pub(super) fn is_resource(text: &[u8]) -> bool {
    all(text, 253, |byte| in_name(byte) || byte == b'/')
}

pub(super) fn resource(text: &[u8]) -> usize {
    take(text, 253, in_name)
}

pub(super) fn is_group(text: &[u8]) -> bool {
    all(text, 253, in_name)
}

pub(super) fn is_version(text: &[u8]) -> bool {
    all(text, 63, |byte| in_name(byte) || byte == b'/')
}

/// `Secret`, `PatchOptions.meta.k8s.io`: a body can name any kind, so only those that requests for Secrets deal
/// with.
pub(super) fn kind(text: &[u8]) -> usize {
    let length = take(text, 253, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let kind = text.get(..length).unwrap_or_default();
    let kind = kind.strip_suffix(b".meta.k8s.io").unwrap_or(kind);
    if is_one_of(kind, KINDS) { length } else { 0 }
}

/// `/v1`, `apps/v1`.
pub(super) fn group_version(text: &[u8]) -> usize {
    take(text, 253, |byte| in_name(byte) || byte == b'/')
}

/// `namespace/name`, as server-side apply writes it.
pub(super) fn object(text: &[u8]) -> usize {
    take(text, 507, |byte| in_name(byte) || byte == b'/')
}

pub(super) fn word(text: &[u8]) -> usize {
    take(text, 32, |byte| byte.is_ascii_alphabetic())
}

pub(super) fn digits(text: &[u8]) -> usize {
    take(text, 20, |byte| byte.is_ascii_digit())
}

/// `PERMISSION_DENIED`: what gRPC calls a code.
pub(super) fn rpc_code(text: &[u8]) -> usize {
    let length = take(text, 19, |byte| byte.is_ascii_uppercase() || byte == b'_');
    if is_one_of(text.get(..length).unwrap_or_default(), RPC_CODES) { length } else { 0 }
}

/// `get`, `impersonate-on:user-info:delete`.
pub(super) fn verb(text: &[u8]) -> usize {
    take(text, 64, |byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b':' | b'*'))
}

/// A user, group or role: the event names the user anyway. With a space it could be a sentence.
pub(super) fn is_user(text: &[u8]) -> bool {
    all(text, 512, |byte| {
        matches!(byte, b'!'..=b'~') && !matches!(byte, b'"' | b'\\' | b'?' | b'&' | b';' | b'=')
    })
}

/// `container.secrets.list`
pub(super) fn is_permission(text: &[u8]) -> bool {
    text.starts_with(b"container.secrets.")
        && all(text, 32, |byte| byte.is_ascii_alphabetic() || byte == b'.')
}

/// A field manager. Clients choose it, so only the names that everybody's tools have.
pub(super) fn is_manager(text: &[u8]) -> bool {
    is_one_of(text, MANAGERS)
}

/// A non-resource path without parameters.
pub(super) fn is_path(text: &[u8]) -> bool {
    all(text, 512, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'/'))
}

/// The address of a webhook that is a service of the cluster, with nothing but the time-out that the server adds.
pub(super) fn is_webhook_url(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"https://") else { return false };
    let end = rest.iter().position(|&byte| byte == b'?').unwrap_or(rest.len());
    let Some((address, query)) = rest.split_at_checked(end) else { return false };
    let host = address.iter().position(|&byte| byte == b'/').unwrap_or(address.len());
    let Some((host, path)) = address.split_at_checked(host) else { return false };
    let port = host.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let name = host.get(..host.len().saturating_sub(port)).unwrap_or_default();
    let name = if port == 0 { name } else { name.strip_suffix(b":").unwrap_or_default() };
    let seconds = match query.strip_prefix(b"?timeout=") {
        Some([digits @ .., b's']) => (1..4).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit),
        Some(_) => false,
        None => query.is_empty(),
    };
    seconds
        && name.ends_with(b".svc")
        && is_name(name)
        && all(path, 253, |byte| in_name(byte) || byte == b'/')
}

pub(super) fn address(text: &[u8]) -> usize {
    let length = take(text, 512, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':' | b'[' | b']')
    });
    // The colon that ends the phrase is not part of the address.
    match text.get(..length) {
        Some([.., b':']) => length.saturating_sub(1),
        _ => length,
    }
}

/// `count/secrets=1,secrets=2`: what a quota can say of Secrets.
pub(super) fn quota(text: &[u8]) -> usize {
    let mut end: usize = 0;
    loop {
        let rest = text.get(end..).unwrap_or_default();
        let key = rest.iter().take(16).take_while(|byte| byte.is_ascii_lowercase() || **byte == b'/').count();
        let Some((key, value)) = rest.split_at_checked(key) else { return 0 };
        let count = value.strip_prefix(b"=").map_or(0, quantity);
        if !is_one_of(key, QUOTAS) || count == 0 {
            return 0;
        }
        end = end.saturating_add(key.len()).saturating_add(1).saturating_add(count);
        match text.get(end..) {
            Some([b',', b'a'..=b'z', ..]) => end = end.saturating_add(1),
            _ => return end,
        }
    }
}

/// `5`, `1k`.
fn quantity(text: &[u8]) -> usize {
    let length = digits(text);
    let suffix = length > 0 && matches!(text.get(length), Some(b'k' | b'M'));
    length.saturating_add(usize::from(suffix))
}

/// `/registry/secrets/shop/db`.
pub(super) fn storage_key(text: &[u8]) -> usize {
    take(text, 1024, |byte| in_name(byte) || byte == b'/')
}

pub(super) fn uid(text: &[u8]) -> usize {
    take(text, 36, |byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// `Secret.stringData`, `v1.SecretList`: types and fields that a Secret has.
pub(super) fn go_field(text: &[u8]) -> usize {
    let length = take(text, 253, |byte| byte.is_ascii_alphanumeric() || byte == b'.');
    if is_of_go(text.get(..length).unwrap_or_default()) { length } else { 0 }
}

/// Whether all words of a type or of a path are Go's or the Kubernetes API's own.
fn is_of_go(text: &[u8]) -> bool {
    text.split(|byte| !byte.is_ascii_alphanumeric()).all(|word| {
        word.is_empty() || is_one_of(word, GO_WORDS) || is_one_of(word, FIELDS) || is_one_of(word, KINDS)
    })
}

/// One step of a path in a Secret, in the options of a request for one, or in a list of them.
pub(super) fn secret_field(text: &[u8]) -> usize {
    let length = take(text, 63, |byte| byte.is_ascii_alphanumeric());
    if is_one_of(text.get(..length).unwrap_or_default(), FIELDS) { length } else { 0 }
}

pub(super) fn is_one_of(word: &[u8], words: &[&str]) -> bool {
    words.iter().any(|own| own.as_bytes() == word)
}

/// `string`, `array`, as `encoding/json` calls what it found.
pub(super) fn json_type(text: &[u8]) -> usize {
    let length = word(text);
    let known = ["array", "bool", "number", "object", "string"];
    if is_one_of(text.get(..length).unwrap_or_default(), &known) { length } else { 0 }
}

/// One name in a path of fields.
pub(super) fn api_field(text: &[u8]) -> usize {
    take(text, 63, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// `map[string][]uint8`, `map[string]interface {}`.
pub(super) fn go_type(text: &[u8]) -> usize {
    let length =
        take(text, 128, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'[' | b']' | b'*'));
    let braces = text.get(length..).is_some_and(|rest| rest.starts_with(b" {}"));
    if !is_of_go(text.get(..length).unwrap_or_default()) {
        return 0;
    }
    match text.get(..length) {
        // The bracket that ends a list of errors: a type never ends with one.
        Some([.., b']']) => length.saturating_sub(1),
        _ if braces && length > 0 => length.saturating_add(3),
        _ => length,
    }
}

/// `v1.Secret.Data: `, one step of the path that json-iterator writes before its reason.
pub(super) fn go_path(text: &[u8]) -> usize {
    let length = take(text, 128, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'[' | b']'));
    let path = text.get(..length).unwrap_or_default();
    let step = path.starts_with(b"v1") || path.starts_with(b"[]v1");
    let colon = text.get(length..).is_some_and(|rest| rest.starts_with(b": "));
    if step && colon && is_of_go(path) { length.saturating_add(2) } else { 0 }
}

/// `'x'`, `'\''`: one character as Go quotes it, or our mask in its place.
pub(super) fn go_char(text: &[u8]) -> usize {
    let Some(b'\'') = text.first() else { return super::value::mask(text, 0).unwrap_or(0) };
    // Behind the quote and one character, which may be an escaped quote.
    let inner = if text.get(1) == Some(&b'\\') { 3 } else { 2 };
    let rest = text.iter().skip(inner).take(12).position(|&byte| byte == b'\'');
    rest.map_or(0, |rest| rest.saturating_add(inner).saturating_add(1))
}

/// Everything before the last byte of a text that ends with a parenthesis.
pub(super) fn until_last_parenthesis(text: &[u8]) -> usize {
    match text {
        [rest @ .., b')'] => rest.len(),
        _ => 0,
    }
}

/// Nothing stays.
pub(super) fn never(_: &[u8]) -> bool {
    false
}

/// Kinds of the bodies that a request for Secrets can hold.
const KINDS: &[&str] = &[
    "APIResourceList",
    "CreateOptions",
    "DeleteOptions",
    "GetOptions",
    "List",
    "ListOptions",
    "Namespace",
    "PartialObjectMetadata",
    "PartialObjectMetadataList",
    "Patch",
    "PatchOptions",
    "Secret",
    "SecretList",
    "ServiceAccount",
    "Status",
    "Table",
    "UpdateOptions",
    "WatchEvent",
];

/// Fields that a Secret, a list of them and the options of a request have without anybody having chosen their
/// names.
pub(super) const FIELDS: &[&str] = &[
    "allowWatchBookmarks",
    "annotations",
    "apiVersion",
    "blockOwnerDeletion",
    "clusterName",
    "continue",
    "controller",
    "creationTimestamp",
    "data",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "dryRun",
    "fieldManager",
    "fieldSelector",
    "fieldValidation",
    "fieldsType",
    "fieldsV1",
    "finalizers",
    "force",
    "generateName",
    "generation",
    "gracePeriodSeconds",
    "immutable",
    "items",
    "kind",
    "labelSelector",
    "labels",
    "limit",
    "managedFields",
    "manager",
    "metadata",
    "name",
    "namespace",
    "operation",
    "orphanDependents",
    "ownerReferences",
    "patch",
    "preconditions",
    "propagationPolicy",
    "remainingItemCount",
    "resourceVersion",
    "resourceVersionMatch",
    "selfLink",
    "sendInitialEvents",
    "spec",
    "stringData",
    "subresource",
    "time",
    "timeoutSeconds",
    "type",
    "uid",
    "watch",
];

/// Words of Go's types, of its packages and of the types a Secret is made of.
const GO_WORDS: &[&str] = &[
    "Annotations",
    "Data",
    "Finalizers",
    "Immutable",
    "Items",
    "Labels",
    "ListMeta",
    "ManagedFields",
    "ManagedFieldsEntry",
    "FieldsV1",
    "Name",
    "Namespace",
    "ObjectMeta",
    "OwnerReference",
    "OwnerReferences",
    "Preconditions",
    "SecretType",
    "StringData",
    "Time",
    "Type",
    "TypeMeta",
    "UID",
    "Unstructured",
    "UnstructuredList",
    "any",
    "bool",
    "byte",
    "core",
    "float64",
    "int",
    "int32",
    "int64",
    "interface",
    "internalversion",
    "map",
    "runtime",
    "string",
    "types",
    "uint8",
    "unstructured",
    "v1",
];

/// What tools that everybody has call themselves.
const MANAGERS: &[&str] = &[
    "Go-http-client",
    "Helm",
    "argocd-application-controller",
    "argocd-controller",
    "before-first-apply",
    "cert-manager-certificates-issuing",
    "curl",
    "external-secrets",
    "helm",
    "helm-controller",
    "k3s",
    "kube-apiserver",
    "kube-controller-manager",
    "kubeadm",
    "kubectl",
    "kubectl-annotate",
    "kubectl-client-side-apply",
    "kubectl-create",
    "kubectl-edit",
    "kubectl-label",
    "kubectl-patch",
    "kubectl-replace",
    "kustomize-controller",
    "manager",
    "rancher",
    "sealed-secrets",
    "terraform",
];

/// Source: `google/rpc/code.proto`.
const RPC_CODES: &[&str] = &[
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "UNAUTHENTICATED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
];

/// What a quota counts where Secrets are created.
const QUOTAS: &[&str] = &["count/secrets", "secrets"];
