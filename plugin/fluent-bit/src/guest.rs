//! What the exports do, without pointers: places records, calls the filter, keeps the answer.

use alloc::vec::Vec;

use auditveil_core::{Fault, Filter, LoadedSettings, Outcome};
use auditveil_guest::configuration::{self, System};

use crate::arena::Arena;
use crate::last_resort::{Format, LastResort, Reason};

/// The state of one module instance.
#[derive(Debug, Default)]
pub struct Guest {
    filter: Filter,
    /// The configuration was looked for.
    configured: bool,
    arena: Arena,
    /// Reused for every answer.
    answer: Vec<u8>,
    last_resort: LastResort,
}

impl Guest {
    /// A guest that has not allocated anything yet.
    pub const fn new() -> Self {
        Guest {
            filter: Filter::new(),
            configured: false,
            arena: Arena::new(),
            answer: Vec::new(),
            last_resort: LastResort::new(),
        }
    }

    /// Memory for the host to write `size` bytes into; `None` for a size that no record has, and if
    /// there is no memory.
    pub fn malloc(&mut self, size: i32) -> Option<*mut u8> {
        // A negative size is one above 2 GiB: no block, but it counts as asked for.
        let size = size.cast_unsigned() as usize;
        if !self.arena.fits(size) {
            self.release();
        }
        self.arena.allocate(size).map(<[u8]>::as_mut_ptr)
    }

    /// Gives back what the last record took, all of which is dead. Done before a slot grows, it makes room for that:
    /// memory then holds what the largest record takes, and no holes that smaller ones left.
    #[cold]
    #[inline(never)]
    fn release(&mut self) {
        self.answer = Vec::new();
        self.filter.release();
    }

    /// Filters the record that the host wrote at `record`; the answer ends with a NUL byte, its only one.
    ///
    /// One record in gives one answer out: what cannot be read or held becomes a stub.
    /// The first call looks for the configuration.
    pub fn filter(&mut self, record: *const u8, length: i32, system: &mut impl System) -> &[u8] {
        if !self.configured {
            self.configure(system);
        }
        let length = length.cast_unsigned() as usize;
        let requested = self.arena.last_requested();
        // Before the work, so that the next record finds its slots even if this call were to fail.
        self.arena.end_call();

        let format = match self.arena.written(record, 1) {
            Some(&[first]) => Format::of(first),
            _ => unreadable_format(requested, length),
        };
        let reason = match length {
            0 => Reason::Empty,
            _ if length > Arena::MAX_BLOCK => Reason::TooLarge,
            _ if record.is_null() => Reason::OutOfMemory,
            _ => Reason::NotAnObject,
        };
        let Some(record) = self.arena.written(record, length).filter(|record| !record.is_empty()) else {
            return self.last_resort.stub(format, reason, length);
        };

        match self.filter.process(record, &mut self.answer) {
            Outcome::Dropped => return format.drop_answer(),
            Outcome::Emitted | Outcome::Stubbed(_) => {}
        }
        let _ = self.answer.try_reserve_exact(1);
        // Asked this way the optimizer sees that `push` need not grow, and leaves the path out that aborts.
        if self.answer.is_empty() || self.answer.len() == self.answer.capacity() {
            return self.last_resort.stub(format, Reason::OutOfMemory, length);
        }
        self.answer.push(0);
        &self.answer
    }

    /// Reads the configuration. Until that is done the strictest is in force; without memory for it, the next
    /// record tries again.
    #[cold]
    #[inline(never)]
    fn configure(&mut self, system: &mut impl System) {
        self.filter = Filter::strictest(Fault::Unreadable);
        if LoadedSettings::has_room(0) {
            self.configured = true;
            self.filter = Filter::with_settings(configuration::configure(system));
        }
    }
}

/// The format of a record of which no byte can be read.
///
/// The host asks for one byte more than the record's length in JSON mode, for the terminator, and for
/// exactly the length in msgpack mode. A host that asked for neither is not Fluent Bit.
fn unreadable_format(requested: Option<usize>, length: usize) -> Format {
    if requested == Some(length) { Format::Msgpack } else { Format::Json }
}
