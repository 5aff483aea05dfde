//! The plan against simulated devices, by commands: two steps, restarts, users, refusals.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use apple_mdm::declarations::support::Enrollment;
use apple_mdm::messages::Report;
use apple_mdm::plan::{
    BootstrapToken, Device, Event, Failure, Goal, MAX_EVENTS, MAX_PRODUCT_KEY, MacInstall, Outcome,
    Path, PlanState, PushReason, Refusal, Stage, UpdatePlan, Way,
};
use apple_mdm::simulator::Habits;
use chrono::Duration;
use common::{Fault, World, goal, iphone, mac, start, tv, updated};

fn commands(goal: Goal) -> Goal {
    goal.with_way(Way::Only(Path::Commands))
}

fn habits(change: impl FnOnce(&mut Habits)) -> Habits {
    let mut habits = Habits::default();
    habits.deferral_hours = 8;
    change(&mut habits);
    habits
}

fn without_pushes(events: &[Event]) -> Vec<&Event> {
    events.iter().filter(|event| !matches!(event, Event::Push(_))).collect()
}

#[test]
fn seed_002_an_iphone_is_updated_by_two_defaults() {
    let mut world = World::new(iphone("16.7", "16.7.2"), goal("16.7.2"));
    assert_eq!(world.run(), updated("16.7.2"));
    assert_eq!(world.device.installations(), 1);
    assert!(world.device.refused().is_empty());
    let orders: Vec<&String> =
        world.bodies.iter().filter(|body| body.contains("ScheduleOSUpdate")).collect();
    assert_eq!(orders.len(), 2);
    assert!(orders.iter().all(|body| body.contains("<string>Default</string>")));
    assert!(matches!(
        without_pushes(&world.events).as_slice(),
        [
            Event::Chosen(Path::Commands),
            Event::Found { .. },
            Event::DownloadStarted,
            Event::Downloaded,
            Event::InstallStarted,
            Event::Over(Outcome::Updated { .. })
        ]
    ));
}

#[test]
fn an_apple_tv_is_updated_by_two_defaults() {
    let mut world = World::new(tv("17.1", "17.2"), goal("17.2"));
    assert_eq!(world.run(), updated("17.2"));
    assert_eq!(world.named("ScheduleOSUpdate"), 2);
    assert!(world.device.refused().is_empty());
}

#[test]
fn r07_a_mac_scans_first_and_downloads_before_it_installs() {
    let mut world = World::new(mac("13.1", "13.2"), goal("13.2"));
    assert_eq!(world.run(), updated("13.2"));
    let names: Vec<&str> = world.commands.iter().map(|(_, name)| name.as_str()).collect();
    let first = |name| names.iter().position(|known| *known == name).unwrap();
    assert!(first("SecurityInfo") < first("ScheduleOSUpdateScan"));
    assert!(first("ScheduleOSUpdateScan") < first("AvailableOSUpdates"));
    let orders: Vec<&String> =
        world.bodies.iter().filter(|body| body.contains(">ScheduleOSUpdate<")).collect();
    assert!(orders[0].contains("DownloadOnly") && orders[1].contains("InstallASAP"));
    assert_eq!(orders.len(), 2);
    assert!(world.device.refused().is_empty());
}

#[test]
fn an_old_mac_has_no_download_only() {
    let mut world = World::new(mac("10.15.6", "10.15.7"), goal("10.15.7"));
    assert_eq!(world.run(), updated("10.15.7"));
    assert!(world.device.refused().is_empty());
    assert_eq!(world.named("SecurityInfo"), 0, "it has no bootstrap token");
}

#[test]
fn r03_after_a_restart_the_answer_is_not_waited_for() {
    // The answer is swallowed by the restart: the version is asked for, nothing is sent again.
    let mut world = World::new(iphone("16.7", "16.7.2"), goal("16.7.2"));
    world.run();
    let restart = world.commands.iter().rposition(|(_, name)| name == "ScheduleOSUpdate").unwrap();
    assert_eq!(world.commands[restart + 1].1, "DeviceInformation");
    assert_eq!(world.commands.len(), restart + 2);
    // A device that is back at its old version is told again, where no user decides; it has no
    // UpdateResults to give.
    let habits = habits(|habits| habits.failures = 1);
    let mut world = World::new(tv("17.1", "17.2").with_habits(habits), goal("17.2"));
    assert_eq!(world.run(), updated("17.2"));
    assert!(world.has(|event| matches!(event, Event::Blocked(Failure::Install(_)))));
    assert_eq!(world.named("ScheduleOSUpdate"), 3);
}

