//! The configuration that `auditveil bake` put into the module. Cold, once.
//!
//! ```text
//! nothing is baked      -> the files are looked for
//! intact, and valid     -> in force, told with its digest; no file is looked for
//! anything else         -> the strictest, told why
//! ```
//!
//! The text was valid when it was baked, and is read and checked like that of a file nevertheless: what is in a module
//! can be damaged like what is in a file.

use alloc::string::String;
use alloc::vec::Vec;
use auditveil_core::baked::{Descriptor, LENGTH, LONGEST, Text};
use auditveil_core::{Fault, LoadedSettings, Settings};
use sha2::{Digest as _, Sha256};

use crate::configuration::{System, line, rejected, sha256, strictest};

/// What messages call it.
const NAME: &str = "the configuration baked into the module";

/// The module's own memory, as it was when the module was started.
pub trait Memory {
    /// The descriptor, as it is now.
    fn descriptor(&mut self) -> [u8; LENGTH];
    /// Copies what is in memory from `address` on; `false` if not all of it is memory.
    fn copy(&mut self, address: u32, into: &mut [u8]) -> bool;
}

/// Looks for it, and tells what is in force; `None` if nothing is baked.
pub fn configure(system: &mut impl System, said: &mut String) -> Option<Settings> {
    let descriptor = system.descriptor();
    let why = match Descriptor::read(&descriptor) {
        Some(Descriptor { text: None, .. }) => return None,
        Some(Descriptor { text: Some(place), .. }) => match content(system, &place) {
            Ok((text, key)) => return Some(judge(&text, key, said)),
            Err(why) => why,
        },
        None => Unread::Damaged,
    };
    Some(match why {
        Unread::Damaged => {
            line(said, format_args!("{NAME} is damaged"));
            strictest(Fault::Invalid, said)
        }
        Unread::NoMemory => {
            line(said, format_args!("{NAME}: not enough memory"));
            strictest(Fault::Unreadable, said)
        }
    })
}

/// Why there is no text.
enum Unread {
    Damaged,
    NoMemory,
}

/// The text and its key, if they are what was baked.
fn content(system: &mut impl System, place: &Text) -> Result<(Vec<u8>, Vec<u8>), Unread> {
    let number = |number| usize::try_from(number).unwrap_or(usize::MAX);
    let length = number(place.length).saturating_add(number(place.key_length));
    if length > LONGEST {
        return Err(Unread::Damaged);
    }
    let mut text = Vec::new();
    if !LoadedSettings::has_room(length) || text.try_reserve_exact(length).is_err() {
        return Err(Unread::NoMemory);
    }
    text.resize(length, 0);
    if system.copy(place.address, &mut text) && Sha256::digest(&text)[..] == place.digest {
        let key = text.split_off(number(place.length).min(length));
        Ok((text, key))
    } else {
        Err(Unread::Damaged)
    }
}

fn judge(text: &[u8], key: Vec<u8>, said: &mut String) -> Settings {
    let no_key = || String::from("none is baked into the module");
    let read_key = |_: &str| if key.is_empty() { Err(no_key()) } else { Ok(key) };
    match LoadedSettings::from_files_with_key(Some(text), None, read_key) {
        // What is worth a warning was told when it was baked, and is no longer in the text.
        Ok(loaded) => {
            line(said, format_args!("{NAME} is in force (sha256 {})", sha256(text)));
            loaded.settings
        }
        Err((_, errors)) => rejected(NAME, &errors, said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;

    const STRICT: &str = "every event is kept at level Metadata\n";

    /// A module into which `text` is baked, beside a file that would drop everything.
    fn baked(text: &[u8]) -> Fake {
        with_key(text, b"")
    }

    fn with_key(text: &[u8], key: &[u8]) -> Fake {
        let content = [text, key].concat();
        let none = b"apiVersion: audit.k8s.io/v1\nrules: [{level: None}]\n".to_vec();
        let mut module = Fake::new(vec![("/a", vec![("audit-policy.yaml", Ok(none))])]);
        module.memory = [&[0; 8], content.as_slice()].concat();
        let (length, key_length) = (text.len() as u32, key.len() as u32);
        let digest = Sha256::digest(&content).into();
        Text { address: 8, length, key_length, digest }.write(&mut module.descriptor);
        module
    }

    #[test]
    fn what_is_baked_comes_before_any_file() {
        let policy = br#"{"policy": {"apiVersion": "audit.k8s.io/v1", "rules": [{"level": "Metadata"}]}}"#;
        let (said, answer) = baked(policy).says();
        assert_eq!(
            said,
            "auditveil: the configuration baked into the module is in force (sha256 \
             991fc88ef7f436fb6ab5bd6038db53cf0142fbd15193af94bf720d0050433d85)\n"
        );
        assert_eq!(answer, r#"{"level":"Metadata","verb":"get","auditveil":{"version":"1","action":"get"}}"#);
    }

    const HMAC: &[u8] = b"redact: {action: hmac, hmac: {key_id: k1, key_file: hmac.key}}";

    #[test]
    fn a_key_is_baked_with_what_asks_for_it() {
        let key = b"0123456789abcdef0123456789abcdef";
        let (said, answer) = with_key(HMAC, key).says();
        assert!(said.contains("is in force") && !said.contains("0123456789"), "{said}");
        assert!(answer.contains("requestObject"), "{answer}");
        strict(with_key(HMAC, b""), "expected a file with the key: none is baked into the module");
        strict(with_key(HMAC, &key[1..]), "a key has at least 32 bytes");
    }

    #[track_caller]
    fn strict(module: Fake, complaint: &str) {
        let (said, answer) = module.says();
        assert!(said.contains(complaint) && said.ends_with(STRICT), "{complaint}: {said}");
        assert!(answer.contains(r#""configuration":"invalid""#), "{complaint}: {answer}");
    }

    #[test]
    fn what_is_baked_and_not_valid_is_the_strictest() {
        strict(baked(b"redcat: {}"), "module: line 1, column 1: unknown key `redcat`");
        strict(
            baked(b"policy_file: x"),
            "module: line 1, column 14: policy_file: expected the policy itself",
        );
    }

    /// One bit after another, of the text and of all that the descriptor says about it.
    #[test]
    fn what_is_damaged_is_the_strictest() {
        let module = with_key(b"input: {other: drop}", b"0123456789abcdef0123456789abcdef");
        let damaged = "the configuration baked into the module is damaged\n";
        for bit in (0..16 * 8).chain(48 * 8..LENGTH * 8) {
            let mut module = module.clone();
            module.descriptor[bit / 8] ^= 1 << (bit % 8);
            strict(module, damaged);
        }
        for bit in 8 * 8..module.memory.len() * 8 {
            let mut module = module.clone();
            module.memory[bit / 8] ^= 1 << (bit % 8);
            strict(module, damaged);
        }
    }
}
