//! Ended and started again: nothing is lost, and what comes twice came after the last checkpoint.

use crate::setup::{Folder, Follower, Random, Style, Writer};
use std::fs;
use std::thread;
use std::time::Duration;

#[test]
fn killed_at_any_moment_nothing_is_lost() {
    for style in [Style::Dated, Style::Numbered] {
        for folder in Folder::on_each(&format!("killed-{style:?}")) {
            let mut random = Random::new(0xdead);
            let mut writer = Writer::new(&folder, style);
            // What was rotated before it was ever started is not its business.
            let follower = Follower::start(&folder, &[]);
            folder.wait_for_state(1);
            follower.kill();
            let records = thread::scope(|scope| {
                let writing = scope.spawn(|| {
                    for _ in 0..150 {
                        writer.write_and_rotate(20, 40);
                        thread::sleep(Duration::from_millis(10));
                    }
                    writer.written
                });
                let mut kills = 0;
                while !writing.is_finished() || kills < 5 {
                    let follower = Follower::start(&folder, &[]);
                    thread::sleep(Duration::from_millis(random.below(900) as u64));
                    follower.kill();
                    kills += 1;
                }
                writing.join().unwrap()
            });
            let follower = Follower::start(&folder, &[]);
            folder.wait_for(records);
            folder.wait_for_checkpoint();
            // Everything is in the checkpoint: another run has nothing to add.
            follower.kill();
            let before = folder.numbers();
            let follower = Follower::start(&folder, &[]);
            writer.write_many(10);
            folder.wait_for(records + 10);
            assert_eq!(follower.stop(), "");
            let after = folder.numbers();
            assert_eq!(after.len(), before.len() + 10, "what was in the checkpoint came again");
            assert_goes_back_to_checkpoints_only(&after);
        }
    }
}

/// A run begins where the checkpoint was, so before what the last one wrote, and then goes on without a gap.
#[track_caller]
fn assert_goes_back_to_checkpoints_only(numbers: &[usize]) {
    for (before, after) in numbers.iter().zip(numbers.iter().skip(1)) {
        assert!(*after <= before + 1, "between {before} and {after} there is a gap");
    }
    assert_eq!(numbers.first(), Some(&0));
    assert_eq!(numbers.last(), numbers.iter().max());
}

#[test]
fn rotated_several_times_while_it_was_down() {
    for style in [Style::Dated, Style::Numbered] {
        for folder in Folder::on_each(&format!("down-{style:?}")) {
            let mut writer = Writer::new(&folder, style);
            let follower = Follower::start(&folder, &[]);
            folder.wait_for_state(1);
            assert_eq!(follower.stop(), "");
            for _ in 0..6 {
                writer.write_and_rotate(100, 25);
                let follower = Follower::start(&folder, &[]);
                // In the middle of it, too.
                folder.wait_for(writer.written - 50);
                assert_eq!(follower.stop(), "");
            }
            // And with no file under the name.
            writer.write_many(10);
            writer.rotate();
            fs::remove_file(folder.path("audit.log")).unwrap();
            let follower = Follower::start(&folder, &[]);
            folder.wait_for(writer.written);
            assert_eq!(follower.stop(), "");
            folder.assert_each_once(writer.written);
        }
    }
}

#[test]
fn copied_and_cut_while_it_was_down() {
    for folder in Folder::on_each("down-copied") {
        let mut writer = Writer::new(&folder, Style::Copied);
        writer.write_many(100);
        let follower = Follower::start(&folder, &[]);
        folder.wait_for(100);
        assert_eq!(follower.stop(), "");
        for more in [3, 200, 40] {
            writer.write_many(more);
            writer.rotate();
        }
        writer.write_many(500);
        let follower = Follower::start(&folder, &[]);
        folder.wait_for(writer.written);
        assert_eq!(follower.stop(), "");
        folder.assert_each_once(writer.written);
    }
}

#[test]
fn what_is_gone_is_told_and_the_rest_is_read() {
    let folder = Folder::new("gone");
    let mut writer = Writer::new(&folder, Style::Dated);
    writer.write_many(10);
    let follower = Follower::start(&folder, &[]);
    folder.wait_for(10);
    assert_eq!(follower.stop(), "");
    writer.rotate();
    writer.write_many(10);
    writer.rotate();
    writer.write_many(10);
    // Packed, as the API server and logrotate do with what they rotate: not the same file, and no log.
    fs::rename(
        folder.path("audit-2026-01-02T03-04-00.001.log"),
        folder.path("audit-2026-01-02T03-04-00.001.log.gz"),
    )
    .unwrap();
    fs::write(folder.path("audit-2026-01-02T03-04-00.001.log.gz.new"), b"\x1f\x8b").unwrap();
    fs::rename(
        folder.path("audit-2026-01-02T03-04-00.001.log.gz.new"),
        folder.path("audit-2026-01-02T03-04-00.001.log.gz"),
    )
    .unwrap();
    let follower = Follower::start(&folder, &[]);
    folder.wait_for(30);
    let said = follower.stop();
    assert!(said.contains("is cut, packed or gone"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    folder.assert_each_once(30);
}

#[test]
fn a_damaged_checkpoint_means_from_the_start() {
    let folder = Folder::new("damaged");
    let mut writer = Writer::new(&folder, Style::Dated);
    writer.write_many(10);
    let follower = Follower::start(&folder, &[]);
    folder.wait_for(10);
    assert_eq!(follower.stop(), "");
    let whole = fs::read_to_string(folder.path("state")).unwrap();
    assert!(!whole.contains("userAgent") && !whole.contains("n-0"), "a record is in the checkpoint: {whole}");
    fs::write(folder.path("state"), whole.get(..whole.len() / 2).unwrap()).unwrap();
    writer.write_many(10);
    // Also where what is there should be left out: it once knew better.
    let follower = Follower::start(&folder, &["--from-end"]);
    folder.wait_for(20);
    let said = follower.stop();
    assert!(said.contains("is no checkpoint that can be read; every file is read from its start"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(folder.numbers().into_iter().eq((0..10).chain(0..20)));
    // A position where no line begins is none.
    let text = fs::read_to_string(folder.path("state")).unwrap();
    let (head, rest) = text.split_once("\"position\":").unwrap();
    let (_, tail) = rest.split_once(',').unwrap();
    fs::write(folder.path("state"), format!("{head}\"position\":7,{tail}")).unwrap();
    let follower = Follower::start(&folder, &[]);
    folder.wait_for_lines(50);
    assert!(follower.stop().contains("is cut, packed or gone"));
    assert!(folder.numbers().into_iter().eq((0..10).chain(0..20).chain(0..20)));
}

#[test]
fn the_end_of_what_is_there_is_where_it_begins_if_asked() {
    let folder = Folder::new("from-end");
    let mut writer = Writer::new(&folder, Style::Dated);
    writer.write_many(9);
    writer.write_raw(r#"{"kind":"Event","auditID":"n-9","stage":"Panic","#);
    let follower = Follower::start(&folder, &["--from-end"]);
    folder.wait_for_state(1);
    writer.write_raw("\"verb\":\"get\"}\n");
    writer.written = 10;
    writer.write_many(5);
    folder.wait_for(6);
    assert_eq!(follower.stop(), "");
    writer.write_many(5);
    // The checkpoint knows the file now.
    let follower = Follower::start(&folder, &["--from-end"]);
    folder.wait_for(11);
    assert_eq!(follower.stop(), "");
    assert!(folder.numbers().into_iter().eq(9..20));
}