#[test]
fn r04_another_action_than_asked_for_is_followed() {
    let habits = habits(|habits| habits.installs_later = true);
    let mut world = World::new(mac("13.1", "13.2").with_habits(habits), goal("13.2"));
    assert_eq!(world.run(), updated("13.2"));
    assert!(world.has(|event| matches!(event,
        Event::ActionChanged { asked, got } if asked == "InstallASAP" && got == "InstallLater")));
    assert_eq!(world.named("ScheduleOSUpdate"), 2, "the device installs later by itself");
}

#[test]
fn r06_a_user_who_has_chosen_later_is_not_overruled_before_the_deadline() {
    let habits = habits(|habits| (habits.deferrals, habits.deferral_hours) = (2, 12));
    let mut world = World::new(iphone("16.7", "16.7.2").with_habits(habits), goal("16.7.2"));
    assert_eq!(world.run(), updated("16.7.2"));
    assert!(world.has(|event| matches!(event, Event::UserDeferred { .. })));
    assert!(!world.has(|event| *event == Event::Insisting));
    assert_eq!(world.device.overruled(), [0i64; 0]);
    assert_eq!(world.named("ScheduleOSUpdate"), 2);
}

#[test]
fn r06_after_the_deadline_the_device_is_told_again() {
    let habits = habits(|habits| (habits.deferrals, habits.deferral_hours) = (100, 24));
    let mut world = World::new(iphone("16.7", "16.7.2").with_habits(habits), goal("16.7.2"));
    let deadline = world.plan().goal().deadline.latest_utc();
    assert_eq!(world.run(), updated("16.7.2"));
    assert!(world.has(|event| *event == Event::Insisting));
    assert_eq!(world.device.overruled().len(), 1);
    assert!(world.device.overruled()[0] >= deadline);
}

#[test]
fn a_mac_may_be_put_off_as_often_as_the_goal_says() {
    let habits = habits(|habits| (habits.deferrals, habits.deferral_hours) = (3, 24));
    let goal = goal("13.2").with_mac_install(MacInstall::Later { deferrals: 3 });
    let mut world = World::new(mac("13.1", "13.2").with_habits(habits), goal);
    assert_eq!(world.run(), updated("13.2"));
    assert!(world.bodies.iter().any(|body| body.contains("MaxUserDeferrals")));
    assert!(world.has(|event| matches!(event, Event::UserDeferred { remaining: Some(_) })));
    assert!(world.device.refused().is_empty());
    // Across major versions there are no deferrals to be had.
    let goal = common::goal("13.2").with_mac_install(MacInstall::Later { deferrals: 3 });
    let mut world = World::new(mac("12.6", "13.2"), goal);
    assert_eq!(world.run(), updated("13.2"));
    assert!(!world.bodies.iter().any(|body| body.contains("MaxUserDeferrals")));
    assert!(world.device.refused().is_empty());
}

#[test]
fn r09_no_update_is_an_empty_list() {
    let mut world = World::new(iphone("16.7.2", "16.7.2"), goal("16.9"));
    assert_eq!(world.run(), Outcome::NotOffered);
    assert_eq!(world.named("AvailableOSUpdates"), 3, "it is asked again, for a while");
    assert_eq!(world.named("ScheduleOSUpdate"), 0);
    // A device that has it already is done.
    let mut world = World::new(iphone("16.7.2", "16.7.2"), goal("16.7.2"));
    assert_eq!(world.run(), updated("16.7.2"));
    assert_eq!(world.named("AvailableOSUpdates"), 0);
}

#[test]
fn an_older_version_is_asked_for_by_its_number() {
    let device = iphone("16.6", "16.7.2").with_newest("16.7.8".parse().unwrap());
    let mut world = World::new(device, goal("16.7.2"));
    assert_eq!(world.run(), updated("16.7.2"));
    assert!(world.bodies.iter().any(|body| body.contains("<key>ProductVersion</key>")));
    assert!(world.device.refused().is_empty());
}

#[test]
fn r10_answers_that_never_come_are_not_waited_for() {
    let habits = habits(|habits| habits.swallowed = 2);
    let mut world = World::new(tv("17.1", "17.2").with_habits(habits.clone()), goal("17.2"));
    assert_eq!(world.run(), updated("17.2"));
    let mut world = World::new(iphone("16.7", "16.7.2").with_habits(habits), goal("16.7.2"));
    assert_eq!(world.run(), updated("16.7.2"));
    assert_eq!(world.device.overruled(), [0i64; 0]);
    assert!(world.has(|event| *event == Event::Push(PushReason::NoAnswer)));
}

