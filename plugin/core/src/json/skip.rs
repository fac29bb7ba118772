//! HOT: over a whole value whose content does not matter.

use super::scan;

/// The position behind the container that begins at `at` with `{` or `[`; `None` if it is cut.
///
/// Only strings and the number of open containers are looked at: what is skipped is masked or dropped, so
/// nobody depends on it being well-formed. Nesting may be as deep as the record is long.
pub(crate) fn container(bytes: &[u8], at: usize) -> Option<usize> {
    let mut open: usize = 0;
    let mut at = at;
    loop {
        match *bytes.get(at)? {
            b'"' => {
                at = scan::string(bytes, at.wrapping_add(1))?.quote;
            }
            b'{' | b'[' => open = open.wrapping_add(1),
            b'}' | b']' => {
                open = open.wrapping_sub(1);
                if open == 0 {
                    return Some(at.wrapping_add(1));
                }
            }
            _ => {}
        }
        at = at.wrapping_add(1);
    }
}

/// The position behind the value that begins at `at`; `None` if it is cut or there is none.
pub(crate) fn value(bytes: &[u8], at: usize) -> Option<usize> {
    match *bytes.get(at)? {
        b'"' => Some(scan::string(bytes, at.wrapping_add(1))?.quote.wrapping_add(1)),
        b'{' | b'[' => container(bytes, at),
        _ => {
            let (end, _) = scan::scalar(bytes, at);
            (end > at).then_some(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        for (json, end) in [
            (&br#"{"a":[1,"}",{}]},"#[..], Some(16)),
            (b"[[[]]]x", Some(6)),
            (br#""a\"b","#, Some(6)),
            (b"12.5,", Some(4)),
            (b"{\"a\":\"", None),
            (b"", None),
            (b",", None),
        ] {
            assert_eq!(value(json, 0), end, "{json:?}");
        }
    }

    #[test]
    fn any_depth() {
        let json = [b"[".repeat(200_000), b"]".repeat(200_000)].concat();
        assert_eq!(container(&json, 0), Some(400_000));
    }
}
