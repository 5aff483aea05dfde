//! The plan and answers as real devices give them, which no simulated device has.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "common/dialogue.rs"]
mod dialogue;

use apple_mdm::declarations::rules::Installed;
use apple_mdm::declarations::status::StatusReport;
use apple_mdm::declarations::support::Enrollment;
use apple_mdm::messages::Report;
use apple_mdm::plan::{BootstrapToken, Device, Event, Goal, Outcome, Path, Stage, UpdatePlan, Way};
use apple_mdm::schema::Platform;
use chrono::Duration;
use common::{goal, iphone, start};
use dialogue::Dialogue;

/// An update as a Mac up to 10.15 lists it.
fn old(key: &str, name: &str, version: &str, file: &str) -> String {
    format!(
        "<dict><key>HumanReadableName</key><string>{name}</string><key>IsConfigDataUpdate</key>
         <false/><key>MetadataURL</key><string>http://example.org/10.13.7/{file}.smd</string>
         <key>ProductKey</key><string>{key}</string>
         <key>Version</key><string>{version}</string></dict>"
    )
}

/// What such a Mac is found to have for a goal.
fn found(from: &str, goal: Goal, items: &[String]) -> Option<String> {
    let installed = Installed::new(Platform::MacOs, from.parse().unwrap(), None);
    let device = Device::new(installed, Enrollment::Supervised);
    let device = device.with_bootstrap_token(BootstrapToken::NotNeeded);
    let mut mac = Dialogue::new(device, goal.with_way(Way::Only(Path::Commands)));
    mac.has(from);
    mac.said("ScheduleOSUpdateScan", "<key>ScanInitiated</key><true/>");
    let list = format!("<key>AvailableOSUpdates</key><array>{}</array>", items.join(""));
    mac.said("AvailableOSUpdates", &list);
    std::iter::from_fn(|| mac.plan.poll_event()).find_map(|event| match event {
        Event::Found { product_key, .. } => Some(product_key),
        _ => None,
    })
}

#[test]
fn an_old_mac_says_the_version_of_its_system_in_words_only() {
    let list = [
        old("S", "Security Update 2017-001", " ", "macOSUpd10.13.1Supplemental"),
        old("I", "iTunes", "12.7.5", "iTunesX"),
        old("M", "macOS High Sierra 10.13.5 Update", " ", "macOSUpdCombo10.13.5Auto"),
        old("R", "Remote Desktop Client Update", "10.13.9", "RemoteDesktopClient"),
        old("L", "サファリ", "10.13.8", "Safari13.1Auto"),
    ];
    let of = |from: &str, wanted: &str| found(from, goal(wanted), &list);
    assert_eq!(of("10.13.1", "10.13.5").as_deref(), Some("M"));
    // A security update has its version in the file name, and keeps it.
    let security = goal("10.13.1").with_build("17B1003".parse().unwrap());
    assert_eq!(found("10.13.0", security, &list).as_deref(), Some("S"));
    for (from, other) in [
        ("10.13.1", "10.13.50"),
        ("10.12.6", "10.13"),
        // Other products, by their names or files.
        ("12.7.4", "12.7.5"),
        ("10.13.1", "10.13.9"),
        ("10.13.1", "10.13.8"),
        // The folder's.
        ("10.13.1", "10.13.7"),
    ] {
        assert_eq!(of(from, other), None, "{other}");
    }
    // Apple writes no-break spaces, and no spaces at all.
    for name in ["macOS\u{a0}Catalina\u{a0}10.15.7\u{a0}Update", "macOS Catalina 10.15.7更新"] {
        let list = [old("M", name, "", "")];
        assert_eq!(found("10.15.6", goal("10.15.7"), &list).as_deref(), Some("M"), "{name}");
    }
    for name in ["macOS 10.15.7b", "macOS 110.15.7", "macOS 10.15.7.1", "macOS Catalina"] {
        assert_eq!(found("10.15.6", goal("10.15.7"), &[old("M", name, " ", "")]), None, "{name}");
    }
    // What says a version, or another build, is not looked up in words.
    let said = [old("M", "macOS Catalina 10.15.7 Update", "10.15.5", "")];
    assert_eq!(found("10.15.4", goal("10.15.7"), &said), None);
}

