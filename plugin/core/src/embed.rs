//! A filter for programs that embed one: it always has an answer, takes batches, and says what is wrong with its
//! configuration.
//!
//! What front ends inside of another program do alike (the component, the WASI command) is done here, once. What
//! becomes of a record is [`Filter`]'s; in which types a host is answered is the front end's.

use crate::config::{Error, Rejected};
use crate::filter::{Filter, Outcome, StubReason};
use crate::memory::append;
use crate::settings::{Fault, LoadedSettings, Settings, Source};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// The files of a configuration, as they are on disk. Without any, the default is in force.
#[derive(Clone, Copy, Default)]
pub struct Files<'a> {
    /// `auditveil.yaml`.
    pub configuration: Option<&'a [u8]>,
    /// `audit-policy.yaml`; where both are there, this is the policy of the former.
    pub policy: Option<&'a [u8]>,
    /// What the file holds that `redact.hmac.key_file` names, wherever that is.
    pub key: Option<&'a [u8]>,
}

impl fmt::Debug for Files<'_> {
    /// Without the content: one of them is a key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").finish_non_exhaustive()
    }
}

/// Why there is no filter with a configuration.
#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    /// A file is not valid: which, and why.
    Invalid(Source, Rejected),
    /// There is no memory for it.
    OutOfMemory,
}

/// Why a batch has no answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchRefused {
    /// The lengths of the records do not add up to the bytes that came.
    Lengths,
    /// There is no memory for all answers at once.
    OutOfMemory,
}

/// What became of a record of a batch, and where its answer ends among all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// What became of it.
    pub outcome: Outcome,
    /// The answer begins where the one before it ends.
    pub end: u32,
}

/// The room that the stub of last resort takes, in msgpack too, in bytes.
const LAST_RESORT: usize = 256;

/// A filter inside of another program.
///
/// # Examples
/// ```
/// use auditveil_core::Outcome;
/// use auditveil_core::embed::{Embedded, Files, Refused};
///
/// let policy = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, verbs: [watch]}, {level: Request}]\n";
/// let (mut filter, warnings) = Embedded::new(Files { policy: Some(policy), ..Files::default() }).unwrap();
/// assert!(warnings.is_empty());
///
/// let (mut answers, mut answered) = (Vec::new(), Vec::new());
/// let records = br#"{"auditID":"a","verb":"watch"}{"auditID":"b","verb":"get"}"#;
/// filter.process_batch(records, &[30, 28], &mut answers, &mut answered).unwrap();
/// assert_eq!((answered[0].outcome, answered[0].end), (Outcome::Dropped, 0));
/// assert_eq!(answers, br#"{"auditID":"b","verb":"get","auditveil":{"version":"1","action":"get"}}"#);
///
/// let typo = Files { configuration: Some(b"redcat: {}"), ..Files::default() };
/// let Err(Refused::Invalid(_, rejected)) = Embedded::new(typo) else { panic!() };
/// assert_eq!(rejected.errors[0].hint().unwrap().to_string(), "did you mean `redact`?");
/// ```
#[derive(Debug)]
pub struct Embedded {
    filter: Filter,
    /// Room for a stub when there is no other.
    last_resort: Vec<u8>,
    /// The answer to one record of a batch.
    answer: Vec<u8>,
    /// The most bytes that room was asked for.
    largest: usize,
}

impl Embedded {
    /// A filter with a configuration, and what in it deserves a look.
    ///
    /// # Errors
    /// It is not valid, or there is no memory for it. What runs instead, if anything has to, is
    /// [`strictest`](Embedded::strictest): no record may pass as it is.
    pub fn new(files: Files<'_>) -> Result<(Self, Vec<(Source, Error)>), Refused> {
        let lengths = [files.configuration, files.policy].map(|file| file.map_or(0, <[u8]>::len));
        if !LoadedSettings::has_room(lengths.iter().fold(0, |sum, length| sum.saturating_add(*length))) {
            return Err(Refused::OutOfMemory);
        }
        let read_key = |_: &str| files.key.map(<[u8]>::to_vec).ok_or_else(|| String::from("none was given"));
        match LoadedSettings::from_files_with_key(files.configuration, files.policy, read_key) {
            Ok(loaded) => Ok((Embedded::with_settings(loaded.settings), loaded.warnings)),
            Err((source, rejected)) => Err(Refused::Invalid(source, rejected)),
        }
    }

