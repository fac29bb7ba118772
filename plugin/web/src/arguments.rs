//! What JavaScript passes: told apart, and copied into the module's memory.
//!
//! What is refused is told by its name and its type, never by its content.

use crate::configuration::Texts;
use crate::javascript::{Array, Bytes, Object, TextEncoder, copy, is_view};
use crate::objects::{self, Misuse};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use wasm_bindgen::{JsCast as _, JsValue};

/// The options there are.
const OPTIONS: [&str; 2] = ["policy", "key"];

/// The bytes of a text or of bytes; `None` if the value is neither.
///
/// # Errors
/// What JavaScript throws, such as where it has no memory for them.
pub fn bytes(value: &JsValue) -> Result<Option<Bytes>, JsValue> {
    if value.is_string() {
        return TextEncoder::new()?.encode(value).map(Some);
    }
    if !is_view(value) {
        return Ok(None);
    }
    let bytes: Bytes = value.clone().unchecked_into();
    Ok((bytes.bytes_per_element()? == 1.0).then_some(bytes))
}

/// How many bytes there are, if so many can be in memory at all.
///
/// # Errors
/// What JavaScript throws.
pub fn length(bytes: &Bytes) -> Result<Option<usize>, JsValue> {
    let length = bytes.byte_length()?;
    // At most half of what can be addressed, as for everything in Rust.
    let possible = (0.0..f64::from(i32::MAX)).contains(&length);
    Ok(possible.then_some(length as usize))
}

/// A copy of what is there if it is a text or bytes, nothing if nothing is.
fn text(name: &str, value: &JsValue) -> Result<Option<Vec<u8>>, JsValue> {
    if value.is_null() || value.is_undefined() {
        return Ok(None);
    }
    match bytes(value)? {
        Some(bytes) => copied(&bytes).map(Some),
        None => Err(Misuse::expected(name, "a string or a Uint8Array", value).into()),
    }
}

fn copied(bytes: &Bytes) -> Result<Vec<u8>, JsValue> {
    let mut content = Vec::new();
    match length(bytes)? {
        Some(length) if content.try_reserve_exact(length).is_ok() => content.resize(length, 0),
        _ => return Err(objects::no_memory()),
    }
    copy(&mut content, bytes)?;
    Ok(content)
}

/// The texts and the key that configure a filter.
///
/// # Errors
/// An argument is not what it has to be, or there is no memory for it.
pub fn texts(configuration: &JsValue, options: &JsValue) -> Result<Texts, JsValue> {
    let mut texts = Texts { configuration: text("configuration", configuration)?, ..Texts::default() };
    if options.is_null() || options.is_undefined() {
        return Ok(texts);
    }
    if !options.is_object() || is_view(options) {
        return Err(Misuse::expected("options", "an object", options).into());
    }
    // One that is misspelled would be without effect, and nobody would notice.
    let names = Object::keys(options)?;
    for index in 0..names.length() {
        let name = names.at(index).as_string().unwrap_or_default();
        if !OPTIONS.contains(&name.as_str()) {
            let message = format!("options: unknown option `{name}`");
            return Err(Misuse::new(message, String::from("the options are `policy` and `key`")).into());
        }
    }
    let options: &Object = options.unchecked_ref();
    texts.policy = text("options.policy", &options.member("policy")?)?;
    let key = options.member("key")?;
    if key.is_string() {
        // Strings of JavaScript's cannot be overwritten, and this one would be told as text where bytes were meant.
        return Err(
            Misuse::expected("options.key", "a Uint8Array, as the file of a key is read", &key).into()
        );
    }
    if let Some(content) = text("options.key", &key)? {
        texts.key.set(content);
    }
    Ok(texts)
}

/// The values of a batch.
///
/// # Errors
/// It is no list of anything, or what JavaScript throws while it gives its values.
pub fn batch(records: &JsValue) -> Result<Array, JsValue> {
    // These have values too: characters and numbers.
    if !records.is_object() || is_view(records) {
        return Err(Misuse::expected("records", "an array of records", records).into());
    }
    Array::from_values(records)
}
