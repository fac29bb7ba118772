//! Whether a text holds something planted, in any spelling it could have taken on the way.

use auditveil_tests::json;
use memchr::memmem;

/// As often as text can be in text, and once more.
const LEVELS: usize = 6;

/// In which spelling `text` holds `secret`, which is made of letters and digits.
pub(super) fn find(text: &[u8], secret: &str) -> Option<&'static str> {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut spellings = vec![("plain", secret.to_owned()), ("hex", hex.clone()), ("hex", hex.to_uppercase())];
    for shift in 0..3 {
        let encoded = base64(&[&vec![b'x'; shift], secret.as_bytes()].concat());
        // The digits at both ends depend on what stands beside the secret.
        let first = [0, 2, 3].get(shift).copied().unwrap_or_default();
        let last = encoded.len().saturating_sub(4);
        spellings.push(("base64", encoded.get(first..last).unwrap_or_default().to_owned()));
    }
    let mut level = String::from_utf8_lossy(text).into_owned();
    for _ in 0..LEVELS {
        for (name, spelling) in &spellings {
            if memmem::find(level.as_bytes(), spelling.as_bytes()).is_some() {
                return Some(name);
            }
        }
        if !level.contains('\\') {
            return None;
        }
        level = json::unescape(&format!("\"{level}\""));
    }
    None
}

/// The standard alphabet, padded.
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            (0..3).fold(0_usize, |word, at| word << 8 | usize::from(chunk.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let digit = DIGITS.get((word >> (18 - 6 * at)) & 63).copied().unwrap_or(b'=');
            out.push(if at <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_every_spelling() {
        let secret = "Zq7aB3dE5gH7jK9mN1";
        assert_eq!(base64(b"ab"), "YWI=");
        for around in ["", "u", "us", "use"] {
            let text = base64(format!("{around}{secret}{around}x").as_bytes());
            assert_eq!(find(text.as_bytes(), secret), Some("base64"), "{around}");
        }
        let escaped = json::escape(&json::escape(r#"a\u005aq7aB3dE5gH7jK9mN1"#));
        assert_eq!(find(escaped.as_bytes(), secret), Some("plain"));
        assert_eq!(find(b"5a71376142336445356748376a4b396d4e31", secret), Some("hex"));
        assert_eq!(find(b"\\\\\\ nothing \\u", secret), None);
    }
}
