//! The few functions of WASI preview 1 that a guest may import, over one folder of the real file system.
//!
//! As strict as WAMR in what a guest can notice: one folder as descriptor 3, files in it and nothing else, and
//! standard error, which is kept for tests to read. A command has standard input and output besides, which may be as
//! stubborn as streams can be.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::PathBuf;

use wasmtime::{Caller, Extern, Linker};

use crate::Error;

/// The module's name in imports.
pub const MODULE: &str = "wasi_snapshot_preview1";

const SUCCESS: i32 = 0;
const ACCES: i32 = 2;
const AGAIN: i32 = 6;
const BADF: i32 = 8;
const FAULT: i32 = 21;
const INVAL: i32 = 28;
const IO: i32 = 29;
const ISDIR: i32 = 31;
const NOENT: i32 = 44;
const PIPE: i32 = 64;
const NOTCAPABLE: i32 = 76;

/// The one folder's descriptor.
const FOLDER: i32 = 3;
const STANDARD_INPUT: i32 = 0;
const STANDARD_OUTPUT: i32 = 1;
const STANDARD_ERROR: i32 = 2;

/// What a guest can reach, and what it has said.
#[derive(Debug, Default)]
pub struct Wasi {
    /// The accessible folder; none without `accessible_paths`.
    pub folder: Option<PathBuf>,
    /// Open files, from descriptor 4 on.
    files: Vec<Option<File>>,
    /// What was written to standard error.
    pub said: Vec<u8>,
    /// Folders that were asked for and files that were asked to be opened, found or not.
    pub lookups: u64,
    /// The streams of a command; none of a module that only exports functions.
    pub streams: Option<Streams>,
}

/// Standard input and output of a command.
#[derive(Debug, Default)]
pub struct Streams {
    /// What is still to be read.
    pub input: VecDeque<u8>,
    /// What was written.
    pub output: Vec<u8>,
    /// The most that is given or taken at once; 0 for no bound.
    pub at_once: usize,
    /// Every other read and write finds nothing ready.
    pub stubborn: bool,
    /// Nobody reads more of the output than this.
    pub reader_leaves_after: Option<usize>,
    /// How often the guest waited for a stream.
    pub waits: u64,
    /// The code that the guest ended with, if it gave one.
    pub code: Option<i32>,
    /// How many reads and writes there were.
    pub turns: u64,
}

impl Streams {
    /// How much of `length` bytes is done at this turn; an error if nothing is ready.
    fn turn(&mut self, length: usize) -> Result<usize, i32> {
        self.turns += 1;
        if self.stubborn && self.turns % 2 == 1 {
            return Err(AGAIN);
        }
        Ok(if self.at_once == 0 { length } else { length.min(self.at_once) })
    }

    fn read(&mut self, length: usize) -> Result<Vec<u8>, i32> {
        let length = self.turn(length)?.min(self.input.len());
        Ok(self.input.drain(..length).collect())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize, i32> {
        let length = self.turn(bytes.len())?;
        if self.reader_leaves_after.is_some_and(|most| self.output.len() >= most) {
            return Err(PIPE);
        }
        self.output.extend_from_slice(bytes.get(..length).unwrap_or_default());
        Ok(length)
    }
}

impl Wasi {
    /// How many files are open.
    pub fn open_files(&self) -> usize {
        self.files.iter().flatten().count()
    }

    fn file(&mut self, descriptor: i32) -> Option<&mut Option<File>> {
        let index = usize::try_from(descriptor.checked_sub(FOLDER + 1)?).ok()?;
        self.files.get_mut(index).filter(|file| file.is_some())
    }

