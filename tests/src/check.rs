//! What every answer is held to, whoever gave it.

use crate::{Case, Error, Expected, Input, json, msgpack};
use memchr::memmem;

/// A front end: a record in, its answer out. A dropped record is an empty answer, or an empty
/// msgpack map.
pub type Process<'a> = dyn FnMut(&[u8]) -> Vec<u8> + 'a;

/// Containers that an answer may nest, and keys that an object of it may have.
const LIMITS: json::Shape = json::Shape { depth: 48, keys: 1024 };

/// Members of which two make an event.
const FIELDS: [&str; 7] = ["auditID", "level", "objectRef", "requestURI", "stage", "stageTimestamp", "verb"];

impl Case {
    /// Runs the case and holds it to its files and to all that is true of every answer.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, one finding a line.
    pub fn check(&self, process: &mut Process<'_>) -> Result<(), Error> {
        let answer = process(self.record());
        let mut problems = self.problems(&answer, process);
        match &self.expected {
            None => problems.push("no expected answer yet: look at it, then run with BLESS=1".to_owned()),
            Some(expected) if *expected != outcome(&answer) => problems.push(difference(expected, &answer)),
            Some(_) => {}
        }
        report(problems)
    }

    /// Makes the answer the expected one, if everything else about it is right. Returns whether a
    /// file changed.
    ///
    /// # Errors
    ///
    /// A finding that no blessing mends (nothing is written then), or files that cannot be written.
    pub fn check_and_bless(&self, process: &mut Process<'_>) -> Result<bool, Error> {
        let answer = process(self.record());
        report(self.problems(&answer, process))?;
        self.bless(outcome(&answer))
    }

    fn problems(&self, answer: &[u8], process: &mut Process<'_>) -> Vec<String> {
        let mut problems = Vec::new();
        for needle in &self.absent {
            if memmem::find(answer, needle.as_bytes()).is_some() {
                problems.push(format!("still there: {needle}"));
            }
        }
        for literal in &self.present {
            if memmem::find(answer, literal.as_bytes()).is_none() {
                problems.push(format!("gone: {literal}"));
            }
        }
        let general = match &self.input {
            Input::Text(text) => text_case(text, answer, process),
            Input::Bytes(_) => bytes_case(answer, process),
        };
        problems.extend(general.err().map(|error| error.to_string()));
        problems
    }
}

/// Holds the answer to any record, a line of text or msgpack, to all that is true of every answer, and
/// returns it: the checks of a case that need no files of it.
///
/// A stub tells of the record's length, which is another in another envelope: it is held to itself alone.
///
/// # Errors
///
/// What the answer does wrong.
pub fn holds(record: &[u8], process: &mut Process<'_>) -> Result<Vec<u8>, Error> {
    let answer = process(record);
    let packed = record.first().is_some_and(|first| *first >= 0x80);
    let odd = !packed && is_odd_envelope(record);
    if is_dropped(&answer) && (packed || odd) {
        // There is nothing to be compared.
    } else if packed {
        bytes_case(&answer, process)?;
    } else if odd || memmem::find(&answer, b"\"stub\":{").is_some() {
        idempotent(well_formed(&answer)?, process)?;
    } else {
        text_case(record, &answer, process)?;
    }
    Ok(answer)
}

/// Whether a text is a record with a `log` that cannot be had in msgpack: where it is no JSON, its `log` would be
/// another one inside of a record; strings of msgpack have no escapes, and nothing has white space, that could be
/// kept; and what a text is beside the members of an event is told by each format in its own way.
fn is_odd_envelope(text: &[u8]) -> bool {
    let has = |word: &[u8]| memmem::find(text, word).is_some();
    let Ok(members) = std::str::from_utf8(text).map_or_else(|_| Err(Error::new("")), json::members) else {
        return has(b"log") || has(b"\\u");
    };
    let compact: usize = members.iter().map(|member| member.raw_key.len() + member.value.len() + 2).sum();
    let odd = |member: &json::Member<'_>| {
        let spelled = member.raw_key.contains('\\') || member.value.contains('\\');
        spelled && (member.key() != "log" || member.raw_key.contains('\\'))
    };
    let is_event = members.iter().filter(|member| FIELDS.contains(&member.key().as_str())).count() >= 2;
    json::member(&members, "log").is_some()
        && (is_event || compact + 1 != text.len() || members.iter().any(odd))
}

