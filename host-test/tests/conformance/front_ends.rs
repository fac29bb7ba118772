//! Every case through every other front end: what the native core says, and the same again on a second pass.

use std::sync::Arc;

use auditveil_host_test::artifact;
use auditveil_host_test::command::Command;
use auditveil_host_test::component::{Component, Limits, Outcome};
use auditveil_host_test::front_ends::{self, FrontEnd, Running, Setup, Unit};
use auditveil_tests::corpus::{self, Server};
use auditveil_tests::{Case, Error};
use libtest_mimic::{Failed, Trial};

pub(crate) fn trials(cases: &Arc<Vec<Case>>) -> Result<Vec<Trial>, Failed> {
    let mut trials = Vec::new();
    // The module for Fluent Bit has a suite of its own, in both formats.
    for front_end in front_ends::all()?.into_iter().filter(|front_end| front_end.name() != "fluent-bit") {
        let front_end: Arc<dyn FrontEnd> = Arc::from(front_end);
        for index in 0..cases.len() {
            let Some(case) = cases.get(index).cloned() else { continue };
            let front_end = Arc::clone(&front_end);
            let name = format!("{}/{}", front_end.name(), case.name);
            trials.push(Trial::test(name, move || {
                let setup = Setup::of(&case);
                let mut running = front_end.start(&setup)?;
                if front_end.unit() == Unit::Record {
                    right_by_its_files(&case, running.as_mut())?;
                }
                as_in_the_native_core(front_end.unit(), running.as_mut(), &setup, case.record())
            }));
        }
        let (front_end, cases) = (Arc::clone(&front_end), Arc::clone(cases));
        if front_end.unit() == Unit::Record {
            trials.push(Trial::test(format!("{}/one-for-all-cases", front_end.name()), move || {
                let setup = Setup::default();
                let mut running = front_end.start(&setup)?;
                for case in cases.iter().chain(cases.iter().rev()) {
                    as_in_the_native_core(Unit::Record, running.as_mut(), &setup, case.record())?;
                }
                Ok(())
            }));
        }
    }
    for server in Server::ALL {
        trials.push(Trial::test(format!("component/corpus-{}-in-batches", server.name()), move || {
            let log = corpus::audit(server)?;
            in_batches(&corpus::lines(&log).collect::<Vec<_>>())
        }));
        trials.push(Trial::test(format!("wasi/corpus-{}", server.name()), move || {
            let log = corpus::audit(server)?;
            let ran = Command::load()?.run(&log, None)?;
            let native = Unit::Lines.native(&mut Setup::default().native(), &log);
            if ran.code == Some(0) && ran.output == native { Ok(()) } else { Err(ran.said.into()) }
        }));
    }
    let cases = Arc::clone(cases);
    trials.push(Trial::test("component/all-cases-in-batches", move || {
        in_batches(&cases.iter().map(Case::record).collect::<Vec<_>>())
    }));
    Ok(trials)
}

/// The case by its files: what it expects, needles, every envelope, a second pass.
fn right_by_its_files(case: &Case, running: &mut dyn Running) -> Result<(), Error> {
    let mut failed = Ok(());
    case.check(&mut |record| {
        running.answer(record).unwrap_or_else(|error| {
            failed = Err(Error::new(error.to_string()));
            Vec::new()
        })
    })?;
    failed
}

fn as_in_the_native_core(
    unit: Unit,
    running: &mut dyn Running,
    setup: &Setup,
    record: &[u8],
) -> Result<(), Failed> {
    let mut filter = setup.native();
    let (answer, native) = (running.answer(record)?, unit.native(&mut filter, record));
    same(record, &answer, &native)?;
    // msgpack holds its event as text: the second pass is that of the text, in the cases' own checks.
    let packed = answer.first().is_some_and(|first| *first >= 0x80);
    if answer.is_empty() || packed {
        return Ok(());
    }
    // An item of a list may be a list, which is split on its second way through lines.
    let again = match unit {
        Unit::Record => answer.clone(),
        Unit::Lines => unit.native(&mut filter, &answer),
    };
    same(&answer, &running.answer(&answer)?, &again)
}

/// Batches of every size up to a hundred: each answer is that to the record alone.
fn in_batches(records: &[&[u8]]) -> Result<(), Failed> {
    let component = Component::from_file(&artifact::component()?)?;
    let mut instance = component.start(&Setup::default().files, Limits::ORDINARY)?;
    let mut filter = Setup::default().native();
    let mut answer = Vec::new();
    let (mut rest, mut size) = (records, 0);
    while !rest.is_empty() {
        size = size % 100 + 1;
        let (records, behind) = rest.split_at(size.min(rest.len()));
        rest = behind;
        let lengths: Vec<u32> =
            records.iter().map(|record| u32::try_from(record.len())).collect::<Result<_, _>>()?;
        let batch =
            instance.process_batch(&records.concat(), &lengths)?.map_err(|error| format!("{error:?}"))?;
        if batch.records.len() != records.len() {
            return Err(format!("{} answers to {} records", batch.records.len(), records.len()).into());
        }
        let mut begin = 0;
        for (record, answered) in records.iter().zip(&batch.records) {
            let end = answered.end as usize;
            let outcome = filter.process(record, &mut answer);
            let bytes = batch.answers.get(begin..end).ok_or("an answer outside of the answers")?;
            same(record, bytes, &answer)?;
            let told = match answered.outcome {
                Outcome::Emitted => "Emitted".to_owned(),
                Outcome::Dropped => "Dropped".to_owned(),
                Outcome::Stubbed(reason) => {
                    format!("Stubbed({})", format!("{reason:?}").trim_start_matches("StubReason::"))
                }
            };
            if told != format!("{outcome:?}") {
                return Err(format!("{told} in the component, {outcome:?} natively").into());
            }
            begin = end;
        }
        if begin != batch.answers.len() {
            return Err("something behind the last answer".into());
        }
    }
    Ok(())
}

fn same(record: &[u8], answer: &[u8], native: &[u8]) -> Result<(), Failed> {
    if answer == native {
        return Ok(());
    }
    let text = String::from_utf8_lossy;
    Err(format!("{}\nhere:   {}\nnative: {}", text(record), text(answer), text(native)).into())
}
