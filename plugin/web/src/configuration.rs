//! What a filter is told to do: texts and a key, to settings, or to what is wrong with them.
//!
//! Nothing here knows JavaScript; the rules are the core's, as for every other host.

use alloc::string::String;
use alloc::vec::Vec;
use auditveil_core::config::{Error, Rejected};
use auditveil_core::{LoadedSettings, Settings, Source};

/// What a caller passes to configure a filter.
#[derive(Debug, Default)]
pub struct Texts {
    /// A configuration, or a policy alone: the text tells.
    pub configuration: Option<Vec<u8>>,
    /// A policy, beside a configuration that has none.
    pub policy: Option<Vec<u8>>,
    /// What the file holds that the configuration names as its key.
    pub key: KeyFile,
}

/// The content of a key's file, if there is any. It is overwritten when it is dropped, and nothing shows it.
#[derive(Default)]
pub struct KeyFile(Option<Vec<u8>>);

impl KeyFile {
    /// Keeps the content.
    pub fn set(&mut self, content: Vec<u8>) {
        self.0 = Some(content);
    }

    fn take(&mut self) -> Option<Vec<u8>> {
        self.0.take()
    }
}

impl core::fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("KeyFile { .. }")
    }
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        if let Some(content) = &mut self.0 {
            content.fill(0);
            // What nobody reads need not be written: somebody might read this.
            core::hint::black_box(content);
        }
    }
}

/// Whether a text is refused for a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It is.
    Error,
    /// It is not: Kubernetes accepts what hardly anybody means.
    Warning,
}

impl Severity {
    /// As objects of JavaScript spell it.
    pub const fn id(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// In which of the texts something stands, by the name of the argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// The first argument.
    Configuration,
    /// The option `policy`.
    Policy,
}

impl Text {
    /// As objects of JavaScript spell it.
    pub const fn id(self) -> &'static str {
        match self {
            Text::Configuration => "configuration",
            Text::Policy => "policy",
        }
    }
}

/// Something that is wrong with a text, or worth a look.
#[derive(Debug)]
pub struct Problem {
    /// Whether the text is refused for it.
    pub severity: Severity,
    /// Where it stands.
    pub text: Text,
    /// What and where it is.
    pub error: Error,
}

/// A configuration that is valid.
#[derive(Debug)]
pub struct Loaded {
    /// What it asks for.
    pub settings: Settings,
    /// What is worth a look.
    pub warnings: Vec<Problem>,
}

/// Why there are no settings.
#[derive(Debug)]
pub enum Refused {
    /// The texts are not valid: the errors, then the warnings. There is at least one error.
    Invalid(Vec<Problem>),
    /// There is no memory to read them.
    NoMemory,
}

/// Said where the file of a key is asked for and none was passed.
const NO_KEY: &str = "none was given; pass what it holds as the option `key`";

/// A key that satisfies every rule, for a configuration that is checked where its key has no business.
const ANY_KEY: [u8; 32] = [0; 32];

impl Texts {
    /// Reads and checks the texts.
    ///
    /// # Errors
    /// They are refused, or there is no memory to read them.
    pub fn load(mut self) -> Result<Loaded, Refused> {
        let mut key = core::mem::take(&mut self.key);
        self.read(|_| key.take().ok_or_else(|| String::from(NO_KEY)))
    }

    /// All that is wrong with the texts, then all that is worth a look. A key that was not passed is no error here.
    ///
    /// # Errors
    /// There is no memory to read them.
    pub fn check(mut self) -> Result<Vec<Problem>, Refused> {
        let mut key = core::mem::take(&mut self.key);
        let mut missing = false;
        let mut found = self.read(|_| {
            let content = key.take();
            missing = content.is_none();
            content.ok_or_else(|| String::from(NO_KEY))
        });
        let mut problems = Vec::new();
        if missing && let Err(Refused::Invalid(told)) = found {
            // The key is all that this tells of; what comes behind it was not looked at yet.
            problems
                .extend(told.into_iter().map(|problem| Problem { severity: Severity::Warning, ..problem }));
            found = self.read(|_| Ok(ANY_KEY.to_vec()));
        }
        match found {
            Ok(loaded) => problems.extend(loaded.warnings),
            Err(Refused::Invalid(told)) => problems.extend(told),
            Err(no_memory) => return Err(no_memory),
        }
        problems.sort_by_key(|problem| problem.severity == Severity::Warning);
        Ok(problems)
    }

