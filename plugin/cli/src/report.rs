//! How an error in a file is shown: what, where, the line itself with carets, what to do.

use crate::command::shown;
use auditveil_core::Filter;
use auditveil_core::policy::{Error, ErrorKind, is_unseen};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

/// How much of a line is shown, in characters.
const WIDEST: usize = 100;

/// Whether the file is refused for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Error,
    Warning,
}

/// Shows errors on standard error.
pub(crate) fn report(severity: Severity, path: &Path, text: &[u8], errors: &[Error]) {
    use std::io::Write as _;
    let told = render(severity, path, text, errors);
    // Nobody is left to tell that standard error is gone.
    let _ = std::io::stderr().write_all(told.as_bytes());
}

fn render(severity: Severity, path: &Path, text: &[u8], errors: &[Error]) -> String {
    let text = decode(text);
    let guarded = !errors.is_empty() && holds_secrets(&text);
    errors.iter().map(|error| render_one(severity, path, &text, guarded, error)).collect()
}

fn render_one(severity: Severity, path: &Path, text: &str, guarded: bool, error: &Error) -> String {
    let mut out = String::new();
    let word = if severity == Severity::Error { "error" } else { "warning" };
    let way = error.path().to_string();
    let colon = if way.is_empty() { "" } else { ": " };
    let (line, column) = (error.line(), error.column());
    let margin = " ".repeat(line.to_string().len());
    let _ = writeln!(out, "{word}: {way}{colon}{}", error.message());
    let _ = writeln!(out, "{margin}--> {}:{line}:{column}", shown(path));
    let is_key = matches!(error.kind(), ErrorKind::UnknownKey | ErrorKind::RepeatedKey);
    if let Some((source, before, width)) = excerpt(text, line, column, error.width(), guarded, is_key) {
        let _ = writeln!(out, "{margin} |\n{line} | {source}");
        let _ = writeln!(out, "{margin} | {}{}", " ".repeat(before), "^".repeat(width));
    }
    if let Some(hint) = error.hint() {
        let _ = writeln!(out, "{margin} = hint: {hint}");
    }
    if severity == Severity::Warning {
        let note = match error.kind() {
            ErrorKind::UnknownKey => "Kubernetes ignores this key; what stands under it has no effect",
            ErrorKind::Missing => "the filter needs it where it runs",
            ErrorKind::RepeatedKey => "Kubernetes takes the last of these; the others have no effect",
            _ => "Kubernetes accepts this",
        };
        let _ = writeln!(out, "{margin} = note: {note}");
    }
    out.push('\n');
    out
}

/// The text, as far as it is one.
fn decode(text: &[u8]) -> Cow<'_, str> {
    let units = |rest: &[u8], unit: fn([u8; 2]) -> u16| -> Cow<'static, str> {
        let units: Vec<u16> = rest.as_chunks::<2>().0.iter().map(|&pair| unit(pair)).collect();
        String::from_utf16_lossy(&units).into()
    };
    match text {
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)),
    }
}

/// The part of a line around a column that is shown, how many characters of it stand before the carets, and
/// how many carets there are. None for a line that does not exist or has nothing in it.
///
/// Of a `guarded` text, and of a line with a credential, nothing is shown but a key that is wrong: what stands elsewhere
/// may be the credential.
pub(crate) fn excerpt(
    text: &str,
    line: u32,
    column: u32,
    width: u32,
    guarded: bool,
    is_key: bool,
) -> Option<(String, usize, usize)> {
    let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let source = text.lines().nth(size(line).checked_sub(1)?)?;
    let at = size(column).saturating_sub(1);
    let length = source.chars().count();
    if length == 0 {
        return None;
    }
    if guarded || holds_credential(source) {
        if !is_key {
            return None;
        }
        let marked: String = source.chars().skip(at).take(size(width).min(WIDEST)).map(visible).collect();
        let carets = marked.chars().count().max(1);
        let (before, lead) = if at > 0 { (1, "…") } else { (0, "") };
        let tail = if at.saturating_add(carets) < length { "…" } else { "" };
        return Some((format!("{lead}{marked}{tail}"), before, carets));
    }
    let from = if length <= WIDEST { 0 } else { at.saturating_sub(WIDEST / 3).min(length - WIDEST) };
    let mut part: String = source.chars().skip(from).take(WIDEST).map(visible).collect();
    let before = at.saturating_sub(from).min(WIDEST);
    let carets = size(width).clamp(1, WIDEST.saturating_sub(before).max(1));
    let mut before = before;
    if from > 0 {
        part.insert(0, '…');
        before += 1;
    }
    if from + WIDEST < length {
        part.push('…');
    }
    Some((part.trim_end().to_owned(), before, carets))
}

