//! A host that does to the guest what Fluent Bit does, as far as a guest can tell.
//!
//! Follows `flb_wasm_call_function_format_json` and `…_msgpack` of Fluent Bit 5.1.1
//! (`src/wasm/flb_wasm.c`) and, below them, `wasm_module_dup_data` and
//! `wasm_runtime_validate_app_str_addr` of WAMR 2.4.1. What follows the call in the `wasm` filter (parsing
//! the answer, dropping an empty one) is not here: [`FluentBit::filter`] returns the string it gets to see.

use std::fmt;
use std::path::Path;

use wasmtime::{
    Config, Engine, Linker, Memory, Module, OperatorCost, OptLevel, ResourceLimiter, Store, TypedFunc,
};

use crate::Error;
use crate::wasi::{self, HasWasi, Wasi};

/// `event_format` of the filter's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventFormat {
    /// The record as JSON text, followed by a NUL byte that the length does not count.
    Json,
    /// The record's msgpack as it is, nothing behind it.
    Msgpack,
}

impl EventFormat {
    /// The format that a record of these bytes travels in.
    pub fn of(record: &[u8]) -> Self {
        if record.first().is_some_and(|&first| first >= 0x80) {
            EventFormat::Msgpack
        } else {
            EventFormat::Json
        }
    }
}

/// Whether the host frees tag and record after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frees {
    /// As Fluent Bit does since October 2025.
    Always,
    /// As all versions before it did.
    Never,
}

/// What [`FluentBit::fuel`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Every operator but `block`, `loop`, `else`, `end`, `return`, `drop` and `nop`, as one.
    Instructions,
    /// These, and one for each byte that `memory.copy` or `memory.fill` moves: wasmtime's fuel.
    InstructionsAndBytes,
}

/// Why the host lost a record: what it logs as an error before it goes on without the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The guest trapped.
    Trap(String),
    /// The answer is no NUL-terminated string inside linear memory.
    InvalidAnswer,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lost::Trap(message) => write!(f, "the guest trapped: {message}"),
            Lost::InvalidAnswer => f.write_str("the answer is no string inside linear memory"),
        }
    }
}

impl std::error::Error for Lost {}

/// A compiled module, from which any number of instances can be started.
#[derive(Clone, Debug)]
pub struct Guest {
    engine: Engine,
    module: Module,
}

impl Guest {
    /// Loads the module that was built last, or builds it.
    ///
    /// # Errors
    ///
    /// There is no module and none can be built, or it is not valid.
    pub fn load() -> Result<Self, Error> {
        Guest::from_file(&crate::artifact::fluent_bit_module()?)
    }