    /// A filter whose configuration was read already.
    pub fn with_settings(settings: Settings) -> Self {
        Embedded::with(Filter::with_settings(settings))
    }

    /// A filter for where there is no valid configuration: Metadata for every event, none dropped, every position
    /// redacted, and every stamp says why.
    pub fn strictest(fault: Fault) -> Self {
        Embedded::with_settings(Settings::strictest(fault))
    }

    fn with(filter: Filter) -> Self {
        let mut embedded = Embedded { filter, last_resort: Vec::new(), answer: Vec::new(), largest: 0 };
        embedded.prepare();
        embedded
    }

    /// Sets room aside for the stub of last resort.
    fn prepare(&mut self) {
        if self.last_resort.capacity() < LAST_RESORT {
            // Without memory now, the next record tries again.
            let _ = self.last_resort.try_reserve_exact(LAST_RESORT);
        }
    }

    /// As [`Filter::process`]; the answer of a record that is not dropped is never empty, unless there was no memory
    /// for [`LAST_RESORT`] bytes ever since the filter was made.
    pub fn process(&mut self, record: &[u8], out: &mut Vec<u8>) -> Outcome {
        let outcome = self.filter.process(record, out);
        if let Outcome::Stubbed(reason) = outcome
            && out.is_empty()
        {
            *out = core::mem::take(&mut self.last_resort);
            let _ = self.filter.stub_of_nothing(reason, 0, is_packed(record), out);
        }
        self.prepare();
        outcome
    }

    /// Filters records that stand one after another, whose lengths are told, into `out` and `answered`, whose former
    /// contents are discarded.
    ///
    /// # Errors
    /// Nothing is answered then.
    pub fn process_batch(
        &mut self,
        records: &[u8],
        lengths: &[u32],
        out: &mut Vec<u8>,
        answered: &mut Vec<Answered>,
    ) -> Result<(), BatchRefused> {
        out.clear();
        answered.clear();
        let sum: u64 = lengths.iter().fold(0, |sum, length| sum.saturating_add(u64::from(*length)));
        if sum != records.len() as u64 {
            return Err(BatchRefused::Lengths);
        }
        let _ = answered.try_reserve_exact(lengths.len());
        if answered.capacity() < lengths.len() {
            return Err(BatchRefused::OutOfMemory);
        }
        let mut answer = core::mem::take(&mut self.answer);
        let mut rest = records;
        let mut result = Ok(());
        for length in lengths {
            let length = usize::try_from(*length).unwrap_or(usize::MAX);
            let (record, behind) = rest.split_at_checked(length).unwrap_or((rest, b""));
            rest = behind;
            let outcome = self.process(record, &mut answer);
            let end = out.len().saturating_add(answer.len());
            match u32::try_from(end) {
                Ok(end) if append(out, &answer) => {
                    // As many as were reserved.
                    answered
                        .extend((answered.len() < answered.capacity()).then_some(Answered { outcome, end }));
                }
                _ => {
                    result = Err(BatchRefused::OutOfMemory);
                    break;
                }
            }
        }
        self.answer = answer;
        if result.is_err() {
            *out = Vec::new();
            answered.clear();
        }
        result
    }

    /// Whether there is room to place this many bytes. What earlier records took is given back for more than ever, and
    /// wherever it is needed.
    pub fn make_room(&mut self, length: usize) -> bool {
        let fits = || {
            let mut room: Vec<u8> = Vec::new();
            room.try_reserve_exact(length).is_ok()
        };
        if length > self.largest {
            // All that the last record took is dead. Given back before the largest is placed, it makes room for it:
            // memory then holds what that one takes, and no holes that smaller ones left.
            self.largest = length;
            self.release();
        }
        if fits() {
            return true;
        }
        self.release();
        fits()
    }

