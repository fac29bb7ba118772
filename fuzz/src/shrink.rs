//! A failing record made as small as it gets while it still fails.

use crate::tree::Node;
use std::time::{Duration, Instant};

/// Who waits for a finding waits no longer than this for a smaller one.
const PATIENCE: Duration = Duration::from_secs(20);

/// The smallest record found for which `fails` is true: values and members are taken out where it is JSON,
/// stretches of bytes otherwise.
pub(crate) fn shrink(record: &[u8], fails: &mut dyn FnMut(&[u8]) -> bool) -> Vec<u8> {
    let deadline = Instant::now() + PATIENCE;
    let mut smallest = record.to_vec();
    if let Some(tree) = std::str::from_utf8(record).ok().and_then(Node::read) {
        let text = tree.text().into_bytes();
        if fails(&text) {
            smallest = by_values(tree, deadline, fails).text().into_bytes();
        }
    }
    by_bytes(smallest, deadline, fails)
}

/// Each value, the outermost first: gone, or something plainer.
fn by_values(mut tree: Node, deadline: Instant, fails: &mut dyn FnMut(&[u8]) -> bool) -> Node {
    loop {
        let before = tree.text();
        let mut number = 0;
        while number < tree.count() && Instant::now() < deadline {
            let mut element = 0;
            while let Some(smaller) = without(&tree, number, element) {
                if fails(smaller.text().as_bytes()) {
                    tree = smaller;
                } else {
                    element += 1;
                }
            }
            for plainer in ["0", "\"\"", "{}"] {
                let mut smaller = tree.clone();
                let Some(node) = smaller.find(number) else { break };
                *node = Node::of(plainer);
                if smaller.text().len() < tree.text().len() && fails(smaller.text().as_bytes()) {
                    tree = smaller;
                    break;
                }
            }
            number += 1;
        }
        if tree.text() == before || Instant::now() >= deadline {
            return tree;
        }
    }
}

/// The tree without one element of one container.
fn without(tree: &Node, number: usize, element: usize) -> Option<Node> {
    let mut smaller = tree.clone();
    match smaller.find(number)? {
        Node::Array(items) if element < items.len() => drop(items.remove(element)),
        Node::Object(members) if element < members.len() => drop(members.remove(element)),
        _ => return None,
    }
    Some(smaller)
}

/// Stretches of bytes, the long ones first.
fn by_bytes(mut record: Vec<u8>, deadline: Instant, fails: &mut dyn FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut length = record.len() / 2;
    while length > 0 && Instant::now() < deadline {
        let mut at = 0;
        while at < record.len() && Instant::now() < deadline {
            let mut smaller = record.clone();
            smaller.drain(at..(at + length).min(record.len()));
            if fails(&smaller) {
                record = smaller;
            } else {
                at += length;
            }
        }
        length /= 2;
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_fails_is_left() {
        let record = br#"{"a":[1,{"b":"cd secret ef"}],"kind":"x","z":{"y":[2,3,4]}}"#;
        let has = |what: &'static str| {
            move |record: &[u8]| {
                String::from_utf8_lossy(record).contains(what) && record.first() == Some(&b'{')
            }
        };
        assert_eq!(shrink(record, &mut has("secret")), b"{secret");
        let mut valid = |record: &[u8]| {
            let text = String::from_utf8_lossy(record);
            Node::read(&text).is_some() && text.contains("\"b\":\"cd")
        };
        assert_eq!(shrink(record, &mut valid), br#"{"":[{"b":"cd"}]}"#);
        assert_eq!(shrink(b"\xff\xff42\xff", &mut |record| record.contains(&b'4')), b"4");
    }
}
