//! The files that hold a configuration: their names, which counts, how each is read.

use super::{Fault, Key, Settings};
use crate::config::{self, Config, Loaded, PolicySource};
use crate::document::{Code, Dialect, Error, Rejected, Step, Value, read};
use crate::policy;
use alloc::string::String;
use alloc::vec::Vec;

/// A file that configures a filter.
///
/// # Examples
/// ```
/// use auditveil_core::Source;
///
/// let text = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n";
/// assert_eq!(Source::of(text), Source::Policy);
/// assert!(Source::Policy.load(text).unwrap().warnings.is_empty());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `auditveil.yaml`: the whole configuration.
    Configuration,
    /// `audit-policy.yaml`: a policy as the apiserver reads it, and the default for everything else.
    Policy,
}

/// Settings, and what is worth a look in the file they come from.
#[derive(Debug, Clone)]
pub struct LoadedSettings {
    /// The settings.
    pub settings: Settings,
    /// What Kubernetes would warn of in the policy, and the file in which it stands.
    pub warnings: Vec<(Source, Error)>,
}

impl Source {
    /// Both, the one that counts where both are first.
    pub const ALL: [Source; 2] = [Source::Configuration, Source::Policy];

    /// The name of the file.
    pub const fn file_name(self) -> &'static str {
        match self {
            Source::Configuration => "auditveil.yaml",
            Source::Policy => "audit-policy.yaml",
        }
    }

    /// What a text is, whatever its file is called: a policy says so by `apiVersion`, or by `rules`.
    pub fn of(text: &[u8]) -> Source {
        let Ok(document) = read(text, Dialect::Either) else { return Source::Configuration };
        match &document.node(document.root()).value {
            Value::Map(map)
                if map.members.iter().any(|member| {
                    matches!(&*member.key, "rules" | "omitStages" | "omitManagedFields")
                        || member.key.eq_ignore_ascii_case("apiVersion")
                        || member.key.eq_ignore_ascii_case("kind")
                }) =>
            {
                Source::Policy
            }
            _ => Source::Configuration,
        }
    }

    /// Reads the text of the file. One without content is the default.
    ///
    /// A `policy_file` stays a path, for whoever reads it next.
    ///
    /// # Errors
    /// Those of [`config::load`] or [`policy::load`]; and what this version cannot follow, at its place.
    pub fn load(self, text: &[u8]) -> Result<Loaded, Rejected> {
        if text.trim_ascii().is_empty() {
            return Ok(Loaded { config: Config::default(), warnings: Vec::new() });
        }
        match self {
            Source::Policy => {
                let policy::Loaded { policy, warnings } = policy::load(text)?;
                let policy = Some(PolicySource::Inline(policy));
                Ok(Loaded { config: Config { policy, ..Config::default() }, warnings })
            }
            Source::Configuration => {
                let loaded = config::load(text)?;
                match Settings::unsupported(&loaded.config) {
                    None => Ok(loaded),
                    Some((key, instead)) => Err(refuse(
                        text,
                        key,
                        Code::Unsupported { instead, by: "this version" },
                        loaded.warnings,
                    )?),
                }
            }
        }
    }
}

impl Source {
    /// Refuses a text for the value of its key `key`, a path such as `redact.action`, because a front end follows but one
    /// value of it: `instead`, which is all that `by` does.
    pub fn refuse(self, text: &[u8], key: &str, instead: &'static str, by: &'static str) -> Rejected {
        let rejected = refuse(text, key, Code::Unsupported { instead, by }, Vec::new());
        rejected.unwrap_or_else(|rejected| rejected)
    }

    /// The key that a configuration asks for, which was loaded from `text`; none if it asks for none.
    ///
    /// `read` gives the content of the file at a path, as it stands in the configuration, or says why there is
    /// none. Whoever bakes a configuration into a module keeps [`Key::expose`] and gives it back here.
    ///
    /// # Errors
    /// The file cannot be read, or holds no key: at the place that names it.
    pub fn key(
        self,
        text: &[u8],
        config: &Config,
        read: impl FnOnce(&str) -> Result<Vec<u8>, String>,
    ) -> Result<Option<Key>, Rejected> {
        let Some(hmac) = &config.redact.hmac else { return Ok(None) };
        let code = match read(&hmac.key_file) {
            Ok(mut content) => {
                let key = Key::from_file(&content);
                content.fill(0);
                core::hint::black_box(&mut content);
                match key {
                    Ok(key) => return Ok(Some(key)),
                    Err(why) => Code::NoKey { why: why.text() },
                }
            }
            Err(why) if looks_like_a_key(&hmac.key_file) => {
                Code::KeyUnread { why: why.replace(&hmac.key_file, "what stands here").into() }
            }
            Err(why) => Code::KeyUnread { why: why.into() },
        };
        let rejected = refuse(text, "redact.hmac.key_file", code, Vec::new());
        Err(rejected.unwrap_or_else(|rejected| rejected))
    }
}

