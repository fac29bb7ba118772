//! The tables of places as conditions of VRL.
//!
//! What the filter looks up by an index a program asks as a pattern of names: `match(place, r'^(?:Token|SecretValue)$')`.
//! Places without a special rule are in no list, so that each list says what is particular.

use crate::quote::{indent, one_of, text};
use crate::{fill, names, texts};
use auditveil_core::tables::{self, Member, Names, Place, Scalar, Text};
use std::collections::BTreeMap;

/// Sections 6 and 7 of a program.
pub(crate) fn print() -> String {
    let places: Vec<Place> = tables::places().collect();
    let named = |holds: fn(&Place) -> bool| {
        one_of(places.iter().filter(|place| holds(place)).map(|place| place.name))
    };
    let pattern = |literal: String| literal.trim_start_matches("r'").trim_end_matches('\'').to_owned();
    let (exact, prefixes) = tables::SECRET_TYPES;
    let types = format!("^(?:{}$|{})", crate::quote::pattern(exact), crate::quote::alternatives(prefixes));
    let families = Families::new(&places);
    fill(
        include_str!("program/walk.vrl"),
        &[
            ("masks_objects", pattern(named(|place| !place.enters_objects))),
            ("masks_arrays", pattern(named(|place| !place.enters_arrays))),
            ("masks_scalars", pattern(named(|place| place.scalar == Scalar::Mask))),
            ("masks_numbers", pattern(named(|place| place.scalar == Scalar::MaskNumber))),
            ("watched", pattern(named(|place| matches!(place.names, Names::Watched | Names::Keyed)))),
            ("keyed", pattern(named(|place| place.names == Names::Keyed))),
            ("folded", pattern(named(|place| place.names == Names::Folded))),
            (
                "masks_names",
                pattern(named(|place| place.names == Names::Exact && place.other == "SecretOther")),
            ),
            ("secret_types", types),
            (
                "element",
                indent(&by_place(&places, "element", |place| place.element, |place| place.name), 12)
                    .trim_start()
                    .to_owned(),
            ),
            (
                "other",
                indent(&by_place(&places, "other", |place| place.other, |_| "Any"), 12)
                    .trim_start()
                    .to_owned(),
            ),
            ("families", indent(&families.tests(), 12)),
            ("names", crate::quote::alternatives(tables::names())),
            ("child", indent(&families.children("child"), 16)),
            (
                "pointer",
                indent(
                    &fill(
                        include_str!("program/pointer.vrl"),
                        &[("named", indent(&families.of_custom("part", "leads"), 20))],
                    ),
                    16,
                ),
            ),
            ("annotations", indent(&annotations(), 16).trim_start().to_owned()),
            ("row", indent(&rows(&places), 8)),
            ("texts", indent(&texts::by_place(&places), 8)),
            ("readings", indent(&texts::readings(), 8)),
            ("restore", indent(&restore(), 4)),
            ("asked", indent(include_str!("program/asked.vrl"), 8).trim_start().to_owned()),
            ("classify", indent(&names::classify(), 16)),
            ("may_hold_a_noun", names::may_hold_a_noun()),
            ("naming", names::naming()),
            ("describing", names::describing()),
            ("reference_parts", tables::REFERENCE_PARTS.to_string()),
            ("text_levels", tables::TEXT_LEVELS.to_string()),
            ("suspicious", texts::suspicious()),
            ("holds_json", texts::HOLDS_JSON.to_owned()),
            ("harmless", texts::harmless()),
        ],
    )
}

/// Conditions that set `variable` by the place, where it is another than by default.
fn by_place<'a>(
    places: &'a [Place],
    variable: &str,
    of: fn(&Place) -> &'static str,
    default: fn(&Place) -> &'static str,
) -> String {
    let mut by_value: BTreeMap<&str, Vec<&'a str>> = BTreeMap::new();
    for place in places.iter().filter(|place| of(place) != default(place)) {
        by_value.entry(of(place)).or_default().push(place.name);
    }
    chain(by_value.into_iter().map(|(value, names)| {
        (format!("match(place, {})", one_of(names)), format!("{variable} = {}", text(value)))
    }))
}

/// `if … { … } else if … { … }`.
fn chain(branches: impl IntoIterator<Item = (String, String)>) -> String {
    let branches: Vec<String> =
        branches.into_iter().map(|(condition, does)| format!("if {condition} {{ {does} }}")).collect();
    branches.join("\nelse ")
}

