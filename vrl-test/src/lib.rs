//! Runs programs in VRL as Vector's `remap` runs them, and holds their answers to those of the core.
//!
//! - [`Program`]: compiled by the `vrl` crate that Vector is built with, run over records
//! - [`compare`]: what differs from the core's answer, and whether it is what the documentation says
//! - [`told`]: the same of facts and detections

pub mod cases;
pub mod compare;
pub mod judge;
pub mod told;

use serde_json::Value as Json;
use vrl::compiler::runtime::{Runtime, Terminate};
use vrl::compiler::{TargetValue, TimeZone};
use vrl::value::{ObjectMap, Secrets, Value};

/// A program in VRL, compiled.
#[derive(Debug)]
pub struct Program {
    program: vrl::compiler::Program,
    runtime: Runtime,
}

/// What becomes of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The event that Vector goes on with.
    Event(Json),
    /// The program aborted: with `drop_on_abort` the record goes.
    Dropped,
    /// It ended with an error. No program may: Vector would go on with the record as it came.
    Failed(String),
}

impl Program {
    /// Compiles a program with all functions of the standard library.
    ///
    /// # Errors
    ///
    /// What the compiler of VRL says, with the lines it is about.
    pub fn compile(source: &str) -> Result<Program, String> {
        let compiled = vrl::compiler::compile(source, &vrl::stdlib::all())
            .map_err(|errors| vrl::diagnostic::Formatter::new(source, errors).to_string())?;
        Ok(Program { program: compiled.program, runtime: Runtime::default() })
    }

    /// Runs it over a line, as a `file` source without decoding hands it over.
    pub fn run(&mut self, line: &[u8]) -> Answer {
        self.run_beside(line, &[])
    }

    /// The same with what the source says of the line.
    pub fn run_beside(&mut self, line: &[u8], beside: &[(&str, Json)]) -> Answer {
        let mut event = ObjectMap::from([("message".into(), Value::from(line))]);
        event.extend(beside.iter().map(|(name, value)| ((*name).into(), Value::from(value.clone()))));
        self.resolve(Value::Object(event))
    }

    fn resolve(&mut self, value: Value) -> Answer {
        let mut target =
            TargetValue { value, metadata: Value::Object(ObjectMap::new()), secrets: Secrets::default() };
        self.runtime.clear();
        match self.runtime.resolve(&mut target, &self.program, &TimeZone::default()) {
            Ok(_) => match serde_json::to_value(&target.value) {
                Ok(event) => Answer::Event(event),
                Err(error) => Answer::Failed(error.to_string()),
            },
            Err(Terminate::Abort(_)) => Answer::Dropped,
            Err(Terminate::Error(error)) => Answer::Failed(error.to_string()),
        }
    }
}
