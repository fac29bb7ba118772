//! What a table of a schema is made of: a path in the document, and where its value comes from.

use crate::event::fields::Field;

/// One field of a schema.
///
/// Rows of one object stand together, so that a document is written from the first to the last.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The way to it, with points: `actor.user.name`. Behind `[]` stands a member of the only element of an array.
    pub path: &'static str,
    /// Where its value comes from, for people.
    pub what: &'static str,
    pub(crate) source: Source,
}

/// Where the value of a row comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    /// It is the same in every document: JSON.
    Constant(&'static str),
    /// A text that is a member of the event.
    Text(Field),
    /// A text in an object that is a member of the event.
    TextIn(Field, &'static str),
    /// What follows from the event.
    Fact(Fact),
    /// A body, as the configuration wants bodies.
    Body(Field),
    /// The event itself.
    Event,
    /// What of the event has no row, and the stamp.
    Rest,
}

/// What follows from an event, as a schema writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// The time of the stage, or of the request, as the event writes it.
    Timestamp,
    /// The same in milliseconds since 1970; 0 if there is none.
    Milliseconds,
    /// The time of the request in milliseconds.
    StartMilliseconds,
    /// From the request to the stage.
    DurationMilliseconds,
    DurationNanoseconds,
    /// The last of the source addresses.
    SourceIp,
    /// `unknown`, if there is no such address.
    NoSourceIp,
    /// All source addresses, as an array.
    Ips,
    /// Those before the last.
    ForwardedIps,
    /// The names and ids of the user and the one it acted as, as an array.
    Users,
    /// The groups of the user, as an array of objects.
    Groups,
    UserName,
    UserTypeId,
    /// The path of the URI, and what stands behind it.
    UriPath,
    UriQuery,
    HttpMethod,
    /// The code of the answer, if it is one of HTTP.
    HttpCode,
    /// The same as a text.
    HttpCodeText,
    /// The verb, or `unknown`.
    Operation,
    RequestUid,
    ActivityId,
    ActivityName,
    TypeUid,
    StatusId,
    Status,
    /// How the request ended, in our words.
    Outcome,
    SeverityId,
    /// The schema's word for it.
    Severity,
    /// What people pivot on, as an array of objects.
    Observables,
    /// Minutes from UTC, of a time that says it.
    TimezoneOffset,
    ResourceName,
    ResourceType,
    Message,
    EcsOutcome,
    EcsType,
    EcsSeverity,
    /// The ids of detections, as an array.
    Detections,
}

/// A table, and what a document has besides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schema {
    pub(crate) rows: &'static [Row],
    /// Whether what has no row, and the stamp, stand at the document's end; else a row holds them.
    pub(crate) open: bool,
    /// What a body is called where it is a text.
    pub(crate) text_suffix: &'static str,
    /// What the names of members of the event begin with where they have left the text.
    pub(crate) event_prefix: &'static str,
    pub(crate) rest_prefix: &'static str,
}

pub(super) const fn constant(path: &'static str, json: &'static str) -> Row {
    Row { path, what: json, source: Source::Constant(json) }
}

pub(super) const fn row(path: &'static str, what: &'static str, source: Source) -> Row {
    Row { path, what, source }
}

pub(super) const fn fact(path: &'static str, what: &'static str, fact: Fact) -> Row {
    Row { path, what, source: Source::Fact(fact) }
}

#[cfg(test)]
mod tests {
    use super::super::{ecs, ocsf};
    use alloc::collections::BTreeSet;

    #[test]
    fn rows_of_an_object_stand_together() {
        for schema in [ecs::SCHEMA, ocsf::SCHEMA] {
            let mut left: BTreeSet<&str> = BTreeSet::new();
            let mut open: BTreeSet<&str> = BTreeSet::new();
            let mut paths = BTreeSet::new();
            for row in schema.rows {
                assert!(paths.insert(row.path), "{} stands there twice", row.path);
                let steps = row.path.match_indices('.');
                let ways: BTreeSet<&str> = steps.filter_map(|(at, _)| row.path.get(..at)).collect();
                for way in &ways {
                    assert!(!left.contains(way), "{}: `{way}` was left before", row.path);
                }
                left.extend(open.difference(&ways));
                open = ways;
            }
        }
    }
}
