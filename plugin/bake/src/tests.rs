//! Small modules with a descriptor, and what becomes of them.

use crate::{Error, Module, digest};
use auditveil_core::baked::{LENGTH, LONGEST, UNBAKED};

/// A module as the real one is, with `memory` and `more` in it. The descriptor is at 1032.
fn module(memory: &str, more: &str) -> Vec<u8> {
    let data: String = UNBAKED.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let text = format!(
        r#"(module
            (@custom "first" (before first) "kept")
            (import "wasi_snapshot_preview1" "fd_close" (func (param i32) (result i32)))
            (memory (export "memory") {memory})
            (global $stack (mut i32) (i32.const 1024))
            (global (export "auditveil_baked") i32 (i32.const 1032))
            (func (export "auditveil_filter") (param i32 i32 i32 i32 i32 i32) (result i32)
                (memory.init 1 (i32.const 0) (i32.const 0) (i32.const 0)) (i32.const 16))
            (data (i32.const 1024) "\00\01\02\03\04\05\06\07{data}behind")
            (data (i32.const 4096) "more")
            {more}
            (@custom "last" (after last) "kept too"))"#
    );
    wat::parse_str(text).unwrap()
}

fn bake(module: &[u8], text: &str) -> Vec<u8> {
    Module::read(module).unwrap().bake(text, None).unwrap()
}

const PAGE: usize = 64 * 1024;

#[test]
fn what_is_baked_is_read_again_and_all_else_stays() {
    let plain = module("2", "");
    let before = Module::read(&plain).unwrap();
    assert_eq!((before.version.as_str(), &before.baked), (env!("CARGO_PKG_VERSION"), &None));
    assert_eq!(before.interface.custom_sections[..2], ["first", "last"]);
    for (length, pages) in [(1, 3), (PAGE, 3), (PAGE + 1, 4), (LONGEST, 34)] {
        let text = "x".repeat(length);
        let baked = bake(&plain, &text);
        let after = Module::read(&baked).unwrap();
        let found = after.baked.unwrap();
        assert_eq!((found.text.len(), found.intact), (length, true));
        assert_eq!(after.interface.initial_pages, pages);
        assert_eq!(after.interface.maximum_pages, None);
        assert_eq!(after.interface.imports, before.interface.imports);
        assert_eq!(after.interface.exports, before.interface.exports);
        assert_eq!(after.interface.custom_sections, before.interface.custom_sections);
        assert!(baked.len() < plain.len() + length + 32, "{} bytes", baked.len());
        for kept in
            [&b"kept"[..], b"kept too", b"\0\x01\x02\x03\x04\x05\x06\x07auditveil", b"behind", b"more"]
        {
            assert!(baked.windows(kept.len()).any(|window| window == kept), "{kept:?}");
        }
    }
}

#[test]
fn baking_again_replaces() {
    let plain = module("2 10", "");
    let (short, long) = ("a", "b".repeat(3 * PAGE));
    let once = bake(&plain, short);
    assert_eq!(once, bake(&plain, short), "not the same twice");
    assert_eq!(once, bake(&once, short));
    assert_eq!(once, bake(&bake(&plain, &long), short));
    assert_eq!(bake(&plain, &long), bake(&once, &long));
    assert_ne!(digest(&once), digest(&plain));
    // A maximum leaves records what it left before.
    let pages = |module: &[u8]| {
        let interface = Module::read(module).unwrap().interface;
        (interface.initial_pages, interface.maximum_pages)
    };
    assert_eq!((pages(&once), pages(&bake(&once, &long))), ((3, Some(11)), (5, Some(13))));
}

