//! `auditveil bake` and `auditveil inspect` as a user meets them.
//!
//! The module is a small one with the real one's interface: what a baked module does is for `host-test` to say.

use auditveil_bake::{Module, digest};
use auditveil_core::Source;
use auditveil_core::baked::UNBAKED;
use serde_json::Value;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

/// A folder of its own for each test, gone with it, and the command run in it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str) -> io::Result<Self> {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("modules").join(test);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir)?;
        let scratch = Scratch(dir);
        scratch.put("auditveil.wasm", &module("malloc")?)?;
        scratch.put("policy.yaml", POLICY.as_bytes())?;
        Ok(scratch)
    }

    fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        fs::write(self.0.join(name), content)
    }

    fn get(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.0.join(name))
    }

    fn run(&self, command: &str, input: &[u8]) -> io::Result<Output> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_auditveil"))
            .args(command.split(' '))
            .current_dir(&self.0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // The command may end without reading.
            let _ = stdin.write_all(input);
        }
        child.wait_with_output()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A module with the interface of the real one, its allocator exported by this name.
fn module(allocator: &str) -> io::Result<Vec<u8>> {
    let data: String = UNBAKED.iter().map(|byte| format!("\\{byte:02x}")).collect();
    wat::parse_str(format!(
        r#"(module
            (memory (export "memory") 1)
            (global (export "auditveil_baked") i32 (i32.const 1024))
            (func (export "auditveil_filter") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 16))
            (func (export "{allocator}") (param i32) (result i32) (i32.const 0))
            (func (export "free") (param i32))
            (data (i32.const 1024) "{data}"))"#
    ))
    .map_err(io::Error::other)
}

fn texts(output: &Output) -> (String, String) {
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn bake_writes_the_module_and_says_what_is_in_it() {
    let scratch = Scratch::new("writes").unwrap();
    let output = scratch.run("bake auditveil.wasm -c policy.yaml -o baked.wasm", b"").unwrap();
    let (told, said) = texts(&output);
    assert_eq!((output.status.code(), said.as_str()), (Some(0), ""));
    let baked = scratch.get("baked.wasm").unwrap();
    let text = Source::Policy.load(POLICY.as_bytes()).unwrap().config.to_text();
    let expected = format!(
        "baked.wasm\n  {} bytes, sha256 {}\n  baked in: the audit policy of `policy.yaml`, 1 rule, sha256 {}\n",
        baked.len(),
        digest(&baked),
        digest(text.as_bytes())
    );
    assert_eq!(told, expected);
    assert_eq!(Module::read(&baked).unwrap().baked.unwrap().text, text.as_bytes());
    assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 3, "something unfinished was left");

    // The same from a configuration that names the policy, to a pipe and from one.
    scratch.put("auditveil.yaml", b"policy_file: policy.yaml\n").unwrap();
    let output = scratch.run("bake auditveil.wasm -c auditveil.yaml -o -", b"").unwrap();
    let (_, said) = texts(&output);
    assert!(output.stdout == baked);
    assert!(said.contains("the configuration of `auditveil.yaml`, 1 rule, sha256"), "{said}");
    let output = scratch.run("bake auditveil.wasm -c - -o -", POLICY.as_bytes()).unwrap();
    assert!(output.stdout == baked);
}

#[test]
fn bake_replaces_what_is_baked_and_files_only_when_asked() {
    let scratch = Scratch::new("replaces").unwrap();
    scratch.put("drop.yaml", b"input: {other: drop}\n").unwrap();
    assert_eq!(
        scratch.run("bake auditveil.wasm -c drop.yaml -o first.wasm", b"").unwrap().status.code(),
        Some(0)
    );
    assert_eq!(
        scratch.run("bake auditveil.wasm -c policy.yaml -o wanted.wasm", b"").unwrap().status.code(),
        Some(0)
    );
    let (first, wanted) = (scratch.get("first.wasm").unwrap(), scratch.get("wanted.wasm").unwrap());

    let output = scratch.run("bake first.wasm -c policy.yaml -o first.wasm", b"").unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(texts(&output).1, "auditveil: `first.wasm` exists; `--force` replaces it\n");
    assert!(scratch.get("first.wasm").unwrap() == first);

    let output = scratch.run("bake first.wasm -c policy.yaml -o first.wasm --force", b"").unwrap();
    let before = Module::read(&first).unwrap().baked.map(|baked| digest(baked.text)).unwrap();
    let (told, _) = texts(&output);
    assert_eq!(output.status.code(), Some(0));
    assert!(told.ends_with(&format!("\n  in place of sha256 {before}\n")), "{told}");
    assert!(scratch.get("first.wasm").unwrap() == wanted);
    assert_eq!(
        scratch.run("bake auditveil.wasm -c policy.yaml -o policy.yaml -f", b"").unwrap().status.code(),
        Some(2)
    );
    assert!(scratch.get("policy.yaml").unwrap() == POLICY.as_bytes());
}

