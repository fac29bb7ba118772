//! YAML to the tree, as go-yaml v2 reads it for Kubernetes.
//!
//! | file | from | to |
//! |---|---|---|
//! | `scan`, `scalars`, `names` | characters | tokens |
//! | `parse` | tokens | events |
//! | this one | events | the tree: anchors, merging, repeated keys |
//!
//! Why no crate: those that do without std read YAML 1.2, which accepts files that the apiserver
//! refuses (a tab behind a `-`), refuses others (a quoted text whose second line is not indented),
//! and folds some differently. A policy has to load exactly when the server loads it.
//!
//! Aliases are not expanded: the tree becomes a graph without cycles, so the famous bomb of nested
//! aliases costs no memory. It is refused nevertheless, by go-yaml's own measure.

mod names;
mod parse;
mod scalars;
mod scan;

use super::error::{Code, Error};
use super::scalar::{Tag, resolve};
use super::tree::{Document, Map, Member, NodeId, Place, Value};
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use parse::{Event, Parser, Properties};

/// Reads the first document. A text without one is the document `null`, as for go-yaml.
pub(super) fn read(text: &str) -> Result<Document, Error> {
    let mut builder = Builder::new();
    let mut parser = Parser::new(text);
    while let Some((event, place)) = parser.next()? {
        builder.take(event, place)?;
    }
    if builder.unwritable {
        refuse_unwritable(&builder.document)?;
    }
    Ok(builder.document)
}

/// What JSON cannot write, an infinite number or a null key, refuses the text, unless a repeated key
/// has replaced it.
fn refuse_unwritable(document: &Document) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    let mut ids = Vec::from([document.root()]);
    while let Some(id) = ids.pop() {
        if !seen.insert(id) {
            continue;
        }
        let node = document.node(id);
        match &node.value {
            Value::Float(number) if !number.is_finite() => {
                return Err(Error::new(node.place, Code::NotFinite));
            }
            Value::List(items) => ids.extend_from_slice(items),
            Value::Map(Map { null_key: Some(place), .. }) => return Err(Error::new(*place, Code::KeyNull)),
            Value::Map(map) => ids.extend(map.members.iter().map(|member| member.value)),
            _ => {}
        }
    }
    Ok(())
}

/// A collection whose end has not been seen.
enum Open {
    List { id: NodeId, items: Vec<NodeId> },
    Map { id: NodeId, members: Vec<Pair>, key: Option<Key> },
}

enum Key {
    Merge,
    Null(Place),
    Text(Box<str>, Place),
}

/// A member, or something to merge; the flag says whether it was written as an alias.
enum Pair {
    Member(Member),
    Merge { from: NodeId, alias: bool, place: Place },
    Null(Place),
}

/// What is known of an anchor.
enum Anchor {
    /// Its node, whose end has not been seen.
    Open(NodeId),
    /// Its node, and how many nodes decoding that visits.
    Done(NodeId, u64),
}

