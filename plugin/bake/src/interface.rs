//! What a module asks of its engine: features, imports, exports, memory, size.

use std::collections::BTreeMap;
use std::fmt;

use wasmparser::{
    CompositeInnerType, Encoding, ExternalKind, FuncType, Parser, Payload, TypeRef, Validator, WasmFeatures,
};

use crate::Error;

/// What the engine inside Fluent Bit can execute, and nothing it cannot.
///
/// From the build options that Fluent Bit 5.1.1 gives WAMR 2.4.1: bulk memory, reference types; sign
/// extension, multiple values, saturating conversions and mutable globals are always in. The engine knows
/// shared memory as well, which no guest of ours has a use for.
pub const FLUENT_BIT_FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::GC_TYPES)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::FLOATS);

/// The interface of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// `module.name` of every import, with its type.
    pub imports: BTreeMap<String, String>,
    /// The name of every export, with its type.
    pub exports: BTreeMap<String, String>,
    /// Pages of 64 KiB that linear memory begins with.
    pub initial_pages: u64,
    /// Pages that it may not exceed, if the module itself says so.
    pub maximum_pages: Option<u64>,
    /// Names of the custom sections: names, producers, debugging data.
    pub custom_sections: Vec<String>,
    /// Bytes of the file.
    pub size: usize,
}

impl Interface {
    /// Reads the interface of the module in `bytes`.
    ///
    /// # Errors
    ///
    /// The bytes are no module.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut types: Vec<FuncType> = Vec::new();
        let mut functions: Vec<u32> = Vec::new();
        let mut interface = Interface {
            imports: BTreeMap::new(),
            exports: BTreeMap::new(),
            initial_pages: 0,
            maximum_pages: None,
            custom_sections: Vec::new(),
            size: bytes.len(),
        };
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::Version { encoding: Encoding::Component, .. } => {
                    return Err(Error::NotOurs("it is a component, not a module"));
                }
                Payload::TypeSection(section) => {
                    for group in section {
                        for sub_type in group?.into_types() {
                            match sub_type.composite_type.inner {
                                CompositeInnerType::Func(function) => types.push(function),
                                _ => {
                                    return Err(Error::NotOurs("it has types that are no functions"));
                                }
                            }
                        }
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        let kind = match import.ty {
                            TypeRef::Func(index) => {
                                functions.push(index);
                                signature(&types, index)
                            }
                            other => format!("{other:?}"),
                        };
                        interface.imports.insert(format!("{}.{}", import.module, import.name), kind);
                    }
                }
                Payload::FunctionSection(section) => {
                    for index in section {
                        functions.push(index?);
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section {
                        let memory = memory?;
                        interface.initial_pages = memory.initial;
                        interface.maximum_pages = memory.maximum;
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        let kind = match export.kind {
                            ExternalKind::Func => match functions.get(export.index as usize) {
                                Some(&index) => signature(&types, index),
                                None => {
                                    return Err(Error::NotAModule(format!(
                                        "`{}` exports no function",
                                        export.name
                                    )));
                                }
                            },
                            other => format!("{other:?}").to_lowercase(),
                        };
                        interface.exports.insert(export.name.to_owned(), kind);
                    }
                }
                Payload::CustomSection(section) => interface.custom_sections.push(section.name().to_owned()),
                _ => {}
            }
        }
        Ok(interface)
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} bytes, {} initial pages", self.size, self.initial_pages)?;
        for (name, kind) in &self.imports {
            writeln!(f, "import {name}: {kind}")?;
        }
        for (name, kind) in &self.exports {
            writeln!(f, "export {name}: {kind}")?;
        }
        Ok(())
    }
}

/// Checks that the module is valid for an engine with these features only.
///
/// # Errors
///
/// The first thing that such an engine would refuse.
pub fn validate(bytes: &[u8], features: WasmFeatures) -> Result<(), Error> {
    Validator::new_with_features(features).validate_all(bytes)?;
    Ok(())
}

/// `(i32, i32) -> i32`
fn signature(types: &[FuncType], index: u32) -> String {
    let Some(function) = types.get(index as usize) else { return "unknown type".to_owned() };
    let list = |values: &[wasmparser::ValType]| {
        values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    format!("({}) -> ({})", list(function.params()), list(function.results()))
}
