//! The filter that a case's configuration asks for.

use auditveil_core::{Fault, Filter, Settings, Source};
use auditveil_tests::Case;

/// A filter as every front end makes one: an invalid configuration is the strictest.
pub(crate) fn filter(case: &Case) -> Filter {
    for source in Source::ALL {
        let name = source.file_name();
        let Some((_, text)) = case.configuration.iter().find(|(file, _)| *file == name) else { continue };
        let settings = source
            .settings(text)
            .map_or_else(|_| Settings::strictest(Fault::Invalid), |loaded| loaded.settings);
        return Filter::with_settings(settings);
    }
    Filter::new()
}
