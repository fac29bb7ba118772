//! A host for unit tests: folders of files, and the module's memory.

use auditveil_core::Filter;
use auditveil_core::baked::{LENGTH, UNBAKED};

use crate::baked::Memory;
use crate::configuration::{Errno, System, configure};

/// Folders by name, and the files in each by theirs.
pub(crate) type Folders = Vec<(&'static str, Vec<(&'static str, Result<Vec<u8>, Errno>)>)>;

/// Folders of files, given out a few bytes at a time, and a memory.
#[derive(Clone)]
pub(crate) struct Fake {
    pub(crate) folders: Folders,
    pub(crate) descriptor: [u8; LENGTH],
    pub(crate) memory: Vec<u8>,
    open: Vec<(Vec<u8>, usize)>,
    closed: usize,
    said: String,
}

impl Fake {
    /// A module into which nothing is baked.
    pub(crate) fn new(folders: Folders) -> Self {
        Fake {
            folders,
            descriptor: UNBAKED,
            memory: Vec::new(),
            open: Vec::new(),
            closed: 0,
            said: String::new(),
        }
    }

    /// What is said about the configuration, and what becomes of an event with a body.
    pub(crate) fn says(mut self) -> (String, String) {
        let mut filter = Filter::with_settings(configure(&mut self));
        assert_eq!(self.open.len(), self.closed);
        let mut out = Vec::new();
        filter.process(br#"{"level":"Request","verb":"get","requestObject":{}}"#, &mut out);
        (self.said, String::from_utf8(out).unwrap())
    }
}

impl Memory for Fake {
    fn descriptor(&mut self) -> [u8; LENGTH] {
        self.descriptor
    }

    fn copy(&mut self, address: u32, into: &mut [u8]) -> bool {
        let memory = self.memory.get(address as usize..).and_then(|rest| rest.get(..into.len()));
        if let Some(memory) = memory {
            into.copy_from_slice(memory);
        }
        memory.is_some()
    }
}

impl System for Fake {
    fn folder(&mut self, descriptor: u32, name: &mut Vec<u8>) -> bool {
        let Some((folder, _)) = self.folders.get(descriptor as usize - 3) else { return false };
        name.clear();
        name.extend_from_slice(folder.as_bytes());
        true
    }

    fn open(&mut self, folder: u32, file: &str) -> Result<u32, Errno> {
        let files = &self.folders[folder as usize - 3].1;
        let found = files.iter().find(|(name, _)| *name == file);
        let (_, content) = found.ok_or(Errno::NOENT)?;
        self.open.push((content.clone()?, 0));
        Ok(self.open.len() as u32 - 1)
    }

    fn read(&mut self, file: u32, buffer: &mut [u8]) -> Result<usize, Errno> {
        let (content, at) = &mut self.open[file as usize];
        let rest = &content[*at..];
        if rest == b"FOLDER" {
            return Err(Errno(31));
        }
        let length = rest.len().min(buffer.len()).min(5000);
        buffer[..length].copy_from_slice(&rest[..length]);
        *at += length;
        Ok(length)
    }

    fn close(&mut self, _file: u32) {
        self.closed += 1;
    }

    fn say(&mut self, text: &[u8]) {
        self.said.push_str(std::str::from_utf8(text).unwrap());
    }
}
