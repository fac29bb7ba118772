//! Every case of `tests/cases` and every event of the corpus in the guest: right by the case's files,
//! and byte for byte what the native core says.
//!
//! A case is held to all that `auditveil_tests` knows: the expected answer, needles, a second pass, the
//! same event from every envelope.

use std::process::ExitCode;
use std::sync::Arc;

use auditveil_core::{Filter, Outcome};
use auditveil_host_test::fluent_bit::{EventFormat, FluentBit, Frees, Guest};
use auditveil_tests::corpus::{self, Server};
use auditveil_tests::{Case, load, msgpack};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let (cases, guest) = match (load(), Guest::load()) {
        (Ok(cases), Ok(guest)) if !cases.is_empty() => (cases, Arc::new(guest)),
        (Ok(_), Ok(_)) => return refuse("no case found"),
        (Err(error), _) => return refuse(&error.to_string()),
        (_, Err(error)) => return refuse(&error.to_string()),
    };
    let mut trials: Vec<Trial> = Vec::new();
    for case in &cases {
        let (case, guest) = (case.clone(), Arc::clone(&guest));
        trials.push(Trial::test(case.name.clone(), move || in_the_guest(&case, &guest)));
    }
    for server in Server::ALL {
        let guest = Arc::clone(&guest);
        trials.push(Trial::test(format!("corpus-{}", server.name()), move || {
            let log = corpus::audit(server)?;
            same_as_native(&guest, corpus::lines(&log))
        }));
    }
    trials.push(Trial::test("one-instance-for-all-cases", move || {
        same_as_native(&guest, cases.iter().chain(cases.iter().rev()).map(Case::record))
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The case by its files, in an instance of its own, which can read the configuration among them.
fn in_the_guest(case: &Case, guest: &Guest) -> Result<(), Failed> {
    let mut host = guest.start_in(Frees::Always, &case.configuration_dir)?;
    let mut lost = None;
    case.check(&mut |record| match host.filter(EventFormat::of(record), record) {
        Ok(answer) => answer,
        Err(error) => {
            lost = Some(error);
            Vec::new()
        }
    })?;
    lost.map_or(Ok(()), |error| Err(error.into()))
}

/// One instance on a host that never frees, and one native filter, over the same records in both formats.
fn same_as_native<'a>(guest: &Guest, records: impl Iterator<Item = &'a [u8]>) -> Result<(), Failed> {
    let mut host = guest.start(Frees::Never)?;
    let mut filter = Filter::new();
    let mut count = 0;
    for record in records {
        count += 1;
        compare(&mut host, &mut filter, record)?;
        if EventFormat::of(record) == EventFormat::Json {
            compare(&mut host, &mut filter, &msgpack::log_record(record))?;
        }
    }
    if count == 0 { Err("no records".into()) } else { Ok(()) }
}

fn compare(host: &mut FluentBit, filter: &mut Filter, record: &[u8]) -> Result<(), Failed> {
    let format = EventFormat::of(record);
    let in_guest = host.filter(format, record)?;
    let mut native = Vec::new();
    if filter.process(record, &mut native) == Outcome::Dropped && format == EventFormat::Msgpack {
        native.push(0x80);
    }
    if in_guest == native {
        return Ok(());
    }
    Err(format!(
        "{}\nin the guest: {}\nnative:       {}",
        String::from_utf8_lossy(record),
        String::from_utf8_lossy(&in_guest),
        String::from_utf8_lossy(&native)
    )
    .into())
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("the conformance suite cannot run:\n{why}");
    ExitCode::FAILURE
}
