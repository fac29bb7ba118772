//! RFC 3339, as Go reads it.

/// `time.Parse(time.RFC3339, …)` of Go, which takes a fraction of any length.
pub(super) fn is_rfc3339(text: &str) -> bool {
    parse_rfc3339(text.as_bytes()).is_some()
}

fn parse_rfc3339(text: &[u8]) -> Option<()> {
    let number = |digits: &[u8], highest: u32| -> Option<u32> {
        let number: u32 = core::str::from_utf8(digits)
            .ok()
            .filter(|_| digits.iter().all(u8::is_ascii_digit))?
            .parse()
            .ok()?;
        (number <= highest).then_some(number)
    };
    let (date, rest) = text.split_at_checked(10)?;
    let [y @ .., b'-', m1, m2, b'-', d1, d2] = date else { return None };
    let (year, month, day) = (number(y, 9999)?, number(&[*m1, *m2], 12)?, number(&[*d1, *d2], 31)?);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        0 => 0,
        _ => 31,
    };
    if day == 0 || day > days {
        return None;
    }
    let (time, zone) = rest.split_at_checked(9)?;
    let [b'T', h1, h2, b':', m1, m2, b':', s1, s2] = time else { return None };
    number(&[*h1, *h2], 23)?;
    number(&[*m1, *m2], 59)?;
    number(&[*s1, *s2], 59)?;
    let zone = match zone {
        [b'.' | b',', fraction @ ..] => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            fraction.get(digits..)?
        }
        zone => zone,
    };
    match zone {
        [b'Z'] => Some(()),
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            number(&[*h1, *h2], 24)?;
            number(&[*m1, *m2], 60).map(|_| ())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_takes() {
        for time in [
            "2020-02-29T23:59:59Z",
            "2020-01-01T00:00:00.123456789123Z",
            "2020-01-01T00:00:00,5+14:00",
            "0000-01-01T00:00:00-00:00",
        ] {
            assert!(is_rfc3339(time), "{time}");
        }
        for time in [
            "",
            "2020-01-01",
            "2019-02-29T00:00:00Z",
            "2020-00-01T00:00:00Z",
            "2020-01-01T24:00:00Z",
            "2020-01-01T00:00:60Z",
            "2020-01-01t00:00:00Z",
            "2020-01-01T00:00:00",
            "2020-01-01T00:00:00.Z",
            "2020-01-01T00:00:00+1400",
            "2020-01-01T00:00:00Z ",
            "é020-01-01T00:00:00Z",
        ] {
            assert!(!is_rfc3339(time), "{time}");
        }
    }
}
