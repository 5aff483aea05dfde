//! Status codes and alert codes.
//!
//! *Specified*: OMA-SyncML-RepPro 1.2 (response status codes), OMA-TS-DM_RepPro 1.2.1 section 4.1
//! and MS-MDM 2.2.6; what Windows makes of them: Microsoft Learn, "OMA DM protocol support".

use std::borrow::Cow;
use std::fmt;

use crate::small;

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

/// Response codes of the representation protocol, which OMA DM takes over.
const REPPRO: &str = "OMA-SyncML-RepPro 1.2, response status codes; OMA-TS-DM_RepPro 1.2.1";
/// Codes that the device management profile explains itself.
const DM: &str = "OMA-TS-DM_RepPro 1.2.1, 4.1; MS-MDM 2.2.6";
/// Large objects.
const LARGE: &str =
    "OMA-SyncML-RepPro 1.2, response status codes; OMA-TS-DM_Protocol 1.2.1, large objects";
/// Alerts that ask the user something.
const UI: &str = "OMA-TS-DM_Protocol 1.2.1, user interaction";
/// Alerts of a management session.
const SESSION: &str = "OMA-TS-DM_Protocol 1.2.1, 8; MS-MDM 2.2.7.2";
/// Alerts between two messages of a package.
const PACKAGE: &str = "OMA-TS-DM_Protocol 1.2.1, messages of a package";
/// Alerts of the client.
const EVENT: &str = "OMA-TS-DM_RepPro 1.2.1, 4.1; OMA-TS-DM_Protocol 1.2.1, generic alerts";
/// Alerts of data synchronisation.
const DS: &str = "OMA-SyncML-RepPro 1.2, alert codes; not used in OMA DM";

