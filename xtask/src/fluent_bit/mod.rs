//! `cargo xtask fluent-bit`: the shipped configurations in a real Fluent Bit.
//!
//! The files of `configs/fluent-bit/` run as they are; paths come from the environment. What comes
//! out is held against what the core answers natively ([`oracle`], [`compare`], [`check`]).
//! [`host`] starts the binary, [`measure`](crate::measure) says what it cost, [`records`] are the lines, [`sink`] takes
//! what is sent.

mod bench;
mod check;
mod compare;
mod configured;
mod event_time;
mod host;
mod oracle;
mod pipeline;
mod siem;
mod sink;

use crate::answers::findings::{Needles, lines};
use crate::answers::records::{self, Extremes};
use crate::failure::{Failure, Result};
use crate::{build, target, workspace};
use auditveil_core::Settings;
use clap::Args;
use host::{Host, Job};
use oracle::{Envelope, expected};
use std::path::{Path, PathBuf};

/// The guest that answers with what it was given.
const IDENTITY: &str = include_str!("identity.wat");

/// A guest that a pipeline must not let a single record pass.
struct Broken {
    name: &'static str,
    text: &'static str,
    /// The configurations in which it is broken in this way.
    configurations: &'static [&'static str],
}

const MSGPACK: &str = "fluent-bit.yaml";
const JSON: [&str; 2] = ["json-raw.yaml", "json-parsed.yaml"];

const BROKEN: [Broken; 4] = [
    Broken {
        name: "a guest that traps",
        text: r#"(module (memory (export "memory") 1)
            (func (export "auditveil_filter") (param i32 i32 i32 i32 i32 i32) (result i32) unreachable))"#,
        configurations: &[MSGPACK, JSON[0], JSON[1]],
    },
    Broken {
        name: "a guest without the function",
        text: r#"(module (memory (export "memory") 1))"#,
        configurations: &[MSGPACK, JSON[0], JSON[1]],
    },
    Broken {
        name: "a guest whose answers lack the key",
        text: r#"(module (memory (export "memory") 1) (data (i32.const 16) "\81\a3log\a1x\00")
            (func (export "auditveil_filter") (param i32 i32 i32 i32 i32 i32) (result i32)
                (i32.const 16)))"#,
        configurations: &[MSGPACK],
    },
    Broken {
        name: "a guest whose answers lack the stamp",
        text: r#"(module (memory (export "memory") 1) (data (i32.const 16) "{\22log\22:\22x\22}\00")
            (func (export "auditveil_filter") (param i32 i32 i32 i32 i32 i32) (result i32)
                (i32.const 16)))"#,
        configurations: &JSON,
    },
];

/// Which Fluent Bit, over what.
#[derive(Args, Debug, Default)]
pub(crate) struct Options {
    /// A Fluent Bit binary, 5.1 or later; without it, FLUENT_BIT or the one on the PATH
    path: Option<PathBuf>,
    /// An audit log to use instead of the committed one
    #[arg(long)]
    log: Option<PathBuf>,
    /// Measure CPU time and memory instead of checking
    #[arg(long)]
    bench: bool,
}

/// Runs the checks, or the measurements; without a binary, says so.
pub(crate) fn run(options: &Options) -> Result<()> {
    let Some(binary) = options.path.clone().or_else(find) else {
        println!("skipped: no Fluent Bit here; name one with `cargo xtask fluent-bit PATH` or FLUENT_BIT");
        return Ok(());
    };
    let host = Host::new(&binary)?;
    let module = build::module(&target::Options::default())?;
    let module = read(&module)?;
    let folder = workspace::products_dir()?.join("fluent-bit");
    std::fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
    let log = match &options.log {
        Some(path) => read(path)?,
        None => records::corpus()?,
    };
    println!("{}, {}", host.version(), binary.display());
    if options.bench {
        let identity = assemble(IDENTITY)?;
        let modules = bench::Modules { auditveil: &module, identity: &identity };
        return bench::run(&host, &folder, &modules, &log);
    }
    let checks = Checks { host: &host, folder: &folder, module: &module };
    let hostile = checks.shipped(&log)?;
    checks.classic()?;
    checks.json_variants(&log)?;
    checks.configured(&log)?;
    checks.siems(&log)?;
    checks.restart(&hostile)?;
    checks.broken_guests(&log)?;
    checks.the_checks_see(&log)
}

