//! HOT: over the `fieldsV1` of managed fields, which are a third of many objects and hold nothing.
//!
//! ```text
//! {"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:ports":{"k:{\"port\":80}":{".":{}}}}}
//! ```
//!
//! Names with a colon behind their first letter, or `.`; under each an object of the same kind or `{}`. No rule
//! knows such a name, so nothing in there leads anywhere. Whatever looks otherwise is for the walk.
//!
//! Source: `k8s.io/apimachinery`, `FieldsV1`, and `sigs.k8s.io/structured-merge-diff`, `fieldpath/serialize.go`.

use super::MOST_MEMBERS;
use crate::json::scan;

/// What follows the object of which `rest` is what stands behind its first quote, if it is one of managed fields
/// that is emitted as it is: less than `deepest` levels in itself, and no object with too many members.
///
/// No more is looked at than a walk then looks at again, and nothing in it is looked at like this again.
#[inline(never)]
pub(super) fn behind(rest: &[u8], deepest: usize) -> Option<&[u8]> {
    let mut rest = rest;
    let mut depth: usize = 1;
    if depth >= deepest {
        return None;
    }
    let mut members: u32 = 0;
    loop {
        members = members.wrapping_add(1);
        if members > MOST_MEMBERS {
            return None;
        }
        let (first, behind) = scan::name(rest);
        // A colon behind the first letter, or a dot alone.
        if first & 0xff00 != COLON && first & 0xffff != DOT {
            return None;
        }
        let (&tail, after) = behind.split_first_chunk::<4>()?;
        let (tail, after) = match u32::from_le_bytes(tail) {
            tail @ (EMPTY | OPENS) => (tail, after),
            _ => {
                let (&tail, after) = behind_escapes(behind)?.split_first_chunk::<4>()?;
                (u32::from_le_bytes(tail), after)
            }
        };
        rest = after;
        match tail {
            EMPTY => {}
            OPENS => {
                depth = depth.wrapping_add(1);
                if depth >= deepest {
                    return None;
                }
                continue;
            }
            _ => return None,
        }
        loop {
            match rest {
                [b',', b'"', after @ ..] => {
                    rest = after;
                    break;
                }
                [b'}', after @ ..] => {
                    depth = depth.wrapping_sub(1);
                    rest = after;
                    if depth == 0 {
                        return Some(rest);
                    }
                }
                _ => return None,
            }
        }
    }
}

const COLON: u64 = (b':' as u64) << 8;
const DOT: u64 = b'.' as u64 | (b'"' as u64) << 8;

/// Behind a name: nothing in it, or a member.
const EMPTY: u32 = u32::from_le_bytes(*b"\":{}");
const OPENS: u32 = u32::from_le_bytes(*b"\":{\"");

/// From the first escape of a name to its closing quote; `None` if there is more than plain text and simple escapes.
fn behind_escapes(rest: &[u8]) -> Option<&[u8]> {
    let mut rest = rest;
    loop {
        match rest {
            [b'"', ..] => return Some(rest),
            [b'\\', escape, after @ ..] if scan::is_simple_escape(*escape) => rest = scan::plain(after),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::places::Place;
    use crate::redact::walk::Walker;
    use alloc::string::String;
    use proptest::prelude::*;

    /// What [`behind`] says of an object, compared with a walk.
    fn check(json: &str, deepest: usize) -> bool {
        let Some(rest) = json.strip_prefix("{\"") else { return false };
        let Some(after) = behind(rest.as_bytes(), deepest) else { return false };
        let mut walker = Walker::new();
        walker.reset(json.as_bytes());
        let nesting = crate::limits::EMITTED_NESTING - deepest;
        assert_eq!(
            walker.value(json.as_bytes(), 0, Place::Any, nesting),
            Ok(json.len() - after.len()),
            "{json}"
        );
        assert!(walker.edits.is_empty() && walker.regions.is_empty() && !walker.late, "{json}");
        true
    }

    #[test]
    fn what_an_apiserver_writes() {
        assert!(check(
            r#"{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"k:{\"port\":80}":{"v:\"a\"":{}}}},"x":1"#,
            40
        ));
        for other in [
            r#"{"f:data":{"password":{}}}"#,
            r#"{"f:data":"x"}"#,
            r#"{"f:data":[]}"#,
            r#"{"f:data":{ }}"#,
            r#"{"f:da\u0074a":{}}"#,
            r#"{"f:a":{}"#,
            r#"{"..":{}}"#,
            r#"{".a":{}}"#,
        ] {
            assert!(!check(other, 40), "{other}");
        }
    }

    #[test]
    fn limits_of_what_is_emitted() {
        let nested = |levels: usize| [&"{\"f:a\":".repeat(levels), "{}", &"}".repeat(levels)].concat();
        for levels in 1..8 {
            assert_eq!(check(&nested(levels), 6), levels < 6, "{levels}");
        }
        let wide = |members: usize| {
            let members: alloc::vec::Vec<String> =
                (0..members).map(|at| alloc::format!("\"f:{at}\":{{}}")).collect();
            alloc::format!("{{{}}}", members.join(","))
        };
        assert!(check(&wide(1024), 40));
        assert!(!check(&wide(1025), 40));
    }

    proptest! {
        #[test]
        fn a_walk_finds_nothing_either(parts in prop::collection::vec(prop::sample::select(&[
            "\"f:a\":{", "\"f:a\":{", "\"f:a\":{}", "\"f:a\":{}", "}", "}", ",", ",", "\".\":{}", "\"k:{\\\"a\\\":1}\":{", "\"kind\":{}", "\"x\"", "{", " ", "\"f:é\":{}",
        ]), 0..16)) {
            let json = ["{\"f:a\":{", &parts.concat(), "}}}}"].concat();
            for deepest in [3, 40] {
                check(&json, deepest);
            }
        }
    }
}
