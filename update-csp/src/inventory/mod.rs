//! What a device said about its updates: reading `./Vendor/MSFT/Update`.
//!
//! *Specified*: Microsoft Learn, "Update CSP". Two shapes of answers exist: a Get of an interior
//! node returns the names of its children joined by `/`; with `?list=StructData` it returns an item
//! for each leaf below it (*observed* in Microsoft's IoT client; no capture of such an answer is
//! public, so tests use constructed ones).

mod changes;
mod entry;
mod query;
mod reading;

use std::collections::{BTreeMap, BTreeSet};

use syncml::StatusCode;
use syncml::model::Item;

use crate::id::UpdateGuid;

pub use changes::Change;
pub use entry::{Entry, ScanTime, Stage, UpdateKind, UpdateState};
pub use query::{Query, Rollback, Shape};
pub use reading::{ReadLimits, Reading};

/// A list of updates, or `None` as long as the device was not asked for it successfully. An answer
/// about one update of it does not make it known.
pub type Listing = Option<BTreeMap<UpdateGuid, Entry>>;

/// Something odd about a device's answer.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Finding {
    /// The read failed; what was known before stays.
    ReadFailed {
        /// The node.
        query: Query,
        /// The status.
        code: StatusCode,
    },
    /// The read succeeded and nothing came with it; what was known before stays.
    NoAnswer(Query),
    /// A child whose name is no GUID. Its leaves are kept in [`Inventory::other`].
    NotAGuid(String),
    /// An address outside the node that was asked for.
    Elsewhere(String),
    /// A leaf whose value is not of its kind.
    Unreadable {
        /// The address.
        node: String,
        /// The value.
        value: String,
    },
    /// A leaf came twice with different values, perhaps as `Status` and `State`; the first counts.
    Contradicts {
        /// The update.
        update: UpdateGuid,
        /// The leaf.
        leaf: String,
    },
    /// An answer about one update of a list that was not read: it says nothing about the list, so
    /// nothing of it is kept. The list is to be asked for first.
    ListNotRead {
        /// The list.
        query: Query,
        /// The update.
        update: UpdateGuid,
    },
    /// More than a limit allows; the rest was dropped.
    TooMuch {
        /// Of what.
        what: String,
        /// The limit.
        max: usize,
    },
}

/// What is known about a device's updates. Plain and serialisable.
///
/// ```
/// use syncml::{Data, Item, StatusCode};
/// use update_csp::{Inventory, Query};
///
/// let mut inventory = Inventory::default();
/// let items = [Item::source("./Vendor/MSFT/Update/InstallableUpdates")
///     .with_data(Data::text("44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a"))];
/// let findings = inventory.apply(Query::Installable, Some(StatusCode::OK), &items);
/// assert!(findings.is_empty());
/// assert_eq!(inventory.installable.map(|updates| updates.len()), Some(1));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default))]
#[non_exhaustive]
pub struct Inventory {
    /// Updates that apply and are not installed.
    pub installable: Listing,
    /// Updates that are installed.
    pub installed: Listing,
    /// Approved updates that failed.
    pub failed: Listing,
    /// Updates that wait for a restart.
    pub pending_reboot: Listing,
    /// What the device knows as approved: updates and classifications.
    pub approved: Listing,
    /// When the device last scanned.
    pub last_scan: Option<ScanTime>,
    /// Whether upgrades are deferred.
    pub defer_upgrade: Option<bool>,
    /// What became of the last rollback of a quality update, in words that nobody documents (D06).
    pub quality_rollback: Option<String>,
    /// What became of the last rollback of a feature update, in words that nobody documents.
    pub feature_rollback: Option<String>,
    /// Leaves of the CSP that are not known here, by their address below it.
    pub other: BTreeMap<String, String>,
    /// Approvals that the device took while its list of them was not known. They say nothing about
    /// the list, and are forgotten when it is read.
    taken: BTreeSet<UpdateGuid>,
}

impl Inventory {
    /// Takes the answer to a query: the status of the Get and the items of its Results, in any
    /// order and in either shape. For answers in several pages, see [`Reading`].
    ///
    /// 404 is an empty list, and for [`Query::Everything`] five of them and a device that never
    /// scanned. Any other failure changes nothing, and neither does no status: give none where not
    /// all of the answer is there
    /// ([`Outcome::truncated`](syncml::session::Outcome::truncated)), or what is missing counts as
    /// not listed.
    pub fn apply(
        &mut self,
        query: Query,
        code: Option<StatusCode>,
        items: &[Item<'_>],
    ) -> Vec<Finding> {
        let mut reading = Reading::new(query);
        let code = code.unwrap_or(StatusCode::COMMAND_FAILED);
        if code.is_success() {
            reading.take(items);
        }
        self.complete(reading, code)
    }

    /// Takes an answer that was read in pages, with the status of the Get.
    pub fn complete(&mut self, reading: Reading, code: StatusCode) -> Vec<Finding> {
        reading.give(self, code)
    }

    /// Notes that the device took an approval, so that it is not sent again before the device is
    /// asked the next time. A list that was not read stays unknown.
    pub fn note_approved(&mut self, id: UpdateGuid) {
        match &mut self.approved {
            Some(list) => {
                list.entry(id).or_default();
            }
            None => {
                self.taken.insert(id);
            }
        }
    }

    /// What the device has as approved: its list, or what it took as long as that is not known.
    pub(crate) fn approvals(&self) -> impl Iterator<Item = UpdateGuid> + '_ {
        let taken = self.taken.iter().filter(|_| self.approved.is_none());
        self.approved.iter().flat_map(BTreeMap::keys).chain(taken).copied()
    }

    /// One of the lists; none for what is not a list.
    #[must_use]
    pub fn list(&self, query: Query) -> Option<&BTreeMap<UpdateGuid, Entry>> {
        match query {
            Query::Installable => self.installable.as_ref(),
            Query::Installed => self.installed.as_ref(),
            Query::Failed => self.failed.as_ref(),
            Query::PendingReboot => self.pending_reboot.as_ref(),
            Query::Approved => self.approved.as_ref(),
            _ => None,
        }
    }

    fn list_mut(&mut self, query: Query) -> &mut Listing {
        match query {
            Query::Installable => &mut self.installable,
            Query::Installed => &mut self.installed,
            Query::Failed => &mut self.failed,
            Query::PendingReboot => &mut self.pending_reboot,
            _ => &mut self.approved,
        }
    }
}
