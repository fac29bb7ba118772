//! What becomes of texts, as patterns of VRL.
//!
//! The core hides a part of a text; VRL hides all of it, or nothing. So each pattern here takes *more* texts than the core
//! hides anything in: a text stays only where it is sure that the core would leave it alone.

use crate::quote::{alternatives, one_of, pattern};
use crate::walk::reader;
use auditveil_core::tables::{self, HARMLESS_VALUES, Place, Text};
use std::collections::BTreeMap;

/// Of a longer format so many characters are enough to know it.
const LONG: usize = 40;

/// JSON amid prose, or an escape that may spell it.
pub(crate) const HOLDS_JSON: &str = r#"\{(?:\s|\\[nrt])*["\\]|\\u007[bB]"#;

/// What a text has in which the core may find a credential by its look, and some more.
pub(crate) fn suspicious() -> String {
    let mut each: Vec<String> = Vec::new();
    for (id, prefixes, shortest) in tables::formats() {
        let behind = match id {
            "private_key" => "[A-Z ]*PRIVATE KEY".to_owned(),
            // Said of a token, a few signs before it.
            "bootstrap_token" => r"[^A-Za-z0-9]{1,8}[a-z0-9]{6}\.".to_owned(),
            _ => format!(r"[A-Za-z0-9+/=_.~:%\-]{{{}}}", shortest.min(LONG)),
        };
        each.push(format!("(?:{}){behind}", alternatives(prefixes.iter().copied())));
    }
    let encoded: Vec<String> = tables::encoded_formats().flat_map(in_base64).collect();
    each.push(alternatives(encoded.iter().map(String::as_str)));
    each.push(HOLDS_JSON.to_owned());
    // YAML of a Secret.
    each.push(r"kind[\s\S]{0,40}Secret[\s\S]*\n|\n[\s\S]*kind[\s\S]{0,40}Secret".to_owned());
    // What names announce, and passwords in URLs.
    each.push(
        // `pin` as a word only: it stands in `alpine:`.
        r"(?:(?i:pass|pwd|secret|token|key|credential|auth|bearer|cookie|session|jwt|salt|psk|dsn|sas|sig|code|otp|ticket|assertion|saml|hmac|sid)|(?:^|[^A-Za-z])(?i:pin)|[a-z]Pin)[A-Za-z0-9_.\-]*[\x22\x27\\]*\s*[=:]"
            .to_owned(),
    );
    each.push(
        r"(?i:bearer|basic|digest|negotiate|password|passphrase|token)\s+[A-Za-z0-9+/=_.\-]{6,}".to_owned(),
    );
    each.push(r"//[^/\s]*@|:[^\s:@/]+@".to_owned());
    each.push(
        r"^\s*(?:eyJ|ewo|ew0|eyA|ewk|W3s|WyJ|Wwo)[A-Za-z0-9+/_\-]|(?:AKIA|ASIA)[A-Z0-9]{12}|^H4sI".to_owned(),
    );
    each.join("|").replace('\'', "\\x27")
}

/// How a text begins in base64 in each of the three ways in which it can stand in another.
fn in_base64(literal: &str) -> Vec<String> {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (0..3_usize)
        .filter_map(|before| {
            let bytes: Vec<u8> = std::iter::repeat_n(0, before).chain(literal.bytes()).collect();
            let bits: Vec<bool> =
                bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
            // Only signs that the literal alone decides.
            let first = (before * 8).div_ceil(6);
            let signs: String = bits
                .chunks_exact(6)
                .skip(first)
                .filter_map(|six| {
                    let index = six.iter().fold(0_usize, |sum, &bit| sum << 1 | usize::from(bit));
                    SIGNS.get(index).map(|&sign| char::from(sign))
                })
                .collect();
            (signs.len() >= 4).then_some(signs)
        })
        .collect()
}

/// Texts that say of themselves that they are no credential: `values.rs` of the core.
pub(crate) fn harmless() -> String {
    let (switches, directories) = HARMLESS_VALUES;
    let directories = alternatives(directories.iter().copied());
    [
        "^$".to_owned(),
        format!("^(?i:{})$", alternatives(switches.iter().copied())),
        r"^\{\}$|^\[\]$".to_owned(),
        r"^\$\([A-Za-z_][A-Za-z0-9_]*\)$|^\$\{[A-Za-z_][A-Za-z0-9_]*\}$".to_owned(),
        r"^(?:\./|\.\./|~/)[A-Za-z0-9_./\-]*$".to_owned(),
        format!("^(?:{directories})[^\\s,\"=]*$"),
        r"^\$\((?:[A-Za-z][A-Za-z0-9_\-]*)(?:\.[A-Za-z][A-Za-z0-9_\-]*)*\)$".to_owned(),
        r"^\$\{(?:[A-Za-z][A-Za-z0-9_]*)(?:\.[A-Za-z][A-Za-z0-9_]*)*\}$".to_owned(),
        r"^\$[A-Z_]+\.(?:key|pem)$".to_owned(),
        r"^\$?\{\{-? *(?:[.$][A-Za-z0-9_.\-]*|b64enc|b64dec|quote|toString)(?: *\| *(?:b64enc|b64dec|quote|toString|trim))* *-?\}\}$".to_owned(),
        r"^op://[A-Za-z0-9_./\-]*/[A-Za-z0-9_./\-]*$".to_owned(),
        r"^(?:vault:|<path:)[A-Za-z0-9_.\-]*/[A-Za-z0-9_./\-]*#[A-Za-z0-9_.\-]+(?:#[0-9]*)?>?$".to_owned(),
    ]
    .join("|")
}

