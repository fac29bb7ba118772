//! Growing buffers without a panic: every allocation on the path of a record goes through here.

use alloc::vec::Vec;

/// Appends `bytes`; `false` if there is no memory for them, the buffer is then unchanged.
#[inline(always)]
#[must_use]
pub(crate) fn append(buffer: &mut Vec<u8>, bytes: &[u8]) -> bool {
    if buffer.capacity().wrapping_sub(buffer.len()) < bytes.len() && !grow(buffer, bytes.len()) {
        return false;
    }
    buffer.extend_from_slice(bytes);
    true
}

/// Appends one item; `false` if there is no memory for it.
#[inline(always)]
#[must_use]
pub(crate) fn push<T>(buffer: &mut Vec<T>, item: T) -> bool {
    if buffer.len() == buffer.capacity() && !grow(buffer, 1) {
        return false;
    }
    buffer.push(item);
    true
}

#[cold]
#[inline(never)]
fn grow<T>(buffer: &mut Vec<T>, more: usize) -> bool {
    buffer.try_reserve(more).is_ok()
}