    /// Loads the module in `path`.
    ///
    /// # Errors
    ///
    /// The file cannot be read or is no valid module for an engine without SIMD.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        Guest::compile(path, &mut engine())
    }

    /// As [`load`](Guest::load), for instances that [count](FluentBit::fuel) what they execute, and are slower for
    /// it.
    ///
    /// # Errors
    ///
    /// As [`load`](Guest::load).
    pub fn load_counting(counted: Counted) -> Result<Self, Error> {
        let mut cost = OperatorCost::new();
        if counted == Counted::Instructions {
            cost.variable.memory_copy_per_byte = 0;
            cost.variable.memory_fill_per_byte = 0;
        }
        Guest::compile(
            &crate::artifact::fluent_bit_module()?,
            engine().consume_fuel(true).operator_cost(cost),
        )
    }

    /// Loads the module for engines with SIMD, which Fluent Bit's is not.
    ///
    /// # Errors
    ///
    /// As [`load`](Guest::load).
    pub fn load_simd() -> Result<Self, Error> {
        Guest::compile(&crate::artifact::simd_module()?, engine().wasm_simd(true))
    }

    /// As [`load`](Guest::load), executed by wasmtime's own interpreter, Pulley, in place of compiled code.
    ///
    /// # Errors
    ///
    /// As [`load`](Guest::load).
    pub fn load_interpreted() -> Result<Self, Error> {
        let pulley = if cfg!(target_pointer_width = "64") { "pulley64" } else { "pulley32" };
        Guest::compile(&crate::artifact::fluent_bit_module()?, engine().target(pulley)?)
    }

    fn compile(path: &Path, config: &mut Config) -> Result<Self, Error> {
        let engine = Engine::new(config)?;
        let module = Module::from_file(&engine, path)?;
        Ok(Guest { engine, module })
    }

    /// Loads a module for a few records: compiled in less time, to slower code.
    ///
    /// # Errors
    ///
    /// As [`from_file`](Guest::from_file).
    pub fn from_bytes(module: &[u8]) -> Result<Self, Error> {
        let engine = Engine::new(engine().cranelift_opt_level(OptLevel::None))?;
        let module = Module::new(&engine, module)?;
        Ok(Guest { engine, module })
    }

    /// Starts an instance, as the filter does once for the life of the process, without `accessible_paths`.
    ///
    /// # Errors
    ///
    /// The module imports what the host does not have, or lacks an export of the right type.
    pub fn start(&self, frees: Frees) -> Result<FluentBit, Error> {
        self.start_with(frees, None)
    }

    /// Starts an instance that can read the files of one folder.
    ///
    /// # Errors
    ///
    /// As [`start`](Guest::start).
    pub fn start_in(&self, frees: Frees, folder: &Path) -> Result<FluentBit, Error> {
        self.start_with(frees, Some(folder))
    }

    fn start_with(&self, frees: Frees, folder: Option<&Path>) -> Result<FluentBit, Error> {
        let mut wasi = Wasi::default();
        wasi.folder = folder.map(Path::to_path_buf);
        let host = Host { limiter: Limiter { limit: usize::MAX, refused: 0 }, wasi };
        let mut store = Store::new(&self.engine, host);
        store.limiter(|host| &mut host.limiter);
        // Fails where nothing is counted.
        let _ = store.set_fuel(u64::MAX);
        let mut linker = Linker::new(&self.engine);
        wasi::link(&mut linker)?;
        let instance = linker.instantiate(&mut store, &self.module)?;
        let memory =
            instance.get_memory(&mut store, "memory").ok_or_else(|| Error::new("no memory is exported"))?;
        let malloc = instance.get_typed_func(&mut store, "malloc")?;
        let free = instance.get_typed_func(&mut store, "free")?;
        let filter = instance.get_typed_func(&mut store, "auditveil_filter")?;
        Ok(FluentBit { store, memory, malloc, free, filter, frees })
    }
}

/// What the engine inside Fluent Bit has.
fn engine() -> Config {
    let mut config = Config::new();
    config.wasm_simd(false).wasm_relaxed_simd(false);
    config
}

/// What the engine asks the host for.
#[derive(Debug)]
struct Host {
    limiter: Limiter,
    wasi: Wasi,
}

impl HasWasi for Host {
    fn wasi(&mut self) -> &mut Wasi {
        &mut self.wasi
    }
}

/// A running instance and the host around it.
pub struct FluentBit {
    store: Store<Host>,
    memory: Memory,
    malloc: TypedFunc<i32, i32>,
    free: TypedFunc<i32, ()>,
    filter: TypedFunc<(i32, i32, i32, i32, i32, i32), i32>,
    frees: Frees,
}

impl fmt::Debug for FluentBit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FluentBit")
            .field("memory_bytes", &self.memory.data_size(&self.store))
            .field("frees", &self.frees)
            .finish_non_exhaustive()
    }
}

impl FluentBit {
    /// What was executed so far, 0 unless the guest was [loaded](Guest::load_counting) to count.
    pub fn fuel(&self) -> u64 {
        self.store.get_fuel().map_or(0, |left| u64::MAX.wrapping_sub(left))
    }