#[test]
fn what_was_installed_and_is_not_the_goal_is_followed_by_the_next() {
    let installed = Installed::new(Platform::MacOs, "10.15.6".parse().unwrap(), None);
    let device = Device::new(installed, Enrollment::Supervised);
    let device = device.with_bootstrap_token(BootstrapToken::NotNeeded);
    let goal = goal("10.15.7").with_build("19H2026".parse().unwrap());
    let mut mac = Dialogue::new(device, goal.with_way(Way::Only(Path::Commands)));
    let has = |mac: &mut Dialogue, version: &str, build: &str| {
        let said = format!(
            "<key>QueryResponses</key><dict><key>OSVersion</key><string>{version}</string>
             <key>BuildVersion</key><string>{build}</string></dict>"
        );
        mac.said("DeviceInformation", &said);
    };
    let install = |mac: &mut Dialogue, key: &str, item: &str| {
        mac.said("ScheduleOSUpdateScan", "<key>ScanInitiated</key><true/>");
        let list = format!("<key>AvailableOSUpdates</key><array>{item}</array>");
        mac.said("AvailableOSUpdates", &list);
        mac.said("OSUpdateStatus", "<key>OSUpdateStatus</key><array/>");
        let result = format!(
            "<key>UpdateResults</key><array><dict><key>ProductKey</key><string>{key}</string>
             <key>InstallAction</key><string>InstallASAP</string>
             <key>Status</key><string>Installing</string></dict></array>"
        );
        mac.said(&format!("<string>{key}</string>"), &result);
    };
    has(&mut mac, "10.15.6", "19G73");
    install(&mut mac, "M", &old("M", "macOS Catalina 10.15.7 Update", " ", ""));
    has(&mut mac, "10.15.7", "19H15");
    install(&mut mac, "S", &old("S", "Security Update 2021-004", "10.15.7", ""));
    // A security update keeps the version.
    has(&mut mac, "10.15.7", "19H1217");
    install(&mut mac, "T", &old("T", "Security Update 2022-005", "10.15.7", ""));
    has(&mut mac, "10.15.7", "19H2026");
    assert_eq!(mac.plan.outcome(), Some(&Outcome::Updated { version: "10.15.7".to_owned() }));
    let blocked = |event: &Event| matches!(event, Event::Blocked(_));
    assert!(!std::iter::from_fn(|| mac.plan.poll_event()).any(|event| blocked(&event)));
}

/// A Mac that is told to install updates one after another, and what it answers.
struct Chain {
    mac: Dialogue,
}

impl Chain {
    fn new() -> Self {
        let installed = Installed::new(Platform::MacOs, "10.15.6".parse().unwrap(), None);
        let device = Device::new(installed, Enrollment::Supervised);
        let device = device.with_bootstrap_token(BootstrapToken::NotNeeded);
        let goal = goal("10.15.7").with_build("19H2026".parse().unwrap());
        Self { mac: Dialogue::new(device, goal.with_way(Way::Only(Path::Commands))) }
    }

    fn has(&mut self, version: &str, build: &str) {
        let said = format!(
            "<key>QueryResponses</key><dict><key>OSVersion</key><string>{version}</string>
             <key>BuildVersion</key><string>{build}</string></dict>"
        );
        self.mac.said("DeviceInformation", &said);
    }

    fn lists(&mut self, item: &str) {
        self.mac.said("ScheduleOSUpdateScan", "<key>ScanInitiated</key><true/>");
        let list = format!("<key>AvailableOSUpdates</key><array>{item}</array>");
        self.mac.said("AvailableOSUpdates", &list);
    }
}

const NOTHING: &str = "<key>OSUpdateStatus</key><array/>";

