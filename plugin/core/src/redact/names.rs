//! HOT: the member names that decide something, and how one is recognised.
//!
//! A name is known by its first eight bytes, its last eight bytes and its length; these give the slot of a
//! table made at build time. An unknown name, which is nearly every name, ends at an empty slot: two loads,
//! two multiplications, no comparison. Names have at most 16 bytes to be told apart by this alone; longer
//! ones are compared.

use crate::json::known::Index;
use crate::json::{scan, text};
use alloc::vec::Vec;

macro_rules! names {
    ($($name:ident = $text:literal,)*) => {
        /// A member name that some rule knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        #[expect(clippy::enum_variant_names, reason = "the variants spell the members of the API")]
        pub(crate) enum Name {
            /// Any other name.
            Unknown,
            $(#[doc = $text] $name,)*
        }

        const TEXTS: &[(Name, &str)] = &[$((Name::$name, $text),)*];
        static FOLDED: Index<{ TEXTS.len() }> = Index::of(&[$($text,)*]);
    };
}

names! {
    Annotations = "annotations",
    ApiGroup = "apiGroup",
    ApiVersion = "apiVersion",
    Args = "args",
    ApplyConfiguration = "applyConfiguration",
    AuditAnnotations = "auditAnnotations",
    BinaryData = "binaryData",
    BlockOwnerDeletion = "blockOwnerDeletion",
    Causes = "causes",
    CapitalRequestObject = "RequestObject",
    CapitalRequestUri = "RequestURI",
    CapitalResponseObject = "ResponseObject",
    Cells = "cells",
    ClientConfig = "clientConfig",
    CloudConfig = "cloudConfig",
    CloudInit = "cloudInit",
    Code = "code",
    ColumnDefinitions = "columnDefinitions",
    Command = "command",
    Configuration = "configuration",
    Content = "content",
    Contents = "contents",
    Continue = "continue",
    Controller = "controller",
    CreationTimestamp = "creationTimestamp",
    Data = "data",
    DeletionGracePeriodSeconds = "deletionGracePeriodSeconds",
    DeletionTimestamp = "deletionTimestamp",
    Details = "details",
    DryRun = "dryRun",
    EncryptedData = "encryptedData",
    Env = "env",
    Expression = "expression",
    ExpressionWarnings = "expressionWarnings",
    Extra = "extra",
    Field = "field",
    FieldsType = "fieldsType",
    FieldsV1 = "fieldsV1",
    Finalizers = "finalizers",
    From = "from",
    GenerateName = "generateName",
    Generation = "generation",
    GracePeriodSeconds = "gracePeriodSeconds",
    Group = "group",
    HttpGet = "httpGet",
    HttpHeaders = "httpHeaders",
    Immutable = "immutable",
    Inline = "inline",
    Items = "items",
    JsonPatch = "jsonPatch",
    Key = "key",
    Kind = "kind",
    Labels = "labels",
    LastApplied = "kubectl.kubernetes.io/last-applied-configuration",
    ManagedFields = "managedFields",
    Log = "log",
    Manager = "manager",
    MatchConditions = "matchConditions",
    Message = "message",
    MessageExpression = "messageExpression",
    Metadata = "metadata",
    Mutated = "mutated",
    ObjectName = "name",
    Namespace = "namespace",
    NonResourceAttributes = "nonResourceAttributes",
    Note = "note",
    Object = "object",
    Op = "op",
    OpenApiV3Schema = "openAPIV3Schema",
    Operation = "operation",
    Options = "options",
    OrphanDependents = "orphanDependents",
    OwnerReferences = "ownerReferences",
    Passwd = "passwd",
    Patch = "patch",
    PatchType = "patchType",
    Path = "path",
    PostKubeadmCommands = "postKubeadmCommands",
    PreKubeadmCommands = "preKubeadmCommands",
    Preconditions = "preconditions",
    PropagationPolicy = "propagationPolicy",
    Reason = "reason",
    RemainingItemCount = "remainingItemCount",
    RepoUrl = "repoURL",
    Request = "request",
    RequestObject = "requestObject",
    RequestUri = "requestURI",
    Resource = "resource",
    ResourceVersion = "resourceVersion",
    ResponseObject = "responseObject",
    RetryAfterSeconds = "retryAfterSeconds",
    Rows = "rows",
    Rule = "rule",
    SecretKey = "secretKey",
    SecureJsonData = "secureJsonData",
    SelfLink = "selfLink",
    ServiceAccountName = "kubernetes.io/service-account.name",
    ServiceAccountUid = "kubernetes.io/service-account.uid",
    Source = "source",
    Spec = "spec",
    Stamp = "auditveil",
    Status = "status",
    StringData = "stringData",
    Subresource = "subresource",
    Time = "time",
    Tls = "tls",
    Token = "token",
    Type = "type",
    Uid = "uid",
    Validations = "validations",
    Url = "url",
    UserData = "userData",
    UserDataBase64 = "userDataBase64",
    Value = "value",
    Values = "values",
    ValuesContent = "valuesContent",
    ValueExpression = "valueExpression",
    Variables = "variables",
    VolumeAttributes = "volumeAttributes",
    Warning = "warning",
    Webhook = "webhook",
    XValidations = "x-kubernetes-validations",
}

impl Name {
    /// Whether the value tells what kind of object the member belongs to.
    #[inline(always)]
    pub(crate) const fn tells_kind(self) -> bool {
        matches!(self, Name::Kind | Name::Type)
    }

    /// Whether having the member is part of what makes an object a Secret.
    #[inline(always)]
    pub(crate) const fn makes_secret(self) -> bool {
        matches!(self, Name::Data | Name::StringData | Name::Metadata | Name::Items)
    }

    /// Whether the values of such members often are what they were in an earlier record.
    #[inline(always)]
    pub(crate) const fn is_often_repeated(self) -> bool {
        matches!(self, Name::Annotations | Name::Labels | Name::OwnerReferences | Name::Spec)
    }

    /// Every name that some rule knows.
    pub(crate) fn all() -> impl Iterator<Item = &'static str> {
        TEXTS.iter().map(|(_, text)| *text)
    }

    /// How it is spelled.
    pub(crate) fn text(self) -> &'static str {
        TEXTS.iter().find(|(name, _)| *name == self).map_or("", |(_, text)| *text)
    }

    /// Whether the member stands before everything else in an object as the apiserver writes it.
    #[inline(always)]
    pub(crate) const fn opens_object(self) -> bool {
        matches!(self, Name::Kind | Name::Type | Name::ApiVersion)
    }
}

