//! `auditveil vrl`: what it prints, what it refuses, and how it ends. What the program does is tested in `vrl-test`.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_auditveil")).arg("vrl").args(arguments).output()
}

fn file(name: &str, content: &str) -> io::Result<String> {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content)?;
    Ok(path.to_string_lossy().into_owned())
}

#[test]
fn prints_the_program_of_a_policy() -> io::Result<()> {
    let policy = file(
        "vrl-policy.yaml",
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata, verbs: [get]}]\n",
    )?;
    let output = run(&["-c", &policy])?;
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
    let program = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(program.starts_with("# auditveil "), "{program}");
    assert!(
        program.contains("# rules[0]: Metadata\n") && program.contains("includes([\"get\"], verb)"),
        "{program}"
    );
    // Every place of a template was filled.
    assert!(!program.contains("@@"), "{program}");
    let default = run(&[])?;
    assert_ne!(default.stdout, output.stdout);
    Ok(())
}

#[test]
fn prints_tests_that_expect_what_the_filter_does() -> io::Result<()> {
    let policy = file(
        "vrl-drops.yaml",
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata, verbs: [create, patch]}]\n",
    )?;
    let output = run(&["--tests", "-c", &policy])?;
    let tests = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(tests.matches("insert_at: auditveil").count(), 6, "{tests}");
    // The `get` of a path.
    assert_eq!(tests.matches("no_outputs_from").count(), 1, "{tests}");
    Ok(())
}

#[test]
fn what_vrl_cannot_do_is_refused_at_its_place() -> io::Result<()> {
    for (number, (text, place, expected)) in [
        ("redact:\n  action: remove\n", ":2:11", "`mask`"),
        ("redact:\n  classes: {env: keep}\n", ":2:12", "`mask` or `auto`"),
        ("output: {format: audit}\ninput:\n  shape: eks\n", ":3:10", "`auto` or `event`"),
    ]
    .into_iter()
    .enumerate()
    {
        let path = file(&format!("vrl-refused-{number}.yaml"), text)?;
        let output = run(&["-c", &path])?;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(3), &b""[..]), "{told}");
        assert!(told.contains(place), "{told}");
        assert!(
            told.contains(&format!("expected {expected}, which is all that a program in VRL does")),
            "{told}"
        );
    }
    Ok(())
}
