//! What a client may have logged to make a filter slow, in any length.
//!
//! Each family repeats one thing that costs something to look at; whether cost stays in proportion to the length is
//! what it is for. Everything is in a body that is walked: a custom resource, unless a family says otherwise.

use std::fmt::Write as _;

/// One way to be hostile.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// What is repeated.
    pub name: &'static str,
    /// How deep texts lie in texts: each level is unescaped and walked once more.
    pub levels: u32,
    event: fn(usize) -> String,
}

impl Family {
    /// An event of about this many bytes.
    pub fn event(&self, bytes: usize) -> Vec<u8> {
        (self.event)(bytes).into_bytes()
    }
}

const fn family(name: &'static str, event: fn(usize) -> String) -> Family {
    Family { name, levels: 0, event }
}

const fn texts(name: &'static str, levels: u32, event: fn(usize) -> String) -> Family {
    Family { name, levels, event }
}

/// Every family.
pub const FAMILIES: &[Family] = &[
    // Strings.
    family("backslashes", |n| widget(&format!(r#""{}""#, fill(n, r"\\")))),
    family("escaped quotes", |n| widget(&format!(r#""{}""#, fill(n, r#"\""#)))),
    family("escapes of six bytes", |n| widget(&format!(r#""{}""#, fill(n, r"\u007b")))),
    family("escaped line ends", |n| widget(&format!(r#""{}""#, fill(n, r"\n")))),
    family("braces in a string", |n| widget(&format!(r#""{}""#, fill(n, "{")))),
    family("brackets in a string", |n| widget(&format!(r#""{}""#, fill(n, "[")))),
    family("braces and quotes in a string", |n| widget(&format!(r#""{}""#, fill(n, r#"{\"a\":"#)))),
    family("one letter", |n| widget(&format!(r#""{}""#, fill(n, "a")))),
    family("letters beyond ASCII", |n| widget(&format!(r#""{}""#, fill(n, "é")))),
    family("white space between tokens", |n| widget(&format!("[{}0]", fill(n, " ")))),
    family("empty strings", |n| widget(&list(n, r#""""#))),
    family("short strings", |n| widget(&list(n, r#""abc""#))),
    family("digits", |n| widget(&list(n, "1"))),
    family("one long number", |n| widget(&fill(n, "1"))),
    // Containers.
    family("arrays in arrays", |n| widget(&nested(n, "[", "", "]"))),
    family("objects in objects", |n| widget(&nested(n, r#"{"a":"#, "1", "}"))),
    family("objects in arrays in objects", |n| widget(&nested(n, r#"{"a":["#, "1", "]}"))),
    family("brackets without end", |n| widget(&fill(n, "["))),
    family("braces without end", |n| widget(&fill(n, r#"{"a":"#))),
    family("empty objects", |n| widget(&list(n, "{}"))),
    family("width", |n| widget(&wide(n, "k", "0"))),
    family("width of short names", |n| widget(&object(n, r#""a":0"#))),
    family("keys at every level", |n| {
        widget(&nested(n, &format!(r#"{{{}"z":"#, fill(300, r#""k":"v","#)), "1", "}"))
    }),
    family("keys below 48 levels", |n| {
        widget(&format!("{}{}{}", r#"{"a":"#.repeat(60), wide(n, "k", "0"), "}".repeat(60)))
    }),
    // Names.
    family("names that mean something", |n| widget(&object(n, r#""data":"","kind":"x","metadata":{}"#))),
    family("names that are cut", |n| {
        widget(&object(
            n,
            r#""dat":"","stringDat":"","metadat":{},"kin":"","annotation":{},"tok":"","passwor":"","api":"""#,
        ))
    }),
    family("names with one letter more", |n| {
        widget(&object(
            n,
            r#""datas":"","stringDatas":"","kinds":"","annotationss":{},"tokenss":"","passwordss":"""#,
        ))
    }),
    family("names of credentials", |n| widget(&object(n, r#""password":"x1y2z3","apiKey":"x1y2z3""#))),
    family("names of many words", |n| widget(&object(n, r#""aB_cD-eF.gH_iJ-kL.mN_oP-qR.sT_uV":"value1""#))),
    family("names with escapes", |n| widget(&object(n, r#""\u0064\u0061t\u0061":"","p\u0061ssword":"abc""#))),
    family("one long name", |n| widget(&format!(r#"{{"{}":"v"}}"#, fill(n, "passwor")))),
    family("one name over and over", |n| widget(&object(n, r#""data":{"a":"b"}"#))),
    family("kinds over and over", |n| widget(&object(n, r#""kind":"Secret","kind":"Secre","data":{}"#))),
    family("members of the event over and over", |n| {
        event("widgets", "1", &fill(n, r#","stage":"x","verb":"get""#))
    }),
    family("references over and over", |n| {
        event("widgets", "1", &fill(n, r#","objectRef":{"resource":"pods","name":"a"}"#))
    }),
    family("unknown members of the event", |n| {
        event("widgets", "1", wide(n, "k", "0").trim_end_matches('}').replacen('{', ",", 1).as_str())
    }),
    // What is only known at the end, so that the walk begins again.
    family("kind behind data", |n| widget(&list(n, r#"{"data":{"a":"b"},"kind":"Secret"}"#))),
    family("kind behind data, nested", |n| {
        widget(&nested(n, r#"{"data":{"a":"#, r#""b""#, r#"},"kind":"Secret"}"#))
    }),
    family("name behind value", |n| widget(&list(n, r#"{"value":"x1y2","name":"PASSWORD"}"#))),
    family("name behind value, nested", |n| {
        widget(&nested(n, r#"{"value":"#, r#""b""#, r#","name":"PASSWORD"}"#))
    }),
    family("environment", |n| workload(n, r#"{"name":"A","env":[{"value":"x1y2z3","name":"PASSWORD"}]}"#)),
    family("reference behind the body", |n| {
        let body = object(n, r#""a":{"b":"c"}"#);
        format!(
            r#"{{"kind":"Event","level":"Request","requestObject":{body},"objectRef":{{"resource":"secrets"}}}}"#
        )
    }),
    // Secrets.
    family("a Secret of empty values", |n| event("secrets", &object(n, r#""a":"""#), "")),
    family("a Secret of digits", |n| event("secrets", &list(n, "1"), "")),
    family("a Secret of arrays in arrays", |n| event("secrets", &nested(n, "[", "", "]"), "")),
    family("Secrets in a list", |n| widget(&list(n, r#"{"kind":"Secret","data":{"a":"b"}}"#))),
    family("Secrets of many values", |n| {
        widget(&list(n, &format!(r#"{{"kind":"Secret","data":{}}}"#, object(2000, r#""a":"""#))))
    }),
    family("a patch of operations", |n| {
        event("secrets", &list(n, r#"{"op":"add","path":"/data/a~1b","value":"c"}"#), "")
    }),
    // Values that look like something.
    family("beginnings of credentials", |n| {
        widget(&list(n, r#""Bearer ","eyJ","-----BEGIN ","AKIA","Basic ""#))
    }),
    family("links", |n| widget(&list(n, r#""https://a:@b/?token""#))),
    family("one text of near misses", |n| {
        widget(&format!(r#""{}""#, fill(n, "Bearer passwor= --toke :// user:@ AKIA eyJ. ")))
    }),
    family("assignments", |n| config_map(&format!(r#""{}""#, fill(n, r"passwor=a\n")))),
    family("lines that begin a list", |n| config_map(&format!(r#""{}""#, fill(n, r"- - - a: \n")))),
    family("lines that go deeper", |n| config_map(&format!(r#""{}""#, stairs(n)))),
    family("colons", |n| config_map(&format!(r#""{}""#, fill(n, ": ")))),
    family("base64", |n| config_map(&format!(r#""{}""#, fill(n, "YWJj")))),
    family("arguments", |n| workload(n, r#"{"args":["--passwor","x","--toke=y","-p"]}"#)),
    family("one command", |n| {
        workload(0, &format!(r#"{{"command":["sh","-c","{}"]}}"#, fill(n, "curl -u a --header 'x' ; ")))
    }),
    family("one argument", |n| workload(0, &format!(r#"{{"args":["{}"]}}"#, fill(n, "--a=b")))),
    family("percent signs in the URI", |n| uri(&format!("?a={}", fill(n, "%25")))),
    family("parameters of the URI", |n| uri(&format!("?a{}", fill(n, "&toke=x")))),
    family("segments of the URI", |n| uri(&fill(n, "/proxy/a"))),
    family("one error text", |n| {
        event(
            "widgets",
            "1",
            &format!(r#","responseStatus":{{"message":"{}"}}"#, fill(n, r#"invalid value: \"a\": token "#)),
        )
    }),
    family("user agent", |n| event("widgets", "1", &format!(r#","userAgent":"{}""#, fill(n, "a/b (c) ")))),
    // Texts in texts.
    texts("texts", 1, |n| widget(&list(n, r#""{\"a\":\"b\"}""#))),
    texts("one text", 1, |n| widget(&quoted(&object(n, r#""a":"b","kind":"x""#)))),
    texts("a text in a text", 2, |n| widget(&quoted(&quoted(&object(n / 2, r#""a":{"b":1}"#))))),
    texts("texts in texts, as deep as is read", 4, |n| {
        widget(&quoted(&quoted(&quoted(&quoted(&object(n / 9, r#""a":{"b":1}"#))))))
    }),
    texts("texts in texts, deeper than is read", 4, |n| {
        let mut text = String::from("{}");
        while text.len() < n / 2 {
            text = format!(r#"{{"a":{}}}"#, quoted(&text));
        }
        widget(&text)
    }),
    texts("texts amid prose", 1, |n| widget(&format!(r#""{}""#, fill(n, r#"got {\"a\":\"b\"} here "#)))),
    texts("last applied, kind last", 1, |n| {
        let objects = list(n, r#"{"data":{"a":"b"},"kind":"Secret"}"#);
        let text = quoted(&objects);
        widget(&format!(
            r#"{{"metadata":{{"annotations":{{"kubectl.kubernetes.io/last-applied-configuration":{text}}}}}}}"#
        ))
    }),
];

/// As much of `unit` as makes `bytes`.
fn fill(bytes: usize, unit: &str) -> String {
    unit.repeat(bytes / unit.len())
}

fn list(bytes: usize, item: &str) -> String {
    format!("[{}{item}]", fill(bytes, &format!("{item},")))
}

fn object(bytes: usize, members: &str) -> String {
    format!("{{{}{members}}}", fill(bytes, &format!("{members},")))
}

fn nested(bytes: usize, open: &str, leaf: &str, close: &str) -> String {
    let levels = bytes / (open.len() + close.len());
    format!("{}{leaf}{}", open.repeat(levels), close.repeat(levels))
}

/// An object of as many names as make `bytes`.
fn wide(bytes: usize, name: &str, value: &str) -> String {
    let mut text = String::from("{");
    for number in 0..bytes / (name.len() + value.len() + 10) {
        let _ = write!(text, r#""{name}{number:06}":{value},"#);
    }
    text.push_str(r#""last":0}"#);
    text
}

/// Lines of YAML, each deeper than the one before, and back again before they get long.
fn stairs(bytes: usize) -> String {
    let mut text = String::new();
    while text.len() < bytes {
        for depth in 0..40 {
            let _ = write!(text, r"{}a:\n", " ".repeat(depth));
        }
    }
    text
}

fn quoted(text: &str) -> String {
    crate::json::escape(text)
}

fn event(resource: &str, body: &str, more: &str) -> String {
    format!(
        concat!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","#,
            r#""auditID":"6e5a1b2c-0000-4000-8000-000000000004","stage":"ResponseComplete","#,
            r#""requestURI":"/api","verb":"update","user":{{"username":"mallory"}},"#,
            r#""objectRef":{{"resource":"{}","namespace":"prod","name":"w","apiVersion":"v1"}},"#,
            r#""requestObject":{}{}}}"#
        ),
        resource, body, more
    )
}

fn widget(body: &str) -> String {
    event("widgets", body, "")
}

fn config_map(value: &str) -> String {
    event("configmaps", &format!(r#"{{"kind":"ConfigMap","data":{{"x.yaml":{value}}}}}"#), "")
}

fn workload(bytes: usize, container: &str) -> String {
    let containers = list(bytes, container);
    let body =
        format!(r#"{{"kind":"Deployment","spec":{{"template":{{"spec":{{"containers":{containers}}}}}}}}}"#);
    event("deployments", &body, "")
}

fn uri(rest: &str) -> String {
    event("widgets", "1", "").replacen(r#""/api""#, &format!(r#""/api{rest}""#), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn as_long_as_asked_for() {
        for family in FAMILIES {
            for bytes in [4096, 65_536] {
                let length = family.event(bytes).len();
                assert!((bytes / 2..bytes * 3).contains(&length), "{}: {length}", family.name);
            }
        }
    }

    #[test]
    fn valid_unless_the_name_says_so() {
        for family in FAMILIES {
            let event = family.event(4096);
            let valid = json::is_json(std::str::from_utf8(&event).unwrap()).is_ok();
            assert_eq!(valid, !family.name.ends_with("without end"), "{}", family.name);
        }
    }
}
