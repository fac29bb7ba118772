//! Parameters of a `requestURI`, as Go's `url.ParseQuery` reads them.

use crate::json::find;
use crate::memory::push;
use alloc::vec::Vec;

/// The parameters, name and value, encoded as they are.
fn parameters(uri: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let query = uri.get(find::byte(uri, 0, b'?').wrapping_add(1)..);
    let mut rest = query.unwrap_or_default();
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let part;
        (part, rest) = rest.split_at_checked(find::byte(rest, 0, b'&'))?;
        rest = rest.get(1..).unwrap_or_default();
        let (name, value) = part.split_at_checked(find::byte(part, 0, b'='))?;
        Some((name, value.get(1..).unwrap_or_default()))
    })
}

/// The values of the parameter `name`, in their order, encoded as they are.
pub(super) fn values<'a>(uri: &'a [u8], name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let named = parameters(uri).filter(move |(this, _)| is(this, name));
    // Go passes over a part with a semicolon.
    named.filter(|(this, value)| !this.contains(&b';') && !value.contains(&b';')).map(|(_, value)| value)
}

/// Whether `encoded` stands for `text`.
pub(super) fn is(encoded: &[u8], text: &[u8]) -> bool {
    // Nothing is shorter encoded, and none of the texts that are asked for holds a sign that is.
    encoded == text || encoded.len() > text.len() && Decoded { encoded }.eq(text.iter().copied())
}

/// Appends what `encoded` stands for; `false` if there is no memory.
pub(super) fn decode(encoded: &[u8], out: &mut Vec<u8>) -> bool {
    Decoded { encoded }.all(|byte| push(out, byte))
}

/// The bytes that an encoded text stands for; what is no encoding stands for itself.
struct Decoded<'a> {
    encoded: &'a [u8],
}

impl Iterator for Decoded<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let digit = |digit: &u8| char::from(*digit).to_digit(16);
        let (byte, rest) = match self.encoded {
            [] => return None,
            [b'+', rest @ ..] => (b' ', rest),
            [b'%', high, low, rest @ ..] => match (digit(high), digit(low)) {
                (Some(high), Some(low)) => ((high << 4 | low) as u8, rest),
                _ => (b'%', self.encoded.get(1..).unwrap_or_default()),
            },
            [byte, rest @ ..] => (*byte, rest),
        };
        self.encoded = rest;
        Some(byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded() {
        let uri = b"/a?command=sh&c%6fmmand=a+b%20c%2&x;y&command&=1&command=[REDACTED]";
        let found: Vec<Vec<u8>> = values(uri, b"command")
            .map(|value| {
                let mut text = Vec::new();
                assert!(decode(value, &mut text));
                text
            })
            .collect();
        assert_eq!(found, [&b"sh"[..], b"a b c%2", b"", b"[REDACTED]"]);
        assert_eq!(values(b"/a", b"command").count(), 0);
        assert!(is(b"A%6cl", b"All") && !is(b"Al", b"All") && !is(b"Alll", b"All"));
    }
}
