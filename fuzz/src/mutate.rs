//! Records made of records: by values and members where a record is JSON, by bytes otherwise and besides.

use crate::random::Random;
use crate::seeds::Seeds;
use crate::tree::Node;
use auditveil_tests::json;

/// Records do not get longer than this.
const LONGEST: usize = 24 * 1024;

/// Bytes that mean something to JSON, to msgpack or to UTF-8, and some that are never right.
const TELLING: &[u8] =
    b"\"\"\"{}[],:\\\\/ \n\0\x1f\x7f\x80\x81\xa3\xd9\xdb\xdc\xde\xff\xc3\xed\xf0-+.0eEudata";

/// Values that decide something, or that are odd.
const VALUES: &[&str] = &[
    "null",
    "true",
    "{}",
    "[]",
    "0",
    "-0",
    "-0.0",
    "1e400",
    "-1E+400",
    "1e-400",
    "18446744073709551616",
    "0.1000",
    "\"\"",
    "\"[REDACTED]\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\/\"",
    "\"Secret\"",
    "\"SecretList\"",
    "\"secrets\"",
    "\"List\"",
    "\"Table\"",
    "\"EventList\"",
    "\"Status\"",
    "\"TokenReview\"",
    "\"TokenRequest\"",
    "\"Metadata\"",
    "\"Request\"",
    "\"RequestResponse\"",
    "\"None\"",
    "\"create\"",
    "\"patch\"",
    "\"get\"",
    "\"ResponseComplete\"",
    "\"Panic\"",
    "\"v1\"",
    "\"audit.k8s.io/v1\"",
    "\"password\"",
    "\"token\"",
    "\"/data/a~1b\"",
    "\"/stringData\"",
    "\"\u{feff}\"",
    "\"/api/v1/namespaces/a/secrets/b?token=c\"",
    "\"hmac:k1:00112233445566778899aabbccddeeff\"",
    "\"password=aB3dE5gH7\"",
    "\"Authorization: Bearer aB3dE5gH7aB3dE5gH7\"",
    "\"https://a:b3c4@example.com/?sig=x\"",
    "\"-----BEGIN PRIVATE KEY-----\\nYWJj\\n-----END PRIVATE KEY-----\"",
    "\"kind: Secret\\ndata:\\n  a: YQ==\\n\"",
    "\"{\\\"kind\\\":\\\"Secret\\\",\\\"data\\\":{\\\"a\\\":\\\"YQ==\\\"}}\"",
    "\"eyJraW5kIjoiU2VjcmV0IiwiZGF0YSI6eyJhIjoiYiJ9fQ==\"",
    "\"2026-11-20T08:12:01Z stdout F {}\"",
    "{\"version\":\"1\"}",
    "{\"version\":\"1\",\"origin\":\"container\"}",
];

/// Keys that decide something.
const KEYS: &[&str] = &[
    "data",
    "stringData",
    "kind",
    "apiVersion",
    "metadata",
    "items",
    "type",
    "annotations",
    "token",
    "status",
    "spec",
    "name",
    "value",
    "path",
    "op",
    "from",
    "objectRef",
    "resource",
    "subresource",
    "apiGroup",
    "requestObject",
    "responseObject",
    "requestURI",
    "responseStatus",
    "message",
    "auditveil",
    "version",
    "log",
    "stream",
    "time",
    "records",
    "properties",
    "log_s",
    "logEvents",
    "protoPayload",
    "kubernetes.audit",
    "kubernetes",
    "audit",
    "request",
    "requestBody",
    "@message",
    "msg",
    "event",
    "original",
    "env",
    "args",
    "command",
    "password",
    "kubectl.kubernetes.io/last-applied-configuration",
    "rows",
    "cells",
    "object",
    "level",
    "stage",
    "verb",
    "auditID",
    "user",
    "managedFields",
    "auditID_text",
    "keys_beyond_limit",
    "",
];

/// Makes records of a record and of all others.
#[derive(Debug)]
pub struct Mutator<'a> {
    seeds: &'a Seeds,
}

impl<'a> Mutator<'a> {
    /// A mutator that takes words and parts from these.
    pub fn new(seeds: &'a Seeds) -> Self {
        Mutator { seeds }
    }

