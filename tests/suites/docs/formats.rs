//! The tables of `docs/formats.md` are those of the core: written by `BLESS=1`, otherwise only compared.

use super::file;
use super::positions::compare;
use auditveil_core::config::Format;
use auditveil_core::format::{self, ECS_VERSION, OCSF_VERSION};

const PAGE: &str = "docs/formats.md";

fn rows(format: Format) -> String {
    let rows = format::fields(format).iter();
    rows.map(|row| {
        // A constant is JSON, and says itself.
        let constant = row.what.starts_with(['"', '[']) || row.what.bytes().all(|byte| byte.is_ascii_digit());
        let what = if constant { format!("always `{}`", row.what) } else { row.what.to_owned() };
        format!("| `{}` | {what} |\n", row.path)
    })
    .collect()
}

#[test]
fn the_tables_are_those_of_the_core() {
    for (heading, format) in [("field", Format::Ecs), ("attribute", Format::Ocsf)] {
        compare(PAGE, &format!("| {heading} | |\n|---|---|\n"), "\n", &rows(format)).unwrap();
    }
    assert!(format::fields(Format::Audit).is_empty());
}

#[test]
fn the_versions_are_those_of_the_core() {
    let page = file(PAGE).unwrap();
    for version in [format!("Elastic Common Schema {ECS_VERSION}"), format!("Framework {OCSF_VERSION}")] {
        assert!(page.contains(&version), "{PAGE}: {version}");
    }
}
