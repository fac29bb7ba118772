//! `auditveil bake`: a configuration into a module, which then needs no file beside it.

use crate::command::{count, digest_of, is_standard, name, reason, same_file, say, shown};
use crate::configuration::{self, Keys, Read};
use crate::exit::Exit;
use crate::module;
use auditveil_bake::Module;
use auditveil_core::config::PolicySource;
use auditveil_core::{Key, Settings, Source};
use clap::Args;
use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

/// Write a configuration into the module for Fluent Bit
///
/// The module that comes out reads no files: the configuration, with the policy that it names, is part of it, and
/// cannot be exchanged, lost or half written beside it. What the module has baked in already is replaced. The same
/// module and configuration always give the same bytes.
///
/// The file is checked as by `auditveil check`. Baked is what it means, every value written out: `auditveil inspect`
/// shows it, and its sha256 is what the module says on standard error when it starts. The key of `redact.action: hmac`
/// goes in as well, and makes the module a secret.
#[derive(Debug, Args)]
#[command(after_help = crate::exit::help())]
pub(crate) struct Arguments {
    /// The module, as it was built or baked before
    #[arg(value_name = "MODULE")]
    module: PathBuf,

    /// A configuration, or an audit policy as the API server reads it; `-` is standard input
    #[arg(short, long, value_name = "FILE")]
    config: PathBuf,

    /// Where the new module goes; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Replace the output if it exists, in one step; it may be MODULE itself
    #[arg(short, long)]
    force: bool,

    /// Refuse a file with warnings
    #[arg(long)]
    strict: bool,
}

/// Writes the module, or nothing.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    write(arguments).map_or_else(|exit| exit, |()| Exit::Done)
}

fn write(arguments: &Arguments) -> Result<(), Exit> {
    let to_stdout = is_standard(&arguments.output);
    if to_stdout && io::stdout().is_terminal() {
        say("a module is no text for a terminal; name a file with `--output`");
        return Err(Exit::Usage);
    }
    if same_file(&arguments.config, &arguments.output) {
        say(format_args!("`{}` is configuration and output at once", shown(&arguments.config)));
        return Err(Exit::Usage);
    }
    let bytes = module::content(&arguments.module)?;
    let module = module::read(&arguments.module, &bytes)?;
    let (read, text) = text(&arguments.config, arguments.strict)?;
    let key = read.key.as_ref().map(Key::expose);
    let baked = module.bake(&text, key).map_err(|error| module::refuse(&arguments.module, &error))?;
    if to_stdout {
        io::stdout().write_all(&baked).map_err(|error| cannot_write(&arguments.output, &error))?;
    } else {
        put(&arguments.output, &baked, arguments.force, key.is_some())?;
    }
    tell(arguments, &module, &baked, &read, &text, to_stdout);
    if key.is_some() {
        say("the module holds the HMAC key now: who can read it can try out what digests stand for");
    }
    Ok(())
}

/// The file, checked, and what is baked of it.
fn text(path: &Path, strict: bool) -> Result<(Read, String), Exit> {
    let read = configuration::read(path, Keys::Needed)?;
    if strict && read.warnings > 0 {
        say(format_args!("{}: refused for its warnings", name(path, "standard input")));
        return Err(Exit::Refused);
    }
    if let Err(unsupported) = Settings::with_key(&read.config, read.key.as_ref()) {
        say(format_args!("{}: {unsupported}", name(path, "standard input")));
        return Err(Exit::Refused);
    }
    let text = read.config.to_text();
    Ok((read, text))
}

/// Writes a file beside the output, then renames it: who starts meanwhile finds one module or the other.
fn put(output: &Path, bytes: &[u8], force: bool, secret: bool) -> Result<(), Exit> {
    if !force && output.symlink_metadata().is_ok() {
        say(format_args!("`{}` exists; `--force` replaces it", shown(output)));
        return Err(Exit::Failed);
    }
    // Where a link leads, so that it stays one.
    let target = output.canonicalize().unwrap_or_else(|_| output.to_owned());
    let mut unfinished = target.as_os_str().to_owned();
    unfinished.push(format!(".{}", std::process::id()));
    let unfinished = PathBuf::from(unfinished);
    let fill = |mut file: File| {
        match target.metadata() {
            Ok(replaced) if !secret => file.set_permissions(replaced.permissions())?,
            _ => {}
        }
        file.write_all(bytes)?;
        file.sync_all()
    };
    create(&unfinished, secret).and_then(fill).and_then(|()| fs::rename(&unfinished, &target)).map_err(
        |error| {
            // It may not be there, and what went wrong is told below.
            let _ = fs::remove_file(&unfinished);
            cannot_write(output, &error)
        },
    )
}

/// A new file, which nobody but its owner can read if it is to be a secret.
fn create(path: &Path, secret: bool) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if secret {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = secret;
    options.open(path)
}

fn cannot_write(output: &Path, error: &io::Error) -> Exit {
    say(format_args!("cannot write {}: {}", name(output, "standard output"), reason(error)));
    Exit::Failed
}

fn tell(arguments: &Arguments, module: &Module<'_>, baked: &[u8], read: &Read, text: &str, to_stdout: bool) {
    let what = match read.source {
        Source::Configuration => "configuration",
        Source::Policy => "audit policy",
    };
    let rules = match &read.config.policy {
        Some(PolicySource::Inline(policy)) => count(policy.rules.len(), "rule"),
        _ => "no policy".to_owned(),
    };
    let replaces = module.baked.as_ref().map_or_else(String::new, |before| {
        format!("\n  in place of sha256 {}", auditveil_bake::digest(before.text))
    });
    let told = format!(
        "{}\n  {}\n  baked in: the {what} of {}, {rules}, sha256 {}{replaces}\n",
        shown(&arguments.output),
        digest_of(baked),
        name(&arguments.config, "standard input"),
        auditveil_bake::digest(text.as_bytes()),
    );
    // Who closed it does not want to know; the exit code tells all the same.
    let _ = if to_stdout {
        io::stderr().write_all(told.as_bytes())
    } else {
        io::stdout().write_all(told.as_bytes())
    };
}
