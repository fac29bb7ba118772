//! A module of this project: where its memory ends, where its descriptor is, what is baked into it.

use auditveil_core::baked::{Descriptor, EXPORT, LENGTH, Text};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::ops::Range;
use wasmparser::{
    ConstExpr, DataKind, ExternalKind, MemoryType, Operator, Parser, Payload, SectionLimited, TypeRef,
};

use crate::{Error, FLUENT_BIT_FEATURES, Interface, validate};

/// Bytes of a page of linear memory.
pub(crate) const PAGE: u64 = 64 * 1024;

/// What every module of this project exports, beside the descriptor.
const FILTER: &str = "auditveil_filter";

/// What Fluent Bit calls, as it calls it; without the allocator, records have to fit into 8 KiB.
const CALLED: [(&str, &str); 4] = [
    (FILTER, "(i32, i32, i32, i32, i32, i32) -> (i32)"),
    ("malloc", "(i32) -> (i32)"),
    ("free", "(i32) -> ()"),
    ("memory", "memory"),
];

/// What imports begin with that Fluent Bit has.
const WASI: &str = "wasi_snapshot_preview1.";

/// A module that a configuration can be baked into.
#[derive(Clone)]
pub struct Module<'a> {
    /// What it asks for and has to offer.
    pub interface: Interface,
    /// The version of auditveil that it was built from.
    pub version: String,
    /// The configuration that is baked into it.
    pub baked: Option<Baked<'a>>,
    pub(crate) bytes: &'a [u8],
    /// All sections as they stand, each with its id.
    pub(crate) sections: Vec<(u8, Range<usize>)>,
    pub(crate) memory: MemoryType,
    pub(crate) segments: Vec<Segment<'a>>,
    /// The segment that holds the descriptor, and where in its data.
    pub(crate) descriptor: (usize, usize),
}

/// A configuration inside a module.
#[derive(Clone, PartialEq, Eq)]
pub struct Baked<'a> {
    /// Its text, with every value written out.
    pub text: &'a [u8],
    /// The key behind it, which is a secret; empty without one.
    pub(crate) key: &'a [u8],
    /// Whether it is still what was baked. The module takes one that is not for an invalid configuration.
    pub intact: bool,
    pub(crate) pages: Range<u64>,
}

/// A piece of the memory that a module begins with.
#[derive(Clone)]
pub(crate) struct Segment<'a> {
    /// The segment as it stands in its section.
    pub(crate) whole: &'a [u8],
    /// Where its data goes.
    pub(crate) address: u64,
    pub(crate) data: &'a [u8],
}

impl Segment<'_> {
    /// Where `length` bytes of memory begin in the data, if all of them are in it.
    fn offset_of(&self, address: u64, length: u64) -> Option<usize> {
        let offset = address.checked_sub(self.address)?;
        let end = offset.checked_add(length)?;
        (end <= self.data.len() as u64).then_some(usize::try_from(offset).ok()?)
    }
}

impl<'a> Module<'a> {
    /// Reads a module of this project.
    ///
    /// # Errors
    ///
    /// The bytes are no module, none of this project, or damaged.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        if !bytes.starts_with(b"\0asm") {
            return Err(Error::NotAModule("it does not begin as one".to_owned()));
        }
        let interface = Interface::read(bytes)?;
        let found = Found::read(bytes)?;
        if !interface.exports.contains_key(FILTER) {
            return Err(Error::NotOurs("it does not export `auditveil_filter`"));
        }
        let descriptor = found.descriptor.ok_or(Error::NotOurs("it has no place for a configuration"))?;
        let memory = found.memory.ok_or(Error::NotOurs("it has no memory of its own"))?;
        if memory.memory64 || memory.shared || memory.page_size_log2.is_some() {
            return Err(Error::NotOurs("its memory is not an ordinary one"));
        }
        let holds = |segment: &Segment<'_>| segment.offset_of(descriptor, LENGTH as u64);
        let place = found
            .segments
            .iter()
            .enumerate()
            .find_map(|(index, segment)| Some((index, holds(segment)?)))
            .ok_or(Error::Damaged("its descriptor is not in its data"))?;
        let described = found
            .segments
            .get(place.0)
            .and_then(|segment| segment.data.get(place.1..)?.first_chunk())
            .and_then(Descriptor::read)
            .ok_or(Error::Damaged("its descriptor is none"))?;
        let baked = match described.text {
            None => None,
            Some(text) => Some(Baked::find(&text, &found.segments, memory.initial)?),
        };
        Ok(Module {
            interface,
            version: described.version.to_owned(),
            baked,
            bytes,
            sections: found.sections,
            memory,
            segments: found.segments,
            descriptor: place,
        })
    }
}