    fn open(&mut self, name: &str) -> Result<i32, i32> {
        let folder = self.folder.as_ref().ok_or(BADF)?;
        if name.contains('/') || name == ".." {
            return Err(NOTCAPABLE);
        }
        let file = File::open(folder.join(name)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => NOENT,
            ErrorKind::PermissionDenied => ACCES,
            ErrorKind::IsADirectory => ISDIR,
            _ => IO,
        })?;
        self.files.push(Some(file));
        i32::try_from(self.files.len()).map(|number| number + FOLDER).map_err(|_| IO)
    }
}

/// A host that keeps a [`Wasi`] for its guest.
pub trait HasWasi: 'static {
    /// It.
    fn wasi(&mut self) -> &mut Wasi;
}

/// Makes the functions known to a linker.
///
/// # Errors
///
/// Names that are taken.
pub fn link<T: HasWasi>(linker: &mut Linker<T>) -> Result<(), Error> {
    linker.func_wrap(
        MODULE,
        "fd_prestat_get",
        |mut caller: Caller<'_, T>, descriptor: i32, prestat: i32| {
            caller.data_mut().wasi().lookups += 1;
            let length = caller.data_mut().wasi().folder.as_ref().map(|folder| folder.as_os_str().len());
            match length {
                Some(length) if descriptor == FOLDER => {
                    write(&mut caller, prestat, &[number(0), number(length)].concat())
                }
                _ => BADF,
            }
        },
    )?;
    linker.func_wrap(
        MODULE,
        "fd_prestat_dir_name",
        |mut caller: Caller<'_, T>, descriptor: i32, name: i32, length: i32| {
            let folder = caller.data_mut().wasi().folder.clone().filter(|_| descriptor == FOLDER);
            let Some(folder) = folder else { return BADF };
            let bytes = folder.as_os_str().as_encoded_bytes();
            if bytes.len() > offset(length) { INVAL } else { write(&mut caller, name, bytes) }
        },
    )?;
    linker.func_wrap(
        MODULE,
        "path_open",
        |mut caller: Caller<'_, T>,
         folder: i32,
         _lookup_flags: i32,
         path: i32,
         length: i32,
         _open_flags: i32,
         _rights: i64,
         _inherited_rights: i64,
         _descriptor_flags: i32,
         opened: i32| {
            caller.data_mut().wasi().lookups += 1;
            if folder != FOLDER {
                return BADF;
            }
            let Some(path) = read(&mut caller, path, length).and_then(|path| String::from_utf8(path).ok())
            else {
                return INVAL;
            };
            match caller.data_mut().wasi().open(&path) {
                Ok(descriptor) => write(&mut caller, opened, &descriptor.to_le_bytes()),
                Err(error) => error,
            }
        },
    )?;
    linker.func_wrap(
        MODULE,
        "fd_read",
        |mut caller: Caller<'_, T>, descriptor: i32, slices: i32, count: i32, done: i32| {
            let Some((start, length)) = one_slice(&mut caller, slices, count) else { return INVAL };
            if let (STANDARD_INPUT, Some(streams)) = (descriptor, &mut caller.data_mut().wasi().streams) {
                return match streams.read(offset(length)) {
                    Ok(bytes) => put(&mut caller, start, &bytes, done),
                    Err(error) => error,
                };
            }
            let mut buffer = vec![0; offset(length)];
            let result = match caller.data_mut().wasi().file(descriptor) {
                Some(Some(file)) => file.read(&mut buffer),
                _ => return BADF,
            };
            match result {
                Ok(got) => {
                    buffer.truncate(got);
                    put(&mut caller, start, &buffer, done)
                }
                Err(error) if error.kind() == ErrorKind::IsADirectory => ISDIR,
                Err(_) => IO,
            }
        },
    )?;
    linker.func_wrap(MODULE, "fd_close", |mut caller: Caller<'_, T>, descriptor: i32| {
        match caller.data_mut().wasi().file(descriptor) {
            Some(file) => {
                *file = None;
                SUCCESS
            }
            None => BADF,
        }
    })?;
    linker.func_wrap(
        MODULE,
        "fd_write",
        |mut caller: Caller<'_, T>, descriptor: i32, slices: i32, count: i32, done: i32| {
            let text = one_slice(&mut caller, slices, count)
                .and_then(|(start, length)| read(&mut caller, start, length));
            let Some(text) = text else { return INVAL };
            if let (STANDARD_OUTPUT, Some(streams)) = (descriptor, &mut caller.data_mut().wasi().streams) {
                return match streams.write(&text) {
                    Ok(length) => write(&mut caller, done, &number(length)),
                    Err(error) => error,
                };
            }
            if descriptor != STANDARD_ERROR {
                return BADF;
            }
            caller.data_mut().wasi().said.extend_from_slice(&text);
            write(&mut caller, done, &number(text.len()))
        },
    )?;
    Ok(())
}

