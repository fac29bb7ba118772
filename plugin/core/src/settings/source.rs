//! The files that hold a configuration: their names, which counts, how each is read.

use super::{Fault, Settings};
use crate::config::{self, Config, Loaded, PolicySource};
use crate::document::{Code, Dialect, Error, Rejected, Step, Value, read};
use crate::policy;
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
                    Some(key) => Err(refuse(text, key, Code::Unsupported, loaded.warnings)?),
                }
            }
        }
    }
}

impl LoadedSettings {
    /// The settings of the files that stand in one folder, where no other file can be read.
    ///
    /// Where both are there, the policy is that of `audit-policy.yaml` and everything else that of
    /// `auditveil.yaml`, which must not hold a policy too. Without any this is the default.
    ///
    /// # Errors
    /// As [`Source::load`], with the file that is refused; and a `policy_file`.
    pub fn from_files(
        configuration: Option<&[u8]>,
        policy: Option<&[u8]>,
    ) -> Result<LoadedSettings, (Source, Rejected)> {
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
            config = loaded.config;
            warnings.extend(loaded.warnings.into_iter().map(|warning| (source, warning)));
        }
        if let Some(text) = policy {
            let source = Source::Policy;
            let loaded = source.load(text).map_err(refused(source))?;
            config.policy = loaded.config.policy;
            warnings.extend(loaded.warnings.into_iter().map(|warning| (source, warning)));
        }
        match Settings::from_config(&config) {
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
