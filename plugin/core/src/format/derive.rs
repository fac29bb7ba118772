//! What follows from an event, as JSON that a schema wants.

use super::ocsf::TYPE_UID;
use super::table::Fact;
use crate::enrich::{Action, Actor, Event, Facts, Items, RequestOutcome, member, micros, quoted};
use crate::event::fields::Field;
use crate::limits::MAPPED_TEXT;
use crate::memory::append;
use crate::record::msgpack::{write_escaped, write_number};
use alloc::vec::Vec;

/// A text between its quotes that may stand in a row: what is longer stays where the event has it.
pub(super) fn text(value: Option<&[u8]>) -> Option<&[u8]> {
    quoted(value?).filter(|text| text.len() <= MAPPED_TEXT)
}

/// A text in an object that is a member of the event.
pub(super) fn text_in<'a>(event: &Event<'a>, field: Field, name: &str) -> Option<&'a [u8]> {
    text(event.value(field).and_then(|object| member(object, name.as_bytes())))
}

/// Writes a fact as JSON; `Some(false)` if there is no memory, `None` if the event does not tell.
pub(super) fn write(fact: Fact, event: &Event<'_>, out: &mut Vec<u8>) -> Option<bool> {
    let facts = event.derived();
    let string = |out: &mut Vec<u8>, raw: &[u8]| append(out, b"\"") && append(out, raw) && append(out, b"\"");
    let word = |out: &mut Vec<u8>, word: &str| string(out, word.as_bytes());
    Some(match fact {
        Fact::Timestamp => {
            let raw =
                time(event, Field::StageTimestamp).or_else(|| time(event, Field::RequestReceivedTimestamp));
            string(out, raw?.0)
        }
        Fact::Milliseconds => {
            let time =
                time(event, Field::StageTimestamp).or_else(|| time(event, Field::RequestReceivedTimestamp));
            write_number(time.map_or(0, |time| time.1), out)
        }
        Fact::StartMilliseconds => write_number(time(event, Field::RequestReceivedTimestamp)?.1, out),
        Fact::DurationMilliseconds => write_number(facts.latency_us? / 1000, out),
        Fact::DurationNanoseconds => write_number(facts.latency_us?.saturating_mul(1000), out),
        Fact::SourceIp => string(out, facts.source_text()?),
        Fact::NoSourceIp => match facts.source_text() {
            Some(_) => return None,
            None => word(out, "unknown"),
        },
        Fact::Ips => array(ips(event)?.filter_map(address), out)?,
        Fact::ForwardedIps => {
            let last = ips(event)?.count().checked_sub(1)?;
            array(ips(event)?.take(last).filter_map(address), out)?
        }
        Fact::Users => {
            let users = [
                (Field::User, "username"),
                (Field::User, "uid"),
                (Field::ImpersonatedUser, "username"),
                (Field::ImpersonatedUser, "uid"),
            ];
            let user = |(field, name)| text_in(event, field, name).filter(|text| !text.is_empty());
            array(users.into_iter().filter_map(user), out)?
        }
        Fact::Groups => groups(event, out)?,
        Fact::UserName => string(
            out,
            text_in(event, Field::User, "username").filter(|name| !name.is_empty()).unwrap_or(b"unknown"),
        ),
        Fact::UserTypeId => write_number(
            match facts.actor {
                Some(Actor::Human) => 1,
                Some(Actor::CloudManaged | Actor::ControlPlane | Actor::Node) => 3,
                Some(Actor::ServiceAccount) => 4,
                Some(Actor::Anonymous) | None => 0,
            },
            out,
        ),
        Fact::UriPath => string(out, uri(event)?.0),
        Fact::UriQuery => string(out, uri(event)?.1?),
        Fact::HttpMethod => word(out, method(event)?),
        Fact::HttpCode => append(out, code(event)?),
        Fact::HttpCodeText => string(out, code(event)?),
        Fact::Operation => string(out, verb(event).unwrap_or(b"unknown")),
        Fact::RequestUid => match text(event.value(Field::AuditId)) {
            Some(id) => string(out, id),
            None => {
                event.values(Field::RequestObject).next()?;
                string(out, b"")
            }
        },
        Fact::ActivityId => write_number(activity(facts.action), out),
        Fact::ActivityName => {
            let action = facts.action.filter(|_| activity(facts.action) == OTHER)?;
            word(out, action.name())
        }
        Fact::TypeUid => write_number(TYPE_UID.saturating_add(activity(facts.action)), out),
        Fact::StatusId => write_number(
            match facts.outcome {
                Some(RequestOutcome::Allowed) => 1,
                Some(_) => 2,
                None => 0,
            },
            out,
        ),
        Fact::Status => word(
            out,
            match facts.outcome {
                Some(RequestOutcome::Allowed) => "Success",
                Some(_) => "Failure",
                None => "Unknown",
            },
        ),
        Fact::Outcome => word(out, facts.outcome?.name()),
        Fact::SeverityId => write_number(
            match severity(event) {
                Some(b"low") => 2,
                Some(b"medium") => 3,
                Some(b"high") => 4,
                Some(b"critical") => 5,
                _ => 1,
            },
            out,
        ),
        Fact::Severity => word(
            out,
            match severity(event) {
                Some(b"low") => "Low",
                Some(b"medium") => "Medium",
                Some(b"high") => "High",
                Some(b"critical") => "Critical",
                _ => "Informational",
            },
        ),
        Fact::Observables => observables(event, out)?,
        Fact::TimezoneOffset => {
            let time = time(event, Field::StageTimestamp)
                .or_else(|| time(event, Field::RequestReceivedTimestamp))?;
            time.0.last().filter(|last| last.eq_ignore_ascii_case(&b'Z'))?;
            append(out, b"0")
        }
        // The scores that Elastic's own rules have for these words.
        Fact::EcsSeverity => write_number(
            match severity(event)? {
                b"low" => 21,
                b"medium" => 47,
                b"high" => 73,
                b"critical" => 99,
                _ => 1,
            },
            out,
        ),
        Fact::ResourceName => {
            event.value(Field::ObjectRef).filter(|object| object.first() == Some(&b'{'))?;
            string(out, text_in(event, Field::ObjectRef, "name").unwrap_or(b"*"))
        }
        Fact::ResourceType => {
            let resource = text_in(event, Field::ObjectRef, "resource")?;
            let subresource = text_in(event, Field::ObjectRef, "subresource");
            append(out, b"\"")
                && append(out, resource)
                && subresource.is_none_or(|name| append(out, b"/") && append(out, name))
                && append(out, b"\"")
        }
        Fact::Message => {
            let target = facts.target().filter(|target| target.len() <= MAPPED_TEXT / 2)?;
            append(out, b"\"")
                && append(out, verb(event)?)
                && append(out, b" ")
                && write_escaped(target, out)
                && append(out, b"\"")
        }
        Fact::EcsOutcome => word(
            out,
            match facts.outcome {
                Some(RequestOutcome::Allowed) => "success",
                Some(_) => "failure",
                None => "unknown",
            },
        ),
        Fact::EcsType => {
            let kind = match activity(facts.action) {
                1 => "creation",
                2 => "access",
                3 => "change",
                4 => "deletion",
                _ => "info",
            };
            let decision = match facts.outcome {
                Some(RequestOutcome::Allowed) => Some("allowed"),
                Some(RequestOutcome::Denied) => Some("denied"),
                _ => None,
            };
            array(core::iter::once(kind).chain(decision).map(str::as_bytes), out)?
        }
        Fact::Detections => {
            let found = member(event.value(Field::Stamp)?, b"detections")?;
            found.first().filter(|first| **first == b'[')?;
            append(out, found)
        }
    })
}

