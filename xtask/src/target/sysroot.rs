//! A sysroot of the project's own: the standard library's source beside the compiler's tools.
//!
//! ```text
//! target/auditveil/sysroot/
//!   lib/rustlib/src/rust/library     the source: the compiler's own, if installed, or Debian's
//!   lib/rustlib/<host>               -> the compiler's (its linker, and std for build scripts)
//!   rustc                            calls the compiler with this sysroot
//! ```

use super::{compiler_field, compiler_sysroot, debian};
use crate::failure::{Failure, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Name of the file that tells for which compiler a sysroot was made.
const STAMP: &str = "release";

/// Makes the sysroot, unless it is there and made for this compiler.
pub(super) fn prepare(sysroot: &Path) -> Result<()> {
    let release = compiler_field("release")?;
    let stamp = sysroot.join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|made_for| made_for == release) {
        return Ok(());
    }
    if sysroot.exists() {
        fs::remove_dir_all(sysroot).map_err(|error| Failure::file(sysroot, &error))?;
    }
    let rustlib = sysroot.join("lib/rustlib");
    make_dir(&rustlib)?;

    let real = compiler_sysroot()?;
    let host = compiler_field("host")?;
    link(&real.join("lib/rustlib").join(&host), &rustlib.join(&host))?;
    let source = real.join("lib/rustlib/src");
    if source.join("rust/library/core").is_dir() {
        link(&source, &rustlib.join("src"))?;
    } else {
        let library = debian::library(&release, sysroot)?;
        make_dir(&rustlib.join("src/rust"))?;
        let place = rustlib.join("src/rust/library");
        fs::rename(&library, &place).map_err(|error| Failure::file(&place, &error))?;
        debian::clean(sysroot)?;
    }
    write_compiler(sysroot, &real)?;
    fs::write(&stamp, release).map_err(|error| Failure::file(&stamp, &error))
}

/// The program that stands in for `rustc`.
pub(super) fn compiler(sysroot: &Path) -> PathBuf {
    sysroot.join("rustc")
}

/// Cargo asks the compiler for its sysroot and looks for the source there; a flag in RUSTFLAGS
/// would reach the target only, so the compiler itself has to answer differently.
fn write_compiler(sysroot: &Path, real: &Path) -> Result<()> {
    let path = compiler(sysroot);
    let script = format!(
        "#!/bin/sh\nexec '{}' --sysroot '{}' \"$@\"\n",
        real.join("bin/rustc").display(),
        sysroot.display(),
    );
    fs::write(&path, script).map_err(|error| Failure::file(&path, &error))?;
    executable(&path)
}

fn make_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| Failure::file(path, &error))
}

#[cfg(unix)]
fn link(original: &Path, link: &Path) -> Result<()> {
    std::os::unix::fs::symlink(original, link).map_err(|error| Failure::file(link, &error))
}

#[cfg(unix)]
fn executable(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(|error| Failure::file(path, &error))
}

#[cfg(not(unix))]
fn link(_original: &Path, _link: &Path) -> Result<()> {
    Err(needs_unix())
}

#[cfg(not(unix))]
fn executable(_path: &Path) -> Result<()> {
    Err(needs_unix())
}

#[cfg(not(unix))]
fn needs_unix() -> Failure {
    Failure::new(
        "the standard library is built from source on Unix only",
        "run `rustup target add wasm32-wasip1`",
    )
}
