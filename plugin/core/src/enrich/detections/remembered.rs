//! HOT: what was found of clients and of kinds of requests, so that it is found once.
//!
//! A cluster's clients are few and ask for the same again and again. What stands here follows from the bytes it is
//! remembered for and from nothing else: no event's answer depends on the events before it. The memory has a size that
//! never changes; what does not fit is found anew each time.

use super::compiled::Bits;
use crate::enrich::event::Event;
use crate::enrich::facts::Facts;
use crate::json::find::short_word;
use crate::memory::append_many;
use alloc::vec::Vec;

/// How many clients are remembered, and how many bytes there are for each: what it is told by, and what is written
/// of it.
const CLIENTS: usize = 64;
const CLIENT_BYTES: usize = 1024;

/// The same for kinds of requests.
const KINDS: usize = 256;
const KIND_BYTES: usize = 64;

/// What an event's client is told by: the values of `user`, `userAgent` and `sourceIPs`.
#[derive(Clone, Copy, Debug)]
pub(in crate::enrich) struct Client<'a> {
    parts: [&'a [u8]; 3],
}

impl<'a> Client<'a> {
    /// The client of an event, if it tells each of these just once or not at all.
    #[inline(always)]
    pub(in crate::enrich) fn of(event: &Event<'a>) -> Option<Client<'a>> {
        let parts = event.client()?;
        let length = parts.iter().fold(0, |sum: usize, part| sum.wrapping_add(part.len()));
        (length <= CLIENT_BYTES).then_some(Client { parts })
    }
}

/// What an event's kind is told by: facts with few values, the lengths of the names that follow, and these: API group,
/// resource and subresource. Lengths tell where one ends and the next begins.
#[derive(Clone, Copy, Debug)]
pub(in crate::enrich) struct Kind<'a> {
    head: [u8; HEAD],
    names: [&'a [u8]; 3],
}

const HEAD: usize = 6;

/// Set in the third byte of each kind's head.
const SOME_KIND: u8 = 128;

impl<'a> Kind<'a> {
    /// The kind of an event, if it is spelled as usual and not too long.
    #[inline(always)]
    pub(in crate::enrich) fn of(facts: &'a Facts) -> Option<Kind<'a>> {
        if !facts.kind_is_plain() {
            return None;
        }
        let names = facts.kind();
        let [group, resource, subresource] = names.map(<[u8]>::len);
        if group.wrapping_add(resource).wrapping_add(subresource) > KIND_BYTES {
            return None;
        }
        let flags = SOME_KIND
            | u8::from(facts.dry_run)
            | u8::from(facts.impersonated).wrapping_shl(1)
            | u8::from(facts.has_object()).wrapping_shl(2);
        let action = facts.action.map_or(0, |action| action as u8 | 64);
        let outcome = facts.outcome.map_or(0, |outcome| outcome as u8 | 64);
        let head = [action, outcome, flags, group as u8, resource as u8, subresource as u8];
        Some(Kind { head, names })
    }

    #[inline(always)]
    fn place(&self) -> usize {
        let hash = self.names.iter().fold(mix(&self.head, 0), |hash, name| mix(name, hash));
        usize::from(hash as u16) % KINDS
    }
}

/// What is remembered. Each entry has its place by the bytes it is remembered for, and gives it up to the next one.
#[derive(Clone, Debug, Default)]
pub(in crate::enrich) struct Memory {
    clients: Vec<ClientEntry>,
    client_bytes: Vec<u8>,
    kinds: Vec<KindEntry>,
    kind_bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct ClientEntry {
    /// The lengths of what it is told by; [`NOBODY`] if nothing is remembered.
    lengths: [u16; 3],
    /// The length of what is written of it.
    written: u16,
    bits: Bits,
}

/// Lengths that no client has.
const NOBODY: [u16; 3] = [u16::MAX; 3];

#[derive(Clone, Copy, Debug)]
struct KindEntry {
    /// As in [`Kind`]; zeros, which no kind has, if nothing is remembered.
    head: [u8; HEAD],
    bits: Bits,
}

impl Memory {
    /// Remembers nothing.
    pub(in crate::enrich) const EMPTY: Memory =
        Memory { clients: Vec::new(), client_bytes: Vec::new(), kinds: Vec::new(), kind_bytes: Vec::new() };

    /// Takes the memory it needs, once; without it nothing is remembered.
    pub(in crate::enrich) fn new() -> Memory {
        let mut memory = Memory::default();
        let client = ClientEntry { lengths: NOBODY, written: 0, bits: Bits::NONE };
        let kind = KindEntry { head: [0; HEAD], bits: Bits::NONE };
        let made = append_many(&mut memory.clients, client, CLIENTS)
            && append_many(&mut memory.client_bytes, 0, CLIENTS.wrapping_mul(CLIENT_BYTES))
            && append_many(&mut memory.kinds, kind, KINDS)
            && append_many(&mut memory.kind_bytes, 0, KINDS.wrapping_mul(KIND_BYTES));
        if made { memory } else { Memory::default() }
    }

