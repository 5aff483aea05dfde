//! Deadlines and grace periods.

use chrono::{DateTime, TimeZone};

use super::days_after;
use crate::policy::values::{
    ConfigureDeadlineForFeatureUpdates, ConfigureDeadlineForQualityUpdates,
    ConfigureDeadlineGracePeriod, ConfigureDeadlineGracePeriodForFeatureUpdates,
    ConfigureDeadlineNoAutoReboot, ConfigureDeadlineNoAutoRebootForFeatureUpdates,
    ConfigureDeadlineNoAutoRebootForQualityUpdates,
};
use crate::policy::{PolicyId, PolicySet};
use crate::{Build, DeferralCategory};

/// From when a deadline counts.
///
/// *Decision* (C08): Microsoft's page on compliance deadlines (2024-05-16) says that since Windows 11
/// 22H2 both deadlines count from the scan that found the update, and on the same page that the
/// effective deadline is the later of restart pending plus deadline and restart pending plus grace.
/// The first is [`of`](Self::of)'s reading, because it is the one that sets the release apart from
/// older ones; the other stays possible as a parameter.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum DeadlineModel {
    /// Both from the update's release, as deadlines first worked.
    FromRelease,
    /// Windows 10, and Windows 11 21H2: that of quality updates from the offer, that of feature
    /// updates from when a restart is pending. Both have the grace period of quality updates.
    UntilWindows11_21H2,
    /// Windows 11 22H2 and later: both from the scan that found the update. Feature updates have a
    /// grace period of their own.
    SinceWindows11_22H2,
    /// The other reading of Windows 11 22H2: both from when a restart is pending.
    FromRestartPending,
}

impl DeadlineModel {
    /// The model of a build.
    #[must_use]
    pub fn of(build: Build) -> Self {
        if build < Build::WINDOWS_11_22H2 {
            Self::UntilWindows11_21H2
        } else {
            Self::SinceWindows11_22H2
        }
    }
}

/// What happened to an update on a device so far.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Moments<Z: TimeZone> {
    /// When it was released.
    pub released: Option<DateTime<Z>>,
    /// When a scan found it, which is when it was offered.
    pub offered: DateTime<Z>,
    /// When a restart became pending.
    pub restart_pending: Option<DateTime<Z>>,
}

impl<Z: TimeZone> Moments<Z> {
    /// An update that was offered at this time.
    #[must_use]
    pub const fn offered(at: DateTime<Z>) -> Self {
        Self { released: None, offered: at, restart_pending: None }
    }

    /// The same with a pending restart.
    #[must_use]
    pub fn with_restart_pending(mut self, since: DateTime<Z>) -> Self {
        self.restart_pending = Some(since);
        self
    }

    /// The same with the time of its release.
    #[must_use]
    pub fn with_release(mut self, at: DateTime<Z>) -> Self {
        self.released = Some(at);
        self
    }
}

/// When an update has to be installed, and when the device restarts for it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Deadline<Z: TimeZone> {
    /// The end of the deadline's days. 0 days mean that it is installed at once.
    pub deadline: DateTime<Z>,
    /// The end of the grace period, which runs from when a restart is pending; unknown before.
    pub grace_end: Option<DateTime<Z>>,
    /// When the restart is forced, whatever active hours say: the later of the two; unknown before a
    /// restart is pending.
    pub effective: Option<DateTime<Z>>,
}

/// The deadline of an update, or `None` where no policy sets one or its clock has not started.
///
/// *Specified*: wufb-compliancedeadlines (2024-05-16); Policy CSP - Update,
/// ConfigureDeadlineForQualityUpdates and those beside it. A grace period that is not set is 2 days;
/// that of feature updates since Windows 11 22H2 falls back to that of quality updates, then to 7
/// (C06: a deadline itself has no default here, because without the policy there is none).
///
/// *Decision* (D09): the 7 is what the policy's text in every DDF since December 2022 says that comes
/// into effect. A device of Windows 11 22631.3296 gives 2 as the policy's default; as in C09, what a
/// device answers is not what it does without the policy.
#[must_use]
pub fn deadline<Z: TimeZone>(
    set: &PolicySet,
    model: DeadlineModel,
    kind: DeferralCategory,
    moments: &Moments<Z>,
) -> Option<Deadline<Z>> {
    let feature = kind == DeferralCategory::Upgrade;
    let days = if feature {
        set.get::<ConfigureDeadlineForFeatureUpdates>()?.get()
    } else {
        set.get::<ConfigureDeadlineForQualityUpdates>()?.get()
    };
    let pending = moments.restart_pending.as_ref();
    let start = match model {
        DeadlineModel::FromRelease => moments.released.as_ref()?,
        DeadlineModel::UntilWindows11_21H2 if feature => pending?,
        DeadlineModel::UntilWindows11_21H2 | DeadlineModel::SinceWindows11_22H2 => &moments.offered,
        DeadlineModel::FromRestartPending => pending?,
    };
    let deadline = days_after(start, days.into())?;
    let grace = grace(set, model, feature);
    let grace_end = pending.and_then(|pending| days_after(pending, grace));
    let effective = grace_end.clone().map(|end| end.max(deadline.clone()));
    Some(Deadline { deadline, grace_end, effective })
}

