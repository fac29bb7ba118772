//! A JSON Patch as conditions see it: as the object that its operations write, each by itself.
//!
//! ```text
//! [{"op":"add","path":"/spec/template/spec/containers/-","value":{"image":"a"}},{"op":"replace","path":"/spec/replicas","value":3}]
//! {"spec":{"template":{"spec":{"containers":[{"image":"a"}]}}},"spec":{"replicas":3}}
//! ```
//!
//! Such a body is a list of operations (RFC 6902), and what they make of an object stands nowhere. But `add` and `replace` say what
//! they put where, and that is as much as a merge patch says. It is written down as one, so that nothing else has to know of
//! patches: a member that stands twice is two values. What an operation takes away, moves or tests says nothing of what is there
//! then. Cold: hardly any client sends such patches.

use super::event::{Items, quoted};
use crate::json::members::Members;
use crate::json::text;
use crate::limits::POINTER_STEPS;
use crate::memory::append;
use crate::record::msgpack::write_escaped;
use alloc::vec::Vec;

/// Whether a body is a list of operations.
#[inline(always)]
pub(super) fn is_patch(body: &[u8]) -> bool {
    body.first() == Some(&b'[')
}

/// Writes a patch as the object that its operations write; `false` if there is no memory.
///
/// A name that is a number or `-` is the place of an item, which becomes the only one of a list. A pointer of more than
/// [`POINTER_STEPS`] names leads to nothing that Kubernetes has, and its operation is left out.
#[cold]
#[inline(never)]
pub(super) fn as_object(patch: &[u8], out: &mut Vec<u8>) -> bool {
    let (mut writes, mut pointer, mut name) = (Writes::new(patch), Vec::new(), Vec::new());
    out.clear();
    let mut written = append(out, b"{");
    while let Some(value) = writes.next(&mut pointer) {
        if pointer.iter().filter(|&&byte| byte == b'/').count() <= POINTER_STEPS {
            written = written && write(Pointer::new(&pointer), value, &mut name, out);
        }
    }
    written && append(out, b"}")
}

/// Writes members that have a value at the end of a pointer.
fn write(mut pointer: Pointer<'_>, value: &[u8], name: &mut Vec<u8>, out: &mut Vec<u8>) -> bool {
    let mut lists = [false; POINTER_STEPS];
    let mut depth = 0_usize;
    if out.len() > 1 && !append(out, b",") {
        return false;
    }
    while let Some(part) = pointer.next(name) {
        let is_list = depth > 0 && is_place(part);
        let written = match depth {
            _ if is_list => append(out, b"["),
            0 => append(out, b"\"") && write_escaped(part, out) && append(out, b"\":"),
            _ => append(out, b"{\"") && write_escaped(part, out) && append(out, b"\":"),
        };
        if !written {
            return false;
        }
        if let Some(list) = lists.get_mut(depth) {
            *list = is_list;
        }
        depth = depth.wrapping_add(1);
    }
    if depth == 0 {
        // The whole object is another one: its members are those of this.
        let members = value.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}")).unwrap_or_default();
        let blank = members.iter().all(u8::is_ascii_whitespace);
        return append(out, if blank { b"\"\":null" } else { members });
    }
    let closed = lists.get(1..depth).unwrap_or_default();
    append(out, value) && closed.iter().rev().all(|&list| append(out, if list { b"]" } else { b"}" }))
}

/// The operations of a patch that write something.
struct Writes<'a> {
    operations: Items<'a>,
    name: Vec<u8>,
}

impl<'a> Writes<'a> {
    fn new(patch: &'a [u8]) -> Self {
        Writes { operations: Items::new(patch), name: Vec::new() }
    }

    /// The value that the next one writes; `pointer` becomes the way to it. What stands behind something that is no operation is
    /// not looked at: the API server refuses such a patch.
    fn next(&mut self, pointer: &mut Vec<u8>) -> Option<&'a [u8]> {
        loop {
            let operation = self.operations.next()?;
            let [op, path, value] = self.members(operation);
            let (op, path) = (quoted(op?)?, quoted(path?)?);
            if let Some(value) = value
                && text::unescape(op, pointer)
                && matches!(pointer.as_slice(), b"add" | b"replace")
                && text::unescape(path, pointer)
            {
                return Some(value);
            }
        }
    }

    /// The members of an operation: of those that stand there twice the last one, as the API server reads it.
    fn members(&mut self, operation: &'a [u8]) -> [Option<&'a [u8]>; 3] {
        let mut found = [None; 3];
        let [op, path, value] = &mut found;
        for member in Members::new(operation, 0) {
            let raw = operation.get(member.name_start..member.name_end).unwrap_or_default();
            let name = if raw.contains(&b'\\') {
                if text::unescape(raw, &mut self.name) { self.name.as_slice() } else { b"" }
            } else {
                raw
            };
            let place = match name {
                b"op" => &mut *op,
                b"path" => &mut *path,
                b"value" => &mut *value,
                _ => continue,
            };
            *place = operation.get(member.value_start..member.value_end);
        }
        found
    }
}

/// The names that a pointer leads along, one after another.
#[derive(Clone, Debug)]
struct Pointer<'a> {
    /// From the `/` before the next one.
    rest: &'a [u8],
}

impl<'a> Pointer<'a> {
    /// What stands before the first `/` is passed over, as the API server does.
    fn new(pointer: &'a [u8]) -> Self {
        let start = pointer.iter().position(|&byte| byte == b'/').unwrap_or(pointer.len());
        let rest = pointer.get(start..).unwrap_or_default();
        // Without any it leads nowhere: to a name that nothing has.
        Pointer { rest: if rest.is_empty() && !pointer.is_empty() { b"/" } else { rest } }
    }