#[test]
fn a_lost_installation_command_is_sent_again_after_a_day_on_ios() {
    // The answer that carries the second Default is lost: which message was that?
    let mut whole = World::new(iphone("16.7", "16.7.2"), goal("16.7.2"));
    whole.run();
    let at = whole.commands.iter().rposition(|(_, name)| name == "ScheduleOSUpdate").unwrap();
    let lost_at = whole.commands[at].0;
    let mut faults = vec![Fault::None; whole.carried[at] - 1];
    faults.push(Fault::AnswerLost);
    let mut world =
        World::new(iphone("16.7", "16.7.2"), goal("16.7.2")).with_faults(faults.clone());
    assert_eq!(world.run(), updated("16.7.2"));
    let (sent_at, _) = world.commands.iter().rfind(|(_, n)| n == "ScheduleOSUpdate").unwrap();
    assert!(*sent_at - lost_at >= Duration::hours(24));
    assert!(*sent_at - lost_at < Duration::hours(30));
    // On an Apple TV nobody can have chosen later.
    let mut world = World::new(tv("17.1", "17.2"), goal("17.2")).with_faults(faults);
    assert_eq!(world.run(), updated("17.2"));
    let (sent_at, _) = world.commands.iter().rfind(|(_, n)| n == "ScheduleOSUpdate").unwrap();
    assert!(*sent_at - lost_at < Duration::hours(2));
}

#[test]
fn r11_a_busy_device_is_left_to_ask_again() {
    let mut world = World::new(iphone("16.7", "16.7.2").with_busy(3), goal("16.7.2"));
    assert_eq!(world.run(), updated("16.7.2"));
    assert_eq!(world.events.iter().filter(|event| **event == Event::NotNow).count(), 3);
    assert!(!world.has(|event| *event == Event::Push(PushReason::AfterNotNow)));
}

fn report(status: &str, uuid: &str) -> Report<'static> {
    let text = format!(
        "<plist><dict><key>Status</key><string>{status}</string><key>UDID</key><string>1</string>
         <key>CommandUUID</key><string>{uuid}</string></dict></plist>"
    );
    Report::decode(text.as_bytes(), &Default::default()).unwrap().into_owned()
}

#[test]
fn r11_after_not_now_another_answer_makes_a_push_necessary() {
    let device = Device::new(iphone("16.7", "16.7.2").installed(), Enrollment::Supervised);
    let mut plan = UpdatePlan::new("p", device, goal("16.7.2"));
    let now = start();
    let command = plan.poll_transmit(now).unwrap();
    plan.handle_report(now, &report("NotNow", "p-0001"));
    assert_eq!(plan.poll_transmit(now).unwrap(), None, "not on this connection");
    // The server's other work goes on: the profile list is answered, so the device will not poll.
    plan.handle_report(now, &report("Acknowledged", "somebody-else"));
    let events: Vec<Event> = std::iter::from_fn(|| plan.poll_event()).collect();
    assert!(events.contains(&Event::Push(PushReason::AfterNotNow)));
    assert_eq!(plan.poll_transmit(now).unwrap(), None, "still the same connection");
    let idle = Report::decode(
        b"<plist><dict><key>Status</key><string>Idle</string></dict></plist>",
        &Default::default(),
    );
    plan.handle_report(now, &idle.unwrap());
    assert_eq!(plan.poll_transmit(now).unwrap(), command, "the device has not kept it");
    // NotNow twice is still the last that it said.
    plan.handle_report(now, &report("NotNow", "p-0001"));
    plan.handle_report(now, &report("NotNow", "somebody-else"));
    assert!(std::iter::from_fn(|| plan.poll_event()).all(|event| event == Event::NotNow));
}

