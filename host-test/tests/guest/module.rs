//! What the built module asks of Fluent Bit's engine, and what it can do to it.

use std::collections::BTreeMap;
use std::fs;

use auditveil_host_test::artifact;
use auditveil_host_test::frames::{CallGraph, Stack};
use auditveil_host_test::module::{self, FLUENT_BIT_FEATURES, Interface};

/// What the host looks up: the filter under the name in the configuration, and the allocator that
/// switches its own heap off.
const EXPORTS: [(&str, &str); 5] = [
    ("auditveil_filter", "(i32, i32, i32, i32, i32, i32) -> (i32)"),
    ("free", "(i32) -> ()"),
    ("malloc", "(i32) -> (i32)"),
    // For the compiler, not for the host: whatever it can call by name, the linker exports.
    ("memcmp", "(i32, i32, i32) -> (i32)"),
    ("memory", "memory"),
];

/// The readers of URIs, commands and error texts take half of it, the policy and its YAML a quarter.
const MAX_MODULE_BYTES: usize = 320 * 1024;

/// Half of what Fluent Bit gives by default; the rest is for what its engine needs itself.
const MAX_OPERAND_BYTES: usize = 4 * 1024;

/// Set by the linker, see the module's build script.
const MEMORY_STACK_BYTES: usize = 64 * 1024;

fn bytes() -> Vec<u8> {
    fs::read(artifact::fluent_bit_module().unwrap()).unwrap()
}

fn named() -> CallGraph {
    let bytes = fs::read(artifact::fluent_bit_module_with_names().unwrap()).unwrap();
    let graph = CallGraph::read(&bytes, FLUENT_BIT_FEATURES).unwrap();
    assert!(graph.has_names());
    graph
}

#[test]
fn uses_only_what_the_engine_has() {
    module::validate(&bytes(), FLUENT_BIT_FEATURES).unwrap();
}

#[test]
fn imports_nothing_and_exports_what_the_host_calls() {
    let interface = Interface::read(&bytes()).unwrap();
    assert_eq!(interface.imports, BTreeMap::new());
    let exports: Vec<(&str, &str)> =
        interface.exports.iter().map(|(name, kind)| (name.as_str(), kind.as_str())).collect();
    assert_eq!(exports, EXPORTS);
}

#[test]
fn is_small_and_begins_small() {
    let interface = Interface::read(&bytes()).unwrap();
    println!("{interface}");
    assert!(interface.size <= MAX_MODULE_BYTES, "{} bytes", interface.size);
    assert_eq!(interface.custom_sections, Vec::<String>::new());
    // A maximum would turn large records into stubs on hosts that have the memory.
    assert_eq!(interface.maximum_pages, None);
    assert!(interface.initial_pages <= 8, "{} initial pages", interface.initial_pages);
}

#[test]
fn fits_the_stacks_on_every_path() {
    let graph = named();
    for (export, _) in EXPORTS.iter().filter(|(_, kind)| kind.starts_with('(')) {
        for (stack, limit) in [(Stack::Operands, MAX_OPERAND_BYTES), (Stack::Memory, MEMORY_STACK_BYTES / 2)]
        {
            let path = graph.longest_path(export, stack).unwrap();
            println!("{export}, {stack:?}: {} bytes: {:?}", path.bytes, path.functions);
            assert!(path.bytes <= limit, "{export}, {stack:?}: {} bytes: {:?}", path.bytes, path.functions);
        }
    }
}

/// dlmalloc asserts that its heap is intact; nothing else may have a way to a trap, running out of memory
/// included.
#[test]
fn nothing_can_panic_but_the_allocator() {
    let found = named().calls_towards(
        // Both manglings spell the module `core::panicking` like this; every panic goes through it.
        |name| name.contains("9panicking"),
        |name| name.contains("dlmalloc") || name.contains("Allocator$u20$as"),
    );
    assert!(found.is_empty(), "these calls lead to a panic:\n{}", found.join("\n"));
}
