//! What every form is held to.

use super::{Record, answer, filter, records, report};
use auditveil_tests::corpus::{self, Coverage, Server};
use auditveil_tests::{json, msgpack};
use memchr::memmem;

const FORMS: [&str; 6] = [
    "output: {format: audit, bodies: text}",
    "output: {format: ecs}",
    "output: {format: ecs, bodies: text}",
    "output: {format: ocsf}",
    "output: {format: ocsf, bodies: text}",
    "output: {format: ocsf, bodies: none}",
];

/// What `path` leads to; it may have points, and a part of it may be a name with points.
fn at<'a>(document: &'a str, path: &str) -> Option<&'a str> {
    let members = json::members(document).ok()?;
    members.iter().find_map(|member| {
        let rest = path.strip_prefix(&member.key())?;
        if rest.is_empty() { Some(member.value) } else { at(member.value, rest.strip_prefix('.')?) }
    })
}

/// Holds the msgpack answer to the JSON one.
fn same(document: &str, packed: &[u8], texts: bool) -> Result<(), String> {
    let packed = msgpack::read_answer(packed).map_err(|error| error.to_string())?.ok_or("dropped")?;
    if packed.moved.is_empty() {
        return if packed.text == document { Ok(()) } else { Err(format!("differs: {:.300}", packed.text)) };
    }
    json::is_json(&packed.text).map_err(|error| error.to_string())?;
    for (path, text) in &packed.moved {
        if path == "keys_beyond_limit" {
            json::is_json(text).map_err(|error| error.to_string())?;
            continue;
        }
        let suffixed = format!("{path}_text");
        let value = at(document, path).or_else(|| at(document, &suffixed));
        let value = value.ok_or_else(|| format!("{path} is nowhere in the document"))?;
        let is_text = texts && path.ends_with("Object") && value.starts_with('"')
            || path.ends_with(".data") && value.starts_with('"');
        let value = if is_text { json::unescape(value) } else { value.to_owned() };
        // Names of annotations are written as they came where they leave the text.
        if value != *text && !path.ends_with("annotations") {
            return Err(format!("{path}: expected {value:.200}, found {text:.200}"));
        }
    }
    Ok(())
}

#[test]
fn one_object_for_each_record_and_the_same_in_msgpack() {
    // Of the logs a part is enough: the other tests have all of them.
    let all: Vec<Record> = records()
        .unwrap()
        .into_iter()
        .enumerate()
        .filter(|(index, (name, _))| index % 4 == 0 || !name.starts_with('v'))
        .map(|(_, record)| record)
        .collect();
    for form in FORMS {
        let (mut one, mut plain) = (filter(form), filter(""));
        let (mut findings, mut moved) = (Vec::new(), 0);
        for (name, record) in &all {
            let document = answer(&mut one, record);
            let before = answer(&mut plain, record);
            if before.is_empty() != document.is_empty() {
                findings.push(format!("{name}: dropped in one form, not in the other"));
            }
            if document.first() != Some(&b'{') {
                // A record of msgpack.
                if let Err(error) = msgpack::read_answer(&document) {
                    findings.push(format!("{name}: {error}"));
                }
                continue;
            }
            let document = String::from_utf8(document).unwrap();
            if let Err(error) = json::is_json(&document) {
                findings.push(format!("{name}: {error}: {document:.300}"));
            }
            let shape = json::shape(&document);
            if shape.depth > 52 || shape.keys > 1060 {
                findings.push(format!("{name}: {shape:?}"));
            }
            if record.first() != Some(&b'{')
                || ["\"log\"", "\\u006cog"].iter().any(|log| memmem::find(record, log.as_bytes()).is_some())
            {
                continue;
            }
            let packed = answer(&mut one, &msgpack::log_record(record));
            moved += usize::from(memmem::find(&packed, b"_text").is_some() && packed.len() > 65_535);
            if let Err(error) = same(&document, &packed, form.contains("text")) {
                findings.push(format!("{name}: {error}"));
            }
        }
        report(&findings.into_iter().map(|finding| format!("{form}: {finding}")).collect::<Vec<_>>());
        assert!(moved > 0, "{form}: no event was too long for one text");
    }
}

#[test]
fn what_is_too_long_leaves_the_text() {
    let long = |length: usize| "x".repeat(length);
    let body = |length: usize| format!(r#"{{"kind":"Pod","é":"{}"}}"#, long(length));
    let event = |rest: String| {
        format!(
            r#"{{"auditID":"a","verb":"create","objectRef":{{"resource":"pods","name":"n"}},"stage":"ResponseComplete",{rest}}}"#
        )
    };
    let many: Vec<String> = (0..900).map(|index| format!(r#""own{index}":"{}""#, long(200))).collect();
    let several: Vec<String> = (0..30).map(|index| format!(r#""own{index}":"{}""#, long(5000))).collect();
    let events: Vec<String> = (0..5).map(|_| event(format!(r#""requestObject":{}"#, body(20_000)))).collect();
    let records: Vec<Record> = [
        ("a body", event(format!(r#""requestObject":{}"#, body(70_000)))),
        (
            "two bodies",
            event(format!(r#""requestObject":{},"responseObject":{}"#, body(60_000), body(3_000_000))),
        ),
        ("a URI", event(format!(r#""requestURI":"/{}","userAgent":"{}""#, long(90_000), long(5000)))),
        ("annotations", event(format!(r#""annotations":{{"a.b/c":"{}"}}"#, long(70_000)))),
        ("groups", event(format!(r#""user":{{"username":"u","groups":["{}"]}}"#, long(70_000)))),
        ("a verb", event(format!(r#""level":"{}""#, long(70_000)))),
        ("many members", event(many.join(","))),
        ("several members", event(several.join(","))),
        (
            "a list",
            format!(
                r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{}]}}"#,
                events.join(",")
            ),
        ),
        ("another record", format!(r#"{{"a":"{}","b":{{}}}}"#, long(70_000))),
    ]
    .into_iter()
    .map(|(name, record)| (name.to_owned(), record.into_bytes()))
    .collect();
    for form in FORMS.iter().filter(|form| !form.contains("none")) {
        let mut filter = filter(form);
        for (name, record) in &records {
            let document = String::from_utf8(answer(&mut filter, record)).unwrap();
            json::is_json(&document).unwrap();
            let packed = answer(&mut filter, &msgpack::log_record(record));
            let moved = msgpack::read_answer(&packed).unwrap().unwrap().moved;
            assert!(!moved.is_empty(), "{form}, {name}");
            same(&document, &packed, form.contains("text"))
                .unwrap_or_else(|error| panic!("{form}, {name}: {error}"));
        }
    }
}

#[test]
fn nothing_planted_comes_out() {
    let coverage = Coverage::load().unwrap();
    for form in FORMS {
        let mut filter = filter(form);
        for server in Server::ALL {
            let log = corpus::audit(server).unwrap();
            let mut output = Vec::new();
            for line in corpus::lines(&log) {
                output.extend(answer(&mut filter, line));
            }
            let mut looked = 0;
            for canary in corpus::canaries(server).unwrap().iter().filter(|canary| canary.must_redact) {
                if canary.found_paths.is_empty()
                    || !canary.found_paths.iter().all(|path| coverage.covers(path).unwrap())
                {
                    continue;
                }
                looked += 1;
                for needle in &canary.needles {
                    let found = memmem::find(&output, needle.as_bytes());
                    assert!(found.is_none(), "{form}, {}: {} comes out", server.name(), canary.id);
                }
            }
            assert!(looked > 100, "{looked}");
        }
    }
}
