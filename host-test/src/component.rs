//! A host of the component, as a log shipper that embeds one would write it: the example of `docs/embedding.md`.
//!
//! ```text
//! Component   the file, compiled once for the process
//! Instance    one started from it, with its configuration and its limits; cheap, and thrown away after a trap
//! Worker      what a shipper calls for each record: it always has an answer
//! ```
//!
//! Compiled with what an embedder would choose: instances from a pool, a deadline by epochs, a limit for memory. No WASI:
//! the component imports nothing, so the linker stays empty.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, thread};

use wasmtime::component::{self, Linker, ResourceAny};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, ResourceLimiter, Store};

use crate::Error;

mod bindings {
    wasmtime::component::bindgen!({ path: "../plugin/component/wit", world: "plugin" });
}

use bindings::exports::auditveil::filter::audit::GuestFilter;
pub use bindings::exports::auditveil::filter::audit::{
    Answer, Answered, Batch, BatchRefused, Fault, Files, Finding, Format, Outcome, Refused, Source, Stub,
    StubReason, Versions,
};
use bindings::{Plugin, PluginPre};

/// What one instance may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The size of linear memory, in bytes. What does not fit becomes a stub.
    pub memory: usize,
    /// How long one call may take, in ticks of [`TICK`].
    pub ticks: u64,
}

impl Limits {
    /// Room for what API servers write, and a second: a record of a few MiB takes a hundredth of that.
    pub const ORDINARY: Limits = Limits { memory: 64 << 20, ticks: 100 };
}

/// How often the deadline is looked at.
pub const TICK: Duration = Duration::from_millis(10);

/// Instances that exist at once: one for each thread that filters, and one to take the place of another.
const INSTANCES: u32 = 16;

/// The most memory that an instance can be given: what a record of 64 MiB may take at worst.
const MOST_MEMORY: usize = 640 << 20;

/// A compiled component. Cloning one is cheap, and so is [`start`](Component::start).
#[derive(Clone)]
pub struct Component {
    engine: Engine,
    plugin: PluginPre<State>,
    /// Ends the clock with the last clone.
    _clock: Arc<()>,
}

impl Component {
    /// Compiles the component in a file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is no component, or does not export what this host was written for.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        let mut pool = PoolingAllocationConfig::default();
        pool.total_component_instances(INSTANCES)
            .total_core_instances(INSTANCES)
            .total_memories(INSTANCES)
            .total_tables(INSTANCES)
            .max_memory_size(MOST_MEMORY)
            // A slot that is used again keeps this much of its memory, which then need not be fetched again.
            .linear_memory_keep_resident(1 << 20);
        let mut config = Config::new();
        config
            .epoch_interruption(true)
            .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
            .memory_reservation(MOST_MEMORY as u64);
        let engine = Engine::new(&config)?;
        let component = component::Component::from_file(&engine, path)?;
        // Nothing is imported, so nothing is linked.
        let linker = Linker::new(&engine);
        let plugin = PluginPre::new(linker.instantiate_pre(&component)?)?;
        let clock = Arc::new(());
        start_clock(&engine, &clock);
        Ok(Component { engine, plugin, _clock: clock })
    }

    /// Starts an instance with a configuration.
    ///
    /// # Errors
    ///
    /// The configuration is refused, or no instance can be had. No record may pass as it is then.
    pub fn start(&self, files: &Files, limits: Limits) -> Result<Instance, NotStarted> {
        self.instance(limits, |filter, store| {
            filter.call_configure(store, files).map(|made| made.map(|made| made.filter))
        })
    }

    /// Starts an instance for where there is no valid configuration: it keeps every event, without bodies.
    ///
    /// # Errors
    ///
    /// No instance can be had.
    pub fn start_strictest(&self, fault: Fault, limits: Limits) -> Result<Instance, NotStarted> {
        self.instance(limits, |filter, store| filter.call_strictest(store, fault).map(Ok))
    }

    /// What the component imports.
    pub fn imports(&self) -> Vec<String> {
        let component = self.plugin.instance_pre().component().component_type();
        component.imports(&self.engine).map(|(name, _)| name.to_owned()).collect()
    }

    fn instance(
        &self,
        limits: Limits,
        make: impl FnOnce(GuestFilter<'_>, &mut Store<State>) -> wasmtime::Result<Result<ResourceAny, Refused>>,
    ) -> Result<Instance, NotStarted> {
        let mut store = Store::new(&self.engine, State { limit: limits.memory, memory: 0, refused: 0 });
        store.limiter(|state| state);
        store.set_epoch_deadline(limits.ticks);
        let plugin = self.plugin.instantiate(&mut store).map_err(NotStarted::failed)?;
        let filter = make(plugin.auditveil_filter_audit().filter(), &mut store)
            .map_err(NotStarted::failed)?
            .map_err(NotStarted::Refused)?;
        Ok(Instance { store, plugin, filter, limits })
    }
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Component").finish_non_exhaustive()
    }
}

/// Counts the engine's epochs for as long as somebody holds `clock`.
fn start_clock(engine: &Engine, clock: &Arc<()>) {
    let (engine, clock) = (engine.weak(), Arc::downgrade(clock));
    thread::spawn(move || {
        while clock.strong_count() > 0 {
            thread::sleep(TICK);
            if let Some(engine) = engine.upgrade() {
                engine.increment_epoch();
            }
        }
    });
}

