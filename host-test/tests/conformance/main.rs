//! Every case of `tests/cases` and every event of the corpus in the guest: right by the case's files,
//! and byte for byte what the native core says.
//!
//! A case is held to all that `auditveil_tests` knows: the expected answer, needles, a second pass, the
//! same event from every envelope.
//!
//! The other front ends are in `front_ends.rs`.
//!
//! A case with a configuration runs twice: with its files in a folder, and with them baked into the module.

mod front_ends;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, OnceLock};

use auditveil_bake::Module;
use auditveil_core::config::{Config, PolicySource};
use auditveil_core::{Filter, Key, Outcome, Settings, Source};
use auditveil_host_test::artifact;
use auditveil_host_test::data::Parts;
use auditveil_host_test::fluent_bit::{EventFormat, FluentBit, Frees, Guest};
use auditveil_tests::corpus::{self, Server};
use auditveil_tests::{Case, load, msgpack};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let (cases, guest) = match (load(), Guest::load()) {
        (Ok(cases), Ok(guest)) if !cases.is_empty() => (Arc::new(cases), Arc::new(guest)),
        (Ok(_), Ok(_)) => return refuse("no case found"),
        (Err(error), _) => return refuse(&error.to_string()),
        (_, Err(error)) => return refuse(&error.to_string()),
    };
    let mut trials: Vec<Trial> = Vec::new();
    for case in cases.iter() {
        let (case, guest) = (case.clone(), Arc::clone(&guest));
        trials.push(Trial::test(case.name.clone(), move || in_the_guest(&case, &guest)));
    }
    trials.extend(baked(&cases));
    for server in Server::ALL {
        let guest = Arc::clone(&guest);
        trials.push(Trial::test(format!("corpus-{}", server.name()), move || {
            let log = corpus::audit(server)?;
            same_as_native(
                &mut guest.start(Frees::Never)?,
                Filter::with_settings(Settings::unconfigured()),
                corpus::lines(&log),
            )
        }));
    }
    let (all, others) = (Arc::clone(&cases), Arc::clone(&cases));
    trials.push(Trial::test("simd", move || with_simd(&all)));
    trials.push(Trial::test("one-instance-for-all-cases", move || {
        let records = cases.iter().chain(cases.iter().rev()).map(Case::record);
        same_as_native(
            &mut guest.start(Frees::Never)?,
            Filter::with_settings(Settings::unconfigured()),
            records,
        )
    }));
    match front_ends::trials(&others) {
        Ok(more) => trials.extend(more),
        Err(error) => return refuse(error.message().unwrap_or("a front end cannot be started")),
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Every case and the corpus in the module for engines with SIMD: the bytes of the native core.
fn with_simd(cases: &[Case]) -> Result<(), Failed> {
    let module = fs::read(artifact::simd_module()?)?;
    if auditveil_bake::validate(&module, auditveil_bake::FLUENT_BIT_FEATURES).is_ok() {
        return Err("the module for engines with SIMD has none in it".into());
    }
    let mut host = Guest::load_simd()?.start(Frees::Never)?;
    same_as_native(
        &mut host,
        Filter::with_settings(Settings::unconfigured()),
        cases.iter().map(Case::record),
    )?;
    for server in Server::ALL {
        let log = corpus::audit(server)?;
        same_as_native(&mut host, Filter::with_settings(Settings::unconfigured()), corpus::lines(&log))?;
    }
    Ok(())
}

/// The case by its files, in an instance of its own, which can read the configuration among them.
fn in_the_guest(case: &Case, guest: &Guest) -> Result<(), Failed> {
    right_by_its_files(case, &mut guest.start_in(Frees::Always, &case.configuration_dir)?)
}

fn right_by_its_files(case: &Case, host: &mut FluentBit) -> Result<(), Failed> {
    let mut lost = None;
    case.check(&mut |record| match host.filter(EventFormat::of(record), record) {
        Ok(answer) => answer,
        Err(error) => {
            lost = Some(error);
            Vec::new()
        }
    })?;
    lost.map_or(Ok(()), |error| Err(error.into()))
}

/// One instance on a host that never frees, and one native filter, over the same records in both formats.
fn same_as_native<'a>(
    host: &mut FluentBit,
    mut filter: Filter,
    records: impl Iterator<Item = &'a [u8]>,
) -> Result<(), Failed> {
    let mut count = 0;
    for record in records {
        count += 1;
        compare(host, &mut filter, record)?;
        if EventFormat::of(record) == EventFormat::Json {
            compare(host, &mut filter, &msgpack::log_record(record))?;
        }
    }
    if count == 0 { Err("no records".into()) } else { Ok(()) }
}

