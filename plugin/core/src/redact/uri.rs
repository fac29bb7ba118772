//! Credentials in URIs: `requestURI`, its copies in access reviews and names, and URLs in other texts.
//!
//! ```text
//! requestURI = path ? query
//!     path:  nothing to do unless it holds one of  ; = % @      nearly always
//!     query: parameter by parameter
//!         one of Kubernetes' own                     kept, but for a URL with user:password@ in it
//!         command=, cmd=                             an argument vector, see argv
//!         any other                                  scanned
//! scan: every character is decoded as often as it was encoded
//!     name=   with a sensitive name: its value goes, up to the end of the parameter it belongs to
//!     ://     user:password@ behind it goes
//! ```
//!
//! Separators are recognised however often they are encoded, so URLs in parameters in URLs are read in the
//! same pass. A value ends only at a separator that was encoded no more often than the `=` before it and the
//! separator before its name: `password=a%26b` is one value.
//!
//! Only values are hidden. Names, separators, the order and the spelling of everything else stay, because
//! detections read them.

use super::argv::Argv;
use super::hide::Hide;
use super::key_names::{is_placeholder, is_sensitive};
use super::percent::{Char, Encoded, char_at, decode_form};
use alloc::vec::Vec;

/// Query and matrix parameters that hold credentials although their names, out of this context, say nothing.
/// In small letters and without signs. What [`is_sensitive`] knows (token, secret, password, api key,
/// session id, …) is not repeated here.
const SENSITIVE: &[&str] = &[
    "assertion",         // RFC 7521 grants: a signed JWT or SAML assertion
    "authcode",          // as `code`
    "authorizationcode", // as `code`
    "activationcode",    // proves the receipt of a mail
    "clientassertion",   // RFC 7521, in place of a client's secret
    "code",              // RFC 6749: an authorization code, good for a token
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
];

/// Parameters that [`is_sensitive`] would take for credentials and that identify only: which access key, on
/// which day, in which region. Whose signed URL was used is what an investigation asks first.
const IDENTIFYING: &[&str] = &["xamzcredential", "xgoogcredential"];

/// The parameters of Kubernetes' own API. Their values are names, numbers, selectors and cursors; `continue`
/// holds a resource version and a key to start from. Only exactly these spellings are passed over.
const KUBERNETES: &[&str] = &[
    "allowWatchBookmarks",
    "container",
    "continue",
    "dryRun",
    "exact",
    "export",
    "fieldManager",
    "fieldSelector",
    "fieldValidation",
    "follow",
    "force",
    "gracePeriodSeconds",
    "includeObject",
    "includeUninitialized",
    "insecureSkipTLSVerifyBackend",
    "labelSelector",
    "limit",
    "limitBytes",
    "orphanDependents",
    "ports",
    "pretty",
    "previous",
    "propagationPolicy",
    "resourceVersion",
    "resourceVersionMatch",
    "sendInitialEvents",
    "shardSelector",
    "sinceSeconds",
    "sinceTime",
    "stderr",
    "stdin",
    "stdout",
    "stream",
    "tailLines",
    "timeout",
    "timeoutSeconds",
    "timestamps",
    "tty",
    "watch",
];

/// Resources of OpenShift whose objects are called by the token itself, unless the name starts with
/// `sha256~`: then it is a digest. Servers up to OpenShift 4.5 used tokens.
const NAMED_BY_TOKEN: [&[u8]; 2] = [b"oauthaccesstokens", b"oauthauthorizetokens"];

/// Longer names are judged by their end.
const NAME_LENGTH: usize = 64;

