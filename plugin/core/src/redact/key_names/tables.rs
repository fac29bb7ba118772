//! The words that decide. Data only; all in small letters, compared without case.
//!
//! Collected from what other redactors look for (Rancher's audit log: `[pP]assword|[Kk]ube[Cc]onfig|[Tt]oken`;
//! Datadog's agent: `passwd`, `pwd`, `access_token`, `apikey`, `credentials`, `community_string`, …), from the
//! keys of a kubeconfig, and from names that Kubernetes' own types have beside credentials.

use crate::json::known::Index;

/// Words, and where each is found.
#[derive(Debug)]
pub(in crate::redact) struct Set<const COUNT: usize> {
    words: [&'static str; COUNT],
    index: Index<COUNT>,
}

impl<const COUNT: usize> Set<COUNT> {
    pub(in crate::redact) const fn of(words: [&'static str; COUNT]) -> Set<COUNT> {
        Set { index: Index::of(&words), words }
    }

    /// Whether `word`, in letters of any case, is one of them.
    pub(in crate::redact) fn holds(&self, word: &[u8]) -> bool {
        let is_word =
            |at: usize| self.words.get(at).is_some_and(|known| word.eq_ignore_ascii_case(known.as_bytes()));
        self.index.likely(word).any(is_word)
    }

    /// Whether `word` is spelled as one of them.
    pub(in crate::redact) fn spells(&self, word: &[u8]) -> bool {
        let is_word = |at: usize| self.words.get(at).is_some_and(|known| word == known.as_bytes());
        self.index.likely(word).any(is_word)
    }

    pub(in crate::redact) fn words(&'static self) -> &'static [&'static str] {
        &self.words
    }
}

/// Words that make a reference of a name, whatever the others are.
pub(super) static REFERENCES: Set<4> =
    Set::of(["existing", "automount", "imagepullsecret", "imagepullsecrets"]);

/// Words beside which `tokens` are a number.
pub(super) static QUANTITIES: Set<6> = Set::of(["max", "min", "num", "total", "limit", "count"]);

/// Credentials wherever they stand in a word. `secret`, `token` and keys have rules of their own.
pub(super) const NOUNS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "credential",
    // a whole file with credentials in it
    "kubeconfig",
    "dockerconfig",
    "dockercfg",
    "jaas",
    "keytab",
    "connectionstring",
    "connstring",
    "sessionid",
    "sessid",
    // the key of a user in StorageClasses of the glusterfs provisioner
    "restuserkey",
];

/// Credentials made of two words.
pub(super) const PAIRS: &[(&str, &str)] = &[
    ("pass", "word"),
    ("pass", "phrase"),
    ("pass", "code"),
    ("pass", "key"),
    ("connection", "string"),
    ("connection", "strings"),
    ("conn", "string"),
    ("kube", "config"),
    ("docker", "config"),
    ("docker", "cfg"),
    ("session", "id"),
    // SNMP
    ("community", "string"),
    // files that ssh-keygen writes
    ("id", "rsa"),
    ("id", "dsa"),
    ("id", "ecdsa"),
];

/// The second words of [`PAIRS`].
pub(super) static SECONDS: Set<12> = Set::of([
    "word", "phrase", "code", "key", "string", "strings", "config", "cfg", "id", "rsa", "dsa", "ecdsa",
]);

/// What may stand before `key` or `keys` to make a credential of it. `public`, `partition`, `topology` and
/// the like are not here, and a `key` alone is a name in a dozen of Kubernetes' types.
pub(super) static KEY_OWNERS: Set<54> = Set::of([
    "access",
    "account",
    "admin",
    "aes",
    "api",
    "app",
    "application",
    "auth",
    "ca",
    "cipher",
    "client",
    "consumer",
    "decryption",
    "deploy",
    "ecdsa",
    "encryption",
    "function",
    "gpg",
    "hmac",
    "ingest",
    "ingestion",
    "integration",
    "jwt",
    "license",
    "licence",
    "master",
    "pgp",
    "preshared",
    "priv",
    "private",
    "psk",
    "recovery",
    "rsa",
    "sas",
    "secret",
    "server",
    "session",
    "shared",
    "signature",
    "signing",
    "ssh",
    "ssl",
    "storage",
    "subscription",
    "symmetric",
    "tls",
    "token",
    "unseal",
    "webhook",
    // one word of two: `secretaccesskey`, `sshprivatekey`
    "secretaccess",
    "sshprivate",
    "accountaccess",
    "storageaccount",
    "storageaccess",
]);

/// Credentials as the last word only: `DB_PASS` but not `pass_rate`, `auth` but not `authMode`.
pub(super) static WEAK_NOUNS: Set<15> = Set::of([
    "auth",
    "authorization",
    "bearer",
    "connectionstr",
    "connstr",
    "cookie",
    "cookies",
    "dsn",
    "jwt",
    "mnemonic",
    "netrc",
    "psk",
    "pw",
    "salt",
    "sas",
]);

/// Last words that make a fact about a credential out of a credential. An `s` behind them changes nothing.
pub(super) static HARMLESS_HEADS: Set<162> = Set::of([
    // where it is
    "ref",
    "reference",
    "selector",
    "name",
    "namespace",
    "ns",
    "file",
    "filename",
    "path",
    "dir",
    "directory",
    "folder",
    "mount",
    "volume",
    "url",
    "uri",
    "endpoint",
    "host",
    "hostname",
    "port",
    "address",
    "bucket",
    "region",
    "arn",
    "store",
    "storeref",
    "backend",
    "engine",
    "driver",
    "provider",
    "plugin",
    "object",
    "source",
    "target",
    "destination",
    "column",
    "field",
    "property",
    "param",
    "index",
    "indices",
    "template",
    "env",
    "location",
    // what it is
    "spec",
    "metadata",
    "ocid",
    "visibility",
    "type",
    "kind",
    "class",
    "version",
    "id",
    "identifier",
    "uid",
    "format",
    "schema",
    "scheme",
    "mode",
    "method",
    "algorithm",
    "alg",
    "prefix",
    "suffix",
    "header",
    "label",
    "annotation",
    "description",
    "role",
    "realm",
    "issuer",
    "audience",
    "scope",
    "owner",
    "group",
    "user",
    "username",
    "fingerprint",
    "thumbprint",
    "usage",
    // how long it lives and how it must be
    "ttl",
    "second",
    "minute",
    "hour",
    "day",
    "ms",
    "millis",
    "duration",
    "expiration",
    "expiry",
    "expire",
    "expires",
    "expired",
    "lifetime",
    "timeout",
    "period",
    "interval",
    "age",
    "time",
    "timestamp",
    "date",
    "at",
    "length",
    "len",
    "size",
    "limit",
    "count",
    "quota",
    "rate",
    "policy",
    "policies",
    "rule",
    "regex",
    "pattern",
    "complexity",
    "strength",
    "requirement",
    "validation",
    "validator",
    "rotation",
    "refresh",
    "generation",
    "generator",
    "reset",
    "change",
    "changed",
    "created",
    "updated",
    // whether it is there, who cares for it
    "enabled",
    "disabled",
    "required",
    "optional",
    "state",
    "status",
    "condition",
    "phase",
    "reason",
    "error",
    "failure",
    "event",
    "metric",
    "log",
    "level",
    "manager",
    "controller",
    "sync",
    "cleaner",
    "claim",
    "review",
    "reviewer",
    "request",
    "prompt",
    "stdin",
    "encryption",
    "authentication",
    "authenticator",
    "authn",
    "webhook",
    // other words: passwordless, pass-through, id_rsa.pub
    "less",
    "through",
    "thru",
    "pub",
]);

/// What stands before `secret` in names of Secrets: the certificate is in the Secret called so. Not `password` nor
/// `credential`: Graylog's `password_secret` and OpenStack's `application_credential_secret` are secrets.
pub(super) static HELD_IN_SECRETS: Set<8> =
    Set::of(["ca", "cert", "certificate", "credentials", "from", "ssl", "tls", "username"]);

/// Products and their providers, called by words that would be nouns.
pub(super) static PRODUCTS: Set<8> = Set::of([
    "beyondtrustworkloadcredentials",
    "bitwardensecretsmanager",
    "keepass",
    "lastpass",
    "onepassword",
    "passworddepot",
    "secretserver",
    "secretsmanager",
]);

/// Annotations of these domains give Secrets by name: `auth-secret`, `auth-tls-secret`, `proxy-ssl-secret`.
pub(super) const DOMAINS_OF_REFERENCES: &[&str] =
    &["nginx.ingress.kubernetes.io", "haproxy.org", "haproxy-ingress.github.io", "ingress.kubernetes.io"];

/// Members of known types that are called as if they held a credential, and name the Secret that does, spelled as
/// these types spell them: AWX's operator and its `AnsibleJob`, and `passwordSecret` of Strimzi and others, which is such a
/// name or an object with it. A variable of the environment is spelled otherwise, and so is Graylog's `password_secret`.
pub(super) const NAMES_OF_SECRETS: &[&str] = &[
    "admin_password_secret",
    "broadcast_websocket_secret",
    "passwordSecret",
    "postgres_configuration_secret",
    "secret_key_secret",
    "tower_auth_secret",
];
