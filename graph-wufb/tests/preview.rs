//! Who is offered what, when: whatever the schedule, everybody once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::{DateTime, TimeDelta, Utc};
use graph_wufb::models::{
    DateDrivenRolloutSettings, DurationDrivenRolloutSettings, GradualRollout, GraphDateTime,
    IsoDuration, RateDrivenRolloutSettings, ScheduleSettings,
};
use graph_wufb::workflow::{NoPreview, Wave, preview};
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn schedule(start: Option<DateTime<Utc>>, rollout: GradualRollout) -> ScheduleSettings {
    let mut schedule = ScheduleSettings::default();
    schedule.gradual_rollout = rollout.into();
    if let Some(start) = start {
        schedule.start_date_time = GraphDateTime::from(start).into();
    }
    schedule
}

/// Everybody exactly once, in the order of the waves, nobody before the start, no empty wave.
fn everybody_once(
    waves: &[Wave],
    devices: usize,
    first: DateTime<Utc>,
) -> Result<(), TestCaseError> {
    let mut next = 0;
    for wave in waves {
        prop_assert_eq!(wave.first, next);
        prop_assert!(wave.devices > 0);
        next += wave.devices;
    }
    prop_assert_eq!(next, devices);
    prop_assert!(waves.windows(2).all(|pair| pair[0].time < pair[1].time));
    prop_assert!(waves.first().is_none_or(|wave| wave.time == first));
    Ok(())
}

fn seconds() -> impl Strategy<Value = i64> {
    prop_oneof![1i64..200_000, Just(1), Just(86_400), 1i64..5]
}

prop_compose! {
    fn start()(start in prop::option::of(-2_000_000i64..2_000_000)) -> Option<DateTime<Utc>> {
        start.map(|seconds| now() + TimeDelta::seconds(seconds))
    }
}

fn duration(seconds: i64) -> IsoDuration {
    format!("PT{seconds}S").parse().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn the_rate_is_kept(
        start in start(),
        devices in 0usize..5_000,
        each in 1i32..700,
        every in prop::option::of(seconds()),
    ) {
        let mut rate = RateDrivenRolloutSettings::new(each, 1);
        rate.duration_between_offers = every.map_or_else(Default::default, |it| duration(it).into());
        let waves = preview(&schedule(start, rate.into()), devices, now()).unwrap();
        let first = start.map_or(now(), |start| start.max(now()));
        everybody_once(&waves, devices, first)?;
        let each = usize::try_from(each).unwrap();
        let every = TimeDelta::seconds(every.unwrap_or(86_400));
        for pair in waves.windows(2) {
            prop_assert_eq!(pair[0].devices, each);
            prop_assert_eq!(pair[1].time - pair[0].time, every);
        }
        prop_assert!(waves.last().is_none_or(|wave| wave.devices <= each));
        // What is in the past does not matter.
        if start.is_none_or(|start| start <= now()) {
            let mut rate = RateDrivenRolloutSettings::new(i32::try_from(each).unwrap(), 1);
            rate.duration_between_offers = duration(every.num_seconds()).into();
            prop_assert_eq!(waves, preview(&schedule(None, rate.into()), devices, now()).unwrap());
        }
    }

    #[test]
    fn the_end_is_kept(
        start in start(),
        devices in 0usize..5_000,
        end in -3_000_000i64..3_000_000,
        every in prop::option::of(seconds()),
        by_duration in any::<bool>(),
    ) {
        let every_member = || every.map_or_else(Default::default, |every| duration(every).into());
        let end = now() + TimeDelta::seconds(end);
        let given = start.unwrap_or(now());
        let rollout: GradualRollout = if by_duration && end >= given {
            let mut by = DurationDrivenRolloutSettings::tagged();
            by.duration_until_deployment_end = duration((end - given).num_seconds()).into();
            by.duration_between_offers = every_member();
            by.into()
        } else {
            let mut by = DateDrivenRolloutSettings::tagged();
            by.end_date_time = GraphDateTime::from(end).into();
            by.duration_between_offers = every_member();
            by.into()
        };
        let first = given.max(now());
        match preview(&schedule(start, rollout), devices, now()) {
            Err(error) => {
                prop_assert_eq!(error, NoPreview::Date);
                prop_assert!(start.is_some_and(|start| end < start));
            }
            Ok(waves) => {
                everybody_once(&waves, devices, first)?;
                prop_assert!(waves.iter().all(|wave| wave.time < end || wave.time == first));
                // As equal as can be.
                let most = waves.iter().map(|wave| wave.devices).max().unwrap_or(0);
                let least = waves.iter().map(|wave| wave.devices).min().unwrap_or(0);
                prop_assert!(most - least <= 1);
                // As often as was asked for, and not for nobody.
                let every = every.unwrap_or(86_400);
                let last = (end - first).num_seconds() - 1;
                let room = usize::try_from(last.max(0) / every).unwrap() + 1;
                prop_assert_eq!(waves.len(), room.min(devices));
            }
        }
    }
}
