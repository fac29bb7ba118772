//! Cold: events put together from the parts of records that are none.
//!
//! Each gives the members that decide how bodies are read and what a policy says, and the bodies. What is not
//! reliable is left out, or said in a way that nobody relies on: then bodies are hidden.

use super::envelope::{DOTTED, OF_RANCHER};
use super::view::View;
use crate::json::members::{Member, Members};
use crate::json::skip_space;

/// How every event begins that is put together.
const HEAD: &[u8] = br#"{"kind":"Event","level":"RequestResponse""#;

/// The most members of an object that are remembered. None has as many names that mean something.
const MOST: usize = 32;

/// The members of an object of the record that mean something, found in one look at it.
struct Object<'a> {
    record: &'a [u8],
    members: [Member; MOST],
    count: usize,
    /// There are more.
    more: bool,
}

impl<'a> Object<'a> {
    /// The object at `at`, as far as its members are called by one of `names`.
    #[inline(never)]
    fn read(record: &'a [u8], at: usize, names: &[&str]) -> Self {
        let none = Member { name_start: 0, name_end: 0, value_start: 0, value_end: 0 };
        let mut object = Object { record, members: [none; MOST], count: 0, more: false };
        for member in Members::new(record, at) {
            let name = object.name(&member);
            if !names.iter().any(|known| known.as_bytes() == name) {
                continue;
            }
            match object.members.get_mut(object.count) {
                Some(place) => *place = member,
                None => object.more = true,
            }
            object.count = object.count.wrapping_add(1).min(MOST);
        }
        object
    }

    fn members(&self) -> impl Iterator<Item = Member> {
        self.members.iter().take(self.count).copied()
    }

    fn name(&self, member: &Member) -> &'a [u8] {
        self.record.get(member.name_start..member.name_end).unwrap_or_default()
    }

    /// The only member called `name`.
    fn only(&self, name: &[u8]) -> Option<Member> {
        let mut named = self.members().filter(|member| self.name(member) == name);
        match (named.next(), named.next()) {
            (Some(member), None) => Some(member),
            _ => None,
        }
    }

    fn has(&self, name: &[u8]) -> bool {
        self.members().any(|member| self.name(&member) == name)
    }

    /// The object called `name`, as far as its members are called by one of `names`; none if there is no object.
    fn object(&self, name: &[u8], names: &[&str]) -> Object<'a> {
        let at = self.only(name).map_or(self.record.len(), |member| member.value_start);
        Object::read(self.record, at, names)
    }

    /// The text called `name`, if it is plain: it can be written again as it is.
    fn plain(&self, name: &[u8]) -> Option<&'a [u8]> {
        let member = self.only(name)?;
        let value = self.record.get(member.value_start..member.value_end)?;
        let text = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        text.iter().all(|byte| (0x20..0x7f).contains(byte) && *byte != b'\\').then_some(text)
    }

    /// Adds every member called `name` to the event, as `field`.
    #[inline(never)]
    fn give(&self, view: &mut View, name: &[u8], field: &[u8]) -> bool {
        let mut named = self.members().filter(|member| self.name(member) == name);
        named.all(|member| {
            view.put(b",\"")
                && view.put(field)
                && view.put(b"\":")
                && view.piece(self.record, member.value_start, member.value_end)
        })
    }

    /// Adds the member called `name` between `before` and `behind`, if there is one.
    fn give_in(&self, view: &mut View, before: &[u8], name: &[u8], behind: &[u8]) -> bool {
        self.only(name).is_none_or(|member| {
            view.put(before)
                && view.piece(self.record, member.value_start, member.value_end)
                && view.put(behind)
        })
    }
}

/// Adds a member whose value is a plain text.
fn say(view: &mut View, before: &[u8], text: &[u8]) -> bool {
    view.put(before) && view.put(b"\"") && view.put(text) && view.put(b"\"")
}

/// What is written of a request for Secrets that is not told by an `objectRef`.
const URI_OF_SECRETS: &[u8] = br#","requestURI":"/api/v1/secrets""#;

