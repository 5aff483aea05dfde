//! Rings: groups of devices that get updates one after the other.
//!
//! *Specified*: the guide for MDM vendors ("MDM for device updates"): a Test group where all updates
//! flow, and an All group that gets quality updates seven days later unless somebody presses Pause.
//! Definition updates are never deferred. Windows' own documentation adds rings of 0, 5 and 10 days.

use chrono::NaiveDate;

use crate::policy::values::{
    AllowMUUpdateService, DeferFeatureUpdatesPeriodInDays, DeferQualityUpdatesPeriodInDays,
    PauseDeferrals, PauseFeatureUpdates, PauseFeatureUpdatesStartTime, PauseQualityUpdates,
    PauseQualityUpdatesStartTime, RequireUpdateApproval,
};
use crate::policy::{PolicyError, PolicyId, PolicySet};
use crate::{Build, DeferralCategory};

/// The days by which the All ring comes later.
const ALL_RING_DAYS: u16 = 7;

impl PolicySet {
    /// The Test ring of the recommended model: updates flow, and come first here. Microsoft
    /// products other than Windows come along, so that they are tested too.
    #[must_use]
    pub fn test_ring() -> Self {
        Self::new()
            .with(AllowMUUpdateService::Allowed)
            .with(DeferQualityUpdatesPeriodInDays::MIN)
            .with(RequireUpdateApproval::NotRequired)
    }

    /// The All ring of the recommended model: quality updates come after seven days.
    #[must_use]
    pub fn all_ring() -> Self {
        Self::new().with(AllowMUUpdateService::Allowed).deferring_quality(ALL_RING_DAYS)
    }

    fn deferring_quality(self, days: u16) -> Self {
        let days = DeferQualityUpdatesPeriodInDays::days(days);
        self.with(days.unwrap_or(DeferQualityUpdatesPeriodInDays::MAX))
    }

    /// The Pause button: no updates of this kind from this day on, for 35 days (60 for feature
    /// updates on Windows 10 1607).
    ///
    /// Since Windows 10 1703 the day is sent; before, a flag, and the device counts from when it
    /// arrives. What the set had for either is taken out, so that both are never sent. There is no
    /// pause for what cannot be deferred. Windows 10 1511 has one flag for both kinds
    /// (PauseDeferrals), which pauses the other kind too.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use update_csp::{Build, DeferralCategory, PolicyId, PolicySet};
    ///
    /// let day = NaiveDate::from_ymd_opt(2026, 11, 21).ok_or("no such day")?;
    /// let paused = PolicySet::all_ring().paused(DeferralCategory::Update, Build::WINDOWS_11_24H2, day)?;
    /// assert!(paused.contains(PolicyId::PauseQualityUpdatesStartTime));
    /// assert_eq!(paused.resumed(DeferralCategory::Update), PolicySet::all_ring());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`PolicyError::Date`] for a year that has not four digits.
    pub fn paused(
        self,
        kind: DeferralCategory,
        build: Build,
        day: NaiveDate,
    ) -> Result<Self, PolicyError> {
        let dated = build >= Build::WINDOWS_10_1703;
        let set = self.resumed(kind);
        if build < Build::WINDOWS_10_1607 && kind != DeferralCategory::NotDeferrable {
            return Ok(set.with(PauseDeferrals::Paused));
        }
        Ok(match (kind, dated) {
            (DeferralCategory::Update, true) => set.with(PauseQualityUpdatesStartTime::on(day)?),
            (DeferralCategory::Update, false) => set.with(PauseQualityUpdates::Paused),
            (DeferralCategory::Upgrade, true) => set.with(PauseFeatureUpdatesStartTime::on(day)?),
            (DeferralCategory::Upgrade, false) => set.with(PauseFeatureUpdates::Paused),
            (DeferralCategory::NotDeferrable, _) => set,
        })
    }

    /// The end of a pause: neither day nor flag, nor that of Windows 10 1511 for both kinds. A
    /// [`plan`](crate::plan) deletes them on devices.
    #[must_use]
    pub fn resumed(self, kind: DeferralCategory) -> Self {
        match kind {
            DeferralCategory::Update => self
                .without(PolicyId::PauseDeferrals)
                .without(PolicyId::PauseQualityUpdates)
                .without(PolicyId::PauseQualityUpdatesStartTime),
            DeferralCategory::Upgrade => self
                .without(PolicyId::PauseDeferrals)
                .without(PolicyId::PauseFeatureUpdates)
                .without(PolicyId::PauseFeatureUpdatesStartTime),
            DeferralCategory::NotDeferrable => self,
        }
    }
}

/// A ring: a name and the policies of its devices.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Ring {
    /// What the administrator calls it.
    pub name: String,
    /// The policies of its devices.
    pub policies: PolicySet,
}

impl Ring {
    /// A ring of this name and these policies.
    #[must_use]
    pub fn new(name: impl Into<String>, policies: PolicySet) -> Self {
        Self { name: name.into(), policies }
    }

    /// The two rings of the guide for MDM vendors, in the order in which updates reach them.
    #[must_use]
    pub fn test_and_all() -> [Self; 2] {
        [Self::new("Test", PolicySet::test_ring()), Self::new("All", PolicySet::all_ring())]
    }

    /// The three rings of Windows' documentation: quality updates after 0, 5 and 10 days. Feature
    /// updates are not deferred; [`TargetReleaseVersion`](crate::policy::values::TargetReleaseVersion)
    /// is the better way to hold them back.
    #[must_use]
    pub fn pilot_fast_slow() -> [Self; 3] {
        [("Pilot", 0), ("Fast", 5), ("Slow", 10)].map(|(name, days)| {
            let policies = PolicySet::new().with(DeferFeatureUpdatesPeriodInDays::MIN);
            Self::new(name, policies.deferring_quality(days))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Edition;
    use crate::rules::Target;

    #[test]
    fn rings_are_as_the_guides_have_them() {
        let days = |ring: &Ring| ring.policies.number(PolicyId::DeferQualityUpdatesPeriodInDays);
        let [test, all] = Ring::test_and_all();
        assert_eq!([days(&test), days(&all)], [Some(0), Some(7)]);
        assert_eq!(Ring::pilot_fast_slow().map(|ring| days(&ring)), [Some(0), Some(5), Some(10)]);
    }

    #[test]
    fn a_pause_takes_the_place_of_the_other_kind_of_pause() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        for kind in [DeferralCategory::Update, DeferralCategory::Upgrade] {
            let old = PolicySet::all_ring().paused(kind, Build::WINDOWS_10_1607, day).unwrap();
            let new = old.clone().paused(kind, Build::WINDOWS_10_1703, day).unwrap();
            assert_eq!((old.len(), new.len()), (3, 3));
            assert_ne!(old, new);
            assert_eq!(new.resumed(kind), PolicySet::all_ring());
        }
        // 1511 has one pause, for both kinds.
        for kind in [DeferralCategory::Update, DeferralCategory::Upgrade] {
            let target = Target::new(Build::WINDOWS_10_1511, Edition::PROFESSIONAL);
            let paused = PolicySet::new().paused(kind, target.build, day).unwrap();
            assert_eq!(paused, PolicySet::new().with(PauseDeferrals::Paused));
            assert!(paused.validate(&target).is_accepted());
            assert!(paused.resumed(kind).is_empty());
        }
        let definitions = PolicySet::all_ring().paused(
            DeferralCategory::NotDeferrable,
            Build::WINDOWS_11_24H2,
            day,
        );
        assert_eq!(definitions, Ok(PolicySet::all_ring()));
    }
}
