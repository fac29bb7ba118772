//! Strings that are kept, and in which there may be something all the same: a key or a token, JSON amid prose, YAML of a
//! Secret. Called from [`rare`](super::rare) and from the loop, never inlined into them.

use super::{Broken, Walker};
use crate::redact::carriers::Carrier;
use crate::redact::content;
use crate::redact::edits::{Put, position};
use crate::redact::places::{Place, Rules, Text};
use crate::redact::reading::Reading;
use crate::redact::rows::Row;
use crate::redact::strings;

impl Walker {
    /// Notes the string `bytes[start..quote]`, which may hold a credential by its look, where nothing else is done about it.
    #[inline(never)]
    pub(super) fn look(
        &mut self,
        bytes: &[u8],
        start: usize,
        quote: usize,
        place: Place,
    ) -> Result<(), Broken> {
        let raw = bytes.get(start..quote).unwrap_or_default();
        if !content::may_hold(raw) {
            return Ok(());
        }
        let decided = match place.rules().text {
            Text::Sniff | Text::PairName | Text::ColumnName | Text::Cell => strings::may_be_json(raw),
            Text::Word | Text::Identifier | Text::Pointer => false,
            _ => true,
        };
        let noted = self.edits.last().filter(|edit| edit.start >= position(start));
        // What only looks like base64 of an object may be a token that does, too.
        let open = |put: Put| matches!(put, Put::Search(_) | Put::Decode(Carrier::Likely));
        let decided = decided || noted.is_some_and(|edit| !open(edit.put));
        if decided || !self.reads_all && !content::is_worth_reading(raw) {
            return Ok(());
        }
        // Names in what is searched for JSON are judged there.
        let reading = if matches!(place.rules().text, Text::Word | Text::Identifier | Text::Pointer) {
            // With a mask in it, it would be no such text any more.
            Reading::Damaged
        } else if strings::holds_json(raw) {
            Reading::Tokens
        } else {
            Reading::Content
        };
        self.edit(start, quote, Put::Read(reading), Row::Content)
    }

    /// A string that is no JSON as a whole: there may be some in it, or YAML of a Secret.
    #[inline(never)]
    pub(super) fn prose(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: usize,
        rules: &Rules,
    ) -> Result<(), Broken> {
        let raw = bytes.get(start..end).unwrap_or_default();
        let holds_json = self.holds_json(raw);
        if holds_json {
            self.edit_text(bytes, start, end, Put::Search(rules.copy()), Row::TextUnreadable)?;
        }
        if strings::may_hold_secret(raw, holds_json) {
            self.edit_text(bytes, start, end, Put::Read(Reading::FreeText), Row::SecretData)?;
        }
        Ok(())
    }
}
