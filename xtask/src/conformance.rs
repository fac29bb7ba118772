//! `cargo xtask conformance`: every case in every front end, as a table.
//!
//! The hosts are in the crate that tests guests; this builds what they run. Two columns are made elsewhere, because what they take is
//! no dependency of that crate: the package for JavaScript is run by Node, a printed program by the `vrl` crate. Each gives a
//! line for a case, and the table takes these lines along.

use crate::build::{self, Product};
use crate::failure::{Failure, Result};
use crate::target::Options;
use crate::{command, test, workspace};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The profile of `cargo xtask test`, so that what is large is built once for both.
const PROFILE: &str = "ci";

/// Builds all products and compares them with the native core.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut columns = vec![];
    columns.extend(web(options)?.map(|path| ("web", path)));
    columns.push(("vrl", vrl()?));
    let columns: Vec<String> =
        columns.into_iter().map(|(name, path)| format!("{name}={}", path.display())).collect();
    let mut cargo = cargo("auditveil-host-test");
    cargo.env("AUDITVEIL_COLUMNS", columns.join(";"));
    for product in Product::ALL {
        cargo.env(product.variable(), build::product(product, options)?);
    }
    command::run(
        &mut cargo,
        "read the differences above; the native core is right until a case says otherwise",
    )
}

/// Runs the example of a crate that makes a table, or a column of it.
fn cargo(package: &str) -> Command {
    let mut cargo = command::cargo();
    cargo.current_dir(workspace::root());
    cargo.args(["run", "--locked", "--quiet", "--profile", PROFILE, "--package", package]);
    cargo.args(["--example", "conformance"]);
    cargo
}

/// The column of the package for JavaScript; none without Node.
fn web(options: &Options) -> Result<Option<PathBuf>> {
    if let Err(failure) = command::output(Command::new("node").arg("--version"), "") {
        println!("there is no column for the web, because there is no Node: {}", failure.what());
        return Ok(None);
    }
    let package = build::web(options, PROFILE)?;
    let mut node = Command::new("node");
    node.current_dir(workspace::root()).arg("plugin/web/tests/cases.mjs").arg(package);
    node.arg(test::native_answers()?);
    column("web", node).map(Some)
}

/// The column of printed programs.
fn vrl() -> Result<PathBuf> {
    column("vrl", cargo("auditveil-vrl-test"))
}

/// What a command says of each case, in a file. It ends with 1 where something differs, which the table tells.
fn column(name: &str, mut command: Command) -> Result<PathBuf> {
    let shown = command::shown(&command);
    let output = command.stderr(Stdio::inherit()).output();
    let output =
        output.map_err(|error| Failure::new(format!("`{shown}` did not start: {error}"), "install it"))?;
    if !matches!(output.status.code(), Some(0 | 1)) || output.stdout.is_empty() {
        let remedy = "repeat it alone, and mend what it reports";
        return Err(Failure::new(format!("`{shown}` ended with {}", output.status), remedy));
    }
    let path = workspace::products_dir()?.join(format!("conformance-{name}.txt"));
    std::fs::write(&path, &output.stdout).map_err(|error| Failure::file(&path, &error))?;
    Ok(path)
}