/// What reading no file at all takes, telling of it, and compiling the detections, in bytes.
const ROOM: usize = 512 * 1024;

/// What each byte of a file takes while it is read and compiled, at most. Above what policies of many small
/// rules were seen to take.
const ROOM_PER_BYTE: usize = 48;

impl LoadedSettings {
    /// Whether there is memory to read a configuration of this many bytes. Reading one has no way to do with less, so
    /// where memory may end it is asked before.
    pub fn has_room(bytes: usize) -> bool {
        let mut room: Vec<u8> = Vec::new();
        room.try_reserve_exact(bytes.saturating_mul(ROOM_PER_BYTE).saturating_add(ROOM)).is_ok()
    }

    /// The settings of the files that stand in one folder, where no other file can be read.
    ///
    /// Where both are there, the policy is that of `audit-policy.yaml` and everything else that of
    /// `auditveil.yaml`, which must not hold a policy too. Without any this is the default.
    ///
    /// # Errors
    /// As [`Source::load`], with the file that is refused; a `policy_file`; and a key.
    pub fn from_files(
        configuration: Option<&[u8]>,
        policy: Option<&[u8]>,
    ) -> Result<LoadedSettings, (Source, Rejected)> {
        let unread = |_: &str| Err(String::from("no other file is read here"));
        LoadedSettings::from_files_with_key(configuration, policy, unread)
    }

    /// As [`from_files`](LoadedSettings::from_files), where a key can be read; see [`Source::key`] for `read`.
    ///
    /// # Errors
    /// Those, and that there is no key.
    pub fn from_files_with_key(
        configuration: Option<&[u8]>,
        policy: Option<&[u8]>,
        read: impl FnOnce(&str) -> Result<Vec<u8>, String>,
    ) -> Result<LoadedSettings, (Source, Rejected)> {
        let mut key = None;
        let mut config = Config::default();
        let mut warnings = Vec::new();
        let refused = |source| move |rejected| (source, rejected);
        if let Some(text) = configuration {
            let source = Source::Configuration;
            let loaded = source.load(text).map_err(refused(source))?;
            let code = match loaded.config.policy {
                Some(PolicySource::File(_)) => Some(("policy_file", Code::PolicyFile)),
                Some(PolicySource::Inline(_)) if policy.is_some() => Some(("policy", Code::PolicyBeside)),
                Some(PolicySource::Inline(_)) | None => None,
            };
            if let Some((key, code)) = code {
                let rejected = refuse(text, key, code, loaded.warnings);
                return Err((source, rejected.unwrap_or_else(|rejected| rejected)));
            }
            key = source.key(text, &loaded.config, read).map_err(refused(source))?;
            config = loaded.config;
            warnings.extend(loaded.warnings.into_iter().map(|warning| (source, warning)));
        }
        if let Some(text) = policy {
            let source = Source::Policy;
            let loaded = source.load(text).map_err(refused(source))?;
            config.policy = loaded.config.policy;
            warnings.extend(loaded.warnings.into_iter().map(|warning| (source, warning)));
        }
        match Settings::with_key(&config, key.as_ref()) {
            Ok(settings) => Ok(LoadedSettings { settings, warnings }),
            // What is not supported was refused at its place above.
            Err(_) => Ok(LoadedSettings { settings: Settings::strictest(Fault::Invalid), warnings }),
        }
    }
}

/// Refuses a text for the value of one of its keys.
fn refuse(text: &[u8], key: &str, code: Code, warnings: Vec<Error>) -> Result<Rejected, Rejected> {
    let document = read(text, Dialect::Either)?;
    let path: Vec<Step> = key.split('.').map(Step::from).collect();
    let place = document.locate(document.root(), &path);
    Ok(Rejected { errors: [Error::at(place, path, code)].into(), warnings })
}

/// Whether what should name a file may be the key itself: long, and no path.
fn looks_like_a_key(file: &str) -> bool {
    file.len() >= Key::SHORTEST && !file.contains('.')
}
