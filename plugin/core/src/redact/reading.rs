//! Cold: strings whose text is looked into by rules of its own, and hidden in part.
//!
//! Each kind of text has a reader that knows nothing of JSON: it gets the text without its escapes and
//! reports spans to [`Hide`]. Here these become edits of the string as it is spelled.

mod plain;

use super::argv::Argv;
use super::carriers::{self, Carrier, Written};
use super::content::{self, Content};
use super::edits::{Edit, MASK, Put, position};
use super::hide::Hide;
use super::judged::Judged;
use super::places::Place;
use super::rows::Row;
use super::{base64, client_text, expression, free_text, message, strings, uri, yaml_text};
use crate::json::text::{self, Map};
use crate::json::{find, skip, skip_space, utf8};
use crate::limits;
use crate::memory::push;
use alloc::vec::Vec;

/// What kind of text a string holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The target of a request.
    Uri,
    /// The name of an object, which a client may have made of a path.
    ObjectName,
    /// What a client says of itself, or of a user.
    ClientText,
    /// What the apiserver or an admission plugin says of a request.
    Message,
    /// The same of a request for Secrets: only phrases that are known to be harmless stay.
    SecretMessage,
    /// The path of the field that an error is about.
    FieldPath,
    /// An expression of the Common Expression Language.
    Expression,
    /// Such an expression that asks for something, or says what is wrong.
    Condition,
    /// Base64 of a certificate request in PEM.
    CertificateRequest,
    /// An argument of a command, which may go on from the one before.
    Argument,
    /// Text whose name says nothing.
    FreeText,
    /// Base64 of such text.
    Encoded,
    /// A URL that may hold a file.
    DataUrl,
    /// The path that a probe asks for, with a query.
    ProbePath,
    /// Text of which nothing is known, and which may hold a credential by its look.
    Content,
    /// Such text that is searched for JSON, so that names in it are judged elsewhere.
    Tokens,
    /// Text with bytes that are no UTF-8, which is hidden whole if there may be a credential in it.
    Damaged,
}

impl Reading {
    /// What it is called, for back-ends that are no reader.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Reading::Uri => "Uri",
            Reading::ObjectName => "ObjectName",
            Reading::ClientText => "ClientText",
            Reading::Message => "Message",
            Reading::SecretMessage => "SecretMessage",
            Reading::FieldPath => "FieldPath",
            Reading::Expression => "Expression",
            Reading::Condition => "Condition",
            Reading::CertificateRequest => "CertificateRequest",
            Reading::Argument => "Argument",
            Reading::FreeText => "FreeText",
            Reading::Encoded => "Encoded",
            Reading::DataUrl => "DataUrl",
            Reading::ProbePath => "ProbePath",
            Reading::Content => "Content",
            Reading::Tokens => "Tokens",
            Reading::Damaged => "Damaged",
        }
    }

    /// At which place a text stands that is JSON, so that strings in it are read as it would be; `None` if it is
    /// read whatever it is.
    pub(crate) const fn as_json(self) -> Option<Place> {
        match self {
            Reading::Uri => Some(Place::RequestUri),
            Reading::ObjectName => Some(Place::ObjectName),
            Reading::ClientText => Some(Place::UserExtraValue),
            Reading::Message => Some(Place::Message),
            Reading::FieldPath => Some(Place::CauseField),
            Reading::CertificateRequest => Some(Place::CertificateRequest),
            // Nothing that is JSON is a phrase that may stay; a literal alone is JSON and an expression.
            Reading::SecretMessage | Reading::Expression | Reading::Condition => None,
            Reading::Content | Reading::Tokens | Reading::Damaged => None,
            Reading::Argument
            | Reading::FreeText
            | Reading::Encoded
            | Reading::DataUrl
            | Reading::ProbePath => Some(Place::Custom),
        }
    }

    /// Whether a text that begins as JSON and is none may be an object that was cut, and not only a phrase.
    pub(crate) const fn may_hold_objects(self) -> bool {
        matches!(
            self,
            Reading::Argument
                | Reading::FreeText
                | Reading::Encoded
                | Reading::DataUrl
                | Reading::ProbePath
                | Reading::Content
                | Reading::Tokens
                | Reading::Damaged
        )
    }

    /// Whether it is what somebody says of a request, which may be base64 of an object as a whole.
    pub(crate) const fn is_said(self) -> bool {
        matches!(
            self,
            Reading::Message | Reading::ClientText | Reading::FieldPath | Reading::ObjectName | Reading::Uri
        )
    }

    /// Whether keys and tokens are looked for in it, too.
    const fn leaves_content(self) -> bool {
        !matches!(self, Reading::SecretMessage | Reading::CertificateRequest)
    }

    // All that it calls is out of line: its frame is on the longest way.
    #[inline(always)]
    fn read(self, text: &[u8], own: &mut Own, hide: &mut Spans<'_, '_>) {
        match self {
            Reading::Argument => argument(text, own, hide),
            Reading::FreeText => free_text::free_text(text, &mut own.judged, hide),
            Reading::Encoded => free_text::encoded(text, &mut own.scratch, &mut own.judged, hide),
            Reading::DataUrl => free_text::source(text, &mut own.judged, hide),
            Reading::ProbePath => uri::request_uri(text, hide),
            Reading::Uri => uri::request_uri(text, hide),
            Reading::ObjectName => object_name(text, hide),
            Reading::ClientText => client_text::client_text(text, hide),
            Reading::Message => message::status_message(text, false, hide),
            Reading::SecretMessage => message::status_message(text, true, hide),
            Reading::FieldPath => message::field_path(text, hide),
            Reading::Expression => expression::expression(text, hide),
            Reading::Condition => expression::condition(text, hide),
            Reading::CertificateRequest => {
                if holds_challenge_password(text, &mut own.scratch) {
                    hide.hide(0, text.len());
                }
            }
            Reading::Content => message::announced(text, hide),
            Reading::Tokens | Reading::Damaged => {}
        }
    }
}

