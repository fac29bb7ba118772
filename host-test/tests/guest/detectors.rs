//! What the formats of keys and tokens cost: instructions of the built module for a text that is full of what a format begins
//! with, beside a text in which no format occurs.
//!
//! `docs/detectors.md` records the figures. They are written by
//!
//! ```sh
//! BLESS=1 cargo test -p auditveil-host-test --test guest detectors
//! ```

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use auditveil_core::FORMATS;
use auditveil_tests::msgpack;

use crate::fuel::Cost;

/// How long each text is, in bytes.
const LENGTH: usize = 16 << 10;

/// What stands behind what a format begins with: too little for any.
const REST: &str = "Xy7Kq2Lm ";

/// A word of a text in which no format occurs. It has a capital letter, as nearly all words that are looked at.
const NEUTRAL: &str = "Words.Of.Prose ";

/// By how much a figure may differ from the page: other compilers make other modules.
const TOLERANCE: f64 = 0.2;

/// The head of the table in the documentation.
const TABLE: &str = "| a text full of | instructions for a byte | for each occurrence |\n|---|---|---|\n";

/// What a byte costs of a text that is these words over and over, in a member of a custom resource.
fn cost(words: &str) -> f64 {
    let text = words.repeat(LENGTH / words.len());
    let event = format!(
        r#"{{"auditID":"a","verb":"create","requestURI":"/apis/example.com/v1/notes","objectRef":{{"resource":"notes","apiGroup":"example.com"}},"requestObject":{{"kind":"Note","spec":{{"text":"{text}"}}}}}}"#
    );
    Cost::of(&[msgpack::log_record(event.as_bytes())], None).instructions
}

#[test]
fn what_a_format_costs_is_recorded() {
    let neutral = cost(NEUTRAL);
    let mut table = format!("{TABLE}| words of which none begins a format | {neutral:.1} | |\n");
    for (id, prefixes) in FORMATS {
        let words: String = prefixes.iter().map(|prefix| format!("{prefix}{REST}")).collect();
        let words = words.replace('\n', " ");
        let byte = cost(&words);
        let occurrence = (byte - neutral) * words.len() as f64 / prefixes.len() as f64;
        let _ = writeln!(table, "| `{id}` | {byte:.1} | {occurrence:.0} |");
    }
    print!("{table}");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/detectors.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(TABLE).unwrap();
    let (old, behind) = rest.split_once("\n\n").unwrap();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{before}{table}\n{behind}")).unwrap();
        return;
    }
    let figures = |line: &str| -> Vec<f64> {
        line.split('|').skip(2).filter_map(|cell| cell.trim().parse().ok()).collect()
    };
    let now: Vec<&str> = table.lines().skip(2).collect();
    let differs = |old: &str, now: &str| {
        let near = |(old, now): (&f64, &f64)| (old - now).abs() <= TOLERANCE * old.abs().max(20.0);
        let name = |line: &str| line.split('|').nth(1).map(str::to_owned);
        let (olds, nows) = (figures(old), figures(now));
        name(old) != name(now) || olds.len() != nows.len() || !olds.iter().zip(&nows).all(near)
    };
    let old: Vec<&str> = old.lines().collect();
    assert_eq!(old.len(), now.len(), "docs/detectors.md lacks a format; BLESS=1 writes it");
    let other: Vec<_> = old.iter().zip(&now).filter(|(old, now)| differs(old, now)).collect();
    assert!(other.is_empty(), "in docs/detectors.md and now; BLESS=1 writes it:\n{other:#?}");
}
