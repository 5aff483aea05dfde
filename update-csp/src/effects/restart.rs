//! Restarts, automatic and forced.

use chrono::{DateTime, Duration, TimeZone};

use super::{
    ActiveHours, DeadlineModel, Moments, days_after, deadline, has_maintenance_window,
    heeds_auto_update, waits_for_deadline,
};
use crate::policy::{PolicyId, PolicySet};
use crate::{Build, DeferralCategory};

/// What decides about a restart.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum RestartCause {
    /// A deadline.
    Deadline,
    /// AlwaysAutoRebootAtScheduledTimeMinutes.
    Always,
    /// AutoRestartDeadlinePeriodInDays.
    AutoRestartDeadline,
    /// EngagedRestartTransitionSchedule and EngagedRestartDeadline.
    Engaged,
    /// AllowAutoUpdate, or its default.
    AutoUpdateMode,
}

/// When a device restarts for an update.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Restart<Z: TimeZone> {
    /// From when it can restart by itself, while nobody uses it; never, where the user decides.
    pub automatic_from: Option<DateTime<Z>>,
    /// When it stops to restart by itself and the user has to plan the restart.
    pub automatic_until: Option<DateTime<Z>>,
    /// When it restarts whatever the user does.
    pub forced_at: Option<DateTime<Z>>,
    /// What decides.
    pub cause: RestartCause,
    /// Whether a maintenance window may hold the restart back that none of these times know of
    /// ([`has_maintenance_window`]): the device restarts by itself within it only, from
    /// `automatic_from` on at the earliest. A deadline that has passed goes beyond it.
    pub maintenance_window: bool,
}

/// When a device restarts for an update whose restart is pending; `None` before.
///
/// *Specified*: Policy CSP - Update and WindowsUpdate.admx, with this precedence: a deadline takes
/// the place of all that follows; AlwaysAutoRebootAtScheduledTimeMinutes that of the rest and of
/// active hours; AutoRestartDeadlinePeriodInDays that of EngagedRestart…; then AllowAutoUpdate: 1
/// gives the user seven days, 2 and 4 restart outside active hours, 3 after a countdown of 15
/// minutes that a user who is there can stop, 0 and 5 leave it to the user. Where a build
/// [heeds](heeds_auto_update) AllowAutoUpdate until the deadline (D10), it says when the device
/// restarts before that, and the deadline when at the latest. Where restarts
/// [wait](waits_for_deadline()) for the deadline, none comes before it, whatever AllowAutoUpdate says.
///
/// AlwaysAutoRebootAtScheduledTimeMinutes does not count on builds of a servicing family whose
/// devices were seen without it (D08).
///
/// A set does not hold the Group Policy "No auto-restart with logged on users", under which
/// AlwaysAutoRebootAtScheduledTimeMinutes, AutoRestartDeadlinePeriodInDays and EngagedRestart… do
/// nothing: [`Rule::LoggedOnUsersSpared`](crate::rules::Rule::LoggedOnUsersSpared) says so.
#[must_use]
pub fn restart<Z: TimeZone>(
    set: &PolicySet,
    build: Build,
    kind: DeferralCategory,
    moments: &Moments<Z>,
) -> Option<Restart<Z>> {
    let restart = decide(set, build, kind, moments)?;
    Some(Restart { maintenance_window: has_maintenance_window(set, build), ..restart })
}

