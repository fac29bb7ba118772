//! The component under attack: what traps and what does not, and that a worker has an answer to everything.

use std::sync::OnceLock;

use auditveil_core::{Filter, Settings};
use auditveil_host_test::artifact;
use auditveil_host_test::component::{
    Answer, BatchRefused, Component, Fault, Files, Format, Instance, Limits, NotStarted, Refused, Source,
    StubReason, shown,
};
use auditveil_host_test::worker::{LAST_RESORT, Passed, Worker};
use auditveil_tests::{classes, event_text, hostile, msgpack, well_formed};

const MIB: usize = 1 << 20;
const PAGE: usize = 64 * 1024;
const LARGE: Limits = Limits { memory: 640 * MIB, ticks: 6000 };

fn component() -> &'static Component {
    static COMPONENT: OnceLock<Component> = OnceLock::new();
    COMPONENT.get_or_init(|| Component::from_file(&artifact::component().unwrap()).unwrap())
}

fn start(files: &Files, limits: Limits) -> Instance {
    component().start(files, limits).unwrap()
}

fn default() -> Files {
    Files { configuration: None, policy: None, key: None }
}

/// The bytes of an answer; none if it is dropped.
fn bytes(answer: Answer) -> Vec<u8> {
    match answer {
        Answer::Emitted(event) => event,
        Answer::Dropped => Vec::new(),
        Answer::Stubbed(stub) => stub.event,
    }
}

fn native(record: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    Filter::with_settings(Settings::unconfigured()).process(record, &mut answer);
    answer
}

/// An event with a list of this many bytes as answer.
fn event(length: usize) -> Vec<u8> {
    let item = r#"{"metadata":{"name":"a"},"data":{"greeting":"good \"morning\"","password":"hunter2"}}"#;
    let items = vec![item; length / item.len()].join(",");
    format!(
        r#"{{"kind":"Event","level":"RequestResponse","auditID":"7f","verb":"list","requestURI":"/api/v1/configmaps","objectRef":{{"resource":"configmaps","apiVersion":"v1"}},"responseObject":{{"kind":"ConfigMapList","items":[{items}]}}}}"#
    )
    .into_bytes()
}

#[test]
fn imports_nothing_and_says_what_it_is() {
    assert_eq!(component().imports(), Vec::<String>::new());
    let version = start(&default(), Limits::ORDINARY).version().unwrap();
    assert_eq!((version.filter.as_str(), version.stamp.as_str()), (env!("CARGO_PKG_VERSION"), "1"));
}

#[test]
fn is_small() {
    let size = std::fs::metadata(artifact::component().unwrap()).unwrap().len();
    println!("{size} bytes");
    // As the module, and for the same reasons.
    assert!(size <= 1400 * 1024, "{size} bytes");
    let instance = start(&default(), Limits::ORDINARY);
    println!("begins with {} bytes", instance.memory_bytes());
    assert!(instance.memory_bytes() <= 16 * PAGE, "{} bytes", instance.memory_bytes());
}

