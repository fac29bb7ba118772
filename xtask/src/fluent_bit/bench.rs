//! `--bench`: CPU time and memory of whole pipelines, one after another, over one log.

use super::host::{Host, Job, Written, size};
use super::oracle::{Envelope, expected};
use super::{check, pipeline};
use crate::answers::findings::lines;
use crate::failure::{Failure, Result};
use crate::measure::Cost;
use crate::workspace;
use auditveil_core::{Settings, Source};
use std::path::{Path, PathBuf};

/// Rounds over all pipelines. The lowest of each counts: whatever else the machine does only adds.
const ROUNDS: usize = 5;

/// The pipeline that the others are compared with.
const BASE: &str = "JSON parser on tail, no filter";

/// The policy of those that have one.
const POLICY: &str = "configs/policies/compliance/audit-policy.yaml";

/// The script that does what a script can of the same job.
const SCRIPT: &str = include_str!("redact.lua");

/// Which filter a pipeline runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filter {
    None,
    /// The module that answers with what it was given.
    Identity,
    /// The module with the default configuration.
    Auditveil,
    /// The module with the policy in a file beside it.
    WithPolicy,
    /// A function of the script.
    Lua(&'static str),
}

/// A shipped file, less some of its steps.
struct Pipeline {
    name: &'static str,
    file: &'static str,
    without: &'static [&'static str],
    parse_on_tail: bool,
    filter: Filter,
}

const PIPELINES: [Pipeline; 14] = [
    Pipeline {
        name: "raw lines, no filter",
        file: "fluent-bit.yaml",
        without: &["wasm", "grep", "parser"],
        parse_on_tail: false,
        filter: Filter::None,
    },
    Pipeline {
        name: BASE,
        file: "fluent-bit.yaml",
        without: &["wasm", "grep", "parser"],
        parse_on_tail: true,
        filter: Filter::None,
    },
    Pipeline {
        name: "raw -> identity guest (msgpack)",
        file: "fluent-bit.yaml",
        without: &["grep", "parser"],
        parse_on_tail: false,
        filter: Filter::Identity,
    },
    Pipeline {
        name: "shipped, with the identity guest",
        file: "fluent-bit.yaml",
        without: &[],
        parse_on_tail: false,
        filter: Filter::Identity,
    },
    Pipeline {
        name: "shipped: raw -> auditveil (msgpack) -> grep -> parser",
        file: "fluent-bit.yaml",
        without: &[],
        parse_on_tail: false,
        filter: Filter::Auditveil,
    },
    Pipeline {
        name: "shipped, with the compliance policy",
        file: "fluent-bit.yaml",
        without: &[],
        parse_on_tail: false,
        filter: Filter::WithPolicy,
    },
    Pipeline {
        name: "JSON parser -> identity guest (JSON)",
        file: "json-parsed.yaml",
        without: &["grep"],
        parse_on_tail: false,
        filter: Filter::Identity,
    },
    Pipeline {
        name: "JSON parser -> auditveil (JSON) -> grep",
        file: "json-parsed.yaml",
        without: &[],
        parse_on_tail: false,
        filter: Filter::Auditveil,
    },
    Pipeline {
        name: "the same, with the compliance policy",
        file: "json-parsed.yaml",
        without: &[],
        parse_on_tail: false,
        filter: Filter::WithPolicy,
    },
    Pipeline {
        name: "raw -> auditveil (JSON) -> grep",
        file: "json-raw.yaml",
        without: &[],
        parse_on_tail: false,
        filter: Filter::Auditveil,
    },
    Pipeline {
        name: "raw -> auditveil (JSON) -> grep, with the compliance policy",
        file: "json-raw.yaml",
        without: &[],
        parse_on_tail: false,
        filter: Filter::WithPolicy,
    },
    Pipeline {
        name: "JSON parser -> Lua script, thorough -> grep",
        file: "json-parsed.yaml",
        without: &["wasm"],
        parse_on_tail: false,
        filter: Filter::Lua("thorough"),
    },
    Pipeline {
        name: "JSON parser -> Lua script, quick",
        file: "json-parsed.yaml",
        without: &["wasm", "grep"],
        parse_on_tail: false,
        filter: Filter::Lua("keep_all"),
    },
    Pipeline {
        name: "JSON parser -> Lua script, quick, with some of the compliance policy",
        file: "json-parsed.yaml",
        without: &["wasm", "grep"],
        parse_on_tail: false,
        filter: Filter::Lua("comply"),
    },
];

