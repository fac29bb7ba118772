//! Lines of a stream, in memory that can end: the same lines that `auditveil filter` takes.
//!
//! A line that does not fit, into the limit or into memory, loses its tail; what is left tells which of them it was.

use alloc::vec::Vec;

/// The longest record the core reads. More of a line is not worth memory: the answer is a stub.
pub const LONGEST: usize = 64 * 1024 * 1024;

/// Bytes asked for at once.
const CHUNK: usize = 64 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A line without its end, and without a byte order mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// All of it; or, of one that is longer than the limit, a little more than the limit.
    Whole(&'a [u8]),
    /// There was no memory for it; it had so many bytes at least.
    Lost(usize),
}

/// What has been read and not been taken.
#[derive(Debug)]
pub struct Lines {
    /// What has been read; everything before `start` has been taken. Initialised up to its length.
    buffer: Vec<u8>,
    start: usize,
    /// No line ends between `start` and here.
    searched: usize,
    /// What follows, up to the next line end, belongs to a line that does not fit.
    skipping: Option<Skipped>,
    longest: usize,
}

/// Why the tail of a line is skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Skipped {
    TooLong,
    /// And how many bytes it had until now.
    NoMemory(usize),
}

impl Lines {
    /// Nothing yet. Of a longer line than `longest` the tail is skipped.
    pub const fn new(longest: usize) -> Self {
        Lines { buffer: Vec::new(), start: 0, searched: 0, skipping: None, longest }
    }

    /// Reads once, with `read`, which gives how many bytes it put into what it is given.
    ///
    /// # Errors
    ///
    /// Those of `read`.
    pub fn read<E>(&mut self, read: impl FnOnce(&mut [u8]) -> Result<usize, E>) -> Result<usize, E> {
        self.buffer.drain(..self.start);
        self.searched = self.searched.saturating_sub(self.start);
        self.start = 0;
        let kept = self.buffer.len();
        // In small steps: a line that long is rare, and doubling would take twice what it is.
        if self.buffer.capacity().saturating_sub(kept) < CHUNK
            && self.buffer.try_reserve_exact(CHUNK.max(kept / 8)).is_err()
        {
            // The line in hand is given up; what is behind it is read into the memory that it took.
            self.skipping = Some(Skipped::NoMemory(kept));
            self.buffer.clear();
            self.searched = 0;
            if self.buffer.capacity() < CHUNK {
                self.buffer = Vec::new();
                let _ = self.buffer.try_reserve_exact(CHUNK);
            }
        }
        let kept = self.buffer.len();
        let room = self.buffer.capacity().saturating_sub(kept).min(CHUNK);
        self.buffer.extend(core::iter::repeat_n(0, room));
        let result = read(self.buffer.get_mut(kept..).unwrap_or_default());
        let got = result.as_ref().map_or(0, |got| *got).min(room);
        self.buffer.truncate(kept.saturating_add(got));
        result.map(|_| got)
    }

    /// The next line whose end has been read. Calls after `None` go on where a [`read`](Lines::read) left it.
    pub fn take(&mut self) -> Option<Line<'_>> {
        let unsearched = self.buffer.get(self.searched..).unwrap_or_default();
        let Some(length) = unsearched.iter().position(|&byte| byte == b'\n') else {
            self.searched = self.buffer.len();
            self.shorten();
            return None;
        };
        let end = self.searched.saturating_add(length);
        let begin = self.start;
        self.start = end.saturating_add(1);
        self.searched = self.start;
        Some(self.line(begin, end))
    }

    /// What stands behind the last line end, once the input is at its end.
    pub fn last(&mut self) -> Option<Line<'_>> {
        let (begin, end) = (self.start, self.buffer.len());
        if begin == end && self.skipping.is_none() {
            return None;
        }
        (self.start, self.searched) = (end, end);
        Some(self.line(begin, end))
    }

    /// Whether nothing but these bytes has been read.
    pub fn begins_with(&self, bytes: &[u8]) -> bool {
        self.buffer.starts_with(bytes)
    }

    fn line(&mut self, begin: usize, end: usize) -> Line<'_> {
        let line = self.buffer.get(begin..end).unwrap_or_default();
        match self.skipping.take() {
            Some(Skipped::NoMemory(before)) => return Line::Lost(before.saturating_add(line.len())),
            // Its beginning was kept, and more than the limit of it.
            Some(Skipped::TooLong) => {
                let kept = self.longest.saturating_add(BEYOND);
                return Line::Whole(content(line.get(..kept).unwrap_or(line)));
            }
            None => {}
        }
        Line::Whole(content(line))
    }

    /// Forgets the tail of a line that has no end yet and is too long already.
    fn shorten(&mut self) {
        let kept = self.buffer.len().saturating_sub(self.start);
        match &mut self.skipping {
            Some(Skipped::NoMemory(before)) => {
                *before = before.saturating_add(kept);
                self.buffer.truncate(self.start);
            }
            _ if kept > self.longest => {
                self.skipping = Some(Skipped::TooLong);
                // So that whoever takes it sees that it is too long, whatever its end is.
                self.buffer.truncate(self.start.saturating_add(self.longest).saturating_add(BEYOND));
            }
            _ => {}
        }
        self.searched = self.buffer.len();
    }
}

/// What is kept of a line beyond the limit: a byte more, and what [`content`] takes off.
const BEYOND: usize = BYTE_ORDER_MARK.len() + 2;

/// The line without what editors of other systems put around it.
fn content(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8], drip: usize, longest: usize) -> Vec<String> {
        let (mut lines, mut rest, mut found) = (Lines::new(longest), input, Vec::new());
        let text = |line: Line<'_>| match line {
            Line::Whole(line) => String::from_utf8(line.to_vec()).unwrap(),
            Line::Lost(length) => format!("lost {length}"),
        };
        loop {
            let got = lines.read(|into| {
                let length = drip.min(rest.len()).min(into.len());
                let (now, later) = rest.split_at(length);
                into[..length].copy_from_slice(now);
                rest = later;
                Ok::<_, ()>(length)
            });
            while let Some(line) = lines.take() {
                found.push(text(line));
            }
            if got == Ok(0) {
                found.extend(lines.last().map(text));
                return found;
            }
            assert!(lines.buffer.len() <= longest + BEYOND + drip, "{} bytes", lines.buffer.len());
        }
    }

    /// As the command's own test has it.
    #[test]
    fn the_same_lines_however_they_arrive() {
        let input = "\u{feff}one\r\n\ntwo\n\u{feff}three\rfour\r\n\r\nfive".as_bytes();
        for drip in [1, 2, 3, 7, 100] {
            assert_eq!(
                lines(input, drip, 100),
                ["one", "", "two", "three\rfour", "", "five"],
                "{drip} bytes a read"
            );
        }
        assert_eq!(lines(b"", 7, 100), [""; 0]);
        assert_eq!(lines(b"\n", 7, 100), [""]);
    }

    #[test]
    fn a_line_beyond_the_limit_costs_only_itself() {
        let input = b"1234567890\nab\n1234567890abcdef\ncd\n123456789012";
        for drip in [1, 2, 3, 100] {
            let found = lines(input, drip, 5);
            assert_eq!(found.len(), 5, "{drip} bytes a read: {found:?}");
            assert_eq!((found[1].as_str(), found[3].as_str()), ("ab", "cd"));
            // Never less than one byte too many.
            for line in [&found[0], &found[2], &found[4]] {
                assert!(line.starts_with("123456"), "{drip} bytes a read: {found:?}");
            }
        }
    }
}
