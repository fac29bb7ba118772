//! Timestamps as Kubernetes writes them: RFC 3339.

/// Microseconds since 1970; `None` if `text` is no RFC 3339 timestamp. What is finer than that is cut off.
pub(crate) fn micros(text: &[u8]) -> Option<i64> {
    let (date, rest) = text.split_at_checked(19)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T' | b't', h1, h2, b':', n1, n2, b':', s1, s2] = *date
    else {
        return None;
    };
    let year = number(&[y1, y2, y3, y4])?;
    let (month, day) = (number(&[m1, m2])?, number(&[d1, d2])?);
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[n1, n2])?, number(&[s1, s2])?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (fraction, zone) = match rest.strip_prefix(b".") {
        None => (0, rest),
        Some(rest) => {
            let digits = rest.iter().take_while(|digit| digit.is_ascii_digit()).count();
            let (fraction, zone) = rest.split_at_checked(digits)?;
            if fraction.is_empty() {
                return None;
            }
            let digits = fraction.iter().chain(core::iter::repeat(&b'0')).take(6);
            (digits.fold(0_i64, |sum, &digit| add_digit(sum, digit)), zone)
        }
    };
    let offset = match *zone {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let minutes = number(&[h1, h2])?.wrapping_mul(60).wrapping_add(number(&[m1, m2])?);
            if sign == b'-' { minutes.wrapping_neg() } else { minutes }
        }
        _ => return None,
    };
    let minutes = hour.wrapping_mul(60).wrapping_add(minute).wrapping_sub(offset);
    let seconds = days(year, month, day)
        .wrapping_mul(86_400)
        .wrapping_add(minutes.wrapping_mul(60))
        .wrapping_add(second);
    Some(seconds.wrapping_mul(1_000_000).wrapping_add(fraction))
}

/// Microseconds from one timestamp to another that is not before it.
pub(super) fn between(from: &[u8], to: &[u8]) -> Option<u64> {
    let whole = || u64::try_from(micros(to)?.wrapping_sub(micros(from)?)).ok();
    // Nearly always both are of the same minute, spelled as Kubernetes spells them.
    let (Some((minute, from)), Some((other, to))) =
        (from.split_first_chunk::<17>(), to.split_first_chunk::<17>())
    else {
        return whole();
    };
    match (of_minute(from), of_minute(to)) {
        (Some(before), Some(after)) if minute == other && before <= after && is_minute(minute) => {
            Some(u64::from(after.wrapping_sub(before)))
        }
        _ => whole(),
    }
}

/// Whether this is the beginning of a timestamp, up to the colon behind the minute.
fn is_minute(minute: &[u8; 17]) -> bool {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':'] = *minute else {
        return false;
    };
    let pair =
        |high: u8, low: u8| high.wrapping_sub(b'0').wrapping_mul(10).wrapping_add(low.wrapping_sub(b'0'));
    are_digits(u64::from_le_bytes([y1, y2, y3, y4, m1, m2, d1, d2]))
        && are_digits(u64::from_le_bytes([h1, h2, n1, n2, b'0', b'0', b'0', b'0']))
        && matches!(pair(m1, m2), 1..=12)
        && matches!(pair(d1, d2), 1..=31)
        && pair(h1, h2) < 24
}

/// Microseconds of a minute, as in `11.366620Z`; seconds up to 60, as [`micros`] has them.
#[inline(always)]
fn of_minute(text: &[u8]) -> Option<u32> {
    let [s1, s2, b'.', f1, f2, f3, f4, f5, f6, b'Z'] =
        *text.first_chunk::<10>().filter(|_| text.len() == 10)?
    else {
        return None;
    };
    let digits = u64::from_le_bytes([s1, s2, f1, f2, f3, f4, f5, f6]);
    let number = eight_digits(digits);
    (are_digits(digits) && number <= 60_999_999).then_some(number)
}

/// Whether all eight bytes are digits: their upper halves are 3, and stay so when 6 is added.
const fn are_digits(word: u64) -> bool {
    const UPPER: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    (word & UPPER) | (word.wrapping_add(0x0606_0606_0606_0606) & UPPER) >> 4 == 0x3333_3333_3333_3333
}

/// The number that eight digits are, the first one lowest: neighbours are put together, two, then four, then eight.
const fn eight_digits(word: u64) -> u32 {
    let ones = word.wrapping_sub(0x3030_3030_3030_3030);
    let pairs = ones.wrapping_mul(10).wrapping_add(ones >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_FFFF_0000_FFFF;
    fours.wrapping_mul(10_000).wrapping_add(fours >> 32) as u32
}

/// Days since 1970 in the Gregorian calendar. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
/// `days_from_civil`; the year begins in March, so that the odd day is its last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year.wrapping_sub(1) } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let month = month.wrapping_add(9) % 12;
    let of_year = month.wrapping_mul(153).wrapping_add(2) / 5;
    let day = of_year.wrapping_add(day).wrapping_sub(1);
    let leap = (of_era / 4).wrapping_sub(of_era / 100);
    era.wrapping_mul(146_097)
        .wrapping_add(of_era.wrapping_mul(365))
        .wrapping_add(leap)
        .wrapping_add(day)
        .wrapping_sub(719_468)
}

fn number(digits: &[u8]) -> Option<i64> {
    let all = digits.iter().all(u8::is_ascii_digit);
    all.then(|| digits.iter().fold(0, |sum, &digit| add_digit(sum, digit)))
}

fn add_digit(sum: i64, digit: u8) -> i64 {
    sum.wrapping_mul(10).wrapping_add(i64::from(digit.wrapping_sub(b'0')))
}

#[cfg(test)]
mod tests {
    use super::{between, micros};

    #[test]
    fn differences() {
        let times = [
            "2026-11-20T07:39:11.366620Z",
            "2026-11-20T07:39:11.866620Z",
            "2026-11-20T07:39:60.000001Z",
            "2026-11-20T07:40:00.000001Z",
            "2026-11-20T07:39:61.000001Z",
            "2026-11-20T07:39:11Z",
            "2026-13-20T07:39:11.366620Z",
            "2026-11-20T24:39:11.366620Z",
            "2026-11-20T07:39:11.366620+01:00",
            "2026-11-20T07:39:11.36662xZ",
            "2026-11-20",
            "",
        ];
        for (from, to) in times.iter().flat_map(|from| times.iter().map(move |to| (from, to))) {
            let micros = |text: &str| micros(text.as_bytes());
            let expected = micros(from).zip(micros(to)).and_then(|(from, to)| u64::try_from(to - from).ok());
            assert_eq!(between(from.as_bytes(), to.as_bytes()), expected, "{from} {to}");
        }
    }

    #[test]
    fn timestamps() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-11-20T07:39:11.366620Z", Some(1_795_160_351_366_620)),
            ("2026-11-20T08:39:11.366620+01:00", Some(1_795_160_351_366_620)),
            ("2024-02-29T23:59:59.9999999Z", Some(1_709_251_199_999_999)),
            ("2000-03-01T00:00:00.5Z", Some(951_868_800_500_000)),
            ("1969-12-31T23:59:59Z", Some(-1_000_000)),
            ("2026-13-20T07:39:11Z", None),
            ("2026-11-20T07:39:11", None),
            ("2026-11-20T07:39:11.Z", None),
            ("2026-11-20 07:39:11Z", None),
            ("20x6-11-20T07:39:11Z", None),
            ("", None),
        ] {
            assert_eq!(micros(text.as_bytes()), expected, "{text}");
        }
    }
}
