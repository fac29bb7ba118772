//! Every way to the filter, as one table: what a case is put through, and compared with what the native core says.
//!
//! A front end that is added here is held to every case by the conformance suite, and is a column of
//! `cargo xtask conformance`.

use std::path::PathBuf;

use auditveil_core::Source as NativeSource;
use auditveil_core::{Fault as NativeFault, Filter, LoadedSettings, Outcome, Settings, list};
use auditveil_tests::Case;

use crate::component::{Answer, Component, Fault, Files, Instance, Limits, NotStarted, Refused};
use crate::fluent_bit::{EventFormat, FluentBit, Frees, Guest};
use crate::{Error, artifact, command};

/// A configuration, in the forms that front ends take one in.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The folder that has the files; none for the default.
    pub folder: Option<PathBuf>,
    /// Their contents.
    pub files: Files,
}

impl Default for Setup {
    fn default() -> Self {
        Setup { folder: None, files: Files { configuration: None, policy: None, key: None } }
    }
}

impl Setup {
    /// What a case asks for.
    pub fn of(case: &Case) -> Setup {
        let text = |source: NativeSource| {
            let file = case.configuration.iter().find(|(name, _)| *name == source.file_name());
            file.map(|(_, text)| text.clone())
        };
        let files = Files {
            configuration: text(NativeSource::Configuration),
            policy: text(NativeSource::Policy),
            key: case.key.clone(),
        };
        Setup { folder: Some(case.configuration_dir.clone()), files }
    }

    /// The native filter with it.
    pub fn native(&self) -> Filter {
        let Files { configuration, policy, key } = &self.files;
        let read_key = |_: &str| key.clone().ok_or_else(|| "there is none".to_owned());
        let loaded =
            LoadedSettings::from_files_with_key(configuration.as_deref(), policy.as_deref(), read_key);
        let strictest = |_| Settings::strictest(NativeFault::Invalid);
        Filter::with_settings(loaded.map_or_else(strictest, |loaded| loaded.settings))
    }
}

/// What a front end takes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A record of any bytes; the answer is the record's.
    Record,
    /// Lines: a record may be several, or none; the answer is a line for each record.
    Lines,
}

impl Unit {
    /// What the native core says to a record, as a front end of this kind would.
    pub fn native(self, filter: &mut Filter, record: &[u8]) -> Vec<u8> {
        let mut answer = Vec::new();
        if self == Unit::Record {
            filter.process(record, &mut answer);
            return answer;
        }
        let mut answers = Vec::new();
        for line in record.split(|&byte| byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
            if line.trim_ascii().is_empty() {
                continue;
            }
            let items: Vec<&[u8]> = list::items(line).map_or_else(|| vec![line], Iterator::collect);
            for item in items {
                let packed = item.first().is_some_and(|first| *first >= 0x80);
                // A line is text, whatever it begins with.
                let text = if packed { [b" ", item].concat() } else { item.to_vec() };
                if filter.process(&text, &mut answer) != Outcome::Dropped {
                    answers.extend_from_slice(&answer);
                    answers.push(b'\n');
                }
            }
        }
        answers
    }
}

/// A way to the filter.
pub trait FrontEnd: Send + Sync {
    /// What it is called, in a word.
    fn name(&self) -> &'static str;
    /// What it takes.
    fn unit(&self) -> Unit;
    /// Starts it with a configuration; one that is not valid is the strictest.
    ///
    /// # Errors
    ///
    /// It cannot be started.
    fn start(&self, setup: &Setup) -> Result<Box<dyn Running>, Error>;
}

/// A front end that was started.
pub trait Running {
    /// The answer to a record; empty if it is dropped.
    ///
    /// # Errors
    ///
    /// There is none: a defect.
    fn answer(&mut self, record: &[u8]) -> Result<Vec<u8>, Error>;
}

/// All front ends that are built, the module for Fluent Bit first.
///
/// # Errors
///
/// One of them is not there and cannot be built.
pub fn all() -> Result<Vec<Box<dyn FrontEnd>>, Error> {
    let component = Component::from_file(&artifact::component()?)?;
    Ok(vec![
        Box::new(FluentBitModule(Guest::load()?)),
        Box::new(EmbeddedComponent(component)),
        Box::new(WasiCommand(command::Command::load()?)),
    ])
}

/// The module, called as Fluent Bit does.
struct FluentBitModule(Guest);

impl FrontEnd for FluentBitModule {
    fn name(&self) -> &'static str {
        "fluent-bit"
    }

    fn unit(&self) -> Unit {
        Unit::Record
    }

    fn start(&self, setup: &Setup) -> Result<Box<dyn Running>, Error> {
        let started = match &setup.folder {
            Some(folder) => self.0.start_in(Frees::Always, folder),
            None => self.0.start(Frees::Always),
        };
        Ok(Box::new(started?))
    }
}

impl Running for FluentBit {
    fn answer(&mut self, record: &[u8]) -> Result<Vec<u8>, Error> {
        let answer = self.filter(EventFormat::of(record), record);
        let answer = answer.map_err(|lost| Error::new(lost.to_string()))?;
        // An empty map is a drop in msgpack.
        Ok(if answer == [0x80] { Vec::new() } else { answer })
    }
}

/// The component.
struct EmbeddedComponent(Component);

impl FrontEnd for EmbeddedComponent {
    fn name(&self) -> &'static str {
        "component"
    }

    fn unit(&self) -> Unit {
        Unit::Record
    }

    fn start(&self, setup: &Setup) -> Result<Box<dyn Running>, Error> {
        let started = match self.0.start(&setup.files, Limits::ORDINARY) {
            Err(NotStarted::Refused(Refused::Invalid(_))) => {
                self.0.start_strictest(Fault::Invalid, Limits::ORDINARY)
            }
            started => started,
        };
        Ok(Box::new(started.map_err(|error| Error::new(error.to_string()))?))
    }
}

impl Running for Instance {
    fn answer(&mut self, record: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(match self.process(record)? {
            Answer::Emitted(event) => event,
            Answer::Dropped => Vec::new(),
            Answer::Stubbed(stub) => stub.event,
        })
    }
}

/// The WASI command, run anew for each record.
struct WasiCommand(command::Command);

/// It, with a configuration.
struct ConfiguredCommand(command::Command, Option<PathBuf>);

impl FrontEnd for WasiCommand {
    fn name(&self) -> &'static str {
        "wasi"
    }

    fn unit(&self) -> Unit {
        Unit::Lines
    }

    fn start(&self, setup: &Setup) -> Result<Box<dyn Running>, Error> {
        Ok(Box::new(ConfiguredCommand(self.0.clone(), setup.folder.clone())))
    }
}

impl Running for ConfiguredCommand {
    fn answer(&mut self, record: &[u8]) -> Result<Vec<u8>, Error> {
        let ran = self.0.run(record, self.1.as_deref())?;
        match ran.code {
            // 3: the configuration is refused, and the strictest is in force.
            Some(0 | 3) => Ok(ran.output),
            code => Err(Error::new(format!("it ended with {code:?}: {}", ran.said))),
        }
    }
}
