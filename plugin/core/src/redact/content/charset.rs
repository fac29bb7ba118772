//! Which characters a format is made of.

/// A set of classes of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Charset(u8);

const DIGIT: u8 = 1;
const A_TO_F: u8 = 1 << 1;
const G_TO_Z: u8 = 1 << 2;
const CAPITAL: u8 = 1 << 3;
const UNDERSCORE: u8 = 1 << 4;
const DASH: u8 = 1 << 5;
const POINT: u8 = 1 << 6;
const PLUS_SLASH: u8 = 1 << 7;

impl Charset {
    /// `0-9a-f`
    pub(crate) const HEX: Charset = Charset(DIGIT | A_TO_F);
    /// `0-9a-z`
    pub(crate) const SMALL: Charset = Charset(DIGIT | A_TO_F | G_TO_Z);
    /// `0-9A-Z`
    pub(crate) const CAPITALS: Charset = Charset(DIGIT | CAPITAL);
    /// `0-9A-Za-z`
    pub(crate) const ALPHANUMERIC: Charset = Charset(Charset::SMALL.0 | CAPITAL);
    /// These and `_`.
    pub(crate) const WORD: Charset = Charset(Charset::ALPHANUMERIC.0 | UNDERSCORE);
    /// These and `-`: the second alphabet of RFC 4648.
    pub(crate) const BASE64_URL: Charset = Charset(Charset::WORD.0 | DASH);
    /// These and `.`.
    pub(crate) const DOTTED: Charset = Charset(Charset::BASE64_URL.0 | POINT);
    /// The first alphabet of RFC 4648, without `=`.
    pub(crate) const BASE64: Charset = Charset(Charset::ALPHANUMERIC.0 | PLUS_SLASH);
    /// Both.
    pub(crate) const BASE64_ANY: Charset = Charset(Charset::BASE64.0 | UNDERSCORE | DASH);

    /// Whether `byte` is one of these.
    #[inline(always)]
    pub(crate) fn has(self, byte: u8) -> bool {
        CLASSES.get(usize::from(byte)).is_some_and(|class| class & self.0 != 0)
    }

    /// How many of these `text` begins with; at most `most`.
    pub(crate) fn run(self, text: &[u8], most: usize) -> usize {
        text.iter().take(most).take_while(|byte| self.has(**byte)).count()
    }

    /// How many of this byte `text` begins with; at most `most`.
    pub(crate) fn run_of(byte: u8, text: &[u8], most: usize) -> usize {
        text.iter().take(most).take_while(|next| **next == byte).count()
    }

    /// How many of these `text` ends with; at most `most`.
    pub(crate) fn run_before(self, text: &[u8], most: usize) -> usize {
        text.iter().rev().take(most).take_while(|byte| self.has(**byte)).count()
    }
}

/// The class of each byte; 0 for what no format has.
static CLASSES: [u8; 256] = classes();

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' => A_TO_F,
            b'g'..=b'z' => G_TO_Z,
            b'A'..=b'Z' => CAPITAL,
            b'_' => UNDERSCORE,
            b'-' => DASH,
            b'.' => POINT,
            b'+' | b'/' => PLUS_SLASH,
            _ => 0,
        };
        byte += 1;
    }
    classes
}
