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
    ("backslashes", 99.0),
    ("escaped quotes", 199.0),
    ("escapes of six bytes", 207.0),
    ("escaped line ends", 136.0),
    ("braces in a string", 62.0),
    ("brackets in a string", 78.0),
    ("braces and quotes in a string", 120.0),
    ("letters beyond ASCII", 122.0),
    ("digits", 88.0),
    ("one long number", 66.0),
    ("empty objects", 82.0),
    ("width", 125.0),
    ("width of short names", 182.0),
    ("keys at every level", 191.0),
    ("keys below 48 levels", 125.0),
    ("names that mean something", 131.0),
    ("names that are cut", 117.0),
    ("names with one letter more", 101.0),
    ("names of credentials", 126.0),
    ("names of many words", 70.0),
    ("names with escapes", 200.0),
    ("white space between tokens", 75.0),
    ("one name over and over", 189.0),
    ("kinds over and over", 70.0),
    ("members of the event over and over", 172.0),
    ("references over and over", 132.0),
    ("unknown members of the event", 138.0),
    ("kind behind data", 177.0),
    ("kind behind data, nested", 46.0),
    ("name behind value, nested", 136.0),
    ("environment", 142.0),
    ("reference behind the body", 124.0),
    ("a Secret of empty values", 68.0),
    ("a Secret of digits", 87.0),
    ("Secrets in a list", 108.0),
    ("Secrets of many values", 116.0),
    ("links", 449.0),
    ("assignments", 254.0),
    ("lines that begin a list", 199.0),
    ("lines that go deeper", 118.0),
    ("colons", 259.0),
    ("base64", 198.0),
    ("arguments", 82.0),
    ("one command", 204.0),
    ("one argument", 193.0),
    ("percent signs in the URI", 137.0),
    ("parameters of the URI", 372.0),
    ("one error text", 207.0),
    ("user agent", 247.0),
    ("a text in a text", 121.0),
    ("texts", 189.0),
    ("texts in texts, deeper than is read", 272.0),
    ("texts amid prose", 122.0),
    ("last applied, kind last", 105.0),
];

/// A figure of the table that is this many times what its family costs now is no longer true.
const LOOSE: f64 = 1.3;

/// Two megabytes cost at most this many times what one does; two, but for what containers grow by.
const DOUBLED: f64 = 2.1;

/// How often a byte may be moved in bulk on its way.
const MOVED: f64 = 25.0;

/// The same with `redact.action: hmac`: 23.0 for a list of Secrets with a value of one letter each, of which most are
/// blocks of SHA-256, and 2.2 more that facts and detections move.
const SIGNED_MOVED: f64 = 26.0;

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
        let listed = BEYOND.iter().find(|(name, _)| *name == family.name).map(|(_, most)| *most);
        let most = listed.unwrap_or(bound);
        if one.instructions > most || grown > DOUBLED || two.moved > MOVED {
            findings.push(format!("{line}: at most {most:.2}"));
        }
        if listed.is_some_and(|most| most > LOOSE * one.instructions) {
            findings.push(format!("{line}: no longer {most:.2}"));
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
        println!(
            "{}, signed: {:.2} instructions for a byte, {grown:.3}; {:.2} bytes moved",
            family.name, one.instructions, two.moved
        );
        assert!(
            grown <= DOUBLED && two.moved <= SIGNED_MOVED,
            "{}: {grown:.3}, {:.2}",
            family.name,
            two.moved
        );
        assert!(one.instructions <= SIGNED, "{}: {:.2}", family.name, one.instructions);
    }
    let _ = fs::remove_dir_all(&folder);
}
