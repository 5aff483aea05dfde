//! What happened between two reports.

use std::collections::BTreeMap;

use super::entry::{Entry, ScanTime, UpdateState};
use super::query::Rollback;
use super::{Inventory, Listing};
use crate::hresult::HResult;
use crate::id::UpdateGuid;

/// Something that is different from the last report.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Change {
    /// The device found an update that it can install.
    Offered(UpdateGuid),
    /// It does not offer an update any more, and has not installed it either. Not said as long as
    /// nobody knows what is installed, what waits for a restart and what failed.
    Withdrawn(UpdateGuid),
    /// An installable update has another revision: its metadata is to be fetched again.
    Revised {
        /// The update.
        update: UpdateGuid,
        /// The revision before.
        from: u32,
        /// The revision now.
        to: u32,
    },
    /// An update is installed but for a restart.
    RestartPending(UpdateGuid),
    /// An update is installed.
    Installed(UpdateGuid),
    /// An update is not installed any more: removed, rolled back or superseded.
    Removed(UpdateGuid),
    /// An update failed, or failed again in another way.
    Failed {
        /// The update.
        update: UpdateGuid,
        /// The reason, if the device gave one.
        hresult: Option<HResult>,
        /// The stage, if the device gave one.
        state: Option<UpdateState>,
    },
    /// An update is no longer among the failed ones.
    Recovered(UpdateGuid),
    /// The device knows an approval.
    Approved(UpdateGuid),
    /// The device does not know an approval any more.
    ApprovalLost(UpdateGuid),
    /// The device scanned.
    Scanned(ScanTime),
    /// The last scan is earlier than it was: the clock was set, or the device was reset.
    ScanWentBack(ScanTime),
    /// Whether upgrades are deferred has changed.
    DeferUpgrade(bool),
    /// A rollback came to another result.
    RollbackStatus {
        /// Which.
        rollback: Rollback,
        /// What the device says.
        status: String,
    },
}

impl Inventory {
    /// What happened since an earlier report. Lists that one of the reports does not have are not
    /// compared.
    ///
    /// ```
    /// use syncml::{Data, Item, StatusCode};
    /// use update_csp::inventory::Change;
    /// use update_csp::{Inventory, Query};
    ///
    /// let id = "44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a";
    /// let list = |query: Query, names: &'static str| {
    ///     [Item::source(format!("./Vendor/MSFT/Update/{}", query.node()))
    ///         .with_data(Data::text(names))]
    /// };
    /// let ok = Some(StatusCode::OK);
    /// let mut before = Inventory::default();
    /// before.apply(Query::Installable, ok, &list(Query::Installable, id));
    /// before.apply(Query::Installed, ok, &list(Query::Installed, ""));
    /// let mut now = before.clone();
    /// now.apply(Query::Installable, ok, &list(Query::Installable, ""));
    /// now.apply(Query::Installed, ok, &list(Query::Installed, id));
    /// assert_eq!(now.changes_since(&before), [Change::Installed(id.parse()?)]);
    /// # Ok::<(), update_csp::ParseIdError>(())
    /// ```
    #[must_use]
    pub fn changes_since(&self, before: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        // A list that was not read may hold anything.
        let lacks = |list: &Listing, id: &UpdateGuid| {
            list.as_ref().is_some_and(|list| !list.contains_key(id))
        };
        let (mut offered, mut withdrawn) = (Vec::new(), Vec::new());
        compare(&before.installable, &self.installable, |id, old, new| match (old, new) {
            (None, Some(_)) => offered.push(Change::Offered(id)),
            (Some(_), None) => {
                if [&self.installed, &self.pending_reboot, &self.failed]
                    .iter()
                    .all(|list| lacks(list, &id))
                {
                    withdrawn.push(Change::Withdrawn(id));
                }
            }
            (Some(old), Some(new)) => {
                if let (Some(from), Some(to)) = (old.revision, new.revision)
                    && from != to
                {
                    offered.push(Change::Revised { update: id, from, to });
                }
            }
            (None, None) => {}
        });
        changes.append(&mut offered);
        compare(&before.pending_reboot, &self.pending_reboot, |id, old, new| {
            if old.is_none() && new.is_some() {
                changes.push(Change::RestartPending(id));
            }
        });
        compare(&before.installed, &self.installed, |id, old, new| match (old, new) {
            (None, Some(_)) => changes.push(Change::Installed(id)),
            (Some(_), None) => changes.push(Change::Removed(id)),
            _ => {}
        });
        compare(&before.failed, &self.failed, |id, old, new| match (old, new) {
            (old, Some(new))
                if old.is_none_or(|old| (old.hresult, old.state) != (new.hresult, new.state)) =>
            {
                let (hresult, state) = (new.hresult, new.state);
                changes.push(Change::Failed { update: id, hresult, state });
            }
            (Some(_), None) => changes.push(Change::Recovered(id)),
            _ => {}
        });
        changes.append(&mut withdrawn);
        compare(&before.approved, &self.approved, |id, old, new| match (old, new) {
            (None, Some(_)) => changes.push(Change::Approved(id)),
            (Some(_), None) => changes.push(Change::ApprovalLost(id)),
            _ => {}
        });
        if let Some(scan) =
            self.last_scan.as_ref().filter(|scan| before.last_scan.as_ref() != Some(scan))
        {
            let old = before.last_scan.as_ref().and_then(ScanTime::time);
            changes.push(match (old, scan.time()) {
                (Some(old), new) if new.is_none_or(|new| new < old) => {
                    Change::ScanWentBack(scan.clone())
                }
                _ => Change::Scanned(scan.clone()),
            });
        }
        if let Some(defer) = self.defer_upgrade.filter(|now| before.defer_upgrade != Some(*now)) {
            changes.push(Change::DeferUpgrade(defer));
        }
        for (rollback, old, new) in [
            (Rollback::Quality, &before.quality_rollback, &self.quality_rollback),
            (Rollback::Feature, &before.feature_rollback, &self.feature_rollback),
        ] {
            if let Some(status) = new.clone().filter(|_| old != new) {
                changes.push(Change::RollbackStatus { rollback, status });
            }
        }
        changes
    }
}

fn compare(
    before: &Listing,
    now: &Listing,
    mut each: impl FnMut(UpdateGuid, Option<&Entry>, Option<&Entry>),
) {
    let (Some(before), Some(now)) = (before, now) else { return };
    let mut both: BTreeMap<UpdateGuid, (Option<&Entry>, Option<&Entry>)> = BTreeMap::new();
    for (id, entry) in before {
        both.entry(*id).or_default().0 = Some(entry);
    }
    for (id, entry) in now {
        both.entry(*id).or_default().1 = Some(entry);
    }
    for (id, (old, new)) in both {
        each(id, old, new);
    }
}
