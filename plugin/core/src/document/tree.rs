//! The tree: nodes in one arena, each with its place in the text.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// Where something stands in the text: line and column counted from 1, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
    /// How many characters of the line belong to it; at least 1.
    pub(crate) width: u32,
}

impl Place {
    pub(crate) const START: Place = Place { line: 1, column: 1, width: 1 };

    /// The place that follows `head`, the beginning of the text.
    pub(crate) fn after(head: &str) -> Place {
        let line = head.bytes().filter(|&byte| byte == b'\n').count();
        let column = head.rsplit('\n').next().map_or(0, |last| last.chars().count());
        Place { line: count(line).saturating_add(1), column: count(column).saturating_add(1), width: 1 }
    }
}

/// A count as it is shown; a text is at most [`crate::limits::CONFIGURATION_BYTES`] long, so nothing is cut.
pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Index of a node in its [`Document`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NodeId(u32);

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// What JSON can say; YAML is reduced to it, as in Kubernetes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(Box<str>),
    List(Vec<NodeId>),
    Map(Map),
}

/// A mapping. In YAML each key stands once and holds its last value; in JSON the members stand as
/// written, because there a second member is decoded *into* what the first one left.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Map {
    pub(crate) members: Vec<Member>,
    /// The keys that stand more than once, at the place of the repetition.
    pub(crate) repeated: Vec<(Box<str>, Place)>,
    /// Where a key is `null`, which only YAML can say, and no reader accepts.
    pub(crate) null_key: Option<Place>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) key: Box<str>,
    pub(crate) place: Place,
    pub(crate) value: NodeId,
}

impl Map {
    /// Sets all members of another mapping, as `<<` does.
    pub(crate) fn absorb(&mut self, other: &Map) {
        self.members.extend(other.members.iter().cloned());
        self.null_key = self.null_key.or(other.null_key);
    }

    /// Notes which keys are repeated, in the order of the text.
    pub(crate) fn note_repeated(&mut self) {
        let mut seen = BTreeMap::new();
        for member in &self.members {
            if seen.insert(&member.key, ()).is_some() {
                self.repeated.push((member.key.clone(), member.place));
            }
        }
    }

    /// Keeps the last member of each key.
    pub(crate) fn keep_last(&mut self) {
        if self.repeated.is_empty() {
            return;
        }
        let mut last = BTreeMap::new();
        for (index, member) in self.members.iter().enumerate() {
            last.insert(member.key.clone(), index);
        }
        let mut index = 0_usize;
        self.members.retain(|member| {
            let keep = last.get(&member.key) == Some(&index);
            index = index.saturating_add(1);
            keep
        });
    }
}

/// One step from a node to one below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Step {
        Step::Key(String::from(key))
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Step {
        Step::Index(index)
    }
}

/// A text that was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    nodes: Vec<Node>,
    root: NodeId,
    /// Whether the text was JSON, where a repeated member is merged into the earlier one.
    pub(crate) json: bool,
}

impl Document {
    pub(crate) fn new(json: bool) -> Document {
        Document { nodes: Vec::new(), root: NodeId(0), json }
    }

    pub(crate) fn push(&mut self, place: Place, value: Value) -> NodeId {
        let id = NodeId(count(self.nodes.len()));
        self.nodes.push(Node { place, value });
        id
    }

    pub(crate) fn set_root(&mut self, root: NodeId) {
        self.root = root;
    }

    pub(crate) fn root(&self) -> NodeId {
        self.root
    }

    /// The node of an id. Ids are only handed out by `push`, so the fallback is never seen.
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        const MISSING: &Node = &Node { place: Place::START, value: Value::Null };
        self.nodes.get(usize::try_from(id.0).unwrap_or(usize::MAX)).unwrap_or(MISSING)
    }

    pub(crate) fn node_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(usize::try_from(id.0).unwrap_or(usize::MAX))
    }

    /// Where the node at the end of a path below `root` stands, or the last one that exists.
    pub(crate) fn locate(&self, root: NodeId, path: &[Step]) -> Place {
        let mut id = root;
        for step in path {
            let next = match (&self.node(id).value, step) {
                (Value::Map(map), Step::Key(key)) => {
                    map.members.iter().rev().find(|member| *member.key == **key).map(|member| member.value)
                }
                (Value::List(items), Step::Index(index)) => items.get(*index).copied(),
                _ => None,
            };
            let Some(next) = next else { break };
            id = next;
        }
        self.node(id).place
    }
}
