//! What is asked of Vector: everything comes out, as the core answered it or hidden further, and no needle.

use super::host::Written;
use crate::answers::compare::{Difference, object};
use crate::answers::findings::{Findings, Needles, lines};
use crate::failure::Result;
use auditveil_tests::json;

/// Where the shipped files put the event's time.
const TIME: &str = "timestamp";

/// `exec.yaml`: every answer in order, the same event.
pub(super) fn as_the_core(
    name: &str,
    written: &Written,
    answers: &[String],
    needles: &Needles,
) -> Result<()> {
    let mut findings = Findings::new(name);
    common(&mut findings, written, needles);
    findings.number("events", lines(&written.events).count(), answers.len());
    for (at, (line, answer)) in lines(&written.events).zip(answers).enumerate() {
        if let Err(difference) = same(line, answer) {
            findings.add(format!("event {}: {difference}", at.saturating_add(1)));
        }
    }
    findings.end()?;
    println!(
        "ok    {name}: {} events as the core answers them, no needle of {}",
        answers.len(),
        needles.len()
    );
    Ok(())
}

/// `remap.yaml`: as many events and a stub for each of the `blank` lines, stamped, no needle. Says how many are what the core answers; the others hide more, which
/// is what the table of rows in VRL is for.
pub(super) fn hidden_as_well(
    name: &str,
    written: &Written,
    answers: &[String],
    blank: usize,
    needles: &Needles,
) -> Result<()> {
    let mut findings = Findings::new(name);
    common(&mut findings, written, needles);
    findings.number("events", lines(&written.events).count(), answers.len().saturating_add(blank));
    findings.number(
        "stubs of blank lines",
        lines(&written.events).filter(|line| is_blank(line)).count(),
        blank,
    );
    findings.end()?;
    let equal = lines(&written.events)
        .filter(|line| !is_blank(line))
        .zip(answers)
        .filter(|(line, answer)| same(line, answer).is_ok());
    println!(
        "ok    {name}: {} events, {} of them as the core answers them, no needle of {}",
        answers.len(),
        equal.count(),
        needles.len()
    );
    Ok(())
}

fn common(findings: &mut Findings<'_>, written: &Written, needles: &Needles) {
    for error in &written.errors {
        findings.add(format!("Vector logged: {error}"));
    }
    findings.leaks(&written.events, needles);
    for (at, line) in lines(&written.events).enumerate().filter(|(_, line)| !is_stamped(line)) {
        findings.add(format!("event {}: {} bytes without the stamp", at.saturating_add(1), line.len()));
    }
}

/// Whether a line has the stamp, whose members Vector sorts.
fn is_stamped(line: &[u8]) -> bool {
    let stamp =
        std::str::from_utf8(line).ok().and_then(|line| json::members(line).ok()).and_then(|members| {
            let stamp = members.iter().find(|member| member.key() == "auditveil")?;
            json::members(stamp.value).ok()
        });
    stamp.is_some_and(|stamp| stamp.iter().any(|member| member.key() == "version" && member.value == "\"1\""))
}

/// Whether it is the stub of a line that held nothing.
fn is_blank(line: &[u8]) -> bool {
    const STUB: &[u8] = br#""reason":"empty"}"#;
    line.windows(STUB.len()).any(|bytes| bytes == STUB)
}

/// Whether a line that Vector wrote is the answer: the same event, or the answer as text where Vector's parser refused it.
fn same(line: &[u8], answer: &str) -> std::result::Result<(), Difference> {
    let line = std::str::from_utf8(line).map_err(|_| "not UTF-8".to_owned())?;
    let mut found = json::members(line).map_err(|error| format!("no JSON object: {error}"))?;
    let expected = json::members(answer).map_err(|error| format!("the answer: {error}"))?;
    if !expected.iter().any(|member| member.key() == TIME) {
        found.retain(|member| member.key() != TIME);
    }
    let text =
        found.iter().find(|member| member.key() == "message").map(|member| json::unescape(member.value));
    if text.is_some_and(|text| text == answer) {
        return Ok(());
    }
    object(&expected, &found, "$")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(events: &str) -> Written {
        Written { events: events.into(), errors: Vec::new() }
    }

    const ANSWER: &str = r#"{"b":1e2,"a":"\u00e9","auditveil":{"version":"1"}}"#;
    const LINE: &str = "{\"a\":\"é\",\"auditveil\":{\"version\":\"1\"},\"b\":100.0,\"timestamp\":\"2026-01-02T03:04:05Z\"}\n";

    #[test]
    fn every_check_can_fail() {
        let needles = Needles::new(vec!["c2VjcmV0".to_owned()]).unwrap();
        let answers = [ANSWER.to_owned()];
        let check = |events: &str| as_the_core("x", &written(events), &answers, &needles);
        check(LINE).unwrap();
        assert!(is_stamped(br#"{"auditveil":{"redacted":{"uri":1},"version":"1"}}"#));
        assert!(!is_stamped(br#"{"a":{"auditveil":{"version":"1"}}}"#));
        let as_text = "{\"auditveil\":{\"version\":\"1\"},\"message\":MESSAGE}\n";
        check(&as_text.replace("MESSAGE", &json::escape(ANSWER))).unwrap();
        for wrong in [
            "",
            &LINE.replace("100.0", "101.0"),
            &LINE.replace("\"b\"", "\"c\""),
            &LINE.replace("é", "c2VjcmV0"),
            &LINE.replace("\"1\"", "\"2\""),
            &as_text.replace("MESSAGE", "\"x\""),
            &LINE.repeat(2),
        ] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
        let mut noisy = written(LINE);
        noisy.errors.push("ERROR x".to_owned());
        assert!(as_the_core("x", &noisy, &answers, &needles).is_err());
        assert!(hidden_as_well("x", &noisy, &answers, 0, &needles).is_err());
        hidden_as_well("x", &written(&LINE.replace("100.0", "null")), &answers, 0, &needles).unwrap();
        assert!(hidden_as_well("x", &written("{}\n"), &answers, 0, &needles).is_err());
        assert!(hidden_as_well("x", &written(""), &answers, 0, &needles).is_err());
        let blank = r#"{"auditveil":{"stub":{"length":0,"reason":"empty"},"version":"1"},"kind":"Event"}"#;
        hidden_as_well("x", &written(&format!("{blank}\n{LINE}")), &answers, 1, &needles).unwrap();
        assert!(hidden_as_well("x", &written(&LINE.repeat(2)), &answers, 1, &needles).is_err());
    }
}