/// What no API server writes, and what attackers have it write.
#[test]
fn hostile_records_are_as_in_the_native_core() {
    let mut instance = start(&default(), LARGE);
    let mut records: Vec<Vec<u8>> = vec![
        Vec::new(),
        b" \n".to_vec(),
        b"\0".to_vec(),
        vec![0xff; 3000],
        b"\x1f\x8b\x08\0".to_vec(),
        br#"{"auditID":"7f","verb":"get","requestObject":{"a":"EFBFBD"}}"#.iter().map(|&byte| if byte == b'F' { 0xff } else { byte }).collect(),
        event(5 * MIB),
        msgpack::log_record(&event(5 * MIB)),
        [br#"{"auditID":"7f","requestObject":"#.as_slice(), &b"[".repeat(5 * MIB)].concat(),
        [br#"{"auditID":"7f","requestObject":{"stringData":{"a":""#.as_slice(), &vec![b'x'; 5 * MIB]].concat(),
    ];
    records.extend(hostile::FAMILIES.iter().map(|family| family.event(200_000)));
    for record in records {
        let answer = bytes(instance.process(&record).unwrap());
        assert!(answer == native(&record), "{}", String::from_utf8_lossy(&record[..record.len().min(200)]));
    }
}

/// Whatever memory there is: no trap where room was asked for, and an event for every record.
#[test]
fn want_of_memory_is_an_answer() {
    let records: Vec<Vec<u8>> = [900, 40_000, 400_000, 3_000_000]
        .into_iter()
        .flat_map(|length| [event(length), msgpack::log_record(&event(length))])
        .collect();
    let natives: Vec<Vec<u8>> = records.iter().map(|record| native(record)).collect();
    let (initial, needed) = {
        let mut instance = start(&default(), LARGE);
        let initial = instance.memory_bytes();
        for record in &records {
            instance.process(record).unwrap();
        }
        (initial, instance.memory_bytes())
    };
    let (mut stubs, mut hidden, mut refused) = (0, 0, 0);
    let steps = (needed - initial) / PAGE;
    for limit in (initial..=needed).step_by((steps / 40).max(1) * PAGE) {
        let mut instance = start(&default(), LARGE);
        instance.limit_memory(limit);
        for (record, native) in records.iter().zip(&natives) {
            if !instance.make_room(record.len() as u32).unwrap() {
                refused += 1;
                let stub = instance.stub(StubReason::OutOfMemory, record.len() as u64, Format::Json).unwrap();
                assert!(well_formed(&stub).is_ok(), "{limit}: {stub:?}");
                continue;
            }
            match instance.process(record).unwrap() {
                // A part that there was no memory to read is hidden.
                Answer::Emitted(event) if event != *native => {
                    hidden += 1;
                    let text = event_text(&event).unwrap().unwrap();
                    well_formed(text.as_bytes()).unwrap();
                    assert!(text.contains(r#""redacted":{"#) && !text.contains("hunter2"), "{limit}");
                }
                Answer::Emitted(_) => {}
                Answer::Dropped => panic!("{limit}: dropped"),
                Answer::Stubbed(stub) => {
                    stubs += 1;
                    // Without memory for one member of it, a record looks as if it had none.
                    let reasons = [StubReason::OutOfMemory, StubReason::NotAnObject];
                    assert!(reasons.contains(&stub.reason) && !stub.event.is_empty(), "{limit}: {stub:?}");
                }
            }
        }
    }
    println!(
        "{initial} bytes at first, {needed} needed; {stubs} stubs, {hidden} bodies hidden, {refused} without room"
    );
    assert!(stubs > 0 && refused > 0, "{stubs} stubs, {refused} without room");
}

/// What does trap: a record that is placed without asking. The worker has an answer all the same, and goes on.
#[test]
fn a_worker_survives_what_traps() {
    let tight = Limits { memory: 4 * MIB, ..LARGE };
    let huge = event(8 * MIB);
    assert!(start(&default(), tight).process(&huge).is_err());
    let mut worker = Worker::new(component(), &default(), tight).unwrap();
    let Passed::Event(stub) = worker.filter(&huge) else { panic!("dropped") };
    let stub = String::from_utf8(stub).unwrap();
    let told =
        format!(r#""stub":{{"reason":"out_of_memory","length":{}}}"#, huge.len().next_multiple_of(1024));
    assert!(stub.contains(&told), "{stub}");
    assert_eq!(worker.filter(&event(900)), Passed::Event(native(&event(900))));

    // In a batch only the record at fault is lost.
    let records = [event(900), huge, event(2000)];
    let passed = worker.filter_batch(&records.iter().map(Vec::as_slice).collect::<Vec<_>>());
    assert_eq!(passed.len(), 3);
    assert_eq!(passed[0], Passed::Event(native(&records[0])));
    assert!(matches!(&passed[1], Passed::Event(event) if event.len() < 300));
    assert_eq!(passed[2], Passed::Event(native(&records[2])));
}

/// A call that takes too long ends, and the next record is filtered by a new instance.
#[test]
fn a_deadline_ends_a_call() {
    let long = event(30 * MIB);
    // What it takes to read the configuration and compile the detections is not what is to be ended here.
    let mut instance = start(&default(), LARGE);
    instance.limit_ticks(1);
    let error = instance.process(&long).unwrap_err().to_string();
    assert!(error.contains("interrupt"), "{error}");

    let mut worker = Worker::new(component(), &default(), LARGE).unwrap();
    // Not even time to start an instance: what is left is the host's own.
    worker.set_limits(Limits { ticks: 0, ..LARGE });
    assert_eq!(worker.filter(&event(900)), Passed::Event(LAST_RESORT.to_vec()));
    well_formed(LAST_RESORT).unwrap();
    worker.set_limits(LARGE);
    assert_eq!(worker.filter(&event(900)), Passed::Event(native(&event(900))));
}

#[test]
fn a_batch_is_refused_as_a_whole() {
    let mut instance = start(&default(), LARGE);
    let record = event(100_000);
    for lengths in [&[][..], &[1], &[u32::MAX, u32::MAX]] {
        let batch = instance.process_batch(&record, lengths).unwrap();
        assert!(matches!(batch, Err(BatchRefused::Lengths)), "{lengths:?}");
    }
    assert!(instance.process_batch(&[], &[]).unwrap().unwrap().records.is_empty());
    // Records of nothing: answers that take much more than what came.
    let nothing = vec![0; 100_000];
    let limit = instance.memory_bytes() + 4 * MIB;
    instance.limit_memory(limit);
    assert!(matches!(instance.process_batch(&[], &nothing).unwrap(), Err(BatchRefused::OutOfMemory)));
    let batch = instance.process_batch(&[], &nothing[..100]).unwrap().unwrap();
    assert_eq!(batch.records.len(), 100);
}

/// Ten thousand calls, or as many as `AUDITVEIL_RECORDS` says, alone and in batches.
#[test]
fn many_calls_in_constant_memory() {
    let count: usize = std::env::var("AUDITVEIL_RECORDS").map_or(10_000, |count| count.parse().unwrap());
    let events: Vec<Vec<u8>> = classes::all().unwrap().into_iter().flat_map(|class| class.events).collect();
    let records: Vec<&[u8]> = events.iter().map(Vec::as_slice).filter(|event| event.len() < 40_000).collect();
    let lengths: Vec<u32> = records.iter().map(|record| record.len() as u32).collect();
    let batch = records.concat();
    let mut instance = start(&default(), LARGE);
    let round = |instance: &mut Instance| {
        for record in &records {
            instance.process(record).unwrap();
        }
        instance.process_batch(&batch, &lengths).unwrap().unwrap();
        2 * records.len()
    };
    // Blocks of all sizes find their places in a few rounds.
    let mut done: usize = (0..5).map(|_| round(&mut instance)).sum();
    let warm = instance.memory_bytes();
    while done < count {
        done += round(&mut instance);
    }
    println!("{done} records, {warm} bytes");
    assert_eq!(instance.memory_bytes(), warm);
}

#[test]
fn peak_memory_is_three_times_the_largest_record() {
    let mut instance = start(&default(), LARGE);
    let mut largest = 0;
    for length in [700, 70_000, 900, 200_000, 1_000_000, 5_000, 1_200_000, 2_400_000, 3_000_000, 6_000_000] {
        let record = event(length);
        largest = largest.max(record.len());
        // As a worker does.
        if record.len() > MIB {
            assert!(instance.make_room(record.len() as u32).unwrap());
        }
        instance.process(&record).unwrap();
        let (used, bound) = (instance.memory_bytes(), 3 * largest + 2 * MIB);
        assert!(used <= bound, "{length}: {used} bytes, bound {bound}");
    }
    println!("{} bytes for records up to {largest}", instance.memory_bytes());
}

const SIGNED: &[u8] = b"redact: {action: hmac, hmac: {key_id: k1, key_file: hmac.key}}\n";
const KEY: &[u8] = b"0123456789abcdef0123456789abcdef\n";

fn findings(files: &Files) -> Vec<String> {
    match component().start(files, Limits::ORDINARY) {
        Err(NotStarted::Refused(Refused::Invalid(findings))) => findings.iter().map(shown).collect(),
        started => panic!("{started:?}"),
    }
}

#[test]
fn what_is_wrong_with_a_configuration_is_told_with_its_place() {
    let configuration = |text: &[u8]| Files { configuration: Some(text.to_vec()), ..default() };
    let typo = findings(&configuration(b"input: {other: keep}\nredcat: {}\n"));
    assert_eq!(typo, ["auditveil.yaml: line 2, column 1: unknown key `redcat`; did you mean `redact`?"]);
    assert!(findings(&configuration(b"\xff"))[0].contains("expected UTF-8"));
    let policy = Files {
        policy: Some(b"apiVersion: audit.k8s.io/v1\nrules: [{level: Everything}]\n".to_vec()),
        ..default()
    };
    let found = findings(&policy);
    assert!(found[0].starts_with("audit-policy.yaml: line 2, column 17: rules[0].level: "), "{found:?}");

    // The key is asked for, and shown by nothing.
    for key in [None, Some(b"hunter2".to_vec())] {
        let found = findings(&Files { key, ..configuration(SIGNED) }).join("\n");
        assert!(found.contains("redact.hmac.key_file") && !found.contains("hunter2"), "{found}");
    }
}

#[test]
fn what_runs_without_a_configuration_keeps_no_body() {
    let mut instance = component().start_strictest(Fault::Unreadable, Limits::ORDINARY).unwrap();
    let answer = String::from_utf8(bytes(instance.process(&event(900)).unwrap())).unwrap();
    assert!(
        answer.contains(r#""configuration":"unreadable""#) && !answer.contains("responseObject"),
        "{answer}"
    );
}

#[test]
fn filters_of_one_instance_know_nothing_of_each_other() {
    let secret = br#"{"auditID":"a","verb":"create","objectRef":{"resource":"secrets"},"requestObject":{"stringData":{"p":"hunter2"}}}"#;
    let signed = Files { configuration: Some(SIGNED.to_vec()), key: Some(KEY.to_vec()), ..default() };
    let invalid = Files { policy: Some(b"rules: [".to_vec()), ..default() };
    let mut instance = start(&signed, LARGE);
    // printf hunter2 | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
    let digest = "hmac:k1:3920d54ec70f500ee54e1da041d2364a";
    let mut warm = 0;
    for turn in 0..50 {
        let answer = String::from_utf8(bytes(instance.process(secret).unwrap())).unwrap();
        assert!(answer.contains(digest), "{answer}");
        assert!(
            matches!(instance.reconfigure(&invalid).unwrap(), Err(Refused::Invalid(found)) if found[0].source == Source::Policy)
        );
        // The former filter goes on.
        assert!(String::from_utf8(bytes(instance.process(secret).unwrap())).unwrap().contains(digest));
        instance.reconfigure(&default()).unwrap().unwrap();
        assert_eq!(bytes(instance.process(secret).unwrap()), native(secret));
        instance.reconfigure(&signed).unwrap().unwrap();
        instance.release().unwrap();
        if turn == 2 {
            warm = instance.memory_bytes();
        }
    }
    assert_eq!(instance.memory_bytes(), warm);
}
