//! Why a text was refused: one opaque type, all of its wording in one place, which is why the file is long.

use super::spelling::closest;
use super::tree::{Place, Step, Value};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// One thing that is wrong with a policy or a configuration, and where.
///
/// [`Display`](fmt::Display) tells the place, the path of keys that leads there, what was expected
/// and what was found instead, and, where one is likely, what was meant. The parts are at hand for
/// who wants to draw a caret: [`line`](Error::line), [`column`](Error::column),
/// [`width`](Error::width), [`message`](Error::message), [`hint`](Error::hint).
///
/// The same type tells of what is no reason to refuse a text, a *warning*: what it says is then
/// something that Kubernetes accepts and that hardly anybody means.
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Debug, Clone, PartialEq)]
struct Inner {
    place: Place,
    path: Vec<Step>,
    code: Code,
}

/// What sort of mistake an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is not Unicode, or holds control characters.
    Encoding,
    /// The text is neither YAML nor JSON.
    Syntax,
    /// A value has another type than its key asks for.
    Type,
    /// A value has the right type and is none of those that are allowed.
    Value,
    /// Something that has to be there is not.
    Missing,
    /// Nothing has this key.
    UnknownKey,
    /// A key stands twice.
    RepeatedKey,
    /// The schema, or its version, is not the one that is read here.
    Version,
    /// The text is too long, too deep, or grows too much through aliases.
    Limit,
}

impl ErrorKind {
    /// The sort in a word, for programs: `unknown_key`. Never changes.
    pub const fn id(self) -> &'static str {
        match self {
            ErrorKind::Encoding => "encoding",
            ErrorKind::Syntax => "syntax",
            ErrorKind::Type => "type",
            ErrorKind::Value => "value",
            ErrorKind::Missing => "missing",
            ErrorKind::UnknownKey => "unknown_key",
            ErrorKind::RepeatedKey => "repeated_key",
            ErrorKind::Version => "version",
            ErrorKind::Limit => "limit",
        }
    }
}

/// The type of a value that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Null,
    Bool(bool),
    Number,
    Text,
    List,
    Mapping,
}

/// What an unknown key was probably meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meant {
    /// This key.
    Key(&'static str),
    /// The key of the same name below this one.
    Below(&'static str),
}

/// The mistakes that exist.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Code {
    TooLong {
        limit: usize,
    },
    TooDeep {
        limit: usize,
    },
    NotUnicode,
    ControlCharacter {
        character: char,
    },
    Syntax {
        problem: Box<str>,
    },
    YamlVersion,
    KeyNotScalar,
    KeyNull,
    NotFinite,
    AliasUnknown,
    AliasInItself,
    AliasExcess,
    MergeOfOther,
    TagMismatch {
        tag: Box<str>,
    },
    WrongType {
        expected: &'static str,
        found: Found,
    },
    /// The first keys of the mapping that is expected.
    NotMapping {
        keys: [&'static str; 2],
        found: Found,
    },
    UnknownKey {
        word: Box<str>,
        meant: Option<Meant>,
    },
    RepeatedKey {
        word: Box<str>,
        refused: bool,
    },
    NotOneOf {
        word: Box<str>,
        allowed: &'static [&'static str],
        meant: Option<&'static str>,
    },
    Missing {
        allowed: &'static [&'static str],
    },
    MissingKey {
        key: &'static str,
    },
    OutOfRange {
        low: i64,
        high: i64,
        found: i128,
    },
    NotSuch {
        expected: &'static str,
        word: Box<str>,
    },
    /// The same of a text that is not shown, because it may be a key in the wrong place.
    NotThat {
        expected: &'static str,
    },
    NoPolicy,
    NoApiVersion,
    ApiVersion {
        word: Box<str>,
    },
    Kind {
        word: Box<str>,
    },
    NoRules,
    NotTime {
        word: Box<str>,
    },
    GroupName {
        word: Box<str>,
    },
    UrlStart {
        word: Box<str>,
    },
    UrlWildcard {
        word: Box<str>,
    },
    NamesWithoutResources,
    ResourcesAndUrls,
    PolicyTwice,
    NoHmacKey,
    LengthsCrossed,
    Unsupported {
        instead: &'static str,
        by: &'static str,
    },
    PolicyFile,
    PolicyBeside,
    KeyUnread {
        why: Box<str>,
    },
    NoKey {
        why: &'static str,
    },
    /// A detection, or its condition.
    Detection {
        message: Box<str>,
        hint: Option<Box<str>>,
    },
}

impl Code {
    /// A word that is none of a few.
    pub(crate) fn not_one_of(word: &str, allowed: &'static [&'static str]) -> Code {
        // Of a single word, the message says it already.
        let meant = if allowed.len() > 1 { closest(word, allowed.iter().copied()) } else { None };
        Code::NotOneOf { word: word.into(), allowed, meant }
    }

    /// A value of another type than `expected`.
    pub(crate) fn wrong_type(expected: &'static str, value: &Value) -> Code {
        Code::WrongType { expected, found: Found::from(value) }
    }
}

