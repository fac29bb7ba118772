//! Detections as conditions of VRL, put together so that an event is asked little.
//!
//! A condition is cut at its `and`s. What many have in common is asked once, outermost: of an event that was refused nothing
//! is asked that only fires where something was allowed. What needs a loop is asked last.

use crate::conditions::{Printer, Tree, Why};
use crate::facts::SUBJECTS;
use crate::fill;
use crate::quote::{indent, text};
use auditveil_core::config::Config;
use auditveil_core::enrich::detections::Severity;
use auditveil_core::tables::{self, Detection, FACT_LIMITS};

/// A detection on its way into the program.
struct Asked {
    /// What has to hold, in one expression each.
    parts: Vec<String>,
    /// What is done then.
    does: String,
}

/// The detections of a configuration that no program can ask for, and why.
pub fn left_out(config: &Config) -> Vec<(String, &'static str)> {
    let asked = tables::detections(config);
    let refused = |(number, detection): (usize, &Detection)| {
        ask(number, detection).err().map(|why| (detection.id.clone(), why))
    };
    asked.iter().enumerate().filter_map(refused).collect()
}

/// The section of a program that asks for detections; empty if there are none.
pub(crate) fn print(config: &Config) -> String {
    let all = tables::detections(config);
    let (mut built_in, mut own) = (Vec::new(), Vec::new());
    for (number, detection) in all.iter().enumerate() {
        let Ok(asked) = ask(number, detection) else { continue };
        if detection.built_in { built_in.push(asked) } else { own.push(asked) }
    }
    if built_in.is_empty() && own.is_empty() {
        return String::new();
    }
    let [.., most, most_names] = FACT_LIMITS.map(|limit| limit.to_string());
    let bodies = fill(include_str!("program/bodies.vrl"), &[("most_names", most_names)]);
    let own = if own.is_empty() {
        String::new()
    } else {
        let conditions = together(own);
        let places = [
            ("subjects", SUBJECTS.trim_end().to_owned()),
            ("bodies", bodies.trim_end().to_owned()),
            ("conditions", conditions),
        ];
        fill(include_str!("program/own.vrl"), &places)
    };
    let dropped = if config.enrich.dropped_bodies { "" } else { " && exists(event.requestObject)" };
    fill(
        include_str!("program/detections.vrl"),
        &[
            ("dropped", dropped.to_owned()),
            ("bodies", indent(&bodies, 4)),
            ("built_in", indent(&together(built_in), 4)),
            ("own", indent(&own, 4)),
            ("most", most),
            ("severities", crate::quote::list(Severity::ALL.map(Severity::name))),
        ],
    )
}

fn ask(number: usize, detection: &Detection) -> Result<Asked, Why> {
    let mut printer = Printer::default();
    let tree = Tree::new(&detection.condition).ok_or("it has no condition")?;
    let (mut parts, mut late, mut lines) = (Vec::new(), Vec::new(), String::new());
    for part in tree.parts() {
        let (expression, before) = printer.print(&part)?;
        if before.is_empty() {
            if !parts.contains(&expression) {
                parts.push(expression);
            }
        } else {
            lines += &before;
            late.push(expression);
        }
    }
    let Detection { id, severity, .. } = detection;
    let fires =
        format!("found = set(found, [\"d{number:03}\"], [{}, {}]) ?? found", text(id), *severity as u8);
    let does = match late.as_slice() {
        [] => fires,
        late => format!("{lines}if {} {{ {fires} }}", late.join(" && ")),
    };
    Ok(Asked { parts, does })
}

/// Conditions, with what most of them have in common asked once.
fn together(mut all: Vec<Asked>) -> String {
    let mut out = Vec::new();
    while let Some(shared) = most_common(&all) {
        let (mut with, without): (Vec<Asked>, Vec<Asked>) =
            all.into_iter().partition(|asked| asked.parts.contains(&shared));
        with.iter_mut().for_each(|asked| asked.parts.retain(|part| *part != shared));
        out.push(format!("if {shared} {{\n{}\n}}", indent(&together(with), 4)));
        all = without;
    }
    out.extend(all.into_iter().map(|Asked { parts, does }| match parts.as_slice() {
        [] => does,
        parts => format!("if {} {{\n{}\n}}", parts.join(" && "), indent(&does, 4)),
    }));
    out.join("\n")
}

/// What most of these ask, if more than one does; of several the first.
fn most_common(all: &[Asked]) -> Option<String> {
    let count = |part: &String| all.iter().filter(|asked| asked.parts.contains(part)).count();
    let mut best: Option<(usize, &String)> = None;
    for part in all.iter().flat_map(|asked| &asked.parts) {
        let times = count(part);
        if times > 1 && best.is_none_or(|(most, _)| times > most) {
            best = Some((times, part));
        }
    }
    best.map(|(_, part)| part.clone())
}
