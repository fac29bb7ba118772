//! Folders, logs that are written and rotated, and the command that follows them.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What takes longer does not come.
const DEADLINE: Duration = Duration::from_secs(60);

/// A folder of its own for a test, gone with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(test: &str) -> Self {
        Folder::at(Path::new(env!("CARGO_TARGET_TMPDIR")), test)
    }

    /// One on each file system there is: the one that is built on, and one in memory.
    pub(crate) fn on_each(test: &str) -> Vec<Self> {
        let memory = Path::new("/dev/shm");
        let mut folders = vec![Folder::new(test)];
        if memory.is_dir() {
            folders.push(Folder::at(memory, &format!("auditveil-{test}-{}", std::process::id())));
        } else {
            eprintln!("skipped: {test} in memory, there is no /dev/shm");
        }
        folders
    }

    pub(crate) fn at(parent: &Path, test: &str) -> Self {
        let path = parent.join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The numbers of the records that came out, in order.
    pub(crate) fn numbers(&self) -> Vec<usize> {
        numbers(&fs::read(self.path("out")).unwrap_or_default())
    }

    /// Waits until so many different records are in the output.
    pub(crate) fn wait_for(&self, records: usize) {
        wait(&format!("{records} records in {}", self.0.display()), || {
            let mut numbers = self.numbers();
            numbers.sort_unstable();
            numbers.dedup();
            numbers.len() >= records
        });
    }

    /// Waits until so many lines are in the output.
    pub(crate) fn wait_for_lines(&self, lines: usize) {
        wait(&format!("{lines} lines in {}", self.0.display()), || self.numbers().len() >= lines);
    }

    /// Waits for the first checkpoint in which so many files are.
    pub(crate) fn wait_for_state(&self, files: usize) {
        wait("a checkpoint", || {
            let text = fs::read_to_string(self.path("state")).unwrap_or_default();
            text.matches("\"inode\"").count() >= files
        });
    }

    /// Lets it look at the log a few times.
    pub(crate) fn wait_for_unchanged_output(&self) {
        std::thread::sleep(Duration::from_millis(800));
    }

    /// Waits until the checkpoint tells that the log was answered to its end.
    pub(crate) fn wait_for_checkpoint(&self) {
        let length = fs::metadata(self.path("audit.log")).unwrap().len();
        wait("a checkpoint at the end of the log", || {
            let text = fs::read_to_string(self.path("state")).unwrap_or_default();
            text.contains(&format!("\"position\":{length},"))
        });
    }

    /// Each record once, in order.
    #[track_caller]
    pub(crate) fn assert_each_once(&self, records: usize) {
        let numbers = self.numbers();
        let wrong = numbers.iter().zip(0..).find(|(found, expected)| **found != *expected);
        assert_eq!(wrong, None, "found and expected, of {} records in {}", numbers.len(), self.0.display());
        assert_eq!(numbers.len(), records);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// The numbers of the records in an output; whole lines only, and each of them has one.
pub(crate) fn numbers(output: &[u8]) -> Vec<usize> {
    let whole = output.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    let text = std::str::from_utf8(output.get(..whole).unwrap()).unwrap();
    text.lines()
        .map(|line| {
            assert!(line.ends_with("}}"), "a torn line: {line}");
            let (_, rest) = line.split_once("\"auditID\":\"n-").unwrap();
            rest.split_once('"').unwrap().0.parse().unwrap()
        })
        .collect()
}

pub(crate) fn wait(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        if start.elapsed() > DEADLINE {
            panic!("waited in vain for {what}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Numbers that look random and are the same in each run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed | 1)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// How a log is rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `audit-DATE.log`, as the API server does it.
    Dated,
    /// `audit.log.1`, which becomes `audit.log.2`.
    Numbered,
    /// The same with a copy: the log is cut and stays the file that it was.
    Copied,
}

/// Who writes the log.
pub(crate) struct Writer {
    path: PathBuf,
    log: File,
    style: Style,
    random: Random,
    pub(crate) written: usize,
    rotations: usize,
}

impl Writer {
    pub(crate) fn new(folder: &Folder, style: Style) -> Self {
        let path = folder.path("audit.log");
        let log = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        Writer { path, log, style, random: Random::new(0x5eed), written: 0, rotations: 0 }
    }

    /// Writes one more record of any length, now and then in two pieces.
    pub(crate) fn write(&mut self) {
        let long = self.random.below(40) == 0;
        let padding = self.random.below(if long { 100_000 } else { 600 });
        let line = format!(
            "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Metadata\",\"auditID\":\"n-{}\",\
             \"stage\":\"ResponseComplete\",\"requestURI\":\"/api/v1/namespaces\",\"verb\":\"list\",\
             \"userAgent\":\"{}\"}}\n",
            self.written,
            "x".repeat(padding),
        );
        let (head, tail) = line.as_bytes().split_at(self.random.below(line.len()));
        self.log.write_all(head).unwrap();
        if self.random.below(50) == 0 {
            std::thread::sleep(Duration::from_millis(3));
        }
        self.log.write_all(tail).unwrap();
        self.written += 1;
    }

    pub(crate) fn write_many(&mut self, records: usize) {
        (0..records).for_each(|_| self.write());
    }

    /// What is written without the line's end.
    pub(crate) fn write_raw(&mut self, text: &str) {
        self.log.write_all(text.as_bytes()).unwrap();
    }

    pub(crate) fn rotate(&mut self) {
        self.rotations += 1;
        let name = |number: usize| self.path.with_extension(format!("log.{number}"));
        if self.style == Style::Dated {
            // Later dates for later rotations, as close as the API server's milliseconds.
            let (seconds, milliseconds) = (self.rotations / 1000, self.rotations % 1000);
            let date = format!("audit-2026-01-02T03-04-{seconds:02}.{milliseconds:03}.log");
            fs::rename(&self.path, self.path.with_file_name(date)).unwrap();
        } else {
            for number in (1..self.rotations).rev() {
                fs::rename(name(number), name(number + 1)).unwrap();
            }
            if self.style == Style::Copied {
                fs::copy(&self.path, name(1)).unwrap();
                self.log.set_len(0).unwrap();
                return;
            }
            fs::rename(&self.path, name(1)).unwrap();
        }
        self.log = OpenOptions::new().create(true).append(true).open(&self.path).unwrap();
    }

    /// Writes `records` more, and rotates whenever it likes.
    pub(crate) fn write_and_rotate(&mut self, records: usize, between: usize) {
        for _ in 0..records {
            self.write();
            if self.random.below(between) == 0 {
                self.rotate();
            }
        }
    }
}

/// The command, following `audit.log` of a folder; it does not outlive the test.
pub(crate) struct Follower(pub(crate) Child);

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Follower {
    /// Into `out`, with a checkpoint in `state`.
    pub(crate) fn start(folder: &Folder, more: &[&str]) -> Self {
        let (out, state) = (folder.path("out"), folder.path("state"));
        let fixed = ["-o", out.to_str().unwrap(), "--checkpoint", state.to_str().unwrap()];
        Follower::with(folder, &[&fixed, more].concat())
    }

    /// With these arguments only.
    pub(crate) fn with(folder: &Folder, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_auditveil"));
        command.args(["filter", "--follow"]).arg(folder.path("audit.log")).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Follower(command.spawn().unwrap())
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.0.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// SIGTERM; what it said, and that it ended well.
    #[track_caller]
    pub(crate) fn stop(self) -> String {
        self.signal("TERM");
        let (code, said) = self.end();
        assert_eq!(code, Some(0), "{said}");
        said
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Its exit code and what it said, once it ends.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let mut status = None;
        wait("the command to end", || {
            status = self.0.try_wait().unwrap();
            status.is_some()
        });
        let mut said = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (status.unwrap().code(), said)
    }
}
