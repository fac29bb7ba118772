//! What is mutated: every record that the project keeps anyway, of the cases and of the committed logs.

use crate::tree::Node;
use auditveil_tests::corpus::{self, Server};
use auditveil_tests::{Error, Input, hostile};
use std::collections::{BTreeMap, BTreeSet};

/// Longer records are left out: what is slow is tried less often.
const LONGEST: usize = 6000;
/// Of the logs, every line with members that no line before had, and besides one in so many.
const SAMPLED: usize = 64;

/// Records to begin with, and the words they are made of.
#[derive(Debug, Default)]
pub struct Seeds {
    /// Records, each once.
    pub records: Vec<Vec<u8>>,
    /// Keys, with their quotes.
    pub keys: Vec<String>,
    /// Values that are no containers.
    pub values: Vec<String>,
}

impl Seeds {
    /// All that there is.
    ///
    /// # Errors
    ///
    /// A case or a log that cannot be read.
    pub fn load() -> Result<Seeds, Error> {
        let mut records = BTreeSet::new();
        for case in auditveil_tests::load()? {
            let (Input::Text(record) | Input::Bytes(record)) = case.input;
            records.insert(record);
        }
        for family in hostile::FAMILIES {
            records.insert(family.event(600));
        }
        let logs = [corpus::audit(Server::V1_20)?, corpus::audit(Server::V1_36)?, corpus::traffic()?];
        let mut shapes = BTreeSet::new();
        for (number, line) in logs.iter().flat_map(|log| corpus::lines(log)).enumerate() {
            let new = line.len() <= LONGEST && shapes.insert(shape_of(line));
            if new || number % SAMPLED == 0 {
                records.insert(line.to_vec());
            }
        }
        records.retain(|record| record.len() <= LONGEST);
        Ok(Seeds::of(records.into_iter().collect()))
    }

    /// These records, and their words.
    pub fn of(records: Vec<Vec<u8>>) -> Seeds {
        let (mut keys, mut values) = (BTreeMap::new(), BTreeMap::new());
        for record in &records {
            let text = String::from_utf8_lossy(record);
            if let Some(node) = Node::read(&text) {
                words(&node, &mut keys, &mut values);
            }
        }
        // A word of one record is noise; telling words are in more of them, or in the lists of `mutate`.
        let often = |words: BTreeMap<String, usize>| {
            words.into_iter().filter(|(_, times)| *times > 1).map(|(word, _)| word).collect()
        };
        Seeds { records, keys: often(keys), values: often(values) }
    }
}

fn words(node: &Node, keys: &mut BTreeMap<String, usize>, values: &mut BTreeMap<String, usize>) {
    match node {
        Node::Plain(value) => *values.entry(value.clone()).or_default() += 1,
        Node::Array(items) => items.iter().for_each(|item| words(item, keys, values)),
        Node::Object(members) => {
            for (key, member) in members {
                *keys.entry(key.clone()).or_default() += 1;
                words(member, keys, values);
            }
        }
    }
}

/// The keys of a record, whatever their values are.
fn shape_of(line: &[u8]) -> String {
    fn keys(node: &Node, out: &mut BTreeSet<String>) {
        match node {
            Node::Plain(_) => {}
            Node::Array(items) => items.iter().for_each(|item| keys(item, out)),
            Node::Object(members) => {
                for (key, member) in members {
                    // Managed fields and labels have as many names as there are objects.
                    if !key.contains([':', '/', '.']) {
                        out.insert(key.clone());
                    }
                    keys(member, out);
                }
            }
        }
    }
    let mut found = BTreeSet::new();
    if let Some(node) = Node::read(&String::from_utf8_lossy(line)) {
        keys(&node, &mut found);
    }
    found.into_iter().collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_in_two_records() {
        let seeds = Seeds::of(vec![
            br#"{"kind":"a","one":1}"#.to_vec(),
            br#"{"kind":"a"}"#.to_vec(),
            b"\xff".to_vec(),
        ]);
        assert_eq!((seeds.keys, seeds.values), (vec!["\"kind\"".to_owned()], vec!["\"a\"".to_owned()]));
    }

    #[test]
    fn there_are_seeds_of_every_kind() {
        let seeds = Seeds::load().unwrap();
        let count = |is: &dyn Fn(&[u8]) -> bool| seeds.records.iter().filter(|record| is(record)).count();
        assert!(count(&|record| record.starts_with(b"{\"kind\":\"Event\"")) > 300);
        assert!(count(&|record| record.first().is_some_and(|first| *first >= 0x80)) > 20);
        assert!(seeds.keys.len() > 200 && seeds.values.len() > 200);
    }
}