fn grace(set: &PolicySet, model: DeadlineModel, feature: bool) -> i64 {
    let shared = set.get::<ConfigureDeadlineGracePeriod>().map(|days| i64::from(days.get()));
    let own = feature
        && matches!(model, DeadlineModel::SinceWindows11_22H2 | DeadlineModel::FromRestartPending);
    if own {
        let days = set.get::<ConfigureDeadlineGracePeriodForFeatureUpdates>();
        days.map(|days| i64::from(days.get())).or(shared).unwrap_or(7)
    } else {
        shared.unwrap_or(2)
    }
}

/// Whether AllowAutoUpdate and the schedule beside it count on a build until a deadline has passed,
/// and not only where there is no deadline.
///
/// *Specified*: wufb-compliancedeadlines (2025-03-18): since the update of 2024-12-10 for Windows 11
/// 22H2 and later what Configure Automatic Updates says of downloads, installations and restarts is
/// respected before the deadline and ignored after it; before that update, and on Windows 10, it is
/// ignored as soon as a deadline is set. *Decision* (D10): that update is 22621.4602 and 22631.4602
/// (KB5048685), and 26100.2605 (KB5048667). A build whose revision is not known is the one that the
/// release came with.
#[must_use]
pub fn heeds_auto_update(build: Build) -> bool {
    const SINCE: [Build; 2] =
        [Build::new(10, 0, 22621, Some(4602)), Build::new(10, 0, 26100, Some(2605))];
    build.has(&SINCE)
}

/// Whether automatic restarts wait for the end of deadline and grace period.
///
/// *Decision* (C29): ConfigureDeadlineNoAutoReboot is in every DDF since 1903 and counts where the
/// build has no policy for the kind of update, or it is not set. (C22): a build whose policies by kind
/// are disputed has none; a device of 22631.3296 lacks them.
#[must_use]
pub fn waits_for_deadline(set: &PolicySet, build: Build, kind: DeferralCategory) -> bool {
    let has = |id: PolicyId| id.meta().is_on(build) && !id.meta().is_disputed_on(build);
    let own = match kind {
        DeferralCategory::Upgrade => {
            let id = PolicyId::ConfigureDeadlineNoAutoRebootForFeatureUpdates;
            let value = set.get::<ConfigureDeadlineNoAutoRebootForFeatureUpdates>();
            value
                .filter(|_| has(id))
                .map(|value| value == ConfigureDeadlineNoAutoRebootForFeatureUpdates::Enabled)
        }
        _ => {
            let id = PolicyId::ConfigureDeadlineNoAutoRebootForQualityUpdates;
            let value = set.get::<ConfigureDeadlineNoAutoRebootForQualityUpdates>();
            value
                .filter(|_| has(id))
                .map(|value| value == ConfigureDeadlineNoAutoRebootForQualityUpdates::Enabled)
        }
    };
    own.unwrap_or_else(|| set.get() == Some(ConfigureDeadlineNoAutoReboot::Enabled))
}

