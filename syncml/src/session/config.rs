//! What the vendor decides about sessions.

use crate::error::Limits;

/// What the vendor decides about sessions.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The server's address, the Source of its messages.
    pub server_uri: String,
    /// What a device's message may cost.
    pub limits: Limits,
    /// How many commands may wait. Default 10,000.
    pub max_queue: usize,
    /// How many commands go into one message. Default 200.
    pub max_commands: usize,
    /// How many bytes of results are kept for commands that are not finished. Default 8 MiB; what
    /// is over it is left out and the outcome says so.
    pub max_result_bytes: usize,
    /// Results are handed over message by message ([`Event::Results`](super::Event::Results))
    /// instead of with the outcome, and do not stay in the state. Those of a Get that the end of a
    /// session cut off come again when it is asked again. Default no.
    pub hand_over_results: bool,
    /// How many bytes of commands are put together in one message. Default 524,288, what Windows
    /// is said to take. A device's own MaxMsgSize counts as well if it is smaller; a single command
    /// may go over this one, but never over the device's.
    pub max_message_bytes: usize,
    /// How many bytes a large object of the device may have. Default 8 MiB.
    pub max_object_bytes: usize,
    /// How many bytes of nodes that DevInfo has beside the five of the standard are kept of what a
    /// device says about itself, each with 64 more than its address and value
    /// ([`DeviceInfo::other`](super::DeviceInfo::other)). Default 65,536; *observed* are some hundred.
    pub max_device_info_bytes: usize,
    /// The MaxMsgSize that devices are told, with MaxObjSize. Default none: *observed*, Windows 11
    /// aborts a session when its answer is larger, and sends no chunks.
    pub announced_message_bytes: Option<u32>,
    /// Commands for `./User` wait as long as the device says that its user is not signed in, instead
    /// of failing with 500; others go ahead of them. What has waited to the end of the session is
    /// in [`queued`](super::ServerSession::queued), and in the next one. Default no.
    pub holds_user_scope: bool,
    /// In a session that the device says is the user's alone or its own alone
    /// ([`Event::SyncType`](super::Event::SyncType)), commands with nodes of the other scope wait
    /// for a later session, instead of failing with 405, as `holds_user_scope` has it. A command
    /// with nodes of both waits for a session of both. Default yes.
    pub holds_other_scope: bool,
    /// How often a device is asked for its credentials in one session. Default 2.
    pub max_challenges: u8,
    /// How many answers a session may have; the last of them ends it, as
    /// [`abort`](super::ServerSession::abort) does, also for a device that never is at the end of
    /// its package. Default 10,000: an object of the default [size](Self::max_object_bytes) needs
    /// some 2,000 where messages have 5,000 bytes.
    pub max_messages: u32,
}

impl Config {
    /// The defaults for a server at this address.
    #[must_use]
    pub fn new(server_uri: impl Into<String>) -> Self {
        Self {
            server_uri: server_uri.into(),
            limits: Limits::default(),
            max_queue: 10_000,
            max_commands: 200,
            max_result_bytes: 8 << 20,
            hand_over_results: false,
            max_message_bytes: 524_288,
            max_object_bytes: 8 << 20,
            max_device_info_bytes: 65_536,
            announced_message_bytes: None,
            holds_user_scope: false,
            holds_other_scope: true,
            max_challenges: 2,
            max_messages: 10_000,
        }
    }
}
