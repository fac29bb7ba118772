//! What can be asked without a filter: whether a configuration is valid, and which version this is.

use crate::javascript::Object;
use crate::{arguments, objects};
use auditveil_core::STAMP_VERSION;
use wasm_bindgen::prelude::*;

/// The types of the objects, before what is made of the functions.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

/// Checks a configuration as `new Filter` would read it, and tells all that is wrong with it, or worth a look.
///
/// It is valid if no problem has the severity `error`; those come first. A key that the configuration names and
/// that was not passed is a warning: a key has no business where configurations are written.
///
/// @throws {TypeError} if an argument makes no sense.
#[wasm_bindgen(unchecked_return_type = "Problem[]")]
pub fn check(
    #[wasm_bindgen(
        unchecked_param_type = "Text | null | undefined",
        param_description = "the content of `auditveil.yaml` or of `audit-policy.yaml`"
    )]
    configuration: &JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "Options | null")] options: &JsValue,
) -> Result<JsValue, JsValue> {
    match arguments::texts(configuration, options)?.check() {
        Ok(problems) => Ok(objects::problems(&problems)),
        Err(refused) => Err(objects::refused(&refused)),
    }
}

/// Which version of the filter this is, and which one of the stamp it writes.
#[wasm_bindgen(unchecked_return_type = "Version")]
pub fn version() -> JsValue {
    let version = Object::new();
    version.set("auditveil", &env!("CARGO_PKG_VERSION").into());
    version.set("stamp", &STAMP_VERSION.into());
    version.into()
}
