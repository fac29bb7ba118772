//! JSON read slowly: what a text says, span by span, nothing normalised.
//!
//! serde_json decides what is JSON; it skips values without recursion and without looking at the
//! size of numbers or at lone surrogates, which real API servers write.

use crate::Error;
use serde::Deserializer as _;
use serde::de::{Deserialize, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// One member of an object, as it stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member<'a> {
    /// The key with its quotes and escapes.
    pub raw_key: &'a str,
    /// The value's text, without the white space around it.
    pub value: &'a str,
}

impl Member<'_> {
    /// The key unescaped; lone surrogates become U+FFFD.
    pub fn key(&self) -> String {
        unescape(self.raw_key)
    }
}

/// The members of the object that `text` is, in order, duplicates kept.
///
/// # Errors
///
/// `text` is no JSON object.
pub fn members(text: &str) -> Result<Vec<Member<'_>>, Error> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<Member<'de>>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                members.push(Member { raw_key: key.get(), value: value.get() });
            }
            Ok(members)
        }
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let members = reader.deserialize_map(Members).map_err(|error| Error::new(error.to_string()))?;
    reader.end().map_err(|error| Error::new(error.to_string()))?;
    Ok(members)
}

/// The items of the array that `text` is.
///
/// # Errors
///
/// `text` is no JSON array.
pub fn items(text: &str) -> Result<Vec<&str>, Error> {
    struct Items;
    impl<'de> Visitor<'de> for Items {
        type Value = Vec<&'de str>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut items = Vec::new();
            while let Some(item) = seq.next_element::<&RawValue>()? {
                items.push(item.get());
            }
            Ok(items)
        }
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let items = reader.deserialize_seq(Items).map_err(|error| Error::new(error.to_string()))?;
    reader.end().map_err(|error| Error::new(error.to_string()))?;
    Ok(items)
}

/// The last member of that name.
pub fn member<'a>(members: &[Member<'a>], name: &str) -> Option<&'a str> {
    members.iter().rev().find(|member| member.key() == name).map(|member| member.value)
}

/// Whether `text` is exactly one JSON value.
///
/// # Errors
///
/// Where it is not.
pub fn is_json(text: &str) -> Result<(), Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    IgnoredAny::deserialize(&mut reader).map_err(|error| Error::new(error.to_string()))?;
    reader.end().map_err(|error| Error::new(error.to_string()))
}

/// What the string literal `raw`, quotes included, says. Lone surrogates become U+FFFD; what is no
/// string literal is returned as it is.
pub fn unescape(raw: &str) -> String {
    let Some(inner) = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return raw.to_owned();
    };
    // UTF-16, so that the two halves of an escaped pair meet.
    let mut units: Vec<u16> = Vec::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        let meant = match character {
            '\\' => match characters.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some('b') => '\u{8}',
                Some('f') => '\u{c}',
                Some('u') => {
                    let digits: String = characters.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).unwrap_or(0xfffd));
                    continue;
                }
                Some(other) => other,
                None => '\\',
            },
            other => other,
        };
        units.extend(meant.encode_utf16(&mut [0; 2]).iter());
    }
    String::from_utf16_lossy(&units)
}

/// `text` as a string literal, quotes included, escaped no more than JSON demands.
pub fn escape(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The two figures of a text that its readers pay for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Most containers around any value, the outermost counted.
    pub depth: usize,
    /// Most keys of any object.
    pub keys: usize,
}

/// Measures a text that [`is_json`].
pub fn shape(text: &str) -> Shape {
    let mut shape = Shape::default();
    let mut open: Vec<usize> = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => {
                            bytes.next();
                        }
                        _ => {}
                    }
                }
            }
            b'{' | b'[' => {
                open.push(0);
                shape.depth = shape.depth.max(open.len());
            }
            b'}' | b']' => {
                open.pop();
            }
            b':' => {
                if let Some(keys) = open.last_mut() {
                    *keys += 1;
                    shape.keys = shape.keys.max(*keys);
                }
            }
            _ => {}
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_as_they_stand() {
        let text = r#" {"a": 1e400 ,"\u0061":"\ud800","b":[{}]} "#;
        let found = members(text).unwrap();
        let raw: Vec<(&str, &str)> = found.iter().map(|member| (member.raw_key, member.value)).collect();
        assert_eq!(raw, [("\"a\"", "1e400"), ("\"\\u0061\"", "\"\\ud800\""), ("\"b\"", "[{}]")]);
        assert_eq!(member(&found, "a"), Some("\"\\ud800\""));
        assert!(members("[1]").is_err());
        assert!(members("{} x").is_err());
        assert_eq!(items("[1, \"b\",{}]"), Ok(vec!["1", "\"b\"", "{}"]));
    }

    #[test]
    fn strings() {
        assert_eq!(unescape(r#""a\u00e9\ud83d\ude00\n\/\ud800""#), "aé😀\n/\u{fffd}");
        assert_eq!(unescape(&escape("a\"\\\u{1}\n")), "a\"\\\u{1}\n");
    }

    #[test]
    fn deep_and_wide() {
        let text = format!("{}{}", "[".repeat(9000), "]".repeat(9000));
        assert!(is_json(&text).is_ok());
        assert_eq!(shape(&text).depth, 9000);
        assert_eq!(shape(r#"{"a:{":{"b":1,"c":2},"\"":[]}"#), Shape { depth: 2, keys: 2 });
        assert!(is_json("{\"a\":1,}").is_err());
    }
}
