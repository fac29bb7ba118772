//! YAML to the tree, with saphyr-parser finding the events and go-yaml v2's rules applied to them.
//!
//! Aliases are not expanded: the tree becomes a graph without cycles, so the famous bomb of nested
//! aliases costs no memory. It is refused nevertheless, by go-yaml's own measure.

use super::MAX_DEPTH;
use super::error::{Code, Error};
use super::scalar::{Tag, resolve};
use super::tree::{Document, Map, Member, NodeId, Place, Value, count};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use saphyr_parser::{Event, Parser, ScalarStyle, Span};

/// Reads the first document. A text without one is the document `null`, as for go-yaml.
pub(super) fn read(text: &str) -> Result<Document, Error> {
    refuse_other_version(text)?;
    refuse_tabs(text)?;
    let mut builder = Builder::new();
    let mut parser = Parser::new_from_str(text);
    loop {
        match parser.next_event() {
            None => return Ok(builder.finish()),
            Some(Err(error)) => {
                let mark = error.marker();
                let place =
                    Place { line: count(mark.line()), column: count(mark.col()).saturating_add(1), width: 1 };
                return Err(Error::new(place, Code::from(error.info())));
            }
            Some(Ok((event, span))) => {
                if !builder.take(event, place(span))? {
                    return Ok(builder.finish());
                }
            }
        }
    }
}

/// go-yaml reads YAML 1.1 and refuses a document that declares another version.
fn refuse_other_version(text: &str) -> Result<(), Error> {
    for (index, line) in text.lines().enumerate() {
        if let Some(version) = line.strip_prefix("%YAML") {
            let version = version.split('#').next().unwrap_or_default().trim();
            if version != "1.1" {
                let place = Place {
                    line: count(index).saturating_add(1),
                    column: 1,
                    width: count(line.chars().count()),
                };
                return Err(Error::new(place, Code::YamlVersion));
            }
        } else if !(line.trim().is_empty() || line.trim_start().starts_with('#') || line.starts_with('%')) {
            break;
        }
    }
    Ok(())
}

/// YAML 1.1 refuses a tab that indents, also behind the `-` of a list.
fn refuse_tabs(text: &str) -> Result<(), Error> {
    for (index, line) in text.lines().enumerate() {
        let before = line.chars().take_while(|&c| matches!(c, ' ' | '-')).count();
        if line.chars().nth(before) == Some('\t') {
            let place = Place {
                line: count(index).saturating_add(1),
                column: count(before).saturating_add(1),
                width: 1,
            };
            return Err(Error::new(place, Code::from("expected spaces as indentation, found a tab")));
        }
    }
    Ok(())
}

fn place(span: Span) -> Place {
    let (start, end) = (span.start, span.end);
    let width = if start.line() == end.line() { end.col().saturating_sub(start.col()) } else { 1 };
    Place {
        line: count(start.line()),
        column: count(start.col()).saturating_add(1),
        width: count(width).max(1),
    }
}

/// A collection whose end has not been seen.
enum Open {
    List { id: NodeId, items: Vec<NodeId> },
    Map { id: NodeId, members: Vec<Pair>, key: Option<Key> },
}

enum Key {
    Merge,
    Text(Box<str>, Place),
}

/// A member, or something to merge; the flag says whether it was written as an alias.
enum Pair {
    Member(Member),
    Merge { from: NodeId, alias: bool, place: Place },
}

struct Builder {
    document: Document,
    open: Vec<Open>,
    /// By saphyr's number of the anchor: its node, and how many nodes decoding that visits.
    anchors: BTreeMap<usize, (NodeId, u64)>,
    /// By open collection: the number of its anchor, 0 for none, and the nodes visited in it so far.
    efforts: Vec<(usize, u64)>,
    /// How many nodes decoding visits when every alias is followed, and how many of these it visits
    /// because of an alias: go-yaml's measure of a bomb.
    visits: u64,
    alias_visits: u64,
    done: bool,
}

impl Builder {
    fn new() -> Builder {
        let mut document = Document::new(false);
        let root = document.push(Place::START, Value::Null);
        document.set_root(root);
        Builder {
            document,
            open: Vec::new(),
            anchors: BTreeMap::new(),
            efforts: Vec::new(),
            visits: 0,
            alias_visits: 0,
            done: false,
        }
    }

    fn finish(self) -> Document {
        self.document
    }

