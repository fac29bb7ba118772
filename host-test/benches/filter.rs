//! Throughput over the committed logs: the native core, and the built module in wasmtime.
//!
//! `cargo bench -p auditveil-host-test`. One iteration is a whole log, record by record, in the
//! records Fluent Bit hands over; `cargo xtask fluent-bit PATH --bench` measures the real host.

use auditveil_core::Filter;
use auditveil_host_test::fluent_bit::{EventFormat, FluentBit, Frees, Guest};
use auditveil_tests::corpus::{self, Server};
use auditveil_tests::{json, msgpack};
use criterion::{BatchSize, Criterion, Throughput};
use std::time::Duration;

/// A plain `main`: every group gets the same log, and the module is loaded once.
fn main() {
    let mut criterion =
        Criterion::default().sample_size(20).measurement_time(Duration::from_secs(10)).configure_from_args();
    let guest = Guest::load().unwrap_or_else(|error| stop(&error.to_string()));
    for (name, log) in logs() {
        group(&mut criterion, &guest, name, &log);
    }
    criterion.final_summary();
}

fn logs() -> Vec<(&'static str, Vec<u8>)> {
    let read =
        |log: Result<Vec<u8>, auditveil_tests::Error>| log.unwrap_or_else(|error| stop(&error.to_string()));
    vec![
        ("traffic", read(corpus::traffic())),
        ("planted-1.20", read(corpus::audit(Server::V1_20))),
        ("planted-1.36", read(corpus::audit(Server::V1_36))),
    ]
}

fn group(criterion: &mut Criterion, guest: &Guest, name: &str, log: &[u8]) {
    let msgpack: Vec<Vec<u8>> = corpus::lines(log).map(msgpack::log_record).collect();
    let raw: Vec<Vec<u8>> = corpus::lines(log).map(<[u8]>::to_vec).collect();
    let in_log: Vec<Vec<u8>> = corpus::lines(log)
        .map(|line| format!("{{\"log\":{}}}", json::escape(&String::from_utf8_lossy(line))).into_bytes())
        .collect();

    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(log.len() as u64));
    for (format, records) in [("msgpack", &msgpack), ("json", &raw), ("json-in-log", &in_log)] {
        let mut filter = Filter::new();
        let mut out = Vec::new();
        group.bench_function(format!("native/{format}"), |bencher| {
            bencher.iter(|| {
                for record in records {
                    filter.process(record, &mut out);
                    assert!(!out.is_empty(), "the default drops nothing");
                }
            });
        });
        let format_of = if format == "msgpack" { EventFormat::Msgpack } else { EventFormat::Json };
        let mut instance = start(guest);
        group.bench_function(format!("wasmtime/{format}"), |bencher| {
            bencher.iter(|| {
                for record in records {
                    let answer = instance.filter(format_of, record);
                    assert!(answer.is_ok_and(|answer| !answer.is_empty()), "the default drops nothing");
                }
            });
        });
    }
    // What a new process pays once: an instance, and its first record.
    let first = msgpack.first().cloned().unwrap_or_default();
    group.throughput(Throughput::Elements(1));
    group.bench_function("wasmtime/instance-and-first-record", |bencher| {
        bencher.iter_batched(
            || first.clone(),
            |record| start(guest).filter(EventFormat::Msgpack, &record).is_ok(),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

fn start(guest: &Guest) -> FluentBit {
    guest.start(Frees::Always).unwrap_or_else(|error| stop(&error.to_string()))
}

fn stop(message: &str) -> ! {
    eprintln!("error: {message}");
    std::process::exit(1)
}
