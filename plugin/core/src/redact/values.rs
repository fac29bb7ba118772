//! What a value says of itself, whatever its name: that it can be no credential.

use super::expression::is_word;
use super::key_names::{KeyName, classify};

/// Whether `value` cannot be a credential, whatever its name: nothing, an object or an array that is empty, a switch,
/// the path of a file in one of the usual places, or a reference to what something else puts in its place.
///
/// A path is recognised by its first directory, not by slashes: base64 has slashes too.
///
/// Called from the deepest place there is: what it asks stays out of line, so that its own frame is small.
pub(crate) fn is_harmless(value: &[u8]) -> bool {
    matches!(value, b"" | b"{}" | b"[]")
        || is_placeholder(value)
        || is_path(value)
        || is_switch(value)
        || is_reference(value)
        || matches!(value, [b'$', name @ ..] if names_credential(name))
}

#[inline(never)]
fn is_switch(value: &[u8]) -> bool {
    SWITCHES.iter().any(|switch| value.eq_ignore_ascii_case(switch.as_bytes()))
}

/// `$(NAME)` or `${NAME}`: what Kubernetes and shells replace by a variable's value.
#[inline(never)]
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    let name = match value {
        [b'$', b'(', name @ .., b')'] | [b'$', b'{', name @ .., b'}'] => name,
        _ => return false,
    };
    name.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// Whether all of `value` is one reference, spelled as those who resolve it do. What stands beside one, a default or
/// a literal in it, may be the credential, and then it is none.
///
/// ```text
/// {{ .token | b64enc }}  ${{ secrets.TOKEN }}   templates of Go, Jinja, Argo, Kyverno, GitHub
/// $(params.token)  ${var.token}                 Tekton, Terraform
/// $slack-token  $oidc.okta.clientSecret         Argo CD; without a digit, and it names a credential: `$ecret` does not
/// $NAME.key                                     the file of a key
/// vault:secret/data/db#password                 Vault's webhook, and the like
/// ```
#[inline(never)]
fn is_reference(value: &[u8]) -> bool {
    match value {
        [b'{', b'{', inner @ .., b'}', b'}'] | [b'$', b'{', b'{', inner @ .., b'}', b'}'] => is_lookup(inner),
        [b'$', b'(', name @ .., b')'] => is_dotted(name, b"-_"),
        // Behind a dash a shell has a default.
        [b'$', b'{', name @ .., b'}'] => is_dotted(name, b"_"),
        [b'$', name @ ..] => is_key_file(name),
        _ => is_in_a_store(value),
    }
}

/// Paths and functions, with pipes between them, and no literal.
#[inline(never)]
fn is_lookup(inner: &[u8]) -> bool {
    let inner = inner.strip_prefix(b"-").unwrap_or(inner);
    let inner = inner.strip_suffix(b"-").unwrap_or(inner).trim_ascii();
    let is_known = |word: &[u8]| match word {
        [b'.', path @ ..] | [b'$', path @ ..] => {
            path.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
        }
        _ => ENCODERS.contains(&word) || word.split(|byte| b"._-".contains(byte)).all(is_word),
    };
    let is_stage = |stage: &[u8]| {
        let stage = stage.trim_ascii();
        !stage.is_empty() && stage.split(|&byte| byte == b' ').all(is_known)
    };
    inner.len() <= LONGEST_LOOKUP && inner.split(|&byte| byte == b'|').all(is_stage)
}

/// Longer ones are not looked at.
const LONGEST_LOOKUP: usize = 256;

/// Functions of templates that have digits in their names.
const ENCODERS: [&[u8]; 8] = [
    b"b64dec",
    b"b64enc",
    b"base64decode",
    b"base64encode",
    b"base64_decode",
    b"base64_encode",
    b"sha256sum",
    b"sha1sum",
];

