//! The plan against simulated devices, by declaration, and the choice between the two paths.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use apple_mdm::declarations::status::{InstallState, StatusReport};
use apple_mdm::declarations::support::Enrollment;
use apple_mdm::declarations::{Endpoint, Payload};
use apple_mdm::messages::Report;
use apple_mdm::plan::{
    BootstrapToken, Device, Event, Failure, Goal, Outcome, Path, PushReason, Refusal, Stage,
    UpdatePlan, Way,
};
use apple_mdm::schema::Platform;
use apple_mdm::simulator::Habits;
use common::{World, days, declaration_status, goal, iphone, mac, start, tv, updated};

fn habits(change: impl FnOnce(&mut Habits)) -> Habits {
    let mut habits = Habits::default();
    change(&mut habits);
    habits
}

fn states(world: &World) -> Vec<InstallState> {
    let states = world.events.iter().filter_map(|event| match event {
        Event::State(state) => Some(state.clone()),
        _ => None,
    });
    states.collect()
}

#[test]
fn an_iphone_follows_the_seven_phases() {
    let mut world = World::new(iphone("26.0", "26.1"), goal("26.1"));
    assert_eq!(world.run(), updated("26.1"));
    assert_eq!(world.chosen(), [Path::Declarations]);
    assert_eq!(world.named("ScheduleOSUpdate"), 0);
    assert!(world.has(|event| *event == Event::Declared));
    let planned = Event::Planned { version: "26.1".to_owned(), at: days(3) };
    assert_eq!(world.events.iter().filter(|event| **event == planned).count(), 1);
    let expected = [
        InstallState::Waiting,
        InstallState::Downloading,
        InstallState::Prepared,
        InstallState::Installing,
    ];
    let seen = states(&world);
    assert!(expected.iter().all(|state| seen.contains(state)), "{seen:?}");
    // At its time, not before; and the declaration is taken back.
    assert!(world.now >= start() + chrono::Duration::days(3));
    assert!(!world.device.is_declared());
    assert_eq!(world.device.declaration_count(), 0);
    assert!(world.device.refused().is_empty());
}

#[test]
fn os_27_is_updated_on_every_platform() {
    for device in [iphone("27.0", "27.1"), mac("27.0", "27.1"), tv("27.0", "27.1")] {
        let mut world = World::new(device, goal("27.1"));
        assert_eq!(world.run(), updated("27.1"));
        assert_eq!(world.chosen(), [Path::Declarations]);
        assert!(world.device.refused().is_empty());
    }
}

#[test]
fn the_path_is_chosen_per_device() {
    let chosen = |device, enrollment| {
        let world = World::enrolled(device, goal("30.0"), enrollment);
        let plan = world.plan();
        (plan.outcome().is_none()).then_some(plan.path())
    };
    let supervised = Enrollment::Supervised;
    assert_eq!(chosen(iphone("16.7", "17.0"), supervised), Some(Path::Commands));
    assert_eq!(chosen(iphone("17.0", "17.1"), supervised), Some(Path::Declarations));
    assert_eq!(chosen(iphone("17.0", "17.1"), Enrollment::Device), Some(Path::Declarations));
    assert_eq!(chosen(iphone("17.0", "17.1"), Enrollment::User), None);
    assert_eq!(chosen(mac("13.6", "14.0"), supervised), Some(Path::Commands));
    assert_eq!(chosen(mac("14.0", "14.1"), supervised), Some(Path::Declarations));
    assert_eq!(chosen(tv("18.3", "18.4"), supervised), Some(Path::Commands));
    assert_eq!(chosen(tv("18.4", "18.5"), supervised), Some(Path::Declarations));
    let vision = iphone("2.6", "26.0").with_platform(Platform::VisionOs);
    assert_eq!(chosen(vision, supervised), None);
}

#[test]
fn a_user_may_be_faster_than_the_deadline() {
    let eager = habits(|habits| habits.eager = true);
    let mut world = World::new(iphone("26.0", "26.1").with_habits(eager), goal("26.1"));
    assert_eq!(world.run(), updated("26.1"));
    assert!(world.now < start() + chrono::Duration::days(1));
}

