//! What holds for every set of policies, build and moment.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use chrono::{DateTime, Duration, FixedOffset, Timelike, Utc};
use proptest::prelude::*;
use update_csp::effects::{
    self, ActiveHours, Context, DeadlineModel, Moments, OfferDate, Offered, Update,
};
use update_csp::policy::{PolicyId, PolicySet};
use update_csp::{Classification, DeferralCategory};

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
    fn active_hours_and_schedules_hold(set in support::set(14), now in time()) {
        let hours = ActiveHours::of(&set);
        let outside = hours.next_outside(&now);
        prop_assert!(outside >= now && outside - now <= Duration::hours(24));
        prop_assert!(!hours.contains(outside.hour()));
        if let Some(next) = effects::next_installation(&set, &now) {
            prop_assert!(next > now && next - now <= Duration::days(75));
            let hour = set.number(PolicyId::ScheduledInstallTime).unwrap_or(3);
            prop_assert_eq!(i64::from(next.hour()), hour);
            // And none between.
            let before = next - Duration::minutes(1);
            prop_assert_eq!(effects::next_installation(&set, &before), Some(next));
        }
    }
}
