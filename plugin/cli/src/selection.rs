//! `--where` and `--detect`: which answers are written.

use crate::command::say;
use crate::report::excerpt;
use auditveil_core::Events;
use auditveil_core::config::Config;
use auditveil_core::enrich::detections::{DETECTIONS, Detections, Severity};
use auditveil_core::enrich::{Condition, ConditionError, Lists, Reader};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A condition that answers are held against. It sees what comes out of the filter, and nothing that was hidden.
#[derive(Debug)]
pub(crate) struct Selection {
    condition: Option<Arc<Condition>>,
    /// Detections have to fire too, and are told of.
    detect: bool,
    detections: Option<Detections>,
    reader: Reader,
    events: Events,
    /// Those that fire in the answer that was looked at last.
    fired: Vec<String>,
}

impl Selection {
    /// Compiles a condition, with the lists and the detections of a configuration. What is wrong is told on standard
    /// error.
    pub(crate) fn new(condition: Option<&str>, detect: bool, config: &Config) -> Option<Self> {
        let named = config.lists();
        let compiled = condition
            .map(|text| (text, Condition::compile(text, &named)))
            .map(|(text, compiled)| compiled.map(Arc::new).map_err(|error| render(text, &error)));
        let (condition, detections) = match (compiled.transpose(), config.detections(&named)) {
            (Ok(condition), Ok(detections)) => (condition, detections),
            (Err(told), _) => return refuse(&told),
            (_, Err(error)) => return refuse(&format!("error: {error}\n")),
        };
        Some(Selection::start(condition, detect, detections))
    }

    fn start(condition: Option<Arc<Condition>>, detect: bool, detections: Option<Detections>) -> Self {
        let reader = detections.clone().map_or_else(Reader::default, Reader::with_detections);
        Selection { condition, detect, detections, reader, events: Events::default(), fired: Vec::new() }
    }

    /// Whether an event in an answer is one that is asked for. An envelope may hold several.
    pub(crate) fn takes(&mut self, answer: &[u8]) -> bool {
        let Selection { condition, detect, reader, events, fired, .. } = self;
        fired.clear();
        let mut taken = false;
        events.each(answer, &mut |event| {
            let mut event = reader.read(event);
            if condition.as_ref().is_none_or(|condition| condition.holds(&mut event)) {
                let before = fired.len();
                if *detect {
                    fired.extend(event.detections().map(|rule| rule.id.clone()));
                }
                taken |= !*detect || fired.len() > before;
            }
        });
        taken
    }

    /// The detections that fire in the answer that was taken, if they are asked for.
    pub(crate) fn detected(&self) -> impl Iterator<Item = &str> {
        self.fired.iter().map(String::as_str)
    }
}

impl Clone for Selection {
    fn clone(&self) -> Self {
        // Buffers are nobody else's.
        Selection::start(self.condition.clone(), self.detect, self.detections.clone())
    }
}

fn refuse(told: &str) -> Option<Selection> {
    use std::io::Write as _;
    // Nobody is left to tell that standard error is gone.
    let _ = std::io::stderr().write_all(told.as_bytes());
    None
}

/// How often each detection fired, the gravest first.
pub(crate) fn summary(fired: &BTreeMap<String, u64>, config: &Config) -> String {
    let built_in = DETECTIONS.iter().map(|row| (row.id, row.severity, row.about().title));
    let own = config.enrich.own.iter().map(|own| (own.id.as_str(), own.severity, own.title.as_str()));
    let mut rows: Vec<(&str, Severity, &str, u64)> = built_in
        .chain(own)
        .filter_map(|(id, severity, title)| Some((id, severity, title, *fired.get(id)?)))
        .collect();
    rows.sort_by_key(|(_, severity, _, times)| (std::cmp::Reverse(*severity), std::cmp::Reverse(*times)));
    let wide = rows.iter().map(|(id, ..)| id.len()).max().unwrap_or_default();
    let line = |(id, severity, title, times): (&str, Severity, &str, u64)| {
        format!("{times:>8}  {:<8}  {id:<wide$}  {title}\n", severity.name())
    };
    rows.into_iter().map(line).collect()
}

/// Lists as they are typed, `NAME=VALUE,VALUE`. What is wrong is told on standard error.
pub(crate) fn lists(typed: &[String]) -> Option<Vec<(String, Vec<String>)>> {
    let list = |list: &String| {
        let (name, values) = list.split_once('=').filter(|(name, _)| Lists::is_name(name))?;
        let values = values.split(',').map(str::trim).filter(|value| !value.is_empty());
        Some((name.to_owned(), values.map(str::to_owned).collect()))
    };
    let lists: Option<Vec<_>> = typed.iter().map(list).collect();
    if lists.is_none() {
        say(
            "a list is `--list NAME=VALUE,VALUE`; its name begins with a letter and has letters, digits, `-` and `_`",
        );
    }
    lists
}

/// A mistake in a condition, with the condition and a caret below the word.
fn render(condition: &str, error: &ConditionError) -> String {
    let (line, column) = error.place_in(condition);
    let mut out = format!("error: {}\n --> --where:{line}:{column}\n", error.message());
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    if let Some((source, before, width)) =
        excerpt(condition, number(line), number(column), number(error.width()), false, false)
    {
        let (shown, before, carets) = (line.to_string(), " ".repeat(before), "^".repeat(width));
        let gutter = " ".repeat(shown.len());
        out += &format!("{gutter} |\n{shown} | {source}\n{gutter} | {before}{carets}\n");
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
            "error: expected an operator, found `=`\n --> --where:2:10\n  |\n\
             2 | and verb = 'é'\n  |          ^\n  = hint: equality is `==`\n  \
             = note: docs/conditions.md has the language\n"
        );
        assert!(mistake("").starts_with("error: expected a field"));
        assert!(mistake("verb ==").contains("\n1 | verb ==\n  |        ^\n"));
    }
}
