//! Reports of many devices, counted by ring and by update.

use std::collections::BTreeMap;
use std::fmt;

use super::{Compliance, Failure, Need, Report, Standing};
use crate::approvals::UpdateMetadata;
use crate::hresult::HResult;
use crate::id::UpdateGuid;
use crate::inventory::UpdateKind;

/// Where one update stands on the devices of a ring, or of all.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct UpdateRollup {
    /// Devices that have installed it.
    pub installed: usize,
    /// Devices that have to restart for it.
    pub pending_reboot: usize,
    /// Devices on which it failed.
    pub failed: usize,
    /// Devices that have yet to install it.
    pub needed: usize,
    /// Devices on which IT has not approved it.
    pub not_approved: usize,
    /// Devices on which licence terms stand before it.
    pub eula_missing: usize,
    /// Devices on which a policy holds it back.
    pub deferred: usize,
    /// On how many devices it failed with which HRESULT. Devices that gave none are in
    /// [`failed`](Self::failed) only.
    pub failures: BTreeMap<HResult, usize>,
}

/// Adds to a count. Counts that were stored may be any number.
const fn plus(count: &mut usize, more: usize) {
    *count = count.saturating_add(more);
}

impl UpdateRollup {
    fn count(&mut self, standing: &Standing) {
        match standing {
            Standing::Installed => plus(&mut self.installed, 1),
            Standing::PendingReboot(_) => plus(&mut self.pending_reboot, 1),
            Standing::Failed(Failure { hresult, .. }) => {
                plus(&mut self.failed, 1);
                if let Some(hresult) = hresult {
                    plus(self.failures.entry(*hresult).or_default(), 1);
                }
            }
            Standing::Needed(Need::Approved) => plus(&mut self.needed, 1),
            Standing::Needed(Need::NotApproved) => plus(&mut self.not_approved, 1),
            Standing::Needed(Need::EulaMissing(_)) => plus(&mut self.eula_missing, 1),
            Standing::Needed(Need::DeferredUntil(_)) => plus(&mut self.deferred, 1),
        }
    }

    fn add(&mut self, other: &Self) {
        plus(&mut self.installed, other.installed);
        plus(&mut self.pending_reboot, other.pending_reboot);
        plus(&mut self.failed, other.failed);
        plus(&mut self.needed, other.needed);
        plus(&mut self.not_approved, other.not_approved);
        plus(&mut self.eula_missing, other.eula_missing);
        plus(&mut self.deferred, other.deferred);
        for (hresult, count) in &other.failures {
            plus(self.failures.entry(*hresult).or_default(), *count);
        }
    }

    /// Devices on which it failed without saying why.
    #[must_use]
    pub fn failed_without_code(&self) -> usize {
        self.failures.values().fold(self.failed, |left, count| left.saturating_sub(*count))
    }

    /// Devices that named it.
    #[must_use]
    pub const fn devices(&self) -> usize {
        self.installed
            .saturating_add(self.pending_reboot)
            .saturating_add(self.failed)
            .saturating_add(self.needed)
            .saturating_add(self.not_approved)
            .saturating_add(self.eula_missing)
            .saturating_add(self.deferred)
    }
}

/// How many devices stand how.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Counts {
    /// Devices.
    pub devices: usize,
    /// That never scanned.
    pub not_scanned: usize,
    /// Whose last scan is too old.
    pub scan_stale: usize,
    /// With a failed update.
    pub failed: usize,
    /// That have yet to install something.
    pub needed: usize,
    /// That have to restart.
    pub pending_reboot: usize,
    /// That wait for an approval or for accepted terms.
    pub awaiting_it: usize,
    /// That are only held back by a policy.
    pub deferred: usize,
    /// With nothing to install.
    pub up_to_date: usize,
    /// That are as IT decided.
    pub compliant: usize,
    /// That lack a security update.
    pub lack_security: usize,
    /// That lack a critical update.
    pub lack_critical: usize,
}

impl Counts {
    fn count(&mut self, report: &Report) {
        plus(&mut self.devices, 1);
        plus(&mut self.compliant, usize::from(report.compliance.is_compliant()));
        plus(&mut self.lack_security, usize::from(report.missing(UpdateKind::SECURITY) > 0));
        plus(&mut self.lack_critical, usize::from(report.missing(UpdateKind::CRITICAL) > 0));
        let count = match report.compliance {
            Compliance::NotScanned => &mut self.not_scanned,
            Compliance::ScanStale { .. } => &mut self.scan_stale,
            Compliance::Failed { .. } => &mut self.failed,
            Compliance::Needed(Need::Approved) => &mut self.needed,
            Compliance::Needed(Need::DeferredUntil(_)) => &mut self.deferred,
            Compliance::Needed(_) => &mut self.awaiting_it,
            Compliance::PendingReboot => &mut self.pending_reboot,
            Compliance::UpToDate => &mut self.up_to_date,
        };
        plus(count, 1);
    }

    /// The share of devices that are as IT decided, in tenths of a percent; 1000 of no devices.
    #[must_use]
    pub fn compliant_permille(&self) -> usize {
        self.compliant.saturating_mul(1000).checked_div(self.devices).unwrap_or(1000)
    }
}

/// One ring.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct RingRollup {
    /// Its devices.
    pub counts: Counts,
    /// Its updates.
    pub updates: BTreeMap<UpdateGuid, UpdateRollup>,
}

