//! The Elastic Common Schema 9.4.0, and in it what Elastic's integration `kubernetes` 1.66.3 makes of audit logs: the
//! event below `kubernetes.audit`, with the points in the names of annotations written as `_`, and what detection
//! rules look at beside it. Data only.

use super::table::{Fact, Row, Schema, Source, constant, fact, row};
use crate::event::fields::Field;

/// The version of the schema.
pub const VERSION: &str = "9.4.0";

pub(super) const SCHEMA: Schema = Schema {
    rows: ROWS,
    open: true,
    text_suffix: "_text",
    event_prefix: "kubernetes.audit.",
    rest_prefix: "",
};

pub(super) const ROWS: &[Row] = &[
    fact("@timestamp", "`stageTimestamp`, or `requestReceivedTimestamp`", Fact::Timestamp),
    fact("client.ip", "the last of `sourceIPs`", Fact::SourceIp),
    constant("data_stream.dataset", "\"kubernetes.audit_logs\""),
    constant("data_stream.type", "\"logs\""),
    constant("ecs.version", "\"9.4.0\""),
    row("event.action", "`verb`", Source::Text(Field::Verb)),
    constant("event.category", "[\"api\"]"),
    constant("event.dataset", "\"kubernetes.audit_logs\""),
    fact("event.duration", "from the request to the stage, in nanoseconds", Fact::DurationNanoseconds),
    row("event.id", "`auditID`", Source::Text(Field::AuditId)),
    constant("event.kind", "\"event\""),
    constant("event.module", "\"kubernetes\""),
    fact(
        "event.outcome",
        "`success` if the request was allowed, `failure` if it was denied or failed, `unknown` if it has not ended",
        Fact::EcsOutcome,
    ),
    fact("event.severity", "the severity in the stamp: 1, 21, 47, 73 or 99", Fact::EcsSeverity),
    fact(
        "event.type",
        "`creation`, `change`, `deletion` or `access`, by what was done; `info` for anything else; `allowed` or `denied`",
        Fact::EcsType,
    ),
    fact("http.response.status_code", "`responseStatus.code`, if it is one of HTTP", Fact::HttpCode),
    row("kubernetes.audit", "the event, without the stamp", Source::Event),
    row("orchestrator.api_version", "`objectRef.apiVersion`", Source::TextIn(Field::ObjectRef, "apiVersion")),
    row("orchestrator.namespace", "`objectRef.namespace`", Source::TextIn(Field::ObjectRef, "namespace")),
    row("orchestrator.resource.id", "`objectRef.uid`", Source::TextIn(Field::ObjectRef, "uid")),
    row("orchestrator.resource.name", "`objectRef.name`", Source::TextIn(Field::ObjectRef, "name")),
    row("orchestrator.resource.type", "`objectRef.resource`", Source::TextIn(Field::ObjectRef, "resource")),
    constant("orchestrator.type", "\"kubernetes\""),
    fact("related.ip", "all of `sourceIPs`", Fact::Ips),
    fact("related.user", "names and `uid` of `user` and `impersonatedUser`", Fact::Users),
    fact("rule.id", "the detections in the stamp", Fact::Detections),
    fact(
        "source.ip",
        "the last of `sourceIPs`: the only one that the API server has seen itself",
        Fact::SourceIp,
    ),
    row("url.original", "`requestURI`", Source::Text(Field::RequestUri)),
    fact("url.path", "`requestURI` up to `?`", Fact::UriPath),
    fact("url.query", "`requestURI` behind `?`", Fact::UriQuery),
    row(
        "user.effective.name",
        "`impersonatedUser.username`",
        Source::TextIn(Field::ImpersonatedUser, "username"),
    ),
    row("user.id", "`user.uid`", Source::TextIn(Field::User, "uid")),
    row("user.name", "`user.username`", Source::TextIn(Field::User, "username")),
    row("user_agent.original", "`userAgent`", Source::Text(Field::UserAgent)),
];
