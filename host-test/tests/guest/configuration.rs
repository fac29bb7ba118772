//! The configuration in a folder: which file counts, when it is read, what is said about it.

use std::fs;
use std::path::PathBuf;

use auditveil_core::{Filter, LoadedSettings, Outcome};
use auditveil_host_test::fluent_bit::{EventFormat, FluentBit, Frees};
use auditveil_tests::corpus::{self, Server};
use auditveil_tests::msgpack;

use crate::shared::guest;

const EVENT: &[u8] =
    br#"{"level":"Request","auditID":"a","verb":"get","requestURI":"/x","requestObject":{"kind":"Status"}}"#;

const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  users: [nobody]\n\
                      - level: Metadata\n  verbs: [get]\n- level: Request\n";

/// A folder of its own for each test, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        fs::write(self.0.join(name), content).unwrap();
        self
    }

    fn start(&self) -> FluentBit {
        guest().start_in(Frees::Always, &self.0).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn answer(host: &mut FluentBit) -> String {
    String::from_utf8(host.filter(EventFormat::Json, EVENT).unwrap()).unwrap()
}

#[test]
fn without_a_file_the_default_is_in_force() {
    let folder = Folder::new("no-file");
    let mut host = folder.start();
    assert!(answer(&mut host).contains("requestObject"));
    let said = host.said();
    assert!(said.contains("the default is in force") && said.contains("no-file"), "{said}");
    // Nor without a folder to look in.
    let mut host = guest().start(Frees::Always).unwrap();
    assert!(answer(&mut host).contains("requestObject"));
    assert!(host.said().contains("no folder is accessible"), "{}", host.said());
}

#[test]
fn a_file_is_read_once_and_told_of_once() {
    let folder = Folder::new("once");
    let mut host = folder.put("audit-policy.yaml", POLICY).start();
    let expected = r#"{"level":"Metadata","auditID":"a","verb":"get","requestURI":"/x","auditveil":{"version":"1","action":"get","target":"/x"}}"#;
    assert_eq!(answer(&mut host), expected);
    let said = host.said();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("/once/audit-policy.yaml is in force (sha256 "), "{said}");
    // Changed, broken, gone: what runs goes on as it began.
    for content in ["", "rules: [", POLICY] {
        folder.put("audit-policy.yaml", content);
        assert_eq!(answer(&mut host), expected);
    }
    fs::remove_file(folder.0.join("audit-policy.yaml")).unwrap();
    assert_eq!(answer(&mut host), expected);
    assert_eq!((host.said(), host.open_files()), (said, 0));
}

#[test]
fn what_is_there_and_not_valid_is_the_strictest() {
    let long = [POLICY.as_bytes(), &vec![b'#'; 10_000_000]].concat();
    for (test, name, content, id, complaint) in [
        ("half", "audit-policy.yaml", &POLICY.as_bytes()[..74], "invalid", "audit-policy.yaml: line "),
        (
            "not-utf8",
            "auditveil.yaml",
            b"redact: \xff",
            "invalid",
            "auditveil.yaml: line 1, column 9: expected UTF-8",
        ),
        ("typo", "auditveil.yaml", b"redcat: {}", "invalid", "did you mean `redact`?"),
        ("long", "audit-policy.yaml", &long, "unreadable", "longer than 2 MiB"),
        ("deep", "audit-policy.yaml", &b"[".repeat(500_000), "invalid", "levels of nesting"),
        ("folder", "audit-policy.yaml", b"", "unreadable", "it is a folder"),
    ] {
        let folder = Folder::new(test);
        if test == "folder" {
            fs::create_dir(folder.0.join(name)).unwrap();
        } else {
            folder.put(name, content);
        }
        let mut host = folder.start();
        let expected = format!(
            r#"{{"level":"Metadata","auditID":"a","verb":"get","requestURI":"/x","auditveil":{{"version":"1","configuration":"{id}","action":"get","target":"/x","detections":["audit.configuration"],"severity":"high"}}}}"#
        );
        for _ in 0..3 {
            assert_eq!(answer(&mut host), expected, "{test}: {}", host.said());
        }
        let said = host.said();
        assert!(said.contains(complaint) && said.matches("not valid;").count() == 1, "{test}: {said}");
        assert_eq!(host.open_files(), 0, "{test}");
    }
}

