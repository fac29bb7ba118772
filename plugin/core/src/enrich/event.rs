//! An event as facts and conditions see it: where its members are, and what is known of it.

use super::detections::{Detections, Rule};
use super::facts::Facts;
use super::patch;
use super::pods::Pods;
use crate::event::fields::Field;
use crate::json::members::Members;
use crate::json::{is_space, skip_space, text};
use crate::memory::push;
use alloc::vec::Vec;

/// Reads events, one after another, in buffers that are reused.
#[derive(Debug, Default)]
pub struct Reader {
    noted: Noted,
    /// What a JSON Patch writes.
    patched: Vec<u8>,
}

/// Where the members of an event are, and what is known of it, in buffers that are reused.
#[derive(Debug)]
pub(super) struct Noted {
    places: Places,
    facts: Facts,
    derived: Derived,
    text: Vec<u8>,
    detections: Option<Detections>,
    found: Vec<u16>,
    /// Detections have been asked.
    asked: bool,
    pods: Pods,
}

/// Where the members of an event are.
#[derive(Debug)]
struct Places {
    /// For each field where its member is, if the field is among `seen`.
    first: [Place; FIELDS],
    /// Fields that have a member, each by its bit.
    seen: u32,
    /// Fields that have more than one: their members are all in `more`.
    repeated: u32,
    more: Vec<(Field, Place)>,
}

/// The members of an event, for who finds out what follows from them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a, 'n> {
    texts: &'n Texts<'a>,
    places: &'n Places,
}

/// How much of the facts is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Derived {
    #[default]
    Nothing,
    /// All but who asked.
    Request,
    All,
}

/// A text in which members of an event stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// The event, or what was read as one.
    Event,
    /// What stands beside it.
    Beside,
    /// Members that do not come out as they stand there.
    Copy,
    /// The stamp.
    Stamp,
    /// A body that does not come out, or what a JSON Patch writes.
    Dropped,
}

/// The texts in which an event's members stand, each at the index of its [`Text`].
pub(super) type Texts<'a> = [&'a [u8]; 5];

/// Where the value of a member is.
#[derive(Clone, Copy, Debug)]
struct Place {
    text: Text,
    start: usize,
    end: usize,
}

impl Place {
    const NOWHERE: Place = Place { text: Text::Event, start: 0, end: 0 };

    #[inline(always)]
    fn of<'a>(&self, texts: Texts<'a>) -> Option<&'a [u8]> {
        text_of(texts, self.text).get(self.start..self.end)
    }
}

/// How many fields there are that mean something: [`Field::Other`] is the last one.
const FIELDS: usize = Field::Other as usize;

/// One event, as JSON text.
///
/// It is read as it stands: of a text that is damaged, what stands before the damage. What an envelope holds is not
/// looked at.
#[derive(Debug)]
pub struct Event<'a> {
    texts: Texts<'a>,
    reader: &'a mut Noted,
}

impl Default for Noted {
    fn default() -> Self {
        Noted::EMPTY
    }
}

impl Reader {
    /// A reader whose events know which of these detections fire.
    pub fn with_detections(detections: Detections) -> Self {
        Reader { noted: Noted { detections: Some(detections), ..Noted::EMPTY }, patched: Vec::new() }
    }

    /// The event that `bytes` holds: what the filter has answered, so that nothing hidden can be asked for.
    pub fn read<'a>(&'a mut self, bytes: &'a [u8]) -> Event<'a> {
        let Reader { noted, patched } = self;
        noted.begin();
        noted.note_all(bytes);
        let _ = noted.note_patch([bytes, b"", b"", b"", b""], patched);
        noted.event([bytes, b"", b"", b"", patched])
    }

    /// The event that `bytes` holds, whose members are found already: each as its field, and where its value begins and
    /// ends.
    pub(crate) fn read_found<'a>(
        &'a mut self,
        bytes: &'a [u8],
        mut members: impl Iterator<Item = (Field, usize, usize)>,
    ) -> Event<'a> {
        let noted = &mut self.noted;
        noted.begin();
        let _ = members.all(|(field, start, end)| noted.note(field, Text::Event, start, end));
        noted.event([bytes, b"", b"", b"", b""])
    }

    /// What the detections are called that events are asked for, in their order.
    pub fn rules(&self) -> &[Rule] {
        self.noted.detections.as_ref().map_or(&[], Detections::rules)
    }
}

impl Places {
    /// Notes where a member stands, if it has a meaning; `false` if there is no memory.
    #[inline(always)]
    fn note(&mut self, field: Field, text: Text, start: usize, end: usize) -> bool {
        let Some(place) = self.first.get_mut(field as usize) else { return true };
        if field.is_in(self.seen) {
            return self.note_again(field, Place { text, start, end });
        }
        self.seen |= field.bit();
        *place = Place { text, start, end };
        true
    }