/// Declares the constants and their names.
macro_rules! codes {
    ($type:ident: $($source:ident {
        $($constant:ident = $number:literal, $name:literal, $doc:literal;)*
    })*) => {
        impl $type {
            /// As it is written.
            pub(crate) fn text(self) -> Cow<'static, str> {
                small::text(u32::from(self.0))
            }

            $($(
                #[doc = $doc]
                pub const $constant: Self = Self($number);
            )*)*

            /// Every code that the specifications have, in ascending order.
            pub const ALL: &'static [Self] = &[$($(Self($number)),*),*];

            /// A short name, if the specifications have this code.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($($number => Some($name),)*)*
                    _ => None,
                }
            }

            /// Where it is specified: document and section, if the specifications have this code.
            #[must_use]
            pub const fn source(self) -> Option<&'static str> {
                match self.0 {
                    $($($number => Some($source),)*)*
                    _ => None,
                }
            }

            /// What it means, in a sentence, if the specifications have this code.
            #[must_use]
            pub const fn meaning(self) -> Option<&'static str> {
                match self.0 {
                    $($($number => Some($doc),)*)*
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
    REPPRO {
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
    }
    DM {
        AUTHENTICATED = 212, "authentication accepted", "Accepted for the whole session.";
    }
    LARGE {
        CHUNK_ACCEPTED = 213, "chunked item accepted", "A part of a large object was taken.";
    }
    REPPRO {
        CANCELLED = 214, "operation cancelled", "The command was cancelled, or not all of it was executed.";
    }
    DM {
        NOT_EXECUTED = 215, "not executed", "Not executed, because of what the user or another command did.";
        ATOMIC_ROLLED_BACK = 216, "atomic roll back ok", "The command was undone with its Atomic.";
    }
    REPPRO {
        MULTIPLE_CHOICES = 300, "multiple choices", "There are several targets.";
        MOVED_PERMANENTLY = 301, "moved permanently", "The target has another address for good.";
        FOUND = 302, "found", "The target has another address for now.";
        SEE_OTHER = 303, "see other", "The target is found elsewhere.";
        NOT_MODIFIED = 304, "not modified", "The command was not executed, as if not needed.";
        USE_PROXY = 305, "use proxy", "The target is reached through a proxy.";
        BAD_REQUEST = 400, "bad request", "The command is malformed.";
    }
    DM {
        UNAUTHORIZED = 401, "invalid credentials", "The credentials are wrong.";
    }
    REPPRO {
        PAYMENT_REQUIRED = 402, "payment needed", "Payment is needed.";
        FORBIDDEN = 403, "forbidden", "The command was understood and refused.";
    }
    DM {
        NOT_FOUND = 404, "not found", "The target does not exist.";
        METHOD_NOT_ALLOWED = 405, "command not allowed", "The target does not allow this command, or the device has no such target in its edition, on its platform or in this session.";
        NOT_SUPPORTED = 406, "optional feature not supported", "An optional feature is not supported.";
        MISSING_CREDENTIALS = 407, "missing credentials", "Credentials are needed.";
    }
    REPPRO {
        REQUEST_TIMEOUT = 408, "request timeout", "It took too long.";
        CONFLICT = 409, "conflict", "The command conflicts with another version.";
        GONE = 410, "gone", "The target is gone.";
    }
    LARGE {
        SIZE_REQUIRED = 411, "size required", "A size is needed in Meta.";
    }
    DM {
        INCOMPLETE = 412, "incomplete command", "The command lacks something.";
    }
    LARGE {
        TOO_LARGE = 413, "request entity too large", "The recipient cannot take that much.";
    }
    DM {
        URI_TOO_LONG = 414, "URI too long", "The address is too long or too deep.";
        UNSUPPORTED_FORMAT = 415, "unsupported media type or format", "The type or format is not supported.";
    }
    LARGE {
        RANGE = 416, "requested size too big", "The requested size cannot be met.";
    }
    REPPRO {
        RETRY_LATER = 417, "retry later", "The recipient asks to be tried again later.";
    }
    DM {
        ALREADY_EXISTS = 418, "already exists", "The target exists already.";
    }
    REPPRO {
        CONFLICT_SERVER_WON = 419, "conflict resolved with server data", "The server's version won.";
    }
    DM {
        DEVICE_FULL = 420, "device full", "The recipient has no room.";
    }
    REPPRO {
        UNKNOWN_SEARCH = 421, "unknown search grammar", "The search grammar is not known.";
        BAD_CGI = 422, "bad CGI script", "The script in the address is wrong.";
        SOFT_DELETE_CONFLICT = 423, "soft-delete conflict", "The soft-deleted item was there already.";
    }
    LARGE {
        SIZE_MISMATCH = 424, "size mismatch", "The object is not as large as was said.";
    }
    DM {
        PERMISSION_DENIED = 425, "permission denied", "The access control list does not allow it.";
        PARTIAL_ITEM_REFUSED = 426, "partial item not accepted", "The recipient refuses a part of an item.";
        NOT_EMPTY = 427, "item not empty", "The parent cannot be deleted before its children.";
    }
    REPPRO {
        MOVE_FAILED = 428, "move failed", "The item could not be moved.";
    }
    DM {
        COMMAND_FAILED = 500, "command failed", "The recipient failed to execute the command.";
    }
    REPPRO {
        NOT_IMPLEMENTED = 501, "command not implemented", "The recipient does not know the command.";
        BAD_GATEWAY = 502, "bad gateway", "Something behind the recipient answered wrongly.";
        SERVICE_UNAVAILABLE = 503, "service unavailable", "The recipient is overloaded or in maintenance.";
        GATEWAY_TIMEOUT = 504, "gateway timeout", "Something behind the recipient did not answer.";
        VERSION_NOT_SUPPORTED = 505, "version not supported", "The protocol version is not supported.";
        PROCESSING_ERROR = 506, "processing error", "An application error occurred.";
    }
    DM {
        ATOMIC_FAILED = 507, "atomic failed", "A command of the Atomic failed and all were undone.";
    }
    REPPRO {
        REFRESH_REQUIRED = 508, "refresh required", "Everything has to be synchronised anew.";
        DATA_STORE_FAILURE = 510, "data store failure", "The data store failed.";
        SERVER_FAILURE = 511, "server failure", "The server failed severely.";
        SYNC_FAILED = 512, "synchronisation failed", "The application ended the session.";
        PROTOCOL_NOT_SUPPORTED = 513, "protocol version not supported", "This SyncML version is not supported.";
        OPERATION_CANCELLED = 514, "operation cancelled", "The command was cancelled before it was finished.";
    }
    DM {
        ATOMIC_ROLL_BACK_FAILED = 516, "atomic roll back failed", "A command could not be undone with its Atomic.";
        ATOMIC_TOO_LARGE = 517, "atomic response too large", "The answer to an Atomic fits in no message.";
    }
}

/// Whether the same command is to be sent once more.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Retry {
    /// Nothing is to be repeated.
    NotNeeded,
    /// It is not finished; more will come.
    Wait,
    /// The same command may succeed at once, or with the rest of its Atomic.
    Again,
    /// The same command may succeed later, without anything else changing.
    Later,
    /// With (other) credentials.
    Authenticated,
    /// Another command for the same node: Add instead of Replace or the other way round.
    OtherCommand,
    /// In smaller pieces.
    Smaller,
    /// Only once something else has changed: the command, its data, or the device.
    Changed,
    /// Not known: the specifications do not have this code.
    Unknown,
}

