//! Cold: reads a text by the tables of [`phrases`](super::phrases) and hides what they do not know.

use super::phrases::{Piece, Rule, Section, WHOLE, rules};
use super::search::find;
use super::{Parts, lexeme, value};
use crate::redact::hide::Hide;

/// Hides everything in `text` but the phrases of Kubernetes and the names in them.
pub(super) fn keep_phrases_only(text: &[u8], parts: &mut Parts<'_, impl Hide>) {
    if WHOLE.iter().any(|rule| matches!(rule.pieces, [Piece::Text(whole)] if whole.as_bytes() == text)) {
        return;
    }
    let mut at = 0;
    let mut section = Section::Start;
    while section != Section::End {
        let rest = text.get(at..).unwrap_or_default();
        if rest.is_empty() && section == Section::NextError {
            return;
        }
        let masked = value::is_mask(rest);
        let Some(taken) = rules(section).iter().find_map(|rule| take(rule, text, at)).filter(|_| !masked)
        else {
            if !rest.is_empty() {
                parts.add(at, text.len());
            }
            return;
        };
        for span in taken.spans.into_iter().take(taken.count) {
            parts.add(span.0, span.1);
        }
        at = taken.end;
        section = taken.then;
    }
}

/// What a rule took.
struct Taken {
    end: usize,
    then: Section,
    spans: [(usize, usize); SPANS],
    count: usize,
}

/// No rule hides more than this many parts.
const SPANS: usize = 6;

impl Taken {
    fn hide(&mut self, text: &[u8], start: usize, end: usize) -> Option<()> {
        let part = text.get(start..end)?;
        if part.is_empty() {
            return Some(());
        }
        *self.spans.get_mut(self.count)? = (start, end);
        self.count = self.count.saturating_add(1);
        Some(())
    }
}

fn take(rule: &Rule, text: &[u8], at: usize) -> Option<Taken> {
    let mut taken = Taken { end: at, then: rule.then, spans: [(0, 0); SPANS], count: 0 };
    for piece in rule.pieces {
        let rest = text.get(taken.end..)?;
        match piece {
            Piece::Text(literal) => {
                if !rest.starts_with(literal.as_bytes()) {
                    return None;
                }
                taken.end = taken.end.saturating_add(literal.len());
            }
            Piece::Keep(lexeme) => {
                let length = lexeme(rest);
                if length == 0 {
                    return None;
                }
                taken.end = taken.end.saturating_add(length);
            }
            Piece::Hide(lexeme) => {
                let length = lexeme(rest);
                if length == 0 {
                    return None;
                }
                let start = taken.end;
                taken.end = start.saturating_add(length);
                taken.hide(text, start, taken.end)?;
            }
            Piece::Quoted(stays) => {
                if rest.first() != Some(&b'"') {
                    return None;
                }
                let end = value::string(text, taken.end)?;
                quoted(&mut taken, text, end, *stays)?;
            }
            Piece::Apostrophed(stays) => {
                let inner = rest.strip_prefix(b"'")?;
                let length = inner.iter().position(|&byte| byte == b'\'')?;
                let end = taken.end.saturating_add(length).saturating_add(2);
                quoted(&mut taken, text, end, *stays)?;
            }
            Piece::Path => path(&mut taken, text)?,
            Piece::TypedPath => typed_path(&mut taken, text)?,
            Piece::Echo => echo(&mut taken, text)?,
            Piece::Rest => {
                let start = taken.end;
                taken.end = text.len();
                taken.hide(text, start, taken.end)?;
            }
        }
    }
    (rule.then != Section::End || taken.end == text.len()).then_some(taken)
}

/// Takes a quoted text, from the quote at `taken.end` to the one before `end`.
fn quoted(taken: &mut Taken, text: &[u8], end: usize, stays: fn(&[u8]) -> bool) -> Option<()> {
    let (from, to) = (taken.end.saturating_add(1), end.saturating_sub(1));
    if !stays(text.get(from..to)?) {
        taken.hide(text, from, to)?;
    }
    taken.end = end;
    Some(())
}