impl Module<'_> {
    /// Whether Fluent Bit 5.1.1 can run this: it has the features and the imports, and finds what it calls.
    ///
    /// # Errors
    ///
    /// What is missing, on either side.
    pub fn runs_in_fluent_bit(&self) -> Result<(), String> {
        validate(self.bytes, FLUENT_BIT_FEATURES).map_err(|error| match error {
            Error::NotAModule(why) => format!("Fluent Bit 5.1.1 cannot run it: {why}"),
            other => other.to_string(),
        })?;
        let foreign = self.interface.imports.keys().find(|name| !name.starts_with(WASI));
        if let Some(name) = foreign {
            return Err(format!("Fluent Bit 5.1.1 has nothing to import as `{name}`"));
        }
        for (name, kind) in CALLED {
            if self.interface.exports.get(name).is_none_or(|found| found != kind) {
                return Err(format!("Fluent Bit 5.1.1 expects it to export `{name}` as {kind}"));
            }
        }
        Ok(())
    }
}

impl<'a> Baked<'a> {
    /// Whether there is a key in the module, which makes the module a secret.
    pub fn has_key(&self) -> bool {
        !self.key.is_empty()
    }

    /// The text that a descriptor tells of: in the last pages of the memory, which hold nothing else.
    fn find(text: &Text, segments: &[Segment<'a>], pages: u64) -> Result<Self, Error> {
        let damaged = Error::Damaged("its descriptor does not fit its memory");
        let address = u64::from(text.address);
        let length = u64::from(text.length).saturating_add(u64::from(text.key_length));
        let first = address / PAGE;
        if !address.is_multiple_of(PAGE) || first.checked_add(length.div_ceil(PAGE)) != Some(pages) {
            return Err(damaged);
        }
        let mut behind = segments.iter().filter(|segment| segment.address >= address);
        let (Some(segment), None) = (behind.next(), behind.next()) else { return Err(damaged) };
        if segment.address != address || segment.data.len() as u64 != length {
            return Err(damaged);
        }
        let intact = Sha256::digest(segment.data)[..] == text.digest;
        let (text, key) = segment.data.split_at_checked(text.length as usize).ok_or(damaged)?;
        Ok(Baked { text, key, intact, pages: first..pages })
    }
}

// A module may hold a key, so neither shows its bytes.
impl fmt::Debug for Module<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module")
            .field("version", &self.version)
            .field("baked", &self.baked)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Baked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Baked")
            .field("text", &String::from_utf8_lossy(self.text))
            .field("intact", &self.intact)
            .field("has_key", &self.has_key())
            .finish_non_exhaustive()
    }
}

/// What is collected in one pass over a module.
#[derive(Default)]
struct Found<'a> {
    sections: Vec<(u8, Range<usize>)>,
    memory: Option<MemoryType>,
    segments: Vec<Segment<'a>>,
    /// Constant globals, in order; none for others.
    globals: Vec<Option<u64>>,
    descriptor: Option<u64>,
}

impl<'a> Found<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut found = Found::default();
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            if let Some((id, range)) = payload.as_section() {
                found.sections.push((id, narrow(&range)));
            }
            match payload {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        match import?.ty {
                            TypeRef::Global(_) => found.globals.push(None),
                            TypeRef::Memory(_) => return Err(Error::NotOurs("it imports its memory")),
                            _ => {}
                        }
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section {
                        if found.memory.replace(memory?).is_some() {
                            return Err(Error::NotOurs("it has several memories"));
                        }
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        found.globals.push(constant(&global?.init_expr));
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        if export.name == EXPORT && export.kind == ExternalKind::Global {
                            let global = found.globals.get(export.index as usize).copied().flatten();
                            found.descriptor = global;
                        }
                    }
                }
                Payload::DataSection(section) => found.data(bytes, section)?,
                _ => {}
            }
        }
        Ok(found)
    }

    fn data(
        &mut self,
        bytes: &'a [u8],
        section: SectionLimited<'a, wasmparser::Data<'a>>,
    ) -> Result<(), Error> {
        for segment in section {
            let segment = segment?;
            let address = match &segment.kind {
                DataKind::Active { memory_index: 0, offset_expr } => constant(offset_expr),
                _ => None,
            };
            self.segments.push(Segment {
                whole: bytes.get(narrow(&segment.range)).unwrap_or_default(),
                address: address.ok_or(Error::NotOurs("it does not fill its memory by itself"))?,
                data: segment.data,
            });
        }
        Ok(())
    }
}

/// The value of `i32.const n`, an address.
fn constant(expression: &ConstExpr<'_>) -> Option<u64> {
    let mut operators = expression.get_operators_reader();
    match (operators.read().ok()?, operators.read().ok()?) {
        (Operator::I32Const { value }, Operator::End) => Some(u64::from(value.cast_unsigned())),
        _ => None,
    }
}

/// Offsets in a file that is in memory.
fn narrow(range: &Range<u64>) -> Range<usize> {
    let narrow = |offset| usize::try_from(offset).unwrap_or(usize::MAX);
    narrow(range.start)..narrow(range.end)
}
