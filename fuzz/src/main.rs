//! `cargo xtask fuzz`: the engine on the command line.

use auditveil_fuzz::Seeds;
use auditveil_fuzz::engine::{self, Budget, Report};
use auditveil_fuzz::targets::{self, Finding, KEY, TARGETS, Target};
use auditveil_tests::{Error, cases_dir};
use clap::Parser;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Try the filter on records that nobody would write.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask fuzz", bin_name = "cargo xtask fuzz")]
struct Arguments {
    /// Only these targets; every one without
    #[arg(value_parser = known)]
    targets: Vec<&'static Target>,
    /// How long each target is tried
    #[arg(long, value_name = "N", conflicts_with = "runs")]
    seconds: Option<u64>,
    /// How many inputs each target is tried with
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    runs: u64,
    /// Where chance begins: the same runs from the same seed
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Only look for what gets out, is lost or is made up, not for answers that should be the same and are not
    #[arg(long)]
    grave: bool,
    /// Try this one input instead, as a finding is repeated
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Keep a finding as a case below tests/cases/regressions
    #[arg(long)]
    keep: bool,
}

fn known(name: &str) -> Result<&'static Target, String> {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    targets::named(name).ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

fn main() -> ExitCode {
    let mut arguments = Arguments::parse();
    if arguments.targets.is_empty() {
        arguments.targets = TARGETS.iter().collect();
    }
    // A panic is a finding, and told as one.
    std::panic::set_hook(Box::new(|_| {}));
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether nothing was found.
fn run(arguments: &Arguments) -> Result<bool, Error> {
    if let Some(path) = &arguments.input {
        let input = fs::read(path).map_err(|error| Error::new(error.to_string()).at(path.display()))?;
        let input = input.strip_suffix(b"\n").unwrap_or(&input);
        let mut sound = true;
        for target in &arguments.targets {
            match engine::tried(target, input) {
                Ok(told) => println!("{}: nothing is wrong; told: {told}", target.name),
                Err(found) => {
                    sound = false;
                    tell(target, input, &found, arguments)?;
                }
            }
        }
        return Ok(sound);
    }
    let seeds = Seeds::load()?;
    let budget = match arguments.seconds {
        Some(seconds) => Budget::Time(Duration::from_secs(seconds)),
        None => Budget::Runs(arguments.runs),
    };
    println!("{} seeds; {:10} {:>9} {:>8} {:>6}", seeds.records.len(), "target", "runs", "a second", "kept");
    let mut sound = true;
    for target in &arguments.targets {
        let Report { runs, time, kept, findings } =
            engine::run(target, &seeds, budget, arguments.seed, arguments.grave);
        let rate = runs as f64 / time.as_secs_f64().max(0.001);
        println!("{:>17} {:>9} {rate:8.0} {kept:6}", target.name, runs);
        for (input, found) in &findings {
            sound = false;
            tell(target, input, found, arguments)?;
        }
    }
    Ok(sound)
}

/// Shows a finding and how to repeat it, and keeps what is needed for that.
fn tell(target: &Target, input: &[u8], found: &Finding, arguments: &Arguments) -> Result<(), Error> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fuzz");
    let name = format!("{}-{:08x}", target.name, auditveil_fuzz::Random::of(input).bits() >> 32);
    let path = folder.join(&name);
    write(&path, input)?;
    println!("\n{}: {}", target.name, found.error);
    println!("  record {}", found.record.escape_ascii().to_string().replace("\\\"", "\""));
    println!("  repeat: cargo xtask fuzz {} --input target/fuzz/{name}", target.name);
    if !arguments.keep {
        println!("  keep it as a case: the same with --keep");
        return Ok(());
    }
    let case = cases_dir().join("regressions").join(&name);
    let text = found.record.first().is_none_or(|first| *first < 0x80);
    let record = match text {
        true => [&found.record, &b"\n"[..]].concat(),
        false => auditveil_tests::hex::encode(&found.record).into_bytes(),
    };
    let file = match (text, std::str::from_utf8(&found.record)) {
        (false, _) => "input.hex",
        (true, Ok(_)) => "input.json",
        (true, Err(_)) => "input.raw",
    };
    write(&case.join(file), &record)?;
    if let Some(absent) = &found.absent {
        write(&case.join("absent.txt"), format!("{absent}\n").as_bytes())?;
    }
    if !target.configuration.is_empty() {
        write(&case.join("auditveil.yaml"), target.configuration.as_bytes())?;
        if target.configuration.contains("key_file") {
            write(&case.join("hmac.key"), KEY)?;
        }
    }
    println!("  kept: tests/cases/regressions/{name}; call it by what it is, mend it, bless it");
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    let told = |error: std::io::Error| Error::new(error.to_string()).at(path.display());
    fs::create_dir_all(path.parent().unwrap_or(path)).map_err(told)?;
    fs::write(path, content).map_err(told)
}
