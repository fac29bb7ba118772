//! The key that digests are made with.

use alloc::vec::Vec;
use core::fmt;

/// The key of `redact.action: hmac`, as a file holds it.
///
/// Neither [`Debug`](fmt::Debug) nor any message shows it, and its memory is overwritten when it is dropped.
///
/// # Examples
/// ```
/// use auditveil_core::Key;
///
/// let key = Key::from_file(b"5b1f0c7e9a2d4468b3f1e0d9c8b7a695\n").unwrap();
/// assert_eq!(format!("{key:?}"), "Key { .. }");
/// assert!(Key::from_file(b"hunter2\n").is_err());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    bytes: Vec<u8>,
}

/// Why the content of a file is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoKey {
    /// It is shorter than 32 bytes, line ends at its end not counted.
    TooShort,
    /// It is longer than 4 KiB: some other file.
    TooLong,
}

impl fmt::Display for NoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl core::error::Error for NoKey {}

impl NoKey {
    pub(super) const fn text(self) -> &'static str {
        match self {
            NoKey::TooShort => "a key has at least 32 bytes",
            NoKey::TooLong => "a key has at most 4,096 bytes",
        }
    }
}

impl Key {
    /// The fewest bytes of a key: as many as SHA-256 gives (RFC 2104, section 3), or 128 bits in hex.
    pub const SHORTEST: usize = 32;
    /// The most bytes.
    pub const LONGEST: usize = 4096;

    /// The key that a file holds: all of it, but for line ends at its end, which editors and shells put there.
    ///
    /// # Errors
    /// The key is too short to be one, or too long.
    pub fn from_file(content: &[u8]) -> Result<Key, NoKey> {
        let mut bytes = content;
        while let [rest @ .., b'\n' | b'\r'] = bytes {
            bytes = rest;
        }
        match bytes.len() {
            ..Key::SHORTEST => Err(NoKey::TooShort),
            Key::SHORTEST..=Key::LONGEST => Ok(Key { bytes: bytes.to_vec() }),
            _ => Err(NoKey::TooLong),
        }
    }

    /// The bytes of the key, for whoever has to keep it: they are secret.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key { .. }")
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.bytes.fill(0);
        // What nobody reads need not be written: somebody might read this.
        core::hint::black_box(&mut self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_no_part_of_it() {
        let hex = b"5b1f0c7e9a2d4468b3f1e0d9c8b7a695";
        for end in ["", "\n", "\r\n", "\n\n"] {
            let key = Key::from_file(&[hex, end.as_bytes()].concat()).unwrap();
            assert_eq!(key.expose(), hex);
        }
        assert_eq!(Key::from_file(&[&hex[1..], b"\n\n"].concat()), Err(NoKey::TooShort));
        assert_eq!(Key::from_file(b""), Err(NoKey::TooShort));
        assert!(Key::from_file(&[b'x'; 4096]).is_ok());
        assert_eq!(Key::from_file(&[b'x'; 4097]), Err(NoKey::TooLong));
    }
}
