//! Names with what they say, and the quick test against the slow one.

use super::words::Words;
use super::*;
use alloc::string::String;
use alloc::vec::Vec;
use proptest::prelude::*;

/// Names whose value is a credential.
const SECRET: &[&str] = &[
    // environment variables of well-known images
    "PASSWORD",
    "DB_PASSWORD",
    "PGPASSWORD",
    "MYSQL_ROOT_PASSWORD",
    "POSTGRES_PASSWORD_PROD",
    "RABBITMQ_DEFAULT_PASSWORD2",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "GITHUB_TOKEN",
    "TOKEN",
    "TOKEN_GITHUB",
    "SECRET_KEY_BASE",
    "DJANGO_SECRET_KEY",
    "NEW_RELIC_LICENSE_KEY",
    "DD_API_KEY",
    "DD_APP_KEY",
    "STRIPE_APIKEY",
    "SSH_PRIVATE_KEY_B64",
    "VAULT_SECRET_ID",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "AZURE_STORAGE_CONNECTION_STRING",
    "ConnectionStrings__Default",
    // custom resources
    "password",
    "adminPassword",
    "clientSecret",
    "connectionString",
    "privateKey",
    "apiKey",
    "APIKey",
    "accessToken",
    "bearerToken",
    "credentials",
    "secretKey",
    "secretAccessKey",
    "secretaccesskey",
    "encryptionKey",
    "signing_key",
    "communityString",
    "passWord",
    "hashed_passwd",
    "encryptedPassword",
    "pullSecret",
    "sharedSecret",
    "webhookSecret",
    "tokenValue",
    "GRAYLOG_PASSWORD_SECRET",
    "application_credential_secret",
    "credentialSecret",
    // keys of ConfigMaps
    "kubeconfig",
    "kubeConfig",
    ".dockerconfigjson",
    ".dockercfg",
    "spring.datasource.password",
    "javax.net.ssl.trustStorePassword",
    "sasl.jaas.config",
    "tls.key",
    "server.key",
    "id_rsa",
    "htpasswd",
    "credentials.json",
    "token.txt",
    "ssh-privatekey",
    // parameters of storage
    "restuserkey",
    "csi.storage.k8s.io/serviceAccount.tokens.token",
    "accountKey",
    "storageaccountkey",
    // annotations and headers
    "vault.hashicorp.com/token",
    "example.com/db-password",
    "X-Api-Key",
    "x-auth-token",
    "PRIVATE-TOKEN",
    "X-Amz-Security-Token",
    // a kubeconfig
    "client-key-data",
    "clientKeyData",
    "auth-provider-access-token",
    // sessions
    "JSESSIONID",
    "PHPSESSID",
    "session_id",
    // written as one word
    "dbpassword",
    "userpasswd",
    "authtoken",
    "clientsecret",
    "sshkey",
    "dbpwd",
    "pwd",
];

/// Names under which a string is a credential and an object a group of settings.
const GROUP: &[&str] = &[
    "auth",
    "basicAuth",
    "authorization",
    "Proxy-Authorization",
    "Cookie",
    "RABBITMQ_ERLANG_COOKIE",
    "jwt",
    "SENTRY_DSN",
    "sas",
    "DB_PASS",
    "MYSQLPASS",
    "SMTP_PASS_1",
    "DB_PW",
    "WG_PSK",
    "AUTH_SALT",
    "conn_str",
    "mongoConnStr",
    "id_ed25519",
];

/// Names that speak of a credential and hold none.
const REFERENCE: &[&str] = &[
    "secretName",
    "secretRef",
    "secretKeyRef",
    "secretKeyRefs",
    "secretRefs",
    "secretNamespace",
    "secretType",
    "secretStoreRef",
    "SecretProviderClass",
    "secretTemplate",
    "secretObjects",
    "imagePullSecrets",
    "imagePullSecret",
    "image-pull-secrets",
    "imagepullsecrets",
    "existingSecret",
    "existingSecretPasswordKey",
    "tlsSecret",
    "credentialsSecret",
    "caSecret",
    "privateKeySecretRef",
    "passwordKey",
    "admin-password-key",
    "tokenFile",
    "tokenfile",
    "passwordFile",
    "POSTGRES_PASSWORD_FILE",
    "VAULT_TOKEN_PATH",
    "passwordPolicy",
    "minPasswordLength",
    "tokenTTL",
    "tokenTTLSeconds",
    "token-ttl",
    "tokenExpirationSeconds",
    "AUTH_TOKEN_EXPIRATION",
    "tokenUrl",
    "token_endpoint",
    "tokenReview",
    "tokenReviews",
    "tokenreviews",
    "tokenRequests",
    "token_type",
    "tokenId",
    "token-id",
    "accessKeyId",
    "AWS_ACCESS_KEY_ID",
    "maxTokens",
    "max_tokens",
    "LLM_MAX_TOKENS",
    "token_count",
    "automountServiceAccountToken",
    "passwordAuthentication",
    "credentialName",
    "checksum/secret",
    "checksum/secrets",
    "csi.storage.k8s.io/provisioner-secret-name",
    "csi.storage.k8s.io/provisioner-secret-namespace",
    "nginx.ingress.kubernetes.io/auth-secret",
    "nginx.ingress.kubernetes.io/auth-tls-secret",
    "privateKeyAlgorithm",
    "id_rsa.pub",
    "authentication-token-webhook-cache-ttl",
    "bootstrap-kubeconfig-path",
    "service-account-signing-key-file",
    "tls-private-key-file",
    "client-key-file",
    "secretless",
    "cert-manager.io/inject-ca-from-secret",
    "usernameSecret",
    "passwordSpec",
    "tokenLocation",
    "externalSecretMetadata",
];

