//! Growing buffers without a panic: every allocation on the path of a record goes through here.
//!
//! Each method of `Vec` stands directly behind the look at the room it needs. Only so does the optimizer see
//! that it need not grow, and leaves out the path on which it panics; with a way round the look, which
//! growing in place would be, it does not.

use alloc::vec::Vec;

/// Appends `bytes`; `false` if there is no memory for them, the buffer is then unchanged.
#[inline(never)]
#[must_use]
pub(crate) fn append(buffer: &mut Vec<u8>, bytes: &[u8]) -> bool {
    append_inline(buffer, bytes)
}

/// [`append`] for loops over spans, where a call costs more than it saves.
#[inline(always)]
#[must_use]
pub(crate) fn append_inline(buffer: &mut Vec<u8>, bytes: &[u8]) -> bool {
    if room(buffer) >= bytes.len() {
        buffer.extend_from_slice(bytes);
        return true;
    }
    grow_and_append(buffer, bytes)
}

/// Appends one item; `false` if there is no memory for it.
#[inline(always)]
#[must_use]
pub(crate) fn push<T>(buffer: &mut Vec<T>, item: T) -> bool {
    if room(buffer) >= 1 {
        buffer.push(item);
        return true;
    }
    grow_and_push(buffer, item)
}

/// Empties the buffer and makes room for `length` bytes; `false` if there is no memory.
///
/// What it held is dead, so a buffer that has to grow is given back first: the larger one then fits where it
/// was, and memory holds the largest record's text once.
#[must_use]
pub(crate) fn reset(buffer: &mut Vec<u8>, length: usize) -> bool {
    buffer.clear();
    if buffer.capacity() >= length {
        return true;
    }
    *buffer = Vec::new();
    buffer.try_reserve_exact(length).is_ok()
}

/// Appends `item` as often as `count` says; `false` if there is no memory for it.
#[must_use]
pub(crate) fn append_many<T: Clone>(buffer: &mut Vec<T>, item: T, count: usize) -> bool {
    let _ = buffer.try_reserve(count);
    if room(buffer) >= count {
        buffer.extend(core::iter::repeat_n(item, count));
        return true;
    }
    false
}

#[inline(always)]
fn room<T>(buffer: &Vec<T>) -> usize {
    buffer.capacity().wrapping_sub(buffer.len())
}

#[cold]
#[inline(never)]
fn grow_and_append(buffer: &mut Vec<u8>, bytes: &[u8]) -> bool {
    let _ = buffer.try_reserve(bytes.len());
    if room(buffer) >= bytes.len() {
        buffer.extend_from_slice(bytes);
        return true;
    }
    false
}

#[cold]
#[inline(never)]
fn grow_and_push<T>(buffer: &mut Vec<T>, item: T) -> bool {
    let _ = buffer.try_reserve(1);
    if room(buffer) >= 1 {
        buffer.push(item);
        return true;
    }
    false
}
