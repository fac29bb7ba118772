//! Lines that an API server wrote, or that somebody made it write.

use crate::failure::{Failure, Result};
use auditveil_tests::corpus::{self, Coverage, Server};
use auditveil_tests::json;
use std::fmt::Write as _;

/// What is planted in the hostile lines, at positions that are always redacted.
pub(crate) const PLANTED: &str = "planted-T0p-secret";

/// Both committed logs, one after the other.
pub(crate) fn corpus() -> Result<Vec<u8>> {
    let mut log = Vec::new();
    for server in Server::ALL {
        log.extend(corpus::audit(server).map_err(unreadable)?);
    }
    log.extend(corpus::traffic().map_err(unreadable)?);
    Ok(log)
}

/// Needles of every credential that was planted in the corpus at covered positions only.
pub(crate) fn needles() -> Result<Vec<String>> {
    let coverage = Coverage::load().map_err(unreadable)?;
    // A position that nobody has decided on is for the corpus suite to complain about.
    let covered = |path: &String| coverage.covers(path).unwrap_or(false);
    let mut needles = Vec::new();
    for server in Server::ALL {
        for canary in corpus::canaries(server).map_err(unreadable)? {
            if canary.must_redact && canary.found_paths.iter().all(covered) {
                needles.extend(canary.needles);
            }
        }
    }
    Ok(needles)
}

fn unreadable(error: auditveil_tests::Error) -> Failure {
    Failure::new(error.to_string(), "complete or restore tests/corpus")
}

/// How far hostile lines go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extremes {
    levels: usize,
    keys: usize,
}

impl Extremes {
    /// As far as anybody has gone.
    pub(crate) const ALL: Extremes = Extremes { levels: 100_000, keys: 100_000 };
    /// What a host with the JSON parser on `tail` outlives: at 100,000 levels it aborts, and
    /// 100,000 keys keep it busy for tens of seconds.
    pub(crate) const PARSED: Extremes = Extremes { levels: 9_000, keys: 10_000 };
}

/// A log with an ordinary line before and after each hostile one.
pub(crate) fn hostile(extremes: Extremes) -> Vec<u8> {
    let mut log = Vec::new();
    let mut add = |line: &[u8]| {
        log.extend_from_slice(line);
        log.push(b'\n');
    };
    let hostile = hostile_lines(extremes);
    for (number, (_, line)) in hostile.iter().enumerate() {
        add(ordinary(number, "").as_bytes());
        add(line);
    }
    // Every length of an answer modulo 256: a zero byte in it would end it for the host.
    for padding in 0..=256 {
        add(ordinary(padding, &"x".repeat(padding)).as_bytes());
    }
    log
}

