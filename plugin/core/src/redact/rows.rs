//! The rows: what is hidden, told in the stamp by id. Data only.
//!
//! A row says what a hidden value was, not where in the event it stood. The places that lead to a row are in
//! [`places`](super::places). Ids are part of the stamp's schema and never change their meaning.

macro_rules! rows {
    ($($row:ident = $id:literal, $what:literal;)*) => {
        /// Why a value was hidden.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Row { $(#[doc = $what] $row,)* }

        /// Every row, in the order in which stamps name them.
        pub(crate) const ROWS: &[(Row, &str, &str)] = &[$((Row::$row, $id, $what),)*];
    };
}

rows! {
    SecretData = "secret.data.*", "a value of a Secret's `data` or `stringData`";
    SecretAnnotation = "secret.metadata.annotations.*", "an annotation of a Secret that is not known to be harmless";
    SecretOther = "secret.*", "anything else in a Secret that its API does not have, or of a type it does not have there";
    SecretPatch = "secret.patch", "a value, or a path that names no member, in a JSON patch of a Secret";
    SecretMessage = "secret.message", "an error text about a Secret";
    LastApplied = "last_applied", "a last-applied-configuration that cannot be read";
    Uri = "uri", "a credential in a request's URI, or in a path that an access review asks about";
    ObjectName = "object_name", "a credential in the name of an object, which a client made of a path";
    UserAgent = "user_agent", "a credential in what a client calls itself";
    User = "user", "a credential in extra information about a user, or in the name of an impersonated one";
    TokenName = "oauth_token", "a token that an OAuth object is called by, and what its request holds";
    Message = "message", "what an error text, a denial or an audit annotation quotes from a body";
    Expression = "expression", "a literal or a comment in a mutation or a variable of an admission policy";
    Condition = "condition", "a literal or a comment in a condition, a validation or a message of a policy, a webhook or a schema";
    CertificateRequest = "certificate_request", "a certificate request with a challengePassword in it";
    Token = "token", "a token of a TokenRequest or TokenReview";
    Env = "env.*", "the value of an environment variable or a header whose name says that it is a credential";
    ConfigMap = "config_map.data.*", "a value in the `data` of a ConfigMap that its key, or a key in the text, says to be a credential";
    Argument = "argument", "a credential in a command or an argument of a container, or in what else is a command";
    FileContent = "file_content", "a file, or the private key of a route, where such things stand as a member";
    KeyName = "key_name", "a value whose name says that it is a credential";
    UnknownBody = "unknown_body", "the body of an audit event that stands where none is expected, or does not say what it is about";
    TextUnreadable = "text", "text that seems to hold a Secret and cannot be read";
    Damaged = "damaged", "a part that is no valid JSON, or that was cut";
}

/// How many rows there are.
pub(crate) const COUNT: usize = ROWS.len();
