//! The names of parameters that decide. Data only.

use super::super::key_names::Set;

/// Query and matrix parameters that hold credentials although their names, out of this context, say nothing.
/// In small letters and without signs. What [`is_sensitive`](super::super::key_names::is_sensitive) knows (token, secret, password, api key,
/// session id, …) is not repeated here.
pub(super) static SENSITIVE: Set<28> = Set::of([
    "assertion",         // RFC 7521 grants: a signed JWT or SAML assertion
    "authcode",          // as `code`
    "authorizationcode", // as `code`
    "activationcode",    // proves the receipt of a mail
    "clientassertion",   // RFC 7521, in place of a client's secret
    "code",              // RFC 6749: an authorization code, good for a token
    "connectsid",        // the session of Express, signed
    "codeverifier",      // RFC 7636: the secret half of PKCE
    "devicecode",        // RFC 8628
    "hmac",              // signs the request
    "invitecode",        // as `activationcode`
    "key",               // API keys of Google and many others
    "otp",               // one-time password
    "pin",
    "resetcode",    // as `activationcode`
    "samlart",      // SAML artifact: exchanged for an assertion
    "samlresponse", // SAML: a signed assertion
    "session",
    "sid",
    "sig",              // Azure shared access signature
    "sign",             // signs the request
    "signature",        // signed URLs of CloudFront, Cloud Storage and OSS
    "ticket",           // CAS
    "totp",             // one-time password
    "usercode",         // RFC 8628
    "verificationcode", // as `activationcode`
    "xamzsignature",    // AWS: signed URLs
    "xgoogsignature",   // Google Cloud: signed URLs
]);

/// Parameters that [`is_sensitive`](super::super::key_names::is_sensitive) would take for credentials and that identify only: which access key, on
/// which day, in which region. Whose signed URL was used is what an investigation asks first.
pub(super) static IDENTIFYING: Set<2> = Set::of(["xamzcredential", "xgoogcredential"]);

/// The parameters of Kubernetes' own API. Their values are names, words and numbers; only exactly these spellings are
/// recognised.
pub(super) static KUBERNETES: Set<39> = Set::of([
    "tty",
    "exact",
    "force",
    "limit",
    "ports",
    "stdin",
    "watch",
    "dryRun",
    "export",
    "follow",
    "pretty",
    "stderr",
    "stdout",
    "stream",
    "timeout",
    "continue",
    "previous",
    "container",
    "sinceTime",
    "tailLines",
    "limitBytes",
    "timestamps",
    "fieldManager",
    "sinceSeconds",
    "fieldSelector",
    "includeObject",
    "labelSelector",
    "shardSelector",
    "timeoutSeconds",
    "fieldValidation",
    "resourceVersion",
    "orphanDependents",
    "propagationPolicy",
    "sendInitialEvents",
    "gracePeriodSeconds",
    "allowWatchBookmarks",
    "includeUninitialized",
    "resourceVersionMatch",
    "insecureSkipTLSVerifyBackend",
]);

/// Those whose values have signs of their own, `=` among them: `labelSelector=password=x` selects objects.
/// `continue` holds a resource version and a key to start from, in base64.
pub(super) const SELECTORS: &[&[u8]] = &[b"continue", b"fieldSelector", b"labelSelector", b"shardSelector"];

/// Resources of OpenShift whose objects are called by the token itself, unless the name starts with
/// `sha256~`: then it is a digest. Servers up to OpenShift 4.5 used tokens.
pub(super) const NAMED_BY_TOKEN: [&[u8]; 2] = [b"oauthaccesstokens", b"oauthauthorizetokens"];
