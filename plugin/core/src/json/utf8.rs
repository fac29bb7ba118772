//! Cold: sequences of UTF-8, valid and not.

/// The character that stands for bytes that are no UTF-8: U+FFFD.
pub(crate) const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// The length of the UTF-8 sequence at `at`, or as `Err` how many bytes one U+FFFD replaces.
///
/// The latter is the maximal subpart of Unicode 3.9, as `String::from_utf8_lossy` has it.
pub(crate) fn sequence(bytes: &[u8], at: usize) -> Result<usize, usize> {
    let rest = bytes.get(at..).unwrap_or_default();
    let Some((&first, rest)) = rest.split_first() else { return Ok(1) };
    // How many bytes follow, and between which the first of them has to be: what is overlong, a surrogate or beyond
    // U+10FFFF shows there.
    let (following, low, high) = match first {
        0x00..=0x7f => return Ok(1),
        0xc2..=0xdf => (1, 0x80, 0xbf),
        0xe0 => (2, 0xa0, 0xbf),
        0xed => (2, 0x80, 0x9f),
        0xe1..=0xef => (2, 0x80, 0xbf),
        0xf0 => (3, 0x90, 0xbf),
        0xf1..=0xf3 => (3, 0x80, 0xbf),
        0xf4 => (3, 0x80, 0x8f),
        _ => return Err(1),
    };
    let is_next =
        |index: usize, low: u8, high: u8| rest.get(index).is_some_and(|byte| (low..=high).contains(byte));
    if !is_next(0, low, high) {
        return Err(1);
    }
    let mut length: usize = 1;
    while length < following {
        if !is_next(length, 0x80, 0xbf) {
            return Err(length.wrapping_add(1));
        }
        length = length.wrapping_add(1);
    }
    Ok(length.wrapping_add(1))
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

        #[test]
        fn every_character_has_its_length(character in any::<char>(), behind in any::<[u8; 2]>()) {
            let mut bytes = [0; 6];
            let length = character.encode_utf8(&mut bytes).len();
            bytes[length..length + 2].copy_from_slice(&behind);
            prop_assert_eq!(sequence(&bytes, 0), Ok(length));
        }

        #[test]
        fn what_is_replaced_is_what_the_standard_library_replaces(bytes in prop_oneof![
            any::<[u8; 4]>(),
            (0xc0..=0xff_u8, 0x70..=0xcf_u8, 0x70..=0xcf_u8, 0x70..=0xcf_u8).prop_map(|(a, b, c, d)| [a, b, c, d]),
        ], length in 1..=4_usize) {
            let bytes = &bytes[..length];
            let expected = match core::str::from_utf8(bytes) {
                Err(error) if error.valid_up_to() == 0 => Err(error.error_len().unwrap_or(length)),
                Err(error) => Ok(core::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap()),
                Ok(text) => Ok(text),
            };
            prop_assert_eq!(sequence(bytes, 0), expected.map(|text| text.chars().next().unwrap().len_utf8()));
        }
    }
}