/// A link and the permissions of what it leads to are somebody's choice.
#[cfg(unix)]
#[test]
fn bake_keeps_links_and_permissions() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let scratch = Scratch::new("links").unwrap();
    symlink("auditveil.wasm", scratch.0.join("link.wasm")).unwrap();
    let module = scratch.0.join("auditveil.wasm");
    fs::set_permissions(&module, fs::Permissions::from_mode(0o640)).unwrap();
    let output = scratch.run("bake link.wasm -c policy.yaml -o link.wasm -f", b"").unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", texts(&output).1);
    assert!(scratch.0.join("link.wasm").symlink_metadata().unwrap().is_symlink());
    assert_eq!(fs::metadata(&module).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(Module::read(&fs::read(&module).unwrap()).unwrap().baked.is_some());
}

#[test]
fn bake_refuses_what_would_not_do() {
    let scratch = Scratch::new("refuses").unwrap();
    scratch.put("wrong.yaml", POLICY.replace("Metadata", "Metdata").as_bytes()).unwrap();
    scratch.put("typo.yaml", format!("{POLICY}  verb: [get]\n").as_bytes()).unwrap();
    scratch.put("long.yaml", format!("{POLICY}  users: [\"{}\"]\n", "x".repeat(2 << 20)).as_bytes()).unwrap();
    scratch.put("other.wasm", &wat::parse_str("(module)").unwrap()).unwrap();
    for (arguments, code, complaint) in [
        ("auditveil.wasm -c wrong.yaml", 3, "wrong.yaml:4:10"),
        ("auditveil.wasm -c typo.yaml --strict", 3, "refused for its warnings"),
        ("auditveil.wasm -c long.yaml", 3, "a module reads at most 2097152"),
        ("auditveil.wasm -c absent.yaml", 1, "no such file"),
        ("policy.yaml -c policy.yaml", 3, "not a WebAssembly module"),
        ("other.wasm -c policy.yaml", 3, "but not auditveil's"),
        ("absent.wasm -c policy.yaml", 1, "no such file"),
        (". -c policy.yaml", 1, "is a directory"),
        ("auditveil.wasm", 2, "--config <FILE>"),
    ] {
        let output = scratch.run(&format!("bake {arguments} -o out.wasm"), b"").unwrap();
        let (told, said) = texts(&output);
        assert_eq!((output.status.code(), told.as_str()), (Some(code), ""), "{arguments}: {said}");
        assert!(said.contains(complaint), "{arguments}: {said}");
        assert!(!Path::new(&scratch.0).join("out.wasm").exists(), "{arguments}");
    }
    let output = scratch.run("bake auditveil.wasm -c policy.yaml -o absent/out.wasm", b"").unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(texts(&output).1.contains("cannot write `absent/out.wasm`"));
    // A warning alone is told, and the rest is done.
    let output = scratch.run("bake auditveil.wasm -c typo.yaml -o out.wasm", b"").unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(texts(&output).1.contains("warning: rules[0]: unknown key `verb`"));
}

#[test]
fn inspect_shows_what_a_module_is() {
    let scratch = Scratch::new("inspect").unwrap();
    let output = scratch.run("inspect auditveil.wasm", b"").unwrap();
    let (told, said) = texts(&output);
    assert_eq!((output.status.code(), said.as_str()), (Some(0), ""));
    let plain = scratch.get("auditveil.wasm").unwrap();
    for line in [
        format!("  auditveil {}\n", env!("CARGO_PKG_VERSION")),
        format!("  {} bytes, sha256 {}\n", plain.len(), digest(&plain)),
        "  memory: 64 KiB at first, no maximum\n".to_owned(),
        "    malloc: (i32) -> (i32)\n".to_owned(),
        "baked in: nothing; it looks for auditveil.yaml and audit-policy.yaml".to_owned(),
    ] {
        assert!(told.contains(&line), "{line}: {told}");
    }

    scratch.run("bake auditveil.wasm -c policy.yaml -o baked.wasm", b"").unwrap();
    let (told, _) = texts(&scratch.run("inspect baked.wasm", b"").unwrap());
    let baked = scratch.get("baked.wasm").unwrap();
    let text = String::from_utf8_lossy(Module::read(&baked).unwrap().baked.unwrap().text).into_owned();
    let end = format!("  baked in: {} bytes, sha256 {}\n\n{text}", text.len(), digest(text.as_bytes()));
    assert!(told.ends_with(&end), "{told}");
    // What is shown can be baked again.
    scratch.put("shown.yaml", text.as_bytes()).unwrap();
    assert!(scratch.run("bake auditveil.wasm -c shown.yaml -o -", b"").unwrap().stdout == baked);

    let output = scratch.run("inspect --json baked.wasm", b"").unwrap();
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["sha256"], digest(&baked));
    assert_eq!(value["baked"]["sha256"], digest(text.as_bytes()));
    assert_eq!(value["baked"]["configuration"]["policy"]["rules"][0]["level"], "Metadata");
    assert_eq!(value["fluent_bit"]["runs"], true);
    assert_eq!(value["memory"]["initial_pages"], 2);
}

