//! Hex digits for people: white space and `#` comments count for nothing.

use crate::Error;

/// The bytes that a `.hex` file spells.
///
/// # Errors
///
/// A character that is no hex digit, or an odd number of digits.
pub fn decode(text: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut high: Option<u8> = None;
    for (number, line) in text.lines().enumerate() {
        let digits = line.split('#').next().unwrap_or_default();
        for character in digits.chars().filter(|character| !character.is_whitespace()) {
            let digit = character
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
                .ok_or_else(|| Error::new(format!("line {}: `{character}` is no hex digit", number + 1)))?;
            match high.take() {
                Some(high) => bytes.push(high << 4 | digit),
                None => high = Some(digit),
            }
        }
    }
    match high {
        Some(_) => Err(Error::new("odd number of hex digits")),
        None => Ok(bytes),
    }
}

/// The same bytes as lines of 32, each with its printable characters as a comment.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for line in bytes.chunks(32) {
        let digits: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        let shown: String = line
            .iter()
            .map(|byte| if byte.is_ascii_graphic() && *byte != b'#' { char::from(*byte) } else { '.' })
            .collect();
        text.push_str(&format!("{:<95}  # {shown}\n", digits.join(" ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&bytes)), Ok(bytes));
    }

    #[test]
    fn comments_and_space_count_for_nothing() {
        assert_eq!(decode("81 a3 # ab\n  6C6f\t67\n"), Ok(vec![0x81, 0xa3, 0x6c, 0x6f, 0x67]));
        assert!(decode("8").is_err());
        assert!(decode("8x").is_err());
    }
}
