//! Every bound on what comes in and what goes out, with its reason. Nothing else in the core holds a limit.

/// The longest record that is read, in bytes; a longer one becomes a stub.
///
/// An apiserver refuses request bodies above 3 MiB and etcd values above 1.5 MiB; the largest answers
/// (lists) stay below this. Offsets into a record fit 32 bits with room to spare.
pub(crate) const RECORD_BYTES: usize = 64 * 1024 * 1024;

/// The deepest nesting of containers that is emitted as containers; what lies deeper is emitted as a
/// string that holds its JSON text.
///
/// Fluent Bit loses a record of exactly 63 nested containers and, silently, the rest of its chunk. The
/// difference leaves room for envelopes added behind us.
pub(crate) const EMITTED_NESTING: usize = 48;

/// The most keys of one emitted object; a wider one is emitted as a string that holds its JSON text.
///
/// Fluent Bit compares every key of a map with every other: 40,000 keys cost it seconds.
pub(crate) const EMITTED_KEYS: u16 = 1024;

/// The most levels of JSON text inside JSON strings that are opened; a deeper one is masked.
pub(crate) const TEXT_LEVELS: usize = 4;

/// The most strings, objects and arrays in an object under a credential's name that may say where the credential is
/// instead of holding it; one with more is hidden. Not a length: what is hidden changes its length.
pub(crate) const REFERENCE_PARTS: u32 = 48;

/// The most row ids named in one stamp; the rest is a count.
pub(crate) const STAMP_ROWS: usize = 32;

/// The deepest nesting that is walked; a value nested deeper is hidden as a whole.
///
/// This bounds memory only. Kubernetes' own decoder stops at 10,000 levels, so no apiserver writes more.
pub(crate) const WALKED_NESTING: usize = 65_536;

/// The most edits of a record, beside one for every sixteen of its bytes. An edit takes twelve bytes; this
/// keeps all of them smaller than the record.
pub(crate) const EDITS: usize = 4096;

/// The most stretches of one string that are replaced by U+FFFD; a string with more is hidden.
pub(crate) const REPLACEMENTS: usize = 256;

/// The deepest nesting of msgpack containers that is turned into JSON.
pub(crate) const MSGPACK_NESTING: usize = 1024;

/// How often something in prose may begin as JSON does and be none; what comes behind is not looked at. Each
/// may be read to the text's end.
pub(crate) const TEXT_FAILURES: u32 = 16;

/// The longest text of one msgpack string in an answer, in bytes: the largest `str16`.
pub(crate) const MSGPACK_TEXT: usize = 65_535;

/// The most keys of an answer's msgpack map: the largest `fixmap`, whose header holds no zero byte.
pub(crate) const MSGPACK_KEYS: usize = 15;

/// The longest text that another schema's field gets, in bytes; a longer one stays where the event has it. Elasticsearch
/// refuses a document with a keyword of more than 32,766, and some thirty such fields have to fit into
/// [`MSGPACK_TEXT`].
pub(crate) const MAPPED_TEXT: usize = 1536;

/// Lengths told in a stub are rounded up to this, in bytes, so that they say little about the content.
pub(crate) const STUB_LENGTH_STEP: usize = 1024;

/// The most members of an object that may be a list of events. An `EventList` has four; one with many more is
/// something else.
pub(crate) const LIST_MEMBERS: usize = 64;

/// The most items of one list that become stubs; further ones leave the list and are counted only.
///
/// A stub takes 47 bytes and what it stands for may take one: without a bound a list of digits would grow
/// more than twentyfold.
pub(crate) const STUB_ITEMS: u32 = 1024;

/// The most elements of arrays of one envelope in which events are looked for; an array with more is hidden. What is
/// noted of an element takes more bytes than the shortest element does. CloudWatch and Event Hub send 1 MiB at most.
pub(crate) const ENVELOPE_ELEMENTS: usize = 16_384;

/// How often a name may stand in a record under which an event is looked for; what stands under it more often is
/// hidden. Each time the whole record may be read.
pub(crate) const ENVELOPE_REPEATS: usize = 4;

/// The longest policy or configuration that is read, in bytes.
///
/// A policy of 10 MB loads in Kubernetes; far above that lies no policy but a mistake in a path, and a
/// guest's memory is finite.
pub(crate) const CONFIGURATION_BYTES: usize = 32 * 1024 * 1024;

/// The deepest nesting of a policy or a configuration: the limit of both go-yaml v2 and Go's JSON.
pub(crate) const CONFIGURATION_NESTING: usize = 10_000;

/// The most errors, and the most warnings, that are collected from one policy or configuration.
///
/// Nobody reads more, and each holds the way that leads to it: at every level of a deep text, they
/// would take more memory than a guest has.
pub(crate) const CONFIGURATION_FINDINGS: usize = 100;

/// The longest condition, in bytes. Its texts and lists are kept, and each of its comparisons may read the whole event.
pub(crate) const CONDITION_BYTES: usize = 16 * 1024;

/// The most names in a pointer of a JSON Patch that is followed. Each is written as a level of an object.
pub(crate) const POINTER_STEPS: usize = 64;

/// The most operators and parentheses of a condition that wait for their right side at once.
pub(crate) const CONDITION_NESTING: usize = 64;

/// The most steps of a path into a body. Kubernetes' own objects are at most a dozen levels deep.
pub(crate) const PATH_STEPS: usize = 32;

/// The most detections that a configuration adds: each costs its share of every event.
pub(crate) const OWN_DETECTIONS: usize = 128;

/// The most ids of detections in one stamp; the rest is a count.
pub(crate) const STAMP_DETECTIONS: usize = 32;

/// The longest text of a client in a stamp's facts, in bytes; a longer one is left out. The event has it.
pub(crate) const FACT_BYTES: usize = 512;

/// The most arguments of a command in a stamp, and the most bytes that they have together; the rest is a count.
pub(crate) const FACT_ARGUMENTS: usize = 32;
pub(crate) const FACT_ARGUMENTS_BYTES: usize = 1024;
