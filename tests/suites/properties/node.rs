//! JSON that keeps the order of members and repeated names, and a printer that spells it in many ways.

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Number(i64),
    Text(String),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl From<serde_json::Value> for Node {
    fn from(value: serde_json::Value) -> Node {
        match value {
            serde_json::Value::Null => Node::Null,
            serde_json::Value::Bool(bool) => Node::Bool(bool),
            serde_json::Value::Number(number) => Node::Number(number.as_i64().unwrap_or_default()),
            serde_json::Value::String(text) => Node::Text(text),
            serde_json::Value::Array(items) => Node::Array(items.into_iter().map(Node::from).collect()),
            serde_json::Value::Object(members) => {
                Node::Object(members.into_iter().map(|(name, value)| (name, Node::from(value))).collect())
            }
        }
    }
}

/// The xorshift generator of Marsaglia.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Dice that fall the same way for the same seed.
    pub(crate) fn new(seed: u64) -> Self {
        Dice(seed | 1)
    }

    /// A number below `bound`, which is not zero.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default() % bound
    }
}

impl Node {
    /// Puts the members of every object in another order.
    pub(crate) fn shuffle(&mut self, dice: &mut Dice) {
        match self {
            Node::Array(items) => items.iter_mut().for_each(|item| item.shuffle(dice)),
            Node::Object(members) => {
                for last in (1..members.len()).rev() {
                    members.swap(last, dice.below(last + 1));
                }
                members.iter_mut().for_each(|(_, value)| value.shuffle(dice));
            }
            _ => {}
        }
    }

    /// As JSON text without white space, escaped no more than is needed.
    pub(crate) fn compact(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, &mut |out, text| out.push_str(&auditveil_tests::json::escape(text)));
        out
    }

    /// As JSON text whose strings are escaped in one of four ways, each by its own throw of the dice.
    ///
    /// How a string is spelled does not depend on what the strings before it say.
    pub(crate) fn spelled(&self, dice: &mut Dice) -> String {
        let mut out = String::new();
        self.write(&mut out, &mut |out, text| {
            let (way, seed) = (dice.below(6), dice.below(1 << 30));
            spell(out, text, way, seed as u64);
        });
        out
    }

    fn write(&self, out: &mut String, text: &mut dyn FnMut(&mut String, &str)) {
        match self {
            Node::Null => out.push_str("null"),
            Node::Bool(bool) => out.push_str(if *bool { "true" } else { "false" }),
            Node::Number(number) => out.push_str(&number.to_string()),
            Node::Text(content) => text(out, content),
            Node::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    item.write(out, text);
                }
                out.push(']');
            }
            Node::Object(members) => {
                out.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    text(out, name);
                    out.push(':');
                    value.write(out, text);
                }
                out.push('}');
            }
        }
    }
}

/// Writes a string literal: as short as can be, as Go does, with some needless escapes, or with nothing else.
///
/// The same character is spelled the same way all over a text, so that what stands around a secret is too.
fn spell(out: &mut String, text: &str, way: usize, seed: u64) {
    out.push('"');
    for character in text.chars() {
        let escape = match way {
            0..=2 => false,
            3 => matches!(character, '<' | '>' | '&' | '\u{2028}' | '\u{2029}'),
            4 => Dice::new(seed ^ u64::from(u32::from(character)) << 8).below(4) == 0,
            _ => true,
        };
        match character {
            _ if escape => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '/' if way == 4 => out.push_str("\\/"),
            '\0'..='\x1f' => out.push_str(&format!("\\u{:04X}", u32::from(character))),
            other => out.push(other),
        }
    }
    out.push('"');
}
