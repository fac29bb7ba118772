//! Attacks on the interface: what the host, or whoever can make it call, may throw at the guest.
//!
//! The rule is always the same: no trap, one whole answer, and an ordinary record right after it.

use auditveil_host_test::fluent_bit::{EventFormat, FluentBit, Frees};
use auditveil_tests::{msgpack, well_formed};

use crate::shared::{guest, native};

const TAG: &[u8] = b"kube.audit\0";
const EVENT: &[u8] = concat!(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","#,
    r#""auditID":"6e5a1b2c-0000-4000-8000-000000000001","stage":"ResponseComplete","#,
    r#""requestURI":"/api/v1/namespaces/prod/secrets/db","verb":"update","user":{"username":"alice"},"#,
    r#""objectRef":{"resource":"secrets","namespace":"prod","name":"db","apiVersion":"v1"},"#,
    r#""responseStatus":{"code":200},"requestObject":{"kind":"Secret","apiVersion":"v1","#,
    r#""metadata":{"name":"db"},"data":{"password":"aHVudGVyMg=="}}}"#,
)
.as_bytes();

fn host() -> FluentBit {
    guest().start(Frees::Always).unwrap()
}

fn assert_ordinary_record_passes(host: &mut FluentBit) {
    for record in [EVENT.to_vec(), msgpack::log_record(EVENT)] {
        let answer = host.filter(EventFormat::of(&record), &record).unwrap();
        assert_eq!(answer, native(&record));
    }
}

