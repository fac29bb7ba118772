//! Lists with names: who and what is allowed where.

use super::super::detections::DETECTIONS;
use alloc::string::String;
use alloc::vec::Vec;

/// Lists that conditions name: `user.username not in @admins`.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    lists: Vec<(String, Vec<String>)>,
    /// Ids of detections that do not come with the filter.
    own: Vec<String>,
}

impl Lists {
    /// No lists.
    pub const fn new() -> Self {
        Lists { lists: Vec::new(), own: Vec::new() }
    }

    /// The same with one more list; one of that name is replaced. An empty list holds nothing and is no mistake.
    #[must_use]
    pub fn with<T: Into<String>>(mut self, name: &str, values: impl IntoIterator<Item = T>) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        match self.lists.iter_mut().find(|(known, _)| known == name) {
            Some((_, list)) => *list = values,
            None => self.lists.push((name.into(), values)),
        }
        self
    }

    /// The same, for conditions that may name one more detection than those that come with the filter.
    #[must_use]
    pub fn with_detection(mut self, id: &str) -> Self {
        self.own.push(id.into());
        self
    }

    /// The ids of all detections that a condition can name.
    pub(super) fn detections(&self) -> impl Iterator<Item = &str> {
        DETECTIONS.iter().map(|detection| detection.id).chain(self.own.iter().map(String::as_str))
    }

    /// The values of a list.
    pub fn values(&self, name: &str) -> Option<&[String]> {
        self.lists.iter().find(|(known, _)| known == name).map(|(_, values)| values.as_slice())
    }

    /// The names of all lists.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.lists.iter().map(|(name, _)| name.as_str())
    }

    /// Whether a list can have this name: letters, digits, `_` and `-`, a letter first.
    pub fn is_name(name: &str) -> bool {
        name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.chars().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-'))
    }
}
