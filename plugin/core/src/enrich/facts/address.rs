//! Addresses: what one is, and whether it is of the public internet.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address that a text of `sourceIPs` is.
pub(super) fn parse(text: &[u8]) -> Option<IpAddr> {
    let address: IpAddr = core::str::from_utf8(text).ok()?.parse().ok()?;
    Some(address.to_canonical())
}

/// Whether it can be reached from everywhere: it is none of IANA's special-purpose addresses that a client may have.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let is_shared = first == 100 && second & 0xc0 == 64;
    let is_benchmark = first == 198 && second & 0xfe == 18;
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || is_shared
        || is_benchmark
        || first == 0
        || first >= 240)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    !(address.is_loopback()
        || address.is_unspecified()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || address.is_multicast())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, public) in [
            ("203.0.113.9", Some(true)),
            ("8.8.8.8", Some(true)),
            ("10.0.0.1", Some(false)),
            ("172.16.0.1", Some(false)),
            ("172.32.0.1", Some(true)),
            ("192.168.1.1", Some(false)),
            ("127.0.0.1", Some(false)),
            ("169.254.169.254", Some(false)),
            ("100.64.0.1", Some(false)),
            ("100.128.0.1", Some(true)),
            ("0.0.0.0", Some(false)),
            ("255.255.255.255", Some(false)),
            ("::1", Some(false)),
            ("::ffff:10.0.0.1", Some(false)),
            ("::ffff:8.8.8.8", Some(true)),
            ("fd00::1", Some(false)),
            ("fe80::1", Some(false)),
            ("2001:4860:4860::8888", Some(true)),
            ("", None),
            ("localhost", None),
            ("8.8.8.8:443", None),
            ("[REDACTED]", None),
        ] {
            assert_eq!(parse(text.as_bytes()).map(is_public), public, "{text}");
        }
    }
}
