//! The stub that needs no memory: for a record that could not be placed, or an answer that could not.
//!
//! Everywhere else the core writes the stub, with whatever of the event can be read.

const BEFORE_REASON: &[u8] =
    br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditveil":{"version":"1","stub":{"reason":""#;
const BEFORE_LENGTH: &[u8] = br#"","length":"#;
const AFTER_LENGTH: &[u8] = b"}}}";

/// `{"log": <str 8>`: the byte after it is the length of the text.
const MSGPACK_BEFORE_TEXT: &[u8] = b"\x82\xa3log\xd9";
/// `"auditveil_version": "1"}`: the flat key that the shipped configuration lets records through by.
const MSGPACK_AFTER_TEXT: &[u8] = b"\xb1auditveil_version\xa11";

/// Which of the host's two formats a record came in, and its answer has to go out in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `event_format json`: JSON text.
    Json,
    /// `event_format msgpack`: a msgpack map without a zero byte.
    Msgpack,
}

impl Format {
    /// The format of a record that begins with this byte: a msgpack map never begins below 0x80, JSON
    /// text never at or above it.
    pub fn of(first_byte: u8) -> Self {
        if first_byte < 0x80 { Format::Json } else { Format::Msgpack }
    }

    /// The NUL-terminated answer that makes the host drop the record. In msgpack an empty answer would
    /// break the chunk; an empty map lacks the flat key and is discarded by the `grep` behind the filter.
    pub fn drop_answer(self) -> &'static [u8] {
        match self {
            Format::Json => b"\0",
            Format::Msgpack => b"\x80\0",
        }
    }
}

/// Why there is nothing but this stub, as the stamp's schema spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The record has no bytes.
    Empty,
    /// There is no record where the host says that one is.
    NotAnObject,
    /// The host asked for more memory than any record needs.
    TooLarge,
    /// There was no memory for the record or for its answer.
    OutOfMemory,
}

impl Reason {
    fn id(self) -> &'static [u8] {
        match self {
            Reason::Empty => b"empty",
            Reason::NotAnObject => b"not_an_object",
            Reason::TooLarge => b"too_large",
            Reason::OutOfMemory => b"out_of_memory",
        }
    }
}

/// A stub in a buffer of fixed size.
#[derive(Debug)]
pub struct LastResort {
    buffer: [u8; 256],
    length: usize,
}

impl LastResort {
    /// An empty buffer.
    pub const fn new() -> Self {
        LastResort { buffer: [0; 256], length: 0 }
    }

    /// Writes the stub of a record of `record_length` bytes and gives it back, NUL-terminated.
    pub fn stub(&mut self, format: Format, reason: Reason, record_length: usize) -> &[u8] {
        self.length = 0;
        match format {
            Format::Json => self.text(reason, record_length),
            Format::Msgpack => {
                self.append(MSGPACK_BEFORE_TEXT);
                let length_at = self.length;
                // Holds the place; any byte but zero will do.
                self.append(b"\xff");
                let text_at = self.length;
                self.text(reason, record_length);
                let text_length = self.length.saturating_sub(text_at);
                if let (Some(byte), Ok(value)) = (self.buffer.get_mut(length_at), u8::try_from(text_length)) {
                    *byte = value;
                }
                self.append(MSGPACK_AFTER_TEXT);
            }
        }
        self.append(b"\0");
        self.buffer.get(..self.length).unwrap_or(b"\0")
    }

    /// The event itself. The length is rounded up to 1 KiB, as in every stub.
    fn text(&mut self, reason: Reason, record_length: usize) {
        self.append(BEFORE_REASON);
        self.append(reason.id());
        self.append(BEFORE_LENGTH);
        self.decimal(record_length.checked_next_multiple_of(1024).unwrap_or(record_length));
        self.append(AFTER_LENGTH);
    }

    fn decimal(&mut self, mut number: usize) {
        let mut digits = [b'0'; 20];
        let mut unused = digits.len();
        for digit in digits.iter_mut().rev() {
            // A remainder below ten fits.
            *digit = b'0'.wrapping_add((number % 10) as u8);
            unused = unused.saturating_sub(1);
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.append(digits.get(unused..).unwrap_or(b"0"));
    }

    fn append(&mut self, bytes: &[u8]) {
        let rest = self.buffer.get_mut(self.length..).unwrap_or_default();
        if let Some(room) = rest.get_mut(..bytes.len()) {
            room.copy_from_slice(bytes);
            self.length = self.length.saturating_add(bytes.len());
        }
    }
}

impl Default for LastResort {
    fn default() -> Self {
        LastResort::new()
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, LastResort, Reason};
    const REASONS: [Reason; 4] = [Reason::Empty, Reason::NotAnObject, Reason::TooLarge, Reason::OutOfMemory];

    #[test]
    fn json_is_one_whole_event() {
        let mut last_resort = LastResort::new();
        assert_eq!(
            last_resort.stub(Format::Json, Reason::OutOfMemory, 70_000),
            concat!(
                r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditveil":{"version":"1","#,
                r#""stub":{"reason":"out_of_memory","length":70656}}}"#,
                "\0"
            )
            .as_bytes()
        );
    }

    #[test]
    fn every_stub_fits_and_ends_with_its_only_nul() {
        let mut last_resort = LastResort::new();
        for format in [Format::Json, Format::Msgpack] {
            for reason in REASONS {
                for length in [0, 1, 1024, usize::MAX] {
                    let stub = last_resort.stub(format, reason, length);
                    assert_eq!(stub.iter().position(|&byte| byte == 0), Some(stub.len() - 1));
                    let tail: &[u8] = match format {
                        Format::Json => b"}}}\0",
                        Format::Msgpack => b"}}}\xb1auditveil_version\xa11\0",
                    };
                    assert!(stub.ends_with(tail), "{format:?} {reason:?} {length}");
                }
            }
        }
    }

    #[test]
    fn msgpack_states_the_length_of_its_text() {
        let mut last_resort = LastResort::new();
        let stub = last_resort.stub(Format::Msgpack, Reason::Empty, 0).to_vec();
        assert_eq!(stub[..6], *b"\x82\xa3log\xd9");
        let text = &stub[7..7 + usize::from(stub[6])];
        let mut json = LastResort::new();
        assert_eq!([text, b"\0"].concat(), json.stub(Format::Json, Reason::Empty, 0));
    }
}
