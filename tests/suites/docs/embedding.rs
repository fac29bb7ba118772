//! `docs/embedding.md` shows the host that the tests run, and the interface as it is.

use super::{blocks, file};

/// A text without the white space that its place in a file gives it, and without line breaks: rustfmt may set them.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn excerpts_stand_in_the_files() {
    let page = file("docs/embedding.md").unwrap();
    let host = ["host-test/src/component.rs", "host-test/src/worker.rs"].map(|path| file(path).unwrap());
    for (language, text, count) in
        [("rust", host.concat(), 5), ("wit", file("plugin/component/wit/audit.wit").unwrap(), 2)]
    {
        let text = squeezed(&text);
        let excerpts = blocks(&page, language);
        assert_eq!(excerpts.len(), count, "{language}");
        for excerpt in excerpts {
            assert!(text.contains(&squeezed(&excerpt)), "not in the code any more:\n{excerpt}");
        }
    }
}

/// Exit codes are told once in the code of the command, and here.
#[test]
fn the_exit_codes_are_those_of_the_command() {
    let command = file("plugin/wasi/src/command.rs").unwrap();
    let exits = command.split("pub enum Exit {").nth(1).and_then(|rest| rest.split('}').next()).unwrap();
    let coded: Vec<&str> = exits
        .lines()
        .filter_map(|line| line.trim().trim_end_matches(',').split_once(" = "))
        .map(|(_, code)| code)
        .collect();
    let page = file("docs/embedding.md").unwrap();
    let stated: Vec<&str> = page
        .lines()
        .skip_while(|line| *line != "| exit code | |")
        .skip(2)
        .map_while(|line| line.strip_prefix("| ")?.split(' ').next())
        .collect();
    assert!(coded.len() > 2, "{exits}");
    assert_eq!(stated, coded);
}
