//! The guest and its oracle.

use std::sync::OnceLock;

use auditveil_core::{Filter, Outcome, Settings};
use auditveil_host_test::fluent_bit::{EventFormat, Guest};

/// The module, compiled once for all tests.
pub(crate) fn guest() -> &'static Guest {
    static GUEST: OnceLock<Guest> = OnceLock::new();
    GUEST.get_or_init(|| Guest::load().unwrap())
}

/// What the native core answers, in the form that the guest gives it.
pub(crate) fn native(record: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut filter = Filter::with_settings(Settings::unconfigured());
    match (filter.process(record, &mut answer), EventFormat::of(record)) {
        (Outcome::Dropped, EventFormat::Msgpack) => vec![0x80],
        _ => answer,
    }
}
