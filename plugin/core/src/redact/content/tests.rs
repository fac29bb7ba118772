//! A few texts, whole; every format in every way is in `tests/suites/content`.

use super::*;
use crate::redact::hide::checked::Masked;
use alloc::string::String;

fn masked(text: &str) -> String {
    let mut masked = Masked { text, out: String::new(), at: 0, spans: 0 };
    Content::default().hide(text.as_bytes(), &mut masked);
    let rest = text.get(masked.at..).unwrap();
    masked.out + rest
}

#[test]
fn what_goes_and_what_stays() {
    for (text, expected) in [
        ("push with 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, please", "push with [REDACTED], please"),
        ("eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl", "[REDACTED]"),
        (
            "a: WjJod1gzcFJWMEoxVkZOUGIxSnBORUU1YzNCSVkxWlpOVzVqYm5ORWEzaHJTakJ0VEhFeE53",
            "a: WjJod1gzcFJWMEoxVkZOUGIxSnBORUU1YzNCSVkxWlpOVzVqYm5ORWEzaHJTakJ0VEhFeE53",
        ),
        ("a: Z2hwX3pRV0J1VFNPb1JpNEE5c3BIY1ZZNW5jbnNEa3hrSjBtTHExNw==, b", "a: [REDACTED], b"),
        (
            "key: -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb",
            "key: [REDACTED]\nb",
        ),
        (
            "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
        ),
    ] {
        assert_eq!(masked(text), expected);
        assert_eq!(masked(expected), expected);
    }
}

#[test]
fn formats_of_the_configuration() {
    let own = alloc::vec![
        Own::new("acme_", Charset::ALPHANUMERIC, 20, 24),
        Own::new("acme_key_", Charset::HEX, 32, 32),
    ];
    let mut content = Content { own, ..Content::default() };
    let mut masked = |text: &str| {
        let mut masked = Masked { text, out: String::new(), at: 0, spans: 0 };
        content.hide(text.as_bytes(), &mut masked);
        let rest = text.get(masked.at..).unwrap();
        masked.out + rest
    };
    for (text, expected) in [
        ("use acme_0123456789abcdefghij, and acme_0123456789ABCDEFGHIJ.", "use [REDACTED], and [REDACTED]."),
        ("acme_key_0123456789abcdef0123456789abcdef acme_0123456789abcdefghij", "[REDACTED] [REDACTED]"),
        ("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 acme_0123456789abcdefghij x", "[REDACTED] [REDACTED] x"),
        ("acme_0123456789abcdefghi too short", "acme_0123456789abcdefghi too short"),
        ("acme_0123456789abcdefghijklmno too long", "acme_0123456789abcdefghijklmno too long"),
        ("xacme_0123456789abcdefghij", "xacme_0123456789abcdefghij"),
    ] {
        assert_eq!(masked(text), expected);
    }
}
