//! Instructions for a byte of input, by class of event: the figure that is the same on every machine.
//!
//! Counted by wasmtime's fuel in the built module. Bytes that are moved in bulk are told apart: the engine charges
//! each, an interpreter moves them all with one instruction.
//!
//! `baselines/fuel.txt` says what was counted last, with the compiler and the wasmtime it is of. With both the same,
//! a difference of more than 2 % fails, for the better too, so that the file stays true:
//!
//! ```sh
//! BLESS=1 cargo test -p auditveil-host-test --test guest fuel
//! ```
//!
//! With another compiler the module is another; its figures are printed only.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use auditveil_host_test::fluent_bit::{Counted, EventFormat, Frees, Guest};
use auditveil_tests::{classes, json, msgpack};

/// What a byte may cost more, or less, than the baseline says.
const TOLERANCE: f64 = 0.02;

/// What one byte of a record costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cost {
    pub(crate) instructions: f64,
    /// Bytes moved by bulk-memory instructions.
    pub(crate) moved: f64,
}

impl Cost {
    /// What these records cost an instance without a configuration, or with this one, after the first two rounds.
    pub(crate) fn of(records: &[Vec<u8>], folder: Option<&Path>) -> Cost {
        static GUESTS: OnceLock<[Guest; 2]> = OnceLock::new();
        let guests = GUESTS.get_or_init(|| {
            [Counted::Instructions, Counted::InstructionsAndBytes]
                .map(|counted| Guest::load_counting(counted).unwrap())
        });
        let bytes: usize = records.iter().map(Vec::len).sum();
        let [instructions, both] = guests.each_ref().map(|guest| {
            let mut host = match folder {
                Some(folder) => guest.start_in(Frees::Always, folder).unwrap(),
                None => guest.start(Frees::Always).unwrap(),
            };
            // The first record reads the configuration, the first round makes room.
            let mut before = 0;
            for _ in 0..2 {
                before = host.fuel();
                for record in records {
                    host.filter(EventFormat::of(record), record).unwrap();
                }
            }
            (host.fuel() - before) as f64 / bytes as f64
        });
        Cost { instructions, moved: both - instructions }
    }
}

#[test]
fn instructions_for_a_byte_are_those_of_the_baseline() {
    let mut now = format!("{}\n{}\n", compiler(), engine());
    for class in classes::all().unwrap() {
        for (envelope, record) in ENVELOPES {
            let records: Vec<Vec<u8>> = class.events.iter().map(|event| record(event)).collect();
            let cost = Cost::of(&records, None);
            let _ = writeln!(
                now,
                "{} {envelope}: {:.3} instructions, {:.3} bytes moved",
                class.name, cost.instructions, cost.moved
            );
        }
    }
    print!("{now}");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("baselines/fuel.txt");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, now).unwrap();
        return;
    }
    let baseline = fs::read_to_string(&path).unwrap();
    if baseline.lines().take(2).ne(now.lines().take(2)) {
        println!("skipped: the baseline is of\n{}", baseline.lines().take(2).collect::<Vec<_>>().join(", "));
        return;
    }
    let found = differences(&baseline, &now);
    assert!(
        found.is_empty(),
        "instructions for a byte, in the baseline and now:\n{}\nIf this is meant: BLESS=1 cargo test -p \
         auditveil-host-test --test guest fuel, and say why in the commit",
        found.join("\n")
    );
}

/// How an event travels, and the record that it is then.
type Envelope = (&'static str, fn(&[u8]) -> Vec<u8>);

const ENVELOPES: [Envelope; 3] = [
    ("msgpack", msgpack::log_record),
    ("json", <[u8]>::to_vec),
    ("json-in-log", |event| {
        format!("{{\"log\":{}}}", json::escape(&String::from_utf8_lossy(event))).into_bytes()
    }),
];

/// Lines that differ by more than is tolerated, or are in one of both only.
fn differences(baseline: &str, now: &str) -> Vec<String> {
    let figures = |line: &str| -> Vec<f64> {
        line.split([' ', ':'])
            .filter_map(|word| word.parse().ok())
            .filter(|figure: &f64| *figure >= 0.0)
            .collect()
    };
    let (mut old, mut new) = (baseline.lines().skip(2), now.lines().skip(2));
    let mut found = Vec::new();
    loop {
        let (old, new) = (old.next(), new.next());
        let (Some(old), Some(new)) = (old, new) else {
            found.extend(old.or(new).map(|line| format!("{line}: in one of both only")));
            if old.or(new).is_none() {
                return found;
            }
            continue;
        };
        let same_name = old.split(':').next() == new.split(':').next();
        let near = figures(old)
            .iter()
            .zip(&figures(new))
            // What is hardly anything may vary more.
            .all(|(old, new)| (old - new).abs() <= TOLERANCE * old.max(0.5));
        if !same_name || !near {
            found.push(format!("{old}\n{new}"));
        }
    }
}

#[test]
fn differences_are_found() {
    let line = |name: &str, instructions: f64| {
        format!("c\ne\n{name}: {instructions} instructions, 1.0 bytes moved\n")
    };
    assert!(differences(&line("a", 10.0), &line("a", 10.19)).is_empty());
    assert_eq!(differences(&line("a", 10.0), &line("a", 10.21)).len(), 1);
    assert_eq!(differences(&line("a", 10.0), &line("a", 9.79)).len(), 1);
    assert_eq!(differences(&line("a", 10.0), &line("b", 10.0)).len(), 1);
    assert_eq!(differences(&line("a", 10.0), "c\ne\n").len(), 1);
    // `2-mib` is a name, not a figure.
    assert!(differences(&line("2-mib x", 10.0), &line("2-mib x", 10.1)).is_empty());
}

/// `rustc 1.95.0 (…)`: whoever builds the module in this workspace builds it with this one.
fn compiler() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// `wasmtime 48.0.8`, as the lock file has it.
fn engine() -> String {
    let lock = include_str!("../../../Cargo.lock");
    let (_, version) = lock.split_once("name = \"wasmtime\"\nversion = \"").unwrap();
    format!("wasmtime {}", version.split('"').next().unwrap())
}
