//! Detections: conditions that somebody should be told of when they hold.
//!
//! They are data: [`table`] has them, each a condition in the language of users' own, with what it means and which control
//! asks for it. `docs/detections.md` is made from it. What may not live here: what happens when one holds.

mod table;

pub use table::{DETECTIONS, NOT_COVERED};

use super::condition::{Condition, ConditionError, Lists, Truth};
use super::event::{Event, quoted};
use crate::event::fields::Field;
use alloc::vec::Vec;

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

/// Something that one event can tell, and that somebody should know of.
#[derive(Clone, Copy, Debug)]
pub struct Detection {
    /// How it is called; never changed once released.
    pub id: &'static str,
    /// What has happened, in a few words.
    pub title: &'static str,
    /// How much one should care.
    pub severity: Severity,
    /// When it fires.
    pub condition: &'static str,
    /// Techniques of MITRE ATT&CK.
    pub techniques: &'static [&'static str],
    /// What asks for it: `CIS` is the CIS Kubernetes Benchmark 1.10, `PCI` PCI DSS 4.0, `SOC2` the Trust Services Criteria.
    pub controls: &'static [&'static str],
    /// What of the event shows it, and what to look at next.
    pub evidence: &'static str,
    /// A list without which it cannot tell anything: it is off as long as that is empty.
    pub needs: Option<&'static str>,
}

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
        .with("logging_namespaces", ["auditveil", "fluent-bit", "logging", "observability"])
        .with("registries", [""; 0])
        .with(
            "system_namespaces",
            ["gke-managed-system", "gke-system", "kube-node-lease", "kube-public", "kube-system"],
        )
}

/// Detections, compiled.
#[derive(Clone, Debug)]
pub struct Detections {
    compiled: Vec<(&'static Detection, Condition)>,
}

impl Detections {
    /// Compiles all that can tell something with these lists; [`default_lists`] has those they name.
    ///
    /// # Errors
    ///
    /// A list is missing.
    pub fn compile(lists: &Lists) -> Result<Self, ConditionError> {
        let is_off = |detection: &Detection| {
            detection.needs.is_some_and(|list| lists.values(list).is_none_or(<[_]>::is_empty))
        };
        let on = DETECTIONS.iter().filter(|detection| !is_off(detection));
        let compiled = on.map(|detection| Ok((detection, Condition::compile(detection.condition, lists)?)));
        Ok(Detections { compiled: compiled.collect::<Result<_, _>>()? })
    }

    /// Those that fire, in the order of the table.
    ///
    /// None fires when a request has only been received: nothing has happened then.
    pub(super) fn find(&self, event: &mut Event<'_>, found: &mut Vec<&'static Detection>) {
        if event.value(Field::Stage).and_then(quoted) == Some(b"RequestReceived") {
            return;
        }
        for (detection, condition) in &self.compiled {
            if condition.evaluate(event) == Truth::True && !crate::memory::push(found, detection) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(Detections::compile(&default_lists()).is_ok());
        for (index, detection) in DETECTIONS.iter().enumerate() {
            let Detection { id, condition, .. } = detection;
            assert!(!DETECTIONS[..index].iter().any(|other| other.id == *id), "{id} stands twice");
            let (topic, name) = id.split_once('.').unwrap();
            let is_word = |word: &str| {
                !word.is_empty() && word.bytes().all(|sign| sign.is_ascii_lowercase() || sign == b'-')
            };
            assert!(is_word(topic) && is_word(name), "{id}");
            // One that asks for others would be asked while they are.
            assert!(!condition.contains("detection") && !condition.contains("severity"), "{id}");
            assert!(!detection.title.is_empty() && !detection.evidence.is_empty(), "{id}");
            assert!(!detection.controls.is_empty(), "{id}");
        }
    }

    #[test]
    fn one_that_needs_a_list_is_off_without() {
        let count = |lists: &Lists| Detections::compile(lists).map(|all| all.compiled.len());
        let all = count(&default_lists().with("registries", ["a/*"]));
        assert_eq!(all, Ok(DETECTIONS.len()));
        assert_eq!(count(&default_lists()), Ok(DETECTIONS.len() - 1));
        assert!(count(&Lists::new()).is_err());
    }
}
