//! What an event says, as texts without escapes, in one buffer.

use super::super::event::{Event, Items, is_null, member, quoted};
use super::query;
use crate::event::fields::Field;
use crate::json::{find, scan, text};
use crate::memory::append;
use crate::record::asked;
use alloc::vec::Vec;

/// A text that an event may hold.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    ApiGroup,
    /// What an authorizer decided.
    Decision,
    Name,
    Namespace,
    RequestUri,
    Resource,
    SourceIp,
    Stage,
    Status,
    Subresource,
    Username,
    Verb,
}

const TEXTS: usize = What::Verb as usize + 1;

/// How an `objectRef` is spelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Object {
    /// In some way that has to be looked at closely.
    #[default]
    Odd,
    /// As an API server spells it; or there is none.
    Plain,
}

/// The annotations of a request that was allowed, up to the reason for it.
const ALLOWED: &[u8] = br#"{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""#;

/// What the filter writes in place of a text.
const HIDDEN: &[u8] = br#""[REDACTED]""#;

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
    /// How that is spelled.
    pub(super) object: Object,
    /// No annotations but those of the authorizer.
    pub(super) usual_annotations: bool,
    pub(super) impersonated: bool,
    pub(super) dry_run: bool,
    /// The user is in the group of those that nobody has authenticated.
    pub(super) unauthenticated: bool,
}

impl Told {
    /// Nothing.
    pub(super) const NOTHING: Told = Told {
        texts: Vec::new(),
        spans: [None; TEXTS],
        unescaped: Vec::new(),
        code: None,
        has_object: false,
        object: Object::Odd,
        usual_annotations: false,
        impersonated: false,
        dry_run: false,
        unauthenticated: false,
    };

    /// What the event says there.
    pub(super) fn text(&self, what: What) -> Option<&[u8]> {
        let (start, end) = self.spans.get(what as usize).copied().flatten()?;
        self.texts.get(start..end)
    }

    /// A part of it.
    pub(super) fn part(&self, what: What, (start, end): (usize, usize)) -> Option<&[u8]> {
        self.text(what)?.get(start..end)
    }

    /// Reads what an event says of the request; what was read of another is gone.
    pub(super) fn read_request(&mut self, event: &Event<'_>) {
        self.texts.clear();
        self.spans = [None; TEXTS];
        self.read_object(event);
        for (what, field) in
            [(What::Verb, Field::Verb), (What::RequestUri, Field::RequestUri), (What::Stage, Field::Stage)]
        {
            self.tell(what, event.value(field));
        }
        self.read_answer(event);
        self.impersonated = event.value(Field::ImpersonatedUser).is_some_and(|user| !is_null(user));
        let uri = self.text(What::RequestUri).unwrap_or_default();
        let in_uri = query::values(uri, b"dryRun").any(|value| query::is(value, b"All"));
        // The options of a `delete` come as its body.
        let deletes = matches!(self.text(What::Verb), Some(b"delete" | b"deletecollection"));
        let body = event.value(Field::RequestObject).filter(|_| deletes);
        let in_body = body.and_then(|body| member(body, b"dryRun"));
        self.dry_run = in_uri || Items::new(in_body.unwrap_or_default()).any(|item| item == b"\"All\"");
    }

    fn read_object(&mut self, event: &Event<'_>) {
        let object = event.span(Field::ObjectRef).filter(|(text, start, _)| text.get(*start) == Some(&b'{'));
        self.has_object = object.is_some();
        let Some((text, start, end)) = object else {
            self.object = if event.has(Field::ObjectRef) { Object::Odd } else { Object::Plain };
            return;
        };
        if let Some(plain) = asked::object_ref(text, start, end) {
            self.object = Object::Plain;
            for (what, span) in [
                (What::Resource, plain.resource),
                (What::ApiGroup, plain.api_group),
                (What::Namespace, plain.namespace),
                (What::Name, plain.name),
                (What::Subresource, plain.subresource),
            ] {
                let part = span.and_then(|span| text.get(span.start..span.end));
                if part.is_some_and(|part| !self.put(what, part)) {
                    return;
                }
            }
            return;
        }
        self.object = Object::Odd;
        let object = text.get(start..end).unwrap_or_default();
        // Kubernetes leaves out what is empty.
        for (what, name) in [
            (What::Resource, &b"resource"[..]),
            (What::ApiGroup, b"apiGroup"),
            (What::Namespace, b"namespace"),
            (What::Name, b"name"),
            (What::Subresource, b"subresource"),
        ] {
            self.tell(what, member(object, name));
        }
    }

