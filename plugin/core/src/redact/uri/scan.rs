//! The one pass over a part of a URI that may hold a credential.

use super::super::argv::is_name;
use super::super::hide::Hide;
use super::super::key_names::is_sensitive;
use super::super::percent::{Char, char_at};
use super::super::values::{is_own_digest, is_placeholder};
use super::parameters::{IDENTIFYING, SENSITIVE};

/// How a part of a URI is read.
#[derive(Clone, Copy)]
pub(super) struct Scan {
    /// Whether values of sensitive parameters go.
    parameters: bool,
    /// Whether `/`, `?` and the `;` before another parameter end a value; otherwise only `&` does.
    path: bool,
    /// Whether `$(NAME)` is a reference to a variable.
    references: bool,
}

impl Scan {
    pub(super) const PATH: Scan = Scan { parameters: true, path: true, references: false };
    pub(super) const QUERY: Scan = Scan { parameters: true, path: false, references: false };
    pub(super) const SELECTOR: Scan = Scan { parameters: false, path: false, references: false };
    pub(super) const EMBEDDED: Scan = Scan { parameters: true, path: true, references: true };
}

/// The one pass over a part of a URI that may hold a credential.
pub(super) fn scan<H: Hide>(text: &[u8], start: usize, end: usize, mut how: Scan, hide: &mut H) {
    let text = text.get(..end).unwrap_or(text);
    let mut name = Name::default();
    let mut separator_depth = 0;
    // Whether the name is in quotes, which were closed: JSON.
    let mut quoted = false;
    let mut slashes = Slashes::default();
    // Up to here no `@` is to be looked for.
    let mut without_at = 0;
    let mut at = start;
    while let Some(&byte) = text.get(at) {
        // Most bytes belong to a name or to a value and mean nothing else.
        if is_name(byte) && !quoted {
            slashes.seen = 0;
            name.push(byte);
            at = at.saturating_add(1);
            continue;
        }
        let Some(char) = char_at(text, at) else { break };
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
                // `=//user:password@host` has no scheme.
                slashes = Slashes { seen: 1, http: true };
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
            b'"' => quoted = !name.bytes().is_empty(),
            b':' if quoted => {
                if how.parameters && name.is_sensitive() {
                    let (from, until) = json_value(text, char.end);
                    if from < until {
                        hide.hide(from, until);
                    }
                    at = until;
                    name.clear();
                    quoted = false;
                    continue;
                }
                name.clear();
            }
            // `{"password" : "x"}`
            b' ' | b'+' if quoted => {}
            byte => {
                slashes.see(byte, name.is_http());
                if quoted {
                    name.clear();
                    quoted = false;
                }
                name.push(byte);
            }
        }
        at = char.end;
    }
}

/// The value in JSON that follows a colon: what is in the quotes, an array or object up to the first sign that
/// closes one, or anything else up to the next sign.
fn json_value(text: &[u8], start: usize) -> (usize, usize) {
    let mut from = start;
    let mut at = start;
    let mut first = 0;
    let mut escaped = false;
    while let Some(char) = char_at(text, at) {
        let is_first = at == from && first != b'"';
        match (char.byte, first) {
            (b' ' | b'+', _) if is_first => from = char.end,
            (b'"', _) if is_first => {
                first = b'"';
                from = char.end;
            }
            (b'"', b'"') if !escaped => break,
            (_, b'"') => {}
            (b']', b'[') | (b'}', b'{') => return (from, char.end),
            (b',' | b'}' | b']', b'[' | b'{') => {}
            (b',' | b'}' | b']' | b'&', _) => break,
            (byte, _) if is_first => first = byte,
            _ => {}
        }
        escaped = char.byte == b'\\' && !escaped;
        at = char.end;
    }
    (from, at.max(from))
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
    let mut is_port = false;
    let mut is_digits = true;
    let mut in_authority = true;
    // `://token=x@h`: whatever it is, it is no user.
    let mut is_parameter = false;
    while let Some(char) = char_at(text, at) {
        match char.byte {
            b'&' if char.depth <= depth && !how.path => break,
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
            byte if in_authority && colon.is_some() => {
                is_digits &= byte.is_ascii_digit();
                is_port = is_digits;
            }
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
        Some(from) if !fixed && !is_parameter && !is_own_digest(info) => {
            UserInfo::Hide(from, at_sign, at_sign)
        }
        _ if start < at_sign && (http || is_parameter) => UserInfo::Hide(start, at_sign, at_sign),
        _ => UserInfo::Keep(at_sign),
    }
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
pub(super) struct Name {
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

    pub(super) fn push(&mut self, byte: u8) {
        if self.length == NAME_LENGTH {
            self.bytes.copy_within(NAME_LENGTH / 2.., 0);
            self.length = NAME_LENGTH / 2;
        }
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length = self.length.saturating_add(1);
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
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

    pub(super) fn is_sensitive(&self) -> bool {
        let mut letters = [0; NAME_LENGTH];
        let letters = self.letters(&mut letters);
        SENSITIVE.holds(letters) || is_sensitive(self.bytes()) && !IDENTIFYING.holds(letters)
    }

    /// The letters and digits of the name.
    fn letters<'a>(&self, letters: &'a mut [u8; NAME_LENGTH]) -> &'a [u8] {
        let mut length: usize = 0;
        for &byte in self.bytes() {
            if byte.is_ascii_alphanumeric()
                && let Some(place) = letters.get_mut(length)
            {
                *place = byte;
                length = length.wrapping_add(1);
            }
        }
        letters.get(..length).unwrap_or_default()
    }
}

/// Longer names are judged by their end.
const NAME_LENGTH: usize = 64;
