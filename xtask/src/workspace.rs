//! Where the project's files lie.

use crate::command;
use crate::failure::{Failure, Result};
use std::path::PathBuf;

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    // Compiled into the binary: xtask is always built where it is used.
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}

/// What `cargo metadata` says about the workspace and the graph of its dependencies.
pub(crate) fn metadata() -> Result<serde_json::Value> {
    let mut cargo = command::cargo();
    cargo.current_dir(root()).args(["metadata", "--format-version", "1", "--locked"]);
    parse(&command::output(&mut cargo, "mend the manifest or the lock file that cargo names")?)
}

/// Cargo's target folder, wherever the user's settings put it.
pub(crate) fn target_dir() -> Result<PathBuf> {
    let mut cargo = command::cargo();
    cargo.current_dir(root()).args(["metadata", "--format-version", "1", "--no-deps"]);
    let metadata = parse(&command::output(&mut cargo, "mend the manifest that cargo names")?)?;
    let target = metadata.get("target_directory").and_then(|value| value.as_str());
    target.map(PathBuf::from).ok_or_else(unreadable)
}

/// The folder for what tasks make: the module, and the standard library's source if needed.
pub(crate) fn products_dir() -> Result<PathBuf> {
    let path = target_dir()?.join("auditveil");
    std::fs::create_dir_all(&path).map_err(|error| Failure::file(&path, &error))?;
    Ok(path)
}

fn parse(text: &str) -> Result<serde_json::Value> {
    serde_json::from_str(text).map_err(|_| unreadable())
}

fn unreadable() -> Failure {
    Failure::new(
        "cargo metadata wrote something unexpected",
        "compare `cargo --version` with rust-version in Cargo.toml",
    )
}