#[test]
fn r15_an_improvement_before_ios_18_takes_two_declarations() {
    let device = iphone("17.1", "17.2 (a)");
    let build = "21C100a".parse().unwrap();
    let goal = Goal::new("17.2 (a)".parse().unwrap(), days(3)).with_build(build);
    let mut world = World::new(device, goal);
    world.step();
    assert_eq!(world.plan().declarations().len(), 4, "base, improvement, status, activation");
    assert_eq!(world.run(), updated("17.2 (a)"));
    assert_eq!(world.device.installations(), 2);
    // From 18 on it takes one.
    let build = "22C100a".parse().unwrap();
    let goal = Goal::new("18.2 (a)".parse().unwrap(), days(3)).with_build(build);
    let mut world = World::new(iphone("18.1", "18.2 (a)"), goal);
    assert_eq!(world.plan().declarations().len(), 3);
    assert_eq!(world.run(), updated("18.2 (a)"));
    assert_eq!(world.device.installations(), 1);
}

#[test]
fn r15_an_improvement_without_its_build_comes_with_its_version_or_by_command() {
    // From 18 on the version brings the newest.
    let mut world = World::new(iphone("18.1", "18.2 (a)"), goal("18.2 (a)"));
    assert_eq!(world.run(), updated("18.2 (a)"));
    assert_eq!(world.chosen(), [Path::Declarations]);
    // Before, and where the version is there already, no declaration can say which.
    for (has, wanted) in [("17.1", "17.2 (a)"), ("17.2", "17.2 (a)"), ("18.2", "18.2 (a)")] {
        let mut world = World::new(iphone(has, wanted), goal(wanted));
        assert_eq!(world.run(), updated(wanted), "{has}");
        assert_eq!(world.chosen(), [Path::Commands]);
        let only = goal(wanted).with_way(Way::Only(Path::Declarations));
        let outcome = World::new(iphone(has, wanted), only).run();
        assert_eq!(outcome, Outcome::Impossible(Refusal::NeedsBuild), "{has}");
    }
    // It got the version alone: what is left takes a command.
    let device = Device::new(iphone("18.1", "18.2 (a)").installed(), Enrollment::Supervised);
    let mut plan = UpdatePlan::new("p", device, goal("18.2 (a)"));
    said(&mut plan, 1, "DeviceInformation", &OLD.replace("26.0", "18.2"));
    assert_eq!((plan.path(), plan.outcome()), (Path::Commands, None));
}

