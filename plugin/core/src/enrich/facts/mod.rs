//! What follows from an event: what was really done, by whom, from where, and how it ended.
//!
//! A verb says what was sent, not what it does: `kubectl exec` is a `get`, a `patch` may create, a `watch` may
//! read all there is. Everything here is told by the members of the event alone; what the event does not tell reliably is
//! `None`.
//!
//! | file | what |
//! |---|---|
//! | `told` | what the event says, as texts without escapes |
//! | `action` | the effective action, and whether it was only tried |
//! | `outcome` | how the request ended |
//! | `actor` | who acted |
//! | `address` | from where |
//! | `query` | parameters of a `requestURI` |
//! | `time` | timestamps |

/// An enumeration whose variants have names, as conditions and stamps write them.
macro_rules! named {
    ($(#[$about:meta])* pub enum $enum:ident { $($(#[$what:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $enum {
            $($(#[$what])* $variant,)*
        }

        impl $enum {
            /// All of them, in the order of their declaration.
            pub const ALL: &'static [$enum] = &[$($enum::$variant),*];

            /// Their names, in the same order.
            pub(in crate::enrich) const NAMES: &'static [&'static str] = &[$($name),*];

            /// How it is written.
            pub const fn name(self) -> &'static str {
                match self {
                    $($enum::$variant => $name,)*
                }
            }
        }
    };
}

mod action;
mod actor;
mod address;
mod outcome;
mod query;
pub(in crate::enrich) mod time;
mod told;

pub use action::Action;
pub use actor::Actor;
pub(crate) use actor::{CLOUD, CONTROL_PLANE, GKE_AGENT};
pub use outcome::RequestOutcome;

use super::event::{Found, Items, member, quoted};
use crate::event::fields::Field;
use crate::json::text;
use crate::memory::{append, append_all, push};
use alloc::vec::Vec;
use core::net::IpAddr;
pub(in crate::enrich) use told::KnownText;
use told::{Told, What};

/// What follows from one event.
///
/// ```
/// use auditveil_core::enrich::{Action, Actor, Reader, RequestOutcome};
///
/// let event = br#"{"auditID":"a","stage":"ResponseComplete","verb":"get",
///     "requestURI":"/api/v1/namespaces/shop/pods/web/exec?command=sh&command=-c&command=id",
///     "user":{"username":"system:serviceaccount:ci:builder"},"sourceIPs":["10.0.0.7","203.0.113.9"],
///     "objectRef":{"resource":"pods","namespace":"shop","name":"web","subresource":"exec"},
///     "responseStatus":{"code":101}}"#;
/// let mut reader = Reader::default();
/// let mut event = reader.read(event);
/// let facts = event.facts();
/// assert_eq!(facts.action, Some(Action::Exec));
/// assert_eq!(facts.outcome, Some(RequestOutcome::Allowed));
/// assert_eq!(facts.actor, Some(Actor::ServiceAccount));
/// assert_eq!(facts.actor_name(), Some(&b"builder"[..]));
/// assert_eq!(facts.source_is_public(), Some(true));
/// assert_eq!(facts.target(), Some(&b"pods/exec shop/web"[..]));
/// assert!(facts.command().eq([&b"sh"[..], b"-c", b"id"]));
/// ```
#[derive(Debug, Default)]
pub struct Facts {
    /// What was done, whatever the verb was.
    pub action: Option<Action>,
    /// How it ended.
    pub outcome: Option<RequestOutcome>,
    /// Who did it: what sort of user.
    pub actor: Option<Actor>,
    /// Whether nothing was to be changed: a dry run.
    pub dry_run: bool,
    /// Whether the user acted as another one.
    pub impersonated: bool,
    /// The last of `sourceIPs`: the only one that the API server has seen itself, the others are what clients and
    /// proxies claim.
    pub source: Option<IpAddr>,
    /// From the request to this stage, in microseconds.
    pub latency_us: Option<u64>,
    told: Told,
    namespace: Option<(usize, usize)>,
    name: Option<(usize, usize)>,
    target: Vec<u8>,
    arguments: Vec<u8>,
    /// Where each of the arguments ends.
    ends: Vec<usize>,
    unescaped: Vec<u8>,
}

impl Facts {
    /// Forgets what has few values.
    pub(super) fn forget(&mut self) {
        (self.action, self.outcome, self.actor) = (None, None, None);
        (self.dry_run, self.impersonated) = (false, false);
    }

    /// Nothing is known.
    pub(super) const NONE: Facts = Facts {
        action: None,
        outcome: None,
        actor: None,
        dry_run: false,
        impersonated: false,
        source: None,
        latency_us: None,
        told: Told::NOTHING,
        namespace: None,
        name: None,
        target: Vec::new(),
        arguments: Vec::new(),
        ends: Vec::new(),
        unescaped: Vec::new(),
    };

