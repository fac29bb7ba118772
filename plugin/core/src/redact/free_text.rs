//! Cold: texts whose name says nothing: a value of a variable or of a ConfigMap, a file, an argument.
//!
//! One line is read as an argument of a command, which knows flags, assignments, headers and URLs; more lines as a
//! script if they begin as one, and otherwise as YAML, properties or an env file. JSON text is opened before it
//! comes here.

use super::argv::Argv;
use super::carriers::Carrier;
use super::edits::MASK;
use super::hide::Hide;
use super::judged::Judged;
use super::key_names::is_sensitive;
use super::{base64, carriers, yaml_text};
use crate::json::find;
use alloc::vec::Vec;
use core::cell::RefCell;

/// Whether `raw`, the spelling of a text, is one line in which nothing can be found.
#[inline]
pub(crate) fn is_plain(raw: &[u8]) -> bool {
    raw.first() != Some(&b'-')
        && !carriers::may_be_base64(raw)
        && (find::is_one_word(raw)
            || !raw.iter().any(|byte| matches!(byte, b'=' | b':' | b' ' | b'\t' | b'\\')))
}

/// Hides the credentials in `text`.
#[inline(never)]
pub(crate) fn free_text<H: Hide>(text: &[u8], judged: &mut Judged, hide: &mut H) {
    // A Secret in a script goes first.
    if text.starts_with(b"#!") && !yaml_text::says_secret(text) {
        return script(text, hide);
    }
    if text.contains(&b'\n') {
        return yaml(text, judged, hide);
    }
    // `Bearer x`, `-Da=b -Dpassword=c`: several words, as a shell would split them.
    if text.starts_with(b"-") && text.contains(&b' ') {
        return script(text, hide);
    }
    Argv::new().element(text, hide);
}

fn yaml<H: Hide>(text: &[u8], judged: &mut Judged, hide: &mut H) {
    let judged = RefCell::new(judged);
    let sensitive = |key: &[u8]| match judged.try_borrow_mut() {
        Ok(mut judged) => judged.is_sensitive(key),
        Err(_) => is_sensitive(key),
    };
    yaml_text::yaml(text, sensitive, hide);
}

fn script<H: Hide>(text: &[u8], hide: &mut H) {
    Argv::new().script(text, hide);
}

/// Opens `text` if it is base64, and reads it as [`free_text`] otherwise.
#[inline(never)]
pub(crate) fn encoded<H: Hide>(text: &[u8], scratch: &mut Vec<u8>, judged: &mut Judged, hide: &mut H) {
    if text.trim_ascii().is_empty() {
        return;
    }
    if base64::decode(text, scratch).is_err() {
        // Cut, or with a digit too many.
        let broken = text.split(u8::is_ascii_whitespace).all(base64::is_run_or_nothing);
        return if broken { hide.hide(0, text.len()) } else { free_text(text, judged, hide) };
    }
    hide.open(0, text.trim_ascii_end().len(), Carrier::Text);
}

/// Opens a `data:` URL; hides of any other URL what [`free_text`] hides.
#[inline(never)]
pub(crate) fn source<H: Hide>(text: &[u8], judged: &mut Judged, hide: &mut H) {
    if carriers::is_data_url(text) {
        hide.open(0, text.len(), Carrier::File);
    } else {
        free_text(text, judged, hide);
    }
}

/// Whether a text is a file of a format in which it can be told what is a credential: a script, or lines of which
/// most have a key. JSON is told elsewhere.
///
/// `user:password` is no key and its value, so a colon counts only with white space behind it.
pub(crate) fn is_file(text: &[u8]) -> bool {
    if text.starts_with(b"#!") {
        return true;
    }
    let (mut keys, mut others): (usize, usize) = (0, 0);
    for line in text.split(|&byte| byte == b'\n') {
        let content = line.trim_ascii();
        let content = content.strip_prefix(b"- ").unwrap_or(content).trim_ascii_start();
        match content.first() {
            None | Some(b'#' | b';') => continue,
            Some(b'[') if is_section(content) => keys = keys.saturating_add(1),
            _ if matches!(content, b"---" | b"..." | b"}" | b"]") => {}
            _ if has_key(content) => keys = keys.saturating_add(1),
            // What goes on from the line above.
            Some(_) if keys > 0 && line.first().is_some_and(u8::is_ascii_whitespace) => {}
            Some(_) => others = others.saturating_add(1),
        }
    }
    keys > 0 && others <= keys / 4
}

