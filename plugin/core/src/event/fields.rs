//! The fields of an audit event, and of the records it may arrive in. Data only.
//!
//! Source: `Event` in `k8s.io/apiserver/pkg/apis/audit/v1/types.go`.

use crate::json::known::Index;
use crate::json::scan;

/// A member of a record that means something to the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Annotations,
    ApiVersion,
    AuditId,
    AuthenticationMetadata,
    ImpersonatedUser,
    Kind,
    Level,
    /// A member whose name is damaged.
    Damaged,
    /// The member that holds what is too much for one object.
    BeyondLimit,
    /// A member by which an envelope, a copy of the event or an origin is told; what it is, its name tells.
    Envelope,
    /// The member in which Fluent Bit's `tail` puts a line.
    Log,
    ObjectRef,
    RequestObject,
    RequestReceivedTimestamp,
    RequestUri,
    ResponseObject,
    ResponseStatus,
    SourceIps,
    Stage,
    StageTimestamp,
    /// What this filter adds.
    Stamp,
    User,
    UserAgent,
    Verb,
    /// What this filter adds beside the text of a msgpack answer.
    Version,
    /// Any other member.
    Other,
}

/// The name of the member that holds what is too much for one object.
pub(crate) const BEYOND_LIMIT: &[u8] = b"keys_beyond_limit";

/// The name of what this filter adds.
pub(crate) const STAMP: &[u8] = b"auditveil";

/// A field and its name.
#[derive(Clone, Copy)]
struct Known {
    name: &'static str,
    field: Field,
    /// Whether the first letter may be a capital: that of a name in Go.
    capital: bool,
}

/// In the order in which the apiserver writes them.
static KNOWN: [Known; 33] = [
    known("kind", Field::Kind, true),
    known("apiVersion", Field::ApiVersion, true),
    known("level", Field::Level, true),
    known("auditID", Field::AuditId, true),
    known("stage", Field::Stage, true),
    known("requestURI", Field::RequestUri, true),
    known("verb", Field::Verb, true),
    known("user", Field::User, true),
    known("impersonatedUser", Field::ImpersonatedUser, true),
    known("authenticationMetadata", Field::AuthenticationMetadata, true),
    known("sourceIPs", Field::SourceIps, true),
    known("userAgent", Field::UserAgent, true),
    known("objectRef", Field::ObjectRef, true),
    known("responseStatus", Field::ResponseStatus, true),
    known("requestObject", Field::RequestObject, true),
    known("responseObject", Field::ResponseObject, true),
    known("requestReceivedTimestamp", Field::RequestReceivedTimestamp, true),
    known("stageTimestamp", Field::StageTimestamp, true),
    known("annotations", Field::Annotations, true),
    known("auditveil", Field::Stamp, false),
    known("aPIVersion", Field::ApiVersion, true),
    known("auditveil_version", Field::Version, false),
    known("keys_beyond_limit", Field::BeyondLimit, false),
    known("log", Field::Log, false),
    known("stream", Field::Envelope, false),
    known("kubernetes", Field::Envelope, false),
    known("message", Field::Envelope, false),
    known("msg", Field::Envelope, false),
    known("event", Field::Envelope, false),
    known("requestBody", Field::Envelope, false),
    known("responseBody", Field::Envelope, false),
    known("requestHeader", Field::Envelope, false),
    known("responseHeader", Field::Envelope, false),
];

static INDEX: Index<{ KNOWN.len() }> = Index::of(&names());

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn names() -> [&'static str; KNOWN.len()] {
    let mut names = [""; KNOWN.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = KNOWN[at].name;
        at += 1;
    }
    names
}

const fn known(name: &'static str, field: Field, capital: bool) -> Known {
    Known { name, field, capital }
}

/// The names of an event's own members, as the apiserver writes them, and in that order.
pub(crate) fn own_names() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().filter(|known| known.capital && known.name != "aPIVersion").map(|known| known.name)
}

