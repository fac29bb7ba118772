//! What the command does: the configuration, then record after record, then what was noticed.
//!
//! As `auditveil filter`: every line gives exactly one line, a list of events one for each of its events; lines without
//! content are skipped. Answers are written before more is read, since reading may wait for long.

use alloc::string::String;
use alloc::vec::Vec;
use auditveil_core::embed::Embedded;
use auditveil_core::{Fault, LoadedSettings, Outcome, Settings, StubReason, list};
use auditveil_guest::configuration::{
    Errno, STANDARD_INPUT, STANDARD_OUTPUT, Streams, Wait, configure, line,
};

use crate::lines::{LONGEST, Line, Lines};

/// How the command ended: the codes of `auditveil`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Every record was answered, or the reader of the output went away.
    Done = 0,
    /// The input could not be read to its end, or the output not be written.
    Failed = 1,
    /// The configuration is refused; every record was answered under the strictest.
    Refused = 3,
}

/// Answers wait for so many bytes, or for the next read.
const FLUSH: usize = 64 * 1024;

/// What compressed input begins with, and what unpacks it.
const COMPRESSED: [(&[u8], &str, &str); 3] =
    [(b"\x1f\x8b", "gzip", "zcat"), (b"\xfd7zXZ\0", "xz", "xzcat"), (b"\x28\xb5\x2f\xfd", "zstd", "zstdcat")];

/// Filters standard input into standard output.
pub fn run(system: &mut impl Streams) -> Exit {
    let settings =
        if LoadedSettings::has_room(0) { configure(system) } else { Settings::strictest(Fault::Unreadable) };
    let refused = settings.fault().is_some();
    let mut command = Command {
        filter: Embedded::with_settings(settings),
        answer: Vec::new(),
        waiting: Vec::new(),
        packed: Vec::new(),
        records: 0,
        stubs: 0,
    };
    let mut said = String::new();
    let exit = match command.filter_all(system) {
        Ok(()) if refused => Exit::Refused,
        Ok(()) => Exit::Done,
        Err(Stop::Written(Errno::PIPE)) => return Exit::Done,
        Err(Stop::Written(errno)) => {
            line(&mut said, format_args!("cannot write standard output: {}", errno.meaning()));
            Exit::Failed
        }
        Err(Stop::Read(errno)) => {
            line(&mut said, format_args!("cannot read standard input: {}", errno.meaning()));
            Exit::Failed
        }
        Err(Stop::Compressed(format, unpacker)) => {
            line(
                &mut said,
                format_args!("standard input is {format}-compressed; unpack it first: `{unpacker} … |`"),
            );
            Exit::Failed
        }
    };
    if command.stubs > 0 {
        let hint = if command.stubs == command.records {
            "one event a line is expected (`jq -c .` puts it on one)"
        } else {
            "`auditveil.stub` in each says why"
        };
        let (stubs, records) = (command.stubs, command.records);
        line(&mut said, format_args!("{stubs} of {records} records became stubs; {hint}"));
    }
    if !said.is_empty() {
        system.say(said.as_bytes());
    }
    exit
}

/// Why it ended before its input did.
enum Stop {
    Read(Errno),
    Written(Errno),
    Compressed(&'static str, &'static str),
}

struct Command {
    filter: Embedded,
    answer: Vec<u8>,
    /// Answers that are not written yet.
    waiting: Vec<u8>,
    /// A line that would be taken for msgpack, with white space before it.
    packed: Vec<u8>,
    records: u64,
    stubs: u64,
}

impl Command {
    fn filter_all(&mut self, system: &mut impl Streams) -> Result<(), Stop> {
        let mut lines = Lines::new(LONGEST);
        let mut first = true;
        loop {
            let got = read(system, &mut lines);
            if core::mem::take(&mut first)
                && let Some((_, format, unpacker)) =
                    COMPRESSED.into_iter().find(|(magic, ..)| lines.begins_with(magic))
            {
                return Err(Stop::Compressed(format, unpacker));
            }
            while let Some(line) = lines.take() {
                self.line(system, line)?;
            }
            if !matches!(got, Ok(1..)) {
                // What has arrived of a line is a record too, if only a cut one.
                if let Some(line) = lines.last() {
                    self.line(system, line)?;
                }
            }
            self.flush(system)?;
            match got {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(errno) => return Err(Stop::Read(errno)),
            }
        }
    }

