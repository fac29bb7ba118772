//! A name that is followed: the file it leads to, those it led to before, and how it goes on from one to the next.

use super::checkpoint::{Entry, Place};
use super::file::{Identity, Part, Reading};
use super::rotation::{self, Sibling, later, siblings};
use crate::command::{reason, say, shown};
use std::collections::VecDeque;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A rotated log is kept open until nobody has written to it for so long: writers learn late that it was renamed.
const ROTATED: Duration = Duration::from_secs(5);

/// Nobody writes to a log that was rotated so many times.
const OPEN_AT_END: usize = 8;

/// So many rotated logs are opened at once; what is behind them comes when they are read.
const OPEN_AT_ONCE: usize = 64;

/// So many logs that were read are remembered, should their times not tell them from those that were not.
const REMEMBERED: usize = 256;

/// Takes whole lines. An error is the output's.
pub(crate) type Sink<'a> = dyn FnMut(&[u8]) -> io::Result<()> + 'a;

/// Where reading begins in a file that is there when following begins, and for which there is no checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    Start,
    End,
}

/// A name, and the files it led to.
#[derive(Debug)]
pub(crate) struct Followed {
    path: PathBuf,
    /// The name as the checkpoint has it, which does not depend on the working directory.
    name: String,
    /// Where links lead: rotated files lie beside the file itself.
    real: PathBuf,
    begin: Begin,
    /// The oldest first. The last is what the name leads to, or led to when last looked at.
    parts: VecDeque<Part>,
    /// The last part, if it is closed.
    last: Option<Place>,
    /// Parts that were closed.
    read: VecDeque<Place>,
    /// Not to be read: it is packed.
    refused: Option<Identity>,
    /// It is said once that it is not there yet.
    waiting: bool,
    /// Why it cannot be read now.
    trouble: Option<String>,
}

impl Followed {
    /// Goes on from a checkpoint, or begins anew.
    pub(crate) fn new(path: &Path, name: String, entry: Option<&Entry>, begin: Begin) -> Self {
        let mut followed = Followed {
            path: path.to_owned(),
            name,
            real: fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
            begin,
            parts: VecDeque::new(),
            last: None,
            read: VecDeque::new(),
            refused: None,
            waiting: false,
            trouble: None,
        };
        if let Some(entry) = entry {
            followed.go_on(&entry.parts);
        }
        followed
    }

    /// The name as the checkpoint has it.
    pub(crate) fn name_of(path: &Path) -> String {
        std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned()
    }

    /// What the checkpoint tells of it.
    pub(crate) fn entry(&self) -> Entry {
        let mut parts: Vec<Place> = self.parts.iter().map(Part::place).collect();
        if parts.is_empty() {
            parts.extend(self.last.clone());
        }
        Entry { path: self.name.clone(), parts }
    }

    /// Whether it could not be read when last looked at, though it is there.
    pub(crate) fn is_in_trouble(&self) -> bool {
        self.trouble.is_some()
    }

    /// Opens the files that the places are in.
    fn go_on(&mut self, places: &[Place]) {
        for (at, place) in places.iter().enumerate() {
            match rotation::find(&self.real, place) {
                Ok(Some(part)) => self.parts.push_back(part),
                // Read to its end and rotated at the time, so it may go.
                _ if place.end && at + 1 < places.len() => {}
                Ok(None) | Err(_) => say(format_args!(
                    "what `{}` was at the checkpoint is cut, packed or gone; what was written to it since then is lost",
                    shown(&self.path)
                )),
            }
        }
        self.last = places.last().cloned();
        // Without a file there is nothing to begin at the end of.
        self.begin = Begin::Start;
    }

    /// Hands over the next lines there are. False: there is nothing new.
    ///
    /// # Errors
    ///
    /// The sink's.
    pub(crate) fn turn(&mut self, sink: &mut Sink<'_>) -> io::Result<bool> {
        let mut at = 0;
        let all = self.parts.len();
        while let Some(part) = self.parts.get_mut(at) {
            match part.read() {
                Ok(Reading::More) => {
                    if let Some(packed) = part.packed() {
                        self.refused = Some(part.identity());
                        self.trouble(format!(
                            "is {}-compressed; only plain logs are followed",
                            packed.format
                        ));
                        self.close(at);
                        return Ok(true);
                    }
                    self.trouble = None;
                    sink(part.take())?;
                    return Ok(true);
                }
                Ok(Reading::Replaced) => {
                    self.replaced(at, sink)?;
                    return Ok(true);
                }
                Ok(Reading::Quiet) => {
                    let behind = all - at - 1;
                    let over = behind > 0 && (part.is_quiet_for(ROTATED) || behind > OPEN_AT_END);
                    if over {
                        sink(part.take_last())?;
                        self.close(at);
                        return Ok(true);
                    }
                }
                Err(error) => {
                    let told = reason(&error);
                    self.trouble(told);
                }
            }
            at += 1;
        }
        Ok(self.look())
    }

