//! What must become of texts that are read: URIs, names of objects, arguments.

use super::names::{Named, harmless, named, plain};

const MASK: &str = "[REDACTED]";

/// Parameters of Kubernetes' own that are never credentials.
const PARAMETERS: [&str; 12] = [
    "limit",
    "watch",
    "resourceVersion",
    "resourceVersionMatch",
    "timeout",
    "timeoutSeconds",
    "fieldManager",
    "fieldValidation",
    "dryRun",
    "allowWatchBookmarks",
    "sendInitialEvents",
    "pretty",
];

/// What a parameter is: also called as clients of OAuth call them.
fn parameter(name: &str) -> Named {
    match name {
        "token" | "access_token" | "id_token" => Named::Credential,
        name if PARAMETERS.contains(&name) => Named::Ordinary,
        _ => named(name),
    }
}

/// `name=value` with the value hidden or kept; `None` if that is not sure.
fn pair(pair: &str) -> Option<String> {
    let (name, value) = pair.split_once('=')?;
    let simple = value.chars().all(|letter| letter.is_ascii_alphanumeric() || "%-_.~".contains(letter));
    match parameter(name) {
        Named::Credential if simple && !harmless(value) && !value.contains(MASK) => {
            Some(format!("{name}={MASK}"))
        }
        Named::Ordinary if plain(value) || value.chars().all(|digit| digit.is_ascii_digit()) => {
            Some(pair.to_owned())
        }
        _ => None,
    }
}

/// What must become of a URI; `None` if a part of it is not sure.
pub(super) fn uri(uri: &str) -> Option<String> {
    let (path, query) = uri.split_once('?').map_or((uri, None), |(path, query)| (path, Some(query)));
    let ordinary = |part: &str| {
        part.len() <= 40
            && part.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-:".contains(letter))
    };
    let telling = ["token", "exec", "attach", "proxy", "portforward", "code", "eyj"];
    let lower = path.to_lowercase();
    if !path.starts_with('/')
        || !path.split('/').all(ordinary)
        || telling.iter().any(|word| lower.contains(word))
    {
        return None;
    }
    let Some(query) = query else { return Some(path.to_owned()) };
    let pairs: Option<Vec<String>> = query.split('&').map(pair).collect();
    Some(format!("{path}?{}", pairs?.join("&")))
}

/// What must become of the name of an object, to which a client may have appended parameters.
pub(super) fn object_name(name: &str) -> Option<String> {
    let mut parts = name.split(';');
    let first = parts.next().filter(|first| plain(first))?;
    let pairs: Option<Vec<String>> = parts.map(pair).collect();
    let rest: String = pairs?.iter().map(|pair| format!(";{pair}")).collect();
    Some(format!("{first}{rest}"))
}

/// What must become of each argument of a command; `None` where that is not sure.
pub(super) fn arguments(arguments: &[&str]) -> Vec<Option<String>> {
    let mut becomes = Vec::new();
    // Once something was met that may mean anything, nothing behind it is sure but flags with their value.
    let mut sure = true;
    let mut announced = false;
    for argument in arguments {
        let flag = argument
            .strip_prefix("--")
            .map(|flag| flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value))));
        let expected = std::mem::take(&mut announced);
        becomes.push(match flag {
            _ if expected => {
                let hidden = sure && is_word(argument) && !harmless(argument);
                hidden.then(|| MASK.to_owned())
            }
            Some((name, Some(value))) if is_flag(name) => match named(name) {
                Named::Credential if is_word(value) && !harmless(value) => Some(format!("--{name}={MASK}")),
                Named::Ordinary if plain(value) => Some((*argument).to_owned()),
                _ => None,
            },
            Some((name, None)) if is_flag(name) => match named(name) {
                Named::Credential => {
                    announced = true;
                    Some((*argument).to_owned())
                }
                Named::Ordinary => Some((*argument).to_owned()),
                Named::Unsure => {
                    sure = false;
                    None
                }
            },
            None if sure
                && plain(argument)
                && named(argument) == Named::Ordinary
                && !TOOLS.contains(argument) =>
            {
                Some((*argument).to_owned())
            }
            _ => {
                sure = false;
                None
            }
        });
    }
    becomes
}

/// Words that announce something, and the beginnings of tools that read their arguments in a way of their own.
const TOOLS: [&str; 8] = ["set", "bearer", "identified", "add", "target", "sqlplus", "rman", "exp"];

fn is_flag(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
}

fn is_word(value: &str) -> bool {
    !value.starts_with('-')
        && value.chars().all(|letter| letter.is_ascii_alphanumeric() || "!._+@".contains(letter))
}
