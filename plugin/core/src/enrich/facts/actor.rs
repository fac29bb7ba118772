//! Who acted: told by the name of the user, as authenticators give it.

use super::told::{Told, What};

named! {
    /// What sort of user acted.
    ///
    /// Names that begin with `system:` are reserved, but nothing keeps an operator from giving one away: only those that are
    /// known are taken for parts of the cluster, and every other is a human.
    pub enum Actor {
        /// Nobody was authenticated.
        Anonymous = "anonymous",
        /// A component that comes with a managed cluster.
        CloudManaged = "cloud-managed",
        /// A component of the control plane, or `kube-proxy`.
        ControlPlane = "control-plane",
        /// Everybody else: a person, or an account that people made.
        Human = "human",
        /// A kubelet.
        Node = "node",
        /// A service account.
        ServiceAccount = "service-account",
    }
}

/// Who acted, with parts of the name as start and end in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Who {
    pub(super) class: Actor,
    pub(super) namespace: Option<(usize, usize)>,
    pub(super) name: Option<(usize, usize)>,
}

/// Names of components as certificates of clusters have them. Source: the bootstrap policy of Kubernetes
/// (`plugin/pkg/auth/authorizer/rbac/bootstrappolicy`), the names its API server gives itself, and its manual's
/// configuration of konnectivity.
pub(crate) const CONTROL_PLANE: [&[u8]; 10] = [
    b"system:aggregator",
    b"system:apiserver",
    b"system:cloud-controller-manager",
    b"system:konnectivity-server",
    b"system:kube-aggregator",
    b"system:kube-apiserver",
    b"system:kube-controller-manager",
    b"system:kube-proxy",
    b"system:kube-scheduler",
    b"system:volume-scheduler",
];

/// Names of what AKS and GKE run in a cluster, as their logs have them. Those of EKS begin with `eks:`.
pub(crate) const CLOUD: [&[u8]; 10] = [
    b"aksService",
    b"nodeclient",
    b"system:addon-manager",
    b"system:clustermetrics",
    b"system:gcp-controller-manager",
    b"system:gke-common-webhooks",
    b"system:gke-master-healthcheck",
    b"system:managed-certificate-controller",
    b"system:pd-csi-controller",
    b"system:vpa-recommender",
];

/// The account with which Google runs clusters of a project.
pub(crate) const GKE_AGENT: &[u8] = b"@container-engine-robot.iam.gserviceaccount.com";

/// Who acted; `None` where the event does not tell.
pub(super) fn of(told: &Told) -> Option<Who> {
    let name = told.text(What::Username)?;
    let all = Some((0, name.len()));
    let as_whole = |class| Who { class, namespace: None, name: all };
    if told.unauthenticated || matches!(name, b"" | b"system:anonymous" | b"system:unauthenticated") {
        return Some(as_whole(Actor::Anonymous));
    }
    let service_account = b"system:serviceaccount:";
    if let Some(rest) = name.strip_prefix(service_account) {
        let colon = rest.iter().position(|&byte| byte == b':');
        if let Some(colon) = colon.filter(|&colon| colon > 0 && colon.wrapping_add(1) < rest.len()) {
            let start = service_account.len();
            let end = start.wrapping_add(colon);
            return Some(Who {
                class: Actor::ServiceAccount,
                namespace: Some((start, end)),
                name: Some((end.wrapping_add(1), name.len())),
            });
        }
    }
    let node = b"system:node:";
    if name.len() > node.len() && name.starts_with(node) {
        return Some(Who { class: Actor::Node, namespace: None, name: Some((node.len(), name.len())) });
    }
    Some(as_whole(if CONTROL_PLANE.contains(&name) {
        Actor::ControlPlane
    } else if CLOUD.contains(&name) || name.starts_with(b"eks:") || name.ends_with(GKE_AGENT) {
        Actor::CloudManaged
    } else {
        Actor::Human
    }))
}

#[cfg(test)]
mod tests {
    use super::super::super::Reader;
    use super::*;
    use alloc::format;

    #[test]
    fn names() {
        for (user, class, namespace, name) in [
            (r#""username":"system:serviceaccount:a:b""#, Actor::ServiceAccount, Some("a"), "b"),
            (r#""username":"system:serviceaccount:a:b:c""#, Actor::ServiceAccount, Some("a"), "b:c"),
            (r#""username":"system:serviceaccount:a:""#, Actor::Human, None, "system:serviceaccount:a:"),
            (r#""username":"system:serviceaccount::b""#, Actor::Human, None, "system:serviceaccount::b"),
            (r#""username":"system:node:n1""#, Actor::Node, None, "n1"),
            (r#""username":"system:node:""#, Actor::Human, None, "system:node:"),
            (r#""username":"system:kube-scheduler""#, Actor::ControlPlane, None, "system:kube-scheduler"),
            (r#""username":"system:kube-schedule""#, Actor::Human, None, "system:kube-schedule"),
            (r#""username":"eks:node-manager""#, Actor::CloudManaged, None, "eks:node-manager"),
            (
                r#""username":"service-1@container-engine-robot.iam.gserviceaccount.com""#,
                Actor::CloudManaged,
                None,
                "service-1@container-engine-robot.iam.gserviceaccount.com",
            ),
            (r#""username":"system:anonymous""#, Actor::Anonymous, None, "system:anonymous"),
            (r#""username":"x","groups":["system:unauthenticated"]"#, Actor::Anonymous, None, "x"),
            (r#""username":"\u0061lice""#, Actor::Human, None, "alice"),
            ("", Actor::Anonymous, None, ""),
        ] {
            let event = format!(r#"{{"user":{{{user}}}}}"#);
            let mut reader = Reader::default();
            let mut event = reader.read(event.as_bytes());
            let facts = event.facts();
            assert_eq!(facts.actor, Some(class), "{user}");
            assert_eq!(facts.actor_namespace(), namespace.map(str::as_bytes), "{user}");
            assert_eq!(facts.actor_name(), Some(name.as_bytes()), "{user}");
        }
        assert_eq!(Reader::default().read(br#"{"user":null}"#).facts().actor, None);
        assert_eq!(Reader::default().read(br#"{"user":{"username":7}}"#).facts().actor, None);
    }
}
