//! Compliance: what a device's inventory means against what IT approved.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use crate::approvals::ApprovalLedger;
use crate::classification::Classification;
use crate::id::UpdateGuid;
use crate::inventory::{Inventory, UpdateState};

/// Where one update stands on one device.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Standing {
    /// It applies, and IT has not approved it.
    NeedsApproval,
    /// It is approved and not installed yet.
    Approved,
    /// It is installed but for a restart.
    PendingReboot,
    /// It failed, with this HRESULT, at this stage.
    Failed {
        /// The HRESULT, if the device gave one.
        hresult: Option<u32>,
        /// The stage, if the device gave one.
        state: Option<UpdateState>,
    },
    /// It is installed.
    Installed,
}

/// What a device is as a whole, worst first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Compliance {
    /// It never scanned, or was never asked.
    Unknown,
    /// Its last scan is too old to tell.
    ScanStale,
    /// An approved update failed.
    Failed,
    /// Approved updates are not installed.
    Pending,
    /// A restart is all that is missing.
    PendingReboot,
    /// Everything that is approved is installed.
    Compliant,
}

/// A device's standing, as a whole and for each update.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The device as a whole.
    pub compliance: Compliance,
    /// Each update that the device named.
    pub updates: BTreeMap<UpdateGuid, Standing>,
}

impl Report {
    /// How many updates wait for IT's approval.
    #[must_use]
    pub fn awaiting_approval(&self) -> usize {
        self.updates.values().filter(|standing| **standing == Standing::NeedsApproval).count()
    }
}

/// Judges a device.
///
/// An update that fails, but is not approved, does not count against the device. A scan older than
/// `stale` says nothing.
///
/// ```
/// use chrono::{DateTime, Duration};
/// use update_csp::approvals::ApprovalLedger;
/// use update_csp::compliance::{Compliance, judge};
/// use update_csp::Inventory;
///
/// let report = judge(
///     &Inventory::default(),
///     &ApprovalLedger::default(),
///     |_| None,
///     DateTime::UNIX_EPOCH,
///     Duration::days(7),
/// );
/// assert_eq!(report.compliance, Compliance::Unknown);
/// ```
#[must_use]
pub fn judge(
    device: &Inventory,
    ledger: &ApprovalLedger,
    classification: impl Fn(UpdateGuid) -> Option<Classification>,
    now: DateTime<Utc>,
    stale: Duration,
) -> Report {
    let mut updates = BTreeMap::new();
    let approved = |id| ledger.is_approved(id, classification(id));
    for id in device.installed.iter().flatten().map(|(id, _)| *id) {
        updates.insert(id, Standing::Installed);
    }
    for id in device.installable.iter().flatten().map(|(id, _)| *id) {
        let standing = if approved(id) { Standing::Approved } else { Standing::NeedsApproval };
        updates.insert(id, standing);
    }
    for (id, entry) in device.failed.iter().flatten() {
        if approved(*id) {
            let failed = Standing::Failed { hresult: entry.hresult, state: entry.state };
            updates.insert(*id, failed);
        }
    }
    for id in device.pending_reboot.iter().flatten().map(|(id, _)| *id) {
        updates.insert(id, Standing::PendingReboot);
    }
    let scan = device.last_scan.as_ref().and_then(|scan| scan.time());
    let any = |wanted: fn(&Standing) -> bool| updates.values().any(wanted);
    let compliance = match scan {
        None => Compliance::Unknown,
        Some(_) if device.installable.is_none() => Compliance::Unknown,
        Some(scan) if now.signed_duration_since(scan) > stale => Compliance::ScanStale,
        _ if any(|standing| matches!(standing, Standing::Failed { .. })) => Compliance::Failed,
        _ if any(|standing| *standing == Standing::Approved) => Compliance::Pending,
        _ if any(|standing| *standing == Standing::PendingReboot) => Compliance::PendingReboot,
        _ => Compliance::Compliant,
    };
    Report { compliance, updates }
}
