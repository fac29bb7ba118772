//! A msgpack reader and writer for tests: plain, complete, and strict about what an answer may be.
//!
//! Format: <https://github.com/msgpack/msgpack/blob/master/spec.md>. Reading is recursive; records
//! under test that nest deeply are JSON text, never nested msgpack.

use crate::{Error, json};

/// No answer nests deeper than a map of arrays of strings; inputs of tests not much.
const MAX_DEPTH: usize = 64;

/// One msgpack value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `nil`
    Nil,
    /// `true`, `false`
    Bool(bool),
    /// Any integer format.
    Int(i128),
    /// `float 32` and `float 64`
    Float(f64),
    /// Any `str` format; not necessarily UTF-8.
    Str(Vec<u8>),
    /// Any `bin` format.
    Bin(Vec<u8>),
    /// Any `array` format.
    Array(Vec<Value>),
    /// Any `map` format, members in order, duplicates kept.
    Map(Vec<(Value, Value)>),
    /// Any `ext` format: type and payload.
    Ext(i8, Vec<u8>),
}

/// `{"log": text}` as Fluent Bit hands over a raw line.
pub fn log_record(text: &[u8]) -> Vec<u8> {
    let mut record = vec![0x81];
    write_str(&mut record, b"log");
    write_str(&mut record, text);
    record
}

/// The record that `text`, a JSON record with a `log`, is in msgpack: the same keys in the same order.
/// `None` where msgpack has no way to say the same, such as a number spelled `1.50`.
pub fn envelope(text: &str) -> Option<Vec<u8>> {
    let members = json::members(text).ok()?;
    json::member(&members, "log")?;
    let mut record = vec![0xdf];
    record.extend(u32::try_from(members.len()).ok()?.to_be_bytes());
    for member in members {
        write_str(&mut record, member.key().as_bytes());
        let value: serde_json::Value = serde_json::from_str(member.value).ok()?;
        // Anything that reading normalises would be a difference of the records, not of the answers.
        if !value.is_string() && value.to_string().as_str() != member.value {
            return None;
        }
        write(&mut record, &value)?;
    }
    Some(record)
}

/// Appends a JSON value; `None` if it holds a number that is no 64-bit integer.
fn write(out: &mut Vec<u8>, value: &serde_json::Value) -> Option<()> {
    let count = |out: &mut Vec<u8>, marker: u8, count: usize| {
        out.push(marker);
        out.extend(u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
    };
    match value {
        serde_json::Value::Null => out.push(0xc0),
        serde_json::Value::Bool(value) => out.push(if *value { 0xc3 } else { 0xc2 }),
        serde_json::Value::Number(number) => {
            out.push(0xd3);
            out.extend(number.as_i64()?.to_be_bytes());
        }
        serde_json::Value::String(text) => write_str(out, text.as_bytes()),
        serde_json::Value::Array(items) => {
            count(out, 0xdd, items.len());
            items.iter().try_for_each(|item| write(out, item))?;
        }
        serde_json::Value::Object(members) => {
            count(out, 0xdf, members.len());
            for (key, value) in members {
                write_str(out, key.as_bytes());
                write(out, value)?;
            }
        }
    }
    Some(())
}

/// Appends a string in the shortest `str` format, as every encoder does.
pub fn write_str(out: &mut Vec<u8>, text: &[u8]) {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < 32 => out.push(0xa0 | short),
        (Ok(short), _) => out.extend([0xd9, short]),
        (_, Ok(middle)) => {
            out.push(0xda);
            out.extend(middle.to_be_bytes());
        }
        _ => {
            out.push(0xdb);
            out.extend(length.to_be_bytes());
        }
    }
    out.extend(text);
}

