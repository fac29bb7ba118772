//! What a module without the standard library has to bring: an allocator, and an end for what cannot happen.

use core::panic::PanicInfo;
use dlmalloc::GlobalDlmalloc;

#[global_allocator]
static ALLOCATOR: GlobalDlmalloc = GlobalDlmalloc;

/// No record leads here: the core's lints forbid panics, and it allocates through functions that can fail.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
