//! HOT: what was found of clients and of resources, so that it is found once.
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
use core::num::NonZeroU32;

/// How many clients are remembered, and how many bytes there are for each: what it is told by, unless it has a number, and what is
/// written of it.
const CLIENTS: usize = 128;
const CLIENT_BYTES: usize = 512;

/// The same for resources.
const RESOURCES: usize = 256;
const RESOURCE_BYTES: usize = 64;

/// What an event's client is told by: its number, or the values of `user`, `userAgent` and `sourceIPs`.
#[derive(Clone, Copy, Debug)]
pub(in crate::enrich) struct Client<'a> {
    number: u32,
    parts: [&'a [u8]; 3],
}

impl<'a> Client<'a> {
    /// The client of an event, if it tells each of these just once or not at all. A number is its own if they all stand in the
    /// event as it came.
    #[inline(always)]
    pub(in crate::enrich) fn of(event: &Event<'a>, number: Option<NonZeroU32>) -> Option<Client<'a>> {
        if let Some(number) = number
            && event.client_is_as_it_came()
        {
            return Some(Client { number: number.get(), parts: [b""; 3] });
        }
        let parts = event.client()?;
        let length = parts.iter().fold(0, |sum: usize, part| sum.wrapping_add(part.len()));
        (length <= CLIENT_BYTES).then_some(Client { number: 0, parts })
    }
}

/// What the resource of a request is told by: whether there is one, its API group, its name and the subresource. Lengths tell
/// where one ends and the next begins.
#[derive(Clone, Copy, Debug)]
pub(in crate::enrich) struct Resource<'a> {
    head: u32,
    names: [&'a [u8]; 3],
}

/// Set in the head of each resource.
const SOME: u32 = 1 << 24;

impl<'a> Resource<'a> {
    /// The resource of an event, if it is spelled as usual and not too long.
    #[inline(always)]
    pub(in crate::enrich) fn of(facts: &'a Facts) -> Option<Resource<'a>> {
        if !facts.resource_is_plain() {
            return None;
        }
        let names = facts.resource();
        let [group, resource, subresource] = names.map(<[u8]>::len);
        if group.wrapping_add(resource).wrapping_add(subresource) > RESOURCE_BYTES {
            return None;
        }
        let flags = SOME | u32::from(facts.has_object()).wrapping_shl(25);
        Some(Resource { head: flags | (group << 16 | resource << 8 | subresource) as u32, names })
    }

    #[inline(always)]
    fn place(&self) -> usize {
        let hash = self.names.iter().fold(u64::from(self.head), |hash, name| mix(name, hash));
        usize::from(hash as u16) % RESOURCES
    }
}

/// What is remembered. Each entry has its place by the bytes it is remembered for, and gives it up to the next one.
#[derive(Clone, Debug, Default)]
pub(in crate::enrich) struct Memory {
    clients: Vec<ClientEntry>,
    client_bytes: Vec<u8>,
    resources: Vec<ResourceEntry>,
    resource_bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct ClientEntry {
    /// Its number, or zero.
    number: u32,
    /// The lengths of what it is told by; [`NOBODY`] if nothing is remembered.
    lengths: [u16; 3],
    /// The length of what is written of it.
    written: u16,
    /// The detections that it leaves.
    left: Bits,
    /// Those that were asked; of the others nothing is known.
    asked: Bits,
}

/// Lengths that no client has.
const NOBODY: [u16; 3] = [u16::MAX; 3];

#[derive(Clone, Copy, Debug)]
struct ResourceEntry {
    /// As in [`Resource`]; zero, which none has, if nothing is remembered.
    head: u32,
    left: Bits,
}

impl Memory {
    /// Remembers nothing.
    pub(in crate::enrich) const EMPTY: Memory = Memory {
        clients: Vec::new(),
        client_bytes: Vec::new(),
        resources: Vec::new(),
        resource_bytes: Vec::new(),
    };