    /// Another record, a little or a lot like this one.
    pub fn mutate(&self, record: &[u8], random: &mut Random) -> Vec<u8> {
        let tree = std::str::from_utf8(record).ok().and_then(Node::read);
        let mut made = match tree {
            Some(mut tree) if !random.one_in(6) => {
                for _ in 0..=random.below(4) {
                    self.tree(&mut tree, random);
                }
                spelled(&tree, random).into_bytes()
            }
            tree => {
                let mut made = record.to_vec();
                for _ in 0..=random.below(3) {
                    self.bytes(&mut made, random);
                }
                if tree.is_none() || !random.one_in(3) {
                    return cut(made);
                }
                made
            }
        };
        if random.one_in(5) {
            self.bytes(&mut made, random);
        }
        cut(made)
    }

    /// One change to a tree.
    pub fn tree(&self, tree: &mut Node, random: &mut Random) {
        let donor = self.part(random);
        let (key, value) = (self.key(random), self.value(random));
        let number = random.below(tree.count());
        let Some(node) = tree.find(number) else { return };
        match (random.below(12), &mut *node) {
            (0, _) => *node = value,
            (1, _) => *node = donor,
            // As text, and text as what it says.
            (2, _) => *node = Node::string(&node.text()),
            (3, Node::Plain(text)) => {
                if let Some(read) = Node::read(&json::unescape(text)) {
                    *node = read;
                }
            }
            (4, _) => *node = wrapped(node.clone(), key, random),
            (5, Node::Plain(text)) => *text = respelled(text, random),
            (_, Node::Plain(text)) => {
                if random.one_in(2) {
                    *node = value;
                } else if text.starts_with('"') {
                    *text = json::escape(&edited(&json::unescape(text), &value.text(), random));
                }
            }
            (change, Node::Array(items)) => {
                list(items, change, random, || if change == 9 { donor } else { value })
            }
            (change, Node::Object(members)) => {
                let at = random.below(members.len());
                match (change, members.get_mut(at)) {
                    (6 | 7, Some((old, _))) => *old = if change == 6 { key } else { respelled(old, random) },
                    (8, Some((_, member))) => *member = value,
                    _ => list(members, change, random, || (key, if change == 9 { donor } else { value })),
                }
            }
        }
    }

    /// One change to bytes.
    pub fn bytes(&self, record: &mut Vec<u8>, random: &mut Random) {
        let at = random.below(record.len());
        let end = (at + random.below(64)).min(record.len());
        let telling = random.pick(TELLING).copied().unwrap_or_default();
        match random.below(9) {
            _ if record.is_empty() => record.push(telling),
            0 => record.splice(at..=at, [telling]).for_each(drop),
            1 => record.insert(at, telling),
            2 => drop(record.remove(at)),
            3 => record.drain(at..end).for_each(drop),
            4 => {
                let stretch = record.get(at..end).unwrap_or_default().to_vec();
                let to = random.below(record.len());
                record.splice(to..to, stretch).for_each(drop);
            }
            5 => record.truncate(at),
            6 => {
                let other = random.below(record.len());
                record.swap(at, other);
            }
            7 => {
                let word = if random.one_in(2) { self.value(random).text() } else { self.key(random) };
                record.splice(at..at, word.into_bytes()).for_each(drop);
            }
            // The front of one and the back of another.
            _ => {
                let other = random.pick(&self.seeds.records).map_or(&[][..], Vec::as_slice);
                record.truncate(at);
                record.extend(other.get(random.below(other.len())..).unwrap_or_default());
            }
        }
    }

    fn key(&self, random: &mut Random) -> String {
        let key = if random.one_in(2) { None } else { random.pick(&self.seeds.keys).cloned() };
        key.unwrap_or_else(|| json::escape(random.word(KEYS)))
    }

    fn value(&self, random: &mut Random) -> Node {
        let value = if random.one_in(2) { None } else { random.pick(&self.seeds.values).cloned() };
        Node::Plain(value.unwrap_or_else(|| random.word(VALUES).to_owned()))
    }

    /// A part of any record.
    fn part(&self, random: &mut Random) -> Node {
        let record = random.pick(&self.seeds.records).map_or(&[][..], Vec::as_slice);
        let tree = std::str::from_utf8(record).ok().and_then(Node::read);
        let Some(mut tree) = tree else { return self.value(random) };
        let number = random.below(tree.count());
        tree.find(number).cloned().unwrap_or(Node::Array(Vec::new()))
    }
}

