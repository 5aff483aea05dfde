//! What became of a command.

use crate::codes::StatusCode;
use crate::model::Item;

/// A status of a command or of one of its items.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct ItemStatus {
    /// The item's node, if the device told the items apart.
    pub target: Option<String>,
    /// The status; 500 where the device sent something that is no number.
    pub code: StatusCode,
    /// The HRESULT behind a failure (`msft:originalerror`), if Windows gave it.
    pub original_error: Option<String>,
}

/// What became of a command that was submitted.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Outcome<K> {
    /// The vendor's key.
    pub key: K,
    /// The command's name.
    pub command: String,
    /// Its statuses: one, or one for each item where they differ.
    pub statuses: Vec<ItemStatus>,
    /// What a Get returned: the address is the source.
    pub results: Vec<Item<'static>>,
    /// For an Atomic or Sequence, the statuses of each command in it, in order.
    pub children: Vec<Vec<ItemStatus>>,
    /// Results were left out because there were more than
    /// [`Config::max_result_bytes`](super::Config::max_result_bytes).
    pub truncated: bool,
}

impl<K> Outcome<K> {
    /// The status if there is one, or the first that is no success.
    #[must_use]
    pub fn code(&self) -> Option<StatusCode> {
        let failed = self.statuses.iter().find(|status| !status.code.is_success());
        failed.or(self.statuses.first()).map(|status| status.code)
    }

    /// Whether all of it succeeded.
    #[must_use]
    pub fn is_success(&self) -> bool {
        !self.statuses.is_empty() && self.statuses.iter().all(|status| status.code.is_success())
    }

    /// The status of one of several items, by its node.
    #[must_use]
    pub fn status_of(&self, loc_uri: &str) -> Option<&ItemStatus> {
        let found = self.statuses.iter().find(|status| {
            status.target.as_deref().is_some_and(|target| target.trim() == loc_uri.trim())
        });
        match (found, self.statuses.as_slice()) {
            (Some(status), _) => Some(status),
            (None, [only]) if only.target.is_none() => Some(only),
            _ => None,
        }
    }
}
