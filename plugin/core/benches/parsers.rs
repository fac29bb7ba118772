//! The native filter beside the quickest parsers there are, over the same lines in one run: `cargo bench -p
//! auditveil-core --bench parsers`.
//!
//! None of them does any of the job: `sonic-rs` and `serde_json` read a line into a tree and print it again, `simd-json`
//! makes the tape that one would then walk, `serde_json`'s `IgnoredAny` checks that a line is JSON.
//!
//! `filter` keeps all bodies; `filter-metadata` takes them away, as a policy does for most events.

use auditveil_core::{Filter, Settings, policy};
use auditveil_tests::classes;
use auditveil_tests::corpus;
use criterion::{Criterion, Throughput};
use std::fmt::Display;
use std::time::Duration;

/// All bodies go.
const METADATA: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

fn main() {
    let mut criterion =
        Criterion::default().sample_size(20).measurement_time(Duration::from_secs(5)).configure_from_args();
    let log = corpus::traffic().unwrap_or_else(stop);
    let lines: Vec<&[u8]> = corpus::lines(&log).collect();
    compare(&mut criterion, "traffic", &lines);
    for class in classes::all().unwrap_or_else(stop) {
        if class.name == "large" || class.name == "2-mib" {
            let lines: Vec<&[u8]> = class.events.iter().map(Vec::as_slice).collect();
            compare(&mut criterion, class.name, &lines);
        }
    }
    criterion.final_summary();
}

fn compare(criterion: &mut Criterion, name: &str, lines: &[&[u8]]) {
    let bytes: usize = lines.iter().map(|line| line.len()).sum();
    let mut group = criterion.benchmark_group(format!("parsers/{name}"));
    group.throughput(Throughput::Bytes(bytes as u64));
    let policy = policy::load(METADATA.as_bytes()).unwrap_or_else(stop).policy;
    for (name, settings) in [("filter", Settings::new()), ("filter-metadata", Settings::from_policy(&policy))]
    {
        let mut filter = Filter::with_settings(settings);
        let mut out = Vec::new();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for line in lines {
                    filter.process(line, &mut out);
                    assert!(out.ends_with(b"}"));
                }
            });
        });
    }
    group.bench_function("sonic-rs/value-in-and-out", |bencher| {
        bencher.iter(|| {
            for line in lines {
                let value: sonic_rs::Value = sonic_rs::from_slice(line).unwrap_or_else(stop);
                assert!(sonic_rs::to_vec(&value).unwrap_or_else(stop).ends_with(b"}"));
            }
        });
    });
    group.bench_function("simd-json/tape", |bencher| {
        // It writes into what it reads; the copy is a few percent of its time.
        let mut copy = Vec::new();
        let mut buffers = simd_json::Buffers::default();
        bencher.iter(|| {
            for line in lines {
                copy.clear();
                copy.extend_from_slice(line);
                let tape = simd_json::to_tape_with_buffers(&mut copy, &mut buffers).unwrap_or_else(stop);
                assert!(!tape.0.is_empty());
            }
        });
    });
    group.bench_function("serde_json/ignored", |bencher| {
        bencher.iter(|| {
            for line in lines {
                let ignored: Result<serde::de::IgnoredAny, _> = serde_json::from_slice(line);
                assert!(ignored.is_ok());
            }
        });
    });
    group.bench_function("serde_json/value-in-and-out", |bencher| {
        bencher.iter(|| {
            for line in lines {
                let value: serde_json::Value = serde_json::from_slice(line).unwrap_or_else(stop);
                assert!(serde_json::to_vec(&value).unwrap_or_else(stop).ends_with(b"}"));
            }
        });
    });
    group.finish();
}

fn stop<T>(error: impl Display) -> T {
    eprintln!("error: {error}");
    std::process::exit(1)
}
