//! Scheduled installations.

use chrono::{DateTime, Datelike, Days, TimeZone};

use super::local;
use crate::policy::values::{AllowAutoUpdate, ScheduledInstallDay, ScheduledInstallTime};
use crate::policy::{PolicyId, PolicySet};
use crate::{Build, DeferralCategory};

/// When the next scheduled installation of updates of a kind begins, after a moment; `None` without
/// a schedule, which needs AllowAutoUpdate 3 or 4, and none of the deadlines that take its place.
/// Windows begins within about half an hour of it; where
/// [`has_maintenance_window`](super::has_maintenance_window) is true, perhaps later.
///
/// *Specified*: Policy CSP - Update. Days of the week and weeks of the month (1 to 7, 8 to 14, 15 to
/// 21, 22 to the end) combine: Tuesday with the second week is Patch Tuesday; releases before 1709
/// do not know weeks. Without a day, each day; without an hour, 3. A deadline for the kind of update
/// takes the place of AllowAutoUpdate (wufb-compliancedeadlines); on builds that
/// [heed](super::heeds_auto_update) it until the deadline (D10), the schedule is the time before that,
/// and once the [`deadline`](super::deadline()) has passed there is none. *Decision*: weeks count where
/// one is chosen and ScheduledInstallEveryWeek is not set to 1.
#[must_use]
pub fn next_installation<Z: TimeZone>(
    set: &PolicySet,
    build: Build,
    kind: DeferralCategory,
    after: &DateTime<Z>,
) -> Option<DateTime<Z>> {
    let mode = set.get::<AllowAutoUpdate>()?;
    if !matches!(mode, AllowAutoUpdate::Scheduled | AllowAutoUpdate::InstallWithoutUser) {
        return None;
    }
    let deadline = match kind {
        DeferralCategory::Upgrade => PolicyId::ConfigureDeadlineForFeatureUpdates,
        _ => PolicyId::ConfigureDeadlineForQualityUpdates,
    };
    // A device does not take what its release does not have.
    let on = |id: PolicyId| set.number(id).filter(|_| id.meta().is_on(build));
    if on(deadline).is_some() && !super::heeds_auto_update(build) {
        return None;
    }
    let hour = set.get::<ScheduledInstallTime>().map_or(3, |hour| hour.get().into());
    let day = set.get::<ScheduledInstallDay>().map_or(0, ScheduledInstallDay::number);
    let weeks = [
        PolicyId::ScheduledInstallFirstWeek,
        PolicyId::ScheduledInstallSecondWeek,
        PolicyId::ScheduledInstallThirdWeek,
        PolicyId::ScheduledInstallFourthWeek,
    ]
    .map(|week| on(week) == Some(1));
    let every = on(PolicyId::ScheduledInstallEveryWeek) == Some(1) || !weeks.contains(&true);
    let today = local(after)?.date();
    // A certain day of the first week comes at least every 37 days, unless daylight saving leaves
    // its hour out once.
    (0..=75).find_map(|ahead| {
        let date = today.checked_add_days(Days::new(ahead))?;
        let week = usize::try_from((date.day() - 1) / 7).ok()?.min(3);
        let right_week = every || weeks.get(week) == Some(&true);
        let right_day = day == 0 || i64::from(date.weekday().number_from_sunday()) == day;
        if !(right_week && right_day) {
            return None;
        }
        let at = after.timezone().from_local_datetime(&date.and_hms_opt(hour, 0, 0)?).earliest()?;
        (at > *after).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::values::*;
    use chrono::FixedOffset;

    fn next_on(set: &PolicySet, build: Build, after: &str) -> Option<String> {
        let after: DateTime<FixedOffset> = after.parse().unwrap();
        let next = next_installation(set, build, DeferralCategory::Update, &after);
        next.map(|at| at.to_rfc3339())
    }

    fn next(set: &PolicySet, after: &str) -> Option<String> {
        next_on(set, Build::WINDOWS_11_24H2, after)
    }

    #[test]
    fn patch_tuesday_is_tuesday_of_the_second_week() {
        let set = PolicySet::new()
            .with(AllowAutoUpdate::Scheduled)
            .with(ScheduledInstallDay::Tuesday)
            .with(ScheduledInstallSecondWeek::Yes)
            .with(ScheduledInstallTime::at(22).unwrap());
        let wanted = Some("2026-12-08T22:00:00+01:00".to_owned());
        assert_eq!(next(&set, "2026-11-10T22:00:00+01:00"), wanted, "after it");
        assert_eq!(
            next(&set, "2026-11-10T21:59:59+01:00").as_deref(),
            Some("2026-11-10T22:00:00+01:00")
        );
        let every = set.clone().with(ScheduledInstallEveryWeek::Yes);
        assert_eq!(
            next(&every, "2026-11-10T22:00:00+01:00").as_deref(),
            Some("2026-11-17T22:00:00+01:00")
        );
        let fourth = set.with(ScheduledInstallSecondWeek::No).with(ScheduledInstallFourthWeek::Yes);
        assert_eq!(
            next(&fourth, "2026-09-29T00:00:00+01:00").as_deref(),
            Some("2026-09-29T22:00:00+01:00"),
            "the 29th is of the fourth week"
        );
    }

    #[test]
    fn releases_before_1709_do_not_know_weeks_of_the_month() {
        let set = PolicySet::new()
            .with(AllowAutoUpdate::Scheduled)
            .with(ScheduledInstallDay::Tuesday)
            .with(ScheduledInstallSecondWeek::Yes);
        let after = "2026-11-10T03:00:00Z";
        let on = |build| next_on(&set, build, after).unwrap();
        assert_eq!(on(Build::WINDOWS_10_1703), "2026-11-17T03:00:00+00:00", "each Tuesday");
        assert_eq!(on(Build::WINDOWS_10_1709), "2026-12-08T03:00:00+00:00");
    }

    #[test]
    fn a_deadline_takes_the_place_of_the_schedule_for_its_kind_of_update() {
        let set = PolicySet::new()
            .with(AllowAutoUpdate::Scheduled)
            .with(ConfigureDeadlineForQualityUpdates::days(2).unwrap());
        let after: DateTime<FixedOffset> = "2026-11-21T03:00:00Z".parse().unwrap();
        let has = |build, kind| next_installation(&set, build, kind, &after).is_some();
        let (now, old) = (Build::WINDOWS_11_24H2, Build::WINDOWS_10_1709);
        assert!(!has(now, DeferralCategory::Update));
        assert!(!has(now, DeferralCategory::NotDeferrable), "as in `deadline`");
        assert!(has(now, DeferralCategory::Upgrade), "which has a deadline of its own");
        assert!(has(old, DeferralCategory::Update), "deadlines came with 1903");
        let heeds = "10.0.26100.2605".parse().unwrap();
        assert!(has(heeds, DeferralCategory::Update), "until the deadline");
    }

    #[test]
    fn defaults_are_each_day_at_three() {
        let set = PolicySet::new().with(AllowAutoUpdate::InstallWithoutUser);
        assert_eq!(
            next(&set, "2026-11-21T03:00:00Z").as_deref(),
            Some("2026-11-22T03:00:00+00:00")
        );
        assert_eq!(
            next(&set.with(AllowAutoUpdate::InstallAndRestart), "2026-11-21T03:00:00Z"),
            None
        );
        assert_eq!(next(&PolicySet::new(), "2026-11-21T03:00:00Z"), None);
    }
}
