//! The built command as a user meets it: what it reads, writes, says, and ends with.
//!
//! Why the file is long: one test for each thing that a user may type, and they share what starts the command.

use auditveil_core::{Filter, Settings, list};
use auditveil_tests::corpus::{self, Server};
use auditveil_tests::{Expected, Input, json, load, plain_dir, well_formed};
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

const EVENT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"7f0a","stage":"ResponseComplete","requestURI":"/api/v1/namespaces","verb":"list"}"#;

/// A folder of its own for each test, gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str) -> io::Result<Self> {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir)?;
        Ok(Scratch(dir))
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> io::Result<String> {
        let path = self.0.join(name);
        fs::write(&path, content)?;
        Ok(path.to_string_lossy().into_owned())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn start(arguments: &[&str]) -> io::Result<Child> {
    Command::new(env!("CARGO_BIN_EXE_auditveil"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

/// Runs the command with `input` on standard input.
fn run(arguments: &[&str], input: &[u8]) -> io::Result<Output> {
    let mut child = start(arguments)?;
    let stdin = child.stdin.take();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // The command may end without reading: that is for the caller to judge.
        let _ = stdin.map(|mut stdin| stdin.write_all(&input));
    });
    let output = child.wait_with_output();
    let _ = writer.join();
    output
}

/// What the core answers to each record, one a line.
fn answers(records: &[&[u8]]) -> Vec<u8> {
    answers_of(Settings::unconfigured(), records)
}

fn answers_of(settings: Settings, records: &[&[u8]]) -> Vec<u8> {
    let (mut filter, mut answer, mut all) = (Filter::with_settings(settings), Vec::new(), Vec::new());
    for record in records {
        filter.process(record, &mut answer);
        all.extend_from_slice(&answer);
        all.push(b'\n');
    }
    all
}

#[track_caller]
fn assert_output(output: &Output, code: i32, stdout: &[u8], stderr: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert_eq!(said, stderr);
    assert!(
        output.stdout == stdout,
        "expected {}\nfound {}",
        String::from_utf8_lossy(stdout).chars().take(500).collect::<String>(),
        String::from_utf8_lossy(&output.stdout).chars().take(500).collect::<String>(),
    );
}

/// What the command says when some records became stubs.
fn stubs(stubs: usize, records: usize) -> String {
    let hint = if stubs == records {
        "one event a line is expected (`jq -c .` puts it on one)"
    } else {
        "`auditveil.stub` in each says why"
    };
    format!("auditveil: {stubs} of {records} records became stubs; {hint}\n")
}

#[test]
fn standard_input_to_standard_output() {
    let input = format!("{EVENT}\n{EVENT}\n");
    let expected = answers(&[EVENT.as_bytes(), EVENT.as_bytes()]);
    for arguments in [&["filter"][..], &["filter", "-"], &["filter", "-o", "-"]] {
        assert_output(&run(arguments, input.as_bytes()).unwrap(), 0, &expected, "");
    }
}

#[test]
fn nothing_in_nothing_out() {
    assert_output(&run(&["filter"], b"").unwrap(), 0, b"", "");
}

#[test]
fn files_in_order_with_standard_input_between() {
    let scratch = Scratch::new("files").unwrap();
    let (one, two, three) =
        (EVENT.replace("7f0a", "1"), EVENT.replace("7f0a", "2"), EVENT.replace("7f0a", "3"));
    let first = scratch.file("first.log", format!("{one}\n")).unwrap();
    let last = scratch.file("last.log", &three).unwrap();
    let output = run(&["filter", &first, "-", &last], two.as_bytes()).unwrap();
    assert_output(&output, 0, &answers(&[one.as_bytes(), two.as_bytes(), three.as_bytes()]), "");
}

#[test]
fn line_ends_of_every_kind() {
    let expected = answers(&[EVENT.as_bytes(), EVENT.as_bytes()]);
    for input in [
        format!("{EVENT}\n{EVENT}"),
        format!("{EVENT}\r\n{EVENT}\r\n"),
        format!("{EVENT}\r\n{EVENT}\r"),
        format!("\u{feff}{EVENT}\r\n\u{feff}{EVENT}\n"),
        format!("\n\r\n{EVENT}\n \t\n{EVENT}\n\n\n"),
    ] {
        assert_output(&run(&["filter"], input.as_bytes()).unwrap(), 0, &expected, "");
    }
}

#[test]
fn output_file() {
    let scratch = Scratch::new("output-file").unwrap();
    let input = scratch.file("audit.log", EVENT).unwrap();
    let output =
        scratch.file("clean.log", "what was there before, and longer than the answer".repeat(100)).unwrap();
    assert_output(&run(&["filter", "-o", &output, &input], b"").unwrap(), 0, b"", "");
    assert_eq!(fs::read(&output).unwrap(), answers(&[EVENT.as_bytes()]));
}

#[test]
fn output_file_that_is_the_input() {
    let scratch = Scratch::new("same-file").unwrap();
    let input = scratch.file("audit.log", EVENT).unwrap();
    let roundabout = scratch.0.join(".").join("audit.log").to_string_lossy().into_owned();
    let message =
        format!("auditveil: `{input}` is input and output at once; write to another file, then rename it\n");
    assert_output(&run(&["filter", "-o", &roundabout, &input], b"").unwrap(), 2, b"", &message);
    assert_eq!(fs::read(&input).unwrap(), EVENT.as_bytes(), "the input is as it was");
}

#[test]
fn output_that_cannot_be_created() {
    let scratch = Scratch::new("no-output").unwrap();
    let path = scratch.0.join("absent").join("clean.log").to_string_lossy().into_owned();
    let message = format!("auditveil: cannot write `{path}`: no such file or directory; check the path\n");
    assert_output(&run(&["filter", "-o", &path], EVENT.as_bytes()).unwrap(), 1, b"", &message);
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_is_full() {
    let message = "auditveil: cannot write `/dev/full`: No space left on device (os error 28)\n";
    assert_output(&run(&["filter", "-o", "/dev/full"], EVENT.as_bytes()).unwrap(), 1, b"", message);
}

#[test]
fn missing_file_is_named_and_the_others_are_filtered() {
    let scratch = Scratch::new("missing").unwrap();
    let there = scratch.file("audit.log", EVENT).unwrap();
    let missing = scratch.0.join("audti.log").to_string_lossy().into_owned();
    let message = format!("auditveil: cannot read `{missing}`: no such file or directory; check the path\n");
    let output = run(&["filter", &missing, &there], b"").unwrap();
    assert_output(&output, 1, &answers(&[EVENT.as_bytes()]), &message);
}

#[cfg(unix)]
#[test]
fn directory_is_named() {
    let scratch = Scratch::new("directory").unwrap();
    let path = scratch.0.to_string_lossy().into_owned();
    let message = format!("auditveil: cannot read `{path}`: is a directory; name the files in it\n");
    assert_output(&run(&["filter", &path], b"").unwrap(), 1, b"", &message);
}

#[test]
fn compressed_input_is_recognised() {
    let scratch = Scratch::new("packed").unwrap();
    for (name, bytes, said) in [
        (
            "audit.log.gz",
            &b"\x1f\x8b\x08\0\0\0"[..],
            "gzip-compressed; unpack it first: `zcat … | auditveil filter`",
        ),
        ("audit.log.xz", b"\xfd7zXZ\0\0\x04", "xz-compressed; unpack it first: `xzcat … | auditveil filter`"),
        (
            "audit.log.zst",
            b"\x28\xb5\x2f\xfd\x04",
            "zstd-compressed; unpack it first: `zstdcat … | auditveil filter`",
        ),
    ] {
        let path = scratch.file(name, bytes).unwrap();
        let output = run(&["filter", &path], b"").unwrap();
        assert_output(&output, 1, b"", &format!("auditveil: `{path}` is {said}\n"));
        let output = run(&["filter"], bytes).unwrap();
        assert_output(&output, 1, b"", &format!("auditveil: standard input is {said}\n"));
    }
}

#[test]
fn what_is_no_event_becomes_a_stub_and_is_not_quoted() {
    let secret = "FAKE-hunter2-in-a-broken-line";
    for line in [
        secret.as_bytes().to_vec(),
        format!("[{{\"password\":\"{secret}\"}}]").into_bytes(),
        format!("\u{1f}\u{8}{secret}").into_bytes(),
        // First bytes that mean a msgpack map, an array, UTF-8 that is no ASCII, UTF-16.
        [b"\x81\xa3log\xbd", secret.as_bytes()].concat(),
        [b"\xde\x00\x01\xa3log\xbd", secret.as_bytes()].concat(),
        [b"\x91", secret.as_bytes()].concat(),
        format!("é{secret}").into_bytes(),
        [b"\xff\xfe", secret.as_bytes()].concat(),
    ] {
        let input = [EVENT.as_bytes(), b"\n", &line, b"\n", EVENT.as_bytes(), b"\n"].concat();
        let output = run(&["filter"], &input).unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said, stubs(1, 3), "{}", line.escape_ascii());
        assert_eq!(output.status.code(), Some(0));
        let lines: Vec<&[u8]> = output.stdout.split(|byte| *byte == b'\n').collect();
        assert_eq!(lines.len(), 4, "three lines, each ended: {}", line.escape_ascii());
        let stub = well_formed(lines[1]).unwrap();
        assert!(stub.contains(r#""kind":"Event""#) && stub.contains(r#""stub":"#), "{stub}");
        assert!(!stub.contains(secret), "{stub}");
        assert_eq!([lines[0], b"\n"].concat(), answers(&[EVENT.as_bytes()]));
        assert_eq!(lines[2], lines[0]);
    }
}

#[test]
fn pretty_printed_input_gets_a_hint() {
    let output = run(&["filter"], b"kind: Event\nverb: get\n").unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), stubs(2, 2));
    assert_eq!(output.stdout.iter().filter(|byte| **byte == b'\n').count(), 2);
}

#[test]
fn huge_line() {
    let padding = "x".repeat(8 * 1024 * 1024);
    let huge = EVENT.replace("/api/v1/namespaces", &format!("/api/v1/namespaces?{padding}"));
    let input = format!("{EVENT}\n{huge}\n{EVENT}");
    let expected = answers(&[EVENT.as_bytes(), huge.as_bytes(), EVENT.as_bytes()]);
    assert_output(&run(&["filter"], input.as_bytes()).unwrap(), 0, &expected, "");
}

#[test]
fn line_beyond_the_limit_becomes_a_stub_and_the_next_is_whole() {
    let scratch = Scratch::new("beyond").unwrap();
    let mut input = EVENT.as_bytes().to_vec();
    input.extend(b"\n{\"kind\":\"Event\",\"requestURI\":\"");
    input.resize(input.len() + 66 * 1024 * 1024, b'x');
    input.extend(b"\"}\n");
    input.extend(EVENT.as_bytes());
    let path = scratch.file("audit.log", &input).unwrap();
    let output = run(&["filter", &path], b"").unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), stubs(1, 3));
    let lines: Vec<&[u8]> = output.stdout.split(|byte| *byte == b'\n').collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[1].len() < 1000, "a stub is short");
    assert!(well_formed(lines[1]).unwrap().contains(r#""stub":"#));
    assert_eq!(lines[2], lines[0]);
}

#[test]
fn reader_that_goes_away() {
    let mut child = start(&["filter"]).unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    let many = format!("{EVENT}\n").repeat(100_000);
    // Fails too, once the command has ended: 17 MB do not fit into a pipe.
    let broken = stdin.write_all(many.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(broken.is_err(), "the command read everything although nobody read it");
    assert_output(&output, 0, b"", "");
}

#[test]
fn answers_do_not_wait_for_the_next_record() {
    let mut child = start(&["filter"]).unwrap();
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    for _ in 0..3 {
        stdin.write_all(format!("{EVENT}\n").as_bytes()).unwrap();
        let mut answer = vec![0; answers(&[EVENT.as_bytes()]).len()];
        // Standard input stays open: if the answer were held back, this would wait for ever.
        stdout.read_exact(&mut answer).unwrap();
        assert_eq!(answer, answers(&[EVENT.as_bytes()]));
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn usage_errors_and_help() {
    for arguments in [&[][..], &["fliter"], &["filter", "--no-such-option"]] {
        let output = run(arguments, b"").unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
    let help = run(&["--help"], b"").unwrap();
    assert_eq!(help.status.code(), Some(0));
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    assert!(help.contains("filter") && help.contains("Exit codes:\n  0  "), "{help}");
    let help = run(&["filter", "--help"], b"").unwrap();
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    assert!(help.contains("--output") && help.contains("Exit codes:\n  0  "), "{help}");
    assert_eq!(run(&["--version"], b"").unwrap().status.code(), Some(0));
}

#[test]
fn lists_become_lines() {
    let (one, two) = (EVENT.replace("7f0a", "1"), EVENT.replace("7f0a", "2"));
    let alone = answers(&[one.as_bytes(), two.as_bytes()]);
    for list in [
        format!(
            r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{{}},"items":[{one},{two}]}}"#
        ),
        format!("{{ \"items\" : [ {one} , {two} ] , \"kind\" : \"EventList\" }}\r"),
        format!("\u{feff} [ {one},{two}]"),
    ] {
        let output = run(&["filter"], format!("{list}\n").as_bytes()).unwrap();
        assert_output(&output, 0, &alone, "");
    }

    // What is no event is a stub of its own, and what is cut is what a cut line is.
    let cut = r#"{"kind":"Event","auditID":"3","verb":"get","requestObject":{"a":"FAKE"#;
    let list = format!("[{one},7,é,{cut}");
    let expected = answers(&[one.as_bytes(), b"7", " é".as_bytes(), cut.as_bytes()]);
    assert_output(&run(&["filter"], list.as_bytes()).unwrap(), 0, &expected, &stubs(2, 4));

    // A list without items says something too.
    let empty = r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[]}"#;
    assert_output(&run(&["filter"], empty.as_bytes()).unwrap(), 0, &answers(&[empty.as_bytes()]), "");
}

#[test]
fn lists_of_real_servers_become_lines() {
    for server in Server::ALL {
        for (name, list) in corpus::event_lists(server).unwrap() {
            let text = std::str::from_utf8(&list).unwrap().trim();
            let members = json::members(text).unwrap();
            let events = json::items(json::member(&members, "items").unwrap()).unwrap();
            assert!(!events.is_empty(), "{name}");
            let events: Vec<&[u8]> = events.into_iter().map(str::as_bytes).collect();
            assert_output(&run(&["filter"], text.as_bytes()).unwrap(), 0, &answers(&events), "");
        }
    }
}

#[test]
fn the_policy_is_asked_about_each_event_of_a_list() {
    let scratch = Scratch::new("list-policy").unwrap();
    let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- {level: None, verbs: [list]}\n- level: Metadata\n";
    let policy = scratch.file("audit-policy.yaml", policy).unwrap();
    let kept = EVENT.replace("\"verb\":\"list\"", "\"verb\":\"create\"");
    let list = format!("[{EVENT},{kept},{EVENT}]");
    let output = run(&["filter", "-c", &policy], list.as_bytes()).unwrap();
    assert_output(&output, 0, &answers(&[kept.as_bytes()]), "");
}

/// Every case that is one line of text, in one run of the command.
#[test]
fn every_case_as_a_line() {
    let (mut input, mut expected, mut names, mut lists) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for case in load().unwrap() {
        let (Input::Text(line), Some(answer)) = (&case.input, &case.expected) else { continue };
        let one_line = !line.contains(&b'\n') && !line.ends_with(b"\r") && !line.trim_ascii().is_empty();
        // A line that begins like msgpack is a text to the command, and has a test above. Those with a
        // configuration have a test of their own.
        if case.configuration_dir != plain_dir()
            || !one_line
            || line.first().is_some_and(|first| *first >= 0x80)
        {
            continue;
        }
        input.extend_from_slice(line);
        input.push(b'\n');
        if let Some(events) = list::items(line) {
            lists += 1;
            let events: Vec<&[u8]> = events.collect();
            // What cases without a configuration have adds nothing to events.
            let events = answers_of(Settings::new(), &events);
            for answer in events.split(|byte| *byte == b'\n').filter(|answer| !answer.is_empty()) {
                expected.push(answer.to_vec());
                names.push(case.name.clone());
            }
        } else if let Expected::Answer(answer) = answer {
            expected.push(answer.clone());
            names.push(case.name);
        }
    }
    assert!(lists > 20, "only {lists} cases are lists");
    let plain = plain_dir().join("auditveil.yaml");
    let output = run(&["filter", "-c", &plain.to_string_lossy()], &input).unwrap();
    assert_eq!(output.status.code(), Some(0));
    let mut lines = output.stdout.split(|byte| *byte == b'\n');
    for (name, expected) in names.iter().zip(&expected) {
        assert!(lines.next() == Some(expected.as_slice()), "{name}");
    }
    assert_eq!(lines.collect::<Vec<_>>(), [b""], "nothing behind the last answer");
}

/// Every case with a configuration, given as its one file.
#[test]
fn every_case_with_its_configuration() {
    let mut refused = 0;
    for case in load().unwrap() {
        let (Input::Text(line), Some(expected)) = (&case.input, &case.expected) else { continue };
        // The command takes one file; a guest's folder may hold both.
        let [(file, _)] = case.configuration.as_slice() else { continue };
        if list::items(line).is_some() || case.configuration_dir == plain_dir() {
            continue;
        }
        let path = case.configuration_dir.join(file);
        let output = run(&["filter", "--config", &path.to_string_lossy()], line).unwrap();
        if output.status.code() == Some(3) {
            // A shipper goes on with the strictest; who runs the command is there to mend the file.
            assert!(output.stdout.is_empty() && case.name.contains("/invalid-"), "{}", case.name);
            assert!(!output.stderr.is_empty(), "{}", case.name);
            refused += 1;
            continue;
        }
        assert_eq!(output.status.code(), Some(0), "{}", case.name);
        let answer = output.stdout.strip_suffix(b"\n").unwrap_or_default();
        match expected {
            Expected::Answer(expected) => assert!(answer == expected.as_slice(), "{}", case.name),
            Expected::Dropped => assert_eq!(output.stdout, b"", "{}", case.name),
        }
    }
    assert!(refused > 0);
}

const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

/// The command reads what a module in Fluent Bit would not, and says so.
#[test]
fn check_warns_of_a_file_that_no_module_reads() {
    let scratch = Scratch::new("long").unwrap();
    let fits =
        scratch.file("fits.yaml", format!("{POLICY}{}\n", "#".repeat((2 << 20) - POLICY.len() - 1))).unwrap();
    let long = scratch.file("long.yaml", format!("{POLICY}{}\n", "#".repeat(2 << 20))).unwrap();
    assert_eq!(std::fs::metadata(&fits).unwrap().len(), 2 << 20);
    let output = run(&["check", "--strict", &fits], b"").unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
    for (arguments, code) in [(vec!["check", &long], 0), (vec!["check", "--strict", &long], 3)] {
        let output = run(&arguments, b"").unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains("long.yaml") && said.contains("longer than 2 MiB"), "{said}");
    }
}

#[test]
fn check_tells_what_files_are_and_ends_as_a_pipeline_wants() {
    let scratch = Scratch::new("check").unwrap();
    let valid = scratch.file("valid.yaml", POLICY).unwrap();
    let typo = scratch.file("typo.yaml", format!("{POLICY}  verb: [get]\n")).unwrap();
    let wrong = scratch.file("wrong.yaml", POLICY.replace("Metadata", "Metdata")).unwrap();
    let empty = scratch.file("empty.yaml", "").unwrap();
    let binary = scratch.file("binary.yaml", b"\xff\x00\xfe").unwrap();
    let configuration = scratch.file("configuration.yaml", "policy_file: valid.yaml\n").unwrap();
    let indirect = scratch.file("indirect.yaml", "policy_file: wrong.yaml\n").unwrap();
    let absent = scratch.0.join("absent.yaml").to_string_lossy().into_owned();
    let folder = scratch.0.to_string_lossy().into_owned();
    for (arguments, code, stdout, stderr) in [
        (vec![&valid], 0, vec!["valid.yaml: valid: an audit policy, 1 rule\n"], vec![]),
        (vec![&configuration], 0, vec!["valid: a configuration, 1 rule\n"], vec![]),
        (vec![&empty], 0, vec!["valid: a configuration, no policy\n"], vec![]),
        (
            vec![&typo],
            0,
            vec!["valid: an audit policy, 1 rule, 1 warning\n"],
            vec![
                "warning: rules[0]: unknown key `verb`",
                "typo.yaml:5:3",
                "\n5 |   verb: [get]\n",
                " |   ^^^^\n",
                "did you mean `verbs`?",
            ],
        ),
        (
            vec![&wrong],
            3,
            vec!["wrong.yaml: not valid\n"],
            vec!["error: rules[0].level:", "wrong.yaml:4:10", "`Metadata`"],
        ),
        (vec![&indirect], 3, vec!["indirect.yaml: not valid\n"], vec!["wrong.yaml:4:10"]),
        (vec![&binary], 3, vec!["not valid\n"], vec!["expected UTF-8 text"]),
        (vec![&absent], 1, vec!["absent.yaml: not valid\n"], vec!["no such file or directory"]),
        (vec![&folder], 1, vec!["not valid\n"], vec!["directory"]),
        (
            vec![&absent, &wrong, &valid],
            3,
            vec!["absent.yaml: not valid\n", "wrong.yaml: not valid\n", "valid.yaml: valid"],
            vec!["no such file", "Metdata"],
        ),
        (vec![&wrong, &absent], 3, vec![], vec!["no such file", "Metdata"]),
    ] {
        let mut all = vec!["check"];
        all.extend(arguments.iter().map(|argument| argument.as_str()));
        let output = run(&all, b"").unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{all:?}\n{out}{err}");
        for expected in stdout {
            assert!(out.contains(expected), "{all:?}: {expected}\n{out}");
        }
        assert_eq!(err.is_empty(), stderr.is_empty(), "{all:?}: {err}");
        for expected in stderr {
            assert!(err.contains(expected), "{all:?}: {expected}\n{err}");
        }
    }
    let output = run(&["check", "--strict", &typo], b"").unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).contains("refused for its warnings"));
    assert_eq!(run(&["check", "--strict", &valid], b"").unwrap().status.code(), Some(0));
    assert_eq!(run(&["check", "-"], POLICY.as_bytes()).unwrap().status.code(), Some(0));
    assert_eq!(run(&["check"], b"").unwrap().status.code(), Some(2));
}