/// Runs every pipeline and prints the table that `docs/benchmarks.md` records.
pub(super) fn run(host: &Host, folder: &Path, modules: &Modules<'_>, log: &[u8]) -> Result<()> {
    let policy = workspace::root().join(POLICY);
    let policy = std::fs::read_to_string(&policy).map_err(|error| Failure::file(&policy, &error))?;
    let records = lines(log).count();
    let bench = Bench { host, folder, modules, log, records, kept: kept(log, &policy)?, policy };
    println!("{} of log, {records} records in, lowest of {ROUNDS} rounds", size(log.len() as u64));
    let mut runs: Vec<Vec<Run>> = PIPELINES.iter().map(|_| Vec::new()).collect();
    for round in 1..=ROUNDS {
        for (at, (pipeline, runs)) in PIPELINES.iter().zip(&mut runs).enumerate() {
            runs.push(bench.one(at, &format!("round {round}/{ROUNDS}: {}", pipeline.name), pipeline)?);
        }
    }
    table(&runs);
    Ok(())
}

/// The modules that pipelines run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Modules<'a> {
    /// The filter.
    pub(super) auditveil: &'a [u8],
    /// The guest that does nothing.
    pub(super) identity: &'a [u8],
}

/// What every run has in common.
struct Bench<'a> {
    host: &'a Host,
    folder: &'a Path,
    modules: &'a Modules<'a>,
    log: &'a [u8],
    policy: String,
    /// Records in the log.
    records: usize,
    /// Those that the policy keeps.
    kept: usize,
}

/// What one run was.
struct Run {
    cost: Cost,
    records_out: usize,
}

/// How many records the policy keeps.
fn kept(log: &[u8], policy: &str) -> Result<usize> {
    let stale = |error: String| Failure::new(error, format!("mend {POLICY}"));
    let config = Source::Policy.load(policy.as_bytes()).map_err(|error| stale(error.to_string()))?.config;
    let settings = Settings::from_config(&config).map_err(|error| stale(error.to_string()))?;
    Ok(expected(log, Envelope::Msgpack, settings)?.answers.len())
}

impl Bench<'_> {
    fn one(&self, at: usize, name: &str, pipeline: &Pipeline) -> Result<Run> {
        let folder = self.folder.join(format!("bench-{at}"));
        let config: PathBuf = folder.with_extension("yaml");
        let shipped = pipeline::shipped(pipeline.file);
        pipeline::reduced(&shipped, pipeline.without, pipeline.parse_on_tail, &config)?;
        let (module, beside): (&[u8], Vec<(&str, &str)>) = match pipeline.filter {
            Filter::None => (&[], vec![]),
            Filter::Identity => (self.modules.identity, vec![]),
            Filter::Auditveil => (self.modules.auditveil, vec![]),
            Filter::WithPolicy => (self.modules.auditveil, vec![(Source::Policy.file_name(), &self.policy)]),
            Filter::Lua(function) => {
                pipeline::add_script(&config, "redact.lua", function)?;
                (&[], vec![("redact.lua", SCRIPT)])
            }
        };
        let job = Job {
            folder: &folder,
            config: &config,
            arguments: &[],
            module,
            beside: &beside,
            variables: &[],
            log: self.log,
        };
        let written = self.host.run(name, &job)?;
        self.count(name, pipeline, &written)
    }

    /// Fails if the pipeline did not write the records it should: then its cost means nothing.
    fn count(&self, name: &str, pipeline: &Pipeline, written: &Written) -> Result<Run> {
        let records_out = lines(&written.events).count();
        match pipeline.filter {
            // The script's own policy decides, which is a shorter one.
            Filter::Lua("comply") if records_out > 0 && records_out <= self.records => {}
            // With the parser on `tail` the policy is asked about what that has made of a record.
            Filter::WithPolicy if records_out == self.kept => {}
            Filter::None | Filter::Identity | Filter::Auditveil | Filter::Lua("keep_all" | "thorough") => {
                check::something_from_each_line(name, self.log, written)?;
            }
            Filter::WithPolicy | Filter::Lua(_) => {
                return Err(Failure::new(
                    format!("{name}: {records_out} records came out; the policy keeps {}", self.kept),
                    "look into the run's folder; a log with lines that are no events is none for this",
                ));
            }
        }
        Ok(Run { cost: written.cost, records_out })
    }
}

fn table(runs: &[Vec<Run>]) {
    let lowest = |runs: &[Run]| runs.iter().map(|run| run.cost.cpu).fold(f64::INFINITY, f64::min);
    let base = PIPELINES.iter().zip(runs).find(|(pipeline, _)| pipeline.name == BASE);
    let base = base.map_or(f64::NAN, |(_, runs)| lowest(runs));
    println!("\n| pipeline | CPU s | ratio | records out | peak memory |\n|---|---|---|---|---|");
    for (pipeline, runs) in PIPELINES.iter().zip(runs) {
        let cpu = lowest(runs);
        let memory = runs.iter().map(|run| run.cost.peak_memory).max().unwrap_or_default();
        let out = runs.iter().map(|run| run.records_out).max().unwrap_or_default();
        println!("| {} | {cpu:.2} | {:.2} | {out} | {} |", pipeline.name, cpu / base, size(memory));
    }
}
