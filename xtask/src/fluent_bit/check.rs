//! What is asked of a pipeline: everything comes out, as the core answered it, and nothing else.

use super::event_time;
use super::host::{Written, size};
use super::oracle::Expected;
use crate::answers::compare::Difference;
use crate::answers::findings::{Findings, Needles, is_stamped, lines};
use crate::failure::Result;
use auditveil_tests::msgpack::Answer;

/// How a line of the output is held against the answer.
pub(super) type Compare = fn(&str, &Answer) -> std::result::Result<(), Difference>;

/// Every expected event in order, the same event, its time, no needle, no error in the host's log.
pub(super) fn everything(
    name: &str,
    written: &Written,
    expected: &Expected,
    needles: &Needles,
    compare: Compare,
) -> Result<()> {
    let mut findings = Findings::new(name);
    // The host complains once about each event whose time it cannot read, and takes the time of
    // reading instead. Only an event that was cut in its time, or a fake one, has such a time.
    let unreadable = expected.answers.iter().filter(|answer| event_time::is_unreadable(&answer.text)).count();
    let complaints = written.errors.iter().filter(|error| error.contains("[parser] cannot parse '")).count();
    findings.number_at_most("complaints about times", complaints, unreadable);
    errors(&mut findings, written, |error| !error.contains("[parser] cannot parse '"));
    findings.leaks(&written.events, needles);
    findings.number("events", lines(&written.events).count(), expected.answers.len());
    for (at, (line, answer)) in lines(&written.events).zip(&expected.answers).enumerate() {
        let compared = match std::str::from_utf8(line) {
            Ok(line) => compare(line, answer),
            Err(_) => Err("not UTF-8".to_owned()),
        };
        if let Err(difference) = compared {
            findings.add(format!("event {}: {difference}", at.saturating_add(1)));
        }
    }
    let mut timed = 0_usize;
    for (at, (line, answer)) in lines(&written.timed).zip(&expected.answers).enumerate() {
        let Some(event) = event_time::of_event(&answer.text) else { continue };
        timed = timed.saturating_add(1);
        // What the host's parser refuses has the time of reading.
        let refused = String::from_utf8_lossy(line).contains(r#", {"log":"#);
        if !refused && event_time::of_line(&String::from_utf8_lossy(line)) != Some(event) {
            findings.add(format!("event {}: not its own time", at.saturating_add(1)));
        }
    }
    findings.end()?;
    println!(
        "ok    {name}: {} events, {} dropped by policy, {timed} times, no needle of {}; {} CPU s, {} at most",
        expected.answers.len(),
        expected.dropped,
        needles.len(),
        written.cost.cpu,
        size(written.cost.peak_memory),
    );
    Ok(())
}

/// For pipelines that lose records by design: nothing unstamped and no needle. Says what was lost.
pub(super) fn nothing_bare(name: &str, log: &[u8], written: &Written, needles: &Needles) -> Result<()> {
    let mut findings = Findings::new(name);
    findings.leaks(&written.events, needles);
    for (at, line) in lines(&written.events).enumerate() {
        if !is_stamped(line) {
            findings.add(format!("event {}: came out without the stamp", at.saturating_add(1)));
        }
    }
    findings.end()?;
    let (read, came) = (lines(log).count(), lines(&written.events).count());
    println!(
        "ok    {name}: nothing without the stamp, no needle; {came} of {read} events came out; \
         {} CPU s, {} at most",
        written.cost.cpu,
        size(written.cost.peak_memory),
    );
    Ok(())
}

/// For guests that fail: nothing at all may come out.
pub(super) fn nothing(name: &str, written: &Written) -> Result<()> {
    let mut findings = Findings::new(name);
    findings.number("events", lines(&written.events).count(), 0);
    findings.end()?;
    println!("ok    {name}: nothing came out");
    Ok(())
}

/// For pipelines whose cost is measured: they did their work.
pub(super) fn something_from_each_line(name: &str, log: &[u8], written: &Written) -> Result<()> {
    let mut findings = Findings::new(name);
    errors(&mut findings, written, |_| true);
    findings.number("events", lines(&written.events).count(), lines(log).count());
    findings.end()
}

fn errors(findings: &mut Findings<'_>, written: &Written, counts: fn(&str) -> bool) {
    for error in written.errors.iter().filter(|error| counts(error)) {
        findings.add(format!("the host logged: {error}"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::compare;
    use super::*;
    use crate::measure::Cost;

    fn written(events: &str) -> Written {
        let cost = Cost { cpu: 0.0, peak_memory: 0 };
        Written { events: events.into(), timed: Vec::new(), errors: Vec::new(), cost }
    }

    #[test]
    fn every_check_can_fail() {
        let needles = Needles::new(vec!["c2VjcmV0".to_owned()]).unwrap();
        let answer = |text: &str| Answer { text: text.to_owned(), moved: Vec::new() };
        let expected = Expected { answers: vec![answer(r#"{"a":1}"#), answer(r#"{"a":2}"#)], dropped: 0 };
        let fine = "{\"a\":1,\"auditveil_version\":\"1\"}\n{\"a\":2,\"auditveil_version\":\"1\"}\n";
        let check = |written: &Written| everything("x", written, &expected, &needles, compare::shipped);
        check(&written(fine)).unwrap();

        let swapped = fine.replace(":1,", ":3,").replace(":2,", ":1,").replace(":3,", ":2,");
        assert!(check(&written(&swapped)).unwrap_err().what().contains("2 findings"));
        assert!(check(&written("")).unwrap_err().what().contains("0 events came out"));
        assert!(
            check(&written(&fine.replace(":2", ":\"c2VjcmV0\""))).unwrap_err().what().contains("got through")
        );
        let mut noisy = written(fine);
        noisy.errors.push("[error] x".to_owned());
        assert!(check(&noisy).is_err());
        let mut late = written(fine);
        late.timed = b"kube.audit: [1.000000000, {}]\n".to_vec();
        check(&late).unwrap();
        let timed =
            Expected { answers: vec![answer(r#"{"stageTimestamp":"1970-01-01T00:00:02.0Z"}"#)], dropped: 0 };
        let mut line =
            written("{\"stageTimestamp\":\"1970-01-01T00:00:02.0Z\",\"auditveil_version\":\"1\"}\n");
        line.timed = late.timed;
        assert!(everything("x", &line, &timed, &needles, compare::shipped).is_err());

        assert!(nothing("x", &written(fine)).is_err());
        assert!(nothing_bare("x", b"", &written(fine), &needles).is_err());
        assert!(something_from_each_line("x", b"{}\n", &written(fine)).is_err());
    }
}
