//! Why a session did not take something.

use crate::loc_uri::LocUriError;

/// Why a session did not take something. Its state is then as it was before.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// A message without SyncHdr, SessionID or MsgID.
    #[error("the message has no usable SyncHdr")]
    NoHeader,
    /// A message of another session.
    #[error("the message belongs to session {found:?}, not {expected:?}")]
    OtherSession {
        /// This session.
        expected: Box<str>,
        /// The message's.
        found: Box<str>,
    },
    /// A message of another device: its Source is not the one that the session began with.
    #[error("the message comes from {found:?}, not {expected:?}")]
    OtherDevice {
        /// This session's, at most 64 characters of it.
        expected: Box<str>,
        /// The message's, at most 64 characters of it.
        found: Box<str>,
    },
    /// A message that was answered long ago.
    #[error("message {found:?} comes after message {last:?}")]
    Stale {
        /// The last message.
        last: Box<str>,
        /// This one.
        found: Box<str>,
    },
    /// Another message with the identifier of the last one.
    #[error("message {0:?} came before with other content")]
    Changed(Box<str>),
    /// The session is over.
    #[error("the session is over")]
    Ended,
    /// [`Config::max_queue`](super::Config::max_queue) commands are waiting already.
    #[error("more than {max} commands are waiting")]
    QueueFull {
        /// The limit.
        max: usize,
    },
    /// A command that a server cannot send, such as a Status or a Get inside an Atomic.
    #[error("{0} cannot be sent here")]
    NotSendable(&'static str),
    /// A command about nothing: no item, or no node in one.
    #[error("{0} names no node")]
    NoTarget(Box<str>),
    /// A command about something that cannot be a node.
    #[error("{uri:?} is no address: {error}")]
    Address {
        /// What was given, at most 64 characters of it.
        uri: Box<str>,
        /// What is wrong with it.
        error: LocUriError,
    },
    /// A command whose value would break the message: markup that is not well formed, or that
    /// reads as something else once it is written.
    #[error("the value of {0} does not survive being written")]
    Markup(Box<str>),
    /// No message was handled that an answer could be made for.
    #[error("there is nothing to answer")]
    NothingToAnswer,
    /// The answer needs a fresh nonce: give one (`provide_nonce`) and ask again.
    #[error("the answer needs a fresh nonce")]
    NonceNeeded,
    /// Bytes that are no saved state: they were changed, or not all of them are there.
    #[error("the bytes are no saved state: byte {position}")]
    StateBytes {
        /// How far they were read.
        position: usize,
    },
    /// A saved state of a version that this program does not know.
    #[error("the saved state has version {0}, which this program does not read")]
    StateVersion(u32),
}
