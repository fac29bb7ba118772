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
    use super::micros;

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