fn report(problems: Vec<String>) -> Result<(), Error> {
    if problems.is_empty() { Ok(()) } else { Err(Error::new(problems.join("\n"))) }
}

fn outcome(answer: &[u8]) -> Expected {
    if is_dropped(answer) { Expected::Dropped } else { Expected::Answer(answer.to_vec()) }
}

fn is_dropped(answer: &[u8]) -> bool {
    matches!(answer, [] | [0x80])
}

/// A line of text: the answer holds, a second pass changes nothing, and the same line in either of
/// Fluent Bit's records gives the same event. A text that is a record with a `log` itself is not
/// wrapped again, but becomes that record in msgpack.
fn text_case(text: &[u8], answer: &[u8], process: &mut Process<'_>) -> Result<(), Error> {
    let is_envelope =
        |text: &&str| json::members(text).is_ok_and(|members| json::member(&members, "log").is_some());
    let utf8 = std::str::from_utf8(text).ok();
    let envelope = utf8.filter(is_envelope);
    let packed = match envelope {
        Some(text) => msgpack::envelope(text),
        None => Some(msgpack::log_record(text)),
    };
    let packed = packed.map(|record| process(&record));
    if is_dropped(answer) {
        let same = packed.is_none_or(|packed| is_dropped(&packed));
        return same.then_some(()).ok_or_else(|| Error::new("dropped as JSON, but not in msgpack"));
    }
    let event = well_formed(answer)?;
    idempotent(event, process)?;
    if let Some(packed) = packed {
        let packed = msgpack::read_answer(&packed)?
            .ok_or_else(|| Error::new("dropped in msgpack, but not as JSON"))?;
        same_event(event, &packed).map_err(|error| error.at("in msgpack"))?;
    }
    if let (Some(text), None) = (utf8, envelope) {
        let record = format!("{{\"log\":{}}}", json::escape(text));
        let wrapped = process(record.as_bytes());
        if wrapped != answer {
            return Err(
                Error::new(difference(&Expected::Answer(answer.to_vec()), &wrapped)).at("in {\"log\":…}")
            );
        }
    }
    Ok(())
}

/// A msgpack record: the answer holds, and the event in it passes a second time unchanged.
fn bytes_case(answer: &[u8], process: &mut Process<'_>) -> Result<(), Error> {
    if answer.first() == Some(&b'{') {
        return idempotent(well_formed(answer)?, process);
    }
    let Some(answer) = msgpack::read_answer(answer)? else { return Ok(()) };
    well_formed(answer.text.as_bytes())?;
    idempotent(&answer.text, process)
}

fn idempotent(event: &str, process: &mut Process<'_>) -> Result<(), Error> {
    let again = process(event.as_bytes());
    if again == event.as_bytes() {
        return Ok(());
    }
    Err(Error::new(difference(&Expected::Answer(event.as_bytes().to_vec()), &again)).at("second pass"))
}

/// The event of an answer in JSON, held to what is true of every one: one JSON object, UTF-8, no
/// NUL, within the limits, and our stamp as its last member.
///
/// # Errors
///
/// What the answer does wrong.
pub fn well_formed(answer: &[u8]) -> Result<&str, Error> {
    let event = std::str::from_utf8(answer).map_err(|error| Error::new(format!("not UTF-8: {error}")))?;
    if event.contains('\0') {
        return Err(Error::new("a NUL byte in the answer"));
    }
    if !event.starts_with('{') || !event.ends_with('}') {
        return Err(Error::new("the answer does not begin and end as an object"));
    }
    json::is_json(event).map_err(|error| error.at("the answer is no JSON"))?;
    let shape = json::shape(event);
    if shape.depth > LIMITS.depth || shape.keys > LIMITS.keys {
        return Err(Error::new(format!("{shape:?} is beyond {LIMITS:?}")));
    }
    let members = json::members(event)?;
    let stamps = members.iter().filter(|member| member.key() == "auditveil").count();
    let stamp = members.last().filter(|member| member.raw_key == "\"auditveil\"" && stamps == 1);
    let stamp = stamp.ok_or_else(|| Error::new("the stamp is not the one last member"))?;
    let version = json::members(stamp.value).ok().and_then(|stamp| json::member(&stamp, "version"));
    if version != Some("\"1\"") {
        return Err(Error::new(format!("the stamp lacks version \"1\": {}", stamp.value)));
    }
    Ok(event)
}

