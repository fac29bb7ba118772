//! What is JSON is read as JSON and kept; what is not is told. The other reader is serde_json, as the oracle
//! of the tests uses it.

use super::{Finding, Target, exact, finding, sound, stamp, told};
use crate::tree::Node;
use auditveil_tests::{Error, json};

pub(super) fn check(target: &Target, input: &[u8]) -> Result<String, Finding> {
    let text = String::from_utf8_lossy(input);
    let body = text.trim_matches([' ', '\t', '\r', '\n']);
    let record = format!(
        r#"{{"auditID":"a","verb":"create","objectRef":{{"resource":"widgets","apiGroup":"example.com"}},"requestObject":{body},"stage":"Panic"}}"#
    );
    let answer = sound(&mut target.filter(), record.as_bytes())?;
    let stamp = stamp(&answer);
    let told_of = |words: &[&str]| words.iter().any(|word| stamp.contains(word));
    let is_json = json::is_json(&record).is_ok();
    let complaint = match is_json {
        true if told_of(&["\"cut\":", "\"damaged\":", "\"stub\":"]) => {
            Some(Error::new(format!("JSON, but told to be damaged: {stamp}")))
        }
        false if !told_of(&["\"cut\":", "\"damaged\":", "\"stub\":"]) => {
            Some(Error::new(format!("no JSON, but not told to be damaged: {stamp}")))
        }
        true if !told_of(&["\"limits\":"]) => {
            let answer = std::str::from_utf8(&answer).ok().and_then(Node::read);
            let Some(Node::Object(mut members)) = answer else { return Ok(String::new()) };
            members.pop();
            let event = match Node::read(&record) {
                // Stamps that come in go.
                Some(Node::Object(mut members)) => {
                    members.retain(|(key, _)| json::unescape(key) != "auditveil");
                    Node::Object(members)
                }
                _ => return Ok(String::new()),
            };
            exact::compare(&event, &Node::Object(members)).err()
        }
        _ => None,
    };
    complaint.map_or_else(|| Ok(told(&answer)), |error| Err(finding(error, record.as_bytes())))
}
