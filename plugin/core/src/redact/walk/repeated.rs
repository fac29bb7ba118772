//! HOT: values that are passed over because they were walked before, and those that will be.
//!
//! Called from the loop in [`walk`](super) for the few members that often say what they said in an earlier record.

use super::{Broken, Noted, Walker, fields_v1, keyed};
use crate::limits::EMITTED_NESTING;
use crate::redact::edits::{Edit, Put, position};
use crate::redact::places::Place;
use crate::redact::remembered::{self, Context};
use crate::redact::rows::Row;
use core::num::NonZeroU32;

/// A value that is being walked and is remembered if nothing is found in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    /// Where it begins; beyond every text if there is none.
    pub(super) start: u32,
    context: Context,
    before: Noted,
}

impl Pending {
    pub(super) const NONE: Pending =
        Pending { start: u32::MAX, context: Context::NONE, before: Noted::NOTHING };
}

impl Default for Pending {
    fn default() -> Self {
        Pending::NONE
    }
}

impl Walker {
    /// What follows the object or array that `rest` begins with, which stands at `place` and `levels` above the
    /// deepest one, if it was walked before and nothing was found. Otherwise it is pending.
    ///
    /// Nothing is looked for inside of one that is pending: each byte is compared for one value only.
    #[inline(never)]
    pub(super) fn behind_repeated<'a>(
        &mut self,
        bytes: &[u8],
        rest: &'a [u8],
        place: Place,
        levels: usize,
    ) -> Option<&'a [u8]> {
        if !matches!(rest.first(), Some(b'{' | b'[')) || self.pending.start != u32::MAX || !self.is_unmoved()
        {
            return None;
        }
        let context = Context::new(place, levels);
        let behind = self.remembered.behind(context, rest);
        if behind.is_none() {
            let start = position(bytes.len().wrapping_sub(rest.len()));
            self.pending = Pending { start, context, before: self.noted() };
        }
        behind
    }

    /// Remembers the pending value, which ends at `end`, unless anything was found in it.
    #[cold]
    pub(super) fn remember(&mut self, bytes: &[u8], end: usize) {
        let Pending { start, context, before } = core::mem::replace(&mut self.pending, Pending::NONE);
        if before == self.noted()
            && self.is_unmoved()
            && let Some(value) = bytes.get(start as usize..end)
        {
            self.remembered.keep(context, value);
        }
    }

    /// What follows the `fieldsV1` that `rest` begins with, if nothing in them leads anywhere: [`fields_v1::behind`].
    #[inline(never)]
    pub(super) fn behind_fields<'a>(&mut self, rest: &'a [u8], levels: usize) -> Option<&'a [u8]> {
        let context = Context::managed(levels);
        if let Some(behind) = self.remembered.behind(context, rest) {
            return Some(behind);
        }
        let behind = fields_v1::behind(rest.get(2..)?, levels)?;
        if !self.in_text {
            let length = rest.len().wrapping_sub(behind.len());
            self.remembered.keep(context, rest.get(..length).unwrap_or_default());
        }
        Some(behind)
    }

    /// What follows the value of a member of the event, as [`behind_repeated`](Self::behind_repeated) says.
    #[inline(always)]
    pub(crate) fn behind_member<'a>(&self, rest: &'a [u8], place: Place, nesting: usize) -> Option<&'a [u8]> {
        if !self.is_unmoved() {
            return None;
        }
        self.remembered.behind(Context::new(place, EMITTED_NESTING.wrapping_sub(nesting)), rest)
    }

    /// What follows the members that say who asked, with which `rest` begins, if they were [kept](Self::keep_client)
    /// before; and the lengths and the number that were kept with them.
    #[inline(always)]
    pub(crate) fn behind_client<'a>(
        &self,
        rest: &'a [u8],
    ) -> Option<(&'a [u8], [u16; 2], Option<NonZeroU32>)> {
        if !self.is_unmoved() {
            return None;
        }
        let (behind, with) = self.remembered.find(Context::CLIENT, rest)?;
        let &[a, b, c, d, number @ ..] = with.first_chunk::<8>()?;
        let number = NonZeroU32::new(u32::from_le_bytes(number));
        Some((behind, [u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])], number))
    }

    /// Remembers the members that say who asked, in which nothing was found wherever they stand. They get a number: members with
    /// the same number are the same bytes.
    #[cold]
    pub(crate) fn keep_client(&mut self, members: &[u8], lengths: [usize; 2]) {
        let [Ok([a, b]), Ok([c, d])] = lengths.map(|length| u16::try_from(length).map(u16::to_le_bytes))
        else {
            return;
        };
        let [e, f, g, h] = self.remembered.number().map_or(0, NonZeroU32::get).to_le_bytes();
        self.remembered.keep_with(Context::CLIENT, members, &[a, b, c, d, e, f, g, h]);
    }

    /// Remembers the value of a member of the event, unless anything was found in it.
    pub(crate) fn remember_member(&mut self, value: &[u8], place: Place, nesting: usize, before: Noted) {
        if before == self.noted() && self.is_unmoved() {
            self.remembered.keep(Context::new(place, EMITTED_NESTING.wrapping_sub(nesting)), value);
        }
    }

    /// Notes a text that is to be opened or read, unless that was done before and nothing was found.
    pub(super) fn edit_text(
        &mut self,
        bytes: &[u8],
        start: usize,
        quote: usize,
        put: Put,
        row: Row,
    ) -> Result<(), Broken> {
        if !self.in_text
            && quote.wrapping_sub(start) >= remembered::SHORTEST
            && let Some(context) = Context::text(put, row)
            && self.remembered.behind(context, bytes.get(start..).unwrap_or_default()).is_some()
        {
            return Ok(());
        }
        self.edit(start, quote, put, row)
    }

    /// Remembers the text of an edit in which nothing was found, itself no edit of a text in a string.
    pub(crate) fn remember_text(&mut self, bytes: &[u8], edit: Edit) {
        // With the quote, so that no other text begins like it.
        let text = bytes.get(edit.start as usize..(edit.end as usize).wrapping_add(1));
        if let (Some(text), Some(context)) = (text, Context::text(edit.put, edit.row)) {
            self.remembered.keep(context, text);
        }
    }

    /// Whether what is found in a value depends on nothing but the value, its place and its nesting.
    ///
    /// Nothing is looked up, and nothing kept, of what stands in texts: other limits hold there.
    #[inline(always)]
    fn is_unmoved(&self) -> bool {
        !self.in_text
            && !self.late
            && self.marks.is_empty()
            && self.operation.is_none()
            && self.columns == keyed::Columns::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    const LONG: &str = "long enough to be remembered, which is to say of sixty-four bytes or more";

    /// Members that are worth remembering, and what makes that wrong.
    const PARTS: &[&str] = &[
        r#""spec":{"a":"LONG"}"#,
        r#""spec":{"a":"LONG","token":"hunter2"}"#,
        r#""spec":{"a":"LONG","env":[{"name":"PASSWORD","value":"hunter2"}]}"#,
        r#""spec":{"a":"LONG","spec":{"a":"LONG"}}"#,
        r#""spec":{"a":"LONG","data":{"b":"c"},"kind":"Secret"}"#,
        r#""spec":[{"a":"LONG"}]"#,
        r#""spec":{"a":"LONG"}}"#,
        r#""annotations":{"a":"LONG"}"#,
        r#""annotations":{"a":"{\"LONG\":1}"}"#,
        r#""annotations":{"a":"{\"kind\":\"Secret\",\"data\":{\"LONG\":1}}"}"#,
        r#""labels":{"a":"LONG"}"#,
        r#""ownerReferences":[{"a":"LONG"}]"#,
        r#""message":"token=hunter2 LONG""#,
        r#""message":"LONG""#,
        r#""managedFields":[{"fieldsV1":{"f:a":{"f:LONG":{}}}}]"#,
        r#""metadata":{"labels":{"a":"LONG"}}"#,
        r#""metadata":{}"#,
        r#""data":{"password":"hunter2"}"#,
        r#""kind":"Secret""#,
        r#""columnDefinitions":[{"name":"Token"}],"rows":[{"cells":["hunter2"],"object":{"spec":{"a":"LONG"}}}]"#,
        r#""op":"replace","path":"/spec/token","value":"hunter2""#,
        r#""value":{"spec":{"a":"LONG"}},"path":"/data","op":"add""#,
    ];

    const PLACES: &[Place] = &[
        Place::Any,
        Place::Record,
        Place::Custom,
        Place::CustomPatch,
        Place::Secret,
        Place::UnknownBody,
        Place::Kept,
        Place::EventAnnotations,
    ];

    fn document() -> impl Strategy<Value = (String, Place, usize)> {
        let parts = prop::collection::vec(prop::sample::select(PARTS), 0..4);
        (parts, prop::sample::select(PLACES), 0..60_usize, any::<bool>()).prop_map(
            |(parts, place, nesting, cut)| {
                let text = alloc::format!("{{{}}}", parts.join(",")).replace("LONG", LONG);
                let end = if cut { text.len() * 3 / 4 } else { text.len() };
                (text.get(..end).unwrap_or_default().into(), place, nesting)
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn what_is_found_does_not_depend_on_what_was_walked_before(
            documents in prop::collection::vec(document(), 1..8)
        ) {
            let mut walker = Walker::new();
            for (text, place, nesting) in &documents {
                let mut fresh = Walker::new();
                let mut found = Vec::new();
                for walker in [&mut walker, &mut fresh] {
                    walker.reset(text.as_bytes());
                    let first = walker.value(text.as_bytes(), 0, *place, *nesting);
                    let late = walker.late;
                    walker.restart();
                    let second = walker.value(text.as_bytes(), 0, *place, *nesting);
                    let noted = (walker.edits.clone(), walker.regions.clone(), walker.hits, walker.damaged);
                    found.push((first, late, second, walker.late, noted));
                }
                prop_assert_eq!(&found[0], &found[1], "{}", text);
            }
        }
    }

    #[test]
    fn what_was_walked_is_found_again_where_nothing_has_changed() {
        let text = [r#"{"spec":{"a":""#, LONG, r#""},"b":1}"#].concat();
        let levels = EMITTED_NESTING - 1;
        let value = &text.as_bytes()[8..];
        let mut walker = Walker::new();
        for place in [Place::Any, Place::Custom] {
            let context = Context::new(place, levels);
            walker.reset(text.as_bytes());
            assert!(walker.remembered.behind(context, value).is_none());
            walker.value(text.as_bytes(), 0, place, 0).unwrap();
            assert_eq!(walker.remembered.behind(context, value), Some(&b",\"b\":1}"[..]));
        }
    }
}
