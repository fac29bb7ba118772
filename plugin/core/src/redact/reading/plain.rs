//! HOT: which strings their readers need not see: nearly all. What a reader looks for has a byte that these lack.

use super::super::{client_text, content, free_text, uri};
use super::Reading;
use crate::json::find;

impl Reading {
    /// Whether a string without any of a few bytes can be kept without a look at what it says.
    ///
    /// What it takes for each is a function of its own: the engine copies all constants of a function when that is called.
    #[inline(always)]
    pub(crate) fn is_plain(self, raw: &[u8]) -> bool {
        match self {
            Reading::ObjectName => is_plain_object_name(raw),
            Reading::Uri => is_plain_uri(raw),
            Reading::ClientText => client_text::is_ordinary(raw),
            Reading::CertificateRequest => raw.len() < SHORTEST_REQUEST,
            Reading::FreeText => is_plain_free_text(raw),
            Reading::ProbePath => is_plain_probe_path(raw),
            // What is expected behind an argument depends on all before.
            Reading::Argument => false,
            _ => raw.is_empty(),
        }
    }
}

#[inline(never)]
fn is_plain_object_name(raw: &[u8]) -> bool {
    find::any_of(raw, 0, [b';', b'%', b'\\']) == raw.len()
        && find::any_of(raw, 0, [b'=', b'{', b'@']) == raw.len()
        && !(content::may_hold(raw) && content::holds_prefix(raw))
}

#[inline(never)]
fn is_plain_uri(raw: &[u8]) -> bool {
    uri::is_plain(raw) && !(content::may_hold(raw) && content::holds_prefix(raw))
}

#[inline(never)]
fn is_plain_free_text(raw: &[u8]) -> bool {
    free_text::is_plain(raw) && !(content::may_hold(raw) && content::holds_prefix(raw))
}

#[inline(never)]
fn is_plain_probe_path(raw: &[u8]) -> bool {
    !raw.iter().any(|byte| matches!(byte, b'?' | b';' | b'%' | b'=' | b'\\')) && !content::may_hold(raw)
}

/// No certificate request is shorter, in bytes of base64.
const SHORTEST_REQUEST: usize = 64;
