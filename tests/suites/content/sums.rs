//! Tokens whose last part is computed from the rest.

/// CRC-32 with a table, where the core goes bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let table: Vec<u32> = (0..256_u32)
        .map(|byte| (0..8).fold(byte, |crc, _| if crc & 1 == 1 { 0xedb8_8320 ^ crc >> 1 } else { crc >> 1 }))
        .collect();
    !bytes.iter().fold(u32::MAX, |crc, byte| table[((crc ^ u32::from(*byte)) & 0xff) as usize] ^ crc >> 8)
}

/// GitHub's and npm's.
pub(crate) fn base62_token(prefix: &str, random: &str) -> String {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut sum = crc32(random.as_bytes());
    let mut digits = Vec::new();
    for _ in 0..6 {
        digits.insert(0, char::from(DIGITS[(sum % 62) as usize]));
        sum /= 62;
    }
    format!("{prefix}{random}{}", digits.into_iter().collect::<String>())
}

/// Confluent's.
pub(crate) fn base64_token(prefix: &str, random: &str) -> String {
    let sum = crc32(random.as_bytes()).to_le_bytes();
    format!("{prefix}{random}{}", base64(&sum))
}

/// Grafana's.
pub(crate) fn grafana_token(random: &str) -> String {
    let key = format!("glsa_{random}");
    let sum: String = crc32(key.as_bytes()).to_le_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{key}_{sum}")
}

/// age's: 52 values and the checksum of BIP 173.
pub(crate) fn age_key(value: &mut dyn FnMut() -> u8) -> String {
    const CHARACTERS: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const HUMAN: &[u8] = b"age-secret-key-";
    let data: Vec<u8> = (0..52).map(|_| value()).collect();
    let mut all: Vec<u8> = HUMAN.iter().map(|byte| byte >> 5).chain([0]).collect();
    all.extend(HUMAN.iter().map(|byte| byte & 31).chain(data.iter().copied()).chain([0; 6]));
    let sum = all.iter().fold(1_u32, |sum, value| {
        let top = sum >> 25;
        let next = (sum & 0x1ff_ffff) << 5 ^ u32::from(*value);
        let parts = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
        parts
            .iter()
            .enumerate()
            .fold(next, |next, (bit, part)| if top >> bit & 1 == 1 { next ^ part } else { next })
    }) ^ 1;
    let sums = (0..6).map(|at| (sum >> (5 * (5 - at)) & 31) as u8);
    let text: String =
        data.iter().copied().chain(sums).map(|value| char::from(CHARACTERS[usize::from(value)])).collect();
    format!("AGE-SECRET-KEY-1{}", text.to_uppercase())
}

/// A JSON Web Token about a subject.
pub(crate) fn web_token(subject: &str) -> String {
    let header = base64url(br#"{"alg":"RS256","kid":"FAKE"}"#);
    let payload = base64url(format!(r#"{{"iss":"kubernetes/serviceaccount","sub":"{subject}"}}"#).as_bytes());
    format!("{header}.{payload}.{}", base64url(subject.repeat(3).as_bytes()))
}

/// Cloudflare's: an account, a tunnel, a secret, with padding.
pub(crate) fn tunnel_token(account: &str, tunnel: &str, secret: &str) -> String {
    let token = base64(
        format!(r#"{{"a":"{account}","t":"0a1b2c3d-0a1b-4c5d-8e9f-{tunnel}","s":"{secret}="}}"#).as_bytes(),
    );
    let padding = "=".repeat(token.len().wrapping_neg() % 4);
    token + &padding
}

/// What begins like one.
pub(crate) fn other_object(text: &str) -> String {
    base64(format!(r#"{{"a":"{text}","name":"{text}"}}"#).as_bytes())
}

fn base64(bytes: &[u8]) -> String {
    base64url(bytes).replace('-', "+").replace('_', "/")
}

fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let digit = |six: &[u8]| (0..6).fold(0, |value, at| value << 1 | six.get(at).copied().unwrap_or(0));
    bits.chunks(6).map(|six| char::from(DIGITS[usize::from(digit(six))])).collect()
}
