//! Cold: one pass over a value that turns masks into what the configuration asks for. What each kind of edit becomes changes the state of
//! the one pass, and that is why the file is long.
//!
//! ```text
//! value:   masked as a whole -> its act; a string with masked parts -> theirs; a container -> go in
//! behind:  the member goes   -> what is noted of it becomes a mark, and the stretch is open
//!          , -> the open stretch ends before the next name    } -> it begins behind what stays, and ends here
//! ```
//!
//! A member that goes takes one comma with it: the one behind it, or, where nothing that stays follows, the one
//! before it. What stretches the policy takes away are members that go, so that no two stretches share a comma.
//!
//! Where a namespace is signed too, digests wait for the end of the object around them, because its `metadata`
//! may stand behind them. Everything is done once for each edit or container, so time is linear.

use super::exceptions::{Exception, Part};
use super::sign::{self, Buffers, Decode, Signer};
use super::{Act, Actions, Belongs, Digest, Root};
use crate::json::members::Members;
use crate::json::{scan, skip, skip_space};
use crate::limits;
use crate::memory::push;
use crate::redact::edits::{Edit, Put, position};
use crate::redact::rows::{CLASSES, Class, Row};
use crate::redact::{strings, values};
use alloc::vec::Vec;

/// An open container.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    start: u32,
    object: bool,
    /// Between the quotes of the name of the member that is read.
    name: (u32, u32),
    /// The number of the element that is read, counted from 1.
    element: u32,
    /// Where the member begins that is read.
    member: u32,
    /// Behind the last member that stays, or behind the bracket.
    kept_end: u32,
    /// The last member, if it goes.
    open: Option<(u32, u32)>,
    /// What its `metadata` says of a namespace; empty if nothing.
    namespace: (u32, u32),
    /// Whether it is an operation of a patch whose path leads into the `data` of a Secret, once that was asked.
    patches_data: Option<bool>,
    /// How many digests waited for a namespace when it began.
    waiting: usize,
}

/// What was read of a value.
enum Read {
    /// It is a container; this is behind its bracket.
    Opened(usize),
    /// It ends here; whether it goes.
    Whole(usize, bool),
}

/// What comes next in a container.
enum Next {
    /// A value.
    Value(usize),
    /// Nothing up to here, because the member goes.
    Gone(usize),
}

/// One pass.
pub(super) struct Pass<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) root: Root,
    pub(super) actions: &'a Actions,
    /// Of the request.
    pub(super) namespace: &'a [u8],
    /// The exceptions that are about it.
    pub(super) applicable: &'a [usize],
    /// The edits that are still to come, and the digests of those that have some.
    pub(super) edits: &'a [Edit],
    pub(super) digests: &'a [Digest],
    pub(super) out: &'a mut Vec<Edit>,
    pub(super) out_digests: &'a mut Vec<Digest>,
    pub(super) frames: &'a mut Vec<Frame>,
    /// Digests that wait for a namespace, by their indexes.
    pub(super) waiting: &'a mut Vec<usize>,
    pub(super) buffers: &'a mut Buffers,
    /// If which containers stay is only asked: where they are noted. Then the edits are those of containers, and what
    /// becomes of them does not matter.
    pub(super) found: Option<&'a mut Vec<Stays>>,
}

/// A container that is hidden as a whole and is to stay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stays {
    /// Where it begins.
    pub(crate) start: u32,
    /// In how many others it is, from the root on.
    pub(crate) depth: u32,
    /// All of it, and not only parts.
    pub(crate) whole: bool,
}

/// How much of a value an exception is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// Nothing of it.
    Nothing,
    /// Something in it.
    Parts,
    /// All of it.
    Whole,
}

