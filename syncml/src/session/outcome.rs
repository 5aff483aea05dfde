//! What became of a command.

use std::borrow::Cow;
use std::fmt;

use crate::codes::StatusCode;
use crate::loc_uri::is_same_address;
use crate::model::Item;

/// A status of a command or of one of its items.
#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct ItemStatus {
    /// The item's node, if the device told the items apart.
    pub target: Option<String>,
    /// The status; 500 where the device sent something that is no number.
    pub code: StatusCode,
    /// The HRESULT behind a failure (`msft:originalerror`), if Windows gave it.
    pub original_error: Option<String>,
    /// What the device said with it: after an Alert that asked the user, what the user chose.
    pub data: Vec<String>,
}

impl fmt::Debug for ItemStatus {
    /// Of what was said with it, only the sizes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data: Vec<String> =
            self.data.iter().map(|text| format!("{} bytes", text.len())).collect();
        f.debug_struct("ItemStatus")
            .field("target", &self.target)
            .field("code", &self.code)
            .field("original_error", &self.original_error)
            .field("data", &data)
            .finish()
    }
}

/// All that became of a command, in a word.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Verdict {
    /// All of it was done.
    Applied,
    /// Some of its items or, in a Sequence, of its commands were done; or not all that a Get
    /// returned is here ([`Outcome::truncated`]).
    Partial,
    /// An Atomic failed and everything in it was undone: nothing changed.
    RolledBack,
    /// Nothing of it was done; or, where an Atomic has 516, nobody knows what was.
    Failed,
    /// It was sent, and the device said nothing about it. It may have been done.
    Unanswered,
    /// It was not sent; [`Outcome::cause`] says why.
    NotSent,
}

/// Why a command ended otherwise than by the device's statuses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Cause {
    /// It fits in no message of the device's MaxMsgSize and cannot be cut, or a value in it is
    /// larger than its MaxObjSize.
    TooLarge {
        /// The command's or the value's bytes.
        bytes: usize,
        /// The device's limit.
        max: usize,
    },
    /// The device gave up waiting for the rest of a large object (Alert 1225).
    NoEndOfData,
    /// The session was aborted.
    Aborted,
    /// The device refused the message that it was in.
    HeaderRefused(StatusCode),
    /// The command was not what a session stores: somebody else changed the state.
    Unreadable,
}

/// What became of a command that was submitted.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Outcome<K> {
    /// The vendor's key.
    pub key: K,
    /// The command's name.
    pub command: Cow<'static, str>,
    /// All in a word.
    pub verdict: Verdict,
    /// Why it ended otherwise than by statuses.
    pub cause: Option<Cause>,
    /// Its statuses: one, or one for each item where they differ.
    pub statuses: Vec<ItemStatus>,
    /// What a Get returned: the address is the source.
    pub results: Vec<Item<'static>>,
    /// For an Atomic or Sequence, the statuses of each command in it, in order.
    pub children: Vec<Vec<ItemStatus>>,
    /// What the device said is not all here: there was more than
    /// [`Config::max_result_bytes`](super::Config::max_result_bytes), or a large object that was
    /// refused or whose end did not come, or the session ended before the rest of a Get's results.
    /// A list in such results may lack entries.
    pub truncated: bool,
}

impl<K> Outcome<K> {
    /// Of a command of which only the key could be read.
    pub(super) fn unreadable(key: K) -> Self {
        Self {
            key,
            command: Cow::Borrowed(""),
            verdict: Verdict::NotSent,
            cause: Some(Cause::Unreadable),
            statuses: Vec::new(),
            results: Vec::new(),
            children: Vec::new(),
            truncated: false,
        }
    }

    /// The status if there is one, or the first that is no success.
    #[must_use]
    pub fn code(&self) -> Option<StatusCode> {
        let failed = self.statuses.iter().find(|status| !status.code.is_success());
        failed.or(self.statuses.first()).map(|status| status.code)
    }

    /// Whether all of it succeeded.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.verdict == Verdict::Applied
    }

    /// What a Get returned for a node, however it is spelled.
    #[must_use]
    pub fn result_of(&self, loc_uri: &str) -> Option<&Item<'static>> {
        let mut results = self.results.iter();
        results.find(|item| item.loc_uri().is_some_and(|found| is_same_address(found, loc_uri)))
    }

    /// The status of one of several items, by its node, however it is spelled.
    #[must_use]
    pub fn status_of(&self, loc_uri: &str) -> Option<&ItemStatus> {
        let found = self.statuses.iter().find(|status| {
            status.target.as_deref().is_some_and(|target| is_same_address(target, loc_uri))
        });
        match (found, self.statuses.as_slice()) {
            (Some(status), _) => Some(status),
            (None, [only]) if only.target.is_none() => Some(only),
            _ => None,
        }
    }
}

/// Folds statuses to a word. `answered` and `expected` count the items, or in a Sequence the
/// commands, that have a status and that there are.
pub(super) fn fold(
    command: &str,
    statuses: &[ItemStatus],
    children: &[Vec<ItemStatus>],
) -> Verdict {
    let good = |statuses: &[ItemStatus]| statuses.iter().all(|status| status.code.is_success());
    let has = |code: StatusCode| {
        let own = statuses.iter().any(|status| status.code == code);
        own || children.iter().flatten().any(|status| status.code == code)
    };
    if statuses.is_empty() && children.iter().all(Vec::is_empty) {
        return Verdict::Unanswered;
    }
    match command {
        "Atomic" if good(statuses) && children.iter().all(|child| good(child)) => Verdict::Applied,
        "Atomic" if has(StatusCode::ATOMIC_ROLL_BACK_FAILED) => Verdict::Failed,
        "Atomic" if has(StatusCode::ATOMIC_FAILED) || has(StatusCode::ATOMIC_ROLLED_BACK) => {
            Verdict::RolledBack
        }
        "Sequence" if good(statuses) => {
            let done = |child: &&Vec<ItemStatus>| !child.is_empty() && good(child);
            match children.iter().filter(done).count() {
                all if all == children.len() => Verdict::Applied,
                0 => Verdict::Failed,
                _ => Verdict::Partial,
            }
        }
        "Atomic" | "Sequence" => Verdict::Failed,
        _ if good(statuses) => Verdict::Applied,
        _ if statuses.iter().any(|status| status.code.is_success()) => Verdict::Partial,
        _ => Verdict::Failed,
    }
}
