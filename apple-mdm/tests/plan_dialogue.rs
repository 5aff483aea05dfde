//! The plan, answer by answer: what no simulated device does of itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "common/dialogue.rs"]
mod dialogue;

use apple_mdm::declarations::Endpoint;
use apple_mdm::declarations::rules::Installed;
use apple_mdm::declarations::support::Enrollment;
use apple_mdm::plan::{BootstrapToken, Device, Event, MacInstall, Outcome, Path, Stage, Way};
use apple_mdm::schema::Platform;
use chrono::Duration;
use common::{goal, iphone, mac, start};
use dialogue::Dialogue;

#[test]
fn r07_what_else_a_mac_lists_is_no_release_of_its_system() {
    let others = [
        ("13.2", "<key>IsConfigDataUpdate</key><true/><key>Version</key><string>112</string>"),
        (
            "13.2",
            "<key>HumanReadableName</key><string>Safari</string>
             <key>Version</key><string>13.2</string>",
        ),
        // Newer, and not the one that is wanted.
        (
            "13.2",
            "<key>HumanReadableName</key><string>macOS Ventura 13.3</string>
             <key>Version</key><string>13.3</string>",
        ),
    ];
    for (wanted, item) in others {
        let mut mac = Dialogue::of_mac(goal(wanted));
        mac.has("13.1");
        mac.said("ScheduleOSUpdateScan", "<key>ScanInitiated</key><true/>");
        mac.lists(item);
        assert_eq!(mac.plan.stage(), Stage::Verifying, "{item}");
    }
    let mut mac = Dialogue::of_mac(goal("13.2"));
    mac.has("13.1");
    mac.said("ScheduleOSUpdateScan", "<key>ScanInitiated</key><true/>");
    mac.lists("<key>Version</key><string>13.2</string>");
    assert_eq!(mac.plan.stage(), Stage::Checking);
}

#[test]
fn r05_an_action_that_was_not_refused_is_taken_after_the_deadline() {
    let mut mac =
        Dialogue::of_mac(goal("13.2").with_mac_install(MacInstall::Later { deferrals: 3 }));
    mac.has("13.1");
    mac.said("ScheduleOSUpdateScan", "<key>ScanInitiated</key><true/>");
    mac.lists("<key>Version</key><string>13.2</string>");
    let downloaded = "<key>OSUpdateStatus</key><array><dict><key>ProductKey</key><string>K</string>
        <key>IsDownloaded</key><true/><key>Status</key><string>Idle</string></dict></array>";
    mac.said("OSUpdateStatus", downloaded);
    mac.refuses("InstallLater", 12008);
    // Later is too late now; at once was never refused.
    mac.now = start() + Duration::days(4);
    mac.has("13.1");
    mac.refuses("InstallASAP", 12008);
    // And a second refusal leaves the last one.
    mac.said("Default", "");
}

