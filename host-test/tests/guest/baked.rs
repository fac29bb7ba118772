//! A configuration inside the module: where it is in memory, what damages it, what it costs.
//!
//! That it answers as from files is in `conformance.rs`.

use std::fs;
use std::sync::OnceLock;

use auditveil_bake::Module;
use auditveil_core::baked::{LENGTH, MAGIC};
use auditveil_core::{Filter, LoadedSettings, config};
use auditveil_host_test::artifact;
use auditveil_host_test::fluent_bit::{EventFormat, FluentBit, Frees, Guest};

const EVENT: &[u8] =
    br#"{"level":"Request","auditID":"a","verb":"get","requestURI":"/x","requestObject":{"kind":"Status"}}"#;

const PAGE: usize = 64 * 1024;

fn module() -> &'static [u8] {
    static MODULE: OnceLock<Vec<u8>> = OnceLock::new();
    MODULE.get_or_init(|| fs::read(artifact::fluent_bit_module().unwrap()).unwrap())
}

/// A configuration with a policy of this many rules, the last of which keeps the event at Metadata.
fn text(rules: usize) -> String {
    let rule = "  - {level: Request, users: [someone@example.com, someone-else@example.com], verbs: [get]}\n";
    let rules = rule.repeat(rules);
    let config =
        format!("policy:\n  apiVersion: audit.k8s.io/v1\n  rules:\n{rules}  - {{level: Metadata}}\n");
    config::load(config.as_bytes()).unwrap().config.to_text()
}

fn bake(rules: usize) -> Vec<u8> {
    Module::read(module()).unwrap().bake(&text(rules), None).unwrap()
}

fn answer(host: &mut FluentBit) -> String {
    String::from_utf8(host.filter(EventFormat::Json, EVENT).unwrap()).unwrap()
}

const METADATA: &str = r#"{"level":"Metadata","auditID":"a","verb":"get","requestURI":"/x","auditveil":{"version":"1","action":"get","target":"/x"}}"#;

/// The host places tag and record before the module looks for its configuration: above it, however large both are.
#[test]
fn records_are_placed_above_it() {
    let initial = Guest::from_bytes(module()).unwrap().start(Frees::Always).unwrap().memory_bytes();
    for rules in [0, 4000] {
        let text = text(rules);
        let guest = Guest::from_bytes(&bake(rules)).unwrap();
        let mut host = guest.start(Frees::Never).unwrap();
        let end = initial + text.len().next_multiple_of(PAGE);
        assert_eq!(host.memory_bytes(), end);
        let padding = " ".repeat(3 << 20);
        let record = [EVENT, padding.as_bytes()].concat();
        let block = host.malloc(i32::try_from(record.len()).unwrap()).unwrap();
        assert!(block.cast_unsigned() as usize >= end, "{block} is below {end}");
        assert_eq!(host.filter(EventFormat::Json, &record).unwrap(), METADATA.as_bytes());
        assert_eq!(answer(&mut host), METADATA);
        let said = format!("is in force (sha256 {})\n", auditveil_bake::digest(text.as_bytes()));
        assert!(host.said().ends_with(&said), "{}", host.said());
    }
}

/// Whatever the descriptor says, the module neither traps nor lets an event pass as it is.
#[test]
fn any_descriptor_is_survived() {
    let guest = Guest::from_bytes(&bake(0)).unwrap();
    let number = |number: u32| number.to_le_bytes().to_vec();
    let damages: Vec<(usize, Vec<u8>)> = vec![
        (0, vec![0; LENGTH]),
        (0, vec![0xff; LENGTH]),
        (20, vec![0xff; 4]),
        (48, vec![0; 8]),
        (48, number(u32::MAX)),
        (48, number(u32::MAX - 8)),
        (48, number(1)),
        (48, number(1 << 20)),
        (52, number(0)),
        (52, number(u32::MAX)),
        (52, number(1 << 16)),
        (52, number(2 << 20)),
        (56, number(1)),
        (56, number(u32::MAX)),
        (60, vec![0; 32]),
    ];
    for (at, bytes) in damages {
        let mut host = guest.start(Frees::Always).unwrap();
        let memory = host.memory_mut();
        let descriptor = memory.windows(MAGIC.len()).position(|window| window == MAGIC).unwrap();
        memory[descriptor + at..][..bytes.len()].copy_from_slice(&bytes);
        let answer = answer(&mut host);
        assert!(
            answer.contains(r#""level":"Metadata""#) && answer.contains(r#""configuration":"invalid""#),
            "{bytes:?} at {at}: {answer}"
        );
        assert!(host.said().contains("baked into the module is damaged"), "{}", host.said());
        assert_eq!(host.lookups(), 0, "{bytes:?} at {at}");
    }
}

#[test]
fn without_memory_for_it_nothing_passes_as_it_is() {
    let guest = Guest::from_bytes(&bake(500)).unwrap();
    let (initial, needed) = {
        let mut host = guest.start(Frees::Always).unwrap();
        let initial = host.memory_bytes();
        assert_eq!(answer(&mut host), METADATA);
        (initial, host.memory_bytes())
    };
    let mut failed = 0;
    for limit in (initial..needed).step_by(2 * PAGE) {
        let mut host = guest.start(Frees::Always).unwrap();
        host.limit_memory(limit);
        let first = answer(&mut host);
        assert!(!first.contains("requestObject"), "{limit}: {first}");
        failed += usize::from(!host.said().contains("is in force"));
    }
    assert!(failed > 0, "it always fitted");
}

/// The native core says of the text what it says of the file that it comes from.
#[test]
fn the_text_means_what_the_file_means() {
    let file = "input: {other: drop}\npolicy: {apiVersion: audit.k8s.io/v1, rules: [{level: Metadata}]}\n";
    let text = config::load(file.as_bytes()).unwrap().config.to_text();
    let answers = [file.as_bytes(), text.as_bytes()].map(|text| {
        let settings = LoadedSettings::from_files(Some(text), None).unwrap().settings;
        let (mut filter, mut answer) = (Filter::with_settings(settings), Vec::new());
        filter.process(EVENT, &mut answer);
        answer
    });
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], METADATA.as_bytes());
}
