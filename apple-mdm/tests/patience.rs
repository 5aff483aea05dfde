//! How long a plan waits, field by field: to the second, and so often and not once more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use apple_mdm::declarations::support::Enrollment;
use apple_mdm::messages::Report;
use apple_mdm::plan::{
    Device, Event, Failure, Goal, Outcome, Path, Patience, PushReason, UpdatePlan, Way,
};
use apple_mdm::plist::Limits;
use apple_mdm::schema::Platform;
use chrono::{DateTime, Utc};

const START: i64 = 1_000_000_000;
const DONE: &str = "<key>Status</key><string>Acknowledged</string>";
/// Before [`START`], and years after it.
const PAST: &str = "2001-01-01T00:00:00";
const FUTURE: &str = "2011-01-01T00:00:00";

fn time(at: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(at, 0).unwrap()
}

/// No two times are alike, and none is short but what a test sets.
fn patience(change: impl FnOnce(&mut Patience)) -> Patience {
    let mut patience = Patience::default();
    let day = 86_400;
    patience.poll = 601;
    patience.user_poll = 3_607;
    patience.answer = 907;
    patience.push = 14_401;
    patience.retry = 3_701;
    patience.restart = 30 * day + 1;
    patience.unanswered = 31 * day + 1;
    patience.bootstrap = 32 * day + 1;
    patience.report = 33 * day + 1;
    patience.clearing = 34 * day + 1;
    patience.overtime = 365 * day;
    (patience.looks, patience.failures, patience.installs) = (100, 101, 102);
    change(&mut patience);
    patience
}

/// A plan and its device. Times are seconds since the start.
struct Lab {
    plan: UpdatePlan,
    now: i64,
    version: &'static str,
    sent: Vec<(i64, String)>,
    events: Vec<(i64, Event)>,
}

impl Lab {
    fn new(platform: Platform, way: Path, deadline: &str, patience: Patience) -> Self {
        let (version, target) = match (platform, way) {
            (Platform::MacOs, _) => ("13.1", "13.2"),
            (Platform::Ios, Path::Commands) => ("16.7", "16.7.2"),
            _ => ("17.1", "17.2"),
        };
        let installed = apple_mdm::declarations::rules::Installed::new(
            platform,
            version.parse().unwrap(),
            None,
        );
        let goal = Goal::new(target.parse().unwrap(), deadline.parse().unwrap());
        let goal = goal.with_way(Way::Only(way)).with_patience(patience);
        let plan = UpdatePlan::new("lab", Device::new(installed, Enrollment::Supervised), goal);
        Self { plan, now: 0, version, sent: Vec::new(), events: Vec::new() }
    }

    fn report(&mut self, inner: &str) {
        let list = format!("<plist><dict>{inner}<key>UDID</key><string>1</string></dict></plist>");
        let report = Report::decode(list.as_bytes(), &Limits::default()).unwrap();
        self.plan.handle_report(time(START + self.now), &report);
    }

    /// Goes on to the next time that the plan names; gives whether the device is pushed.
    fn wake(&mut self) -> bool {
        let Some(due) = self.plan.poll_timeout() else { return false };
        self.now = self.now.max(due.timestamp() - START);
        self.plan.handle_timeout(time(START + self.now));
        let now = self.now;
        let from = self.events.len();
        self.events.extend(std::iter::from_fn(|| self.plan.poll_event()).map(|it| (now, it)));
        self.events[from..].iter().any(|(_, event)| matches!(event, Event::Push(_)))
    }

    /// The device comes and is given commands until there are none; `None` is no answer.
    fn come(&mut self, answer: &mut impl FnMut(&str) -> Option<String>) {
        self.report("<key>Status</key><string>Idle</string>");
        for _ in 0..20 {
            let body = self.plan.poll_transmit(time(START + self.now)).unwrap();
            let Some(body) = body.map(|body| String::from_utf8(body).unwrap()) else { return };
            let of = |key: &str| {
                let rest = body.split(&format!("<key>{key}</key><string>")).nth(1).unwrap();
                rest.split("</string>").next().unwrap().to_owned()
            };
            let (name, uuid) = (of("RequestType"), of("CommandUUID"));
            self.sent.push((self.now, name.clone()));
            let said = if name == "DeviceInformation" {
                let version = self.version;
                Some(format!(
                    "{DONE}<key>QueryResponses</key><dict><key>OSVersion</key>\
                     <string>{version}</string></dict>"
                ))
            } else {
                answer(&name)
            };
            let Some(said) = said else { return };
            self.report(&format!("<key>CommandUUID</key><string>{uuid}</string>{said}"));
        }
        panic!("twenty commands at one time: {:?}", self.sent);
    }