    #[cold]
    #[inline(never)]
    fn note_again(&mut self, field: Field, place: Place) -> bool {
        if !field.is_in(self.repeated) {
            self.repeated |= field.bit();
            let first = self.first.get(field as usize).copied().unwrap_or(Place::NOWHERE);
            if !push(&mut self.more, (field, first)) {
                return false;
            }
        }
        push(&mut self.more, (field, place))
    }

    /// The only member of a field.
    #[inline(always)]
    fn only(&self, field: Field) -> Option<&Place> {
        if !field.is_in(self.seen & !self.repeated) {
            return None;
        }
        self.first.get(field as usize)
    }

    /// All members of a field.
    fn all(&self, field: Field) -> impl Iterator<Item = &Place> {
        let more = if field.is_in(self.repeated) { self.more.as_slice() } else { &[] };
        let more = more.iter().filter(move |(other, _)| *other == field).map(|(_, place)| place);
        self.only(field).into_iter().chain(more)
    }

    /// Whether a field has any member.
    #[inline(always)]
    fn has(&self, field: Field) -> bool {
        field.is_in(self.seen)
    }
}

impl<'a, 'n> Found<'a, 'n> {
    /// The values of a member, as they stand: more than one only where the event holds it more than once.
    pub(super) fn values(self, field: Field) -> impl Iterator<Item = &'a [u8]> {
        let Found { texts, places } = self;
        places.all(field).filter_map(move |place| place.of(*texts))
    }

    /// The value of a member, if there is just one.
    #[inline(always)]
    pub(super) fn value(self, field: Field) -> Option<&'a [u8]> {
        self.places.only(field)?.of(*self.texts)
    }

    /// Where that stands: a text, and where in it.
    pub(super) fn span(self, field: Field) -> Option<(&'a [u8], usize, usize)> {
        let member = self.places.only(field)?;
        Some((text_of(*self.texts, member.text), member.start, member.end))
    }

    /// Whether a member stands there at all.
    pub(super) fn has(self, field: Field) -> bool {
        self.places.has(field)
    }
}

impl Noted {
    /// With empty buffers.
    pub(super) const EMPTY: Noted = Noted {
        places: Places { first: [Place::NOWHERE; FIELDS], seen: 0, repeated: 0, more: Vec::new() },
        facts: Facts::NONE,
        derived: Derived::Nothing,
        text: Vec::new(),
        detections: None,
        found: Vec::new(),
        asked: false,
        pods: Pods::NONE,
    };

    /// Notes the members of an object.
    pub(super) fn note_all(&mut self, bytes: &[u8]) {
        for member in Members::new(bytes, skip_space(bytes, 0)) {
            let name = bytes.get(member.name_start..member.name_end).unwrap_or_default();
            let field = if name.contains(&b'\\') {
                if text::unescape(name, &mut self.text) { Field::named(&self.text) } else { Field::Other }
            } else {
                Field::named(name)
            };
            if !self.note(field, Text::Event, member.value_start, member.value_end) {
                break;
            }
        }
    }

    /// Forgets the event that was read before.
    pub(super) fn begin(&mut self) {
        self.places.seen = 0;
        self.places.repeated = 0;
        self.places.more.clear();
        self.derived = Derived::Nothing;
        self.found.clear();
        self.asked = false;
        self.pods.begin();
    }

    /// Notes where a member stands, if it has a meaning; `false` if there is no memory.
    #[inline(always)]
    pub(super) fn note(&mut self, field: Field, text: Text, start: usize, end: usize) -> bool {
        self.places.note(field, text, start, end)
    }

    /// Takes a body for the event's that is not one of its members.
    pub(super) fn take_body(&mut self, length: usize) -> bool {
        self.pods.begin();
        let body = Place { text: Text::Dropped, start: 0, end: length };
        if let Some(place) = self.places.first.get_mut(Field::RequestObject as usize) {
            *place = body;
        }
        for (_, place) in self.places.more.iter_mut().filter(|(field, _)| *field == Field::RequestObject) {
            *place = body;
        }
        self.places.seen |= Field::RequestObject.bit();
        true
    }

    /// The event whose members were noted.
    pub(super) fn event<'a>(&'a mut self, texts: Texts<'a>) -> Event<'a> {
        Event { texts, reader: self }
    }

