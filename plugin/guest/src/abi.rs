//! What guests share that takes `unsafe`, all of it: the allocator, WASI's functions, memory as the engine filled it.
//!
//! What a module imports is what it calls of this: the linker leaves the rest out.

#![expect(
    unsafe_code,
    reason = "the one file with unsafe: the allocator, and calls of the host with pointers"
)]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;

use dlmalloc::GlobalDlmalloc;

use alloc::vec::Vec;

use auditveil_core::baked::{LENGTH, UNBAKED};

use crate::baked::Memory;
use crate::configuration::{Errno, STANDARD_ERROR, Streams, System, Wait};

#[global_allocator]
static ALLOCATOR: Allocator = Allocator(GlobalDlmalloc);

/// dlmalloc, kept out of line: it asserts that its heap is intact, and `host-test` checks that nothing
/// but these functions can panic, which it could not tell if they were copied into their callers.
struct Allocator(GlobalDlmalloc);

// SAFETY: every method passes its arguments on to an allocator with the same contract.
unsafe impl GlobalAlloc for Allocator {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those that are asked for.
        unsafe { self.0.alloc(layout) }
    }

    #[inline(never)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { self.0.dealloc(block, layout) }
    }

    #[inline(never)]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    #[inline(never)]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as above.
        unsafe { self.0.realloc(block, layout, new_size) }
    }
}

/// What `auditveil bake` writes into, in the file of the module, before any code runs.
#[repr(transparent)]
#[derive(Debug)]
pub struct Descriptor(UnsafeCell<[u8; LENGTH]>);

// SAFETY: guests are built without the `atomics` feature and their memory is not shared, so there is never a second
// thread; besides, nothing in the module writes into it.
unsafe impl Sync for Descriptor {}

impl Descriptor {
    /// A descriptor of nothing, as a module is built with. To be exported under the name
    /// [`EXPORT`](auditveil_core::baked::EXPORT).
    #[expect(
        clippy::declare_interior_mutable_const,
        reason = "a static of each module begins with it, and nothing else uses it"
    )]
    pub const UNBAKED: Descriptor = Descriptor(UnsafeCell::new(UNBAKED));
}

/// `iovec`, and `ciovec`, which differ in what is done through the pointer only.
#[repr(C)]
struct Slice {
    start: *mut u8,
    length: usize,
}

/// `prestat`: what an open descriptor is that the host provides. There is no kind but 0, a folder.
#[repr(C)]
struct Prestat {
    kind: u8,
    name_length: usize,
}

// SAFETY: the names and types are those of WASI preview 1, whose pointers are offsets in this memory.
#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn fd_prestat_get(descriptor: u32, prestat: *mut Prestat) -> i32;
    fn fd_prestat_dir_name(descriptor: u32, name: *mut u8, length: usize) -> i32;
    fn path_open(
        folder: u32,
        lookup_flags: u32,
        path: *const u8,
        path_length: usize,
        open_flags: i32,
        rights: u64,
        inherited_rights: u64,
        descriptor_flags: i32,
        opened: *mut u32,
    ) -> i32;
    fn fd_read(descriptor: u32, slices: *const Slice, count: usize, read: *mut usize) -> i32;
    fn fd_close(descriptor: u32) -> i32;
    fn fd_write(descriptor: u32, slices: *const Slice, count: usize, written: *mut usize) -> i32;
    fn poll_oneoff(
        subscriptions: *const Subscription,
        events: *mut Event,
        count: usize,
        happened: *mut usize,
    ) -> i32;
    fn proc_exit(code: u32) -> !;
}

/// `subscription`, for the readiness of a descriptor: the caller's own number, what is waited for, the descriptor.
type Subscription = [u64; 6];
/// `event`.
type Event = [u64; 4];

/// `lookupflags`: a symbolic link is followed, as a mounted ConfigMap needs it. The host keeps it inside the folder.
const SYMLINK_FOLLOW: u32 = 1;
/// `rights`: `fd_read`.
const RIGHT_TO_READ: u64 = 1 << 1;

/// Bytes of a page of linear memory.
const PAGE: usize = 64 * 1024;

/// The host, through WASI.
#[derive(Debug)]
pub struct Wasi {
    descriptor: Option<&'static Descriptor>,
}

impl Wasi {
    /// The host of a module into which nothing can be baked.
    #[expect(clippy::new_without_default, reason = "it is made where no function of a trait may be called")]
    pub const fn new() -> Self {
        Wasi { descriptor: None }
    }

    /// The host of a module that exports this descriptor.
    pub const fn with(descriptor: &'static Descriptor) -> Self {
        Wasi { descriptor: Some(descriptor) }
    }
}

/// What a function of WASI returns: 0, or an error.
fn done(result: i32) -> Result<(), Errno> {
    if result == 0 { Ok(()) } else { Err(Errno(u16::try_from(result).unwrap_or(u16::MAX))) }
}

impl Memory for Wasi {
    fn descriptor(&mut self) -> [u8; LENGTH] {
        let Some(descriptor) = self.descriptor else { return UNBAKED };
        // SAFETY: the pointer comes from a static of this type. Volatile, since the file may hold other bytes than
        // the compiler put there.
        unsafe { descriptor.0.get().read_volatile() }
    }