#[test]
fn r15_a_report_that_leaves_the_letter_out_does_not_end_the_plan() {
    let letter = "</string><key>SupplementalOSVersionExtra</key><string>(a)</string>";
    let has = |version: &str| OLD.replace("26.0</string>", &format!("{version}{letter}"));
    let declared = || {
        let device = iphone("26.2 (a)", "26.3.1 (a)").installed();
        let goal = goal("26.3.1 (a)").with_way(Way::Only(Path::Declarations));
        let device = Device::new(device, Enrollment::Supervised);
        let mut plan = UpdatePlan::new("p", device, goal);
        said(&mut plan, 1, "DeviceInformation", &has("26.2"));
        plan
    };
    // What changed: the letter did not.
    let report = |more: &str| {
        let text = format!(
            r#"{{"StatusItems":{{"device":{{"operating-system":{{"version":"26.3.1",
            "build-version":"23D8133"{more}}}}},"softwareupdate":{{"install-state":"none"}}}}}}"#
        );
        StatusReport::decode(text.as_bytes(), &Default::default()).unwrap()
    };
    for sent in [true, false] {
        let mut plan = declared();
        // The report may overtake the answer.
        let question = plan.poll_transmit(start()).unwrap().unwrap();
        assert!(String::from_utf8_lossy(&question).contains("DeclarativeManagement"));
        if sent {
            said(&mut plan, 2, "DeclarativeManagement", "");
            assert_eq!(plan.stage(), Stage::Declared);
            while plan.poll_event().is_some() {}
        }
        plan.handle_status(start(), &report(""));
        assert_eq!((plan.outcome(), plan.stage()), (None, Stage::Verifying));
        let state = Event::State(InstallState::None);
        assert!(std::iter::from_fn(|| plan.poll_event()).any(|event| event == state));
        if !sent {
            said(&mut plan, 2, "DeclarativeManagement", "");
        }
        said(&mut plan, 3, "DeviceInformation", &has("26.3.1"));
        assert_eq!(plan.outcome(), Some(&updated("26.3.1 (a)")));
        // It has the version alone, and says so: no declaration brings the rest.
        let mut plan = declared();
        said(&mut plan, 2, "DeclarativeManagement", "");
        plan.handle_status(start(), &report(""));
        said(&mut plan, 3, "DeviceInformation", &OLD.replace("26.0", "26.3.1"));
        assert_eq!(plan.outcome(), Some(&Outcome::Impossible(Refusal::NeedsBuild)));
    }
    let mut plan = declared();
    plan.handle_status(start(), &report(r#", "supplemental": {"extra-version": ""}"#));
    assert_eq!(plan.outcome(), Some(&Outcome::Impossible(Refusal::NeedsBuild)));
    let mut plan = declared();
    let mut full = report("");
    full.full_report = Some(true);
    plan.handle_status(start(), &full);
    assert_eq!(plan.outcome(), Some(&Outcome::Impossible(Refusal::NeedsBuild)));
}

#[test]
fn r13_a_failed_installation_is_reported_and_tried_again_by_the_device() {
    let failing = habits(|habits| habits.failures = 2);
    let mut world = World::new(iphone("26.0", "26.1").with_habits(failing), goal("26.1"));
    assert_eq!(world.run(), updated("26.1"));
    let blocked = world.events.iter().filter(|event| matches!(event, Event::Blocked(_))).count();
    assert_eq!(blocked, 2);
    let never = habits(|habits| habits.failures = 10_000);
    let mut world = World::new(iphone("26.0", "26.1").with_habits(never), goal("26.1"));
    let outcome = world.run();
    let Outcome::TimedOut { failure: Some(Failure::Install(words)), .. } = outcome else {
        panic!("{outcome}");
    };
    assert_eq!(words, "not enough power");
    assert!(!world.device.is_declared(), "and the declaration is taken back");
}

#[test]
fn r12_a_device_that_has_it_already_refuses_and_is_done() {
    // The server believes in an older version than there is.
    let mut world = World::new(iphone("26.0", "26.1"), goal("26.1"));
    world.device = iphone("26.1", "26.1");
    assert_eq!(world.run(), updated("26.1"));
    assert_eq!(world.device.installations(), 0);
}

#[test]
fn r17_a_mac_with_a_declaration_is_asked_for_its_bootstrap_token() {
    let needs = habits(|habits| habits.needs_token = true);
    let mut world = World::new(mac("14.1", "14.2").with_habits(needs), goal("14.2"));
    assert_eq!(world.run(), updated("14.2"));
    assert_eq!(world.chosen(), [Path::Declarations]);
    assert!(world.has(|event| *event == Event::BootstrapTokenNeeded));
    assert_eq!(world.named("SecurityInfo"), 1);
}

#[test]
fn r19_a_withdrawn_goal_is_taken_back_from_the_device() {
    let mut world = World::new(iphone("26.0", "26.1"), goal("26.1"));
    for _ in 0..20 {
        world.step();
    }
    assert!(world.device.is_declared());
    world.with_plan(|plan, now| plan.withdraw(now));
    assert_eq!(world.stage(), Stage::Clearing);
    assert_eq!(world.run(), Outcome::Withdrawn { told_to_install: true });
    assert!(!world.device.is_declared());
    for _ in 0..(5 * 288) {
        world.step();
    }
    assert_eq!(world.device.installations(), 0);
}

#[test]
fn a_device_that_knows_no_declarations_is_updated_by_commands() {
    // The server believes in a newer version than there is.
    let mut world = World::new(iphone("17.0", "17.1"), goal("17.1"));
    world.device = iphone("14.8", "17.1");
    assert_eq!(world.run(), updated("17.1"));
    assert_eq!(world.chosen(), [Path::Declarations, Path::Commands]);
    // Unless the goal says otherwise.
    let only = goal("17.1").with_way(Way::Only(Path::Declarations));
    let mut world = World::new(iphone("17.0", "17.1"), only);
    world.device = iphone("14.8", "17.1");
    assert_eq!(world.run(), Outcome::Impossible(Refusal::TooOld));
    // One that says another version than it has.
    let mut plan = plan();
    let unknown = "<key>ErrorChain</key><array><dict><key>ErrorDomain</key>
        <string>MCMDMErrorDomain</string><key>ErrorCode</key><integer>12021</integer></dict></array>";
    said(&mut plan, 1, "DeviceInformation", OLD);
    answer(&mut plan, 2, "DeclarativeManagement", "Error", unknown);
    said(&mut plan, 3, "DeviceInformation", OLD);
    assert_eq!(plan.path(), Path::Commands);
}

#[test]
fn a_device_that_was_updated_past_the_commands_goes_on_by_declaration() {
    let commands_first = World::new(iphone("16.7", "16.8"), goal("27.2"));
    assert_eq!(commands_first.plan().path(), Path::Commands);
    let mut world = commands_first;
    // Its user updates it by cable.
    world.device = iphone("27.1", "27.2");
    assert_eq!(world.run(), updated("27.2"));
    assert_eq!(world.chosen(), [Path::Commands, Path::Declarations]);
}

fn plan() -> UpdatePlan {
    let device = Device::new(iphone("26.0", "26.1").installed(), Enrollment::Supervised);
    let mut plan = UpdatePlan::new("p", device, goal("26.1"));
    plan.handle_timeout(start());
    plan
}

/// What a device says that is not updated yet.
const OLD: &str = "<key>QueryResponses</key><dict><key>OSVersion</key><string>26.0</string></dict>";

/// The plan's next command is of this name, and is answered at once.
fn answer(plan: &mut UpdatePlan, number: u32, name: &str, status: &str, more: &str) {
    let question = plan.poll_transmit(start()).unwrap().unwrap();
    assert!(String::from_utf8_lossy(&question).contains(name), "{number}");
    let text = format!(
        "<plist><dict><key>Status</key><string>{status}</string>
         <key>CommandUUID</key><string>p-{number:04}</string>{more}</dict></plist>"
    );
    plan.handle_report(start(), &Report::decode(text.as_bytes(), &Default::default()).unwrap());
}

fn said(plan: &mut UpdatePlan, number: u32, name: &str, more: &str) {
    answer(plan, number, name, "Acknowledged", more);
}

/// A plan whose declaration is in force, and whose device was pushed at the start.
fn declared_plan() -> UpdatePlan {
    let mut plan = plan();
    said(&mut plan, 1, "DeviceInformation", OLD);
    said(&mut plan, 2, "DeclarativeManagement", "");
    let active = declaration_status(&plan, "valid", "[]");
    plan.handle_status(start(), &active);
    plan
}

#[test]
fn what_becomes_due_between_connections_is_pushed_at_once() {
    let hour = chrono::Duration::hours(1);
    let pushed = |mut plan: UpdatePlan| {
        let at = plan.poll_timeout().unwrap();
        while plan.poll_event().is_some() {}
        plan.handle_timeout(at.max(start() + hour));
        (at, plan.poll_event())
    };
    let push = Some(Event::Push(PushReason::Command));
    // Withdrawn: the device may be about to install it.
    let mut plan = declared_plan();
    plan.withdraw(start() + hour);
    assert_eq!(pushed(plan), (start() + hour, push.clone()));
    // Refused: its version decides what that means.
    let mut plan = declared_plan();
    let refused = declaration_status(&plan, "invalid", "[]");
    plan.handle_status(start() + hour, &refused);
    // Said again, it is the same.
    plan.handle_status(start() + hour * 2, &refused);
    assert_eq!(pushed(plan), (start() + hour, push.clone()));
    // Forgotten: it is to fetch it again.
    let mut plan = declared_plan();
    let empty = r#"{"StatusItems": {"management": {"declarations": {"configurations": []}}},
        "FullReport": true}"#;
    let empty = StatusReport::decode(empty.as_bytes(), &Default::default()).unwrap();
    plan.handle_status(start() + hour, &empty);
    assert_eq!(plan.stage(), Stage::Declaring);
    assert_eq!(pushed(plan), (start() + hour, push.clone()));
    // The bootstrap token that a Mac waited for. Nobody says when it came: at once.
    let device = Device::new(mac("13.1", "13.2").installed(), Enrollment::Supervised);
    let device = device.with_bootstrap_token(BootstrapToken::Missing);
    let mut plan = UpdatePlan::new("p", device, goal("13.2"));
    plan.handle_timeout(start());
    plan.bootstrap_token_escrowed();
    let (at, event) = pushed(plan);
    assert!(at <= start(), "{at}");
    assert_eq!(event, push);
}

