//! P1 and P6 for every action: nothing of a secret gets out by removing or signing it either, a second pass
//! changes nothing, and equal secrets have equal digests.

use crate::plants::{self, Plan};
use crate::{answer_of, config};
use auditveil_core::{Filter, Key, Settings, config as configuration};
use auditveil_tests::corpus::{self, Server};
use auditveil_tests::{Error, Input, json, well_formed};
use memchr::memmem;
use proptest::prelude::*;

/// What may be done to everything that is hidden.
pub(crate) const CONFIGURATIONS: [&str; 5] = [
    "redact: {action: remove, classes: {uri: auto, error_text: auto, content: auto}}",
    "redact: {action: hmac, hmac: {key_id: k1, key_file: key}, classes: {uri: auto, error_text: auto, content: auto}}",
    "redact: {action: hmac, hmac: {key_id: a-b_c.d, key_file: key, per_namespace: true}}",
    "redact: {action: remove, hmac: {key_id: k1, key_file: key}, classes: {uri: hmac, error_text: hmac, content: hmac}}",
    "redact: {action: hmac, hmac: {key_id: k1, key_file: key}, classes: {error_text: remove, uri: remove}}",
];

/// Keeps every class, and by exceptions all of every body that a plant is in.
const KEEP_ALL: &str = "redact: {classes: {config_map: keep, env: keep, args: keep, custom_resource: keep, uri: keep, error_text: keep, content: keep}, keep: [\
    {resource: bundles, path: '*', reason: r}, {resource: databases, path: '*', reason: r}, {resource: configmaps, path: '*', reason: r}, \
    {resource: serviceaccounts, path: '*', reason: r}, {resource: tokenreviews, path: '*', reason: r}, {resource: oauthaccesstokens, path: '*', reason: r}, \
    {resource: deployments, path: '*', reason: r}, {resource: mutatingadmissionpolicies, path: '*', reason: r}, {resource: certificatesigningrequests, path: '*', reason: r}]}";

/// A filter with this configuration, and a key.
pub(crate) fn filter(text: &str) -> Filter {
    let config = configuration::load(text.as_bytes()).unwrap_or_else(|error| panic!("{error}")).config;
    let key = Key::from_file(b"0123456789abcdef0123456789abcdef").unwrap();
    Filter::with_settings(Settings::with_key(&config, Some(&key)).unwrap())
}

fn any_configuration() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(&CONFIGURATIONS[..])
}

/// `text` with the base64 of digests as the text that it is.
fn opened(text: &str) -> String {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let decoded = |part: &str| -> Option<String> {
        let mut bytes = Vec::new();
        for group in part.trim_end_matches('=').as_bytes().chunks(4) {
            let digits: Vec<u32> = group.iter().map(|&byte| digit(byte)).collect::<Option<_>>()?;
            let word = digits.iter().fold(0, |word, digit| word << 6 | digit) << (6 * (4 - digits.len()));
            bytes.extend(word.to_be_bytes().iter().skip(1).take(digits.len() - 1));
        }
        String::from_utf8(bytes).ok().filter(|text| text.contains("hmac:"))
    };
    let parts: Vec<String> =
        text.split('"').map(|part| decoded(part).unwrap_or_else(|| part.to_owned())).collect();
    parts.join("\"")
}

