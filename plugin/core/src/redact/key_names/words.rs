//! Splits a name into words.

/// The words of a name, in order: `dbPassword`, `DB_PASSWORD`, `db-password` and `db.password2` all have two.
///
/// A word is a run of letters of one case, or one capital and small letters; of several capitals before a
/// small letter the last begins the next word (`APIKey`). Everything else, digits too, only separates.
#[derive(Clone, Debug)]
pub(super) struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    pub(super) fn new(name: &'a [u8]) -> Words<'a> {
        Words { rest: name }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.rest.iter().position(|byte| super::is_letter(*byte))?;
        let name = self.rest.get(start..)?;
        let capitals = run(name, |byte| byte.is_ascii_uppercase());
        let small = run(name.get(capitals..)?, |byte| !byte.is_ascii_uppercase() && super::is_letter(byte));
        let length = match (capitals, small) {
            (0 | 1, _) => capitals.saturating_add(small),
            (_, 0) => capitals,
            _ => capitals.saturating_sub(1),
        };
        let (word, rest) = name.split_at_checked(length)?;
        self.rest = rest;
        Some(word)
    }
}

fn run(name: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    name.iter().position(|byte| !belongs(*byte)).unwrap_or(name.len())
}
