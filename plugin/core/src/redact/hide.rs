//! What the redactors of texts report to.

/// Takes the parts of a text that must not be seen.
pub(crate) trait Hide {
    /// The bytes `start..end` of the text go. Spans come in ascending order, do not overlap and are never empty.
    fn hide(&mut self, start: usize, end: usize);
}
