//! Detections: conditions that somebody should be told of when they hold.
//!
//! They are data: [`table`] has them, each a condition in the language of users' own, with what it means and which control
//! asks for it. `docs/detections.md` is made from it. What may not live here: what happens when one holds.

//!
//! | file | what | when |
//! |---|---|---|
//! | `table` | the detections that come with the filter | data |
//! | `compiled` | conditions in parts, and what fires | once per event |
//! | `by_value` | what facts with few values leave of them | once per event |
//! | `remembered` | HOT: what was found of clients and resources | once per event |

mod by_value;
mod compiled;
mod remembered;
mod table;

pub(super) use compiled::Bits;
pub use compiled::{Detections, Own, Refused, Rule};
pub(super) use remembered::{Client, Memory};
pub use table::{ABOUT, DETECTIONS, NOT_COVERED};

use super::condition::{Lists, Pattern};

/// How much one should care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know afterwards.
    Info,
    /// Worth a look in a report.
    Low,
    /// Worth a look today.
    Medium,
    /// Worth a look now.
    High,
    /// Somebody should be woken.
    Critical,
}

impl Severity {
    /// All of them, in ascending order.
    pub const ALL: [Severity; 5] =
        [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    /// The names, in ascending order.
    pub(super) const NAMES: &'static [&'static str] = &["info", "low", "medium", "high", "critical"];

    /// How it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// Something that one event can tell, and that somebody should know of: what a filter needs of it.
#[derive(Clone, Copy, Debug)]
pub struct Detection {
    /// How it is called; never changed once released.
    pub id: &'static str,
    /// How much one should care.
    pub severity: Severity,
    /// When it fires.
    pub condition: &'static str,
    /// A list without which it cannot tell anything: it is off as long as that is empty.
    pub needs: Option<&'static str>,
}

impl Detection {
    /// What people read of it.
    pub fn about(&self) -> &'static About {
        let at = DETECTIONS.iter().position(|row| row.id == self.id);
        at.and_then(|at| ABOUT.get(at))
            .unwrap_or(const { &About { title: "", techniques: &[], controls: &[], evidence: "" } })
    }
}

/// What people read of a detection.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// What has happened, in a few words.
    pub title: &'static str,
    /// Techniques of MITRE ATT&CK 18.1.
    pub techniques: &'static [&'static str],
    /// What asks for it: `CIS` is the CIS Kubernetes Benchmark 1.10, `PCI` PCI DSS 4.0.1, `SOC2` the Trust Services Criteria.
    pub controls: &'static [&'static str],
    /// What of the event shows it, and what to look at next.
    pub evidence: &'static str,
}

/// Whether a pattern, in which `*` stands for any text, names an id.
pub fn names(pattern: &str, id: &str) -> bool {
    Pattern::new(pattern).fits(id.as_bytes())
}

/// Whether a detection can be called so: words of small letters, digits and `-`, with points between them.
pub fn is_id(id: &str) -> bool {
    let id = id.as_bytes();
    let word = |word: &[u8]| {
        !word.is_empty() && word.iter().all(|sign| matches!(sign, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    id.len() <= MOST_OF_ID && id.contains(&b'.') && id.split(|&byte| byte == b'.').all(word)
}

/// The most bytes of an id.
const MOST_OF_ID: usize = 64;

/// The lists that detections name, as they are unless somebody says otherwise.
pub fn default_lists() -> Lists {
    Lists::new()
        .with(
            "break_glass",
            [
                "kubernetes-admin",
                "kubernetes-super-admin",
                "admin",
                "kube-admin",
                "minikube-user",
                "masterclient",
                "system:admin",
            ],
        )
        .with("controllers", ["system:serviceaccount:kube-system:*-controller"])
        .with("logging_namespaces", ["auditveil", "fluent-bit", "logging", "observability"])
        .with("registries", [""; 0])
        .with(
            "system_namespaces",
            ["gke-managed-system", "gke-system", "kube-node-lease", "kube-public", "kube-system"],
        )
        .with("users", [""; 0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        for (index, detection) in DETECTIONS.iter().enumerate() {
            let (Detection { id, condition, .. }, about) = (detection, detection.about());
            assert!(!DETECTIONS[..index].iter().any(|other| other.id == *id), "{id} stands twice");
            let (topic, name) = id.split_once('.').unwrap();
            let is_word = |word: &str| {
                !word.is_empty() && word.bytes().all(|sign| sign.is_ascii_lowercase() || sign == b'-')
            };
            assert!(is_word(topic) && is_word(name) && is_id(id), "{id}");
            // One that asks for others would be asked while they are.
            assert!(!condition.contains("detection") && !condition.contains("severity"), "{id}");
            assert!(!about.title.is_empty() && !about.evidence.is_empty(), "{id}");
            assert!(!about.controls.is_empty(), "{id}");
        }
    }
}