#[test]
fn r08_a_declaration_that_failed_is_taken_back_before_commands() {
    let refused = |then: &mut dyn FnMut(&mut Dialogue)| {
        let device = Device::new(iphone("26.0", "26.1").installed(), Enrollment::Supervised);
        let mut phone = Dialogue::new(device, goal("26.1"));
        phone.has("26.0");
        phone.said("DeclarativeManagement", "");
        phone.declaration("valid", "[]");
        phone.declaration("invalid", r#"[{"code": "Error.ConfigurationCannotBeApplied"}]"#);
        phone.has("26.0");
        assert_eq!(phone.plan.path(), Path::Commands);
        assert!(phone.plan.declarations().is_empty());
        then(&mut phone);
    };
    // It ignores orders until it has seen that the declaration is gone. Nobody need tell when that
    // is, so the orders wait for an hour and no longer.
    refused(&mut |phone| {
        phone.said("DeclarativeManagement", "");
        let hour = phone.now + Duration::hours(1);
        assert_eq!(phone.plan.poll_transmit(hour - Duration::seconds(1)).unwrap(), None);
        assert_eq!(phone.plan.poll_timeout(), Some(hour));
        phone.has("26.0");
        assert_eq!(phone.now, hour);
        phone.said("AvailableOSUpdates", "");
    });
    refused(&mut |phone| {
        phone.said("DeclarativeManagement", "");
        let _ = phone.plan.answer(phone.now, &Endpoint::DeclarationItems, &[]);
        let told = phone.now;
        phone.said("AvailableOSUpdates", "");
        assert_eq!(phone.now, told);
    });
    // A device that refuses to synchronise is not asked for ever.
    refused(&mut |phone| {
        phone.refuses("DeclarativeManagement", 12021);
        phone.said("AvailableOSUpdates", "");
    });
    // Taken is not yet gone: what ends now is told so.
    refused(&mut |phone| {
        phone.said("DeclarativeManagement", "");
        phone.plan.withdraw(phone.now);
        assert_eq!(phone.plan.outcome(), Some(&Outcome::Withdrawn { told_to_install: true }));
        assert_eq!(phone.plan.stage(), Stage::Clearing);
        phone.said("DeclarativeManagement", "");
        let items = Endpoint::DeclarationItems;
        let _ = phone.plan.answer(phone.now, &items, &[]);
        assert!(phone.plan.is_over());
    });
    // And once it is gone, it is gone.
    refused(&mut |phone| {
        phone.said("DeclarativeManagement", "");
        let _ = phone.plan.answer(phone.now, &Endpoint::DeclarationItems, &[]);
        phone.plan.withdraw(phone.now);
        assert_eq!(phone.plan.outcome(), Some(&Outcome::Withdrawn { told_to_install: false }));
        assert!(phone.plan.is_over());
    });
    // And where the plan ends before, it is taken back then.
    refused(&mut |phone| {
        phone.plan.withdraw(phone.now);
        assert_eq!(phone.plan.stage(), Stage::Clearing);
        phone.said("DeclarativeManagement", "");
    });
}

#[test]
fn r17_a_token_that_may_not_authorise_is_not_waited_for() {
    let required = "<key>BootstrapTokenRequiredForSoftwareUpdate</key><true/>";
    for (allowed, expected) in [
        (Some("allowed"), BootstrapToken::Missing),
        // Nothing was said against it.
        (None, BootstrapToken::Missing),
        (Some("disallowed"), BootstrapToken::NotNeeded),
        (Some("not supported"), BootstrapToken::NotNeeded),
    ] {
        let device = Device::new(mac("13.1", "13.2").installed(), Enrollment::Supervised);
        let mut mac = Dialogue::new(device, goal("13.2"));
        let allowed = allowed.map_or_else(String::new, |said| {
            format!("<key>BootstrapTokenAllowedForAuthentication</key><string>{said}</string>")
        });
        let said = format!("<key>SecurityInfo</key><dict>{allowed}{required}</dict>");
        mac.said("SecurityInfo", &said);
        assert_eq!(mac.plan.device().bootstrap_token, expected, "{said}");
        let events: Vec<Event> = std::iter::from_fn(|| mac.plan.poll_event()).collect();
        let asked = events.contains(&Event::BootstrapTokenNeeded);
        assert_eq!(asked, expected == BootstrapToken::Missing, "{said}");
        // The installation waits for it, or not.
        mac.has("13.1");
        mac.said("ScheduleOSUpdateScan", "<key>ScanInitiated</key><true/>");
        mac.lists("<key>Version</key><string>13.2</string>");
        let downloaded = "<key>OSUpdateStatus</key><array><dict><key>ProductKey</key>
            <string>K</string><key>IsDownloaded</key><true/><key>Status</key>
            <string>Idle</string></dict></array>";
        mac.said("OSUpdateStatus", downloaded);
        let next = mac.plan.poll_transmit(mac.now).unwrap();
        assert_eq!(next.is_none(), expected == BootstrapToken::Missing, "{said}");
    }
}

#[test]
fn a_beta_is_not_the_release() {
    let goal = goal("26.1").with_build("23B85".parse().unwrap());
    let has =
        |build: &str| Installed::new(Platform::Ios, "26.1".parse().unwrap(), build.parse().ok());
    assert!(!goal.is_reached(&has("23B5044l")));
    assert!(goal.is_reached(&has("23B85")));
    assert!(goal.is_reached(&has("23B90")));
}

#[test]
fn twin_builds_are_one_issue_and_an_issue_before_is_not_enough() {
    let reached = |wanted: &str, has: &str| {
        let goal = goal("18.7.7").with_build(wanted.parse().unwrap());
        let version = "18.7.7".parse().unwrap();
        goal.is_reached(&Installed::new(Platform::Ios, version, has.parse().ok()))
    };
    assert!(!reached("22H340", "22H333"));
    assert!(!reached("22H340", "22H6333"), "the twin of the issue before");
    assert!(reached("22H340", "22H6340"));
    assert!(reached("22H6340", "22H340"), "a device has one of the two");
    assert!(reached("22H6333", "22H340"));
    // A letter makes it something else, whatever the thousands.
    assert!(!reached("22H340", "22H5340a"));
    assert!(!reached("22H771340a", "22H340"));
    assert!(reached("22H340", "22H771340a"));
}

#[test]
fn an_old_mac_without_the_security_update_is_not_updated() {
    // Up to macOS 10.15 a security update keeps the version, and the build counts past a thousand.
    let reached = |version: &str, wanted: &str, has: &str| {
        let goal = goal(version).with_build(wanted.parse().unwrap());
        let version = version.parse().unwrap();
        goal.is_reached(&Installed::new(Platform::MacOs, version, has.parse().ok()))
    };
    assert!(!reached("10.15.7", "19H2026", "19H1922"));
    assert!(reached("10.15.7", "19H1922", "19H2026"));
    assert!(!reached("10.13.6", "17G14042", "17G65"));
    assert!(!reached("10.14.6", "18G9323", "18G8323"));
    assert!(reached("10.14.6", "18G9323", "18G9323"));
    // Since macOS 11 they are twins there as well.
    assert!(reached("13.4", "22F2063", "22F66"));
    assert!(reached("13.4", "22F63", "22F2063"));
    assert!(!reached("13.4", "22F66", "22F2063"));
}

#[test]
fn an_old_mac_takes_the_security_update_that_is_meant() {
    let listed = |build: &str| {
        let device = Device::new(mac("10.15.6", "10.15.7").installed(), Enrollment::Supervised);
        let device = device.with_bootstrap_token(BootstrapToken::NotNeeded);
        let goal = goal("10.15.7").with_build("19H2026".parse().unwrap());
        let mut mac = Dialogue::new(device, goal.with_way(Way::Only(Path::Commands)));
        mac.has("10.15.6");
        mac.said("ScheduleOSUpdateScan", "<key>ScanInitiated</key><true/>");
        mac.lists(&format!(
            "<key>Version</key><string>10.15.7</string><key>Build</key><string>{build}</string>"
        ));
        mac.plan.stage()
    };
    assert_eq!(listed("19H2026"), Stage::Checking);
    assert_ne!(listed("19H1026"), Stage::Checking);
}

#[test]
fn a_device_that_lists_the_twin_is_told_to_take_it() {
    let listed = |build: &str| {
        let device = Device::new(iphone("26.3", "26.4.1").installed(), Enrollment::Supervised);
        let goal = goal("26.4.1").with_build("23E254".parse().unwrap());
        let mut phone = Dialogue::new(device, goal.with_way(Way::Only(Path::Commands)));
        phone.has("26.3");
        phone.lists(&format!(
            "<key>Version</key><string>26.4.1</string><key>Build</key><string>{build}</string>"
        ));
        phone.plan.stage()
    };
    assert_eq!(listed("23E254"), Stage::Checking);
    assert_eq!(listed("23E6254"), Stage::Checking);
    for other in ["23E246", "23E6246", "23E254a", "23F254"] {
        assert_eq!(listed(other), Stage::Verifying, "{other}");
    }
}
