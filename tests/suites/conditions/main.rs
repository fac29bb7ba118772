//! Conditions and facts beside naive ones: a tree of serde_json, walked as the documentation says it.
//!
//! `PROPTEST_CASES=20000 cargo test -p auditveil-tests --test conditions` looks longer.

#[expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]
mod detections;
#[expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]
mod facts;
#[expect(clippy::indexing_slicing, reason = "events are made member by member; a slip fails the test")]
mod language;
#[expect(clippy::indexing_slicing, reason = "a slip fails the test")]
mod naive;
#[expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]
mod stamped;
#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking, in its helpers too"
)]
mod stamps;

fn config() -> proptest::test_runner::Config {
    let mut config = proptest::test_runner::Config::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 2000;
    }
    config.failure_persistence = None;
    config
}
