//! Directives, anchors, aliases and tags.

use super::scan::{Kind, Mark, Scanner};
use crate::document::error::Error;
use alloc::string::String;
use alloc::vec::Vec;

impl Scanner<'_> {
    /// A letter, a digit, `_` or `-`.
    fn is_name(&self) -> bool {
        matches!(self.byte(0), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-')
    }

    fn name(&mut self, name: &mut String) {
        while self.is_name() {
            self.copy(name);
        }
    }

    pub(super) fn scan_directive(&mut self) -> Result<Kind, Error> {
        let start = self.mark;
        self.skip();
        let mut name = String::new();
        self.name(&mut name);
        if name.is_empty() || !self.is_space_or_end(0) {
            return Err(self.error(start, "expected `%YAML` or `%TAG`"));
        }
        let kind = match name.as_str() {
            "YAML" => {
                self.skip_blanks();
                let major = self.version_number(start)?;
                if self.byte(0) != b'.' {
                    return Err(self.error(start, "expected a version such as `1.1`"));
                }
                self.skip();
                Kind::Version { known: (major, self.version_number(start)?) == (1, 1) }
            }
            "TAG" => {
                self.skip_blanks();
                let handle = self.tag_handle(true, start)?;
                if !self.is_blank(0) {
                    return Err(self.error(start, "expected a prefix behind the handle"));
                }
                self.skip_blanks();
                let prefix = self.tag_uri("", start)?;
                if !self.is_space_or_end(0) {
                    return Err(self.error(start, "expected the end of the prefix"));
                }
                Kind::TagDirective { handle, prefix }
            }
            _ => return Err(self.error(start, "expected `%YAML` or `%TAG`")),
        };
        self.finish_line()?;
        Ok(kind)
    }

    /// At most two digits.
    fn version_number(&mut self, start: Mark) -> Result<u32, Error> {
        let mut digits = String::new();
        while self.byte(0).is_ascii_digit() && digits.len() < 3 {
            self.copy(&mut digits);
        }
        match digits.parse() {
            Ok(number) if digits.len() < 3 => Ok(number),
            _ => Err(self.error(start, "expected a version such as `1.1`")),
        }
    }

    pub(super) fn scan_anchor(&mut self) -> Result<Kind, Error> {
        let (start, alias) = (self.mark, self.byte(0) == b'*');
        self.skip();
        let mut name = String::new();
        self.name(&mut name);
        let ends = self.is_space_or_end(0)
            || matches!(self.byte(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ends {
            let problem = if alias {
                "expected the name of an anchor behind `*`: text that begins with `*` needs quotes"
            } else {
                "expected a name behind `&`: text that begins with `&` needs quotes"
            };
            return Err(self.error(start, problem));
        }
        Ok(if alias { Kind::Alias(name) } else { Kind::Anchor(name) })
    }

    pub(super) fn scan_tag(&mut self) -> Result<Kind, Error> {
        let start = self.mark;
        let (handle, suffix) = if self.byte(1) == b'<' {
            self.skip();
            self.skip();
            let suffix = self.tag_uri("", start)?;
            if self.byte(0) != b'>' {
                return Err(self.error(start, "expected `>` at the end of the tag"));
            }
            self.skip();
            (String::new(), suffix)
        } else {
            let handle = self.tag_handle(false, start)?;
            if handle.len() > 1 && handle.ends_with('!') {
                let suffix = self.tag_uri("", start)?;
                (handle, suffix)
            } else {
                // It was no handle: what was read belongs to the suffix, but for the `!`.
                let suffix = self.tag_uri(&handle, start)?;
                // A lone `!` is a tag of its own.
                if suffix.is_empty() {
                    (String::new(), String::from("!"))
                } else {
                    (String::from("!"), suffix)
                }
            }
        };
        if !self.is_space_or_end(0) {
            return Err(self.error(start, "expected a space behind the tag"));
        }
        Ok(Kind::Tag { handle, suffix })
    }

    fn tag_handle(&mut self, directive: bool, start: Mark) -> Result<String, Error> {
        if self.byte(0) != b'!' {
            return Err(self.error(start, "expected a handle that begins with `!`"));
        }
        let mut handle = String::new();
        self.copy(&mut handle);
        self.name(&mut handle);
        if self.byte(0) == b'!' {
            self.copy(&mut handle);
        } else if directive && handle != "!" {
            return Err(self.error(start, "expected a handle that ends with `!`"));
        }
        Ok(handle)
    }

    /// What a tag is made of; of `head`, which was read already, all but its `!`.
    fn tag_uri(&mut self, head: &str, start: Mark) -> Result<String, Error> {
        let mut uri: Vec<u8> = head.bytes().skip(1).collect();
        let mut found = !head.is_empty();
        while self.is_name()
            || matches!(
                self.byte(0),
                b';' | b'/'
                    | b'?'
                    | b':'
                    | b'@'
                    | b'&'
                    | b'='
                    | b'+'
                    | b'$'
                    | b','
                    | b'.'
                    | b'!'
                    | b'~'
                    | b'*'
                    | b'\''
                    | b'('
                    | b')'
                    | b'['
                    | b']'
                    | b'%'
            )
        {
            found = true;
            if self.byte(0) == b'%' {
                let digit =
                    |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                let (Some(high), Some(low)) = (digit(self.byte(1)), digit(self.byte(2))) else {
                    return Err(self.error(self.mark, "expected two hexadecimal digits behind `%`"));
                };
                uri.push((high << 4) | low);
                self.skip();
                self.skip();
            } else {
                uri.push(self.byte(0));
            }
            self.skip();
        }
        match String::from_utf8(uri) {
            Ok(uri) if found => Ok(uri),
            Ok(_) => Err(self.error(start, "expected a tag behind the handle")),
            Err(_) => Err(self.error(start, "expected UTF-8 behind the escapes of the tag")),
        }
    }
}
