//! P1: what is planted at a guaranteed position does not come out, whatever stands around it, in what order, how
//! it is spelled, and where the record ends.

use super::plant::{Plant, planted};
use super::{Finding, Target, answer, finding, leak, sound, told};
use crate::random::Random;
use auditveil_tests::Error;

pub(super) fn check(target: &Target, input: &[u8]) -> Result<String, Finding> {
    let mut random = Random::of(input);
    let Plant { record, secret, way, may_be_cut } = planted(input, &mut random);
    let mut filter = target.filter();
    let leaked = |answer: &[u8], record: &[u8]| match leak::find(answer, &secret) {
        Some(spelling) => {
            let error =
                Error::new(format!("{way}: comes out {spelling}: {}", String::from_utf8_lossy(answer)));
            Err(Finding { error, record: record.to_vec(), absent: Some(secret.clone()) })
        }
        None => Ok(()),
    };
    let found =
        sound(&mut filter, record.as_bytes()).map_err(|found| finding(found.error.at(way), &found.record))?;
    leaked(&found, record.as_bytes())?;
    if !may_be_cut {
        return Ok(format!("{way} {}", told(&found)));
    }
    // The same, cut somewhere: most of what was to come decides nothing any more.
    let mut end = random.below(record.len());
    while !record.is_char_boundary(end) {
        end -= 1;
    }
    let cut = record.get(..end).unwrap_or_default();
    leaked(&answer(&mut filter, cut.as_bytes()), cut.as_bytes())?;
    Ok(format!("{way} {}", told(&found)))
}