#[test]
fn nothing_that_was_said_of_one_update_counts_for_the_next() {
    let system = |key: &str| old(key, "macOS Catalina", "10.15.7", "");
    let installing = "<key>UpdateResults</key><array><dict><key>ProductKey</key>
        <string>M</string><key>InstallAction</key><string>Default</string><key>Status</key>
        <string>Installing</string></dict></array>";
    for late in [false, true] {
        let (mut chain, mut uuid) = (Chain::new(), String::new());
        // Found at the third look.
        chain.has("10.15.6", "19G73");
        for _ in 0..2 {
            chain.lists("");
            chain.has("10.15.6", "19G73");
            // An hour later.
            chain.has("10.15.6", "19G73");
        }
        chain.lists(&system("M"));
        chain.mac.said("OSUpdateStatus", NOTHING);
        chain.mac.refuses("InstallASAP", 12008);
        if late {
            // Its answer does not come before it is back.
            let command = chain.mac.plan.poll_transmit(chain.mac.now).unwrap().unwrap();
            let command = String::from_utf8(command).unwrap();
            assert!(command.contains("<string>Default</string>"));
            uuid = command.split("<key>CommandUUID</key>").nth(1).unwrap().to_owned();
            let idle = b"<plist><dict><key>Status</key><string>Idle</string></dict></plist>";
            let idle = Report::decode(idle, &Default::default()).unwrap();
            chain.mac.plan.handle_report(chain.mac.now, &idle);
            chain.mac.passed();
        } else {
            chain.mac.said("<string>Default</string>", installing);
        }
        chain.has("10.15.7", "19H15");
        // It is looked for as often as the first.
        for _ in 0..2 {
            chain.lists("");
            chain.has("10.15.7", "19H15");
            chain.has("10.15.7", "19H15");
        }
        chain.lists(&system("S"));
        assert_eq!(chain.mac.plan.stage(), Stage::Checking);
        if late {
            let uuid = uuid.split("</string>").next().unwrap();
            let text = format!(
                "<plist><dict><key>Status</key><string>Acknowledged</string>
                 <key>CommandUUID</key>{uuid}</string>{installing}</dict></plist>"
            );
            let report = Report::decode(text.as_bytes(), &Default::default()).unwrap();
            chain.mac.plan.handle_report(chain.mac.now, &report);
            assert_eq!(chain.mac.plan.stage(), Stage::Checking, "it is about the former");
        }
        chain.mac.said("OSUpdateStatus", NOTHING);
        // What the former did not take, this one may.
        chain.mac.said("InstallASAP", installing);
    }
}