    /// Until the plan is over, or so many commands were sent.
    fn run(&mut self, commands: usize, mut answer: impl FnMut(&str) -> Option<String>) {
        self.come(&mut answer);
        for _ in 0..100_000 {
            if self.plan.is_over() || self.sent.len() >= commands {
                self.wake();
                return;
            }
            if self.wake() {
                self.come(&mut answer);
            }
        }
        panic!("neither over nor at work at {}", self.now);
    }

    fn times(&self, command: &str) -> Vec<i64> {
        self.sent.iter().filter(|(_, name)| name == command).map(|(at, _)| *at).collect()
    }

    fn gaps(&self, command: &str) -> Vec<i64> {
        self.times(command).windows(2).map(|pair| pair[1] - pair[0]).collect()
    }
}

/// What a device says that has the update ready and does nothing of itself, but for one command.
fn ready(name: &str) -> String {
    let more = match name {
        "AvailableOSUpdates" => {
            "<key>AvailableOSUpdates</key><array><dict><key>ProductKey</key><string>K</string>\
             <key>Version</key><string>VERSION</string></dict></array>"
        }
        "OSUpdateStatus" => {
            "<key>OSUpdateStatus</key><array><dict><key>ProductKey</key><string>K</string>\
             <key>IsDownloaded</key><true/><key>Status</key><string>Idle</string></dict></array>"
        }
        "ScheduleOSUpdate" => {
            "<key>UpdateResults</key><array><dict><key>ProductKey</key><string>K</string>\
             <key>InstallAction</key><string>InstallASAP</string>\
             <key>Status</key><string>Idle</string></dict></array>"
        }
        "SecurityInfo" => {
            "<key>SecurityInfo</key><dict><key>BootstrapTokenAllowedForAuthentication</key>\
             <string>allowed</string><key>BootstrapTokenRequiredForSoftwareUpdate</key><true/></dict>"
        }
        _ => "",
    };
    format!("{DONE}{more}")
}

fn ready_for(version: &'static str) -> impl FnMut(&str) -> Option<String> {
    move |name| Some(ready(name).replace("VERSION", version))
}

#[test]
fn a_download_is_asked_about_every_poll_and_a_user_every_user_poll() {
    let set = patience(|it| (it.poll, it.user_poll) = (611, 3_617));
    let mut lab = Lab::new(Platform::Ios, Path::Commands, FUTURE, set);
    lab.run(30, |name| {
        let said = ready(name).replace("VERSION", "16.7.2");
        Some(said.replace("<true/>", "<false/>").replace("Idle", "Downloading"))
    });
    let gaps = lab.gaps("OSUpdateStatus");
    assert!(gaps.len() > 5 && gaps.iter().all(|gap| *gap == 611), "{gaps:?}");

    let mut lab = Lab::new(Platform::Ios, Path::Commands, FUTURE, set);
    lab.run(30, ready_for("16.7.2"));
    let gaps = lab.gaps("OSUpdateStatus");
    // Once for the restart that does not come, and then the user decides.
    assert_eq!(gaps[0], 611);
    assert!(gaps.len() > 5 && gaps[1..].iter().all(|gap| *gap == 3_617), "{gaps:?}");
    assert_eq!(lab.times("ScheduleOSUpdate").len(), 1, "the deadline is years away");
}

#[test]
fn a_silent_device_is_pushed_after_its_answer_was_due_and_then_now_and_again() {
    for (answer, push) in [(913, 14_411), (60, 61), (5_000, 10)] {
        let set = patience(|it| (it.answer, it.push) = (answer, push));
        let mut lab = Lab::new(Platform::Ios, Path::Commands, FUTURE, set);
        lab.report("<key>Status</key><string>Idle</string>");
        assert!(lab.plan.poll_transmit(time(START)).unwrap().is_some());
        while lab.events.len() < 6 {
            lab.wake();
        }
        let pushed: Vec<_> =
            lab.events.iter().filter(|it| matches!(it.1, Event::Push(_))).collect();
        let (answer, push) = (i64::from(answer), i64::from(push));
        assert_eq!(*pushed[0], (answer, Event::Push(PushReason::NoAnswer)));
        assert_eq!(*pushed[1], (answer + push, Event::Push(PushReason::Silence)));
        assert_eq!(*pushed[2], (answer + 2 * push, Event::Push(PushReason::Silence)));
    }
}

