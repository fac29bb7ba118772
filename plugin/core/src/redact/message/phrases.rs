//! Cold: what Kubernetes itself writes about a request for Secrets. Whatever is not in these tables is hidden.
//!
//! A text is read from left to right. Each [`Section`] is a list of [`Rule`]s; the first one whose pieces are
//! all there is taken, and its `then` says what may follow. Where none fits, the rest of the text goes. To
//! make a phrase readable, add a rule; a rule that does not fit costs a comparison of its first bytes.
//!
//! Nothing but data, and one rule a paragraph: that is why the file is long.
//!
//! The texts are those of `k8s.io/apimachinery/pkg/api/errors`, `util/validation/field`, `runtime`, of
//! `k8s.io/apiserver` and `sigs.k8s.io/structured-merge-diff`, versions 1.20 to 1.36.

use super::lexeme;

/// A part of a rule.
pub(super) enum Piece {
    /// Exactly this.
    Text(&'static str),
    /// What the function takes from the front (0 bytes: the rule does not fit); stays.
    Keep(fn(&[u8]) -> usize),
    /// What the function takes from the front; goes.
    Hide(fn(&[u8]) -> usize),
    /// A Go string; its content stays if the function says so.
    Quoted(fn(&[u8]) -> bool),
    /// The same between apostrophes, without escapes.
    Apostrophed(fn(&[u8]) -> bool),
    /// A field path: the key in brackets goes unless it is an index or one of the well-known keys of Secrets.
    Path,
    /// A path as server-side apply writes it: what is no field of every object goes.
    TypedPath,
    /// The value that an error quotes; goes.
    Echo,
    /// Everything up to the end; goes.
    Rest,
}

/// What may stand at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// Nothing.
    End,
    /// A whole message.
    Start,
    /// Why a request is forbidden.
    Forbidden,
    /// Where it is forbidden.
    Scope,
    /// Why an operation cannot be fulfilled.
    Conflict,
    /// Validation errors: one, or a list in brackets.
    Errors,
    /// One validation error behind its path.
    Error,
    /// Behind a validation error's value.
    Detail,
    /// Behind a complete validation error.
    NextError,
    /// Why something cannot be decoded.
    Decode,
    /// Behind the reason why something cannot be decoded.
    Decoded,
    /// What a typed value does not conform to.
    Typed,
    /// Why a backend did not answer.
    Network,
}

/// Pieces in a row, and what may follow them.
pub(super) struct Rule {
    pub(super) pieces: &'static [Piece],
    pub(super) then: Section,
}

/// The rules of a section, in the order in which they are tried.
pub(super) const fn rules(section: Section) -> &'static [Rule] {
    match section {
        Section::End => &[],
        Section::Start => START,
        Section::Forbidden => FORBIDDEN,
        Section::Scope => SCOPE,
        Section::Conflict => CONFLICT,
        Section::Errors => ERRORS,
        Section::Error => ERROR,
        Section::Detail => DETAIL,
        Section::NextError => NEXT_ERROR,
        Section::Decode => DECODE,
        Section::Decoded => DECODED,
        Section::Typed => TYPED,
        Section::Network => NETWORK,
    }
}

use Piece::{Apostrophed, Echo, Hide, Keep, Path, Quoted, Rest, Text, TypedPath};

const fn rule(pieces: &'static [Piece], then: Section) -> Rule {
    Rule { pieces, then }
}

macro_rules! whole {
    ($($text:literal,)*) => { [$(rule(&[Text($text)], Section::End),)*] };
}

