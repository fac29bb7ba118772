//! The rows: what is hidden, told in the stamp by id. The one table of what is covered; data only.
//!
//! A row says what a hidden value was, not where in the event it stood. The places that lead to a row are in
//! [`places`](super::places). Ids are part of the stamp's schema and never change their meaning. A row's class
//! is what the configuration can say about it, in `redact.classes`.
//!
//! The walk uses ids and classes. All else is for people: [`POSITIONS`] is what the tables of `docs/` are written
//! from, and a module that does not name it does not hold it.

/// What a configuration can say about the rows of this class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// No key of its own: `redact.action` decides, and nothing keeps it.
    Guaranteed,
    /// The same, but what it was nobody knows, so it is never signed.
    Unclear,
    /// Always the mask: nothing was read that could be signed, and a gap has to be seen.
    Damage,
    /// `redact.classes.config_map`.
    ConfigMap,
    /// `redact.classes.env`.
    Env,
    /// `redact.classes.args`.
    Args,
    /// `redact.classes.custom_resource`.
    CustomResource,
    /// `redact.classes.uri`.
    Uri,
    /// `redact.classes.error_text`.
    ErrorText,
    /// `redact.classes.content`.
    Content,
}

impl Class {
    /// Its key in `redact.classes`; a class without one is never kept.
    pub const fn key(self) -> Option<&'static str> {
        Some(match self {
            Class::Guaranteed | Class::Unclear | Class::Damage => return None,
            Class::ConfigMap => "config_map",
            Class::Env => "env",
            Class::Args => "args",
            Class::CustomResource => "custom_resource",
            Class::Uri => "uri",
            Class::ErrorText => "error_text",
            Class::Content => "content",
        })
    }

    /// Whether its values are masked even where `redact.action` says otherwise, unless a key says so for the class.
    pub const fn is_masked_by_default(self) -> bool {
        matches!(self, Class::Damage | Class::Uri | Class::ErrorText | Class::Content)
    }
}

/// What decides that a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sure {
    /// Where it stands, whatever it looks like and whatever the names around it say: guaranteed.
    Position,
    /// A name in a position that is always looked at. A credential under a name that says nothing stays.
    Name,
    /// What a text looks like: best effort.
    Look,
}

/// Whether a program in VRL, the language of Vector's `remap`, can do what a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vrl {
    /// All of it, by fixed paths, by names of members at any depth, and by opening JSON text in strings.
    Yes,
    /// All but what the text says.
    Part(&'static str),
    /// Nothing of it: it has to read prose, commands, URIs or YAML.
    No,
}

/// One line of the table: a position where credentials stand, and what becomes of them. In Markdown.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// Its id in stamps.
    pub id: &'static str,
    /// What the configuration can say about it.
    pub class: Class,
    /// What decides.
    pub sure: Sure,
    /// Whether VRL can do it.
    pub vrl: Vrl,
    /// What a value was that is hidden.
    pub what: &'static str,
    /// Where it stands.
    pub place: &'static str,
    /// What goes, and what stays.
    pub goes: &'static str,
    /// Where such a leak was seen, or the case that shows it.
    pub seen: &'static str,
}

macro_rules! rows {
    ($($row:ident = $id:literal, $class:ident, $sure:ident, $vrl:expr, {
        what: $what:literal,
        place: $place:literal,
        goes: $goes:literal,
        seen: $seen:literal,
    })*) => {
        /// Why a value was hidden.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Row { $(#[doc = $what] $row,)* }

        /// The id of each row, in the order in which stamps name them.
        pub(crate) const IDS: &[&str] = &[$($id,)*];

        /// The class of each row, in the same order.
        pub(crate) const CLASSES: [Class; COUNT] = [$(Class::$class,)*];

        /// How many rows there are.
        pub(crate) const COUNT: usize = [$(Row::$row,)*].len();

        /// The table of what is covered, in the order in which stamps name rows.
        pub const POSITIONS: &[Position] = {
            use Vrl::{No, Part, Yes};
            &[$(Position {
                id: $id,
                class: Class::$class,
                sure: Sure::$sure,
                vrl: $vrl,
                what: $what,
                place: $place,
                goes: $goes,
                seen: $seen,
            },)*]
        };
    };
}