#[test]
fn what_fails_is_tried_again_after_a_while_so_often_and_not_once_more() {
    for failures in [0, 1, 3] {
        let set = patience(|it| (it.retry, it.failures) = (3_709, failures));
        let mut lab = Lab::new(Platform::Ios, Path::Commands, FUTURE, set);
        lab.run(1_000, |_| Some("<key>Status</key><string>Error</string>".to_owned()));
        let tried = usize::try_from(failures).unwrap() + 1;
        assert_eq!(lab.gaps("AvailableOSUpdates"), vec![3_709; tried - 1]);
        let blocked = lab.events.iter().filter(|it| matches!(it.1, Event::Blocked(_))).count();
        assert_eq!(blocked, tried - 1);
        let Some(Outcome::Failed(Failure::Refused { .. })) = lab.plan.outcome() else {
            panic!("{:?}", lab.plan.outcome())
        };
    }
}

#[test]
fn an_update_that_is_not_listed_is_looked_for_so_often_and_not_once_more() {
    for (looks, expected) in [(0, 1), (1, 1), (2, 2), (4, 4)] {
        let set = patience(|it| (it.retry, it.looks) = (3_719, looks));
        let mut lab = Lab::new(Platform::Ios, Path::Commands, FUTURE, set);
        lab.run(1_000, |_| Some(format!("{DONE}<key>AvailableOSUpdates</key><array/>")));
        assert_eq!(lab.gaps("AvailableOSUpdates"), vec![3_719; expected - 1]);
        assert_eq!(lab.plan.outcome(), Some(&Outcome::NotOffered), "{looks}");
    }
}

#[test]
fn a_device_without_a_user_is_told_again_after_the_time_for_a_restart() {
    // It is asked every hundred seconds.
    for (restart, again) in [(250, 300), (300, 300), (301, 400)] {
        let set = patience(|it| (it.poll, it.restart) = (100, restart));
        let mut lab = Lab::new(Platform::TvOs, Path::Commands, FUTURE, set);
        lab.run(30, ready_for("17.2"));
        let gaps = lab.gaps("ScheduleOSUpdate");
        assert!(gaps.len() > 1 && gaps.iter().all(|gap| *gap == again), "{restart}: {gaps:?}");
    }
}

#[test]
fn a_user_who_may_have_chosen_later_is_not_told_again_for_as_long_as_said() {
    // Nobody answers the installation command; the device is asked after 50 s, and every 100 s then.
    for (unanswered, again) in [(250, 250), (251, 350), (349, 350)] {
        let set = patience(|it| (it.answer, it.poll, it.unanswered) = (50, 100, unanswered));
        let mut lab = Lab::new(Platform::Ios, Path::Commands, FUTURE, set);
        let mut said = ready_for("16.7.2");
        lab.run(40, |name| said(name).filter(|_| name != "ScheduleOSUpdate"));
        let gaps = lab.gaps("ScheduleOSUpdate");
        assert!(gaps.len() > 1 && gaps.iter().all(|gap| *gap == again), "{unanswered}: {gaps:?}");
    }
}

#[test]
fn a_mac_without_a_bootstrap_token_waits_for_it_as_long_as_said() {
    // Its scan takes 100 s, and then it is asked for every 100 s.
    for (bootstrap, told) in [(250, 300), (300, 300), (301, 400)] {
        let set = patience(|it| (it.poll, it.user_poll, it.bootstrap) = (100, 100, bootstrap));
        let mut lab = Lab::new(Platform::MacOs, Path::Commands, FUTURE, set);
        lab.run(30, ready_for("13.2"));
        assert!(lab.events.contains(&(100, Event::BootstrapTokenNeeded)), "{:?}", lab.events);
        assert_eq!(lab.times("ScheduleOSUpdate")[0], told, "{bootstrap}: {:?}", lab.sent);
    }
}