/// Which members lead elsewhere than all others: lists of them, each with the places that have it.
struct Families {
    /// In the order in which they stand; of two that name a member the later one counts.
    lists: Vec<(Vec<Member>, Vec<&'static str>)>,
    folded: Vec<&'static str>,
}

impl Families {
    fn new(places: &[Place]) -> Families {
        let mut lists: Vec<(Vec<Member>, Vec<&'static str>)> = Vec::new();
        for (place, members) in tables::members() {
            match lists.iter_mut().find(|(known, _)| *known == members) {
                Some((_, places)) => places.push(place),
                None => lists.push((members, vec![place])),
            }
        }
        // A longer list of places is of what is general.
        lists.sort_by_key(|(_, places)| std::cmp::Reverse(places.len()));
        let folded =
            places.iter().filter(|place| place.names == Names::Folded).map(|place| place.name).collect();
        Families { lists, folded }
    }

    fn variable(&self, index: usize) -> String {
        format!("has_list_{}", index.saturating_add(1))
    }

    /// Once for each object: which lists its place has.
    fn tests(&self) -> String {
        let tests: Vec<String> = self
            .lists
            .iter()
            .enumerate()
            .map(|(index, (_, places))| {
                let test = match places.as_slice() {
                    [place] => format!("place == {}", text(place)),
                    places => format!("match(place, {})", one_of(places.iter().copied())),
                };
                format!("{} = {test}", self.variable(index))
            })
            .collect();
        tests.join("\n")
    }

    /// Where a member of something leads of which nobody knows which members it has.
    fn of_custom(&self, name: &str, variable: &str) -> String {
        let lists = self.lists.iter().filter(|(_, places)| places.contains(&"Custom"));
        let members: BTreeMap<&str, &str> = lists.flat_map(|(members, _)| members.iter().copied()).collect();
        let mut by_child: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (member, child) in members.into_iter().filter(|(_, child)| *child != "PairName") {
            by_child.entry(child).or_default().push(member);
        }
        chain(by_child.into_iter().map(|(child, members)| {
            (format!("match({name}, {})", one_of(members)), format!("{variable} = {}", text(child)))
        }))
    }

    /// Once for each member: where it leads.
    fn children(&self, variable: &str) -> String {
        let mut out = String::new();
        let all: Vec<&str> =
            self.lists.iter().flat_map(|(members, _)| members.iter().map(|member| member.0)).collect();
        let mut names = all.clone();
        names.sort_unstable();
        names.dedup();
        out += &format!("if match(looked_up, r'^(?i:{})$') {{\n", crate::quote::alternatives(names));
        for (index, (members, places)) in self.lists.iter().enumerate() {
            let folded = places.iter().any(|place| self.folded.contains(place));
            let mut by_child: Vec<(&str, Vec<&str>)> = Vec::new();
            for (name, child) in members {
                match by_child.iter_mut().find(|(known, _)| known == child) {
                    Some((_, names)) => names.push(name),
                    None => by_child.push((child, vec![name])),
                }
            }
            let branches = by_child.into_iter().map(|(child, names)| {
                let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
                if folded {
                    let small: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
                    names.extend(small);
                    names.sort();
                    names.dedup();
                }
                let test = match names.as_slice() {
                    [name] => format!("looked_up == {}", text(name)),
                    names => format!("match(looked_up, {})", one_of(names.iter().map(String::as_str))),
                };
                (test, format!("{variable} = {}", text(child)))
            });
            out += &format!("    if {} {{\n{}\n    }}\n", self.variable(index), indent(&chain(branches), 8));
        }
        out + "}"
    }
}

/// What the names of annotations and of extra information say.
fn annotations() -> String {
    fill(
        include_str!("program/annotations.vrl"),
        &[
            ("own", one_of(tables::OWN_ANNOTATIONS)),
            (
                "annotations",
                one_of(
                    tables::places()
                        .filter(|place| place.names == Names::Annotations)
                        .map(|place| place.name),
                ),
            ),
            (
                "extra",
                one_of(tables::places().filter(|place| place.names == Names::Extra).map(|place| place.name)),
            ),
            ("credentials", crate::quote::alternatives(tables::credential_parameters().iter().copied())),
        ],
    )
}

/// As which row a value is told that is hidden at a place.
fn rows(places: &[Place]) -> String {
    let rows = by_place(places, "row", |place| place.row, |_| "");
    format!("row = \"damaged\"\n{rows}")
}

/// From containers that stand for texts back to texts, level by level.
fn restore() -> String {
    let mut out = String::new();
    for level in (1..=tables::TEXT_LEVELS).rev() {
        out += &format!(
            "walked = map_values(walked, recursive: true) -> |node| {{\n    \
             if is_object(node) && exists(node.auditveil_text_{level}) {{\n        \
             (encode_json(node.auditveil_text_{level}) + (string(node.auditveil_end) ?? \"\"))\n    \
             }} else {{ node }}\n}}\n"
        );
    }
    out
}

/// Whether the texts of a place are read by a reader.
pub(crate) fn reader(place: &Place) -> Option<&'static str> {
    match place.text {
        Text::Read(reader) => Some(reader),
        _ => None,
    }
}
