//! Lists of real events: each item is what the same event gives as a record of its own.

use super::{logs, report};
use auditveil_core::{Filter, Outcome};
use auditveil_tests::corpus::{self, Server, lines};
use auditveil_tests::{Error, json, well_formed};

/// What may be emitted in an item.
const DEEPEST: usize = 48 - 2;

/// So many events are made one list.
const BATCH: usize = 100;

/// The answer to one event, without its stamp.
fn without_stamp(filter: &mut Filter, event: &[u8]) -> Result<String, Error> {
    let mut answer = Vec::new();
    filter.process(event, &mut answer);
    let answer = well_formed(&answer)?;
    let stamp = answer.rfind(",\"auditveil\":{").ok_or_else(|| Error::new("no stamp"))?;
    Ok(format!("{}}}", answer.get(..stamp).unwrap_or_default()))
}

/// Filters a list and compares its items with the answers to `events`.
fn compare(filter: &mut Filter, list: &[u8], events: &[&[u8]]) -> Result<(), Error> {
    let mut answer = Vec::new();
    if filter.process(list, &mut answer) != Outcome::Emitted {
        return Err(Error::new("the list is not emitted"));
    }
    let text = well_formed(&answer)?;
    let members = json::members(text)?;
    let items = json::member(&members, "items").ok_or_else(|| Error::new("no items"))?;
    let items = json::items(items)?;
    if items.len() != events.len() {
        return Err(Error::new(format!("{} items became {}", events.len(), items.len())));
    }
    for (number, (item, event)) in items.iter().zip(events).enumerate() {
        let alone = without_stamp(filter, event)?;
        // A list takes two of the levels that are emitted, so the deepest events differ at their bottom.
        if *item != alone && json::shape(&alone).depth <= DEEPEST {
            return Err(Error::new(format!("item {number} is not what it is as a record of its own")));
        }
    }
    let mut again = Vec::new();
    filter.process(&answer, &mut again);
    if again == answer { Ok(()) } else { Err(Error::new("a second pass changed the list")) }
}

#[test]
fn items_are_what_they_are_as_records() -> Result<(), Error> {
    let (mut filter, mut findings, mut items) = (Filter::new(), Vec::new(), 0);
    for server in Server::ALL {
        for (name, list) in corpus::event_lists(server)? {
            let text = std::str::from_utf8(&list).map_err(|_| Error::new("not UTF-8"))?;
            let members = json::members(text.trim())?;
            let events = json::items(json::member(&members, "items").unwrap_or("[]"))?;
            items += events.len();
            let events: Vec<&[u8]> = events.into_iter().map(str::as_bytes).collect();
            if let Err(error) = compare(&mut filter, &list, &events) {
                findings.push(error.at(format!("{}/{name}", server.name())).to_string());
            }
        }
    }
    assert!(items > 300, "only {items} items in all lists");
    report(&findings)
}

#[test]
fn logs_as_arrays_are_what_they_are_as_lines() -> Result<(), Error> {
    let (mut filter, mut findings) = (Filter::new(), Vec::new());
    for (name, log) in logs()? {
        let events: Vec<&[u8]> = lines(&log).collect();
        for (number, batch) in events.chunks(BATCH).enumerate() {
            let list = [b"[", batch.join(&b","[..]).as_slice(), b"]"].concat();
            if let Err(error) = compare(&mut filter, &list, batch) {
                findings.push(error.at(format!("{name}, batch {number}")).to_string());
            }
        }
    }
    report(&findings)
}

#[test]
fn stubs_in_a_list_are_bounded_and_counted() -> Result<(), Error> {
    let list = format!(r#"{{"kind":"EventList","items":[{}]}}"#, vec!["7"; 100_000].join(","));
    let mut answer = Vec::new();
    Filter::new().process(list.as_bytes(), &mut answer);
    let text = well_formed(&answer)?;
    assert!(text.ends_with(r#"],"auditveil":{"version":"1","items":{"stubs":100000}}}"#));
    assert!(answer.len() < list.len(), "a list of digits grew to {} bytes", answer.len());
    let mut again = Vec::new();
    Filter::new().process(&answer, &mut again);
    assert!(again == answer, "a second pass changed the list");
    Ok(())
}
