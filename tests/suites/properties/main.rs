//! Properties of the native core, on events made at random: no secret gets out, whatever it looks like and
//! wherever it stands; and of a Secret just those members stay that should.
//!
//! `PROPTEST_CASES=20000 cargo test -p auditveil-tests --test properties` looks longer. What fails is shrunk
//! and printed with its event; it becomes a case.

#[expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]
mod actions;
mod again;
#[expect(clippy::indexing_slicing, reason = "events are made member by member; a slip fails the test")]
mod elsewhere;
mod named;
mod node;
#[expect(clippy::indexing_slicing, reason = "events are made member by member; a slip fails the test")]
mod oracle;
#[expect(clippy::indexing_slicing, reason = "events are made member by member; a slip fails the test")]
mod plants;
mod secret;
#[expect(clippy::indexing_slicing, reason = "events are made member by member; a slip fails the test")]
mod texts;

use auditveil_core::Filter;
use auditveil_tests::{Error, msgpack, same_event, well_formed};

/// How many events each property is tried on where nothing else is said.
const CASES: u32 = 400;

fn config() -> proptest::test_runner::Config {
    let mut config = proptest::test_runner::Config::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    // A failure is told in the output; files beside the sources are nobody's to keep.
    config.failure_persistence = None;
    config
}

/// The answer to an event, held to what is true of every answer: well formed, the same in msgpack, and left
/// alone by a second pass.
fn answer(event: &str) -> Result<String, Error> {
    answer_of(&mut Filter::new(), event)
}

/// The same of a filter that is configured.
fn answer_of(filter: &mut Filter, event: &str) -> Result<String, Error> {
    let (mut answer, mut again, mut packed) = (Vec::new(), Vec::new(), Vec::new());
    filter.process(event.as_bytes(), &mut answer);
    let text = well_formed(&answer)?;
    filter.process(&answer, &mut again);
    if again != answer {
        let again = String::from_utf8_lossy(&again);
        return Err(Error::new(format!("a second pass changed it\nfirst  {text}\nsecond {again}")));
    }
    filter.process(&msgpack::log_record(event.as_bytes()), &mut packed);
    let packed = msgpack::read_answer(&packed)?.ok_or_else(|| Error::new("dropped in msgpack"))?;
    same_event(text, &packed)?;
    Ok(text.to_owned())
}