    /// Notes what a JSON Patch in the request's body writes, if anything, as one more body, which `patched` holds then; `false` if there
    /// is no memory.
    #[inline(always)]
    pub(super) fn note_patch(&mut self, texts: Texts<'_>, patched: &mut Vec<u8>) -> bool {
        match self.places.only(Field::RequestObject).and_then(|body| body.of(texts)) {
            Some(body) if patch::is_patch(body) => self.note_what_it_writes(body, patched),
            _ => true,
        }
    }

    #[cold]
    #[inline(never)]
    fn note_what_it_writes(&mut self, patch: &[u8], patched: &mut Vec<u8>) -> bool {
        const NOTHING: usize = b"{}".len();
        patch::as_object(patch, patched)
            && (patched.len() <= NOTHING || self.note(Field::RequestObject, Text::Dropped, 0, patched.len()))
    }
}

impl<'a> Event<'a> {
    /// What follows from the event, found once.
    pub fn facts(&mut self) -> &Facts {
        self.derive(Derived::All);
        &self.reader.facts
    }

    /// Takes this for what follows from the event, whatever it says.
    pub(super) fn suppose(&mut self, set: impl FnOnce(&mut Facts)) {
        self.reader.derived = Derived::All;
        set(&mut self.reader.facts);
    }

    /// The same, without who asked and from where.
    pub(super) fn request_facts(&mut self) -> &Facts {
        self.derive(Derived::Request);
        &self.reader.facts
    }

    #[inline(always)]
    fn derive(&mut self, wanted: Derived) {
        // Asked for several times of each event: a call would cost more than the question.
        if self.reader.derived < wanted {
            self.derive_more(wanted);
        }
    }

    #[inline(never)]
    fn derive_more(&mut self, wanted: Derived) {
        let Noted { facts, places, derived, .. } = &mut *self.reader;
        let found = Found { texts: &self.texts, places };
        if *derived == Derived::Nothing {
            facts.derive_request(found);
        }
        if wanted == Derived::All {
            facts.derive_client(found);
        }
        *derived = wanted;
    }

    /// What follows from the event, if [`facts`](Self::facts) has found it.
    pub(crate) fn derived(&self) -> &Facts {
        &self.reader.facts
    }

    /// The detections that fire, found once; none if the reader has none. Those that the event's own stamp names are
    /// among them: whoever wrote it may have seen more of the event.
    pub fn detections(&mut self) -> impl ExactSizeIterator<Item = &Rule> {
        self.find_detections();
        self.known_detections()
    }

    /// Finds them.
    pub(super) fn find_detections(&mut self) {
        if !self.reader.asked {
            self.reader.asked = true;
            if let Some(detections) = self.reader.detections.take() {
                let mut found = core::mem::take(&mut self.reader.found);
                detections.find(self, &mut found);
                if let Some(stamp) = self.value(Field::Stamp) {
                    detections.add_told(stamp, &mut found);
                }
                self.reader.found = found;
                self.reader.detections = Some(detections);
            }
        }
    }

    /// Those that are found already: none as long as conditions of detections are asked.
    pub(super) fn known_detections(&self) -> impl ExactSizeIterator<Item = &Rule> {
        let Noted { detections, found, .. } = &*self.reader;
        let rules = detections.as_ref().map_or(&[][..], Detections::rules);
        let none = const { &Rule::NONE };
        found.iter().map(move |&at| rules.get(usize::from(at)).unwrap_or(none))
    }

    /// Whether the reader has detections.
    pub(super) fn has_detections(&self) -> bool {
        self.reader.detections.is_some()
    }

    /// Whether it has members that only audit events have together.
    pub(super) fn is_audit_event(&self) -> bool {
        Field::make_event(self.reader.places.seen)
    }

    #[inline(always)]
    fn members(&self) -> Found<'a, '_> {
        Found { texts: &self.texts, places: &self.reader.places }
    }