    /// Takes one event; `false` when the first document is complete.
    fn take(&mut self, event: Event<'_>, place: Place) -> Result<bool, Error> {
        match event {
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => {}
            Event::DocumentEnd | Event::StreamEnd => return Ok(false),
            Event::Alias(anchor) => {
                // saphyr refuses an anchor that nothing has; what is missing here is not complete.
                let Some(&(id, effort)) = self.anchors.get(&anchor) else {
                    return Err(Error::new(place, Code::AliasInItself));
                };
                self.visit(effort.saturating_add(1));
                self.alias_visits = self.alias_visits.saturating_add(effort);
                self.refuse_bomb(place)?;
                self.attach(id, place, true)?;
            }
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                let full = tag.as_ref().map(|tag| format!("{}{}", tag.handle, tag.suffix));
                let tag = match full.as_deref() {
                    None => Tag::None { plain },
                    Some(full) => full
                        .strip_prefix("tag:yaml.org,2002:")
                        .or_else(|| full.strip_prefix("!!"))
                        .map_or(Tag::Other, Tag::Core),
                };
                let mergeable = text == "<<" && matches!(tag, Tag::None { plain: true } | Tag::Core("merge"));
                if mergeable && self.wants_key() {
                    if let Some(Open::Map { key, .. }) = self.open.last_mut() {
                        *key = Some(Key::Merge);
                    }
                    return Ok(true);
                }
                let value = resolve(tag, &text).map_err(|tag| {
                    let (tag, word) = (Box::from(tag), text.as_ref().into());
                    Error::new(place, Code::TagMismatch { tag, word })
                })?;
                if matches!(value, Value::Float(number) if !number.is_finite()) && !self.wants_key() {
                    return Err(Error::new(place, Code::NotFinite));
                }
                self.visit(1);
                let id = self.document.push(place, value);
                if anchor > 0 {
                    self.anchors.insert(anchor, (id, 1));
                }
                self.attach(id, place, false)?;
            }
            Event::SequenceStart(anchor, _) => {
                let id = self.start(anchor, place, Value::List(Vec::new()))?;
                self.open.push(Open::List { id, items: Vec::new() });
            }
            Event::MappingStart(anchor, _) => {
                let id = self.start(anchor, place, Value::Map(Map::default()))?;
                self.open.push(Open::Map { id, members: Vec::new(), key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close()?,
        }
        Ok(!self.done)
    }

    fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open::Map { key: None, .. }))
    }

    fn start(&mut self, anchor: usize, place: Place, value: Value) -> Result<NodeId, Error> {
        if self.wants_key() {
            return Err(Error::new(place, Code::KeyNotScalar));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(Error::new(place, Code::TooDeep { limit: MAX_DEPTH }));
        }
        self.efforts.push((anchor, 0));
        self.visit(1);
        Ok(self.document.push(place, value))
    }

    fn close(&mut self) -> Result<(), Error> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let (anchor, effort) = self.efforts.pop().unwrap_or_default();
        let (id, value) = match open {
            Open::List { id, items } => (id, Value::List(items)),
            Open::Map { id, members, .. } => (id, Value::Map(self.merge(members)?)),
        };
        let place = self.document.node(id).place;
        if let Some(node) = self.document.node_mut(id) {
            node.value = value;
        }
        if let Some((_, outer)) = self.efforts.last_mut() {
            *outer = outer.saturating_add(effort);
        }
        if anchor > 0 {
            self.anchors.insert(anchor, (id, effort));
        }
        self.attach(id, place, false)
    }

    /// Puts a complete node where it belongs: into the open collection, or at the root.
    fn attach(&mut self, id: NodeId, place: Place, alias: bool) -> Result<(), Error> {
        match self.open.last_mut() {
            None => {
                self.document.set_root(id);
                self.done = true;
            }
            Some(Open::List { items, .. }) => items.push(id),
            Some(Open::Map { members, key, .. }) => match key.take() {
                Some(Key::Merge) => members.push(Pair::Merge { from: id, alias, place }),
                Some(Key::Text(key, place)) => members.push(Pair::Member(Member { key, place, value: id })),
                None => *key = Some(Key::Text(key_text(&self.document.node(id).value, place)?, place)),
            },
        }
        Ok(())
    }

    /// What go-yaml makes of the members: merged ones are set where `<<` stands, the last one wins.
    fn merge(&self, pairs: Vec<Pair>) -> Result<Map, Error> {
        let mut map = Map::default();
        for pair in pairs {
            match pair {
                Pair::Member(member) => map.members.push(member),
                Pair::Merge { from, alias, place } => match &self.document.node(from).value {
                    Value::Map(merged) => map.members.extend(merged.members.iter().cloned()),
                    // Earlier mappings of the list take precedence, so they are set last.
                    Value::List(list) if !alias => {
                        for &item in list.iter().rev() {
                            let Value::Map(merged) = &self.document.node(item).value else {
                                return Err(Error::new(place, Code::MergeOfOther));
                            };
                            map.members.extend(merged.members.iter().cloned());
                        }
                    }
                    _ => return Err(Error::new(place, Code::MergeOfOther)),
                },
            }
        }
        map.note_repeated();
        map.keep_last();
        Ok(map)
    }

    fn visit(&mut self, nodes: u64) {
        self.visits = self.visits.saturating_add(nodes);
        if let Some((_, effort)) = self.efforts.last_mut() {
            *effort = effort.saturating_add(nodes);
        }
    }

    /// decode.go, `allowedAliasRatio`: 99 % of small documents, 10 % of large ones.
    fn refuse_bomb(&self, place: Place) -> Result<(), Error> {
        const LOW: u64 = 400_000;
        const HIGH: u64 = 4_000_000;
        let (all, in_aliases) = (self.visits, self.alias_visits);
        if in_aliases <= 100 || all <= 1_000 {
            return Ok(());
        }
        // In ten-thousandths, so that no float has to be trusted.
        let allowed = match all {
            _ if all <= LOW => 9_900,
            _ if all >= HIGH => 1_000,
            _ => 9_900_u64.saturating_sub(
                all.saturating_sub(LOW).saturating_mul(8_900).div_euclid(HIGH.saturating_sub(LOW)),
            ),
        };
        if u128::from(in_aliases).saturating_mul(10_000) > u128::from(all).saturating_mul(u128::from(allowed))
        {
            return Err(Error::new(place, Code::AliasExcess));
        }
        Ok(())
    }
}

/// The text of a key: numbers and booleans become text, as in sigs.k8s.io/yaml.
fn key_text(value: &Value, place: Place) -> Result<Box<str>, Error> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        Value::Bool(value) => Ok(if *value { "true" } else { "false" }.into()),
        Value::Integer(number) => Ok(number.to_string().into()),
        Value::Float(number) => Ok(number.to_string().into()),
        Value::Null => Err(Error::new(place, Code::KeyNull)),
        Value::List(_) | Value::Map(_) => Err(Error::new(place, Code::KeyNotScalar)),
    }
}