/// Whether a line is the name of a section: `[Service]`, `[[plugins.x]]`, `[remote "origin"]`.
fn is_section(line: &[u8]) -> bool {
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./: []".contains(byte);
    let name = line.split(|&byte| byte == b' ').next().unwrap_or_default();
    line.ends_with(b"]") && name.iter().all(in_name)
}

/// Whether a line begins with a key: `key: value`, `key:`, `key = value`.
fn has_key(line: &[u8]) -> bool {
    let name = line.strip_prefix(b"export ").unwrap_or(line);
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./\"'".contains(byte);
    let length = name.iter().take_while(|byte| in_name(byte)).count();
    let behind = name.get(length..).unwrap_or_default();
    length > 0
        && match behind.trim_ascii_start().split_first() {
            // What ends in such signs may be base64.
            Some((b'=', rest)) => !matches!(rest, b"" | b"="),
            Some((b':', rest)) => rest.first().is_none_or(u8::is_ascii_whitespace) || rest.starts_with(MASK),
            _ => false,
        }
}

/// Whether anything in a text is a credential. JSON is not opened here: it is read as YAML, which it is.
pub(crate) fn says_credential(text: &[u8], judged: &mut Judged) -> bool {
    let mut seen = Seen(false);
    free_text(text, judged, &mut seen);
    seen.0
        || text.contains(&b'{') && {
            yaml(text, judged, &mut seen);
            seen.0
        }
}

/// Notes that there was something to hide.
struct Seen(bool);

impl Hide for Seen {
    const ASKS: bool = true;

    fn hide(&mut self, _: usize, _: usize) {
        self.0 = true;
    }

    fn open(&mut self, _: usize, _: usize, _: Carrier) {
        self.0 = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    struct Masked<'a> {
        text: &'a str,
        at: usize,
        out: String,
    }

    impl Hide for Masked<'_> {
        fn hide(&mut self, start: usize, end: usize) {
            self.out.push_str(self.text.get(self.at..start).unwrap());
            self.out.push('#');
            self.at = end;
        }
    }

    fn masked(text: &str, read: impl Fn(&[u8], &mut Masked<'_>)) -> String {
        let mut masked = Masked { text, at: 0, out: String::new() };
        read(text.as_bytes(), &mut masked);
        let rest = text.get(masked.at..).unwrap();
        masked.out + rest
    }

    #[test]
    fn lines_scripts_and_files() {
        for (text, expected) in [
            ("debug", "debug"),
            ("postgres://db:hunter2@pg:5432/x", "postgres://db:#@pg:5432/x"),
            (
                "-Xmx1g -Dspring.datasource.password=hunter2 -Da=b",
                "-Xmx1g -Dspring.datasource.password=# -Da=b",
            ),
            ("user=a password=hunter2", "user=a password=#"),
            ("host: a\npassword: hunter2\n", "host: a\npassword: #\n"),
            ("a.b=c\ndb.password=hunter2\n", "a.b=c\ndb.password=#\n"),
            ("#!/bin/sh\nmysql -u root -phunter2\n", "#!/bin/sh\nmysql -u root -p#\n"),
            ("/etc/db/password", "/etc/db/password"),
        ] {
            assert_eq!(masked(text, |text, hide| free_text(text, &mut Judged::default(), hide)), expected);
            if !text.contains(['\n', '\t']) && is_plain(text.as_bytes()) {
                assert_eq!(text, expected);
            }
        }
    }

    #[test]
    fn files_are_told_from_other_texts() {
        for text in [
            "a=b",
            "a: b\nc:\n  - d\n",
            "[Unit]\nDescription=x\n",
            "#!/bin/sh\necho x",
            "export A=b",
            "# x\nA=1\n  more\n",
        ] {
            assert!(is_file(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "hunter2",
            "user:hunter2",
            "host:5432:db:user:hunter2\n",
            "machine x login y password z\n",
            "-----BEGIN PRIVATE KEY-----\nAbc=\n",
            "hunter2\nhunter3\na=b\n",
        ] {
            assert!(!is_file(text.as_bytes()), "{text}");
        }
    }
}