fn cut(mut record: Vec<u8>) -> Vec<u8> {
    record.truncate(LONGEST);
    record
}

/// One change to the elements of a container.
fn list<T: Clone>(elements: &mut Vec<T>, change: usize, random: &mut Random, new: impl FnOnce() -> T) {
    let (at, other) = (random.below(elements.len()), random.below(elements.len() + 1));
    match (change, elements.get(at).cloned()) {
        (5, Some(_)) => drop(elements.remove(at)),
        (10, Some(element)) => elements.insert(other, element),
        (11, Some(_)) => {
            let element = elements.remove(at);
            elements.insert(other.min(elements.len()), element);
        }
        _ => elements.insert(other, new()),
    }
}

/// The value inside of others.
fn wrapped(node: Node, key: String, random: &mut Random) -> Node {
    // More than the limits of nesting and keys, sometimes.
    let levels = if random.one_in(8) { 40 + random.below(20) } else { 1 + random.below(3) };
    if random.one_in(12) {
        let keys = 1000 + random.below(50);
        let mut members: Vec<_> = (0..keys).map(|number| (format!("\"k{number}\""), Node::of("0"))).collect();
        members.insert(random.below(members.len()), (key, node));
        return Node::Object(members);
    }
    (0..levels).fold(node, |inner, _| {
        if random.one_in(3) { Node::Array(vec![inner]) } else { Node::Object(vec![(key.clone(), inner)]) }
    })
}

/// A text with a part of it lost, repeated, or another one in its place.
fn edited(text: &str, other: &str, random: &mut Random) -> String {
    let characters: Vec<char> = text.chars().collect();
    let at = random.below(characters.len() + 1);
    let (front, back) = characters.split_at_checked(at).unwrap_or((&characters, &[]));
    let back = back.get(random.below(4)..).unwrap_or_default();
    let middle: String = match random.below(4) {
        0 => String::new(),
        1 => random
            .word(&["=", ":", "&", "%3d", " ", "\n", "\"", "'", "\\", "@", "://", "--", "é", "\u{0}"])
            .to_owned(),
        2 => json::unescape(other),
        _ => front.iter().collect(),
    };
    front.iter().chain(&middle.chars().collect::<Vec<_>>()).chain(back).collect()
}

/// The same string with other escapes, or in other letters; what is no string as it is.
fn respelled(text: &str, random: &mut Random) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return text.to_owned();
    };
    if random.one_in(4) {
        let mut letters = inner.chars();
        let first =
            letters.next().map(|letter| letter.to_uppercase().collect::<String>()).unwrap_or_default();
        return format!("\"{first}{}\"", letters.as_str());
    }
    let mut out = String::from("\"");
    for unit in json::unescape(text).encode_utf16() {
        match char::from_u32(u32::from(unit)) {
            Some(letter @ (' '..='!' | '#'..='[' | ']'..='~')) if !random.one_in(4) => out.push(letter),
            _ if random.one_in(2) => out.push_str(&format!("\\u{unit:04x}")),
            _ => out.push_str(&format!("\\u{unit:04X}")),
        }
    }
    out.push('"');
    out
}

/// The tree as text, sometimes with white space.
fn spelled(tree: &Node, random: &mut Random) -> String {
    let every = if random.one_in(4) { 1 + random.below(20) } else { usize::MAX };
    let mut out = String::new();
    tree.write(&mut out, &mut |_| {
        if random.one_in(every) { random.word(&[" ", "\n", "\t", "\r\n"]) } else { "" }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutants_differ_and_are_mostly_json() {
        let seeds = Seeds::of(vec![br#"{"kind":"Event","requestObject":{"data":{"a":"b"}}}"#.to_vec(); 2]);
        let mutator = Mutator::new(&seeds);
        let mut random = Random::new(1);
        let (mut same, mut valid) = (0, 0);
        for _ in 0..2000 {
            let made = mutator.mutate(&seeds.records[0], &mut random);
            same += usize::from(made == seeds.records[0]);
            valid += usize::from(std::str::from_utf8(&made).is_ok_and(|text| json::is_json(text).is_ok()));
        }
        assert!(same < 300 && valid > 1000, "{same} {valid}");
    }
}