const SIGNED: &str = "redact: {action: hmac, hmac: {key_id: k1, key_file: hmac.key}}\n";
const KEY: &str = "0123456789abcdef0123456789abcdef\n";
const SECRET: &[u8] = br#"{"auditID":"a","verb":"create","objectRef":{"resource":"secrets"},"requestObject":{"data":{"p":"aHVudGVyMg=="},"stringData":{"p":"hunter2"}}}"#;

/// The key stands beside the configuration, and is in neither answers nor messages.
#[test]
fn a_key_is_read_from_beside_the_configuration() {
    let folder = Folder::new("key");
    folder.put("auditveil.yaml", SIGNED).put("hmac.key", KEY);
    let mut host = folder.start();
    let answer = String::from_utf8(host.filter(EventFormat::Json, SECRET).unwrap()).unwrap();
    // printf hunter2 | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
    let digest = "hmac:k1:3920d54ec70f500ee54e1da041d2364a";
    assert_eq!(answer.matches(digest).count(), 2, "{answer}");
    let said = host.said();
    assert!(said.contains("/key/auditveil.yaml is in force"), "{said}");
    assert!(!said.contains("0123456789") && !answer.contains("0123456789"), "{said}{answer}");
    // Gone or changed: what runs goes on as it began.
    folder.put("hmac.key", "x");
    assert!(String::from_utf8(host.filter(EventFormat::Json, SECRET).unwrap()).unwrap().contains(digest));
    assert_eq!((host.said(), host.open_files()), (said, 0));
}