#[test]
fn a_declaration_that_the_caller_had_synchronised_is_taken_back_as_well() {
    // The caller has sent a DeclarativeManagement of its own.
    let declared = || {
        let mut plan = plan();
        let active = declaration_status(&plan, "valid", "[]");
        plan.handle_status(start(), &active);
        assert_eq!(plan.stage(), Stage::Declared);
        plan
    };
    let mut plan = declared();
    plan.withdraw(start());
    assert_eq!(plan.outcome(), Some(&Outcome::Withdrawn { told_to_install: true }));
    assert_eq!(plan.stage(), Stage::Clearing);
    said(&mut plan, 1, "DeclarativeManagement", "");
    let _ = plan.answer(start(), &Endpoint::DeclarationItems, &[]);
    assert!(plan.is_over());
    // Before the other path is taken, too (R8).
    let mut plan = declared();
    let refused = declaration_status(&plan, "invalid", "[]");
    plan.handle_status(start(), &refused);
    said(&mut plan, 1, "DeviceInformation", OLD);
    assert_eq!(plan.path(), Path::Commands);
    said(&mut plan, 2, "DeclarativeManagement", "");
    // And where the report that shows it is the one that ends the plan.
    let mut plan = self::plan();
    let text = r#"{"StatusItems": {"device": {"operating-system": {"version": "26.1"}},
        "management": {"declarations": {"configurations": [
        {"identifier": "p.update", "server-token": "1", "active": true, "valid": "valid"}]}}}}"#;
    plan.handle_status(
        start(),
        &StatusReport::decode(text.as_bytes(), &Default::default()).unwrap(),
    );
    assert_eq!(plan.outcome(), Some(&updated("26.1")));
    assert_eq!(plan.stage(), Stage::Clearing);
}