    /// The next name, if the pointer does not end here; `buffer` is for one with escapes.
    fn next<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]>
    where
        'a: 'b,
    {
        let (_, behind) = self.rest.split_first()?;
        let end = behind.iter().position(|&byte| byte == b'/').unwrap_or(behind.len());
        let (name, rest) = behind.split_at_checked(end)?;
        self.rest = rest;
        if !name.contains(&b'~') {
            return Some(name);
        }
        buffer.clear();
        let mut parts = name.split(|&byte| byte == b'~');
        let mut written = append(buffer, parts.next().unwrap_or_default());
        for part in parts {
            let sign: &[u8] = match part.first() {
                Some(b'1') => b"/",
                _ => b"~",
            };
            written = written && append(buffer, sign) && append(buffer, part.get(1..).unwrap_or_default());
        }
        Some(if written { buffer.as_slice() } else { b"" })
    }
}

/// Whether a name is the place of an item in a list: its index, or `-` behind the last one.
fn is_place(name: &[u8]) -> bool {
    name == b"-" || !name.is_empty() && name.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec;

    fn writes(patch: &str) -> Vec<(String, String)> {
        let (mut writes, mut pointer) = (Writes::new(patch.as_bytes()), Vec::new());
        let mut found = Vec::new();
        while let Some(value) = writes.next(&mut pointer) {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            found.push((text(&pointer), text(value)));
        }
        found
    }

    #[test]
    fn what_operations_write() {
        let patch = r#"[{"op":"add","path":"/a","value":1},{"op":"remove","path":"/b"},{"op":"test","path":"/c","value":2},
            {"value":{"x":[]},"p\u0061th":"\/d","op":"repl\u0061ce"},{"op":"add","path":"/e","value":3,"value":4},
            {"op":"Add","path":"/f","value":5},{"op":"add","path":"/g"},7,{"op":"add","path":"/h","value":6}]"#;
        let expected = [("/a", "1"), ("/d", r#"{"x":[]}"#), ("/e", "4")];
        let found = writes(patch);
        let found: Vec<_> = found.iter().map(|(path, value)| (path.as_str(), value.as_str())).collect();
        assert_eq!(found, expected);
        assert!(writes("{}").is_empty() && writes("[").is_empty());
        assert!(writes(r#"[{"op":"add","path":6,"value":1},{"op":"add","path":"/a","value":1}]"#).is_empty());
    }

    #[test]
    fn patches_are_the_objects_that_they_write() {
        for (patch, expected) in [
            ("[]", "{}"),
            (r#"[{"op":"remove","path":"/a"}]"#, "{}"),
            (
                r#"[{"op":"add","path":"/a","value":1},{"op":"add","path":"/a/b","value":"x"}]"#,
                r#"{"a":1,"a":{"b":"x"}}"#,
            ),
            (
                r#"[{"op":"add","path":"/spec/containers/0/ports/-/hostPort","value":80}]"#,
                r#"{"spec":{"containers":[{"ports":[{"hostPort":80}]}]}}"#,
            ),
            (r#"[{"op":"add","path":"/rules/0/verbs/-","value":"*"}]"#, r#"{"rules":[{"verbs":["*"]}]}"#),
            (r#"[{"op":"add","path":"/0/1/2","value":{}}]"#, r#"{"0":[[{}]]}"#),
            (r#"[{"op":"add","path":"/a/b~1c~0d\"\\","value":null}]"#, r#"{"a":{"b/c~d\"\\":null}}"#),
            (
                r#"[{"op":"add","path":"","value":{"a":1,"b":2}},{"op":"add","path":"/c","value":3}]"#,
                r#"{"a":1,"b":2,"c":3}"#,
            ),
            (
                r#"[{"op":"add","path":"/a","value":1},{"op":"add","path":"","value":{ }}]"#,
                r#"{"a":1,"":null}"#,
            ),
            (r#"[{"op":"add","path":"a","value":1}]"#, r#"{"":1}"#),
        ] {
            let mut out = Vec::new();
            assert!(as_object(patch.as_bytes(), &mut out));
            assert_eq!(core::str::from_utf8(&out).unwrap(), expected, "{patch}");
        }
        let deep =
            |names: usize| alloc::format!(r#"[{{"op":"add","path":"{}","value":1}}]"#, "/a".repeat(names));
        let mut out = Vec::new();
        assert!(as_object(deep(POINTER_STEPS).as_bytes(), &mut out) && out.len() > POINTER_STEPS * 5);
        assert!(as_object(deep(POINTER_STEPS + 1).as_bytes(), &mut out) && out == b"{}");
    }

    #[test]
    fn pointers_lead_along_names() {
        let names = |pointer: &str| {
            let (mut pointer, mut buffer) = (Pointer::new(pointer.as_bytes()), Vec::new());
            let mut names = Vec::new();
            while let Some(name) = pointer.next(&mut buffer) {
                names.push(String::from_utf8(name.to_vec()).unwrap());
            }
            names
        };
        assert_eq!(names("/spec/a~1b~0c/-/0"), ["spec", "a/b~c", "-", "0"]);
        assert_eq!(names("/~01/"), ["~1", ""]);
        assert_eq!(names(""), vec![""; 0]);
        assert_eq!(names("x/a"), ["a"]);
        assert_eq!(names("a"), [""]);
        assert!(is_place(b"-") && is_place(b"12") && !is_place(b"") && !is_place(b"1a"));
    }
}
