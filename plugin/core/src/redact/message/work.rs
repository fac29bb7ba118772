//! Counts the bytes that the rules look at, so that a test can say that their number grows with the text and not
//! faster. Nothing outside of tests.

/// Adds to what this thread counted.
#[cfg(not(test))]
#[inline(always)]
pub(super) const fn count(_: usize) {}

#[cfg(test)]
pub(super) use counting::{count, counted};

#[cfg(test)]
mod counting {
    extern crate std;

    use core::cell::Cell;

    std::thread_local! {
        static BYTES: Cell<usize> = const { Cell::new(0) };
    }

    pub(in super::super) fn count(bytes: usize) {
        BYTES.set(BYTES.get().wrapping_add(bytes));
    }

    /// How many bytes `read` looked at.
    pub(in super::super) fn counted(read: impl FnOnce()) -> usize {
        BYTES.set(0);
        read();
        BYTES.get()
    }
}
