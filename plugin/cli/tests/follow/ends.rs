//! How it ends: on signals, when the output is full or nobody reads it, and on a command line that makes no sense.

use crate::setup::{Folder, Follower, Style, Writer, numbers, wait};
use std::fs;
use std::io::Read as _;
use std::process::Command;

#[test]
fn a_signal_ends_it_between_two_records() {
    for signal in ["TERM", "INT"] {
        let folder = Folder::new(&format!("signal-{signal}"));
        let mut writer = Writer::new(&folder, Style::Dated);
        writer.write_many(8000);
        let mut starts = 0;
        while folder.numbers().len() < 8000 {
            let before = folder.numbers().len();
            let follower = Follower::start(&folder, &[]);
            wait("more records", || folder.numbers().len() > before);
            follower.signal(signal);
            let (code, said) = follower.end();
            assert_eq!((code, said.as_str()), (Some(0), ""));
            let out = fs::read(folder.path("out")).unwrap();
            assert!(out.ends_with(b"\n"), "it ended within a record");
            starts += 1;
        }
        eprintln!("{signal}: {starts} starts for 8000 records");
        folder.assert_each_once(8000);
    }
}

#[test]
fn standard_output_is_what_filter_writes() {
    let folder = Folder::new("stdout");
    let mut writer = Writer::new(&folder, Style::Dated);
    writer.write_many(20);
    let plain = Command::new(env!("CARGO_BIN_EXE_auditveil"))
        .arg("filter")
        .arg(folder.path("audit.log"))
        .output()
        .unwrap()
        .stdout;
    let mut follower = Follower::with(&folder, &["--where", "verb == \"list\""]);
    let mut found = vec![0; plain.len()];
    // It goes on, so there is no end to read to.
    follower.0.stdout.as_mut().unwrap().read_exact(&mut found).unwrap();
    assert!(found == plain, "not what `filter` writes");
    assert_eq!(follower.stop(), "auditveil: 20 of 20 records selected\n");
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly_and_what_it_did_not_read_comes_again() {
    let folder = Folder::new("reader");
    let mut writer = Writer::new(&folder, Style::Dated);
    let state = folder.path("state");
    let checkpoint = ["--checkpoint", state.to_str().unwrap()];
    let mut follower = Follower::with(&folder, &checkpoint);
    writer.write_many(5);
    folder.wait_for_checkpoint();
    drop(follower.0.stdout.take());
    writer.write_many(5);
    assert_eq!(follower.end(), (Some(0), String::new()));
    let mut follower = Follower::with(&folder, &checkpoint);
    let mut stdout = follower.0.stdout.take().unwrap();
    folder.wait_for_checkpoint();
    assert_eq!(follower.stop(), "");
    let mut rest = Vec::new();
    stdout.read_to_end(&mut rest).unwrap();
    assert_eq!(numbers(&rest), [5, 6, 7, 8, 9]);
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_takes_nothing_is_a_failure_and_the_checkpoint_stays() {
    let folder = Folder::new("full");
    let mut writer = Writer::new(&folder, Style::Dated);
    writer.write_many(5);
    for threads in [&[][..], &["--threads", "2"]] {
        let state = folder.path("state");
        let fixed = ["-o", "/dev/full", "--checkpoint", state.to_str().unwrap()];
        let (code, said) = Follower::with(&folder, &[&fixed, threads].concat()).end();
        assert_eq!(code, Some(1), "{said}");
        assert!(said.starts_with("auditveil: cannot write `/dev/full`: "), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        let kept = fs::read_to_string(state).unwrap_or_default();
        assert!(!kept.contains("\"position\":") || kept.contains("\"position\":0,"), "{kept}");
    }
    let follower = Follower::start(&folder, &[]);
    folder.wait_for(5);
    assert_eq!(follower.stop(), "");
    folder.assert_each_once(5);
}

/// A small file system in memory, as long as it lives.
struct Mounted(std::path::PathBuf);

impl Mounted {
    fn new(at: std::path::PathBuf) -> Option<Self> {
        fs::create_dir_all(&at).unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"]).arg(&at).output();
        mount.is_ok_and(|output| output.status.success()).then_some(Mounted(at))
    }

    fn grow(&self) {
        let grown = Command::new("mount").args(["-o", "remount,size=64m"]).arg(&self.0).status().unwrap();
        assert!(grown.success());
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_loses_nothing() {
    let folder = Folder::new("disk");
    let Some(disk) = Mounted::new(folder.path("small")) else {
        eprintln!("skipped: a full disk, because no file system can be mounted here; root can");
        return;
    };
    let mut writer = Writer::new(&folder, Style::Dated);
    writer.write_many(1000);
    let out = disk.0.join("out");
    let (out, state) = (out.to_str().unwrap(), folder.path("state"));
    let arguments = ["-o", out, "--checkpoint", state.to_str().unwrap()];
    for _ in 0..3 {
        let (code, said) = Follower::with(&folder, &arguments).end();
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("cannot write"), "{said}");
    }
    disk.grow();
    let follower = Follower::with(&folder, &arguments);
    let all = || {
        let mut all = numbers(&fs::read(out).unwrap());
        all.sort_unstable();
        all.dedup();
        all.len()
    };
    wait("all records", || all() == 1000);
    assert_eq!(follower.stop(), "");
}

#[test]
fn a_checkpoint_that_cannot_be_written_is_a_failure() {
    let folder = Folder::new("unkept");
    Writer::new(&folder, Style::Dated).write_many(5);
    let nowhere = folder.path("no/such/folder");
    let (code, said) = Follower::with(&folder, &["--checkpoint", nowhere.to_str().unwrap()]).end();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.starts_with("auditveil: cannot lock the checkpoint"), "{said}");
}

#[test]
fn two_do_not_share_a_checkpoint() {
    let folder = Folder::new("shared");
    let mut writer = Writer::new(&folder, Style::Dated);
    let first = Follower::start(&folder, &[]);
    folder.wait_for_state(1);
    let (code, said) = Follower::start(&folder, &[]).end();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("another process keeps the checkpoint"), "{said}");
    writer.write_many(10);
    folder.wait_for(10);
    // Nothing has to be taken away after it is killed.
    first.kill();
    let again = Follower::start(&folder, &[]);
    writer.write_many(1);
    folder.wait_for(11);
    assert_eq!(again.stop(), "");
}

#[test]
fn command_lines_that_make_no_sense() {
    let folder = Folder::new("senseless");
    fs::write(folder.path("audit.log"), "").unwrap();
    let log = folder.path("audit.log");
    let log = log.to_str().unwrap();
    for (arguments, told) in [
        (vec!["--follow"], "standard input is not followed"),
        (vec!["--follow", log, "-"], "standard input is not followed"),
        (vec!["--follow", log, "--checkpoint", log], "is the checkpoint and holds records"),
        (vec!["--follow", log, "-o", log], "is input and output at once"),
        (vec!["--checkpoint", log], "--follow"),
        (vec!["--from-end", log], "--follow"),
    ] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_auditveil")).arg("filter").args(&arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(told), "{arguments:?}: {said}");
    }
    // A folder is no log; it is told once, and the others are followed.
    let follower = Follower::start(&folder, &[folder.path("").to_str().unwrap()]);
    let mut writer = Writer::new(&folder, Style::Dated);
    writer.write_many(5);
    folder.wait_for(5);
    follower.signal("TERM");
    let (code, said) = follower.end();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("is no regular file") && said.lines().count() == 1, "{said}");
}
