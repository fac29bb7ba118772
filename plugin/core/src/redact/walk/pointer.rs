//! Where a JSON pointer (RFC 6901) leads: the place of the value that an operation of a JSON patch is about.

use super::keyed::credential;
use crate::redact::key_names::{self, KeyName};
use crate::redact::names::{self, Name};
use crate::redact::places::Place;
use alloc::vec::Vec;

/// The place of what `pointer` leads to in the body of anything but a Secret.
///
/// A part that is a number, or `-`, is an element of an array. What is below a credential is one. The `value` of
/// an element is a credential, because nothing says what the element is called.
pub(super) fn place(pointer: &[u8]) -> Place {
    let mut place = Place::Custom;
    let mut in_element = false;
    let mut decoded = Vec::new();
    for part in pointer.split(|&byte| byte == b'/').skip(1) {
        let name = match unescaped(part, &mut decoded) {
            Some(name) => name,
            None => return Place::Credential,
        };
        let rules = place.rules();
        let element = name == b"-" || !name.is_empty() && name.iter().all(u8::is_ascii_digit);
        place = match names::lookup(name, 0, name.len()) {
            _ if element => rules.element,
            Name::Value if in_element => credential(place),
            known => match place.member(known) {
                child if child != rules.other || !place.is_keyed() => child,
                child => match key_names::classify(name) {
                    KeyName::Ordinary | KeyName::Reference => child,
                    KeyName::Count => Place::CredentialCount,
                    KeyName::Group => Place::CredentialGroup,
                    KeyName::Secret => credential(place),
                },
            },
        };
        in_element = element;
    }
    // What a `name` holds means something only beside a `value`.
    if place == Place::PairName { Place::Custom } else { place }
}

/// A part of a pointer with `~1` and `~0` undone; `None` if there is no memory.
fn unescaped<'a>(part: &'a [u8], buffer: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    if !part.contains(&b'~') {
        return Some(part);
    }
    buffer.clear();
    let mut rest = part;
    while let Some((&first, behind)) = rest.split_first() {
        let (byte, behind) = match (first, behind.split_first()) {
            (b'~', Some((b'0', behind))) => (b'~', behind),
            (b'~', Some((b'1', behind))) => (b'/', behind),
            _ => (first, behind),
        };
        if !crate::memory::push(buffer, byte) {
            return None;
        }
        rest = behind;
    }
    Some(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_lead_to_places() {
        for (pointer, expected) in [
            ("", Place::Custom),
            ("/spec/replicas", Place::Custom),
            ("/spec/password", Place::Credential),
            ("/spec/password/x/y", Place::Credential),
            ("/spec/passwordSecretRef/name", Place::Custom),
            ("/spec/auth", Place::CredentialGroup),
            ("/spec/template/spec/containers/0/env", Place::Env),
            ("/spec/template/spec/containers/0/env/-", Place::EnvVar),
            ("/spec/template/spec/containers/0/env/1/value", Place::EnvCredential),
            ("/spec/template/spec/containers/0/env/1/name", Place::Custom),
            ("/spec/params/2/value", Place::Credential),
            ("/spec/value", Place::Custom),
            ("/metadata/annotations/example.com~1password", Place::Credential),
            ("/metadata/annotations/a~0b", Place::Custom),
            (
                "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration",
                Place::CustomLastApplied,
            ),
            ("/data/password", Place::DataCredential),
            ("/stringData/x", Place::SecretValue),
        ] {
            assert_eq!(place(pointer.as_bytes()), expected, "{pointer}");
        }
    }
}
