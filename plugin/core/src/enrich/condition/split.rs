//! A condition, taken apart: what stands between its outermost `and`s, and what each part looks at.
//!
//! A condition is true where all of its parts are, and never where one is false or unknown. So parts that many
//! conditions share need to be asked once, and those that look at what is the same in many events once for all of
//! these.

use super::names::Fact;
use super::path::Step;
use super::test::{Check, Subject, Test};
use super::{Condition, Op};
use crate::event::fields::Field;
use alloc::vec::Vec;

/// What a part of a condition looks at, each by its bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::enrich) struct Inputs(u8);

impl Inputs {
    /// Nothing.
    pub(in crate::enrich) const NONE: Inputs = Inputs(0);
    /// Who asks: `user`, `userAgent`, `sourceIPs`, and the facts that follow from these alone.
    pub(in crate::enrich) const CLIENT: Inputs = Inputs(1);
    /// What the request was for: API group, resource and subresource.
    pub(in crate::enrich) const RESOURCE: Inputs = Inputs(2);
    /// The stamp, which hardly ever tells of something.
    pub(in crate::enrich) const STAMP: Inputs = Inputs(4);
    /// Annotations other than those of the authorizer.
    pub(in crate::enrich) const ANNOTATIONS: Inputs = Inputs(64);
    /// An impersonated user.
    pub(in crate::enrich) const IMPERSONATED: Inputs = Inputs(128);
    /// What hardly any event has.
    pub(in crate::enrich) const RARE: Inputs =
        Inputs::STAMP.with(Inputs::ANNOTATIONS).with(Inputs::IMPERSONATED);
    /// A body.
    pub(in crate::enrich) const BODY: Inputs = Inputs(8);
    /// Facts about the request that have few values.
    pub(in crate::enrich) const REQUEST: Inputs = Inputs(16);
    /// Anything else.
    const OTHER: Inputs = Inputs(32);

    pub(in crate::enrich) const fn with(self, other: Inputs) -> Inputs {
        Inputs(self.0 | other.0)
    }

    /// Whether these are among them.
    pub(in crate::enrich) const fn has(self, other: Inputs) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of these is among them.
    pub(in crate::enrich) const fn has_any(self, other: Inputs) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether they are all among these, and not none.
    pub(in crate::enrich) const fn are_only(self, other: Inputs) -> bool {
        self.0 != 0 && self.0 & !other.0 == 0
    }
}

/// Annotations that nearly every event has.
const USUAL_ANNOTATIONS: [&str; 2] = ["authorization.k8s.io/decision", "authorization.k8s.io/reason"];

impl Condition {
    /// The parts between the outermost `and`s, in their order.
    pub(in crate::enrich) fn parts(&self) -> Vec<Condition> {
        let mut parts = Vec::new();
        // From the last one to the first: the operator that is done last stands at the end.
        let mut open = Vec::from([(0, self.program.len())]);
        while let Some((start, end)) = open.pop() {
            let program = self.program.get(start..end).unwrap_or_default();
            let last = program.last() == Some(&Op::And);
            let skip = program.iter().position(|&op| last && op == Op::IfFalse(end));
            match skip.map(|skip| start.saturating_add(skip)) {
                Some(skip) => {
                    // Below the top, so that the left side comes first.
                    open.push((skip.saturating_add(1), end.saturating_sub(1)));
                    open.push((start, skip));
                }
                None => parts.push(self.part(start, end)),
            }
        }
        parts
    }

    /// The condition that a stretch of the program is.
    fn part(&self, start: usize, end: usize) -> Condition {
        let mut part = Condition { tests: Vec::new(), program: Vec::new() };
        for &op in self.program.get(start..end).unwrap_or_default() {
            part.program.push(match op {
                Op::Test(index) => {
                    part.tests.extend(self.tests.get(index).cloned());
                    Op::Test(part.tests.len().saturating_sub(1))
                }
                Op::IfFalse(to) => Op::IfFalse(to.saturating_sub(start)),
                Op::IfTrue(to) => Op::IfTrue(to.saturating_sub(start)),
                op => op,
            });
        }
        part
    }

    /// What it looks at.
    pub(in crate::enrich) fn inputs(&self) -> Inputs {
        self.tests.iter().fold(Inputs::NONE, |inputs, test| inputs.with(test.inputs()))
    }

    /// The fact that it looks at, if that is just one, and whether it looks at nothing else. What it says of an event that is empty but
    /// for this fact is final then if it is false; that a member exists is no part of it.
    pub(in crate::enrich) fn only_fact(&self) -> Option<(Fact, bool)> {
        let fact = |test: &Test| match test.subject {
            Subject::Fact(fact, _) => Some(fact),
            _ => None,
        };
        let first = self.tests.iter().find_map(fact)?;
        let alone = self.tests.iter().all(|test| fact(test) == Some(first));
        let same = self.tests.iter().filter_map(fact).all(|other| other == first);
        let exists = self.tests.iter().any(|test| matches!(test.check, Check::Exists));
        (alone || same && !exists).then_some((first, alone))
    }