#[test]
fn inspect_refuses_what_will_not_do_its_work() {
    let scratch = Scratch::new("inspect-refuses").unwrap();
    scratch.run("bake auditveil.wasm -c policy.yaml -o baked.wasm", b"").unwrap();
    let mut damaged = scratch.get("baked.wasm").unwrap();
    let level = damaged.windows(8).position(|window| window == b"Metadata").unwrap();
    damaged[level] = b'm';
    scratch.put("damaged.wasm", &damaged).unwrap();
    scratch.put("allocator.wasm", &module("allocate").unwrap()).unwrap();
    let module = scratch.get("auditveil.wasm").unwrap();
    // What an older command would have called valid.
    let invalid = Module::read(&module).unwrap().bake(r#"{"redcat": {}}"#, None).unwrap();
    scratch.put("invalid.wasm", &invalid).unwrap();
    for (name, complaint) in [
        (
            "damaged.wasm",
            "`damaged.wasm`: what is baked into it is damaged; it keeps every event at level Metadata",
        ),
        ("invalid.wasm", "is not valid: line 1, column 2: unknown key `redcat`"),
        ("allocator.wasm", "expects it to export `malloc` as (i32) -> (i32)"),
    ] {
        let output = scratch.run(&format!("inspect {name}"), b"").unwrap();
        let (told, said) = texts(&output);
        assert_eq!(output.status.code(), Some(3), "{name}: {said}");
        assert!(said.contains(complaint), "{name}: {said}");
        assert!(told.contains("  exports:\n"), "{name}: {told}");
    }
    assert_eq!(scratch.run("inspect policy.yaml", b"").unwrap().status.code(), Some(3));
    assert_eq!(scratch.run("inspect absent.wasm", b"").unwrap().status.code(), Some(1));
}

/// It is in the module, and nowhere else.
#[test]
fn a_key_goes_into_the_module_and_is_not_shown() {
    let scratch = Scratch::new("key").unwrap();
    let key = "0123456789abcdef0123456789abcdef";
    scratch.put("hmac.key", format!("{key}\n").as_bytes()).unwrap();
    scratch
        .put("auditveil.yaml", b"redact: {action: hmac, hmac: {key_id: k1, key_file: hmac.key}}\n")
        .unwrap();
    let baking = scratch.run("bake auditveil.wasm -c auditveil.yaml -o baked.wasm", b"").unwrap();
    assert_eq!(baking.status.code(), Some(0), "{}", texts(&baking).1);
    let baked = scratch.get("baked.wasm").unwrap();
    assert!(Module::read(&baked).unwrap().baked.unwrap().has_key());
    assert!(baked.windows(key.len()).any(|window| window == key.as_bytes()));
    assert!(texts(&baking).1.contains("the module holds the HMAC key now"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(scratch.0.join("baked.wasm")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let inspected =
        ["inspect baked.wasm", "inspect --json baked.wasm"].map(|command| scratch.run(command, b"").unwrap());
    for output in [&baking, &inspected[0], &inspected[1]] {
        let (told, said) = texts(output);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(!told.contains(key) && !said.contains(key), "{told}{said}");
    }
    assert!(texts(&inspected[0]).0.contains("  HMAC key: baked in, so the module is a secret\n"));
    assert!(texts(&inspected[1]).0.contains("\"hmac_key\": true"));

    fs::remove_file(scratch.0.join("hmac.key")).unwrap();
    let output = scratch.run("bake auditveil.wasm -c auditveil.yaml -o other.wasm", b"").unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(texts(&output).1.contains("hmac.key: no such file"), "{}", texts(&output).1);
    // Baking something else over it takes the key away.
    assert_eq!(
        scratch.run("bake baked.wasm -c policy.yaml -o none.wasm", b"").unwrap().status.code(),
        Some(0)
    );
    let none = scratch.get("none.wasm").unwrap();
    assert!(!none.windows(key.len()).any(|window| window == key.as_bytes()));
}

#[test]
fn inspect_and_bake_show_nothing_that_a_terminal_obeys() {
    let scratch = Scratch::new("obeys").unwrap();
    scratch.run("bake auditveil.wasm -c policy.yaml -o baked.wasm", b"").unwrap();
    let mut baked = scratch.get("baked.wasm").unwrap();
    let at = baked.windows(8).rposition(|window| window == b"Metadata").unwrap();
    baked.splice(at..at + 8, *b"\x1b[31m\xe2\x80\xae").for_each(drop);
    scratch.put("hostile.wasm", &baked).unwrap();
    for command in ["inspect hostile.wasm", "bake hostile.wasm -c policy.yaml -o other.wasm"] {
        let (told, said) = texts(&scratch.run(command, b"").unwrap());
        let shown = told + &said;
        let obeyed = |sign: char| (sign.is_control() && sign != '\n') || sign == '\u{202e}';
        assert!(!shown.contains(obeyed), "{command}: {shown:?}");
        assert!(command.starts_with("bake") || shown.contains("[31m"), "{shown}");
    }
}
