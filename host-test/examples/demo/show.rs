//! Before and after of single events, as the values that changed.

use auditveil_tests::json;
use auditveil_tests::msgpack::Answer;
use std::collections::BTreeMap;

/// How many changed values of one event are shown.
const SHOWN: usize = 5;
/// How much of a value is shown, in characters.
const WIDTH: usize = 88;
/// How much of what is the same before and after stands in front of the difference.
const LEAD: usize = 24;

/// An event worth showing: what happened, and how to recognise it.
struct Telling {
    title: &'static str,
    /// Text that its line contains.
    marks: &'static [&'static str],
}

const TELLING: [Telling; 3] = [
    Telling {
        title: "kubectl creates a Secret, and leaves a copy of the manifest in an annotation",
        marks: &[
            r#""verb":"create""#,
            r#""objectRef":{"resource":"secrets""#,
            r#""code":201"#,
            "last-applied-configuration",
            r#""requestObject":{"kind":"Secret""#,
        ],
    },
    Telling {
        title: "a Secret is refused, and the API server quotes it in its error",
        marks: &[r#""objectRef":{"resource":"secrets""#, r#""code":400"#, "illegal base64 data"],
    },
    Telling {
        title: "a custom resource carries the manifest of a Secret",
        marks: &[r#""verb":"create""#, r#""resource":"objects""#, r#""code":201"#, r#""manifest":{"#],
    },
];

/// Prints the shortest event of each kind in which something was redacted.
pub(super) fn telling(lines: &[&[u8]], events: &[Option<Answer>]) {
    for (number, telling) in (1..).zip(&TELLING) {
        let fitting = lines.iter().zip(events).filter_map(|(line, event)| {
            let line = std::str::from_utf8(line).ok()?;
            let event = event.as_ref()?;
            let fits = telling.marks.iter().all(|mark| line.contains(mark));
            (fits && event.moved.is_empty() && event.text.contains("[REDACTED]")).then_some((line, event))
        });
        if let Some((line, event)) = fitting.min_by_key(|(line, _)| line.len()) {
            println!("{number}. {}", telling.title);
            one(line, &event.text);
        }
    }
}

fn one(before: &str, after: &str) {
    let (before, after) = (leaves(before), leaves(after));
    let changed: Vec<(&String, &String, Option<&String>)> = before
        .iter()
        .map(|(path, value)| (path, value, after.get(path)))
        .filter(|(_, before, after)| *after != Some(*before))
        .collect();
    for (path, before, after) in changed.iter().take(SHOWN) {
        let gone = "(gone)".to_owned();
        let after = after.unwrap_or(&gone);
        let same = before.chars().zip(after.chars()).take_while(|(before, after)| before == after).count();
        println!("   {path}\n     before  {}\n     after   {}", excerpt(before, same), excerpt(after, same));
    }
    let rest = changed.len().saturating_sub(SHOWN);
    if rest > 0 {
        println!("   and {rest} more");
    }
    let stamp: Vec<String> = after
        .iter()
        .filter_map(|(path, value)| Some(format!("{} {value}", path.strip_prefix("auditveil.")?)))
        .collect();
    println!("   stamp: {}\n", stamp.join(", "));
}

fn excerpt(value: &str, same: usize) -> String {
    let from = same.saturating_sub(LEAD);
    let shown: String = value.chars().skip(from).take(WIDTH).collect();
    let lead = if from > 0 { "…" } else { "" };
    let tail = if value.chars().count() > from.saturating_add(WIDTH) { "…" } else { "" };
    format!("{lead}{shown}{tail}")
}

/// Every value that is no object and no array, by its path.
fn leaves(event: &str) -> BTreeMap<String, String> {
    let mut leaves = BTreeMap::new();
    let mut open = vec![(String::new(), event.to_owned())];
    while let Some((path, value)) = open.pop() {
        if let Ok(members) = json::members(&value) {
            let below = |key: String| if path.is_empty() { key } else { format!("{path}.{key}") };
            open.extend(members.iter().map(|member| (below(member.key()), member.value.to_owned())));
        } else if let Ok(items) = json::items(&value) {
            let items = items.iter().enumerate();
            open.extend(items.map(|(at, item)| (format!("{path}[{at}]"), (*item).to_owned())));
        } else {
            leaves.insert(path, value);
        }
    }
    leaves
}
