//! What a walk does where a value is not simply kept, or its name means something. Called from the loop in
//! [`walk`](super), never inlined into it: what is rare must not take room in its locals.

use super::{
    ARRAY, Broken, DEEP, Frame, HAS_DATA, HAS_METADATA, HIDDEN, IGNORED, LimitHits, MOST_MEMBERS, PASSED,
    PENDING, SECRET_KIND, SECRET_TYPE, WATCHED, Walker, as_secret, cut_or_damaged, is_secret, keyed,
};
use crate::json::number::is_beyond_double;
use crate::json::{scan, skip_space, utf8};
use crate::limits;
use crate::memory::{append_many, push};
use crate::redact::carriers::{self, Carrier};
use crate::redact::client_text;
use crate::redact::content;
use crate::redact::edits::{Edit, MASK, Put, Region, position};
use crate::redact::message;
use crate::redact::names::{self, Name};
use crate::redact::places::{Names, Place, Rules, Scalar, Text};
use crate::redact::reading::Reading;
use crate::redact::rows::Row;
use crate::redact::strings;
use alloc::vec::Vec;

impl Walker {
    /// A string that its place does not simply keep, that is not plain, or that tells what its object is.
    ///
    /// `text` begins behind its quote, `behind` at the first of its bytes that is not plain. Returns the
    /// position behind it and the state of its object.
    #[inline(never)]
    pub(super) fn string(
        &mut self,
        bytes: &[u8],
        text: &[u8],
        behind: &[u8],
        place: Place,
        name: Name,
        top: Frame,
    ) -> Result<(usize, u32), Broken> {
        let rules = place.rules();
        let start = bytes.len().wrapping_sub(text.len());
        let end = scan::string(bytes, bytes.len().wrapping_sub(behind.len())).ok_or(Broken::Cut)?;
        let plain = match rules.text {
            Text::Keep => true,
            Text::Sniff | Text::Known => {
                !text.first().is_some_and(|&first| scan::may_be_first_of_object(first))
                    || scan::begins_word(text)
            }
            _ => false,
        };
        if !plain || end.flags & !scan::ESCAPED != 0 {
            self.text(bytes, start, end, rules)?;
        } else if matches!(rules.text, Text::Sniff | Text::Known)
            && end.flags == scan::ESCAPED
            && place != Place::OwnAnnotation
        {
            self.prose(bytes, start, end.quote, rules)?;
        }
        if end.flags & !scan::ESCAPED == 0 && end.quote.wrapping_sub(start) >= content::SHORTEST {
            self.look(bytes, start, end.quote, place)?;
        }
        let mut state = top.state;
        if name.tells_kind() && state & WATCHED != 0 {
            state |= self.says(bytes, start, end, name, top)?;
        } else if rules.text == Text::PairName {
            state = self.pair_name(bytes, (start, end.quote), end.flags != 0, top)?;
        } else if rules.text == Text::ColumnName {
            self.column(bytes, start, end.quote);
        }
        Ok((end.quote.wrapping_add(1), state))
    }

    /// A number or a literal, which `rest` begins with; returns the position behind it.
    #[inline(always)]
    pub(super) fn scalar(&mut self, bytes: &[u8], rest: &[u8], place: Place) -> Result<usize, Broken> {
        let at = bytes.len().wrapping_sub(rest.len());
        let (end, known) = scan::scalar(bytes, at);
        let rules = place.rules();
        if !known || rules.scalar != Scalar::Keep && rest.first() != Some(&b'n') {
            self.odd_scalar(bytes, at, end, known, rules)?;
        }
        Ok(end)
    }