#[test]
fn a_configuration_that_is_refused_reads_no_record() {
    let scratch = Scratch::new("refused").unwrap();
    let wrong = scratch.file("wrong.yaml", "redcat: {}\n").unwrap();
    let fixed = scratch.file("fixed.yaml", "enrich: {key: veil}\n").unwrap();
    let keyless =
        scratch.file("keyless.yaml", "redact: {hmac: {key_id: k1, key_file: absent.key}}\n").unwrap();
    let weak = scratch.file("weak.yaml", "redact: {hmac: {key_id: k1, key_file: weak.key}}\n").unwrap();
    scratch.file("weak.key", "hunter2-hunter2\n").unwrap();
    let absent = scratch.0.join("absent.yaml").to_string_lossy().into_owned();
    for (file, code, complaint) in [
        (&wrong, 3, "did you mean `redact`?"),
        (&fixed, 3, "enrich.key: expected `auditveil`"),
        (&keyless, 3, "absent.key: no such file"),
        (&weak, 3, "a key has at least 32 bytes"),
        (&absent, 1, "no such file"),
    ] {
        let output = run(&["filter", "-c", file], EVENT.as_bytes()).unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(code), &b""[..]), "{said}");
        assert!(said.contains(complaint) && !said.contains("hunter2"), "{said}");
    }
    assert_eq!(run(&["filter", "-c", "-"], EVENT.as_bytes()).unwrap().status.code(), Some(2));
}

