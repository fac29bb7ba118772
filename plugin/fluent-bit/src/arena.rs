//! The memory that the host writes tag and record into.
//!
//! A few slots, handed out in turn and all taken back when the filter has been called: a host that never
//! frees costs nothing, and after a warm-up no call allocates. A slot grows by being thrown away first,
//! since what it held is dead: a larger block then fits where the smaller one was.

use alloc::vec::Vec;

/// Blocks that can be alive at once. A call uses two, the tag and the record; the others are for a
/// host whose call failed before it reached the filter.
const SLOTS: usize = 4;

/// Slots are multiples of this many bytes, so that records of about one size do not grow one in small steps.
const GRANULE: usize = 4096;

/// See the module's documentation.
#[derive(Debug)]
pub struct Arena {
    slots: [Slot; SLOTS],
    /// Slots given out for the present call.
    used: usize,
    /// The call has been made: the next block begins anew.
    called: bool,
}

/// One reusable block.
#[derive(Debug)]
struct Slot {
    /// Always initialised to its full length, so that what the host wrote can be read as a slice.
    bytes: Vec<u8>,
    /// Length that the host asked for, also when there was no memory for it.
    requested: usize,
}

impl Arena {
    /// The longest block. The core's limit for a record, and room for the terminator and the envelope.
    pub const MAX_BLOCK: usize = (64 << 20) + (1 << 16);

    /// An arena that has not allocated anything yet.
    pub const fn new() -> Self {
        const EMPTY: Slot = Slot { bytes: Vec::new(), requested: 0 };
        Arena { slots: [EMPTY; SLOTS], used: 0, called: false }
    }

    /// Whether the next block, if of this length, needs no memory beyond what its slot has.
    pub fn fits(&self, length: usize) -> bool {
        let next = if self.called { 0 } else { self.used };
        self.slots.get(next).is_some_and(|slot| length <= slot.bytes.len())
    }

    /// Gives out a block of at least `length` bytes; `None` if there is no memory, no slot, or if
    /// `length` is beyond any record.
    ///
    /// A block of length zero is one byte long, since the host takes a null for failure.
    pub fn allocate(&mut self, length: usize) -> Option<&mut [u8]> {
        if self.called {
            self.called = false;
            self.used = 0;
        }
        let slot = self.slots.get_mut(self.used)?;
        self.used = self.used.saturating_add(1);
        slot.requested = length;
        if length > Arena::MAX_BLOCK {
            return None;
        }
        if slot.bytes.len() < length.max(1) {
            slot.grow(length);
        }
        slot.bytes.get_mut(..length.max(1))
    }

    /// Takes every block back, as from the next [`allocate`](Self::allocate).
    pub fn end_call(&mut self) {
        self.called = true;
    }

    /// The bytes that the host wrote into the block at `address`, if that block was given out for the
    /// present call and asked for with at least this length.
    ///
    /// Anything else, null above all, is no block of ours.
    pub fn written(&self, address: *const u8, length: usize) -> Option<&[u8]> {
        let slot = self.slots.iter().take(self.used).find(|slot| slot.bytes.as_ptr() == address)?;
        if length > slot.requested {
            return None;
        }
        slot.bytes.get(..length)
    }

    /// What the latest block was asked for with, whether or not it could be given out.
    pub fn last_requested(&self) -> Option<usize> {
        self.slots.get(self.used.checked_sub(1)?).map(|slot| slot.requested)
    }
}

impl Default for Arena {
    fn default() -> Self {
        Arena::new()
    }
}

impl Slot {
    /// Replaces the block by one for `length` bytes and some more; leaves none if there is no memory.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, length: usize) {
        self.bytes = Vec::new();
        let target = length.max(1).next_multiple_of(GRANULE);
        if self.bytes.try_reserve_exact(target).is_ok() {
            self.bytes.resize(target, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Arena, SLOTS};

    #[test]
    fn blocks_of_one_call_do_not_overlap() {
        let mut arena = Arena::new();
        let tag = arena.allocate(5).unwrap().as_mut_ptr_range();
        let record = arena.allocate(10_000).unwrap().as_mut_ptr_range();
        assert!(tag.end <= record.start || record.end <= tag.start);
    }

    #[test]
    fn a_returned_call_gives_its_blocks_back() {
        let mut arena = Arena::new();
        let first = arena.allocate(100).unwrap().as_ptr();
        for _ in 0..10_000 {
            arena.end_call();
            assert_eq!(arena.allocate(100).unwrap().as_ptr(), first);
            arena.allocate(200).unwrap();
        }
    }

    #[test]
    fn more_blocks_than_slots_are_refused() {
        let mut arena = Arena::new();
        for _ in 0..SLOTS {
            assert!(arena.allocate(1).is_some());
        }
        assert!(arena.allocate(1).is_none());
        assert!(!arena.fits(1));
        arena.end_call();
        assert!(arena.fits(1));
        assert!(arena.allocate(1).is_some());
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut arena = Arena::new();
        let block = arena.allocate(6).unwrap();
        block.copy_from_slice(b"record");
        let address = block.as_ptr();
        assert_eq!(arena.written(address, 6), Some(&b"record"[..]));
        assert_eq!(arena.written(address, 3), Some(&b"rec"[..]));
        assert_eq!(arena.written(address, 7), None);
        assert_eq!(arena.written(core::ptr::null(), 0), None);
        assert_eq!(arena.written(address.wrapping_add(1), 1), None);
    }

    #[test]
    fn a_block_of_an_earlier_call_is_not_read() {
        let mut arena = Arena::new();
        arena.allocate(1).unwrap();
        let address = arena.allocate(6).unwrap().as_ptr();
        arena.end_call();
        assert!(arena.written(address, 6).is_some());
        arena.allocate(1).unwrap();
        assert!(arena.written(address, 6).is_none());
    }

    #[test]
    fn a_refused_block_is_remembered_by_its_length() {
        let mut arena = Arena::new();
        assert_eq!(arena.last_requested(), None);
        assert!(arena.allocate(Arena::MAX_BLOCK + 1).is_none());
        assert_eq!(arena.last_requested(), Some(Arena::MAX_BLOCK + 1));
    }

    #[test]
    fn an_empty_block_has_an_address() {
        let mut arena = Arena::new();
        let address = arena.allocate(0).unwrap().as_ptr();
        assert_eq!(arena.written(address, 0), Some(&b""[..]));
        assert_eq!(arena.written(address, 1), None);
    }
}
