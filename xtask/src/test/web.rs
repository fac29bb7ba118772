//! The package for JavaScript, in Node: built, beside the native core, and its types with TypeScript.

use super::{OTHERS, cargo, show};
use crate::failure::{Failure, Result};
use crate::{build, command, target, workspace};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The profile of the other tests, so that nothing is built again.
const PROFILE: &str = "ci";

/// What checks the types. It has no dependencies, and runs no script when it is installed.
const TYPESCRIPT: &str = "typescript@5.9.3";

/// Builds the package and tests it, as far as there is Node.
pub(super) fn check() -> Result<()> {
    let package = build::web(&target::Options::default(), PROFILE)?;
    let pack = cargo("test", &["--locked", "--profile", PROFILE, "--package", build::WEB_PACK]);
    show(pack, "repeat the failing test alone: cargo test -p auditveil-web-pack")?;
    if let Err(failure) = command::output(Command::new("node").arg("--version"), "") {
        println!("the package is not tested, because there is no Node: {}", failure.what());
        return Ok(());
    }
    let mut node = Command::new("node");
    node.current_dir(workspace::root()).args([
        "--test",
        "--test-reporter=spec",
        "plugin/web/tests/package.test.mjs",
    ]);
    node.env("AUDITVEIL_WEB_PACKAGE", &package).env("AUDITVEIL_NATIVE_ANSWERS", native_answers()?);
    show(node, "repeat it alone: the top of plugin/web/tests/package.test.mjs says how")?;
    types(&package)
}

/// What the native core answers to every case, in a file.
pub(super) fn native_answers() -> Result<PathBuf> {
    // With the choice of packages of the other tests, which build it too.
    let mut example = cargo("build", &["--locked", "--profile", PROFILE, "--example", "native_answers"]);
    example.args(OTHERS);
    show(example, "mend what the compiler reports above")?;
    let path = workspace::products_dir()?.join("native-answers.jsonl");
    let file = File::create(&path).map_err(|error| Failure::file(&path, &error))?;
    let mut program = Command::new(workspace::target_dir()?.join(PROFILE).join("examples/native_answers"));
    program.stdout(Stdio::from(file));
    show(program, "mend the case that is named above")?;
    Ok(path)
}

/// Compiles what uses the types. TypeScript comes from npm, once; without it this says so.
fn types(package: &Path) -> Result<()> {
    let folder = workspace::products_dir()?.join("typescript");
    let compiler = folder.join("node_modules/typescript/bin/tsc");
    if !compiler.is_file() {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
        if let Err(failure) = command::output(npm.arg(&folder).arg(TYPESCRIPT), "") {
            println!("the types are not checked, because npm has no TypeScript here: {}", failure.what());
            return Ok(());
        }
    }
    // Where the compiler looks for a package by its name.
    let project = folder.join("project");
    let modules = project.join("node_modules/auditveil");
    std::fs::create_dir_all(&modules).map_err(|error| Failure::file(&modules, &error))?;
    for file in ["package.json", "auditveil.d.ts"] {
        copy(&package.join(file), &modules.join(file))?;
    }
    copy(&workspace::root().join("plugin/web/tests/types.ts"), &project.join("types.mts"))?;
    let mut tsc = Command::new("node");
    tsc.current_dir(&project).arg(&compiler).args(["--noEmit", "--strict", "--target", "esnext"]);
    tsc.args(["--module", "nodenext", "--lib", "esnext,dom", "types.mts"]);
    show(tsc, "plugin/web/tests/types.ts is what callers write: see plugin/web/src/types.d.ts")
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to).map(drop).map_err(|error| Failure::file(from, &error))
}