/// A character on the terminal.
fn visible(character: char) -> char {
    match character {
        '\t' => ' ',
        unseen if is_unseen(unseen) => char::REPLACEMENT_CHARACTER,
        other => other,
    }
}

/// Whether a text may be a manifest of a Secret or a record, and no policy or configuration, which have no such keys; or
/// something else of which the filter would hide a part.
fn holds_secrets(text: &str) -> bool {
    const KEYS: [&str; 6] =
        ["data", "stringData", "binaryData", "requestObject", "responseObject", "requestURI"];
    let in_name = |sign: char| sign.is_alphanumeric() || "-_.".contains(sign);
    let mut keys = text.split(':').map(|before| before.trim_end().trim_end_matches(['"', '\'']));
    let is_one = |before: &str| {
        KEYS.iter().any(|key| before.strip_suffix(key).is_some_and(|rest| !rest.ends_with(in_name)))
    };
    keys.any(is_one) || is_hidden_from(text)
}

/// Whether the filter would hide something of a line, were it in a file of a ConfigMap; or it has a `key`, which
/// somebody may have written where a `key_file` belongs, or the other way round.
fn holds_credential(line: &str) -> bool {
    let mut words = line.split(|sign: char| !sign.is_alphanumeric() && sign != '_');
    words.any(|word| matches!(word, "key" | "key_id" | "key_file")) || is_hidden_from(line)
}

/// Whether the filter would hide something of a text.
fn is_hidden_from(text: &str) -> bool {
    let event = format!(
        r#"{{"auditID":"a","verb":"create","objectRef":{{"resource":"configmaps"}},"requestObject":{{"kind":"ConfigMap","data":{{"a.yaml":{}}}}}}}"#,
        serde_json::Value::from(text)
    );
    let mut answer = Vec::new();
    Filter::new().process(event.as_bytes(), &mut answer);
    answer.windows(12).any(|part| part == br#""redacted":{"#)
}

#[cfg(test)]
mod tests {
    use super::*;
    use auditveil_core::{Source, policy};

    fn told(text: &[u8]) -> String {
        let path = Path::new("file.yaml");
        let all = |errors: &[Error], severity| -> String { render(severity, path, text, errors) };
        match Source::of(text).load(text) {
            Ok(loaded) => all(&loaded.warnings, Severity::Warning),
            Err(rejected) => {
                all(&rejected.warnings, Severity::Warning) + &all(&rejected.errors, Severity::Error)
            }
        }
    }

    #[test]
    fn messages() {
        let head = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";
        let long = format!("{head}- {{level: Metadata, users: [{}], verb: [get]}}\n", "alice, ".repeat(40));
        let texts: Vec<Vec<u8>> = vec![
            format!("{head}- level: Metdata\n").into(),
            format!("{head}- level: Metadata\n  resource: [{{group: '', resources: [secrets]}}]\n").into(),
            format!("{head}- level: None\n  level: Metadata\n").into(),
            format!("{head}- level: Metadata\n\tusers: [a]\n").into(),
            format!("{head}- level: Request\n  users: [jürgen, \u{1F600}], namespaces: x\n").into(),
            long.into(),
            b"redact: {actoin: mask}\n".to_vec(),
            b"enrich:\n  key: veil\n".to_vec(),
            b"input: {other: \xff}\n".to_vec(),
            b"version: '1'\npolicy:\n".to_vec(),
            "\u{feff}kind: Policy\nrules: []\n".encode_utf16().flat_map(u16::to_le_bytes).collect(),
            b"kind: Policy\napiVersion: v1\nrules: []\n".to_vec(),
            br#"{"data":{"p":"FAKE-hunter2"},"kind":"Secret","apiVersion":"v1"}"#.to_vec(),
            b"redact: {password: FAKE-hunter2}\n".to_vec(),
        ];
        let all: Vec<String> = texts.iter().map(|text| told(text)).collect();
        assert!(all.iter().all(|told| !told.contains("hunter2")));
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(all.join("----\n")) });
    }

    #[test]
    fn carets_stay_under_what_they_mean_in_a_long_line() {
        for at in [0, 10, 50, 99, 100, 150, 290, 299] {
            let line: String = (0..300).map(|index| if index == at { '@' } else { 'x' }).collect();
            let (part, before, width) = excerpt(&line, 1, at + 1, 1, false, false).unwrap();
            assert_eq!((part.chars().nth(before), width), (Some('@'), 1), "{at}");
            assert!(part.chars().count() <= WIDEST + 2);
        }
        assert_eq!(excerpt("a\n", 2, 1, 1, false, false), None);
        assert_eq!(excerpt("a", 1, 2, 1, false, false), Some(("a".to_owned(), 1, 1)));
        assert!(policy::load(b"").is_err());
    }
}
