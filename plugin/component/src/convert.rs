//! The types of the core in those of the interface, and back.

use crate::bindings::exports::auditveil::filter::audit as wit;
use alloc::string::ToString as _;
use auditveil_core::config::Error;
use auditveil_core::embed::{Answered, BatchRefused, Refused};
use auditveil_core::{Fault, Outcome, Source, StubReason};

pub(crate) fn refused(refused: Refused) -> wit::Refused {
    match refused {
        Refused::OutOfMemory => wit::Refused::OutOfMemory,
        Refused::Invalid(source, rejected) => {
            wit::Refused::Invalid(rejected.errors.iter().map(|error| finding(source, error)).collect())
        }
    }
}

pub(crate) fn finding(source: Source, error: &Error) -> wit::Finding {
    wit::Finding {
        source: match source {
            Source::Configuration => wit::Source::Configuration,
            Source::Policy => wit::Source::Policy,
        },
        line: error.line(),
        column: error.column(),
        path: error.path().to_string(),
        message: error.message().to_string(),
        hint: error.hint().map(|hint| hint.to_string()),
    }
}

pub(crate) fn fault(fault: wit::Fault) -> Fault {
    match fault {
        wit::Fault::Invalid => Fault::Invalid,
        wit::Fault::Unreadable => Fault::Unreadable,
    }
}

pub(crate) fn reason(reason: StubReason) -> wit::StubReason {
    match reason {
        StubReason::Empty => wit::StubReason::Empty,
        StubReason::NotAnObject => wit::StubReason::NotAnObject,
        StubReason::Compressed => wit::StubReason::Compressed,
        StubReason::TooLarge => wit::StubReason::TooLarge,
        StubReason::OutOfMemory => wit::StubReason::OutOfMemory,
    }
}

/// A reason as a host tells it.
pub(crate) fn told_reason(reason: wit::StubReason) -> StubReason {
    match reason {
        wit::StubReason::Empty => StubReason::Empty,
        wit::StubReason::NotAnObject => StubReason::NotAnObject,
        wit::StubReason::Compressed => StubReason::Compressed,
        wit::StubReason::TooLarge => StubReason::TooLarge,
        wit::StubReason::OutOfMemory => StubReason::OutOfMemory,
    }
}

pub(crate) fn answered(answered: &Answered) -> wit::Answered {
    let outcome = match answered.outcome {
        Outcome::Emitted => wit::Outcome::Emitted,
        Outcome::Dropped => wit::Outcome::Dropped,
        Outcome::Stubbed(why) => wit::Outcome::Stubbed(reason(why)),
    };
    wit::Answered { outcome, end: answered.end }
}

pub(crate) fn batch_refused(refused: BatchRefused) -> wit::BatchRefused {
    match refused {
        BatchRefused::Lengths => wit::BatchRefused::Lengths,
        BatchRefused::OutOfMemory => wit::BatchRefused::OutOfMemory,
    }
}
