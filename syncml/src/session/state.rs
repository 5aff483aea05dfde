//! What is stored between two messages.

use std::collections::VecDeque;
use std::fmt;

use super::event::{Event, PackageOne, SyncType};
use super::job::Job;
use super::login::Login;
use super::queue::Queue;
use super::stored::Stored;
use crate::model::Command;
use crate::objects::Joiner;

/// The version that this program writes; it also reads the one before, which does not know whose
/// nodes a session is for, nor which version of the protocol a device speaks. A program that only
/// knows that one refuses this one, instead of forgetting both.
pub const STATE_VERSION: u32 = 3;
/// The oldest that is read.
pub(super) const OLDEST_VERSION: u32 = 2;

/// A session between two messages: a plain value, to be stored as bytes
/// ([`to_bytes`](Self::to_bytes)), which is a tenth of the work and of the size, or through `serde`
/// with the feature of this name, where somebody has to read it.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
// The version is read whatever else there is, so that an old state is refused with a reason.
#[cfg_attr(feature = "serde", serde(default, bound(deserialize = "K: serde::Deserialize<'de>")))]
pub struct SessionState<K> {
    pub(super) version: u32,
    pub(super) session_id: Option<String>,
    pub(super) device: Option<String>,
    /// The first message's digest.
    pub(super) first_message: Option<u64>,
    /// The last message's MsgID and digest.
    pub(super) last_message: Option<(String, u64)>,
    /// The answer to it, once it was made.
    pub(super) last_reply: Option<Reply>,
    /// The device speaks WBXML, and so do we.
    pub(super) in_wbxml: bool,
    /// The MsgID of our next message.
    pub(super) next_message: u32,
    /// Statuses that the next answer begins with.
    pub(super) owed: VecDeque<Command<'static>>,
    /// Whether the device's package is complete.
    pub(super) device_final: bool,
    /// Whether ours is not: our last message had no Final, because more follows.
    pub(super) server_open: bool,
    /// Whether the device asked for our next message (Alert 1222).
    pub(super) asked_next: bool,
    /// Whether our last message asked for the device's.
    pub(super) prompted: bool,
    /// Package 1, as far as it is known and not reported.
    pub(super) package_one: Option<PackageOne>,
    /// Somebody else than the user is signed in, or nobody, as far as the device said.
    pub(super) without_user: bool,
    /// Whether the session was reported to have begun.
    pub(super) began: bool,
    pub(super) queue: Queue<K>,
    /// The command of which a part was sent.
    pub(super) open: Option<Box<Job<K>>>,
    /// Commands that were sent.
    pub(super) pending: Vec<Box<Job<K>>>,
    /// The device's large object.
    pub(super) joiner: Joiner,
    /// The device's MaxMsgSize.
    pub(super) max_msg_size: Option<usize>,
    /// The device's MaxObjSize.
    pub(super) max_obj_size: Option<usize>,
    /// A device aborted: no sizes are announced any more.
    pub(super) cautious: bool,
    pub(super) login: Login,
    /// The device was refused: the answer has statuses only.
    pub(super) refused: bool,
    /// The vendor ends the session.
    pub(super) abort: bool,
    pub(super) ended: bool,
    /// It ended because nothing was left to do, and that was reported.
    pub(super) done: bool,
    /// What happened and was not polled.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "VecDeque::is_empty"))]
    pub(super) events: VecDeque<Event<K>>,
    /// The device speaks DM/1.1, and so do we.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub(super) speaks_1_1: bool,
    /// Whose nodes the session is for, if the device said that in a word that is known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) sync_type: Option<SyncType>,
}

/// An answer that was made.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) struct Reply {
    pub(super) body: Stored,
    pub(super) in_wbxml: bool,
    pub(super) hmac: Option<String>,
}

impl Reply {
    pub(super) fn len(&self) -> usize {
        self.body.as_bytes().len()
    }
}

impl<K> fmt::Debug for SessionState<K> {
    /// Not the commands and results: their values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionState")
            .field("session_id", &self.session_id)
            .field("device", &self.device)
            .field("next_message", &self.next_message)
            .field("queued", &self.queue.len())
            .field("pending", &(self.pending.len() + usize::from(self.open.is_some())))
            .field("ended", &self.ended)
            .field("events", &self.events.len())
            .finish_non_exhaustive()
    }
}

impl<K> Default for SessionState<K> {
    fn default() -> Self {
        Self {
            version: STATE_VERSION,
            session_id: None,
            device: None,
            last_message: None,
            first_message: None,
            last_reply: None,
            in_wbxml: false,
            next_message: 1,
            owed: VecDeque::new(),
            device_final: false,
            server_open: false,
            asked_next: false,
            prompted: false,
            package_one: Some(PackageOne::default()),
            without_user: false,
            began: false,
            queue: Queue::default(),
            open: None,
            pending: Vec::new(),
            joiner: Joiner::default(),
            max_msg_size: None,
            max_obj_size: None,
            cautious: false,
            login: Login::default(),
            refused: false,
            abort: false,
            ended: false,
            done: false,
            events: VecDeque::new(),
            speaks_1_1: false,
            sync_type: None,
        }
    }
}
