//! One file per command: its arguments, and `run`.

pub(crate) mod filter;

/// Tells the user something on standard error. Messages name files and counts, never the content
/// of a record.
pub(crate) fn say(message: impl std::fmt::Display) {
    use std::io::Write as _;
    // Nobody is left to tell that standard error is gone.
    let _ = writeln!(std::io::stderr(), "auditveil: {message}");
}
