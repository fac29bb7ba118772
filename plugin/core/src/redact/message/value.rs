//! Where a quoted value ends: Go strings, JSON, Go's `%#v`, and our own masks.

use super::work;

/// Behind the last byte of the Go string or JSON string that begins with the quote at `at`.
///
/// The quote may be `"` or `` ` ``; the second kind knows no escapes.
pub(super) fn string(text: &[u8], at: usize) -> Option<usize> {
    let quote = *text.get(at)?;
    let mut end = at.wrapping_add(1);
    loop {
        let byte = *text.get(end)?;
        work::count(1);
        end = end.wrapping_add(1);
        if byte == quote {
            return Some(end);
        }
        if byte == b'\\' && quote == b'"' {
            end = end.wrapping_add(1);
        }
    }
}

/// Behind the mask, scalar or composite value at `at`, if it ends where a value may end.
pub(super) fn unquoted(text: &[u8], at: usize) -> Option<usize> {
    let end = mask(text, at).or_else(|| scalar(text, at)).or_else(|| composite(text, at));
    end.filter(|&end| ends_here(text, end))
}

/// Behind the last byte of the composite value that begins at `at`: `{…}`, `[…]`, `core.PodSpec{…}`,
/// `map[string]interface {}{…}`, `&v1.Time{…}`, `(*int64)(nil)`. `None` if there is none, or if it is cut.
///
/// The value goes on until nothing is open and what follows cannot belong to it: a colon or comma with a
/// space behind it, a closing bracket, a line end, the end of the text.
fn composite(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let name =
        rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')).count();
    if !matches!(rest.get(name)?, b'{' | b'[' | b'(' | b'&' | b'*') {
        return None;
    }
    if is_printed(rest, name) {
        return None;
    }
    let mut open: usize = 0;
    let mut end = at;
    while let Some(&byte) = text.get(end) {
        work::count(1);
        match byte {
            b'"' | b'`' => {
                end = string(text, end)?;
                continue;
            }
            b'{' | b'[' | b'(' => open = open.wrapping_add(1),
            b'}' | b']' | b')' if open == 0 => return Some(end),
            b'}' | b']' | b')' => open = open.wrapping_sub(1),
            _ if open == 0 && ends_here(text, end) => return Some(end),
            _ => {}
        }
        end = end.wrapping_add(1);
    }
    (open == 0).then_some(end)
}

/// Whether a composite value is written as Go's `%v` does: without quotes, so that nothing tells where it ends.
/// `map[a:b]`, `{a b}`, `[a b]`, `&{a}`, in place of `map[string]int{…}`, `{"a":…}`, `["a"]`.
fn is_printed(value: &[u8], name: usize) -> bool {
    let Some((name, rest)) = value.split_at_checked(name) else { return true };
    match (name, rest) {
        (b"map", _) => {
            !rest.starts_with(b"[string]") || matches!(rest.get(8), None | Some(b':' | b' ' | b']'))
        }
        (b"", [b'&', behind @ ..]) => behind.starts_with(b"{") || behind.starts_with(b"map["),
        (b"", [b'{', behind @ ..]) => !matches!(behind.first(), Some(b'"' | b'}')),
        (b"", [b'[', behind @ ..]) => {
            !matches!(behind, [b']' | b'"', ..]) && !behind.starts_with(b"{\"") && !behind.starts_with(b"[")
        }
        _ => false,
    }
}

/// Behind the number, boolean or null at `at`.
pub(super) fn scalar(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    for word in ["null", "true", "false", "<nil>"] {
        if rest.starts_with(word.as_bytes()) {
            return Some(at.wrapping_add(word.len())).filter(|&end| ends_here(text, end));
        }
    }
    let length = rest
        .iter()
        .take_while(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'-' | b'+' | b'.' | b'x'))
        .count();
    let starts = rest.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-');
    let end = at.wrapping_add(length);
    (starts && ends_here(text, end)).then_some(end)
}

/// Whether a value may end before `at`.
pub(super) fn ends_here(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        None | Some(b'\n' | b']') => true,
        Some(b':' | b',') => matches!(text.get(at.wrapping_add(1)), None | Some(b' ')),
        // What an earlier pass hid there went to the end.
        Some(_) => mask(text, at) == Some(text.len()),
    }
}

/// The closing quote of a string in JSON that was quoted until it takes `level` backslashes to write a quote.
pub(super) fn nested_string_end(text: &[u8], from: usize, level: usize) -> usize {
    let mut run: usize = 0;
    for (index, byte) in text.iter().enumerate().skip(from) {
        work::count(1);
        match byte {
            b'\\' => run = run.saturating_add(1),
            b'"' if run < level || closes(run, level) => return index.saturating_sub(run.min(level)),
            _ => run = 0,
        }
    }
    text.len()
}

/// Whether a quote behind `run` backslashes begins or ends a string: every backslash before it that belongs to
/// the string's text is written as two of that level.
const fn closes(run: usize, level: usize) -> bool {
    let unit = level.saturating_add(1).saturating_mul(2);
    matches!(run.checked_rem(unit), Some(rest) if rest == level)
}

/// Behind the container at `start`, in JSON quoted like that.
pub(super) fn nested_container_end(text: &[u8], start: usize, level: usize) -> usize {
    let (mut open, mut run, mut in_string) = (0_usize, 0_usize, false);
    for (index, byte) in text.iter().enumerate().skip(start) {
        work::count(1);
        match byte {
            b'\\' => {
                run = run.saturating_add(1);
                continue;
            }
            // The string around all this ends here.
            b'"' if run < level => return index.saturating_sub(run),
            b'"' if closes(run, level) => in_string = !in_string,
            b'{' | b'[' if !in_string => open = open.saturating_add(1),
            b'}' | b']' if !in_string => {
                open = open.saturating_sub(1);
                if open == 0 {
                    return index.saturating_add(1);
                }
            }
            _ => {}
        }
        run = 0;
    }
    text.len()
}

/// Behind one of our own masks at `at`: `[REDACTED]`, or `hmac:<key id>:<32 hex digits>`.
pub(super) fn mask(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    if rest.starts_with(MASK) {
        return Some(at.wrapping_add(MASK.len()));
    }
    let (id, digest) = rest
        .strip_prefix(b"hmac:")?
        .split_at_checked(rest.iter().skip(5).take(65).position(|&byte| byte == b':')?)?;
    let known = (1..=64).contains(&id.len())
        && id.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    let hex = digest.get(1..33)?.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let open = digest.get(33).is_some_and(u8::is_ascii_hexdigit);
    (known && hex && !open).then(|| at.wrapping_add(5).wrapping_add(id.len()).wrapping_add(33))
}

/// Whether a text is one of our masks and nothing else.
pub(in crate::redact) fn is_mask(text: &[u8]) -> bool {
    mask(text, 0) == Some(text.len())
}

const MASK: &[u8] = b"[REDACTED]";
