//! HOT: values that were walked before and in which nothing was found, so that they need no second walk.
//!
//! A cluster's log says the same over and over: who asked, what a controller manages, what a pod is to be. A quarter
//! of its bytes stand in objects that the same filter has walked not long ago, at the same place. To compare such
//! an object with what is kept of it costs a tenth of a walk.
//!
//! INVARIANT (same-bytes-same-answer): what is remembered is compared byte by byte, and only at the same place and
//! nesting. It is a whole object or array, so nothing that begins like it can be longer. Whether it is found changes
//! nothing but the time: what a record becomes does not depend on the records before it.
//!
//! Only what holds nothing to be hidden is kept, in memory of a fixed size; when that is full, all of it is
//! forgotten. Values inside one that is being remembered are not looked for, so each byte is compared at most [`WAYS`]
//! times, whatever a client sends.
//!
//! Tried and not kept: to displace only the oldest, which finds hardly more.

use super::edits::Put;
use super::places::Place;
use super::reading::Reading;
use super::rows::Row;
use crate::memory::{append, append_many};
use alloc::vec::Vec;
use core::num::NonZeroU32;

/// How many bytes are kept.
const STORE: usize = 512 * 1024;
/// The shortest value that is worth it, and the part of a value that says where it is looked for.
pub(crate) const SHORTEST: usize = 64;
/// The longest value, so that no single one displaces all others.
const LONGEST: usize = 16 * 1024;
/// How many values with the same hash are kept.
const WAYS: usize = 4;
const SETS: usize = 512;
const SET_BITS: u32 = SETS.trailing_zeros();

/// Where a value stands, as far as it matters for what is found in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Context(u32);

impl Context {
    /// Where nothing stands.
    pub(crate) const NONE: Context = Context(u32::MAX);

    /// A value at `place`, inside `nesting` containers.
    #[inline(always)]
    pub(crate) const fn new(place: Place, nesting: usize) -> Self {
        Context((nesting as u32) << 8 | place as u32)
    }

    /// A string's text that is to be opened or read. `None` for one that depends on others.
    pub(crate) const fn text(put: Put, row: Row) -> Option<Self> {
        let kind = match put {
            Put::Json(place) => place as u32,
            Put::Search(place) => 1 << 8 | place as u32,
            Put::Read(Reading::Argument) => return None,
            Put::Read(reading) => 2 << 8 | reading as u32,
            _ => return None,
        };
        let unsure = if matches!(row, Row::TextUnreadable) { 1 << 16 } else { 0 };
        Some(Context(kind | unsure | 1 << 30))
    }

    /// Members of an event that say who asked, with their names.
    pub(crate) const CLIENT: Context = Context(1 << 29);

    /// The `fieldsV1` of managed fields, inside `nesting` containers.
    #[inline(always)]
    pub(crate) const fn managed(nesting: usize) -> Self {
        Context((nesting as u32) << 8 | 1 << 31)
    }
}

/// A value that is kept.
#[derive(Clone, Copy, Debug)]
struct Kept {
    context: Context,
    start: u32,
    length: u32,
}

/// Values with the same hash, and which of them is to be displaced next.
#[derive(Clone, Copy, Debug)]
struct Set {
    kept: [Kept; WAYS],
    next: u32,
}

const NO_SET: Set = Set { kept: [Kept { context: Context::NONE, start: 0, length: 0 }; WAYS], next: 0 };

/// What was walked before.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    store: Vec<u8>,
    sets: Vec<Set>,
    /// How many clients were given a number.
    clients: u32,
}

impl Remembered {
    pub(crate) const NOTHING: Remembered = Remembered { store: Vec::new(), sets: Vec::new(), clients: 0 };

    /// What follows the value that `rest` begins with, if that was walked before at such a place.
    #[inline(always)]
    pub(crate) fn behind<'a>(&self, context: Context, rest: &'a [u8]) -> Option<&'a [u8]> {
        self.find(context, rest).map(|(behind, _)| behind)
    }

    /// [`behind`](Self::behind), and what was [kept with](Self::keep_with) the value if anything was.
    #[inline(never)]
    pub(crate) fn find<'a>(&self, context: Context, rest: &'a [u8]) -> Option<(&'a [u8], &[u8])> {
        let set = self.sets.get(hash(context, rest.first_chunk::<SHORTEST>()?))?;
        for kept in &set.kept {
            if kept.context != context {
                continue;
            }
            let Some((value, behind)) = rest.split_at_checked(kept.length as usize) else { continue };
            let store = self.store.get(kept.start as usize..).unwrap_or_default();
            let Some((same, with)) = store.split_at_checked(value.len()) else { continue };
            if are_equal(value, same) {
                return Some((behind, with));
            }
        }
        None
    }

    /// Remembers a value in which nothing was found. Without memory for it nothing is remembered.
    pub(crate) fn keep(&mut self, context: Context, value: &[u8]) {
        self.keep_with(context, value, b"");
    }

    /// A number that no other client has; `None` if there are no more.
    pub(crate) fn number(&mut self) -> Option<NonZeroU32> {
        self.clients = self.clients.checked_add(1)?;
        NonZeroU32::new(self.clients)
    }

    /// Remembers a value, and with it what is to be known when it is met again.
    #[inline(never)]
    pub(crate) fn keep_with(&mut self, context: Context, value: &[u8], with: &[u8]) {
        if value.len() > LONGEST {
            return;
        }
        let Some(first) = value.first_chunk::<SHORTEST>() else { return };
        let length = self.store.len().wrapping_add(value.len()).wrapping_add(with.len());
        if length > STORE || self.sets.is_empty() {
            self.store.clear();
            self.sets.clear();
            let room = self.store.capacity() >= STORE || self.store.try_reserve_exact(STORE).is_ok();
            if !room || !append_many(&mut self.sets, NO_SET, SETS) {
                self.sets.clear();
                return;
            }
        }
        let start = self.store.len() as u32;
        let Some(set) = self.sets.get_mut(hash(context, first)) else { return };
        let next = set.next;
        set.next = if next.wrapping_add(1) < WAYS as u32 { next.wrapping_add(1) } else { 0 };
        if append(&mut self.store, value)
            && append(&mut self.store, with)
            && let Some(kept) = set.kept.get_mut(next as usize)
        {
            *kept = Kept { context, start, length: value.len() as u32 };
        }
    }
}

