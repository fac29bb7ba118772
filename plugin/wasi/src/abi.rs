//! The entry that a WASI runtime calls, and all `unsafe` of this crate.
//!
//! What it imports, and the allocator, are those that guests share: `auditveil_guest::abi`.

#![expect(unsafe_code, reason = "the one file with unsafe: an exported symbol")]

use auditveil_guest::abi::{Wasi, exit};

use crate::command;

/// Runs the command to its end.
// SAFETY: no other symbol of this name exists: the crate is no binary, and no C library is linked.
#[unsafe(no_mangle)]
extern "C" fn _start() {
    let code = command::run(&mut Wasi::new()) as u32;
    if code != 0 {
        exit(code);
    }
}
