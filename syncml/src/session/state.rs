//! What is stored between two messages.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;

use super::digest;
use super::outcome::{ItemStatus, Outcome};
use crate::codes::StatusCode;
use crate::model::{Command, Item, Results, Status};

/// The version that this program writes and reads.
pub const STATE_VERSION: u32 = 1;

/// A session between two messages: a plain value, serialisable with the feature `serde`.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct SessionState<K> {
    pub(super) version: u32,
    pub(super) session_id: Option<String>,
    pub(super) device: Option<String>,
    /// The last message's MsgID and digest.
    pub(super) last_message: Option<(String, u64)>,
    /// The answer to it, once it was made.
    pub(super) last_reply: Option<String>,
    /// The MsgID of our next message.
    pub(super) next_message: u32,
    /// Statuses that the next answer begins with.
    pub(super) owed: Vec<Command<'static>>,
    /// Whether the device's package is complete.
    pub(super) device_final: bool,
    pub(super) queue: VecDeque<Queued<K>>,
    pub(super) pending: Vec<Pending<K>>,
    pub(super) ended: bool,
}

impl<K> fmt::Debug for SessionState<K> {
    /// Not the commands and results: their values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionState")
            .field("session_id", &self.session_id)
            .field("device", &self.device)
            .field("next_message", &self.next_message)
            .field("queued", &self.queue.len())
            .field("pending", &self.pending.len())
            .field("ended", &self.ended)
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
            last_reply: None,
            next_message: 1,
            owed: Vec::new(),
            device_final: false,
            queue: VecDeque::new(),
            pending: Vec::new(),
            ended: false,
        }
    }
}

impl<K> SessionState<K> {
    /// The command that is known to the device by these identifiers.
    pub(super) fn pending_mut(&mut self, msg: &str, cmd: &str) -> Option<&mut Pending<K>> {
        self.pending.iter_mut().find(|pending| pending.msg_id == msg && pending.covers(cmd))
    }
}

/// A command that was not sent.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) struct Queued<K> {
    pub(super) key: K,
    pub(super) command: Command<'static>,
}

/// A command that was sent and is not finished.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) struct Pending<K> {
    pub(super) key: K,
    pub(super) msg_id: String,
    cmd_id: String,
    name: String,
    /// How many items it has.
    items: usize,
    statuses: Vec<ItemStatus>,
    results: Vec<Item<'static>>,
    /// Digests of the results' addresses, in order, to find repeated ones.
    seen: BTreeSet<u64>,
    /// Bytes of the results.
    bytes: usize,
    /// The commands in it: their identifiers and statuses.
    children: Vec<(String, Vec<ItemStatus>)>,
    truncated: bool,
}

impl<K> Pending<K> {
    pub(super) fn new(key: K, msg_id: &str, command: &Command<'_>) -> Self {
        let mut children = Vec::new();
        let mut stack: Vec<&Command<'_>> = command.children().iter().rev().collect();
        while let Some(child) = stack.pop() {
            children.push((id(child), Vec::new()));
            stack.extend(child.children().iter().rev());
        }
        Self {
            key,
            msg_id: msg_id.to_owned(),
            cmd_id: id(command),
            name: command.name().to_owned(),
            items: command.items().len(),
            statuses: Vec::new(),
            results: Vec::new(),
            seen: BTreeSet::new(),
            bytes: 0,
            children,
            truncated: false,
        }
    }

    fn covers(&self, cmd: &str) -> bool {
        self.cmd_id == cmd || self.children.iter().any(|(id, _)| id == cmd)
    }

    /// Bytes of results so far.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn add_status(&mut self, cmd: &str, status: &Status<'_>) {
        let code = status.code().unwrap_or(StatusCode::COMMAND_FAILED);
        let originals = status.data_attributes.iter().find(|(name, _)| {
            name.rsplit(':').next().is_some_and(|local| local.eq_ignore_ascii_case("originalerror"))
        });
        let in_item = status.items.iter().find_map(Item::original_error);
        let original_error =
            originals.map(|(_, value)| value.to_string()).or(in_item.map(str::to_owned));
        let targets = if status.target_refs.is_empty() {
            status.source_refs.iter()
        } else {
            status.target_refs.iter()
        };
        let mut found: Vec<ItemStatus> = targets
            .map(|target| ItemStatus {
                target: Some(target.to_string()),
                code,
                original_error: original_error.clone(),
            })
            .collect();
        if found.is_empty() {
            found.push(ItemStatus { target: None, code, original_error });
        }
        let statuses = match self.children.iter_mut().find(|(id, _)| id == cmd) {
            Some((_, statuses)) => statuses,
            None => &mut self.statuses,
        };
        // One for the command and one for each item; a device that sends more has nothing to say.
        let most = self.items.saturating_add(1);
        for status in found {
            // A status that is repeated says nothing new.
            let room = statuses.len() < most;
            if room && !statuses.iter().any(|known| known.target == status.target) {
                statuses.push(status);
            }
        }
    }

    /// Takes the items of a Results; each node counts once. *Observed*: Windows may repeat them.
    pub(super) fn add_results(&mut self, results: &Results<'_>, mut room: usize) {
        for item in &results.items {
            let address = digest(item.loc_uri().unwrap_or_default().as_bytes());
            if self.seen.contains(&address) {
                continue;
            }
            let mut item = item.clone().into_owned();
            if item.meta.is_none() {
                item.meta = results.meta.clone().map(crate::model::Meta::into_owned);
            }
            let size = size(&item);
            if size > room {
                self.truncated = true;
                continue;
            }
            room -= size;
            self.bytes += size;
            self.seen.insert(address);
            self.results.push(item);
        }
    }

    pub(super) fn has_status(&self) -> bool {
        !self.statuses.is_empty() || self.children.iter().any(|(_, statuses)| !statuses.is_empty())
    }

    /// Whether nothing more is to come for it, as far as one can know before the package ends.
    pub(super) fn is_finished(&self) -> bool {
        let whole = self.statuses.iter().any(|status| status.target.is_none());
        let every = self.statuses.len() >= self.items.max(1);
        // Results follow the status, and may come with the next message.
        let failed = self.statuses.iter().all(|status| !status.code.is_success());
        self.has_status() && (whole || every) && (self.name != "Get" || failed)
    }

    pub(super) fn into_outcome(self) -> Outcome<K> {
        Outcome {
            key: self.key,
            command: self.name,
            statuses: self.statuses,
            results: self.results,
            children: self.children.into_iter().map(|(_, statuses)| statuses).collect(),
            truncated: self.truncated,
        }
    }
}

fn id(command: &Command<'_>) -> String {
    command.cmd_id().map(ToString::to_string).unwrap_or_default()
}

fn size(item: &Item<'_>) -> usize {
    let data = item.data.as_ref().map_or(0, |data| data.as_str().len());
    data + item.loc_uri().map_or(0, str::len) + 64
}