impl StatusCode {
    /// Whether it makes sense to send the command once more, and how.
    ///
    /// *Decision* from the meanings that the specifications give; 404 and 418 as Windows answers
    /// Replace and Add (Microsoft Learn, "OMA DM protocol support"). 405 is rarely about the verb:
    /// *observed*, Windows gives it for policies that its edition or platform does not have, and for
    /// nodes that the session is not about (MS-MDM 3.2.5.1.5), whatever the verb.
    ///
    /// ```
    /// use syncml::codes::Retry;
    /// use syncml::StatusCode;
    ///
    /// assert_eq!(StatusCode::ALREADY_EXISTS.retry(), Retry::OtherCommand);
    /// assert_eq!(StatusCode::METHOD_NOT_ALLOWED.retry(), Retry::Changed);
    /// assert_eq!(StatusCode::SERVICE_UNAVAILABLE.retry(), Retry::Later);
    /// assert_eq!(StatusCode::new(499).retry(), Retry::Unknown);
    /// ```
    #[must_use]
    pub const fn retry(self) -> Retry {
        match self.0 {
            101 | 202 | 213 => Retry::Wait,
            200 | 201 | 203..=212 | 304 => Retry::NotNeeded,
            214..=216 => Retry::Again,
            300..=303 | 305 => Retry::Changed,
            401 | 407 => Retry::Authenticated,
            404 | 418 => Retry::OtherCommand,
            408 | 417 | 420 | 503 | 504 | 502 | 510 | 511 | 514 => Retry::Later,
            413 | 416 | 517 => Retry::Smaller,
            424 => Retry::Again,
            // Windows answers so before the user has signed in as well as for good.
            500 | 506 | 507 | 512 => Retry::Later,
            400
            | 402
            | 403
            | 405
            | 406
            | 409..=412
            | 414
            | 415
            | 419
            | 421..=423
            | 425..=428
            | 501
            | 505
            | 508
            | 513
            | 516 => Retry::Changed,
            _ => Retry::Unknown,
        }
    }

    /// What kind of answer it is: the hundreds of its number.
    #[must_use]
    pub const fn class(self) -> StatusClass {
        match self.0 {
            100..=199 => StatusClass::Informational,
            200..=299 => StatusClass::Successful,
            300..=399 => StatusClass::Redirection,
            400..=499 => StatusClass::OriginatorError,
            500..=599 => StatusClass::RecipientError,
            _ => StatusClass::Unknown,
        }
    }

    /// Whether the command was executed or will be: 200 to 299, but for 213 to 216, which say that
    /// it was not, or not yet.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self.0, 200..=212)
    }

    /// Whether sending the same command again later can succeed without anything else changing.
    #[must_use]
    pub const fn may_retry(self) -> bool {
        matches!(self.retry(), Retry::Wait | Retry::Again | Retry::Later)
    }
}