impl From<&Value> for Found {
    fn from(value: &Value) -> Found {
        match value {
            Value::Null => Found::Null,
            Value::Bool(value) => Found::Bool(*value),
            Value::Integer(_) | Value::Float(_) => Found::Number,
            Value::Text(_) => Found::Text,
            Value::List(_) => Found::List,
            Value::Map(_) => Found::Mapping,
        }
    }
}

impl Error {
    #[cold]
    pub(crate) fn new(place: Place, code: Code) -> Error {
        Error { inner: Box::new(Inner { place, path: Vec::new(), code }) }
    }

    #[cold]
    pub(crate) fn at(place: Place, path: Vec<Step>, code: Code) -> Error {
        Error { inner: Box::new(Inner { place, path, code }) }
    }

    /// What sort of mistake this is.
    pub fn kind(&self) -> ErrorKind {
        match self.inner.code {
            Code::NotUnicode | Code::ControlCharacter { .. } => ErrorKind::Encoding,
            Code::Syntax { .. }
            | Code::YamlVersion
            | Code::KeyNotScalar
            | Code::KeyNull
            | Code::AliasUnknown
            | Code::AliasInItself
            | Code::MergeOfOther => ErrorKind::Syntax,
            Code::TooLong { .. } | Code::TooDeep { .. } | Code::AliasExcess => ErrorKind::Limit,
            Code::WrongType { .. } | Code::NotMapping { .. } | Code::TagMismatch { .. } => ErrorKind::Type,
            Code::UnknownKey { .. } => ErrorKind::UnknownKey,
            Code::RepeatedKey { .. } => ErrorKind::RepeatedKey,
            Code::NoApiVersion | Code::ApiVersion { .. } | Code::Kind { .. } => ErrorKind::Version,
            Code::Missing { .. }
            | Code::MissingKey { .. }
            | Code::NoHmacKey
            | Code::LengthsCrossed
            | Code::KeyUnread { .. }
            | Code::NoPolicy
            | Code::NoRules => ErrorKind::Missing,
            Code::NotFinite
            | Code::NotOneOf { .. }
            | Code::OutOfRange { .. }
            | Code::NotSuch { .. }
            | Code::NotThat { .. }
            | Code::NotTime { .. }
            | Code::GroupName { .. }
            | Code::UrlStart { .. }
            | Code::UrlWildcard { .. }
            | Code::NamesWithoutResources
            | Code::ResourcesAndUrls
            | Code::PolicyTwice
            | Code::Unsupported { .. }
            | Code::PolicyFile
            | Code::NoKey { .. }
            | Code::Detection { .. }
            | Code::PolicyBeside => ErrorKind::Value,
        }
    }

    /// The line, counted from 1.
    pub fn line(&self) -> u32 {
        self.inner.place.line
    }

    /// The column, counted from 1, in characters.
    pub fn column(&self) -> u32 {
        self.inner.place.column
    }

    /// How many characters of the line are meant; at least 1.
    pub fn width(&self) -> u32 {
        self.inner.place.width
    }

    /// The keys that lead to the mistake, such as `rules[0].level`; empty for the text as a whole.
    pub fn path(&self) -> impl fmt::Display + '_ {
        Path(&self.inner.path)
    }

    /// What was expected and what was found, without place, path and hint.
    pub fn message(&self) -> impl fmt::Display + '_ {
        Message(&self.inner.code)
    }

    /// What was probably meant, or what to do about it.
    pub fn hint(&self) -> Option<impl fmt::Display + '_> {
        self.inner.code.has_hint().then_some(Hint(&self.inner.code))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line(), self.column())?;
        if !self.inner.path.is_empty() {
            write!(f, "{}: ", self.path())?;
        }
        write!(f, "{}", self.message())?;
        if let Some(hint) = self.hint() {
            write!(f, "; {hint}")?;
        }
        Ok(())
    }
}

impl core::error::Error for Error {}

/// A text that was refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejected {
    /// Why; never empty, in the order of the text.
    pub errors: Vec<Error>,
    /// What is no reason to refuse it, and is worth a look.
    pub warnings: Vec<Error>,
}

impl fmt::Display for Rejected {
    /// The errors, a line each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl core::error::Error for Rejected {}

impl From<Error> for Rejected {
    fn from(error: Error) -> Rejected {
        Rejected { errors: [error].into(), warnings: Vec::new() }
    }
}

struct Path<'a>(&'a [Step]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if index == 0 => write!(f, "{}", Shown(key))?,
                Step::Key(key) => write!(f, ".{}", Shown(key))?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Whether a character does something to a terminal instead of being seen: a control character, or one that changes
/// the direction of what follows, joins, separates or has no width.
pub fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// A word of the user's, cut where it gets long, control characters escaped.
struct Shown<'a>(&'a str);

