//! Files beside a log that were the log before: which they are, and which came after which.
//!
//! A log is rotated by renaming it (the API server: `audit-2026-01-02T03-04-05.000.log`; logrotate: `audit.log.1`,
//! `audit.log-20260102`) or by copying it under such a name and cutting it. Which was written after which their numbers
//! tell, whatever clocks do; where not all have one, their times, and where these are equal, their names.

use super::checkpoint::Place;
use super::file::{Identity, Part, modified};
use std::cmp::Ordering;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A file that has the name of a rotated log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sibling {
    pub(crate) path: PathBuf,
    pub(crate) identity: Identity,
    pub(crate) modified: u64,
    suffix: Suffix,
}

/// What a rotated log has in its name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Suffix {
    /// `1` is newer than `2`.
    Number(u64),
    /// A date; later ones sort behind.
    Date(String),
}

impl Sibling {
    /// Whether it was written before another one, as far as their names tell.
    fn suffix_order(&self, other: &Sibling) -> Ordering {
        match (&self.suffix, &other.suffix) {
            (Suffix::Number(one), Suffix::Number(other)) => other.cmp(one),
            (Suffix::Date(one), Suffix::Date(other)) => one.cmp(other),
            (Suffix::Number(_), Suffix::Date(_)) => Ordering::Greater,
            (Suffix::Date(_), Suffix::Number(_)) => Ordering::Less,
        }
    }
}

/// How often a folder is read again in which files are renamed meanwhile.
const LOOKS: usize = 8;

/// The rotated logs of `path`, the oldest first; none while they are being renamed. Packed ones are not among them.
///
/// While `audit.log.1` becomes `audit.log.2`, who reads the folder may miss a file, or meet it twice. So it is read until
/// it says the same two times.
pub(crate) fn siblings(path: &Path) -> io::Result<Option<Vec<Sibling>>> {
    let names = |siblings: &[Sibling]| -> Vec<(PathBuf, Identity)> {
        let mut names: Vec<_> = siblings.iter().map(|one| (one.path.clone(), one.identity)).collect();
        names.sort();
        names
    };
    let mut before = look(path)?;
    for _ in 1..LOOKS {
        let now = look(path)?;
        if names(&before) == names(&now) {
            return Ok(Some(now));
        }
        before = now;
    }
    Ok(None)
}

fn look(path: &Path) -> io::Result<Vec<Sibling>> {
    let Some(name) = path.file_name() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder(path))? {
        let entry = entry?;
        let Some(suffix) = suffix(name, &entry.file_name()) else { continue };
        // Gone again, or under another name by now: then it is met there.
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_file() {
            let (identity, modified) = (Identity::of(&metadata), modified(&metadata));
            found.push(Sibling { path: entry.path(), identity, modified, suffix });
        }
    }
    sort(&mut found);
    Ok(found)
}

/// The oldest first.
fn sort(siblings: &mut [Sibling]) {
    if siblings.iter().all(|sibling| matches!(sibling.suffix, Suffix::Number(_))) {
        siblings.sort_by(|one, other| one.suffix_order(other));
    } else {
        siblings
            .sort_by(|one, other| one.modified.cmp(&other.modified).then_with(|| one.suffix_order(other)));
    }
}

/// Of files in order, those that were written after the one that was read last: those behind it, or, where it is gone, those
/// that are not older than it was.
pub(crate) fn later<'a>(siblings: &'a [Sibling], last: &Place) -> impl Iterator<Item = &'a Sibling> {
    let itself = siblings.iter().position(|sibling| sibling.identity == last.identity());
    let modified = last.modified;
    siblings.iter().enumerate().filter_map(move |(at, sibling)| {
        let is_later = itself.map_or(sibling.modified >= modified, |itself| at > itself);
        is_later.then_some(sibling)
    })
}

/// Opens the file that a place is in, wherever it is by now: under its name, renamed, or as a copy.
pub(crate) fn find(path: &Path, place: &Place) -> io::Result<Option<Part>> {
    let open = |path: &Path| Part::open_at(path, place).ok().flatten();
    let itself = fs::metadata(path).is_ok_and(|metadata| Identity::of(&metadata) == place.identity());
    if let Some(part) = open(path).filter(|_| itself) {
        return Ok(Some(part));
    }
    // It may be missed while it is renamed.
    for _ in 0..LOOKS {
        for entry in fs::read_dir(folder(path))? {
            let other = entry?.path();
            let same = fs::metadata(&other).is_ok_and(|file| Identity::of(&file) == place.identity());
            if let Some(part) =
                Some(other).filter(|other| same && other != path).and_then(|other| open(&other))
            {
                return Ok(Some(part));
            }
        }
    }
    copy(path, place)
}