/// A name, or whatever a client wrote in its place: a path with parameters, or a text that no object is called.
#[inline(never)]
fn object_name(text: &[u8], hide: &mut Spans<'_, '_>) {
    let path = find::any_of(text, 0, [b';', b'%', b'%']) < text.len();
    let prose = find::any_of(text, 0, [b'{', b'@', b'\n']) < text.len();
    if prose || !path {
        client_text::client_text(text, hide);
    } else {
        uri::object_name(text, hide);
    }
}

#[inline(never)]
fn argument(text: &[u8], own: &mut Own, hide: &mut Spans<'_, '_>) {
    if text.contains(&b'\n') && contains(text, b"Secret") && yaml_text::says_secret(text) {
        // A manifest that is handed over: of a Secret nothing stays, whatever is a command in it.
        own.argv.element(MASK, &mut Nothing);
        return free_text::free_text(text, &mut own.judged, hide);
    }
    own.argv.element(text, hide);
}

/// Turns spans of a string's text into edits of the string.
struct Spans<'a, 'b> {
    text: &'a [u8],
    map: Map<'a>,
    start: u32,
    row: Row,
    settled: &'b mut Vec<Edit>,
    complete: bool,
    /// Something that carries a text was met.
    carriers: bool,
}

impl Hide for Spans<'_, '_> {
    fn hide(&mut self, start: usize, end: usize) {
        if self.text.get(start..end) == Some(MASK) {
            return;
        }
        let from = self.start.wrapping_add(position(self.map.raw(start)));
        let to = self.start.wrapping_add(position(self.map.raw(end)));
        let edit = Edit { start: from, end: to, put: Put::Mask, row: self.row };
        self.complete &= push(self.settled, edit);
    }

    fn hide_token(&mut self, start: usize, end: usize) {
        let row = core::mem::replace(&mut self.row, Row::TokenName);
        self.hide(start, end);
        self.row = row;
    }

    fn open(&mut self, start: usize, end: usize, carrier: Carrier) {
        let before = self.settled.len();
        self.hide(start, end);
        if let Some(edit) = self.settled.get_mut(before..).and_then(<[Edit]>::last_mut) {
            edit.put = Put::Decode(carrier);
            self.carriers = true;
        }
    }
}

/// Buffers of [`read`].
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    text: Vec<u8>,
    own: Own,
    pub(crate) content: Content,
    /// In what was read last something stands that carries a text.
    pub(crate) carriers: bool,
    /// Where the last argument ended, and how long the text is that it is in.
    argument_end: (u32, usize),
}

/// What the readers of texts need themselves.
#[derive(Debug, Default)]
struct Own {
    scratch: Vec<u8>,
    judged: Judged,
    /// What the last argument makes of the next.
    argv: Argv,
    /// What the arguments before the last one made of it.
    argv_before: Argv,
}