/// Texts without any variable part.
pub(super) const WHOLE: &[Rule] = &whole![
    "Unauthorized",
    "not authorized",
    "not found",
    "Connection closed early",
    "Upgrade request required",
    "Invalid JSON Patch",
    "415: Unsupported Media Type",
    "Too many requests, please try again later.",
    "too many requests, please try again later",
    "the server responded with the status code 404 but did not return more information",
    "the server reported a conflict",
    "the server could not find the requested resource",
    "the server has asked for the client to provide credentials",
    "the server does not allow access to the requested resource",
    "the server does not allow this method on the requested resource",
    "the server was unable to respond with a content type that the client supports",
    "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf",
    "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/cbor",
    "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
    "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml",
    "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml, application/apply-patch+cbor",
    "the server has received too many requests and has asked us to try again later",
    "the server rejected our request due to an error in our request",
    "the server rejected our request for an unknown reason",
    "the server is currently unable to handle the request",
    "the server was unable to return a response in the time allotted, but may still be processing the request",
    "the request entity is too large",
    "the namespace of the provided object does not match the namespace sent on the request",
    "the namespace of the object does not match the namespace on the request",
    "the object provided is being deleted",
    "The resourceVersion for the provided watch is too old.",
    "The resourceVersion for the provided list is too old.",
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
    "name must be provided",
    "name is required",
    "resource name may not be empty",
    "storage is (re)initializing",
    "apiserver not ready",
    "context canceled",
    "context deadline exceeded",
    "http: Handler timeout",
    "unexpected EOF",
    "EOF",
    "etcdserver: leader changed",
    "etcdserver: mvcc: required revision has been compacted",
    "etcdserver: no leader",
    "etcdserver: request is too large",
    "etcdserver: request timed out",
    "etcdserver: too many requests",
    "field is immutable",
    "allow",
    "forbid",
];

