//! The policy as it is written: what `audit.k8s.io/v1` has, field for field.
//!
//! Plain data, for everybody who reads a policy: [`compile`](super::Plan::new) and other back-ends.

use alloc::string::String;
use alloc::vec::Vec;

/// How much of a request an event holds, from nothing to both bodies.
///
/// The order is that of the amount: a level may be lowered by taking the smaller of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Level {
    /// No event at all.
    #[default]
    None,
    /// Who did what to which object, and the outcome.
    Metadata,
    /// Also the body of the request.
    Request,
    /// Also the body of the response.
    RequestResponse,
}

impl Level {
    /// The names, in the order of the amount.
    pub const NAMES: &'static [&'static str] = &["None", "Metadata", "Request", "RequestResponse"];

    /// The level of a name; names are compared exactly, as Kubernetes does.
    pub fn from_name(name: &[u8]) -> Option<Level> {
        match name {
            b"None" => Some(Level::None),
            b"Metadata" => Some(Level::Metadata),
            b"Request" => Some(Level::Request),
            b"RequestResponse" => Some(Level::RequestResponse),
            _ => None,
        }
    }

    /// The name in policies and events.
    pub fn name(self) -> &'static str {
        match self {
            Level::None => "None",
            Level::Metadata => "Metadata",
            Level::Request => "Request",
            Level::RequestResponse => "RequestResponse",
        }
    }
}

/// The moment of a request at which an event is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The audit handler has the request; nothing has been done with it.
    RequestReceived,
    /// The headers of a long-running response are out, its body is not.
    ResponseStarted,
    /// The response is complete.
    ResponseComplete,
    /// The server panicked.
    Panic,
}

impl Stage {
    /// The names, in the order of time.
    pub const NAMES: &'static [&'static str] =
        &["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"];

    /// The stage of a name; names are compared exactly, as Kubernetes does.
    pub fn from_name(name: &[u8]) -> Option<Stage> {
        match name {
            b"RequestReceived" => Some(Stage::RequestReceived),
            b"ResponseStarted" => Some(Stage::ResponseStarted),
            b"ResponseComplete" => Some(Stage::ResponseComplete),
            b"Panic" => Some(Stage::Panic),
            _ => None,
        }
    }

    /// The name in policies and events.
    pub fn name(self) -> &'static str {
        match self {
            Stage::RequestReceived => "RequestReceived",
            Stage::ResponseStarted => "ResponseStarted",
            Stage::ResponseComplete => "ResponseComplete",
            Stage::Panic => "Panic",
        }
    }
}

/// A policy: which rule a request meets first decides what is kept of its events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// The rules, in the order in which they are tried.
    pub rules: Vec<Rule>,
    /// Stages without events, whatever rule matches.
    pub omit_stages: Vec<Stage>,
    /// Whether `metadata.managedFields` leaves the bodies, unless a rule says otherwise.
    pub omit_managed_fields: bool,
}

/// A rule: it matches a request that meets all of its lists; an empty list is met by every request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rule {
    /// The level of the requests that match.
    pub level: Level,
    /// User names, literally: `*` is the user named `*`.
    pub users: Vec<String>,
    /// Groups, literally; one of the user's is enough.
    pub user_groups: Vec<String>,
    /// Verbs, literally.
    pub verbs: Vec<String>,
    /// Resources; one of them is enough. A rule with any matches resource requests only.
    pub resources: Vec<GroupResources>,
    /// Namespaces, literally; `""` is that of objects without one. A rule with any matches resource
    /// requests only.
    pub namespaces: Vec<String>,
    /// Paths: exact, with a `*` as the last character for a prefix, or `*` alone. A rule with any
    /// matches non-resource requests only.
    pub non_resource_urls: Vec<String>,
    /// Stages without events, together with those of the policy.
    pub omit_stages: Vec<Stage>,
    /// Overrides the policy's choice, in both directions.
    pub omit_managed_fields: Option<bool>,
}

/// Resources of one API group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupResources {
    /// The group: `""` is the core group, `*` every group.
    pub group: String,
    /// `pods`, `pods/log`, `pods/*`, `*/scale` or `*`; none means everything in the group.
    ///
    /// `pods` does not match `pods/log`, but `pods/*` matches `pods` too, and `*/*` nothing: so says
    /// the code of Kubernetes, and not its documentation.
    pub resources: Vec<String>,
    /// Names of objects, literally; none means every object.
    pub resource_names: Vec<String>,
}
