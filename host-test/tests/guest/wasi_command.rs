//! The WASI command: its streams at their most stubborn, its configuration, its exit codes, its memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use auditveil_bake::{FLUENT_BIT_FEATURES, Interface};
use auditveil_core::{Filter, Settings};
use auditveil_host_test::artifact;
use auditveil_host_test::command::{Command, Ran};
use auditveil_host_test::front_ends::Unit;
use auditveil_host_test::wasi::Streams;
use auditveil_tests::{hostile, well_formed};

const MIB: usize = 1 << 20;

/// What reads the configuration and the streams, and nothing else.
const IMPORTS: [&str; 8] = [
    "fd_close",
    "fd_prestat_dir_name",
    "fd_prestat_get",
    "fd_read",
    "fd_write",
    "path_open",
    "poll_oneoff",
    "proc_exit",
];

fn command() -> &'static Command {
    static COMMAND: OnceLock<Command> = OnceLock::new();
    COMMAND.get_or_init(|| Command::load().unwrap())
}

fn run(input: &[u8]) -> Ran {
    command().run(input, None).unwrap()
}

fn native(input: &[u8]) -> Vec<u8> {
    Unit::Lines.native(&mut Filter::with_settings(Settings::unconfigured()), input)
}

const EVENT: &[u8] =
    br#"{"level":"Request","auditID":"a","verb":"get","requestURI":"/x","requestObject":{"kind":"Status"}}"#;

/// An event of about this many bytes.
fn event(length: usize) -> Vec<u8> {
    let body = r#","a":"good \"morning\"""#.repeat(length / 22);
    format!(r#"{{"auditID":"7f","verb":"get","requestURI":"/x","responseObject":{{"kind":"Status"{body}}}}}"#)
        .into_bytes()
}

/// A folder of its own for each test.
fn folder(test: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wasi-command").join(test);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    for (name, content) in files {
        fs::write(path.join(name), content).unwrap();
    }
    path
}

#[test]
fn is_a_command_for_small_engines() {
    let bytes = fs::read(artifact::wasi_command().unwrap()).unwrap();
    auditveil_bake::validate(&bytes, FLUENT_BIT_FEATURES).unwrap();
    let interface = Interface::read(&bytes).unwrap();
    let imports: Vec<&str> = interface.imports.keys().map(String::as_str).collect();
    assert_eq!(imports, IMPORTS.map(|name| format!("wasi_snapshot_preview1.{name}")));
    let exports: Vec<&str> = interface.exports.keys().map(String::as_str).collect();
    // The last two are for the linker and the engine.
    assert_eq!(exports, ["_start", "memcmp", "memory"]);
    println!("{interface}");
    // As the module for Fluent Bit, and for the same reasons.
    assert!(interface.size <= 1400 * 1024, "{} bytes", interface.size);
    assert!(interface.initial_pages <= 8 && interface.maximum_pages.is_none());
}

#[test]
fn lines_are_those_of_the_native_command() {
    let long = event(70_000);
    let lines: [&[u8]; 9] =
        [b"\xef\xbb\xbf", EVENT, b"\r\n", b"\n  \n", &long, b"\nno\n", b"\x81\xa3log\xa0\n", b"[", EVENT];
    let input = lines.concat();
    let ran = run(&input);
    assert_eq!((ran.code, ran.output == native(&input)), (Some(0), true), "{}", ran.said);
    assert!(ran.said.contains("records became stubs"), "{}", ran.said);
    assert_eq!(run(b"").output, b"");
    // Every size of read, and of write.
    for at_once in [1, 2, 3, 5, 61, 4096] {
        let streams =
            Streams { input: input.iter().copied().collect(), at_once, stubborn: true, ..Streams::default() };
        let stubborn = command().run_with(streams, None, usize::MAX).unwrap();
        assert_eq!((stubborn.code, stubborn.output == ran.output), (Some(0), true), "{at_once}");
        assert!(stubborn.waits > 0, "it never waited");
    }
}

#[test]
fn hostile_lines_are_as_in_the_native_core() {
    for family in hostile::FAMILIES {
        let record = family.event(20_000);
        assert!(run(&record).output == native(&record), "{}", family.name);
    }
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let input = [EVENT, b"\n"].concat().repeat(5000);
    let streams = Streams {
        input: input.iter().copied().collect(),
        reader_leaves_after: Some(1000),
        ..Streams::default()
    };
    let ran = command().run_with(streams, None, usize::MAX).unwrap();
    assert_eq!(ran.code, Some(0), "{}", ran.said);
    assert!(ran.output.len() < input.len() / 2, "it went on");
}