/// Reports what to hide in the target of a request: a path, a path with a query, or an absolute URI.
///
/// # Complexity
///
/// Linear. A URI without credentials costs a look at eight bytes at a time.
pub(crate) fn request_uri<H: Hide>(uri: &[u8], hide: &mut H) {
    let question = find(uri, 0, b'?');
    let path = uri.get(..question).unwrap_or(uri);
    let named_by_token = token_in_path(path);
    match named_by_token {
        Some((start, end)) => {
            scan(uri, 0, start, Scan::PATH, hide);
            hide.hide(start, end);
            scan(uri, end, question, Scan::PATH, hide);
        }
        None if has_any(path, [b';', b'=', b'%', b'@']) => scan(uri, 0, question, Scan::PATH, hide),
        None => {}
    }
    if question < uri.len() {
        query(uri, question.saturating_add(1), is_token_resource(path), hide);
    }
}

/// Reports what to hide in the name of an object, which a client may have made of a URI's path: the values of
/// `;token=`-like parameters.
pub(crate) fn object_name<H: Hide>(name: &[u8], hide: &mut H) {
    scan(name, 0, name.len(), Scan::PATH, hide);
}

/// Whether objects of this resource are called by a token, and `name` is one and not a digest.
pub(crate) fn is_token_name(resource: &[u8], name: &[u8]) -> bool {
    NAMED_BY_TOKEN.contains(&resource) && !name.is_empty() && !is_digest(name)
}

/// Reports what to hide in the URL that begins at `start` (with its scheme) and ends at `end` of a text that
/// is not itself a URI. References to variables stay.
pub(super) fn embedded<H: Hide>(text: &[u8], start: usize, end: usize, hide: &mut H) {
    scan(text, start, end, Scan::EMBEDDED, hide);
}

fn query<H: Hide>(uri: &[u8], start: usize, token_resource: bool, hide: &mut H) {
    let mut argv = Argv::new();
    let mut decoded = Vec::new();
    let mut at = start;
    while at < uri.len() {
        let end = find(uri, at, b'&');
        let parameter = uri.get(at..end).unwrap_or_default();
        let equals = find(parameter, 0, b'=');
        let name = parameter.get(..equals).unwrap_or_default();
        let value = at.saturating_add(equals).saturating_add(1).min(end);
        if token_resource && name == b"fieldSelector" && selects_token(parameter) {
            if value < end {
                hide.hide(value, end);
            }
        } else if KUBERNETES.iter().any(|known| name == known.as_bytes()) {
            if may_hold_at(parameter) {
                scan(uri, value, end, Scan::SELECTOR, hide);
            }
        } else {
            match command(name) {
                Some(script) => arguments(uri, value, end, script, &mut argv, &mut decoded, hide),
                None => scan(uri, at, end, Scan::QUERY, hide),
            }
        }
        at = end.saturating_add(1);
    }
}

/// Whether the parameter `name` holds an argument (exec and attach) or a whole command line (the kubelet's
/// `run`, through a node's proxy subresource).
fn command(name: &[u8]) -> Option<bool> {
    let mut decoded = Name::default();
    let mut at = 0;
    while let Some(Char { byte, end, .. }) = char_at(name, at) {
        decoded.push(byte);
        at = end;
    }
    match decoded.bytes() {
        b"command" => Some(false),
        b"cmd" => Some(true),
        _ => None,
    }
}

/// Judges one argument of a command.
fn arguments<H: Hide>(
    uri: &[u8],
    start: usize,
    end: usize,
    script: bool,
    argv: &mut Argv,
    decoded: &mut Vec<u8>,
    hide: &mut H,
) {
    let value = uri.get(start..end).unwrap_or_default();
    if !decode_form(value, decoded) {
        // There is no memory to look at it.
        if start < end {
            hide.hide(start, end);
        }
        return;
    }
    let mut encoded = Encoded::new(value, start, hide);
    if script {
        Argv::new().script(decoded, &mut encoded);
    } else {
        argv.element(decoded, &mut encoded);
    }
}

/// The span of a token that is the name of an OpenShift object.
fn token_in_path(path: &[u8]) -> Option<(usize, usize)> {
    let start = name_of_token_resource(path)?;
    let end = find(path, start, b'/');
    let name = path.get(start..end)?;
    (!name.is_empty() && !is_digest(name)).then_some((start, end))
}