/// Makes known what a command needs besides.
///
/// # Errors
///
/// Names that are taken.
pub fn link_command<T: HasWasi>(linker: &mut Linker<T>) -> Result<(), Error> {
    linker.func_wrap(
        MODULE,
        "poll_oneoff",
        |mut caller: Caller<'_, T>, subscriptions: i32, events: i32, count: i32, happened: i32| {
            let Some(subscription) = read(&mut caller, subscriptions, 48).filter(|_| count == 1) else {
                return INVAL;
            };
            let at = |from: usize| subscription.get(from).copied().unwrap_or_default();
            // What is waited for, and of which stream: reading of the input, or writing of the output.
            let asked = (at(8), i32::from(at(16)));
            if let Some(streams) = &mut caller.data_mut().wasi().streams {
                streams.waits += 1;
            }
            if !matches!(asked, (1, STANDARD_INPUT) | (2, STANDARD_OUTPUT)) {
                return INVAL;
            }
            let event = [[0; 10].as_slice(), &[at(8)], &[0; 21]].concat();
            match write(&mut caller, events, &event) {
                SUCCESS => write(&mut caller, happened, &number(1)),
                error => error,
            }
        },
    )?;
    linker.func_wrap(
        MODULE,
        "proc_exit",
        |mut caller: Caller<'_, T>, code: i32| -> wasmtime::Result<()> {
            if let Some(streams) = &mut caller.data_mut().wasi().streams {
                streams.code = Some(code);
            }
            Err(wasmtime::Error::msg("proc_exit"))
        },
    )?;
    Ok(())
}

/// Puts what was read into the guest's memory, and how much it is.
fn put<T>(caller: &mut Caller<'_, T>, start: i32, bytes: &[u8], done: i32) -> i32 {
    match write(caller, start, bytes) {
        SUCCESS => write(caller, done, &number(bytes.len())),
        error => error,
    }
}

/// The only slice of a list; guests of ours pass no longer ones.
fn one_slice<T>(caller: &mut Caller<'_, T>, slices: i32, count: i32) -> Option<(i32, i32)> {
    let slice = read(caller, slices, 8).filter(|_| count == 1)?;
    let (start, length) = slice.split_first_chunk::<4>()?;
    Some((i32::from_le_bytes(*start), i32::from_le_bytes(*length.first_chunk()?)))
}

fn read<T>(caller: &mut Caller<'_, T>, start: i32, length: i32) -> Option<Vec<u8>> {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else { return None };
    let end = offset(start).checked_add(offset(length))?;
    memory.data(&*caller).get(offset(start)..end).map(<[u8]>::to_vec)
}

fn write<T>(caller: &mut Caller<'_, T>, start: i32, bytes: &[u8]) -> i32 {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else { return FAULT };
    match memory.write(&mut *caller, offset(start), bytes) {
        Ok(()) => SUCCESS,
        Err(_) => FAULT,
    }
}

/// A number as the guest's 32 bits.
fn number(number: usize) -> [u8; 4] {
    (number as u32).to_le_bytes()
}

fn offset(pointer: i32) -> usize {
    pointer.cast_unsigned() as usize
}