    /// A number or a literal that its place does not keep, or what is neither.
    #[cold]
    #[inline(never)]
    fn odd_scalar(
        &mut self,
        bytes: &[u8],
        at: usize,
        end: usize,
        known: bool,
        rules: &Rules,
    ) -> Result<(), Broken> {
        let switch = matches!(bytes.get(at), Some(b't' | b'f'));
        if known && switch && rules.scalar == Scalar::MaskNumber {
            return Ok(());
        }
        let beyond = !known && end < bytes.len() && is_beyond_double(bytes.get(at..end).unwrap_or_default());
        // Where a text would go the number does: it is to become one.
        let stays = rules.scalar == Scalar::Keep
            && matches!(rules.text, Text::Keep | Text::Sniff | Text::Known | Text::Read(_))
            && rules.text != Text::Read(Reading::FieldPath);
        if known || beyond && !stays {
            return self.edit(at, end, Put::Null, rules.row);
        }
        if beyond {
            // In a text no host reads it, and a quote would need an escape.
            if self.in_text {
                return Ok(());
            }
            let last = end.wrapping_sub(1);
            self.edit(at, at, Put::Quote, rules.row)?;
            return self.edit(last, end, Put::LastDigit(bytes.get(last).copied().unwrap_or(b'0')), rules.row);
        }
        if end == bytes.len() {
            return Err(Broken::Cut);
        }
        if end == at {
            return Err(Broken::Damaged);
        }
        self.damaged = self.damaged.wrapping_add(1);
        self.edit(at, end, Put::Null, Row::Damaged)
    }

    /// A name that a rule may know, or with escapes or damage. `text` begins behind its quote, `behind` at the
    /// first of its bytes that is not plain.
    ///
    /// Returns where its value is, the name, the value's place and the state of the object.
    #[inline(never)]
    pub(super) fn name(
        &mut self,
        bytes: &[u8],
        text: &[u8],
        behind: &[u8],
        top: Frame,
    ) -> Result<(usize, Name, Place, u32), Broken> {
        let start = bytes.len().wrapping_sub(text.len());
        let mut top = top;
        let (name, at, quote, odd);
        if top.state & WATCHED != 0 && scan::tail(behind) & 0xffff == scan::NAME_END {
            quote = bytes.len().wrapping_sub(behind.len());
            let named = top.place().rules().named;
            name = match text.first_chunk::<8>() {
                Some(first)
                    if !names::is_likely(named, quote.wrapping_sub(start), u64::from_le_bytes(*first)) =>
                {
                    Name::Unknown
                }
                _ => names::lookup(bytes, start, quote),
            };
            at = quote.wrapping_add(2);
            odd = false;
        } else {
            let end = scan::string(bytes, bytes.len().wrapping_sub(behind.len())).ok_or(Broken::Cut)?;
            let colon = skip_space(bytes, end.quote.wrapping_add(1));
            if bytes.get(colon) != Some(&b':') {
                return Err(cut_or_damaged(bytes, colon));
            }
            at = colon.wrapping_add(1);
            quote = end.quote;
            odd = end.flags != 0;
            let place;
            (name, place, top.state) = self.other_name(bytes, start, end, top)?;
            if top.state & WATCHED == 0
                || name == Name::Unknown && !top.place().is_keyed()
                || end.flags & scan::UNREADABLE != 0
            {
                return Ok((skip_space(bytes, at), name, place, top.state | PASSED));
            }
        }
        if name.makes_secret() {
            top.state = self.watch(top, name)?;
        } else if !name.opens_object() {
            top.state |= PASSED;
        }
        let at = skip_space(bytes, at);
        let mut place = top.place().member(name);
        if top.place().is_keyed() {
            (place, top.state) = self.keyed(bytes, (start, quote), at, odd, (name, place), top);
        }
        Ok((at, name, place, top.state))
    }

