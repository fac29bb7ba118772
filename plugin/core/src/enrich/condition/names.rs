//! The fields and facts that a condition can name, and what they can be.

use super::super::detections::Severity;
use super::super::facts::{Action, Actor, RequestOutcome};
use crate::event::fields::Field;

/// What stands in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// A list of ids of detections.
    Detection,
    Number,
    Flag,
    Time,
    /// An object: its members can be named.
    Object,
    /// Anything, of any form.
    Any,
}

/// A field of an event, by its path of at most two names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) path: &'static str,
    pub(super) field: Field,
    pub(super) kind: Kind,
}

const fn known(path: &'static str, field: Field, kind: Kind) -> Known {
    Known { path, field, kind }
}

const LEVELS: &[&str] = &["Metadata", "Request", "RequestResponse"];
const STAGES: &[&str] = &["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"];

/// The fields of an event. Source: `Event` in `k8s.io/apiserver/pkg/apis/audit/v1/types.go`, and what is in it.
pub(super) const FIELDS: [Known; 43] = [
    known("annotations", Field::Annotations, Kind::Any),
    known("apiVersion", Field::ApiVersion, Kind::Text),
    known("auditID", Field::AuditId, Kind::Text),
    known("auditveil", Field::Stamp, Kind::Any),
    known("authenticationMetadata", Field::AuthenticationMetadata, Kind::Object),
    known("authenticationMetadata.impersonationConstraint", Field::AuthenticationMetadata, Kind::Text),
    known("impersonatedUser", Field::ImpersonatedUser, Kind::Object),
    known("impersonatedUser.extra", Field::ImpersonatedUser, Kind::Any),
    known("impersonatedUser.groups", Field::ImpersonatedUser, Kind::Texts),
    known("impersonatedUser.uid", Field::ImpersonatedUser, Kind::Text),
    known("impersonatedUser.username", Field::ImpersonatedUser, Kind::Text),
    known("kind", Field::Kind, Kind::Text),
    known("level", Field::Level, Kind::OneOf(LEVELS)),
    known("objectRef", Field::ObjectRef, Kind::Object),
    known("objectRef.apiGroup", Field::ObjectRef, Kind::Text),
    known("objectRef.apiVersion", Field::ObjectRef, Kind::Text),
    known("objectRef.name", Field::ObjectRef, Kind::Text),
    known("objectRef.namespace", Field::ObjectRef, Kind::Text),
    known("objectRef.resource", Field::ObjectRef, Kind::Text),
    known("objectRef.resourceVersion", Field::ObjectRef, Kind::Text),
    known("objectRef.subresource", Field::ObjectRef, Kind::Text),
    known("objectRef.uid", Field::ObjectRef, Kind::Text),
    known("requestObject", Field::RequestObject, Kind::Any),
    known("requestReceivedTimestamp", Field::RequestReceivedTimestamp, Kind::Time),
    known("requestURI", Field::RequestUri, Kind::Text),
    known("responseObject", Field::ResponseObject, Kind::Any),
    known("responseStatus", Field::ResponseStatus, Kind::Object),
    known("responseStatus.code", Field::ResponseStatus, Kind::Number),
    known("responseStatus.details", Field::ResponseStatus, Kind::Any),
    known("responseStatus.message", Field::ResponseStatus, Kind::Text),
    known("responseStatus.metadata", Field::ResponseStatus, Kind::Any),
    known("responseStatus.reason", Field::ResponseStatus, Kind::Text),
    known("responseStatus.status", Field::ResponseStatus, Kind::Text),
    known("sourceIPs", Field::SourceIps, Kind::Texts),
    known("stage", Field::Stage, Kind::OneOf(STAGES)),
    known("stageTimestamp", Field::StageTimestamp, Kind::Time),
    known("user", Field::User, Kind::Object),
    known("user.extra", Field::User, Kind::Any),
    known("user.groups", Field::User, Kind::Texts),
    known("user.uid", Field::User, Kind::Text),
    known("user.username", Field::User, Kind::Text),
    known("userAgent", Field::UserAgent, Kind::Text),
    known("verb", Field::Verb, Kind::Text),
];

/// A fact that a condition can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::enrich) enum Fact {
    Action,
    ActorClass,
    ActorName,
    ActorNamespace,
    Command,
    Detection,
    DryRun,
    Impersonated,
    LatencyMs,
    Outcome,
    Severity,
    SourceIp,
    SourcePublic,
    Target,
}

/// The facts.
pub(super) const FACTS: [(&str, Fact, Kind); 14] = [
    ("action", Fact::Action, Kind::OneOf(Action::NAMES)),
    ("actor.class", Fact::ActorClass, Kind::OneOf(Actor::NAMES)),
    ("actor.name", Fact::ActorName, Kind::Text),
    ("actor.namespace", Fact::ActorNamespace, Kind::Text),
    ("command", Fact::Command, Kind::Texts),
    ("detection", Fact::Detection, Kind::Detection),
    ("dry_run", Fact::DryRun, Kind::Flag),
    ("impersonated", Fact::Impersonated, Kind::Flag),
    ("latency_ms", Fact::LatencyMs, Kind::Number),
    ("outcome", Fact::Outcome, Kind::OneOf(RequestOutcome::NAMES)),
    ("severity", Fact::Severity, Kind::OneOf(Severity::NAMES)),
    ("source.ip", Fact::SourceIp, Kind::Text),
    ("source.public", Fact::SourcePublic, Kind::Flag),
    ("target", Fact::Target, Kind::Text),
];

/// Names for places in a request's body: what a condition says of pods holds of every object that has them.
pub(super) const PLACES: [&str; 2] = ["container", "pod"];
