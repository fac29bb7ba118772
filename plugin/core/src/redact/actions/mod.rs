//! What is done with what was found, where that is not the mask: removed, signed or kept.
//!
//! A walk notes masks. Where a configuration asks for something else, one more pass over the text turns them
//! into it: [`pass`], once for each text in text, and once for the record. It is cold: without such a
//! configuration there is no [`Actor`], and nothing of this runs.
//!
//! | action | string | part of a string | object, array, number, boolean |
//! |---|---|---|---|
//! | mask | `"[REDACTED]"` | `[REDACTED]` | `{}`, `[]`, `null` |
//! | remove | its member goes; in an array the mask | the mask | its member goes; in an array as above |
//! | hmac | `"hmac:<key id>:<32 hex>"` | `hmac:<key id>:<32 hex>` | as above, because sinks know a field's type |
//!
//! A second pass finds what the first has left and knows it: a mask by its bytes, a digest by
//! [its grammar](super::values::is_own_digest). So that a member that is gone changes nothing about what is
//! left, members by which an object is recognised are never removed, only masked.
//!
//! What a container holds that is hidden as a whole nobody has looked at. One that stays is walked once more before its
//! texts are opened, as what may hold Secrets, see [`Actor::containers`].
//!
//! - [`exceptions`]: which values stay by a rule of their own
//! - [`pass`]: the pass
//! - [`sign`]: the digests

pub(crate) mod exceptions;
mod pass;
pub(crate) mod sign;

use super::edits::{Edit, MASK, Put};
use super::rows::{self, CLASSES, Class, Row};
use super::walk::Broken;
use super::{strings, values};
use crate::memory::push;
use alloc::vec::Vec;
use exceptions::Exception;
pub(crate) use pass::Stays;
use pass::{Frame, Pass};
use sign::{Buffers, Signed, Signer};

/// What is done with the values of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Act {
    /// A fixed value of the same type takes its place.
    #[default]
    Mask,
    /// Its member goes.
    Remove,
    /// A text takes its place that is the same for equal values.
    Hmac,
    /// It stays. Not of rows that are guaranteed.
    Keep,
}

/// What is done, row by row.
pub(crate) type Acts = [Act; rows::COUNT];

/// What is done with the rows of a class that has no key of its own, by the action for all.
const fn of_keyless(class: Class, action: Act) -> Option<Act> {
    match (class, action) {
        (Class::Damage, _) | (Class::Unclear, Act::Hmac) => Some(Act::Mask),
        (Class::Guaranteed | Class::Unclear, action) => Some(action),
        _ => None,
    }
}

/// Everything that a configuration says about what was found.
#[derive(Clone, Debug)]
pub(crate) struct Actions {
    pub(crate) acts: Acts,
    pub(crate) signer: Option<Signer>,
    pub(crate) exceptions: Vec<Exception>,
}

impl Actions {
    /// The actions for `action` where a row's class has no key, and for what `of_class` says where it has.
    pub(crate) fn new(action: Act, of_class: impl Fn(Class) -> Act) -> Actions {
        let acts = CLASSES.map(|class| of_keyless(class, action).unwrap_or_else(|| of_class(class)));
        Actions { acts, signer: None, exceptions: Vec::new() }
    }

    /// Whether there is nothing to do but to mask.
    pub(crate) fn is_mask(&self) -> bool {
        self.acts == [Act::Mask; rows::COUNT] && self.signer.is_none() && self.exceptions.is_empty()
    }

    fn act(&self, row: Row) -> Act {
        self.acts.get(row as usize).copied().unwrap_or_default()
    }
}

/// The digest that takes the place of an edit which says [`Put::Digest`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Digest {
    /// Where the edit begins.
    pub(crate) at: u32,
    signed: Signed,
    pub(crate) text: sign::Text,
}

impl Digest {
    /// The same at another position.
    pub(crate) fn moved(self, at: u32) -> Digest {
        Digest { at, ..self }
    }
}

/// The text of the digest at `at`, of `digests` in ascending order.
pub(crate) fn digest_at(digests: &[Digest], at: u32) -> &[u8] {
    let found = digests.binary_search_by_key(&at, |digest| digest.at).ok();
    found.and_then(|found| digests.get(found)).map_or(MASK, |digest| digest.text.as_bytes())
}

