//! What the stamps of a program and of the core tell of an event: facts and detections, equal but for what is listed here.

use auditveil_core::enrich::detections::DETECTIONS;
use serde_json::Value;

/// Why a program tells something else. Each is said in `docs/vector.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unlike {
    /// Arguments of a command of which the program does not know that they are no credentials are masked.
    Argument,
    /// The path of a request for what is no resource is not told where its URI went as a whole.
    Path,
    /// The name of the object, or what else says which it is, went as a whole.
    ObjectName,
    /// The name of the user went as a whole; what sort of user it is, the program tells all the same.
    UserName,
    /// No program can ask for the detection.
    LeftOut,
    /// An earlier filter, whose stamp a program replaces, had found it in a body that is gone.
    Earlier,
    /// A user's own detection, which is asked of what comes out, asks for a text that went as a whole.
    Hidden,
}

impl Unlike {
    /// In a few words.
    pub const fn about(self) -> &'static str {
        match self {
            Unlike::Argument => "arguments of a command are masked as a whole",
            Unlike::Path => "no target, because the URI goes as a whole",
            Unlike::ObjectName => "a name in the target goes as a whole",
            Unlike::UserName => "the actor has no name, because the user's goes as a whole",
            Unlike::LeftOut => "a detection that no program can ask for",
            Unlike::Earlier => "detections of an earlier filter are lost with its stamp",
            Unlike::Hidden => "a user's own detection asks for what goes as a whole",
        }
    }
}

/// The facts of a stamp.
const FACTS: [&str; 10] = [
    "action",
    "outcome",
    "impersonated",
    "dry_run",
    "actor",
    "source",
    "latency_ms",
    "target",
    "command",
    "command_more",
];

/// What says which object it was.
const OBJECT: [&str; 5] = [
    "/objectRef/resource",
    "/objectRef/apiGroup",
    "/objectRef/subresource",
    "/objectRef/namespace",
    "/objectRef/name",
];

/// What hides a text.
const MASK: &str = "[REDACTED]";

/// Compares the facts of two stamps; `event` is what came out of the program.
///
/// # Errors
///
/// A fact that differs, and should not.
pub fn facts(core: &Value, program: &Value, event: &Value) -> Result<Vec<Unlike>, String> {
    let mut unlike = Vec::new();
    for name in FACTS {
        let (theirs, ours) = (core.get(name), program.get(name));
        let same = match (theirs, ours) {
            (Some(theirs), Some(ours)) if theirs.is_number() => theirs.as_f64() == ours.as_f64(),
            _ => theirs == ours,
        };
        if same {
            continue;
        }
        let hidden = |pointer: &str| event.pointer(pointer).and_then(Value::as_str) == Some(MASK);
        let why = match name {
            "command" if is_masked(theirs, ours) => Unlike::Argument,
            "target" if ours.is_none() && hidden("/requestURI") => Unlike::Path,
            "target" if OBJECT.iter().any(|pointer| hidden(pointer)) => Unlike::ObjectName,
            "actor" if hidden("/user/username") => Unlike::UserName,
            _ => return Err(format!("the stamps differ in `{name}`: {theirs:?}, {ours:?}")),
        };
        unlike.push(why);
    }
    Ok(unlike)
}

/// Whether the second is the first one with masks in place of some texts.
fn is_masked(theirs: Option<&Value>, ours: Option<&Value>) -> bool {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned();
    let (Some(theirs), Some(ours)) = (list(theirs), list(ours)) else { return false };
    theirs.len() == ours.len()
        && theirs.iter().zip(&ours).all(|(theirs, ours)| theirs == ours || ours.as_str() == Some(MASK))
}

/// Compares the detections of two stamps; `left_out` are those that no program asks for, and `hides` says that the program
/// hid more of the event; `earlier` is the stamp it came with.
///
/// # Errors
///
/// One that differs, and should not.
pub fn detections(
    core: &Value,
    program: &Value,
    left_out: &[String],
    hides: bool,
    earlier: &Value,
) -> Result<Vec<Unlike>, String> {
    let ids = |stamp: &Value| -> Vec<String> {
        let ids = stamp.get("detections").and_then(Value::as_array).into_iter().flatten();
        ids.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (mut theirs, mut ours) = (ids(core), ids(program));
    let mut unlike = Vec::new();
    let told = theirs.len();
    theirs.retain(|id| !left_out.contains(id));
    if theirs.len() < told {
        unlike.push(Unlike::LeftOut);
    }
    let before = ids(earlier);
    if theirs != ours && theirs.iter().any(|id| before.contains(id)) {
        theirs.retain(|id| ours.contains(id) || !before.contains(id));
        unlike.push(Unlike::Earlier);
    }
    if theirs != ours && hides {
        let is_own = |id: &String| !DETECTIONS.iter().any(|known| known.id == id);
        theirs.retain(|id| !is_own(id));
        ours.retain(|id| !is_own(id));
        unlike.push(Unlike::Hidden);
    }
    if theirs != ours {
        return Err(format!("other detections: {theirs:?}, {ours:?}"));
    }
    if !unlike.is_empty() {
        return Ok(unlike);
    }
    for name in ["severity", "detections_more"] {
        if core.get(name) != program.get(name) {
            return Err(format!("the stamps differ in `{name}`"));
        }
    }
    Ok(Vec::new())
}
