//! Judging one device.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, Duration, Utc};

use super::{Compliance, Failure, Need, Report, Standing};
use crate::approvals::{ApprovalLedger, Terms, UpdateMetadata, missing_terms};
use crate::classification::Classification;
use crate::hresult::HResult;
use crate::id::UpdateGuid;
use crate::inventory::{Entry, Inventory, Stage};

/// Until when an update is held back on a device, if it is.
type Hold<'j> = &'j dyn Fn(UpdateGuid) -> Option<DateTime<Utc>>;

/// What devices are judged by.
///
/// ```
/// use chrono::{DateTime, Duration};
/// use update_csp::approvals::{ApprovalLedger, NoMetadata};
/// use update_csp::compliance::{Compliance, Judge};
/// use update_csp::Inventory;
///
/// let ledger = ApprovalLedger::default();
/// let judge = Judge::new(&NoMetadata).with_approvals(&ledger).with_stale(Duration::days(3));
/// let report = judge.judge(&Inventory::default(), DateTime::UNIX_EPOCH);
/// assert_eq!(report.compliance, Compliance::NotScanned);
/// ```
#[derive(Clone, Copy)]
pub struct Judge<'j, M> {
    metadata: &'j M,
    ledger: Option<&'j ApprovalLedger>,
    hold: Option<Hold<'j>>,
    released: &'j [UpdateGuid],
    stale: Duration,
}

impl<M: fmt::Debug> fmt::Debug for Judge<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Judge")
            .field("metadata", self.metadata)
            .field("ledger", &self.ledger)
            .field("hold", &self.hold.is_some())
            .field("released", &self.released)
            .field("stale", &self.stale)
            .finish()
    }
}

impl<'j, M: UpdateMetadata> Judge<'j, M> {
    /// Devices that install whatever they are offered, and whose scans say something for seven
    /// days.
    #[must_use]
    pub const fn new(metadata: &'j M) -> Self {
        Self { metadata, ledger: None, hold: None, released: &[], stale: Duration::days(7) }
    }

    /// Devices that install only what is approved (policy `RequireUpdateApproval`).
    #[must_use]
    pub const fn with_approvals(mut self, ledger: &'j ApprovalLedger) -> Self {
        self.ledger = Some(ledger);
        self
    }

    /// Devices that hold updates back: the function says until when, from their policies.
    #[must_use]
    pub const fn with_hold(mut self, hold: Hold<'j>) -> Self {
        self.hold = Some(hold);
        self
    }

    /// Updates that are released for these devices. One that a device with a recent scan does not
    /// name, and that is held back, is needed: Windows Update does not show it to the device yet.
    #[must_use]
    pub const fn with_released(mut self, released: &'j [UpdateGuid]) -> Self {
        self.released = released;
        self
    }

    /// A scan older than this says nothing.
    #[must_use]
    pub const fn with_stale(mut self, stale: Duration) -> Self {
        self.stale = stale;
        self
    }

    /// Judges a device.
    ///
    /// An update that fails, but is not to be installed, does not count against the device. One
    /// whose approval the device has goes on while terms or parts are missing, and one that nobody
    /// knows the device has approved itself: these count. So does one that the device says is held up
    /// ([`Failure::is_blocked`]); a device that shows its user that it is up to date can have such
    /// entries. As a whole a device is judged where the
    /// time of its last scan and its lists of installable and failed updates and of those that wait
    /// for a restart were read.
    #[must_use]
    pub fn judge(&self, device: &Inventory, now: DateTime<Utc>) -> Report {
        let mut updates = BTreeMap::new();
        for id in device.installed.iter().flatten().map(|(id, _)| *id) {
            updates.insert(id, Standing::Installed);
        }
        let mut kinds = BTreeMap::new();
        for (id, entry) in device.installable.iter().flatten() {
            updates.insert(*id, Standing::Needed(self.need(*id, now)));
            if let Some(kind) = entry.kind {
                kinds.insert(*id, kind);
            }
        }
        let told: BTreeSet<UpdateGuid> = device.approvals().collect();
        for (id, entry) in device.failed.iter().flatten() {
            // Installed after all, or not to be installed.
            let standing = updates.get(id).copied();
            let wanted = match standing {
                Some(Standing::Installed) => false,
                Some(Standing::Needed(need)) => self.is_wanted(*id, need, &told, now),
                _ => self.is_wanted(*id, self.need(*id, now), &told, now),
            };
            let fails = failed(entry);
            // *Specified*: InstallableUpdates holds what applies and is not installed yet. What is in
            // it is not installed, even if an older revision was completed.
            let older = fails == Standing::Installed && standing.is_some();
            if wanted && !older {
                updates.insert(*id, fails);
            }
        }
        for (id, entry) in device.pending_reboot.iter().flatten() {
            updates.insert(*id, Standing::PendingReboot(entry.time_at()));
        }
        let last_scan = device.last_scan.as_ref().and_then(|scan| scan.time());
        // A list that was not read may hold anything.
        let read = [&device.installable, &device.pending_reboot, &device.failed];
        let compliance = match last_scan {
            Some(last) if read.iter().all(|list| list.is_some()) => {
                // A scan in the future is one of a clock that is wrong.
                if now.signed_duration_since(last).abs() > self.stale {
                    Compliance::ScanStale { last }
                } else {
                    self.add_held(&mut updates, now);
                    whole(&updates)
                }
            }
            _ => Compliance::NotScanned,
        };
        Report { compliance, updates, kinds, last_scan }
    }