/// Names with points between them, in which these signs may stand, too.
#[inline(never)]
fn is_dotted(path: &[u8], signs: &[u8]) -> bool {
    path.split(|&byte| byte == b'.').all(|name| {
        name.first().is_some_and(u8::is_ascii_alphabetic)
            && name.iter().all(|byte| byte.is_ascii_alphanumeric() || signs.contains(byte))
    })
}

#[inline(never)]
fn names_credential(name: &[u8]) -> bool {
    name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|byte| byte.is_ascii_alphabetic() || b"_-.:".contains(byte))
        && classify(name) != KeyName::Ordinary
}

fn is_key_file(name: &[u8]) -> bool {
    let variable = name.strip_suffix(b".key").or_else(|| name.strip_suffix(b".pem"));
    variable.is_some_and(|name| {
        !name.is_empty() && name.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_')
    })
}

/// A path in a store of credentials, and the key there.
#[inline(never)]
fn is_in_a_store(value: &[u8]) -> bool {
    let plain = |path: &[u8]| {
        path.contains(&b'/') && path.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/_.-".contains(byte))
    };
    if let Some(item) = value.strip_prefix(b"op://") {
        return plain(item);
    }
    let rest = match value {
        [b'<', b'p', b'a', b't', b'h', b':', rest @ .., b'>'] => Some(rest),
        _ => value.strip_prefix(b"vault:"),
    };
    let mut parts = rest.unwrap_or_default().split(|&byte| byte == b'#');
    let path = parts.next().is_some_and(plain);
    let key = parts.next().is_some_and(|key| {
        !key.is_empty() && key.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(byte))
    });
    let version = parts.next().is_none_or(|version| version.iter().all(u8::is_ascii_digit));
    path && key && version && parts.next().is_none()
}

/// A path below the working directory, the one above it or the home directory, or an absolute one below a
/// directory that every Linux system or container has.
#[inline(never)]
fn is_path(value: &[u8]) -> bool {
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    let relative = ["./", "../", "~/"].iter().find_map(|start| value.strip_prefix(start.as_bytes()));
    if relative.is_some_and(|rest| rest.iter().all(in_name)) {
        return true;
    }
    value.first() == Some(&b'/')
        && DIRECTORIES.iter().any(|directory| value.starts_with(directory.as_bytes()))
        && !value.iter().any(|byte| byte.is_ascii_whitespace() || matches!(byte, b',' | b'"' | b'='))
}