/// A value of a document, and what may be done to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Root {
    /// Its first byte.
    pub(crate) start: u32,
    /// Between the quotes of the name that it has.
    pub(crate) name: (u32, u32),
    /// It may go.
    pub(crate) goes: bool,
    /// Members inside may.
    pub(crate) inner: bool,
    /// It is the body of the request that the [exceptions](Actor::set_request) are about.
    pub(crate) body: bool,
    /// To which namespace it belongs.
    pub(crate) belongs: Belongs,
}

/// How it is told to which namespace a value belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Belongs {
    /// That is told where the text is in which the value stands.
    Later,
    /// To that of the request, if it has one.
    ByRequest,
    /// To what the `metadata` says of the object, or of each object of a list: the server wrote it, and the request
    /// is about no namespace, or about all. What clients write decides nothing: they would choose a namespace in
    /// which they may not create Secrets, and try out its digests.
    ByMetadata,
}

/// Acts on edits. Its buffers are reused.
#[derive(Debug)]
pub(crate) struct Actor {
    pub(crate) actions: Actions,
    /// The namespace of the request.
    namespace: Vec<u8>,
    /// Which exceptions are about it, by their indexes.
    applicable: Vec<usize>,
    frames: Vec<Frame>,
    waiting: Vec<usize>,
    edits: Vec<Edit>,
    digests: Vec<Digest>,
    buffers: Buffers,
    found: Vec<Stays>,
}

impl Actor {
    /// An actor with empty buffers.
    pub(crate) fn new(actions: Actions) -> Actor {
        Actor {
            actions,
            namespace: Vec::new(),
            applicable: Vec::new(),
            frames: Vec::new(),
            waiting: Vec::new(),
            edits: Vec::new(),
            digests: Vec::new(),
            buffers: Buffers::default(),
            found: Vec::new(),
        }
    }

    /// Gives back the memory of the buffers.
    pub(crate) fn release(&mut self) {
        self.frames = Vec::new();
        self.waiting = Vec::new();
        self.edits = Vec::new();
        self.digests = Vec::new();
        self.buffers = Buffers::default();
        self.found = Vec::new();
    }

    /// Whether anything of a row is to stay that has a container hidden.
    pub(crate) fn may_keep(&self) -> bool {
        !self.actions.exceptions.is_empty() || self.actions.acts.contains(&Act::Keep)
    }

    /// Whether what a row hides may stay.
    pub(crate) fn may_keep_row(row: Row) -> bool {
        CLASSES.get(row as usize).is_some_and(|class| class.key().is_some())
    }

    /// Which of the containers of one value stay that are hidden as a whole; `hidden` are their edits. `None` if that
    /// cannot be told.
    pub(crate) fn containers(&mut self, bytes: &[u8], root: Root, hidden: &[Edit]) -> Option<&[Stays]> {
        self.begin();
        self.found.clear();
        let mut pass = Pass {
            bytes,
            root,
            actions: &self.actions,
            namespace: &self.namespace,
            applicable: if root.body { &self.applicable } else { &[] },
            edits: hidden,
            digests: &[],
            out: &mut self.edits,
            out_digests: &mut self.digests,
            frames: &mut self.frames,
            waiting: &mut self.waiting,
            buffers: &mut self.buffers,
            found: Some(&mut self.found),
        };
        pass.run().map(|_| self.found.as_slice())
    }

    /// Whether the request that was noted is about no namespace, or about all.
    pub(crate) fn is_without_namespace(&self) -> bool {
        self.namespace.is_empty()
    }

    /// Notes what the request is about whose edits are acted on next; `false` if there is no memory.
    pub(crate) fn set_request(&mut self, request: exceptions::Request<'_>) -> bool {
        self.namespace.clear();
        self.applicable.clear();
        let all = self.actions.exceptions.iter().enumerate();
        for (index, _) in all.filter(|(_, exception)| exception.is_about(request)) {
            if !push(&mut self.applicable, index) {
                return false;
            }
        }
        crate::memory::append(&mut self.namespace, request.namespace)
    }