    /// Takes the memory it needs, once; without it nothing is remembered.
    pub(in crate::enrich) fn new() -> Memory {
        let mut memory = Memory::default();
        let client =
            ClientEntry { number: 0, lengths: NOBODY, written: 0, left: Bits::NONE, asked: Bits::NONE };
        let resource = ResourceEntry { head: 0, left: Bits::NONE };
        let made = append_many(&mut memory.clients, client, CLIENTS)
            && append_many(&mut memory.client_bytes, 0, CLIENTS.wrapping_mul(CLIENT_BYTES))
            && append_many(&mut memory.resources, resource, RESOURCES)
            && append_many(&mut memory.resource_bytes, 0, RESOURCES.wrapping_mul(RESOURCE_BYTES));
        if made { memory } else { Memory::default() }
    }

    /// Forgets the clients that are told by numbers, because these are given anew.
    pub(in crate::enrich) fn forget_numbers(&mut self) {
        for entry in self.clients.iter_mut().filter(|entry| entry.number != 0) {
            entry.lengths = NOBODY;
        }
    }

    /// What is remembered of a client: its place, and what is written of it.
    #[inline(always)]
    pub(in crate::enrich) fn client(&self, client: &Client<'_>) -> Option<(usize, &[u8])> {
        let at = place_of_client(client);
        let entry = self.clients.get(at)?;
        let lengths = client.parts.map(|part| part.len() as u16);
        if entry.number != client.number || entry.lengths != lengths {
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
        Some((at, rest.get(..usize::from(entry.written))?))
    }

    /// Remembers a client; gives its place, if there is room.
    pub(in crate::enrich) fn keep_client(&mut self, client: &Client<'_>, written: &[u8]) -> Option<usize> {
        let at = place_of_client(client);
        let start = at.wrapping_mul(CLIENT_BYTES);
        let bytes = self.client_bytes.get_mut(start..start.wrapping_add(CLIENT_BYTES))?;
        let entry = self.clients.get_mut(at)?;
        entry.lengths = NOBODY;
        let mut place = 0_usize;
        for part in client.parts.into_iter().chain([written]) {
            let end = place.wrapping_add(part.len());
            let room = bytes.get_mut(place..end)?;
            copy(part, room);
            place = end;
        }
        *entry = ClientEntry {
            number: client.number,
            lengths: client.parts.map(|part| part.len() as u16),
            written: written.len() as u16,
            left: Bits::NONE,
            asked: Bits::NONE,
        };
        Some(at)
    }

    /// Of the client at a place, the detections that it leaves, and those that were asked.
    #[inline(always)]
    pub(super) fn bits(&self, at: usize) -> Option<(Bits, Bits)> {
        self.clients.get(at).map(|entry| (entry.left, entry.asked))
    }

    /// Remembers of the client at a place which of those that were asked it leaves.
    pub(super) fn add_bits(&mut self, at: usize, left: Bits, asked: Bits) {
        if let Some(entry) = self.clients.get_mut(at) {
            entry.left = entry.left.or(left);
            entry.asked = entry.asked.or(asked);
        }
    }

    /// The detections left by a resource, if they are remembered.
    #[inline(always)]
    pub(super) fn resource(&self, resource: &Resource<'_>) -> Option<Bits> {
        let at = resource.place();
        let entry = self.resources.get(at)?;
        if entry.head != resource.head {
            return None;
        }
        let start = at.wrapping_mul(RESOURCE_BYTES);
        let mut rest = self.resource_bytes.get(start..start.wrapping_add(RESOURCE_BYTES))?;
        for name in resource.names {
            let (known, behind) = rest.split_at_checked(name.len())?;
            if !is_same(known, name) {
                return None;
            }
            rest = behind;
        }
        Some(entry.left)
    }

    /// Remembers a resource.
    pub(super) fn keep_resource(&mut self, resource: &Resource<'_>, left: Bits) {
        let at = resource.place();
        let start = at.wrapping_mul(RESOURCE_BYTES);
        let bytes = self.resource_bytes.get_mut(start..start.wrapping_add(RESOURCE_BYTES));
        let (Some(entry), Some(mut bytes)) = (self.resources.get_mut(at), bytes) else { return };
        *entry = ResourceEntry { head: resource.head, left };
        for name in resource.names {
            let Some((room, behind)) = bytes.split_at_mut_checked(name.len()) else { return };
            copy(name, room);
            bytes = behind;
        }
    }
}

/// The place of a client: told by where names differ.
#[inline(always)]
fn place_of_client(client: &Client<'_>) -> usize {
    // Numbers are given one after the other.
    if client.number != 0 {
        return client.number as usize % CLIENTS;
    }
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
