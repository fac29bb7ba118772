//! What a policy asks of an event.

use super::syntax::{Level, Stage};
use crate::memory::push;
use alloc::vec::Vec;

/// One event, as far as a policy looks at it: borrowed, unescaped, nothing allocated.
///
/// `G` yields the user's groups; it is cloned and run again where a user is in very many of them, so
/// it should be a cheap iterator over what the event holds.
///
/// Take what the event says of the *authenticated* user (`user`, never `impersonatedUser`) and of the
/// target (`objectRef`). Bytes that are not UTF-8 are fine: they equal nothing in a policy.
#[derive(Debug, Clone)]
pub struct Request<'a, G> {
    /// `user.username`; none where authentication failed, which no list of users or groups matches.
    pub username: Option<&'a [u8]>,
    /// `user.groups`.
    pub groups: G,
    /// `verb`.
    pub verb: &'a [u8],
    /// `objectRef`, or the path where the event has none.
    pub target: Target<'a>,
    /// `stage`; none where it is unknown or the record cannot tell, which no `omitStages` omits.
    pub stage: Option<Stage>,
    /// `level`, the level that the server chose; `RequestResponse` where the record cannot tell.
    pub level: Level,
    /// The attributes that records of this shape cannot have at all. Their values above are not
    /// looked at. Not for what an ordinary event leaves out because it is empty.
    pub missing: Attributes,
}

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// A resource: the event has an `objectRef`.
    Resource(Object<'a>),
    /// A path that is none: `requestURI` up to the first `?`, percent-decoded.
    Path(&'a [u8]),
    /// Records of this shape do not tell.
    Unknown,
}

/// `objectRef`, with empty texts for what it leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Object<'a> {
    /// `apiGroup`: `""` is the core group.
    pub api_group: &'a [u8],
    /// `resource`.
    pub resource: &'a [u8],
    /// `subresource`.
    pub subresource: &'a [u8],
    /// `namespace`.
    pub namespace: &'a [u8],
    /// `name`. For `create` without a subresource it is not looked at: the server knows no name when
    /// it asks its policy, and fills it in from the body only later.
    pub name: &'a [u8],
}

/// A set of attributes.
///
/// # Examples
/// ```
/// use auditveil_core::policy::Attributes;
///
/// let missing = Attributes::GROUPS | Attributes::NAME;
/// assert!(missing.contains(Attributes::NAME));
/// assert!(!missing.contains(Attributes::VERB));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Attributes(u8);

impl Attributes {
    /// No attribute.
    pub const NONE: Attributes = Attributes(0);
    /// The user's name.
    pub const USERNAME: Attributes = Attributes(1);
    /// The user's groups.
    pub const GROUPS: Attributes = Attributes(1 << 1);
    /// The verb.
    pub const VERB: Attributes = Attributes(1 << 2);
    /// The API group of the resource.
    pub const API_GROUP: Attributes = Attributes(1 << 3);
    /// The resource, or its subresource, or both: a policy names them in one word.
    pub const RESOURCE: Attributes = Attributes(1 << 4);
    /// The namespace.
    pub const NAMESPACE: Attributes = Attributes(1 << 5);
    /// The object's name.
    pub const NAME: Attributes = Attributes(1 << 6);
    /// The path of a non-resource request.
    pub const PATH: Attributes = Attributes(1 << 7);

    /// Whether all of `other` are in this set.
    pub const fn contains(self, other: Attributes) -> bool {
        self.0 & other.0 == other.0
    }
}

impl core::ops::BitOr for Attributes {
    type Output = Attributes;

    fn bitor(self, other: Attributes) -> Attributes {
        Attributes(self.0 | other.0)
    }
}

/// The path of a non-resource request: `requestURI` up to the first `?`, percent-decoded.
///
/// Borrows from `uri` where nothing is encoded, which is the rule; otherwise decodes into `buffer`,
/// which is cleared first. A `%` that begins no escape stays as it is. None where the buffer cannot
/// grow.
pub fn path_of<'a>(uri: &'a [u8], buffer: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    let end = uri.iter().position(|&byte| byte == b'?').unwrap_or(uri.len());
    let mut rest = uri.get(..end)?;
    if !rest.contains(&b'%') {
        return Some(rest);
    }
    buffer.clear();
    while let [byte, after @ ..] = rest {
        match (byte, after) {
            (b'%', [high, low, after @ ..]) if let (Some(high), Some(low)) = (digit(*high), digit(*low)) => {
                if !push(buffer, high << 4 | low) {
                    return None;
                }
                rest = after;
            }
            _ => {
                if !push(buffer, *byte) {
                    return None;
                }
                rest = after;
            }
        }
    }
    Some(buffer)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
