//! The filter that a case's configuration asks for.

use auditveil_core::{Fault, Filter, LoadedSettings, Settings, Source};
use auditveil_tests::Case;

/// A filter as every front end makes one.
pub(crate) fn filter(case: &Case) -> Filter {
    Filter::with_settings(settings(case))
}

/// What a case's configuration asks for; an invalid one is the strictest.
pub(crate) fn settings(case: &Case) -> Settings {
    let text = |source: Source| {
        let file = case.configuration.iter().find(|(file, _)| *file == source.file_name());
        file.map(|(_, text)| text.as_slice())
    };
    let key = |_: &str| case.key.clone().ok_or_else(|| "there is no such file".to_owned());
    let loaded = LoadedSettings::from_files_with_key(text(Source::Configuration), text(Source::Policy), key);
    loaded.map_or_else(|_| Settings::strictest(Fault::Invalid), |loaded| loaded.settings)
}
