//! Cold: what comes out where no event can: a small event of its own, that tells of the loss.

use super::{Filter, Outcome, Parts};
use crate::answer::stamp::Facts;
use crate::memory::append;
use crate::record::document::Role;
use crate::record::learned::Learned;
use crate::shape;
use alloc::vec::Vec;

/// Why a record became a stub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StubReason {
    /// The record is empty, or the host handed over no memory.
    Empty,
    /// The record, or the text in it that should be an event, is no JSON object and no msgpack map.
    NotAnObject,
    /// The record, or the text in it that should be an event, is compressed.
    Compressed,
    /// The record is longer than the limit of 64 MiB.
    TooLarge,
    /// There was no memory to process it; if there was none for a stub either, the answer is empty.
    OutOfMemory,
}

impl StubReason {
    pub(crate) const ALL: [StubReason; 5] = [
        StubReason::Empty,
        StubReason::NotAnObject,
        StubReason::Compressed,
        StubReason::TooLarge,
        StubReason::OutOfMemory,
    ];

    /// The reason as the stamp spells it.
    pub const fn id(self) -> &'static str {
        match self {
            StubReason::Empty => "empty",
            StubReason::NotAnObject => "not_an_object",
            StubReason::Compressed => "compressed",
            StubReason::TooLarge => "too_large",
            StubReason::OutOfMemory => "out_of_memory",
        }
    }
}

/// How much of a record beyond the limit is looked at for what may stay in its stub, in bytes.
const STUB_PREFIX: usize = 16 * 1024;

impl Filter {
    /// Writes a stub in place of the event.
    #[cold]
    pub(super) fn stub(
        &mut self,
        parts: &Parts<'_>,
        reason: StubReason,
        out: &mut Vec<u8>,
    ) -> Option<Outcome> {
        let reason = match reason {
            StubReason::NotAnObject if shape::is_compressed(parts.event) => StubReason::Compressed,
            reason => reason,
        };
        let mut facts = Facts::NONE;
        facts.stub = Some((reason, parts.record_length));
        self.event.clear();
        facts.container = self.is_of_container(parts);
        let event: &[u8] = br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1"}"#;
        if !self.event.read(event, Role::Event, Learned::UNTOLD, &mut self.redactor, &mut self.decider) {
            return None;
        }
        self.stamp.clear();
        self.stub_digest.clear();
        if matches!(reason, StubReason::NotAnObject | StubReason::Compressed)
            && let Some(actor) = &self.redactor.actor
            && let Some(signer) = &actor.actions.signer
            && !append(&mut self.stub_digest, signer.text(parts.event).as_bytes())
        {
            return None;
        }
        let parts = Parts { event, ..*parts };
        self.prepare(&parts);
        let written = self.act(&parts) && self.assemble(&parts, facts, out);
        self.stub_digest.clear();
        written.then_some(Outcome::Stubbed(reason))
    }

    /// Writes the stub of a record that is not at hand, of which only the length is known; the reason of the answer is
    /// another one if there is no memory even for that.
    #[cold]
    pub(crate) fn stub_of_nothing(
        &mut self,
        reason: StubReason,
        length: usize,
        packed: bool,
        out: &mut Vec<u8>,
    ) -> Outcome {
        out.clear();
        self.damaged_beside = false;
        self.container = false;
        self.looked = false;
        let parts = Parts { event: b"", beside: b"", packed, record_length: length };
        match self.stub(&parts, reason, out) {
            Some(outcome) => outcome,
            None => out_of_memory(packed, out),
        }
    }

    /// Writes a stub with what the beginning of a record beyond the limit says of the event.
    #[cold]
    pub(super) fn too_large(&mut self, parts: Parts<'_>, out: &mut Vec<u8>) -> Option<Outcome> {
        let prefix = parts.event.get(..STUB_PREFIX).unwrap_or(parts.event);
        let mut facts = Facts::NONE;
        facts.stub = Some((StubReason::TooLarge, parts.record_length));
        if !self.event.read(prefix, Role::Event, Learned::UNTOLD, &mut self.redactor, &mut self.decider) {
            return self.stub(&parts, StubReason::TooLarge, out);
        }
        self.event.keep_only_identity(prefix);
        facts.container = self.is_of_container(&Parts { event: prefix, ..parts });
        let parts = Parts { event: prefix, ..parts };
        self.stamp.clear();
        self.prepare(&parts);
        (self.act(&parts) && self.assemble(&parts, facts, out))
            .then_some(Outcome::Stubbed(StubReason::TooLarge))
    }
}

/// The answer where there was no memory for a better one.
#[cold]
pub(super) fn out_of_memory(packed: bool, out: &mut Vec<u8>) -> Outcome {
    const JSON: &[u8] = br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditveil":{"version":"1","stub":{"reason":"out_of_memory","length":0}}}"#;
    out.clear();
    let written = if packed {
        crate::answer::pack::begin(out, 2)
            && crate::answer::pack::text_header(out, JSON.len())
            && append(out, JSON)
            && append(out, crate::answer::pack::VERSION)
    } else {
        append(out, JSON)
    };
    if !written {
        out.clear();
    }
    Outcome::Stubbed(StubReason::OutOfMemory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_memory_the_answer_has_the_format_of_the_question() {
        let mut answer = Vec::new();
        let stub = Outcome::Stubbed(StubReason::OutOfMemory);
        assert_eq!(out_of_memory(false, &mut answer), stub);
        // An answer like any other: a second pass leaves it.
        let mut again = Vec::new();
        assert_eq!(Filter::new().process(&answer, &mut again), Outcome::Emitted);
        assert_eq!(again, answer);
        let text = answer.clone();
        assert_eq!(out_of_memory(true, &mut answer), stub);
        assert_eq!(answer.first(), Some(&0x82));
        assert!(answer.windows(text.len()).any(|part| part == text));
    }
}