/// A stub in the right format that names this reason.
fn assert_stub(answer: &[u8], format: EventFormat, reason: &str) {
    let text = match format {
        EventFormat::Json => well_formed(answer).unwrap().to_owned(),
        EventFormat::Msgpack => {
            let answer = msgpack::read_answer(answer).unwrap().unwrap();
            assert_eq!(answer.moved, []);
            well_formed(answer.text.as_bytes()).unwrap().to_owned()
        }
    };
    assert!(text.contains(&format!(r#""stub":{{"reason":"{reason}""#)), "{text}");
}

/// One whole answer in this format, whatever it says.
fn assert_whole(answer: &[u8], format: EventFormat) {
    match format {
        EventFormat::Json => drop(well_formed(answer).unwrap()),
        EventFormat::Msgpack => assert!(msgpack::read_answer(answer).unwrap().is_some(), "dropped"),
    }
}

/// The host places a tag and asks in vain for memory for a record of this length.
fn call_without_record(host: &mut FluentBit, format: EventFormat, length: i32) -> Vec<u8> {
    let tag = host.duplicate(TAG).unwrap();
    let block = host.malloc(length.wrapping_add(i32::from(format == EventFormat::Json))).unwrap();
    assert_eq!(block, 0, "there is memory for {length} bytes");
    let answer = host.call([tag, 10, 1, 2, 0, length]).unwrap();
    host.free(tag).unwrap();
    answer
}

#[test]
fn an_ordinary_record_in_both_formats_and_on_both_hosts() {
    for frees in [Frees::Always, Frees::Never] {
        assert_ordinary_record_passes(&mut guest().start(frees).unwrap());
    }
}

#[test]
fn a_record_that_could_not_be_placed() {
    let mut host = host();
    host.limit_memory(host.memory_bytes());
    for format in [EventFormat::Json, EventFormat::Msgpack] {
        let answer = call_without_record(&mut host, format, 20_000_000);
        assert_stub(&answer, format, "out_of_memory");
    }
    host.limit_memory(usize::MAX);
    assert_ordinary_record_passes(&mut host);
}

#[test]
fn a_record_beyond_any_limit() {
    let mut host = host();
    for format in [EventFormat::Json, EventFormat::Msgpack] {
        for length in [i32::MAX - 1, 1 << 30, -1, -2, i32::MIN, i32::MIN + 1] {
            if format == EventFormat::Json && length == -1 {
                // One more than -1 is a block of zero bytes, which there is.
                continue;
            }
            let answer = call_without_record(&mut host, format, length);
            assert_stub(&answer, format, "too_large");
        }
        assert_ordinary_record_passes(&mut host);
    }
}

#[test]
fn an_empty_record() {
    let mut host = host();
    for format in [EventFormat::Json, EventFormat::Msgpack] {
        let answer = host.filter(format, b"").unwrap();
        assert_stub(&answer, format, "empty");
        let tag = host.duplicate(TAG).unwrap();
        assert_stub(&host.call([tag, 10, 1, 2, 0, 0]).unwrap(), EventFormat::Json, "empty");
    }
    assert_ordinary_record_passes(&mut host);
}

#[test]
fn lengths_that_are_not_the_record_s() {
    let mut host = host();
    for record in [EVENT.to_vec(), msgpack::log_record(EVENT)] {
        for length in [-1, i32::MIN, i32::MAX, 1 << 30, 100_000] {
            let tag = host.duplicate(TAG).unwrap();
            let block = host.duplicate(&record).unwrap();
            let answer = host.call([tag, 10, 1, 2, block, length]).unwrap();
            assert_whole(&answer, EventFormat::of(&record));
        }
    }
    assert_ordinary_record_passes(&mut host);
}

#[test]
fn pointers_that_are_no_block() {
    let mut host = host();
    let tag = host.duplicate(TAG).unwrap();
    let block = host.duplicate(EVENT).unwrap();
    let end = i32::try_from(host.memory_bytes()).unwrap();
    for pointer in [0, 1, 16, 65_536, block - 1, block + 1, end - 1, end, i32::MAX, -1, -16, i32::MIN] {
        for length in [0, 1, 100, i32::MAX, -1] {
            let answer = host.call([pointer, length, 1, 2, pointer, length]).unwrap();
            // Of a record that cannot be seen, the latest `malloc` tells the format.
            let format = if answer.starts_with(b"{") { EventFormat::Json } else { EventFormat::Msgpack };
            assert_whole(&answer, format);
        }
    }
    assert_ne!(tag, block);
    assert_ordinary_record_passes(&mut host);
}

#[test]
fn a_call_before_any_malloc() {
    let mut host = host();
    assert_stub(&host.call([0; 6]).unwrap(), EventFormat::Json, "empty");
    assert_whole(&host.call([0, 0, 0, 0, 0, 100]).unwrap(), EventFormat::Json);
    assert_ordinary_record_passes(&mut host);
}

#[test]
fn absurd_allocations() {
    let mut host = host();
    for size in [-1, i32::MIN, i32::MIN + 1, i32::MAX, 1 << 30, 200 << 20] {
        assert_eq!(host.malloc(size).unwrap(), 0, "{size}");
        assert_whole(&host.call([0, 0, 0, 0, 0, size]).unwrap(), EventFormat::Msgpack);
    }
    // More at once than any call uses: refused, not handed out twice.
    let blocks: Vec<i32> = (0..100).map(|_| host.malloc(1000).unwrap()).filter(|&block| block != 0).collect();
    for (nth, &block) in blocks.iter().enumerate() {
        assert!(blocks.iter().skip(nth + 1).all(|other| other.abs_diff(block) >= 1000), "{blocks:?}");
    }
    host.call([0; 6]).unwrap();
    assert_ordinary_record_passes(&mut host);
}

#[test]
fn free_takes_any_pointer() {
    let mut host = host();
    let before = host.filter(EventFormat::Json, EVENT).unwrap();
    let block = host.malloc(1000).unwrap();
    for pointer in [0, 1, block, block, block + 1, -1, i32::MIN, i32::MAX] {
        host.free(pointer).unwrap();
    }
    host.call([0; 6]).unwrap();
    assert_eq!(host.filter(EventFormat::Json, EVENT).unwrap(), before);
    assert_ordinary_record_passes(&mut host);
}

#[test]
fn bytes_that_are_not_utf_8() {
    let mut host = host();
    let mut record = EVENT.to_vec();
    let alice = record.windows(5).position(|window| window == b"alice").unwrap();
    for bytes in [&b"\xff\xfe\x80\xc0\xaf"[..], b"\xed\xa0\x80..", b"\xf8\x88\x80\x80\x80", b"\0\0\0\0\0"] {
        record.splice(alice..alice + 5, bytes.iter().copied());
        for record in [record.clone(), msgpack::log_record(&record)] {
            let answer = host.filter(EventFormat::of(&record), &record).unwrap();
            assert_eq!(answer, native(&record));
            assert_whole(&answer, EventFormat::of(&record));
        }
    }
    assert_ordinary_record_passes(&mut host);
}

#[test]
fn random_bytes_of_every_length() {
    let mut host = host();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    for length in 1..600 {
        let mut record: Vec<u8> = (0..length).map(|_| next()).collect();
        for first in [None, Some(b'{'), Some(0x81), Some(0xdf)] {
            if let Some(first) = first {
                record[0] = first;
            }
            let answer = host.filter(EventFormat::of(&record), &record).unwrap();
            assert_eq!(answer, native(&record), "{record:02x?}");
            assert_whole(&answer, EventFormat::of(&record));
        }
    }
}

#[test]
fn every_prefix_of_a_record() {
    let mut host = host();
    for record in [EVENT.to_vec(), msgpack::log_record(EVENT)] {
        for end in 1..record.len() {
            let answer = host.filter(EventFormat::of(&record), &record[..end]).unwrap();
            assert_eq!(answer, native(&record[..end]), "{end}");
            assert_whole(&answer, EventFormat::of(&record));
        }
    }
}

#[test]
fn an_event_of_five_mebibytes() {
    let mut host = host();
    let filler = "x".repeat(100);
    let mut record = String::from_utf8(EVENT.to_vec()).unwrap();
    record.truncate(record.len() - 1);
    record.push_str(r#","responseObject":{"kind":"ConfigMap","apiVersion":"v1","data":{"lines":""#);
    while record.len() < 5 << 20 {
        record.push_str(&filler);
        record.push_str(r"\n");
    }
    record.push_str(r#""}}}"#);
    for record in [record.clone().into_bytes(), msgpack::log_record(record.as_bytes())] {
        let answer = host.filter(EventFormat::of(&record), &record).unwrap();
        assert!(answer == native(&record), "{} bytes in, {} bytes out", record.len(), answer.len());
        assert_whole(&answer, EventFormat::of(&record));
    }
    assert_ordinary_record_passes(&mut host);
}

#[test]
fn an_answer_stays_until_the_next_malloc() {
    let mut host = host();
    let tag = host.duplicate(TAG).unwrap();
    let block = host.duplicate(EVENT).unwrap();
    let length = i32::try_from(EVENT.len()).unwrap();
    let answer = host.call([tag, 10, 1, 2, block, length]).unwrap();
    host.free(tag).unwrap();
    host.free(block).unwrap();
    // The record is still there as well: a host may call twice without placing it again.
    assert_eq!(host.call([tag, 10, 1, 2, block, length]).unwrap(), answer);
    assert_eq!(answer, native(EVENT));
}