    fn copy(&mut self, address: u32, into: &mut [u8]) -> bool {
        let pages = core::arch::wasm32::memory_size(0);
        let from = address as usize;
        let inside = from.checked_add(into.len()).is_some_and(|end| end.div_ceil(PAGE) <= pages);
        if inside && from != 0 {
            // No Rust code made what is there: the engine did, from the module's file.
            let from = core::ptr::with_exposed_provenance::<u8>(from);
            // SAFETY: both ranges lie in linear memory, all of which is initialised; they may overlap.
            unsafe { core::ptr::copy(from, into.as_mut_ptr(), into.len()) };
        }
        inside && from != 0
    }
}

impl System for Wasi {
    fn folder(&mut self, descriptor: u32, name: &mut Vec<u8>) -> bool {
        let mut prestat = Prestat { kind: 0, name_length: 0 };
        // SAFETY: the pointer is to a `prestat` of ours, which the host may write.
        let found = done(unsafe { fd_prestat_get(descriptor, &raw mut prestat) });
        name.clear();
        if found.is_err() || prestat.kind != 0 || name.try_reserve_exact(prestat.name_length).is_err() {
            return false;
        }
        name.resize(prestat.name_length, 0);
        // SAFETY: `name` has as many bytes as the host is told.
        done(unsafe { fd_prestat_dir_name(descriptor, name.as_mut_ptr(), name.len()) }).is_ok()
    }

    fn open(&mut self, folder: u32, file: &str) -> Result<u32, Errno> {
        let mut opened: u32 = 0;
        // SAFETY: the path is `file`, with its length; `opened` is ours.
        done(unsafe {
            path_open(
                folder,
                SYMLINK_FOLLOW,
                file.as_ptr(),
                file.len(),
                0,
                RIGHT_TO_READ,
                0,
                0,
                &raw mut opened,
            )
        })?;
        Ok(opened)
    }

    fn read(&mut self, file: u32, buffer: &mut [u8]) -> Result<usize, Errno> {
        let slice = Slice { start: buffer.as_mut_ptr(), length: buffer.len() };
        let mut read: usize = 0;
        // SAFETY: one slice, which is all of `buffer`; `read` is ours.
        done(unsafe { fd_read(file, &raw const slice, 1, &raw mut read) })?;
        Ok(read.min(buffer.len()))
    }

    fn close(&mut self, file: u32) {
        // SAFETY: no pointer is passed.
        let _ = unsafe { fd_close(file) };
    }

    fn say(&mut self, text: &[u8]) {
        let mut rest = text;
        while !rest.is_empty() {
            match self.write(STANDARD_ERROR, rest) {
                Ok(written) if written > 0 => rest = rest.get(written..).unwrap_or_default(),
                _ => return,
            }
        }
    }
}

impl Streams for Wasi {
    fn write(&mut self, stream: u32, bytes: &[u8]) -> Result<usize, Errno> {
        let slice = Slice { start: bytes.as_ptr().cast_mut(), length: bytes.len() };
        let mut written: usize = 0;
        // SAFETY: one slice, which is all of `bytes` and which `fd_write` only reads; `written` is ours.
        done(unsafe { fd_write(stream, &raw const slice, 1, &raw mut written) })?;
        Ok(written.min(bytes.len()))
    }

    fn wait(&mut self, stream: u32, to: Wait) -> Result<(), Errno> {
        let subscription: Subscription = [0, to as u64, u64::from(stream), 0, 0, 0];
        let mut event: Event = [0; 4];
        let mut happened: usize = 0;
        // SAFETY: one subscription and room for one event; all three are ours.
        done(unsafe { poll_oneoff(&raw const subscription, &raw mut event, 1, &raw mut happened) })
    }
}

/// Ends the command.
pub fn exit(code: u32) -> ! {
    // SAFETY: no pointer is passed, and nothing of this module runs after it.
    unsafe { proc_exit(code) }
}

/// C's `memcmp`, by which the compiler compares slices and which no C library brings along here.
///
/// # Safety
///
/// As in C: `length` bytes can be read from both pointers.
// SAFETY: keeps the contract of C's `memcmp` below; no C library is linked that has another.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(left: *const u8, right: *const u8, length: usize) -> i32 {
    let mut at: usize = 0;
    while length.wrapping_sub(at) >= 8 {
        // SAFETY: eight bytes from `at` on are within `length`; any alignment is fine.
        let (ours, theirs) = unsafe {
            (left.add(at).cast::<u64>().read_unaligned(), right.add(at).cast::<u64>().read_unaligned())
        };
        if ours != theirs {
            // Memory is little endian: the lowest byte that differs comes first.
            let shift = (ours ^ theirs).trailing_zeros() & !7;
            let byte = |word: u64| (word.wrapping_shr(shift) & 0xff) as i32;
            return byte(ours).wrapping_sub(byte(theirs));
        }
        at = at.wrapping_add(8);
    }
    while at < length {
        // SAFETY: `at` is below `length`.
        let (ours, theirs) = unsafe { (left.add(at).read(), right.add(at).read()) };
        if ours != theirs {
            return i32::from(ours).wrapping_sub(i32::from(theirs));
        }
        at = at.wrapping_add(1);
    }
    0
}

/// Not reachable: `host-test` checks that no code of ours that panics is left in the module.
#[panic_handler]
fn panic(_info: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
