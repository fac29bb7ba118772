//! The filter as a component, for hosts that embed WebAssembly: the interface is `wit/audit.wit`.
//!
//! Bindings are made of that file; this crate puts the types of the core into those of the interface, and decides nothing.
//! What every embedded filter does alike is [`auditveil_core::embed`].
//!
//! No hand-written `unsafe` and nothing imported. Generated code traps in three places, all for want of memory: where the
//! host places a record, where a list of findings is handed over, and where a filter is made. Those of a batch are
//! looked after here.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
extern crate alloc;
// The allocator, and what the compiler calls for comparing bytes.
#[cfg(target_arch = "wasm32")]
extern crate auditveil_guest as _;

mod bindings;
mod convert;

use crate::bindings::exports::auditveil::filter::audit::{
    Answer, Batch, BatchRefused, Configured, Fault, Files, Filter, Format, Guest, GuestFilter, Refused, Stub,
    StubReason, Versions,
};
use alloc::string::String;
use alloc::vec::Vec;
use auditveil_core::Outcome;
use auditveil_core::embed::{self, Embedded};
use core::cell::RefCell;

/// The component.
#[derive(Debug)]
pub struct Component;

/// What stands behind a handle. Calls of a host do not overlap, so it is never borrowed twice.
#[derive(Debug)]
pub struct Handle(RefCell<Embedded>);

impl Guest for Component {
    type Filter = Handle;

    fn version() -> Versions {
        Versions {
            filter: String::from(env!("CARGO_PKG_VERSION")),
            stamp: String::from(auditveil_core::STAMP_VERSION),
        }
    }
}

impl Handle {
    fn resource(filter: Embedded) -> Filter {
        Filter::new(Handle(RefCell::new(filter)))
    }
}

impl GuestFilter for Handle {
    fn configure(files: Files) -> Result<Configured, Refused> {
        let files = embed::Files {
            configuration: files.configuration.as_deref(),
            policy: files.policy.as_deref(),
            key: files.key.as_deref(),
        };
        let (filter, warnings) = Embedded::new(files).map_err(convert::refused)?;
        let warnings = warnings.iter().map(|(source, warning)| convert::finding(*source, warning));
        Ok(Configured { warnings: warnings.collect(), filter: Handle::resource(filter) })
    }

    fn strictest(fault: Fault) -> Filter {
        Handle::resource(Embedded::strictest(convert::fault(fault)))
    }

    fn process(&self, record: Vec<u8>) -> Answer {
        let mut answer = Vec::new();
        let outcome = match self.0.try_borrow_mut() {
            Ok(mut filter) => filter.process(&record, &mut answer),
            Err(_) => Outcome::Stubbed(auditveil_core::StubReason::OutOfMemory),
        };
        match outcome {
            Outcome::Emitted => Answer::Emitted(answer),
            Outcome::Dropped => Answer::Dropped,
            Outcome::Stubbed(reason) => {
                Answer::Stubbed(Stub { reason: convert::reason(reason), event: answer })
            }
        }
    }

    fn process_batch(&self, records: Vec<u8>, lengths: Vec<u32>) -> Result<Batch, BatchRefused> {
        let (mut answers, mut answered) = (Vec::new(), Vec::new());
        let Ok(mut filter) = self.0.try_borrow_mut() else { return Err(BatchRefused::OutOfMemory) };
        filter
            .process_batch(&records, &lengths, &mut answers, &mut answered)
            .map_err(convert::batch_refused)?;
        drop((records, lengths));
        // The list as it is here, and once more as the host reads it.
        let mut list = Vec::new();
        let room = answered.len().saturating_mul(size_of::<[u32; 3]>());
        if list.try_reserve_exact(answered.len()).is_err() || !filter.make_room(room) {
            return Err(BatchRefused::OutOfMemory);
        }
        list.extend(answered.iter().map(convert::answered));
        Ok(Batch { answers, records: list })
    }

    fn make_room(&self, bytes: u32) -> bool {
        let Ok(mut filter) = self.0.try_borrow_mut() else { return false };
        usize::try_from(bytes).is_ok_and(|bytes| filter.make_room(bytes))
    }

    fn stub(&self, reason: StubReason, length: u64, format: Format) -> Vec<u8> {
        let mut event = Vec::new();
        if let Ok(mut filter) = self.0.try_borrow_mut() {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            filter.stub(convert::told_reason(reason), length, format == Format::Msgpack, &mut event);
        }
        event
    }

    fn release(&self) {
        if let Ok(mut filter) = self.0.try_borrow_mut() {
            filter.release();
        }
    }
}