impl Buffers {
    /// Empty buffers.
    pub(crate) const fn new() -> Self {
        Buffers {
            text: Vec::new(),
            carriers: false,
            own: Own {
                scratch: Vec::new(),
                judged: Judged::NEW,
                argv: Argv::new(),
                argv_before: Argv::new(),
            },
            content: Content::NEW,
            argument_end: (0, 0),
        }
    }

    /// Forgets the last argument, before another record is read.
    pub(crate) fn restart(&mut self) {
        self.own.judged.make_room();
        self.argument_end = (0, 0);
    }
}

/// Reads the string that `edit` marks in `above`, and appends what is to be hidden of it: what its reader finds, and behind that
/// what looks like a key or a token, each in order by itself.
///
/// A string that cannot be unescaped is hidden whole. `false` if there is no memory.
pub(crate) fn read(
    above: &[u8],
    edit: Edit,
    reading: Reading,
    buffers: &mut Buffers,
    settled: &mut Vec<Edit>,
) -> bool {
    let raw = above.get(edit.start as usize..edit.end as usize).unwrap_or_default();
    if reading == Reading::Damaged {
        return read_damaged(above, edit, buffers, settled);
    }
    let backslash = find::byte(raw, 0, b'\\');
    buffers.carriers = false;
    let text = if backslash < raw.len() {
        if !text::unescape(raw, &mut buffers.text) {
            if reading.may_hold_objects() && !says_credential(raw, &mut buffers.text, &mut buffers.own.judged)
            {
                return true;
            }
            return push(settled, Edit { put: Put::Mask, ..edit });
        }
        buffers.text.as_slice()
    } else {
        raw
    };
    if reading == Reading::Argument {
        let (end, length) = buffers.argument_end;
        if length != above.len() || !goes_on(above, end, edit.start, &mut buffers.own.argv) {
            buffers.own.argv = Argv::new();
        }
        buffers.own.argv_before = buffers.own.argv;
        buffers.argument_end = (edit.end, above.len());
    }
    let map = Map::from_backslash(raw, backslash);
    let mut spans =
        Spans { text, map, start: edit.start, row: edit.row, settled, complete: true, carriers: false };
    reading.read(text, &mut buffers.own, &mut spans);
    buffers.carriers = spans.carriers;
    let complete = spans.complete;
    if !complete || !reading.leaves_content() || !content::may_hold(text) {
        return complete;
    }
    // Behind what the reader reports, not amid it: the reader is called deep enough.
    let map = Map::from_backslash(raw, backslash);
    let mut spans =
        Spans { text, map, start: edit.start, row: Row::Content, settled, complete, carriers: false };
    buffers.content.hide(text, &mut spans);
    spans.complete
}

/// Whether the reader of a text would hide more of it, now that some of it is hidden. The text is the
/// one that was read last.
#[inline(never)]
pub(crate) fn hides_more(
    text: &[u8],
    reading: Reading,
    buffers: &mut Buffers,
    found: &mut Vec<Edit>,
) -> bool {
    found.clear();
    let argv = buffers.own.argv;
    buffers.own.argv = buffers.own.argv_before;
    let map = Map::from_backslash(text, text.len());
    let row = Row::TextUnreadable;
    let mut spans = Spans { text, map, start: 0, row, settled: found, complete: true, carriers: false };
    reading.read(text, &mut buffers.own, &mut spans);
    let complete = spans.complete;
    let after = core::mem::replace(&mut buffers.own.argv, argv);
    if reading == Reading::Argument {
        buffers.own.argv.expect_as(after);
    }
    !complete || found.iter().any(|edit| edit.put == Put::Mask)
}

