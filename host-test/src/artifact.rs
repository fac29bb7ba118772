//! Where the built module is; builds it if it is missing or older than its sources.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use std::{env, fs};

use crate::Error;

/// Names a module to test instead of the one in the target folder. It is taken as it is, whatever its age.
pub const MODULE_VARIABLE: &str = "AUDITVEIL_MODULE";

/// What the module is made of, relative to the workspace.
const SOURCES: [&str; 5] = ["plugin/core", "plugin/guest", "plugin/fluent-bit", "Cargo.toml", "Cargo.lock"];

/// Names the same module with its name section, for the checks that ask what functions are called.
pub const NAMED_MODULE_VARIABLE: &str = "AUDITVEIL_NAMED_MODULE";

/// The path of the Fluent Bit module, up to date with its sources.
///
/// # Errors
///
/// The module has to be built and that failed; the message says which command does more.
pub fn fluent_bit_module() -> Result<PathBuf, Error> {
    find_or_build(MODULE_VARIABLE, &target_folder(), "true", None)
}

/// The path of the same module with its name section.
///
/// # Errors
///
/// As [`fluent_bit_module`].
pub fn fluent_bit_module_with_names() -> Result<PathBuf, Error> {
    find_or_build(NAMED_MODULE_VARIABLE, &target_folder().join("named"), "false", None)
}

/// Names the module for engines with SIMD.
pub const SIMD_MODULE_VARIABLE: &str = "AUDITVEIL_SIMD_MODULE";

/// The path of the module for engines with SIMD, as `cargo xtask build --simd` builds it.
///
/// # Errors
///
/// As [`fluent_bit_module`].
pub fn simd_module() -> Result<PathBuf, Error> {
    let flags = Some("-Ctarget-feature=+simd128");
    find_or_build(SIMD_MODULE_VARIABLE, &target_folder().join("simd"), "true", flags)
}

/// Names the component.
pub const COMPONENT_VARIABLE: &str = "AUDITVEIL_COMPONENT";

/// The path of the component, up to date with its sources.
///
/// # Errors
///
/// As [`fluent_bit_module`].
pub fn component() -> Result<PathBuf, Error> {
    product(COMPONENT_VARIABLE, "component", "auditveil-component.wasm", "plugin/component")
}

/// Names the WASI command.
pub const WASI_COMMAND_VARIABLE: &str = "AUDITVEIL_WASI_COMMAND";

/// The path of the WASI command, up to date with its sources.
///
/// # Errors
///
/// As [`fluent_bit_module`].
pub fn wasi_command() -> Result<PathBuf, Error> {
    product(WASI_COMMAND_VARIABLE, "wasi", "auditveil-wasi.wasm", "plugin/wasi")
}

/// What a task builds: a component takes more than a compiler.
fn product(variable: &str, name: &str, file: &str, crate_folder: &str) -> Result<PathBuf, Error> {
    if let Some(named) = named(variable) {
        return named;
    }
    let path = target_folder().join("auditveil").join(file);
    if !is_current(&path, &[crate_folder, "plugin/core", "plugin/guest", "Cargo.toml", "Cargo.lock"]) {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut task = Command::new(cargo);
        task.args(["run", "--quiet", "--package=xtask", "--", "build", name]);
        run(&mut task).map_err(|why| Error::new(format!("`cargo xtask build {name}` failed\n{why}")))?;
    }
    Ok(path)
}

/// What a variable names, if it is there.
fn named(variable: &str) -> Option<Result<PathBuf, Error>> {
    let path = PathBuf::from(env::var_os(variable)?);
    let missing = || Error::new(format!("{variable} names `{}`, which is no file", path.display()));
    Some(if path.is_file() { Ok(path) } else { Err(missing()) })
}

fn find_or_build(variable: &str, target: &Path, strip: &str, flags: Option<&str>) -> Result<PathBuf, Error> {
    if let Some(named) = named(variable) {
        return named;
    }
    let module = target.join("wasm32-wasip1/wasm/auditveil_fluent_bit.wasm");
    if !is_current(&module, &SOURCES) {
        build(target, strip, flags)?;
    }
    if module.is_file() { Ok(module) } else { Err(build_failed("it left no module")) }
}

fn target_folder() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

/// The root of the workspace.
fn workspace() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

fn is_current(module: &Path, sources: &[&str]) -> bool {
    let Ok(built) = fs::metadata(module).and_then(|metadata| metadata.modified()) else { return false };
    sources.iter().all(|source| newest(&workspace().join(source)).is_some_and(|changed| changed <= built))
}

/// When the youngest file below `path` was written; `None` if that cannot be told.
fn newest(path: &Path) -> Option<SystemTime> {
    if !path.is_dir() {
        return fs::metadata(path).ok()?.modified().ok();
    }
    let mut youngest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(path).ok()? {
        youngest = youngest.max(newest(&entry.ok()?.path())?);
    }
    Some(youngest)
}

/// As `cargo xtask build`, without its help for a missing target.
fn build(target: &Path, strip: &str, flags: Option<&str>) -> Result<(), Error> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build
        .args(["build", "--package=auditveil-fluent-bit", "--profile=wasm", "--target=wasm32-wasip1"])
        .arg("--target-dir")
        .arg(target)
        // Flags meant for the tests (coverage, sanitizers) are not meant for the guest.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("CARGO_PROFILE_WASM_STRIP", strip)
        .envs(flags.map(|flags| ("RUSTFLAGS", flags)));
    run(&mut build).map_err(|why| build_failed(&why))
}

/// Runs a command in the workspace; what it said if it failed.
fn run(command: &mut Command) -> Result<(), String> {
    let output = command.current_dir(workspace()).output().map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

fn build_failed(why: &str) -> Error {
    Error::new(format!(
        "the Fluent Bit module could not be built; `cargo xtask build` also installs a missing target.\n{why}"
    ))
}
