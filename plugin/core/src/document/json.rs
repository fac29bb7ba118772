//! JSON to the tree, as strict as Go's encoding/json and with its liberties: bytes that are not
//! UTF-8 and lone surrogates become U+FFFD inside strings.

use super::error::{Code, Error};
use super::tree::{Document, Map, Member, NodeId, Place, Value};
use crate::limits::CONFIGURATION_NESTING;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Reads a text that is one JSON value and nothing behind it.
pub(super) fn read(text: &[u8]) -> Result<Document, Error> {
    let mut reader = Reader { text, at: 0, seen: 0, place: Place::START };
    let mut document = Document::new(true);
    let mut open: Vec<Open> = Vec::new();
    reader.skip_space();
    loop {
        // INVARIANT: here a value begins.
        let place = reader.place();
        let (mut id, mut complete) = match reader.peek() {
            Some(b'{') => {
                reader.step();
                reader.skip_space();
                let id = document.push(place, Value::Null);
                let map = Map::default();
                if reader.peek() == Some(b'}') {
                    reader.step();
                    (finish(&mut document, id, Value::Map(map)), true)
                } else {
                    let key = reader.key()?;
                    open.push(Open::Map { id, map, key });
                    (id, false)
                }
            }
            Some(b'[') => {
                reader.step();
                reader.skip_space();
                let id = document.push(place, Value::Null);
                if reader.peek() == Some(b']') {
                    reader.step();
                    (finish(&mut document, id, Value::List(Vec::new())), true)
                } else {
                    open.push(Open::List { id, items: Vec::new() });
                    (id, false)
                }
            }
            _ => {
                let value = reader.scalar()?;
                (document.push(Place { width: reader.width_since(place), ..place }, value), true)
            }
        };
        if open.len() > CONFIGURATION_NESTING {
            return Err(Error::new(place, Code::TooDeep { limit: CONFIGURATION_NESTING }));
        }
        while complete {
            reader.skip_space();
            match open.pop() {
                None => {
                    document.set_root(id);
                    return match reader.peek() {
                        None => Ok(document),
                        Some(_) => Err(reader.unexpected("the end of the text")),
                    };
                }
                Some(Open::List { id: list, mut items }) => {
                    items.push(id);
                    match reader.peek() {
                        Some(b',') => {
                            reader.step();
                            reader.skip_space();
                            open.push(Open::List { id: list, items });
                            complete = false;
                        }
                        Some(b']') => {
                            reader.step();
                            id = finish(&mut document, list, Value::List(items));
                        }
                        _ => return Err(reader.unexpected("`,` or `]`")),
                    }
                }
                Some(Open::Map { id: object, mut map, key: (key, place) }) => {
                    map.members.push(Member { key, place, value: id });
                    match reader.peek() {
                        Some(b',') => {
                            reader.step();
                            reader.skip_space();
                            let key = reader.key()?;
                            open.push(Open::Map { id: object, map, key });
                            complete = false;
                        }
                        Some(b'}') => {
                            reader.step();
                            map.note_repeated();
                            id = finish(&mut document, object, Value::Map(map));
                        }
                        _ => return Err(reader.unexpected("`,` or `}`")),
                    }
                }
            }
        }
    }
}

enum Open {
    List { id: NodeId, items: Vec<NodeId> },
    Map { id: NodeId, map: Map, key: (Box<str>, Place) },
}

