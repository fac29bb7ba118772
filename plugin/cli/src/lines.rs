//! Lines of any length from any reader, without a copy where a line is short.
//!
//! Reading and taking are apart, so that a caller can flush before a read that may wait: the records
//! that a pipe has delivered so far are answered, however slowly the next one comes.

use std::io::{self, ErrorKind, Read};

/// Bytes asked for at once.
const CHUNK: usize = 256 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A reader cut into lines.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    input: R,
    /// What has been read; everything before `start` has been taken.
    buffer: Vec<u8>,
    start: usize,
    /// No line ends between `start` and here.
    searched: usize,
    /// Of a longer line, only its beginning is kept.
    longest: usize,
    /// Where in the input reading goes on.
    read_to: u64,
    /// Where in the input what has not been taken begins.
    taken_to: u64,
}

impl<R: Read> Lines<R> {
    /// A line of more than `longest` bytes loses its tail, but keeps more than `longest`, so that
    /// whoever takes it sees that it is too long.
    pub(crate) fn new(input: R, longest: usize) -> Self {
        Lines::from(input, 0, longest)
    }

    /// The same for an input that begins at `position`, at the beginning of a line.
    pub(crate) fn from(input: R, position: u64, longest: usize) -> Self {
        let (read_to, taken_to) = (position, position);
        Lines { input, buffer: Vec::new(), start: 0, searched: 0, longest, read_to, taken_to }
    }

    /// The position up to which the input has been read.
    pub(crate) fn read_to(&self) -> u64 {
        self.read_to
    }

    /// The position up to which lines were taken: where the next one begins.
    pub(crate) fn taken_to(&self) -> u64 {
        self.taken_to
    }

    /// Every line whose end has been read, ends included; empty if there is none. [`split`] takes it apart.
    pub(crate) fn take(&mut self) -> &[u8] {
        let unsearched = self.buffer.get(self.searched..).unwrap_or_default();
        let begin = self.start;
        if let Some(last) = memchr::memrchr(b'\n', unsearched) {
            self.start = self.searched + last + 1;
            // Of what stands behind a line end nothing has been left out yet.
            self.taken_to = self.read_to.saturating_sub((self.buffer.len() - self.start) as u64);
        }
        self.searched = self.buffer.len();
        self.buffer.get(begin..self.start).unwrap_or_default()
    }

    /// What stands behind the last line end. To be called when [`Lines::read`] has come to the end.
    pub(crate) fn take_last(&mut self) -> &[u8] {
        let last = self.buffer.get(self.start..).unwrap_or_default();
        self.start = self.buffer.len();
        self.searched = self.start;
        self.taken_to = self.read_to;
        last
    }

    /// Reads once. False: the input is at its end.
    ///
    /// # Errors
    ///
    /// The reader's.
    pub(crate) fn read(&mut self) -> io::Result<bool> {
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        let kept = self.buffer.len();
        self.buffer.resize(kept + CHUNK, 0);
        let chunk = self.buffer.get_mut(kept..).unwrap_or_default();
        let read = loop {
            match self.input.read(chunk) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let length = *read.as_ref().unwrap_or(&0);
        self.buffer.truncate(kept + length);
        self.read_to = self.read_to.saturating_add(length as u64);
        if kept > self.longest {
            // Only the end of this line matters: everything before it is beyond the limit.
            let end = memchr::memchr(b'\n', self.buffer.get(kept..).unwrap_or_default());
            let end = end.map_or(self.buffer.len(), |length| kept + length);
            self.buffer.drain(self.longest + 1..end);
            self.searched = self.longest + 1;
        }
        Ok(read? > 0)
    }

    /// The format that the input is packed in, if what was read first says so.
    pub(crate) fn packed(&self) -> Option<Packed> {
        const MAGIC: [(&[u8], Packed); 3] = [
            (b"\x1f\x8b", Packed { format: "gzip", unpacker: "zcat" }),
            (b"\xfd7zXZ\0", Packed { format: "xz", unpacker: "xzcat" }),
            (b"\x28\xb5\x2f\xfd", Packed { format: "zstd", unpacker: "zstdcat" }),
        ];
        MAGIC.into_iter().find(|(magic, _)| self.buffer.starts_with(magic)).map(|(_, packed)| packed)
    }
}

/// A compressed format, and what unpacks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packed {
    pub(crate) format: &'static str,
    pub(crate) unpacker: &'static str,
}

/// The lines of what was taken, without their ends.
pub(crate) fn split(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = block;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let (line, behind) = rest.split_at_checked(end).unwrap_or_default();
        rest = behind.get(1..).unwrap_or_default();
        Some(content(line))
    })
}

/// The line without what editors of other systems put around it.
fn content(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives out as much as it is told at each read.
    struct Dripping<'a>(&'a [u8], usize);

    impl Read for Dripping<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len()).min(into.len());
            let (now, later) = self.0.split_at(length);
            into[..length].copy_from_slice(now);
            self.0 = later;
            Ok(length)
        }
    }

    fn lines(input: &[u8], drip: usize, longest: usize) -> Vec<String> {
        let mut lines = Lines::new(Dripping(input, drip), longest);
        let mut found = Vec::new();
        let mut add =
            |block: &[u8]| found.extend(split(block).map(|line| String::from_utf8(line.to_vec()).unwrap()));
        loop {
            add(lines.take());
            if !lines.read().unwrap() {
                break;
            }
        }
        add(lines.take_last());
        found
    }

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
    }

    #[test]
    fn a_line_beyond_the_limit_costs_only_itself() {
        let input = b"1234567890\nab\n1234567890abcdef\ncd\n";
        for drip in [1, 2, 3, 100] {
            let found = lines(input, drip, 5);
            assert_eq!(found.len(), 4, "{drip} bytes a read: {found:?}");
            assert_eq!((found[1].as_str(), found[3].as_str()), ("ab", "cd"));
            // How much more than the limit is kept depends on where reads end; never less.
            assert!(found[0].starts_with("123456") && found[2].starts_with("123456"), "{found:?}");
        }
    }

    #[test]
    fn positions_are_those_of_the_input() {
        let input = b"1234567890\nab\n1234567890abcdef\ncd\nrest";
        for drip in [1, 2, 3, 7, 100] {
            let mut lines = Lines::from(Dripping(input, drip), 1000, 5);
            while lines.read().unwrap() {
                let before = lines.taken_to();
                let none = lines.take().is_empty();
                let to = lines.taken_to();
                let end = usize::try_from(to - 1000).unwrap();
                assert_eq!(none, before == to, "{drip} bytes a read");
                assert!(
                    end == 0 || input[end - 1] == b'\n',
                    "{drip} bytes a read: {end} is no beginning of a line"
                );
            }
            assert_eq!((lines.taken_to(), lines.read_to()), (1034, 1038));
            assert_eq!(lines.take_last(), b"rest");
            assert_eq!(lines.taken_to(), 1038);
        }
    }

    #[test]
    fn memory_stays_bounded_in_an_endless_line() {
        let mut lines = Lines::new(io::repeat(b'x').take(64 * CHUNK as u64), CHUNK);
        while lines.read().unwrap() {
            assert!(lines.take().is_empty());
            assert!(lines.buffer.len() <= 3 * CHUNK, "{}", lines.buffer.len());
        }
    }

    #[test]
    fn packed_input_is_recognised() {
        for (bytes, format) in [(&b"\x1f\x8b\x08"[..], Some("gzip")), (b"{}", None), (b"", None)] {
            let mut lines = Lines::new(bytes, 10);
            lines.read().unwrap();
            assert_eq!(lines.packed().map(|packed| packed.format), format);
        }
    }
}