/// Reads a text that is in no string, and appends what is to be hidden of it: what its reader finds, and behind that what
/// looks like a key or a token. What is of no format that is read for credentials goes whole if it is `strict`. `false` if
/// there is no memory.
pub(crate) fn read_file(
    text: &[u8],
    row: Row,
    strict: bool,
    buffers: &mut Buffers,
    noted: &mut Vec<Edit>,
) -> bool {
    // Nothing in it is an escape.
    let map = Map::from_backslash(text, text.len());
    let from = noted.len();
    let mut spans = Spans { text, map, start: 0, row, settled: noted, complete: true, carriers: false };
    free_text::free_text(text, &mut buffers.own.judged, &mut spans);
    let mut complete = spans.complete;
    // What is left is to be such a file as well, or the next filter would see another one.
    let masks = noted.get(from..).unwrap_or_default();
    if strict && !(free_text::is_file(text) && is_file_without(text, masks, &mut buffers.text)) {
        noted.truncate(from);
        let all = Edit { start: 0, end: position(text.len()), put: Put::Mask, row };
        return complete & push(noted, all);
    }
    if complete && content::may_hold(text) {
        let map = Map::from_backslash(text, text.len());
        let row = Row::Content;
        let mut spans = Spans { text, map, start: 0, row, settled: noted, complete, carriers: false };
        buffers.content.hide(text, &mut spans);
        complete = spans.complete;
    }
    complete
}

/// Whether a text is a file with masks in it, too.
fn is_file_without(text: &[u8], masks: &[Edit], masked: &mut Vec<u8>) -> bool {
    let made = masks.iter().filter(|edit| edit.put == Put::Mask);
    carriers::apply(text, 0, made, &[], &Written::NONE, masked) && free_text::is_file(masked)
}

/// Hides a string that is not UTF-8 if there may be a credential in it, and mends it otherwise.
#[cold]
#[inline(never)]
fn read_damaged(above: &[u8], edit: Edit, buffers: &mut Buffers, settled: &mut Vec<Edit>) -> bool {
    let raw = above.get(edit.start as usize..edit.end as usize).unwrap_or_default();
    let hidden = strings::holds_json(raw)
        || strings::unreadable(raw, &mut buffers.text) != strings::Unreadable::Kept
        || says_credential(raw, &mut buffers.text, &mut buffers.own.judged)
        || shows_credential(&buffers.text, &mut buffers.content);
    let before = settled.len();
    let mut complete = true;
    if !hidden {
        utf8::for_each_invalid(above, edit.start as usize, edit.end as usize, |start, end| {
            let (start, end) = (position(start), position(end));
            let mended = Edit { start, end, put: Put::ReplacementCharacter, row: Row::Damaged };
            if settled.len().saturating_sub(before) <= limits::REPLACEMENTS {
                complete &= push(settled, mended);
            }
        });
    }
    if hidden || settled.len().saturating_sub(before) > limits::REPLACEMENTS {
        settled.truncate(before);
        return push(settled, Edit { put: Put::Mask, ..edit });
    }
    complete
}

/// Whether there is anything in a text that a reader of nothing else would hide.
fn shows_credential(text: &[u8], content: &mut Content) -> bool {
    let mut seen = Seen(false);
    message::announced(text, &mut seen);
    content.hide(text, &mut seen);
    seen.0
}

/// Notes that there was something to hide.
struct Seen(bool);

impl Hide for Seen {
    fn hide(&mut self, _: usize, _: usize) {
        self.0 = true;
    }
}

/// Whether a text that is not sound, because it has bytes or escapes that stand for no character, has a
/// credential in it as far as it can be read.
fn says_credential(raw: &[u8], scratch: &mut Vec<u8>, judged: &mut Judged) -> bool {
    !text::unescape_lossy(raw, scratch) || free_text::says_credential(scratch, judged)
}

/// Goes on from the argument that ended at `end` to the one at `start` if both are of one array, or of a container's
/// `command` and `args`; `false` if they are not. What stands between them counts as hidden arguments.
#[inline(never)]
fn goes_on(text: &[u8], end: u32, start: u32, argv: &mut Argv) -> bool {
    let mut at = skip_space(text, (end as usize).wrapping_add(1));
    if end >= start {
        return false;
    }
    loop {
        // At what follows an element.
        at = match text.get(at) {
            Some(b',') => skip_space(text, at.wrapping_add(1)),
            Some(b']') => match first_of_args(text, at) {
                Some(first) => first,
                None => return false,
            },
            _ => return false,
        };
        if at.wrapping_add(1) >= start as usize {
            return at.wrapping_add(1) == start as usize;
        }
        let Some(behind) = skip::value(text, at) else { return false };
        argv.element(MASK, &mut Nothing);
        at = skip_space(text, behind);
    }
}

/// Where the first element of `args` begins, if that follows the array that ends at `at`.
fn first_of_args(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    for part in [&b"]"[..], b",", b"\"args\"", b":", b"["] {
        text.get(at..)?.starts_with(part).then_some(())?;
        at = skip_space(text, at.wrapping_add(part.len()));
    }
    Some(at)
}

