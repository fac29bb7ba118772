//! The shipped pipeline with a policy: in a file beside the module, then baked into it.

use super::check;
use super::host::Job;
use super::oracle::{Envelope, expected};
use super::{Checks, compare, pipeline};
use crate::answers::findings::Needles;
use crate::answers::records;
use crate::failure::{Failure, Result};
use auditveil_bake::Module;
use auditveil_core::{Settings, Source};

/// Drops events, takes bodies and managed fields away, leaves both bodies elsewhere.
const POLICY: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
omitManagedFields: true
rules:
- {level: None, verbs: [watch]}
- {level: Metadata, resources: [{group: '', resources: [secrets, configmaps]}]}
- {level: Request, verbs: [create, update, patch]}
- {level: RequestResponse}
";

/// What the baked module finds beside it, and must not read.
const DECOY: &str = "apiVersion: audit.k8s.io/v1\nrules: [{level: None}]\n";

impl Checks<'_> {
    /// The policy in a file gives what the core gives; baked, the same bytes, whatever file is there.
    pub(super) fn configured(&self, log: &[u8]) -> Result<()> {
        let config = Source::Policy.load(POLICY.as_bytes()).map_err(stale)?.config;
        let settings = Settings::from_config(&config).map_err(stale)?;
        let text = config.to_text();
        let baked = Module::read(self.module).and_then(|module| module.bake(&text, None)).map_err(stale)?;
        let expected = expected(log, Envelope::Msgpack, settings)?;
        let needles = Needles::new(records::needles()?)?;
        let mut from_file: Option<Vec<u8>> = None;
        for (name, module, file) in [
            ("fluent-bit.yaml, a policy in a file", self.module, POLICY),
            ("fluent-bit.yaml, the policy baked in", &baked, DECOY),
        ] {
            let job = Job {
                folder: &self.folder.join("configured"),
                config: &pipeline::shipped("fluent-bit.yaml"),
                arguments: &[],
                module,
                beside: &[(Source::Policy.file_name(), file)],
                variables: &[],
                log,
            };
            let written = self.host.run(name, &job)?;
            check::everything(name, &written, &expected, &needles, compare::shipped)?;
            if from_file.get_or_insert_with(|| written.events.clone()) != &written.events {
                return Err(Failure::new(
                    format!("{name}: not the bytes that came out with the policy in a file"),
                    "compare the two runs; bake is in plugin/bake, the module's side in \
                     plugin/fluent-bit/src/baked.rs",
                ));
            }
        }
        Ok(())
    }
}

fn stale(error: impl std::fmt::Display) -> Failure {
    Failure::new(error.to_string(), "mend the policy in xtask/src/fluent_bit/configured.rs")
}
