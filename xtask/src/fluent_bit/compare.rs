//! Whether a line that Fluent Bit wrote says what the core answered.
//!
//! What the shipped pipeline does to an answer is undone here; what is left is compared as any event.

use crate::answers::compare::{Difference, object};
use auditveil_tests::json::{self, Member};
use auditveil_tests::msgpack::Answer;

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