    /// Acts on all edits of a text in text, in which JSON begins at each of `starts`.
    pub(crate) fn text(
        &mut self,
        text: &[u8],
        starts: &[u32],
        edits: &mut Vec<Edit>,
        digests: &mut Vec<Digest>,
    ) -> Result<(), Broken> {
        if edits.is_empty() {
            return Ok(());
        }
        self.begin();
        let mut rest = edits.as_slice();
        for (index, &start) in starts.iter().enumerate() {
            let next = starts.get(index.wrapping_add(1));
            let before = rest.partition_point(|edit| edit.start < start);
            let behind = rest.partition_point(|edit| next.is_none_or(|&next| edit.start < next));
            for &edit in rest.get(..before).unwrap_or_default() {
                self.leave(edit, digests)?;
            }
            let belongs = Belongs::Later;
            let root = Root { start, name: (0, 0), goes: false, inner: true, body: false, belongs };
            self.value(text, root, rest.get(before..behind).unwrap_or_default(), digests)?;
            rest = rest.get(behind..).unwrap_or_default();
        }
        for &edit in rest {
            self.leave(edit, digests)?;
        }
        self.finish(edits, digests);
        Ok(())
    }

    /// Acts on the edits of a text that is written anew, because nobody comes back to them: on those that
    /// [`text`](Self::text) left, of a text without JSON, and on digests. These have no label that tells a namespace:
    /// where one is asked for the mask stays.
    pub(crate) fn finish_text(
        &mut self,
        text: &[u8],
        starts: &[u32],
        edits: &mut [Edit],
        digests: &mut Vec<Digest>,
    ) -> Result<(), Broken> {
        let signer = self.actions.signer.as_ref();
        if starts.is_empty() {
            let suspect = strings::unreadable_text(text) == strings::Unreadable::Hidden;
            for edit in edits.iter_mut().filter(|edit| edit.put == Put::Mask) {
                let value = text.get(edit.start as usize..edit.end as usize).unwrap_or_default();
                match (self.actions.act(edit.row), signer) {
                    (_, Some(_)) if values::is_own_digest(value) => {
                        *edit = Edit { end: edit.start, put: Put::Nothing, ..*edit };
                    }
                    (Act::Keep, _) if !suspect => *edit = Edit { end: edit.start, put: Put::Kept, ..*edit },
                    (Act::Hmac, Some(signer)) => {
                        edit.put = Put::Digest;
                        let digest = Digest {
                            at: edit.start,
                            signed: signer.sign_text(value),
                            text: sign::Text::masked(),
                        };
                        if !push(digests, digest) {
                            return Err(Broken::NoMemory);
                        }
                    }
                    _ => {}
                }
            }
        }
        if let Some(signer) = signer.filter(|signer| !signer.is_per_namespace()) {
            for digest in digests.iter_mut() {
                digest.text = signer.label(&digest.signed, b"");
            }
        }
        Ok(())
    }

    /// Begins with the edits of a document.
    pub(crate) fn begin(&mut self) {
        self.edits.clear();
        self.digests.clear();
    }

    /// Takes an edit that nothing is done about.
    pub(crate) fn leave(&mut self, edit: Edit, digests: &[Digest]) -> Result<(), Broken> {
        if edit.put == Put::Digest {
            let found = digests.binary_search_by_key(&edit.start, |digest| digest.at).ok();
            if let Some(&digest) = found.and_then(|found| digests.get(found))
                && !push(&mut self.digests, digest)
            {
                return Err(Broken::NoMemory);
            }
        }
        if push(&mut self.edits, edit) { Ok(()) } else { Err(Broken::NoMemory) }
    }

    /// Acts on the edits of one value, of which `edits` and `digests` are all; whether it goes.
    ///
    /// A value that cannot be read keeps its masks.
    pub(crate) fn value(
        &mut self,
        bytes: &[u8],
        root: Root,
        edits: &[Edit],
        digests: &[Digest],
    ) -> Result<bool, Broken> {
        let before = (self.edits.len(), self.digests.len());
        let mut pass = Pass {
            bytes,
            root,
            actions: &self.actions,
            namespace: &self.namespace,
            applicable: if root.body { &self.applicable } else { &[] },
            edits,
            digests,
            out: &mut self.edits,
            out_digests: &mut self.digests,
            frames: &mut self.frames,
            waiting: &mut self.waiting,
            buffers: &mut self.buffers,
            found: None,
        };
        if let Some(goes) = pass.run() {
            return Ok(goes);
        }
        self.edits.truncate(before.0);
        self.digests.truncate(before.1);
        for &edit in edits {
            self.leave(edit, digests)?;
        }
        Ok(false)
    }

    /// Gives back the edits of a document.
    pub(crate) fn finish(&mut self, edits: &mut Vec<Edit>, digests: &mut Vec<Digest>) {
        core::mem::swap(edits, &mut self.edits);
        core::mem::swap(digests, &mut self.digests);
    }
}