    /// Reads how the request ended.
    fn read_answer(&mut self, event: &Event<'_>) {
        let status = event.value(Field::ResponseStatus);
        self.code = None;
        if let Some([b'{', rest @ ..]) = status
            && let Some([first, second, third, b'}']) = rest.strip_prefix(br#""metadata":{},"code":"#)
            && [first, second, third].into_iter().all(u8::is_ascii_digit)
        {
            let digits = [first, second, third].into_iter();
            self.code = Some(digits.fold(0, |code, &digit| {
                code.wrapping_mul(10_u16).wrapping_add(u16::from(digit.wrapping_sub(b'0')))
            }));
        } else {
            let mut codes = event.values(Field::ResponseStatus).filter_map(|status| member(status, b"code"));
            let code = codes.next().filter(|_| codes.next().is_none());
            self.code = code.and_then(|code| core::str::from_utf8(code).ok()?.parse().ok());
            self.tell(What::Status, status.and_then(|status| member(status, b"status")));
        }
        let annotations = event.value(Field::Annotations);
        // The reason is a text with quotes in it.
        let allowed = annotations.is_some_and(|value| {
            let reason = value.strip_prefix(ALLOWED).and_then(|_| scan::string(value, ALLOWED.len()));
            let end = reason.filter(|reason| reason.flags & scan::UNREADABLE == 0).map(|reason| reason.quote);
            end.and_then(|quote| value.get(quote.wrapping_add(1)..)) == Some(b"}")
        });
        self.usual_annotations = allowed || !event.has(Field::Annotations);
        if allowed {
            let _ = self.put(What::Decision, b"allow");
            return;
        }
        let decision = |name| annotations.and_then(|annotations| member(annotations, name));
        // OpenShift's OAuth server says so in annotations of its own.
        let decision = decision(b"authorization.k8s.io/decision")
            .or_else(|| decision(b"authentication.openshift.io/decision"));
        self.tell(What::Decision, decision);
    }

    /// Reads who asked, and from where.
    pub(super) fn read_client(&mut self, event: &Event<'_>) {
        let user = event.value(Field::User).filter(|user| user.first() == Some(&b'{'));
        match user.map(|user| member(user, b"username")) {
            // The user of a request that failed to authenticate has no name.
            Some(None) => self.tell(What::Username, Some(b"\"\"")),
            // One that was hidden is nobody's.
            name => self.tell(What::Username, name.flatten().filter(|name| *name != HIDDEN)),
        }
        let groups = user.and_then(|user| member(user, b"groups")).unwrap_or_default();
        self.unauthenticated = Items::new(groups).any(|group| group == b"\"system:unauthenticated\"");
        let addresses = event.value(Field::SourceIps).unwrap_or_default();
        self.tell(What::SourceIp, Items::new(addresses).last());
    }

    fn tell(&mut self, what: What, value: Option<&[u8]>) {
        let Some(raw) = value.and_then(quoted) else { return };
        let start = self.texts.len();
        let plain = if find::byte(raw, 0, b'\\') < raw.len() {
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

    /// Notes a text; `false` if there is no memory.
    fn put(&mut self, what: What, text: &[u8]) -> bool {
        let start = self.texts.len();
        let written = append(&mut self.texts, text);
        if written && let Some(span) = self.spans.get_mut(what as usize) {
            *span = Some((start, self.texts.len()));
        }
        written
    }
}