const START: &[Rule] = &[
    // Of an entry of Cloud Logging.
    rule(&[Keep(lexeme::rpc_code)], Section::End),
    // The name is the value of an extra field that a client wanted to impersonate.
    rule(
        &[
            Text("userextras"),
            Keep(lexeme::resource),
            Text(" "),
            Quoted(lexeme::never),
            Text(" is forbidden: "),
        ],
        Section::Forbidden,
    ),
    rule(&[Text("users "), Quoted(lexeme::is_user), Text(" is forbidden: ")], Section::Forbidden),
    rule(&[Text("groups "), Quoted(lexeme::is_user), Text(" is forbidden: ")], Section::Forbidden),
    rule(&[Keep(lexeme::resource), Text(" "), Quoted(lexeme::is_name), Text(" not found")], Section::End),
    rule(
        &[Keep(lexeme::resource), Text(" "), Quoted(lexeme::is_name), Text(" already exists")],
        Section::End,
    ),
    rule(
        &[
            Keep(lexeme::resource),
            Text(" "),
            Quoted(lexeme::is_name),
            Text(" already exists, the server was not able to generate a unique name for the object"),
        ],
        Section::End,
    ),
    rule(
        &[Keep(lexeme::resource), Text(" "), Quoted(lexeme::is_name), Text(" is forbidden: ")],
        Section::Forbidden,
    ),
    rule(&[Keep(lexeme::resource), Text(" is forbidden: ")], Section::Forbidden),
    rule(&[Text("forbidden: ")], Section::Forbidden),
    rule(&[Keep(lexeme::kind), Text(" "), Quoted(lexeme::is_name), Text(" is invalid: ")], Section::Errors),
    // The kind is lost where a patch fails.
    rule(&[Text(" \"\" is invalid: ")], Section::Errors),
    rule(&[Text("The request is invalid: ")], Section::Errors),
    rule(
        &[
            Text("Operation cannot be fulfilled on "),
            Keep(lexeme::resource),
            Text(" "),
            Quoted(lexeme::is_name),
            Text(": "),
        ],
        Section::Conflict,
    ),
    rule(
        &[
            Keep(lexeme::kind),
            Text(" in version "),
            Quoted(lexeme::is_version),
            Text(" cannot be handled as a "),
            Keep(lexeme::kind),
            Text(": "),
        ],
        Section::Decode,
    ),
    rule(
        &[Text("the object provided is unrecognized (must be of type "), Keep(lexeme::kind), Text("): ")],
        Section::Decode,
    ),
    rule(&[Text("error decoding patch: ")], Section::Decode),
    rule(&[Text("json: ")], Section::Decode),
    rule(
        &[
            Text("failed to create typed "),
            Keep(lexeme::word),
            Text(" object ("),
            Keep(lexeme::object),
            Text("; "),
            Keep(lexeme::group_version),
            Text(", Kind="),
            Keep(lexeme::kind),
            Text("): "),
        ],
        Section::Typed,
    ),
    rule(
        &[
            Text("failed to convert new object ("),
            Keep(lexeme::object),
            Text("; "),
            Keep(lexeme::group_version),
            Text(", Kind="),
            Keep(lexeme::kind),
            Text(") to proper version: unable to convert unstructured object to "),
            Keep(lexeme::group_version),
            Text(", Kind="),
            Keep(lexeme::kind),
            Text(": error decoding from json: "),
        ],
        Section::Decode,
    ),
    rule(
        &[
            Text("Apply failed with "),
            Keep(lexeme::digits),
            Text(" conflict: conflict with "),
            Quoted(lexeme::is_manager),
        ],
        Section::Typed,
    ),
    rule(
        &[
            Text("Apply failed with "),
            Keep(lexeme::digits),
            Text(" conflicts: conflicts with "),
            Quoted(lexeme::is_manager),
        ],
        Section::Typed,
    ),
    rule(&[Text("conflict with "), Quoted(lexeme::is_manager)], Section::Typed),
    rule(
        &[
            Text("admission webhook "),
            Quoted(lexeme::is_name),
            Text(" denied the request without explanation"),
        ],
        Section::End,
    ),
    rule(
        &[Text("admission webhook "), Quoted(lexeme::is_name), Text(" denied the request: "), Rest],
        Section::End,
    ),
    rule(
        &[
            Text("ValidatingAdmissionPolicy "),
            Apostrophed(lexeme::is_name),
            Text(" with binding "),
            Apostrophed(lexeme::is_name),
            Text(" denied request: "),
            Rest,
        ],
        Section::End,
    ),
    rule(
        &[Text("Internal error occurred: failed calling webhook "), Quoted(lexeme::is_name), Text(": ")],
        Section::Network,
    ),
    rule(&[Text("Internal error occurred: ")], Section::Network),
    rule(&[Text("error dialing backend: ")], Section::Network),
    rule(&[Text("error trying to reach service: ")], Section::Network),
    rule(
        &[Text("Timeout: request did not complete within requested timeout - context deadline exceeded")],
        Section::End,
    ),
    rule(&[Text("Timeout: request did not complete within the allotted timeout")], Section::End),
    rule(&[Text("Request entity too large: limit is "), Keep(lexeme::digits)], Section::End),
    rule(&[Text("limit is "), Keep(lexeme::digits)], Section::End),
    rule(
        &[
            Text("The allowed maximum operations in a JSON patch is "),
            Keep(lexeme::digits),
            Text(", got "),
            Keep(lexeme::digits),
        ],
        Section::End,
    ),
    rule(
        &[
            Text("The "),
            Keep(lexeme::word),
            Text(" operation against "),
            Keep(lexeme::resource),
            Text(" could not be completed at this time, please try again."),
        ],
        Section::End,
    ),
    rule(
        &[
            Text("an error on the server ("),
            Quoted(lexeme::never),
            Text(") has prevented the request from succeeding"),
        ],
        Section::End,
    ),
    rule(
        &[Keep(lexeme::word), Text(" is not supported on resources of kind "), Quoted(lexeme::is_name)],
        Section::End,
    ),
    rule(&[Text("the name of the object ("), Rest], Section::End),
    rule(
        &[
            Text("Timeout: Too large resource version: "),
            Keep(lexeme::digits),
            Text(", current: "),
            Keep(lexeme::digits),
        ],
        Section::End,
    ),
    rule(
        &[
            Text("too old resource version: "),
            Keep(lexeme::digits),
            Text(" ("),
            Keep(lexeme::digits),
            Text(")"),
        ],
        Section::End,
    ),
    rule(
        &[
            Text("no relationship found between node "),
            Apostrophed(lexeme::is_name),
            Text(" and this object"),
        ],
        Section::End,
    ),
    rule(&[Text("namespace "), Keep(lexeme::name), Text(" is being terminated")], Section::End),
    rule(
        &[
            Text("RBAC: allowed by "),
            Keep(lexeme::word),
            Text(" "),
            Quoted(lexeme::is_user),
            Text(" of "),
            Keep(lexeme::word),
            Text(" "),
            Quoted(lexeme::is_user),
            Text(" to "),
            Keep(lexeme::word),
            Text(" "),
            Quoted(lexeme::is_user),
        ],
        Section::End,
    ),
    // The message of a cause.
    rule(&[], Section::Error),
];

