//! Linear memory: constant however many records come, bounded by the largest, and never a reason to trap.

use auditveil_host_test::fluent_bit::{EventFormat, FluentBit, Frees};
use auditveil_tests::{classes, msgpack, well_formed};

use crate::shared::{guest, native};

const MIB: usize = 1 << 20;

/// An event about `resource` with this body.
fn event_with_body(resource: &str, body: &str) -> String {
    let head = concat!(
        r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","#,
        r#""auditID":"6e5a1b2c-0000-4000-8000-000000000002","stage":"ResponseComplete","#,
        r#""requestURI":"/api/v1/namespaces/prod/","verb":"create","user":{"username":"alice"},"#,
        r#""responseStatus":{"code":200},"objectRef":{"namespace":"prod","apiVersion":"v1","resource":""#,
    );
    format!(r#"{head}{resource}"}},"responseObject":{body}}}"#)
}

/// An event of about this many bytes, of the kind that real logs hold: a list as answer.
fn event(bytes: usize) -> Vec<u8> {
    let item = concat!(
        r#"{"metadata":{"name":"settings","namespace":"prod","labels":{"app":"shop"}},"#,
        r#""data":{"log.level":"info","greeting":"good \"morning\""}}"#,
    );
    let items = vec![item; (bytes.saturating_sub(400) / (item.len() + 1)).max(1)].join(",");
    let list = format!(r#"{{"kind":"ConfigMapList","apiVersion":"v1","items":[{items}]}}"#);
    event_with_body("configmaps", &list).into_bytes()
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

/// What each class of event takes in an instance of its own, and that it does not grow: the same number of records, or
/// 2 KiB for each of them in bytes if that is sooner. As a command over two million records:
///
/// ```sh
/// AUDITVEIL_RECORDS=2000000 cargo test --release -p auditveil-host-test --test guest memory -- --nocapture
/// ```
#[test]
fn the_high_water_mark_of_each_class() {
    let count = std::env::var("AUDITVEIL_RECORDS").map_or(10_000, |count| count.parse().unwrap());
    for class in classes::all().unwrap() {
        let records: Vec<Vec<u8>> = class.events.iter().map(|event| msgpack::log_record(event)).collect();
        let longest = records.iter().map(Vec::len).max().unwrap_or_default();
        let mut host = guest().start(Frees::Never).unwrap();
        for record in &records {
            filter(&mut host, record);
        }
        let warm = host.memory_bytes();
        let (mut done, mut bytes) = (0, 0);
        for record in records.iter().cycle().take(count) {
            filter(&mut host, record);
            (done, bytes) = (done + 1, bytes + record.len());
            if bytes > 2048 * count {
                break;
            }
        }
        println!("{}: {warm} bytes, {done} records, {bytes} bytes in, the longest {longest}", class.name);
        assert_eq!(host.memory_bytes(), warm, "{}", class.name);
    }
}

/// What an attacker may have logged: as much answer, index and nesting as two megabytes of record can make.
#[test]
fn peak_memory_is_eight_times_any_record() {
    let size = 2 * MIB;
    let secret = |data: &str| event_with_body("secrets", &format!(r#"{{"kind":"Secret","data":{data}}}"#));
    let body = |value: &str| {
        event_with_body("configmaps", &format!(r#"{{"kind":"ConfigMap","data":{{"x":{value}}}}}"#))
    };
    let fill = |unit: &str| unit.repeat(size / unit.len());
    let nested = format!("{}{}", "[".repeat(size / 2), "]".repeat(size / 2));
    let wide: String = (0..size / 12).map(|key| format!(r#","k{key:06}":0"#)).collect();
    let narrow = format!(r#"{{"a":""{}}}"#, r#","a":"""#.repeat(1000));
    let mut hostile = vec![
        ("empty values", secret(&format!(r#"{{"a":""{}}}"#, fill(r#","a":"""#)))),
        ("empty values in objects", secret(&format!("[{{}}{}]", fill(&format!(",{narrow}"))))),
        ("digits", secret(&format!("[1{}]", fill(",1")))),
        ("depth", body(&nested)),
        ("depth in a secret", secret(&nested)),
        ("objects in objects", body(&format!("{}1{}", r#"{"a":"#.repeat(size / 6), "}".repeat(size / 6)))),
        ("width", body(&format!(r#"{{"k":0{wide}}}"#))),
        ("members of the event", event_with_body("configmaps", &format!("1{wide}"))),
        ("secrets", body(&format!("[1{}]", fill(r#",{"kind":"Secret","data":{"a":""}}"#)))),
        (
            "wide secrets",
            body(&format!("[1{}]", fill(&format!(r#",{{"kind":"Secret","data":{}}}"#, narrow)))),
        ),
        ("backslashes", body(&format!(r#""{}""#, fill(r"\\")))),
        ("escapes", body(&format!(r#""{}""#, fill(r"\u0000")))),
        ("brackets without end", body(&fill("["))),
        ("not JSON", fill("kind Secret ")),
    ]
    .into_iter()
    .map(|(name, text)| (name, text.into_bytes()))
    .collect::<Vec<_>>();
    hostile.push((
        "not UTF-8",
        [br#"{"kind":"Event","requestObject":""#, &vec![0xff; size][..], br#""}"#].concat(),
    ));
    for (name, event) in hostile {
        for record in [event.clone(), msgpack::log_record(&event)] {
            let mut host = guest().start(Frees::Always).unwrap();
            let answer = filter(&mut host, &record);
            let (used, bound) = (host.memory_bytes(), 8 * record.len() + MIB);
            println!("{name}: {} bytes in, {} out, {used} used", record.len(), answer.len());
            assert!(used <= bound, "{name}: {used} bytes, bound {bound}");
        }
    }
}

/// Growing step by step is what costs a heap most: each size leaves a hole that the next does not fit.
#[test]
fn peak_memory_is_three_times_the_largest_record() {
    // A raw line in JSON mode is held as it came, once more as the text it says, and as the answer.
    for (envelope, times) in [(0, 3), (1, 4), (2, 3)] {
        let mut host = guest().start(Frees::Never).unwrap();
        let mut largest = 0;
        for size in [700, 70_000, 900, 200_000, 1_000_000, 5_000, 1_200_000, 2_400_000, 3_000_000, 6_000_000]
        {
            let record = &envelopes(&event(size))[envelope];
            largest = largest.max(record.len());
            filter(&mut host, record);
            let (used, bound) = (host.memory_bytes(), times * largest + MIB);
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
    let records: Vec<(Vec<u8>, Vec<u8>)> = [900, 40_000, 400_000]
        .into_iter()
        .flat_map(|size| envelopes(&event(size)))
        .map(|record| (record.clone(), native(&record)))
        .collect();
    let needed = {
        let mut host = guest().start(Frees::Always).unwrap();
        for (record, _) in &records {
            filter(&mut host, record);
        }
        host.memory_bytes()
    };
    let mut stubs = 0;
    let initial = guest().start(Frees::Always).unwrap().memory_bytes();
    for limit in (initial..=needed).step_by(PAGE) {
        let mut host = guest().start(Frees::Always).unwrap();
        host.limit_memory(limit);
        for (record, ordinary) in &records {
            let answer = filter(&mut host, record);
            if answer == *ordinary {
                continue;
            }
            stubs += 1;
            let text = match EventFormat::of(record) {
                EventFormat::Json => String::from_utf8(answer).unwrap(),
                EventFormat::Msgpack => msgpack::read_answer(&answer).unwrap().unwrap().text,
            };
            well_formed(text.as_bytes()).unwrap();
            // Without memory to look for a configuration the strictest is in force until there is some.
            let unconfigured = text.contains(r#""configuration":"unreadable""#);
            let stub = text.contains(r#""stub":{"reason":"out_of_memory""#);
            // A body that there is no memory to look into goes whole.
            let hidden = text.contains(r#""redacted":{"unknown_body":1}"#);
            assert!(stub || unconfigured || hidden, "limit {limit}: {text}");
        }
        host.limit_memory(usize::MAX);
        for (record, ordinary) in &records {
            assert!(filter(&mut host, record) == *ordinary, "limit {limit}: not the same afterwards");
        }
    }
    assert!(stubs > 0, "no growth ever failed");
}
