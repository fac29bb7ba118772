//! Detections in the configuration: users' own and those that are off, checked.
//!
//! A condition that is wrong is told with the place of its word in the file, where the file has the condition in one
//! line as it is.

use super::Enrich;
use super::load::Reader;
use crate::document::Value;
use crate::document::spelling::closest;
use crate::document::{Code, Error, Place, Step};
use crate::enrich::Lists;
use crate::enrich::detections::{self as compiled, DETECTIONS, Own, Severity, default_lists, names};
use crate::limits::OWN_DETECTIONS;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Reads `enrich.lists`, `enrich.except` and `enrich.own`.
pub(super) fn read(config: &mut Enrich, enrich: &Reader<'_>, errors: &mut Vec<Error>) {
    let lists = enrich.get("lists");
    if let Some(Value::Map(map)) = lists.value() {
        for member in &map.members {
            if !Lists::is_name(&member.key) {
                let message = format!("expected the name of a list, found `{}`", member.key);
                let hint = "letters, digits, `-` and `_`, a letter first";
                errors.push(refuse(member.place, &["enrich", "lists"], None, &message, Some(hint)));
            }
            let values = lists.get(&member.key).items().filter_map(|item| item.text()).collect();
            config.lists.push((member.key.to_string(), values));
        }
    }
    for item in enrich.get("except").items() {
        let Some(pattern) = item.text() else { continue };
        if !DETECTIONS.iter().any(|detection| names(&pattern, detection.id)) {
            let hint = match closest(&pattern, DETECTIONS.iter().map(|detection| detection.id)) {
                Some(hint) => format!("did you mean `{hint}`?"),
                None => "docs/detections.md has them; `*` stands for any text".to_string(),
            };
            let message = format!("there is no detection `{pattern}`");
            errors.push(refuse(item.place(), &["enrich", "except"], None, &message, Some(&hint)));
        }
        config.except.push(pattern);
    }
    let own: Vec<Reader<'_>> = enrich.get("own").items().collect();
    for (index, item) in own.iter().enumerate() {
        let (id, title) = (item.get("id").text(), item.get("title").text());
        let (severity, condition) = (item.get("severity").text(), item.get("condition").text());
        let (Some(id), Some(title), Some(severity), Some(condition)) = (id, title, severity, condition)
        else {
            continue;
        };
        let known = config.own.iter().any(|own| own.id == id)
            || DETECTIONS.iter().any(|detection| detection.id == id);
        if known {
            let message = format!("there is another detection `{id}`");
            let hint = "one that comes with the filter is switched off by `enrich.except`, and replaced under another id";
            errors.push(refuse(
                item.get("id").place(),
                &["enrich", "own"],
                Some((index, "id")),
                &message,
                Some(hint),
            ));
        }
        if index == OWN_DETECTIONS {
            let message = format!("expected at most {OWN_DETECTIONS} detections");
            errors.push(refuse(item.place(), &["enrich", "own"], None, &message, None));
        }
        let severity =
            Severity::ALL.into_iter().find(|known| known.name() == severity).unwrap_or(Severity::Info);
        config.own.push(Own { id, title, severity, condition });
    }
    check(config, &own, errors);
}

/// Compiles the conditions, to find out what is wrong with them.
fn check(config: &Enrich, own: &[Reader<'_>], errors: &mut Vec<Error>) {
    let lists = config
        .lists
        .iter()
        .fold(default_lists(), |lists, (name, values)| lists.with(name, values.iter().map(String::as_str)));
    for (index, detection) in config.own.iter().enumerate() {
        let off = [String::from("*")];
        let compiled = compiled::Detections::compile_all(&lists, &off, core::slice::from_ref(detection));
        let Err(refused) = compiled else { continue };
        let Some(item) = own.get(index).map(|item| item.get("condition")) else { continue };
        let (place, column) =
            item.place_in_text(&detection.condition, refused.error.column(), refused.error.width());
        let message = match column {
            None => refused.error.message().to_string(),
            Some(_) => {
                let (line, column) = refused.error.place_in(&detection.condition);
                let message = refused.error.message();
                if detection.condition.trim_end().contains('\n') {
                    format!("at line {line}, column {column} of the condition: {message}")
                } else {
                    format!("at character {column} of the condition: {message}")
                }
            }
        };
        let way = Some((index, "condition"));
        errors.push(refuse(place, &["enrich", "own"], way, &message, refused.error.hint()));
    }
}

fn refuse(
    place: Place,
    way: &[&str],
    item: Option<(usize, &str)>,
    message: &str,
    hint: Option<&str>,
) -> Error {
    let mut path: Vec<Step> = way.iter().map(|&key| Step::from(key)).collect();
    if let Some((index, key)) = item {
        path.extend([Step::Index(index), Step::from(key)]);
    }
    Error::at(place, path, Code::Detection { message: message.into(), hint: hint.map(Into::into) })
}

impl Reader<'_> {
    fn place(&self) -> Place {
        self.document.node(self.id.unwrap_or(self.document.root())).place
    }

    /// The place of `width` characters from `column` on in the text that stands here. Where the file does not have it in one
    /// line as it is, the place of the text, and the column.
    fn place_in_text(&self, text: &str, column: usize, width: usize) -> (Place, Option<usize>) {
        let place = self.place();
        // Quotes of a text count as part of it.
        let length = text.chars().count();
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let quotes = match (place.width as usize).checked_sub(length) {
            Some(0) => 0,
            Some(2) => 1,
            _ => return (place, Some(column)),
        };
        let before = number(column.saturating_sub(1)).saturating_add(quotes);
        let width = number(width.max(1));
        (Place { column: place.column.saturating_add(before), width, ..place }, None)
    }
}