/// A text that is shown to its end.
struct Whole<'a>(&'a str);

impl fmt::Display for Whole<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if is_unseen(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 64;
        for (index, character) in self.0.chars().enumerate() {
            if index == LONGEST {
                return f.write_str("…");
            }
            if is_unseen(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

/// A value of the user's, in backticks.
struct Word<'a>(&'a str);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("an empty text") } else { write!(f, "`{}`", Shown(self.0)) }
    }
}

struct Choice(&'static [&'static str]);

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.0.iter().enumerate() {
            let last = index.saturating_add(1) == self.0.len();
            f.write_str(match (index, last) {
                (0, _) => "",
                (_, true) => " or ",
                (_, false) => ", ",
            })?;
            write!(f, "`{word}`")?;
        }
        Ok(())
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Null => f.write_str("nothing"),
            Found::Bool(value) => write!(f, "the boolean {value}"),
            Found::Number => f.write_str("a number"),
            Found::Text => f.write_str("text"),
            Found::List => f.write_str("a list"),
            Found::Mapping => f.write_str("a mapping"),
        }
    }
}

struct Message<'a>(&'a Code);

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Code::TooLong { limit } => write!(f, "expected at most {limit} bytes of text"),
            Code::TooDeep { limit } => write!(f, "expected at most {limit} levels of nesting"),
            Code::NotUnicode => f.write_str("expected UTF-8 text, found other bytes"),
            Code::ControlCharacter { character } => {
                write!(f, "expected text, found the control character `{}`", character.escape_default())
            }
            Code::Syntax { problem } => f.write_str(problem),
            Code::YamlVersion => f.write_str("expected YAML 1.1, found a directive for another version"),
            Code::KeyNotScalar => f.write_str("expected text as a key, found a list or a mapping"),
            Code::KeyNull => f.write_str("expected text as a key, found nothing"),
            Code::NotFinite => f.write_str("expected a finite number"),
            // What stands there may be no alias but a password that begins like one.
            Code::AliasUnknown => f.write_str(
                "expected an anchor before its alias, found none; a text that begins with `*` needs quotes",
            ),
            Code::AliasInItself => {
                f.write_str("expected an alias of something complete, found one inside its own anchor")
            }
            Code::AliasExcess => {
                f.write_str("expected few aliases, found most of the document to be made of them")
            }
            Code::MergeOfOther => f.write_str("expected a mapping, or a list of mappings, to merge"),
            Code::TagMismatch { tag } => {
                write!(f, "expected a value of `!!{}`, found another", Shown(tag))
            }
            Code::WrongType { expected, found } => write!(f, "expected {expected}, found {found}"),
            Code::NotMapping { keys: [first, second], found } => {
                write!(f, "expected a mapping with keys such as `{first}` and `{second}`, found {found}")
            }
            Code::UnknownKey { word, .. } => write!(f, "unknown key `{}`", Shown(word)),
            Code::RepeatedKey { word, .. } => {
                write!(f, "the key `{}` stands here a second time", Shown(word))
            }
            Code::NotOneOf { word, allowed, .. } => {
                write!(f, "expected {}, found {}", Choice(allowed), Word(word))
            }
            Code::Missing { allowed } => write!(f, "expected {}, found nothing", Choice(allowed)),
            Code::MissingKey { key } => write!(f, "expected the key `{key}`, found none"),
            Code::OutOfRange { low, high, found } => {
                write!(f, "expected a number from {low} to {high}, found {found}")
            }
            Code::NotSuch { expected, word } => write!(f, "expected {expected}, found {}", Word(word)),
            Code::NotThat { expected } => write!(f, "expected {expected}, found other text"),
            Code::NoPolicy => f.write_str("expected an audit policy, found an empty document"),
            Code::NoApiVersion => f.write_str("expected `apiVersion: audit.k8s.io/v1`, found none"),
            Code::ApiVersion { word } => {
                write!(f, "expected the version `audit.k8s.io/v1`, found {}", Word(word))
            }
            Code::Kind { word } => write!(f, "expected the kind `Policy`, found {}", Word(word)),
            Code::NoRules => f.write_str("expected at least one rule, found none"),
            Code::NotTime { word } => write!(f, "expected an RFC 3339 time, found {}", Word(word)),
            Code::GroupName { word } => {
                write!(f, "expected an API group, a lower-case DNS name, found {}", Word(word))
            }
            Code::UrlStart { word } => {
                write!(f, "expected a path that begins with `/`, or `*` alone, found {}", Word(word))
            }
            Code::UrlWildcard { word } => {
                write!(f, "expected `*` only as the last character, found {}", Word(word))
            }
            Code::NamesWithoutResources => {
                f.write_str("expected `resources` beside `resourceNames`, found none")
            }
            Code::ResourcesAndUrls => f.write_str(
                "expected either `nonResourceURLs` or `resources` and `namespaces` in one rule, found both",
            ),
            Code::PolicyTwice => f.write_str("expected either `policy` or `policy_file`, found both"),
            Code::LengthsCrossed => f.write_str("expected a `max_length` that is not less than `min_length`"),
            Code::NoHmacKey => f.write_str("expected the key `hmac` where an action is `hmac`, found none"),
            Code::Unsupported { instead, by } => {
                write!(f, "expected {instead}, which is all that {by} does")
            }
            Code::PolicyBeside => {
                f.write_str("expected no policy, since `audit-policy.yaml` beside it is one")
            }
            Code::KeyUnread { why } => write!(f, "expected a file with the key: {}", Whole(why)),
            Code::NoKey { why } => write!(f, "expected a file with a key: {why}"),
            Code::PolicyFile => f.write_str("expected the policy itself, since no other file is read here"),
            Code::Detection { message, .. } => write!(f, "{}", Whole(message)),
        }
    }
}

