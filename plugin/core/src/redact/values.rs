//! What a value says of itself, whatever its name: that it can be no credential.

/// Whether `value` cannot be a credential, whatever its name: nothing, a switch, another variable's name as
/// Kubernetes or a shell expands it, or the path of a file in one of the usual places.
///
/// A path is recognised by its first directory, not by slashes: base64 has slashes too.
pub(crate) fn is_harmless(value: &[u8]) -> bool {
    let switch = || SWITCHES.iter().any(|switch| value.eq_ignore_ascii_case(switch.as_bytes()));
    value.is_empty() || is_placeholder(value) || is_path(value) || switch()
}

/// `$(NAME)` or `${NAME}`: what Kubernetes and shells replace by a variable's value.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    let name = match value {
        [b'$', b'(', name @ .., b')'] | [b'$', b'{', name @ .., b'}'] => name,
        _ => return false,
    };
    name.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// A path below the working directory, the one above it or the home directory, or an absolute one below a
/// directory that every Linux system or container has.
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

const SWITCHES: [&str; 7] = ["true", "false", "yes", "no", "on", "off", "null"];

const DIRECTORIES: [&str; 14] = [
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
