//! What is added to events, as a configuration has it.

use crate::config::{Config, Detections as Wanted};
use crate::enrich::Lists;
use crate::enrich::detections::{Detections, Refused, default_lists};
use crate::enrich::stamp::Enrich;
use alloc::string::String;
use alloc::sync::Arc;

/// What a configuration asks for. One that was loaded has no conditions that cannot be compiled; one that was made in
/// another way and has some gets no detections.
pub(super) fn enrich(config: &Config) -> Enrich {
    let detections = config.detections(&config.lists()).ok().flatten().map(Arc::new);
    Enrich { facts: config.enrich.facts, detections, dropped_bodies: config.enrich.dropped_bodies }
}

impl Config {
    /// The lists that conditions can name, and the detections that they can.
    pub fn lists(&self) -> Lists {
        let lists = self.enrich.lists.iter().fold(default_lists(), |lists, (name, values)| {
            lists.with(name, values.iter().map(String::as_str))
        });
        self.enrich.own.iter().fold(lists, |lists, own| lists.with_detection(&own.id))
    }

    /// The detections that are looked for with these lists, which are [`lists`](Self::lists) or more; `None` if there are
    /// none.
    ///
    /// # Errors
    ///
    /// One cannot be compiled with them.
    pub fn detections(&self, lists: &Lists) -> Result<Option<Detections>, Refused> {
        let crate::config::Enrich { detections, except, own, .. } = &self.enrich;
        match detections {
            Wanted::None if own.is_empty() => Ok(None),
            Wanted::None => Detections::compile_all(lists, &[String::from("*")], own).map(Some),
            Wanted::Default => Detections::compile_all(lists, except, own).map(Some),
        }
    }
}
