//! Addresses: what one is, and whether it is of the public internet.
//!
//! The standard library's own parser has ways to a panic that a compiler cannot rule out. What is accepted here is
//! what is accepted there.

use super::Facts;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

impl Facts {
    /// Whether a text is an address as `sourceIPs` may have it: IPv4 or IPv6, without a port or a zone.
    pub(crate) fn is_address(text: &[u8]) -> bool {
        read(text).is_some()
    }
}

/// The address that a text of `sourceIPs` is.
pub(super) fn parse(text: &[u8]) -> Option<IpAddr> {
    Some(read(text)?.to_canonical())
}

/// The address as it is spelled.
fn read(text: &[u8]) -> Option<IpAddr> {
    if text.contains(&b':') { read_v6(text).map(IpAddr::V6) } else { read_v4(text).map(IpAddr::V4) }
}

/// Four numbers with points between them.
fn read_v4(text: &[u8]) -> Option<Ipv4Addr> {
    let mut parts = text.split(|&byte| byte == b'.').map(octet);
    let octets = [parts.next()??, parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then(|| Ipv4Addr::from(octets))
}

/// A number up to 255. With zeros in front some readers take it for octal.
fn octet(text: &[u8]) -> Option<u8> {
    if !matches!(text, [_] | [b'1'..=b'9', _] | [b'1'..=b'9', _, _]) {
        return None;
    }
    let mut sum: u16 = 0;
    for byte in text {
        let digit = byte.is_ascii_digit().then(|| byte.wrapping_sub(b'0'))?;
        sum = sum.wrapping_mul(10).wrapping_add(u16::from(digit));
    }
    u8::try_from(sum).ok()
}

/// The groups of an IPv6 address.
const GROUPS: usize = 8;

/// Eight groups with `:` between them, of which `::` stands once for one or more that are zero, and the last two may
/// be written as IPv4.
fn read_v6(text: &[u8]) -> Option<Ipv6Addr> {
    let mut groups = [0; GROUPS];
    let mut count: usize = 0;
    let mut gap = None;
    let mut rest = text;
    if let [b':', b':', behind @ ..] = rest {
        gap = Some(0);
        rest = behind;
    }
    // Behind `::` there may be nothing.
    while !(rest.is_empty() && gap == Some(count)) {
        let end = rest.iter().position(|&byte| byte == b':').unwrap_or(rest.len());
        let (word, behind) = rest.split_at_checked(end)?;
        let is_last = behind.is_empty();
        if is_last && word.contains(&b'.') {
            let [first, second, third, fourth] = read_v4(word)?.octets();
            for pair in [[first, second], [third, fourth]] {
                *groups.get_mut(count)? = u16::from_be_bytes(pair);
                count = count.wrapping_add(1);
            }
        } else {
            *groups.get_mut(count)? = group(word)?;
            count = count.wrapping_add(1);
        }
        if is_last {
            break;
        }
        rest = match behind {
            [b':', b':', behind @ ..] if gap.is_none() => {
                gap = Some(count);
                behind
            }
            [_, behind @ ..] => behind,
            [] => behind,
        };
    }
    let missing = GROUPS.checked_sub(count)?;
    let Some(gap) = gap else { return (missing == 0).then(|| Ipv6Addr::from(groups)) };
    if missing == 0 {
        return None;
    }
    let tail = groups.iter().take(count).skip(gap);
    let spread = groups.iter().take(gap).chain(core::iter::repeat_n(&0, missing)).chain(tail);
    let mut all = [0; GROUPS];
    all.iter_mut().zip(spread).for_each(|(place, group)| *place = *group);
    Some(Ipv6Addr::from(all))
}

/// One to four hexadecimal digits.
fn group(text: &[u8]) -> Option<u16> {
    if text.is_empty() || text.len() > 4 {
        return None;
    }
    let mut sum: u16 = 0;
    for &byte in text {
        let digit = match byte {
            b'0'..=b'9' => byte.wrapping_sub(b'0'),
            b'a'..=b'f' => byte.wrapping_sub(b'a').wrapping_add(10),
            b'A'..=b'F' => byte.wrapping_sub(b'A').wrapping_add(10),
            _ => return None,
        };
        sum = sum.wrapping_shl(4) | u16::from(digit);
    }
    Some(sum)
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
    use alloc::string::{String, ToString};
    use proptest::prelude::*;

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

    /// What the standard library says.
    fn expected(text: &str) -> Option<IpAddr> {
        text.parse().ok()
    }

    #[test]
    fn spellings_at_the_edges() {
        for text in [
            "::",
            "1::",
            "::1",
            ":",
            ":::",
            "1:",
            ":1",
            "::1:",
            "1:::2",
            "1::2::3",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7::",
            "::2:3:4:5:6:7:8",
            "1::3:4:5:6:7:8",
            "1:2:3:4::5:6:7:8",
            "1:2:3:4:5:6:7:8::",
            "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:1.2.3.4",
            "1:2:3:4:5:1.2.3.4",
            "1:2:3:4:5:6:7:1.2.3.4",
            "1:2:3:4:5::1.2.3.4",
            "1:2:3:4:5:6::1.2.3.4",
            "::1.2.3.4",
            "::1.2.3.4:5",
            "1.2.3.4::",
            "1.2.3.4:1::",
            "::01.2.3.4",
            "00001::",
            "0001::",
            "ABCD::abcd",
            "g::",
            "fe80::1%eth0",
            "[::1]",
            "+1::",
            "0.0.0.0",
            "00.0.0.0",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.4.",
            ".1.2.3.4",
            "1..2.3",
            "256.0.0.1",
            "1.2.3.999",
            "1.2.3.0255",
            "1.2.3.+4",
            " 1.2.3.4",
            "1.2.3.4\n",
        ] {
            assert_eq!(read(text.as_bytes()), expected(text), "{text:?}");
        }
    }

    /// A text with a byte of those that addresses have in place of, before or without one of its own.
    fn mutated(text: &str, changes: &[(usize, usize, u8)]) -> String {
        const BYTES: &[u8] = b"0123456789abcdefABCDEFg.::%";
        let mut bytes = text.as_bytes().to_vec();
        for &(at, byte, change) in changes {
            let at = at % (bytes.len() + 1);
            let byte = BYTES[byte % BYTES.len()];
            match change {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => bytes[at] = byte,
                _ if at < bytes.len() => drop(bytes.remove(at)),
                _ => bytes.push(byte),
            }
        }
        String::from_utf8(bytes).unwrap()
    }

    fn any_address() -> impl Strategy<Value = IpAddr> {
        let sparse = proptest::array::uniform8(prop_oneof![Just(0_u16), any::<u16>()]);
        prop_oneof![
            any::<[u8; 4]>().prop_map(IpAddr::from),
            any::<[u8; 16]>().prop_map(IpAddr::from),
            any::<[u8; 4]>().prop_map(|octets| Ipv4Addr::from(octets).to_ipv6_mapped().into()),
            sparse.prop_map(IpAddr::from),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn what_is_written_is_read(address in any_address()) {
            prop_assert_eq!(read(address.to_string().as_bytes()), Some(address));
        }

        #[test]
        fn agrees_with_the_standard_library(
            address in any_address(),
            changes in proptest::collection::vec((any::<usize>(), any::<usize>(), 0..3_u8), 0..5),
        ) {
            let text = mutated(&address.to_string(), &changes);
            prop_assert_eq!(read(text.as_bytes()), expected(&text), "{}", text);
        }

        #[test]
        fn agrees_on_any_text(text in "[0-9a-f:.]{0,20}|([0-9a-f]{0,5}:{1,2}){0,9}([0-9]{1,3}[.]){0,4}[0-9a-f]{0,4}") {
            prop_assert_eq!(read(text.as_bytes()), expected(&text), "{}", text);
        }
    }
}
