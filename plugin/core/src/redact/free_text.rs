//! Cold: texts whose name says nothing: a value of a variable or of a ConfigMap, a file, an argument.
//!
//! One line is read as an argument of a command, which knows flags, assignments, headers and URLs; more lines as a
//! script if they begin as one, and otherwise as YAML, properties or an env file. JSON text is opened before it
//! comes here.

use super::argv::Argv;
use super::hide::Hide;
use super::judged::Judged;
use super::key_names::is_sensitive;
use super::{base64, yaml_text};
use crate::json::find;
use alloc::vec::Vec;
use core::cell::RefCell;

/// Whether `raw`, the spelling of a text, is one line in which nothing can be found.
#[inline]
pub(crate) fn is_plain(raw: &[u8]) -> bool {
    raw.first() != Some(&b'-')
        && (find::is_one_word(raw)
            || !raw.iter().any(|byte| matches!(byte, b'=' | b':' | b' ' | b'\t' | b'\\')))
}

/// Hides the credentials in `text`.
pub(crate) fn free_text<H: Hide>(text: &[u8], judged: &mut Judged, hide: &mut H) {
    if text.starts_with(b"#!") {
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

/// Hides the whole of `text` if it is base64 of a text with credentials in it, or of compressed data.
///
/// What is neither text nor compressed stays: an image, a certificate, a key store.
pub(crate) fn encoded<H: Hide>(text: &[u8], scratch: &mut Vec<u8>, judged: &mut Judged, hide: &mut H) {
    if text.is_empty() {
        return;
    }
    if base64::decode(text, scratch).is_err() {
        return free_text(text, judged, hide);
    }
    if is_compressed(scratch) || core::str::from_utf8(scratch).is_ok() && says_credential(scratch, judged) {
        hide.hide(0, text.len());
    }
}

/// Hides the content of a `data:` URL; of any other URL what [`free_text`] hides.
pub(crate) fn data_url<H: Hide>(text: &[u8], judged: &mut Judged, hide: &mut H) {
    let is_data = text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"data:"));
    let comma = text.iter().position(|&byte| byte == b',');
    match comma {
        Some(comma) if is_data => {
            let content = comma.saturating_add(1);
            if content < text.len() {
                hide.hide(content, text.len());
            }
        }
        _ if is_data => hide.hide(0, text.len()),
        _ => free_text(text, judged, hide),
    }
}

/// gzip, zlib, zstd, xz, bzip2 and zip, by the bytes they begin with.
fn is_compressed(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0x1f, 0x8b, ..]
            | [0x78, 0x01 | 0x9c | 0xda, ..]
            | [0x28, 0xb5, 0x2f, 0xfd, ..]
            | [0xfd, b'7', b'z', b'X', b'Z', ..]
            | [b'B', b'Z', b'h', ..]
            | [b'P', b'K', 3, 4, ..]
    )
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
    fn hide(&mut self, _: usize, _: usize) {
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
    fn encoded_texts() {
        for (text, hidden) in [
            ("cGFzc3dvcmQ9aHVudGVyMgo=", true),         // password=hunter2
            ("Zm9vPWJhcgo=", false),                    // foo=bar
            ("eyJwYXNzd29yZCI6Imh1bnRlcjIifQ==", true), // {"password":"hunter2"}
            ("H4sIAAAAAAAAA0vKz0kEAA==", true),
            ("iVBORw0KGgo=", false),
            ("no base64", false),
            ("", false),
        ] {
            let out = masked(text, |text, hide| encoded(text, &mut Vec::new(), &mut Judged::default(), hide));
            assert_eq!(out, if hidden { "#" } else { text });
        }
    }

    #[test]
    fn data_urls() {
        for (text, expected) in [
            ("data:text/plain;base64,aHVudGVyMg==", "data:text/plain;base64,#"),
            ("data:,hunter2", "data:,#"),
            ("data:,", "data:,"),
            ("DATA:hunter2", "#"),
            ("https://a:hunter2@b/c", "https://a:#@b/c"),
            ("https://b/c", "https://b/c"),
        ] {
            assert_eq!(masked(text, |text, hide| data_url(text, &mut Judged::default(), hide)), expected);
        }
    }
}
