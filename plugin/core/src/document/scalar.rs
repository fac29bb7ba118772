//! What a plain scalar means in YAML 1.1, as go-yaml v2 resolves it (resolve.go, decode.go).

use super::tree::Value;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// How the text marks a scalar's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag<'a> {
    /// Not at all; the flag says whether the scalar is plain, that is neither quoted nor a block.
    None { plain: bool },
    /// A tag of the YAML 1.1 repository, by its suffix: `!!str` is `Core("str")`.
    Core(&'a str),
    /// Any other; such a scalar is text.
    Other,
}

/// Resolves a scalar.
///
/// # Errors
/// The tag's name, when the text is none of its values.
pub(crate) fn resolve<'a>(tag: Tag<'a>, text: &str) -> Result<Value, &'a str> {
    let wanted = match tag {
        Tag::None { plain: false } | Tag::Other => return Ok(literal(text)),
        Tag::None { plain: true } => return Ok(implicit(text)),
        Tag::Core(name) => name,
    };
    let resolved = implicit(text);
    match (wanted, resolved) {
        ("binary", _) => decode_base64(text).map(|text| Value::Text(text.into())).ok_or(wanted),
        ("bool", value @ Value::Bool(_))
        | ("int", value @ Value::Integer(_))
        | ("float", value @ Value::Float(_))
        | ("null", value @ Value::Null) => Ok(value),
        #[expect(clippy::cast_precision_loss, reason = "what `!!float` asks for")]
        ("float", Value::Integer(number)) => Ok(Value::Float(number as f64)),
        ("bool" | "int" | "float" | "null", _) => Err(wanted),
        ("timestamp", _) if !looks_like_date(text) => Err(wanted),
        _ => Ok(literal(text)),
    }
}

fn literal(text: &str) -> Value {
    Value::Text(Box::from(text))
}

/// A plain scalar without a tag. A timestamp stays text, as for every untyped target of go-yaml.
fn implicit(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Value::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Value::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        _ => {}
    }
    match text.bytes().next() {
        Some(b'.') => float(text).map_or_else(|| literal(text), Value::Float),
        Some(b'0'..=b'9' | b'+' | b'-') => number(text).unwrap_or_else(|| literal(text)),
        _ => literal(text),
    }
}

fn number(text: &str) -> Option<Value> {
    let plain: String = text.chars().filter(|&c| c != '_').collect();
    integer(&plain).map(Value::Integer).or_else(|| float(&plain).map(Value::Float))
}

/// Go's `ParseInt(text, 0, 64)`, then `ParseUint`: the prefixes `0x`, `0o`, `0b` and a bare `0`.
fn integer(text: &str) -> Option<i128> {
    let (negative, signed, digits) = match text.as_bytes() {
        [b'-', ..] => (true, true, text.get(1..)?),
        [b'+', ..] => (false, true, text.get(1..)?),
        _ => (false, false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    // Rust takes a second sign where Go does not.
    if !digits.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = i128::from(u64::from_str_radix(digits, radix).ok()?);
    let number = if negative { magnitude.checked_neg()? } else { magnitude };
    // Only without a sign may a number need all 64 bits.
    let fits = i64::try_from(number).is_ok() || !signed;
    fits.then_some(number)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`; what overflows stays text.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (unsigned.get(..at)?, unsigned.get(at.saturating_add(1)..)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if digits.is_empty() || !all_digits(digits) {
            return None;
        }
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The beginning that all of go-yaml's formats of an explicit `!!timestamp` share.
fn looks_like_date(text: &str) -> bool {
    matches!(text.as_bytes(), [a, b, c, d, b'-', ..] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()))
}

/// Standard base64 with padding; line breaks inside are skipped, as Go does.
fn decode_base64(text: &str) -> Option<String> {
    let mut decoded = Vec::new();
    let (mut bits, mut held, mut padding) = (0_u32, 0_u32, 0_u32);
    for byte in text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
        let digit = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
            b'+' => 62,
            b'/' => 63,
            b'=' if held.wrapping_add(padding) >= 2 => {
                padding = padding.wrapping_add(1);
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = (bits << 6) | u32::from(digit);
        held = held.wrapping_add(1);
        if held == 4 {
            decoded.extend(bits.to_be_bytes().into_iter().skip(1));
            (bits, held) = (0, 0);
        }
    }
    match (held, padding) {
        (0, 0) => {}
        (2, 2) => decoded.extend((bits << 12).to_be_bytes().into_iter().skip(1).take(1)),
        (3, 1) => decoded.extend((bits << 6).to_be_bytes().into_iter().skip(1).take(2)),
        _ => return None,
    }
    // Go's JSON encoder replaces what is not UTF-8.
    Some(String::from_utf8_lossy(&decoded).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_mean_what_yaml_1_1_says() {
        let plain = |text| resolve(Tag::None { plain: true }, text).unwrap();
        for (text, value) in [
            ("0x1F", Value::Integer(31)),
            ("0o17", Value::Integer(15)),
            ("017", Value::Integer(15)),
            ("0b11", Value::Integer(3)),
            ("-0x1F", Value::Integer(-31)),
            ("+5", Value::Integer(5)),
            ("1_000", Value::Integer(1000)),
            ("08", Value::Float(8.0)),
            ("18446744073709551615", Value::Integer(18_446_744_073_709_551_615)),
            ("18446744073709551616", Value::Float(18_446_744_073_709_551_616.0)),
            (".5", Value::Float(0.5)),
            ("5.", Value::Float(5.0)),
            ("1e3", Value::Float(1000.0)),
            ("1e999", literal("1e999")),
            ("2020-01-01", literal("2020-01-01")),
            ("+", literal("+")),
            ("--5", literal("--5")),
            ("0x", literal("0x")),
            ("1.2.3", literal("1.2.3")),
            ("yes", Value::Bool(true)),
            ("nO", literal("nO")),
            ("~", Value::Null),
        ] {
            assert_eq!(plain(text), value, "{text}");
        }
    }

    #[test]
    fn a_tag_or_quotes_decide_before_the_text() {
        assert_eq!(resolve(Tag::None { plain: false }, "yes"), Ok(literal("yes")));
        assert_eq!(resolve(Tag::Core("str"), "1"), Ok(literal("1")));
        assert_eq!(resolve(Tag::Core("int"), "3"), Ok(Value::Integer(3)));
        assert_eq!(resolve(Tag::Core("float"), "3"), Ok(Value::Float(3.0)));
        assert_eq!(resolve(Tag::Core("int"), "3.5"), Err("int"));
        assert_eq!(resolve(Tag::Core("null"), "foo"), Err("null"));
        assert_eq!(resolve(Tag::Core("binary"), "aGV5\nIQ=="), Ok(literal("hey!")));
        assert_eq!(resolve(Tag::Core("binary"), "aGV5I"), Err("binary"));
        assert_eq!(resolve(Tag::Other, "1"), Ok(literal("1")));
    }
}
