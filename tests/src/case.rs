//! Case folders: finding them, reading them, refusing what does not belong.

use crate::{Error, hex};
use std::fs;
use std::path::{Path, PathBuf};

/// A folder of `cases/`: one record, and what must become of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// `<topic>/<case>`.
    pub name: String,
    /// Where its files are.
    pub dir: PathBuf,
    /// The folder in which the filter finds its configuration: the case's own, or the shipped one that it names.
    pub configuration_dir: PathBuf,
    /// The record.
    pub input: Input,
    /// The files that configure the filter, by name; where the case has none, those of [`plain_dir`].
    pub configuration: Vec<(&'static str, Vec<u8>)>,
    /// `hmac.key`: what the file holds that the configuration names as its key.
    pub key: Option<Vec<u8>>,
    /// The blessed answer; `None` until it was blessed.
    pub expected: Option<Expected>,
    /// Literals that no answer may contain. Written by hand, never blessed.
    pub absent: Vec<String>,
    /// Literals that the answer must contain. Written by hand, never blessed.
    pub present: Vec<String>,
}

/// The record of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// `input.json`, `input.raw`: a line of text, UTF-8 or not.
    Text(Vec<u8>),
    /// `input.hex`: any bytes, normally msgpack.
    Bytes(Vec<u8>),
}

/// The answer of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Exactly these bytes.
    Answer(Vec<u8>),
    /// The policy drops the record.
    Dropped,
}

/// Every file a case folder may hold.
const KNOWN: [&str; 13] = [
    "README.md",
    "absent.txt",
    "audit-policy.yaml",
    "auditveil.yaml",
    "configuration.txt",
    "expected.dropped",
    "expected.hex",
    "expected.json",
    KEY,
    "input.hex",
    "input.json",
    "input.raw",
    "present.txt",
];

/// The files that configure a filter, the one that counts where both are first.
const CONFIGURATION: [&str; 2] = ["auditveil.yaml", "audit-policy.yaml"];

/// The key of a configuration.
const KEY: &str = "hmac.key";

/// Names the folder of a shipped configuration, from the root of the repository.
const NAMED: &str = "configuration.txt";

impl Case {
    /// The record as the front end gets it.
    pub fn record(&self) -> &[u8] {
        match &self.input {
            Input::Text(bytes) | Input::Bytes(bytes) => bytes,
        }
    }

    /// The file that holds, or will hold, this answer.
    pub fn expected_path(&self, expected: &Expected) -> PathBuf {
        self.dir.join(match (expected, &self.input) {
            (Expected::Dropped, _) => "expected.dropped",
            (Expected::Answer(_), Input::Text(_)) => "expected.json",
            (Expected::Answer(_), Input::Bytes(_)) => "expected.hex",
        })
    }

    /// Writes `answer` as the expected one, unless the files already say so. Returns whether it wrote.
    ///
    /// # Errors
    ///
    /// The files cannot be written.
    pub fn bless(&self, answer: Expected) -> Result<bool, Error> {
        if self.expected.as_ref() == Some(&answer) {
            return Ok(false);
        }
        if let Some(old) = &self.expected {
            let old = self.expected_path(old);
            fs::remove_file(&old).map_err(|error| Error::io(&old, &error))?;
        }
        let path = self.expected_path(&answer);
        let content = match (answer, &self.input) {
            (Expected::Dropped, _) => Vec::new(),
            (Expected::Answer(bytes), Input::Bytes(_)) => hex::encode(&bytes).into_bytes(),
            (Expected::Answer(mut bytes), Input::Text(_)) => {
                bytes.push(b'\n');
                bytes
            }
        };
        fs::write(&path, content).map_err(|error| Error::io(&path, &error))?;
        Ok(true)
    }

