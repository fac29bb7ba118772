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

/// Appends all parts, one behind the other, in one call; `false` if there is no memory for one of them: those before it stay.
#[inline(never)]
#[must_use]
pub(crate) fn append_all(buffer: &mut Vec<u8>, parts: &[&[u8]]) -> bool {
    parts.iter().all(|part| append_inline(buffer, part))
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
    #[cfg(test)]
    grown::note();
    *buffer = Vec::new();
    buffer.try_reserve_exact(length).is_ok()
}

/// Makes the buffer `length` zeros; `false` if there is no memory, it is then empty.
#[must_use]
pub(crate) fn zeros(buffer: &mut Vec<u8>, length: usize) -> bool {
    if reset(buffer, length) && room(buffer) >= length {
        buffer.extend(core::iter::repeat_n(0, length));
        return true;
    }
    false
}

/// Appends `item` as often as `count` says; `false` if there is no memory for it.
#[must_use]
pub(crate) fn append_many<T: Clone>(buffer: &mut Vec<T>, item: T, count: usize) -> bool {
    #[cfg(test)]
    grown::note();
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
    #[cfg(test)]
    grown::note();
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
    #[cfg(test)]
    grown::note();
    let _ = buffer.try_reserve(1);
    if room(buffer) >= 1 {
        buffer.push(item);
        return true;
    }
    false
}

/// How often a buffer of this thread grew, for tests.
#[cfg(test)]
mod grown {
    extern crate std;

    std::thread_local! {
        static COUNT: core::cell::Cell<u32> = const { core::cell::Cell::new(0) };
    }

    pub(super) fn note() {
        COUNT.set(COUNT.get().wrapping_add(1));
    }

    pub(super) fn count() -> u32 {
        COUNT.get()
    }
}

#[cfg(test)]
mod tests {
    use super::grown;
    use crate::filter::{Filter, Outcome};
    use crate::policy;
    use crate::settings::Settings;
    use alloc::vec::Vec;

    /// A policy decides in buffers that are reused, whatever spelling an event comes in.
    #[test]
    fn a_policy_lets_nothing_grow() {
        let events: &[&[u8]] = &[
            br#"{"kind":"Event","level":"RequestResponse","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/pods/web","verb":"update","user":{"username":"alice","groups":["a","b","system:authenticated"],"extra":{"k":["v"]}},"objectRef":{"resource":"pods","namespace":"shop","name":"web","apiVersion":"v1"},"requestObject":{"kind":"Pod","metadata":{"managedFields":[{"manager":"m"}]}},"responseObject":{"kind":"Pod"}}"#,
            br#"{"kind":"Event","auditID":"a","stage":"RequestReceived","requestURI":"/healthz%2fping?verbose","verb":"get","user":{"user\u006eame":"al\u0069ce","groups":[ "a" ]}}"#,
            br#"{"kind":"Event","auditID":"a","verb":"w\u0061tch","user":{},"objectRef":{"Resource":"p\u006fds","name":"x"},"requestObject":{}}"#,
            b"{\"kind\":\"Event\",\"auditID\":\"a\",\"verb\":\"get\",\"objectRef\":{\"na\xffme\":\"x\",\"resource\":\"pods\"}}",
        ];
        let text = b"apiVersion: audit.k8s.io/v1\nomitManagedFields: true\nrules:\n- {level: None, users: [bob]}\n\
            - {level: None, nonResourceURLs: [/healthz/*], userGroups: [a], verbs: [watch]}\n\
            - {level: Request, resources: [{group: '', resources: [pods, '*/log']}], verbs: [update]}\n- level: Metadata\n";
        let policy = policy::load(text).unwrap().policy;
        let mut filter = Filter::with_settings(Settings::from_policy(&policy));
        let mut answer = Vec::new();
        let mut round = || {
            let before = grown::count();
            for event in events {
                assert_eq!(filter.process(event, &mut answer), Outcome::Emitted);
            }
            grown::count().wrapping_sub(before)
        };
        assert!(round() > 0, "growth is not counted");
        assert_eq!(round(), 0);
    }
}
