//! P12: what a client has logged costs no more for each byte however long it is, and not much more than ordinary bytes.
//!
//! By the instructions of the built module, so the same on every machine. `docs/benchmarks.md` records the figures.

use std::fs;
use std::path::{Path, PathBuf};

use auditveil_tests::hostile::FAMILIES;
use auditveil_tests::{corpus, msgpack};

use crate::fuel::Cost;

/// A hostile byte costs at most this many ordinary ones, for each level of text in text once more.
const TIMES: f64 = 3.0;

/// Families that cost more, or nearly, each with the most instructions for a byte. They hold hardly anything but the
/// beginnings and ends of tokens, and what is paid is paid for each token; an ordinary one is six times as long.
const BEYOND: &[(&str, f64)] = &[
    ("backslashes", 136.0),
    ("escaped quotes", 292.0),
    ("escapes of six bytes", 230.0),
    ("escaped line ends", 244.0),
    ("braces in a string", 62.0),
    ("brackets in a string", 76.0),
    ("braces and quotes in a string", 164.0),
    ("letters beyond ASCII", 134.0),
    ("empty strings", 57.0),
    ("digits", 92.0),
    ("one long number", 146.0),
    ("empty objects", 85.0),
    ("width", 95.0),
    ("width of short names", 188.0),
    ("keys at every level", 254.0),
    ("keys below 48 levels", 95.0),
    ("names that mean something", 140.0),
    ("names that are cut", 129.0),
    ("names with one letter more", 111.0),
    ("names of credentials", 91.0),
    ("names of many words", 50.0),
    ("names with escapes", 201.0),
    ("one name over and over", 185.0),
    ("kinds over and over", 69.0),
    ("members of the event over and over", 255.0),
    ("references over and over", 160.0),
    ("unknown members of the event", 303.0),
    ("kind behind data", 163.0),
    ("kind behind data, nested", 43.0),
    ("name behind value, nested", 103.0),
    ("environment", 144.0),
    ("reference behind the body", 189.0),
    ("a Secret of empty values", 64.0),
    ("a Secret of digits", 91.0),
    ("Secrets in a list", 93.0),
    ("Secrets of many values", 87.0),
    ("links", 511.0),
    ("base64", 361.0),
    ("assignments", 296.0),
    ("lines that begin a list", 263.0),
    ("lines that go deeper", 162.0),
    ("colons", 417.0),
    ("arguments", 88.0),
    ("one command", 317.0),
    ("one argument", 341.0),
    ("percent signs in the URI", 128.0),
    ("parameters of the URI", 706.0),
    ("one error text", 200.0),
    ("texts", 200.0),
    ("one text", 93.0),
    ("a text in a text", 167.0),
    ("texts in texts, as deep as is read", 266.0),
    ("texts in texts, deeper than is read", 473.0),
    ("texts amid prose", 127.0),
    ("last applied, kind last", 118.0),
];

/// Two megabytes cost at most this many times what one does; two, but for what containers grow by.
const DOUBLED: f64 = 2.1;

/// How often a byte may be moved in bulk on its way.
const MOVED: f64 = 25.0;

/// Instructions for a byte with `redact.action: hmac`: about 20,000 for each digest, of a value of any length up to
/// four blocks of SHA-256. Where there are more values than one for sixteen bytes they are masked together.
const SIGNED: f64 = 700.0;

const MIB: usize = 1 << 20;

/// What one and two megabytes of an event cost for a byte, and how many times the whole of the former the latter.
fn grown(event: impl Fn(usize) -> Vec<u8>, folder: Option<&Path>) -> ([Cost; 2], f64) {
    let [(one, short), (two, long)] = [MIB, 2 * MIB].map(|bytes| {
        let record = msgpack::log_record(&event(bytes));
        let length = record.len() as f64;
        (Cost::of(&[record], folder), length)
    });
    // Of twice the length, whatever the lengths are.
    let grown = two.instructions / one.instructions * 2.0;
    assert!(long > 1.5 * short, "{short} and {long} bytes tell nothing about growth");
    ([one, two], grown)
}

#[test]
fn a_hostile_byte_costs_three_ordinary_ones_unless_it_is_listed() {
    let log = corpus::traffic().unwrap();
    let records: Vec<Vec<u8>> = corpus::lines(&log).map(msgpack::log_record).collect();
    let ordinary = Cost::of(&records, None).instructions;
    println!("ordinary traffic: {ordinary:.2} instructions for a byte");
    let mut findings = Vec::new();
    for family in FAMILIES {
        let ([one, two], grown) = grown(|bytes| family.event(bytes), None);
        let line = format!(
            "{}: {:.2} instructions for a byte, {:.2} times an ordinary one; {grown:.3} times for twice the length; \
             {:.2} bytes moved",
            family.name,
            one.instructions,
            one.instructions / ordinary,
            one.moved
        );
        println!("{line}");
        let bound = TIMES * f64::from(family.levels + 1) * ordinary;
        let most = BEYOND.iter().find(|(name, _)| *name == family.name).map_or(bound, |(_, most)| *most);
        if one.instructions > most || grown > DOUBLED || two.moved > MOVED {
            findings.push(format!("{line}: at most {most:.2}"));
        }
    }
    assert!(findings.is_empty(), "beyond the bounds:\n{}", findings.join("\n"));
    let unknown = |(name, _): &&(&str, f64)| !FAMILIES.iter().any(|family| family.name == *name);
    assert_eq!(BEYOND.iter().find(unknown), None, "no such family");
}

#[test]
fn digests_cost_a_constant_for_each_byte() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("signed");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("key"), "0123456789abcdef0123456789abcdef").unwrap();
    let configuration = "version: \"1\"\nredact: {action: hmac, hmac: {key_id: k1, key_file: key}}\n";
    fs::write(folder.join("auditveil.yaml"), configuration).unwrap();
    let signed = [
        "a Secret of empty values",
        "a Secret of digits",
        "Secrets in a list",
        "Secrets of many values",
        "kind behind data",
        "names of credentials",
        "environment",
        "texts",
        "one text",
        "parameters of the URI",
    ];
    for family in FAMILIES.iter().filter(|family| signed.contains(&family.name)) {
        let ([one, two], grown) = grown(|bytes| family.event(bytes), Some(&folder));
        println!("{}, signed: {:.2} instructions for a byte, {grown:.3}", family.name, one.instructions);
        assert!(grown <= DOUBLED && two.moved <= MOVED, "{}: {grown:.3}, {:.2}", family.name, two.moved);
        assert!(one.instructions <= SIGNED, "{}: {:.2}", family.name, one.instructions);
    }
    let _ = fs::remove_dir_all(&folder);
}
