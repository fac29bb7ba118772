//! The rows: what is hidden, told in the stamp by id. Data only.
//!
//! A row says what a hidden value was, not where in the event it stood. The places that lead to a row are in
//! [`places`](super::places). Ids are part of the stamp's schema and never change their meaning. A row's class
//! is what the configuration can say about it, in `redact.classes`.

/// What a configuration can say about the rows of this class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// No key of its own: `redact.action` decides, and nothing keeps it.
    Guaranteed,
    /// The same, but what it was nobody knows, so it is never signed.
    Unclear,
    /// Always the mask: nothing was read that could be signed, and a gap has to be seen.
    Damage,
    /// `redact.classes.config_map`.
    ConfigMap,
    /// `redact.classes.env`.
    Env,
    /// `redact.classes.args`.
    Args,
    /// `redact.classes.custom_resource`.
    CustomResource,
    /// `redact.classes.uri`.
    Uri,
    /// `redact.classes.error_text`.
    ErrorText,
    /// `redact.classes.content`.
    Content,
}

macro_rules! rows {
    ($($row:ident = $id:literal, $class:ident, $what:literal;)*) => {
        /// Why a value was hidden.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Row { $(#[doc = $what] $row,)* }

        /// Every row, in the order in which stamps name them.
        pub(crate) const ROWS: &[(Row, &str, &str)] = &[$((Row::$row, $id, $what),)*];

        /// The class of each row, in the same order.
        pub(crate) const CLASSES: [Class; COUNT] = [$(Class::$class,)*];
    };
}

rows! {
    SecretData = "secret.data.*", Guaranteed, "a value of a Secret's `data` or `stringData`";
    SecretAnnotation = "secret.metadata.annotations.*", Guaranteed, "an annotation of a Secret that is not known to be harmless";
    SecretOther = "secret.*", Guaranteed, "anything else in a Secret that its API does not have, or of a type it does not have there";
    SecretPatch = "secret.patch", Guaranteed, "a value, or a path that names no member, in a JSON patch of a Secret";
    SecretMessage = "secret.message", Guaranteed, "an error text about a Secret";
    LastApplied = "last_applied", Guaranteed, "a last-applied-configuration that cannot be read";
    Uri = "uri", Uri, "a credential in a request's URI, or in a path that an access review asks about";
    ObjectName = "object_name", Uri, "a credential in the name of an object, which a client made of a path";
    UserAgent = "user_agent", Content, "a credential in what a client calls itself";
    User = "user", Content, "a credential in extra information about a user, or in the name of an impersonated one";
    TokenName = "oauth_token", Guaranteed, "a token that an OAuth object is called by, and what its request holds";
    Message = "message", ErrorText, "what an error text, a denial or an audit annotation quotes from a body";
    Expression = "expression", Guaranteed, "a literal or a comment in a mutation or a variable of an admission policy";
    Condition = "condition", Content, "a literal or a comment in a condition, a validation or a message of a policy, a webhook or a schema";
    CertificateRequest = "certificate_request", Guaranteed, "a certificate request with a challengePassword in it";
    Token = "token", Guaranteed, "a token of a TokenRequest or TokenReview";
    Env = "env.*", Env, "the value of an environment variable or a header whose name says that it is a credential";
    ConfigMap = "config_map.data.*", ConfigMap, "a value in the `data` of a ConfigMap that its key, or a key in the text, says to be a credential";
    Argument = "argument", Args, "a credential in a command or an argument of a container, or in what else is a command";
    FileContent = "file_content", CustomResource, "a file, or the private key of a route, where such things stand as a member";
    KeyName = "key_name", CustomResource, "a value whose name says that it is a credential";
    UnknownBody = "unknown_body", Unclear, "the body of an audit event that stands where none is expected, or does not say what it is about";
    TextUnreadable = "text", Guaranteed, "text that seems to hold a Secret and cannot be read";
    Damaged = "damaged", Damage, "a part that is no valid JSON, or that was cut";
}

/// How many rows there are.
pub(crate) const COUNT: usize = ROWS.len();