    fn line(&mut self, system: &mut impl Streams, line: Line<'_>) -> Result<(), Stop> {
        match line {
            Line::Whole(line) if line.trim_ascii().is_empty() => Ok(()),
            // Of a line beyond the limit the end is gone, and nobody knows how many items with it.
            Line::Whole(line) => match list::items(line).filter(|_| line.len() <= LONGEST) {
                Some(mut items) => items.try_for_each(|item| self.record(system, item)),
                None => self.record(system, line),
            },
            Line::Lost(length) => {
                self.filter.release();
                self.filter.stub(StubReason::OutOfMemory, length, false, &mut self.answer);
                self.answered(system, Outcome::Stubbed(StubReason::OutOfMemory))
            }
        }
    }

    fn record(&mut self, system: &mut impl Streams, record: &[u8]) -> Result<(), Stop> {
        let outcome = if record.first().is_some_and(|first| *first >= 0x80) {
            // No JSON begins so, but a msgpack map does, and would be answered in msgpack.
            self.packed.clear();
            if self.packed.try_reserve(record.len().saturating_add(1)).is_ok() {
                self.packed.push(b' ');
                self.packed.extend_from_slice(record);
                self.filter.process(&self.packed, &mut self.answer)
            } else {
                self.filter.stub(StubReason::OutOfMemory, record.len(), false, &mut self.answer);
                Outcome::Stubbed(StubReason::OutOfMemory)
            }
        } else {
            self.filter.process(record, &mut self.answer)
        };
        self.answered(system, outcome)
    }

    /// Counts the record, and puts its answer to those that wait.
    fn answered(&mut self, system: &mut impl Streams, outcome: Outcome) -> Result<(), Stop> {
        self.records = self.records.saturating_add(1);
        self.stubs = self.stubs.saturating_add(u64::from(matches!(outcome, Outcome::Stubbed(_))));
        if outcome == Outcome::Dropped {
            return Ok(());
        }
        let length = self.answer.len().saturating_add(1);
        if self.waiting.len().saturating_add(length) > FLUSH {
            self.flush(system)?;
        }
        if length <= FLUSH && self.waiting.try_reserve(length).is_ok() {
            self.waiting.extend_from_slice(&self.answer);
            self.waiting.push(b'\n');
            return Ok(());
        }
        write(system, &self.answer)?;
        write(system, b"\n")
    }

    fn flush(&mut self, system: &mut impl Streams) -> Result<(), Stop> {
        let result = write(system, &self.waiting);
        self.waiting.clear();
        result
    }
}

/// Reads once, and waits for it if need be.
fn read(system: &mut impl Streams, lines: &mut Lines) -> Result<usize, Errno> {
    loop {
        match lines.read(|into| system.read(STANDARD_INPUT, into)) {
            Err(Errno::INTERRUPTED) => {}
            Err(Errno::AGAIN) => wait(system, STANDARD_INPUT, Wait::Read)?,
            result => return result,
        }
    }
}

/// Writes all of it, however little at a time.
fn write(system: &mut impl Streams, bytes: &[u8]) -> Result<(), Stop> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match system.write(STANDARD_OUTPUT, rest) {
            // A stream that takes nothing and says nothing would be written to for ever.
            Ok(0) => return Err(Stop::Written(Errno::IO)),
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(Errno::INTERRUPTED) => {}
            Err(Errno::AGAIN) => wait(system, STANDARD_OUTPUT, Wait::Write).map_err(Stop::Written)?,
            Err(errno) => return Err(Stop::Written(errno)),
        }
    }
    Ok(())
}

