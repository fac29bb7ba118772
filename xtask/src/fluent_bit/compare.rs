//! Whether a line that Fluent Bit wrote says what the core answered.
//!
//! The host's JSON parser and writer stand between the two: they respell numbers and escapes and
//! keep one of several equal keys. So values are compared, not bytes.

use auditveil_tests::json::{self, Member};
use auditveil_tests::msgpack::Answer;
use std::collections::BTreeMap;

/// Where two texts differ, in words; nothing of their content, which may be a secret.
pub(super) type Difference = String;

/// Our flat key, which the shipped `grep` asks for.
const FLAT_KEY: &str = "auditveil_version";

/// The line of the shipped pipeline.
pub(super) fn shipped(line: &str, answer: &Answer) -> Result<(), Difference> {
    let mut members = json::members(line).map_err(|error| format!("no JSON object: {error}"))?;
    let versions = members.iter().filter(|member| member.key() == FLAT_KEY).count();
    let version = members.iter().find(|member| member.key() == FLAT_KEY);
    if version.map(|member| member.value) != Some("\"1\"") || versions != 1 {
        return Err(format!("not one {FLAT_KEY} with the value \"1\""));
    }
    members.retain(|member| member.key() != FLAT_KEY);

    for (name, text) in &answer.moved {
        let key = format!("{name}_text");
        let at = members.iter().position(|member| member.key() == key);
        let pieces = at.map(|at| members.remove(at)).ok_or_else(|| format!("`{key}` is missing"))?;
        let pieces = json::items(pieces.value).map_err(|_| format!("`{key}` is no array"))?;
        let joined: String = pieces.into_iter().map(json::unescape).collect();
        if joined.trim_end_matches(' ') != text {
            return Err(format!("the pieces of `{key}` are not its text"));
        }
    }
    // What the host's parser refuses stays text.
    if let [Member { raw_key: "\"log\"", value }] = members.as_slice() {
        let same = json::unescape(value).trim_end_matches(' ') == answer.text;
        return if same { Ok(()) } else { Err("the text in `log` differs".to_owned()) };
    }
    let mut expected = json::members(&answer.text).map_err(|error| format!("the answer: {error}"))?;
    // Of a key in the text and the same beside it, the host keeps the one beside it.
    expected.retain(|member| member.key() != FLAT_KEY);
    object(&expected, &members, "$")
}

/// The line of a pipeline in JSON mode: the host parsed the answer and wrote it again.
pub(super) fn in_json_mode(line: &str, answer: &Answer) -> Result<(), Difference> {
    let members = json::members(line).map_err(|error| format!("no JSON object: {error}"))?;
    let expected = json::members(&answer.text).map_err(|error| format!("the answer: {error}"))?;
    object(&expected, &members, "$")
}

fn value(expected: &str, found: &str, path: &str) -> Result<(), Difference> {
    if expected == found {
        return Ok(());
    }
    let parse = |text: &str| text.parse::<f64>().ok();
    let same = match expected.as_bytes().first() {
        Some(b'{') => {
            let (Ok(expected), Ok(found)) = (json::members(expected), json::members(found)) else {
                return Err(format!("{path}: an object and something else"));
            };
            return object(&expected, &found, path);
        }
        Some(b'[') => {
            let (Ok(expected), Ok(found)) = (json::items(expected), json::items(found)) else {
                return Err(format!("{path}: an array and something else"));
            };
            if expected.len() != found.len() {
                return Err(format!("{path}: {} and {} items", expected.len(), found.len()));
            }
            let mut pairs = expected.iter().zip(found).enumerate();
            return pairs
                .try_for_each(|(at, (expected, found))| value(expected, found, &format!("{path}[{at}]")));
        }
        Some(b'"') => found.starts_with('"') && json::unescape(expected) == json::unescape(found),
        _ => match (parse(expected), parse(found)) {
            // The host writes doubles with 16 digits.
            (Some(expected), Some(found)) => (expected - found).abs() <= expected.abs() * 1e-14,
            _ => false,
        },
    };
    if same { Ok(()) } else { Err(format!("{path}: another value")) }
}

fn object(expected: &[Member<'_>], found: &[Member<'_>], path: &str) -> Result<(), Difference> {
    let by_key = |members: &[Member<'_>]| -> BTreeMap<String, String> {
        members.iter().map(|member| (member.key(), member.value.to_owned())).collect()
    };
    let (expected, found) = (by_key(expected), by_key(found));
    if let Some(extra) = found.keys().find(|key| !expected.contains_key(*key)) {
        return Err(format!("{path}: `{extra}` does not belong there"));
    }
    expected.iter().try_for_each(|(key, text)| {
        let found = found.get(key).ok_or_else(|| format!("{path}: `{key}` is missing"))?;
        value(text, found, &format!("{path}.{key}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str, moved: &[(&str, &str)]) -> Answer {
        let moved = moved.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Answer { text: text.to_owned(), moved }
    }

    #[test]
    fn what_the_host_may_do() {
        let stamped = answer(r#"{"a":1e2,"b":"\u00e9\/","a":100,"c":[{}]}"#, &[]);
        assert_eq!(shipped(r#"{"b":"é/","a":100.0,"c":[{}],"auditveil_version":"1"}"#, &stamped), Ok(()));
        let refused = r#"{"log":"{\"a\":1e400}","auditveil_version":"1"}"#;
        assert_eq!(shipped(refused, &answer(r#"{"a":1e400}"#, &[])), Ok(()));
        let moved = answer(r#"{"a":1}"#, &[("body", "[1,2]")]);
        assert_eq!(shipped(r#"{"a":1,"body_text":["[1,","2] "],"auditveil_version":"1"}"#, &moved), Ok(()));
    }

    #[test]
    fn what_it_may_not() {
        let expected = answer(r#"{"a":{"b":[1,"x"]}}"#, &[]);
        for wrong in [
            "",
            r#"{"a":{"b":[1,"x"]}}"#,
            r#"{"a":{"b":[1,"x"]},"auditveil_version":"2"}"#,
            r#"{"a":{"b":[1,"x"]},"auditveil_version":"1","auditveil_version":"1"}"#,
            r#"{"a":{"b":[1,"x"],"c":0},"auditveil_version":"1"}"#,
            r#"{"a":{"b":[1,"y"]},"auditveil_version":"1"}"#,
            r#"{"a":{"b":[1]},"auditveil_version":"1"}"#,
            r#"{"a":{"b":[2,"x"]},"auditveil_version":"1"}"#,
            r#"{"a":{},"auditveil_version":"1"}"#,
            r#"{"log":"{\"a\":1}","auditveil_version":"1"}"#,
        ] {
            assert!(shipped(wrong, &expected).is_err(), "{wrong}");
        }
        let moved = answer(r#"{"a":1}"#, &[("body", "[1,2]")]);
        assert!(shipped(r#"{"a":1,"auditveil_version":"1"}"#, &moved).is_err());
        assert!(shipped(r#"{"a":1,"body_text":["[1"],"auditveil_version":"1"}"#, &moved).is_err());
    }
}