#[test]
fn other_files_are_refused() {
    let wat = |text: &str| wat::parse_str(text).unwrap();
    let filter = r#"(func (export "auditveil_filter"))"#;
    let ours = module("2", "");
    let text = |text: &str| text.as_bytes().to_vec();
    for (file, complaint) in [
        (text(""), "not a WebAssembly module"),
        (text("#!/bin/sh\n"), "not a WebAssembly module (it does not begin as one)"),
        (ours[..ours.len() - 40].to_vec(), "not a WebAssembly module"),
        (wat("(component)"), "it is a component"),
        (wat("(module)"), "does not export `auditveil_filter`"),
        (wat(&format!("(module (memory 1) {filter})")), "no place for a configuration"),
        (
            wat(&format!(
                r#"(module (memory 1) {filter} (global (export "auditveil_baked") i32 (i32.const 8)))"#
            )),
            "descriptor is not in its data",
        ),
        (
            wat(&format!(
                r#"(module (memory 1) {filter} (global (export "auditveil_baked") i32 (i32.const 8))
                    (data (i32.const 8) "{}"))"#,
                "x".repeat(LENGTH)
            )),
            "descriptor is none",
        ),
        (module("2", "(memory 1)"), "several memories"),
        (module("2 2 shared", ""), "memory is not an ordinary one"),
        (module("2", r#"(data "passive")"#), "does not fill its memory by itself"),
    ] {
        let error = Module::read(&file).unwrap_err().to_string();
        assert!(error.contains(complaint), "{complaint}: {error}");
    }
}

#[test]
fn a_descriptor_that_fits_nothing_is_refused() {
    let baked = bake(&module("2", ""), "text");
    let at = baked.windows(16).position(|window| window == b"auditveil baked1").unwrap() + 48;
    // The address, the lengths, the digest.
    for (byte, complaint) in [(at, true), (at + 2, true), (at + 4, true), (at + 8, true), (at + 12, false)] {
        let mut damaged = baked.clone();
        damaged[byte] ^= 1;
        match Module::read(&damaged) {
            Err(Error::Damaged(_)) => assert!(complaint, "{byte}"),
            Err(other) => panic!("{byte}: {other}"),
            // The place is right: it can be replaced.
            Ok(module) => {
                assert!(!complaint && !module.baked.as_ref().unwrap().intact, "{byte}");
                assert_eq!(module.bake("text", None).unwrap(), baked);
            }
        }
    }
}

#[test]
fn another_version_and_too_much_text_are_refused() {
    let plain = module("2", "");
    let error = Module::read(&plain).unwrap().bake(&"x".repeat(LONGEST + 1), None).unwrap_err();
    assert_eq!(error, Error::TooLong { bytes: LONGEST + 1 });
    let mut other = plain;
    let at = other.windows(16).position(|window| window == b"auditveil baked1").unwrap() + 16;
    other[at] = b'9';
    let error = Module::read(&other).unwrap().bake("x", None).unwrap_err().to_string();
    assert!(error.contains("a module of auditveil 9") && error.contains("one release"), "{error}");
}

#[test]
fn a_key_is_kept_apart_and_shown_to_nobody() {
    let plain = module("2", "");
    let (text, key) = ("text", b"0123456789abcdef0123456789abcdef");
    let with = Module::read(&plain).unwrap().bake(text, Some(key)).unwrap();
    let module = Module::read(&with).unwrap();
    let baked = module.baked.as_ref().unwrap();
    assert_eq!((baked.text, baked.has_key(), baked.intact), (text.as_bytes(), true, true));
    for shown in [format!("{module:?}"), format!("{baked:?}")] {
        assert!(!shown.contains("0123456789") && !shown.contains("49, 50"), "{shown}");
    }
    // It goes with what it belongs to.
    let without = module.bake(text, None).unwrap();
    assert!(!Module::read(&without).unwrap().baked.unwrap().has_key());
    assert_eq!(without, bake(&plain, text));
    // A damaged key is a damaged configuration.
    let mut damaged = with.clone();
    let at = damaged.windows(key.len()).position(|window| window == key).unwrap();
    damaged[at] ^= 1;
    assert!(!Module::read(&damaged).unwrap().baked.unwrap().intact);
}