struct Builder {
    document: Document,
    open: Vec<Open>,
    anchors: BTreeMap<String, Anchor>,
    /// By open collection: its anchor, and the nodes visited in it so far.
    efforts: Vec<(Option<String>, u64)>,
    /// How many nodes decoding visits when every alias is followed, and how many of these it visits
    /// because of an alias: go-yaml's measure of a bomb.
    visits: u64,
    alias_visits: u64,
    /// Whether something may be there that JSON cannot write.
    unwritable: bool,
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
            unwritable: false,
        }
    }

    fn take(&mut self, event: Event, place: Place) -> Result<(), Error> {
        match event {
            Event::Alias(name) => {
                let (id, effort) = match self.anchors.get(&name) {
                    Some(&Anchor::Done(id, effort)) => (id, effort),
                    Some(Anchor::Open(_)) => return Err(Error::new(place, Code::AliasInItself)),
                    None => return Err(Error::new(place, Code::AliasUnknown)),
                };
                self.visit(effort.saturating_add(1));
                self.alias_visits = self.alias_visits.saturating_add(effort);
                self.refuse_bomb(place)?;
                self.attach(id, place, true)
            }
            Event::Scalar { text, plain, properties } => self.scalar(&text, plain, properties, place),
            Event::SequenceStart(properties) => {
                let id = self.start(properties, place, Value::List(Vec::new()))?;
                self.open.push(Open::List { id, items: Vec::new() });
                Ok(())
            }
            Event::MappingStart(properties) => {
                let id = self.start(properties, place, Value::Map(Map::default()))?;
                self.open.push(Open::Map { id, members: Vec::new(), key: None });
                Ok(())
            }
            Event::End => self.close(),
        }
    }

    fn scalar(&mut self, text: &str, plain: bool, properties: Properties, place: Place) -> Result<(), Error> {
        let tag = match properties.tag.as_deref() {
            None => Tag::None { plain },
            Some(full) => full.strip_prefix("tag:yaml.org,2002:").map_or(Tag::Other, Tag::Core),
        };
        let may_merge = matches!(tag, Tag::None { plain: true } | Tag::Core("merge"))
            || properties.tag.as_deref() == Some("!");
        if text == "<<" && may_merge && self.wants_key() {
            if let Some(Open::Map { key, .. }) = self.open.last_mut() {
                *key = Some(Key::Merge);
            }
            return Ok(());
        }
        let value =
            resolve(tag, text).map_err(|tag| Error::new(place, Code::TagMismatch { tag: tag.into() }))?;
        self.unwritable |= matches!(value, Value::Float(number) if !number.is_finite());
        self.visit(1);
        let id = self.document.push(place, value);
        if let Some(anchor) = properties.anchor {
            self.anchors.insert(anchor, Anchor::Done(id, 1));
        }
        self.attach(id, place, false)
    }

    fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open::Map { key: None, .. }))
    }

    fn start(&mut self, properties: Properties, place: Place, value: Value) -> Result<NodeId, Error> {
        if self.wants_key() {
            return Err(Error::new(place, Code::KeyNotScalar));
        }
        let id = self.document.push(place, value);
        if let Some(anchor) = &properties.anchor {
            self.anchors.insert(anchor.clone(), Anchor::Open(id));
        }
        self.efforts.push((properties.anchor, 0));
        self.visit(1);
        Ok(id)
    }

    fn close(&mut self) -> Result<(), Error> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let (name, effort) = self.efforts.pop().unwrap_or_default();
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
        // Inside, the name may have been given to another node; the later one keeps it.
        if let Some(anchor) = name.and_then(|name| self.anchors.get_mut(&name))
            && matches!(anchor, Anchor::Open(open) if *open == id)
        {
            *anchor = Anchor::Done(id, effort);
        }
        self.attach(id, place, false)
    }

    /// Puts a complete node where it belongs: into the open collection, or at the root.
    fn attach(&mut self, id: NodeId, place: Place, alias: bool) -> Result<(), Error> {
        match self.open.last_mut() {
            None => {
                self.document.set_root(id);
            }
            Some(Open::List { items, .. }) => items.push(id),
            Some(Open::Map { members, key, .. }) => match key.take() {
                Some(Key::Merge) => members.push(Pair::Merge { from: id, alias, place }),
                Some(Key::Text(key, place)) => members.push(Pair::Member(Member { key, place, value: id })),
                Some(Key::Null(place)) => members.push(Pair::Null(place)),
                None => {
                    *key = Some(match key_text(&self.document.node(id).value, place)? {
                        Some(text) => Key::Text(text, place),
                        None => Key::Null(place),
                    });
                }
            },
        }
        Ok(())
    }

    /// What go-yaml makes of the members: merged ones are set where `<<` stands, the last one wins.
    fn merge(&mut self, pairs: Vec<Pair>) -> Result<Map, Error> {
        let mut map = Map::default();
        for pair in pairs {
            match pair {
                Pair::Member(member) => map.members.push(member),
                Pair::Null(place) => map.null_key = Some(place),
                Pair::Merge { from, alias, place } => match &self.document.node(from).value {
                    Value::Map(merged) => map.absorb(merged),
                    // Earlier mappings of the list take precedence, so they are set last.
                    Value::List(list) if !alias => {
                        for &item in list.iter().rev() {
                            let Value::Map(merged) = &self.document.node(item).value else {
                                return Err(Error::new(place, Code::MergeOfOther));
                            };
                            map.absorb(merged);
                        }
                    }
                    _ => return Err(Error::new(place, Code::MergeOfOther)),
                },
            }
        }
        map.note_repeated();
        map.keep_last();
        self.unwritable |= map.null_key.is_some();
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

/// The text of a key, which `null` has none of: numbers and booleans become text, as in
/// sigs.k8s.io/yaml.
fn key_text(value: &Value, place: Place) -> Result<Option<Box<str>>, Error> {
    match value {
        Value::Text(text) => Ok(Some(text.clone())),
        Value::Bool(value) => Ok(Some(if *value { "true" } else { "false" }.into())),
        Value::Integer(number) => Ok(Some(number.to_string().into())),
        Value::Float(number) => Ok(Some(number.to_string().into())),
        Value::Null => Ok(None),
        Value::List(_) | Value::Map(_) => Err(Error::new(place, Code::KeyNotScalar)),
    }
}