#[test]
fn r17_a_mac_waits_for_its_bootstrap_token() {
    let habits = habits(|habits| habits.needs_token = true);
    let device = mac("13.1", "13.2").with_habits(habits.clone());
    let mut world = World::new(device, goal("13.2"));
    assert_eq!(world.run(), updated("13.2"));
    assert!(world.has(|event| *event == Event::BootstrapTokenNeeded));
    // A server that knows beforehand need not ask.
    let known = Device::new(mac("13.1", "13.2").installed(), Enrollment::Supervised)
        .with_bootstrap_token(BootstrapToken::Missing);
    let mut plan = UpdatePlan::new("p", known, goal("13.2"));
    plan.handle_timeout(start());
    assert!(std::iter::from_fn(|| plan.poll_event()).any(|e| e == Event::BootstrapTokenNeeded));
    // Without one the user has to be there; nobody is.
    let mut world = World::new(mac("13.1", "13.2").with_habits(habits), goal("13.2"));
    world.escrows = false;
    assert_eq!(world.run(), Outcome::Failed(Failure::NotInstalled));
    let ordered = world.bodies.iter().position(|body| body.contains("InstallASAP")).unwrap();
    assert!(world.commands[ordered].0 - start() >= Duration::hours(24));
}

#[test]
fn r01_r08_what_a_device_would_refuse_is_not_sent() {
    // Not supervised, and too old for declarations.
    let mut world = World::enrolled(iphone("16.7", "16.7.2"), goal("16.7.2"), Enrollment::Device);
    assert_eq!(world.run(), Outcome::Impossible(Refusal::NotSupervised));
    assert!(world.commands.is_empty());
    // OS 27 has no commands.
    let mut world = World::new(iphone("27.0", "27.1"), commands(goal("27.1")));
    assert_eq!(world.run(), Outcome::Impossible(Refusal::Removed));
    assert!(world.commands.is_empty());
    let mut world = World::new(tv("11.4", "12.0"), goal("12.0"));
    assert_eq!(world.run(), Outcome::Impossible(Refusal::TooOld));
}

#[test]
fn a_phone_that_went_to_os_27_meanwhile_is_asked_for_its_version_first() {
    for (stage, target, outcome) in [
        (Stage::AwaitingDownload, "27.0", updated("27.0")),
        (Stage::AwaitingDownload, "27.1", Outcome::Impossible(Refusal::Removed)),
        (Stage::AwaitingRestart, "27.1", Outcome::Impossible(Refusal::Removed)),
    ] {
        let habits = habits(|habits| habits.answers_installation = true);
        let device = iphone("26.4", target).with_habits(habits);
        let mut world = World::new(device, commands(goal(target)));
        while world.stage() != stage {
            world.step();
        }
        // Its user was faster, by cable; that takes longer than the plan trusts a version.
        world.now += Duration::hours(1);
        world.device = iphone("27.0", "27.1");
        assert_eq!(world.run(), outcome);
        assert!(world.device.refused().is_empty(), "{:?}", world.device.refused());
    }
}

#[test]
fn a_device_that_calls_itself_unsupervised_ends_the_plan() {
    // The server believes otherwise.
    let device = iphone("16.7", "16.7.2").with_enrollment(Enrollment::Device);
    let mut world = World::new(iphone("16.7", "16.7.2"), goal("16.7.2"));
    world.device = device;
    assert_eq!(world.run(), Outcome::Impossible(Refusal::NotSupervised));
}

#[test]
fn a_silent_device_is_pushed_and_given_up() {
    let device = Device::new(iphone("16.7", "16.7.2").installed(), Enrollment::Supervised);
    let mut plan = UpdatePlan::new("p", device, goal("16.7.2"));
    plan.handle_timeout(start());
    let mut pushes = 0;
    while let Some(at) = plan.poll_timeout() {
        plan.handle_timeout(at);
        while let Some(event) = plan.poll_event() {
            pushes += u32::from(matches!(event, Event::Push(_)));
        }
        assert!(pushes < 100, "it does not push without end");
    }
    // Every four hours until a week after the deadline.
    assert!((60..70).contains(&pushes), "{pushes}");
    assert!(matches!(plan.outcome(), Some(Outcome::TimedOut { stage: Stage::Looking, .. })));
}

#[test]
fn a_withdrawn_plan_sends_nothing() {
    let mut world = World::new(iphone("16.7", "16.7.2"), goal("16.7.2"));
    world.step();
    world.with_plan(|plan, now| plan.withdraw(now));
    assert_eq!(world.run(), Outcome::Withdrawn { told_to_install: false });
    let sent = world.commands.len();
    world.step();
    assert_eq!(world.commands.len(), sent);
    // Too late to call back what was told.
    let habits = habits(|habits| habits.deferrals = 3);
    let mut world = World::new(iphone("16.7", "16.7.2").with_habits(habits), goal("16.7.2"));
    while world.named("ScheduleOSUpdate") < 2 {
        world.step();
    }
    world.with_plan(|plan, now| plan.withdraw(now));
    assert_eq!(world.run(), Outcome::Withdrawn { told_to_install: true });
}