#[test]
fn without_its_key_a_configuration_is_not_valid() {
    for (test, key, complaint) in [
        ("key-absent", None, "hmac.key: there is no such file"),
        ("key-short", Some("hunter2\n"), "a key has at least 32 bytes"),
        ("key-empty", Some(""), "a key has at least 32 bytes"),
        ("key-folder", None, "hmac.key: it is a folder"),
        ("key-outside", Some(KEY), "only files in "),
        ("key-above", Some(KEY), "hmac.key: "),
    ] {
        let folder = Folder::new(test);
        let text = match test {
            "key-outside" => SIGNED.replace("hmac.key", "/etc/hmac.key"),
            "key-above" => SIGNED.replace("hmac.key", "../key-outside/hmac.key"),
            _ => SIGNED.to_owned(),
        };
        folder.put("auditveil.yaml", text);
        match key {
            Some(key) => drop(folder.put("hmac.key", key)),
            None if test == "key-folder" => fs::create_dir(folder.0.join("hmac.key")).unwrap(),
            None => {}
        }
        let mut host = folder.start();
        let answer = String::from_utf8(host.filter(EventFormat::Json, SECRET).unwrap()).unwrap();
        let said = host.said();
        assert!(said.contains(complaint) && said.contains("auditveil.yaml: line 1"), "{test}: {said}");
        assert!(!said.contains("hunter2") && !said.contains("0123456789"), "{test}: {said}");
        assert!(answer.contains(r#""configuration":"invalid""#), "{test}: {answer}");
        assert!(!answer.contains("requestObject"), "{test}: {answer}");
        assert_eq!(host.open_files(), 0, "{test}");
    }
}

/// A whole log under each action: the guest says what the native core says, in constant memory.
#[test]
fn a_log_under_actions_is_as_in_the_native_core() {
    let classes = "  classes: {uri: auto, error_text: auto, content: auto}\n";
    for (test, text) in [
        ("log-remove", format!("redact:\n  action: remove\n{classes}")),
        (
            "log-hmac",
            format!(
                "redact:\n  action: hmac\n  hmac: {{key_id: k1, key_file: hmac.key, per_namespace: true}}\n{classes}"
            ),
        ),
    ] {
        let folder = Folder::new(test);
        folder.put("auditveil.yaml", &text).put("hmac.key", KEY);
        let mut host = folder.start();
        let key = |_: &str| Ok(KEY.as_bytes().to_vec());
        let loaded = LoadedSettings::from_files_with_key(Some(text.as_bytes()), None, key).unwrap();
        let mut native = Filter::with_settings(loaded.settings);
        let log = corpus::audit(Server::V1_36).unwrap();
        let (mut warm, mut acted) = (0, 0);
        for turn in 0..2 {
            for line in corpus::lines(&log) {
                for record in [line.to_vec(), msgpack::log_record(line)] {
                    let mut expected = Vec::new();
                    native.process(&record, &mut expected);
                    acted += usize::from(expected.windows(11).any(|part| part == br#""actions":{"#));
                    let answer = host.filter(EventFormat::of(&record), &record).unwrap();
                    assert!(answer == expected, "{test}: {}", String::from_utf8_lossy(line));
                }
            }
            if turn == 0 {
                warm = host.memory_bytes();
            }
        }
        assert_eq!(host.memory_bytes(), warm, "{test}");
        assert!(acted > 100, "{test}: {acted}");
    }
}

/// Without memory for the configuration no record passes as it is, and none is lost.
#[test]
fn without_memory_for_it_nothing_passes_as_it_is() {
    let folder = Folder::new("memory");
    let rules = "- level: Request\n  users: [someone@example.com, someone-else@example.com]\n".repeat(2000);
    folder.put("audit-policy.yaml", format!("apiVersion: audit.k8s.io/v1\nrules:\n{rules}"));
    let (initial, needed) = {
        let mut host = folder.start();
        let initial = host.memory_bytes();
        assert!(answer(&mut host).contains(r#""level":"Metadata""#));
        assert!(host.said().contains("is in force"), "{}", host.said());
        (initial, host.memory_bytes())
    };
    println!("{initial} bytes at first, {needed} with 2,000 rules");
    let mut failed = 0;
    for limit in (initial + 65_536..needed).step_by(4 * 65_536) {
        let mut host = folder.start();
        host.limit_memory(limit);
        let first = answer(&mut host);
        assert!(!first.contains("requestObject"), "{limit}: {first}");
        if !host.said().contains("is in force") {
            failed += 1;
            let strict = first.contains(r#""configuration":"unreadable""#) || first.contains("out_of_memory");
            assert!(strict, "{limit}: {first}\n{}", host.said());
        }
    }
    assert!(failed > 0, "it always fitted");
}

/// A whole log under a policy: the guest says what the native core says, in constant memory.
#[test]
fn a_log_under_a_policy_is_as_in_the_native_core() {
    let policy = "apiVersion: audit.k8s.io/v1\nomitStages: [RequestReceived]\nomitManagedFields: true\nrules:\n\
                  - {level: None, verbs: [watch]}\n\
                  - {level: Metadata, resources: [{group: '', resources: [secrets, configmaps]}]}\n\
                  - {level: Request, verbs: [create, update, patch]}\n\
                  - {level: RequestResponse, verbs: [list]}\n";
    let folder = Folder::new("log");
    let mut host = folder.put("audit-policy.yaml", policy).start();
    let settings = LoadedSettings::from_files(None, Some(policy.as_bytes())).unwrap().settings;
    let mut native = Filter::with_settings(settings);
    let (mut dropped, mut kept) = (0, 0);
    let log = corpus::audit(Server::V1_36).unwrap();
    let mut warm = 0;
    for turn in 0..2 {
        for line in corpus::lines(&log) {
            for record in [line.to_vec(), msgpack::log_record(line)] {
                let mut expected = Vec::new();
                let format = EventFormat::of(&record);
                match (native.process(&record, &mut expected), format) {
                    (Outcome::Dropped, EventFormat::Msgpack) => {
                        expected.push(0x80);
                        dropped += 1;
                    }
                    (Outcome::Dropped, EventFormat::Json) => dropped += 1,
                    _ => kept += 1,
                }
                assert!(
                    host.filter(format, &record).unwrap() == expected,
                    "{}",
                    String::from_utf8_lossy(line)
                );
            }
        }
        if turn == 0 {
            warm = host.memory_bytes();
        }
    }
    assert_eq!(host.memory_bytes(), warm);
    assert!(dropped > 100 && kept > 100, "{dropped} dropped, {kept} kept");
}