/// Names that say nothing about credentials.
const ORDINARY: &[&str] = &[
    "",
    "k",
    "name",
    "key",
    "keys",
    "value",
    "metadata",
    "containers",
    "nodeSelector",
    "securityContext",
    "topologyKey",
    "labelKey",
    "matchLabelKeys",
    "partitionKey",
    "publicKey",
    "sshPublicKey",
    "public_key",
    "monkey",
    "keyword",
    "keystore",
    "tokenizer",
    "tokenization",
    "PWD",
    "OLDPWD",
    "author",
    "authors",
    "authority",
    "authMode",
    "authType",
    "authenticated",
    "authentication",
    "oauthAccountName",
    "bypass",
    "compass",
    "encompass",
    "ssl-passthrough",
    "passRate",
    "pass_through",
    "passenger",
    "secretary",
    "session",
    "sessionAffinity",
    "sessionAffinityConfig",
    "dsnHost",
    "salted",
    "jwtIssuer",
    "jwksUri",
    "cookieName",
    "cookieDomain",
    "signature",
    "signerName",
    "pin",
    "pinned",
    "certificate",
    "caBundle",
    "authorization.k8s.io/decision",
    "secrets-store.csi.k8s.io/managed",
    "secret.reloader.stakater.com/reload",
    "credentials.example.com/owner",
    "node.kubernetes.io/unreachable",
    "pod-template-hash",
    "kubernetes.io/bootstrapping",
    "ca.crt",
    "sasl",
    "sasl.mechanism",
    "license",
    "communityName",
    "onepassword",
    "onepasswordSDK",
    "secretserver",
    "LASTPASS",
];

#[test]
fn names_are_told_apart() {
    let rows = [
        (SECRET, KeyName::Secret),
        (GROUP, KeyName::Group),
        (REFERENCE, KeyName::Reference),
        (ORDINARY, KeyName::Ordinary),
        (&["tokens", "promptTokens", "authtokens", "TOKENS"], KeyName::Count),
    ];
    for (names, expected) in rows {
        for name in names {
            assert_eq!(classify(name.as_bytes()), expected, "{name}");
            let sensitive = !matches!(expected, KeyName::Ordinary | KeyName::Reference);
            assert_eq!(is_sensitive(name.as_bytes()), sensitive, "{name}");
        }
    }
}

#[test]
fn a_reference_names_and_does_not_hold() {
    let is_reference = |members: &[&str]| {
        let mut shape = ReferenceShape::default();
        for member in members {
            shape.member(member.as_bytes());
        }
        shape.is_reference()
    };
    for members in [
        // core/v1 SecretKeySelector and SecretVolumeSource, external-secrets, Crossplane, cert-manager, projected volume
        &["name", "key"][..],
        &["key", "optional", "name"],
        &["secretName", "defaultMode", "items"],
        &["name", "namespace", "key"],
        &["source", "secretRef"],
        &["algorithm", "encoding", "size", "rotationPolicy"],
        &["expirationSeconds", "path", "audience"],
        &["passwordSecretRef"],
        &["serviceAccountRef", "audiences", "expirationSeconds"],
        &["metadata"],
    ] {
        assert!(is_reference(members), "{members:?}");
    }
    for members in [
        &[][..],
        &["key"],
        &["value"],
        &["name", "value"],
        &["token"],
        &["name", "password"],
        &["metadata", "data"],
        &["foo"],
    ] {
        assert!(!is_reference(members), "{members:?}");
    }
}

