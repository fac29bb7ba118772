//! The filter that a case's configuration asks for.

use auditveil_core::{Fault, Filter, LoadedSettings, Settings, Source};
use auditveil_tests::Case;

/// A filter as every front end makes one: an invalid configuration is the strictest.
pub(crate) fn filter(case: &Case) -> Filter {
    let text = |source: Source| {
        let file = case.configuration.iter().find(|(file, _)| *file == source.file_name());
        file.map(|(_, text)| text.as_slice())
    };
    let loaded = LoadedSettings::from_files(text(Source::Configuration), text(Source::Policy));
    Filter::with_settings(
        loaded.map_or_else(|_| Settings::strictest(Fault::Invalid), |loaded| loaded.settings),
    )
}
