//! What a container runtime writes before each line of a container's output.
//!
//! ```text
//! 2026-11-20T08:12:01.459869123Z stdout F {"kind":"Event",…}
//! ```
//!
//! Source: `pkg/kubelet/kuberuntime/logs/logs.go` in Kubernetes: time, stream, tags with colons between them, the
//! line. The first tag is `F` of a whole line and `P` of one that goes on; what goes on is a line that is cut.

/// The longest time that is one, in bytes: nanoseconds and an offset.
const LONGEST_TIME: usize = 40;

/// What follows the prefix of a line, if it has one and JSON follows it.
#[inline(always)]
pub(crate) fn behind(line: &[u8]) -> Option<&[u8]> {
    if line.first() == Some(&b'{') { None } else { behind_time(line) }
}

#[inline(never)]
fn behind_time(line: &[u8]) -> Option<&[u8]> {
    if !matches!(line, [b'1'..=b'2', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'-', ..]) {
        return None;
    }
    let (time, rest) = word(line)?;
    let (stream, rest) = word(rest)?;
    let (tags, text) = word(rest)?;
    let tag = tags.split(|&byte| byte == b':').next()?;
    let is_time = time.len() <= LONGEST_TIME && time.contains(&b'T');
    let json = matches!(text.trim_ascii_start().first(), Some(b'{' | b'['));
    (is_time && matches!(stream, b"stdout" | b"stderr") && matches!(tag, b"F" | b"P") && json).then_some(text)
}

/// The text before the first blank, and what follows that blank.
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let blank = text.iter().take(LONGEST_TIME.wrapping_add(1)).position(|&byte| byte == b' ')?;
    let (word, rest) = text.split_at_checked(blank)?;
    Some((word, rest.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes() {
        for (line, text) in [
            ("2026-11-20T08:12:01.459869123Z stdout F {\"a\":1}", Some("{\"a\":1}")),
            ("2026-11-20T08:12:01.459869123+01:00 stderr P {\"a\"", Some("{\"a\"")),
            ("2026-11-20T08:12:01Z stdout F:x  [1]", Some(" [1]")),
            ("2026-11-20T08:12:01Z stdout F text", None),
            ("2026-11-20T08:12:01Z stdin F {}", None),
            ("2026-11-20T08:12:01Z stdout X {}", None),
            ("2026-11-20 08:12:01 stdout F {}", None),
            ("2026-11-20T08:12:01Z stdout F", None),
            ("{\"a\":1}", None),
            ("", None),
        ] {
            assert_eq!(behind(line.as_bytes()), text.map(str::as_bytes), "{line}");
        }
    }
}
