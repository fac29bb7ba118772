//! Every detection fires where it should and not on its nearest neighbour: the rows of `tests/detections/*.jsonl`.

use super::stamped::{Stamped, with_lists};
use auditveil_core::enrich::Reader;
use auditveil_core::enrich::detections::{DETECTIONS, Detections, default_lists};
use auditveil_core::{Events, Fault, Filter, Settings};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The rows, each with the file and the line it stands in.
fn rows() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("detections");
    let mut rows = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for (index, line) in text.lines().enumerate() {
            let place = format!("{}:{}", path.file_name().unwrap().to_string_lossy(), index + 1);
            let row = serde_json::from_str(line).unwrap_or_else(|error| panic!("{place}: {error}"));
            rows.push((place, row));
        }
    }
    rows
}

fn record(row: &Value) -> String {
    match &row["event"] {
        Value::Null => row["record"].as_str().unwrap().to_owned(),
        event => event.to_string(),
    }
}

fn fired(reader: &mut Reader, row: &Value) -> Vec<String> {
    let mut filter = match row["configuration"].as_str() {
        None => Filter::new(),
        Some("invalid") => Filter::strictest(Fault::Invalid),
        Some(other) => panic!("`{other}` is no configuration of a row"),
    };
    let record = record(row);
    let mut answer = Vec::new();
    filter.process(record.as_bytes(), &mut answer);
    let mut fired = Vec::new();
    Events::default().each(&answer, &mut |event| {
        fired.extend(reader.read(event).detections().map(|rule| rule.id.clone()));
    });
    fired
}

#[test]
fn every_row_fires_or_does_not() {
    let mut reader = Reader::with_detections(Detections::compile(&with_lists().lists()).unwrap());
    let mut wrong = Vec::new();
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (place, row) in rows() {
        let id = row["detection"].as_str().unwrap();
        let expected = row["fires"].as_bool().unwrap();
        assert!(row["why"].as_str().is_some_and(|why| !why.is_empty()), "{place} says not why");
        let fired = fired(&mut reader, &row);
        if fired.iter().any(|fired| fired == id) != expected {
            wrong.push(format!("{place}: {id}, expected {expected}; {fired:?} fired"));
        }
        let count = counts.entry(id.to_owned()).or_default();
        *(if expected { &mut count.0 } else { &mut count.1 }) += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for detection in &DETECTIONS {
        let (fires, neighbours) = counts.remove(detection.id).unwrap_or_default();
        assert!(
            fires > 0 && neighbours > 0,
            "{} fires in {fires} rows, and not in {neighbours}",
            detection.id
        );
    }
    assert!(counts.is_empty(), "no detections: {counts:?}");
}

/// The stamp tells what is found in the answer that it stands in.
#[test]
fn every_row_is_told_in_the_stamp() {
    let mut stamped = Stamped::new(&with_lists());
    let mut invalid = Filter::with_settings(Settings::strictest(Fault::Invalid));
    let mut told = 0;
    for (place, row) in rows() {
        if row["configuration"].is_string() {
            let (mut answer, id) = (Vec::new(), row["detection"].as_str().unwrap());
            invalid.process(record(&row).as_bytes(), &mut answer);
            assert!(String::from_utf8(answer).unwrap().contains(&format!("\"{id}\"")), "{place}");
            continue;
        }
        told += usize::from(stamped.check(record(&row).as_bytes(), &place).contains("\"detections\""));
    }
    assert!(told > 100, "{told}");
}

/// A request that has only been received has done nothing yet.
#[test]
fn nothing_fires_before_it_happens() {
    let mut reader = Reader::with_detections(Detections::compile(&default_lists()).unwrap());
    for (place, mut row) in rows() {
        if row["event"]["stage"].is_string() {
            row["event"]["stage"] = "RequestReceived".into();
            assert_eq!(fired(&mut reader, &row), [""; 0], "{place}");
        }
    }
}
