//! `--where`: which answers are written.

use crate::command::say;
use crate::report::excerpt;
use auditveil_core::enrich::{Condition, ConditionError, Lists, Reader};
use std::sync::Arc;

/// A condition that answers are held against. It sees what comes out of the filter, and nothing that was hidden.
#[derive(Debug)]
pub(crate) struct Selection {
    condition: Arc<Condition>,
    reader: Reader,
}

impl Selection {
    /// Compiles a condition; `lists` are as they are typed, `NAME=VALUE,VALUE`. What is wrong is told on standard error.
    pub(crate) fn new(condition: &str, lists: &[String]) -> Option<Self> {
        let mut named = Lists::new();
        for list in lists {
            let Some((name, values)) = list.split_once('=').filter(|(name, _)| Lists::is_name(name)) else {
                say(
                    "a list is `--list NAME=VALUE,VALUE`; its name begins with a letter and has letters, digits, `-` and `_`",
                );
                return None;
            };
            named = named.with(name, values.split(',').map(str::trim).filter(|value| !value.is_empty()));
        }
        match Condition::compile(condition, &named) {
            Ok(condition) => Some(Selection { condition: Arc::new(condition), reader: Reader::default() }),
            Err(error) => {
                use std::io::Write as _;
                // Nobody is left to tell that standard error is gone.
                let _ = std::io::stderr().write_all(render(condition, &error).as_bytes());
                None
            }
        }
    }

    /// Whether the event in an answer is one that is asked for.
    pub(crate) fn takes(&mut self, answer: &[u8]) -> bool {
        self.condition.holds(&mut self.reader.read(answer))
    }
}

impl Clone for Selection {
    fn clone(&self) -> Self {
        // Buffers are nobody else's.
        Selection { condition: Arc::clone(&self.condition), reader: Reader::default() }
    }
}

/// A mistake in a condition, with the condition and a caret below the word.
fn render(condition: &str, error: &ConditionError) -> String {
    // The columns of a condition go on over its lines.
    let line: String =
        condition.chars().map(|sign| if matches!(sign, '\n' | '\r') { ' ' } else { sign }).collect();
    let mut out = format!("error: {}\n --> --where:1:{}\n", error.message(), error.column());
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    if let Some((source, before, width)) =
        excerpt(&line, 1, number(error.column()), number(error.width()), false, false)
    {
        out += &format!("  |\n1 | {source}\n  | {}{}\n", " ".repeat(before), "^".repeat(width));
    }
    if let Some(hint) = error.hint() {
        out += &format!("  = hint: {hint}\n");
    }
    out + "  = note: docs/conditions.md has the language\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(condition: &str) -> String {
        render(condition, &Condition::compile(condition, &Lists::new()).unwrap_err())
    }

    #[test]
    fn carets_stand_under_the_word() {
        assert_eq!(
            mistake("dry_run\nand verb = 'é'"),
            "error: expected an operator, found `=`\n --> --where:1:18\n  |\n\
             1 | dry_run and verb = 'é'\n  |                  ^\n  = hint: equality is `==`\n  \
             = note: docs/conditions.md has the language\n"
        );
        assert!(mistake("").starts_with("error: expected a field"));
        assert!(mistake("verb ==").contains("\n1 | verb ==\n  |        ^\n"));
    }
}
