//! `cargo xtask build`: the built products, where README says they are.

use crate::failure::{Failure, Result};
use crate::target::{self, Options, Toolchain};
use crate::{command, workspace};
use clap::{Args, ValueEnum};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use wit_component::ComponentEncoder;

/// The target of everything that runs under WASI: Fluent Bit's engine, and runtimes.
const TRIPLE: &str = "wasm32-wasip1";
/// The target of what imports nothing.
const BARE_WASM: &str = "wasm32-unknown-unknown";

/// The crate that becomes the package for JavaScript.
const WEB_PACKAGE: &str = "auditveil-web";
/// The crate that makes the package of it.
pub(crate) const WEB_PACK: &str = "auditveil-web-pack";

/// What is built; each is a crate in `plugin/` and a file with its digest in `target/auditveil/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Product {
    /// The module for Fluent Bit: auditveil.wasm
    FluentBit,
    /// The component, for hosts that embed one: auditveil-component.wasm
    Component,
    /// The WASI command: auditveil-wasi.wasm
    Wasi,
}

impl Product {
    /// All of them.
    pub(crate) const ALL: [Product; 3] = [Product::FluentBit, Product::Component, Product::Wasi];

    /// The crate that it is made of.
    pub(crate) const fn package(self) -> &'static str {
        match self {
            Product::FluentBit => "auditveil-fluent-bit",
            Product::Component => "auditveil-component",
            Product::Wasi => "auditveil-wasi",
        }
    }

    const fn triple(self) -> &'static str {
        match self {
            Product::Component => BARE_WASM,
            Product::FluentBit | Product::Wasi => TRIPLE,
        }
    }

    const fn file(self) -> &'static str {
        match self {
            Product::FluentBit => "auditveil.wasm",
            Product::Component => "auditveil-component.wasm",
            Product::Wasi => "auditveil-wasi.wasm",
        }
    }

    /// What names its file to `host-test`.
    pub(crate) const fn variable(self) -> &'static str {
        match self {
            Product::FluentBit => "AUDITVEIL_MODULE",
            Product::Component => "AUDITVEIL_COMPONENT",
            Product::Wasi => "AUDITVEIL_WASI_COMMAND",
        }
    }

    /// How to call cargo for its target.
    pub(crate) fn toolchain(self, options: &Options) -> Result<Toolchain> {
        target::prepare(self.triple(), options)
    }
}

/// What to build, and how the targets are prepared.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Build {
    /// Only these; all of them without
    #[arg(value_enum, value_name = "PRODUCT")]
    products: Vec<Product>,
    #[command(flatten)]
    target: Options,
    /// Fluent Bit's module for hosts whose engine has SIMD (wasmtime, browsers; not Fluent Bit):
    /// target/auditveil/auditveil-simd.wasm. It answers with the same bytes
    #[arg(long, conflicts_with = "products")]
    simd: bool,
    /// For JavaScript instead, as a package for Node, browsers and bundlers: target/auditveil/web
    #[arg(long, conflicts_with_all = ["simd", "products"])]
    web: bool,
}

/// Builds and prints sizes and digests.
pub(crate) fn run(build: &Build) -> Result<()> {
    if build.simd {
        return with_simd(&build.target).map(drop);
    }
    if build.web {
        return web(&build.target, "dev").map(drop);
    }
    let products = if build.products.is_empty() { &Product::ALL[..] } else { &build.products };
    products.iter().try_for_each(|&product| self::product(product, &build.target).map(drop))
}

/// What the compiler is told for an engine with SIMD.
const SIMD: &str = "-Ctarget-feature=+simd128";

/// As [`module`], for an engine with SIMD.
pub(crate) fn with_simd(options: &Options) -> Result<PathBuf> {
    let product = Product::FluentBit;
    let target = workspace::target_dir()?.join("simd");
    let mut cargo = product.toolchain(options)?.cargo("build");
    cargo.env("RUSTFLAGS", SIMD).arg("--target-dir").arg(&target);
    finish("auditveil-simd.wasm", &compile(cargo, product, &target)?)
}

/// Builds the module for Fluent Bit, prints its size and digest, and returns where it is.
pub(crate) fn module(options: &Options) -> Result<PathBuf> {
    product(Product::FluentBit, options)
}

/// Cargo for the module that becomes the package for JavaScript.
pub(crate) fn web_cargo(subcommand: &str, options: &Options) -> Result<Command> {
    let mut cargo = target::prepare(BARE_WASM, options)?.cargo(subcommand);
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

    let built = workspace::target_dir()?.join(BARE_WASM).join("wasm/auditveil_web.wasm");
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

/// Builds a product, prints its size and digest, and returns where it is.
pub(crate) fn product(product: Product, options: &Options) -> Result<PathBuf> {
    let cargo = product.toolchain(options)?.cargo("build");
    let mut bytes = compile(cargo, product, &workspace::target_dir()?)?;
    if product == Product::Component {
        bytes = component(&bytes)?;
    }
    finish(product.file(), &bytes)
}

/// The core module that cargo makes of a crate.
fn compile(mut cargo: Command, product: Product, target: &Path) -> Result<Vec<u8>> {
    cargo.args(["--locked", "--profile", "wasm", "--package", product.package()]);
    command::run(&mut cargo, "mend what the compiler reports above")?;
    let name = product.package().replace('-', "_");
    let built = target.join(product.triple()).join("wasm").join(name).with_extension("wasm");
    std::fs::read(&built).map_err(|error| Failure::file(&built, &error))
}

/// The component around a core module, which says in a section of its own what it implements.
fn component(module: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = ComponentEncoder::default();
    encoder.validate(true).module(module).and_then(ComponentEncoder::encode).map_err(|error| {
        Failure::new(
            format!("no component can be made of the module: {error:#}"),
            "compare plugin/component/wit with what the crate exports",
        )
    })
}

/// Puts a product where it belongs, beside its digest.
fn finish(name: &str, bytes: &[u8]) -> Result<PathBuf> {
    let path = workspace::products_dir()?.join(name);
    let digest = hex(&Sha256::digest(bytes));
    write(&path, bytes)?;
    // The format of sha256sum, so that `sha256sum --check` reads it.
    write(&path.with_extension("wasm.sha256"), format!("{digest}  {name}\n").as_bytes())?;
    println!("{}\n  {} bytes, sha256 {digest}", path.display(), bytes.len());
    Ok(path)
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
