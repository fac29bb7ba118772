//! The places: what a value may be, and where its members lead. Data only; [`walk`](super::walk) obeys it.
//!
//! A place is a position in a record, such as "the `data` of a Secret" or "any value of anything else". For
//! each kind of JSON value a place says what becomes of it; for an object it also says to which place each
//! member name leads. What is not named leads to the place's `other`. So the rule for a value is found by
//! one look-up per member, whatever the depth, and a member that nobody thought of has a rule too.
//!
//! To add a position: the names that lead to its place in [`members`]; where no place fits, one in `places!` below; where
//! no row says what is hidden, one in [`rows`](super::rows).

mod members;
mod tables;

use super::names::{self, Likely, Name};
use super::reading::Reading;
use super::rows::Row;
pub(crate) use members::MEMBERS;
use tables::CHILDREN;
pub(crate) use tables::rules_at;

/// What becomes of an object or an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    /// Walk into it.
    Enter,
    /// Replace it by an empty one.
    Mask,
}

/// What becomes of a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// Keep it.
    Keep,
    /// Replace it by the mask.
    Mask,
    /// Keep it, but if it holds JSON text walk that as if it stood there unquoted; and hide what looks like a key or a
    /// token.
    Sniff,
    /// The same of what the API server says itself, or what describes others' members: keys and tokens are not looked for.
    Known,
    /// It must hold JSON text, which is walked at another place; a text that cannot be read is masked.
    Json(Place),
    /// Hide the parts that its reader reports.
    Read(Reading),
    /// Replace it by the mask, unless it says itself that it is no credential.
    Credential,
    /// Keep it; it names what a member beside it holds.
    PairName,
    /// Keep it; it names the column of a table.
    ColumnName,
    /// Replace it by the mask if its column is called as credentials are.
    Cell,
    /// Keep it if it is one word.
    Word,
    /// Keep it if it is an identifier.
    Identifier,
    /// Keep it if it is a duration, `true` or `false`.
    Measure,
    /// Keep it if it is an operation of JSON Patch.
    Operation,
    /// Keep it if it is a JSON pointer to a part that a Secret has.
    Pointer,
}

/// What becomes of a number or a boolean; `null` is always kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// Keep it.
    Keep,
    /// Replace it by `null`.
    Mask,
    /// Replace a number by `null`; a boolean is a switch.
    MaskNumber,
}

/// How the names of an object's members are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Not looked at: all members lead to `other`.
    Ignored,
    /// Compared exactly.
    Exact,
    /// Compared exactly, and the object may turn out to be a Secret.
    Watched,
    /// Compared exactly; the object may turn out to be a Secret, and a name that no rule knows is judged by its
    /// words, see [`walk::keyed`](super::walk).
    Keyed,
    /// The annotations of an event: told apart by how they begin, see [`strings`](super::strings).
    Annotations,
    /// The keys of extra information about a user: judged by [`client_text`](super::client_text).
    Extra,
    /// Compared without case; a name that no rule knows is masked too, because in a patch it is the client's.
    Folded,
}

/// The rules of one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) object: Container,
    pub(crate) array: Container,
    pub(crate) text: Text,
    pub(crate) scalar: Scalar,
    pub(crate) names: Names,
    /// Where members lead that `MEMBERS` does not name.
    pub(crate) other: Place,
    /// Where the elements of an array lead.
    pub(crate) element: Place,
    /// What a value hidden here is told as.
    pub(crate) row: Row,
    /// The names that have to be looked at in an object that is walked here.
    pub(crate) likely: &'static Likely,
    /// Those of them that a rule knows.
    pub(crate) named: &'static Likely,
    /// With which state an object or an array begins that is walked here; see [`walk`](super::walk).
    pub(crate) object_state: u32,
    pub(crate) array_state: u32,
}

impl Rules {
    /// The place of what JSON text holds that is found here.
    pub(crate) fn copy(&self) -> Place {
        if self.names == Names::Keyed { Place::Custom } else { Place::Any }
    }
}

