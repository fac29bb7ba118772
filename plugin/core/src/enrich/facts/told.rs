//! What an event says, as texts without escapes, in one buffer.

use super::super::event::{Found, Items, is_null, member, quoted};
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

/// A text that conditions ask for, and that is read anyhow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::enrich) enum KnownText {
    ApiGroup,
    Name,
    Namespace,
    Resource,
    Subresource,
    Username,
}

impl KnownText {
    pub(in crate::enrich) const ALL: [KnownText; 6] = [
        KnownText::ApiGroup,
        KnownText::Name,
        KnownText::Namespace,
        KnownText::Resource,
        KnownText::Subresource,
        KnownText::Username,
    ];

    /// How conditions name it.
    pub(in crate::enrich) const fn path(self) -> &'static str {
        match self {
            KnownText::ApiGroup => "objectRef.apiGroup",
            KnownText::Name => "objectRef.name",
            KnownText::Namespace => "objectRef.namespace",
            KnownText::Resource => "objectRef.resource",
            KnownText::Subresource => "objectRef.subresource",
            KnownText::Username => "user.username",
        }
    }

    pub(super) const fn what(self) -> What {
        match self {
            KnownText::ApiGroup => What::ApiGroup,
            KnownText::Name => What::Name,
            KnownText::Namespace => What::Namespace,
            KnownText::Resource => What::Resource,
            KnownText::Subresource => What::Subresource,
            KnownText::Username => What::Username,
        }
    }
}

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

/// A verb that API servers have, as an event writes it.
fn known_verb(value: &[u8]) -> Option<&'static [u8]> {
    Some(match value {
        b"\"get\"" => b"get",
        b"\"list\"" => b"list",
        b"\"watch\"" => b"watch",
        b"\"update\"" => b"update",
        b"\"patch\"" => b"patch",
        b"\"create\"" => b"create",
        b"\"delete\"" => b"delete",
        _ => return None,
    })
}

/// A stage, as an event writes it.
fn known_stage(value: &[u8]) -> Option<&'static [u8]> {
    Some(match value {
        b"\"ResponseComplete\"" => b"ResponseComplete",
        b"\"ResponseStarted\"" => b"ResponseStarted",
        b"\"RequestReceived\"" => b"RequestReceived",
        _ => return None,
    })
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Told {
    texts: Vec<u8>,
    /// Start and end of each.
    spans: [Option<(usize, usize)>; TEXTS],
    unescaped: Vec<u8>,
    /// A verb and a stage that Kubernetes has, which are not copied; empty if it is none of these.
    verb: &'static [u8],
    stage: &'static [u8],
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
        verb: b"",
        stage: b"",
        code: None,
        has_object: false,
        object: Object::Odd,
        usual_annotations: false,
        impersonated: false,
        dry_run: false,
        unauthenticated: false,
    };

    /// What the event says there.
    #[inline(always)]
    pub(super) fn text(&self, what: What) -> Option<&[u8]> {
        let known = match what {
            What::Verb => self.verb,
            What::Stage => self.stage,
            _ => b"",
        };
        if !known.is_empty() {
            return Some(known);
        }
        let (start, end) = self.spans.get(what as usize).copied().flatten()?;
        self.texts.get(start..end)
    }

    /// A part of it.
    pub(super) fn part(&self, what: What, (start, end): (usize, usize)) -> Option<&[u8]> {
        self.text(what)?.get(start..end)
    }

    /// Reads what an event says of the request; what was read of another is gone.
    pub(super) fn read_request(&mut self, event: Found<'_, '_>) {
        self.texts.clear();
        self.spans = [None; TEXTS];
        self.read_object(event);
        self.verb = b"";
        self.stage = b"";
        let verb = event.value(Field::Verb);
        match verb.and_then(known_verb) {
            Some(known) => self.verb = known,
            None => self.tell(What::Verb, verb),
        }
        let stage = event.value(Field::Stage);
        match stage.and_then(known_stage) {
            Some(known) => self.stage = known,
            None => self.tell(What::Stage, stage),
        }
        self.read_uri(event);
        self.read_answer(event);
        self.impersonated = event.has(Field::ImpersonatedUser)
            && event.value(Field::ImpersonatedUser).is_some_and(|user| !is_null(user));
        self.dry_run = self.tells_dry_run(event);
    }

    /// Whether `objectRef` says what the request is about.
    #[inline(always)]
    pub(super) fn names_resource(&self) -> bool {
        self.has_object && self.text(What::Resource).is_some_and(|resource| !resource.is_empty())
    }

    /// Reads the URI where it tells what `objectRef` does not.
    fn read_uri(&mut self, event: Found<'_, '_>) {
        let reads = matches!(self.verb, b"get" | b"list");
        let named = self.names_resource();
        if named && reads && self.text(What::Subresource).is_none() {
            return;
        }
        let uri = event.value(Field::RequestUri).unwrap_or_default();
        // Without a query it is what `objectRef` says, unless a missing parameter counts; a backslash may stand for
        // anything.
        let counts = !named || matches!(self.verb, b"watch" | b"");
        if counts || find::any_of(uri, 0, [b'?', b'\\', b'?']) < uri.len() {
            self.tell(What::RequestUri, Some(uri));
        }
    }

    /// Whether nothing was to be changed by a request that changes something.
    fn tells_dry_run(&self, event: Found<'_, '_>) -> bool {
        if matches!(self.verb, b"get" | b"list" | b"watch") {
            return false;
        }
        let uri = self.text(What::RequestUri).unwrap_or_default();
        if query::values(uri, b"dryRun").any(|value| query::is(value, b"All")) {
            return true;
        }
        // The options of a `delete` come as its body.
        if !matches!(self.text(What::Verb), Some(b"delete" | b"deletecollection")) {
            return false;
        }
        let body = event.value(Field::RequestObject);
        let told = body.and_then(|body| member(body, b"dryRun"));
        Items::new(told.unwrap_or_default()).any(|item| item == b"\"All\"")
    }

    fn read_object(&mut self, event: Found<'_, '_>) {
        let object = event.span(Field::ObjectRef).filter(|(text, start, _)| text.get(*start) == Some(&b'{'));
        self.has_object = object.is_some();
        let Some((text, start, end)) = object else {
            self.object = if event.has(Field::ObjectRef) { Object::Odd } else { Object::Plain };
            return;
        };
        if let Some(plain) = asked::object_ref(text, start, end) {
            self.object = Object::Plain;
            // One copy of the whole, and where in it each of them is.
            let base = self.texts.len();
            if !append(&mut self.texts, text.get(start..end).unwrap_or_default()) {
                return;
            }
            let moved = |at: usize| at.wrapping_sub(start).wrapping_add(base);
            for (what, span) in [
                (What::Resource, plain.resource),
                (What::ApiGroup, plain.api_group),
                (What::Namespace, plain.namespace),
                (What::Name, plain.name),
                (What::Subresource, plain.subresource),
            ] {
                if let Some(place) = self.spans.get_mut(what as usize) {
                    *place = span.map(|span| (moved(span.start), moved(span.end)));
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
    fn read_answer(&mut self, event: Found<'_, '_>) {
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
    pub(super) fn read_client(&mut self, event: Found<'_, '_>) {
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
