//! Linear memory: constant however many records come, bounded by the largest, and never a reason to trap.

use auditveil_host_test::fluent_bit::{EventFormat, FluentBit, Frees};
use auditveil_tests::{msgpack, well_formed};

use crate::shared::{guest, native};

const MIB: usize = 1 << 20;

/// An event of about this many bytes, of the kind that real logs hold: a list as answer.
fn event(bytes: usize) -> Vec<u8> {
    let mut text = String::from(concat!(
        r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","#,
        r#""auditID":"6e5a1b2c-0000-4000-8000-000000000002","stage":"ResponseComplete","#,
        r#""requestURI":"/api/v1/namespaces/prod/configmaps","verb":"list","user":{"username":"alice"},"#,
        r#""objectRef":{"resource":"configmaps","namespace":"prod","apiVersion":"v1"},"#,
        r#""responseStatus":{"code":200},"#,
        r#""responseObject":{"kind":"ConfigMapList","apiVersion":"v1","items":["#,
    ));
    let mut first = true;
    while text.len() + 140 < bytes || first {
        if !first {
            text.push(',');
        }
        first = false;
        text.push_str(r#"{"metadata":{"name":"settings","namespace":"prod","labels":{"app":"shop"}},"#);
        text.push_str(r#""data":{"log.level":"info","greeting":"good \"morning\""}}"#);
    }
    text.push_str("]}}");
    text.into_bytes()
}

/// The same event in the three ways that Fluent Bit hands one over.
fn envelopes(event: &[u8]) -> [Vec<u8>; 3] {
    let text = std::str::from_utf8(event).unwrap();
    let raw_line = format!(r#"{{"log":{}}}"#, auditveil_tests::json::escape(text));
    [event.to_vec(), raw_line.into_bytes(), msgpack::log_record(event)]
}

fn filter(host: &mut FluentBit, record: &[u8]) -> Vec<u8> {
    host.filter(EventFormat::of(record), record).unwrap()
}

/// Ten thousand records, or as many as `AUDITVEIL_RECORDS` says.
#[test]
fn many_records_in_constant_memory() {
    let count = std::env::var("AUDITVEIL_RECORDS").map_or(10_000, |count| count.parse().unwrap());
    let records: Vec<Vec<u8>> =
        [600, 900, 2_000, 8_000, 30_000].into_iter().flat_map(|size| envelopes(&event(size))).collect();
    for frees in [Frees::Always, Frees::Never] {
        let mut host = guest().start(frees).unwrap();
        for record in records.iter().chain(&records) {
            filter(&mut host, record);
        }
        let warm = host.memory_bytes();
        for record in records.iter().cycle().take(count) {
            filter(&mut host, record);
        }
        assert_eq!(host.memory_bytes(), warm, "{frees:?}");
    }
}

/// Growing step by step is what costs a heap most: each size leaves a hole that the next does not fit.
#[test]
fn peak_memory_is_three_times_the_largest_record() {
    for envelope in 0..3 {
        let mut host = guest().start(Frees::Never).unwrap();
        let mut largest = 0;
        for size in [700, 70_000, 900, 200_000, 1_000_000, 5_000, 1_200_000, 2_400_000, 3_000_000, 6_000_000]
        {
            let record = &envelopes(&event(size))[envelope];
            largest = largest.max(record.len());
            filter(&mut host, record);
            let (used, bound) = (host.memory_bytes(), 3 * largest + MIB);
            assert!(used <= bound, "envelope {envelope}, {size}: {used} bytes, bound {bound}");
        }
        println!("envelope {envelope}: {} bytes for records up to {largest}", host.memory_bytes());
    }
}

/// Every record while memory cannot grow beyond each possible size, down to what an instance begins
/// with: an answer or a stub, and the ordinary answer again as soon as there is memory.
#[test]
fn growth_that_fails_at_any_point() {
    const PAGE: usize = 64 * 1024;
    let events = [event(900), event(40_000), event(400_000)];
    let needed = {
        let mut host = guest().start(Frees::Always).unwrap();
        for record in events.iter().flat_map(|event| envelopes(event)) {
            filter(&mut host, &record);
        }
        host.memory_bytes()
    };
    let mut stubs = 0;
    let initial = guest().start(Frees::Always).unwrap().memory_bytes();
    for limit in (initial..=needed).step_by(PAGE) {
        let mut host = guest().start(Frees::Always).unwrap();
        host.limit_memory(limit);
        for record in events.iter().flat_map(|event| envelopes(event)) {
            let answer = filter(&mut host, &record);
            let ordinary = native(&record);
            if answer != ordinary {
                stubs += 1;
                let text = match EventFormat::of(&record) {
                    EventFormat::Json => String::from_utf8(answer).unwrap(),
                    EventFormat::Msgpack => msgpack::read_answer(&answer).unwrap().unwrap().text,
                };
                well_formed(text.as_bytes()).unwrap();
                assert!(text.contains(r#""stub":{"reason":"out_of_memory""#), "limit {limit}: {text}");
            }
        }
        host.limit_memory(usize::MAX);
        for record in events.iter().flat_map(|event| envelopes(event)) {
            assert!(filter(&mut host, &record) == native(&record), "limit {limit}: not the same afterwards");
        }
    }
    assert!(stubs > 0, "no growth ever failed");
}