#[test]
fn a_status_report_may_say_first_that_something_was_installed() {
    let installing = |key: &str| {
        format!(
            "<key>UpdateResults</key><array><dict><key>ProductKey</key><string>{key}</string>
             <key>InstallAction</key><string>InstallASAP</string>
             <key>Status</key><string>Installing</string></dict></array>"
        )
    };
    let mut chain = Chain::new();
    chain.has("10.15.6", "19G73");
    chain.lists(&old("M", "macOS Catalina", "10.15.7", ""));
    chain.mac.said("OSUpdateStatus", NOTHING);
    chain.mac.said("<string>M</string>", &installing("M"));
    let reports = |chain: &mut Chain, items: &str| {
        let text =
            format!(r#"{{"StatusItems": {{"device": {{"operating-system": {{{items}}}}}}}}}"#);
        let report = StatusReport::decode(text.as_bytes(), &Default::default()).unwrap();
        chain.mac.now += Duration::minutes(1);
        chain.mac.plan.handle_status(chain.mac.now, &report);
    };
    let now = chain.mac.now + Duration::minutes(1);
    reports(&mut chain, r#""version": "10.15.7", "build-version": "19H15""#);
    chain.lists(&old("S", "Security Update 2021-004", "10.15.7", ""));
    // At once, but for the time of a scan.
    assert_eq!(chain.mac.now, now + Duration::minutes(10));
    chain.mac.said("OSUpdateStatus", NOTHING);
    chain.mac.said("<string>S</string>", &installing("S"));
    // The same again is nothing new.
    reports(&mut chain, r#""version": "10.15.7", "build-version": "19H15""#);
    assert_eq!(chain.mac.plan.stage(), Stage::AwaitingRestart);
    // A question that was on its way is about the former.
    chain.has("10.15.7", "19H15");
    let asked = chain.mac.plan.poll_transmit(chain.mac.now).unwrap().unwrap();
    assert!(String::from_utf8(asked).unwrap().contains("OSUpdateStatus"));
    reports(&mut chain, r#""build-version": "19H1217""#);
    chain.mac.passed();
    chain.lists(&old("T", "Security Update 2022-005", "10.15.7", ""));
    chain.mac.said("OSUpdateStatus", NOTHING);
    chain.mac.said("<string>T</string>", &installing("T"));
    reports(&mut chain, r#""build-version": "19H2026""#);
    assert_eq!(chain.mac.plan.outcome(), Some(&Outcome::Updated { version: "10.15.7".to_owned() }));
}

#[test]
fn keys_of_updates_are_compared_without_blanks() {
    for (listed, reported) in [("K", " K\n"), ("K ", "K"), (" K", "K ")] {
        let mut ipad = ipad();
        let list = format!(
            "<key>AvailableOSUpdates</key><array><dict><key>ProductKey</key>
             <string>{listed}</string>{LISTED}</dict></array>"
        );
        ipad.said("AvailableOSUpdates", &list);
        let status = format!(
            "<key>OSUpdateStatus</key><array><dict><key>ProductKey</key>
             <string>{reported}</string><key>IsDownloaded</key><true/>
             <key>Status</key><string>Idle</string></dict></array>"
        );
        ipad.said("OSUpdateStatus", &status);
        assert_eq!(ipad.plan.stage(), Stage::Installing, "{listed:?} {reported:?}");
    }
}

/// A supervised iPad that is told by commands.
fn ipad() -> Dialogue {
    let device = Device::new(iphone("16.7", "16.7.2").installed(), Enrollment::Supervised);
    let mut ipad = Dialogue::new(device, goal("16.7.2").with_way(Way::Only(Path::Commands)));
    ipad.has("16.7");
    ipad
}

fn blocked(ipad: &mut Dialogue) -> usize {
    let events = std::iter::from_fn(|| ipad.plan.poll_event());
    events.filter(|event| matches!(event, Event::Blocked(_))).count()
}

const LISTED: &str = "<key>Version</key><string>16.7.2</string>";

#[test]
fn a_user_at_a_shared_ipad_is_waited_for_and_counts_as_no_failure() {
    // Signed in, Lost Mode, Single App Mode: to any command of updates.
    for code in [12077, 12078, 12084] {
        let mut ipad = ipad();
        for _ in 0..10 {
            let asked = ipad.now;
            ipad.refuses("AvailableOSUpdates", code);
            ipad.has("16.7");
            assert_eq!(ipad.now, asked + Duration::hours(1));
        }
        assert_eq!((ipad.plan.outcome().cloned(), blocked(&mut ipad)), (None, 1), "told once");
        ipad.lists(LISTED);
        for _ in 0..10 {
            ipad.refuses("OSUpdateStatus", code);
            ipad.has("16.7");
        }
        ipad.said("OSUpdateStatus", "<key>OSUpdateStatus</key><array/>");
        for _ in 0..10 {
            ipad.refuses("ScheduleOSUpdate", code);
            ipad.has("16.7");
            ipad.said("OSUpdateStatus", "<key>OSUpdateStatus</key><array/>");
        }
        assert_eq!((ipad.plan.outcome().cloned(), blocked(&mut ipad)), (None, 2));
        // Not for ever.
        // Overtime begins when the deadline, in three days, is over everywhere.
        let end = start() + Duration::days(3 + 7) + Duration::hours(12);
        ipad.plan.handle_timeout(end - Duration::seconds(1));
        assert_eq!(ipad.plan.outcome(), None);
        ipad.plan.handle_timeout(end);
        let Some(Outcome::TimedOut { failure: Some(_), .. }) = ipad.plan.outcome() else {
            panic!("{:?}", ipad.plan.outcome())
        };
    }
    // A declaration that is taken back is not forgotten by a device that does not take the command.
    let device = Device::new(iphone("26.0", "26.1").installed(), Enrollment::Supervised);
    let mut phone = Dialogue::new(device, goal("26.1"));
    phone.has("26.0");
    phone.said("DeclarativeManagement", "");
    phone.plan.withdraw(phone.now);
    phone.refuses("DeclarativeManagement", 12078);
    assert_eq!(phone.plan.stage(), Stage::Clearing);
    phone.refuses("DeclarativeManagement", 12021);
    assert!(phone.plan.is_over());
}

#[test]
fn errors_of_one_update_are_told_apart() {
    let named = "<key>ProductKey</key><string>K</string>";
    let says = |ipad: &mut Dialogue, key: &str, client: u32, management: u32| {
        let chain = [("MCMDMErrorDomain", client), ("DeviceManagement.error", management)];
        let chain: String = chain
            .iter()
            .map(|(domain, code)| {
                format!(
                    "<dict><key>ErrorDomain</key><string>{domain}</string>
                     <key>ErrorCode</key><integer>{code}</integer></dict>"
                )
            })
            .collect();
        let result = format!(
            "<key>UpdateResults</key><array><dict>{key}
             <key>InstallAction</key><string>Error</string><key>Status</key><string>Idle</string>
             <key>ErrorChain</key><array>{chain}</array></dict></array>"
        );
        ipad.said("ScheduleOSUpdate", &result);
    };
    let told = |key: &str, client, management| {
        let mut ipad = ipad();
        ipad.lists(LISTED);
        ipad.said("OSUpdateStatus", "<key>OSUpdateStatus</key><array/>");
        says(&mut ipad, key, client, management);
        ipad
    };
    // Downloaded already: nothing failed, and how far it is says the status.
    let mut done = told(named, 12052, 2201);
    assert_eq!((done.plan.stage(), blocked(&mut done)), (Stage::Checking, 0));
    let nothing = "<key>OSUpdateStatus</key><array/>";
    for times in 0..3 {
        if times == 2 {
            // Its version is not so fresh any more.
            done.has("16.7");
        }
        done.said("OSUpdateStatus", nothing);
        assert_eq!(blocked(&mut done), 0);
        says(&mut done, named, 12052, 2201);
    }
    assert_eq!(blocked(&mut done), 1, "a device that says so and has nothing is not believed");
    // It does not change by waiting.
    let computer = told(named, 12053, 2206);
    assert!(matches!(computer.plan.outcome(), Some(Outcome::Failed(_))));
    // The rest is tried again. A device that has no update to name leaves its key out.
    for (client, management) in [(12057, 2202), (12054, 2204), (12059, 2211), (12049, 2212)] {
        for key in [named, "", "<key>ProductKey</key><string></string>"] {
            let mut failed = told(key, client, management);
            assert_eq!((failed.plan.outcome().cloned(), blocked(&mut failed)), (None, 1));
        }
        let mut other = told("<key>ProductKey</key><string>L</string>", client, management);
        assert_eq!(blocked(&mut other), 0, "of another update");
    }
}

#[test]
fn the_time_of_the_installation_is_told_when_it_changes() {
    let device = Device::new(iphone("26.0", "26.1").installed(), Enrollment::Supervised);
    let mut plan = UpdatePlan::new("p", device, goal("26.1"));
    let mut says = |kind: &str, pending: &str| {
        let text = format!(
            r#"{{{kind} "StatusItems": {{"softwareupdate": {{"install-reason": {{"reason": []}}
            {pending}}}}}}}"#
        );
        let report = StatusReport::decode(text.as_bytes(), &Default::default()).unwrap();
        plan.handle_status(start(), &report);
        // Saved and read between two reports; before the version was kept, without it.
        let mut saved = serde_json::to_value(plan.clone().into_state()).unwrap();
        if kind.contains("old") {
            saved.as_object_mut().unwrap().remove("planned_version").unwrap();
        }
        plan = UpdatePlan::resume(serde_json::from_value(saved).unwrap()).unwrap();
        let events = std::iter::from_fn(|| plan.poll_event()).filter_map(|event| match event {
            Event::Planned { version, at } => Some(format!("{version} {at}")),
            Event::Unplanned { version } => Some(format!("not {version}")),
            _ => None,
        });
        events.collect::<Vec<_>>().join("; ")
    };
    let pending = |version: &str, time: Option<&str>| {
        let time = time
            .map_or_else(String::new, |time| format!(r#", "target-local-date-time": "{time}""#));
        format!(
            r#", "pending-version": {{"os-version": "{version}", "build-version": "23B85"{time}}}"#
        )
    };
    let (early, late) = ("2026-01-13T08:00:00", "2026-01-14T08:00:00");
    let mut told = |version: &str, time: Option<&str>| says("", &pending(version, time));
    assert_eq!(told("26.1", None), "", "nobody enforces it");
    assert_eq!(told("26.1", Some(early)), format!("26.1 {early}"));
    assert_eq!(told("26.1", Some(early)), "", "told before");
    assert_eq!(told("26.1", Some(late)), format!("26.1 {late}"));
    assert_eq!(told("", None), "not 26.1");
    assert_eq!(told("", None), "", "told before");
    // Another declaration's first, at the same time.
    assert_eq!(told("26.0.1", Some(late)), format!("26.0.1 {late}"));
    assert_eq!(told("26.1", Some(late)), format!("26.1 {late}"));
    let long = "9".repeat(1000);
    assert_eq!(told(&long, Some(early)), format!("{} {early}", "9".repeat(200)));
    assert_eq!(told(&long, Some(early)), "");
    assert_eq!(told("26.1", Some(late)), format!("26.1 {late}"));
    // A report of changes without it leaves it, and one of everything does not.
    assert_eq!(says("", ""), "");
    assert_eq!(says(r#""FullReport": true,"#, ""), "not 26.1");
    assert_eq!(says(r#""FullReport": true,"#, ""), "");
    // Of a state that did not keep the version, it is told once more.
    let again = format!("26.1 {late}");
    assert_eq!(says(r#""x": "old","#, &pending("26.1", Some(late))), again);
    assert_eq!(says("", &pending("26.1", Some(late))), again);
    assert_eq!(says(r#""x": "old","#, &pending("26.1", Some(late))), "");
    assert_eq!(says("", &pending("", None)), "not ");
}

#[test]
fn a_plan_on_the_other_path_follows_no_declared_time() {
    let device = Device::new(iphone("26.0", "26.1").installed(), Enrollment::Supervised);
    let mut phone = Dialogue::new(device, goal("26.1"));
    phone.has("26.0");
    phone.said("DeclarativeManagement", "");
    let text = r#"{"StatusItems": {"softwareupdate": {"pending-version": {"os-version": "26.1",
        "build-version": "23B85", "target-local-date-time": "2026-01-13T08:00:00"}}}}"#;
    let report = StatusReport::decode(text.as_bytes(), &Default::default()).unwrap();
    phone.plan.handle_status(phone.now, &report);
    let kept = |phone: &Dialogue, key: &str| {
        let state = serde_json::to_value(phone.plan.clone().into_state()).unwrap();
        !state.get(key).unwrap().is_null()
    };
    assert!(kept(&phone, "planned_for") && kept(&phone, "planned_version"));
    phone.declaration("invalid", r#"[{"code": "Error.ConfigurationCannotBeApplied"}]"#);
    phone.has("26.0");
    assert_eq!(phone.plan.path(), Path::Commands);
    assert!(!kept(&phone, "planned_for") && !kept(&phone, "planned_version"));
}

#[test]
fn of_a_declaration_under_two_tokens_the_own_one_counts() {
    let device = Device::new(iphone("26.0", "26.1").installed(), Enrollment::Supervised);
    let mut phone = Dialogue::new(device, goal("26.1"));
    phone.has("26.0");
    phone.said("DeclarativeManagement", "");
    let all = phone.plan.declarations();
    let own = all.first().unwrap().server_token();
    // Tokens are in order, and what was stands in front of what is.
    let text = format!(
        r#"{{"StatusItems": {{"management": {{"declarations": {{"configurations": [
        {{"identifier": "p.update", "server-token": "0", "active": false, "valid": "invalid"}},
        {{"identifier": "p.update", "server-token": "{own}", "active": true, "valid": "valid"}}
        ]}}}}}}}}"#
    );
    let report = StatusReport::decode(text.as_bytes(), &Default::default()).unwrap();
    phone.plan.handle_status(phone.now, &report);
    assert!(std::iter::from_fn(|| phone.plan.poll_event()).any(|event| event == Event::Declared));
}

