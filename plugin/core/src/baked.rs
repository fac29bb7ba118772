//! Where a module keeps the configuration that was baked into it.
//!
//! A built module exports the address of a *descriptor*, under the name [`EXPORT`]. `auditveil bake` puts the text of
//! a configuration behind the module's own memory and says in the descriptor where it is; the module looks there
//! before it looks for files. Only the layout lives here: both sides have to agree on it, and neither depends on the
//! other. Numbers are little endian, as in the memory of every module.
//!
//! | bytes | |
//! |---|---|
//! | 0..16 | [`MAGIC`], which also tells the layout's version |
//! | 16..48 | the version of the module, padded with spaces |
//! | 48..52 | address of the text |
//! | 52..56 | length of the text |
//! | 56..60 | length of the key of `redact.action: hmac`, right behind the text; 0 without one |
//! | 60..92 | SHA-256 of the text and the key |
//!
//! Where nothing is baked, all bytes behind the version are 0xff.

use core::ops::Range;

/// The name of the export: a global, whose value is the descriptor's address.
pub const EXPORT: &str = "auditveil_baked";

/// What a descriptor begins with. Another layout gets another one.
pub const MAGIC: &[u8; 16] = b"auditveil baked1";

/// Bytes of a descriptor.
pub const LENGTH: usize = 92;

/// The descriptor of a module of this version as it is built: nothing is baked.
///
/// No byte of it is zero, so no tool that packs a module's memory takes it apart.
pub const UNBAKED: [u8; LENGTH] = unbaked();

/// The longest text, in bytes: that of a file that a module reads.
pub const LONGEST: usize = 2 << 20;

const VERSION: Range<usize> = 16..48;
const TEXT: Range<usize> = 48..LENGTH;
const UNSET: u8 = 0xff;

/// What a descriptor says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor<'a> {
    /// The version of the module.
    pub version: &'a str,
    /// Where the text is; none if nothing is baked.
    pub text: Option<Text>,
}

/// Where a text and its key are, and what they were when they were put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// The address of the text's first byte.
    pub address: u32,
    /// The text's bytes.
    pub length: u32,
    /// The bytes of the key behind it.
    pub key_length: u32,
    /// The SHA-256 of both, one behind the other.
    pub digest: [u8; 32],
}

impl<'a> Descriptor<'a> {
    /// Reads a descriptor; `None` for bytes that are none.
    pub fn read(bytes: &'a [u8; LENGTH]) -> Option<Self> {
        if !bytes.starts_with(MAGIC) {
            return None;
        }
        let version = core::str::from_utf8(bytes.get(VERSION)?).ok()?.trim_ascii_end();
        let text = bytes.get(TEXT)?;
        if text.iter().all(|&byte| byte == UNSET) {
            return Some(Descriptor { version, text: None });
        }
        let (address, rest) = text.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (key_length, digest) = rest.split_first_chunk()?;
        let text = Text {
            address: u32::from_le_bytes(*address),
            length: u32::from_le_bytes(*length),
            key_length: u32::from_le_bytes(*key_length),
            digest: *digest.first_chunk()?,
        };
        Some(Descriptor { version, text: Some(text) })
    }
}

impl Text {
    /// Writes this into a descriptor, in place of what it said.
    pub fn write(&self, descriptor: &mut [u8; LENGTH]) {
        let numbers = [self.address, self.length, self.key_length].map(u32::to_le_bytes);
        let said = numbers.as_flattened().iter().chain(&self.digest);
        for (byte, new) in descriptor.iter_mut().skip(TEXT.start).zip(said) {
            *byte = *new;
        }
    }
}

const fn unbaked() -> [u8; LENGTH] {
    let mut bytes = [UNSET; LENGTH];
    let mut head: &mut [u8] = &mut bytes;
    head = fill(head, MAGIC, MAGIC.len());
    fill(head, env!("CARGO_PKG_VERSION").as_bytes(), VERSION.end.saturating_sub(VERSION.start));
    bytes
}

/// Writes `text` and spaces behind it over the first `length` bytes, and returns the others.
const fn fill<'a>(mut bytes: &'a mut [u8], mut text: &[u8], length: usize) -> &'a mut [u8] {
    let mut at = 0;
    while at < length {
        let Some((byte, behind)) = bytes.split_first_mut() else { return &mut [] };
        *byte = match text.split_first() {
            Some((first, rest)) => {
                text = rest;
                *first
            }
            None => b' ',
        };
        bytes = behind;
        at = at.saturating_add(1);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_was_written() {
        let unbaked = Descriptor::read(&UNBAKED).unwrap();
        assert_eq!(unbaked, Descriptor { version: env!("CARGO_PKG_VERSION"), text: None });
        assert!(!UNBAKED.contains(&0));
        let text = Text { address: 0x0012_0000, length: 700, key_length: 32, digest: [7; 32] };
        let mut bytes = UNBAKED;
        text.write(&mut bytes);
        assert_eq!(Descriptor::read(&bytes), Some(Descriptor { text: Some(text), ..unbaked }));
        bytes[3] = b'x';
        assert_eq!(Descriptor::read(&bytes), None);
    }

    /// A version that does not fit would be cut.
    #[test]
    fn there_is_room_for_the_version() {
        assert!(env!("CARGO_PKG_VERSION").len() <= VERSION.len());
    }
}
