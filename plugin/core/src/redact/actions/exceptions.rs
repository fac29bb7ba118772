//! Values that stay although a row hides them, by `redact.keep`. Data, and how a path is compared.
//!
//! A path leads from the body of a request or an answer to a value, name by name: `spec.template.spec`. `*` is
//! any name and any element, a number is an element, and a backslash takes the meaning of what follows it:
//! `data.tls\.crt`. Elements may stand in brackets: `containers[*].args[0]`. Everything below the value stays
//! too. In a list the path begins at each of its `items`, in a table at the object of each of its `rows`.
//!
//! Only rows whose class has a key of its own give way; nothing of a Secret does.

use alloc::string::String;
use alloc::vec::Vec;

/// One part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// `*`.
    Any,
    /// A member of this name, or, if it is a number, this element.
    Name(String),
}

/// What an exception is about.
#[derive(Clone, Debug)]
pub(crate) struct Exception {
    resource: String,
    /// None: any.
    group: Option<String>,
    /// Empty: the object itself; `*`: that and all of them.
    subresource: String,
    /// None: any, or none.
    namespace: Option<String>,
    pub(super) path: Vec<Part>,
}

/// What a request was about; empty where the event does not tell.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Request<'a> {
    pub(crate) group: &'a [u8],
    pub(crate) resource: &'a [u8],
    pub(crate) subresource: &'a [u8],
    pub(crate) namespace: &'a [u8],
}

impl Exception {
    /// An exception of a resource, spelled `resource`, `resource.group` or `resource/subresource`; `None` if the
    /// path is none.
    pub(crate) fn new(resource: &str, path: &str, namespace: Option<&str>) -> Option<Exception> {
        let (object, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        let (name, group) = match object.split_once('.') {
            Some((name, group)) => (name, Some(group.into())),
            None => (object, None),
        };
        Some(Exception {
            resource: name.into(),
            group,
            subresource: subresource.into(),
            namespace: namespace.map(Into::into),
            path: parts(path)?,
        })
    }

    /// Whether it is about the objects of a request.
    pub(super) fn is_about(&self, request: Request<'_>) -> bool {
        let subresource = self.subresource == "*" || self.subresource.as_bytes() == request.subresource;
        subresource
            && self.resource.as_bytes() == request.resource
            && self.group.as_ref().is_none_or(|group| group.as_bytes() == request.group)
            && self.namespace.as_ref().is_none_or(|namespace| namespace.as_bytes() == request.namespace)
    }
}

/// The parts of a path; `None` if one is empty, brackets hold no element, or the path ends with a backslash.
fn parts(path: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut characters = path.chars().peekable();
    loop {
        let mut name = String::new();
        let mut plain = true;
        while let Some(character) = characters.next_if(|character| !matches!(character, '.' | '[')) {
            plain &= character != '\\';
            name.push(if character == '\\' { characters.next()? } else { character });
        }
        if name.is_empty() {
            return None;
        }
        parts.push(if plain && name == "*" { Part::Any } else { Part::Name(name) });
        while characters.next_if_eq(&'[').is_some() {
            let mut element = String::new();
            while let Some(character) = characters.next_if(|character| *character != ']') {
                element.push(character);
            }
            characters.next()?;
            parts.push(match element.as_str() {
                "*" => Part::Any,
                "" => return None,
                number if number.bytes().all(|byte| byte.is_ascii_digit()) => Part::Name(element),
                _ => return None,
            });
        }
        match characters.next() {
            None => return Some(parts),
            Some('.') => {}
            Some(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Part {
        Part::Name(text.into())
    }

    #[test]
    fn paths() {
        assert_eq!(parts("data.motd"), Some([name("data"), name("motd")].into()));
        assert_eq!(parts(r"data.tls\.crt"), Some([name("data"), name("tls.crt")].into()));
        assert_eq!(parts(r"a.*.\*.\\"), Some([name("a"), Part::Any, name("*"), name("\\")].into()));
        assert_eq!(
            parts("a[*].b[0][1]"),
            Some([name("a"), Part::Any, name("b"), name("0"), name("1")].into())
        );
        assert_eq!(parts(r"a\[*].\["), Some([name("a[*]"), name("[")].into()));
        for path in [
            "", ".", "a.", ".a", "a..b", "a\\", "[0]", "a.[0]", "a[", "a[]", "a[x]", "a[*", "a[0]b", "a[-1]",
            "a[*1]",
        ] {
            assert_eq!(parts(path), None, "{path}");
        }
    }

    #[test]
    fn what_an_exception_is_about() {
        let about = |resource: &str, namespace: Option<&str>, request: [&str; 4]| {
            let [group, resource_asked, subresource, asked] = request.map(str::as_bytes);
            let request = Request { group, resource: resource_asked, subresource, namespace: asked };
            Exception::new(resource, "data", namespace).unwrap().is_about(request)
        };
        for (resource, namespace, request) in [
            ("configmaps", None, ["", "configmaps", "", "prod"]),
            ("configmaps", Some("prod"), ["", "configmaps", "", "prod"]),
            ("deployments", None, ["apps", "deployments", "", ""]),
            ("deployments.apps", None, ["apps", "deployments", "", ""]),
            ("pods/status", None, ["", "pods", "status", ""]),
            ("pods/*", None, ["", "pods", "status", ""]),
            ("pods/*", None, ["", "pods", "", ""]),
            ("x.example.com/status", None, ["example.com", "x", "status", ""]),
        ] {
            assert!(about(resource, namespace, request), "{resource} {request:?}");
        }
        for (resource, namespace, request) in [
            ("configmaps", None, ["", "secrets", "", "prod"]),
            ("configmaps", Some("prod"), ["", "configmaps", "", ""]),
            ("deployments.apps", None, ["example.com", "deployments", "", ""]),
            ("pods", None, ["", "pods", "status", ""]),
            ("pods", None, ["", "", "", ""]),
        ] {
            assert!(!about(resource, namespace, request), "{resource} {request:?}");
        }
    }
}