    /// What is remembered of a client: the detections left by it, and what is written of it.
    #[inline(always)]
    pub(in crate::enrich) fn client(&self, client: &Client<'_>) -> Option<(Bits, &[u8])> {
        let at = place_of_client(client);
        let entry = self.clients.get(at)?;
        let lengths = client.parts.map(|part| part.len() as u16);
        if entry.lengths != lengths {
            return None;
        }
        let start = at.wrapping_mul(CLIENT_BYTES);
        let mut rest = self.client_bytes.get(start..start.wrapping_add(CLIENT_BYTES))?;
        for part in client.parts {
            let (known, behind) = rest.split_at_checked(part.len())?;
            if !is_same(known, part) {
                return None;
            }
            rest = behind;
        }
        Some((entry.bits, rest.get(..usize::from(entry.written))?))
    }

    /// Remembers a client.
    pub(in crate::enrich) fn keep_client(&mut self, client: &Client<'_>, bits: Bits, written: &[u8]) {
        let at = place_of_client(client);
        let start = at.wrapping_mul(CLIENT_BYTES);
        let bytes = self.client_bytes.get_mut(start..start.wrapping_add(CLIENT_BYTES));
        let (Some(entry), Some(bytes)) = (self.clients.get_mut(at), bytes) else { return };
        entry.lengths = NOBODY;
        let mut place = 0_usize;
        for part in client.parts.into_iter().chain([written]) {
            let end = place.wrapping_add(part.len());
            let Some(room) = bytes.get_mut(place..end) else { return };
            copy(part, room);
            place = end;
        }
        *entry = ClientEntry {
            lengths: client.parts.map(|part| part.len() as u16),
            written: written.len() as u16,
            bits,
        };
    }

    /// The detections left by a kind of request, if they are remembered.
    #[inline(always)]
    pub(super) fn kind(&self, kind: &Kind<'_>) -> Option<Bits> {
        let at = kind.place();
        let entry = self.kinds.get(at)?;
        if entry.head != kind.head {
            return None;
        }
        let start = at.wrapping_mul(KIND_BYTES);
        let mut rest = self.kind_bytes.get(start..start.wrapping_add(KIND_BYTES))?;
        for name in kind.names {
            let (known, behind) = rest.split_at_checked(name.len())?;
            if !is_same(known, name) {
                return None;
            }
            rest = behind;
        }
        Some(entry.bits)
    }

    /// Remembers a kind of request.
    pub(super) fn keep_kind(&mut self, kind: &Kind<'_>, bits: Bits) {
        let at = kind.place();
        let start = at.wrapping_mul(KIND_BYTES);
        let bytes = self.kind_bytes.get_mut(start..start.wrapping_add(KIND_BYTES));
        let (Some(entry), Some(mut bytes)) = (self.kinds.get_mut(at), bytes) else { return };
        *entry = KindEntry { head: kind.head, bits };
        for name in kind.names {
            let Some((room, behind)) = bytes.split_at_mut_checked(name.len()) else { return };
            copy(name, room);
            bytes = behind;
        }
    }
}

/// The place of a client: told by where names differ.
#[inline(always)]
fn place_of_client(client: &Client<'_>) -> usize {
    let [user, agent, ips] = client.parts;
    // Behind `{"username":"system:`.
    let user_part = user.get(20..).unwrap_or(user);
    let hash = mix(user_part.get(..user_part.len().min(48)).unwrap_or_default(), user.len() as u64);
    let hash = mix(agent.get(..agent.len().min(24)).unwrap_or_default(), hash);
    let hash = mix(ips.get(..ips.len().min(24)).unwrap_or_default(), hash);
    usize::from(hash as u8) % CLIENTS
}

/// Bytes, mixed to a number whose lowest sixteen bits depend on all of them.
#[inline(always)]
fn mix(bytes: &[u8], start: u64) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let step = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    let hash = words.iter().fold(start, |hash, word| step(hash, u64::from_le_bytes(*word)));
    let hash = step(hash, short_word(rest));
    hash ^ hash >> 32
}

/// Copies bytes to a place of the same length; one that is shorter takes what it can, which nothing has to be proved for.
#[inline(always)]
fn copy(from: &[u8], to: &mut [u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

/// Whether both are the same bytes, thirty-two at a time.
#[inline(always)]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let ((ours, our_rest), (theirs, their_rest)) = (one.as_chunks::<32>(), other.as_chunks::<32>());
    one.len() == other.len()
        && ours.iter().zip(theirs).all(|(ours, theirs)| ours == theirs)
        && is_same_end(our_rest, their_rest)
}

/// The same for what is shorter.
#[inline(always)]
fn is_same_end(one: &[u8], other: &[u8]) -> bool {
    let ((ours, our_rest), (theirs, their_rest)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    let same =
        |(ours, theirs): (&[u8; 8], &[u8; 8])| u64::from_le_bytes(*ours) == u64::from_le_bytes(*theirs);
    ours.iter().zip(theirs).all(same) && short_word(our_rest) == short_word(their_rest)
}
