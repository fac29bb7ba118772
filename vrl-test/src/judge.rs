//! Whether the answer of a program to a line is what the documentation says it is, beside the core's.

use crate::compare::{More, compare};
use crate::told::{self, Unlike};
use crate::{Answer, Program};
use auditveil_core::{Filter, Outcome, tables};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;

/// Why an answer cannot be compared with that of the core, member by member. Each is said in `docs/vector.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Apart {
    /// The line is no JSON object: it was cut or damaged.
    NoJson,
    /// An object has a member twice, of which VRL keeps the last.
    Repeated,
    /// A list of events, an event as text in a field, or in an envelope: read as what is no event.
    Wrapped,
    /// A member of an event is spelled as no API server spells it, in other letters or with escapes.
    Spelled,
    /// More containers in one another, or more members, than the core emits as such.
    Limits,
}

impl Apart {
    /// In a few words.
    pub const fn about(self) -> &'static str {
        match self {
            Apart::NoJson => "a line that is no JSON object becomes a stub",
            Apart::Repeated => "of a member that stands twice the last one counts",
            Apart::Wrapped => "events in envelopes and lists are taken for none",
            Apart::Spelled => "what is spelled as no API server does it is read strictly",
            Apart::Limits => "depth and width are left as they are",
        }
    }
}

/// What became of a line.
#[derive(Clone, Debug)]
pub enum Judged {
    /// The same, but for what the program hides besides, and what it tells otherwise.
    Same(Vec<More>, Vec<Unlike>),
    /// Both dropped it.
    Dropped,
    /// It cannot be compared.
    Apart(Apart),
}

/// Runs a line through both; `left_out` are the detections that no program asks for.
///
/// # Errors
///
/// What differs and may not.
pub fn judge(
    line: &[u8],
    filter: &mut Filter,
    program: &mut Program,
    left_out: &[String],
) -> Result<(Judged, Answer), String> {
    let mut bytes = Vec::new();
    let outcome = filter.process(line, &mut bytes);
    let answer = program.run(line);
    if let Answer::Failed(why) = &answer {
        return Err(format!("the program failed, and Vector would pass the line on: {why}"));
    }
    if let Some(apart) = apart(line, &bytes) {
        // What it does say is still the stamp's version.
        if let Answer::Event(event) = &answer
            && event.pointer("/auditveil/version") != Some(&Value::from("1"))
        {
            return Err("an answer without a stamp".to_owned());
        }
        return Ok((Judged::Apart(apart), answer));
    }
    match (&answer, outcome) {
        (Answer::Dropped, Outcome::Dropped) => Ok((Judged::Dropped, answer)),
        (Answer::Dropped, _) => Err("the program dropped what the core keeps".to_owned()),
        (_, Outcome::Dropped) => Err("the core dropped what the program keeps".to_owned()),
        (Answer::Event(event), _) => {
            let mut core: Value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
            let mut event = event.clone();
            let (ours, theirs) = (stamp(&mut event), stamp(&mut core));
            let more = compare(&core, &event)?;
            for name in ["version", "shape", "origin", "stub", "labels"] {
                if ours.get(name) != theirs.get(name) {
                    return Err(format!("the stamps differ in `{name}`"));
                }
            }
            let mut unlike = told::facts(&theirs, &ours, &event)?;
            let hides = !more.is_empty() || !unlike.is_empty();
            let earlier = serde_json::from_slice::<Value>(line).map(|mut record| stamp(&mut record));
            let earlier = earlier.unwrap_or_default();
            unlike.extend(told::detections(&theirs, &ours, left_out, hides, &earlier)?);
            Ok((Judged::Same(more, unlike), answer))
        }
        (Answer::Failed(why), _) => Err(why.clone()),
    }
}

fn stamp(event: &mut Value) -> Value {
    event.as_object_mut().and_then(|event| event.remove("auditveil")).unwrap_or_default()
}

/// Why a line cannot be compared.
fn apart(line: &[u8], answer: &[u8]) -> Option<Apart> {
    let Ok(text) = std::str::from_utf8(line) else { return Some(Apart::NoJson) };
    let text = text.trim_start_matches('\u{feff}');
    let Ok(Names(repeated)) = serde_json::from_str(text) else { return Some(Apart::NoJson) };
    let Ok(Value::Object(record)) = serde_json::from_str(text) else { return Some(Apart::NoJson) };
    if repeated {
        return Some(Apart::Repeated);
    }
    let fields: BTreeSet<&str> = tables::event_fields().collect();
    let small: Vec<String> = fields.iter().map(|name| name.to_ascii_lowercase()).collect();
    let is_odd =
        |name: &String| !fields.contains(name.as_str()) && small.contains(&name.to_ascii_lowercase());
    if record.keys().any(is_odd) || spells_letters(text) {
        return Some(Apart::Spelled);
    }
    let marks = tables::EVENT_MARKS.iter().filter(|mark| record.contains_key(**mark)).count();
    let core: Value = serde_json::from_slice(answer).unwrap_or_default();
    let says_other = core.pointer("/auditveil/shape").is_some() || core.pointer("/auditveil/stub").is_some();
    let compressed = core.pointer("/auditveil/stub/reason") == Some(&Value::from("compressed"));
    if marks < 2 && !says_other || compressed {
        return Some(Apart::Wrapped);
    }
    let wraps = ["log", "message", "msg", "event", "requestBody", "responseBody"];
    if wraps.iter().any(|name| record.contains_key(*name)) {
        return Some(Apart::Wrapped);
    }
    let limited = core.pointer("/auditveil/limits").is_some() || core.get("keys_beyond_limit").is_some();
    limited.then_some(Apart::Limits)
}

/// Whether a letter or a digit is spelled as an escape, as no API server does.
fn spells_letters(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once('\\') {
        let code = behind.strip_prefix('u').and_then(|code| code.get(..4));
        let letter = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        if letter.is_some_and(|letter| letter.is_ascii_alphanumeric()) {
            return true;
        }
        let mut signs = behind.chars();
        signs.next();
        rest = signs.as_str();
    }
    false
}

/// Whether some object has a member twice.
struct Names(bool);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Names, D::Error> {
        deserializer.deserialize_any(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
        let (mut seen, mut repeated) = (BTreeSet::new(), false);
        while let Some((name, Names(inside))) = map.next_entry::<String, Names>()? {
            repeated |= inside | !seen.insert(name);
        }
        Ok(Names(repeated))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Names, A::Error> {
        let mut repeated = false;
        while let Some(Names(inside)) = items.next_element()? {
            repeated |= inside;
        }
        Ok(Names(repeated))
    }

    fn visit_str<E>(self, text: &str) -> Result<Names, E> {
        // JSON text in a string, too.
        let inside = text.trim_start().starts_with(['{', '[']) && text.len() > 2;
        Ok(Names(inside && serde_json::from_str(text).is_ok_and(|Names(repeated)| repeated)))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Names, E> {
        Ok(Names(false))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Names, E> {
        Ok(Names(false))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Names, E> {
        Ok(Names(false))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Names, E> {
        Ok(Names(false))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Names, E> {
        Ok(Names(false))
    }

    fn visit_none<E>(self) -> Result<Names, E> {
        Ok(Names(false))
    }
}
