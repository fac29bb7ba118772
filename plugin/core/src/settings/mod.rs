//! What a filter is told to do: a configuration, checked and compiled.

mod actions;
mod enrich;
mod key;
mod source;

pub use key::{Key, NoKey};
pub use source::{LoadedSettings, Source};

use crate::config::{Bodies, Config, Format, Other, Output, PolicySource};
use crate::enrich::stamp::Enrich;
use crate::format::Formatter;
use crate::limits::RECORD_BYTES;
use crate::policy::{Level, Plan, Policy, Rule};
use crate::redact::actions::Actions;
use crate::redact::content::Own;
use crate::shape::Input;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

/// A configuration that is ready to be used, for [`Filter::with_settings`](crate::Filter::with_settings).
///
/// # Examples
/// ```
/// use auditveil_core::{Filter, Outcome, Settings, config};
///
/// let config = config::load(b"\
/// policy:
///   apiVersion: audit.k8s.io/v1
///   rules: [{level: None, verbs: [watch]}, {level: Metadata}]
/// ").unwrap().config;
/// let mut filter = Filter::with_settings(Settings::from_config(&config).unwrap());
/// let mut answer = Vec::new();
/// assert_eq!(filter.process(br#"{"auditID":"7f","verb":"watch"}"#, &mut answer), Outcome::Dropped);
/// ```
#[derive(Debug, Clone)]
pub struct Settings {
    pub(crate) plan: Option<Plan>,
    pub(crate) drop_other: bool,
    pub(crate) fault: Option<Fault>,
    /// What is done to values, where that is not to mask them.
    pub(crate) actions: Option<Actions>,
    /// Formats of tokens that the configuration adds.
    pub(crate) tokens: Vec<Own>,
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) without_bodies: bool,
    pub(crate) max_record_bytes: usize,
    pub(crate) input: Input,
    pub(crate) enrich: Enrich,
    /// What an answer looks like.
    pub(crate) output: Output,
    /// Bodies that come as texts are read as what they hold.
    pub(crate) reopens: bool,
}

/// Why a filter has no valid configuration. It stands in every stamp, as `configuration`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `invalid`: there is a configuration, and it is refused.
    Invalid,
    /// `unreadable`: something is where the configuration should be, and it could not be read.
    Unreadable,
}

impl Fault {
    pub(crate) const ALL: [Fault; 2] = [Fault::Invalid, Fault::Unreadable];

    /// The reason as the stamp spells it.
    pub const fn id(self) -> &'static str {
        match self {
            Fault::Invalid => "invalid",
            Fault::Unreadable => "unreadable",
        }
    }
}

/// A valid configuration that this version of the filter cannot follow.
///
/// It is refused as a whole: half of a configuration is not what somebody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsupported {
    key: &'static str,
}

impl Unsupported {
    pub(super) const KEY: Unsupported = Unsupported { key: "redact.hmac.key_file" };
    pub(super) const EXCEPTION: Unsupported = Unsupported { key: "redact.keep" };

    /// The key whose value cannot be followed, as a path: `redact.action`.
    pub const fn key(&self) -> &'static str {
        self.key
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key {
            "policy_file" => f.write_str("policy_file: only a command can read one; use `policy` here"),
            "redact.hmac.key_file" => f.write_str("redact.hmac.key_file: the key is missing"),
            key => write!(f, "{key}: only the default is supported by this version"),
        }
    }
}

impl core::error::Error for Unsupported {}

impl Default for Settings {
    fn default() -> Self {
        Settings::unconfigured()
    }
}

impl Settings {
    /// Nothing is dropped, every position is redacted, and nothing is added: what needs no configuration to be compiled.
    /// What is in force without a configuration adds facts and detections too, [`Settings::unconfigured`].
    pub const fn new() -> Settings {
        Settings {
            plan: None,
            drop_other: false,
            fault: None,
            actions: None,
            tokens: Vec::new(),
            labels: Vec::new(),
            without_bodies: false,
            max_record_bytes: RECORD_BYTES,
            input: Input::AUTO,
            enrich: Enrich::NONE,
            output: Output { format: Format::Audit, bodies: Bodies::Objects },
            reopens: false,
        }
    }

    /// What is in force without a configuration: that of [`Config::default`].
    pub fn unconfigured() -> Settings {
        let enrich = enrich::enrich(&Config::default());
        Settings { enrich, ..Settings::new() }
    }

    /// The settings of a policy alone; nothing is added to events.
    pub fn from_policy(policy: &Policy) -> Settings {
        Settings { plan: Some(Plan::new(policy)), ..Settings::new() }
    }

    /// The settings that a configuration asks for, if it asks for no key.
    ///
    /// # Errors
    /// As [`with_key`](Settings::with_key).
    pub fn from_config(config: &Config) -> Result<Settings, Unsupported> {
        Settings::with_key(config, None)
    }

    /// The settings that a configuration asks for, with the key that its `redact.hmac.key_file` holds.
    ///
    /// # Errors
    /// It asks for something that this version cannot do, or for a key and there is none, or names a
    /// `policy_file`, which whoever can read files puts in its place before.
    pub fn with_key(config: &Config, key: Option<&Key>) -> Result<Settings, Unsupported> {
        if let Some((key, _)) = Settings::unsupported(config) {
            return Err(Unsupported { key });
        }
        let plan = match &config.policy {
            None => None,
            Some(PolicySource::Inline(policy)) => Some(Plan::new(policy)),
            Some(PolicySource::File(_)) => return Err(Unsupported { key: "policy_file" }),
        };
        Ok(Settings {
            plan,
            drop_other: config.input.other == Other::Drop,
            fault: None,
            actions: actions::actions(config, key)?,
            tokens: actions::tokens(config),
            labels: config.enrich.labels.clone(),
            without_bodies: config.output.bodies == Bodies::None,
            max_record_bytes: config.limits.max_record_bytes,
            input: Input {
                shape: config.input.shape,
                field: (config.input.field != "log").then(|| config.input.field.as_bytes().into()),
            },
            enrich: enrich::enrich(config),
            output: config.output,
            reopens: config.output == Output { format: Format::Audit, bodies: Bodies::Text },
        })
    }

    /// Why these settings are the [strictest](Settings::strictest); none if they are a configuration's.
    pub const fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Takes the form of answers out of the settings: a filter with these then answers with events as Kubernetes writes
    /// them, for who looks at them before they are written as asked for. `None` if that is how they are asked for.
    pub fn take_formatter(&mut self) -> Option<Formatter> {
        Formatter::new(core::mem::take(&mut self.output))
    }

    /// The first key whose value this version cannot follow, and what it can.
    fn unsupported(config: &Config) -> Option<(&'static str, &'static str)> {
        let default = Config::default();
        let supported = [("enrich.key", config.enrich.key == default.enrich.key, "`auditveil`")];
        let unsupported = supported.into_iter().find(|(_, supported, _)| !supported);
        unsupported.map(|(key, _, instead)| (key, instead))
    }

    /// What is in force instead of a configuration that is not valid: Metadata for every event, nothing is
    /// dropped, every position is redacted, and every stamp says why. As [`Config::strictest`].
    pub fn strictest(fault: Fault) -> Settings {
        let rule = Rule { level: Level::Metadata, ..Rule::default() };
        let policy = Policy { rules: vec![rule], ..Policy::default() };
        let enrich = enrich::enrich(&Config::default());
        Settings { fault: Some(fault), enrich, ..Settings::from_policy(&policy) }
    }
}