/// The binary on this machine, if there is one.
fn find() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("FLUENT_BIT") {
        return Some(path.into());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("fluent-bit")).find(|file| file.is_file())
}

/// What every check needs.
struct Checks<'a> {
    host: &'a Host,
    folder: &'a Path,
    module: &'a [u8],
}

impl Checks<'_> {
    /// The shipped YAML file: every record, in order, with its own time. Returns what it made of
    /// the hostile lines.
    fn shipped(&self, log: &[u8]) -> Result<Vec<u8>> {
        let needles = Needles::new(records::needles()?)?;
        let mut last = Vec::new();
        for (name, folder, log) in [
            ("the log", "shipped-log", log),
            ("hostile lines", "shipped-hostile", &records::hostile(Extremes::ALL)),
        ] {
            let expected = expected(log, Envelope::Msgpack, Settings::unconfigured())?;
            let folder = self.folder.join(folder);
            let arguments = host::timed_output(&folder);
            let job = Job {
                folder: &folder,
                config: &pipeline::shipped("fluent-bit.yaml"),
                arguments: &arguments,
                module: self.module,
                beside: &[],
                variables: &[],
                log,
            };
            let name = format!("fluent-bit.yaml, {name}");
            let written = self.host.run(&name, &job)?;
            check::everything(&name, &written, &expected, &needles, compare::shipped)?;
            last = written.events;
        }
        Ok(last)
    }

    /// The classic file does what the YAML file does.
    fn classic(&self) -> Result<()> {
        let log = records::hostile(Extremes::ALL);
        let name = "fluent-bit.conf, hostile lines";
        let written = self.run(name, "classic", "fluent-bit.conf", self.module, &log)?;
        let needles = Needles::new(Vec::new())?;
        let expected = expected(&log, Envelope::Msgpack, Settings::unconfigured())?;
        check::everything(name, &written, &expected, &needles, compare::shipped)
    }

    /// Both variants in JSON mode. With the parser on `tail`, the host rewrites and loses records
    /// before the filter is asked, so less can be held against it.
    fn json_variants(&self, log: &[u8]) -> Result<()> {
        let needles = Needles::new(records::needles()?)?;
        let hostile = [Extremes::ALL, Extremes::PARSED].map(records::hostile);
        for (what, [raw, parsed]) in
            [("the log", [log, log]), ("hostile lines", hostile.each_ref().map(Vec::as_slice))]
        {
            let name = format!("json-raw.yaml, {what}");
            let written = self.run(&name, "json-raw", "json-raw.yaml", self.module, raw)?;
            let expected = expected(raw, Envelope::Json, Settings::unconfigured())?;
            check::everything(&name, &written, &expected, &needles, compare::in_json_mode)?;

            let name = format!("json-parsed.yaml, {what}");
            let written = self.run(&name, "json-parsed", "json-parsed.yaml", self.module, parsed)?;
            check::nothing_bare(&name, parsed, &written, &needles)?;
        }
        Ok(())
    }

    /// Stopped, the log rotated and written on, started again: nothing is lost, nothing comes twice.
    fn restart(&self, without_stop: &[u8]) -> Result<()> {
        let name = "fluent-bit.yaml, stopped, rotated and started again";
        let whole = records::hostile(Extremes::ALL);
        let line_ends: Vec<usize> = (1..=whole.len())
            .filter(|end| whole.get(..*end).is_some_and(|head| head.ends_with(b"\n")))
            .collect();
        let third =
            |of: usize| line_ends.get(line_ends.len().saturating_mul(of) / 3).copied().unwrap_or_default();
        let (before, rest) = whole.split_at_checked(third(1)).unwrap_or_default();
        let (down, after) = rest.split_at_checked(third(2).saturating_sub(third(1))).unwrap_or_default();

        let folder = self.folder.join("restart");
        let job = Job {
            folder: &folder,
            config: &pipeline::shipped("fluent-bit.yaml"),
            arguments: &[],
            module: self.module,
            beside: &[],
            variables: &[],
            log: before,
        };
        self.host.run(name, &job)?;
        let (log, rotated) = (folder.join(host::LOG), folder.join("audit-2026-01-02T03-04-05.000.log"));
        std::fs::write(&log, [before, down].concat()).map_err(|error| Failure::file(&log, &error))?;
        std::fs::rename(&log, &rotated).map_err(|error| Failure::file(&rotated, &error))?;
        std::fs::write(&log, after).map_err(|error| Failure::file(&log, &error))?;
        let written = self.host.run_again(name, &job)?;

        // The two files are read side by side, so the order is not that of one run without a stop.
        let sorted = |events: &[u8]| {
            let mut events: Vec<Vec<u8>> = lines(events).map(<[u8]>::to_vec).collect();
            events.sort_unstable();
            events
        };
        if sorted(&written.events) != sorted(without_stop) {
            return Err(Failure::new(
                format!(
                    "{name}: {} events came out, {} in one run without a stop; or not the same ones",
                    lines(&written.events).count(),
                    lines(without_stop).count(),
                ),
                format!("compare what is in {}", folder.display()),
            ));
        }
        println!("ok    {name}: the same {} events", lines(&written.events).count());
        Ok(())
    }

    /// Fails closed: whatever the guest does, no record passes that it did not answer.
    fn broken_guests(&self, log: &[u8]) -> Result<()> {
        for guest in BROKEN {
            for config in guest.configurations {
                let name = format!("{config}, {}", guest.name);
                let written = self.run(&name, "broken", config, &assemble(guest.text)?, log)?;
                check::nothing(&name, &written)?;
            }
        }
        Ok(())
    }

    /// The identity guest leaks, and the search for needles finds that it does.
    fn the_checks_see(&self, log: &[u8]) -> Result<()> {
        let needles = Needles::new(records::needles()?)?;
        let planted = needles.in_lines(log).count();
        let name = "fluent-bit.yaml, the identity guest";
        let written = self.run(name, "identity", "fluent-bit.yaml", &assemble(IDENTITY)?, log)?;
        check::something_from_each_line(name, log, &written)?;
        let found = needles.in_lines(&written.events).count();
        if planted > 0 && found == 0 {
            return Err(Failure::new(
                format!("{name}: needles stand in {planted} lines of the log and none was found behind it"),
                "the search for needles is blind; mend xtask/src/fluent_bit/check.rs",
            ));
        }
        println!("ok    {name}: lets {found} of {planted} lines with a needle through, as it must");
        Ok(())
    }

    fn run(
        &self,
        name: &str,
        folder: &str,
        config: &str,
        module: &[u8],
        log: &[u8],
    ) -> Result<host::Written> {
        let folder = self.folder.join(folder);
        let config = pipeline::shipped(config);
        let job = Job {
            folder: &folder,
            config: &config,
            arguments: &[],
            module,
            beside: &[],
            variables: &[],
            log,
        };
        self.host.run(name, &job)
    }
}

fn assemble(text: &str) -> Result<Vec<u8>> {
    wat::parse_str(text).map_err(|error| Failure::new(error.to_string(), "mend the guest's text"))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| Failure::file(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guests_assemble() {
        for text in BROKEN.map(|guest| guest.text).into_iter().chain([IDENTITY]) {
            assemble(text).unwrap();
        }
    }
}
