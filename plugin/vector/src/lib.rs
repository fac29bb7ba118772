//! Prints a configuration as a program in VRL, the language of Vector's `remap` transform.
//!
//! Vector runs no WebAssembly since its version 0.17, so there the filter is a program: the policy as conditions, and one
//! walk over the event that obeys the same tables as the core ([`auditveil_core::tables`]). What VRL cannot do (it has no
//! functions of one's own, and reads neither prose nor commands nor YAML) goes as a whole: a text that the core would
//! hide a part of is hidden from its first letter to its last. [`ROWS`] says so row by row, and `docs/vector.md` is made
//! from it.
//!
//! | file | what |
//! |---|---|
//! | `program/*.vrl` | the program, with places for what is generated |
//! | `policy` | an audit policy, as conditions |
//! | `facts` | what follows from an event |
//! | `conditions`, `detections` | the language of conditions, and the detections that are written in it |
//! | `walk` | the tables of places, as conditions |
//! | `names` | the words of names, as patterns |
//! | `texts` | what becomes of texts, as patterns |
//! | `quote` | literals of VRL |
//! | `unit_tests` | tests for `vector test` |
//!
//! What may not live here: words and names that decide; they are the core's.

mod conditions;
mod detections;
mod facts;
mod names;
mod policy;
mod quote;
mod rows;
mod texts;
mod unit_tests;
mod walk;

pub use detections::left_out;
pub use rows::{ROWS, RowInVrl};
pub use unit_tests::unit_tests;

use auditveil_core::config::{Action, ClassAction, Config, Format, Other, PolicySource, Shape};
use auditveil_core::policy::Policy;
use auditveil_core::{config, tables};
use quote::{alternatives, text};
use sha2::{Digest, Sha256};
use std::fmt;

/// The version of VRL that programs are printed for and tested with, and the release of Vector that carries it.
pub const VRL: (&str, &str) = ("0.35", "0.58");

/// A key of the configuration that no program in VRL can follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// The key, as a path: `redact.action`.
    pub key: &'static str,
    /// What a program can follow, in the words of messages.
    pub instead: &'static str,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: expected {}, which is all that a program in VRL does", self.key, self.instead)
    }
}

impl std::error::Error for Unsupported {}

/// The first key of a configuration that no program in VRL can follow.
pub fn unsupported(config: &Config) -> Option<Unsupported> {
    let masks = |action| matches!(action, ClassAction::Auto | ClassAction::Do(Action::Mask));
    let is_event = matches!(config.input.shape, Shape::Auto | Shape::Event);
    let default = Config::default();
    let asked: [(bool, &str, &str); 10] = [
        (config.redact.action == Action::Mask, "redact.action", "`mask`"),
        (
            config.redact.classes.all().into_iter().all(|(_, action)| masks(action)),
            "redact.classes",
            "`mask` or `auto`",
        ),
        (config.redact.keep.is_empty(), "redact.keep", "no exceptions"),
        (config.redact.tokens.is_empty(), "redact.tokens", "no formats of your own"),
        (is_event, "input.shape", "`auto` or `event`"),
        (config.input.field == default.input.field, "input.field", "`log`, since the line is in `.message`"),
        (config.output.format == Format::Audit, "output.format", "`audit`"),
        (config.output.bodies != config::Bodies::Text, "output.bodies", "`objects` or `none`"),
        (config.limits == default.limits, "limits.max_record_bytes", "the default"),
        (!matches!(config.policy, Some(PolicySource::File(_))), "policy_file", "`policy`"),
    ];
    let missing = asked.into_iter().find(|(follows, ..)| !follows);
    missing.map(|(_, key, instead)| Unsupported { key, instead })
}

/// Prints the program of a configuration.
///
/// Detections that VRL cannot ask for are [left out](left_out), and named in the head of the program.
///
/// # Errors
///
/// The configuration asks for what VRL cannot do.
///
/// ```
/// use auditveil_core::config;
///
/// let program = auditveil_vector::program(&config::load(b"redact: {action: mask}").unwrap().config).unwrap();
/// assert!(program.starts_with("# auditveil") && program.contains("map_values(wrapped, recursive: true)"));
///
/// for (text, key) in [("redact: {action: remove}", "redact.action"), ("output: {bodies: text}", "output.bodies")] {
///     let other = config::load(text.as_bytes()).unwrap().config;
///     assert_eq!(auditveil_vector::program(&other).unwrap_err().key, key);
/// }
/// ```
pub fn program(config: &Config) -> Result<String, Unsupported> {
    if let Some(unsupported) = unsupported(config) {
        return Err(unsupported);
    }
    let none = Policy::default();
    let (policy, has_policy) = match &config.policy {
        Some(PolicySource::Inline(policy)) => (policy, true),
        _ => (&none, false),
    };
    let without_bodies = config.output.bodies == config::Bodies::None;
    let mut out = head(config);
    out += &record(config);
    out += &fill(include_str!("program/target.vrl"), &[("groups", alternatives(tables::KNOWN_API_GROUPS))]);
    out += &policy::print(has_policy.then_some(policy), without_bodies);
    out += policy::OBEY;
    out += &fill(include_str!("program/frame.vrl"), &[("fields", event_fields())]);
    out += &walk::print();
    out += &stamp();
    let detections = detections::print(config);
    if config.enrich.facts || !detections.is_empty() {
        out += &facts::print(config.enrich.facts);
    }
    out += &detections;
    out += &end(config);
    Ok(out)
}

