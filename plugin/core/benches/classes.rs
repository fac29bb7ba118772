//! The native filter for each class of event, beside serde_json's tree doing a part of the same job: `cargo bench -p
//! auditveil-core --bench classes`.
//!
//! One iteration is all events of a class, one by one. In a guest: `cargo bench -p auditveil-host-test`.

use auditveil_core::Filter;
use auditveil_tests::{classes, naive};
use criterion::{Criterion, Throughput};
use std::time::Duration;

fn main() {
    let mut criterion =
        Criterion::default().sample_size(20).measurement_time(Duration::from_secs(5)).configure_from_args();
    let classes = classes::all().unwrap_or_else(|error| {
        eprintln!("error: {error}");
        std::process::exit(1)
    });
    for class in &classes {
        let mut group = criterion.benchmark_group(class.name);
        group.throughput(Throughput::Bytes(class.bytes() as u64));
        let mut filter = Filter::new();
        let mut out = Vec::new();
        let mut all = || -> usize {
            let answers = class.events.iter().map(|event| {
                filter.process(event, &mut out);
                assert!(out.ends_with(b"}}"), "no stamp at the end");
                out.len()
            });
            answers.sum()
        };
        let expected = all();
        group.bench_function("filter", |bencher| bencher.iter(|| assert_eq!(all(), expected)));
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
    criterion.final_summary();
}
