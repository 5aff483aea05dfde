//! Pauses.

use chrono::{Days, NaiveDate};

use super::Context;
use crate::policy::values::{
    PauseDeferrals, PauseFeatureUpdates, PauseFeatureUpdatesStartTime, PauseQualityUpdates,
    PauseQualityUpdatesStartTime,
};
use crate::policy::{PolicyId, PolicySet};
use crate::{Build, DeferralCategory};

/// A pause of one kind of updates.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Pause {
    /// Its first day.
    pub first: NaiveDate,
    /// The first day on which updates flow again, unless somebody ends it before.
    pub until: NaiveDate,
    /// The policy that makes it.
    pub policy: PolicyId,
}

/// What Windows says of a pause, and writes as 0, 1 and 2 into PausedQualityStatus and
/// PausedFeatureStatus.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum PauseStatus {
    /// There is none, or it has not begun.
    NotPaused,
    /// Updates are paused.
    Paused,
    /// It is over, by itself; the device scans again, and may be paused again.
    AutoResumed,
}

impl Pause {
    /// Where a day stands.
    #[must_use]
    pub fn status(&self, today: NaiveDate) -> PauseStatus {
        if today < self.first {
            PauseStatus::NotPaused
        } else if today < self.until {
            PauseStatus::Paused
        } else {
            PauseStatus::AutoResumed
        }
    }
}

/// The pause that a set makes for a kind of updates, over or not.
///
/// Since Windows 10 1703 it lasts 35 days from the day that the policy names; a day that is past
/// when the policy arrives leaves less. *Decision* (C04): 60 days for feature updates on 1607, as
/// the guide of 2017 and the values' own text say; 35 days since 1703, as the administrative
/// template and the deployment guide say, for the flag as for the day. A flag counts from when the
/// device got it ([`Context::paused_since`]); without that day, there is no telling.
///
/// On Windows 10 1511 PauseDeferrals pauses everything that can be deferred for five weeks.
/// What cannot be deferred is never paused.
#[must_use]
pub fn pause(
    set: &PolicySet,
    context: impl Into<Context>,
    kind: DeferralCategory,
) -> Option<Pause> {
    let context = context.into();
    let build = context.build;
    let (policy, first, days) = match kind {
        DeferralCategory::NotDeferrable => return None,
        _ if build < Build::WINDOWS_10_1607 => {
            let paused = set.get() == Some(PauseDeferrals::Paused);
            // With a WSUS server it has no effect.
            let wsus = set.contains(PolicyId::UpdateServiceUrl);
            let since = context.paused_since.filter(|_| paused && !wsus);
            (PolicyId::PauseDeferrals, since?, 35)
        }
        DeferralCategory::Update => {
            let day = set.get::<PauseQualityUpdatesStartTime>().map(|policy| policy.day());
            let flag = set.get() == Some(PauseQualityUpdates::Paused);
            choose(build, context, day, flag).map(|(first, dated)| {
                let [flag, day] =
                    [PolicyId::PauseQualityUpdates, PolicyId::PauseQualityUpdatesStartTime];
                (if dated { day } else { flag }, first, 35)
            })?
        }
        DeferralCategory::Upgrade => {
            let day = set.get::<PauseFeatureUpdatesStartTime>().map(|policy| policy.day());
            let flag = set.get() == Some(PauseFeatureUpdates::Paused);
            let days = if build < Build::WINDOWS_10_1703 { 60 } else { 35 };
            choose(build, context, day, flag).map(|(first, dated)| {
                let [flag, day] =
                    [PolicyId::PauseFeatureUpdates, PolicyId::PauseFeatureUpdatesStartTime];
                (if dated { day } else { flag }, first, days)
            })?
        }
    };
    let until = first.checked_add_days(Days::new(days))?;
    Some(Pause { first, until, policy })
}

/// The first day, and whether the policy names it.
fn choose(
    build: Build,
    context: Context,
    day: Option<NaiveDate>,
    flag: bool,
) -> Option<(NaiveDate, bool)> {
    let dated = day.filter(|_| build >= Build::WINDOWS_10_1703).map(|day| (day, true));
    dated.or_else(|| context.paused_since.filter(|_| flag).map(|day| (day, false)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_pause_by_day_lasts_35_days() {
        let set = PolicySet::new()
            .with(PauseQualityUpdatesStartTime::on(day("2026-11-01")).unwrap())
            .with(PauseFeatureUpdatesStartTime::on(day("2026-11-02")).unwrap());
        let quality = pause(&set, Build::WINDOWS_11_24H2, DeferralCategory::Update).unwrap();
        assert_eq!(quality.until, day("2026-12-06"));
        assert_eq!(quality.policy, PolicyId::PauseQualityUpdatesStartTime);
        for (today, status) in [
            ("2026-10-31", PauseStatus::NotPaused),
            ("2026-11-01", PauseStatus::Paused),
            ("2026-12-05", PauseStatus::Paused),
            ("2026-12-06", PauseStatus::AutoResumed),
        ] {
            assert_eq!(quality.status(day(today)), status, "{today}");
        }
        let feature = pause(&set, Build::WINDOWS_11_24H2, DeferralCategory::Upgrade).unwrap();
        assert_eq!(feature.until, day("2026-12-07"));
        assert_eq!(pause(&set, Build::WINDOWS_11_24H2, DeferralCategory::NotDeferrable), None);
        // 1607 does not know the day.
        assert_eq!(pause(&set, Build::WINDOWS_10_1607, DeferralCategory::Update), None);
    }

    #[test]
    fn a_pause_by_flag_counts_from_its_arrival() {
        let set =
            PolicySet::new().with(PauseFeatureUpdates::Paused).with(PauseQualityUpdates::Paused);
        let since = |build: Build| Context::from(build).with_paused_since(day("2016-11-01"));
        let until = |build, kind| pause(&set, since(build), kind).map(|pause| pause.until);
        let (old, new) = (Build::WINDOWS_10_1607, Build::WINDOWS_10_1703);
        assert_eq!(until(old, DeferralCategory::Upgrade), Some(day("2016-12-31")), "60 days");
        assert_eq!(until(new, DeferralCategory::Upgrade), Some(day("2016-12-06")), "35 days");
        assert_eq!(until(old, DeferralCategory::Update), Some(day("2016-12-06")));
        assert_eq!(pause(&set, old, DeferralCategory::Update), None, "nobody knows since when");
        let set = PolicySet::new().with(PauseDeferrals::Paused);
        let until =
            |build| pause(&set, since(build), DeferralCategory::Upgrade).map(|pause| pause.until);
        assert_eq!(until(Build::WINDOWS_10_1511), Some(day("2016-12-06")));
        assert_eq!(until(old), None);
    }
}
