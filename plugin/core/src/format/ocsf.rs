//! API Activity (class 6003, category 6) of the Open Cybersecurity Schema Framework 1.8.0, without a profile: an audit
//! event does not say in which account of which cloud its cluster runs. Data only.

use super::table::{Fact, Row, Schema, Source, constant, fact, row};
use crate::event::fields::Field;

/// The version of the schema.
pub const VERSION: &str = "1.8.0";

/// `class_uid` times 100, to which `activity_id` is added for `type_uid`.
pub(super) const TYPE_UID: u64 = 600_300;

pub(super) const SCHEMA: Schema =
    Schema { rows: ROWS, open: false, text_suffix: "", event_prefix: "unmapped.", rest_prefix: "unmapped." };

pub(super) const ROWS: &[Row] = &[
    fact("activity_id", "what was done, see below", Fact::ActivityId),
    fact(
        "activity_name",
        "what was done, in the words of the stamp, if `activity_id` is 99",
        Fact::ActivityName,
    ),
    row(
        "actor.authorizations[].decision",
        "`annotations`, `authorization.k8s.io/decision`",
        Source::TextIn(Field::Annotations, "authorization.k8s.io/decision"),
    ),
    fact("actor.user.groups", "`user.groups`, each as an object with a `name`", Fact::Groups),
    fact("actor.user.name", "`user.username`; `unknown` without one", Fact::UserName),
    fact(
        "actor.user.type_id",
        "1 for a human, 3 for what runs the cluster, 4 for a service account, 0 for nobody known",
        Fact::UserTypeId,
    ),
    row("actor.user.uid", "`user.uid`", Source::TextIn(Field::User, "uid")),
    row("api.group.name", "`objectRef.apiGroup`", Source::TextIn(Field::ObjectRef, "apiGroup")),
    fact("api.operation", "`verb`; `unknown` without one", Fact::Operation),
    row("api.request.data", "`requestObject`", Source::Body(Field::RequestObject)),
    fact("api.request.uid", "`auditID`", Fact::RequestUid),
    fact("api.response.code", "`responseStatus.code`, if it is one of HTTP", Fact::HttpCode),
    row("api.response.data", "`responseObject`", Source::Body(Field::ResponseObject)),
    row("api.response.error", "`responseStatus.reason`", Source::TextIn(Field::ResponseStatus, "reason")),
    row("api.response.message", "`responseStatus.message`", Source::TextIn(Field::ResponseStatus, "message")),
    constant("api.service.name", "\"kube-apiserver\""),
    row("api.version", "`objectRef.apiVersion`", Source::TextIn(Field::ObjectRef, "apiVersion")),
    constant("category_name", "\"Application Activity\""),
    constant("category_uid", "6"),
    constant("class_name", "\"API Activity\""),
    constant("class_uid", "6003"),
    constant("dst_endpoint.svc_name", "\"kube-apiserver\""),
    fact("duration", "from the request to the stage, in milliseconds", Fact::DurationMilliseconds),
    fact("http_request.http_method", "the method that `verb` stands for", Fact::HttpMethod),
    fact("http_request.url.path", "`requestURI` up to `?`", Fact::UriPath),
    fact("http_request.url.query_string", "`requestURI` behind `?`", Fact::UriQuery),
    row("http_request.url.url_string", "`requestURI`", Source::Text(Field::RequestUri)),
    row("http_request.user_agent", "`userAgent`", Source::Text(Field::UserAgent)),
    fact("http_request.x_forwarded_for", "`sourceIPs` but the last", Fact::ForwardedIps),
    fact("http_response.code", "`responseStatus.code`, if it is one of HTTP", Fact::HttpCode),
    fact("message", "`verb`, and what it was done to", Fact::Message),
    row("metadata.correlation_uid", "`auditID`", Source::Text(Field::AuditId)),
    row("metadata.log_level", "`level`", Source::Text(Field::Level)),
    constant("metadata.log_name", "\"kubernetes.audit\""),
    row("metadata.log_version", "`apiVersion`", Source::Text(Field::ApiVersion)),
    row("metadata.original_event_uid", "`auditID`", Source::Text(Field::AuditId)),
    row("metadata.original_time", "`stageTimestamp`", Source::Text(Field::StageTimestamp)),
    constant("metadata.product.name", "\"Kubernetes\""),
    constant("metadata.product.vendor_name", "\"Kubernetes\""),
    constant("metadata.version", "\"1.8.0\""),
    fact(
        "observables",
        "what one looks for elsewhere: `sourceIPs`, the names and the `uid` of who acted, `userAgent`, `requestURI`, `objectRef.name`, \
         each with the way to it and the schema's number for what it is",
        Fact::Observables,
    ),
    fact("resources[].name", "`objectRef.name`; `*` if the request was for all of them", Fact::ResourceName),
    row("resources[].namespace", "`objectRef.namespace`", Source::TextIn(Field::ObjectRef, "namespace")),
    fact(
        "resources[].type",
        "`objectRef.resource` and `objectRef.subresource`: `pods/exec`",
        Fact::ResourceType,
    ),
    row("resources[].uid", "`objectRef.uid`", Source::TextIn(Field::ObjectRef, "uid")),
    row(
        "resources[].version",
        "`objectRef.resourceVersion`",
        Source::TextIn(Field::ObjectRef, "resourceVersion"),
    ),
    fact("severity", "the schema's word for `severity_id`", Fact::Severity),
    fact("severity_id", "the severity in the stamp, 1 to 5; 1 without one", Fact::SeverityId),
    fact(
        "src_endpoint.ip",
        "the last of `sourceIPs`: the only one that the API server has seen itself",
        Fact::SourceIp,
    ),
    fact("src_endpoint.name", "`unknown`, if there is no such address", Fact::NoSourceIp),
    fact("start_time", "`requestReceivedTimestamp`, in milliseconds", Fact::StartMilliseconds),
    fact("status", "`Success`, `Failure` or `Unknown`", Fact::Status),
    fact("status_code", "`responseStatus.code`, as a text", Fact::HttpCodeText),
    fact("status_detail", "`allowed`, `denied`, `failed` or `error`", Fact::Outcome),
    fact(
        "status_id",
        "1 if the request was allowed, 2 if it was denied or failed, 0 if it has not ended",
        Fact::StatusId,
    ),
    fact(
        "time",
        "`stageTimestamp`, or `requestReceivedTimestamp`, in milliseconds; 0 without either",
        Fact::Milliseconds,
    ),
    fact("timezone_offset", "0, of a time that ends with `Z`", Fact::TimezoneOffset),
    fact("type_uid", "600300 and `activity_id`", Fact::TypeUid),
    row(
        "unmapped",
        "what else the event and the record hold, as they stand, and the stamp; no body",
        Source::Rest,
    ),
];