/// Reads exactly one value.
///
/// # Errors
///
/// The bytes are cut, go on behind the value, use the one unassigned byte, or nest too deep.
pub fn read(bytes: &[u8]) -> Result<Value, Error> {
    let mut reader = Reader { rest: bytes };
    let value = reader.value(0)?;
    match reader.rest.len() {
        0 => Ok(value),
        more => Err(Error::new(format!("{more} bytes behind the msgpack value"))),
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) =
            self.rest.split_at_checked(length).ok_or_else(|| Error::new("msgpack value is cut"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// A big-endian unsigned number of up to eight bytes.
    fn number(&mut self, width: usize) -> Result<u64, Error> {
        Ok(self.take(width)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn length(&mut self, width: usize) -> Result<usize, Error> {
        usize::try_from(self.number(width)?).map_err(|_| Error::new("msgpack length is absurd"))
    }

    fn value(&mut self, depth: usize) -> Result<Value, Error> {
        if depth > MAX_DEPTH {
            return Err(Error::new("msgpack nests too deep for a test"));
        }
        let marker = self.number(1)?;
        let low = |mask: u64| usize::try_from(marker & mask).unwrap_or_default();
        Ok(match marker {
            0x00..=0x7f => Value::Int(i128::from(marker)),
            0x80..=0x8f => self.map(low(0x0f), depth)?,
            0x90..=0x9f => self.array(low(0x0f), depth)?,
            0xa0..=0xbf => Value::Str(self.take(low(0x1f))?.to_vec()),
            0xc0 => Value::Nil,
            0xc2 => Value::Bool(false),
            0xc3 => Value::Bool(true),
            0xc4..=0xc6 => {
                let length = self.length(1 << (marker - 0xc4))?;
                Value::Bin(self.take(length)?.to_vec())
            }
            0xc7..=0xc9 => {
                let length = self.length(1 << (marker - 0xc7))?;
                self.ext(length)?
            }
            0xca => {
                Value::Float(f64::from(f32::from_bits(u32::try_from(self.number(4)?).unwrap_or_default())))
            }
            0xcb => Value::Float(f64::from_bits(self.number(8)?)),
            0xcc..=0xcf => Value::Int(i128::from(self.number(1 << (marker - 0xcc))?)),
            0xd0..=0xd3 => {
                let width = 1_usize << (marker - 0xd0);
                let unsigned = i128::from(self.number(width)?);
                let bits = width * 8;
                Value::Int(if unsigned >> (bits - 1) == 0 { unsigned } else { unsigned - (1 << bits) })
            }
            0xd4..=0xd8 => self.ext(1 << (marker - 0xd4))?,
            0xd9..=0xdb => {
                let length = self.length(1 << (marker - 0xd9))?;
                Value::Str(self.take(length)?.to_vec())
            }
            0xdc | 0xdd => {
                let length = self.length(2 << (marker - 0xdc))?;
                self.array(length, depth)?
            }
            0xde | 0xdf => {
                let length = self.length(2 << (marker - 0xde))?;
                self.map(length, depth)?
            }
            0xe0..=0xff => Value::Int(i128::from(marker) - 256),
            _ => return Err(Error::new("msgpack byte 0xc1 is not assigned")),
        })
    }

    fn ext(&mut self, length: usize) -> Result<Value, Error> {
        let kind = u8::try_from(self.number(1)?).unwrap_or_default().cast_signed();
        Ok(Value::Ext(kind, self.take(length)?.to_vec()))
    }

    fn array(&mut self, length: usize, depth: usize) -> Result<Value, Error> {
        let items: Result<Vec<Value>, Error> = (0..length).map(|_| self.value(depth + 1)).collect();
        Ok(Value::Array(items?))
    }

    fn map(&mut self, length: usize, depth: usize) -> Result<Value, Error> {
        let members: Result<Vec<(Value, Value)>, Error> =
            (0..length).map(|_| Ok((self.value(depth + 1)?, self.value(depth + 1)?))).collect();
        Ok(Value::Map(members?))
    }
}

/// What a msgpack answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The event as JSON text, without the space that may pad it.
    pub text: String,
    /// Members that moved out of the text, joined again: name and JSON text.
    pub moved: Vec<(String, String)>,
}

/// The most JSON text an answer holds under `log`; longer, and members move out of it.
const MAX_TEXT: usize = 65_535;

/// Reads an answer and holds it to the design: no zero byte, one map, `log`, the flat
/// `auditveil_version`, and pieces of moved members that are whole characters. `None` is a drop.
///
/// # Errors
///
/// What the answer does wrong.
pub fn read_answer(bytes: &[u8]) -> Result<Option<Answer>, Error> {
    if let Some(at) = memchr::memchr(0, bytes) {
        return Err(Error::new(format!("zero byte at {at}: the host would cut the answer there")));
    }
    let Value::Map(members) = read(bytes)? else {
        return Err(Error::new("the msgpack answer is no map"));
    };
    if members.is_empty() {
        return Ok(None);
    }
    let (mut text, mut version, mut moved) = (None, None, Vec::new());
    for (key, value) in members {
        let key = string(key)?;
        match (key.as_str(), value) {
            ("log", value) if text.is_none() => text = Some(string(value)?),
            ("auditveil_version", value) if version.is_none() => version = Some(string(value)?),
            (key, Value::Array(pieces)) => {
                let name = key
                    .strip_suffix("_text")
                    .ok_or_else(|| Error::new(format!("array under `{key}`, which is no `…_text`")))?;
                let pieces: Result<Vec<String>, Error> = pieces.into_iter().map(string).collect();
                moved.push((name.to_owned(), pieces?.concat().trim_end_matches(' ').to_owned()));
            }
            (key, _) => return Err(Error::new(format!("`{key}` does not belong in an answer"))),
        }
    }
    if version.as_deref() != Some("1") {
        return Err(Error::new("the answer lacks auditveil_version=\"1\""));
    }
    let text = text.ok_or_else(|| Error::new("the answer lacks `log`"))?;
    if text.len() > MAX_TEXT {
        return Err(Error::new(format!("`log` has {} bytes, more than {MAX_TEXT}", text.len())));
    }
    Ok(Some(Answer { text: text.trim_end_matches(' ').to_owned(), moved }))
}

fn string(value: Value) -> Result<String, Error> {
    let Value::Str(bytes) = value else {
        return Err(Error::new("a key or text of the answer is no msgpack string"));
    };
    String::from_utf8(bytes).map_err(|_| Error::new("a string of the answer is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_every_width() {
        for length in [0, 31, 32, 255, 256, 65_535, 65_536] {
            let text = vec![b'x'; length];
            let Value::Map(members) = read(&log_record(&text)).unwrap() else { panic!("no map") };
            assert_eq!(members, [(Value::Str(b"log".to_vec()), Value::Str(text))]);
        }
    }

    #[test]
    fn envelopes() {
        let record = envelope(r#"{"log":"{}\n","n":-2,"l":[null,true,{"a":"b"}]}"#).unwrap();
        let text = |text: &str| Value::Str(text.as_bytes().to_vec());
        let list = vec![Value::Nil, Value::Bool(true), Value::Map(vec![(text("a"), text("b"))])];
        assert_eq!(
            read(&record),
            Ok(Value::Map(vec![
                (text("log"), text("{}\n")),
                (text("n"), Value::Int(-2)),
                (text("l"), Value::Array(list)),
            ]))
        );
        assert_eq!(envelope(r#"{"kind":"Event"}"#), None);
        assert_eq!(envelope(r#"{"log":"","n":1.50}"#), None);
    }

    #[test]
    fn every_other_format() {
        let bytes = crate::hex::decode(
            "dc 000c c0 c2 c3 ff d0 80 d1 ff00 cf ffffffffffffffff cb 3ff8000000000000 c4 01 00
             d4 05 07 81 a1 61 90 de 0000",
        )
        .unwrap();
        assert_eq!(
            read(&bytes),
            Ok(Value::Array(vec![
                Value::Nil,
                Value::Bool(false),
                Value::Bool(true),
                Value::Int(-1),
                Value::Int(-128),
                Value::Int(-256),
                Value::Int(i128::from(u64::MAX)),
                Value::Float(1.5),
                Value::Bin(vec![0]),
                Value::Ext(5, vec![7]),
                Value::Map(vec![(Value::Str(b"a".to_vec()), Value::Array(vec![]))]),
                Value::Map(vec![]),
            ]))
        );
        for bad in ["", "c1", "81 a1 61", "c0 c0", "d9 05 61"] {
            assert!(read(&crate::hex::decode(bad).unwrap()).is_err(), "{bad}");
        }
    }

    #[test]
    fn answers() {
        let mut answer = vec![0x83];
        write_str(&mut answer, b"log");
        write_str(&mut answer, b"{\"verb\":\"get\"} ");
        write_str(&mut answer, b"auditveil_version");
        write_str(&mut answer, b"1");
        let two = answer.len();
        write_str(&mut answer, b"requestObject_text");
        answer.push(0x92);
        write_str(&mut answer, b"[1,");
        write_str(&mut answer, b"2]");
        let read = read_answer(&answer).unwrap().unwrap();
        assert_eq!(read.text, r#"{"verb":"get"}"#);
        assert_eq!(read.moved, [("requestObject".to_owned(), "[1,2]".to_owned())]);

        assert_eq!(read_answer(&[0x80]), Ok(None));
        assert!(read_answer(&answer[..two]).is_err(), "a cut map");
        assert!(read_answer(&log_record(b"{}")).is_err(), "no version");
        assert!(read_answer(&[0x81, 0xa1, b'a', 0x00]).is_err(), "a zero byte");
    }
}
