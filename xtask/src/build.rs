//! `cargo xtask build`: the module for Fluent Bit, where README says it is.

use crate::failure::{Failure, Result};
use crate::target::{self, Options};
use crate::{command, workspace};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The target that Fluent Bit's engine runs.
pub(crate) const TRIPLE: &str = "wasm32-wasip1";
/// The crate that becomes the module.
pub(crate) const PACKAGE: &str = "auditveil-fluent-bit";

/// Builds the module and prints its size and digest.
pub(crate) fn run(options: &Options) -> Result<()> {
    module(options).map(drop)
}

/// Builds the module, prints its size and digest, and returns where it is.
pub(crate) fn module(options: &Options) -> Result<PathBuf> {
    let toolchain = target::prepare(TRIPLE, options)?;
    let mut cargo = toolchain.cargo("build");
    cargo.args(["--locked", "--profile", "wasm", "--package", PACKAGE]);
    command::run(&mut cargo, "mend what the compiler reports above")?;

    let built = workspace::target_dir()?.join(TRIPLE).join("wasm/auditveil_fluent_bit.wasm");
    let module = workspace::products_dir()?.join("auditveil.wasm");
    let bytes = std::fs::read(&built).map_err(|error| Failure::file(&built, &error))?;
    let digest = hex(&Sha256::digest(&bytes));
    write(&module, &bytes)?;
    // The format of sha256sum, so that `sha256sum --check` reads it.
    write(&module.with_extension("wasm.sha256"), format!("{digest}  auditveil.wasm\n").as_bytes())?;
    println!("{}\n  {} bytes, sha256 {digest}", module.display(), bytes.len());
    Ok(module)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).map_err(|error| Failure::file(path, &error))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
