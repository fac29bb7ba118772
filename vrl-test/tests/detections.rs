//! Every row of `tests/detections/*.jsonl`: a program tells what the core tells.

use auditveil_core::config;
use auditveil_core::{Filter, Settings};
use auditveil_tests::Error;
use auditveil_vrl_test::Program;
use auditveil_vrl_test::judge::{Judged, judge};
use auditveil_vrl_test::told::Unlike;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The lists that turn the last detections on, and some of a user's own, which are asked of what comes out.
const CONFIGURATION: &str = r#"
enrich:
  lists: {registries: ["registry.example.com/*"], users: ["*@example.com"]}
  own:
    - {id: own.agent, title: t, severity: low, condition: 'userAgent startsWith "kubectl/" and not (verb in ["get", "list"])'}
    - {id: own.groups, title: t, severity: info, condition: 'user.groups not in ["system:authenticated"] or exists impersonatedUser.groups'}
    - {id: own.items, title: t, severity: high, condition: 'any requestObject.spec.containers[*] (not (image contains "example") and not exists securityContext)'}
    - {id: own.labels, title: t, severity: medium, condition: 'exists requestObject.metadata.labels["*"] and requestObject.spec.replicas not in [1, 2]'}
    - {id: own.late, title: t, severity: info, condition: 'not (responseStatus.code < 400) and latency_ms >= 0 or outcome != "allowed"'}
    - {id: own.name, title: t, severity: info, condition: 'objectRef.name == "" and objectRef.uid == "" and actor.name not startsWith "a"'}
    - {id: own.command, title: t, severity: info, condition: 'command contains "s" or command[1] == "-c" and target startsWith "pods"'}
    - {id: own.null, title: t, severity: info, condition: 'requestObject.metadata.labels["pod-security.kubernetes.io/enforce"] == null'}
    - {id: own.not-any, title: t, severity: info, condition: 'not any requestObject.rules[*] (verbs == "*" or resources == "secrets")'}
"#;

/// The lines of a row's events.
fn rows() -> Result<Vec<(String, String)>, Error> {
    let failed = |error: std::io::Error| Error::new(error.to_string());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/detections");
    let mut rows = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for (index, line) in std::fs::read_to_string(&path).map_err(failed)?.lines().enumerate() {
            let row: Value = serde_json::from_str(line).map_err(|error| Error::new(error.to_string()))?;
            // A row about a configuration that is none has no program.
            if row.get("configuration").is_some_and(Value::is_string) {
                continue;
            }
            let record = match row.get("event") {
                Some(event) => event.to_string(),
                None => row.get("record").and_then(Value::as_str).unwrap_or_default().to_owned(),
            };
            rows.push((
                format!("{name}:{} {}", index + 1, row.get("detection").unwrap_or(&Value::Null)),
                record,
            ));
        }
    }
    Ok(rows)
}

#[test]
fn every_row_is_told() -> Result<(), Error> {
    let loaded = config::load(CONFIGURATION.as_bytes());
    let config = loaded.map_err(|errors| Error::new(format!("{errors:?}")))?.config;
    let source = auditveil_vector::program(&config).map_err(|error| Error::new(error.to_string()))?;
    let mut program = Program::compile(&source).map_err(Error::new)?;
    let settings = Settings::from_config(&config).map_err(|error| Error::new(error.to_string()))?;
    let mut filter = Filter::with_settings(settings);
    let left_out: Vec<String> = auditveil_vector::left_out(&config).into_iter().map(|(id, _)| id).collect();
    let (mut findings, mut same, mut apart) = (Vec::new(), 0_usize, 0_usize);
    let mut told: BTreeMap<Unlike, usize> = BTreeMap::new();
    for (place, record) in rows()? {
        match judge(record.as_bytes(), &mut filter, &mut program, &left_out) {
            Err(why) => findings.push(format!("{place}: {why}")),
            Ok((Judged::Same(_, unlike), _)) => {
                same += 1;
                unlike.into_iter().for_each(|why| *told.entry(why).or_default() += 1);
            }
            Ok(_) => apart += 1,
        }
    }
    println!("{same} rows compared, {apart} apart; left out: {left_out:?}; told otherwise: {told:?}");
    if !findings.is_empty() {
        return Err(Error::new(format!("{} findings:\n{}", findings.len(), findings.join("\n"))));
    }
    assert!(same > 250, "only {same} were compared");
    Ok(())
}