/// A name as the apiserver spells it in JSON, with its quotes and the colon, in words that can be compared.
#[derive(Clone, Copy)]
struct Spelled {
    /// The first eight bytes. Of a name of seven the eighth is what its value begins with.
    head: u64,
    /// The last eight bytes, as far as there are more than eight, and where they begin.
    tail: u64,
    tail_at: usize,
    /// The second and the third eight, as far as there are more than 16 and 24.
    second: u64,
    third: u64,
    length: usize,
    field: Field,
}

/// How many of [`KNOWN`] an apiserver writes, and in that order.
const WRITTEN: usize = 19;
/// How many names that are missing are passed over for one that comes later in that order.
const PASSED_OVER: usize = 4;

static SPELLED: [Spelled; WRITTEN] = spelled_names();

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn spelled_names() -> [Spelled; WRITTEN] {
    const fn word(text: &[u8; 32], at: usize) -> u64 {
        let mut word = 0;
        let mut byte = 0;
        while byte < 8 {
            word |= (text[at + byte] as u64) << (8 * byte);
            byte += 1;
        }
        word
    }
    let none = Spelled { head: 0, tail: 0, tail_at: 0, second: 0, third: 0, length: 0, field: Field::Other };
    let mut spelled = [none; WRITTEN];
    let mut index = 0;
    while index < WRITTEN {
        let name = KNOWN[index].name.as_bytes();
        let length = name.len() + 3;
        let mut text = [0; 32];
        text[0] = b'"';
        let mut at = 0;
        while at < name.len() {
            text[at + 1] = name[at];
            at += 1;
        }
        text[length - 2] = b'"';
        text[length - 1] = b':';
        // Of these, two are texts and the user is an object.
        text[length] = if matches!(KNOWN[index].field, Field::User) { b'{' } else { b'"' };
        spelled[index] = Spelled {
            head: word(&text, 0),
            second: if length > 16 { word(&text, 8) } else { 0 },
            third: if length > 24 { word(&text, 16) } else { 0 },
            tail: if length > 8 { word(&text, length - 8) } else { 0 },
            tail_at: length.saturating_sub(8),
            length,
            field: KNOWN[index].field,
        };
        index += 1;
    }
    spelled
}

/// For each field the index of the name that comes behind it.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn behind_each() -> [u8; 32] {
    let mut behind = [0; 32];
    let mut index = 0;
    while index < WRITTEN {
        behind[KNOWN[index].field as usize] = index as u8 + 1;
        index += 1;
    }
    behind
}

impl Spelled {
    /// Whether `rest` begins with the name; `first` are its first eight bytes.
    #[inline(always)]
    fn begins(&self, rest: &[u8], first: u64) -> bool {
        if first != self.head {
            return false;
        }
        if self.tail_at == 0 {
            return true;
        }
        scan::word(rest, self.tail_at) == Some(self.tail)
            && (self.length <= 16
                || scan::word(rest, 8) == Some(self.second)
                    && (self.length <= 24 || scan::word(rest, 16) == Some(self.third)))
    }
}

/// Finds fields, faster where they come in the usual order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Finder {
    /// The index of the name that comes next.
    next: usize,
}

impl Finder {
    /// The field whose name `rest` begins with, and the length of the name with its quotes and its colon, if
    /// that is one of the next that an apiserver would write, spelled as it would. `None` says nothing.
    #[inline(always)]
    pub(crate) fn expected(&mut self, rest: &[u8]) -> Option<(Field, usize)> {
        let first = scan::word(rest, 0)?;
        let expected = SPELLED.get(self.next)?;
        if expected.begins(rest, first) {
            self.next = self.next.wrapping_add(1);
            return Some((expected.field, expected.length));
        }
        self.later(rest, first)
    }

    /// Whether nothing was found so far; what comes behind `kind` and `apiVersion` is then expected.
    #[inline(always)]
    pub(crate) fn opens(&mut self) -> bool {
        let opens = self.next == 0;
        if opens {
            self.passes(Field::ApiVersion);
        }
        opens
    }

    /// From now on what comes behind `field` is expected.
    #[inline(always)]
    pub(crate) fn passes(&mut self, field: Field) {
        self.next = const { behind_each() }.get(field as usize).copied().map_or(0, usize::from);
    }