/// What each hostile line is, and the line.
fn hostile_lines(extremes: Extremes) -> Vec<(&'static str, Vec<u8>)> {
    let nested =
        |levels: usize, leaf: &str| format!("{}{leaf}{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
    let arrays = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let mut keys = String::from("{");
    for key in 0..extremes.keys {
        let _ = write!(keys, r#""k{key}":{key},"#);
    }
    keys.push_str(r#""last":true}"#);
    let secret = format!(r#"{{"kind":"Secret","apiVersion":"v1","data":{{"password":"{PLANTED}"}}}}"#);
    let large = format!(
        r#"{{"kind":"Secret","apiVersion":"v1","data":{{"password":"{PLANTED}{}"}}}}"#,
        "A".repeat(5 << 20)
    );
    let spread: String = (0..5_000).map(|at| format!(r#"{{"n":{at},"t":"{}"}},"#, "é".repeat(500))).collect();

    let mut lines: Vec<(&str, Vec<u8>)> = Vec::new();
    let depths = [
        ("62 levels", 62),
        ("63 levels", 63),
        ("64 levels", 64),
        ("9,000 levels", 9_000),
        ("100,000 levels", 100_000),
    ];
    for (name, levels) in depths.into_iter().filter(|(_, levels)| *levels <= extremes.levels) {
        lines.push((name, widget(&nested(levels, "1")).into()));
        lines.push((name, widget(&arrays(levels)).into()));
        lines.push((name, in_secret(&nested(levels, &format!("\"{PLANTED}\""))).into()));
    }
    let cut =
        |text: &str, off: usize| -> Vec<u8> { text.bytes().take(text.len().saturating_sub(off)).collect() };
    let with = |text: &str, bytes: &[u8]| -> Vec<u8> {
        let (head, tail) = text.split_once("HERE").unwrap_or((text, ""));
        [head.as_bytes(), bytes, tail.as_bytes()].concat()
    };
    lines.extend([
        ("many keys", widget(&keys).into_bytes()),
        ("a number that no double holds", widget(r#"{"replicas":1e400}"#).into()),
        ("a number of many digits", widget(r#"{"replicas":123456789012345678901234567890}"#).into()),
        ("not UTF-8", with(&widget(r#"{"a":"HERE"}"#), b"\xff\xfe\xc3(")),
        (
            "not UTF-8 in a Secret",
            with(&in_secret(&format!(r#"{{"data":{{"p":"HERE{PLANTED}"}}}}"#)), b"\xff"),
        ),
        ("a NUL byte", with(&widget(r#"{"a":"HERE"}"#), b"\0")),
        ("an escaped NUL and half a surrogate pair", widget(r#"{"a":"\u0000 \ud800 x"}"#).into()),
        ("a key twice", widget(r#"{"a":1,"a":{"b":2}}"#).into()),
        ("cut in its time", cut(&widget(&secret), 20)),
        ("cut in a body", cut(&widget(&secret), 140)),
        ("cut in a Secret", cut(&in_secret(&secret), 140)),
        ("an empty object", b"{}".to_vec()),
        ("an empty line", Vec::new()),
        ("a blank", b" ".to_vec()),
        ("an array", b"[1,2]".to_vec()),
        ("no JSON", b"panic: runtime error: index out of range".to_vec()),
        ("two objects", format!("{}{}", ordinary(0, ""), ordinary(1, "")).into()),
        ("a forged key", br#"{"auditveil_version":"1","log":"forged"}"#.to_vec()),
        ("a Secret of 5 MiB", in_secret(&large).into()),
        ("a custom resource of 5 MiB", widget(&format!("[{spread}0]")).into()),
        ("a Secret in a custom resource", widget(&format!(r#"{{"spec":{secret}}}"#)).into()),
    ]);
    lines
}

/// An event of every day, told from others by its number.
fn ordinary(number: usize, padding: &str) -> String {
    event(
        &format!("ordinary-{number}"),
        r#"{"resource":"pods","namespace":"default","name":"web","apiVersion":"v1"}"#,
        &format!(r#"{{"kind":"Pod","apiVersion":"v1","metadata":{{"name":"web{padding}"}}}}"#),
    )
}

/// A change to a custom resource: what stands in it is kept.
fn widget(body: &str) -> String {
    event(
        "widget",
        r#"{"resource":"widgets","namespace":"default","name":"w","apiGroup":"example.com","apiVersion":"v1"}"#,
        body,
    )
}

/// A change to a Secret: what stands in it is not.
fn in_secret(body: &str) -> String {
    event("secret", r#"{"resource":"secrets","namespace":"default","name":"s","apiVersion":"v1"}"#, body)
}

fn event(id: &str, object: &str, body: &str) -> String {
    format!(
        "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Request\",\"auditID\":{},\
         \"stage\":\"ResponseComplete\",\"requestURI\":\"/api\",\"verb\":\"patch\",\
         \"user\":{{\"username\":\"mallory\"}},\"objectRef\":{object},\
         \"responseStatus\":{{\"metadata\":{{}},\"code\":200}},\"requestObject\":{body},\
         \"requestReceivedTimestamp\":\"2026-01-02T03:04:05.000001Z\",\
         \"stageTimestamp\":\"2026-01-02T03:04:05.678901Z\"}}",
        json::escape(id),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_line_around_each_hostile_one() {
        let log = hostile(Extremes::ALL);
        let lines: Vec<&[u8]> = log.split(|byte| *byte == b'\n').collect();
        assert_eq!(lines.len(), 2 * hostile_lines(Extremes::ALL).len() + 257 + 1);
        assert!(json::is_json(std::str::from_utf8(lines[0]).unwrap()).is_ok());
        assert!(lines.iter().all(|line| !line.contains(&b'\n')));
    }
}
