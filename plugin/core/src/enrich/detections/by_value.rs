//! What facts with few values leave of the detections: found once for each value, when conditions are compiled.
//!
//! Most conditions begin with an action, an outcome or a sort of actor, so this leaves few of a hundred before any
//! condition is asked. What may not live here: which conditions there are.

use super::compiled::Bits;
use crate::enrich::condition::{Condition, Fact, Truth};
use crate::enrich::event::Event;
use crate::enrich::facts::{Action, Actor, Facts, RequestOutcome};

/// For each value the detections it leaves. The first place of each is for what is not told.
#[derive(Clone, Debug)]
pub(super) struct ByValue {
    actions: [Bits; Action::ALL.len() + 1],
    outcomes: [Bits; RequestOutcome::ALL.len() + 1],
    actors: [Bits; Actor::ALL.len() + 1],
    dry_run: [Bits; 2],
    impersonated: [Bits; 2],
}

impl ByValue {
    /// All leave all.
    pub(super) const NOTHING: ByValue = ByValue {
        actions: [Bits::ALL; Action::ALL.len() + 1],
        outcomes: [Bits::ALL; RequestOutcome::ALL.len() + 1],
        actors: [Bits::ALL; Actor::ALL.len() + 1],
        dry_run: [Bits::ALL; 2],
        impersonated: [Bits::ALL; 2],
    };

    /// Adds what a part of these detections says of such a fact; whether it looks at nothing else. `event` is one without members.
    pub(super) fn add(&mut self, part: &Condition, of: Bits, event: &mut Event<'_>) -> bool {
        let Some((fact, alone)) = part.only_fact() else { return false };
        let mut take = |left: &mut Bits, set: &dyn Fn(&mut Facts)| {
            event.suppose(|facts| {
                facts.forget();
                set(facts);
            });
            // Where it looks at more, all that is not false is open.
            let truth = part.ask(event);
            if truth == Truth::False || alone && truth == Truth::Unknown {
                *left = left.without(of);
            }
        };
        match fact {
            Fact::Action => {
                for (at, left) in self.actions.iter_mut().enumerate() {
                    take(left, &|facts| facts.action = value(Action::ALL, at));
                }
            }
            Fact::Outcome => {
                for (at, left) in self.outcomes.iter_mut().enumerate() {
                    take(left, &|facts| facts.outcome = value(RequestOutcome::ALL, at));
                }
            }
            Fact::ActorClass => {
                for (at, left) in self.actors.iter_mut().enumerate() {
                    take(left, &|facts| facts.actor = value(Actor::ALL, at));
                }
            }
            Fact::DryRun => {
                for (at, left) in self.dry_run.iter_mut().enumerate() {
                    take(left, &|facts| facts.dry_run = at == 1);
                }
            }
            Fact::Impersonated => {
                for (at, left) in self.impersonated.iter_mut().enumerate() {
                    take(left, &|facts| facts.impersonated = at == 1);
                }
            }
            _ => return false,
        }
        alone
    }

    /// What is left by what was done, and how it ended.
    #[inline(always)]
    pub(super) fn of_request(&self, facts: &Facts) -> Bits {
        let action = facts.action.map_or(0, |action| place(action as usize));
        let outcome = facts.outcome.map_or(0, |outcome| place(outcome as usize));
        at(&self.actions, action)
            .and(at(&self.outcomes, outcome))
            .and(at(&self.dry_run, usize::from(facts.dry_run)))
            .and(at(&self.impersonated, usize::from(facts.impersonated)))
    }

    /// What a client leaves.
    pub(super) fn of_client(&self, facts: &Facts) -> Bits {
        at(&self.actors, facts.actor.map_or(0, |actor| place(actor as usize)))
    }
}

/// The place of a value by its index.
const fn place(index: usize) -> usize {
    index.wrapping_add(1)
}

/// The value at a place.
fn value<T: Copy>(all: &[T], place: usize) -> Option<T> {
    all.get(place.checked_sub(1)?).copied()
}

#[inline(always)]
fn at(all: &[Bits], place: usize) -> Bits {
    all.get(place).copied().unwrap_or(Bits::ALL)
}
