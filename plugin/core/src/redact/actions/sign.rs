//! Cold: HMAC-SHA-256 of a value, as text that names its key: `hmac:<key id>:<32 hex digits>`.
//!
//! What is signed is the value as its reader gets it, see [`Decode`]. Of the 32 bytes the first 16 are written
//! (RFC 2104, section 5). Where the configuration asks for namespaces, what is written is the digest of the
//! namespace, a NUL and those 32 bytes: so a value deep in texts is signed where it is read, and labelled where
//! it is known what it belongs to.

use crate::json::text;
use crate::redact::values::KEY_ID;
use crate::redact::{base64, percent};
use alloc::vec::Vec;
use core::fmt;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// How many hex digits are written.
const DIGITS: usize = 32;

/// The longest text.
const LONGEST: usize = b"hmac:".len() + KEY_ID + 1 + DIGITS;

/// The text of one value's digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    bytes: [u8; LONGEST],
    length: u8,
}

impl Text {
    /// The mask, until a value is signed.
    pub(super) fn masked() -> Self {
        let mut text = Text { bytes: [0; LONGEST], length: 0 };
        text.append(super::MASK);
        text
    }

    /// What stands between the quotes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(super::MASK)
    }

    fn append(&mut self, part: &[u8]) {
        let start = usize::from(self.length);
        let end = start.wrapping_add(part.len());
        if let Some(room) = self.bytes.get_mut(start..end) {
            for (to, from) in room.iter_mut().zip(part) {
                *to = *from;
            }
            self.length = end as u8;
        }
    }
}

/// All of a digest.
pub(super) type Signed = [u8; 32];

/// What a value is before it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decode {
    /// Text, without the escapes of JSON.
    Text,
    /// Text in base64, as in `data`; text that is none is taken as it is.
    Base64,
    /// Percent-encoded text.
    Percent,
}

/// Signs values with one key.
#[derive(Clone)]
pub(crate) struct Signer {
    keyed: Hmac<Sha256>,
    /// `hmac:<key id>:`
    start: Text,
    per_namespace: bool,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer { .. }")
    }
}

impl Signer {
    /// A signer with a key of any length; `None` for an id that is too long.
    pub(crate) fn new(key: &[u8], key_id: &str, per_namespace: bool) -> Option<Signer> {
        let keyed = Hmac::new_from_slice(key).ok().filter(|_| key_id.len() <= KEY_ID)?;
        let mut start = Text { bytes: [0; LONGEST], length: 0 };
        for part in ["hmac:", key_id, ":"] {
            start.append(part.as_bytes());
        }
        Some(Signer { keyed, start, per_namespace })
    }

    /// Whether the namespace is part of what is signed.
    pub(super) fn is_per_namespace(&self) -> bool {
        self.per_namespace
    }

    /// Signs the string `raw` (without its quotes), decoded.
    pub(super) fn sign(&self, raw: &[u8], decode: Decode, buffers: &mut Buffers) -> Signed {
        let text = if raw.contains(&b'\\') && text::unescape(raw, &mut buffers.text) {
            buffers.text.as_slice()
        } else {
            raw
        };
        let value = match decode {
            Decode::Text => text,
            Decode::Base64 if base64::decode(text, &mut buffers.decoded).is_ok() => &buffers.decoded,
            Decode::Percent if percent::decode(text, &mut buffers.decoded) => &buffers.decoded,
            Decode::Base64 | Decode::Percent => text,
        };
        self.digest(&[value])
    }

    /// Signs a text as it is.
    pub(super) fn sign_text(&self, text: &[u8]) -> Signed {
        self.digest(&[text])
    }

    /// What is written for a value that was signed, which belongs to a namespace.
    pub(super) fn label(&self, signed: &Signed, namespace: &[u8]) -> Text {
        if self.per_namespace {
            return self.written(&self.digest(&[namespace, b"\0", signed]));
        }
        self.written(signed)
    }

