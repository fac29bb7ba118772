//! The standard library's source from Debian's `rust-src` package.
//!
//! Only the machine's own package mirror is used, as apt's configuration names it, and apt itself
//! downloads and verifies. Everything happens in a folder of the project: apt's lists and sources
//! stay as they are, and no root is needed.

use crate::command;
use crate::failure::{Failure, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where a compiler newer than the machine's own Debian release may be packaged: the backports of
/// the releases since the first one that matters, then the next release, then the unstable branch.
const SUITES: [&str; 5] =
    ["bookworm-backports", "trixie-backports", "forky-backports", "testing", "unstable"];

/// apt's state, the package and what is in it.
const FOLDER: &str = "rust-src";

/// Unpacks the source of exactly `release` below `place` and returns the folder `library`.
pub(super) fn library(release: &str, place: &Path) -> Result<PathBuf> {
    let folder = place.join(FOLDER);
    for part in ["lists/partial", "cache/archives/partial", "unpacked"] {
        let path = folder.join(part);
        fs::create_dir_all(&path).map_err(|error| Failure::file(&path, &error))?;
    }
    for mirror in mirrors(release)? {
        for suite in SUITES {
            eprintln!("looking for rust-src {release} in {suite}");
            let apt = Apt { folder: &folder };
            // A suite that the mirror does not carry is no failure, the next one is asked.
            if apt.update(&mirror, suite).is_err() {
                continue;
            }
            if let Some(version) = apt.version(release)? {
                return apt.unpack(&version, release);
            }
        }
    }
    Err(by_hand(release, format!("no suite of the machine's mirror has rust-src {release}")))
}

/// Removes what [`library`] left below `place`.
pub(super) fn clean(place: &Path) -> Result<()> {
    let folder = place.join(FOLDER);
    fs::remove_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))
}

/// The mirrors of Debian proper in apt's configuration.
fn mirrors(release: &str) -> Result<Vec<String>> {
    let mut apt = Command::new("apt-get");
    apt.args(["indextargets", "--format", "$(LABEL) $(SITE)", "Created-By: Packages"]);
    let targets = command::output(&mut apt, "").map_err(|failure| by_hand(release, failure.what()))?;
    let mut mirrors: Vec<String> =
        targets.lines().filter_map(|line| line.strip_prefix("Debian ")).map(str::to_owned).collect();
    mirrors.sort();
    mirrors.dedup();
    if mirrors.is_empty() {
        return Err(by_hand(release, "apt's configuration names no Debian mirror"));
    }
    Ok(mirrors)
}

/// apt with its state in `folder`.
struct Apt<'a> {
    folder: &'a Path,
}

impl Apt<'_> {
    fn command(&self, program: &str) -> Command {
        let mut apt = Command::new(program);
        apt.current_dir(self.folder);
        for (option, value) in [
            ("Dir::Etc::SourceList", self.folder.join("sources.list")),
            ("Dir::Etc::SourceParts", PathBuf::from("/dev/null")),
            ("Dir::State::Lists", self.folder.join("lists")),
            ("Dir::Cache", self.folder.join("cache")),
        ] {
            apt.arg("-o").arg(format!("{option}={}", value.display()));
        }
        // apt drops to this user before it downloads; the folder belongs to whoever runs the task.
        apt.args(["-o", "APT::Sandbox::User=root", "-o", "Acquire::Languages=none"]);
        apt
    }

    fn update(&self, mirror: &str, suite: &str) -> Result<()> {
        let list = self.folder.join("sources.list");
        fs::write(&list, format!("deb {mirror} {suite} main\n"))
            .map_err(|error| Failure::file(&list, &error))?;
        let mut apt = self.command("apt-get");
        // Without this a failed download is a warning, and the old list is used.
        apt.args(["-o", "APT::Update::Error-Mode=any", "--quiet", "update"]);
        command::output(&mut apt, "").map(drop)
    }

    /// Debian's version of the package for the compiler's release.
    fn version(&self, release: &str) -> Result<Option<String>> {
        let mut apt = self.command("apt-cache");
        apt.args(["madison", "rust-src"]);
        let table = command::output(&mut apt, "").map_err(|failure| by_hand(release, failure.what()))?;
        let mut versions = table.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim);
        Ok(versions
            .find(|version| {
                version.strip_prefix(release).is_some_and(|rest| rest.starts_with(['+', '-', '~']))
            })
            .map(str::to_owned))
    }

    fn unpack(&self, version: &str, release: &str) -> Result<PathBuf> {
        eprintln!("downloading rust-src {version}");
        let mut apt = self.command("apt-get");
        apt.args(["--quiet", "download", &format!("rust-src={version}")]);
        command::output(&mut apt, "").map_err(|failure| by_hand(release, failure.what()))?;

        let package = entry(self.folder, |name| name.ends_with(".deb"))
            .ok_or_else(|| by_hand(release, "apt-get downloaded no package"))?;
        let unpacked = self.folder.join("unpacked");
        let mut dpkg = Command::new("dpkg");
        dpkg.arg("-x").arg(package).arg(&unpacked);
        command::output(&mut dpkg, "").map_err(|failure| by_hand(release, failure.what()))?;

        let source = entry(&unpacked.join("usr/src"), |name| name.starts_with("rustc-"));
        source
            .map(|source| source.join("library"))
            .filter(|library| library.join("core").is_dir())
            .ok_or_else(|| by_hand(release, "the package rust-src holds no usr/src/rustc-*/library"))
    }
}

fn entry(folder: &Path, wanted: impl Fn(&str) -> bool) -> Option<PathBuf> {
    let mut entries = folder.read_dir().ok()?.flatten();
    entries.find(|entry| wanted(&entry.file_name().to_string_lossy())).map(|entry| entry.path())
}

fn by_hand(release: &str, what: impl Into<String>) -> Failure {
    Failure::new(
        what,
        format!(
            "run `rustup target add wasm32-wasip1 wasm32-unknown-unknown` where it can download, or put the folder \
             `library` of Rust {release}'s source under \"$(rustc --print sysroot)/lib/rustlib/src/rust\""
        ),
    )
}
