//! Literals of VRL.

/// A string literal.
pub(crate) fn text(text: &str) -> String {
    let mut out = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Two braces begin a template.
            '{' => out.push_str("\\{"),
            '}' => out.push_str("\\}"),
            sign if sign.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(sign))),
            sign => out.push(sign),
        }
    }
    out.push('"');
    out
}

/// An array of string literals.
pub(crate) fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(text).collect();
    format!("[{}]", texts.join(", "))
}

/// A text as a pattern that matches just that, in a regular expression between `r'` and `'`.
pub(crate) fn pattern(text: &str) -> String {
    let mut out = String::new();
    for sign in text.chars() {
        match sign {
            '\'' => out.push_str("\\x27"),
            sign if sign.is_control() => out.push_str(&format!("\\x{{{:x}}}", u32::from(sign))),
            sign if sign.is_ascii_alphanumeric()
                || matches!(
                    sign,
                    '_' | ' ' | '"' | '/' | ':' | ',' | ';' | '=' | '@' | '%' | '!' | '<' | '>' | '`'
                ) =>
            {
                out.push(sign)
            }
            sign if sign.is_ascii() => {
                out.push('\\');
                out.push(sign);
            }
            sign => out.push(sign),
        }
    }
    out
}

/// Patterns of which one has to match: `a|b`.
pub(crate) fn alternatives<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let patterns: Vec<String> = texts.into_iter().map(pattern).collect();
    patterns.join("|")
}

/// The same as a pattern for all of a text, as a literal.
pub(crate) fn one_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    format!("r'^(?:{})$'", alternatives(texts))
}

/// Lines, each with so many spaces in front.
pub(crate) fn indent(text: &str, spaces: usize) -> String {
    let space = " ".repeat(spaces);
    let lines: Vec<String> = text
        .lines()
        .map(|line| if line.is_empty() { String::new() } else { format!("{space}{line}") })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_is_escaped() {
        assert_eq!(text("a\"b\\c\n{{x}}"), "\"a\\\"b\\\\c\\n\\{\\{x\\}\\}\"");
        assert_eq!(one_of(["a.b", "it's"]), "r'^(?:a\\.b|it\\x27s)$'");
        assert_eq!(indent("a\n\nb", 2), "  a\n\n  b");
    }
}