    /// What is written for bytes as they are, which belong to no namespace.
    pub(crate) fn text(&self, value: &[u8]) -> Text {
        self.label(&self.digest(&[value]), b"")
    }

    #[inline(never)]
    fn digest(&self, parts: &[&[u8]]) -> Signed {
        let mut mac = self.keyed.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn written(&self, signed: &Signed) -> Text {
        let mut text = self.start;
        for byte in signed.iter().take(DIGITS / 2) {
            text.append(&[digit(byte >> 4), digit(byte & 15)]);
        }
        text
    }
}

const fn digit(value: u8) -> u8 {
    match value {
        0..10 => b'0'.wrapping_add(value),
        _ => b'a'.wrapping_sub(10).wrapping_add(value),
    }
}

/// What values are decoded in; reused.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    text: Vec<u8>,
    decoded: Vec<u8>,
}

impl Buffers {
    /// Whether `raw` is this name, however it is escaped. A long one is not even read: this is asked again and again.
    pub(super) fn is(&mut self, raw: &[u8], name: &[u8]) -> bool {
        raw.len() <= name.len().saturating_mul(6) && self.name(raw) == name
    }

    /// The name `raw` without its escapes.
    pub(super) fn name<'a>(&'a mut self, raw: &'a [u8]) -> &'a [u8] {
        if raw.contains(&b'\\') && text::unescape(raw, &mut self.text) { &self.text } else { raw }
    }

    /// Room for anything.
    pub(super) fn scratch(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(key: &[u8], value: &[u8]) -> alloc::string::String {
        let text = Signer::new(key, "k1", false).unwrap().text(value);
        alloc::string::String::from_utf8(text.as_bytes().to_vec()).unwrap()
    }

    /// RFC 4231, test cases 1, 2 and 6.
    #[test]
    fn known_answers() {
        assert_eq!(signed(&[0x0b; 20], b"Hi There"), "hmac:k1:b0344c61d8db38535ca8afceaf0bf12b");
        assert_eq!(
            signed(b"Jefe", b"what do ya want for nothing?"),
            "hmac:k1:5bdcc146bf60754e6a042426089575c7"
        );
        let long = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(signed(&[0xaa; 131], long), "hmac:k1:60e431591ee0b67f0d8a26aacbf5b77f");
    }

    #[test]
    fn a_label_is_signed_with_the_digest_of_the_value() {
        let labels = Signer::new(b"key", "k1", true).unwrap();
        let plain = Signer::new(b"key", "k1", false).unwrap();
        let signed = plain.digest(&[b"v"]);
        let labelled = [b"prod\0".as_slice(), &signed].concat();
        assert_eq!(labels.label(&signed, b"prod"), plain.text(&labelled));
        assert_eq!(labels.text(b"v"), labels.label(&signed, b""));
        assert_eq!(plain.label(&signed, b"prod"), plain.text(b"v"));
    }

    #[test]
    fn what_is_signed_is_decoded() {
        let signer = Signer::new(b"key", "k1", false).unwrap();
        let same = signer.digest(&[b"h\"x"]);
        let mut buffers = Buffers::default();
        for (raw, decode) in [
            (&br#"h\"x"#[..], Decode::Text),
            (br"h\u0022x", Decode::Text),
            (b"aCJ4", Decode::Base64),
            (br"aC\u004a4", Decode::Base64),
            (b"h%22x", Decode::Percent),
        ] {
            assert_eq!(signer.sign(raw, decode, &mut buffers), same);
        }
        // What is no base64 is text.
        assert_eq!(signer.sign(b"h*x", Decode::Base64, &mut buffers), signer.digest(&[b"h*x"]));
    }

    #[test]
    fn nothing_shows_the_key() {
        let signer = Signer::new(b"hunter2-hunter2", "k1", false).unwrap();
        assert_eq!(alloc::format!("{signer:?}"), "Signer { .. }");
        assert!(Signer::new(b"key", &"k".repeat(33), false).is_none());
    }
}