/// Hides nothing.
struct Nothing;

impl Hide for Nothing {
    fn hide(&mut self, _: usize, _: usize) {}
}

/// The object identifier of the attribute `challengePassword` in DER (RFC 2985, section 5.4.1).
const CHALLENGE_PASSWORD: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x07";

/// Whether a text holds a certificate request with a password in it, or one that cannot be read: PEM or DER,
/// in base64 or not. Any other text holds none.
#[inline(never)]
fn holds_challenge_password(text: &[u8], scratch: &mut Vec<u8>) -> bool {
    if is_request(text) {
        return requests_in(text, scratch);
    }
    if base64::decode(text, scratch).is_err() {
        return false;
    }
    let decoded = core::mem::take(scratch);
    let holds = if is_request(&decoded) { requests_in(&decoded, scratch) } else { has_password(&decoded) };
    *scratch = decoded;
    holds
}

/// Whether a text has a certificate request in PEM somewhere.
fn is_request(text: &[u8]) -> bool {
    contains(text, b"CERTIFICATE REQUEST")
}

/// Whether the attribute is in DER, or in what `openssl req -text` prints before the PEM.
fn has_password(bytes: &[u8]) -> bool {
    contains(bytes, CHALLENGE_PASSWORD) || contains(bytes, b"challengePassword")
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn requests_in(pem: &[u8], der: &mut Vec<u8>) -> bool {
    let mut base64_lines = Vec::new();
    let mut inside = false;
    if has_password(pem) {
        return true;
    }
    for line in pem.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii) {
        if line.starts_with(b"-----BEGIN") {
            inside = is_request(line);
            base64_lines.clear();
        } else if line.starts_with(b"-----END") {
            let unreadable = base64::decode(&base64_lines, der).is_err();
            if inside && (unreadable || has_password(der)) {
                return true;
            }
            inside = false;
        } else if inside && !crate::memory::append(&mut base64_lines, line) {
            return true;
        }
    }
    // A request whose end is missing.
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base64_of(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for chunk in bytes.chunks(3) {
            let word = (0..3).fold(0_u32, |word, at| word << 8 | u32::from(*chunk.get(at).unwrap_or(&0)));
            for at in 0..4 {
                let digit = DIGITS[(word >> (18 - 6 * at) & 63) as usize];
                out.push(if at <= chunk.len() { digit } else { b'=' });
            }
        }
        out
    }

    fn request(der: &[u8]) -> Vec<u8> {
        let mut pem = b"-----BEGIN CERTIFICATE REQUEST-----\n".to_vec();
        pem.extend(base64_of(der));
        pem.extend_from_slice(b"\n-----END CERTIFICATE REQUEST-----\n");
        base64_of(&pem)
    }

    #[test]
    fn certificate_requests() {
        let with =
            request(&[b"\x30\x20attributes".as_slice(), CHALLENGE_PASSWORD, b"\x13\x07hunter2"].concat());
        let without = request(b"\x30\x20nothing of the kind in here");
        let cut = base64_of(b"-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n");
        let certificate = base64_of(b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
        let mut printed = b"Certificate Request:\n    challengePassword :hunter2\n".to_vec();
        printed.extend_from_slice(
            b"-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n",
        );
        let preamble = base64_of(&printed);
        let der = base64_of(&[b"\x30\x20".as_slice(), CHALLENGE_PASSWORD].concat());
        let other = b"GET /healthz".to_vec();
        for (text, hidden) in [
            (&with, true),
            (&without, false),
            (&cut, true),
            (&certificate, false),
            (&preamble, true),
            (&printed, true),
            (&der, true),
            (&other, false),
        ] {
            assert_eq!(holds_challenge_password(text, &mut Vec::new()), hidden);
        }
    }

    #[test]
    fn spans_become_edits_of_the_spelled_string() {
        let record = br#""/x?a=\u0026&token=h\"nter\u0032&b=1""#;
        let edit = Edit { start: 1, end: 35, put: Put::Mask, row: Row::Uri };
        let mut settled = Vec::new();
        assert!(read(record, edit, Reading::Uri, &mut Buffers::new(), &mut settled));
        let [hidden] = settled.as_slice() else { panic!("{settled:?}") };
        assert_eq!(&record[hidden.start as usize..hidden.end as usize], br#"h\"nter\u0032"#);
    }
}
