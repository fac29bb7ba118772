//! The effective action: what a request does, where its verb says something else.

use super::query;
use super::told::{Told, What};

named! {
    /// What a request does.
    pub enum Action {
        /// Makes an object: `create`, and a `patch` that was answered with 201, which is how server-side apply makes one.
        Create = "create",
        /// Changes an object: `update`, `patch`.
        Update = "update",
        /// Deletes an object.
        Delete = "delete",
        /// Deletes all objects that fit.
        DeleteCollection = "deletecollection",
        /// Reads an object, or a path that is no resource.
        Get = "get",
        /// Reads all objects that fit: `list`, and a `watch` that begins with all there are.
        List = "list",
        /// Reads changes.
        Watch = "watch",
        /// Runs a command in a container.
        Exec = "exec",
        /// Talks to what runs in a container.
        Attach = "attach",
        /// Opens a connection to a pod.
        PortForward = "portforward",
        /// Sends a request to a pod, a service or a node, through the API server.
        Proxy = "proxy",
        /// Deletes a pod, if its disruption budget allows.
        Evict = "evict",
        /// Approves or denies a certificate request.
        Approve = "approve",
        /// Issues a token for a service account.
        IssueToken = "issue-token",
        /// Asks who somebody is or what somebody may do; makes nothing, although it is a `create`.
        Review = "review",
        /// Anything else.
        Other = "other",
    }
}

/// The action, unless the event tells no verb.
pub(super) fn of(told: &Told) -> Option<Action> {
    let verb = told.text(What::Verb)?;
    if !told.has_object {
        // Verbs of requests that are for no resource are methods of HTTP.
        return Some(if matches!(verb, b"get" | b"head") { Action::Get } else { Action::Other });
    }
    let part = |what| told.text(what).unwrap_or_default();
    // Clients of before and after 1.30 open these with POST and with GET.
    let opens = matches!(verb, b"create" | b"get");
    match (part(What::Resource), part(What::Subresource)) {
        (b"pods", b"exec") if opens => return Some(Action::Exec),
        (b"pods", b"attach") if opens => return Some(Action::Attach),
        (b"pods", b"portforward") if opens => return Some(Action::PortForward),
        (b"pods" | b"services" | b"nodes", b"proxy") => return Some(Action::Proxy),
        (b"pods", b"eviction") if verb == b"create" => return Some(Action::Evict),
        (b"serviceaccounts", b"token") if verb == b"create" => return Some(Action::IssueToken),
        (b"certificatesigningrequests", b"approval") if matches!(verb, b"update" | b"patch") => {
            return Some(Action::Approve);
        }
        (resource, b"") if verb == b"create" && resource.ends_with(b"reviews") => {
            let group = part(What::ApiGroup);
            if matches!(group, b"authorization.k8s.io" | b"authentication.k8s.io") {
                return Some(Action::Review);
            }
        }
        _ => {}
    }
    Some(match verb {
        b"create" => Action::Create,
        b"patch" if told.code == Some(201) => Action::Create,
        b"update" | b"patch" => Action::Update,
        b"delete" => Action::Delete,
        b"deletecollection" => Action::DeleteCollection,
        b"get" => Action::Get,
        b"list" => Action::List,
        b"watch" if reads_all(part(What::RequestUri)) => Action::List,
        b"watch" => Action::Watch,
        _ => Action::Other,
    })
}

/// Whether a watch begins with all objects: it asks for them, or does not say from where on it wants changes.
///
/// Source: "Semantics for watch" in Kubernetes' API concepts: with `resourceVersion` unset or `0` it starts with synthetic
/// events for all that exist.
fn reads_all(uri: &[u8]) -> bool {
    if query::values(uri, b"sendInitialEvents").any(|value| matches!(value, b"true" | b"1")) {
        return true;
    }
    !uri.is_empty() && query::values(uri, b"resourceVersion").all(|value| matches!(value, b"" | b"0"))
}

#[cfg(test)]
mod tests {
    use super::super::super::Reader;
    use super::*;
    use alloc::format;