fn decide<Z: TimeZone>(
    set: &PolicySet,
    build: Build,
    kind: DeferralCategory,
    moments: &Moments<Z>,
) -> Option<Restart<Z>> {
    let maintenance_window = false;
    let pending = moments.restart_pending.as_ref()?;
    // Windows 10 1607 brought active hours.
    let has_hours = PolicyId::ActiveHoursStart.meta().is_on(build);
    let hours = has_hours.then(|| ActiveHours::of(set));
    let outside = || hours.map_or_else(|| pending.clone(), |hours| hours.next_outside(pending));
    let after = |days: i64| days_after(pending, days);
    let feature = kind == DeferralCategory::Upgrade;
    // A device does not take what its release does not have.
    let on = |id: PolicyId| set.number(id).filter(|_| id.meta().counts_on(build));
    // What AllowAutoUpdate says: from when, and when at the latest.
    let by_mode = || match set.number(PolicyId::AllowAutoUpdate).unwrap_or(2) {
        0 | 5 => (None, None),
        1 => (None, after(7)),
        3 => (pending.clone().checked_add_signed(Duration::minutes(15)), None),
        _ => (Some(outside()), None),
    };
    let choose = |quality, of_feature| on(if feature { of_feature } else { quality });
    let has_deadlines = [
        PolicyId::ConfigureDeadlineForQualityUpdates,
        PolicyId::ConfigureDeadlineForFeatureUpdates,
    ]
    .iter()
    .any(|id| id.meta().is_on(build));

    if let Some(deadline) =
        deadline(set, DeadlineModel::of(build), kind, moments).filter(|_| has_deadlines)
    {
        let (by_itself, by_force) =
            if heeds_auto_update(build) { by_mode() } else { (Some(outside()), None) };
        let waits = waits_for_deadline(set, build, kind);
        let forced_at = match (deadline.effective, by_force) {
            (Some(deadline), Some(mode)) if !waits => Some(deadline.min(mode)),
            (deadline, _) => deadline,
        };
        let from = if waits { forced_at.clone() } else { by_itself };
        // A forced restart does not wait for the end of active hours.
        let automatic_from = match (from, &forced_at) {
            (Some(from), Some(forced)) => Some(from.min(forced.clone())),
            (from, _) => from,
        };
        let cause = RestartCause::Deadline;
        return Some(Restart {
            automatic_from,
            automatic_until: None,
            forced_at,
            cause,
            maintenance_window,
        });
    }
    if let Some(minutes) = on(PolicyId::AlwaysAutoRebootAtScheduledTimeMinutes) {
        let at = pending.clone().checked_add_signed(Duration::minutes(minutes));
        return Some(Restart {
            automatic_from: at.clone(),
            automatic_until: None,
            forced_at: at,
            cause: RestartCause::Always,
            maintenance_window,
        });
    }
    if let Some(days) = choose(
        PolicyId::AutoRestartDeadlinePeriodInDays,
        PolicyId::AutoRestartDeadlinePeriodInDaysForFeatureUpdates,
    ) {
        return Some(Restart {
            automatic_from: Some(outside()),
            automatic_until: None,
            forced_at: after(days),
            cause: RestartCause::AutoRestartDeadline,
            maintenance_window,
        });
    }
    let transition = choose(
        PolicyId::EngagedRestartTransitionSchedule,
        PolicyId::EngagedRestartTransitionScheduleForFeatureUpdates,
    );
    let last =
        choose(PolicyId::EngagedRestartDeadline, PolicyId::EngagedRestartDeadlineForFeatureUpdates);
    if transition.is_some() || last.is_some() {
        let until = after(transition.unwrap_or(7));
        let from = Some(outside()).filter(|from| until.as_ref().is_some_and(|until| from < until));
        // C09: without the policy the user is never forced; its default, 14, is what a device
        // answers for it.
        return Some(Restart {
            automatic_from: from,
            automatic_until: until,
            forced_at: last.and_then(after),
            cause: RestartCause::Engaged,
            maintenance_window,
        });
    }
    let (automatic_from, forced_at) = by_mode();
    let cause = RestartCause::AutoUpdateMode;
    Some(Restart { automatic_from, automatic_until: None, forced_at, cause, maintenance_window })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::values::*;
    use chrono::Utc;

    fn judge(set: &PolicySet, kind: DeferralCategory) -> (RestartCause, [Option<String>; 3]) {
        judge_on(set, Build::WINDOWS_11_24H2, kind)
    }

    fn judge_on(
        set: &PolicySet,
        build: Build,
        kind: DeferralCategory,
    ) -> (RestartCause, [Option<String>; 3]) {
        let offered: DateTime<Utc> = "2026-11-10T09:30:00Z".parse().unwrap();
        let moments = Moments::offered(offered).with_restart_pending(offered + Duration::hours(1));
        let plan = restart(set, build, kind, &moments).unwrap();
        let times = [plan.automatic_from, plan.automatic_until, plan.forced_at];
        (plan.cause, times.map(|time| time.map(|time| time.format("%d %H:%M").to_string())))
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn nothing_is_said_before_a_restart_is_pending() {
        let moments = Moments::offered(DateTime::<Utc>::UNIX_EPOCH);
        let build = Build::WINDOWS_11_24H2;
        assert_eq!(restart(&PolicySet::new(), build, DeferralCategory::Update, &moments), None);
    }

    #[test]
    fn policies_take_each_others_place_in_order() {
        let mut set = PolicySet::new();
        let quality = DeferralCategory::Update;
        let mode = RestartCause::AutoUpdateMode;
        assert_eq!(judge(&set, quality), (mode, [some("10 17:00"), None, None]));
        set = set.with(AllowAutoUpdate::InstallAndUserRestarts);
        assert_eq!(judge(&set, quality), (mode, [None, None, some("17 10:30")]));
        set = set.with(AllowAutoUpdate::Scheduled);
        assert_eq!(judge(&set, quality), (mode, [some("10 10:45"), None, None]));
        set = set.with(AllowAutoUpdate::NotifyBeforeDownload);
        assert_eq!(judge(&set, quality), (mode, [None, None, None]));
        set = set.with(EngagedRestartTransitionSchedule::days(2).unwrap());
        let engaged = RestartCause::Engaged;
        assert_eq!(judge(&set, quality), (engaged, [some("10 17:00"), some("12 10:30"), None]));
        set = set.with(EngagedRestartDeadline::days(9).unwrap());
        let times = [some("10 17:00"), some("12 10:30"), some("19 10:30")];
        assert_eq!(judge(&set, quality), (engaged, times));
        assert_eq!(judge(&set, DeferralCategory::Upgrade).0, mode, "other policies");
        set = set.with(AutoRestartDeadlinePeriodInDays::days(4).unwrap());
        let deadline = RestartCause::AutoRestartDeadline;
        assert_eq!(judge(&set, quality), (deadline, [some("10 17:00"), None, some("14 10:30")]));
        set = set.with(AlwaysAutoRebootAtScheduledTimeMinutes::minutes(20).unwrap());
        let at = some("10 10:50");
        assert_eq!(judge(&set, quality), (RestartCause::Always, [at.clone(), None, at]));
        set = set.with(ConfigureDeadlineForQualityUpdates::days(3).unwrap());
        let times = [some("10 17:00"), None, some("13 09:30")];
        assert_eq!(judge(&set, quality), (RestartCause::Deadline, times));
        set = set.with(ConfigureDeadlineNoAutoRebootForQualityUpdates::Enabled);
        let times = [some("13 09:30"), None, some("13 09:30")];
        assert_eq!(judge(&set, quality), (RestartCause::Deadline, times));
    }

    #[test]
    fn automatic_updates_restart_before_the_deadline_where_the_build_heeds_them() {
        let (old, new): (Build, Build) =
            ("10.0.26100.2604".parse().unwrap(), "10.0.26100.2605".parse().unwrap());
        let deadline = PolicySet::new().with(ConfigureDeadlineForQualityUpdates::days(9).unwrap());
        let times = |mode: AllowAutoUpdate, build| {
            let set = deadline.clone().with(mode);
            let (cause, [from, until, forced]) = judge_on(&set, build, DeferralCategory::Update);
            assert_eq!((cause, until), (RestartCause::Deadline, None));
            [from, forced]
        };
        let (outside, last) = (some("10 17:00"), some("19 09:30"));
        for mode in AllowAutoUpdate::ALL {
            assert_eq!(times(*mode, old), [outside.clone(), last.clone()], "{mode:?}");
        }
        assert_eq!(judge_on(&deadline, new, DeferralCategory::Update).1[0], outside);
        for (mode, from, forced) in [
            (AllowAutoUpdate::InstallAndRestart, outside, last.clone()),
            (AllowAutoUpdate::Scheduled, some("10 10:45"), last.clone()),
            (AllowAutoUpdate::InstallAndUserRestarts, None, some("17 10:30")),
            (AllowAutoUpdate::NotifyBeforeDownload, None, last.clone()),
            (AllowAutoUpdate::Off, None, last),
        ] {
            assert_eq!(times(mode, new), [from, forced], "{mode:?}");
        }
    }

    /// DDF, ConfigureDeadlineNoAutoRebootForQualityUpdates: not before deadline and grace period are over.
    #[test]
    fn no_mode_restarts_a_device_that_waits_for_its_deadline() {
        let (quality, feature) = (DeferralCategory::Update, DeferralCategory::Upgrade);
        let waiting = PolicySet::new()
            .with(ConfigureDeadlineForQualityUpdates::days(14).unwrap())
            .with(ConfigureDeadlineForFeatureUpdates::days(14).unwrap())
            .with(ConfigureDeadlineNoAutoRebootForQualityUpdates::Enabled);
        let build: Build = "10.0.26100.2605".parse().unwrap();
        let last = some("24 09:30");
        for mode in AllowAutoUpdate::ALL {
            let set = waiting.clone().with(*mode);
            let (cause, times) = judge_on(&set, build, quality);
            assert_eq!(cause, RestartCause::Deadline);
            assert_eq!(times, [last.clone(), None, last.clone()], "{mode:?}");
        }
        let set = waiting.with(AllowAutoUpdate::InstallAndUserRestarts);
        let (_, times) = judge_on(&set, build, feature);
        assert_eq!(times, [None, None, some("17 10:30")], "the other kind does not wait");
    }

    /// D08: a device of Windows 11 22631.3296 lists every policy that it has, and not this one.
    #[test]
    fn what_a_device_was_seen_without_restarts_none_of_its_family() {
        let set = PolicySet::new().with(AlwaysAutoRebootAtScheduledTimeMinutes::MIN);
        let cause =
            |build: &str| judge_on(&set, build.parse().unwrap(), DeferralCategory::Update).0;
        for build in ["10.0.22621", "10.0.22631.3296", "10.0.22631.5000"] {
            assert_eq!(cause(build), RestartCause::AutoUpdateMode, "{build}");
        }
        assert_eq!(cause("10.0.26100.1"), RestartCause::Always);
    }

    #[test]
    fn a_maintenance_window_is_said_to_be_one() {
        let raw = crate::policy::RawPolicy::new(
            "MaintenanceWindowEnabled",
            crate::policy::ValueFormat::Int,
            "1",
        );
        let set = PolicySet::new().with_raw(raw.unwrap());
        let pending: DateTime<Utc> = "2026-11-10T09:30:00Z".parse().unwrap();
        let moments = Moments::offered(pending).with_restart_pending(pending);
        let window = |set: &PolicySet, build: &str| {
            let build = build.parse().unwrap();
            restart(set, build, DeferralCategory::Update, &moments).unwrap().maintenance_window
        };
        assert!(window(&set, "10.0.26100.7840"));
        assert!(!window(&set, "10.0.22631.7840") && !window(&PolicySet::new(), "10.0.26100.7840"));
    }

    #[test]
    fn releases_before_1607_have_no_active_hours_to_wait_for() {
        let pending: DateTime<Utc> = "2016-11-10T09:30:00Z".parse().unwrap();
        let moments = Moments::offered(pending).with_restart_pending(pending);
        let from = |build| {
            let restart = restart(&PolicySet::new(), build, DeferralCategory::Update, &moments);
            restart.unwrap().automatic_from.unwrap().format("%H:%M").to_string()
        };
        assert_eq!(from(Build::WINDOWS_10_1507), "09:30");
        assert_eq!(from(Build::WINDOWS_10_1511), "09:30");
        assert_eq!(from(Build::WINDOWS_10_1607), "17:00");
    }

    #[test]
    fn engaged_at_once_never_restarts_by_itself() {
        let set = PolicySet::new().with(EngagedRestartTransitionSchedule::MIN);
        let (_, [from, until, forced]) = judge(&set, DeferralCategory::Update);
        assert_eq!([from, until, forced], [None, some("10 10:30"), None]);
    }

    #[test]
    fn a_deadline_of_no_days_does_not_wait_for_active_hours() {
        let set = PolicySet::new()
            .with(ConfigureDeadlineForQualityUpdates::MIN)
            .with(ConfigureDeadlineGracePeriod::MIN);
        let at = some("10 10:30");
        assert_eq!(
            judge(&set, DeferralCategory::Update),
            (RestartCause::Deadline, [at.clone(), None, at])
        );
    }
}