fn wait(system: &mut impl Streams, stream: u32, to: Wait) -> Result<(), Errno> {
    match system.wait(stream, to) {
        Ok(()) | Err(Errno::INTERRUPTED) => Ok(()),
        Err(errno) => Err(errno),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use auditveil_core::baked::{LENGTH, UNBAKED};
    use auditveil_guest::baked::Memory;
    use auditveil_guest::configuration::System;

    /// Streams that do at each turn what a list says, and no folder.
    #[derive(Default)]
    struct Turns {
        input: Vec<Result<&'static [u8], Errno>>,
        /// How much is taken at each write; everything once the list is over.
        takes: Vec<Result<usize, Errno>>,
        waits: Vec<(u32, Wait)>,
        written: String,
        said: String,
    }

    impl Memory for Turns {
        fn descriptor(&mut self) -> [u8; LENGTH] {
            UNBAKED
        }

        fn copy(&mut self, _address: u32, _into: &mut [u8]) -> bool {
            false
        }
    }

    impl System for Turns {
        fn folder(&mut self, _descriptor: u32, _name: &mut Vec<u8>) -> bool {
            false
        }

        fn open(&mut self, _folder: u32, _file: &str) -> Result<u32, Errno> {
            Err(Errno::NOENT)
        }

        fn read(&mut self, file: u32, buffer: &mut [u8]) -> Result<usize, Errno> {
            assert_eq!(file, STANDARD_INPUT);
            let next = if self.input.is_empty() { Ok(&b""[..]) } else { self.input.remove(0) }?;
            buffer[..next.len()].copy_from_slice(next);
            Ok(next.len())
        }

        fn close(&mut self, _file: u32) {}

        fn say(&mut self, text: &[u8]) {
            self.said.push_str(std::str::from_utf8(text).unwrap());
        }
    }

    impl Streams for Turns {
        fn write(&mut self, stream: u32, bytes: &[u8]) -> Result<usize, Errno> {
            assert_eq!(stream, STANDARD_OUTPUT);
            let most = if self.takes.is_empty() { Ok(bytes.len()) } else { self.takes.remove(0) }?;
            let taken = most.min(bytes.len());
            self.written.push_str(std::str::from_utf8(&bytes[..taken]).unwrap());
            Ok(taken)
        }

        fn wait(&mut self, stream: u32, to: Wait) -> Result<(), Errno> {
            self.waits.push((stream, to));
            Ok(())
        }
    }

    const EVENT: &[u8] = b"{\"auditID\":\"a\",\"verb\":\"get\"}\n";
    const ANSWER: &str =
        "{\"auditID\":\"a\",\"verb\":\"get\",\"auditveil\":{\"version\":\"1\",\"action\":\"get\"}}\n";

    #[test]
    fn streams_that_do_not_wait_are_waited_for() {
        let mut turns = Turns {
            input: vec![Err(Errno::INTERRUPTED), Ok(&EVENT[..9]), Err(Errno::AGAIN), Ok(&EVENT[9..])],
            takes: vec![Err(Errno::AGAIN), Ok(1), Err(Errno::INTERRUPTED), Ok(5)],
            ..Turns::default()
        };
        assert_eq!(run(&mut turns), Exit::Done);
        assert_eq!(turns.written, ANSWER);
        assert_eq!(turns.waits, [(STANDARD_INPUT, Wait::Read), (STANDARD_OUTPUT, Wait::Write)]);
    }

    #[test]
    fn answers_are_written_before_more_is_read() {
        let mut turns = Turns { input: vec![Ok(EVENT), Err(Errno::IO)], ..Turns::default() };
        assert_eq!(run(&mut turns), Exit::Failed);
        assert_eq!(turns.written, ANSWER);
        assert!(
            turns.said.ends_with("auditveil: cannot read standard input: it cannot be used\n"),
            "{}",
            turns.said
        );
    }

    #[test]
    fn an_output_that_ends_ends_the_command() {
        for (error, exit, said) in [
            (Err(Errno::PIPE), Exit::Done, ""),
            (Err(Errno(51)), Exit::Failed, "cannot write standard output: no space is left"),
            (Ok(0), Exit::Failed, "cannot write standard output"),
        ] {
            let mut turns =
                Turns { input: vec![Ok(EVENT), Ok(EVENT)], takes: vec![error], ..Turns::default() };
            assert_eq!(run(&mut turns), exit, "{error:?}");
            assert!(turns.said.contains(said) && turns.input.len() == 1, "{}", turns.said);
        }
    }

    #[test]
    fn what_is_no_event_is_told_of() {
        let input: &[_] = &[
            Ok(&b"\xef\xbb\xbf{}\r\n\n \n[{\"auditID\":\"a\",\"verb\":\"get\"},{\"auditID\":\"a\",\"verb\":\"get\"}]\n"[..]),
            Ok(b"\x81\xa3log\xa0\nno"),
        ];
        let mut turns = Turns { input: input.to_vec(), ..Turns::default() };
        assert_eq!(run(&mut turns), Exit::Done);
        let lines: Vec<&str> = turns.written.lines().collect();
        assert_eq!(lines.len(), 5, "{lines:?}");
        assert_eq!(lines[0], r#"{"auditveil":{"version":"1","shape":"other"}}"#);
        assert_eq!([lines[1], lines[2]], [ANSWER.trim_end(); 2]);
        assert!(lines[3].contains(r#""stub":{"reason":"not_an_object""#), "{lines:?}");
        assert!(
            turns.said.contains("2 of 5 records became stubs; `auditveil.stub` in each"),
            "{}",
            turns.said
        );
    }

    #[test]
    fn compressed_input_is_not_taken_for_records() {
        let mut turns = Turns { input: vec![Ok(b"\x1f\x8b\x08rest\n")], ..Turns::default() };
        assert_eq!(run(&mut turns), Exit::Failed);
        assert!(turns.said.contains("gzip-compressed; unpack it first: `zcat"), "{}", turns.said);
        assert_eq!(turns.written, "");
    }
}
