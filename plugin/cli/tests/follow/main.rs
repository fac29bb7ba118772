//! `auditveil filter --follow`: the built command on real files, rotated, cut, filled up and killed.
//!
//! Every record has a number in its `auditID`. What came out tells which were lost and which came twice.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]
#![expect(clippy::panic, reason = "so does what waits for something that does not come")]

mod ends;
mod restarts;
mod rotations;
mod setup;
