//! The envelopes that stay envelopes, because other tools need them as they are: one row for each place in which
//! one holds events. Data only; `docs/shapes.md` is held to it by a test.
//!
//! A record may fit several rows, and what it holds is looked into for each.

use crate::config::Shape;

/// One step on the way from a record to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into the members of this name.
    Into(&'static str),
    /// Into each element.
    Each,
}

/// What stands at the end of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// The text of an event.
    Text,
    /// Text that is packed: compressed, or in base64 at least.
    Packed,
    /// An event.
    Object,
    /// An event, if it has an `auditID` and another field of one: anything may stand under this name.
    Event,
    /// An audit log of Google Cloud, whose parts are those of an event.
    Gke,
    /// A request of an AdmissionReview.
    Review,
    /// A record of Rancher's own log.
    Rancher,
    /// An event, each value under the way that leads to it: `kubernetes.audit.objectRef.resource`.
    Dotted,
}

/// Where a kind of record holds events.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope {
    pub(crate) shape: Shape,
    pub(crate) way: &'static [Step],
    pub(crate) content: Content,
    /// What stands there is a copy of the event, if the record is one: nothing is decided by it.
    pub(crate) copy: bool,
}

/// What the names of an event's values begin with where they stand in the record one by one.
pub(crate) const DOTTED: &[u8] = b"kubernetes.audit.";

/// The members of which one tells a record of Rancher's: two bodies, and two lists of headers.
pub(crate) const OF_RANCHER: [&str; 4] = ["requestBody", "responseBody", "requestHeader", "responseHeader"];

impl Envelope {
    /// Whether a record may fit the row because it has a member of this name.
    pub(crate) fn begins_with(&self, name: &[u8]) -> bool {
        match (self.way.first(), self.content) {
            (Some(Step::Into(first)), _) => first.as_bytes() == name,
            (_, Content::Rancher) => OF_RANCHER.iter().any(|own| own.as_bytes() == name),
            _ => false,
        }
    }
}

const fn row(shape: Shape, way: &'static [Step], content: Content) -> Envelope {
    Envelope { shape, way, content, copy: false }
}

const fn copy(way: &'static [Step]) -> Envelope {
    Envelope { shape: Shape::Text, way, content: Content::Text, copy: true }
}

use Step::{Each, Into};

/// Every place, in the order in which they are looked for.
pub(crate) const ENVELOPES: &[Envelope] = &[
    row(Shape::Gke, &[Into("protoPayload")], Content::Gke),
    row(Shape::Aks, &[Into("records"), Each, Into("properties"), Into("log")], Content::Text),
    row(Shape::Aks, &[Into("records"), Each, Into("properties"), Into("log")], Content::Event),
    row(Shape::Aks, &[Into("properties"), Into("log")], Content::Text),
    row(Shape::Aks, &[Into("properties"), Into("log")], Content::Event),
    row(Shape::Aks, &[Into("log_s")], Content::Text),
    row(Shape::Eks, &[Into("logEvents"), Each, Into("message")], Content::Text),
    row(Shape::Eks, &[Into("records"), Each, Into("data")], Content::Text),
    row(Shape::Eks, &[Into("records"), Each, Into("data")], Content::Packed),
    row(Shape::Eks, &[Into("awslogs"), Into("data")], Content::Packed),
    row(Shape::Nested, &[Into("kubernetes"), Into("audit")], Content::Object),
    row(Shape::Nested, &[Into("kubernetes.audit")], Content::Object),
    row(Shape::Nested, &[Into("json")], Content::Event),
    row(Shape::Nested, &[Into("structured")], Content::Event),
    row(Shape::Nested, &[Into("jsonPayload")], Content::Event),
    row(Shape::Nested, &[Into("body")], Content::Event),
    row(Shape::Nested, &[], Content::Dotted),
    row(Shape::AdmissionReview, &[Into("request")], Content::Review),
    row(Shape::Rancher, &[], Content::Rancher),
    copy(&[Into("event"), Into("original")]),
    copy(&[Into("event.original")]),
    copy(&[Into("message")]),
    copy(&[Into("@message")]),
    copy(&[Into("msg")]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use alloc::string::String;
    use alloc::vec::Vec;

    /// The names that the page gives to where a row leads.
    fn ways(envelope: &Envelope) -> Vec<String> {
        if envelope.content == Content::Rancher {
            return OF_RANCHER.map(String::from).to_vec();
        }
        if envelope.content == Content::Dotted {
            return [alloc::format!("{}*", core::str::from_utf8(DOTTED).unwrap())].into();
        }
        let mut way = String::new();
        for step in envelope.way {
            match step {
                Step::Into(name) if way.is_empty() => way.push_str(name),
                Step::Into(name) => way.extend([".", name]),
                Step::Each => way.push_str("[]"),
            }
        }
        [way].into()
    }

    #[test]
    fn the_page_says_what_the_table_says() {
        let page = include_str!("../../../../docs/shapes.md");
        let table = page.split("## Envelopes that stay").nth(1).unwrap().split("\n## ").next().unwrap();
        let mut stated = BTreeSet::new();
        for row in table.lines().filter(|line| line.starts_with('|')).skip(2) {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            for way in cells[3].split('`').skip(1).step_by(2) {
                stated.insert((cells[1].trim_matches('`'), String::from(way)));
            }
        }
        let mut known = BTreeSet::new();
        for envelope in ENVELOPES {
            let shape = match envelope.shape {
                _ if envelope.copy => "any",
                Shape::Gke => "gke",
                Shape::Aks => "aks",
                Shape::Eks => "eks",
                Shape::Nested => "nested",
                Shape::AdmissionReview => "admission_review",
                Shape::Rancher => "rancher",
                other => panic!("{other:?} stays no envelope"),
            };
            known.extend(ways(envelope).into_iter().map(|way| (shape, way)));
        }
        assert_eq!(stated, known, "left: docs/shapes.md, right: ENVELOPES");
    }

    #[test]
    fn rows_do_not_overlap() {
        for (index, one) in ENVELOPES.iter().enumerate() {
            for other in ENVELOPES.iter().skip(index + 1) {
                let same = one.way == other.way && one.content == other.content;
                assert!(!same, "{one:?} stands there twice");
                let nested = one.way.starts_with(other.way) || other.way.starts_with(one.way);
                let whole = one.way.is_empty() || other.way.is_empty() || one.way == other.way;
                assert!(!nested || whole, "{one:?} {other:?}");
            }
        }
    }
}