    fn add_held(&self, updates: &mut BTreeMap<UpdateGuid, Standing>, now: DateTime<Utc>) {
        for id in self.released {
            if let Some(until) = self.held(*id, now) {
                let held = Standing::Needed(Need::DeferredUntil(until));
                updates.entry(*id).or_insert(held);
            }
        }
    }

    /// Why an update that applies is not installed.
    fn need(&self, id: UpdateGuid, now: DateTime<Utc>) -> Need {
        if let Some(ledger) = self.ledger
            && !ledger.covers(id, self.metadata)
        {
            return match missing_terms(ledger, id, self.metadata) {
                Some(eula) => Need::EulaMissing(eula),
                None => Need::NotApproved,
            };
        }
        self.held(id, now).map_or(Need::Approved, Need::DeferredUntil)
    }

    /// Until when a policy holds an update back, if one does.
    fn held(&self, id: UpdateGuid, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.hold.and_then(|hold| hold(id)).filter(|until| *until > now)
    }

    /// Whether an update of FailedUpdates is to be installed, by what it needs and by what the
    /// device knows as approved. *Specified*: the list is of approved updates, so that the device
    /// has the approval of what nobody here knows.
    fn is_wanted(
        &self,
        id: UpdateGuid,
        need: Need,
        told: &BTreeSet<UpdateGuid>,
        now: DateTime<Utc>,
    ) -> bool {
        match need {
            Need::Approved => true,
            Need::DeferredUntil(_) => false,
            Need::NotApproved | Need::EulaMissing(_) => {
                let class = self.metadata.classification(id);
                let approved = self.ledger.is_some_and(|ledger| ledger.is_approved(id, class));
                let told = [Some(id), class.map(|class| class.id())]
                    .into_iter()
                    .flatten()
                    .any(|id| told.contains(&id));
                let unknown = self.metadata.terms(id) == Terms::Unknown;
                self.held(id, now).is_none() && (unknown || approved && told)
            }
        }
    }
}

/// What an entry of FailedUpdates says. *Decision*: the list's states are those of the whole way
/// (contradiction C20), so that an entry without a failing HRESULT and on its way is no failure.
fn failed(entry: &Entry) -> Standing {
    let fine = entry.hresult.is_some_and(HResult::is_success);
    let on_its_way = entry.state.is_some_and(|state| matches!(state.0, 1 | 2 | 4 | 32 | 64 | 4096));
    match entry.state.and_then(|state| state.stage()) {
        Some(Stage::Done) if fine => Standing::Installed,
        Some(Stage::Restart) if fine && entry.state.is_some_and(|state| state.0 == 512) => {
            Standing::PendingReboot(None)
        }
        _ if fine && on_its_way => Standing::Needed(Need::Approved),
        _ => Standing::Failed(Failure { hresult: entry.hresult, state: entry.state }),
    }
}

fn whole(updates: &BTreeMap<UpdateGuid, Standing>) -> Compliance {
    let failed = updates.iter().find_map(|(id, standing)| match standing {
        Standing::Failed(failure) => Some(Compliance::Failed { update: *id, failure: *failure }),
        _ => None,
    });
    if let Some(failed) = failed {
        return failed;
    }
    let need = updates
        .values()
        .filter_map(|standing| match standing {
            Standing::Needed(need) => Some(*need),
            _ => None,
        })
        .min();
    let restart = updates.values().any(|standing| matches!(standing, Standing::PendingReboot(_)));
    match need {
        Some(Need::Approved) => Compliance::Needed(Need::Approved),
        _ if restart => Compliance::PendingReboot,
        Some(need) => Compliance::Needed(need),
        None => Compliance::UpToDate,
    }
}

/// Metadata of which only classifications are known. Terms that nobody can look up hold nothing
/// back here; otherwise no approved classification would ever count. Without a classification
/// nothing is known.
struct Classes<F>(F);

impl<F: Fn(UpdateGuid) -> Option<Classification>> UpdateMetadata for Classes<F> {
    fn terms(&self, update: UpdateGuid) -> Terms {
        (self.0)(update).map_or(Terms::Unknown, |_| Terms::None)
    }

    fn classification(&self, update: UpdateGuid) -> Option<Classification> {
        (self.0)(update)
    }
}

/// Judges a device that requires approvals, by the updates' classifications alone: [`Judge`] in
/// short. Updates of an approved classification count as approved, whatever their licence terms: who
/// has those uses [`Judge`] with the metadata.
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
/// assert_eq!(report.compliance, Compliance::NotScanned);
/// ```
#[must_use]
pub fn judge(
    device: &Inventory,
    ledger: &ApprovalLedger,
    classification: impl Fn(UpdateGuid) -> Option<Classification>,
    now: DateTime<Utc>,
    stale: Duration,
) -> Report {
    let metadata = Classes(classification);
    Judge::new(&metadata).with_approvals(ledger).with_stale(stale).judge(device, now)
}
