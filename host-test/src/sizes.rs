//! What a module consists of: the bytes of its code by the part of the source that they come from, and of its data.
//!
//! What the compiler copied into another function counts there, so a share is what is left where it is called, not
//! what would go with the part.

use crate::Error;
use std::collections::BTreeMap;
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// The bytes of a module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Of function bodies, by part: `redact::walk` for what is in `plugin/core/src/redact/walk`.
    pub code: BTreeMap<String, usize>,
    /// Of the code section's content.
    pub all_code: usize,
    /// Of data segments: tables, texts.
    pub data: usize,
}

impl Sizes {
    /// The sizes in a module that has names.
    ///
    /// # Errors
    ///
    /// The module cannot be read, or a function of it has no name.
    pub fn read(bytes: &[u8]) -> Result<Sizes, Error> {
        let mut sizes = Sizes::default();
        let mut imported: u32 = 0;
        let mut bodies = Vec::new();
        let mut names = BTreeMap::new();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionStart { size, .. } => sizes.all_code = size as usize,
                Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes().len()),
                Payload::DataSection(segments) => {
                    for segment in segments {
                        sizes.data += segment?.data.len();
                    }
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(subsections) = section.as_known() {
                        for subsection in subsections {
                            if let Name::Function(map) = subsection? {
                                for naming in map {
                                    let naming = naming?;
                                    names.insert(naming.index, naming.name);
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        for (index, size) in (imported..).zip(bodies) {
            let name =
                names.get(&index).ok_or_else(|| Error::new(format!("function {index} has no name")))?;
            *sizes.code.entry(part(name)).or_default() += size;
        }
        Ok(sizes)
    }
}

/// The part of the source that a function comes from, by its mangled name.
fn part(name: &str) -> String {
    // `_ZN14auditveil_core6redact4walk…` or, of a trait's method, `…auditveil_core..redact..walk..Walker…`.
    let Some((_, path)) = name.split_once("auditveil_core") else {
        let other = if name.contains("auditveil") || matches!(name, "malloc" | "free") {
            "the module's own"
        } else if name.contains("dlmalloc") {
            "the allocator"
        } else if name.contains("4sha2") || name.contains("sha2..") {
            "SHA-256"
        } else {
            "the standard library and others"
        };
        return other.to_owned();
    };
    let mut segments = segments(path);
    match (segments.next(), segments.next()) {
        (Some("redact"), Some(second)) if second.starts_with(char::is_lowercase) => {
            format!("redact::{second}")
        }
        (Some(first), _) => first.to_owned(),
        (None, _) => "the core".to_owned(),
    }
}

/// The segments of a path: each with its length in front, or two full stops between them.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = path;
    std::iter::from_fn(move || {
        let (segment, behind) = if let Some(dotted) = rest.strip_prefix("..") {
            let end = dotted.find(|byte: char| !byte.is_ascii_alphanumeric() && byte != '_');
            dotted.split_at(end.unwrap_or(dotted.len()))
        } else {
            let digits = rest.len() - rest.trim_start_matches(|byte: char| byte.is_ascii_digit()).len();
            let length = rest.get(..digits)?.parse().ok()?;
            rest.get(digits..)?.split_at_checked(length)?
        };
        rest = behind;
        Some(segment)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_those_of_the_source() {
        for (name, expected) in [
            ("_ZN14auditveil_core6redact4walk6Walker5value17h00E", "redact::walk"),
            (
                "_ZN14auditveil_core6redact4walk4rare54_$LT$impl$u20$auditveil_core..x$GT$4nameE",
                "redact::walk",
            ),
            ("_ZN75_$LT$auditveil_core..redact..walk..Walker$u20$as$u20$core..x$GT$3fmtE", "redact::walk"),
            ("_ZN14auditveil_core6redact8Redactor4openE", "redact"),
            ("_ZN14auditveil_core4json4find4byteE", "json"),
            ("_ZN20auditveil_fluent_bit3abi6filterE", "the module's own"),
            ("_ZN8dlmalloc8dlmalloc17Dlmalloc6mallocE", "the allocator"),
            ("_RNvNtNtCsdHhI_4core3str8converts9from_utf8", "the standard library and others"),
        ] {
            assert_eq!(part(name), expected, "{name}");
        }
    }
}
