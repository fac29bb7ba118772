//! The table of detections. It is data, one row after another, which is why the file is long.
//!
//! A row stands here once and comes out twice: what a filter needs of it as [`DETECTIONS`], what only people read as
//! [`ABOUT`]. A module that never asks for the latter does not hold it.
//!
//! Conditions say `outcome == "allowed"` where what was asked for has to have happened, `actor.class == "human"` where components
//! do the same all day. Of pods they ask in whatever describes one, and not when a controller makes pods of a template that was
//! judged when it was written; the list `controllers` has these, and is empty for who wants to be told of each pod.

use super::Severity::{Critical, High, Info, Low, Medium};
use super::{About, Detection, Severity};

/// A pod, or something with a template of one, was written by somebody who is no controller of Kubernetes.
macro_rules! pod_written {
    ($rest:literal) => {
        concat!(
            r#"action in ["create", "update"] and outcome == "allowed" "#,
            r#"and objectRef.subresource in ["", "ephemeralcontainers"] "#,
            r#"and user.username not matches @controllers and "#,
            $rest
        )
    };
}

/// Something of RBAC was written.
macro_rules! rbac_written {
    ($rest:literal) => {
        concat!(
            r#"objectRef.apiGroup == "rbac.authorization.k8s.io" and action in ["create", "update"] "#,
            r#"and outcome == "allowed" and "#,
            $rest
        )
    };
}

/// A command was to be executed, and nobody refused it.
macro_rules! executed {
    ($rest:literal) => {
        concat!(r#"action == "exec" and outcome != "denied" and "#, $rest)
    };
}

/// A row, both parts of it.
#[derive(Clone, Copy)]
struct Row {
    rule: Detection,
    about: About,
}

const fn detection(
    id: &'static str,
    severity: Severity,
    title: &'static str,
    condition: &'static str,
    techniques: &'static [&'static str],
    controls: &'static [&'static str],
    evidence: &'static str,
) -> Row {
    Row {
        rule: Detection { id, severity, condition, needs: None },
        about: About { title, techniques, controls, evidence },
    }
}

/// The same, off as long as a list is empty.
const fn needs(list: &'static str, row: Row) -> Row {
    Row { rule: Detection { needs: Some(list), ..row.rule }, ..row }
}

/// What a filter needs of each row.
pub static DETECTIONS: [Detection; ROWS.len()] = rules();