/// A module for each configuration that cases have, and one for the default: the cases it belongs to, then all
/// others, which have to be what the native core makes of them.
fn baked(cases: &Arc<Vec<Case>>) -> Vec<Trial> {
    /// What is baked, what that is, and the cases that ask for it.
    type Bakings = BTreeMap<(String, Vec<u8>), (Config, Option<Key>, Vec<String>)>;
    let mut bakings = Bakings::new();
    bakings.insert((Config::default().to_text(), Vec::new()), (Config::default(), None, Vec::new()));
    for case in cases.iter().filter(|case| !case.configuration.is_empty()) {
        // What is refused is not baked.
        if let Some((config, key)) = configuration(case) {
            let content =
                (config.to_text(), key.as_ref().map(|key| key.expose().to_vec()).unwrap_or_default());
            let (_, _, names) = bakings.entry(content).or_insert_with(|| (config, key, Vec::new()));
            names.push(case.name.clone());
        }
    }
    let trials = bakings.into_iter().map(|((text, _), (config, key, names))| {
        let cases = Arc::clone(cases);
        let name = names.first().map_or("the-default", String::as_str);
        Trial::test(format!("baked/{name}"), move || {
            let guest = BakedGuest::new(&text, key.as_ref())?;
            for case in cases.iter().filter(|case| names.contains(&case.name)) {
                let mut host = guest.start(Frees::Always)?;
                right_by_its_files(case, &mut host)?;
                nothing_looked_for(&host)?;
            }
            let mut host = guest.start(Frees::Never)?;
            let filter = Filter::with_settings(Settings::with_key(&config, key.as_ref())?);
            same_as_native(&mut host, filter, cases.iter().map(Case::record))?;
            nothing_looked_for(&host)
        })
    });
    trials.collect()
}

/// A module with a configuration in it, beside a folder whose files it must not read.
struct BakedGuest {
    guest: Arc<Guest>,
    parts: Parts,
}

impl BakedGuest {
    /// Bakes it. Compiled is only the first that differs from the others in more than its data.
    fn new(text: &str, key: Option<&Key>) -> Result<Self, Failed> {
        static COMPILED: Mutex<Vec<(Parts, Arc<Guest>)>> = Mutex::new(Vec::new());
        let module = fs::read(artifact::fluent_bit_module()?)?;
        let baked = Module::read(&module)?.bake(text, key.map(Key::expose))?;
        let parts = Parts::of(&baked)?;
        let mut compiled = COMPILED.lock().map_err(|_| "another trial failed in the middle")?;
        let known = compiled.iter().find(|(known, _)| known.rest == parts.rest);
        let guest = match known.map(|(_, guest)| Arc::clone(guest)) {
            Some(guest) => guest,
            None => {
                let guest = Arc::new(Guest::from_bytes(&baked)?);
                compiled.push((parts.clone(), Arc::clone(&guest)));
                guest
            }
        };
        Ok(BakedGuest { guest, parts })
    }

    fn start(&self, frees: Frees) -> Result<FluentBit, Failed> {
        let mut host = self.guest.start_in(frees, decoy())?;
        self.parts.fill(host.memory_mut())?;
        Ok(host)
    }
}

/// What the files of a case ask for; `None` if they are refused.
fn configuration(case: &Case) -> Option<(Config, Option<Key>)> {
    let (mut config, mut key) = (Config::default(), None);
    for source in Source::ALL {
        let Some((_, text)) = case.configuration.iter().find(|(name, _)| *name == source.file_name()) else {
            continue;
        };
        let loaded = source.load(text).ok()?.config;
        let read = |_: &str| case.key.clone().ok_or_else(String::new);
        if let Some(found) = source.key(text, &loaded, read).ok()? {
            key = Some(found);
        }
        match (source, &config.policy, &loaded.policy) {
            (Source::Policy, Some(_), _) | (_, _, Some(PolicySource::File(_))) => return None,
            (Source::Policy, None, _) => config.policy = loaded.policy,
            (Source::Configuration, ..) => config = loaded,
        }
    }
    Some((config, key))
}

/// A folder whose policy would drop everything, if it were read.
fn decoy() -> &'static Path {
    static DECOY: OnceLock<PathBuf> = OnceLock::new();
    DECOY.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("decoy");
        let policy = "apiVersion: audit.k8s.io/v1\nrules: [{level: None}]\n";
        // Where this fails the module has nothing to read, and reading would be noticed all the same.
        let _ =
            fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join("audit-policy.yaml"), policy));
        folder
    })
}

fn nothing_looked_for(host: &FluentBit) -> Result<(), Failed> {
    let said = host.said();
    if host.lookups() == 0 && said.contains("baked into the module is in force") {
        return Ok(());
    }
    Err(format!("{} files or folders were looked for: {said}", host.lookups()).into())
}

fn compare(host: &mut FluentBit, filter: &mut Filter, record: &[u8]) -> Result<(), Failed> {
    let format = EventFormat::of(record);
    let in_guest = host.filter(format, record)?;
    let mut native = Vec::new();
    if filter.process(record, &mut native) == Outcome::Dropped && format == EventFormat::Msgpack {
        native.push(0x80);
    }
    if in_guest == native {
        return Ok(());
    }
    Err(format!(
        "{}\nin the guest: {}\nnative:       {}",
        String::from_utf8_lossy(record),
        String::from_utf8_lossy(&in_guest),
        String::from_utf8_lossy(&native)
    )
    .into())
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("the conformance suite cannot run:\n{why}");
    ExitCode::FAILURE
}
