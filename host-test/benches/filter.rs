//! What the filter takes, native and in wasmtime, for each class of event: `cargo bench -p auditveil-host-test --bench
//! filter`.
//!
//! One iteration is all events of a class, one by one, as Fluent Bit hands them over in msgpack mode; the log of
//! ordinary traffic in each envelope too. `naive` is serde_json's tree doing a part of the same job. Pulley, wasmtime's
//! interpreter, stands for the one in Fluent Bit, which `cargo xtask fluent-bit PATH --bench` measures.
//!
//! Starting an instance, its first call (which looks for a configuration) and the calls after that are told apart.

use auditveil_core::{Filter, Settings};
use auditveil_host_test::fluent_bit::{EventFormat, FluentBit, Frees, Guest};
use auditveil_tests::classes::{self, Class};
use auditveil_tests::{corpus, json, msgpack, naive};
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput};
use std::fmt::Display;
use std::time::Duration;

/// A plain `main`: every group gets the same modules, which are compiled once.
fn main() {
    let mut criterion =
        Criterion::default().sample_size(10).measurement_time(Duration::from_secs(5)).configure_from_args();
    let guests = [("wasmtime", Guest::load()), ("pulley", Guest::load_interpreted())]
        .map(|(name, guest)| (name, guest.unwrap_or_else(stop)));
    for class in classes::all().unwrap_or_else(stop) {
        of_a_class(&mut criterion, &guests, &class);
    }
    let log = corpus::traffic().unwrap_or_else(stop);
    envelopes(&mut criterion, &guests, &log);
    starting(&mut criterion, &guests, &log);
    criterion.final_summary();
}

type Guests = [(&'static str, Guest); 2];

fn of_a_class(criterion: &mut Criterion, guests: &Guests, class: &Class) {
    let mut group = criterion.benchmark_group(class.name);
    group.throughput(Throughput::Bytes(class.bytes() as u64));
    let records: Vec<Vec<u8>> = class.events.iter().map(|event| msgpack::log_record(event)).collect();
    steady(&mut group, guests, "", &records);
    // What is hostile is beyond serde_json, by depth.
    if class.name != "hostile" {
        group.bench_function("naive", |bencher| {
            bencher.iter(|| {
                for event in &class.events {
                    assert!(naive::filter(event).is_ok_and(|answer| answer.ends_with(b"}")));
                }
            });
        });
    }
    group.finish();
}

/// Native, then each engine; all answers are those of a filter that did nothing else before.
fn steady(group: &mut BenchmarkGroup<'_, WallTime>, guests: &Guests, suffix: &str, records: &[Vec<u8>]) {
    let mut filter = Filter::with_settings(Settings::unconfigured());
    let mut out = Vec::new();
    let mut expected = 0;
    for record in records {
        filter.process(record, &mut out);
        expected += out.len();
    }
    group.bench_function(format!("native{suffix}"), |bencher| {
        bencher.iter(|| {
            let mut written = 0;
            for record in records {
                filter.process(record, &mut out);
                written += out.len();
            }
            assert_eq!(written, expected, "not the same answers");
        });
    });
    for (name, guest) in guests {
        let mut instance = start(guest);
        group.bench_function(format!("{name}{suffix}"), |bencher| {
            bencher.iter(|| {
                let mut written = 0;
                for record in records {
                    written += answer(&mut instance, record);
                }
                assert_eq!(written, expected, "not the answers of the native core");
            });
        });
    }
}

fn envelopes(criterion: &mut Criterion, guests: &Guests, log: &[u8]) {
    let raw: Vec<Vec<u8>> = corpus::lines(log).map(<[u8]>::to_vec).collect();
    let msgpack: Vec<Vec<u8>> = raw.iter().map(|line| msgpack::log_record(line)).collect();
    let in_log: Vec<Vec<u8>> = raw
        .iter()
        .map(|line| format!("{{\"log\":{}}}", json::escape(&String::from_utf8_lossy(line))).into_bytes())
        .collect();
    let mut group = criterion.benchmark_group("traffic");
    group.throughput(Throughput::Bytes(log.len() as u64));
    for (suffix, records) in [("/msgpack", &msgpack), ("/json", &raw), ("/json-in-log", &in_log)] {
        steady(&mut group, guests, suffix, records);
    }
    group.finish();
}

/// What a new process pays once.
fn starting(criterion: &mut Criterion, guests: &Guests, log: &[u8]) {
    let record = corpus::lines(log).next().map(msgpack::log_record).unwrap_or_default();
    let mut group = criterion.benchmark_group("start");
    group.throughput(Throughput::Elements(1));
    for (name, guest) in guests {
        group.bench_function(format!("{name}/instantiate"), |bencher| bencher.iter(|| start(guest)));
        group.bench_function(format!("{name}/first-call"), |bencher| {
            bencher.iter_batched(
                || start(guest),
                |mut instance| {
                    assert!(answer(&mut instance, &record) > 0);
                    instance
                },
                BatchSize::PerIteration,
            );
        });
        let mut instance = start(guest);
        assert!(answer(&mut instance, &record) > 0);
        group.bench_function(format!("{name}/steady-call"), |bencher| {
            bencher.iter(|| assert!(answer(&mut instance, &record) > 0));
        });
    }
    group.finish();
}

/// The length of an answer; 0 if the record would be lost.
fn answer(instance: &mut FluentBit, record: &[u8]) -> usize {
    instance.filter(EventFormat::of(record), record).map_or(0, |answer| answer.len())
}

fn start(guest: &Guest) -> FluentBit {
    guest.start(Frees::Always).unwrap_or_else(stop)
}

fn stop<T>(error: impl Display) -> T {
    eprintln!("error: {error}");
    std::process::exit(1)
}
