//! What is learned of an event while its record is read, and at which place each of its fields is.

use super::decide::Bodies;
use crate::event::fields::Field;
use crate::event::target::{self, Target, Verb};
use crate::json::scan;
use crate::redact::places::Place;
use alloc::vec::Vec;

/// What was learned about the event while reading it. It only ever grows stricter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Learned {
    by_object_ref: Target,
    by_uri: Target,
    verb: Option<Verb>,
    /// The record is damaged, or says that it is a Secret itself: what nobody expects in it is hidden.
    strict: bool,
}

/// Fields whose place depends on what was learned.
const DEPENDENT: [Field; 6] = [
    Field::RequestObject,
    Field::ResponseObject,
    Field::ResponseStatus,
    Field::Annotations,
    Field::ObjectRef,
    Field::Other,
];

/// Fields that tell something.
const TELLING: u32 = Field::ObjectRef.bit()
    | Field::RequestUri.bit()
    | Field::Verb.bit()
    | Field::Kind.bit()
    | Field::Damaged.bit();

/// Fields that are always at the same place, other than [`Place::Any`].
pub(crate) const FIXED: u32 = Field::RequestUri.bit()
    | Field::User.bit()
    | Field::ImpersonatedUser.bit()
    | Field::UserAgent.bit()
    | Field::Damaged.bit()
    | Field::Stamp.bit();

/// Fields whose place depends on what was learned.
pub(crate) const PLACED: u32 = dependent();

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn dependent() -> u32 {
    let mut bits = 0;
    let mut index = 0;
    while index < DEPENDENT.len() {
        bits |= DEPENDENT[index].bit();
        index += 1;
    }
    bits
}

impl Learned {
    /// Nothing.
    pub(crate) const UNTOLD: Learned =
        Learned { by_object_ref: Target::Untold, by_uri: Target::Untold, verb: None, strict: false };

    /// What the bodies are, all told. An `objectRef` that names a resource outweighs nothing stricter.
    fn target(self) -> Target {
        self.by_object_ref.max(self.by_uri)
    }

    fn tells_verb(&mut self, verb: Verb) {
        self.verb = match self.verb {
            Some(other) if other != verb => Some(Verb::Patch),
            _ => Some(verb),
        };
    }

    /// Notes what an `objectRef` is about.
    pub(super) fn tells_object_ref(&mut self, target: Target) {
        self.by_object_ref = self.by_object_ref.max(target);
    }

    /// Notes what a `requestURI` is about.
    pub(super) fn tells_uri(&mut self, target: Target) {
        self.by_uri = self.by_uri.max(target);
    }

    /// Notes that the value of a field cannot be read to its end: what it may have told is not to be relied on.
    #[cold]
    pub(super) fn cannot_read(&mut self, field: Field) {
        match field {
            Field::ObjectRef => self.tells_object_ref(Target::Unreliable),
            Field::RequestUri => self.tells_uri(Target::Unreliable),
            _ => {}
        }
    }

    /// Whether the name in an `objectRef` may be a token.
    pub(super) fn names_token(self) -> bool {
        matches!(self.by_object_ref, Target::TokenName | Target::Unreliable)
    }

    /// From now on nothing that is not expected is kept.
    pub(crate) fn be_strict(&mut self) {
        self.strict = true;
    }

    /// Whether nothing that is not expected is kept.
    pub(crate) const fn is_strict(self) -> bool {
        self.strict
    }

    /// Notes what the value of a field tells, which is `bytes[start..end]`.
    #[inline(always)]
    pub(crate) fn learn(
        &mut self,
        bytes: &[u8],
        field: Field,
        start: usize,
        end: usize,
        buffer: &mut Vec<u8>,
    ) {
        // No event's kind begins as that of a Secret does.
        let telling =
            field.is_in(TELLING) && (field != Field::Kind || bytes.get(start.wrapping_add(1)) == Some(&b'S'));
        if telling && field == Field::Verb {
            self.tells_verb(Verb::named(text_of(bytes.get(start..end).unwrap_or_default())));
        } else if telling {
            self.learn_telling(bytes, field, start, end, buffer);
        }
    }

