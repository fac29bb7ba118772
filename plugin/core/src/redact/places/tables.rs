//! The tables that the compiler makes of the places: what a walk looks up, value by value.

use super::members::MEMBERS;
use super::{ALL, COUNT, Container, Names, PLACES, Place, Rules, Scalar, Text};
use crate::redact::names::{self, Likely, Name};
use crate::redact::rows::Row;
use crate::redact::walk;

/// The names that have to be looked at where objects may be Secrets: few different sets of them.
struct Watched {
    sets: [Likely; COUNT],
    count: usize,
    /// The set of each place.
    set_of: [usize; COUNT],
}

const WATCHED: Watched = watched();

/// The sets alone, because a static takes its room in the module.
static WATCHED_LIKELY: [Likely; WATCHED.count] = watched_likely();

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn watched() -> Watched {
    let mut watched = Watched { sets: [names::NONE_LIKELY; COUNT], count: 0, set_of: [0; COUNT] };
    let mut place = 0;
    while place < COUNT {
        if matches!(PLACES[place].names, Names::Watched | Names::Keyed) {
            let likely = names::likely(&named_at(place));
            let mut set = 0;
            while set < watched.count && !names::are_same(&watched.sets[set], &likely) {
                set += 1;
            }
            if set == watched.count {
                watched.sets[set] = likely;
                watched.count += 1;
            }
            watched.set_of[place] = set;
        }
        place += 1;
    }
    watched
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn watched_likely() -> [Likely; WATCHED.count] {
    let mut sets = [names::NONE_LIKELY; WATCHED.count];
    let mut set = 0;
    while set < WATCHED.count {
        sets[set] = WATCHED.sets[set];
        set += 1;
    }
    sets
}

/// Which names lead elsewhere than all others do, or decide something.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn named_at(place: usize) -> [bool; names::COUNT] {
    let mut named = [false; names::COUNT];
    // Of a pair the name decides, wherever it stands.
    named[Name::Value as usize] = matches!(PLACES[place].names, Names::Keyed);
    let mut index = 0;
    while index < MEMBERS.len() {
        let (at, members) = MEMBERS[index];
        let mut member = 0;
        while at as usize == place && member < members.len() {
            named[members[member].0 as usize] = true;
            member += 1;
        }
        index += 1;
    }
    named
}

pub(super) type Children = [Place; names::COUNT];

pub(super) static CHILDREN: [Children; COUNT] = children();
static RULES: [Rules; INDEXES] = rules_by_place();

/// A place has an index of eight bits; no look-up by one can go wrong.
const INDEXES: usize = 256;

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn rules_by_place() -> [Rules; INDEXES] {
    let mut rules = [FALLBACK; INDEXES];
    let mut place = 0;
    while place < COUNT {
        rules[place] = PLACES[place];
        rules[place].likely = match rules[place].names {
            _ if matches!(rules[place].object, Container::Mask) => &names::NONE_LIKELY,
            _ if !is_easy(rules[place].other) => &names::ALL_LIKELY,
            Names::Watched => &WATCHED_LIKELY[WATCHED.set_of[place]],
            Names::Ignored => &names::NONE_LIKELY,
            Names::Exact | Names::Keyed | Names::Folded | Names::Annotations | Names::Extra => {
                &names::ALL_LIKELY
            }
        };
        if matches!(rules[place].names, Names::Watched | Names::Keyed) {
            rules[place].named = &WATCHED_LIKELY[WATCHED.set_of[place]];
        }
        rules[place].object_state = object_state(place);
        rules[place].array_state = array_state(place);
        place += 1;
    }
    rules
}

/// Whether a value here stays as it is when it is text that cannot be JSON, or an empty object.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn is_easy(place: Place) -> bool {
    let rules = &PLACES[place as usize];
    matches!(rules.text, Text::Keep | Text::Sniff | Text::Known) && matches!(rules.object, Container::Enter)
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn object_state(place: usize) -> u32 {
    let rules = &PLACES[place];
    if matches!(rules.object, Container::Mask) {
        return place as u32 | walk::HIDDEN | walk::IGNORED | walk::EASY | walk::QUIET;
    }
    let names = match rules.names {
        Names::Watched | Names::Keyed => walk::WATCHED,
        Names::Ignored => walk::IGNORED,
        Names::Exact | Names::Folded | Names::Annotations | Names::Extra => 0,
    };
    let quiet = !matches!(PLACES[rules.other as usize].text, Text::Sniff);
    place as u32
        | names
        | if is_easy(rules.other) { walk::EASY } else { 0 }
        | if quiet { walk::QUIET } else { 0 }
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn array_state(place: usize) -> u32 {
    let rules = &PLACES[place];
    match rules.array {
        Container::Mask => place as u32 | walk::ARRAY | walk::HIDDEN | walk::IGNORED,
        Container::Enter => rules.element as u32 | walk::ARRAY,
    }
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn children() -> [Children; COUNT] {
    let mut children = [[Place::Any; names::COUNT]; COUNT];
    let mut place = 0;
    while place < COUNT {
        children[place] = [PLACES[place].other; names::COUNT];
        place += 1;
    }
    let mut index = 0;
    while index < MEMBERS.len() {
        let (place, members) = MEMBERS[index];
        let mut member = 0;
        while member < members.len() {
            children[place as usize][members[member].0 as usize] = members[member].1;
            member += 1;
        }
        index += 1;
    }
    children
}

/// The places by their indexes.
static PLACE_AT: [Place; INDEXES] = places_by_index();

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn places_by_index() -> [Place; INDEXES] {
    let mut places = [Place::SecretOther; INDEXES];
    let mut place = 0;
    while place < COUNT {
        places[place] = ALL[place];
        place += 1;
    }
    places
}

/// The place of this index.
#[inline(always)]
pub(super) fn place_at(index: u8) -> Place {
    PLACE_AT.get(usize::from(index)).copied().unwrap_or(Place::SecretOther)
}

/// The rules of the place of this index.
#[inline(always)]
pub(crate) fn rules_at(index: u8) -> &'static Rules {
    RULES.get(usize::from(index)).unwrap_or(&FALLBACK)
}

/// Of an index that no place has: everything is masked.
const FALLBACK: Rules = Rules {
    object: Container::Mask,
    array: Container::Mask,
    text: Text::Mask,
    scalar: Scalar::Mask,
    names: Names::Ignored,
    other: Place::SecretOther,
    element: Place::SecretOther,
    row: Row::SecretOther,
    likely: &names::ALL_LIKELY,
    named: &names::ALL_LIKELY,
    object_state: Place::SecretOther as u32 | walk::HIDDEN | walk::IGNORED,
    array_state: Place::SecretOther as u32 | walk::ARRAY | walk::HIDDEN | walk::IGNORED,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_what_an_object_is_leads_where_all_members_do() {
        // The walk relies on it: where such a member says nothing, its name is not looked at.
        for &(place, _) in MEMBERS {
            for name in [Name::Kind, Name::Type, Name::Metadata] {
                let rules = place.rules();
                assert!(
                    rules.names != Names::Watched || place.member(name) == rules.other,
                    "{place:?} {name:?}"
                );
            }
        }
    }
}