/// Opens the copy that was made of a file before it was cut.
pub(crate) fn copy(path: &Path, place: &Place) -> io::Result<Option<Part>> {
    // Nothing tells what is a copy of a file that held nothing.
    if place.fingerprint.length == 0 {
        return Ok(None);
    }
    let siblings = siblings(path)?.unwrap_or_default();
    let mut recent = siblings.iter().rev().filter(|sibling| sibling.modified >= place.modified);
    Ok(recent.find_map(|sibling| Part::open_at(&sibling.path, place).ok().flatten()))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// What a name has more than the name of the log, if it is a rotated log's.
fn suffix(log: &OsStr, name: &OsStr) -> Option<Suffix> {
    let (log, name) = (log.to_str()?, name.to_str()?);
    let behind = name.strip_prefix(log).and_then(|rest| rest.strip_prefix(['.', '-']));
    let within = log.rsplit_once('.').and_then(|(stem, extension)| {
        name.strip_prefix(stem)?.strip_prefix('-')?.strip_suffix(extension)?.strip_suffix('.')
    });
    let suffix = behind.or(within)?;
    let digits = suffix.bytes().filter(u8::is_ascii_digit).count();
    if suffix.len() <= 6 && digits == suffix.len() {
        return suffix.parse().ok().map(Suffix::Number);
    }
    let of_a_date = |sign: char| sign.is_ascii_digit() || "-_.:+TZ".contains(sign);
    (digits >= 6 && suffix.chars().all(of_a_date)).then(|| Suffix::Date(suffix.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::follow::checkpoint::Fingerprint;

    #[test]
    fn names_of_rotated_logs() {
        let suffix = |name: &str| suffix(OsStr::new("audit.log"), OsStr::new(name));
        for (name, number) in [("audit.log.1", 1), ("audit.log.12", 12), ("audit-3.log", 3)] {
            assert_eq!(suffix(name), Some(Suffix::Number(number)), "{name}");
        }
        for name in [
            "audit-2026-01-02T03-04-05.678.log",
            "audit.log-20260102",
            "audit.log.20260102-030405",
            "audit.log-2026-01-02T03:04:05Z",
        ] {
            assert!(matches!(suffix(name), Some(Suffix::Date(_))), "{name}");
        }
        for name in [
            "audit.log",
            "audit.log.1.gz",
            "audit-2026-01-02T03-04-05.678.log.gz",
            "audit-clean.log",
            "audit.log.new",
            "audit.log.",
            "audit.log-TTTTTT",
            "other.log.1",
        ] {
            assert_eq!(suffix(name), None, "{name}");
        }
    }

    fn sibling(name: &str, inode: u64, modified: u64) -> Sibling {
        let suffix = suffix(OsStr::new("audit.log"), OsStr::new(name)).unwrap();
        Sibling { path: name.into(), identity: Identity { device: 1, inode }, modified, suffix }
    }

    fn inodes<'a>(some: impl Iterator<Item = &'a Sibling>) -> Vec<u64> {
        some.map(|one| one.identity.inode).collect()
    }

    #[test]
    fn what_came_after_what() {
        let mut all = [
            sibling("audit.log.1", 10, 7),
            sibling("audit.log.2", 11, 7),
            sibling("audit.log.3", 12, 6),
            sibling("audit-2026-01-02T03-04-05.678.log", 14, 9),
            sibling("audit-2026-01-02T03-04-05.679.log", 13, 9),
        ];
        sort(&mut all);
        assert_eq!(inodes(all.iter()), [12, 11, 10, 14, 13]);
        let last = |inode, modified| Place {
            device: 1,
            inode,
            fingerprint: Fingerprint { length: 0, sha256: String::new() },
            position: 0,
            end: true,
            modified,
        };
        assert_eq!(inodes(later(&all, &last(11, 7))), [10, 14, 13]);
        assert_eq!(inodes(later(&all, &last(99, 8))), [14, 13]);
        assert!(later(&all, &last(13, 9)).next().is_none());
        // The clock was set back.
        let mut numbered =
            [sibling("audit.log.1", 10, 3), sibling("audit.log.12", 12, 9), sibling("audit.log.2", 11, 5)];
        sort(&mut numbered);
        assert_eq!(inodes(later(&numbered, &last(12, 9))), [11, 10]);
    }
}
