//! The time an event carries, as Fluent Bit should have understood it.

use auditveil_tests::json;

/// Microseconds since 1970 in `stageTimestamp`, if the event has one that is well formed.
pub(super) fn of_event(text: &str) -> Option<i64> {
    let members = json::members(text).ok()?;
    parse(&json::unescape(json::member(&members, "stageTimestamp")?))
}

/// Whether the event has a time that is a string and no time.
pub(super) fn is_unreadable(text: &str) -> bool {
    let members = json::members(text).unwrap_or_default();
    let time = json::member(&members, "stageTimestamp");
    time.is_some_and(|time| time.starts_with('"')) && of_event(text).is_none()
}

/// Microseconds since 1970 in a line of the output format that shows times:
/// `tag: [seconds.nanoseconds, {…}]`.
pub(super) fn of_line(line: &str) -> Option<i64> {
    let (_, rest) = line.split_once(": [")?;
    let (time, _) = rest.split_once(',')?;
    let (seconds, nanoseconds) = time.split_once('.')?;
    // The host computes the fraction as a double, so the last digits may be off.
    let micros = nanoseconds.parse::<i64>().ok()?.saturating_add(500).checked_div(1_000)?;
    seconds.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(micros)
}

/// `2026-01-02T03:04:05.678901Z`, the one form an API server writes.
pub(super) fn parse(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (clock, fraction) = time.split_once('.')?;
    let mut date = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let seconds =
        clock.split(':').try_fold(0_i64, |sum, part| sum.checked_mul(60)?.checked_add(part.parse().ok()?))?;
    let micros: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    let days = days_since_1970(year, month, day)?;
    days.checked_mul(86_400)?.checked_add(seconds)?.checked_mul(1_000_000)?.checked_add(micros)
}

/// Civil date to days, the year taken to begin in March:
/// <https://howardhinnant.github.io/date_algorithms.html#days_from_civil>.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let from_march = month.checked_add(9)?.checked_rem(12)?;
    let of_year =
        from_march.checked_mul(153)?.checked_add(2)?.checked_div(5)?.checked_add(day)?.checked_sub(1)?;
    let of_era =
        of_era.checked_mul(365)?.checked_add(of_era / 4)?.checked_sub(of_era / 100)?.checked_add(of_year)?;
    era.checked_mul(146_097)?.checked_add(of_era)?.checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(parse("1970-01-01T00:00:00.000001Z"), Some(1));
        assert_eq!(parse("2026-11-20T07:39:11.366620Z"), Some(1_795_160_351_366_620));
        assert_eq!(parse("2024-02-29T12:00:00.5Z"), Some(1_709_208_000_500_000));
        assert_eq!(parse("yesterday"), None);
        assert_eq!(of_line("kube.audit: [1795160351.366619999, {}]"), Some(1_795_160_351_366_620));
        assert!(is_unreadable(r#"{"stageTimestamp":"[REDACTED]"}"#));
        assert!(
            !is_unreadable("{}") && !is_unreadable(r#"{"stageTimestamp":"1970-01-01T00:00:01.000000Z"}"#)
        );
        assert_eq!(of_event(r#"{"stageTimestamp":"1970-01-01T00:00:01.000000Z"}"#), Some(1_000_000));
    }
}
