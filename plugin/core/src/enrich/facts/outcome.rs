//! How a request ended.

use super::told::{Told, What};

named! {
    /// How a request ended.
    ///
    /// `allowed` says that it was authorized and answered without an error, not that what it started went well: `kubectl exec` over
    /// WebSocket is answered with 101 even if the kubelet could not be reached.
    pub enum RequestOutcome {
        /// Authorized, and answered with a code below 400.
        Allowed = "allowed",
        /// Refused: not authenticated (401), not authorized, or forbidden by admission (403).
        Denied = "denied",
        /// Authorized, and refused for another reason (404, 409, 422, …).
        Failed = "failed",
        /// The server could not do it: a code from 500 on, or a panic.
        Error = "error",
    }
}

/// The outcome; `None` where a request has not ended, or the event does not tell.
pub(super) fn of(told: &Told) -> Option<RequestOutcome> {
    match told.text(What::Decision) {
        // OpenShift's OAuth server says `deny` and `error`.
        Some(b"forbid" | b"deny") => return Some(RequestOutcome::Denied),
        Some(b"error") => return Some(RequestOutcome::Error),
        _ => {}
    }
    if told.text(What::Stage) == Some(b"Panic") {
        return Some(RequestOutcome::Error);
    }
    match told.code {
        // Kubernetes leaves 0 out; where it stands, the code is one of gRPC, as Google has it.
        Some(code @ 0..=16) => Some(of_grpc(code)),
        Some(401 | 403) => Some(RequestOutcome::Denied),
        Some(100..=399) => Some(RequestOutcome::Allowed),
        Some(400..=499) => Some(RequestOutcome::Failed),
        Some(500..) => Some(RequestOutcome::Error),
        _ => (told.text(What::Status) == Some(b"Failure")).then_some(RequestOutcome::Failed),
    }
}

/// What a code of gRPC says. Source: `google/rpc/code.proto`, with the codes of HTTP that it maps them to.
fn of_grpc(code: u16) -> RequestOutcome {
    match code {
        0 => RequestOutcome::Allowed,
        7 | 16 => RequestOutcome::Denied,
        2 | 4 | 12..=15 => RequestOutcome::Error,
        _ => RequestOutcome::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Reader;
    use super::RequestOutcome::*;

    #[test]
    fn every_way_of_saying_it() {
        for (event, expected) in [
            (r#"{"responseStatus":{"metadata":{},"code":200}}"#, Some(Allowed)),
            (r#"{"responseStatus":{"code":101}}"#, Some(Allowed)),
            (r#"{"responseStatus":{"code":304}}"#, Some(Allowed)),
            (r#"{"responseStatus":{"code":401}}"#, Some(Denied)),
            (
                r#"{"responseStatus":{"code":403},"annotations":{"authorization.k8s.io/decision":"allow"}}"#,
                Some(Denied),
            ),
            (r#"{"annotations":{"authorization.k8s.io/decision":"forbid"}}"#, Some(Denied)),
            (r#"{"annotations":{"authorization.k8s.io/decision":"allow"}}"#, None),
            (
                r#"{"annotations":{"authentication.openshift.io/decision":"deny"},"responseStatus":{"code":302}}"#,
                Some(Denied),
            ),
            (
                r#"{"annotations":{"authentication.openshift.io/decision":"error"},"responseStatus":{"code":302}}"#,
                Some(Error),
            ),
            (r#"{"responseStatus":{"code":404}}"#, Some(Failed)),
            (r#"{"responseStatus":{"code":503}}"#, Some(Error)),
            (r#"{"stage":"Panic","responseStatus":{"code":200}}"#, Some(Error)),
            (r#"{"responseStatus":{"status":"Failure"}}"#, Some(Failed)),
            (r#"{"responseStatus":{"code":"200"}}"#, None),
            (r#"{"responseStatus":{"code":200,"code":403}}"#, None),
            (r#"{"responseStatus":{"code":0}}"#, Some(Allowed)),
            (r#"{"responseStatus":{"code":5}}"#, Some(Failed)),
            (r#"{"responseStatus":{"code":7}}"#, Some(Denied)),
            (r#"{"responseStatus":{"code":13}}"#, Some(Error)),
            (r#"{"responseStatus":{"code":16}}"#, Some(Denied)),
            (r#"{"responseStatus":{"code":17}}"#, None),
            (r#"{"responseStatus":{}}"#, None),
            (r#"{"responseStatus":{"code":99999999999999999999}}"#, None),
            (r#"{"responseStatus":null}"#, None),
            ("{}", None),
        ] {
            assert_eq!(Reader::default().read(event.as_bytes()).facts().outcome, expected, "{event}");
        }
    }
}
