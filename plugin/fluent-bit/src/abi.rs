//! The C interface that Fluent Bit calls, and all `unsafe` of this crate.
//!
//! What the host does for each record (`flb_wasm_call_function_format_json` and `…_msgpack` in Fluent Bit
//! 5.1.1, `src/wasm/flb_wasm.c`): `malloc` for the tag and copy it in, `malloc` for the record and copy it
//! in, call the filter, copy the NUL-terminated answer out, `free` both. Hosts from before October 2025
//! leave the `free` out.
//!
//! The functions of WASI that the module imports, called for the first record only, and the allocator are those that
//! guests share: `auditveil_guest::abi`.

#![expect(unsafe_code, reason = "the one file with unsafe: exported symbols and the state behind them")]

use core::cell::UnsafeCell;

use auditveil_guest::abi::{Descriptor, Wasi};

use crate::guest::Guest;

/// The module's only state.
struct Instance(UnsafeCell<Guest>);

// SAFETY: `Sync` asks that threads may share it. The module is built without the `atomics` feature and
// its memory is not shared, so there is never a second thread.
unsafe impl Sync for Instance {}

static INSTANCE: Instance = Instance(UnsafeCell::new(Guest::new()));

impl Instance {
    /// The state, for the time of one call from the host.
    ///
    /// # Safety
    ///
    /// - Only an exported function may call this, once, and its result may not outlive that function.
    #[expect(
        clippy::mut_from_ref,
        reason = "exclusive by the contract above, which this file alone has to keep"
    )]
    unsafe fn enter(&self) -> &mut Guest {
        // SAFETY:
        // - the pointer is valid: it comes from a static;
        // - it is exclusive: exports do not call each other, the module imports nothing through which
        //   the host could call back (WASI's functions do not), and there is one thread. A call that trapped has lost its
        //   reference together with its frame.
        unsafe { &mut *self.0.get() }
    }
}

/// What `auditveil bake` writes into.
// SAFETY: no other symbol of this name exists. Exported data becomes a global that holds its address.
#[unsafe(no_mangle)]
static auditveil_baked: Descriptor = Descriptor::UNBAKED;

/// Filters one record; the answer is a NUL-terminated string that stays valid until the next `malloc`.
///
/// Never returns null and never traps, whatever it is called with.
// SAFETY: no other symbol of this name exists; wasm names have no other meaning to the linker.
#[unsafe(no_mangle)]
extern "C" fn auditveil_filter(
    _tag: *const u8,
    _tag_length: i32,
    _seconds: i32,
    _nanoseconds: i32,
    record: *const u8,
    record_length: i32,
) -> *const u8 {
    // SAFETY: an exported function, once, and the result ends with it: the answer's pointer goes to the
    // host, no Rust code follows it.
    let guest = unsafe { INSTANCE.enter() };
    guest.filter(record, record_length, &mut Wasi::with(&auditveil_baked)).as_ptr()
}

/// Memory for the host to write a tag or a record into; null if there is none.
///
/// It stays valid until the first `malloc` after the next return of the filter.
// SAFETY: takes the place of C's `malloc` with its contract: a fresh block of at least `size` bytes
// that overlaps nothing in use, or null. No code in the module calls it; no C library is linked.
#[unsafe(no_mangle)]
extern "C" fn malloc(size: i32) -> *mut u8 {
    // SAFETY: an exported function, once, and the result ends with it.
    let guest = unsafe { INSTANCE.enter() };
    guest.malloc(size).unwrap_or(core::ptr::null_mut())
}

/// Does nothing: a block ends with the call it was made for, whether the host frees it or not.
// SAFETY: keeps the contract of C's `free` for every pointer, valid or not, since it touches none.
#[unsafe(no_mangle)]
extern "C" fn free(_block: *mut u8) {}
