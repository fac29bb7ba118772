//! The checkpoint: up to where each file was answered, in a file that is replaced in one step.
//!
//! It holds positions, digests and names of files, never anything of a record.

use crate::command::{reason, say, shown};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Which form of the file this is. A checkpoint of another form is not read.
const VERSION: u64 = 1;

/// What the file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Checkpoint {
    version: u64,
    /// A file each, by the name under which it is followed.
    pub(crate) files: Vec<Entry>,
}

/// A name that is followed, and the files it led to that are not done with, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) path: String,
    pub(crate) parts: Vec<Place>,
}

/// A place in a file that may have another name by now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) fingerprint: Fingerprint,
    /// Everything before this was answered, and the answers written.
    pub(crate) position: u64,
    /// That was the end of the file.
    pub(crate) end: bool,
    /// When the file was written last, in nanoseconds since 1970. Files that follow it are not older.
    pub(crate) modified: u64,
}

/// What a file begins with: no two logs begin with the same event, and inodes are used again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fingerprint {
    /// How many bytes.
    pub(crate) length: usize,
    /// Their digest.
    pub(crate) sha256: String,
}

impl Checkpoint {
    /// Of this form.
    pub(crate) fn new(files: Vec<Entry>) -> Self {
        Checkpoint { version: VERSION, files }
    }

    /// Reads the file; one that is not there yet is none. One that is damaged is told of and is none either: what is
    /// read again is better than what is lost.
    pub(crate) fn read(path: &Path) -> io::Result<Option<Checkpoint>> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        match serde_json::from_slice::<Checkpoint>(&text) {
            Ok(checkpoint) if checkpoint.version == VERSION => Ok(Some(checkpoint)),
            _ => {
                say(format_args!(
                    "`{}` is no checkpoint that can be read; every file is read from its start, so records may come twice",
                    shown(path)
                ));
                Ok(Some(Checkpoint::new(Vec::new())))
            }
        }
    }

    /// Replaces the file. Who reads it sees the old one or the new one, also after the machine has stopped in between.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let beside = beside(path, ".new");
        let mut file = File::create(&beside)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
    }
}

/// A file beside the checkpoint.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Keeps others from the checkpoint as long as it lives, also if it is killed: who goes on from a place that another
/// process wrote leaves out what that one has not written yet. Waits for one that is about to end.
///
/// # Errors
///
/// Another process keeps it, or the file beside it that stands for it cannot be written.
pub(crate) fn lock(path: &Path) -> io::Result<File> {
    // Not the checkpoint itself, which is another file after each write.
    let file = File::create(beside(path, ".lock"))?;
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if start.elapsed() < ENDING => thread::sleep(LOOK),
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::other("another process keeps the checkpoint; each needs its own"));
            }
        }
    }
}

/// How long a process may take to end.
const ENDING: Duration = Duration::from_secs(3);

/// How often it is asked whether it has.
const LOOK: Duration = Duration::from_millis(50);

/// A checkpoint that is written now and then.
#[derive(Debug)]
pub(crate) struct Keeper {
    path: PathBuf,
    /// As it stands in the file.
    written: Checkpoint,
    /// Entries of names that are not followed this time; they are kept for when they are.
    others: Vec<Entry>,
    /// It is said once that the file cannot be written, not every second.
    told: bool,
}

impl Keeper {
    /// Keeps `found` up to date, which is what the file holds.
    pub(crate) fn new(path: &Path, found: Checkpoint, names: &[String]) -> Self {
        let others = found.files.iter().filter(|entry| !names.contains(&entry.path)).cloned().collect();
        Keeper { path: path.to_owned(), written: found, others, told: false }
    }

    /// Whether there is something new to be written.
    pub(crate) fn differs(&self, files: &[Entry]) -> bool {
        !self.written.files.iter().eq(files.iter().chain(&self.others))
    }

    /// Writes it, if there is something new. False, after a word, if that is not possible: then the old one is still
    /// there, and more of what was answered will be answered again.
    pub(crate) fn keep(&mut self, files: Vec<Entry>) -> bool {
        if !self.differs(&files) {
            return true;
        }
        let checkpoint = Checkpoint::new(files.into_iter().chain(self.others.iter().cloned()).collect());
        match checkpoint.write(&self.path) {
            Ok(()) => {
                self.written = checkpoint;
                self.told = false;
                true
            }
            Err(error) => {
                if !std::mem::replace(&mut self.told, true) {
                    say(format_args!(
                        "cannot write the checkpoint `{}`: {}",
                        shown(&self.path),
                        reason(&error)
                    ));
                }
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, position: u64) -> Entry {
        let fingerprint = Fingerprint { length: 3, sha256: "abc".to_owned() };
        let place = Place { device: 1, inode: u64::MAX, fingerprint, position, end: false, modified: 5 };
        Entry { path: path.to_owned(), parts: vec![place] }
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("auditveil-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn what_was_written_is_read() {
        let folder = folder("checkpoint");
        let path = folder.join("state");
        assert_eq!(Checkpoint::read(&path).unwrap(), None);
        let mut keeper =
            Keeper::new(&path, Checkpoint::new(vec![entry("b", 1), entry("a", 1)]), &["a".to_owned()]);
        assert!(keeper.differs(&[entry("a", 2)]) && keeper.keep(vec![entry("a", 2)]));
        assert!(!keeper.differs(&[entry("a", 2)]));
        let read = Checkpoint::read(&path).unwrap().unwrap();
        // What is followed no more is remembered.
        assert_eq!(read.files, [entry("a", 2), entry("b", 1)]);
        let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names, ["state"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn one_that_is_damaged_is_an_empty_one() {
        let folder = folder("damaged");
        let path = folder.join("state");
        let whole = serde_json::to_string(&Checkpoint::new(vec![entry("a", 7)])).unwrap();
        for text in [
            "",
            "{}",
            whole.get(..whole.len() - 1).unwrap(),
            &whole.replace("\"version\":1", "\"version\":2"),
        ] {
            fs::write(&path, text).unwrap();
            assert_eq!(Checkpoint::read(&path).unwrap().unwrap().files, [], "{text}");
        }
        assert!(Checkpoint::read(&folder).is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
