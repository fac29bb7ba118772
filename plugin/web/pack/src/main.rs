//! Makes the npm package: `auditveil-web-pack MODULE FOLDER`, called by `cargo xtask build --web`.
//!
//! What wasm-bindgen's command does, as a library of the version that the module was compiled with, so that nobody has to
//! install it; then the files of `plugin/web/npm`, the README and the licence are put beside.

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

/// What the files of the package are called: `auditveil.js`, `auditveil_bg.wasm`, `auditveil.d.ts`.
const NAME: &str = "auditveil";

/// Stands in the committed `package.json` for the version of the workspace.
const VERSION: &str = "\"version\": \"0.0.0\"";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(module), Some(folder), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        eprintln!("usage: auditveil-web-pack MODULE FOLDER");
        return ExitCode::from(2);
    };
    match pack(&module, Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn pack(module: &OsString, folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name(NAME).web(true)?.typescript(true);
    // A filter that was freed is then noticed before the module is entered: what is thrown from inside it leaves its stacks
    // as they are, and after a thousand such calls no filter works any more.
    bindgen.debug(true);
    // `init()` without an argument fetches the module from beside the code.
    bindgen.omit_default_module_path(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.generate(folder)?;

    let sources = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::write(folder.join("package.json"), manifest(&read(&sources.join("npm/package.json"))?)?)?;
    for file in ["npm/node.js", "README.md", "../../LICENSE"] {
        let file = sources.join(file);
        fs::write(folder.join(file.file_name().unwrap_or_default()), read(&file)?)?;
    }
    Ok(())
}

/// The manifest with the version of the workspace in it.
fn manifest(template: &str) -> Result<String, Box<dyn Error>> {
    if template.matches(VERSION).count() != 1 {
        return Err(format!("plugin/web/npm/package.json: expected {VERSION} once").into());
    }
    Ok(template.replace(VERSION, concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\"")))
}

fn read(path: &Path) -> Result<String, Box<dyn Error>> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_has_the_version_of_the_workspace() {
        let template = include_str!("../../npm/package.json");
        let expected = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
        assert!(manifest(template).unwrap().contains(&expected));
        assert!(manifest("{}").is_err());
    }
}
