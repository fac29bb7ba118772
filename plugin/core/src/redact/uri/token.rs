//! Paths of OpenShift's OAuth objects that are called by the token they stand for.
//!
//! A server decodes a path before it reads it, and takes many slashes for one. So do we, because a path that a
//! server refuses is logged too. Letters count in either case.

use super::super::percent::{Char, char_at};
use super::parameters::NAMED_BY_TOKEN;
use super::scan::Name;

/// Whether a path may be one of those, told by how it begins; `signs`: there are percent signs in it, perhaps.
pub(super) fn may_be_named_by_one(path: &[u8], signs: bool) -> bool {
    match path {
        [b'/', b'a', b'p', b'i', b'/', ..] => false,
        [b'/', b'a' | b'A', _, _, _, b'/', group, ..] => signs || matches!(group, b'o' | b'O' | b'/'),
        [b'/', first, ..] => signs || matches!(first, b'o' | b'O' | b'/'),
        _ => false,
    }
}

/// Where the name is in a path to an object that is called by a token; an empty span if there is none, or a
/// digest in its place. `None` if the path leads elsewhere.
pub(super) fn named_in(path: &[u8]) -> Option<(usize, usize)> {
    let mut at = 0;
    let apis = segment(path, &mut at)?;
    let own = apis.is("oapi") || apis.is("apis") && segment(path, &mut at)?.is("oauth.openshift.io");
    if !own {
        return None;
    }
    // The version, perhaps `watch`, and the resource.
    for _ in 0..3 {
        let resource = segment(path, &mut at)?;
        if NAMED_BY_TOKEN.iter().any(|known| resource.name.bytes().eq_ignore_ascii_case(known)) {
            let Some(name) = segment(path, &mut at) else { return Some((path.len(), path.len())) };
            let digest = is_digest(name.name.bytes()) || is_digest(path.get(name.start..)?);
            return Some(if digest { (name.end, name.end) } else { (name.start, name.end) });
        }
    }
    None
}

/// Whether a parameter of a query selects objects by a name that is no digest.
pub(super) fn is_selected_by_one(parameter: &[u8]) -> bool {
    const FIELD: &[u8] = b"metadata.name";
    let mut name = Name::default();
    let mut at = 0;
    // The name of the parameter.
    loop {
        let Some(Char { byte, end, .. }) = char_at(parameter, at) else { return false };
        at = end;
        if byte == b'=' {
            break;
        }
        name.push(byte);
    }
    if !name.bytes().eq_ignore_ascii_case(b"fieldSelector") {
        return false;
    }
    // Each selected field in turn: `metadata.name=x`, `metadata.name==x`, `metadata.name!=x`.
    name = Name::default();
    while let Some(Char { byte, end, .. }) = char_at(parameter, at) {
        at = end;
        match byte {
            b',' => name = Name::default(),
            b'=' if name.bytes().strip_suffix(b"!").unwrap_or(name.bytes()) == FIELD => {
                let mut value = Name::default();
                while let Some(Char { byte, end, .. }) = char_at(parameter, at) {
                    if byte != b'=' || !value.bytes().is_empty() {
                        value.push(byte);
                    }
                    at = end;
                    if byte == b',' || value.bytes().len() >= DIGEST.len() {
                        break;
                    }
                }
                if !is_digest(value.bytes()) {
                    return true;
                }
            }
            byte => name.push(byte),
        }
    }
    false
}

const DIGEST: &[u8] = b"sha256~";

/// Whether a name is the digest of a token, which opens nothing.
pub(super) fn is_digest(name: &[u8]) -> bool {
    name.starts_with(DIGEST)
}

/// One segment of a path, decoded, and where it stands.
struct Segment {
    name: Name,
    start: usize,
    end: usize,
}

impl Segment {
    fn is(&self, name: &str) -> bool {
        self.name.bytes().eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The next segment that is not empty, at or after `at`.
fn segment(path: &[u8], at: &mut usize) -> Option<Segment> {
    let mut name = Name::default();
    let mut start = *at;
    while let Some(char) = char_at(path, *at) {
        if char.byte == b'/' {
            if !name.bytes().is_empty() {
                break;
            }
            start = char.end;
        } else {
            name.push(char.byte);
        }
        *at = char.end;
    }
    (!name.bytes().is_empty()).then_some(Segment { name, start, end: *at })
}