#[test]
fn after_the_deadline_a_user_is_overruled_so_often_and_not_once_more() {
    for installs in [0, 1, 2, 5] {
        let set = patience(|it| (it.retry, it.installs) = (3_727, installs));
        let mut lab = Lab::new(Platform::Ios, Path::Commands, PAST, set);
        lab.run(1_000, ready_for("16.7.2"));
        assert_eq!(lab.times("ScheduleOSUpdate").len(), usize::try_from(installs).unwrap());
        assert_eq!(lab.plan.outcome(), Some(&Outcome::Failed(Failure::NotInstalled)));
        let gaps = lab.gaps("ScheduleOSUpdate");
        // One poll for the restart, one for the user: the first look after `retry`.
        assert!(gaps.iter().all(|gap| *gap == 601 + 3_607), "{gaps:?}");
    }
    // Not sooner than `retry`, though the device is asked more often.
    for (retry, again) in [(300, 300), (301, 400)] {
        let set = patience(|it| (it.poll, it.user_poll, it.retry) = (100, 100, retry));
        let mut lab = Lab::new(Platform::Ios, Path::Commands, PAST, set);
        lab.run(30, ready_for("16.7.2"));
        let gaps = lab.gaps("ScheduleOSUpdate");
        assert!(gaps.len() > 1 && gaps.iter().all(|gap| *gap == again), "{retry}: {gaps:?}");
    }
    // With the defaults that is over in six hours, and does not last until overtime ends.
    let mut lab = Lab::new(Platform::Ios, Path::Commands, PAST, Patience::default());
    lab.run(1_000, ready_for("16.7.2"));
    assert_eq!(lab.plan.outcome(), Some(&Outcome::Failed(Failure::NotInstalled)));
    assert_eq!(lab.times("ScheduleOSUpdate").len(), 5);
    assert_eq!(lab.now, 5 * (600 + 3_600));
}

#[test]
fn a_plan_is_given_up_when_overtime_ends() {
    let overtime = 7_211;
    // From the deadline on, wherever on Earth it is the latest; or from the start, if that is later.
    let deadline: apple_mdm::declarations::LocalDateTime = FUTURE.parse().unwrap();
    for (text, from) in [(PAST, START), (FUTURE, deadline.latest_utc())] {
        let set = patience(|it| it.overtime = overtime);
        let mut lab = Lab::new(Platform::Ios, Path::Commands, text, set);
        lab.report("<key>Status</key><string>Idle</string>");
        let end = from + i64::from(overtime);
        lab.plan.handle_timeout(time(end - 1));
        assert!(!lab.plan.is_over());
        assert!(lab.plan.poll_timeout().unwrap() <= time(end));
        lab.plan.handle_timeout(time(end));
        assert!(matches!(lab.plan.outcome(), Some(Outcome::TimedOut { .. })));
    }
}

#[test]
fn a_declared_device_is_asked_when_it_is_silent_and_has_so_long_to_forget() {
    let set = patience(|it| (it.report, it.clearing) = (43_201, 259_201));
    let mut lab = Lab::new(Platform::Ios, Path::Declarations, FUTURE, set);
    lab.come(&mut ready_for("17.2"));
    let names: Vec<&str> = lab.sent.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["DeviceInformation", "DeclarativeManagement"]);
    // It may come before; then it is left in peace.
    assert_eq!(lab.plan.poll_transmit(time(START + 43_200)).unwrap(), None);
    assert!(lab.wake());
    assert_eq!(lab.now, 43_201);
    assert_eq!(lab.events.last().unwrap().1, Event::Push(PushReason::Silence));
    lab.come(&mut ready_for("17.2"));
    assert_eq!(lab.sent[2], (43_201, "DeviceInformation".to_owned()));

    lab.plan.withdraw(time(START + lab.now));
    let (from, end) = (lab.now, lab.now + 259_201);
    for at in [from, end - 1] {
        lab.plan.handle_timeout(time(START + at));
        assert!(!lab.plan.is_over(), "{at}");
    }
    assert!(lab.plan.poll_timeout().unwrap() <= time(START + end));
    lab.plan.handle_timeout(time(START + end));
    assert!(lab.plan.is_over());
}
