//! The committed logs of real API servers, unpacked, and what was planted in them.
//!
//! Where they come from: `corpus/PROVENANCE.md`.

use crate::{Error, json};
use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

/// The API server that wrote a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// Kubernetes 1.20.2
    V1_20,
    /// Kubernetes 1.36.2
    V1_36,
}

impl Server {
    /// Every server there are logs of.
    pub const ALL: [Server; 2] = [Server::V1_20, Server::V1_36];

    /// The folder of its logs, also good as a name.
    pub fn name(self) -> &'static str {
        match self {
            Server::V1_20 => "v1.20",
            Server::V1_36 => "v1.36",
        }
    }

    fn file(self, name: &str) -> PathBuf {
        corpus_dir().join(self.name()).join(name)
    }
}

/// Where the corpus is.
pub fn corpus_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// The log of a scripted run with planted credentials, one event a line.
///
/// # Errors
///
/// The file cannot be read or unpacked; so for every function of this module.
pub fn audit(server: Server) -> Result<Vec<u8>, Error> {
    unpack(&server.file("audit.jsonl.xz"))
}

/// A log of ordinary traffic without canaries, one event a line (1.20 only).
///
/// # Errors
///
/// As [`audit`].
pub fn traffic() -> Result<Vec<u8>, Error> {
    unpack(&Server::V1_20.file("traffic.jsonl.xz"))
}

/// Bodies of the webhook backend: file name and `EventList`.
///
/// # Errors
///
/// As [`audit`].
pub fn event_lists(server: Server) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let dir = server.file("eventlists");
    let mut lists = Vec::new();
    for entry in fs::read_dir(&dir).map_err(|error| Error::io(&dir, &error))? {
        let path = entry.map_err(|error| Error::io(&dir, &error))?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        lists.push((name, unpack(&path)?));
    }
    lists.sort();
    Ok(lists)
}

/// The lines of a log, without their newlines.
pub fn lines(log: &[u8]) -> impl Iterator<Item = &[u8]> {
    log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// One credential that was planted in a scripted run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    /// `CANARY-0007`
    pub id: String,
    /// What it was planted as, in words.
    pub planted: String,
    /// Whether it is a secret wherever it stands, and no matter of policy.
    pub must_redact: bool,
    /// Where it was found in the log: paths in the notation of the canary files.
    pub found_paths: Vec<String>,
    /// Literals each of which betrays it: plain, base64 in three alignments, percent-encoded, …
    pub needles: Vec<String>,
}

/// What was planted in [`audit`] of the same server.
///
/// # Errors
///
/// As [`audit`], or the file does not have the shape of canaries.
pub fn canaries(server: Server) -> Result<Vec<Canary>, Error> {
    let path = server.file("canaries.json.xz");
    let text = String::from_utf8(unpack(&path)?)
        .map_err(|_| Error::new("the canaries are not UTF-8").at(path.display()))?;
    json::items(&text)?
        .into_iter()
        .map(|item| canary(item).map_err(|error| error.at(path.display())))
        .collect()
}

fn canary(text: &str) -> Result<Canary, Error> {
    let members = json::members(text)?;
    let member = |name: &str| {
        json::member(&members, name).ok_or_else(|| Error::new(format!("a canary lacks `{name}`")))
    };
    Ok(Canary {
        id: json::unescape(member("id")?),
        planted: json::unescape(member("where")?),
        must_redact: member("must_redact")? == "true",
        found_paths: json::members(member("found_paths")?)?.iter().map(json::Member::key).collect(),
        needles: json::items(member("needles")?)?.into_iter().map(json::unescape).collect(),
    })
}

/// What was planted where an operator may want to see it, and comes out: the lines of `corpus/comes_out.txt`.
///
/// # Errors
///
/// The file cannot be read.
pub fn comes_out() -> Result<BTreeSet<String>, Error> {
    let path = corpus_dir().join("comes_out.txt");
    let text = fs::read_to_string(&path).map_err(|error| Error::io(&path, &error))?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.map(str::to_owned).collect())
}

/// Which positions the filter covers so far: `corpus/covered.txt`.
#[derive(Clone, Debug)]
pub struct Coverage {
    rules: Vec<(bool, String)>,
}

impl Coverage {
    /// Reads `corpus/covered.txt`: lines of `covered PATTERN` and `later PATTERN`, `*` for anything.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or has a line of another kind.
    pub fn load() -> Result<Self, Error> {
        let path = corpus_dir().join("covered.txt");
        let text = fs::read_to_string(&path).map_err(|error| Error::io(&path, &error))?;
        let mut rules = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            rules.push(match line.split_once(' ') {
                Some(("covered", pattern)) => (true, pattern.trim().to_owned()),
                Some(("later", pattern)) => (false, pattern.trim().to_owned()),
                _ => return Err(Error::new(format!("`{line}` is no rule")).at(path.display())),
            });
        }
        Ok(Coverage { rules })
    }

    /// Whether the position is covered: the first pattern that fits decides.
    ///
    /// # Errors
    ///
    /// No pattern fits: a position nobody has thought of.
    pub fn covers(&self, path: &str) -> Result<bool, Error> {
        self.rules
            .iter()
            .find(|(_, pattern)| fits(pattern, path))
            .map(|(covered, _)| *covered)
            .ok_or_else(|| Error::new(format!("corpus/covered.txt says nothing about `{path}`")))
    }
}

/// Whether `pattern`, in which `*` stands for any text, fits the whole of `path`.
fn fits(pattern: &str, path: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == path };
    let Some(rest) = path.strip_prefix(head) else { return false };
    rest.char_indices()
        .map(|(at, _)| at)
        .chain([rest.len()])
        .filter_map(|at| rest.get(at..))
        .any(|rest| fits(tail, rest))
}

fn unpack(path: &Path) -> Result<Vec<u8>, Error> {
    let packed = fs::read(path).map_err(|error| Error::io(path, &error))?;
    let mut unpacked = Vec::new();
    lzma_rs::xz_decompress(&mut Cursor::new(packed), &mut unpacked)
        .map_err(|error| Error::new(format!("{}: {error:?}", path.display())))?;
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        assert!(fits("$.a.*", "$.a.b.c"));
        assert!(fits("$.*.b*", "$.a.b"));
        assert!(!fits("$.a.*", "$.ab"));
        assert!(!fits("$.a", "$.a.b"));
    }
}