    fn action(verb: &str, object: &str, rest: &str) -> (Option<Action>, bool) {
        let event = format!(r#"{{"verb":"{verb}","objectRef":{{{object}}}{rest}}}"#);
        let mut reader = Reader::default();
        let mut event = reader.read(event.as_bytes());
        let facts = event.facts();
        (facts.action, facts.dry_run)
    }

    #[test]
    fn verbs_lie() {
        let uri = |uri: &str| format!(r#","requestURI":"{uri}""#);
        let pods = |subresource: &str| format!(r#""resource":"pods","subresource":"{subresource}""#);
        let plain = r#""resource":"pods""#;
        for (verb, object, rest, expected) in [
            ("get", pods("exec").as_str(), "", Action::Exec),
            ("create", &pods("exec"), "", Action::Exec),
            ("get", &pods("attach"), "", Action::Attach),
            ("create", &pods("portforward"), "", Action::PortForward),
            ("delete", &pods("proxy"), "", Action::Proxy),
            ("create", &pods("eviction"), "", Action::Evict),
            ("get", &pods("log"), "", Action::Get),
            ("patch", &pods("ephemeralcontainers"), "", Action::Update),
            ("get", r#""resource":"things","subresource":"exec""#, "", Action::Get),
            ("patch", plain, r#","responseStatus":{"code":201}"#, Action::Create),
            ("patch", plain, r#","responseStatus":{"code":200}"#, Action::Update),
            ("patch", plain, "", Action::Update),
            ("deletecollection", plain, "", Action::DeleteCollection),
            ("list", plain, "", Action::List),
            ("watch", plain, &uri("/x?watch=true&resourceVersion=7"), Action::Watch),
            ("watch", plain, &uri("/x?watch=true&resourceVersion=0"), Action::List),
            ("watch", plain, &uri("/x?watch=true"), Action::List),
            ("watch", plain, &uri("/api/v1/watch/pods"), Action::List),
            (
                "watch",
                plain,
                &uri(r"/x?watch=1\u0026resourceVersion=7\u0026sendInitialEvents=true"),
                Action::List,
            ),
            ("watch", plain, "", Action::Watch),
            ("create", r#""resource":"serviceaccounts","subresource":"token""#, "", Action::IssueToken),
            (
                "create",
                r#""resource":"selfsubjectrulesreviews","apiGroup":"authorization.k8s.io""#,
                "",
                Action::Review,
            ),
            ("create", r#""resource":"bookreviews","apiGroup":"example.com""#, "", Action::Create),
            (
                "update",
                r#""resource":"certificatesigningrequests","subresource":"approval""#,
                "",
                Action::Approve,
            ),
            ("fly", plain, "", Action::Other),
        ] {
            assert_eq!(action(verb, object, rest), (Some(expected), false), "{verb} {object} {rest}");
        }
    }

    #[test]
    fn dry_runs() {
        let pods = r#""resource":"pods""#;
        let in_uri = r#","requestURI":"/x?fieldManager=a\u0026dryRun=All""#;
        assert_eq!(action("create", pods, in_uri), (Some(Action::Create), true));
        let in_body = r#","requestObject":{"kind":"DeleteOptions","dryRun":["All"]}"#;
        assert_eq!(action("delete", pods, in_body), (Some(Action::Delete), true));
        assert_eq!(action("create", pods, in_body), (Some(Action::Create), false));
        assert_eq!(action("create", pods, r#","requestURI":"/x?dryRun=""#), (Some(Action::Create), false));
    }

    #[test]
    fn what_is_no_resource() {
        let mut reader = Reader::default();
        assert_eq!(
            reader.read(br#"{"verb":"get","requestURI":"/version"}"#).facts().action,
            Some(Action::Get)
        );
        assert_eq!(reader.read(br#"{"verb":"post"}"#).facts().action, Some(Action::Other));
        assert_eq!(reader.read(br#"{"requestURI":"/version"}"#).facts().action, None);
    }
}
