//! Bodies as texts: the same bodies, byte for byte, and read as bodies when they come in again.

use super::{answer, corpus, filter, records, report};
use auditveil_tests::{json, well_formed};

const TEXTS: &str = "output: {bodies: text}";

/// Whether a member is a body, in any case as Go's decoder has it.
fn is_body(name: &str) -> bool {
    ["requestobject", "responseobject"].contains(&name.to_ascii_lowercase().as_str())
}

/// An object with the bodies among its members as texts: put together anew.
fn with_texts(object: &str) -> String {
    let Ok(members) = json::members(object) else { return object.to_owned() };
    let members: Vec<String> = members
        .iter()
        .map(|member| {
            let text = is_body(&member.key()) && member.value.starts_with(['{', '[']);
            let items = member.key().eq_ignore_ascii_case("items") && member.value.starts_with('[');
            let value = match (text, json::items(member.value)) {
                (true, _) => json::escape(member.value),
                (_, Ok(events)) if items => {
                    let events: Vec<String> = events.into_iter().map(with_texts).collect();
                    format!("[{}]", events.join(","))
                }
                _ => member.value.to_owned(),
            };
            format!("{}:{value}", member.raw_key)
        })
        .collect();
    format!("{{{}}}", members.join(","))
}

#[test]
fn a_body_is_one_text_and_all_else_is_as_it_was() {
    let (mut plain, mut texts) = (filter(""), filter(TEXTS));
    let (mut findings, mut bodies) = (Vec::new(), 0);
    for (name, record) in corpus().unwrap() {
        let expected = with_texts(std::str::from_utf8(&answer(&mut plain, &record)).unwrap());
        let found = String::from_utf8(answer(&mut texts, &record)).unwrap();
        bodies += found.matches(r#"Object":"{\""#).count();
        if expected != found {
            findings.push(format!("{name}\n  expected {expected:.300}\n  found    {found:.300}"));
        }
    }
    report(&findings);
    assert!(bodies > 500, "{bodies}");
}

#[test]
fn a_second_pass_changes_nothing() {
    let mut texts = filter(TEXTS);
    let mut findings = Vec::new();
    for (name, record) in records().unwrap() {
        // Whole, and cut: what is left of a body is no object.
        for length in [record.len(), record.len() * 2 / 3, record.len() / 3] {
            let first = answer(&mut texts, &record[..length]);
            if first.first() != Some(&b'{') {
                continue;
            }
            let again = answer(&mut texts, &first);
            if let Err(error) = well_formed(&first) {
                findings.push(format!("{name}: {error}"));
            }
            if first != again {
                let at = first.iter().zip(&again).take_while(|(one, other)| one == other).count();
                let around = |text: &[u8]| {
                    String::from_utf8_lossy(&text[at.saturating_sub(60)..text.len().min(at + 100)])
                        .into_owned()
                };
                findings.push(format!("{name}, {length} bytes\n  {}\n  {}", around(&first), around(&again)));
            }
        }
    }
    report(&findings);
}

#[test]
fn a_body_that_comes_as_a_text_is_filtered_as_a_body() {
    let mut texts = filter(TEXTS);
    let secret = r#"{"kind":"Secret","data":{"password":"aHVudGVyMg=="}}"#;
    let event = |body: &str| {
        format!(
            r#"{{"auditID":"a","verb":"create","objectRef":{{"resource":"secrets"}},"requestObject":{body}}}"#
        )
    };
    let expected = answer(&mut texts, event(secret).as_bytes());
    assert_eq!(answer(&mut texts, event(&json::escape(secret)).as_bytes()), expected);
    let text = String::from_utf8(expected).unwrap();
    assert!(
        text.contains(r#""requestObject":"{\"kind\":\"Secret\",\"data\":{\"password\":\"[REDACTED]\"}}""#),
        "{text}"
    );
    // In a record of Fluent Bit's, too.
    let record = format!(r#"{{"log":{}}}"#, json::escape(&event(&json::escape(secret))));
    assert_eq!(String::from_utf8(answer(&mut texts, record.as_bytes())).unwrap(), text);
}