#[test]
fn a_declaration_that_nothing_calls_for_is_told_until_something_does() {
    let device = Device::new(iphone("26.0", "26.1").installed(), Enrollment::Supervised);
    let mut phone = Dialogue::new(device, goal("26.1"));
    phone.has("26.0");
    phone.said("DeclarativeManagement", "");
    let identifier = phone.plan.declarations().first().unwrap().clone();
    let mut says = |active: bool, valid: &str, reasons: &str| {
        let text = format!(
            r#"{{"StatusItems": {{"management": {{"declarations": {{"configurations": [
            {{"identifier": "{}", "server-token": "{}", "active": {active}, "valid": "{valid}",
              "reasons": [{reasons}]}}]}}}}}}}}"#,
            identifier.identifier(),
            identifier.server_token()
        );
        let report = StatusReport::decode(text.as_bytes(), &Default::default()).unwrap();
        phone.plan.handle_status(phone.now, &report);
        let events: Vec<Event> = std::iter::from_fn(|| phone.plan.poll_event()).collect();
        let told = events.iter().filter_map(|event| match event {
            Event::Blocked(failure) => Some(failure.to_string()),
            Event::Declared => Some("declared".to_owned()),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    let reason = r#"{"code": "Info.NotReferencedByActivation", "description": "no activation"}"#;
    let words = "the declaration is not in force: Info.NotReferencedByActivation: no activation";
    assert_eq!(says(false, "unknown", reason), [words]);
    assert_eq!(says(false, "unknown", reason), [""; 0], "once");
    assert_eq!(says(true, "valid", ""), ["declared"]);
    assert_eq!(says(false, "unknown", reason), [words], "again");
}