const FORBIDDEN: &[Rule] = &[
    rule(
        &[
            Text("User "),
            Quoted(lexeme::is_user),
            Text(" cannot "),
            Keep(lexeme::verb),
            Text(" resource "),
            Quoted(lexeme::is_resource),
            Text(" in API group "),
            Quoted(lexeme::is_group),
        ],
        Section::Scope,
    ),
    rule(
        &[
            Text("User "),
            Quoted(lexeme::is_user),
            Text(" cannot "),
            Keep(lexeme::verb),
            Text(" path "),
            Quoted(lexeme::is_path),
        ],
        Section::Scope,
    ),
    rule(
        &[
            Text("unable to create new content in namespace "),
            Keep(lexeme::name),
            Text(" because it is being terminated"),
        ],
        Section::End,
    ),
    rule(
        &[
            Text("exceeded quota: "),
            Keep(lexeme::name),
            Text(", requested: "),
            Keep(lexeme::quota),
            Text(", used: "),
            Keep(lexeme::quota),
            Text(", limited: "),
            Keep(lexeme::quota),
        ],
        Section::End,
    ),
    rule(
        &[
            Text("ValidatingAdmissionPolicy "),
            Apostrophed(lexeme::is_name),
            Text(" with binding "),
            Apostrophed(lexeme::is_name),
            Text(" denied request: "),
            Rest,
        ],
        Section::End,
    ),
    rule(&[Text("not yet ready to handle request")], Section::End),
];

const SCOPE: &[Rule] = &[
    rule(&[], Section::End),
    rule(&[Text(" in the namespace "), Quoted(lexeme::is_name)], Section::Scope),
    rule(&[Text(" at the cluster scope")], Section::Scope),
    rule(
        &[Text(": RBAC: "), Keep(lexeme::resource), Text(" "), Quoted(lexeme::is_user), Text(" not found")],
        Section::End,
    ),
    rule(
        &[
            Text(": no relationship found between node "),
            Apostrophed(lexeme::is_name),
            Text(" and this object"),
        ],
        Section::End,
    ),
    rule(&[Text(": unknown node "), Apostrophed(lexeme::is_name)], Section::End),
    rule(&[Text(": can only get individual resources of this type")], Section::End),
    rule(&[Text(": can only read namespaced object of this type")], Section::End),
    // Managed clusters authorise by the permissions of their cloud.
    rule(
        &[Text(": requires one of ["), Quoted(lexeme::is_permission), Text("] permission(s).")],
        Section::End,
    ),
    rule(&[Text(": Azure does not have opinion for this user.")], Section::End),
    rule(&[Text(": "), Rest], Section::End),
];

const CONFLICT: &[Rule] = &[
    rule(
        &[Text(
            "the object has been modified; please apply your changes to the latest version and try again",
        )],
        Section::End,
    ),
    rule(
        &[
            Text("StorageError: invalid object, Code: 4, Key: "),
            Keep(lexeme::storage_key),
            Text(", ResourceVersion: 0, AdditionalErrorMsg: "),
        ],
        Section::Conflict,
    ),
    rule(
        &[
            Text("Precondition failed: UID in precondition: "),
            Keep(lexeme::uid),
            Text(", UID in object meta: "),
            Keep(lexeme::uid),
        ],
        Section::End,
    ),
    rule(
        &[
            Text("Precondition failed: UID in precondition: "),
            Keep(lexeme::uid),
            Text(", UID in object meta: "),
        ],
        Section::End,
    ),
    rule(&[Text("object is being deleted")], Section::End),
];