    fn read(name: String, dir: PathBuf) -> Result<Case, Error> {
        let files = entries(&dir)?;
        for file in &files {
            if !KNOWN.contains(&file.as_str()) {
                return Err(Error::new(format!("`{file}` does not belong in a case folder")));
            }
        }
        let has = |file: &str| files.iter().any(|known| known == file);
        let exactly_one = |of: &[&'static str]| {
            let mut present = of.iter().copied().filter(|file| has(file));
            match (present.next(), present.next()) {
                (found, None) => Ok(found),
                (_, Some(_)) => Err(Error::new(format!("only one of {} may exist", of.join(", ")))),
            }
        };
        let input = match exactly_one(&["input.json", "input.raw", "input.hex"])? {
            Some("input.hex") => Input::Bytes(read_hex(&dir.join("input.hex"))?),
            Some("input.json") => {
                let text = without_newline(read(&dir.join("input.json"))?);
                if std::str::from_utf8(&text).is_err() {
                    return Err(Error::new("input.json is not UTF-8: call it input.raw"));
                }
                Input::Text(text)
            }
            Some(file) => Input::Text(without_newline(read(&dir.join(file))?)),
            None => return Err(Error::new("no input.json, input.raw or input.hex")),
        };
        let answer_file = match input {
            Input::Text(_) => "expected.json",
            Input::Bytes(_) => "expected.hex",
        };
        let expected = match exactly_one(&["expected.json", "expected.hex", "expected.dropped"])? {
            Some("expected.dropped") => Some(Expected::Dropped),
            Some(file) if file != answer_file => {
                return Err(Error::new(format!("{file} does not fit the input: expected {answer_file}")));
            }
            Some("expected.hex") => Some(Expected::Answer(read_hex(&dir.join("expected.hex"))?)),
            Some(file) => Some(Expected::Answer(without_newline(read(&dir.join(file))?))),
            None => None,
        };
        let own = CONFIGURATION.into_iter().filter(|file| has(file)).count();
        let configuration_dir = match has(NAMED) {
            false => dir.clone(),
            true if own == 0 => named_folder(&dir.join(NAMED))?,
            true => return Err(Error::new(format!("either {NAMED} or a configuration of its own"))),
        };
        let mut configuration = Vec::new();
        for file in CONFIGURATION {
            let path = configuration_dir.join(file);
            if path.is_file() {
                configuration.push((file, read(&path)?));
            }
        }
        let plain = configuration.is_empty();
        let key = if has(KEY) { Some(read(&dir.join(KEY))?) } else { None };
        if key.is_some() && configuration.is_empty() {
            return Err(Error::new(format!("{KEY} without a configuration that could name it")));
        }
        if has(NAMED) && configuration.is_empty() {
            return Err(Error::new(format!("{NAMED} names a folder without a configuration")));
        }
        let configuration_dir = if plain {
            let file = "auditveil.yaml";
            configuration.push((file, read(&plain_dir().join(file))?));
            plain_dir()
        } else {
            configuration_dir
        };
        let needles = |file: &str| if has(file) { read_lines(&dir.join(file)) } else { Ok(Vec::new()) };
        let (absent, present) = (needles("absent.txt")?, needles("present.txt")?);
        Ok(Case { name, dir, configuration_dir, input, configuration, key, expected, absent, present })
    }
}

/// The folder that a file names in its only line.
fn named_folder(file: &Path) -> Result<PathBuf, Error> {
    let name = read_text(file)?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name.trim_end());
    if folder.is_dir() {
        Ok(folder)
    } else {
        Err(Error::new(format!("{NAMED}: no folder `{}`", name.trim_end())))
    }
}

/// Where the cases are.
pub fn cases_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

/// The folder of the configuration of cases that have none: nothing is added to events.
pub fn plain_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("plain")
}

/// Every case of the repository, sorted by name.
///
/// # Errors
///
/// As [`load_from`].
pub fn load() -> Result<Vec<Case>, Error> {
    load_from(&cases_dir())
}

/// Every case below a folder of topics, sorted by name.
///
/// # Errors
///
/// A file where a folder belongs, a folder without a case, an unknown file, or a file that cannot
/// be read: all of them are told at once.
pub fn load_from(root: &Path) -> Result<Vec<Case>, Error> {
    let (mut cases, mut problems) = (Vec::new(), Vec::new());
    for topic in entries(root)? {
        let topic_dir = root.join(&topic);
        if !topic_dir.is_dir() {
            problems.push(format!("{topic}: a stray file; cases are folders: <topic>/<case>/"));
            continue;
        }
        let names = entries(&topic_dir)?;
        if names.is_empty() {
            problems.push(format!("{topic}: an empty topic"));
        }
        for name in names {
            let dir = topic_dir.join(&name);
            let name = format!("{topic}/{name}");
            if !dir.is_dir() {
                problems.push(format!("{name}: a stray file; cases are folders: <topic>/<case>/"));
                continue;
            }
            match Case::read(name.clone(), dir) {
                Ok(case) => cases.push(case),
                Err(error) => problems.push(error.at(&name).to_string()),
            }
        }
    }
    if problems.is_empty() { Ok(cases) } else { Err(Error::new(problems.join("\n"))) }
}