/// A key stands beside the configuration that names it. Where configurations are checked there is none.
#[test]
fn a_key_is_read_from_beside_the_configuration() {
    let scratch = Scratch::new("key").unwrap();
    let text = "redact: {action: hmac, hmac: {key_id: k1, key_file: hmac.key}}\n";
    let configuration = scratch.file("auditveil.yaml", text).unwrap();
    let output = run(&["check", &configuration], b"").unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("warning: redact.hmac.key_file: expected a file with the key:"), "{said}");
    assert!(said.contains("auditveil.yaml:1:53"), "{said}");
    assert_eq!(run(&["check", "--strict", &configuration], b"").unwrap().status.code(), Some(3));

    scratch.file("hmac.key", "0123456789abcdef0123456789abcdef\n").unwrap();
    assert_eq!(run(&["check", "--strict", &configuration], b"").unwrap().status.code(), Some(0));
    let event = r#"{"auditID":"a","verb":"create","objectRef":{"resource":"secrets"},"requestObject":{"data":{"p":"aHVudGVyMg=="}}}"#;
    let output = run(&["filter", "-c", &configuration], event.as_bytes()).unwrap();
    let (answer, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!((output.status.code(), said.as_ref()), (Some(0), ""));
    // printf hunter2 | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
    assert!(answer.contains(r#""data":{"p":"hmac:k1:3920d54ec70f500ee54e1da041d2364a"}"#), "{answer}");
    assert!(!answer.contains("0123456789abcdef"), "{answer}");
}

/// What Kubernetes warns of is said, and the records are filtered.
#[test]
fn a_policy_with_warnings_is_used_and_told_of() {
    let scratch = Scratch::new("warned").unwrap();
    let typo =
        scratch.file("typo.yaml", "apiVersion: audit.k8s.io/v1\nrules:\n- level: None\n  verb: [watch]\n");
    let output = run(&["filter", "-c", &typo.unwrap()], EVENT.as_bytes()).unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), &b""[..]));
    assert!(String::from_utf8_lossy(&output.stderr).contains("warning: rules[0]: unknown key `verb`"));
}

