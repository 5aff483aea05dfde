//! What holds for every set of policies, build and moment.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use chrono::{
    DateTime, Duration, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, TimeZone, Timelike,
    Utc,
};
use proptest::prelude::*;
use update_csp::effects::{
    self, ActiveHours, Context, DeadlineModel, Moments, OfferDate, Offered, Update,
};
use update_csp::policy::values::DeferUpgradePeriod;
use update_csp::policy::{PolicyId, PolicySet};
use update_csp::{Build, Classification, DeferralCategory};

fn time() -> impl Strategy<Value = DateTime<FixedOffset>> {
    (0_i64..4_000_000_000, -14_i32..=14).prop_map(|(seconds, hours)| {
        let zone = FixedOffset::east_opt(hours * 3600).unwrap();
        DateTime::<Utc>::from_timestamp(seconds, 0).unwrap().with_timezone(&zone)
    })
}

fn class() -> impl Strategy<Value = Classification> {
    proptest::sample::select(Classification::all().to_vec())
}

fn kind() -> impl Strategy<Value = DeferralCategory> {
    proptest::sample::select(vec![
        DeferralCategory::Update,
        DeferralCategory::Upgrade,
        DeferralCategory::NotDeferrable,
    ])
}

fn on(offered: Offered<FixedOffset>) -> Option<OfferDate<FixedOffset>> {
    match offered {
        Offered::On(offer) => Some(offer),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn offers_never_come_early_and_definitions_never_late(
        set in support::set(14),
        build in support::build(),
        released in time(),
        class in class(),
        since in proptest::option::of(time()),
    ) {
        let mut context = Context::from(build);
        if let Some(since) = since {
            context = context.with_paused_since(since.date_naive());
        }
        if let Some(offer) = on(effects::offer(&set, context, &Update::new(class, released))) {
            prop_assert!(offer.at >= released);
            if class.deferral() == DeferralCategory::NotDeferrable {
                prop_assert_eq!(offer.at, released);
            }
            if let Some(until) = offer.paused_until {
                prop_assert_eq!(offer.at.date_naive(), until);
                // A pause holds back for its length at most.
                let plain = released + Duration::days(offer.deferral.days + 31 * i64::from(offer.deferral.months));
                prop_assert!(offer.at <= plain + Duration::days(61));
            }
        }
    }

    /// A longer deferral is never an earlier offer; a pause neither.
    #[test]
    fn more_waiting_is_never_less(
        set in support::set(8),
        build in support::build(),
        released in time(),
        days in 0_i64..=29,
        first in time(),
    ) {
        let deferring = |set: &PolicySet, days| {
            set.clone().with_number(PolicyId::DeferQualityUpdatesPeriodInDays, days).unwrap()
        };
        let update = Update::new(Classification::SECURITY_UPDATES, released);
        let at = |set: &PolicySet| on(effects::offer(set, build, &update)).map(|offer| offer.at);
        let set = set.resumed(DeferralCategory::Update);
        if let (Some(less), Some(more)) = (at(&deferring(&set, days)), at(&deferring(&set, days + 1))) {
            prop_assert!(less <= more);
        }
        let base = deferring(&set, days);
        let paused = base.clone().paused(DeferralCategory::Update, build, first.date_naive()).unwrap();
        if let (Some(less), Some(more)) = (at(&base), at(&paused)) {
            prop_assert!(less <= more);
        }
    }

    #[test]
    fn restarts_are_after_what_they_are_for(
        set in support::set(14),
        build in support::build(),
        kind in kind(),
        offered in time(),
        minutes in 0_i64..100_000,
    ) {
        let pending = offered + Duration::minutes(minutes);
        let moments = Moments::offered(offered).with_release(offered).with_restart_pending(pending);
        for model in [
            DeadlineModel::FromRelease,
            DeadlineModel::UntilWindows11_21H2,
            DeadlineModel::SinceWindows11_22H2,
            DeadlineModel::FromRestartPending,
        ] {
            if let Some(deadline) = effects::deadline(&set, model, kind, &moments) {
                let (grace, effective) = (deadline.grace_end.unwrap(), deadline.effective.unwrap());
                prop_assert!(deadline.deadline >= offered && grace >= pending);
                prop_assert_eq!(effective, deadline.deadline.max(grace));
            }
        }
        let restart = effects::restart(&set, build, kind, &moments).unwrap();
        for at in [&restart.automatic_from, &restart.automatic_until, &restart.forced_at] {
            prop_assert!(at.as_ref().is_none_or(|at| *at >= pending));
        }
        if let (Some(from), Some(forced)) = (&restart.automatic_from, &restart.forced_at) {
            prop_assert!(from <= forced || restart.cause != effects::RestartCause::Deadline);
        }
    }

    #[test]
    fn active_hours_and_schedules_hold(
        set in support::set(14),
        build in support::build(),
        kind in kind(),
        now in time(),
    ) {
        let hours = ActiveHours::of(&set);
        let outside = hours.next_outside(&now);
        prop_assert!(outside >= now && outside - now <= Duration::hours(24));
        prop_assert!(!hours.contains(outside.hour()));
        if let Some(next) = effects::next_installation(&set, build, kind, &now) {
            prop_assert!(next > now && next - now <= Duration::days(75));
            let hour = set.number(PolicyId::ScheduledInstallTime).unwrap_or(3);
            prop_assert_eq!(i64::from(next.hour()), hour);
            // And none between.
            let before = next - Duration::minutes(1);
            let again = effects::next_installation(&set, build, kind, &before);
            prop_assert_eq!(again, Some(next));
        }
    }
}

/// Central European time around the end of October 2026 and the end of March 2027.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Berlin;

const fn winter() -> FixedOffset {
    FixedOffset::east_opt(3600).unwrap()
}

const fn summer() -> FixedOffset {
    FixedOffset::east_opt(7200).unwrap()
}

impl TimeZone for Berlin {
    type Offset = FixedOffset;

    fn from_offset(_: &FixedOffset) -> Self {
        Self
    }

    fn offset_from_local_date(&self, local: &NaiveDate) -> MappedLocalTime<FixedOffset> {
        self.offset_from_local_datetime(&local.and_hms_opt(12, 0, 0).unwrap())
    }

    fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> MappedLocalTime<FixedOffset> {
        let is = |offset: FixedOffset| self.offset_from_utc_datetime(&(*local - offset)) == offset;
        match (is(summer()), is(winter())) {
            (true, true) => MappedLocalTime::Ambiguous(summer(), winter()),
            (true, false) => MappedLocalTime::Single(summer()),
            (false, true) => MappedLocalTime::Single(winter()),
            (false, false) => MappedLocalTime::None,
        }
    }

    fn offset_from_utc_date(&self, utc: &NaiveDate) -> FixedOffset {
        self.offset_from_utc_datetime(&utc.and_hms_opt(12, 0, 0).unwrap())
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> FixedOffset {
        let winters =
            "2026-10-25T01:00:00".parse().unwrap().."2027-03-28T01:00:00".parse().unwrap();
        if winters.contains(utc) { winter() } else { summer() }
    }
}

#[test]
fn an_update_of_an_hour_that_comes_twice_or_not_at_all_is_offered() {
    let at = |set: &PolicySet, build, class, released: &str| {
        let released: DateTime<Utc> = released.parse().unwrap();
        match effects::offer(set, build, &Update::new(class, released.with_timezone(&Berlin))) {
            Offered::On(offer) => offer.at.to_utc().format("%m-%d %H:%M").to_string(),
            other => format!("{other:?}"),
        }
    };
    let (now, upgrade) = (Build::WINDOWS_11_24H2, Classification::UPGRADES);
    // 02:30 in summer and 02:30 in winter, of the same night.
    for (released, wanted) in
        [("2026-10-25T00:30:00Z", "10-25 00:30"), ("2026-10-25T01:30:00Z", "10-25 01:30")]
    {
        for class in Classification::all() {
            assert_eq!(at(&PolicySet::new(), now, *class, released), wanted, "{class:?}");
        }
    }
    // A month later on 1511: into the hour that comes twice, and into the one that is left out.
    let month = PolicySet::new().with(DeferUpgradePeriod::months(1).unwrap());
    let old = Build::WINDOWS_10_1511;
    assert_eq!(at(&month, old, upgrade, "2026-09-25T00:30:00Z"), "10-25 00:30");
    assert_eq!(at(&month, old, upgrade, "2027-02-28T01:30:00Z"), "03-28 01:30");
    assert_eq!(at(&month, old, upgrade, "2026-10-10T10:00:00Z"), "11-10 11:00", "at noon again");
}