/// Takes `metadata.labels`, `data[key]`, `<nil>`.
fn path(taken: &mut Taken, text: &[u8]) -> Option<()> {
    let rest = text.get(taken.end..)?;
    if rest.starts_with(b"<nil>") {
        taken.end = taken.end.saturating_add(5);
        return Some(());
    }
    let mut of_keys = false;
    loop {
        let field = lexeme::secret_field(text.get(taken.end..)?);
        if field == 0 || of_keys {
            return None;
        }
        let behind = taken.end.saturating_add(field);
        of_keys = super::field::MAPS.contains(&text.get(taken.end..behind)?);
        taken.end = behind;
        if text.get(taken.end) == Some(&b'.') {
            taken.end = taken.end.saturating_add(1);
            continue;
        }
        if text.get(taken.end) != Some(&b'[') {
            return Some(());
        }
        let start = taken.end.saturating_add(1);
        let index = text.get(start..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let behind = start.saturating_add(index);
        if !of_keys && (1..5).contains(&index) && text.get(behind) == Some(&b']') {
            taken.end = behind.saturating_add(1);
            if text.get(taken.end) != Some(&b'.') {
                return Some(());
            }
            taken.end = taken.end.saturating_add(1);
            continue;
        }
        // A key that a client chose ends its path. It may hold brackets itself.
        let end = match value::mask(text, start) {
            Some(end) if text.get(end..)?.starts_with(b"]: ") => end,
            _ => start.saturating_add(find(text.get(start..)?, b"]: ")?),
        };
        if !WELL_KNOWN_KEYS.contains(&text.get(start..end)?) {
            taken.hide(text, start, end)?;
        }
        taken.end = end.saturating_add(1);
        return Some(());
    }
}

/// Takes `.stringData.password`: the fields that every Secret has stay, what follows goes.
fn typed_path(taken: &mut Taken, text: &[u8]) -> Option<()> {
    loop {
        let rest = text.get(taken.end..)?.strip_prefix(b".")?;
        let length = lexeme::word(rest);
        let known = rest.get(..length).is_some_and(|field| lexeme::is_one_of(field, lexeme::FIELDS));
        let behind = taken.end.saturating_add(1).saturating_add(length);
        let ends = |at: usize| {
            text.get(at..).is_some_and(|rest| {
                rest.is_empty()
                    || rest.starts_with(b": expected ")
                    || rest.starts_with(b": field not declared")
            })
        };
        if known && (ends(behind) || text.get(behind) == Some(&b'.')) {
            taken.end = behind;
            if ends(behind) {
                return Some(());
            }
            continue;
        }
        let start = taken.end.saturating_add(1);
        let mut end = start;
        while !ends(end) {
            end = end.saturating_add(1);
        }
        taken.hide(text, start, end)?;
        taken.end = end;
        return Some(());
    }
}

/// Takes the value that an error quotes; the rest of the text, if it is not clear where the value ends.
fn echo(taken: &mut Taken, text: &[u8]) -> Option<()> {
    let start = taken.end;
    if text.get(start) == Some(&b'"')
        && let Some(end) = value::string(text, start)
        && value::ends_here(text, end)
    {
        let inner = (start.saturating_add(1), end.saturating_sub(1));
        if text.get(inner.0..inner.1)? != BLANKED {
            taken.hide(text, inner.0, inner.1)?;
        }
        taken.end = end;
        return Some(());
    }
    taken.end = value::unquoted(text, start).unwrap_or(text.len());
    match text.get(start..taken.end)? {
        b"null" | b"<nil>" => Some(()),
        _ => taken.hide(text, start, taken.end),
    }
}

/// What newer servers write themselves in place of a Secret's value.
pub(super) const BLANKED: &[u8] = b"<secret contents redacted>";

/// Keys of the Secret types that Kubernetes defines: no client chose them.
pub(super) const WELL_KNOWN_KEYS: &[&[u8]] = &[
    b".dockercfg",
    b".dockerconfigjson",
    b"ca.crt",
    b"kubernetes.io/service-account.name",
    b"namespace",
    b"password",
    b"ssh-privatekey",
    b"tls.crt",
    b"tls.key",
    b"token",
    b"username",
];
