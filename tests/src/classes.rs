//! Events by class: what benchmarks, the count of instructions and the bounds on memory are about.
//!
//! Taken from the committed logs where they have such events, made from them where they do not; the same at every
//! run. The hostile ones are in [`hostile`].

use crate::corpus::{self, Server};
use crate::{Error, hostile, json};

/// Events that have something in common that decides what they cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// What they are, in a few words.
    pub name: &'static str,
    /// Each is one line of a log, without its newline.
    pub events: Vec<Vec<u8>>,
}

impl Class {
    /// The length of all events together.
    pub fn bytes(&self) -> usize {
        self.events.iter().map(Vec::len).sum()
    }
}

/// From this length on, bodies count as large.
const LARGE: usize = 4096;
/// The few events beyond this would be all there is to a class.
const HUGE: usize = 256 * 1024;
/// Of each hostile family.
const HOSTILE: usize = 64 * 1024;

/// Every class: `metadata`, `small`, `large`, `secrets`, `2-mib`, `hostile`.
///
/// # Errors
///
/// The corpus cannot be read.
pub fn all() -> Result<Vec<Class>, Error> {
    let traffic = corpus::traffic()?;
    let (mut metadata, mut small, mut large, mut secrets) = (vec![], vec![], vec![], vec![]);
    for line in corpus::lines(&traffic) {
        match kind(line)? {
            Kind::Metadata => metadata.push(line.to_vec()),
            Kind::Bodies if line.len() < LARGE => small.push(line.to_vec()),
            Kind::Bodies => large.push(line.to_vec()),
            Kind::Secret => secrets.push(line.to_vec()),
        }
    }
    for server in Server::ALL {
        let log = corpus::audit(server)?;
        for line in corpus::lines(&log).filter(|line| line.len() < HUGE) {
            if kind(line)? == Kind::Secret {
                secrets.push(line.to_vec());
            }
        }
    }
    let list = list_of(&large, 2 << 20)?;
    let hostile = hostile::FAMILIES.iter().map(|family| family.event(HOSTILE)).collect();
    Ok(vec![
        Class { name: "metadata", events: metadata },
        Class { name: "small", events: small },
        Class { name: "large", events: large },
        Class { name: "secrets", events: secrets },
        Class { name: "2-mib", events: vec![list] },
        Class { name: "hostile", events: hostile },
    ])
}

/// Of which class an event of a log is, its length aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It has no body.
    Metadata,
    /// It has one.
    Bodies,
    /// It has one, and is about Secrets.
    Secret,
}

fn kind(line: &[u8]) -> Result<Kind, Error> {
    let event = json::members(utf8(line)?)?;
    let has = |name| json::member(&event, name).is_some();
    if !has("requestObject") && !has("responseObject") {
        return Ok(Kind::Metadata);
    }
    let Some(object) = json::member(&event, "objectRef") else { return Ok(Kind::Bodies) };
    let object = json::members(object)?;
    let secrets = json::member(&object, "resource") == Some(r#""secrets""#);
    Ok(if secrets { Kind::Secret } else { Kind::Bodies })
}

/// The answer to a list request, as long as this, of the objects that `events` answered.
fn list_of(events: &[Vec<u8>], bytes: usize) -> Result<Vec<u8>, Error> {
    let mut text = String::from(concat!(
        r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","#,
        r#""auditID":"6e5a1b2c-0000-4000-8000-000000000003","stage":"ResponseComplete","#,
        r#""requestURI":"/apis/apps/v1/deployments?limit=500","verb":"list","user":{"username":"alice","#,
        r#""groups":["system:authenticated"]},"sourceIPs":["10.0.0.7"],"userAgent":"kubectl/v1.32.4","#,
        r#""objectRef":{"resource":"deployments","apiGroup":"apps","apiVersion":"v1"},"#,
        r#""responseStatus":{"metadata":{},"code":200},"#,
        r#""responseObject":{"kind":"DeploymentList","apiVersion":"apps/v1","items":["#,
    ));
    let mut separator = "";
    for event in events.iter().cycle() {
        let event = json::members(utf8(event)?)?;
        let Some(object) = json::member(&event, "responseObject") else { continue };
        text.push_str(separator);
        text.push_str(object);
        separator = ",";
        if text.len() >= bytes {
            break;
        }
    }
    text.push_str(concat!(
        r#"]},"requestReceivedTimestamp":"2026-01-02T03:04:05.000001Z","#,
        r#""stageTimestamp":"2026-01-02T03:04:05.678901Z"}"#,
    ));
    Ok(text.into_bytes())
}

fn utf8(line: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(line).map_err(|_| Error::new("a line of the corpus is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_what_it_says() {
        let classes = all().unwrap();
        for class in &classes {
            println!("{}: {} events, {} bytes", class.name, class.events.len(), class.bytes());
            assert!(class.bytes() > 200_000, "{}", class.name);
        }
        let ordinary = classes.iter().filter(|class| class.name != "hostile");
        for event in ordinary.flat_map(|class| &class.events) {
            json::is_json(utf8(event).unwrap()).unwrap();
        }
        assert_eq!(all().unwrap(), classes, "not the same at every run");
    }
}
