//! The output of `--follow`: what is there stays, because it was written before.

use super::file::end_of_lines;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Opens a file to write behind what it holds. A line without an end goes: whoever wrote it was ended in it, before the
/// checkpoint knew of it, so its record is answered again.
pub(crate) fn append(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() {
        let end = end_of_lines(&file, metadata.len())?;
        if end < metadata.len() {
            file.set_len(end)?;
        }
    }
    Ok(file)
}

/// Waits until the file is on the disk, if it is on one.
pub(super) fn write_through(file: &File) -> io::Result<()> {
    match file.sync_data() {
        // A device or a pipe keeps nothing.
        Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write as _;

    #[test]
    fn a_torn_line_goes() {
        let path = std::env::temp_dir().join(format!("auditveil-append-{}", std::process::id()));
        let long = "x".repeat(200_000);
        for (before, kept) in [
            ("", ""),
            ("one\n", "one\n"),
            ("one\ntwo", "one\n"),
            ("torn", ""),
            (&format!("one\n{long}"), "one\n"),
        ] {
            fs::write(&path, before).unwrap();
            append(&path).unwrap().write_all(b"new\n").unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), format!("{kept}new\n"));
        }
        fs::remove_file(&path).unwrap();
        append(&path).unwrap();
        fs::remove_file(&path).unwrap();
    }
}
