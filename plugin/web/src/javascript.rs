//! The functions of JavaScript that the module calls, and nothing that decides.
//!
//! Not `js-sys`: most of its functions do not catch what they may throw, its copies assert, and it brings an
//! executor of futures along.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// An array.
    #[derive(Debug)]
    pub type Array;

    /// An empty one.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Array;

    /// `Array.from`: the values of anything that has some. Runs code of the caller's.
    #[wasm_bindgen(static_method_of = Array, js_name = from, catch)]
    pub fn from_values(values: &JsValue) -> Result<Array, JsValue>;

    /// How many values there are.
    #[wasm_bindgen(method, getter)]
    pub fn length(this: &Array) -> u32;

    /// A value.
    #[wasm_bindgen(method, indexing_getter)]
    pub fn at(this: &Array, index: u32) -> JsValue;

    /// Appends a value.
    #[wasm_bindgen(method)]
    pub fn push(this: &Array, value: &JsValue) -> u32;
}

#[wasm_bindgen]
extern "C" {
    /// Bytes of JavaScript's: a `Uint8Array` or another view of bytes, from this realm or another.
    #[derive(Debug)]
    #[wasm_bindgen(js_name = Uint8Array)]
    pub type Bytes;

    /// A copy of bytes of the module's.
    #[wasm_bindgen(constructor, js_class = "Uint8Array", catch)]
    pub fn of(bytes: &[u8]) -> Result<Bytes, JsValue>;

    /// How many there are. More than memory has are possible.
    #[wasm_bindgen(method, getter, js_class = "Uint8Array", js_name = byteLength, catch)]
    pub fn byte_length(this: &Bytes) -> Result<f64, JsValue>;

    /// 1, if these are bytes; `undefined` for a `DataView`, which has no such member.
    #[wasm_bindgen(method, getter, js_class = "Uint8Array", js_name = BYTES_PER_ELEMENT, catch)]
    pub fn bytes_per_element(this: &Bytes) -> Result<JsValue, JsValue>;

    /// The first so many of them, not copied.
    #[wasm_bindgen(method, js_class = "Uint8Array", catch)]
    pub fn subarray(this: &Bytes, begin: u32, end: u32) -> Result<Bytes, JsValue>;

    /// Copies all of `from` to the beginning of `into`; throws if there is more than fits.
    #[wasm_bindgen(js_namespace = ["Uint8Array", "prototype", "set"], js_name = call, catch)]
    pub fn copy(into: &mut [u8], from: &Bytes) -> Result<(), JsValue>;

    /// Whether a value is a view of an `ArrayBuffer`.
    #[wasm_bindgen(js_namespace = ArrayBuffer, js_name = isView)]
    pub fn is_view(value: &JsValue) -> bool;
}

#[wasm_bindgen]
extern "C" {
    /// Makes UTF-8 of strings.
    #[derive(Debug)]
    pub type TextEncoder;

    /// One of these.
    #[wasm_bindgen(constructor, catch)]
    pub fn new() -> Result<TextEncoder, JsValue>;

    /// The string as UTF-8; half a surrogate pair becomes U+FFFD.
    #[wasm_bindgen(method, catch)]
    pub fn encode(this: &TextEncoder, string: &JsValue) -> Result<Bytes, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    /// Any object, such as one with options.
    #[derive(Debug)]
    pub type Object;

    /// An empty one.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Object;

    /// The names of an object's own members.
    #[wasm_bindgen(static_method_of = Object, catch)]
    pub fn keys(object: &JsValue) -> Result<Array, JsValue>;

    /// A member; `undefined` if there is none.
    #[wasm_bindgen(method, indexing_getter, catch)]
    pub fn member(this: &Object, name: &str) -> Result<JsValue, JsValue>;

    /// Sets a member.
    #[wasm_bindgen(method, indexing_setter)]
    pub fn set(this: &Object, name: &str, value: &JsValue);

    /// `Error`, made anew: its members can be set, and nobody listens.
    #[derive(Debug)]
    #[wasm_bindgen(extends = Object)]
    pub type Error;

    /// An error with a message.
    #[wasm_bindgen(constructor)]
    pub fn new(message: &str) -> Error;

    /// `TypeError`: an argument makes no sense.
    #[derive(Debug)]
    #[wasm_bindgen(extends = Object)]
    pub type TypeError;

    /// An error with a message.
    #[wasm_bindgen(constructor)]
    pub fn new(message: &str) -> TypeError;

    /// `RangeError`, which JavaScript throws where there is no memory.
    #[derive(Debug)]
    #[wasm_bindgen(extends = Object)]
    pub type RangeError;

    /// An error with a message.
    #[wasm_bindgen(constructor)]
    pub fn new(message: &str) -> RangeError;
}
