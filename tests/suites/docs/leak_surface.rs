//! The list of what is not covered in `docs/leak-surface.md` is true. What is covered is told by [`positions`](super::positions).

use super::{file, table};
use auditveil_core::{FORMATS, Filter};

const PAGE: &str = "docs/leak-surface.md";

#[test]
fn what_is_not_covered_comes_out() {
    let page = file(PAGE).unwrap();
    let lines = table(&page, "## Not covered yet");
    assert!(lines.len() > 10, "the table was not found");
    let mut answer = Vec::new();
    for line in lines {
        let members = line[1].trim_matches('`');
        let event = format!(
            r#"{{"auditID":"a","verb":"create","requestURI":"/apis/example.com/v1/things","objectRef":{{"resource":"things","apiGroup":"example.com"}},{members}}}"#
        );
        let _: serde_json::Value =
            serde_json::from_str(&event).unwrap_or_else(|error| panic!("{members}: {error}"));
        // The example of base64 holds the word in base64.
        assert!(event.contains("FAKE") || event.contains("GQUtF"), "{members}");
        Filter::new().process(event.as_bytes(), &mut answer);
        let answer = std::str::from_utf8(&answer).unwrap();
        assert!(answer.contains(members), "covered now, so take it off {PAGE}: {members}\n{answer}");
    }
}

#[test]
fn every_format_has_its_line() {
    let page = file(PAGE).unwrap();
    let lines = table(&page, "## By their look");
    let quoted =
        |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let stated: Vec<_> = lines.iter().map(|line| (quoted(line[0]), quoted(line[1]))).collect();
    let owned = |texts: &[&str]| -> Vec<String> { texts.iter().map(|text| (*text).to_owned()).collect() };
    let known: Vec<_> = FORMATS.iter().map(|(id, prefixes)| (owned(&[*id]), owned(prefixes))).collect();
    assert_eq!(stated, known, "left: {PAGE}; right: the core");
    assert!(lines.iter().all(|line| !line[2].is_empty() && !line[3].is_empty()));
}
