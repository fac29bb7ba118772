//! `--bench`: CPU time and memory of whole pipelines, one after another, over one log.

use super::host::{Host, Job, size};
use super::measure::Cost;
use super::pipeline;
use crate::failure::Result;
use std::path::{Path, PathBuf};

/// Rounds over all pipelines. The lowest of each counts: whatever else the machine does only adds.
const ROUNDS: usize = 5;

/// The pipeline that the others are compared with.
const BASE: &str = "JSON parser on tail, no filter";

/// Which module a pipeline runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Module {
    None,
    Identity,
    Auditveil,
}

/// A shipped file, less some of its steps.
struct Pipeline {
    name: &'static str,
    file: &'static str,
    without: &'static [&'static str],
    parse_on_tail: bool,
    module: Module,
}

const PIPELINES: [Pipeline; 8] = [
    Pipeline {
        name: "raw lines, no filter",
        file: "fluent-bit.yaml",
        without: &["wasm", "grep", "parser"],
        parse_on_tail: false,
        module: Module::None,
    },
    Pipeline {
        name: BASE,
        file: "fluent-bit.yaml",
        without: &["wasm", "grep", "parser"],
        parse_on_tail: true,
        module: Module::None,
    },
    Pipeline {
        name: "raw -> identity guest (msgpack)",
        file: "fluent-bit.yaml",
        without: &["grep", "parser"],
        parse_on_tail: false,
        module: Module::Identity,
    },
    Pipeline {
        name: "shipped, with the identity guest",
        file: "fluent-bit.yaml",
        without: &[],
        parse_on_tail: false,
        module: Module::Identity,
    },
    Pipeline {
        name: "shipped: raw -> auditveil (msgpack) -> grep -> parser",
        file: "fluent-bit.yaml",
        without: &[],
        parse_on_tail: false,
        module: Module::Auditveil,
    },
    Pipeline {
        name: "JSON parser -> identity guest (JSON)",
        file: "json-parsed.yaml",
        without: &["grep"],
        parse_on_tail: false,
        module: Module::Identity,
    },
    Pipeline {
        name: "JSON parser -> auditveil (JSON) -> grep",
        file: "json-parsed.yaml",
        without: &[],
        parse_on_tail: false,
        module: Module::Auditveil,
    },
    Pipeline {
        name: "raw -> auditveil (JSON) -> grep",
        file: "json-raw.yaml",
        without: &[],
        parse_on_tail: false,
        module: Module::Auditveil,
    },
];

/// Runs every pipeline and prints the table that `docs/benchmarks.md` records.
pub(super) fn run(host: &Host, folder: &Path, modules: &Modules<'_>, log: &[u8]) -> Result<()> {
    let lines = log.iter().filter(|byte| **byte == b'\n').count();
    println!("{} of log, {lines} lines, lowest of {ROUNDS} rounds", size(log.len() as u64));
    let mut costs: Vec<Vec<Cost>> = PIPELINES.iter().map(|_| Vec::new()).collect();
    for round in 1..=ROUNDS {
        for (at, (pipeline, costs)) in PIPELINES.iter().zip(&mut costs).enumerate() {
            let folder = folder.join(format!("bench-{at}"));
            let name = format!("round {round}/{ROUNDS}: {}", pipeline.name);
            costs.push(one(host, &folder, &name, pipeline, modules, log)?);
        }
    }
    table(&costs);
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

fn one(
    host: &Host,
    folder: &Path,
    name: &str,
    pipeline: &Pipeline,
    modules: &Modules<'_>,
    log: &[u8],
) -> Result<Cost> {
    let config: PathBuf = folder.with_extension("yaml");
    let shipped = pipeline::shipped(pipeline.file);
    pipeline::reduced(&shipped, pipeline.without, pipeline.parse_on_tail, &config)?;
    let module = match pipeline.module {
        Module::None => &[],
        Module::Identity => modules.identity,
        Module::Auditveil => modules.auditveil,
    };
    let job = Job { folder, config: &config, arguments: &[], module, beside: &[], log };
    let written = host.run(name, &job)?;
    super::check::something_from_each_line(name, log, &written)?;
    Ok(written.cost)
}

fn table(costs: &[Vec<Cost>]) {
    let lowest = |costs: &[Cost]| costs.iter().map(|cost| cost.cpu).fold(f64::INFINITY, f64::min);
    let base = PIPELINES.iter().zip(costs).find(|(pipeline, _)| pipeline.name == BASE);
    let base = base.map_or(f64::NAN, |(_, costs)| lowest(costs));
    println!("\n| pipeline | CPU s | ratio | peak memory |\n|---|---|---|---|");
    for (pipeline, costs) in PIPELINES.iter().zip(costs) {
        let cpu = lowest(costs);
        let memory = costs.iter().map(|cost| cost.peak_memory).max().unwrap_or_default();
        println!("| {} | {cpu:.2} | {:.2} | {} |", pipeline.name, cpu / base, size(memory));
    }
}