fn is_token_resource(path: &[u8]) -> bool {
    // Only these two APIs have it; the test keeps others from being searched.
    (path.starts_with(b"/apis/oauth.openshift.io/") || path.starts_with(b"/oapi/"))
        && NAMED_BY_TOKEN.iter().any(|resource| path.windows(resource.len()).any(|part| part == *resource))
}

/// Where the name begins in a path to an object of [`NAMED_BY_TOKEN`].
fn name_of_token_resource(path: &[u8]) -> Option<usize> {
    if !is_token_resource(path) {
        return None;
    }
    let mut start = 0_usize;
    for segment in path.split(|byte| *byte == b'/') {
        start = start.saturating_add(segment.len()).saturating_add(1);
        if NAMED_BY_TOKEN.contains(&segment) {
            return Some(start);
        }
    }
    None
}

fn is_digest(name: &[u8]) -> bool {
    name.starts_with(b"sha256~") || name.starts_with(b"sha256%7E") || name.starts_with(b"sha256%7e")
}

/// Whether a `fieldSelector` selects an object by a name that is no digest.
fn selects_token(parameter: &[u8]) -> bool {
    const FIELD: &[u8] = b"metadata.name";
    let after = parameter.windows(FIELD.len()).position(|part| part == FIELD);
    let after = after.and_then(|at| parameter.get(at.saturating_add(FIELD.len())..));
    after.is_some_and(|after| {
        let name = [b"%3D".as_slice(), b"%3d", b"="].iter().find_map(|equals| after.strip_prefix(*equals));
        !name.is_some_and(is_digest)
    })
}

/// How a part of a URI is read.
#[derive(Clone, Copy)]
struct Scan {
    /// Whether values of sensitive parameters go.
    parameters: bool,
    /// Whether `/`, `?` and the `;` before another parameter end a value; otherwise only `&` does.
    path: bool,
    /// Whether `$(NAME)` is a reference to a variable.
    references: bool,
}

impl Scan {
    const PATH: Scan = Scan { parameters: true, path: true, references: false };
    const QUERY: Scan = Scan { parameters: true, path: false, references: false };
    const SELECTOR: Scan = Scan { parameters: false, path: false, references: false };
    const EMBEDDED: Scan = Scan { parameters: true, path: true, references: true };
}

/// The one pass over a part of a URI that may hold a credential.
fn scan<H: Hide>(text: &[u8], start: usize, end: usize, mut how: Scan, hide: &mut H) {
    let text = text.get(..end).unwrap_or(text);
    let mut name = Name::default();
    let mut separator_depth = 0;
    let mut slashes = Slashes::default();
    // Up to here no `@` is to be looked for.
    let mut without_at = 0;
    let mut at = start;
    while let Some(char) = char_at(text, at) {
        match char.byte {
            b'=' => {
                if how.parameters && name.is_sensitive() {
                    let until = value_end(text, char.end, separator_depth.min(char.depth), how);
                    let value = text.get(char.end..until).unwrap_or_default();
                    let is_reference = how.references && is_placeholder(value);
                    if !value.is_empty() && !is_reference {
                        hide.hide(char.end, until);
                    }
                    at = until;
                    name.clear();
                    continue;
                }
                name.clear();
                separator_depth = char.depth;
            }
            b'&' | b'?' | b'#' | b';' | b'/' => {
                if slashes.see(char.byte, name.is_http()) && char.end >= without_at {
                    match user_info(text, char.end, char.depth, slashes.http, how) {
                        UserInfo::Hide(from, to, at_sign) => {
                            let value = text.get(from..to).unwrap_or_default();
                            let is_reference = how.references && is_placeholder(value);
                            if !is_reference {
                                hide.hide(from, to);
                            }
                            at = at_sign;
                            name.clear();
                            continue;
                        }
                        UserInfo::Keep(until) | UserInfo::None(until) => without_at = until,
                    }
                }
                // Of an embedded URL the path comes first.
                how.path &= !(how.references && char.depth == 0 && matches!(char.byte, b'?' | b'#'));
                name.clear();
                separator_depth = char.depth;
            }
            byte => {
                slashes.see(byte, name.is_http());
                name.push(byte);
            }
        }
        at = char.end;
    }
}

