//! HOT: what was found of clients and of kinds of requests, so that it is found once.
//!
//! A cluster's clients are few and ask for the same again and again. What stands here follows from the bytes it is
//! remembered for and from nothing else: no event's answer depends on the events before it. The memory has a size that
//! never changes; what does not fit is found anew each time.

use super::compiled::Bits;
use crate::enrich::event::Event;
use crate::json::find::short_word;
use crate::memory::append_many;
use alloc::vec::Vec;

/// How many clients are remembered, and how many bytes there are for each: what it is told by, and what is written
/// of it.
const CLIENTS: usize = 64;
const CLIENT_BYTES: usize = 1024;

/// The same for kinds of requests.
const KINDS: usize = 128;
const KIND_BYTES: usize = 128;

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

/// What an event's kind is told by.
#[derive(Clone, Copy, Debug)]
pub(in crate::enrich) struct Kind {
    bytes: [u8; KIND_BYTES],
    length: usize,
}

impl Kind {
    /// The kind of an event, if it is spelled as usual and not too long.
    pub(in crate::enrich) fn of(event: &mut Event<'_>) -> Option<Kind> {
        let facts = event.request_facts();
        if !facts.kind_is_plain() {
            return None;
        }
        let [group, resource, subresource] = facts.kind();
        let flags = u8::from(facts.dry_run)
            | u8::from(facts.impersonated).wrapping_shl(1)
            | u8::from(facts.has_object()).wrapping_shl(2);
        // Lengths tell where one ends and the next begins.
        let length = |part: &[u8]| u8::try_from(part.len()).ok();
        let action = facts.action.map_or(0, |action| action as u8 | 64);
        let outcome = facts.outcome.map_or(0, |outcome| outcome as u8 | 64);
        let head = [action, outcome, flags, length(group)?, length(resource)?, length(subresource)?];
        let mut kind = Kind { bytes: [0; KIND_BYTES], length: head.len() };
        *kind.bytes.first_chunk_mut()? = head;
        for part in [group, resource, subresource] {
            let end = kind.length.wrapping_add(part.len());
            copy(part, kind.bytes.get_mut(kind.length..end)?);
            kind.length = end;
        }
        Some(kind)
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
    length: u8,
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
        let kind = KindEntry { length: 0, bits: Bits::NONE };
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

    /// The detections left by a kind of request: those that are remembered, or what `find` finds.
    pub(super) fn kind(&mut self, kind: &Kind, find: impl FnOnce() -> Bits) -> Bits {
        let bytes = kind.bytes.get(..kind.length).unwrap_or_default();
        let at = usize::from(mix(bytes, 0) as u8) % KINDS;
        let start = at.wrapping_mul(KIND_BYTES);
        let known = self.kind_bytes.get_mut(start..start.wrapping_add(kind.length));
        let (Some(entry), Some(known)) = (self.kinds.get_mut(at), known) else { return find() };
        if usize::from(entry.length) == kind.length && is_same(known, bytes) {
            return entry.bits;
        }
        copy(bytes, known);
        *entry = KindEntry { length: kind.length as u8, bits: find() };
        entry.bits
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

/// Bytes, mixed to a number whose lowest eight bits depend on all of them.
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

/// Whether both are the same bytes, eight at a time.
#[inline(always)]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let ((ours, our_rest), (theirs, their_rest)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    one.len() == other.len()
        && ours
            .iter()
            .zip(theirs)
            .all(|(ours, theirs)| u64::from_le_bytes(*ours) == u64::from_le_bytes(*theirs))
        && short_word(our_rest) == short_word(their_rest)
}
