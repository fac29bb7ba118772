//! The files of `configs/vector/`, and the programs in VRL that stand in them: for whoever compiles or runs them.

use crate::Error;
use std::path::Path;

/// The files.
pub const FILES: [&str; 2] = ["exec.yaml", "remap.yaml"];

/// A file of `configs/vector/`, as it is shipped.
///
/// # Errors
///
/// It cannot be read.
pub fn shipped(file: &str) -> Result<String, Error> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../configs/vector").join(file);
    std::fs::read_to_string(&path).map_err(|error| Error::new(format!("{}: {error}", path.display())))
}

/// The programs in a file, in its order: what stands below each `source: |`, without what it is indented by.
///
/// ```
/// let text = "a:\n  source: |\n    .x = 1\n    if true {\n        abort\n    }\n\n  b: c\n";
/// assert_eq!(auditveil_tests::vector::programs(text), [".x = 1\nif true {\n    abort\n}\n"]);
/// ```
pub fn programs(text: &str) -> Vec<String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut programs = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim() != "source: |" {
            continue;
        }
        let within = lines.peek().map_or(0, |first| indent(first));
        let mut program = String::new();
        while let Some(line) = lines.next_if(|line| line.trim().is_empty() || indent(line) >= within) {
            program.push_str(line.get(within..).unwrap_or_default());
            program.push('\n');
        }
        programs.push(format!("{}\n", program.trim_end()));
    }
    programs
}
