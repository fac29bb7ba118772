//! The fields of an audit event, and of the records it may arrive in. Data only.
//!
//! Source: `Event` in `k8s.io/apiserver/pkg/apis/audit/v1/types.go`.

/// A member of a record that means something to the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Annotations,
    ApiVersion,
    AuditId,
    AuthenticationMetadata,
    ImpersonatedUser,
    Kind,
    Level,
    /// A member whose name is damaged.
    Damaged,
    /// The member that holds what is too much for one object.
    BeyondLimit,
    /// The member in which Fluent Bit's `tail` puts a line.
    Log,
    ObjectRef,
    RequestObject,
    RequestReceivedTimestamp,
    RequestUri,
    ResponseObject,
    ResponseStatus,
    SourceIps,
    Stage,
    StageTimestamp,
    /// What this filter adds.
    Stamp,
    User,
    UserAgent,
    Verb,
    /// What this filter adds beside the text of a msgpack answer.
    Version,
    /// Any other member.
    Other,
}

/// The name of the member that holds what is too much for one object.
pub(crate) const BEYOND_LIMIT: &[u8] = b"keys_beyond_limit";

/// The name of what this filter adds.
pub(crate) const STAMP: &[u8] = b"auditveil";

impl Field {
    /// The field called `name`; its first letter may be a capital.
    pub(crate) fn named(name: &[u8]) -> Field {
        match name {
            b"annotations" | b"Annotations" => Field::Annotations,
            b"apiVersion" | b"ApiVersion" | b"APIVersion" => Field::ApiVersion,
            b"auditID" | b"AuditID" => Field::AuditId,
            b"authenticationMetadata" | b"AuthenticationMetadata" => Field::AuthenticationMetadata,
            b"impersonatedUser" | b"ImpersonatedUser" => Field::ImpersonatedUser,
            b"kind" | b"Kind" => Field::Kind,
            b"level" | b"Level" => Field::Level,
            b"log" => Field::Log,
            b"objectRef" | b"ObjectRef" => Field::ObjectRef,
            b"requestObject" | b"RequestObject" => Field::RequestObject,
            b"requestReceivedTimestamp" | b"RequestReceivedTimestamp" => Field::RequestReceivedTimestamp,
            b"requestURI" | b"RequestURI" => Field::RequestUri,
            b"responseObject" | b"ResponseObject" => Field::ResponseObject,
            b"responseStatus" | b"ResponseStatus" => Field::ResponseStatus,
            b"sourceIPs" | b"SourceIPs" => Field::SourceIps,
            b"stage" | b"Stage" => Field::Stage,
            b"stageTimestamp" | b"StageTimestamp" => Field::StageTimestamp,
            STAMP => Field::Stamp,
            BEYOND_LIMIT => Field::BeyondLimit,
            b"user" | b"User" => Field::User,
            b"userAgent" | b"UserAgent" => Field::UserAgent,
            b"verb" | b"Verb" => Field::Verb,
            b"auditveil_version" => Field::Version,
            _ => Field::Other,
        }
    }

    /// A bit of its own for every field.
    pub(crate) const fn bit(self) -> u32 {
        1_u32.wrapping_shl(self as u32)
    }

    /// Whether the field tells which event it is; all of these are short texts.
    pub(crate) const fn identifies(self) -> bool {
        matches!(
            self,
            Field::ApiVersion
                | Field::AuditId
                | Field::Kind
                | Field::RequestReceivedTimestamp
                | Field::Stage
                | Field::StageTimestamp
                | Field::Verb
        )
    }

    /// Whether the field is one of those that only audit events have together; two of them make an event.
    ///
    /// `kind` and `apiVersion` are not among them: events in an `EventList` have neither, and older ones lack
    /// the latter.
    pub(crate) fn marks_event(self) -> bool {
        matches!(
            self,
            Field::AuditId
                | Field::Level
                | Field::ObjectRef
                | Field::RequestUri
                | Field::Stage
                | Field::StageTimestamp
                | Field::Verb
        )
    }
}
