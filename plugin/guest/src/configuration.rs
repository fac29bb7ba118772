//! The configuration, from the folders that the host makes accessible: found, read, told of. Cold, once.
//!
//! ```text
//! baked into the module:      see `baked.rs`; no folder is looked at
//! first folder that has one:  auditveil.yaml and audit-policy.yaml  -> in force, told with its digest
//! no folder has one                                                 -> the default
//! there, but not readable or not valid                              -> the strictest, told why
//! ```
//!
//! What is wrong never stops the filter and never lets an event pass as it is. Messages go to standard error,
//! where the host's own go; they quote the configuration, and no record was seen yet.

use alloc::string::String;
use alloc::vec::Vec;
use auditveil_core::config::Rejected;
use auditveil_core::{Fault, LoadedSettings, Settings, Source};
use core::fmt::Write as _;
use sha2::{Digest as _, Sha256};

use crate::baked::{self, Memory};

/// What the host offers, after WASI preview 1, and the module's own memory.
pub trait System: Memory {
    /// Writes the name of an open folder into `name`; `false` if the descriptor is none.
    fn folder(&mut self, descriptor: u32, name: &mut Vec<u8>) -> bool;
    /// Opens a file below a folder for reading.
    ///
    /// # Errors
    ///
    /// The host's.
    fn open(&mut self, folder: u32, file: &str) -> Result<u32, Errno>;
    /// Reads once; 0 is the end.
    ///
    /// # Errors
    ///
    /// The host's.
    fn read(&mut self, file: u32, buffer: &mut [u8]) -> Result<usize, Errno>;
    /// Closes a file.
    fn close(&mut self, file: u32);
    /// Writes to standard error.
    fn say(&mut self, text: &[u8]);
}

/// What a command needs besides: the standard streams. Reading is [`System::read`].
pub trait Streams: System {
    /// Writes once, and tells how much.
    ///
    /// # Errors
    ///
    /// The host's.
    fn write(&mut self, stream: u32, bytes: &[u8]) -> Result<usize, Errno>;
    /// Waits until a stream that had [nothing](Errno::AGAIN) can be used.
    ///
    /// # Errors
    ///
    /// The host's: it cannot wait.
    fn wait(&mut self, stream: u32, to: Wait) -> Result<(), Errno>;
}

/// What is waited for; the numbers are those of `eventtype`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Until something can be read, or the end has come.
    Read = 1,
    /// Until something can be written.
    Write = 2,
}

/// The standard input.
pub const STANDARD_INPUT: u32 = 0;
/// The standard output.
pub const STANDARD_OUTPUT: u32 = 1;
/// Where messages go.
pub const STANDARD_ERROR: u32 = 2;

/// An error of WASI preview 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub u16);

impl Errno {
    /// There is no such file.
    pub const NOENT: Errno = Errno(44);
    /// Nothing can be read or written now: the stream does not wait.
    pub const AGAIN: Errno = Errno(6);
    /// A signal came first.
    pub const INTERRUPTED: Errno = Errno(27);
    /// Something else.
    pub const IO: Errno = Errno(29);
    /// Nobody reads what is written.
    pub const PIPE: Errno = Errno(64);

    /// What it means, for messages.
    pub fn meaning(self) -> &'static str {
        match self.0 {
            2 | 63 => "permission denied",
            // What Fluent Bit's engine says of folders too.
            76 => "it is a folder, or a link that leads out of the accessible folder",
            31 => "it is a folder",
            32 => "too many levels of links",
            48 => "not enough memory",
            51 => "no space is left",
            54 => "not a folder",
            _ => "it cannot be used",
        }
    }
}

/// The longest file that is read, in bytes.
///
/// A guest's memory never shrinks, and a Kubernetes ConfigMap ends at 1 MiB: what is longer is no configuration.
pub const LONGEST: usize = 2 << 20;

/// The first descriptor that may be a folder: after the three standard streams.
const FIRST_FOLDER: u32 = 3;

/// The most folders that are looked at.
const FOLDERS: u32 = 64;

/// The most errors, and the most warnings, that are told.
const TOLD: usize = 10;

/// Bytes asked for at once.
const CHUNK: usize = 16 * 1024;

/// Why there is no text of a file.
enum Unread {
    Absent,
    Error(Errno),
    TooLong,
}

