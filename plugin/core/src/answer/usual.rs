//! HOT: the msgpack answer to an event of which everything stays: its text, the stamp that tells of nothing, and
//! the member beside it. Three copies; whatever is longer, shorter or told is for [`assemble`](super::assemble),
//! which would write the same.

use super::assemble::ROOM_BEHIND;
use crate::limits::MSGPACK_TEXT;
use crate::memory::{append_all, reset};
use alloc::vec::Vec;

/// What stands between the event's last member and what is added.
const BEFORE: &[u8] = b",\"auditveil\":{\"version\":\"1\"";

/// What stands behind that: the end of the stamp and of the text, and the member beside it.
const BEHIND: &[u8] = b"}}\xb1auditveil_version\xa11";

/// How much of both belongs to the text.
const IN_TEXT: usize = BEFORE.len().wrapping_add(2);

/// Writes the answer to an event with these members, and with `added` to its stamp; `false` if there is no memory, or the
/// text has no length that can be written like this.
#[inline(always)]
pub(crate) fn write(members: &[u8], added: &[u8], out: &mut Vec<u8>) -> bool {
    let length = members.len().wrapping_add(added.len()).wrapping_add(IN_TEXT + 1);
    // No byte of the length may be zero: INVARIANT (no-zero).
    if !(256..=MSGPACK_TEXT).contains(&length) || length & 0xff == 0 {
        return false;
    }
    let before = [0x82, 0xa3, b'l', b'o', b'g', 0xda, (length >> 8) as u8, length as u8, b'{'];
    reset(out, members.len().wrapping_add(added.len()).wrapping_add(ROOM_BEHIND))
        && append_all(out, &[&before, members, BEFORE, added, BEHIND])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Filter;
    use alloc::format;

    #[test]
    fn all_lengths_are_as_any_other_answer() {
        let mut filter = Filter::new();
        let (mut packed, mut json) = (Vec::new(), Vec::new());
        let mut usual = 0;
        for length in (150..800).chain(65_300..65_600) {
            let text =
                format!(r#"{{"auditID":"x","level":"Metadata","userAgent":"{}"}}"#, "a".repeat(length));
            let mut record = b"\x81\xa3log\xdb".to_vec();
            record.extend_from_slice(&(text.len() as u32).to_be_bytes());
            record.extend_from_slice(text.as_bytes());
            filter.process(&record, &mut packed);
            filter.process(text.as_bytes(), &mut json);
            let members = &text.as_bytes()[1..text.len() - 1];
            if write(members, b"", &mut record) {
                assert_eq!(packed, record, "{length}");
                assert_eq!(record[9..record.len() - 20], json[1..], "{length}");
                assert!(!record.contains(&0), "{length}");
                usual += 1;
            }
        }
        assert!(usual > 700, "{usual}");
    }
}