fn entries(dir: &Path) -> Result<Vec<String>, Error> {
    let io = |error: std::io::Error| Error::io(dir, &error);
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(io)? {
        names.push(entry.map_err(io)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| Error::io(path, &error))
}

fn read_text(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|error| Error::io(path, &error))
}

fn read_hex(path: &Path) -> Result<Vec<u8>, Error> {
    hex::decode(&read_text(path)?).map_err(|error| error.at(path.display()))
}

fn read_lines(path: &Path) -> Result<Vec<String>, Error> {
    let lines: Vec<String> =
        read_text(path)?.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if lines.is_empty() {
        // A check without a needle looks like one and checks nothing.
        return Err(Error::new(format!("{}: no needle in it", path.display())));
    }
    Ok(lines)
}

/// Editors end a file with a newline that is not part of the record.
fn without_newline(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let dir = std::env::temp_dir().join(format!("auditveil-case-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&dir);
            fs::create_dir_all(&dir).unwrap();
            Scratch(dir)
        }

        fn put(&self, path: &str, content: &[u8]) -> &Self {
            let path = self.0.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
            self
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn reads_and_blesses() {
        let scratch = Scratch::new("bless");
        scratch.put("t/a/input.json", b"{}\n\n").put("t/a/absent.txt", b"x y\n\n");
        let case = load_from(&scratch.0).unwrap().remove(0);
        assert_eq!(case.name, "t/a");
        assert_eq!(case.input, Input::Text(b"{}\n".to_vec()));
        assert_eq!((case.absent.as_slice(), case.expected.as_ref()), (&["x y".to_owned()][..], None));

        let answer = Expected::Answer(b"{\"a\":1}".to_vec());
        assert_eq!(case.bless(answer.clone()), Ok(true));
        let case = load_from(&scratch.0).unwrap().remove(0);
        assert_eq!(case.expected.as_ref(), Some(&answer));
        assert_eq!(case.bless(answer), Ok(false));
        assert_eq!(case.bless(Expected::Dropped), Ok(true));
        assert_eq!(load_from(&scratch.0).unwrap().remove(0).expected, Some(Expected::Dropped));
    }

    #[test]
    fn a_shipped_configuration_is_read_where_it_is() {
        let scratch = Scratch::new("shipped");
        let folder = "configs/policies/compliance";
        scratch.put("t/a/input.json", b"{}").put("t/a/configuration.txt", format!("{folder}\n").as_bytes());
        let case = load_from(&scratch.0).unwrap().remove(0);
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join("audit-policy.yaml");
        assert_eq!(case.configuration, [("audit-policy.yaml", fs::read(shipped).unwrap())]);
        scratch.put("t/a/audit-policy.yaml", b"");
        let error = load_from(&scratch.0).unwrap_err().to_string();
        assert!(error.contains("either configuration.txt or a configuration of its own"), "{error}");
    }

    #[test]
    fn refuses_what_does_not_belong() {
        for (file, content, complaint) in [
            ("stray.md", &b""[..], "stray.md: a stray file"),
            ("t/stray.md", b"", "t/stray.md: a stray file"),
            ("t/a/input.txt", b"", "`input.txt` does not belong"),
            ("t/b/expected.json", b"", "no input.json"),
            ("t/a/input.hex", b"80", "only one of"),
            ("t/a/expected.hex", b"80", "does not fit"),
            ("t/a/absent.txt", b"\n", "no needle"),
            ("t/c/input.json", b"\xff", "not UTF-8"),
            ("t/c/input.hex", b"8", "odd number"),
            ("t/a/hmac.key", b"", "hmac.key without a configuration"),
            ("t/a/configuration.txt", b"configs/no-such-folder\n", "no folder `configs/no-such-folder`"),
            ("t/a/configuration.txt", b"docs\n", "a folder without a configuration"),
        ] {
            let scratch = Scratch::new("stray");
            scratch.put("t/a/input.json", b"{}").put(file, content);
            let error = load_from(&scratch.0).unwrap_err().to_string();
            assert!(error.contains(complaint), "{file}: {error}");
        }
    }
}
