//! Whatever devices, users and networks do: the plan ends, says why, and sends nothing that the
//! device must refuse.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use apple_mdm::declarations::support::Enrollment;
use apple_mdm::plan::{Goal, MacInstall, Outcome, Path, Refusal, Way};
use apple_mdm::schema::Platform;
use apple_mdm::simulator::{AppleDevice, Habits};
use common::{Fault, World, days};
use proptest::prelude::*;

/// A device, its goal and its enrolment.
#[derive(Clone, Debug)]
struct Case {
    platform: Platform,
    from: &'static str,
    to: &'static str,
    enrollment: Enrollment,
    habits: Habits,
    install: MacInstall,
    way: Way,
    faults: Vec<Fault>,
    deadline: i64,
    escrows: bool,
}

const VERSIONS: &[(Platform, &str, &str)] = &[
    (Platform::Ios, "9.3", "9.3.6"),
    (Platform::Ios, "11.2", "11.4"),
    (Platform::Ios, "16.7", "16.7.2"),
    (Platform::Ios, "17.1", "17.2 (a)"),
    (Platform::Ios, "18.1", "18.2 (a)"),
    (Platform::Ios, "18.7.1", "18.7.2"),
    (Platform::Ios, "26.4", "27.0"),
    (Platform::Ios, "27.0", "27.1"),
    (Platform::MacOs, "10.15.6", "10.15.7"),
    (Platform::MacOs, "11.6", "12.4"),
    (Platform::MacOs, "12.5", "12.6"),
    (Platform::MacOs, "13.1", "13.2"),
    (Platform::MacOs, "14.1", "14.2"),
    (Platform::MacOs, "27.0", "27.2"),
    (Platform::TvOs, "12.0", "12.1"),
    (Platform::TvOs, "17.1", "17.2"),
    (Platform::TvOs, "18.3", "18.4"),
    (Platform::TvOs, "18.4", "27.0"),
    (Platform::TvOs, "27.0", "27.1"),
    (Platform::VisionOs, "26.0", "26.1"),
];

fn habits() -> impl Strategy<Value = Habits> {
    (
        (0u32..4, 0u32..4, 1u32..30, 0u32..3, any::<bool>()),
        (any::<bool>(), 0u32..3, prop::bool::weighted(0.3), any::<bool>()),
    )
        .prop_map(
            |((busy, deferrals, hours, swallowed, answers), (later, failures, token, eager))| {
                let mut habits = Habits::default();
                habits.busy = busy;
                habits.deferrals = deferrals;
                habits.deferral_hours = hours;
                habits.swallowed = swallowed;
                habits.answers_installation = answers;
                habits.installs_later = later;
                habits.failures = failures;
                habits.needs_token = token;
                habits.eager = eager;
                habits
            },
        )
}

fn cases() -> impl Strategy<Value = Case> {
    let fault = prop_oneof![
        6 => Just(Fault::None),
        1 => Just(Fault::Lost),
        1 => Just(Fault::AnswerLost),
        1 => Just(Fault::Twice),
    ];
    let enrollment = prop_oneof![
        6 => Just(Enrollment::Supervised),
        1 => Just(Enrollment::Device),
        1 => Just(Enrollment::User),
    ];
    let install = prop_oneof![
        Just(MacInstall::Asap),
        Just(MacInstall::ForceRestart),
        (0u32..4).prop_map(|deferrals| MacInstall::Later { deferrals }),
    ];
    let way = prop_oneof![
        3 => Just(Way::Auto),
        1 => Just(Way::Only(Path::Commands)),
        1 => Just(Way::Only(Path::Declarations)),
    ];
    (
        prop::sample::select(VERSIONS),
        enrollment,
        habits(),
        install,
        way,
        prop::collection::vec(fault, 0..60),
        1i64..5,
        prop::bool::weighted(0.8),
    )
        .prop_map(
            |(
                (platform, from, to),
                enrollment,
                habits,
                install,
                way,
                faults,
                deadline,
                escrows,
            )| {
                Case {
                    platform,
                    from,
                    to,
                    enrollment,
                    habits,
                    install,
                    way,
                    faults,
                    deadline,
                    escrows,
                }
            },
        )
}

fn world(case: &Case) -> World {
    let device = AppleDevice::new("1", case.from, case.to, "KEY")
        .with_platform(case.platform)
        .with_habits(case.habits.clone());
    let goal = Goal::new(case.to.parse().unwrap(), days(case.deadline))
        .with_mac_install(case.install)
        .with_way(case.way);
    let mut world = World::enrolled(device, goal, case.enrollment).with_faults(case.faults.clone());
    world.escrows = case.escrows;
    world
}

proptest! {
    #![proptest_config(ProptestConfig {
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::with_cases(64)
    })]

    #[test]
    fn every_plan_ends_and_no_device_is_told_what_it_must_refuse(case in cases()) {
        let mut world = world(&case);
        let outcome = world.run();
        prop_assert!(world.device.refused().is_empty(), "{:?}", world.device.refused());
        let there = world.device.version() == case.to;
        match &outcome {
            Outcome::Updated { version } => {
                prop_assert!(there, "{version} is not what the device has");
            }
            Outcome::Impossible(why) => {
                prop_assert!(world.commands.is_empty());
                let reasons = [
                    Refusal::NotSupervised,
                    Refusal::TooOld,
                    Refusal::Removed,
                    Refusal::Platform,
                    Refusal::NeedsBuild,
                ];
                prop_assert!(reasons.contains(why));
                prop_assert!(case.enrollment != Enrollment::Supervised || case.way != Way::Auto);
            }
            // Nobody is there to type the password of a Mac without a token.
            other => prop_assert!(
                case.habits.needs_token && !case.escrows,
                "{other} {:?} {:?}", world.events, world.commands
            ),
        }
        // Nobody who has chosen later is overruled before the deadline, unless no answer came for
        // a day, so that nobody knows that anything was chosen.
        let deadline = world.plan().goal().deadline.latest_utc();
        let orders: Vec<i64> = world.commands.iter()
            .filter(|(_, name)| name == "ScheduleOSUpdate")
            .map(|(at, _)| at.timestamp())
            .collect();
        for at in world.device.overruled() {
            let before = orders.iter().filter(|order| *order < at).max().unwrap();
            prop_assert!(*at >= deadline || at - before >= 24 * 3600, "{at} {orders:?}");
        }
        if case.platform != Platform::MacOs {
            prop_assert!(world.device.installations() <= 2);
        }
    }

    /// Without a network that loses, whatever the device does.
    #[test]
    fn without_losses_an_iphone_is_never_overruled(mut case in cases()) {
        case.faults.clear();
        case.habits.swallowed = 0;
        let mut world = world(&case);
        world.run();
        let deadline = world.plan().goal().deadline.latest_utc();
        prop_assert!(world.device.overruled().iter().all(|at| *at >= deadline));
    }
}