    /// The values of a member, as they stand: more than one only where the event holds it more than once.
    pub(crate) fn values(&self, field: Field) -> impl Iterator<Item = &'a [u8]> {
        self.members().values(field)
    }

    /// The value of a member, if there is just one.
    #[inline(always)]
    pub(crate) fn value(&self, field: Field) -> Option<&'a [u8]> {
        self.members().value(field)
    }

    /// Whether a member stands there at all.
    pub(super) fn has(&self, field: Field) -> bool {
        self.members().has(field)
    }

    /// The values of `user`, `userAgent` and `sourceIPs`, empty where there is none; `None` if one stands there more than
    /// once.
    #[inline(always)]
    pub(super) fn client(&self) -> Option<[&'a [u8]; 3]> {
        const CLIENT: u32 = Field::User.bit() | Field::UserAgent.bit() | Field::SourceIps.bit();
        let parts = [Field::User, Field::UserAgent, Field::SourceIps];
        (self.reader.places.repeated & CLIENT == 0)
            .then(|| parts.map(|field| self.value(field).unwrap_or_default()))
    }

    /// Whether each of these stands there just once, in the event as it came.
    #[inline(always)]
    pub(super) fn client_is_as_it_came(&self) -> bool {
        [Field::User, Field::UserAgent, Field::SourceIps]
            .into_iter()
            .all(|field| self.reader.places.only(field).is_some_and(|place| place.text == Text::Event))
    }

    /// The pods of a request's body and their containers, and the texts they stand in.
    pub(super) fn pods(&mut self) -> (&Pods, Texts<'a>) {
        let texts = self.texts;
        if !self.reader.pods.are_found() {
            let mut pods = core::mem::take(&mut self.reader.pods);
            let bodies = self.reader.places.all(Field::RequestObject);
            pods.find(bodies.map(|body| (body.text, text_of(texts, body.text), body.start, body.end)));
            self.reader.pods = pods;
        }
        (&self.reader.pods, texts)
    }

    /// A buffer for texts, to be given back.
    pub(super) fn take_text(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.reader.text)
    }

    /// Gives back what [`take_text`](Self::take_text) took.
    pub(super) fn give_text(&mut self, text: Vec<u8>) {
        self.reader.text = text;
    }
}

#[inline(always)]
pub(super) fn text_of(texts: Texts<'_>, text: Text) -> &[u8] {
    let [event, beside, copy, stamp, dropped] = texts;
    match text {
        Text::Event => event,
        Text::Beside => beside,
        Text::Copy => copy,
        Text::Stamp => stamp,
        Text::Dropped => dropped,
    }
}

/// The text between the quotes of a JSON string; `None` if the value is none.
pub(crate) fn quoted(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

/// The only member of an object that is called `name`, in any case as Go's decoder has it: what an event says of the
/// request, its user and its answer. `None` if there is none or more than one.
pub(crate) fn member<'a>(object: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut found = None;
    for member in Members::new(object, 0) {
        let this = object.get(member.name_start..member.name_end).unwrap_or_default();
        if this.eq_ignore_ascii_case(name) && found.replace(member).is_some() {
            return None;
        }
    }
    found.and_then(|member| object.get(member.value_start..member.value_end))
}

/// Walks over the items of a JSON array; stops early where it is damaged.
#[derive(Clone, Debug)]
pub(crate) struct Items<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Items<'a> {
    /// The items of the array that `value` is; none if it is none.
    pub(crate) fn new(value: &'a [u8]) -> Self {
        Items { bytes: value, at: if value.first() == Some(&b'[') { 1 } else { value.len() } }
    }

    /// Where the next item is.
    pub(super) fn next_span(&mut self) -> Option<(usize, usize)> {
        let start = skip_space(self.bytes, self.at);
        let end = crate::json::skip::value(self.bytes, start)?;
        let comma = skip_space(self.bytes, end);
        self.at = if self.bytes.get(comma) == Some(&b',') { comma.wrapping_add(1) } else { self.bytes.len() };
        Some((start, end))
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (start, end) = self.next_span()?;
        self.bytes.get(start..end)
    }
}

/// Whether a value is `null`.
pub(super) fn is_null(value: &[u8]) -> bool {
    value.trim_ascii_end().strip_prefix(b"null").is_some_and(|rest| rest.iter().copied().all(is_space))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_arrays() {
        let items = |text: &'static str| Items::new(text.as_bytes()).collect::<Vec<_>>();
        assert_eq!(items(r#"[1, "a]" ,{"b":[2]},[]]"#), [&b"1"[..], b"\"a]\"", b"{\"b\":[2]}", b"[]"]);
        assert!(items("[]").is_empty() && items("{}").is_empty() && items("").is_empty());
        assert_eq!(items("[1,\"cut"), [b"1"]);
    }

    #[test]
    fn members_that_stand_twice_are_none() {
        let mut reader = Reader::default();
        let event = reader.read(br#"{"verb":"get","Verb":"list","level":"Metadata","st\u0061ge":"Panic"}"#);
        assert_eq!(event.value(Field::Verb), None);
        assert_eq!(event.values(Field::Verb).count(), 2);
        assert_eq!(event.value(Field::Level), Some(&b"\"Metadata\""[..]));
        assert_eq!(event.value(Field::Stage), Some(&b"\"Panic\""[..]));
        assert_eq!(member(br#"{"a":1,"A":2,"b":3}"#, b"a"), None);
        assert_eq!(member(br#"{"a":1,"A":2,"b":3}"#, b"b"), Some(&b"3"[..]));
    }
}
