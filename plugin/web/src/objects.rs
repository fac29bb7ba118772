//! Answers, problems and errors as objects of JavaScript. Their types are in `types.d.ts`.

use crate::configuration::{Problem, Refused, Severity};
use crate::javascript::{Array, Bytes, Error, Object, RangeError, TypeError};
use alloc::format;
use alloc::string::{String, ToString as _};
use auditveil_core::Outcome;
use wasm_bindgen::JsValue;

/// What a record became, as an object.
///
/// # Errors
/// What JavaScript throws where it has no memory for the bytes.
pub fn answer(outcome: Outcome, bytes: &[u8]) -> Result<JsValue, JsValue> {
    let object = Object::new();
    let outcome = match outcome {
        Outcome::Emitted => "emitted",
        Outcome::Dropped => "dropped",
        Outcome::Stubbed(reason) => {
            object.set("reason", &reason.id().into());
            "stubbed"
        }
    };
    object.set("outcome", &outcome.into());
    object.set("bytes", &Bytes::of(bytes)?.into());
    Ok(object.into())
}

/// Problems as an array of objects.
pub fn problems(problems: &[Problem]) -> JsValue {
    let array = Array::new();
    for problem in problems {
        let object = Object::new();
        describe(&object, problem);
        object.set("message", &problem.error.message().to_string().into());
        array.push(&object);
    }
    array.into()
}

/// All of a problem but its message, which an error has in another form.
fn describe(object: &Object, problem: &Problem) {
    let error = &problem.error;
    object.set("severity", &problem.severity.id().into());
    object.set("code", &error.kind().id().into());
    object.set("text", &problem.text.id().into());
    object.set("path", &error.path().to_string().into());
    object.set("line", &error.line().into());
    object.set("column", &error.column().into());
    object.set("width", &error.width().into());
    if let Some(hint) = error.hint() {
        object.set("hint", &hint.to_string().into());
    }
}

/// The error that is thrown for texts that are refused: it is its first problem, and has them all.
pub fn refused(refused: &Refused) -> JsValue {
    let Refused::Invalid(all) = refused else { return no_memory() };
    let mut errors = all.iter().filter(|problem| problem.severity == Severity::Error);
    let message = errors.clone().map(|problem| format!("{}: {}", problem.text.id(), problem.error));
    let message = message.reduce(|all, one| format!("{all}\n{one}")).unwrap_or_default();
    let error = Error::new(&message);
    error.set("name", &"ConfigurationError".into());
    if let Some(first) = errors.next() {
        describe(&error, first);
    }
    error.set("problems", &problems(all));
    error.into()
}

/// The error that is thrown where there is no memory for what is no record.
pub fn no_memory() -> JsValue {
    let error = RangeError::new("not enough memory");
    error.set("code", &"memory".into());
    error.into()
}

/// A call that makes no sense.
#[derive(Debug)]
pub struct Misuse {
    message: String,
    hint: String,
}

impl Misuse {
    /// With what to do instead.
    pub fn new(message: String, hint: String) -> Misuse {
        Misuse { message, hint }
    }

    /// A value of another type than expected. The value itself is not told.
    pub fn expected(name: &str, expected: &str, found: &JsValue) -> Misuse {
        let found = match found.js_typeof().as_string() {
            _ if found.is_null() => String::from("null"),
            Some(name) if name == "object" => String::from("another object"),
            Some(name) if name == "undefined" => name,
            Some(name) => format!("a {name}"),
            None => String::from("something else"),
        };
        Misuse::new(format!("{name}: expected {expected}, found {found}"), format!("pass {expected}"))
    }
}

impl From<Misuse> for JsValue {
    fn from(misuse: Misuse) -> JsValue {
        let error = TypeError::new(&misuse.message);
        error.set("code", &"argument".into());
        error.set("hint", &misuse.hint.into());
        error.into()
    }
}