    /// [`expected`](Self::expected) where names are missing.
    #[inline(never)]
    fn later(&mut self, rest: &[u8], first: u64) -> Option<(Field, usize)> {
        let coming = SPELLED.get(self.next..)?.iter().take(PASSED_OVER.wrapping_add(1)).enumerate();
        for (missing, expected) in coming {
            if expected.begins(rest, first) {
                self.next = self.next.wrapping_add(missing).wrapping_add(1);
                return Some((expected.field, expected.length));
            }
        }
        None
    }

    /// The field called `name`; letters may be capitals where Go takes them for small ones.
    pub(crate) fn named(&mut self, name: &[u8]) -> Field {
        let mut likely = INDEX.likely(name).filter_map(|at| Some((at, KNOWN.get(at)?)));
        let found = likely.find(|(_, known)| known.name.as_bytes().eq_ignore_ascii_case(name));
        let Some((at, known)) = found else { return Field::Other };
        let same = |from: usize| name.get(from..) == known.name.as_bytes().get(from..);
        if same(0) || known.capital && same(1) {
            self.next = at.wrapping_add(1);
            return known.field;
        }
        // Readers in Go take letters for their capitals, so a field in other letters decides as well, and what stands
        // there is not trusted less.
        if known.capital { known.field } else { Field::Other }
    }
}

impl Field {
    /// The field called `name`; letters may be capitals where Go takes them for small ones.
    pub(crate) fn named(name: &[u8]) -> Field {
        Finder::default().named(name)
    }

