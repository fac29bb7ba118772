//! How the command ends: the one list of its exit codes.

use std::fmt::Write as _;
use std::process::ExitCode;

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Also when the reader of the output went away.
    Done = 0,
    Failed = 1,
    /// What clap ends with too.
    Usage = 2,
    Refused = 3,
}

impl Exit {
    const ALL: [Exit; 4] = [Exit::Done, Exit::Failed, Exit::Usage, Exit::Refused];

    fn meaning(self) -> &'static str {
        match self {
            Exit::Done => {
                "every record was answered, unreadable ones by stubs, or `--where` did not select it; every file checked is valid; the module is written or shown; the program is printed; or the reader of the output went away, or a signal ended `--follow`"
            }
            Exit::Failed => {
                "a file could not be read to its end, or the output or the checkpoint not be written"
            }
            Exit::Usage => "the command line makes no sense; nothing was read or written",
            Exit::Refused => {
                "a policy, a configuration or a module is refused; no record was read, and no module written"
            }
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// The exit codes as `--help` shows them.
pub(crate) fn help() -> String {
    let mut text = "Exit codes:\n".to_owned();
    for exit in Exit::ALL {
        let _ = writeln!(text, "  {}  {}", exit as u8, exit.meaning());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readme_lists_the_same_codes() {
        let readme = include_str!("../README.md");
        for exit in Exit::ALL {
            let row = format!("| {} | {} |", exit as u8, exit.meaning());
            assert!(readme.contains(&row), "README.md lacks: {row}");
        }
    }
}
