//! Cold: the edits of one text by several who looked at it, made one list in order.

use super::edits::{Edit, Put};
use super::walk::Broken;
use crate::memory::push;
use alloc::vec::Vec;

/// Puts the edits from `start` on in order, and makes one of those that overlap. A text may have been searched for JSON,
/// then read, and then searched for keys and tokens: each has left edits that are in order by themselves. `false` if
/// there is no memory.
pub(super) fn join(settled: &mut Vec<Edit>, start: u32, searched: &mut Vec<Edit>) -> bool {
    let first = settled.iter().rposition(|edit| edit.start < start).map_or(0, |last| last.wrapping_add(1));
    // Two of the three lists become one each time.
    for _ in 0..2 {
        let joined = settled.get(first..).unwrap_or_default();
        if in_order(joined) == joined.len() {
            break;
        }
        searched.clear();
        if !joined.iter().all(|&edit| push(searched, edit)) {
            return false;
        }
        settled.truncate(first);
        let (one, rest) = searched.split_at_checked(in_order(searched)).unwrap_or_default();
        let (other, rest) = rest.split_at_checked(in_order(rest)).unwrap_or_default();
        if !join_two(one, other, first, settled) || !rest.iter().all(|&edit| push(settled, edit)) {
            return false;
        }
    }
    true
}

/// How many edits are in order at the beginning.
fn in_order(edits: &[Edit]) -> usize {
    let behind = edits.windows(2).position(|two| matches!(two, [one, next] if one.end > next.start));
    behind.map_or(edits.len(), |last| last.wrapping_add(1))
}

/// Appends two lists, each in order, as one.
fn join_two(one: &[Edit], other: &[Edit], first: usize, settled: &mut Vec<Edit>) -> bool {
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    loop {
        let before = match (one.peek(), other.peek()) {
            (Some(one), Some(other)) => (one.start, one.end) <= (other.start, other.end),
            (one, _) => one.is_some(),
        };
        let Some(&next) = (if before { one.next() } else { other.next() }) else { return true };
        let last = settled.get_mut(first..).and_then(<[Edit]>::last_mut);
        if let Some(last) = last.filter(|last| next.start < last.end) {
            *last = united(*last, next);
        } else if !push(settled, next) {
            return false;
        }
    }
}

/// Forgets, of the edits from `start` on, marks of what stayed in a text that was searched for JSON, where the reader of
/// that text hides it.
pub(super) fn forget_kept(settled: &mut Vec<Edit>, start: u32) {
    let first = settled.iter().rposition(|edit| edit.start < start).map_or(0, |last| last.wrapping_add(1));
    if !settled.get(first..).unwrap_or_default().iter().any(|edit| edit.put == Put::Kept) {
        return;
    }
    let (mut left, mut hidden) = (first, 0);
    for index in first..settled.len() {
        let Some(&edit) = settled.get(index) else { return };
        let behind = settled.get(index.wrapping_add(1)..).unwrap_or_default().iter();
        let here = |next: &&Edit| next.start == edit.start;
        let covered = edit.start < hidden || behind.take_while(here).any(|next| next.put.hides());
        if edit.put == Put::Kept && covered {
            continue;
        }
        if edit.put.hides() {
            hidden = edit.end;
        }
        if let Some(place) = settled.get_mut(left) {
            *place = edit;
            left = left.wrapping_add(1);
        }
    }
    settled.truncate(left);
}

/// One edit for two that overlap. What was removed or signed is no more for a reader to hide.
fn united(one: Edit, other: Edit) -> Edit {
    let covers = |outer: Edit, inner: Edit| outer.start <= inner.start && inner.end <= outer.end;
    let acted = |edit: Edit| matches!(edit.put, Put::Nothing | Put::Digest);
    if acted(one) && covers(one, other) {
        return one;
    }
    if acted(other) && covers(other, one) {
        return other;
    }
    // What is written anew does not lack what the other hides.
    let same =
        covers(one, other) && covers(other, one) && !matches!(one.put, Put::Decode(_) | Put::Written(_));
    let put = if same { one.put } else { Put::Mask };
    Edit { end: one.end.max(other.end), put, ..one }
}

/// Moves what was settled from `start` on into `pending`.
pub(super) fn take_from(settled: &mut Vec<Edit>, start: u32, pending: &mut Vec<Edit>) -> Result<(), Broken> {
    pending.clear();
    let first = settled.iter().rposition(|edit| edit.start < start).map_or(0, |last| last.wrapping_add(1));
    for &edit in settled.get(first..).unwrap_or_default() {
        keep(pending, edit)?;
    }
    settled.truncate(first);
    Ok(())
}

/// Notes an edit.
pub(super) fn keep(settled: &mut Vec<Edit>, edit: Edit) -> Result<(), Broken> {
    if push(settled, edit) { Ok(()) } else { Err(Broken::NoMemory) }
}
