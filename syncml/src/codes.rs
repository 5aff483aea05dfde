//! Status codes and alert codes.
//!
//! *Specified*: OMA-SyncML-RepPro 1.2 (response status codes), OMA-TS-DM_RepPro 1.2.1 section 4.1
//! and MS-MDM 2.2.6; what Windows makes of them: Microsoft Learn, "OMA DM protocol support".

use std::fmt;

/// A status code: what became of a command. Any number is one; the constants are those that the
/// specifications name.
///
/// ```
/// use syncml::StatusCode;
///
/// let code = StatusCode::new(418);
/// assert_eq!(code, StatusCode::ALREADY_EXISTS);
/// assert_eq!(code.name(), Some("already exists"));
/// assert!(!code.is_success() && !code.may_retry());
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct StatusCode(u16);

/// Declares the constants and their names.
macro_rules! codes {
    ($type:ident: $($constant:ident = $number:literal, $name:literal, $doc:literal;)*) => {
        impl $type {
            $(
                #[doc = $doc]
                pub const $constant: Self = Self($number);
            )*

            /// A short name, if the specifications have this code.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($name),)*
                    _ => None,
                }
            }

            /// What it means, in a sentence, if the specifications have this code.
            #[must_use]
            pub const fn meaning(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($doc),)*
                    _ => None,
                }
            }

            /// The code with this number.
            #[must_use]
            pub const fn new(number: u16) -> Self {
                Self(number)
            }

            /// The number.
            #[must_use]
            pub const fn number(self) -> u16 {
                self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.name() {
                    Some(name) => write!(f, "{} {name}", self.0),
                    None => self.0.fmt(f),
                }
            }
        }

        impl std::str::FromStr for $type {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.trim().parse().map(Self)
            }
        }
    };
}

codes! { StatusCode:
    IN_PROGRESS = 101, "in progress", "The command is being executed.";
    OK = 200, "ok", "The command succeeded.";
    ITEM_ADDED = 201, "item added", "The item was added.";
    ACCEPTED = 202, "accepted for processing", "The command will be executed later.";
    NON_AUTHORITATIVE = 203, "non-authoritative response", "The answer comes from elsewhere.";
    NO_CONTENT = 204, "no content", "The command succeeded and there is nothing to return.";
    RESET_CONTENT = 205, "reset content", "The sender is to read its content anew.";
    PARTIAL_CONTENT = 206, "partial content", "Part of the content is returned.";
    CONFLICT_MERGED = 207, "conflict resolved with merge", "A conflict was resolved by merging.";
    CONFLICT_CLIENT_WON = 208, "conflict resolved, client won", "The client's version won.";
    CONFLICT_DUPLICATED = 209, "conflict resolved with duplicate", "Both versions were kept.";
    DELETED_WITHOUT_ARCHIVE = 210, "deleted without archive", "It was deleted, not archived.";
    ITEM_NOT_DELETED = 211, "item not deleted", "The item was not there.";
    AUTHENTICATED = 212, "authentication accepted", "Accepted for the whole session.";
    CHUNK_ACCEPTED = 213, "chunked item accepted", "A part of a large object was taken.";
    CANCELLED = 214, "operation cancelled", "The command was cancelled, or not all of it was executed.";
    NOT_EXECUTED = 215, "not executed", "Not executed, because of what the user or another command did.";
    ATOMIC_ROLLED_BACK = 216, "atomic roll back ok", "The command was undone with its Atomic.";
    MULTIPLE_CHOICES = 300, "multiple choices", "There are several targets.";
    MOVED_PERMANENTLY = 301, "moved permanently", "The target has another address for good.";
    FOUND = 302, "found", "The target has another address for now.";
    SEE_OTHER = 303, "see other", "The target is found elsewhere.";
    NOT_MODIFIED = 304, "not modified", "The command was not executed, as if not needed.";
    USE_PROXY = 305, "use proxy", "The target is reached through a proxy.";
    BAD_REQUEST = 400, "bad request", "The command is malformed.";
    UNAUTHORIZED = 401, "invalid credentials", "The credentials are wrong.";
    PAYMENT_REQUIRED = 402, "payment needed", "Payment is needed.";
    FORBIDDEN = 403, "forbidden", "The command was understood and refused.";
    NOT_FOUND = 404, "not found", "The target does not exist.";
    METHOD_NOT_ALLOWED = 405, "command not allowed", "The target does not allow this command.";
    NOT_SUPPORTED = 406, "optional feature not supported", "An optional feature is not supported.";
    MISSING_CREDENTIALS = 407, "missing credentials", "Credentials are needed.";
    REQUEST_TIMEOUT = 408, "request timeout", "It took too long.";
    CONFLICT = 409, "conflict", "The command conflicts with another version.";
    GONE = 410, "gone", "The target is gone.";
    SIZE_REQUIRED = 411, "size required", "A size is needed in Meta.";
    INCOMPLETE = 412, "incomplete command", "The command lacks something.";
    TOO_LARGE = 413, "request entity too large", "The recipient cannot take that much.";
    URI_TOO_LONG = 414, "URI too long", "The address is too long or too deep.";
    UNSUPPORTED_FORMAT = 415, "unsupported media type or format", "The type or format is not supported.";
    RANGE = 416, "requested size too big", "The requested size cannot be met.";
    RETRY_LATER = 417, "retry later", "The recipient asks to be tried again later.";
    ALREADY_EXISTS = 418, "already exists", "The target exists already.";
    CONFLICT_SERVER_WON = 419, "conflict resolved with server data", "The server's version won.";
    DEVICE_FULL = 420, "device full", "The recipient has no room.";
    UNKNOWN_SEARCH = 421, "unknown search grammar", "The search grammar is not known.";
    BAD_CGI = 422, "bad CGI script", "The script in the address is wrong.";
    SOFT_DELETE_CONFLICT = 423, "soft-delete conflict", "The soft-deleted item was there already.";
    SIZE_MISMATCH = 424, "size mismatch", "The object is not as large as was said.";
    PERMISSION_DENIED = 425, "permission denied", "The access control list does not allow it.";
    PARTIAL_ITEM_REFUSED = 426, "partial item not accepted", "The recipient refuses a part of an item.";
    NOT_EMPTY = 427, "item not empty", "The parent cannot be deleted before its children.";
    MOVE_FAILED = 428, "move failed", "The item could not be moved.";
    COMMAND_FAILED = 500, "command failed", "The recipient failed to execute the command.";
    NOT_IMPLEMENTED = 501, "command not implemented", "The recipient does not know the command.";
    BAD_GATEWAY = 502, "bad gateway", "Something behind the recipient answered wrongly.";
    SERVICE_UNAVAILABLE = 503, "service unavailable", "The recipient is overloaded or in maintenance.";
    GATEWAY_TIMEOUT = 504, "gateway timeout", "Something behind the recipient did not answer.";
    VERSION_NOT_SUPPORTED = 505, "version not supported", "The protocol version is not supported.";
    PROCESSING_ERROR = 506, "processing error", "An application error occurred.";
    ATOMIC_FAILED = 507, "atomic failed", "A command of the Atomic failed and all were undone.";
    REFRESH_REQUIRED = 508, "refresh required", "Everything has to be synchronised anew.";
    DATA_STORE_FAILURE = 510, "data store failure", "The data store failed.";
    SERVER_FAILURE = 511, "server failure", "The server failed severely.";
    SYNC_FAILED = 512, "synchronisation failed", "The application ended the session.";
    PROTOCOL_NOT_SUPPORTED = 513, "protocol version not supported", "This SyncML version is not supported.";
    OPERATION_CANCELLED = 514, "operation cancelled", "The command was cancelled before it was finished.";
    ATOMIC_ROLL_BACK_FAILED = 516, "atomic roll back failed", "A command could not be undone with its Atomic.";
    ATOMIC_TOO_LARGE = 517, "atomic response too large", "The answer to an Atomic fits in no message.";
}