    #[inline(never)]
    fn learn_telling(&mut self, bytes: &[u8], field: Field, start: usize, end: usize, buffer: &mut Vec<u8>) {
        let value = bytes.get(start..end).unwrap_or_default();
        let text = text_of(value);
        match field {
            Field::ObjectRef => {
                self.tells_object_ref(target::of_object_ref(bytes, start, buffer));
            }
            Field::RequestUri => {
                // What is hidden because nobody can read it must not be relied on either.
                let readable = scan::string(value, 1).is_none_or(|end| end.flags & scan::UNREADABLE == 0);
                let target = if readable { target::of_request_uri(text, buffer) } else { Target::Unreliable };
                self.tells_uri(target);
            }
            Field::Kind => self.strict |= matches!(text, b"Secret" | b"SecretList"),
            Field::Damaged => self.strict = true,
            _ => {}
        }
    }

    /// At which place the value of `field` is.
    #[inline(always)]
    pub(crate) fn place(self, field: Field) -> Place {
        if field.is_in(PLACED) {
            self.place_of_placed(field)
        } else if field.is_in(FIXED) {
            fixed_place(field)
        } else {
            Place::Any
        }
    }

    #[inline(never)]
    fn place_of_placed(self, field: Field) -> Place {
        let target = if self.strict { Target::Unreliable } else { self.target() };
        match (field, target) {
            (Field::RequestObject, Target::Secret) => match self.verb.unwrap_or_default() {
                Verb::Patch => Place::SecretPatch,
                Verb::Write => Place::Secret,
                Verb::Delete => Place::SecretDelete,
            },
            (Field::ResponseObject, Target::Secret) => Place::SecretResponse,
            (Field::RequestObject | Field::ResponseObject, Target::Untold | Target::Unreliable) => {
                Place::UnknownBody
            }
            (Field::RequestObject | Field::ResponseObject, Target::TokenName) => Place::TokenName,
            // As the client sent it: with members that the kind does not have.
            (Field::RequestObject, _) if self.verb.unwrap_or_default() == Verb::Patch => Place::CustomPatch,
            (Field::RequestObject | Field::ResponseObject, Target::Custom) => Place::Custom,
            (Field::ResponseStatus, _) if self.names_token() => Place::TokenStatus,
            (Field::ResponseStatus, Target::Secret | Target::Unreliable) => Place::SecretStatus,
            (Field::Annotations, Target::Secret | Target::Unreliable | Target::TokenName) => {
                Place::SecretEventAnnotations
            }
            (Field::Annotations, _) => Place::EventAnnotations,
            (Field::ObjectRef, _) if self.names_token() => Place::TokenObjectRef,
            (Field::ObjectRef, _) => Place::ObjectRef,
            (Field::Other, _) if self.strict => Place::SecretOther,
            _ => Place::Any,
        }
    }
}

/// What stands between the quotes of a value.
#[inline(always)]
fn text_of(value: &[u8]) -> &[u8] {
    match value {
        [b'"', text @ .., b'"'] => text,
        _ => b"",
    }
}

/// At which place a field is that is there whatever was learned.
#[inline(always)]
const fn fixed_place(field: Field) -> Place {
    match field {
        Field::RequestUri => Place::RequestUri,
        Field::User => Place::User,
        Field::ImpersonatedUser => Place::ImpersonatedUser,
        Field::UserAgent => Place::UserAgent,
        // Compared with the grammar of stamps before it stays.
        Field::Stamp => Place::Kept,
        _ => Place::SecretOther,
    }
}

/// Which places were used for the fields whose place depends on what was learned.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Used {
    places: [Option<Place>; DEPENDENT.len()],
    several: bool,
    /// Which bodies were taken for those that stay, if there were any.
    pub(crate) bodies: Option<Bodies>,
}

impl Used {
    /// Notes that `field` was walked at `place`.
    #[inline]
    pub(crate) fn note(&mut self, field: Field, place: Place) {
        if !field.is_in(PLACED) {
            return;
        }
        let index = DEPENDENT.iter().position(|&dependent| dependent == field);
        if let Some(used) = index.and_then(|index| self.places.get_mut(index)) {
            self.several |= *used.get_or_insert(place) != place;
        }
    }

    /// Whether some field would be walked at another place by what is known now.
    pub(crate) fn came_too_early(self, learned: Learned) -> bool {
        self.several
            || DEPENDENT
                .iter()
                .zip(self.places)
                .any(|(&field, used)| used.is_some_and(|place| place != learned.place(field)))
    }
}
