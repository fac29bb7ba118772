//! What a policy costs, in instructions of the guest: hardly more for a thousand rules than for sixty.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use auditveil_host_test::fluent_bit::{Counted, EventFormat, Frees, Guest};
use auditveil_host_test::policies;
use auditveil_tests::{corpus, msgpack};

/// The instructions for an event of ordinary traffic, on average, with this policy or without any.
fn cost(name: &str, policy: Option<&str>) -> u64 {
    static GUEST: OnceLock<Guest> = OnceLock::new();
    let guest = GUEST.get_or_init(|| Guest::load_counting(Counted::InstructionsAndBytes).unwrap());
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("cost-{}", name.replace(' ', "-")));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    if let Some(policy) = policy {
        fs::write(folder.join("audit-policy.yaml"), policy).unwrap();
    }
    let log = corpus::traffic().unwrap();
    let records: Vec<Vec<u8>> = corpus::lines(&log).step_by(6).map(msgpack::log_record).collect();
    let mut host = guest.start_in(Frees::Always, &folder).unwrap();
    let mut round = || {
        let before = host.fuel();
        for record in &records {
            host.filter(EventFormat::Msgpack, record).unwrap();
        }
        (host.fuel() - before) / records.len() as u64
    };
    // The first record reads the configuration; the first round makes room.
    round();
    let cost = round();
    assert!(policy.is_none() || host.said().contains("is in force"), "{}", host.said());
    let _ = fs::remove_dir_all(&folder);
    println!("{name}: {cost} instructions");
    cost
}

#[test]
fn a_policy_costs_less_than_reading_the_event_and_hardly_grows() {
    let without = cost("without a policy", None);
    let more = |name: &str, policy: String| cost(name, Some(&policy)).saturating_sub(without);
    let one = more("one rule", policies::keep_all());
    // Reading alone: everything but the decision, and no answer.
    let reading = cost("reading alone", Some(&policies::drop_all())) - one;
    let sixty = more("60 rules", policies::rules(60));
    let thousand = more("1000 rules", policies::rules(1000));
    let almost = more("1000 rules that almost match", policies::almost_matching(1000));
    let names = more("1000 names of each kind", policies::names(1000));
    println!("reading {reading}; a policy of one rule {one}, of 60 {sixty}, of 1,000 {thousand}, {almost}");
    assert!(one > 0 && sixty > one, "{one}, {sixty}: the policy is not asked");
    assert!(sixty < reading, "60 rules cost {sixty}, reading the event {reading}");
    assert!(
        thousand < sixty * 2 && almost < sixty * 2,
        "{sixty} for 60 rules, {thousand}, {almost} for 1,000"
    );
    assert!(names < sixty + one / 2, "{names} for 1,000 names of each kind, {sixty} for 60 rules");
}