/// The text of the event in an answer of either format, moved members not put back.
///
/// # Errors
///
/// The answer is malformed.
pub fn event_text(answer: &[u8]) -> Result<Option<String>, Error> {
    match answer.first() {
        None => Ok(None),
        Some(b'{') => Ok(Some(well_formed(answer)?.to_owned())),
        Some(_) => Ok(msgpack::read_answer(answer)?.map(|answer| answer.text)),
    }
}

/// Whether a msgpack answer carries exactly the event of the JSON answer: the same bytes, or, where
/// members moved out, the same bytes of every member, moved and unmoved, in the same order.
///
/// # Errors
///
/// Where they differ.
pub fn same_event(event: &str, answer: &msgpack::Answer) -> Result<(), Error> {
    if answer.moved.is_empty() {
        return if event == answer.text {
            Ok(())
        } else {
            Err(Error::new(difference(&Expected::Answer(event.as_bytes().to_vec()), answer.text.as_bytes())))
        };
    }
    well_formed(answer.text.as_bytes())?;
    let mut members = json::members(event)?;
    let mut moved = Vec::new();
    for (name, text) in &answer.moved {
        if name == "keys_beyond_limit" {
            // More members had to move than an answer's map may have keys: these moved together.
            moved.extend(json::members(text)?.iter().map(|member| (member.key(), member.value)));
        } else {
            moved.push((name.clone(), text.as_str()));
        }
    }
    for (name, text) in moved {
        let at = members
            .iter()
            .position(|member| member.key() == name && member.value == text.trim())
            .ok_or_else(|| Error::new(format!("{name}_text is not the text of any member `{name}`")))?;
        members.remove(at);
    }
    if members == json::members(&answer.text)? {
        Ok(())
    } else {
        Err(Error::new("the members that did not move differ"))
    }
}

/// Where two answers part, with enough around it to see why.
fn difference(expected: &Expected, found: &[u8]) -> String {
    let Expected::Answer(expected) = expected else {
        return format!("expected a drop, found {}", excerpt(found, 0));
    };
    if is_dropped(found) {
        return format!("dropped, expected {}", excerpt(expected, 0));
    }
    let at = expected.iter().zip(found).take_while(|(expected, found)| expected == found).count();
    format!(
        "differs at byte {at} (lengths {} and {}; BLESS=1 accepts)\n  expected {}\n  found    {}",
        expected.len(),
        found.len(),
        excerpt(expected, at),
        excerpt(found, at),
    )
}