/// Why there is no instance.
#[derive(Debug, Clone)]
pub enum NotStarted {
    /// The configuration is not valid, or does not fit into memory.
    Refused(Refused),
    /// The engine could not start one, or it trapped.
    Failed(Error),
}

impl NotStarted {
    fn failed(error: wasmtime::Error) -> Self {
        NotStarted::Failed(error.into())
    }
}

impl fmt::Display for NotStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotStarted::Failed(error) => error.fmt(f),
            NotStarted::Refused(Refused::OutOfMemory) => {
                f.write_str("not enough memory for the configuration")
            }
            NotStarted::Refused(Refused::Invalid(findings)) => {
                let lines: Vec<String> = findings.iter().map(shown).collect();
                f.write_str(&lines.join("\n"))
            }
        }
    }
}

impl std::error::Error for NotStarted {}

/// A finding on one line, as the command shows it.
pub fn shown(finding: &Finding) -> String {
    let file = match finding.source {
        Source::Configuration => "auditveil.yaml",
        Source::Policy => "audit-policy.yaml",
    };
    let Finding { line, column, path, message, hint, .. } = finding;
    let path = if path.is_empty() { String::new() } else { format!("{path}: ") };
    let hint = hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("{file}: line {line}, column {column}: {path}{message}{hint}")
}

/// What the engine asks the host of one instance for.
#[derive(Debug)]
struct State {
    limit: usize,
    /// The size of linear memory.
    memory: usize,
    /// How often more was asked for than there may be.
    refused: u64,
}

impl ResourceLimiter for State {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // The guest is told, and answers with a stub. An error here would be a trap.
        let granted = desired <= self.limit;
        if granted {
            self.memory = desired;
        } else {
            self.refused += 1;
        }
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

/// A started component with one filter. After an error it must not be called again.
pub struct Instance {
    store: Store<State>,
    plugin: Plugin,
    filter: ResourceAny,
    limits: Limits,
}

impl Instance {
    /// What a call begins with: the functions, the store with a new deadline, and the filter.
    fn call(&mut self) -> (GuestFilter<'_>, &mut Store<State>, ResourceAny) {
        self.store.set_epoch_deadline(self.limits.ticks);
        (self.plugin.auditveil_filter_audit().filter(), &mut self.store, self.filter)
    }

    /// Filters one record.
    ///
    /// # Errors
    ///
    /// It trapped: there was no memory for the record, or the time was over.
    pub fn process(&mut self, record: &[u8]) -> Result<Answer, Error> {
        let (functions, store, filter) = self.call();
        Ok(functions.call_process(store, filter, record)?)
    }

    /// Filters records that stand one after another.
    ///
    /// # Errors
    ///
    /// As [`process`](Instance::process).
    pub fn process_batch(
        &mut self,
        records: &[u8],
        lengths: &[u32],
    ) -> Result<Result<Batch, BatchRefused>, Error> {
        let (functions, store, filter) = self.call();
        Ok(functions.call_process_batch(store, filter, records, lengths)?)
    }

    /// Whether so many bytes can be placed.
    ///
    /// # Errors
    ///
    /// It trapped, which nothing in it does.
    pub fn make_room(&mut self, bytes: u32) -> Result<bool, Error> {
        let (functions, store, filter) = self.call();
        Ok(functions.call_make_room(store, filter, bytes)?)
    }

    /// The stub of a record that is not there.
    ///
    /// # Errors
    ///
    /// As [`make_room`](Instance::make_room).
    pub fn stub(&mut self, reason: StubReason, length: u64, format: Format) -> Result<Vec<u8>, Error> {
        let (functions, store, filter) = self.call();
        Ok(functions.call_stub(store, filter, reason, length, format)?)
    }

    /// Gives back what records took.
    ///
    /// # Errors
    ///
    /// As [`make_room`](Instance::make_room).
    pub fn release(&mut self) -> Result<(), Error> {
        let (functions, store, filter) = self.call();
        Ok(functions.call_release(store, filter)?)
    }

    /// Goes on with another configuration; the filter with the old one stays if the new one is refused.
    ///
    /// # Errors
    ///
    /// It trapped.
    pub fn reconfigure(&mut self, files: &Files) -> Result<Result<(), Refused>, Error> {
        let (functions, store, former) = self.call();
        let made = match functions.call_configure(&mut *store, files)? {
            Ok(made) => made.filter,
            Err(refused) => return Ok(Err(refused)),
        };
        former.resource_drop(store)?;
        self.filter = made;
        Ok(Ok(()))
    }

    /// What the component says of itself.
    ///
    /// # Errors
    ///
    /// As [`make_room`](Instance::make_room).
    pub fn version(&mut self) -> Result<Versions, Error> {
        Ok(self.plugin.auditveil_filter_audit().call_version(&mut self.store)?)
    }

    /// The size of linear memory. It never shrinks, so this is also its peak.
    pub fn memory_bytes(&self) -> usize {
        self.store.data().memory
    }

    /// How often growth was refused.
    pub fn refused_growths(&self) -> u64 {
        self.store.data().refused
    }

    /// Lets memory grow up to this size from now on.
    pub fn limit_memory(&mut self, bytes: usize) {
        self.store.data_mut().limit = bytes;
    }

    /// Lets each call take this many ticks from now on. A configuration takes longer than a record: its detections are
    /// compiled with it.
    pub fn limit_ticks(&mut self, ticks: u64) {
        self.limits.ticks = ticks;
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").field("memory_bytes", &self.memory_bytes()).finish_non_exhaustive()
    }
}
