//! What the built module asks of Fluent Bit's engine, and what it can do to it.

use std::fs;

use auditveil_bake::{FLUENT_BIT_FEATURES, Interface};
use auditveil_host_test::artifact;
use auditveil_host_test::frames::{CallGraph, Stack};
use auditveil_host_test::sizes::Sizes;

/// What the host looks up: the filter under the name in the configuration, and the allocator that
/// switches its own heap off.
const EXPORTS: [(&str, &str); 6] = [
    // For `auditveil bake`: where the module looks for a configuration in itself.
    ("auditveil_baked", "global"),
    ("auditveil_filter", "(i32, i32, i32, i32, i32, i32) -> (i32)"),
    ("free", "(i32) -> ()"),
    ("malloc", "(i32) -> (i32)"),
    // For the compiler, not for the host: whatever it can call by name, the linker exports.
    ("memcmp", "(i32, i32, i32) -> (i32)"),
    ("memory", "memory"),
];

/// What reads the configuration, and nothing else: functions of WASI preview 1.
const IMPORTS: [(&str, &str); 6] = [
    ("wasi_snapshot_preview1.fd_close", "(i32) -> (i32)"),
    ("wasi_snapshot_preview1.fd_prestat_dir_name", "(i32, i32, i32) -> (i32)"),
    ("wasi_snapshot_preview1.fd_prestat_get", "(i32, i32) -> (i32)"),
    ("wasi_snapshot_preview1.fd_read", "(i32, i32, i32, i32) -> (i32)"),
    ("wasi_snapshot_preview1.fd_write", "(i32, i32, i32, i32) -> (i32)"),
    ("wasi_snapshot_preview1.path_open", "(i32, i32, i32, i32, i32, i64, i64, i32, i32) -> (i32)"),
];

/// What reads texts (commands, error texts, URIs, YAML and base64 in values) takes a third of it, the configuration,
/// its YAML and what is said about it another; tables and texts are a sixth, of which the formats of keys and tokens take a
/// third. Facts, detections with their conditions, and the formats of the output are what it grew by last.
const MAX_MODULE_BYTES: usize = 1440 * 1024;

/// Fluent Bit gives 8 KiB by default; the rest is for what its engine needs itself. The longest path is the one
/// that asks the conditions of detections of an event in an envelope.
const MAX_OPERAND_BYTES: usize = 8000;

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
    auditveil_bake::validate(&bytes(), FLUENT_BIT_FEATURES).unwrap();
}

#[test]
fn imports_what_it_reads_files_with_and_exports_what_the_host_calls() {
    let interface = Interface::read(&bytes()).unwrap();
    let imports: Vec<(&str, &str)> =
        interface.imports.iter().map(|(name, kind)| (name.as_str(), kind.as_str())).collect();
    assert_eq!(imports, IMPORTS);
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

/// The table of `docs/benchmarks.md`.
#[test]
fn shares_of_the_module_add_up() {
    let named = fs::read(artifact::fluent_bit_module_with_names().unwrap()).unwrap();
    let sizes = Sizes::read(&named).unwrap();
    let mut parts: Vec<(usize, &str)> =
        sizes.code.iter().map(|(part, size)| (*size, part.as_str())).collect();
    parts.push((sizes.data, "data"));
    parts.sort_unstable_by(|one, other| other.cmp(one));
    for (size, part) in &parts {
        println!("{:7.1} kB  {part}", *size as f64 / 1000.0);
    }
    let all: usize = sizes.code.values().sum();
    // Beside the bodies a code section has their lengths only.
    assert!((sizes.all_code * 98 / 100..=sizes.all_code).contains(&all), "{all} of {}", sizes.all_code);
    let others = sizes.code.get("the standard library and others").copied().unwrap_or_default();
    assert!(others < all / 4, "{others} of {all} bytes are nobody's: names are spelled otherwise now");
    assert!(sizes.code.contains_key("redact::walk") && sizes.code.contains_key("config"));
}

/// The way to the configuration, gone once. It uses the formatting machinery, whose calls have no bound that
/// could be computed, and memory whose want it does not survive: `configuration.rs` tries it on small stacks.
///
/// What only that way uses counts as it: other functions that are called through a table have the types of some of
/// it, and the graph tells them apart by type alone.
fn configures(name: &str) -> bool {
    name.contains(CONFIGURE)
        || name.contains("3fmt")
        || name.contains("auditveil_core6config")
        || name.contains("auditveil_core8document")
}

const CONFIGURE: &str = "guest5Guest9configure";

#[test]
fn nothing_is_formatted_for_a_record() {
    let found = named().calls_towards(|name| name.contains("3fmt5write"), configures);
    assert!(found.is_empty(), "these calls lead to the formatting machinery:\n{}", found.join("\n"));
}

#[test]
fn fits_the_stacks_on_every_path_of_a_record() {
    let graph = named();
    assert!(
        !graph.calls_towards(|name| name.contains(CONFIGURE), |_| false).is_empty(),
        "nothing configures: the name changed"
    );
    for (export, _) in EXPORTS.iter().filter(|(_, kind)| kind.starts_with('(')) {
        for (stack, limit) in [(Stack::Operands, MAX_OPERAND_BYTES), (Stack::Memory, MEMORY_STACK_BYTES / 2)]
        {
            let path = graph.longest_path(export, stack, configures).unwrap();
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
        |name| name.contains("dlmalloc") || name.contains("Allocator$u20$as") || configures(name),
    );
    assert!(found.is_empty(), "these calls lead to a panic:\n{}", found.join("\n"));
}
