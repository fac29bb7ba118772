//! The values that a path leads to.

use super::super::event::Items;
use super::needle::Pattern;
use crate::json::members::Members;
use crate::json::text;
use crate::limits::PATH_STEPS;
use alloc::string::String;
use alloc::vec::Vec;

/// A step from a value to what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The members of this name.
    Name(String),
    /// The same in any case, as Go's decoder reads the event's own members.
    AnyCase(String),
    /// The members whose names fit.
    Fits(Pattern),
    /// Every item.
    Each,
    /// The item of this index.
    Index(usize),
}

impl Step {
    pub(super) fn is_name(&self, name: &[u8]) -> bool {
        match self {
            Step::Name(wanted) => wanted.as_bytes() == name,
            Step::AnyCase(wanted) => wanted.as_bytes().eq_ignore_ascii_case(name),
            Step::Fits(pattern) => pattern.fits(name),
            Step::Each | Step::Index(_) => false,
        }
    }

    /// Whether it leads to a member whose name stands there as `raw`; `name` is a buffer.
    #[inline(always)]
    pub(super) fn fits(&self, raw: &[u8], name: &mut Vec<u8>) -> bool {
        if raw.contains(&b'\\') { text::unescape(raw, name) && self.is_name(name) } else { self.is_name(raw) }
    }
}

/// A container that is walked over.
pub(super) enum Open<'a> {
    Object(&'a [u8], Members<'a>),
    Array(core::iter::Enumerate<Items<'a>>),
}

impl<'a> Open<'a> {
    pub(super) fn new(value: &'a [u8], step: &Step) -> Option<Self> {
        match (value.first(), step) {
            (Some(b'['), Step::Each | Step::Index(_)) => Some(Open::Array(Items::new(value).enumerate())),
            (Some(b'{'), Step::Name(_) | Step::AnyCase(_) | Step::Fits(_)) => {
                Some(Open::Object(value, Members::new(value, 0)))
            }
            _ => None,
        }
    }

    /// The next value in it that the step leads to.
    pub(super) fn next(&mut self, step: &Step, name: &mut Vec<u8>) -> Option<&'a [u8]> {
        match self {
            Open::Array(items) => match step {
                Step::Index(wanted) => items.find(|(index, _)| index == wanted).map(|(_, item)| item),
                _ => items.next().map(|(_, item)| item),
            },
            Open::Object(bytes, members) => loop {
                let member = members.next()?;
                let raw = bytes.get(member.name_start..member.name_end).unwrap_or_default();
                if step.fits(raw, name) {
                    return bytes.get(member.value_start..member.value_end);
                }
            },
        }
    }
}

/// The values that steps lead to from a value, one after another.
///
/// Every value is passed over once for each step, so this takes time in proportion to the value.
pub(super) struct Walk<'a, 's> {
    /// Where there are no steps: the value itself, until it was given.
    root: Option<&'a [u8]>,
    steps: &'s [Step],
    open: [Option<Open<'a>>; PATH_STEPS],
    depth: usize,
}

impl<'a, 's> Walk<'a, 's> {
    pub(super) fn new(root: &'a [u8], steps: &'s [Step]) -> Self {
        let mut walk = Walk { root: Some(root), steps, open: [const { None }; PATH_STEPS], depth: 0 };
        if let (Some(place), Some(first)) = (walk.open.first_mut(), steps.first()) {
            *place = Open::new(root, first);
        }
        walk
    }

    /// The next value; `name` is a buffer.
    pub(super) fn next(&mut self, name: &mut Vec<u8>) -> Option<&'a [u8]> {
        if self.steps.is_empty() {
            return self.root.take();
        }
        loop {
            let step = self.steps.get(self.depth)?;
            let open = self.open.get_mut(self.depth).and_then(Option::as_mut);
            let deeper = self.depth.wrapping_add(1);
            match (open.and_then(|open| open.next(step, name)), self.steps.get(deeper)) {
                (None, _) if self.depth == 0 => return None,
                (None, _) => self.depth = self.depth.wrapping_sub(1),
                (Some(value), None) => return Some(value),
                (Some(value), Some(step)) => {
                    if let Some(place) = self.open.get_mut(deeper) {
                        *place = Open::new(value, step);
                        self.depth = deeper;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn found(root: &str, steps: &[Step]) -> Vec<String> {
        let mut walk = Walk::new(root.as_bytes(), steps);
        let mut name = Vec::new();
        core::iter::from_fn(|| walk.next(&mut name))
            .map(|value| String::from_utf8(value.to_vec()).unwrap())
            .collect()
    }

    #[test]
    fn steps_lead_to_values() {
        let name = |name: &str| Step::Name(name.to_string());
        let root =
            r#"{"a":[{"b":1},{"b":2,"c":3},7,{"\u0062":4}],"a":{"b":5},"x":{"b":[6,[7]]},"y":{"B":8}}"#;
        assert_eq!(found(root, &[name("a"), Step::Each, name("b")]), ["1", "2", "4"]);
        assert_eq!(found(root, &[name("a"), Step::Index(1), name("c")]), ["3"]);
        assert_eq!(found(root, &[name("a"), name("b")]), ["5"]);
        assert_eq!(found(root, &[name("x"), name("b"), Step::Each]), ["6", "[7]"]);
        assert_eq!(found(root, &[name("x"), name("b"), Step::Index(2)]), [""; 0]);
        assert_eq!(
            found(root, &[Step::Fits(Pattern::new("*")), Step::AnyCase("B".into())]),
            ["5", "[6,[7]]", "8"]
        );
        assert_eq!(found(root, &[Step::Each]), [""; 0]);
        assert_eq!(found(root, &[]), [root]);
        assert_eq!(found(r#"{"a":{"b":1},"a":{"b":"cut"#, &[name("a"), name("b")]), ["1"]);
    }
}
