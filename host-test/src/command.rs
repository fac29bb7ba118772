//! A runtime that runs the WASI command: one folder, standard streams, nothing else, as `wasmtime run --dir .` would.

use std::path::Path;

use wasmtime::{Config, Engine, Linker, Module, ResourceLimiter, Store};

use crate::wasi::{self, HasWasi, Streams, Wasi};
use crate::{Error, artifact};

/// The compiled command.
#[derive(Clone, Debug)]
pub struct Command {
    engine: Engine,
    module: Module,
}

/// What a run of the command left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// What it wrote to standard output.
    pub output: Vec<u8>,
    /// What it wrote to standard error.
    pub said: String,
    /// How it ended; `None` is a trap.
    pub code: Option<i32>,
    /// How often it waited for a stream.
    pub waits: u64,
    /// The size of linear memory at its end.
    pub memory_bytes: usize,
}

impl Command {
    /// Loads the command that was built last, or builds it.
    ///
    /// # Errors
    ///
    /// There is none and none can be built, or it is not valid.
    pub fn load() -> Result<Self, Error> {
        // What Fluent Bit's engine has: the same command runs there.
        let mut config = Config::new();
        config.wasm_simd(false).wasm_relaxed_simd(false);
        let engine = Engine::new(&config)?;
        let module = Module::from_file(&engine, artifact::wasi_command()?)?;
        Ok(Command { engine, module })
    }

    /// Runs it with an input that is all there, in a folder or in none.
    ///
    /// # Errors
    ///
    /// It cannot be started: it imports what the runtime does not have, or exports no entry.
    pub fn run(&self, input: &[u8], folder: Option<&Path>) -> Result<Ran, Error> {
        let streams = Streams { input: input.iter().copied().collect(), ..Streams::default() };
        self.run_with(streams, folder, usize::MAX)
    }

    /// Runs it with streams of any kind, and a limit for memory.
    ///
    /// # Errors
    ///
    /// As [`run`](Command::run).
    pub fn run_with(&self, streams: Streams, folder: Option<&Path>, memory: usize) -> Result<Ran, Error> {
        let mut wasi = Wasi::default();
        wasi.folder = folder.map(Path::to_path_buf);
        wasi.streams = Some(streams);
        let mut store = Store::new(&self.engine, Host { wasi, limit: memory });
        store.limiter(|host| host);
        let mut linker = Linker::new(&self.engine);
        wasi::link(&mut linker)?;
        wasi::link_command(&mut linker)?;
        let instance = linker.instantiate(&mut store, &self.module)?;
        let memory =
            instance.get_memory(&mut store, "memory").ok_or_else(|| Error::new("no memory is exported"))?;
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
        let returned = start.call(&mut store, ()).is_ok();
        let memory_bytes = memory.data_size(&store);
        let host = store.into_data();
        let streams = host.wasi.streams.unwrap_or_default();
        Ok(Ran {
            output: streams.output,
            said: String::from_utf8_lossy(&host.wasi.said).into_owned(),
            code: streams.code.or(returned.then_some(0)),
            waits: streams.waits,
            memory_bytes,
        })
    }
}

struct Host {
    wasi: Wasi,
    limit: usize,
}

impl HasWasi for Host {
    fn wasi(&mut self) -> &mut Wasi {
        &mut self.wasi
    }
}

impl ResourceLimiter for Host {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= self.limit)
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