    /// A name of an object that cannot turn out to be a Secret, or one with escapes or damage; and where its
    /// value is.
    #[inline(never)]
    fn other_name(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: scan::StringEnd,
        top: Frame,
    ) -> Result<(Name, Place, u32), Broken> {
        let mut flags = top.state;
        let rules = top.place().rules();
        let damaged = end.flags & !scan::ESCAPED;
        if damaged != 0 && top.state & WATCHED != 0 {
            // Whoever reads it leniently may read `kind: Secret`.
            flags |= SECRET_KIND;
            if is_secret(flags) {
                self.mark_late(top.start)?;
            }
        }
        if damaged & scan::UNREADABLE != 0 {
            self.damaged = self.damaged.wrapping_add(1);
            self.edit(start, end.quote, Put::Mask, Row::Damaged)?;
            return Ok((Name::Unknown, Place::SecretOther, flags | PASSED));
        }
        let names = if top.state & IGNORED != 0 { Names::Ignored } else { rules.names };
        let name = match names {
            // No name that a rule knows has a colon there; names of managed fields have.
            _ if damaged != 0 || bytes.get(start.wrapping_add(1)) == Some(&b':') => Name::Unknown,
            Names::Ignored | Names::Annotations | Names::Extra => Name::Unknown,
            Names::Exact | Names::Watched | Names::Keyed if end.flags == 0 => {
                names::lookup(bytes, start, end.quote)
            }
            names => {
                let raw = bytes.get(start..end.quote).unwrap_or_default();
                names::lookup_decoded(raw, names == Names::Folded, &mut self.decoded)
            }
        };
        // A name that the API does not have is the client's own text.
        let own = match names {
            Names::Folded => true,
            Names::Exact if rules.other == Place::SecretAnnotation => !self.is_key(bytes, start, end),
            Names::Exact => matches!(rules.other, Place::SecretOther | Place::TokenName),
            Names::Ignored if top.state & HIDDEN == 0 => match rules.other {
                Place::SecretValue | Place::Plain => !self.is_key(bytes, start, end),
                Place::SecretFields => !self.is_managed_field(bytes, start, end),
                _ => false,
            },
            Names::Ignored | Names::Watched | Names::Keyed | Names::Annotations | Names::Extra => false,
        };
        if own && name == Name::Unknown {
            self.mask_text(bytes, start, end.quote, rules.row)?;
        } else if damaged != 0 {
            self.replace_invalid(bytes, start, end.quote, rules.row)?;
        }
        let place = match names {
            Names::Annotations => {
                let raw = bytes.get(start..end.quote).unwrap_or_default();
                match strings::annotation(raw, &mut self.decoded) {
                    strings::Annotation::Own => Place::OwnAnnotation,
                    strings::Annotation::WebhookPatch if rules.other != Place::SecretMessage => {
                        Place::WebhookPatch
                    }
                    strings::Annotation::Other => rules.other,
                    _ if rules.other != Place::SecretMessage => rules.other,
                    strings::Annotation::Measure => Place::SecretMeasure,
                    strings::Annotation::Mutation => Place::SecretMutation,
                    strings::Annotation::WebhookPatch => Place::SecretWebhookPatch,
                }
            }
            Names::Extra => {
                let raw = bytes.get(start..end.quote).unwrap_or_default();
                client_text::place_of_extra(raw, &mut self.decoded)
            }
            Names::Ignored if top.state & HIDDEN != 0 => Place::Kept,
            Names::Ignored => rules.other,
            _ => top.place().member(name),
        };
        Ok((name, place, flags))
    }

    /// Walks a value of a text that was walked, at another place; whether it is sound and within the limits. The edits
    /// are those of this value; all else that was noted of the text stays.
    #[cold]
    pub(crate) fn again(&mut self, bytes: &[u8], at: usize, place: Place, nesting: usize) -> bool {
        let regions = core::mem::take(&mut self.regions);
        let (hits, damaged, late) = (self.hits, self.damaged, self.late);
        let mut sound = false;
        // The second turn knows the Secrets that the first found late.
        for _ in 0..2 {
            self.restart();
            let read = self.value(bytes, at, place, nesting).is_ok();
            sound = read && self.damaged == 0 && self.regions.is_empty() && self.hits == LimitHits::NONE;
            if !self.late {
                break;
            }
        }
        sound &= !self.late;
        self.regions = regions;
        (self.hits, self.damaged, self.late) = (hits, damaged, late);
        sound
    }

