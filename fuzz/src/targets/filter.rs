//! The whole filter, on any record.

use super::{Finding, Target, answer, exact, finding, is_plain_event, sound, stamp, told};
use crate::tree::Node;
use auditveil_core::Filter;
use auditveil_tests::{Error, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

thread_local! {
    /// A filter for each target that has seen all records so far.
    static OLD: RefCell<BTreeMap<&'static str, Filter>> = const { RefCell::new(BTreeMap::new()) };
}

pub(super) fn check(target: &Target, record: &[u8]) -> Result<String, Finding> {
    let mut fresh = target.filter();
    let found = sound(&mut fresh, record)?;
    let remembered =
        OLD.with_borrow_mut(|old| answer(old.entry(target.name).or_insert_with(|| target.filter()), record));
    if remembered != found {
        return Err(finding(
            Error::new(format!(
                "a filter that has seen other records answers otherwise\n  fresh {}\n  other {}",
                found.escape_ascii(),
                remembered.escape_ascii()
            )),
            record,
        ));
    }
    let stamp = stamp(&found);
    let altered = ["\"cut\":", "\"limits\":", "\"damaged\":", "\"shape\":", "\"items\":", "\"stub\":"];
    if target.configuration.is_empty() && !altered.iter().any(|word| stamp.contains(word)) {
        kept(record, &found, stamp).map_err(|error| finding(error, record))?;
    }
    Ok(told(&found))
}

/// Holds what came out of a plain event to what went in.
fn kept(record: &[u8], found: &[u8], stamp: &str) -> Result<(), Error> {
    let text = String::from_utf8_lossy(record);
    let event = Node::read(text.trim_start_matches('\u{feff}')).filter(is_plain_event);
    let Some(Node::Object(mut event)) = event else { return Ok(()) };
    let answer = std::str::from_utf8(found).ok().and_then(Node::read);
    let Some(Node::Object(mut answer)) = answer else { return Err(Error::new("the answer is no object")) };
    answer.pop();
    event.retain(|(key, _)| json::unescape(key) != "auditveil");
    let (event, answer) = (Node::Object(event), Node::Object(answer));
    if !stamp.contains("\"redacted\":") && event != answer {
        return Err(Error::new("the stamp tells of nothing that was hidden, but the event is another"));
    }
    exact::compare(&event, &answer)
}