/// [`Words`], the obvious way: signs put in where a word begins, then split.
fn words_naive(name: &str) -> Vec<String> {
    let letters: Vec<char> =
        name.chars().map(|c| if c.is_ascii_alphabetic() || !c.is_ascii() { c } else { ' ' }).collect();
    let mut spaced = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at)).copied().unwrap_or(' ');
        let after = letters.get(at + 1).copied().unwrap_or(' ');
        let is_small = |c: char| c != ' ' && !c.is_ascii_uppercase();
        let begins = letter.is_ascii_uppercase() && (is_small(before) || (before != ' ' && is_small(after)));
        if begins {
            spaced.push(' ');
        }
        spaced.push(*letter);
    }
    spaced.split(' ').filter(|word| !word.is_empty()).map(String::from).collect()
}

/// Names made of the words that matter, joined in every way.
fn name() -> impl Strategy<Value = String> {
    let mut words: Vec<&'static str> =
        alloc::vec!["key", "keys", "secret", "secrets", "token", "tokens", "pass", "db", "id", "x", "é"];
    words.extend(NOUNS);
    words.extend(WEAK_NOUNS.words());
    words.extend(KEY_OWNERS.words());
    words.extend(PAIRS.iter().flat_map(|(first, second)| [*first, *second]));
    words.extend(HARMLESS_HEADS.words().iter().take(9));
    let case = prop_oneof![Just(0), Just(1), Just(2)];
    let joint = prop_oneof![Just(""), Just("_"), Just("-"), Just("."), Just("2"), Just("/")];
    let word = (prop::sample::select(words), case, joint).prop_map(|(word, case, joint)| {
        let mut word = match case {
            0 => String::from(word),
            1 => word.to_uppercase(),
            _ => {
                let mut letters = word.chars();
                letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
            }
        };
        word.push_str(joint);
        word
    });
    prop::collection::vec(word, 0..5).prop_map(|words| words.concat())
}

proptest! {
    // No files beside the sources: a case worth keeping becomes a row above.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_quick_test_rejects_nothing_that_the_words_accept(name in name()) {
        prop_assert_eq!(classify(name.as_bytes()), classify_by_words(name.as_bytes()));
    }

    #[test]
    fn any_bytes_can_be_judged(name in prop::collection::vec(any::<u8>(), 0..40)) {
        prop_assert_eq!(classify(&name), classify_by_words(&name));
    }

    #[test]
    fn nouns_are_found_wherever_they_stand_in_a_word(
        before in "[a-z]{0,4}", noun in prop::sample::select(NOUNS), behind in "[a-z]{0,4}", capital: bool
    ) {
        let word = alloc::format!("{before}{noun}{behind}");
        let word = if capital { word.to_uppercase() } else { word };
        prop_assume!(!PRODUCTS.holds(word.as_bytes()));
        prop_assert!(noun_in(b"", word.as_bytes()).is_some(), "{}", word);
    }

    #[test]
    fn a_set_holds_its_words_and_no_others(word in "[a-eA-E]{1,3}|[kK]eys?|[a-z]{2,8}") {
        let small = word.to_lowercase();
        let small = small.as_str();
        prop_assert_eq!(KEY_OWNERS.holds(word.as_bytes()), KEY_OWNERS.words().contains(&small), "{}", word);
        prop_assert_eq!(WEAK_NOUNS.holds(word.as_bytes()), WEAK_NOUNS.words().contains(&small), "{}", word);
        prop_assert_eq!(
            HARMLESS_HEADS.holds(word.as_bytes()), HARMLESS_HEADS.words().contains(&small), "{}", word
        );
        prop_assert!(HARMLESS_HEADS.words().iter().all(|known| HARMLESS_HEADS.holds(known.to_uppercase().as_bytes())));
        prop_assert!(KEY_OWNERS.words().iter().all(|known| KEY_OWNERS.holds(known.as_bytes())));
    }

    #[test]
    fn words_are_split_as_by_the_naive_twin(name in "[a-cA-C0-1_é/]{0,16}") {
        let words: Vec<&[u8]> = Words::new(name.as_bytes()).collect();
        let naive = words_naive(&name);
        prop_assert_eq!(words, naive.iter().map(String::as_bytes).collect::<Vec<_>>());
    }

    #[test]
    fn case_of_a_word_does_not_matter(owner in prop::sample::select(KEY_OWNERS.words())) {
        for name in [alloc::format!("{owner}_key"), alloc::format!("{}_KEY", owner.to_uppercase()), alloc::format!("{owner}Key")] {
            prop_assert_eq!(classify(name.as_bytes()), KeyName::Secret, "{}", name);
        }
    }
}

#[test]
fn second_words_are_those_of_the_pairs() {
    let mut seconds: Vec<&str> = PAIRS.iter().map(|(_, second)| *second).collect();
    let mut known = SECONDS.words().to_vec();
    seconds.sort_unstable();
    seconds.dedup();
    known.sort_unstable();
    assert_eq!(seconds, known);
}