impl PolicySet {
    /// The deadlines that Microsoft suggests for a build.
    ///
    /// *Decision* (C07): the suggestions differ by release, so they are presets by release. Until
    /// Windows 11 21H2: quality 2 days, feature 7, grace 2. Since 22H2: quality 7 with a grace of 2,
    /// feature 2 with a grace of 7.
    #[must_use]
    pub fn suggested_deadlines(build: Build) -> Self {
        let number = |set: Self, id, days| set.clone().with_number(id, days).unwrap_or(set);
        let [quality, feature, grace, feature_grace] = match DeadlineModel::of(build) {
            DeadlineModel::UntilWindows11_21H2 => [2, 7, 2, -1],
            _ => [7, 2, 2, 7],
        };
        let set = number(Self::new(), PolicyId::ConfigureDeadlineForQualityUpdates, quality);
        let set = number(set, PolicyId::ConfigureDeadlineForFeatureUpdates, feature);
        let set = number(set, PolicyId::ConfigureDeadlineGracePeriod, grace);
        number(set, PolicyId::ConfigureDeadlineGracePeriodForFeatureUpdates, feature_grace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn both(set: &PolicySet, model: DeadlineModel, kind: DeferralCategory) -> [String; 2] {
        let moments = Moments::offered(time("2026-11-10T12:00:00Z"))
            .with_release(time("2026-11-09T12:00:00Z"))
            .with_restart_pending(time("2026-11-12T15:00:00Z"));
        let deadline = deadline(set, model, kind, &moments).unwrap();
        [deadline.deadline, deadline.effective.unwrap()].map(|at| at.format("%d %H").to_string())
    }

    #[test]
    fn deadlines_count_as_their_release_has_it() {
        let set = PolicySet::new()
            .with(ConfigureDeadlineForQualityUpdates::days(3).unwrap())
            .with(ConfigureDeadlineForFeatureUpdates::days(4).unwrap())
            .with(ConfigureDeadlineGracePeriod::days(1).unwrap())
            .with(ConfigureDeadlineGracePeriodForFeatureUpdates::days(5).unwrap());
        let (quality, feature) = (DeferralCategory::Update, DeferralCategory::Upgrade);
        let until = DeadlineModel::UntilWindows11_21H2;
        assert_eq!(both(&set, until, quality), ["13 12", "13 15"], "from the offer");
        assert_eq!(both(&set, until, feature), ["16 15", "16 15"], "from the pending restart");
        let since = DeadlineModel::SinceWindows11_22H2;
        assert_eq!(both(&set, since, quality), ["13 12", "13 15"]);
        assert_eq!(both(&set, since, feature), ["14 12", "17 15"], "with a grace of its own");
        let other = DeadlineModel::FromRestartPending;
        assert_eq!(both(&set, other, quality), ["15 15", "15 15"]);
        assert_eq!(both(&set, DeadlineModel::FromRelease, quality), ["12 12", "13 15"]);
    }

    #[test]
    fn a_grace_period_that_is_not_set_has_its_fallbacks() {
        let set = PolicySet::new().with(ConfigureDeadlineForFeatureUpdates::MIN);
        let (until, since) =
            (DeadlineModel::UntilWindows11_21H2, DeadlineModel::SinceWindows11_22H2);
        let feature = DeferralCategory::Upgrade;
        assert_eq!(both(&set, since, feature), ["10 12", "19 15"], "7 days (D09)");
        assert_eq!(both(&set, until, feature), ["12 15", "14 15"], "2 days");
        let two = set.clone().with(ConfigureDeadlineGracePeriodForFeatureUpdates::days(2).unwrap());
        assert_eq!(both(&two, since, feature), ["10 12", "14 15"], "2 days");
        let set = set.with(ConfigureDeadlineGracePeriod::days(1).unwrap());
        assert_eq!(both(&set, since, feature), ["10 12", "13 15"]);
    }

    #[test]
    fn without_policy_or_start_there_is_none() {
        let set = PolicySet::new().with(ConfigureDeadlineForFeatureUpdates::MIN);
        let moments = Moments::offered(time("2026-11-10T12:00:00Z"));
        let of = |model, kind| deadline(&set, model, kind, &moments);
        assert_eq!(of(DeadlineModel::UntilWindows11_21H2, DeferralCategory::Upgrade), None);
        assert_eq!(of(DeadlineModel::FromRelease, DeferralCategory::Upgrade), None);
        assert_eq!(of(DeadlineModel::SinceWindows11_22H2, DeferralCategory::Update), None);
        let open = of(DeadlineModel::SinceWindows11_22H2, DeferralCategory::Upgrade).unwrap();
        assert_eq!((open.deadline, open.effective), (time("2026-11-10T12:00:00Z"), None));
    }

    #[test]
    fn restarts_wait_by_kind_where_the_build_knows_kinds() {
        let set = PolicySet::new()
            .with(ConfigureDeadlineNoAutoReboot::Enabled)
            .with(ConfigureDeadlineNoAutoRebootForQualityUpdates::Disabled);
        let waits = |build, kind| waits_for_deadline(&set, build, kind);
        assert!(waits(Build::WINDOWS_10_22H2, DeferralCategory::Update));
        assert!(!waits(Build::WINDOWS_11_24H2, DeferralCategory::Update));
        assert!(waits(Build::WINDOWS_11_24H2, DeferralCategory::Upgrade));
        // C22: a device of 22631.3296 does not have them, so that the older policy counts.
        for build in ["10.0.22621", "10.0.22631.3296", "10.0.22631.5000"] {
            assert!(waits(build.parse().unwrap(), DeferralCategory::Update), "{build}");
        }
    }

    #[test]
    fn automatic_updates_count_until_the_deadline_since_an_update_of_december_2024() {
        for (build, wanted) in [
            ("10.0.19045.9999", false),
            ("10.0.22000.9999", false),
            ("10.0.22621.4601", false),
            ("10.0.22621.4602", true),
            ("10.0.22631.4601", false),
            ("10.0.22631.4602", true),
            ("10.0.26100", false),
            ("10.0.26100.2604", false),
            ("10.0.26100.2605", true),
            ("10.0.26200", true),
            ("10.0.28000.1", true),
        ] {
            assert_eq!(heeds_auto_update(build.parse().unwrap()), wanted, "{build}");
        }
    }

    #[test]
    fn suggestions_differ_by_release() {
        let days = |build, id| PolicySet::suggested_deadlines(build).number(id);
        let (old, new) = (Build::WINDOWS_10_22H2, Build::WINDOWS_11_22H2);
        let quality = PolicyId::ConfigureDeadlineForQualityUpdates;
        assert_eq!([days(old, quality), days(new, quality)], [Some(2), Some(7)]);
        let grace = PolicyId::ConfigureDeadlineGracePeriodForFeatureUpdates;
        assert_eq!([days(old, grace), days(new, grace)], [None, Some(7)]);
    }
}