/// What becomes of a text, by its place.
pub(crate) fn by_place(places: &[Place]) -> String {
    let mut opens: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut copies: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut does: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for place in places {
        let name = place.name;
        let what = match place.text {
            Text::Keep => "keep = true",
            Text::Mask => "reading = \"mask\"",
            Text::Known => "reading = \"known\"",
            Text::Sniff | Text::PairName | Text::ColumnName => "reading = \"sniff\"",
            Text::Cell => "reading = \"Message\"",
            Text::Credential => "reading = \"credential\"",
            Text::Word => "reading = if match(text, r'^[A-Za-z]{1,64}$') { \"\" } else { \"mask\" }",
            Text::Identifier => {
                "reading = if match(text, r'^[A-Za-z0-9._\\-]{0,253}$') { \"\" } else { \"mask\" }"
            }
            Text::Measure => {
                "reading = if match(text, r'^(?:true|false|[0-9.hmnsµ]{0,31})$') { \"\" } else { \"mask\" }"
            }
            Text::Operation => {
                "reading = if match(text, r'^(?:add|remove|replace|move|copy|test)$') { \"\" } else { \"mask\" }"
            }
            Text::Pointer => {
                "reading = if match(text, r'^(?:$|/(?:data|stringData|metadata|type|immutable|kind|apiVersion)(?:/[A-Za-z0-9._~\\-]{0,317})*$)') { \"\" } else { \"mask\" }"
            }
            Text::Json(at) => {
                opens.entry(at).or_default().push(name);
                continue;
            }
            Text::Read(reader) => {
                copies.entry(copy_of(reader)).or_default().push(name);
                continue;
            }
        };
        if matches!(place.text, Text::Sniff | Text::Known | Text::PairName | Text::ColumnName) {
            copies.entry(place.copy).or_default().push(name);
        }
        does.entry(what).or_default().push(name);
    }
    let mut out = String::new();
    let branches =
        does.into_iter().map(|(what, names)| format!("if match(place, {}) {{ {what} }}", one_of(names)));
    out += &branches.collect::<Vec<_>>().join("\nelse ");
    let readers: Vec<String> = places
        .iter()
        .filter_map(|place| reader(place).map(|reader| (reader, place.name)))
        .fold(BTreeMap::<&str, Vec<&str>>::new(), |mut all, (reader, name)| {
            all.entry(reader).or_default().push(name);
            all
        })
        .into_iter()
        .map(|(reader, names)| format!("if match(place, {}) {{ reading = \"{reader}\" }}", one_of(names)))
        .collect();
    out += "\nelse ";
    out += &readers.join("\nelse ");
    out += "\nelse ";
    let opens = opens
        .into_iter()
        .map(|(at, names)| format!("if match(place, {}) {{ opened = \"{at}\" }}", one_of(names)));
    out += &opens.collect::<Vec<_>>().join("\nelse ");
    // Text that begins as JSON is opened where it is not hidden anyway.
    out += "\nif match(text, r'^\\s*[\\{\\[\"]') && !starts_with(text, \"[REDACTED]\") {\n    ";
    let copies = copies
        .into_iter()
        .filter(|(at, _)| !at.is_empty())
        .map(|(at, names)| format!("if match(place, {}) {{ opened = \"{at}\" }}", one_of(names)));
    out += &copies.collect::<Vec<_>>().join("\n    else ");
    out += "\n}";
    out
}

/// At which place what JSON text holds is walked that a reader would get: `reading.rs` of the core.
fn copy_of(reader: &str) -> &'static str {
    match reader {
        "Uri" => "RequestUri",
        "ObjectName" => "ObjectName",
        "ClientText" => "UserExtraValue",
        "Message" => "Message",
        "FieldPath" => "CauseField",
        "Argument" | "FreeText" | "Encoded" | "DataUrl" | "ProbePath" => "Custom",
        _ => "",
    }
}