/// `activity_id` of what has none of its own.
const OTHER: u64 = 99;

/// `activity_id`: what was done, whatever the verb was.
const fn activity(action: Option<Action>) -> u64 {
    match action {
        None => 0,
        Some(Action::Create | Action::IssueToken) => 1,
        Some(Action::Get | Action::List | Action::Watch | Action::Review) => 2,
        Some(Action::Update | Action::Approve) => 3,
        Some(Action::Delete | Action::DeleteCollection | Action::Evict) => 4,
        Some(Action::Exec | Action::Attach | Action::PortForward | Action::Proxy | Action::Other) => OTHER,
    }
}

fn verb<'a>(event: &Event<'a>) -> Option<&'a [u8]> {
    text(event.value(Field::Verb)).filter(|verb| !verb.is_empty())
}

/// The method of HTTP that a verb stands for; the verb of what is no resource is one in small letters.
fn method(event: &Event<'_>) -> Option<&'static str> {
    Some(match verb(event)? {
        b"get" | b"list" | b"watch" => "GET",
        b"create" | b"post" => "POST",
        b"update" | b"put" => "PUT",
        b"patch" => "PATCH",
        b"delete" | b"deletecollection" => "DELETE",
        b"head" => "HEAD",
        b"options" => "OPTIONS",
        b"connect" => "CONNECT",
        b"trace" => "TRACE",
        _ => return None,
    })
}

/// A timestamp as the event writes it, and in milliseconds since 1970.
fn time<'a>(event: &Event<'a>, field: Field) -> Option<(&'a [u8], u64)> {
    let raw = text(event.value(field))?;
    let milliseconds = micros(raw)?.div_euclid(1000);
    Some((raw, u64::try_from(milliseconds).ok()?))
}