/// A name with control characters, and what a terminal is to see of it.
const HOSTILE_NAME: (&str, &str) = ("a\u{1b}[31m\n\u{202e}.yaml", "a\\u{1b}[31m\\u{a}\\u{202e}.yaml");

#[test]
fn names_of_files_are_shown_without_control_characters() -> io::Result<()> {
    let scratch = Scratch::new("names-of-files")?;
    let policy = scratch.file(HOSTILE_NAME.0, "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: x\n")?;
    let missing = format!("{policy}.gone");
    for arguments in [
        vec!["check", &policy],
        vec!["filter", "-c", &policy],
        vec!["filter", &missing],
        vec!["check", &missing],
    ] {
        let output = run(&arguments, b"")?;
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8_lossy(&told);
        assert!(told.contains(HOSTILE_NAME.1), "{arguments:?}: {told:?}");
        assert!(
            !told.contains(|sign: char| (sign.is_control() && sign != '\n') || sign == '\u{202e}'),
            "{arguments:?}: {told:?}"
        );
    }
    Ok(())
}

#[test]
fn nothing_of_a_record_is_told() -> io::Result<()> {
    let scratch = Scratch::new("nothing-of-a-record")?;
    let secret = r#"{"data":{"p":"FAKE-hunter2"},"kind":"Secret","apiVersion":"v1"}"#;
    let event = format!(
        r#"{{"requestURI":"/x?token=FAKE-hunter2","kind":"Event","auditID":"FAKE-hunter2","requestObject":{secret},"verb":"\u001b"}}"#
    );
    let cut = event.get(..event.len() / 2).unwrap_or_default();
    for (name, content) in [
        ("secret.json", secret),
        ("secret.yaml", "stringData:\n  p: FAKE-hunter2\nkind: Secret\n"),
        ("flow.yaml", "{stringData: {p: FAKE-hunter2}, kind: Secret}\n"),
        ("event.json", &event),
        ("cut.json", cut),
        ("configuration.yaml", "redact: {hmac: {key: FAKE-hunter2}}\n"),
        // Broken where the value is, and with the value in a line of its own.
        ("lines.json", "{\"kind\":\"Secret\",\n \"data\": {\"p\": \"FAKE-hunter2\"}, \"data\": 1}\n"),
        ("alias.yaml", "kind: Secret\nstringData:\n  p: *FAKE-hunter2\n"),
        ("tag.yaml", "kind: Secret\nstringData: {p: !!int FAKE-hunter2}\n"),
        ("quote.yaml", "stringData:\n  p: \"FAKE-hunter2\n"),
        ("colon.yaml", "data:\n  p: FAKE-hunter2: x\n"),
        ("block.yaml", "stringData:\n  p: |\n    x\n  FAKE-hunter2\n"),
        ("event.yaml", "requestURI: /x\nrequestObject:\n  spec:\n    pin: [FAKE-hunter2\n"),
        // The key itself, in the wrong place.
        ("key-as-id.yaml", "redact: {hmac: {key_id: FAKE-hunter2-3f9a8b7c6d5e4f3a2b1c0d9e, key_file: k}}\n"),
        (
            "key-as-file.yaml",
            "redact:\n  hmac:\n    key_id: k\n    key_file: FAKE-hunter2-3f9a8b7c6d5e4f3a2b1c0d9e\n",
        ),
    ] {
        let file = scratch.file(name, content)?;
        for arguments in [vec!["check", &file], vec!["filter", "-c", &file]] {
            let output = run(&arguments, EVENT.as_bytes())?;
            let of_key = name == "key-as-file.yaml" && arguments.len() == 2;
            assert!(of_key || !output.status.success(), "{arguments:?}");
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(!told.contains("hunter2") && !told.contains('\u{1b}'), "{arguments:?}: {told}");
        }
        let output = run(&["filter", &file], b"")?;
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!told.contains("hunter2"), "{name}: {told}");
    }
    Ok(())
}