/// What each reader leaves alone; anything else is hidden whole.
pub(crate) fn readings() -> String {
    let parameters = alternatives(tables::own_parameters().iter().copied());
    let path = r"/[A-Za-z0-9/._:~\-]*";
    let uri = format!(
        r"^{path}(?:\?(?:(?:{parameters})(?:=(?:[A-Za-z0-9.:\-]{{0,40}}|[A-Za-z0-9.\-]*(?:%3D|%21%3D|%2C|%2F|[A-Za-z0-9._,/!~\-])*))?(?:&|$))*)?$"
    );
    let name = r"[A-Za-z0-9:._@\-]{1,253}";
    let message = [
        format!(r#"^[a-z0-9.\-]+ "{name}" (?:not found|already exists)$"#),
        format!(
            r#"^[a-z0-9./\-]+(?: "{name}")? is forbidden: User "{name}" cannot [a-z]+ resource "[a-z0-9./\-]+" in API group "[a-z0-9.\-]*" (?:at the cluster scope|in the namespace "{name}")$"#
        ),
        r"^[A-Za-z][A-Za-z ,]{0,200}\.?$".to_owned(),
        r"^[A-Za-z0-9.\-]{0,63}$".to_owned(),
    ]
    .join("|");
    let agent = r"^[A-Za-z0-9 ./()_,+\-]*(?:/system:serviceaccount:[a-z0-9.\-]+:[a-z0-9.\-]+)?$";
    let client = format!(
        r"{agent}|^(?:system:)?[A-Za-z0-9:.\-]+$|^[A-Za-z0-9.\-]+@[A-Za-z0-9.\-]+$|^(?:JTI|X509SHA256)=[0-9a-f\-]+$"
    );
    let free = r"^[A-Za-z0-9 ._,+*()~\-]{0,19}$|^[A-Za-z0-9._\-]{0,63}$|^/[a-z0-9/._\-]*$|^\$\([A-Za-z_][A-Za-z0-9_]*\)$";
    // A word by itself may be what the flag before it asks for, so only those that run something.
    let long_flag = r"^(?:--[a-z][a-z0-9\-]*|-[a-z]|/[a-z0-9/._\-]*|ash|bash|cat|cp|curl|dash|echo|exec|ls|node|npm|python3?|run|serve|server|sh|sleep|start|tail|true|wget|zsh)$";
    let no_literal = r"^[^\x22\x27`/\\]*$";
    let each: [(&str, String); 11] = [
        ("Uri", uri),
        ("ProbePath", format!("^{path}$")),
        ("ObjectName", r"^[^;%=\\\s]*$".to_owned()),
        ("ClientText", client),
        ("Message", message),
        ("FieldPath", r"^[A-Za-z0-9.]*$".to_owned()),
        ("Expression", no_literal.to_owned()),
        ("Condition", no_literal.to_owned()),
        ("Argument", format!("^$|{long_flag}")),
        ("FreeText", format!("{free}|{}", r"^https?://[a-z0-9.\-]+(?::[0-9]+)?(?:/[a-z0-9/._\-]{0,80})?$")),
        ("Encoded", "^$".to_owned()),
    ];
    let mut out = String::from("if opened == \"\" && row == \"\" && out == value {\n    plain = true\n    ");
    let branches: Vec<String> = each
        .iter()
        .map(|(reader, stays)| format!("if reading == \"{reader}\" {{ plain = match(text, r'{}') }}", stays.replace('\'', "\\x27")))
        .chain(["if includes([\"SecretMessage\", \"CertificateRequest\", \"DataUrl\"], reading) { plain = text == \"\" }".to_owned()])
        .collect();
    out += &branches.join("\n    else ");
    let looked_at =
        ["Uri", "ProbePath", "ObjectName", "FieldPath", "ClientText", "Message", "Argument", "FreeText"];
    out += &format!(
        "\n    if plain && match(reading, {}) && match(text, r'{}') {{ plain = false }}\n    \
         # OAuth tokens of OpenShift were names of objects.\n    \
         if reading == \"Uri\" && match(text, r'(?i)oauth(?:access|authorize)tokens') {{ plain = false }}\n    if !plain {{ row = \"@\" }}\n}}",
        one_of(looked_at),
        suspicious(),
    );
    out += &format!(
        "\nif match(place, r'^(?:SecretPatchPath|Plain|Identifier|Cell)$') && row == \"\" && match(text, r'{}') {{ row = \"@\" }}",
        suspicious()
    );
    out
}

/// What can be read of a line that is no JSON, safely: by the forms of what an API server writes.
pub(crate) fn rescue() -> String {
    let stages = alternatives(auditveil_core::policy::Stage::NAMES.iter().copied());
    let time = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z";
    let each = [
        ("auditID", r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("stage", stages.as_str()),
        ("verb", "create|update|patch|delete|deletecollection|get|list|watch"),
        ("requestReceivedTimestamp", time),
        ("stageTimestamp", time),
    ];
    let lines: Vec<String> = each
        .iter()
        .map(|(name, form)| {
            format!(
                "found, broken = parse_regex(raw, r'^\\s*\\{{[^\\{{]*?\"{}\"\\s*:\\s*\"(?P<value>{form})\"')\n    \
                 if broken == null {{ answer.{name} = found.value }}",
                pattern(name)
            )
        })
        .collect();
    lines.join("\n    ")
}