impl Unread {
    fn meaning(&self) -> &'static str {
        match self {
            Unread::Absent => "there is no such file",
            Unread::Error(errno) => errno.meaning(),
            Unread::TooLong => "it is longer than 2 MiB",
        }
    }
}

/// A file that is there.
struct Found {
    source: Source,
    /// The folder that it is in.
    folder: Folder,
    path: String,
    text: Result<Vec<u8>, Unread>,
}

/// A folder that the host makes accessible.
#[derive(Clone)]
struct Folder {
    descriptor: u32,
    name: String,
}

impl Folder {
    /// The path of a file in it.
    fn path(&self, file: &str) -> String {
        let separator = if self.name.ends_with('/') { "" } else { "/" };
        [&self.name, separator, file].concat()
    }

    /// The file at a path as this folder has it; a path from the root on may lead into it.
    fn inside<'a>(&self, path: &'a str) -> &'a str {
        let folder = self.name.trim_end_matches('/');
        match path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) {
            Some(rest) if path.starts_with('/') => rest,
            _ => path,
        }
    }
}

/// Looks for the configuration, and tells what is in force.
pub fn configure(system: &mut impl System) -> Settings {
    let mut said = String::new();
    let settings = match baked::configure(system, &mut said) {
        Some(settings) => settings,
        None => from_folders(system, &mut said),
    };
    system.say(said.as_bytes());
    settings
}

/// What the first folder with a configuration has.
fn from_folders(system: &mut impl System, said: &mut String) -> Settings {
    let mut folders = String::new();
    let mut found: Vec<Found> = Vec::new();
    let mut name = Vec::new();
    for descriptor in FIRST_FOLDER..FIRST_FOLDER.saturating_add(FOLDERS) {
        if !system.folder(descriptor, &mut name) {
            break;
        }
        let folder = Folder { descriptor, name: String::from_utf8_lossy(&name).into_owned() };
        for source in Source::ALL {
            let text = read(system, descriptor, source.file_name());
            if !matches!(text, Err(Unread::Absent)) {
                let path = folder.path(source.file_name());
                found.push(Found { source, folder: folder.clone(), path, text });
            }
        }
        if !found.is_empty() {
            break;
        }
        folders.push_str(if folders.is_empty() { "" } else { ", " });
        folders.push_str(&folder.name);
    }
    judge(system, &found, &folders, said)
}

/// What the files that were found amount to.
fn judge(system: &mut impl System, found: &[Found], folders: &str, said: &mut String) -> Settings {
    if found.is_empty() {
        let place = if folders.is_empty() { "no folder is accessible" } else { folders };
        line(
            said,
            format_args!(
                "no auditveil.yaml and no audit-policy.yaml ({place}); the default is in force: nothing is dropped"
            ),
        );
        return Settings::unconfigured();
    }
    let mut unreadable = false;
    for file in found {
        if let Err(why) = &file.text {
            line(said, format_args!("{}: {}", file.path, why.meaning()));
            unreadable = true;
        }
    }
    if unreadable {
        return strictest(Fault::Unreadable, said);
    }
    let file = |source: Source| found.iter().find(|file| file.source == source);
    let text = |source| file(source).and_then(|file| file.text.as_deref().ok());
    let read_key = |path: &str| {
        let Some(Found { folder, .. }) = file(Source::Configuration) else { return Err(String::new()) };
        let path = folder.inside(path);
        if path.starts_with('/') {
            return Err([path, ": only files in ", &folder.name, " can be read here"].concat());
        }
        let content = read(system, folder.descriptor, path);
        content.map_err(|why| [&folder.path(path), ": ", why.meaning()].concat())
    };
    let (configuration, policy) = (text(Source::Configuration), text(Source::Policy));
    match LoadedSettings::from_files_with_key(configuration, policy, read_key) {
        Ok(loaded) => {
            for (source, warning) in loaded.warnings.iter().take(TOLD) {
                let path = file(*source).map_or("", |file| file.path.as_str());
                line(said, format_args!("{path}: warning: {warning}"));
            }
            more(said, loaded.warnings.len());
            for file in found {
                let digest = sha256(file.text.as_deref().unwrap_or_default());
                line(said, format_args!("{} is in force (sha256 {digest})", file.path));
            }
            loaded.settings
        }
        Err((source, errors)) => rejected(file(source).map_or("", |file| file.path.as_str()), &errors, said),
    }
}

