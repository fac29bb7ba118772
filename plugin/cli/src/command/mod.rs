//! One file per command: its arguments, and `run`.

pub(crate) mod bake;
pub(crate) mod check;
pub(crate) mod filter;
pub(crate) mod inspect;
pub(crate) mod vrl;

use auditveil_core::policy::is_unseen;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Tells the user something on standard error. Messages name files and counts, never the content
/// of a record.
pub(crate) fn say(message: impl std::fmt::Display) {
    use std::io::Write as _;
    // Nobody is left to tell that standard error is gone.
    let _ = writeln!(std::io::stderr(), "auditveil: {message}");
}

/// How messages call a file.
pub(crate) fn name(path: &Path, standard: &str) -> String {
    if is_standard(path) { standard.to_owned() } else { format!("`{}`", shown(path)) }
}

/// A path on the terminal: control characters and the like escaped, because whoever names a file may not be who reads of it.
pub(crate) fn shown(path: &Path) -> String {
    let path = path.display().to_string();
    let mut shown = String::with_capacity(path.len());
    for character in path.chars() {
        if is_unseen(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Whether it means standard input or output.
pub(crate) fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Whether both names lead to the same existing file.
pub(crate) fn same_file(input: &Path, output: &Path) -> bool {
    !is_standard(input)
        && matches!((input.canonicalize(), output.canonicalize()), (Ok(input), Ok(output)) if input == output)
}

/// What went wrong and, where there is one, what to do.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such file or directory; check the path".to_owned(),
        ErrorKind::PermissionDenied => {
            "permission denied; audit logs and what configures them are usually for root only (`sudo`)"
                .to_owned()
        }
        ErrorKind::IsADirectory => "is a directory; name the files in it".to_owned(),
        _ => error.to_string(),
    }
}

/// A number and what it counts.
pub(crate) fn count(number: usize, of: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {of}{plural}")
}

/// Size and digest of a file, in the words of `cargo xtask build`.
pub(crate) fn digest_of(bytes: &[u8]) -> String {
    format!("{}, sha256 {}", count(bytes.len(), "byte"), auditveil_bake::digest(bytes))
}