    /// The name as Kubernetes spells it, if this is a field of an audit event.
    pub(crate) const fn name(self) -> Option<&'static str> {
        Some(match self {
            Field::Annotations => "annotations",
            Field::ApiVersion => "apiVersion",
            Field::AuditId => "auditID",
            Field::AuthenticationMetadata => "authenticationMetadata",
            Field::ImpersonatedUser => "impersonatedUser",
            Field::Kind => "kind",
            Field::Level => "level",
            Field::ObjectRef => "objectRef",
            Field::RequestObject => "requestObject",
            Field::RequestReceivedTimestamp => "requestReceivedTimestamp",
            Field::RequestUri => "requestURI",
            Field::ResponseObject => "responseObject",
            Field::ResponseStatus => "responseStatus",
            Field::SourceIps => "sourceIPs",
            Field::Stage => "stage",
            Field::StageTimestamp => "stageTimestamp",
            Field::User => "user",
            Field::UserAgent => "userAgent",
            Field::Verb => "verb",
            Field::Damaged
            | Field::BeyondLimit
            | Field::Envelope
            | Field::Log
            | Field::Stamp
            | Field::Version
            | Field::Other => return None,
        })
    }

    /// A bit of its own for every field.
    pub(crate) const fn bit(self) -> u32 {
        1_u32.wrapping_shl(self as u32)
    }

    /// Whether the field is one of those in `bits`.
    #[inline(always)]
    pub(crate) const fn is_in(self, bits: u32) -> bool {
        bits & self.bit() != 0
    }

    /// Whether the field tells which event it is; all of these are short texts.
    pub(crate) const fn identifies(self) -> bool {
        matches!(
            self,
            Field::ApiVersion
                | Field::AuditId
                | Field::Kind
                | Field::RequestReceivedTimestamp
                | Field::Stage
                | Field::StageTimestamp
                | Field::Verb
        )
    }

    /// The fields that only audit events have together; two of them make an event.
    ///
    /// `kind` and `apiVersion` are not among them: events in an `EventList` have neither, and older ones lack
    /// the latter.
    const MARKS: u32 = Field::AuditId.bit()
        | Field::Level.bit()
        | Field::ObjectRef.bit()
        | Field::RequestUri.bit()
        | Field::Stage.bit()
        | Field::StageTimestamp.bit()
        | Field::Verb.bit();

    /// Whether an object that has these fields, each by its bit, is an event.
    #[inline(always)]
    pub(crate) const fn make_event(fields: u32) -> bool {
        let marks = fields & Field::MARKS;
        // More than one bit.
        marks & marks.wrapping_sub(1) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    /// What [`Finder::named`] does, one comparison after another.
    fn naive(name: &[u8]) -> Field {
        match name.to_ascii_lowercase().as_slice() {
            b"annotations" => Field::Annotations,
            b"apiversion" => Field::ApiVersion,
            b"auditid" => Field::AuditId,
            b"authenticationmetadata" => Field::AuthenticationMetadata,
            b"impersonateduser" => Field::ImpersonatedUser,
            b"kind" => Field::Kind,
            b"level" => Field::Level,
            b"objectref" => Field::ObjectRef,
            b"requestobject" => Field::RequestObject,
            b"requestreceivedtimestamp" => Field::RequestReceivedTimestamp,
            b"requesturi" => Field::RequestUri,
            b"responseobject" => Field::ResponseObject,
            b"responsestatus" => Field::ResponseStatus,
            b"sourceips" => Field::SourceIps,
            b"stage" => Field::Stage,
            b"stagetimestamp" => Field::StageTimestamp,
            b"user" => Field::User,
            b"useragent" => Field::UserAgent,
            b"verb" => Field::Verb,
            _ => match name {
                b"log" => Field::Log,
                b"stream" | b"kubernetes" | b"message" | b"msg" | b"event" | b"requestBody"
                | b"responseBody" | b"requestHeader" | b"responseHeader" => Field::Envelope,
                STAMP => Field::Stamp,
                BEYOND_LIMIT => Field::BeyondLimit,
                b"auditveil_version" => Field::Version,
                _ => Field::Other,
            },
        }
    }

    fn capital(name: &str) -> Vec<u8> {
        let mut name = name.as_bytes().to_vec();
        if let Some(first) = name.first_mut() {
            first.make_ascii_uppercase();
        }
        name
    }

    #[test]
    fn names_are_those_that_are_found() {
        let named = KNOWN.iter().filter(|known| known.field.name() == Some(known.name));
        assert_eq!(named.count(), KNOWN.iter().filter(|known| known.capital).count() - 1);
    }

    #[test]
    fn every_name_is_found_from_everywhere() {
        for next in 0..KNOWN.len() {
            for known in &KNOWN {
                for name in [known.name.as_bytes().to_vec(), capital(known.name)] {
                    assert_eq!(Finder { next }.named(&name), naive(&name), "{name:?}");
                }
            }
        }
    }

    /// What [`Finder::expected`] finds, from any place in the order, the name has.
    fn check_expected(next: usize, json: &[u8]) {
        if let Some((field, length)) = (Finder { next }).expected(json) {
            let name = json.get(1..length - 2).unwrap_or_default();
            assert_eq!(field, naive(name), "{json:?}");
            assert_eq!(json.get(length - 2..length), Some(&b"\":"[..]));
        }
    }

    #[test]
    fn what_an_apiserver_writes_is_expected() {
        let mut finder = Finder::default();
        for known in KNOWN.iter().take(WRITTEN) {
            let value = if known.field == Field::User { "{}     " } else { "\"12345\"" };
            let json = alloc::format!("\"{}\":{value}", known.name);
            assert_eq!(finder.expected(json.as_bytes()), Some((known.field, known.name.len() + 3)));
            for next in 0..WRITTEN {
                check_expected(next, json.as_bytes());
                check_expected(next, &json.as_bytes()[..json.len() - 7]);
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_expected_is_spelled_so(
            index in 0..KNOWN.len(), next in 0..KNOWN.len(), at in any::<prop::sample::Index>(), byte in any::<u8>()
        ) {
            let mut json = alloc::format!("\"{}\":\"1234567", KNOWN[index].name).into_bytes();
            let at = at.index(json.len());
            json[at] = byte;
            check_expected(next, &json);
        }

        #[test]
        fn near_misses_agree_with_naive(
            index in 0..KNOWN.len(), next in 0..KNOWN.len(), at in any::<prop::sample::Index>(), byte in any::<u8>(), grow in any::<bool>()
        ) {
            let mut name = KNOWN[index].name.as_bytes().to_vec();
            if grow {
                name.insert(at.index(name.len() + 1), byte);
            } else if !name.is_empty() {
                let at = at.index(name.len());
                name[at] = byte;
            }
            prop_assert_eq!(Finder { next }.named(&name), naive(&name));
        }
    }
}
