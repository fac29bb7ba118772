//! Cold: sequences of UTF-8, valid and not.

/// The character that stands for bytes that are no UTF-8: U+FFFD.
pub(crate) const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// The length of the UTF-8 sequence at `at`, or as `Err` how many bytes one U+FFFD replaces.
///
/// The latter is the maximal subpart of Unicode 3.9, as `String::from_utf8_lossy` has it.
pub(crate) fn sequence(bytes: &[u8], at: usize) -> Result<usize, usize> {
    let rest = bytes.get(at..).unwrap_or_default();
    // Four bytes hold any sequence; the next character may be cut by the window, which is not an error of this one.
    let window = rest.get(..4).unwrap_or(rest);
    match core::str::from_utf8(window) {
        Ok(text) => Ok(text.chars().next().map_or(1, char::len_utf8)),
        Err(error) if error.valid_up_to() > 0 => {
            let valid = window.get(..error.valid_up_to()).unwrap_or_default();
            let first = core::str::from_utf8(valid).ok().and_then(|text| text.chars().next());
            Ok(first.map_or(1, char::len_utf8))
        }
        Err(error) => Err(error.error_len().unwrap_or(window.len()).max(1)),
    }
}

/// Calls `found` with the start and end of every stretch of `bytes[start..end]` that one U+FFFD replaces.
pub(crate) fn for_each_invalid(bytes: &[u8], start: usize, end: usize, mut found: impl FnMut(usize, usize)) {
    let bytes = bytes.get(..end).unwrap_or(bytes);
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        let length = if byte < 0x80 {
            1
        } else {
            match sequence(bytes, at) {
                Ok(length) => length,
                Err(length) => {
                    found(at, at.wrapping_add(length));
                    length
                }
            }
        };
        at = at.wrapping_add(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn replaces_what_the_standard_library_replaces(bytes in prop::collection::vec(any::<u8>(), 0..24)) {
            let mut ours = Vec::new();
            let mut from = 0;
            for_each_invalid(&bytes, 0, bytes.len(), |start, end| {
                ours.extend_from_slice(&bytes[from..start]);
                ours.extend_from_slice(REPLACEMENT);
                from = end;
            });
            ours.extend_from_slice(&bytes[from..]);
            prop_assert_eq!(String::from_utf8(ours).unwrap(), String::from_utf8_lossy(&bytes));
        }
    }
}