    /// Whether JSON may begin somewhere in a string that does not begin with it.
    #[inline(never)]
    pub(super) fn holds_json(&self, raw: &[u8]) -> bool {
        strings::holds_json(raw) || self.in_text && strings::holds_escaped_brace(raw)
    }

    /// Scratch, for whoever has no buffer of its own.
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.decoded
    }

    /// Whether a name may be that of a key, a label or an annotation.
    fn is_key(&mut self, bytes: &[u8], start: usize, end: scan::StringEnd) -> bool {
        let raw = bytes.get(start..end.quote).unwrap_or_default();
        self.decoded_name(raw).is_none_or(strings::is_key)
    }

    /// Whether a name may be that of a managed field of a Secret.
    fn is_managed_field(&mut self, bytes: &[u8], start: usize, end: scan::StringEnd) -> bool {
        let raw = bytes.get(start..end.quote).unwrap_or_default();
        self.decoded_name(raw).is_some_and(strings::is_managed_field)
    }

    /// The text of a name that may have escapes.
    pub(crate) fn decoded_name(&mut self, raw: &[u8]) -> Option<&[u8]> {
        crate::json::text::unescape(raw, &mut self.decoded).then_some(self.decoded.as_slice())
    }

    /// Notes what a known name tells about the object it belongs to.
    #[inline(never)]
    fn watch(&mut self, top: Frame, name: Name) -> Result<u32, Broken> {
        let has = match name {
            Name::Data | Name::StringData => HAS_DATA,
            Name::Metadata | Name::Items => HAS_METADATA,
            _ => 0,
        };
        let mut state = top.state | has;
        if has != 0 && is_secret(state) {
            if state & PASSED == 0 {
                state = as_secret(state, top.place()).0;
            } else {
                self.mark_late(top.start)?;
            }
        }
        Ok(state | PASSED)
    }

    /// What the value of a `kind` or `type` tells about the object it belongs to.
    #[cold]
    #[inline(never)]
    fn says(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: scan::StringEnd,
        name: Name,
        top: Frame,
    ) -> Result<u32, Broken> {
        let raw = bytes.get(start..end.quote).unwrap_or_default();
        let flag = match name {
            // Whoever reads it leniently may read anything.
            Name::Kind if end.flags & !scan::ESCAPED != 0 => SECRET_KIND,
            Name::Kind if strings::is_secret_kind(raw, &mut self.decoded) => SECRET_KIND,
            Name::Type if strings::is_secret_type(raw, &mut self.decoded) => SECRET_TYPE,
            _ => return Ok(0),
        };
        if is_secret(top.state | flag) {
            self.mark_late(top.start)?;
        }
        Ok(flag)
    }

    /// Marks the object at `start` as a Secret that was recognised too late.
    #[cold]
    fn mark_late(&mut self, start: u32) -> Result<(), Broken> {
        self.late = true;
        self.mark(start)
    }

    /// Marks what begins at `start`.
    #[cold]
    pub(super) fn mark(&mut self, start: u32) -> Result<(), Broken> {
        let word = (start >> 6) as usize;
        if self.marks.len() <= word {
            let more = word.wrapping_add(1).wrapping_sub(self.marks.len());
            if !append_many(&mut self.marks, 0, more) {
                return Err(Broken::NoMemory);
            }
        }
        if let Some(marks) = self.marks.get_mut(word) {
            *marks |= 1_u64.wrapping_shl(start & 63);
        }
        Ok(())
    }

    pub(super) fn is_marked(&self, at: u32) -> bool {
        match self.marks.get((at >> 6) as usize) {
            Some(&marks) => marks & 1_u64.wrapping_shl(at & 63) != 0,
            None => false,
        }
    }

    /// A string that its place does not simply keep, or that is damaged.
    #[inline(never)]
    fn text(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: scan::StringEnd,
        rules: &Rules,
    ) -> Result<(), Broken> {
        let quote = end.quote;
        if end.flags & scan::UNREADABLE != 0 {
            self.damaged = self.damaged.wrapping_add(1);
            return self.edit(start, quote, Put::Mask, Row::Damaged);
        }
        let raw = bytes.get(start..quote).unwrap_or_default();
        let sound = end.flags & scan::NOT_UTF8 == 0;
        let json = match rules.text {
            // Of an argument those behind it depend.
            _ if raw == MASK && rules.text != Text::Read(Reading::Argument) => return Ok(()),
            Text::Keep => None,
            Text::Cell if self.is_marked(position(start.wrapping_sub(1))) => {
                if keyed::is_harmless(raw, end, &mut self.decoded) {
                    return Ok(());
                }
                return self.edit(start, quote, Put::Mask, rules.row);
            }
            // Several words: what a printer column shows may be a message.
            Text::Cell if sound && raw.contains(&b' ') && !strings::may_be_json(raw) => {
                return self.edit_text(bytes, start, quote, Put::Read(Reading::Message), Row::Message);
            }
            Text::Sniff | Text::Known | Text::PairName | Text::ColumnName | Text::Cell => {
                if strings::may_be_json(raw) {
                    Some(rules.copy())
                } else if !sound && self.holds_json(raw) {
                    return self.edit(start, quote, Put::Mask, Row::TextUnreadable);
                } else if !sound && strings::may_hold_secret(raw, false) {
                    return self.edit(start, quote, Put::Mask, Row::SecretData);
                } else if carriers::may_be_base64(raw) {
                    return self.edit(start, quote, Put::Decode(Carrier::Likely), Row::KeyName);
                } else {
                    if sound {
                        self.prose(bytes, start, quote, rules)?;
                    }
                    None
                }
            }
            Text::Credential if keyed::is_harmless(raw, end, &mut self.decoded) => None,
            Text::Json(place) => Some(place),
            // Text that begins as JSON does is opened first; the reader gets it if it is none.
            Text::Read(reading) if sound => {
                let json = strings::may_be_json(raw);
                if reading.is_said() && carriers::may_be_base64(raw) {
                    self.edit_text(bytes, start, quote, Put::Decode(Carrier::Likely), Row::KeyName)?;
                }
                if reading.is_plain(raw) && !json && !(self.reads_all && content::may_hold(raw)) {
                    return Ok(());
                }
                // What is found in either way goes; where both find something they are made one.
                if !json && reading.may_hold_objects() && self.holds_json(raw) {
                    self.edit_text(bytes, start, quote, Put::Search(Place::Custom), Row::TextUnreadable)?;
                }
                return self.edit_text(bytes, start, quote, Put::Read(reading), rules.row);
            }
            Text::Read(Reading::DataUrl) if carriers::is_data_url(raw) => {
                return self.edit(start, quote, Put::Mask, rules.row);
            }
            // Judged when it is read, because the walk is called deep enough.
            Text::Read(reading) if reading.may_hold_objects() => {
                return self.edit(start, quote, Put::Read(Reading::Damaged), rules.row);
            }
            // A name in Latin-1.
            Text::Read(Reading::ClientText) if client_text::is_ordinary_in_any_encoding(raw) => None,
            Text::Read(reading @ Reading::ObjectName) if reading.is_plain(raw) => None,
            Text::Operation if strings::is_operation(raw) => None,
            Text::Word if message::is_reason(raw) => None,
            Text::Identifier if strings::is_identifier(raw) && !carriers::may_be_base64(raw) => None,
            Text::Measure if strings::is_measure(raw) => None,
            Text::Pointer if sound && strings::is_known_pointer(raw, &mut self.decoded) => None,
            Text::Mask
            | Text::Operation
            | Text::Pointer
            | Text::Word
            | Text::Identifier
            | Text::Measure
            | Text::Credential
            | Text::Read(_) => {
                return self.edit(start, quote, Put::Mask, rules.row);
            }
        };
        match json {
            Some(place) if sound => self.edit_text(bytes, start, quote, Put::Json(place), rules.row),
            // Text that is no UTF-8 is no JSON; what it seemed to be is not to be read by anybody else.
            Some(_) => self.edit(start, quote, Put::Mask, rules.row),
            None if sound => Ok(()),
            None if matches!(rules.text, Text::Sniff | Text::PairName | Text::ColumnName | Text::Cell)
                && content::may_hold(raw)
                && (self.reads_all || content::is_worth_reading(raw)) =>
            {
                self.edit(start, quote, Put::Read(Reading::Damaged), Row::Content)
            }
            None => self.replace_invalid(bytes, start, quote, rules.row),
        }
    }

    /// Hides a string's text, unless that is the mask already.
    fn mask_text(&mut self, bytes: &[u8], start: usize, end: usize, row: Row) -> Result<(), Broken> {
        if bytes.get(start..end) == Some(MASK) {
            return Ok(());
        }
        self.edit(start, end, Put::Mask, row)
    }

    /// Mends a string's text that is not UTF-8; hides it if that takes more edits than a text is worth.
    #[cold]
    pub(crate) fn replace_invalid(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: usize,
        row: Row,
    ) -> Result<(), Broken> {
        let before = self.edits.len();
        let most = before.saturating_add(limits::REPLACEMENTS);
        let mut result = Ok(());
        utf8::for_each_invalid(bytes, start, end, |start, end| {
            if result.is_ok() && self.edits.len() <= most {
                result = self.edit(start, end, Put::ReplacementCharacter, Row::Damaged);
            }
        });
        if self.edits.len() > most {
            self.edits.truncate(before);
            return self.edit(start, end, Put::Mask, row);
        }
        result
    }

    /// Closes a container that is hidden, or too deep or too wide to be emitted as one, or is to be remembered.
    #[cold]
    pub(super) fn close(
        &mut self,
        bytes: &[u8],
        end: usize,
        frame: Frame,
        members: u32,
    ) -> Result<(), Broken> {
        let hidden = frame.state & HIDDEN != 0;
        let deep = frame.state & DEEP != 0;
        if frame.state & PENDING != 0 && !hidden && !deep && members <= MOST_MEMBERS {
            self.remember(bytes, end);
            return Ok(());
        }
        // The members of a record's own object are counted by whoever writes it.
        if !hidden && !deep && matches!(frame.place(), Place::Record | Place::SecretRecord) {
            return Ok(());
        }
        let start = frame.start as usize;
        while self.regions.last().is_some_and(|region| region.start > frame.start) {
            self.regions.pop();
        }
        if !hidden {
            let hits = if deep { &mut self.hits.nesting } else { &mut self.hits.keys };
            *hits = hits.wrapping_add(1);
        }
        let rules = frame.place().rules();
        let opened = match rules.text {
            Text::Sniff | Text::Known | Text::Keep => true,
            Text::Read(reading) => reading.may_hold_objects(),
            _ => false,
        };
        if !hidden && opened {
            let region = Region { start: frame.start, end: position(end) };
            return if push(&mut self.regions, region) { Ok(()) } else { Err(Broken::NoMemory) };
        }
        // Where a secret is possible nothing is emitted as text: a second pass would mask that.
        while self.edits.last().is_some_and(|edit| edit.start >= frame.start) {
            self.edits.pop();
        }
        let empty = skip_space(bytes, start.wrapping_add(1)).wrapping_add(1) == end;
        let put = match (deep, frame.state & ARRAY != 0) {
            // Even an empty container would be one level too many.
            (true, _) => Put::MaskedString,
            (false, _) if empty => return Ok(()),
            (false, false) => Put::EmptyObject,
            (false, true) => Put::EmptyArray,
        };
        self.edit(start, end, put, rules.row)
    }

    #[inline(always)]
    pub(crate) fn edit(&mut self, start: usize, end: usize, put: Put, row: Row) -> Result<(), Broken> {
        if self.edits.len() >= self.most_edits {
            return Err(Broken::Damaged);
        }
        let edit = Edit { start: position(start), end: position(end), put, row };
        if push(&mut self.edits, edit) { Ok(()) } else { Err(Broken::NoMemory) }
    }
}
