//! JSON as a tree that forgets nothing but white space: the order of members, repeated ones, how keys,
//! strings and numbers are spelled.
//!
//! What is no JSON is no tree: it is mutated as bytes.

use auditveil_tests::json;

/// Deeper containers stay text: mutating is recursive, and depth alone is what `tests/src/hostile.rs` is for.
const DEEPEST: usize = 100;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Anything but a container, and containers that are too deep, as the text it is.
    Plain(String),
    /// The items of an array.
    Array(Vec<Node>),
    /// The members of an object: keys with their quotes.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// Reads a text; `None` if it is no JSON.
    pub fn read(text: &str) -> Option<Node> {
        json::is_json(text).ok()?;
        let mut rest = text;
        Some(value(&mut rest, 0))
    }

    /// A string that says this.
    pub fn string(text: &str) -> Node {
        Node::Plain(json::escape(text))
    }

    /// What stands in a text of this crate; a mistake in it is a string.
    pub fn of(text: &str) -> Node {
        Node::read(text).unwrap_or_else(|| Node::string(text))
    }

    /// The tree as text without white space.
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, &mut |_| "");
        out
    }

    /// Writes the tree; `space` is asked what stands before and behind each token.
    pub fn write(&self, out: &mut String, space: &mut dyn FnMut(&str) -> &'static str) {
        let mut token = |out: &mut String, text: &str| {
            out.push_str(space(text));
            out.push_str(text);
        };
        match self {
            Node::Plain(text) => token(out, text),
            Node::Array(items) => {
                token(out, "[");
                for (number, item) in items.iter().enumerate() {
                    if number > 0 {
                        out.push(',');
                    }
                    item.write(out, space);
                }
                out.push_str(space("]"));
                out.push(']');
            }
            Node::Object(members) => {
                token(out, "{");
                for (number, (key, member)) in members.iter().enumerate() {
                    if number > 0 {
                        out.push(',');
                    }
                    out.push_str(space(key));
                    out.push_str(key);
                    out.push_str(space(":"));
                    out.push(':');
                    member.write(out, space);
                }
                out.push_str(space("}"));
                out.push('}');
            }
        }
    }

    /// How many values there are, this one included.
    pub fn count(&self) -> usize {
        match self {
            Node::Plain(_) => 1,
            Node::Array(items) => items.iter().fold(1, |sum, item| sum + item.count()),
            Node::Object(members) => members.iter().fold(1, |sum, (_, member)| sum + member.count()),
        }
    }

    /// The value with this number, from the outside in and from the front to the back; this one is 0.
    pub fn find(&mut self, number: usize) -> Option<&mut Node> {
        let mut left = number;
        self.descend(&mut left)
    }

    fn descend(&mut self, left: &mut usize) -> Option<&mut Node> {
        if *left == 0 {
            return Some(self);
        }
        *left -= 1;
        match self {
            Node::Plain(_) => None,
            Node::Array(items) => items.iter_mut().find_map(|item| item.descend(left)),
            Node::Object(members) => members.iter_mut().find_map(|(_, member)| member.descend(left)),
        }
    }

    /// The members of an object.
    pub fn members(&mut self) -> Option<&mut Vec<(String, Node)>> {
        match self {
            Node::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The last member of that name.
    pub fn member(&self, name: &str) -> Option<&Node> {
        let Node::Object(members) = self else { return None };
        members.iter().rev().find(|(key, _)| json::unescape(key) == name).map(|(_, member)| member)
    }

    /// Puts a member behind all others, and takes those out that have the same name.
    pub fn set(&mut self, name: &str, value: Node) {
        if let Node::Object(members) = self {
            members.retain(|(key, _)| json::unescape(key) != name);
            members.push((json::escape(name), value));
        }
    }
}

/// The value at the front of what is JSON, and may have more behind it.
fn value(rest: &mut &str, depth: usize) -> Node {
    skip(rest);
    match rest.as_bytes().first() {
        Some(b'{' | b'[') if depth == DEEPEST => Node::Plain(container(rest).to_owned()),
        Some(b'{') => Node::Object(elements(rest, |rest| {
            let key = plain(rest).to_owned();
            skip(rest);
            take(rest, 1);
            (key, value(rest, depth + 1))
        })),
        Some(b'[') => Node::Array(elements(rest, |rest| value(rest, depth + 1))),
        _ => Node::Plain(plain(rest).to_owned()),
    }
}

/// What stands between two brackets, comma by comma.
fn elements<T>(rest: &mut &str, mut element: impl FnMut(&mut &str) -> T) -> Vec<T> {
    let mut found = Vec::new();
    take(rest, 1);
    loop {
        skip(rest);
        match rest.as_bytes().first() {
            Some(b'}' | b']') | None => break,
            Some(b',') => drop(take(rest, 1)),
            _ => found.push(element(rest)),
        }
    }
    take(rest, 1);
    found
}

fn skip(rest: &mut &str) {
    *rest = rest.trim_start_matches([' ', '\t', '\n', '\r']);
}

fn take<'a>(rest: &mut &'a str, length: usize) -> &'a str {
    let (taken, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
    *rest = behind;
    taken
}