/// `fieldsV1`, `metadata` and, in four bytes, `kind` and `type`.
pub(crate) const FIELDS_V1: u64 = u64::from_le_bytes(*b"fieldsV1");
pub(crate) const METADATA: u64 = u64::from_le_bytes(*b"metadata");
pub(crate) const KIND: u32 = u32::from_le_bytes(*b"kind");
pub(crate) const TYPE: u32 = u32::from_le_bytes(*b"type");

/// How many names there are, [`Name::Unknown`] among them.
pub(crate) const COUNT: usize = TEXTS.len() + 1;

const SLOTS: usize = 512;
const SLOT_BITS: u32 = SLOTS.trailing_zeros();

/// What tells names apart: first eight bytes, last eight bytes (0 if there are no more than eight), length.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    first: u64,
    last: u64,
    length: usize,
}

/// A known name and what tells it apart.
#[derive(Clone, Copy)]
struct Known {
    key: Key,
    name: Name,
    text: &'static str,
}

/// The known names; the first is none.
static KNOWN: [Known; COUNT] = known();
/// Which of them is in which slot.
static TABLE: [u8; SLOTS] = build();

const fn hash(key: Key) -> usize {
    let mixed = key.first.wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ key.last.wrapping_add(key.length as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
    (mixed >> (64 - SLOT_BITS)) as usize
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn known() -> [Known; COUNT] {
    let none = Known { key: Key { first: 0, last: 0, length: 0 }, name: Name::Unknown, text: "" };
    let mut known = [none; COUNT];
    let mut index = 0;
    while index < TEXTS.len() {
        let (name, text) = TEXTS[index];
        let bytes = text.as_bytes();
        let mut first = 0;
        let mut last = 0;
        let mut at = 0;
        while at < bytes.len() {
            if at < 8 {
                first |= (bytes[at] as u64) << (8 * at);
            }
            if bytes.len() > 8 && at >= bytes.len() - 8 {
                last |= (bytes[at] as u64) << (8 * (at + 8 - bytes.len()));
            }
            at += 1;
        }
        known[index + 1] = Known { key: Key { first, last, length: bytes.len() }, name, text };
        index += 1;
    }
    known
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn build() -> [u8; SLOTS] {
    let known = known();
    let mut table = [0; SLOTS];
    let mut index = 1;
    while index < COUNT {
        let mut slot = hash(known[index].key);
        while table[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = index as u8;
        index += 1;
    }
    table
}

/// Which names are likely to mean something at some place: for the hash of a name's first four bytes and its length,
/// whether such names do. A wrong yes costs a look-up; there is no wrong no.
pub(crate) type Likely = [bool; HASHES];

const HASHES: usize = 1024;
const HASH_BITS: u32 = HASHES.trailing_zeros();

/// No name.
pub(crate) static NONE_LIKELY: Likely = [false; HASHES];
/// Every name there can be.
pub(crate) static ALL_LIKELY: Likely = [true; HASHES];

/// The names that mean something in an object that may be a Secret, and `members`.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
pub(crate) const fn likely(members: &[bool; COUNT]) -> Likely {
    let mut likely = NONE_LIKELY;
    let mut index = 0;
    while index < TEXTS.len() {
        let (name, text) = TEXTS[index];
        // Managed fields are passed over at once wherever they stand, others where they were passed before.
        let passed = matches!(name, Name::FieldsV1) || name.is_often_repeated();
        let means = name.makes_secret() || name.tells_kind() || passed;
        if means || members[name as usize] {
            let bytes = text.as_bytes();
            // Of a short name the quote and the colon are among the first four bytes.
            let mut first = [b'"', b':', 0, 0];
            let mut at = 4;
            while at > 0 {
                at -= 1;
                first[at] = if at < bytes.len() {
                    bytes[at]
                } else if at == bytes.len() {
                    b'"'
                } else {
                    b':'
                };
            }
            likely[likely_hash(bytes.len(), u32::from_le_bytes(first))] = true;
        }
        index += 1;
    }
    likely
}

/// Whether two sets are one.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
pub(crate) const fn are_same(one: &Likely, other: &Likely) -> bool {
    let mut hash = 0;
    while hash < HASHES && one[hash] == other[hash] {
        hash += 1;
    }
    hash == HASHES
}

#[inline(always)]
const fn likely_hash(length: usize, first: u32) -> usize {
    // Of six hundred multipliers the one under which fewest members of the API share a slot with one that means
    // something: one in two thousand of those in a log, where under others it is one in fifteen.
    let mixed = (first ^ (length as u32) << 24).wrapping_mul(0x2057_2AEB);
    (mixed >> (32 - HASH_BITS)) as usize
}

/// Whether a name of this length, behind which stand a quote and a colon, has to be looked at; `first` are the first
/// bytes of all that.
#[inline(always)]
pub(crate) fn is_likely(likely: &Likely, length: usize, first: u64) -> bool {
    likely.get(likely_hash(length, first as u32)).copied().unwrap_or(true)
}

/// The name that `bytes[start..end]` spells, which holds no escapes.
#[inline(never)]
pub(crate) fn lookup(bytes: &[u8], start: usize, end: usize) -> Name {
    let length = end.wrapping_sub(start);
    let key = match scan::word(bytes, start) {
        Some(first) if length > 8 => {
            let last = scan::word(bytes, end.wrapping_sub(8)).unwrap_or(0);
            Key { first, last, length }
        }
        Some(first) if length > 0 => {
            let unused = 64_u32.wrapping_sub((length as u32) << 3);
            Key { first: first << unused >> unused, last: 0, length }
        }
        Some(_) => return Name::Unknown,
        None => key_at_the_end(bytes, start, end),
    };
    find(key, bytes, start, end)
}

#[inline(always)]
fn find(key: Key, bytes: &[u8], start: usize, end: usize) -> Name {
    let mut slot = hash(key);
    loop {
        match TABLE.get(slot) {
            Some(0) => return Name::Unknown,
            Some(&index) => {
                if let Some(known) = KNOWN.get(usize::from(index))
                    && known.key == key
                {
                    let same = key.length <= 16 || bytes.get(start..end) == Some(known.text.as_bytes());
                    return if same { known.name } else { Name::Unknown };
                }
                slot = slot.wrapping_add(1);
            }
            None => slot = 0,
        }
    }
}

/// The key of a name so near the end of the text that eight bytes cannot be read at once.
#[cold]
#[inline(never)]
fn key_at_the_end(bytes: &[u8], start: usize, end: usize) -> Key {
    let name = bytes.get(start..end).unwrap_or_default();
    let word = |part: &[u8]| part.iter().rev().fold(0_u64, |word, &byte| word << 8 | u64::from(byte));
    let first = word(name.get(..8).unwrap_or(name));
    let last =
        if name.len() > 8 { word(name.get(name.len().wrapping_sub(8)..).unwrap_or_default()) } else { 0 };
    Key { first, last, length: name.len() }
}

/// The name that a string with escapes spells, or that is compared without case (ASCII).
#[cold]
#[inline(never)]
pub(crate) fn lookup_decoded(raw: &[u8], folded: bool, decoded: &mut Vec<u8>) -> Name {
    if !text::unescape(raw, decoded) {
        return Name::Unknown;
    }
    if !folded {
        return lookup(decoded, 0, decoded.len());
    }
    let mut likely = FOLDED.likely(decoded).filter_map(|at| TEXTS.get(at));
    likely.find(|text| text.1.as_bytes().eq_ignore_ascii_case(decoded)).map_or(Name::Unknown, |found| found.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use proptest::prelude::*;

    #[test]
    fn every_name_is_found_wherever_it_stands() {
        for &(name, text) in TEXTS {
            for tail in ["", "\"", "\":1,\"abcdefgh\":2"] {
                let json = format!("x\"{text}{tail}");
                assert_eq!(lookup(json.as_bytes(), 2, 2 + text.len()), name, "{text}");
            }
            let upper = text.to_uppercase();
            let folded = lookup_decoded(upper.as_bytes(), true, &mut Vec::new());
            // `RequestObject` and `requestObject` are one name without case.
            let same = TEXTS.iter().find(|(_, text)| text.eq_ignore_ascii_case(&upper));
            assert_eq!(Some(folded), same.map(|(name, _)| *name), "{text}");
        }
    }

    #[test]
    fn escapes_do_not_hide_a_name() {
        let mut buffer = Vec::new();
        assert_eq!(lookup_decoded(br"\u0064ata", false, &mut buffer), Name::Data);
        assert_eq!(lookup_decoded(br"D\u0041TA", true, &mut buffer), Name::Data);
        assert_eq!(lookup_decoded(br"d\u0041ta", false, &mut buffer), Name::Unknown);
    }

    proptest! {
        #[test]
        fn near_misses_are_unknown(index in 0..TEXTS.len(), at in any::<prop::sample::Index>(), byte in 0x21u8..0x7f) {
            let mut text = TEXTS[index].1.as_bytes().to_vec();
            let at = at.index(text.len());
            text[at] = byte;
            let theirs = TEXTS.iter().find(|known| known.1.as_bytes() == text).map_or(Name::Unknown, |known| known.0);
            prop_assert_eq!(lookup(&text, 0, text.len()), theirs);
            text.extend_from_slice(b"\":123456789");
            prop_assert_eq!(lookup(&text, 0, text.len() - 11), theirs);
        }
    }
}