/// The URI before and behind `?`. No escape of JSON has one.
fn uri<'a>(event: &Event<'a>) -> Option<(&'a [u8], Option<&'a [u8]>)> {
    let uri = text(event.value(Field::RequestUri))?;
    let mut parts = uri.splitn(2, |&byte| byte == b'?');
    Some((parts.next()?, parts.next()))
}

/// The code of the answer, as it stands. Google's audit logs have codes of gRPC instead, which are small.
fn code<'a>(event: &Event<'a>) -> Option<&'a [u8]> {
    let code = member(event.value(Field::ResponseStatus)?, b"code")?;
    (code.len() == 3 && code.iter().all(u8::is_ascii_digit) && code.first() != Some(&b'0')).then_some(code)
}

fn severity<'a>(event: &Event<'a>) -> Option<&'a [u8]> {
    quoted(member(event.value(Field::Stamp)?, b"severity")?)
}

fn ips<'a>(event: &Event<'a>) -> Option<Items<'a>> {
    let value = event.value(Field::SourceIps)?;
    (value.len() <= MAPPED_TEXT).then(|| Items::new(value))
}

/// The address that an item is: text that is one, without its quotes.
fn address(item: &[u8]) -> Option<&[u8]> {
    let text = quoted(item)?;
    Facts::is_address(text).then_some(text)
}

/// Writes texts, which are escaped, as an array; `None` if there are none.
fn array<'a>(texts: impl Iterator<Item = &'a [u8]>, out: &mut Vec<u8>) -> Option<bool> {
    let mut any = false;
    for text in texts {
        let opening: &[u8] = if any { b",\"" } else { b"[\"" };
        any = true;
        if !append(out, opening) || !append(out, text) || !append(out, b"\"") {
            return Some(false);
        }
    }
    any.then(|| append(out, b"]"))
}

/// What one looks for elsewhere, each with the way to it and the number that the dictionary of the schema has for what it
/// is: 2 an address, 4 and 31 the name and the id of a user, 6 a URL, 16 a user agent, 38 the name of a resource.
fn observables(event: &Event<'_>, out: &mut Vec<u8>) -> Option<bool> {
    let single = [
        ("src_endpoint.ip", "2", event.derived().source_text()),
        ("actor.user.name", "4", text_in(event, Field::User, "username")),
        ("actor.user.uid", "31", text_in(event, Field::User, "uid")),
        ("unmapped.impersonatedUser.username", "4", text_in(event, Field::ImpersonatedUser, "username")),
        ("http_request.user_agent", "16", text(event.value(Field::UserAgent))),
        ("http_request.url.url_string", "6", text(event.value(Field::RequestUri))),
        ("resources[].name", "38", text_in(event, Field::ObjectRef, "name")),
    ];
    let forwarded = ips(event).map(|all| {
        let last = all.clone().count().saturating_sub(1);
        all.take(last).filter_map(address).map(|ip| ("http_request.x_forwarded_for", "2", Some(ip)))
    });
    let mut any = false;
    for (name, kind, value) in single.into_iter().chain(forwarded.into_iter().flatten()) {
        let Some(value) = value.filter(|value| !value.is_empty()) else { continue };
        let opening: &[u8] = if any { b",{\"name\":\"" } else { b"[{\"name\":\"" };
        any = true;
        let parts =
            [opening, name.as_bytes(), b"\",\"type_id\":", kind.as_bytes(), b",\"value\":\"", value, b"\"}"];
        if !parts.into_iter().all(|part| append(out, part)) {
            return Some(false);
        }
    }
    any.then(|| append(out, b"]"))
}

fn groups(event: &Event<'_>, out: &mut Vec<u8>) -> Option<bool> {
    let groups = member(event.value(Field::User)?, b"groups").filter(|groups| groups.len() <= MAPPED_TEXT)?;
    let mut any = false;
    for group in Items::new(groups).filter_map(quoted) {
        let opening: &[u8] = if any { b",{\"name\":\"" } else { b"[{\"name\":\"" };
        any = true;
        if !append(out, opening) || !append(out, group) || !append(out, b"\"}") {
            return Some(false);
        }
    }
    any.then(|| append(out, b"]"))
}