    /// Writes the answer to a record that was lost before it came here, or while it was here: a stub of this length.
    pub fn stub(&mut self, reason: StubReason, length: usize, packed: bool, out: &mut Vec<u8>) {
        let _ = self.filter.stub_of_nothing(reason, length, packed, out);
        if out.is_empty() {
            *out = core::mem::take(&mut self.last_resort);
            let _ = self.filter.stub_of_nothing(reason, 0, packed, out);
            self.prepare();
        }
    }

    /// Gives back the memory that records took; what is configured stays.
    pub fn release(&mut self) {
        self.answer = Vec::new();
        self.filter.release();
    }
}

/// Whether a record is msgpack, and so is its answer.
fn is_packed(record: &[u8]) -> bool {
    record.first().is_some_and(|&first| first >= 0x80 && !record.starts_with("\u{feff}".as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;
    use alloc::vec;

    fn batch(lengths: &[u32]) -> (Result<(), BatchRefused>, Vec<u8>, Vec<Answered>) {
        let mut filter = Embedded::strictest(Fault::Invalid);
        // What was there before is gone.
        let (mut out, mut answered) = (b"x".to_vec(), vec![Answered { outcome: Outcome::Dropped, end: 1 }]);
        let records = br#"{"auditID":"a","verb":"get"}[]"#;
        let result = filter.process_batch(records, lengths, &mut out, &mut answered);
        (result, out, answered)
    }

    #[test]
    fn a_batch_is_its_records_one_after_another() {
        let (result, out, answered) = batch(&[28, 0, 2]);
        assert_eq!(result, Ok(()));
        let mut filter = Embedded::strictest(Fault::Invalid);
        let mut begin = 0;
        let records: [&[u8]; 3] = [br#"{"auditID":"a","verb":"get"}"#, b"", b"[]"];
        for (record, answered) in records.into_iter().zip(&answered) {
            let mut alone = Vec::new();
            assert_eq!(filter.process(record, &mut alone), answered.outcome);
            assert_eq!(out[begin..answered.end as usize], alone);
            begin = answered.end as usize;
        }
        assert_eq!((answered.len(), begin), (3, out.len()));
    }

    #[test]
    fn lengths_that_do_not_add_up_are_refused() {
        for lengths in [&[][..], &[29], &[31], &[u32::MAX, u32::MAX], &[30, 1]] {
            assert_eq!(batch(lengths), (Err(BatchRefused::Lengths), Vec::new(), Vec::new()), "{lengths:?}");
        }
    }

    #[test]
    fn a_stub_says_what_it_is_told() {
        let configuration = Some(&b"enrich: {labels: {cluster: c1}}"[..]);
        let (mut filter, _) = Embedded::new(Files { configuration, ..Files::default() }).unwrap();
        let mut out = Vec::new();
        filter.stub(StubReason::OutOfMemory, 1500, false, &mut out);
        assert_eq!(
            String::from_utf8(out.clone()).unwrap(),
            r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditveil":{"version":"1","stub":{"reason":"out_of_memory","length":2048},"detections":["audit.unreadable"],"severity":"medium","labels":{"cluster":"c1"}}}"#
        );
        filter.stub(StubReason::OutOfMemory, 1500, true, &mut out);
        assert!(out.starts_with(b"\x82\xa3log\xd9") && out.ends_with(b"auditveil_version\xa11"));
    }

    #[test]
    fn the_key_is_told_from_its_absence() {
        let configuration = Some(&b"redact: {action: hmac, hmac: {key_id: k1, key_file: anywhere}}"[..]);
        let key = Some(&b"0123456789abcdef0123456789abcdef\n"[..]);
        assert!(Embedded::new(Files { configuration, key, ..Files::default() }).is_ok());
        let Err(Refused::Invalid(Source::Configuration, rejected)) =
            Embedded::new(Files { configuration, ..Files::default() })
        else {
            panic!("accepted without its key")
        };
        assert_eq!(rejected.errors[0].message().to_string(), "expected a file with the key: none was given");
    }
}