/// Tells what is wrong with a configuration, and what is in force instead.
pub(crate) fn rejected(name: &str, rejected: &Rejected, said: &mut String) -> Settings {
    for error in rejected.errors.iter().take(TOLD) {
        line(said, format_args!("{name}: {error}"));
    }
    more(said, rejected.errors.len());
    strictest(Fault::Invalid, said)
}

/// The digest of a text in hexadecimal.
pub(crate) fn sha256(text: &[u8]) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(text) {
        // Writing to a String does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

pub(crate) fn strictest(fault: Fault, said: &mut String) -> Settings {
    line(
        said,
        format_args!(
            "the configuration is not valid; until that is mended and the host restarted, every event is kept at \
             level Metadata"
        ),
    );
    Settings::strictest(fault)
}

fn more(said: &mut String, number: usize) {
    if let Some(rest) = number.checked_sub(TOLD).filter(|&rest| rest > 0) {
        line(said, format_args!("and {rest} more"));
    }
}

/// Adds a line to what is said, after the name of the program.
pub fn line(said: &mut String, text: core::fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    let _ = writeln!(said, "auditveil: {text}");
}

/// The content of a file.
fn read(system: &mut impl System, folder: u32, name: &str) -> Result<Vec<u8>, Unread> {
    let file = system.open(folder, name).map_err(|errno| match errno {
        Errno::NOENT => Unread::Absent,
        errno => Unread::Error(errno),
    })?;
    let mut text = Vec::new();
    let end = loop {
        let length = text.len();
        if length > LONGEST {
            break Err(Unread::TooLong);
        }
        if text.try_reserve(CHUNK).is_err() {
            break Err(Unread::Error(Errno(48)));
        }
        text.resize(length.saturating_add(CHUNK), 0);
        let read = system.read(file, text.get_mut(length..).unwrap_or_default());
        text.truncate(length.saturating_add(*read.as_ref().unwrap_or(&0)));
        match read {
            Ok(0) => break Ok(()),
            Ok(_) => {}
            Err(errno) => break Err(Unread::Error(errno)),
        }
    };
    system.close(file);
    if end.is_ok() && !LoadedSettings::has_room(text.len()) {
        return Err(Unread::Error(Errno(48)));
    }
    end.map(|()| text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{Fake, Folders};

    fn says(folders: Folders) -> (String, String) {
        Fake::new(folders).says()
    }

    const POLICY: &[u8] = b"apiVersion: audit.k8s.io/v1\nrules: [{level: Metadata}]\n";
    const STRICT: &str = "every event is kept at level Metadata\n";

    #[test]
    fn which_file_is_in_force() {
        let file = |name, text: &[u8]| (name, Ok(text.to_vec()));
        let (policy, config) = ("audit-policy.yaml", "auditveil.yaml");
        let kept = r#"{"level":"Request","verb":"get","requestObject":{},"auditveil":{"version":"1","action":"get"}}"#;
        let metadata = r#"{"level":"Metadata","verb":"get","auditveil":{"version":"1","action":"get"}}"#;
        for (folders, said, event) in [
            (vec![], "no folder is accessible", kept),
            (vec![("/a", vec![]), (".", vec![])], "(/a, .); the default is in force", kept),
            (
                vec![("/a", vec![file(policy, POLICY)])],
                "auditveil: /a/audit-policy.yaml is in force (sha256 ",
                metadata,
            ),
            (
                vec![("/a/", vec![]), ("/b/", vec![file(policy, POLICY)])],
                "auditveil: /b/audit-policy.yaml is in force",
                metadata,
            ),
            (
                vec![("/a", vec![file(config, b"{}")]), ("/b", vec![file(policy, POLICY)])],
                "/a/auditveil.yaml is in force (sha256 44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a)",
                kept,
            ),
            (
                vec![("/a", vec![file(policy, b"")])],
                "is in force (sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855)",
                kept,
            ),
            (
                vec![("/a", vec![file(policy, POLICY), file(config, b"input: {other: drop}")])],
                "/a/auditveil.yaml is in force",
                metadata,
            ),
        ] {
            let about =
                format!("{:?}", folders.iter().map(|(name, files)| (name, files.len())).collect::<Vec<_>>());
            let (found, answer) = says(folders);
            assert!(found.contains(said) && !found.contains(STRICT), "{about}: {found}");
            assert_eq!(answer, event, "{about}");
        }
    }

    #[test]
    fn what_is_there_and_not_valid_is_the_strictest() {
        let long = [POLICY, &vec![b'#'; LONGEST]].concat();
        let many = [POLICY, "- x\n".repeat(30).as_bytes()].concat();
        for (name, content, id, said) in [
            ("audit-policy.yaml", Err(Errno(2)), "unreadable", "/a/audit-policy.yaml: permission denied"),
            (
                "audit-policy.yaml",
                Ok(b"FOLDER".to_vec()),
                "unreadable",
                "/a/audit-policy.yaml: it is a folder",
            ),
            ("audit-policy.yaml", Ok(long), "unreadable", "longer than 2 MiB"),
            (
                "audit-policy.yaml",
                Ok(POLICY[..40].to_vec()),
                "invalid",
                "/a/audit-policy.yaml: line 3, column 1: expected `,` or `}`",
            ),
            ("audit-policy.yaml", Ok(many), "invalid", "/a/audit-policy.yaml: line 3, column 1: "),
            (
                "audit-policy.yaml",
                Ok(b"\xff\xff".to_vec()),
                "invalid",
                "line 1, column 1: expected UTF-8 text",
            ),
            (
                "auditveil.yaml",
                Ok(b"redcat: {}".to_vec()),
                "invalid",
                "/a/auditveil.yaml: line 1, column 1: unknown key `redcat`; did you mean `redact`?",
            ),
            (
                "auditveil.yaml",
                Ok(b"policy_file: x".to_vec()),
                "invalid",
                "line 1, column 14: policy_file: expected the policy itself",
            ),
        ] {
            let (found, answer) = says(vec![
                ("/a", vec![(name, content)]),
                ("/b", vec![("audit-policy.yaml", Ok(POLICY.to_vec()))]),
            ]);
            assert!(found.contains(said) && found.ends_with(STRICT), "{found}");
            let expected = format!(
                r#"{{"level":"Metadata","verb":"get","auditveil":{{"version":"1","configuration":"{id}","action":"get","detections":["audit.configuration"],"severity":"high"}}}}"#
            );
            assert_eq!(answer, expected, "{found}");
        }
    }

    #[test]
    fn a_key_is_read_from_the_folder_of_its_configuration() {
        const KEY: &[u8] = b"0123456789abcdef0123456789abcdef\n";
        let config = |path: &str| {
            let text = format!("redact: {{action: hmac, hmac: {{key_id: k1, key_file: {path}}}}}");
            ("auditveil.yaml", Ok(text.into_bytes()))
        };
        for path in ["hmac.key", "/a/hmac.key"] {
            let (found, answer) = says(vec![("/a", vec![config(path), ("hmac.key", Ok(KEY.to_vec()))])]);
            assert!(
                found.contains("/a/auditveil.yaml is in force") && !found.contains("0123456789"),
                "{found}"
            );
            assert!(answer.contains("requestObject"), "{answer}");
        }
        for (path, file, said) in [
            ("hmac.key", None, "/a/hmac.key: there is no such file"),
            ("hmac.key", Some(Err(Errno(2))), "/a/hmac.key: permission denied"),
            ("hmac.key", Some(Ok(b"hunter2\n".to_vec())), "a key has at least 32 bytes"),
            ("hmac.key", Some(Ok(vec![b'x'; 5000])), "a key has at most 4,096 bytes"),
            ("/b/hmac.key", Some(Ok(KEY.to_vec())), "/b/hmac.key: only files in /a can be read here"),
        ] {
            let files = [Some(config(path)), file.map(|file| ("hmac.key", file))].into_iter().flatten();
            let (found, answer) = says(vec![("/a", files.collect())]);
            let place = "/a/auditveil.yaml: line 1, column 53: redact.hmac.key_file: expected a file with ";
            assert!(found.contains(place) && found.contains(said) && found.ends_with(STRICT), "{found}");
            assert!(!found.contains("hunter2") && !found.contains("0123456789"), "{found}");
            assert!(
                answer.contains(r#""configuration":"invalid""#) && !answer.contains("requestObject"),
                "{answer}"
            );
        }
    }

    #[test]
    fn warnings_are_told() {
        let typo = b"apiVersion: audit.k8s.io/v1\nrules:\n- level: Metadata\n  verb: [get]\n".to_vec();
        let (found, _) = says(vec![("/a", vec![("audit-policy.yaml", Ok(typo))])]);
        assert!(
            found.contains("/a/audit-policy.yaml: warning: line 4, column 3: rules[0]: unknown key `verb`"),
            "{found}"
        );
    }
}