/// A few bytes before `at` and some behind it, on one line.
fn excerpt(bytes: &[u8], at: usize) -> String {
    let from = at.saturating_sub(40);
    let shown: Vec<u8> = bytes.iter().copied().skip(from).take(160).collect();
    let lead = if from > 0 { "…" } else { "" };
    let tail = if bytes.len() > from + shown.len() { "…" } else { "" };
    format!("{lead}{}{tail}", shown.escape_ascii().to_string().replace("\\\"", "\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn case(input: &str) -> Case {
        Case {
            name: "t/a".to_owned(),
            configuration_dir: PathBuf::new(),
            dir: PathBuf::new(),
            configuration: Vec::new(),
            key: None,
            input: Input::Text(input.as_bytes().to_vec()),
            expected: None,
            absent: Vec::new(),
            present: Vec::new(),
        }
    }

    const STAMPED: &str = r#"{"a":1,"auditveil":{"version":"1"}}"#;

    /// A front end that does everything right for the one record `{"a":1}`.
    fn faithful(record: &[u8]) -> Vec<u8> {
        if record.first() == Some(&b'{') {
            return STAMPED.into();
        }
        packed(STAMPED)
    }

    fn packed(event: &str) -> Vec<u8> {
        let mut answer = vec![0x82];
        for text in ["log", event, "auditveil_version", "1"] {
            msgpack::write_str(&mut answer, text.as_bytes());
        }
        answer
    }

    #[test]
    fn accepts_a_faithful_front_end() {
        let mut case = case(r#"{"a":1}"#);
        case.expected = Some(Expected::Answer(STAMPED.into()));
        case.present.push("\"a\":1".to_owned());
        case.absent.push("\"b\"".to_owned());
        assert_eq!(case.check(&mut faithful), Ok(()));
    }

    #[test]
    fn every_check_can_fail() {
        let mut case = case(r#"{"a":1}"#);
        let complaint = |case: &Case, process: &mut Process<'_>| case.check(process).unwrap_err().to_string();
        assert!(complaint(&case, &mut faithful).contains("no expected answer yet"));
        case.expected = Some(Expected::Answer(b"{}".to_vec()));
        assert!(complaint(&case, &mut faithful).contains("differs at byte 1"));
        case.expected = Some(Expected::Dropped);
        assert!(complaint(&case, &mut faithful).contains("expected a drop"));
        case.expected = Some(Expected::Answer(STAMPED.into()));

        // Only in msgpack: nothing, a zero byte, another event.
        for (answer, finding) in [
            (vec![0x80], "dropped in msgpack"),
            (vec![0x81, 0xa1, b'a', 0], "zero byte"),
            (packed(&STAMPED.replace("\"a\"", "\"b\"")), "in msgpack: differs at byte 2"),
        ] {
            let mut process = |record: &[u8]| if record[0] == b'{' { STAMPED.into() } else { answer.clone() };
            let found = complaint(&case, &mut process);
            assert!(found.contains(finding), "{found}");
        }
        // Only the second pass, only the envelope.
        let mut second = |record: &[u8]| {
            if record == STAMPED.as_bytes() { b"{}".to_vec() } else { faithful(record) }
        };
        assert!(complaint(&case, &mut second).contains("second pass"));
        let mut envelope =
            |record: &[u8]| if record.starts_with(b"{\"log") { b"{}".to_vec() } else { faithful(record) };
        assert!(complaint(&case, &mut envelope).contains("in {\"log\":…}"));

        case.absent.push("\"a\":1".to_owned());
        case.present.push("b".to_owned());
        let found = complaint(&case, &mut faithful);
        assert!(found.contains("still there: \"a\":1") && found.contains("gone: b"), "{found}");
    }

    #[test]
    fn malformed_answers() {
        let deep =
            format!("{{\"a\":{}{},\"auditveil\":{{\"version\":\"1\"}}}}", "[".repeat(48), "]".repeat(48));
        for (answer, finding) in [
            (&b"\xff"[..], "UTF-8"),
            (b"{\"a\":\"\0\"}", "NUL"),
            (b"[]", "object"),
            (b"{\"a\":}", "no JSON"),
            (b"{\"a\":1}", "stamp"),
            (b"{\"auditveil\":{\"version\":\"1\"},\"a\":1}", "stamp"),
            (b"{\"auditveil\":1,\"auditveil\":{\"version\":\"1\"}}", "stamp"),
            (b"{\"auditveil\":{\"version\":1}}", "version"),
            (deep.as_bytes(), "beyond"),
        ] {
            let found = well_formed(answer).unwrap_err().to_string();
            assert!(found.contains(finding), "{found}");
        }
    }

    #[test]
    fn moved_members() {
        let event = r#"{"verb":"get","responseObject":{"b":2},"auditveil":{"version":"1"}}"#;
        let text = r#"{"verb":"get","auditveil":{"version":"1"}}"#.to_owned();
        let answer = |moved: &str| msgpack::Answer {
            text: text.clone(),
            moved: vec![("responseObject".to_owned(), moved.to_owned())],
        };
        assert_eq!(same_event(event, &answer(r#"{"b":2}"#)), Ok(()));
        assert!(same_event(event, &answer(r#"{"b":3}"#)).is_err());
        let kept = msgpack::Answer { text: event.to_owned(), moved: answer(r#"{"b":2}"#).moved };
        assert!(same_event(event, &kept).is_err(), "moved and kept");
    }
}
