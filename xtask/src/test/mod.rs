//! `cargo xtask test`: everything CI runs, in the order in which it is quickest to fail.
//!
//! Each step is an ordinary command, shown before it runs, so that it can be repeated alone.

mod dependencies;
mod tidy;
mod web;

use crate::failure::Result;
use crate::{build, command, fluent_bit, fuzz, target, vector, workspace};
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

const STEPS: [Step; 12] = [
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
    let mut fluent_bit = target::prepare(build::TRIPLE, &target::Options::default())?.cargo("clippy");
    fluent_bit.args(["--locked", "--profile", "wasm", "--package", build::PACKAGE]);
    for mut module in [fluent_bit, build::web_cargo("clippy", &target::Options::default())?] {
        module.args(strict);
        show(module, "mend what clippy reports, or say why not: #[expect(…, reason = \"…\")]")?;
    }
    Ok(())
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
    let module = build::module(&target::Options::default())?;
    let mut cargo = cargo("test", &["--locked", "--profile", "ci", "--package", HOST]);
    cargo.env("AUDITVEIL_MODULE", module);
    cargo.env("AUDITVEIL_SIMD_MODULE", build::with_simd(&target::Options::default())?);
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
    let all = cargo("doc", &["--locked", "--workspace", "--exclude", build::PACKAGE]);
    // As for lints: the ABI file is compiled for the module's target only.
    let mut module = target::prepare(build::TRIPLE, &target::Options::default())?.cargo("doc");
    module.args(["--locked", "--package", build::PACKAGE]);
    for mut cargo in [all, module] {
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
