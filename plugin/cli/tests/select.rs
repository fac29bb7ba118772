//! `auditveil filter --where`: which records are written, what is said of them, and that nothing hidden can be probed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use auditveil_core::enrich::{Condition, Lists, Reader};
use auditveil_core::{Filter, Settings};
use auditveil_tests::corpus::{self, Server};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

const EVENTS: &str = concat!(
    r#"{"auditID":"1","verb":"get","objectRef":{"resource":"secrets"},"responseObject":{"kind":"Secret","data":{"p":"aHVudGVyMg=="}}}"#,
    "\n",
    r#"{"auditID":"2","verb":"patch","objectRef":{"resource":"pods"},"responseStatus":{"code":201}}"#,
    "\nnot a record\n",
    r#"[{"auditID":"3","stage":"Panic","verb":"patch"},{"auditID":"4","stage":"Panic","verb":"get"}]"#,
    "\n",
);

fn file(name: &str, content: &[u8]) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("select");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path.to_string_lossy().into_owned()
}

fn filter(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_auditveil")).arg("filter").args(arguments).output().unwrap()
}

/// The ids of what a condition selects, what is said, and the exit code.
fn selected(name: &str, arguments: &[&str]) -> (Vec<String>, String, Option<i32>) {
    let log = file(name, EVENTS.as_bytes());
    let output = filter(&[arguments, &[&log]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let ids = text.lines().map(|line| line.split('"').nth(3).unwrap_or_default().to_owned()).collect();
    (ids, String::from_utf8(output.stderr).unwrap(), output.status.code())
}

#[test]
fn only_what_a_condition_holds_for_is_written() {
    for (condition, ids, said) in [
        (r#"verb == "get""#, &["1", "4"][..], "2 of 5 records selected"),
        (r#"action == "create""#, &["2"], "1 of 5 records selected"),
        (r#"stage == "Panic""#, &["3", "4"], "2 of 5 records selected"),
        (r#"verb == "delete""#, &[], "0 of 5 records selected"),
    ] {
        let expected = format!(
            "auditveil: {said}; 1 that could not be read are not among them (`exists auditveil.stub` selects them)\n"
        );
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(selected("some.log", &["--where", condition]), (ids, expected, Some(0)), "{condition}");
    }
    let (stubs, said, _) = selected("stubs.log", &["-w", "exists auditveil.stub"]);
    assert_eq!((stubs.len(), said.as_str()), (1, "auditveil: 1 of 5 records selected\n"));
}

#[test]
fn what_is_hidden_cannot_be_probed() {
    for value in ["aHVudGVyMg==", "aHVu", "[REDACTED]", ""] {
        for operator in ["==", "!=", "startsWith", "contains", "matches"] {
            for not in ["", "not "] {
                let condition = format!(r#"{not}responseObject.data.p {operator} "{value}""#);
                assert_eq!(selected("hidden.log", &["--where", &condition]).0, [""; 0], "{condition}");
            }
        }
    }
    assert_eq!(selected("there.log", &["--where", "exists responseObject.data.p"]).0, ["1"]);
}

#[test]
fn lists_are_given_beside_the_condition() {
    let arguments = ["--list", "verbs=patch, delete", "--list", "none=", "--where"];
    let with = |condition| selected("lists.log", &[&arguments[..], &[condition]].concat()).0;
    assert_eq!(with("verb in @verbs"), ["2", "3"]);
    assert_eq!(with("verb not in @verbs and verb not in @none"), ["1", "4"]);
}

#[test]
fn what_is_no_condition_is_refused_before_anything_is_read() {
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("select-out.log");
    fs::write(&out, "kept").unwrap();
    let said = "error: expected an operator, found `=`\n --> --where:1:6\n  |\n1 | verb = 'get'\n  |      ^\n  = hint: equality is `==`\n  = note: docs/conditions.md has the language\n";
    let (ids, stderr, code) = selected("no.log", &["-o", out.to_str().unwrap(), "--where", "verb = 'get'"]);
    assert_eq!((ids.len(), stderr.as_str(), code), (0, said, Some(2)));
    assert_eq!(fs::read(&out).unwrap(), b"kept");
    for arguments in
        [&["--list", "a=b"][..], &["--list", "a b=c", "--where", "dry_run"], &["--where", "verb in @a"]]
    {
        assert_eq!(selected("usage.log", arguments).2, Some(2), "{arguments:?}");
    }
}

#[test]
fn detections_are_counted_in_what_is_written() {
    let (ids, said, code) = selected("detect.log", &["--detect", "--where", "not exists auditveil.stub"]);
    assert_eq!(
        (ids, said.as_str(), code),
        (
            vec![],
            "auditveil: 0 of 5 records selected; 1 that could not be read are not among them (`exists auditveil.stub` selects them)\n",
            Some(0)
        )
    );
    let (ids, said, _) = selected("detect.log", &["--detect"]);
    assert_eq!(ids.len(), 1);
    assert_eq!(
        said,
        "auditveil: 1 of 5 records selected\n       1  medium    audit.unreadable  A record could not be read, or not all of it\n"
    );
    let of = |condition| selected("detect.log", &["--where", condition]).0;
    assert_eq!(of(r#"detection != "exec.any" and not exists detection"#), ["1", "2", "3", "4"]);
    assert_eq!(of(r#"verb == "get" and severity != "high""#), ["1", "4"]);
}

/// What is selected is what the filter answers, in its order, on any number of threads.
#[test]
fn answers_are_those_of_the_filter_on_any_number_of_threads() {
    let log = corpus::audit(Server::V1_20).unwrap();
    let path = file("audit.log", &log);
    let condition = r#"objectRef.resource == "secrets" and outcome == "allowed""#;
    let condition_of_core = Condition::compile(condition, &Lists::new()).unwrap();
    let (mut core, mut reader, mut answer, mut expected) =
        (Filter::with_settings(Settings::unconfigured()), Reader::default(), Vec::new(), Vec::new());
    for line in corpus::lines(&log) {
        core.process(line, &mut answer);
        if condition_of_core.holds(&mut reader.read(&answer)) {
            expected.extend_from_slice(&answer);
            expected.push(b'\n');
        }
    }
    for threads in ["1", "3"] {
        let output = filter(&["--threads", threads, "--where", condition, &path]);
        assert!(output.stdout == expected, "{threads} threads");
        assert!(expected.len() > 100_000);
    }
}
