//! Credentials in URIs: `requestURI`, its copies in access reviews and names, and URLs in other texts.
//!
//! ```text
//! requestURI = path ? query
//!     path:  nothing to do unless it holds one of  = % @        nearly always
//!     query: parameter by parameter
//!         one of Kubernetes' own                     kept if it is a word or a number
//!             a selector                             kept, but for a URL with user:password@ in it
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

mod parameters;
mod scan;
mod token;

use super::argv::Argv;
use super::hide::Hide;
use super::percent::{Char, Encoded, char_at, decode_form};
use crate::json::find;
use alloc::vec::Vec;
use parameters::{KUBERNETES, SELECTORS, SENSITIVE};
use scan::{Name, Scan, scan};

/// Reports what to hide in the target of a request: a path, a path with a query, or an absolute URI.
///
/// # Complexity
///
/// Linear. A URI without credentials costs a look at eight bytes at a time.
pub(crate) fn request_uri<H: Hide>(uri: &[u8], hide: &mut H) {
    let question = find::byte(uri, 0, b'?');
    let path = uri.get(..question).unwrap_or(uri);
    let signs = has_any(path, [b'=', b'%', b'@']);
    let tokens = if token::may_be_named_by_one(path, signs) { token::named_in(path) } else { None };
    match tokens {
        Some((start, end)) if start < end => {
            scan(uri, 0, start, Scan::PATH, hide);
            hide.hide_token(start, end);
            scan(uri, end, question, Scan::PATH, hide);
        }
        _ if signs => scan(uri, 0, question, Scan::PATH, hide),
        _ => {}
    }
    if question < uri.len() {
        query(uri, question.saturating_add(1), tokens.is_some(), hide);
    }
}

/// Reports what to hide in the name of an object, which a client may have made of a URI's path: the values of
/// `;token=`-like parameters.
#[inline(never)]
pub(crate) fn object_name<H: Hide>(name: &[u8], hide: &mut H) {
    scan(name, 0, name.len(), Scan::PATH, hide);
}

/// Parameters that hold credentials although their names say nothing elsewhere; in small letters and without signs.
pub(crate) fn credential_parameters() -> &'static [&'static str] {
    SENSITIVE.words()
}

/// The parameters of Kubernetes' own API.
pub(crate) fn own_parameters() -> &'static [&'static str] {
    KUBERNETES.words()
}

/// Whether a parameter of this name, which is not encoded, holds a credential.
pub(crate) fn is_credential_parameter(name: &[u8]) -> bool {
    let mut known = Name::default();
    name.iter().for_each(|&byte| known.push(byte));
    known.is_sensitive()
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
        let end = find::byte(uri, at, b'&');
        let parameter = uri.get(at..end).unwrap_or_default();
        let equals = find::byte(parameter, 0, b'=');
        let name = parameter.get(..equals).unwrap_or_default();
        let value = at.saturating_add(equals).saturating_add(1).min(end);
        if token_resource && token::is_selected_by_one(parameter) {
            if value < end {
                hide.hide_token(value, end);
            }
        } else if KUBERNETES.spells(name) {
            let text = uri.get(value..end).unwrap_or_default();
            if SELECTORS.contains(&name) {
                if may_hold_at(text) {
                    scan(uri, value, end, Scan::SELECTOR, hide);
                }
            } else if has_any(text, [b'=', b'%', b'@']) {
                scan(uri, at, end, Scan::QUERY, hide);
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
    // Neither is encoded by any client, so nearly all names are told at once.
    if !has_any(name, [b'%'; 3]) {
        return match name {
            b"command" => Some(false),
            b"cmd" => Some(true),
            _ => None,
        };
    }
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

/// Whether there is an `@`, encoded or not.
fn may_hold_at(value: &[u8]) -> bool {
    has_any(value, [b'@'; 3]) || value.windows(3).any(|three| three == b"%40" || three == b"%25")
}

/// Whether the target of a request needs no look: a path in which nothing is encoded, that has no parameters and
/// leads to no object that is called by a token.
#[inline(always)]
pub(super) fn is_plain(raw: &[u8]) -> bool {
    !token::may_be_named_by_one(raw, false) && find::is_free_of_signs(raw)
}

fn has_any(text: &[u8], needles: [u8; 3]) -> bool {
    find::any_of(text, 0, needles) < text.len()
}

#[cfg(test)]
mod tests;
