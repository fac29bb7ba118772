//! `cargo xtask test`: everything CI runs, in the order in which it is quickest to fail.
//!
//! Each step is an ordinary command, shown before it runs, so that it can be repeated alone.

mod dependencies;
mod tidy;
mod web;

use crate::build::{self, Product};
use crate::failure::Result;
use crate::{command, fluent_bit, fuzz, target, vector, workspace};
use clap::Args;
use std::process::Command;
use std::time::Instant;

/// A target without an operating system and without `std`, on which the core has to build.
const BARE_TRIPLE: &str = "x86_64-unknown-none";
/// The crates that need the built module; the others are tested before it is built.
const HOST: &str = "auditveil-host-test";
/// All others. The generator of the package for JavaScript is compiled once, where it is used: features differ with the
/// choice of packages.
const OTHERS: [&str; 5] = ["--workspace", "--exclude", HOST, "--exclude", build::WEB_PACK];
/// What all products are built upon; it has code that is compiled for modules only, as they have.
const GUEST: &str = "auditveil-guest";

/// What the native core answers to every case, in a file.
pub(crate) fn native_answers() -> Result<std::path::PathBuf> {
    web::native_answers()
}

/// How many inputs each fuzz target is tried with: half a minute on two cores for all of them.
const FUZZ_RUNS: &str = "6000";

/// Which part of CI to run.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Only these steps, in this order; all of them without
    #[arg(value_parser = STEPS.map(|(name, _)| name))]
    steps: Vec<String>,
}

/// What a step is called, and what it does.
type Step = (&'static str, fn() -> Result<()>);

const STEPS: [Step; 13] = [
    ("format", formatting),
    ("tree", tidy::check),
    ("dependencies", dependencies::check),
    ("bare-core", bare_core),
    ("lints", lints),
    ("tests", tests),
    ("fuzz", fuzzing),
    ("module", module),
    ("web", web::check),
    ("benches", benches),
    ("docs", documentation),
    ("fluent-bit", in_fluent_bit),
    ("vector", in_vector),
];

/// Runs every step, or those named; the first that fails ends it.
pub(crate) fn run(options: &Options) -> Result<()> {
    let start = Instant::now();
    let named = |name: &str| STEPS.into_iter().find(|(step, _)| *step == name);
    let mut chosen: Vec<Step> = options.steps.iter().filter_map(|name| named(name)).collect();
    if chosen.is_empty() {
        chosen.extend(STEPS);
    }
    for (number, (name, step)) in chosen.iter().enumerate() {
        let began = Instant::now();
        eprintln!("\n[{}/{}] {name}", number.saturating_add(1), chosen.len());
        step()?;
        eprintln!("[{name}] passed in {} s", began.elapsed().as_secs());
    }
    println!("\nxtask test: {} steps passed in {} s", chosen.len(), start.elapsed().as_secs());
    Ok(())
}

fn formatting() -> Result<()> {
    show(cargo("fmt", &["--all", "--check"]), "run `cargo fmt --all`")
}

fn bare_core() -> Result<()> {
    let toolchain = target::prepare(BARE_TRIPLE, &target::Options::default())?;
    let mut cargo = toolchain.cargo("check");
    cargo.args(["--locked", "--package", "auditveil-core"]);
    show(cargo, "use `core` and `alloc` only; a dependency may need its `std` feature turned off")
}

fn lints() -> Result<()> {
    let strict = ["--", "-D", "warnings"];
    let mut all = cargo("clippy", &["--locked", "--workspace", "--all-targets"]);
    all.args(strict);
    show(all, "mend what clippy reports, or say why not: #[expect(…, reason = \"…\")]")?;
    // What belongs to a module alone is compiled for its target only.
    for product in Product::ALL {
        let mut module = product.toolchain(&target::Options::default())?.cargo("clippy");
        module.args(["--locked", "--profile", "wasm", "--package", product.package()]);
        module.args(["--package", GUEST]).args(strict);
        show(module, "mend what clippy reports, or say why not: #[expect(…, reason = \"…\")]")?;
    }
    let mut web = build::web_cargo("clippy", &target::Options::default())?;
    web.args(strict);
    show(web, "mend what clippy reports, or say why not: #[expect(…, reason = \"…\")]")
}

fn tests() -> Result<()> {
    let mut cargo = cargo("test", &["--locked", "--profile", "ci"]);
    cargo.args(OTHERS);
    show(cargo, "repeat the failing test alone: cargo test -p PACKAGE NAME")
}

fn fuzzing() -> Result<()> {
    // In the profile of the tests, so that nothing is built again; the same inputs each time.
    let mut engine = fuzz::engine("ci");
    engine.args(["--runs", FUZZ_RUNS, "--grave"]);
    show(engine, "repeat it as told above, mend it, and keep it as a case: cargo xtask fuzz TARGET --keep")
}

fn module() -> Result<()> {
    let options = target::Options::default();
    let mut cargo = cargo("test", &["--locked", "--profile", "ci", "--package", HOST]);
    for product in Product::ALL {
        cargo.env(product.variable(), build::product(product, &options)?);
    }
    cargo.env("AUDITVEIL_SIMD_MODULE", build::with_simd(&options)?);
    show(cargo, "repeat the failing test alone: cargo test -p auditveil-host-test NAME")
}

fn benches() -> Result<()> {
    // In two calls, as the tests: features differ with the choice of packages, and one call for all
    // would compile wasmtime once more.
    for choice in [OTHERS.as_slice(), &["--package", HOST]] {
        let mut cargo = cargo("bench", &["--locked", "--profile", "ci", "--no-run"]);
        cargo.args(choice);
        show(cargo, "mend what the compiler reports above")?;
    }
    Ok(())
}

fn documentation() -> Result<()> {
    let mut all = cargo("doc", &["--locked", "--workspace", "--exclude", GUEST]);
    let mut commands = Vec::new();
    for product in Product::ALL {
        // As for lints: ABI files are compiled for the targets of modules only.
        let mut module = product.toolchain(&target::Options::default())?.cargo("doc");
        module.args(["--locked", "--package", product.package(), "--package", GUEST]);
        commands.push(module);
        all.args(["--exclude", product.package()]);
    }
    commands.insert(0, all);
    for mut cargo in commands {
        cargo.args(["--no-deps", "--document-private-items"]);
        // Private items are documented, so links to them work.
        cargo.env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links");
        show(cargo, "mend the links and headings that rustdoc names")?;
    }
    Ok(())
}

fn in_fluent_bit() -> Result<()> {
    fluent_bit::run(&fluent_bit::Options::default())
}

fn in_vector() -> Result<()> {
    vector::run(&vector::Options::default())
}

fn cargo(subcommand: &str, arguments: &[&str]) -> Command {
    let mut cargo = command::cargo();
    cargo.current_dir(workspace::root()).arg(subcommand).args(arguments);
    cargo
}

fn show(mut command: Command, remedy: &str) -> Result<()> {
    eprintln!("{}", command::shown(&command));
    command::run(&mut command, remedy)
}
