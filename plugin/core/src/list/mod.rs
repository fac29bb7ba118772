//! Lists of events: what is one, and where its items are.
//!
//! ```text
//! {"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[EVENT,EVENT]}
//! [EVENT,EVENT]
//! ```
//!
//! An API server's webhook backend sends the first, shippers that batch send the second. Each item is an
//! event of its own: nothing that one says decides about another. What is found here are positions; nothing
//! is copied, and an item may be anything, readable or not.
//!
//! - [`clean`]: writes a list whose items are filtered

pub(crate) mod clean;

use crate::event::fields::Field;
use crate::json::members::Members;
use crate::json::utf8::REPLACEMENT;
use crate::json::{is_space, scan, skip, skip_space};
use crate::limits::{EMITTED_KEYS, LIST_MEMBERS};
use crate::redact::edits::MASK;

/// The events of a record that is a list, one after another, as the bytes they have in it.
///
/// A record is a list if it says that its `kind` is `EventList` (of `audit.k8s.io`), or if its `items` hold
/// an event, or if it is a JSON array that holds one. A record whose text under `log` is a list is none
/// itself. `None`: the record is no list, or one without items, and is best filtered as it is.
///
/// Where a list is damaged or cut, all that is left of it is one item more, so that nothing is passed over.
/// Items are what stands there: those that are no events become stubs when they are filtered. What else a
/// list has, its `metadata` for one, is in no item.
///
/// ```
/// let list = br#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{"auditID":"a"},{"auditID":"b"}]}"#;
/// let items: Vec<&[u8]> = auditveil_core::list::items(list).unwrap().collect();
/// assert_eq!(items, [br#"{"auditID":"a"}"#, br#"{"auditID":"b"}"#]);
/// ```
pub fn items(record: &[u8]) -> Option<Items<'_>> {
    let record = record.strip_prefix("\u{feff}".as_bytes()).unwrap_or(record);
    let mut items = Items { cursor: Cursor::new(record) };
    (is_list(record, Where::Record) && items.next().is_some()).then(|| Items { cursor: Cursor::new(record) })
}

/// The items of a list, see [`items`].
#[derive(Clone, Debug)]
pub struct Items<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let item = self.cursor.next()?;
        self.cursor.bytes.get(item.start..item.end)
    }
}

/// Where a text stands that may be a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Where {
    /// It is the record, whose event may be text under `log`.
    Record,
    /// It was found in a record.
    Inside,
}