/// Reports of many devices. It grows with rings and updates, not with devices.
///
/// ```
/// use chrono::DateTime;
/// use update_csp::Inventory;
/// use update_csp::approvals::NoMetadata;
/// use update_csp::compliance::{Judge, Rollup};
///
/// let judge = Judge::new(&NoMetadata);
/// let mut rollup = Rollup::default();
/// rollup.add("Test", &judge.judge(&Inventory::default(), DateTime::UNIX_EPOCH));
/// assert_eq!(rollup.total().not_scanned, 1);
/// println!("{}", rollup.table(&NoMetadata));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Rollup {
    rings: BTreeMap<String, RingRollup>,
}

impl Rollup {
    /// Counts a device of a ring.
    pub fn add(&mut self, ring: &str, report: &Report) {
        if !self.rings.contains_key(ring) {
            self.rings.insert(ring.to_owned(), RingRollup::default());
        }
        if let Some(known) = self.rings.get_mut(ring) {
            known.counts.count(report);
            for (id, standing) in &report.updates {
                known.updates.entry(*id).or_default().count(standing);
            }
        }
    }

    /// The rings by name.
    pub fn rings(&self) -> impl Iterator<Item = (&str, &RingRollup)> {
        self.rings.iter().map(|(name, ring)| (name.as_str(), ring))
    }

    /// One ring.
    #[must_use]
    pub fn ring(&self, name: &str) -> Option<&RingRollup> {
        self.rings.get(name)
    }

    /// All devices.
    #[must_use]
    pub fn total(&self) -> Counts {
        self.rings.values().fold(Counts::default(), |mut sum, ring| {
            let one = &ring.counts;
            plus(&mut sum.devices, one.devices);
            plus(&mut sum.not_scanned, one.not_scanned);
            plus(&mut sum.scan_stale, one.scan_stale);
            plus(&mut sum.failed, one.failed);
            plus(&mut sum.needed, one.needed);
            plus(&mut sum.pending_reboot, one.pending_reboot);
            plus(&mut sum.awaiting_it, one.awaiting_it);
            plus(&mut sum.deferred, one.deferred);
            plus(&mut sum.up_to_date, one.up_to_date);
            plus(&mut sum.compliant, one.compliant);
            plus(&mut sum.lack_security, one.lack_security);
            plus(&mut sum.lack_critical, one.lack_critical);
            sum
        })
    }

    /// Each update over all rings.
    #[must_use]
    pub fn updates(&self) -> BTreeMap<UpdateGuid, UpdateRollup> {
        let mut all: BTreeMap<UpdateGuid, UpdateRollup> = BTreeMap::new();
        for ring in self.rings.values() {
            for (id, one) in &ring.updates {
                all.entry(*id).or_default().add(one);
            }
        }
        all
    }

    /// A report that can be printed, with the updates' titles.
    #[must_use]
    pub fn table<'r, M: UpdateMetadata>(&'r self, metadata: &'r M) -> Table<'r, M> {
        Table { rollup: self, metadata }
    }
}

/// A report that can be printed: rings, updates, and failures with what to do about them.
#[derive(Clone, Copy, Debug)]
pub struct Table<'r, M> {
    rollup: &'r Rollup,
    metadata: &'r M,
}

impl<M: UpdateMetadata> fmt::Display for Table<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<12} {:>7} {:>9} {:>7} {:>6} {:>7} {:>8} {:>8} {:>5} {:>9}",
            "Ring",
            "devices",
            "compliant",
            "current",
            "failed",
            "install",
            "restart",
            "IT",
            "held",
            "no scan"
        )?;
        let total = self.rollup.total();
        let rings = self.rollup.rings().map(|(name, ring)| (name, &ring.counts));
        for (name, counts) in rings.chain([("all", &total)]) {
            let permille = counts.compliant_permille();
            writeln!(
                f,
                "{name:<12} {:>7} {:>8}% {:>7} {:>6} {:>7} {:>8} {:>8} {:>5} {:>9}",
                counts.devices,
                format!("{}.{}", permille / 10, permille % 10),
                counts.up_to_date,
                counts.failed,
                counts.needed,
                counts.pending_reboot,
                counts.awaiting_it,
                counts.deferred,
                counts.not_scanned.saturating_add(counts.scan_stale),
            )?;
        }
        let updates = self.rollup.updates();
        if updates.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\n{:<36} {:>9} {:>7} {:>6} {:>7} {:>8} {:>5} {:>5}",
            "Update", "installed", "restart", "failed", "install", "approval", "terms", "held"
        )?;
        let mut failures: BTreeMap<HResult, usize> = BTreeMap::new();
        let mut without = 0;
        for (id, one) in &updates {
            let title = self.metadata.title(*id).unwrap_or_else(|| id.to_string());
            let title: String = title.chars().take(36).collect();
            writeln!(
                f,
                "{title:<36} {:>9} {:>7} {:>6} {:>7} {:>8} {:>5} {:>5}",
                one.installed,
                one.pending_reboot,
                one.failed,
                one.needed,
                one.not_approved,
                one.eula_missing,
                one.deferred,
            )?;
            plus(&mut without, one.failed_without_code());
            for (hresult, count) in &one.failures {
                plus(failures.entry(*hresult).or_default(), *count);
            }
        }
        if !failures.is_empty() || without > 0 {
            writeln!(f, "\nFailures")?;
        }
        for (code, count) in failures {
            writeln!(f, "{count:>6}  {}. {}", code.describe(), code.advice().text())?;
        }
        if without > 0 {
            writeln!(f, "{without:>6}  without a code")?;
        }
        Ok(())
    }
}