/// Where the value that begins at `start` ends, given how often separators around it are encoded.
fn value_end(text: &[u8], start: usize, depth: u8, how: Scan) -> usize {
    let mut at = start;
    while let Some(char) = char_at(text, at) {
        if char.depth <= depth {
            let ends = match char.byte {
                b'&' => !how.path,
                b'/' | b'?' => how.path,
                b';' => how.path && begins_parameter(text, char.end),
                _ => false,
            };
            if ends {
                break;
            }
        }
        at = char.end;
    }
    at
}

/// Whether a name and `=` follow. Looks no further than a name can be long, so that many `;` cost no more.
fn begins_parameter(text: &[u8], start: usize) -> bool {
    let mut at = start;
    for length in 0..NAME_LENGTH {
        match char_at(text, at) {
            Some(Char { byte: b'=', .. }) => return length > 0,
            Some(Char { byte, end, .. })
                if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') =>
            {
                at = end
            }
            _ => return false,
        }
    }
    false
}

enum UserInfo {
    /// Hide this span; the `@` is at the third position.
    Hide(usize, usize, usize),
    /// Only the name of a user; the `@` is there.
    Keep(usize),
    /// None before that position.
    None(usize),
}

/// Looks for `user:password@` at `start`, behind `://`.
///
/// Of http URLs a user alone goes too, and one whose password is empty or a fixed word: tokens are sent like
/// that.
/// A password may hold `/`, `?`, `#` and `@`, wrongly but often: what stands behind `user:` and is no port
/// is a password up to the last `@`.
fn user_info(text: &[u8], start: usize, depth: u8, http: bool, how: Scan) -> UserInfo {
    let mut at = start;
    let mut at_sign = None;
    let mut colon = None;
    let mut is_port = true;
    let mut in_authority = true;
    // `://token=x@h` is no user.
    let mut is_parameter = false;
    while let Some(char) = char_at(text, at) {
        match char.byte {
            b'&' if char.depth <= depth && !how.path => break,
            b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'<' | b'>' | b'`' if char.depth <= depth => {
                break;
            }
            b'@' => at_sign = Some(at),
            b'/' | b'?' | b'#' if in_authority && char.depth <= depth => {
                in_authority = false;
                let bracket = text.get(start) == Some(&b'[');
                if at_sign.is_some() || colon.is_none() || is_port || is_parameter || bracket {
                    break;
                }
            }
            b'=' if in_authority && colon.is_none() => is_parameter = true,
            b':' if in_authority && colon.is_none() => colon = Some((at, char.end)),
            byte if in_authority && colon.is_some() => is_port &= byte.is_ascii_digit(),
            _ => {}
        }
        at = char.end;
    }
    let Some(at_sign) = at_sign else { return UserInfo::None(at) };
    let info = text.get(start..at_sign).unwrap_or_default();
    let password = colon.filter(|(colon, _)| *colon < at_sign).map(|(_, password)| password);
    let fixed =
        password.is_none_or(|from| matches!(text.get(from..at_sign), Some(b"" | b"x-oauth-basic") | None));
    match password {
        Some(from) if !fixed && !is_parameter && !is_digest_of_user(info) => {
            UserInfo::Hide(from, at_sign, at_sign)
        }
        _ if start < at_sign && (http || (is_parameter && !fixed)) => UserInfo::Hide(start, at_sign, at_sign),
        _ => UserInfo::Keep(at_sign),
    }
}

/// Whether this is what the `hmac` action wrote for a user alone, `hmac:<key id>:<32 hex digits>`: its colons
/// separate no password.
fn is_digest_of_user(info: &[u8]) -> bool {
    let Some(rest) = info.strip_prefix(b"hmac:") else { return false };
    let Some((key, digest)) = rest.len().checked_sub(33).and_then(|at| rest.split_at_checked(at)) else {
        return false;
    };
    let Some((b':', digits)) = digest.split_first() else { return false };
    !key.contains(&b':') && digits.iter().all(u8::is_ascii_hexdigit)
}

