//! What is shipped for Vector: every name in it is one that Vector has, and what must not be lost in an edit is there.
//!
//! `cargo xtask vector` runs the files in a real Vector; this holds them where there is none.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod options;

use auditveil_tests::vector::{FILES, programs, shipped};
use options::{CHOICES, NAMES};
use saphyr::{LoadableYamlNode as _, Yaml};

fn yaml(text: &str) -> Yaml<'_> {
    let mut documents = Yaml::load_from_str(text).unwrap();
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

/// Every key and every choice below a node; `at` says where it is, with a component's type in place of its name.
fn check(at: &str, node: &Yaml<'_>, problems: &mut Vec<String>) {
    let Some(mapping) = node.as_mapping() else {
        if let Some((_, choices)) = CHOICES.iter().find(|(path, _)| *path == at)
            && !node.as_str().is_some_and(|choice| choices.contains(&choice))
        {
            problems.push(format!("`{at}` has no choice {node:?}"));
        }
        return;
    };
    let is_components = ["sources", "transforms", "sinks"].contains(&at);
    let names = NAMES.iter().find(|(path, _)| *path == at).map(|(_, names)| *names);
    if names.is_none() && !is_components {
        problems.push(format!("`{at}` is not in the table"));
    }
    for (key, value) in mapping {
        let key = key.as_str().unwrap_or_default();
        if is_components {
            let kind = value.as_mapping_get("type").and_then(Yaml::as_str).unwrap_or("without a type");
            check(&format!("{at}.{kind}"), value, problems);
            continue;
        }
        if names.is_some_and(|names| !names.contains(&key)) {
            problems.push(format!("`{at}` has no option `{key}`"));
        }
        check(&if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") }, value, problems);
    }
}

fn problems(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    check("", &yaml(text), &mut problems);
    problems
}

#[test]
fn every_name_is_one_that_vector_has() {
    for file in FILES {
        assert_eq!(problems(&shipped(file).unwrap()), Vec::<String>::new(), "{file}");
    }
}

#[test]
fn the_check_sees_names_that_vector_has_not() {
    let text = shipped("exec.yaml").unwrap();
    for (from, to) in [
        ("include_stderr", "include_errors"),
        ("codec: bytes", "codec: raw"),
        ("type: memory", "type: file"),
        ("max_length", "max_lines"),
    ] {
        assert!(text.contains(from));
        assert_eq!(problems(&text.replace(from, to)).len(), 1, "{from}");
    }
}

#[test]
fn every_input_is_there_and_nothing_goes_around_the_stamp() {
    for file in FILES {
        let text = shipped(file).unwrap();
        let all = yaml(&text);
        let names = |kind: &str| -> Vec<String> {
            let components = all.as_mapping_get(kind).and_then(Yaml::as_mapping).unwrap();
            components.keys().map(|key| key.as_str().unwrap().to_owned()).collect()
        };
        for kind in ["transforms", "sinks"] {
            for (name, component) in all.as_mapping_get(kind).and_then(Yaml::as_mapping).unwrap() {
                let inputs = component.as_mapping_get("inputs").and_then(Yaml::as_sequence).unwrap();
                for input in inputs {
                    let input = input.as_str().unwrap();
                    let from = input.strip_suffix(".dropped").unwrap_or(input);
                    let known = [names("sources"), names("transforms")].concat();
                    assert!(known.contains(&from.to_owned()), "{file}: nothing is called {input}");
                    assert!(
                        kind != "sinks" || input == "stamped",
                        "{file}: {name:?} takes what is not checked"
                    );
                }
            }
        }
        let filter = all.as_mapping_get("transforms").and_then(|all| all.as_mapping_get("stamped")).unwrap();
        assert_eq!(
            filter.as_mapping_get("condition").and_then(Yaml::as_str),
            Some(".auditveil.version == \"1\"")
        );
    }
}

#[test]
fn a_remap_that_fails_passes_nothing_on() {
    for file in FILES {
        let text = shipped(file).unwrap();
        let all = yaml(&text);
        for (name, transform) in all.as_mapping_get("transforms").and_then(Yaml::as_mapping).unwrap() {
            if transform.as_mapping_get("type").and_then(Yaml::as_str) == Some("remap") {
                for option in ["drop_on_error", "drop_on_abort"] {
                    let set = transform.as_mapping_get(option).and_then(Yaml::as_bool);
                    assert_eq!(set, Some(true), "{file}: {name:?}: {option}");
                }
            }
        }
    }
}

#[test]
fn programs_are_those_of_the_files() {
    for file in FILES {
        let text = shipped(file).unwrap();
        let all = yaml(&text);
        let mut inline = Vec::new();
        for (_, transform) in all.as_mapping_get("transforms").and_then(Yaml::as_mapping).unwrap() {
            inline.extend(transform.as_mapping_get("source").and_then(Yaml::as_str).map(str::to_owned));
        }
        assert!(!inline.is_empty());
        assert_eq!(programs(&text), inline, "{file}");
        // Who turns interpolation on would find a variable there.
        assert!(!text.contains('$'), "{file}");
    }
}
