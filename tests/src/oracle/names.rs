//! What names and values say of themselves, by short lists.

/// What a name says of the value under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// It is a credential.
    Credential,
    /// It is none.
    Ordinary,
    /// These lists do not tell.
    Unsure,
}

/// Last words that make a credential of a name, whatever stands before.
const ALONE: [&str; 4] = ["password", "passwd", "passphrase", "pwd"];

/// Last words that do with this word before them.
const PAIRS: [(&str, &str); 12] = [
    ("client", "secret"),
    ("app", "secret"),
    ("shared", "secret"),
    ("webhook", "secret"),
    ("access", "token"),
    ("auth", "token"),
    ("refresh", "token"),
    ("bearer", "token"),
    ("api", "key"),
    ("private", "key"),
    ("secret", "key"),
    ("encryption", "key"),
];

/// Words with which a name may say something else than its last word does.
const TURNING: [&str; 12] = [
    "existing",
    "automount",
    "checksum",
    "max",
    "min",
    "num",
    "total",
    "limit",
    "count",
    "from",
    "ref",
    "use",
];

/// Parts of names that may have to do with credentials, or that lead to rules of their own.
const TELLING: [&str; 38] = [
    "pass", "pwd", "secret", "token", "cred", "key", "auth", "cert", "priv", "sess", "cookie", "jwt", "sas",
    "psk", "salt", "dsn", "config", "str", "commun", "mnemo", "netrc", "bearer", "jaas", "id_", "pw", "conn",
    "tls", "data", "secur", "sign", "login", "user", "hash", "code", "pin", "url", "uri", "value",
];

/// Judges a name by its words.
pub(super) fn named(name: &str) -> Named {
    let lower = name.to_lowercase();
    if !name.is_ascii() || name.len() > 40 {
        return Named::Unsure;
    }
    let words = words(name);
    let last = words.last().map(String::as_str).unwrap_or_default();
    let before =
        words.len().checked_sub(2).and_then(|at| words.get(at)).map(String::as_str).unwrap_or_default();
    let turned = words.iter().any(|word| TURNING.contains(&word.as_str()));
    if !turned
        && (ALONE.contains(&last) && name != "PWD" && name != "OLDPWD" || PAIRS.contains(&(before, last)))
    {
        return Named::Credential;
    }
    if TELLING.iter().any(|part| lower.contains(part)) { Named::Unsure } else { Named::Ordinary }
}

/// The words of `camelCase`, `snake_case`, `kebab-case`, `dotted.names` and `SCREAMING_CASE`, in small letters.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in name.chars() {
        if !letter.is_ascii_alphanumeric() || letter.is_ascii_uppercase() && before.is_ascii_lowercase() {
            words.push(String::new());
        }
        if letter.is_ascii_alphanumeric() {
            words.last_mut().into_iter().for_each(|word| word.push(letter.to_ascii_lowercase()));
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a value may say itself that it is no credential: a switch, a reference, a path. Rather too often.
pub(super) fn harmless(value: &str) -> bool {
    const SWITCHES: [&str; 13] = [
        "true", "false", "yes", "no", "on", "off", "null", "none", "n/a", "required", "optional", "enabled",
        "disabled",
    ];
    value.is_empty()
        || SWITCHES.contains(&value.to_lowercase().as_str())
        || value.starts_with(['$', '/', '.', '~', '{', '[', '<'])
        || ["vault:", "op://", "hmac:"].iter().any(|start| value.starts_with(start))
}

/// Whether a value is a word in which nothing can be seen: what must stay where no name says otherwise.
pub(super) fn plain(value: &str) -> bool {
    value.len() <= 20
        && value.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && value
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || ".-".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_every_spelling() {
        for name in [
            "password",
            "dbPassword",
            "DB_PASSWD",
            "client-secret",
            "api.key",
            "X_ACCESS_TOKEN",
            "privateKey",
        ] {
            assert_eq!(named(name), Named::Credential, "{name}");
        }
        for name in ["image", "replicas", "logLevel", "app.kubernetes.io"] {
            assert_eq!(named(name), Named::Ordinary, "{name}");
        }
        for name in
            ["passwordFile", "existingPassword", "maxTokens", "secretName", "tokenTTL", "PWD", "keyRef"]
        {
            assert_eq!(named(name), Named::Unsure, "{name}");
        }
    }
}
