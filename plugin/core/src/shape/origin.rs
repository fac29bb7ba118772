//! Whether a record came through the output of a container, where any pod can print an event.

use crate::json::members::Members;

/// Whether the member of a record says so: pod metadata that a shipper adds, or the stream of a runtime.
///
/// A record may say so without being one; it is then trusted less, no more. `value` is its JSON text.
pub(crate) fn is_told_by(name: &[u8], value: &[u8]) -> bool {
    match name {
        b"stream" => matches!(value, br#""stdout""# | br#""stderr""#),
        // Elastic's audit events stand in an object of that name themselves.
        b"kubernetes" => {
            let name = |member: crate::json::members::Member| {
                value.get(member.name_start..member.name_end).unwrap_or_default()
            };
            value.first() == Some(&b'{') && Members::new(value, 0).any(|member| name(member) != b"audit")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        for (name, value, told) in [
            ("stream", r#""stdout""#, true),
            ("stream", r#""stderr""#, true),
            ("stream", r#""kube-apiserver-audit""#, false),
            ("kubernetes", r#"{"pod_name":"x"}"#, true),
            ("kubernetes", r#"{"audit":{},"pod":{"name":"x"}}"#, true),
            ("kubernetes", r#"{"audit":{}}"#, false),
            ("kubernetes", r#""x""#, false),
            ("log", r#""stdout""#, false),
        ] {
            assert_eq!(is_told_by(name.as_bytes(), value.as_bytes()), told, "{name} {value}");
        }
    }
}