    /// A file was cut, or is written anew. What it held goes on in the copy, if there is one.
    fn replaced(&mut self, at: usize, sink: &mut Sink<'_>) -> io::Result<()> {
        let Some(part) = self.parts.get_mut(at) else { return Ok(()) };
        let copy = rotation::copy(&self.real, &part.place()).unwrap_or_default();
        if let Some(copy) = copy {
            // It has, too, what was read and not handed over.
            *part = copy;
            return Ok(());
        }
        sink(part.take())?;
        sink(part.take_last())?;
        say(format_args!(
            "`{}` was cut, and no copy of it is there; what was written to it shortly before is lost",
            shown(&self.path)
        ));
        let last = at + 1 == self.parts.len();
        self.parts.remove(at);
        if last {
            self.last = None;
        }
        Ok(())
    }

    fn close(&mut self, at: usize) {
        let last = at + 1 == self.parts.len();
        let Some(part) = self.parts.remove(at) else { return };
        if last {
            self.last = Some(part.place());
        }
        self.read.push_back(part.place());
        if self.read.len() > REMEMBERED {
            self.read.pop_front();
        }
    }

    /// Everything open is read: looks at where the name leads. True: there is a file to be read.
    fn look(&mut self) -> bool {
        let last = self.parts.back().map(Part::place).or_else(|| self.last.clone());
        let now = match fs::metadata(&self.path) {
            Ok(metadata) => Some(Identity::of(&metadata)),
            // Renamed, and the next one is not there yet.
            Err(error) if error.kind() == ErrorKind::NotFound && last.is_some() => None,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if !std::mem::replace(&mut self.waiting, true) {
                    say(format_args!("`{}` is not there yet; waiting for it", shown(&self.path)));
                }
                return false;
            }
            Err(error) => {
                self.trouble(reason(&error));
                return false;
            }
        };
        let open = self.parts.back().map(Part::identity);
        if now.is_some() && (now == open || now == self.refused) {
            return false;
        }
        self.open_next(last.as_ref(), now.is_some()).unwrap_or_else(|error| {
            // Renamed just now: it is looked for again.
            if error.kind() != ErrorKind::NotFound {
                self.trouble(reason(&error));
            }
            false
        })
    }

    /// Opens what came after the last file: those that have been rotated too, then the one that the name leads to.
    fn open_next(&mut self, last: Option<&Place>, there: bool) -> io::Result<bool> {
        let Some(last) = last else {
            return self.open_first();
        };
        if let Ok(real) = fs::canonicalize(&self.path) {
            self.real = real;
        }
        let Some(before) = self.unread(last)? else { return Ok(false) };
        let current = if before.is_empty() && there { Some(Part::open(&self.path)?) } else { None };
        if let Some(current) = current {
            // Rotated between the two looks: what was there then has to be read first.
            let now = self.unread(last)?;
            if now.is_none_or(|now| now.iter().any(|sibling| sibling.identity != current.identity())) {
                return Ok(true);
            }
            self.parts.push_back(current);
            return Ok(true);
        }
        let mut opened = false;
        for sibling in before.iter().take(OPEN_AT_ONCE) {
            // It may have another name since, and is then found under that.
            if let Some(part) =
                Part::open(&sibling.path).ok().filter(|part| part.identity() == sibling.identity)
            {
                self.parts.push_back(part);
                opened = true;
            } else {
                break;
            }
        }
        Ok(opened)
    }

    /// Opens the first file that is ever read under this name.
    fn open_first(&mut self) -> io::Result<bool> {
        let mut part = Part::open(&self.path)?;
        if self.begin == Begin::End {
            part.skip_lines()?;
        }
        if let Ok(real) = fs::canonicalize(&self.path) {
            self.real = real;
        }
        self.trouble = None;
        self.parts.push_back(part);
        Ok(true)
    }

    /// Rotated logs that came after the last one and that were not read; none while they are being renamed.
    fn unread(&self, last: &Place) -> io::Result<Option<Vec<Sibling>>> {
        let Some(all) = siblings(&self.real)? else { return Ok(None) };
        let is_known = |sibling: &Sibling| {
            let mut known = self.read.iter().filter(|place| place.identity() == sibling.identity);
            self.parts.iter().any(|part| part.identity() == sibling.identity)
                // Numbers of files are given again.
                || known.any(|place| Part::open_at(&sibling.path, place).is_ok_and(|part| part.is_some()))
        };
        Ok(Some(later(&all, last).filter(|sibling| !is_known(sibling)).cloned().collect()))
    }

    /// Tells once what is in the way.
    fn trouble(&mut self, what: String) {
        if self.trouble.as_ref() != Some(&what) {
            say(format_args!("`{}`: {what}", shown(&self.path)));
            self.trouble = Some(what);
        }
    }

    /// Nothing that exists already is skipped from now on.
    pub(crate) fn begun(&mut self) {
        self.begin = Begin::Start;
    }
}