/// What people read of each row, in the same order.
pub static ABOUT: [About; ROWS.len()] = abouts();

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn rules() -> [Detection; ROWS.len()] {
    let mut rules = [ROWS[0].rule; ROWS.len()];
    let mut at = 0;
    while at < ROWS.len() {
        rules[at] = ROWS[at].rule;
        at += 1;
    }
    rules
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn abouts() -> [About; ROWS.len()] {
    let mut abouts = [ROWS[0].about; ROWS.len()];
    let mut at = 0;
    while at < ROWS.len() {
        abouts[at] = ROWS[at].about;
        at += 1;
    }
    abouts
}

/// What one event can tell.
const ROWS: &[Row] = &[
    // Who asks, and from where.
    detection(
        "access.anonymous",
        High,
        "Nobody was asked for a name, and got an answer",
        r#"actor.class == "anonymous" and outcome == "allowed" and (not exists requestURI or requestURI not matches ["/healthz*", "/livez*", "/readyz*", "/version*", "/.well-known/*", "/openid/v1/jwks*", "/api/v1/namespaces/kube-public/configmaps/cluster-info*"])"#,
        &["T1190", "T1078.001"],
        &["CIS 1.2.1", "SOC2 CC6.1"],
        "`requestURI`; which binding names `system:anonymous` or `system:unauthenticated` is in `annotations[\"authorization.k8s.io/reason\"]`",
    ),
    detection(
        "access.anonymous-write",
        Critical,
        "Nobody was asked for a name, and changed something",
        r#"actor.class == "anonymous" and outcome == "allowed" and action in ["create", "update", "delete", "deletecollection", "exec", "attach", "portforward", "evict", "approve", "issue-token"]"#,
        &["T1190"],
        &["PCI 7.2", "SOC2 CC6.1"],
        "`target`, `requestObject`",
    ),
    detection(
        "access.unauthenticated",
        Low,
        "A request without valid credentials was refused",
        r#"actor.class == "anonymous" and outcome == "denied""#,
        &["T1595", "T1046"],
        &["PCI 10.2.1.4"],
        "`source.ip`, `userAgent`; many from one address are a search",
    ),
    detection(
        "access.forbidden",
        Info,
        "A request was refused",
        r#"outcome == "denied" and actor.class != "anonymous""#,
        &["T1613"],
        &["PCI 10.2.1.4"],
        "`user.username`, `target`, `responseStatus.message`",
    ),
    detection(
        "access.forbidden-create",
        Medium,
        "Making an object was refused",
        r#"outcome == "denied" and action == "create" and actor.class != "anonymous" and user.username not startsWith "system:serviceaccount:kube-system:""#,
        &["T1610"],
        &["PCI 10.2.1.4"],
        "`requestObject`: what was to be made",
    ),
    detection(
        "access.forbidden-service-account",
        Low,
        "A service account was refused something",
        r#"outcome == "denied" and actor.class == "service-account" and actor.namespace not in @system_namespaces"#,
        &["T1613"],
        &["PCI 10.2.1.4"],
        "software knows what it may do: a service account that asks for more is misconfigured or in other hands",
    ),
    detection(
        "access.masters",
        Medium,
        "Somebody acted as a member of system:masters",
        r#"user.groups == "system:masters" and actor.class == "human""#,
        &["T1078"],
        &["CIS 5.1.7"],
        "no role can be taken from the group; `user.extra[\"authentication.kubernetes.io/credential-id\"]` tells the certificate",
    ),
    detection(
        "access.break-glass",
        Medium,
        "An account for emergencies was used",
        r#"user.username in @break_glass"#,
        &["T1078"],
        &["PCI 10.2.1.2"],
        "`user.username`; the list `break_glass` has the accounts",
    ),
    needs(
        "users",
        detection(
            "access.unlisted-user",
            Medium,
            "Somebody who is not on the list of users got an answer",
            r#"actor.class == "human" and outcome == "allowed" and user.username not matches @users"#,
            &["T1078"],
            &["PCI 7.2", "SOC2 CC6.2"],
            "`user.username`, `source.ip`; the list `users` has names and patterns of names",
        ),
    ),
    detection(
        "access.impersonation",
        Low,
        "Somebody acted as somebody else",
        r#"impersonated"#,
        &["T1078"],
        &["PCI 10.2.1.2"],
        "`user.username` acted as `impersonatedUser.username`",
    ),
    detection(
        "access.impersonation-privileged",
        High,
        "Somebody acted as a component of the cluster or an administrator",
        r#"impersonated and (impersonatedUser.groups in ["system:masters", "kubeadm:cluster-admins", "system:cluster-admins", "cluster-admins"] or impersonatedUser.username matches ["system:node:*", "system:kube-*", "system:apiserver", "system:volume-scheduler", "system:serviceaccount:kube-system:*", "cluster-admin"] or impersonatedUser.username in @break_glass)"#,
        &["T1078", "T1548.005"],
        &["CIS 5.1.8"],
        "`user.username` acted as `impersonatedUser.username`",
    ),
    detection(
        "access.legacy-token",
        Low,
        "A token of a Secret, or one that should have been renewed, was used",
        r#"exists annotations["authentication.k8s.io/legacy-token"] or exists annotations["authentication.k8s.io/stale-token"]"#,
        &["T1550.001"],
        &["SOC2 CC6.1"],
        "the annotation names the service account",
    ),
    detection(
        "access.system-identity-public",
        High,
        "A component of the cluster came from the public internet",
        r#"source.public and actor.class in ["control-plane", "node"]"#,
        &["T1528", "T1190"],
        &["SOC2 CC6.6"],
        "`source.ip`; expected only where nodes reach the API server by its public address",
    ),
    detection(
        "access.service-account-off-cluster",
        High,
        "A service account came from the public internet",
        r#"source.public and actor.class == "service-account""#,
        &["T1550.001"],
        &["SOC2 CC6.6"],
        "`source.ip`, `userAgent`; its token is outside of the cluster",
    ),
    detection(
        "access.scanner",
        High,
        "A tool for attacks called itself by its name",
        r#"userAgent contains ["kube-hunter", "kubescape", "trufflehog", "azurehound", "kdigger", "peirates", "access_matrix", "rakkess", "nmap", "masscan", "kubeletctl"]"#,
        &["T1595", "T1613"],
        &["SOC2 CC7.2"],
        "`userAgent`, `source.ip`",
    ),
    detection(
        "access.self-review",
        Low,
        "Software asked what it may do",
        r#"action == "review" and objectRef.resource in ["selfsubjectaccessreviews", "selfsubjectrulesreviews"] and (actor.class in ["service-account", "node"] or impersonatedUser.username startsWith ["system:serviceaccount:", "system:node:"])"#,
        &["T1069", "T1613"],
        &["SOC2 CC7.2"],
        "`requestObject.spec`: what was asked for; people do so with every `kubectl auth can-i`",
    ),
    detection(
        "access.dry-run",
        Info,
        "A sensitive write was tried out",
        r#"dry_run and outcome == "allowed" and action in ["create", "update", "delete", "deletecollection"] and objectRef.resource in ["secrets", "roles", "clusterroles", "rolebindings", "clusterrolebindings", "serviceaccounts"]"#,
        &["T1613"],
        &["SOC2 CC7.2"],
        "nothing was changed; rules that count writes should leave it out",
    ),
    // In containers.
    detection(
        "exec.any",
        Medium,
        "A command was executed in a container",
        r#"action == "exec" and outcome != "denied""#,
        &["T1609", "T1059.013"],
        &["CIS 3.2.2", "PCI 10.2.1.2"],
        "`command`, `target`; code 101 does not say that it went well",
    ),
    detection(
        "exec.attach",
        Medium,
        "Somebody talked to what runs in a container",
        r#"action == "attach" and outcome != "denied""#,
        &["T1609"],
        &["CIS 3.2.2", "PCI 10.2.1.2"],
        "`target`; what was said is logged nowhere",
    ),
    detection(
        "exec.port-forward",
        Low,
        "Somebody opened a way to a pod or a service",
        r#"(action == "portforward" or action == "proxy" and objectRef.resource in ["pods", "services"]) and outcome != "denied""#,
        &["T1090", "T1572"],
        &["SOC2 CC6.6"],
        "`target`",
    ),
    detection(
        "exec.shell",
        Medium,
        "A shell was started in a container",
        executed!(
            r#"command[0] matches ["sh", "bash", "ash", "dash", "zsh", "ksh", "busybox", "*/sh", "*/bash", "*/ash", "*/dash", "*/zsh", "*/ksh", "*/busybox"]"#
        ),
        &["T1609", "T1059.004"],
        &["PCI 10.2.1.2"],
        "`command`; what is typed into it is logged nowhere",
    ),
    detection(
        "exec.service-account-token",
        High,
        "A command reads the token of a service account",
        executed!(
            r#"command contains ["serviceaccount/token", "/var/run/secrets/kubernetes.io", "/run/secrets/kubernetes.io", "/var/run/secrets/eks.amazonaws.com", "/var/run/secrets/azure/tokens", "/var/run/secrets/tokens/"]"#
        ),
        &["T1552.007", "T1528"],
        &["CIS 5.1.6"],
        "`command`, the pod's `serviceAccountName`",
    ),
    detection(
        "exec.credential-files",
        High,
        "A command reads files with credentials",
        executed!(
            r#"(command contains ["/etc/shadow", "/etc/sudoers", "/etc/kubernetes", "/var/lib/kubelet", "/.ssh", "/.aws", "/.azure", "/.kube", "/.config/gcloud", "/.docker/config.json", "/.git-credentials", "/.pgpass", ".p12", ".pfx", ".jks", ".keystore"] or command matches ["*.pem*", "*.key", "*/proc/*/environ*"])"#
        ),
        &["T1552.001"],
        &["SOC2 CC6.1"],
        "`command`",
    ),
    detection(
        "exec.metadata-service",
        High,
        "A command asks the cloud for credentials",
        executed!(
            r#"command contains ["169.254.169.254", "169.254.170.2", "fd00:ec2::", "100.100.100.200", "168.63.129.16", "metadata.google.internal", "computeMetadata", "/latest/meta-data", "/latest/user-data", "/latest/api/token", "/latest/dynamic", "metadata/identity/oauth2", "metadata/instance", "2852039166", "0xa9fea9fe"]"#
        ),
        &["T1552.005"],
        &["SOC2 CC6.6"],
        "`command`, the node's role in the cloud",
    ),
    detection(
        "exec.reverse-shell",
        Critical,
        "A command hands a shell to somebody elsewhere",
        executed!(
            r#"(command contains ["/dev/tcp/", "/dev/udp/", "zsh/net/tcp", "zsh/net/udp", "/inet/tcp/", "nc -e", "ncat -e", "netcat -e", "mkfifo", "bash -i", "sh -i", "import socket", "import pty", "pty.spawn", "socket.socket(", "IO::Socket::INET", "fsockopen", "TCPSocket.new"] or command matches ["nc * -e *", "* nc * -e *", "*/nc * -e *", "*ncat * -e *", "*netcat * -e *"] or command[0] matches ["nc", "ncat", "netcat", "*/nc", "*/ncat", "*/netcat"] and command in ["-e", "-c"] or command contains "socat" and command contains ["exec:", "EXEC:", "pty", "PTY"])"#
        ),
        &["T1609", "T1059"],
        &["SOC2 CC6.8"],
        "`command`: the address in it",
    ),
    detection(
        "exec.download",
        High,
        "A command fetches something from elsewhere",
        executed!(r#"command contains ["curl", "wget"] and command contains ["http://", "https://"]"#),
        &["T1105"],
        &["SOC2 CC6.8"],
        "`command`: the address in it",
    ),
    detection(
        "exec.copy",
        Medium,
        "Files were copied out of or into a container",
        executed!(
            r#"command[0] matches ["tar", "*/tar"] and command matches ["*c*f", "*x*f"] and command == "-""#
        ),
        &["T1609", "T1105"],
        &["SOC2 CC6.7"],
        "`command`, as `kubectl cp` starts it: `c` out, `x` in",
    ),
    detection(
        "exec.system-namespace",
        High,
        "A command was executed in a container of the cluster itself",
        executed!(r#"objectRef.namespace in @system_namespaces"#),
        &["T1609", "T1611"],
        &["PCI 10.2.1.2"],
        "`target`, `command`",
    ),
    detection(
        "exec.by-service-account",
        High,
        "Software executed a command in a container",
        executed!(r#"actor.class == "service-account" and actor.namespace not in @system_namespaces"#),
        &["T1609"],
        &["SOC2 CC6.1"],
        "`user.username`, `command`",
    ),
    detection(
        "exec.ephemeral-container",
        Medium,
        "A container was put into a running pod",
        r#"objectRef.resource == "pods" and objectRef.subresource == "ephemeralcontainers" and action in ["create", "update"] and outcome == "allowed""#,
        &["T1609", "T1611"],
        &["PCI 10.2.1.2", "SOC2 CC8.1"],
        "`requestObject.spec.ephemeralContainers`",
    ),
    detection(
        "exec.node-proxy",
        High,
        "Somebody talked to a kubelet through the API server",
        r#"action == "proxy" and objectRef.resource == "nodes" and outcome != "denied" and (not exists requestURI or requestURI not contains ["/proxy/metrics", "/proxy/healthz", "/proxy/stats"])"#,
        &["T1611"],
        &["CIS 5.1.10"],
        "`requestURI`: the kubelet executes commands at `/run` and `/exec`, which are logged nowhere else",
    ),
    // What pods may do.
    detection(
        "pod.privileged",
        High,
        "A container may do all that the node may",
        pod_written!(r#"container.securityContext.privileged == true"#),
        &["T1611", "T1610"],
        &["CIS 5.2.2"],
        "`container.securityContext`, `container.image`",
    ),
    detection(
        "pod.host-pid",
        High,
        "A pod sees the processes of its node",
        pod_written!(r#"pod.hostPID == true"#),
        &["T1611"],
        &["CIS 5.2.3"],
        "`pod.hostPID`",
    ),
    detection(
        "pod.host-ipc",
        Medium,
        "A pod shares memory with processes of its node",
        pod_written!(r#"pod.hostIPC == true"#),
        &["T1611"],
        &["CIS 5.2.4"],
        "`pod.hostIPC`",
    ),
    detection(
        "pod.host-network",
        Medium,
        "A pod uses the network of its node",
        pod_written!(r#"pod.hostNetwork == true"#),
        &["T1611", "T1040"],
        &["CIS 5.2.5"],
        "`pod.hostNetwork`; it reaches the kubelet and the cloud's metadata as the node does",
    ),
    detection(
        "pod.host-path-sensitive",
        High,
        "A pod mounts a part of its node that is worth the node",
        pod_written!(
            r#"(pod.volumes[*].hostPath.path in ["/", "/etc", "/proc", "/root", "/sys", "/dev", "/home", "/var", "/var/lib", "/var/run", "/run", "/var/lib/kubelet", "/var/lib/docker", "/var/lib/containerd"] or pod.volumes[*].hostPath.path startsWith ["/etc/", "/proc/", "/root/", "/sys/", "/dev/", "/var/lib/kubelet/", "/var/lib/docker/", "/var/lib/containerd/", "/run/containerd", "/var/run/docker", "/run/docker"] or pod.volumes[*].hostPath.path matches ["/var/run/*.sock", "/run/*.sock"])"#
        ),
        &["T1611"],
        &["CIS 5.2.12"],
        "`pod.volumes[*].hostPath.path`",
    ),
    detection(
        "pod.host-path",
        Low,
        "A pod mounts a part of its node",
        pod_written!(r#"exists pod.volumes[*].hostPath"#),
        &["T1611"],
        &["CIS 5.2.12"],
        "`pod.volumes[*].hostPath.path`",
    ),
    detection(
        "pod.capabilities",
        High,
        "A container was given capabilities that break out of it",
        pod_written!(
            r#"container.securityContext.capabilities.add in ["ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "SYS_BOOT", "SYSLOG", "NET_ADMIN", "NET_RAW", "DAC_READ_SEARCH", "DAC_OVERRIDE", "BPF", "PERFMON"]"#
        ),
        &["T1611", "T1068"],
        &["CIS 5.2.8", "CIS 5.2.9"],
        "`container.securityContext.capabilities.add`",
    ),
    detection(
        "pod.privilege-escalation",
        Low,
        "Processes of a container may gain privileges",
        pod_written!(r#"container.securityContext.allowPrivilegeEscalation == true"#),
        &["T1548"],
        &["CIS 5.2.6"],
        "`container.securityContext`; where nothing is said it is allowed too, and not told here",
    ),
    detection(
        "pod.root",
        Low,
        "A container runs as root because somebody asked for it",
        pod_written!(
            r#"(container.securityContext.runAsUser == 0 or pod.securityContext.runAsUser == 0 or container.securityContext.runAsNonRoot == false or pod.securityContext.runAsNonRoot == false)"#
        ),
        &["T1548"],
        &["CIS 5.2.7"],
        "`container.securityContext`, `pod.securityContext`; what an image does by itself is not told",
    ),
    detection(
        "pod.unconfined",
        Medium,
        "A profile that confines a container was switched off",
        pod_written!(
            r#"(container.securityContext.procMount == "Unmasked" or container.securityContext.seccompProfile.type == "Unconfined" or pod.securityContext.seccompProfile.type == "Unconfined" or container.securityContext.appArmorProfile.type == "Unconfined" or pod.securityContext.appArmorProfile.type == "Unconfined")"#
        ),
        &["T1562"],
        &["CIS 5.7.2"],
        "`container.securityContext`, `pod.securityContext`",
    ),
    detection(
        "pod.host-port",
        Low,
        "A container listens at a port of its node",
        pod_written!(r#"container.ports[*].hostPort > 0"#),
        &["T1133"],
        &["CIS 5.2.13"],
        "`container.ports`",
    ),
    detection(
        "pod.host-process",
        High,
        "A container of Windows runs as a process of its node",
        pod_written!(
            r#"(container.securityContext.windowsOptions.hostProcess == true or pod.securityContext.windowsOptions.hostProcess == true)"#
        ),
        &["T1611"],
        &["CIS 5.2.11"],
        "`container.securityContext.windowsOptions`",
    ),
    detection(
        "pod.system-namespace",
        High,
        "Somebody started something among the pods of the cluster itself",
        r#"action == "create" and outcome == "allowed" and objectRef.resource in ["pods", "deployments", "statefulsets", "daemonsets", "replicasets", "replicationcontrollers", "jobs", "cronjobs"] and objectRef.subresource == "" and objectRef.namespace in @system_namespaces and actor.class == "human""#,
        &["T1036.005", "T1610"],
        &["CIS 5.7.1"],
        "`target`, `container.image`",
    ),
    detection(
        "pod.default-namespace",
        Low,
        "Somebody started something in the default namespace",
        r#"action == "create" and outcome == "allowed" and objectRef.resource in ["pods", "deployments", "statefulsets", "daemonsets", "replicasets", "replicationcontrollers", "jobs", "cronjobs"] and objectRef.subresource == "" and objectRef.namespace == "default" and actor.class == "human""#,
        &["T1610"],
        &["CIS 5.7.4"],
        "`target`",
    ),
    detection(
        "pod.controller-service-account",
        High,
        "Somebody started a pod with the account of a controller",
        pod_written!(
            r#"objectRef.namespace == "kube-system" and pod.serviceAccountName endsWith "-controller""#
        ),
        &["T1078.001"],
        &["SOC2 CC6.3"],
        "`pod.serviceAccountName`: it may do what the controller may",
    ),
    detection(
        "pod.default-token",
        Low,
        "A pod asked for the token of the default service account",
        pod_written!(
            r#"pod.automountServiceAccountToken == true and (pod.serviceAccountName == "default" or not exists pod.serviceAccountName)"#
        ),
        &["T1528"],
        &["CIS 5.1.5", "CIS 5.1.6"],
        "`pod.automountServiceAccountToken`",
    ),
    detection(
        "pod.daemonset",
        Medium,
        "Something was started on every node",
        r#"action == "create" and outcome == "allowed" and objectRef.resource == "daemonsets" and user.username not matches @controllers"#,
        &["T1610", "T1543.005"],
        &["SOC2 CC8.1"],
        "`target`, `container.image`",
    ),
    detection(
        "pod.job",
        Medium,
        "Something was planned to run later, or again and again",
        r#"action in ["create", "update"] and outcome == "allowed" and objectRef.apiGroup in ["batch", ""] and objectRef.resource in ["jobs", "cronjobs"] and objectRef.subresource == "" and user.username not matches @controllers"#,
        &["T1053.007"],
        &["SOC2 CC8.1"],
        "`requestObject.spec.schedule`, `container.image`",
    ),
    detection(
        "pod.mirror",
        Low,
        "A kubelet runs a pod that no API server was asked for",
        r#"action == "create" and outcome == "allowed" and objectRef.resource == "pods" and actor.class == "node" and exists requestObject.metadata.annotations["kubernetes.io/config.mirror"]"#,
        &["T1610"],
        &["SOC2 CC7.1"],
        "a file on the node describes it",
    ),
    needs(
        "registries",
        detection(
            "pod.image",
            Low,
            "An image comes from a registry that is not on the list",
            pod_written!(r#"any container (image not matches @registries)"#),
            &["T1204.003", "T1525"],
            &["CIS 5.5.1", "SOC2 CC6.8"],
            "`container.image`; the list `registries` has patterns such as `registry.example.com/*`",
        ),
    ),
    detection(
        "pod.tools",
        Low,
        "Somebody started a pod of tools",
        r#"objectRef.resource == "pods" and objectRef.subresource == "" and action == "create" and outcome == "allowed" and user.username not matches @controllers and pod.containers[*].image matches ["alpine*", "*/alpine*", "busybox*", "*/busybox*", "debian*", "*/debian*", "ubuntu*", "*/ubuntu*", "kalilinux/*", "*/kalilinux/*", "curlimages/*", "*/curlimages/*", "*netshoot*", "*network-multitool*"]"#,
        &["T1610"],
        &["SOC2 CC6.8"],
        "`container.image`, `container.command`: a shell and what a network is looked at with, in a pod of its own",
    ),
    detection(
        "pod.patched",
        Medium,
        "Containers of something that runs were changed by a patch",
        r#"verb == "patch" and action == "update" and outcome == "allowed" and objectRef.apiGroup == "apps" and objectRef.resource in ["deployments", "statefulsets", "daemonsets"] and objectRef.subresource == "" and exists container.image"#,
        &["T1609", "T1525"],
        &["SOC2 CC8.1"],
        "`requestObject`: a container that was added to a pod sees what the others see",
    ),
    detection(
        "pod.credential",
        Medium,
        "A credential stands in the environment or the arguments of a container",
        pod_written!(r#"(exists auditveil.redacted["env.*"] or exists auditveil.redacted.argument)"#),
        &["T1552.007"],
        &["CIS 5.4.1"],
        "the filter hid it; everybody who may read the pod reads it",
    ),
    // Secrets and tokens.
    detection(
        "secret.list-all",
        Critical,
        "All Secrets of the cluster were read",
        r#"objectRef.resource == "secrets" and objectRef.apiGroup == "" and objectRef.namespace == "" and action == "list" and outcome == "allowed" and actor.class in ["human", "service-account", "anonymous"] and user.username not startsWith "system:serviceaccount:kube-system:""#,
        &["T1552.007", "T1613"],
        &["CIS 5.1.2"],
        "`user.username`; controllers that need this are few and known",
    ),
    detection(
        "secret.list",
        High,
        "Somebody read all Secrets of a namespace",
        r#"objectRef.resource == "secrets" and objectRef.apiGroup == "" and objectRef.namespace != "" and action in ["list", "watch"] and outcome == "allowed" and actor.class == "human""#,
        &["T1552.007"],
        &["CIS 5.1.2"],
        "`objectRef.namespace`",
    ),
    detection(
        "secret.get",
        Medium,
        "Somebody read a Secret",
        r#"objectRef.resource == "secrets" and objectRef.apiGroup == "" and action == "get" and outcome == "allowed" and actor.class == "human""#,
        &["T1552.007"],
        &["CIS 5.1.2", "PCI 10.2.1.2"],
        "`target`",
    ),
    detection(
        "secret.get-denied",
        Medium,
        "Reading a Secret was refused",
        r#"objectRef.resource == "secrets" and objectRef.apiGroup == "" and action in ["get", "list", "watch"] and outcome == "denied""#,
        &["T1552.007"],
        &["PCI 10.2.1.4"],
        "`user.username`, `target`",
    ),
    detection(
        "secret.system-namespace",
        High,
        "Software read Secrets of the cluster itself",
        r#"objectRef.resource == "secrets" and objectRef.apiGroup == "" and action in ["get", "list", "watch"] and outcome == "allowed" and objectRef.namespace in @system_namespaces and actor.class == "service-account" and actor.namespace not in @system_namespaces"#,
        &["T1552.007"],
        &["CIS 5.1.2"],
        "`user.username`, `target`; operators that need this are few and known",
    ),
    detection(
        "secret.off-cluster",
        High,
        "A service account or a node read Secrets from the public internet",
        r#"objectRef.resource == "secrets" and objectRef.apiGroup == "" and action in ["get", "list", "watch"] and outcome == "allowed" and source.public and actor.class in ["service-account", "node"]"#,
        &["T1552.007"],
        &["SOC2 CC6.6"],
        "`source.ip`",
    ),
    detection(
        "secret.script",
        High,
        "A script read Secrets",
        r#"objectRef.resource == "secrets" and objectRef.apiGroup == "" and action in ["get", "list", "watch"] and outcome == "allowed" and (userAgent startsWith ["curl", "python", "Python", "Go-http-client/", "wget", "Wget", "HTTPie/", "PowerShell/", "perl", "libwww-perl", "Java/", "okhttp/", "node", "axios/", "php", "PHP", "GuzzleHttp/", "Ruby"] or userAgent contains ["distrib#kali", "kali-amd64", "kali-arm64"])"#,
        &["T1552.007"],
        &["SOC2 CC7.2"],
        "`userAgent`; clients made for Kubernetes call themselves otherwise",
    ),
    detection(
        "secret.write",
        Low,
        "Somebody changed a Secret",
        r#"objectRef.resource == "secrets" and objectRef.apiGroup == "" and action in ["create", "update", "delete", "deletecollection"] and outcome == "allowed" and not dry_run and actor.class == "human" and objectRef.name not startsWith "sh.helm.release.v1.""#,
        &["T1098"],
        &["PCI 10.2.1.5"],
        "`target`",
    ),
    detection(
        "secret.config-map",
        Medium,
        "A credential stands in a ConfigMap",
        r#"objectRef.resource == "configmaps" and action in ["create", "update"] and outcome == "allowed" and exists auditveil.redacted["config_map.data.*"]"#,
        &["T1552.007"],
        &["SOC2 CC6.1"],
        "the filter hid it; ConfigMaps are read by many who may not read Secrets",
    ),
    detection(
        "token.issued",
        High,
        "Somebody had a token issued for a service account",
        r#"action == "issue-token" and outcome == "allowed" and actor.class == "human""#,
        &["T1528", "T1550.001"],
        &["CIS 5.1.13"],
        "`target`; what is done with it carries the id in `annotations[\"authentication.kubernetes.io/issued-credential-id\"]`",
    ),
    detection(
        "token.by-service-account",
        Medium,
        "Software had a token issued for a service account",
        r#"action == "issue-token" and outcome == "allowed" and actor.class == "service-account" and actor.namespace not in @system_namespaces"#,
        &["T1528", "T1550.001"],
        &["CIS 5.1.13"],
        "`user.username`, `target`; who may make tokens may be whoever they are for",
    ),
    detection(
        "token.legacy",
        High,
        "A token without an end was made for a service account",
        r#"objectRef.resource == "secrets" and action == "create" and outcome == "allowed" and requestObject.type == "kubernetes.io/service-account-token""#,
        &["T1098", "T1528"],
        &["CIS 5.1.13"],
        "`requestObject.metadata.annotations[\"kubernetes.io/service-account.name\"]`",
    ),
    detection(
        "token.long-lived",
        High,
        "A token for more than a day was asked for",
        r#"action == "issue-token" and outcome == "allowed" and requestObject.spec.expirationSeconds > 86400"#,
        &["T1098"],
        &["CIS 5.1.13"],
        "`requestObject.spec.expirationSeconds`",
    ),
    detection(
        "token.bootstrap",
        High,
        "A token with which nodes can join was made",
        r#"objectRef.resource == "secrets" and action == "create" and outcome == "allowed" and requestObject.type == "bootstrap.kubernetes.io/token""#,
        &["T1098"],
        &["PCI 10.2.1.5"],
        "`target`",
    ),
    detection(
        "certificate.requested",
        Medium,
        "A certificate that authenticates was asked for",
        r#"objectRef.resource == "certificatesigningrequests" and action == "create" and outcome == "allowed" and actor.class != "control-plane" and (requestObject.spec.signerName == "kubernetes.io/kube-apiserver-client" or requestObject.spec.usages == "client auth" and requestObject.spec.signerName != "kubernetes.io/kube-apiserver-client-kubelet")"#,
        &["T1098"],
        &["CIS 5.1.11"],
        "`requestObject.spec`: who it is for stands in `request`",
    ),
    detection(
        "certificate.approved",
        High,
        "Somebody approved or denied a certificate",
        r#"action == "approve" and outcome == "allowed" and actor.class == "human""#,
        &["T1098"],
        &["CIS 5.1.11"],
        "`requestObject.spec`, `requestObject.status.conditions`; a certificate cannot be revoked",
    ),
    // Who may do what.
    detection(
        "rbac.cluster-admin",
        High,
        "Somebody was made an administrator of the cluster",
        rbac_written!(
            r#"objectRef.resource in ["rolebindings", "clusterrolebindings"] and requestObject.roleRef.name == "cluster-admin""#
        ),
        &["T1098.006"],
        &["CIS 5.1.1"],
        "`requestObject.subjects`",
    ),
    detection(
        "rbac.privileged-role",
        High,
        "Somebody was given a role of the cluster itself, or one that is meant for a single namespace, in all of them",
        rbac_written!(
            r#"actor.class != "control-plane" and (objectRef.resource == "clusterrolebindings" and requestObject.roleRef.name in ["admin", "edit", "system:aggregate-to-admin", "system:aggregate-to-edit"] or objectRef.resource in ["rolebindings", "clusterrolebindings"] and (requestObject.roleRef.name in ["system:kube-controller-manager", "system:kube-scheduler", "system:masters", "system:node"] or requestObject.roleRef.name startsWith "system:controller:"))"#
        ),
        &["T1098.006"],
        &["CIS 5.1.1"],
        "`requestObject.roleRef`, `requestObject.subjects`",
    ),
    detection(
        "rbac.anonymous-subject",
        Critical,
        "Everybody, or whoever has no name, was allowed something",
        rbac_written!(
            r#"requestObject.subjects[*].name in ["system:anonymous", "system:unauthenticated", "system:authenticated"]"#
        ),
        &["T1098.006"],
        &["CIS 1.2.1", "PCI 7.2"],
        "`requestObject.subjects`, `requestObject.roleRef`",
    ),
    detection(
        "rbac.masters-subject",
        Critical,
        "A binding names the group that may do everything",
        rbac_written!(r#"requestObject.subjects[*].name == "system:masters""#),
        &["T1098.006"],
        &["CIS 5.1.7"],
        "`requestObject.subjects`",
    ),
    detection(
        "rbac.default-service-account",
        Medium,
        "A default service account was allowed something",
        rbac_written!(r#"any requestObject.subjects[*] (kind == "ServiceAccount" and name == "default")"#),
        &["T1098.006"],
        &["CIS 5.1.5"],
        "every pod that names no account has it",
    ),
    detection(
        "rbac.binding",
        Medium,
        "Somebody changed who may do what",
        r#"objectRef.apiGroup == "rbac.authorization.k8s.io" and objectRef.resource in ["rolebindings", "clusterrolebindings"] and action in ["create", "update", "delete", "deletecollection"] and outcome == "allowed" and not dry_run and actor.class == "human""#,
        &["T1098.006"],
        &["PCI 10.2.1.5"],
        "`requestObject.subjects`, `requestObject.roleRef`",
    ),
    detection(
        "rbac.role",
        Low,
        "Somebody changed what a role allows",
        r#"objectRef.apiGroup == "rbac.authorization.k8s.io" and objectRef.resource in ["roles", "clusterroles"] and action in ["create", "update", "delete", "deletecollection"] and outcome == "allowed" and not dry_run and actor.class == "human""#,
        &["T1098.006"],
        &["PCI 10.2.1.5", "PCI 10.2.1.7"],
        "`target`, `requestObject.rules`",
    ),
    detection(
        "rbac.wildcard",
        High,
        "A role allows everything of something",
        rbac_written!(
            r#"(requestObject.rules[*].verbs == "*" or requestObject.rules[*].resources == "*" or requestObject.rules[*].apiGroups == "*")"#
        ),
        &["T1098.006"],
        &["CIS 5.1.3"],
        "`requestObject.rules`",
    ),
    detection(
        "rbac.escalate",
        High,
        "A role allows to gain what it does not allow",
        rbac_written!(r#"requestObject.rules[*].verbs in ["escalate", "bind", "impersonate"]"#),
        &["T1098.006", "T1548.005"],
        &["CIS 5.1.8"],
        "`requestObject.rules`",
    ),
    detection(
        "rbac.pods-exec",
        High,
        "A role allows to get into containers",
        rbac_written!(
            r#"(requestObject.rules[*].resources in ["pods/exec", "pods/attach", "pods/ephemeralcontainers", "pods/*", "*/exec", "*/attach", "*/ephemeralcontainers"] or any requestObject.rules[*] (resources == "*" and apiGroups in ["", "*"] and verbs in ["create", "get", "*"]))"#
        ),
        &["T1098.006", "T1609"],
        &["SOC2 CC6.3"],
        "`requestObject.rules`",
    ),
    detection(
        "rbac.secrets-read",
        Medium,
        "A role allows to read Secrets",
        rbac_written!(
            r#"any requestObject.rules[*] (resources in ["secrets", "*"] and apiGroups in ["", "*"] and verbs in ["get", "list", "watch", "*"])"#
        ),
        &["T1552.007"],
        &["CIS 5.1.2"],
        "`requestObject.rules`: one of them has both",
    ),
    detection(
        "rbac.nodes-proxy",
        High,
        "A role allows to talk to kubelets",
        rbac_written!(
            r#"(requestObject.rules[*].resources in ["nodes/proxy", "nodes/*", "*/proxy"] or any requestObject.rules[*] (resources == "*" and apiGroups in ["", "*"]))"#
        ),
        &["T1611"],
        &["CIS 5.1.10"],
        "`requestObject.rules`",
    ),
    detection(
        "rbac.credentials-write",
        High,
        "A role allows to make credentials or to change what is admitted",
        rbac_written!(
            r#"any requestObject.rules[*] (resources in ["serviceaccounts/token", "*/token", "certificatesigningrequests/approval", "*/approval", "mutatingwebhookconfigurations", "validatingwebhookconfigurations"] and verbs in ["create", "update", "patch", "*"])"#
        ),
        &["T1098"],
        &["CIS 5.1.11", "CIS 5.1.12", "CIS 5.1.13"],
        "`requestObject.rules`: one of them has both",
    ),
    detection(
        "rbac.write",
        Low,
        "A role allows to change something",
        rbac_written!(
            r#"requestObject.rules[*].verbs in ["create", "update", "patch", "delete", "deletecollection"]"#
        ),
        &["T1098.006"],
        &["SOC2 CC6.3"],
        "`requestObject.rules`",
    ),
    detection(
        "rbac.system-role",
        High,
        "A role of the cluster itself was changed",
        r#"objectRef.apiGroup == "rbac.authorization.k8s.io" and objectRef.resource in ["roles", "clusterroles"] and objectRef.name startsWith "system:" and action in ["update", "delete"] and outcome == "allowed" and actor.class == "human""#,
        &["T1098.006"],
        &["PCI 10.2.1.5"],
        "`target`, `requestObject.rules`",
    ),
    detection(
        "rbac.service-account",
        Low,
        "A service account was made",
        r#"objectRef.resource == "serviceaccounts" and objectRef.subresource == "" and action == "create" and outcome == "allowed" and actor.class in ["human", "service-account"]"#,
        &["T1136"],
        &["PCI 10.2.1.5"],
        "`target`",
    ),
    detection(
        "rbac.service-account-system",
        High,
        "Somebody made a service account among those of the cluster itself",
        r#"objectRef.resource == "serviceaccounts" and objectRef.subresource == "" and action == "create" and outcome == "allowed" and objectRef.namespace in @system_namespaces and actor.class == "human""#,
        &["T1136"],
        &["PCI 10.2.1.5"],
        "`target`",
    ),
    detection(
        "rbac.by-service-account",
        Medium,
        "Software changed who may do what",
        r#"objectRef.apiGroup == "rbac.authorization.k8s.io" and action in ["create", "update", "delete", "deletecollection"] and outcome == "allowed" and actor.class == "service-account" and actor.namespace not in @system_namespaces"#,
        &["T1098.006"],
        &["SOC2 CC6.3"],
        "`user.username`; operators and deployment tools do so, each for its own",
    ),
    // The cluster.
    detection(
        "cluster.admission",
        High,
        "What is admitted to the cluster was changed",
        r#"objectRef.apiGroup == "admissionregistration.k8s.io" and objectRef.subresource == "" and action in ["create", "update", "delete", "deletecollection"] and outcome == "allowed" and not dry_run"#,
        &["T1546", "T1562.001"],
        &["CIS 5.1.12"],
        "`requestObject.webhooks[*].clientConfig`: a mutating webhook sees and changes Secrets",
    ),
    detection(
        "cluster.admission-failed-open",
        Medium,
        "A webhook could not be asked, and the request was let through",
        r#"exists annotations["failed-open.*"]"#,
        &["T1562.001"],
        &["CIS 5.2.1"],
        "the annotation names the webhook",
    ),
    detection(
        "cluster.pod-security-relaxed",
        High,
        "Pods of a namespace may do everything now",
        r#"objectRef.resource == "namespaces" and action in ["create", "update"] and outcome == "allowed" and requestObject.metadata.labels["pod-security.kubernetes.io/enforce"] == "privileged""#,
        &["T1562.001"],
        &["CIS 5.2.1"],
        "`target`; that the label was removed cannot be told from one event",
    ),
    detection(
        "cluster.pod-security-removed",
        Medium,
        "What pods of a namespace may do is no longer restricted by its label",
        r#"objectRef.resource == "namespaces" and action == "update" and outcome == "allowed" and not dry_run and (requestObject.metadata.labels["pod-security.kubernetes.io/enforce"] == null or any requestObject[*] (op == "remove" and path == "/metadata/labels/pod-security.kubernetes.io~1enforce"))"#,
        &["T1562.001"],
        &["CIS 5.2.1"],
        "`target`; what the cluster allows without a label holds now",
    ),
    detection(
        "cluster.pod-security-violation",
        Medium,
        "A pod is more than its namespace should allow",
        r#"exists annotations["pod-security.kubernetes.io/audit-violations"]"#,
        &["T1610"],
        &["CIS 5.2.1"],
        "the annotation says what of it",
    ),
    detection(
        "cluster.network-policy",
        Medium,
        "A network policy was deleted",
        r#"objectRef.resource == "networkpolicies" and action in ["delete", "deletecollection"] and outcome == "allowed" and not dry_run and user.username not startsWith "system:serviceaccount:kube-system:""#,
        &["T1562"],
        &["CIS 5.3.2"],
        "`target`",
    ),
    detection(
        "cluster.network-policy-open",
        Medium,
        "A network policy lets everybody in or out",
        r#"objectRef.apiGroup == "networking.k8s.io" and objectRef.resource == "networkpolicies" and action in ["create", "update"] and outcome == "allowed" and not dry_run and (any requestObject.spec.ingress[*] (not exists from[0] and not exists ports[0]) or any requestObject.spec.egress[*] (not exists to[0] and not exists ports[0]))"#,
        &["T1562"],
        &["CIS 5.3.2", "SOC2 CC6.6"],
        "`requestObject.spec`: a rule without peers and ports allows all of them",
    ),
    detection(
        "cluster.events-deleted",
        Medium,
        "Somebody deleted the events of the cluster",
        r#"objectRef.resource == "events" and action in ["delete", "deletecollection"] and outcome == "allowed" and actor.class == "human""#,
        &["T1070"],
        &["PCI 10.3"],
        "`target`",
    ),
    detection(
        "cluster.api",
        Medium,
        "The API of the cluster was changed",
        r#"objectRef.resource in ["apiservices", "customresourcedefinitions"] and objectRef.subresource == "" and action in ["create", "update", "delete"] and outcome == "allowed" and actor.class in ["human", "service-account"] and user.username not startsWith "system:serviceaccount:kube-system:""#,
        &["T1546"],
        &["SOC2 CC8.1"],
        "`target`; an APIService sends requests, with their tokens' rights, elsewhere",
    ),
    detection(
        "cluster.quota",
        Low,
        "A limit was taken away",
        r#"objectRef.resource in ["resourcequotas", "limitranges", "priorityclasses"] and action in ["delete", "deletecollection"] and outcome == "allowed" and user.username not startsWith "system:serviceaccount:kube-system:""#,
        &["T1499"],
        &["SOC2 CC7.1"],
        "`target`",
    ),
    detection(
        "cluster.logging",
        High,
        "What ships the logs was changed",
        r#"objectRef.resource in ["daemonsets", "configmaps", "deployments"] and objectRef.subresource == "" and objectRef.namespace in @logging_namespaces and action in ["update", "delete", "deletecollection"] and outcome == "allowed" and user.username not startsWith "system:serviceaccount:kube-system:""#,
        &["T1562.001"],
        &["PCI 10.2.1.6"],
        "`target`; the list `logging_namespaces` has where that is",
    ),
    detection(
        "cluster.exposed-service",
        Medium,
        "A service can be reached from outside",
        r#"objectRef.resource == "services" and objectRef.subresource == "" and action in ["create", "update"] and outcome == "allowed" and (requestObject.spec.type in ["NodePort", "LoadBalancer"] or exists requestObject.spec.externalIPs[0])"#,
        &["T1133"],
        &["SOC2 CC6.6"],
        "`requestObject.spec`; with `externalIPs` it can take traffic meant for others (CVE-2020-8554)",
    ),
    detection(
        "cluster.ingress-no-tls",
        Low,
        "Something can be reached from outside without TLS",
        r#"objectRef.resource == "ingresses" and objectRef.subresource == "" and action == "create" and outcome == "allowed" and exists requestObject.spec and not exists requestObject.spec.tls[0]"#,
        &["T1040"],
        &["PCI 4.2"],
        "`requestObject.spec.rules`",
    ),
    detection(
        "cluster.dns",
        High,
        "How names are resolved in the cluster was changed",
        r#"objectRef.resource == "configmaps" and objectRef.namespace == "kube-system" and objectRef.name in ["coredns", "coredns-custom", "kube-dns", "kube-proxy"] and action in ["update", "delete"] and outcome == "allowed""#,
        &["T1565.001"],
        &["SOC2 CC8.1"],
        "`requestObject.data`",
    ),
    detection(
        "cluster.aws-auth",
        High,
        "Who of AWS may enter the cluster was changed",
        r#"objectRef.resource == "configmaps" and objectRef.namespace == "kube-system" and objectRef.name == "aws-auth" and action in ["create", "update", "delete"] and outcome == "allowed" and actor.class != "cloud-managed""#,
        &["T1098.006"],
        &["PCI 10.2.1.5"],
        "`requestObject.data.mapUsers`, `requestObject.data.mapRoles`",
    ),
    detection(
        "cluster.argo-cd",
        High,
        "Who may do what in Argo CD, or where it takes things from, was changed",
        r#"objectRef.resource == "configmaps" and objectRef.name in ["argocd-cm", "argocd-rbac-cm"] and action in ["create", "update", "delete"] and outcome == "allowed" and not dry_run and user.username not startsWith "system:serviceaccount:argocd:""#,
        &["T1098"],
        &["SOC2 CC6.3"],
        "`requestObject.data`; Argo CD makes in the cluster whatever it is told to",
    ),
    detection(
        "cluster.bootstrap-config",
        High,
        "What new nodes believe was changed",
        r#"objectRef.resource == "configmaps" and action in ["update", "delete"] and outcome == "allowed" and actor.class == "human" and (objectRef.namespace == "kube-public" and objectRef.name == "cluster-info" or objectRef.namespace == "kube-system" and objectRef.name in ["kubeadm-config", "kubelet-config"])"#,
        &["T1098"],
        &["PCI 10.2.1.5"],
        "`requestObject.data`",
    ),
    detection(
        "cluster.node",
        Medium,
        "Somebody made or changed a node",
        r#"objectRef.resource == "nodes" and objectRef.subresource == "" and action in ["create", "update"] and outcome == "allowed" and actor.class == "human""#,
        &["T1610"],
        &["SOC2 CC6.1"],
        "`requestObject.metadata.labels`, `requestObject.spec.taints`: they decide where pods run",
    ),
    detection(
        "cluster.host-path-volume",
        Medium,
        "A volume of the cluster is a part of a node",
        r#"objectRef.resource == "persistentvolumes" and objectRef.subresource == "" and action == "create" and outcome == "allowed" and (exists requestObject.spec.hostPath or exists requestObject.spec.local)"#,
        &["T1611"],
        &["CIS 5.1.9"],
        "`requestObject.spec`",
    ),
    detection(
        "cluster.namespace",
        Info,
        "A namespace was made or deleted",
        r#"objectRef.resource == "namespaces" and objectRef.subresource == "" and action in ["create", "delete"] and outcome == "allowed" and not dry_run"#,
        &["T1485"],
        &["PCI 10.2.1.7"],
        "`target`; what was in a deleted one is gone",
    ),
    detection(
        "cluster.workload-deleted",
        Low,
        "Somebody deleted something that ran",
        r#"objectRef.resource in ["deployments", "statefulsets", "daemonsets", "pods"] and objectRef.subresource == "" and action in ["delete", "deletecollection"] and outcome == "allowed" and not dry_run and actor.class == "human""#,
        &["T1485", "T1489"],
        &["PCI 10.2.1.7"],
        "`target`",
    ),
    detection(
        "cluster.mass-delete",
        High,
        "Somebody deleted all there were",
        r#"action == "deletecollection" and objectRef.resource in ["pods", "secrets", "configmaps", "deployments", "statefulsets", "persistentvolumeclaims", "namespaces"] and outcome == "allowed" and not dry_run and actor.class == "human""#,
        &["T1485"],
        &["SOC2 CC7.2"],
        "`requestURI`: a selector says which",
    ),
    detection(
        "cluster.azure-arc",
        Medium,
        "Azure Arc read or changed secrets that are not its own",
        r#"user.username startsWith "system:serviceaccount:azure-arc:" and objectRef.resource in ["secrets", "configmaps"] and objectRef.namespace not in ["azure-arc", "azure-arc-release"] and outcome == "allowed""#,
        &["T1552.007"],
        &["SOC2 CC6.1"],
        "its proxy acts for whoever is let in at Azure",
    ),
    // The log itself.
    detection(
        "audit.credential",
        Medium,
        "A credential was in the metadata of an audit event",
        r#"exists auditveil.redacted.uri or exists auditveil.redacted.user or exists auditveil.redacted.message or exists auditveil.redacted["secret.message"] or exists auditveil.redacted.content"#,
        &["T1552"],
        &["PCI 8.3.2", "CIS 3.2.2"],
        "the filter hid it; it stands in every log of the API server, and should be changed. `auditveil.redacted` tells where it was",
    ),
    detection(
        "audit.unreadable",
        Medium,
        "A record could not be read, or not all of it",
        r#"exists auditveil.stub or exists auditveil.cut or exists auditveil.damaged or annotations["audit.k8s.io/truncated"] == "true""#,
        &["T1562"],
        &["PCI 10.2.2"],
        "`auditveil.stub.reason`; who can make records unreadable can hide in them",
    ),
    detection(
        "audit.configuration",
        High,
        "The filter has no valid configuration",
        r#"exists auditveil.configuration"#,
        &["T1562.001"],
        &["PCI 10.2.1.6"],
        "`auditveil.configuration`; every event is kept at level Metadata until it is mended",
    ),
];

/// What one event cannot tell: what it is, and what to ask the SIEM for instead.
pub const NOT_COVERED: &[(&str, &str)] = &[
    ("many refusals from one address", "count `outcome == \"denied\"` by `source.ip`"),
    ("many Secrets read in a short time", "count distinct `target` of `secret.get` by `user.username`"),
    ("many objects deleted one by one", "count `action == \"delete\"` by `user.username`"),
    (
        "somebody looks at everything there is",
        "count distinct `objectRef.resource` of `action == \"list\"` by `user.username`",
    ),
    (
        "a kubelet asks for Secrets and pods of other nodes",
        "join `actor.name` of nodes with the node of each pod",
    ),
    ("requests from addresses of a list, such as exits of Tor", "look up `source.ip`"),
    (
        "a patch whose event is lost, because its body is no JSON",
        "`auditID` of `verb == \"patch\"` with stage `RequestReceived` and none after it; the policy must not omit that stage",
    ),
    (
        "a label for Pod Security that a whole object leaves out, so that it is gone",
        "compare `requestObject.metadata.labels` of a namespace with those before",
    ),
    (
        "what several operations of a JSON patch, or several patches, make of an object together: a verb here, a resource there",
        "`requestObject[*].path startsWith \"/rules\"` and the role as it is then",
    ),
];