fn finish(document: &mut Document, id: NodeId, value: Value) -> NodeId {
    if let Some(node) = document.node_mut(id) {
        node.value = value;
    }
    id
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    /// Up to where `place` was counted; places are asked for in order, so the text is counted once.
    seen: usize,
    place: Place,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.step();
        }
    }

    fn place(&mut self) -> Place {
        for &byte in self.text.get(self.seen..self.at).unwrap_or_default() {
            if byte == b'\n' {
                self.place.line = self.place.line.saturating_add(1);
                self.place.column = 1;
            } else if byte & 0xC0 != 0x80 {
                self.place.column = self.place.column.saturating_add(1);
            }
        }
        self.seen = self.at.max(self.seen);
        self.place
    }

    fn width_since(&mut self, start: Place) -> u32 {
        self.place().column.saturating_sub(start.column).max(1)
    }

    #[cold]
    fn unexpected(&mut self, expected: &str) -> Error {
        let place = self.place();
        let problem = match self.peek() {
            None => format!("expected {expected}, found the end of the text"),
            Some(byte) if byte.is_ascii_graphic() => {
                format!("expected {expected}, found `{}`", char::from(byte))
            }
            Some(byte) => format!("expected {expected}, found the byte 0x{byte:02x}"),
        };
        Error::new(place, Code::from(problem))
    }

    /// A member's name and the colon behind it.
    fn key(&mut self) -> Result<(Box<str>, Place), Error> {
        let place = self.place();
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a name in double quotes"));
        }
        let key = self.string()?;
        let place = Place { width: self.width_since(place), ..place };
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("`:`"));
        }
        self.step();
        self.skip_space();
        Ok((key, place))
    }

    fn scalar(&mut self) -> Result<Value, Error> {
        match self.peek() {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Error> {
        for byte in word.bytes() {
            if self.peek() != Some(byte) {
                return Err(self.unexpected(&format!("`{word}`")));
            }
            self.step();
        }
        Ok(value)
    }

    fn digits(&mut self) -> Result<(), Error> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.unexpected("a digit"));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.step();
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Value, Error> {
        let start = self.at;
        let mut whole = true;
        if self.peek() == Some(b'-') {
            self.step();
        }
        if self.peek() == Some(b'0') {
            self.step();
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            whole = false;
            self.step();
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            whole = false;
            self.step();
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.step();
            }
            self.digits()?;
        }
        let text =
            self.text.get(start..self.at).and_then(|text| core::str::from_utf8(text).ok()).unwrap_or("0");
        let integer = if whole { text.parse().ok() } else { None };
        // What overflows a float is a number all the same; nothing asks for its value.
        Ok(integer.map_or_else(|| Value::Float(text.parse().unwrap_or(f64::MAX)), Value::Integer))
    }

    fn string(&mut self) -> Result<Box<str>, Error> {
        self.step();
        let mut bytes = Vec::new();
        loop {
            match self.peek() {
                None | Some(0..=0x1F) => return Err(self.unexpected("a closing quote")),
                Some(b'"') => {
                    self.step();
                    return Ok(String::from_utf8_lossy(&bytes).into());
                }
                Some(b'\\') => {
                    self.step();
                    let character = self.escape()?;
                    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Some(byte) => {
                    self.step();
                    bytes.push(byte);
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        let simple = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{C}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.step();
                let high = self.hex4()?;
                return Ok(self.character(high));
            }
            _ => return Err(self.unexpected("an escape sequence")),
        };
        self.step();
        Ok(simple)
    }

    fn hex4(&mut self) -> Result<u16, Error> {
        let mut unit = 0_u16;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit.and_then(|digit| u16::try_from(digit).ok()) else {
                return Err(self.unexpected("four hexadecimal digits"));
            };
            unit = (unit << 4) | digit;
            self.step();
        }
        Ok(unit)
    }

    /// The character of one `\u` escape, or of two that make a pair; the second stays where it is
    /// when it does not belong to the first.
    fn character(&mut self, high: u16) -> char {
        let back = self.at;
        if (0xD800..0xDC00).contains(&high)
            && self.text.get(back..).is_some_and(|rest| rest.starts_with(b"\\u"))
        {
            self.at = back.saturating_add(2);
            if let Ok(low) = self.hex4()
                && let Some(Ok(character)) = char::decode_utf16([high, low]).next()
            {
                return character;
            }
            self.at = back;
        }
        char::from_u32(u32::from(high)).unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}
