//! What the redactors of texts report to.

use super::carriers::Carrier;

/// Takes the parts of a text that must not be seen.
pub(crate) trait Hide {
    /// It asks only whether there is anything, of a text that nobody can read as it is. What would be read by other
    /// rules counts as something then, so that the calls do not get as deep as in a text that is kept.
    const ASKS: bool = false;

    /// The bytes `start..end` of the text go. Spans come in ascending order, do not overlap and are never empty.
    fn hide(&mut self, start: usize, end: usize);

    /// The same of a token that an object is called by: that is guaranteed to go, whatever becomes of other parts.
    fn hide_token(&mut self, start: usize, end: usize) {
        self.hide(start, end);
    }

    /// The bytes `start..end` may carry a text, which is to be read by itself. Where nobody can do that they go,
    /// unless they only look like it.
    fn open(&mut self, start: usize, end: usize, carrier: Carrier) {
        if carrier != Carrier::Likely {
            self.hide(start, end);
        }
    }
}

/// What the tests of the redactors give them to report to; it checks what [`Hide`] promises.
#[cfg(test)]
pub(super) mod checked {
    use super::Hide;
    use alloc::string::String;
    use alloc::vec::Vec;

    /// The spans themselves.
    #[derive(Debug, Default)]
    pub(crate) struct Spans(pub(crate) Vec<(usize, usize)>);

    impl Hide for Spans {
        fn hide(&mut self, start: usize, end: usize) {
            assert!(start < end, "empty span {start}..{end}");
            assert!(
                self.0.last().is_none_or(|(_, last)| *last <= start),
                "{start}..{end} after {:?}",
                self.0
            );
            self.0.push((start, end));
        }
    }

    /// `text` with `mask` in place of what is hidden.
    pub(crate) fn mask_with(text: &[u8], spans: &Spans, mask: &[u8]) -> Vec<u8> {
        let mut masked = Vec::new();
        let mut at = 0;
        for (start, end) in &spans.0 {
            masked.extend_from_slice(&text[at..*start]);
            masked.extend_from_slice(mask);
            at = *end;
        }
        masked.extend_from_slice(&text[at..]);
        masked
    }

    /// Copies a text and puts the mask in place of what is hidden.
    #[derive(Debug)]
    pub(crate) struct Masked<'a> {
        pub(crate) text: &'a str,
        pub(crate) out: String,
        pub(crate) at: usize,
        pub(crate) spans: usize,
    }

    impl Hide for Masked<'_> {
        fn hide(&mut self, start: usize, end: usize) {
            assert!(start < end, "empty span at {start} in {}", self.text);
            assert!(self.at <= start, "spans overlap at {start} in {}", self.text);
            self.out.push_str(self.text.get(self.at..start).expect("a span cuts a character"));
            self.out.push_str("[REDACTED]");
            self.at = end;
            self.spans = self.spans.saturating_add(1);
        }
    }
}