rows! {
    // row = id, class, what decides, whether VRL can do it, { text for people }
    SecretData = "secret.data.*", Guaranteed, Position, Part("JSON amid prose or in base64, YAML"), {
        what: "a value of a Secret's `data` or `stringData`",
        place: "`data` and `stringData` of Secrets: as bodies, in `SecretList` and mixed `List`, table rows, merge and \
            apply patches, last-applied copies; in other objects at any depth; as JSON text in strings, alone, amid \
            prose or in base64; as YAML of several lines in any string; four levels of text in text",
        goes: "every value, empty ones too; names of keys stay, but not JSON, lines or assignments in place of one",
        seen: "kubernetes/kubernetes#88926, #96319",
    }
    SecretAnnotation = "secret.metadata.annotations.*", Guaranteed, Position, Yes, {
        what: "an annotation of a Secret that is not known to be harmless",
        place: "`metadata.annotations` of Secrets",
        goes: "every value but the name and UID of a service account; names stay, last-applied is redacted inside",
        seen: "cisco-open/k8s-objectmatcher#28",
    }
    SecretOther = "secret.*", Guaranteed, Position, Yes, {
        what: "anything else in a Secret, or in a request for Secrets, that its API does not have, or has with \
            another type; its name too",
        place: "anything in a Secret, or in the body of a request for Secrets, that the API does not have, or has with \
            another type",
        goes: "the value, and a name that no API has",
        seen: "rancher/rancher CVE-2024-58269",
    }
    SecretPatch = "secret.patch", Guaranteed, Position, Yes, {
        what: "a value in a JSON patch of a Secret, or a path that names no member of one",
        place: "JSON patches of Secrets, `test` operations and the patches of mutating webhooks included",
        goes: "values, and paths that name no member of a Secret; `op` and other paths stay",
        seen: "kubernetes/kubernetes#60110",
    }
    SecretMessage = "secret.message", Guaranteed, Position, No, {
        what: "an error text in an answer about a Secret",
        place: "*M* `responseStatus`, `responseObject` and annotations of requests for Secrets: `message`, \
            `details.causes[].message`, what webhooks and policies say",
        goes: "all but Kubernetes' own phrases and the names in them: `is forbidden`, `not found`, `already exists`",
        seen: "argoproj-labs/argocd-vault-plugin#381",
    }
    LastApplied = "last_applied", Guaranteed, Position, Yes, {
        what: "a last-applied-configuration that cannot be read. One that can is redacted inside, under other rows",
        place: "`kubectl.kubernetes.io/last-applied-configuration` of any object",
        goes: "the whole text where it cannot be read; otherwise what is in it goes under other rows",
        seen: "kubernetes/kubernetes#23564, #29923; rancher/rancher#46934; RichardoC/kube-audit-rest#290",
    }
    Uri = "uri", Uri, Name, No, {
        what: "a credential in a request's URI, or in a path that an access review asks about",
        place: "*M* `requestURI`, and `nonResourceAttributes.path` of access reviews: parameters of the query and of \
            path segments, arguments of `exec` and `attach`, URLs in parameters, however often encoded",
        goes: "values; names, separators, order and selectors stay",
        seen: "kubernetes/kubernetes#97795",
    }
    ObjectName = "object_name", Uri, Name, No, {
        what: "a credential in the name of an object, which a client made of a path",
        place: "*M* `name`, `namespace` and `subresource` of `objectRef`, `details.name`: a parameter that a client \
            appended to a path",
        goes: "the value behind `;token=` and the like; the rest of the name stays",
        seen: "[a case](../tests/cases/object-name/matrix-parameter)",
    }
    UserAgent = "user_agent", Content, Look, No, {
        what: "a credential in what a client calls itself",
        place: "*M* `userAgent`",
        goes: "JSON Web Tokens, passwords in URLs, `token=…`, `Authorization: …`; the agent around it stays",
        seen: "`k8s.io/apiserver`, `pkg/apis/audit/types.go`",
    }
    User = "user", Content, Name, Part("texts"), {
        what: "a credential in extra information about a user, or in the name of an impersonated one",
        place: "*M* `extra` of `user` and `impersonatedUser`, of access reviews, token reviews and certificate \
            requests; the name, the groups and the UID of the latter",
        goes: "values under a key such as `…/id_token`, `…-assertion`, `session`; elsewhere what `user_agent` hides. \
            Names, ids of credentials and of AWS access keys stay",
        seen: "[a case](../tests/cases/client-text/extra-assertion)",
    }
    TokenName = "oauth_token", Guaranteed, Position, Part("the name in the URI"), {
        what: "a token that an OAuth object of OpenShift is called by, and what its request holds",
        place: "*M* OpenShift's `oauthaccesstokens` and `oauthauthorizetokens`, whose names before 4.6 are tokens",
        goes: "the name, in the URI too, both bodies and the texts of the status; names that are digests \
            (`sha256~…`) stay",
        seen: "openshift/cluster-openshift-apiserver-operator#205",
    }
    Message = "message", ErrorText, Name, No, {
        what: "what an error text, a denial or an audit annotation quotes from a body",
        place: "*M* `message` and `note` of statuses, causes, conditions and events; cells of tables; audit annotations \
            of webhooks and policies",
        goes: "quoted values of invalid fields, pieces of bodies, passwords in URLs, `password=…`; the sentence \
            around them stays",
        seen: "kgateway-dev/kgateway#8592; digitalocean/digitalocean-cloud-controller-manager#211",
    }
    Expression = "expression", Guaranteed, Position, No, {
        what: "a literal or a comment in a mutation or a variable of an admission policy",
        place: "`jsonPatch.expression`, `applyConfiguration.expression` and `variables` of admission policies",
        goes: "string literals but names (keys, and what is looked up), operations, pointers and words of the API; \
            comments",
        seen: "[a case](../tests/cases/admission-policy/json-patch-value)",
    }
    Condition = "condition", Content, Look, No, {
        what: "a literal or a comment in a condition, a validation or a message of a policy, a webhook or a schema",
        place: "`validations`, `matchConditions` and `auditAnnotations` of admission policies and webhooks, warnings \
            about them; `x-kubernetes-validations` of schemas",
        goes: "string literals that do not read like words, or stand beside a name such as `password`; comments",
        seen: "[a case](../tests/cases/admission-policy/literals-of-a-validation)",
    }
    CertificateRequest = "certificate_request", Guaranteed, Position, No, {
        what: "a certificate request with a challengePassword in it",
        place: "`request` of a CertificateSigningRequest",
        goes: "the whole request if it has a challengePassword (RFC 2985) or cannot be read; others stay",
        seen: "[a case](../tests/cases/certificate-request/challenge-password)",
    }
    Token = "token", Guaranteed, Position, Yes, {
        what: "a token of a TokenRequest or TokenReview",
        place: "a member called `token` of any object: TokenRequest, TokenReview, and others of that name",
        goes: "the value",
        seen: "kubernetes/kubernetes#102040, #47921; openshift/library-go#1500",
    }
    Env = "env.*", Env, Name, Part("texts under other names"), {
        what: "the value of an environment variable or a header whose name says that it is a credential",
        place: "`env` of containers in pods and in every template, as a list or a map; `httpHeaders` of probes and \
            hooks; in JSON patches, those of webhooks included; `value` and `name` in either order",
        goes: "the value under a name such as `DB_PASSWORD`; under others what an argument or a file would lose: \
            passwords in URLs, `-Dx.password=`, keys of JSON and YAML; of a JSON patch that does not say the name, \
            any value; references, `$(NAME)`, paths of files and switches stay",
        seen: "kubernetes/kubernetes#94787; DataDog/datadog-agent, `pkg/redact/pod.go`",
    }
    ConfigMap = "config_map.data.*", ConfigMap, Name, Part("YAML, scripts and `binaryData`"), {
        what: "a value in the `data` of a ConfigMap that its key, or a key in the text, says to be a credential",
        place: "`data` and `binaryData` of ConfigMaps, and of custom resources",
        goes: "the value under a key such as `db.password`; under others, values of such keys in JSON, YAML, \
            properties, env files, units of systemd and shell scripts, all of a Secret in YAML, passwords in URLs; the same in base64 and in \
            `data:` URLs within them, and in `binaryData`; compressed data and other bytes that are no text whole",
        seen: "rancher/rancher#47390; Falco's rule *Create/Modify Configmap With Private Credentials*",
    }
    Argument = "argument", Args, Name, No, {
        what: "a credential in a command or an argument of a container, or in what else is a command",
        place: "`command` and `args` of containers, hooks and probes, in every template; `preKubeadmCommands`",
        goes: "values of flags, assignments and headers with such names, passwords of known tools (`mysql -p…`, `curl \
            -u …`, `htpasswd -b …`, `vault login …`), in shell scripts too; the rest of the argument stays",
        seen: "DataDog/datadog-agent, `pkg/redact`; kubernetes/kubernetes#97795",
    }
    FileContent = "file_content", CustomResource, Name, Part("files that are no URL"), {
        what: "a file in a URL, or the private key of a route, where such things stand as a member",
        place: "`contents` of files as Ignition has them; `tls.key` of OpenShift's Routes",
        goes: "the key; of a file in a `data:` URL what ConfigMaps lose, if it is JSON, YAML, an env or ini file or a \
            script, and otherwise all of it",
        seen: "OpenShift's documentation of audit log profiles",
    }
    KeyName = "key_name", CustomResource, Name, Part("texts"), {
        what: "a value whose name says that it is a credential: of custom resources, in patches, annotations and \
            parameters",
        place: "custom resources at any depth, `storage.k8s.io`, `resource.k8s.io`, options of volumes; what clients \
            and webhooks patch, of any kind; last-applied copies of these; annotations and labels; pairs of `name` \
            and `value` in either order; cells of tables; all of `secureJsonData`, as Grafana's data sources have it. Texts in `values`, `valuesContent`, `content`, \
            `userData`, `url`, `repoURL` and snippets",
        goes: "the value under a name such as `adminPassword`, whole if it is an object or an array, `null` if it is \
            a number; in texts what ConfigMaps lose; what says where a credential is (`secretKeyRef`, \
            `secretName`, `tokenFile`), switches and schemas stay",
        seen: "argoproj/argo-cd#28827, #14065; DataDog/datadog-agent, `pkg/redact/cr_test.go`",
    }
    Content = "content", Content, Look, No, {
        what: "a key or a token of a known format, wherever it stands; elsewhere than in the rows above, what is announced as \
            a credential",
        place: "*M* any text that no position decides: of bodies of any kind, ConfigMaps, environment variables, arguments, \
            annotations, messages, URIs, agents; in texts that other rows open, and in base64 in any alignment",
        goes: "keys and tokens of [these formats](#by-their-look), passwords in URLs, `password=…`, `Authorization: …`; the text \
            around them stays. Of base64 all goes that belongs together. Certificates, public keys and ids of access keys stay",
        seen: "leaktk/fake-leaks; gitleaks/gitleaks, `config/gitleaks.toml`",
    }
    UnknownBody = "unknown_body", Unclear, Position, Yes, {
        what: "the body of an audit event that stands where none is expected, or that says neither by `objectRef` nor \
            by `requestURI` what it is about",
        place: "bodies of an event that says neither by `objectRef` nor by `requestURI` what it is about; bodies where \
            none is expected",
        goes: "the body",
        seen: "[a case](../tests/cases/envelope/other-key-with-an-event-body)",
    }
    TextUnreadable = "text", Guaranteed, Look, No, {
        what: "a text that seems to hold a Secret and cannot be read as JSON",
        place: "a string that begins as JSON and cannot be read; what begins as JSON amid prose",
        goes: "all of it, or all from the brace on, if it was cut or speaks of a Secret; otherwise what `message` \
            hides",
        seen: "[a case](../tests/cases/embedded-secret)",
    }
    Damaged = "damaged", Damage, Position, No, {
        what: "a part that is no valid JSON, or that was cut",
        place: "anything that is no valid JSON, or that was cut",
        goes: "that part",
        seen: "Amazon EKS cuts long lines: falcosecurity/plugins, `k8saudit-eks`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_keeps_what_is_guaranteed() {
        for position in POSITIONS {
            assert!(
                position.sure != Sure::Position || position.class.key().is_none(),
                "{}: a configuration could keep it",
                position.id
            );
        }
    }

    #[test]
    fn a_line_says_something_in_every_cell() {
        for (number, position) in POSITIONS.iter().enumerate() {
            let Position { id, what, place, goes, seen, .. } = *position;
            let part = match position.vrl {
                Vrl::Part(text) => text,
                Vrl::Yes | Vrl::No => "all or nothing",
            };
            let cells = [what, place, goes, seen, id, part];
            assert!(cells.iter().all(|cell| !cell.is_empty() && !cell.contains(['\n', '|'])), "{id}");
            assert!(POSITIONS.iter().skip(number + 1).all(|other| other.id != id), "{id}: two rows");
        }
    }
}
