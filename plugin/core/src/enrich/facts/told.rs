//! What an event says, as texts without escapes, in one buffer.

use super::super::event::{Event, Items, is_null, member, quoted};
use super::query;
use crate::event::fields::Field;
use crate::json::text;
use crate::memory::append;
use alloc::vec::Vec;

/// A text that an event may hold.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    ApiGroup,
    /// What an authorizer decided.
    Decision,
    Name,
    Namespace,
    Received,
    RequestUri,
    Resource,
    SourceIp,
    Stage,
    Staged,
    Status,
    Subresource,
    Username,
    Verb,
}

const TEXTS: usize = What::Verb as usize + 1;

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Told {
    texts: Vec<u8>,
    /// Start and end of each.
    spans: [Option<(usize, usize)>; TEXTS],
    unescaped: Vec<u8>,
    /// The code of the answer.
    pub(super) code: Option<u16>,
    /// There is an `objectRef`: the request was for a resource.
    pub(super) has_object: bool,
    pub(super) impersonated: bool,
    pub(super) dry_run: bool,
    /// The user is in the group of those that nobody has authenticated.
    pub(super) unauthenticated: bool,
}

impl Told {
    /// What the event says there.
    pub(super) fn text(&self, what: What) -> Option<&[u8]> {
        let (start, end) = self.spans.get(what as usize).copied().flatten()?;
        self.texts.get(start..end)
    }

    /// A part of it.
    pub(super) fn part(&self, what: What, (start, end): (usize, usize)) -> Option<&[u8]> {
        self.text(what)?.get(start..end)
    }

    /// Reads an event; what was read of another is gone.
    pub(super) fn read(&mut self, event: &Event<'_>) {
        self.texts.clear();
        self.spans = [None; TEXTS];
        let object = event.value(Field::ObjectRef).filter(|object| object.first() == Some(&b'{'));
        self.has_object = object.is_some();
        // Kubernetes leaves out what is empty.
        for (what, name) in [
            (What::Resource, &b"resource"[..]),
            (What::ApiGroup, b"apiGroup"),
            (What::Namespace, b"namespace"),
            (What::Name, b"name"),
            (What::Subresource, b"subresource"),
        ] {
            self.tell(what, object.and_then(|object| member(object, name)));
        }
        for (what, field) in [
            (What::Verb, Field::Verb),
            (What::RequestUri, Field::RequestUri),
            (What::Stage, Field::Stage),
            (What::Received, Field::RequestReceivedTimestamp),
            (What::Staged, Field::StageTimestamp),
        ] {
            self.tell(what, event.value(field));
        }
        let user = event.value(Field::User).filter(|user| user.first() == Some(&b'{'));
        match user.map(|user| member(user, b"username")) {
            // The user of a request that failed to authenticate has no name.
            Some(None) => self.tell(What::Username, Some(b"\"\"")),
            name => self.tell(What::Username, name.flatten()),
        }
        let groups = user.and_then(|user| member(user, b"groups")).unwrap_or_default();
        self.unauthenticated = Items::new(groups).any(|group| group == b"\"system:unauthenticated\"");
        let addresses = event.value(Field::SourceIps).unwrap_or_default();
        self.tell(What::SourceIp, Items::new(addresses).last());
        let status = event.value(Field::ResponseStatus);
        let mut codes = event.values(Field::ResponseStatus).filter_map(|status| member(status, b"code"));
        let code = codes.next().filter(|_| codes.next().is_none());
        self.code = code.and_then(|code| core::str::from_utf8(code).ok()?.parse().ok());
        self.tell(What::Status, status.and_then(|status| member(status, b"status")));
        let annotations = event.value(Field::Annotations);
        let decision = |name| annotations.and_then(|annotations| member(annotations, name));
        // OpenShift's OAuth server says so in annotations of its own.
        let decision = decision(b"authorization.k8s.io/decision")
            .or_else(|| decision(b"authentication.openshift.io/decision"));
        self.tell(What::Decision, decision);
        self.impersonated = event.value(Field::ImpersonatedUser).is_some_and(|user| !is_null(user));
        let uri = self.text(What::RequestUri).unwrap_or_default();
        let in_uri = query::values(uri, b"dryRun").any(|value| query::is(value, b"All"));
        // The options of a `delete` come as its body.
        let deletes = matches!(self.text(What::Verb), Some(b"delete" | b"deletecollection"));
        let body = event.value(Field::RequestObject).filter(|_| deletes);
        let in_body = body.and_then(|body| member(body, b"dryRun"));
        self.dry_run = in_uri || Items::new(in_body.unwrap_or_default()).any(|item| item == b"\"All\"");
    }

    fn tell(&mut self, what: What, value: Option<&[u8]>) {
        let Some(raw) = value.and_then(quoted) else { return };
        let start = self.texts.len();
        let plain = if raw.contains(&b'\\') {
            if !text::unescape(raw, &mut self.unescaped) {
                return;
            }
            self.unescaped.as_slice()
        } else {
            raw
        };
        if append(&mut self.texts, plain)
            && let Some(span) = self.spans.get_mut(what as usize)
        {
            *span = Some((start, self.texts.len()));
        }
    }
}