impl StatusCode {
    /// Whether the command was executed or will be: 200 to 299, but for 213 to 216, which say that
    /// it was not, or not yet.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self.0, 200..=212)
    }

    /// Whether sending the same command again later can succeed without anything else changing.
    #[must_use]
    pub const fn may_retry(self) -> bool {
        matches!(
            self.0,
            101 | 214
                | 215
                | 216
                | 407
                | 408
                | 417
                | 420
                | 502
                | 503
                | 504
                | 507
                | 510
                | 511
                | 514
                | 517
        )
    }
}

/// An alert code. Any number is one.
///
/// ```
/// assert_eq!(syncml::AlertCode::CLIENT_INITIATED.number(), 1201);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct AlertCode(u16);

codes! { AlertCode:
    DISPLAY = 1100, "display", "Show a text to the user.";
    CONFIRM = 1101, "confirm or reject", "Let the user confirm or reject.";
    TEXT_INPUT = 1102, "text input", "Let the user type a text.";
    SINGLE_CHOICE = 1103, "single choice", "Let the user choose one.";
    MULTIPLE_CHOICE = 1104, "multiple choice", "Let the user choose some.";
    SERVER_INITIATED = 1200, "server-initiated management", "The server asked for this session.";
    CLIENT_INITIATED = 1201, "client-initiated management", "The client began this session by itself.";
    NEXT_MESSAGE = 1222, "next message", "Asks for the next message of the package.";
    SESSION_ABORT = 1223, "session abort", "The sender ends the session.";
    CLIENT_EVENT = 1224, "client event", "Something happened on the client; the item's type says what.";
    NO_END_OF_DATA = 1225, "no end of data", "The end of a large object did not come.";
    GENERIC = 1226, "generic alert", "An asynchronous result or notification; the item's type says which.";
}
