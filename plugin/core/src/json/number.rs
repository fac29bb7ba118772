//! Cold: numbers that are valid JSON and that readers with doubles cannot hold.

/// The length up to which a number without an exponent is no larger than a double can be.
pub(crate) const SAFE_LENGTH: usize = 308;

/// The largest exponent of ten of a double, and its digits there; from the second on it is rounded to infinity.
const EXPONENT: i64 = 308;
const INFINITE: &[u8] = b"17976931348623158";

/// Whether `text` is a number of JSON whose nearest double is infinite, as that of `1e400` is.
///
/// Numbers between `1.7976931348623158e308` and what is really rounded to infinity, a hundredth of a unit in the
/// last place above it, are taken for such too.
#[cold]
#[inline(never)]
pub(crate) fn is_beyond_double(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    // Digits are many where somebody wants this to be slow.
    let whole = digits(text, 0);
    let mantissa = match text.get(whole) {
        Some(b'.') => digits(text, whole.wrapping_add(1)),
        _ => whole,
    };
    let (mantissa, exponent) = text.split_at_checked(mantissa).unwrap_or_default();
    let Some(exponent) = parse_exponent(exponent) else { return false };
    let point = whole;
    let is_digit = |byte: &u8| matches!(byte, b'1'..=b'9');
    let Some(first) = mantissa.iter().position(is_digit) else { return false };
    // The place of the first digit that is not zero: 0 for that before the point.
    let place = (point as i64).wrapping_sub(first as i64);
    let place = if first < point { place.wrapping_sub(1) } else { place };
    let power = exponent.saturating_add(place);
    if power != EXPONENT {
        return power > EXPONENT;
    }
    let digits = mantissa.iter().skip(first).filter(|byte| **byte != b'.').chain(core::iter::repeat(&b'0'));
    digits.take(INFINITE.len()).ge(INFINITE)
}

/// The end of the digits that begin at `at`, eight at a time.
fn digits(text: &[u8], at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // A digit has 3 above its low half, and stays below 0x40 when 6 is added.
    let all = |word: u64| {
        let six = word.wrapping_add(ONES.wrapping_mul(6));
        ((word ^ ONES.wrapping_mul(0x30)) | (six ^ ONES.wrapping_mul(0x30))) & ONES.wrapping_mul(0xf0) == 0
    };
    let mut rest = text.get(at..).unwrap_or_default();
    while let Some((word, behind)) = rest.split_first_chunk::<8>()
        && all(u64::from_le_bytes(*word))
    {
        rest = behind;
    }
    while let Some((b'0'..=b'9', behind)) = rest.split_first() {
        rest = behind;
    }
    text.len().wrapping_sub(rest.len())
}

/// The number behind `e` or `E`, 0 if there is nothing; `None` if it is no exponent.
fn parse_exponent(text: &[u8]) -> Option<i64> {
    let [b'e' | b'E', text @ ..] = text else { return text.is_empty().then_some(0) };
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // More than any mantissa has digits.
    const MOST: i64 = 1 << 40;
    let add = |sum: i64, digit: &u8| {
        sum.wrapping_mul(10).wrapping_add(i64::from(digit.wrapping_sub(b'0'))).min(MOST)
    };
    let number = digits.iter().fold(0, add);
    Some(if negative { number.wrapping_neg() } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use proptest::prelude::*;

    #[test]
    fn the_edge_of_doubles() {
        let digits = "9".repeat(309);
        let shorter = "9".repeat(308);
        let zeros = "0".repeat(400);
        let point = alloc::format!("0.{zeros}1e710");
        let small = alloc::format!("0.{zeros}1e500");
        for number in
            ["1e400", "-1e400", "1E+309", "1.7976931348623159e308", "0.1e310", "10e308", &digits, &point]
        {
            assert!(is_beyond_double(number.as_bytes()), "{number}");
        }
        for number in [
            "0e999",
            "0.0e99999999999999999999",
            "1e308",
            "1.7976931348623157e308",
            "1.7976931348623157081e308",
            "1e-400",
            "17976931348623157e292",
            "1e-99999999999999999999",
            &shorter,
            &small,
            "",
            "e5",
            "1e",
            "1ex",
        ] {
            assert!(!is_beyond_double(number.as_bytes()), "{number}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_standard_library(
            whole in "(0|[1-9][0-9]{0,9})", fraction in "([.][0-9]{1,20})?", exponent in prop_oneof![290..330_i64, -20..20_i64, any::<i64>()]
        ) {
            let number: String = alloc::format!("{whole}{fraction}e{exponent}");
            let double: f64 = number.parse().unwrap();
            prop_assert_eq!(is_beyond_double(number.as_bytes()), double.is_infinite(), "{}", number);
        }
    }
}