#[test]
fn failures_are_counted_and_end_the_plan() {
    let habits = habits(|habits| habits.failures = 3);
    let mut world = World::new(tv("17.1", "17.2").with_habits(habits.clone()), goal("17.2"));
    assert_eq!(world.run(), updated("17.2"), "three failures are borne");
    let mut more = habits;
    more.failures = 4;
    let mut world = World::new(tv("17.1", "17.2").with_habits(more), goal("17.2"));
    let outcome = world.run();
    assert!(matches!(outcome, Outcome::Failed(Failure::Install(_))), "{outcome}");
}

#[test]
fn events_that_nobody_takes_are_bounded() {
    let device = Device::new(iphone("16.7", "16.7.2").installed(), Enrollment::Supervised);
    let mut plan = UpdatePlan::new("p", device, goal("16.7.2"));
    plan.poll_transmit(start()).unwrap();
    for n in 0..i64::try_from(MAX_EVENTS).unwrap() + 50 {
        plan.handle_report(start(), &report("NotNow", "p-0001"));
        plan.handle_report(start(), &report("Acknowledged", &format!("other-{n}")));
    }
    assert_eq!(std::iter::from_fn(|| plan.poll_event()).count(), MAX_EVENTS);
}

#[test]
fn product_keys_have_a_length() {
    for (length, stage) in
        [(MAX_PRODUCT_KEY, Stage::Checking), (MAX_PRODUCT_KEY + 1, Stage::Verifying)]
    {
        let device = Device::new(iphone("16.7", "16.7.2").installed(), Enrollment::Supervised);
        let mut plan = UpdatePlan::new("p", device, goal("16.7.2"));
        let info =
            "<key>QueryResponses</key><dict><key>OSVersion</key><string>16.7</string></dict>";
        let list = format!(
            "<key>AvailableOSUpdates</key><array><dict><key>ProductKey</key><string>{}</string>
             <key>Version</key><string>16.7.2</string></dict></array>",
            "k".repeat(length)
        );
        for (number, more) in [(1, info), (2, &list)] {
            plan.poll_transmit(start()).unwrap().unwrap();
            let text = format!(
                "<plist><dict><key>Status</key><string>Acknowledged</string>
                 <key>CommandUUID</key><string>p-{number:04}</string>{more}</dict></plist>"
            );
            let report = Report::decode(text.as_bytes(), &Default::default()).unwrap();
            plan.handle_report(start(), &report);
        }
        assert_eq!(plan.stage(), stage, "{length}");
    }
}

#[test]
fn a_state_of_another_version_is_refused_and_one_of_this_version_goes_on() {
    let mut world = World::new(iphone("16.7", "16.7.2"), goal("16.7.2"));
    while world.stage() != Stage::AwaitingDownload {
        world.step();
    }
    let state = world.plan().into_state();
    if std::env::var_os("SAVE_PLAN").is_some() {
        std::fs::write("tests/saved/plan-1.json", serde_json::to_string(&state).unwrap()).unwrap();
    }
    let mut other = serde_json::to_value(&state).unwrap();
    other["version"] = 77.into();
    let other: PlanState = serde_json::from_value(other).unwrap();
    assert_eq!(UpdatePlan::resume(other).unwrap_err().found, 77);
    // As it was saved on the day of the first release.
    let text = include_str!("saved/plan-1.json");
    let saved: PlanState = serde_json::from_str(text).unwrap();
    let plan = UpdatePlan::resume(saved).unwrap();
    assert_eq!(plan.stage(), Stage::AwaitingDownload);
    // With what was not kept yet.
    let known = text.trim().strip_suffix('}').unwrap();
    let now = format!(r#"{known},"planned_for":null,"planned_version":null,"held":null}}"#);
    assert_eq!(serde_json::to_string(&plan.into_state()).unwrap(), now);
}

#[test]
fn repeated_messages_change_nothing() {
    let faults = vec![Fault::Twice; 400];
    let mut world = World::new(iphone("16.7", "16.7.2"), goal("16.7.2")).with_faults(faults);
    assert_eq!(world.run(), updated("16.7.2"));
    assert_eq!(world.device.installations(), 1);
    assert_eq!(world.device.overruled(), [0i64; 0]);
}