    /// Whether it looks at a request's body, and at no answer's.
    pub(in crate::enrich) fn asks_request_object(&self) -> bool {
        self.tests.iter().any(|test| {
            matches!(test.subject, Subject::Field { field: Field::RequestObject, .. } | Subject::Place { .. })
        })
    }

    /// Whether it looks at an answer's body.
    pub(in crate::enrich) fn asks_response_object(&self) -> bool {
        let asks = |test: &Test| matches!(test.subject, Subject::Field { field: Field::ResponseObject, .. });
        self.tests.iter().any(asks)
    }
}

impl Test {
    fn inputs(&self) -> Inputs {
        let (field, first) = match &self.subject {
            Subject::Fact(fact, _) => return of_fact(*fact),
            Subject::Place { .. } => return Inputs::BODY,
            Subject::Item(_) => return Inputs::OTHER,
            Subject::Field { field, steps, .. } => (*field, steps.first()),
        };
        match field {
            Field::User | Field::UserAgent | Field::SourceIps => Inputs::CLIENT,
            Field::RequestObject | Field::ResponseObject => Inputs::BODY,
            Field::Stamp => Inputs::STAMP,
            Field::ImpersonatedUser => Inputs::IMPERSONATED,
            Field::ObjectRef => match first {
                Some(Step::AnyCase(name))
                    if matches!(name.as_str(), "resource" | "apiGroup" | "subresource") =>
                {
                    Inputs::RESOURCE
                }
                _ => Inputs::OTHER,
            },
            Field::Annotations => {
                let usual = first
                    .is_none_or(|step| USUAL_ANNOTATIONS.iter().any(|usual| step.is_name(usual.as_bytes())));
                if usual { Inputs::OTHER } else { Inputs::ANNOTATIONS }
            }
            _ => Inputs::OTHER,
        }
    }
}

const fn of_fact(fact: Fact) -> Inputs {
    match fact {
        Fact::Action | Fact::DryRun | Fact::Impersonated | Fact::Outcome => Inputs::REQUEST,
        Fact::ActorClass | Fact::ActorName | Fact::ActorNamespace | Fact::SourceIp | Fact::SourcePublic => {
            Inputs::CLIENT
        }
        Fact::Command | Fact::Detection | Fact::LatencyMs | Fact::Severity | Fact::Target => Inputs::OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Lists, Truth};
    use super::*;
    use crate::enrich::Reader;
    use alloc::borrow::ToOwned as _;
    use alloc::string::String;
    use proptest::prelude::*;

    fn inputs(text: &str) -> Vec<Inputs> {
        Condition::compile(text, &Lists::new()).unwrap().parts().iter().map(Condition::inputs).collect()
    }

    #[test]
    fn parts_look_at_what_they_name() {
        let text = r#"action == "exec" and actor.class != "human" and (userAgent contains "x" or source.public)
            and objectRef.apiGroup == "a" and objectRef.name == "b" and (exists auditveil.cut or exists annotations["a/b"])
            and pod.hostPID and exists annotations["authorization.k8s.io/*"] and verb == "get""#;
        assert_eq!(
            inputs(text),
            [
                Inputs::REQUEST,
                Inputs::CLIENT,
                Inputs::CLIENT,
                Inputs::RESOURCE,
                Inputs::OTHER,
                Inputs::STAMP.with(Inputs::ANNOTATIONS),
                Inputs::BODY,
                Inputs::OTHER,
                Inputs::OTHER
            ]
        );
        assert_eq!(inputs(r#"verb == "a" or verb == "b" and verb == "c""#).len(), 1);
        assert_eq!(inputs(r#"not (verb == "a" and verb == "b") and dry_run"#).len(), 2);
        assert_eq!(inputs(r#"(dry_run and (dry_run and dry_run)) and dry_run"#).len(), 4);
    }

    /// A condition of three fields that are true, false and unknown.
    fn condition() -> impl Strategy<Value = String> {
        let leaf = prop::sample::select(&[r#"verb == "a""#, r#"level == "Request""#, r#"stage == "Panic""#]);
        leaf.prop_map(str::to_owned).prop_recursive(4, 16, 2, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(a, b)| alloc::format!("({a} and {b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| alloc::format!("{a} and {b}")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| alloc::format!("({a} or {b})")),
                inner.prop_map(|a| alloc::format!("not ({a})")),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_condition_is_true_where_all_parts_are(text in condition()) {
            let condition = Condition::compile(&text, &Lists::new()).unwrap();
            let parts = condition.parts();
            for event in [r#"{"verb":"a","level":"Metadata"}"#, r#"{"verb":"b","level":"Request","stage":"Panic"}"#, "{}"] {
                let mut reader = Reader::default();
                let mut event = reader.read(event.as_bytes());
                let least = parts.iter().map(|part| part.evaluate(&mut event)).min();
                prop_assert_eq!(least, Some(condition.evaluate(&mut event)), "{}", text);
                prop_assert!(parts.len() == 1 || least.is_some_and(|least| least <= Truth::True));
            }
        }
    }
}