macro_rules! places {
    ($($(#[doc = $what:literal])+ $place:ident = $object:ident $array:ident $text:expr, $scalar:ident, $names:ident => $other:ident [$element:ident] $row:ident;)*) => {
        /// A position in a record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Place { $($(#[doc = $what])+ $place,)* }

        const PLACES: &[Rules] = &[$(Rules {
            object: Container::$object,
            array: Container::$array,
            text: $text,
            scalar: Scalar::$scalar,
            names: Names::$names,
            other: Place::$other,
            element: Place::$element,
            row: Row::$row,
            likely: &names::ALL_LIKELY,
            named: &names::ALL_LIKELY,
            object_state: 0,
            array_state: 0,
        },)*];

        /// The places by their indexes.
        pub(crate) const ALL: &[Place] = &[$(Place::$place,)*];

        /// What each is called, and what it is.
        const ABOUT: &[(&str, &str)] = &[$((stringify!($place), concat!($($what),+)),)*];
    };
}

places! {
    // place = object array text, scalar, names => other members [elements] row

    /// Anything of a kind that Kubernetes defines: walked to find Secrets in it.
    Any = Enter Enter Text::Sniff, Keep, Watched => Any [Any] TextUnreadable;
    /// The outermost object of a record that is no audit event: anything, so the names of members say what is a
    /// credential.
    Record = Enter Enter Text::Sniff, Keep, Keyed => Custom [Custom] TextUnreadable;
    /// Such an object that is a Secret.
    SecretRecord = Enter Mask Text::Mask, Mask, Exact => SecretOther [SecretOther] SecretOther;
    /// What is checked only, because it is hidden with what it is in.
    Kept = Enter Enter Text::Keep, Keep, Ignored => Kept [Kept] SecretOther;
    /// Text is kept; whatever else stands there is not of the API.
    Plain = Mask Mask Text::Sniff, Mask, Ignored => Plain [Plain] SecretOther;
    /// A text of one word is kept: a reason, a state, a kind.
    Word = Mask Mask Text::Word, Mask, Ignored => Word [Word] SecretOther;
    /// A text that is an identifier is kept: a group, a UID.
    Identifier = Mask Mask Text::Identifier, Mask, Ignored => Identifier [Identifier] SecretOther;
    /// A number or a boolean is kept; whatever else stands there is not of the API.
    Number = Mask Mask Text::Mask, Keep, Ignored => Number [Number] SecretOther;
    /// An array of texts.
    PlainList = Mask Enter Text::Mask, Mask, Ignored => Plain [Plain] SecretOther;
    /// A map to texts.
    PlainMap = Enter Mask Text::Mask, Mask, Ignored => Plain [Plain] SecretOther;
    /// A cell of a table of Secrets: name, type, number of keys, age.
    Cell = Mask Mask Text::Sniff, Keep, Ignored => Plain [Plain] SecretOther;
    /// The cells of a row.
    Cells = Mask Enter Text::Mask, Mask, Ignored => Cell [Cell] SecretOther;
    /// The definition of a column.
    Column = Enter Mask Text::Mask, Mask, Ignored => Cell [Cell] SecretOther;
    /// The definitions of the columns.
    Columns = Mask Enter Text::Mask, Mask, Ignored => SecretOther [Column] SecretOther;
    /// The annotation that holds a copy of the object as it was last applied.
    LastApplied = Enter Enter Text::Json(Place::LastAppliedCopy), Keep, Watched => Any [Any] LastApplied;
    /// That copy, an object or nothing.
    LastAppliedCopy = Enter Mask Text::Mask, Mask, Watched => Any [Any] LastApplied;
    /// The same annotation of an object of which nobody knows which members it has.
    CustomLastApplied = Enter Enter Text::Json(Place::CustomLastAppliedCopy), Keep, Keyed => Custom [Custom] LastApplied;
    /// That copy.
    CustomLastAppliedCopy = Enter Mask Text::Mask, Mask, Keyed => Custom [Custom] LastApplied;
    /// The body of an audit event that is not at the top of a record, or that does not say what it is about.
    UnknownBody = Mask Mask Text::Mask, Mask, Ignored => UnknownBody [UnknownBody] UnknownBody;
    /// What stands under `log` in an object that is no record: text there may be half an event.
    Log = Enter Enter Text::Mask, Keep, Watched => Any [Any] UnknownBody;

    /// The target of a request: a path with a query.
    RequestUri = Enter Enter Text::Read(Reading::Uri), Keep, Keyed => RequestUri [RequestUri] Uri;
    /// What an access review of a path asks about.
    NonResource = Enter Enter Text::Sniff, Keep, Keyed => Custom [NonResource] Uri;
    /// What a client calls itself.
    UserAgent = Enter Enter Text::Read(Reading::ClientText), Keep, Keyed => UserAgent [UserAgent] UserAgent;
    /// The user who made a request: what the API server knows of them.
    User = Enter Enter Text::Sniff, Keep, Watched => Known [Any] User;
    /// The user whom a client wants to be: what the client says.
    ImpersonatedUser = Enter Enter Text::Read(Reading::ClientText), Keep, Keyed => ImpersonatedUser [ImpersonatedUser] User;
    /// Extra information about a user, key by key.
    UserExtra = Enter Enter Text::Read(Reading::ClientText), Keep, Extra => UserExtraValue [UserExtraValue] User;
    /// Such information under a key that says nothing of credentials.
    UserExtraValue = Enter Enter Text::Read(Reading::ClientText), Keep, Keyed => UserExtraValue [UserExtraValue] User;
    /// Such information under a key that does.
    UserCredential = Mask Enter Text::Mask, Mask, Ignored => UserCredential [UserCredential] User;

    /// What the API server knows of a user or an object.
    Known = Enter Enter Text::Known, Keep, Watched => Any [Known] TextUnreadable;

    /// What an event is about.
    ObjectRef = Enter Enter Text::Sniff, Keep, Watched => Known [Any] ObjectName;
    /// The name of that, or of what an error is about.
    ObjectName = Enter Enter Text::Read(Reading::ObjectName), Keep, Keyed => ObjectName [ObjectName] ObjectName;
    /// What an event is about whose name is a token.
    TokenObjectRef = Enter Enter Text::Sniff, Keep, Watched => Any [Any] TokenName;
    /// That name, or all of a request for such an object.
    TokenName = Mask Mask Text::Mask, Mask, Ignored => TokenName [TokenName] TokenName;
    /// The status of the answer to a request for such an object: its texts may name it.
    TokenStatus = Enter Mask Text::Mask, Mask, Exact => TokenName [TokenName] TokenName;
    /// An error text, a message of a condition or an event, a denial.
    Message = Enter Enter Text::Read(Reading::Message), Keep, Keyed => Message [Message] Message;
    /// The details of an error.
    Details = Enter Enter Text::Sniff, Keep, Keyed => Custom [Details] Message;
    /// The causes of an error.
    Causes = Enter Enter Text::Sniff, Keep, Keyed => Custom [Causes] Message;
    /// The field that a cause is about.
    CauseField = Enter Enter Text::Read(Reading::FieldPath), Keep, Keyed => CauseField [CauseField] Message;
    /// An annotation that the API server wrote before anybody else could. Nothing is searched for in its prose.
    OwnAnnotation = Enter Enter Text::Known, Keep, Watched => Any [Any] TextUnreadable;
    /// The annotations of an event.
    EventAnnotations = Enter Enter Text::Sniff, Keep, Annotations => Message [Any] Message;
    /// The mutations and variables of an admission policy.
    Mutations = Enter Enter Text::Sniff, Keep, Keyed => Custom [Mutations] Expression;
    /// An expression of one.
    Expression = Enter Enter Text::Read(Reading::Expression), Keep, Keyed => Expression [Expression] Expression;
    /// What an admission policy or a webhook asks for and says of it, and the rules of a schema.
    Checks = Enter Enter Text::Sniff, Keep, Keyed => Custom [Checks] Condition;
    /// An expression of one.
    Condition = Enter Enter Text::Read(Reading::Condition), Keep, Keyed => Condition [Condition] Condition;
    /// What a CertificateSigningRequest asks for.
    CertificateRequest = Enter Enter Text::Read(Reading::CertificateRequest), Keep, Keyed => Custom [CertificateRequest] CertificateRequest;

    /// Anything of which nobody knows which members it has: of custom resources, in the patches of clients, in
    /// copies. The names of members say what is a credential.
    Custom = Enter Enter Text::Sniff, Keep, Keyed => Custom [Custom] TextUnreadable;
    /// Such an object whose `name` says that its `value` is a credential.
    CustomNamed = Enter Enter Text::Sniff, Keep, Keyed => Custom [Custom] TextUnreadable;
    /// Such an object whose `value` was passed before its `name`.
    CustomValued = Enter Enter Text::Sniff, Keep, Keyed => Custom [Custom] TextUnreadable;
    /// The `name` that tells.
    PairName = Enter Enter Text::PairName, Keep, Keyed => Custom [Custom] TextUnreadable;
    /// The body of a request to patch anything but a Secret.
    CustomPatch = Enter Enter Text::Read(Reading::FreeText), Keep, Keyed => Custom [PatchOperation] KeyName;
    /// One operation of a JSON patch; its `path` says where its `value` stands.
    PatchOperation = Enter Enter Text::Sniff, Keep, Keyed => Custom [Custom] TextUnreadable;
    /// A credential, by the name it has.
    Credential = Mask Mask Text::Credential, MaskNumber, Ignored => Credential [Credential] KeyName;
    /// A container that is one, of which parts are to stay by the configuration.
    CredentialParts = Enter Enter Text::Credential, MaskNumber, Ignored => Credential [Credential] KeyName;
    /// What is called `passwd`: a password, or the users of a machine.
    Passwd = Enter Mask Text::Credential, MaskNumber, Keyed => Custom [Credential] KeyName;
    /// A credential if it is text, by the name it has; otherwise a group of settings.
    CredentialGroup = Enter Enter Text::Credential, Keep, Keyed => Custom [CredentialGroup] KeyName;
    /// Credentials, by the name they have, unless it is a number of them.
    CredentialCount = Mask Mask Text::Credential, Keep, Ignored => CredentialCount [CredentialCount] KeyName;
    /// The annotations or the labels of an object of a kind that Kubernetes defines.
    Annotations = Enter Enter Text::Sniff, Keep, Keyed => Custom [Custom] TextUnreadable;
    /// The `data` of something that is no Secret.
    Data = Enter Enter Text::Read(Reading::FreeText), Keep, Keyed => DataValue [DataReference] ConfigMap;
    /// A value in it under a key that says nothing.
    DataValue = Enter Enter Text::Read(Reading::FreeText), Keep, Keyed => Custom [Custom] ConfigMap;
    /// An element of it, as an ExternalSecret has them: `secretKey` is the name of a key.
    DataReference = Enter Enter Text::Sniff, Keep, Keyed => Custom [Custom] TextUnreadable;
    /// A credential in it, by the name it has.
    DataCredential = Mask Mask Text::Credential, MaskNumber, Ignored => DataCredential [DataCredential] ConfigMap;
    /// A schema: its names are those of members that others have.
    Schema = Enter Enter Text::Known, Keep, Watched => Schema [Schema] TextUnreadable;
    /// The `binaryData` of a ConfigMap.
    BinaryData = Enter Enter Text::Sniff, Keep, Keyed => BinaryValue [BinaryValue] ConfigMap;
    /// A value in it under a key that says nothing.
    BinaryValue = Enter Enter Text::Read(Reading::Encoded), Keep, Keyed => Custom [Custom] ConfigMap;
    /// Text that others read: values of a chart, a file, a script for a new machine.
    FreeText = Enter Enter Text::Read(Reading::FreeText), Keep, Keyed => Custom [FreeText] KeyName;
    /// The same in base64.
    EncodedText = Enter Enter Text::Read(Reading::Encoded), Keep, Keyed => Custom [EncodedText] KeyName;
    /// The content of a file as Ignition has it.
    Contents = Enter Enter Text::Read(Reading::FreeText), Keep, Keyed => Custom [Contents] FileContent;
    /// Where it comes from: a URL that may hold it.
    ContentSource = Enter Enter Text::Read(Reading::DataUrl), Keep, Keyed => Custom [ContentSource] FileContent;
    /// The settings of TLS, as a Route has them.
    Tls = Enter Enter Text::Sniff, Keep, Keyed => Custom [Tls] FileContent;
    /// The private key in them.
    TlsKey = Mask Mask Text::Credential, MaskNumber, Ignored => TlsKey [TlsKey] FileContent;
    /// A command and its arguments.
    Arguments = Enter Enter Text::Read(Reading::Argument), Keep, Keyed => Custom [Arguments] Argument;
    /// What a probe asks for.
    HttpGet = Enter Enter Text::Sniff, Keep, Keyed => Custom [HttpGet] Uri;
    /// The path of that.
    ProbePath = Enter Enter Text::Read(Reading::ProbePath), Keep, Keyed => Custom [ProbePath] Uri;
    /// The definitions of a table's columns.
    CustomColumns = Enter Enter Text::Sniff, Keep, Keyed => Custom [CustomColumn] TextUnreadable;
    /// One of them.
    CustomColumn = Enter Enter Text::Sniff, Keep, Keyed => Custom [Custom] TextUnreadable;
    /// Its name.
    ColumnName = Enter Enter Text::ColumnName, Keep, Keyed => Custom [Custom] TextUnreadable;
    /// The rows of a table.
    CustomRows = Enter Enter Text::Sniff, Keep, Keyed => Custom [CustomRow] TextUnreadable;
    /// One of them.
    CustomRow = Enter Enter Text::Sniff, Keep, Keyed => Custom [Custom] TextUnreadable;
    /// Its cells.
    CustomCells = Enter Enter Text::Sniff, Keep, Keyed => Custom [CustomCell] KeyName;
    /// One of them.
    CustomCell = Enter Enter Text::Cell, Keep, Keyed => Custom [Custom] KeyName;
    /// The rows of a table of a kind that Kubernetes defines.
    Rows = Enter Enter Text::Sniff, Keep, Watched => Any [Row] TextUnreadable;
    /// One of them.
    Row = Enter Enter Text::Sniff, Keep, Watched => Any [Any] TextUnreadable;
    /// Its cells.
    RowCells = Enter Enter Text::Sniff, Keep, Watched => Any [RowCell] Message;
    /// One of them: a name, a number, the message of an event.
    RowCell = Enter Enter Text::Read(Reading::Message), Keep, Watched => Any [Any] Message;
    /// The JSON text of a webhook's patch of anything but a Secret.
    WebhookPatch = Enter Enter Text::Json(Place::Webhook), Keep, Keyed => Custom [Custom] TextUnreadable;
    /// What that text holds.
    Webhook = Enter Enter Text::Sniff, Keep, Keyed => Custom [Custom] TextUnreadable;
    /// Who manages which fields.
    Managers = Enter Enter Text::Sniff, Keep, Keyed => Custom [Manager] TextUnreadable;
    /// One of them.
    Manager = Enter Enter Text::Sniff, Keep, Keyed => Custom [Custom] TextUnreadable;
    /// The fields, as names that lead to empty objects.
    Fields = Enter Mask Text::Mask, Mask, Ignored => Fields [Fields] KeyName;
    /// Environment variables, or headers of a probe: a list of pairs, or a map.
    Env = Enter Enter Text::Sniff, Keep, Keyed => EnvValue [EnvVar] Env;
    /// The value of one whose name says nothing.
    EnvValue = Enter Enter Text::Read(Reading::FreeText), Keep, Keyed => Custom [Custom] Env;
    /// One of them.
    EnvVar = Enter Enter Text::Read(Reading::FreeText), Keep, Keyed => Custom [Custom] Env;
    /// One whose name says that it is a credential.
    EnvVarNamed = Enter Enter Text::Read(Reading::FreeText), Keep, Keyed => Custom [Custom] Env;
    /// One whose `value` was passed before its `name`.
    EnvVarValued = Enter Enter Text::Read(Reading::FreeText), Keep, Keyed => Custom [Custom] Env;
    /// The value of one that is a credential.
    EnvCredential = Mask Mask Text::Credential, MaskNumber, Ignored => EnvCredential [EnvCredential] Env;

    /// A token, as a TokenRequest or a TokenReview has one.
    Token = Mask Mask Text::Mask, Mask, Ignored => Token [Token] Token;

    /// A Secret, or a list of them.
    Secret = Enter Mask Text::Mask, Mask, Exact => SecretOther [SecretOther] SecretOther;
    /// The items of a list of Secrets.
    SecretItems = Mask Enter Text::Mask, Mask, Ignored => SecretOther [Secret] SecretOther;
    /// The body of an answer to a request for Secrets: a Secret, a list, a table or an error.
    SecretResponse = Enter Mask Text::Mask, Mask, Exact => SecretOther [SecretOther] SecretOther;
    /// The body of a request to patch a Secret, as the client sent it.
    SecretPatch = Enter Enter Text::Mask, Mask, Folded => SecretOther [SecretPatchOperation] SecretOther;
    /// The options of a request to delete Secrets.
    SecretDelete = Enter Mask Text::Mask, Mask, Exact => SecretOther [SecretOther] SecretOther;
    /// What has to be true of a Secret that is to be deleted.
    SecretPreconditions = Enter Mask Text::Mask, Mask, Exact => SecretOther [SecretOther] SecretOther;
    /// The `metadata` of a Secret.
    SecretMetadata = Enter Mask Text::Mask, Mask, Exact => SecretOther [SecretOther] SecretOther;
    /// The `metadata` of a Secret in a patch.
    SecretPatchMetadata = Enter Mask Text::Mask, Mask, Folded => SecretOther [SecretOther] SecretOther;
    /// The annotations of a Secret.
    SecretAnnotations = Enter Mask Text::Mask, Mask, Exact => SecretAnnotation [SecretAnnotation] SecretAnnotation;
    /// An annotation of a Secret.
    SecretAnnotation = Mask Mask Text::Mask, Mask, Ignored => SecretAnnotation [SecretAnnotation] SecretAnnotation;
    /// The last-applied copy of a Secret.
    SecretLastApplied = Mask Mask Text::Json(Place::Secret), Mask, Ignored => SecretOther [SecretOther] LastApplied;
    /// The `data` or `stringData` of a Secret.
    SecretData = Enter Mask Text::Mask, Mask, Ignored => SecretValue [SecretValue] SecretData;
    /// A value of it.
    SecretValue = Mask Mask Text::Mask, Mask, Ignored => SecretValue [SecretValue] SecretData;
    /// Anything in a Secret that nobody knows.
    SecretOther = Mask Mask Text::Mask, Mask, Ignored => SecretOther [SecretOther] SecretOther;
    /// The owner references of a Secret.
    SecretOwners = Mask Enter Text::Mask, Mask, Ignored => SecretOther [SecretOwner] SecretOther;
    /// One of them.
    SecretOwner = Enter Mask Text::Mask, Mask, Exact => SecretOther [SecretOther] SecretOther;
    /// The managed fields of a Secret.
    SecretManagers = Mask Enter Text::Mask, Mask, Ignored => SecretOther [SecretManager] SecretOther;
    /// One of them.
    SecretManager = Enter Mask Text::Mask, Mask, Exact => SecretOther [SecretOther] SecretOther;
    /// Which fields a manager has set: names that lead to empty objects.
    SecretFields = Enter Mask Text::Mask, Mask, Ignored => SecretFields [SecretOther] SecretOther;
    /// The rows of a table of Secrets.
    SecretRows = Mask Enter Text::Mask, Mask, Ignored => SecretOther [SecretRow] SecretOther;
    /// One of them.
    SecretRow = Enter Mask Text::Mask, Mask, Exact => SecretOther [SecretOther] SecretOther;
    /// One operation of a JSON patch of a Secret.
    SecretPatchOperation = Enter Mask Text::Mask, Mask, Folded => SecretPatchValue [SecretPatchValue] SecretPatch;
    /// Its `op`.
    SecretPatchOp = Mask Mask Text::Operation, Mask, Ignored => SecretPatchValue [SecretPatchValue] SecretPatch;
    /// Its `path` or `from`.
    SecretPatchPath = Mask Mask Text::Pointer, Mask, Ignored => SecretPatchValue [SecretPatchValue] SecretPatch;
    /// Its value.
    SecretPatchValue = Mask Mask Text::Mask, Mask, Ignored => SecretPatchValue [SecretPatchValue] SecretPatch;
    /// An error text in an answer about a Secret.
    SecretMessage = Mask Mask Text::Read(Reading::SecretMessage), Mask, Ignored => SecretMessage [SecretMessage] SecretMessage;
    /// The details of such an error.
    SecretDetails = Enter Mask Text::Mask, Mask, Exact => SecretOther [SecretOther] SecretOther;
    /// The name of the Secret that an error is about.
    SecretObjectName = Mask Mask Text::Read(Reading::ObjectName), Mask, Ignored => SecretOther [SecretOther] ObjectName;
    /// The causes of such an error.
    SecretCauses = Mask Enter Text::Mask, Mask, Ignored => SecretOther [SecretCause] SecretOther;
    /// One of them.
    SecretCause = Enter Mask Text::Mask, Mask, Exact => SecretOther [SecretOther] SecretOther;

    /// The field that one is about.
    SecretCauseField = Mask Mask Text::Read(Reading::FieldPath), Mask, Ignored => SecretOther [SecretOther] SecretMessage;

    /// The status of the answer to a request for Secrets.
    SecretStatus = Enter Mask Text::Mask, Mask, Exact => SecretOther [SecretOther] SecretOther;
    /// The annotations of an event about a Secret: what a webhook or policy wrote may quote it.
    SecretEventAnnotations = Enter Mask Text::Mask, Mask, Annotations => SecretMessage [SecretMessage] SecretMessage;
    /// What the API server measured in a request for Secrets.
    SecretMeasure = Mask Mask Text::Measure, Mask, Ignored => SecretMessage [SecretMessage] SecretMessage;
    /// The JSON text that says what a webhook did to a Secret.
    SecretMutation = Mask Mask Text::Json(Place::SecretMutationNote), Mask, Ignored => SecretMessage [SecretMessage] SecretMessage;
    /// What that text holds.
    SecretMutationNote = Enter Mask Text::Mask, Mask, Exact => SecretMessage [SecretMessage] SecretMessage;
    /// The JSON text of a webhook's patch of a Secret.
    SecretWebhookPatch = Mask Mask Text::Json(Place::SecretWebhook), Mask, Ignored => SecretMessage [SecretMessage] SecretMessage;
    /// What that text holds.
    SecretWebhook = Enter Mask Text::Mask, Mask, Exact => SecretMessage [SecretMessage] SecretMessage;
    /// The name of a webhook.
    SecretWebhookName = Mask Mask Text::Identifier, Mask, Ignored => SecretMessage [SecretMessage] SecretMessage;
    /// The operations of that patch.
    SecretWebhookOperations = Mask Enter Text::Mask, Mask, Ignored => SecretPatchValue [SecretPatchOperation] SecretPatch;
}

/// How many places there are.
pub(crate) const COUNT: usize = PLACES.len();

impl Place {
    /// The place of an object at this one that is a Secret.
    pub(crate) const fn as_secret(self) -> Place {
        match self {
            Place::Record => Place::SecretRecord,
            _ => Place::Secret,
        }
    }

    /// What it is called, and what it is: for people, and for back-ends that are no walk.
    pub(crate) fn about(self) -> (&'static str, &'static str) {
        ABOUT.get(self as usize).copied().unwrap_or_default()
    }

    /// The place of this index.
    #[inline(always)]
    pub(crate) fn at(index: u32) -> Place {
        tables::place_at(index as u8)
    }

    /// The rules of this place.
    #[inline(always)]
    pub(crate) fn rules(self) -> &'static Rules {
        rules_at(self as u8)
    }

    /// Whether the names of members are judged by their words.
    #[inline(always)]
    pub(crate) fn is_keyed(self) -> bool {
        self.rules().names == Names::Keyed
    }

    /// Where the member called `name` of an object at this place leads.
    #[inline(always)]
    pub(crate) fn member(self, name: Name) -> Place {
        match CHILDREN.get(self as usize).and_then(|children| children.get(name as usize)) {
            Some(&place) => place,
            None => Place::SecretOther,
        }
    }
}