    fn read(&self, key: impl FnOnce(&str) -> Result<Vec<u8>, String>) -> Result<Loaded, Refused> {
        let (configuration, policy) = (self.configuration.as_deref(), self.policy.as_deref());
        let length = |text: Option<&[u8]>| text.map_or(0, <[u8]>::len);
        if !LoadedSettings::has_room(length(configuration).saturating_add(length(policy))) {
            return Err(Refused::NoMemory);
        }
        // A policy alone may come as the configuration: both are told apart by what they hold.
        let alone = policy.is_none() && configuration.is_some_and(|text| Source::of(text) == Source::Policy);
        let text = |source| match source {
            Source::Policy if !alone => Text::Policy,
            _ => Text::Configuration,
        };
        let (first, second) = if alone { (None, configuration) } else { (configuration, policy) };
        match LoadedSettings::from_files_with_key(first, second, key) {
            Ok(LoadedSettings { settings, warnings }) => {
                let warning =
                    |(source, error)| Problem { severity: Severity::Warning, text: text(source), error };
                Ok(Loaded { settings, warnings: warnings.into_iter().map(warning).collect() })
            }
            Err((source, Rejected { errors, warnings })) => {
                let all = |severity| move |error| Problem { severity, text: text(source), error };
                let errors = errors.into_iter().map(all(Severity::Error));
                Err(Refused::Invalid(
                    errors.chain(warnings.into_iter().map(all(Severity::Warning))).collect(),
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &[u8] = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n";
    const HMAC: &[u8] = b"redact: {action: hmac, hmac: {key_id: k1, key_file: k}}\n";
    const KEY: &[u8] = b"FAKE-5b1f0c7e9a2d4468b3f1e0d9c8b7a695\n";

    fn texts(configuration: Option<&[u8]>, policy: Option<&[u8]>, key: Option<&[u8]>) -> Texts {
        let own = |text: &[u8]| text.to_vec();
        Texts { configuration: configuration.map(own), policy: policy.map(own), key: KeyFile(key.map(own)) }
    }

    fn told(problems: &[Problem]) -> Vec<String> {
        let tell = |problem: &Problem| {
            let Problem { severity, text, error } = problem;
            format!("{} in {}: {error}", severity.id(), text.id())
        };
        problems.iter().map(tell).collect()
    }

    #[test]
    fn a_policy_may_come_alone_or_beside() {
        for (configuration, policy) in [
            (None, None),
            (Some(&b""[..]), None),
            (Some(POLICY), None),
            (None, Some(POLICY)),
            (Some(&b"input: {other: drop}\n"[..]), Some(POLICY)),
        ] {
            assert!(texts(configuration, policy, None).load().unwrap().warnings.is_empty());
            assert!(texts(configuration, policy, None).check().unwrap().is_empty());
        }
        let Err(Refused::Invalid(problems)) = texts(Some(POLICY), Some(POLICY), None).load() else {
            panic!()
        };
        assert_eq!(problems[0].text, Text::Configuration);
    }

    #[test]
    fn problems_are_told_where_they_stand() {
        let typo = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{levle: Metadata}]\n";
        for (configuration, policy, text) in [
            (Some(&typo[..]), None, Text::Configuration),
            (None, Some(&typo[..]), Text::Policy),
            (Some(&b"{}"[..]), Some(&typo[..]), Text::Policy),
        ] {
            let problems = texts(configuration, policy, None).check().unwrap();
            let [error, warning] = &problems[..] else { panic!("{:?}", told(&problems)) };
            assert_eq!((error.severity, error.text, error.error.line()), (Severity::Error, text, 3));
            assert_eq!((warning.severity, warning.text), (Severity::Warning, text));
            assert_eq!(warning.error.kind().id(), "unknown_key");
        }
    }

    #[test]
    fn a_key_is_needed_to_filter_but_not_to_check() {
        assert!(texts(Some(HMAC), None, Some(KEY)).load().is_ok());
        assert!(texts(Some(HMAC), None, Some(KEY)).check().unwrap().is_empty());
        let Err(Refused::Invalid(problems)) = texts(Some(HMAC), None, None).load() else { panic!() };
        let place = "in configuration: line 1, column 53: redact.hmac.key_file: expected a file with the key: \
                     none was given; pass what it holds as the option `key`";
        assert_eq!(told(&problems), [format!("error {place}")]);
        assert_eq!(told(&texts(Some(HMAC), None, None).check().unwrap()), [format!("warning {place}")]);

        // What comes behind the key is checked all the same, and comes first if it is worse.
        let problems = told(&texts(Some(HMAC), Some(b"rules: [{level: X}]"), None).check().unwrap());
        assert!(problems[0].starts_with("error in policy: line 1, "), "{problems:?}");
        assert!(problems[1..].contains(&format!("warning {place}")), "{problems:?}");
    }

    #[test]
    fn a_key_is_never_shown() {
        let short = b"FAKE-hunter2";
        let Err(refused) = texts(Some(HMAC), None, Some(short)).load() else { panic!() };
        assert!(!format!("{refused:?}").contains("hunter2"));
        let Refused::Invalid(problems) = refused else { panic!() };
        assert!(told(&problems)[0].contains("a key has at least 32 bytes"));
        assert_eq!(format!("{:?}", texts(None, None, Some(KEY)).key), "KeyFile { .. }");
    }
}
