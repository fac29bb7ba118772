//! One file that is read while it is written: its lines, and whether it is still the file that it was.

use super::checkpoint::{Fingerprint, Place};
use crate::lines::{Lines, Packed};
use crate::records::LONGEST_RECORD;
use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Seek as _, SeekFrom};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How much of its beginning tells a file from others: an event's `auditID` stands within the first 200 bytes.
const FINGERPRINT: usize = 1024;

/// Which file it is, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity {
    pub(crate) device: u64,
    pub(crate) inode: u64,
}

impl Identity {
    /// As the file system has it.
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Identity { device: metadata.dev(), inode: metadata.ino() }
    }
}

impl Place {
    /// Which file it is in.
    pub(crate) fn identity(&self) -> Identity {
        Identity { device: self.device, inode: self.inode }
    }
}

/// When it was written last, in nanoseconds since 1970.
pub(crate) fn modified(metadata: &Metadata) -> u64 {
    let (seconds, nanoseconds) = (metadata.mtime(), metadata.mtime_nsec());
    let nanoseconds = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
    u64::try_from(nanoseconds).unwrap_or_default()
}

/// What came of reading once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// More of the file; there may be a whole line in it.
    More,
    /// Nothing new.
    Quiet,
    /// It is not what it was: it was cut, or written anew from its start.
    Replaced,
}

/// A file, open, and where reading it has come to.
#[derive(Debug)]
pub(crate) struct Part {
    file: Arc<File>,
    lines: Lines<Arc<File>>,
    identity: Identity,
    fingerprint: Fingerprint,
    /// As of the last look.
    modified: u64,
    /// Since when there has been nothing new, if the last look found nothing.
    quiet: Option<Instant>,
}

impl Part {
    /// Opens a file to be read from its start.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        // Opening a pipe would wait for somebody to write into it.
        if !path.metadata()?.is_file() {
            return Err(io::Error::new(
                ErrorKind::InvalidInput,
                "is no regular file; only such are followed",
            ));
        }
        Part::new(File::open(path)?)
    }

    fn new(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        let file = Arc::new(file);
        let fingerprint = Fingerprint { length: 0, sha256: auditveil_bake::digest(b"") };
        let mut part = Part {
            lines: Lines::new(Arc::clone(&file), LONGEST_RECORD),
            identity: Identity::of(&metadata),
            fingerprint,
            modified: modified(&metadata),
            quiet: None,
            file,
        };
        part.is_what_it_was()?;
        Ok(part)
    }

    /// The same, to be read from a place on; none if the file is not the one the place is in, or not so any more.
    pub(crate) fn open_at(path: &Path, place: &Place) -> io::Result<Option<Self>> {
        let mut part = Part::open(path)?;
        if !part.has(&place.fingerprint)? || part.file.metadata()?.len() < place.position {
            return Ok(None);
        }
        // No line begins where no line ends.
        let mut before = [b'\n'];
        if let Some(last) = place.position.checked_sub(1) {
            part.file.read_exact_at(&mut before, last)?;
        }
        if before != [b'\n'] {
            return Ok(None);
        }
        part.go_to(place.position)?;
        Ok(Some(part))
    }

    fn go_to(&mut self, position: u64) -> io::Result<()> {
        (&*self.file).seek(SeekFrom::Start(position))?;
        self.lines = Lines::from(Arc::clone(&self.file), position, LONGEST_RECORD);
        Ok(())
    }

    /// Goes to the beginning of the last line that has no end yet, or behind the last one that has.
    pub(crate) fn skip_lines(&mut self) -> io::Result<()> {
        self.go_to(end_of_lines(&self.file, self.file.metadata()?.len())?)
    }

    /// Which file it is.
    pub(crate) fn identity(&self) -> Identity {
        self.identity
    }

    /// Where it has come to: all lines before were taken.
    pub(crate) fn place(&self) -> Place {
        Place {
            device: self.identity.device,
            inode: self.identity.inode,
            fingerprint: self.fingerprint.clone(),
            position: self.lines.taken_to(),
            end: self.quiet.is_some() && self.lines.taken_to() == self.lines.read_to(),
            modified: self.modified,
        }
    }

    /// Whether there has been nothing new for so long.
    pub(crate) fn is_quiet_for(&self, time: Duration) -> bool {
        self.quiet.is_some_and(|since| since.elapsed() >= time)
    }

    /// Reads once, if there is anything to read.
    pub(crate) fn read(&mut self) -> io::Result<Reading> {
        let metadata = self.file.metadata()?;
        let now = modified(&metadata);
        if metadata.len() < self.lines.read_to() {
            return Ok(Reading::Replaced);
        }
        if metadata.len() == self.lines.read_to() && now == self.modified {
            self.quiet.get_or_insert_with(Instant::now);
            return Ok(Reading::Quiet);
        }
        let more = self.lines.read()?;
        // Afterwards, so that nothing of another content is taken for a part of this one.
        if !self.is_what_it_was()? || self.file.metadata()?.len() < self.lines.read_to() {
            return Ok(Reading::Replaced);
        }
        self.modified = now;
        if more {
            self.quiet = None;
            return Ok(Reading::More);
        }
        self.quiet.get_or_insert_with(Instant::now);
        Ok(Reading::Quiet)
    }

    /// The lines whose ends have been read.
    pub(crate) fn take(&mut self) -> &[u8] {
        self.lines.take()
    }

    /// What was read behind the last line end, which nobody will end any more.
    pub(crate) fn take_last(&mut self) -> &[u8] {
        self.lines.take_last()
    }

    /// The format it is packed in. To be asked when it was read for the first time.
    pub(crate) fn packed(&self) -> Option<Packed> {
        self.lines.packed().filter(|_| self.lines.taken_to() == 0)
    }

    /// Compares its beginning with the fingerprint, and takes more of it in while it is short.
    fn is_what_it_was(&mut self) -> io::Result<bool> {
        let begin = self.beginning(FINGERPRINT)?;
        if !fits(&self.fingerprint, &begin) {
            return Ok(false);
        }
        if begin.len() > self.fingerprint.length {
            self.fingerprint = Fingerprint { length: begin.len(), sha256: auditveil_bake::digest(&begin) };
        }
        Ok(true)
    }

    /// Whether its beginning has a fingerprint.
    fn has(&self, fingerprint: &Fingerprint) -> io::Result<bool> {
        Ok(fits(fingerprint, &self.beginning(fingerprint.length.min(FINGERPRINT))?))
    }

    fn beginning(&self, length: usize) -> io::Result<Vec<u8>> {
        let mut begin = vec![0; length];
        let mut filled = 0;
        while let Some(rest) = begin.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        begin.truncate(filled);
        Ok(begin)
    }
}

fn fits(fingerprint: &Fingerprint, begin: &[u8]) -> bool {
    begin.get(..fingerprint.length).is_some_and(|begin| auditveil_bake::digest(begin) == fingerprint.sha256)
}

/// Where the last whole line ends.
pub(super) fn end_of_lines(file: &File, length: u64) -> io::Result<u64> {
    let mut end = length;
    let mut block = vec![0; 64 * 1024];
    while end > 0 {
        let length = usize::try_from(end).unwrap_or(usize::MAX).min(block.len());
        let begin = end - length as u64;
        let block = block.get_mut(..length).unwrap_or_default();
        file.read_exact_at(block, begin)?;
        if let Some(last) = memchr::memrchr(b'\n', block) {
            return Ok(begin + last as u64 + 1);
        }
        end = begin;
    }
    Ok(0)
}