impl Code {
    fn has_hint(&self) -> bool {
        match self {
            Code::UnknownKey { meant, .. } => meant.is_some(),
            Code::NotOneOf { meant, .. } => meant.is_some(),
            Code::Detection { hint, .. } => hint.is_some(),
            Code::WrongType { found, expected } => {
                (matches!(found, Found::Bool(_) | Found::Number) && *expected == TEXT)
                    || (matches!(found, Found::Text | Found::Mapping) && expected.starts_with("a list"))
            }
            Code::ApiVersion { .. }
            | Code::Kind { .. }
            | Code::NoRules
            | Code::GroupName { .. }
            | Code::RepeatedKey { .. }
            | Code::NoHmacKey
            | Code::LengthsCrossed
            | Code::NoKey { .. }
            | Code::PolicyFile
            | Code::ResourcesAndUrls => true,
            _ => false,
        }
    }
}

/// How a text is called where one is expected.
pub(crate) const TEXT: &str = "text";

struct Hint<'a>(&'a Code);

impl fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Code::UnknownKey { meant: Some(Meant::Key(meant)), .. }
            | Code::NotOneOf { meant: Some(meant), .. } => {
                write!(f, "did you mean `{meant}`?")
            }
            Code::UnknownKey { meant: Some(Meant::Below(home)), .. } => {
                write!(f, "its place is below `{home}`")
            }
            Code::WrongType { found: Found::Bool(_), .. } => f.write_str(
                "YAML 1.1 reads words such as `yes`, `no`, `on` and `y` as booleans: put it in quotes",
            ),
            Code::WrongType { found: Found::Number, .. } => f.write_str("put it in quotes"),
            Code::WrongType { found: Found::Mapping, .. } => f.write_str("each item begins with `- `"),
            Code::WrongType { .. } => f.write_str("write it in brackets: `[…]`"),
            Code::ApiVersion { word } if word.starts_with("audit.k8s.io/") => {
                f.write_str("Kubernetes removed the versions before v1 in 1.24; the fields are the same")
            }
            Code::ApiVersion { .. } => f.write_str("only an audit policy can be read here"),
            Code::Kind { word } if word.eq_ignore_ascii_case("policy") => f.write_str("write `Policy`"),
            Code::Kind { .. } => f.write_str("only an audit policy can be read here"),
            Code::NoRules => f.write_str("without a rule nothing would be logged; add `- level: Metadata`"),
            Code::GroupName { word } if word.contains('/') => {
                f.write_str("a group is written without a version: `apps`, not `apps/v1`")
            }
            Code::GroupName { .. } => f.write_str("the core group is `\"\"`, all groups are `\"*\"`"),
            Code::RepeatedKey { refused: false, .. } => f.write_str("the last one counts"),
            Code::RepeatedKey { refused: true, .. } => f.write_str("keep one of them"),
            Code::ResourcesAndUrls => f.write_str("make it two rules"),
            Code::NoHmacKey => f.write_str("write `hmac: {key_id: …, key_file: …}`"),
            Code::NoKey { .. } => f.write_str("`openssl rand -hex 32` makes one"),
            Code::PolicyFile => f.write_str("write it below `policy`"),
            Code::Detection { hint: Some(hint), .. } => write!(f, "{}", Whole(hint)),
            _ => Ok(()),
        }
    }
}

impl From<&str> for Code {
    /// A syntax error in the words of a parser.
    fn from(problem: &str) -> Code {
        Code::Syntax { problem: Box::from(problem) }
    }
}

/// The problem in words that are put together.
impl From<String> for Code {
    fn from(problem: String) -> Code {
        Code::Syntax { problem: problem.into_boxed_str() }
    }
}