/// A string with its quotes, a number or a word.
fn plain<'a>(rest: &mut &'a str) -> &'a str {
    skip(rest);
    let length = if rest.starts_with('"') {
        let mut escaped = false;
        let end = rest.bytes().skip(1).position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        end.map_or(rest.len(), |end| end + 2)
    } else {
        rest.find([',', '}', ']', ' ', '\t', '\n', '\r', ':']).unwrap_or(rest.len()).max(1)
    };
    take(rest, length)
}

/// A container as text.
fn container<'a>(rest: &mut &'a str) -> &'a str {
    let whole = *rest;
    let mut open = 0_usize;
    loop {
        match rest.as_bytes().first() {
            Some(b'"') => drop(plain(rest)),
            Some(byte) => {
                match byte {
                    b'{' | b'[' => open += 1,
                    b'}' | b']' => open = open.saturating_sub(1),
                    _ => {}
                }
                let length = rest.chars().next().map_or(1, char::len_utf8);
                take(rest, length);
            }
            None => break,
        }
        if open == 0 {
            break;
        }
    }
    whole.get(..whole.len() - rest.len()).unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_nothing_but_white_space() {
        for (text, compact) in [
            (
                r#" {"a" : [1.50, {"\u0061":"x\"y\\"} ], "a":{}} "#,
                r#"{"a":[1.50,{"\u0061":"x\"y\\"}],"a":{}}"#,
            ),
            ("[]", "[]"),
            ("-1e400", "-1e400"),
            ("\"\"", "\"\""),
        ] {
            let node = Node::read(text).unwrap();
            assert_eq!(node.text(), compact);
            assert_eq!(Node::read(&node.text()).unwrap(), node);
        }
        assert_eq!(Node::read("{"), None);
        let deep = format!("{}\"é[\"{}", "[".repeat(300), "]".repeat(300));
        assert_eq!(Node::read(&deep).unwrap().text(), deep);
    }

    #[test]
    fn numbers_its_values() {
        let mut node = Node::of(r#"{"a":[1,2],"b":{"c":3}}"#);
        assert_eq!(node.count(), 6);
        let found: Vec<String> =
            (0..7).filter_map(|number| node.find(number).map(|node| node.text())).collect();
        assert_eq!(found, [r#"{"a":[1,2],"b":{"c":3}}"#, "[1,2]", "1", "2", r#"{"c":3}"#, "3"]);
        node.set("a", Node::string("x"));
        assert_eq!(node.text(), r#"{"b":{"c":3},"a":"x"}"#);
        assert_eq!(node.member("a"), Some(&Node::string("x")));
    }
}
