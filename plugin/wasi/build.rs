//! Linker settings of the module, so that a plain `cargo build` makes the one that ships.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        // The default of 1 MiB would be most of the module's memory. Nothing here recurses and no
        // large value lives on the stack; it lies below the data, so that an overflow traps.
        println!("cargo::rustc-cdylib-link-arg=-zstack-size=65536");
    }
}
