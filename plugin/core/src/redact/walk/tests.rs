//! The way from name to name against the way round: white space keeps a member off the former.

use super::{Broken, Walker};
use crate::redact::places::Place;
use alloc::string::String;
use alloc::vec::Vec;
use proptest::prelude::*;
use serde_json::{Map, Value};

/// `json` with all edits made that a walk asks for.
fn walked(json: &[u8], place: Place) -> Result<Vec<u8>, Broken> {
    let mut walker = Walker::new();
    walker.reset(json);
    for _ in 0..2 {
        walker.restart();
        assert_eq!(walker.value(json, 0, place, 1)?, json.len());
        if !walker.late {
            break;
        }
    }
    assert!(!walker.late);
    let mut out = Vec::new();
    let mut at = 0;
    for edit in &walker.edits {
        // A text that is read in two ways is marked twice.
        if (edit.start as usize) < at {
            continue;
        }
        out.extend_from_slice(&json[at..edit.start as usize]);
        out.extend_from_slice(edit.put.bytes());
        at = edit.end as usize;
    }
    out.extend_from_slice(&json[at..]);
    Ok(out)
}

fn name() -> impl Strategy<Value = String> {
    let known = prop::sample::select(&[
        "kind",
        "type",
        "apiVersion",
        "data",
        "stringData",
        "metadata",
        "items",
        "annotations",
        "name",
        "token",
        "f:metadata",
        "k",
        "value",
        "password",
        "requestObject",
        "message",
        "managedFields",
        "log",
    ]);
    prop_oneof![4 => known.prop_map(String::from), 1 => "\\PC{0,20}", 1 => "[a-zA-Z./-]{0,80}"]
}

fn text() -> impl Strategy<Value = String> {
    let known = prop::sample::select(&[
        "Secret",
        "SecretList",
        "Opaque",
        "List",
        "",
        "{}",
        "[1]",
        " {",
        "a",
        "[REDACTED]",
    ]);
    prop_oneof![4 => known.prop_map(String::from), 1 => "\\PC{0,20}", 1 => "[a-z ]{0,80}"]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i32>().prop_map(Value::from),
        5 => text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..6)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn white_space_changes_nothing(value in value(), secret in any::<bool>()) {
        // What ends with the text may be the beginning of something longer, unless it is a container.
        let value = if value.is_object() { value } else { Value::from(Vec::from([value])) };
        let place = if secret { Place::Secret } else { Place::Any };
        let tight = walked(serde_json::to_string(&value).unwrap().as_bytes(), place).unwrap();
        let spaced = walked(serde_json::to_string_pretty(&value).unwrap().as_bytes(), place).unwrap();
        // Read as text first: an edit in the wrong place is no JSON.
        let tight: Value = serde_json::from_slice(&tight).unwrap();
        let spaced: Value = serde_json::from_slice(&spaced).unwrap();
        prop_assert_eq!(tight, spaced);
    }
}

#[test]
fn whatever_is_cut_is_an_error_and_nothing_behind_is_read() {
    let json = br#"{"a":"b","f:c":{},"d":{"e":[1,"x",{}],"kind":"Secret","data":{"p":"q"}},"g":true}"#;
    for end in 0..json.len() {
        assert_eq!(Walker::new().value(&json[..end], 0, Place::Any, 1), Err(Broken::Cut), "{end}");
    }
    let longer = [&json[..], br#","h":"i""#].concat();
    assert_eq!(Walker::new().value(&longer, 0, Place::Any, 1), Ok(json.len()));
}

#[test]
fn an_unreadable_name_does_not_hide_what_an_object_is() {
    for name in [r"\q", "\u{1}", r"\u12g4"] {
        let json = alloc::format!(r#"{{"{name}":1,"kind":"Secret","data":{{"p":"hunter2"}}}}"#);
        let out = String::from_utf8(walked(json.as_bytes(), Place::Any).unwrap()).unwrap();
        assert!(!out.contains("hunter2"), "{out}");
    }
}