    /// Sends one record through the guest, with an ordinary tag and time, and returns the answer without
    /// its terminator.
    ///
    /// # Errors
    ///
    /// The host would lose the record.
    pub fn filter(&mut self, format: EventFormat, record: &[u8]) -> Result<Vec<u8>, Lost> {
        let tag = self.duplicate(b"kube.audit\0")?;
        let block = match format {
            EventFormat::Json => self.duplicate(&[record, b"\0"].concat())?,
            EventFormat::Msgpack => self.duplicate(record)?,
        };
        let answer = self.call([tag, 10, 1_700_000_000, 999_999_999, block, guest_length(record.len())]);
        if self.frees == Frees::Always {
            for block in [tag, block] {
                if block != 0 {
                    self.free(block)?;
                }
            }
        }
        answer
    }

    /// Calls the filter with exactly these arguments and reads its answer.
    ///
    /// # Errors
    ///
    /// The guest trapped, or its answer is no string.
    pub fn call(&mut self, arguments: [i32; 6]) -> Result<Vec<u8>, Lost> {
        let [tag, tag_length, seconds, nanoseconds, record, record_length] = arguments;
        let answer = self
            .filter
            .call(&mut self.store, (tag, tag_length, seconds, nanoseconds, record, record_length))
            .map_err(trap)?;
        // A null answer is a string to the host like any other: the one at linear address 0.
        let text = self.memory.data(&self.store).get(host_address(answer)..).ok_or(Lost::InvalidAnswer)?;
        let end = text.iter().position(|&byte| byte == 0).ok_or(Lost::InvalidAnswer)?;
        Ok(text.get(..end).unwrap_or_default().to_vec())
    }

    /// Asks the guest for memory; 0 if it has none.
    ///
    /// # Errors
    ///
    /// The guest trapped.
    pub fn malloc(&mut self, size: i32) -> Result<i32, Lost> {
        self.malloc.call(&mut self.store, size).map_err(trap)
    }

    /// Gives a block back, or whatever the pointer is.
    ///
    /// # Errors
    ///
    /// The guest trapped.
    pub fn free(&mut self, block: i32) -> Result<(), Lost> {
        self.free.call(&mut self.store, block).map_err(trap)
    }

    /// Places `bytes` in memory of the guest and returns where; 0, and nothing written, if it has none.
    ///
    /// # Errors
    ///
    /// The guest trapped, or gave out a block that does not lie inside its memory.
    pub fn duplicate(&mut self, bytes: &[u8]) -> Result<i32, Lost> {
        let block = self.malloc(guest_length(bytes.len()))?;
        if block != 0 {
            self.memory
                .write(&mut self.store, host_address(block), bytes)
                .map_err(|error| Lost::Trap(error.to_string()))?;
        }
        Ok(block)
    }

    /// The size of linear memory. It never shrinks, so this is also its peak.
    pub fn memory_bytes(&self) -> usize {
        self.memory.data_size(&self.store)
    }

    /// Linear memory, to be damaged.
    pub fn memory_mut(&mut self) -> &mut [u8] {
        self.memory.data_mut(&mut self.store)
    }

    /// Makes every growth of linear memory beyond `bytes` fail from now on.
    pub fn limit_memory(&mut self, bytes: usize) {
        self.store.data_mut().limiter.limit = bytes;
    }

    /// What the guest wrote to standard error so far.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&self.store.data().wasi.said).into_owned()
    }

    /// How often the guest looked for a folder or a file.
    pub fn lookups(&self) -> u64 {
        self.store.data().wasi.lookups
    }

    /// How many files the guest has open.
    pub fn open_files(&self) -> usize {
        self.store.data().wasi.open_files()
    }

    /// How often growth was refused.
    pub fn refused_growths(&self) -> u64 {
        self.store.data().limiter.refused
    }
}

/// Lets memory grow up to a limit that a test can move.
#[derive(Debug)]
struct Limiter {
    limit: usize,
    refused: u64,
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let granted = desired <= self.limit;
        self.refused += u64::from(!granted);
        Ok(granted)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        _desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

fn trap(error: wasmtime::Error) -> Lost {
    Lost::Trap(format!("{error:#}"))
}

/// A length as the host passes it: truncated to 32 bits.
fn guest_length(length: usize) -> i32 {
    (length as u32).cast_signed()
}

/// A pointer as the host reads it: unsigned.
fn host_address(pointer: i32) -> usize {
    pointer.cast_unsigned() as usize
}