/// Prints a program that only decides, by the policy whose number stands in `.policy` beside the line: of an event that
/// stays nothing is left but `level` and `omitManagedFields`.
///
/// The sections that decide are those of [`program`], so what is tested with the one holds for the other; a program for
/// each of hundreds of policies would take minutes to compile.
pub fn decisions(policies: &[Policy]) -> String {
    let mut out = record(&Config::default());
    out += &fill(include_str!("program/target.vrl"), &[("groups", alternatives(tables::KNOWN_API_GROUPS))]);
    out += &policy::print_several(policies);
    out += "names_of_levels = [\"None\", \"Metadata\", \"Request\", \"RequestResponse\"]\n\
            . = { \"level\": get(names_of_levels, [level]) ?? null, \"omitManagedFields\": omit_managed_fields }\n";
    out
}

fn head(config: &Config) -> String {
    let digest = Sha256::digest(config.to_text().as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let (vrl, vector) = VRL;
    let left_out: Vec<String> = detections::left_out(config)
        .into_iter()
        .map(|(id, why)| format!("\n# The detection {} is left out: {why}.", text(&id)))
        .collect();
    let left_out = left_out.concat();
    format!(
        "# auditveil {version}: secrets out of Kubernetes audit events, for the `remap` transform of Vector {vector}\n\
         # (VRL {vrl}). Printed by `auditveil vrl`; print it anew instead of changing it.\n\
         # sha256 of the configuration: {digest}\n\
         #\n\
         # One event of an API server's log a record, as the raw line in `.message`. Set `drop_on_abort: true` (the\n\
         # policy drops by `abort`) and `drop_on_error: true` (nothing unfiltered may pass). What VRL cannot read goes as\n\
         # a whole: docs/vector.md lists it, and what facts and detections it tells otherwise.{left_out}\n\n",
        version = env!("CARGO_PKG_VERSION"),
    )
}

fn event_fields() -> String {
    alternatives(tables::event_fields())
}

/// Names by which an event is told that stands in something else, and of what it stands in.
fn envelopes() -> String {
    let fields = ["auditID", "requestURI", "objectRef", "stageTimestamp", "requestObject", "responseObject"];
    let around = [
        "log",
        "message",
        "msg",
        "event",
        "items",
        "records",
        "awslogs",
        "protoPayload",
        "requestBody",
        "responseBody",
        "requestHeader",
        "responseHeader",
        "AdmissionReview",
        "oldObject",
        "audit",
        "EventList",
    ];
    alternatives(fields.into_iter().chain(around))
}

fn record(config: &Config) -> String {
    let marks: Vec<String> = tables::EVENT_MARKS
        .iter()
        .map(|mark| format!("if exists(fields.{}) {{ marks = marks + 1 }}", mark.to_ascii_lowercase()))
        .collect();
    let drop_other = match config.input.other {
        Other::Keep => "",
        Other::Drop => "\n# `input.other: drop`\nif stub == \"\" && !is_event { abort }",
    };
    fill(
        include_str!("program/record.vrl"),
        &[
            ("marks", marks.join("\n")),
            ("fields", event_fields()),
            ("signs", envelopes()),
            ("drop_other", drop_other.to_owned()),
        ],
    )
}

fn stamp() -> String {
    let step = tables::STUB_LENGTH_STEP.to_string();
    fill(include_str!("program/stamp.vrl"), &[("step", step), ("rescue", texts::rescue())])
}

fn end(config: &Config) -> String {
    let labels: Vec<String> =
        config.enrich.labels.iter().map(|(name, value)| format!("{}: {}", text(name), text(value))).collect();
    let labels = if labels.is_empty() {
        String::new()
    } else {
        format!("# `enrich.labels`\nstamp.labels = {{ {} }}\n", labels.join(", "))
    };
    fill(include_str!("program/end.vrl"), &[("labels", labels)])
}

/// A template with what is generated in its places: `@@name@@`.
fn fill(template: &str, places: &[(&str, String)]) -> String {
    let mut out = template.to_owned();
    for (name, text) in places {
        out = out.replace(&format!("@@{name}@@"), text);
    }
    out
}