/// Whether `bytes` is a list of events.
///
/// What may be anything else is none, and is filtered as a whole, where a body is hidden that is no event's
/// own: an object with two fields of an event, one that may be a Secret, one with a name that is escaped.
#[inline(always)]
pub(crate) fn is_list(bytes: &[u8], place: Where) -> bool {
    // How an apiserver begins every line of its log.
    const EVENT: u128 = u128::from_le_bytes(*br#"{"kind":"Event","#);
    bytes.first_chunk().is_none_or(|first| u128::from_le_bytes(*first) != EVENT) && may_be_list(bytes, place)
}

#[inline(never)]
fn may_be_list(bytes: &[u8], place: Where) -> bool {
    let start = skip_space(bytes, 0);
    match bytes.get(start) {
        Some(b'[') => holds_event(bytes),
        Some(b'{') => is_list_object(bytes, start, place),
        _ => false,
    }
}

fn is_list_object(bytes: &[u8], start: usize, place: Where) -> bool {
    let mut at = start.wrapping_add(1);
    let (mut says, mut fields, mut has_items) = (None, 0_u32, false);
    let mut members: usize = 0;
    while let Some(member) = Name::read(bytes, at) {
        let name = bytes.get(member.start..member.end).unwrap_or_default();
        let text = bytes.get(member.value) == Some(&b'"');
        let field = Field::named(name);
        // Ours come and go.
        members = members.wrapping_add(usize::from(!matches!(field, Field::Stamp | Field::Version)));
        if member.odd
            || members > LIST_MEMBERS
            || matches!(name, b"data" | b"stringData" | b"type" | b"token")
        {
            return false;
        }
        fields |= field.bit();
        if Field::make_event(fields) || (field == Field::Log && text && place == Where::Record) {
            return false;
        }
        has_items |= is_items(name) && bytes.get(member.value) == Some(&b'[');
        let Some(end) = skip::value(bytes, member.value) else { break };
        let value = bytes.get(member.value..end).unwrap_or_default();
        match field {
            Field::Kind if matches!(value, br#""Event""# | br#""Secret""# | br#""SecretList""#) => {
                return false;
            }
            Field::Kind => says = Some(value == br#""EventList""# && says != Some(false)),
            // The core API has lists of that kind too, of events that are something else.
            Field::ApiVersion if !value.starts_with(br#""audit.k8s.io/"#) => says = Some(false),
            _ => {}
        }
        let Some(next) = behind_comma(bytes, end) else { break };
        at = next;
    }
    says == Some(true) || (has_items && holds_event(bytes))
}

/// Whether any item of what may be a list is an event.
fn holds_event(bytes: &[u8]) -> bool {
    Cursor::new(bytes).any(|item| {
        // Members beyond this leave the item for a text, where nobody finds them the next time.
        let most = usize::from(EMITTED_KEYS).saturating_sub(2);
        let item = bytes.get(..item.end).map(|bytes| Members::new(bytes, item.start).take(most));
        let mut fields: u32 = 0;
        item.into_iter().flatten().any(|member| {
            let field = Field::named(bytes.get(member.name_start..member.name_end).unwrap_or_default());
            fields |= field.bit();
            Field::make_event(fields)
        })
    })
}

fn is_items(name: &[u8]) -> bool {
    matches!(name, b"items" | b"Items")
}

/// The position behind the comma that follows a value, if one does.
fn behind_comma(bytes: &[u8], end: usize) -> Option<usize> {
    let at = skip_space(bytes, end);
    (bytes.get(at) == Some(&b',')).then(|| at.wrapping_add(1))
}

/// The name of a member of the list, as positions, and where its value begins.
#[derive(Clone, Copy, Debug)]
struct Name {
    start: usize,
    end: usize,
    value: usize,
    /// The name has escapes, or is damaged, or was mended.
    odd: bool,
}

impl Name {
    fn read(bytes: &[u8], at: usize) -> Option<Name> {
        let quote = skip_space(bytes, at);
        if bytes.get(quote) != Some(&b'"') {
            return None;
        }
        let start = quote.wrapping_add(1);
        let name = scan::string(bytes, start)?;
        let colon = skip_space(bytes, name.quote.wrapping_add(1));
        let text = bytes.get(start..name.quote).unwrap_or_default();
        let mended = text == MASK || text.windows(REPLACEMENT.len()).any(|part| part == REPLACEMENT);
        (bytes.get(colon) == Some(&b':')).then(|| Name {
            start,
            end: name.quote,
            value: skip_space(bytes, colon.wrapping_add(1)),
            odd: name.flags != 0 || mended,
        })
    }
}

/// An item of a list, as positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The opening bracket of the array that it is in.
    pub(crate) array: usize,
    /// It is the first one of that array.
    pub(crate) first: bool,
    /// It is all that is left of a list that is damaged or cut.
    pub(crate) rest: bool,
}

/// Finds the items of a list one after another: of an array, or of every array under `items`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    state: State,
    /// The list is an object.
    object: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The next member of the list follows.
    Members,
    /// The next item follows, or the array's end.
    Items { array: usize, first: bool },
    /// Nothing follows that could be read; the array is closed if there was one.
    End,
    /// The array has no end. `first`: it had no item either.
    Open { array: usize, first: bool },
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let start = skip_space(bytes, 0);
        let (state, object) = match bytes.get(start) {
            Some(b'[') => (State::Items { array: start, first: true }, false),
            Some(b'{') => (State::Members, true),
            _ => (State::End, false),
        };
        Cursor { bytes, at: start.wrapping_add(1), state, object }
    }

    /// Where the search is; at the end: how the list ended.
    pub(crate) fn state(&self) -> State {
        self.state
    }

    /// Behind the last item, or the bracket that closes its array, if no item follows.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    fn enter_member(&mut self) {
        let bytes = self.bytes;
        self.state = State::End;
        let Some(name) = Name::read(bytes, self.at) else { return };
        let items = is_items(bytes.get(name.start..name.end).unwrap_or_default());
        if items && !name.odd && bytes.get(name.value) == Some(&b'[') {
            self.at = name.value.wrapping_add(1);
            self.state = State::Items { array: name.value, first: true };
        } else if let Some(end) = skip::value(bytes, name.value) {
            self.leave_member(end);
        }
    }

    fn leave_member(&mut self, end: usize) {
        self.at = end;
        self.state = State::End;
        if self.object
            && let Some(next) = behind_comma(self.bytes, end)
        {
            self.at = next;
            self.state = State::Members;
        }
    }

    /// The next item of an array, or nothing at its end.
    fn item(&mut self, array: usize, first: bool) -> Option<Item> {
        let bytes = self.bytes;
        let mut at = skip_space(bytes, self.at);
        if bytes.get(at) == Some(&b']') {
            self.leave_member(at.wrapping_add(1));
            return None;
        }
        let separated = first || bytes.get(at) == Some(&b',');
        if separated && !first {
            at = skip_space(bytes, at.wrapping_add(1));
        }
        if at >= bytes.len() {
            self.state = State::Open { array, first };
            return None;
        }
        let end = if separated { skip::value(bytes, at) } else { None };
        self.at = end.unwrap_or(bytes.len());
        self.state = match end {
            Some(_) => State::Items { array, first: false },
            None => State::Open { array, first: false },
        };
        Some(Item { start: at, end: self.at, array, first, rest: end.is_none() })
    }
}

impl Iterator for Cursor<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            match self.state {
                State::Members => self.enter_member(),
                State::Items { array, first } => {
                    if let Some(item) = self.item(array, first) {
                        return Some(item);
                    }
                }
                State::End | State::Open { .. } => return None,
            }
        }
    }
}

/// Whether nothing but white space follows `at`.
fn ends(bytes: &[u8], at: usize) -> bool {
    bytes.get(at..).unwrap_or_default().iter().all(|&byte| is_space(byte))
}