    /// The name of the service account or of the node; of others their name.
    pub fn actor_name(&self) -> Option<&[u8]> {
        self.told.part(What::Username, self.name?)
    }

    /// The namespace of the service account.
    pub fn actor_namespace(&self) -> Option<&[u8]> {
        self.told.part(What::Username, self.namespace?)
    }

    /// [`source`](Facts::source) as the event spells it.
    pub fn source_text(&self) -> Option<&[u8]> {
        self.source.and_then(|_| self.told.text(What::SourceIp))
    }

    /// Whether [`source`](Facts::source) is an address of the public internet.
    pub fn source_is_public(&self) -> Option<bool> {
        self.source.map(address::is_public)
    }

    /// What it was done to: `pods/exec shop/web`, `roles.rbac.authorization.k8s.io shop/*`, `nodes *`; the path, if
    /// it was no resource.
    pub fn target(&self) -> Option<&[u8]> {
        (!self.target.is_empty()).then_some(self.target.as_slice())
    }

    /// What was to be executed in a container: the values of `command` in the URI, decoded, or those of the body where
    /// there are none.
    pub fn command(&self) -> impl Iterator<Item = &[u8]> {
        let starts = core::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, &end)| self.arguments.get(start..end))
    }

    /// Whether conditions about the resource can be answered by what
    /// [`resource`](Self::resource) tells.
    pub(super) fn resource_is_plain(&self) -> bool {
        self.told.object == told::Object::Plain
    }

    /// API group, resource and subresource.
    pub(super) fn resource(&self) -> [&[u8]; 3] {
        [What::ApiGroup, What::Resource, What::Subresource]
            .map(|what| self.told.text(what).unwrap_or_default())
    }

    /// The name of the user, if who asked is [derived](Self::derive_client) and it is told just once; a part of an `objectRef` that is
    /// spelled as usual, empty if it is missing. Otherwise `None`.
    pub(super) fn known_text(&self, part: KnownText) -> Option<&[u8]> {
        if part == KnownText::Username {
            // Where it is empty it may be told twice, or not at all.
            return self.told.text(What::Username).filter(|name| !name.is_empty());
        }
        let plain = self.told.has_object && self.told.object == told::Object::Plain;
        plain.then(|| self.told.text(part.what()).unwrap_or_default())
    }

    /// Whether [`target`](Self::target) needs no escapes as a JSON string: its parts stood in one without any. A path, which
    /// it is where no resource is named, may have been unescaped.
    pub(super) fn target_is_plain(&self) -> bool {
        self.told.names_resource() && self.told.object == told::Object::Plain
    }

    /// Whether the request was for a resource.
    pub(super) fn has_object(&self) -> bool {
        self.told.has_object
    }

    /// Whether there are no annotations but those of the authorizer.
    pub(super) fn has_usual_annotations(&self) -> bool {
        self.told.usual_annotations
    }

    /// Whether the event is of a request that has only been received.
    pub(super) fn is_received_only(&self) -> bool {
        self.told.text(What::Stage) == Some(b"RequestReceived")
    }

    /// Finds all but who asked; what was found in another event is gone.
    #[inline(never)]
    pub(super) fn derive_request(&mut self, event: Found<'_, '_>) {
        let Facts { told, .. } = self;
        told.read_request(event);
        self.outcome = outcome::of(told);
        self.action = action::of(told);
        self.dry_run = told.dry_run;
        self.impersonated = told.impersonated;
        let at = |field| event.value(field).and_then(quoted);
        self.latency_us = match (at(Field::RequestReceivedTimestamp), at(Field::StageTimestamp)) {
            (Some(from), Some(to)) => time::between(from, to),
            _ => None,
        };
        self.arguments.clear();
        self.ends.clear();
        if matches!(self.action, Some(Action::Exec)) {
            let uri = told.text(What::RequestUri).unwrap_or_default();
            for value in query::values(uri, b"command") {
                if !query::decode(value, &mut self.arguments) || !push(&mut self.ends, self.arguments.len()) {
                    break;
                }
            }
            // GKE logs the options of the request instead.
            if self.ends.is_empty()
                && let Some(options) = event.value(Field::RequestObject)
            {
                let items = Items::new(member(options, b"command").unwrap_or_default());
                for raw in items.filter_map(quoted) {
                    let read = text::unescape(raw, &mut self.unescaped);
                    if !read
                        || !append(&mut self.arguments, &self.unescaped)
                        || !push(&mut self.ends, self.arguments.len())
                    {
                        break;
                    }
                }
            }
        }
        self.target.clear();
        if !write_target(told, &mut self.target) {
            self.target.clear();
        }
    }

    /// Finds who asked, and from where; behind [`derive_request`](Self::derive_request).
    #[inline(never)]
    pub(super) fn derive_client(&mut self, event: Found<'_, '_>) {
        let Facts { told, .. } = self;
        told.read_client(event);
        self.source = told.text(What::SourceIp).and_then(address::parse);
        (self.actor, self.namespace, self.name) = match actor::of(told) {
            Some(who) => (Some(who.class), who.namespace, who.name),
            None => (None, None, None),
        };
    }
}