/// The kinds of answers (OMA-SyncML-RepPro 1.2, response status codes).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum StatusClass {
    /// 1xx: not finished.
    Informational,
    /// 2xx: taken. 213 to 216 say that it was not, or not yet, executed.
    Successful,
    /// 3xx: elsewhere.
    Redirection,
    /// 4xx: the sender of the command is at fault.
    OriginatorError,
    /// 5xx: the recipient is at fault.
    RecipientError,
    /// Another number.
    Unknown,
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
    DS {
        DS_SHOW = 100, "show", "Show a text to the user.";
        DS_TWO_WAY = 200, "two-way sync", "Synchronise both ways.";
        DS_SLOW = 201, "slow sync", "Synchronise both ways, comparing everything.";
        DS_ONE_WAY_FROM_CLIENT = 202, "one-way sync from client", "The client's changes go to the server.";
        DS_REFRESH_FROM_CLIENT = 203, "refresh sync from client", "All of the client's data replaces the server's.";
        DS_ONE_WAY_FROM_SERVER = 204, "one-way sync from server", "The server's changes go to the client.";
        DS_REFRESH_FROM_SERVER = 205, "refresh sync from server", "All of the server's data replaces the client's.";
        DS_TWO_WAY_BY_SERVER = 206, "two-way sync by server", "The server asks the client to synchronise both ways.";
        DS_ONE_WAY_FROM_CLIENT_BY_SERVER = 207, "one-way sync from client by server", "The server asks for the client's changes.";
        DS_REFRESH_FROM_CLIENT_BY_SERVER = 208, "refresh sync from client by server", "The server asks for all of the client's data.";
        DS_ONE_WAY_FROM_SERVER_BY_SERVER = 209, "one-way sync from server by server", "The server asks to send its changes.";
        DS_REFRESH_FROM_SERVER_BY_SERVER = 210, "refresh sync from server by server", "The server asks to send all of its data.";
        DS_RESULT = 221, "result alert", "Asks for the results of an earlier sync.";
        DS_NEXT_MESSAGE = 222, "next message", "Asks for the next message of the package.";
        DS_NO_END_OF_DATA = 223, "no end of data", "The end of a large object did not come.";
        DS_SUSPEND = 224, "suspend", "The session is to be suspended.";
        DS_RESUME = 225, "resume", "The session is to be resumed.";
    }
    UI {
        DISPLAY = 1100, "display", "Show a text to the user.";
        CONFIRM = 1101, "confirm or reject", "Let the user confirm or reject.";
        TEXT_INPUT = 1102, "text input", "Let the user type a text.";
        SINGLE_CHOICE = 1103, "single choice", "Let the user choose one.";
        MULTIPLE_CHOICE = 1104, "multiple choice", "Let the user choose some.";
    }
    SESSION {
        SERVER_INITIATED = 1200, "server-initiated management", "The server asked for this session.";
        CLIENT_INITIATED = 1201, "client-initiated management", "The client began this session by itself.";
    }
    PACKAGE {
        NEXT_MESSAGE = 1222, "next message", "Asks for the next message of the package.";
        SESSION_ABORT = 1223, "session abort", "The sender ends the session.";
    }
    EVENT {
        CLIENT_EVENT = 1224, "client event", "Something happened on the client; the item's type says what.";
    }
    PACKAGE {
        NO_END_OF_DATA = 1225, "no end of data", "The end of a large object did not come.";
    }
    EVENT {
        GENERIC = 1226, "generic alert", "An asynchronous result or notification; the item's type says which.";
    }
}

/// Whether what an alert tells is to be done or said again.
///
/// *Decision* from the sections that [`AlertCode::source`] names.
impl AlertCode {
    /// Whether sending again what the alert is about makes sense: after 1223 the session's
    /// commands, in a new session; after 1225 the large object, from its beginning; after 1222 the
    /// next message, which is not a repetition.
    #[must_use]
    pub const fn retry(self) -> Retry {
        match self.0 {
            1223 | 223 | 224 => Retry::Later,
            1225 => Retry::Again,
            _ => Retry::NotNeeded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_says_what_it_means_and_where_that_is_said() {
        for code in StatusCode::ALL {
            assert!(code.name().is_some() && code.meaning().is_some() && code.source().is_some());
            assert_ne!(code.retry(), Retry::Unknown, "{code}");
            assert_ne!(code.class(), StatusClass::Unknown, "{code}");
            // Nothing is repeated that succeeded.
            assert!(!code.is_success() || matches!(code.retry(), Retry::NotNeeded | Retry::Wait));
            assert_eq!(code.number().to_string().parse(), Ok(*code));
        }
        assert!(StatusCode::ALL.is_sorted() && AlertCode::ALL.is_sorted());
        for code in AlertCode::ALL {
            assert!(code.name().is_some() && code.meaning().is_some() && code.source().is_some());
            assert_eq!(code.number().to_string().parse(), Ok(*code));
        }
        // 101 to 517 without the numbers that the specification reserves.
        let numbers = [101..=101, 200..=216, 300..=305, 400..=428, 500..=508, 510..=514, 516..=517];
        let found = StatusCode::ALL.iter().map(|code| code.number());
        assert!(found.eq(numbers.into_iter().flatten()));
        // It is not the verb that is wrong with a policy that this edition of Windows does not have.
        assert_eq!(StatusCode::METHOD_NOT_ALLOWED.retry(), Retry::Changed);
        assert_eq!(StatusCode::NOT_FOUND.retry(), Retry::OtherCommand);
        assert!(StatusCode::new(599).source().is_none() && AlertCode::new(1).meaning().is_none());
        assert_eq!(AlertCode::SESSION_ABORT.retry(), Retry::Later);
        assert_eq!(AlertCode::NEXT_MESSAGE.retry(), Retry::NotNeeded);
    }
}
