//! `cargo xtask build`: the module for Fluent Bit, where README says it is; or the package for JavaScript.

use crate::failure::{Failure, Result};
use crate::target::{self, Options};
use crate::{command, workspace};
use clap::Args;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The target that Fluent Bit's engine runs.
pub(crate) const TRIPLE: &str = "wasm32-wasip1";
/// The crate that becomes the module.
pub(crate) const PACKAGE: &str = "auditveil-fluent-bit";

/// The target that engines of JavaScript run.
const WEB_TRIPLE: &str = "wasm32-unknown-unknown";
/// The crate that becomes the package for JavaScript.
const WEB_PACKAGE: &str = "auditveil-web";
/// The crate that makes the package of it.
pub(crate) const WEB_PACK: &str = "auditveil-web-pack";

/// Which module, and how the target is prepared.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Build {
    #[command(flatten)]
    target: Options,
    /// For hosts whose engine has SIMD (wasmtime, browsers; not Fluent Bit): target/auditveil/auditveil-simd.wasm.
    /// It answers with the same bytes
    #[arg(long)]
    simd: bool,
    /// For JavaScript instead, as a package for Node, browsers and bundlers: target/auditveil/web
    #[arg(long, conflicts_with = "simd")]
    web: bool,
}

/// Builds a module and prints its size and digest.
pub(crate) fn run(build: &Build) -> Result<()> {
    match (build.simd, build.web) {
        (true, _) => with_simd(&build.target),
        (_, true) => web(&build.target, "dev"),
        _ => module(&build.target),
    }
    .map(drop)
}

/// What the compiler is told for an engine with SIMD.
const SIMD: &str = "-Ctarget-feature=+simd128";

/// As [`module`], for an engine with SIMD.
pub(crate) fn with_simd(options: &Options) -> Result<PathBuf> {
    let target = workspace::target_dir()?.join("simd");
    let mut cargo = target::prepare(TRIPLE, options)?.cargo("build");
    cargo.env("RUSTFLAGS", SIMD).arg("--target-dir").arg(&target);
    build(cargo, &target, "auditveil-simd.wasm")
}

/// Builds the module, prints its size and digest, and returns where it is.
pub(crate) fn module(options: &Options) -> Result<PathBuf> {
    build(target::prepare(TRIPLE, options)?.cargo("build"), &workspace::target_dir()?, "auditveil.wasm")
}

/// Cargo for the module that becomes the package for JavaScript.
pub(crate) fn web_cargo(subcommand: &str, options: &Options) -> Result<Command> {
    let mut cargo = target::prepare(WEB_TRIPLE, options)?.cargo(subcommand);
    cargo.args(["--locked", "--profile", "wasm", "--package", WEB_PACKAGE]);
    // The generator reads in a section of the module which features its engine has to have, and takes it out itself.
    cargo.env("CARGO_PROFILE_WASM_STRIP", "none");
    Ok(cargo)
}

/// Builds the package for JavaScript, prints its size, and returns its folder. The generator is built in a profile of its
/// own, because it takes long to compile: the one of what is built beside.
pub(crate) fn web(options: &Options, profile: &str) -> Result<PathBuf> {
    let mut cargo = web_cargo("build", options)?;
    command::run(&mut cargo, "mend what the compiler reports above")?;

    let built = workspace::target_dir()?.join(WEB_TRIPLE).join("wasm/auditveil_web.wasm");
    let folder = workspace::products_dir()?.join("web");
    let mut pack = command::cargo();
    pack.current_dir(workspace::root()).args(["run", "--quiet", "--locked", "--profile", profile]);
    pack.args(["--package", WEB_PACK, "--"]).arg(&built).arg(&folder);
    command::run(&mut pack, "mend what is reported above")?;

    let module = folder.join("auditveil_bg.wasm");
    let size = std::fs::metadata(&module).map_err(|error| Failure::file(&module, &error))?.len();
    println!("{}\n  auditveil_bg.wasm: {size} bytes", folder.display());
    Ok(folder)
}

fn build(mut cargo: Command, target: &Path, name: &str) -> Result<PathBuf> {
    cargo.args(["--locked", "--profile", "wasm", "--package", PACKAGE]);
    command::run(&mut cargo, "mend what the compiler reports above")?;

    let built = target.join(TRIPLE).join("wasm/auditveil_fluent_bit.wasm");
    let module = workspace::products_dir()?.join(name);
    let bytes = std::fs::read(&built).map_err(|error| Failure::file(&built, &error))?;
    let digest = hex(&Sha256::digest(&bytes));
    write(&module, &bytes)?;
    // The format of sha256sum, so that `sha256sum --check` reads it.
    write(&module.with_extension("wasm.sha256"), format!("{digest}  {name}\n").as_bytes())?;
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