/// The set in which a value that begins with `first` is.
#[inline(always)]
fn hash(context: Context, first: &[u8; SHORTEST]) -> usize {
    let (words, _) = first.as_chunks::<8>();
    let word = |at: usize| words.get(at).map_or(0, |word| u64::from_le_bytes(*word));
    // Objects of a kind begin alike; the values of their first members differ.
    let mixed = (word(2) ^ u64::from(context.0)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ word(4).wrapping_mul(0xC2B2_AE3D_27D4_EB4F)
        ^ word(7).wrapping_mul(0x1656_67B1_9E37_79F9);
    (mixed >> (64 - SET_BITS)) as usize
}

/// Whether two texts of one length, which is [`SHORTEST`] or more, are the same.
#[inline(always)]
fn are_equal(one: &[u8], other: &[u8]) -> bool {
    // The ends first: values that begin alike seldom end alike.
    let (Some(our_end), Some(their_end)) = (one.last_chunk(), other.last_chunk()) else { return false };
    if u64::from_le_bytes(*our_end) != u64::from_le_bytes(*their_end) {
        return false;
    }
    let (mut ours, mut theirs) = (one, other);
    while let (Some((our_words, our_rest)), Some((their_words, their_rest))) =
        (ours.split_first_chunk(), theirs.split_first_chunk())
    {
        if difference(our_words, their_words) != 0 {
            return false;
        }
        ours = our_rest;
        theirs = their_rest;
    }
    // What is left of the last of these, and of what was compared before.
    match (one.last_chunk(), other.last_chunk()) {
        (Some(our_words), Some(their_words)) => ours.is_empty() || difference(our_words, their_words) == 0,
        _ => false,
    }
}

/// Zero if both are the same.
#[inline(always)]
fn difference(ours: &[u8; SHORTEST], theirs: &[u8; SHORTEST]) -> u64 {
    let (ours, _) = ours.as_chunks::<8>();
    let (theirs, _) = theirs.as_chunks::<8>();
    let mut different = 0;
    for (ours, theirs) in ours.iter().zip(theirs) {
        different |= u64::from_le_bytes(*ours) ^ u64::from_le_bytes(*theirs);
    }
    different
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CONTEXT: Context = Context::new(Place::Any, 3);

    /// Like an object, it says itself where it ends.
    fn text(seed: usize, length: usize) -> Vec<u8> {
        let letter = |at: usize| b'a' + ((at * 7 + seed * 13 + at * at * seed) % 26) as u8;
        (1..length).map(letter).chain([b'}']).collect()
    }

    #[test]
    fn nothing_is_found_in_another_context_or_cut_or_short() {
        let mut remembered = Remembered::NOTHING;
        let value = text(1, 200);
        remembered.keep(CONTEXT, &value);
        assert_eq!(remembered.behind(CONTEXT, &[&value[..], b",x"].concat()), Some(&b",x"[..]));
        assert_eq!(remembered.behind(CONTEXT, &value[..199]), None);
        for other in [Context::new(Place::Any, 4), Context::new(Place::Custom, 3), Context::managed(3)] {
            assert_eq!(remembered.behind(other, &value), None);
        }
        for length in [SHORTEST - 1, LONGEST + 1] {
            let value = text(2, length);
            remembered.keep(CONTEXT, &value);
            assert_eq!(remembered.behind(CONTEXT, &value), None, "{length}");
        }
    }

    #[test]
    fn memory_does_not_grow_and_what_is_new_is_found() {
        let mut remembered = Remembered::NOTHING;
        for seed in 0..2000 {
            let value = text(seed, 64 + seed * 37 % 4000);
            remembered.keep(CONTEXT, &value);
            assert_eq!(remembered.behind(CONTEXT, &value), Some(&b""[..]));
            assert_eq!((remembered.store.capacity(), remembered.sets.len()), (STORE, SETS));
        }
    }

    proptest! {
        #[test]
        fn only_the_same_bytes_are_equal(
            length in SHORTEST..300, at in any::<prop::sample::Index>(), bit in 0..8_u32, seed in 0..9_usize
        ) {
            let one = text(seed, length);
            prop_assert!(are_equal(&one, &one));
            let mut other = one.clone();
            other[at.index(length)] ^= 1 << bit;
            prop_assert!(!are_equal(&one, &other));
        }
    }
}
