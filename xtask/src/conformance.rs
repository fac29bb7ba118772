//! `cargo xtask conformance`: every case in every front end, as a table.
//!
//! The hosts are in the crate that tests guests; this builds what they run.

use crate::build::{self, Product};
use crate::failure::Result;
use crate::target::Options;
use crate::{command, workspace};

/// Builds all products and compares them with the native core.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut cargo = command::cargo();
    cargo
        .current_dir(workspace::root())
        // The profile of `cargo xtask test`, so that wasmtime is built once for both.
        .args(["run", "--locked", "--quiet", "--profile", "ci", "--package", "auditveil-host-test"])
        .args(["--example", "conformance"]);
    for product in Product::ALL {
        cargo.env(product.variable(), build::product(product, options)?);
    }
    command::run(
        &mut cargo,
        "read the differences above; the native core is right until a case says otherwise",
    )
}
