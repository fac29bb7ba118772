//! Checksums that formats have: CRC-32 in base 62 or in hex, and that of bech32.

/// CRC-32 as of IEEE 802.3, of several parts one after another; bit by bit, because it is asked hardly ever.
pub(super) fn crc32(parts: &[&[u8]]) -> u32 {
    let mut crc = u32::MAX;
    for byte in parts.iter().flat_map(|part| part.iter()) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 == 0 { 0 } else { 0xedb8_8320 };
        }
    }
    !crc
}

/// The number that `digits` are in base 62: digits, capital letters, small letters.
pub(super) fn base62(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |number, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte.wrapping_sub(b'0'),
            b'A'..=b'Z' => byte.wrapping_sub(b'A').wrapping_add(10),
            b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(36),
            _ => return None,
        };
        number.checked_mul(62)?.checked_add(u64::from(digit))
    })
}

/// The number that `digits` are in hex, small letters only.
pub(super) fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |number, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte.wrapping_sub(b'0'),
            b'a'..=b'f' => byte.wrapping_sub(b'a').wrapping_add(10),
            _ => return None,
        };
        Some(number << 4 | u32::from(digit))
    })
}

/// The characters of bech32 (BIP 173) by their values, in capital letters.
const BECH32: &[u8; 32] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";

/// Whether the checksum of a bech32 text holds, whose part before the last `1` is `human` in small letters.
pub(super) fn is_bech32(human: &[u8], data: &[u8]) -> bool {
    let mut sum = 1_u32;
    human.iter().for_each(|byte| sum = bech32_step(sum, u32::from(byte >> 5)));
    sum = bech32_step(sum, 0);
    human.iter().for_each(|byte| sum = bech32_step(sum, u32::from(byte & 31)));
    for byte in data {
        let Some(value) = BECH32.iter().position(|known| known == byte) else { return false };
        sum = bech32_step(sum, value as u32);
    }
    sum == 1
}

fn bech32_step(sum: u32, value: u32) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = sum >> 25;
    let next = (sum & 0x01ff_ffff) << 5 ^ value;
    let bits = GENERATOR.iter().enumerate();
    bits.fold(next, |next, (bit, part)| if top >> bit & 1 == 1 { next ^ part } else { next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_checksums() {
        assert_eq!(crc32(&[b"123456789"]), 0xcbf4_3926);
        assert_eq!(crc32(&[b"1234", b"56789"]), 0xcbf4_3926);
        // A published example of GitHub's format.
        assert_eq!(u64::from(crc32(&[b"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"])), base62(b"0mLq17").unwrap());
        assert_eq!(hex(b"cbf43926"), Some(0xcbf4_3926));
        assert_eq!(hex(b"CBF43926"), None);
        assert_eq!(base62(b"!"), None);
        // BIP 173, "Test vectors".
        assert!(is_bech32(b"a", b"2UEL5L"));
        assert!(is_bech32(b"split", b"CHECKUPSTAGEHANDSHAKEUPSTREAMERRANTERREDCAPERRED2Y9E3W"));
        assert!(!is_bech32(b"split", b"CHECKUPSTAGEHANDSHAKEUPSTREAMERRANTERREDCAPERRED2Y9E3Q"));
    }
}
