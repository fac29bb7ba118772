//! `auditveil inspect`: what a module is, and what is baked into it.

use crate::command::{digest_of, say, shown};
use crate::exit::Exit;
use crate::module;
use auditveil_bake::Module;
use auditveil_core::Source;
use auditveil_core::config::Config;
use auditveil_core::policy::is_unseen;
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

/// Show what a module is, and the configuration baked into it
///
/// Nothing of the module is run. The digests are those that `auditveil bake` printed, and that of the configuration
/// is what the module says when it starts.
#[derive(Debug, Args)]
#[command(after_help = crate::exit::help())]
pub(crate) struct Arguments {
    /// The module
    #[arg(value_name = "MODULE")]
    module: PathBuf,

    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

/// Prints it. A module that is damaged, or that Fluent Bit cannot run, is shown and refused.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let bytes = match module::content(&arguments.module) {
        Ok(bytes) => bytes,
        Err(exit) => return exit,
    };
    let module = match module::read(&arguments.module, &bytes) {
        Ok(module) => module,
        Err(exit) => return exit,
    };
    let findings = Findings::of(&module);
    let file = shown(&arguments.module);
    let told = if arguments.json {
        format!("{:#}\n", as_json(&file, &bytes, &module, &findings))
    } else {
        as_text(&file, &bytes, &module, &findings)
    };
    // Who closed standard output does not want to know; the exit code tells all the same.
    let _ = std::io::stdout().write_all(told.as_bytes());
    let found = [findings.engine.as_ref().err(), findings.configuration.as_ref().err()];
    for finding in found.into_iter().flatten() {
        say(format_args!("`{file}`: {finding}"));
    }
    if findings.engine.is_ok() && findings.configuration.is_ok() { Exit::Done } else { Exit::Refused }
}

/// What is not plain to see.
struct Findings {
    /// Why Fluent Bit cannot run it.
    engine: Result<(), String>,
    /// What is baked into it, or the default; or why the module will not follow it.
    configuration: Result<Config, String>,
}

impl Findings {
    fn of(module: &Module<'_>) -> Self {
        let configuration = match &module.baked {
            None => Ok(Config::default()),
            Some(baked) if !baked.intact => Err("what is baked into it is damaged".to_owned()),
            Some(baked) => match Source::Configuration.load(baked.text) {
                Ok(loaded) => Ok(loaded.config),
                Err(rejected) => Err(format!("what is baked into it is not valid: {rejected}")),
            },
        };
        let configuration = configuration
            .map_err(|why| format!("{why}; it keeps every event at level Metadata: bake it again"));
        Findings { engine: module.runs_in_fluent_bit(), configuration }
    }
}

fn as_text(file: &str, bytes: &[u8], module: &Module<'_>, findings: &Findings) -> String {
    let interface = &module.interface;
    let mut text = String::new();
    let pages = interface.initial_pages;
    let maximum = interface
        .maximum_pages
        .map_or_else(|| "no maximum".to_owned(), |pages| format!("at most {}", size(pages)));
    let engine = match &findings.engine {
        Ok(()) => "it has all that this module asks for",
        Err(_) => "cannot run this module",
    };
    // Writing to a String does not fail.
    let _ = writeln!(text, "{file}");
    let _ = writeln!(text, "  auditveil {}", module.version);
    let _ = writeln!(text, "  {}", digest_of(bytes));
    let _ = writeln!(text, "  Fluent Bit 5.1.1: {engine}");
    let _ = writeln!(text, "  memory: {} at first, {maximum}", size(pages));
    for (what, names) in [("imports", &interface.imports), ("exports", &interface.exports)] {
        let _ = writeln!(text, "  {what}:");
        for (name, kind) in names {
            let _ = writeln!(text, "    {name}: {kind}");
        }
    }
    if let Ok(config) = &findings.configuration {
        let _ = writeln!(text, "  records: of up to {} bytes", config.limits.max_record_bytes);
    }
    match &module.baked {
        None => {
            let names = Source::ALL.map(Source::file_name).join(" and ");
            let _ = writeln!(text, "  baked in: nothing; it looks for {names} in its accessible folder");
        }
        Some(baked) => {
            let digest = auditveil_bake::digest(baked.text);
            let state = if baked.intact { "" } else { " (damaged)" };
            let _ = writeln!(text, "  baked in: {} bytes, sha256 {digest}{state}", baked.text.len());
            if baked.has_key() {
                let _ = writeln!(text, "  HMAC key: baked in, so the module is a secret");
            }
            text.push('\n');
            // What bake writes has no control characters; what somebody else put there may have.
            let baked = String::from_utf8_lossy(baked.text);
            let shown = |character: char| {
                if character != '\n' && is_unseen(character) {
                    char::REPLACEMENT_CHARACTER
                } else {
                    character
                }
            };
            text.extend(baked.chars().map(shown));
        }
    }
    text
}

fn as_json(file: &str, bytes: &[u8], module: &Module<'_>, findings: &Findings) -> Value {
    let interface = &module.interface;
    let baked = module.baked.as_ref().map(|baked| {
        json!({
            "bytes": baked.text.len(),
            "sha256": auditveil_bake::digest(baked.text),
            "intact": baked.intact,
            "hmac_key": baked.has_key(),
            "valid": findings.configuration.is_ok(),
            "configuration": serde_json::from_slice::<Value>(baked.text).unwrap_or_default(),
        })
    });
    json!({
        "file": file,
        "version": module.version,
        "bytes": bytes.len(),
        "sha256": auditveil_bake::digest(bytes),
        "fluent_bit": {"version": "5.1.1", "runs": findings.engine.is_ok(), "why_not": findings.engine.as_ref().err()},
        "memory": {"initial_pages": interface.initial_pages, "maximum_pages": interface.maximum_pages},
        "imports": interface.imports,
        "exports": interface.exports,
        "custom_sections": interface.custom_sections,
        "baked": baked,
    })
}

fn size(pages: u64) -> String {
    format!("{} KiB", pages.saturating_mul(64))
}
