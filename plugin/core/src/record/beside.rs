//! Cold: what stands beside the text that holds the event of a record. Names say what is a credential there, as in any
//! object that is no event, and as beside the event of a msgpack record.

use super::document::Document;
use super::member::{Fate, Member};
use crate::event::fields::Field;
use crate::json::skip_space;
use crate::redact::edits::Edit;
use crate::redact::places::Place;
use crate::redact::walk::{Broken, Walker};
use core::mem::discriminant;

/// What log shippers and container runtimes put beside a line: no names of credentials, and texts of which nobody
/// needs a look.
const USUAL: [&[u8]; 5] = [b"\"stream\":", b"\"time\":", b"\"logtag\":", b"\"_p\":", b"\"date\":"];

/// The longest of these texts, with its quotes: a time.
const LONGEST: usize = 40;

impl Document {
    /// Walks what stands beside the text in `log` once more, as an object of which nothing is known; `false` if there is no
    /// memory.
    ///
    /// What has members of an event stays as the first walk left it: a second filter reads it in that way. Of a record that
    /// is cut, only what runtimes write stays: what cannot be read to its end cannot be walked again.
    pub(super) fn walk_beside(&mut self, bytes: &[u8], walker: &mut Walker) -> bool {
        let Some(log) = self.find(Field::Log) else { return true };
        let is_usual = |member: &&Member| member.start == log.start || is_usual(bytes, **member);
        if Field::make_event(self.fields) || !self.members.iter().any(|member| !is_usual(&member)) {
            return true;
        }
        if self.cut {
            for member in self.members.iter_mut().filter(|member| !is_usual(&&**member)) {
                member.fate = Fate::Gone;
            }
            return true;
        }
        let edits = core::mem::take(&mut walker.edits);
        let regions = core::mem::take(&mut walker.regions);
        let (hits, start) = (walker.hits, skip_space(bytes, 0));
        // One more walk when a Secret was found late, and one more for Secrets found only then.
        for _ in 0..3 {
            walker.restart();
            match walker.value(bytes, start, Place::Record, 0) {
                Ok(_) if walker.late => {}
                // What any value of an event loses has to go here, too: the next filter finds it in one.
                Ok(_) if !covers(&walker.edits, &edits) => break,
                Ok(_) => {
                    walker.edits.retain(|edit| edit.start < log.value || edit.start >= log.end);
                    return true;
                }
                Err(Broken::NoMemory) => return false,
                Err(_) => break,
            }
        }
        walker.restart();
        (walker.edits, walker.regions) = (edits, regions);
        walker.hits = hits;
        true
    }
}

/// Whether a member is one of these.
fn is_usual(bytes: &[u8], member: Member) -> bool {
    let name = bytes.get(member.start as usize..member.value as usize).unwrap_or_default();
    let value = bytes.get(member.value as usize..member.end as usize).unwrap_or_default();
    let in_time =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b':' | b'.' | b'"');
    value.len() <= LONGEST && value.iter().all(in_time) && USUAL.contains(&name)
}

/// Whether all that the others change is part of what the one edits change, and texts are opened in the same way; both
/// are in order.
fn covers(edits: &[Edit], others: &[Edit]) -> bool {
    let mut left = edits.iter().peekable();
    others.iter().all(|other| {
        while left.next_if(|edit| edit.end < other.end).is_some() {}
        left.peek().is_some_and(|edit| {
            edit.start <= other.start
                && (!edit.put.is_open() || discriminant(&edit.put) == discriminant(&other.put))
        })
    })
}