const ERRORS: &[Rule] =
    &[rule(&[Text("["), Path, Text(": ")], Section::Error), rule(&[Path, Text(": ")], Section::Error)];

const ERROR: &[Rule] = &[
    rule(&[Text("Invalid value: "), Echo], Section::Detail),
    rule(&[Text("Duplicate value: "), Echo], Section::Detail),
    rule(&[Text("Not found: "), Echo], Section::Detail),
    rule(&[Text("Unsupported value: "), Echo], Section::Detail),
    rule(&[Text("Required value")], Section::Detail),
    rule(&[Text("Forbidden")], Section::Detail),
    rule(&[Text("Too long")], Section::Detail),
    rule(&[Text("Too many")], Section::Detail),
    rule(&[Text("Internal error")], Section::Detail),
];

const DETAIL: &[Rule] = &[
    rule(&[Text(": field is immutable when `immutable` is set")], Section::NextError),
    rule(&[Text(": field is immutable")], Section::NextError),
    rule(&[Text(": must be specified for an update")], Section::NextError),
    rule(&[Text(": name or generateName is required")], Section::NextError),
    rule(&[Text(": is required for apply patch")], Section::NextError),
    rule(&[Text(": not allowed on this type")], Section::NextError),
    rule(
        &[
            Text(": no new finalizers can be added if the object is being deleted, found new finalizers "),
            Rest,
        ],
        Section::End,
    ),
    rule(&[Text(": must be a string")], Section::NextError),
    rule(&[Text(": cannot restore slice from map")], Section::NextError),
    rule(&[Text(": supported values: "), Rest], Section::End),
    rule(&[Text(": must have at most "), Keep(lexeme::digits), Text(" bytes")], Section::NextError),
    rule(&[Text(": must have at most "), Keep(lexeme::digits), Text(" characters")], Section::NextError),
    rule(&[Text(": may not be more than "), Keep(lexeme::digits), Text(" bytes")], Section::NextError),
    rule(&[Text(": must be no more than "), Keep(lexeme::digits), Text(" characters")], Section::NextError),
    rule(
        &[Text(
            ": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
        )],
        Section::NextError,
    ),
    rule(
        &[Text(
            ": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
        )],
        Section::NextError,
    ),
    rule(
        &[Text(
            ": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        )],
        Section::NextError,
    ),
    rule(
        &[Text(
            ": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        )],
        Section::NextError,
    ),
    rule(&[Text(": ")], Section::Decode),
    rule(&[], Section::NextError),
];

const NEXT_ERROR: &[Rule] = &[
    rule(&[], Section::End),
    rule(&[Text("]")], Section::End),
    rule(&[Text(", "), Path, Text(": ")], Section::Error),
];

const DECODE: &[Rule] = &[
    rule(&[Text("couldn't get version/kind; json parse error: ")], Section::Decode),
    rule(&[Text("json: ")], Section::Decode),
    rule(
        &[
            Text("cannot unmarshal "),
            Keep(lexeme::json_type),
            Text(" into Go struct field "),
            Keep(lexeme::go_field),
            Text(" of type "),
            Keep(lexeme::go_type),
        ],
        Section::Decoded,
    ),
    rule(
        &[
            Text("cannot unmarshal "),
            Keep(lexeme::json_type),
            Text(" into Go value of type "),
            Keep(lexeme::go_type),
        ],
        Section::Decoded,
    ),
    // The number is the value.
    rule(&[Text("cannot unmarshal number "), Rest], Section::End),
    rule(&[Text("decode base64: ")], Section::Decode),
    rule(&[Text("illegal base64 data at input byte "), Keep(lexeme::digits)], Section::Decoded),
    rule(
        &[
            Text("converting ("),
            Keep(lexeme::go_field),
            Text(") to ("),
            Keep(lexeme::go_field),
            Text("): unknown conversion"),
        ],
        Section::Decoded,
    ),
    rule(&[Text("strict decoding error: unknown field "), Quoted(lexeme::never)], Section::Decoded),
    rule(&[Text("strict decoding error: duplicate field "), Quoted(lexeme::never)], Section::Decoded),
    rule(&[Text("strict decoding error: "), Rest], Section::End),
    rule(&[Text("unexpected end of JSON input")], Section::Decoded),
    rule(&[Text("unexpected EOF")], Section::Decoded),
    // Even one character is a part of the value.
    rule(&[Text("invalid character "), Hide(lexeme::go_char), Text(" ")], Section::Decode),
    rule(&[Text("looking for beginning of value")], Section::Decoded),
    rule(&[Text("looking for beginning of object key string")], Section::Decoded),
    rule(&[Text("after top-level value")], Section::Decoded),
    rule(&[Text("after object key:value pair")], Section::Decoded),
    rule(&[Text("after object key")], Section::Decoded),
    rule(&[Text("after array element")], Section::Decoded),
    rule(&[Text("in string literal")], Section::Decoded),
    rule(&[Text("in string escape code")], Section::Decoded),
    rule(&[Text("in numeric literal")], Section::Decoded),
    rule(&[Text("in literal null (expecting "), Keep(lexeme::go_char), Text(")")], Section::Decoded),
    rule(&[Text("in literal true (expecting "), Keep(lexeme::go_char), Text(")")], Section::Decoded),
    rule(&[Text("in literal false (expecting "), Keep(lexeme::go_char), Text(")")], Section::Decoded),
    rule(&[Text("yaml: line "), Keep(lexeme::digits), Text(": ")], Section::Decode),
    rule(&[Text("yaml: ")], Section::Decode),
    rule(&[Text("mapping values are not allowed in this context")], Section::Decoded),
    rule(&[Text("could not find expected ':'")], Section::Decoded),
    rule(&[Text("did not find expected key")], Section::Decoded),
    rule(&[Text("did not find expected node content")], Section::Decoded),
    rule(&[Text("control characters are not allowed")], Section::Decoded),
    rule(&[Text("ReadMapCB: expect { or n, but found "), Rest], Section::End),
    rule(&[Text("ReadString: expects \" or n, but found "), Rest], Section::End),
    rule(&[Text("ReadArrayCB: expect [ or n or ] but found "), Rest], Section::End),
    rule(&[Text("readObjectStart: expect { or n, but found "), Rest], Section::End),
    rule(&[Keep(lexeme::go_path)], Section::Decode),
];

const DECODED: &[Rule] = &[
    rule(&[Text(", error found in #"), Keep(lexeme::digits), Text(" byte of ...|"), Rest], Section::End),
    // The first bytes of the body, as text or in hex.
    rule(&[Text(" ("), Hide(lexeme::until_last_parenthesis), Text(")")], Section::End),
    rule(&[], Section::NextError),
];

const TYPED: &[Rule] = &[
    rule(&[Text(" using "), Keep(lexeme::group_version), Text(": "), TypedPath], Section::End),
    rule(&[Text(" using "), Keep(lexeme::group_version)], Section::End),
    rule(&[Text(": "), TypedPath], Section::End),
    rule(&[TypedPath, Text(": expected "), Keep(lexeme::word), Text(", got "), Rest], Section::End),
    rule(&[TypedPath, Text(": field not declared in schema")], Section::End),
];

const NETWORK: &[Rule] = &[
    rule(&[Text("failed to call webhook: ")], Section::Network),
    rule(&[Text("Post "), Quoted(lexeme::is_webhook_url), Text(": ")], Section::Network),
    rule(&[Text("dial tcp "), Keep(lexeme::address), Text(": ")], Section::Network),
    rule(&[Text("dial tcp: lookup "), Keep(lexeme::address), Text(": ")], Section::Network),
    rule(&[Text("connect: ")], Section::Network),
    rule(&[Text("connection refused")], Section::End),
    rule(&[Text("no such host")], Section::End),
    rule(&[Text("i/o timeout")], Section::End),
    rule(&[Text("no route to host")], Section::End),
    rule(&[Text("context deadline exceeded")], Section::End),
    rule(&[Text("EOF")], Section::End),
    rule(&[Text("etcdserver: request timed out")], Section::End),
];