/// Writes what the request was about; `false` if there is no memory.
fn write_target(told: &Told, out: &mut Vec<u8>) -> bool {
    let part = |what| told.text(what).unwrap_or_default();
    let resource = part(What::Resource);
    if resource.is_empty() {
        let path = part(What::RequestUri).split(|&byte| byte == b'?').next();
        return append(out, path.unwrap_or_default());
    }
    let before = |sign: &'static [u8], text: &[u8]| if text.is_empty() { &b""[..] } else { sign };
    let (group, subresource) = (part(What::ApiGroup), part(What::Subresource));
    let (namespace, name) = (part(What::Namespace), part(What::Name));
    append_all(
        out,
        &[
            resource,
            before(b".", group),
            group,
            before(b"/", subresource),
            subresource,
            b" ",
            namespace,
            before(b"/", namespace),
            if name.is_empty() { b"*" } else { name },
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::super::Reader;
    use alloc::string::String;
    use alloc::vec::Vec;

    fn target(event: &str) -> Option<String> {
        let mut reader = Reader::default();
        let mut event = reader.read(event.as_bytes());
        event.facts().target().map(|text| String::from_utf8(text.to_vec()).unwrap())
    }

    #[test]
    fn targets() {
        for (event, expected) in [
            (r#"{"objectRef":{"resource":"nodes"}}"#, Some("nodes *")),
            (r#"{"objectRef":{"resource":"nodes","name":"n1"}}"#, Some("nodes n1")),
            (r#"{"objectRef":{"resource":"pods","namespace":"a"}}"#, Some("pods a/*")),
            (
                r#"{"objectRef":{"resource":"deployments","apiGroup":"apps","namespace":"a","name":"b","subresource":"scale"}}"#,
                Some("deployments.apps/scale a/b"),
            ),
            (r#"{"requestURI":"/healthz?verbose"}"#, Some("/healthz")),
            (r#"{"objectRef":{"resource":"p\u006fds","name":"x"}}"#, Some("pods x")),
            (r#"{"verb":"get","requestURI":"/a\"b?c","objectRef":{"namespace":"n"}}"#, Some("/a\"b")),
            (r#"{"verb":"list","requestURI":"/a","objectRef":{"resource":""}}"#, Some("/a")),
            (r#"{"objectRef":null}"#, None),
            ("{}", None),
            ("", None),
        ] {
            assert_eq!(target(event).as_deref(), expected, "{event}");
        }
    }

    #[test]
    fn commands() {
        let command = |event: &str| -> Vec<String> {
            let event = alloc::format!(
                r#"{{"verb":"create","objectRef":{{"resource":"pods","subresource":"exec"}},{event}}}"#
            );
            let mut reader = Reader::default();
            let mut event = reader.read(event.as_bytes());
            event.facts().command().map(|text| String::from_utf8(text.to_vec()).unwrap()).collect()
        };
        let body = r#""requestObject":{"command":["sh","-c","echo \"a\""]}"#;
        assert_eq!(command(body), ["sh", "-c", "echo \"a\""]);
        assert_eq!(
            command(&alloc::format!(r#""requestURI":"/x?command=ls&command=a%20b",{body}"#)),
            ["ls", "a b"]
        );
        assert_eq!(command(r#""requestURI":"/x""#), [""; 0]);
    }

    #[test]
    fn nothing_of_one_event_is_told_of_the_next() {
        let mut reader = Reader::default();
        let first = br#"{"verb":"get","requestURI":"/x?command=a","objectRef":{"resource":"pods","subresource":"exec"},"user":{"username":"system:node:n"},"sourceIPs":["1.1.1.1"],"requestReceivedTimestamp":"2026-11-20T07:39:11.366620Z","stageTimestamp":"2026-11-20T07:39:12.366620Z","responseStatus":{"code":500},"impersonatedUser":{}}"#;
        let mut event = reader.read(first);
        let facts = event.facts();
        assert_eq!((facts.latency_us, facts.command().count()), (Some(1_000_000), 1));
        assert!(facts.impersonated && facts.source.is_some() && facts.outcome.is_some());
        let mut event = reader.read(b"{}");
        let facts = event.facts();
        assert_eq!(facts.command().count(), 0);
        assert_eq!((facts.action, facts.outcome, facts.actor, facts.source), (None, None, None, None));
        assert_eq!((facts.latency_us, facts.target(), facts.actor_name()), (None, None, None));
        assert!(!facts.impersonated && !facts.dry_run);
    }
}