/// Every digest in a text becomes the same one.
fn without_digests(text: &str) -> String {
    let text = opened(text);
    let mut parts = text.split("hmac:");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("hmac:");
        let digits = part.split_once(':').map(|(id, rest)| (id.len() + 1, rest));
        match digits {
            Some((id, rest)) if rest.bytes().take(32).filter(u8::is_ascii_hexdigit).count() == 32 => {
                out.push_str(part.get(id + 32..).unwrap_or_default());
            }
            _ => out.push_str(part),
        }
    }
    out
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_answer_tells_more_of_a_secret_than_which_are_equal(
        plan in plants::plans(),
        one in plants::secrets(),
        two in plants::secrets(),
        text in any_configuration(),
    ) {
        let mut filter = filter(text);
        let mut answered = |secret: &str| -> Result<(String, String), TestCaseError> {
            let event = plants::spelled(&plan, secret);
            let answer = answer_of(&mut filter, &event)
                .map_err(|error| TestCaseError::fail(format!("{error}\n{text}\n{event}")))?;
            Ok((event, answer))
        };
        let (first, first_answer) = answered(&one)?;
        let (second, second_answer) = answered(&two)?;
        prop_assert!(!first_answer.contains("\"stub\":"), "{first}");
        prop_assert!(
            without_digests(&first_answer) == without_digests(&second_answer),
            "the secret shows, {text}:\n{first}\n{first_answer}\n{second}\n{second_answer}"
        );
        let neutral = plants::spelled(&plan, "");
        for needle in plants::forms(&one).iter().filter(|needle| needle.len() > 5 && !neutral.contains(*needle)) {
            prop_assert!(!first_answer.contains(needle), "{needle} in {first_answer}");
        }
    }

    /// A configuration that keeps whatever can be kept opens no position that is guaranteed.
    #[test]
    fn nothing_keeps_what_is_guaranteed(
        plan in plants::plans().prop_filter("guaranteed", |plan| plan.position.is_guaranteed()),
        one in plants::secrets(),
        two in plants::secrets(),
    ) {
        let mut filter = filter(KEEP_ALL);
        let mut answered = |secret: &str| -> Result<(String, String), TestCaseError> {
            let event = plants::spelled(&plan, secret);
            let answer = answer_of(&mut filter, &event)
                .map_err(|error| TestCaseError::fail(format!("{error}\n{event}")))?;
            Ok((event, answer))
        };
        let (first, first_answer) = answered(&one)?;
        let (second, second_answer) = answered(&two)?;
        prop_assert!(
            first_answer == second_answer,
            "the secret shows:\n{first}\n{first_answer}\n{second}\n{second_answer}"
        );
    }

    /// In `data` and `stringData`, however they are spelled and wherever they are.
    #[test]
    fn equal_values_have_equal_digests(one in "\\PC{1,24}", two in "\\PC{1,24}", namespace in "[a-z]{1,4}") {
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        let secret = |value: &str| format!(
            r#"{{"kind":"Secret","metadata":{{"namespace":"{namespace}"}},"data":{{"p":"{}"}},"stringData":{{"p":{}}}}}"#,
            plants::base64(value), quoted(value)
        );
        let event = |body: &str| format!(
            r#"{{"auditID":"a","verb":"create","objectRef":{{"resource":"x"}},"requestObject":{{"spec":{body}}}}}"#
        );
        for text in [CONFIGURATIONS[1], CONFIGURATIONS[2]] {
            let mut filter = filter(text);
            let mut digests = |body: &str| -> Result<Vec<String>, TestCaseError> {
                let answer = answer_of(&mut filter, &event(body)).map_err(|error| TestCaseError::fail(error.to_string()))?;
                let length = if text == CONFIGURATIONS[1] { 40 } else { 45 };
                Ok(answer.match_indices("hmac:").filter_map(|(at, _)| answer.get(at..at + length)).map(str::to_owned).take(2).collect())
            };
            let plain = digests(&secret(&one))?;
            prop_assert_eq!(plain.len(), 2);
            prop_assert_eq!(&plain[0], &plain[1]);
            prop_assert_eq!(&digests(&quoted(&secret(&one)))?, &plain, "in text");
            prop_assert_eq!(one == two, digests(&secret(&two))? == plain);
        }
    }
}

/// Filters a record, and what comes out of it.
fn twice(filter: &mut Filter, record: &str) -> Result<(), Error> {
    let (mut answer, mut again) = (Vec::new(), Vec::new());
    filter.process(record.as_bytes(), &mut answer);
    let text = well_formed(&answer)?;
    filter.process(&answer, &mut again);
    let again = String::from_utf8_lossy(&again);
    if again == text { Ok(()) } else { Err(Error::new(format!("first  {text}\nsecond {again}"))) }
}

/// The first property can fail: what is kept shows.
#[test]
fn what_is_kept_shows() {
    let plan = Plan { position: plants::Position::Uri, variant: 0, levels: 0, listed: false, seed: 3 };
    let mut filter = filter("redact: {classes: {uri: keep}}");
    let answers = ["one-hunter2", "two-hunter2"]
        .map(|secret| answer_of(&mut filter, &plants::spelled(&plan, secret)).unwrap());
    assert!(answers[0] != answers[1] && answers[0].contains("one-hunter2"));
}

/// Every record of the cases and of both logs, under every configuration: what an action leaves is read by the next
/// filter as what it is.
#[test]
fn every_known_record_comes_through_every_action() {
    let mut findings = Vec::new();
    let logs = Server::ALL.map(|server| corpus::audit(server).unwrap());
    let lines =
        logs.iter().flat_map(|log| corpus::lines(log)).filter_map(|line| std::str::from_utf8(line).ok());
    let cases = auditveil_tests::load().unwrap();
    let texts = cases.iter().filter_map(|case| match &case.input {
        Input::Text(text) => std::str::from_utf8(text).ok(),
        Input::Bytes(_) => None,
    });
    let mut plain = Filter::new();
    let mut hit = 0;
    for (number, record) in texts.chain(lines).enumerate() {
        // A record of which nothing is hidden is the same under all of them.
        let mut masked = Vec::new();
        plain.process(record.as_bytes(), &mut masked);
        if memmem::find(&masked, br#""redacted":"#).is_none() || record.len() > 200_000 {
            continue;
        }
        hit += 1;
        let text = CONFIGURATIONS[number % CONFIGURATIONS.len()];
        // One that holds its event in a text already is not put into another.
        let wraps = json::members(record).is_ok_and(|members| json::member(&members, "log").is_some());
        let answered = if wraps {
            twice(&mut filter(text), record)
        } else {
            answer_of(&mut filter(text), record).map(drop)
        };
        if let Err(error) = answered {
            findings.push(format!("{error}\n{text}\n{record}"));
        }
    }
    assert!(hit > 500, "{hit}");
    assert!(
        findings.is_empty(),
        "{} findings, of {hit} records:\n{}",
        findings.len(),
        findings.iter().take(5).cloned().collect::<Vec<_>>().join("\n\n")
    );
}