/// An audit log of Google Cloud, whose `protoPayload` begins at `at`; `None`: it is none of Kubernetes. `Some(false)`:
/// there is no memory.
///
/// Source: `google.cloud.audit.AuditLog`; how names and methods are made of requests, as `plugins/k8saudit-gke` of
/// Falco undoes it.
pub(super) fn gke(view: &mut View, record: &[u8], at: usize) -> Option<bool> {
    const PAYLOAD: [&str; 8] = [
        "methodName",
        "serviceName",
        "resourceName",
        "requestMetadata",
        "authenticationInfo",
        "status",
        "request",
        "response",
    ];
    const METADATA: [&str; 3] = ["callerIp", "callerIP", "callerSuppliedUserAgent"];
    let payload = Object::read(record, at, &PAYLOAD);
    let method = payload.plain(b"methodName").unwrap_or_default();
    let of_kubernetes = payload.plain(b"serviceName") == Some(b"k8s.io") || method.starts_with(b"io.k8s.");
    if !of_kubernetes {
        return None;
    }
    let secrets = method.split(|&byte| byte == b'.').any(|part| part.eq_ignore_ascii_case(b"secrets"));
    let verb = method.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    let metadata = payload.object(b"requestMetadata", &METADATA);
    let entry = Object::read(record, skip_space(record, 0), &["labels"]);
    view.too_much = payload.more || metadata.more || entry.more;
    Some(
        view.put(HEAD)
            && (verb.is_empty() || say(view, b",\"verb\":", verb))
            && give_resource(view, payload.plain(b"resourceName"))
            && (!secrets || view.put(URI_OF_SECRETS))
            && payload.object(b"authenticationInfo", &["principalEmail"]).give_in(
                view,
                br#","user":{"username":"#,
                b"principalEmail",
                b"}",
            )
            && metadata.give_in(view, br#","sourceIPs":["#, b"callerIp", b"]")
            && metadata.give_in(view, br#","sourceIPs":["#, b"callerIP", b"]")
            && metadata.give(view, b"callerSuppliedUserAgent", b"userAgent")
            // A name that a client chose may hold what names of objects may.
            && payload.give_in(view, br#","name":{"details":{"name":"#, b"resourceName", b"}}")
            && payload.give(view, b"status", b"responseStatus")
            && payload.give(view, b"request", b"requestObject")
            && payload.give(view, b"response", b"responseObject")
            && entry.give(view, b"labels", b"annotations")
            && view.put(b"}"),
    )
}

/// Adds the `objectRef` that a resource's name tells: `core/v1/namespaces/shop/secrets/db`.
fn give_resource(view: &mut View, name: Option<&[u8]>) -> bool {
    let Some(name) = name.filter(|name| !name.contains(&b'"')) else { return true };
    let mut parts = name.split(|&byte| byte == b'/');
    let (Some(group), Some(version)) = (parts.next(), parts.next()) else { return true };
    let mut resource = parts.next().unwrap_or_default();
    let mut namespace: &[u8] = b"";
    let mut object = parts.next().unwrap_or_default();
    let mut subresource = parts.next().unwrap_or_default();
    if resource == b"namespaces" && !matches!(subresource, b"" | b"status" | b"finalize") {
        namespace = object;
        resource = subresource;
        object = parts.next().unwrap_or_default();
        subresource = parts.next().unwrap_or_default();
    }
    let group = if group == b"core" { b"" } else { group };
    resource.is_empty()
        || say(view, br#","objectRef":{"resource":"#, resource)
            && (namespace.is_empty() || say(view, b",\"namespace\":", namespace))
            && (object.is_empty() || say(view, b",\"name\":", object))
            && (group.is_empty() || say(view, b",\"apiGroup\":", group))
            && say(view, b",\"apiVersion\":", version)
            && (subresource.is_empty() || say(view, b",\"subresource\":", subresource))
            && view.put(b"}")
}

/// The request, which begins at `at`, of an AdmissionReview as kube-audit-rest writes it.
///
/// Source: `AdmissionRequest` in `k8s.io/api/admission/v1/types.go`.
pub(super) fn review(view: &mut View, record: &[u8], at: usize) -> Option<bool> {
    const REQUEST: [&str; 12] = [
        "operation",
        "resource",
        "kind",
        "requestKind",
        "requestResource",
        "userInfo",
        "namespace",
        "name",
        "subResource",
        "object",
        "oldObject",
        "options",
    ];
    const RESOURCE: [&str; 2] = ["resource", "group"];
    let request = Object::read(record, at, &REQUEST);
    let review = Object::read(record, skip_space(record, 0), &["kind"]);
    let told = review.plain(b"kind") == Some(b"AdmissionReview") || request.has(b"operation");
    if !told || !(request.has(b"resource") || request.has(b"kind")) {
        return None;
    }
    let verb: &[u8] = match request.plain(b"operation") {
        Some(b"CREATE") => b"create",
        Some(b"UPDATE") => b"update",
        Some(b"DELETE") => b"delete",
        Some(b"CONNECT") => b"connect",
        _ => b"",
    };
    let resource = request.object(b"resource", &RESOURCE);
    let secrets = ["kind", "requestKind"]
        .iter()
        .any(|name| request.object(name.as_bytes(), &["kind"]).plain(b"kind") == Some(b"Secret"))
        || resource.plain(b"resource") == Some(b"secrets")
        || request.object(b"requestResource", &RESOURCE).plain(b"resource") == Some(b"secrets");
    view.too_much = request.more || resource.more;
    Some(
        view.put(HEAD)
            && (verb.is_empty() || say(view, b",\"verb\":", verb))
            && request.give(view, b"userInfo", b"user")
            && (!request.has(b"resource")
                || view.put(br#","objectRef":{"apiVersion":"v1""#)
                    && resource.give(view, b"resource", b"resource")
                    && resource.give(view, b"group", b"apiGroup")
                    && request.give(view, b"namespace", b"namespace")
                    && request.give(view, b"name", b"name")
                    && request.give(view, b"subResource", b"subresource")
                    && view.put(b"}"))
            && (!secrets || view.put(URI_OF_SECRETS))
            && request.give(view, b"object", b"requestObject")
            && request.give(view, b"oldObject", b"responseObject")
            && view.put(b"}"),
    )
}

/// Parts of a path in Rancher's API behind which everything is a credential.
const SECRETS_OF_RANCHER: [&[u8]; 8] = [
    b"secrets",
    b"secret",
    b"namespacedsecrets",
    b"dockercredentials",
    b"basicauths",
    b"sshauths",
    b"certificates",
    b"kubeconfigs",
];

/// A record of Rancher's own audit log, which begins at `at`.
///
/// Source: `pkg/auth/audit/log.go` in `rancher/rancher`.
pub(super) fn rancher(view: &mut View, record: &[u8], at: usize) -> Option<bool> {
    const NAMES: [&str; 8] = [
        "method",
        "objectRef",
        "requestURI",
        "user",
        "requestBody",
        "responseBody",
        "requestHeader",
        "responseHeader",
    ];
    let log = Object::read(record, at, &NAMES);
    let own = OF_RANCHER.iter().any(|name| log.has(name.as_bytes()));
    if !own || !log.has(b"method") || log.has(b"objectRef") {
        return None;
    }
    let verb: &[u8] = match log.plain(b"method") {
        Some(b"GET" | b"HEAD") => b"get",
        Some(b"POST") => b"create",
        Some(b"PUT") => b"update",
        Some(b"PATCH") => b"patch",
        Some(b"DELETE") => b"delete",
        _ => b"",
    };
    // What is spelled in any unusual way may lead anywhere.
    let uri = log.plain(b"requestURI").filter(|uri| !uri.contains(&b'%'));
    let path = uri.unwrap_or_default().split(|&byte| byte == b'?').next().unwrap_or_default();
    let secrets = path
        .split(|&byte| byte == b'/')
        .any(|part| SECRETS_OF_RANCHER.iter().any(|known| part.eq_ignore_ascii_case(known)));
    let makes_kubeconfig = uri.unwrap_or_default().windows(18).any(|part| part == b"generateKubeconfig");
    let resource: &[u8] = match uri {
        Some(_) if secrets || makes_kubeconfig => br#","objectRef":{"resource":"secrets"}"#,
        Some(_) => br#","objectRef":{"resource":"rancher","apiGroup":"management.cattle.io"}"#,
        None => b"",
    };
    let user = log.object(b"user", &["name", "group", "extra"]);
    view.too_much = log.more || user.more;
    Some(
        view.put(HEAD)
            && (verb.is_empty() || say(view, b",\"verb\":", verb))
            && view.put(resource)
            && log.give(view, b"requestURI", b"requestURI")
            && view.put(br#","user":{"uid":"""#)
            && user.give(view, b"name", b"username")
            && user.give(view, b"group", b"groups")
            && user.give(view, b"extra", b"extra")
            && view.put(b"}")
            && OF_RANCHER.iter().skip(2).map(|name| name.as_bytes()).all(|name| {
                let mut headers = log.members().filter(|member| log.name(member) == name);
                headers.all(|member| {
                    view.put(b",\"")
                        && view.put(name)
                        && view.put(br#"":{"httpHeaders":"#)
                        && view.piece(record, member.value_start, member.value_end)
                        && view.put(b"}")
                })
            })
            && log.give(view, b"requestBody", b"requestObject")
            && log.give(view, b"responseBody", b"responseObject")
            && view.put(b"}"),
    )
}

/// Names behind which the rest of a way is one name, which may have points in it.
const HOLDING_ANY: [&[u8]; 5] = [b"annotations", b"labels", b"data", b"stringData", b"binaryData"];

/// The deepest way that is followed; what lies deeper stands at its end under all that is left.
const LONGEST_WAY: usize = 16;

/// An event whose values stand in the record one by one, each under the way that leads to it.
pub(super) fn dotted(view: &mut View, record: &[u8], at: usize) -> Option<bool> {
    let name = |member: &Member| record.get(member.name_start..member.name_end).unwrap_or_default();
    let mut open: [&[u8]; LONGEST_WAY] = [b""; LONGEST_WAY];
    let mut depth: usize = 0;
    let mut any = false;
    let mut written = view.put(b"{");
    for member in Members::new(record, at) {
        let Some(way) = name(&member).strip_prefix(DOTTED) else { continue };
        let mut parts: [&[u8]; LONGEST_WAY] = [b""; LONGEST_WAY];
        let mut count: usize = 0;
        let mut rest = way;
        let mut whole = false;
        for part in &mut parts {
            count = count.wrapping_add(1);
            let point = rest.iter().position(|&byte| byte == b'.').filter(|_| !whole && count < LONGEST_WAY);
            let Some((name, behind)) = point.and_then(|at| rest.split_at_checked(at)) else {
                *part = rest;
                break;
            };
            *part = name;
            rest = behind.get(1..).unwrap_or_default();
            whole = HOLDING_ANY.contains(&name);
        }
        let Some((leaf, ways)) = parts.get(..count).and_then(<[&[u8]]>::split_last) else { continue };
        let same = open.iter().take(depth).zip(ways).take_while(|(one, other)| one == other).count();
        while depth > same {
            written = written && view.put(b"}");
            depth = depth.wrapping_sub(1);
        }
        written = written && (!any || view.put(b","));
        for name in ways.iter().skip(same) {
            written = written && view.put(b"\"") && view.put(name) && view.put(b"\":{");
            if let Some(place) = open.get_mut(depth) {
                *place = name;
            }
            depth = depth.wrapping_add(1);
        }
        written = written
            && view.put(b"\"")
            && view.put(leaf)
            && view.put(b"\":")
            && view.piece(record, member.value_start, member.value_end);
        any = true;
    }
    for _ in 0..depth {
        written = written && view.put(b"}");
    }
    any.then_some(written && view.put(b"}"))
}
