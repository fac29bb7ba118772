//! Rotation while it follows: by renaming, by copying and cutting, quicker than it looks.

use crate::setup::{Folder, Follower, Style, Writer, wait};
use std::fs;

#[test]
fn nothing_is_lost_when_the_log_is_renamed_while_it_is_written() {
    for style in [Style::Dated, Style::Numbered] {
        for folder in Folder::on_each(&format!("renamed-{style:?}")) {
            let mut writer = Writer::new(&folder, style);
            let follower = Follower::start(&folder, &[]);
            folder.wait_for_state(1);
            // As fast as it can: dozens of rotations between two looks.
            writer.write_and_rotate(3000, 30);
            folder.wait_for(writer.written);
            // And slowly, so that every state is met.
            for _ in 0..20 {
                writer.write_and_rotate(20, 10);
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            folder.wait_for(writer.written);
            assert_eq!(follower.stop(), "");
            folder.assert_each_once(writer.written);
        }
    }
}

#[test]
fn order_is_kept_on_several_threads() {
    let folder = Folder::new("follow-threads");
    let mut writer = Writer::new(&folder, Style::Dated);
    let follower = Follower::start(&folder, &["--threads", "3"]);
    folder.wait_for_state(1);
    writer.write_and_rotate(3000, 100);
    folder.wait_for(writer.written);
    assert_eq!(follower.stop(), "");
    folder.assert_each_once(writer.written);
}

#[test]
fn what_was_not_read_before_a_copy_was_cut_comes_from_the_copy() {
    for folder in Folder::on_each("copied") {
        let mut writer = Writer::new(&folder, Style::Copied);
        let follower = Follower::start(&folder, &[]);
        for round in 1..=12 {
            writer.write_many(40);
            folder.wait_for(writer.written);
            // These may be read before the copy, or from it.
            writer.write_many(round * 5);
            writer.rotate();
            // It may grow beyond what it was before anybody looks.
            writer.write_many(if round % 2 == 0 { 300 } else { 3 });
            folder.wait_for(writer.written);
        }
        assert_eq!(follower.stop(), "");
        folder.assert_each_once(writer.written);
    }
}

#[test]
fn a_log_that_is_cut_without_a_copy_is_read_from_its_start() {
    let folder = Folder::new("cut");
    let mut writer = Writer::new(&folder, Style::Copied);
    let follower = Follower::start(&folder, &[]);
    writer.write_many(20);
    folder.wait_for(20);
    writer.rotate();
    fs::remove_file(folder.path("audit.log.1")).unwrap();
    writer.write_many(20);
    folder.wait_for(40);
    let said = follower.stop();
    assert!(said.contains("was cut, and no copy of it is there"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    folder.assert_each_once(40);
}

#[test]
fn a_line_waits_for_its_end_or_until_nobody_ends_it() {
    let folder = Folder::new("unended");
    let mut writer = Writer::new(&folder, Style::Numbered);
    let follower = Follower::start(&folder, &[]);
    writer.write_many(3);
    writer.write_raw(r#"{"kind":"Event","auditID":"n-3","stage":"Panic","verb":"get","requestURI":"/"#);
    folder.wait_for(3);
    folder.wait_for_unchanged_output();
    writer.write_raw("a\"}");
    folder.wait_for_unchanged_output();
    assert_eq!(folder.numbers().len(), 3, "a line came out before its end was written");
    writer.written = 4;
    writer.rotate();
    // Who still writes to the file that was renamed has some seconds.
    writer.write_many(2);
    folder.wait_for(6);
    assert_eq!(follower.stop(), "");
    // It came late, and whole.
    assert_eq!(folder.numbers(), [0, 1, 2, 4, 5, 3]);
    assert!(!fs::read_to_string(folder.path("out")).unwrap().contains("\"stub\""));
}

#[test]
fn writers_learn_late_that_their_log_was_renamed() {
    let folder = Folder::new("late");
    let mut writer = Writer::new(&folder, Style::Numbered);
    let follower = Follower::start(&folder, &[]);
    writer.write_many(5);
    folder.wait_for(5);
    fs::rename(folder.path("audit.log"), folder.path("audit.log.1")).unwrap();
    fs::write(folder.path("audit.log"), "").unwrap();
    // It goes on in the file that it has open.
    writer.write_many(5);
    folder.wait_for(10);
    let mut later = Writer::new(&folder, Style::Numbered);
    later.written = 10;
    later.write_many(5);
    folder.wait_for(15);
    writer.written = 15;
    writer.write_many(1);
    folder.wait_for(16);
    assert_eq!(follower.stop(), "");
    folder.assert_each_once(16);
}

#[test]
fn a_file_that_is_not_there_yet_is_waited_for() {
    let folder = Folder::new("awaited");
    let follower = Follower::start(&folder, &["--from-end"]);
    wait("the first checkpoint", || folder.path("state").exists());
    // What comes to be later is new, wherever reading of the others begins.
    let mut writer = Writer::new(&folder, Style::Dated);
    writer.write_many(10);
    folder.wait_for(10);
    let said = follower.stop();
    assert!(said.ends_with("audit.log` is not there yet; waiting for it\n"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    folder.assert_each_once(10);
}

#[test]
fn several_files_are_followed_at_once() {
    let folder = Folder::new("several");
    let other = Folder::new("several-other");
    let mut one = Writer::new(&folder, Style::Dated);
    let mut two = Writer::new(&other, Style::Numbered);
    two.written = 1000;
    let follower = Follower::start(&folder, &[other.path("audit.log").to_str().unwrap()]);
    folder.wait_for_state(2);
    for _ in 0..10 {
        one.write_and_rotate(50, 20);
        two.write_and_rotate(50, 20);
    }
    folder.wait_for(1000);
    assert_eq!(follower.stop(), "");
    let numbers = folder.numbers();
    let (one, two): (Vec<usize>, Vec<usize>) = numbers.iter().partition(|number| **number < 1000);
    assert!(one.iter().copied().eq(0..500) && two.iter().copied().eq(1000..1500), "each in its order, once");
}