impl Pass<'_> {
    /// Acts on the root and all in it; whether it goes. `None` if it cannot be read, or there is no memory.
    pub(super) fn run(&mut self) -> Option<bool> {
        self.frames.clear();
        self.waiting.clear();
        let mut goes = false;
        let mut next = Next::Value(self.root.start as usize);
        loop {
            let mut at = match next {
                Next::Gone(end) => end,
                Next::Value(at) => match self.value(at)? {
                    Read::Opened(inside) => {
                        let inside = skip_space(self.bytes, inside);
                        if !matches!(self.bytes.get(inside)?, b'}' | b']') {
                            next = self.next(inside)?;
                            continue;
                        }
                        inside
                    }
                    Read::Whole(end, gone) => {
                        goes = self.frames.is_empty() && gone;
                        self.behind(end, gone)?;
                        end
                    }
                },
            };
            // Behind a value: what closes, up to a comma.
            next = loop {
                let Some(top) = self.frames.last() else {
                    self.label(0, b"");
                    return self.leave_rest(at).then_some(goes);
                };
                if self.edits.is_empty() && self.waiting.is_empty() && top.open.is_none() {
                    return Some(goes);
                }
                at = skip_space(self.bytes, at);
                match *self.bytes.get(at)? {
                    b',' => break self.next(skip_space(self.bytes, at.wrapping_add(1)))?,
                    b'}' | b']' => {
                        self.close(at)?;
                        at = at.wrapping_add(1);
                        self.behind(at, false)?;
                    }
                    _ => return None,
                }
            };
        }
    }

    /// Leaves what is behind the root, which ends before `end`; `false` if something in it was passed over, which
    /// would let out what it hides.
    fn leave_rest(&mut self, end: usize) -> bool {
        while let Some(edit) = self.next_edit() {
            self.consume();
            let left = match edit.put {
                Put::Digest => self.pass_on(edit),
                _ => self.put(edit),
            };
            if (edit.start as usize) < end || left.is_none() {
                return false;
            }
        }
        true
    }

    fn next_edit(&self) -> Option<Edit> {
        self.edits.first().copied()
    }

    fn consume(&mut self) {
        self.edits = self.edits.get(1..).unwrap_or_default();
    }

    fn put(&mut self, edit: Edit) -> Option<()> {
        push(self.out, edit).then_some(())
    }

    fn raw(&self, (start, end): (u32, u32)) -> &[u8] {
        self.bytes.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The next member or element begins at `at`.
    fn next(&mut self, at: usize) -> Option<Next> {
        let omitted = self.is_omitted(at);
        let frame = self.frames.last_mut()?;
        frame.element = frame.element.wrapping_add(1);
        if !frame.object {
            return Some(Next::Value(at));
        }
        frame.member = position(at);
        if let Some((start, _)) = frame.open.take() {
            self.put(Edit { start, end: position(at), put: Put::Nothing, row: Row::Damaged })?;
        }
        if self.bytes.get(at) != Some(&b'"') {
            return None;
        }
        let start = at.wrapping_add(1);
        let quote = scan::string(self.bytes, start)?.quote;
        let colon = skip_space(self.bytes, quote.wrapping_add(1));
        if self.bytes.get(colon) != Some(&b':') {
            return None;
        }
        self.frames.last_mut()?.name = (position(start), position(quote));
        let value = skip_space(self.bytes, colon.wrapping_add(1));
        if !self.name(start, quote)? && !omitted {
            return Some(Next::Value(value));
        }
        let end = skip::value(self.bytes, value)?;
        while let Some(edit) = self.next_edit().filter(|edit| (edit.start as usize) < end) {
            self.consume();
            self.put(edit)?;
        }
        self.behind(end, true)?;
        Some(Next::Gone(end))
    }

    /// Whether the policy takes away the member at `at`. What it has taken away before that is forgotten.
    fn is_omitted(&mut self, at: usize) -> bool {
        while let Some(edit) = self.next_edit()
            && edit.put == Put::Nothing
            && edit.start as usize <= at
        {
            if at < edit.end as usize {
                return true;
            }
            self.consume();
        }
        false
    }

    /// The name of a member; whether the member goes because of it.
    fn name(&mut self, start: usize, quote: usize) -> Option<bool> {
        let name = (position(start), position(quote));
        while let Some(edit) = self.next_edit().filter(|edit| edit.start <= name.1) {
            // What begins before it is a stretch that the policy takes away.
            if edit.start < name.0 {
                break;
            }
            self.consume();
            let whole = edit.put == Put::Mask && (edit.start, edit.end) == name;
            match self.actions.act(edit.row) {
                _ if !whole => self.put(edit)?,
                Act::Remove if self.may_go(edit.row) => {
                    self.put(edit)?;
                    return Some(true);
                }
                _ if self.is_own(edit) => {}
                Act::Hmac => self.digest(edit, Decode::Text)?,
                Act::Keep => self.keep(edit)?,
                Act::Mask | Act::Remove => self.put(edit)?,
            }
        }
        Some(false)
    }

    /// Whether the member that is read, of which a row hides something, may go.
    fn may_go(&mut self, row: Row) -> bool {
        let Some(frame) = self.frames.last().copied() else { return self.root.goes };
        if !frame.object || !self.root.inner {
            return false;
        }
        // What keys mean is their owner's business there.
        if matches!(row, Row::SecretData | Row::SecretAnnotation | Row::ConfigMap) && self.is_in(&MAPS) {
            return true;
        }
        let raw = self.bytes.get(frame.name.0 as usize..frame.name.1 as usize).unwrap_or_default();
        let name = self.buffers.name(raw);
        !RECOGNISED_BY.iter().any(|known| name.eq_ignore_ascii_case(known))
    }

    /// The value at `at`.
    fn value(&mut self, at: usize) -> Option<Read> {
        // A container that stays has its mark before what is hidden in it.
        while let Some(edit) =
            self.next_edit().filter(|edit| edit.start as usize == at && edit.put == Put::Kept)
        {
            self.consume();
            self.put(edit)?;
        }
        let whole = |edit: &Edit| edit.start as usize == at && edit.put != Put::Quote;
        if let Some(edit) = self.next_edit().filter(whole) {
            self.consume();
            let act = self.actions.act(edit.row);
            if self.found.is_some() {
                let reach = if act == Act::Keep { Reach::Whole } else { self.reach(edit.row) };
                let depth = position(self.frames.len());
                let stays = Stays { start: edit.start, depth, whole: reach == Reach::Whole };
                if reach != Reach::Nothing && !self.found.as_mut().is_some_and(|found| push(found, stays)) {
                    return None;
                }
                return Some(Read::Whole(edit.end as usize, false));
            }
            let goes = match act {
                _ if !edit.put.hides() => false,
                // Nobody has looked into a container that is hidden: there may be a Secret in it.
                act if edit.put == Put::Null && (act == Act::Keep || self.is_excepted(edit.row)) => {
                    self.keep(edit)?;
                    return Some(Read::Whole(edit.end as usize, false));
                }
                Act::Remove => self.may_go(edit.row),
                _ => false,
            };
            self.put(edit)?;
            return Some(Read::Whole(edit.end as usize, goes));
        }
        match *self.bytes.get(at)? {
            b'"' => self.string(at.wrapping_add(1)),
            open @ (b'{' | b'[') => {
                let inside = at.wrapping_add(1);
                let frame = Frame {
                    start: position(at),
                    object: open == b'{',
                    name: (0, 0),
                    element: 0,
                    member: position(inside),
                    kept_end: position(inside),
                    open: None,
                    namespace: (0, 0),
                    patches_data: None,
                    waiting: self.waiting.len(),
                };
                let room = self.frames.len() < limits::WALKED_NESTING && push(self.frames, frame);
                room.then_some(Read::Opened(inside))
            }
            _ => {
                let (end, _) = scan::scalar(self.bytes, at);
                while let Some(edit) = self.next_edit().filter(|edit| (edit.start as usize) < end) {
                    self.consume();
                    self.put(edit)?;
                }
                (end > at).then_some(Read::Whole(end, false))
            }
        }
    }

    /// The string whose text begins at `start`.
    fn string(&mut self, start: usize) -> Option<Read> {
        let quote = scan::string(self.bytes, start)?.quote;
        let text = (position(start), position(quote));
        self.note_namespace(text);
        let mut goes = false;
        let mut suspect = None;
        while let Some(edit) = self.next_edit().filter(|edit| edit.start <= text.1) {
            self.consume();
            let whole = (edit.start, edit.end) == text;
            match (edit.put, self.actions.act(edit.row)) {
                (Put::Digest, _) => self.pass_on(edit)?,
                (Put::Mask, act @ Act::Remove)
                    if whole && !self.is_kept(edit.row, act, text, &mut suspect) && self.may_go(edit.row) =>
                {
                    self.put(edit)?;
                    goes = true;
                }
                (Put::Mask, _) if self.is_own(edit) => {}
                (Put::Mask, act) if self.is_kept(edit.row, act, text, &mut suspect) => self.keep(edit)?,
                (Put::Mask, Act::Hmac) => {
                    let decode = self.decode(edit.row);
                    self.digest(edit, decode)?;
                }
                _ => self.put(edit)?,
            }
        }
        Some(Read::Whole(quote.wrapping_add(1), goes))
    }

    /// Whether what an edit hides was written by an earlier filter that signs.
    fn is_own(&self, edit: Edit) -> bool {
        self.actions.signer.is_some() && values::is_own_digest(self.raw((edit.start, edit.end)))
    }

    /// Whether what is hidden of a string stays: all or nothing, because what is left of a text in part is read
    /// otherwise the next time. Nothing of one that may hold a Secret does.
    fn is_kept(&mut self, row: Row, act: Act, text: (u32, u32), suspect: &mut Option<bool>) -> bool {
        if act != Act::Keep && !self.is_excepted(row) {
            return false;
        }
        let raw = self.bytes.get(text.0 as usize..text.1 as usize).unwrap_or_default();
        let buffer = self.buffers.scratch();
        !*suspect.get_or_insert_with(|| strings::unreadable(raw, buffer) != strings::Unreadable::Kept)
    }

    /// Leaves what an edit hides, with a mark for the stamp.
    fn keep(&mut self, edit: Edit) -> Option<()> {
        self.put(Edit { end: edit.start, put: Put::Kept, ..edit })
    }

    /// Whether an exception is about what a row hides here.
    fn is_excepted(&mut self, row: Row) -> bool {
        self.reach(row) == Reach::Whole
    }

    /// How much of what a row hides here an exception is about.
    fn reach(&mut self, row: Row) -> Reach {
        let class = CLASSES.get(row as usize).copied().unwrap_or(Class::Guaranteed);
        if self.applicable.is_empty() || class.key().is_none() {
            return Reach::Nothing;
        }
        let first_is = |frame: Option<&Frame>, name: &[u8]| {
            frame.is_some_and(|frame| frame.object && self.raw(frame.name) == name)
        };
        // In a list, and in a table, the way begins at each object.
        let from = match self.frames.as_slice() {
            [list, items, ..] if first_is(Some(list), b"items") && !items.object => 2,
            [table, rows, row, ..]
                if first_is(Some(table), b"rows") && !rows.object && first_is(Some(row), b"object") =>
            {
                3
            }
            _ => 0,
        };
        let way = self.frames.get(from..).unwrap_or_default();
        let buffers = &mut *self.buffers;
        let bytes = self.bytes;
        let mut leads = |exception: &Exception| {
            let same = exception.path.iter().zip(way).all(|(part, frame)| match part {
                Part::Any => true,
                Part::Name(name) if frame.object => {
                    let raw = bytes.get(frame.name.0 as usize..frame.name.1 as usize).unwrap_or_default();
                    buffers.is(raw, name.as_bytes())
                }
                Part::Name(name) => is_number(name.as_bytes(), frame.element.wrapping_sub(1)),
            });
            match same {
                true if exception.path.len() <= way.len() => Reach::Whole,
                true => Reach::Parts,
                false => Reach::Nothing,
            }
        };
        let all = self.applicable.iter().filter_map(|&index| self.actions.exceptions.get(index));
        let mut reach = Reach::Nothing;
        for exception in all {
            reach = reach.max(leads(exception));
        }
        reach
    }

    /// What the value that is read is before it is signed.
    fn decode(&mut self, row: Row) -> Decode {
        match row {
            Row::SecretData if self.is_in(&[b"data"]) => Decode::Base64,
            Row::SecretPatch if self.patches_data() => Decode::Base64,
            // The name of an object has no percent signs, so it is signed as in the path.
            Row::TokenName => Decode::Percent,
            row if CLASSES.get(row as usize) == Some(&Class::Uri) => Decode::Percent,
            _ => Decode::Text,
        }
    }

    /// Whether the container that the value is in which is read has one of these names, in any case.
    fn is_in(&mut self, names: &[&[u8]]) -> bool {
        let name = match self.frames.as_slice() {
            [.., around, _] if around.object => around.name,
            [_] => self.root.name,
            _ => return false,
        };
        let raw = self.bytes.get(name.0 as usize..name.1 as usize).unwrap_or_default();
        // All of them are short; a long one is not even read, because this is asked for each value.
        raw.len() <= LONGEST_MAP * 6 && {
            let name = self.buffers.name(raw);
            names.iter().any(|known| name.eq_ignore_ascii_case(known))
        }
    }

    /// Whether the innermost object is an operation of a patch whose path leads into the `data` of a Secret.
    /// Everything in such an object is hidden, so none is in another, and each is read once.
    fn patches_data(&mut self) -> bool {
        let Some(frame) = self.frames.last_mut() else { return false };
        if let Some(known) = frame.patches_data {
            return known;
        }
        let mut leads = false;
        for member in Members::new(self.bytes, frame.start as usize) {
            let name = self.bytes.get(member.name_start..member.name_end).unwrap_or_default();
            if self.buffers.name(name).eq_ignore_ascii_case(b"path") {
                let text = self.bytes.get(member.value_start..member.value_end).unwrap_or_default();
                let text = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
                leads = self.buffers.name(text.unwrap_or_default()).starts_with(b"/data/");
            }
        }
        frame.patches_data = Some(leads);
        leads
    }

    /// Signs what an edit hides.
    fn digest(&mut self, edit: Edit, decode: Decode) -> Option<()> {
        let Some(signer) = &self.actions.signer else { return self.put(edit) };
        let raw = self.bytes.get(edit.start as usize..edit.end as usize).unwrap_or_default();
        let signed = signer.sign(raw, decode, self.buffers);
        let digest = Digest { at: edit.start, signed, text: sign::Text::masked() };
        self.put_digest(digest, Edit { put: Put::Digest, ..edit })
    }

    /// An edit inside a text in text, which was signed there.
    fn pass_on(&mut self, edit: Edit) -> Option<()> {
        let found = self.digests.binary_search_by_key(&edit.start, |digest| digest.at).ok()?;
        self.put_digest(*self.digests.get(found)?, edit)
    }

    fn put_digest(&mut self, digest: Digest, edit: Edit) -> Option<()> {
        let index = self.out_digests.len();
        push(self.out_digests, digest).then_some(())?;
        push(self.waiting, index).then_some(())?;
        let waits = self.actions.signer.as_ref().is_some_and(Signer::is_per_namespace);
        if !waits || self.root.belongs != Belongs::ByMetadata {
            self.label(0, b"");
        }
        self.put(edit)
    }

    /// Labels the digests that wait since `from` with this namespace, or with that of the request if it is empty.
    fn label(&mut self, from: usize, namespace: &[u8]) {
        let Some(signer) = self.actions.signer.as_ref().filter(|_| self.root.belongs != Belongs::Later)
        else {
            self.waiting.truncate(from);
            return;
        };
        let namespace = if namespace.is_empty() { self.namespace } else { namespace };
        for &index in self.waiting.get(from..).unwrap_or_default() {
            if let Some(digest) = self.out_digests.get_mut(index) {
                digest.text = signer.label(&digest.signed, namespace);
            }
        }
        self.waiting.truncate(from);
    }

    /// If the text that is read is the namespace of the object, or of one of a list, notes it there.
    fn note_namespace(&mut self, text: (u32, u32)) {
        if self.root.belongs != Belongs::ByMetadata {
            return;
        }
        let bytes = self.bytes;
        let is = |frame: &Frame, name: &[u8]| {
            frame.object && bytes.get(frame.name.0 as usize..frame.name.1 as usize) == Some(name)
        };
        let (object, metadata) = match self.frames.as_mut_slice() {
            [object, metadata] => (object, metadata),
            [list, items, object, metadata] if is(list, b"items") && !items.object => (object, metadata),
            [table, rows, row, object, metadata]
                if is(table, b"rows") && !rows.object && is(row, b"object") =>
            {
                (object, metadata)
            }
            _ => return,
        };
        if is(object, b"metadata") && is(metadata, b"namespace") {
            object.namespace = text;
        }
    }

    /// The innermost container ends with the bracket at `at`.
    fn close(&mut self, at: usize) -> Option<()> {
        self.is_omitted(at);
        let frame = self.frames.pop()?;
        if frame.object != (self.bytes.get(at) == Some(&b'}')) {
            return None;
        }
        if let Some((_, end)) = frame.open {
            self.retract(frame.kept_end, frame.kept_end);
            self.put(Edit { start: frame.kept_end, end, put: Put::Nothing, row: Row::Damaged })?;
        }
        let (start, end) = frame.namespace;
        let namespace = self.bytes.get(start as usize..end as usize).unwrap_or_default();
        if !namespace.is_empty() && strings::is_identifier(namespace) {
            self.label(frame.waiting, namespace);
        }
        Some(())
    }

    /// The value that was read ends before `end`; whether it goes with its member.
    fn behind(&mut self, end: usize, goes: bool) -> Option<()> {
        let Some(frame) = self.frames.last_mut() else { return Some(()) };
        if !goes {
            frame.kept_end = position(end);
        } else if frame.object {
            let member = frame.member;
            frame.open = Some((member, position(end)));
            self.retract(member, member);
        }
        Some(())
    }

    /// Of everything noted from `from` on only marks are left, at `to`: it goes, and the stamp tells of it.
    fn retract(&mut self, from: u32, to: u32) {
        let first = self.out.partition_point(|edit| edit.start < from);
        let mut left = first;
        for index in first..self.out.len() {
            let Some(edit) = self.out.get(index).copied().filter(|edit| edit.put.hides()) else { continue };
            if let Some(place) = self.out.get_mut(left) {
                *place = Edit { start: to, end: to, put: Put::Removed, row: edit.row };
                left = left.wrapping_add(1);
            }
        }
        self.out.truncate(left);
        while self.out_digests.last().is_some_and(|digest| digest.at >= from) {
            self.out_digests.pop();
        }
        let digests = self.out_digests.len();
        while self.waiting.last().is_some_and(|&index| index >= digests) {
            self.waiting.pop();
        }
    }
}

/// Names of members by which something is recognised: an object as a Secret, a pair by what it is called, an
/// operation by where it leads.
const RECOGNISED_BY: [&[u8]; 10] = [
    b"apiVersion",
    b"kind",
    b"type",
    b"name",
    b"key",
    b"path",
    b"data",
    b"stringData",
    b"metadata",
    b"items",
];

/// Names of members whose values are maps.
const MAPS: [&[u8]; 4] = [b"data", b"stringData", b"binaryData", b"annotations"];
const LONGEST_MAP: usize = b"annotations".len();

/// Whether a text is this number in decimal digits.
fn is_number(text: &[u8], number: u32) -> bool {
    let digits = |value: u32, digit: &u8| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        value.checked_mul(10)?.checked_add(u32::from(digit))
    };
    let canonical = text == b"0" || text.first().is_some_and(|&first| first != b'0');
    canonical && text.iter().try_fold(0, digits) == Some(number)
}
