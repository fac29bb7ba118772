//! What follows from an event, as expressions of VRL: the same decisions as `enrich/facts` of the core.

use crate::quote::{alternatives, one_of, pattern};
use crate::{fill, texts};
use auditveil_core::tables::{self, FACT_LIMITS};

/// What conditions and facts ask of the members of an event, which stand in `heads`.
pub(crate) const SUBJECTS: &str = include_str!("program/subjects.vrl");

/// The section of a program that finds facts, and tells them if that is asked for.
pub(crate) fn print(told: bool) -> String {
    let [text, arguments, bytes, ..] = FACT_LIMITS.map(|limit| limit.to_string());
    let (control_plane, cloud, before, behind) = tables::known_users();
    let cloud = alternatives(cloud);
    let cloud_managed = format!("r'^(?:{cloud})$|^{}|{}$'", pattern(before), pattern(behind));
    let told =
        if told { fill(include_str!("program/told.vrl"), &[("most_text", text)]) } else { String::new() };
    fill(
        include_str!("program/facts.vrl"),
        &[
            ("subjects", SUBJECTS.trim_end().to_owned()),
            ("control_plane", one_of(control_plane)),
            ("cloud_managed", cloud_managed),
            ("most_arguments", arguments),
            ("most_bytes", bytes),
            ("suspicious", texts::suspicious()),
            ("told", told),
        ],
    )
}
