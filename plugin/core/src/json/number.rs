//! Cold: numbers as doubles, and those that are valid JSON and that readers with doubles cannot hold.
//!
//! The standard library's own parser has ways to a panic that a compiler cannot rule out.

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

/// The powers of ten that a double holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// The double that a number of JSON is, which may have white space around it; `None` if it is no number.
///
/// It is the nearest one if its digits, as a whole number, are no larger than 2^53 and are to be multiplied or divided
/// by no more than 1e22. Others are off by a few units in the last place: digits behind the 19th do not count, and
/// what is multiplied more than once is rounded more than once. What is too large is infinite, what is too small is zero.
#[cold]
#[inline(never)]
pub(crate) fn to_double(text: &[u8]) -> Option<f64> {
    let text = text.trim_ascii();
    let (negative, text) = match text {
        [b'-', text @ ..] => (true, text),
        text => (false, text),
    };
    let whole = digits(text, 0);
    let end = match text.get(whole) {
        Some(b'.') => digits(text, whole.wrapping_add(1)),
        _ => whole,
    };
    let (mantissa, exponent) = text.split_at_checked(end)?;
    if matches!(mantissa, [] | [b'.', ..] | [.., b'.'] | [b'0', b'0'..=b'9', ..]) {
        return None;
    }
    let (sum, exponent) = significant(mantissa, parse_exponent(exponent)?);
    let double = scale(sum as f64, exponent);
    Some(if negative { -double } else { double })
}

/// Up to 19 digits as a whole number that does not end in zero, and the power of ten that it is to be multiplied by.
fn significant(mantissa: &[u8], mut exponent: i64) -> (u64, i64) {
    // One more digit fits as long as it is smaller.
    const FULL: u64 = 1_000_000_000_000_000_000;
    let mut sum: u64 = 0;
    let mut fraction = false;
    for byte in mantissa {
        if *byte == b'.' {
            fraction = true;
        } else if sum < FULL {
            sum = sum.wrapping_mul(10).wrapping_add(u64::from(byte.wrapping_sub(b'0')));
            exponent = exponent.wrapping_sub(i64::from(fraction));
        } else {
            exponent = exponent.wrapping_add(i64::from(!fraction));
        }
    }
    while sum != 0 && sum.is_multiple_of(10) {
        sum /= 10;
        exponent = exponent.wrapping_add(1);
    }
    (sum, exponent)
}

/// A number times a power of ten.
fn scale(mut double: f64, exponent: i64) -> f64 {
    let mut left = exponent.unsigned_abs();
    // After some fifteen steps it is infinite or zero.
    while left != 0 && double != 0.0 && double.is_finite() {
        let step = left.min(22);
        left = left.wrapping_sub(step);
        let power = POWERS.get(step as usize).copied().unwrap_or(1.0);
        double = if exponent < 0 { double / power } else { double * power };
    }
    double
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

    #[test]
    fn doubles() {
        let zeros = "0".repeat(400);
        let small = alloc::format!("0.{zeros}1e401");
        let large = alloc::format!("1{zeros}e-400");
        for number in [
            "0",
            "-0",
            "0.0",
            "-0.0e5",
            "0e999999999999999999999",
            "1",
            "-1",
            "0.1",
            "-0.5",
            "10.50",
            "1e5",
            "1E+5",
            "1e-5",
            "1e22",
            "1e23",
            "1e-22",
            "123456789012345.00000000",
            "0.30000000000000000000",
            "100000000000000000000000",
            "9007199254740992",
            "9007199254740993",
            "18446744073709551615",
            "1e400",
            "-1e400",
            "1e99999999999999999999",
            "1e-400",
            "-1e-99999999999999999999",
            " 7\n",
            &small,
            &large,
        ] {
            let expected: f64 = number.trim().parse().unwrap();
            let found = to_double(number.as_bytes()).unwrap();
            assert_eq!(found.to_bits(), expected.to_bits(), "{number}: {found}");
        }
        for text in [
            "", " ", "-", "+1", ".5", "1.", "-.", "1.e5", "e5", "1e", "1e+", "01", "-00", "1x", "1 2",
            "1e5x", "--1", "1.2.3", "NaN", "-inf", "0x10", "1_0",
        ] {
            assert_eq!(to_double(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn short_numbers_are_the_nearest_doubles(
            digits in 0..1_000_000_000_000_000_u64, point in 0..8_usize, exponent in -14..=22_i32, sign in "-?"
        ) {
            let mut number = alloc::format!("{digits:08}");
            number.insert(number.len() - point, '.');
            let number = number.trim_start_matches('0').trim_end_matches('.');
            let zero = if number.starts_with('.') || number.is_empty() { "0" } else { "" };
            let number = alloc::format!("{sign}{zero}{number}e{exponent}");
            let expected: f64 = number.parse().unwrap();
            prop_assert_eq!(to_double(number.as_bytes()).map(f64::to_bits), Some(expected.to_bits()), "{}", number);
        }

        #[test]
        fn long_numbers_are_near(
            whole in "(0|[1-9][0-9]{0,30})", fraction in "([.][0-9]{1,30})?", exponent in -250..250_i32
        ) {
            let number = alloc::format!("{whole}{fraction}e{exponent}");
            let expected: f64 = number.parse().unwrap();
            let found = to_double(number.as_bytes()).unwrap();
            prop_assert!((found - expected).abs() <= expected.abs() * 1e-14, "{}: {}", number, found);
        }

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
