//! `auditveil filter --threads`: the same bytes, messages and exit codes with any number of threads.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use auditveil_tests::corpus::{self, Server};
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const EVENT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"7f0a","stage":"ResponseComplete","requestURI":"/api/v1/namespaces","verb":"list"}"#;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_auditveil"));
    command.arg("filter").args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(arguments: &[&str], input: &[u8]) -> io::Result<Output> {
    let mut child = command(arguments).spawn()?;
    let stdin = child.stdin.take();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(&input)));
    let output = child.wait_with_output();
    let _ = writer.join();
    output
}

/// Every log of the repository, with what is no event, lists and huge lines in between: more than threads wait for.
fn log() -> Vec<u8> {
    let mut log = corpus::traffic().unwrap();
    for server in Server::ALL {
        log.extend(corpus::audit(server).unwrap());
        for (_, list) in corpus::event_lists(server).unwrap() {
            log.extend([&b"no event\n\n"[..], list.trim_ascii(), b"\n"].concat());
        }
    }
    log.extend(format!("{{\"kind\":\"Event\",\"requestURI\":\"{}\"}}\n", "x".repeat(3 << 20)).bytes());
    log.extend(EVENT.bytes());
    log
}

fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    path
}

#[test]
fn any_number_of_threads_writes_the_same() {
    let log = log();
    assert!(log.len() > 9 << 20, "{} bytes are too few for threads to start by themselves", log.len());
    let path = file("threads.log", &log);
    let path = path.to_string_lossy();
    let one = run(&["--threads", "1"], &log).unwrap();
    assert_eq!(one.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&one.stderr).contains("records became stubs"));
    for threads in [&[][..], &["--threads", "2"], &["-t", "3"], &["--threads=17"]] {
        for (input, from_file) in [(&log[..], &[][..]), (b"", &[&*path])] {
            let output = run(&[threads, from_file].concat(), input).unwrap();
            assert!(output.stdout == one.stdout, "{threads:?}, {from_file:?}: not the same bytes");
            assert_eq!(output.stderr, one.stderr, "{threads:?}");
            assert_eq!(output.status.code(), Some(0), "{threads:?}");
        }
    }
    let twice = run(&["-t", "3", &path, "/nonexistent", "-"], &log).unwrap();
    assert!(
        twice.stdout == [&one.stdout[..], &one.stdout].concat(),
        "two inputs are not one after the other"
    );
    assert_eq!(twice.status.code(), Some(1));
    let _ = fs::remove_file(&*path);
}

#[test]
fn none_is_no_number_of_threads() {
    assert_eq!(run(&["--threads", "0"], b"").unwrap().status.code(), Some(2));
}

fn threaded() -> Child {
    command(&["--threads", "3"]).spawn().unwrap()
}

#[test]
fn answers_do_not_wait_for_the_next_record() {
    let mut child = threaded();
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let expected = run(&[], EVENT.as_bytes()).unwrap().stdout;
    for _ in 0..7 {
        stdin.write_all(format!("{EVENT}\n").as_bytes()).unwrap();
        let mut answer = vec![0; expected.len()];
        // Standard input stays open: if the answer were held back, this would wait for ever.
        stdout.read_exact(&mut answer).unwrap();
        assert_eq!(answer, expected);
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly_even_while_it_waits_for_more() {
    let mut child = threaded();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(format!("{EVENT}\n").as_bytes()).unwrap();
    // Standard input stays open.
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "");
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_is_full_is_a_failure() {
    let output =
        run(&["--threads", "3", "-o", "/dev/full"], format!("{EVENT}\n").repeat(9000).as_bytes()).unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("auditveil: cannot write `/dev/full`"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}
