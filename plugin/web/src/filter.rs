//! The class `Filter`: records in, answers out.

use crate::arguments::{self, length};
use crate::javascript::{Array, Bytes, copy};
use crate::objects::{self, Misuse};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use auditveil_core::embed::Embedded;
use auditveil_core::{Fault, Outcome, StubReason};
use core::cell::RefCell;
use wasm_bindgen::prelude::*;

/// The memory for records grows by whole pages of WebAssembly's.
const PAGE: usize = 64 * 1024;

/// Filters audit records, one after another.
///
/// A filter holds buffers in the memory of the module, which are reused from record to record and grow with the
/// largest. `free()` gives them back, as does leaving the block of a `using` declaration.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Filter {
    /// Borrowed while no code of the caller's runs. With `&mut self` wasm-bindgen would borrow it for the whole call,
    /// and throw from inside the module where that code calls the same filter.
    state: RefCell<State>,
    warnings: JsValue,
}

#[derive(Debug)]
struct State {
    filter: Embedded,
    /// Reused for every record.
    record: Vec<u8>,
    /// Reused for every answer.
    answer: Vec<u8>,
}

#[wasm_bindgen]
impl Filter {
    /// A filter that does what a configuration asks for; without one it drops nothing and redacts everything.
    ///
    /// A configuration that is not valid gives no filter. Who has to go on all the same takes `Filter.strictest()`,
    /// as the modules for log shippers do.
    ///
    /// @throws {ConfigurationError} if the configuration is not valid, or asks for a key and none was passed.
    /// @throws {TypeError} if an argument makes no sense.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(
            unchecked_optional_param_type = "Text | null",
            param_description = "the content of `auditveil.yaml`, or of `audit-policy.yaml`: the text tells"
        )]
        configuration: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "Options | null")] options: &JsValue,
    ) -> Result<Filter, JsValue> {
        let loaded = arguments::texts(configuration, options)?.load();
        let loaded = loaded.map_err(|refused| objects::refused(&refused))?;
        let filter = Embedded::with_settings(loaded.settings);
        Ok(Filter::with(filter, objects::problems(&loaded.warnings)))
    }

    /// The filter for where there should be a configuration and none can be used: it keeps every event at the level
    /// Metadata, drops none, and every stamp says why.
    ///
    /// @throws {TypeError} if the reason is none of these.
    pub fn strictest(
        #[wasm_bindgen(
            unchecked_optional_param_type = "\"invalid\" | \"unreadable\"",
            param_description = "that the configuration is not valid, which is the default, or could not be read"
        )]
        reason: &JsValue,
    ) -> Result<Filter, JsValue> {
        let named = |fault: &Fault| reason.as_string().is_some_and(|reason| reason == fault.id());
        let fault = match [Fault::Invalid, Fault::Unreadable].into_iter().find(named) {
            Some(fault) => fault,
            None if reason.is_undefined() => Fault::Invalid,
            None => return Err(Misuse::expected("reason", "`invalid` or `unreadable`", reason).into()),
        };
        Ok(Filter::with(Embedded::strictest(fault), objects::problems(&[])))
    }

    fn with(filter: Embedded, warnings: JsValue) -> Filter {
        let state = RefCell::new(State { filter, record: Vec::new(), answer: Vec::new() });
        Filter { state, warnings }
    }

    /// What is worth a look in the configuration: Kubernetes accepts it, and hardly anybody means it.
    #[wasm_bindgen(getter, unchecked_return_type = "readonly Problem[]")]
    pub fn warnings(&self) -> JsValue {
        self.warnings.clone()
    }

    /// Filters a record: JSON text, as a string or as bytes, or a msgpack map.
    ///
    /// One record gives one answer, in the format of the record. What is in a record is never a reason to throw: what
    /// cannot be read becomes a stub, which is an event that says so. Half a surrogate pair in a string becomes
    /// U+FFFD, as do bytes that are not UTF-8.
    ///
    /// @throws {TypeError} if the record is neither a string nor bytes.
    #[wasm_bindgen(unchecked_return_type = "Answer")]
    pub fn process(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Text")] record: &JsValue,
    ) -> Result<JsValue, JsValue> {
        match arguments::bytes(record)? {
            Some(bytes) => self.answer(&bytes),
            None => Err(Misuse::expected("record", "a string or a Uint8Array", record).into()),
        }
    }

    /// Filters records, each as `process` does: as many answers, in the same order.
    ///
    /// @throws {TypeError} if one of the records is neither a string nor bytes; there is no answer then.
    #[wasm_bindgen(js_name = processBatch, unchecked_return_type = "Answer[]")]
    pub fn process_batch(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Iterable<Text>")] records: &JsValue,
    ) -> Result<JsValue, JsValue> {
        let records = arguments::batch(records)?;
        let answers = Array::new();
        for index in 0..records.length() {
            let record = records.at(index);
            let Some(bytes) = arguments::bytes(&record)? else {
                let name = format!("records[{index}]");
                return Err(Misuse::expected(&name, "a string or a Uint8Array", &record).into());
            };
            answers.push(&self.answer(&bytes)?);
        }
        Ok(answers.into())
    }

    fn answer(&self, bytes: &Bytes) -> Result<JsValue, JsValue> {
        let length = length(bytes)?;
        match self.state.try_borrow_mut() {
            Ok(mut state) => state.answer(bytes, length),
            Err(_) => Err(busy()),
        }
    }
}

/// The error of a call from inside a call on the same filter.
#[cold]
#[inline(never)]
fn busy() -> JsValue {
    let message = String::from("the filter is at work on another record");
    Misuse::new(message, String::from("let it return first")).into()
}

impl State {
    fn answer(&mut self, bytes: &Bytes, length: Option<usize>) -> Result<JsValue, JsValue> {
        let outcome = if self.place(bytes, length)? {
            self.filter.process(&self.record, &mut self.answer)
        } else {
            let packed = first(bytes)?.is_some_and(|first| first >= 0x80);
            let reason = StubReason::OutOfMemory;
            self.filter.stub(reason, length.unwrap_or(usize::MAX), packed, &mut self.answer);
            Outcome::Stubbed(reason)
        };
        objects::answer(outcome, &self.answer)
    }

    /// Copies a record into the module's memory; `false` if there is none for it.
    fn place(&mut self, bytes: &Bytes, length: Option<usize>) -> Result<bool, JsValue> {
        let Some(length) = length else { return Ok(false) };
        // Nothing of an earlier record may stand behind this one.
        self.record.clear();
        if length > self.record.capacity() {
            // All that the last record took is dead as well. Given back before the buffer grows, it makes room for
            // it: memory then holds what the largest record takes, and no holes that smaller ones left.
            self.record = Vec::new();
            self.answer = Vec::new();
            self.filter.release();
            let pages = length.checked_next_multiple_of(PAGE).unwrap_or(length);
            let _ = self.record.try_reserve_exact(pages);
        }
        // Asked this way the optimizer sees that `resize` need not grow, and leaves the path out that aborts.
        if length > self.record.capacity().wrapping_sub(self.record.len()) {
            return Ok(false);
        }
        self.record.resize(length, 0);
        // A buffer that was given away to another thread is empty, and cannot even be copied as such.
        if length > 0 {
            copy(&mut self.record, bytes)?;
        }
        Ok(true)
    }
}

/// The first of some bytes, which tells their format.
fn first(bytes: &Bytes) -> Result<Option<u8>, JsValue> {
    if bytes.byte_length()? < 1.0 {
        return Ok(None);
    }
    let mut first = [0];
    copy(&mut first, &bytes.subarray(0, 1)?)?;
    Ok(first.first().copied())
}