/// Whether the text is what the `hmac` action writes, `hmac:<key id>:<32 hex digits>`: its colons separate no
/// user from a password, and nothing in it is to be hidden again.
///
/// Told by this grammar alone, whatever the key: what a filter has signed, the next one may have no key of.
pub(crate) fn is_own_digest(text: &[u8]) -> bool {
    // Shorter than nearly all others, and this is asked of each.
    if text.len() < SHORTEST_DIGEST || text.len() > SHORTEST_DIGEST + KEY_ID - 1 {
        return false;
    }
    let Some(rest) = text.strip_prefix(b"hmac:") else { return false };
    let Some((key, digest)) = rest.len().checked_sub(33).and_then(|at| rest.split_at_checked(at)) else {
        return false;
    };
    let Some((b':', digits)) = digest.split_first() else { return false };
    is_key_id(key) && digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether the text can be the id of a key. `hmac:<key id>:<32 hex digits>` has to be told from all else by its
/// grammar alone.
pub(crate) fn is_key_id(text: &[u8]) -> bool {
    (1..=KEY_ID).contains(&text.len())
        && text.first().is_some_and(u8::is_ascii_alphanumeric)
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// The longest id of a key, in bytes.
pub(crate) const KEY_ID: usize = 32;

/// The length of a digest whose key has an id of one letter.
const SHORTEST_DIGEST: usize = b"hmac:k:".len() + 32;

pub(crate) const SWITCHES: [&str; 13] = [
    "true", "false", "yes", "no", "on", "off", "null", "none", "n/a", "required", "optional", "enabled",
    "disabled",
];

pub(crate) const DIRECTORIES: [&str; 14] = [
    "/app/", "/config/", "/data/", "/etc/", "/home/", "/mnt/", "/opt/", "/proc/", "/root/", "/run/", "/srv/",
    "/tmp/", "/usr/", "/var/",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_values_are_told_from_credentials() {
        for value in [
            "",
            "{}",
            "[]",
            "true",
            "False",
            "no",
            "$(TOKEN)",
            "${DB_PASSWORD}",
            "/var/run/secrets/kubernetes.io/serviceaccount/token",
            "/etc/kubernetes/kubelet.conf",
            "./temp",
            "../a/b.txt",
            "~/.kube/config",
            "required",
            "N/A",
            "{{ .token }}",
            "{{.Values.db.password}}",
            "{{ .token | base64decode | toString }}",
            "{{- $root.clientSecret | quote -}}",
            "{{ currentKubeconfigData }}",
            "{{inputs.parameters.github-token}}",
            "${{ secrets.DEPLOY_TOKEN }}",
            "$(params.github-token)",
            "${var.db_password}",
            "$slack-token",
            "$oidc.okta.clientSecret",
            "$argocd-secret:dex.github.clientSecret",
            "$secretReference",
            "$USERNAME.key",
            "vault:secret/data/mysql#MYSQL_PASSWORD",
            "vault:secret/data/account#password#1",
            "<path:secret/data/db#password>",
            "op://prod/db/password",
        ] {
            assert!(is_harmless(value.as_bytes()), "{value}");
        }
        for value in [
            "x",
            "0",
            "1",
            "hunter2",
            "$ecret",
            "$(",
            "$()",
            "$(cat x)",
            "${A:-hunter2}",
            "/uVZ+abc/def",
            "/aBc/dEf",
            "/etc/x hunter2",
            "./a b",
            "~x",
            ".hunter2",
            "trueish",
            "default",
            "{{ }}",
            "{{}}",
            "{{ \"hunter2\" | b64enc }}",
            "{{ .a }}hunter2",
            "hunter2{{ .a }}",
            "{{ .a }}{{ .b }}",
            "{{ hunter2 }}",
            "{{ aHVudGVyMg }}",
            "{{ default `hunter2` .a }}",
            "${a-hunter2}",
            "${a:-hunter2}",
            "$(echo hunter2)",
            "$Passw0rd",
            "$hunter",
            "$hunter2-token",
            "$.token",
            "$2a$10$abcdefghijklmnopqrstuv",
            "$a.key",
            "vault:hunter2",
            "vault:hunter2#x",
            "vault:a/b",
            "vault:a/b#x y",
            "vault:u:p@a/b#c",
            "op://hunter2",
            "<hunter2>",
        ] {
            assert!(!is_harmless(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn own_digests_are_told_by_exact_grammar() {
        for text in [
            "hmac:k1:0123456789abcdef0123456789abcdef",
            "hmac:k:0123456789abcdef0123456789abcdef",
            "hmac:2026-11_a.b:0123456789abcdef0123456789abcdef",
        ] {
            assert!(is_own_digest(text.as_bytes()), "{text}");
        }
        let long = alloc::format!("hmac:{}:0123456789abcdef0123456789abcdef", "k".repeat(33));
        for text in [
            "",
            long.as_str(),
            "hmac:k1:0123456789abcdef0123456789ABCDEF",
            "hmac::0123456789abcdef0123456789abcdef",
            "hmac:.k:0123456789abcdef0123456789abcdef",
            "hmac:k 1:0123456789abcdef0123456789abcdef",
            "hmac:k1:0123456789abcdef0123456789abcdeg",
            "hmac:k1:0123456789abcdef0123456789abcdef0",
            "hmac:",
            "hmac:k1:",
            "mac:k1:0123456789abcdef0123456789abcdef",
            "hmac:k1:0123456789abcdef0123456789abcde",
            "hmac:a:k1:0123456789abcdef0123456789abcdef",
        ] {
            assert!(!is_own_digest(text.as_bytes()), "{text}");
        }
    }
}