#[test]
fn a_refused_declaration_has_the_device_asked_for_its_version() {
    let mut plan = plan();
    let only = plan.goal().clone().with_way(Way::Only(Path::Declarations));
    let device = plan.device().clone();
    plan = UpdatePlan::new("p", device, only);
    let reasons = r#"[{"code": "Error.ConfigurationNotSupported", "description": "no"}]"#;
    let refused = declaration_status(&plan, "invalid", reasons);
    plan.handle_status(start(), &refused);
    // The command to synchronise was not answered yet.
    assert!(plan.outcome().is_none());
    said(&mut plan, 1, "DeviceInformation", OLD);
    said(&mut plan, 2, "DeclarativeManagement", "");
    said(&mut plan, 3, "DeviceInformation", OLD);
    let Some(Outcome::Failed(Failure::Declaration(words))) = plan.outcome() else { panic!() };
    assert_eq!(words, "Error.ConfigurationNotSupported: no");
}

#[test]
fn declarations_stay_the_same_until_something_changes() {
    let mut plan = plan();
    let before = plan.declarations();
    let identifiers: Vec<&str> = before.iter().map(|one| one.identifier().as_str()).collect();
    assert_eq!(identifiers, ["p.update", "p.status", "p.activation"]);
    let Payload::Enforcement(update) = before[0].payload() else { panic!() };
    assert_eq!(update.target_local_date_time, days(3));
    let active = declaration_status(&plan, "valid", "[]");
    plan.handle_status(start(), &active);
    assert_eq!(plan.declarations(), before);
    let tokens = plan.answer(start(), &Endpoint::Tokens, &[]);
    assert_eq!(plan.answer(start(), &Endpoint::Tokens, &[]), tokens);
    // Long names are shortened to what identifiers may have.
    let device = plan.device().clone();
    let long = UpdatePlan::new("n".repeat(200), device, goal("26.1"));
    assert!(long.declarations().iter().all(|one| one.identifier().as_str().len() <= 64));
}

#[test]
fn a_report_of_another_revision_is_not_about_ours() {
    let mut plan = plan();
    let text = r#"{"StatusItems": {"management": {"declarations": {"configurations": [
        {"identifier": "p.update", "server-token": "old", "active": true, "valid": "valid"}]}}}}"#;
    let report = StatusReport::decode(text.as_bytes(), &Default::default()).unwrap();
    plan.handle_status(start(), &report);
    assert!(std::iter::from_fn(|| plan.poll_event()).all(|event| event != Event::Declared));
}