#[test]
fn the_configuration_is_that_of_the_folder() {
    let policy = b"apiVersion: audit.k8s.io/v1\nrules: [{level: None, verbs: [watch]}, {level: Metadata}]\n";
    let metadata =
        r#"{"level":"Metadata","auditID":"a","verb":"get","requestURI":"/x","auditveil":{"version":"1""#;
    for (test, files, code, said, answer) in [
        (
            "absent",
            &[][..],
            0,
            "the default is in force",
            format!("{},\"auditveil\"", String::from_utf8_lossy(&EVENT[..EVENT.len() - 1])),
        ),
        (
            "policy",
            &[("audit-policy.yaml", &policy[..])],
            0,
            "audit-policy.yaml is in force (sha256 ",
            format!("{metadata},\"action\":\"get\",\"target\":\"/x\"}}}}"),
        ),
        (
            "both",
            &[("audit-policy.yaml", &policy[..]), ("auditveil.yaml", b"enrich: {labels: {cluster: c1}}")],
            0,
            "auditveil.yaml is in force (sha256 ",
            format!(r#"{metadata},"action":"get","target":"/x","labels":{{"cluster":"c1"}}}}}}"#),
        ),
        (
            "invalid",
            &[("auditveil.yaml", b"redcat: {}")],
            3,
            "line 1, column 1: unknown key `redcat`; did you mean `redact`?",
            format!(
                r#"{metadata},"configuration":"invalid","action":"get","target":"/x","detections":["audit.configuration"],"severity":"high"}}}}"#
            ),
        ),
    ] {
        let folder = folder(test, files);
        let ran = command().run(EVENT, Some(&folder)).unwrap();
        let output = String::from_utf8(ran.output).unwrap();
        assert_eq!(ran.code, Some(code), "{test}: {}", ran.said);
        assert!(ran.said.contains(said), "{test}: {}", ran.said);
        assert!(output.starts_with(&answer) && output.ends_with("}}\n"), "{test}: {output}");
        if code == 3 {
            assert!(ran.said.contains("every event is kept at level Metadata"), "{}", ran.said);
        }
    }
    let dropped = command()
        .run(br#"{"auditID":"a","verb":"watch"}"#, Some(&folder("drop", &[("audit-policy.yaml", policy)])));
    assert_eq!(dropped.unwrap().output, b"");
}

#[test]
fn compressed_input_is_refused() {
    let ran = run(b"\x1f\x8b\x08\0\0\0\0\0");
    assert_eq!((ran.code, ran.output.len()), (Some(1), 0));
    assert!(ran.said.contains("gzip-compressed; unpack it first"), "{}", ran.said);
}

/// Memory follows the longest line, not the input; a line beyond the limit costs itself.
#[test]
fn memory_is_bounded() {
    let ordinary = [event(3000), b"\n".to_vec()].concat();
    let input = ordinary.repeat(12_000);
    let ran = run(&input);
    assert!(ran.output == native(&ordinary).repeat(12_000));
    println!("{} bytes for {} of input", ran.memory_bytes, input.len());
    assert!(ran.memory_bytes <= 2 * MIB, "{} bytes", ran.memory_bytes);

    let beyond = [EVENT, b"\n", b" ", &b"x".repeat(70 * MIB), b"\n", EVENT].concat();
    let ran = run(&beyond);
    let lines: Vec<&[u8]> = ran.output.split(|&byte| byte == b'\n').collect();
    assert_eq!((lines.len(), ran.code), (4, Some(0)));
    assert_eq!((lines[0], lines[2]), (lines[0], lines[0]));
    assert!(
        String::from_utf8_lossy(lines[1]).contains(r#""stub":{"reason":"too_large","length":67109888"#),
        "{}",
        String::from_utf8_lossy(lines[1])
    );
    println!("{} bytes for a line of 70 MiB", ran.memory_bytes);
    assert!(ran.memory_bytes <= 200 * MIB, "{} bytes", ran.memory_bytes);
}

#[test]
fn want_of_memory_costs_the_line_that_wants_it() {
    let input = [EVENT, b"\n", &event(8 * MIB), b"\n", EVENT].concat();
    for limit in [3 * MIB, 8 * MIB, 12 * MIB, 16 * MIB] {
        let streams = Streams { input: input.iter().copied().collect(), ..Streams::default() };
        let ran = command().run_with(streams, None, limit).unwrap();
        assert_eq!(ran.code, Some(0), "{limit}: {}", ran.said);
        let lines: Vec<&[u8]> = ran.output.split(|&byte| byte == b'\n').collect();
        assert_eq!(lines.len(), 4, "{limit}");
        assert!(!lines[0].is_empty() && lines[0] == lines[2], "{limit}");
        well_formed(lines[1]).unwrap();
        let told = String::from_utf8_lossy(lines[1]);
        assert!(
            told.contains(r#""reason":"out_of_memory""#),
            "{limit}: {}",
            told.get(..300).unwrap_or(&told)
        );
    }
}
