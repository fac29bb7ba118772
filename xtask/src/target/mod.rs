//! `cargo xtask target`: everything needed to build for a target without an operating system.
//!
//! The usual way is rustup's precompiled standard library. Where rustup is missing or cannot
//! download, the same result comes from the standard library's source: cargo builds `core` and
//! `alloc` itself. The source then lies in a sysroot of the project's own, beside a link to the
//! compiler's tools, so that no installed toolchain is touched and `cargo clean` removes it.

mod debian;
mod sysroot;

use crate::build::Product;
use crate::failure::{Failure, Result};
use crate::{command, workspace};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How the target is to be prepared.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Options {
    /// Build the standard library from source, even where rustup's is there: to test that way
    #[arg(long, hide = true)]
    without_rustup: bool,
}

/// How to call cargo for a target that is ready.
#[derive(Debug)]
pub(crate) struct Toolchain {
    triple: &'static str,
    /// The project's own sysroot, if the standard library is built from source.
    from_source: Option<PathBuf>,
}

impl Toolchain {
    /// `cargo <subcommand> --target <triple>` in the workspace, for a `no_std` crate.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = command::cargo();
        cargo.current_dir(workspace::root()).args([subcommand, "--target", self.triple]);
        if let Some(sysroot) = &self.from_source {
            // The stable compiler builds its own standard library with this, and nothing else
            // needs the name of an unstable feature.
            cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTC", sysroot::compiler(sysroot));
            cargo.args(["-Z", "build-std=core,alloc,panic_abort"]);
        }
        cargo
    }
}

/// Prepares the targets of all that is built.
pub(crate) fn run(options: &Options) -> Result<()> {
    Product::ALL.iter().try_for_each(|product| product.toolchain(options).map(drop))
}

/// Makes `triple` ready. Quiet when there is nothing to do.
pub(crate) fn prepare(triple: &'static str, options: &Options) -> Result<Toolchain> {
    if !options.without_rustup {
        if installed(triple)? {
            return Ok(Toolchain { triple, from_source: None });
        }
        match add_with_rustup(triple) {
            Ok(()) if installed(triple)? => return Ok(Toolchain { triple, from_source: None }),
            Ok(()) => {}
            Err(failure) => eprintln!("{}", failure.what()),
        }
        eprintln!("building the standard library for {triple} from its source instead");
    }
    let sysroot = workspace::products_dir()?.join("sysroot");
    sysroot::prepare(&sysroot)?;
    Ok(Toolchain { triple, from_source: Some(sysroot) })
}

fn add_with_rustup(triple: &str) -> Result<()> {
    let mut rustup = Command::new("rustup");
    rustup.current_dir(workspace::root()).args(["target", "add", triple]);
    eprintln!("rustup target add {triple}");
    command::output(&mut rustup, "").map(drop)
}

/// Whether the compiler finds a precompiled `core` for the target.
fn installed(triple: &str) -> Result<bool> {
    let libraries = compiler_sysroot()?.join("lib/rustlib").join(triple).join("lib");
    let Ok(entries) = libraries.read_dir() else { return Ok(false) };
    Ok(entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-")))
}

fn compiler_sysroot() -> Result<PathBuf> {
    ask_compiler(&["--print", "sysroot"]).map(|path| Path::new(path.trim()).to_owned())
}

fn ask_compiler(arguments: &[&str]) -> Result<String> {
    let mut rustc = command::rustc();
    rustc.current_dir(workspace::root()).args(arguments);
    command::output(&mut rustc, "install Rust's stable toolchain with rustup or your distribution")
}

/// A field of `rustc -vV`, such as `release` or `host`.
fn compiler_field(name: &str) -> Result<String> {
    let version = ask_compiler(&["-vV"])?;
    let value = version.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    value
        .map(str::to_owned)
        .ok_or_else(|| Failure::new(format!("`rustc -vV` names no {name}"), "use an ordinary rustc release"))
}