/// Recognises `://`.
#[derive(Default)]
struct Slashes {
    seen: u8,
    http: bool,
}

impl Slashes {
    /// Notes a byte; `true` if it is the second slash. `http` tells the scheme, if this is the colon.
    fn see(&mut self, byte: u8, http: bool) -> bool {
        self.seen = match (byte, self.seen) {
            (b':', _) => {
                self.http = http;
                1
            }
            (b'/', 1) => 2,
            (b'/', 2) => 3,
            _ => 0,
        };
        self.seen == 3
    }
}

/// The decoded name of a parameter, or the end of it.
struct Name {
    bytes: [u8; NAME_LENGTH],
    length: usize,
}

impl Default for Name {
    fn default() -> Name {
        Name { bytes: [0; NAME_LENGTH], length: 0 }
    }
}

impl Name {
    fn clear(&mut self) {
        self.length = 0;
    }

    fn push(&mut self, byte: u8) {
        if self.length == NAME_LENGTH {
            self.bytes.copy_within(NAME_LENGTH / 2.., 0);
            self.length = NAME_LENGTH / 2;
        }
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length = self.length.saturating_add(1);
        }
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn is_http(&self) -> bool {
        let name = self.bytes();
        let ends_with = |scheme: &[u8]| {
            let start = name.len().checked_sub(scheme.len());
            start.and_then(|start| name.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(scheme))
        };
        ends_with(b"http") || ends_with(b"https")
    }

    fn is_sensitive(&self) -> bool {
        let is_in = |list: &[&str]| list.iter().any(|known| self.spells(known.as_bytes()));
        is_in(SENSITIVE) || (is_sensitive(self.bytes()) && !is_in(IDENTIFYING))
    }

    /// Whether the letters and digits of the name, in small letters, are `known`.
    fn spells(&self, known: &[u8]) -> bool {
        let letters = self.bytes().iter().filter(|byte| byte.is_ascii_alphanumeric());
        letters.map(u8::to_ascii_lowercase).eq(known.iter().copied())
    }
}

/// Whether there is an `@`, encoded or not.
fn may_hold_at(value: &[u8]) -> bool {
    has_any(value, [b'@'; 4]) || value.windows(3).any(|three| three == b"%40" || three == b"%25")
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The lowest set bit tells the first byte of `word` that equals `needle`; bits above it may be wrong.
///
/// Mycroft's test for a zero byte.
fn matches(word: u64, needle: u8) -> u64 {
    let zero = word ^ u64::from(needle).wrapping_mul(ONES);
    zero.wrapping_sub(ONES) & !zero & HIGH
}

/// Where `needle` is, or the length of the text.
fn find(text: &[u8], start: usize, needle: u8) -> usize {
    let (words, rest) = text.get(start..).unwrap_or_default().as_chunks::<8>();
    let mut at = start;
    for word in words {
        let found = matches(u64::from_le_bytes(*word), needle);
        if found != 0 {
            return at.saturating_add((found.trailing_zeros() / 8) as usize);
        }
        at = at.saturating_add(8);
    }
    let found = rest.iter().position(|byte| *byte == needle);
    at.saturating_add(found.unwrap_or(rest.len())).min(text.len())
}

/// Whether any of the `needles` is in the text.
fn has_any(text: &[u8], needles: [u8; 4]) -> bool {
    let (words, rest) = text.as_chunks::<8>();
    let [first, second, third, fourth] = needles;
    let found = words.iter().any(|word| {
        let word = u64::from_le_bytes(*word);
        matches(word, first) | matches(word, second) | matches(word, third) | matches(word, fourth) != 0
    });
    found || rest.iter().any(|byte| needles.contains(byte))
}

#[cfg(test)]
mod tests;
